"""Tables written by whole columns are, byte for byte, what is written of them row by row."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nok.packages.profile import profile_schema
from nok.packages.read import Resource
from nok.packages.visible import Hidden, published_form, visible_rows
from nok.render.downloads import csv_chunks, json_lines
from nok.render.forms_visible import BY_COLUMNS, visible_bytes

IDS = ["a", "b", "c"]
NASTY = st.one_of(
    st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\t\n\"',;\\<>&"), max_size=12),
    st.sampled_from(
        ["", '"', '""', ",", "\n", "\r", "a\r\nb", " ", " a ", "\u2028", "\x7f", "null", "NaN", "\ufeff", "=1"]
    ),
)
NUMBERS = {"points": ["", "0", "87.02", "100", "83.0"], "rating": ["1", "2", "3", "4", "5"]}


def cells(name: str, described: dict[str, object]) -> st.SearchStrategy[str]:
    """What a checked column may hold."""
    constraints = described.get("constraints")
    values = constraints.get("enum") if isinstance(constraints, dict) else None
    if name in ("organization_id", "review_id", "assessment_id"):
        return st.sampled_from(IDS)
    if name in NUMBERS:
        return st.sampled_from(NUMBERS[name])
    if values:
        return st.sampled_from([*map(str, values), ""])
    kinds = {"integer": ["", "0", "7", "120"], "boolean": ["true", "false", ""], "date": ["2026-02-28", ""]}
    kinds |= {"number": ["", "0.5", "12"], "year": ["2025"]}
    return st.sampled_from(kinds[str(described["type"])]) if described.get("type") in kinds else NASTY


@pytest.mark.parametrize("name", BY_COLUMNS)
@given(data=st.data())
def test_columns_and_rows_write_the_same(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    schema = profile_schema(name)
    fields = {field["name"]: field for field in schema["fields"]}
    rows = data.draw(st.lists(st.tuples(*(cells(*each) for each in fields.items())), max_size=8))
    file = tmp_path_factory.mktemp("table") / f"{name}.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([list(fields), *rows])
    hidden = Hidden()
    hidden.organizations = data.draw(st.sets(st.sampled_from(IDS), max_size=1))
    hidden.assessments = data.draw(st.sets(st.sampled_from(IDS), max_size=1))
    hidden.reviews = data.draw(st.sets(st.sampled_from(IDS), max_size=1))
    resource = published_form(Resource(name=name, files=(file,), schema=schema, delimiter=","))
    columns = [field["name"] for field in resource.schema["fields"]]
    shown = list(visible_rows(resource, hidden))
    for ending, expected in (
        ("csv", b"".join(csv_chunks(columns, shown))),
        ("jsonl", b"".join(json_lines(resource.schema, shown))),
    ):
        pieces = list(visible_bytes(resource, hidden, ending))
        assert b"".join(content for content, _ in pieces) == expected
        assert sum(number for _, number in pieces) == len(shown)


def test_several_files_and_columns_that_lack_are_one_table(tmp_path: Path) -> None:
    whole = profile_schema("replies")
    names = [field["name"] for field in whole["fields"]]
    for number in (1, 2):
        text = f"review_id,replied_on\nr{number},2026-02-0{number}\n"
        (tmp_path / f"replies-{number}.csv").write_text(text, "utf-8")
    files = tuple(tmp_path / f"replies-{number}.csv" for number in (1, 2))
    resource = Resource(name="replies", files=files, schema=whole, delimiter=",")
    written = b"".join(content for content, _ in visible_bytes(resource, Hidden(), "csv"))
    empty = dict.fromkeys(names, "")
    rows = [empty | {"review_id": f"r{number}", "replied_on": f"2026-02-0{number}"} for number in (1, 2)]
    assert written == b"".join(csv_chunks(names, rows))
