"""The files of search and "near me", each from the store that the build keeps beside its warehouse."""

from collections.abc import Sequence
from pathlib import Path
from statistics import median

from nok.render import search
from nok.search_store import AREAS, SearchStore


def search_store_of(warehouse: Path) -> Path:
    """Where the search store of a warehouse lies."""
    return warehouse.with_name("search.sqlite")


def search_file(store: SearchStore, kind: str, name: str) -> str:
    """The text of one file; `kind` and `name` as `nok.search_store.Shard` says."""
    if kind == "p":
        return search.postings_json(store.postings(int(name)))
    if kind == "w":
        return search.spellings_json(store.spellings(int(name)))
    if kind == "r":
        return search.records_json(store.records(int(name)))
    if kind == "n":
        return search.cell_json(store.cell(name))
    if kind == "a" and name == AREAS:
        return search.areas_json(store.areas())
    if kind == "a":
        return search.area_json(store.area(name))
    return search.places_json(_place(*place) for place in store.places(int(name)))


def _place(name: Sequence[str], points: Sequence[tuple[float, float]], number: int) -> search.PlaceRow:
    """A place in the middle of its organisations: the median, which one wrong point does not move."""
    region, district, title, *english = name
    middle = [round(median(one[axis] for one in points), 4) if points else None for axis in (0, 1)]
    more = [district, english] if english else [district] if district else []
    return (title, region, *middle, number, *more)
