"""A school that is rated day after day through the real door, by people and by whoever stuffs; the clock is the test's."""

import csv
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from nok.stuffing import StuffingRules
from tests.unit.widget_support import SCHOOL, SCHOOL_CODE, Clock, all_reviews, new_key, running
from widget.engines import store_place
from widget.export import export_reviews
from widget.proof import Challenge, solve

MIXED = (6, 6, 12, 26, 50)
"""Of a hundred people so many give 1, 2, 3, 4 and 5."""
CHEAP = StuffingRules(work_cost=1, work_least=1, work_most=3)
"""The published rules with less work in each form: a test has one processor."""
RATE = f"/rate/{SCHOOL}"


@dataclass(kw_only=True)
class School:
    """One organisation and what was sent about it. `stuffed` tells of each rating, in order, whether it was bought."""

    client: TestClient
    folder: Path
    dice: random.Random
    clock: Clock
    day: date = date(2026, 1, 1)
    stuffed: list[bool] = field(default_factory=list)

    def visit(self, rating: int, address: str, *, code: str = "", is_stuffed: bool = False) -> int:
        """Somebody opens the form, the phone works, he taps; the status of the answer."""
        headers = {"x-forwarded-for": address}
        page = self.client.get(f"/q/{code}" if code else RATE, headers=headers).text
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
        cost, nonce, salt, prefix = re.search(r'data-work="([^"]*)"', page)[1].split(" ")  # type: ignore[index]
        challenge = Challenge(token=fields["form_token"], nonce=nonce, salt=salt, cost=int(cost), prefix=prefix)
        fields |= {"work": str(solve(challenge, 1000)), "rating": str(rating), "leave_empty": ""}
        self.clock.now += 2
        return self._sent(self.client.post(RATE, data=fields, headers=headers).status_code, is_stuffed)

    def send(self, rating: int, address: str, *, is_stuffed: bool = False, **said: int) -> int:
        """A program sends a rating and proves nothing; the status of the answer."""
        body = {"rating": rating, "idempotency_key": new_key(), **said}
        answer = self.client.post(RATE, json=body, headers={"x-forwarded-for": address})
        return self._sent(answer.status_code, is_stuffed)

    def _sent(self, status: int, is_stuffed: bool) -> int:
        if status in (201, 303):
            self.stuffed.append(is_stuffed)
        return status

    def ordinary_day(
        self, a_month: int = 40, weights: Sequence[float] = MIXED, *, with_criteria: float | None = None
    ) -> None:
        """As many people as come on a day, each from a place of his own; such a share of them rates a criterion as well."""
        for _ in range(8):
            if self.dice.random() < a_month / 240:
                mark, address = self.mark(weights), self.somewhere()
                is_long = with_criteria is not None and self.dice.random() < with_criteria
                self.send(mark, address, **({"courtesy": mark} if is_long else {}))
        self.night()

    def ordinary_days(self, number: int, **said: Any) -> None:
        for _ in range(number):
            self.ordinary_day(**said)

    def night(self) -> None:
        """What the running widget does every few seconds, and then it is another day."""
        self.look_back()
        self.day += timedelta(days=1)
        self.clock.now += 86_400

    def look_back(self) -> None:
        assert self.client.portal is not None
        self.client.portal.call(self.client.app.intake.watch.sweep)  # type: ignore[attr-defined]

    def mark(self, weights: Sequence[float] = MIXED) -> int:
        return self.dice.choices(range(1, 6), weights)[0]

    def somewhere(self) -> str:
        return ".".join(str(self.dice.randrange(1, 255)) for _ in range(4))

    # ---- afterwards ------------------------------------------------------------------------------------------------

    def set_aside(self, *, stuffed: bool) -> float:
        """The share of bought (or of genuine) ratings that is set aside."""
        found = all_reviews(self.folder / "var" / "store.sqlite")
        assert len(found) == len(self.stuffed)
        kinds = [
            review.standing == "set_aside"
            for review, bought in zip(found, self.stuffed, strict=True)
            if bought == stuffed
        ]
        return sum(kinds) / len(kinds)

    def means(self) -> tuple[float, float, float]:
        """(of what genuine people gave, as published, as it would be without any rule)."""
        found = all_reviews(self.folder / "var" / "store.sqlite")
        genuine = [review.rating for review, bought in zip(found, self.stuffed, strict=True) if not bought]
        return _mean(genuine), _mean(published(self.folder)), _mean([review.rating for review in found])


def _mean(numbers: Sequence[int]) -> float:
    return sum(numbers) / len(numbers)


def published(folder: Path) -> list[int]:
    """The ratings that count in the exported package."""
    out = folder / "package"
    export_reviews(store_place(folder / "var" / "store.sqlite"), out)
    texts = [file.read_text("utf-8") for file in sorted(out.glob("reviews*.csv"))]
    rows = [row for text in texts for row in csv.DictReader(text.splitlines())]
    assert {row["reason_code"] for row in rows} <= {"", "set_aside"}
    return [int(row["rating"]) for row in rows if row["reason_code"] != "set_aside"]


@contextmanager
def school(folder: Path, seed: int = 1, rules: StuffingRules = CHEAP) -> Iterator[School]:
    """A school that nobody has rated yet; every request comes through a proxy of ours, which tells the address."""
    clock, opened = Clock(), list[School]()
    settings = {"clock": clock, "now": lambda: 1_800_000_000 + clock.now, "sweep_seconds": 3600.0, "rules": rules}
    with running(folder, today=lambda: opened[0].day, trusted_proxies=("testclient",), **settings) as client:
        opened.append(School(client=client, folder=folder, dice=random.Random(seed), clock=clock))
        yield opened[0]


__all__ = ["CHEAP", "MIXED", "SCHOOL_CODE", "School", "published", "school"]
