"""The page of one organisation, its further reviews, its poster and its JSON, from its facts."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

from nok import urls
from nok.compose.assessment import assessment_view, badge_text, plan_counts
from nok.compose.edition import Edition
from nok.compose.history import history_view
from nok.compose.place import Extent, place_line, place_view
from nok.compose.reviews import ratings_view, readable, review_view, reviews_heading
from nok.identifiers import default_placement_code
from nok.model import Fact, Link, OrganizationPage, PlanRow, PosterPage, ReviewsPage
from nok.records import Organization, PlanMeasure, PlanStatus, RatingSummary
from nok.statistics import summarize_ratings
from nok.templating import safe_json
from nok.warehouse import ExtraValue, OrganizationFacts

SCHEMA_TYPES = {
    "school": "School",
    "preschool": "Preschool",
    "polyclinic": "MedicalClinic",
    "hospital": "Hospital",
    "library": "Library",
    "museum": "Museum",
    "theatre": "PerformingArtsTheater",
    "restaurant": "Restaurant",
}
"""schema.org's type for a kind of organisation; any other is a plain Organization."""


def organization_page(
    facts: OrganizationFacts, medians: Mapping[str, Decimal], extent: Extent | None, edition: Edition
) -> OrganizationPage:
    """The honest page. `medians` are the peers' for the newest round, by measure."""
    organization, config, words = facts.organization, edition.config, edition.words
    path = _path(organization, edition)
    newest = facts.rounds[0] if facts.rounds else None
    summary = summarize_ratings(facts.distribution, config.minimum_ratings)
    shown = readable(facts.reviews)
    heading, mark = badge_text(newest, edition)
    verdict = f"{mark.points}, {mark.word}" if mark.points and mark.word else mark.points or mark.word
    done, promised = plan_counts(facts.plan)
    badge = urls.organization_badge(organization.region_code, organization.organization_id, config.address_shards)
    poster = urls.organization_poster(organization.region_code, organization.organization_id, config.address_shards)
    data = urls.organization_json(organization.region_code, organization.organization_id, config.address_shards)
    return OrganizationPage(
        title=f"{organization.title}: {verdict}",
        description=words("page.organization_description", name=organization.title, place=place_line(organization)),
        address=edition.address(path),
        is_demonstration=facts.is_demonstration,
        crumbs=(
            edition.region_link(organization.region_code, path),
            edition.sphere_region_link(organization.sphere, organization.region_code, path),
        ),
        organization_id=organization.organization_id,
        name=organization.title,
        official_name=organization.name if organization.name != organization.title else "",
        text_lang=edition.foreign(organization.name),
        kind=edition.kind_word(organization.kind, 1),
        place_line=place_line(organization),
        contacts=_contacts(organization, edition),
        assessment=assessment_view(newest, organization, (done, promised), medians, path, edition) if newest else None,
        ratings=ratings_view(facts, summary, edition),
        reviews_heading=reviews_heading(len(shown), edition),
        reviews=tuple(review_view(review, edition) for review in shown[: config.reviews_per_page]),
        more_reviews=_more(organization, len(shown), path, edition),
        plan_heading=_plan_heading(facts, done, promised, edition),
        plan=tuple(_plan_row(measure, edition) for measure in facts.plan),
        history=history_view(facts.rounds, edition),
        requisites=_requisites(facts, edition),
        place=place_view(organization, extent, path, edition),
        closed_note=_closed_note(organization, edition),
        badge_href=urls.relative(badge, path),
        badge_alt=f"{heading}: {verdict}",
        badge_code=_badge_code(organization, badge, f"{heading}: {verdict}", edition),
        poster_href=urls.relative(poster, path),
        json_href=urls.relative(data, path),
        data_href=urls.relative(urls.data_page(edition.lang), path),
        structured_data=safe_json(_structured(facts, summary, edition)),
    )


def reviews_pages(facts: OrganizationFacts, edition: Edition) -> list[ReviewsPage]:
    """The further pages of reviews: none where the first page holds all."""
    size = edition.config.reviews_per_page
    shown = readable(facts.reviews)
    last = -(-len(shown) // size)
    return [_reviews_page(facts, number, last, edition) for number in range(2, last + 1)]


def _reviews_page(facts: OrganizationFacts, number: int, last: int, edition: Edition) -> ReviewsPage:
    organization, size, words = facts.organization, edition.config.reviews_per_page, edition.words
    path = _reviews_path(organization, number, edition)
    shown = readable(facts.reviews)
    following = None
    if number < last:
        href = urls.relative(_reviews_path(organization, number + 1, edition), path)
        following = Link(text=words("page.older_reviews"), href=href)
    before = urls.relative(_reviews_path(organization, number - 1, edition), path)
    return ReviewsPage(
        title=words("page.reviews_title", name=organization.title, number=number),
        description=words("page.reviews_title", name=organization.title, number=number),
        address=edition.address(path),
        is_demonstration=facts.is_demonstration,
        crumbs=(edition.region_link(organization.region_code, path),),
        organization_id=organization.organization_id,
        name=organization.title,
        text_lang=edition.foreign(organization.title),
        heading=reviews_heading(len(shown), edition),
        organization=Link(text=organization.title, href=urls.relative(_path(organization, edition), path)),
        reviews=tuple(review_view(review, edition) for review in shown[(number - 1) * size : number * size]),
        previous=Link(text=words("page.newer_reviews"), href=before),
        next=following,
        position=words("page.position", number=number, last=last),
    )


def poster_page(
    facts: OrganizationFacts, qr_path: str, qr_size: int, edition: Edition, *, place: str = "", code: str = ""
) -> PosterPage:
    """The A4 sheet; `code` and `place` of a placement, or the default code."""
    organization, words, config = facts.organization, edition.words, edition.config
    path = urls.organization_poster(organization.region_code, organization.organization_id, config.address_shards)
    code = code or default_placement_code(organization.organization_id)
    newest = facts.rounds[0] if facts.rounds else None
    heading, mark = badge_text(newest, edition)
    done, promised = plan_counts(facts.plan)
    score = words("page.poster_score", heading=heading, points=mark.points, word=mark.word) if mark.points else ""
    progress = words("page.plan_progress", done=done, promised=words.count("page.plan_of", promised))
    technical = words("page.poster_code", code=code)
    return PosterPage(
        title=words("page.poster_title", name=organization.title),
        description=words("page.poster_title", name=organization.title),
        address=path,
        is_demonstration=facts.is_demonstration,
        name=organization.title,
        place_line=place_line(organization),
        qr_path=qr_path,
        qr_size=qr_size,
        typed_address=urls.typed(config.widget_url, code),
        score_line=score.rstrip(", ."),
        plan_line=progress if promised else "",
        technical_line=f"{words('page.poster_place', place=place)} {technical}" if place else technical,
        organization=Link(text=organization.title, href=urls.relative(_path(organization, edition), path)),
    )


# ---- parts ---------------------------------------------------------------------------------------------------------


def _path(organization: Organization, edition: Edition) -> str:
    return urls.organization(
        organization.region_code, organization.organization_id, edition.lang, edition.config.address_shards
    )


def _reviews_path(organization: Organization, number: int, edition: Edition) -> str:
    return urls.organization_reviews(
        organization.region_code, organization.organization_id, number, edition.lang, edition.config.address_shards
    )


def _more(organization: Organization, count: int, path: str, edition: Edition) -> Link | None:
    if count <= edition.config.reviews_per_page:
        return None
    text = edition.words("page.all_reviews", count=count)
    return Link(text=text, href=urls.relative(_reviews_path(organization, 2, edition), path))


def web_address(text: str) -> str:
    """The address a link may open: http and https only, https where none is said; empty for anything else."""
    address = text.strip()
    if "://" not in address:
        address = f"https://{address}"
    scheme, _, rest = address.partition("://")
    if scheme.lower() not in ("http", "https") or not rest or any(char in rest for char in " \"'<>\\"):
        return ""
    host = rest.split("/", 1)[0].split("?", 1)[0]
    return address if "." in host and "@" not in host and ":" not in host.removesuffix(":443") else ""


def _contacts(organization: Organization, edition: Edition) -> tuple[Link, ...]:
    links = []
    site = web_address(organization.website) if organization.website else ""
    if site:
        links.append(Link(text=edition.words("page.website_link"), href=site))
    digits = "".join(char for char in organization.phone.split(",")[0] if char.isdigit() or char == "+")
    if organization.phone and 5 <= len(digits) <= 16:
        links.append(Link(text=organization.phone, href=f"tel:{digits}"))
    return tuple(links)


def _plan_heading(facts: OrganizationFacts, done: int, promised: int, edition: Edition) -> str:
    if not facts.plan:
        return ""
    words = edition.words
    overdue = sum(_is_overdue(measure, edition.today) for measure in facts.plan)
    heading = words("page.plan_heading", done=done, promised=words.count("page.plan_of", promised))
    return heading + (words.plural("page.plan_overdue", overdue, number=overdue) if overdue else "")


def _is_overdue(measure: PlanMeasure, today: date) -> bool:
    return measure.due_on < today and measure.status in (PlanStatus.PLANNED, PlanStatus.IN_PROGRESS)


_PLAN_WORDS = {
    PlanStatus.PLANNED: "page.plan_planned",
    PlanStatus.IN_PROGRESS: "page.plan_in_progress",
    PlanStatus.DONE: "page.plan_done_state",
    PlanStatus.CANCELLED: "page.plan_cancelled",
}


def _plan_row(measure: PlanMeasure, edition: Edition) -> PlanRow:
    words, overdue = edition.words, _is_overdue(measure, edition.today)
    state, note = words(_PLAN_WORDS[measure.status]), ""
    if overdue:
        days = (edition.today - measure.due_on).days
        state, note = words("page.plan_is_overdue"), words("page.plan_late", days=words.count("page.days", days))
    elif measure.status is PlanStatus.DONE and measure.done_on is not None:
        note = edition.day(measure.done_on)
    return PlanRow(
        action=measure.action,
        shortcoming=measure.shortcoming,
        indicator=measure.indicator,
        due=edition.day(measure.due_on),
        state=state,
        state_note=note,
        is_done=measure.status is PlanStatus.DONE,
        is_overdue=overdue,
        responsible=measure.responsible_post,
    )


def _requisites(facts: OrganizationFacts, edition: Edition) -> tuple[Fact, ...]:
    organization, words = facts.organization, edition.words
    plain = [
        (words("page.inn"), organization.inn, ""),
        (words("page.kpp"), organization.kpp, ""),
        (words("page.ogrn"), organization.ogrn, ""),
        (words("page.oktmo"), organization.oktmo, ""),
        (
            words("page.website"),
            organization.website,
            web_address(organization.website) if organization.website else "",
        ),
        (words("page.email"), organization.email, ""),
        (words("page.opened"), _day(organization.opened_on, edition), ""),
        (words("page.closed"), _day(organization.closed_on, edition), ""),
        (words("page.official_card"), *_official_card(organization)),
        *((*_extra(value, edition), "") for value in facts.extra),
    ]
    return tuple(Fact(name=name, value=value, href=href) for name, value, href in plain if value)


def _extra(extra: ExtraValue, edition: Edition) -> tuple[str, str]:
    """(title, value) of a column that the package added."""
    title = extra.title if edition.language == "ru" else extra.title_en
    if extra.type == "boolean":
        return title, edition.words("page.yes" if extra.value == "true" else "page.no")
    return title, _day(extra.value, edition) if extra.type == "date" else extra.value


def _official_card(organization: Organization) -> tuple[str, str]:
    if not organization.bus_agency_id:
        return "", ""
    return "bus.gov.ru", f"https://bus.gov.ru/info-card/{organization.bus_agency_id}"


def _day(text: str, edition: Edition) -> str:
    return edition.day(date.fromisoformat(text)) if text else ""


def _closed_note(organization: Organization, edition: Edition) -> str:
    if not organization.closed_on:
        return ""
    return edition.words("page.closed_note", day=_day(organization.closed_on, edition))


def _badge_code(organization: Organization, badge: str, alt: str, edition: Edition) -> str:
    config = edition.config
    rate = urls.absolute(config.widget_url, urls.rate(organization.organization_id))
    return (
        f'<a href="{escape(rate)}">\n  <img src="{escape(urls.absolute(config.public_url, badge))}"\n'
        f'       alt="{escape(alt)}"\n       width="300" height="60">\n</a>'
    )


def _structured(facts: OrganizationFacts, summary: RatingSummary, edition: Edition) -> dict[str, Any]:
    """schema.org: the organisation, and citizens' ratings where a mean is shown (never the assessment's score)."""
    organization, config = facts.organization, edition.config
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": SCHEMA_TYPES.get(organization.kind, "Organization"),
        "name": organization.title,
        "url": urls.absolute(config.public_url, _path(organization, edition)),
    }
    if organization.address:
        found["address"] = organization.address
    if organization.latitude is not None:
        found["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": organization.latitude,
            "longitude": organization.longitude,
        }
    if organization.inn:
        found["taxID"] = organization.inn
    if summary.mean is not None and not facts.is_demonstration:
        found["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": str(summary.mean),
            "ratingCount": summary.count,
            "bestRating": 5,
            "worstRating": 1,
        }
    return found
