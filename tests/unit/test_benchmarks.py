"""The synthetic country: valid, reproducible, consistent with its method, and shaped like a country."""

import csv
import hashlib
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

import publish
from benchmarks import country, rows

JULY_2026 = "1782864000"
ORGANIZATIONS = 400


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country") / "country"
    made(folder)
    return folder


def made(folder: Path, *options: str) -> Path:
    country.main(["--organizations", str(ORGANIZATIONS), "--out", str(folder), "--jobs", "1", *options])
    return folder


def read(package: Path, name: str) -> list[dict[str, str]]:
    with (package / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def digest(package: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(package.iterdir())}


def test_a_country_is_valid_together_with_a_segment_of_changes(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", JULY_2026)
    segment = tmp_path / "segment"
    country.main(["--segment-of", str(package), "--changed", "50", "--out", str(segment)])
    capsys.readouterr()

    assert publish.main(["validate", str(package), str(segment), "--lang", "en"]) == 0

    said = capsys.readouterr()
    assert "warning" not in (said.out + said.err).lower()
    changed = Counter(review["organization_id"] for review in read(segment, "reviews"))
    assert len(changed) == 50 and set(changed.values()) == {3}


def test_the_same_options_give_the_same_bytes_from_any_number_of_processes(package: Path, tmp_path: Path) -> None:
    assert digest(made(tmp_path / "again", "--jobs", "2")) == digest(package)
    assert digest(made(tmp_path / "other", "--seed", "2")) != digest(package)


def test_reviews_may_be_cut_into_parts_by_date(package: Path, tmp_path: Path) -> None:
    parts = made(tmp_path / "parts", "--segments", "3")
    days = [[review["received_on"] for review in read(parts, f"reviews-000{number}")] for number in (1, 2, 3)]
    assert sum(map(len, days)) == len(read(package, "reviews"))
    assert max(days[0]) < min(days[1]) and max(days[1]) < min(days[2])


def test_points_are_what_the_method_makes_of_their_parts(package: Path) -> None:
    method = yaml.safe_load((country.REGIONS_FILE.parent / "methods" / "344n-2018.yaml").read_text("utf-8"))
    weights = {one["id"]: Decimal(str(one["weight"])) for one in method["measures"] if one["role"] == "indicator"}
    assert dict(zip(rows._INDICATORS, rows._WEIGHTS, strict=True)) == {name: 10 * one for name, one in weights.items()}
    points: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for row in read(package, "scores"):
        if row["state"] == "scored":
            points[row["organization_id"], row["assessment_id"]][row["measure"]] = Decimal(row["points"])
    for measured in points.values():
        criteria = [measured[f"K{number}"] for number in range(1, 6)]
        assert measured["total"] == sum(criteria) / 5
        if "2.2" in measured:
            parts = [measured[name] * weights[name] for name in weights]
            assert criteria == [sum(parts[first : first + 3]) for first in range(0, 15, 3)]
        elif "2.1" in measured:
            assert measured["K2"] == (measured["2.1"] + measured["2.3"]) / 2


@pytest.mark.parametrize(("measures", "least", "most"), [("total", 3, 3), ("criteria", 17, 18), ("all", 31, 33)])
def test_the_measures_asked_for_are_the_rows_written(tmp_path: Path, measures: str, least: int, most: int) -> None:
    count = len(read(made(tmp_path / "some", "--measures", measures), "scores"))
    assert least * ORGANIZATIONS <= count <= most * ORGANIZATIONS


def test_every_kind_has_a_name_in_the_content() -> None:
    content = yaml.safe_load((country.REGIONS_FILE.parent / "spheres.yaml").read_text("utf-8"))
    known = {(sphere["id"], kind["id"]) for sphere in content["spheres"] for kind in sphere["kinds"]}
    assert {(sphere, kind) for sphere, kind, _, _ in rows._KIND_CHOICES} <= known


def test_regions_and_reviews_are_skewed_like_those_of_a_country(package: Path) -> None:
    regions = Counter(row["region_code"] for row in read(package, "organizations"))
    assert len(regions) == 85 and 0.06 < regions["77"] / ORGANIZATIONS < 0.09
    reviews = read(package, "reviews")
    per_organization = sorted(Counter(review["organization_id"] for review in reviews).values())
    assert per_organization[-1] > 20 * per_organization[len(per_organization) // 2]
    texts = [review["text"] for review in reviews if review["text"]]
    assert 0.45 < len(texts) / len(reviews) < 0.55 and len(set(texts)) > 0.95 * len(texts)
    assert max(review["received_on"] for review in reviews) == rows.LAST_DAY.isoformat()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SystemExit, match="is not empty"):
        made(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
