"""What an organisation shows on its own site: code that never grows old, a badge with a code inside, a card for a frame."""

import html
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

import publish
from nok.identifiers import default_placement_code
from nok.render.badges import badge_svg
from nok.render.qr import make_qr
from nok.urls import printed
from tests.conftest import ASSESSMENT_ID
from tests.unit.test_theme import attributes, elements, parse, tag
from tests.unit.validation_support import Factory, cell

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def build(tmp_path: Path) -> Callable[[Path], Path]:
    output = tmp_path / "output"

    def run(folder: Path) -> Path:
        assert publish.main(["build", "--packages", str(folder), "--output", str(output)]) == 0
        return output / "current"

    return run


def codes(site: Path, path: str = "o/70/clinic-1.html") -> list[str]:
    """What a reader copies from the page."""
    return [
        html.unescape(found) for found in re.findall(r"<pre>(.*?)</pre>", (site / path).read_text("utf-8"), re.DOTALL)
    ]


def test_the_code_leads_to_result_plan_form_and_code(build: Callable[[Path], Path], package_factory: Factory) -> None:
    links, frame = codes(build(package_factory(organizations=1, reviews=1)))
    found = elements(parse(f"<!doctype html><title>x</title>{links}"))
    page, badge = "https://ocenka.example/o/70/clinic-1.html", "https://ocenka.example/o/70/clinic-1.badge.svg"
    assert [attributes(one)["href"] for one in found if tag(one) == "a"] == [
        page,
        f"{page}#plan",
        "https://ocenka.example/rate/clinic-1",
    ]
    assert [attributes(one)["src"] for one in found if tag(one) == "img"] == [badge, f"{badge}#qr"]
    assert not [one for one in found if tag(one) == "script" or "style" in attributes(one)]
    (inner,) = [one for one in elements(parse(f"<!doctype html><title>x</title>{frame}")) if tag(one) == "iframe"]
    assert attributes(inner)["src"] == "https://ocenka.example/o/70/clinic-1.card.html"
    assert attributes(inner)["title"]


def test_the_code_stays_right_when_the_score_changes(build: Callable[[Path], Path], package_factory: Factory) -> None:
    folder = package_factory(organizations=1, reviews=1)
    site = build(folder)
    before, badge = codes(site), (site / "o/70/clinic-1.badge.svg").read_text("utf-8")
    card = (site / "o/70/clinic-1.card.html").read_text("utf-8")
    for row, points in enumerate(("50.0", "50.0", "50.0", "50.0", "50.0", "50.00"), 2):
        cell("scores.csv", row, "points", points)(folder)
    site = build(folder)
    assert codes(site) == before
    assert (site / "o/70/clinic-1.badge.svg").read_text("utf-8") != badge
    assert "50,00" in (site / "o/70/clinic-1.card.html").read_text("utf-8") and "50,00" not in card


def test_a_closed_organisation_asks_nobody_to_rate_it(build: Callable[[Path], Path], package_factory: Factory) -> None:
    folder = package_factory(organizations=1, reviews=1)
    cell("organizations.csv", 2, "closed_on", "2025-12-31")(folder)
    site = build(folder)
    assert "/rate/" not in codes(site)[0] and "#qr" not in codes(site)[0]
    assert "/rate/" not in (site / "o/70/clinic-1.card.html").read_text("utf-8")


@pytest.mark.parametrize("lang", ["", "en/"])
def test_the_card_is_small_and_brings_nothing_along(
    build: Callable[[Path], Path], package_factory: Factory, lang: str
) -> None:
    site = build(package_factory(organizations=1, reviews=12))
    text = (site / f"{lang}o/70/clinic-1.card.html").read_text("utf-8")
    assert len(text.encode()) < 2048
    found = elements(parse(text))
    assert not {tag(one) for one in found} & {"script", "form", "iframe", "button"}
    assert all(attributes(one)["target"] == "_blank" for one in found if tag(one) == "a")
    assert all(attributes(one)["href"].startswith("https://ocenka.example/") for one in found if tag(one) == "a")
    (policy,) = [attributes(one)["content"] for one in found if attributes(one).get("http-equiv")]
    assert policy == "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
    assert ("Поликлиника № 1" in text) and ("95" in text or "8" in text)
    assert not any("card.html" in file.read_text("utf-8") for file in site.glob("sitemap*.xml"))


def test_one_picture_is_badge_and_code() -> None:
    picture = make_qr(printed("https://ocenka.example", default_placement_code("clinic-1")))
    tree = ET.fromstring(badge_svg("Независимая оценка 2025", "83,56", "отлично", 5, picture.path, picture.size))
    (view,) = tree.findall(f"{SVG}view")
    assert tree.get("viewBox") == "0 0 300 60"
    left, top, width, height = map(int, str(view.get("viewBox")).split())
    assert (view.get("id"), left, width, height) == ("qr", 0, picture.size, picture.size)
    assert top >= 60, "the badge must not show a piece of the code"
    assert "<view" not in badge_svg("Независимая оценка", "", "не оценивалась", 0)


def test_a_card_names_a_state_instead_of_a_zero(build: Callable[[Path], Path], package_factory: Factory) -> None:
    scores = [
        {
            "organization_id": "clinic-1",
            "assessment_id": ASSESSMENT_ID,
            "measure": "total",
            "points": "",
            "state": "exempt",
        }
    ]
    site = build(package_factory(organizations=1, reviews=0, tables={"scores": scores, "replies": None}))
    card = (site / "o/70/clinic-1.card.html").read_text("utf-8")
    assert "исключение" in card and "<b>" not in card
