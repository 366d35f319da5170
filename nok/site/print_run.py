"""A print run: which stands, in which order, in which files. The files themselves are made by `print_job`."""

import csv
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from nok.errors import DataError, Said, StorageError, UsageError
from nok.packages.archive import open_packages
from nok.packages.hashes import FileHashes
from nok.packages.read import Package
from nok.render.paper import Book, Fonts
from nok.render.posters import calibration_page
from nok.render.qr import QrPicture
from nok.site.assets import gather_assets
from nok.site.crew import local_crew
from nok.site.files import replace_file
from nok.site.gather import Options, inputs_of, memory_of
from nok.site.output import Output
from nok.site.placements import read_rows
from nok.site.print_choice import Choice
from nok.site.print_job import (
    CONTENTS_COLUMNS,
    Composer,
    Former,
    JobDone,
    ListedStand,
    Look,
    PrintJob,
    close_opened,
    contents_cells,
    run_job,
)
from nok.site.progress import Progress, Tell
from nok.site.publication import Publication, read_publication
from nok.site.signing import read_signing_key
from nok.warehouse import Warehouse

PICTURES: Mapping[str, Callable[[QrPicture, str], bytes]] = {
    "svg": lambda picture, label: picture.svg(label),
    "png": lambda picture, _: picture.png(),
}
"""Formats of the bare code."""

MOST_IN_A_FILE = 20_000
"""Larger runs are one PDF for each region, in a ZIP: no print shop opens a file of a hundred thousand pages."""

MOST_IN_A_PART = 5_000
"""A region of more is printed in parts: each is held in memory until it is whole."""

WORTH_WORKERS = 400
"""Posters below which a second process costs more than it saves."""

CONTENTS = "contents.csv"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintRun:
    """What to print. `organizations`, `regions` and `codes` add up; `everything` is the whole publication.

    `has_placements` adds the further codes of the organisations chosen, `batch` narrows them to a batch. `languages` empty:
    those of the publication. `changed_since` is a build of `releases`, or the contents of an earlier run (CSV or ZIP).
    """

    config_file: Path | None = None
    packages: Sequence[str] = ()
    organizations: Sequence[str] = ()
    regions: Sequence[str] = ()
    everything: bool = False
    codes: Sequence[str] = ()
    has_placements: bool = False
    batch: str = ""
    format: str = "a4"
    sheet: str = ""
    languages: Sequence[str] = ()
    responsible: str = ""
    is_black: bool = False
    is_cut: bool = False
    offset: tuple[float, float] = (0.0, 0.0)
    skip: int = 0
    is_calibration: bool = False
    has_contents: bool = True
    changed_since: str = ""
    output: Path | None = None
    jobs: int | None = None
    out: Path
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a run did: posters, files, codes read back, posters that were as before, organisations whose code is closed."""

    posters: int
    files: int
    proved: int
    unchanged: int
    closed: int


def print_posters(run: PrintRun, tell: Tell = lambda _: None) -> Printed:
    """Writes the file, in the order of postal addresses.

    Raises:
        UsageError: nothing was chosen; an organisation, a region, a code, a format, a sheet, a language is not there.
        DataError: the packages have problems.
        ConfigError: the address of the codes cannot be printed in this format.
        StorageError: a code could not be read back, or the disk refuses. In each case no poster was made.
    """
    publication = read_publication(run.config_file)
    _check_choice(run)
    if run.is_calibration:
        return _print_calibration(run, publication)
    look = None if run.format in PICTURES else _look(run, publication)
    with TemporaryDirectory(prefix="nok-posters-") as scratch:
        try:
            with _opened(publication, run, Path(scratch)) as (store, packages):
                return _Run(run, publication, store, packages, Path(scratch), tell).print(look)
        finally:
            close_opened()


def _check_choice(run: PrintRun) -> None:
    is_zip = run.out.suffix.lower() == ".zip"
    endings = {"svg": (".svg", ".zip"), "png": (".png", ".zip")}.get(run.format, (".pdf", ".zip"))
    if run.out.suffix.lower() not in endings:
        raise UsageError("print-ending", place=run.out, endings=" or ".join(endings))
    if run.is_calibration:
        if is_zip:
            raise UsageError("print-calibration-pdf", place=run.out)
        return
    if not (run.organizations or run.regions or run.everything or run.codes):
        raise UsageError("print-what")


def _look(run: PrintRun, publication: Publication) -> Look:
    chosen, sheet = publication.print_formats().choose(run.format, run.sheet)
    if run.languages:
        known = sorted(folder.name for folder in (publication.theme / "words").iterdir() if folder.is_dir())
        for language in run.languages:
            if language not in known:
                raise UsageError("print-language", language=language, known=", ".join(known))
        if run.languages[0] not in publication.config.languages or len(run.languages) > 2:
            raise UsageError(
                "print-languages", given=",".join(run.languages), known=", ".join(publication.config.languages)
            )
    if run.is_cut and sheet is not None:
        raise UsageError("print-marks")
    if sheet is not None and not 0 <= run.skip < sheet.labels:
        raise UsageError("print-skip", skip=run.skip, most=sheet.labels - 1, labels=sheet.labels)
    return Look(
        format=chosen,
        sheet=sheet,
        languages=tuple(run.languages),
        responsible=run.responsible,
        is_black=run.is_black,
        is_cut=run.is_cut,
        offset=run.offset,
        skip=run.skip if sheet else 0,
        # Labels say themselves whose they are, and a list of them would be printed on labels.
        has_contents=run.has_contents and sheet is None and bool(run.regions or run.everything),
    )


def _print_calibration(run: PrintRun, publication: Publication) -> Printed:
    _, sheet = publication.print_formats().choose(run.format, run.sheet)
    if sheet is None:
        raise UsageError("print-calibration-sheet")
    language = run.languages[0] if run.languages else publication.config.languages[0]
    words, fonts = publication.words_of(language), Fonts(publication.node_modules)
    x, y = (f"{number:g}".replace(".", "," if language == "ru" else ".") for number in run.offset)
    said = (
        words("print.calibration", title=sheet.title[language]),
        words("print.calibration_how"),
        words("print.calibration_offset", x=x, y=y),
    )
    book = Book(fonts, said[0], language)
    calibration_page(book, sheet, fonts, said, run.offset)
    _write(run.out, book.content())
    return Printed(posters=0, files=1, proved=0, unchanged=0, closed=0)


# ---- the store -----------------------------------------------------------------------------------------------------


@contextmanager
def _opened(publication: Publication, run: PrintRun, scratch: Path) -> Iterator[tuple[Path, list[Package]]]:
    """(store, packages): the store of the published build where it was made from these very packages, so that one poster of
    a country comes at once; else one of our own, from packages that are checked first."""
    paths = publication.package_paths(run.packages)
    packages, problems = open_packages(paths, scratch / "packages")
    if problems:
        raise DataError(problems)
    kept = _kept_store(publication, run, packages)
    if kept is not None:
        yield kept, packages
        return
    # The table engine and the validator, which a poster from a kept store does without.
    from nok.packages.check import check_packages
    from nok.warehouse_load import fill_warehouse

    checked = check_packages(paths, publication.terms(run.today), scratch)
    if not checked.is_valid:
        raise DataError(checked.problems)
    store = scratch / "warehouse.sqlite"
    fill_warehouse(store, publication.sources(checked.packages, FileHashes(None).of))
    yield store, list(checked.packages)


def _kept_store(publication: Publication, run: PrintRun, packages: Sequence[Package]) -> Path | None:
    output = _output(publication, run)
    store = output.state / "warehouse.sqlite" if output else None
    published = output.current() if output else None
    if output is None or store is None or published is None or not store.exists():
        return None
    options = Options(config_file=run.config_file, today=run.today)
    hashes = FileHashes(memory_of(output.state, options))
    assets = gather_assets(publication.theme, publication.node_modules)
    if (
        inputs_of(publication, packages, hashes, assets, published.day, read_signing_key(publication))
        != published.inputs
    ):
        return None
    known = {
        (package.name, resource.name, file.relative_to(package.folder).as_posix(), hashes.of(file))
        for package in packages
        for resource in package.resources
        for file in resource.files
    }
    with Warehouse(store) as opened:  # a build that failed after it had loaded may have left a newer store
        loaded = {segment for segment in opened.segments() if segment[1] in _PRINTED_TABLES}
    return store if loaded == {segment for segment in known if segment[1] in _PRINTED_TABLES} else None


_PRINTED_TABLES = ("organizations", "scores", "plan_measures")
"""The tables that posters are made of, besides rounds and codes."""


def _output(publication: Publication, run: PrintRun) -> Output | None:
    """The output of builds, if there has been one."""
    folder = (run.output or publication.root / publication.config.output).absolute()
    if not (folder / "releases.json").exists():
        return None
    return Output(folder, folder.parent / f"{folder.name}.state")


# ---- the run -------------------------------------------------------------------------------------------------------


class _Run:
    """A run whose store is open."""

    def __init__(
        self,
        run: PrintRun,
        publication: Publication,
        store: Path,
        packages: Sequence[Package],
        scratch: Path,
        tell: Tell,
    ) -> None:
        self._run, self._publication, self._store, self._scratch = run, publication, store, scratch
        self._rows = read_rows(packages)
        self._tell = tell
        self._closed = 0

    def print(self, look: Look | None) -> Printed:
        """`look` is `None` for bare codes."""
        former = self._former()
        with Warehouse(self._store) as opened:
            choice = Choice(self._run, self._rows, opened)
            chosen = list(choice.stands())
            self._closed = choice.closed
        number = sum(len(stands) for _, stands in chosen)
        if look is None:
            return self._print_pictures(chosen, former)
        jobs = self._jobs(chosen, look, former, number)
        done = self._make(jobs, number)
        printed = Printed(
            posters=sum(one.printed for one in done),
            files=sum(bool(one.printed) for one in done),
            proved=sum(one.proved for one in done),
            unchanged=sum(one.unchanged for one in done),
            closed=self._closed,
        )
        self._refuse_nothing(printed)
        if self._is_zip:
            self._write_zip([one.name for one in done if one.printed], [one.name for one in done])
        else:
            _put(self._scratch / done[0].name, self._run.out)
        return printed

    @property
    def _is_zip(self) -> bool:
        return self._run.out.suffix.lower() == ".zip"

    def _refuse_nothing(self, printed: Printed) -> None:
        if printed.posters:
            return
        if printed.unchanged:
            raise UsageError("print-unchanged", since=self._run.changed_since)
        raise UsageError("print-closed")

    # -- since when --------------------------------------------------------------------------------------------------

    def _former(self) -> Former | None:
        since = self._run.changed_since
        if not since:
            return None
        if Path(since).suffix.lower() in (".csv", ".zip"):
            return Former(digests=_former_digests(Path(since)))
        output = _output(self._publication, self._run)
        releases = output.releases() if output else []
        found = next((release for release in releases if release.build_id == since), None)
        if output is None or found is None:
            known = ", ".join(release.build_id for release in releases) or "none"
            raise UsageError("print-since", since=since, known=known, contents=CONTENTS)
        return Former(site=output.folder / "slots" / found.slot, day=found.day)

    # -- making ------------------------------------------------------------------------------------------------------

    def _jobs(
        self, chosen: Sequence[tuple[str, list[ListedStand]]], look: Look, former: Former | None, number: int
    ) -> list[PrintJob]:
        if self._is_zip:
            return [
                self._job(name, region, part, look, former)
                for region, stands in chosen
                for name, part in _parts(region, stands)
            ]
        if number > MOST_IN_A_FILE:
            raise UsageError("print-too-many", number=number, most=MOST_IN_A_FILE)
        region = chosen[0][0] if len(chosen) == 1 and look.has_contents else ""
        every = [stand for _, stands in chosen for stand in stands]
        return [self._job("posters.pdf", region, every, look, former)]

    def _job(
        self, name: str, region: str, stands: Sequence[ListedStand], look: Look, former: Former | None
    ) -> PrintJob:
        return PrintJob(
            name=name,
            region_code=region,
            config_file=self._publication.config_file.absolute(),
            store=self._store.absolute(),
            scratch=self._scratch,
            today=self._run.today,
            look=look,
            stands=stands,
            former=former,
        )

    def _make(self, jobs: Sequence[PrintJob], number: int) -> list[JobDone]:
        """Largest jobs first, so that no process works alone at the end; the answers in the order of `jobs`."""
        workers = min(self._run.jobs or os.cpu_count() or 1, len(jobs)) if number > WORTH_WORKERS else 1
        progress = Progress(Said("stage-printing"), number, self._tell)
        done: dict[str, JobDone] = {}
        largest_first = sorted(jobs, key=lambda job: -len(job.stands))
        with local_crew(max(workers, 1)) as crew:
            answers: Iterable[JobDone] = map(run_job, largest_first)
            if crew is not None:
                answers = crew.map(run_job, largest_first)
            for answer in answers:
                done[answer.name] = answer
                if number > WORTH_WORKERS:
                    progress.advance(answer.printed + answer.unchanged)
        return [done[job.name] for job in jobs]

    def _print_pictures(self, chosen: Sequence[tuple[str, list[ListedStand]]], former: Former | None) -> Printed:
        """Bare codes: one file, or a ZIP of them with a table of whose they are."""
        make, every = PICTURES[self._run.format], [stand for _, stands in chosen for stand in stands]
        if len(every) != 1 and not self._is_zip:
            raise UsageError("print-one-file", number=len(every), format=self._run.format)
        formats = self._publication.print_formats()
        look = Look(format=next(iter(formats.formats.values())), sheet=None)
        composer = Composer(self._job("", "", every, look, former))
        files, rows = {}, []
        for found in composer.compose():
            name = f"{found.stand.code}.{self._run.format}"
            files[name] = make(found.picture, found.words("print.alt", address=found.page.typed_address))
            rows.append({"file": name, "page": "", "label": "", **contents_cells(found)})
        printed = Printed(
            posters=len(rows), files=len(files), proved=0, unchanged=composer.unchanged, closed=self._closed
        )
        self._refuse_nothing(printed)
        if self._is_zip:
            stream = io.StringIO(newline="")
            writer = csv.DictWriter(stream, CONTENTS_COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
            with _new_zip(self._run.out) as archive:
                archive.writestr(_entry(CONTENTS), stream.getvalue())
                for name, content in files.items():
                    archive.writestr(_entry(name), content)
        else:
            _write(self._run.out, next(iter(files.values())))
        return printed

    def _write_zip(self, names: Sequence[str], tables: Sequence[str]) -> None:
        """The PDFs as they are, and one table of contents of them all."""
        with _new_zip(self._run.out) as archive:
            with archive.open(_entry(CONTENTS), "w", force_zip64=True) as table:
                table.write(f"{','.join(CONTENTS_COLUMNS)}\n".encode())
                for name in tables:
                    table.write((self._scratch / f"{name}.csv").read_bytes())
            for name in names:
                entry = _entry(name)
                with (self._scratch / name).open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                    while block := source.read(_BLOCK):
                        target.write(block)


def _parts(region: str, stands: Sequence[ListedStand]) -> Iterator[tuple[str, Sequence[ListedStand]]]:
    """(name of the file, what goes into it): `77.pdf`, or `77-1.pdf`, `77-2.pdf` … of a large region."""
    if len(stands) <= MOST_IN_A_PART:
        yield f"{region}.pdf", stands
        return
    for number, first in enumerate(range(0, len(stands), MOST_IN_A_PART), start=1):
        yield f"{region}-{number}.pdf", stands[first : first + MOST_IN_A_PART]


_BLOCK = 1 << 20


# ---- files ---------------------------------------------------------------------------------------------------------


def _former_digests(file: Path) -> dict[str, str]:
    """Code to digest, from the table of contents of an earlier run."""
    try:
        if file.suffix.lower() == ".zip":
            with zipfile.ZipFile(file) as archive:
                text = archive.read(CONTENTS).decode()
        else:
            text = file.read_text("utf-8")
        return {row["placement_code"]: row["digest"] for row in csv.DictReader(text.splitlines())}
    except FileNotFoundError as error:
        raise UsageError("print-no-file", place=file) from error
    except (KeyError, zipfile.BadZipFile, UnicodeDecodeError) as error:
        raise UsageError("print-not-a-run", place=file, contents=CONTENTS) from error


@contextmanager
def _new_zip(out: Path) -> Iterator[zipfile.ZipFile]:
    """A ZIP that takes its place when it is whole; the same content gives the same bytes."""
    out.parent.mkdir(parents=True, exist_ok=True)
    beside = out.with_name(f".{out.name}.new")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED) as archive:
            yield archive
        beside.replace(out)
    except OSError as error:
        raise StorageError("posters-unwritten", place=out, reason=error.strerror or error) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _LONG_AGO)
    entry.external_attr = 0o644 << 16
    return entry


def _put(made: Path, out: Path) -> None:
    _write(out, made.read_bytes())


def _write(out: Path, content: bytes) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    replace_file(out, content)
