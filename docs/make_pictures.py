"""Makes the three pictures of the README from a real build of the demonstration: `python -m docs.make_pictures`.

Needs the test tools (`make install`) and Chromium. The day is fixed, so the pictures change only with the pages.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2
from PIL import Image
from playwright.sync_api import sync_playwright

from nok import urls
from tests.browser.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "data_packages" / "demo"
REGION, ORGANIZATION = "00", "primersk-school-1"
DAY = "1770422400"
"""7 February 2026, the day on which the demonstration was invented."""

COMPARED = ("primersk-school-1", "primersk-school-12", "primersk-gimnaziya-3")
PAGES = {
    "organization.png": urls.organization(REGION, ORGANIZATION),
    "comparison.png": f"compare/?{'&'.join(f'o={REGION}/{one}' for one in COMPARED)}",
}
PAGE_SIZE = {"width": 900, "height": 1100}
COLOURS = 128
"""Enough for pages of a few colours with smooth letters; the file is a third of what it was."""
POSTER_WIDTH = 560


def main() -> None:
    with TemporaryDirectory(prefix="nok-pictures-") as scratch:
        site, poster = Path(scratch, "site"), Path(scratch, "poster.pdf")
        publish("build", "--output", site)
        publish("posters", "--organization", ORGANIZATION, "--out", poster)
        for name, address in PAGES.items():
            save(page_picture(site / "current", address, Path(scratch, name)), name)
        save(poster_picture(poster), "poster.png")


def publish(command: str, *arguments: object) -> None:
    """One command of the program, on the fixed day and with the demonstration only."""
    subprocess.run(
        [sys.executable, "publish.py", command, "--packages", PACKAGE, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"SOURCE_DATE_EPOCH": DAY},
        check=True,
    )


def page_picture(site: Path, address: str, file: Path) -> Image.Image:
    """The top of a page as a reader sees it, once its fonts and answers have come."""
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        sys.exit("No Chromium on PATH: `make browser` as root, then again. No picture was made.")
    with served(site) as root, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        page = browser.new_page(viewport=PAGE_SIZE, locale="ru-RU")
        for _ in range(2):  # a font that comes late serves the next visit
            page.goto(f"{root}/{address}", wait_until="networkidle")
        page.screenshot(path=file)
        browser.close()
    return Image.open(file)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """`folder` on a free port of this machine for as long as the block runs."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """Files without a line in the log for each."""

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002  the library's name
        pass


def poster_picture(file: Path) -> Image.Image:
    """The first page of the PDF that is printed, on a hairline so that white paper shows on a white page."""
    document = pypdfium2.PdfDocument(file)
    sheet = document[0]
    picture = sheet.render(scale=POSTER_WIDTH / sheet.get_width()).to_pil().convert("RGB")
    document.close()
    framed = Image.new("RGB", (picture.width + 2, picture.height + 2), "#c9d2dc")
    framed.paste(picture, (1, 1))
    return framed


def save(picture: Image.Image, name: str) -> None:
    small = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    small.save(Path(__file__).with_name(name), optimize=True)


if __name__ == "__main__":
    main()
