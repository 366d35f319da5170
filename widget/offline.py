"""Forms without a net: the service worker with what it keeps, the page of ratings that wait, and the way to be rid of both.

The worker is named by nothing but its address, so that browsers find the next one there; its version is a hash of itself
and of the assets it keeps, so that another style or script makes another worker. It may see the forms alone.
"""

import hashlib
import json
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response

from nok import urls
from widget.exchange import answer_page, intake_of, view_of
from widget.pages import outbox_page
from widget.settings import Settings

_KEPT = ("site.css", "icon.svg", "view.js", "outbox.js", "draft.js")
"""What a form needs; fonts are left to the browser's own store, for they are large."""
_GONE = """self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  const gone = caches.keys().then((names) => Promise.all(names.map((name) => caches.delete(name))));
  event.waitUntil(gone.then(() => self.registration.unregister()));
});
"""
"""Replaces a worker that was there before and takes itself away. Ratings that wait stay until the form is opened again."""


async def show_worker(request: Request) -> Response:
    """`GET /rate/worker.js`: the service worker; where forms without a net are switched off, one that removes itself."""
    settings = intake_of(request).settings
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
    return Response(worker_script(settings), HTTPStatus.OK, headers, "text/javascript")


def worker_script(settings: Settings) -> str:
    """The worker as it is sent."""
    if not settings.offline:
        return _GONE
    script = (settings.theme / "static" / "worker.js").read_text("utf-8")
    kept = [f"/{settings.assets[name]}" for name in _KEPT if name in settings.assets]
    pages = [f"/{urls.outbox()}{query}" for query in _queries(settings)]
    said = json.dumps(kept), json.dumps(pages)
    version = hashlib.sha256("\0".join((script, *said)).encode()).hexdigest()[:12]
    return f'const VERSION = "{version}";\nconst KEPT = {said[0]};\nconst PAGES = {said[1]};\n{script}'


def _queries(settings: Settings) -> list[str]:
    return ["", *(f"?lang={language}" for language in settings.languages)]


async def show_outbox(request: Request) -> Response:
    """`GET /rate/outbox/`: ratings that wait in this browser; the server knows none of them."""
    return answer_page(request, "outbox", outbox_page(view_of(request)), HTTPStatus.OK, {})
