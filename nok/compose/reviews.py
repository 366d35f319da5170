"""Citizens' ratings and reviews as a page shows them."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from nok.compose.edition import Edition, percent
from nok.model import DistributionRow, RatingsView, ReviewView
from nok.records import SET_ASIDE, RatingSummary, Review, ReviewState
from nok.templating import format_integer
from nok.warehouse import OrganizationFacts


def readable(reviews: Sequence[Review]) -> list[Review]:
    """Those that take a place on the page: with a text, or with the note that the text is hidden."""
    hidden = ReviewState.RESTRICTED
    return [review for review in reviews if review.text or review.state is hidden]


def ratings_view(facts: OrganizationFacts, summary: RatingSummary, edition: Edition) -> RatingsView:
    """Number, mean with interval, distribution; the mean is missing where too few people rated."""
    words = edition.words
    most = max(summary.distribution)
    one, two, three, four, five = summary.distribution
    distribution = (
        _distribution_row(5, five, most),
        _distribution_row(4, four, most),
        _distribution_row(3, three, most),
        _distribution_row(2, two, most),
        _distribution_row(1, one, most),
    )
    count = words.count("page.ratings", summary.count)
    if summary.mean is None or summary.low is None or summary.high is None:
        heading, note = _without_mean(summary.count, edition)
        return RatingsView(
            heading=heading,
            mean="",
            mean_x="",
            low_x="",
            interval_width="",
            interval="",
            note=note,
            count=count,
            distribution=distribution if summary.count else (),
        )
    low, high = edition.number(summary.low, 1), edition.number(summary.high, 1)
    return RatingsView(
        heading=words("page.ratings_heading", mean=edition.number(summary.mean, 1)),
        mean=edition.number(summary.mean, 1),
        mean_x=_on_five(summary.mean),
        low_x=_on_five(summary.low),
        interval_width=percent((summary.high - summary.low) * 25),
        interval=f"{low}–{high}",
        note=words("page.ratings_note", count=count, stand=format_integer(facts.from_stand), low=low, high=high),
        count=count,
        distribution=distribution,
    )


@lru_cache(maxsize=20_000)  # most organisations have some dozens of ratings
def _distribution_row(rating: int, count: int, most: int) -> DistributionRow:
    width = percent(Decimal(100 * count) / most) if most else "0%"
    return DistributionRow(rating=rating, count=format_integer(count), width=width)


def _without_mean(count: int, edition: Edition) -> tuple[str, str]:
    words = edition.words
    if not count:
        return words("page.ratings_none_heading"), words("page.ratings_none_note")
    note = words("page.ratings_few_note", minimum=edition.config.minimum_ratings)
    return words("page.ratings_few_heading", count=words.count("page.ratings", count)), note


def _on_five(value: Decimal) -> str:
    return percent((value - 1) * 25)


def reviews_heading(count: int, edition: Edition) -> str:
    return edition.review_counts[count]


def review_view(review: Review, edition: Edition) -> ReviewView:
    """A review with what the citizen rated and the organisation's reply, or the note in its place."""
    if review.state is ReviewState.RESTRICTED:
        return ReviewView(hidden_note=_hidden_note(review, edition))
    facts = [edition.days[review.received_on]]
    if review.criteria:
        facts += map(edition.rated_criteria.__getitem__, review.criteria)
    reply, language = review.reply, review.language
    return ReviewView(
        review.rating,
        edition.of_five[review.rating],
        tuple(facts),
        review.text,
        "" if language == edition.language else language or edition.foreign(review.text),
        edition.reply_headings[reply.replied_on] if reply else "",
        reply.text if reply else "",
    )


def _hidden_note(review: Review, edition: Edition) -> str:
    words, reason = edition.words, edition.reasons.reason(review.reason_code)
    shown = reason.shown[edition.language] if review.reason_code else words("page.hidden_unsaid")
    rule = words("page.hidden_rule", rule=reason.rule) if reason.rule else ""
    key = "page.hidden_set_aside" if review.reason_code == SET_ASIDE else "page.hidden_counted"
    counted = words(key, rating=review.rating)
    return words(
        "page.hidden",
        day=edition.day(review.received_on),
        reason=shown,
        rule=rule,
        counted=counted,
    )
