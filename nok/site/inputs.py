"""What each unit of the site is made from, as short digests: the reason for which it is rendered, or left alone.

The inputs of a unit are digests in a fixed order, one for each thing that its pages show. A build compares them with
those under which the unit stands in the slot; the parts that differ are the reasons that `build --explain` gives.
"""

import json
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import chain, groupby
from operator import itemgetter

from nok.compose.feeds import MOST_ENTRIES, rounds_told
from nok.compose.place import extent_of
from nok.compose.reports import MOST_CHANGES, years_with_reports
from nok.json_text import read_json
from nok.questionnaire import Questionnaire
from nok.records import Assessment
from nok.render.api import LISTS, PER_PAGE, pages_of
from nok.search_store import SearchStore
from nok.site.manifest import Wanted
from nok.site.publication import Publication, program
from nok.statistics import window_start
from nok.urls import municipality_key
from nok.warehouse import Warehouse
from nok.warehouse_course import RoundCourse
from nok.warehouse_facts import Group, Sketch
from nok.warehouse_pack import days_after, digest
from nok.warehouse_parties import TABLES, PartyIndex, Running

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
    program: str
    """A digest of the program alone: data that no template shapes follow from it."""
    organizations_per_page: int
    methods_with_penalties: frozenset[str]
    questionnaires: Sequence[Questionnaire]
    forms: str
    """A digest of what answers count as, which every trace depends on."""
    _regions: dict[str, str] = field(default_factory=dict)
    _places: dict[str, str] = field(default_factory=dict)
    """Of all places of a region's organisations."""
    _rounds: dict[str, str] = field(default_factory=dict)
    _steps: dict[str, str] = field(default_factory=dict)
    _computed: dict[str, str] = field(default_factory=dict)
    _listed: dict[str, list[str]] = field(default_factory=dict)
    """Region to the lists of indicators that it has."""
    _told: dict[str, RegionTold] = field(default_factory=dict)

    def units(self, region_code: str) -> Iterator[Wanted]:
        """Every unit of organisations, lists, maps and indicators of a region."""
        yield from self._region(region_code, self.warehouse.groups(region_code))

    def told(self, region_code: str) -> RegionTold:
        """What the planned region tells about the whole."""
        return self._told[region_code]

    def of_the_whole(self, told: Mapping[str, RegionTold]) -> Iterator[Wanted]:
        """The units of assessments, questionnaires, indicators, parties and rosters; `told` is of every region, in order."""
        self._regions.update({region_code: region.digest for region_code, region in told.items()})
        yield from self._assessments()
        yield from self._questionnaires()
        yield from self._indicator_pages(told)
        yield from self._parties()
        yield from self._rosters()
        yield from self._api_numbers()

    # -- a region ----------------------------------------------------------------------------------------------------

    def _region(self, region_code: str, groups: Sequence[Group]) -> Iterator[Wanted]:
        rows: list[Row] = []
        measured, rated = _Sums(), _Sums()
        listed: list[tuple[str, ...]] = []
        region = self.region_digest(region_code)
        for sketch in self.warehouse.sketches(region_code):
            name, standings = sketch.organization_id, sketch.standings
            row, scores, reviews, _, evidence, _ = sketch.stamps.split(" ")
            rounds = self._rounds_digest(sketch.rounds)
            measured.shown[sketch.key] = f"{row} {scores} {evidence} {rounds}"
            rated.shown[sketch.key] = f"{row} {scores} {standings}"
            rows.append((sketch.row_stamp + standings, sketch.latest))
            listed.append((sketch.row_stamp, f"{name} {scores} {rounds}", f"{name} {reviews}"))
            yield self.organization(sketch, region)
            if sketch.pictures:
                yield from self._observed(sketch, region)
            if sketch.sent_photos:
                yield self._sent(sketch)
        rounds = "".join(self._latest(group.assessment_id) for group in groups)
        feed = self._feed(region_code, region)
        told = (
            str(self.warehouse.plan_counts(region_code)),
            repr(self.warehouse.appeals(region_code)),
            str(bool(feed)),
        )
        yield from feed
        whole = digest(region, repr(groups), rounds, *told) + self._running.stamp(region_code)
        few = digest(region, *(_without_ratings(group) + self._latest(group.assessment_id) for group in groups))
        yield from self._pages(f"r/{region_code}", (whole, few), rows, region_code, "")
        for group in groups:
            better = self._method_of(group) not in self.methods_with_penalties
            ranked = self.warehouse.ranked_stamps(region_code, group.sphere, higher_is_better=better)
            every = self._rows(ranked)
            numbers = (digest(few, repr(group), every), few)  # its first page has the shares of all bands
            yield from self._pages(f"s/{group.sphere}/{region_code}", numbers, ranked, region_code, group.sphere)
        yield from self._municipalities(region_code, region)
        places = f"{self.look} {region} {self._places[region_code]}"
        yield Wanted(name=f"m/{region_code}", inputs=places, region_code=region_code)
        points = digest(region, self._rows(self.warehouse.map_stamps(region_code)))
        yield Wanted(name=f"p/{region_code}", inputs=f"{self.look} {points}", region_code=region_code)
        yield from self._api_pages(region_code, listed)
        yield from self._indicator_lists(region_code, region, measured)
        yield from self._rating_lists(region_code, region, rated)
        courses = self.warehouse.course_rounds(region_code=region_code)
        present = digest(region, *(f"{group.sphere} {group.organizations}" for group in groups))
        yield from self._reports(region_code, present, courses)
        yield self._changes(region_code, region, courses)

    def organization(self, sketch: Sketch, region: str) -> Wanted:
        """The unit of an organisation: its pages, data, badge and poster."""
        inputs = (
            self.look,
            sketch.stamps,  # six digests: row, scores, reviews, plan, observations and answers, tables kept whole
            self._rounds_computed(sketch.rounds),
            digest(sketch.standings),
            sketch.peers_stamp or "-",
            str(self.today.year) if sketch.latest else "-",
            region + ("d" if sketch.package in self._invented else ""),
            self._day if sketch.open_due and sketch.open_due < self._day else "-",
            # With the reviews' digest this tells the window's numbers; they change when a rating leaves it, not daily.
            str(days_after(sketch.rated_days, self._window_start)),
            self._running.stamp(sketch.region_code, sketch.kind),
            self._rows(kin) if (kin := self.warehouse.kin_stamp(sketch.key)) else "-",
        )
        name = f"o/{sketch.region_code}/{sketch.organization_id}"
        return Wanted(name=name, inputs=" ".join(inputs), region_code=sketch.region_code, key=sketch.key)

    def _feed(self, region_code: str, region: str) -> list[Wanted]:
        """The feed of a region; none where there is nothing to tell."""
        keys = self.warehouse.newest_told(region_code, MOST_ENTRIES)
        rounds = rounds_told(self.warehouse.rating_lists(region_code), self.today)
        if not keys and not rounds:
            return []
        shown = digest(*map(repr, rounds), *self.warehouse.told_stamps(keys))
        return [Wanted(name=f"k/{region_code}", inputs=f"{self.look} {region} {shown}", region_code=region_code)]

    def _observed(self, sketch: Sketch, region: str) -> Iterator[Wanted]:
        """What observers saw at an organisation that has pictures, and the pictures: these are drawn anew only if others
        are shown, for that takes longer than anything else."""
        from nok.pictures import FORM  # a library of pictures, which few builds need

        row, _, _, _, evidence, other = sketch.stamps.split(" ")
        is_invented = "d" if sketch.package in self._invented else ""
        seen = digest(evidence, other, self._rounds_digest(sketch.rounds))
        place = f"{sketch.region_code}/{sketch.organization_id}"
        inputs = f"{self.look} {row} {seen} {region}{is_invented}"
        yield Wanted(name=f"e/{place}", inputs=inputs, region_code=sketch.region_code, key=sketch.key)
        shown = digest(*(one.photo_sha256 for one in self.warehouse.pictures(sketch.key)))
        inputs = f"{digest(FORM)} {shown}"
        yield Wanted(name=f"f/{place}", inputs=inputs, region_code=sketch.region_code, key=sketch.key)

    def _sent(self, sketch: Sketch) -> Wanted:
        """The photographs of an organisation's reviews, drawn anew only if others are shown."""
        from nok.pictures import FORM_OF_REVIEWS  # a library of pictures, which few builds need

        told = (f"{one.review_id} {one.number} {one.sha256}" for _, _, one in self.warehouse.review_photos(sketch.key))
        name = f"z/{sketch.region_code}/{sketch.organization_id}"
        inputs = f"{digest(FORM_OF_REVIEWS)} {digest(*told)}"
        return Wanted(name=name, inputs=inputs, region_code=sketch.region_code, key=sketch.key)

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

    def _municipalities(self, region_code: str, region: str) -> Iterator[Wanted]:
        """The pages of each municipality and its kinds; all of them show the medians of the region."""
        medians = digest(repr(self.warehouse.peer_medians(region_code)))
        yield Wanted(name=f"g/{region_code}", inputs=f"{self.program} {medians}", region_code=region_code)
        rows = self.warehouse.municipal_stamps(region_code)
        for number, (name, found) in enumerate(groupby(rows, key=itemgetter(0)), start=1):
            shown = self._rows([(stamp, latest) for _, stamp, latest in found])
            unit = f"g/{region_code}/{municipality_key(name)}"
            yield Wanted(
                name=unit, inputs=f"{self.look} {region} {medians} {shown}", region_code=region_code, key=number
            )

    # -- the API -----------------------------------------------------------------------------------------------------

    def _api_pages(self, region_code: str, listed: Sequence[tuple[str, ...]]) -> Iterator[Wanted]:
        """The pages of a region's lists for programs; `listed` tells for each list what it says of an organisation."""
        pages = pages_of(len(listed))
        for number in range(1, pages + 1):
            shown = zip(*listed[(number - 1) * PER_PAGE : number * PER_PAGE], strict=True)
            for name, stamps in zip(LISTS, shown, strict=True):
                inputs = f"{self.program} {digest(str(pages), *stamps)}"
                yield Wanted(
                    name=f"v/{region_code}/{name}/{number}", inputs=inputs, region_code=region_code, key=number
                )

    def _api_numbers(self) -> Iterator[Wanted]:
        """Organisations by the numbers of taxpayers, a file for each four digits that one begins with."""
        for prefix, rows in groupby(self.warehouse.inn_rows(), key=lambda row: row[0][:4]):
            yield Wanted(name=f"w/{prefix}", inputs=f"{self.program} {digest(*map(repr, rows))}")

    # -- indicators ---------------------------------------------------------------------------------------------------

    def _indicator_lists(self, region_code: str, region: str, measured: "_Sums") -> Iterator[Wanted]:
        """The pages of every list of indicators of a region; `measured` says what they show of each organisation: its row,
        scores, observations and answers, rounds."""
        order = measured.order()
        size, turn, kinds = self.organizations_per_page, 0, dict[tuple[str, str], list[str]]()
        for method_id, measure, sphere, kind, number, said, keys in self.warehouse.indicator_order(region_code):
            whole = digest(region, method_id, measure, sphere, kind, str(number), said)
            self._listed.setdefault(region_code, []).append(f"{method_id} {measure} {kind}")
            kinds.setdefault((method_id, measure), []).append(whole)
            listed = self._in_order(read_json(keys), number, order)
            # A country has tens of thousands of these lists. On one page the order follows from what is on it.
            for page, first in enumerate(range(0, max(number, 1), size), start=1):
                turn += 1
                shown = measured.of(listed[first : first + size])
                name = indicator_unit(method_id, measure, region_code, sphere, kind, page)
                inputs = f"{self.look} {whole} {shown}"
                yield Wanted(name=name, inputs=inputs, region_code=region_code, sphere=sphere, key=turn)
        self._told[region_code] = RegionTold(digest=region, indicators=kinds)
        for (method_id, measure), found in kinds.items():
            name = f"i/{method_id}/{measure}/{region_code}"
            yield Wanted(name=name, inputs=f"{self.look} {digest(*found)} -", region_code=region_code)

    def _in_order(self, keys: Sequence[Sequence[int]], number: int, order: Mapping[int, int]) -> list[int]:
        """The organisations of a list; in its order where it is longer than a page."""
        if number <= self.organizations_per_page:
            return [key for equals in keys for key in equals]
        return [key for equals in keys for key in sorted(equals, key=order.__getitem__)]

    # -- rating lists ------------------------------------------------------------------------------------------------

    def _rating_lists(self, region_code: str, region: str, rated: "_Sums") -> Iterator[Wanted]:
        """The page that leads to the rating lists of a region, and every page of each; `rated` says what they show of each
        organisation: its row, its scores, its places."""
        lists = self.warehouse.rating_lists(region_code)
        present = self.warehouse.kind_numbers(region_code)
        offered = digest(*(f"{one.assessment!r} {one.kind} {one.number}" for one in lists))
        yield Wanted(name=f"j/{region_code}", inputs=f"{self.look} {region} {offered}", region_code=region_code)
        order, size, turn = rated.order(), self.organizations_per_page, 0
        for one in sorted(lists, key=lambda one: one.kind):  # what is read for one round is enough for others
            here = present.get((one.assessment.sphere, one.kind), 0)
            whole = digest(offered, repr(one), str(here))
            listed = self._in_order(self.warehouse.rating_keys(one), one.number, order)
            for page, first in enumerate(range(0, one.number, size), start=1):
                turn += 1
                shown = rated.of(listed[first : first + size])
                name = f"j/{region_code}/{one.assessment.assessment_id}/{one.kind or '_'}/{page}"
                inputs = f"{self.look} {region} {whole} {shown}"
                yield Wanted(name=name, inputs=inputs, region_code=region_code, key=turn)

    def _indicator_pages(self, told: Mapping[str, RegionTold]) -> Iterator[Wanted]:
        """The page of each indicator that somebody has."""
        lists: dict[tuple[str, str], list[str]] = {}
        for region in told.values():
            for indicator, found in region.indicators.items():
                lists.setdefault(indicator, []).extend(found)
        for (method_id, measure), found in lists.items():
            yield Wanted(name=f"i/{method_id}/{measure}", inputs=f"{self.look} {digest(*found)} -")

    # -- reports -----------------------------------------------------------------------------------------------------

    def _reports(self, region_code: str, region: str, rounds: Sequence[RoundCourse]) -> Iterator[Wanted]:
        """A report a year; `region` is a digest of its names and of how many organisations it has."""
        years = self.warehouse.course_years(region_code=region_code)
        present = digest(
            *(f"{item.name} {item.organizations}" for item in self.warehouse.aggregates(region_code=region_code))
        )
        found = years_with_reports(rounds, years, self._periods)
        for year in found:
            own = [item for item in rounds if self._periods.get(item.assessment_id) == year]
            told = [f"{item.assessment_id} {self._latest(item.assessment_id)} {item.stamp}" for item in own]
            told += [item.stamp for item in years if item.year == year]
            name, inputs = f"t/{region_code}/{year}", (region, present, repr(found), *told)
            day = self._day_if_overdue(own)
            yield Wanted(name=name, inputs=f"{self.look} {digest(*inputs)} {day}", region_code=region_code, key=year)

    def _day_if_overdue(self, rounds: Sequence[RoundCourse]) -> str:
        """What is overdue is told with the day: such a page is made anew every day, and no other is."""
        return self._day if any(item.overdue(self.today) for item in rounds) else "-"

    def _changes(self, region_code: str, region: str, rounds: Sequence[RoundCourse]) -> Wanted:
        """What was mended in the last twelve months; indicators are named by the methods of the region's rounds."""
        methods = sorted(self._latest(item.assessment_id) for item in rounds)
        number = self.warehouse.done_since(self._window_start, region_code)
        stamps = self.warehouse.done_stamps(self._window_start, MOST_CHANGES, region_code)
        shown = digest(region, str(number), *methods, *stamps, *self._listed.get(region_code, ()))
        return Wanted(name=f"c/{region_code}", inputs=f"{self.look} {shown}", region_code=region_code)

    @cached_property
    def _periods(self) -> dict[str, int]:
        """Independent rounds to their years."""
        found = self.warehouse.assessments().values()
        return {each.assessment_id: each.period for each in found if each.is_independent}

    # -- assessments -------------------------------------------------------------------------------------------------

    def _assessments(self) -> Iterator[Wanted]:
        lists: dict[str, list[str]] = {}
        for group in self.warehouse.groups():
            lists.setdefault(group.assessment_id, []).append(f"{group.region_code} {group.sphere}")
        demonstration = str(bool(self._demonstrations))
        for assessment in self.warehouse.assessments().values():
            shown = digest(demonstration, *lists.get(assessment.assessment_id, ()))
            record = self.warehouse.record(assessment.assessment_id)
            steps = self.warehouse.stages.get(assessment.assessment_id, {})
            who = digest(repr((record.parties, record.decisions, record.bodies, steps)))
            courses = [(self.region_digest(item.region_code), replace(item, stamp="")) for item in record.courses]
            came, day = digest(repr(courses)), self._day_if_overdue(record.courses)
            inputs = f"{self.look} {digest(repr(assessment))} {shown} {who} {came} {day}"
            yield Wanted(name=f"a/{assessment.assessment_id}", inputs=inputs)

    # -- questionnaires ----------------------------------------------------------------------------------------------

    def _questionnaires(self) -> Iterator[Wanted]:
        """Each form names all the others, so that one digest serves them all; they are few."""
        forms = digest(*(repr(form) for form in self.questionnaires))
        invented = digest(*sorted(self._demonstrations))
        for form in self.questionnaires:
            yield Wanted(name=f"q/{form.id}", inputs=f"{self.look} {forms} {invented}")

    # -- who stands behind assessments --------------------------------------------------------------------------------

    def _parties(self) -> Iterator[Wanted]:
        """A page for each authority, operator, council and campaign, and the list of each kind."""
        index, forms = self.index, {form.id: repr(form) for form in self.questionnaires}
        for table in TABLES:
            yield from self._party_lists(table)
            for key in index.ids(table):
                facts = index.facts(table, key)
                form = forms.get(facts.row.get("questionnaire_id", ""), "")
                shown = digest(repr(facts), form, self._region_named(facts.row))
                yield Wanted(name=f"b/{table}/{key}", inputs=f"{self.look} {shown}")

    def _party_lists(self, table: str) -> Iterator[Wanted]:
        """The pages of the list of a kind, which may be thousands."""
        facts, size = self.index.listed(table), self.organizations_per_page
        last = max(1, -(-len(facts.rows) // size))
        for number in range(1, last + 1):
            rows = facts.rows[(number - 1) * size : number * size]
            told = [(row, facts.counts.get(key := row[facts.key], 0), facts.states.get(key, "")) for row in rows]
            shown = digest(repr(told), *map(self._region_named, rows), str(last), str(facts.is_invented))
            yield Wanted(name=f"n/{table}/{number}", inputs=f"{self.look} {shown}", key=number)

    def _region_named(self, row: Mapping[str, str]) -> str:
        """What pages say of the region that a row names."""
        return repr(self.warehouse.regions().get(row.get("region_code", "")))

    def _rosters(self) -> Iterator[Wanted]:
        """The pages of each list that a council approved; the first has the whole list as a file."""
        size = self.organizations_per_page
        for roster_id, facts in self.index.rosters.items():
            entries = self.index.entries_of(roster_id)
            whole = digest(repr(facts), str(self.index.is_invented(roster_id)), self._region_named(facts.row))
            last = max(1, -(-len(entries) // size))
            for number in range(1, last + 1):
                first, after = (0, len(entries)) if number == 1 else ((number - 1) * size, number * size)
                listed = (f"{one.entry} {one.reason} {one.stamp}" for one in entries.part(first, after))
                shown = digest(str(last), *listed)
                yield Wanted(name=f"l/{roster_id}/{number}", inputs=f"{self.look} {whole} {shown}", key=number)

    @cached_property
    def index(self) -> PartyIndex:
        return PartyIndex(self.warehouse, self.today)

    @cached_property
    def _running(self) -> Running:
        return Running(self.warehouse.small("campaigns"), self.today)

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
        """The same, what answers count as there, and the stages of the newest, which an organisation's page tells."""
        if rounds not in self._computed:
            self._computed[rounds] = digest(self._rounds_digest(rounds), self.forms, self._steps_digest(rounds))
        return self._computed[rounds]

    def _steps_digest(self, rounds: str) -> str:
        """Of the stages of the newest of these assessments."""
        if rounds not in self._steps:
            stages = self.warehouse.stages
            self._steps[rounds] = digest(*(repr(stages.get(name)) for name in json.loads(rounds)[:1]))
        return self._steps[rounds]

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
        year = self.today.year  # of which pages say how long ago a round was
        return {each.assessment_id: f"{each.assessment_id} {each.period} {each.method_id} {year}" for each in found}

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


class _Sums:
    """What lists show of each organisation of a region, in page order, and of some of them together: a sum, for the pages
    of a list are told apart by who is on them, and equals on one have an order of their own."""

    def __init__(self) -> None:
        self.shown: dict[int, str] = {}
        """By the keys of organisations; a row tells one apart from any other."""
        self._numbers: dict[int, int] = {}

    def order(self) -> dict[int, int]:
        """Key to the place in page order."""
        return {key: number for number, key in enumerate(self.shown)}

    def of(self, keys: Sequence[int]) -> str:
        """What tells these organisations apart from any others."""
        if not self._numbers:  # many regions have no such list
            self._numbers = {key: int(digest(text), 16) for key, text in self.shown.items()}
        return f"{sum(map(self._numbers.__getitem__, keys)):x}"


def indicator_unit(method_id: str, measure: str, region_code: str, sphere: str, kind: str, page: int) -> str:
    """The name of a page of an indicator's list."""
    return f"i/{method_id}/{measure}/{region_code}/{sphere}/{kind or '_'}/{page}"


def planner_of(publication: Publication, warehouse: Warehouse, look: str, today: date) -> Planner:
    """The planner of a publication."""
    methods = publication.methods.values()
    return Planner(
        warehouse=warehouse,
        look=look,
        program=program(),
        today=today,
        organizations_per_page=publication.config.organizations_per_page,
        questionnaires=publication.shown_questionnaires,
        forms=digest(*(repr(form.said) for form in publication.forms.values())),
        methods_with_penalties=frozenset(method.id for method in methods if not method.total.higher_is_better),
    )


def search_units(search: SearchStore) -> Iterator[Wanted]:
    """The units of the search index; they are data, which no template shapes."""
    for shard in search.files():
        yield Wanted(name=f"x/{shard.kind}/{shard.name}", inputs=f"{program()} {shard.mark}")


def _without_ratings(group: Group) -> str:
    """What further pages of lists show of a group: a new rating anywhere must not make them all anew."""
    return f"{group.sphere} {group.organizations} {group.assessed} {group.assessment_id}"
