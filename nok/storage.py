"""What SQLite says of a disk, in the words of the project."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nok.errors import StorageError

REFUSED = ("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")
"""What SQLite calls a disk that is full, broken, locked away or not there; anything else is a bug of ours."""


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turns what SQLite says of a disk into the sentence of a `StorageError`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith(REFUSED):
            raise
        raise StorageError("memory-unwritten", place=path, reason=error) from error
