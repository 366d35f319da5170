"""What one worker does: a partition of the warehouse in, its files in the slot out.

Every task is independent and small to send, so any `concurrent.futures.Executor` can run it: one process, several, or
a cluster that sees the same folders. A worker opens the publication once and keeps it.
"""

import gc
import json
import multiprocessing
import multiprocessing.connection
import os
import signal
import socket
import threading
import time
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache, partial
from itertools import chain, groupby
from pathlib import Path

from nok import urls
from nok.compose.assessment import badge_text
from nok.compose.choosing import medians_json, municipality_page, peers_page, search_entry
from nok.compose.edition import Edition
from nok.compose.evidence import checks_of
from nok.compose.feeds import MOST_ENTRIES, has_news, organization_feed, region_feed, rounds_told
from nok.compose.indicators import indicator_list_page, indicator_page, indicator_region_page, list_path
from nok.compose.lists import region_page, sphere_region_page
from nok.compose.observed import observed_page
from nok.compose.organization import Subject, card_of, make_subject, page_of, reviews_of
from nok.compose.parties import (
    authority_page,
    campaign_page,
    council_page,
    operator_page,
    parties_page,
    roster_page,
)
from nok.compose.passport import assessment_page
from nok.compose.place import PICTURE_HEIGHT, PICTURE_WIDTH, Extent, extent_of
from nok.compose.poster import Stand, default_stand, poster_page
from nok.compose.questionnaire import questionnaire_page
from nok.compose.ratings import ListSize, rating_list_page, ratings_page
from nok.compose.reports import MOST_CHANGES, Year, changed_page, report_page, year_of, years_with_reports
from nok.errors import ClusterError, ConfigError, NokError
from nok.model import Feed, MapView, Page
from nok.picture_heads import LARGE_SIDE, OBSERVED_SIDE, SMALL_SIDE, PictureError
from nok.questionnaire import answers_schema
from nok.records import Aggregate, AppealSum, Organization
from nok.render.aggregates import aggregate_rows, aggregates_csv, aggregates_json, appeals_csv, appeals_json
from nok.render.api import PER_PAGE, inn_json, list_json, organization_rows, pages_of, review_rows, score_rows
from nok.render.badges import badge_svg, silhouette_svg
from nok.render.cabinet import cabinet_files, roster_csv
from nok.render.downloads import PointRow, organization_json_bytes, points_json
from nok.render.feeds import atom_bytes
from nok.render.pages import TEMPLATES, PageRenderer
from nok.render.qr import make_qr
from nok.render.ratings import rating_csv
from nok.render.reports import report_csv
from nok.search_store import SearchEntry, SearchStore, update_search
from nok.site.files import FileWriter
from nok.site.inputs import Planner, RegionTold, planner_of
from nok.site.manifest import SEARCH, Compared, Unit, Wanted, compare, listing_of, read_inputs
from nok.site.publication import Publication, read_publication
from nok.site.rounds import NewestRounds
from nok.site.search_files import search_file, search_store_of
from nok.statistics import window_start
from nok.template_shelf import TemplateShelf
from nok.templating import Theme, trusted_html
from nok.warehouse import IndicatorGroup, ListFacts, Measured, OrganizationFacts, Rated, RatingList, Warehouse
from nok.warehouse_parties import Entry, Listing, PartyIndex, RosterFacts, Running


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """What all tasks of one build share; small and hashable, so that a worker knows whether it has it already.

    `assets` are (logical name, path below the root). `is_fresh` says that the slot holds nothing yet. `run` is of this
    very run and of no other, and stands in the file `run_file`: what a worker has opened for an earlier run says nothing
    about this one, whose files have the same names, and a worker that cannot read it there sees other folders than we do.
    `look` is the hash of program, theme and configuration.
    """

    run: str
    look: str

    run_file: Path
    config_file: Path
    warehouse: Path
    slot: Path
    is_fresh: bool
    today: date
    assets: tuple[tuple[str, str], ...]
    templates: Path
    """Where bound templates of this look and these assets are kept."""
    packages: tuple[tuple[str, Path], ...] = ()
    """Where each package lies, by its name: pictures of operators are read from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Units of one kind and region, to be made; `known` are the files of those that stand in the slot."""

    units: tuple[Wanted, ...]
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """`o` organisations, `r` and `s` pages of lists, `m` the map of a region, `p` its points, `a` assessments, `q`
        questionnaires, `i` indicators, `j` rating lists, `k` feeds of regions, `t` reports, `c` what has changed, `e` what
        observers saw, `f` their pictures, `z` photographs of reviews, `x` files of the search index, `g` municipalities, `v`
        and `w` lists and numbers of the API."""
        return self.units[0].kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The units that are now right, how many of their files had to be written, and how long it took.

    `seconds` are of the whole task; `writing_seconds` what of them went into files.
    """

    units: list[Unit]
    written: int
    seconds: float
    writing_seconds: float

    @property
    def is_of_search(self) -> bool:
        return any(unit.name.startswith(SEARCH) for unit in self.units[:1])


File = tuple[str, bytes]
"""A path below the slot, and what stands there."""


def some_together(every: Iterable[OrganizationFacts]) -> Iterator[list[OrganizationFacts]]:
    """Organisations a few at a time, to be taken through each step of the work together.

    A processor is quickest at what it has just done: one after another through all steps they took 1.1 times as long. More
    of them at once would not fit where it keeps what is at hand.
    """
    group: list[OrganizationFacts] = []
    reviews = 0
    for facts in every:
        group.append(facts)
        reviews += len(facts.reviews)
        if len(group) == _TOGETHER or reviews > _MOST_REVIEWS:
            yield group
            group, reviews = [], 0
    if group:
        yield group


_TOGETHER = 4
_MOST_REVIEWS = 1_000
"""After so many the group is full: their organisations' data are in memory together."""


def run_task(order: WorkOrder, task: Task) -> Done:
    """Does one task; the entry of every worker.

    Raises:
        ClusterError: this worker sees other folders than the build, has another program, or is late: the build is over.
    """
    _refuse_other_folders(order)
    worker = open_worker(order)
    started, writing = time.perf_counter(), worker.writer.seconds
    units, written = worker.make(task)
    return Done(
        units=units,
        written=written,
        seconds=time.perf_counter() - started,
        writing_seconds=worker.writer.seconds - writing,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionPlan:
    """What must be made of one region, and what that tells about pages of the whole.

    `fullest` is the folder of its organisations that has most files, and how many.
    """

    compared: Compared
    told: RegionTold
    fullest: tuple[str, int]


def plan_region(order: WorkOrder, look: str, manifest: Path, region_code: str, *, every: bool) -> RegionPlan:
    """Plans one region; `look` is of all that pages show besides data, `manifest` that of the slot."""
    worker = open_worker(order)
    planner = worker.planner(look)
    known = read_inputs(manifest, region_code)
    compared = compare(known, region_code, planner.units(region_code), every=every)
    config = worker.publication.config
    fullest = worker.warehouse.fullest_folder(region_code, config.reviews_per_page, config.address_shards)
    return RegionPlan(compared=compared, told=planner.told(region_code), fullest=fullest)


@lru_cache(maxsize=1)
def _theme(folder: Path, _look: str) -> Theme:
    """The theme in a folder, read once for each look of a publication: a process may serve several builds."""
    return Theme(folder)


def prepare_worker(config_file: Path, templates: Path) -> None:
    """Has this process read the templates that most builds need, before there is work; those that are kept in a folder
    `templates` need no reading. What is wrong with the publication is told by whoever builds it."""
    if TemplateShelf(templates).is_there:
        return
    with suppress(NokError, OSError):
        publication = read_publication(config_file)
        _theme(publication.theme, publication.look()).prepare(TEMPLATES.values())


class _Kept(threading.local):
    """What this thread has opened: a store may be read only by the thread that opened it."""

    worker: "Worker | None" = None


_kept = _Kept()


def open_worker(order: WorkOrder) -> "Worker":
    """The worker of this thread for a run; opened once, the one of an earlier run being closed.

    Raises:
        ClusterError: program, theme or configuration are not those of the build.
    """
    if _kept.worker is None or _kept.worker.order != order:
        close_worker()
        _kept.worker = Worker(order)
    return _kept.worker


def _refuse_other_folders(order: WorkOrder) -> None:
    """A machine of a cluster that does not share our folders must not write into its own, nor one whose build is over
    into the slot of the next."""
    try:
        found = order.run_file.read_text("utf-8")
    except OSError:
        found = ""
    for seen, place in ((found == order.run, order.run_file), (order.slot.is_dir(), order.slot)):
        if not seen:
            raise ClusterError("worker-folders", host=socket.gethostname(), place=place)


def begin_worker() -> None:
    """What a worker process does first: it sees to it that it ends with the process that asked for it.

    A killed build must leave nobody behind who holds its lock or goes on writing. Ctrl-C reaches every process of a
    terminal; who answers it is that process alone.
    """
    collect_seldom()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def collect_seldom() -> None:
    """Records have no circles, so that looking for circles among millions of them finds nothing and costs a third."""
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS_BETWEEN_COLLECTIONS)


_ALLOCATIONS_BETWEEN_COLLECTIONS = 500_000

_LISTED_AT_ONCE = 500


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


def close_worker() -> None:
    """Lets go of the files that this thread opened for a build."""
    if _kept.worker is not None:
        _kept.worker.close()
        _kept.worker = None


def editions(publication: Publication, warehouse: Warehouse, today: date) -> dict[str, Edition]:
    """One edition a language."""
    method_of = {name: assessment.method_id for name, assessment in warehouse.assessments().items()}
    running = Running(warehouse.small("campaigns"), today)
    return {
        language: Edition(
            config=publication.config,
            language=language,
            words=publication.words[language],
            methods=publication.methods,
            spheres=publication.spheres,
            reasons=publication.reasons,
            regions=warehouse.regions(),
            method_of=method_of,
            today=today,
            stages=warehouse.stages,
            campaigns=running,
            exonyms=publication.exonyms,
        )
        for language in publication.config.languages
    }


def fill_search(config_file: Path, store: Path, today: date) -> None:
    """Brings the search index beside the warehouse at `store` up to date."""
    publication = read_publication(config_file)
    with closing(Warehouse(store)) as warehouse:
        found = editions(publication, warehouse, today)
        rounds = (f"{one.assessment_id} {one.period} {one.method_id}" for one in warehouse.assessments().values())
        frame = "\n".join((publication.frame(), repr(warehouse.regions()), *found, *rounds))

        def entries(keys: Sequence[int]) -> Iterator[SearchEntry]:
            for facts, stamp in warehouse.listed_with_stamps(keys):
                yield search_entry(facts, stamp, found)

        number, stamps = warehouse.number_of_organizations(), warehouse.search_stamps()
        update_search(search_store_of(store), frame, number, stamps, entries)


class Worker:
    """An opened publication: warehouse, editions, templates, and the slot to write to."""

    def __init__(self, order: WorkOrder) -> None:
        self.order = order
        self.publication = read_publication(order.config_file)
        if self.publication.look() != order.look:
            raise ClusterError("worker-look", host=socket.gethostname())
        self.warehouse = Warehouse(order.warehouse)
        self.editions = editions(self.publication, self.warehouse, order.today)
        self.main = next(iter(self.editions.values()))
        precompressed = self.publication.config.precompressed
        self.writer = FileWriter(order.slot, is_fresh=order.is_fresh, precompressed=precompressed)
        self.assets = dict(order.assets)
        self.renderer = PageRenderer(
            _theme(self.publication.theme, order.look),
            self.publication.config,
            self.publication.words,
            self.assets,
            TemplateShelf(order.templates),
        )
        self.demonstrations = self.warehouse.demonstration_regions()
        self._search: SearchStore | None = None
        self._planner: Planner | None = None
        self._forms = self.publication.forms
        self._groups: dict[tuple[str, str], dict[tuple[str, ...], IndicatorGroup]] = {}
        self._extents: dict[str, Extent | None] = {}
        self._orders: dict[tuple[str, str], array[int]] = {}
        self._medians: dict[tuple[str, ...], dict[str, Decimal]] = {}
        self._newest_rounds = NewestRounds(self.warehouse, self.publication.methods)
        self._turns_of: tuple[str, dict[int, int]] = ("", {})
        self._ordered: tuple[IndicatorGroup | RatingList | None, list[int]] = (None, [])

    def close(self) -> None:
        self.warehouse.close()
        if self._search is not None:
            self._search.close()

    @property
    def search(self) -> SearchStore:
        """The search index, opened when it is first asked for: most tasks need none."""
        if self._search is None:
            self._search = SearchStore(search_store_of(self.order.warehouse))
        return self._search

    def planner(self, look: str) -> Planner:
        """The planner of this build, which remembers what many organisations share."""
        if self._planner is None or self._planner.look != look:
            self._planner = planner_of(self.publication, self.warehouse, look, self.order.today)
        return self._planner

    def write_page(self, page: Page, path: str, edition: Edition) -> None:
        self.writer.write(*self._file(page, path, edition))

    def _file(self, page: Page, path: str, edition: Edition) -> File:
        return path, self.renderer.render(page, path, edition.language).encode()

    def make(self, task: Task) -> tuple[list[Unit], int]:
        """Makes the units of a task; (units, how many files had to be written)."""
        makers = {
            "o": self._organizations,
            "r": self._region_lists,
            "s": self._sphere_lists,
            "m": self._maps,
            "p": self._point_lists,
            "a": self._assessments,
            "q": self._questionnaires,
            "i": self._indicators,
            "j": self._rating_lists,
            "k": self._feeds,
            "e": self._observed,
            "f": self._pictures,
            "z": self._sent,
            "x": self._search_files,
            "g": self._municipalities,
            "t": self._reports,
            "c": self._changes,
            "b": self._parties,
            "n": self._party_lists,
            "l": self._rosters,
            "v": self._api_pages,
            "w": self._api_numbers,
        }
        units, number = [], 0
        for wanted in makers[task.kind](task):
            files, written = self.writer.end()
            named = {"name": wanted.name, "inputs": wanted.inputs, "region_code": wanted.region_code}
            units.append(Unit(listing=listing_of(files), **named))
            number += written
        return units, number

    def begin(self, task: Task, wanted: Wanted) -> None:
        self.writer.begin(task.known.get(wanted.name, {}))

    # -- organisations -----------------------------------------------------------------------------------------------

    def _organizations(self, task: Task) -> Iterator[Wanted]:
        wanted = {unit.key: unit for unit in task.units}
        for group in some_together(self.warehouse.organizations(list(wanted))):
            subjects = [self._subject(facts) for facts in group]
            for subject, ready in zip(subjects, self._ready(subjects), strict=True):
                self.begin(task, wanted[subject.facts.number])
                for path, content in ready:
                    self.writer.write(path, content)
                self._write_further(subject)
                yield wanted[subject.facts.number]

    def _subject(self, facts: OrganizationFacts) -> Subject:
        """Its facts, computed and judged, for all its pages and files."""
        checks = checks_of(facts, self.publication.methods, self._forms)
        return make_subject(facts, self.publication.config, self.main.today, checks)

    def _ready(self, subjects: Sequence[Subject]) -> Iterator[tuple[File, ...]]:
        """What every organisation has, kind by kind: its pages and cards; once, whatever the languages, its data, badge and
        poster."""
        kinds = [self.organization_pages(subjects, edition) for edition in self.editions.values()]
        for edition in self.editions.values():
            cards = [(card_of(subject, edition), edition.lang + subject.files.card) for subject in subjects]
            kinds.append([self._file(card, path, edition) for card, path in cards])
        kinds.append([(subject.files.json, self._json(subject)) for subject in subjects])
        stands = [default_stand(subject.facts.organization.organization_id) for subject in subjects]
        codes = [make_qr(urls.printed(self.publication.config.widget_url, stand.code)) for stand in stands]
        drawings = [(code.path, code.size) for code in codes]  # the path is drawn anew each time that it is asked for
        kinds.append([self._badge(*one) for one in zip(subjects, drawings, strict=True)])
        kinds.append([self._poster(*one) for one in zip(subjects, stands, drawings, strict=True)])
        return zip(*kinds, strict=True)

    def organization_pages(self, subjects: Sequence[Subject], edition: Edition) -> list[File]:
        """The page of each, all records before the first is rendered."""
        pages = [
            page_of(subject, self._peers(subject.facts), self._extent(subject.facts.organization.region_code), edition)
            for subject in subjects
        ]
        paths = [edition.lang + subject.files.page for subject in subjects]
        return [self._file(page, path, edition) for page, path in zip(pages, paths, strict=True)]

    def _badge(self, subject: Subject, drawing: tuple[str, int]) -> File:
        rounds = subject.facts.rounds
        heading, mark = badge_text(rounds[0] if rounds else None, self.main)
        return subject.files.badge, badge_svg(heading, mark.points, mark.word, mark.level, *drawing).encode()

    def _poster(self, subject: Subject, stand: Stand, drawing: tuple[str, int]) -> File:
        facts = subject.facts
        poster = poster_page(
            facts.organization,
            facts.rounds[0] if facts.rounds else None,
            subject.plan,
            self.main,
            stand,
            is_demonstration=facts.is_demonstration,
            picture=drawing,
        )
        return self._file(poster, subject.files.poster, self.main)

    def _write_further(self, subject: Subject) -> None:
        """What not every organisation has: further pages of reviews, which may be many, and the feed."""
        facts, files = subject.facts, subject.files
        for edition in self.editions.values():
            for number, page in enumerate(reviews_of(subject, edition), start=2):
                self.write_page(page, edition.lang + files.reviews(number), edition)
        if has_news(facts, self.main.today):
            page_path = self.main.lang + files.page
            self.writer.write(files.feed, atom_bytes(organization_feed(facts, files.feed, page_path, self.main)))

    # -- what observers saw ------------------------------------------------------------------------------------------

    def _observed(self, task: Task) -> Iterator[Wanted]:
        wanted = {unit.key: unit for unit in task.units}
        for facts in self.warehouse.organizations(list(wanted)):
            self.begin(task, wanted[facts.number])
            pictures = self.warehouse.pictures(facts.number)
            of = facts.organization
            for edition in self.editions.values():
                path = urls.organization_observed(of.region_code, of.organization_id, edition.lang, self._shards)
                self.write_page(observed_page(facts, pictures, edition), path, edition)
            yield wanted[facts.number]

    def _pictures(self, task: Task) -> Iterator[Wanted]:
        """The published copies of the pictures of an organisation."""
        for unit in task.units:
            self.begin(task, unit)
            for one in self.warehouse.pictures(unit.key):
                self.writer.write(urls.observed_picture(one.photo_sha256), self._copy_of(one.package, one.path))
            yield unit

    def _sent(self, task: Task) -> Iterator[Wanted]:
        """The published copies of the photographs of an organisation's reviews, large and small."""
        for unit in task.units:
            self.begin(task, unit)
            _, region_code, organization_id = unit.name.split("/")
            for package, path, photo in self.warehouse.review_photos(unit.key):
                place = region_code, organization_id, photo.review_id, photo.number, photo.sha256
                self.writer.write(urls.review_photo(*place), self._copy_of(package, path, LARGE_SIDE))
                self.writer.write(urls.review_photo_small(*place), self._copy_of(package, path, SMALL_SIDE))
            yield unit

    def _copy_of(self, package: str, path: str, longest: int = OBSERVED_SIDE) -> bytes:
        # A library of pictures, which only the worker that has some needs to import.
        from nok.pictures import published_copy

        folders = dict(self.order.packages)
        try:
            return published_copy((folders[package] / path).read_bytes(), longest)
        except PictureError as error:
            raise ConfigError("picture-gone", package=package, place=path) from error

    def _json(self, subject: Subject) -> bytes:
        found = subject.summary, subject.window, subject.splits, subject.checks
        return organization_json_bytes(subject.facts, *found, self.publication.methods)

    @property
    def _shards(self) -> int:
        return self.publication.config.address_shards

    def _peers(self, facts: OrganizationFacts) -> dict[str, Decimal]:
        if not facts.rounds:
            return {}
        organization = facts.organization
        return self._medians_of(facts.rounds[0].assessment.assessment_id, organization.region_code, organization.kind)

    def _medians_of(self, *key: str) -> dict[str, Decimal]:
        """By assessment, region and kind."""
        if key not in self._medians:
            self._medians[key] = self.warehouse.medians(*key)
        return self._medians[key]

    def _extent(self, region_code: str) -> Extent | None:
        if region_code not in self._extents:
            self._extents[region_code] = extent_of(self.warehouse.coordinates(region_code))
        return self._extents[region_code]

    # -- lists -------------------------------------------------------------------------------------------------------

    def _region_lists(self, task: Task) -> Iterator[Wanted]:
        code, size = task.units[0].region_code, self.publication.config.organizations_per_page
        groups, plan = self.warehouse.groups(code), self.warehouse.plan_counts(code)
        aggregates = self.warehouse.aggregates(region_code=code)
        has_map, sums = self._extent(code) is not None, self.warehouse.appeals(code)
        has_feed = self._has_feed(code)
        for unit in task.units:
            self.begin(task, unit)
            number = unit.key
            facts = self.warehouse.listed(self._in_order(code)[(number - 1) * size : number * size])
            for edition in self.editions.values():
                view = self._map_view(code, edition) if has_map and number == 1 else None
                shown = code in self.demonstrations
                appeals = sums if number == 1 else ()
                more = (aggregates, appeals)
                page = region_page(code, groups, facts, number, view, plan, shown, edition, *more, has_feed=has_feed)
                self.write_page(page, urls.region(code, number, edition.lang), edition)
            if number == 1:
                self.write_aggregates(aggregates, partial(urls.region_aggregates, code))
                self._write_appeals(code, sums)
            yield unit

    def _write_appeals(self, code: str, sums: Sequence[AppealSum]) -> None:
        """Both forms of what is added up of a region's appeals; nothing where nobody told of any."""
        if sums:
            self.writer.write(urls.region_appeals(code, "json"), appeals_json(sums))
            self.writer.write(urls.region_appeals(code, "csv"), appeals_csv(sums))

    def write_aggregates(self, aggregates: Sequence[Aggregate], address: Callable[[str], str]) -> None:
        """Both forms of what is added up, once for all languages; `address` gives the path for an ending."""
        rows = aggregate_rows(aggregates, self._newest_rounds.of)
        self.writer.write(address("json"), aggregates_json(rows))
        self.writer.write(address("csv"), aggregates_csv(rows))

    def _sphere_lists(self, task: Task) -> Iterator[Wanted]:
        code, sphere = task.units[0].region_code, task.units[0].sphere
        size, groups = self.publication.config.organizations_per_page, self.warehouse.groups(code)
        group = next(group for group in groups if group.sphere == sphere)
        method = self.publication.methods.get(self.main.method_of.get(group.assessment_id, ""))
        better = method.total.higher_is_better if method else True
        for unit in task.units:
            self.begin(task, unit)
            number = unit.key
            totals = list(self.warehouse.totals(code, sphere)) if number == 1 else []
            aggregates = self.warehouse.aggregates(region_code=code, sphere=sphere) if number == 1 else []
            shown = code in self.demonstrations
            keys = self._in_order(code, sphere, higher_is_better=better)[(number - 1) * size : number * size]
            facts = self.warehouse.listed(keys)
            for edition in self.editions.values():
                page = sphere_region_page(group, groups, totals, facts, number, shown, edition, aggregates)
                self.write_page(page, urls.sphere_region(sphere, code, number, edition.lang), edition)
            yield unit

    def _in_order(self, region_code: str, sphere: str = "", *, higher_is_better: bool = True) -> "array[int]":
        """Keys of the organisations of a list; asked for once, for to count to a page costs as much as to read all."""
        if (region_code, sphere) not in self._orders:
            self._orders[region_code, sphere] = (
                self.warehouse.ranked(region_code, sphere, higher_is_better=higher_is_better)
                if sphere
                else self.warehouse.in_page_order(region_code)
            )
        return self._orders[region_code, sphere]

    def _assessments(self, task: Task) -> Iterator[Wanted]:
        groups = self.warehouse.groups()
        for unit in task.units:
            self.begin(task, unit)
            found = self.warehouse.record(unit.name.partition("/")[2])
            for edition in self.editions.values():
                page = assessment_page(found, groups, bool(self.demonstrations), edition)
                self.write_page(page, urls.assessment(found.assessment.assessment_id, edition.lang), edition)
            yield unit

    # -- the API -----------------------------------------------------------------------------------------------------

    def _api_pages(self, task: Task) -> Iterator[Wanted]:
        code = task.units[0].region_code
        order = self._in_order(code)
        for unit in task.units:
            self.begin(task, unit)
            name, keys = unit.name.split("/")[2], order[(unit.key - 1) * PER_PAGE : unit.key * PER_PAGE]
            content = list_json(code, name, unit.key, pages_of(len(order)), self._api_rows(name, keys))
            self.writer.write(urls.api_list(code, name, unit.key), content)
            yield unit

    def _api_rows(self, name: str, keys: Sequence[int]) -> Iterator[Mapping[str, object]]:
        if name == "organizations":
            return organization_rows(self.warehouse.listed(keys), self._shards)
        if name == "scores":
            return score_rows(self.warehouse.judged(keys))
        return review_rows(self.warehouse.reviewed(keys))

    def _api_numbers(self, task: Task) -> Iterator[Wanted]:
        for unit in task.units:
            self.begin(task, unit)
            prefix = unit.name.partition("/")[2]
            self.writer.write(urls.api_inn(prefix), inn_json(self.warehouse.inn_rows(prefix), self._shards))
            yield unit

    # -- reports -----------------------------------------------------------------------------------------------------

    def _reports(self, task: Task) -> Iterator[Wanted]:
        """The years of one region."""
        code = task.units[0].region_code
        rounds, years = self.warehouse.course_rounds(region_code=code), self.warehouse.course_years(region_code=code)
        places = self.warehouse.course_rounds(region_code=code, scope="municipality")
        place_years = self.warehouse.course_years(region_code=code, scope="municipality")
        groups, present = self.warehouse.groups(code), self._present(code)
        all_years = years_with_reports(rounds, years, self.periods)
        for unit in task.units:
            self.begin(task, unit)
            told = year_of(
                code,
                unit.key,
                groups,
                rounds,
                years,
                self.periods,
                places=places,
                place_years=place_years,
                present=present,
            )
            self.write_report_table(told)
            for edition in self.editions.values():
                page = report_page(told, all_years, code in self.demonstrations, edition)
                self.write_page(page, urls.report(code, unit.key, edition.lang), edition)
            yield unit

    def write_report_table(self, told: Year) -> None:
        """The numbers of a report, once for all languages."""
        found = report_csv(
            (*told.rounds, *told.places),
            (*told.years, *told.place_years),
            self.publication.methods,
            self.main.method_of,
            self.main.today,
        )
        self.writer.write(urls.report_table(told.region_code, told.year), found)

    def _present(self, code: str) -> Counter[str]:
        """How many organisations each municipality of a region has today."""
        found: Counter[str] = Counter()
        for item in self.warehouse.aggregates(region_code=code):
            if item.scope == "municipality":
                found[item.name] += item.organizations
        return found

    @property
    def periods(self) -> dict[str, int]:
        """Independent rounds to their years: no other enters a report."""
        found = self.warehouse.assessments().values()
        return {each.assessment_id: each.period for each in found if each.is_independent}

    def _changes(self, task: Task) -> Iterator[Wanted]:
        for unit in task.units:
            self.begin(task, unit)
            code = unit.region_code
            for edition in self.editions.values():
                page = self.changes_page(code, code in self.demonstrations, edition)
                self.write_page(page, urls.changed(code, edition.lang), edition)
            yield unit

    def changes_page(self, region_code: str, is_demonstration: bool, edition: Edition) -> Page:
        """What has been mended in a region, or in all where `region_code` is empty."""
        start, regions = window_start(self.main.today), {}
        if not region_code:
            regions = {code: self.warehouse.done_since(start, code) for code in self.warehouse.regions()}
        number = self.warehouse.done_since(start, region_code)
        found = self.warehouse.newest_done(start, MOST_CHANGES, region_code)
        return changed_page(
            region_code, number, found, regions, self.warehouse.indicator_lists, is_demonstration, edition
        )

    # -- questionnaires ----------------------------------------------------------------------------------------------

    def _questionnaires(self, task: Task) -> Iterator[Wanted]:
        # A spreadsheet library, which only the worker that writes these few files has to import.
        from nok.render.xlsform import xlsform_bytes

        languages, forms = self.publication.config.languages, self.publication.shown_questionnaires
        for unit in task.units:
            self.begin(task, unit)
            form = self.publication.questionnaires[unit.name.partition("/")[2]]
            is_invented = bool(form.regions) and self.demonstrations.issuperset(form.regions)
            for edition in self.editions.values():
                page = questionnaire_page(form, forms, is_invented, edition)
                self.write_page(page, urls.questionnaire(form.id, edition.lang), edition)
            schema = json.dumps(answers_schema(form, languages[0]), ensure_ascii=False, indent=2)
            self.writer.write(urls.questionnaire_schema(form.id), f"{schema}\n".encode())
            self.writer.write(urls.questionnaire_xlsform(form.id), xlsform_bytes(form, languages))
            yield unit

    # -- indicators --------------------------------------------------------------------------------------------------

    def _indicators(self, task: Task) -> Iterator[Wanted]:
        """Pages of lists kind by kind, and the pages that lead to them."""
        known: tuple[tuple[str, ...], dict[int, Measured]] = ((), {})
        for unit in task.units:
            self.begin(task, unit)
            _, method_id, measure, *where = unit.name.split("/")
            groups = self._indicator_groups(method_id, measure)
            if len(where) < 2:
                self._write_indicator(groups.values(), where, method_id, measure)
                yield unit
                continue
            kind = (method_id, *where[:3])
            group = groups[kind[1:]]
            if known[0] != kind:
                known = (kind, self.warehouse.measured(group))
            self._write_indicator_list(group, known[1], int(where[3]))
            yield unit

    def _indicator_groups(self, method_id: str, measure: str) -> dict[tuple[str, ...], IndicatorGroup]:
        """The groups of an indicator in their order, by region, sphere and kind as addresses name them."""
        if (method_id, measure) not in self._groups:
            groups = self.warehouse.indicator_groups(method_id, measure)
            self._groups[method_id, measure] = {(one.region_code, one.sphere, one.kind or "_"): one for one in groups}
        return self._groups[method_id, measure]

    def _write_indicator(
        self, groups: Collection[IndicatorGroup], where: list[str], method_id: str, measure: str
    ) -> None:
        """The page of an indicator, or of it in one region."""
        shown = [group for group in groups if not where or group.region_code == where[0]]
        is_invented = any(group.region_code in self.demonstrations for group in shown)
        method = self.publication.methods[method_id]
        for edition in self.editions.values():
            path = urls.indicator(method_id, measure, edition.lang)
            make = indicator_page
            if where:
                path, make = urls.indicator_region(method_id, measure, where[0], edition.lang), indicator_region_page
            self.write_page(make(method, method.by_id[measure], shown, is_invented, edition), path, edition)

    def _write_indicator_list(self, group: IndicatorGroup, measured: dict[int, Measured], number: int) -> None:
        size, keys = self.publication.config.organizations_per_page, self._indicator_order(group, measured)
        shown, is_invented = keys[(number - 1) * size : number * size], group.region_code in self.demonstrations
        for edition in self.editions.values():
            page = indicator_list_page(group, measured, shown, number, is_invented, edition)
            self.write_page(page, list_path(group, number, edition), edition)

    def _indicator_order(self, group: IndicatorGroup, measured: dict[int, Measured]) -> list[int]:
        """The organisations of a list in its order; remembered, for its pages are written one after another."""
        if self._ordered[0] != group:
            place = {key: turn for turn, key in enumerate(measured)}
            keys = self.warehouse.indicator_keys(group)
            self._ordered = (group, [key for equals in keys for key in sorted(equals, key=place.__getitem__)])
        return self._ordered[1]

    # -- rating lists ------------------------------------------------------------------------------------------------

    def _rating_lists(self, task: Task) -> Iterator[Wanted]:
        """The page that leads to the rating lists of one region, and pages of lists kind by kind."""
        code = task.units[0].region_code
        offered, present = self.warehouse.rating_lists(code), self.warehouse.kind_numbers(code)
        lists = {(one.assessment.assessment_id, one.kind or "_"): one for one in offered}
        for kind, units in groupby(task.units, key=lambda unit: unit.name.split("/")[3:4]):
            if kind:
                parts = [(unit, unit.name.split("/")[2:]) for unit in units]
                pages = [(unit, lists[where[0], where[1]], int(where[2])) for unit, where in parts]
                yield from self._write_rating_lists(task, pages, offered, present)
                continue
            for unit in units:
                self.begin(task, unit)
                for edition in self.editions.values():
                    page = ratings_page(code, offered, code in self.demonstrations, edition)
                    self.write_page(page, urls.ratings_of(code, edition.lang), edition)
                yield unit

    def _write_rating_lists(
        self,
        task: Task,
        pages: Sequence[tuple[Wanted, RatingList, int]],
        offered: Sequence[RatingList],
        present: Mapping[tuple[str, str], int],
    ) -> Iterator[Wanted]:
        """Pages of lists of one kind; the same organisations stand in those of several rounds, and are read once."""
        size = self.publication.config.organizations_per_page
        shown = [self._rating_order(item)[(number - 1) * size : number * size] for _, item, number in pages]
        rated = self.warehouse.rated(set(chain.from_iterable(shown)), self._listed_measures)
        for (unit, item, number), keys in zip(pages, shown, strict=True):
            self.begin(task, unit)
            about = ListSize(number, -(-item.number // size), present.get((item.assessment.sphere, item.kind), 0))
            self._write_rating_list(
                item, offered, [rated[key].of(item.assessment.assessment_id) for key in keys], about
            )
            yield unit

    @cached_property
    def _listed_measures(self) -> frozenset[str]:
        """The measures that lists show: totals and criteria."""
        criteria = (measure.id for method in self.publication.methods.values() for measure in method.criteria)
        return frozenset(("total", *criteria))

    def _write_rating_list(
        self, item: RatingList, offered: Sequence[RatingList], rated: Sequence[Rated], about: ListSize
    ) -> None:
        """One page, and its table as a file."""
        for edition in self.editions.values():
            page = rating_list_page(item, offered, rated, about, item.region_code in self.demonstrations, edition)
            address = (item.region_code, item.assessment.assessment_id, item.kind, about.number, edition.lang)
            self.write_page(page, urls.rating_list(*address), edition)
            self.writer.write(urls.rating_table(*address), rating_csv(page))

    def _rating_order(self, item: RatingList) -> list[int]:
        """The organisations of a list in its order; remembered, for its pages are written one after another."""
        if self._ordered[0] != item:
            turns, groups = self._turns(item.region_code), self.warehouse.rating_keys(item)
            self._ordered = (item, [key for equals in groups for key in sorted(equals, key=turns.__getitem__)])
        return self._ordered[1]

    def _turns(self, region_code: str) -> dict[int, int]:
        """The organisations of one region to their turn in page order; of the last region that was asked for."""
        if self._turns_of[0] != region_code:
            self._turns_of = (region_code, {key: turn for turn, key in enumerate(self._in_order(region_code))})
        return self._turns_of[1]

    # -- feeds of regions --------------------------------------------------------------------------------------------

    def _feeds(self, task: Task) -> Iterator[Wanted]:
        for unit in task.units:
            self.begin(task, unit)
            feed = self._region_feed(unit.region_code)
            if feed is not None:
                self.writer.write(urls.region_feed(unit.region_code), atom_bytes(feed))
            yield unit

    def _has_feed(self, code: str) -> bool:
        """Whether the region's feed tells of anything."""
        rounds = rounds_told(self.warehouse.rating_lists(code), self.main.today)
        return bool(rounds or self.warehouse.newest_told(code, 1))

    def _region_feed(self, code: str) -> Feed | None:
        """In the first language; `None` where there is nothing to tell."""
        rounds = rounds_told(self.warehouse.rating_lists(code), self.main.today)
        organizations = list(self.warehouse.organizations(self.warehouse.newest_told(code, MOST_ENTRIES)))
        return region_feed(code, rounds, organizations, self.main)

    # -- municipalities ----------------------------------------------------------------------------------------------

    def _municipalities(self, task: Task) -> Iterator[Wanted]:
        code = task.units[0].region_code
        names = {urls.municipality_key(name): name for name in self.warehouse.municipalities(code)}
        medians = self.warehouse.peer_medians(code)
        for unit in task.units:
            self.begin(task, unit)
            key = unit.name.split("/")[2:]
            if key:
                self._write_municipality(code, names[key[0]])
            else:
                self.writer.write(urls.peers_medians(code), medians_json(medians).encode())
            yield unit

    def _write_municipality(self, code: str, name: str) -> None:
        """The page of a municipality, and the table of each kind in it."""
        kinds: dict[tuple[str, str], list[ListFacts]] = {}
        for facts in self.warehouse.in_municipality(code, name):
            kinds.setdefault((facts.organization.sphere, facts.organization.kind), []).append(facts)
        kinds, shown = dict(sorted(kinds.items())), code in self.demonstrations
        size = self.publication.config.organizations_per_page
        for edition in self.editions.values():
            page = municipality_page(code, name, kinds, shown, edition)
            self.write_page(page, urls.municipality(code, name, edition.lang), edition)
            for key, found in kinds.items():
                medians = self._kind_medians(found)
                for number in range(1, -(-len(found) // size) + 1):
                    table = peers_page(code, name, key, found, medians, number, list(kinds), shown, edition)
                    self.write_page(table, urls.peers(code, name, *key, number, edition.lang), edition)

    def _kind_medians(self, found: Sequence[ListFacts]) -> dict[str, Decimal]:
        """The medians of the round that most organisations of a table were last judged in."""
        rounds = Counter(facts.latest.assessment.assessment_id for facts in found if facts.latest)
        if not rounds:
            return {}
        assessment_id = max(sorted(rounds), key=rounds.__getitem__)
        return self._medians_of(assessment_id, found[0].organization.region_code, found[0].organization.kind)

    # -- search ------------------------------------------------------------------------------------------------------

    def _search_files(self, task: Task) -> Iterator[Wanted]:
        for unit in task.units:
            self.begin(task, unit)
            _, kind, name = unit.name.split("/")
            self.writer.write(urls.search_file(kind, name), search_file(self.search, kind, name).encode())
            yield unit

    # -- who stands behind assessments --------------------------------------------------------------------------------

    @cached_property
    def _index(self) -> PartyIndex:
        return PartyIndex(self.warehouse, self.main.today)

    def _parties(self, task: Task) -> Iterator[Wanted]:
        for unit in task.units:
            self.begin(task, unit)
            _, table, key = unit.name.split("/")
            for edition in self.editions.values():
                self._write_party(table, key, edition)
            if table == "authorities":
                for section, content in cabinet_files(self._index.authority(key)):
                    self.writer.write(urls.cabinet_file(key, section), content)
            yield unit

    def _party_lists(self, task: Task) -> Iterator[Wanted]:
        for unit in task.units:
            self.begin(task, unit)
            table = unit.name.split("/")[1]
            for edition in self.editions.values():
                page = parties_page(self._index.listed(table), unit.key, edition)
                self.write_page(page, urls.parties(table, unit.key, edition.lang), edition)
            yield unit

    def _write_party(self, table: str, key: str, edition: Edition) -> None:
        index = self._index
        if table == "authorities":
            self.write_page(authority_page(index.authority(key), edition), urls.authority(key, edition.lang), edition)
        elif table == "operators":
            self.write_page(operator_page(index.operator(key), edition), urls.operator(key, edition.lang), edition)
        elif table == "councils":
            self.write_page(council_page(index.council(key), edition), urls.council(key, edition.lang), edition)
        else:
            facts = index.campaign(key)
            forms = {form.id: form for form in self.publication.shown_questionnaires}
            page = campaign_page(facts, forms.get(facts.row.get("questionnaire_id", "")), edition)
            self.write_page(page, urls.campaign(key, edition.lang), edition)

    def _rosters(self, task: Task) -> Iterator[Wanted]:
        size, index = self.publication.config.organizations_per_page, self._index
        for unit in task.units:
            self.begin(task, unit)
            roster_id, number = unit.name.split("/")[1], unit.key
            facts, entries = index.rosters[roster_id], index.entries_of(roster_id)
            last = max(1, -(-len(entries) // size))
            shown = entries.part((number - 1) * size, number * size)
            organizations = [one.organization for one in self.warehouse.listed([entry.key for entry in shown])]
            is_invented = index.is_invented(roster_id)
            for edition in self.editions.values():
                page = roster_page(facts, shown, organizations, (number, last), edition, is_invented=is_invented)
                self.write_page(page, urls.roster(roster_id, number, edition.lang), edition)
            if number == 1:
                self.writer.write(urls.roster_file(roster_id), self._roster_csv(facts, entries))
            yield unit

    def _roster_csv(self, facts: RosterFacts, entries: Listing) -> bytes:
        """A whole list, some hundred organisations at a time."""
        rows: list[tuple[Entry, Organization]] = []
        for first in range(0, len(entries), _LISTED_AT_ONCE):
            part = entries.part(first, first + _LISTED_AT_ONCE)
            found = self.warehouse.listed([entry.key for entry in part])
            rows += [(entry, one.organization) for entry, one in zip(part, found, strict=True)]
        return roster_csv(facts, rows)

    # -- the map -----------------------------------------------------------------------------------------------------

    def _maps(self, task: Task) -> Iterator[Wanted]:
        for unit in task.units:
            self.begin(task, unit)
            self._write_map(unit.region_code)
            yield unit

    def _write_map(self, code: str) -> None:
        """Script and picture of a region; nothing where nothing has a place."""
        coordinates, extent = self.warehouse.coordinates(code), self._extent(code)
        if not coordinates or extent is None:
            return
        # Half a second of importing, which only the worker that draws a map has to pay.
        from nok.render.maps import bounds_of, region_map

        script = region_map(code, bounds_of(coordinates)).script
        dots = (extent.position(latitude, longitude) for latitude, longitude in coordinates)
        picture = silhouette_svg(dots, PICTURE_WIDTH, PICTURE_HEIGHT)
        self.writer.write(urls.region_map_script(code), script.encode())
        self.writer.write(urls.region_silhouette(code), picture.encode())

    def _point_lists(self, task: Task) -> Iterator[Wanted]:
        """What the map of a region shows at its places, as data."""
        for unit in task.units:
            self.begin(task, unit)
            points = list(self._points(unit.region_code))
            if points:
                text = points_json(f"o/{unit.region_code}/", points, self._band_words(), self._shards)
                self.writer.write(urls.region_points(unit.region_code), text.encode())
            yield unit

    def _band_words(self) -> dict[str, dict[str, str]]:
        """Language to what its map says instead of the words of the first one."""
        bands = [band.word for method in self.publication.methods.values() for band in method.total.bands]
        main, state = self.main.language, "page.state_not_assessed"
        return {
            name: {word[main]: word[edition.language] for word in bands}
            | {self.main.words(state): edition.words(state)}
            for name, edition in self.editions.items()
            if edition.language != main
        }

    def _points(self, code: str) -> Iterator[PointRow]:
        marks: dict[tuple[str, str], tuple[int, str]] = {}
        for point in self.warehouse.points(code):
            told = (point.assessment_id, point.total)
            if told not in marks:
                marks[told] = self._map_mark(*told)
            shard = ""
            if self._shards:
                shard = urls.organization(code, point.organization_id, "", self._shards).split("/")[2]
            yield (
                point.organization_id,
                shard,
                point.latitude,
                point.longitude,
                point.title,
                *marks[told],
                point.closed_on,
            )

    def _map_mark(self, assessment_id: str, total: str) -> tuple[int, str]:
        """(level of the colour, points and their word) of a total; level 0 where there is none."""
        method = self.publication.methods.get(self.main.method_of.get(assessment_id, ""))
        if not total or method is None:
            return 0, self.main.words("page.state_not_assessed")
        mark = self.main.mark_points(Decimal(total), method.total, method.decimals)
        return mark.level, f"{mark.points} {mark.word}".strip()

    def _map_view(self, code: str, edition: Edition) -> MapView:
        """The map as a page of a language links it; its element is the one that folium's script looks for."""
        path = urls.region(code, 1, edition.lang)
        element = f'<div class="folium-map" id="{urls.region_map_id(code)}" ></div>'
        files = [self.assets["leaflet.js"], self.assets["supercluster.js"], urls.region_map_script(code)]
        return MapView(
            element=trusted_html(element),
            scripts=tuple(urls.relative(file, path) for file in files),
            styles=(urls.relative(self.assets["leaflet.css"], path),),
            label=edition.words("page.map_label", name=edition.region_name(code)),
            caption=edition.words("page.map_caption"),
        )
