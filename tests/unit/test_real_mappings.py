"""The mappings of content/mappings on the real tables they were written for: every row is accounted for."""

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from nok.method import parse_method
from nok.packages.check import Terms, check_packages
from nok.packages.import_report import ImportReport, describe
from nok.packages.mapping import import_table, read_mapping

pytestmark = pytest.mark.shared

ROOT = Path(__file__).resolve().parents[2]
MAPPINGS = ROOT / "content" / "mappings"
FOLDERS = {
    "uk-fhrs-london-2022": "uk-fhrs-london-2022",
    "ru-schools-moscow": "ru-schools-moscow",
    "ru-gymnasiums-moscow": "ru-schools-moscow",
    "ru-lyceums-moscow": "ru-schools-moscow",
    "ru-nok-results": "ru-nok-results",
    "us-cms-hospitals": "us-cms-hospitals",
    "ru-busgov-kurya": "ru-busgov-kurya",
}


class Imports:
    """Each mapping imported once for all tests of this file."""

    def __init__(self, data: Path, out: Path) -> None:
        self.data, self.out = data, out
        self.reports: dict[str, ImportReport] = {}

    def report(self, name: str) -> ImportReport:
        if name not in self.reports:
            source = self.data / FOLDERS[name]
            self.reports[name] = import_table(MAPPINGS / f"{name}.yaml", source, self.out / name)
        return self.reports[name]

    def rows(self, name: str, table: str) -> Iterator[dict[str, str]]:
        self.report(name)
        for file in sorted((self.out / name).glob(f"{table}*.csv")):
            with file.open(encoding="utf-8", newline="") as stream:
                yield from csv.DictReader(stream)


@pytest.fixture(scope="session")
def imports(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Imports:
    return Imports(shared_data, tmp_path_factory.mktemp("imports"))


def test_every_mapping_of_the_project_is_tested_here() -> None:
    assert {path.stem for path in MAPPINGS.glob("*.yaml")} == set(FOLDERS)


@pytest.mark.parametrize(
    ("name", "read", "fitted"),
    [
        ("uk-fhrs-london-2022", 71_659, 71_659),
        ("ru-schools-moscow", 1_230, 1_230),
        ("ru-gymnasiums-moscow", 169, 169),
        ("ru-lyceums-moscow", 91, 91),
        ("ru-nok-results", 34, 29),
        ("us-cms-hospitals", 5_326, 5_326),
        ("ru-busgov-kurya", 27, 24),
    ],
)
def test_no_row_is_lost(imports: Imports, name: str, read: int, fitted: int) -> None:
    report = imports.report(name)
    left_out = sum(part.rows for part in report.rows_left_out)
    assert (report.rows_read, report.rows_fitted) == (read, fitted)
    assert report.rows_read == report.rows_fitted + left_out
    assert (
        report.rows_written["organizations"]
        == report.rows_fitted
        == sum(1 for _ in imports.rows(name, "organizations"))
    )
    assert report.problems == ()


def test_london_keeps_its_states_apart(imports: Imports) -> None:
    states = Counter((row["measure"], row["state"]) for row in imports.rows("uk-fhrs-london-2022", "scores"))
    parts = {"scored": 58_853, "not_assessed": 9_263, "exempt": 3_126, "no_data": 417}
    assert states == {
        ("total", "scored"): 59_266,
        ("total", "not_assessed"): 9_263,
        ("total", "exempt"): 3_126,
        ("total", "no_data"): 4,
        **{(measure, state): n for measure in ("hygiene", "structural", "confidence") for state, n in parts.items()},
    }


def test_london_has_points_where_and_only_where_it_was_scored(imports: Imports) -> None:
    wrong = [
        row
        for row in imports.rows("uk-fhrs-london-2022", "scores")
        if bool(row["points"]) != (row["state"] == "scored")
    ]
    assert wrong == []


def test_london_ratings_are_those_of_the_source(imports: Imports) -> None:
    points = Counter(
        row["points"] or row["published_as"]
        for row in imports.rows("uk-fhrs-london-2022", "scores")
        if row["measure"] == "total"
    )
    assert points == {
        "5": 36_695,
        "4": 12_581,
        "3": 6_724,
        "2": 1_694,
        "1": 1_385,
        "0": 187,
        "AwaitingInspection": 9_263,
        "Exempt": 3_126,
        "AwaitingPublication": 4,
    }


def test_london_has_its_boroughs_and_kinds(imports: Imports) -> None:
    rows = list(imports.rows("uk-fhrs-london-2022", "organizations"))
    regions = {row["region_code"]: row["name_en"] for row in imports.rows("uk-fhrs-london-2022", "regions")}
    assert len(regions) == 32
    assert regions["hackney"] == "Hackney"
    assert {row["region_code"] for row in rows} == set(regions)
    assert Counter(row["region_code"] for row in rows)["hackney"] == 3_137
    assert len({row["kind"] for row in rows}) == 14


def test_london_extra_fields_travel(imports: Imports) -> None:
    rows = list(imports.rows("uk-fhrs-london-2022", "organizations"))
    replies = [row["right_to_reply"] for row in rows if row["right_to_reply"]]
    assert (len(replies), any("&" in text and ";" in text for text in replies)) == (12, False)
    assert "Closed for 12 weeks, on Return had pset infestations. Now cleaned & rectified" in " ".join(replies)
    assert sum(row["rating_date"] == "" for row in rows) == 12_393
    assert max(row["rating_date"] for row in rows) == "2021-08-19"
    descriptor = json.loads((imports.out / "uk-fhrs-london-2022" / "datapackage.json").read_text("utf-8"))
    fields = {field["name"]: field for field in descriptor["resources"][1]["schema"]["fields"]}
    assert fields["rating_date"]["title"] == "Дата проверки"


def test_london_points_far_away_are_emptied_and_listed(imports: Imports) -> None:
    report = imports.report("uk-fhrs-london-2022")
    assert Counter(problem.rule for problem in report.mended) == {"point-emptied": 28}
    assert sum(row["latitude"] == "" for row in imports.rows("uk-fhrs-london-2022", "organizations")) == 11_353 + 28


@pytest.mark.parametrize(
    ("name", "mended"), [("ru-schools-moscow", 0), ("ru-gymnasiums-moscow", 44), ("ru-lyceums-moscow", 22)]
)
def test_broken_quotes_of_moscow_are_mended_and_listed(imports: Imports, name: str, mended: int) -> None:
    report = imports.report(name)
    assert Counter(problem.rule for problem in report.mended) == ({"quotes-mended": mended} if mended else {})
    for row in imports.rows(name, "organizations"):
        assert 55.1 < float(row["latitude"]) < 56.1
        assert 36.8 < float(row["longitude"]) < 38.0


def test_mended_rows_of_moscow_read_as_a_person_reads_them(imports: Imports) -> None:
    names = {row["organization_id"]: row for row in imports.rows("ru-gymnasiums-moscow", "organizations")}
    first = names["mos-86660640"]
    assert first["name"].endswith('гимназия № 1505 "Московская городская педагогическая гимназия-лаборатория"')
    assert first["municipality"] == "Восточный административный округ, район Преображенское"
    bare = names["mos-86887793"]
    assert bare["name"] == 'Негосударственное образовательное учреждение гимназия "Первая Московская гимназия"'
    assert (bare["address"], bare["phone"], bare["ownership"]) == ("", "", "Негосударственное")
    lyceums = {row["name"] for row in imports.rows("ru-lyceums-moscow", "organizations")}
    assert any(
        name.endswith('лицей № 1511 при "Национальном исследовательском ядерном университете "МИФИ"')
        for name in lyceums
    )


def test_ids_of_the_three_moscow_files_do_not_meet(imports: Imports) -> None:
    names = [name for name in FOLDERS if name.endswith("-moscow")]
    ids = [row["organization_id"] for name in names for row in imports.rows(name, "organizations")]
    assert len(ids) == len(set(ids)) == 1_490


def test_both_scales_of_the_results_have_their_methods(imports: Imports) -> None:
    methods = {row["assessment_id"]: row["method_id"] for row in imports.rows("ru-nok-results", "assessments")}
    assert (len(methods), methods["66-2015-education"], methods["66-2022-education"]) == (10, "1547-2014", "344n-2018")
    scores = {
        (row["assessment_id"], row["points"], row["published_as"], row["published_rank"])
        for row in imports.rows("ru-nok-results", "scores")
        if row["measure"] == "total"
    }
    assert {("17-2022-education", "87.72", "87,72", "1"), ("66-2015-education", "111.83", "111, 83", "")} <= scores
    assert ("39-2025-social", "99.7", "99,7👌", "") in scores


def test_the_results_say_whom_they_left_out(imports: Imports) -> None:
    report = imports.report("ru-nok-results")
    assert [(part.rows, part.is_misfit) for part in report.rows_left_out] == [(1, False), (4, False)]
    assert "4 — год оценки не напечатан" in describe(report)


def test_hospitals_keep_zeros_letters_and_missing_stars(imports: Imports) -> None:
    scores = {row["organization_id"]: row for row in imports.rows("us-cms-hospitals", "scores")}
    assert {"cms-030084", "cms-10021f", "cms-010001"} <= set(scores)
    assert Counter(row["state"] for row in scores.values()) == {"scored": 3_576, "no_data": 1_750}
    rows = list(imports.rows("us-cms-hospitals", "organizations"))
    assert sum(row["latitude"] == "" for row in rows) == 911
    assert Counter(row["kind"] for row in rows)["critical_access_hospital"] == 1_356


def test_numbers_of_cards_and_of_rating_forms_are_kept_apart(imports: Imports) -> None:
    rows = {row["inn"]: row for row in imports.rows("ru-busgov-kurya", "organizations")}
    school, hospital = rows["2254002252"], rows["2254000833"]
    assert (school["bus_agency_id"], school.get("bus_rate_id", ""), school["bus_second_id"]) == ("8968", "", "3472492")
    assert not any(row.get("bus_rate_id") for row in rows.values())
    assert (hospital["kind"], hospital["sphere"], hospital["kpp"]) == ("hospital", "health", "225401001")
    assert (hospital["bus_general"], hospital["bus_complete"]) == ("true", "true")
    assert Counter(row["kind"] for row in rows.values())["school"] == 9
    (left_out,) = imports.report("ru-busgov-kurya").rows_left_out
    assert left_out.rows == 3


def test_all_imports_pass_the_check_of_packages_together(imports: Imports, tmp_path: Path) -> None:
    methods = {
        path.stem: parse_method(path.read_text("utf-8"), path.name)
        for path in (ROOT / "content" / "methods").glob("*.yaml")
    }
    for name in FOLDERS:
        imports.report(name)
    terms = Terms(methods=methods, regions=(), today=date(2026, 2, 7))
    checked = check_packages([imports.out / name for name in FOLDERS], terms, tmp_path)
    assert [(problem.where, problem.rule, problem.value) for problem in checked.problems] == []


def test_a_new_borough_stops_the_import(shared_data: Path, tmp_path: Path) -> None:
    head = (shared_data / "uk-fhrs-london-2022" / "establishments.csv").read_text("utf-8").splitlines()[:3]
    (tmp_path / "establishments.csv").write_text("\n".join(head).replace("Hammersmith and Fulham", "Hackny"), "utf-8")
    report = import_table(MAPPINGS / "uk-fhrs-london-2022.yaml", tmp_path, tmp_path / "out")
    assert [(p.rule, p.where.row, p.where.column, p.value) for p in report.problems] == [
        ("value-unmapped", 2, "LocalAuthorityName", "Hackny"),
        ("value-unmapped", 3, "LocalAuthorityName", "Hackny"),
    ]
    assert not (tmp_path / "out").exists()


@pytest.mark.scale
def test_london_is_imported_within_25_seconds_and_500_megabytes(shared_data: Path, tmp_path: Path) -> None:
    program = (
        "import resource, sys, time; from pathlib import Path; from nok.packages.mapping import import_table; "
        "start = time.monotonic(); import_table(*map(Path, sys.argv[1:])); "
        "print(time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    arguments = [MAPPINGS / "uk-fhrs-london-2022.yaml", shared_data / "uk-fhrs-london-2022", tmp_path / "out"]
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    seconds, megabytes = map(float, done.stdout.split())
    assert seconds <= 25
    assert megabytes <= 500


@pytest.mark.parametrize("name", FOLDERS)
def test_a_mapping_names_its_file_for_a_folder(name: str) -> None:
    assert read_mapping(MAPPINGS / f"{name}.yaml").source.file
