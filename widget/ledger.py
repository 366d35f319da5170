"""An open transaction of the store together with the audit chain that it lengthens."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from widget.audit import Deed, Entry, Head, append
from widget.tables import audit, facts

_CELLS = tuple(column.name for column in audit.columns)
_cells_of = attrgetter(*_CELLS)

AUDIT_SEAL = "audit_seal"
"""The fact that holds the sealed end of the chain."""

_SEALING = facts.update().where(facts.c.name == AUDIT_SEAL).values(value=sa.bindparam("sealed"))
_LAST = sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)


class Later:
    """What a piece of work gives that is done together with others of its batch; `result` stands there afterwards."""

    __slots__ = ("result",)

    result: Any


Together = Callable[["Ledger", Sequence[Any]], Sequence[Any]]
"""Does many things of one kind at once and gives their results in order."""


class Ledger:
    """What a piece of work gets: the connection to write by, and the chain to write down what it did.

    Entries are stored together by `close`, before the commit.
    """

    def __init__(self, connection: sa.Connection, seal: Callable[[Head], str]) -> None:
        self._connection = connection
        self._waiting: dict[Together, list[tuple[Any, Later]]] = {}
        self.dropped_keys: list[str] = []
        """Keys of texts that nobody may read any more; they are dropped right after the commit."""
        self.erased: list[dict[str, str]] = []
        """Rows for the table of erasures, written with the dropped keys."""
        self._seal = seal
        self._entries: list[Entry] = []
        self._head: Head | None = None

    @property
    def connection(self) -> sa.Connection:
        """What to read and write by: it sees all that was done before."""
        self.settle()
        return self._connection

    def later(self, together: Together, item: object) -> Any:
        """A `Later`, in place of which the sender gets its result.

        `item` is done together with the others of the batch: each call of the engine waits for its turn among the
        threads, so sixty questions at once are answered sooner than sixty times one.
        """
        found = Later()
        self._waiting.setdefault(together, []).append((item, found))
        return found

    def settle(self) -> None:
        """Does what waits."""
        while self._waiting:
            together = next(iter(self._waiting))
            waiting = self._waiting.pop(together)
            results = together(self, [item for item, _ in waiting])
            for (_, later), result in zip(waiting, results, strict=True):
                later.result = result

    def record(self, deed: Deed) -> None:
        """Writes a deed down."""
        self.settle()
        if self._head is None:
            self._head = read_head(self._connection)
        entry = append(self._head, deed)
        self._entries.append(entry)
        self._head = Head(number=entry.number, hash=entry.hash)

    def mark(self) -> tuple[int, int, int, Head | None]:
        """Where a piece of work begins, for `rewind`; what waited is done."""
        self.settle()
        return len(self._entries), len(self.dropped_keys), len(self.erased), self._head

    def rewind(self, mark: tuple[int, int, int, Head | None]) -> None:
        """Forgets what was written down since `mark`, because it was undone."""
        entries, keys, erased, self._head = mark
        del self._entries[entries:], self.dropped_keys[keys:], self.erased[erased:]
        self._waiting.clear()

    def close(self) -> None:
        """Does what waits, stores the entries and seals the new end of the chain."""
        self.settle()
        if not self._entries or self._head is None:
            return
        insert_rows(
            self.connection, audit, [dict(zip(_CELLS, _cells_of(entry), strict=True)) for entry in self._entries]
        )
        self.connection.execute(_SEALING, {"sealed": self._seal(self._head)})


def insert_rows(connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stores rows that have the same cells by few statements.

    While the engine runs a statement the other thread has its turn, and the writer waits for its own again: sixty rows
    one by one would be sixty such turns.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(table.insert(), rows)
        return
    names = tuple(column.name for column in table.columns if column.name in rows[0])
    start = 0
    for size in _ROWS_AT_ONCE:
        while len(rows) - start >= size:
            cells = tuple(row[name] for row in rows[start : start + size] for name in names)
            connection.exec_driver_sql(_insertion(table, names, size), cells)
            start += size


_ROWS_AT_ONCE = (32, 16, 8, 4, 2, 1)
"""So that a handful of statements serves every number of rows, and the engine keeps them ready."""


@lru_cache(maxsize=64)
def _insertion(table: sa.Table, names: tuple[str, ...], size: int) -> str:
    one = str(table.insert().compile(dialect=sqlite.dialect(), column_keys=names))
    head, values = one.split(" VALUES ")
    return f"{head} VALUES {', '.join([values] * size)}"


def read_head(connection: sa.Connection) -> Head:
    """The end of the chain as this transaction sees it."""
    found = connection.execute(_LAST).first()
    return Head(number=found.number, hash=found.hash) if found else Head()
