"""Citizens of the demonstration region: their ratings, their texts and what organisations answer. Seeded, no clock.

Floor 3, below `nok.demonstration.package`. Only integers of `random.Random` decide, never the mathematics library of the
machine, so that the same seed gives the same bytes everywhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from random import Random

from nok.demonstration.words import (
    ANSWERS,
    ENDINGS,
    FOREIGN,
    GAPS,
    ODD_TEXTS,
    REPLIES,
    SENTENCES,
    SHORT,
    STORIES,
    TURNS,
)
from nok.identifiers import default_placement_code
from nok.records import SET_ASIDE

EDITION_DAY = date(2026, 2, 7)
"""The day of the demonstration edition; everything in the package lies before it."""

FIRST_DAY = date(2024, 1, 9)
"""The first day on which the demonstration region collected ratings."""

HIDDEN_TEXT = "СКРЫТЫЙ ТЕКСТ"
"""Stands in every restricted text, so that a test can prove that such texts never leave the package."""

UNPUBLISHED = "НЕ ДОЛЖНО ПОЯВИТЬСЯ"
"""Stands in everything said of an organisation that is a draft or withheld."""

Row = dict[str, str]

_CHANNELS = ("qr",) * 11 + ("web",) * 5 + ("embed", "embed", "invitation", "operator", "paper")
_NOK_CRITERIA = ("openness", "comfort", "accessibility", "courtesy")
_PILOT_CRITERIA = ("comfort", "accessibility", "courtesy", "speed", "cleanliness", "professionalism")
_CRITERION_OF_TOPIC = {
    "staff": "courtesy",
    "work": "professionalism",
    "place": "comfort",
    "clean": "cleanliness",
    "time": "speed",
    "info": "openness",
    "access": "accessibility",
}
_HIDDEN_BECAUSE = {
    "personal_data": "названы фамилия и адрес человека, который об этом не просил.",
    "insult": "оскорбления вместо того, чтобы рассказать, что случилось.",
    "advertising": "реклама ремонта квартир и займов.",
    "repeat": "тот же отзыв отправлен в третий раз.",
    "off_topic": "о погоде, дорогах и футболе, но не об организации.",
}
_LIKES = ((60, 24, 8, 3, 5), (44, 28, 14, 6, 8), (30, 24, 20, 10, 16), (14, 16, 22, 18, 30))
"""Shares of ratings 5, 4, 3, 2, 1 in percent: for excellent, good, middling and poor organisations."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """An organisation as its visitors know it.

    `quality` is 0–100; `reviews` says how many ratings it got; `weak` is the topic it is most often blamed for.
    """

    organization_id: str
    kind: str
    quality: int
    reviews: int
    weak: str
    first_day: date = FIRST_DAY
    last_day: date = EDITION_DAY - timedelta(days=1)
    is_published: bool = True
    placement_codes: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class _Shelf:
    """What may be used only once in the whole package."""

    stories: list[tuple[str, int, str, str]] = field(default_factory=lambda: list(STORIES))
    odd: list[tuple[int, str]] = field(default_factory=lambda: list(ODD_TEXTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """A text with what a reply needs to know of it; `topic` is of the complaint, "" where there is none.

    `answer` is what an organisation would say to this very complaint, "" where the words file has nothing so exact.
    """

    text: str
    topic: str = ""
    answer: str = ""
    language: str = "ru"


def build_reviews(seed: int, organizations: Sequence[Visited]) -> tuple[list[Row], list[Row]]:
    """Rows of `reviews` and of `replies`, organisation after organisation, each in the order of days."""
    shelf = _Shelf()
    reviews: list[Row] = []
    replies: list[Row] = []
    for organization in organizations:
        rng = Random(f"{seed}:reviews:{organization.organization_id}")
        for number, (row, said) in enumerate(_reviews_of(rng, organization, shelf), 1):
            row["review_id"] = f"{organization.organization_id[:54]}-{number:04d}"
            reviews.append(row)
            reply = _reply(rng, row, said, organization)
            if reply is not None:
                replies.append(reply)
    return reviews, replies


def _reviews_of(rng: Random, organization: Visited, shelf: _Shelf) -> Iterator[tuple[Row, _Said | None]]:
    for day in sorted(_day(rng, organization) for _ in range(organization.reviews)):
        rating = _rating(rng, organization.quality)
        said = _said(rng, organization, rating, shelf) if rng.randrange(100) < 35 else None
        yield _row(rng, organization, day, rating, said), said


def _day(rng: Random, organization: Visited) -> date:
    """Later days are likelier: codes were put up one after another."""
    span = (organization.last_day - organization.first_day).days
    return organization.first_day + timedelta(days=max(rng.randint(0, span), rng.randint(0, span)))


def _rating(rng: Random, quality: int) -> int:
    level = 0 if quality >= 85 else 1 if quality >= 70 else 2 if quality >= 50 else 3
    return _weighted(rng, (5, 4, 3, 2, 1), _LIKES[level])


def _weighted(rng: Random, values: Sequence[int], weights: Sequence[int]) -> int:
    point = rng.randrange(sum(weights))
    for value, weight in zip(values, weights, strict=True):
        point -= weight
        if point < 0:
            return value
    raise AssertionError("the weights do not cover the point")


def _row(rng: Random, organization: Visited, day: date, rating: int, said: _Said | None) -> Row:
    row = {
        "organization_id": organization.organization_id,
        "received_on": day.isoformat(),
        "rating": str(rating),
        "channel": rng.choice(_CHANNELS),
        "state": "published",
    }
    if said is not None:
        row |= {"text": said.text, "language": said.language}
    if rng.randrange(100) < 12:
        row["visited_on"] = (day - timedelta(days=rng.randrange(20))).isoformat()
    if rng.randrange(100) < 26:
        row |= _criteria(rng, rating, said.topic if said else "")
    if row["channel"] == "qr" and rng.randrange(100) < 85:
        codes = organization.placement_codes
        row["placement_code"] = rng.choice((default_placement_code(organization.organization_id), *codes))
    if row["channel"] == "invitation":
        row["verified"] = "true"
    if not organization.is_published:
        row["text"] = f"{UNPUBLISHED}: отзыв об организации, которой на сайте нет."
    elif rng.randrange(1000) < 24:
        row |= _restriction(rng)
    return row


def _criteria(rng: Random, rating: int, topic: str) -> Row:
    """What the citizen rated besides the whole; the one complained of is the lowest."""
    names = rng.choice((_NOK_CRITERIA, _PILOT_CRITERIA))
    chosen = rng.sample(names, rng.randint(1, len(names)))
    blamed = _CRITERION_OF_TOPIC.get(topic, "")
    marks = {name: min(5, max(1, rating + rng.choice((-1, 0, 0, 0, 1, 1)))) for name in chosen}
    if blamed in names:
        marks[blamed] = max(1, min(rating, 3) - rng.randrange(2))
    return {name: str(mark) for name, mark in sorted(marks.items())}


def _restriction(rng: Random) -> Row:
    reason = rng.choice((*_HIDDEN_BECAUSE, SET_ASIDE))
    because = _HIDDEN_BECAUSE.get(reason, "оценка из пачки одинаковых, отправленных за минуту.")
    return {"state": "restricted", "reason_code": reason, "text": f"{HIDDEN_TEXT}: {because}", "language": "ru"}


def _said(rng: Random, organization: Visited, rating: int, shelf: _Shelf) -> _Said:
    kind = organization.kind
    if organization.reviews >= 15:
        for story in shelf.stories:
            if story[:2] == (kind, rating):
                shelf.stories.remove(story)
                return _Said(text=_fill(rng, story[3]), topic=story[2] if rating < 4 else "")
    if kind == "school" and organization.reviews >= 40:
        for odd in shelf.odd:
            if odd[0] == rating:
                shelf.odd.remove(odd)
                return _Said(text=odd[1])
    if rating >= 4 and rng.randrange(100) < 9:
        language, text = rng.choice([(code, text) for code, of, text in FOREIGN if of in ("", kind)])
        return _Said(text=text, language=language)
    if rng.randrange(100) < 24:
        return _Said(text=rng.choice(SHORT[rating].split("|")))
    return _composed(rng, organization, rating)


@cache
def _sentences(kind: str, sign: str) -> Mapping[str, tuple[str, ...]]:
    """Topic to sentences of one sign, in the order of the words file."""
    found: dict[str, tuple[str, ...]] = {}
    for line in SENTENCES[kind].strip().splitlines():
        topic, its_sign, text = line.split(" ", 2)
        if its_sign == sign:
            found[topic] = (*found.get(topic, ()), text)
    return found


def _composed(rng: Random, organization: Visited, rating: int) -> _Said:
    """A review of sentences on different topics: as many of praise and complaint as the rating suggests."""
    praise, blame = _sentences(organization.kind, "+"), _sentences(organization.kind, "-")
    praises = {5: (1, 1, 2, 2, 3, 6), 4: (1, 1, 2, 3), 3: (0, 1, 1, 2), 2: (0, 0, 0, 1), 1: (0,)}[rating]
    blames = {5: (0,), 4: (0, 1, 1, 1), 3: (1, 1, 2), 2: (1, 1, 2, 3), 1: (1, 2, 2, 3, 5)}[rating]
    blamed = _topics(rng, blame, rng.choice(blames), first=organization.weak)
    praised = _topics(
        rng, {topic: texts for topic, texts in praise.items() if topic not in blamed}, rng.choice(praises)
    )
    good = [rng.choice(praise[topic]) for topic in praised]
    bad = [rng.choice(blame[topic]) for topic in blamed]
    answer = next((reply for start, reply in ANSWERS.items() if bad and bad[0].startswith(start)), "")
    if good and bad:
        bad[0] = rng.choice(TURNS) + _small(bad[0])
    parts = _opening(rng, organization.kind) + good + bad
    if rng.randrange(100) < 28:
        parts.append(rng.choice(ENDINGS[rating].split("|")))
    text = _as_typed(rng, _fill(rng, " ".join(parts)))
    return _Said(text=text, topic=blamed[0] if blamed else "", answer=answer)


def _topics(rng: Random, texts: Mapping[str, tuple[str, ...]], count: int, first: str = "") -> list[str]:
    names = list(texts)
    rng.shuffle(names)
    if first in names and rng.randrange(100) < 55:
        names.remove(first)
        names.insert(0, first)
    return names[:count]


def _opening(rng: Random, kind: str) -> list[str]:
    return [rng.choice(_sentences(kind, "=")["open"])] if rng.randrange(100) < 30 else []


def _small(sentence: str) -> str:
    """The sentence as it goes on after a turn; an abbreviation keeps its capitals."""
    return sentence if sentence[1:2].isupper() else sentence[0].lower() + sentence[1:]


def _fill(rng: Random, text: str) -> str:
    for name, values in GAPS.items():
        while f"{{{name}}}" in text:
            text = text.replace(f"{{{name}}}", rng.choice(values), 1)
    return text


def _as_typed(rng: Random, text: str) -> str:
    """Telephones and hurry: some drop the last full stop, the letter ё, the capital, or shout."""
    habit = rng.randrange(100)
    if habit < 14:
        text = text.rstrip(".")
    elif habit < 20:
        text = text.rstrip(".") + "!!"
    elif habit < 25:
        text = _small(text).rstrip(".")
    if rng.randrange(100) < 35:
        text = text.replace("ё", "е").replace("Ё", "Е")
    if rng.randrange(100) < 25:
        text = text.replace("«", '"').replace("»", '"').replace(" — ", " - ")
    return text


def _reply(rng: Random, row: Row, said: _Said | None, organization: Visited) -> Row | None:
    """An answer to about a fifth of the texts, sooner to complaints; `None` where nobody answered."""
    if said is None or row["state"] != "published":
        return None
    if rng.randrange(100) >= (34 if int(row["rating"]) < 4 else 15):
        return None
    day = date.fromisoformat(row["received_on"]) + timedelta(days=rng.randint(1, 21))
    if day >= EDITION_DAY:
        return None
    topic = "+" if int(row["rating"]) >= 4 and not said.topic else said.topic
    text = (said.answer or rng.choice(REPLIES[topic])) if organization.is_published else f"{UNPUBLISHED}: ответ."
    return {"review_id": row["review_id"], "text": text, "replied_on": day.isoformat()}
