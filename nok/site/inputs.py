"""What each unit of the site is made from, as short digests: the reason for which it is rendered, or left alone.

The inputs of a unit are digests in a fixed order, one for each thing that its pages show. A build compares them with
those under which the unit stands in the slot; the parts that differ are the reasons that `build --explain` gives.
"""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain

from nok.compose.place import extent_of
from nok.questionnaire import Questionnaire
from nok.records import Assessment
from nok.site.manifest import Wanted
from nok.site.publication import Publication
from nok.statistics import window_start
from nok.warehouse import Group, Sketch, Warehouse
from nok.warehouse_pack import days_after, digest, read_json

Row = tuple[str, str]
"""What a list or a map shows of an organisation (a digest and more), and its newest assessment or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionTold:
    """What planning a region tells about pages of the whole: a digest of what they show of it, and one for each of its
    lists of an indicator, by (method, indicator)."""

    digest: str
    indicators: Mapping[tuple[str, str], Sequence[str]]


@dataclass(kw_only=True)
class Planner:
    """Says what should stand in the slot, from a warehouse.

    `look` is a digest of program, theme and configuration: all that every page shows besides data.
    """

    warehouse: Warehouse
    look: str
    today: date
    organizations_per_page: int
    methods_with_penalties: frozenset[str]
    questionnaires: Sequence[Questionnaire]
    forms: str
    """A digest of what answers count as, which every trace depends on."""
    _regions: dict[str, str] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)
    """Of all places of a region's organisations."""
    _rounds: dict[str, str] = field(default_factory=dict)
    _computed: dict[str, str] = field(default_factory=dict)
    _told: dict[str, RegionTold] = field(default_factory=dict)

    def units(self, region_code: str) -> Iterator[Wanted]:
        """Every unit of organisations, lists, maps and indicators of a region."""
        yield from self._region(region_code, self.warehouse.groups(region_code))

    def told(self, region_code: str) -> RegionTold:
        """What the planned region tells about the whole."""
        return self._told[region_code]

    def of_the_whole(self, told: Mapping[str, RegionTold]) -> Iterator[Wanted]:
        """The units of assessments, questionnaires and indicators; `told` is of every region, in order."""
        yield from self._assessments(told)
        yield from self._questionnaires()
        yield from self._indicator_pages(told)

    # -- a region ----------------------------------------------------------------------------------------------------

    def _region(self, region_code: str, groups: Sequence[Group]) -> Iterator[Wanted]:
        rows: list[Row] = []
        measured: dict[int, int] = {}
        region = self.region_digest(region_code)
        for sketch in self.warehouse.sketches(region_code):
            measured[sketch.key] = self._measured(sketch)
            rows.append((sketch.row_stamp + sketch.standings, sketch.latest))
            yield self.organization(sketch, region)
        rounds = "".join(self._latest(group.assessment_id) for group in groups)
        whole = digest(region, repr(groups), rounds, str(self.warehouse.plan_counts(region_code)))
        few = digest(region, *(_without_ratings(group) + self._latest(group.assessment_id) for group in groups))
        yield from self._pages(f"r/{region_code}", (whole, few), rows, region_code, "")
        for group in groups:
            better = self._method_of(group) not in self.methods_with_penalties
            ranked = self.warehouse.ranked_stamps(region_code, group.sphere, higher_is_better=better)
            every = self._rows(ranked)
            numbers = (digest(few, repr(group), every), few)  # its first page has the shares of all bands
            yield from self._pages(f"s/{group.sphere}/{region_code}", numbers, ranked, region_code, group.sphere)
        places = f"{self.look} {region} {self._places[region_code]}"
        yield Wanted(name=f"m/{region_code}", inputs=places, region_code=region_code)
        points = digest(region, self._rows(self.warehouse.map_stamps(region_code)))
        yield Wanted(name=f"p/{region_code}", inputs=f"{self.look} {points}", region_code=region_code)
        yield from self._indicator_lists(region_code, region, measured)

    def organization(self, sketch: Sketch, region: str) -> Wanted:
        """The unit of an organisation: its pages, data, badge and poster."""
        inputs = (
            self.look,
            sketch.stamps,  # six digests: row, scores, reviews, plan, observations and answers, tables kept whole
            self._rounds_computed(sketch.rounds),
            digest(sketch.standings),
            sketch.peers_stamp or "-",
            region + ("d" if sketch.package in self._invented else ""),
            self._day if sketch.open_due and sketch.open_due < self._day else "-",
            # With the reviews' digest this tells the window's numbers; they change when a rating leaves it, not daily.
            str(days_after(sketch.rated_days, self._window_start)),
        )
        name = f"o/{sketch.region_code}/{sketch.organization_id}"
        return Wanted(name=name, inputs=" ".join(inputs), region_code=sketch.region_code, key=sketch.key)

    def _pages(
        self, name: str, numbers: tuple[str, str], rows: Sequence[Row], region_code: str, sphere: str
    ) -> Iterator[Wanted]:
        """The pages of a list: each shows its own rows and how many pages there are; `numbers` are those that the
        first page shows, and those that every further page shows."""
        size = self.organizations_per_page
        pages = max(1, -(-len(rows) // size))
        for number in range(1, pages + 1):
            shown = digest(str(pages), self._rows(rows[(number - 1) * size : number * size]))
            inputs = f"{self.look} {numbers[number > 1]} {shown}"
            yield Wanted(name=f"{name}/{number}", inputs=inputs, region_code=region_code, sphere=sphere, key=number)

    # -- indicators ---------------------------------------------------------------------------------------------------

    def _measured(self, sketch: Sketch) -> int:
        """A digest of what the lists of indicators show of an organisation, which its row tells apart from any other: its
        scores, its observations and answers, its rounds. As a number, for pages are told apart by sums of them."""
        row, scores, _, _, evidence, _ = sketch.stamps.split(" ")
        return int(digest(row, scores, evidence, self._rounds_digest(sketch.rounds)), 16)

    def _indicator_lists(self, region_code: str, region: str, measured: Mapping[int, int]) -> Iterator[Wanted]:
        """The pages of every list of indicators of a region; `measured` are its organisations in page order."""
        order = {key: number for number, key in enumerate(measured)}
        size, turn, kinds = self.organizations_per_page, 0, dict[tuple[str, str], list[str]]()
        for method_id, measure, sphere, kind, number, said, keys in self.warehouse.indicator_order(region_code):
            whole = digest(region, method_id, measure, sphere, kind, str(number), said)
            kinds.setdefault((method_id, measure), []).append(whole)
            listed = self._listed(read_json(keys), number, order)
            # A country has tens of thousands of these lists. On one page the order follows from what is on it.
            for page, first in enumerate(range(0, max(number, 1), size), start=1):
                turn += 1
                shown = sum(map(measured.__getitem__, listed[first : first + size]))
                name = indicator_unit(method_id, measure, region_code, sphere, kind, page)
                inputs = f"{self.look} {whole} {shown:x}"
                yield Wanted(name=name, inputs=inputs, region_code=region_code, sphere=sphere, key=turn)
        self._told[region_code] = RegionTold(digest=region, indicators=kinds)
        for (method_id, measure), found in kinds.items():
            name = f"i/{method_id}/{measure}/{region_code}"
            yield Wanted(name=name, inputs=f"{self.look} {digest(*found)} -", region_code=region_code)

    def _listed(self, keys: Sequence[Sequence[int]], number: int, order: Mapping[int, int]) -> list[int]:
        """The organisations of a list; in its order where it is longer than a page."""
        if number <= self.organizations_per_page:
            return [key for equals in keys for key in equals]
        return [key for equals in keys for key in sorted(equals, key=order.__getitem__)]

    def _indicator_pages(self, told: Mapping[str, RegionTold]) -> Iterator[Wanted]:
        """The page of each indicator that somebody has."""
        lists: dict[tuple[str, str], list[str]] = {}
        for region in told.values():
            for indicator, found in region.indicators.items():
                lists.setdefault(indicator, []).extend(found)
        for (method_id, measure), found in lists.items():
            yield Wanted(name=f"i/{method_id}/{measure}", inputs=f"{self.look} {digest(*found)} -")

    # -- assessments -------------------------------------------------------------------------------------------------

    def _assessments(self, told: Mapping[str, RegionTold]) -> Iterator[Wanted]:
        lists: dict[str, list[str]] = {}
        for group in self.warehouse.groups():
            lists.setdefault(group.assessment_id, []).append(repr(group) + told[group.region_code].digest)
        demonstration = str(bool(self._demonstrations))
        for assessment in self.warehouse.assessments().values():
            shown = digest(demonstration, *lists.get(assessment.assessment_id, ()))
            inputs = f"{self.look} {digest(repr(assessment))} {shown}"
            yield Wanted(name=f"a/{assessment.assessment_id}", inputs=inputs)

    # -- questionnaires ----------------------------------------------------------------------------------------------

    def _questionnaires(self) -> Iterator[Wanted]:
        """Each form names all the others, so that one digest serves them all; they are few."""
        forms = digest(*(repr(form) for form in self.questionnaires))
        invented = digest(*sorted(self._demonstrations))
        for form in self.questionnaires:
            yield Wanted(name=f"q/{form.id}", inputs=f"{self.look} {forms} {invented}")

    # -- what several units share ------------------------------------------------------------------------------------

    def region_digest(self, region_code: str) -> str:
        """Of what pages show of a region: its names, whether it is invented, the picture of all its points."""
        if region_code not in self._regions:
            coordinates = self.warehouse.coordinates(region_code)
            self._places[region_code] = digest(array("d", chain.from_iterable(coordinates)).tobytes().hex())
            extent = extent_of(coordinates)
            known = self.warehouse.regions().get(region_code)
            shown = (repr(known), repr(extent), str(region_code in self._demonstrations))
            self._regions[region_code] = digest(*shown)
        return self._regions[region_code]

    @cached_property
    def _demonstrations(self) -> set[str]:
        return self.warehouse.demonstration_regions()

    def _rounds_digest(self, rounds: str) -> str:
        """Of the assessments that an organisation took part in; few combinations occur."""
        if rounds not in self._rounds:
            found = self.warehouse.assessments()
            self._rounds[rounds] = digest(*(repr(found[name]) for name in json.loads(rounds)))
        return self._rounds[rounds]

    def _rounds_computed(self, rounds: str) -> str:
        """The same, and of what answers count as there."""
        if rounds not in self._computed:
            self._computed[rounds] = digest(self._rounds_digest(rounds), self.forms)
        return self._computed[rounds]

    def _rows(self, rows: Sequence[Row]) -> str:
        """Rows of a list, or points of a map: they say the year of the newest round, and its marks in words."""
        rounds = sorted({latest for _, latest in rows})
        return digest(*(f"{stamp} {latest}" for stamp, latest in rows), *map(self._latest, rounds))

    def _latest(self, assessment_id: str) -> str:
        """What lists and maps say of a round, or judge by it."""
        return self._rounds_said.get(assessment_id, "")

    @cached_property
    def _rounds_said(self) -> dict[str, str]:
        found = self.warehouse.assessments().values()
        return {each.assessment_id: f"{each.assessment_id} {each.period} {each.method_id}" for each in found}

    @cached_property
    def _day(self) -> str:
        return self.today.isoformat()

    @cached_property
    def _window_start(self) -> date:
        return window_start(self.today)

    @cached_property
    def _invented(self) -> set[str]:
        """Packages of invented organisations."""
        return {package.name for package in self.warehouse.packages() if package.is_demonstration}

    def _method_of(self, group: Group) -> str:
        found: Assessment | None = self.warehouse.assessments().get(group.assessment_id)
        return found.method_id if found else ""


def indicator_unit(method_id: str, measure: str, region_code: str, sphere: str, kind: str, page: int) -> str:
    """The name of a page of an indicator's list."""
    return f"i/{method_id}/{measure}/{region_code}/{sphere}/{kind or '_'}/{page}"


def planner_of(publication: Publication, warehouse: Warehouse, look: str, today: date) -> Planner:
    """The planner of a publication."""
    methods = publication.methods.values()
    return Planner(
        warehouse=warehouse,
        look=look,
        today=today,
        organizations_per_page=publication.config.organizations_per_page,
        questionnaires=publication.shown_questionnaires,
        forms=digest(*(repr(form.said) for form in publication.forms.values())),
        methods_with_penalties=frozenset(method.id for method in methods if not method.total.higher_is_better),
    )


def _without_ratings(group: Group) -> str:
    """What further pages of lists show of a group: a new rating anywhere must not make them all anew."""
    return f"{group.sphere} {group.organizations} {group.assessed} {group.assessment_id}"
