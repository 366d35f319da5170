"""How the store of checked packages keeps an organisation, and rows of it made into records."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import date
from functools import lru_cache
from operator import itemgetter

from nok.json_text import read_json
from nok.packages.profile import field_names
from nok.ranking import Standing
from nok.records import (
    REVIEW_CRITERIA,
    Assessment,
    Organization,
    PlanMeasure,
    PlanStatus,
    Region,
    Reply,
    Review,
    ReviewPhoto,
    ReviewState,
)
from nok.warehouse_pack import Fact, Facts, shown_photos

ORGANIZATION_COLUMNS = tuple(name for name in field_names("organizations") if name != "status")
"""The cells of an organisation's own row, in the order in which they are stored."""

INN = f"json_extract(fields, '$[{ORGANIZATION_COLUMNS.index('inn')}]')"
"""The number of a taxpayer in SQL, word for word as its index has it."""

_IN_ORDER = itemgetter(*((*ORGANIZATION_COLUMNS, "package").index(item.name) for item in fields(Organization)))
"""The cells of a row and its package in the order of the record: a row is read in ten lists, and names take longer than order."""

_DEGREES = tuple(map(ORGANIZATION_COLUMNS.index, ("latitude", "longitude")))

TITLE_PLACES = tuple(map(ORGANIZATION_COLUMNS.index, ("short_name", "name")))
"""Where the title stands: the first of these that is filled."""


def parse_organization(fields_text: str, package: str) -> Organization:
    """The record of a stored row: a JSON list after `ORGANIZATION_COLUMNS`."""
    cells = read_json(fields_text)
    for place in _DEGREES:
        cells[place] = float(cells[place]) if cells[place] else None
    cells.append(package)
    return Organization(*_IN_ORDER(cells))


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


def parse_assessment(found: Mapping[str, str]) -> Assessment:
    """A row of an `assessments` table as a record."""
    names = [field.name for field in fields(Assessment) if field.name != "period"]
    return Assessment(period=int(found["period"]), **{name: found.get(name, "") for name in names})


_REVIEW_STATES = {str(state): state for state in ReviewState}
"""Asking an enumeration for its member costs as much as the rest of a row."""


def parse_total(newest: str) -> tuple[str, str]:
    """(points or "", state) of the total among the scores of an outline."""
    return next(((row[2], row[3]) for row in read_json(newest) if row[1] == "total"), ("", "not_assessed"))


def parse_standing(found: list[int] | None) -> Standing | None:
    """A place among peers as it is stored, with or without the range that a survey leaves open; `None` for none."""
    if found is None:
        return None
    rank, sharing, better, peers, *between = found
    first, last = between or (None, None)
    return Standing(rank=rank, sharing=sharing, better=better, peers=peers, first=first, last=last)


def parse_reviews(facts: Facts) -> Iterator[Review]:
    """The reviews of an organisation with their replies and photographs; a restricted one has no reply."""
    replies = {row[1]: row for row in facts.replies}
    photos = shown_photos(facts)
    for row in facts.reviews:
        _, review_id, received_on, rating, criteria, visited_on, text, language, channel, state, reason = row
        reply = replies.get(review_id) if state != ReviewState.RESTRICTED else None
        yield Review(
            review_id,
            parse_day(received_on),
            rating,
            _criteria(criteria),
            visited_on,
            text,
            language,
            channel,
            _REVIEW_STATES[state],
            reason,
            Reply(text=reply[2], replied_on=parse_day(reply[3])) if reply else None,
            tuple(map(parse_photo, photos[review_id])) if review_id in photos else (),
        )


def parse_photo(row: Fact) -> ReviewPhoto:
    """A photograph of a review."""
    _, review_id, number, _, sha256, width, height = row
    return ReviewPhoto(review_id, number, sha256, int(width or 0), int(height or 0))


@lru_cache(maxsize=16_384)
def parse_day(text: str) -> date:
    """A country writes its reviews on a few thousand days."""
    return date.fromisoformat(text)


@lru_cache(maxsize=65_536)
def _criteria(marks: str) -> tuple[tuple[str, int], ...]:
    return tuple((name, int(mark)) for name, mark in zip(REVIEW_CRITERIA, marks, strict=True) if mark != "-")


def parse_plan_measure(row: Fact) -> PlanMeasure:
    """A measure of a plan of improvements."""
    (
        _,
        plan_measure_id,
        assessment_id,
        indicator,
        shortcoming,
        action,
        post,
        due_on,
        status,
        done_on,
        evidence,
        asked,
    ) = row
    return PlanMeasure(
        plan_measure_id=plan_measure_id,
        assessment_id=assessment_id,
        indicator=indicator,
        shortcoming=shortcoming,
        action=action,
        responsible_post=post,
        due_on=parse_day(due_on),
        status=PlanStatus(status),
        done_on=parse_day(done_on) if done_on else None,
        evidence=evidence,
        recommendation_id=asked,
    )
