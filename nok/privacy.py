"""What may be told of answers that are not published one by one. Pure: values in, numbers out.

A rating stands in the open data with its day, so that everybody can count ratings and take means. How it came in and
what it said of each criterion stand there only added up. Two builds that differ by one rating must not give it away:

1. *Threshold.* Nothing is told of fewer than `step` answers.
2. *Steps.* Answers are counted in the order of receipt, and only the first k × `step` of them. A build that has one
   answer more tells the same as the one before it, until a whole step has come together.
3. *Mixed steps.* A step in which (nearly) all answers are equal would tell what each of them was. It is not told by
   itself: it waits and is told together with the next one, when at least `LEAST_OTHERS` answers are not the commonest.

The rule knows the answers of one build only, so that a build is the same wherever and whenever it is made. What is taken
back, set aside or entered late with an earlier day shifts the answers after it by one; the rule guards against answers
that arrive, not against whoever compares the editions before and after a withdrawal. Nor does it guard against somebody
who knows one answer of a step already, his own: that a step waits tells him that nearly all others agreed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar

from nok.records import REVIEW_CRITERIA, SET_ASIDE, CriterionMean, RatingSplits, Review
from nok.statistics import exact_mean

Value = TypeVar("Value")

LEAST_OTHERS = 2
"""So many answers of a step must differ from its commonest one. With one, whoever gave it would read all the others."""


def told_prefix(values: Sequence[Value], step: int) -> int:
    """How many of the first `values`, in order of receipt, may be told apart by value: a multiple of `step`, or 0.

    It never shrinks when values are added at the end, and what was told before stays a part of it.

    >>> told_prefix(["qr"] * 7 + ["web"] * 3 + ["qr"] * 9, 10)
    10
    >>> told_prefix(["qr"] * 10, 10), told_prefix(["qr"] * 18 + ["web"] * 2, 10)
    (0, 20)
    """
    told, waiting = 0, Counter[Value]()
    for end in range(step, len(values) + 1, step):
        waiting.update(values[end - step : end])
        if end - told - max(waiting.values()) >= LEAST_OTHERS:
            told = end
            waiting.clear()
    return told


def split_ratings(reviews: Iterable[Review], step: int) -> RatingSplits:
    """Channels and criteria of an organisation's ratings; `reviews` in any order, those set aside do not count."""
    counted = sorted(
        [review for review in reviews if review.reason_code != SET_ASIDE],
        key=lambda review: (review.received_on, review.review_id),
    )
    if len(counted) < step:
        return NO_SPLITS
    channels = [review.channel for review in counted]
    told = told_prefix(channels, step)
    counts = Counter(channels[:told])
    marks: dict[str, list[int]] = {}
    for review in counted:
        for criterion, mark in review.criteria:
            marks.setdefault(criterion, []).append(mark)
    means = [_criterion_mean(criterion, marks.get(criterion, ()), step) for criterion in REVIEW_CRITERIA]
    return RatingSplits(
        counted=told,
        channels=tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0]))),
        criteria=tuple(mean for mean in means if mean is not None),
    )


NO_SPLITS = RatingSplits(counted=0, channels=(), criteria=())


def _criterion_mean(criterion: str, marks: Sequence[int], step: int) -> CriterionMean | None:
    told = told_prefix(marks, step)
    if not told:
        return None
    return CriterionMean(criterion=criterion, marks=told, mean=exact_mean(sum(marks[:told]), told, 1, 1))
