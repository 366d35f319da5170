"""The numbers of a report as a table, so that whoever reads it can add them up again."""

import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from nok.method import Method
from nok.packages.write import RowWriter
from nok.statistics import exact_mean, median_of_counts
from nok.warehouse_course import RoundCourse, YearCourse
from nok.warehouse_pack import SCALE

COLUMNS = (
    *("region_code", "sphere", "scope", "name", "assessment_id", "method_id", "organizations", "assessed", "mean"),
    *("recommendations", "measures", "measures_done", "measures_overdue", "ratings", "replies", "median_days"),
)
"""A row is either of a round (`assessment_id`), with points and plans, or of the year, with ratings and replies; what does
not belong to it is empty. `mean` has the decimals of the method; `measures` leaves cancelled ones out; `measures_overdue`
is of the day of the build."""


def report_csv(
    rounds: Iterable[RoundCourse],
    years: Iterable[YearCourse],
    methods: Mapping[str, Method],
    method_of: Mapping[str, str],
    today: date,
) -> bytes:
    """Rounds first, then the year; whole spheres and municipalities are told apart by `scope`."""
    buffer = io.StringIO(newline="")
    writer = RowWriter(buffer)
    writer.write(COLUMNS)
    rows = [_round_row(item, methods.get(method_of[item.assessment_id]), today) for item in rounds]
    for row in [*rows, *map(_year_row, years)]:
        writer.write([str(row.get(name, "")) for name in COLUMNS])
    return buffer.getvalue().encode()


def _place(item: RoundCourse | YearCourse) -> dict[str, Any]:
    return {name: getattr(item, name) for name in ("region_code", "sphere", "scope", "name")}


def _round_row(item: RoundCourse, method: Method | None, today: date) -> dict[str, Any]:
    found = {
        "assessment_id": item.assessment_id,
        "organizations": item.organizations,
        "assessed": item.assessed,
        "recommendations": item.recommendations,
        "measures": item.standing,
        "measures_done": item.done,
        "measures_overdue": item.overdue(today),
    }
    if method is not None:
        found["method_id"] = method.id
        if item.assessed:
            found["mean"] = str(exact_mean(item.total, item.assessed, SCALE, method.decimals))
    return _place(item) | found


def _year_row(item: YearCourse) -> dict[str, Any]:
    middle = median_of_counts(item.days)
    days = "" if middle is None else f"{middle.normalize():f}"
    return _place(item) | {"ratings": item.ratings, "replies": item.replies, "median_days": days}
