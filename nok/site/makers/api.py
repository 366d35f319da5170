"""Lists and numbers of the API."""

from collections.abc import Iterator, Mapping, Sequence

from nok import urls
from nok.render.api import PER_PAGE, inn_json, list_json, organization_rows, pages_of, review_rows, score_rows
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker


def api_pages(worker: Worker, task: Task) -> Iterator[Wanted]:
    """Pages of the lists of one region."""
    code = task.units[0].region_code
    order = worker.orders.of_list(code)
    for unit in task.units:
        worker.begin(task, unit)
        name, keys = unit.name.split("/")[2], order[(unit.key - 1) * PER_PAGE : unit.key * PER_PAGE]
        content = list_json(code, name, unit.key, pages_of(len(order)), _api_rows(worker, name, keys))
        worker.writer.write(urls.api_list(code, name, unit.key), content)
        yield unit


def _api_rows(worker: Worker, name: str, keys: Sequence[int]) -> Iterator[Mapping[str, object]]:
    if name == "organizations":
        return organization_rows(worker.warehouse.listed(keys), worker.shards)
    if name == "scores":
        return score_rows(worker.warehouse.judged(keys))
    return review_rows(worker.warehouse.reviewed(keys))


def api_numbers(worker: Worker, task: Task) -> Iterator[Wanted]:
    """Which organisations have a taxpayer number that begins so."""
    for unit in task.units:
        worker.begin(task, unit)
        prefix = unit.name.partition("/")[2]
        worker.writer.write(urls.api_inn(prefix), inn_json(worker.warehouse.inn_rows(prefix), worker.shards))
        yield unit
