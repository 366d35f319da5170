"""The map of a region, and the points on it."""

from collections.abc import Iterator
from decimal import Decimal

from nok import urls
from nok.compose.place import PICTURE_HEIGHT, PICTURE_WIDTH
from nok.render.badges import silhouette_svg
from nok.render.downloads import PointRow, points_json
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker


def maps(worker: Worker, task: Task) -> Iterator[Wanted]:
    """The map of each region."""
    for unit in task.units:
        worker.begin(task, unit)
        _write_map(worker, unit.region_code)
        yield unit


def _write_map(worker: Worker, code: str) -> None:
    """Script and picture of a region; nothing where nothing has a place."""
    coordinates, extent = worker.warehouse.coordinates(code), worker.extent(code)
    if not coordinates or extent is None:
        return
    # Half a second of importing, which only the worker that draws a map has to pay.
    from nok.render.maps import bounds_of, region_map

    script = region_map(code, bounds_of(coordinates)).script
    dots = (extent.position(latitude, longitude) for latitude, longitude in coordinates)
    picture = silhouette_svg(dots, PICTURE_WIDTH, PICTURE_HEIGHT)
    worker.writer.write(urls.region_map_script(code), script.encode())
    worker.writer.write(urls.region_silhouette(code), picture.encode())


def point_lists(worker: Worker, task: Task) -> Iterator[Wanted]:
    """What the map of a region shows at its places, as data."""
    for unit in task.units:
        worker.begin(task, unit)
        points = list(_points(worker, unit.region_code))
        if points:
            text = points_json(f"o/{unit.region_code}/", points, _band_words(worker), worker.shards)
            worker.writer.write(urls.region_points(unit.region_code), text.encode())
        yield unit


def _band_words(worker: Worker) -> dict[str, dict[str, str]]:
    """Language to what its map says instead of the words of the first one."""
    bands = [band.word for method in worker.publication.methods.values() for band in method.total.bands]
    main, state = worker.main.language, "page.state_not_assessed"
    return {
        name: {word[main]: word[edition.language] for word in bands} | {worker.main.words(state): edition.words(state)}
        for name, edition in worker.editions.items()
        if edition.language != main
    }


def _points(worker: Worker, code: str) -> Iterator[PointRow]:
    marks: dict[tuple[str, str], tuple[int, str]] = {}
    for point in worker.warehouse.points(code):
        told = (point.assessment_id, point.total)
        if told not in marks:
            marks[told] = _map_mark(worker, *told)
        shard = ""
        if worker.shards:
            shard = urls.organization(code, point.organization_id, "", worker.shards).split("/")[2]
        yield (
            point.organization_id,
            shard,
            point.latitude,
            point.longitude,
            point.title,
            *marks[told],
            point.closed_on,
        )


def _map_mark(worker: Worker, assessment_id: str, total: str) -> tuple[int, str]:
    """(level of the colour, points and their word) of a total; level 0 where there is none."""
    method = worker.publication.methods.get(worker.main.method_of.get(assessment_id, ""))
    if not total or method is None:
        return 0, worker.main.words("page.state_not_assessed")
    mark = worker.main.mark_points(Decimal(total), method.total, method.decimals)
    return mark.level, f"{mark.points} {mark.word}".strip()
