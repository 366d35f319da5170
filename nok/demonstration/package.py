"""The demonstration package: one invented region with everything that a publication can show.

Floor 3. The same seed gives the same bytes on any machine: no clock (everything lies before the edition day,
7 February 2026), no order of sets, no mathematics library. Read from the bottom of the list up: `words`
and `places` hold text only; `reviews`, `school`, `organizations`, `scores`, `evidence`, `course`, `parties`, `field`, `sent`
invent one part each; here they become a package.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

from nok.demonstration.course import (
    build_decisions,
    build_other_rounds,
    build_other_scores,
    build_proposals,
    build_stages,
)
from nok.demonstration.evidence import build_evidence
from nok.demonstration.field import build_appeals, build_pictures, with_channel, with_visits
from nok.demonstration.organizations import Invented, build_organizations
from nok.demonstration.parties import build_parties, with_parties
from nok.demonstration.places import REGION
from nok.demonstration.reviews import FIRST_DAY, UNPUBLISHED, Row, Visited, build_reviews
from nok.demonstration.school import SCHOOL_12, school_reviews
from nok.demonstration.scores import build_assessments, build_plan_measures, build_scores
from nok.demonstration.sent import build_sent
from nok.identifiers import CROCKFORD, check_symbol
from nok.packages.write import Table, write_package

DESCRIPTOR: dict[str, Any] = {
    "name": "demo",
    "title": "Демонстрационная область",
    "description": "Вымышленный регион: организации, баллы, отзывы и планы улучшений, ни один из которых не настоящий.",
    "version": "1.0.0",
    "licenses": [
        {
            "name": "CC0-1.0",
            "path": "https://creativecommons.org/publicdomain/zero/1.0/",
            "title": "CC0 1.0: без ограничений",
        }
    ],
    "languages": ["ru"],
    "demonstration": True,
}

BUSIEST = "primersk-school-31"
"""The school with about 400 ratings, for pages of reviews that go on and on."""

_PLACEMENTS = (
    ("primersk-school-12", "вестибюль, стенд 1", "2024-01-09", "active", ""),
    ("primersk-school-12", "учительская", "2024-01-09", "closed", ""),
    ("primersk-polyclinic-1", "регистратура", "2024-01-09", "replaced", "регистратура, новый лист"),
    ("primersk-polyclinic-1", "регистратура, новый лист", "2025-02-17", "active", ""),
    ("primersk-polyclinic-1", "второй этаж, у кабинета 214", "2025-02-17", "active", ""),
    ("primersk-library-1", "читальный зал", "2024-05-27", "active", ""),
    ("etalonsk-hospital-1", "приёмное отделение", "2024-06-10", "moved", ""),
    ("urnyak-school-1", "Ишек янында (у входа)", "2025-09-01", "active", ""),
    ("primersk-social-centre-1", "зал приёма, окно 3", "2024-10-01", "active", ""),
    ("primersk-theatre-1", "гардероб", "2025-03-27", "active", ""),
    ("primersk-school-99", f"{UNPUBLISHED}: стенд", "2025-09-10", "active", ""),
)
"""Organisation, place, day of printing, state, and the place whose code replaced this one."""

_EXPECTED_REVIEWS = {
    "polyclinic": 42,
    "hospital": 22,
    "school": 15,
    "theatre": 24,
    "museum": 12,
    "social_centre": 10,
    "dental": 13,
    "preschool": 7,
}
"""The middle of the number of ratings by kind; others have 5."""

_TOPICS = ("staff", "work", "place", "clean", "time", "info", "access", "access", "time")


def write_demonstration(folder: Path, seed: int = 1) -> None:
    """Writes the package `demo` into `folder`, replacing the one that was written there before.

    Raises:
        StorageError: the folder holds something that is not a data package, or the disk refuses.
    """
    tables, files = build_tables(seed)
    write_package(folder, DESCRIPTOR, tables, files)


def build_tables(seed: int) -> tuple[list[Table], dict[str, bytes]]:
    """All tables of the package, in the order in which they are read, and the pictures: path in the package to bytes."""
    organizations = build_organizations(seed)
    scores = build_scores(seed, organizations)
    assessments = [*with_parties(build_assessments()), *build_other_rounds()]
    plan = build_plan_measures(seed, organizations, scores)
    proposals, measures = build_proposals(seed, organizations, scores, plan, assessments)
    observations, answers = build_evidence(seed, organizations)
    placements = _placements(seed)
    reviews, replies = build_reviews(seed, [_visited(seed, made, placements) for made in organizations])
    photos, files = build_pictures(seed)
    own_reviews, own_replies = school_reviews(Random(f"{seed}:{SCHOOL_12}"))
    sent, sent_files = build_sent(seed, own_reviews + reviews)
    tables = [
        Table(name="regions", rows=[REGION]),
        Table(name="organizations", rows=[with_channel(seed, made.row) for made in organizations]),
        Table(name="assessments", rows=assessments),
        Table(name="assessment_stages", rows=build_stages(assessments)),
        Table(name="decisions", rows=build_decisions(assessments)),
        Table(name="scores", rows=[*scores, *build_other_scores(seed, organizations)]),
        Table(name="observations", rows=with_visits(seed, organizations, observations)),
        Table(name="observation_photos", rows=photos),
        Table(name="answers", rows=answers),
        Table(name="reviews", rows=own_reviews + reviews),
        Table(name="replies", rows=own_replies + replies),
        Table(name="review_photos", rows=sent),
        Table(name="recommendations", rows=proposals),
        Table(name="plan_measures", rows=measures),
        Table(name="appeal_statistics", rows=build_appeals(seed, organizations)),
        Table(name="placements", rows=placements),
        *build_parties(seed, organizations, scores),
    ]
    return tables, files | sent_files


def _placements(seed: int) -> list[Row]:
    rng = Random(f"{seed}:placements")
    codes = {place: _code(rng) for _, place, *_ in _PLACEMENTS}
    return [
        {
            "placement_code": codes[place],
            "organization_id": organization,
            "place": place,
            "language": "tt" if "Ишек" in place else "ru",
            "printed_on": printed_on,
            "batch": printed_on[:7],
            "state": state,
            "replaced_by": codes.get(replaced_by, ""),
        }
        for organization, place, printed_on, state, replaced_by in _PLACEMENTS
    ]


def _code(rng: Random) -> str:
    symbols = "".join(rng.choice(CROCKFORD) for _ in range(9))
    return symbols + check_symbol(symbols)


def _visited(seed: int, made: Invented, placements: Sequence[Row]) -> Visited:
    rng = Random(f"{seed}:visited:{made.id}")
    row = made.row
    days = {}
    if row.get("opened_on", "") > FIRST_DAY.isoformat():
        days["first_day"] = date.fromisoformat(row["opened_on"])
    if "closed_on" in row:
        days["last_day"] = date.fromisoformat(row["closed_on"])
    return Visited(
        organization_id=made.id,
        kind=row["kind"],
        quality=made.quality,
        reviews=_how_many(rng, made),
        weak=rng.choice(_TOPICS),
        is_published=made.is_published,
        placement_codes=tuple(p["placement_code"] for p in placements if p["organization_id"] == made.id),
        **days,
    )


def _how_many(rng: Random, made: Invented) -> int:
    """A long tail: a product of six small factors is spread like the logarithmic normal law."""
    if made.id == SCHOOL_12:
        return 0  # its reviews are written by hand
    if made.id == BUSIEST:
        return 404
    if made.fate == "exempt" or rng.randrange(100) < 7:
        return 0
    if not made.is_published:
        return 6
    count = (130, 110, 90, 55)[made.size] * _EXPECTED_REVIEWS.get(made.row["kind"], 5)
    for _ in range(6):
        count = count * rng.choice((50, 72, 100, 140, 200)) // 100
    return min(count // 100, 260)
