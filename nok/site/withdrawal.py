"""Taking withdrawn reviews out of a released package: the only change that a release ever sees.

A review that is not in today's tables any more, or whose organisation is published no more, goes with its reply and its
photographs; one whose text a moderator hides now keeps its
rating and loses its text, as today's tables have it. Checksums are made anew and the release says what happened.
"""

import csv
import hashlib
import json
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nok.packages.read import MAXIMUM_FIELD_CHARACTERS, Package
from nok.packages.segments import Part, rows_of, unmatched
from nok.packages.visible import KEPT_OF_RESTRICTED, hidden_organizations
from nok.records import ReviewState
from nok.render.downloads import csv_chunks, json_lines
from nok.site.files import replace_file
from nok.site.forms import DataFile, is_form

SUMS = "SHA256SUMS"
SIGNATURE = f"{SUMS}.minisig"
CHANGES = "CHANGES.txt"
_REWRITTEN: Mapping[str, tuple[str, ...]] = {
    "reviews": ("review_id", "state"),
    "replies": ("review_id",),
    "review_photos": ("review_id", "sha256"),
}
"""Tables of a release that lose rows, and the columns that tell which."""
_STATE = ("review_id", "organization_id", "state", "reason_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """Reviews that must not be read any more, in whichever package they were released: their ids are unique.

    `gone` are in no table of today (nor are their replies); `restricted` have the reason code under which their text is
    hidden now; `unanswered` have no reply; `pictured` are their photographs of today: (review, SHA-256). `all` are the
    reviews of which something may have to go: themselves, their text, their reply or a photograph.
    """

    gone: frozenset[str] = frozenset()
    restricted: Mapping[str, str] = field(default_factory=dict)
    unanswered: frozenset[str] = frozenset()
    pictured: frozenset[tuple[str, str]] = frozenset()
    all: frozenset[str] = frozenset()


def find_withdrawn(
    packages: Sequence[Package], altered: Mapping[str, Collection[str]], of_hidden: Collection[str] = ()
) -> Withdrawal:
    """What of the `altered` reviews of `packages`, and of those `of_hidden` organisations, is withdrawn, or whose text is
    hidden, in today's tables."""
    ids = {review_id for package in packages for review_id in altered.get(package.name, ())} | set(of_hidden)
    if not ids:
        return Withdrawal()
    hidden = hidden_organizations(packages)
    shown = {row[0]: row for row in _rows(packages, "reviews", _STATE, ids) if row[1] not in hidden}
    replied = {row[0] for row in _rows(packages, "replies", ("review_id",), ids)}
    restricted = {name: row[3] for name, row in shown.items() if row[2] == ReviewState.RESTRICTED}
    return Withdrawal(
        gone=frozenset(ids) - shown.keys(),
        restricted=restricted,
        unanswered=frozenset(name for name in ids if name not in replied),
        pictured=frozenset((row[0], row[1]) for row in _rows(packages, "review_photos", ("review_id", "sha256"), ids)),
        all=frozenset(ids),
    )


def _rows(
    packages: Sequence[Package], name: str, columns: tuple[str, ...], ids: Collection[str]
) -> list[tuple[str, ...]]:
    return [row for part in _parts_of_today(packages, name, columns) for row in rows_of(part, ids)]


def _parts_of_today(packages: Sequence[Package], name: str, columns: tuple[str, ...]) -> list[Part]:
    found = (resource for package in packages if (resource := package.resource(name)) is not None)
    return [_part(file, resource.delimiter, columns) for resource in found for file in resource.files]


def _part(file: Path, delimiter: str, columns: tuple[str, ...]) -> Part:
    return Part(file=file, delimiter=delimiter, columns=columns, owner="review_id", identity="review_id")


# ---- a release -----------------------------------------------------------------------------------------------------


def doubtful_reviews(folder: Path, packages: Sequence[Package]) -> set[str]:
    """The reviews of a release of which today's tables do not say the same: they, their reply or a photograph are gone, or
    they have another state. Whoever has lost sight of what was altered need look at no others."""
    released = {name: file for name in _REWRITTEN if (file := folder / f"{name}.csv").exists()}
    return {
        review_id
        for name, file in released.items()
        for review_id in unmatched(
            _part(file, ",", _REWRITTEN[name]), _parts_of_today(packages, name, _REWRITTEN[name])
        )
    }


def released_reviews_of(folder: Path, organizations: Collection[str]) -> set[str]:
    """The reviews of a release that are of these organisations."""
    file, columns = folder / "reviews.csv", ("organization_id", "review_id")
    if not organizations or not file.exists():
        return set()
    part = Part(file=file, delimiter=",", columns=columns, owner="organization_id", identity="review_id")
    return {review_id for _, review_id in rows_of(part, organizations)}


def mend_releases(folder: Path) -> None:
    """Brings the versions of a package, in `folder`, back to where a crash during `rewrite_release` left none."""
    for old in folder.glob(".*.old"):
        place = folder / old.name.removeprefix(".").removesuffix(".old")
        if place.exists():
            shutil.rmtree(old)
        else:
            old.rename(place)
    for beside in folder.glob(".*.new"):
        shutil.rmtree(beside)


def rewrite_release(
    folder: Path, withdrawal: Withdrawal, day: str, remake: Callable[[Path], Sequence[DataFile]]
) -> Sequence[DataFile]:
    """Makes the release in `folder` without what is withdrawn, beside its place, and puts it there at once.

    `remake` makes the other forms of the release in a folder from its exact tables; what it made is returned.
    """
    numbers = {name: _affected(folder / f"{name}.csv", name, withdrawal) for name in _REWRITTEN}
    if not any(numbers.values()):
        return ()
    beside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(folder, beside, ignore=lambda _, names: set(filter(is_form, names)))
    descriptor = json.loads((beside / "datapackage.json").read_text("utf-8"))
    for resource in descriptor["resources"]:
        if numbers.get(resource["name"]):
            _rewrite_table(beside, resource, withdrawal)
    replace_file(beside / "datapackage.json", (json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n").encode())
    _say(beside / CHANGES, numbers, day)
    made = remake(beside)
    _sum_up(beside)
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    folder.rename(old)
    beside.rename(folder)
    shutil.rmtree(old)
    return made


def _affected(file: Path, name: str, withdrawal: Withdrawal) -> int:
    """How many rows of a released table must change."""
    if not file.exists():
        return 0
    columns = _REWRITTEN[name]
    rows = rows_of(_part(file, ",", columns), withdrawal.all)
    found = [dict(zip(columns, row, strict=True)) for row in rows]
    return sum(_changed(name, row, withdrawal) != row for row in found)


def _changed(name: str, row: dict[str, str], withdrawal: Withdrawal) -> dict[str, str] | None:
    """A released row as it must be now; `None` where it goes."""
    review_id = row["review_id"]
    if review_id in withdrawal.gone:
        return None
    if name == "review_photos":
        is_shown = review_id not in withdrawal.restricted and (review_id, row["sha256"]) in withdrawal.pictured
        return row if is_shown or review_id not in withdrawal.all else None
    if name == "replies":
        return None if review_id in withdrawal.restricted or review_id in withdrawal.unanswered else row
    if review_id not in withdrawal.restricted or row["state"] == ReviewState.RESTRICTED:
        return row
    kept = {column: text if column in KEPT_OF_RESTRICTED else "" for column, text in row.items()}
    return {**kept, "state": str(ReviewState.RESTRICTED), "reason_code": withdrawal.restricted[review_id]}


def _rewrite_table(folder: Path, resource: dict[str, Any], withdrawal: Withdrawal) -> None:
    """Both forms of a table, and what its descriptor says of them."""
    name, schema = resource["name"], resource["schema"]
    source = folder / f"{name}.csv"
    columns = [field["name"] for field in schema["fields"]]
    _write(folder / f"{name}.jsonl", json_lines(schema, _kept_rows(source, name, withdrawal)))
    _write(folder / f"{name}.csv", csv_chunks(columns, _kept_rows(source, name, withdrawal)))
    content = source.read_bytes()
    resource["bytes"], resource["hash"] = len(content), f"sha256:{hashlib.sha256(content).hexdigest()}"


def _kept_rows(source: Path, name: str, withdrawal: Withdrawal) -> Iterator[dict[str, str]]:
    csv.field_size_limit(MAXIMUM_FIELD_CHARACTERS)
    with source.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            changed = _changed(name, row, withdrawal)
            if changed is not None:
                yield changed


def _write(file: Path, pieces: Iterable[bytes]) -> None:
    beside = file.with_name(f".{file.name}.new")
    with beside.open("wb") as stream:
        stream.writelines(pieces)
    beside.replace(file)


def _say(file: Path, numbers: Mapping[str, int], day: str) -> None:
    before = file.read_text("utf-8") if file.exists() else ""
    said = ", ".join(f"{name}: {number} rows" for name, number in numbers.items() if number)
    file.write_text(f"{before}{day}: withdrawn or hidden since the release, {said}.\n", "utf-8")


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sum_up(folder: Path) -> None:
    """Checksums of all files. The signature of the former ones is no signature any more."""
    (folder / SIGNATURE).unlink(missing_ok=True)
    names = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    lines = [f"{_hash(folder / name)}  {name}\n" for name in names if name != SUMS]
    (folder / SUMS).write_text("".join(lines), "utf-8")
