"""A ZIP of a package is looked at before it is unpacked."""

import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import pytest

from tests.unit.validation_support import (
    ORGANIZATIONS,
    REVIEWS,
    Check,
    Factory,
    cell,
    checker,
    package_to_spoil,
)


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


@pytest.fixture
def folder(package_factory: Factory) -> Path:
    return package_to_spoil(package_factory)


def zipped(folder: Path, archive: Path, inside: str = "") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
        for file in sorted(folder.iterdir()):
            made.write(file, f"{inside}{file.name}")
    return archive


def with_entry(name: str, content: str = "x", attributes: int = 0) -> Callable[[Path], None]:
    def change(archive: Path) -> None:
        with zipfile.ZipFile(archive, "a", zipfile.ZIP_DEFLATED) as made:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = attributes << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            made.writestr(entry, content)

    return change


def locked(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)


def garbled(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[60:200] = bytes(140)
    archive.write_bytes(content)


def nameless(archive: Path) -> None:
    """An entry whose name is a NUL, after which readers of archives stop reading a name."""
    with_entry("nameless-entry")(archive)
    archive.write_bytes(archive.read_bytes().replace(b"nameless-entry", bytes(14)))


BAD_ARCHIVES: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "upwards": (with_entry("../../x"), "archive-name", "../../x"),
    "absolute": (with_entry("/x"), "archive-name", "/x"),
    "drive": (with_entry("C:/x"), "archive-name", "C:/x"),
    "no name": (nameless, "archive-name", ""),
    "backslash": (with_entry("..\\x"), "archive-name", "..\\x"),
    "link": (with_entry("x", "/etc/passwd", stat.S_IFLNK | 0o777), "archive-link", "x"),
    "bomb": (with_entry("x", "0" * 100_000_000), "archive-bomb", ANY),
    "locked": (locked, "archive-locked", "assessments.csv"),
    "garbled": (garbled, "archive-damaged", ""),
    "cut": (lambda archive: archive.write_bytes(archive.read_bytes()[:-100]) and None, "archive-damaged", ""),
    "empty": (lambda archive: archive.write_bytes(b"") and None, "archive-damaged", ""),
    "text": (lambda archive: archive.write_text("organization_id\n") and None, "archive-damaged", ""),
}


@pytest.mark.parametrize(("change", "rule", "value"), BAD_ARCHIVES.values(), ids=BAD_ARCHIVES.keys())
def test_a_bad_archive_is_refused_before_it_is_unpacked(
    folder: Path, tmp_path: Path, check: Check, change: Callable[[Path], None], rule: str, value: str
) -> None:
    archive = zipped(folder, tmp_path / "demo.zip")
    change(archive)
    report = check(archive)
    assert report.found == [(rule, "", None, "", value)]
    assert report.problems[0]["package"] == "demo.zip"
    assert not (tmp_path.parent / "x").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_a_name_twice_is_refused(folder: Path, tmp_path: Path, check: Check) -> None:
    archive = zipped(folder, tmp_path / "demo.zip")
    with_entry(ORGANIZATIONS)(archive)
    assert check(archive).found == [("archive-repeated", "", None, "", ORGANIZATIONS)]


@pytest.mark.parametrize("inside", ["", "demo/"])
def test_an_archive_of_a_good_package_passes(folder: Path, tmp_path: Path, check: Check, inside: str) -> None:
    assert check(zipped(folder, tmp_path / "demo.zip", inside)).code == 0


def test_a_fault_inside_an_archive_has_the_name_of_the_package(folder: Path, tmp_path: Path, check: Check) -> None:
    cell(REVIEWS, 2, "rating", "6")(folder)
    report = check(zipped(folder, tmp_path / "x.zip"))
    assert (report.problems[0]["package"], report.found) == ("demo", [("maximum", REVIEWS, 2, "rating", "6")])
