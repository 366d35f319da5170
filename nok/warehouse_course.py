"""What became of each round and each year, counted: points, proposals, measures of plans, ratings and replies.

Each organisation has a small tally; the tallies of a region's sphere are added up as a whole and by municipality, so that
a report of a country reads some thousand rows. Days are kept as counts by day, so that medians are exact and what is
overdue follows from the day of the build.
"""

import sqlite3
from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from typing import Any

from nok.json_text import read_json, write_json
from nok.records import SET_ASIDE, PlanStatus, ReviewState, record
from nok.warehouse_pack import Facts, digest, scaled_points

TABLES = """
CREATE TABLE courses (key INTEGER PRIMARY KEY, tally TEXT);
CREATE TABLE course_rounds (region_code TEXT, sphere TEXT, scope TEXT, name TEXT, assessment_id TEXT,
    organizations INTEGER, assessed INTEGER, total TEXT, bands TEXT, recommendations INTEGER, done INTEGER,
    standing INTEGER, open_due TEXT, stamp TEXT,
    PRIMARY KEY (region_code, sphere, scope, name, assessment_id)) WITHOUT ROWID;
CREATE TABLE course_years (region_code TEXT, sphere TEXT, scope TEXT, name TEXT, year INTEGER, ratings INTEGER,
    replies INTEGER, days TEXT, stamp TEXT, PRIMARY KEY (region_code, sphere, scope, name, year)) WITHOUT ROWID;
CREATE TABLE course_done (region_code TEXT, sphere TEXT, days TEXT, PRIMARY KEY (region_code, sphere)) WITHOUT ROWID;
"""

_SPHERE = ("sphere", "")
"""The scope of a whole sphere; the other is `municipality` with its name."""


@record
class RoundCourse:
    """One round among the organisations of a sphere of a region, or of one municipality there.

    `organizations` have a row of scores, `assessed` of them points; `total` is the sum of their totals in 10⁻¹⁰ of a point
    and `bands` how many fall in each band of the method, lowest limit first (empty where it has none). `recommendations`
    are proposals, `done` and `standing` measures of plans (without cancelled ones), `open_due` the open ones by the day by
    which they are due. `stamp` is a digest of this row and of those of all its municipalities.
    """

    region_code: str
    sphere: str
    scope: str
    name: str
    assessment_id: str
    organizations: int
    assessed: int
    total: int
    bands: tuple[int, ...]
    recommendations: int
    done: int
    standing: int
    open_due: Mapping[str, int]
    stamp: str = ""

    def overdue(self, today: date) -> int:
        """How many open measures should have been done before `today`."""
        day = today.isoformat()
        return sum(number for due, number in self.open_due.items() if due < day)


@record
class YearCourse:
    """The citizens' ratings that one year brought, and how long replies to their reviews took.

    `ratings` are those that count in means; `days` are the replies by whole days from the review to its reply.
    """

    region_code: str
    sphere: str
    scope: str
    name: str
    year: int
    ratings: int
    replies: int
    days: Mapping[int, int]
    stamp: str = ""


# ---- one organisation ----------------------------------------------------------------------------------------------


def tally_of(facts: Facts, published: Collection[str]) -> str:
    """What one organisation adds, as JSON; only what belongs to the `published` assessments counts.

    rounds: assessment to [has scores, total as a whole number or null, proposals, done, standing, {due day: open}];
    years: year to [ratings, replies, {days: replies}]; done: {day: measures}.
    """
    rounds: dict[str, list[Any]] = {}
    done: Counter[str] = Counter()
    for row in facts.scores:
        if row[1] in published:
            found = _round_in(rounds, row[1])
            found[0] = 1
            if row[2] == "total" and row[3]:
                found[1] = scaled_points(row[3])
    for row in facts.other:
        if row[1] == "recommendations" and row[3] in published:
            _round_in(rounds, row[3])[2] += 1
    for row in facts.plan:
        if row[2] in published:
            _add_measure(_round_in(rounds, row[2]), row[7], row[8])
            if row[8] == PlanStatus.DONE and row[9]:
                done[row[9]] += 1
    return write_json({"rounds": rounds, "years": _years_of(facts), "done": done})


def _round_in(rounds: dict[str, list[Any]], assessment: str) -> list[Any]:
    return rounds.setdefault(assessment, [0, None, 0, 0, 0, {}])


def _add_measure(found: list[Any], due_on: str, status: str) -> None:
    if status == PlanStatus.CANCELLED:
        return
    found[4] += 1
    if status == PlanStatus.DONE:
        found[3] += 1
    else:
        found[5][due_on] = found[5].get(due_on, 0) + 1


def _years_of(facts: Facts) -> dict[str, list[Any]]:
    replied = {row[1]: row[3] for row in facts.replies}
    years: dict[str, list[Any]] = {}
    for row in facts.reviews:
        year = years.get(row[2][:4])
        if year is None:
            year = years[row[2][:4]] = [0, 0, {}]
        if row[10] != SET_ASIDE:
            year[0] += 1
        if row[1] in replied and row[9] != ReviewState.RESTRICTED:
            days = str(max(0, _ordinal(replied[row[1]]) - _ordinal(row[2])))
            year[1] += 1
            year[2][days] = year[2].get(days, 0) + 1
    return years


@lru_cache(maxsize=16_384)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


# ---- a sphere of a region ------------------------------------------------------------------------------------------


def _add_counts(counts: dict[str, int], more: Mapping[str, int], sign: int = 1) -> None:
    for name, number in more.items():
        counts[name] = counts.get(name, 0) + sign * number


@dataclass(slots=True)
class _Round:
    organizations: int = 0
    assessed: int = 0
    total: int = 0
    bands: list[int] = field(default_factory=list)
    recommendations: int = 0
    done: int = 0
    standing: int = 0
    open_due: dict[str, int] = field(default_factory=dict)

    def add(self, found: Sequence[Any], limits: Sequence[int], sign: int = 1) -> None:
        """Adds what one organisation has in the round; takes it away with the sign -1."""
        has_scores, scaled, recommendations, done, standing, open_due = found
        self.organizations += sign * has_scores
        self.recommendations += sign * recommendations
        self.done += sign * done
        self.standing += sign * standing
        if open_due:
            _add_counts(self.open_due, open_due, sign)
        if scaled is None:
            return
        self.assessed += sign
        self.total += sign * scaled
        if limits:
            self.bands = self.bands or [0] * len(limits)
            self.bands[bisect_left(limits, scaled)] += sign

    def merge(self, other: "_Round") -> None:
        """Adds another part of the same round."""
        for name in ("organizations", "assessed", "total", "recommendations", "done", "standing"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        if other.bands:
            own = self.bands or [0] * len(other.bands)
            self.bands = [one + more for one, more in zip(own, other.bands, strict=True)]
        _add_counts(self.open_due, other.open_due)

    @classmethod
    def of(cls, row: Sequence[Any]) -> "_Round":
        """What `row` tells."""
        organizations, assessed, total, bands, recommendations, done, standing, open_due = row
        plan = (recommendations, done, standing, read_json(open_due))
        return cls(organizations, assessed, int(total), read_json(bands), *plan)

    def tidy(self) -> bool:
        """Forgets what nobody is left of, as if it had never been added; false where nothing is left at all."""
        self.bands = self.bands if self.assessed else []
        self.open_due = {day: number for day, number in self.open_due.items() if number}
        return any((self.organizations, self.recommendations, self.done, self.standing))

    def row(self) -> tuple[Any, ...]:
        """As table `course_rounds` has it; the sum as text, because SQLite's whole numbers end at 2⁶³."""
        counts = (self.organizations, self.assessed, str(self.total), write_json(self.bands))
        plan = (self.recommendations, self.done, self.standing, write_json(dict(sorted(self.open_due.items()))))
        return (*counts, *plan)


@dataclass(slots=True)
class _Year:
    ratings: int = 0
    replies: int = 0
    days: dict[str, int] = field(default_factory=dict)

    def add(self, ratings: int, replies: int, days: Mapping[str, int], sign: int = 1) -> None:
        """Adds what one organisation has in the year; takes it away with the sign -1."""
        self.ratings += sign * ratings
        self.replies += sign * replies
        if days:
            _add_counts(self.days, days, sign)

    @classmethod
    def of(cls, row: Sequence[Any]) -> "_Year":
        """What `row` tells."""
        ratings, replies, days = row
        return cls(ratings, replies, read_json(days))

    def tidy(self) -> bool:
        """Forgets what nobody is left of, as if it had never been added; false where nothing is left at all."""
        self.days = {day: number for day, number in self.days.items() if number}
        return bool(self.ratings or self.replies)

    def row(self) -> tuple[Any, ...]:
        return self.ratings, self.replies, write_json(dict(sorted(self.days.items(), key=lambda one: int(one[0]))))


Parts = dict[tuple[str, str, str], tuple[Any, ...]]
"""Scope, name in it, and round or year, to the numbers of the row."""


@dataclass(slots=True)
class _Sphere:
    """The tallies of one sphere of a region, added up by municipality first, since that is where organisations are many."""

    limits: Mapping[str, Sequence[int]]
    rounds: dict[str, dict[str, _Round]] = field(default_factory=dict)
    years: dict[str, dict[str, _Year]] = field(default_factory=dict)
    done: dict[str, int] = field(default_factory=dict)

    def add(self, municipality: str, tally: Mapping[str, Any]) -> None:
        rounds, years = self.rounds.setdefault(municipality, {}), self.years.setdefault(municipality, {})
        for assessment, found in tally["rounds"].items():
            own = rounds.get(assessment)
            if own is None:
                own = rounds[assessment] = _Round()
            own.add(found, self.limits.get(assessment, ()))
        for year, (ratings, replies, days) in tally["years"].items():
            one = years.get(year)
            if one is None:
                one = years[year] = _Year()
            one.add(ratings, replies, days)
        _add_counts(self.done, tally["done"])

    def rows(self) -> tuple[Parts, Parts]:
        """Rounds and years: of the whole sphere, and of each municipality that has a name."""
        rounds, years = dict[str, _Round](), dict[str, _Year]()
        parts: tuple[Parts, Parts] = ({}, {})
        for municipality, found in self.rounds.items():
            for assessment, one in found.items():
                rounds.setdefault(assessment, _Round()).merge(one)
                if municipality:
                    parts[0]["municipality", municipality, assessment] = one.row()
        for municipality, told in self.years.items():
            for year, counts in told.items():
                years.setdefault(year, _Year()).add(counts.ratings, counts.replies, counts.days)
                if municipality:
                    parts[1]["municipality", municipality, year] = counts.row()
        parts[0].update({(*_SPHERE, name): one.row() for name, one in rounds.items()})
        parts[1].update({(*_SPHERE, name): counts.row() for name, counts in years.items()})
        return parts


@record
class DerivedCourse:
    """What was added up of one sphere of a region: rows of the three tables."""

    region_code: str
    sphere: str
    rounds: list[tuple[Any, ...]]
    years: list[tuple[Any, ...]]
    done: str


def derive_course(
    base: sqlite3.Connection, region_code: str, sphere: str, limits: Mapping[str, Sequence[int]]
) -> DerivedCourse:
    """Adds up a sphere of a region; nothing is written. `limits` are assessment to the upper limits of its bands."""
    rows = base.execute(
        "SELECT municipality, tally FROM organizations JOIN courses USING (key)"
        " WHERE region_code = ? AND sphere = ? AND NOT hidden",
        (region_code, sphere),
    )
    found = _Sphere(limits)
    for municipality, tally in rows:
        found.add(municipality, read_json(tally))
    rounds, years = found.rows()
    return DerivedCourse(
        region_code=region_code,
        sphere=sphere,
        rounds=_stamped(rounds),
        years=_stamped(years),
        done=write_json(dict(sorted(found.done.items()))),
    )


Tally = tuple[str, str]
"""The municipality of an organisation, and its tally as JSON."""


def change_course(
    base: sqlite3.Connection,
    region_code: str,
    sphere: str,
    limits: Mapping[str, Sequence[int]],
    gone: Sequence[Tally],
    come: Sequence[Tally],
) -> DerivedCourse | None:
    """What is stored of a sphere of a region, without the tallies that have `gone` and with those that have `come`: what
    `derive_course` would find, without reading all others. Nothing is written.

    `None` where that cannot be told: nothing is stored, or so much went that a row might have nobody left.
    """
    place = (region_code, sphere)
    done = base.execute("SELECT days FROM course_done WHERE region_code = ? AND sphere = ?", place).fetchone()
    if done is None:
        return None
    rounds, years = _stored(base, "course_rounds", place), _stored(base, "course_years", place)
    found = _Stored(
        limits=limits,
        rounds={key: _Round.of(row) for key, row in rounds},
        years={key: _Year.of(row) for key, row in years},
        done=read_json(done[0]),
    )
    for sign, tallies in ((-1, gone), (1, come)):
        for municipality, tally in tallies:
            found.add(municipality, read_json(tally), sign)
    if not found.is_sure():
        return None
    return DerivedCourse(
        region_code=region_code,
        sphere=sphere,
        rounds=_stamped({key: one.row() for key, one in found.rounds.items()}),
        years=_stamped({key: counts.row() for key, counts in found.years.items()}),
        done=write_json({day: number for day, number in sorted(found.done.items()) if number}),
    )


def _stored(
    base: sqlite3.Connection, table: str, place: tuple[str, str]
) -> Iterator[tuple[tuple[str, str, str], Sequence[Any]]]:
    """The rows of a table as they were added up: (scope, name, round or year), and their numbers."""
    for row in base.execute(f"SELECT * FROM {table} WHERE region_code = ? AND sphere = ?", place):
        _, _, scope, name, last, *numbers, _ = row
        yield (scope, name, str(last)), numbers


@dataclass(slots=True, kw_only=True)
class _Stored:
    """A sphere of a region as it is stored, to which single tallies are added, and from which they are taken."""

    limits: Mapping[str, Sequence[int]]
    rounds: dict[tuple[str, str, str], _Round]
    years: dict[tuple[str, str, str], _Year]
    done: dict[str, int]
    touched: list[_Round | _Year] = field(default_factory=list)

    def add(self, municipality: str, tally: Mapping[str, Any], sign: int) -> None:
        for part in (_SPHERE, ("municipality", municipality)) if municipality else (_SPHERE,):
            for assessment, found in tally["rounds"].items():
                one = self.rounds.setdefault((*part, assessment), _Round())
                one.add(found, self.limits.get(assessment, ()), sign)
                self.touched.append(one)
            for year, (ratings, replies, days) in tally["years"].items():
                counts = self.years.setdefault((*part, year), _Year())
                counts.add(ratings, replies, days, sign)
                self.touched.append(counts)
        _add_counts(self.done, tally["done"], sign)

    def is_sure(self) -> bool:
        """Whether each row that was touched still counts somebody; of one that does not, nobody knows whether it stays."""
        return all(one.tidy() for one in self.touched)


def _stamped(rows: Parts) -> list[tuple[Any, ...]]:
    """(scope, name, round or year, numbers…, stamp); the row of the whole sphere is stamped with all its parts."""
    parts: dict[str, list[str]] = {}
    ordered = sorted(rows.items())
    for key, numbers in ordered:
        parts.setdefault(key[-1], []).append(repr((key, numbers)))
    stamps = {name: digest(*texts) for name, texts in parts.items()}
    return [(*key, *numbers, stamps[key[-1]] if key[:2] == _SPHERE else "") for key, numbers in ordered]


def store_course(base: sqlite3.Connection, derived: DerivedCourse) -> None:
    """Writes what was added up in the place of what stood there."""
    place = (derived.region_code, derived.sphere)
    for table, rows in (("course_rounds", derived.rounds), ("course_years", derived.years)):
        base.execute(f"DELETE FROM {table} WHERE region_code = ? AND sphere = ?", place)
        if rows:
            gaps = ", ".join("?" * (len(place) + len(rows[0])))
            base.executemany(f"INSERT INTO {table} VALUES ({gaps})", ((*place, *row) for row in rows))
    base.execute("DELETE FROM course_done WHERE region_code = ? AND sphere = ?", place)
    base.execute("INSERT INTO course_done VALUES (?, ?, ?)", (*place, derived.done))


# ---- reading -------------------------------------------------------------------------------------------------------


def read_rounds(base: sqlite3.Connection, scope: str, region_code: str) -> Iterator[RoundCourse]:
    """The rounds of a scope; of one region where it is named."""
    where, values = _where(scope, region_code=region_code)
    rows = base.execute(
        f"SELECT * FROM course_rounds WHERE {where} ORDER BY region_code, sphere, name, assessment_id", values
    )
    for row in rows:
        cells = dict(zip(_ROUND_COLUMNS, row, strict=True))
        read = {"total": int(cells["total"]), "bands": tuple(read_json(cells["bands"]))}
        yield RoundCourse(**(cells | read | {"open_due": read_json(cells["open_due"])}))


def read_years(base: sqlite3.Connection, scope: str, region_code: str) -> Iterator[YearCourse]:
    """The years of a scope; of one region where it is named."""
    where, values = _where(scope, region_code=region_code)
    rows = base.execute(f"SELECT * FROM course_years WHERE {where} ORDER BY region_code, sphere, name, year", values)
    for row in rows:
        cells = dict(zip(_YEAR_COLUMNS, row, strict=True))
        yield YearCourse(**(cells | {"days": {int(day): number for day, number in read_json(cells["days"]).items()}}))


_ROUND_COLUMNS = tuple(item.name for item in fields(RoundCourse))
_YEAR_COLUMNS = tuple(item.name for item in fields(YearCourse))


def read_done(base: sqlite3.Connection, region_code: str) -> Counter[str]:
    """Day to how many measures were done; of one region, or of all where it is empty."""
    where, values = _where("", region_code=region_code)
    found: Counter[str] = Counter()
    for (days,) in base.execute(f"SELECT days FROM course_done WHERE {where}", values):
        found.update(read_json(days))
    return found


def _where(scope: str, **names: str) -> tuple[str, list[str]]:
    asked = {name: value for name, value in {"scope": scope, **names}.items() if value}
    return " AND ".join(f"{name} = ?" for name in asked) or "1", list(asked.values())
