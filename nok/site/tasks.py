"""What one worker process does: a partition of the warehouse in, its files in the slot out.

Every task is independent. A process opens the publication once and keeps it.
"""

import gc
import multiprocessing
import multiprocessing.connection
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nok.compose.choosing import search_entry
from nok.errors import ClusterError, NokError
from nok.render.pages import TEMPLATES
from nok.search_store import SearchEntry, update_search
from nok.site.inputs import RegionTold
from nok.site.makers.api import api_numbers, api_pages
from nok.site.makers.feeds import feeds
from nok.site.makers.indicators import indicators
from nok.site.makers.lists import assessments, municipalities, region_lists, sphere_lists
from nok.site.makers.maps import maps, point_lists
from nok.site.makers.organizations import organizations
from nok.site.makers.parties import parties, party_lists, rosters
from nok.site.makers.pictures import observed, pictures, sent
from nok.site.makers.questionnaires import questionnaires
from nok.site.makers.ratings import rating_lists
from nok.site.makers.reports import changes, reports
from nok.site.makers.search import search_files
from nok.site.manifest import SEARCH, Compared, Unit, Wanted, compare, listing_of, read_inputs
from nok.site.publication import read_publication
from nok.site.search_files import search_store_of
from nok.site.worker import Task, Worker, WorkOrder, editions, theme_of
from nok.template_shelf import TemplateShelf
from nok.warehouse import Warehouse

MAKERS: Mapping[str, Callable[[Worker, Task], Iterator[Wanted]]] = {
    "o": organizations,
    "r": region_lists,
    "s": sphere_lists,
    "m": maps,
    "p": point_lists,
    "a": assessments,
    "q": questionnaires,
    "i": indicators,
    "j": rating_lists,
    "k": feeds,
    "e": observed,
    "f": pictures,
    "z": sent,
    "x": search_files,
    "g": municipalities,
    "t": reports,
    "c": changes,
    "b": parties,
    "n": party_lists,
    "l": rosters,
    "v": api_pages,
    "w": api_numbers,
}
"""Who makes the units of a kind (`Task.kind`)."""


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


def run_task(order: WorkOrder, task: Task) -> Done:
    """Does one task; the entry of every worker.

    Raises:
        ClusterError: this worker sees other folders than the build, has another program, or is late: the build is over.
    """
    _refuse_other_folders(order)
    worker = open_worker(order)
    started, writing = time.perf_counter(), worker.writer.seconds
    units, written = _made(worker, task)
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


def _made(worker: Worker, task: Task) -> tuple[list[Unit], int]:
    """Makes the units of a task; (units, how many files had to be written)."""
    worker.turn_to(task.kind)
    units, number = [], 0
    for wanted in MAKERS[task.kind](worker, task):
        files, written = worker.writer.end()
        named = {"name": wanted.name, "inputs": wanted.inputs, "region_code": wanted.region_code}
        units.append(Unit(listing=listing_of(files), **named))
        number += written
    return units, number


def prepare_worker(config_file: Path, templates: Path) -> None:
    """Has this process read the templates that most builds need, before there is work; those that are kept in a folder
    `templates` need no reading. What is wrong with the publication is told by whoever builds it."""
    if TemplateShelf(templates).is_there:
        return
    with suppress(NokError, OSError):
        publication = read_publication(config_file)
        theme_of(publication.theme, publication.look()).prepare(TEMPLATES.values())


class _Kept(threading.local):
    """What this thread has opened: a store may be read only by the thread that opened it."""

    worker: Worker | None = None


_kept = _Kept()


def open_worker(order: WorkOrder) -> Worker:
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


def _end_with(sentinel: int) -> None:
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


def close_worker() -> None:
    """Lets go of the files that this thread opened for a build."""
    if _kept.worker is not None:
        _kept.worker.close()
        _kept.worker = None


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
