"""What the profile knows beyond types: check digits, scales, regions, orders of dates, circles.

Each table has one rule that sees a whole row after its cells are right. Facts that later tables need (which method an
assessment follows, where a region lies) are gathered on the way, since tables are read parents first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from nok.errors import Severity
from nok.evidence import Form
from nok.identifiers import (
    RESERVED_IDS,
    default_placement_code,
    default_placement_numbers,
    is_inn,
    is_ogrn,
    placement_number,
)
from nok.links import Links
from nok.method import Measure, Method
from nok.packages.appeals import appeal_faults
from nok.packages.evidence import answer_faults, observation_faults
from nok.packages.fields import Fault, RowCheck, similar
from nok.packages.keys import KEY_JOINT, KeyColumn, SearchableColumn, TextList
from nok.packages.parties import ROSTERED, Known, Parties, together
from nok.records import Region

BOX_MARGIN_DEGREES = 0.5
"""A point may lie so far outside its region's box: boxes are rounded, and some organisations stand on the border."""


@dataclass(frozen=True, slots=True)
class Box:
    """The edges of a region in degrees; `lon_min` above `lon_max` crosses the antimeridian."""

    lat_min: float
    lat_max: float
    lon_min: float
    lon_max: float

    def holds(self, latitude: float, longitude: float) -> bool:
        """True for a point inside or within `BOX_MARGIN_DEGREES` of the box."""
        margin = BOX_MARGIN_DEGREES
        west, east = self.lon_min - margin, self.lon_max + margin
        inside = west <= longitude <= east if self.lon_min <= self.lon_max else longitude >= west or longitude <= east
        return inside and self.lat_min - margin <= latitude <= self.lat_max + margin


class Rules:
    """The row rules of one validation, and what they have learnt from the tables read so far."""

    def __init__(
        self,
        methods: Mapping[str, Method],
        regions: Iterable[Region],
        forms: Mapping[str, Form],
        today: date,
        known: Known | None = None,
    ) -> None:
        """`forms` are the questionnaires by their ids; `known` are the words that tables of parties may name."""
        self.parties = Parties(known or Known())
        self._known = known or Known()
        self._methods, self.forms, self._today = methods, forms, today.isoformat()
        self._measures: dict[str, dict[str, Measure]] = {name: method.by_id for name, method in methods.items()}
        self._boxes = {region.region_code: box for region in regions if (box := _box_of(region)) is not None}
        self._assessment_method: dict[str, str] = {}
        self._parents: dict[str, str] = {}
        self._codes: dict[int, str] = {}
        self._collisions: dict[str, tuple[str, str]] = {}
        self._unlearnt: list[tuple[SearchableColumn, SearchableColumn]] = []

    def of(self, resource: str) -> RowCheck | None:
        """The rule of a table, `None` where its cells say all."""
        rules: dict[str, RowCheck] = {
            "regions": self._region,
            "organizations": self._organization,
            "assessments": self._assessment,
            "scores": self._score,
            "reviews": self._review,
            "observations": self._observation,
            "answers": self._answer,
            "plan_measures": self._plan_measure,
            "placements": self._placement,
            "appeal_statistics": self._appeals,
        }
        return together(rules.get(resource), self.parties.of(resource))

    @property
    def year(self) -> int:
        """The present one."""
        return int(self._today[:4])

    @property
    def boxes(self) -> Mapping[str, Box]:
        """The boxes known so far, by region code."""
        return self._boxes

    def bearing_on(self, resource: str) -> str:
        """All that a rule of `resource` looks at besides its rows, but for the methods of assessments, as text."""
        if resource == "organizations":
            known = self.parties.short_regions()
            return repr((sorted(self._boxes.items()), known, sorted(self.links.misspelt.items())))
        if resource == "scores":
            scales = {
                name: {key: one.maximum for key, one in method.items()} for name, method in self._measures.items()
            }
            return repr(sorted((name, sorted(scale.items())) for name, scale in scales.items()))
        if resource == "observations":
            return repr(sorted((name, sorted(method.parameters.items())) for name, method in self._methods.items()))
        return repr([form.said for _, form in sorted(self.forms.items())]) if resource == "answers" else ""

    @property
    def links(self) -> Links:
        """The addresses that editors know."""
        return self._known.links

    def method_of(self, assessment_id: str) -> str:
        """The method of an assessment that was read before; empty where it was not."""
        return self._assessment_method.get(assessment_id, "")

    def learnt(self, resource: str, ids: KeyColumn) -> KeyColumn:
        """What must be known of a clean table when it is not read: heads of organisations, counts of lists."""
        if resource == "organizations":
            return self.parents_among(ids)
        return TextList(self.parties.counted()) if resource == ROSTERED else TextList(())

    def recall(self, resource: str, ids: SearchableColumn, learnt: SearchableColumn) -> None:
        """What `learnt` gave of a table of a former run."""
        if resource == "organizations":
            self.learn_later(ids, learnt)
        elif resource == ROSTERED:
            self.parties.recall(learnt.texts())

    def learn_later(self, ids: SearchableColumn, parents: SearchableColumn) -> None:
        """Organisations of a former run; they are learnt when something is asked that needs them."""
        self._unlearnt.append((ids, parents))

    def parents_among(self, ids: KeyColumn) -> KeyColumn:
        """Pairs of an organisation of `ids` and its head one, or its successor (`heir_pair`), each pair one text."""
        if not self._parents:
            return TextList(())
        nodes = (node for one in ids.texts() for node in (one, heir_node(one)))
        pairs = ((node, self._parents.get(node)) for node in nodes)
        return TextList([f"{one}{KEY_JOINT}{parent}" for one, parent in pairs if parent is not None])

    def _learn_the_rest(self) -> None:
        unlearnt, self._unlearnt = self._unlearnt, []
        for ids, parents in unlearnt:
            pairs = (text.partition(KEY_JOINT) for text in parents.texts())
            self.learn_organizations(list(ids.texts()), [(one, parent) for one, _, parent in pairs])

    def learn_organizations(self, ids: Sequence[str], parents: Iterable[tuple[str, str]]) -> None:
        """Facts of organisations for later tables; `parents` are pairs of an organisation and its head one, and what
        `heir_pair` makes of an organisation and its successor."""
        self._parents.update(parents)
        numbers = default_placement_numbers(ids)
        new = dict(zip(numbers, ids, strict=True))
        if len(new) == len(ids) and self._codes.keys().isdisjoint(new):  # as nearly always, and far quicker
            self._codes.update(new)
            return
        for organization_id, number in zip(ids, numbers, strict=True):
            other = self._codes.setdefault(number, organization_id)
            if other != organization_id:
                self._collisions[organization_id] = (other, default_placement_code(organization_id))

    def _region(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        self.parties.learn_region(cells["region_code"])
        edges = [cells.get(name, "") for name in ("lat_min", "lat_max", "lon_min", "lon_max")]
        if not all(edges):
            self._boxes.pop(cells["region_code"], None)
            return
        box = self._boxes[cells["region_code"]] = Box(*map(float, edges))
        if box.lat_min > box.lat_max:
            yield Fault(
                column="lat_max", rule="minimum", value=cells["lat_max"], details={"expected": cells["lat_min"]}
            )

    def _organization(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        organization_id = cells["organization_id"]
        if organization_id in RESERVED_IDS:
            yield Fault(column="organization_id", rule="organization-id", value=organization_id)
        if cells.get("inn") and not is_inn(cells["inn"]):
            yield Fault(column="inn", rule="inn", value=cells["inn"])
        if cells.get("ogrn") and not is_ogrn(cells["ogrn"]):
            yield Fault(column="ogrn", rule="ogrn", value=cells["ogrn"])
        yield from self._region_of(cells["region_code"])
        yield from self._point(cells)
        yield from _order(cells, "opened_on", "closed_on")
        parent, heir = cells.get("parent_organization_id"), cells.get("successor_organization_id")
        pairs = [(organization_id, parent)] if parent else []
        self.learn_organizations([organization_id], [*pairs, heir_pair(organization_id, heir)] if heir else pairs)

    def _region_of(self, code: str) -> Iterator[Fault]:
        """A region that nobody knows is shown by its code; but one that a zero would make known has lost it."""
        whole = f"0{code}"
        if len(code) == 1 and self.parties.knows_region(whole) and not self.parties.knows_region(code):
            details = {"expected": whole}
            yield Fault(
                column="region_code", rule="region-zero", value=code, details=details, severity=Severity.WARNING
            )

    def _point(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        latitude, longitude = cells.get("latitude", ""), cells.get("longitude", "")
        if bool(latitude) != bool(longitude):
            yield Fault(column="latitude", rule="coordinates-pair", value=latitude or longitude)
            return
        box = self._boxes.get(cells["region_code"])
        if latitude and box is not None and not box.holds(float(latitude), float(longitude)):
            details = {"region": cells["region_code"]}
            yield Fault(column="latitude", rule="region-box", value=f"{latitude}, {longitude}", details=details)

    def _assessment(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        method = cells["method_id"]
        self._assessment_method[cells["assessment_id"]] = method
        if method not in self._methods:
            details = {"known": ", ".join(self._methods), "similar": similar(method, self._methods)}
            yield Fault(column="method_id", rule="method-unknown", value=method, details=details)
        yield from _order(cells, "started_on", "finished_on")
        yield from self.parties.assessment(cells)

    def _score(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        points, state = cells.get("points", ""), cells["state"]
        if state == "scored" and points == "":
            yield Fault(column="points", rule="points-missing")
        if state != "scored" and points != "":
            yield Fault(column="points", rule="points-unexpected", value=points, details={"state": state})
        method = self._assessment_method.get(cells["assessment_id"], "")
        measures = self._measures.get(method)
        if measures is None:
            return
        measure = measures.get(cells["measure"])
        if measure is None:
            known = {"method": method, "known": ", ".join(measures), "similar": similar(cells["measure"], measures)}
            yield Fault(column="measure", rule="measure-unknown", value=cells["measure"], details=known)
        elif points and Decimal(points) > measure.maximum:
            details = {"measure": measure.id, "expected": str(measure.maximum)}
            yield Fault(column="points", rule="points-scale", value=points, details=details)

    def _review(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        """A day is granted, for it begins nine hours earlier in Kamchatka than in Moscow."""
        visited, received = cells.get("visited_on", ""), cells["received_on"]
        if visited > received and date.fromisoformat(visited) - date.fromisoformat(received) > timedelta(days=1):
            details = {"expected": received}
            yield Fault(
                column="visited_on", rule="visit-late", value=visited, details=details, severity=Severity.WARNING
            )

    def _observation(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        day = cells.get("observed_at", "")[:10]
        if day and not _is_day(day):
            yield Fault(column="observed_at", rule="type-date", value=cells["observed_at"])
        elif day > self._today:
            yield Fault(
                column="observed_at", rule="future-date", value=cells["observed_at"], details={"today": self._today}
            )
        method = self._methods.get(self._assessment_method.get(cells["assessment_id"], ""))
        if method is not None:
            yield from observation_faults(cells, method)

    def _answer(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        return answer_faults(cells, self.forms)

    def _plan_measure(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        if cells.get("done_on") and cells["status"] != "done":
            details = {"status": cells["status"]}
            yield Fault(column="done_on", rule="done-unexpected", value=cells["done_on"], details=details)

    def _appeals(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        return appeal_faults(cells, self.year)

    def _placement(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        self._learn_the_rest()
        code, organization_id = cells["placement_code"], cells["organization_id"]
        number = placement_number(code)
        if number is None:
            yield Fault(column="placement_code", rule="placement-code", value=code)
        other = organization_id if number is None else self._codes.get(number, organization_id)
        if other != organization_id:
            details = {"other": other, "code": code}
            yield Fault(column="placement_code", rule="placement-collision", value=organization_id, details=details)
        self._collisions.pop(organization_id, None)

    def at_the_end(self) -> Iterator[Fault]:
        """What can be told only when every table has been read; `value` is the id of the organisation at fault."""
        self._learn_the_rest()
        for node in self._circles():
            if node.startswith(_HEIR):
                value = node.removeprefix(_HEIR)
                yield Fault(column="successor_organization_id", rule="successor-cycle", value=value)
            else:
                yield Fault(column="parent_organization_id", rule="parent-cycle", value=node)
        for organization_id, (other, code) in self._collisions.items():
            details = {"other": other, "code": code}
            yield Fault(column="organization_id", rule="placement-collision", value=organization_id, details=details)

    def _circles(self) -> Iterator[str]:
        """One organisation of each circle of parents, and one of each circle of successors, marked as `heir_node` does."""
        settled: set[str] = set()
        for start in self._parents:
            path: dict[str, None] = {}
            current = start
            while current in self._parents and current not in settled and current not in path:
                path[current] = None
                current = self._parents[current]
            if current in path:
                yield current
            settled.update(path)


_HEIR = ">"
"""Marks an organisation in a chain of successors; no id has it, so that chains of parents and of successors never meet."""


def heir_node(organization_id: str) -> str:
    """An organisation as a link of a chain of successors."""
    return f"{_HEIR}{organization_id}"


def heir_pair(organization_id: str, successor: str) -> tuple[str, str]:
    """An organisation and its successor as `Rules.learn_organizations` takes them."""
    return heir_node(organization_id), heir_node(successor)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _box_of(region: Region) -> Box | None:
    edges = (region.lat_min, region.lat_max, region.lon_min, region.lon_max)
    if any(edge is None for edge in edges):
        return None
    return Box(*(edge for edge in edges if edge is not None))


def _order(cells: Mapping[str, str], first: str, last: str) -> Iterator[Fault]:
    """ISO dates compare as text."""
    if cells.get(first) and cells.get(last) and cells[last] < cells[first]:
        yield Fault(column=last, rule="period-order", value=cells[last], details={"expected": cells[first]})
