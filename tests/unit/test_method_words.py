"""The words of methods and kinds as pages put them into sentences: their cases and plurals, by a dictionary of Russian."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pymorphy3
import pytest

from nok.method import Measure, Role
from nok.site.publication import read_publication
from nok.templating import Words

PUBLICATION = read_publication(None)
MEASURES = {
    f"{method.id}-{measure.id}": measure for method in PUBLICATION.methods.values() for measure in method.measures
}
KINDS = sorted(PUBLICATION.spheres.kinds)


@cache
def morphology() -> Any:
    return pymorphy3.MorphAnalyzer()


def readings(word: str) -> list[Any]:
    found: list[Any] = morphology().parse(word)
    return found


def words_of(text: str) -> Iterator[str]:
    return iter(re.findall(r"[а-яё-]+", text.lower()))


@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES.keys())
def test_a_short_name_can_be_what_a_sentence_is_about(measure: Measure) -> None:
    """`Слабое место — доступность`, `Ниже медианы: сведения на стенде`: its first noun or adjective is nominative; and
    what is a share of people may begin with the predicate (`Довольны открытостью`)."""
    first = next(words_of(measure.short["ru"]))
    tags = [one.tag for one in readings(first)]
    assert any("nomn" in tag or "ADJS" in tag or "PRTS" in tag or "VERB" in tag or "ADVB" in tag for tag in tags), first


CRITERIA = {name: measure for name, measure in MEASURES.items() if measure.role is Role.CRITERION}


@pytest.mark.parametrize("measure", CRITERIA.values(), ids=CRITERIA.keys())
def test_what_a_criterion_is_about_reads_on_after_a_colon(measure: Measure) -> None:
    """`О чём он: вежливы ли те, кто …` begins with a plain word (no name) and ends as a sentence."""
    for language, text in measure.plain.items():
        if text:
            first = re.split(r"[ ,]", text)[0]
            assert first[0].isupper(), (language, text)
            assert first[1:] == first[1:].lower(), (language, text)
            assert text.rstrip().endswith("."), (language, text)


def test_the_method_in_force_says_of_every_criterion_what_it_is_about() -> None:
    assert all(measure.plain["ru"] and measure.plain["en"] for measure in PUBLICATION.methods["344n-2018"].criteria)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [1, 2, 5, 11, 21, 22, 101, 112])
def test_a_number_of_organisations_has_its_noun_in_the_right_form(kind: str, number: int) -> None:
    """`21 школа`, `2 спортивные школы`, `5 школ`: a noun stands in the case that goes with the number."""
    forms = PUBLICATION.spheres.kind(kind).words["ru"]
    said = Words("ru", {}, {"kind": forms}).plural("kind", number)
    cases = {"one": ("nomn", "sing"), "few": ("gent", "sing"), "many": ("gent", "plur")}
    form = next(name for name in cases if forms.get(name) == said)
    case, count = cases[form]
    tags = [one.tag for word in words_of(said) for one in readings(word) if "NOUN" in one.tag]
    if form == "few" and "столов" in said:  # a noun that is declined as an adjective: `две столовые`
        case, count = "nomn", "plur"
    assert any(case in tag and count in tag for tag in tags), f"{number} {said}"


def test_years_and_measures_of_plans_have_their_forms() -> None:
    words = PUBLICATION.words["ru"]
    assert [words.plural("page.years", number) for number in (1, 3, 5, 11, 21)] == ["год", "года", "лет", "лет", "год"]
    assert [words.plural("page.measures", number) for number in (1, 3, 5, 11, 21)] == [
        "мера",
        "меры",
        "мер",
        "мер",
        "мера",
    ]
    assert words.plural("page.years_ago", 22, number=22) == "22 года назад"
