"""Lists of regions, spheres and municipalities, and the passports of assessments."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import partial

from nok import urls
from nok.compose.choosing import medians_json, municipality_page, peers_page
from nok.compose.edition import Edition
from nok.compose.lists import region_page, sphere_region_page
from nok.compose.passport import assessment_page
from nok.model import MapView
from nok.records import AppealSum
from nok.render.aggregates import appeals_csv, appeals_json
from nok.site.makers.feeds import has_feed
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker
from nok.templating import trusted_html
from nok.warehouse_facts import ListFacts


def region_lists(worker: Worker, task: Task) -> Iterator[Wanted]:
    """Pages of the list of one region; with the first, what is added up of it."""
    code, size = task.units[0].region_code, worker.publication.config.organizations_per_page
    groups, plan = worker.warehouse.groups(code), worker.warehouse.plan_counts(code)
    aggregates = worker.warehouse.aggregates(region_code=code)
    has_map, sums = worker.extent(code) is not None, worker.warehouse.appeals(code)
    is_told = has_feed(worker, code)
    for unit in task.units:
        worker.begin(task, unit)
        number = unit.key
        facts = worker.warehouse.listed(worker.orders.of_list(code)[(number - 1) * size : number * size])
        for edition in worker.editions.values():
            view = _map_view(worker, code, edition) if has_map and number == 1 else None
            shown = code in worker.demonstrations
            appeals = sums if number == 1 else ()
            more = (aggregates, appeals)
            page = region_page(code, groups, facts, number, view, plan, shown, edition, *more, has_feed=is_told)
            worker.write_page(page, urls.region(code, number, edition.lang), edition)
        if number == 1:
            worker.write_aggregates(aggregates, partial(urls.region_aggregates, code))
            _write_appeals(worker, code, sums)
        yield unit


def _write_appeals(worker: Worker, code: str, sums: Sequence[AppealSum]) -> None:
    """Both forms of what is added up of a region's appeals; nothing where nobody told of any."""
    if sums:
        worker.writer.write(urls.region_appeals(code, "json"), appeals_json(sums))
        worker.writer.write(urls.region_appeals(code, "csv"), appeals_csv(sums))


def sphere_lists(worker: Worker, task: Task) -> Iterator[Wanted]:
    """Pages of one sphere in one region, in the order of their totals."""
    code, sphere = task.units[0].region_code, task.units[0].sphere
    size, groups = worker.publication.config.organizations_per_page, worker.warehouse.groups(code)
    group = next(group for group in groups if group.sphere == sphere)
    method = worker.publication.methods.get(worker.main.method_of.get(group.assessment_id, ""))
    better = method.total.higher_is_better if method else True
    for unit in task.units:
        worker.begin(task, unit)
        number = unit.key
        totals = list(worker.warehouse.totals(code, sphere)) if number == 1 else []
        aggregates = worker.warehouse.aggregates(region_code=code, sphere=sphere) if number == 1 else []
        shown = code in worker.demonstrations
        keys = worker.orders.of_list(code, sphere, higher_is_better=better)[(number - 1) * size : number * size]
        facts = worker.warehouse.listed(keys)
        for edition in worker.editions.values():
            page = sphere_region_page(group, groups, totals, facts, number, shown, edition, aggregates)
            worker.write_page(page, urls.sphere_region(sphere, code, number, edition.lang), edition)
        yield unit


def municipalities(worker: Worker, task: Task) -> Iterator[Wanted]:
    """Pages and tables of the municipalities of one region, and its medians."""
    code = task.units[0].region_code
    names = {urls.municipality_key(name): name for name in worker.warehouse.municipalities(code)}
    medians = worker.warehouse.peer_medians(code)
    for unit in task.units:
        worker.begin(task, unit)
        key = unit.name.split("/")[2:]
        if key:
            _write_municipality(worker, code, names[key[0]])
        else:
            worker.writer.write(urls.peers_medians(code), medians_json(medians).encode())
        yield unit


def _write_municipality(worker: Worker, code: str, name: str) -> None:
    """The page of a municipality, and the table of each kind in it."""
    kinds: dict[tuple[str, str], list[ListFacts]] = {}
    for facts in worker.warehouse.in_municipality(code, name):
        kinds.setdefault((facts.organization.sphere, facts.organization.kind), []).append(facts)
    kinds, shown = dict(sorted(kinds.items())), code in worker.demonstrations
    size = worker.publication.config.organizations_per_page
    for edition in worker.editions.values():
        page = municipality_page(code, name, kinds, shown, edition)
        worker.write_page(page, urls.municipality(code, name, edition.lang), edition)
        for key, found in kinds.items():
            medians = _kind_medians(worker, found)
            for number in range(1, -(-len(found) // size) + 1):
                table = peers_page(code, name, key, found, medians, number, list(kinds), shown, edition)
                worker.write_page(table, urls.peers(code, name, *key, number, edition.lang), edition)


def _kind_medians(worker: Worker, found: Sequence[ListFacts]) -> dict[str, Decimal]:
    """The medians of the round that most organisations of a table were last judged in."""
    rounds = Counter(facts.latest.assessment.assessment_id for facts in found if facts.latest)
    if not rounds:
        return {}
    assessment_id = max(sorted(rounds), key=rounds.__getitem__)
    return worker.medians_of(assessment_id, found[0].organization.region_code, found[0].organization.kind)


def assessments(worker: Worker, task: Task) -> Iterator[Wanted]:
    """The passport of each assessment."""
    groups = worker.warehouse.groups()
    for unit in task.units:
        worker.begin(task, unit)
        found = worker.warehouse.record(unit.name.partition("/")[2])
        for edition in worker.editions.values():
            page = assessment_page(found, groups, bool(worker.demonstrations), edition)
            worker.write_page(page, urls.assessment(found.assessment.assessment_id, edition.lang), edition)
        yield unit


def _map_view(worker: Worker, code: str, edition: Edition) -> MapView:
    """The map as a page of a language links it; its element is the one that folium's script looks for."""
    path = urls.region(code, 1, edition.lang)
    element = f'<div class="folium-map" id="{urls.region_map_id(code)}" ></div>'
    files = [worker.assets["leaflet.js"], worker.assets["supercluster.js"], urls.region_map_script(code)]
    return MapView(
        element=trusted_html(element),
        scripts=tuple(urls.relative(file, path) for file in files),
        styles=(urls.relative(worker.assets["leaflet.css"], path),),
        label=edition.words("page.map_label", name=edition.region_name(code)),
        caption=edition.words("page.map_caption"),
    )
