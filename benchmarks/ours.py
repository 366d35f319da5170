"""All that the measurements take from the inside of the program; when a name changes there, this file changes.

A workbench is a folder with a publication in one language and the warehouse of one package. Page records and pages are
made from it by the program's own worker, without the files that stand beside a page.
"""

import json
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from nok import templating, urls
from nok.compose.organization import organization_page
from nok.model import OrganizationPage
from nok.packages.check import open_packages
from nok.site.assets import gather_assets
from nok.site.output import Slot
from nok.site.publication import read_publication
from nok.site.worker import Worker, WorkOrder, begin_worker, open_worker
from nok.warehouse import Warehouse
from nok.warehouse_load import load_warehouse

TODAY = date(2026, 7, 1)
EPOCH = "1782864000"
"""The same day for SOURCE_DATE_EPOCH: the reviews of a synthetic country end the day before."""

TEMPLATE = "organization.html"
Record = dict[str, Any]


def write_config(workbench: Path, languages: Sequence[str] = ("ru",)) -> Path:
    """A `publication.yaml` that differs from the project's defaults in its languages only; returns its path."""
    file = workbench / "content" / "publication.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"languages: [{', '.join(languages)}]\n", "utf-8")
    return file


def prepare(package: Path, workbench: Path) -> None:
    """Loads the warehouse of the workbench from a package that is known to be valid, in the first language only."""
    publication = read_publication(write_config(workbench))
    packages, problems = open_packages([package], workbench / "scratch")
    if problems:
        raise SystemExit(f"{package}: {problems[0]}. Validate the package first; nothing was measured.")
    load_warehouse(workbench / "warehouse.sqlite", packages, publication.methods, publication.region_rows)


def work_order(workbench: Path, output: Path) -> WorkOrder:
    """An order to write to the empty or new folder `output`."""
    publication = read_publication(workbench / "content" / "publication.yaml")
    slot = Slot("a", output, workbench / "state")
    (workbench / "state").mkdir(exist_ok=True)
    slot.manifest.unlink(missing_ok=True)
    slot.prepare(None)
    slot.snapshot.write_bytes(slot.manifest.read_bytes())
    slot.finish()
    return WorkOrder(
        config_file=publication.config_file.absolute(),
        warehouse=workbench / "warehouse.sqlite",
        slot=output,
        snapshot=slot.snapshot,
        today=TODAY,
        assets=tuple(gather_assets(publication.theme, publication.node_modules).paths.items()),
    )


def write_pages(workbench: Path, output: Path, jobs: int) -> tuple[int, int]:
    """Renders and writes every organisation's page and nothing else; (pages, bytes)."""
    order = work_order(workbench, output)
    with Warehouse(order.warehouse) as store:
        pieces = [(first, last) for _, first, last in store.partitions()]
    pages = size = 0
    with ProcessPoolExecutor(jobs, mp_context=get_context("fork"), initializer=begin_worker) as pool:
        waiting: deque[Future[tuple[int, int]]] = deque(pool.submit(_write_some, order, *piece) for piece in pieces)
        while waiting:
            written, length = waiting.popleft().result()
            pages, size = pages + written, size + length
    return pages, size


def _write_some(order: WorkOrder, first: int, last: int) -> tuple[int, int]:
    worker = open_worker(order)
    for path, page in _pages(worker, first, last):
        worker.write_page(page, path, worker.main)
    files, _ = worker.writer.take()
    return len(files), sum(file.size for file in files)


def records(workbench: Path) -> Iterator[Record]:
    """Every organisation's page record as plain values, in page order, with `path`: where its page stands.

    An empty list is `None`, because peers take an empty list for something to show.
    """
    worker = Worker(work_order(workbench, workbench / "unused"))
    for _, first, last in worker.warehouse.partitions():
        for path, page in _pages(worker, first, last):
            yield {"path": path, **_plain(asdict(page))}


def _pages(worker: Worker, first: int, last: int) -> Iterator[tuple[str, OrganizationPage]]:
    for facts in worker.warehouse.organizations(first, last):
        organization = facts.organization
        extent = worker._extent(organization.region_code)
        path = urls.organization(organization.region_code, organization.organization_id, worker.main.lang, 0)
        yield path, organization_page(facts, worker._peers(facts), extent, worker.main)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value] or None
    return str(value) if isinstance(value, str) else value


def record_line(record: Record) -> str:
    """One line of JSON Lines."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def flat_template(workbench: Path) -> str:
    """The second-stage template of an organisation's page at the depth of `o/<region>/`: Jinja2 text that sees `page`."""
    publication = read_publication(workbench / "content" / "publication.yaml")
    config = publication.config
    site = templating.make_site(
        title=config.title,
        language="ru",
        languages=config.languages,
        words=publication.words["ru"],
        root=urls.root_of("o/77/any.html"),
        public_url=config.public_url,
        widget_url=config.widget_url,
        contact_email=config.contact_email,
        assets=gather_assets(publication.theme, publication.node_modules).paths,
    )
    theme = templating.Theme(publication.theme)
    flat: str = templating._squeeze(theme._first.get_template(TEMPLATE).render(site=site))
    return flat
