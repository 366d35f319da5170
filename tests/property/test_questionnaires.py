"""Random questionnaires: a question is reachable where an answer path leads to it, and a form takes what its schema says."""

import re
from collections.abc import Mapping
from itertools import chain, combinations, product
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from nok.questionnaire import (
    Choice,
    Condition,
    Counts,
    Format,
    Question,
    Questionnaire,
    Standing,
    answers_schema,
    is_asked,
    read_answers,
    split_cell,
    tally,
)

CODES = ("a", "b", "c")


def make_form(questions: list[Question]) -> Questionnaire:
    words = {"ru": "Анкета", "en": "Form"}
    return Questionnaire(
        id="random",
        title=words,
        intro=words,
        source=words,
        note=words,
        version="1",
        standing=Standing.PUBLISHED,
        published_on=None,
        valid_from=None,
        valid_to=None,
        period=None,
        method="",
        spheres=(),
        regions=(),
        base="",
        questions=tuple(questions),
    )


@st.composite
def forms(draw: st.DrawFn, formats: tuple[Format, ...] = (Format.ONE, Format.MANY)) -> Questionnaire:
    """Up to six questions, each asked after up to two answers given before."""
    questions: list[Question] = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        parents = [question for question in questions if question.format in (Format.ONE, Format.MANY)]
        hangs_on = draw(st.lists(st.sampled_from(parents), max_size=2, unique_by=lambda q: q.id)) if parents else []
        kind = draw(st.sampled_from(formats))
        codes = CODES[: draw(st.integers(1, 3))]
        tops = [20 * place for place in range(1, len(codes) + 1)]
        choices = tuple(
            Choice(
                code=code,
                text={"ru": code, "en": code},
                counts=Counts.LEFT_OUT,
                upto=top if kind is Format.NUMBER else None,
            )
            for code, top in zip(codes, tops, strict=True)
        )
        when = tuple(
            Condition(
                question=parent.id,
                answers=tuple(
                    draw(st.lists(st.sampled_from([c.code for c in parent.choices]), min_size=1, unique=True))
                ),
            )
            for parent in hangs_on
        )
        questions.append(
            Question(
                id=f"q{number}",
                number=number,
                text={"ru": "?", "en": "?"},
                hint={"ru": "", "en": ""},
                format=kind,
                choices=() if kind is Format.TEXT else choices,
                is_required=draw(st.booleans()),
                when=when,
                feeds=(),
                lowest=5 if kind is Format.NUMBER else None,
                highest=tops[-1] if kind is Format.NUMBER else None,
            )
        )
    return make_form(questions)


def every_answer(question: Question) -> list[tuple[str, ...]]:
    codes = [choice.code for choice in question.choices]
    if question.format is Format.ONE:
        return [(code,) for code in codes]
    return list(chain.from_iterable(combinations(codes, size) for size in range(1, len(codes) + 1)))


def is_led_to(form: Questionnaire, wanted: Question) -> bool:
    """By trying every way of answering the questions before."""
    before = form.questions[: form.questions.index(wanted)]
    for said in product(*([(), *every_answer(question)] for question in before)):
        answers: dict[str, tuple[str, ...]] = {}
        for question, answer in zip(before, said, strict=True):
            if answer and is_asked(question, answers):
                answers[question.id] = answer
        if is_asked(wanted, answers):
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(forms())
def test_a_question_is_reachable_exactly_where_a_way_of_answering_leads_to_it(form: Questionnaire) -> None:
    last = form.questions[-1]
    assert form.is_reachable(last) == is_led_to(form, last)


def cells(form: Questionnaire) -> st.SearchStrategy[dict[str, str]]:
    """A row of the table of answers: right and wrong cells, in columns of the form."""
    cell = st.one_of(
        st.sampled_from(
            ["", "a", "b", "a b", "b a", "d", "7", "21", "4", "999", "-3", "x y", "слова", "a\tb", "ab", "1.5"]
        ),
        st.text(st.characters(codec="utf-8", exclude_characters=" "), max_size=5),
    )
    return st.fixed_dictionaries({question.id: cell for question in form.questions})


def fits(field: Mapping[str, Any], cell: str) -> bool:
    """What the Table Schema of a field says of a cell, read without the program."""
    rules = field["constraints"]
    if not cell:
        return not rules.get("required")
    if field["type"] == "integer":
        return re.fullmatch("[0-9]+", cell) is not None and rules["minimum"] <= int(cell) <= rules["maximum"]
    is_listed = cell in rules.get("enum", [cell])
    return is_listed and re.fullmatch(rules.get("pattern", ".*"), cell, re.DOTALL) is not None


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_the_form_takes_exactly_what_the_schema_says(data: st.DataObject) -> None:
    form = data.draw(forms(formats=tuple(Format)))
    row = data.draw(cells(form))
    row = {name: "" if not cell.strip() else cell for name, cell in row.items()}  # blanks are no answer in either
    fields = {field["name"]: field for field in answers_schema(form, "ru")["fields"]}
    given_answers = {question.id: split_cell(question, row[question.id]) for question in form.questions}
    reading = read_answers(form, given_answers)

    expected: set[str] = set()
    asked: dict[str, tuple[str, ...]] = {}
    cleared = []
    for question in form.questions:
        cell, needed = row[question.id], fields[question.id].get("relevantWhen", {})
        if not all(set(asked.get(parent, ())) & set(codes) for parent, codes in needed.items()):
            cleared += [question.id] if cell else []
        elif not fits(fields[question.id], cell) or (question.is_required and not cell):
            expected.add(question.id)
        elif cell:
            asked[question.id] = tuple(split_cell(question, cell))
    assert {problem.where.column for problem in reading.problems} == expected
    assert list(reading.cleared) == cleared


@settings(max_examples=60, deadline=None)
@given(forms(formats=tuple(Format)), st.data())
def test_what_a_form_has_taken_it_takes_again(form: Questionnaire, data: st.DataObject) -> None:
    row = data.draw(cells(form))
    first = read_answers(form, {question.id: split_cell(question, row[question.id]) for question in form.questions})
    again = read_answers(form, first.answers)
    assert again.answers == first.answers
    assert again.cleared == ()
    assert {name for name, _ in tally(form, first.answers)} <= set(first.answers)


@settings(max_examples=60, deadline=None)
@given(forms())
def test_a_group_is_closed_under_its_branches(form: Questionnaire) -> None:
    group_of = {name: group for group in form.groups for name in group}
    assert sorted(group_of) == sorted(form.by_id)
    for question in form.questions:
        assert all(condition.question in group_of[question.id] for condition in question.when)
