"""The built site as files: every answer of one release, also while the next one is being switched to."""

import mimetypes
import os
import re
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOR_EVER = "public, max-age=31536000, immutable"
"""For files whose name carries the hash of their content."""
ASK_FIRST = "no-cache"
"""A browser keeps the file and asks whether it is still the same."""
_ENDINGS = {"br": "br", "gzip": "gz"}
"""Coding to the ending of its twins, the smaller first."""
_QUALITY = re.compile(r"[01](\.[0-9]{0,3})?")
_OPEN_TO_ALL = ("data/", "opendata/", "api/", "o/")
"""Below these, pages of others may read data files."""


class Release(StaticFiles):
    """Files below `current`, found through the slot that it means at this moment."""

    def __init__(self, site: Path, own: Mapping[str, bytes]) -> None:
        """`own` are styles, scripts and fonts (path to bytes) of the program's own pages. They answer where the release was
        built by an earlier program and has none of that name: forms and desk must not lose their style by an upgrade."""
        super().__init__(directory=site, html=True, check_dir=False)
        self._site, self._own = site, own

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """The file, looked for below the slot that the link means now: following the link twice may meet two slots."""
        if path.startswith(("/", "\\")):
            return "", None
        root = os.path.realpath(self._site)
        full = os.path.realpath(os.path.join(root, path))  # noqa: PTH118  a Path cannot hold what a client may send
        if os.path.commonpath([full, root]) != root:
            return "", None
        try:
            return full, os.stat(full)  # noqa: PTH116  as above
        except (FileNotFoundError, NotADirectoryError):
            return "", None

    async def check_config(self) -> None:
        """A site that is not built yet is no failure: the widget takes ratings without it."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, its compressed twin, a page that nothing is here, or the way into a folder."""
        if path in self._own and self.lookup_path(path)[1] is None:
            kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
            return Response(self._own[path], headers={"Cache-Control": FOR_EVER}, media_type=kind)
        twin = await self._twin(path, scope)
        response = twin or await super().get_response(path, scope)
        if isinstance(response, RedirectResponse):
            # The library builds the address from the Host header, which the client writes; ours stays on this host.
            return RedirectResponse(f"/{quote(path)}/", status_code=HTTPStatus.PERMANENT_REDIRECT)
        if response.status_code < HTTPStatus.BAD_REQUEST:
            response.headers["cache-control"] = FOR_EVER if path.startswith("static/") else ASK_FIRST
            if path.startswith(_OPEN_TO_ALL) and not path.endswith(".html"):
                response.headers["access-control-allow-origin"] = "*"
        return response

    async def _twin(self, path: str, scope: Scope) -> Response | None:
        """The twin that the client likes best of those beside the file; ranges are of the file itself."""
        headers = Headers(scope=scope)
        if "range" in headers or path.endswith((".gz", ".br")):
            return None
        if scope["path"].endswith("/"):
            path = f"{path}/index.html".removeprefix("./")
        for coding in accepted_codings(headers.get("accept-encoding", "")):
            response = await self._compressed(path, coding, scope)
            if response is not None:
                return response
        return None

    async def _compressed(self, path: str, coding: str, scope: Scope) -> Response | None:
        """The twin in a coding, dressed as the file itself; `None` where there is none."""
        try:
            response = await super().get_response(f"{path}.{_ENDINGS[coding]}", scope)
        except HTTPException:
            return None
        if response.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            return None
        if isinstance(response, FileResponse):
            response.headers["content-encoding"] = coding
            response.headers["content-type"] = FileResponse(path).headers["content-type"]
        response.headers.add_vary_header("Accept-Encoding")
        return response


def accepted_codings(header: str) -> list[str]:
    """The codings of ours that `Accept-Encoding` takes, the best liked first, and of those liked alike the smaller twin.

    >>> accepted_codings("gzip, deflate, br;q=0.9")
    ['gzip', 'br']
    >>> accepted_codings("*, gzip;q=0")
    ['br']
    """
    likings: dict[str, float] = {}
    for item in header.lower().split(","):
        coding, _, parameter = item.partition(";")
        likings[coding.strip()] = _quality(parameter)
    every = likings.get("*", 0.0)
    liked = {coding: likings.get(coding, every) for coding in _ENDINGS}
    return sorted((coding for coding in liked if liked[coding] > 0), key=lambda coding: -liked[coding])


def _quality(parameter: str) -> float:
    """How much something is liked, 0 to 1, by `q=0.5`; 1 where nothing is said, 0 where nobody can read it."""
    name, _, value = parameter.replace(" ", "").partition("=")
    if name != "q":
        return 1.0
    return float(value) if _QUALITY.fullmatch(value) else 0.0
