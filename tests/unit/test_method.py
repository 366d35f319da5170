"""A method is read exactly or refused with the place, the value and what was expected."""

from decimal import Decimal

import pytest

from nok.errors import ConfigError
from nok.method import Method, Role, parse_method

GOOD = """
id: sample
title: {ru: Пример, en: Sample}
source: Приказ
decimals: 1
bands:
  five:
    - {upto: 40, level: 1, word: {ru: плохо, en: bad}}
    - {upto: 100, level: 5, word: {ru: хорошо, en: good}}
measures:
  - {id: total, role: total, title: Итог, maximum: 100, bands: five}
  - {id: K1, role: criterion, parent: total, weight: 1, title: {ru: Открытость}, maximum: 100, bands: five}
  - {id: "1.1", role: indicator, parent: K1, weight: 0.3, title: Стенд, maximum: 100}
  - {id: "1.2", role: indicator, parent: K1, weight: 0.7, title: Сайт, maximum: 25, better: lower}
"""


def changed(old: str, new: str) -> str:
    assert GOOD.count(old) >= 1, f"the sample has no {old!r}"
    return GOOD.replace(old, new, 1)


def read(text: str = GOOD) -> Method:
    return parse_method(text, "sample.yaml")


def test_measures_keep_the_order_of_the_file() -> None:
    assert [measure.id for measure in read().measures] == ["total", "K1", "1.1", "1.2"]


def test_total_criteria_and_indicators_are_found_by_their_roles() -> None:
    method = read()
    assert method.total.id == "total"
    assert [measure.id for measure in method.criteria] == ["K1"]
    assert [measure.id for measure in method.indicators("K1")] == ["1.1", "1.2"]
    assert method.by_id["1.1"].role is Role.INDICATOR


def test_weights_and_limits_are_exact_decimals() -> None:
    assert read().by_id["1.1"].weight == Decimal("0.3")


def test_lower_is_better_only_where_it_is_said() -> None:
    by_id = read().by_id
    assert by_id["1.1"].higher_is_better
    assert not by_id["1.2"].higher_is_better


def test_russian_stands_in_for_english_that_is_not_given() -> None:
    assert read().by_id["K1"].title == {"ru": "Открытость", "en": "Открытость"}


def test_short_title_is_the_title_where_none_is_given() -> None:
    assert read().by_id["1.1"].short == {"ru": "Стенд", "en": "Стенд"}


@pytest.mark.parametrize(("points", "word"), [("0", "плохо"), ("40", "плохо"), ("40.01", "хорошо"), ("100", "хорошо")])
def test_band_holds_the_points_up_to_and_with_its_limit(points: str, word: str) -> None:
    band = read().total.band(Decimal(points))
    assert band is not None
    assert band.word["ru"] == word


def test_measure_without_bands_has_no_word() -> None:
    assert read().by_id["1.1"].band(Decimal(50)) is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("decimals: 1", "decimal: 1", r"'decimal' is not known\. Did you mean 'decimals'\?"),
        ("decimals: 1", "decimals: 9", "'9', expected a whole number from 0 to 4"),
        ("better: lower", "beter: lower", "Did you mean 'better'"),
        ("better: lower", "better: less", "'less', expected higher or lower"),
        ("id: sample", "id: 2018", "write a number in quotes"),
        ("source: Приказ\n", "", "source: expected a text"),
        ("source: Приказ", "source: {en: Order}", "source: ru is 'None'"),
        ("en: Sample", "eng: Sample", "Did you mean 'en'"),
        ("role: criterion", "role: criterium", "expected total, criterion, indicator"),
        ("role: criterion, parent: total, weight: 1,", "role: total,", "2 measures have the role total, expected one"),
        ("role: total,", "role: criterion,", "0 measures have the role total, expected one"),
        ('id: "1.2"', 'id: "1.1"', "the measure '1.1' stands twice"),
        ("parent: K1, weight: 0.7", "parent: K2, weight: 0.7", r"'1.2' \(indicator\) has the parent 'K2', expected K1"),
        ("parent: K1, weight: 0.7", "parent: total, weight: 0.7", "has the parent 'total', expected K1"),
        ("parent: K1, weight: 0.7,", "weight: 0.7,", "has the parent '', expected K1"),
        ("role: total,", "role: total, parent: K1,", "has the parent 'K1', expected none"),
        ("weight: 0.7", "weight: 0.6", r"1.1: 0.3, 1.2: 0.6; expected a sum of 1"),
        ("weight: 0.7, ", "", "1.2: None; expected a sum of 1"),
        ("weight: 0.7", "weight: many", "weight is 'many', expected a number"),
        ("weight: 0.7", "weight: nan", "weight is 'nan', expected a number"),
        ("maximum: 25", "maximum: 0", "expected more than 0"),
        ("upto: 40", "upto: 100", "the limits must rise: 100, 100"),
        ("upto: 40", "upto: 140", "the limits must rise: 140, 100"),
        ("upto: 100", "upto: 90", "its bands end at 90, below the maximum 100"),
        ("level: 5", "level: 6", "'6', expected a whole number from 1 to 5"),
        ("bands: five", "bands: fife", "there are no bands 'fife'. Did you mean 'five'"),
        ("bands:\n  five:", "decimals: 2\nbands:\n  five:", "'decimals' stands twice"),
    ],
)
def test_mistake_is_refused_with_its_place(old: str, new: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected) as caught:
        read(changed(old, new))
    assert str(caught.value).startswith("sample.yaml")


@pytest.mark.parametrize("text", ["measures: []", "measures: total", "id: x", "measures: [total]", "bands: [1]"])
def test_method_of_another_shape_is_refused_in_words(text: str) -> None:
    with pytest.raises(ConfigError, match=r"sample\.yaml: .*expected"):
        read(text)
