"""Every kind of page as pictures to look at: `python -m tests.browser.contact_sheets --out sheets`.

Builds the demonstration unless `--output` names a built site, serves site and widget with `publish.py serve`, and opens one
page of each kind in headless Chromium at three widths, light, dark and in forced colours. Each page becomes a picture of
its own (`<width>-<look>-<kind>.png`), and all of one width and look stand together on contact sheets
(`sheet-<width>-<look>-1.png` …). Nothing is judged here: people look.
"""

import argparse
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, sync_playwright

from benchmarks.paint import ROOT, built
from tests.browser.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, running_server
from tests.browser.kinds import KINDS, SELDOM

WIDTHS: Mapping[int, int] = {360: 12, 768: 8, 1280: 8}
"""Widths of the screen, with the number of pages on a sheet."""

LOOKS: Mapping[str, Mapping[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}
SCREENS = 2.2
"""How much of a page is shown, in screens of 3 by 4 (on a phone 1 by 2)."""

THUMBNAIL = {360: 240, 768: 360, 1280: 440}
GAP, CAPTION = 12, 18


def main(arguments: Sequence[str] | None = None) -> int:
    """Makes the pictures; 1 where a page could not be opened."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser.contact_sheets", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    parser.add_argument("--output", type=Path, help="a built site with the demonstration; built anew where left out")
    parser.add_argument("--width", type=int, action="append", choices=list(WIDTHS), help="may be repeated")
    parser.add_argument("--look", action="append", choices=list(LOOKS), help="may be repeated")
    parser.add_argument("--only", action="append", help="one kind of page, by its name; may be repeated")
    chosen = parser.parse_args(arguments)
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        sys.exit("No Chromium on PATH: `make browser` as root, then again. No picture was made.")
    chosen.out.mkdir(parents=True, exist_ok=True)
    kinds = {kind: address for kind, address in (KINDS | SELDOM).items() if kind in (chosen.only or KINDS | SELDOM)}
    lost = 0
    with TemporaryDirectory(prefix="nok-sheets-") as scratch, sync_playwright() as playwright:
        output = chosen.output or built(Path(scratch, "output"))
        serve = ["--output", str(output), "--store", str(Path(scratch, "store.sqlite"))]
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        with running_server(ROOT, Path(scratch), serve) as server:
            for width in chosen.width or WIDTHS:
                for look in chosen.look or LOOKS:
                    made = dict(pictures(browser, server.url, kinds, width, look, chosen.out))
                    lost += len(kinds) - len(made)
                    make_sheets(made, width, look, chosen.out)
        browser.close()
    return int(lost > 0)


def pictures(
    browser: Browser, url: str, kinds: Mapping[str, str], width: int, look: str, out: Path
) -> Iterator[tuple[str, Path]]:
    """(kind, picture) of each page that answers; what does not is told."""
    height = width * 2 if width < 700 else width * 3 // 4
    context = browser.new_context(viewport={"width": width, "height": height}, locale="ru-RU", **LOOKS[look])
    page = context.new_page()
    for kind, address in kinds.items():
        answer = page.goto(f"{url}/{address}", wait_until="networkidle")
        if answer is None or (answer.status != 200 and kind != "not found"):
            print(f"{kind}: /{address} answers {answer.status if answer else 'nothing'}")
            continue
        file = out / f"{width}-{look}-{re.sub('[^a-z]+', '-', kind.lower())}.png"
        tall = int(page.evaluate("() => document.documentElement.scrollHeight"))
        shown = {"x": 0, "y": 0, "width": width, "height": min(tall, int(height * SCREENS))}
        page.screenshot(path=file, full_page=True, clip=shown)  # type: ignore[arg-type]
        yield kind, file
    context.close()


def make_sheets(made: Mapping[str, Path], width: int, look: str, out: Path) -> None:
    """Small copies side by side, each below its name."""
    shown, most = list(made.items()), WIDTHS[width]
    for number, start in enumerate(range(0, len(shown), most), start=1):
        small = [(kind, thumbnail(file, THUMBNAIL[width])) for kind, file in shown[start : start + most]]
        columns = most // 2
        tallest = max(picture.height for _, picture in small) + CAPTION + GAP
        rows = -(-len(small) // columns)
        sheet = Image.new("RGB", (columns * (THUMBNAIL[width] + GAP) + GAP, rows * tallest + GAP), "#808890")
        draw = ImageDraw.Draw(sheet)
        for place, (kind, picture) in enumerate(small):
            left = GAP + place % columns * (THUMBNAIL[width] + GAP)
            top = GAP + place // columns * tallest
            draw.text((left, top), kind, fill="white")
            sheet.paste(picture, (left, top + CAPTION))
        sheet.save(out / f"sheet-{width}-{look}-{number}.png")


def thumbnail(file: Path, width: int) -> Image.Image:
    with Image.open(file) as picture:
        return picture.convert("RGB").resize((width, round(picture.height * width / picture.width)))


if __name__ == "__main__":
    sys.exit(main())
