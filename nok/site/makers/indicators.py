"""Indicators: the lists of their organisations, kind by kind, and the pages that lead to them."""

from collections.abc import Collection, Iterator

from nok import urls
from nok.compose.indicators import indicator_list_page, indicator_page, indicator_region_page, list_path
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker
from nok.warehouse_facts import IndicatorGroup, Measured


def indicators(worker: Worker, task: Task) -> Iterator[Wanted]:
    """Pages of lists kind by kind, and the pages that lead to them."""
    known: tuple[tuple[str, ...], dict[int, Measured]] = ((), {})
    for unit in task.units:
        worker.begin(task, unit)
        _, method_id, measure, *where = unit.name.split("/")
        groups = worker.orders.indicator_groups(method_id, measure)
        if len(where) < 2:
            _write_indicator(worker, groups.values(), where, method_id, measure)
            yield unit
            continue
        kind = (method_id, *where[:3])
        group = groups[kind[1:]]
        if known[0] != kind:
            known = (kind, worker.warehouse.measured(group))
        _write_indicator_list(worker, group, known[1], int(where[3]))
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
