"""What the measured commands read: made when first asked for, kept below one folder, never measured."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import changes, country, ours, raw_write
from benchmarks.peers import PEERS

PYTHON = sys.executable

MOST_UNSHARDED = 150_000
"""The largest region of a country of more organisations has a folder that hosts refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Packages, workbenches, records and sites of peers below `folder`."""

    folder: Path
    seed: int
    tell: Callable[[str], None]

    def country(self, organizations: int, measures: str = "all") -> Path:
        """A package of so many organisations."""
        size = ["--organizations", str(organizations), "--measures", measures, "--seed", str(self.seed)]
        return self._made(
            f"country-{organizations}-{measures}", lambda path: _call("country", *size, "--out", str(path))
        )

    def reviewed(self, organizations: int) -> Path:
        """The country with all scores and ten reviews an organisation."""
        size = ["--organizations", str(organizations), "--reviews-share", "0.5", "--seed", str(self.seed)]
        return self._made(f"reviewed-{organizations}", lambda path: _call("country", *size, "--out", str(path)))

    def segment(self, organizations: int, number: int) -> Path:
        """Three new reviews for each of 100 organisations of that country; another number, other reviews."""
        package = self.country(organizations)
        options = ["--segment-of", str(package), "--changed", "100", "--seed", str(number)]
        return self._made(
            f"segment-{organizations}-{number}", lambda path: _call("country", *options, "--out", str(path))
        )

    def spoilt(self, organizations: int, measures: str) -> Path:
        """That country with faults in one of a thousand rows or fewer."""
        package = self.country(organizations, measures)
        return self._made(f"spoilt-{organizations}-{measures}", lambda path: changes.spoil(package, path))

    def workbench(self, organizations: int) -> Path:
        """The country's warehouse and publication."""
        package = self.country(organizations)
        return self._made(
            f"workbench-{organizations}", lambda path: _call("our_pages", str(path), "--package", str(package))
        )

    def records(self, organizations: int) -> Path:
        """The page records of the country, as JSON Lines."""
        bench = self.workbench(organizations)
        return self._made(
            f"records-{organizations}.jsonl", lambda path: _call("page_records", str(bench), "--out", str(path))
        )

    def site(self, peer: str, organizations: int) -> Path:
        """The site of a peer, ready to be built."""
        records, flat = self.records(organizations), ours.flat_template(self.workbench(organizations))
        return self._made(f"{peer}-{organizations}", lambda path: PEERS[peer].write_site(path, records, flat))

    def listing(self, organizations: int, output: Path) -> Path:
        """Names and sizes of our pages, which are written to `output` for it and stay there."""
        bench = self.workbench(organizations)

        def make(path: Path) -> None:
            _call("our_pages", str(bench), "--output", str(output))
            raw_write.list_files(output, path)

        return self._made(f"listing-{organizations}.txt", make)

    def config(self, languages: tuple[str, ...], organizations: int = 0) -> Path:
        """The configuration of a publication of so many organisations in these languages."""
        is_sharded = organizations > MOST_UNSHARDED
        name = f"publication-{'-'.join(languages)}{'-sharded' * is_sharded}"
        return ours.write_config(self.folder / name, languages, is_sharded=is_sharded)

    def _made(self, name: str, make: Callable[[Path], object]) -> Path:
        """The path of an input, made now unless an earlier run has finished it."""
        path, mark = self.folder / name, self.folder / f"{name}.done"
        if not mark.exists():
            self.tell(f"making {name}")
            self.folder.mkdir(parents=True, exist_ok=True)
            if path.is_dir():  # left by a run that was stopped
                shutil.rmtree(path)
            make(path)
            mark.touch()
        return path


def _call(module: str, *arguments: str) -> None:
    """A tool of this package in a process of its own: what it leaves in memory must not weigh on a measured child."""
    command = [PYTHON, "-m", f"benchmarks.{module}", *arguments]
    subprocess.run(command, cwd=country.REGIONS_FILE.parent.parent, check=True, stdout=subprocess.DEVNULL)
