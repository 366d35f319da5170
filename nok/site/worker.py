"""An opened publication: what whoever makes pages works with.

Orders and tasks are small to send, so any `concurrent.futures.Executor` can hand them out: one process, several, or a
cluster that sees the same folders.
"""

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from pathlib import Path

from nok.compose.edition import Edition
from nok.compose.place import Extent, extent_of
from nok.errors import ClusterError
from nok.memory import give_back
from nok.model import Page
from nok.records import Aggregate
from nok.render.aggregates import aggregate_rows, aggregates_csv, aggregates_json
from nok.render.pages import PageRenderer
from nok.search_store import SearchStore
from nok.site.files import FileWriter
from nok.site.inputs import Planner, planner_of
from nok.site.manifest import Wanted
from nok.site.orders import Orders
from nok.site.publication import Publication, read_publication
from nok.site.rounds import NewestRounds
from nok.site.search_files import search_store_of
from nok.template_shelf import TemplateShelf
from nok.templating import Theme
from nok.warehouse import Warehouse
from nok.warehouse_facts import OrganizationFacts
from nok.warehouse_parties import PartyIndex, Running


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrder:
    """What all tasks of one build share; small and hashable, so that a worker knows whether it has it already.

    `assets` are (logical name, path below the root). `is_fresh` says that the slot holds nothing yet. `run` is of this
    very run and of no other, and stands in the file `run_file`: what a worker has opened for an earlier run says nothing
    about this one, whose files have the same names, and a worker that cannot read it there sees other folders than we do.
    `look` is the hash of program, theme and configuration.
    """

    run: str
    look: str

    run_file: Path
    config_file: Path
    warehouse: Path
    slot: Path
    is_fresh: bool
    today: date
    assets: tuple[tuple[str, str], ...]
    templates: Path
    """Where bound templates of this look and these assets are kept."""
    packages: tuple[tuple[str, Path], ...] = ()
    """Where each package lies, by its name: pictures of operators are read from there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Units of one kind and region, to be made; `known` are the files of those that stand in the slot."""

    units: tuple[Wanted, ...]
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """`o` organisations, `r` and `s` pages of lists, `m` the map of a region, `p` its points, `a` assessments, `q`
        questionnaires, `i` indicators, `j` rating lists, `k` feeds of regions, `t` reports, `c` what has changed, `e` what
        observers saw, `f` their pictures, `z` photographs of reviews, `x` files of the search index, `g` municipalities, `v`
        and `w` lists and numbers of the API."""
        return self.units[0].kind


File = tuple[str, bytes]
"""A path below the slot, and what stands there."""


@lru_cache(maxsize=1)
def theme_of(folder: Path, _look: str) -> Theme:
    """The theme in a folder, read once for each look of a publication: a process may serve several builds."""
    return Theme(folder)


def editions(publication: Publication, warehouse: Warehouse, today: date) -> dict[str, Edition]:
    """One edition a language."""
    method_of = {name: assessment.method_id for name, assessment in warehouse.assessments().items()}
    running = Running(warehouse.small("campaigns"), today)
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
            stages=warehouse.stages,
            campaigns=running,
            exonyms=publication.exonyms,
        )
        for language in publication.config.languages
    }


class Worker:
    """An opened publication: warehouse, editions, templates, and the slot to write to."""

    def __init__(self, order: WorkOrder) -> None:
        self.order = order
        self.publication = read_publication(order.config_file)
        if self.publication.look() != order.look:
            raise ClusterError("worker-look", host=socket.gethostname())
        self.warehouse = Warehouse(order.warehouse)
        self.editions = editions(self.publication, self.warehouse, order.today)
        self.main = next(iter(self.editions.values()))
        precompressed = self.publication.config.precompressed
        self.writer = FileWriter(order.slot, is_fresh=order.is_fresh, precompressed=precompressed)
        self.assets = dict(order.assets)
        self.renderer = PageRenderer(
            theme_of(self.publication.theme, order.look),
            self.publication.config,
            self.publication.words,
            self.assets,
            TemplateShelf(order.templates),
        )
        self.forms = self.publication.forms
        self.orders = Orders(self.warehouse)
        self.demonstrations = self.warehouse.demonstration_regions()
        self._search: SearchStore | None = None
        self._planner: Planner | None = None
        self._kind = ""
        self._extents: dict[str, Extent | None] = {}
        self._medians: dict[tuple[str, ...], dict[str, Decimal]] = {}
        self._newest_rounds = NewestRounds(self.warehouse, self.publication.methods)

    def close(self) -> None:
        """Lets go of its files."""
        self.warehouse.close()
        if self._search is not None:
            self._search.close()

    def turn_to(self, kind: str) -> None:
        """Forgets what tasks of another kind had asked for, and gives their memory back: tasks come kind by kind."""
        if kind != self._kind:
            self._kind = kind
            self._planner = None
            self.orders = Orders(self.warehouse)
            self._medians.clear()
            give_back()

    @property
    def search(self) -> SearchStore:
        """The search index, opened when it is first asked for: most tasks need none."""
        if self._search is None:
            self._search = SearchStore(search_store_of(self.order.warehouse))
        return self._search

    def planner(self, look: str) -> Planner:
        """The planner of this build, which remembers what many organisations share."""
        if self._planner is None or self._planner.look != look:
            self._planner = planner_of(self.publication, self.warehouse, look, self.order.today)
        return self._planner

    def write_page(self, page: Page, path: str, edition: Edition) -> None:
        """Renders a page and writes it."""
        self.writer.write(*self.file(page, path, edition))

    def file(self, page: Page, path: str, edition: Edition) -> File:
        """A page as it is written."""
        return path, self.renderer.render(page, path, edition.language).encode()

    def begin(self, task: Task, wanted: Wanted) -> None:
        """Says whose files are written from now on."""
        self.writer.begin(task.known.get(wanted.name, {}))

    @property
    def shards(self) -> int:
        """How many symbols an address is sharded by; 0: none."""
        return self.publication.config.address_shards

    def peers(self, facts: OrganizationFacts) -> dict[str, Decimal]:
        """The medians of the peers of an organisation in its latest round."""
        if not facts.rounds:
            return {}
        organization = facts.organization
        return self.medians_of(facts.rounds[0].assessment.assessment_id, organization.region_code, organization.kind)

    def medians_of(self, *key: str) -> dict[str, Decimal]:
        """By assessment, region and kind."""
        if key not in self._medians:
            self._medians[key] = self.warehouse.medians(*key)
        return self._medians[key]

    def extent(self, region_code: str) -> Extent | None:
        """Where the organisations of a region lie; `None` where nobody knows."""
        if region_code not in self._extents:
            self._extents[region_code] = extent_of(self.warehouse.coordinates(region_code))
        return self._extents[region_code]

    def write_aggregates(self, aggregates: Sequence[Aggregate], address: Callable[[str], str]) -> None:
        """Both forms of what is added up, once for all languages; `address` gives the path for an ending."""
        rows = aggregate_rows(aggregates, self._newest_rounds.of)
        self.writer.write(address("json"), aggregates_json(rows))
        self.writer.write(address("csv"), aggregates_csv(rows))

    @cached_property
    def parties(self) -> PartyIndex:
        """Who stands behind assessments, read when it is first asked for."""
        return PartyIndex(self.warehouse, self.main.today)

    @property
    def periods(self) -> dict[str, int]:
        """Independent rounds to their years: no other enters a report."""
        found = self.warehouse.assessments().values()
        return {each.assessment_id: each.period for each in found if each.is_independent}
