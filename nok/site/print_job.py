"""One file of a print run, made by whichever process is free: stands in, a PDF and its table of contents out."""

import csv
import gc
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from nok import urls
from nok.compose.assessment import plan_counts
from nok.compose.edition import Edition
from nok.compose.poster import Stand, default_stand, poster_page
from nok.errors import ConfigError
from nok.model import PosterPage
from nok.print_formats import Format, LabelSheet
from nok.records import Organization
from nok.render.contents_sheet import ContentsRow, contents_length, contents_pages
from nok.render.paper import Book, Fonts
from nok.render.posters import Poster, PosterLayout, Press
from nok.render.qr import QrPicture, make_qr
from nok.site.publication import Publication, read_publication
from nok.site.worker import editions
from nok.templating import Words
from nok.warehouse import Warehouse
from nok.warehouse_facts import ListFacts

AT_ONCE = 500
"""So many organisations are read from the store at once."""

CONTENTS_COLUMNS = (
    *("file", "page", "label", "placement_code", "organization_id", "name", "address", "place", "target", "digest"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How everything of a run is printed. `languages` empty: those of the publication, or of the stand itself.

    `offset` is in millimetres to the right and down, `skip` how many labels of the first sheet are gone, `responsible` who
    answers for every stand of which nobody has said it.
    """

    format: Format
    sheet: LabelSheet | None
    languages: tuple[str, ...] = ()
    responsible: str = ""
    is_black: bool = False
    is_cut: bool = False
    offset: tuple[float, float] = (0.0, 0.0)
    skip: int = 0
    has_contents: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What was printed before. `digests` are by code; `site` is a release whose print pages say what they said on `day`."""

    digests: Mapping[str, str] = field(default_factory=dict)
    site: Path | None = None
    day: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedStand:
    """A stand that may be printed: `key` of its organisation in the store; `language` of the sheet where it is said."""

    key: int
    stand: Stand
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintJob:
    """Everything that one file is made of. `name` is the file's, `region_code` the region if it is all of one."""

    name: str
    region_code: str
    config_file: Path
    store: Path
    scratch: Path
    today: date
    look: Look
    stands: Sequence[ListedStand]
    former: Former | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDone:
    """What became of a job: how many were printed, how many of them read back, how many were as before."""

    name: str
    printed: int
    proved: int
    unchanged: int


def run_job(job: PrintJob) -> JobDone:
    """Makes `<scratch>/<name>` and `<name>.csv` beside it; no PDF where nothing has changed.

    Raises:
        ConfigError: an address that the format cannot carry.
        StorageError: a code of the sample could not be read back.
    """
    try:
        return _Printing(job).run()
    finally:
        gc.collect()  # the library's file is a circle of objects, and workers look for circles seldom


@lru_cache(2)
def _opened(config_file: Path, store: Path, today: date) -> tuple[Publication, Warehouse, dict[str, Edition]]:
    """What every job of a run needs; opened once a process."""
    publication = read_publication(config_file)
    warehouse = Warehouse(store)
    return publication, warehouse, editions(publication, warehouse, today)


@lru_cache(1)
def _fonts(node_modules: Path) -> Fonts:
    return Fonts(node_modules)


def close_opened() -> None:
    """Lets go of the stores of this process."""
    _opened.cache_clear()


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A stand as it will be printed, in its first language and with the words of the second."""

    organization: Organization
    stand: Stand
    page: PosterPage
    words: Words
    second: Words | None
    picture: QrPicture
    digest: str


class Composer:
    """Says what posters say: facts of the store, in the languages of the run."""

    def __init__(self, job: PrintJob) -> None:
        self._job = job
        self.publication, self._warehouse, self.editions = _opened(job.config_file, job.store, job.today)
        self.main = next(iter(self.editions.values()))
        self.unchanged = 0

    def compose(self) -> Iterator[Composed]:
        """Every stand of the job that is to be printed, in order."""
        stands = self._job.stands
        for first in range(0, len(stands), AT_ONCE):
            some = stands[first : first + AT_ONCE]
            keys = list(dict.fromkeys(one.key for one in some))
            facts = dict(zip(keys, self._warehouse.listed(keys), strict=True))
            plans = {key: plan_counts(plan) for key, plan in self._warehouse.plans(keys).items()}
            for one in some:
                found = self._compose(one, facts[one.key], plans[one.key])
                if self._is_unchanged(found, facts[one.key], plans[one.key]):
                    self.unchanged += 1
                else:
                    yield found

    def title_of(self, key: int) -> str:
        """What people call the organisation."""
        [found] = self._warehouse.listed([key])
        return found.organization.title

    def _compose(self, one: ListedStand, facts: ListFacts, plan: tuple[int, int]) -> Composed:
        edition, second = self._languages(one.language)
        page = self._page(facts, plan, one.stand, edition)
        digest = page.digest if edition is self.main else self._page(facts, plan, one.stand, self.main).digest
        widget_url = self.publication.config.widget_url
        picture = make_qr(urls.printed(widget_url, one.stand.code))
        if urls.code_of(widget_url, picture.text) != one.stand.code:
            raise ConfigError(
                "print-code-elsewhere",
                organization_id=facts.organization.organization_id,
                text=picture.text,
                code=one.stand.code,
                widget_url=widget_url,
            )
        return Composed(
            organization=facts.organization,
            stand=one.stand,
            page=page,
            words=edition.words,
            second=second,
            picture=picture,
            digest=digest,
        )

    def _page(self, facts: ListFacts, plan: tuple[int, int], stand: Stand, edition: Edition) -> PosterPage:
        return poster_page(facts.organization, facts.latest, plan, edition, stand)

    def _languages(self, language: str) -> tuple[Edition, Words | None]:
        """The edition whose words come first, and the words of the second language."""
        asked = self._job.look.languages or (language, *self.editions)
        chosen = list(dict.fromkeys(name for name in asked if name in self.editions or self._job.look.languages))
        second = self.publication.words_of(chosen[1]) if len(chosen) > 1 else None
        return self.editions[chosen[0]], second

    def _is_unchanged(self, found: Composed, facts: ListFacts, plan: tuple[int, int]) -> bool:
        former = self._job.former
        if former is None:
            return False
        if former.site is None:
            return former.digests.get(found.stand.code) == found.digest
        default = default_stand(facts.organization.organization_id)
        if found.stand.code != default.code:
            printed_on = found.stand.printed_on
            if printed_on is None or printed_on.isoformat() > former.day:
                return False
        # A further code has no print page: it is as it was where that of its organisation is.
        return _digest_in(former.site / found.page.address) == self._page(facts, plan, default, self.main).digest


_DIGEST = re.compile(r'data-print="([0-9a-f]{12})"')


def _digest_in(print_page: Path) -> str:
    """What an earlier print page said of itself; empty where there was none."""
    try:
        found = _DIGEST.search(print_page.read_text("utf-8"))
    except FileNotFoundError:
        return ""
    return found[1] if found else ""


# ---- a PDF ---------------------------------------------------------------------------------------------------------


class _Printing:
    """A job while it is done."""

    def __init__(self, job: PrintJob) -> None:
        self._job = job
        self._composer = Composer(job)
        self._edition = self._composer.main
        if job.look.languages:
            self._edition = self._composer.editions[job.look.languages[0]]

    def run(self) -> JobDone:
        look, fonts = self._job.look, _fonts(self._composer.publication.node_modules)
        book = Book(fonts, self._title(), self._edition.language)
        layout = PosterLayout(look.format, fonts, is_black=look.is_black)
        press = Press(book, layout, look.format, look.sheet, offset=look.offset, skip=look.skip, is_cut=look.is_cut)
        placed = []
        for found in self._composer.compose():
            page, label = press.print(poster_of(found, look.responsible))
            placed.append((page, label, contents_cells(found)))
        press.close()
        number = len(placed)
        if number:
            before = contents_length(number) if look.has_contents and number > 1 else 0
            if before:
                self._add_contents(book, fonts, [(page + before, label, cells) for page, label, cells in placed])
            placed = [(page + before, label, cells) for page, label, cells in placed]
            proved = self._prove_and_write(book.content(), placed)
        self._write_table(placed)
        return JobDone(
            name=self._job.name,
            printed=number,
            proved=proved if number else 0,
            unchanged=self._composer.unchanged,
        )

    def _prove_and_write(self, content: bytes, placed: Sequence[tuple[int, int, Mapping[str, str]]]) -> int:
        from nok.render.proof import prove  # the renderer, which a job that prints nothing does without

        targets: dict[int, list[str]] = {}
        for page, _, cells in placed:
            targets.setdefault(page - 1, []).extend([cells["target"]] * self._job.look.format.panels)
        proved = prove(content, targets)
        Path(self._job.scratch, self._job.name).write_bytes(content)
        return proved

    def _title(self) -> str:
        what = self._job.look.format.title[self._edition.language]
        stands = self._job.stands
        if self._job.region_code:
            return f"{what}: {self._edition.region_name(self._job.region_code)}"
        if len(stands) == 1:
            return f"{what}: {self._composer.title_of(stands[0].key)}"
        config = self._composer.publication.config
        return f"{what}: {config.title_en if self._edition.language == 'en' else config.title}"

    def _add_contents(self, book: Book, fonts: Fonts, placed: Sequence[tuple[int, int, Mapping[str, str]]]) -> None:
        words, first = self._edition.words, book.pages
        rows = [
            ContentsRow(
                sheet=words("print.contents_page", page=page),
                address=cells["address"],
                name=", ".join(filter(None, (cells["name"], cells["place"]))),
                code=cells["placement_code"],
            )
            for page, _, cells in placed
        ]
        heading = (self._title(), words("print.contents_count", count=len(rows)))
        contents_pages(book, fonts, heading, rows)
        book.bring_forward(first)

    def _write_table(self, placed: Sequence[tuple[int, int, Mapping[str, str]]]) -> None:
        file = Path(self._job.scratch, f"{self._job.name}.csv")
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, CONTENTS_COLUMNS, lineterminator="\n")
            for page, label, cells in placed:
                number = label + 1 if self._job.look.sheet else ""
                writer.writerow({"file": self._job.name, "page": page, "label": number, **cells})


def contents_cells(found: Composed) -> dict[str, str]:
    """What the table of contents says of a stand, besides where it is printed."""
    return {
        "placement_code": found.stand.code,
        "organization_id": found.organization.organization_id,
        "name": found.organization.title,
        "address": found.page.place_line,
        "place": found.stand.place,
        "target": found.picture.text,
        "digest": found.digest,
    }


def poster_of(found: Composed, responsible: str) -> Poster:
    """The texts of a stand as formats ask for them; `responsible` where the stand does not say it."""
    page, words, second = found.page, found.words, found.second
    said = page.responsible_line
    if responsible and not found.stand.responsible:
        said = words("page.poster_responsible", post=responsible)
    texts = {
        "call": words("site.poster_title"),
        "how": words("site.poster_how"),
        "why": words("site.poster_why"),
        "then": words("site.poster_then"),
        "place": page.place_line,
        "typed": page.typed_address,
        "score": page.score_line,
        "plan": page.plan_line,
        "responsible": said,
        "stand": page.technical_line,
    }
    if second is not None:
        texts |= {
            "call2": second("site.poster_title"),
            "how2": second("site.poster_how"),
            "why2": f"{second('site.poster_why')} {second('site.poster_then')}",
        }
    return Poster(
        names=page.names,
        texts=texts,
        level=page.level,
        modules=found.picture.size,
        runs=found.picture.runs,
        alt=words("print.alt", address=page.typed_address),
        second_language=second.language if second is not None else "",
    )
