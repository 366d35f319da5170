"""What depends on many organisations: medians and places among peers, the numbers of each region and sphere.

Computed group by group, so that a change costs what its groups cost, not what the country costs. The formulas are those
of `nok.ranking` and `nok.statistics`.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nok.ranking import dense_standings
from nok.statistics import median
from nok.warehouse_pack import SCALE, digest, read_json, scaled_points, write_json

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


@dataclass(slots=True)
class _Peers:
    """The points of one kind in one region and one assessment: by measure (points, organisation)."""

    points: dict[str, list[tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What was derived of one kind in one region: rows of `peers`, and (places as JSON, organisation)."""

    region_code: str
    kind: str
    peers: list[tuple[str, str, str, str, str]]
    standings: list[tuple[str, int]]


def derive_peers(base: sqlite3.Connection, region_code: str, kind: str, bearings: Bearings) -> Derived:
    """Medians and places of the organisations of one kind in one region, in every assessment; nothing is written."""
    found: dict[str, _Peers] = {}
    standings: dict[int, dict[str, list[int]]] = {}
    rows = base.execute(
        "SELECT key, scores FROM organizations JOIN facts USING (key) WHERE region_code = ? AND kind = ? AND NOT hidden",
        (region_code, kind),
    )
    for key, scores in rows:
        standings[key] = {}
        for _, assessment, measure, points, *_ in read_json(scores):
            if points and assessment in bearings.method_of:
                peers = found.setdefault(assessment, _Peers()).points
                peers.setdefault(measure, []).append((scaled_points(points), key))
    medians = []
    for assessment, members in sorted(found.items()):
        text = write_json(dict(sorted(_medians(members).items())))
        medians.append((region_code, kind, assessment, text, digest(text)))
        _stand(members, assessment, bearings, standings)
    places = [(write_json(stood), key) for key, stood in standings.items()]
    return Derived(region_code=region_code, kind=kind, peers=medians, standings=places)


def store_peers(base: sqlite3.Connection, derived: Derived) -> None:
    """Writes what was derived."""
    base.execute("DELETE FROM peers WHERE region_code = ? AND kind = ?", (derived.region_code, derived.kind))
    base.executemany("INSERT INTO peers VALUES (?, ?, ?, ?, ?)", derived.peers)
    base.executemany("UPDATE organizations SET standings = ? WHERE key = ?", derived.standings)


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
    places = dense_standings([value for value, _ in members], higher_is_better=not is_penalty)
    for (_, key), place in zip(members, places, strict=True):
        standings[key][assessment] = [place.rank, place.sharing, place.better, place.peers]


def derive_group(base: sqlite3.Connection, region_code: str, sphere: str, bearings: Bearings) -> None:
    """The numbers of one sphere in one region.

    Each organisation counts with its latest points, if they are by the method of the group's newest round.
    """
    where = "FROM organizations WHERE region_code = ? AND sphere = ? AND NOT hidden"
    values: tuple[Any, ...] = (region_code, sphere)
    number, ratings = base.execute(f"SELECT count(*), coalesce(sum(ratings), 0) {where}", values).fetchone()
    base.execute("DELETE FROM groups WHERE region_code = ? AND sphere = ?", values)
    if not number:
        return
    latest = base.execute(f"SELECT latest, scaled {where} AND latest <> ''", values).fetchall()
    newest = _newest({name for name, _ in latest}, bearings)
    method = bearings.method_of.get(newest, "")
    points = sorted(scaled for name, scaled in latest if scaled is not None and bearings.method_of.get(name) == method)
    middle = format(median(points) / SCALE, "f") if points else ""
    row = (*values, number, ratings, newest, len(points), middle)
    base.execute("INSERT INTO groups VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def _newest(names: set[str], bearings: Bearings) -> str:
    """The newest of the rounds, the first by name of one year."""
    return min(names, key=lambda name: bearings.position[name], default="")
