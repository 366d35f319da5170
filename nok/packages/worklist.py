"""Whom an operator must visit in a round: the organisations that its council listed, and whether each was observed.

What may not be published is not in the list either: it goes to people outside, by mail and on telephones.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nok.documents import nearest
from nok.errors import UsageError
from nok.packages.read import Package
from nok.packages.visible import Hidden, find_hidden, visible_rows


class Stop(NamedTuple):
    """One organisation to visit: cells as they stand in the packages, empty where they say nothing.

    `observed_on` is the last day on which something was observed, `observed` how many parameters were.
    """

    organization_id: str
    name: str
    kind: str
    municipality: str
    address: str
    phone: str
    latitude: str
    longitude: str
    state: str
    observed: int
    observed_on: str

    @property
    def is_observed(self) -> bool:
        return self.state == OBSERVED


OBSERVED, TO_VISIT = "observed", "to_visit"


def work_list(packages: Sequence[Package], assessment_id: str, roster_id: str = "") -> list[Stop]:
    """The organisations of a round in the order of municipalities and names.

    They are those of the lists of its council, year, sphere and region that are marked as assessed, or of one list;
    without any list all organisations of its sphere and region that are not closed.

    Raises:
        UsageError: there is no such round or list, or it may not be shown.
    """
    rows = _Rows(packages)
    rounds = {row["assessment_id"]: row for row in rows.of("assessments")}
    if assessment_id not in rounds:
        raise UsageError(
            "worklist-round", name=assessment_id, similar=nearest(assessment_id, rounds), known=tuple(rounds)[:20]
        )
    chosen = _listed(rows, rounds[assessment_id], roster_id)
    seen: dict[str, list[str]] = {}
    for row in rows.of("observations"):
        if row["assessment_id"] == assessment_id:
            seen.setdefault(row["organization_id"], []).append(row["observed_at"][:10])
    stops = [
        _stop(row, seen.get(row["organization_id"], []))
        for row in rows.of("organizations")
        if _is_in(row, rounds[assessment_id], chosen)
    ]
    return sorted(stops, key=lambda stop: (stop.municipality, stop.name, stop.organization_id))


class _Rows:
    """The rows that may be shown."""

    def __init__(self, packages: Sequence[Package]) -> None:
        self._packages = packages
        self._hidden: Hidden = find_hidden(packages, wanted=())

    def of(self, table: str) -> Iterator[dict[str, str]]:
        for package in self._packages:
            resource = package.resource(table)
            if resource is not None:
                yield from visible_rows(resource, self._hidden)


def _listed(rows: _Rows, assessment: dict[str, str], roster_id: str) -> set[str] | None:
    """The organisations that the lists name as assessed; `None` where there is no list."""
    rosters = {row["roster_id"]: row for row in rows.of("rosters")}
    if roster_id and roster_id not in rosters:
        raise UsageError(
            "worklist-roster", name=roster_id, similar=nearest(roster_id, rosters), known=tuple(rosters)[:20]
        )
    wanted = {roster_id} if roster_id else {name for name, row in rosters.items() if _is_of(row, assessment)}
    if not wanted:
        return None
    return {
        row["organization_id"]
        for row in rows.of("roster_organizations")
        if row["roster_id"] in wanted and row["entry"] == "assessed"
    }


def _is_of(roster: dict[str, str], assessment: dict[str, str]) -> bool:
    """True for a list of the round's council and year; what one of the two does not say does not part them."""
    if not assessment["council_id"] or roster["council_id"] != assessment["council_id"]:
        return False
    pairs = [(roster[name], assessment[name]) for name in ("period", "sphere", "region_code")]
    return all(not one or not other or one == other for one, other in pairs)


def _is_in(row: dict[str, str], assessment: dict[str, str], chosen: set[str] | None) -> bool:
    if chosen is not None:
        return row["organization_id"] in chosen
    is_here = not assessment["region_code"] or row["region_code"] == assessment["region_code"]
    return row["sphere"] == assessment["sphere"] and is_here and not row["closed_on"]


def _stop(row: dict[str, str], days: Sequence[str]) -> Stop:
    return Stop(
        organization_id=row["organization_id"],
        name=row["short_name"] or row["name"],
        kind=row["kind"],
        municipality=row["municipality"],
        address=row["address"],
        phone=row["phone"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        state=OBSERVED if days else TO_VISIT,
        observed=len(days),
        observed_on=max(days, default=""),
    )


def work_list_csv(stops: Sequence[Stop]) -> bytes:
    """The list for a spreadsheet: UTF-8 with a byte order mark, so that it opens with the right letters."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(Stop._fields)
    writer.writerows([_plain(str(cell)) for cell in stop] for stop in stops)
    return text.getvalue().encode("utf-8-sig")


def _plain(cell: str) -> str:
    """A cell that a spreadsheet does not take for a formula; telephones begin with a plus and are none."""
    return f"'{cell}" if cell[:1] in "=@\t\r" or (cell[:1] in "+-" and not cell[1:2].isdigit()) else cell


def work_list_geojson(stops: Sequence[Stop]) -> bytes:
    """The list for a map (RFC 7946); an organisation without a point has a feature without geometry."""
    features = [{"type": "Feature", "geometry": _geometry(stop), "properties": _properties(stop)} for stop in stops]
    found = {"type": "FeatureCollection", "features": features}
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode()


def _geometry(stop: Stop) -> dict[str, object] | None:
    if not stop.latitude or not stop.longitude:
        return None
    return {"type": "Point", "coordinates": [float(stop.longitude), float(stop.latitude)]}


def _properties(stop: Stop) -> dict[str, object]:
    return {name: value for name, value in stop._asdict().items() if name not in ("latitude", "longitude")}
