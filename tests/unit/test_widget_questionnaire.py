"""The whole questionnaire through the widget's public door: form, branches, counters, export; and nobody to be seen in it."""

import csv
import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

import publish
from nok.questionnaire import read_answers, tally
from tests.unit.test_questionnaire import shipped
from tests.unit.widget_support import (
    BROWSER,
    CLINIC,
    SCHOOL,
    SCHOOL_CODE,
    make_directory,
    new_key,
    rating,
    running,
    without_own_scripts,
)
from widget.directory import Directory
from widget.engines import StorePlace, store_place
from widget.export import export_reviews
from widget.form_counts import STEP, FormArrival, add_form, iterate_counts
from widget.guard import GuardMode
from widget.tables import STORE

FORM = f"/rate/{SCHOOL}/questionnaire"
ROUND = "education-2026"
REQUIRED = shipped()["675n-2018-education"]


def collecting(spheres: Mapping[str, str] | None = None) -> Directory:
    """The organisations of other tests, with a round that collects answers about schools."""
    directory = make_directory()
    cards = {
        SCHOOL: replace(directory.organizations[SCHOOL], sphere="education"),
        CLINIC: replace(directory.organizations[CLINIC], sphere="health"),
    }
    rounds = {("education", "70"): ROUND} if spheres is None else {(name, ""): found for name, found in spheres.items()}
    return replace(directory, organizations=cards, assessments=frozenset((ROUND,)), collecting=rounds)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with open_client(tmp_path) as found:
        yield found


def open_client(folder: Path, **changes: Any) -> Any:
    given = {"directory": collecting(), "questionnaires": tuple(shipped().values()), "guard": GuardMode.OFF}
    return running(folder, **given | changes)


def store_of(folder: Path) -> Path:
    return folder / "var" / "store.sqlite"


def place_of(folder: Path) -> StorePlace:
    return store_place(store_of(folder))


def filled(**answers: Any) -> dict[str, Any]:
    return {"idempotency_key": new_key(), **answers}


def send(client: TestClient, **answers: Any) -> None:
    assert client.post(FORM, json=filled(**answers)).status_code == 201


def exported(folder: Path, out: Path | None = None) -> Counter[tuple[str, str]]:
    """(question, answer) to the published count."""
    target = out or folder / "package"
    export_reviews(place_of(folder), target)
    file = target / "answers.csv"
    if not file.exists():
        return Counter()
    rows = list(csv.DictReader(file.read_text("utf-8").splitlines()))
    assert {(row["organization_id"], row["assessment_id"]) for row in rows} == {(SCHOOL, ROUND)}
    return Counter({(row["question"], row["answer"]): int(row["count"]) for row in rows})


def fields_of(page: str) -> list[tuple[str, str, str]]:
    """(type, name, value) of every control that a browser would offer."""
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    return [
        (element.get("type", str(element.tag)), element.get("name", ""), element.get("value", ""))
        for element in tree.iter()
        if element.tag in ("input", "textarea")
    ]


# ---- the form ------------------------------------------------------------------------------------------------------


def test_the_rating_leads_to_the_questionnaire_while_answers_are_collected(client: TestClient) -> None:
    assert f'href="{FORM}"' in client.get(f"/rate/{SCHOOL}").text
    assert f'href="/q/{SCHOOL_CODE}/questionnaire"' in client.get(f"/q/{SCHOOL_CODE}").text
    assert "questionnaire" not in client.get(f"/rate/{CLINIC}").text


def test_the_form_asks_what_the_questionnaire_asks_and_needs_no_script(client: TestClient) -> None:
    page = client.get(FORM).text
    assert "<script" not in without_own_scripts(page)
    asked = [(kind, name, value) for kind, name, value in fields_of(page) if re.fullmatch(r"q\d+", name)]
    expected = []
    for question in REQUIRED.questions:
        if question.format == "one":
            expected += [("radio", question.id, choice.code) for choice in question.choices]
        else:
            expected.append(("textarea" if question.format == "text" else "input", question.id, ""))
    assert asked == expected


def test_a_branch_stands_under_its_question_and_says_when(client: TestClient) -> None:
    page = client.get(FORM).text.replace("\N{NO-BREAK SPACE}", " ")
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    branches = [
        [inside.get("id") for inside in element if inside.get("id")]
        for element in tree.iter("div")
        if element.get("class") == "branch"
    ]
    assert branches == [["q-q2"], ["q-q4"], ["q-q8"], ["q-q12"]]
    assert "Если на вопрос 1 вы ответили «Да»:" in page
    assert re.search(r'name="q1" value="no" class="shut"', page)
    assert not re.search(r'name="q1" value="yes" class="shut"', page)


def test_the_form_of_a_code_carries_it(client: TestClient) -> None:
    page = client.get(f"/q/{SCHOOL_CODE.lower()}/questionnaire").text
    assert ("hidden", "placement_code", SCHOOL_CODE) in fields_of(page)


def test_the_english_form_is_english(client: TestClient) -> None:
    page = client.get(f"{FORM}?lang=en").text
    assert "Are you satisfied with the comfort" in page
    assert "If you answered question 1 by “Yes”:" in page
    assert 'action="/rate/primersk-school-12/questionnaire?lang=en"' in page


@pytest.mark.parametrize("address", [FORM, f"/q/{SCHOOL_CODE}/questionnaire"])
def test_where_nothing_is_collected_the_way_to_the_rating_is_shown(tmp_path: Path, address: str) -> None:
    with open_client(tmp_path, directory=collecting({})) as client:
        answer = client.get(address, headers=BROWSER)
        assert answer.status_code == 404
        assert "Сейчас анкету об этой организации здесь не собирают. Поставить оценку можно всегда." in (
            answer.text.replace("\N{NO-BREAK SPACE}", " ")
        )
        assert f'href="/rate/{SCHOOL}"' in answer.text
        assert client.post(FORM, json=filled(q1="yes")).status_code == 404


def test_a_round_of_the_whole_country_is_found(tmp_path: Path) -> None:
    with open_client(tmp_path, directory=collecting({"health": "health-2026"})) as client:
        assert "Своевременно ли Вам" in client.get(f"/rate/{CLINIC}/questionnaire").text
        assert client.get(FORM).status_code == 404


# ---- a filled form -------------------------------------------------------------------------------------------------


def test_a_filled_form_is_thanked_for_and_what_was_not_asked_is_cleared(client: TestClient) -> None:
    answers = filled(q1="no", q2="yes", q6="yes", leave_empty="", language="ru")
    answer = client.post(FORM, data=answers, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{FORM}?sent=1&cleared=q2")
    page = client.get(answer.headers["location"]).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Спасибо, анкета принята" in page
    assert "Не учтены ответы на вопросы: 2." in page


def test_json_is_answered_in_json_and_a_retry_counts_once(client: TestClient, tmp_path: Path) -> None:
    body = filled(q1="no", q2="yes", q18=30, q16=None)
    first, again = client.post(FORM, json=body), client.post(FORM, json=body)
    assert (first.status_code, first.json()) == (201, {"accepted": True, "set_aside": False, "cleared": ["q2"]})
    assert again.status_code == 200
    assert counters(tmp_path)["q1", "no"] == 1


def test_a_wrong_answer_comes_back_with_all_the_others(client: TestClient) -> None:
    answers = filled(q1="yes", q2="no", q18="пять", q16="Поставьте лавочку", leave_empty="")
    answer = client.post(FORM, data=answers, headers=BROWSER)
    assert answer.status_code == 422
    page = answer.text.replace("\N{NO-BREAK SPACE}", " ")
    assert '<a href="#q-q18">Вопрос 17: пять, а нужно целое число от 14 до 110.' in page
    assert re.search(r'name="q2" value="no" checked', page)
    assert "Поставьте лавочку" in page
    assert ("hidden", "idempotency_key", answers["idempotency_key"]) in fields_of(answer.text)
    assert 'aria-invalid="true"' in page


@pytest.mark.parametrize(
    ("body", "rule", "column"),
    [
        ({"q1": "maybe"}, "answer-unknown", "q1"),
        ({"q1": ["yes", "no"]}, "answer-several", "q1"),
        ({"q18": 13}, "answer-number", "q18"),
        ({"q16": "а" * 1001}, "answer-text", "q16"),
        ({"q5": "yes"}, "question-unknown", "q5"),
        ({"name": "Иван"}, "question-unknown", "name"),
        ({"q1": {"yes": 1}}, "text-expected", "q1"),
        ({"q1": True}, "text-expected", "q1"),
        ({}, "form-empty", ""),
        ({"q2": "yes"}, "form-empty", ""),
        ({"q1": "yes", "idempotency_key": "short"}, "key-format", "idempotency_key"),
        ({"q1": "yes", "placement_code": "K7QM2XPT00"}, "placement-format", "placement_code"),
    ],
)
def test_a_mistake_is_told_in_words_and_nothing_is_counted(
    client: TestClient, tmp_path: Path, body: dict[str, Any], rule: str, column: str
) -> None:
    answer = client.post(FORM, json=filled() | body)
    assert answer.status_code == 422
    problem = answer.json()["problems"][0]
    assert (problem["rule"], problem["column"]) == (rule, column)
    assert "Ничего не сохранено." in problem["advice"].replace("\N{NO-BREAK SPACE}", " ")
    assert counters(tmp_path) == {}


def test_a_code_of_another_organisation_is_refused(client: TestClient) -> None:
    answer = client.post(f"/rate/{SCHOOL}/questionnaire", json=filled(q1="yes", placement_code=other_code()))
    assert answer.json()["problems"][0]["rule"] == "placement-foreign"


def other_code() -> str:
    from nok.identifiers import default_placement_code

    return default_placement_code(CLINIC)


def test_a_page_of_a_stranger_may_not_send(tmp_path: Path) -> None:
    with open_client(tmp_path, guard=GuardMode.FULL) as client:
        assert client.post(FORM, json=filled(q1="yes"), headers={"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_trapped_form_is_set_aside_and_told_so(tmp_path: Path) -> None:
    with open_client(tmp_path, guard=GuardMode.FULL) as client:
        answer = client.post(FORM, data=filled(q1="yes", leave_empty="x"), headers=BROWSER)
        assert answer.headers["location"] == f"{FORM}?sent=aside"
        assert "Анкета отложена" in client.get(answer.headers["location"]).text
        assert counters(tmp_path) == {("", "set_aside"): 1}


def test_several_answers_come_from_a_form_as_from_json(tmp_path: Path) -> None:
    directory = collecting({"education": ROUND})
    cards = {SCHOOL: replace(directory.organizations[SCHOOL], region_code="00")}
    with open_client(tmp_path, directory=replace(directory, organizations=cards)) as client:
        page = client.get(FORM).text
        assert [value for kind, name, value in fields_of(page) if (kind, name) == ("checkbox", "r1")] == [
            "phone", "email", "site", "messenger",
        ]  # fmt: skip
        assert client.post(FORM, data=filled(q11="yes", r1=["phone", "site"], r2="no")).status_code == 303
        assert client.post(FORM, json=filled(q11="yes", r1=["site", "phone"])).status_code == 201
    found = counters(tmp_path)
    assert (found["r1", "phone"], found["r1", "site"], found["r2", "no"], found["r1", ""]) == (2, 2, 1, 2)


# ---- counters and what is published --------------------------------------------------------------------------------


def counters(folder: Path) -> dict[tuple[str, str], int]:
    """(question, answer) to all that was ever counted, as the store holds it."""
    base = sqlite3.connect(store_of(folder))
    try:
        found = base.execute("SELECT question, answer, counted + waiting FROM form_counts").fetchall()
    finally:
        base.close()
    return {(question, answer): number for question, answer, number in found}


def test_the_store_keeps_no_row_of_a_person(client: TestClient, tmp_path: Path) -> None:
    """Answers of one form stand in counters, free words alone, keys as hashes, and no two of them under one name."""
    body = filled(q7="yes", q8="no", q18=47, q16="Сделайте пандус", placement_code=SCHOOL_CODE)
    assert client.post(FORM, json=body).status_code == 201
    base = sqlite3.connect(store_of(tmp_path))
    tables = {
        name: base.execute(f"SELECT * FROM {name}").fetchall() for name in ("form_counts", "form_keys", "form_texts")
    }
    reviews = base.execute("SELECT count(*) FROM reviews").fetchone()
    base.close()
    assert reviews == (0,)
    assert [len(row) for row in tables["form_keys"]] == [1]
    written = json.dumps(tables, ensure_ascii=False)
    assert "47" not in re.sub(r'"[0-9a-f]{20,}"', "", written)
    assert body["idempotency_key"] not in written
    assert SCHOOL_CODE not in written
    (text,) = tables["form_texts"]
    assert "Сделайте пандус" in text
    assert not {"q7", "q8", "q18"} & set(text)


class Counters:
    """The counters alone, in memory: what is sent to them, and what they would publish."""

    def __init__(self) -> None:
        self.engine = sa.create_engine("sqlite://")
        with self.engine.begin() as connection:
            STORE.create_all(connection)

    def send(self, **answers: str) -> None:
        reading = read_answers(REQUIRED, {name: [answer] for name, answer in answers.items()})
        arrival = FormArrival(
            organization_id=SCHOOL,
            assessment_id=ROUND,
            questionnaire_id=REQUIRED.id,
            mode="web",
            counts=tuple(tally(REQUIRED, reading.answers)),
            texts=(),
            groups=REQUIRED.groups,
            idempotency_key="",
        )
        with self.engine.begin() as connection:
            assert add_form(connection, new_key(), arrival)

    def published(self) -> Counter[tuple[str, str]]:
        with self.engine.connect() as connection:
            return Counter({(row.question, row.answer): row.count for row in iterate_counts(connection)})


def test_answers_are_published_when_ten_people_have_given_them() -> None:
    counters = Counters()
    for _ in range(STEP - 1):
        counters.send(q6="yes")
    assert counters.published() == {}
    counters.send(q6="no")
    assert counters.published() == {("q6", "yes"): STEP - 1, ("q6", "no"): 1}
    counters.send(q6="yes")
    assert counters.published() == {("q6", "yes"): STEP - 1, ("q6", "no"): 1}


def test_a_question_waits_for_its_branch() -> None:
    """A branch that few people came to must not stand alone between two publications."""
    counters = Counters()
    for number in range(3 * STEP):
        counters.send(**({"q7": "yes", "q8": "no"} if number % 5 == 0 else {"q7": "no"}))
    assert counters.published() == {}
    for _ in range(4):
        counters.send(q7="yes", q8="yes")
    assert counters.published() == {("q7", "yes"): 10, ("q7", "no"): 24, ("q8", "no"): 6, ("q8", "yes"): 4}


FORMS = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from(["yes", "no"]) for name in ("q6", "q7", "q8", "q11", "q12")}
)


@settings(max_examples=25, deadline=None)
@given(st.lists(FORMS, min_size=STEP, max_size=8 * STEP))
def test_no_two_publications_tell_what_one_person_said(forms: list[dict[str, str]]) -> None:
    """Somebody takes what is published after every single form and subtracts the one before: whatever changes of a
    question, ten people at least stand behind it; and a branch is never answered by more than were led to it."""
    counters, before = Counters(), Counter[tuple[str, str]]()
    for answers in forms:
        counters.send(**answers)
        now = counters.published()
        change = Counter[str]()
        for (question, answer), number in now.items():
            assert number >= before[question, answer]
            change[question] += number - before[question, answer]
        assert all(number == 0 or number >= STEP for number in change.values())
        for parent, child in (("q7", "q8"), ("q11", "q12")):
            assert now[child, "yes"] + now[child, "no"] <= now[parent, "yes"]
        before = now


def test_the_same_counters_give_the_same_bytes_and_a_form_beside_ratings_is_counted_apart(
    client: TestClient, tmp_path: Path
) -> None:
    for _ in range(STEP):
        send(client, q6="yes", placement_code=SCHOOL_CODE)
    assert client.post(f"/rate/{SCHOOL}", json=rating(4)).status_code == 201
    first, again = tmp_path / "first", tmp_path / "again"
    exported(tmp_path, first), exported(tmp_path, again)
    assert {file.name: file.read_bytes() for file in first.iterdir()} == {
        file.name: file.read_bytes() for file in again.iterdir()
    }
    assert "qr" in (first / "answers.csv").read_text("utf-8")
    assert sorted(file.name for file in first.iterdir()) == ["answers.csv", "datapackage.json", "reviews-2026-02.csv"]


def test_rounds_and_organisations_that_are_published_no_more_are_left_out(client: TestClient, tmp_path: Path) -> None:
    for _ in range(STEP):
        send(client, q6="yes")
    out = tmp_path / "out"
    export_reviews(place_of(tmp_path), out, organizations={SCHOOL}, assessments=set())
    assert not (out / "answers.csv").exists()
    export_reviews(place_of(tmp_path), out, organizations={CLINIC}, assessments={ROUND})
    assert not (out / "answers.csv").exists()
    export_reviews(place_of(tmp_path), out, organizations={SCHOOL}, assessments={ROUND})
    assert (out / "answers.csv").exists()


# ---- the whole way -------------------------------------------------------------------------------------------------


def test_collected_answers_are_in_the_next_build(tmp_path: Path, package_factory: Any) -> None:
    """Serve, fill in, export, validate with the packages they belong to, and find them among the downloads."""
    from tests.conftest import valid_tables
    from widget.directory import read_directory

    tables = valid_tables(organizations=3, reviews=0)
    tables["assessments"].append(
        {**tables["assessments"][0], "assessment_id": "collecting-2026", "stage": "collection", "period": 2026}
    )
    package = package_factory("region", tables=tables)
    directory = read_directory([package])
    organization_id, card = next(iter(directory.organizations.items()))
    assert directory.round_of(card) == "collecting-2026"
    with open_client(tmp_path, directory=directory) as client:
        for _ in range(STEP):
            body = filled(q6="yes")
            assert client.post(f"/rate/{organization_id}/questionnaire", json=body).status_code == 201
    out = tmp_path / "answers"
    command = ["export", "--packages", str(package), "--store", str(store_of(tmp_path)), "--out", str(out)]
    assert publish.main(command) == 0
    assert publish.main(["validate", str(package), str(out)]) == 0
    site = tmp_path / "output"
    packages = ["--packages", str(package), "--packages", str(out)]
    assert publish.main(["build", *packages, "--output", str(site), "--jobs", "1"]) == 0
    rows = list(
        csv.DictReader((site / "current/data/widget-reviews/latest/answers.csv").read_text("utf-8").splitlines())
    )
    assert [(row["organization_id"], row["question"], row["answer"], row["count"]) for row in rows] == [
        (organization_id, "q6", "yes", "10")
    ]
