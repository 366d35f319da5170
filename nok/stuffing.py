"""When ratings look like stuffing: the published rules, and the comparison of a burst with what is usual. Pure.

A rule sets ratings aside; it never drops one, and a person may put back what it set aside. All numbers stand in
`content/guard.yaml` and on a page of the site.

The comparison asks of each organisation: is one side of its ratings (all fives, all ones …) so much heavier in the last
1, 7 or 28 days than in the year before that chance would do it less than once in a million? What is usual is not known
exactly where few have rated, so the count is held against a beta-binomial distribution with the history as its counts
(and one more on either side): a place with a short history is believed more, one with none cannot be compared. A school
evening with two hundred ratings passes, because its ratings are as mixed as those before it.

It asks so of each way in which ratings come (with a text, with criteria, by one code, by a link with the mark alone) and
then of all together: somebody who drips fives in has one way of doing it, and there they stand out among few others. A
drip too thin for a month shows in `long_windows`; a place that really changed changes there too, so that the ratings with
a text, which somebody reads, must not have moved alike.

What is set aside is the excess, the latest of it first: as many of that side stay as the other ratings of the window lead
to expect, and the mean returns to where it was. Where a drip is most of what came one way, that would leave many of the
bought among the true, for they are alike. Then all that came that way in those days is set aside, low and high.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from enum import StrEnum
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
ALL = frozenset(RATINGS)
_MOST_ROUNDS = 20
_LEAST_STRETCHES = 8
"""So many stretches of history tell how much a place sways."""
_TOLD_BY_MARK = 90
"""Of a hundred ratings of a side so many are too many: whoever sets aside the latest of it hits the right ones."""
_RARE_MARK = 0.15
"""The same where hardly anybody gives such a mark."""


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
    long_windows: tuple[int, ...] = (91,)
    history_days: int = 365
    least_in_window: int = 15
    least_in_history: int = 20
    most_of_history: int = 1000
    most_of_history_for_a_day: int = 100
    least_to_measure: int = 60
    drip_percent: int = 50
    one_in: int = 1_000_000
    surge_times: int = 3
    one_in_surge: int = 10_000
    one_in_beside: int = 1_000
    new_place_least: int = 30
    new_place_percent: int = 95


class Way(StrEnum):
    """How a rating came, as far as the store knows it; a code from a stand is a way of its own: `code:XXXXXXXXXX`."""

    TEXT = "text"
    CRITERIA = "criteria"
    LINK = "link"
    """The mark alone, and no code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The ratings of one organisation that came one way in one day, by mark: those that count, and those that a rule has
    set aside.

    What a person decided about is in `counted` for later days, and in neither for the window itself.
    """

    day: date
    way: str = Way.LINK
    counted: Mapping[int, int]
    aside: Mapping[int, int]
    decided: Mapping[int, int]
    """Put back by a person, or vouched for by an invitation: usual, and never suspected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Excess:
    """So many ratings of `side`, received from `since` to `until`, are too many; the latest of them are set aside.

    `way` is how they came; `None` means any, those with the mark alone first and those with a text last.
    """

    since: date
    until: date
    side: frozenset[int]
    number: int
    way: str | None = None


def parse_stuffing_rules(text: str, source: str) -> StuffingRules:
    """The rules written in `text`; a number that is not there keeps its default.

    Raises:
        ConfigError: an unknown key, or no whole number above zero.
    """
    found = parse_yaml(text, source)
    refuse_unknown(found, [field.name for field in fields(StuffingRules)], source)
    lists = [field.name for field in fields(StuffingRules) if isinstance(field.default, tuple)]
    for name, value in found.items():
        values = value if name in lists and isinstance(value, list) else [value]
        if not values or not all(type(one) is int and 0 < one <= 1_000_000_000 for one in values):
            place = place_of(source, found, name)
            if name in lists:
                raise ConfigError("stuffing-numbers", place=place, name=name, value=value)
            raise ConfigError("stuffing-number", place=place, name=name, value=value)
        if name in lists:
            found[name] = tuple(sorted(values))
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


_Marks = dict[int, int]
_COUNTED, _ASIDE, _DECIDED = 0, 1, 2


class _Days:
    """The tallies by way and day; what is found too many moves from the counted to the set aside, as the store will do."""

    def __init__(self, tallies: Iterable[Tally]) -> None:
        self._days: dict[str, dict[date, tuple[_Marks, _Marks, Mapping[int, int]]]] = {}
        for tally in sorted(tallies, key=lambda tally: tally.day, reverse=True):
            found = (dict(tally.counted), dict(tally.aside), tally.decided)
            self._days.setdefault(tally.way, {})[tally.day] = found
        self.ways = sorted(self._days, key=way_order)
        self.first = min((day for days in self._days.values() for day in days), default=date.max)

    def sums(self, way: str | None, since: date, until: date, *kinds: int, most_aside: int | None = None) -> _Marks:
        """Ratings by mark from `since` to the day before `until`, of one way or of all.

        Days on which `most_aside` or more were set aside are left out where that is given.
        """
        sums = dict.fromkeys(RATINGS, 0)
        for one in self.ways if way is None else [way]:
            for when, day in self._days[one].items():
                if when < since:
                    break  # the latest comes first
                if when < until and (most_aside is None or sum(day[_ASIDE].values()) < most_aside):
                    for kind in kinds:
                        for rating, number in day[kind].items():
                            sums[rating] += number
        return sums

    def by_day(self, way: str | None, since: date, until: date) -> list[tuple[date, _Marks]]:
        """The days of a way, or of all, on which ratings came that no person decided about, the earliest first."""
        ways = self.ways if way is None else [way]
        days = sorted({when for one in ways for when in self._days[one] if since <= when < until})
        tomorrow = timedelta(days=1)
        return [(day, self.sums(way, day, day + tomorrow, _COUNTED, _ASIDE)) for day in days]

    def number(self, way: str, since: date, until: date) -> int:
        """How many ratings of a way came that no person decided about."""
        some = (day for when, day in self._days[way].items() if since <= when < until)
        return sum(sum(counted.values()) + sum(aside.values()) for counted, aside, _ in some)

    def stretches(self, way: str | None, before: date, since: date, length: int) -> list[_Marks]:
        """The history in stretches of `length` days that end the day before `since`, the latest first; whole ones only."""
        found = [dict.fromkeys(RATINGS, 0) for _ in range((since - before).days // length)]
        for one in self.ways if way is None else [way]:
            for when, day in self._days[one].items():
                place = ((since - when).days - 1) // length
                if when < since and place < len(found):
                    for kind in (_COUNTED, _DECIDED):
                        for rating, number in day[kind].items():
                            found[place][rating] += number
        return found

    def set_aside(self, excess: Excess) -> None:
        """The latest of a side first, in the order of ways."""
        more = excess.number
        for way in self.ways if excess.way is None else [excess.way]:
            for when, (counted, aside, _) in self._days[way].items():
                for rating in sorted(excess.side) if excess.since <= when <= excess.until else ():
                    some = min(more, counted.get(rating, 0))
                    counted[rating] = counted.get(rating, 0) - some
                    aside[rating] = aside.get(rating, 0) + some
                    more -= some


def way_order(way: str) -> tuple[int, str]:
    """Which way is looked at, and set aside, first: where the mark is all that there is."""
    return {Way.TEXT: 2, Way.CRITERIA: 1}.get(way, 0), way  # type: ignore[call-overload]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """The last days, of one way or of all, beside what is usual; `pool` is what of them is set aside already."""

    since: date
    tomorrow: date
    way: str | None
    seen: _Marks
    pool: _Marks
    usual: _Marks
    one_in: int
    """How rare chance must be."""
    most_of_history: int


def find_excess(tallies: Iterable[Tally], today: date, rules: StuffingRules) -> list[Excess]:
    """What of an organisation's ratings is too many to be chance, the shortest window first; days in any order.

    What is set aside already counts as seen, so that a drip that goes on is not forgotten, and is not asked for again. A
    day that was a burst by itself says nothing about the weeks around it and is left out of the longer windows.
    """
    days, found = _Days(tallies), list[Excess]()
    for length in rules.windows:
        since, tomorrow = today - timedelta(days=length - 1), today + timedelta(days=1)
        ways = [way for way in days.ways if days.number(way, since, tomorrow) >= rules.least_in_window]
        windows = [_window(days, way, today, length, rules) for way in ways]
        drips = [_take(days, window, rules, found) for window in windows]
        if any(drips):  # whoever drips one way may do it in another as well
            for window in windows:
                _take(days, replace(window, one_in=min(window.one_in, rules.one_in_beside)), rules, found)
        _take(days, _window(days, None, today, length, rules), rules, found)
    for length in rules.long_windows:
        for way in days.ways:
            _take(days, _window(days, way, today, length, rules), rules, found, is_long=True)
    return found


def _take(days: _Days, window: _Window, rules: StuffingRules, found: list[Excess], *, is_long: bool = False) -> bool:
    """Adds what is too many in a window to `found`; was there a drip that is most of what came this way?"""
    for side, number in _excess(days, window, rules):
        if is_long and not _is_alone(days, window, side, rules):
            continue
        drip = _drip(days, window, side, number, rules)
        one = drip or _latest(window, side, number)
        if one.number > 0:
            found.append(one)
            days.set_aside(one)
        if drip:
            return True  # nothing is left of this way
    return False


def _window(days: _Days, way: str | None, today: date, length: int, rules: StuffingRules) -> _Window:
    since, tomorrow = today - timedelta(days=length - 1), today + timedelta(days=1)
    most_aside = None if length == rules.windows[0] else rules.least_in_window
    before = since - timedelta(days=rules.history_days)
    numbers = [sum(marks.values()) for _, marks in days.by_day(way, since, tomorrow)]
    is_one_day = max(numbers, default=0) * 2 > sum(numbers)
    is_surge = way is not None and not is_one_day and _is_surge(days, way, numbers, (before, since, tomorrow), rules)
    return _Window(
        since=since,
        tomorrow=tomorrow,
        way=way,
        seen=days.sums(way, since, tomorrow, _COUNTED, _ASIDE, most_aside=most_aside),
        pool=days.sums(way, since, tomorrow, _ASIDE, most_aside=most_aside),
        usual=_usual(days, way, before, since, rules),
        one_in=rules.one_in_surge if is_surge else rules.one_in,
        most_of_history=rules.most_of_history_for_a_day if is_one_day else rules.most_of_history,
    )


def _usual(days: _Days, way: str | None, before: date, since: date, rules: StuffingRules) -> _Marks:
    """What came so in the history; of a way that is new, what came in any way but with a text, for texts are harsher."""
    usual = days.sums(way, before, since, _COUNTED, _DECIDED)
    if sum(usual.values()) >= rules.least_in_history:
        return usual
    usual = days.sums(None, before, since, _COUNTED, _DECIDED)
    if way is not None and way != Way.TEXT and Way.TEXT in days.ways:
        texts = days.sums(Way.TEXT, before, since, _COUNTED, _DECIDED)
        others = {rating: number - texts[rating] for rating, number in usual.items()}
        return others if sum(others.values()) >= rules.least_in_history else usual
    return usual


def _is_surge(
    days: _Days, way: str, numbers: Sequence[int], span: tuple[date, date, date], rules: StuffingRules
) -> bool:
    """Do many more come this way than used to, day by day? The fullest day is left out: it may be an evening at school."""
    before, since, tomorrow = span
    usual = sum(days.sums(way, before, since, _COUNTED, _DECIDED).values())
    open_days = (since - max(before, days.first)).days
    is_known = usual >= rules.least_in_history
    return (
        is_known
        and (sum(numbers) - max(numbers, default=0)) * open_days >= rules.surge_times * usual * (tomorrow - since).days
    )


def _latest(window: _Window, side: frozenset[int], number: int) -> Excess:
    """The latest of a side, without what is set aside already."""
    more = number - _spend(window.pool, side, number)
    return Excess(since=window.since, until=window.tomorrow - timedelta(days=1), side=side, number=more, way=window.way)


def _spend(pool: _Marks, side: frozenset[int], number: int) -> int:
    """How many of `number` are set aside already; each is counted once."""
    spent = 0
    for rating in side:
        some = min(number - spent, pool[rating])
        pool[rating] -= some
        spent += some
    return spent


def _drip(days: _Days, window: _Window, side: frozenset[int], number: int, rules: StuffingRules) -> Excess | None:
    """All of a way in the days of a drip; `None` where the latest of the side are the better answer.

    So where too few are too many to give up the others, where nearly all of the side are too many and can be told by
    their mark, and of ratings with a text: somebody has read it.
    """
    total, alike = sum(window.seen.values()), sum(window.seen[rating] for rating in side)
    is_most = number * 100 >= total * rules.drip_percent
    is_told_by_mark = number * 100 >= alike * _TOLD_BY_MARK or _share(window.usual, side) < _RARE_MARK
    if window.way in (None, Way.TEXT) or not is_most or is_told_by_mark:
        return None
    since, until = _heaviest_days(days, window, side)
    left = days.sums(window.way, since, until + timedelta(days=1), _COUNTED)
    return Excess(since=since, until=until, side=ALL, number=sum(left.values()), way=window.way)


def _heaviest_days(days: _Days, window: _Window, side: frozenset[int]) -> tuple[date, date]:
    """(first, last) of the days that together speak most for a drip: a rating of the side as much as the window makes it
    likelier than usual, another one against it."""
    usual, seen = _share(window.usual, side), _share(window.seen, side)
    likelier, unlikelier = math.log(seen / usual), math.log((1 - seen) / (1 - usual))
    best, so_far = (-math.inf, window.since, window.since), (0.0, window.since)
    for day, marks in days.by_day(str(window.way), window.since, window.tomorrow):
        alike = sum(marks[rating] for rating in side)
        weight, since = so_far if so_far[0] > 0 else (0.0, day)
        so_far = weight + alike * likelier + (sum(marks.values()) - alike) * unlikelier, since
        best = max(best, (so_far[0], since, day))
    return best[1], best[2]


def _is_alone(days: _Days, window: _Window, side: frozenset[int], rules: StuffingRules) -> bool:
    """Did the ratings with a text stay as they were while this way grew heavier? Without enough of them nobody knows."""
    before = window.since - timedelta(days=rules.history_days)
    then = days.sums(Way.TEXT, before, window.since, _COUNTED, _DECIDED) if Way.TEXT in days.ways else {}
    now = days.sums(Way.TEXT, window.since, window.tomorrow, _COUNTED, _ASIDE, _DECIDED) if then else {}
    if sum(then.values()) < rules.least_in_history or sum(now.values()) < rules.least_in_window:
        return False
    moved, told = _share(window.seen, side) - _share(window.usual, side), _share(now, side) - _share(then, side)
    return window.way != Way.TEXT and told * 2 < moved


def _share(marks: Mapping[int, int], side: frozenset[int]) -> float:
    """The share of a side, never 0 nor 1: one more is counted on either side."""
    return (sum(marks[rating] for rating in side) + 1) / (sum(marks.values()) + 2)


def _excess(days: _Days, window: _Window, rules: StuffingRules) -> Iterator[tuple[frozenset[int], int]]:
    """(side, how many of it are too many) in one window: the unlikeliest side first, then what is left without it."""
    left = dict(window.seen)
    is_shortest = window.way is None and (window.tomorrow - window.since).days == rules.windows[0]
    for _ in range(_MOST_ROUNDS):
        side = _heaviest(days, left, window, rules, is_shortest=is_shortest)
        number = _too_many(left, window.usual, side) if side else 0
        if side is None or number <= 0:
            return
        yield side, number
        whole = sum(left[rating] for rating in side)
        for rating in side:
            left[rating] = left[rating] * (whole - number) // whole


def _heaviest(
    days: _Days, left: _Marks, window: _Window, rules: StuffingRules, *, is_shortest: bool
) -> frozenset[int] | None:
    total, history = sum(left.values()), sum(window.usual.values())
    if history < rules.least_in_history:
        return _all_alike(left, total, rules) if is_shortest else None
    if total < rules.least_in_window:
        return None
    rare = -math.log(window.one_in)
    rarest, found = rare, None
    for side in SIDES:
        if _log_chance(left, total, window, side, window.most_of_history) < rare:
            believed = min(window.most_of_history, _steadiness(days, window, side, rules))
            chance = _log_chance(left, total, window, side, believed)
            rarest, found = min((rarest, found), (chance, side), key=lambda one: one[0])
    return found


def _steadiness(days: _Days, window: _Window, side: frozenset[int], rules: StuffingRules) -> int:
    """How many ratings of history to believe at most, by how much the share of a side swayed from one stretch of it to the
    next; `most_of_history` where too few rate to tell swaying from chance.

    A good week at a polyclinic is a thousand ratings, and no chance for each of them apart. The over-dispersion of the
    stretches about their mean (Pearson's X² over its degrees of freedom) gives the precision of the beta distribution that
    they came from.
    """
    length = min((window.tomorrow - window.since).days, max(rules.windows))
    before = window.since - timedelta(days=rules.history_days)
    found = [marks for marks in days.stretches(window.way, before, window.since, length) if any(marks.values())]
    numbers = [sum(marks.values()) for marks in found]
    if len(found) < _LEAST_STRETCHES or sum(numbers) < rules.least_to_measure * len(found):
        return rules.most_of_history
    share = (sum(marks[rating] for marks in found for rating in side) + 1) / (sum(numbers) + 2)
    spread = sum(
        (sum(marks[rating] for rating in side) - number * share) ** 2 / (number * share * (1 - share))
        for marks, number in zip(found, numbers, strict=True)
    )
    excess = spread / (len(found) - 1) - 1
    usual = sum(numbers) / len(numbers)
    return max(1, int((usual - 1) / excess - 1)) if excess > 0 else rules.most_of_history


def _all_alike(left: _Marks, total: int, rules: StuffingRules) -> frozenset[int] | None:
    """Where nothing is usual yet: a day on which nearly everybody gave the same mark."""
    if total < rules.new_place_least:
        return None
    heaviest = max(RATINGS, key=lambda rating: left[rating])
    return frozenset({heaviest}) if left[heaviest] * 100 >= total * rules.new_place_percent else None


def _log_chance(left: _Marks, total: int, window: _Window, side: frozenset[int], believed: int) -> float:
    seen = sum(left[rating] for rating in side)
    history, like = sum(window.usual.values()), sum(window.usual[rating] for rating in side)
    if seen * (history + 2) <= (like + 1) * total:
        return 0.0  # no heavier than usual: most calls end here
    if history > believed:  # what is usual sways by itself, however many have rated
        like, history = like * believed // history, believed
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


def _too_many(left: _Marks, usual: _Marks, side: frozenset[int]) -> int:
    """How many of a side stand above what the other ratings of the window lead to expect."""
    seen = sum(left[rating] for rating in side)
    others = sum(left.values()) - seen
    like = sum(usual[rating] for rating in side) + 1
    unlike = sum(usual.values()) + 2 - like
    return seen + -others * like // unlike  # the expected number rounded up
