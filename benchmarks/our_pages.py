"""Our organisation pages and nothing else, as a process to measure: `python -m benchmarks.our_pages WORKBENCH …`.

`--package` loads the workbench first; `--output` writes the pages of what is loaded.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import ours


def main(arguments: Sequence[str] | None = None) -> int:
    """Does what the command line asks for, and says how many pages and bytes were written."""
    parser = argparse.ArgumentParser(prog="benchmarks.our_pages", description=__doc__, allow_abbrev=False)
    parser.add_argument("workbench", type=Path, help="folder of the publication and its warehouse")
    parser.add_argument("--package", type=Path, help="load this package, known to be valid")
    parser.add_argument("--output", type=Path, help="write the pages below this folder")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    if options.package is not None:
        ours.prepare(options.package, options.workbench)
    if options.output is not None:
        pages, size = ours.write_pages(options.workbench, options.output, options.jobs)
        print(f"{pages} pages, {size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
