"""Packages are written whole, with the same bytes every time, and only where nothing of others is lost."""

import errno
import json
import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nok.errors import StorageError
from nok.packages.write import Table, write_package

DESCRIPTION = {"name": "demo", "title": "Пакет", "version": "1.0.0", "licenses": [{"name": "CC0-1.0"}]}


def rows(number: int = 3, **more: str) -> list[dict[str, str]]:
    return [
        {
            "organization_id": f"school-{one}",
            "name": f"Школа № {one}",
            "sphere": "education",
            "region_code": "70",
            "status": "published",
            **more,
        }
        for one in range(1, number + 1)
    ]


def tree(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def descriptor(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "datapackage.json").read_text("utf-8"))
    return found


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_package(tmp_path / name, DESCRIPTION, [Table(name="organizations", rows=iter(rows()))])
    assert tree(tmp_path / "a") == tree(tmp_path / "b")


def test_written_again_nothing_is_touched(tmp_path: Path) -> None:
    write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows())])
    before = {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows())])
    assert {path.name: (path.stat().st_ino, path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


def test_columns_that_are_empty_everywhere_are_left_out(tmp_path: Path) -> None:
    made = rows(2, kpp="", inn="", address="")
    made[1]["address"] = "Томск"
    write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=made)])
    header = (tmp_path / "organizations.csv").read_text("utf-8").splitlines()[0]
    assert header == "organization_id,name,sphere,region_code,address,status"
    assert [field["name"] for field in descriptor(tmp_path)["resources"][0]["schema"]["fields"]] == header.split(",")


def test_required_columns_stand_even_in_an_empty_table(tmp_path: Path) -> None:
    write_package(tmp_path, DESCRIPTION, [Table(name="replies", rows=[])])
    assert (tmp_path / "replies.csv").read_text("utf-8") == "review_id,text,replied_on\n"


def test_a_long_table_is_written_in_parts(tmp_path: Path) -> None:
    write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows(5), rows_per_part=2)])
    names = [f"organizations-000{number}.csv" for number in (1, 2, 3)]
    assert descriptor(tmp_path)["resources"][0]["path"] == names
    assert [len((tmp_path / name).read_text("utf-8").splitlines()) for name in names] == [3, 3, 2]
    assert "hash" not in descriptor(tmp_path)["resources"][0]


def test_parts_that_are_no_longer_needed_go(tmp_path: Path) -> None:
    write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows(5), rows_per_part=2)])
    write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows(2))])
    assert sorted(tree(tmp_path)) == ["datapackage.json", "organizations.csv"]


def test_a_carriage_return_in_a_text_is_quoted(tmp_path: Path) -> None:
    write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows(1, address="а\rб"))])
    assert b'"\xd0\xb0\r\xd0\xb1"' in (tmp_path / "organizations.csv").read_bytes()


def test_a_column_that_the_table_has_not_is_our_own_fault(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="beds"):
        write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows(1, beds="3"))])
    assert tree(tmp_path) == {}


def test_a_folder_of_others_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.csv").write_text("mine", "utf-8")
    with pytest.raises(StorageError, match="not a data package"):
        write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows())])
    assert tree(tmp_path) == {"thesis.csv": b"mine"}


@pytest.mark.parametrize("path", ["../kept.csv", "notes.txt", "a/kept.csv"])
def test_only_tables_of_the_former_package_are_removed(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / "datapackage.json").write_text(json.dumps({"resources": [{"path": path}]}), "utf-8")
    kept = folder / path
    kept.parent.mkdir(exist_ok=True)
    kept.write_text("kept", "utf-8")
    write_package(folder, DESCRIPTION, [Table(name="organizations", rows=rows())])
    assert kept.read_text("utf-8") == "kept"


def test_a_file_in_place_of_the_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "package").write_text("", "utf-8")
    with pytest.raises(StorageError, match="could not be written"):
        write_package(tmp_path / "package", DESCRIPTION, [])


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_full_disk_leaves_the_former_package_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows())])
    before, calls = tree(tmp_path), iter(range(1, 100))

    def full(_: int) -> None:
        if next(calls) == at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    tables = [Table(name="organizations", rows=rows(9)), Table(name="replies", rows=[])]
    with pytest.raises(StorageError, match="No space left"):
        write_package(tmp_path, DESCRIPTION, tables)
    assert tree(tmp_path) == before


def test_a_refused_rename_leaves_no_half_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows())])
    before = tree(tmp_path)

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(StorageError, match="Permission denied"):
        write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=rows(9))])
    assert tree(tmp_path) == before


def test_rows_that_stop_with_an_error_leave_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[dict[str, str]]:
        yield rows()[0]
        raise RuntimeError("the source is gone")

    with pytest.raises(RuntimeError):
        write_package(
            tmp_path, DESCRIPTION, [Table(name="replies", rows=[]), Table(name="organizations", rows=broken())]
        )
    assert tree(tmp_path) == {}


def test_rows_are_not_kept_in_memory(tmp_path: Path) -> None:
    many = (row for _ in range(20_000) for row in rows(1, address="ул. Садовая" * 20))
    tracemalloc.start()
    write_package(tmp_path, DESCRIPTION, [Table(name="organizations", rows=many)])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "organizations.csv").stat().st_size > 8_000_000
    assert peak < 2_000_000
