"""Indicators: the lists of their organisations, kind by kind, and the pages that lead to them."""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

from nok import urls
from nok.compose.indicators import indicator_list_page, indicator_page, indicator_region_page, list_path
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker
from nok.warehouse_facts import IndicatorGroup, Measured


def indicators(worker: Worker, task: Task) -> Iterator[Wanted]:
    """Pages of lists kind by kind, and the pages that lead to them."""
    for kind, units in groupby(task.units, key=_kind_of):
        if kind:
            yield from _write_lists(worker, task, list(units))
            continue
        for unit in units:
            worker.begin(task, unit)
            _, method_id, measure, *where = unit.name.split("/")
            _write_indicator(
                worker, worker.orders.indicator_groups(method_id, measure).values(), where, method_id, measure
            )
            yield unit


def _kind_of(unit: Wanted) -> tuple[str, ...]:
    """(method, region, sphere, kind) of a page of a list; nothing of a page that leads to lists."""
    _, method_id, _, *where = unit.name.split("/")
    return (method_id, *where[:3]) if len(where) > 1 else ()


def _write_lists(worker: Worker, task: Task, units: Sequence[Wanted]) -> Iterator[Wanted]:
    """Pages of lists of one kind; the same organisations stand in those of several indicators, and are read once."""
    pages = [(unit, unit.name.split("/")[1:]) for unit in units]
    measured: dict[int, Measured] | None = None
    for unit, (method_id, measure, *where, number) in pages:
        worker.begin(task, unit)
        group = worker.orders.indicator_groups(method_id, measure)[tuple(where)]
        if measured is None:
            measured = worker.warehouse.measured(group, {place[1] for _, place in pages})
        _write_indicator_list(worker, group, measured, int(number))
        yield unit


def _write_indicator(
    worker: Worker, groups: Collection[IndicatorGroup], where: list[str], method_id: str, measure: str
) -> None:
    """The page of an indicator, or of it in one region."""
    shown = [group for group in groups if not where or group.region_code == where[0]]
    is_invented = any(group.region_code in worker.demonstrations for group in shown)
    method = worker.publication.methods[method_id]
    for edition in worker.editions.values():
        path = urls.indicator(method_id, measure, edition.lang)
        make = indicator_page
        if where:
            path, make = urls.indicator_region(method_id, measure, where[0], edition.lang), indicator_region_page
        worker.write_page(make(method, method.by_id[measure], shown, is_invented, edition), path, edition)


def _write_indicator_list(worker: Worker, group: IndicatorGroup, measured: dict[int, Measured], number: int) -> None:
    size, keys = worker.publication.config.organizations_per_page, worker.orders.of_indicator(group, measured)
    shown, is_invented = keys[(number - 1) * size : number * size], group.region_code in worker.demonstrations
    for edition in worker.editions.values():
        page = indicator_list_page(group, measured, shown, number, is_invented, edition)
        worker.write_page(page, list_path(group, number, edition), edition)
