"""A foreign table becomes a package by its mapping, and no row is lost without a word."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from nok.errors import ConfigError, ExitCode, Severity, StorageError
from nok.packages import mapping_file
from nok.packages.check import Terms, check_packages
from nok.packages.foreign import Source, open_table
from nok.packages.import_report import describe
from nok.packages.mapping import ImportReport, import_table

DESCRIPTOR = """
descriptor:
  name: schools
  title: Schools
  version: "1.0.0"
  licenses: [{name: CC-BY-4.0}]
"""
FIELDS = """
tables:
  organizations:
    fields:
      organization_id: {column: Code, prefix: s-}
      name: Name
      sphere: {constant: education}
      kind: {column: Kind, values: {School: school, Nursery: preschool}}
      region_code: {constant: "70"}
      status: {constant: published}
"""
SCHOOLS = "Code,Name,Kind\n007,First,School\n008,Second,Nursery\n"

Import = Callable[..., ImportReport]


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """`run(mapping, source) -> report`: `source` is text, bytes or a file already there; the package is `out`."""

    def imported(mapping: str, source: str | bytes | Path = SCHOOLS, name: str = "schools.csv") -> ImportReport:
        (tmp_path / "mapping.yaml").write_text(mapping if "descriptor:" in mapping else mapping + DESCRIPTOR, "utf-8")
        if isinstance(source, Path):
            return import_table(tmp_path / "mapping.yaml", source, tmp_path / "out")
        file = tmp_path / name
        file.write_bytes(source.encode() if isinstance(source, str) else source)
        return import_table(tmp_path / "mapping.yaml", file, tmp_path / "out")

    return imported


def written(folder: Path, table: str = "organizations") -> list[dict[str, str]]:
    with (folder / "out" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rules(report: ImportReport) -> list[tuple[str, int | None, str]]:
    return [(problem.rule, problem.where.row, problem.value) for problem in report.problems]


# ---- rows ----------------------------------------------------------------------------------------------------------


def test_a_leading_zero_survives(run: Import, tmp_path: Path) -> None:
    report = run(FIELDS)
    assert [row["organization_id"] for row in written(tmp_path)] == ["s-007", "s-008"]
    assert (report.rows_read, report.rows_fitted, report.rows_written) == (2, 2, {"organizations": 2})
    assert report.exit_code == ExitCode.DONE


def test_a_value_outside_its_map_is_listed_with_row_and_column(run: Import, tmp_path: Path) -> None:
    report = run(FIELDS, "Code,Name,Kind\n1,A,School\n2,B,Scool\n")
    problem = report.problems[0]
    assert (problem.rule, problem.value, problem.severity) == ("value-unmapped", "Scool", Severity.ERROR)
    assert (problem.where.file, problem.where.row, problem.where.column) == ("schools.csv", 3, "Kind")
    assert problem.details == {"similar": "School", "target": "organizations.kind"}


def test_one_misfit_refuses_the_whole_import_and_writes_nothing(run: Import, tmp_path: Path) -> None:
    report = run(FIELDS, "Code,Name,Kind\n1,A,School\n2,B,Scool\n")
    assert not (tmp_path / "out").exists()
    assert (report.is_written, report.exit_code, report.rows_written) == (False, ExitCode.DATA, {})


def test_a_refused_import_leaves_the_former_package_as_it_was(run: Import, tmp_path: Path) -> None:
    run(FIELDS)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    run(FIELDS, "Code,Name,Kind\n1,A,Scool\n")
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_misfits_are_left_out_where_the_mapping_says_so(run: Import, tmp_path: Path) -> None:
    report = run(FIELDS + "on_misfit: leave_out\n", "Code,Name,Kind\n1,A,School\n2,B,Scool\n3,,School\n")
    assert [row["name"] for row in written(tmp_path)] == ["A"]
    assert [(part.rows, part.is_misfit) for part in report.rows_left_out] == [(2, True)]
    assert {problem.severity for problem in report.problems} == {Severity.WARNING}
    assert report.exit_code == ExitCode.DONE


def test_every_fault_of_a_row_is_listed(run: Import) -> None:
    report = run(FIELDS, "Code,Name,Kind\nA B,,Scool\n")
    assert [(p.rule, p.where.column) for p in report.problems] == [
        ("id-unfit", "Code"),
        ("required", "Name"),
        ("value-unmapped", "Kind"),
    ]


def test_a_repeated_key_names_both_rows(run: Import) -> None:
    report = run(FIELDS, "Code,Name,Kind\n1,A,School\n2,B,School\n1,C,School\n")
    assert rules(report) == [("key-repeated", 4, "s-1")]
    assert report.problems[0].details["first"] == "2"


def test_a_reserved_id_is_a_misfit(run: Import) -> None:
    report = run(FIELDS.replace(", prefix: s-", ""), "Code,Name,Kind\ncon,A,School\n")
    assert rules(report) == [("organization-id", 2, "con")]


def test_a_filter_says_why_and_counts(run: Import, tmp_path: Path) -> None:
    mapping = FIELDS + 'leave_out:\n  - {column: Name, matches: "^Total", because: {ru: это итог, en: a total}}\n'
    report = run(mapping, "Code,Name,Kind\n1,A,School\n,Total of 1,Nowhere\n")
    assert [(part.rows, part.because["en"]) for part in report.rows_left_out] == [(1, "a total")]
    assert (report.rows_read, report.rows_fitted, len(written(tmp_path))) == (2, 1, 1)
    assert "1 — это итог" in describe(report)


@pytest.mark.parametrize(
    ("test", "left"),
    [("in: [School]", 1), ("not_in: [School]", 2), ("empty: true", 1), ("empty: false", 2)],
)
def test_filters_by_value(run: Import, test: str, left: int) -> None:
    mapping = FIELDS.replace("School: school", '"": "", School: school')
    report = run(f"{mapping}leave_out: [{{column: Kind, {test}, because: x}}]\n", SCHOOLS + "009,Third,\n")
    assert sum(part.rows for part in report.rows_left_out) == left


def test_blank_rows_are_counted_apart(run: Import) -> None:
    report = run(FIELDS, "Code,Name,Kind\n1,A,School\n\n ,,\n2,B,School\n")
    assert (report.rows_read, report.rows_blank, report.rows_fitted) == (2, 2, 2)
    assert "пустых — 2" in describe(report)


def test_a_row_of_another_width_is_a_misfit(run: Import) -> None:
    report = run(FIELDS, "Code,Name,Kind\n1,A,School,more\n2,B\n3,C,School,,\n")
    assert rules(report) == [("row-length", 2, "4"), ("row-length", 3, "2")]
    assert report.rows_fitted == 1


def test_the_same_source_gives_the_same_bytes(run: Import, tmp_path: Path) -> None:
    run(FIELDS)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    run(FIELDS)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_folder_with_something_else_is_not_overwritten(run: Import, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("mine", "utf-8")
    with pytest.raises(StorageError, match="not a data package"):
        run(FIELDS)


# ---- several tables ------------------------------------------------------------------------------------------------

SCORES = """
columns:
  id: {template: "{Region}-{Name}", slug: true}
  round: {template: "{Region}-{Year}"}
tables:
  organizations:
    fields: {organization_id: id, name: Name, sphere: {constant: health}, region_code: Region, status: {constant: published}}
  assessments:
    distinct: true
    fields:
      assessment_id: round
      title: {template: "Round {Year}"}
      period: Year
      sphere: {constant: health}
      method_id: Method
      kind: {constant: independent}
      stage: {constant: done}
      status: {constant: published}
  scores:
    fields: {organization_id: id, assessment_id: round}
    repeat:
      - measure: {constant: total}
        points: {column: Total, missing: [none]}
        state: {first: [{column: Total, replace: [{find: "^[0-9.,]+$", with: scored}], values: {scored: scored, none: no_data}}]}
        published_as: Total
        place: Place
      - {measure: {constant: K1}, points: K1, state: {constant: scored}, only_if: K1}
extra_fields:
  scores:
    - {name: place, type: integer, title: Place, constraints: {minimum: 1}}
source: {decimal: ","}
"""
RESULTS = (
    "Region,Year,Name,Method,Total,K1,Place\n"
    '70,2025,Больница № 1,344n-2018,"87,72","90,5",1\n'
    "70,2025,Больница № 2,344n-2018,none,,\n"
)


def test_one_row_gives_rows_of_several_tables(run: Import, tmp_path: Path) -> None:
    report = run(SCORES, RESULTS)
    assert report.rows_written == {"organizations": 2, "assessments": 1, "scores": 3}
    assert [row["organization_id"] for row in written(tmp_path)] == ["70-bolnitsa-no-1", "70-bolnitsa-no-2"]
    assert [
        (row["measure"], row["points"], row["state"], row["published_as"]) for row in written(tmp_path, "scores")
    ] == [
        ("total", "87.72", "scored", "87,72"),
        ("K1", "90.5", "scored", ""),
        ("total", "", "no_data", "none"),
    ]


def test_an_extra_field_travels_with_its_title(run: Import, tmp_path: Path) -> None:
    run(SCORES, RESULTS)
    descriptor = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))
    fields = {field["name"]: field for field in descriptor["resources"][2]["schema"]["fields"]}
    assert fields["place"] == {"name": "place", "type": "integer", "title": "Place", "constraints": {"minimum": 1}}
    assert written(tmp_path, "scores")[0]["place"] == "1"


def test_an_extra_field_is_held_against_its_own_constraints(run: Import) -> None:
    report = run(SCORES, RESULTS.replace(",1\n", ",0\n"))
    assert rules(report) == [("minimum", 2, "0")]
    assert report.problems[0].where.column == "Place"


def test_distinct_rows_that_differ_are_a_misfit_with_both_rows(run: Import) -> None:
    report = run(SCORES, RESULTS.replace("№ 2,344n-2018", "№ 2,fhrs"))
    assert rules(report) == [("row-differs", 3, "fhrs")]
    assert report.problems[0].details == {
        "first": "2",
        "other": "344n-2018",
        "key": "70-2025",
        "target": "assessments.method_id",
    }


def test_what_is_imported_passes_the_check_of_packages(run: Import, tmp_path: Path) -> None:
    run(FIELDS)
    terms = Terms(methods={}, regions=(), today=date(2026, 2, 7))
    checked = check_packages([tmp_path / "out"], terms, tmp_path / "scratch")
    assert (checked.is_valid, checked.problems) == (True, [])


# ---- cells ---------------------------------------------------------------------------------------------------------


def field(rule: str) -> str:
    """A mapping whose address is made by `rule`."""
    return FIELDS + f"      address: {rule}\n"


@pytest.mark.parametrize(
    ("rule", "cell", "made"),
    [
        ("X", "  a  b ", "a  b"),
        ("{column: X, spaces: single}", " a  b ", "a b"),
        ('{column: X, missing: ["n/a"]}', "n/a", ""),
        ("{column: X, date: [DD.MM.YYYY, YYYY-MM-DDThh:mm:ss]}", "07.02.2026", "2026-02-07"),
        ("{column: X, date: [DD.MM.YYYY, YYYY-MM-DDThh:mm:ss]}", "2026-02-07T00:00:00", "2026-02-07"),
        ("{column: X, number: {decimal: ',', group: ' '}, decimals: 1}", "1\u00a0204,25", "1204.2"),
        ("{column: X, pad: 10}", "701700001", "0701700001"),
        ("{column: X, lower: true, prefix: a-, suffix: -z}", "10021F", "a-10021f-z"),
        ("{column: X, prefix: a-}", "", ""),
        ("{column: X, html: true}", "&lt;p&gt;\r\n\tCleaned &amp;amp; well&lt;/p&gt;", "Cleaned & well"),
        ("{column: X, website: true}", "http//:school.example", "http://school.example"),
        ('{column: X, replace: [{find: "^ул\\\\. ", with: ""}]}', "ул. Садовая", "Садовая"),
        ("{column: X, values: {a: b}, otherwise: keep}", "c", "c"),
        ("{column: X, values: {a: b}, otherwise: empty}", "c", ""),
        ("{column: X, slug: true}", "Школа № 12 «Щёлково»", "shkola-no-12-shchelkovo"),
        ("{first: [{column: X, missing: [none]}, Y]}", "none", "y"),
        ('{template: "ул. {X}, д. {Y}"}', "Садовая", "ул. Садовая, д. y"),
        ('{template: "ул. {X}, д. {Y}"}', "", "y"),
    ],
)
def test_a_cell_is_made_by_its_rule(run: Import, tmp_path: Path, rule: str, cell: str, made: str) -> None:
    table = f'Code,Name,Kind,X,Y\n1,A,School,"{cell}",y\n'
    report = run(field(rule), table)
    assert report.problems == ()
    assert written(tmp_path)[0].get("address", "") == made


@pytest.mark.parametrize(
    ("rule", "cell", "broken"),
    [
        ("{column: X, date: DD.MM.YYYY}", "31.02.2026", "date-form"),
        ("{column: X, date: DD.MM.YYYY}", "02/07/2026", "date-form"),
        ("{column: X, number: {decimal: ','}}", "87.72", "number-form"),
        ("{column: X, number: {}}", "99,7👌", "number-form"),
        ("{column: X, website: true}", "hhtp://school.example", "website-form"),
        ("X", "a\x01b", "text-control"),
    ],
)
def test_a_cell_that_does_not_fit_is_a_misfit(run: Import, rule: str, cell: str, broken: str) -> None:
    report = run(field(rule), f'Code,Name,Kind,X\n1,A,School,"{cell}"\n')
    assert [(p.rule, p.value, p.where.column) for p in report.problems] == [(broken, cell, "X")]


def test_long_names_that_differ_at_the_end_get_different_ids(run: Import, tmp_path: Path) -> None:
    name = "Муниципальное бюджетное дошкольное образовательное учреждение детский сад"
    run(
        FIELDS.replace("{column: Code, prefix: s-}", "{column: Name, slug: true}"),
        f"Code,Name,Kind\n1,{name} 1,School\n2,{name} 2,School\n",
    )
    ids = [row["organization_id"] for row in written(tmp_path)]
    assert len(set(ids)) == 2
    assert max(map(len, ids)) <= 64


BOXED = (
    FIELDS
    + "      latitude: Lat\n      longitude: Lon\n    box: {lat_min: 56, lat_max: 57, lon_min: 84, lon_max: 86%s}\n"
)


def test_a_point_outside_the_box_is_a_misfit(run: Import) -> None:
    report = run(BOXED % "", "Code,Name,Kind,Lat,Lon\n1,A,School,56.5,85\n2,B,School,85,56.5\n3,C,School,,\n")
    assert rules(report) == [("point-outside", 3, "85, 56.5")]


def test_a_point_outside_the_box_may_lose_its_coordinates(run: Import, tmp_path: Path) -> None:
    report = run(BOXED % ", outside: empty", "Code,Name,Kind,Lat,Lon\n1,A,School,56.5,85\n2,B,School,85,56.5\n")
    assert [(p.rule, p.where.row) for p in report.mended] == [("point-emptied", 3)]
    assert [(row["latitude"], row["longitude"]) for row in written(tmp_path)] == [("56.5", "85"), ("", "")]


def test_half_a_point_is_a_misfit(run: Import) -> None:
    report = run(BOXED % "", "Code,Name,Kind,Lat,Lon\n1,A,School,56.5,\n")
    assert rules(report) == [("coordinates-pair", 2, "")]


# ---- broken quotes -------------------------------------------------------------------------------------------------

BROKEN = (
    '"Code","Name","Kind"\n'
    '"1","гимназия "Эллада"","School"\n'
    '"2","""Да"" школа","School"\n'
    '"3","школа "Эллада", Москва","School"\n'
    '"4","в две\nстроки","School"\n'
    '"5","лицей при "университете "МИФИ"","School"\n'
)


def test_broken_quotes_are_mended_and_reported(run: Import, tmp_path: Path) -> None:
    report = run("source: {quoting: lenient}\n" + FIELDS, BROKEN)
    assert [row["name"] for row in written(tmp_path)] == [
        'гимназия "Эллада"',
        '"Да" школа',
        'школа "Эллада", Москва',
        "в две\nстроки",
        'лицей при "университете "МИФИ"',
    ]
    assert [(p.rule, p.where.row, p.where.line) for p in report.mended] == [
        ("quotes-mended", 2, 2),
        ("quotes-mended", 4, 4),
        ("quotes-mended", 6, 7),
    ]


def test_strict_reading_lists_broken_quotes_and_goes_on(run: Import) -> None:
    report = run(FIELDS, BROKEN)
    assert [(p.rule, p.where.row) for p in report.problems] == [("csv-quote", 2), ("csv-quote", 4), ("csv-quote", 6)]
    assert (report.rows_read, report.rows_fitted) == (5, 2)


def test_quotes_that_cannot_be_mended_are_a_misfit(run: Import) -> None:
    report = run("source: {quoting: lenient}\n" + FIELDS, 'Code,Name,Kind\n"1","A "b,School\n2,B,School\n')
    assert rules(report) == [("csv-quote", 2, "")]
    assert report.rows_fitted == 1


# ---- sources -------------------------------------------------------------------------------------------------------


def workbook(path: Path, rows: list[list[object]], sheet: str = "Лист1") -> Path:
    book = openpyxl.Workbook()
    page = book.create_sheet(sheet, 0)
    for row in rows:
        page.append(row)
    book.save(path)
    return path


def test_a_workbook_is_read_as_text(run: Import, tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Список школ"],
        ["Code", "Name", "Kind", "X"],
        ["007", "A", "School", datetime(2026, 2, 7, tzinfo=UTC).replace(tzinfo=None)],
        [8, "B", "School", 87.5],
        [None, None, None, None],
        [9.0, "C", "School", True],
    ]
    path = workbook(tmp_path / "schools.xlsx", rows)
    report = run("source: {sheet: Лист1, header_row: 2}\n" + field("X"), path)
    assert [(row["organization_id"], row["address"]) for row in written(tmp_path)] == [
        ("s-007", "2026-02-07"),
        ("s-8", "87.5"),
        ("s-9", "true"),
    ]
    assert (report.rows_read, report.rows_blank) == (3, 1)


def test_a_formula_error_is_a_misfit_at_its_place(run: Import, tmp_path: Path) -> None:
    path = workbook(tmp_path / "schools.xlsx", [["Code", "Name", "Kind"], ["1", "#N/A", "School"]])
    report = run(FIELDS, path)
    assert [(p.rule, p.where.row, p.where.column, p.value) for p in report.problems] == [
        ("cell-error", 2, "Name", "#N/A")
    ]


def test_a_wrong_sheet_is_named_with_the_right_one(run: Import, tmp_path: Path) -> None:
    path = workbook(tmp_path / "schools.xlsx", [["Code"]], sheet="Школы")
    with pytest.raises(ConfigError, match=r"no sheet 'Школа'\. Did you mean 'Школы'"):
        run("source: {sheet: Школа}\n" + FIELDS, path)


def test_what_is_no_workbook_is_said_so(run: Import) -> None:
    with pytest.raises(ConfigError, match="not a workbook"):
        run(FIELDS, SCHOOLS, name="schools.xlsx")


def test_json_objects_are_rows_and_deeper_values_have_dotted_names(run: Import, tmp_path: Path) -> None:
    items = [
        {"Code": "007", "Name": "A", "Kind": "School", "at": {"street": "Садовая"}, "tel": [{"n": "1"}]},
        {"Code": 8, "Name": "B", "Kind": "School", "at": None},
    ]
    mapping = "source: {records: response.items}\n" + field('{template: "{at.street}, {tel.0.n}"}')
    run(mapping, json.dumps({"response": {"items": items}}), name="schools.json")
    assert [(row["organization_id"], row["address"]) for row in written(tmp_path)] == [
        ("s-007", "Садовая, 1"),
        ("s-8", ""),
    ]


def test_a_wrong_way_to_the_records_is_named(run: Import) -> None:
    with pytest.raises(ConfigError, match=r"nowhere at 'item'\. Did you mean 'items'"):
        run("source: {records: item}\n" + FIELDS, '{"items": []}', name="schools.json")


def test_a_declared_encoding_is_used(run: Import, tmp_path: Path) -> None:
    run(
        'source: {encoding: windows-1251, delimiter: ";"}\n' + FIELDS,
        "Code;Name;Kind\n1;Школа;School\n".encode("cp1251"),
    )
    assert written(tmp_path)[0]["name"] == "Школа"


def test_an_encoding_is_never_guessed(run: Import) -> None:
    with pytest.raises(ConfigError, match="line 3: the byte 0xD8 is not utf-8"):
        run(FIELDS, SCHOOLS.replace("Second", "Школа").encode("cp1251"))


def test_a_byte_order_mark_is_no_part_of_the_first_name(run: Import) -> None:
    assert run(FIELDS, b"\xef\xbb\xbf" + SCHOOLS.encode()).rows_fitted == 2


def test_names_of_columns_may_stand_in_the_mapping(run: Import) -> None:
    assert run("source: {header: [Code, Name, Kind]}\n" + FIELDS, "1,A,School\n2,B,School\n").rows_fitted == 2


def test_a_wrong_delimiter_is_noticed_by_the_header(run: Import) -> None:
    with pytest.raises(ConfigError, match="with the delimiter ',' the header is one cell: Code;Name;Kind"):
        run(FIELDS, SCHOOLS.replace(",", ";"))


def test_a_repeated_name_of_a_column_is_refused(run: Import) -> None:
    with pytest.raises(ConfigError, match="the column 'Name' stands twice"):
        run(FIELDS, "Code,Name,Name\n1,A,B\n")


def test_a_folder_gives_the_file_that_the_mapping_names(run: Import, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "list.csv").write_text(SCHOOLS, "utf-8")
    assert run("source: {file: list.csv}\n" + FIELDS, tmp_path / "data").rows_fitted == 2
    with pytest.raises(ConfigError, match="is a folder"):
        run(FIELDS, tmp_path / "data")


def test_a_missing_file_is_said_so(run: Import, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"nowhere\.csv: there is no such file"):
        run(FIELDS, tmp_path / "nowhere.csv")


# ---- joined files --------------------------------------------------------------------------------------------------

JOINED = "join: [{file: sites.csv, on: {Code: Id}, prefix: site., unmatched: %s}]\n" + field("site.Address")


def test_another_file_is_joined_by_its_key(run: Import, tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("Id,Address\n008,Садовая\n", "utf-8")
    run(JOINED % "keep")
    assert [row["address"] for row in written(tmp_path)] == ["", "Садовая"]


def test_a_row_without_a_match_may_be_a_misfit(run: Import, tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("Id,Address\n008,Садовая\n", "utf-8")
    report = run(JOINED % "misfit")
    assert rules(report) == [("join-missing", 2, "007")]
    assert "в файле sites.csv" in describe(report)


def test_a_repeated_key_of_a_joined_file_is_a_problem_of_that_file(run: Import, tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("Id,Address\n008,Садовая\n008,Лесная\n", "utf-8")
    report = run(JOINED % "keep")
    assert [(p.rule, p.where.file, p.where.row, p.details["first"]) for p in report.problems] == [
        ("key-repeated", "sites.csv", 3, "2")
    ]
    assert not report.is_written


# ---- the mapping itself --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("tables:", "tabels:", "'tabels' is not known. Did you mean 'tables'"),
        ("name: Name", "nmae: Name", "tables: organizations: fields: the key 'nmae' is not known. Did you mean 'name'"),
        ("name: Name", "name: Nmae", "organizations: name: the source has no column 'Nmae'. Did you mean 'Name'"),
        ("name: Name", "name: NAME", "has no column 'NAME'. Did you mean 'Name'"),
        ("column: Kind, values", "column: Kind, valeus", "'valeus' is not known. Did you mean 'values'"),
        ("organizations:", "organisations:", "'organisations' is not known. Did you mean 'organizations'"),
        ('constant: "70"', "constant: 070", "region_code: constant: expected a text, but YAML reads 56"),
        ("School: school", "yes: school", "expected a text, but YAML reads True"),
        ("constant: published", "constant: public", "the constant 'public' does not fit (enum: published"),
        ("      name: Name\n", "", "the field 'name' is required"),
        ("name: Name", "name: {column: Name, date: YYYY-MM}", "expected YYYY, MM and DD"),
        ("name: Name", "name: {column: Name, template: x}", "exactly one of column, constant"),
        ("name: Name", 'name: {column: Name, replace: [{find: "("}]}', "not a regular expression"),
        ('version: "1.0.0"', "version: 1.0", "version is '1.0'"),
        ("licenses: [{name: CC-BY-4.0}]", "licenses: []", "at least one licence"),
    ],
)
def test_a_mistake_in_the_mapping_is_said_with_its_place(run: Import, before: str, after: str, said: str) -> None:
    text = FIELDS + DESCRIPTOR
    assert before in text
    with pytest.raises(ConfigError) as error:
        run(text.replace(before, after))
    assert said in str(error.value)
    assert str(error.value).startswith("mapping.yaml")


def test_a_row_as_it_stands_is_held_against_the_schema(run: Import) -> None:
    regions = "  regions:\n    rows: [{region_code: Tomsk, name: Tomsk}]\n"
    with pytest.raises(ConfigError, match="regions: region_code: the constant 'Tomsk' does not fit"):
        run(FIELDS + regions)


def test_every_key_of_a_mapping_is_documented() -> None:
    reference = (Path(__file__).parents[2] / "docs" / "mappings.md").read_text("utf-8")
    groups = [value for name, value in vars(mapping_file).items() if name.endswith("_KEYS")]
    assert groups
    assert [key for keys in groups for key in keys if f"`{key}`" not in reference] == []


# ---- words ---------------------------------------------------------------------------------------------------------


def test_equal_faults_are_one_line_with_their_rows(run: Import) -> None:
    report = run(FIELDS, "Code,Name,Kind\n" + "".join(f"{n},A,Scool\n" for n in range(1, 31)))
    told = describe(report)
    assert told.count("Scool") == 1
    assert "строки 2, 3, 4," in told
    assert "и ещё 10" in told
    assert "столбец Kind → organizations.kind: значения «Scool» нет в файле соответствия — возможно, «School»." in told
    assert "Ничего не записано" in told
    assert "31" in describe(report, is_whole=True)


def test_the_report_speaks_english_too(run: Import) -> None:
    told = describe(run(FIELDS, "Code,Name,Kind\n1,A,Scool\n"), "en")
    assert (
        "row 2, column Kind → organizations.kind: the mapping does not know the value 'Scool' — perhaps 'School'."
        in told
    )
    assert "Nothing was written" in told


def test_a_converted_cell_is_shown_as_found_and_as_made(run: Import) -> None:
    mapping = field("X").replace("address: X", "inn: {column: X, pad: 10}")
    assert "«12345»" in (
        told := describe(run(mapping, "Code,Name,Kind,X\n1,A,School,12345x\n")).replace("12345x", "12345")
    )
    assert "стало" in told


def test_reading_a_table_alone_counts_what_it_met(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("A,B\n1,2\n\n1\n", "utf-8")
    table = open_table(tmp_path / "a.csv", Source())
    assert [row.cells for row in table] == [["1", "2"]]
    assert (table.rows_read, table.rows_blank, len(table.problems)) == (2, 1, 1)
