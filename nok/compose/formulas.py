"""What a method does with what was counted, in words: its formulas, one sentence for each group of organisations."""

from collections.abc import Iterator

from nok.compose.edition import Edition
from nok.formula import (
    Formula,
    ItemsTimesStep,
    Mean,
    MeanOfShares,
    ShareOfAnswers,
    ShareOfNorms,
    WaitingAndTimely,
    WaitingBands,
    WaitingRule,
    WeightedSum,
)
from nok.method import Measure, Method
from nok.model import Fact


def formula_words(method: Method, measure: Measure, edition: Edition) -> Iterator[Fact]:
    """(for whom, how) of one measure; one line where all groups of organisations have the same."""
    found: dict[str, list[str]] = {}
    for variant in method.variants:
        formula = variant.formulas.get(measure.id)
        said = edition.words("page.not_applicable") if formula is None else formula_sentence(formula, method, edition)
        found.setdefault(said, []).append(variant.title[edition.language])
    for said, titles in found.items():
        yield Fact("; ".join(titles) if len(found) > 1 else "", said)


def formula_sentence(formula: Formula, method: Method, edition: Edition) -> str:
    """How points come about."""
    words = edition.words
    match formula:
        case ShareOfNorms():
            return words("page.formula_norms", of=_parameters(formula.parameters, method, edition))
        case ItemsTimesStep():
            of = _parameters(formula.parameters, method, edition)
            return words("page.formula_items", of=of, step=edition.plain_number(f"{formula.step:f}"))
        case ShareOfAnswers():
            return words("page.formula_share", questions=_number(formula.question))
        case MeanOfShares():
            numbers = ", ".join(_number(share.question) for share in formula.shares)
            return words("page.formula_shares", questions=numbers)
        case WaitingBands():
            return _waiting(formula, method, edition)
        case WaitingAndTimely():
            timely = words("page.formula_share", questions=_number(formula.timely.question))
            waiting = _waiting(formula.waiting, method, edition)
            return words("page.formula_both", waiting=waiting, timely=timely)
        case WeightedSum():
            terms = [f"{edition.plain_number(f'{weight:f}')} × {name}" for name, weight in formula.of]
            return " + ".join(terms)
        case Mean():
            return words("page.formula_mean", of=", ".join(formula.of))


def _number(question: str) -> str:
    return question.removeprefix("q")


def _parameters(names: tuple[str, ...], method: Method, edition: Edition) -> str:
    titles = [method.parameters[name].title[edition.language] for name in names]
    return ", ".join(title[:1].lower() + title[1:] for title in titles)


def _waiting(formula: WaitingBands, method: Method, edition: Edition) -> str:
    rules = "; ".join(_rule(rule, edition) for rule in formula.rules)
    return edition.words("page.formula_waiting", of=_parameters((formula.parameter,), method, edition), rules=rules)


def _rule(rule: WaitingRule, edition: Edition) -> str:
    points = edition.plain_number(f"{rule.points:f}")
    if rule.share_of_norm is not None:
        share = edition.plain_number(f"{rule.share_of_norm:f}")
        return edition.words("page.formula_rule_share", share=share, points=points)
    below = edition.plain_number(f"{rule.below_norm_by or 0:f}")
    return edition.words(
        "page.formula_rule_below" if below != "0" else "page.formula_rule_norm", below=below, points=points
    )
