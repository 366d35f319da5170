"""Files of a slot as they are replaced and removed: at once for whoever reads, and let go of soon."""

import os
import time
from pathlib import Path

from nok.site.files import FileWriter, remove_files

NAMES = [f"o/70/{number}.html" for number in range(300)]


def write_all(folder: Path, text: str, known: dict[str, str], *, is_fresh: bool = False) -> dict[str, str]:
    writer = FileWriter(folder, is_fresh=is_fresh)
    writer.begin(known)
    for name in NAMES:
        writer.write(name, f"{name} {text}".encode())
    files, written = writer.end()
    assert written == len(NAMES)
    return {file.path: file.sha256 for file in files}


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def wait_for(number: int) -> int:
    """Open files, when no more than `number` are left, or after ten seconds."""
    end = time.monotonic() + 10
    while open_files() > number and time.monotonic() < end:
        time.sleep(0.01)
    return open_files()


def test_replaced_and_removed_files_are_let_go_of(tmp_path: Path) -> None:
    known = write_all(tmp_path, "before", {}, is_fresh=True)
    before = open_files()
    kept = tmp_path / "kept.html"
    os.link(tmp_path / NAMES[0], kept)
    write_all(tmp_path, "after", known)
    assert [(tmp_path / name).read_text("utf-8") for name in NAMES] == [f"{name} after" for name in NAMES]
    assert wait_for(before) <= before
    remove_files([f"{tmp_path}/{name}" for name in [*NAMES, "not-there.html"]])
    assert list(tmp_path.rglob("*.html")) == [kept]
    assert kept.read_text("utf-8") == f"{NAMES[0]} before"
    assert wait_for(before) <= before
