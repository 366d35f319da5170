"""A data release and nothing else, as a process to measure: `python -m benchmarks.our_release PACKAGE --output DIR`."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import ours


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the release in all forms, and says how many files and bytes it has."""
    parser = argparse.ArgumentParser(prog="benchmarks.our_release", description=__doc__, allow_abbrev=False)
    parser.add_argument("package", type=Path, help="a valid package")
    parser.add_argument("--output", type=Path, required=True, help="the release is written below this folder")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    folder = ours.cut_release(options.package, options.output, options.jobs)
    files = [file for file in folder.rglob("*") if file.is_file()]
    print(f"{folder}: {len(files)} files, {sum(file.stat().st_size for file in files)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
