"""What is counted before anything is computed: observations, answers, and what about them cannot be true.

Floor 1, pure. A fault says which parameter or question and which cell it is about; who has read the file adds the row.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import NamedTuple

from nok.formula import Parameter, ParameterKind, questions_of
from nok.method import Method
from nok.variants import Variant


class Observation(NamedTuple):
    """What was seen of one parameter.

    `value`: a count, or a duration in the norm's unit; `None` if nothing was written. `norm`: what it is measured
    against; for counts, how many items of the list apply, if said. Not `applicable`: not required, left out.
    """

    value: Decimal | int | None
    norm: Decimal | int | None = None
    applicable: bool = True


class Answered(NamedTuple):
    """How many answered a question, and how many of them are satisfied (said yes). Who skipped it is in neither."""

    satisfied: int
    answered: int


Observations = Mapping[str, Observation]
Answers = Mapping[str, Answered]

YES_NO: Mapping[str, bool | None] = {"yes": True, "no": False}
"""What an answer counts as: satisfied, not satisfied, or (`None`) not at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFault:
    """Something that cannot be true.

    `rule` is a stable name; `subject` the parameter or question; `column` the cell (`parameter`, `value`, `norm`,
    `question`, `answer`, `count`); `value` what was found; `details` fills the gaps of the words for the rule
    (`nok.messages`), `subject` included.
    """

    rule: str
    subject: str
    column: str
    value: str
    details: Mapping[str, str]

    def __str__(self) -> str:
        more = "".join(f", {name}: {text}" for name, text in self.details.items() if name != "subject" and text)
        return f"{self.subject}: {self.column} is '{self.value}' ({self.rule}{more})"


class ImpossibleInputsError(ValueError):
    """Points were asked for of what cannot be true; every fault travels with it. Callers check first."""

    def __init__(self, faults: Iterable[InputFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))


def count_answers(
    rows: Iterable[tuple[str, str, int]], codes: Mapping[str, Mapping[str, bool | None]] | None = None
) -> dict[str, Answered]:
    """(question, answer, count) rows as counts by question; rows of several modes add up, in any order.

    `codes` says for single questions what each answer counts as, instead of `yes` and `no`. A question all of whose
    answers are left out, or whose counts are 0, is there with nobody answering: that is not the same as not asked.

    Raises:
        ImpossibleInputsError: an answer that means nothing (`answer-unknown`) or a count below 0 (`count-whole`).
    """
    counted: dict[str, list[int]] = {}
    faults = []
    for question, answer, count in rows:
        known = (codes or {}).get(question, YES_NO)
        sums = counted.setdefault(question, [0, 0])
        if answer not in known:
            faults.append(_fault("answer-unknown", question, "answer", answer, known=", ".join(known)))
        elif not _is_count(count):
            faults.append(_fault("count-whole", question, "count", count))
        elif known[answer] is not None:
            sums[0] += count if known[answer] else 0
            sums[1] += count
    if faults:
        raise ImpossibleInputsError(faults)
    return {question: Answered(satisfied, answered) for question, (satisfied, answered) in counted.items()}


def check_inputs(
    method: Method, sphere: str, kind: str, observations: Observations, answers: Answers
) -> tuple[InputFault, ...]:
    """Everything about the inputs of one organisation that cannot be true; empty where all is well.

    Rules: `parameter-unknown`, `question-unknown` (not in the method); `count-whole` (negative or not whole);
    `duration-negative`; `norm-positive` (it is 0); `norm-missing`; `value-above-norm`; `value-above-list` (more items
    than the checklist has); `count-impossible` (more satisfied than answered); `answers-after-no` (more answers than
    said yes to the question before).
    """
    return (
        *(fault for name, seen in observations.items() for fault in _observation_faults(method, name, seen)),
        *(fault for name, counts in answers.items() for fault in _answer_faults(method, name, counts)),
        *_branch_faults(method.variant(sphere, kind), answers),
    )


def norm_of(parameter: Parameter, seen: Observation) -> Decimal | int | None:
    """The observation's norm, else the method's."""
    return parameter.norm if seen.norm is None else seen.norm


def _observation_faults(method: Method, name: str, seen: Observation) -> Iterator[InputFault]:
    parameter = method.parameters.get(name)
    if parameter is None:
        yield _unknown("parameter-unknown", "parameter", name, method.id, method.parameters)
        return
    is_counted = parameter.kind is not ParameterKind.DURATION
    for column, number in (("value", seen.value), ("norm", seen.norm)):
        if number is not None and is_counted and not _is_count(number):
            yield _fault("count-whole", name, column, number)
        elif number is not None and number < 0:
            yield _fault("duration-negative", name, column, number)
    yield from _norm_faults(parameter, seen)


def _norm_faults(parameter: Parameter, seen: Observation) -> Iterator[InputFault]:
    """What value and norm say against each other. Waiting may well be longer than its norm."""
    if seen.value is None or not seen.applicable:
        return
    norm, name = norm_of(parameter, seen), parameter.id
    if norm is None and parameter.kind is not ParameterKind.COUNT:
        yield _fault("norm-missing", name, "norm", seen.value)
    if norm is not None and norm == 0:
        yield _fault("norm-positive", name, "norm", norm)
    elif norm is not None and parameter.kind is not ParameterKind.DURATION and seen.value > norm:
        yield _fault("value-above-norm", name, "value", seen.value, maximum=str(norm))
    for column, number in (("value", seen.value), ("norm", seen.norm)):
        if parameter.most is not None and number is not None and number > parameter.most:
            yield _fault("value-above-list", name, column, number, maximum=str(parameter.most))


def _answer_faults(method: Method, name: str, counts: Answered) -> Iterator[InputFault]:
    if name not in method.questions:
        yield _unknown("question-unknown", "question", name, method.id, method.questions)
        return
    bad = [number for number in counts if not _is_count(number)]
    yield from (_fault("count-whole", name, "count", number) for number in bad)
    if not bad and counts.satisfied > counts.answered:
        yield _fault("count-impossible", name, "count", counts.satisfied, maximum=str(counts.answered))


def _branch_faults(variant: Variant | None, answers: Answers) -> Iterator[InputFault]:
    for formula in variant.formulas.values() if variant else ():
        for share in questions_of(formula):
            before, here = answers.get(share.branch), answers.get(share.question)
            if before and here and here.answered > before.satisfied:
                yes = str(before.satisfied)
                yield _fault(
                    "answers-after-no", share.question, "count", here.answered, maximum=yes, branch=share.branch
                )


def _unknown(rule: str, column: str, name: str, method: str, known: Iterable[str]) -> InputFault:
    names = list(known)
    similar = get_close_matches(name, names, n=1)
    return _fault(rule, name, column, name, method=method, known=", ".join(names), similar="".join(similar))


def _fault(rule: str, subject: str, column: str, value: object, **details: str) -> InputFault:
    return InputFault(
        rule=rule, subject=subject, column=column, value=str(value), details={"subject": subject, **details}
    )


def _is_count(number: Decimal | int) -> bool:
    return not isinstance(number, bool | float) and number >= 0 and number == int(number)
