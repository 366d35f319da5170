"""Open data of what is added up: the numbers of a region, or of a sphere over all regions, as JSON and as CSV."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from nok.packages.write import RowWriter
from nok.records import Aggregate, AppealSum
from nok.statistics import exact_mean
from nok.warehouse_pack import SCALE

COLUMNS = (
    *("region_code", "sphere", "scope", "name", "assessment_id", "method_id", "organizations", "assessed", "mean"),
    *("zeros", "not_assessed", "exempt", "too_few", "no_data", "other_method"),
)
"""Of the CSV and of each object of the JSON. `mean` is a text with the decimals of the method, empty (`null`) without
points; `assessment_id` is the newest round of the sphere in the region, whose method the mean is of."""

Round = tuple[str, str, int]
"""Assessment, method, and how many decimals the method shows."""


def aggregate_rows(aggregates: Sequence[Aggregate], round_of: Callable[[Aggregate], Round]) -> list[dict[str, Any]]:
    """What both forms say, in `COLUMNS`."""
    return [_row(item, *round_of(item)) for item in aggregates]


def _row(item: Aggregate, assessment_id: str, method_id: str, decimals: int) -> dict[str, Any]:
    mean = str(exact_mean(item.total, item.assessed, SCALE, decimals)) if item.assessed else None
    own = {name: getattr(item, name) for name in COLUMNS if hasattr(item, name)}
    found = own | {"assessment_id": assessment_id or None, "method_id": method_id or None, "mean": mean}
    return {name: found[name] for name in COLUMNS}


def aggregates_json(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return (json.dumps({"aggregates": rows}, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def aggregates_csv(rows: Sequence[Mapping[str, Any]]) -> bytes:
    return _csv(COLUMNS, rows)


APPEAL_COLUMNS = tuple(field.name for field in fields(AppealSum))
"""Of the CSV of appeals and of each object of its JSON."""


def appeals_json(sums: Sequence[AppealSum]) -> bytes:
    """Official appeals of a region, a line for each sphere and year."""
    found = {"appeals": [asdict(one) for one in sums]}
    return (json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def appeals_csv(sums: Sequence[AppealSum]) -> bytes:
    return _csv(APPEAL_COLUMNS, [asdict(one) for one in sums])


def _csv(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = RowWriter(buffer)
    writer.write(columns)
    for row in rows:
        writer.write(["" if row[name] is None else str(row[name]) for name in columns])
    return buffer.getvalue().encode()
