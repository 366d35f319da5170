"""Citizens' ratings and reviews as a page shows them."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from nok import urls
from nok.compose.edition import Edition, percent
from nok.model import DistributionRow, Fact, PhotoView, RatingPeriod, RatingsView, ReviewView
from nok.picture_heads import SMALL_SIDE, fitted
from nok.records import SET_ASIDE, RatingSplits, RatingSummary, Review, ReviewPhoto, ReviewState
from nok.templating import NO_BREAK, format_integer


def readable(reviews: Sequence[Review]) -> list[Review]:
    """Those that take a place on the page: with a text or photographs, or with the note that the text is hidden.

    What was set aside is told as a number beside the mean: five hundred notes would push away what people wrote.
    """
    return [
        review
        for review in reviews
        if review.text or review.photos or (review.state is _RESTRICTED and review.reason_code != SET_ASIDE)
    ]


def set_aside_line(reviews: Sequence[Review], edition: Edition) -> str:
    """How many ratings look like stuffing and count in no mean; empty where there are none."""
    number = sum(review.reason_code == SET_ASIDE for review in reviews)
    return edition.words.count("page.set_aside", number) if number else ""


LEADING_BYTES = 6000
"""How much of what people wrote stands on an organisation's own page, so that the page keeps within its 40 KB."""


def leading_count(shown: Sequence[Review], most: int) -> int:
    """How many of the reviews `shown` stand on the organisation's page: at most `most`, and no more than fit.

    The newest always does, however long it is; the others follow on further pages.
    """
    room, count = LEADING_BYTES, 0
    for review in shown[:most]:
        room -= len(review.text.encode()) + (len(review.reply.text.encode()) if review.reply else 0)
        if room < 0 and count:
            break
        count += 1
    return count


def ratings_view(summary: RatingSummary, window: RatingSummary, splits: RatingSplits, edition: Edition) -> RatingsView:
    """Number, mean with interval, distribution; the mean is missing where too few people rated.

    The window's numbers stand beside those of all time, never in their place; splits only as `nok.privacy` lets them.
    """
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
    periods = (_period("page.period_window", window, edition), _period("page.period_all", summary, edition))
    if summary.mean is None or summary.low is None or summary.high is None:
        heading, note = _without_mean(summary.count, edition)
        return RatingsView(
            heading=heading,
            mean="",
            mean_x="",
            low_x="",
            interval_width="",
            note=note,
            count=count,
            distribution=distribution if summary.count else (),
            periods=periods if summary.count else (),
        )
    low, high = edition.number(summary.low, 1), edition.number(summary.high, 1)
    return RatingsView(
        heading=words("page.ratings_heading", mean=edition.number(summary.mean, 1)),
        mean=edition.number(summary.mean, 1),
        mean_x=_on_five(summary.mean),
        low_x=_on_five(summary.low),
        interval_width=percent((summary.high - summary.low) * 25),
        note=words("page.ratings_note", count=count, low=low, high=high),
        count=count,
        distribution=distribution,
        periods=periods,
        channels_heading=_channels_heading(splits, edition),
        channels=tuple(_channels(splits, edition)),
        criteria=tuple(_criteria(splits, edition)),
    )


def _period(name: str, summary: RatingSummary, edition: Edition) -> RatingPeriod:
    """One line of the table of periods; instead of a mean, the word for too few ratings or none."""
    words, positive = edition.words, summary.positive
    if summary.mean is None or summary.low is None or summary.high is None or positive is None:
        mean = words("page.few_ratings" if summary.count else "page.no_ratings")
        return RatingPeriod(words(name), format_integer(summary.count), mean, "", "", "")
    return RatingPeriod(
        words(name),
        format_integer(summary.count),
        edition.number(summary.mean, 1),
        f"{edition.number(summary.low, 1)}–{edition.number(summary.high, 1)}",
        f"{edition.number(positive.percent, 0)}{NO_BREAK}%",
        f"{edition.number(positive.low, 0)}–{edition.number(positive.high, 0)}{NO_BREAK}%",
    )


def _channels_heading(splits: RatingSplits, edition: Edition) -> str:
    if not splits.counted:
        return ""
    return edition.words("page.channels_heading", count=edition.words.count("page.of_first_ratings", splits.counted))


def _channels(splits: RatingSplits, edition: Edition) -> Iterator[Fact]:
    for channel, number in splits.channels:
        share = edition.share(number, splits.counted)
        yield Fact(
            _capital(edition.words(f"page.channel_{channel or 'unsaid'}")), f"{format_integer(number)} ({share})"
        )


def _criteria(splits: RatingSplits, edition: Edition) -> Iterator[Fact]:
    for item in splits.criteria:
        marks = edition.words.count("page.of_first_ratings", item.marks)
        value = edition.words("page.criterion_mean", mean=edition.number(item.mean, 1), count=marks)
        yield Fact(_capital(edition.words(f"page.criterion_{item.criterion}")), value)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


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


def review_views(reviews: Sequence[Review], origin: str, edition: Edition) -> tuple[ReviewView, ...]:
    """Reviews with their day, photographs and the organisation's reply, or the note in the place of a hidden one; links
    are those of the page at `origin`.

    What a citizen marked besides the whole stands in no review: it is only added up.
    """
    days, of_five, replied = edition.days, edition.of_five, edition.reply_headings
    language, views = edition.language, []
    for review in reviews:
        if review.state is _RESTRICTED:
            views.append(ReviewView(hidden_note=_hidden_note(review, edition)))
            continue
        text, lang, reply = review.text, review.language, review.reply
        views.append(
            ReviewView(
                review.rating,
                of_five[review.rating],
                (days[review.received_on],),
                text,
                "" if lang == language else lang or edition.foreign(text),
                replied[reply.replied_on] if reply else "",
                reply.text if reply else "",
                photo_views(review.photos, origin, edition) if review.photos else (),
            )
        )
    return tuple(views)


def photo_views(photos: Sequence[ReviewPhoto], origin: str, edition: Edition) -> tuple[PhotoView, ...]:
    """Photographs of one review, as small copies that lead to the large ones."""
    views = []
    for photo in photos:
        place = photo.review_id, photo.number, photo.sha256
        width, height = fitted(photo.width, photo.height, SMALL_SIDE)
        views.append(
            PhotoView(
                urls.relative(urls.review_photo(*place), origin),
                urls.relative(urls.review_photo_small(*place), origin),
                edition.words("page.photo_alt", number=photo.number),
                str(width or ""),
                str(height or ""),
            )
        )
    return tuple(views)


_RESTRICTED = ReviewState.RESTRICTED
"""By a name of its own, because a member of an enumeration is looked up slowly, twice for every review."""


def _hidden_note(review: Review, edition: Edition) -> str:
    words, reason = edition.words, edition.reasons.reason(review.reason_code)
    shown = reason.shown[edition.language] if review.reason_code else words("page.hidden_unsaid")
    rule = words("page.hidden_rule", rule=reason.rule) if reason.rule else ""
    counted = words("page.hidden_counted", rating=review.rating)
    return words(
        "page.hidden",
        day=edition.day(review.received_on),
        reason=shown,
        rule=rule,
        counted=counted,
    )
