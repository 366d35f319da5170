"""Questionnaires through the public door: their pages, their files, and the builds after a change."""

import importlib.util
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import html5lib
import openpyxl
import pytest
from pyxform.xls2xform import convert

from nok.questionnaire import Format, Questionnaire
from nok.render.xlsform import xlsform_bytes
from tests.property.small_publication import Publication, current, pages, quick_builds, small_publication
from tests.unit.test_questionnaire import shipped

BASE = "questionnaires/675n-2018"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Publication, Path]]:
    """A small publication in two languages with its site."""
    folder = tmp_path_factory.mktemp("questionnaires")
    with quick_builds():
        made = small_publication(folder / "site")
        made.config["languages"] = ["ru", "en"]
        made.write()
        assert made.build(folder / "output") == 0
        yield made, folder / "output"


@pytest.fixture(scope="module")
def site(built: tuple[Publication, Path]) -> Path:
    return current(built[1])


def text_of(file: Path) -> str:
    """What a person reads, with plain spaces."""
    tree = html5lib.parse(file.read_text("utf-8"), namespaceHTMLElements=False)
    (main,) = tree.iter("main")
    return re.sub(r"\s+", " ", " ".join(main.itertext())).replace(" .", ".")


# ---- pages ---------------------------------------------------------------------------------------------------------


def test_every_form_has_a_page_in_each_language_and_its_files(site: Path) -> None:
    for name in shipped():
        for path in ("index.html", "answers.schema.json", f"{name}.xlsx"):
            assert (site / "questionnaires" / name / path).is_file()
        assert (site / "en/questionnaires" / name / "index.html").is_file()
        assert f"/questionnaires/{name}/</loc>" in (site / "sitemap.xml").read_text("utf-8")


def test_the_page_shows_every_question_with_its_branch_and_what_it_feeds(site: Path) -> None:
    said = text_of(site / BASE / "index.html")
    for number, question in enumerate(shipped()["675n-2018"].questions, 1):
        assert f"{number}. {question.text['ru']}" in said
    assert "Нет → переходите к вопросу 3" in said
    assert "Если на вопрос 1 ответ «Да»: 2. Удовлетворены" in said
    assert "Параметр 5.1.1, показатель 5.1 Доля посетителей, готовых рекомендовать организацию близким." in said
    assert "Считают долю ответивших «Да (своевременно или ранее установленного срока)»" in said


def test_the_english_page_is_english(site: Path) -> None:
    said = text_of(site / "en" / BASE / "index.html")
    assert "If the answer to question 1 is “Yes”: 2. Are you satisfied" in said
    assert "No → go to question 3" in said


def test_a_method_leads_to_its_forms_and_back(site: Path) -> None:
    method = (site / "methods/344n-2018/index.html").read_text("utf-8")
    assert 'href="../../questionnaires/675n-2018/"' in method
    assert "citizen" not in method
    assert 'href="../../methods/344n-2018/#m-1.3"' in (site / BASE / "index.html").read_text("utf-8")


def test_citizens_criteria_are_told_as_ratings_and_not_as_scores(site: Path) -> None:
    said = text_of(site / "questionnaires/pilot-2026/index.html")
    assert "Оценки граждан, чистота: среднее из отметок от 1 до 5." in said
    assert "оказатель" not in said.replace("показателя", "")
    assert "K1" not in said


def test_the_schema_is_the_table_of_answers(site: Path) -> None:
    schema = json.loads((site / BASE / "answers.schema.json").read_text("utf-8"))
    assert [field["name"] for field in schema["fields"]][2:] == [f"q{number}" for number in range(1, 19)]


# ---- builds after a change -----------------------------------------------------------------------------------------


@pytest.fixture
def content(built: tuple[Publication, Path]) -> Iterator[Path]:
    """The folder of forms, as it was after the test."""
    folder = built[0].folder / "content/questionnaires"
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    yield folder
    for file in folder.iterdir():
        file.unlink()
    for name, text in before.items():
        (folder / name).write_bytes(text)


def replace_in(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_a_changed_form_makes_no_other_page_anew_and_equals_a_full_build(
    built: tuple[Publication, Path], content: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, output = built
    before = pages(current(output))
    replace_in(content / "citizen.yaml", "Как вам здесь?", "Как вам у нас?")
    capsys.readouterr()
    assert made.build(output, "--explain", "questionnaires/citizen/index.html") == 0
    assert "Изменилось: анкеты." in capsys.readouterr().out
    after = pages(current(output))
    changed = {path for path in after if after[path] != before.get(path)}
    names = ("answers.schema.json", "citizen.xlsx", "index.html")
    assert changed == {"en/questionnaires/citizen/index.html", *(f"questionnaires/citizen/{name}" for name in names)}
    assert made.build(tmp_path / "full") == 0
    assert pages(current(tmp_path / "full")) == after


def test_a_draft_is_shown_nowhere_and_a_form_that_goes_takes_its_pages_along(
    built: tuple[Publication, Path], content: Path
) -> None:
    made, output = built
    replace_in(content / "citizen.yaml", "status: published", "status: draft")
    (content / "mse-2023.yaml").unlink()
    assert made.build(output) == 0
    root = current(output)
    assert not (root / "questionnaires/citizen").exists()
    assert not (root / "questionnaires/mse-2023").exists()
    for file in root.rglob("*.html"):
        assert "questionnaires/citizen" not in file.read_text("utf-8"), file
    assert "questionnaires/citizen" not in (root / "sitemap.xml").read_text("utf-8")


def test_a_form_that_cannot_be_followed_stops_the_build(
    built: tuple[Publication, Path], content: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made, output = built
    before = current(output)
    replace_in(content / "675n-2018.yaml", 'when: {q1: "yes"}', 'when: {q1: "maybe"}')
    assert made.build(output) == 1
    assert re.search(r"questionnaires/675n-2018\.yaml, строка \d+: вопрос «q2» ждёт ответа", capsys.readouterr().err)
    assert current(output) == before


def test_own_methods_come_without_the_forms_of_the_project(tmp_path: Path) -> None:
    made = small_publication(tmp_path / "site")
    made.write()
    for file in (made.folder / "content/questionnaires").iterdir():
        file.unlink()
    (made.folder / "content/questionnaires").rmdir()
    with quick_builds():
        assert made.build(tmp_path / "output") == 0
    assert not (current(tmp_path / "output") / "questionnaires").exists()


# ---- XLSForm -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(shipped()))
def test_survey_programs_read_the_form_as_we_meant_it(name: str) -> None:
    form = shipped()[name]
    made = convert(io.BytesIO(xlsform_bytes(form, ["ru", "en"])), validate=False, file_type=".xlsx")
    assert not [warning for warning in made.warnings or () if "IANA" not in warning]
    found = _questions(made._pyxform)
    assert list(found) == ["organization_id", "mode", "intro", *form.by_id]
    for question in form.questions:
        _check_question(form, found[question.id], question.id)


def _questions(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in described["children"] if row["name"] != "meta"}


def _check_question(form: Questionnaire, row: dict[str, Any], name: str) -> None:
    """What pyxform has understood is what the questionnaire says."""
    question = form.by_id[name]
    kinds = {
        Format.ONE: "select one",
        Format.MANY: "select all that apply",
        Format.NUMBER: "integer",
        Format.TEXT: "text",
    }
    assert row["type"] == kinds[question.format]
    assert row["label"] == {
        "Русский (ru)": f"{question.number}. {question.text['ru']}",
        "English (en)": f"{question.number}. {question.text['en']}",
    }
    bind = row.get("bind", {})
    assert (bind.get("required") == "yes") == question.is_required
    for condition in question.when:
        for code in condition.answers:
            assert f"selected(${{{condition.question}}}, '{code}')" in bind["relevant"]
    assert ("relevant" in bind) == bool(question.when)
    if question.format in (Format.ONE, Format.MANY):
        assert [choice["name"] for choice in row["choices"]] == [choice.code for choice in question.choices]


def test_the_same_form_gives_the_same_file(monkeypatch: pytest.MonkeyPatch) -> None:
    form = shipped()["675n-2018"]
    first = xlsform_bytes(form, ["ru", "en"])
    monkeypatch.setattr("openpyxl.writer.excel.datetime", _Later)
    assert xlsform_bytes(form, ["ru", "en"]) == first
    with zipfile.ZipFile(io.BytesIO(first)) as book:
        assert {entry.date_time for entry in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"1980-01-01T00:00:00Z</dcterms:modified>" in book.read("docProps/core.xml")


class _Later:
    """A clock of another day, in place of the library's."""

    class datetime:  # noqa: N801  the name that the library asks for
        @staticmethod
        def now(tz: Any = None) -> Any:
            from datetime import datetime

            return datetime(2031, 5, 5, tzinfo=tz)

    class timezone:  # noqa: N801
        from datetime import UTC as utc  # noqa: N811


def test_the_file_does_not_show_which_library_wrote_its_xml() -> None:
    """With lxml, which comes with test tools alone, openpyxl writes other bytes than without it."""
    assert importlib.util.find_spec("lxml")
    say = (
        "import sys; sys.modules['lxml'] = {}; from tests.unit.test_questionnaire_pages import shipped, xlsform_bytes; "
    )
    say += "sys.stdout.write(xlsform_bytes(shipped()['675n-2018'], ['ru']).hex())"
    made = {
        subprocess.run([sys.executable, "-c", say.format(lxml)], capture_output=True, text=True, check=True).stdout
        for lxml in ("None", "__import__('lxml')")
    }
    assert len(made) == 1


def test_text_of_a_form_never_becomes_a_formula() -> None:
    from dataclasses import replace

    form = shipped()["citizen"]
    evil = replace(form, title={"ru": "=1+1", "en": "x"})
    book = openpyxl.load_workbook(io.BytesIO(xlsform_bytes(evil, ["ru"])))
    cell = next(cell for row in book["settings"].iter_rows() for cell in row if cell.value == "=1+1")
    assert cell.data_type == "s"
