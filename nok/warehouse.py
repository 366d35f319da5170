"""Checked packages in one embedded store, read by partitions in page order, with everything aggregated.

SQLite, because it is in every Python, keeps memory bounded and lets several processes read one file. What fills it is
`nok.warehouse_load`; here it is only read.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from nok.ranking import Standing
from nok.records import (
    REVIEW_CRITERIA,
    SET_ASIDE,
    Assessment,
    Organization,
    PlanMeasure,
    PlanStatus,
    Region,
    Reply,
    Review,
    ReviewState,
    Score,
    ScoreState,
)

PARTITION_ROWS = 60
"""How many organisations a worker takes at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """An organisation in one assessment: its scores by measure, its place (`None` without points)."""

    assessment: Assessment
    scores: Mapping[str, Score]
    standing: Standing | None


@dataclass(frozen=True, slots=True)
class ExtraValue:
    """A value of a column that the package added to organisations; titles as its schema says them."""

    name: str
    title: str
    title_en: str
    type: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganizationFacts:
    """All that the packages say of one organisation.

    `rounds` newest first; `reviews` newest first with their replies; `distribution` counts ratings 1–5 that count in
    the mean; `extra` are the filled ones of the package's own columns.
    """

    number: int
    organization: Organization
    extra: tuple[ExtraValue, ...]
    is_demonstration: bool
    rounds: tuple[Round, ...]
    reviews: tuple[Review, ...]
    distribution: tuple[int, int, int, int, int]
    from_stand: int
    plan: tuple[PlanMeasure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFacts:
    """One organisation as a list shows it; `latest` is its newest round."""

    organization: Organization
    latest: Round | None
    distribution: tuple[int, int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Organisations of one region and sphere, counted.

    `assessment_id` is the newest round of the group, or empty; `assessed` and `median` go by the latest points of each
    organisation, if they were given by the method of that round.
    """

    region_code: str
    sphere: str
    organizations: int
    ratings: int
    assessment_id: str
    assessed: int
    median: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFacts:
    name: str
    title: str
    version: str
    is_demonstration: bool
    licence: str


class Warehouse:
    """The store of one publication, opened for reading. Use `load` to make it."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        self._regions: dict[str, Region] | None = None
        self._rounds: dict[str, Assessment] | None = None
        self._demonstrations = frozenset(package.name for package in self.packages() if package.is_demonstration)

    def close(self) -> None:
        self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- the small tables --------------------------------------------------------------------------------------------

    def packages(self) -> list[PackageFacts]:
        rows = self._base.execute("SELECT name, title, version, demonstration, licence FROM packages ORDER BY name")
        return [
            PackageFacts(name=name, title=title, version=version, is_demonstration=bool(demo), licence=licence)
            for name, title, version, demo, licence in rows
        ]

    def regions(self) -> dict[str, Region]:
        """Every region that has an organisation, by its code; one that nobody has described is called by its code."""
        if self._regions is None:
            described = {
                code: parse_region(json.loads(text))
                for code, text in self._base.execute("SELECT region_code, fields FROM regions")
            }
            used = self._base.execute("SELECT DISTINCT region_code FROM organizations ORDER BY region_code")
            self._regions = {code: described.get(code) or Region(region_code=code, name=code) for (code,) in used}
        return self._regions

    def assessments(self) -> dict[str, Assessment]:
        """Every published assessment by its id, newest first."""
        if self._rounds is None:
            rows = self._base.execute("SELECT fields FROM assessments ORDER BY period DESC, assessment_id")
            rounds = [_assessment(json.loads(text)) for (text,) in rows]
            self._rounds = {item.assessment_id: item for item in rounds}
        return self._rounds

    def medians(self, assessment_id: str, region_code: str, kind: str) -> dict[str, Decimal]:
        """The peers' median of each measure; peers are of the same kind, region and assessment, and at least three."""
        rows = self._base.execute(
            "SELECT measure, median FROM medians"
            " WHERE assessment_id = ? AND region_code = ? AND kind = ? AND number >= 3",
            (assessment_id, region_code, kind),
        )
        return {measure: Decimal(value) for measure, value in rows}

    def groups(self, region_code: str | None = None) -> list[Group]:
        """Regions and spheres in order, counted; the points are those of the group's newest assessment."""
        where, values = ("WHERE region_code = ?", (region_code,)) if region_code else ("", ())
        rows = self._base.execute(f"SELECT * FROM groups {where} ORDER BY region_code, sphere", values)
        return [
            Group(
                region_code=row[0],
                sphere=row[1],
                organizations=row[2],
                ratings=row[3],
                assessment_id=row[4],
                assessed=row[5],
                median=Decimal(row[6]) if row[6] else None,
            )
            for row in rows
        ]

    def demonstration_regions(self) -> set[str]:
        """Regions that show at least one invented organisation."""
        rows = self._base.execute(
            "SELECT DISTINCT region_code FROM organizations JOIN packages ON package = packages.name"
            " WHERE demonstration"
        )
        return {code for (code,) in rows}

    def coordinates(self, region_code: str) -> list[tuple[float, float]]:
        """(latitude, longitude) of every organisation of a region that has them."""
        return self._base.execute(
            "SELECT latitude, longitude FROM organizations WHERE region_code = ? AND latitude IS NOT NULL",
            (region_code,),
        ).fetchall()

    def plan_counts(self, region_code: str | None = None) -> tuple[int, int]:
        """(done, all but cancelled) plan measures of a region or of all."""
        where, values = ("WHERE region_code = ?", (region_code,)) if region_code else ("", ())
        counts = Counter(
            dict(
                self._base.execute(
                    "SELECT json_extract(p.fields, '$.status'), count(*) FROM plan_measures p"
                    f" JOIN organizations USING (organization_id) {where} GROUP BY 1",
                    values,
                ).fetchall()
            )
        )
        return counts[PlanStatus.DONE], sum(counts.values()) - counts[PlanStatus.CANCELLED]

    # -- organisations -----------------------------------------------------------------------------------------------

    def partitions(self, rows: int = PARTITION_ROWS) -> list[tuple[str, int, int]]:
        """(region, first, last) runs of organisation numbers, each within one region and at most `rows` long."""
        ranges = self._base.execute(
            "SELECT region_code, min(number), max(number) FROM organizations GROUP BY region_code ORDER BY 2"
        )
        return [
            (region, start, min(start + rows - 1, last))
            for region, first, last in ranges
            for start in range(first, last + 1, rows)
        ]

    def points(self, region_code: str) -> Iterator[tuple[Organization, str, str]]:
        """(organisation, its newest assessment or "", total as text or "") of those with coordinates, in page order."""
        rows = self._base.execute(
            "SELECT o.fields, o.package, coalesce(latest.assessment_id, ''), coalesce(s.points, '')"
            " FROM organizations o LEFT JOIN latest USING (organization_id)"
            " LEFT JOIN scores s ON s.organization_id = o.organization_id AND s.assessment_id = latest.assessment_id"
            " AND s.measure = 'total' WHERE region_code = ? AND latitude IS NOT NULL ORDER BY number",
            (region_code,),
        )
        for text, package, assessment_id, points in rows:
            yield _organization(json.loads(text), package), assessment_id, points

    def most_rated(self, number: int) -> list[ListFacts]:
        """The organisations with points that most people have rated."""
        return self._list(
            "WHERE t.scaled IS NOT NULL ORDER BY (SELECT count(*) FROM reviews r"
            " WHERE r.organization_id = o.organization_id) DESC, o.number LIMIT ?",
            (number,),
        )

    def find(self, organization_id: str) -> OrganizationFacts | None:
        row = self._base.execute(
            "SELECT number FROM organizations WHERE organization_id = ?", (organization_id,)
        ).fetchone()
        return next(self.organizations(row[0], row[0]), None) if row else None

    def organizations(self, first: int, last: int) -> Iterator[OrganizationFacts]:
        """All facts of the organisations numbered `first` to `last`, in page order."""
        within = (first, last)
        scores = _grouped(self._base.execute(_SCORES, within))
        standings = _grouped(self._base.execute(_STANDINGS, within))
        reviews = _grouped(self._base.execute(_REVIEWS, within))
        plans = _grouped(self._base.execute(_PLANS, within))
        rows = self._base.execute(
            "SELECT number, package, fields, extra FROM organizations WHERE number BETWEEN ? AND ? ORDER BY number",
            within,
        )
        for number, package, text, extra in rows:
            all_reviews = tuple(_review(row) for row in reviews.get(number, ()))
            yield OrganizationFacts(
                number=number,
                organization=_organization(json.loads(text), package),
                extra=tuple(ExtraValue(*value) for value in json.loads(extra)) if extra else (),
                is_demonstration=package in self._demonstrations,
                rounds=self._rounds_of(scores.get(number, ()), standings.get(number, ())),
                reviews=all_reviews,
                distribution=_distribution(review.rating for review in all_reviews if _counts(review)),
                from_stand=sum(review.channel == "qr" for review in all_reviews if _counts(review)),
                plan=tuple(_plan_measure(json.loads(row[1])) for row in plans.get(number, ())),
            )

    def list_region(self, region_code: str, limit: int, offset: int) -> list[ListFacts]:
        """A stretch of a region's organisations in page order (by name)."""
        return self._list("WHERE o.region_code = ? ORDER BY o.number LIMIT ? OFFSET ?", (region_code, limit, offset))

    def list_sphere(
        self, region_code: str, sphere: str, limit: int, offset: int, *, higher_is_better: bool = True
    ) -> list[ListFacts]:
        """A stretch of a sphere's organisations of a region: best points first, then those without, by name."""
        order = "DESC" if higher_is_better else "ASC"
        return self._list(
            f"WHERE o.region_code = ? AND o.sphere = ? ORDER BY t.scaled IS NULL, t.scaled {order}, o.number"
            " LIMIT ? OFFSET ?",
            (region_code, sphere, limit, offset),
        )

    def totals(self, region_code: str, sphere: str) -> Iterator[tuple[str, str, str]]:
        """(assessment, points or "", state) of the latest total of each organisation of a region's sphere."""
        yield from self._base.execute(
            "SELECT coalesce(t.assessment_id, ''), coalesce(t.points, ''), coalesce(t.state, 'not_assessed')"
            " FROM organizations o LEFT JOIN latest USING (organization_id) LEFT JOIN scores t"
            " ON t.organization_id = o.organization_id AND t.assessment_id = latest.assessment_id"
            " AND t.measure = 'total' WHERE o.region_code = ? AND o.sphere = ?",
            (region_code, sphere),
        )

    def _list(self, tail: str, values: tuple[Any, ...]) -> list[ListFacts]:
        rows = self._base.execute(
            "SELECT o.number, o.organization_id, o.package, o.fields FROM organizations o"
            " LEFT JOIN latest USING (organization_id) LEFT JOIN scores t"
            " ON t.organization_id = o.organization_id AND t.assessment_id = latest.assessment_id"
            f" AND t.measure = 'total' {tail}",
            values,
        ).fetchall()
        return [
            ListFacts(
                organization=_organization(json.loads(text), package),
                latest=self._latest_of(organization_id),
                distribution=self._distribution_of(organization_id),
            )
            for _, organization_id, package, text in rows
        ]

    def _latest_of(self, organization_id: str) -> Round | None:
        scores = self._base.execute(
            "SELECT 0, assessment_id, measure, points, state, respondents, published_as FROM scores"
            " JOIN latest USING (organization_id, assessment_id) WHERE organization_id = ?",
            (organization_id,),
        ).fetchall()
        standings = self._base.execute(
            "SELECT 0, assessment_id, rank, sharing, better, peers FROM standings"
            " JOIN latest USING (organization_id, assessment_id) WHERE organization_id = ?",
            (organization_id,),
        ).fetchall()
        return next(iter(self._rounds_of(scores, standings)), None)

    def _distribution_of(self, organization_id: str) -> tuple[int, int, int, int, int]:
        rows = self._base.execute(
            "SELECT rating FROM reviews WHERE organization_id = ? AND reason_code <> ?", (organization_id, SET_ASIDE)
        )
        return _distribution(rating for (rating,) in rows)

    def _rounds_of(self, scores: Iterable[tuple[Any, ...]], standings: Iterable[tuple[Any, ...]]) -> tuple[Round, ...]:
        places = {row[1]: Standing(rank=row[2], sharing=row[3], better=row[4], peers=row[5]) for row in standings}
        by_assessment: dict[str, dict[str, Score]] = {}
        for row in scores:
            by_assessment.setdefault(row[1], {})[row[2]] = _score(row)
        return tuple(
            Round(assessment=item, scores=by_assessment[name], standing=places.get(name))
            for name, item in self.assessments().items()
            if name in by_assessment
        )


# ---- reading rows --------------------------------------------------------------------------------------------------

_SCORES = """SELECT number, assessment_id, measure, points, state, respondents, published_as
    FROM organizations JOIN scores USING (organization_id) WHERE number BETWEEN ? AND ?"""
_STANDINGS = """SELECT number, assessment_id, rank, sharing, better, peers
    FROM organizations JOIN standings USING (organization_id) WHERE number BETWEEN ? AND ?"""
_REVIEWS = """SELECT number, r.review_id, received_on, rating, criteria, visited_on, r.text, r.language, channel, state,
    reason_code, replies.text, replied_on FROM organizations JOIN reviews r USING (organization_id)
    LEFT JOIN replies USING (review_id) WHERE number BETWEEN ? AND ? ORDER BY number, received_on DESC, r.review_id"""
_PLANS = """SELECT number, p.fields FROM organizations JOIN plan_measures p USING (organization_id)
    WHERE number BETWEEN ? AND ? ORDER BY number, due_on, plan_measure_id"""


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[int, list[tuple[Any, ...]]]:
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(row)
    return found


def _counts(review: Review) -> bool:
    return review.reason_code != SET_ASIDE


def _distribution(ratings: Iterable[int]) -> tuple[int, int, int, int, int]:
    counts = Counter(ratings)
    return counts[1], counts[2], counts[3], counts[4], counts[5]


_TEXT_FIELDS = frozenset(field.name for field in fields(Organization)) - {"latitude", "longitude", "package"}


def _organization(found: Mapping[str, str], package: str) -> Organization:
    text = {name: value for name, value in found.items() if name in _TEXT_FIELDS}
    latitude, longitude = found.get("latitude"), found.get("longitude")
    return Organization(
        **text,
        latitude=float(latitude) if latitude else None,
        longitude=float(longitude) if longitude else None,
        package=package,
    )


def parse_region(found: Mapping[str, str]) -> Region:
    """A row of a `regions` table as a record."""

    def number(name: str) -> float | None:
        return float(found[name]) if found.get(name) else None

    return Region(
        region_code=found["region_code"],
        name=found["name"],
        name_en=found.get("name_en", ""),
        iso=found.get("iso", ""),
        lat_min=number("lat_min"),
        lat_max=number("lat_max"),
        lon_min=number("lon_min"),
        lon_max=number("lon_max"),
        tile_column=int(found["tile_column"]) if found.get("tile_column") else None,
        tile_row=int(found["tile_row"]) if found.get("tile_row") else None,
    )


def _assessment(found: Mapping[str, str]) -> Assessment:
    names = [field.name for field in fields(Assessment) if field.name != "period"]
    return Assessment(period=int(found["period"]), **{name: found.get(name, "") for name in names})


def _score(row: tuple[Any, ...]) -> Score:
    _, assessment_id, measure, points, state, respondents, published_as = row
    return Score(
        assessment_id=assessment_id,
        measure=measure,
        points=Decimal(points) if points else None,
        state=ScoreState(state),
        respondents=respondents,
        published_as=published_as,
    )


def _review(row: tuple[Any, ...]) -> Review:
    _, review_id, received_on, rating, criteria, visited_on, text, language, channel, state, reason, reply, day = row
    return Review(
        review_id=review_id,
        received_on=date.fromisoformat(received_on),
        rating=rating,
        criteria=tuple(
            (name, int(value)) for name, value in zip(REVIEW_CRITERIA, criteria, strict=False) if value != "-"
        ),
        visited_on=visited_on,
        text=text,
        language=language,
        channel=channel,
        state=ReviewState(state),
        reason_code=reason,
        reply=Reply(text=reply, replied_on=date.fromisoformat(day)) if reply else None,
    )


def _plan_measure(found: Mapping[str, str]) -> PlanMeasure:
    return PlanMeasure(
        plan_measure_id=found["plan_measure_id"],
        assessment_id=found["assessment_id"],
        indicator=found["indicator"],
        shortcoming=found["shortcoming"],
        action=found["action"],
        responsible_post=found.get("responsible_post", ""),
        due_on=date.fromisoformat(found["due_on"]),
        status=PlanStatus(found["status"]),
        done_on=date.fromisoformat(found["done_on"]) if found.get("done_on") else None,
        evidence=found.get("evidence", ""),
    )
