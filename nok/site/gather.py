"""What a build is asked to do, what it is made from, and what it did."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nok.errors import Problem
from nok.minisign import SecretKey
from nok.packages.archive import open_packages
from nok.packages.hashes import FileHashes
from nok.packages.read import Package
from nok.site.assets import Assets, gather_assets
from nok.site.explain import Explanation
from nok.site.output import Output
from nok.site.progress import Profile
from nok.site.publication import Publication
from nok.site.signing import read_signing_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What one build is asked to do. `packages` empty: those of the configuration."""

    config_file: Path | None = None
    packages: Sequence[str] = ()
    output: Path | None = None
    state: Path | None = None
    jobs: int | None = None
    """Worker processes; `None`: one for each processor, or just this one where there is little to do."""
    scheduler: str | None = None
    """Address of a Dask scheduler whose workers make the pages instead."""
    full: bool = False
    no_cache: bool = False
    release: bool = False
    explain: str | None = None
    """A path of the site: the report then says why it was made anew, or why not."""
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a build did to its slot, in files."""

    written: int
    kept: int
    removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a build did. `change` is `None` where nothing had changed and nothing was touched."""

    folder: Path
    build_id: str
    organizations: int
    files: int
    size_bytes: int
    change: Change | None
    warnings: list[Problem] = field(default_factory=list)
    profile: Profile = field(default_factory=Profile)
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything a site is made from, before it is checked. `inputs` is a hash of it all."""

    publication: Publication
    paths: Sequence[Path]
    packages: Sequence[Package]
    hashes: FileHashes
    assets: Assets
    state: Path
    inputs: str
    signing_key: SecretKey | None

    @property
    def size_bytes(self) -> int:
        files = (file for package in self.packages for resource in package.resources for file in resource.files)
        return sum(file.stat().st_size for file in files)

    def look(self, languages: Sequence[str]) -> str:
        """A digest of what every page shows besides data."""
        shown = (self.publication.look(), *languages, *self.assets.contents)
        return hashlib.sha256("\n".join(shown).encode()).hexdigest()[:12]


def open_output(publication: Publication, options: Options) -> Output:
    folder = options.output or publication.root / publication.config.output
    absolute = folder.absolute()
    return Output(folder, options.state or absolute.parent / f"{absolute.name or 'root'}.state")


def gather(publication: Publication, output: Output, options: Options) -> Gathered:
    paths = publication.package_paths(options.packages)
    assets = gather_assets(publication.theme, publication.node_modules)
    packages, _ = open_packages(paths, output.scratch / "peek")
    signing_key = read_signing_key(publication)
    hashes = FileHashes(memory_of(output.state, options))
    hashes.begin(file for package in packages for resource in package.resources for file in resource.files)
    try:
        inputs = inputs_of(publication, packages, hashes, assets, options.today.isoformat(), signing_key)
    finally:
        hashes.stop()
    hashes.save()
    return Gathered(publication, paths, packages, hashes, assets, output.state, inputs, signing_key)


def inputs_of(
    publication: Publication,
    packages: Sequence[Package],
    hashes: FileHashes,
    assets: Assets,
    day: str,
    signing_key: SecretKey | None = None,
) -> str:
    """A hash of everything that a build on that day is made from."""
    digest = hashlib.sha256()
    for package in packages:
        digest.update(f"{package.name}\0{package.fingerprint(hashes)}\n".encode())
    digest.update(publication.fingerprint().encode())
    digest.update("\n".join(assets.contents).encode())
    digest.update(day.encode())
    digest.update(signing_key.public.text.encode() if signing_key else b"")
    return digest.hexdigest()


def memory_of(state: Path, options: Options) -> Path | None:
    """Where hashes and verdicts of files are remembered."""
    return None if options.no_cache else state / "checked"
