"""Styles, scripts, fonts and pictures under names that carry the hash of their content.

Ours lie in `theme/static`; Leaflet and the fonts are installed by npm and never committed. A style's `url(name)` is
rewritten to the hashed name, so an old page finds its own style and fonts for as long as they are kept.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nok import urls
from nok.errors import ConfigError
from nok.site.files import FileWriter, replace_file

KEPT_RELEASES = 3
"""The assets of so many releases stay in every slot, for tabs that were opened before."""

_FONT = "@fontsource/golos-text/files/golos-text-{subset}-{weight}-normal.woff2"
_SUBSETS = ("cyrillic", "cyrillic-ext", "latin", "latin-ext")
INSTALLED: Mapping[str, str] = {
    "leaflet.js": "leaflet/dist/leaflet.js",
    "leaflet.css": "leaflet/dist/leaflet.css",
    "layers.png": "leaflet/dist/images/layers.png",
    "layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "marker-icon.png": "leaflet/dist/images/marker-icon.png",
    "supercluster.js": "supercluster/dist/supercluster.min.js",
    "stem-russian.js": "@orama/stemmers/dist/ru.js",
} | {
    f"golos-text-{subset}-{weight}-normal.woff2": _FONT.format(subset=subset, weight=weight)
    for subset in _SUBSETS
    for weight in (400, 700)
}
"""Logical name to the place below `node_modules`."""

_IMPORT = re.compile(rb'^(?:import\b|\}) ?[^;"]*"\./([\w.-]+\.js)"', re.MULTILINE)
_URL = re.compile(rb"url\(\s*[\"']?([^)\"']+)[\"']?\s*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """Logical name to path below the root, and the bytes of each path."""

    paths: Mapping[str, str]
    contents: Mapping[str, bytes]


def gather_assets(theme: Path, node_modules: Path) -> Assets:
    """All assets of the publication.

    Raises:
        ConfigError: an installed file is missing, or a style names a file that is not an asset.
    """
    found = {name: _installed(node_modules / place) for name, place in INSTALLED.items()}
    found |= {file.name: _own(file) for file in sorted((theme / "static").iterdir()) if file.is_file()}
    paths: dict[str, str] = {}
    contents: dict[str, bytes] = {}
    for name in sorted(_in_order(found), key=lambda name: name.endswith(".css")):
        content = found[name]
        if name.endswith(".css"):
            content = _with_hashed_urls(name, content, paths)
        elif name.endswith(".js"):
            content = _with_hashed_imports(content, paths)
        path = urls.asset(_hashed(name, content))
        paths[name], contents[path] = path, content
    return Assets(paths=paths, contents=contents)


def _installed(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError("asset-missing", place=file) from error


_UNSENT = re.compile(rb"/\*.*?\*/\n?|^ +|(?<=[{;]) +| +(?=[{}])", re.DOTALL | re.MULTILINE)
"""What people read in a style and browsers do not: comments, and the spaces before and after a brace."""


def _own(file: Path) -> bytes:
    """A file of the theme; what styles say to whoever changes them is not sent to whoever reads the site."""
    return _UNSENT.sub(b"", file.read_bytes()) if file.suffix == ".css" else file.read_bytes()


def _hashed(name: str, content: bytes) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem}.{_mark(content)}{dot}{ending}"


def _mark(content: bytes) -> str:
    """What the name of an asset tells of its content."""
    return hashlib.sha256(content).hexdigest()[:10]


def _with_hashed_urls(style: str, content: bytes, paths: Mapping[str, str]) -> bytes:
    def replace(match: re.Match[bytes]) -> bytes:
        target = match.group(1).decode()
        if target.startswith(("data:", "#")):
            return match.group(0)
        name = target.rpartition("/")[2]
        if name not in paths:
            raise ConfigError("asset-unknown", style=style, target=target)
        return f"url({paths[name].rpartition('/')[2]})".encode()

    return _URL.sub(replace, content)


def _in_order(found: Mapping[str, bytes]) -> list[str]:
    """The names of assets, each script after those that it imports.

    Raises:
        ConfigError: a script imports what is no asset, or two import each other.
    """
    order: list[str] = []

    def place(name: str, importers: tuple[str, ...]) -> None:
        if name not in found or name in importers:
            raise ConfigError("asset-circle", script=importers[-1], name=name)
        if name not in order:
            for imported in _IMPORT.findall(found[name]) if name.endswith(".js") else ():
                place(imported.decode(), (*importers, name))
            order.append(name)

    for name in sorted(found):
        place(name, ())
    return order


def _with_hashed_imports(content: bytes, paths: Mapping[str, str]) -> bytes:
    def replace(match: re.Match[bytes]) -> bytes:
        hashed = paths[match.group(1).decode()].rpartition("/")[2]
        return match.group(0).replace(match.group(1), hashed.encode())

    return _IMPORT.sub(replace, content)


def write_assets(writer: FileWriter, contents: Mapping[str, bytes]) -> None:
    """Puts the assets (path to bytes) into a slot."""
    for path, content in contents.items():
        writer.write(path, content)


class AssetShelf:
    """The assets of the last releases, kept beside what the program remembers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._index = folder / "releases.json"

    def contents(self) -> dict[str, bytes]:
        """Path to bytes of every asset that a release before this one used; a file that is lost or cut is left out."""
        paths = {path for release in self._releases()[-(KEPT_RELEASES - 1) :] for path in release}
        found = {path: self._content(path) for path in sorted(paths)}
        return {path: content for path, content in found.items() if content is not None}

    def add(self, contents: Mapping[str, bytes]) -> None:
        """Keeps the assets of the release that has just been published; those of releases long past go."""
        self._folder.mkdir(parents=True, exist_ok=True)
        releases = [*self._releases(), sorted(contents)][-KEPT_RELEASES:]
        for path, content in contents.items():
            if self._content(path) is None:
                replace_file(self._file(path), content)
        replace_file(self._index, (json.dumps(releases, indent=1) + "\n").encode())
        kept = {self._file(path).name for release in releases for path in release} | {self._index.name}
        for file in self._folder.iterdir():
            if file.name not in kept:
                file.unlink()

    def _releases(self) -> list[list[str]]:
        """The paths of each release's assets, oldest first; none where the list is lost or cut."""
        found: list[list[str]] = []
        with suppress(FileNotFoundError, ValueError):
            found = json.loads(self._index.read_text("utf-8"))
        return found

    def _content(self, path: str) -> bytes | None:
        """The bytes of a kept asset; `None` where they are not those that its name tells."""
        try:
            content = self._file(path).read_bytes()
        except FileNotFoundError:
            return None
        return content if _mark(content) in path else None

    def _file(self, path: str) -> Path:
        return self._folder / path.rpartition("/")[2]
