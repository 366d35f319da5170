"""What a reader can prove of what was published: `publish.py verify` of a site or of one release, here or on the web.

First the checksums and signatures of every release and of the changes since; then, from the newest release of each
package with the changes since, every number is computed again. Nothing of the publisher's own machine is needed: the
rules by which numbers are computed are published beside the tables.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from nok.errors import ConfigError, Place, Problem, Said, UsageError
from nok.minisign import PublicKey, SignatureFault
from nok.packages.check import check_packages
from nok.packages.delta import CHANGES, DeltaFault, apply_delta, changes_comment
from nok.packages.hashes import FileHashes
from nok.packages.read import Package
from nok.site.crew import local_crew
from nok.site.data_store import release_comment
from nok.site.fetch import fetch_place
from nok.site.progress import Stage, Tell
from nok.site.publication import Publication
from nok.site.recompute import Order, Recomputed, recompute
from nok.site.rules import rules_json, with_rules
from nok.site.sums import SUMS, Findings, Trust, check_signed, check_sums, is_folder_name, keys_of
from nok.warehouse import Warehouse
from nok.warehouse_load import fill_warehouse

__all__ = ["Trust", "Verified", "verify_place"]

_LATEST = "latest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What was looked at and what was found. `more` are faults beyond those that are kept with their places."""

    problems: list[Problem]
    more: int
    files: int
    signed: int
    releases: int
    organizations: int = 0
    numbers: int = 0
    notes: tuple[Said, ...] = ()

    @property
    def is_right(self) -> bool:
        return not self.problems


def verify_place(
    place: str, publication: Publication, trust: Trust, scratch: Path, *, jobs: int | None, tell: Tell
) -> Verified:
    """Verifies a site or one release at `place`, a folder or an address.

    Raises:
        UsageError: neither is there, or the trusted key is none.
        ConfigError: the published rules cannot be followed.
        StorageError, OSError: a disk or the network refused.
    """
    with _usage_errors():
        if "://" in place:
            folder = fetch_place(place, scratch / "fetched", tell)
        else:
            folder = Path(place)
        folder = folder / "current" if (folder / "current/build.json").is_file() else folder
        one = _Verification(folder.resolve(), publication, trust, scratch, is_whole="://" not in place, tell=tell)
        with local_crew(jobs or os.cpu_count() or 1) as crew:
            if (folder / "build.json").is_file():
                return one.site(crew)
            if (folder / SUMS).is_file() or (folder / "datapackage.json").is_file():
                return one.release(crew)
    raise UsageError("verify-nothing", place=place, sums=SUMS)


@contextmanager
def _usage_errors() -> Iterator[None]:
    try:
        yield
    except SignatureFault as fault:
        raise UsageError("public-key-fault", fault=fault) from fault


class _Verification:
    """One verification; the folder is a site or a release, and nothing in it is written."""

    def __init__(
        self, folder: Path, publication: Publication, trust: Trust, scratch: Path, *, is_whole: bool, tell: Tell
    ) -> None:
        self._folder, self._publication, self._trust, self._scratch = folder, publication, trust, scratch
        self._is_whole, self._tell = is_whole, tell
        self._findings = Findings()
        self._releases = 0
        self._notes: list[Said] = []

    # -- one release -------------------------------------------------------------------------------------------------

    def release(self, crew: Executor | None) -> Verified:
        """Its checksums and signature; then its numbers among themselves."""
        data = self._folder.parent.parent
        keys = keys_of(data, self._trust, self._findings)
        is_right = self._check_release(self._folder, self._folder.name, keys)
        if is_right:
            rules = data / "rules.json"
            found = with_rules(self._publication, rules.read_bytes()) if rules.is_file() else self._publication
            packages = self._read([self._folder], found)
            if packages:
                self._note_flags(self._fill(packages, found, crew))
        return self._verified()

    def _note_flags(self, store: Path) -> None:
        """How many published numbers do not follow from what they are computed from: told, not a fault of the files."""
        with Warehouse(store) as warehouse:
            number, flags = warehouse.flags(5)
        if number:
            shown = tuple(
                Said(
                    "verified-flag",
                    organization=flag.organization_id,
                    assessment=flag.assessment_id,
                    measure=flag.measure,
                    published=flag.published,
                    computed=flag.computed,
                )
                for flag in flags
            )
            self._notes.append(Said("verified-not-following", number=number, shown=shown))

    # -- a site ------------------------------------------------------------------------------------------------------

    def site(self, crew: Executor | None) -> Verified:
        """Every release and the changes since; then every number of every organisation and sum."""
        about = _about(self._folder / "build.json")
        data = self._folder / "data"
        keys = keys_of(data, self._trust, self._findings)
        is_right = True
        for name in sorted(about.packages):
            is_right &= self._check_package(data / name, about.packages[name], keys)
        if not is_right:
            self._notes.append(Said("verified-not-computed"))
            return self._verified()
        return self._verified(self._recompute(about, data, crew))

    def _check_package(self, folder: Path, newest: str, keys: list[PublicKey]) -> bool:
        """All that is published of a package: versions, the newest once more, the changes since."""
        is_right = True
        for version in sorted(each.name for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else ():
            place = folder / version
            if version == CHANGES:
                is_right &= self._check_changes(place, newest, keys)
            elif (place / SUMS).is_file() or (place / "datapackage.json").is_file():
                self._tell(Stage(what=Said("stage-release", name=folder.name, version=version)))
                is_right &= self._check_release(place, newest if version == _LATEST else version, keys)
        for version in (newest, _LATEST) if self._is_whole else (_LATEST,):
            if not (folder / version / SUMS).is_file() and is_right:
                self._findings.add("verify-no-sums", Place(package=f"{folder.name}/{version}", file=SUMS))
                is_right = False
        return is_right

    def _check_release(self, folder: Path, version: str, keys: list[PublicKey]) -> bool:
        name = f"{folder.parent.name}/{folder.name}"
        before = len(self._findings.problems)
        listed = check_sums(folder, name, self._findings, is_whole=self._is_whole)
        said = _descriptor(folder)
        package, found = str(said.get("name", folder.parent.name)), str(said.get("version", version))
        if folder.parent.parent.name == "data" and found != version:
            self._findings.add("verify-version", Place(package=name, file="datapackage.json"), found, expected=version)
        check_signed(folder, name, release_comment(package, found), keys, self._trust, self._findings)
        self._releases += 1
        return listed is not None and len(self._findings.problems) == before

    def _check_changes(self, folder: Path, newest: str, keys: list[PublicKey]) -> bool:
        name, before = f"{folder.parent.name}/{CHANGES}", len(self._findings.problems)
        listed = check_sums(folder, name, self._findings, is_whole=self._is_whole)
        comment = changes_comment(folder.parent.name, newest, folder)
        check_signed(folder, name, comment, keys, self._trust, self._findings)
        return listed is not None and len(self._findings.problems) == before

    def _recompute(self, about: "_About", data: Path, crew: Executor | None) -> Recomputed:
        rules = (data / "rules.json").read_bytes() if (data / "rules.json").is_file() else b""
        if not rules:
            self._findings.add("verify-missing", Place(file="data/rules.json"))
            rules = rules_json(self._publication)
        found = with_rules(self._publication, rules)
        folders = [self._tables(data / name) for name in sorted(about.packages)]
        packages = self._read([folder for folder in folders if folder is not None], found)
        if not packages:
            return Recomputed(organizations=0, numbers=0)
        order = Order(
            site=self._folder,
            warehouse=self._fill(packages, found, crew),
            config_file=self._publication.config_file.absolute(),
            rules=rules,
            day=about.day,
        )
        return recompute(order, self._findings, crew, self._tell, is_whole=self._is_whole)

    def _tables(self, folder: Path) -> Path | None:
        """The tables of a package as they are now: its newest release with the changes since."""
        if not (folder / CHANGES).is_dir():
            return folder / _LATEST
        out = self._scratch / "tables" / folder.name
        try:
            apply_delta(folder / _LATEST, folder / CHANGES, out)
        except DeltaFault as fault:
            self._findings.add("verify-delta", Place(package=folder.name, file=CHANGES), str(fault))
            return None
        return out

    # -- both --------------------------------------------------------------------------------------------------------

    def _read(self, folders: list[Path], publication: Publication) -> tuple[Package, ...]:
        """The packages in `folders`, held against the rules of the profile; none where they break one."""
        self._tell(Stage(what=Said("stage-tables")))
        day = _about(self._folder / "build.json").day if (self._folder / "build.json").is_file() else date.max
        checked = check_packages(folders, publication.terms(day, allow_empty=True), self._scratch / "check")
        faults = [problem for problem in checked.problems if problem.severity == "error"]
        self._findings.take(faults)
        return () if faults else checked.packages

    def _fill(self, packages: tuple[Package, ...], publication: Publication, crew: Executor | None) -> Path:
        self._tell(Stage(what=Said("stage-loading")))
        store = self._scratch / "warehouse.sqlite"
        fill_warehouse(store, publication.sources(packages, FileHashes().of), crew, anew=True)
        return store

    def _verified(self, recomputed: Recomputed | None = None) -> Verified:
        found = self._findings
        return Verified(
            problems=found.problems,
            more=found.more,
            files=found.files,
            signed=found.signed,
            releases=self._releases,
            organizations=recomputed.organizations if recomputed else 0,
            numbers=recomputed.numbers if recomputed else 0,
            notes=tuple(self._notes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _About:
    """The record of a build: its day, and each package's newest version."""

    day: date
    packages: dict[str, str]


def _about(file: Path) -> _About:
    try:
        found = json.loads(file.read_bytes())
        about = _About(day=date.fromisoformat(found["day"]), packages=dict(found["packages"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError("verify-damaged", place=file) from error
    if not all(is_folder_name(name) for pair in about.packages.items() for name in pair):
        raise ConfigError("verify-damaged", place=file)
    return about


def _descriptor(folder: Path) -> dict[str, object]:
    try:
        found = json.loads((folder / "datapackage.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
