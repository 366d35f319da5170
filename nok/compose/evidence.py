"""How a number came about, in words: what was counted, by which formula, and what the published number says to it."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from nok.arithmetic import HUNDRED, Exact, round_points
from nok.compose.edition import Edition, Scale, Scales
from nok.evidence import Checked, Forms, check_round
from nok.formula import (
    ItemsTimesStep,
    Parameter,
    ParameterKind,
    WeightedSum,
    ZeroPolicy,
)
from nok.method import Method
from nok.model import HowView
from nok.records import Evidence, Score
from nok.scoring import Absence, Part, Result
from nok.scoring_verdicts import Verdict
from nok.statistics import round_half_up
from nok.warehouse_facts import OrganizationFacts, Round

Checks = Mapping[str, Mapping[str, Checked]]
"""Assessment to measure to what was checked."""

_MOST_DECIMALS = 4
"""A fraction that has more is shown rounded, and said to be."""


def checks_of(facts: OrganizationFacts, methods: Mapping[str, Method], forms: Forms) -> dict[str, dict[str, Checked]]:
    """Every round of an organisation, computed and judged once for all its pages and files."""
    organization = facts.organization
    return {
        item.assessment.assessment_id: check_round(
            methods[item.assessment.method_id],
            organization.sphere,
            organization.kind,
            published_of(item),
            Evidence() if item.evidence is None or item.assessment.is_collecting else item.evidence,
            forms,
        )
        for item in (*facts.rounds, *facts.other_rounds)
        if item.assessment.method_id in methods
    }


def published_of(item: Round) -> dict[str, Score]:
    """The scores of a round that somebody published."""
    return {name: score for name, score in item.scores.items() if not score.is_computed}


# ---- one number ----------------------------------------------------------------------------------------------------


def how_view(
    score: Score | None, checked: Checked | None, scale: Scale, scales: Scales, edition: Edition
) -> HowView | None:
    """How one number was computed; `None` where nothing is known of it."""
    result = checked.result if checked is not None else None
    if checked is None or result is None or result.formula is None:
        return None
    telling = _Telling(result, scales.method, edition)
    return HowView(
        lines=tuple(telling.lines()),
        formula=telling.formula(),
        note=" ".join([*telling.notes(), *_beside(score, checked, scale, scales, edition)]),
        is_flagged=checked.verdict is Verdict.FLAG,
    )


def _beside(score: Score | None, checked: Checked, scale: Scale, scales: Scales, edition: Edition) -> Iterator[str]:
    """What the published points say to the computed ones."""
    words = edition.words
    if score is None or score.is_computed or score.points is None:
        if checked.points is not None:
            yield words("page.how_unpublished")
        return
    published = scale.shown[str(score.points)].mark.points
    computed = edition.number(checked.points, scales.method.decimals) if checked.points is not None else ""
    if checked.verdict is Verdict.FLAG:
        yield words("page.how_flag", published=published, computed=computed or words("page.state_no_data"))
    elif computed and computed != published:
        yield words("page.how_rounded", published=published, computed=computed)


class _Telling:
    """The parts of one result in the words of one edition."""

    def __init__(self, result: Result, method: Method, edition: Edition) -> None:
        self._result, self._method, self._edition = result, method, edition
        self._words = edition.words

    def lines(self) -> Iterator[str]:
        """What was counted, thing by thing; parts that are measures stand in the formula alone."""
        parts = self._result.parts
        for part in parts:
            if part.kind == "parameter" and (len(parts) > 1 or part.absence or not self._is_counted(part)):
                yield self._parameter(part)
            elif part.kind == "question":
                yield self._question(part)

    def _is_counted(self, part: Part) -> bool:
        """One list of things, whose line the formula ends."""
        return self._method.parameters[part.name].kind is ParameterKind.COUNT

    def _parameter(self, part: Part) -> str:
        words, parameter = self._words, self._method.parameters[part.name]
        title = parameter.title[self._edition.language]
        if part.absence is Absence.NOT_APPLICABLE:
            return words("page.how_not_required", title=title)
        if part.absence is not None:
            return words("page.how_not_noted", title=title)
        value, norm = self._text(part.facts["value"]), self._text(part.facts.get("norm", ""))
        if parameter.kind is ParameterKind.COUNT:
            return words("page.how_count_of" if norm else "page.how_count", title=title, value=value, norm=norm)
        key = "page.how_norm" if parameter.kind is ParameterKind.PART_OF_NORM else "page.how_waiting"
        unit = self._unit(parameter)
        return words(key, title=title, value=value, norm=norm, unit=unit, points=self._exact(part.points))

    def _unit(self, parameter: Parameter) -> str:
        return parameter.unit[self._edition.language] if parameter.unit else ""

    def _question(self, part: Part) -> str:
        words, number = self._words, part.name.removeprefix("q")
        if part.absence is Absence.MISSING:
            return words("page.how_no_answers", number=number)
        if part.absence is not None:
            return words("page.how_nobody", number=number)
        said = words(
            "page.how_answers",
            number=number,
            satisfied=self._edition.integer(int(part.facts["satisfied"])),
            answered=self._edition.integer(int(part.facts["answered"])),
        )
        points = self._exact(part.points) if len(self._result.parts) > 1 else self._end()
        said += words("page.how_share", points=points)
        branch = part.facts.get("branch", "")
        return said + (words("page.how_branch", number=branch.removeprefix("q")) if branch else "")

    def formula(self) -> str:
        """The sum in writing, with its result; empty where there is none, or where one line has said it all."""
        formula, counted = self._result.formula, [part for part in self._result.parts if part.points is not None]
        if self._result.points is None or formula is None:
            return ""
        if isinstance(formula, ItemsTimesStep):
            (one, *others) = self._result.parts
            return self._items(formula) if others else f"{self._parameter(one)}; {self._items(formula)}"
        if len(counted) == 1 and not isinstance(formula, WeightedSum):
            return ""  # the line of the one part ends with the result
        if isinstance(formula, WeightedSum):
            terms = " + ".join(f"{self._weight(part.weight)} × {self._exact(part.points)}" for part in counted)
            used = sum((Fraction(part.weight or 0) for part in counted), Fraction(0))
            return f"{terms} = {self._end()}" if used == 1 else f"({terms}) ÷ {self._exact(used)} = {self._end()}"
        terms = " + ".join(self._exact(part.points) for part in counted)
        return f"({terms}) ÷ {len(counted)} = {self._end()}"

    def _items(self, formula: ItemsTimesStep) -> str:
        count = sum(Decimal(part.facts.get("value", "0")) for part in self._result.parts if part.absence is None)
        plain = Fraction(count) * Fraction(formula.step)
        if min(plain, HUNDRED) != self._result.points:  # fewer things apply than 100 points take
            return self._words("page.how_few_items", points=self._end())
        text = f"{self._text(str(count))} × {self._text(f'{formula.step:f}')} = {self._exact(plain)}"
        return text + (self._words("page.how_capped") if plain > HUNDRED else "")

    def notes(self) -> Iterator[str]:
        """What was done about questions that nobody answered, and what is missing."""
        words, result = self._words, self._result
        if result.zero_denominators and result.policy is not None:
            questions = ", ".join(name.removeprefix("q") for name in result.zero_denominators)
            left = [p.name for p in result.parts if p.kind == "measure" and p.absence is Absence.NOBODY_ANSWERED]
            key = "page.how_zero_renormalise_part" if result.policy is ZeroPolicy.RENORMALISE and left else ""
            key = key or f"page.how_zero_{result.policy.value}"
            yield words(key, questions=questions, left=", ".join(left))
        if result.missing:
            yield words("page.how_missing", missing=", ".join(self._named(name) for name in result.missing))

    def _named(self, name: str) -> str:
        parameter = self._method.parameters.get(name)
        if parameter is not None:
            return parameter.title[self._edition.language]
        return self._words("page.how_question_name", number=name.removeprefix("q"))

    # -- numbers -----------------------------------------------------------------------------------------------------

    def _end(self) -> str:
        """The result, and what is shown of it."""
        points, shown = self._result.points, self._result.shown
        if points is None or shown is None:
            return ""
        text = self._edition.number(shown, self._method.decimals)
        exact = self._exact(points)
        return text if Fraction(shown) == points else f"{exact} ≈ {text}" if exact != text else f"≈ {text}"

    def _exact(self, number: Fraction | None) -> str:
        """All digits of a short decimal; of a long one the first."""
        if number is None:
            return ""
        rounded = round_points(number, _MOST_DECIMALS)
        return self._text(f"{rounded:f}") + ("" if Fraction(rounded) == number else "…")

    def _weight(self, weight: Exact | None) -> str:
        return self._exact(Fraction(weight or 0))

    def _text(self, number: str) -> str:
        return self._edition.plain_number(number)


# ---- a whole round -------------------------------------------------------------------------------------------------


def check_note(
    item: Round, checks: Mapping[str, Checked], scales: Scales, edition: Edition
) -> tuple[str, tuple[str, ...]]:
    """(what recomputing says of the round as a whole, a sentence for each number that does not agree)."""
    words = edition.words
    flags = tuple(
        _flag(item, name, checks, scales, edition) for name, one in checks.items() if one.verdict is Verdict.FLAG
    )
    results = [one for one in checks.values() if one.result is not None]
    if not results:
        return "", flags
    verdicts = [one.verdict for one in results if one.verdict is not None]
    if not verdicts:
        return words("page.check_unpublished"), flags
    if flags:
        return words("page.check_flagged"), flags
    return words("page.check_agrees"), flags


def _flag(item: Round, name: str, checks: Mapping[str, Checked], scales: Scales, edition: Edition) -> str:
    scale, score = scales.by_id[name], item.scores[name]
    expected = expected_points(name, item, checks[name], scales.method)
    return edition.words(
        "page.flag" if expected is not None else "page.flag_plain",
        measure=scale.heading,
        published=scale.shown[str(score.points)].mark.points,
        computed="" if expected is None else edition.number(expected, scales.method.decimals),
    )


def expected_points(name: str, item: Round, checked: Checked, method: Method) -> Decimal | None:
    """What a flagged number should be: by its published parts where they are all there, else as it was computed."""
    formula = checked.result.formula if checked.result is not None else None
    parts = [measure for measure in method.measures if measure.parent == name]
    known = [item.scores[part.id].points for part in parts if part.id in item.scores]
    points = [value for value in known if value is not None]
    if formula is None and name == method.total.id and points and len(points) == len(parts):
        return round_half_up(sum(points, Decimal(0)) / len(points), method.decimals)
    return checked.points


def counts_line(counts: Sequence[Sequence[str]], edition: Edition) -> str:
    """What an indicator was counted from in one line, for lists: `45 из 50, 76 из 80`."""
    return ", ".join(_pair(value, norm, edition) for value, norm in counts)


def _pair(value: str, norm: str, edition: Edition) -> str:
    if not value:
        return "—"
    shown = edition.plain_number(value)
    return edition.words("page.short_of", value=shown, norm=edition.plain_number(norm)) if norm else shown
