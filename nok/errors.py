"""What can go wrong, in words for a person and in exit codes for a machine.

Two worlds: a `NokError` is something the person at the keyboard can mend and is shown as one sentence; anything else
is our own bug and keeps its traceback. Faults of data are not exceptions but `Problem` records, collected to the end.
"""

import errno
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import ClassVar


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


class NokError(Exception):
    """Something the person can mend; shown as one sentence without a traceback. Never raised itself."""

    exit_code: ClassVar[ExitCode] = ExitCode.USER


class ConfigError(NokError):
    """`publication.yaml`, a method or another editorial file says something we cannot follow."""


class UsageError(NokError):
    """The command was called in a way that cannot be meant."""

    exit_code = ExitCode.USAGE


class StorageError(NokError):
    """A disk, a folder or a file refused us."""

    exit_code = ExitCode.STORAGE


class ClusterError(NokError):
    """The workers of a cluster are not there, or cannot do what they are asked."""


class BusyError(NokError):
    """Another run holds the lock."""

    exit_code = ExitCode.BUSY


class DataError(NokError):
    """The packages have problems; all that were found travel with the error."""

    exit_code = ExitCode.DATA

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = tuple(problems)
