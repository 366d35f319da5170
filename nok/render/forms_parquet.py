"""Parquet: the same rows in columns with types, for programs that read millions of them; GeoParquet 1.1 of places.

Rows stand in the order of the CSV. The same rows give the same bytes with one version of the engine, whatever the number
of processors: groups of rows are cut by number.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from nok.render.forms_tables import Table, engine_schema, texts, typed

ROWS_PER_GROUP = 100_000
"""A reader skips whole groups by their statistics: large enough to pack well, small enough to skip a region."""

GEOMETRY = "geometry"
_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("longitude", "<f8"), ("latitude", "<f8")])
"""Well-known binary of a point: byte order (1: little endian), type (1: point), longitude, latitude."""


def write_parquet(table: Table, target: Path) -> int:
    """Writes `table` to `target`; how many rows there are."""
    schema = engine_schema(table.fields)
    return _sink((typed(batch, table.fields) for batch in texts(table)), schema, target, {})


def write_geoparquet(table: Table, target: Path) -> int:
    """Writes a table of places to `target`, each with its point; how many rows there are."""
    schema = engine_schema(table.fields) | {GEOMETRY: pl.Binary()}
    bounds = _bounds(table)
    return _sink(_placed(table), schema, target, {"geo": json.dumps(_geo(bounds), separators=(",", ":"))})


def _sink(batches: Iterator[pl.DataFrame], schema: Mapping[str, Any], target: Path, metadata: dict[str, str]) -> int:
    counted = 0

    def source(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        nonlocal counted
        del with_columns, predicate, n_rows, batch_size  # everything is written
        for batch in batches:
            counted += batch.height
            yield batch

    frame = register_io_source(source, schema=dict(schema))
    with _refusals_of_the_disk(target):
        frame.sink_parquet(
            target,
            compression="zstd",
            compression_level=3,
            statistics=True,
            row_group_size=ROWS_PER_GROUP,
            maintain_order=True,
            metadata=metadata or None,
        )
    return counted


_REFUSED = re.compile(r"\(os error (\d+)\)")


@contextmanager
def _refusals_of_the_disk(target: Path) -> Iterator[None]:
    """Within, the engine's own words for a full or broken disk become the `OSError` they were made of. Some of its words do
    not say so; then the disk is asked again."""
    try:
        yield
    except pl.exceptions.ComputeError as error:
        refused = _REFUSED.search(str(error))
        if refused:
            number = int(refused[1])
            raise OSError(number, os.strerror(number), str(target)) from error
        _ask_disk(target)
        raise


def _ask_disk(target: Path) -> None:
    """Raises the `OSError` of a disk that does not take a mebibyte more beside `target`."""
    with TemporaryFile(dir=target.parent, buffering=0) as probe:
        left = memoryview(bytes(1 << 20))
        while left:
            left = left[probe.write(left) :]
        os.fsync(probe.fileno())


def _placed(table: Table) -> Iterator[pl.DataFrame]:
    for batch in texts(table):
        frame = typed(batch, table.fields)
        yield frame.with_columns(pl.Series(GEOMETRY, _points(frame), dtype=pl.Binary))


def _points(frame: pl.DataFrame) -> list[bytes | None]:
    """Each row's point; `None` where one of its degrees is missing."""
    places = np.empty(frame.height, _POINT)
    places["order"], places["type"] = 1, 1
    longitude, latitude = frame["longitude"].to_numpy(), frame["latitude"].to_numpy()
    places["longitude"], places["latitude"] = longitude, latitude
    missing = np.isnan(longitude) | np.isnan(latitude)
    whole, size = places.tobytes(), _POINT.itemsize
    return [None if lacks else whole[at * size : (at + 1) * size] for at, lacks in enumerate(missing)]


def _bounds(table: Table) -> list[float] | None:
    """[west, south, east, north] of all places; `None` where there is none."""
    found: list[tuple[float, ...]] = []
    fields = [field for field in table.fields if field["name"] in ("latitude", "longitude")]
    for batch in texts(table, [field["name"] for field in fields]):
        known = typed(batch, fields).drop_nulls()
        if known.height:
            at = (known["longitude"], known["latitude"])
            found.append((*(float(_number(each.min())) for each in at), *(float(_number(each.max())) for each in at)))
    if not found:
        return None
    west, south, east, north = zip(*found, strict=True)
    return [min(west), min(south), max(east), max(north)]


def _number(value: Any) -> float:
    return float(value)


def _geo(bounds: list[float] | None) -> dict[str, Any]:
    """The metadata of GeoParquet 1.1.0; without `crs` the points are longitude and latitude of WGS 84 (OGC:CRS84)."""
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"]}
    return {
        "version": "1.1.0",
        "primary_column": GEOMETRY,
        "columns": {GEOMETRY: column | ({"bbox": bounds} if bounds else {})},
    }
