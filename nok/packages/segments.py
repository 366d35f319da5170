"""Checked tables as columns, a batch at a time: what the warehouse needs of tables with millions of rows.

Every row here belongs to an *owner* (an organisation, or the review that a reply answers). A file can be noted (its
owners and a digest of each row), compared with what was noted of it before, read for some owners only, or spilt into
buckets of owners so that a country is put in order in memory that does not grow with it. Polars does the work.
"""

import csv
import io
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from nok.packages.blocks import BOM, Doubt, Marks, blocks
from nok.packages.read import MAXIMUM_FIELD_CHARACTERS
from nok.packages.threads import in_threads

ENGINE = f"polars {pl.__version__}"
"""Digests of rows hold within one version of the engine only."""

_OWNERS_AT_ONCE = 100_000
_ROWS_AT_ONCE = 20_000
_SPILLING = 2
"""So many batches are put into buckets at the same time; each waits for the disk now and then."""

_SEED = 20_260_207
_MAGIC = b"ARROW1"
_LAST = "last.arrow"
"""The file of notes that is written last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a checked resource, as it is to be read.

    `columns` are taken in this order (those that the file lacks come empty); `owner` is the column that names the owner
    of a row and `identity` the one that tells rows of an owner apart, both among `columns`.
    """

    file: Path
    delimiter: str
    columns: tuple[str, ...]
    owner: str
    identity: str


def is_whole(notes: Path) -> bool:
    """True for notes that are there and not cut: each file of them ends with the word that it begins with."""
    return (notes / _LAST).exists() and all(map(_is_uncut, notes.iterdir()))


def _is_uncut(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            begins = stream.read(len(_MAGIC))
            stream.seek(-len(_MAGIC), os.SEEK_END)
            return begins == stream.read() == _MAGIC
    except OSError:
        return False


def note_rows(part: Part, notes: Path) -> None:
    """Writes to the folder `notes` the owner, the identity and a digest of the taken cells of every row."""
    digest = pl.concat_str(part.columns, separator="\x1f").hash(_SEED)
    beside = notes.with_suffix(".new")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    table = pl.DataFrame(schema={"owner": pl.String, "identity": pl.String, "digest": pl.UInt64})
    for number, batch in enumerate(batches(part)):
        if number:
            _write_durably(table, beside / f"{number:06d}.arrow")
        table = batch.select(owner=part.owner, identity=part.identity, digest=digest)
    _write_durably(table, beside / _LAST)
    shutil.rmtree(notes, ignore_errors=True)
    beside.rename(notes)


def _write_durably(table: pl.DataFrame, file: Path) -> None:
    """Notes that stand are never written again, so a half must not stand after a power cut."""
    with file.open("wb") as stream:
        table.write_ipc(stream)
        stream.flush()
        os.fsync(stream.fileno())


def changed_owners(before: Path | None, after: Path | None) -> set[str]:
    """Owners of a row that stands in only one of two notes; `None` is a file that is not there."""
    if before is None or after is None:
        noted = before or after
        return set() if noted is None else set(_notes(noted).select("owner").unique().collect()["owner"])
    keys = ["owner", "identity", "digest"]
    old, new = _notes(before).collect(), _notes(after).collect()
    found: set[str] = set()
    for left, right in ((old, new), (new, old)):
        found.update(left.join(right, on=keys, how="anti")["owner"])
    return found


def owners_of(notes: Sequence[Path], identities: Collection[str]) -> dict[str, str]:
    """Identity to owner, for those of `identities` that stand in one of the notes."""
    wanted = pl.DataFrame({"identity": list(identities)}, schema={"identity": pl.String})
    found: dict[str, str] = {}
    for noted in notes:
        table = _notes(noted).select("identity", "owner").join(wanted.lazy(), on="identity", how="semi").collect()
        found.update(table.iter_rows())
    return found


def moved_identities(before: Sequence[Path], after: Sequence[Path]) -> set[str]:
    """Identities that stand in notes of both times, each time under another owner."""
    if not before or not after:
        return set()
    old, new = (pl.concat([_notes(notes) for notes in each]).select("identity", "owner") for each in (before, after))
    both = old.join(new, on="identity", suffix="_now").filter(pl.col("owner") != pl.col("owner_now"))
    return set(both.select("identity").collect()["identity"])


def owners_among(notes: Path, owners: Collection[str]) -> set[str]:
    """Those of `owners` that own a row of what was noted."""
    wanted = pl.DataFrame({"owner": list(owners)}, schema={"owner": pl.String})
    found = _notes(notes).select("owner").join(wanted.lazy(), on="owner", how="semi").unique().collect()
    return set(found["owner"])


def rows_of(part: Part, owners: Collection[str]) -> list[tuple[str, ...]]:
    """The rows of `owners`, in the order of the file."""
    wanted = pl.Series(list(owners), dtype=pl.String).implode()
    return [row for batch in batches(part) for row in batch.filter(pl.col(part.owner).is_in(wanted)).iter_rows()]


def unmatched(before: Part, after: Iterable[Part]) -> set[str]:
    """Identities of the rows of `before` that stand in none of `after`, which have the same columns.

    Two hashes of every row, 16 bytes, are in memory, and the rows that are found. A row is missed only where each of its
    hashes is by chance that of some other row.
    """
    text = pl.concat_str(before.columns, separator="\x1f")
    hashes = {"one": text.hash(_SEED), "other": text.hash(_SEED + 1)}
    nothing = pl.DataFrame(schema=dict.fromkeys(hashes, pl.UInt64))
    old, new = (
        pl.concat([nothing, *(batch.select(**hashes) for part in parts for batch in batches(part))])
        for parts in ([before], after)
    )
    gone = old.filter(pl.any_horizontal(~pl.col(name).is_in(new[name].implode()) for name in hashes)).unique()
    if gone.is_empty():
        return set()
    told = (batch.select(before.identity, **hashes) for batch in batches(before))
    return {identity for each in told for identity in each.join(gone, on=list(hashes), how="semi")[before.identity]}


def numbered_rows(part: Part, owners: Collection[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(number of the row, row) of the rows of `owners`; the header is row 1."""
    wanted, start = pl.Series(list(owners), dtype=pl.String).implode(), 2
    for batch in batches(part):
        found = batch.with_row_index("number", start).filter(pl.col(part.owner).is_in(wanted))
        yield from ((number, tuple(row)) for number, *row in found.iter_rows())
        start += batch.height


def frames(part: Part) -> Iterator[pl.DataFrame]:
    """The taken columns of a file as the engine's tables, some megabytes at a time; empty cells are empty texts."""
    yield from batches(part)


def iterate_rows(part: Part) -> Iterator[tuple[str, ...]]:
    """Every row, in the order of the file."""
    for batch in batches(part):
        yield from _rows_of(batch)


def differing_rows(
    before: Part | None, after: Part | None, key: Sequence[str]
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """The rows of `before` and those of `after`, of every key whose rows are not the same in both (and, once in a very
    long while, of another key). Sixteen bytes a row are in memory, and the rows that differ."""
    old, new = _digests(before, key), _digests(after, key)
    both = ["key", "row"]
    keys = pl.concat([old.join(new, on=both, how="anti"), new.join(old, on=both, how="anti")]).select("key").unique()
    return _rows_with(before, key, keys), _rows_with(after, key, keys)


def _key_hash(key: Sequence[str]) -> pl.Expr:
    return pl.concat_str(key, separator="\x1f").hash(_SEED)


def _digests(part: Part | None, key: Sequence[str]) -> pl.DataFrame:
    """A hash of the key and one of the whole row, of every row."""
    empty = pl.DataFrame(schema={"key": pl.UInt64, "row": pl.UInt64})
    if part is None:
        return empty
    whole = pl.concat_str(part.columns, separator="\x1f").hash(_SEED)
    return pl.concat([empty, *(batch.select(key=_key_hash(key), row=whole) for batch in batches(part))])


def _rows_with(part: Part | None, key: Sequence[str], keys: pl.DataFrame) -> list[tuple[str, ...]]:
    if part is None or not keys.height:
        return []
    found = keys["key"].implode()
    return [row for batch in batches(part) for row in batch.filter(_key_hash(key).is_in(found)).iter_rows()]


def changed_pairs(before: Sequence[Path], after: Sequence[Path]) -> tuple[set[tuple[str, str]], set[tuple[str, str]]]:
    """(owner, identity) of the rows that stand in notes of `before` only, and of those that stand in `after` only."""
    keys = ["owner", "identity", "digest"]
    empty = pl.DataFrame(schema={"owner": pl.String, "identity": pl.String, "digest": pl.UInt64})
    old, new = (pl.concat([empty, *(_notes(notes).collect() for notes in each)]) for each in (before, after))
    pairs = (one.join(other, on=keys, how="anti").select(keys[:2]) for one, other in ((old, new), (new, old)))
    gone, come = ({(row[0], row[1]) for row in pair.iter_rows()} for pair in pairs)
    return gone, come


# ---- a whole country in order --------------------------------------------------------------------------------------


def vanished(before: Sequence[Path], after: Sequence[Path]) -> set[str]:
    """Identities of the rows that stand in notes of `before` and, to the letter, in none of `after`.

    The digests of the rows of `after` are in memory, eight bytes each. A row is missed only where its digest is by chance
    that of some other row.
    """
    changed = [notes for notes in before if notes not in after]
    if not changed:
        return set()
    nothing = pl.DataFrame(schema={"digest": pl.UInt64})
    present = pl.concat([nothing, *(_notes(notes).select("digest").collect() for notes in after)])["digest"].sort()
    found: set[str] = set()
    for file in chain.from_iterable(notes.iterdir() for notes in changed):
        noted = pl.read_ipc(file, columns=["identity", "digest"]).sort("digest")  # looked up in order: half the time
        found.update(noted.filter(~_are_among(noted["digest"], present))["identity"])
    return found


def _are_among(numbers: pl.Series, ordered: pl.Series) -> pl.Series:
    """Which of `numbers` are among those that are in order."""
    if ordered.is_empty():
        return pl.Series([False], dtype=pl.Boolean).new_from_index(0, len(numbers))
    places = ordered.search_sorted(numbers, side="right").cast(pl.Int64) - 1
    return (places >= 0) & (ordered.gather(places.clip(0)) == numbers)


class Buckets:
    """Rows of many files put beside the numbers of their owners, `owners_per_bucket` owners a bucket."""

    def __init__(self, folder: Path, numbers: Iterable[tuple[str, int]], owners_per_bucket: int) -> None:
        """`numbers` gives each owner's number; rows of others are left out."""
        schema = {"owner": pl.String, "_number": pl.Int64}
        pieces = [
            pl.DataFrame(list(piece), schema=schema, orient="row") for piece in _batched(numbers, _OWNERS_AT_ONCE)
        ]
        self._numbers = pl.concat(pieces) if pieces else pl.DataFrame(schema=schema)
        self._folder, self._size, self._turn = folder, owners_per_bucket, 0
        folder.mkdir(parents=True, exist_ok=True)

    def by_identity(self, parts: Sequence[Part], answers: Sequence[Part]) -> "Buckets":
        """The same buckets for rows that are owned by a row of `parts`: those that `answers` name as their owners."""
        named = [batch.select(identity=part.owner) for part in answers for batch in batches(part)]
        asked = pl.concat([*named, pl.DataFrame(schema={"identity": pl.String})]).unique()
        pairs = [
            batch.select(identity=part.identity, owner=part.owner)
            .join(asked, on="identity", how="semi")
            .join(self._numbers, on="owner")
            .select(pl.col("identity").alias("owner"), "_number")  # a table may have a column `number` of its own
            for part in parts
            for batch in batches(part)
        ]
        found = Buckets(self._folder, (), self._size)
        found._numbers = pl.concat([*pairs, found._numbers])
        return found

    def spill(self, name: str, part: Part, segment: int) -> None:
        """Adds the rows of a file under `name`, each with its owner's number and the number of its segment before it.

        While some megabytes of it are sorted and written, the next ones are read.
        """
        spill = partial(self._spill, name, part, segment)
        for _ in in_threads(spill, enumerate(batches(part), start=self._turn), _SPILLING):
            self._turn += 1

    def _spill(self, name: str, part: Part, segment: int, numbered: tuple[int, pl.DataFrame]) -> None:
        turn, batch = numbered
        table = batch.join(self._numbers, left_on=part.owner, right_on="owner", how="inner", coalesce=False)
        table = table.select(
            "_number",
            pl.lit(segment).alias("segment"),
            *part.columns,
            (pl.col("_number") // self._size).alias("bucket"),
        )
        for piece in table.partition_by("bucket", include_key=True, maintain_order=True):
            place = self._folder / f"{name}-{piece['bucket'][0]:06d}-{turn:06d}.arrow"
            piece.drop("bucket").write_ipc(place)


def read_bucket(folder: Path, name: str, number: int) -> Iterator[tuple[Any, ...]]:
    """The rows of a bucket as (owner's number, segment, cells…), in the order of the numbers."""
    files = sorted(folder.glob(f"{name}-{number:06d}-*.arrow"))
    if not files:
        return iter(())
    table = pl.concat([pl.read_ipc(file) for file in files])
    return _rows_of(table.sort("_number", maintain_order=True))


def _rows_of(table: pl.DataFrame) -> Iterator[tuple[Any, ...]]:
    """As the engine's own iteration, in two thirds of the time: it makes columns into lists sooner than rows."""
    for piece in table.iter_slices(_ROWS_AT_ONCE):
        yield from zip(*(column.to_list() for column in piece), strict=True)


def _batched(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """`values` in lists of `size`."""
    rest = iter(values)
    while piece := list(islice(rest, size)):
        yield piece


# ---- a file ----------------------------------------------------------------------------------------------------------


def batches(part: Part) -> Iterator[pl.DataFrame]:
    """The taken columns of a file, some megabytes at a time.

    Where a block is not as plain as the engine needs it, the rest of the file is read cell by cell.
    """
    with part.file.open("rb") as stream:
        line = stream.readline().removeprefix(BOM).decode()
        (header,) = csv.reader([line.rstrip("\r\n")], delimiter=part.delimiter)
        place = stream.tell()
        try:
            for block in blocks(stream):
                frame = _frame(block, header, part.delimiter, part.columns)
                place += len(block)
                yield _taken(frame, part.columns)
        except Doubt:
            stream.seek(place)
            for rows in _batched(_cells(stream, part.delimiter), _ROWS_AT_ONCE):
                yield _taken(pl.DataFrame(rows, schema=dict.fromkeys(header, pl.String), orient="row"), part.columns)


def _frame(block: bytes, header: Sequence[str], delimiter: str, taken: Sequence[str]) -> pl.DataFrame:
    """A block as columns, those that are `taken` as far as it has them: to make cells costs more than to find them.

    Raises:
        Doubt: the engine may read it in another way than the exact reader.
    """
    rows = Marks(block, ord(delimiter)).rows()
    try:
        frame = pl.read_csv(
            block,
            separator=delimiter,
            has_header=False,
            columns=[place for place, name in enumerate(header) if name in taken],
            schema=dict.fromkeys(header, pl.String),
            infer_schema=False,
            raise_if_empty=False,
        )
    except pl.exceptions.PolarsError as error:
        raise Doubt from error
    if frame.height != rows:
        raise Doubt
    return frame


def _cells(stream: BinaryIO, delimiter: str) -> Iterator[list[str]]:
    csv.field_size_limit(MAXIMUM_FIELD_CHARACTERS)  # frictionless sets its own for the whole process
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    try:
        yield from csv.reader(text, delimiter=delimiter)
    finally:
        text.detach()  # the stream is its opener's to close


def _taken(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """`columns` of a frame in their order; one that the file lacks is empty, and so is an empty cell."""
    present = set(frame.columns)
    return frame.select([pl.col(name).fill_null("") if name in present else pl.lit("").alias(name) for name in columns])


def _notes(folder: Path) -> pl.LazyFrame:
    return pl.scan_ipc(folder / "*.arrow")
