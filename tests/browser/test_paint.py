"""The first seconds on a slow phone: nothing moves below the reader's finger, and the page is soon there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.paint import LCP_MS, PAGES, Paint, paint, table
from tests.browser.conftest import Server


@pytest.fixture
def seen(chromium: Browser, server: Callable[..., Server], site: Path) -> dict[str, Paint]:
    """What `benchmarks.paint` sees of every kind of page."""
    url = server(output=site.parent).url
    return {kind: paint(chromium, f"{url}/{address}", settle_ms=200) for kind, address in PAGES.items()}


def test_nothing_moves_on_any_kind_of_page(seen: dict[str, Paint]) -> None:
    assert all(one.lcp_ms > 0 for one in seen.values())
    assert {kind: one.shifts for kind, one in seen.items() if one.moved} == {}, table(seen)


@pytest.mark.scale
def test_the_largest_thing_stands_within_the_budget(seen: dict[str, Paint]) -> None:
    """On a quiet machine only: on a busy one the times are those of its other work."""
    assert [kind for kind, one in seen.items() if one.lcp_ms > LCP_MS] == [], table(seen)
