"""Feeds of regions."""

from collections.abc import Iterator

from nok import urls
from nok.compose.feeds import MOST_ENTRIES, region_feed, rounds_told
from nok.model import Feed
from nok.render.feeds import atom_bytes
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker


def feeds(worker: Worker, task: Task) -> Iterator[Wanted]:
    """The feed of each region that has something to tell."""
    for unit in task.units:
        worker.begin(task, unit)
        feed = _region_feed(worker, unit.region_code)
        if feed is not None:
            worker.writer.write(urls.region_feed(unit.region_code), atom_bytes(feed))
        yield unit


def has_feed(worker: Worker, code: str) -> bool:
    """Whether the region's feed tells of anything."""
    rounds = rounds_told(worker.warehouse.rating_lists(code), worker.main.today)
    return bool(rounds or worker.warehouse.newest_told(code, 1))


def _region_feed(worker: Worker, code: str) -> Feed | None:
    """In the first language; `None` where there is nothing to tell."""
    rounds = rounds_told(worker.warehouse.rating_lists(code), worker.main.today)
    organizations = list(worker.warehouse.organizations(worker.warehouse.newest_told(code, MOST_ENTRIES)))
    return region_feed(code, rounds, organizations, worker.main)
