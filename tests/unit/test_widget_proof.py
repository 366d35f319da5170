"""What a form proves: the token, the work, and that neither can be used for anything else."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nok.stuffing import StuffingRules
from tests.unit.widget_support import CLINIC, SCHOOL, Clock, all_reviews, new_key, running
from widget.proof import Challenge, Prover, derive_key, solve

RULES = StuffingRules(work_cost=1, work_least=1, work_most=5)
PROVER = Prover(b"a secret of the server", RULES)
KEY = "a-key-of-a-rating"


def test_a_phone_that_worked_proves_it() -> None:
    given = PROVER.challenge(SCHOOL, KEY, 1000)
    assert PROVER.is_proved(SCHOOL, KEY, given.token, str(solve(given, 5)), 1001)
    assert PROVER.is_proved(SCHOOL, KEY, given.token, solve(given, 5), 1000 + 48 * 3600)


def test_the_work_is_that_of_altcha() -> None:
    """PBKDF2 of the nonce with the counter as four bytes behind it; the figure is from another program (OpenSSL)."""
    assert derive_key(bytes(16), bytes(16), 7, 1000).hex() == (
        "193a0910f836a7f3fe3ebe0814b75380497a1006b25a61c82faad3ecfe4e980d"
    )


@pytest.mark.parametrize("now", [999.0, 1000.5, 1000 + 48 * 3600 + 1])
def test_too_early_and_too_late_prove_nothing(now: float) -> None:
    given = PROVER.challenge(SCHOOL, KEY, 1000)
    assert not PROVER.is_proved(SCHOOL, KEY, given.token, solve(given, 5), now)


def test_a_proof_is_of_one_organisation_and_one_key() -> None:
    given = PROVER.challenge(SCHOOL, KEY, 1000)
    work = solve(given, 5)
    assert not PROVER.is_proved(CLINIC, KEY, given.token, work, 1010)
    assert not PROVER.is_proved(SCHOOL, f"{KEY}-", given.token, work, 1010)
    assert not Prover(b"another secret", RULES).is_proved(SCHOOL, KEY, given.token, work, 1010)


@given(token=st.one_of(st.text(max_size=80), st.none(), st.integers(), st.lists(st.text())), work=st.text(max_size=5))
def test_nothing_that_was_not_given_proves_anything(token: object, work: str) -> None:
    assert not PROVER.is_proved(SCHOOL, KEY, token, work, 1010)


@given(place=st.integers(0, 40), bit=st.integers(0, 6))
def test_one_bit_flipped_proves_nothing(place: int, bit: int) -> None:
    given = PROVER.challenge(SCHOOL, KEY, 1000)
    letters = list(given.token)
    place %= len(letters)
    letters[place] = chr(ord(letters[place]) ^ (1 << bit))
    assert not PROVER.is_proved(SCHOOL, KEY, "".join(letters), solve(given, 5), 1010)


def test_a_form_and_a_program_are_given_the_same_work(tmp_path: Path) -> None:
    clock = Clock()
    with running(tmp_path, rules=RULES, now=clock) as client:
        page = client.get(f"/rate/{SCHOOL}").text
        assert re.search(r'data-work="1 [0-9a-f]{32} [0-9a-f]{32} [0-9a-f]{16}"', page)
        key = new_key()
        told = client.get(f"/rate/{SCHOOL}/work", params={"key": key}).json()
        parameters = told["parameters"]
        assert parameters | {"algorithm": "PBKDF2/SHA-256", "cost": 1, "keyLength": 32} == parameters
        found = Challenge(
            token=told["form_token"],
            nonce=parameters["nonce"],
            salt=parameters["salt"],
            cost=parameters["cost"],
            prefix=parameters["keyPrefix"],
        )
        clock.now += 5
        body = {"rating": 4, "idempotency_key": key, "form_token": found.token, "work": str(solve(found, 5))}
        answers = [client.post(f"/rate/{SCHOOL}", json=body) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 200]
        again = client.post(f"/rate/{SCHOOL}", json=body | {"idempotency_key": new_key()})
        assert again.status_code == 201
        assert client.get("/health").json()["guard_counts"] == {"proved": 2, "unproved": 1}
        assert client.get(f"/rate/{SCHOOL}/work", params={"key": "short"}).status_code == 422
    assert len(all_reviews(tmp_path / "var" / "store.sqlite")) == 2


def test_the_published_work_is_found_by_the_last_counter(tmp_path: Path) -> None:
    prover = Prover(b"a secret", StuffingRules())
    given = prover.challenge(SCHOOL, KEY, 0)
    found = solve(given, StuffingRules().work_most)
    assert found is not None
    assert StuffingRules().work_least <= found <= StuffingRules().work_most
    assert solve(replace(given, prefix="00" * 8), 3) is None
