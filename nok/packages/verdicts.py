"""Clean verdicts of former checks: a table that was found clean is not read again while all that bears on it is the same.

A verdict is filed under the SHA-256 of the table's bytes and of everything it was held against (schema, encoding,
methods, boxes of regions, this program and its engine). With it are kept the rows, the keys and the values that must be
keys elsewhere, exactly, so that other tables can be held against a table that is not read. Whatever is damaged or
missing counts as never known.
"""

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date
from functools import cache, cached_property
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from nok.packages.hashes import FileHashes, read_sealed, write_beside, write_sealed
from nok.packages.keys import KeyColumn
from nok.packages.read import Resource
from nok.packages.rules import Rules

KEPT_RUNS = 20
"""A verdict that so many runs did not ask for is removed."""

KEPT_PROOFS = 8
"""So many sets of tables that were found consistent together are remembered."""

REMEMBERED = frozenset(
    (
        *("organizations", "scores", "observations", "observation_photos", "answers", "reviews", "replies"),
        *("review_photos", "withdrawn_reviews", "rating_splits", "recommendations", "plan_measures"),
        *("appeal_statistics", "roster_organizations"),
    )
)
"""Tables whose rules look at nothing but their own rows and what is filed with the verdict. The others are small."""

_FILE = "verdicts.json"
_LEARNT = "learnt"


class NotRememberedError(Exception):
    """What was remembered is gone, damaged or does not answer the question: everything must be read."""


@dataclass(frozen=True)
class StoredColumn:
    """Texts of a former run in a file, sorted by their bytes, each once."""

    file: Path
    sha256: str
    count: int

    def __len__(self) -> int:
        return self.count

    def __contains__(self, text: str) -> bool:
        """Looks the text up by halving; the lines are not parted, for there may be millions."""
        content, wanted, low = self._content, text.encode(), 0
        high = len(content)
        while low < high:
            middle = (low + high) // 2
            start = content.rfind(b"\n", low, middle) + 1 or low
            end = content.find(b"\n", middle, high)
            line = content[start : end if end >= 0 else high]
            if line == wanted:
                return True
            if line < wanted:
                low = start + len(line) + 1
            else:
                high = max(start - 1, low)
        return False

    def texts(self) -> Iterable[str]:
        """The texts in the order of their bytes."""
        return self._content.decode().split("\n") if self.count else ()

    def sorted_lines(self) -> Iterator[bytes]:
        """The texts in UTF-8, line by line."""
        yield self._content

    @cached_property
    def _content(self) -> bytes:
        try:
            content = self.file.read_bytes()
        except OSError as error:
            raise NotRememberedError from error
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise NotRememberedError
        return content


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """A warning about a table that may be published all the same; `place` is (number of the file, row, line, column)."""

    place: tuple[int, int | None, int | None, str]
    rule: str
    value: str
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A clean table as it is remembered.

    `references` are by the table they point to, `learnt` is what the rules must know of it (`Rules.learnt`).
    """

    name: str
    rows: int
    keys: StoredColumn
    references: Mapping[str, StoredColumn]
    learnt: StoredColumn
    warnings: Sequence[Warned] = ()


@dataclass(slots=True, kw_only=True)
class FreshVerdict:
    """A table that was found clean just now.

    `methods` are those of the assessments that scores and observations name. The verdict holds from `day` (ISO) on: a date that was not in
    the future is not so later.
    """

    name: str
    table: str
    day: str
    rows: int
    keys: KeyColumn
    references: Mapping[str, KeyColumn]
    learnt: KeyColumn
    methods: Mapping[str, str] = field(default_factory=dict)
    warnings: Sequence[Warned] = ()


class Verdicts:
    """What former checks found, in a folder; and what this one adds."""

    def __init__(self, folder: Path, context: str) -> None:
        """`context` is whatever all tables are held against."""
        self.hashes = FileHashes(folder)
        self._folder, self._context = folder, context
        found = read_sealed(folder / _FILE) or {}
        if found.get("program") != _program():  # its verdicts hold no longer, and it may have written them otherwise
            found = {"entries": {}, "proofs": [], "descriptors": [], "seconded": {}}
        self._entries: dict[str, dict[str, Any]] = found["entries"]
        self._proofs: list[dict[str, list[str]]] = found["proofs"]
        self._descriptors = set(found["descriptors"])
        self._seconded: dict[str, int] = found["seconded"]
        """What frictionless found clean, to how many runs ago it was last asked for."""
        self._sound: set[str] = set()
        self._fresh: dict[str, dict[str, Any]] = {}
        self._begun: dict[str, Path] = {}
        """Files that were written in this run to where they wait until it is saved."""
        self._used: set[str] = set()

    def name_of(self, resource: Resource, rules: Rules) -> str:
        """The name under which the verdict of a table is filed; empty for a table that is always read."""
        if resource.is_profiled and resource.name not in REMEMBERED:
            return ""
        return self._digest(resource, rules.bearing_on(resource.name))

    def _digest(self, resource: Resource, *more: object) -> str:
        said = [
            self._context,
            resource.name,
            resource.is_profiled,
            resource.delimiter,
            dict(resource.schema),
            *more,
            [self.hashes.of(file) for file in resource.files],
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()

    def forget(self) -> None:
        """Begins anew, as if there had been no former run."""
        self._entries, self._proofs, self._fresh, self._seconded = {}, [], {}, {}

    def knows(self, name: str) -> bool:
        """True where a verdict is filed under `name`, whether or not it holds today."""
        return name in self._entries

    def recall(self, name: str, today: date, rules: Rules) -> Verdict | None:
        """The verdict under `name`, if there is one that holds today."""
        entry = self._entries.get(name)
        if entry is None or today.isoformat() < entry["day"]:
            return None
        if any(rules.method_of(assessment) != method for assessment, method in entry["methods"].items()):
            return None
        self._used.add(name)
        return Verdict(
            name=name,
            rows=entry["rows"],
            keys=self._stored(entry["keys"]),
            references={resource: self._stored(column) for resource, column in entry["references"].items()},
            learnt=self._stored(entry[_LEARNT]),
            warnings=[Warned(**warned) for warned in entry["warnings"]],
        )

    def is_sound(self, descriptor: str) -> bool:
        """True where a former run found nothing wrong with what a descriptor says (as text)."""
        name = hashlib.sha256(descriptor.encode()).hexdigest()
        if name in self._descriptors:
            self._sound.add(name)
        return name in self._descriptors

    def keep_sound(self, descriptor: str) -> None:
        """Remembers a descriptor with which nothing is wrong."""
        self._sound.add(hashlib.sha256(descriptor.encode()).hexdigest())

    def keep(self, verdict: FreshVerdict) -> None:
        """Remembers a verdict when the run is saved; its keys are written now, so that nobody need hold them until then."""
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            entry = self._entry(verdict)
            if entry is not None:
                self._fresh[verdict.name] = entry

    def is_seconded(self, resource: Resource) -> bool:
        """True where frictionless has found this table clean, also one that has no verdict and is always read."""
        name = self._digest(resource)
        if name in self._seconded:
            self._seconded[name] = 0
        return name in self._seconded

    def second(self, resource: Resource) -> None:
        """Notes that frictionless, too, found the table clean."""
        self._seconded[self._digest(resource)] = 0

    def is_proven(self, tables: Mapping[str, set[str]], parents: Mapping[str, set[str]]) -> bool:
        """True where a former run found no key repeated in `tables` (verdicts by table) and needed no more than `parents`
        for what they refer to. Only for tables that are remembered.
        """
        return set(parents) <= REMEMBERED and any(
            all(names <= set(proof.get(table, ())) for table, names in tables.items())
            and all(set(proof.get(table, ())) <= names for table, names in parents.items())
            for proof in self._proofs
        )

    def save(self, names: Iterable[str], *, are_consistent: bool) -> None:
        """Writes the verdicts `names` that this run gave; `are_consistent`: no fault was found between the tables either.

        A folder that cannot be written costs time in the next run, here as in `keep`, not the verdict of this one.
        """
        kept = set(names)
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            for name in kept.intersection(self._fresh):
                for file, *_ in _columns_of(self._fresh[name]):
                    self._begun.pop(file).replace(self._folder / file)
                self._entries[name] = self._fresh[name]
                self._used.add(name)
            for begun in self._begun.values():
                begun.unlink(missing_ok=True)
            self._forget_old()
            if are_consistent and kept <= set(self._entries):
                self._note(kept)
            found = {"program": _program(), "entries": self._entries, "proofs": self._proofs}
            found["descriptors"] = sorted(self._sound)
            found["seconded"] = {name: age + 1 for name, age in self._seconded.items() if age <= KEPT_RUNS}
            write_sealed(self._folder / _FILE, found)
            self.hashes.save()

    def _note(self, names: Iterable[str]) -> None:
        """Remembers that these tables, and no others, were found consistent together."""
        proof: dict[str, list[str]] = {}
        for name in sorted(names):
            proof.setdefault(self._entries[name]["table"], []).append(name)
        self._proofs = [proof, *(former for former in self._proofs if former != proof)][:KEPT_PROOFS]

    def _forget_old(self) -> None:
        for name, entry in list(self._entries.items()):
            entry["age"] = 0 if name in self._used else entry["age"] + 1
            if entry["age"] > KEPT_RUNS:
                del self._entries[name]
        named = {column[0] for entry in self._entries.values() for column in _columns_of(entry)} | {_FILE}
        for file in self._folder.glob("*.texts"):
            if file.name not in named:
                file.unlink(missing_ok=True)

    def _entry(self, fresh: FreshVerdict) -> dict[str, Any] | None:
        """What is filed of a fresh verdict; `None` where a text has a line break and cannot be stored."""
        given = {"keys": fresh.keys, _LEARNT: fresh.learnt}
        given |= {f"to-{resource}": column for resource, column in fresh.references.items()}
        stored = {kind: self._store(f"{fresh.name}.{kind}", column) for kind, column in given.items()}
        if not all(stored.values()):
            return None
        return {
            "age": 0,
            "table": fresh.table,
            "day": fresh.day,
            "rows": fresh.rows,
            "keys": stored.pop("keys"),
            _LEARNT: stored.pop(_LEARNT),
            "references": {kind.removeprefix("to-"): column for kind, column in stored.items()},
            "methods": dict(fresh.methods),
            "warnings": [asdict(warned) for warned in fresh.warnings],
        }

    def _store(self, name: str, column: KeyColumn) -> list[Any] | None:
        digest, ends = hashlib.sha256(), 0

        def pieces() -> Iterator[bytes]:
            nonlocal ends
            for piece in column.sorted_lines():
                digest.update(piece)
                ends += piece.count(b"\n")
                yield piece

        file = f"{name}.texts"
        self._begun[file] = write_beside(self._folder / file, pieces())
        return [file, digest.hexdigest(), len(column)] if ends == max(len(column) - 1, 0) else None

    def _stored(self, column: Sequence[Any]) -> StoredColumn:
        return StoredColumn(self._folder / column[0], column[1], column[2])


def _columns_of(entry: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    return [entry["keys"], entry[_LEARNT], *entry["references"].values()]


@cache
def _program() -> str:
    """What changes whenever the program that gave a verdict does."""
    engines = (version(name) for name in ("polars", "numpy", "frictionless"))
    digest = hashlib.sha256(" ".join((platform.python_version(), *engines)).encode())
    root = files("nok")
    folders = (root, root / "packages", root / "packages" / "schemas")
    for file in sorted((file for folder in folders for file in folder.iterdir()), key=str):
        if file.name.endswith((".py", ".json")):
            digest.update(file.read_bytes())
    return digest.hexdigest()
