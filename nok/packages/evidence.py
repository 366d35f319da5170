"""What rows of `observations` and `answers` must keep besides their cells: words of their method, counts that can be.

Most of it is said by one row. That nobody answers a question of a branch that does not lead to it is said by several
rows of one organisation, so that sums are kept; how large they grow is told by whoever reads the table.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from nok.evidence import Branch, Form
from nok.method import Method
from nok.packages.fields import Fault, similar
from nok.packages.keys import KEY_JOINT
from nok.scoring_inputs import Observation, check_inputs

GROUP = ("organization_id", "assessment_id", "questionnaire_id", "mode")
"""The columns of `answers` that tell one survey from another: a branch is held against its parent within one."""

KEY = ("organization_id", "assessment_id", "questionnaire_id", "question", "answer", "mode")


def observation_faults(cells: Mapping[str, str], method: Method) -> Iterator[Fault]:
    """What is wrong with a row of `observations` of a round that follows `method`."""
    name, value, norm = cells["parameter"], cells.get("value", ""), cells.get("norm", "")
    is_applicable = cells.get("applicable") != "false"
    if bool(cells.get("latitude")) != bool(cells.get("longitude")):
        given = cells.get("latitude") or cells.get("longitude") or ""
        yield Fault(column="latitude", rule="coordinates-pair", value=given)
    if name in method.parameters and is_applicable and value == "":
        yield Fault(column="value", rule="observation-missing", details={"parameter": name})
    if not is_applicable and value:
        yield Fault(column="value", rule="observation-unexpected", value=value)
        return
    seen = Observation(Decimal(value) if value else None, Decimal(norm) if norm else None, is_applicable)
    for fault in check_inputs(method, "", "", {name: seen}, {}):
        details = {"subject": name, **fault.details}
        if fault.rule == "parameter-unknown":
            details |= {"method": method.id, "known": ", ".join(method.parameters)}
            details["similar"] = similar(name, method.parameters)
        yield Fault(column=fault.column, rule=fault.rule, value=fault.value, details=details)


def answer_faults(cells: Mapping[str, str], forms: Mapping[str, Form]) -> Iterator[Fault]:
    """What is wrong with a row of `answers`."""
    name, question, answer = cells["questionnaire_id"], cells["question"], cells["answer"]
    form = forms.get(name)
    if form is None:
        details = {"known": ", ".join(forms), "similar": similar(name, forms)}
        yield Fault(column="questionnaire_id", rule="questionnaire-unknown", value=name, details=details)
    elif question not in form.questions:
        details = {"form": name, "known": ", ".join(form.questions), "similar": similar(question, form.questions)}
        yield Fault(column="question", rule="question-unlisted", value=question, details=details)
    elif answer not in form.questions[question]:
        codes = form.questions[question]
        details = {"question": question, "known": ", ".join(codes), "similar": similar(answer, codes)}
        yield Fault(column="answer", rule="answer-unlisted", value=answer, details=details)


# ---- branches ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Sums:
    """Of one branch in one survey: whether the parent was counted at all, those led on, those who answered the child."""

    has_parent: bool = False
    led: int = 0
    answered: int = 0
    key: str = ""
    """Of the first row of the child."""


@dataclass(slots=True)
class BranchTally:
    """The sums of the branches of a table, row by row.

    `only` are the surveys (`GROUP`, joined) that are looked at, `None` for all of them; of a table that is wrong anyhow no
    more than `most` sums are kept.
    """

    forms: Mapping[str, Form]
    only: Collection[str] | None = None
    most: float = math.inf
    _sums: dict[tuple[str, Branch], _Sums] = field(default_factory=dict)

    def add(self, cells: Mapping[str, str]) -> None:
        """Counts a row whose cells are right."""
        form = self.forms.get(cells["questionnaire_id"])
        group = KEY_JOINT.join([cells[name] for name in GROUP])
        if form is None or (self.only is not None and group not in self.only):
            return
        question, count = cells["question"], int(cells["count"])
        for branch in form.branches:
            if question not in (branch.parent, branch.child):
                continue
            sums = self._sums.get((group, branch))
            if sums is None:
                if len(self._sums) >= self.most:
                    return
                sums = self._sums[group, branch] = _Sums()
            if question == branch.parent:
                sums.has_parent = True
                sums.led += count if cells["answer"] in branch.answers else 0
            else:
                sums.answered += count
                sums.key = sums.key or KEY_JOINT.join([cells[name] for name in KEY])

    def faults(self) -> Iterator[tuple[str, Fault]]:
        """(key of a row, what is wrong with it) for each branch that more people answered than were led to it."""
        for (_, branch), sums in self._sums.items():
            if sums.has_parent and sums.answered > sums.led:
                details = {"subject": branch.child, "branch": branch.parent, "maximum": str(sums.led)}
                yield (
                    sums.key,
                    Fault(column="count", rule="answers-after-no", value=str(sums.answered), details=details),
                )


def branches_of(forms: Iterable[Form]) -> dict[Branch, frozenset[str]]:
    """Every branch to the questionnaires that have it."""
    found: dict[Branch, set[str]] = {}
    for form in forms:
        for branch in form.branches:
            found.setdefault(branch, set()).add(form.id)
    return {branch: frozenset(names) for branch, names in found.items()}
