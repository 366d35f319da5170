"""The form in a frame of an organisation's own site: who may frame it, and how.

A browser shows the frame only on hosts that are registered for the organisation: the one of its website as published, with
and without `www.`, and those that an administrator added at the desk. The form sets no cookie and keeps nothing in the
browser; its answer opens in a window of its own, since a receipt is nobody's but the sender's.
"""

import re
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from widget.audit import Deed
from widget.decisions import actor_of
from widget.ledger import Ledger
from widget.tables import embed_hosts

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{1,63}(?::[0-9]{1,5})?")
"""A name of at least two parts or an address, with a port or without; nothing that means something in a header."""
MOST_HOSTS = 20


def parse_host(text: str) -> str:
    """The host in what somebody typed or published as a website, in its ASCII form; empty where there is none.

    >>> parse_host("https://Школа12.рф/about?x=1"), parse_host("school.example:8080"), parse_host("x; script-src *")
    ('xn--12-6kc3bfr2e.xn--p1ai', 'school.example:8080', '')
    """
    rest = text.strip().lower().partition("://")[2] or text.strip().lower()
    host = re.split(r"[/?#]", rest, maxsplit=1)[0].rpartition("@")[2]
    name, colon, port = host.partition(":")
    try:
        ascii_name = name.encode("idna").decode()
    except UnicodeError:
        return ""
    found = f"{ascii_name}{colon}{port}"
    return found if len(found) <= 259 and _HOST.fullmatch(found) else ""


def hosts_of(site_host: str, added: Sequence[str]) -> list[str]:
    """All hosts that may frame a form: those of the organisation's website, then those added at the desk."""
    own = [site_host, f"www.{site_host}" if not site_host.startswith("www.") else site_host.removeprefix("www.")]
    return list(dict.fromkeys([*(own if site_host else []), *added]))


def frame_policy(policy: str, hosts: Sequence[str]) -> str:
    """`policy` with these ancestors in place of none; this very site may frame the form too."""
    return policy.replace("frame-ancestors 'none'", " ".join(["frame-ancestors 'self'", *hosts]))


# ---- what the desk adds ----------------------------------------------------------------------------------------------


def read_hosts(connection: sa.Connection, organization_id: str) -> list[str]:
    """The hosts added for an organisation."""
    mine = embed_hosts.c.organization_id == organization_id
    return list(connection.execute(sa.select(embed_hosts.c.host).where(mine).order_by(embed_hosts.c.host)).scalars())


def add_host(ledger: Ledger, organization_id: str, host: str, *, by: str, today: date) -> bool:
    """Registers a host; false where there are too many already."""
    there = read_hosts(ledger.connection, organization_id)
    if host in there:
        return True
    if len(there) >= MOST_HOSTS:
        return False
    row = {"organization_id": organization_id, "host": host, "added_on": today.isoformat(), "account_id": by}
    ledger.connection.execute(embed_hosts.insert(), row)
    _tell(ledger, "host-added", organization_id, host, by, today)
    return True


def remove_host(ledger: Ledger, organization_id: str, host: str, *, by: str, today: date) -> bool:
    """Takes a host away; false where it was not there."""
    mine = sa.and_(embed_hosts.c.organization_id == organization_id, embed_hosts.c.host == host)
    if not ledger.connection.execute(embed_hosts.delete().where(mine)).rowcount:
        return False
    _tell(ledger, "host-removed", organization_id, host, by, today)
    return True


def _tell(ledger: Ledger, action: str, organization_id: str, host: str, by: str, today: date) -> None:
    subject = f"organization:{organization_id}"
    deed = Deed(happened_on=today.isoformat(), actor=actor_of(by), action=action, subject=subject, said={"host": host})
    ledger.record(deed)
