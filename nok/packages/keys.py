"""The primary keys of one table over all packages: which are there, and where each was met first.

Keys come one by one from the exact reader and in whole columns from the quick one; columns are turned into places only
when somebody asks for the place of a fault.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from nok.errors import Place

KEY_JOINT = "\x1f"
"""Between the parts of a key of several columns; no cell may hold it."""


class KeyColumn(Protocol):
    """Keys of one file in the order of its rows, or values that must be keys."""

    def __len__(self) -> int: ...

    def texts(self) -> Iterable[str]:
        """The keys one by one."""
        ...


class Keys:
    """The keys of one table.

    `is_whole` is false where a file of the table could not be read to its end; then nobody can say that a key is
    missing.
    """

    def __init__(self, *, is_whole: bool = True) -> None:
        self._index: dict[str, int] = {}
        self._rows = array("L")
        self._files: list[Place] = []
        self._starts: list[int] = []
        self._columns: list[tuple[Place, KeyColumn]] = []
        self._has_repeats = False
        self.is_whole = is_whole

    def begin(self, file: Place) -> None:
        """The keys that follow stand in `file`."""
        self._settle()
        self._files.append(file)
        self._starts.append(len(self._rows))

    def add_column(self, file: Place, column: KeyColumn) -> None:
        """The keys of a whole file that was found clean; whether they repeat is told by `parts`, later and at once."""
        self._columns.append((file, column))

    def parts(self) -> tuple[Sequence[KeyColumn], Iterable[str]]:
        """All keys that were given: columns as they came, and the keys that came one by one."""
        return [column for _, column in self._columns], self._index

    @property
    def has_repeats(self) -> bool:
        """True where a key of one column was met again when its places were asked for."""
        return self._has_repeats

    def _settle(self) -> None:
        """Turns columns into keys with places; only faults need that, for it takes time and memory."""
        columns, self._columns = self._columns, []
        for file, column in columns:
            self.begin(file)
            for row, key in enumerate(column.texts(), 2):
                self._has_repeats |= self.add(key, row) is not None

    def add(self, key: str, row: int) -> Place | None:
        """Remembers `key`; the place where it was met before, or `None` where it is new."""
        index = self._index.setdefault(key, len(self._rows))
        if index < len(self._rows):
            return self._place(index)
        self._rows.append(row)
        return None

    def place(self, key: str) -> Place:
        """Where `key` was met first; nowhere in particular where it was not."""
        self._settle()
        index = self._index.get(key)
        return Place() if index is None else self._place(index)

    def _place(self, index: int) -> Place:
        return replace(self._files[bisect_right(self._starts, index) - 1], row=self._rows[index])

    def lacks(self, key: str) -> bool:
        """True where `key` is surely in none of the packages."""
        if not self.is_whole:
            return False
        if self._columns:
            self._settle()
        return key not in self._index


@dataclass(slots=True)
class Reference:
    """A cell that must name a row of another table; looked up when all tables are read."""

    resource: str
    value: str
    where: Place
