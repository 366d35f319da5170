"""What a reader with a slow phone waits for: `python -m benchmarks.paint`.

Builds the demonstration unless `--output` names a built site, serves it with `publish.py serve` and opens one page of
each important kind in headless Chromium, as a phone on a slow mobile network: 1.6 Mbit/s down, 750 kbit/s up, 150 ms
until an answer begins, a processor four times slower, nothing cached. Prints when the largest thing of the first screen
stood there (LCP), how far anything moved afterwards (CLS, 0 is nothing at all) and what was sent.

Needs the test tools (`make install`) and Chromium. On a busy machine the times are too long, never too short.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import TimeoutError as NotQuietError

from tests.browser.conftest import CHROMIUM_FLAGS, CHROMIUM_NAMES, running_server

ROOT = Path(__file__).resolve().parent.parent
LCP_MS = 1200
"""The budget: what must stand on the screen by then."""

SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
SLOWER_PROCESSOR = 4
PHONE = {"width": 360, "height": 740}

SCHOOLS = "o=00/primersk-school-12&o=00/primersk-school-1"
PAGES: Mapping[str, str] = {
    "home": "",
    "region": "regions/00/",
    "list of a sphere": "spheres/education/00.html",
    "organisation": "o/00/primersk-school-12.html",
    "organisation, much to read": "o/00/primersk-hospital-1.html",
    "reviews": "o/00/primersk-school-12.reviews-2.html",
    "search": "search/?q=школа+12",
    "map": "map/",
    "comparison": f"compare/?{SCHOOLS}",
    "near": "near/?q=Примерск",
    "favourites": f"favourites/?{SCHOOLS}",
    "poster": "o/00/primersk-school-12.poster.html",
}
"""One page of each kind that people open first, by its address in the demonstration."""

_WATCH = """() => {
  window.seen = { lcp: 0, what: '', shifts: [] };
  const watch = (type, told) =>
    new PerformanceObserver((list) => list.getEntries().forEach(told)).observe({ type, buffered: true });
  watch('largest-contentful-paint', (one) => {
    seen.lcp = one.startTime;
    seen.what = one.element ? one.element.tagName.toLowerCase() + ' ' + one.element.className : '';
  });
  watch('layout-shift', (one) => {
    if (one.hadRecentInput) return;
    const nodes = one.sources.map(({ node }) => node && node.nodeName + '#' + (node.id || '') + '.' + node.className);
    seen.shifts.push([one.value, one.startTime, nodes]);
  });
}"""
_SENT = """() => performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation'))
  .reduce((sum, one) => sum + one.encodedBodySize, 0)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """`lcp_ms` from the click; `what` was the largest; `moved` is the sum of all shifts, told one by one in `shifts`."""

    lcp_ms: int
    what: str
    moved: float
    shifts: tuple[str, ...]
    sent_bytes: int


def paint(browser: Browser, address: str, *, settle_ms: int = 700) -> Paint:
    """Opens `address` as a slow phone does, waits until it is quiet, and reads to its end."""
    context = browser.new_context(viewport=PHONE, device_scale_factor=2, is_mobile=True, has_touch=True, locale="ru-RU")  # type: ignore[arg-type]
    try:
        page = context.new_page()
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.send("Network.emulateNetworkConditions", SLOW_4G)
        session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_PROCESSOR})
        page.add_init_script(f"({_WATCH})()")
        page.goto(address, timeout=120_000)
        with suppress(NotQuietError):  # on a busy machine the driver may miss that the last answer has come
            page.wait_for_load_state("networkidle", timeout=20_000)
        page.wait_for_function("() => seen.lcp > 0")  # a busy machine may paint late
        page.wait_for_timeout(settle_ms)
        first = page.evaluate("() => ({ ...seen })")
        page.evaluate("() => scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(settle_ms)
        shifts = page.evaluate("() => seen.shifts")
        return Paint(
            lcp_ms=round(first["lcp"]),
            what=first["what"].strip(),
            moved=sum(value for value, *_ in shifts),
            shifts=tuple(f"{value:.4f} at {at:.0f} ms: {', '.join(map(str, nodes))}" for value, at, nodes in shifts),
            sent_bytes=page.evaluate(_SENT),
        )
    finally:
        context.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; 1 where a page is too late or moves."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.paint", description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, help="a built site with the demonstration; built anew where left out")
    parser.add_argument("--only", action="append", choices=list(PAGES), help="one kind of page; may be repeated")
    parser.add_argument("--times", type=int, default=1, help="open each page so often; the soonest time is told")
    chosen = parser.parse_args(arguments)
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        sys.exit("No Chromium on PATH: `make browser` as root, then again. Nothing was measured.")
    with TemporaryDirectory(prefix="nok-paint-") as scratch, sync_playwright() as playwright:
        output = chosen.output or built(Path(scratch, "output"))
        serve = ["--output", str(output), "--store", str(Path(scratch, "store.sqlite"))]
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_FLAGS))
        with running_server(ROOT, Path(scratch), serve) as server:
            addresses = {kind: f"{server.url}/{PAGES[kind]}" for kind in chosen.only or PAGES}
            seen = {kind: soonest(browser, address, chosen.times) for kind, address in addresses.items()}
        browser.close()
    print(table(seen))
    return int(any(one.lcp_ms > LCP_MS or one.moved for one in seen.values()))


def soonest(browser: Browser, address: str, times: int) -> Paint:
    """The visit with the earliest LCP of so many, with whatever moved in any of them."""
    visits = [paint(browser, address) for _ in range(times)]
    shifts = tuple(shift for one in visits for shift in one.shifts)
    best = min(visits, key=lambda one: one.lcp_ms)
    return replace(best, moved=max(one.moved for one in visits), shifts=shifts)


def built(output: Path) -> Path:
    """The demonstration, published into `output`."""
    packages = ["--packages", str(ROOT / "data_packages" / "demo")]
    subprocess.run([sys.executable, "publish.py", "build", *packages, "--output", str(output)], cwd=ROOT, check=True)
    return output


def table(seen: Mapping[str, Paint]) -> str:
    """One line a page, and below it what moved."""
    lines = [f"{'page':28} {'LCP, ms':>8} {'CLS':>7} {'KB sent':>8}  largest"]
    for kind, one in seen.items():
        lines.append(f"{kind:28} {one.lcp_ms:8} {one.moved:7.4f} {one.sent_bytes / 1000:8.1f}  {one.what}")
        lines += [f"    {shift}" for shift in one.shifts]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
