"""What one worker does: a partition of the warehouse in, its files in the slot out.

Every task is independent and small to send, so any `concurrent.futures.Executor` can run it: one process, several, or
a cluster that sees the same folders. A worker opens the publication once and keeps it.
"""

import ctypes
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from nok import urls
from nok.compose.assessment import badge_text
from nok.compose.edition import Edition
from nok.compose.lists import region_page, sphere_region_page
from nok.compose.organization import organization_page, poster_page, reviews_pages
from nok.compose.place import PICTURE_HEIGHT, PICTURE_WIDTH, Extent, extent_of
from nok.identifiers import default_placement_code
from nok.model import MapView, Page
from nok.records import Organization
from nok.render.badges import badge_svg, silhouette_svg
from nok.render.downloads import organization_json
from nok.render.pages import PageRenderer
from nok.render.qr import make_qr
from nok.site.output import FileWriter, Written
from nok.site.publication import Publication, read_publication
from nok.statistics import summarize_ratings
from nok.templating import Theme, trusted_html
from nok.warehouse import OrganizationFacts, Warehouse

PAGES_PER_TASK = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """What all tasks of one build share; small and hashable, so that a worker knows whether it has it already.

    `assets` are (logical name, path below the root).
    """

    config_file: Path
    warehouse: Path
    slot: Path
    snapshot: Path
    today: date
    assets: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A piece of a build.

    `kind` is `organizations` (numbers `first` to `last`), `region` (list pages `first` to `last` of a region) or
    `sphere` (list pages of a region's sphere).
    """

    kind: str
    region_code: str
    first: int
    last: int
    sphere: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The files that are now right, and how many of them had to be written."""

    files: list[Written]
    written: int


def run_task(order: WorkOrder, task: Task) -> Done:
    """Does one task; the entry of every worker."""
    worker = open_worker(order)
    if task.kind == "organizations":
        worker.write_organizations(task)
    elif task.kind == "region":
        worker.write_region(task)
    else:
        worker.write_sphere(task)
    files, written = worker.writer.take()
    return Done(files=files, written=written)


@lru_cache(maxsize=1)
def open_worker(order: WorkOrder) -> "Worker":
    worker = Worker(order)
    _opened.append(worker)
    return worker


_opened: list["Worker"] = []
"""What `open_worker` has opened in this process, so that it can be closed."""


def begin_worker() -> None:
    """What a worker process does first: it ends with its parent, and opens files of its own.

    A forked process begins as a copy: without this it would outlive a killed build and hold its lock for ever.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    _inherited.extend(_opened)
    _opened.clear()
    open_worker.cache_clear()


_PR_SET_PDEATHSIG = 1
"""From linux/prctl.h: the signal that a process gets when its parent dies."""

_inherited: list["Worker"] = []
"""Kept only so that nothing closes in a copy what the original still uses."""


def close_worker() -> None:
    """Lets go of the files that this process opened for a build."""
    for worker in _opened:
        worker.warehouse.close()
        worker.writer.close()
    _opened.clear()
    open_worker.cache_clear()


def editions(publication: Publication, warehouse: Warehouse, today: date) -> dict[str, Edition]:
    """One edition a language."""
    method_of = {name: assessment.method_id for name, assessment in warehouse.assessments().items()}
    return {
        language: Edition(
            config=publication.config,
            language=language,
            words=publication.words[language],
            methods=publication.methods,
            spheres=publication.spheres,
            reasons=publication.reasons,
            regions=warehouse.regions(),
            method_of=method_of,
            today=today,
        )
        for language in publication.config.languages
    }


class Worker:
    """An opened publication: warehouse, editions, templates, and the slot to write to."""

    def __init__(self, order: WorkOrder) -> None:
        self.publication = read_publication(order.config_file)
        self.warehouse = Warehouse(order.warehouse)
        self.editions = editions(self.publication, self.warehouse, order.today)
        self.main = next(iter(self.editions.values()))
        self.writer = FileWriter(order.slot, order.snapshot)
        self.assets = dict(order.assets)
        self.renderer = PageRenderer(
            Theme(self.publication.theme), self.publication.config, self.publication.words, self.assets
        )
        self.demonstrations = self.warehouse.demonstration_regions()
        self._extents: dict[str, Extent | None] = {}
        self._medians: dict[tuple[str, str, str], dict[str, Decimal]] = {}

    def write_page(self, page: Page, path: str, edition: Edition) -> None:
        self.writer.write(path, self.renderer.render(page, path, edition.language).encode())

    # -- organisations -----------------------------------------------------------------------------------------------

    def write_organizations(self, task: Task) -> None:
        for facts in self.warehouse.organizations(task.first, task.last):
            self._write_organization(facts)

    def _write_organization(self, facts: OrganizationFacts) -> None:
        organization = facts.organization
        medians, extent = self._peers(facts), self._extent(organization.region_code)
        for edition in self.editions.values():
            path = urls.organization(*self._named(organization), edition.lang, self._shards)
            self.write_page(organization_page(facts, medians, extent, edition), path, edition)
            for number, page in enumerate(reviews_pages(facts, edition), start=2):
                path = urls.organization_reviews(*self._named(organization), number, edition.lang, self._shards)
                self.write_page(page, path, edition)
        self._write_beside(facts)

    def _write_beside(self, facts: OrganizationFacts) -> None:
        """What stands beside the page once, whatever the languages: data, badge, poster."""
        organization, config = facts.organization, self.publication.config
        summary = summarize_ratings(facts.distribution, config.minimum_ratings)
        data = organization_json(facts, summary)
        self.writer.write(urls.organization_json(*self._named(organization), self._shards), data.encode())
        heading, mark = badge_text(facts.rounds[0] if facts.rounds else None, self.main)
        badge = badge_svg(heading, mark.points, mark.word, mark.level)
        self.writer.write(urls.organization_badge(*self._named(organization), self._shards), badge.encode())
        picture = make_qr(urls.printed(config.widget_url, default_placement_code(organization.organization_id)))
        poster = poster_page(facts, picture.path, picture.size, self.main)
        self.write_page(poster, urls.organization_poster(*self._named(organization), self._shards), self.main)

    @property
    def _shards(self) -> int:
        return self.publication.config.address_shards

    @staticmethod
    def _named(organization: Organization) -> tuple[str, str]:
        return organization.region_code, organization.organization_id

    def _peers(self, facts: OrganizationFacts) -> dict[str, Decimal]:
        if not facts.rounds:
            return {}
        organization = facts.organization
        key = (facts.rounds[0].assessment.assessment_id, organization.region_code, organization.kind)
        if key not in self._medians:
            self._medians[key] = self.warehouse.medians(*key)
        return self._medians[key]

    def _extent(self, region_code: str) -> Extent | None:
        if region_code not in self._extents:
            self._extents[region_code] = extent_of(self.warehouse.coordinates(region_code))
        return self._extents[region_code]

    # -- lists -------------------------------------------------------------------------------------------------------

    def write_region(self, task: Task) -> None:
        code, size = task.region_code, self.publication.config.organizations_per_page
        groups, plan = self.warehouse.groups(code), self.warehouse.plan_counts(code)
        map_view = self._write_map(code) if task.first == 1 else None
        for number in range(task.first, task.last + 1):
            facts = self.warehouse.list_region(code, size, (number - 1) * size)
            for edition in self.editions.values():
                view = self._placed(map_view, code, edition) if map_view and number == 1 else None
                page = region_page(code, groups, facts, number, view, plan, code in self.demonstrations, edition)
                self.write_page(page, urls.region(code, number, edition.lang), edition)

    def write_sphere(self, task: Task) -> None:
        code, size = task.region_code, self.publication.config.organizations_per_page
        groups = self.warehouse.groups(code)
        group = next(group for group in groups if group.sphere == task.sphere)
        totals = list(self.warehouse.totals(code, task.sphere)) if task.first == 1 else []
        method = self.publication.methods.get(self.main.method_of.get(group.assessment_id, ""))
        better = method.total.higher_is_better if method else True
        for number in range(task.first, task.last + 1):
            facts = self.warehouse.list_sphere(code, task.sphere, size, (number - 1) * size, higher_is_better=better)
            for edition in self.editions.values():
                page = sphere_region_page(group, groups, totals, facts, number, code in self.demonstrations, edition)
                self.write_page(page, urls.sphere_region(task.sphere, code, number, edition.lang), edition)

    # -- the map -----------------------------------------------------------------------------------------------------

    def _write_map(self, code: str) -> str | None:
        """Writes script, points and picture of a region; the element of the map, `None` where nothing has a place."""
        coordinates = self.warehouse.coordinates(code)
        extent = self._extent(code)
        if not coordinates or extent is None:
            return None
        # Half a second of importing, which only the worker that draws a map has to pay.
        from nok.render.maps import bounds_of, points_json, region_map

        drawn = region_map(code, bounds_of(coordinates))
        dots = (extent.position(latitude, longitude) for latitude, longitude in coordinates)
        picture = silhouette_svg(dots, PICTURE_WIDTH, PICTURE_HEIGHT)
        points = points_json(f"o/{code}/", self._points(code), self._shards)
        self.writer.write(urls.region_map_script(code), drawn.script.encode())
        self.writer.write(urls.region_points(code), points.encode())
        self.writer.write(urls.region_silhouette(code), picture.encode())
        return drawn.element

    def _points(self, code: str) -> Iterator[tuple[str, str, float, float, str, int, str]]:
        for organization, assessment_id, points in self.warehouse.points(code):
            method = self.publication.methods.get(self.main.method_of.get(assessment_id, ""))
            level, shown = 0, self.main.words("page.state_not_assessed")
            if points and method:
                mark = self.main.mark_points(Decimal(points), method.total, method.decimals)
                level, shown = mark.level, f"{mark.points} {mark.word}".strip()
            path = urls.organization(*self._named(organization), "", self._shards)
            shard = path.split("/")[2] if self._shards else ""
            if organization.latitude is not None and organization.longitude is not None:
                yield (
                    organization.organization_id,
                    shard,
                    organization.latitude,
                    organization.longitude,
                    organization.title,
                    level,
                    shown,
                )

    def _placed(self, element: str, code: str, edition: Edition) -> MapView:
        """The map as a page of a language links it."""
        path = urls.region(code, 1, edition.lang)
        files = [self.assets["leaflet.js"], urls.region_map_script(code), self.assets["region.js"]]
        return MapView(
            element=trusted_html(element),
            scripts=tuple(urls.relative(file, path) for file in files),
            styles=(urls.relative(self.assets["leaflet.css"], path),),
            label=edition.words("page.map_label", name=edition.region_name(code)),
            caption=edition.words("page.map_caption"),
        )
