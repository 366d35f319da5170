"""The primary keys of one table over all packages: which are there, and where each was met first.

Keys come one by one from the exact reader and in whole columns from the quick one; columns are turned into places only
when somebody asks for the place of a fault.
"""

from array import array
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Protocol

from nok.errors import Place

KEY_JOINT = "\x1f"
"""Between the parts of a key of several columns; no cell may hold it."""


Spans = Sequence[tuple[int, int]]
"""Stretches of rows of one file, in order: from which row to before which; the header is row 1."""

HASHED = frozenset({"scores", "observations", "answers", "replies"})
"""Tables of millions of rows whose keys nothing points to: of these it is only asked whether one stands twice, which
numbers made of them tell in an eighth of the memory."""


class TextsWantedError(Exception):
    """Of a table's keys only numbers are kept, and somebody must know their texts: it is to be read again, with them."""


class KeyColumn(Protocol):
    """Keys of one file in the order of its rows, or values that must be keys."""

    def __len__(self) -> int: ...

    def texts(self) -> Iterable[str]:
        """The texts one by one."""
        ...

    def sorted_lines(self) -> Iterator[bytes]:
        """The texts in UTF-8, sorted by their bytes, line by line, without a line end after the last; in pieces, for a
        country has millions of them."""
        ...


class SearchableColumn(KeyColumn, Protocol):
    """A column that is asked for single texts rather than read."""

    def __contains__(self, text: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class TextList:
    """A column that came text by text."""

    given: Sequence[str]

    def __len__(self) -> int:
        return len(self.given)

    def texts(self) -> Iterable[str]:
        """The texts one by one."""
        return self.given

    def sorted_lines(self) -> Iterator[bytes]:
        """The texts in UTF-8, sorted by their bytes, line by line."""
        yield b"\n".join(sorted(text.encode() for text in self.given))


class Keys:
    """The keys of one table.

    `repeated` are keys that are known to stand more than once. `remembered` holds keys of tables that were found clean in a
    former run, by the name of the verdict; they have no places. `is_whole` is false where a file of the table could not be
    read to its end; then nobody can say that a key is missing. `is_hashed` says that columns may come as numbers made of the
    keys (`HASHED`).
    """

    def __init__(self, *, is_whole: bool = True, repeated: Iterable[str] = (), is_hashed: bool = False) -> None:
        self._index: dict[str, int] = {}
        self._rows = array("L")
        self._files: list[Place] = []
        self._starts: list[int] = []
        self._columns: list[tuple[Place, KeyColumn, Spans]] = []
        self.remembered: dict[str, SearchableColumn] = {}
        self.repeated = set(repeated)
        self._met: set[str] = set()
        self.is_whole, self.is_hashed = is_whole, is_hashed
        self._is_gone = False

    def begin(self, file: Place) -> None:
        """The keys that follow stand in `file`.

        Raises:
            TextsWantedError: they come one by one, and columns as numbers: nobody could say where one stood before.
        """
        if self.is_hashed:
            raise TextsWantedError
        self._settle()
        self._files.append(file)
        self._starts.append(len(self._rows))

    def admit(self, among_repeated: Sequence[str]) -> bool:
        """False where one of these keys of a table, all of which are known to repeat, is not the first of its kind."""
        found = set(among_repeated)
        if len(found) < len(among_repeated) or found & self._met or any(key in self._index for key in found):
            return False
        self._met |= found
        return True

    def add_column(self, file: Place, column: KeyColumn, rows: Spans) -> None:
        """The keys of rows of a file that were found clean; whether they repeat is told by `parts`, later and at once."""
        self._columns.append((file, column, rows))

    def let_go(self) -> None:
        """Forgets the numbers of keys (`HASHED`): that none stands twice is known, and nothing points to them. Who asks for
        one all the same is told that texts are wanted."""
        if self.is_hashed and self._columns:
            self._columns, self._is_gone = [], True

    def parts(self) -> tuple[Sequence[KeyColumn], Collection[str]]:
        """All keys that were given: columns as they came, and the keys that came one by one."""
        return [column for _, column, _ in self._columns], self._index

    def texts(self) -> Iterator[str]:
        """Every key, those of former runs last."""
        for _, column, _ in self._columns:
            yield from column.texts()
        yield from self._index
        for remembered in self.remembered.values():
            yield from remembered.texts()

    def _settle(self) -> None:
        """Turns columns into keys with places; only faults need that, for it takes time and memory."""
        if self._is_gone:
            raise TextsWantedError
        columns, self._columns = self._columns, []
        for file, column, spans in columns:
            self.begin(file)
            rows = chain.from_iterable(range(start, end) for start, end in spans)
            for row, key in zip(rows, column.texts(), strict=True):
                if self.add(key, row) is not None:
                    self.repeated.add(key)

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
        self._settle()
        return key not in self._index and not any(key in column for column in self.remembered.values())

    def by_file(self) -> Iterator[tuple[Place, TextList, Spans]]:
        """The keys that came one by one, as `add_column` takes them."""
        keys = iter(self._index)
        for file, start, end in zip(self._files, self._starts, [*self._starts[1:], len(self._rows)], strict=True):
            rows = self._rows[start:end]
            yield file, TextList(list(islice(keys, len(rows)))), [(row, row + 1) for row in rows]

    def count(self) -> int:
        """How many keys have come one by one, those of settled columns among them."""
        return len(self._rows)

    def since(self, count: int) -> TextList:
        """The keys that have come one by one after `count` others."""
        return TextList(list(islice(self._index, count, None)))


@dataclass(slots=True)
class Reference:
    """A cell that must name a row of another table; looked up when all tables are read."""

    resource: str
    value: str
    where: Place
