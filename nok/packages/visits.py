"""Where observers stood and which pictures they named, in whole columns: a country has millions of observations.

Polars reads the tables; what comes out is few. Only for tables whose cells were found right.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import polars as pl

from nok.packages.segments import Part, frames

_EARTH_M = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""


class FarVisit(NamedTuple):
    """Observations of one organisation, made at one place too far from its point; `row` is the first of `rows` rows.

    `metres` is the distance, `maximum` what is allowed there: the publication's distance and the accuracy of the place.
    """

    row: int
    organization_id: str
    metres: int
    maximum: int
    rows: int


class Unlisted(NamedTuple):
    """A hash of a picture that no table of pictures names; `row` is the first of `rows` rows."""

    row: int
    photo_sha256: str
    rows: int


def part_of(file_of: Part, *columns: str) -> Part:
    """Other columns of the same file."""
    return Part(file=file_of.file, delimiter=file_of.delimiter, columns=columns, owner=columns[0], identity=columns[0])


class Whereabouts:
    """What observations are held against: the points of all organisations, the hashes of all pictures."""

    def __init__(self, organizations: Sequence[Part], pictures: Sequence[Part]) -> None:
        self._points = _whole(organizations, ("organization_id", "latitude", "longitude")).filter(_is_placed())
        self._pictures = _whole(pictures, ("photo_sha256",))

    def far_visits(self, observations: Part, metres: int) -> list[FarVisit]:
        """Visits further than `metres` and their own accuracy from the point of their organisation, in the order of rows;
        an organisation without a point is not looked at."""
        columns = ("organization_id", "assessment_id", "latitude", "longitude", "accuracy_m")
        found = []
        for batch in _numbered(part_of(observations, *columns)):
            placed = batch.filter(_is_placed()).join(self._points, on="organization_id", suffix="_own")
            accuracy = pl.col("accuracy_m").cast(pl.Float64, strict=False).fill_null(0.0)
            measured = placed.with_columns(metres=_distance(), maximum=metres + accuracy)
            found.append(measured.filter(pl.col("metres") > pl.col("maximum")))
        if not found:
            return []
        far = pl.concat(found)
        visits = far.group_by("organization_id", "assessment_id", "latitude", "longitude", "accuracy_m").agg(
            pl.col("number").min(), pl.col("metres", "maximum").first(), pl.len().alias("rows")
        )
        whole = visits.sort("number").select(
            "number", "organization_id", pl.col("metres").round().cast(int), pl.col("maximum").cast(int), "rows"
        )
        return [FarVisit(*row) for row in whole.iter_rows()]

    def unlisted(self, observations: Part) -> list[Unlisted]:
        """The pictures that observations name and nobody lists, in the order of rows."""
        found = [
            batch.filter(pl.col("photo_sha256") != "").join(self._pictures, on="photo_sha256", how="anti")
            for batch in _numbered(part_of(observations, "photo_sha256"))
        ]
        if not found:
            return []
        named = pl.concat(found).group_by("photo_sha256").agg(pl.col("number").min(), pl.len().alias("rows"))
        return [Unlisted(*row) for row in named.sort("number").select("number", "photo_sha256", "rows").iter_rows()]


def _whole(parts: Iterable[Part], columns: Sequence[str]) -> pl.DataFrame:
    found = [batch for part in parts for batch in frames(part_of(part, *columns))]
    return pl.concat([pl.DataFrame(schema=dict.fromkeys(columns, pl.String)), *found])


def _numbered(part: Part) -> Iterable[pl.DataFrame]:
    """Batches with the number of each row; the header is row 1."""
    start = 2
    for batch in frames(part):
        yield batch.with_row_index("number", start)
        start += batch.height


def _is_placed() -> pl.Expr:
    return (pl.col("latitude") != "") & (pl.col("longitude") != "")


def _distance() -> pl.Expr:
    """Metres between two points on a sphere by the haversine formula."""
    north, east, own_north, own_east = (
        pl.col(name).cast(pl.Float64).radians() for name in ("latitude", "longitude", "latitude_own", "longitude_own")
    )
    half = ((north - own_north) / 2).sin() ** 2 + north.cos() * own_north.cos() * ((east - own_east) / 2).sin() ** 2
    return 2 * _EARTH_M * half.clip(0, 1).sqrt().arcsin()
