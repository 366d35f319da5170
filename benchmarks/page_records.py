"""Finished page records as JSON, for peers: `python -m benchmarks.page_records WORKBENCH --out records.jsonl`.

The workbench is one that `benchmarks.our_pages --package` has loaded. A peer that reads these records has the texts, the
numbers in words, the places and the links ready: the work of our warehouse and of `nok.compose` is done for it.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import ours


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes one line for each organisation, in page order."""
    parser = argparse.ArgumentParser(prog="benchmarks.page_records", description=__doc__, allow_abbrev=False)
    parser.add_argument("workbench", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="JSON Lines to write")
    options = parser.parse_args(arguments)
    count = 0
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with options.out.open("w", encoding="utf-8", newline="\n", buffering=1 << 20) as stream:
        for record in ours.records(options.workbench):
            stream.write(ours.record_line(record))
            count += 1
    print(f"{count} records")
    return 0


if __name__ == "__main__":
    sys.exit(main())
