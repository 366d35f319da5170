"""Questionnaires: files are read exactly or refused with their line; branches and filled forms keep their rules."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from nok.errors import ConfigError
from nok.method import Method, parse_method
from nok.questionnaire import (
    Questionnaire,
    Standing,
    answers_schema,
    find_questionnaire,
    following,
    read_answers,
    tally,
)
from nok.questionnaire_file import Known, parse_questionnaires

CONTENT = Path(__file__).resolve().parents[2] / "content"
SPHERES = ("education", "health", "culture", "social", "mse", "sport")

BASE = """\
id: base
title: {ru: Анкета, en: Form}
intro: Здравствуйте
source: Приказ
version: "1"
status: published
valid_from: 2018-10-30
method: 344n-2018
spheres: [education]
answers:
  yes-no:
    - {code: "yes", text: Да, counts: satisfied}
    - {code: "no", text: Нет, counts: not}
questions:
  - id: q1
    text: Смотрели стенд?
    format: one
    answers: yes-no
    feeds: [{target: "1.3", as: base}]
  - id: q2
    text: Довольны стендом?
    format: one
    answers: yes-no
    when: {q1: "yes"}
    feeds: [{target: "1.3", as: share}]
  - id: q3
    text: Что предложите?
    format: text
  - id: q4
    text: Возраст
    format: number
    lowest: 14
    highest: 99
    answers: [{code: young, upto: 30, text: до 30}, {code: old, upto: 99, text: старше}]
"""

REGIONAL = """\
id: regional
extends: {id: base, digest: DIGEST}
title: Анкета области
intro: Здравствуйте
source: Приказ области
version: "1"
status: published
method: 344n-2018
spheres: [education]
regions: ["70"]
questions:
  - id: q1
  - id: q2
  - id: own
    text: Как узнали?
    format: many
    answers: [{code: site, text: Сайт}, {code: friends, text: Друзья}]
  - id: q3
  - id: q4
"""


@cache
def methods() -> Mapping[str, Method]:
    found = [parse_method(file.read_text("utf-8"), file.name) for file in sorted((CONTENT / "methods").glob("*.yaml"))]
    return {method.id: method for method in found}


def read(*texts: str) -> dict[str, Questionnaire]:
    known = Known(methods=methods(), spheres=SPHERES)
    return parse_questionnaires([(f"{number}.yaml", text) for number, text in enumerate(texts, 1)], known)


@cache
def base() -> Questionnaire:
    return read(BASE)["base"]


def regional_text() -> str:
    return REGIONAL.replace("DIGEST", base().digest)


@cache
def shipped() -> dict[str, Questionnaire]:
    files = sorted((CONTENT / "questionnaires").glob("*.yaml"))
    return parse_questionnaires(
        [(file.name, file.read_text("utf-8")) for file in files], Known(methods=methods(), spheres=SPHERES)
    )


def changed(text: str, old: str, new: str) -> str:
    assert old in text, f"the sample has no {old!r}"
    return text.replace(old, new, 1)


def given(**answers: str) -> dict[str, Sequence[str]]:
    return {name: [answer] for name, answer in answers.items()}


# ---- files ---------------------------------------------------------------------------------------------------------

SECOND = '  - id: q2\n    text: Довольны стендом?\n    format: one\n    answers: yes-no\n    when: {q1: "yes"}\n'
MISTAKES = [
    ("version:", "verion:", 5, "the key 'verion' is not known. Did you mean 'version'?"),
    ("id: base", "id: База", 1, "the id of a questionnaire is 'База', expected small Latin letters"),
    ("title: {ru: Анкета, en: Form}", "title: 5", 2, "title: expected a text, or texts in `ru:` and `en:`"),
    ("status: published", "status: ready", 6, "status is 'ready', expected draft, published, reference"),
    ("valid_from: 2018-10-30", "valid_from: soon", 7, "'valid_from' is 'soon', expected a date"),
    ("method: 344n-2018", "method: 344n-2108", 8, "there is no method '344n-2108'. Did you mean '344n-2018'?"),
    ("[education]", "[educaton]", 9, "there is no sphere 'educaton'. Did you mean 'education'?"),
    ("[education]", "education", 9, "spheres is 'education', expected a list"),
    ("id: q2", "id: q1", 20, "the question 'q1' stands twice"),
    ('code: "yes"', "code: yes", 12, "the code of an answer is 'True', expected small Latin letters"),
    ('code: "no"', 'code: "yes"', 13, "the answer 'yes' stands twice"),
    ("counts: not}", "counts: bad}", 13, "counts is 'bad', expected satisfied, not, left_out"),
    ("format: one", "format: single", 17, "format is 'single', expected one, many, number, text"),
    ("answers: yes-no", "answers: yesno", 18, "there is no list of answers 'yesno'. Did you mean 'yes-no'?"),
    ("format: text", "format: text\n    answers: yes-no", 29, "takes words, so it has no list of answers"),
    ("format: text", "format: text\n    required: maybe", 29, "required is 'maybe', expected yes or no"),
    ("format: text", "format: one", 26, "answers: expected a list with at least one item"),
    ("    text: Возраст\n", "", 29, "question 'q4': text: expected a text"),
    ("    text: Возраст\n", "    txt: Возраст\n", 30, "the key 'txt' is not known. Did you mean 'text'?"),
    ("upto: 99", "upto: 98", 31, "takes a number: expected `lowest`, `highest`, and groups"),
    ("upto: 30", "upto: 10", 31, "takes a number: expected `lowest`, `highest`, and groups"),
    ("    lowest: 14\n", "", 31, "takes a number: expected `lowest`, `highest`, and groups"),
    ("format: text", "format: text\n    lowest: 1", 28, "'upto', 'lowest' and 'highest' are for numbers"),
    ("highest: 99", "highest: many", 33, "highest is 'many', expected a whole number from 0 to 9999"),
    ('target: "1.3", as: base', 'target: "1.4", as: base', 19, "feeds '1.4', which the method '344n-2018' does not"),
    ('target: "1.3", as: base', "target: K1, as: base", 19, "feeds 'K1', which the method '344n-2018' does not have"),
    ('target: "1.3", as: base', "target: openness, as: mark", 19, "feeds 'openness', which the method"),
    ('target: "1.3", as: base', 'target: "1.3", as: mark', 19, "a form of a method feeds as share or base"),
    ('target: "1.3", as: base', 'target: "1.3", as: all', 19, "as is 'all', expected share, base, mark"),
    ('"1.3", as: base', '"1.3", as: base, parameter: 5.1.1', 19, "feeds the parameter '5.1.1', which is not one of"),
    (
        "format: text",
        'format: text\n    feeds: [{target: "5.3", as: share}]',
        29,
        "(format text) feeds '5.3' as 'share'",
    ),
    ("when: {q1:", "when: {q9:", 24, "the question 'q2' hangs on 'q9', which is not there"),
    ('{q1: "yes"}', "{q1: yes}", 24, "when 'q1' is 'True', expected codes of answers in quotes: \"yes\", \"no\""),
    ('{q1: "yes"}', '{q1: "maybe"}', 24, "waits for the answer 'maybe' to 'q1', whose answers are yes, no"),
    ('{q1: "yes"}', "q1", 24, "when is 'q1', expected `when:"),
    ('{q1: "yes"}', '{q3: "yes"}', 24, "hangs on 'q3', which is answered by words or a number; a branch"),
    ('{q1: "yes"}', '{q4: "young"}', 24, "hangs on 'q4', which is answered by words or a number; a branch"),
    ('{q1: "yes"}', '{q2: "yes"}', 24, "the branches run in a circle: q2 → q2. Cut it somewhere"),
    (
        "answers: yes-no\n    feeds",
        'answers: yes-no\n    when: {q2: "no"}\n    feeds',
        19,
        "run in a circle: q1 → q2 → q1",
    ),
    ("questions:\n", "questions:\n" + SECOND.replace("q2", "q0"), 19, "'q0' hangs on 'q1', which comes later"),
    ("questions:\n", "questions:\n  - simple\n", 14, "a question is 'simple', expected `id: …, text: …`"),
]


@pytest.mark.parametrize(("old", "new", "line", "expected"), MISTAKES)
def test_a_mistake_is_refused_with_its_line(old: str, new: str, line: int, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(changed(BASE, old, new))
    assert str(caught.value).startswith(f"1.yaml, line {line}: ")
    assert expected in str(caught.value)
    assert str(caught.value).endswith("Nothing was done.")


def test_a_question_that_nobody_is_ever_asked_is_refused() -> None:
    third = '  - id: q2b\n    text: Никто\n    format: text\n    when: {q2: "no", q1: "no"}\n  - id: q3\n'
    with pytest.raises(ConfigError, match="nobody is ever asked the question 'q2b': its branches ask for different"):
        read(changed(BASE, "  - id: q3\n", third))


@pytest.mark.parametrize(
    ("old", "new", "line", "expected"),
    [
        ("  - id: q2\n", "", 11, "the question 'q2' of the base 'base' is missing. A regional form may add questions"),
        ("  - id: q1\n  - id: q2\n", "  - id: q2\n  - id: q1\n", 12, "'q2' stands where the base 'base' has 'q1'"),
        ("  - id: q3\n", "  - id: q3\n    text: Иначе\n    format: text\n", 18, "'q3' of the base 'base' is worded or"),
        ("digest: DIGEST", "digest: 0123456789ab", 2, "its digest is '"),
        ("id: base", "id: bas", 2, "it extends 'bas', which is no base form. Did you mean 'base'?"),
        ("{id: base, digest: DIGEST}", "base", 2, "extends is 'base', expected `id: …` and `digest: …`"),
    ],
)
def test_a_regional_form_keeps_its_base(old: str, new: str, line: int, expected: str) -> None:
    text = changed(REGIONAL, old, new).replace("DIGEST", base().digest)
    with pytest.raises(ConfigError) as caught:
        read(BASE, text)
    assert str(caught.value).startswith(f"2.yaml, line {line}: ")
    assert expected in str(caught.value)


def test_a_reworded_base_is_noticed_in_the_forms_that_extend_it() -> None:
    with pytest.raises(ConfigError, match="See what has changed in the base, then write the new digest"):
        read(changed(BASE, "Довольны стендом?", "Довольны ли вы стендом?"), regional_text())


def test_a_regional_form_adds_questions_between_those_of_its_base() -> None:
    form = read(regional_text(), BASE)["regional"]
    assert [(question.id, question.number, question.is_own) for question in form.questions] == [
        ("q1", 1, False),
        ("q2", 2, False),
        ("own", 3, True),
        ("q3", 4, False),
        ("q4", 5, False),
    ]
    assert form.base == "base"


def test_a_base_question_may_be_repeated_word_by_word() -> None:
    whole = "  - id: q3\n    text: Что предложите?\n    format: text\n"
    assert read(BASE, changed(regional_text(), "  - id: q3\n", whole))["regional"].by_id["q3"] == replace(
        base().by_id["q3"], number=4
    )


def test_a_regional_form_is_no_base_for_another() -> None:
    third = regional_text().replace("id: regional", "id: third").replace("{id: base,", "{id: regional,")
    with pytest.raises(ConfigError, match="it extends 'regional', which is no base form"):
        read(BASE, regional_text(), third)


def test_one_id_in_two_files_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"2\.yaml, line 1: the questionnaire 'base' stands in two files"):
        read(BASE, BASE)


# ---- the forms that ship -------------------------------------------------------------------------------------------


def test_the_standard_form_has_18_questions_and_four_branches() -> None:
    form = shipped()["675n-2018"]
    assert [question.id for question in form.questions] == [f"q{number}" for number in range(1, 19)]
    branches = {question.id: question.when[0].question for question in form.questions if question.when}
    assert branches == {"q2": "q1", "q4": "q3", "q8": "q7", "q12": "q11"}


def test_the_form_of_education_is_the_standard_one_without_timeliness() -> None:
    standard, education = shipped()["675n-2018"], shipped()["675n-2018-education"]
    kept = [question for question in standard.questions if question.id != "q5"]
    assert [replace(question, number=0) for question in education.questions] == [
        replace(question, number=0) for question in kept
    ]


def test_every_share_of_the_method_has_its_question() -> None:
    fed = {feed.target for question in shipped()["675n-2018"].questions for feed in question.feeds}
    assert fed == {"1.3", "2.2", "2.3", "3.3", "4.1", "4.2", "4.3", "5.1", "5.2", "5.3"}


def test_the_parameters_of_the_federal_form_are_named() -> None:
    named = {question.id: feed.parameter for question in shipped()["mse-2023"].questions for feed in question.feeds}
    assert named == {"q10": "5.1.1", "q11": "5.2.1", "q12": "5.3.1"}
    assert shipped()["mse-2023"].questions[0].number == 10


def test_citizens_criteria_feed_no_measure_of_an_assessment() -> None:
    for name in ("citizen", "pilot-2026"):
        form = shipped()[name]
        assert form.method == ""
        assert all(feed.role == "mark" for question in form.questions for feed in question.feeds)


@pytest.mark.parametrize(
    ("sphere", "region_code", "day", "expected"),
    [
        ("health", "70", date(2026, 2, 7), "675n-2018"),
        ("education", "70", date(2026, 2, 7), "675n-2018-education"),
        ("education", "00", date(2026, 2, 7), "675n-2018-education-00"),
        ("education", "00", date(2024, 2, 7), "675n-2018-education"),
        ("health", "70", date(2017, 2, 7), None),
        ("mse", "70", date(2023, 2, 7), None),
        ("sport", "70", date(2026, 2, 7), None),
    ],
)
def test_a_sphere_is_asked_by_its_form(sphere: str, region_code: str, day: date, expected: str | None) -> None:
    found = find_questionnaire(shipped().values(), sphere=sphere, region_code=region_code, day=day)
    assert (found.id if found else None) == expected


def test_a_form_of_a_year_is_asked_in_that_year() -> None:
    form = replace(shipped()["mse-2023"], standing=Standing.PUBLISHED)
    days = (date(2022, 12, 31), date(2023, 1, 1), date(2023, 12, 31), date(2024, 1, 1))
    assert [form.is_valid_on(day) for day in days] == [False, True, True, False]


# ---- filled forms --------------------------------------------------------------------------------------------------


def test_an_answer_on_a_way_not_taken_is_cleared() -> None:
    reading = read_answers(base(), given(q1="no", q2="yes"))
    assert (dict(reading.answers), reading.cleared, reading.problems) == ({"q1": ("no",)}, ("q2",), ())


def test_a_branch_that_was_not_opened_at_all_is_cleared_too() -> None:
    assert read_answers(base(), given(q2="yes")).cleared == ("q2",)


def test_nothing_but_blanks_is_no_answer() -> None:
    reading = read_answers(base(), {"q1": ["", " "], "q3": ["\n\t "]})
    assert (dict(reading.answers), reading.problems) == ({}, ())


@pytest.mark.parametrize(
    ("answers", "rule", "value"),
    [
        ({"q1": ["maybe"]}, "answer-unknown", "maybe"),
        ({"q1": ["yes", "no"]}, "answer-several", "yes, no"),
        ({"q4": ["13"]}, "answer-number", "13"),
        ({"q4": ["100"]}, "answer-number", "100"),
        ({"q4": ["-20"]}, "answer-number", "-20"),
        ({"q4": ["20.5"]}, "answer-number", "20.5"),
        ({"q4": ["٢٠"]}, "answer-number", "٢٠"),
        ({"q3": ["а\x00б"]}, "answer-text", "а\x00б"),
        ({"q3": ["а" * 1001]}, "answer-text", "а" * 200),
        ({"q9": ["yes"]}, "question-unknown", "q9"),
    ],
)
def test_a_wrong_answer_is_a_problem_of_its_question(answers: dict[str, list[str]], rule: str, value: str) -> None:
    (problem,) = read_answers(base(), answers).problems
    assert (problem.rule, problem.where.column, problem.value) == (rule, next(iter(answers)), value)


def test_a_required_question_must_be_answered_where_it_is_asked() -> None:
    form = read(changed(BASE, 'when: {q1: "yes"}', 'when: {q1: "yes"}\n    required: true'))["base"]
    assert [problem.rule for problem in read_answers(form, given(q1="yes")).problems] == ["answer-required"]
    assert read_answers(form, given(q1="no")).problems == ()


def test_lines_of_a_free_answer_end_in_one_way() -> None:
    assert read_answers(base(), given(q3="раз\r\nдва\rтри")).answers["q3"] == ("раз\nдва\nтри",)


def test_answers_are_counted_by_code_and_numbers_by_group() -> None:
    form = read(regional_text(), BASE)["regional"]
    reading = read_answers(form, {"q1": ["no"], "own": ["friends", "site"], "q3": ["слова"], "q4": ["31"]})
    assert list(tally(form, reading.answers)) == [("q1", "no"), ("own", "site"), ("own", "friends"), ("q4", "old")]


def test_the_sheet_of_paper_leads_past_a_branch() -> None:
    form = base()
    first = form.by_id["q1"]
    assert (following(form, first, "yes"), following(form, first, "no")) == (form.by_id["q2"], form.by_id["q3"])
    assert following(form, form.questions[-1], "old") is None


def test_the_table_of_answers_says_what_may_stand_in_it() -> None:
    fields = {field["name"]: field for field in answers_schema(read(regional_text(), BASE)["regional"], "ru")["fields"]}
    assert list(fields) == ["organization_id", "mode", "q1", "q2", "own", "q3", "q4"]
    assert fields["q1"]["constraints"] == {"enum": ["yes", "no"]}
    assert fields["q2"]["relevantWhen"] == {"q1": ["yes"]}
    assert fields["own"]["constraints"] == {"pattern": "(site|friends)( (site|friends))*"}
    assert fields["q4"]["constraints"] == {"minimum": 14, "maximum": 99}
