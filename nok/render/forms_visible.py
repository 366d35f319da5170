"""The tables that grow with a country, as they may be published, by whole columns: five times quicker than row by row.

What may be shown, and how a cell is written, is said in `nok.packages.visible` and `nok.render.downloads`; here the same
is done to blocks of rows, and the tests hold both against each other, byte for byte.
"""

import io
from collections.abc import Iterator
from typing import Any

import polars as pl

from nok.packages.read import Resource
from nok.packages.segments import Part, frames
from nok.packages.visible import KEPT_OF_RESTRICTED, Hidden, hider
from nok.packages.write import exact_csv
from nok.records import ReviewState
from nok.render.forms_tables import as_json_has_it

BY_COLUMNS = ("scores", "reviews", "replies")
"""Tables without places, whose numbers JSON has in another form than the engine."""


def visible_bytes(resource: Resource, hidden: Hidden, ending: str) -> Iterator[tuple[bytes, int]]:
    """The rows of a resource named in `BY_COLUMNS` that may be published, in their order, as exact CSV with a header
    (`csv`) or as JSON Lines (`jsonl`): pieces, and how many rows each holds."""
    if ending == "csv":
        yield exact_csv([[field["name"] for field in resource.schema["fields"]]]).encode(), 0
    for rows in _visible_frames(resource, hidden):
        yield _csv(rows) if ending == "csv" else _json_lines(rows, resource), rows.height


def _visible_frames(resource: Resource, hidden: Hidden) -> Iterator[pl.DataFrame]:
    columns = tuple(field["name"] for field in resource.schema["fields"])
    backs = [(column, values) for column, values in hider(resource.name, hidden) if column in columns]
    shows = pl.all_horizontal([pl.lit(True), *(~_is_among(column, values) for column, values in backs)])
    for file in resource.files:
        part = Part(file=file, delimiter=resource.delimiter, columns=columns, owner=columns[0], identity=columns[0])
        for batch in frames(part):
            shown = batch.filter(shows) if backs else batch
            yield _without_restricted_texts(shown) if resource.name == "reviews" else shown


def _is_among(column: str, values: Any) -> pl.Expr:
    return pl.col(column).is_in(pl.Series(list(values), dtype=pl.String).implode())


def _without_restricted_texts(reviews: pl.DataFrame) -> pl.DataFrame:
    emptied = [name for name in reviews.columns if name not in KEPT_OF_RESTRICTED]
    is_restricted = pl.col("state") == str(ReviewState.RESTRICTED)
    return reviews.with_columns(pl.when(is_restricted).then(pl.lit("")).otherwise(pl.col(emptied)).name.keep())


def _csv(rows: pl.DataFrame) -> bytes:
    if any(column.str.contains("\r", literal=True).any() for column in rows):  # quoted as only our own writer does
        return exact_csv(rows.rows()).encode()
    buffer = io.BytesIO()
    filled = rows.with_columns(pl.when(pl.all() != "").then(pl.all()))  # else an empty cell would be two quotes
    filled.write_csv(buffer, include_header=False, line_terminator="\n")
    return buffer.getvalue()


def _json_lines(rows: pl.DataFrame, resource: Resource) -> bytes:
    buffer = io.BytesIO()
    as_json_has_it(rows, resource.schema["fields"]).write_ndjson(buffer)
    return buffer.getvalue()
