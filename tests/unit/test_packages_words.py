"""Every rule that the program can raise has words in both languages, and every sentence can be filled."""

import ast
import json
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from nok import messages
from nok.errors import Place, Problem
from nok.messages import FORMS, RULES, advice, as_json, message, place
from nok.packages.profile import RESOURCES, profile_schema

ROOT = Path(__file__).resolve().parents[2]
RULE = re.compile(r"[a-z]+(?:-[a-z]+)+")

CALLS = {"_Refused": 0, "SchemaFault": 0, "Unfit": 0}
"""Exceptions of ours whose first argument is a rule."""

RETURNS = {"table.py", "archive.py", "mapping.py", "cells.py", "check.py", "rules.py"}
"""Files whose checks return the rule as a text."""


def raised_rules(file: Path) -> Iterator[str]:
    """Every text of `file` that stands where a rule stands: `rule=…`, the argument of our exceptions, a returned check."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "rule":
            yield from _texts(node.value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in CALLS and node.args:
            yield from _texts(node.args[0])
        if isinstance(node, ast.Assign) and any("rule" in ast.unparse(target) for target in node.targets):
            yield from _texts(node.value)
        if isinstance(node, ast.Return) and node.value is not None and file.name in RETURNS:
            yield from (text for text in _texts(node.value) if RULE.fullmatch(text))


def _texts(node: ast.expr) -> Iterator[str]:
    """The texts an expression can be: a constant, either end of a condition, the first of a tuple."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    elif isinstance(node, ast.Tuple):
        for part in node.elts:
            yield from (text for text in _texts(part) if text in RULES or RULE.fullmatch(text))


def raised() -> set[str]:
    return {rule for file in (ROOT / "nok").rglob("*.py") for rule in raised_rules(file)}


def test_every_rule_that_is_raised_has_words() -> None:
    found = raised()
    assert {"foreign-key", "key-elsewhere", "resource-path", "schema-looser", "archive-link", "row-differs"} <= found
    assert found - set(RULES) == set()


def test_a_rule_without_words_would_be_noticed(tmp_path: Path) -> None:
    file = tmp_path / "table.py"
    file.write_text(
        'x = Fault(rule="no-such")\nraise _Refused("not-such")\ndef f():\n    return "nor-such", {}\n', "utf-8"
    )
    assert set(raised_rules(file)) == {"no-such", "not-such", "nor-such"}


@pytest.mark.parametrize("rule", RULES)
def test_every_sentence_can_be_filled(rule: str) -> None:
    words = RULES[rule]
    gaps = {
        name
        for text in (words.ru, words.ru_advice, words.en, words.en_advice)
        for _, name, _, _ in string.Formatter().parse(text)
        if name
    }
    problem = Problem(
        rule=rule, where=Place(), value="В", details={name: f"<{name}>" for name in gaps if name != "value"}
    )
    for language in ("ru", "en"):
        said = f"{message(problem, language)} {advice(problem, language)}"
        assert not re.search(r"[{}](?!\"delimiter|\})", said.replace('{"delimiter": ";"}', ""))
        assert not message(problem, language).endswith(".") and advice(problem, language).endswith((".", '"'))


@pytest.mark.parametrize("rule", RULES)
def test_both_languages_fill_the_same_gaps(rule: str) -> None:
    words = RULES[rule]
    russian, english = (
        {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name}
        for texts in ((words.ru, words.ru_advice), (words.en, words.en_advice))
    )
    assert russian == english


def test_russian_words_are_russian() -> None:
    for words in RULES.values():
        assert re.search("[а-яё]", words.ru) and re.search("[а-яё]", words.ru_advice)
        assert not re.search("[а-яё]{3}", words.en + words.en_advice)


def test_every_pattern_of_the_profile_is_told_in_words() -> None:
    used = {
        field["constraints"]["pattern"]
        for resource in RESOURCES
        for field in profile_schema(resource)["fields"]
        if "pattern" in field.get("constraints", {})
    }
    assert used == set(FORMS)
    problem = Problem(rule="pattern", where=Place(), value="x", details={"expected": "[0-9]{8}([0-9]{3})?"})
    assert advice(problem).startswith("Ожидается: 8 или 11 цифр; если их 7")


def test_a_value_cannot_move_the_reader_s_eyes() -> None:
    problem = Problem(rule="enum", where=Place(column="a\x1b[2J"), value="\x1b[2J\u202eabc" + "x" * 500, details={})
    assert "\x1b" not in message(problem) + place(problem) and "\u202e" not in message(problem)
    assert len(message(problem)) < 200
    assert as_json(problem)["value"] == problem.value


def test_half_a_character_can_be_written_to_the_report() -> None:
    problem = Problem(rule="enum", where=Place(package="\udcff", column="\ud800"), value="\ud800")
    assert json.dumps(as_json(problem), ensure_ascii=False).encode()


def test_the_catalogue_is_one() -> None:
    files = [file for file in (ROOT / "nok").rglob("*.py") if re.search(r"\bRule\(", file.read_text("utf-8"))]
    assert [file.name for file in files] == [Path(messages.__file__).name]
