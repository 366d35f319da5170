"""Files of given names and sizes and nothing else, the least that any generator must do: a process to measure.

`python -m benchmarks.raw_write LISTING OUTPUT`: each line of LISTING is a size and a path. Two processes by default, as
ours; every byte is the same letter.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


def list_files(folder: Path, listing: Path) -> int:
    """Writes the listing of what lies below `folder`; returns how many files."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listing.write_text("".join(f"{file.stat().st_size} {file.relative_to(folder)}\n" for file in files), "utf-8")
    return len(files)


def write(lines: Sequence[str], output: str) -> int:
    """Writes the files of some lines; returns their bytes."""
    letters, made, whole = memoryview(b"a" * 4_000_000), set(), 0
    for line in lines:
        size, path = line.split(" ", 1)
        folder = f"{output}/{path.rpartition('/')[0]}"
        if folder not in made:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103  (as our own writer: `Path` is several times slower)
            made.add(folder)
        with open(f"{output}/{path}", "wb", buffering=0) as file:  # noqa: PTH123
            whole += file.write(letters[: int(size)])
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the files, and says how many bytes they have."""
    parser = argparse.ArgumentParser(prog="benchmarks.raw_write", description=__doc__, allow_abbrev=False)
    parser.add_argument("listing", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    lines = options.listing.read_text("utf-8").splitlines()
    pieces = [lines[first : first + 500] for first in range(0, len(lines), 500)]
    with ProcessPoolExecutor(options.jobs) as pool:
        print(sum(pool.map(write, pieces, [str(options.output)] * len(pieces))), "bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
