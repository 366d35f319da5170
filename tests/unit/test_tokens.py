"""Receipts, invitations and printed codes keep their form to the symbol: they are on paper and in letters for years.

Expected values are made here by the documented rule, from `hmac`, `hashlib` and arithmetic alone.
"""

import base64
import hashlib
import hmac
from pathlib import Path

import pytest

from nok.errors import ConfigError, StorageError
from nok.identifiers import CROCKFORD, is_kpp, is_ogrn, is_oktmo, placement_code, placement_number, seen_as
from nok.placements import Placement, PlacementState, follow
from widget.invitations import Fault, Invitation, Inviter
from widget.keys import ServerKey, group_receipt, make_key, parse_receipt, read_key

SECRET = bytes(range(32))
RANDOM = bytes(range(16))
EXPIRES = 1_800_000_000
INVITED = Invitation(organization_id="school-1", batch="00ab12ff", expires_at=EXPIRES)


def signed(text: bytes) -> bytes:
    return hmac.new(SECRET, text, hashlib.sha256).digest()


def expected_token() -> str:
    said = EXPIRES.to_bytes(4, "big") + bytes.fromhex("00ab12ff") + RANDOM
    return base64.b32encode(said + signed(b"invitation:school-1:" + said)[:16]).decode().lower()


def test_an_invitation_is_made_by_the_rule_and_read_back() -> None:
    inviter = Inviter(SECRET)
    token = inviter.make(INVITED, RANDOM)
    assert token == expected_token()
    assert inviter.read("school-1", token, EXPIRES - 1) == INVITED


def test_an_invitation_without_given_chance_is_another_each_time() -> None:
    inviter = Inviter(SECRET)
    tokens = {inviter.make(INVITED) for _ in range(3)}
    assert len(tokens) == 3
    assert {len(token) for token in tokens} == {64}


@pytest.mark.parametrize(
    ("organization", "token", "now", "fault"),
    [
        ("school-2", expected_token(), 0, Fault.WRONG),
        ("school-1", expected_token(), EXPIRES, Fault.EXPIRED),
        ("school-1", expected_token().upper(), 0, Fault.WRONG),
        ("school-1", expected_token()[:-1], 0, Fault.WRONG),
        ("school-1", None, 0, Fault.WRONG),
    ],
)
def test_an_invitation_that_does_not_hold_is_told(organization: str, token: object, now: int, fault: Fault) -> None:
    assert Inviter(SECRET).read(organization, token, now) is fault


@pytest.mark.parametrize("batch", ["", "00AB12FF", "00ab12f", "00ab12ff0"])
def test_a_batch_that_is_none_makes_no_invitation(batch: str) -> None:
    with pytest.raises(ValueError, match=f"8 hexadecimal digits, not '{batch}'"):
        Inviter(SECRET).make(Invitation(organization_id="school-1", batch=batch, expires_at=1))


def test_a_receipt_spells_eighty_bits_and_is_forgiving_to_hands() -> None:
    bits = int.from_bytes(signed(b"key-of-a-retry")[:10], "big")
    spelt = ""
    for _ in range(16):
        bits, symbol = divmod(bits, 32)
        spelt = CROCKFORD[symbol] + spelt
    key = ServerKey(SECRET)
    assert key.receipt("key-of-a-retry") == spelt
    assert group_receipt(spelt) == f"{spelt[:4]}-{spelt[4:8]}-{spelt[8:12]}-{spelt[12:]}"
    assert parse_receipt(group_receipt(spelt).lower().replace("0", "o").replace("1", "l")) == spelt
    assert [parse_receipt(text) for text in (spelt[:-1], spelt + "0", spelt[:-1] + "U")] == [None] * 3


def test_hashes_for_different_purposes_never_meet() -> None:
    key = ServerKey(SECRET)
    assert key.hash("receipt", "A") == signed(b"receipt:A").hex()
    assert key.secret_for("seal") == signed(b"key:seal")
    assert repr(key) == "ServerKey(…)"


def test_a_new_key_is_256_random_bits_in_a_file_of_its_owner(tmp_path: Path) -> None:
    texts = []
    for name in ("a", "b"):
        (tmp_path / f"{name}.new").write_text("left by a crash")
        make_key(tmp_path / name)
        texts.append((tmp_path / name).read_text("ascii"))
    assert [len(bytes.fromhex(text.strip())) for text in texts] == [32, 32]
    assert texts[0] != texts[1]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a", "b"]
    with pytest.raises(
        StorageError, match=r"absent/key: the key cannot be written: No such file.* Nothing was started"
    ):
        make_key(tmp_path / "absent" / "key")


def test_a_printed_code_spells_its_number_and_a_check_symbol() -> None:
    assert (placement_code(0), placement_code(2**45 - 1)) == ("0000000000", "ZZZZZZZZZ9")
    for number in (1, 31, 32, 123_456_789_012, 2**44):
        code = placement_code(number)
        assert placement_number(code) == number
        assert placement_number(code.lower()) is None
        last = CROCKFORD[(CROCKFORD.index(code[-1]) + 1) % 32]
        assert placement_number(code[:-1] + last) is None


def test_a_replaced_code_leads_to_the_last_one_and_a_ring_to_an_end() -> None:
    replaced = {
        code: Placement(organization_id=code, state=PlacementState.REPLACED, replaced_by=following)
        for code, following in (("a", "b"), ("b", "c"), ("x", "y"), ("y", "z"), ("z", "y"), ("w", "nowhere"))
    }
    every = {
        **replaced,
        "c": Placement(organization_id="c"),
        "m": Placement(organization_id="m", state=PlacementState.MOVED),
    }
    found = {code: (follow(every, code) or ("",))[0] for code in (*every, "unknown")}
    assert found == {"a": "c", "b": "c", "c": "c", "x": "y", "y": "y", "z": "z", "w": "w", "m": "m", "unknown": ""}
    assert follow(every, "a") == ("c", every["c"])
    assert [every["c"].is_hanging, every["m"].is_hanging, every["a"].is_hanging] == [True, True, False]


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (is_kpp, ["773601001", "7736AB001"], ["77360100", "7736ab001", "A73601001", "7736010010", "773601001 "]),
        (is_oktmo, ["69701000", "69701000001"], ["6970100", "697010001", "6970100A", "697010000012"]),
        (
            is_ogrn,
            ["5137746004787", "304500116000157"],
            ["51377460047", "5137746004788", "304500116000158", "51377460047８7", ""],
        ),
    ],
)
def test_numbers_of_registers(check: object, right: list[str], wrong: list[str]) -> None:
    assert callable(check)
    assert [check(text) for text in right] == [True] * len(right)
    assert [check(text) for text in wrong] == [False] * len(wrong)


def test_what_the_eye_takes_for_one_is_one() -> None:
    assert seen_as("Ａ-1") == seen_as(" а\u200b-1\u00ad") == "a-1"
    assert seen_as("СТРАХ") == "ctpax"
    assert seen_as("é") == seen_as("e\u0301")
    assert seen_as("b1") != seen_as("b11")


def test_a_key_that_others_may_read_is_told_with_its_mode_and_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "key"
    make_key(file)
    for mode in (0o640, 0o604, 0o601):
        file.chmod(mode)
        with pytest.raises(ConfigError) as caught:
            read_key(file)
        assert str(caught.value) == (
            f"{file}: the key has mode {mode:04o}, so others may read it; expected 0600. Run `chmod 600 {file}`, "
            "and if others did read it, make a new store. Nothing was started."
        )


def test_a_key_has_at_least_sixteen_different_bytes(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.touch(0o600)
    file.write_text((bytes(range(16)) * 2).hex())
    assert read_key(file).receipt("a") == ServerKey(bytes(range(16)) * 2).receipt("a")
    file.write_text((bytes(range(15)) * 2 + bytes(2)).hex())
    with pytest.raises(
        ConfigError, match=r"no key of 256 random bits .* a new store, remove the file and it is made again"
    ):
        read_key(file)
