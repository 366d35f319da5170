"""A template turned into Python says what Jinja2 itself says, to the byte."""

import gc
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import markupsafe
import pytest
from hypothesis import given
from hypothesis import strategies as st

import publish
from nok import templating
from nok.template_code import compile_template, function_of
from nok.template_shelf import TemplateShelf
from nok.templating import Render, Site, Theme
from tests.theme_pages import HOSTILE, PAGES_OF_EACH_KIND, THEME, hostile, site

JINJA = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def flat(template: str, frame: Site) -> str:
    """What the first stage leaves for the second."""
    return templating._squeeze(Theme(THEME)._first.get_template(template).render(site=frame))


def by_python(text: str) -> Render:
    code = compile_template(JINJA.parse(text), "test")
    assert code is not None, text
    return function_of(code)


# ---- the theme -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("template", PAGES_OF_EACH_KIND)
def test_every_template_of_the_theme_says_what_jinja_says(template: str, language: str) -> None:
    text = flat(template, site(language))
    render, jinja = by_python(text), JINJA.from_string(text)
    for make in PAGES_OF_EACH_KIND[template]:
        for record in (make(), hostile(make())):
            assert render(record) == jinja.render(page=record)


def test_every_page_of_the_demonstration_says_what_jinja_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bind, seen = Theme.bind, []

    def bind_both(theme: Theme, template: str, frame: Site, shelf: TemplateShelf) -> Render:
        render, jinja = bind(theme, template, frame, shelf), JINJA.from_string(flat(template, frame))

        def render_both(page: object) -> str:
            text = render(page)
            assert text == jinja.render(page=page)
            seen.append(template)
            return text

        return render_both

    monkeypatch.setattr(Theme, "bind", bind_both)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    options = ["--output", str(tmp_path / "output"), "--state", str(tmp_path / "state"), "--jobs", "1"]
    assert publish.main(["build", "--packages", "data_packages/demo", *options]) == 0
    assert len(seen) > 1000
    assert set(seen) == {*PAGES_OF_EACH_KIND, "indicator.html", "indicator_list.html"}


# ---- any template --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Leaf:
    text: Any
    flag: Any


@dataclass(frozen=True, slots=True)
class Tree:
    text: Any
    flag: Any
    leaf: Leaf
    leaves: tuple[Leaf, ...]
    words: tuple[Any, ...]


class OwnHtml:
    """Something that knows its own HTML."""

    def __html__(self) -> str:
        return "<i>own</i>"

    def __str__(self) -> str:
        return "<not this>"


VALUES = st.one_of(
    st.text(alphabet="<>&'\"{}%[]# \nаbЯ\u2028", max_size=8),
    st.sampled_from([HOSTILE, "", None, True, 0, -1, 2.5, OwnHtml()]),
    st.text(alphabet="<b>&'", max_size=5).map(markupsafe.Markup),
)
LEAVES = st.builds(Leaf, VALUES, VALUES)
TREES = st.builds(Tree, VALUES, VALUES, LEAVES, st.lists(LEAVES, max_size=3).map(tuple), st.lists(VALUES).map(tuple))


@st.composite
def templates(draw: st.DrawFn, depth: int = 2, leaf: str = "page.leaf", looping: bool = False) -> str:
    """A template that prints, chooses and repeats; `leaf` says how it reaches the nearest record."""
    names = ["page.text", "page.leaf.text", f"{leaf}.text", f"{leaf}.flag", "'<' ", "page.flag or '—'"]
    names += ["loop.index", "loop.index0", "loop.first", "loop.last", "loop.length"] if looping else []
    name = st.sampled_from(names)
    test = st.sampled_from([f"not {leaf}.flag", f"{leaf}.text == page.text", "page.flag and page.text", *names])
    parts = [name.map("{{{{ {} }}}}".format), st.sampled_from(["<p>", "Я\n", "  ", '"\\{"'])]
    if depth:
        inner = templates(depth - 1, leaf, looping)
        parts.append(
            st.builds("{{% if {} %}}{}{{% elif {} %}}{}{{% else %}}{}{{% endif %}}".format, *[test, inner] * 2, inner)
        )
        parts.append(st.builds("{{% if {} %}}\n{}{{% endif %}}".format, test, inner))
        parts.append(templates(depth - 1, "row", True).map("{{% for row in page.leaves %}}{}{{% endfor %}}".format))
        parts.append(name.map("{{{{ {} if page.flag else 1 }}}}".format))
    return "".join(draw(st.lists(st.one_of(parts), max_size=5)))


@given(templates(), TREES)
def test_any_plain_template_says_what_jinja_says(text: str, page: Tree) -> None:
    assert by_python(text)(page) == JINJA.from_string(text).render(page=page)


@pytest.mark.parametrize("sign", ["==", "!=", "<", "<=", ">", ">="])
def test_numbers_are_compared_as_jinja_compares(sign: str) -> None:
    render = by_python(f"{{% if page.text {sign} 2 %}}yes{{% endif %}}")
    for number in (1, 2, 3):
        page = Leaf(number, None)
        assert render(page) == JINJA.from_string(f"{{{{ 'yes' if page.text {sign} 2 else '' }}}}").render(page=page)


@pytest.mark.parametrize(
    "text",
    [
        "{{ page.text|upper }}",
        "{{ page.text.upper() }}",
        "{{ page['text'] }}",
        "{{ other }}",
        "{% for x in page.words if x %}{{ x }}{% endfor %}",
        "{% for x in page.words %}{{ x }}{% else %}none{% endfor %}",
        "{% for x in page.words %}{% endfor %}{{ x }}",
        "{% for x in page.words %}{{ loop.cycle('a', 'b') }}{% endfor %}",
        "{{ page.text ~ '<' }}",
        "{{ page.text if page.flag }}",
        "{% set x = 1 %}{{ x }}",
        "{% if page.text is defined %}{% endif %}",
    ],
)
def test_what_is_not_plain_is_left_to_jinja(text: str) -> None:
    assert compile_template(JINJA.parse(text), "test") is None


def test_a_theme_may_use_all_of_jinja(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/own.html").write_text("<b>{{ page.text|upper }}</b>", "utf-8")
    assert Theme(tmp_path).bind("own.html", site())(Leaf("a<", None)) == "<b>A&lt;</b>"


def test_a_field_that_a_record_lacks_is_an_error_and_never_empty() -> None:
    with pytest.raises(AttributeError, match="titel"):
        by_python("{{ page.titel }}")(Leaf("", ""))
    with pytest.raises(AttributeError, match="titel"):
        by_python("{% if page.titel %}{% endif %}")(Leaf("", ""))


def test_a_template_is_compiled_in_the_midst_of_another_of_its_kind() -> None:
    """As in a worker of several threads: whoever collects garbage in one of them may let another go on."""
    tree = JINJA.parse("{% for item in page.items %}{{ loop.index }} {{ item }}{% endfor %}{{ page.name }}")
    depth, compiled = 0, []

    def compile_another(_phase: str, _facts: object) -> None:
        nonlocal depth
        if depth < 2:
            depth += 1
            compiled.append(compile_template(tree, "inner"))
            depth -= 1

    threshold = gc.get_threshold()
    gc.callbacks.append(compile_another)
    gc.set_threshold(1)
    try:
        assert compile_template(tree, "outer") is not None
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.remove(compile_another)
    assert compiled and None not in compiled
