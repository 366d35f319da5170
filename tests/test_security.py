"""The document about security names tests that exist, answers every item once, and says what is open."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
DOCUMENT = (TESTS.parent / "docs" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([a-z_/]+\.py)::(test_\w+)`", DOCUMENT)))
UNSHOWN = {"3.4.1": "a matter of the installation", "3.5.4": "a choice", "13.1.1": "the documents"}
"""Rows that no test shows, and why."""

ITEMS = (
    "1.1.1 1.1.2 1.2.1 1.2.2 1.2.3 1.2.4 1.2.9 1.2.10 1.3.1 1.3.3 1.3.4 1.3.5 1.3.6 1.3.7 1.5.2 2.1.1 2.1.2 2.1.3 2.2.1 2.2.2 "
    "2.2.3 2.3.1 2.3.2 2.3.3 2.3.4 2.4.1 3.2.1 3.2.2 3.3.1 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.5.1 3.5.4 3.5.5 3.7.2 4.1.1 "
    "4.1.3 5.1.1 5.2.1 5.2.2 5.2.3 5.2.4 5.2.5 5.2.6 5.3.1 5.3.2 5.3.3 5.4.1 5.4.2 5.4.3 8.1.1 8.2.1 8.2.2 8.3.1 11.1.1 11.1.2 "
    "11.2.1 11.4.1 11.5.1 13.1.1 13.2.4 13.3.1 13.4.1 13.4.2 13.4.3 13.4.4 13.4.5 14.1.1 14.1.2 14.2.1 14.2.2 14.2.3 14.2.4 "
    "14.2.8 14.3.1 15.1.1 15.1.2 15.1.3 15.2.2 15.3.3 15.3.5 15.3.6 15.3.7 15.4.2 16.1.1 16.2.5 16.3.1 16.4.1 16.4.2 16.4.3 "
    "16.5.1 16.5.2 16.5.3"
).split()
"""Of OWASP ASVS 5.0, what applies here; a range is named by its first item."""


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    path = TESTS / file
    assert path.is_file()
    tree = ast.parse(path.read_text("utf-8"))
    (found,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    marks = {
        part.attr
        for mark in [*found.decorator_list, *_of_module(tree)]
        for part in ast.walk(mark)
        if isinstance(part, ast.Attribute)
    }
    assert not marks & {"scale", "skip", "xfail"}, "it is not run with the others"
    assert any(isinstance(part, ast.Assert | ast.Call) for part in ast.walk(found))


def _of_module(tree: ast.Module) -> list[ast.expr]:
    """The marks of all tests of a file."""
    names = [node for node in tree.body if isinstance(node, ast.Assign)]
    return [
        node.value for node in names if isinstance(node.targets[0], ast.Name) and node.targets[0].id == "pytestmark"
    ]


def test_each_row_names_its_tests_or_says_why_it_has_none() -> None:
    rows = re.findall(r"^\| (\d[\d.]*)[^|]*\|[^|]*\| (.+) \|$", DOCUMENT, re.MULTILINE)
    bare = {item: shown for item, shown in rows if "::" not in shown}
    assert bare == UNSHOWN
    assert [
        shown for item, shown in rows if shown.count("::") != len(re.findall(r"`[a-z_/]+\.py::test_\w+`", shown))
    ] == []
    assert "*open*" not in DOCUMENT.partition("## Encoding")[2]


def test_every_item_is_answered_once() -> None:
    answered = Counter(
        item
        for row in re.findall(r"^\| (\d[^|]*) \|", DOCUMENT, re.MULTILINE)
        for item in re.findall(r"(?<![–.\d])\d+\.\d+\.\d+", row)
    )
    assert answered == Counter(ITEMS)


def test_sixty_items_are_shown_by_a_test() -> None:
    rows = re.findall(r"^\| (\d.*)$", DOCUMENT, re.MULTILINE)
    assert sum("::test_" in row for row in rows) >= 60
