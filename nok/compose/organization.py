"""The page of one organisation, its further reviews and its JSON, from its facts."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from nok import urls
from nok.compose.appeals import appeals_view
from nok.compose.assessment import assessment_view, badge_text, plan_counts
from nok.compose.course import is_overdue, plan_row, unanswered
from nok.compose.edition import Edition
from nok.compose.embed import card_code, card_page, site_code
from nok.compose.evidence import Checks
from nok.compose.feeds import has_news
from nok.compose.history import history_view
from nok.compose.kin import kin_view
from nok.compose.observed import observed_link
from nok.compose.place import Extent, place_line, place_view
from nok.compose.reviews import leading_count, ratings_view, readable, review_views, reviews_heading, set_aside_line
from nok.config import Config
from nok.json_text import exact_number
from nok.model import AssessmentView, CardPage, Fact, Link, OrganizationPage, ReviewsPage, StageStep
from nok.privacy import Told, split_ratings
from nok.records import (
    PLANNED_STAGES,
    SET_ASIDE,
    Organization,
    PlanMeasure,
    RatingSplits,
    RatingSummary,
    Review,
    Row,
    record,
)
from nok.statistics import summarize_ratings, window_start
from nok.templating import safe_json
from nok.warehouse_facts import ExtraValue, OrganizationFacts, Round

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


@record
class Subject:
    """One organisation's facts with what all its pages need of them, worked out once whatever the languages.

    `summary` is of all its ratings, `window` of those of the last twelve months, `splits` what may be told of them
    besides. `shown` are the reviews that take a place on a page, `plan` counts what is (done, promised) in its newest plan,
    `place` is the line under the name, `website` and `appeals_channel` addresses that a link may open, or empty. `checks`
    are what was computed and judged.
    """

    facts: OrganizationFacts
    checks: Checks
    files: urls.OrganizationFiles
    summary: RatingSummary
    window: RatingSummary
    splits: RatingSplits
    shown: list[Review]
    leading: int
    plan: tuple[int, int]
    place: str
    website: str
    appeals_channel: str


def make_subject(facts: OrganizationFacts, config: Config, today: date, checks: Checks | None = None) -> Subject:
    """What `page_of` and `reviews_of` share; make it once for all editions."""
    organization, shown = facts.organization, readable(facts.reviews)
    return Subject(
        facts=facts,
        checks=checks or {},
        files=urls.organization_files(organization.region_code, organization.organization_id, config.address_shards),
        summary=summarize_ratings(facts.distribution, config.minimum_ratings),
        window=summarize_ratings(_in_window(facts, today), config.minimum_ratings),
        splits=split_ratings(facts.reviews, config.told_step, _told(facts.other.get("rating_splits", ()))),
        shown=shown,
        leading=leading_count(shown, config.reviews_per_page),
        plan=plan_counts(_plans(facts)[0]),
        place=place_line(organization),
        website=web_address(organization.website) if organization.website else "",
        appeals_channel=web_address(organization.appeals_url) if organization.appeals_url else "",
    )


def _told(rows: Iterable[Row]) -> Told:
    """What the packages tell of ratings already added up."""
    told: dict[str, dict[str, int]] = {}
    for row in rows:
        told.setdefault(row["aspect"], {})[row["value"]] = int(row["count"])
    return told


def _in_window(facts: OrganizationFacts, today: date) -> list[int]:
    """How many ratings 1–5 came in the window; reviews stand newest first."""
    start, counts = window_start(today), [0, 0, 0, 0, 0]
    for review in facts.reviews:
        if review.received_on <= start:
            break
        if review.reason_code != SET_ASIDE:
            counts[review.rating - 1] += 1
    return counts


def organization_page(
    facts: OrganizationFacts, medians: Mapping[str, Decimal], extent: Extent | None, edition: Edition
) -> OrganizationPage:
    """The honest page. `medians` are the peers' for the newest round, by measure."""
    return page_of(make_subject(facts, edition.config, edition.today), medians, extent, edition)


def _pictures_shown(facts: OrganizationFacts) -> int:
    """How many pictures of observers may be shown."""
    return sum("path" in row for row in facts.other.get("observation_photos", ()))


def page_of(
    subject: Subject, medians: Mapping[str, Decimal], extent: Extent | None, edition: Edition
) -> OrganizationPage:
    """The honest page. `medians` are the peers' for the newest round, by measure."""
    facts, files, words = subject.facts, subject.files, edition.words
    organization = facts.organization
    path, root, title = edition.lang + files.page, urls.root_of(edition.lang + files.page), organization.title
    newest = facts.rounds[0] if facts.rounds else None
    heading, mark = badge_text(newest, edition)
    proposals = {row["recommendation_id"]: row for row in facts.other.get("recommendations", ())}
    last, former = _plans(facts)
    verdict = f"{mark.points}, {mark.word}" if mark.points and mark.word else mark.points or mark.word
    return OrganizationPage(
        title=f"{title}: {verdict}",
        description=words("page.organization_description", name=title, place=subject.place),
        address=files.page,
        is_demonstration=facts.is_demonstration,
        crumbs=_crumbs(organization, path, edition),
        organization_id=organization.organization_id,
        chosen_as=files.stem.removeprefix("o/"),
        name=title,
        official_name=organization.name if organization.name != title else "",
        text_lang=edition.foreign(organization.name),
        kind=edition.kind_word(organization.kind, 1),
        place_line=subject.place,
        contacts=_contacts(subject, edition),
        assessment=_assessment(subject, medians, path, edition),
        ratings=ratings_view(subject.summary, subject.window, subject.splits, edition),
        set_aside=set_aside_line(facts.reviews, edition),
        reviews_heading=reviews_heading(len(subject.shown), edition),
        reviews=review_views(subject.shown[: subject.leading], organization, path, edition),
        more_reviews=_more(subject, root, edition),
        plan_heading=_plan_heading(subject, edition),
        plan=tuple([plan_row(measure, proposals, edition) for measure in last]),
        history=history_view(facts.rounds, edition),
        requisites=_requisites(subject, edition),
        place=place_view(organization, subject.place, extent, path, edition),
        closed_note=_closed_note(organization, edition),
        kin=kin_view(facts.kin, path, edition),
        feed_href=urls.beside(files.feed, path) if has_news(facts, edition.today) else "",
        campaigns=_campaigns(organization, path, edition),
        badge_href=urls.beside(files.badge, path),
        badge_alt=f"{heading}: {verdict}",
        site_code=site_code(organization, files, edition),
        card_code=card_code(files, edition),
        card_href=urls.beside(edition.lang + files.card, path),
        poster_href=urls.beside(files.poster, path),
        json_href=urls.beside(files.json, path),
        check_href=f"{urls.relative(urls.check_page(edition.lang), path)}?o={files.json}",
        data_href=urls.relative(urls.data_page(edition.lang), path),
        structured_data=safe_json(_structured(subject, edition)),
        appeals=appeals_view(facts.other.get("appeal_statistics", ()), subject.appeals_channel, edition),
        observed=observed_link(_pictures_shown(facts), path, files, edition),
        stages=_stages(newest, edition),
        former_plan_heading=_former_heading(former, edition),
        former_plan=tuple([plan_row(measure, proposals, edition) for measure in former]),
        proposals=unanswered(tuple(proposals.values()), facts.plan, _planned_rounds(facts), edition),
        other_rounds=_other_rounds(facts, path, edition),
    )


def _crumbs(organization: Organization, path: str, edition: Edition) -> tuple[Link, ...]:
    region_code = organization.region_code
    sphere = edition.sphere_region_link(organization.sphere, region_code, path)
    return edition.region_link(region_code, path), sphere


def card_of(subject: Subject, edition: Edition) -> CardPage:
    """The card for a frame on the organisation's own site."""
    facts = subject.facts
    heading, mark = badge_text(facts.rounds[0] if facts.rounds else None, edition)
    given = (heading, mark, subject.summary, subject.plan, facts.is_demonstration)
    return card_page(facts.organization, subject.files, *given, edition)


def reviews_pages(facts: OrganizationFacts, edition: Edition) -> list[ReviewsPage]:
    """The further pages of reviews: none where the first page holds all."""
    return reviews_of(make_subject(facts, edition.config, edition.today), edition)


def reviews_of(subject: Subject, edition: Edition) -> list[ReviewsPage]:
    """The further pages of reviews: none where the first page holds all."""
    last = 1 - (subject.leading - len(subject.shown)) // edition.config.reviews_per_page
    return [_reviews_page(subject, number, last, edition) for number in range(2, last + 1)]


def _reviews_page(subject: Subject, number: int, last: int, edition: Edition) -> ReviewsPage:
    organization, size, words = subject.facts.organization, edition.config.reviews_per_page, edition.words
    path = edition.lang + subject.files.reviews(number)
    root, title = urls.root_of(path) + edition.lang, words("page.reviews_title", name=organization.title, number=number)
    following, start = None, subject.leading + (number - 2) * size
    if number < last:
        following = Link(text=words("page.older_reviews"), href=root + subject.files.reviews(number + 1))
    return ReviewsPage(
        title=title,
        description=title,
        address=subject.files.reviews(number),
        is_demonstration=subject.facts.is_demonstration,
        crumbs=(edition.region_link(organization.region_code, path),),
        organization_id=organization.organization_id,
        name=organization.title,
        text_lang=edition.foreign(organization.title),
        heading=reviews_heading(len(subject.shown), edition),
        organization=Link(
            text=organization.title, href=root + subject.files.page, lang=edition.foreign(organization.title)
        ),
        reviews=review_views(subject.shown[start : start + size], organization, path, edition),
        previous=Link(text=words("page.newer_reviews"), href=root + subject.files.reviews(number - 1)),
        next=following,
        position=words("page.position", number=number, last=last),
    )


def _assessment(subject: Subject, medians: Mapping[str, Decimal], path: str, edition: Edition) -> AssessmentView | None:
    """The newest round."""
    facts = subject.facts
    if not facts.rounds:
        return None
    checks = subject.checks.get(facts.rounds[0].assessment.assessment_id, {})
    return assessment_view(facts.rounds, facts.organization, _plans(facts)[0], medians, checks, path, edition)


# ---- parts ---------------------------------------------------------------------------------------------------------


def _more(subject: Subject, root: str, edition: Edition) -> Link | None:
    if len(subject.shown) <= subject.leading:
        return None
    text = edition.words("page.all_reviews", count=len(subject.shown))
    return Link(text=text, href=root + edition.lang + subject.files.reviews(2))


def web_address(text: str) -> str:
    """The address a link may open: http and https only, https where none is said; empty for anything else."""
    address = text.strip()
    if "://" not in address:
        address = f"https://{address}"
    scheme, _, rest = address.partition("://")
    if scheme.lower() not in ("http", "https") or not rest or not _NO_ADDRESS.isdisjoint(rest):
        return ""
    host = rest.split("/", 1)[0].split("?", 1)[0]
    return address if "." in host and "@" not in host and ":" not in host.removesuffix(":443") else ""


_NO_ADDRESS = frozenset(" \"'<>\\")


def _contacts(subject: Subject, edition: Edition) -> tuple[Link, ...]:
    links, phone = [], subject.facts.organization.phone
    if subject.website:
        links.append(Link(text=edition.words("page.website_link"), href=subject.website))
    if phone:
        digits = "".join([char for char in phone.split(",")[0] if char.isdigit() or char == "+"])
        if 5 <= len(digits) <= 16:
            links.append(Link(text=phone, href=f"tel:{digits}"))
    return tuple(links)


def _plan_heading(subject: Subject, edition: Edition) -> str:
    plan, _ = _plans(subject.facts)
    if not plan:
        return ""
    words, (done, promised) = edition.words, subject.plan
    overdue = sum(is_overdue(measure, edition.today) for measure in plan)
    heading = words("page.plan_heading", done=done, promised=words.count("page.plan_of", promised))
    return heading + (words.plural("page.plan_overdue", overdue, number=overdue) if overdue else "")


def _plans(facts: OrganizationFacts) -> tuple[list[PlanMeasure], list[PlanMeasure]]:
    """The measures of the newest round that has any, and those of rounds before it."""
    if not facts.plan:
        return [], []
    years = {item.assessment.assessment_id: item.assessment.period for item in (*facts.rounds, *facts.other_rounds)}
    last = max(facts.plan, key=lambda measure: (years.get(measure.assessment_id, 0), measure.assessment_id))
    own = [measure for measure in facts.plan if measure.assessment_id == last.assessment_id]
    return own, [measure for measure in facts.plan if measure.assessment_id != last.assessment_id]


def _former_heading(former: Sequence[PlanMeasure], edition: Edition) -> str:
    if not former:
        return ""
    done, promised = plan_counts(former)
    words = edition.words
    return words("page.former_plan", done=done, promised=words.count("page.plan_of", promised))


def _planned_rounds(facts: OrganizationFacts) -> frozenset[str]:
    """Rounds that have come as far as plans."""
    rounds = [item.assessment for item in (*facts.rounds, *facts.other_rounds)]
    return frozenset(each.assessment_id for each in rounds if each.stage in PLANNED_STAGES)


def _campaigns(organization: Organization, path: str, edition: Edition) -> tuple[Link, ...]:
    """The campaigns that run where it works; none where it is closed."""
    if organization.closed_on:
        return ()
    return edition.campaign_links(organization.region_code, organization.kind, path)


def _stages(newest: Round | None, edition: Edition) -> tuple[StageStep, ...]:
    """Of the newest round, where its package tells of stages."""
    if newest is None or newest.assessment.assessment_id not in edition.stages:
        return ()
    return edition.steps[newest.assessment]


def _other_rounds(facts: OrganizationFacts, path: str, edition: Edition) -> tuple[Fact, ...]:
    """Rounds that enter no rating: which, the result in points or the word for there being none, the passport."""
    rows = []
    for item in facts.other_rounds:
        heading = edition.assessment_headings[item.assessment.kind, item.assessment.period]
        _, mark = badge_text(item, edition)
        value = ", ".join(part for part in (mark.points, mark.word) if part)
        rows.append(Fact(name=heading, value=value, href=edition.assessment_link(item.assessment, path).href))
    return tuple(rows)


def _requisites(subject: Subject, edition: Edition) -> tuple[Fact, ...]:
    organization, words = subject.facts.organization, edition.words
    plain = [
        ("page.inn", organization.inn, ""),
        ("page.kpp", organization.kpp, ""),
        ("page.ogrn", organization.ogrn, ""),
        ("page.oktmo", organization.oktmo, ""),
        ("page.website", organization.website, subject.website),
        ("page.email", organization.email, ""),
        ("page.opened", _day(organization.opened_on, edition), ""),
        ("page.closed", _day(organization.closed_on, edition), ""),
        ("page.official_card", *_official_card(organization)),
    ]
    facts = [Fact(words(key), value, href) for key, value, href in plain if value]
    facts += [Fact(*_extra(value, edition)) for value in subject.facts.extra if value.value]
    return tuple(facts)


def _extra(extra: ExtraValue, edition: Edition) -> tuple[str, str]:
    """(title, value) of a column that the package added."""
    title = extra.title_en if edition.language == "en" else extra.title
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
    """A successor says as well as a day that it does not work any more."""
    if not organization.closed_on:
        return edition.words("page.merged_note") if organization.successor_organization_id else ""
    return edition.words("page.closed_note", day=_day(organization.closed_on, edition))


def _structured(subject: Subject, edition: Edition) -> dict[str, Any]:
    """schema.org: the organisation, and citizens' ratings where a mean is shown (never the assessment's score)."""
    facts, summary = subject.facts, subject.summary
    organization = facts.organization
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": SCHEMA_TYPES.get(organization.kind, "Organization"),
        "name": organization.title,
        "url": urls.absolute(edition.config.public_url, edition.lang + subject.files.page),
    }
    if organization.address:
        found["address"] = organization.address
    if organization.latitude is not None:
        found["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": exact_number(organization.latitude),
            "longitude": exact_number(organization.longitude),
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
