"""One catalogue file and one line of configuration give a publication another language, on the site and in the widget."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

import publish
from nok.errors import ConfigError
from nok.templating import read_words
from tests.unit.widget_support import SCHOOL, make_settings
from widget.app import create_app

Factory = Callable[..., Path]

KAZAKH = """
site:
  skip: Мазмұнға
  search: Іздеу
  citizens_ratings: Азаматтардың бағалары
page:
  ratings: {one: баға, other: бағалар}
  ratings_note: "Барлығы {count}. Орташасы 95 % ықтималдықпен {low}–{high}."
widget:
  question: Сізге мұнда қалай?
"""
"""A small catalogue, with the plural categories that CLDR gives Kazakh; what it lacks is said in Russian."""


@pytest.fixture(scope="module")
def content(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("three") / "content"
    shutil.copytree(project_root / "content", folder)
    (folder / "words").mkdir(exist_ok=True)
    (folder / "words/kk.yaml").write_text(KAZAKH, "utf-8")
    (folder / "publication.yaml").write_text("languages: [ru, en, kk]\n", "utf-8")
    return folder


@pytest.fixture
def site(content: Path, package_factory: Factory, tmp_path: Path) -> Path:
    package, output = package_factory(organizations=1, reviews=11), tmp_path / "output"
    command = ["build", "--config", str(content / "publication.yaml"), "--packages", str(package), "--jobs", "1"]
    assert publish.main([*command, "--output", str(output)]) == 0
    return output / "current"


def page_of(site: Path) -> str:
    found = sorted((site / "kk/o").rglob("*.html"), key=lambda file: len(file.name))
    return found[0].read_text("utf-8")


def test_a_catalogue_and_a_line_of_configuration_give_pages_in_a_third_language(site: Path) -> None:
    text = page_of(site)
    assert '<html lang="kk">' in text
    assert ">Іздеу</a>" in text
    assert re.search(r'<link rel="alternate" hreflang="kk" href="https://ocenka.example/kk/o/', text)
    russian = next(file for file in (site / "o").rglob("*.html") if file.name.count(".") == 1).read_text("utf-8")
    assert re.search(r'href="[./]*kk/o/[^"]*" lang="kk" hreflang="kk">Қазақ тілі</a>', russian)
    assert re.search(r'<link rel="alternate" hreflang="kk"', russian)

    # numbers, dates and plurals by the rules of the language
    assert re.search(r"Барлығы 11\u00a0бағалар\. Орташасы 95\u00a0% ықтималдықпен \d,\d–\d,\d\.", text)
    assert re.search(r"\d{1,2}\u00a0(қаңтар|ақпан|наурыз|сәуір|мамыр|маусым|шілде|тамыз|қыркүйек|қазан|қараша)", text)

    # what the catalogue lacks is said in Russian, and said to be Russian where an element can say so
    assert '<span lang="ru">Регионы</span>' in text
    assert 'aria-label="Главное меню"' in text
    assert "Мазмұнға</a>" in text
    assert '<article lang="ru">' in (site / "kk/about/about.html").read_text("utf-8")
    assert not [file for file in site.rglob("*") if file.is_file() and "\ufdd0".encode() in file.read_bytes()]

    assert dead_links(site, "kk") == []
    assert "/kk/o/" in (site / "sitemap.xml").read_text("utf-8")


def dead_links(site: Path, folder: str) -> list[tuple[str, str]]:
    dead = []
    for file in (site / folder).rglob("*.html"):
        path = file.relative_to(site).as_posix()
        for target in re.findall(r'(?:href|src)="([^"]+)"', file.read_text("utf-8")):
            at = urlsplit(urljoin(f"http://site/{path}", target))
            place = unquote(at.path).lstrip("/")
            place += "index.html" if not place or place.endswith("/") else ""
            if at.netloc == "site" and not place.startswith("rate/") and not (site / place).is_file():
                dead.append((path, target))
    return dead[:5]


def test_the_widget_speaks_it_too(content: Path, tmp_path: Path) -> None:
    settings = make_settings(tmp_path, languages=("ru", "en", "kk"), own_words=content / "words")
    with TestClient(create_app(settings), base_url="https://ocenka.example") as client:
        text = client.get(f"/rate/{SCHOOL}?lang=kk").text
        sent = {"rating": "4", "idempotency_key": "0123456789abcdef", "language": "kk"}
        answer = client.post(f"/rate/{SCHOOL}?lang=kk", data=sent, headers={"sec-fetch-site": "same-origin"})
        wrong = client.post(f"/rate/{SCHOOL}?lang=kk", json={"rating": 9, "idempotency_key": "0123456789abcdee"})
    assert '<html lang="kk">' in text
    assert "Сізге мұнда қалай?" in text
    assert '<span lang="ru">' in text
    assert "\ufdd0" not in text + answer.text
    assert answer.status_code == 200
    assert '<html lang="kk">' in answer.text
    assert wrong.status_code in (400, 422)


def test_forms_go_with_numbers_as_the_language_counts(tmp_path: Path, project_root: Path) -> None:
    (tmp_path / "kk.yaml").write_text(KAZAKH, "utf-8")
    words = read_words(project_root / "theme/words", "kk", tmp_path)
    assert [words.plural("page.ratings", number) for number in (0, 1, 2, 5, 21)] == [
        "бағалар",
        "баға",
        "бағалар",
        "бағалар",
        "бағалар",
    ]
    # a borrowed text is counted as its own language counts
    assert [words.plural("page.reviews", number) for number in (1, 3, 5)] == ["отзыв", "отзыва", "отзывов"]


def test_a_publication_may_say_a_word_otherwise(tmp_path: Path, project_root: Path) -> None:
    (tmp_path / "ru.yaml").write_text("site: {search: Найти}\n", "utf-8")
    words = read_words(project_root / "theme/words", "ru", tmp_path)
    assert (words("site.search"), words("site.map"), words.borrowed) == ("Найти", "Карта", frozenset())


@pytest.mark.parametrize(
    ("language", "catalogue", "said"),
    [
        ("kk", "", "there are no words for the language 'kk'"),
        ("zz", "site: {search: Zz}", "there are no words for the language 'zz'"),
        ("kk", "site: Іздеу", "expected a section of texts"),
        ("kk", "site: {search: 5}", "expected a text or plural forms"),
    ],
)
def test_a_catalogue_that_cannot_be_used_is_refused(
    tmp_path: Path, project_root: Path, language: str, catalogue: str, said: str
) -> None:
    if catalogue:
        (tmp_path / f"{language}.yaml").write_text(catalogue, "utf-8")
    with pytest.raises(ConfigError, match=re.escape(said)):
        read_words(project_root / "theme/words", language, tmp_path)


def test_a_publication_may_do_without_russian(package_factory: Factory, tmp_path: Path) -> None:
    own = tmp_path / "content"
    own.mkdir()
    (own / "publication.yaml").write_text("languages: [en]\n", "utf-8")
    package, output = package_factory(organizations=1, reviews=1), tmp_path / "output"
    command = ["build", "--config", str(own / "publication.yaml"), "--packages", str(package), "--jobs", "1"]
    assert publish.main([*command, "--output", str(output)]) == 0
    assert '<html lang="en">' in (output / "current/index.html").read_text("utf-8")
