"""What search and "near me" are made from, kept beside the warehouse and brought up to date by what has changed.

An inverted index: for every term the organisations that have it, spread over shards by the hash of the term; for every
organisation a short record, spread by its own hash; for every cell of the map the organisations in it. Where a row goes
follows from the row alone, so a changed organisation touches some dozens of shards, and a store that was brought up to
date says the same as one made anew. A mark for each shard, summed from its rows, tells whether it has changed.
"""

import sqlite3
import struct
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple, Self

from nok.latin import skeleton
from nok.records import record
from nok.search_text import (
    UNSAID,
    hash_of,
    is_number,
    pair,
    ref_of,
    signature_of,
    spelling_hashes,
    terms_of_all,
    words_of,
)
from nok.settlements import bare_name
from nok.warehouse_pack import digest

FORMAT = "nok-search-3"

PER_SHARD = 16
"""At most about so many records lie in one shard; there are as many shards of terms and of spellings as of records."""

CELLS_PER_DEGREE = 20
"""A cell of the map is a twentieth of a degree wide and high: 5.6 km from south to north, 3.2 km across in Moscow."""

BATCH = 2_000

AREAS = "all"
"""The name of the file that lists the square degrees."""

_ENTRY = struct.Struct("<IIIHHB")
"""Number with the length of the name above it, signature (low, high), region, kind, band."""

_ANY_DISTRICT = frozenset(
    "район округ городской муниципальный сельский сельское поселение сельсовет наслег улус".split()
)
"""Words that thousands of municipalities are called by: no place is looked for by them."""

_MARK = (1 << 62) - 1

_TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE docs (doc INTEGER PRIMARY KEY, organization_id TEXT UNIQUE, stamp TEXT, mark INTEGER,
    record_mark INTEGER, ref INTEGER, shard INTEGER, cell TEXT, latitude REAL, longitude REAL, stands TEXT, terms TEXT, entry BLOB, record TEXT);
CREATE TABLE postings (shard INTEGER, term TEXT, doc INTEGER, named INTEGER, PRIMARY KEY (shard, term, doc))
    WITHOUT ROWID;
CREATE TABLE spellings (shard INTEGER, term TEXT, PRIMARY KEY (shard, term)) WITHOUT ROWID;
CREATE TABLE terms (term TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;
CREATE TABLE stands (place TEXT, doc INTEGER, PRIMARY KEY (place, doc)) WITHOUT ROWID;
CREATE TABLE places (shard INTEGER, place TEXT, number INTEGER, PRIMARY KEY (shard, place)) WITHOUT ROWID;
CREATE TABLE marks (kind TEXT, shard TEXT, mark INTEGER, number INTEGER, PRIMARY KEY (kind, shard)) WITHOUT ROWID;
"""
_INDEXES = """
CREATE INDEX docs_by_shard ON docs (shard, ref);
CREATE INDEX docs_by_cell ON docs (cell);
"""


@record
class SearchEntry:
    """What the search knows of one organisation.

    `names`, `kinds` and `places` are texts whose words find it; `streets` too, but their numbers do not; `numbers` are
    identifiers. `region` and `kind` are what filters choose by, `band` is 0 to 5. `stands` are the places that it is near
    to: (region, district or nothing, municipality or settlement, its names in English…). `record` is the JSON that a result is shown from.
    """

    organization_id: str
    stamp: str
    names: tuple[str, ...]
    kinds: tuple[str, ...]
    places: tuple[str, ...]
    streets: tuple[str, ...]
    numbers: tuple[str, ...]
    region: str
    kind: str
    band: int
    latitude: float | None
    longitude: float | None
    stands: tuple[tuple[str, ...], ...]
    record: str


class Posting(NamedTuple):
    """A term of an organisation; `named` is 1 where it stands in its name."""

    term: str
    named: int


class Shard(NamedTuple):
    """A file that should stand: its kind, its name among those, and a mark that differs when its content does.

    Kinds: `p` terms, `w` spellings, `r` records, `n` a cell of the map, `a` a square degree of cells, `l` places.
    """

    kind: str
    name: str
    mark: str


def shards_for(organizations: int) -> int:
    """A power of two: the shards of a register of this size; it changes when the register doubles.

    >>> shards_for(0), shards_for(400), shards_for(200_000)
    (1, 32, 16384)
    """
    return 1 << max(0, -(-organizations // PER_SHARD) - 1).bit_length()


def place_shards(shards: int) -> int:
    """The files of place names that go with so many shards of records."""
    return max(1, shards // 64)


def cell_of(latitude: float, longitude: float) -> str:
    """The cell that a point lies in, counted from the south pole and the antimeridian.

    >>> cell_of(55.75, 37.61)
    '2915_4352'
    """
    return f"{int((latitude + 90) * CELLS_PER_DEGREE)}_{int((longitude + 180) * CELLS_PER_DEGREE)}"


def area_of(cell: str) -> str:
    """The square degree that a cell lies in.

    >>> area_of("2915_4352")
    '145_217'
    """
    south, west = map(int, cell.split("_"))
    return f"{south // CELLS_PER_DEGREE}_{west // CELLS_PER_DEGREE}"


def postings_of(entry: SearchEntry) -> list[Posting]:
    """The terms of an organisation, and pairs of terms for questions whose single words fit thousands.

    A number is paired with every word of name, kind and municipality («школа 12»), a word of the kind with the others of
    the kind and with each of the place («детский сад, Казань»).
    """
    named, kinds = terms_of_all(entry.names), terms_of_all(entry.kinds)
    places, streets = (
        {term: None for term in terms_of_all(texts) if not is_number(term)} for texts in (entry.places, entry.streets)
    )
    found = [Posting(term, 1) for term in named]
    found += [Posting(term, 0) for term in (kinds | places | streets) if term not in named]
    found += [Posting(number, 1) for number in entry.numbers if number not in named]
    pairs = {
        pair(number, term) for number in named if is_number(number) for term in named | kinds | places if term != number
    }
    pairs |= {pair(kind, place) for kind in kinds for place in kinds | places if kind != place}
    return found + [Posting(text, 0) for text in sorted(pairs)]


class SearchStore:
    """The store of one publication."""

    def __init__(self, path: Path) -> None:
        """Opens it for reading."""
        self._base = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        meta = dict(self._base.execute("SELECT name, value FROM meta"))
        self.shards = int(meta["shards"])

    def close(self) -> None:
        self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def files(self) -> Iterator[Shard]:
        """Every file of search and of "near me". Shards of terms, spellings and records stand even when they are empty: a
        browser that asks for one is answered."""
        marks = {(kind, name): mark for kind, name, mark in self._base.execute("SELECT kind, shard, mark FROM marks")}
        names = [(kind, str(number)) for kind in "prw" for number in range(self.shards)]
        names += [("l", str(number)) for number in range(place_shards(self.shards))]
        names += sorted((kind, name) for kind, name in marks if kind in "an")
        for kind, name in names:
            yield Shard(kind, name, f"{marks.get((kind, name), 0):x}")
        areas = (name for kind, name in names if kind == "a")
        yield Shard("a", AREAS, digest(*areas))

    def areas(self) -> list[str]:
        """The square degrees in which there is an organisation."""
        return [name for (name,) in self._base.execute("SELECT shard FROM marks WHERE kind = 'a' ORDER BY shard")]

    def postings(self, shard: int) -> Iterator[tuple[str, list[tuple[bytes, int]]]]:
        """(term, its organisations: (entry, whether the term is in the name)) of one shard, terms in order."""
        rows = self._base.execute(
            "SELECT term, entry, named FROM postings JOIN docs USING (doc) WHERE postings.shard = ?"
            " ORDER BY term, ref, organization_id",
            (shard,),
        )
        for term, found in groupby(rows, key=itemgetter(0)):
            yield term, [(entry, named) for _, entry, named in found]

    def spellings(self, shard: int) -> list[tuple[str, int]]:
        """(term, size: the number of binary digits of how many have it) of one shard of the dictionary."""
        rows = self._base.execute(
            "SELECT term, number FROM spellings JOIN terms USING (term) WHERE shard = ? ORDER BY term", (shard,)
        )
        return [(term, number.bit_length()) for term, number in rows]

    def records(self, shard: int) -> list[tuple[int, str]]:
        """(number in the index, record) of one shard."""
        return self._base.execute(
            "SELECT ref, record FROM docs WHERE shard = ? ORDER BY ref, organization_id", (shard,)
        ).fetchall()

    def cell(self, cell: str) -> list[str]:
        """The records of the organisations in a cell of the map."""
        rows = self._base.execute("SELECT record FROM docs WHERE cell = ? ORDER BY organization_id", (cell,))
        return [text for (text,) in rows]

    def area(self, area: str) -> list[tuple[str, int]]:
        """(cell, organisations) of the cells of a square degree."""
        south, west = map(int, area.split("_"))
        names = [
            f"{south * CELLS_PER_DEGREE + row}_{west * CELLS_PER_DEGREE + column}"
            for row in range(CELLS_PER_DEGREE)
            for column in range(CELLS_PER_DEGREE)
        ]
        rows = self._base.execute(
            f"SELECT cell, count(*) FROM docs WHERE cell IN ({','.join('?' * len(names))}) GROUP BY cell ORDER BY cell",
            names,
        )
        return rows.fetchall()

    def places(self, shard: int) -> list[tuple[tuple[str, ...], list[tuple[float, float]], int]]:
        """((region, district, name, names in English…), points of its organisations, organisations) of one shard of place names."""
        rows = self._base.execute(
            "SELECT places.place, latitude, longitude FROM places JOIN stands USING (place) JOIN docs USING (doc)"
            " WHERE places.shard = ? ORDER BY places.place, latitude, longitude",
            (shard,),
        )
        found = ((place, list(group)) for place, group in groupby(rows, key=itemgetter(0)))
        return [
            (tuple(place.split("\t")), [(row[1], row[2]) for row in group if None not in row], len(group))
            for place, group in found
        ]


# ---- filling -------------------------------------------------------------------------------------------------------


def update_search(
    path: Path,
    frame: str,
    number: int,
    stamps: Iterable[tuple[int, str, str]],
    entries: Callable[[Sequence[int]], Iterable[SearchEntry]],
) -> None:
    """Makes the store at `path` say what the warehouse says; a failure leaves it as it was.

    `stamps` gives (key, organisation, stamp) of all the `number` organisations, `entries` the entries of some keys. `frame`
    is a digest of whatever shapes entries besides data: another one, or a register that has doubled, and all is made anew.
    """
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    head = digest(FORMAT, frame, str(shards_for(number)))
    if _head(path) == head:
        with closing(sqlite3.connect(path)) as base:
            _Filling(base, shards_for(number)).follow(stamps, entries)
        return
    with closing(sqlite3.connect(beside)) as base:
        base.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -64000;" + _TABLES)
        shards = shards_for(number)
        base.executemany("INSERT INTO meta VALUES (?, ?)", (("head", head), ("shards", str(shards))))
        _Filling(base, shards).follow(stamps, entries, is_new=True)
    beside.replace(path)


def _head(path: Path) -> str | None:
    """What the store was made under; `None` where there is none that can be read."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(path)) as base:
            row = base.execute("SELECT value FROM meta WHERE name = 'head'").fetchone()
            return row[0] if row else None
    except sqlite3.DatabaseError:
        return None


class _Where(NamedTuple):
    """Where an organisation stands besides its terms, and the digests of what its postings and its record say."""

    mark: int
    record_mark: int
    shard: int
    cell: str
    stands: str


class _Filling:
    """One change of the store: organisations that are gone or another are taken out, the others are put in."""

    def __init__(self, base: sqlite3.Connection, shards: int) -> None:
        self._base, self._shards = base, shards
        self._marks: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._term_marks = [0] * shards
        self._numbers: Counter[str] = Counter()
        self._places: Counter[tuple[int, str]] = Counter()

    def follow(
        self,
        stamps: Iterable[tuple[int, str, str]],
        entries: Callable[[Sequence[int]], Iterable[SearchEntry]],
        *,
        is_new: bool = False,
    ) -> None:
        base = self._base
        if is_new:  # rows come by organisation and lie by shard: they are sorted once, at the end
            base.execute("CREATE TEMP TABLE postings (shard INTEGER, term TEXT, doc INTEGER, named INTEGER)")
        changed, gone = self._changes(stamps)
        for doc in gone:
            self._take_out(doc)
        for first in range(0, len(changed), BATCH):
            self._put_in(entries(changed[first : first + BATCH]))
        self._settle_terms()
        self._settle_marks()
        if is_new:
            base.execute("INSERT INTO main.postings SELECT * FROM temp.postings ORDER BY shard, term, doc")
            base.execute("DROP TABLE temp.postings")
            base.executescript(_INDEXES)
        base.commit()

    def _changes(self, stamps: Iterable[tuple[int, str, str]]) -> tuple[Sequence[int], list[int]]:
        """The keys that are new or another, in order, and what stands here for them or for nobody any more."""
        known = dict(self._base.execute("SELECT organization_id, stamp FROM docs"))
        changed, gone = array("q"), list[str]()
        for key, organization_id, stamp in stamps:
            before = known.pop(organization_id, None)
            if before != stamp:
                changed.append(key)
                gone += [organization_id] if before is not None else []
        names = ((one,) for one in sorted((*gone, *known)))
        docs = [
            self._base.execute("SELECT doc FROM docs WHERE organization_id = ?", name).fetchone()[0] for name in names
        ]
        return sorted(changed), docs

    def _take_out(self, doc: int) -> None:
        row = self._base.execute(
            "SELECT mark, record_mark, shard, cell, stands, terms FROM docs WHERE doc = ?", (doc,)
        ).fetchone()
        *where, terms = row
        lines = (line.rpartition(" ") for line in terms.split("\n") if line)
        found = self._hashed(Posting(term, int(named)) for term, _, named in lines)
        self._count(_Where(*where), found, -1)
        rows = ((shard, term, doc) for _, shard, term, _ in found)
        self._base.executemany("DELETE FROM postings WHERE shard = ? AND term = ? AND doc = ?", rows)
        stands = ((place, doc) for place in _Where(*where).stands.splitlines())
        self._base.executemany("DELETE FROM stands WHERE place = ? AND doc = ?", stands)
        self._base.execute("DELETE FROM docs WHERE doc = ?", (doc,))

    def _put_in(self, entries: Iterable[SearchEntry]) -> None:
        docs: list[tuple[Any, ...]] = []
        postings: list[tuple[int, str, int, int]] = []
        stands: list[tuple[str, int]] = []
        last = self._base.execute("SELECT coalesce(max(doc), 0) FROM docs").fetchone()[0]
        for doc, entry in enumerate(entries, start=last + 1):
            found = postings_of(entry)
            hashed = self._hashed(found)
            ref = ref_of(entry.organization_id)
            shard, packed = ref & self._shards - 1, _pack(entry, ref, found)
            cell = ""
            if entry.latitude is not None and entry.longitude is not None:
                cell = cell_of(entry.latitude, entry.longitude)
            where = _Where(
                mark=int(digest(packed.hex()), 16),
                record_mark=int(digest(entry.record), 16),
                shard=shard,
                cell=cell,
                stands="\n".join("\t".join(" ".join(part.split()) for part in place) for place in entry.stands),
            )
            self._count(where, hashed, 1)
            terms = "\n".join([f"{term} {named}" for term, named in found])
            marks = (where.mark, where.record_mark, ref, shard, cell)
            place = (entry.latitude, entry.longitude, where.stands)
            docs.append((doc, entry.organization_id, entry.stamp, *marks, *place, terms, packed, entry.record))
            stands += [(each, doc) for each in where.stands.splitlines()]
            postings += [(shard, term, doc, named) for _, shard, term, named in hashed]
        self._base.executemany(f"INSERT INTO docs VALUES ({','.join('?' * 14)})", docs)
        self._base.executemany("INSERT INTO postings VALUES (?, ?, ?, ?)", postings)
        self._base.executemany("INSERT OR IGNORE INTO stands VALUES (?, ?)", stands)

    def _hashed(self, found: Iterable[Posting]) -> list[tuple[int, int, str, int]]:
        """(hash, shard, term, named) of each."""
        last = self._shards - 1
        return [((value := hash_of(term)), value & last, term, named) for term, named in found]

    def _count(self, where: "_Where", found: Sequence[tuple[int, int, str, int]], sign: int) -> None:
        """Adds an organisation to the marks of everything it stands in, or takes it from there."""
        marks, mark = self._term_marks, where.mark
        for value, shard, _, named in found:
            marks[shard] += sign * (mark * (value | 1) + named)
        change = self._numbers.update if sign > 0 else self._numbers.subtract
        change([term for _, _, term, _ in found if " " not in term and not is_number(term)])
        self._mark("r", where.shard, where.record_mark, sign)
        if where.cell:
            self._mark("n", where.cell, where.record_mark, sign)
            self._mark("a", area_of(where.cell), hash_of(where.cell), sign)
        for place in where.stands.splitlines():
            for key in _place_shards(place, self._shards):
                self._mark("l", key, where.record_mark, sign)
                self._places[key, place] += sign

    def _mark(self, kind: str, shard: int | str, value: int, sign: int) -> None:
        found = self._marks[kind, str(shard)]
        found[0] += sign * value
        found[1] += sign

    def _settle_terms(self) -> None:
        """Puts terms into the dictionary, takes them out, and marks shards that say another size of one."""
        known = dict(self._base.execute("SELECT term, number FROM terms")) if len(self._numbers) > BATCH else None
        terms: list[tuple[str, int]] = []
        came: list[tuple[int, str]] = []
        went: list[tuple[int, str]] = []
        for term, change in self._numbers.items():
            before = known.get(term, 0) if known is not None else self._number(term)
            after = before + change
            terms.append((term, after))
            old, new = before.bit_length(), after.bit_length()
            if old == new:
                continue
            for shard in {value & self._shards - 1 for value in spelling_hashes(term)}:
                self._mark("w", shard, hash_of(term) * (new - old), 1)
                self._marks["w", str(shard)][1] += bool(new) - bool(old) - 1
                (came if not old else went if not new else []).append((shard, term))
        self._base.executemany("INSERT OR REPLACE INTO terms VALUES (?, ?)", terms)
        self._base.execute("DELETE FROM terms WHERE number = 0")
        self._base.executemany("INSERT INTO spellings VALUES (?, ?)", sorted(came))
        self._base.executemany("DELETE FROM spellings WHERE shard = ? AND term = ?", went)

    def _number(self, term: str) -> int:
        row = self._base.execute("SELECT number FROM terms WHERE term = ?", (term,)).fetchone()
        return row[0] if row else 0

    def _settle_marks(self) -> None:
        base = self._base
        for number, change in enumerate(self._term_marks):
            if change:
                self._mark("p", number, change, 1)
        changes = ((kind, shard, value, number) for (kind, shard), (value, number) in self._marks.items())
        for kind, shard, value, number in changes:
            row = base.execute("SELECT mark, number FROM marks WHERE kind = ? AND shard = ?", (kind, shard)).fetchone()
            mark, before = row or (0, 0)
            base.execute(
                "INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", (kind, shard, mark + value & _MARK, before + number)
            )
        base.execute("DELETE FROM marks WHERE number = 0")
        base.executemany(
            "INSERT INTO places VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET number = number + excluded.number",
            ((*where, change) for where, change in self._places.items()),
        )
        base.execute("DELETE FROM places WHERE number = 0")


def _pack(entry: SearchEntry, ref: int, found: Sequence[Posting]) -> bytes:
    signature = signature_of(term for term, _ in found if " " not in term)
    length = min(15, sum(named for _, named in found))
    region, kind = hash_of(entry.region) & 0xFFFF, hash_of(entry.kind) & 0xFFFF
    return _ENTRY.pack(ref | length << 28, signature & 0xFFFFFFFF, signature >> 32, region, kind, entry.band)


@lru_cache(maxsize=50_000)
def _place_shards(place: str, shards: int) -> frozenset[int]:
    """The files in which a place is looked for: by the first two letters of each word of its name, in whichever alphabet."""
    _, _, name, *english = place.split("\t")
    words = [word for word in words_of(" ".join((bare_name(name), *english))) if len(word) > 1 or word[0].isdigit()]
    telling = [word for word in words if word not in UNSAID | _ANY_DISTRICT] or words
    return frozenset(hash_of(f"^{skeleton(word)[:2]}") & place_shards(shards) - 1 for word in telling)
