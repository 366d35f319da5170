"""Reports of regions, and what has been mended."""

from collections import Counter
from collections.abc import Iterator

from nok import urls
from nok.compose.edition import Edition
from nok.compose.reports import MOST_CHANGES, Year, changed_page, report_page, year_of, years_with_reports
from nok.model import Page
from nok.render.reports import report_csv
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker
from nok.statistics import window_start


def reports(worker: Worker, task: Task) -> Iterator[Wanted]:
    """The years of one region."""
    code = task.units[0].region_code
    rounds, years = worker.warehouse.course_rounds(region_code=code), worker.warehouse.course_years(region_code=code)
    places = worker.warehouse.course_rounds(region_code=code, scope="municipality")
    place_years = worker.warehouse.course_years(region_code=code, scope="municipality")
    groups, present = worker.warehouse.groups(code), _present(worker, code)
    all_years = years_with_reports(rounds, years, worker.periods)
    for unit in task.units:
        worker.begin(task, unit)
        told = year_of(
            code,
            unit.key,
            groups,
            rounds,
            years,
            worker.periods,
            places=places,
            place_years=place_years,
            present=present,
        )
        write_report_table(worker, told)
        for edition in worker.editions.values():
            page = report_page(told, all_years, code in worker.demonstrations, edition)
            worker.write_page(page, urls.report(code, unit.key, edition.lang), edition)
        yield unit


def write_report_table(worker: Worker, told: Year) -> None:
    """The numbers of a report, once for all languages."""
    found = report_csv(
        (*told.rounds, *told.places),
        (*told.years, *told.place_years),
        worker.publication.methods,
        worker.main.method_of,
        worker.main.today,
    )
    worker.writer.write(urls.report_table(told.region_code, told.year), found)


def _present(worker: Worker, code: str) -> Counter[str]:
    """How many organisations each municipality of a region has today."""
    found: Counter[str] = Counter()
    for item in worker.warehouse.aggregates(region_code=code):
        if item.scope == "municipality":
            found[item.name] += item.organizations
    return found


def changes(worker: Worker, task: Task) -> Iterator[Wanted]:
    """What has been mended in each region."""
    for unit in task.units:
        worker.begin(task, unit)
        code = unit.region_code
        for edition in worker.editions.values():
            page = changes_page(worker, code, code in worker.demonstrations, edition)
            worker.write_page(page, urls.changed(code, edition.lang), edition)
        yield unit


def changes_page(worker: Worker, region_code: str, is_demonstration: bool, edition: Edition) -> Page:
    """What has been mended in a region, or in all where `region_code` is empty."""
    start, regions = window_start(worker.main.today), {}
    if not region_code:
        regions = {code: worker.warehouse.done_since(start, code) for code in worker.warehouse.regions()}
    number = worker.warehouse.done_since(start, region_code)
    found = worker.warehouse.newest_done(start, MOST_CHANGES, region_code)
    return changed_page(
        region_code, number, found, regions, worker.warehouse.indicator_lists, is_demonstration, edition
    )
