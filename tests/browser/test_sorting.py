"""Rating lists sort themselves: by mouse and by keyboard, told to those who do not see it, and never counting places anew."""

import re
from collections.abc import Mapping, Sequence

import pytest
from playwright.sync_api import Browser, Page

LIST = "ratings/00/demo-education-2025/school.html"
NAME, PLACE, RANK, TOTAL = 0, 1, 2, 3


def column(page: Page, at: int) -> Sequence[str]:
    """What a column says, row by row, as the table stands now."""
    texts: list[str] = page.locator("#rating tbody tr").evaluate_all(
        "(rows, at) => rows.map((row) => row.cells[at].textContent.trim())", at
    )
    return texts


def places(page: Page) -> Mapping[str, str]:
    """Place by the address of the organisation: schools of several towns have one name."""
    links: list[str] = page.locator("#rating tbody th a").evaluate_all("(links) => links.map((link) => link.href)")
    return dict(zip(links, column(page, RANK), strict=True))


def points(page: Page) -> Sequence[float]:
    """The totals that are numbers, from the top on; the rest has to stand below them."""
    shown = [float(text.replace(",", ".")) if re.match(r"\d", text) else None for text in column(page, TOTAL)]
    known = [one for one in shown if one is not None]
    assert shown == known + [None] * (len(shown) - len(known))
    return known


def sorted_by(page: Page) -> Sequence[tuple[str, str]]:
    """(heading, direction) of every heading that says it is sorted by."""
    found: list[tuple[str, str]] = page.locator("#rating th[aria-sort]").evaluate_all(
        "(heads) => heads.map((head) => [head.textContent, head.getAttribute('aria-sort')])"
    )
    return [tuple(one) for one in found]  # type: ignore[misc]


@pytest.fixture
def rating(page: Page, base: str) -> Page:
    page.goto(base + LIST)
    page.locator("#rating thead button").first.wait_for()
    return page


def test_a_press_sorts_and_another_turns_it_round(rating: Page) -> None:
    before = column(rating, NAME)
    assert len(before) > 20 and sorted_by(rating) == []
    rating.locator("#rating thead").get_by_role("button", name="Итог", exact=True).click()
    assert sorted_by(rating) == [("Итог", "descending")]
    assert list(points(rating)) == sorted(points(rating), reverse=True)
    rating.locator("#rating thead").get_by_role("button", name="Итог", exact=True).click()
    assert sorted_by(rating) == [("Итог", "ascending")]
    assert list(points(rating)) == sorted(points(rating))
    rating.locator("#rating thead").get_by_role("button", name="Организация").click()
    assert sorted_by(rating) == [("Организация", "ascending")]
    assert sorted(column(rating, NAME)) == sorted(before) and column(rating, NAME) != before


def test_places_are_dense_and_stay_whatever_is_sorted_by(rating: Page) -> None:
    before = places(rating)
    ranks = [int(found.group()) for text in column(rating, RANK) if (found := re.match(r"\d+", text))]
    assert ranks == sorted(ranks) and set(ranks) == set(range(1, max(ranks) + 1)) and len(ranks) > max(ranks)
    for at in range(rating.locator("#rating thead button").count()):
        rating.locator("#rating thead button").nth(at).click()
        assert places(rating) == before
    rating.locator("#rating thead button").nth(RANK).click()
    assert [int(one.split()[0]) for one in column(rating, RANK)[: len(ranks)]] == ranks


def test_the_keyboard_sorts_and_the_order_is_told(rating: Page) -> None:
    rating.locator("#rating thead button").nth(NAME).focus()
    for _ in range(TOTAL):
        rating.keyboard.press("Tab")
    assert rating.evaluate("() => document.activeElement.textContent") == "Итог"
    rating.keyboard.press("Enter")
    assert sorted_by(rating) == [("Итог", "descending")]
    assert rating.locator("[role=status]").inner_text().startswith("Итог:")
    rating.keyboard.press("Space")
    assert sorted_by(rating) == [("Итог", "ascending")]
    assert rating.evaluate("() => document.activeElement.textContent") == "Итог"
    outline = rating.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_paper_keeps_the_order_that_was_chosen(rating: Page) -> None:
    usual = column(rating, NAME)
    rating.locator("#rating thead button").nth(TOTAL).dblclick()
    chosen = column(rating, NAME)
    assert chosen != usual
    rating.emulate_media(media="print")
    tops = rating.locator("#rating tbody tr").evaluate_all(
        "(rows) => rows.map((row) => row.getBoundingClientRect().top)"
    )
    assert column(rating, NAME) == chosen and tops == sorted(tops)
    assert not rating.locator(".sorter").is_visible()
    assert sorted_by(rating) == [("Итог", "ascending")]


@pytest.mark.parametrize("width", [360, 800])
def test_where_no_headings_stand_a_choice_sorts(width: int, base: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800}, locale="ru-RU")
    page = context.new_page()
    page.goto(base + LIST)
    usual = column(page, NAME)
    assert page.locator("#sort").is_visible()
    page.get_by_label("Сортировать").focus()
    page.locator("#sort").select_option(label="Итог: по возрастанию")
    assert list(points(page)) == sorted(points(page)) and column(page, NAME) != usual
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.closest('thead')") is None
    page.locator("#sort").select_option("")
    assert column(page, NAME) == usual
    context.close()


def test_without_a_script_the_list_stands_in_the_order_of_places(base: str, chromium: Browser) -> None:
    context = chromium.new_context(java_script_enabled=False, locale="ru-RU")
    page = context.new_page()
    page.goto(base + LIST)
    ranks = [
        found.group()
        for text in page.locator("#rating tbody td:nth-child(3)").all_inner_texts()
        if (found := re.match(r"\d+", text))
    ]
    assert len(ranks) > 20 and [int(one) for one in ranks] == sorted(map(int, ranks))
    assert page.locator("#rating thead button, .sorter").count() == 0
    context.close()
