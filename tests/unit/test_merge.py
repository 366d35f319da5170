"""Packages of several operators become one: what stands twice counts once, and what contradicts is told with both places."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import publish
from tests.conftest import ASSESSMENT_ID
from tests.unit.picture_support import picture, sha256
from tests.unit.validation_support import Factory

Rows = list[dict[str, object]]


def seen(number: int, value: int = 1, **cells: object) -> dict[str, object]:
    of = {"organization_id": f"clinic-{number}", "assessment_id": ASSESSMENT_ID, "parameter": "access_equipment"}
    return of | {"value": value} | cells


@pytest.fixture
def operator(package_factory: Factory) -> Callable[..., Path]:
    """The package of an operator: only what it collected, without the organisations."""
    without: dict[str, Any] = dict.fromkeys(("organizations", "assessments", "scores", "reviews", "replies"))

    def write(name: str, observations: Rows, photos: dict[str, bytes] | None = None, **descriptor: Any) -> Path:
        tables: dict[str, Any] = without | {"observations": observations}
        if photos:
            of = {"organization_id": "clinic-1", "assessment_id": ASSESSMENT_ID}
            tables["observation_photos"] = [
                {"photo_sha256": sha256(content)} | of | {"path": path, "is_released": "true"}
                for path, content in photos.items()
            ]
        folder = package_factory(name, tables=tables, descriptor=descriptor)
        for path, content in (photos or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return folder

    return write


def merge(*packages: Path, out: Path, options: tuple[str, ...] = ()) -> int:
    return publish.main(["merge", *map(str, packages), "--out", str(out), *options])


def files(folder: Path) -> dict[str, bytes]:
    found = (file for file in folder.rglob("*") if file.is_file())
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in found}


def test_a_row_that_stands_twice_is_taken_once(
    operator: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = operator("one", [seen(1), seen(2)]), operator("two", [seen(2), seen(3)])
    assert merge(one, two, out=tmp_path / "whole") == 0
    assert "Пакетов: 2, строк: 3, повторов: 1, снимков: 0." in capsys.readouterr().out
    text = (tmp_path / "whole/observations.csv").read_text("utf-8")
    assert [line.split(",")[0] for line in text.splitlines()[1:]] == ["clinic-1", "clinic-2", "clinic-3"]


def test_neither_order_nor_a_second_time_changes_a_byte(operator: Callable[..., Path], tmp_path: Path) -> None:
    one, two = operator("one", [seen(1), seen(2)]), operator("two", [seen(2), seen(3)])
    assert merge(one, two, out=tmp_path / "a" / "whole") == merge(two, one, out=tmp_path / "b" / "whole") == 0
    before = files(tmp_path / "a/whole")
    assert before == files(tmp_path / "b/whole")
    assert merge(one, two, two, out=tmp_path / "a" / "whole") == 0
    assert files(tmp_path / "a/whole") == before
    assert merge(tmp_path / "a/whole", two, out=tmp_path / "c" / "whole") == 0
    assert sorted(files(tmp_path / "c/whole")["observations.csv"].split()) == sorted(before["observations.csv"].split())


def test_other_values_under_one_key_name_both_places_and_write_nothing(
    operator: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = operator("one", [seen(1, comment=""), seen(2, 3, comment="пандус есть")])
    two = operator("two", [seen(2, 4, comment="пандус есть")])
    report = tmp_path / "report.json"
    assert merge(one, two, out=tmp_path / "whole", options=("--json", str(report))) == 2
    assert not (tmp_path / "whole").exists()
    found = json.loads(report.read_text("utf-8"))
    (problem,) = found["problems"]
    assert found["valid"] is False
    assert (problem["package"], problem["file"], problem["row"], problem["column"]) == (
        "two",
        "observations.csv",
        2,
        "value",
    )
    assert problem["message"] == (
        f"ключ clinic-2 + {ASSESSMENT_ID} + access_equipment: здесь «4», а в one/observations.csv, строка 3, — «3»"
    )
    said = capsys.readouterr()
    assert "two/observations.csv, строка 2, столбец value: ключ clinic-2" in said.err
    assert "Ошибок: 1. Ничего не записано." in said.out


def test_a_conflict_is_told_in_english_too(
    operator: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = operator("one", [seen(2, 3)]), operator("two", [seen(2, 4)])
    assert merge(one, two, out=tmp_path / "whole", options=("--lang", "en")) == 2
    assert "here '4', but '3' in one/observations.csv, row 2" in capsys.readouterr().err


def test_faults_of_a_package_are_told_at_their_own_place(
    operator: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = operator("one", [seen(1)]), operator("two", [seen(2, value="много")])
    assert merge(one, two, out=tmp_path / "whole") == 2
    assert "two/observations.csv, строка 2, столбец value" in capsys.readouterr().err
    assert not (tmp_path / "whole").exists()


def test_pictures_travel_along_whatever_their_names(operator: Callable[..., Path], tmp_path: Path) -> None:
    red, green = picture(size=(40, 30)), picture(size=(40, 30), colour="green")
    one = operator("one", [seen(1, photo_sha256=sha256(red))], {"photos/1.jpg": red})
    two = operator("two", [seen(2, photo_sha256=sha256(green))], {"photos/1.jpg": green, "photos/2.jpg": red})
    whole = tmp_path / "whole"
    assert merge(one, two, out=whole) == 0
    pictures = [content for name, content in files(whole).items() if name.startswith("photos/")]
    assert sorted(map(sha256, pictures)) == sorted(map(sha256, (red, green)))
    assert merge(one, out=whole) == 0  # what is not named any more does not stay behind
    assert [sha256(content) for name, content in files(whole).items() if name.startswith("photos/")] == [sha256(red)]


def test_the_whole_is_published_with_the_organisations(
    operator: Callable[..., Path], package_factory: Factory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = package_factory("base", organizations=3, reviews=1)
    one, two = operator("one", [seen(1), seen(2)]), operator("two", [seen(2), seen(3)])
    apart = ["validate", str(base), str(one), str(two)]
    assert publish.main(apart) == 2
    assert "publish.py merge" in capsys.readouterr().err
    assert merge(one, two, out=tmp_path / "whole") == 0
    assert publish.main(["validate", str(base), str(tmp_path / "whole")]) == 0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"licenses": [{"name": "CC0-1.0"}]}, "licenses: здесь «CC0-1.0», а в пакете one — «CC-BY-4.0»"),
        ({"demonstration": True}, "demonstration: здесь «true», а в пакете one — «false»"),
    ],
)
def test_packages_that_may_not_be_one_are_refused(
    operator: Callable[..., Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, Any],
    words: str,
) -> None:
    one, two = operator("one", [seen(1)]), operator("two", [seen(2)], **changes)
    assert merge(one, two, out=tmp_path / "whole") == 2
    assert words in capsys.readouterr().err


def test_a_column_of_their_own_has_one_meaning(
    operator: Callable[..., Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def own(kind: str) -> list[dict[str, Any]]:
        schema = {"fields": [{"name": "lamp", "type": kind}]}
        return [{"name": "observations", "path": "observations.csv", "schema": schema}]

    rows = [seen(1, lamp="1")], [seen(2, lamp="2")]
    one, two = operator("one", rows[0], resources=own("integer")), operator("two", rows[1], resources=own("integer"))
    assert merge(one, two, out=tmp_path / "whole") == 0
    assert (tmp_path / "whole/observations.csv").read_text("utf-8").splitlines()[0].endswith(",lamp")
    other = operator("two", rows[1], resources=own("string"))
    assert merge(one, other, out=tmp_path / "whole") == 2
    assert "столбец «lamp» описан в пакетах по-разному" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "code"), [("Мой пакет", 64), ("index", 64), ("region-70", 0)])
def test_the_whole_has_a_name_that_a_package_may_have(
    operator: Callable[..., Path], tmp_path: Path, name: str, code: int
) -> None:
    assert merge(operator("one", [seen(1)]), out=tmp_path / "whole", options=("--name", name)) == code
    assert (tmp_path / "whole").exists() is (code == 0)


def test_a_package_is_not_merged_into_itself(operator: Callable[..., Path]) -> None:
    one = operator("one", [seen(1)])
    before = files(one)
    assert merge(one, out=one) == 64
    assert files(one) == before


def test_a_folder_of_something_else_is_left_alone(operator: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/one.txt").write_text("важное", "utf-8")
    assert merge(operator("one", [seen(1)]), out=tmp_path / "letters") == 3
    assert files(tmp_path / "letters") == {"one.txt": "важное".encode()}


pieces = st.dictionaries(st.integers(1, 6), st.integers(0, 5), min_size=1)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(pieces, min_size=1, max_size=4))
def test_a_merge_is_the_union_or_a_report(
    operator: Callable[..., Path], tmp_path: Path, parts: list[dict[int, int]]
) -> None:
    """Whatever operators hand over: the whole says all that one of them says, or somebody is told that two disagree."""
    folders = [operator(f"p{n}", [seen(one, value) for one, value in part.items()]) for n, part in enumerate(parts)]
    said = [(one, value) for part in parts for one, value in part.items()]
    is_consistent = len(dict(said)) == len(set(said))
    whole = tmp_path / "whole"
    assert merge(*folders, out=whole) == (0 if is_consistent else 2)
    if is_consistent:
        rows = [line.split(",") for line in (whole / "observations.csv").read_text("utf-8").splitlines()[1:]]
        assert sorted((int(row[0][-1]), int(row[3])) for row in rows) == sorted(set(said))
