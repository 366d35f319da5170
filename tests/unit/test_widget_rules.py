"""The guard's limits, the tables of moves, the key and the directory."""

import ipaddress
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nok.errors import ConfigError, UsageError
from nok.identifiers import default_placement_code
from nok.placements import PlacementState
from tests.unit.widget_support import Clock
from widget.directory import read_directory
from widget.guard import (
    Ballot,
    Decision,
    Guard,
    GuardMode,
    Limit,
    Reason,
    Sender,
    Verdict,
    Windows,
    neighbourhood_of,
    network_of,
    sender_address,
)
from widget.keys import make_key, parse_receipt, read_key
from widget.moderation import (
    Actor,
    ForbiddenMoveError,
    ReviewStanding,
    TextStanding,
    first_text_standing,
    move_review,
    move_text,
    rewrite_text,
)
from widget.server import check_exposure

OWN = "https://ocenka.example"
HOME = Sender(address="203.0.113.9")


def _guard(mode: GuardMode = GuardMode.FULL) -> tuple[Guard, Clock]:
    clock = Clock()
    return Guard(mode, clock, (OWN,)), clock


def test_two_hundred_ratings_of_a_school_in_ten_minutes_pass() -> None:
    guard, clock = _guard()
    for _ in range(200):
        assert guard.admit(HOME).verdict is Verdict.ALLOW
        assert guard.weigh(HOME, Ballot(organization_id="school")).verdict is Verdict.ALLOW
        clock.now += 3


def test_a_class_that_taps_at_once_passes() -> None:
    guard, _ = _guard()
    assert {guard.admit(HOME).verdict for _ in range(30)} == {Verdict.ALLOW}


def test_a_hundred_in_a_second_are_refused_within_the_second() -> None:
    guard, clock = _guard()
    seen = []
    for _ in range(100):
        seen.append(guard.admit(HOME))
        clock.now += 0.01
    assert seen[-1] == Decision(verdict=Verdict.REFUSE, reason=Reason.TOO_MANY, retry_after=1)
    assert guard.counts[Reason.TOO_MANY] > 0


def test_whoever_waits_as_told_is_let_in_again() -> None:
    guard, clock = _guard()
    decision = next(found for _ in iter(int, 1) if (found := guard.admit(HOME)).verdict is Verdict.REFUSE)
    assert decision.retry_after is not None
    clock.now += decision.retry_after
    assert guard.admit(HOME).verdict is Verdict.ALLOW


def test_a_slow_flood_is_refused_with_the_time_to_wait() -> None:
    guard, clock = _guard()
    for _ in range(400):
        assert guard.admit(HOME).verdict is Verdict.ALLOW
        clock.now += 1
    decision = guard.admit(HOME)
    assert decision.verdict is Verdict.REFUSE
    assert decision.retry_after == 200


def test_addresses_inside_one_ipv6_network_are_one_sender() -> None:
    guard, _ = _guard()
    seen = {guard.admit(Sender(address=f"2001:db8::{number:x}")).verdict for number in range(100)}
    assert seen == {Verdict.ALLOW, Verdict.REFUSE}
    assert guard.admit(Sender(address="2001:db8:0:1::1")).verdict is Verdict.ALLOW


def test_the_trap_and_a_heap_from_one_place_are_set_aside_not_refused() -> None:
    guard, clock = _guard()
    assert guard.weigh(HOME, Ballot(organization_id="school", is_trapped=True)).reason is Reason.TRAP
    for _ in range(300):
        assert guard.weigh(HOME, Ballot(organization_id="school")).verdict is Verdict.ALLOW
        clock.now += 10
    assert guard.weigh(HOME, Ballot(organization_id="school")).reason is Reason.ONE_PLACE
    assert guard.weigh(HOME, Ballot(organization_id="clinic")).verdict is Verdict.ALLOW


@pytest.mark.parametrize("mode", [GuardMode.COUNT, GuardMode.OFF])
def test_the_other_modes_refuse_nothing(mode: GuardMode) -> None:
    guard, _ = _guard(mode)
    foreign = Sender(address="9.9.9.9", fetch_site="cross-site", origin="https://evil.example")
    assert {guard.admit(foreign).verdict for _ in range(200)} == {Verdict.ALLOW}
    assert guard.weigh(HOME, Ballot(organization_id="school", is_trapped=True)).verdict is Verdict.ALLOW
    counted = {"cross-site": 200, "trap": 1, "proved": 1} if mode is GuardMode.COUNT else {}
    assert dict(guard.counts) == counted


@pytest.mark.parametrize(
    ("sender", "is_allowed"),
    [
        ({"fetch_site": "same-origin", "origin": OWN}, True),
        ({"fetch_site": "none"}, True),
        ({}, True),
        ({"fetch_site": "cross-site", "origin": "https://evil.example"}, False),
        ({"fetch_site": "cross-site"}, False),
        ({"fetch_site": "same-site", "origin": "https://evil.ocenka.example"}, False),
        ({"fetch_site": "same-site", "origin": OWN}, True),
        ({"origin": "null"}, False),
        ({"origin": "https://evil.example", "host": "ocenka.example"}, False),
        ({"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"}, True),
        ({"origin": "HTTPS://OCENKA.EXAMPLE"}, True),
    ],
)
def test_only_our_own_pages_may_send(sender: dict[str, str], is_allowed: bool) -> None:
    decision = _guard()[0].admit(Sender(address="9.9.9.9", **sender))
    assert (decision.verdict is Verdict.ALLOW) == is_allowed


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "expected"),
    [
        ("9.9.9.9", "1.1.1.1", (), "9.9.9.9"),
        ("127.0.0.1", "6.6.6.6", (), "127.0.0.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1", ("10.0.0.1",), "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 10.0.0.2", ("10.0.0.1", "10.0.0.2"), "6.6.6.6"),
        ("10.0.0.1", "", ("10.0.0.1",), "10.0.0.1"),
    ],
)
def test_a_forwarded_address_counts_from_a_named_proxy_only(
    peer: str, forwarded: str, trusted: tuple[str, ...], expected: str
) -> None:
    assert sender_address(peer, forwarded, trusted) == expected


def test_the_guard_remembers_a_bounded_number_of_senders() -> None:
    windows = Windows(Clock(), remembered=10)
    for number in range(50):
        windows.hit(Limit("requests", 5, 60), f"sender-{number}")
    assert len(windows) == 10


def test_a_window_moves_with_the_clock() -> None:
    clock, limit = Clock(), Limit("requests", 2, 60)
    windows = Windows(clock)
    assert windows.seconds_left(limit, "a") == 1
    assert windows.hit(limit, "a")
    clock.now += 20
    assert windows.hit(limit, "a") and not windows.hit(limit, "a")
    assert windows.hit(limit, "b"), "another sender is counted apart"
    assert windows.hit(limit._replace(kind="others"), "a"), "and so is another limit with the same numbers"
    assert windows.seconds_left(limit, "a") == 40
    clock.now += 39.5
    assert not windows.hit(limit, "a") and windows.seconds_left(limit, "a") == 1
    clock.now += 0.5
    assert windows.hit(limit, "a"), "what was refused was not counted"
    assert windows.seconds_left(limit, "a") == 20


def test_the_guard_keeps_no_address_in_memory() -> None:
    guard, _ = _guard()
    guard.admit(Sender(address="198.51.100.77"))
    assert "198.51.100.77" not in repr([vars(part) for part in (guard, guard._windows)])


def test_an_unreadable_address_is_a_sender_like_any_other() -> None:
    assert network_of("testclient") == neighbourhood_of("testclient") == "testclient"


@given(
    st.one_of(
        st.ip_addresses().map(str),
        st.text(max_size=20),
        st.text("0123456789.:%/\0 \u0661", max_size=20),
        st.lists(st.integers(0, 300), min_size=3, max_size=5).map(lambda numbers: ".".join(map(str, numbers))),
    )
)
def test_networks_are_those_of_the_library_of_addresses(address: str) -> None:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        assert network_of(address) == neighbourhood_of(address) == address
        return
    four = parsed if isinstance(parsed, ipaddress.IPv4Address) else parsed.ipv4_mapped
    wide, wider = (four, 32), (four, 24)
    if four is None:
        wide, wider = (parsed, 64), (parsed, 48)
    expected = ipaddress.ip_network(wide, strict=False)
    assert network_of(address) == (str(four) if four else str(expected))
    assert neighbourhood_of(address) == str(ipaddress.ip_network(wider, strict=False))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "ocenka.example"])
def test_a_guard_that_refuses_nothing_stays_on_this_machine(host: str) -> None:
    with pytest.raises(UsageError, match="loopback"):
        check_exposure(GuardMode.COUNT, host)
    check_exposure(GuardMode.FULL, host)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_the_loopback_address_may_count_only(host: str) -> None:
    check_exposure(GuardMode.COUNT, host)


def test_a_rating_is_never_moved_out_of_withdrawn() -> None:
    for then in ReviewStanding:
        for actor in Actor:
            with pytest.raises(ForbiddenMoveError):
                move_review(ReviewStanding.WITHDRAWN, then, actor)


def test_only_a_moderator_publishes_a_text() -> None:
    assert move_text(TextStanding.WAITING, TextStanding.PUBLISHED, Actor.MODERATOR) is TextStanding.PUBLISHED
    for now in TextStanding:
        for actor in (Actor.AUTHOR, Actor.GUARD):
            with pytest.raises(ForbiddenMoveError):
                move_text(now, TextStanding.PUBLISHED, actor)


@pytest.mark.parametrize("now", TextStanding)
def test_a_rewritten_text_waits_again(now: TextStanding) -> None:
    assert rewrite_text(now, "новый") is TextStanding.WAITING
    # What the law had erased stays told as erased, until something else is written.
    assert rewrite_text(now, "") is (now if now is TextStanding.ERASED else TextStanding.NONE)
    assert first_text_standing("") is TextStanding.NONE


def test_a_key_is_made_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite.key"
    umask = os.umask(0)
    try:
        key = make_key(path)
    finally:
        os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key(path).receipt("a" * 16) == key.receipt("a" * 16)
    assert path.read_text().strip() not in repr(key)


@pytest.mark.parametrize("content", ["", "secret", "00" * 32, "ab" * 16, "0123456789abcdef" * 4, "г" * 64])
def test_a_weak_key_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError, match="256 random bits"):
        read_key(path)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(ConfigError, match="0640"):
        read_key(tmp_path / "key")


def test_receipts_of_two_keys_differ_and_read_back(tmp_path: Path) -> None:
    codes = [make_key(tmp_path / name).receipt("a" * 16) for name in ("first", "second")]
    assert codes[0] != codes[1]
    assert [parse_receipt(code.lower()) for code in codes] == codes
    assert parse_receipt(codes[0] + "0") is None


def test_the_directory_holds_published_organisations_with_their_codes(package_factory: Callable[..., Path]) -> None:
    whole = package_factory(organizations=2)
    text = (whole / "organizations.csv").read_text("utf-8")
    (whole / "organizations.csv").write_text(text.replace("published", "draft", 1), "utf-8")
    directory = read_directory([whole])
    assert list(directory.organizations) == ["clinic-2"]
    card = directory.organizations["clinic-2"]
    assert (card.name, card.region_code, card.href) == ("Поликлиника № 2", "70", "o/70/clinic-2.html")
    assert card.place_line == "г. Томск, ул. Садовая, д. 2"
    assert directory.placements[default_placement_code("clinic-2")].organization_id == "clinic-2"
    assert default_placement_code("clinic-1") not in directory.placements


def test_placement_rows_stand_before_default_codes(package_factory: Callable[..., Path]) -> None:
    codes = [default_placement_code(name) for name in ("clinic-1", "desk", "door")]
    rows: list[dict[str, Any]] = [
        {"placement_code": codes[0], "organization_id": "clinic-1", "state": "closed", "replaced_by": ""},
        {"placement_code": codes[1], "organization_id": "clinic-1", "state": "replaced", "replaced_by": codes[2]},
        {"placement_code": codes[2], "organization_id": "clinic-1", "state": "moved", "replaced_by": ""},
    ]
    directory = read_directory([package_factory(organizations=1, tables={"placements": rows})])
    closed, followed = directory.follow(codes[0]), directory.follow(codes[1])
    assert closed is not None
    assert closed[1].state is PlacementState.CLOSED
    assert followed is not None
    assert followed[0] == codes[2]
    assert directory.follow(default_placement_code("nobody")) is None
