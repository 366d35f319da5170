"""`publish.py questionnaire`: the files it writes, and what it says of a table of filled forms."""

import json
from pathlib import Path

import pytest

import publish
from nok.questionnaire import answers_schema
from nok.render.xlsform import xlsform_bytes
from tests.unit.test_questionnaire import shipped

HEADER = "organization_id,mode,q1,q2,q6,q16,q18\n"


def check(folder: Path, text: str, *more: str) -> int:
    file = folder / "sheets.csv"
    file.write_text(text, "utf-8")
    return publish.main(["questionnaire", "675n-2018", "--check", str(file), "--lang", "en", *more])


def test_the_files_are_those_of_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main(["questionnaire", "675n-2018", "--out", str(tmp_path / "forms")]) == 0
    form = shipped()["675n-2018"]
    assert f"вопросов — 18, отпечаток {form.digest}" in capsys.readouterr().out
    assert json.loads((tmp_path / "forms/answers.schema.json").read_text("utf-8")) == answers_schema(form, "ru")
    assert (tmp_path / "forms/675n-2018.xlsx").read_bytes() == xlsform_bytes(form, ["ru", "en"])


def test_an_unknown_form_is_refused_with_a_guess(capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main(["questionnaire", "675n-2081", "--lang", "en"]) == 64
    assert "There is no questionnaire '675n-2081'. Did you mean '675n-2018'?" in capsys.readouterr().err


def test_a_right_table_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = HEADER + 'school-1,paper,yes,no,yes,"Лавочку,\nпожалуйста",40\nschool-1,phone,no,,,,\n'
    assert check(tmp_path, text) == 0
    assert "Forms: 2, errors: 0." in capsys.readouterr().out


FAULTS = [
    ("school-1,paper,no,yes,,,\n", "row 2, column q2", "'yes', but this question is not asked: so q1 was answered"),
    ("school-1,paper,maybe,,,,\n", "row 2, column q1", "question 1 has no answer with the code 'maybe'"),
    ("school-1,paper,yes,,,,13\n", "row 2, column q18", "the answer to question 18 is '13'"),
    (f"school-1,paper,yes,,,{'а' * 1001},\n", "row 2, column q16", "has more than 1000 characters"),
    ("Школа 1,paper,yes,,,,\n", "row 2, column organization_id", "'Школа 1' is not written as expected"),
    ("school-1,papper,yes,,,,\n", "row 2, column mode", "'papper' is not one of the allowed values — perhaps 'paper'"),
    ("school-1,,yes,,,,\n", "row 2, column mode", "the cell is empty, but a value is required"),
    ("school-1,paper,yes\n", "row 2", "the row has 3 cells, the header 7"),
    ("school-1,paper,yes,,,,\n\n", "row 3", "a blank row"),
]


@pytest.mark.parametrize(("rows", "where", "expected"), FAULTS)
def test_a_fault_is_told_with_its_row_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: str, where: str, expected: str
) -> None:
    report = tmp_path / "report.json"
    assert check(tmp_path, HEADER + rows, "--json", str(report)) == 2
    said = capsys.readouterr().err
    assert f"sheets.csv, {where}: " in said
    assert expected in said
    found = json.loads(report.read_text("utf-8"))
    assert (found["valid"], len(found["problems"])) == (False, 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the file is empty: there is not even a header"),
        ("organization_id,q1\n", "the required column 'mode' is missing"),
        ("organization_id,mode,q1,q1\n", "the column 'q1' stands twice"),
        ("organization_id,mode,mood\n", "the description of this table has no column 'mood' — perhaps 'mode'"),
    ],
)
def test_a_header_that_cannot_be_followed_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    assert check(tmp_path, text) == 2
    assert expected in capsys.readouterr().err


def test_a_file_that_is_no_table_is_refused_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sheets.csv"
    file.write_bytes("organization_id,mode\nшкола".encode("cp1251"))
    assert publish.main(["questionnaire", "675n-2018", "--check", str(file)]) == 3
    assert "не читается как таблица в UTF-8" in capsys.readouterr().err
    assert publish.main(["questionnaire", "675n-2018", "--check", str(tmp_path / "none.csv")]) == 3


def test_the_other_language_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sheets.csv"
    file.write_text(HEADER + "school-1,paper,no,yes,,,\n", "utf-8")
    assert publish.main(["questionnaire", "675n-2018", "--check", str(file)]) == 2
    found = capsys.readouterr()
    assert "«yes», а этот вопрос не задают: так ответили на q1." in found.err
    assert "Анкет: 1, ошибок: 1." in found.out
