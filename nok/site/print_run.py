"""Posters for the stands: which organisations, their facts, one PDF."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from nok import urls
from nok.compose.edition import Edition
from nok.compose.organization import poster_page
from nok.documents import did_you_mean
from nok.errors import DataError, UsageError
from nok.identifiers import default_placement_code
from nok.packages.check import check_packages
from nok.packages.hashes import FileHashes
from nok.render.posters import Fonts, Sheet, posters_pdf
from nok.render.qr import make_qr
from nok.site.files import replace_file
from nok.site.publication import Publication, read_publication
from nok.site.worker import editions
from nok.warehouse import OrganizationFacts, Warehouse
from nok.warehouse_load import fill_warehouse

FORMATS = ("a4",)
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintRun:
    """What to print. `organizations` and `regions` add up; `everything` is the whole publication."""

    config_file: Path | None = None
    packages: Sequence[str] = ()
    organizations: Sequence[str] = ()
    regions: Sequence[str] = ()
    everything: bool = False
    format: str = "a4"
    out: Path
    today: date


def print_posters(run: PrintRun) -> int:
    """Writes the PDF; how many posters it holds, in page order (region, then name).

    Raises:
        UsageError: nothing was chosen, an organisation or a region is not there, a format is not known.
        DataError: the packages have problems; no poster was made.
    """
    if run.format not in FORMATS:
        raise UsageError(f"The format '{run.format}' is not known. Known: {', '.join(FORMATS)}. No poster was made.")
    publication = read_publication(run.config_file)
    fonts = Fonts(publication.node_modules)
    with TemporaryDirectory(prefix="nok-posters-") as scratch:
        terms = publication.terms(run.today)
        checked = check_packages(publication.package_paths(run.packages), terms, Path(scratch))
        if not checked.is_valid:
            raise DataError(checked.problems)
        store = Path(scratch, "warehouse.sqlite")
        fill_warehouse(store, publication.sources(checked.packages, FileHashes(None).of))
        with Warehouse(store) as opened:
            sheets = _sheets(opened, publication, run)
            content = posters_pdf(sheets, fonts, publication.config.title)
    run.out.parent.mkdir(parents=True, exist_ok=True)
    replace_file(run.out, content)
    return len(sheets)


def _sheets(store: Warehouse, publication: Publication, run: PrintRun) -> list[Sheet]:
    every = editions(publication, store, run.today)
    first = next(iter(every.values()))
    second = next((edition for edition in every.values() if edition is not first), None)
    return [_sheet(facts, first, second) for facts in _chosen(store, run)]


def _chosen(store: Warehouse, run: PrintRun) -> Iterator[OrganizationFacts]:
    if not (run.organizations or run.regions or run.everything):
        raise UsageError("Say what to print: --organization ID, --region CODE or --all. No poster was made.")
    found: set[int] = set()
    for organization_id in run.organizations:
        facts = store.find(organization_id)
        if facts is None:
            raise UsageError(_no_organization(store, organization_id))
        found.add(facts.number)
    for region in run.regions:
        if region not in store.regions():
            raise UsageError(
                f"There is no region '{region}' in the packages.{did_you_mean(region, store.regions())} "
                f"Regions: {', '.join(store.regions())}. No poster was made."
            )
    keys = [key for region, key in store.page_order() if run.everything or region in run.regions or key in found]
    for first in range(0, len(keys), _AT_ONCE):
        yield from store.organizations(keys[first : first + _AT_ONCE])


def _no_organization(store: Warehouse, organization_id: str) -> str:
    hint = did_you_mean(organization_id, (sketch.organization_id for sketch in islice(store.sketches(), _AT_ONCE)))
    return f"There is no published organisation '{organization_id}' in the packages.{hint} No poster was made."


def _sheet(facts: OrganizationFacts, first: Edition, second: Edition | None) -> Sheet:
    code = default_placement_code(facts.organization.organization_id)
    picture = make_qr(urls.printed(first.config.widget_url, code))
    words = first.words
    return Sheet(
        page=poster_page(facts, picture.path, picture.size, first),
        runs=picture.runs,
        call=words("site.poster_title"),
        second_line=second.words("site.poster_title") if second else "",
        how=words("site.poster_how"),
        why=(words("site.poster_why"), words("site.poster_then")),
    )
