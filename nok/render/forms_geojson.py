"""GeoJSON (RFC 7946): organisations as features, with the fields that the tables have.

An organisation without a place is a feature without a geometry, which the standard calls unlocated: it is not left out.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from nok.render.forms_tables import DEGREES, Table, as_json_has_it, texts

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def write_geojson(table: Table, target: Path, title: str) -> int:
    """Writes the organisations of `table` to `target`; how many there are.

    `title` names the collection in the lists of programs that show maps.
    """
    count = 0
    with target.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{{"type":"FeatureCollection","name":{_ENCODER.encode(title)},"features":[')
        for row in _rows(table):
            file.write(("," if count else "") + "\n" + _ENCODER.encode(_feature(row)))
            count += 1
        file.write("\n]}\n")
    return count


def _rows(table: Table) -> Iterator[dict[str, Any]]:
    for batch in texts(table):
        yield from as_json_has_it(batch, table.fields).iter_rows(named=True)


def _feature(row: Mapping[str, Any]) -> dict[str, Any]:
    latitude, longitude = (row[name] for name in DEGREES)
    is_placed = latitude is not None and longitude is not None
    return {
        "type": "Feature",
        "id": row["organization_id"],
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]} if is_placed else None,
        "properties": dict(_properties(row.items())),
    }


def _properties(cells: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """All fields but the place, which stands in the geometry."""
    return ((name, value) for name, value in cells if name not in DEGREES)
