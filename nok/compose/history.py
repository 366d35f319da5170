"""The years of one organisation: small charts and the table that says the same."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

from nok.compose.edition import Edition, percent
from nok.method import Measure, Method
from nok.model import HistoryChart, HistoryDot, HistorySegment, HistoryView
from nok.records import Score
from nok.warehouse import Round

_TOP, _BOTTOM = Decimal(22), Decimal(84)
_LEFT, _RIGHT = Decimal(4), Decimal(96)
_LABEL_ABOVE = Decimal(8)


def history_view(rounds: Sequence[Round], edition: Edition) -> HistoryView | None:
    """Charts of the total and of each criterion over at least two rounds; `None` where there is one or none."""
    told = [item for item in reversed(rounds) if item.assessment.method_id in edition.methods and _has_points(item)]
    if len(told) < 2:
        return None
    method = edition.methods[told[-1].assessment.method_id]
    measures = [method.total, *method.criteria]
    charts = tuple(chart for measure in measures if (chart := _chart(measure, method, told, edition)) is not None)
    if not charts:
        return None
    return HistoryView(
        heading=_heading(method, told, edition),
        charts=charts,
        columns=tuple(measure.short[edition.language] for measure in measures),
        rows=tuple(_row(item, measures, edition) for item in reversed(told)),
        note=edition.words("page.history_note"),
    )


def _has_points(item: Round) -> bool:
    total = item.scores.get("total")
    return total is not None and total.points is not None


def _heading(method: Method, told: Sequence[Round], edition: Edition) -> str:
    same = [item for item in told if item.assessment.method_id == method.id]
    first, last = same[0].scores["total"].points, same[-1].scores["total"].points
    if len(same) < 2 or first is None or last is None:
        return edition.words("page.history_heading")
    change = last - first if method.total.higher_is_better else first - last
    key = "page.history_up" if change > 0 else "page.history_down" if change < 0 else "page.history_same"
    return edition.words(key, year=same[0].assessment.period, change=edition.points(abs(change), method.decimals))


def _row(item: Round, measures: Sequence[Measure], edition: Edition) -> tuple[str, ...]:
    decimals = edition.methods[item.assessment.method_id].decimals
    cells = [str(item.assessment.period)]
    for measure in measures:
        score = item.scores.get(measure.id)
        cells.append(edition.points(score.points, decimals) if score and score.points is not None else "—")
    return tuple(cells)


def _chart(measure: Measure, method: Method, told: Sequence[Round], edition: Edition) -> HistoryChart | None:
    points = [(item, item.scores[measure.id]) for item in told if _is_scored(item.scores.get(measure.id))]
    if len(points) < 2:
        return None
    step = (_RIGHT - _LEFT) / (len(points) - 1)
    dots = tuple(
        _dot(item, score, measure, method, _LEFT + step * number, _anchor(number, len(points)), edition)
        for number, (item, score) in enumerate(points)
    )
    segments = tuple(
        HistorySegment(x1=left.x, y1=left.y, x2=right.x, y2=right.y)
        for left, right in pairwise(dots)
        if left.is_other_method == right.is_other_method
    )
    breaks = [
        number for number, (left, right) in enumerate(pairwise(dots)) if left.is_other_method != right.is_other_method
    ]
    break_x = percent(_LEFT + step * (breaks[-1] + Decimal("0.5"))) if breaks else ""
    return HistoryChart(title=measure.short[edition.language], dots=dots, segments=segments, break_x=break_x)


def _is_scored(score: Score | None) -> bool:
    return score is not None and score.points is not None


def _anchor(number: int, count: int) -> str:
    return "s" if number == 0 else "e" if number == count - 1 else ""


def _dot(
    item: Round, score: Score, measure: Measure, method: Method, x: Decimal, anchor: str, edition: Edition
) -> HistoryDot:
    own_method = edition.methods[item.assessment.method_id]
    own_measure = own_method.by_id.get(measure.id, measure)
    points = score.points if score.points is not None else Decimal(0)
    share = points / own_measure.maximum if own_measure.higher_is_better else 1 - points / own_measure.maximum
    y = _BOTTOM - (_BOTTOM - _TOP) * share
    return HistoryDot(
        x=percent(x),
        y=percent(y),
        label_y=percent(y - _LABEL_ABOVE),
        label=edition.points(points, own_method.decimals),
        year=str(item.assessment.period),
        anchor=anchor,
        is_other_method=own_method.id != method.id,
    )
