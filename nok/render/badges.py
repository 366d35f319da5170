"""Small pictures: the badge an organisation puts on its own site, and the points of a region."""

from collections.abc import Iterable
from html import escape

BAND_COLOURS = {0: "#ffffff", 1: "#d7191c", 2: "#fdae61", 3: "#ffffbf", 4: "#abd9e9", 5: "#2c7bb6"}
"""The five bands, worst first (look: safe for colour-blind readers); 0 is no score."""


def badge_svg(heading: str, points: str, word: str, level: int, qr_path: str = "", qr_size: int = 0) -> str:
    """The badge of 300 × 60: what was assessed, the points, the word; never colour alone.

    Below what is shown of it lies the code of the rating form, which the same address with `#qr` shows instead: so a
    country needs no file more for it. `qr_path` is SVG path data in modules, `qr_size` modules on a side.
    """
    verdict = f"{points} · {word}" if points and word else points or word
    label = escape(f"{heading}: {verdict}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60" viewBox="0 0 300 60" role="img"'
        f' aria-label="{label}" font-family="Golos Text, PT Sans, Segoe UI, Arial, sans-serif" font-size="15">'
        f"<title>{label}</title>"
        '<rect x=".5" y=".5" width="299" height="59" rx="6" fill="#ffffff" stroke="#c9d2dc"/>'
        f'<rect x="12.5" y="12.5" width="10" height="35" rx="2" fill="{BAND_COLOURS[level]}" stroke="#16202e"/>'
        f'<text x="36" y="26" fill="#4a5868">{escape(heading)}</text>'
        f'<text x="36" y="47" fill="#16202e" font-weight="700" font-size="17">{escape(verdict)}</text>'
        f"{_code(qr_path, qr_size) if qr_path else ''}</svg>\n"
    )


_CODE_TOP = 70
"""Where the code begins: below the badge, so that a picture of the badge does not show it."""


def _code(path: str, size: int) -> str:
    return (
        f'<view id="qr" viewBox="0 {_CODE_TOP} {size} {size}"/>'
        f'<g transform="translate(0 {_CODE_TOP})" shape-rendering="crispEdges">'
        f'<path fill="#ffffff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></g>'
    )


def silhouette_svg(points: Iterable[tuple[float, float]], width: int, height: int) -> str:
    """All points of a region as one path of dots, the ground of the small map on each organisation's page."""
    dots = "".join(f"M{x:g} {y:g}h0" for x, y in sorted(set(points)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" preserveAspectRatio="none">'
        f'<path d="{dots}" stroke="#8a97a6" stroke-width="3" stroke-linecap="round" fill="none"/></svg>\n'
    )
