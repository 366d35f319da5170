"""The second half of a build: packages that have changed are checked, loaded, and made into pages in a slot.

What it does to the slot is written in `filling`, how data releases are cut in `cutting`.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from nok import __version__, urls
from nok.errors import ConfigError, DataError, Said
from nok.memory import give_back
from nok.packages.check import Checked, check_packages
from nok.search_store import SearchStore
from nok.site.assets import AssetShelf, write_assets
from nok.site.crew import LocalCrew, cluster_crew, local_crew, run_all, wake
from nok.site.cutting import Cutting, DataReleases
from nok.site.data_store import DataStore, portable
from nok.site.explain import Explanation, explain
from nok.site.files import FileWriter, replace_file
from nok.site.filling import SINGLES, Filling, Published
from nok.site.forms import Forms
from nok.site.gather import Change, Gathered, Options, Report, memory_of
from nok.site.inputs import RegionTold, planner_of, search_units
from nok.site.manifest import Compared
from nok.site.open_data import OpenData
from nok.site.output import Output, Slot
from nok.site.pages import Country, aggregate_files, aggregate_inputs, single_pages, sitemap_files
from nok.site.progress import Profile, Progress, Stage, Tell, counting, silent
from nok.site.purge import PurgedOf, loses_pictures, purge
from nok.site.search_files import search_store_of
from nok.site.tasks import (
    Done,
    RegionPlan,
    close_worker,
    collect_seldom,
    fill_search,
    open_worker,
    plan_region,
    run_task,
)
from nok.site.worker import Task, WorkOrder
from nok.storage import storage_errors
from nok.template_shelf import TemplateShelf
from nok.warehouse import Warehouse, forget_altered, hidden_ids
from nok.warehouse_flags import score_warnings
from nok.warehouse_load import fill_warehouse
from nok.warehouse_rows import Sources

SMALL_WORK_BYTES = 16_000_000
"""Packages smaller than this are loaded by one process before others have started."""

SMALL_WORK_UNITS = 1500
"""So few units are made by one process before others have started."""

FEW_UNITS = 100
"""So few are made by one process before others, who have started, have read the theme."""

FEW_ORGANIZATIONS = 20_000
"""So many are planned before workers have begun."""

ENTRIES_PER_FOLDER = 50_000
"""Hosts refuse folders with more entries (one well-known limit is 54,000)."""


def finish_build(gathered: Gathered, output: Output, options: Options, profile: Profile, tell: Tell) -> Report:
    """Checks the packages, fills a slot and publishes it.

    Raises: as `nok.site.build.build`.
    """
    collect_seldom()
    is_large = gathered.size_bytes > SMALL_WORK_BYTES
    if options.no_cache:
        shutil.rmtree(_shelf_of(gathered), ignore_errors=True)
        _texts_of(gathered).unlink(missing_ok=True)
    with _crew(options, gathered, is_large=is_large) as crew:
        with profile.part("check"):
            tell(Stage(what=Said("stage-packages")))
            helper = crew if is_large and not options.scheduler else None
            reached = counting(Said("stage-packages"), tell if is_large else silent, is_counted=False)
            checked = _check(gathered, options, output.scratch, helper, reached)
            give_back()
        with storage_errors(output.state):
            return _Building(gathered, output, options, crew, profile, tell).run(checked)


def _check(
    gathered: Gathered,
    options: Options,
    scratch: Path,
    helper: Executor | None,
    reached: Callable[[int, int], None],
) -> Checked:
    terms = gathered.publication.terms(options.today)
    memory = memory_of(gathered.state, options)
    checked = check_packages(gathered.paths, terms, scratch, memory=memory, helper=helper, reached=reached)
    if not checked.is_valid:
        raise DataError(checked.problems)
    return checked


@contextmanager
def _crew(options: Options, gathered: Gathered, *, is_large: bool) -> Iterator[Executor | None]:
    with cluster_crew(options.scheduler) if options.scheduler else local_crew(_jobs_of(options)) as crew:
        if crew is not None and is_large and not options.scheduler:
            _wake(crew, options, gathered)
        yield crew


def _wake(crew: Executor, options: Options, gathered: Gathered) -> None:
    wake(crew, _jobs_of(options), gathered.publication.config_file.absolute(), _shelf_of(gathered))


def _jobs_of(options: Options) -> int:
    return options.jobs or os.cpu_count() or 1


def _shelf_of(gathered: Gathered) -> Path:
    """Where the bound templates of this look are kept."""
    look = gathered.look(gathered.publication.config.languages)
    return gathered.state.absolute() / "templates" / look


def _texts_of(gathered: Gathered) -> Path:
    """Where what editors wrote is kept, as Pelican read it."""
    return gathered.state / "texts.json"


# ---- writing -------------------------------------------------------------------------------------------------------


@contextmanager
def _opened(twin: Slot | None) -> Iterator[Published | None]:
    """The published site, where there is one whose manifest is whole."""
    manifest = twin.open() if twin else None
    if twin is None or manifest is None:
        yield None
        return
    with closing(manifest):
        yield Published(folder=twin.folder, manifest=manifest)


class _Building:
    """One build whose packages are right: loads them, cuts releases, fills a slot, publishes it."""

    def __init__(
        self,
        gathered: Gathered,
        output: Output,
        options: Options,
        crew: Executor | None,
        profile: Profile,
        tell: Tell,
    ) -> None:
        self._gathered, self._output, self._options = gathered, output, options
        self._crew, self._profile, self._tell = crew, profile, tell
        self._publication = gathered.publication
        self._config = gathered.publication.config
        self._store = output.state / "warehouse.sqlite"
        self._look = gathered.look(self._config.languages)
        self._purged_of = PurgedOf(output.state / "purged-of.json")
        self._searching: Future[None] | None = None
        day = options.today.isoformat()
        self._build_id = hashlib.sha256(f"{__version__}\0{day}\0{gathered.inputs}".encode()).hexdigest()[:12]

    def run(self, checked: Checked) -> Report:
        with self._profile.part("load"):
            self._tell(Stage(what=Said("stage-warehouse")))
            sources = self._load(checked)
        slot, current = self._output.next_slot(), self._output.current()
        twin = self._output.slot(current.slot) if current else None
        with self._profile.part("slot"):
            manifest = slot.prepare(twin)
        with closing(manifest):
            is_fresh = manifest.is_empty and not slot.needs_sweeping
            order = self._order(slot, checked, is_fresh=is_fresh)
            if is_fresh:
                self._check_folders()
            plans = self._begin_plans(order, slot)
            with self._profile.part("release"):
                data = DataStore(self._output.folder / "data", self._forms(checked), self._publication.node_modules)
                releases = self._cutting(sources).cut(data, checked, self._purged_of)
            self._begin_search()
            with _opened(twin) as published:
                filling = Filling(slot, manifest, published, self._profile, is_fresh=is_fresh)
                explanation = self._fill(filling, order, plans, data, releases)
                is_less = published is not None and loses_pictures(published.manifest, manifest)
            return self._publish(
                filling, checked, data, releases, explanation, is_purge_due=releases.is_purge_due or is_less
            )

    def _load(self, checked: Checked) -> Sources:
        sources = self._publication.sources(checked.packages, self._gathered.hashes.of)
        reached = counting(Said("stage-warehouse"), self._tell_of_much)
        loading = fill_warehouse(self._store, sources, self._own_crew, anew=self._options.no_cache, reached=reached)
        checked.problems += score_warnings(self._store, sources)
        self._profile.add("score", loading.scoring_seconds)
        self._profile.add("load", -loading.scoring_seconds)
        give_back()
        return sources

    @property
    def _tell_of_much(self) -> Tell:
        """Tells of what takes long only where there is much; elsewhere it is over before anybody has read of it."""
        return self._tell if self._gathered.size_bytes > SMALL_WORK_BYTES else silent

    @property
    def _own_crew(self) -> LocalCrew | None:
        """The workers of this machine for work on tables, where it is large enough for them."""
        is_large = self._gathered.size_bytes > SMALL_WORK_BYTES or self._options.jobs
        return self._crew if is_large and isinstance(self._crew, LocalCrew) else None

    # -- data releases -----------------------------------------------------------------------------------------------

    def _cutting(self, sources: Sources) -> Cutting:
        return Cutting(
            gathered=self._gathered,
            output=self._output,
            options=self._options,
            sources=sources,
            store=self._store,
            build_id=self._build_id,
            crew=self._own_crew,
            renew_crew=self._renew_crew,
            tell=self._tell_of_much,
        )

    def _renew_crew(self) -> None:
        """Has other workers begin: forms of whole tables take more memory than any page."""
        if self._own_crew is not None:
            self._own_crew.renew()
            _wake(self._own_crew, self._options, self._gathered)

    def _forms(self, checked: Checked) -> Forms:
        organizations = (package.resource("organizations") for package in checked.packages)
        return Forms(
            chosen=self._config.forms,
            places=tuple(portable(resource) for resource in organizations if resource is not None),
            words=self._publication.field_words,
        )

    # -- search ------------------------------------------------------------------------------------------------------

    def _begin_search(self) -> None:
        """Has a worker bring the index up to date while others write pages: its files are asked for last. Not before a data
        release is cut: both take much memory, and a process gives little of it back."""
        order = (self._publication.config_file.absolute(), self._store.absolute(), self._options.today)
        if self._own_crew is not None:
            self._searching = self._own_crew.submit(fill_search, *order)
            return
        self._tell(Stage(what=Said("stage-search")))
        with self._profile.part("search"):
            fill_search(*order)

    def _plan_search(self, filling: Filling) -> int:
        """Says what should stand of the search index as soon as it is ready; how many of its files are stale."""
        if self._searching is not None:
            with self._profile.part("search"):
                self._searching.result()
        with self._profile.part("plan"), closing(SearchStore(search_store_of(self._store))) as search:
            filling.manifest.want_search(search_units(search), every=self._options.full)
            number = filling.manifest.find_stale(of_search=True)
            filling.begin()
        return number

    # -- plans -------------------------------------------------------------------------------------------------------

    def _order(self, slot: Slot, checked: Checked, *, is_fresh: bool) -> WorkOrder:
        return WorkOrder(
            run=secrets.token_hex(16),
            look=self._publication.look(),
            run_file=(self._output.state / "run").absolute(),
            config_file=self._publication.config_file.absolute(),
            warehouse=self._store.absolute(),
            slot=slot.folder.absolute(),
            is_fresh=is_fresh,
            today=self._options.today,
            assets=tuple(self._gathered.assets.paths.items()),
            templates=_shelf_of(self._gathered),
            packages=tuple((package.name, package.folder.absolute()) for package in checked.packages),
        )

    def _begin_plans(self, order: WorkOrder, slot: Slot) -> "Plans":
        """What should stand in the slot of each region. The workers of this machine share those of a large country; where
        few units can have changed, they begin at once, and what they find waits in memory."""
        with closing(Warehouse(self._store)) as warehouse:
            is_large = sum(group.organizations for group in warehouse.groups()) > FEW_ORGANIZATIONS
            regions = list(warehouse.regions())
        plan = partial(plan_region, order, self._look, slot.manifest.absolute(), every=self._options.full)
        crew = self._own_crew if is_large else None
        if crew is None or order.is_fresh or self._options.full:
            return run_all(crew, plan, ((region_code,) for region_code in regions))
        return _results(deque([crew.submit(plan, region_code) for region_code in regions]))

    def _plan(self, plans: "Plans", filling: Filling) -> int:
        """Says what should stand in the slot; how many units are stale, without those of search."""
        told = dict[str, RegionTold]()

        def regions() -> Iterator[Compared]:
            for planned in plans:
                self._check_folder(*planned.fullest)
                told[planned.compared.region_code] = planned.told
                yield planned.compared

        with self._profile.part("plan"), closing(Warehouse(self._store)) as warehouse:
            planner = planner_of(self._publication, warehouse, self._look, self._options.today)
            filling.manifest.want(regions(), chain(planner.of_the_whole(told), SINGLES), every=self._options.full)
            number = filling.manifest.find_stale()
            filling.begin()
        give_back()
        return number

    def _check_folders(self) -> None:
        """Sees before a release is cut, which takes a country minutes, that no folder of organisations is too full."""
        with closing(Warehouse(self._store)) as warehouse:
            for region_code in warehouse.regions():
                self._check_folder(
                    *warehouse.fullest_folder(region_code, self._config.reviews_per_page, self._config.address_shards)
                )

    def _check_folder(self, folder: str, files: int) -> None:
        """Sees that a folder of organisations has no more entries than hosts take."""
        twins = 1 + len(self._config.precompressed)
        if files * twins > ENTRIES_PER_FOLDER:
            without = Said("without-twins") if files <= ENTRIES_PER_FOLDER else ""
            raise ConfigError(
                "folder-crowded", place=folder, number=files * twins, most=ENTRIES_PER_FOLDER, without=without
            )

    # -- pages -------------------------------------------------------------------------------------------------------

    def _fill(
        self, filling: Filling, order: WorkOrder, plans: "Plans", data: DataStore, releases: DataReleases
    ) -> Explanation | None:
        """Brings every unit of the slot up to date."""
        replace_file(order.run_file, order.run.encode())
        try:
            number = self._plan(plans, filling)
            early = self._write_early(filling, order, data, releases)
            self._make(filling, order, number, early)
            for _ in early:
                pass
            published = filling.published.manifest if filling.published else None
            why = explain(self._options.explain, published, filling.manifest) if self._options.explain else None
            filling.remove_gone()
            self._write_late(filling, open_worker(order).writer, releases)
        finally:
            close_worker()
            order.run_file.unlink()  # what a cluster may still have in hand after a failure ends with its present task
        filling.sweep()
        return why

    def _make(self, filling: Filling, order: WorkOrder, number: int, meanwhile: Iterator[object]) -> None:
        """Makes every stale unit: linked where the published slot has the same, rendered otherwise. Those of search, which
        may not be known yet, come last, so that nobody waits for the index."""
        stages = _Stages(pages=Progress(Said("stage-pages"), number, self._tell))
        is_large = number > SMALL_WORK_UNITS or (self._own_crew is not None and number > FEW_UNITS)
        crew = self._crew if is_large or self._options.jobs or self._options.scheduler else None
        with closing(self._all_tasks(filling, stages)) as tasks:  # it reads the manifest, which is closed next
            for done in run_all(crew, run_task, ((order, task) for task in tasks), meanwhile):
                filling.note(done.units)
                filling.written += done.written
                self._profile.add("render ×", done.seconds - done.writing_seconds)
                self._profile.add("write ×", done.writing_seconds)
                stages.of(done).advance(len(done.units))

    def _all_tasks(self, filling: Filling, stages: "_Stages") -> Generator[Task]:
        """The tasks of all but search, and then those of search, whose stage begins here."""
        may_link = not self._options.full
        yield from filling.tasks(stages.pages, may_link=may_link)
        stages.search = Progress(Said("stage-search-files"), self._plan_search(filling), self._tell)
        yield from filling.tasks(stages.search, may_link=may_link)

    def _write_early(
        self, filling: Filling, order: WorkOrder, data: DataStore, releases: DataReleases
    ) -> Iterator[str]:
        """What stands once and needs no other page: assets, downloads, pages about the whole; a step for each."""
        worker = open_worker(order)
        yield "worker"
        told = OpenData(self._publication, data, releases.newest, self._options.today.isoformat())
        country = Country(
            publication=self._publication,
            look=self._look,
            worker=worker,
            newest=releases.newest,
            data=told,
            build_id=self._build_id,
            texts=_texts_of(self._gathered),
            scratch=self._output.scratch,
        )
        shelf = AssetShelf(self._output.state / "assets")
        assets = {**shelf.contents(), **self._gathered.assets.contents}
        added_up = aggregate_inputs(worker, self._look)
        pieces: dict[str, tuple[str, Callable[[], None]]] = {
            "static": ("-", lambda: write_assets(worker.writer, assets)),
            "data": (
                "-",
                lambda: _write_data(data, told, worker.writer, list(releases.newest), self._config.precompressed),
            ),
            "pages": ("-", lambda: single_pages(country)),
            "aggregates": (added_up, lambda: aggregate_files(worker)),
        }
        for name, (inputs, write) in pieces.items():
            before = filling.manifest.unit(name)
            if inputs == "-" or self._options.full or before is None or before.inputs != inputs:
                filling.write_single(name, inputs, write, worker.writer)
            yield name

    def _write_late(self, filling: Filling, writer: FileWriter, releases: DataReleases) -> None:
        """What tells of all pages: the sitemap, where it is another, and the record of the build."""
        before, public_url = filling.manifest.unit("sitemap"), self._config.public_url
        is_right = before is not None and before.inputs == public_url
        others = filling.regions_of_other_pages
        if not is_right or others:
            standing = before if is_right else None
            write = partial(sitemap_files, public_url, writer, filling.manifest, standing, others)
            filling.write_single("sitemap", public_url, write, writer)
        filling.write_single("build", "-", partial(writer.write, urls.build_json(), self._about(releases)), writer)

    def _about(self, releases: DataReleases) -> bytes:
        about = {
            "build_id": self._build_id,
            "day": self._options.today.isoformat(),
            "program": f"nok {__version__}",
            "packages": {name: release.version for name, release in sorted(releases.newest.items())},
        }
        return (json.dumps(about, ensure_ascii=False, indent=2) + "\n").encode()

    # -- publishing --------------------------------------------------------------------------------------------------

    def _publish(
        self,
        filling: Filling,
        checked: Checked,
        data: DataStore,
        releases: DataReleases,
        explanation: Explanation | None,
        *,
        is_purge_due: bool,
    ) -> Report:
        slot, manifest = filling.slot, filling.manifest
        manifest.commit()
        files, size = manifest.totals()
        organizations = manifest.count("o/")
        with self._profile.part("publish"):
            self._tell(Stage(what=Said("stage-publishing")))
            data.commit()
            self._output.publish(
                slot,
                build_id=self._build_id,
                inputs=self._gathered.inputs,
                files=files,
                day=self._options.today.isoformat(),
                address_shards=self._config.address_shards,
            )
        with self._profile.part("purge"), self._output.settling():
            if is_purge_due:
                purge(self._output, slot, manifest, releases.withdrawn, releases.withheld)
            self._settle(checked)
        return Report(
            folder=self._output.folder / "current",
            build_id=self._build_id,
            organizations=organizations,
            files=files,
            size_bytes=size,
            change=Change(written=filling.written, kept=files - filling.written, removed=filling.removed),
            warnings=checked.problems,
            profile=self._profile,
            explanation=explanation,
        )

    def _settle(self, checked: Checked) -> None:
        """Writes down for the next build what this one has done, and forgets what nobody needs."""
        self._purged_of.write(hidden_ids(self._store))
        forget_altered(self._store, [package.name for package in checked.packages])
        AssetShelf(self._output.state / "assets").add(self._gathered.assets.contents)
        TemplateShelf(_shelf_of(self._gathered)).drop_others()


@dataclass(slots=True, kw_only=True)
class _Stages:
    """How far pages are, and files of search, of which nobody knows at first how many there are to be."""

    pages: Progress
    search: Progress | None = None

    def of(self, done: Done) -> Progress:
        """The stage that a finished task belongs to."""
        return self.search if self.search is not None and done.is_of_search else self.pages


Plans = Iterator[RegionPlan]
"""The plans of all regions, one after another."""


def _results(waiting: deque[Future[RegionPlan]]) -> Plans:
    """The results of those that are `waiting`, each forgotten as soon as it is taken."""
    while waiting:
        yield waiting.popleft().result()


def _write_data(
    data: DataStore, told: OpenData, writer: FileWriter, packages: Sequence[str], precompressed: Sequence[str]
) -> None:
    data.link_into(writer, packages, precompressed, told.links())
    told.write(writer)
