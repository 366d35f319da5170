"""A seeded data package of a whole country: `python -m benchmarks.country --organizations 100000 --out PACKAGE`.

The same options give the same bytes, whatever the number of processes. Memory does not grow with the country: regions are
invented in batches, and each batch is on the disk before many more are asked for.
"""

import argparse
import csv
import json
import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import TextIO

from benchmarks.rows import HEADERS, LAST_DAY, Batch, Lines, Region, assessment_rows, invent, review_row
from benchmarks.words import KINDS
from nok.identifiers import default_placement_code

REGIONS_FILE = Path(__file__).parent.parent / "content" / "regions.csv"
LARGEST = (
    "77",
    "50",
    "23",
    "78",
    "66",
    "61",
    "02",
    "16",
    "74",
    "52",
    "63",
    "54",
    "24",
    "59",
    "34",
    "38",
    "36",
    "42",
    "64",
)
"""Regions by size, the largest first; the rest follow as they stand in content/regions.csv."""

VERSION = "1.0.0"
"""Of every package that is invented here."""

BATCH = 1000
_SKEW = 0.6
"""A region's share falls as its rank to this power: of 85 regions the largest has 8 %, the smallest half a per cent."""

TITLES = {
    "education": "Образование",
    "health": "Здравоохранение",
    "culture": "Культура",
    "social": "Социальное обслуживание",
    "mse": "Медико-социальная экспертиза",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the package that the command line asks for, and says what it wrote."""
    options = _parser().parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    if any(options.out.iterdir()):
        sys.exit(f"{options.out} is not empty. Name a new folder: nothing there was touched.")
    if options.segment_of is not None:
        rows = write_segment(options.segment_of, options.out, options.changed, options.seed)
    else:
        rows = write_country(options)
    print(", ".join(f"{name}: {count}" for name, count in rows.items()))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.country", description=__doc__, allow_abbrev=False)
    parser.add_argument("--organizations", type=int, default=1000, help="how many to invent")
    parser.add_argument("--out", type=Path, required=True, help="new folder of the package")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--measures", choices=("all", "criteria", "total"), default="all", help="how much of the scores is written"
    )
    parser.add_argument("--regions", type=int, default=85, help="over how many regions they are spread, 1 to 89")
    parser.add_argument("--segments", type=int, default=1, help="parts of the reviews, cut by date")
    parser.add_argument("--reviews-share", type=float, default=1.0, help="of some twenty an organisation, so many")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--segment-of", type=Path, help="write only new reviews for organisations of this package")
    parser.add_argument("--changed", type=int, default=100, help="how many organisations such a segment changes")
    return parser


def write_country(options: argparse.Namespace) -> dict[str, int]:
    """A whole package; returns the rows of each table."""
    parts = [f"reviews-{number:04}.csv" for number in range(1, options.segments + 1)]
    files: dict[str, str | list[str]] = {name: f"{name}.csv" for name in HEADERS}
    if options.segments > 1:
        files["reviews"] = parts
    rows = dict.fromkeys(HEADERS, 0)
    spheres: dict[Region, set[str]] = {}
    with ExitStack() as stack:
        tables = {
            name: _open(stack, options.out / f"{name}.csv", HEADERS[name]) for name in HEADERS if name != "reviews"
        }
        names = parts if options.segments > 1 else ["reviews.csv"]
        segments = [_open(stack, options.out / name, HEADERS["reviews"]) for name in names]
        for batch, lines in _invented(_batches(options), options.jobs):
            _write(lines, tables, segments, rows)
            spheres.setdefault(batch.region, set()).update(lines.spheres)
        for region, found in spheres.items():
            text = assessment_rows(region, [name for name, *_ in KINDS if name in found], TITLES)
            tables["assessments"].write(text)
            rows["assessments"] += text.count("\n")
    title = f"Вымышленная страна: {options.organizations} организаций"
    _write_descriptor(options.out, f"country-{options.organizations}", title, files)
    return rows


def _open(stack: ExitStack, path: Path, header: str) -> TextIO:
    file = stack.enter_context(path.open("w", encoding="utf-8", newline="\n", buffering=1 << 20))
    file.write(header)
    return file


def _write(lines: Lines, tables: dict[str, TextIO], segments: Sequence[TextIO], rows: dict[str, int]) -> None:
    for name, found in (("organizations", lines.organizations), ("scores", lines.scores), ("replies", lines.replies)):
        tables[name].writelines(found)
        rows[name] += len(found)
    for file, found in zip(segments, lines.reviews, strict=True):
        file.writelines(found)
        rows["reviews"] += len(found)


def _write_descriptor(folder: Path, name: str, title: str, files: dict[str, str | list[str]]) -> None:
    descriptor = {
        "name": name,
        "title": title,
        "version": VERSION,
        "licenses": [{"name": "CC0-1.0"}],
        "demonstration": True,
        "resources": [{"name": table, "path": path} for table, path in files.items()],
    }
    text = json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n"
    (folder / "datapackage.json").write_text(text, "utf-8", newline="\n")


# ---- who lies where ------------------------------------------------------------------------------------------------


def read_regions(count: int) -> list[Region]:
    """The first `count` regions, the largest first."""
    with REGIONS_FILE.open(encoding="utf-8", newline="") as stream:
        rows = {row["region_code"]: row for row in csv.DictReader(stream)}
    order = [*LARGEST, *(code for code in rows if code not in LARGEST)]
    return [_region(rows[code]) for code in order[:count]]


def _region(row: dict[str, str]) -> Region:
    south, north, west, east = (float(row[name]) for name in ("lat_min", "lat_max", "lon_min", "lon_max"))
    east = east + 360 if east < west else east  # the box crosses the antimeridian
    return Region(code=row["region_code"], name=row["name"], south=south, north=north, west=west, east=east)


def _batches(options: argparse.Namespace) -> Iterator[Batch]:
    """Regions one after another, as a roster of a country is kept; each is cut into batches."""
    regions = read_regions(options.regions)
    first = 1
    for region, share in zip(regions, _shares(options.organizations, len(regions)), strict=True):
        for start in range(0, share, BATCH):
            count = min(BATCH, share - start)
            yield Batch(
                region=region,
                first=first,
                count=count,
                seed=options.seed,
                measures=options.measures,
                segments=options.segments,
                reviews_share=options.reviews_share,
            )
            first += count


def _shares(total: int, regions: int) -> list[int]:
    """How many organisations each region has; they add up to `total`."""
    weights = [rank**-_SKEW for rank in range(1, regions + 1)]
    ends, reached = [0], 0.0
    for weight in weights:
        reached += weight
        ends.append(round(total * reached / sum(weights)))
    return [end - start for start, end in pairwise(ends)]


def _invented(batches: Iterator[Batch], jobs: int) -> Iterator[tuple[Batch, Lines]]:
    """What each batch gave, in the order of the batches; only a few are in flight, so that memory stays small."""
    if jobs < 2:
        yield from ((batch, invent(batch)) for batch in batches)
        return
    with ProcessPoolExecutor(jobs) as pool:
        waiting: deque[tuple[Batch, Future[Lines]]] = deque()
        for batch in batches:
            waiting.append((batch, pool.submit(invent, batch)))
            if len(waiting) > 2 * jobs:
                done, result = waiting.popleft()
                yield done, result.result()
        for done, result in waiting:
            yield done, result.result()


# ---- a segment of changes ------------------------------------------------------------------------------------------


def write_segment(package: Path, folder: Path, changed: int, seed: int) -> dict[str, int]:
    """A small package with three reviews of the next day for each of `changed` organisations, evenly spread over `package`."""
    descriptor = json.loads((package / "datapackage.json").read_text("utf-8"))
    known = sum(1 for _ in _organization_ids(package))
    every = max(1, known // changed)
    dice, day = Random(f"{seed} segment"), LAST_DAY.replace(day=30).isoformat()
    rows = 0
    with (folder / "reviews.csv").open("w", encoding="utf-8", newline="\n") as file:
        file.write(HEADERS["reviews"])
        for organization_id in [one for number, one in enumerate(_organization_ids(package)) if number % every == 0][
            :changed
        ]:
            code = default_placement_code(organization_id)
            for _ in range(3):
                row, _ = review_row(dice, f"s{seed}-{rows}", organization_id, code, 1000, 84, received=day)
                file.write(row)
                rows += 1
    name = f"{descriptor['name']}-segment-{seed}"
    _write_descriptor(folder, name, f"Новые отзывы {day}", {"reviews": "reviews.csv"})
    return {"reviews": rows}


def _organization_ids(package: Path) -> Iterator[str]:
    with (package / "organizations.csv").open(encoding="utf-8", newline="") as stream:
        yield from (row["organization_id"] for row in csv.DictReader(stream))


if __name__ == "__main__":
    sys.exit(main())
