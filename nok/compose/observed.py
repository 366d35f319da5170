"""What observers saw at one organisation: when, where, by whom, which pictures, and what they noted."""

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from nok import urls
from nok.compose.edition import Edition
from nok.method import Method
from nok.model import Fact, Link, ObservedPage, ObservedPicture, ObservedRound, ObservedRow
from nok.records import Evidence, Organization, Seen
from nok.warehouse_facts import OrganizationFacts, Picture, Round

_EARTH_M = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""


def observed_page(facts: OrganizationFacts, pictures: Sequence[Picture], edition: Edition) -> ObservedPage:
    """The page of an organisation that has `pictures`; rounds newest first, those with a picture alone."""
    organization, words = facts.organization, edition.words
    files = urls.organization_files(
        organization.region_code, organization.organization_id, edition.config.address_shards
    )
    path, heading = edition.lang + files.observed, words("page.observed_heading")
    title = words("page.observed_title", name=organization.title)
    shown: dict[str, list[Picture]] = {}
    for picture in pictures:
        shown.setdefault(picture.assessment_id, []).append(picture)
    rounds = {item.assessment.assessment_id: item for item in facts.rounds}
    return ObservedPage(
        title=title,
        description=title,
        address=files.observed,
        is_demonstration=facts.is_demonstration,
        crumbs=(
            edition.region_link(organization.region_code, path),
            edition.sphere_region_link(organization.sphere, organization.region_code, path),
        ),
        heading=heading,
        organization=Link(text=organization.title, href=urls.relative(edition.lang + files.page, path)),
        text_lang=edition.foreign(organization.title),
        rounds=tuple([_round(rounds.get(name), found, organization, path, edition) for name, found in shown.items()]),
    )


def observed_link(number: int, origin: str, files: urls.OrganizationFiles, edition: Edition) -> Link | None:
    """The link to that page from the organisation's own; `None` without pictures."""
    if not number:
        return None
    text = edition.words("page.observed_link", count=edition.words.count("page.pictures", number))
    return Link(text=text, href=urls.beside(edition.lang + files.observed, origin))


def _round(
    item: Round | None, pictures: Sequence[Picture], organization: Organization, origin: str, edition: Edition
) -> ObservedRound:
    """One round; `item` is `None` where it has pictures, but neither scores nor anything that was noted."""
    evidence = item.evidence if item is not None and item.evidence is not None else Evidence()
    heading = ""
    if item is not None:
        heading = edition.assessment_headings[item.assessment.kind, item.assessment.period]
    method = edition.methods.get(item.assessment.method_id) if item is not None else None
    rows = tuple(_rows(evidence.observations, method, edition)) if method else ()
    return ObservedRound(
        heading=heading or edition.words("page.badge_none"),
        facts=tuple(_facts(evidence.observations, organization, edition)),
        pictures=tuple([_picture(one, number, origin, edition) for number, one in enumerate(pictures, 1)]),
        rows=rows,
        has_notes=any(row.note for row in rows),
    )


def _picture(picture: Picture, number: int, origin: str, edition: Edition) -> ObservedPicture:
    href = urls.relative(urls.observed_picture(picture.photo_sha256), origin)
    alt = picture.caption or edition.words("page.observed_alt", number=number)
    return ObservedPicture(href=href, caption=picture.caption, alt=alt)


def _facts(seen: Sequence[Seen], organization: Organization, edition: Edition) -> Iterator[Fact]:
    """When, who, and how far from the organisation's point: each different answer once."""
    words = edition.words
    days = dict.fromkeys(_moment(one.observed_at, edition) for one in seen if one.observed_at)
    places = dict.fromkeys(filter(None, (_place(one, organization, edition) for one in seen)))
    for name, values in (("when", days), ("by", dict.fromkeys(one.observer for one in seen if one.observer))):
        if values:
            yield Fact(words(f"page.observed_{name}"), ", ".join(values))
    if places:
        yield Fact(words("page.observed_where"), "; ".join(places))


def _moment(text: str, edition: Edition) -> str:
    day, _, time = text.partition("T")
    shown = edition.day(date.fromisoformat(day))
    return f"{shown}, {time[:5]}" if time else shown


def _place(one: Seen, organization: Organization, edition: Edition) -> str:
    """`в 18 м от точки организации (точность 12 м)`; empty where one of the two points is not known."""
    if not one.latitude or organization.latitude is None or organization.longitude is None:
        return ""
    metres = distance_m(float(one.latitude), float(one.longitude), organization.latitude, organization.longitude)
    key = "page.observed_place_sure" if one.accuracy_m else "page.observed_place"
    return edition.words(key, metres=edition.integer(round(metres)), accuracy=edition.plain_number(one.accuracy_m))


def distance_m(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Metres between two points (degrees) on a sphere, by the haversine formula.

    >>> round(distance_m(56.5, 84.97, 56.5, 84.98))
    614
    """
    north, east, other_north, other_east = map(math.radians, (latitude, longitude, other_latitude, other_longitude))
    half = math.sin((north - other_north) / 2) ** 2
    half += math.cos(north) * math.cos(other_north) * math.sin((east - other_east) / 2) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(min(half, 1.0)))


def _rows(seen: Sequence[Seen], method: Method, edition: Edition) -> Iterator[ObservedRow]:
    """What was noted, in the order of the method; what the method does not know is left out."""
    by_name: Mapping[str, Seen] = {one.parameter: one for one in seen}
    for name, parameter in method.parameters.items():
        if name in by_name:
            one = by_name[name]
            unit = f" ({parameter.unit[edition.language]})" if parameter.unit else ""
            yield ObservedRow(parameter.title[edition.language] + unit, _found(one, edition), one.comment)


def _found(one: Seen, edition: Edition) -> str:
    if not one.is_applicable:
        return edition.words("page.observed_not_required")
    value = "—" if one.value is None else edition.plain_number(f"{one.value:f}")
    if one.norm is None:
        return value
    return edition.words("page.short_of", value=value, norm=edition.plain_number(f"{one.norm:f}"))
