"""Who may do what at the desk: one role for each account, bound to organisations or regions. Pure.

The rated organisation can never hide a review: its role reads, answers and reports. And a moderator is never bound to
single organisations, so that none of them gets a moderator of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from widget.moderation import ReviewStanding
from widget.reviews import StoredReview


class Role(StrEnum):
    """What an account is for."""

    MODERATOR = "moderator"
    ORGANIZATION = "organization"
    AUTHORITY = "authority"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """Something that a role lets one do."""

    MODERATE = "moderate"
    """Publish and hide texts, set ratings aside, settle reports and proposals."""
    REPLY = "reply"
    REPORT = "report"
    ERASE = "erase"
    """Make a text unreadable for ever, as the law asks."""
    ACCOUNTS = "accounts"
    LOG = "log"
    """Read the audit log."""
    SUMMARY = "summary"
    """See what an organisation is weak at, and which reviews it left unanswered."""


_RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.MODERATOR: frozenset({Right.MODERATE, Right.LOG}),
    Role.ORGANIZATION: frozenset({Right.REPLY, Right.REPORT, Right.SUMMARY}),
    Role.AUTHORITY: frozenset({Right.REPORT, Right.SUMMARY, Right.LOG}),
    Role.ADMINISTRATOR: frozenset({Right.MODERATE, Right.ERASE, Right.ACCOUNTS, Right.LOG, Right.SUMMARY}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which reviews somebody sees: those of `organizations` and `regions`; all where both are empty and `is_all`."""

    organizations: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    is_all: bool = False

    def covers(self, organization_id: str, region_code: str) -> bool:
        """True where reviews of an organisation are within it."""
        return self.is_all or organization_id in self.organizations or region_code in self.regions


def may(role: Role, right: Right) -> bool:
    """True where a role has a right."""
    return right in _RIGHTS[role]


def scope_of(role: Role, organizations: tuple[str, ...], regions: tuple[str, ...]) -> Scope:
    """What an account of `role` sees. A moderator or administrator bound to nothing sees all; others then see nothing."""
    is_free = role in (Role.MODERATOR, Role.ADMINISTRATOR) and not regions
    return Scope(organizations=organizations, regions=regions, is_all=is_free)


def is_bound_rightly(role: Role, organizations: tuple[str, ...], regions: tuple[str, ...]) -> bool:
    """True where an account of `role` may be bound so.

    >>> is_bound_rightly(Role.MODERATOR, ("school-1",), ()), is_bound_rightly(Role.ORGANIZATION, ("school-1",), ())
    (False, True)
    """
    if role is Role.ORGANIZATION:
        return bool(organizations) and not regions
    if role is Role.AUTHORITY:
        return bool(regions) and not organizations
    return not organizations and not (role is Role.ADMINISTRATOR and regions)


def may_answer(review: StoredReview) -> bool:
    """True while an organisation may reply to a review: not after its author took it back."""
    return review.standing is not ReviewStanding.WITHDRAWN
