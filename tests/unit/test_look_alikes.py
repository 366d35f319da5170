"""Texts that say nearly the same stand together at the desk, with how many there are and the way to all of them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.desk_support import Office, opened
from tests.unit.widget_support import CLINIC, SCHOOL, SCHOOL_CODE
from widget.audit_check import verify
from widget.likeness import LIKE, likeness, pairs_of, prints_of

QUEUE = "/desk/reviews/"
PRAISE = "Прекрасная организация, вежливые работники, всё чисто и быстро, советуем всем нашим друзьям и знакомым!"
ALIKE = [
    PRAISE,
    PRAISE.upper().replace("!", "…"),
    PRAISE.replace("Прекрасная", "Замечательная"),
    f"{PRAISE} Спасибо большое.",
    PRAISE.replace("всё чисто", "очень чисто"),
]
OTHERS = [
    "Долго ждали в коридоре, стульев нет, талон выдали только со второго раза, а врач принял за две минуты.",
    "Прекрасная организация, но пандус завалило снегом, и коляску пришлось нести на руках по лестнице вдвоём.",
    "Всё хорошо, спасибо.",
    "Всё хорошо, спасибо!",
]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path, sweep_seconds=0.02) as found:
        yield found
    assert verify(found.store.place).faults == ()


def _send(office: Office) -> list[str]:
    """The ids of the reviews that are alike, under two organisations and a code."""
    receipts = []
    for number, text in enumerate(ALIKE):
        receipts.append(
            office.rate(
                text, 5, CLINIC if number % 2 else SCHOOL, **({"placement_code": SCHOOL_CODE} if number == 2 else {})
            )
        )
        if number < len(OTHERS):
            office.rate(OTHERS[number], 3)
    _wait(office, len(ALIKE) + len(OTHERS))
    return [office.review_id(receipt) for receipt in receipts]


def _wait(office: Office, texts: int) -> None:
    """Until so many texts have their prints."""
    counted = "SELECT count(DISTINCT text_key) FROM text_prints"
    end = time.monotonic() + 60
    while office.store.read(lambda connection: connection.exec_driver_sql(counted).scalar_one()) != texts:
        assert time.monotonic() < end, "the texts are not looked at"
        time.sleep(0.01)


def test_texts_that_are_alike_stand_together_with_their_number(office: Office) -> None:
    first, *rest = _send(office)
    page = office.get(QUEUE, "anna")
    assert "5 отзывов говорят почти то же: 2 организации." in page
    assert page.count("говорят почти то же") == 1
    group = page[page.index(f'id="h-{first}"') : page.index("Показать все")]
    assert not any(f'id="h-{one}"' in page for one in rest), "they have no place of their own"
    below = page[page.index("Показать все") :].partition("</ul>")[0]
    assert all(f'value="{one}" form="mass"' in below for one in rest) and PRAISE in group
    assert office.get(f"{QUEUE}?queue=all&like={first}").count('<article tabindex="-1"') == 5
    listed = office.get(f"{QUEUE}?queue=all&like={rest[0]}&rating=5&organization={CLINIC}")
    assert listed.count('<article tabindex="-1"') == 2 and "2 оценки" in listed


def test_all_of_them_are_decided_about_at_once(office: Office) -> None:
    found = _send(office)
    assert office.post("/desk/proposals/", "anna", action="set_aside", review_id=found).status_code == 303
    assert "5 отзывов; предлагает anna" in office.get("/desk/proposals/")


def test_nobody_finds_what_he_may_not_see(office: Office) -> None:
    first, *_ = _send(office)
    for name in ("altai", "school"):
        page = office.get(QUEUE, name)
        assert "говорят почти то же" not in page
    assert "0 оценок" in office.get(f"{QUEUE}?queue=all&like={first}", "altai")


def test_prints_go_with_the_text(office: Office) -> None:
    receipt = office.rate(PRAISE)
    office.rate(PRAISE.upper())
    _wait(office, 2)
    office.client.post(f"/receipt/{receipt}", data={"action": "withdraw"})
    _wait(office, 1)
    assert "говорят почти то же" not in office.get(QUEUE, "anna")


def test_prints_tell_nothing_without_the_key_and_find_what_is_alike() -> None:
    pairs = [pairs_of(text) for text in ALIKE]
    prints = [set(prints_of(one, b"secret")) for one in pairs]
    assert all(likeness(pairs[0], one) >= LIKE for one in pairs)
    assert all(prints[0] & one for one in prints)
    assert not prints[0] & set(prints_of(pairs[0], b"another"))
    others = [pairs_of(text) for text in OTHERS]
    assert all(likeness(pairs[0], one) < LIKE for one in others)
    assert prints_of(pairs_of(OTHERS[2]), b"secret") == (), "too short to tell"
