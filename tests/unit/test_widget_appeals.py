"""An author who does not agree with a decision: from the receipt to another moderator and back, and all of it goes with
the review."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.desk_support import Office, opened, plain
from tests.unit.postgres_support import database
from tests.unit.widget_support import BROWSER, SCHOOL, all_reviews
from widget.audit_check import verify
from widget.engines import store_place
from widget.moderation import ReviewStanding, TextStanding
from widget.submission import HONEYPOT

TEXT = "Хамят, звоните +7 913 000-00-00."
WHY = "Это не оскорбление, а то, что было."
ANSWER = "Вы правы, это мнение. Телефон скрыт."
QUEUE = "/desk/reviews/?queue=appeals"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path) as found:
        yield found
    assert verify(found.store.place).faults == ()


def _hidden(office: Office, text: str = TEXT) -> str:
    """The receipt of a review that anna has hidden."""
    receipt = office.rate(text, 1)
    assert office.decide(receipt, "restrict", "anna", reason="insult").status_code == 303
    return receipt


def _appeal(office: Office, receipt: str, text: str = WHY) -> int:
    return office.client.post(
        f"/receipt/{receipt}", data={"action": "appeal", "text": text}, headers=BROWSER
    ).status_code


def _receipt(office: Office, receipt: str) -> str:
    return plain(office.client.get(f"/receipt/{receipt}", headers=BROWSER).text)


def _settle(office: Office, receipt: str, name: str, verdict: str = "grant", **fields: Any) -> Any:
    said = {"verdict": verdict, "answer": ANSWER, **fields}
    return office.decide(receipt, "appeal", name, **said)


def test_another_moderator_answers_and_the_author_reads_it(office: Office) -> None:
    receipt = _hidden(office)
    assert "Не согласны с решением?" in _receipt(office, receipt)
    assert _appeal(office, receipt) == 303
    assert "Ответит другой модератор" in _receipt(office, receipt)
    assert "Не согласны с решением?" not in _receipt(office, receipt), "once against each decision"
    assert _settle(office, receipt, "anna").status_code == 409
    page = office.get(f"/desk/reviews/{office.review_id(receipt)}")
    assert "против вашего решения" in page and "Ответ на возражение" not in page
    page = office.get(QUEUE, "boris")
    assert "1 возражение автора" in page and WHY in page and "Возражения (1)" in page
    answer = _settle(office, receipt, "boris", mask="15-31")
    assert "Возражение принято" in office.get(answer.headers["location"])
    (review,) = all_reviews(office.store.place)
    assert (review.text_standing, review.shown) == (TextStanding.PUBLISHED, "Хамят, звоните […].")
    assert "Возражение принято, 7 февраля 2026. Решение изменено." in _receipt(office, receipt)
    assert ANSWER in _receipt(office, receipt)
    assert "0 возражений" in office.get(QUEUE)


def test_a_decision_that_stays_cannot_be_appealed_against_again(office: Office) -> None:
    receipt = _hidden(office)
    _appeal(office, receipt)
    assert _settle(office, receipt, "boris", "refuse").status_code == 303
    shown = _receipt(office, receipt)
    assert "Решение остаётся." in shown and ANSWER in shown and "Не согласны" not in shown
    assert _appeal(office, receipt) == 409
    (review,) = all_reviews(office.store.place)
    assert review.text_standing is TextStanding.REJECTED
    office.decide(receipt, "publish", "boris", mask="0-5")
    assert "Не согласны с решением?" in _receipt(office, receipt), "a new decision, and a part is hidden"
    told = office.client.get(f"/receipt/{receipt}", headers={"accept": "application/json"}).json()
    assert (told["may_appeal"], told["appeal"]["state"], told["appeal"]["answer"]) == (True, "refused", ANSWER)


def test_a_rating_that_was_set_aside_comes_back_in(office: Office) -> None:
    receipt = office.rate()
    assert "Не согласны" not in _receipt(office, receipt), "nothing was decided"
    assert _appeal(office, receipt) == 409
    office.decide(receipt, "set_aside", "anna")
    assert _appeal(office, receipt) == 303
    assert "вернуть оценку в среднее" in office.get(f"/desk/reviews/{office.review_id(receipt)}", "boris")
    assert _settle(office, receipt, "boris").status_code == 303
    (review,) = all_reviews(office.store.place)
    assert review.standing is ReviewStanding.ACCEPTED


def test_what_a_rule_set_aside_any_moderator_may_take_back_in(office: Office) -> None:
    sent = {"rating": "5", "idempotency_key": "trapped-key-0000001", HONEYPOT: "x"}
    answer = office.client.post(f"/rate/{SCHOOL}", data=sent)
    receipt = answer.headers["location"].rpartition("/")[2]
    assert "Оценка отложена" in _receipt(office, receipt)
    assert _appeal(office, receipt) == 303
    assert _settle(office, receipt, "anna").status_code == 303
    (review,) = all_reviews(office.store.place)
    assert review.standing is ReviewStanding.ACCEPTED


def test_whoever_proposed_it_does_not_answer_either(office: Office) -> None:
    receipt = office.rate("Окна дёшево.")
    office.post(
        "/desk/proposals/", "anna", action="restrict", reason="advertising", review_id=office.review_id(receipt)
    )
    page = office.get("/desk/proposals/", "boris")
    path = page[page.index('action="/desk/proposals/') + 8 :].partition('"')[0]
    assert office.post(path, action="apply").status_code == 303
    _appeal(office, receipt)
    assert [_settle(office, receipt, name).status_code for name in ("anna", "boris", "tomsk")] == [409, 409, 303]


def test_who_takes_his_own_decision_back_leaves_nothing_to_answer(office: Office) -> None:
    receipt = _hidden(office, "Долго ждали.")
    _appeal(office, receipt)
    assert office.decide(receipt, "publish", "anna").status_code == 303
    assert "Возражение принято" in _receipt(office, receipt)
    assert "0 возражений" in office.get(QUEUE)


def test_a_new_text_ends_the_appeal(office: Office) -> None:
    receipt = _hidden(office)
    _appeal(office, receipt)
    office.client.post(f"/receipt/{receipt}", json={"text": "Долго ждали."})
    assert "Возражение снято" in _receipt(office, receipt)


@pytest.mark.parametrize(
    ("text", "said"), [(" \n", "Не сказано, почему решение неверно"), ("а" * 1001, "длиннее 1000 знаков")]
)
def test_an_appeal_that_says_nothing_or_too_much_is_kept_in_the_form(office: Office, text: str, said: str) -> None:
    receipt = _hidden(office)
    sent = {"action": "appeal", "text": text}
    answer = office.client.post(f"/receipt/{receipt}", data=sent, headers=BROWSER)
    assert answer.status_code == 422
    assert said in plain(answer.text) and text.strip() in answer.text
    assert office.client.post(f"/receipt/{receipt}", json={**sent, "openness": 5}).status_code == 422


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"verdict": ""}, "Ответ на возражение не выбран"),
        ({"answer": " "}, "Автору ничего не отвечено"),
        ({"answer": "\u0007"}, "знаки, которые нельзя показать"),
        ({"mask_more": "нет такого"}, "Слов «нет такого» в тексте нет"),
    ],
)
def test_an_answer_that_is_none_is_told_and_kept(office: Office, fields: dict[str, str], said: str) -> None:
    receipt = _hidden(office)
    _appeal(office, receipt)
    answer = _settle(office, receipt, "boris", **fields)
    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert fields.get("answer", ANSWER).strip() in plain(answer.text)


def test_a_text_that_changed_meanwhile_is_not_published_by_an_answer(office: Office) -> None:
    receipt = _hidden(office)
    _appeal(office, receipt)
    read = office.store.find(receipt)
    assert read is not None
    office.client.post(f"/receipt/{receipt}", json={"text": "Совсем другое."})
    assert _settle(office, receipt, "boris", text_key=read.text_key).status_code == 409


def test_a_strangers_page_cannot_appeal(office: Office) -> None:
    receipt = _hidden(office)
    said = {"action": "appeal", "text": WHY}
    answer = office.client.post(f"/receipt/{receipt}", data=said, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "Не согласны с решением?" in _receipt(office, receipt)


def test_organisations_see_no_appeal(office: Office) -> None:
    receipt = _hidden(office)
    _appeal(office, receipt)
    assert WHY not in office.get(f"/desk/reviews/{office.review_id(receipt)}", "school")
    assert "Возражения" not in office.get("/desk/reviews/")


def test_the_receipt_and_the_desk_speak_english_of_it(office: Office) -> None:
    receipt = _hidden(office)
    assert "Do you disagree with the decision?" in plain(office.client.get(f"/receipt/{receipt}?lang=en").text)
    _appeal(office, receipt)
    assert "1 appeal of an author" in office.get(f"{QUEUE}&lang=en", "boris")


@pytest.mark.parametrize("end", ["withdraw", "erase"])
def test_what_was_said_about_a_review_goes_with_it(office: Office, tmp_path: Path, end: str) -> None:
    """Appeal, answer, reply and report may all quote the text."""
    receipt = _hidden(office)
    path = f"/desk/reviews/{office.review_id(receipt)}"
    office.post(path, "school", action="reply", reply="Ответ школы.")
    office.post(path, action="report", reason="insult", note="Жалоба школы.")
    _appeal(office, receipt)
    _settle(office, receipt, "boris", "refuse")
    said = [WHY, ANSWER, "Ответ школы.", TEXT, "Жалоба школы."]
    assert "Ответ школы." in _receipt(office, receipt)
    assert "Жалоба школы." in office.get(path, "anna")
    files = list((tmp_path / "var").iterdir())
    assert not any(one.encode() in file.read_bytes() for one in said for file in files), "sealed from the beginning"
    if end == "withdraw":
        office.client.post(f"/receipt/{receipt}", data={"action": "withdraw"})
    else:
        office.decide(receipt, "erase", "admin", reason="personal_data", basis="№ 5")
    shown = _receipt(office, receipt) + office.get(path, "anna") + office.get(path, "school")
    shown += str(office.client.get(f"/receipt/{receipt}", headers={"accept": "application/json"}).json())
    assert not any(one in shown for one in said)
    keys = office.store.read(
        lambda connection: connection.exec_driver_sql("SELECT count(*) FROM text_keys").scalar_one()
    )
    assert keys == 0


def test_appeals_work_with_postgresql_too(tmp_path: Path, postgres: str) -> None:
    with (
        database(postgres) as address,
        opened(tmp_path, store=store_place(address, tmp_path / "var" / "store.key")) as office,
    ):
        receipt = _hidden(office)
        assert _appeal(office, receipt) == 303
        assert "1 возражение автора" in office.get(QUEUE, "boris")
        assert _settle(office, receipt, "boris").status_code == 303
        office.post(f"/desk/reviews/{office.review_id(receipt)}", "school", action="reply", reply="Ответ школы.")
        assert ANSWER in _receipt(office, receipt) and "Ответ школы." in _receipt(office, receipt)
        assert verify(office.store.place).faults == ()
