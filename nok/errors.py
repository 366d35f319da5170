"""What can go wrong, in words for a person and in exit codes for a machine.

Two worlds: a `NokError` is something the person at the keyboard can mend and is shown as one sentence; anything else
is our own bug and keeps its traceback. Faults of data are not exceptions but `Problem` records, collected to the end.
"""

import errno
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import ClassVar

from nok.error_words import ERRORS
from nok.told_words import OUTCOMES, REASONS


class ExitCode(IntEnum):
    """What the command line tells its caller (design: exit codes)."""

    DONE = 0
    USER = 1
    DATA = 2
    STORAGE = 3
    USAGE = 64
    BUG = 70
    BUSY = 75


_REFUSALS = frozenset(
    (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.ENOMEM, errno.EMFILE, errno.ENFILE)
)


def is_refusal(error: BaseException) -> bool:
    """True where the machine refused (no space, no memory, a broken disk), whatever stands in the file."""
    return isinstance(error, OSError) and error.errno in _REFUSALS


class Severity(StrEnum):
    """`ERROR` stops the publication; `WARNING` is told and published."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a fault stands.

    `row` is the number of the record, the header being row 1; `None` where the fault is not in one row.
    `line` is the physical line and is given only where a quoted line break makes it differ from `row`.
    """

    package: str = ""
    file: str = ""
    row: int | None = None
    column: str = ""
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One fault of the data: the words for it are found by `rule` in `nok.messages`.

    `value` is the cell as found, uncut; `details` fills the gaps of the sentence (expected maximum, similar name …).
    """

    rule: str
    where: Place
    value: str = ""
    details: dict[str, str] = field(default_factory=dict)
    severity: Severity = Severity.ERROR


class Said:
    """Words of `nok.error_words` or `nok.told_words` with what fills their gaps: a sentence, or a part of one that stands
    in a gap itself.

    A gap is a text, a number, a path; other words or an error, said in the language of the whole; or a tuple of texts or
    words, said as a list. `place` names a file, a line in it and a part; `similar` is the name that was probably meant, or
    empty; `reason` is what the system or a library says; `cause` is said without its full stop, and without saying that
    the published site is as it was.
    """

    def __init__(self, rule: str, /, **gaps: object) -> None:
        self.rule = rule
        self.gaps = gaps

    def sentence(self, language: str) -> str:
        """The words in `language`: Russian for `ru`, English for any other.

        >>> Said("print-unknown-sheet", name="a44", similar="a4", known=("a4", "a5")).sentence("en")
        "The sheet 'a44' is not known. Did you mean 'a4'? Known: a4, a5. No poster was made."
        """
        words = (ERRORS.get(self.rule) or OUTCOMES[self.rule])[0 if language == "ru" else 1]
        return words.format_map({name: _gap(name, value, language) for name, value in self.gaps.items()})


def _gap(name: str, value: object, language: str) -> str:
    is_russian = language == "ru"
    if name == "cause":
        return without_outcome(_gap("reason", value, language), language)
    if isinstance(value, Said | NokError):
        return value.sentence(language)
    if isinstance(value, tuple):
        return ", ".join(_gap("", one, language) for one in value) or ("нет" if is_russian else "none")
    if name == "reason":
        return _reason(value, language)
    if name == "similar" and value:
        return f" Может быть, «{value}»?" if is_russian else f" Did you mean '{value}'?"
    if name == "place" and is_russian:
        return _PLACE.sub(lambda found: _IN_RUSSIAN[found[0]], str(value))
    return str(value)


def _reason(value: object, language: str) -> str:
    """What the system or a library says, in the language where we have words for it."""
    said = str(getattr(value, "strerror", None) or value).strip().rstrip(".") or type(value).__name__
    if isinstance(value, OSError) and value.filename and value.strerror:
        return f"{value.filename}: {_reason(value.strerror, language)}"
    return REASONS.get(said, said) if language == "ru" else said


def without_outcome(sentence: str, language: str) -> str:
    """A sentence without its full stop, and without saying that the published site is as it was.

    >>> without_outcome("x: could not be written: disk full. The published site is as it was.", "en")
    'x: could not be written: disk full'
    """
    return sentence.removesuffix(OUTCOMES["as-it-was"][0 if language == "ru" else 1]).rstrip(". ")


_IN_RUSSIAN = {", line ": ", строка ", ", row ": ", строка ", ": option ": ": параметр "}
_PLACE = re.compile("|".join(_IN_RUSSIAN))
"""What `nok.documents.place_of` and those who use it say of a place; keys and names stay as they stand in the file."""


class NokError(Exception):
    """Something the person can mend; shown as one sentence without a traceback. Never raised itself."""

    exit_code: ClassVar[ExitCode] = ExitCode.USER

    def sentence(self, _language: str) -> str:
        """What a person is told."""
        return str(self)


class _Worded(NokError):
    """An error whose words stand in `nok.error_words` under `rule`, and are filled by `gaps` as `Said` tells."""

    def __init__(self, rule: str, /, **gaps: object) -> None:
        super().__init__(rule)
        self.gaps = (
            gaps  # not in `args`: an error that comes out of another process is made from those, then given this
        )

    def sentence(self, language: str) -> str:
        return Said(self.args[0], **self.gaps).sentence(language)

    def __str__(self) -> str:
        return self.sentence("en")


class ConfigError(_Worded):
    """`publication.yaml`, a method or another editorial file says something we cannot follow."""


class UsageError(_Worded):
    """The command was called in a way that cannot be meant."""

    exit_code = ExitCode.USAGE


class StorageError(_Worded):
    """A disk, a folder or a file refused us."""

    exit_code = ExitCode.STORAGE


class ClusterError(_Worded):
    """The workers of a cluster are not there, or cannot do what they are asked."""


class BusyError(_Worded):
    """Another run holds the lock."""

    exit_code = ExitCode.BUSY


class DataError(NokError):
    """The packages have problems; all that were found travel with the error."""

    exit_code = ExitCode.DATA

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)
