"""An open transaction of the store together with the audit chain that it lengthens."""

from collections.abc import Callable
from dataclasses import asdict

import sqlalchemy as sa

from widget.audit import Deed, Entry, Head, append
from widget.tables import audit, facts

AUDIT_SEAL = "audit_seal"
"""The fact that holds the sealed end of the chain."""


class Ledger:
    """What a piece of work gets: the connection to write by, and the chain to write down what it did.

    Entries are stored together by `close`, before the commit.
    """

    def __init__(self, connection: sa.Connection, seal: Callable[[Head], str]) -> None:
        self.connection = connection
        self.dropped_keys: list[str] = []
        """Keys of texts that nobody may read any more; they are dropped right after the commit."""
        self.erased: list[dict[str, str]] = []
        """Rows for the table of erasures, written with the dropped keys."""
        self._seal = seal
        self._entries: list[Entry] = []
        self._head: Head | None = None

    def record(self, deed: Deed) -> None:
        """Writes a deed down."""
        if self._head is None:
            self._head = read_head(self.connection)
        entry = append(self._head, deed)
        self._entries.append(entry)
        self._head = Head(number=entry.number, hash=entry.hash)

    def mark(self) -> tuple[int, int, int, Head | None]:
        """Where a piece of work begins, for `rewind`."""
        return len(self._entries), len(self.dropped_keys), len(self.erased), self._head

    def rewind(self, mark: tuple[int, int, int, Head | None]) -> None:
        """Forgets what was written down since `mark`, because it was undone."""
        entries, keys, erased, self._head = mark
        del self._entries[entries:], self.dropped_keys[keys:], self.erased[erased:]

    def close(self) -> None:
        """Stores the entries and seals the new end of the chain."""
        if not self._entries or self._head is None:
            return
        self.connection.execute(audit.insert(), [asdict(entry) for entry in self._entries])
        sealed = facts.update().where(facts.c.name == AUDIT_SEAL).values(value=self._seal(self._head))
        self.connection.execute(sealed)


def read_head(connection: sa.Connection) -> Head:
    """The end of the chain as this transaction sees it."""
    last = sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    found = connection.execute(last).first()
    return Head(number=found.number, hash=found.hash) if found else Head()
