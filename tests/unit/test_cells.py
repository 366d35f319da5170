"""Cells of foreign tables, one function at a time: what a mapping's tests see only through whole imports."""

import hashlib

import pytest

from nok.errors import ConfigError
from nok.packages.cells import CellRule, Unfit, compile_cell, compile_date, position, slug

COLUMNS = [f"column {number}" for number in range(1, 21)]


def test_a_long_name_is_cut_between_words_and_ends_with_its_hash() -> None:
    whole = "-".join(["slovo"] * 20)
    ending = hashlib.sha256(whole.encode()).hexdigest()[:6]
    made = slug(f" «{whole}» ")
    assert made == f"{'-'.join(['slovo'] * 9)}-{ending}"
    assert slug("a" * 100) == "a" * 57 + "-" + hashlib.sha256(b"a" * 100).hexdigest()[:6]
    assert slug("-Ёлка XXI-") == "elka-xxi"
    assert (slug("a" * 64), slug("X" * 3)) == ("a" * 64, "xxx")


def test_a_day_is_read_in_any_of_its_forms_and_in_plain_digits_only() -> None:
    step = compile_date(("DD.MM.YYYY", "YYYY-MM-DDThh:mm:ss"))
    assert (step("01.05.2025"), step("2025-05-01T23:59:59")) == ("2025-05-01", "2025-05-01")
    for text in ("01.05.2٠25", "30.02.2025", "1.5.2025", "01.05.2025 "):
        with pytest.raises(Unfit) as caught:
            step(text)
        assert (caught.value.rule, caught.value.value) == ("date-form", text)
        assert caught.value.details == {"expected": "DD.MM.YYYY, YYYY-MM-DDThh:mm:ss"}


def test_a_missing_column_is_told_with_those_that_are_there() -> None:
    for columns, shown in ((COLUMNS, ", ".join(COLUMNS)), ([*COLUMNS, "more"], f"{', '.join(COLUMNS)} …")):
        with pytest.raises(ConfigError) as caught:
            position("Other", columns, "a.yaml: rule")
        assert str(caught.value) == (
            f"a.yaml: rule: the source has no column 'Other'. Columns: {shown}. Nothing was written."
        )
    with pytest.raises(ConfigError, match=r"no column 'COLUMN 1'\. Did you mean 'column 1'\?"):
        position("COLUMN 1", COLUMNS, "a.yaml")


@pytest.mark.parametrize(
    "rule",
    [
        CellRule(column="absent"),
        CellRule(template="{a}, {absent}"),
        CellRule(first=(CellRule(column="a"), CellRule(column="absent"))),
    ],
)
def test_every_rule_names_itself_where_its_column_is_missing(rule: CellRule) -> None:
    with pytest.raises(ConfigError, match=r"^a\.yaml: name: the source has no column 'absent'"):
        compile_cell(rule, ["a", "b"], None, "a.yaml: name")


def test_the_first_cell_that_says_something_is_taken_and_none_is_empty() -> None:
    cell = compile_cell(CellRule(first=(CellRule(column="a"), CellRule(column="b"))), ["a", "b"], None, "x")
    assert [cell(row) for row in (["1", "2"], ["", "2"], ["", ""])] == ["1", "2", ""]


def test_text_of_a_template_goes_with_the_column_behind_it() -> None:
    cell = compile_cell(CellRule(template="г. {a}, д. {b}!"), ["a", "b"], None, "x")
    rows = (["Томск", "5"], ["Томск", ""], ["", "5"], ["", " "])
    assert [cell(row) for row in rows] == ["г. Томск, д. 5!", "г. Томск", "5!", ""]


@pytest.mark.parametrize(("details", "told"), [({"expected": "a, b"}, r"\(enum: a, b\)"), ({}, r"\(enum\)")])
def test_a_constant_that_does_not_fit_is_told(details: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigError, match=rf"^x: the constant 'c' does not fit {told}\. Nothing was written\.$"):
        compile_cell(CellRule(constant="c"), [], lambda _: ("enum", details), "x")
