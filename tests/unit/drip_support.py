"""A place that is rated for a year or more, played without a server: who rates it, who drips, what the published rule does.

`play` does each night what the running widget does (`widget/watch.py`), on tallies made of the votes. The votes come from
three generators that were made apart: `Town` throws the same dice for everybody; `Life` has moods, good days and evenings,
and taught the rule to leave them alone; `Market` was written when the rule stood, and nothing was changed after it.
"""

import math
import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from nok.stuffing import Excess, StuffingRules, Tally, Way, find_excess, way_order

FIRST = date(2026, 1, 1)
RULES = StuffingRules()
CODE = "code:AAAAAAAAAA"


@dataclass(slots=True, kw_only=True)
class Vote:
    """One rating; `day` counts from the first of the play."""

    day: int
    rating: int
    way: str
    is_bought: bool = False
    is_aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`caught` and `lost` are shares of the bought and of the genuine that were set aside; means are of marks."""

    bought: int
    genuine: int
    caught: float
    lost: float
    true: float
    shown: float
    raw: float

    @property
    def moved(self) -> float:
        return abs(self.shown - self.true)


def play(votes: Iterable[Vote], rules: StuffingRules = RULES, look_from: int = 0) -> Outcome:
    """Each night the rule looks at what came; from `look_from` on, before which nobody cheats."""
    by_day: dict[int, list[Vote]] = {}
    for vote in votes:
        by_day.setdefault(vote.day, []).append(vote)
    seen, cells = list[Vote](), _Cells()
    for day in sorted(by_day):
        seen += by_day[day]
        for vote in by_day[day]:
            _cell(cells, vote)[vote.is_aside][vote.rating] += 1
        if day >= look_from:
            for excess in find_excess(_tallies(cells, day, rules), FIRST + timedelta(days=day), rules):
                for vote in _set_aside(seen, excess):
                    counted, aside = _cell(cells, vote)
                    counted[vote.rating] -= 1
                    aside[vote.rating] += 1
    return outcome(seen)


_Cells = dict[tuple[int, str], tuple[Counter[int], Counter[int]]]
"""Day and way to the marks that count, and those that are set aside."""


def _cell(cells: _Cells, vote: Vote) -> tuple[Counter[int], Counter[int]]:
    return cells.setdefault((vote.day, vote.way), (Counter(), Counter()))


def _tallies(cells: _Cells, today: int, rules: StuffingRules) -> list[Tally]:
    first = today - rules.history_days - max((*rules.windows, *rules.long_windows))
    return [
        Tally(day=FIRST + timedelta(days=day), way=way, counted=counted, aside=aside, decided={})
        for (day, way), (counted, aside) in cells.items()
        if day >= first
    ]


def _set_aside(votes: Sequence[Vote], excess: Excess) -> list[Vote]:
    """Those that were set aside."""
    since, until = (excess.since - FIRST).days, (excess.until - FIRST).days
    fit = [
        vote
        for vote in reversed(votes)
        if since <= vote.day <= until
        and excess.way in (None, vote.way)
        and vote.rating in excess.side
        and not vote.is_aside
    ]
    fit.sort(key=lambda vote: way_order(vote.way)[0])
    for vote in fit[: excess.number]:
        vote.is_aside = True
    return fit[: excess.number]


def outcome(votes: Sequence[Vote]) -> Outcome:
    bought = [vote for vote in votes if vote.is_bought]
    genuine = [vote for vote in votes if not vote.is_bought]
    return Outcome(
        bought=len(bought),
        genuine=len(genuine),
        caught=_share(bought),
        lost=_share(genuine),
        true=_mean(genuine),
        shown=_mean([vote for vote in votes if not vote.is_aside]),
        raw=_mean(votes),
    )


def _share(votes: Sequence[Vote]) -> float:
    return sum(vote.is_aside for vote in votes) / len(votes) if votes else 0.0


def _mean(votes: Sequence[Vote]) -> float:
    return sum(vote.rating for vote in votes) / len(votes) if votes else 0.0


# ---- the first generator -------------------------------------------------------------------------------------------

MIXED = (6, 6, 12, 26, 50)
LOVED = (1, 1, 2, 6, 90)
SCOLDED = (30, 20, 20, 15, 15)
WAYS = {Way.LINK: 30, CODE: 25, Way.CRITERIA: 20, Way.TEXT: 25}
"""Of a hundred people so many rate one way or another."""

Mix = dict[str, int]


@dataclass(kw_only=True)
class Town:
    """People who come by chance, and a drip among them for `drip_days` at the end."""

    seed: int
    a_day: float = 40 / 30
    weights: Sequence[float] = MIXED
    days: int = 365
    ways: Mix = field(default_factory=lambda: dict(WAYS))

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)

    def people(self) -> list[Vote]:
        found = []
        for day in range(self.days):
            marks = self.dice.choices(range(1, 6), self.weights, k=poisson(self.dice, self.a_day))
            found += [Vote(day=day, rating=rating, way=self.way()) for rating in marks]
        return found

    def way(self, ways: Mix | None = None) -> str:
        mix = ways or self.ways
        return self.dice.choices(list(mix), list(mix.values()))[0]

    def with_drip(self, a_day: float, drip_days: int, ways: Mix, ratings: Sequence[int] = (5,)) -> list[Vote]:
        """`a_day` below one is a vote every so many days; whole numbers come as regularly as a program sends."""
        votes, first, due = self.people(), self.days - drip_days - 3, 0.0
        for day in range(first, self.days - 3):
            due += a_day
            for _ in range(int(due)):
                votes.append(Vote(day=day, rating=self.dice.choice(ratings), way=self.way(ways), is_bought=True))
            due -= int(due)
        return sorted(votes, key=lambda vote: vote.day)


def poisson(dice: random.Random, mean: float) -> int:
    """Knuth's product of uniform numbers; of a large mean the sum of two halves."""
    if mean > 30:
        return poisson(dice, mean / 2) + poisson(dice, mean / 2)
    number, product, least = 0, dice.random(), math.exp(-mean)
    while product > least:
        number, product = number + 1, product * dice.random()
    return number


# ---- the second generator ------------------------------------------------------------------------------------------


@dataclass(kw_only=True)
class Life:
    """A place as places are, and nothing thrown as in `Town`.

    A visitor is more or less content (a normal number): about a mood of the place that drifts from week to week, with good
    and bad days, and steps where something really changed. Marks are cuts through it. Who is very content or not at all
    writes more often, so that texts are harsher than taps. People come by the days of the week, less in summer, two by two
    at times; a code hangs since some day, is taken down and hung anew; evenings bring a hundred at once.
    """

    seed: int
    a_day: float = 2.0
    mood: float = 0.9
    sway: float = 0.04
    """How far the mood drifts in a week."""
    day_sway: float = 0.25
    steps: Sequence[tuple[int, float]] = ()
    """(day, by how much the mood changes for good)."""
    evenings: Sequence[tuple[int, int]] = ()
    """(day, how many come at once and rate by the code)."""
    days: int = 730
    closed_on: Sequence[int] = (6,)

    def __post_init__(self) -> None:
        self.dice = random.Random(f"life {self.seed}")
        self.hung = self.dice.randrange(0, 200)
        self.taps = self.dice.uniform(0.3, 0.7)

    def people(self) -> list[Vote]:
        votes, mood, steps, evenings = [], self.mood, dict(self.steps), dict(self.evenings)
        for day in range(self.days):
            if day % 7 == 0:
                mood += self.dice.gauss(0, self.sway) + (self.mood - mood) * 0.05
            self.mood, mood = self.mood + steps.get(day, 0), mood + steps.get(day, 0)
            today = mood + self.dice.gauss(0, self.day_sway)
            for number, is_evening in ((self._comers(day), False), (evenings.get(day, 0), True)):
                votes += [self._vote(day, today, is_evening=is_evening) for _ in range(number)]
        return votes

    def _comers(self, day: int) -> int:
        if day % 7 in self.closed_on:
            return 0
        season = 0.4 if 150 < day % 365 < 240 else 1.1
        parties = self.dice.gammavariate(2.0, self.a_day * season * (1.5 if day % 7 == 0 else 0.9) / 2.0 / 1.2)
        come = int(parties) + (self.dice.random() < parties % 1)
        return sum(2 if self.dice.random() < 0.2 else 1 for _ in range(come))

    def _vote(self, day: int, mood: float, *, is_evening: bool) -> Vote:
        content = self.dice.gauss(mood, 1.0)
        rating = 1 + sum(content > cut for cut in (-1.0, -0.4, 0.3, 0.9))
        said = self.dice.random()
        if is_evening:
            way = CODE if said < 0.9 else Way.CRITERIA
        elif said < (0.45 if rating < 3 else 0.15):
            way = Way.TEXT
        elif said < 0.85 - self.taps / 2:
            way = Way.CRITERIA
        else:
            way = CODE if day > self.hung and day % 200 > 20 and self.dice.random() < 0.6 else Way.LINK
        return Vote(day=day, rating=rating, way=way)

    def with_drip(self, a_day: float, drip_days: int, kind: str) -> list[Vote]:
        """A hired hand: about `a_day` a day, more on some, none on others; kinds are named in `KINDS`."""
        votes, first = self.people(), self.days - drip_days - 5
        for day in range(first, self.days - 5):
            keenness = self.dice.lognormvariate(-0.2, 0.6) if self.dice.random() < 0.85 else 0
            wanted = a_day * keenness
            for _ in range(int(wanted) + (self.dice.random() < wanted % 1)):
                votes.append(self._bought(day, (day - first) // 14, kind))
        return sorted(votes, key=lambda vote: vote.day)

    def _bought(self, day: int, fortnight: int, kind: str) -> Vote:
        down = kind.startswith("down")
        rating = self.dice.choices((1, 2, 3) if down else (5, 4, 3), (85, 13, 2))[0]
        way = {
            "link": lambda: Way.LINK,
            "code": lambda: CODE,
            "turns": lambda: (Way.LINK, CODE, Way.CRITERIA)[fortnight % 3],
            "said": lambda: Way.CRITERIA if self.dice.random() < 0.8 else Way.LINK,
            "texts": lambda: Way.TEXT if self.dice.random() < 0.3 else Way.LINK,
        }[kind.removeprefix("down ")]()
        return Vote(day=day, rating=rating, way=way, is_bought=True)


KINDS = ("link", "code", "turns", "said", "texts", "down link", "down turns")


# ---- the third generator -------------------------------------------------------------------------------------------

_CROWDS = (((2, 2, 6, 30, 60), (Way.LINK, CODE, CODE)), ((10, 10, 30, 35, 15), (Way.CRITERIA, Way.TEXT)))
_ANGRY = ((55, 25, 10, 5, 5), (Way.TEXT, Way.CRITERIA, Way.LINK))


@dataclass(kw_only=True)
class Market:
    """Three crowds, each with marks and ways of its own, whose shares swing with the year; people come at Weibull gaps, in
    fits and starts. A drip comes at gaps of its own; `habit` is the share of it that does as a random visitor does."""

    seed: int
    gap_days: float = 0.6
    angry: float = 0.15
    days: int = 730

    def __post_init__(self) -> None:
        self.dice = random.Random(f"market {self.seed}")

    def _moments(self, first: float, last: float, gap: float, shape: float) -> list[float]:
        found, now = [], first
        while (now := now + self.dice.weibullvariate(gap / math.gamma(1 + 1 / shape), shape)) < last:
            found.append(now)
        return found

    def _way_and_mark(self, moment: float) -> tuple[str, int]:
        swing = 0.35 + 0.15 * math.sin(moment * 2 * math.pi / 365)
        crowd = _ANGRY if self.dice.random() < self.angry else _CROWDS[self.dice.random() < swing]
        return self.dice.choice(crowd[1]), self.dice.choices(range(1, 6), crowd[0])[0]

    def people(self) -> list[Vote]:
        votes = []
        for moment in self._moments(0, self.days, self.gap_days, 0.7):
            way, rating = self._way_and_mark(moment)
            votes.append(Vote(day=int(moment), rating=rating, way=way))
        return votes

    def with_drip(self, gap_days: float, drip_days: int, *, habit: float = 0.0, rating: int = 5) -> list[Vote]:
        votes, last = self.people(), self.days - 2
        for moment in self._moments(last - drip_days, last, gap_days, 1.8):
            way = self._way_and_mark(moment)[0] if self.dice.random() < habit else Way.LINK
            votes.append(Vote(day=int(moment), rating=rating, way=way, is_bought=True))
        return sorted(votes, key=lambda vote: vote.day)


# ---- many runs -----------------------------------------------------------------------------------------------------


def runs(number: int, one: Callable[[int], Outcome]) -> list[Outcome]:
    return [one(seed) for seed in range(number)]


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """(mean, low, high): the mean of runs and its interval of 95 %."""
    mean = sum(values) / len(values)
    spread = math.sqrt(sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1) / len(values))
    return mean, mean - 1.96 * spread, mean + 1.96 * spread
