"""The build, from top to bottom: gather everything, then write everything.

Nothing is written before every package is checked; nothing is published before everything is written. Time, paths and
the number of workers enter here and nowhere below.
"""

import hashlib
import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from nok import __version__, urls
from nok.compose import catalogue
from nok.compose.edition import Edition
from nok.errors import DataError, Problem
from nok.model import Link, NewsItem, Page
from nok.packages.check import Checked, Terms, check_packages, open_packages
from nok.packages.read import Package
from nok.render.catalogue import sitemaps
from nok.site.assets import Assets, AssetShelf, gather_assets
from nok.site.data_store import DataRelease, DataStore
from nok.site.output import Change, Manifest, Output, Slot
from nok.site.pelican_site import Editorial, read_editorial
from nok.site.publication import Publication, read_publication
from nok.site.worker import (
    PAGES_PER_TASK,
    Done,
    Task,
    Worker,
    WorkOrder,
    begin_worker,
    close_worker,
    open_worker,
    run_task,
)
from nok.warehouse import Group, Warehouse
from nok.warehouse_load import load_warehouse

SMALL_PUBLICATION = 100
"""Below so many organisations one process is done before others have started."""

_START = "fork" if sys.platform == "linux" else "spawn"
"""A forked worker has everything imported already; a spawned one needs two seconds for that."""

Tell = Callable[[str], None]
"""Says to a person what is being done now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one build is asked to do. `packages` empty: those of the configuration."""

    config_file: Path | None = None
    packages: Sequence[str] = ()
    output: Path | None = None
    state: Path | None = None
    jobs: int | None = None
    """Worker processes; `None`: one for each processor, or just this one for a small publication."""
    full: bool = False
    no_cache: bool = False
    release: bool = False
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a build did. `change` is `None` where nothing had changed and nothing was touched."""

    folder: Path
    build_id: str
    organizations: int
    files: int
    size_bytes: int
    change: Change | None
    warnings: list[Problem] = field(default_factory=list)


def build(options: Options, tell: Tell = lambda _: None) -> Report:
    """Builds the publication and switches `current` to it.

    Raises:
        DataError: the packages have problems; nothing was written.
        ConfigError, UsageError, StorageError, BusyError: as their words say; the published site is as it was.
    """
    publication = read_publication(options.config_file)
    output = _open_output(publication, options)
    with output.lock(), TemporaryDirectory(prefix="nok-build-") as scratch:
        paths = publication.package_paths(options.packages)
        assets = gather_assets(publication.theme, publication.node_modules)
        packages, _ = open_packages(paths, Path(scratch, "peek"))
        inputs = _inputs(publication, packages, assets, options.today)
        published = output.current()
        if published and published.inputs == inputs and not (options.full or options.no_cache or options.release):
            tell("nothing has changed")
            return _unchanged(output, published.build_id, published.files)
        tell("checking the packages")
        checked = _check(publication, paths, options, Path(scratch))
        tell("loading the warehouse")
        store = output.state / "warehouse.sqlite"
        hidden = load_warehouse(store, checked.packages, publication.methods, publication.region_rows)
        editorial = _editorial(publication)
        releases = DataStore(output.folder / "data")
        newest = releases.cut(checked.packages, hidden, forced=options.release)
        slot = output.next_slot()
        order = WorkOrder(
            config_file=publication.config_file.absolute(),
            warehouse=store,
            slot=slot.folder,
            snapshot=slot.snapshot,
            today=options.today,
            assets=tuple(assets.paths.items()),
        )
        build_id = _build_id(inputs, options.today)
        shelf = AssetShelf(output.state / "assets")
        every_asset = {**shelf.contents(), **assets.contents}
        site = _Site(publication, order, every_asset, editorial, releases, newest, build_id)
        change, files, size, organizations = _fill(site, slot, options.jobs, tell)
        tell("publishing")
        releases.commit()
        output.publish(slot, build_id, inputs, files, options.today.isoformat())
        shelf.add(assets.contents)
    return Report(
        folder=output.folder / "current",
        build_id=build_id,
        organizations=organizations,
        files=files,
        size_bytes=size,
        change=change,
        warnings=checked.problems,
    )


# ---- gathering -----------------------------------------------------------------------------------------------------


def _open_output(publication: Publication, options: Options) -> Output:
    folder = options.output or publication.root / publication.config.output
    absolute = folder.absolute()
    return Output(folder, options.state or absolute.parent / f"{absolute.name or 'root'}.state")


def _check(publication: Publication, paths: Sequence[Path], options: Options, scratch: Path) -> Checked:
    terms = Terms(methods=publication.methods, regions=publication.regions, today=options.today)
    checked = check_packages(paths, terms, scratch)
    if not checked.is_valid:
        raise DataError(checked.problems)
    return checked


def _inputs(publication: Publication, packages: Sequence[Package], assets: Assets, today: date) -> str:
    """A hash of all that the site is made from: packages, editors' files, theme, program, day."""
    digest = hashlib.sha256()
    for package in packages:
        digest.update(f"{package.name}\0{package.fingerprint()}\n".encode())
    digest.update(publication.fingerprint().encode())
    digest.update("\n".join(assets.contents).encode())
    digest.update(today.isoformat().encode())
    return digest.hexdigest()


def _build_id(inputs: str, today: date) -> str:
    return hashlib.sha256(f"{__version__}\0{today.isoformat()}\0{inputs}".encode()).hexdigest()[:12]


def _unchanged(output: Output, build_id: str, files: int) -> Report:
    return Report(
        folder=output.folder / "current", build_id=build_id, organizations=0, files=files, size_bytes=0, change=None
    )


def _editorial(publication: Publication) -> Editorial:
    config = publication.config
    return read_editorial(
        publication.content,
        publication.theme,
        title=config.title,
        languages=config.languages,
        public_url=config.public_url,
    )


# ---- writing -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Site:
    """Everything gathered, ready to be written."""

    publication: Publication
    order: WorkOrder
    assets: dict[str, bytes]
    """Path to bytes: today's assets and those of the last releases."""
    editorial: Editorial
    data: DataStore
    newest: dict[str, DataRelease]
    build_id: str


def _fill(site: _Site, slot: Slot, jobs: int | None, tell: Tell) -> tuple[Change, int, int, int]:
    """Writes every file of the site into the slot; (change, files, bytes, organisations)."""
    with slot.update() as manifest:
        worker = open_worker(site.order)
        try:
            store = worker.warehouse
            tasks = list(_tasks(store, site.publication))
            organizations = sum(task.last - task.first + 1 for task in tasks if task.kind == "organizations")
            jobs = jobs or (1 if organizations < SMALL_PUBLICATION else os.cpu_count() or 1)
            with _workers(jobs) as executor:
                results = _run(executor, site.order, tasks)
                _write_few(site, worker)
                manifest.account(*worker.writer.take())
                for number, done in enumerate(results):
                    _progress(number, len(tasks), tell)
                    manifest.account(done.files, done.written)
            _write_last(site, worker, manifest)
        finally:
            close_worker()
        change = manifest.remove_unaccounted()
        missing = manifest.missing()
        if missing:
            raise FileNotFoundError(f"{missing[0]} and {len(missing) - 1} more were not written")
        files_number, size = manifest.totals()
    return change, files_number, size, organizations


def _tasks(store: Warehouse, publication: Publication) -> Iterator[Task]:
    """The pieces of a build, the largest kind first, each within one region.

    Neighbours in the list are of different regions: workers that create files in one folder wait for each other.
    """
    turns: dict[str, int] = {}
    pieces = []
    for region, first, last in store.partitions():
        turns[region] = turns.get(region, 0) + 1
        pieces.append((turns[region], Task(kind="organizations", region_code=region, first=first, last=last)))
    yield from (task for _, task in sorted(pieces, key=lambda piece: (piece[0], piece[1].first)))
    size = publication.config.organizations_per_page
    groups = store.groups()
    for region in dict.fromkeys(group.region_code for group in groups):
        number = sum(group.organizations for group in groups if group.region_code == region)
        for first, last in _page_ranges(number, size):
            yield Task(kind="region", region_code=region, first=first, last=last)
    for group in groups:
        for first, last in _page_ranges(group.organizations, size):
            yield Task(kind="sphere", region_code=group.region_code, first=first, last=last, sphere=group.sphere)


def _page_ranges(number: int, size: int) -> Iterator[tuple[int, int]]:
    pages = max(1, -(-number // size))
    for first in range(1, pages + 1, PAGES_PER_TASK):
        yield first, min(first + PAGES_PER_TASK - 1, pages)


@contextmanager
def _workers(jobs: int) -> Iterator[Executor | None]:
    """An executor with `jobs` processes; `None` for one, which is this very process."""
    if jobs == 1:
        yield None
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context(_START), initializer=begin_worker) as executor:
        try:
            yield executor
        finally:
            executor.shutdown(cancel_futures=True)


def _run(executor: Executor | None, order: WorkOrder, tasks: Sequence[Task]) -> Iterator[Done]:
    """The results of all tasks in their order, whoever does them; an executor begins at once."""
    if executor is None:
        return (run_task(order, task) for task in tasks)
    return _collect(deque(executor.submit(run_task, order, task) for task in tasks))


def _collect(futures: "deque[Future[Done]]") -> Iterator[Done]:
    while futures:
        yield futures.popleft().result()


def _progress(number: int, whole: int, tell: Tell) -> None:
    step = max(1, whole // 20)
    if number % step == 0:
        tell(f"writing pages: {100 * number // whole} %")


def _write_few(site: _Site, worker: Worker) -> None:
    """The pages that stand once: home, regions, spheres, methods, assessments, data, texts, assets."""
    for path, content in site.assets.items():
        worker.writer.write(path, content)
    site.data.link_into(worker.writer, list(site.newest))
    for path, content in site.editorial.feeds.items():
        worker.writer.write(path, content)
    groups = worker.warehouse.groups()
    for edition in worker.editions.values():
        for path, page in _few_pages(site, worker, groups, edition):
            worker.write_page(page, path, edition)


def _few_pages(site: _Site, worker: Worker, groups: Sequence[Group], edition: Edition) -> Iterator[tuple[str, Page]]:
    store, lang = worker.warehouse, edition.lang
    demonstration = bool(worker.demonstrations)
    news = _news(site.editorial, urls.home(lang), edition)
    yield (
        urls.home(lang),
        catalogue.home_page(groups, store.plan_counts(), news, _examples(store, edition), demonstration, edition),
    )
    for path in (urls.regions(lang), urls.map_page(lang)):
        yield path, catalogue.regions_page(groups, path, demonstration, edition)
    for sphere in catalogue.sphere_order({group.sphere for group in groups}, edition):
        shown = any(group.region_code in worker.demonstrations for group in groups if group.sphere == sphere)
        yield urls.sphere(sphere, lang), catalogue.sphere_page(sphere, groups, shown, edition)
    for method in site.publication.methods.values():
        yield urls.method(method.id, lang), catalogue.method_page(method, edition)
    for assessment in store.assessments().values():
        page = catalogue.assessment_page(assessment, groups, demonstration, edition)
        yield urls.assessment(assessment.assessment_id, lang), page
    yield urls.data_page(lang), _data_page(site, store, edition)
    yield urls.not_found(lang), catalogue.not_found_page(edition)
    yield urls.news_index(lang), catalogue.news_page(_news(site.editorial, urls.news_index(lang), edition), edition)
    for text in site.editorial.texts:
        if text.language == edition.language:
            yield (
                text.path,
                catalogue.editorial_page(text.title, text.body, text.summary, text.day, text.path, edition),
            )


def _news(editorial: Editorial, origin: str, edition: Edition) -> list[NewsItem]:
    return [
        NewsItem(
            title=text.title,
            href=urls.relative(text.path, origin),
            day=edition.day(text.day) if text.day else "",
            summary=text.summary,
        )
        for text in editorial.news(edition.language)
    ]


def _examples(store: Warehouse, edition: Edition) -> list[Link]:
    """Two pages to begin with: the organisations that most people have rated."""
    origin = urls.home(edition.lang)
    found = [row.organization for row in store.most_rated(2)]
    return [
        Link(text=item.title, href=edition.organization_link(item, origin), lang=edition.foreign(item.title))
        for item in found
    ]


def _data_page(site: _Site, store: Warehouse, edition: Edition) -> Page:
    files = {
        name: [(file.name, file.title, file.size, file.rows) for file in release.files]
        for name, release in site.newest.items()
    }
    versions = {name: release.version for name, release in site.newest.items()}
    packages = [package for package in store.packages() if package.name in versions]
    return catalogue.data_page(packages, files, versions, edition)


def _write_last(site: _Site, worker: Worker, manifest: Manifest) -> None:
    """What names all other pages."""
    config = site.publication.config
    pages: Iterable[str] = (path for path in manifest.paths(".html") if _is_listed(path))
    for path, text in sitemaps(config.public_url, pages):
        worker.writer.write(path, text.encode())
    about = {
        "build_id": site.build_id,
        "day": site.order.today.isoformat(),
        "program": f"nok {__version__}",
        "packages": {name: release.version for name, release in sorted(site.newest.items())},
    }
    worker.writer.write(urls.build_json(), (json.dumps(about, ensure_ascii=False, indent=2) + "\n").encode())
    manifest.account(*worker.writer.take())


def _is_listed(path: str) -> bool:
    """Search engines need neither the sheets to print nor the page that is not found."""
    return not path.endswith((".poster.html", "404.html"))
