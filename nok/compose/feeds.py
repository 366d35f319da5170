"""What feeds tell: assessments, reviews, replies and closures, of one organisation or of a region; days come from data."""

import hashlib
import uuid
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from nok import urls
from nok.compose.assessment import badge_text, has_points
from nok.compose.edition import Edition
from nok.model import Feed, FeedEntry
from nok.records import Assessment, Organization
from nok.warehouse_facts import OrganizationFacts, RatingList

MOST_ENTRIES = 20
_LONGEST_TEXT = 160
"""So many letters of a review or a reply: the rest is on the page."""


def day_of_round(assessment: Assessment, today: date) -> date | None:
    """When a round was finished, or where nobody says so, the last day of its year; `None` where that has not come."""
    if assessment.finished_on:
        return date.fromisoformat(assessment.finished_on)
    last = date(assessment.period, 12, 31)
    return last if last <= today else None


def rounds_told(lists: Iterable[RatingList], today: date) -> list[Assessment]:
    """The rounds that the feed of a region tells, by its rating lists: those that gave somebody points and are over."""
    found = dict.fromkeys(one.assessment for one in lists if one.scored)
    return [item for item in found if day_of_round(item, today)]


def has_news(facts: OrganizationFacts, today: date) -> bool:
    """Whether the feed of an organisation would tell anything; where not, there is none."""
    return bool(
        facts.organization.closed_on
        or any(review.text for review in facts.reviews)
        or any(has_points(item) and day_of_round(item.assessment, today) for item in facts.rounds)
    )


def organization_feed(facts: OrganizationFacts, path: str, page_path: str, edition: Edition) -> Feed:
    """The newest entries of one organisation; `path` and `page_path` are those of the feed and of the page."""
    page = urls.absolute(edition.config.public_url, page_path)
    entries = [*_rounds(facts, page_path, page, edition), *_said(facts, _oldest_told([facts]), page, edition)]
    entries += _closing(facts.organization, page_path, page, edition)
    return _feed(facts.organization.title, path, page_path, entries, edition)


def region_feed(
    region_code: str, rounds: Sequence[Assessment], organizations: Sequence[OrganizationFacts], edition: Edition
) -> Feed | None:
    """The newest entries of a region: its rounds, what was said of its organisations, who closed; `None` where there is
    nothing to tell. `organizations` are those of the newest entries."""
    path, page_path = urls.region_feed(region_code), urls.region(region_code, lang=edition.lang)
    entries: list[FeedEntry] = []
    for item in rounds:
        day = day_of_round(item, edition.today)
        if day is not None:
            at = urls.absolute(edition.config.public_url, urls.assessment(item.assessment_id, edition.lang))
            entries.append(_entry(f"{path}#{item.assessment_id}", item.title, day, at))
    oldest = _oldest_told(organizations)
    for facts in organizations:
        own_path = edition.organization_path(facts.organization)
        page, title = urls.absolute(edition.config.public_url, own_path), facts.organization.title
        entries += [_named(one, title) for one in _said(facts, oldest, page, edition)]
        entries += [_named(one, title) for one in _closing(facts.organization, own_path, page, edition)]
    return _feed(edition.region_name(region_code), path, page_path, entries, edition) if entries else None


def _feed(name: str, path: str, page_path: str, entries: Sequence[FeedEntry], edition: Edition) -> Feed:
    newest = sorted(entries, key=lambda one: one.id)
    newest.sort(key=lambda one: one.day, reverse=True)
    return Feed(
        id=_id(path),
        title=edition.words("page.feed_title", name=name),
        author=edition.config.title if edition.language == "ru" else edition.config.title_en,
        href=urls.absolute(edition.config.public_url, path),
        page=urls.absolute(edition.config.public_url, page_path),
        language=edition.language,
        entries=tuple(newest[:MOST_ENTRIES]),
    )


def _rounds(facts: OrganizationFacts, path: str, page: str, edition: Edition) -> Iterator[FeedEntry]:
    for item in facts.rounds:
        day = day_of_round(item.assessment, edition.today)
        if day is not None and has_points(item):
            heading, mark = badge_text(item, edition)
            title = ": ".join(filter(None, (heading, ", ".join(filter(None, (mark.points, mark.word))))))
            yield _entry(f"{path}#{item.assessment.assessment_id}", title, day, page)


def _oldest_told(organizations: Iterable[OrganizationFacts]) -> date:
    """The day before which nothing that was said can be among the newest entries, so that none need be made of it."""
    days = [
        one.received_on if one.reply is None else max(one.received_on, one.reply.replied_on)
        for facts in organizations
        for one in facts.reviews
        if one.text
    ]
    return sorted(days, reverse=True)[MOST_ENTRIES - 1] if len(days) >= MOST_ENTRIES else date.min


def _said(facts: OrganizationFacts, oldest: date, page: str, edition: Edition) -> Iterator[FeedEntry]:
    """Reviews with a text that is shown, and replies to them, none older than `oldest`. An id outlives the text: an
    edited one keeps it."""
    for review in facts.reviews:
        reply = review.reply
        if review.text and review.received_on >= oldest:
            title = edition.feed_titles[review.rating]
            yield _entry(f"review:{review.review_id}", title, review.received_on, page, review.text)
        if review.text and reply is not None and reply.replied_on >= oldest:
            title = edition.words("page.feed_reply")
            yield _entry(f"reply:{review.review_id}", title, reply.replied_on, page, reply.text)


def _closing(organization: Organization, path: str, page: str, edition: Edition) -> list[FeedEntry]:
    if not organization.closed_on:
        return []
    day, title = date.fromisoformat(organization.closed_on), edition.words("page.feed_closed")
    return [_entry(f"{path}#closed", title, day, page)]


def _entry(name: str, title: str, day: date, page: str, text: str = "") -> FeedEntry:
    short = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT].rstrip()}…"
    return FeedEntry(_id(name), title, day.isoformat(), page, short)


def _named(entry: FeedEntry, name: str) -> FeedEntry:
    """An entry of a region, where it must be said of whom it is."""
    return FeedEntry(id=entry.id, title=f"{name}. {entry.title}", day=entry.day, href=entry.href, text=entry.text)


def _id(name: str) -> str:
    """The same for the same thing wherever the site stands: a UUID of version 5 (RFC 9562, 5.5), by hand, for a country has
    millions of entries and the library takes four times as long."""
    digits = hashlib.sha1(_NAMESPACE + name.encode(), usedforsecurity=False).hexdigest()
    variant = _VARIANTS[digits[16]]
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-5{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"


_NAMESPACE = uuid.NAMESPACE_URL.bytes + b"nok:"
_VARIANTS = {digit: f"{int(digit, 16) & 3 | 8:x}" for digit in "0123456789abcdef"}
"""The two highest bits of this digit say how a UUID is made up."""
