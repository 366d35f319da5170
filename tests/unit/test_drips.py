"""A drip of bought ratings is set aside from its beginning and moves no mean; ordinary life of many kinds is left alone.

`make test` plays a few of each kind; all of them, fifty times each, with the shares and their intervals of 95 %:

    python -m pytest -m scale -s tests/unit/test_drips.py
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from nok.stuffing import Way
from tests.unit.drip_support import (
    CODE,
    LOVED,
    SCOLDED,
    WAYS,
    Life,
    Market,
    Outcome,
    Town,
    Vote,
    interval,
    play,
)

RUNS = 50
LINK, STAND, SAID = {Way.LINK: 1}, {CODE: 1}, {Way.CRITERIA: 1}
NO_TEXT = {Way.LINK: 1, CODE: 1, Way.CRITERIA: 1}
YEAR = 365


@dataclass(frozen=True, kw_only=True)
class Drip:
    """One kind of drip: how its votes are made from a seed, and what is promised of it over fifty runs.

    `least` is the share of the bought votes that is set aside.
    """

    name: str
    votes: Callable[[int], list[Vote]]
    first: int
    least: float = 0.95
    moved: float = 0.1


def _town(name: str, drips: float, days: int, ways: dict[str, int], **said: object) -> Drip:
    rest = {key: said.pop(key) for key in ("least", "moved") if key in said}
    ratings = said.pop("ratings", (5,))
    place = {"days": YEAR + days, **said}
    return Drip(
        name=f"town: {name}",
        votes=lambda seed: Town(seed=seed, **place).with_drip(drips, days, ways, ratings),  # type: ignore[arg-type]
        first=YEAR - 4,
        **rest,  # type: ignore[arg-type]
    )


def _life(name: str, drips: float, days: int, kind: str, **said: object) -> Drip:
    rest = {key: said.pop(key) for key in ("least", "moved") if key in said}
    return Drip(
        name=f"life: {name}",
        votes=lambda seed: Life(seed=seed, days=425 + days, **said).with_drip(drips, days, kind),  # type: ignore[arg-type]
        first=415,
        **rest,  # type: ignore[arg-type]
    )


def _market(name: str, gap: float, days: int, *, least: float = 0.95, **said: float) -> Drip:
    return Drip(
        name=f"market: {name}",
        votes=lambda seed: Market(seed=seed, days=430 + days).with_drip(gap, days, **said),  # type: ignore[arg-type]
        first=420,
        least=least,
    )


DRIPS = [
    _town("3 fives a day, 60 days, by the link", 3, 60, LINK),
    _town("3 fives a day, 30 days, by the link", 3, 30, LINK),
    _town("3 fives a day, 60 days, by a code", 3, 60, STAND),
    _town("3 fives a day, 60 days, with criteria", 3, 60, SAID),
    _town("3 fives a day, 60 days, three ways", 3, 60, NO_TEXT),
    _town("3 fours and fives a day, 60 days", 3, 60, LINK, ratings=(4, 5, 5)),
    _town("3 ones a day, 60 days", 3, 60, LINK, ratings=(1,)),
    _town("3 ones a day, 60 days, all ways", 3, 60, WAYS, ratings=(1,)),
    _town("2 fives a day, 60 days", 2, 60, LINK),
    _town("1 five a day, 180 days", 1, 180, LINK),
    _town("10 fives a day, 30 days", 10, 30, LINK),
    _town("3 fives a day, a scolded place", 3, 60, LINK, weights=SCOLDED),
    _town("3 ones a day, a loved place", 3, 60, LINK, weights=LOVED, ratings=(1,)),
    _life("5 a day, 30 days, by the link", 5, 30, "link"),
    _life("5 a day, 30 days, by a code", 5, 30, "code"),
    _life("5 ones a day, 30 days", 5, 30, "down link"),
    _life("6 a day where 8 come", 6, 60, "link", a_day=8),
]
"""Where nineteen of twenty bought votes can be told."""

MARKET = [
    _market("3 fives a day, 60 days", 1 / 3, 60),
    _market("3 fives a day, half as people do", 1 / 3, 60, habit=0.5, least=0.88),
    _market("3 ones a day, 60 days", 1 / 3, 60, rating=1),
    _market("6 fives a day, 30 days", 1 / 6, 30),
]
"""The generator that was made last. Half of a drip that comes as people do is stored as theirs is."""

BORDER = [
    # Texts are read by a moderator, and the rule gives them up last: a quarter of the drip is with them.
    _town("3 fives a day, all ways, texts too", 3, 60, WAYS, least=0.85),
    # Thirty votes too many in a month or less are near to chance: seen late, or never, and they move little.
    _town("1 five a day, 60 days", 1, 60, LINK, least=0.55, moved=0.05),
    _town("1 five in two days, 180 days", 0.5, 180, LINK, least=0.2, moved=0.1),
    # As people rate, and slower than they do: nothing that is stored tells these votes from theirs.
    _town("1 five a day, 180 days, all ways", 1, 180, WAYS, least=0, moved=0.2),
    # Nine of ten give a five anyway: 0.04 is all that could be moved.
    _town("3 fives a day, a loved place", 3, 60, LINK, weights=LOVED, least=0.2, moved=0.04),
    _life("3 a day, 60 days, by the link", 3, 60, "link"),
    # A fortnight one way, then another: each is forty votes among as many of people.
    _life("3 a day, 60 days, ways in turns", 3, 60, "turns", least=0.5, moved=0.06),
    _life("3 a day, 60 days, with criteria", 3, 60, "said", least=0.55, moved=0.05),
    _life("3 a day, 60 days, with texts", 3, 60, "texts", least=0.6, moved=0.05),
    _life("3 ones a day, 60 days, ways in turns", 3, 60, "down turns", least=0.93),
    # A place of sixty a day sways by itself more than such a drip moves it.
    _life("30 a day, 30 days, where 60 come", 30, 30, "link", a_day=60, day_sway=0.2, least=0.75, moved=0.02),
    _life("20 a day, 60 days, where 60 come", 20, 60, "link", a_day=60, day_sway=0.2, least=0.6, moved=0.02),
]
"""What can be told from people only in part, by what is stored: the borders that were measured, each with its reason."""

GENUINE: dict[str, Callable[[int], list[Vote]]] = {
    "town: 40 a month": lambda seed: Town(seed=seed, days=2 * YEAR).people(),
    "town: loved, 45 a month": lambda seed: Town(seed=seed, days=2 * YEAR, a_day=1.5, weights=LOVED).people(),
    "town: scolded": lambda seed: Town(seed=seed, days=2 * YEAR, weights=SCOLDED).people(),
    "life: a school": lambda seed: Life(seed=seed).people(),
    "life: a loved library": lambda seed: Life(seed=seed, a_day=1.5, mood=2.3).people(),
    "life: scolded": lambda seed: Life(seed=seed, mood=-0.3).people(),
    "life: evenings of 200 and 120": lambda seed: Life(seed=seed, evenings=((400, 200), (600, 120))).people(),
    "market: three crowds": lambda seed: Market(seed=seed).people(),
    "market: an angry place": lambda seed: Market(seed=seed, angry=0.5).people(),
}
POLYCLINIC = {"life: a polyclinic, 60 a day": lambda seed: Life(seed=seed, a_day=60, day_sway=0.2).people()}


def _tell(name: str, outcomes: list[Outcome]) -> str:
    caught, lost = (interval([getattr(one, kind) for one in outcomes]) for kind in ("caught", "lost"))
    moved, raw = interval([one.moved for one in outcomes]), interval([abs(one.raw - one.true) for one in outcomes])
    return (
        f"{name}: {len(outcomes)} runs; set aside {caught[0]:.1%} [{caught[1]:.1%}, {caught[2]:.1%}] of the bought, "
        f"{lost[0]:.2%} [{max(0, lost[1]):.2%}, {lost[2]:.2%}] of the genuine; mean moved {moved[0]:.3f}, at most "
        f"{max(one.moved for one in outcomes):.3f}, without the rule {raw[0]:.2f}"
    )


def _played(drip: Drip, seeds: Iterator[int] | range) -> list[Outcome]:
    return [play(drip.votes(seed), look_from=drip.first) for seed in seeds]


@pytest.mark.parametrize("drip", [DRIPS[1], DRIPS[2], DRIPS[13]], ids=lambda drip: drip.name)
def test_a_drip_is_set_aside_from_its_beginning(drip: Drip) -> None:
    (found,) = _played(drip, range(7, 8))
    assert found.caught >= 0.95
    assert found.moved <= 0.1


@pytest.mark.parametrize("name", ["town: loved, 45 a month", "life: evenings of 200 and 120", "market: three crowds"])
def test_ordinary_life_is_left_alone(name: str) -> None:
    found = play([vote for vote in GENUINE[name](3) if vote.day < 430], look_from=385)
    assert found.genuine > 250
    assert found.lost <= 0.01


def test_a_good_week_of_a_large_clinic_is_left_alone() -> None:
    """Seven ratings of a hundred were set aside here, as long as a year of history was believed to be steady."""
    found = play(Life(seed=105, a_day=60, day_sway=0.2, days=408).people(), look_from=384)
    assert found.genuine > 15_000
    assert found.lost <= 0.001


def test_people_with_a_text_and_before_the_drip_keep_their_say() -> None:
    votes = DRIPS[1].votes(5)
    found = play(votes, look_from=DRIPS[1].first)
    assert found.caught >= 0.95
    began = min(vote.day for vote in votes if vote.is_bought)
    others = [vote for vote in votes if vote.way in (Way.TEXT, CODE, Way.CRITERIA) or vote.day < began - 7]
    assert sum(vote.is_aside for vote in others) <= len(others) / 50


@pytest.mark.scale
@pytest.mark.parametrize("drip", [*DRIPS, *MARKET, *BORDER], ids=lambda drip: drip.name)
def test_fifty_drips_of_each_kind(drip: Drip) -> None:
    found = _played(drip, range(RUNS))
    print(_tell(drip.name, found))
    assert interval([one.caught for one in found])[0] >= drip.least
    assert interval([one.moved for one in found])[0] <= drip.moved


@pytest.mark.scale
@pytest.mark.parametrize("name", [*GENUINE, *POLYCLINIC])
def test_fifty_ordinary_lives_of_each_kind(name: str) -> None:
    number = RUNS if name in GENUINE else RUNS // 5
    found = [play((GENUINE | POLYCLINIC)[name](seed), look_from=YEAR) for seed in range(100, 100 + number)]
    print(_tell(name, found))
    assert interval([one.lost for one in found])[0] <= 0.01


@pytest.mark.scale
@pytest.mark.parametrize("step", [0.6, -0.8])
def test_a_place_that_really_changed_is_told_of(step: float) -> None:
    """A limit that the page names: a moderator must decide. More content people are stored as bought
    votes are, until enough of them have written a text."""
    found = [play(Life(seed=seed, steps=((450, step),)).people(), look_from=YEAR) for seed in range(RUNS)]
    print(_tell(f"life: the mood changes by {step}", found))
    assert interval([one.lost for one in found])[0] <= 0.03
