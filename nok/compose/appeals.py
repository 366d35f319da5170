"""Official appeals in numbers, of one organisation and of a region. They are no reviews: neither is added to the other."""

from collections.abc import Mapping, Sequence

from nok.compose.edition import Edition
from nok.model import AppealSumRow, AppealsView, Fact, Link
from nok.records import AppealSum, Row, ScoreState

SHOWN_YEARS = 5
"""So many years stand on a page; the data has all of them."""


def appeals_view(rows: Sequence[Row], channel: str, edition: Edition) -> AppealsView | None:
    """The block of one organisation; `channel` is an address that a link may open, or empty. `None` with neither."""
    if not rows and not channel:
        return None
    newest = sorted(rows, key=lambda row: int(row["period"]), reverse=True)[:SHOWN_YEARS]
    return AppealsView(
        rows=tuple([_row(row, edition) for row in newest]),
        channel=Link(text=edition.words("page.appeals_channel"), href=channel) if channel else None,
    )


def _row(row: Row, edition: Edition) -> Fact:
    """`2025`, `поступило 62, отвечено 59, просрочено 6, медиана ответа 11 дн.`; what is not told is left out."""
    words = edition.words
    parts = [words(f"page.appeals_{name}", count=edition.integer(int(row[name]))) for name in _COUNTS if name in row]
    if "median_days" in row:
        parts.append(words("page.appeals_days", days=edition.plain_number(row["median_days"])))
    return Fact(row["period"], ", ".join(parts))


_COUNTS = ("received", "answered", "overdue")


def _unknown(edition: Edition) -> str:
    return edition.state_marks[ScoreState.NO_DATA].word


def region_appeals(sums: Sequence[AppealSum], edition: Edition) -> tuple[AppealSumRow, ...]:
    """All spheres of a region added up, newest year first; medians of days cannot be added up and are left out."""
    years: dict[int, list[AppealSum]] = {}
    for one in sums:
        years.setdefault(one.period, []).append(one)
    newest = sorted(years, reverse=True)[:SHOWN_YEARS]
    return tuple([_sum_row(year, years[year], edition) for year in newest])


def _sum_row(year: int, sums: Sequence[AppealSum], edition: Edition) -> AppealSumRow:
    total: Mapping[str, int] = {
        name: sum(getattr(one, name) for one in sums)
        for name in ("organizations", "received", "answered", "overdue", "overdue_told")
    }
    told = edition.integer(total["overdue"]) if total["overdue_told"] else _unknown(edition)
    if 0 < total["overdue_told"] < total["organizations"]:
        told = edition.words("page.appeals_told", overdue=told, told=edition.integer(total["overdue_told"]))
    counts = [edition.integer(total[name]) for name in ("organizations", "received", "answered")]
    return AppealSumRow(str(year), counts[0], counts[1], counts[2], told)
