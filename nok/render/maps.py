"""The map of a region, built by folium without strangers: the only place that knows folium.

Folium's own page loads ten foreign files, forbids zooming and carries inline script with random ids. So its header is
never used: the element goes into our page, the script into a file of its own, ids are fixed, Leaflet is ours, and
points come by address in columns instead of one script call each; the theme's own script gathers and draws them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import branca.element
import folium
import folium.template

MAXIMUM_ZOOM = 18
"""Must be said where there are no tiles, or clusters cannot be computed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionMap:
    """The element to put into the page and the script to load after Leaflet."""

    element: str
    script: str


class _Plain(branca.element.MacroElement):
    """Leaves the name of the library out of the corner of the map. Points are drawn by `theme/static/region.js`."""

    _template = folium.template.Template(
        """
        {% macro script(this, kwargs) %}
        {{ this._parent.get_name() }}.attributionControl.setPrefix(false);
        {% endmacro %}
        """
    )


def region_map(region_code: str, bounds: tuple[tuple[float, float], tuple[float, float]]) -> RegionMap:
    """The map of one region; `bounds` are its south-western and north-eastern corners (latitude, longitude).

    The same region gives the same bytes: folium's ids are replaced by the place of each part in the map.
    """
    drawn = folium.Map(tiles=None, zoom_control=True, maxZoom=MAXIMUM_ZOOM, scrollWheelZoom=False)
    drawn.default_js, drawn.default_css = [], []
    drawn.fit_bounds([list(corner) for corner in bounds], max_zoom=16)
    _Plain().add_to(drawn)  # type: ignore[no-untyped-call]
    figure: Any = drawn.get_root()
    for number, part in enumerate(_walk(figure)):
        part._id = f"{region_code.replace('-', '_')}_{number}"
    figure.render()
    return RegionMap(element=figure.html.render().strip(), script=figure.script.render().strip() + "\n")


def _walk(part: branca.element.Element) -> Iterator[branca.element.Element]:
    yield part
    for child in part._children.values():
        yield from _walk(child)


def bounds_of(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """South-western and north-eastern corners; a region across the antimeridian goes on beyond 180°."""
    latitudes, longitudes = [latitude for latitude, _ in points], [longitude for _, longitude in points]
    if max(longitudes) - min(longitudes) > 180:
        longitudes = [longitude % 360 for longitude in longitudes]
    return (min(latitudes), min(longitudes)), (max(latitudes), max(longitudes))
