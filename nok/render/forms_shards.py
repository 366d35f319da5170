"""The rows of a release by region and by sphere: a reader of one region need not download the country.

A row belongs to the region and the sphere of its organisation. Shards are pieces of the same tables: same header, same
order, the same cells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from nok.render.forms_tables import Table, as_json_has_it, texts

SHARDED = ("organizations", "scores", "reviews")
"""The tables that grow with the country and are asked for by place."""

_KEY, _SHARD = "organization_id", "\x1fshard"


@dataclass(frozen=True, slots=True)
class Cut:
    """One way to cut: the folder of the shards, and the column of `organizations` that names them."""

    folder: str
    column: str


REGIONS, SPHERES = Cut("regions", "region_code"), Cut("spheres", "sphere")


def write_shards(
    table: Table, own: Table | None, others: Sequence[Table], cut: Cut, folder: Path, endings: Sequence[str]
) -> dict[str, int]:
    """Writes the rows of `table` below `folder`/`cut.folder`, a folder for each shard; file name to rows.

    Where an organisation is, its own release's table of organisations tells, and `others` for those that it lacks: ratings
    that a widget collected stand in a package of their own. Every shard of `own` has every table, be it empty, so that a
    program need not ask what is there. `endings` are `csv`, `jsonl` or both.
    """
    known = _places([*filter(None, [own]), *others], cut.column)
    rows: dict[str, int] = {}
    for shard in sorted(set(_places([own], cut.column)[_SHARD])) if own else ():
        _begin(table, f"{cut.folder}/{shard}/{table.name}", folder, endings, rows)
    for batch in texts(table):
        for shard, piece in _pieces(batch, known):
            name = f"{cut.folder}/{shard}/{table.name}"
            _begin(table, name, folder, endings, rows)
            _append(piece, table, folder / name, endings)
            for ending in endings:
                rows[f"{name}.{ending}"] += piece.height
    return rows


def _places(places: Sequence[Table], column: str) -> pl.DataFrame:
    """Organisation to shard; where two tables have the same organisation, the first one holds."""
    found = [
        batch.select(_KEY, pl.col(column).alias(_SHARD)) for table in places for batch in texts(table, (_KEY, column))
    ]
    whole = pl.concat([*found, pl.DataFrame(schema={_KEY: pl.String, _SHARD: pl.String})])
    return whole.unique(_KEY, keep="first", maintain_order=True)


def _begin(table: Table, name: str, folder: Path, endings: Sequence[str], rows: dict[str, int]) -> None:
    """Makes the files of a shard with their header, unless they are there."""
    header = pl.DataFrame(schema=dict.fromkeys(table.columns, pl.String))
    for ending in endings:
        if f"{name}.{ending}" not in rows:
            rows[f"{name}.{ending}"] = 0
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            content = header.write_csv(line_terminator="\n") if ending == "csv" else ""
            (folder / f"{name}.{ending}").write_text(content, "utf-8")


def _pieces(batch: pl.DataFrame, known: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    placed = batch.join(known, on=_KEY, how="inner", maintain_order="left")
    for piece in placed.partition_by(_SHARD, maintain_order=True):
        yield piece[_SHARD][0], piece.drop(_SHARD)


def _append(piece: pl.DataFrame, table: Table, path: Path, endings: Sequence[str]) -> None:
    for ending in endings:
        with path.with_name(f"{path.name}.{ending}").open("ab") as file:
            if ending == "csv":
                _exact_csv(piece).write_csv(file, include_header=False, line_terminator="\n")
            else:
                as_json_has_it(piece, table.fields).write_ndjson(file)


def _exact_csv(piece: pl.DataFrame) -> pl.DataFrame:
    """Empty cells as nothing between two commas, as the whole table has them."""
    return piece.with_columns(pl.when(pl.all() != "").then(pl.all()))
