"""Rounds, points and plans of the demonstration region. Seeded, no clock, integers and `Decimal` only.

Floor 3, below `nok.demonstration.package`. Indicators come from invented counts and are rounded half up to 0.01 as they would
be published; criteria are their weighted sums, the total is the mean of the five unrounded criteria, so that a reader
gets every criterion and total again from the published indicators, to the hundredth.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from nok.demonstration.organizations import Invented
from nok.demonstration.reviews import EDITION_DAY, UNPUBLISHED, Row
from nok.demonstration.school import INDICATORS, PLAN, PLAN_POST, RESPONDENTS, SCHOOL_12
from nok.demonstration.words import POSTS, SHORTCOMINGS

YEARS = (2023, 2024, 2025)
METHOD = "344n-2018"
FORMER_METHOD = "1547-2014"

FORMER_ROUND: Mapping[str, tuple[str, str, str, str]] = {
    "etalonsk-school-2": ("33.50", "58.20", "17.40", "26.10"),
    "primersk-school-4": ("29.10", "51.75", "15.80", "22.35"),
    "primersk-school-9": ("31.40", "60.05", "18.20", "27.90"),
}
"""Organisation to its K1, K2, K4 and K5 of 2016, by the method that was in force before."""

FORMER_ROUND_ONLY = ("primersk-school-9",)
"""Organisations that have not been assessed since: their points are shown and never compared with newer ones."""

NOBODY_DISABLED = ("primersk-museum-1", "primersk-club-2", "etalonsk-preschool-3")
"""Where nobody with a disability answered: 3.3 has no denominator, and the rest of K3 counts for the whole."""

WEIGHTS: Mapping[str, Mapping[str, Decimal]] = {
    "K1": {"1.1": Decimal("0.3"), "1.2": Decimal("0.3"), "1.3": Decimal("0.4")},
    "K2": {"2.1": Decimal("0.3"), "2.2": Decimal("0.4"), "2.3": Decimal("0.3")},
    "K3": {"3.1": Decimal("0.3"), "3.2": Decimal("0.4"), "3.3": Decimal("0.3")},
    "K4": {"4.1": Decimal("0.4"), "4.2": Decimal("0.4"), "4.3": Decimal("0.2")},
    "K5": {"5.1": Decimal("0.3"), "5.2": Decimal("0.2"), "5.3": Decimal("0.5")},
}
"""Weights of indicators in criteria. Source: order 344n of 31.05.2018, table of indicators."""

WEIGHTS_OF_COMFORT_WITHOUT_WAITING = {"2.1": Decimal("0.5"), "2.3": Decimal("0.5")}
"""K2 in education and culture, where 2.2 is not used. Source: as above."""

SPHERES_WITHOUT_WAITING = ("education", "culture")

_TITLES = {
    "education": "образовательной деятельности",
    "health": "оказания услуг медицинскими организациями",
    "culture": "оказания услуг организациями культуры",
    "social": "оказания услуг организациями социального обслуживания",
    "mse": "оказания услуг учреждениями медико-социальной экспертизы",
}
_HUNDREDTH = Decimal("0.01")
_CHANNEL_POINTS = (0, 30, 60, 90, 100)
"""1.2 by the number of working remote channels, four and more being the last. Source: order 344n, indicator 1.2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Survey:
    """Points of indicators, each with the number of people who answered its question (`None` for checklists)."""

    points: Mapping[str, Decimal]
    answered: Mapping[str, int]
    respondents: int


def assessment_id(sphere: str, year: int) -> str:
    return f"demo-{sphere}-{year}"


def build_assessments() -> list[Row]:
    """Three yearly rounds of each sphere that the law knows; sport has none."""
    return [_former_assessment()] + [
        {
            "assessment_id": assessment_id(sphere, year),
            "title": f"Независимая оценка качества условий {words}, {year} год",
            "period": str(year),
            "sphere": sphere,
            "region_code": "00",
            "method_id": METHOD,
            "kind": "independent",
            "stage": "done",
            "started_on": f"{year}-03-03",
            "finished_on": f"{year}-08-01",
            "status": "published",
        }
        for sphere, words in _TITLES.items()
        for year in YEARS
    ]


def _former_assessment() -> Row:
    return {
        "assessment_id": assessment_id("education", 2016),
        "title": "Независимая оценка качества образовательной деятельности, 2016 год",
        "period": "2016",
        "sphere": "education",
        "region_code": "00",
        "method_id": FORMER_METHOD,
        "kind": "independent",
        "stage": "done",
        "started_on": "2016-03-01",
        "finished_on": "2016-11-30",
        "status": "published",
    }


def _former_scores(made: Invented) -> Iterator[Row]:
    """Criteria and their sum: at most 160."""
    points = FORMER_ROUND[made.id]
    for measure, text in zip(("K1", "K2", "K4", "K5"), points, strict=True):
        yield _row(made, 2016, measure, {"points": text})
    yield _row(made, 2016, "total", {"points": str(sum(map(Decimal, points), Decimal(0)))})


def build_scores(seed: int, organizations: Sequence[Invented]) -> list[Row]:
    """Rows of `scores`: indicators, criteria and total of a round, or only the state of its total."""
    rows = {made.id: list(_scores_of(seed, made)) for made in organizations}
    for made in organizations:
        if made.twin:
            rows[made.id] = [row | {"organization_id": made.id} for row in rows[made.twin]]
    return [row for made in organizations for row in rows[made.id]]


def _scores_of(seed: int, made: Invented) -> Iterator[Row]:
    sphere = made.row["sphere"]
    if sphere not in _TITLES:
        return
    if made.id in FORMER_ROUND:
        yield from _former_scores(made)
    if made.id in FORMER_ROUND_ONLY:
        return
    rng = Random(f"{seed}:scores:{made.id}")
    if made.fate is not None:
        answered = {"respondents": "4"} if made.fate == "too_few" else {}
        yield _row(made, 2025, "total", {"state": made.fate.value, **answered})
        return
    for year in _years(rng, made):
        survey = _school_12(year) if made.id == SCHOOL_12 else _survey(rng, made, year)
        yield from _round(made, year, _without_disabled(survey) if made.id in NOBODY_DISABLED else survey, seed)


def _years(rng: Random, made: Invented) -> tuple[int, ...]:
    """When it was assessed: at least once in three years, half of them twice; the closed one before it closed."""
    if made.id == SCHOOL_12:
        return YEARS
    if "closed_on" in made.row:
        return (2023,)
    chosen = {rng.choice(YEARS)} | ({rng.choice(YEARS)} if rng.randrange(100) < 55 else set())
    return tuple(sorted(chosen))


def _row(made: Invented, year: int, measure: str, cells: Row) -> Row:
    of = {"organization_id": made.id, "assessment_id": assessment_id(made.row["sphere"], year)}
    return of | {"measure": measure, "state": "scored"} | cells


def _without_disabled(survey: _Survey) -> _Survey:
    points = {measure: value for measure, value in survey.points.items() if measure != "3.3"}
    return replace(survey, points=points, answered=dict(survey.answered) | {"3.3": 0})


def _recipients(seed: int, made: Invented, year: int, respondents: int) -> Row:
    """How many were served in the year before: surveys reach most of what they should, some more, one in ten says not."""
    if made.id == SCHOOL_12:
        return {"recipients": "600"}
    rng = Random(f"{seed}:recipients:{made.id}:{year}")
    return (
        {"recipients": str(respondents * 100 // rng.randint(29, 45) + rng.randrange(20))} if rng.randrange(10) else {}
    )


def _round(made: Invented, year: int, survey: _Survey, seed: int) -> Iterator[Row]:
    for measure, points in survey.points.items():
        answered = survey.answered.get(measure)
        cells = {"respondents": str(answered)} if answered is not None else {}
        yield _row(made, year, measure, {"points": str(points)} | cells)
    if survey.answered.get("3.3") == 0:
        yield _row(made, year, "3.3", {"state": "no_data", "respondents": "0"})
    criteria = {criterion: _criterion(criterion, survey.points) for criterion in WEIGHTS}
    total = sum(criteria.values(), Decimal(0)) / len(criteria)
    for measure, points in (criteria | {"total": total}).items():
        cells = {"points": str(_published(points)), "respondents": str(survey.respondents)}
        if measure == "total":
            cells |= _recipients(seed, made, year, survey.respondents)
        if measure == "total" and made.id == SCHOOL_12:
            cells["published_as"] = cells["points"].replace(".", ",")
        yield _row(made, year, measure, cells)


def _criterion(criterion: str, points: Mapping[str, Decimal]) -> Decimal:
    weights = WEIGHTS[criterion]
    if criterion == "K2" and "2.2" not in points:
        weights = WEIGHTS_OF_COMFORT_WITHOUT_WAITING
    there = {indicator: weight for indicator, weight in weights.items() if indicator in points}
    return sum((weight * points[name] for name, weight in there.items()), Decimal(0)) / sum(there.values())


def _published(points: Decimal) -> Decimal:
    return points.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)


def _school_12(year: int) -> _Survey:
    names = [name for weights in WEIGHTS.values() for name in weights if name != "2.2"]
    points = {name: _published(Decimal(text)) for name, text in zip(names, INDICATORS[year].split(), strict=True)}
    answered = {name: RESPONDENTS.get(name, 200) for name in names if name not in ("1.1", "1.2", "2.1", "3.1", "3.2")}
    return _Survey(points=points, answered=answered, respondents=200)


def _survey(rng: Random, made: Invented, year: int) -> _Survey:
    """A checklist and a questionnaire as an organisation of this quality would get them in that year."""
    quality = max(2, made.quality - (2025 - year) * 3 + rng.randint(-3, 3))
    asked = rng.randint(24, 90) if rng.randrange(3) else rng.randint(90, 480)
    points: dict[str, Decimal] = {
        "1.1": (_share(_some(rng, 14, quality), 14) + _share(_some(rng, 46, quality), 46)) / 2,
        "1.2": Decimal(_CHANNEL_POINTS[_some(rng, 4, quality - 4)]),
    }
    answered: dict[str, int] = {}
    _ask(rng, points, answered, "1.3", quality, asked * rng.randint(50, 90) // 100 + 1)
    points["2.1"] = Decimal(20 * _some(rng, 5, quality + 6))
    if made.row["sphere"] not in SPHERES_WITHOUT_WAITING:
        _ask(rng, points, answered, "2.2", quality - 8, asked)
        if made.row["sphere"] == "health":
            waiting = Decimal((0, 10, 20, 40, 60, 100)[_some(rng, 5, quality + 4)])
            points["2.2"] = (points["2.2"] + waiting) / 2
    _ask(rng, points, answered, "2.3", quality - 4, asked)
    points["3.1"] = Decimal(20 * _some(rng, 5, quality - 34))
    points["3.2"] = Decimal(20 * min(5, _some(rng, 6, quality - 26)))
    _ask(rng, points, answered, "3.3", quality - 10, asked * rng.randint(3, 18) // 100 + 2)
    for indicator in ("4.1", "4.2", "4.3", "5.1", "5.2", "5.3"):
        people = asked * rng.randint(25, 60) // 100 + 1 if indicator == "4.3" else asked
        _ask(rng, points, answered, indicator, quality + 3, people)
    return _Survey(
        points={name: _published(value) for name, value in points.items()}, answered=answered, respondents=asked
    )


def _some(rng: Random, whole: int, quality: int) -> int:
    """How many of `whole` things are there: more, and closer to all, where quality is high."""
    percent = _lifted(quality + rng.randint(-9, 9))
    return (whole * percent + 50) // 100


def _ask(
    rng: Random, points: dict[str, Decimal], answered: dict[str, int], indicator: str, quality: int, people: int
) -> None:
    satisfied = (people * _lifted(quality + rng.randint(-6, 6)) + 50) // 100
    points[indicator], answered[indicator] = _share(satisfied, people), people


def _lifted(quality: int) -> int:
    """The percentage of people content with something of this quality: most people are easily content."""
    level = min(100, max(0, quality))
    return level + (100 - level) * level * 7 // 1000


def _share(part: int, whole: int) -> Decimal:
    return Decimal(100 * part) / Decimal(whole)


def build_plan_measures(seed: int, organizations: Iterable[Invented], scores: Iterable[Row]) -> list[Row]:
    """What organisations promised to mend: up to three of the weakest indicators of their last round."""
    weakest: dict[str, dict[str, list[tuple[Decimal, str]]]] = {}
    for row in scores:
        if row["measure"] in SHORTCOMINGS and row["state"] == "scored" and Decimal(row["points"]) < 68:
            rounds = weakest.setdefault(row["organization_id"], {})
            rounds.setdefault(row["assessment_id"], []).append((Decimal(row["points"]), row["measure"]))
    rows: list[Row] = []
    for made in organizations:
        if made.id == SCHOOL_12:
            rows.extend(_plan_of_school_12())
        elif made.id in weakest:
            last = max(weakest[made.id], key=lambda found: found[-4:])
            rows.extend(_plan(Random(f"{seed}:plan:{made.id}"), made, last, sorted(weakest[made.id][last])[:3]))
    return rows


def _plan_of_school_12() -> Iterator[Row]:
    for number, (indicator, shortcoming, action, due_on, status, done_on, evidence) in enumerate(PLAN, 1):
        yield {
            "plan_measure_id": f"{SCHOOL_12}-m{number}",
            "organization_id": SCHOOL_12,
            "assessment_id": assessment_id("education", 2025),
            "indicator": indicator,
            "shortcoming": shortcoming,
            "action": action,
            "responsible_post": PLAN_POST,
            "due_on": due_on,
            "status": status,
            "done_on": done_on,
            "evidence": evidence,
        }


def _plan(rng: Random, made: Invented, assessment: str, weakest: Sequence[tuple[Decimal, str]]) -> Iterator[Row]:
    if rng.randrange(100) < 12:
        return
    post = rng.choice(POSTS[made.row["sphere"]])
    for number, (_, indicator) in enumerate(weakest, 1):
        shortcoming, action = rng.choice(SHORTCOMINGS[indicator])
        if not made.is_published:
            shortcoming = f"{UNPUBLISHED}: {shortcoming}"
        due = date(int(assessment[-4:]), 11, 1) + timedelta(days=30 * rng.randint(0, 15) + rng.randrange(28))
        yield {
            "plan_measure_id": f"{made.id}-m{number}",
            "organization_id": made.id,
            "assessment_id": assessment,
            "indicator": indicator,
            "shortcoming": shortcoming,
            "action": action,
            "responsible_post": post,
            "due_on": due.isoformat(),
        } | _progress(rng, due)


def _progress(rng: Random, due: date) -> Row:
    """How far it got by the day of the edition: most that is due is done, some is overdue, little is cancelled."""
    chance = rng.randrange(100)
    if chance < 4:
        return {"status": "cancelled", "evidence": "Войдёт в проект капитального ремонта здания"}
    if chance < (74 if due < EDITION_DAY else 12):
        done_on = min(due, EDITION_DAY) + timedelta(days=rng.randint(-45, 20))
        evidence = rng.choice(("Акт приёмки", "Фотографии на сайте организации", "Приказ и отчёт на сайте", ""))
        return {
            "status": "done",
            "done_on": min(done_on, EDITION_DAY - timedelta(days=1)).isoformat(),
            "evidence": evidence,
        }
    return {"status": rng.choice(("in_progress", "in_progress", "planned"))}
