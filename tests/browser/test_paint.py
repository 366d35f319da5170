"""The first seconds on a slow phone: nothing moves below the reader's finger, and the page is soon there."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from benchmarks.paint import LCP_MS, PAGES, Paint, paint, table
from tests.browser.conftest import Server

See = Callable[..., dict[str, Paint]]
OFTEN = ("home", "region", "organisation", "search", "comparison", "near")
"""Scripts, pictures and fonts that come late have most to move on these."""


@pytest.fixture
def see(chromium: Browser, server: Callable[..., Server], site: Path) -> See:
    """What `benchmarks.paint` sees of kinds of pages."""
    url = server(output=site.parent).url
    return lambda *kinds: {kind: paint(chromium, f"{url}/{PAGES[kind]}", settle_ms=200) for kind in kinds}


@pytest.mark.parametrize("kinds", [OFTEN, pytest.param(tuple(PAGES), marks=pytest.mark.scale)], ids=["often", "every"])
def test_nothing_moves_on_a_page(kinds: tuple[str, ...], see: See) -> None:
    seen = see(*kinds)
    assert all(one.lcp_ms > 0 for one in seen.values())
    assert {kind: one.shifts for kind, one in seen.items() if one.moved} == {}, table(seen)


@pytest.mark.scale
def test_the_largest_thing_stands_within_the_budget(see: See) -> None:
    """On a quiet machine only: on a busy one the times are those of its other work."""
    seen = see(*PAGES)
    assert [kind for kind, one in seen.items() if one.lcp_ms > LCP_MS] == [], table(seen)
