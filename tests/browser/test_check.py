"""A reader's own browser computes the numbers of an organisation again, and notices one that was changed."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

RECORD = "o/00/primersk-school-12.json"


def said(page: Page, address: str) -> str:
    """What the page of checking says when it is done."""
    page.goto(address)
    page.wait_for_function("() => document.getElementById('status').textContent !== ''")
    return page.inner_text("#status").replace("\N{NO-BREAK SPACE}", " ")


def test_numbers_are_computed_again_and_a_changed_one_is_noticed(page: Page, base: str, site: Path) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{base}{RECORD.replace('.json', '.html')}")
    page.click("a[href*='check/?o=']")
    page.wait_for_function("() => document.getElementById('status').textContent !== ''")
    assert page.inner_text("h1") == "Проверить числа организации"
    assert page.inner_text("#status").startswith("Всё сходится. Проверено чисел: ")
    assert said(page, f"{base}check/?o=o/00/nobody.json").startswith("Данные организации не загрузились")
    assert said(page, f"{base}check/?o=https://example.org/o/00/x.json").startswith("Организация не названа")
    record: Any = json.loads((site / RECORD).read_text("utf-8"))
    score = next(one for one in record["scores"] if one["measure"] == "1.1" and one["trace"])
    score["trace"]["points"] = "99.00"
    changed = json.dumps(record)
    page.route(f"**/{RECORD}", lambda route: route.fulfill(body=changed, content_type="application/json"))
    assert said(page, f"{base}check/?o={RECORD}") == "Не сходится: 1"
    assert faults == []
