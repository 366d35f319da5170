"""What is measured: one function for each table, from the inputs it needs to its rows."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks import changes, country
from benchmarks.bench import Bench, Way, publish, row_of
from benchmarks.inputs import PYTHON
from benchmarks.measure import Run
from benchmarks.peers import PEERS, ROOT, is_installed
from benchmarks.table import Row

SHARED = Path(os.environ.get("NOK_SHARED_DATA", ROOT.parent / "shared" / "data"))
LONDON = "uk-fhrs-london-2022"
PAGE_BYTES, PUBLICATION_BYTES, RELEASE_BYTES = 34_000, 250_000, 60_000
"""Room that an organisation takes in an output: its page alone; everything of it in one language; its open data."""

_RECORDS = "on nobody's time: one process of ours, from the warehouse"


# ---- organisation pages only ---------------------------------------------------------------------------------------


def pages(bench: Bench, organizations: int) -> Iterator[Row]:
    """The page of each organisation and nothing else, on both media."""
    subject = "Organisation pages only"
    for medium in ("tmpfs", "disk"):
        reason = bench.has_room(medium, organizations * PAGE_BYTES)
        if reason:
            yield Row(subject=subject, way="all", organizations=organizations, medium=medium, runs=(), note=reason)
            continue
        yield from bench.turns(subject, organizations, medium, list(_page_ways(bench, organizations, medium)))


def _page_ways(bench: Bench, organizations: int, medium: str) -> Iterator[Way]:
    inputs, output = bench.inputs, bench.output(medium) / "pages"
    workbench, package = inputs.workbench(organizations), inputs.country(organizations)
    ours = [PYTHON, "-m", "benchmarks.our_pages", str(workbench), "--output", str(output), "--jobs", bench.options.jobs]
    way = partial(Way, output=output, work=organizations, pages=organizations)
    yield way(name="ours, from the warehouse", command=ours, base=True)
    if bench.options.only_base:
        return
    whole = [*ours[:3], f"{workbench}-again", *ours[4:], "--package", str(package)]
    yield way(name="ours, from the package's CSV", command=whole)
    for name in bench.options.peers if organizations <= bench.options.peers_up_to else ():
        if not is_installed(name):
            bench.tell(f"{name} is not installed (python -m benchmarks.peers install) and is left out")
            continue
        site = inputs.site(name, organizations)
        command, note = PEERS[name].command(site, output), "from finished records"
        yield way(name=name, command=command, folder=site, note=note)
    if medium == "tmpfs":  # what takes as long as the slowest peer, and leaves one file, is told once
        yield _records_way(workbench, output, organizations)
    listing = inputs.listing(organizations, output)
    raw = [PYTHON, "-m", "benchmarks.raw_write", str(listing), str(output), "--jobs", bench.options.jobs]
    yield Way(name="raw write of the same files", command=raw, output=output, work=organizations)


def _records_way(workbench: Path, output: Path, organizations: int) -> Way:
    records = [PYTHON, "-m", "benchmarks.page_records", str(workbench), "--out", str(output / "records.jsonl")]
    return Way(name="page records for the others", command=records, output=output, work=organizations, note=_RECORDS)


# ---- the whole publication -----------------------------------------------------------------------------------------


def publication(bench: Bench, organizations: int) -> Iterator[Row]:
    """First builds of the whole site from the data package, checks included, in one language and in two."""
    subject, medium = "Whole publication, first build", "disk"
    reason = bench.has_room(medium, organizations * PUBLICATION_BYTES * 2)
    if reason:
        yield Row(subject=subject, way="all", organizations=organizations, medium=medium, runs=(), note=reason)
        return
    output = bench.output(medium) / "site"
    ways = [
        Way(
            name=name,
            command=_build(bench, output, languages, [bench.inputs.country(organizations)], organizations),
            output=output,
            work=organizations,
            base=len(languages) == 1,
        )
        for name, languages in (("one language", ("ru",)), ("two languages", ("ru", "en")))
    ]
    yield from bench.turns(subject, organizations, medium, ways[:1] if bench.options.only_base else ways)


def _build(
    bench: Bench, output: Path, languages: tuple[str, ...], packages: Sequence[Path], organizations: int = 0
) -> list[str]:
    named = [argument for package in packages for argument in ("--packages", package)]
    config = bench.inputs.config(languages, organizations)
    return publish("build", "--config", config, *named, "--output", output, "--jobs", bench.options.jobs)


def incremental(bench: Bench, organizations: int) -> Iterator[Row]:
    """Three new reviews for each of 100 organisations, and then the same build again with nothing new.

    The first two changes fill the second and the third slot by hard links; later ones bring an old slot up to date.
    """
    subject, medium, inputs = "After the first build", "disk", bench.inputs
    reason = bench.has_room(medium, organizations * PUBLICATION_BYTES)
    if reason:
        yield Row(subject=subject, way="all", organizations=organizations, medium=medium, runs=(), note=reason)
        return
    output = bench.output(medium) / "site"
    packages = [inputs.country(organizations)]
    first = Way(
        name="first build", command=_build(bench, output, ("ru",), packages, organizations), output=output, base=True
    )
    firsts = [bench.once(first)]
    found: dict[str, list[Run]] = {"100 changed, new slot": [], "100 changed": [], "nothing changed": []}
    for number in range(1, 3 + bench.options.times if not firsts[0].failure else 1):
        packages.append(inputs.segment(organizations, number))
        again = replace(first, command=_build(bench, output, ("ru",), packages, organizations), output=None)
        found["100 changed, new slot" if number < 3 else "100 changed"].append(bench.once(again))
        found["nothing changed"].append(bench.once(again))
        bench.tell(f"{subject}, {organizations}: {[round(runs[-1].seconds, 2) for runs in found.values() if runs]}")
    bench.put_aside(output)
    yield row_of(subject, organizations, medium, first, firsts)
    for name, runs in found.items():
        yield row_of(subject, organizations, medium, Way(name=name, command=()), runs)


# ---- open data -----------------------------------------------------------------------------------------------------


def release(bench: Bench, organizations: int) -> Iterator[Row]:
    """A data release in all forms, of the whole, of each region, sphere and organisation; and its check from the files
    alone."""
    subject, medium = "Data release", "disk"
    reason = bench.has_room(medium, organizations * RELEASE_BYTES)
    if reason:
        yield Row(subject=subject, way="all", organizations=organizations, medium=medium, runs=(), note=reason)
        return
    package, output = bench.inputs.reviewed(organizations), bench.output(medium) / "release"
    made = [PYTHON, "-m", "benchmarks.our_release", str(package), "--output", str(output), "--jobs", bench.options.jobs]
    folder = output / "data" / f"country-{organizations}" / country.VERSION
    steps = [
        Way(name="written in all forms", command=made, output=output, work=organizations, base=True),
        Way(name="verified", command=publish("verify", folder, "--jobs", bench.options.jobs), work=organizations),
    ]
    yield from _in_order(bench, subject, organizations, steps)
    bench.put_aside(output)


# ---- validation ----------------------------------------------------------------------------------------------------


def validation(bench: Bench, organizations: int) -> Iterator[Row]:
    """Checking a package of 27 rows for each organisation, clean and with faults; 86,700 organisations are 2,350,000 rows."""
    for state, package, code in (
        ("clean", bench.inputs.country(organizations, "total"), 0),
        ("faulty", bench.inputs.spoilt(organizations, "total"), 2),
    ):
        rows = sum(_lines(file) for file in package.glob("*.csv"))
        ours = Way(
            name="ours", command=publish("validate", package, "--no-cache"), work=rows, base=True, exit_code=code
        )
        theirs = [PYTHON, "-m", "benchmarks.frictionless_validate", str(package)]
        ways = [ours, Way(name="frictionless", command=theirs, work=rows, exit_code=code, note="types and keys only")]
        subject = f"Validation, {state}, {rows:,} lines"
        yield from bench.turns(subject, organizations, "disk", ways[:1] if bench.options.only_base else ways)


def _lines(file: Path) -> int:
    with file.open("rb") as stream:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: stream.read(1 << 20), b"")) - 1


# ---- the package that ships with the project -----------------------------------------------------------------------


def demonstration(bench: Bench) -> Iterator[Row]:
    """The demonstration in both languages: what someone who tries the project waits for."""
    output, package = bench.output("disk") / "site", ROOT / "data_packages" / "demo"
    build = _build(bench, output, ("ru", "en"), [package])
    steps = [
        Way(name="first build", command=build, output=output, base=True),
        Way(name="nothing changed", command=build),
        Way(name="every page rendered again", command=[*build, "--full"]),
    ]
    yield from _in_order(bench, "Demonstration", 0, steps)
    bench.put_aside(output)


# ---- a real city ---------------------------------------------------------------------------------------------------


def london(bench: Bench) -> Iterator[Row]:
    """71,659 establishments of a real register: import, check, build, and 100 changed ratings."""
    source = SHARED / LONDON
    if not source.is_dir():
        bench.tell(f"Real data is not at {SHARED}; name its folder in NOK_SHARED_DATA to measure London.")
        return
    folder, output = bench.output("disk"), bench.output("disk") / "site"
    package, changed = folder / "london", folder / "london-changed"
    bench.put_aside(changed)
    changes.change_london(source, changed, 100)
    imports, build = _import(source, package), _build(bench, output, ("ru",), [package])
    steps = [
        Way(name="import", command=imports, output=package),
        Way(name="validate", command=publish("validate", package, "--no-cache"), note="warnings allowed"),
        Way(name="first build, one language", command=build, output=output, base=True),
        Way(name="nothing changed", command=build),
        Way(name="import with 100 changed rows", command=_import(changed, package)),
        Way(name="build after 100 changed rows, new slot", command=build),
        Way(name="import back", command=imports),
        Way(name="build after 100 changed rows back, new slot", command=build),
        Way(name="import with 100 changed rows again", command=_import(changed, package)),
        Way(name="build after 100 changed rows", command=build),
    ]
    yield from _in_order(bench, "London", 71_659, steps)
    for path in (output, package, changed):
        bench.put_aside(path)


def _in_order(bench: Bench, subject: str, organizations: int, steps: Sequence[Way]) -> Iterator[Row]:
    """Steps of which each needs what the one before has left; the whole of them so many times."""
    runs: list[list[Run]] = [[] for _ in steps]
    for _ in range(bench.options.times):
        for done, step in zip(runs, steps, strict=True):
            done.append(bench.once(step))
            bench.tell(f"{subject}: {step.name} {done[-1].seconds:.2f} s {done[-1].failure}")
    for done, step in zip(runs, steps, strict=True):
        yield row_of(subject, organizations, "disk", step, done)


def _import(source: Path, package: Path) -> list[str]:
    return publish("import", "--mapping", f"content/mappings/{LONDON}.yaml", "--source", source, "--out", package)


# ---- all of them --------------------------------------------------------------------------------------------------

SIZED: Mapping[str, Callable[[Bench, int], Iterator[Row]]] = {
    "pages": pages,
    "publication": publication,
    "incremental": incremental,
    "release": release,
}
SUBJECTS = (*SIZED, "validation", "demonstration", "london")


def measure(bench: Bench) -> Iterator[Row]:
    """All rows that were asked for."""
    options = bench.options
    for name, subject in SIZED.items():
        for organizations in options.organizations if name in options.only else ():
            yield from subject(bench, organizations)
    if "validation" in options.only:
        yield from validation(bench, options.validation_organizations)
    if "demonstration" in options.only:
        yield from demonstration(bench)
    if "london" in options.only:
        yield from london(bench)
