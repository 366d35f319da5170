"""The theme: every page of the site renders whole, safe, light, and with both languages' words."""

import gzip
import re
from dataclasses import fields
from functools import cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import jinja2.meta
import jinja2.nodes
import pytest

from nok import templating
from nok.site.assets import gather_assets
from nok.templating import Render, Theme
from tests import theme_pages as pages
from tests.theme_pages import PAGES_OF_EACH_KIND, THEME, site

KIBIBYTE = 1024
CASES = [
    (template, language, number)
    for template in PAGES_OF_EACH_KIND
    for language in ("ru", "en")
    for number in (0, 1)  # a full record and an empty one
]
LOADED = {"script": "src", "img": "src", "image": "href", "use": "href", "source": "src", "iframe": "src"}
PART_PARAMETERS = {"mark", "median_x", "facts", "rows", "label", "with_median", "pages", "ranked"} | {
    "how",
    "title",
    "formulas",
    "column",
    "with_place",
}


@cache
def bound(template: str, language: str, **changed: Any) -> Render:
    return Theme(THEME).bind(template, site(language, **changed))


def render(template: str, record: Any, language: str = "ru", **changed: Any) -> str:
    return bound(template, language, **changed)(record)


def parse(html: str) -> Element:
    """The tree of a document without one parse error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree: Element = parser.parse(html)
    return tree


def tag(element: Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1]


def attributes(element: Element) -> dict[str, str]:
    return {name.rsplit("}", 1)[-1]: value for name, value in element.attrib.items()}


def elements(tree: Element) -> list[Element]:
    return [element for element in tree.iter() if isinstance(element.tag, str)]


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}-{('full', 'empty')[case[2]]}")
def tree(request: pytest.FixtureRequest) -> Element:
    template, language, number = request.param
    return parse(render(template, PAGES_OF_EACH_KIND[template][number](), language))


# ---- documents -----------------------------------------------------------------------------------------------------


def test_page_carries_nothing_that_its_policy_forbids(tree: Element) -> None:
    for element in elements(tree):
        given = attributes(element)
        assert tag(element) not in {"style", "base", "object", "embed"}
        assert not [name for name in given if name == "style" or name.startswith("on")]
        if tag(element) == "script" and "src" not in given:
            assert given["type"] in {"application/ld+json", "application/json"}


def test_page_loads_nothing_from_a_foreign_host(tree: Element) -> None:
    for element in elements(tree):
        given = attributes(element)
        address = given.get(LOADED.get(tag(element), ""), "")
        if tag(element) == "link" and given["rel"] in {"stylesheet", "icon"}:
            address = given["href"]
        assert not re.match(r"([a-z]+:)?//", address), address


def test_page_has_no_control_that_needs_a_script(tree: Element) -> None:
    for element in without_scripts(tree):
        assert tag(element) not in {"button", "input", "select", "form"}
        if tag(element) == "a":
            assert attributes(element)["href"] not in {"", "#"}


def without_scripts(element: Element) -> list[Element]:
    """What is left of a page without scripts: `no-script.css` hides `.finder` and `.needs-script` there."""
    given = attributes(element)
    hidden = {"finder", "needs-script"} & set(given.get("class", "").split())
    if tag(element) == "template" or "hidden" in given or hidden:
        return []
    children = [child for child in element if isinstance(child.tag, str)]
    return [element, *(found for child in children for found in without_scripts(child))]


def test_what_needs_scripts_is_hidden_where_there_are_none() -> None:
    assert ".finder, .needs-script { display:none }" in (THEME / "static/no-script.css").read_text("utf-8")
    assert "[hidden] { display:none!important }" in (THEME / "static/choose.css").read_text("utf-8")


def test_every_name_inside_a_page_leads_somewhere(tree: Element) -> None:
    names = [attributes(element)["id"] for element in elements(tree) if "id" in element.attrib]
    assert len(names) == len(set(names))
    for element in elements(tree):
        given = attributes(element)
        if given.get("href", "").startswith("#"):
            assert given["href"][1:] in names
        for name in given.get("aria-labelledby", "").split():
            assert name in names


def test_page_says_its_language_title_and_one_heading(tree: Element) -> None:
    found = elements(tree)
    html = next(element for element in found if tag(element) == "html")
    title = next(element for element in found if tag(element) == "title")
    assert html.get("lang") in {"ru", "en"}
    assert (title.text or "").strip(" —")
    assert len([element for element in found if tag(element) == "h1"]) == 1
    assert len([element for element in found if tag(element) == "main"]) == 1


def test_viewport_may_be_zoomed() -> None:
    html = render("home.html", pages.home())
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in html


def test_state_is_shown_without_a_bar_or_a_zero() -> None:
    html = render("organization.html", pages.state_organization())
    assert '<span class="st">исключение</span>' in html
    summary = html[html.index('id="nok"') : html.index('id="cit"')]
    assert "<svg" not in summary
    assert ">0" not in summary


def test_organization_without_an_assessment_is_not_assessed_and_not_zero() -> None:
    html = render("organization.html", pages.empty_organization())
    assert "не\N{NO-BREAK SPACE}оценивалась" in html
    assert 'class="bar' not in html


def test_closed_organization_cannot_be_rated() -> None:
    assert 'class="btn go"' in render("organization.html", pages.organization())
    assert 'class="btn go"' not in render("organization.html", pages.state_organization())


def test_rating_link_follows_the_widget_to_its_own_origin() -> None:
    near = render("organization.html", pages.organization())
    far = render("organization.html", pages.organization(), widget_url="https://q.example")
    assert 'href="../../rate/primersk-school-12"' in near
    assert 'href="https://q.example/rate/primersk-school-12"' in far
    assert "form-action 'self' https://q.example/;" in far


def test_english_page_marks_russian_names() -> None:
    html = render("organization.html", pages.organization(), "en")
    assert '<h1 lang="ru">' in html
    assert '<html lang="en">' in html


def test_every_page_names_its_other_language() -> None:
    html = render("region.html", pages.region())
    assert 'rel="canonical" href="https://ocenka.example/regions/00/"' in html
    assert 'hreflang="en" href="https://ocenka.example/en/regions/00/"' in html
    assert '<a href="../../en/regions/00/" lang="en" hreflang="en">English</a>' in html


def test_publication_of_one_language_names_no_other() -> None:
    html = render("region.html", pages.region(), languages=("ru",))
    assert "hreflang" not in html


def test_only_a_demonstration_carries_the_banner() -> None:
    assert 'class="demo"' in render("home.html", pages.home())
    assert 'class="demo"' not in render("home.html", pages.home(is_demonstration=False))


# ---- safety --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("template", PAGES_OF_EACH_KIND)
def test_text_of_a_stranger_stays_text(template: str) -> None:
    record = PAGES_OF_EACH_KIND[template][0]()
    plain, hostile = (elements(parse(render(template, page))) for page in (record, pages.hostile(record)))
    assert [tag(element) for element in hostile] == [tag(element) for element in plain]
    assert [sorted(attributes(element).keys() - {"aria-current"}) for element in hostile] == [
        sorted(attributes(element).keys() - {"aria-current"}) for element in plain
    ]


def test_marks_of_the_templates_inside_a_text_are_not_run() -> None:
    html = render("reviews.html", pages.reviews(heading="{{ 7*7 }} [[ 7*7 ]] {% if %}"))
    assert "{{ 7*7 }} [[ 7*7 ]] {% if %}" in html


def test_no_template_switches_escaping_off() -> None:
    for file in (THEME / "templates").glob("**/*.html"):
        text = file.read_text("utf-8")
        assert "|safe" not in text.replace(" ", ""), file
        assert "autoescape" not in text, file


# ---- templates -----------------------------------------------------------------------------------------------------


def test_first_stage_sees_the_site_alone() -> None:
    theme = Theme(THEME)
    for file in (*(THEME / "templates").glob("*.html"), *(THEME / "templates/parts").glob("*.html")):
        found = jinja2.meta.find_undeclared_variables(theme._first.parse(file.read_text("utf-8")))
        allowed = PART_PARAMETERS if file.parent.name == "parts" else {"self"}
        assert found <= allowed | {"site"}, file


@pytest.mark.parametrize("template", PAGES_OF_EACH_KIND)
def test_second_stage_sees_fields_of_its_page_alone(template: str) -> None:
    theme = Theme(THEME)
    tree = templating._SECOND.parse(theme._first.get_template(template).render(site=site()))
    known = {field.name for field in fields(PAGES_OF_EACH_KIND[template][0]())}
    asked = {
        node.attr
        for node in tree.find_all(jinja2.nodes.Getattr)
        if isinstance(node.node, jinja2.nodes.Name) and node.node.name == "page"
    }
    assert jinja2.meta.find_undeclared_variables(tree) == {"page"}
    assert asked <= known


# ---- words ---------------------------------------------------------------------------------------------------------


def words(language: str) -> dict[str, str]:
    return {key: text for key, text in site(language).words.texts.items() if key.startswith("site.")}


def test_both_languages_have_the_same_words() -> None:
    assert words("ru").keys() == words("en").keys()


def test_every_word_is_used() -> None:
    text = "".join(file.read_text("utf-8") for file in (THEME / "templates").glob("**/*.html"))
    unused = [key for key in words("ru") if f'"{key}"' not in text and not key.startswith(("site.foot_", "site.view_"))]
    assert not unused


@pytest.mark.parametrize("language", ["ru", "en"])
def test_words_are_calm_and_typeset(language: str) -> None:
    for key, text in words(language).items():
        assert "!" not in text, key
        assert '"' not in text, key
        assert text == text.strip(" "), key


# ---- weight --------------------------------------------------------------------------------------------------------


def test_organization_with_twenty_reviews_is_light() -> None:
    answered, short, hidden = pages.REVIEWS
    html = render("organization.html", pages.organization(reviews=(answered, short, answered, hidden, answered) * 4))
    size = len(html.encode())
    assert size <= 40 * KIBIBYTE
    assert len(gzip.compress(html.encode(), 6)) <= 12 * KIBIBYTE


def test_style_sheet_is_light_and_needs_no_stranger() -> None:
    text = (THEME / "static/site.css").read_text("utf-8")
    assets = gather_assets(THEME, THEME.parent / "node_modules")
    assert len(assets.contents[assets.paths["site.css"]]) <= 24 * KIBIBYTE
    assert "@import" not in text
    for file in (THEME / "static").glob("*.css"):
        assert file.read_text("utf-8").count("{") == file.read_text("utf-8").count("}"), file
    assert all(re.fullmatch(r"[\w.#-]+", address) for address in re.findall(r"url\(([^)]*)\)", text))


def test_scripts_write_text_and_never_markup() -> None:
    for file in (THEME / "static").glob("*.js"):
        text = file.read_text("utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text), file


def test_every_template_of_a_page_is_tried() -> None:
    assert set(PAGES_OF_EACH_KIND) == {file.name for file in (THEME / "templates").glob("*.html")} - {"base.html"}
