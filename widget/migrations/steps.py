"""What several steps do alike: a key for what is sealed now, and entries at the end of the audit chain."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context

from widget.audit import Deed, Entry, Head, append
from widget.sealing import new_secret


def secret_of(connection: sa.Connection, text_key: str) -> bytes:
    """The key of a text; PostgreSQL keeps keys in this same transaction, so that it is made here."""
    known = sa.text("SELECT secret FROM text_keys WHERE text_key = :key")
    found = connection.execute(known, {"key": text_key}).scalar_one_or_none()
    if found is not None:
        return bytes(found)
    secret = new_secret()
    insert = sa.text("INSERT INTO text_keys (text_key, secret) VALUES (:key, :secret)")
    connection.execute(insert, {"key": text_key, "secret": secret})
    return secret


def write_down(connection: sa.Connection, deeds: Sequence[Deed]) -> None:
    """Lengthens the chain and seals its new end; nothing where there are no deeds."""
    if not deeds:
        return
    audit = sa.Table("audit", sa.MetaData(), autoload_with=connection)
    last = connection.execute(sa.text("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")).one()
    head = Head(number=last.number, hash=last.hash)
    for deed in deeds:
        entry = append(head, deed)
        connection.execute(audit.insert(), {name: getattr(entry, name) for name in Entry.__dataclass_fields__})
        head = Head(number=entry.number, hash=entry.hash)
    seal_head = context.config.attributes["seal_head"]
    statement = sa.text("UPDATE facts SET value = :value WHERE name = 'audit_seal'")
    connection.execute(statement, {"value": seal_head(head)})
