"""When ratings look like stuffing: the published rules, and the comparison of a burst with what is usual. Pure.

A rule sets ratings aside; it never drops one, and a person may put back what it set aside. All numbers stand in
`content/guard.yaml` and on a page of the site.

The comparison asks of each organisation: is one side of its ratings (all fives, all ones …) so much heavier in the last
1, 7 or 28 days than in the year before that chance would do it less than once in a million? What is usual is not known
exactly where few have rated, so the count is held against a beta-binomial distribution with the history as its counts
(and one more on either side): a place with a short history is believed more, one with none cannot be compared. A school
evening with two hundred ratings passes, because its ratings are as mixed as those before it.

Only the excess is set aside, the latest of it first: as many of that side stay as the other ratings of the window lead
to expect. So the mean returns to where it was, and a genuine five among a hundred bought ones is not all lost.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from nok.documents import parse_yaml, place_of, refuse_unknown
from nok.errors import ConfigError

RATINGS = range(1, 6)
SIDES: Sequence[frozenset[int]] = (
    *(frozenset({rating}) for rating in RATINGS),
    frozenset({4, 5}),
    frozenset({1, 2}),
)
"""What somebody who stuffs would send: one mark over and over, or any that raises or lowers the mean."""
_MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class StuffingRules:
    """The numbers of `content/guard.yaml`; counts are of ratings of one organisation in a day where nothing else is said."""

    requests_a_second: int = 50
    requests_in_ten_minutes: int = 400
    one_address: int = 300
    one_address_without_proof: int = 20
    one_neighbourhood: int = 600
    one_stand: int = 600
    same_text: int = 2
    fastest_seconds: int = 1
    form_hours: int = 48
    work_cost: int = 1000
    work_least: int = 60
    work_most: int = 240
    windows: tuple[int, ...] = (1, 7, 28)
    history_days: int = 365
    least_in_window: int = 15
    least_in_history: int = 20
    one_in: int = 1_000_000
    new_place_least: int = 30
    new_place_percent: int = 95


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The ratings of one organisation in one day, by mark: those that count, and those that a rule has set aside.

    What a person decided about is in `counted` for later days, and in neither for the window itself.
    """

    day: date
    counted: Mapping[int, int]
    aside: Mapping[int, int]
    decided: Mapping[int, int]
    """Put back by a person, or vouched for by an invitation: usual, and never suspected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """So many ratings of `side`, received on `since` or later, are too many; the latest of them are set aside."""

    since: date
    side: frozenset[int]
    number: int


def parse_stuffing_rules(text: str, source: str) -> StuffingRules:
    """The rules written in `text`; a number that is not there keeps its default.

    Raises:
        ConfigError: an unknown key, or no whole number above zero.
    """
    found = parse_yaml(text, source)
    refuse_unknown(found, [field.name for field in fields(StuffingRules)], source)
    for name, value in found.items():
        values = value if name == "windows" and isinstance(value, list) else [value]
        if not values or not all(type(one) is int and 0 < one <= 1_000_000_000 for one in values):
            place = place_of(source, found, name)
            if name == "windows":
                raise ConfigError("stuffing-numbers", place=place, name=name, value=value)
            raise ConfigError("stuffing-number", place=place, name=name, value=value)
    if "windows" in found:
        found["windows"] = tuple(sorted(found["windows"] if isinstance(found["windows"], list) else [found["windows"]]))
    rules = StuffingRules(**found)
    if rules.work_least > rules.work_most:
        raise ConfigError("stuffing-work", place=source, least=rules.work_least, most=rules.work_most)
    return rules


def rule_words(rules: StuffingRules) -> dict[str, str]:
    """The numbers as texts may name them: `{guard.one_stand}`."""
    return {f"guard.{field.name}": _number(getattr(rules, field.name)) for field in fields(rules)}


def _number(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_number(one) for one in value)
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")


# ---- the comparison ------------------------------------------------------------------------------------------------


class _Days:
    """The tallies by day; what is found too many moves from the counted to the set aside, as the store will do it."""

    def __init__(self, tallies: Iterable[Tally]) -> None:
        self._days = {
            tally.day: (dict(tally.counted), dict(tally.aside), tally.decided)
            for tally in sorted(tallies, key=lambda tally: tally.day, reverse=True)
        }

    def sums(self, since: date, until: date, *kinds: int, most_aside: int | None = None) -> dict[int, int]:
        """Ratings by mark from `since` to the day before `until`; kinds are 0 counted, 1 set aside, 2 decided.

        Days on which `most_aside` or more were set aside are left out where that is given.
        """
        parts = [
            day[kind]
            for when, day in self._days.items()
            if since <= when < until and (most_aside is None or sum(day[1].values()) < most_aside)
            for kind in kinds
        ]
        return {rating: sum(part.get(rating, 0) for part in parts) for rating in RATINGS}

    def set_aside(self, excess: Excess) -> None:
        """The latest of a side first."""
        more = excess.number
        for when, (counted, aside, _) in self._days.items():
            for rating in sorted(excess.side) if when >= excess.since else ():
                some = min(more, counted.get(rating, 0))
                counted[rating] = counted.get(rating, 0) - some
                aside[rating] = aside.get(rating, 0) + some
                more -= some


def find_excess(tallies: Iterable[Tally], today: date, rules: StuffingRules) -> list[Excess]:
    """What of an organisation's ratings is too many to be chance, the shortest window first; days in any order.

    What is set aside already counts as seen, so that a drip that goes on is not forgotten, and is not asked for again. A
    day that was a burst by itself says nothing about the weeks around it and is left out of the longer windows.
    """
    days, found = _Days(tallies), list[Excess]()
    for length in rules.windows:
        since, tomorrow = today - timedelta(days=length - 1), today + timedelta(days=1)
        is_shortest = length == rules.windows[0]
        most_aside = None if is_shortest else rules.least_in_window
        seen = days.sums(since, tomorrow, 0, 1, most_aside=most_aside)
        pool = days.sums(since, tomorrow, 1, most_aside=most_aside)
        usual = days.sums(since - timedelta(days=rules.history_days), since, 0, 2)
        for side, number in _excess(seen, usual, rules, is_shortest=is_shortest):
            more = number - _spend(pool, side, number)
            if more > 0:
                found.append(Excess(since=since, side=side, number=more))
                days.set_aside(found[-1])
    return found


def _spend(pool: dict[int, int], side: frozenset[int], number: int) -> int:
    """How many of `number` are set aside already; each is counted once."""
    spent = 0
    for rating in side:
        some = min(number - spent, pool[rating])
        pool[rating] -= some
        spent += some
    return spent


def _excess(
    seen: Mapping[int, int], usual: Mapping[int, int], rules: StuffingRules, *, is_shortest: bool
) -> Iterator[tuple[frozenset[int], int]]:
    """(side, how many of it are too many) in one window: the unlikeliest side first, then what is left without it."""
    left = dict(seen)
    for _ in range(_MOST_ROUNDS):
        side = _heaviest(left, usual, rules, is_shortest=is_shortest)
        number = _too_many(left, usual, side) if side else 0
        if side is None or number <= 0:
            return
        yield side, number
        whole = sum(left[rating] for rating in side)
        for rating in side:
            left[rating] = left[rating] * (whole - number) // whole


def _heaviest(
    left: Mapping[int, int], usual: Mapping[int, int], rules: StuffingRules, *, is_shortest: bool
) -> frozenset[int] | None:
    total, history = sum(left.values()), sum(usual.values())
    if history < rules.least_in_history:
        return _all_alike(left, total, rules) if is_shortest else None
    if total < rules.least_in_window:
        return None
    chances = [(_log_chance(left, total, usual, history, side), sorted(side)) for side in SIDES]
    chance, marks = min(chances)
    return frozenset(marks) if chance < -math.log(rules.one_in) else None


def _all_alike(left: Mapping[int, int], total: int, rules: StuffingRules) -> frozenset[int] | None:
    """Where nothing is usual yet: a day on which nearly everybody gave the same mark."""
    if total < rules.new_place_least:
        return None
    heaviest = max(RATINGS, key=lambda rating: left[rating])
    return frozenset({heaviest}) if left[heaviest] * 100 >= total * rules.new_place_percent else None


def _log_chance(
    left: Mapping[int, int], total: int, usual: Mapping[int, int], history: int, side: frozenset[int]
) -> float:
    seen = sum(left[rating] for rating in side)
    like = sum(usual[rating] for rating in side)
    if seen * (history + 2) <= (like + 1) * total:
        return 0.0  # no heavier than usual: most calls end here
    return log_chance_of_more(seen, total, like + 1, history - like + 1)


@lru_cache(maxsize=4096)
def log_chance_of_more(seen: int, total: int, like: int, unlike: int) -> float:
    """The natural logarithm of the probability that of `total` ratings `seen` or more are of a side, where `like` and
    `unlike` tell what is usual.

    The upper tail of the beta-binomial distribution (Johnson, Kemp & Kotz, Univariate Discrete Distributions, 6.2.2).

    >>> round(math.exp(log_chance_of_more(10, 10, 1, 1)), 4), log_chance_of_more(0, 10, 1, 1)
    (0.0909, 0.0)
    """
    if seen <= 0:
        return 0.0
    first = _log_choose(total, seen) + _log_beta(seen + like, total - seen + unlike) - _log_beta(like, unlike)
    term = tail = 1.0
    for number in range(seen, total):
        term *= (total - number) / (number + 1) * (number + like) / (total - number - 1 + unlike)
        tail += term
        if term < tail * 1e-12:
            break
    return min(0.0, first + math.log(tail))


def _log_choose(total: int, some: int) -> float:
    return math.lgamma(total + 1) - math.lgamma(some + 1) - math.lgamma(total - some + 1)


def _log_beta(first: float, second: float) -> float:
    return math.lgamma(first) + math.lgamma(second) - math.lgamma(first + second)


def _too_many(left: Mapping[int, int], usual: Mapping[int, int], side: frozenset[int]) -> int:
    """How many of a side stand above what the other ratings of the window lead to expect."""
    seen = sum(left[rating] for rating in side)
    others = sum(left.values()) - seen
    like = sum(usual[rating] for rating in side) + 1
    unlike = sum(usual.values()) + 2 - like
    return seen + -others * like // unlike  # the expected number rounded up
