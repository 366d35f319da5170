"""What observers saw, and the published copies of pictures."""

from collections.abc import Iterator

from nok import urls
from nok.compose.observed import observed_page
from nok.errors import ConfigError
from nok.picture_heads import LARGE_SIDE, OBSERVED_SIDE, SMALL_SIDE, PictureError
from nok.site.manifest import Wanted
from nok.site.worker import Task, Worker


def observed(worker: Worker, task: Task) -> Iterator[Wanted]:
    """The page of what observers saw at an organisation."""
    wanted = {unit.key: unit for unit in task.units}
    for facts in worker.warehouse.organizations(list(wanted)):
        worker.begin(task, wanted[facts.number])
        found = worker.warehouse.pictures(facts.number)
        of = facts.organization
        for edition in worker.editions.values():
            path = urls.organization_observed(of.region_code, of.organization_id, edition.lang, worker.shards)
            worker.write_page(observed_page(facts, found, edition), path, edition)
        yield wanted[facts.number]


def pictures(worker: Worker, task: Task) -> Iterator[Wanted]:
    """The published copies of the pictures of an organisation."""
    for unit in task.units:
        worker.begin(task, unit)
        for one in worker.warehouse.pictures(unit.key):
            worker.writer.write(urls.observed_picture(one.photo_sha256), _copy_of(worker, one.package, one.path))
        yield unit


def sent(worker: Worker, task: Task) -> Iterator[Wanted]:
    """The published copies of the photographs of an organisation's reviews, large and small."""
    for unit in task.units:
        worker.begin(task, unit)
        _, region_code, organization_id = unit.name.split("/")
        for package, path, photo in worker.warehouse.review_photos(unit.key):
            place = region_code, organization_id, photo.review_id, photo.number, photo.sha256
            worker.writer.write(urls.review_photo(*place), _copy_of(worker, package, path, LARGE_SIDE))
            worker.writer.write(urls.review_photo_small(*place), _copy_of(worker, package, path, SMALL_SIDE))
        yield unit


def _copy_of(worker: Worker, package: str, path: str, longest: int = OBSERVED_SIDE) -> bytes:
    # A library of pictures, which only the worker that has some needs to import.
    from nok.pictures import published_copy

    folders = dict(worker.order.packages)
    try:
        return published_copy((folders[package] / path).read_bytes(), longest)
    except PictureError as error:
        raise ConfigError("picture-gone", package=package, place=path) from error
