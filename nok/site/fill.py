"""The second half of a build: packages that have changed are checked, loaded, and made into pages in a slot."""

import hashlib
import json
import os
import secrets
import shutil
from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

from nok import __version__, urls
from nok.errors import ConfigError, DataError, Said
from nok.packages.check import Checked, check_packages
from nok.packages.visible import find_hidden
from nok.search_store import SearchStore
from nok.site.assets import AssetShelf, write_assets
from nok.site.crew import LocalCrew, cluster_crew, local_crew, run_all, wake
from nok.site.data_store import DataRelease, DataStore, portable
from nok.site.deltas import Deltas
from nok.site.explain import Explanation, explain
from nok.site.feed import touched_of
from nok.site.files import FileWriter, replace_file
from nok.site.forms import Forms
from nok.site.gather import Change, Gathered, Options, Report, memory_of
from nok.site.inputs import RegionTold, planner_of, search_units
from nok.site.manifest import INDICATOR_LISTS_PER_GROUP, Compared, Manifest, Unit, Wanted, listing_of
from nok.site.open_data import OpenData
from nok.site.output import Output, Slot
from nok.site.pages import Country, aggregate_files, aggregate_inputs, is_listed, single_pages, sitemap_files
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
from nok.site.withdrawal import find_withdrawn
from nok.site.worker import Task, WorkOrder
from nok.storage import storage_errors
from nok.template_shelf import TemplateShelf
from nok.warehouse import Warehouse, altered_reviews, forget_altered, hidden_ids, knows_altered
from nok.warehouse_flags import score_warnings
from nok.warehouse_load import fill_warehouse

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

_UNITS_PER_TASK = (
    {"i": INDICATOR_LISTS_PER_GROUP, "x": 500, "w": 100}
    | dict.fromkeys("oaqbej", 50)
    | dict.fromkeys("nlg", 20)
    | dict.fromkeys("rsfzt", 10)
    | dict.fromkeys("kv", 5)
    | dict.fromkeys("mpc", 1)
)


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


class _Building:
    """One build whose packages are right: loads them, fills a slot, publishes it."""

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
        self._written = self._removed = 0
        self._withdrawn: frozenset[str] = frozenset()
        self._withheld: set[str] = set()
        self._purged_of = PurgedOf(output.state / "purged-of.json")
        self._searching: Future[None] | None = None
        self._other_pages: set[str] = set()
        """Regions of which a page that the sitemap names came or went."""
        self._taken: set[str] = set()
        self._left: set[str] = set()
        """Paths of pictures that organisations have now, and that organisations had: one may have gone to another."""

    def run(self, checked: Checked) -> Report:
        part = self._profile.part
        with part("load"):
            self._tell(Stage(what=Said("stage-warehouse")))
            self._load(checked)
        slot, published = self._output.next_slot(), self._output.current()
        twin = self._output.slot(published.slot) if published else None
        with part("slot"):
            manifest = slot.prepare(twin)
        with closing(manifest):
            order = self._order(slot, checked, is_fresh=manifest.is_empty and not slot.needs_sweeping)
            if order.is_fresh:
                self._check_folders()
            plans = self._begin_plans(order, slot)
            with part("release"):
                data = DataStore(self._output.folder / "data", self._forms(checked), self._publication.node_modules)
                newest = self._cut(data, checked)
            self._begin_search()
            return self._publish(checked, data, newest, order, plans, slot, manifest, twin)

    def _load(self, checked: Checked) -> None:
        sources = self._sources = self._publication.sources(checked.packages, self._gathered.hashes.of)
        reached = counting(Said("stage-warehouse"), self._tell_of_much)
        loading = fill_warehouse(self._store, sources, self._own_crew, anew=self._options.no_cache, reached=reached)
        checked.problems += score_warnings(self._store, sources)
        self._profile.add("score", loading.scoring_seconds)
        self._profile.add("load", -loading.scoring_seconds)

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

    def _plan_search(self, slot: Slot, manifest: Manifest) -> int:
        """Says what should stand of the search index as soon as it is ready; how many of its files are stale."""
        if self._searching is not None:
            with self._profile.part("search"):
                self._searching.result()
        with self._profile.part("plan"), closing(SearchStore(search_store_of(self._store))) as search:
            manifest.want_search(search_units(search), every=self._options.full)
            number = manifest.find_stale(of_search=True)
            self._begin(slot, manifest)
        return number

    def _begin(self, slot: Slot, manifest: Manifest) -> None:
        """Marks the slot with all that was found stale so far."""
        slot.begin([*manifest.stale_names(), *manifest.gone(), *(unit.name for unit in _SINGLES)])

    @property
    def _tell_of_much(self) -> Tell:
        """Tells of what takes long only where there is much; elsewhere it is over before anybody has read of it."""
        return self._tell if self._gathered.size_bytes > SMALL_WORK_BYTES else silent

    @property
    def _own_crew(self) -> LocalCrew | None:
        """The workers of this machine for work on tables, where it is large enough for them."""
        is_large = self._gathered.size_bytes > SMALL_WORK_BYTES or self._options.jobs
        return self._crew if is_large and isinstance(self._crew, LocalCrew) else None

    def _cut(self, data: DataStore, checked: Checked) -> dict[str, DataRelease]:
        """The newest release of each package, cut now where one is due; none may hold what has been withdrawn."""
        altered, is_sure = altered_reviews(self._store), knows_altered(self._store)
        if not is_sure:
            altered = data.doubtful_reviews(checked.packages)  # what was altered since is forgotten
        self._withheld = hidden_ids(self._store) - self._purged_of.read()
        withdrawal = find_withdrawn(checked.packages, altered, data.reviews_of(self._withheld))
        self._withdrawn = withdrawal.all
        # What was said of a package that is not published now waits until it comes back.
        is_less = any(altered.get(package.name) for package in checked.packages) or bool(self._withheld)
        self._is_purge_due = not is_sure or is_less or not self._output.is_settled
        data.purge(withdrawal, self._options.today.isoformat(), self._own_crew)
        deltas = Deltas(
            data.folder, self._store, self._sources, self._output.state / "released", self._output.scratch / "deltas"
        )
        fingerprint, day = self._gathered.hashes, self._options.today.isoformat()
        changes = deltas.find(data.versions(checked.packages), day)
        cut = data.cut(
            checked.packages,
            lambda due: find_hidden(checked.packages, wanted=due, organizations=hidden_ids(self._store)),
            lambda package: package.fingerprint(fingerprint),
            forced=self._options.release,
            day=day,
            changes=changes,
            crew=self._own_crew,
            tell=self._tell_of_much,
        )
        if cut and self._own_crew is not None:
            self._own_crew.renew()  # forms of whole tables take more memory than any page
            _wake(self._own_crew, self._options, self._gathered)
        touched = touched_of(changes.values(), deltas.owners_of)
        after = touched_of((found for name, found in changes.items() if name not in cut), deltas.owners_of)
        data.feed.add(self._build_id(), day, touched, after)
        deltas.keep_bases(cut)
        data.put_changes({**changes, **{name: data.no_changes(name, day) for name in cut}})
        data.sign(self._gathered.signing_key)
        return data.newest(checked.packages)

    def _forms(self, checked: Checked) -> Forms:
        organizations = (package.resource("organizations") for package in checked.packages)
        return Forms(
            chosen=self._config.forms,
            places=tuple(portable(resource) for resource in organizations if resource is not None),
            words=self._publication.field_words,
        )

    def _publish(
        self,
        checked: Checked,
        data: DataStore,
        newest: dict[str, DataRelease],
        order: WorkOrder,
        plans: "Plans",
        slot: Slot,
        manifest: Manifest,
        twin: Slot | None,
    ) -> Report:
        build_id = self._build_id()
        published = twin.open() if twin else None
        with closing(published) if published else nullcontext():
            explanation = self._fill(order, plans, slot, manifest, published, data, newest, build_id)
            self._is_purge_due |= published is not None and loses_pictures(published, manifest)
        manifest.commit()
        files, size = manifest.totals()
        organizations = manifest.count("o/")
        with self._profile.part("publish"):
            self._tell(Stage(what=Said("stage-publishing")))
            data.commit()
            self._output.publish(
                slot,
                build_id=build_id,
                inputs=self._gathered.inputs,
                files=files,
                day=self._options.today.isoformat(),
                address_shards=self._config.address_shards,
            )
        with self._profile.part("purge"), self._output.settling():
            if self._is_purge_due:
                purge(self._output, slot, manifest, self._withdrawn, self._withheld)
            self._purged_of.write(hidden_ids(self._store))
            forget_altered(self._store, [package.name for package in checked.packages])
            AssetShelf(self._output.state / "assets").add(self._gathered.assets.contents)
            TemplateShelf(_shelf_of(self._gathered)).drop_others()
        return Report(
            folder=self._output.folder / "current",
            build_id=build_id,
            organizations=organizations,
            files=files,
            size_bytes=size,
            change=Change(written=self._written, kept=files - self._written, removed=self._removed),
            warnings=checked.problems,
            profile=self._profile,
            explanation=explanation,
        )

    def _build_id(self) -> str:
        text = f"{__version__}\0{self._options.today.isoformat()}\0{self._gathered.inputs}"
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    # -- filling a slot ----------------------------------------------------------------------------------------------

    def _fill(
        self,
        order: WorkOrder,
        plans: "Plans",
        slot: Slot,
        manifest: Manifest,
        published: Manifest | None,
        data: DataStore,
        newest: dict[str, DataRelease],
        build_id: str,
    ) -> Explanation | None:
        """Brings every unit of the slot up to date."""
        replace_file(order.run_file, order.run.encode())
        try:
            with self._profile.part("plan"), closing(Warehouse(self._store)) as warehouse:
                self._plan(plans, manifest, warehouse)
                number = manifest.find_stale()
                self._begin(slot, manifest)
            early = self._write_early(order, slot, manifest, data, newest)
            self._make(order, slot, manifest, published, number, early)
            for _ in early:
                pass
            explanation = explain(self._options.explain, published, manifest) if self._options.explain else None
            self._remove(slot, manifest, manifest.gone())
            self._write_late(open_worker(order).writer, slot, manifest, newest, build_id)
        finally:
            close_worker()
            order.run_file.unlink()  # what a cluster may still have in hand after a failure ends with its present task
        with self._profile.part("verify"):
            self._removed += slot.sweep(manifest)
        return explanation

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

    def _plan(self, plans: "Plans", manifest: Manifest, warehouse: Warehouse) -> None:
        """Says what should stand in the slot."""
        told = dict[str, RegionTold]()

        def regions() -> Iterator[Compared]:
            for planned in plans:
                self._check_folder(*planned.fullest)
                told[planned.compared.region_code] = planned.told
                yield planned.compared

        planner = planner_of(self._publication, warehouse, self._look, self._options.today)
        whole = chain(planner.of_the_whole(told), _SINGLES)
        manifest.want(regions(), whole, every=self._options.full)

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

    def _make(
        self,
        order: WorkOrder,
        slot: Slot,
        manifest: Manifest,
        published: Manifest | None,
        number: int,
        meanwhile: Iterator[object],
    ) -> None:
        """Makes every stale unit: linked where the published slot has the same, rendered otherwise. Those of search, which
        may not be known yet, come last, so that nobody waits for the index."""
        stages = _Stages(pages=Progress(Said("stage-pages"), number, self._tell))
        reuse = None if self._options.full else published
        is_large = number > SMALL_WORK_UNITS or (self._own_crew is not None and number > FEW_UNITS)
        crew = self._crew if is_large or self._options.jobs or self._options.scheduler else None
        with closing(
            self._all_tasks(slot, manifest, reuse, stages, is_fresh=order.is_fresh)
        ) as tasks:  # it reads the manifest, which is closed next
            for done in run_all(crew, run_task, ((order, task) for task in tasks), meanwhile):
                self._account(slot, manifest, done.units, is_fresh=order.is_fresh)
                self._written += done.written
                self._profile.add("render ×", done.seconds - done.writing_seconds)
                self._profile.add("write ×", done.writing_seconds)
                stages.of(done).advance(len(done.units))

    def _all_tasks(
        self,
        slot: Slot,
        manifest: Manifest,
        published: Manifest | None,
        stages: "_Stages",
        *,
        is_fresh: bool,
    ) -> Generator[Task]:
        """The tasks of all but search, and then those of search, whose stage begins here."""
        yield from self._tasks(slot, manifest, published, stages.pages, is_fresh=is_fresh)
        number = self._plan_search(slot, manifest)
        stages.search = Progress(Said("stage-search-files"), number, self._tell)
        yield from self._tasks(slot, manifest, published, stages.search, is_fresh=is_fresh)

    def _tasks(
        self, slot: Slot, manifest: Manifest, published: Manifest | None, progress: Progress, *, is_fresh: bool
    ) -> Generator[Task]:
        """The stale units in tasks; those that can be linked are linked on the way."""
        linking = FileWriter(slot.folder, is_fresh=False)
        for group in manifest.stale_groups():
            units = []
            for wanted in group:
                twin = published.unit(wanted.name) if published else None
                if twin is not None and twin.inputs == wanted.inputs:
                    self._link(linking, slot, manifest, twin)
                    progress.advance(1)
                else:
                    units.append(wanted)
            size = _UNITS_PER_TASK[group[0].kind]
            for first in range(0, len(units), size):
                piece = units[first : first + size]
                known = {} if is_fresh else {unit.name: unit.known for unit in manifest.units(piece)}
                yield Task(units=tuple(piece), known=known)

    def _link(self, writer: FileWriter, slot: Slot, manifest: Manifest, twin: Unit) -> None:
        """Takes a unit over from the published slot."""
        with self._profile.part("link"):
            before = manifest.unit(twin.name)
            writer.begin(before.known if before else {})
            source = (self._output.folder / "current").resolve()
            for file in twin.files:
                writer.link(file.path, source / file.path, file.sha256)
            self._written += writer.end()[1]
            self._account(slot, manifest, [twin], is_fresh=False)

    def _account(self, slot: Slot, manifest: Manifest, units: Sequence[Unit], *, is_fresh: bool) -> None:
        """Notes units that are now right; what they do not hold any more is removed."""
        for unit in units:
            before = None if is_fresh else manifest.unit(unit.name)
            old = before.known.keys() if before else set[str]()
            new = {file.path for file in unit.files}
            if unit.region_code not in self._other_pages and any(map(is_listed, old ^ new)):
                self._other_pages.add(unit.region_code)
            if unit.name.startswith("f/"):
                self._taken |= new
                self._left |= old - new
            elif gone := old - new:
                self._removed += slot.remove(sorted(gone))
        manifest.put(units)
        with self._profile.part("verify"):
            slot.check(units)

    def _remove(self, slot: Slot, manifest: Manifest, gone: Sequence[str]) -> None:
        """Removes units that nothing stands for any more; a path that another unit has taken over stays."""
        units = [unit for name in gone if (unit := manifest.unit(name))]
        self._other_pages |= {unit.region_code for unit in units if any(map(is_listed, unit.known))}
        paths = {path for unit in units for path in unit.known}
        manifest.drop(gone)
        self._removed += slot.remove(sorted((paths | self._left) - self._taken))

    def _write_early(
        self, order: WorkOrder, slot: Slot, manifest: Manifest, data: DataStore, newest: dict[str, DataRelease]
    ) -> Iterator[str]:
        """What stands once and needs no other page: assets, downloads, pages about the whole; a step for each."""
        worker = open_worker(order)
        yield "worker"
        told = OpenData(self._publication, data, newest, self._options.today.isoformat())
        country = Country(
            publication=self._publication,
            look=self._look,
            worker=worker,
            newest=newest,
            data=told,
            build_id=self._build_id(),
            texts=_texts_of(self._gathered),
            scratch=self._output.scratch,
        )
        shelf = AssetShelf(self._output.state / "assets")
        assets = {**shelf.contents(), **self._gathered.assets.contents}
        added_up = aggregate_inputs(worker, self._look)
        pieces: dict[str, tuple[str, Callable[[], None]]] = {
            "static": ("-", lambda: write_assets(worker.writer, assets)),
            "data": ("-", lambda: _write_data(data, told, worker.writer, list(newest), self._config.precompressed)),
            "pages": ("-", lambda: single_pages(country)),
            "aggregates": (added_up, lambda: aggregate_files(worker)),
        }
        for name, (inputs, write) in pieces.items():
            before = manifest.unit(name)
            if inputs == "-" or self._options.full or before is None or before.inputs != inputs:
                self._write_single(name, inputs, write, worker.writer, slot, manifest)
            yield name

    def _write_late(
        self, writer: FileWriter, slot: Slot, manifest: Manifest, newest: dict[str, DataRelease], build_id: str
    ) -> None:
        """What tells of all pages: the sitemap, where it is another, and the record of the build."""
        before, public_url = manifest.unit("sitemap"), self._config.public_url
        is_right = before is not None and before.inputs == public_url
        if not is_right or self._other_pages:
            standing = before if is_right else None
            self._write_single(
                "sitemap",
                public_url,
                lambda: sitemap_files(public_url, writer, manifest, standing, self._other_pages),
                writer,
                slot,
                manifest,
            )
        about = self._about(newest, build_id)
        self._write_single("build", "-", lambda: writer.write(urls.build_json(), about), writer, slot, manifest)

    def _write_single(
        self,
        name: str,
        inputs: str,
        write: Callable[[], object],
        writer: FileWriter,
        slot: Slot,
        manifest: Manifest,
    ) -> None:
        with self._profile.part(name):
            before = manifest.unit(name)
            writer.begin(before.known if before else {})
            write()
            files, written = writer.end()
            self._written += written
            self._account(slot, manifest, [Unit(name=name, inputs=inputs, listing=listing_of(files))], is_fresh=False)

    def _about(self, newest: Mapping[str, DataRelease], build_id: str) -> bytes:
        about = {
            "build_id": build_id,
            "day": self._options.today.isoformat(),
            "program": f"nok {__version__}",
            "packages": {name: release.version for name, release in sorted(newest.items())},
        }
        return (json.dumps(about, ensure_ascii=False, indent=2) + "\n").encode()


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


_SINGLES = [Wanted(name=name, inputs="-") for name in ("static", "data", "pages", "aggregates", "sitemap", "build")]
"""Units that every build makes: they are few, or cheap to compare."""
