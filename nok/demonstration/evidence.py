"""What stands behind the points of the demonstration region: checklists and counted answers of its last round.

Floor 3, below `nok.demonstration.package`. Seeded, no clock. The counts are those that the scores were made from, so that
whoever computes them gets the published points again, but for the few that are meant to differ.
"""

from collections.abc import Iterator, Mapping, Sequence
from random import Random

from nok.demonstration.organizations import Invented
from nok.demonstration.reviews import Row
from nok.demonstration.school import SCHOOL_12
from nok.demonstration.scores import SPHERES_WITHOUT_WAITING, Survey, assessment_id, surveys_of

YEAR = 2025
"""The round whose counts are published; of earlier ones only the points are known, as it is in life."""

_QUESTIONS = {
    "2.2": "q5",
    "2.3": "q6",
    "3.3": "q8",
    "4.1": "q9",
    "4.2": "q10",
    "4.3": "q12",
    "5.1": "q13",
    "5.2": "q14",
    "5.3": "q15",
}
"""Indicator to the question whose answers it is made from; 1.3 has two, q2 and q4."""

_BEFORE = {"q2": "q1", "q4": "q3", "q8": "q7", "q12": "q11"}
"""Question to the one before it: who says no there is not asked."""

_MODES = ("paper", "paper", "interview", "phone", "web", "qr")

_SCHOOL_12_STAND, _SCHOOL_12_SITE = (45, 50), (76, 80)
"""(satisfied, answered) of q2 and q4 there."""

Counts = dict[str, tuple[int, int]]
"""Question to how many said yes and how many said no."""


def build_evidence(seed: int, organizations: Sequence[Invented]) -> tuple[list[Row], list[Row]]:
    """Rows of `observations` and `answers`."""
    observations: dict[str, list[Row]] = {}
    answers: dict[str, list[Row]] = {}
    for made in organizations:
        survey = dict(surveys_of(seed, made)).get(YEAR)
        rng = Random(f"{seed}:evidence:{made.id}")
        observations[made.id] = list(_observations(rng, made, survey)) if survey else []
        answers[made.id] = list(_answers(rng, made, survey)) if survey else []
    return _with_twins(organizations, observations), _with_twins(organizations, answers)


def _with_twins(organizations: Sequence[Invented], rows: Mapping[str, Sequence[Row]]) -> list[Row]:
    """The rows of all; one that shares its scores with another shares what stands behind them."""
    return [row | {"organization_id": made.id} for made in organizations for row in rows[made.twin or made.id]]


def _of(made: Invented) -> Row:
    return {"organization_id": made.id, "assessment_id": assessment_id(made.row["sphere"], YEAR)}


def _observations(rng: Random, made: Invented, survey: Survey) -> Iterator[Row]:
    day = f"{YEAR}-0{rng.randint(4, 6)}-{rng.randint(10, 28)}"
    for parameter, (value, norm) in survey.seen.items():
        cells = {"parameter": parameter, "value": str(value), "norm": str(norm) if norm else ""}
        yield _of(made) | cells | {"observed_at": day}


def _answers(rng: Random, made: Invented, survey: Survey) -> Iterator[Row]:
    form = "675n-2018-education" if made.row["sphere"] in SPHERES_WITHOUT_WAITING else "675n-2018"
    mode = rng.choice(_MODES)
    for question, counts in sorted(_counts(rng, made, survey).items(), key=lambda one: int(one[0][1:])):
        for answer, people in zip(("yes", "no"), counts, strict=True):
            if people:
                cells = {"questionnaire_id": form, "question": question, "answer": answer}
                yield _of(made) | cells | {"mode": mode, "count": str(people)}


def _counts(rng: Random, made: Invented, survey: Survey) -> Counts:
    """Question to answers; the share of 1.3 is that of the stand and of the site in the mean."""
    satisfied, answered = survey.satisfied["1.3"], survey.answered["1.3"]
    apart = rng.randint(0, min(satisfied, answered - satisfied, 3))
    pairs = {"q2": (satisfied + apart, answered), "q4": (satisfied - apart, answered)}
    if made.id == SCHOOL_12:
        pairs = {"q2": _SCHOOL_12_STAND, "q4": _SCHOOL_12_SITE}
    for indicator, question in _QUESTIONS.items():
        if indicator in survey.answered:
            pairs[question] = (survey.satisfied[indicator], survey.answered[indicator])
    found = {question: (yes, people - yes) for question, (yes, people) in pairs.items()}
    found |= {
        before: (pairs[question][1], survey.respondents - pairs[question][1]) for question, before in _BEFORE.items()
    }
    return found
