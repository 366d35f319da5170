"""Where an organisation stands among the points of its region: one projection for the picture and for the mark on it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from nok import urls
from nok.compose.edition import Edition, percent
from nok.model import PlaceView
from nok.records import Organization

PICTURE_WIDTH, PICTURE_HEIGHT = 300, 200
"""Units of the picture; the page scales it."""

_MARGIN = 8
_LEAST_DEGREES = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """The middle of a region's points and how many units of the picture a degree of latitude takes.

    Longitudes are counted from `west` eastwards, so that a region across the antimeridian stays in one piece.
    """

    west: float
    longitude: float
    latitude: float
    stretch: float
    units: float

    def position(self, latitude: float, longitude: float) -> tuple[float, float]:
        """(x, y) in units of the picture from its upper left corner."""
        east = (longitude - self.west) % 360 + self.west
        x = PICTURE_WIDTH / 2 + (east - self.longitude) * self.stretch * self.units
        y = PICTURE_HEIGHT / 2 - (latitude - self.latitude) * self.units
        return round(min(max(x, 0), PICTURE_WIDTH), 1), round(min(max(y, 0), PICTURE_HEIGHT), 1)


def extent_of(points: Iterable[tuple[float, float]]) -> Extent | None:
    """The extent of (latitude, longitude) points; `None` where there are none."""
    found = list(points)
    if not found:
        return None
    latitudes, longitudes = zip(*found, strict=True)
    west = _west(longitudes)
    easts = [(longitude - west) % 360 + west for longitude in _edges(longitudes, west)]
    middle = (min(latitudes) + max(latitudes)) / 2
    stretch = max(math.cos(math.radians(middle)), 0.05)
    height = max(max(latitudes) - min(latitudes), _LEAST_DEGREES)
    span = max((max(easts) - min(easts)) * stretch, _LEAST_DEGREES)
    return Extent(
        west=west,
        longitude=(min(easts) + max(easts)) / 2,
        latitude=middle,
        stretch=stretch,
        units=min((PICTURE_WIDTH - 2 * _MARGIN) / span, (PICTURE_HEIGHT - 2 * _MARGIN) / height),
    )


def _edges(longitudes: Sequence[float], west: float) -> Sequence[float]:
    """The longitudes among which are the first and the last, counted from `west`: two of them, or all."""
    least, most = min(longitudes), max(longitudes)
    return (least, most) if west <= least and most < west + 360 else longitudes


def _west(longitudes: Sequence[float]) -> float:
    """The western edge: 0 where the points lie on both sides of the antimeridian, -180 otherwise."""
    return 0.0 if max(longitudes) - min(longitudes) > 180 else -180.0


def place_view(
    organization: Organization, caption: str, extent: Extent | None, origin: str, edition: Edition
) -> PlaceView:
    """The small picture of an organisation's page; empty where it has no coordinates."""
    if extent is None or organization.latitude is None or organization.longitude is None:
        return PlaceView(x="", y="", picture="", map_href="", caption=caption or edition.words("page.no_place"))
    x, y = extent.position(organization.latitude, organization.longitude)
    region = urls.region(organization.region_code, lang=edition.lang)
    return PlaceView(
        x=_across(x, PICTURE_WIDTH),
        y=_across(y, PICTURE_HEIGHT),
        picture=urls.relative(urls.region_silhouette(organization.region_code), origin),
        map_href=f"{urls.relative(region, origin)}#o={organization.organization_id}",
        caption=caption,
    )


@lru_cache(maxsize=5_001)  # all tenths of a unit of the picture
def _across(units: float, whole: int) -> str:
    return percent(Decimal(str(units)) * 100 / whole)


def place_line(organization: Organization) -> str:
    """The address, with the municipality in front where the address does not name it."""
    address, municipality = organization.address, organization.municipality
    if not municipality or municipality.casefold() in address.casefold():
        return address
    return f"{municipality}, {address}" if address else municipality
