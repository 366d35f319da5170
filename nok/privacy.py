"""What may be told of answers that are not published one by one. Pure: values in, numbers out.

A rating stands in the open data with its day, so that everybody can count ratings and take means. How it came in and
what it said of each criterion stand there only added up. Two builds that differ by one rating must not give it away:

1. *Threshold.* Nothing is told of fewer than `step` answers.
2. *Steps.* Answers are counted in the order of receipt, and only the first k × `step` of them. A build that has one
   answer more tells the same as the one before it, until a whole step has come together.
3. *Mixed steps.* A step in which (nearly) all answers are equal would tell what each of them was. It is not told by
   itself: it waits and is told together with the next one, when at least `LEAST_OTHERS` answers are not the commonest.

4. *Gone answers.* A step that was told and of which an answer is taken back afterwards is told no more, with all that was
   told together with it: what changes is again a whole step, never the one answer.

Whoever keeps every answer in the order in which it came, the gone ones too, applies the rule whole: the widget's store
does, and its export publishes what may be told as the table `rating_splits`. A build that finds ratings with their
channels row by row in a package of another kind applies it to the rows that are there, in the order of receipt: there an
answer that vanishes or is entered late shifts those after it by one; in the store only a moderator's change of mind about
a rating that was set aside does, and a mark that its author adds to an old rating. Nor does the rule guard against somebody who knows
one answer of a step already, his own: that a step waits tells him that nearly all others agreed.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from nok.records import REVIEW_CRITERIA, SET_ASIDE, CriterionMean, RatingSplits, Review
from nok.statistics import exact_mean

Value = TypeVar("Value")

LEAST_OTHERS = 2
"""So many answers of a step must differ from its commonest one. With one, whoever gave it would read all the others."""


_NOTHING: Mapping[Any, int] = MappingProxyType({})


class Steps(Generic[Value]):
    """Answers one after another in the order in which they came; `told` counts those that may be told, by value.

    >>> steps = Steps[str](10)
    >>> for value in ["qr"] * 7 + ["web"] * 3 + ["qr"] * 9:
    ...     steps.add(value)
    >>> sorted(steps.told.items())
    [('qr', 7), ('web', 3)]
    """

    __slots__ = ("_begun", "_is_spoilt", "_step", "_waiting", "told")

    def __init__(self, step: int) -> None:
        self._step, self._is_spoilt = step, False
        self._begun: list[Value] = []
        self._waiting: Mapping[Value, int] = _NOTHING
        self.told: Mapping[Value, int] = _NOTHING

    def add(self, value: Value, *, is_gone: bool = False) -> None:
        """The next answer; one that is gone holds its place, so that no later one moves up into it."""
        self._begun.append(value)
        self._is_spoilt |= is_gone
        if len(self._begun) == self._step:  # most organisations never get so far: until then nothing is counted
            self.extend(())

    def extend(self, values: Sequence[Value]) -> None:
        """The next answers, none of which is gone."""
        whole = [*self._begun, *values]
        end = len(whole) - len(whole) % self._step
        waiting, told = dict(self._waiting), dict(self.told)
        for start in range(0, end, self._step):
            for value in whole[start : start + self._step]:
                waiting[value] = waiting.get(value, 0) + 1
            if sum(waiting.values()) - max(waiting.values()) >= LEAST_OTHERS:
                for value, number in () if self._is_spoilt else waiting.items():
                    told[value] = told.get(value, 0) + number
                waiting, self._is_spoilt = {}, False
        if end:  # counts of nothing are shared by all
            self._waiting, self.told = waiting or _NOTHING, told
        self._begun = whole[end:]


Told = Mapping[str, Mapping[str, int]]
"""What is told: `channel` or a criterion to its values (a channel, a mark as text) to how many gave it."""


class Splits:
    """The steps of one organisation's ratings: of its channels, and of the marks of each criterion."""

    def __init__(self, step: int) -> None:
        self._step = step
        self._steps: dict[str, Steps[str]] = {}

    def add(self, channel: str, criteria: Iterable[tuple[str, int]], *, is_gone: bool = False) -> None:
        """The next rating in the order in which they came."""
        self._of(CHANNEL).add(channel, is_gone=is_gone)
        for name, mark in criteria:
            self._of(name).add(str(mark), is_gone=is_gone)

    def extend(self, ratings: Iterable[Review]) -> None:
        """The next ratings in the order in which they came, none of which is gone; quicker than one by one."""
        channels, marks = list[str](), dict[str, list[str]]()
        for rating in ratings:
            channels.append(rating.channel)
            for name, mark in rating.criteria:
                if name in marks:
                    marks[name].append(_MARKS[mark])
                else:
                    marks[name] = [_MARKS[mark]]
        self._of(CHANNEL).extend(channels)
        for name, values in marks.items():
            self._of(name).extend(values)

    def _of(self, name: str) -> Steps[str]:
        steps = self._steps.get(name)
        if steps is None:
            steps = self._steps[name] = Steps(self._step)
        return steps

    def told(self) -> Told:
        return {name: steps.told for name, steps in self._steps.items() if steps.told}


CHANNEL = "channel"

_MARKS = tuple(map(str, range(6)))
"""The marks that may be given, as text: 0 is none."""


def split_ratings(reviews: Iterable[Review], step: int, published: Told = MappingProxyType({})) -> RatingSplits:
    """Channels and criteria of an organisation's ratings; `reviews` in any order, those set aside do not count.

    `published` is what packages tell already added up; its ratings must not come with channel or criteria among
    `reviews` too.
    """
    counted = [review for review in reviews if review.reason_code != SET_ASIDE]
    if published:
        counted = [review for review in counted if review.channel or review.criteria]
    elif len(counted) < step:
        return _NOTHING_TOLD
    splits = Splits(step)
    counted.reverse()  # most come newest first, and what is nearly in order is put in order in one pass
    splits.extend(sorted(counted, key=attrgetter("received_on", "review_id")))
    whole = _added_up(splits.told(), published) if published else splits.told()
    channels = whole.get(CHANNEL, {})
    means = [_criterion_mean(criterion, whole[criterion]) for criterion in REVIEW_CRITERIA if criterion in whole]
    return RatingSplits(
        counted=sum(channels.values()),
        channels=tuple(sorted(channels.items(), key=lambda item: (-item[1], item[0]))),
        criteria=tuple(mean for mean in means if mean is not None),
    )


_NOTHING_TOLD = RatingSplits(counted=0, channels=(), criteria=())


def _added_up(*every: Told) -> Told:
    whole: dict[str, Counter[str]] = {}
    for told in every:
        for name, counts in told.items():
            whole.setdefault(name, Counter()).update(counts)
    return whole


def _criterion_mean(criterion: str, counts: Mapping[str, int]) -> CriterionMean | None:
    number = sum(counts.values())
    if not number:
        return None
    whole = sum(int(mark) * people for mark, people in counts.items())
    return CriterionMean(criterion=criterion, marks=number, mean=exact_mean(whole, number, 1, 1))
