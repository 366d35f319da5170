"""The corpus: every bad input that we know, with the answer it must get.

To add one, put a row into the table of its class in `own.py`: what is done to a valid package, and the whole list of problems
that must come of it (an empty list: the input is good). Nothing else has to be written: `test_bad_inputs.py` runs it in a
process of its own, with a clock, a bound on memory, no network and a canary file that must not be opened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bad.commands import COMMANDS
from tests.bad.own import OWN
from tests.unit.test_packages_archive import BAD_ARCHIVES, zipped
from tests.unit.test_packages_descriptor import BAD_PACKAGES
from tests.unit.test_validate import BAD_TEXTS, BAD_VALUES
from tests.unit.validation_support import Change

VALIDATE = ("validate", "{package}", "--no-cache", "--json", "{report}")


@dataclass(frozen=True, kw_only=True)
class Bad:
    """An input and its answer.

    `expected` are the problems of `validate --json`, in order: rule, file, row, column and, where it matters, the value.
    `code` is the exit code; `None` follows from the problems and their severities. `said` must stand in what the program
    tells the person.
    """

    group: str
    title: str
    change: Change
    expected: tuple[tuple[Any, ...], ...] = ()
    code: int | None = None
    command: tuple[str, ...] = VALIDATE
    said: str = ""


def corpus() -> Iterator[Bad]:
    known: Mapping[str, Mapping[str, Any]] = {
        "descriptor": BAD_PACKAGES,
        "rows and columns": BAD_TEXTS,
        "values": BAD_VALUES,
    }
    for group, rows in [*known.items(), *OWN.items()]:
        for title, (change, expected) in rows.items():
            yield Bad(group=group, title=title, change=change, expected=tuple(expected))
    for title, (change_archive, rule, value) in BAD_ARCHIVES.items():
        expected = ((rule, "", None, "", value),)
        yield Bad(group="archives", title=title, change=_of_archive(change_archive), expected=expected)
    for title, (change, command, code, said) in COMMANDS.items():
        yield Bad(group="settings", title=title, change=change, command=command, code=code, said=said)


def _of_archive(change_archive: Change) -> Change:
    def change(folder: Path) -> None:
        change_archive(zipped(folder, folder.with_suffix(".zip")))

    return change


CORPUS = tuple(corpus())
