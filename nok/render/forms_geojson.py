"""GeoJSON (RFC 7946): organisations as features, with the fields that the tables have.

An organisation without a place is a feature without a geometry, which the standard calls unlocated: it is not left out.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nok.json_text import exact_number, write_json
from nok.render.forms_tables import DEGREES, Table, as_json_has_it, texts


def write_geojson(table: Table, target: Path, title: str) -> int:
    """Writes the organisations of `table` to `target`; how many there are.

    `title` names the collection in the lists of programs that show maps.
    """
    count = 0
    with target.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f'{{"type":"FeatureCollection","name":{write_json(title)},"features":[')
        for feature in _features(table):
            file.write(("," if count else "") + "\n" + write_json(feature))
            count += 1
        file.write("\n]}\n")
    return count


def _features(table: Table) -> Iterator[dict[str, Any]]:
    for batch in texts(table):
        frame = as_json_has_it(batch, table.fields)
        places = zip(*(frame[name] for name in DEGREES), strict=True)
        properties = frame.drop(DEGREES).iter_rows(named=True)
        yield from map(_feature, frame["organization_id"], places, properties)


def _feature(
    organization_id: str, place: tuple[float | None, float | None], properties: Mapping[str, Any]
) -> dict[str, Any]:
    """All fields are properties but the place, which stands in the geometry."""
    latitude, longitude = map(exact_number, place)
    is_placed = latitude is not None and longitude is not None
    return {
        "type": "Feature",
        "id": organization_id,
        "geometry": {"type": "Point", "coordinates": [longitude, latitude]} if is_placed else None,
        "properties": properties,
    }
