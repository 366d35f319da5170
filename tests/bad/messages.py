"""What a clerk reads: `python -m tests.bad.messages` prints the answers to planted faults, in Russian and in English.

Each fault is planted in a valid package, a mapping, a filled table or a publication; the answers are those of the public
commands and of the widget, word by word. `--lang en` prints one language, a word after it only the faults whose title has it.
"""

import argparse
import contextlib
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import write_package
from tests.unit.validation_support import (
    ORGANIZATIONS,
    REVIEWS,
    SCORES,
    Change,
    added,
    cell,
    package,
    package_to_spoil,
    raw,
    recoded,
    text,
)

VALIDATE = ("validate", "{package}", "--no-cache")
IMPORT = ("import", "--mapping", "{place}/map.yaml", "--source", "{place}/list.csv", "--out", "{place}/made")
POSTERS = ("posters", "--packages", "{package}", "--format", "a4", "--out", "{place}/x.pdf")
FORMS = ("questionnaire", "675n-2018", "--check", "{place}/filled.csv")
BUILD = ("build", "--packages", "{package}", "--output", "{place}/out")
LANGUAGES = ("ru", "en")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A fault, the command that meets it and its exit code."""

    title: str
    change: Change
    command: tuple[str, ...] = VALIDATE
    code: int = 2


def beside(name: str, content: str) -> Change:
    """A file in the folder of the package's folder."""
    return lambda folder: (folder.parent / name).write_text(content, "utf-8") and None


def many_states(content: bytes) -> bytes:
    """The rows of two organisations more, and each with a state that is none."""
    head, *rows = content.splitlines(keepends=True)
    more = [row.replace(b"clinic-1", b"clinic-4") for row in rows if row.startswith(b"clinic-1")]
    again = [row.replace(b"K", b"1.") for row in rows if b",K" in row and not row.startswith(b"clinic-4")]
    return head + b"".join(row.replace(b",scored,", b",Scored,") for row in [*rows, *more, *again][:36])


def no_change(folder: Path) -> None:
    """The package stays as it is: what is wrong is what is asked for."""


def both(*changes: Change) -> Change:
    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


MAPPING = """\
descriptor:
  name: district
  title: Перечень района
  version: "1.0.0"
  licenses: [{name: CC-BY-4.0}]
tables:
  organizations:
    fields:
      organization_id: {column: Код, prefix: s-}
      name: Название
      sphere: {constant: education}
      kind: {column: Вид, values: {Школа: school, Детский сад: preschool}}
      region_code: {constant: "70"}
      opened_on: {column: Открыта, date: DD.MM.YYYY}
      status: {constant: published}
"""


def imported(rows: str, mapping: str = MAPPING) -> Change:
    return both(beside("map.yaml", mapping), beside("list.csv", f"Код,Название,Вид,Открыта\n{rows}"))


def filled(rows: str) -> Change:
    return beside("filled.csv", f"organization_id,mode,q1,q2,q6,q16,q18\n{rows}")


def downloaded(folder: Path) -> None:
    """A copy of a release in which a table is not what the list says, and another is not there."""
    place = folder.parent / "copy"
    place.mkdir()
    (place / "datapackage.json").write_bytes((folder / "datapackage.json").read_bytes())
    (place / "scores.csv").write_text("organization_id\n", "utf-8")
    (place / "SHA256SUMS").write_text(f"{'0' * 64}  scores.csv\n{'1' * 64}  reviews.csv\n", "utf-8")


FAULTS = (
    Fault(title="a header with a slip", change=text(ORGANIZATIONS, "municipality", "municipalty")),
    Fault(title="a header in Russian", change=text(ORGANIZATIONS, "inn,", "ИНН,")),
    Fault(title="a required column that is missing", change=text(ORGANIZATIONS, "sphere", "sfera")),
    Fault(title="a code with a slip", change=cell(ORGANIZATIONS, 2, "status", "publshed")),
    Fault(title="a date as people write it", change=cell(REVIEWS, 3, "received_on", "07.02.2026")),
    Fault(title="a decimal comma", change=cell(SCORES, 4, "points", "83,56")),
    Fault(title="points above the scale", change=cell(SCORES, 4, "points", "104.5")),
    Fault(title="a number that a spreadsheet spoilt", change=cell(ORGANIZATIONS, 3, "ogrn", "1,02702E+12")),
    Fault(title="an ИНН with a wrong digit", change=cell(ORGANIZATIONS, 3, "inn", "7017000027")),
    Fault(title="an ИНН that lost its zero", change=cell(ORGANIZATIONS, 3, "inn", "105000012")),
    Fault(title="an empty cell", change=cell(ORGANIZATIONS, 2, "name", "")),
    Fault(title="a total that does not agree", change=cell(SCORES, 7, "points", "12.00"), code=0),
    Fault(title="an organisation that is not there", change=cell(REVIEWS, 3, "organization_id", "clinic-44")),
    Fault(title="the same organisation twice", change=cell(ORGANIZATIONS, 5, "organization_id", "clinic-1")),
    Fault(title="tomorrow", change=cell(REVIEWS, 3, "received_on", "2031-01-01")),
    Fault(
        title="latitude and longitude changed places",
        change=both(cell(ORGANIZATIONS, 2, "latitude", "84.95"), cell(ORGANIZATIONS, 2, "longitude", "56.48")),
    ),
    Fault(title="a table saved by Excel in cp1251", change=recoded(ORGANIZATIONS, "cp1251")),
    Fault(title="semicolons", change=raw(SCORES, lambda content: content.replace(b",", b";"))),
    Fault(title="a quote that is not closed", change=text(REVIEWS, "Был на", '"Был на')),
    Fault(title="a cell too many", change=added(SCORES, "clinic-4,health-2025,K1,80.0,scored,5,лишнее\n")),
    Fault(title="a measure of another method", change=cell(SCORES, 3, "measure", "K6")),
    Fault(title="points beside a state that has none", change=cell(SCORES, 3, "state", "too_few")),
    Fault(title="a method with a slip", change=cell("assessments.csv", 2, "method_id", "344n-2017")),
    Fault(title="a comma too many in the descriptor", change=text("datapackage.json", '"1.0.0",', '"1.0.0",,')),
    Fault(title="a table that is not in the folder", change=lambda folder: (folder / REVIEWS).unlink()),
    Fault(title="a version that is none", change=package(version="2025")),
    Fault(title="more rows with one fault than are shown", change=raw(SCORES, many_states)),
    Fault(
        title="an address without its beginning", change=cell(ORGANIZATIONS, 2, "website", "school12.example"), code=0
    ),
    Fault(
        title="invisible signs and a long text",
        change=cell(ORGANIZATIONS, 2, "name", "Школа\x1b[2J № 1 " + "очень " * 40),
    ),
    Fault(
        title="import: a word that the mapping does not know",
        change=imported("1,Первая,Школа,01.09.1999\n2,Вторая,Шкала,31.02.2001\n3,Третья,,\n"),
        command=IMPORT,
    ),
    Fault(
        title="import: a column that is not in the list",
        change=imported("", MAPPING.replace("Название", "Имя")),
        command=IMPORT,
        code=1,
    ),
    Fault(
        title="questionnaire: answers that are none",
        change=filled("clinic-1,paper,да,,9,,\nclinic-1,бумага,yes,no,yes,,200\n"),
        command=FORMS,
    ),
    Fault(
        title="posters: an organisation that is not there",
        change=no_change,
        command=(*POSTERS, "--organization", "clinic-44"),
        code=64,
    ),
    Fault(
        title="posters of a package with a fault",
        change=cell(ORGANIZATIONS, 2, "name", ""),
        command=(*POSTERS, "--all"),
    ),
    Fault(title="verify: a table was changed", change=downloaded, command=("verify", "{place}/copy")),
    Fault(title="build: a fault of the data", change=cell(SCORES, 4, "points", "104.5"), command=BUILD),
)


def main(given: list[str] | None = None) -> None:
    """Prints the answers."""
    parser = argparse.ArgumentParser(prog="python -m tests.bad.messages")
    parser.add_argument("--lang", choices=LANGUAGES, action="append")
    parser.add_argument("word", nargs="?", default="")
    arguments = parser.parse_args(given)
    languages = arguments.lang or LANGUAGES
    for fault in FAULTS:
        if arguments.word in fault.title:
            print(f"\n=== {fault.title}")
            for language in languages:
                code, said = answer(fault, language)
                print(f"[{language}, {code}] {said.strip()}")
    for title, said in widget_answers(languages):
        if arguments.word in title:
            print(f"\n=== {title}\n{said}")


def answer(fault: Fault, language: str) -> tuple[int, str]:
    """The exit code of the command, and what it says on both channels."""
    import publish

    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        folder = Path("demo")
        package_to_spoil(lambda **changes: write_package(folder, **changes))
        fault.change(folder)
        command = [word.format(package="demo", place=".") for word in fault.command]
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            code = publish.main([*command, "--lang", language])
    return code, said.getvalue()


WIDGET: Mapping[str, dict[str, Any]] = {
    "widget: a rating that is none": {"rating": 7},
    "widget: a day to come": {"rating": 4, "visited_on": "2031-01-01"},
    "widget: a code of another organisation": {"rating": 4, "placement_code": "AAAAAAAAAA"},
    "widget: an unknown field": {"rating": 4, "state": "approved"},
    "widget: an invisible sign": {"rating": 4, "text": "Был\x1b[2J на приёме"},
}
"""Title of a fault to what is sent to the widget."""


def widget_answers(languages: Sequence[str] = LANGUAGES) -> Iterator[tuple[str, str]]:
    """Title, and what the widget answers to it, in each language."""
    from tests.unit.widget_support import SCHOOL, rating, running

    with tempfile.TemporaryDirectory() as scratch, running(Path(scratch)) as client:
        for title, sent in WIDGET.items():
            for language in languages:
                answer = client.post(f"/rate/{SCHOOL}?lang={language}", json=rating() | sent)
                for problem in answer.json()["problems"]:
                    yield title, f"[{language}, {answer.status_code}] {problem['message']} {problem['advice']}"


if __name__ == "__main__":
    main()
