"""The years of one organisation: small charts and the table that says the same."""

from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from nok.compose.assessment import has_points
from nok.compose.edition import Edition, Scale, Scales, Shown, percent
from nok.model import HistoryChart, HistoryDot, HistorySegment, HistoryView
from nok.templating import breakable
from nok.warehouse_facts import Round

_LEFT, _RIGHT = Decimal(4), Decimal(96)


def history_view(rounds: Sequence[Round], edition: Edition) -> HistoryView | None:
    """The total and each criterion over at least two rounds; `None` where there is one or none.

    The table has every round, with the word of a state where it gave no points; the charts those with points.
    """
    every = [
        item for item in reversed(rounds) if item.assessment.method_id in edition.scales and "total" in item.scores
    ]
    told = [item for item in every if has_points(item)]
    if len(every) < 2 or not told:
        return None
    scales = edition.scales[told[-1].assessment.method_id]
    measures = [scales.total, *scales.criteria]
    years = [_Year(str(item.assessment.period), item.assessment.method_id != scales.method.id) for item in told]
    points = {item.assessment.assessment_id: _points(item, measures, edition) for item in every}
    lines = zip(*(points[item.assessment.assessment_id] for item in told), strict=True)
    charts = tuple(
        [chart for scale, line in zip(measures, lines, strict=True) if (chart := _chart(scale, line, years))]
    )
    rows = [_row(item, points[item.assessment.assessment_id], measures, scales, edition) for item in every]
    return HistoryView(
        heading=_heading(scales, told, edition) if charts else edition.words("page.history_heading"),
        charts=charts,
        columns=tuple([breakable(scale.heading) for scale in measures]),
        rows=tuple(reversed(rows)),
        note=edition.words("page.history_note") if charts else "",
    )


def _row(
    item: Round, points: Sequence[Shown | None], measures: Sequence[Scale], scales: Scales, edition: Edition
) -> tuple[str, ...]:
    """The year, marked where its method is another one, and the points or the state of each measure."""
    method_id, year = item.assessment.method_id, str(item.assessment.period)
    if method_id != scales.method.id:
        year = f"{year}, {edition.words('page.state_other_method')}"
    cells = [
        shown.mark.points if shown is not None else _state(item, scale, edition)
        for shown, scale in zip(points, measures, strict=True)
    ]
    return (year, *cells)


def _state(item: Round, scale: Scale, edition: Edition) -> str:
    """Why there are no points; a dash where the round told nothing of the measure."""
    score = item.scores.get(scale.measure.id)
    return "—" if score is None else edition.state_marks[score.state].word


class _Year(NamedTuple):
    text: str
    is_other_method: bool


def _points(item: Round, measures: Sequence[Scale], edition: Edition) -> list[Shown | None]:
    """The points of each measure in one round, on the scale of that round's method; `None` where there are none."""
    scores, own = item.scores, edition.scales[item.assessment.method_id].by_id
    found = [(scale, scores.get(scale.measure.id)) for scale in measures]
    return [
        None if score is None or score.points is None else own.get(score.measure, scale).shown[str(score.points)]
        for scale, score in found
    ]


def _heading(scales: Scales, told: Sequence[Round], edition: Edition) -> str:
    method = scales.method
    same = [item for item in told if item.assessment.method_id == method.id]
    first, last = same[0].scores["total"].points, same[-1].scores["total"].points
    if len(same) < 2 or first is None or last is None:
        return edition.words("page.history_heading")
    change = last - first if method.total.higher_is_better else first - last
    key = "page.history_up" if change > 0 else "page.history_down" if change < 0 else "page.history_same"
    return edition.words(key, year=same[0].assessment.period, change=edition.points(abs(change), method.decimals))


def _chart(scale: Scale, line: Sequence[Shown | None], years: Sequence[_Year]) -> HistoryChart | None:
    """The line of one measure; `None` below two years with points."""
    told = [(shown, year) for shown, year in zip(line, years, strict=True) if shown is not None]
    if len(told) < 2:
        return None
    dots = [
        HistoryDot(x, shown.y, shown.label_y, shown.mark.points, year, anchor, is_other_method)
        for (x, anchor), (shown, (year, is_other_method)) in zip(_places(len(told)), told, strict=True)
    ]
    segments = [
        HistorySegment(left.x, left.y, right.x, right.y)
        for left, right in pairwise(dots)
        if left.is_other_method == right.is_other_method
    ]
    break_x = _break_x(dots) if len(segments) < len(dots) - 1 else ""
    return HistoryChart(title=scale.heading, dots=tuple(dots), segments=tuple(segments), break_x=break_x)


def _break_x(dots: Sequence[HistoryDot]) -> str:
    """Half-way between the last two years that are of different methods."""
    last = max(
        number for number, (left, right) in enumerate(pairwise(dots)) if left.is_other_method != right.is_other_method
    )
    return percent(_LEFT + _step(len(dots)) * (last + Decimal("0.5")))


def _step(count: int) -> Decimal:
    return (_RIGHT - _LEFT) / (count - 1)


@lru_cache(maxsize=100)
def _places(count: int) -> tuple[tuple[str, str], ...]:
    """(x, anchor) of each of `count` dots."""
    anchors = ["s", *[""] * (count - 2), "e"]
    return tuple((percent(_LEFT + _step(count) * number), anchor) for number, anchor in enumerate(anchors))
