"""Rows of the synthetic country, as lines of CSV: one batch of organisations of one region at a time.

Lines are written as text, not through `csv`: half a million organisations are some thirty million rows. What may hold a
comma, a quotation mark or a line break is always quoted. All chance of a batch comes from one seed, so batches may be
made in any order and by any number of processes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from benchmarks.words import (
    BAD,
    BRANCHES,
    GOOD,
    KINDS,
    OWNERS,
    PERSONS,
    PLAIN,
    REPLIES,
    STREETS,
    TITLES,
    TOWN_ENDINGS,
    TOWN_STEMS,
)
from nok.identifiers import default_placement_code

YEARS = (2025, 2024, 2023)
LAST_DAY = date(2026, 6, 29)
"""Last day of the reviews of a whole country; a segment of changes brings those of the next one."""

_DAYS = tuple((date(2023, 1, 9) + timedelta(days=number)).isoformat() for number in range(1268))
_WITHOUT_WAITING = frozenset({"education", "culture"})
"""Spheres where the procedure knows no waiting time: 2.2 is exempt, 2.1 and 2.3 count equally."""

_INDICATORS = ("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3")
_WEIGHTS = (3, 3, 4, 3, 4, 3, 3, 4, 3, 4, 4, 2, 3, 2, 5)
"""Tenths, as in content/methods/344n-2018.yaml; a test compares them."""
_STEPS = (1, 30, 1, 20, 1, 1, 20, 20, 1, 1, 1, 1, 1, 1, 1)
"""What an indicator is counted in: lists of five things give twenties, the rest are whole per cent."""

_LOG_MEDIAN, _LOG_SPREAD, _MOST_REVIEWS = 1.79, 1.55, 4000
"""Reviews of an organisation: half of them have six or fewer, the mean is near twenty, a few have thousands."""

_CHANNELS = ("qr", "qr", "qr", "web", "web", "embed", "invitation", "paper", "operator")
_REASONS = ("insult", "personal_data", "advertising", "repeat", "off_topic", "set_aside")

REVIEW_COLUMNS = (
    "review_id,organization_id,received_on,visited_on,rating,openness,comfort,accessibility,courtesy,text,language,"
    "channel,placement_code,verified,state,reason_code\n"
)
HEADERS = {
    "organizations": (
        "organization_id,name,short_name,sphere,kind,region_code,municipality,oktmo,address,latitude,longitude,inn,kpp,"
        "ogrn,website,phone,email,bus_agency_id,opened_on,status\n"
    ),
    "assessments": "assessment_id,title,period,sphere,region_code,method_id,kind,stage,started_on,finished_on,status\n",
    "scores": "organization_id,assessment_id,measure,points,state,respondents\n",
    "reviews": REVIEW_COLUMNS,
    "replies": "review_id,text,replied_on\n",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A region of content/regions.csv; edges of its box in degrees, the eastern one beyond 180 where it crosses."""

    code: str
    name: str
    south: float
    north: float
    west: float
    east: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Which organisations to invent: `count` of `region`, numbered in the country from `first`."""

    region: Region
    first: int
    count: int
    seed: int
    measures: str
    segments: int
    reviews_share: float = 1.0
    """Which part of the reviews that an organisation would have is invented."""


@dataclass(slots=True)
class Lines:
    """What a batch gave: lines of each table; reviews by segment, the oldest first."""

    organizations: list[str] = field(default_factory=list)
    scores: list[str] = field(default_factory=list)
    reviews: list[list[str]] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    spheres: set[str] = field(default_factory=set)


def invent(batch: Batch) -> Lines:
    """Organisations of a batch with everything that belongs to them; the same batch gives the same lines."""
    dice = Random(f"{batch.seed} {batch.region.code} {batch.first}")
    lines = Lines(reviews=[[] for _ in range(batch.segments)])
    towns = _towns(batch)
    for number in range(batch.first, batch.first + batch.count):
        sphere, kind, full, short = _kind(dice)
        organization_id = f"{kind.replace('_', '-')}-{batch.region.code}-{number}"
        lines.spheres.add(sphere)
        lines.organizations.append(
            _organization(dice, batch.region, towns, number, organization_id, sphere, kind, full, short)
        )
        quality = min(97.0, max(38.0, dice.gauss(84, 9)))
        _add_scores(dice, lines, organization_id, f"{batch.region.code}-{sphere}", quality, batch.measures)
        _add_reviews(dice, lines, number, organization_id, quality, batch.reviews_share)
    return lines


def assessment_rows(region: Region, spheres: Sequence[str], titles: dict[str, str]) -> str:
    """One round for each sphere and year of a region."""
    return "".join(
        f'{region.code}-{sphere}-{year},"{titles[sphere]}: независимая оценка, {region.name}, {year} год",{year},{sphere},'
        f"{region.code},344n-2018,independent,done,{year}-03-01,{year}-11-28,published\n"
        for sphere in spheres
        for year in YEARS
    )


# ---- organisations -------------------------------------------------------------------------------------------------

_KIND_CHOICES = tuple((sphere, kind, full, short) for sphere, _, kinds in KINDS for kind, _, full, short in kinds)
_KIND_WEIGHTS = tuple(
    share * weight / sum(kind[1] for kind in kinds) for _, share, kinds in KINDS for _, weight, _, _ in kinds
)


def _kind(dice: Random) -> tuple[str, str, str, str]:
    return dice.choices(_KIND_CHOICES, _KIND_WEIGHTS)[0]


def _towns(batch: Batch) -> Sequence[tuple[str, float, float, int]]:
    """Towns of the region: name, latitude, longitude, number; the same for all batches of it, the first is the largest."""
    dice, region = Random(f"{batch.seed} towns {batch.region.code}"), batch.region
    names = dict.fromkeys(dice.choice(TOWN_STEMS) + dice.choice(TOWN_ENDINGS) for _ in range(40))
    return [
        (name, dice.uniform(region.south, region.north), dice.uniform(region.west, region.east), number)
        for number, name in enumerate(names, 1)
    ]


def _organization(
    dice: Random,
    region: Region,
    towns: Sequence[tuple[str, float, float, int]],
    number: int,
    organization_id: str,
    sphere: str,
    kind: str,
    full: str,
    short: str,
) -> str:
    town, latitude, longitude, place = towns[int(len(towns) * dice.random() ** 2)]
    names = {
        "n": 1 + int(dice.random() ** 2 * 240),
        "title": dice.choice(TITLES),
        "person": dice.choice(PERSONS),
        "branch": dice.choice(BRANCHES),
    }
    name = " ".join(filter(None, (dice.choice(OWNERS), full.format(**names))))
    if dice.random() < 0.45:
        name += f" городского округа {town}, {region.name}"
    address = f"г. {town}, ул. {dice.choice(STREETS)}, д. {1 + int(dice.random() * 160)}"
    latitude = min(region.north, max(region.south, latitude + dice.uniform(-0.08, 0.08)))
    longitude = min(region.east, max(region.west, longitude + dice.uniform(-0.12, 0.12)))
    longitude = longitude - 360 if longitude > 180 else longitude
    opened = f"{1935 + int(dice.random() * 85)}-09-01"
    mail = f"{organization_id}@ocenka.example"
    return (
        f'{organization_id},"{name}","{short.format(**names)}",{sphere},{kind},{region.code},"{town}",'
        f'{_oktmo(region, place)},"{address}",{latitude:.5f},{longitude:.5f},{_inn(region, number)},'
        f"{region.code[:2]}0101001,{_ogrn(region, number)},https://{organization_id}.ocenka.example/,"
        f'"+7 (8{number % 90 + 400:03}) {number % 1_000_000:06}",{mail},{number + 100_000},{opened},published\n'
    )


def _oktmo(region: Region, place: int) -> str:
    return f"{region.code[:2]}7{place:05}"


def _inn(region: Region, number: int) -> str:
    """Ten digits with the right last one."""
    digits = f"{region.code[:2]}{number:07}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=True))
    return f"{digits}{total % 11 % 10}"


def _ogrn(region: Region, number: int) -> str:
    """Thirteen digits with the right last one."""
    digits = f"1{number % 20 + 2:02}{region.code[:2]}{number:07}"
    return f"{digits}{int(digits) % 11 % 10}"


# ---- scores --------------------------------------------------------------------------------------------------------


def _add_scores(dice: Random, lines: Lines, organization_id: str, assessed: str, quality: float, measures: str) -> None:
    """Three years: the newest in full where `measures` is `all`; criteria and total, or the total alone, otherwise."""
    waits = assessed.split("-", 1)[1] not in _WITHOUT_WAITING
    for year in YEARS:
        prefix = f"{organization_id},{assessed}-{year},"
        if dice.random() < 0.02:
            lines.scores.append(f"{prefix}total,,not_assessed,\n")
            continue
        respondents = 40 + int(dice.expovariate(0.008))
        rows = _points(dice, quality - (2025 - year) * 1.5, waits)
        if measures == "total":
            rows = rows[:1]
        elif measures == "criteria" or year != YEARS[0]:
            rows = rows[:6]
        lines.scores += [
            f"{prefix}{measure},{points},scored,{respondents}\n" if points else f"{prefix}{measure},,exempt,\n"
            for measure, points in rows
        ]


def _points(dice: Random, quality: float, waits: bool) -> list[tuple[str, str]]:
    """Total, five criteria, fifteen indicators. Indicators are whole, so criteria have one exact decimal and the total two:
    nothing is rounded, and half up has nothing to decide."""
    random = dice.random
    indicators = [min(100, int((quality + (random() - 0.5) * 30) / step + 0.5) * step) for step in _STEPS]
    tenths = [value * weight for value, weight in zip(indicators, _WEIGHTS, strict=True)]
    criteria = [sum(tenths[first : first + 3]) for first in range(0, 15, 3)]
    if not waits:
        criteria[1] = 5 * (indicators[3] + indicators[5])
    total = sum(criteria) * 2
    rows = [("total", f"{total // 100}.{total % 100:02}")]
    rows += [(f"K{number}", f"{points // 10}.{points % 10}") for number, points in enumerate(criteria, 1)]
    rows += [
        (measure, str(value) if waits or measure != "2.2" else "")
        for measure, value in zip(_INDICATORS, indicators, strict=True)
    ]
    return rows


# ---- reviews -------------------------------------------------------------------------------------------------------


def _add_reviews(dice: Random, lines: Lines, number: int, organization_id: str, quality: float, share: float) -> None:
    count = min(_MOST_REVIEWS, int(dice.lognormvariate(_LOG_MEDIAN, _LOG_SPREAD) * share + 0.5))
    code, segments = default_placement_code(organization_id), len(lines.reviews)
    for one in range(count):
        day = int(len(_DAYS) * dice.random() ** 0.7)
        row, has_text = review_row(dice, f"r{number:x}-{one}", organization_id, code, day, quality)
        lines.reviews[day * segments // len(_DAYS)].append(row)
        if has_text and dice.random() < 0.3:
            replied = _DAYS[min(len(_DAYS) - 1, day + 1 + int(dice.random() * 20))]
            lines.replies.append(f'r{number:x}-{one},"{_sentence(dice, REPLIES)}",{replied}\n')


def review_row(
    dice: Random, review_id: str, organization_id: str, code: str, day: int, quality: float, received: str = ""
) -> tuple[str, bool]:
    """A row of `reviews`, and whether its text may be answered; `day` counts from the first, `received` stands instead."""
    random = dice.random
    rating = min(5, max(1, int(quality / 20 + 1.9 - dice.expovariate(1.1))))
    marks = ",".join(_near(rating, random()) if random() < 0.6 else "" for _ in range(4))
    text = _text(dice, rating) if random() < 0.5 else ""
    channel = _CHANNELS[int(random() * 9)]
    visited = _DAYS[max(0, day - int(random() * 12))] if random() < 0.4 else ""
    is_restricted = bool(text) and random() < 0.02
    state = f"restricted,{_REASONS[int(random() * 6)]}" if is_restricted else "published,"
    row = (
        f"{review_id},{organization_id},{received or _DAYS[day]},{visited},{rating},{marks},{text},{'ru' if text else ''},"
        f"{channel},{code if channel == 'qr' else ''},{'true' if channel == 'invitation' else ''},{state}\n"
    )
    return row, bool(text) and not is_restricted


def _near(rating: int, chance: float) -> str:
    return str(min(5, max(1, rating + (chance > 0.8) - (chance < 0.2))))


def _text(dice: Random, rating: int) -> str:
    """A quoted cell: one to five sentences, a few with an inner quotation or a second paragraph."""
    mood = GOOD if rating > 3 else BAD
    count = 1 + int(dice.random() ** 2 * 5)
    sentences = [_sentence(dice, mood if number % 2 == 0 else PLAIN) for number in range(count)]
    chance = dice.random()
    text = ("\n" if chance < 0.03 else " ").join(sentences)
    return f'"{text} Так и сказали: ""приходите завтра""."' if chance > 0.98 else f'"{text}"'


def _sentence(dice: Random, pattern: Sequence[Sequence[str]]) -> str:
    random = dice.random
    return "".join([words[int(random() * len(words))] for words in pattern])
