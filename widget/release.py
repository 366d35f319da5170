"""The built site as files: every answer of one release, also while the next one is being switched to."""

import os
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
_OPEN_TO_ALL = ("data/", "opendata/", "api/", "o/")
"""Below these, pages of others may read data files."""


class Release(StaticFiles):
    """Files below `current`, found through the slot that it means at this moment."""

    def __init__(self, site: Path) -> None:
        super().__init__(directory=site, html=True, check_dir=False)
        self._site = site

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
        """`path.gz` where it was made beside the file and the client takes it; ranges are of the file itself."""
        headers = Headers(scope=scope)
        if "gzip" not in headers.get("accept-encoding", "") or "range" in headers or path.endswith(".gz"):
            return None
        try:
            response = await super().get_response(f"{path}.gz", scope)
        except HTTPException:
            return None
        if response.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
            return None
        if isinstance(response, FileResponse):
            response.headers["content-encoding"] = "gzip"
            response.headers["content-type"] = FileResponse(path).headers["content-type"]
        response.headers.add_vary_header("Accept-Encoding")
        return response
