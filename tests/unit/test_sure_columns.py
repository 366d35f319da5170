"""What is clean is known to be clean without being read row by row: for every table of the profile, and to the row."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nok.errors import Severity
from nok.identifiers import is_inn, is_ogrn
from nok.links import Links
from nok.packages import columns, exact, table
from nok.packages.check import Checked, Terms, check_packages
from nok.packages.parties import Known
from nok.packages.profile import RESOURCES
from nok.packages.rules import Rules
from nok.site.publication import read_publication
from tests.conftest import ASSESSMENT_ID, valid_tables, write_package

TODAY = date(2026, 2, 7)


class Watch:
    """Checks packages by columns, and notes which tables were clean as a whole and which were read row by row."""

    def __init__(self, patch: pytest.MonkeyPatch, scratch: Path) -> None:
        self._scratch = scratch
        self.clean: dict[str, bool] = {}
        self.by_rows: list[str] = []
        ask, scan = columns.read_clean, exact.TableReader.scan

        def listen(package: Any, resource: Any, *others: Any, **named: Any) -> columns.CleanTable | None:
            found = ask(package, resource, *others, **named)
            self.clean[resource.name] = found is not None and found.is_whole
            return found

        def note(reader: Any, *given: Any) -> exact.Scan:
            self.by_rows.append(reader._resource.name)
            return scan(reader, *given)

        patch.setattr(columns, "read_clean", listen)
        patch.setattr(table.TableReader, "scan", note)
        patch.setattr(table, "LEAST_BYTES_FOR_COLUMNS", 0)

    def check(self, *folders: Path) -> Checked:
        publication = read_publication(None)
        terms = Terms(methods=publication.methods, regions=publication.regions, forms=publication.forms, today=TODAY)
        return check_packages(folders, terms, self._scratch)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    with pytest.MonkeyPatch.context() as patch:
        yield Watch(patch, tmp_path / "scratch")


def test_every_table_of_the_demonstration_is_clean_without_being_read_by_rows(watch: Watch, project_root: Path) -> None:
    checked = watch.check(project_root / "data_packages" / "demo")
    assert checked.problems == []
    assert set(RESOURCES) - watch.clean.keys() == {"withdrawn_reviews", "rating_splits"}, "what the widget alone writes"
    assert {name for name, is_clean in watch.clean.items() if not is_clean} == set()
    assert watch.by_rows == []


# ---- one fault in the middle of many rows --------------------------------------------------------------------------

MANY = 24
"""So many organisations; the tenth is the one that is spoilt, so that its rows are neither first nor last nor greatest."""

TENTH = 9
Tables = dict[str, list[dict[str, Any]]]


def many_rows() -> Tables:
    """Tables that are clean, each with a row of every organisation at least."""
    tables: Tables = valid_tables(MANY, 2)
    ids = [row["organization_id"] for row in tables["organizations"]]
    tables["observations"] = [
        {"organization_id": one, "assessment_id": ASSESSMENT_ID, "parameter": parameter, "value": value, "norm": norm}
        | {"applicable": "", "comment": "", "latitude": "", "longitude": ""}
        | {"observed_at": TODAY - timedelta(days=100 + number % 5)}
        for number, one in enumerate(ids)
        for parameter, value, norm in (("stand_items", 9 - number % 3, 10), ("access_equipment", 5 - number % 3, ""))
    ]
    tables["answers"] = [
        {"organization_id": one, "assessment_id": ASSESSMENT_ID, "questionnaire_id": "675n-2018", "question": question}
        | {"answer": answer, "mode": "paper", "count": count}
        for one in ids
        for question, answer, count in (("q6", "yes", 9), ("q6", "no", 1), ("q7", "yes", 6), ("q8", "yes", 5))
    ]
    tables["appeal_statistics"] = [
        {"organization_id": one, "period": 2025 - number % 3, "received": 10, "answered": 8, "median_days": 12}
        | {"overdue": 3}
        for number, one in enumerate(ids)
    ]
    for row in tables["organizations"]:
        row |= {"opened_on": "1990-01-01", "closed_on": ""}
    for row in tables["reviews"]:
        row["visited_on"] = ""
    return tables


SPOILT: dict[str, tuple[str, int, dict[str, object], str, str]] = {
    "ИНН": ("organizations", TENTH, {"inn": "7017000012"}, "inn", "inn"),
    "ОГРН": ("organizations", TENTH, {"ogrn": "1027000000012"}, "ogrn", "ogrn"),
    "north of its region": ("organizations", TENTH, {"latitude": "66.5"}, "region-box", "latitude"),
    "east of its region": ("organizations", TENTH, {"longitude": "99.5"}, "region-box", "latitude"),
    "a place by half": ("organizations", TENTH, {"longitude": ""}, "coordinates-pair", "latitude"),
    "closed before it opened": ("organizations", TENTH, {"closed_on": "1989-12-31"}, "period-order", "closed_on"),
    "a status of its own": ("organizations", TENTH, {"status": "secret"}, "enum", "status"),
    "too large a latitude": ("organizations", TENTH, {"latitude": "90.0001"}, "maximum", "latitude"),
    "points above the scale": ("scores", 6 * TENTH, {"points": "100.0001"}, "points-scale", "points"),
    "points with a comma": ("scores", 6 * TENTH, {"points": "99,5"}, "type-number", "points"),
    "no points": ("scores", 6 * TENTH, {"points": ""}, "points-missing", "points"),
    "a measure of another method": ("scores", 6 * TENTH, {"measure": "K6"}, "measure-unknown", "measure"),
    "a state without points": ("scores", 6 * TENTH, {"state": "no_data"}, "points-unexpected", "points"),
    "more found than required": ("observations", 2 * TENTH, {"value": 11}, "value-above-norm", "value"),
    "half a thing": ("observations", 2 * TENTH, {"value": "7.5"}, "count-whole", "value"),
    "nothing noted": ("observations", 2 * TENTH, {"value": ""}, "observation-missing", "value"),
    "noted though it does not apply": (
        "observations",
        2 * TENTH,
        {"applicable": "false"},
        "observation-unexpected",
        "value",
    ),
    "no norm": ("observations", 2 * TENTH, {"norm": ""}, "norm-missing", "norm"),
    "more than the list has": ("observations", 2 * TENTH + 1, {"value": 6}, "value-above-list", "value"),
    "seen at half a place": ("observations", 2 * TENTH, {"latitude": "56.5"}, "coordinates-pair", "latitude"),
    "seen tomorrow": ("observations", 2 * TENTH, {"observed_at": TODAY + timedelta(1)}, "future-date", "observed_at"),
    "answers after no": ("answers", 4 * TENTH + 3, {"count": 7}, "answers-after-no", "count"),
    "an answer that is not asked for": ("answers", 4 * TENTH, {"answer": "maybe"}, "answer-unlisted", "answer"),
    "a question that is not asked": ("answers", 4 * TENTH, {"question": "q99"}, "question-unlisted", "question"),
    "more answered than received": ("appeal_statistics", TENTH, {"answered": 11}, "appeals-answered", "answered"),
    "more overdue than received": ("appeal_statistics", TENTH, {"overdue": 11}, "appeals-overdue", "overdue"),
    "a year to come": ("appeal_statistics", TENTH, {"period": 2027}, "future-year", "period"),
    "a rating of six": ("reviews", 2 * TENTH, {"rating": 6}, "maximum", "rating"),
    "a visit after the review": ("reviews", 2 * TENTH, {"visited_on": TODAY}, "visit-late", "visited_on"),
    "a review of nobody": ("reviews", 2 * TENTH, {"organization_id": "nobody"}, "foreign-key", "organization_id"),
    "a review that stands twice": ("reviews", 2 * TENTH, {"review_id": "review-1"}, "key-repeated", "review_id"),
}
"""Title to the table, the row (the first is 0), what is written there, the rule that it breaks, and the column of the fault."""


@pytest.mark.parametrize(("name", "row", "cells", "rule", "column"), SPOILT.values(), ids=SPOILT)
def test_one_fault_among_many_rows_is_found_by_columns_at_its_place(
    watch: Watch, tmp_path: Path, name: str, row: int, cells: dict[str, object], rule: str, column: str
) -> None:
    tables = many_rows()
    tables[name][row] |= cells
    checked = watch.check(write_package(tmp_path / "demo", tables=tables))
    found = [(one.rule, one.where.file, one.where.row, one.where.column) for one in checked.problems]
    assert found == [(rule, f"{name}.csv", row + 2, column)]
    others = {table for table, is_clean in watch.clean.items() if not is_clean} - {name}
    assert others == set(), "and no other table is in doubt"


def test_a_row_that_points_to_nobody_in_its_own_table_is_told_beside_another_fault(
    watch: Watch, tmp_path: Path
) -> None:
    tables = many_rows()
    for row in tables["organizations"]:
        row |= {"successor_organization_id": ""}
    tables["organizations"][2] |= {"inn": "7017000012"}
    tables["organizations"][TENTH] |= {"successor_organization_id": "nobody", "closed_on": "2020-01-01"}
    checked = watch.check(write_package(tmp_path / "demo", tables=tables))
    found = [(one.rule, one.where.row, one.where.column) for one in checked.problems if one.severity is Severity.ERROR]
    assert found == [("inn", 4, "inn"), ("foreign-key", TENTH + 2, "successor_organization_id")]


def test_many_clean_rows_are_not_read_one_by_one(watch: Watch, tmp_path: Path) -> None:
    assert watch.check(write_package(tmp_path / "demo", tables=many_rows())).problems == []
    assert all(watch.clean.values()) and watch.by_rows == []


# ---- what is ordinary is never left to the slow reader ---------------------------------------------------------------


def _sure(expression: pl.Expr, column: str, texts: Sequence[str]) -> list[str]:
    """Those of `texts` that the reader of columns is sure of."""
    frame = pl.DataFrame({column: texts}, schema={column: pl.String})
    return frame.filter(expression)[column].to_list()


@given(st.integers(0, 999_999_999), st.integers(100_000_000_000, 999_999_999_999))
def test_every_right_number_of_a_register_is_sure_and_no_wrong_one(inn: int, ogrn: int) -> None:
    inns = [f"{inn:09}{digit}" for digit in range(10)]
    assert _sure(columns._is_surely_inn(), "inn", inns) == [text for text in inns if is_inn(text)] != []
    ogrns = [f"{ogrn}{digit}" for digit in range(10)] + [f"{ogrn}42{digit}" for digit in range(10)]
    right = [text for text in ogrns if is_ogrn(text)]
    assert _sure(columns._is_surely_ogrn(), "ogrn", ogrns) == right
    assert len(right) == 2


def test_ordinary_addresses_are_sure_and_odd_ones_are_left_to_the_rule() -> None:
    links = Links(misspelt={"misspelt.example": "right.example"})
    rules = Rules({}, (), {}, TODAY, Known(links=links))
    ordinary = ["https://school-12.example.org/", "http://a.b.example/path?x=1#y", "https://shkola12.example"]
    odd = ["https://школа.рф/", "https://school_12.example/", "ftp://school.example/", "https://example.org:8080/"]
    odd += ["school", "https://misspelt.example/", "https://www.misspelt.example/", "https://-a.example/"]
    expression = columns._is_surely_linked("website", rules)
    assert _sure(expression, "website", [*ordinary, *odd]) == ordinary
    assert pl.DataFrame({"website": [None]}, schema={"website": pl.String}).filter(expression).height == 1


MOJIBAKE = "РџСЂРё".encode()
"""Three letters of UTF-8 that were taken for cp1251, as few as are seen."""


@pytest.mark.parametrize("place", [0, 1, *range(columns.SLICE_BYTES - 40, columns.SLICE_BYTES + 2)])
def test_spoilt_letters_are_seen_wherever_a_slice_of_the_file_begins(place: int) -> None:
    around = b"a" * columns.SLICE_BYTES
    block = around[:place] + MOJIBAKE + around[place:]
    assert columns._may_be_mojibake(block)
    assert not columns._may_be_mojibake(around)
