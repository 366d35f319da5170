"""Rounds, points and plans of the demonstration region. Seeded, no clock, integers and `Decimal` only.

Floor 3, below `nok.demonstration.package`. Indicators come from invented counts and are rounded half up to 0.01 as they would
be published; criteria are their weighted sums, the total is the mean of the five unrounded criteria, so that a reader
gets every criterion and total again from the published indicators, to the hundredth.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from nok.demonstration.organizations import Invented
from nok.demonstration.reviews import EDITION_DAY, UNPUBLISHED, Row
from nok.demonstration.school import INDICATORS, PLAN, PLAN_POST, RESPONDENTS, SCHOOL_12, SEEN
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

NOBODY_DISABLED = ("etalonsk-library-3", "primersk-museum-1", "primersk-club-2", "etalonsk-preschool-3")
"""Where nobody with a disability answered: 3.3 is 0 of 0, and the rest of K3 counts for the whole."""

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
COLLECTING = 2026
"""The round of this year has no results yet: questionnaires about it are being filled in."""

_CHANNEL_POINTS = (0, 30, 60, 90, 100)
"""1.2 by the number of working remote channels, four and more being the last. Source: order 344n, indicator 1.2."""


PERFORMING_ARTS = ("theatre", "concert")
"""Kinds of which only openness and accessibility are assessed."""

MISPRINTED = ("lekalsk-library-1", 2025)
"""Its total was printed 0.12 too high, as one finds it now and then: the check must flag it."""

IN_WHOLE_POINTS = ("etalonsk-school-6", 2025)
"""Its criteria were printed without decimals: the total agrees within their rounding."""


@dataclass(slots=True, kw_only=True)
class Survey:
    """What was counted in one organisation in one year.

    `points` of indicators; `answered` how many people answered the question behind one, `satisfied` how many of them said
    yes; `seen` what was found of each parameter and its norm (0 where it has none); `respondents` how many were asked.
    """

    respondents: int
    points: dict[str, Decimal] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    satisfied: dict[str, int] = field(default_factory=dict)
    seen: dict[str, tuple[int, int]] = field(default_factory=dict)


def assessment_id(sphere: str, year: int) -> str:
    return f"demo-{sphere}-{year}"


def build_assessments() -> list[Row]:
    """Three yearly rounds of each sphere that the law knows, one of former days, one that collects answers; sport has none."""
    rounds = [_former_assessment()] + [
        _row_of_round(
            sphere,
            year,
            {
                "stage": "plan" if year == YEARS[-1] else "done",
                "started_on": f"{year}-03-03",
                "finished_on": f"{year}-08-01",
            },
        )
        for sphere in _TITLES
        for year in YEARS
    ]
    collecting = {"stage": "collection", "started_on": f"{COLLECTING}-01-12"}
    return [*rounds, *(_row_of_round(sphere, COLLECTING, collecting) for sphere in _TITLES)]


def _row_of_round(sphere: str, year: int, stage: Row) -> Row:
    return {
        "assessment_id": assessment_id(sphere, year),
        "title": f"Независимая оценка качества условий {_TITLES[sphere]}, {year} год",
        "period": str(year),
        "sphere": sphere,
        "region_code": "00",
        "method_id": METHOD,
        "kind": "independent",
        "status": "published",
        **stage,
    }


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
    for year, survey in _surveys(rng, made):
        yield from _round(made, year, survey, seed)


def surveys_of(seed: int, made: Invented) -> Iterator[tuple[int, Survey]]:
    """What stands behind the scores of an organisation, year by year; nothing where it has none."""
    if made.row["sphere"] in _TITLES and made.fate is None and made.id not in FORMER_ROUND_ONLY:
        yield from _surveys(Random(f"{seed}:scores:{made.id}"), made)


def _surveys(rng: Random, made: Invented) -> Iterator[tuple[int, Survey]]:
    for year in _years(rng, made):
        survey = _school_12(year) if made.id == SCHOOL_12 else _survey(rng, made, year)
        if made.id in NOBODY_DISABLED:
            survey.answered["3.3"] = survey.satisfied["3.3"] = 0
            del survey.points["3.3"]
        if made.row["kind"] in PERFORMING_ARTS:
            survey.points = {name: points for name, points in survey.points.items() if name[0] in "13"}
        yield year, survey


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


def _recipients(seed: int, made: Invented, year: int, respondents: int) -> Row:
    """How many were served in the year before: surveys reach most of what they should, some more, one in ten says not."""
    if made.id == SCHOOL_12:
        return {"recipients": "600"}
    rng = Random(f"{seed}:recipients:{made.id}:{year}")
    return (
        {"recipients": str(respondents * 100 // rng.randint(29, 45) + rng.randrange(20))} if rng.randrange(10) else {}
    )


def _round(made: Invented, year: int, survey: Survey, seed: int) -> Iterator[Row]:
    for measure in _measures(made):
        answered = survey.answered.get(measure)
        cells = {"respondents": str(answered)} if answered is not None else {}
        if measure in survey.points:
            yield _row(made, year, measure, {"points": str(survey.points[measure])} | cells)
        else:
            yield _row(made, year, measure, {"state": "no_data"} | cells if answered == 0 else {"state": "exempt"})
    criteria = {criterion: _criterion(criterion, survey.points) for criterion in WEIGHTS}
    known = {criterion: points for criterion, points in criteria.items() if points is not None}
    total = sum(known.values(), Decimal(0)) / len(known)
    for measure, points in (criteria | {"total": total}).items():
        cells = _whole(made, year, survey, measure, points)
        is_told = measure == "total" and points is not None
        yield _row(made, year, measure, cells | (_recipients(seed, made, year, survey.respondents) if is_told else {}))


def _measures(made: Invented) -> Iterator[str]:
    """The indicators that have a row: all but the waiting time where the act does not know it."""
    has_waiting = made.row["sphere"] not in SPHERES_WITHOUT_WAITING
    yield from (name for weights in WEIGHTS.values() for name in weights if name != "2.2" or has_waiting)


def _whole(made: Invented, year: int, survey: Survey, measure: str, points: Decimal | None) -> Row:
    """The cells of a criterion or total; two are not printed as they were counted."""
    if points is None:
        return {"state": "exempt"}
    shown = _published(points)
    if (made.id, year) == MISPRINTED and measure == "total":
        shown += Decimal("0.12")
    if (made.id, year) == IN_WHOLE_POINTS and measure != "total":
        shown = points.quantize(Decimal(1), rounding=ROUND_HALF_UP)
    cells = {"points": str(shown), "respondents": str(survey.respondents)}
    is_quoted = measure == "total" and made.id == SCHOOL_12
    return cells | ({"published_as": cells["points"].replace(".", ",")} if is_quoted else {})


def _criterion(criterion: str, points: Mapping[str, Decimal]) -> Decimal | None:
    """The weighted sum of the indicators; those without points leave their place to the others. `None` without any."""
    weights = WEIGHTS[criterion]
    if criterion == "K2" and "2.2" not in points:
        weights = WEIGHTS_OF_COMFORT_WITHOUT_WAITING
    known = [(weight, points[indicator]) for indicator, weight in weights.items() if indicator in points]
    if not known:
        return None
    whole = sum((weight for weight, _ in known), Decimal(0))
    return sum((weight * value for weight, value in known), Decimal(0)) / whole


def _published(points: Decimal) -> Decimal:
    return points.quantize(_HUNDREDTH, rounding=ROUND_HALF_UP)


def _school_12(year: int) -> Survey:
    names = [name for weights in WEIGHTS.values() for name in weights if name != "2.2"]
    survey = Survey(respondents=200)
    survey.points = {
        name: _published(Decimal(text)) for name, text in zip(names, INDICATORS[year].split(), strict=True)
    }
    asked = [name for name in names if name not in ("1.1", "1.2", "2.1", "3.1", "3.2")]
    survey.answered = {name: RESPONDENTS.get(name, 200) for name in asked}
    survey.satisfied = {name: int(survey.points[name] * survey.answered[name] / 100) for name in asked}
    survey.seen = dict(SEEN)
    return survey


def _survey(rng: Random, made: Invented, year: int) -> Survey:
    """A checklist and a questionnaire as an organisation of this quality would get them in that year."""
    quality = max(2, made.quality - (2025 - year) * 3 + rng.randint(-3, 3))
    asked = rng.randint(24, 90) if rng.randrange(3) else rng.randint(90, 480)
    survey = Survey(respondents=asked)
    points = survey.points
    points["1.1"] = (
        _find(rng, survey, "stand_items", 14, quality, norm=14) / 14
        + _find(rng, survey, "site_items", 46, quality, norm=46) / 46
    ) * 50
    points["1.2"] = Decimal(_CHANNEL_POINTS[int(_find(rng, survey, "remote_channels", 4, quality - 4))])
    _ask(rng, survey, "1.3", quality, asked * rng.randint(50, 90) // 100 + 1)
    points["2.1"] = 20 * _find(rng, survey, "comfort_conditions", 5, quality + 6)
    if made.row["sphere"] not in SPHERES_WITHOUT_WAITING:
        _ask(rng, survey, "2.2", quality - 8, asked)
        if made.row["sphere"] == "health":
            days, waiting = _WAITING[_some(rng, 5, quality + 4)]
            survey.seen["waiting"] = (days, 14)
            points["2.2"] = (points["2.2"] + waiting) / 2
    _ask(rng, survey, "2.3", quality - 4, asked)
    points["3.1"] = 20 * _find(rng, survey, "access_equipment", 5, quality - 34)
    points["3.2"] = 20 * min(Decimal(5), _find(rng, survey, "access_conditions", 6, quality - 26))
    _ask(rng, survey, "3.3", quality - 10, asked * rng.randint(3, 18) // 100 + 2)
    for indicator in ("4.1", "4.2", "4.3", "5.1", "5.2", "5.3"):
        people = asked * rng.randint(25, 60) // 100 + 1 if indicator == "4.3" else asked
        _ask(rng, survey, indicator, quality + 3, people)
    survey.points = {name: _published(value) for name, value in points.items()}
    return survey


_WAITING = ((15, 0), (14, 10), (13, 20), (12, 40), (10, 60), (6, 100))
"""Days that people waited, of 14 allowed, and the points for it. Source: order 344n, indicator 2.2 of health."""


def _find(rng: Random, survey: Survey, parameter: str, whole: int, quality: int, norm: int = 0) -> Decimal:
    """Notes how many things of `whole` are there."""
    found = _some(rng, whole, quality)
    survey.seen[parameter] = (found, norm)
    return Decimal(found)


def _some(rng: Random, whole: int, quality: int) -> int:
    """How many of `whole` things are there: more, and closer to all, where quality is high."""
    percent = _lifted(quality + rng.randint(-9, 9))
    return (whole * percent + 50) // 100


def _ask(rng: Random, survey: Survey, indicator: str, quality: int, people: int) -> None:
    """Notes how many of `people` are satisfied."""
    satisfied = (people * _lifted(quality + rng.randint(-6, 6)) + 50) // 100
    survey.points[indicator] = _share(satisfied, people)
    survey.answered[indicator], survey.satisfied[indicator] = people, satisfied


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
