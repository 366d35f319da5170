"""What depends on many organisations: medians and places among peers, the numbers of each region and sphere.

Computed group by group, so that a change costs what its groups cost, not what the country costs. The formulas are those
of `nok.ranking`, `nok.sampling` and `nok.statistics`.
"""

import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import add, itemgetter
from typing import Any, NamedTuple

from nok.json_text import read_json, write_json
from nok.ranking import dense_standings, place_ranges
from nok.sampling import Survey, total_error
from nok.statistics import median
from nok.warehouse_pack import SCALE, Fact, digest, scaled_points

LEAST_PEERS = 3
"""A median of fewer organisations would tell about single ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearings:
    """What deriving must know of the methods: assessment to method, and which totals are better when smaller."""

    method_of: Mapping[str, str]
    penalties: frozenset[str]
    """Methods whose total is better when it is smaller."""
    position: Mapping[str, int]
    """Published assessment to its place when they stand newest first."""
    indicators: Mapping[str, Mapping[str, bool]]
    """Method to its indicators, and whether higher points are better."""
    surveys: Mapping[str, Survey]
    """Method to what the error of its total is made of; not there where nobody can tell."""


@dataclass(slots=True)
class _Peers:
    """The points of one kind in one region and one assessment: by measure (points, organisation).

    `errors` are half the intervals of totals, by organisation; `None` where nobody knows how many answered.
    """

    points: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    errors: dict[int, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What was derived of one kind in one region: rows of `peers`, `indicators` and `ratings`, and (places as JSON,
    organisation)."""

    region_code: str
    kind: str
    peers: list[tuple[str, str, str, str, str]]
    standings: list[tuple[str, int]]
    indicators: list[tuple[str, str, str, str, str, int, int, str, str]]
    ratings: list[tuple[str, str, str, int, int, str]]


def derive_peers(base: sqlite3.Connection, region_code: str, kind: str, bearings: Bearings) -> Derived:
    """Medians and places of the organisations of one kind in one region, in every assessment; nothing is written."""
    found: dict[str, _Peers] = {}
    standings: dict[int, dict[str, list[int]]] = {}
    rows = base.execute(
        "SELECT key, sphere, scores FROM organizations JOIN facts USING (key)"
        " WHERE region_code = ? AND kind = ? AND NOT hidden",
        (region_code, kind),
    )
    lists, ratings = _IndicatorLists(bearings), _RatingLists(bearings)
    for key, sphere, text in rows:
        standings[key] = {}
        found_scores = read_json(text)
        lists.add(key, sphere, found_scores)
        for assessment, scores in groupby(found_scores, key=itemgetter(1)):
            if assessment in bearings.method_of:
                told = list(scores)
                ratings.add(key, assessment, told)
                _add(key, told, bearings.surveys.get(bearings.method_of[assessment]), found, assessment)
    medians = []
    for assessment, members in sorted(found.items()):
        text = write_json(dict(sorted(_medians(members).items())))
        medians.append((region_code, kind, assessment, text, digest(text)))
        _stand(members, assessment, bearings, standings)
    places = [(write_json(stood), key) for key, stood in standings.items()]
    indicators = [(region_code, kind, *row) for row in lists.rows()]
    return Derived(
        region_code=region_code,
        kind=kind,
        peers=medians,
        standings=places,
        indicators=indicators,
        ratings=[(region_code, kind, *row) for row in ratings.rows()],
    )


def _add(key: int, scores: Iterable[Fact], survey: Survey | None, found: dict[str, _Peers], assessment: str) -> None:
    """Adds the points of one organisation in one assessment, and how far its total may be off."""
    answered = [(row[2], scaled_points(row[3]), row[5]) for row in scores if row[3]]
    if not answered:
        return
    peers = found.setdefault(assessment, _Peers())
    for measure, points, _ in answered:
        peers.points.setdefault(measure, []).append((points, key))
    peers.errors[key] = total_error(answered, survey, SCALE) if survey else None


def store_peers(base: sqlite3.Connection, derived: Derived) -> None:
    """Writes what was derived."""
    base.execute("DELETE FROM peers WHERE region_code = ? AND kind = ?", (derived.region_code, derived.kind))
    base.executemany("INSERT INTO peers VALUES (?, ?, ?, ?, ?)", derived.peers)
    base.execute("DELETE FROM indicators WHERE region_code = ? AND kind = ?", (derived.region_code, derived.kind))
    base.executemany("INSERT INTO indicators VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", derived.indicators)
    base.execute("DELETE FROM ratings WHERE region_code = ? AND kind = ?", (derived.region_code, derived.kind))
    base.executemany("INSERT INTO ratings VALUES (?, ?, ?, ?, ?, ?)", derived.ratings)
    # Most keep their place, and a row that is not written costs nothing in the indexes.
    base.executemany(
        "UPDATE organizations SET standings = ?1 WHERE key = ?2 AND standings IS NOT ?1", derived.standings
    )


class _IndicatorLists:
    """Who stands in the list of each indicator: best first, equals together, then those without points.

    An organisation counts with its newest round by the method. Equals are not put in order here: a page orders them by
    name, and another name must not make a whole kind anew.
    """

    def __init__(self, bearings: Bearings) -> None:
        self._bearings = bearings
        self._members: dict[tuple[str, str, str], dict[int | None, list[int]]] = {}
        self._newest: dict[frozenset[str], dict[str, str]] = {}
        """Of each combination of rounds that organisations took part in: there are few."""

    def add(self, key: int, sphere: str, scores: Sequence[Fact]) -> None:
        """Adds an organisation with its scores."""
        took_part = frozenset([row[1] for row in scores])
        newest = self._newest.get(took_part)
        if newest is None:
            newest = self._newest[took_part] = self._newest_rounds(took_part)
        for _, assessment, measure, points, *_ in scores if newest else ():
            method = newest.get(assessment, "")
            if measure in self._bearings.indicators.get(method, ()):
                equals = self._members.setdefault((sphere, method, measure), {})
                equals.setdefault(scaled_points(points) if points else None, []).append(key)

    def _newest_rounds(self, assessments: Collection[str]) -> dict[str, str]:
        """The newest round by each method that has indicators, to its method."""
        position, method_of = self._bearings.position, self._bearings.method_of
        ordered = sorted((name for name in assessments if name in position), key=lambda name: -position[name])
        newest = {method_of[name]: name for name in ordered}
        return {name: method for method, name in newest.items() if self._bearings.indicators.get(method)}

    def rows(self) -> Iterator[tuple[str, str, str, int, int, str, str]]:
        """(sphere, method, measure, how many, how many with points, their median or "", keys as JSON)."""
        for (sphere, method, measure), equals in sorted(self._members.items()):
            points = [value for value, keys in equals.items() if value is not None for _ in keys]
            middle = format(median(sorted(points)) / SCALE, "f") if len(points) >= LEAST_PEERS else ""
            ordered = sorted({*points}, reverse=self._bearings.indicators[method][measure])
            groups = [equals[value] for value in ordered] + ([equals[None]] if None in equals else [])
            number = sum(map(len, groups))
            yield sphere, method, measure, number, len(points), middle, write_json(groups)


class _RatingLists:
    """Who stands in the list of each round: those that it gave a total or the state of one. Best first, equals together,
    then those without points; equals are put in order by a page, as those of `_IndicatorLists` are."""

    def __init__(self, bearings: Bearings) -> None:
        self._bearings = bearings
        self._members: dict[str, dict[int | None, list[int]]] = {}

    def add(self, key: int, assessment: str, scores: Iterable[Fact]) -> None:
        """Adds an organisation with its scores in one round."""
        total = next((row for row in scores if row[2] == "total"), None)
        if total is not None:
            points = scaled_points(total[3]) if total[3] else None
            self._members.setdefault(assessment, {}).setdefault(points, []).append(key)

    def rows(self) -> Iterator[tuple[str, int, int, str]]:
        """(assessment, how many, how many with points, keys as JSON)."""
        for assessment, equals in sorted(self._members.items()):
            is_penalty = self._bearings.method_of[assessment] in self._bearings.penalties
            ordered = sorted((points for points in equals if points is not None), reverse=not is_penalty)
            groups = [equals[points] for points in ordered]
            scored = sum(map(len, groups))
            groups += [equals[None]] if None in equals else []
            yield assessment, sum(map(len, groups)), scored, write_json(groups)


def _medians(peers: _Peers) -> dict[str, str]:
    """The median of each measure that enough organisations have, as text."""
    return {
        measure: format(median(sorted(value for value, _ in members)) / SCALE, "f")
        for measure, members in peers.points.items()
        if len(members) >= LEAST_PEERS
    }


def _stand(peers: _Peers, assessment: str, bearings: Bearings, standings: Mapping[int, dict[str, list[int]]]) -> None:
    """Adds the place of each organisation that has a total."""
    members = peers.points.get("total", ())
    is_penalty = bearings.method_of[assessment] in bearings.penalties
    points = [value for value, _ in members]
    places = dense_standings(points, higher_is_better=not is_penalty)
    errors = [peers.errors[key] for _, key in members]
    ranges = place_ranges(points, errors, higher_is_better=not is_penalty)
    for (_, key), place, between in zip(members, places, ranges, strict=True):
        standings[key][assessment] = [place.rank, place.sharing, place.better, place.peers, *(between or ())]


def derive_group(base: sqlite3.Connection, region_code: str, sphere: str, bearings: Bearings) -> None:
    """The numbers of one sphere in one region, of its kinds and of its municipalities.

    Each organisation counts with its latest points, if they are by the method of the group's newest round; it is marked
    as `behind` if they are by another one, so that no list puts it among the others.
    """
    where, place = "region_code = ? AND sphere = ?", (region_code, sphere)
    for table in ("groups", "aggregates", "appeals"):
        base.execute(f"DELETE FROM {table} WHERE {where}", place)
    columns = "key, kind, municipality, latest, scaled, state, behind, appeals, ratings"
    rows = base.execute(f"SELECT {columns} FROM organizations WHERE {where} AND NOT hidden", place).fetchall()
    if not rows:
        return
    newest = _newest({row[3] for row in rows if row[3]}, bearings)
    members = _members(rows, bearings.method_of.get(newest, ""), bearings)
    marks = [(int(member.is_behind), member.key) for member in members if member.is_behind != member.was_behind]
    base.executemany("UPDATE organizations SET behind = ? WHERE key = ?", marks)
    added = [(*place, *part, *tally.row()) for part, tally in sorted(_tallied(members).items())]
    base.executemany(f"INSERT INTO aggregates VALUES ({', '.join('?' * 13)})", added)
    sums = [(*place, *total) for total in _appeal_sums(row[-2] for row in rows)]
    base.executemany("INSERT INTO appeals VALUES (?, ?, ?, ?, ?, ?, ?, ?)", sums)
    points = [member.scaled for member in members if member.scaled is not None]
    middle = format(median(sorted(points)) / SCALE, "f") if points else ""
    numbers = (len(rows), sum(row[-1] for row in rows), newest, len(points), middle, str(sum(points)))
    base.execute("INSERT INTO groups VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*place, *numbers, digest(write_json(added))))


class _Member(NamedTuple):
    """An organisation as its group counts it: points by the group's method, or none and why.

    `is_behind`: its latest points are by another method; `was_behind`: so it is marked.
    """

    key: int
    kind: str
    municipality: str
    scaled: int | None
    state: str
    is_behind: bool
    was_behind: bool


def _members(rows: Iterable[tuple[Any, ...]], method: str, bearings: Bearings) -> list[_Member]:
    found = []
    for key, kind, municipality, latest, scaled, state, behind, *_ in rows:
        is_behind = scaled is not None and bearings.method_of.get(latest) != method
        points, counted_as = (None, "other_method") if is_behind else (scaled, state)
        found.append(_Member(key, kind, municipality, points, counted_as, is_behind, bool(behind)))
    return found


def _tallied(members: Iterable[_Member]) -> dict[tuple[str, str], "_Tally"]:
    """(dimension, value) to the numbers of the whole group, of each of its kinds and of each of its municipalities."""
    tallies: dict[tuple[str, str], _Tally] = {("sphere", ""): _Tally()}
    for member in members:
        for part in (("sphere", ""), ("kind", member.kind), ("municipality", member.municipality)):
            if part[1] or part[0] == "sphere":
                tallies.setdefault(part, _Tally()).add(member.scaled, member.state)
    return tallies


def _appeal_sums(packed: Iterable[str]) -> Iterator[tuple[int, int, int, int, int, int]]:
    """(year, organisations, received, answered, overdue, how many organisations say what is overdue), year by year."""
    years: dict[int, list[int]] = {}
    for text in packed:
        for year, received, answered, overdue in read_json(text) if text else ():
            told = (1, received, answered, overdue or 0, int(overdue is not None))
            years[year] = list(map(add, years.get(year, [0] * len(told)), told))
    for year, (organizations, received, answered, overdue, is_told) in sorted(years.items()):
        yield year, organizations, received, answered, overdue, is_told


def count_ratings(base: sqlite3.Connection, region_code: str, sphere: str) -> None:
    """The number of ratings of one sphere in one region, where nothing else of it has changed."""
    base.execute(
        "UPDATE groups SET ratings = (SELECT sum(ratings) FROM organizations o WHERE o.region_code = groups.region_code"
        " AND o.sphere = groups.sphere AND NOT hidden) WHERE region_code = ? AND sphere = ?",
        (region_code, sphere),
    )


@dataclass(slots=True)
class _Tally:
    """Organisations as they are added up."""

    organizations: int = 0
    total: int = 0
    assessed: int = 0
    zeros: int = 0
    states: Counter[str] = field(default_factory=Counter)

    def add(self, scaled: int | None, state: str) -> None:
        self.organizations += 1
        if scaled is None:
            self.states[state] += 1
            return
        self.assessed += 1
        self.total += scaled
        self.zeros += scaled == 0

    def row(self) -> tuple[int | str, ...]:
        """As table `aggregates` has it; the sum as text, because SQLite's whole numbers end at 2⁶³."""
        states = [self.states[name] for name in ("not_assessed", "exempt", "too_few", "no_data", "other_method")]
        return (self.organizations, self.assessed, str(self.total), self.zeros, *states)


def _newest(names: set[str], bearings: Bearings) -> str:
    """The newest of the rounds, the first by name of one year."""
    return min(names, key=lambda name: bearings.position[name], default="")
