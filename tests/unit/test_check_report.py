"""The report of a check that can be sent: one page in either language, in which nothing runs and nothing is left out."""

import base64
import hashlib
import re
from pathlib import Path

import html5lib
import pytest

import publish
from tests.unit.validation_support import ORGANIZATIONS, REVIEWS, SCORES, Factory, both, cell, text

HOSTILE = "</style><script>alert(1)</script>\x07"


@pytest.fixture
def folder(package_factory: Factory) -> Path:
    return package_factory(reviews=9)


def report(folder: Path, tmp_path: Path, language: str = "ru") -> str:
    out = tmp_path / "report.html"
    code = publish.main(["validate", str(folder), "--no-cache", "--lang", language, "--html", str(out)])
    html5lib.HTMLParser(strict=True).parse(out.read_text("utf-8"))
    assert code == (2 if 'class="sum bad"' in out.read_text("utf-8") else 0)
    return out.read_text("utf-8").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "said"), [("ru", "можно публиковать"), ("en", "can be published")], ids=["Russian", "English"]
)
def test_a_valid_package_is_said_to_be_so(folder: Path, tmp_path: Path, language: str, said: str) -> None:
    page = report(folder, tmp_path, language)
    assert said in page and f'<html lang="{language}">' in page and "<li>" not in page


def test_text_of_a_stranger_stays_text(folder: Path, tmp_path: Path) -> None:
    both(cell(ORGANIZATIONS, 2, "name", HOSTILE), text(ORGANIZATIONS, "kind", "<img src=x>"))(folder)
    page = report(folder, tmp_path)
    assert "&lt;img src=x&gt;" in page
    assert not re.search("<script|<img|<a |<link|url\\(|https?://", page)


def test_the_policy_lets_in_the_style_of_the_page_alone(folder: Path, tmp_path: Path) -> None:
    page = report(folder, tmp_path)
    (style,) = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page.replace("&#39;", "'")


def test_twenty_problems_of_a_file_stand_open_and_the_rest_behind_a_line(folder: Path, tmp_path: Path) -> None:
    for row in range(2, 25):
        cell(REVIEWS, row, "rating", "6")(folder)
    cell(SCORES, 2, "points", "5,5")(folder)
    page = report(folder, tmp_path)
    before, rest = page.split("<details>")
    assert (page.count("<li>"), rest.split("</details>")[0].count("<li>")) == (24, 3)
    assert "И ещё 3: показать" in page
    assert "строка 24, столбец rating" in rest and "demo/reviews.csv" in before


def test_a_wholly_wrong_table_is_counted_not_listed_without_end(folder: Path, tmp_path: Path) -> None:
    (folder / "replies.csv").write_bytes(b"review_id,text,replied_on\n" + b"\n" * 1500)
    page = report(folder, tmp_path, "en")
    assert page.count("<li>") == 1000
    assert "And 500 more, they are in the JSON report." in page
