"""Invitations from the command line: a batch of tokens with the links that lead to them. Nothing is written to the store,
so that a widget may be served meanwhile; whoever has the server's key can make them."""

import csv
import io
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nok import urls
from nok.errors import UsageError
from widget.directory import Directory
from widget.invitations import Invitation, Inviter
from widget.keys import ServerKey

MOST = 100_000
"""So many invitations one command makes."""
_SECONDS_OF_A_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One invitation. `number` counts from 1 within its organisation; `until` is the last whole day, in UTC."""

    organization_id: str
    name: str
    number: int
    batch: str
    token: str
    until: str


def make_invitations(
    key: ServerKey, directory: Directory, organizations: Sequence[str], number: int, days: int, now: float
) -> list[Made]:
    """`number` invitations for each organisation, under a batch of their own, good for `days` whole days after today.

    Raises:
        UsageError: an organisation that nobody publishes, or too many.
    """
    for organization_id in organizations:
        if organization_id not in directory.organizations:
            raise UsageError("invitation-organization", organization_id=organization_id)
    if not 1 <= number * len(organizations) <= MOST:
        raise UsageError("invitation-number", number=number, organizations=len(organizations), most=MOST)
    return list(_make(Inviter(key.secret_for("invitation")), directory, organizations, number, days, now))


def _make(
    inviter: Inviter, directory: Directory, organizations: Sequence[str], number: int, days: int, now: float
) -> Iterator[Made]:
    batch = secrets.token_hex(4)
    midnight = int(now) // _SECONDS_OF_A_DAY * _SECONDS_OF_A_DAY
    expires_at = midnight + (days + 1) * _SECONDS_OF_A_DAY
    until = datetime.fromtimestamp(expires_at - 1, UTC).date().isoformat()
    for organization_id in organizations:
        invitation = Invitation(organization_id=organization_id, batch=batch, expires_at=expires_at)
        for count in range(1, number + 1):
            yield Made(
                organization_id=organization_id,
                name=directory.organizations[organization_id].name,
                number=count,
                batch=batch,
                token=inviter.make(invitation),
                until=until,
            )


def write_links(made: Sequence[Made], widget_url: str) -> str:
    """A CSV with a row for each invitation, to be sent one by one."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("organization_id", "number", "batch", "until", "link"))
    for one in made:
        link = urls.absolute(widget_url, urls.invited(one.organization_id, one.token))
        writer.writerow((one.organization_id, one.number, one.batch, one.until, link))
    return text.getvalue()
