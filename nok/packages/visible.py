"""Which rows of checked packages may be shown: the one place that keeps drafts, withheld rows and hidden texts back.

A row that points to a draft or withheld row is itself not shown. The text of a restricted review, what a package keeps
about it in columns of its own, and every row that answers it never pass this file, so that no page, file or index can
print them by mistake.
"""

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from nok.packages.profile import field_names
from nok.packages.read import Package, Resource, iterate_rows
from nok.records import OF_REVIEWS, WITHHELD_BY_ROW, ReviewState, Status

if TYPE_CHECKING:
    from nok.packages.segments import Part


@dataclass(slots=True, kw_only=True)
class Hidden:
    """Ids of the rows that stay back; few, so they are kept as sets."""

    organizations: set[str] = field(default_factory=set)
    assessments: set[str] = field(default_factory=set)
    reviews: set[str] = field(default_factory=set)
    restricted_reviews: set[str] = field(default_factory=set)
    parties: dict[str, set[str]] = field(default_factory=dict)
    """Of the tables of `PARTIES`: the column that is their key to the ids that stay back."""


PARTIES: Mapping[str, str] = {
    "authorities": "authority_id",
    "officials": "official_id",
    "operators": "operator_id",
    "councils": "council_id",
    "contracts": "contract_id",
    "campaigns": "campaign_id",
    "rosters": "roster_id",
}
"""Tables of who and what stands behind an assessment, each after those that its rows point to, and their keys."""

MENTIONS: Mapping[str, tuple[str, ...]] = {
    "assessments": ("authority_id", "operator_id", "contract_id", "council_id"),
    "decisions": ("body_id",),
    "recommendations": ("council_id",),
}
"""Columns that name a row of `PARTIES` without depending on it: where that row stays back, only the cell is emptied."""


def hidden_parties(packages: Sequence[Package]) -> dict[str, set[str]]:
    """The rows of `PARTIES` that are not published, or point to one that is not, by the column that is their key."""
    hidden: dict[str, set[str]] = {key: set() for key in PARTIES.values()}
    for table, key in PARTIES.items():
        for row in _rows(packages, table):
            if row["status"] != Status.PUBLISHED or _points_to(row, hidden):
                hidden[key].add(row[key])
    return hidden


def _points_to(row: Mapping[str, str], hidden: Mapping[str, Collection[str]]) -> bool:
    return any(row.get(column) in ids for column, ids in hidden.items())


def find_hidden(
    packages: Sequence[Package],
    *,
    wanted: Sequence[Package] | None = None,
    organizations: Collection[str] | None = None,
) -> Hidden:
    """Reads what is needed to know every row of `wanted` that must stay back, over all packages of a build.

    `wanted` are all of them where it is not given; `organizations` are the hidden ones, where they are known already.
    """
    from nok.packages.segments import rows_of  # the table engine, which the widget need not load

    hidden = Hidden()
    hidden.organizations = hidden_organizations(packages) if organizations is None else set(organizations)
    hidden.assessments = {
        row["assessment_id"] for row in _rows(packages, "assessments") if row["status"] != Status.PUBLISHED
    }
    hidden.parties = hidden_parties(packages)
    looked_at = packages if wanted is None else wanted
    if not any(package.resource(name) for package in looked_at for name in OF_REVIEWS):
        return hidden  # only what belongs to a review needs to know which reviews are hidden
    for part in _review_parts(packages, "organization_id"):
        hidden.reviews.update(review_id for review_id, _ in rows_of(part, hidden.organizations))
    for part in _review_parts(packages, "state"):
        restricted = {review_id for review_id, _ in rows_of(part, [ReviewState.RESTRICTED])}
        hidden.restricted_reviews |= restricted - hidden.reviews
    return hidden


def _review_parts(packages: Iterable[Package], column: str) -> "Iterator[Part]":
    """The files of all reviews, two columns of each: there may be millions of rows, of which few are wanted."""
    from nok.packages.segments import Part

    for package in packages:
        resource = package.resource("reviews")
        for file in resource.files if resource is not None else ():
            yield Part(
                file=file,
                delimiter=resource.delimiter if resource else ",",
                columns=("review_id", column),
                owner=column,
                identity="review_id",
            )


def published_form(resource: Resource) -> Resource:
    """The table with the columns that are published row by row: of reviews, how each came in and what it marked besides
    the whole are only added up (`nok.privacy`); of pictures, their files stay in the package."""
    withheld = _WITHHELD_COLUMNS.get(resource.name)
    if withheld is None:
        return resource
    schema = dict(resource.schema)
    schema["fields"] = [field for field in schema["fields"] if field["name"] not in withheld]
    keys = schema.get("foreignKeys", [])
    schema["foreignKeys"] = [key for key in keys if not set(withheld) & {*key["fields"]}]
    return replace(resource, schema=schema)


_WITHHELD_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "reviews": WITHHELD_BY_ROW,
    "observation_photos": ("path",),
    "review_photos": ("path",),
}


def visible_rows(resource: Resource, hidden: Hidden) -> Iterator[dict[str, str]]:
    """The rows of `resource` as they may be published, in the order of the file."""
    is_hidden, show = hider(resource.name, hidden), _shower(resource.name, hidden)
    for row in iterate_rows(resource):
        if not any(row.get(column, "") in values for column, values in is_hidden):
            yield show(row) if show else row


def visible_row(resource: str, row: dict[str, str], hidden: Hidden) -> dict[str, str] | None:
    """A row as it may be published; `None` where it stays back."""
    if any(row.get(column, "") in values for column, values in hider(resource, hidden)):
        return None
    show = _shower(resource, hidden)
    return show(row) if show else row


def _shower(resource: str, hidden: Hidden) -> Callable[[dict[str, str]], dict[str, str]] | None:
    """What makes of a row that does not stay back what may be shown of it; `None` where that is the row itself."""
    if resource == "reviews":
        return _without_restricted_text
    return partial(_without_mentions, resource, hidden) if resource in MENTIONS else None


def _without_restricted_text(row: dict[str, str]) -> dict[str, str]:
    if row["state"] != ReviewState.RESTRICTED:
        return row
    return {name: value if name in KEPT_OF_RESTRICTED else "" for name, value in row.items()}


KEPT_OF_RESTRICTED = frozenset(field_names("reviews")) - {"text"}
"""What is shown of a review that a moderator has restricted."""


def _without_mentions(resource: str, hidden: Hidden, row: dict[str, str]) -> dict[str, str]:
    for column in MENTIONS.get(resource, ()):
        ids = set().union(*hidden.parties.values()) if column == "body_id" else hidden.parties.get(column, ())
        if row.get(column) in ids:
            row[column] = ""
    return row


def hider(resource: str, hidden: Hidden) -> list[tuple[str, Container[str]]]:
    """Columns, and with which values in one of them a row of `resource` stays back; only such as there are, for this is
    asked of millions of rows."""
    found: list[tuple[str, Container[str] | None]] = [
        ("organization_id", hidden.organizations),
        ("assessment_id", hidden.assessments),
    ]
    if resource != "reviews":
        found += [("status", _NOT_PUBLISHED)] if resource in PARTIES else []
        found += hidden.parties.items() if resource not in MENTIONS else ()
        found += [("is_unpublished", {"true"}), ("is_released", {"false"})]
        found += [("review_id", hidden.reviews), ("review_id", hidden.restricted_reviews)]
    return [(column, values) for column, values in found if values]


class _AllBut:
    """Every text but one."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __contains__(self, text: object) -> bool:
        return text != self._text


_NOT_PUBLISHED = _AllBut(Status.PUBLISHED)


def _rows(packages: Iterable[Package], name: str) -> Iterator[dict[str, str]]:
    for package in packages:
        resource = package.resource(name)
        if resource is not None:
            yield from iterate_rows(resource)


def hidden_organizations(packages: Sequence[Package]) -> set[str]:
    """Those whose status says so, and those that point to one of them, to the end of the chain."""
    hidden: set[str] = set()
    pointing: dict[str, list[str]] = {}
    for row in _rows(packages, "organizations"):
        if row["status"] != Status.PUBLISHED:
            hidden.add(row["organization_id"])
        for column in ("parent_organization_id", "successor_organization_id"):
            if row[column]:
                pointing.setdefault(row[column], []).append(row["organization_id"])
    waiting = list(hidden)
    while waiting:
        for follower in pointing.get(waiting.pop(), ()):
            if follower not in hidden:
                hidden.add(follower)
                waiting.append(follower)
    return hidden
