"""All that the measurements take from the inside of the program; when a name changes there, this file changes.

A workbench is a folder with a publication in one language and the warehouse of one package. Page records and pages are
made from it by the program's own worker, without the files that stand beside a page.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from itertools import zip_longest
from pathlib import Path
from typing import Any

from markupsafe import Markup

from nok import templating, urls
from nok.compose.organization import make_subject, page_of
from nok.model import OrganizationPage
from nok.packages.archive import open_packages
from nok.packages.hashes import FileHashes
from nok.packages.visible import find_hidden
from nok.site.assets import gather_assets
from nok.site.crew import local_crew, run_all
from nok.site.data_store import DataStore, portable
from nok.site.forms import Forms
from nok.site.makers.organizations import organization_pages, some_together
from nok.site.publication import read_publication
from nok.site.tasks import open_worker
from nok.site.worker import Worker, WorkOrder
from nok.warehouse import Warehouse
from nok.warehouse_load import fill_warehouse
from nok.warehouse_rows import Sources

TODAY = date(2026, 7, 1)
EPOCH = "1782864000"
"""The same day for SOURCE_DATE_EPOCH: the reviews of a synthetic country end the day before."""

_AT_ONCE = 50

TEMPLATE = "organization.html"
Record = dict[str, Any]


def write_config(workbench: Path, languages: Sequence[str] = ("ru",), *, is_sharded: bool = False) -> Path:
    """A `publication.yaml` that differs from the project's defaults in its languages, and in its addresses where a region
    has so many organisations that hosts would refuse their folder (`is_sharded`); returns its path."""
    file = workbench / "content" / "publication.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    shards = "address_shards: 2\n" if is_sharded else ""
    file.write_text(f"languages: [{', '.join(languages)}]\n{shards}", "utf-8")
    return file


def prepare(package: Path, workbench: Path) -> None:
    """Loads the warehouse of the workbench from a package that is known to be valid, in the first language only: anew, for
    what is there already would be brought up to date in no time."""
    publication = read_publication(write_config(workbench))
    packages, problems = open_packages([package], workbench / "scratch")
    if problems:
        raise SystemExit(f"{package}: {problems[0]}. Validate the package first; nothing was measured.")
    sources = Sources(
        packages=packages,
        methods=publication.methods,
        forms=publication.forms,
        region_rows=publication.region_rows,
        hash_of=FileHashes().of,
    )
    store = workbench / "warehouse.sqlite"
    store.unlink(missing_ok=True)
    fill_warehouse(store, sources)


def work_order(workbench: Path, output: Path) -> WorkOrder:
    """An order to write to the empty or new folder `output`."""
    publication = read_publication(workbench / "content" / "publication.yaml")
    return WorkOrder(
        run="",
        look=publication.look(),
        run_file=workbench / "run",
        config_file=publication.config_file.absolute(),
        warehouse=workbench / "warehouse.sqlite",
        slot=output,
        is_fresh=True,
        today=TODAY,
        assets=tuple(gather_assets(publication.theme, publication.node_modules).paths.items()),
        templates=workbench / "templates",
    )


def cut_release(package: Path, output: Path, jobs: int) -> Path:
    """Writes the first release of a valid package in all forms below `output`; returns its folder."""
    publication = read_publication(write_config(output / "publication"))
    packages, _ = open_packages([package], output / "scratch")
    organizations = [resource for one in packages if (resource := one.resource("organizations"))]
    forms = Forms(
        chosen=publication.config.forms,
        places=tuple(portable(resource) for resource in organizations),
        words=publication.field_words,
    )
    store = DataStore(output / "data", forms, publication.node_modules)
    hashes, day = FileHashes(), TODAY.isoformat()
    with local_crew(jobs) as crew:
        cut = store.cut(
            packages,
            lambda due: find_hidden(packages, wanted=due),
            lambda one: one.fingerprint(hashes),
            forced=False,
            day=day,
            changes={},
            crew=crew,
        )
    store.commit()
    ((name, version),) = cut.items()
    return output / "data" / name / version


def write_pages(workbench: Path, output: Path, jobs: int) -> tuple[int, int]:
    """Renders and writes every organisation's page and nothing else; (pages, bytes)."""
    order = work_order(workbench, output)
    pages = size = 0
    with local_crew(jobs) as crew:
        for written, length in run_all(crew, _write_some, ((order, keys) for keys in _pieces(order.warehouse))):
            pages, size = pages + written, size + length
    return pages, size


def _pieces(warehouse: Path) -> list[list[int]]:
    """The keys of all organisations in page order, some at a time; neighbours are of different places."""
    with Warehouse(warehouse) as store:
        keys = [key for _, key in store.page_order()]
    pieces = [keys[first : first + _AT_ONCE] for first in range(0, len(keys), _AT_ONCE)]
    half = len(pieces) // 2
    return [piece for pair in zip_longest(pieces[:half], pieces[half:]) for piece in pair if piece]


def _write_some(order: WorkOrder, keys: list[int]) -> tuple[int, int]:
    worker = open_worker(order)
    worker.writer.begin({})
    for group in some_together(worker.warehouse.organizations(keys)):
        subjects = [make_subject(facts, worker.publication.config, worker.main.today) for facts in group]
        for path, content in organization_pages(worker, subjects, worker.main):
            worker.writer.write(path, content)
    files, _ = worker.writer.end()
    return len(files), sum(file.size for file in files)


def records(workbench: Path) -> Iterator[Record]:
    """Every organisation's page record as plain values, in page order, with `path`: where its page stands.

    An empty list is `None`, because peers take an empty list for something to show.
    """
    worker = Worker(work_order(workbench, workbench / "unused"))
    for keys in _pieces(workbench / "warehouse.sqlite"):
        for path, page in _pages(worker, keys):
            yield {"path": path, **_plain(asdict(page))}


def _pages(worker: Worker, keys: list[int]) -> Iterator[tuple[str, OrganizationPage]]:
    for facts in worker.warehouse.organizations(keys):
        extent = worker.extent(facts.organization.region_code)
        subject = make_subject(facts, worker.publication.config, worker.main.today)
        yield worker.main.lang + subject.files.page, page_of(subject, worker.peers(facts), extent, worker.main)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value] or None
    if isinstance(value, Markup) and value.startswith("&lt;"):
        return value.unescape()  # text that was made ready beforehand; peers escape it themselves
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
