"""The files of the search index, as the browser reads them (`theme/static/search-index.js`)."""

import base64
import json
from collections.abc import Iterable, Sequence

MOST_POSTINGS = 1_000
"""Organisations of one term in a file; of a term that more have, those with the shortest names."""

PlaceRow = tuple[object, ...]
"""A row of `places_json`."""

_COLUMNS = ((0, 4), (4, 8), (8, 12), (12, 14), (14, 16), (16, 17))
"""Where the columns of an entry lie (`nok.search_store`): number, signature in two halves, region, kind, band."""


def postings_json(terms: Iterable[tuple[str, Sequence[tuple[bytes, int]]]]) -> str:
    """`{term: [how many have it, entries]}`; the entries are columns of little-endian numbers in base64.

    The band has 8 added to it where the term stands in the name.
    """
    found = {}
    for term, entries in terms:
        shown = entries
        if len(entries) > MOST_POSTINGS:
            shown = sorted(entries, key=lambda entry: (-entry[1], entry[0][3] >> 4, entry[0]))[:MOST_POSTINGS]
        found[term] = [len(entries), base64.b64encode(_columns(shown)).decode()]
    return _json(found)


def _columns(entries: Sequence[tuple[bytes, int]]) -> bytes:
    rows = [entry[:16] + bytes((entry[16] | named << 3,)) for entry, named in entries]
    return b"".join(row[first:last] for first, last in _COLUMNS for row in rows)


def spellings_json(terms: Iterable[tuple[str, int]]) -> str:
    """`{term: size}`: the number of binary digits of how many organisations have it."""
    return _json(dict(terms))


def records_json(records: Iterable[tuple[int, str]]) -> str:
    """`[[number in the index, record], …]`."""
    return "[" + ",\n".join(f"[{ref},{text}]" for ref, text in records) + "]\n"


def cell_json(records: Iterable[str]) -> str:
    """`[record, …]`: the organisations of a cell of the map."""
    return "[" + ",\n".join(records) + "]\n"


def area_json(cells: Iterable[tuple[str, int]]) -> str:
    """`{cell: organisations}` of a square degree."""
    return _json(dict(cells))


def areas_json(areas: Iterable[str]) -> str:
    """`[square degree, …]`: where there is anything at all."""
    return _json(list(areas))


def places_json(places: Iterable[PlaceRow]) -> str:
    """`[[municipality or settlement, region, latitude, longitude, organisations, district of a village, names in English], …]`.

    Where none of the organisations has a point, latitude and longitude are `null`.
    """
    return _json(list(places))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"
