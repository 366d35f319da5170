"""Whether the tables of a package are clean, decided for whole columns at once; finding the fault is `exact`'s affair.

A file is read in blocks that end between two records, so that memory does not grow with it; a few blocks are worked
on at a time. The engine only parts text into cells and marks what is surely right. Everything else, value by value, is
held against the very checks of the exact reader, so that each rule stands once. The answer is "clean" or "not surely".
The only place that knows the engine.
"""

import csv
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from nok.errors import Place
from nok.evidence import Branch
from nok.identifiers import RESERVED_IDS
from nok.packages.blocks import BLOCK_BYTES, BOM, LONGEST_RECORD_BYTES, SLICE_BYTES, Bytes, Doubt, Marks, blocks
from nok.packages.evidence import GROUP, branches_of
from nok.packages.exact import Stretches, TableReader, foreign_keys, names_of
from nok.packages.fields import LEAST_WESTERN, MOJIBAKE, Check, compile_field
from nok.packages.keys import KEY_JOINT, KeyColumn, Keys, Spans, TextList
from nok.packages.parties import doubtful_hosts
from nok.packages.profile import CONTROL, LONGEST_PATTERNED
from nok.packages.read import MAXIMUM_FIELD_CHARACTERS, Package, Resource
from nok.packages.rules import Rules, heir_pair
from nok.packages.threads import in_threads

Numbers = np.ndarray[Any, np.dtype[np.uint64]]

_WORKERS = 3
"""One more than the processors of a small machine: each waits now and then, for the others or for whoever reads."""

_LINES_AT_ONCE = 100_000

_MEMORY = 65_536
"""How many right values of a column are remembered."""

_MOST_DOUBTS = 4
"""After so many doubtful blocks at the beginning of a file nothing is won by going on."""

_MOST_WRONG = 1000
"""Of a block with more wrong values in a column all rows are left to the exact reader."""

_FEW = 64
"""So many unknown values are checked one by one without asking the engine first."""

_INVISIBLE = CONTROL.pattern.replace("\ud800-\udfff", "")
_SPOILT = f"{_INVISIBLE}|{MOJIBAKE.pattern}"
"""No cell that matches can be clean. Halves of characters cannot occur: the block is UTF-8."""


@dataclass(frozen=True, slots=True)
class TextColumn:
    """Texts in the order of their rows."""

    series: pl.Series

    def __len__(self) -> int:
        return len(self.series)

    def texts(self) -> Iterable[str]:
        """The texts one by one."""
        return self.series

    def sorted_lines(self) -> Iterator[bytes]:
        """The texts in UTF-8, sorted by their bytes, line by line."""
        joint = ""
        for piece in self.series.sort().to_frame().iter_slices(_LINES_AT_ONCE):
            yield (joint + str(piece.to_series().str.join("\n").item() or "")).encode()
            joint = "\n"


@dataclass(frozen=True, slots=True)
class HashColumn:
    """Numbers made of texts, in the order of their rows; as texts they are 16 hex digits each."""

    numbers: Numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def texts(self) -> Iterable[str]:
        """The numbers as texts, one by one."""
        return self.numbers.astype(">u8").tobytes().hex("\n", 8).split("\n") if len(self) else ()

    def sorted_lines(self) -> Iterator[bytes]:
        """The numbers as texts, sorted, line by line."""
        ordered, joint = np.sort(self.numbers), b""
        for start in range(0, len(ordered), _LINES_AT_ONCE):
            piece = ordered[start : start + _LINES_AT_ONCE].astype(">u8").tobytes()
            yield joint + piece.hex("\n", 8).encode()
            joint = b"\n"


def hashed(column: KeyColumn) -> HashColumn:
    """The numbers made of the texts of a column."""
    return column if isinstance(column, HashColumn) else HashColumn(_numbers(_series(column)))


def _numbers(texts: pl.Series) -> Numbers:
    """Texts that are alike have one number, in this run and in any other of this program."""
    return texts.hash().to_numpy()


def has_repeated(keys: Keys) -> bool:
    """True where two keys of a table of `HASHED` have one number: they are alike, or one of very few that only seem so."""
    columns, singles = keys.parts()
    parts = [hashed(column).numbers for column in columns]
    parts += [_stored_numbers(column) for column in keys.remembered.values()]
    return _has_twins(np.concatenate([*parts, _numbers(pl.Series(list(singles), dtype=pl.String))]))


def are_any_among(keys: Keys) -> bool:
    """The same for few keys that are new, of which none is twice among those that are remembered: quicker."""
    columns, singles = keys.parts()
    new = [text for column in (*map(hashed, columns), hashed(TextList(list(singles)))) for text in column.texts()]
    return len(set(new)) < len(new) or any(text in column for text in new for column in keys.remembered.values())


def _stored_numbers(column: KeyColumn) -> Numbers:
    lines = b"".join(column.sorted_lines()).replace(b"\n", b"")
    return np.frombuffer(bytes.fromhex(lines.decode()), ">u8").astype(np.uint64)


def _has_twins(numbers: Numbers) -> bool:
    ordered = pl.Series(numbers).sort().to_numpy()  # by all processors: a third of the time
    return bool((ordered[1:] == ordered[:-1]).any())


@dataclass(slots=True, kw_only=True)
class CleanTable:
    """What the clean rows of a table say: how many there are, their keys file by file with the rows in which these stand,
    the distinct values that must be keys elsewhere.

    `references` is by the table that the values point to. `suspects` are surveys (`GROUP`, joined) of which more people
    answered a branch than were led to it; with them the table is not clean. `is_whole` where no other row is left.
    """

    is_whole: bool = True
    rows: int = 0
    keys: list[tuple[Place, KeyColumn, Spans]] = field(default_factory=list)
    references: dict[str, TextColumn] = field(default_factory=dict)
    suspects: set[str] = field(default_factory=set)


def read_clean(
    package: Package,
    resource: Resource,
    today: date,
    rules: Rules,
    trusted: dict[Path, list[tuple[int, int]]],
    *,
    are_keys_hashed: bool = False,
    stretches: Stretches | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> CleanTable | None:
    """Reads all files of a resource in UTF-8; `None` where it is not surely clean, and the exact reader must look.

    Whether keys repeat and references lead anywhere is told by `repeated_keys` and `are_known`. `trusted` takes the rows
    whose cells are right, so that the exact reader need not look at them. Keys come as texts or as numbers made of them.
    With `stretches` all other rows are read exactly there and then, and what is returned is of the clean rows alone.
    `advance` hears of the bytes of each block that was read.
    """
    try:
        reader = _Reader(package, resource, today, rules, trusted, stretches, are_keys_hashed=are_keys_hashed)
        return reader.read(advance)
    except (Doubt, csv.Error, UnicodeDecodeError, pl.exceptions.PolarsError):
        return None


def repeated_keys(keys: Keys) -> set[str]:
    """The keys that were given more than once."""
    whole = _all_of(keys)
    if not _has_twins(_numbers(whole)):  # texts that are alike have one number, so these are none
        return set(keys.repeated)
    return keys.repeated | set(whole.filter(whole.is_duplicated()))


def those_among(columns: Iterable[KeyColumn], few: Collection[str]) -> list[str]:
    """The texts of `columns` that are among a `few`, as often as they stand there."""
    wanted = pl.Series(list(few), dtype=pl.String).implode()
    return [text for series in map(_series, columns) for text in series.filter(series.is_in(wanted))]


def are_known(values: KeyColumn, keys: Keys) -> bool:
    """True where every one of `values` is a key, or nobody can say that it is not."""
    if not keys.is_whole or not len(values):
        return True
    wanted, known = _series(values), _all_of(keys)
    if len(wanted) < len(known):  # numbers are compared quicker than texts, but two texts may have one number
        known = known.filter(known.hash().is_in(wanted.hash().implode()))
    return wanted.to_frame("key").join(known.to_frame("key"), on="key", how="anti").is_empty()


def joined(columns: Sequence[KeyColumn]) -> KeyColumn:
    """Several columns as one."""
    if columns and all(isinstance(column, HashColumn) for column in columns):
        return HashColumn(np.concatenate([hashed(column).numbers for column in columns]))
    return TextColumn(pl.concat([*map(_series, columns), pl.Series(dtype=pl.String)]))


def _all_of(keys: Keys) -> pl.Series:
    columns, singles = keys.parts()
    whole = [*map(_series, columns), *map(_series, keys.remembered.values()), pl.Series(list(singles), dtype=pl.String)]
    return pl.concat(whole)


def _series(column: KeyColumn) -> pl.Series:
    return column.series if isinstance(column, TextColumn) else pl.Series(list(column.texts()), dtype=pl.String)


# ---- a table -------------------------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class _Found:
    """What the clean rows of a block say; `wrong` are the numbers of its other rows, from 0.

    `rows` and `lines` are those of the whole block.
    """

    block: "_Block"
    wrong: Sequence[int]
    keys: pl.Series
    references: Mapping[str, pl.Series]
    suspects: list[dict[str, str]]
    organizations: tuple[Sequence[str], Sequence[tuple[str, str]]] = ((), ())
    sums: pl.DataFrame | None = None


@dataclass(slots=True, kw_only=True)
class _Doubtful:
    """A block of whole records that is not surely clean."""

    block: "_Block"


@dataclass(slots=True, kw_only=True)
class _Block:
    """Whole records, as bytes, and how many they are; how many lines, those within cells among them."""

    content: bytes
    marks: Marks
    rows: int
    lines: int


@dataclass(slots=True)
class _Gathered:
    """What the files of a table have said so far; `doubts` counts the blocks in which something is wrong."""

    doubts: int = 0
    rows: int = 0
    keys: list[tuple[Place, KeyColumn, Spans]] = field(default_factory=list)
    references: dict[str, list[pl.Series]] = field(default_factory=dict)
    sums: list[pl.DataFrame] = field(default_factory=list)

    def add(self, found: _Found, rows: int) -> None:
        """Adds a block with so many clean rows."""
        self.rows += rows
        if found.sums is not None:
            self.sums.append(found.sums)
        for resource, values in found.references.items():
            self.references.setdefault(resource, []).append(values)

    def table(self, branches: int) -> CleanTable:
        return CleanTable(
            is_whole=not self.doubts,
            rows=self.rows,
            keys=self.keys,
            references={name: TextColumn(pl.concat(values).unique()) for name, values in self.references.items()},
            suspects=_suspects_of(self.sums, branches),
        )


class _Reader:
    def __init__(
        self,
        package: Package,
        resource: Resource,
        today: date,
        rules: Rules,
        trusted: dict[Path, list[tuple[int, int]]],
        stretches: Stretches | None,
        *,
        are_keys_hashed: bool,
    ) -> None:
        self._package, self._resource, self._rules, self._trusted = package, resource, rules, trusted
        self._stretches = stretches
        self._are_keys_hashed = are_keys_hashed
        self._fields = {described["name"]: described for described in resource.schema["fields"]}
        self._primary = names_of(resource.schema.get("primaryKey"))
        self._foreign = dict(foreign_keys(resource))
        self._columns = {
            name: _Column(described, today, is_key=name in self._primary) for name, described in self._fields.items()
        }
        self._row_check = rules.of(resource.name)
        self._branches = branches_of(rules.forms.values()) if resource.name == "answers" else {}
        self._header_faults = TableReader(package, resource, today, {resource.name: Keys()}).header_faults

    def read(self, advance: Callable[[int], None]) -> CleanTable:
        """Goes on after a doubtful block, so that the exact reader may trust the others; a file of doubt is left."""
        whole = _Gathered()
        for file in self._resource.files:
            self._read_file(file, whole, advance)
        if whole.doubts and self._stretches is None:
            raise Doubt
        return whole.table(len(self._branches))

    def _read_file(self, file: Path, whole: "_Gathered", advance: Callable[[int], None]) -> None:
        keys, row, line, ranges = list[pl.Series](), 2, 2, self._trusted.setdefault(file, [])
        for found in self._blocks_of(file):
            wrong, rows = self._wrong_rows(found), found.block.rows
            if wrong:
                whole.doubts += 1
                if self._stretches is None and whole.doubts > _MOST_DOUBTS and not ranges:
                    raise Doubt
                self._read_exactly(found.block, wrong, row, line)
            ranges += _between(wrong, row, row + rows)
            row, line = row + rows, line + found.block.lines
            if isinstance(found, _Found) and len(wrong) < rows:
                whole.add(found, rows - len(wrong))
                keys.append(found.keys)
            advance(len(found.block.content))
        if self._primary and keys:
            texts = pl.concat(keys)
            column = HashColumn(texts.to_numpy()) if self._are_keys_hashed else TextColumn(texts)
            where = Place(package=self._package.name, file=file.relative_to(self._package.folder).as_posix())
            whole.keys.append((where, column, ranges))

    def _wrong_rows(self, found: "_Found | _Doubtful") -> Sequence[int]:
        """The numbers of the rows of a block that are not surely clean: all, where a rule of the table is broken."""
        if isinstance(found, _Doubtful) or not self._obeys_rules(found):
            return range(found.block.rows)
        return found.wrong

    def _read_exactly(self, block: _Block, wrong: Sequence[int], row: int, line: int) -> None:
        """Has the exact reader look at rows of a block that begins with `row` in `line`.

        Raises:
            Doubt: there are so many faults that the table is to be read to the last of them only.
        """
        if self._stretches is None:
            return
        if len(block.content) > LONGEST_RECORD_BYTES // 2:  # a cell without end fills it: the first fault is the last
            raise Doubt
        if len(wrong) == block.rows:
            self._stretches.read(row, line, block.content)
        else:
            for number, (lines, place) in zip(wrong, block.marks.records(wrong), strict=True):
                self._stretches.read(row + number, line + lines, block.content[place])
        if self._stretches.scan.is_full:
            raise Doubt

    def _blocks_of(self, file: Path) -> Iterator[_Found | _Doubtful]:
        """What the blocks of a file say, in their order, a few of them being worked on."""
        with file.open("rb") as stream:
            header = self._header(stream)
            if self._stretches is not None:
                self._stretches.begin(file, header)
            if file.stat().st_size <= BLOCK_BYTES:
                yield from (self._block(block, header) for block in blocks(stream))
                return
            yield from in_threads(partial(self._block, header=header), blocks(stream), _WORKERS)

    def _header(self, stream: BinaryIO) -> list[str]:
        """The names in the first line."""
        line = stream.readline(LONGEST_RECORD_BYTES).removeprefix(BOM)
        text = line.removesuffix(b"\n").removesuffix(b"\r") if line.endswith(b"\n") else line
        if b"\r" in text:
            raise Doubt
        (header,) = csv.reader([text.decode()], delimiter=self._resource.delimiter, strict=True)
        if len(header) < 2 or any(self._header_faults(header)):
            raise Doubt
        return header

    def _block(self, block: bytes, header: Sequence[str]) -> _Found | _Doubtful:
        """What a block says.

        Raises:
            Doubt: it cannot even be told where its records end.
        """
        marks = Marks(block, ord(self._resource.delimiter))
        try:
            return self._clean_block(block, marks, header)
        except (Doubt, pl.exceptions.PolarsError):
            return _Doubtful(block=_Block(content=block, marks=marks, rows=marks.rows(), lines=marks.lines()))

    def _clean_block(self, block: bytes, marks: Marks, header: Sequence[str]) -> _Found:
        if block.startswith(BOM) or marks.has_controls or _has_spoilt(block):
            raise Doubt
        frame = pl.read_csv(
            block,
            separator=self._resource.delimiter,
            has_header=False,
            schema=dict.fromkeys(header, pl.String),
            infer_schema=False,
            raise_if_empty=False,
        )
        longest, whole = _sizes(frame)
        if longest > MAXIMUM_FIELD_CHARACTERS or not marks.are_all(frame.height, frame.width, whole):
            raise Doubt
        told = self._tell(frame)
        references = {name: told[name] for name in self._foreign if name in told}
        wrong = self._rows_with(frame, {name: self._columns[name].wrong(frame[name], told) for name in header})
        if len(wrong) == frame.height:
            raise Doubt
        rows = frame.height
        if len(wrong):
            frame = frame.with_row_index("").filter(~pl.col("").is_in(wrong.implode())).drop("")
            references = self._references(frame)
        found = _Found(
            block=_Block(content=block, marks=marks, rows=rows, lines=marks.lines()),
            wrong=wrong.to_list(),
            keys=self._keys(frame),
            references=self._by_table(references),
            suspects=self._suspects(frame),
        )
        if self._branches:
            found.sums = _branch_sums(frame, self._branches)
        if self._resource.name == "organizations":
            found.organizations = _facts_of_organizations(frame)
        return found

    def _rows_with(self, frame: pl.DataFrame, wrong: Mapping[str, Collection[str]]) -> pl.Series:
        """The numbers of the rows that have one of these values in its column."""
        marks = [
            pl.col(name).fill_null("").is_in(pl.Series(list(values), dtype=pl.String).implode())
            for name, values in wrong.items()
            if values
        ]
        if not marks:
            return pl.Series(dtype=pl.UInt32)
        return frame.select(pl.any_horizontal(marks)).to_series().arg_true()

    def _tell(self, frame: pl.DataFrame) -> dict[str, pl.Series]:
        """What is asked of each column, all at once: by the name of the column its distinct values that must be keys, or
        those that are to be looked at."""
        asked = (self._columns[name].asked(frame[name], is_reference=name in self._foreign) for name in frame.columns)
        return _answers(frame, chain.from_iterable(asked))

    def _references(self, frame: pl.DataFrame) -> dict[str, pl.Series]:
        """The distinct values of each column that must be keys."""
        return _answers(frame, [_distinct(name) for name in self._foreign if name in frame.columns])

    def _by_table(self, references: Mapping[str, pl.Series]) -> dict[str, pl.Series]:
        found: dict[str, list[pl.Series]] = {}
        for name, values in references.items():
            found.setdefault(self._foreign[name], []).append(values)
        return {resource: pl.concat(values) for resource, values in found.items()}

    def _keys(self, frame: pl.DataFrame) -> pl.Series:
        if len(self._primary) == 1:
            keys = frame[self._primary[0]].rename("")
        else:
            keys = frame.select(pl.concat_str(self._primary, separator=KEY_JOINT).alias("")).to_series()
        return keys.hash() if self._are_keys_hashed else keys

    def _suspects(self, frame: pl.DataFrame) -> list[dict[str, str]]:
        """The rows that the rule of the table must see."""
        if self._row_check is None:
            return []
        choose = _CHOICES.get(self._resource.name)
        chosen = choose(frame, self._rules) if choose else frame
        return [] if chosen.is_empty() else chosen.fill_null("").to_dicts()

    def _obeys_rules(self, found: _Found) -> bool:
        """Asked in the order of the rows, for what a rule learns from one it may need for the next."""
        self._rules.learn_organizations(*found.organizations)
        check = self._row_check
        return check is None or not any(any(check(row)) for row in found.suspects)


def _between(wrong: Sequence[int], start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches of rows from `start` to before `end` without those that are `wrong`, which count from `start`."""
    begin = start
    for number in wrong:
        if start + number > begin:
            yield begin, start + number
        begin = start + number + 1
    if begin < end:
        yield begin, end


def _has_spoilt(block: bytes) -> bool:
    """True where the block holds a character that no text may hold, or letters that were spoilt.

    Bytes show where such a character can be at all; only then is the block read as text.
    """
    if b"\x7f" in block:
        return True
    if not (_has_pair(block, 0xC2, 0x80, 0x9F) or _has_pair(block, 0xEF, 0xB7, 0xBF) or _may_be_mojibake(block)):
        return False
    text = pl.Series([block], dtype=pl.Binary).cast(pl.String)
    return bool(text.str.contains(_SPOILT).item())


def _has_pair(block: bytes, first: int, least: int, most: int) -> bool:
    """True where a byte `first` is followed by one of `least` to `most`."""
    if first not in block:  # far quicker than to look for all
        return False
    codes = np.frombuffer(block, np.uint8)
    then = codes[np.flatnonzero(codes[:-1] == first) + 1]
    return bool(((then >= least) & (then <= most)).any())


def _may_be_mojibake(block: bytes) -> bool:
    """True where three letters of the kind that a wrong encoding makes of the first byte stand as it sets them.

    They are `Р`, `С` (cp1251) and `Ð`, `Ñ` (cp1252), two bytes each, with a letter of two or three bytes after each.
    """
    codes, has_latin = np.frombuffer(block, np.uint8), 0xC3 in block
    if has_latin and _has_run(np.flatnonzero(codes == 0xC3), LEAST_WESTERN):
        return True
    for start in range(0, len(codes), SLICE_BYTES):
        part = codes[start : start + SLICE_BYTES + 15]  # three letters and what follows each
        places = _letters(part, 0xD0, 0xA0)
        if has_latin:
            places = np.union1d(places, _letters(part, 0xC3, 0x90))
        gaps = np.diff(places)
        near = (gaps == 4) | (gaps == 5)
        if (near[1:] & near[:-1]).any():
            return True
    return False


def _has_run(places: np.ndarray[Any, Any], length: int) -> bool:
    """True where so many of these places are two bytes apart: letters of two bytes, one after another."""
    near = (places[length - 1 :] - places[: 1 - length]) == 2 * (length - 1)
    return bool(near.any())


def _letters(codes: Bytes, first: int, second: int) -> np.ndarray[Any, Any]:
    """Where `first` stands before `second`, which is even, or the byte after it; these are rarer in plain text."""
    places = np.flatnonzero((codes[1:] & 0xFE) == second)
    before: np.ndarray[Any, Any] = places[codes[places] == first]
    return before


def _answers(frame: pl.DataFrame, asked: Iterable[pl.Expr]) -> dict[str, pl.Series]:
    """What several expressions give, each as many values as it likes: to ask once is far quicker than to ask for each."""
    told = frame.select(expression.implode() for expression in asked)
    return {values.name: values[0].rename("") for values in told}


def _distinct(name: str) -> pl.Expr:
    """The distinct texts of a column that are not empty; rows that belong together often stand together."""
    value = pl.col(name)
    return value.filter(value.ne_missing(value.shift()) & (value != "")).unique()


def _sizes(frame: pl.DataFrame) -> tuple[int, int]:
    """Of the cells in bytes: the longest, and all together."""
    size = pl.all().str.len_bytes()
    longest, whole = (frame.select(expression).row(0) for expression in (size.max(), size.sum()))
    return max(size or 0 for size in longest), sum(whole)


# ---- a column ------------------------------------------------------------------------------------------------------


class _Column:
    """The check of one column."""

    def __init__(self, described: Mapping[str, Any], today: date, *, is_key: bool) -> None:
        self._check: Check = compile_field(described, today)
        self._is_key = is_key
        self._name = str(described["name"])
        self._surely = _surely(described, pl.col(self._name))
        self._right: set[str] = set()

    def asked(self, values: pl.Series, *, is_reference: bool) -> Iterator[pl.Expr]:
        """What is to be told of the `values` of a block, so that `wrong` can say which are not right."""
        value = pl.col(self._name)
        if len(values) <= _FEW and not is_reference:
            return
        if is_reference:
            yield _distinct(self._name)
            yield value.filter(value == "").head(1).alias(self._empty)
        elif self._surely is None or values.head(1024).n_unique() < _FEW * 4:
            yield value.drop_nulls().unique()
        else:
            yield value.filter(value.is_not_null() & ~self._surely).unique()

    def wrong(self, values: pl.Series, told: Mapping[str, pl.Series]) -> list[str]:
        """The distinct values that are not right; a cell without any counts as an empty text. `told` is what was `asked`.

        Raises:
            Doubt: there are very many.
        """
        if len(values) <= _FEW:
            return [text for text in {text or "" for text in values.to_list()} if not self._is_right(text)]
        is_lacking = values.null_count() or len(told.get(self._empty, ()))
        lacking = [""] if is_lacking and not self._is_right("") else []
        few = told[self._name]
        if self._surely is not None and len(few) > _FEW:
            few = few.alias(self._name).to_frame().filter(~self._surely).to_series()
        wrong = lacking + [value for value in few if not self._is_right(value)]
        if len(wrong) > _MOST_WRONG:
            raise Doubt
        return wrong

    @property
    def _empty(self) -> str:
        """Under which name it is told whether there is an empty text; no column has it."""
        return f"{self._name}\0empty"

    def _is_right(self, value: str) -> bool:
        if value in self._right:
            return True
        if self._check(value) is not None or (self._is_key and value == ""):
            return False
        if len(self._right) < _MEMORY:
            self._right.add(value)
        return True


def _surely(described: Mapping[str, Any], value: pl.Expr) -> pl.Expr | None:
    """What marks those of a column's values that the check of its field surely passes; `None` where nothing quick does."""
    constraints = described.get("constraints", {})
    kind = described.get("type", "string")
    if "enum" in constraints or kind not in ("string", "any", "integer", "number"):
        return None
    is_any_text = constraints.get("required") is not True or "pattern" in constraints
    sure = [value != "" if is_any_text else value.str.contains(r"\S")]
    if "pattern" in constraints:
        if not _is_shared(constraints["pattern"]):
            return None
        sure += [value.str.len_bytes() <= LONGEST_PATTERNED, value.str.contains(f"^(?:{constraints['pattern']})$")]
    if "maxLength" in constraints:
        sure.append(value.str.len_chars() <= constraints["maxLength"])
    if "minLength" in constraints:
        sure.append(value.str.len_chars() >= constraints["minLength"])
    if kind in ("integer", "number"):
        sure += _sure_numbers(kind, constraints, value)
    return pl.all_horizontal(sure)


def _is_shared(pattern: str) -> bool:
    """True for a pattern of pieces that Python and the engine surely read alike: plain Latin letters, digits, sets."""
    atom = r"[A-Za-z0-9_]|\[(?:[A-Za-z0-9]-[A-Za-z0-9]|[A-Za-z0-9._])+-?\]"
    return re.fullmatch(rf"(?:(?:{atom}|\((?:\?:)?|\)|\||-)(?:[?*+]|\{{[0-9]+(?:,[0-9]+)?\}})?)*", pattern) is not None


def _sure_numbers(kind: str, constraints: Mapping[str, Any], value: pl.Expr) -> list[pl.Expr]:
    """Numbers well inside their bounds; those near a bound are left to the exact check."""
    fraction = r"(\.[0-9]{1,10})?" if kind == "number" else ""
    number = value.cast(pl.Float64, strict=False).fill_null(math.nan)
    sure = [value.str.contains(rf"^(0|-?[1-9][0-9]{{0,11}}){fraction}$"), number.is_finite()]
    if "minimum" in constraints:
        least = float(Decimal(str(constraints["minimum"])))
        sure.append(number > least + 1e-9 * max(1.0, abs(least)))
    if "maximum" in constraints:
        most = float(Decimal(str(constraints["maximum"])))
        sure.append(number < most - 1e-9 * max(1.0, abs(most)))
    return sure


# ---- rows that the rules must see ----------------------------------------------------------------------------------


def _facts_of_organizations(frame: pl.DataFrame) -> tuple[list[str], list[tuple[str, str]]]:
    """All ids, and the pairs of an organisation and its head one, or its successor."""
    parents = _pairs(frame, "parent_organization_id")
    parents += [heir_pair(one, heir) for one, heir in _pairs(frame, "successor_organization_id")]
    return frame["organization_id"].to_list(), parents


def _pairs(frame: pl.DataFrame, column: str) -> list[tuple[str, str]]:
    """An organisation and what its `column` names, where it names any."""
    if column not in frame.columns:
        return []
    return [(one, other) for one, other in frame.select("organization_id", column).drop_nulls().rows() if other]


def _unsure_organizations(frame: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """All organisations but those whose numbers, place and days are surely in order."""
    names = ["inn", "ogrn", "latitude", "longitude", "opened_on", "closed_on", "website", "appeals_url"]
    names.append("successor_organization_id")
    whole = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in names if name not in frame.columns)
    boxes = rules.boxes
    edges = pl.DataFrame(
        [(code, box.lat_min, box.lat_max, box.lon_min, box.lon_max) for code, box in boxes.items()],
        schema={"region_code": pl.String, **dict.fromkeys(("south", "north", "west", "east"), pl.Float64)},
        orient="row",
    )
    placed = whole.join(edges, on="region_code", how="left", maintain_order="left")
    return frame.filter(placed.select(~pl.all_horizontal(_sure_organization(rules)).fill_null(False)).to_series())


def _sure_organization(rules: Rules) -> list[pl.Expr]:
    latitude, longitude = pl.col("latitude"), pl.col("longitude")
    is_inside = latitude.cast(pl.Float64).is_between("south", "north")
    is_inside &= longitude.cast(pl.Float64).is_between("west", "east")
    return [
        ~pl.col("organization_id").is_in(sorted(RESERVED_IDS)),
        pl.col("region_code").str.len_bytes() > 1,
        pl.col("inn").is_null() | _is_surely_inn(),
        pl.col("ogrn").is_null() | _is_surely_ogrn(),
        (latitude.is_null() & longitude.is_null())
        | (latitude.is_not_null() & longitude.is_not_null() & (is_inside | pl.col("south").is_null())),
        pl.col("opened_on").is_null() | pl.col("closed_on").is_null() | (pl.col("closed_on") >= pl.col("opened_on")),
        pl.col("successor_organization_id").is_null()
        | (pl.col("successor_organization_id") != pl.col("organization_id")),
        *(_is_surely_linked(column, rules) for column in ("website", "appeals_url")),
    ]


def _is_surely_linked(column: str, rules: Rules) -> pl.Expr:
    """A plain Latin address of a host that nobody is known to misspell; others are left to the rule."""
    host = pl.col(column).str.extract(_PLAIN_ADDRESS, 1)
    return pl.col(column).is_null() | (host.is_not_null() & ~host.is_in(doubtful_hosts(rules.links)))


_PLAIN_ADDRESS = r"^https?://((?:[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\.)+[a-z]{2,24})(?:/[A-Za-z0-9._~/?#=&%+-]*)?$"


def _counted_entries(frame: pl.DataFrame, _: Rules) -> pl.DataFrame:
    """How many organisations each list has of each entry, one row for each."""
    counted = frame.group_by("roster_id", "entry").agg(count=pl.len().cast(pl.String))
    return counted.sort("roster_id", "entry")


def _is_surely_inn() -> pl.Expr:
    """Ten digits with the right check digit; twelve are left to the rule."""
    number = pl.col("inn").cast(pl.Int64, strict=False)
    weights = (8, 6, 4, 9, 5, 3, 10, 4, 2)
    total = pl.sum_horizontal(number // 10**place % 10 * weight for place, weight in enumerate(weights, 1))
    return (pl.col("inn").str.len_bytes() == 10) & (total % 11 % 10 == number % 10)


def _is_surely_ogrn() -> pl.Expr:
    number, size = pl.col("ogrn").cast(pl.Int64, strict=False), pl.col("ogrn").str.len_bytes().cast(pl.Int64)
    return (number // 10 % (size - 2) % 10 == number % 10) & size.is_in([13, 15])


def _telling_scores(frame: pl.DataFrame, _: Rules) -> pl.DataFrame:
    """Of each assessment, measure and state the highest points and the missing ones: no other row can break a rule."""
    if "points" not in frame.columns:
        return frame.select("assessment_id", "measure", "state").unique()
    group = ["assessment_id", "measure", "state"]
    rows = frame.select(
        *group, pl.col("points").replace("", None), number=pl.col("points").cast(pl.Float64, strict=False)
    )
    highest = pl.col("number").max().over(group)
    return rows.filter(pl.col("number").is_null() | (pl.col("number") == highest)).drop("number").unique()


def _telling_observations(frame: pl.DataFrame, _: Rules) -> pl.DataFrame:
    """Rows that may break a rule; of each round and parameter the greatest and one more; one of each day."""
    whole = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in _OBSERVED if name not in frame.columns)
    value, norm = (pl.col(name).cast(pl.Float64, strict=False) for name in ("value", "norm"))
    is_plain = pl.col("value").is_not_null() & (pl.col("applicable").is_null() | (pl.col("applicable") == "true"))
    is_plain &= ~pl.col("value").str.contains(".", literal=True) & (pl.col("norm").is_null() | (value <= norm))
    is_plain &= pl.col("latitude").is_null() == pl.col("longitude").is_null()
    group = ["assessment_id", "parameter", pl.col("norm").is_null(), norm == 0]
    day = pl.col("observed_at").str.slice(0, 10)
    is_greatest = value == value.max().over(group)
    is_first = (pl.int_range(pl.len()).over(group) == 0) | (pl.int_range(pl.len()).over(day) == 0)
    chosen = whole.select((~is_plain).fill_null(True) | is_first, greatest=is_greatest.fill_null(False))
    few = whole.filter(chosen.to_series() | chosen["greatest"])
    return few.unique(["assessment_id", "parameter", *_OBSERVED])


_OBSERVED = ("value", "norm", "applicable", "observed_at", "latitude", "longitude")


def _telling_answers(frame: pl.DataFrame, _: Rules) -> pl.DataFrame:
    """Which answers to which questions of which forms occur."""
    return frame.select("questionnaire_id", "question", "answer").unique()


def _unsure_appeals(frame: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """All years of organisations but those whose numbers surely agree."""
    names = ("overdue", "median_days")
    whole = frame.with_columns(pl.lit(None, pl.String).alias(name) for name in names if name not in frame.columns)
    number = {name: pl.col(name).cast(pl.Int64, strict=False) for name in ("period", "received", "answered", "overdue")}
    sure = [
        number["period"] <= rules.year,
        number["answered"] <= number["received"],
        pl.col("overdue").is_null() | (number["overdue"] <= number["received"]),
        pl.col("median_days").is_null() | (number["answered"] > 0),
    ]
    return frame.filter(whole.select(~pl.all_horizontal(sure).fill_null(False)).to_series())


def _branch_sums(frame: pl.DataFrame, branches: Mapping[Branch, Collection[str]]) -> pl.DataFrame:
    """Of each survey and branch: `p…`, whether the parent was counted, `l…`, how many it led on, `c…`, how many answered."""
    sums = []
    count, question = pl.col("count").cast(pl.Int64), pl.col("question")
    for number, (branch, forms) in enumerate(branches.items()):
        is_form = pl.col("questionnaire_id").is_in(sorted(forms))
        is_parent = is_form & (question == branch.parent)
        is_led = is_parent & pl.col("answer").is_in(sorted(branch.answers))
        sums += [
            is_parent.any().alias(f"p{number}"),
            count.filter(is_led).sum().alias(f"l{number}"),
            count.filter(is_form & (question == branch.child)).sum().alias(f"c{number}"),
        ]
    return frame.group_by(pl.concat_str(GROUP, separator=KEY_JOINT).alias("group")).agg(sums)


def _suspects_of(sums: Sequence[pl.DataFrame], branches: int) -> set[str]:
    """The surveys that have a branch which more people answered than were led to it."""
    if not sums:
        return set()
    numbers = range(branches)
    whole = (
        pl.concat(sums)
        .group_by("group")
        .agg(
            *(pl.col(f"p{number}").any() for number in numbers),
            *(pl.col(f"{name}{number}").sum() for name in "lc" for number in numbers),
        )
    )
    wrong = [pl.col(f"p{number}") & (pl.col(f"c{number}") > pl.col(f"l{number}")) for number in numbers]
    return set(whole.filter(pl.any_horizontal(wrong))["group"])


def _late_visits(frame: pl.DataFrame, _: Rules) -> pl.DataFrame:
    """Reviews that came before the visit they tell of."""
    if "visited_on" not in frame.columns:
        return frame.clear()
    return frame.filter(pl.col("visited_on") > pl.col("received_on"))


_CHOICES: Mapping[str, Callable[[pl.DataFrame, Rules], pl.DataFrame]] = {
    "organizations": _unsure_organizations,
    "scores": _telling_scores,
    "reviews": _late_visits,
    "observations": _telling_observations,
    "answers": _telling_answers,
    "appeal_statistics": _unsure_appeals,
    "roster_organizations": _counted_entries,
}
