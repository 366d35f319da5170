"""What a method file says of its formulas and variants is followed exactly, or refused with file and line."""

from decimal import Decimal
from pathlib import Path

import pytest

from nok.config import parse_config
from nok.errors import ConfigError
from nok.formula import (
    ItemsTimesStep,
    Mean,
    ShareOfAnswers,
    WaitingAndTimely,
    WaitingBands,
    WaitingRule,
    WeightedSum,
    ZeroPolicy,
)
from nok.method import Method, parse_method
from nok.site.publication import read_publication
from nok.vocabulary import parse_spheres
from tests.unit.scoring_support import order, order_text, spheres

GOOD = """\
id: sample
title: {ru: Пример, en: Sample}
source: Приказ
zero_denominator: zero
questionnaires: [form]
questions: [q1, q2, q3]
parameters:
  - {id: stand, kind: part_of_norm, title: Стенд}
  - {id: site, kind: part_of_norm, title: Сайт}
  - {id: channels, kind: count, most: 5, title: Связь}
  - {id: waiting, kind: duration, norm: 14, title: Ожидание}
variants:
  - id: schools
    title: Школы
    spheres: [education]
    without: ["1.4"]
    weights: {"1.1": 0.5, "1.2": 0.3, "1.3": 0.2}
  - id: theatres
    title: Театры
    spheres: [culture]
    kinds: [theatre]
    without: [K1]
  - id: clinics
    title: Клиники
    spheres: [health]
    formulas:
      "1.4":
        name: waiting_and_timely
        parameter: waiting
        question: q3
        rules:
          - {points: 100, share_of_norm: 0.5}
          - {points: 10, below_norm_by: 0}
measures:
  - id: total
    role: total
    title: Итог
    maximum: 100
    formula: mean
  - id: K1
    role: criterion
    parent: total
    title: Открытость
    maximum: 100
    formula: weighted_sum
  - {id: "1.1", role: indicator, parent: K1, weight: 0.4, title: Норма, maximum: 100,
     formula: {name: share_of_norms, parameters: [stand, site]}}
  - {id: "1.2", role: indicator, parent: K1, weight: 0.2, title: Связь, maximum: 100,
     formula: {name: items_times_step, parameters: [channels], step: 30}}
  - {id: "1.3", role: indicator, parent: K1, weight: 0.2, title: Довольны, maximum: 100,
     formula: {name: mean_of_shares, shares: [{question: q2, branch: q1}]}}
  - {id: "1.4", role: indicator, parent: K1, weight: 0.2, title: Ожидание, maximum: 100}
  - {id: K2, role: criterion, parent: total, title: Доступность, maximum: 100, formula: {name: mean, of: ["2.1"]}}
  - {id: "2.1", role: indicator, parent: K2, weight: 1, title: Равные условия, maximum: 100,
     formula: {name: share_of_answers, question: q3}}
"""


def read(text: str = GOOD) -> Method:
    return parse_method(text, "sample.yaml", spheres())


def test_each_variant_is_whole_and_in_an_order_that_can_be_computed() -> None:
    schools, theatres, clinics = read().variants
    assert list(schools.formulas) == ["1.1", "1.2", "1.3", "K1", "2.1", "K2", "total"]
    assert (schools.exempt, theatres.exempt) == (("1.4",), ("K1", "1.1", "1.2", "1.3", "1.4"))
    assert schools.formulas["K1"] == WeightedSum(
        of=tuple(zip(("1.1", "1.2", "1.3"), map(Decimal, "0.5 0.3 0.2".split()), strict=True))
    )
    assert (theatres.formulas["total"], clinics.formulas["total"]) == (Mean(of=("K2",)), Mean(of=("K1", "K2")))


def test_kind_goes_before_the_sphere_alone() -> None:
    method = order()
    found = {kind: method.variant("culture", kind) for kind in ("theatre", "concert", "library", "", "circus")}
    assert {kind: variant and variant.id for kind, variant in found.items()} == {
        "theatre": "performing-arts",
        "concert": "performing-arts",
        "library": "no-waiting",
        "": "no-waiting",
        "circus": "no-waiting",
    }
    assert method.variant("sport") is None
    assert method.variant("education", "theatre") == method.variant("education")


def test_variant_of_one_kind_does_not_stand_for_its_sphere() -> None:
    assert read().variant("culture", "museum") is None


def test_without_variants_everybody_is_computed_alike() -> None:
    text = GOOD.replace(GOOD[GOOD.index("variants:") : GOOD.index("measures:")], "")
    text = text.replace(
        "title: Ожидание, maximum: 100}",
        "title: Ожидание, maximum: 100, formula: {name: share_of_answers, question: q1}}",
    )
    method = read(text)
    (variant,) = method.variants
    assert variant.exempt == () and method.variant("anything", "whatever") == variant


def test_policy_may_be_null_with_or_without_quotes() -> None:
    for word in ("null", '"null"'):
        assert read(GOOD.replace("zero_denominator: zero", f"zero_denominator: {word}")).zero_policy is ZeroPolicy.NULL


def test_a_share_keeps_the_question_before_it() -> None:
    assert order().by_id["3.3"].formula == ShareOfAnswers(question="q8", branch="q7")


REFUSED = [
    ("zero_denominator: zero\n", "", "id: sample", "zero_denominator is 'nothing', expected zero, renormalise, null"),
    ("zero_denominator: zero", "zero_denominator: one", "zero_denominator: one", "zero_denominator is 'one', expected zero, renormalise, null"),
    ("zero_denominator: zero", "zero_denominater: zero", "zero_denominater: zero", "the key 'zero_denominater' is not known. Did you mean 'zero_denominator'?"),
    ("name: items_times_step", "name: item_times_step", "name: item_times_step", "measure '1.2': formula: the formula 'item_times_step' is not known. Did you mean 'items_times_step'?"),
    ("formula: weighted_sum", "formula: wieghted_sum", "formula: wieghted_sum", "measure 'K1': formula: the formula 'wieghted_sum' is not known. Did you mean 'weighted_sum'?"),
    ("parameters: [stand, site]", "parameters: [stand, sight]", "parameters: [stand, sight]", "measure '1.1': share_of_norms: parameters: the parameter 'sight' is not known. Did you mean 'site'? Parameters of the kind part_of_norm: stand, site"),
    ("parameters: [channels]", "parameters: [stand]", "parameters: [stand]", "measure '1.2': items_times_step: parameters: the parameter 'stand' is of the kind part_of_norm, expected count"),
    ("question: q2, branch: q1", "question: q9, branch: q1", "question: q9, branch: q1", "measure '1.3': mean_of_shares: shares: question: the question 'q9' is not known. Questions of the method: q1, q2, q3"),
    ("question: q2, branch: q1", "question: q2, branch: q4", "question: q2, branch: q4", "measure '1.3': mean_of_shares: shares: branch: the question 'q4' is not known. Questions of the method: q1, q2, q3"),
    ("        question: q3\n", "        question: q33\n", "question: q33", "variant 'clinics': measure '1.4': waiting_and_timely: question: the question 'q33' is not known. Did you mean 'q3'? Questions of the method: q1, q2, q3"),
    ("spheres: [education]", "spheres: [educaton]", "spheres: [educaton]", "variant 'schools': spheres: 'educaton' is not in spheres.yaml. Did you mean 'education'?"),
    ("kinds: [theatre]", "kinds: [theater]", "kinds: [theater]", "variant 'theatres': kinds: 'theater' is not in spheres.yaml. Did you mean 'theatre'?"),
    ("kinds: [theatre]", "kinds: [school]", "kinds: [school]", "variant 'theatres': kinds: 'school' belongs to the sphere 'education', which this variant does not name"),
    ("step: 30", "steps: 30", "steps: 30", "measure '1.2': items_times_step: the key 'steps' is not known. Did you mean 'step'?"),
    ("step: 30", "step: 0", "step: 0", "measure '1.2': items_times_step: step is '0', expected a number above 0"),
    ("step: 30", "step: 101", "step: 101", "measure '1.2': items_times_step: step is '101', expected 100 at most"),
    ("step: 30", "step: many", "step: many", "measure '1.2': items_times_step: step is 'many', expected a number"),
    (", step: 30", "", "formula: {name: items_times_st", "measure '1.2': items_times_step: step is 'None', expected a number"),
    ("parameters: [stand, site]", "parameters: [stand, stand]", "parameters: [stand, stand]", "measure '1.1': share_of_norms: parameters: stand, stand: one stands twice, and would count twice"),
    ("parameters: [stand, site]", "parameters: []", "parameters: []", "measure '1.1': share_of_norms: parameters: expected a list with at least one item"),
    ("question: q2, branch: q1", "question: q2, branch: q2", "question: q2, branch: q2", "measure '1.3': mean_of_shares: shares: branch: the question 'q2' cannot stand before itself"),
    ("question: q2, branch: q1", "question: q2, brunch: q1", "question: q2, brunch: q1", "measure '1.3': mean_of_shares: shares: the key 'brunch' is not known. Did you mean 'branch'?"),
    ("shares: [{question: q2, branch: q1}]", "shares: [q2]", "shares: [q2]", "measure '1.3': mean_of_shares: shares: a share is 'q2', expected `question: …`"),
    ("points: 10, below_norm_by: 0", "points: 10", "- {points: 10}", "variant 'clinics': measure '1.4': waiting_and_timely: rules: a rule is '{'points': 10}', expected `points:` and one of `share_of_norm:`, `below_norm_by:`"),
    ("points: 10, below_norm_by: 0", "points: 10, below_norm_by: 0, share_of_norm: 1", "points: 10, below_norm_by: 0, share_of_norm: 1", "variant 'clinics': measure '1.4': waiting_and_timely: rules: a rule is '{'points': 10, 'below_norm_by': 0, 'share_of_norm': 1}', expected `points:` and one of `share_of_norm:`, `below_norm_by:`"),
    ("points: 10, below_norm_by: 0", "points: 110, below_norm_by: 0", "points: 110, below_norm_by: 0", "variant 'clinics': measure '1.4': waiting_and_timely: rules: points is '110', expected 0 to 100"),
    ("points: 10, below_norm_by: 0", "points: 100, below_norm_by: 0", "rules:", "variant 'clinics': measure '1.4': waiting_and_timely: rules: the points must fall, the best rule first: 100, 100"),
    ("share_of_norm: 0.5", "share_of_norm: 5", "share_of_norm: 5", "variant 'clinics': measure '1.4': waiting_and_timely: rules: share_of_norm is '5', expected 0 to 1"),
    ("share_of_norm: 0.5", "share: 0.5", "share: 0.5", "variant 'clinics': measure '1.4': waiting_and_timely: rules: a rule is '{'points': 100, 'share': '0.5'}', expected `points:` and one of `share_of_norm:`, `below_norm_by:`"),
    ('of: ["2.1"]', 'of: ["2.1", "2.1"]', 'of: ["2.1", "2.1"]', "measure 'K2': mean: of: 2.1, 2.1: one stands twice, and would count twice"),
    ('{name: mean, of: ["2.1"]}', '{name: weighted_sum, of: ["2.1"]}', '{name: weighted_sum, of: ["2.1"]}', "measure 'K2': weighted_sum: of is '['2.1']', expected `measure: weight` lines"),
    ("kind: count, most: 5", "kind: counts, most: 5", "kind: counts, most: 5", "parameter 'channels': kind is 'counts', expected part_of_norm, count, duration. Did you mean 'count'?"),
    ("most: 5", "most: 4.5", "most: 4.5", "parameter 'channels': most is '4.5', expected a whole number above 0"),
    ("most: 5", "mots: 5", "mots: 5", "parameter 'channels': the key 'mots' is not known. Did you mean 'most'?"),
    ("norm: 14", "norm: 0", "norm: 0", "parameter 'waiting': norm is '0', expected a number above 0"),
    ("id: site, kind", "id: stand, kind", "- {id: stand, kind: part_of_norm, title: Сайт}\n  - {id: channels, kind: count, most: 5, title: Связь}", "parameter 'stand' stands twice. Remove or rename one of them"),
    ("  - {id: stand, kind: part_of_norm, title: Стенд}", "  - stand", "", "a parameter is 'stand', expected `id: …` and what belongs to it"),
    ("questions: [q1, q2, q3]", "questions: [q1, q2, q3, q1]", "questions: [q1, q2, q3, q1]", "questions 'q1' stands twice. Remove or rename one of them"),
    ('without: ["1.4"]', 'without: ["1.5"]', 'without: ["1.5"]', "variant 'schools': without: the measure '1.5' is not there. Did you mean '1.4'?"),
    ('    without: ["1.4"]\n', "", 'weights: {"1.1": 0.5, "1.2": 0', "variant 'schools': weights: the weights of the parts of 'K1' are 1.1: 0.5, 1.2: 0.3, 1.3: 0.2, 1.4: 0.2; expected weights above 0 with a sum of 1"),
    ('weights: {"1.1": 0.5, "1.2": 0.3, "1.3": 0.2}', 'weights: {"1.1": 0.5, "1.2": 0.3, "1.3": 0.3}', 'weights: {"1.1": 0.5, "1.2": 0.3, "1.3": 0.3}', "variant 'schools': weights: the weights of the parts of 'K1' are 1.1: 0.5, 1.2: 0.3, 1.3: 0.3; expected weights above 0 with a sum of 1"),
    ('    weights: {"1.1": 0.5, "1.2": 0.3, "1.3": 0.2}\n', "", 'without: ["1.4"]', "variant 'schools': without: the weights of the parts of 'K1' are 1.1: 0.4, 1.2: 0.2, 1.3: 0.2; expected weights above 0 with a sum of 1"),
    ('"1.3": 0.2}', '"1.9": 0.2}', '"1.9": 0.2}', "variant 'schools': weights: 1.9: the measure '1.9' is not there. Did you mean '1.3'?"),
    ('weights: {"1.1": 0.5, "1.2": 0.3, "1.3": 0.2}', "weights: [0.5, 0.5]", "weights: [0.5, 0.5]", "variant 'schools': weights is '['0.5', '0.5']', expected `measure: …` lines"),
    ('"1.1": 0.5', '"1.1": half', '"1.1": half', "variant 'schools': weights: 1.1 is 'half', expected a number"),
    ('weights: {"1.1": 0.5, "1.2": 0.3, "1.3": 0.2}', 'weights: {"1.1": 0.6, "1.2": 0.6, "1.3": -0.2}', 'weights: {"1.1": 0.6, "1.2": 0.6, "1.3": -0.2}', "variant 'schools': weights: the weights of the parts of 'K1' are 1.1: 0.6, 1.2: 0.6, 1.3: -0.2; expected weights above 0 with a sum of 1"),
    ('      "1.4":\n', '      "1.7":\n', '"1.7":', "variant 'clinics': formulas: 1.7: the measure '1.7' is not there. Did you mean '1.4'?"),
    ("weight: 0.4, title: Норма", "weight: 0.5, title: Норма", "- id: K1", "measure 'K1': the weights of its parts are 1.1: 0.5, 1.2: 0.2, 1.3: 0.2, 1.4: 0.2; expected a sum of 1"),
    ('of: ["2.1"]', 'of: ["2.2"]', 'of: ["2.2"]', "measure 'K2': formula: for variant 'schools' it is made from the measure '2.2', which is not there. Did you mean '2.1'?"),
    ('of: ["2.1"]', 'of: ["1.4"]', 'of: ["1.4"]', "measure 'K2': formula: for variant 'schools' it is made from the measure '1.4', which is not there. Did you mean '1.3'?"),
    ('of: ["2.1"]', "of: [total]", "formula: mean", "measure 'total': formula: a measure is made from itself: total → K2 → total"),
    ('of: ["2.1"]', "of: [K2]", "of: [K2]", "measure 'K2': formula: a measure is made from itself: K2 → K2"),
    ("formula: {name: share_of_answers, question: q3}}", "better: higher}", "- id: schools", "variant 'schools': the measure '2.1' has no formula. Give it one, or name it under `without:`"),
    ("title: Норма, maximum: 100,", "title: Норма, maximum: 50,", "title: Норма, maximum: 50,", "measure '1.1': maximum is 50; a formula gives 0 to 100 points, more being better"),
    ("title: Норма, maximum: 100,", "title: Норма, maximum: 100, better: lower,", "title: Норма, maximum: 100, better: lower,", "measure '1.1': maximum is 100; a formula gives 0 to 100 points, more being better"),
    ("title: Норма,", "title: Норма, plane: Сколько,", "title: Норма, plane: Сколько,", "measure '1.1': the key 'plane' is not known. Did you mean 'plain'?"),
    ("    spheres: [health]\n", "", "- id: clinics", "variant 'clinics': it names no `spheres:`, so it is for nobody"),
    ("    spheres: [health]", "    spheres: [health, education]", "- id: clinics", "variant 'clinics' and variant 'schools' are both for education"),
    ("id: theatres\n    title: Театры", "id: schools\n    title: Театры", "- id: schools\n    title: Театры", "variant 'schools' and variant 'schools' are both for schools"),
    ("without: [K1]", "without: [K1, K2]", "formula: mean", "measure 'total': formula: for variant 'theatres' it is made from other measures, but none is below it"),
    ("    spheres: [culture]", "    sphere: [culture]", "sphere: [culture]", "variant 'theatres': the key 'sphere' is not known. Did you mean 'spheres'?"),
]  # fmt: skip
"""What is replaced by what; a text on the line that must be named (none: only the file); and the sentence."""


@pytest.mark.parametrize(("old", "new", "at", "expected"), REFUSED)
def test_mistake_is_refused_with_file_and_line(old: str, new: str, at: str, expected: str) -> None:
    assert GOOD.count(old) >= 1, f"the sample has no {old!r}"
    text = GOOD.replace(old, new, 1)
    with pytest.raises(ConfigError) as caught:
        read(text)
    line = f", line {text[: text.index(at)].count(chr(10)) + 1}" if at else ""
    assert str(caught.value).startswith(f"sample.yaml{line}: {expected}")


def test_kinds_of_one_sphere_may_be_named_beside_another_sphere() -> None:
    assert read(GOOD.replace("spheres: [culture]", "spheres: [culture, education]")).variant("culture", "theatre")


def test_kind_that_two_variants_name_is_refused() -> None:
    twice = GOOD.replace(
        "  - id: clinics",
        "  - {id: stages, title: Сцены, spheres: [culture], kinds: [theatre], without: [K1]}\n  - id: clinics",
    )
    with pytest.raises(
        ConfigError, match=r"sample.yaml, line 23: variant 'stages' and variant 'theatres' are both for theatre"
    ):
        read(twice)


def test_build_refuses_a_method_for_a_sphere_that_the_publication_does_not_have(tmp_path: Path) -> None:
    content = tmp_path / "content"
    (content / "methods").mkdir(parents=True)
    (content / "publication.yaml").write_text("", "utf-8")
    (content / "spheres.yaml").write_text(Path("content/spheres.yaml").read_text("utf-8"), "utf-8")
    (content / "methods" / "own.yaml").write_text(order_text().replace("[health]", "[helth]"), "utf-8")
    with pytest.raises(ConfigError, match=r"methods/own.yaml, line \d+: variant 'health': spheres: 'helth'"):
        read_publication(content / "publication.yaml")


def test_methods_of_the_project_need_not_know_the_spheres_of_a_publication(tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "publication.yaml").write_text("", "utf-8")
    own = """
any_kind: {title: Места, ru: {one: место, few: места, many: мест}, en: {one: place, other: places}}
spheres:
  - id: forest
    title: Лес
    where: в лесу
    kinds:
      - {id: hut, title: Хижины, ru: {one: хижина, few: хижины, many: хижин}, en: {one: hut, other: huts}}
"""
    (content / "spheres.yaml").write_text(own, "utf-8")
    publication = read_publication(content / "publication.yaml")
    assert "forest" in publication.spheres.spheres and publication.methods["344n-2018"].variants


# ---- the order of 2018 ---------------------------------------------------------------------------------------------


def test_order_of_2018_computes_every_sphere_of_the_law() -> None:
    named = {sphere: order().variant(sphere) for sphere in spheres().spheres}
    computed = {sphere for sphere, variant in named.items() if variant}
    assert computed == {"education", "health", "culture", "social", "mse"}


def test_order_of_2018_says_every_measure_in_plain_words_of_both_languages() -> None:
    for measure in order().measures:
        assert len(measure.plain["ru"]) > 60 and len(measure.plain["en"]) > 60
        assert measure.plain["ru"] != measure.plain["en"]


def test_note_of_the_order_says_which_rules_are_ours() -> None:
    note = order().note
    assert "здесь они наши" in note["ru"] and "which are ours" in note["en"]
    assert "variants by sphere are not described" not in note["en"]


def test_weights_of_the_order_are_those_of_its_table() -> None:
    variant = order().variant("health")
    assert variant is not None
    weights = [dict(formula.of) for formula in variant.formulas.values() if isinstance(formula, WeightedSum)]
    assert [[str(weight) for weight in one.values()] for one in weights] == [
        ["0.3", "0.3", "0.4"],
        ["0.3", "0.4", "0.3"],
        ["0.3", "0.4", "0.3"],
        ["0.4", "0.4", "0.2"],
        ["0.3", "0.2", "0.5"],
    ]


def test_config_and_other_files_still_read_without_lines() -> None:
    """Mappings that know their lines are plain mappings to everybody else."""
    assert parse_config("packages: [a]").packages == ("a",)
    with pytest.raises(ConfigError, match="spheres: expected a list"):
        parse_spheres("any_kind: {}", "s.yaml")


def test_arguments_of_formulas_are_read_as_they_are_written() -> None:
    method = read(
        GOOD.replace("{points: 10, below_norm_by: 0}", "{points: 10, below_norm_by: 2}\n          - {below_norm_by: 1}")
    )
    channels = method.by_id["1.2"].formula
    assert channels == ItemsTimesStep(parameters=("channels",), step=Decimal(30))
    waiting = method.variant("health").formulas["1.4"]
    assert isinstance(waiting, WaitingAndTimely)
    assert waiting.waiting == WaitingBands(
        parameter="waiting",
        rules=(
            WaitingRule(points=Decimal(100), share_of_norm=Decimal("0.5"), below_norm_by=None),
            WaitingRule(points=Decimal(10), share_of_norm=None, below_norm_by=Decimal(2)),
            WaitingRule(points=Decimal(0), share_of_norm=None, below_norm_by=Decimal(1)),
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("shares: [{question: q2, branch: q1}]", "shares: 5", ": shares"),
        ("- {points: 10, below_norm_by: 0}", "- {points: 10, below_norm_by: x}", ": below_norm_by"),
        ("- {points: 10, below_norm_by: 0}", "- {points: x, below_norm_by: 0}", ": points"),
    ],
)
def test_an_argument_of_the_wrong_kind_is_named(old: str, new: str, named: str) -> None:
    assert old in GOOD
    with pytest.raises(ConfigError, match=r"sample\.yaml, line \d+.*" + named):
        read(GOOD.replace(old, new))
