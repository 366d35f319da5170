"""Codes of data packages get their words; a code that nobody described is shown as itself."""

import pytest

from nok.errors import ConfigError
from nok.vocabulary import parse_reasons, parse_spheres

SPHERES = """
any_kind:
  title: {ru: Организации, en: Organisations}
  ru: {one: организация, few: организации, many: организаций}
  en: {one: organisation, other: organisations}
spheres:
  - id: culture
    title: {ru: Культура, en: Culture}
    where: {ru: в культуре, en: in culture}
    kinds:
      - id: museum
        title: {ru: Музеи, en: Museums}
        ru: {one: музей, few: музея, many: музеев}
        en: {one: museum, other: museums}
"""
REASONS = """
reasons:
  - {code: insult, rule: 3.10, shown: {ru: содержит оскорбления, en: contains insults}}
"""


def test_sphere_and_kind_are_found_by_their_codes() -> None:
    spheres = parse_spheres(SPHERES, "spheres.yaml")
    assert spheres.sphere("culture").where["ru"] == "в культуре"
    assert spheres.kind("museum").sphere == "culture"
    assert spheres.kind("museum").words["ru"]["few"] == "музея"
    assert spheres.sphere("culture").kinds == (spheres.kind("museum"),)


def test_unknown_sphere_is_called_by_its_code() -> None:
    sphere = parse_spheres(SPHERES, "spheres.yaml").sphere("zoo")
    assert (sphere.title["ru"], sphere.where["en"], sphere.kinds) == ("zoo", "zoo", ())


def test_unknown_kind_is_called_by_its_code_in_every_form() -> None:
    kind = parse_spheres(SPHERES, "spheres.yaml").kind("aquarium")
    assert kind.title["en"] == "aquarium"
    assert kind.words == {
        "ru": dict.fromkeys(("one", "few", "many"), "aquarium"),
        "en": dict.fromkeys(("one", "other"), "aquarium"),
    }


def test_organisation_without_a_kind_is_just_an_organisation() -> None:
    assert parse_spheres(SPHERES, "spheres.yaml").kind("").words["ru"]["many"] == "организаций"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("few: музея, ", "", "kind 'museum': the plural form 'few' is 'None'"),
        ("few: музея", "two: музея", "'two' is not known"),
        ("    where: {ru: в культуре, en: in culture}\n", "", "sphere 'culture': where: expected a text"),
        ("  - id: culture", "  - name: culture", "the key 'name' is not known"),
        ("- id: museum", "- museum", "spheres.yaml"),
        ("any_kind:", "any_kinds:", "Did you mean 'any_kind'"),
        ("id: museum", "id: 5", "write a number in quotes"),
    ],
)
def test_mistake_in_spheres_is_refused_with_its_place(old: str, new: str, expected: str) -> None:
    assert old in SPHERES
    with pytest.raises(ConfigError, match=expected) as caught:
        parse_spheres(SPHERES.replace(old, new, 1), "spheres.yaml")
    assert str(caught.value).startswith("spheres.yaml")


def test_kind_that_stands_in_two_spheres_is_refused() -> None:
    sphere = SPHERES[SPHERES.index("  - id: culture") :]
    with pytest.raises(ConfigError, match="the kind 'museum' stands twice"):
        parse_spheres(SPHERES + sphere.replace("id: culture", "id: sport"), "spheres.yaml")


def test_reason_keeps_the_number_of_its_rule_as_it_is_written() -> None:
    assert parse_reasons(REASONS, "reasons.yaml").reason("insult").rule == "3.10"


def test_unknown_reason_is_shown_as_its_code_without_a_rule() -> None:
    reason = parse_reasons(REASONS, "reasons.yaml").reason("noise")
    assert (reason.shown["ru"], reason.rule) == ("noise", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (REASONS + "  - {code: insult, rule: 3.2, shown: снова}", "the reason 'insult' stands twice"),
        (REASONS.replace("rule: 3.10, ", ""), "reason 'insult': rule is 'None'"),
        (REASONS.replace("code", "kode"), "Did you mean 'code'"),
        ("reasons: []", "expected a list with at least one item"),
        ("reasons: [insult]", "expected `key: value` lines"),
    ],
)
def test_mistake_in_reasons_is_refused_with_its_place(text: str, expected: str) -> None:
    with pytest.raises(ConfigError, match=expected) as caught:
        parse_reasons(text, "reasons.yaml")
    assert str(caught.value).startswith("reasons.yaml")
