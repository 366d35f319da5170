"""Rating lists, and the page of a region that leads to them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby

from nok import urls
from nok.compose.ratings import ListSize, rating_list_page, ratings_page
from nok.render.ratings import rating_csv
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker
from nok.warehouse_facts import Rated, RatingList


def rating_lists(worker: Worker, task: Task) -> Iterator[Wanted]:
    """The page that leads to the rating lists of one region, and pages of lists kind by kind."""
    code = task.units[0].region_code
    offered, present = worker.warehouse.rating_lists(code), worker.warehouse.kind_numbers(code)
    lists = {(one.assessment.assessment_id, one.kind or "_"): one for one in offered}
    for kind, units in groupby(task.units, key=lambda unit: unit.name.split("/")[3:4]):
        if kind:
            parts = [(unit, unit.name.split("/")[2:]) for unit in units]
            pages = [(unit, lists[where[0], where[1]], int(where[2])) for unit, where in parts]
            yield from _write_rating_lists(worker, task, pages, offered, present)
            continue
        for unit in units:
            worker.begin(task, unit)
            for edition in worker.editions.values():
                page = ratings_page(code, offered, code in worker.demonstrations, edition)
                worker.write_page(page, urls.ratings_of(code, edition.lang), edition)
            yield unit


def _write_rating_lists(
    worker: Worker,
    task: Task,
    pages: Sequence[tuple[Wanted, RatingList, int]],
    offered: Sequence[RatingList],
    present: Mapping[tuple[str, str], int],
) -> Iterator[Wanted]:
    """Pages of lists of one kind; the same organisations stand in those of several rounds, and are read once."""
    size = worker.publication.config.organizations_per_page
    shown = [worker.orders.of_rating(item)[(number - 1) * size : number * size] for _, item, number in pages]
    rated = worker.warehouse.rated(set(chain.from_iterable(shown)), _listed_measures(worker))
    for (unit, item, number), keys in zip(pages, shown, strict=True):
        worker.begin(task, unit)
        about = ListSize(number, -(-item.number // size), present.get((item.assessment.sphere, item.kind), 0))
        _write_rating_list(worker, item, offered, [rated[key].of(item.assessment.assessment_id) for key in keys], about)
        yield unit


def _write_rating_list(
    worker: Worker, item: RatingList, offered: Sequence[RatingList], rated: Sequence[Rated], about: ListSize
) -> None:
    """One page, and its table as a file."""
    for edition in worker.editions.values():
        page = rating_list_page(item, offered, rated, about, item.region_code in worker.demonstrations, edition)
        address = (item.region_code, item.assessment.assessment_id, item.kind, about.number, edition.lang)
        worker.write_page(page, urls.rating_list(*address), edition)
        worker.writer.write(urls.rating_table(*address), rating_csv(page))


def _listed_measures(worker: Worker) -> frozenset[str]:
    """The measures that lists show: totals and criteria."""
    criteria = (measure.id for method in worker.publication.methods.values() for measure in method.criteria)
    return frozenset(("total", *criteria))
