"""The moderation desk through its public door: who gets in, who may do what, and what becomes of reviews."""

import csv
import html
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

import publish
from nok.errors import ExitCode
from nok.rude_words import parse_rude_words
from nok.stuffing import StuffingRules
from tests.unit.desk_support import PASSWORD, START, Office, field_of, opened, plain
from tests.unit.postgres_support import database
from tests.unit.widget_support import BROWSER, CLINIC, ROOT, SCHOOL, without_own_scripts
from widget.audit_check import verify
from widget.engines import store_place
from widget.export import export_reviews

QUEUE = "/desk/reviews/"
PERSONAL = "Врач Иванова М. П. нагрубила, звоните +7 913 000-00-00."


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path) as found:
        yield found
    assert verify(found.store.place).faults == ()


def _published(office: Office, tmp_path: Path) -> dict[str, dict[str, str]]:
    """Review id to its row, as the next build will have it."""
    export_reviews(office.store.place, tmp_path / "out")
    texts = [file.read_text("utf-8") for file in (tmp_path / "out").glob("reviews*.csv")]
    return {row["review_id"]: row for text in texts for row in csv.DictReader(StringIO(text, newline=""))}


# ---- the way in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["", "reviews/", "reviews/0a1b", "proposals/", "accounts/", "log/", f"organizations/{SCHOOL}"],
)
def test_nobody_sees_the_desk_without_signing_in(office: Office, path: str) -> None:
    answer = office.client.get(f"/desk/{path}", headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/desk/sign-in")


def test_somebody_invited_joins_signs_in_and_out(office: Office) -> None:
    office.sign_in("anna")
    cookie = next(iter(office.client.cookies.jar))
    assert (cookie.name, cookie.secure, cookie.path) == ("__Host-desk", True, "/")
    assert "Вы вошли как модератор anna" in office.get(QUEUE)
    assert office.post("/desk/sign-out").status_code == 303
    assert office.client.get(QUEUE).status_code == 303


def test_the_cookie_is_kept_from_scripts_and_strangers(office: Office) -> None:
    office.join("anna")
    answer = office.client.post(
        "/desk/sign-in", data={"login": "anna", "password": PASSWORD, "code": office.code("anna")}
    )
    said = answer.headers["set-cookie"]
    assert "HttpOnly" in said and "Secure" in said and "SameSite=lax" in said and "Domain" not in said


@pytest.mark.parametrize(
    "wrong",
    [{"login": "nobody"}, {"password": "не тот пароль вовсе"}, {"code": "000000"}, {"code": ""}, {"login": ""}],
    ids=["login", "password", "code", "no code", "no login"],
)
def test_one_wrong_thing_and_nobody_gets_in_and_it_is_not_told_which(office: Office, wrong: dict[str, str]) -> None:
    office.join("anna")
    right = {"login": "anna", "password": PASSWORD, "code": office.code("anna")}
    answer = office.client.post("/desk/sign-in", data=right | wrong, headers=BROWSER)
    assert answer.status_code == 403
    assert "Войти не получилось." in plain(answer.text)
    assert "set-cookie" not in answer.headers


def test_a_code_works_once(office: Office) -> None:
    office.join("anna")
    form = {"login": "anna", "password": PASSWORD, "code": office.code("anna")}
    assert office.client.post("/desk/sign-in", data=form).status_code == 303
    assert office.client.post("/desk/sign-in", data=form).status_code == 403


def test_after_five_failures_an_account_waits(office: Office) -> None:
    office.join("anna")
    for _ in range(5):
        office.client.post("/desk/sign-in", data={"login": "anna", "password": "не то", "code": "000000"})
    right = {"login": "anna", "password": PASSWORD}
    assert office.client.post("/desk/sign-in", data=right | {"code": office.code("anna")}).status_code == 403
    office.now += 61
    assert office.client.post("/desk/sign-in", data=right | {"code": office.code("anna")}).status_code == 303


def test_one_address_tries_thirty_times_in_ten_minutes(office: Office) -> None:
    form = {"login": "nobody", "password": "не то", "code": "000000"}
    said = [office.client.post("/desk/sign-in", data=form).status_code for _ in range(31)]
    assert said == [403] * 30 + [429]


@pytest.mark.parametrize("seconds", [61 * 60, 13 * 60 * 60], ids=["idle for an hour", "half a day"])
def test_a_session_ends(office: Office, seconds: int) -> None:
    office.sign_in("anna")
    office.now += seconds
    assert office.client.get(QUEUE).status_code == 303


def test_a_session_lives_while_somebody_works(office: Office) -> None:
    office.sign_in("anna")
    for _ in range(6):
        office.now += 50 * 60
        assert office.client.get(QUEUE).status_code == 200


def test_an_invitation_works_once_and_a_week(office: Office) -> None:
    path = f"/desk/join/{office._tokens['anna']}"
    office.join("anna")
    assert office.client.get(path, headers=BROWSER).status_code == 404
    late = f"/desk/join/{office._tokens['boris']}"
    assert office.client.get(late, headers=BROWSER).status_code == 200
    office.now = START + 8 * 24 * 60 * 60
    assert office.client.get(late, headers=BROWSER).status_code == 404
    assert office.client.get("/desk/join/" + "A" * 43, headers=BROWSER).status_code == 404


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"password": "коротко", "again": "коротко"}, "короче 12 знаков"),
        ({"password": "anna anna anna anna", "again": "anna anna anna anna"}, "содержит имя для входа"),
        ({"again": "другая лошадь скрепка"}, "Пароли не совпали."),
        ({"code": "000000"}, "Код не подошёл."),
    ],
)
def test_what_is_wrong_with_a_new_password_is_told(office: Office, form: dict[str, str], said: str) -> None:
    path = f"/desk/join/{office._tokens['anna']}"
    secret = field_of(office.client.get(path).text, "secret")
    office._secrets["anna"] = secret
    right = {"password": PASSWORD, "again": PASSWORD, "secret": secret, "code": office.code("anna")}
    answer = office.client.post(path, data=right | form, headers=BROWSER)
    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert field_of(answer.text, "secret") == secret


def test_somebody_asks_for_access_and_an_administrator_approves(office: Office) -> None:
    form = {"login": "school12@example.org", "role": "organization", "asked_for": "Школа № 12, приёмная"}
    assert office.client.post("/desk/request", data=form).status_code == 303
    assert office.client.post("/desk/request", data=form).status_code == 303  # the same answer where the login is taken
    page = office.get("/desk/accounts/", "admin")
    assert page.count("school12@example.org</h2>") == 1
    assert "Школа № 12, приёмная" in page
    account_id = re.search(r'name="account_id" value="(\w+)"', page)
    assert account_id
    answer = office.post(
        "/desk/accounts/", action="invite", account_id=account_id[1], role="organization", organizations=SCHOOL
    )
    invitation = re.search(r"https://ocenka\.example(/desk/join/[\w-]{43})", answer.text)
    assert invitation
    assert office.client.get(invitation[1]).status_code == 200


def test_nobody_asks_to_be_an_administrator(office: Office) -> None:
    form = {"login": "eve", "role": "administrator", "asked_for": "хочу"}
    assert office.client.post("/desk/request", data=form, headers=BROWSER).status_code == 422


def test_a_closed_account_is_out_at_once(office: Office) -> None:
    office.sign_in("anna")
    session = dict(office.client.cookies)
    page = office.get("/desk/accounts/", "admin")
    block = page[page.index(">anna</h2>") :]
    account_id = re.search(r'name="account_id" value="(\w+)"', block)
    assert account_id
    assert office.post("/desk/accounts/", action="close", account_id=account_id[1]).status_code == 303
    office.client.cookies.clear()
    office.client.cookies.update(session)
    assert office.client.get(QUEUE).status_code == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"login": "Анна"}, "Имя для входа"),
        ({"login": "anna"}, "Такое имя уже есть."),
        ({"organizations": SCHOOL}, "Так эту роль не привязывают."),
        ({"role": "organization", "organizations": "nobody"}, "Такой организации"),
        ({"role": "king"}, "Роль не выбрана."),
    ],
)
def test_what_is_wrong_with_a_new_account_is_told(office: Office, form: dict[str, str], said: str) -> None:
    right = {"action": "invite", "login": "newcomer", "role": "moderator"}
    answer = office.post("/desk/accounts/", "admin", **(right | form))
    assert answer.status_code == 422
    assert said in plain(answer.text)


# ---- rights --------------------------------------------------------------------------------------------------------


def test_a_form_needs_the_proof_of_its_session(office: Office) -> None:
    receipt = office.rate("Тепло.")
    office.sign_in("anna")
    path = f"/desk/reviews/{office.review_id(receipt)}"
    for proof in ("", "0" * 64):
        assert office.client.post(path, data={"csrf": proof, "action": "publish"}, headers=BROWSER).status_code == 403
    stranger = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    proof = field_of(office.client.get(QUEUE).text, "csrf")
    answer = office.client.post(path, data={"csrf": proof, "action": "publish"}, headers=stranger)
    assert answer.status_code == 403


@pytest.mark.parametrize("name", ["school", "council"])
@pytest.mark.parametrize("action", ["publish", "restrict", "set_aside", "accept", "dismiss", "erase"])
def test_the_rated_organisation_can_never_hide_a_review(office: Office, name: str, action: str) -> None:
    receipt = office.rate("Холодно.", 1)
    office.decide(receipt, "publish", "anna")
    answer = office.decide(receipt, action, name, reason="insult", basis="№ 1")
    assert answer.status_code == 403
    found = office.store.find(receipt)
    assert found is not None and (found.standing, found.text_standing, found.text) == (
        "accepted",
        "published",
        "Холодно.",
    )


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("school", ["proposals/", "accounts/", "log/"]),
        ("council", ["proposals/", "accounts/"]),
        ("anna", ["accounts/", f"organizations/{SCHOOL}"]),
    ],
)
def test_each_role_opens_its_own_pages_only(office: Office, name: str, paths: list[str]) -> None:
    office.sign_in(name)
    for path in paths:
        assert office.client.get(f"/desk/{path}", headers=BROWSER).status_code == 403
        assert f'href="/desk/{path}"' not in office.get(QUEUE)


@pytest.mark.parametrize(("name", "sees"), [("tomsk", True), ("altai", False), ("clinic", False), ("school", True)])
def test_everybody_sees_his_own_reviews_only(office: Office, name: str, sees: bool) -> None:
    receipt = office.rate("Холодно.")
    office.decide(receipt, "publish", "anna")
    path = f"/desk/reviews/{office.review_id(receipt)}"
    office.sign_in(name)
    assert (office.client.get(path, headers=BROWSER).status_code == 200) is sees
    assert ("Холодно." in office.get(f"{QUEUE}?queue=published")) is sees


def test_an_organisation_sees_what_everybody_sees(office: Office) -> None:
    waiting, masked = office.rate("Ждёт решения."), office.rate(PERSONAL)
    page = office.get(f"/desk/reviews/{office.review_id(masked)}", "anna")
    ticked = re.findall(r'name="mask" value="([\d-]+)" checked', page)
    office.decide(masked, "publish", mask=ticked)
    page = office.get(f"{QUEUE}?queue=all", "school")
    assert "Ждёт решения." not in page
    assert "Текст ждёт модератора." in page
    assert "Врач […] нагрубила, звоните […]." in page
    assert office.review_id(waiting)


# ---- decisions -----------------------------------------------------------------------------------------------------


def test_personal_data_is_marked_and_masked_before_publishing(office: Office, tmp_path: Path) -> None:
    receipt = office.rate(PERSONAL, 2)
    page = office.get(QUEUE, "anna")
    assert "<mark>Иванова М. П.</mark>" in page
    assert "<mark>+7 913 000-00-00</mark>" in page
    assert "Похоже на личные данные: имя или фамилия, телефон." in page
    ticked = re.findall(r'name="mask" value="([\d-]+)" checked', page)
    answer = office.decide(receipt, "publish", mask=ticked, mask_more="нагрубила", list="queue=waiting")
    assert answer.headers["location"] == "/desk/reviews/?queue=waiting&done=publish"
    assert _published(office, tmp_path)[office.review_id(receipt)]["text"] == "Врач […] […], звоните […]."
    shown = plain(office.client.get(f"/receipt/{receipt}", headers=BROWSER).text)
    assert "часть его скрыл модератор" in shown
    assert "Врач […] […], звоните […]." in shown


def test_swearing_is_marked_for_the_moderator_and_refused_by_nothing(tmp_path: Path) -> None:
    rude = parse_rude_words((ROOT / "content" / "rude_words.yaml").read_text("utf-8"), "rude_words.yaml")
    with opened(tmp_path, rude_words=rude) as office:
        receipt = office.rate("Врач Иванова М. П. просто мудак, и очередь хуёвая.", 1)
        page = office.get(QUEUE, "anna")
        assert '<mark class="rude">мудак</mark>' in page and '<mark class="rude">хуёвая</mark>' in page
        assert "<mark>Иванова М. П.</mark>" in page and "2 слова похожи на брань." in page
        assert page.count('name="mask"') == 1, "to be hidden is offered what is personal"
        found = office.store.find(receipt)
        assert found is not None and str(found.standing) == "accepted"
        assert office.decide(receipt, "publish").status_code == 303
        assert "rude" not in office.get(QUEUE + "?queue=published", "school")


def test_a_hidden_text_stays_as_a_placeholder_with_its_reason(office: Office, tmp_path: Path) -> None:
    receipt = office.rate("Идиоты.", 1)
    assert office.decide(receipt, "restrict", "anna", reason="insult").status_code == 303
    row = _published(office, tmp_path)[office.review_id(receipt)]
    assert (row["state"], row["reason_code"], row["text"], row["rating"]) == ("restricted", "insult", "", "1")
    shown = plain(office.client.get(f"/receipt/{receipt}", headers=BROWSER).text)
    assert "Текст скрыт: содержит оскорбления или брань (правило 3.1" in shown
    said = office.client.get(f"/receipt/{receipt}", headers={"accept": "application/json"}).json()
    assert (said["text_state"], said["reason_code"], said["rating"]) == ("rejected", "insult", 1)


@pytest.mark.parametrize("reason", ["", "set_aside", "we-do-not-like-it"])
def test_nothing_is_hidden_without_a_published_reason(office: Office, reason: str) -> None:
    receipt = office.rate("Плохо.", 1)
    answer = office.decide(receipt, "restrict", "anna", reason=reason)
    assert answer.status_code == 422
    assert "Причина не выбрана." in plain(answer.text)


def test_a_refused_decision_keeps_what_was_chosen_and_typed(office: Office) -> None:
    receipt = office.rate("Грязно и холодно.")
    page = office.decide(receipt, "restrict", "anna", reason="", mask_more="Грязно").text
    assert 'value="restrict" data-key="h" checked' in page
    assert "Грязно</textarea>" in page
    page = office.decide(receipt, "publish", mask_more="нет таких слов").text
    assert 'value="publish" required data-key="p" checked' in page
    assert "нет таких слов</textarea>" in page


def test_the_lists_beside_tell_how_many_wait_there(office: Office) -> None:
    receipt = office.rate("Холодно.")
    office.decide(receipt, "publish", "anna")
    assert "Жалобы (" not in office.get("/desk/reviews/")
    office.post(f"/desk/reviews/{office.review_id(receipt)}", "school", action="report", reason="off_topic")
    assert "Жалобы (1)" in office.get("/desk/reviews/", "anna")
    assert "Жалобы (" not in office.get("/desk/reviews/", "altai")


def test_words_to_mask_that_are_not_in_the_text_are_told(office: Office) -> None:
    receipt = office.rate("Плохо.", 1)
    answer = office.decide(receipt, "publish", "anna", mask_more="Хорошо")
    assert answer.status_code == 422
    assert "Слов «Хорошо» в тексте нет." in plain(answer.text)


def test_a_text_that_was_rewritten_meanwhile_is_not_published_unread(office: Office) -> None:
    receipt = office.rate("Первое.")
    before = office.store.find(receipt)
    assert before is not None
    office.client.post(f"/receipt/{receipt}", data={"text": "Второе, с бранью."})
    answer = office.decide(receipt, "publish", "anna", text_key=before.text_key)
    assert answer.status_code == 409
    assert "автор изменил отзыв" in plain(answer.text)
    found = office.store.find(receipt)
    assert found is not None and found.text_standing == "waiting"


def test_a_rating_is_set_aside_and_taken_back_in(office: Office, tmp_path: Path) -> None:
    receipt = office.rate("", 5)
    review_id = office.review_id(receipt)
    office.decide(receipt, "set_aside", "anna")
    assert _published(office, tmp_path)[review_id]["reason_code"] == "set_aside"
    office.decide(receipt, "accept", "anna")
    assert _published(office, tmp_path)[review_id]["state"] == "published"


def test_what_a_person_put_back_no_rule_sets_aside_again(tmp_path: Path) -> None:
    with opened(tmp_path, rules=StuffingRules(new_place_least=10)) as office:
        receipts = [office.rate("", 5) for _ in range(12)]
        sweep = office.client.app.intake.watch.sweep  # type: ignore[attr-defined]
        assert office.client.portal is not None
        office.client.portal.call(sweep)
        office.sign_in("anna")
        assert "намного больше, чем обычно" in plain(office.get(f"/desk/reviews/{office.review_id(receipts[0])}"))
        assert {office.store.find(receipt).standing for receipt in receipts} == {"set_aside"}  # type: ignore[union-attr]
        office.decide(receipts[0], "accept", "anna")
        office.rate("", 5)
        office.client.portal.call(sweep)
        standings = [office.store.find(receipt).standing for receipt in receipts]  # type: ignore[union-attr]
        assert standings == ["accepted", *["set_aside"] * 11]
        assert "Оценка отложена" in plain(office.get("/desk/log/", "admin"))


def test_a_withdrawn_rating_is_not_moderated(office: Office) -> None:
    receipt = office.rate("Тепло.")
    office.client.post(f"/receipt/{receipt}", data={"action": "withdraw"})
    assert office.decide(receipt, "publish", "anna").status_code == 409
    assert office.decide(receipt, "set_aside", "anna").status_code == 409


def test_the_law_erases_a_text_for_ever_and_the_reason_stays(office: Office, tmp_path: Path) -> None:
    receipt = office.rate(PERSONAL)
    assert office.decide(receipt, "erase", "anna", reason="personal_data", basis="№ 5").status_code == 403
    assert office.decide(receipt, "erase", "admin", reason="personal_data").status_code == 422
    assert office.decide(receipt, "erase", "admin", reason="personal_data", basis="№ 5").status_code == 303
    found = office.store.find(receipt)
    assert found is not None and found.text == ""
    row = _published(office, tmp_path)[found.review_id]
    assert (row["state"], row["reason_code"]) == ("restricted", "personal_data")
    assert "Текст стёрт, потому что содержит персональные данные" in plain(
        office.client.get(f"/receipt/{receipt}").text
    )


def test_a_decision_about_many_takes_two_people(office: Office, tmp_path: Path) -> None:
    receipts = [office.rate(f"Реклама {number}") for number in range(3)]
    rewritten = office.rate("Реклама 4")
    ids = [office.review_id(receipt) for receipt in (*receipts, rewritten)]
    answer = office.post("/desk/proposals/", "anna", action="restrict", reason="advertising", review_id=ids)
    assert answer.status_code == 303
    page = office.get("/desk/proposals/")
    assert "Скрыть текст, оценку учесть: содержит рекламу (3.3)" in page
    assert "4 отзыва; предлагает anna" in page
    path = re.search(r'action="(/desk/proposals/\w{20})"', page)
    assert path
    assert office.post(path[1], action="apply").status_code == 409
    assert all(row["state"] == "published" for row in _published(office, tmp_path).values())
    office.decide(rewritten, "publish", "tomsk")
    assert office.post(path[1], "boris", action="apply").status_code == 303
    rows = _published(office, tmp_path)
    assert [rows[one]["reason_code"] for one in ids] == ["advertising"] * 3 + [""]
    assert office.post(path[1], "boris", action="apply").status_code == 409


@pytest.mark.parametrize(("action", "said"), [("apply", "Решение исполнено"), ("refuse", "Предложение снято")])
def test_who_settles_a_proposal_is_told_what_became_of_it(office: Office, action: str, said: str) -> None:
    review_id = office.review_id(office.rate("Реклама окон."))
    office.post("/desk/proposals/", "anna", action="restrict", reason="advertising", review_id=review_id)
    path = re.search(r'action="(/desk/proposals/\w{20})"', office.get("/desk/proposals/", "boris"))
    assert path
    answer = office.post(path[1], action=action)
    assert said in office.get(answer.headers["location"])


def test_many_texts_are_never_published_with_personal_data_in_them(office: Office, tmp_path: Path) -> None:
    receipt = office.rate(PERSONAL)
    review_id = office.review_id(receipt)
    office.post("/desk/proposals/", "anna", action="publish", review_id=review_id)
    page = office.get("/desk/proposals/", "boris")
    assert "Врач […] нагрубила, звоните […]." in page
    path = re.search(r'action="(/desk/proposals/\w{20})"', page)
    assert path
    assert office.post(path[1], action="apply").status_code == 303
    assert _published(office, tmp_path)[review_id]["text"] == "Врач […] нагрубила, звоните […]."


def test_whoever_made_a_proposal_may_take_it_back(office: Office) -> None:
    receipt = office.rate("Текст.")
    office.post("/desk/proposals/", "anna", action="set_aside", review_id=office.review_id(receipt))
    path = re.search(r'action="(/desk/proposals/\w{20})"', office.get("/desk/proposals/"))
    assert path
    assert office.post(path[1], action="refuse").status_code == 303
    assert "ничего не ждёт второго человека" in office.get("/desk/proposals/")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"action": "restrict"}, "Причина не выбрана."),
        ({"action": "burn"}, "Решение не выбрано."),
        ({"action": "publish", "review_id": "0" * 20}, "Ни один отзыв не отмечен."),
    ],
)
def test_what_is_wrong_with_a_proposal_is_told(office: Office, form: dict[str, str], said: str) -> None:
    receipt = office.rate("Текст.")
    answer = office.post("/desk/proposals/", "anna", **({"review_id": office.review_id(receipt)} | form))
    assert answer.status_code == 422
    assert said in plain(answer.text)


# ---- organisations -------------------------------------------------------------------------------------------------


def test_an_organisation_replies_once_and_its_edits_are_kept(office: Office) -> None:
    receipt = office.rate("Холодно.", 2)
    office.decide(receipt, "publish", "anna")
    path = f"/desk/reviews/{office.review_id(receipt)}"
    assert "1 отзыв без ответа" in office.get(QUEUE, "school")
    assert office.post(path, action="reply", reply="Починим.").status_code == 303
    assert office.post(path, action="reply", reply="Починим к зиме.").status_code == 303
    assert "0 отзывов без ответа" in office.get(QUEUE)
    page = office.get(path)
    assert "Прежние редакции ответа" in page and "Починим.</p>" in page
    shown = plain(office.client.get(f"/receipt/{receipt}", headers=BROWSER).text)
    assert "Починим к зиме." in shown and "изменён" in shown
    said = office.client.get(f"/receipt/{receipt}", headers={"accept": "application/json"}).json()
    assert said["reply"]["text"] == "Починим к зиме."


def test_a_reply_never_changes_the_rating_or_the_text(office: Office, tmp_path: Path) -> None:
    receipt = office.rate("Холодно.", 2)
    office.decide(receipt, "publish", "anna")
    before = _published(office, tmp_path)[office.review_id(receipt)]
    office.post(f"/desk/reviews/{office.review_id(receipt)}", "school", action="reply", reply="Нет, тепло.")
    assert _published(office, tmp_path)[office.review_id(receipt)] == before


def test_personal_data_in_a_reply_must_be_confirmed(office: Office) -> None:
    receipt = office.rate("Холодно.")
    path = f"/desk/reviews/{office.review_id(receipt)}"
    reply = "Зайдите к завучу Петровой А. И."
    answer = office.post(path, "school", action="reply", reply=reply)
    assert answer.status_code == 422
    assert "похоже на личные данные: «Петровой А. И.»" in plain(answer.text)
    assert reply in plain(answer.text)
    assert office.post(path, action="reply", reply=reply, confirm="1").status_code == 303


def test_each_piece_of_personal_data_in_a_reply_is_named_by_itself(office: Office) -> None:
    receipt = office.rate("Холодно.")
    office.decide(receipt, "publish", "anna")
    path = f"/desk/reviews/{office.review_id(receipt)}"
    answer = office.post(path, "school", action="reply", reply="Звоните 8 913 555-12-34 или mail@school.example")
    assert "«8 913 555-12-34», «mail@school.example»" in plain(answer.text)


@pytest.mark.parametrize(("reply", "status"), [("", 422), ("   ", 422), ("а" * 1001, 422), ("\x07", 422)])
def test_a_reply_that_cannot_be_shown_is_refused(office: Office, reply: str, status: int) -> None:
    receipt = office.rate("Холодно.")
    path = f"/desk/reviews/{office.review_id(receipt)}"
    assert office.post(path, "school", action="reply", reply=reply).status_code == status


def test_a_withdrawn_rating_is_not_replied_to(office: Office) -> None:
    receipt = office.rate("Холодно.")
    path = f"/desk/reviews/{office.review_id(receipt)}"
    office.client.post(f"/receipt/{receipt}", data={"action": "withdraw"})
    assert office.post(path, "school", action="reply", reply="Жаль.").status_code == 409


def test_a_report_changes_nothing_until_a_moderator_decides(office: Office, tmp_path: Path) -> None:
    receipt = office.rate("Заведующая ворует.", 1)
    office.decide(receipt, "publish", "anna")
    path = f"/desk/reviews/{office.review_id(receipt)}"
    assert office.post(path, "school", action="report").status_code == 422
    for _ in range(2):
        assert office.post(path, action="report", reason="unlawful", note="Это клевета").status_code == 303
    assert _published(office, tmp_path)[office.review_id(receipt)]["text"] == "Заведующая ворует."
    page = office.get(f"{QUEUE}?queue=reported", "anna")
    assert "1 жалоба на отзыв" in page
    assert "Это клевета" in office.get(path)
    assert office.post(path, action="dismiss").status_code == 303
    assert "0 жалоб" in office.get(f"{QUEUE}?queue=reported")
    assert "Отклонена." in office.get(path, "school")


@pytest.mark.parametrize("end", ["withdraw", "erase"])
def test_what_is_gone_is_not_reported(office: Office, end: str) -> None:
    """The form may still stand open in a browser; a note that came afterwards would be erased by nobody."""
    receipt = office.rate("Заведующая ворует.", 1)
    path = f"/desk/reviews/{office.review_id(receipt)}"
    if end == "withdraw":
        office.client.post(f"/receipt/{receipt}", data={"action": "withdraw"})
    else:
        office.decide(receipt, "erase", "admin", reason="personal_data", basis="№ 5")
    said = office.post(path, "school", action="report", reason="insult", note="Пишет: «ворует»")
    assert said.status_code == 409
    assert "«ворует»" not in office.get(path, "anna")
    number = office.store.read(lambda one: one.exec_driver_sql("SELECT count(*) FROM reports").scalar_one())
    assert number == 0


def test_an_organisation_sees_its_weak_spots(office: Office) -> None:
    for number in range(10):
        office.rate("", 3, comfort=2, **({"courtesy": 5} if number < 9 else {}))
    answered, silent = office.rate("Раз."), office.rate("Два.")
    for receipt in (answered, silent):
        office.decide(receipt, "publish", "anna")
    office.post(f"/desk/reviews/{office.review_id(answered)}", "school", action="reply", reply="Спасибо.")
    page = office.get(f"/desk/organizations/{SCHOOL}")
    assert re.search(r"Комфортность</th><td class=\"n\"><b>2,0</b></td><td class=\"n\">10</td>", page)
    assert re.search(r"Доброжелательность</th><td class=\"n\"><span class=\"soft\">мало ответов", page)
    assert page.index("Комфортность") < page.index("Доброжелательность")
    assert "1 отзыв без ответа" in page
    assert office.client.get(f"/desk/organizations/{CLINIC}", headers=BROWSER).status_code == 404


# ---- lists ---------------------------------------------------------------------------------------------------------


def test_a_list_is_filtered_and_paged_without_losing_anybody(office: Office) -> None:
    receipts = [office.rate(f"Отзыв {number}.", number % 5 + 1) for number in range(45)]
    other = office.rate("О поликлинике.", 1, CLINIC)
    seen: list[str] = []
    path = QUEUE
    office.sign_in("anna")
    while path:
        page = office.get(path)
        seen += re.findall(r'name="review_id" value="(\w+)"', page)
        further = re.search(r'<a class="btn" href="([^"]+)">Следующие', page)
        path = further[1].replace("&amp;", "&") if further else ""
    assert seen == [office.review_id(receipt) for receipt in (*receipts, other)]
    assert "О поликлинике." in office.get(f"{QUEUE}?organization=поликлиника")
    assert "Отзыв 1." not in office.get(f"{QUEUE}?organization={CLINIC}")
    only_fives = office.get(f"{QUEUE}?rating=5")
    assert "9 отзывов ждут решения" in only_fives
    assert office.get(f"{QUEUE}?order=new").index("О поликлинике.") < office.get(f"{QUEUE}?order=new").index(
        "Отзыв 44."
    )


@pytest.mark.parametrize(
    "query",
    ["after=%00", "after=-1", "after=99999999999999999999", "rating=9", "queue=burn", "region=%27", "organization=%25"],
)
def test_a_strange_filter_is_no_fault(office: Office, query: str) -> None:
    office.sign_in("anna")
    assert office.client.get(f"{QUEUE}?{query}", headers=BROWSER).status_code == 200


def test_hostile_text_stays_text_at_the_desk(office: Office) -> None:
    receipt = office.rate('<script>alert(1)</script>"><img src=x onerror=alert(1)>')
    for path in (QUEUE, f"/desk/reviews/{office.review_id(receipt)}"):
        page = office.get(path, "anna")
        assert "<img" not in page
        assert "<script" not in without_own_scripts(page)


def test_the_log_tells_who_did_what(office: Office) -> None:
    receipt = office.rate("Тепло.")
    office.decide(receipt, "publish", "anna")
    page = office.get("/desk/log/")
    assert 'Текст опубликован <span class="soft">anna</span>' in page
    assert 'Оценка получена <span class="soft">автор</span>' in page
    history = office.get(f"/desk/reviews/{office.review_id(receipt)}")
    assert history.count('<li><span class="soft">7 февраля 2026</span>') == 2


def test_the_log_leads_to_what_it_is_about(office: Office) -> None:
    receipt = office.rate("Тепло.")
    review_id = office.review_id(receipt)
    office.decide(receipt, "publish", "anna")
    page = office.get("/desk/log/", "admin")
    hrefs = set(re.findall(r'<a[^>]* href="(/desk/[^"]+)"', page))
    assert {f"/desk/reviews/{review_id}", f"/desk/organizations/{SCHOOL}"} <= hrefs
    account = next(href for href in hrefs if href.startswith("/desk/accounts/#a-"))
    assert f'id="{account.partition("#")[2]}"' in office.get("/desk/accounts/")
    assert office.get(f"/desk/reviews/{review_id}")
    page = office.get("/desk/log/", "altai")
    assert review_id in page and f"/desk/reviews/{review_id}" not in page, "not of this moderator's region"
    page = office.get("/desk/log/", "tomsk")
    assert f"/desk/reviews/{review_id}" in page and f"queue=all&amp;organization={SCHOOL}" in page
    assert "/desk/accounts/" not in page


def test_the_desk_speaks_english(office: Office) -> None:
    office.rate("Тепло.")
    page = office.get(f"{QUEUE}?lang=en", "anna")
    assert "1 review waits for a decision" in page
    assert 'lang="en"' in page


def test_next_leads_to_pages_of_the_desk_only(office: Office) -> None:
    office.join("anna")
    for target, expected in (("/desk/log/", "/desk/log/"), ("https://evil.example", "/desk/"), ("//evil", "/desk/")):
        form = {"login": "anna", "password": PASSWORD, "code": office.code("anna"), "next": target}
        assert office.client.post("/desk/sign-in", data=form).headers["location"] == expected


def test_the_desk_works_with_postgresql_too(tmp_path: Path, postgres: str) -> None:
    """A day in short: publish, hide, propose and carry out, reply, report, erase, export, verify."""
    with database(postgres) as address, opened(tmp_path, store=store_place(address, tmp_path / "key")) as office:
        receipts = [office.rate(PERSONAL, 2), office.rate("Идиоты.", 1), office.rate("Реклама."), office.rate("Тепло.")]
        ids = [office.review_id(receipt) for receipt in receipts]
        page = office.get(QUEUE, "anna")
        ticked = re.findall(r'name="mask" value="([\d-]+)" checked', page)
        assert office.decide(receipts[0], "publish", mask=ticked).status_code == 303
        assert office.decide(receipts[1], "restrict", reason="insult").status_code == 303
        office.post("/desk/proposals/", action="restrict", reason="advertising", review_id=ids[2])
        path = re.search(r'action="(/desk/proposals/\w{20})"', office.get("/desk/proposals/", "boris"))
        assert path and office.post(path[1], action="apply").status_code == 303
        assert office.decide(receipts[3], "publish").status_code == 303
        assert office.post(f"/desk/reviews/{ids[0]}", "school", action="reply", reply="Разберёмся.").status_code == 303
        assert office.post(f"/desk/reviews/{ids[3]}", action="report", reason="repeat").status_code == 303
        assert "1 отзыв без ответа" in office.get(f"/desk/organizations/{SCHOOL}")
        assert office.decide(receipts[3], "erase", "admin", reason="unlawful", basis="№ 9").status_code == 303
        assert "Текст стёрт по требованию закона" in office.get("/desk/log/")
        rows = _published(office, tmp_path)
        assert [(rows[one]["text"], rows[one]["reason_code"]) for one in ids] == [
            ("Врач […] нагрубила, звоните […].", ""),
            ("", "insult"),
            ("", "advertising"),
            ("", "unlawful"),
        ]
        assert verify(office.store.place).faults == ()


# ---- the command line ----------------------------------------------------------------------------------------------


def test_accounts_are_added_listed_and_closed_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = ["--store", str(tmp_path / "store.sqlite")]
    assert publish.main(["accounts", "list", *store]) == ExitCode.STORAGE
    assert publish.main(["accounts", "add", *store, "--login", "anna@example.org"]) == ExitCode.DONE
    assert re.search(r"https://ocenka\.example/desk/join/[\w-]{43}\n", capsys.readouterr().out)
    assert publish.main(["accounts", "list", *store]) == ExitCode.DONE
    assert capsys.readouterr().out == "anna@example.org  administrator  invited\n"
    assert publish.main(["accounts", "close", *store, "--login", "anna@example.org"]) == ExitCode.DONE
    assert publish.main(["accounts", "list", *store]) == ExitCode.DONE
    assert "anna@example.org  administrator  closed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        ["add"],
        ["close", "--login", "nobody"],
        ["add", "--login", "Анна"],
        ["add", "--login", "ann", "--role", "organization"],
        ["add", "--login", "ann", "--role", "moderator", "--organization", "school-1"],
        ["add", "--login", "ann", "--role", "authority"],
    ],
)
def test_a_command_that_cannot_be_meant_is_refused(tmp_path: Path, wrong: list[str]) -> None:
    assert publish.main(["accounts", *wrong, "--store", str(tmp_path / "store.sqlite")]) == ExitCode.USAGE


def test_accounts_of_a_served_store_are_changed_at_the_desk(office: Office) -> None:
    place: Any = office.store.place
    assert publish.main(["accounts", "add", "--login", "eve", "--store", str(place.path)]) == ExitCode.BUSY


def test_the_picture_of_one_time_codes_says_what_the_link_says(office: Office) -> None:
    """A telephone reads it: the path is drawn as a browser does, and read by an independent reader."""
    page = html.unescape(office.client.get(f"/desk/join/{office._tokens['anna']}").text)
    (size,) = re.findall(r'class="qr" viewBox="0 0 (\d+) ', page)
    (path,) = re.findall(r'<path fill="#000" d="([^"]*)"', page)
    image = Image.new("L", (int(size), int(size)), 255)
    for left, top, width in re.findall(r"M(\d+) (\d+)h(\d+)v1H\d+z", path):
        image.paste(0, (int(left), int(top), int(left) + int(width), int(top) + 1))
    (found,) = zxingcpp.read_barcodes(image.resize((int(size) * 8, int(size) * 8)))
    assert found.text == re.findall(r'href="(otpauth://[^"]*)"', page)[0]
