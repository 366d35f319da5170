"""The map of a region, built by folium without strangers: the only place that knows folium.

Folium's own page loads ten foreign files, forbids zooming and carries inline script with random ids. So its header is
never used: the element goes into our page, the script into a file of its own, ids are fixed, Leaflet is ours, and
points come by address in columns instead of one script call each.
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


class _Points(branca.element.MacroElement):
    """Circles for the points of `points.json` beside the script; popups are built as nodes, never from strings."""

    _template = folium.template.Template(
        """
        {% macro script(this, kwargs) %}
        (function () {
            var map = {{ this._parent.get_name() }};
            var here = document.currentScript.src;
            var style = getComputedStyle(document.documentElement);
            var fills = [0, 1, 2, 3, 4, 5].map(function (level) {
                return level ? style.getPropertyValue("--b" + level).trim() : "transparent";
            });
            var ink = style.getPropertyValue("--ink").trim() || "#16202e";
            map.attributionControl.setPrefix(false);
            function popup(data, i) {
                var box = document.createElement("div"), link = document.createElement("a");
                link.href = "../../" + data.folder + (data.shard ? data.shard[i] + "/" : "") + data.id[i] + ".html";
                link.textContent = data.name[i];
                box.appendChild(link);
                var line = document.createElement("div");
                line.textContent = data.points[i];
                box.appendChild(line);
                return box;
            }
            fetch(new URL("points.json", here)).then(function (answer) { return answer.json(); }).then(function (data) {
                var circles = {};
                data.id.forEach(function (id, i) {
                    circles[id] = L.circleMarker([data.lat[i], data.lon[i]], {
                        radius: 7, weight: 1.5, color: ink, fillColor: fills[data.level[i]], fillOpacity: 0.9
                    }).bindPopup(popup(data, i)).addTo(map);
                });
                function open() {
                    var wanted = /^#o=([a-z0-9-]+)$/.exec(location.hash);
                    if (wanted && Object.prototype.hasOwnProperty.call(circles, wanted[1])) {
                        map.setView(circles[wanted[1]].getLatLng(), Math.max(map.getZoom(), 14), { animate: false });
                        circles[wanted[1]].openPopup();
                        map.getContainer().scrollIntoView({ block: "center" });
                    }
                }
                addEventListener("hashchange", open);
                open();
            });
        }());
        {% endmacro %}
        """
    )


def region_map(region_code: str, bounds: tuple[tuple[float, float], tuple[float, float]]) -> RegionMap:
    """The map of one region; `bounds` are its south-western and north-eastern corners (latitude, longitude).

    The same region gives the same bytes: folium's ids are replaced by the place of each part in the map.
    """
    drawn = folium.Map(tiles=None, zoom_control=True, prefer_canvas=True, maxZoom=MAXIMUM_ZOOM, scrollWheelZoom=False)
    drawn.default_js, drawn.default_css = [], []
    drawn.fit_bounds([list(corner) for corner in bounds], max_zoom=16)
    _Points().add_to(drawn)  # type: ignore[no-untyped-call]
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
