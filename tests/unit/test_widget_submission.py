"""What a sent rating may hold, field by field."""

from datetime import date
from typing import Any

import pytest

from nok.errors import Problem
from nok.records import REVIEW_CRITERIA
from widget.submission import (
    MAXIMUM_TEXT_GRAPHEMES,
    Details,
    MalformedError,
    Submission,
    measure_graphemes,
    parse_details,
    parse_form,
    parse_json,
    parse_submission,
)

TODAY = date(2026, 2, 7)
KEY = "0123456789abcdef"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def _parse(is_form: bool = False, **fields: Any) -> tuple[Submission | None, list[Problem]]:
    whole = {"rating": "4" if is_form else 4, "idempotency_key": KEY, **fields}
    return parse_submission(whole, is_form=is_form, today=TODAY)


def _rules(is_form: bool = False, **fields: Any) -> list[str]:
    submission, problems = _parse(is_form, **fields)
    assert (submission is None) == bool(problems)
    return [problem.rule for problem in problems]


def _text(written: str) -> str:
    submission, problems = _parse(text=written)
    assert problems == []
    assert submission is not None
    return submission.text


def test_a_rating_and_a_key_are_enough() -> None:
    assert _parse() == (Submission(rating=4, idempotency_key=KEY), [])


@pytest.mark.parametrize("value", [True, False, "5", 5.0, 0, 6, -1, None, [5], {"a": 1}, float("nan"), float("inf")])
def test_in_json_only_a_whole_number_from_1_to_5_is_a_rating(value: Any) -> None:
    assert _rules(rating=value) == ["rating-range"]


@pytest.mark.parametrize("value", ["", "0", "6", "05", " 5", "5.0", "٣", "５", "1_0", "+5"])
def test_in_a_form_only_one_digit_is_a_rating(value: str) -> None:
    assert _rules(is_form=True, rating=value) == ["rating-range"]


def test_both_required_fields_are_asked_for_together() -> None:
    _, problems = parse_submission({}, is_form=True, today=TODAY)
    assert [(problem.rule, problem.where.column) for problem in problems] == [
        ("field-missing", "rating"),
        ("field-missing", "idempotency_key"),
    ]


@pytest.mark.parametrize(
    "key", ["", "a" * 15, "a" * 65, "a" * 16 + "_", "ключ-ключ-ключ-ключ", "a" * 16 + "\n", 5, None]
)
def test_a_key_has_16_to_64_letters_digits_and_hyphens(key: Any) -> None:
    assert _rules(idempotency_key=key) == ["key-format"]


@pytest.mark.parametrize("name", ["status", "id", "created", "state", "__proto__", "receipt", "\ud800"])
def test_an_unknown_field_is_refused_by_its_name(name: str) -> None:
    _, problems = _parse(**{name: "approved"})
    assert [problem.rule for problem in problems] == ["field-unknown"]
    assert problems[0].where.column == name.encode("utf-8", "backslashreplace").decode()


@pytest.mark.parametrize("criterion", REVIEW_CRITERIA)
def test_every_criterion_is_read_and_an_empty_one_is_left_out(criterion: str) -> None:
    assert _parse(is_form=True, **{criterion: "2"})[0] == Submission(
        rating=4, idempotency_key=KEY, criteria=((criterion, 2),)
    )
    assert _parse(is_form=True, **{criterion: ""})[0] == Submission(rating=4, idempotency_key=KEY)
    assert _rules(**{criterion: True}) == ["criterion-range"]


def test_every_fault_is_told_not_the_first_only() -> None:
    assert _rules(rating=9, comfort=9, visited_on="вчера", hidden=1) == [
        "rating-range",
        "criterion-range",
        "date-format",
        "field-unknown",
    ]


@pytest.mark.parametrize(
    "day", ["2025-02-29", "2026-13-01", "07.02.2026", "20260207", "2026-2-7", "2026-02-07T10:00", 5]
)
def test_a_date_is_written_one_way(day: Any) -> None:
    assert _rules(visited_on=day) == ["date-format"]


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-02-07", []), ("2026-02-08", ["date-range"]), ("0001-01-01", ["date-range"])]
)
def test_a_visit_is_not_after_today(day: str, expected: list[str]) -> None:
    assert _rules(visited_on=day) == expected


@pytest.mark.parametrize("text", [" \n ", "\u200b\u200d\ufeff", "\u00a0\u2060 \u3164", ""])
def test_text_of_nothing_visible_is_no_text(text: str) -> None:
    assert _text(text) == ""


def test_line_ends_become_one_and_outer_blanks_go() -> None:
    assert _text("  Тихо.\r\nЧисто.\rСветло.\u2028Тепло.\u200b ") == "Тихо.\nЧисто.\nСветло.\nТепло."


@pytest.mark.parametrize(
    "character", ["\0", "\x1b", "\x07", "\x0b", "\t", "\x85", "\ufffe", "\U0001ffff", "\ufffd", chr(0xD800)]
)
def test_a_character_that_cannot_be_shown_is_refused(character: str) -> None:
    assert _rules(text=f"Хорошо{character}.") == ["text-control"]


def test_the_length_is_counted_as_people_count() -> None:
    assert _text(FAMILY * MAXIMUM_TEXT_GRAPHEMES) != ""
    assert _text("и\u0306" * MAXIMUM_TEXT_GRAPHEMES) != ""
    assert _rules(text="я" * (MAXIMUM_TEXT_GRAPHEMES + 1)) == ["text-length"]
    assert _rules(text="я" * 1000 + FAMILY) == ["text-length"]


def test_a_heap_of_combining_marks_is_refused() -> None:
    assert _rules(text="а" + "\u0301" * 40) == ["text-marks"]
    assert _rules(text="\u0301" * 5001) == ["text-length"]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("\n\n", 2),
        (FAMILY, 1),
        ("\U0001f1f7\U0001f1fa\U0001f1e9", 2),
        ("👍🏽", 1),
        ("각", 1),
        ("1\ufe0f\u20e3", 1),
    ],
)
def test_graphemes(text: str, count: int) -> None:
    assert measure_graphemes(text)[0] == count


def test_markup_and_sql_stay_what_they_are() -> None:
    hostile = "<script>alert(1)</script> '; ATTACH DATABASE '/tmp/x' AS y; --"
    assert _text(hostile) == hostile


def test_a_placement_code_is_read_as_people_type_it() -> None:
    submission, _ = _parse(placement_code="mfkwv-59b6o")
    assert submission is not None
    assert submission.placement_code == "MFKWV59B60"
    assert _rules(placement_code="MFKWV59B61") == ["placement-format"]


@pytest.mark.parametrize("language", ["русский", "RU", "ru_RU", "r", "ru\n", 5])
def test_a_language_is_a_code(language: Any) -> None:
    assert _rules(language=language) == ["language-format"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"4",
        b"[]",
        b"null",
        b"{",
        b"\xff{}",
        b"[" * 200_000,
        b'{"a":' * 60_000,
        b'{"rating": 4, "rating": 5}',
        b"rating=4",
    ],
)
def test_a_body_that_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_json(body)


@pytest.mark.parametrize("number", [b"9" * 5000, str(2**63).encode(), b"NaN", b"-Infinity", b"1e400"])
def test_a_number_beyond_all_bounds_is_no_rating(number: bytes) -> None:
    fields = parse_json(b'{"idempotency_key": "0123456789abcdef", "rating": ' + number + b"}")
    _, problems = parse_submission(fields, is_form=False, today=TODAY)
    assert [problem.rule for problem in problems] == ["rating-range"]


def test_a_field_sent_twice_is_refused() -> None:
    with pytest.raises(MalformedError, match="field-repeated"):
        parse_form([("rating", "4"), ("rating", "5")])


def test_bodies_are_equal_where_they_say_the_same() -> None:
    first, second = _parse(text=" да ", comfort=3)[0], _parse(is_form=True, comfort="3", text="да")[0]
    other = _parse(comfort=3, text="нет")[0]
    assert first is not None
    assert second is not None
    assert other is not None
    assert first.body() == second.body() != other.body()


def test_details_tell_what_was_taken_back_from_what_was_not_named() -> None:
    found, problems = parse_details({"comfort": "", "speed": "2"}, is_form=True)
    assert problems == []
    assert found == Details(criteria=(("comfort", None), ("speed", 2)), text=None)
    assert parse_details({"text": "  "}, is_form=True)[0] == Details(text="")


def test_details_do_not_change_the_rating() -> None:
    _, problems = parse_details({"rating": "5"}, is_form=True)
    assert [problem.rule for problem in problems] == ["field-unknown"]
