"""The store: once and for all, or honestly not at all."""

import os
import resource
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest

from nok.errors import BusyError, ConfigError, ExitCode, StorageError, UsageError
from tests.unit.postgres_support import database
from tests.unit.widget_support import SCHOOL, TODAY, all_reviews, new_key, rating, running
from widget.audit_check import verify
from widget.engines import StorePlace, look_through, store_place
from widget.moderation import ReviewStanding
from widget.reviews import Arrival, Receipt, insert, new_rating
from widget.store import Store, StoreUnavailableError
from widget.submission import Details, Submission
from widget.writer import CROWD, GATHERING_SECONDS, LARGEST_BATCH, GroupWriter


def _arrival(key: str = "", value: int = 4, text: str = "", reason: str = "") -> Arrival:
    return Arrival(
        organization_id=SCHOOL,
        submission=Submission(rating=value, idempotency_key=key or new_key(), text=text),
        received_on=TODAY,
        channel="web",
        set_aside_reason=reason,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "var" / "store.sqlite"


@pytest.fixture
def store(store_at: StorePlace) -> Iterator[Store]:
    """An open store, in each engine."""
    found = Store(store_at)
    yield found
    found.close()


@pytest.fixture
def file_store(path: Path) -> Iterator[Store]:
    """An open store in a SQLite file."""
    found = Store(store_place(path))
    yield found
    found.close()


def _found(store: Store, query: str) -> list[tuple[Any, ...]]:
    return store.read(lambda connection: [tuple(row) for row in connection.exec_driver_sql(query)])


def _rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_fifty_senders_of_one_key_make_one_row(store: Store, store_at: StorePlace) -> None:
    key = new_key()
    with ThreadPoolExecutor(16) as pool:
        receipts = list(pool.map(lambda _: store.add(_arrival(key)).result(), range(50)))
    assert len({receipt.code for receipt in receipts}) == 1
    assert sum(receipt.is_new for receipt in receipts) == 1
    assert len(all_reviews(store_at)) == 1


def test_ratings_share_commits_and_each_gets_its_own_answer(store: Store, store_at: StorePlace) -> None:
    key = new_key()
    futures = [store.add(_arrival()) for _ in range(200)]
    futures += [store.add(_arrival(key)), store.add(_arrival(key)), store.add(_arrival(key, value=1))]
    results = [future.result() for future in futures]
    assert [result.is_new for result in results] == [True] * 201 + [False, False]
    assert [result.is_conflict for result in results] == [False] * 202 + [True]
    assert [review.sequence for review in all_reviews(store_at)] == list(range(1, 202))


def test_what_came_in_the_same_batch_is_found_again(store: Store, store_at: StorePlace) -> None:
    """Rows of a batch are stored together: whatever asks for one of them before that must see it all the same."""
    is_free, key, taken_back = Event(), new_key(), new_key()
    store.do(lambda _: is_free.wait(30))  # the writer is busy, so all that follows comes in one batch
    code = store.key.receipt(taken_back)
    first, second, other = (store.add(_arrival(key, value)) for value in (4, 4, 2))
    gone, was_there = store.add(_arrival(taken_back, text="Спасибо")), store.withdraw(code, TODAY)
    wrong, after = store.add(_arrival(value=9, text="Нет такой оценки")), store.add(_arrival(text="Хорошо"))
    is_free.set()
    assert [receipt.result().is_new for receipt in (first, second, gone, after)] == [True, False, True, True]
    assert other.result().is_conflict and was_there.result()
    with pytest.raises(StoreUnavailableError):
        wrong.result()
    assert [(review.standing, review.text) for review in all_reviews(store_at)] == [
        (ReviewStanding.ACCEPTED, ""),
        (ReviewStanding.WITHDRAWN, ""),
        (ReviewStanding.ACCEPTED, "Хорошо"),
    ]


def test_several_widgets_behind_one_server_make_one_chain(postgres: str, tmp_path: Path) -> None:
    """The same 100 ratings sent to two widgets at once: each is stored once, and the audit log stays one chain."""
    with database(postgres) as address:
        place = store_place(address, tmp_path / "store.key")
        stores = [Store(place), Store(place)]
        keys = [new_key() for _ in range(100)]
        futures = [store.add(_arrival(key)) for key in keys for store in stores]
        receipts = [future.result() for future in futures]
        assert sum(receipt.is_new for receipt in receipts) == 100
        assert len({receipt.code for receipt in receipts}) == 100
        assert len(all_reviews(place)) == 100
        for store in stores:
            store.close()
        assert verify(place).entries == 100
        assert verify(place).faults == ()


def test_a_server_that_goes_away_and_comes_back_is_told_and_healed(postgres: str, tmp_path: Path) -> None:
    with database(postgres) as address:
        store = Store(store_place(address, tmp_path / "store.key"))
        assert store.add(_arrival()).result().is_new
        with psycopg.connect(f"{postgres}/postgres", autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [address.rpartition("/")[2]],
            )
        arrival = _arrival()
        with pytest.raises(StoreUnavailableError):
            store.add(arrival).result()
        assert "terminat" in store.fault or "closed" in store.fault
        assert store.add(arrival).result().is_new
        assert store.fault == ""
        store.close()


def test_the_password_of_a_server_is_never_shown(tmp_path: Path) -> None:
    place = store_place("postgresql://nok:hidden-word@127.0.0.1:1/none", tmp_path / "store.key")
    with pytest.raises(StorageError) as caught:
        Store(place)
    assert "hidden-word" not in str(caught.value)
    assert "nok:***@127.0.0.1:1/none" in str(caught.value)


@pytest.mark.parametrize("address", ["mysql://somewhere/else", "https://ocenka.example"])
def test_another_kind_of_server_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="known are a path and postgresql"):
        store_place(address, tmp_path / "store.key")


def test_a_rule_of_the_table_hits_one_of_a_batch_only(store: Store, store_at: StorePlace) -> None:
    good, bad = store.add(_arrival()), store.add(_arrival(value=9))
    also_good = store.add(_arrival())
    assert good.result().is_new
    assert also_good.result().is_new
    with pytest.raises(StoreUnavailableError):
        bad.result()
    assert len(all_reviews(store_at)) == 2


def test_the_receipt_survives_a_restart(store_at: StorePlace) -> None:
    store = Store(store_at)
    key = new_key()
    first = store.add(_arrival(key)).result()
    store.close()
    again = Store(store_at)
    assert again.add(_arrival(key)).result() == Receipt(code=first.code)
    found = again.find(first.code)
    assert found is not None
    assert found.rating == 4
    again.close()


def test_a_second_writer_of_a_file_is_refused_and_says_so(file_store: Store, path: Path) -> None:
    with pytest.raises(BusyError, match="another process") as caught:
        Store(store_place(path))
    assert caught.value.exit_code is ExitCode.BUSY
    assert file_store.add(_arrival()).result().is_new


@pytest.mark.parametrize("schema", ["main", "store"])
def test_the_engine_is_set_for_durability(file_store: Store, schema: str) -> None:
    with file_store._writing.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {schema}.{name}").scalar_one()
            for name in ("journal_mode", "synchronous", "secure_delete")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1}


def test_whoever_has_an_answer_is_in_the_store_for_all_to_read(file_store: Store, path: Path) -> None:
    for number in range(1, 4):
        assert file_store.add(_arrival()).result().is_new
        assert _rows(path, "SELECT count(*) FROM reviews") == [(number,)]


def test_a_writer_holds_the_store_before_it_has_written(file_store: Store, path: Path) -> None:
    """Who only reads first would be refused at once when it comes to write, however long it is ready to wait."""
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    with file_store._writing.begin() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM reviews").scalar_one()
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.close()


@pytest.mark.parametrize("name", ["", ".key", ".lock", "-wal", ".textkeys", ".textkeys-wal"])
def test_files_are_their_owners_only(file_store: Store, path: Path, name: str) -> None:
    file_store.add(_arrival(text="Текст.")).result()
    assert path.with_name(f"store.sqlite{name}").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "spoil",
    [lambda key: key.unlink(), lambda key: key.write_text("weak"), lambda key: key.chmod(0o644)],
    ids=["missing", "weak", "readable"],
)
def test_a_store_without_its_key_does_not_start(path: Path, spoil: Any) -> None:
    Store(store_place(path)).close()
    spoil(path.with_name("store.sqlite.key"))
    with pytest.raises((ConfigError, StorageError), match="key"):
        Store(store_place(path))


def test_a_key_of_another_store_does_not_open_this_one(path: Path, tmp_path: Path) -> None:
    Store(store_place(path)).close()
    Store(store_place(tmp_path / "other" / "store.sqlite")).close()
    shutil.copy2(tmp_path / "other" / "store.sqlite.key", path.with_name("store.sqlite.key"))
    with pytest.raises(StorageError, match="not the key"):
        Store(store_place(path))


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / "books.sqlite"
    connection = sqlite3.connect(other)
    connection.execute("CREATE TABLE books (title TEXT)")
    connection.commit()
    connection.close()
    before = other.read_bytes()
    with pytest.raises(StorageError, match="not a store of ratings"):
        Store(store_place(other))
    assert other.read_bytes() == before
    text = tmp_path / "text.sqlite"
    text.write_text("это не база " * 1000)
    with pytest.raises(StorageError):
        Store(store_place(text))


def test_a_store_of_a_newer_program_is_not_touched(path: Path) -> None:
    Store(store_place(path)).close()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(StorageError, match="version 99"):
        Store(store_place(path))


def test_entries_of_the_audit_log_are_only_added(store: Store) -> None:
    code = store.add(_arrival(text="Текст.")).result().code
    store.complete(code, Details(criteria=(("comfort", 3),)), TODAY).result()
    store.withdraw(code, TODAY).result()
    assert _found(store, "SELECT number, actor, action, said FROM audit ORDER BY number") == [
        (1, "author", "received", '{"state":"accepted","text_state":"waiting"}'),
        (2, "author", "completed", '{"state":"accepted","text_state":"waiting"}'),
        (3, "author", "withdrawn", '{"state":"withdrawn","text_state":"none"}'),
    ]
    for statement in ("DELETE FROM audit", "UPDATE audit SET actor = 'x'"):
        with pytest.raises(Exception, match="only added"), store._writing.begin() as connection:
            connection.exec_driver_sql(statement)


def test_saying_the_same_again_is_written_down_once(store: Store) -> None:
    code = store.add(_arrival(text="Текст.")).result().code
    for _ in range(3):
        assert store.complete(code, Details(criteria=(("comfort", None),), text="Текст."), TODAY).result()
    assert _found(store, "SELECT action FROM audit") == [("received",)]


def test_details_of_a_withdrawn_or_unknown_rating_are_refused(store: Store) -> None:
    code = store.add(_arrival()).result().code
    assert store.withdraw(code, TODAY).result()
    assert not store.complete(code, Details(text="ещё"), TODAY).result()
    assert not store.withdraw("0" * 16, TODAY).result()
    assert store.find("0" * 16) is None
    assert store.find("not a code") is None


def test_a_set_aside_rating_keeps_its_reason(store: Store) -> None:
    found = store.find(store.add(_arrival(reason="trap")).result().code)
    assert found is not None
    assert (found.standing, found.reason_code) == (ReviewStanding.SET_ASIDE, "trap")


def test_order_is_of_arrival_not_of_the_clock(store: Store, store_at: StorePlace) -> None:
    for day in (date(2026, 2, 7), date(2025, 1, 1), date(2038, 1, 20)):
        arrival = _arrival()
        store.add(
            Arrival(organization_id=SCHOOL, submission=arrival.submission, received_on=day, channel="web")
        ).result()
    assert [review.received_on for review in all_reviews(store_at)] == ["2026-02-07", "2025-01-01", "2038-01-20"]


def test_no_address_browser_receipt_or_key_is_on_disk(tmp_path: Path, path: Path) -> None:
    browser, key = "CanaryBrowser/9.9", secrets.token_hex(16)
    with running(tmp_path) as client:
        answer = client.post(
            f"/rate/{SCHOOL}",
            json=rating() | {"idempotency_key": key},
            headers={"user-agent": browser, "x-forwarded-for": "198.51.100.77", "referer": "https://canary.example/"},
        )
        receipt = answer.json()["receipt"]
        everything = b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))
    everything += b"".join(file.read_bytes() for file in sorted(path.parent.iterdir()))
    for canary in (browser, "198.51.100.77", "canary.example", "testclient", key, receipt):
        assert canary.encode() not in everything
    assert SCHOOL.encode() in everything


def test_a_withdrawn_text_is_gone_from_the_file(path: Path) -> None:
    store = Store(store_place(path))
    code = store.add(_arrival(text="Канарейка в тексте отзыва.")).result().code
    store.withdraw(code, TODAY).result()
    store.close()
    assert "Канарейка".encode() not in b"".join(file.read_bytes() for file in path.parent.iterdir())


@pytest.fixture
def file_size_limit() -> Iterator[Any]:
    """Sets how large a file this process may write, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_told_and_healed(tmp_path: Path, path: Path, file_size_limit: Any) -> None:
    address = f"/rate/{SCHOOL}"
    with running(tmp_path) as client:
        assert client.post(address, json=rating()).status_code == 201
        file_size_limit(path.with_name("store.sqlite-wal").stat().st_size)
        refused = rating()
        answer = client.post(address, json=refused)
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"
        assert answer.json()["problems"][0]["rule"] == "store-unavailable"
        page = client.post(address, data=refused, headers={"accept": "text/html"})
        assert refused["idempotency_key"] in page.text
        health = client.get("/health")
        assert (health.status_code, health.json()["ok"]) == (503, False)
        assert health.json()["fault"] != ""
        file_size_limit(resource.RLIM_INFINITY)
        assert client.get("/health").json()["ok"] is True
        assert client.post(address, json=refused).status_code == 201
    assert len(all_reviews(store_place(path))) == 2


def test_after_a_failed_sync_the_file_is_looked_through_first(
    file_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
        raise error

    looked: list[bool] = []
    with pytest.raises(StoreUnavailableError, match="disk I/O error"):
        file_store.do(fail).result()
    monkeypatch.setattr("widget.store.look_through", lambda engine: looked.append(True) or look_through(engine))
    assert file_store.add(_arrival()).result().is_new
    assert file_store.add(_arrival()).result().is_new
    assert looked == [True]
    assert file_store.fault == ""


def test_a_missing_folder_for_the_store_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="Nothing was started"):
        Store(store_place(tmp_path / "file" / "store.sqlite"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_without_permission_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError):
        Store(store_place(tmp_path / "store.sqlite"))


def test_a_fault_of_ours_reaches_everybody_who_waits() -> None:
    def commit(_: Any) -> Any:
        raise ZeroDivisionError

    writer = GroupWriter(commit)
    future: Future[Any] = writer.submit(lambda _: None)
    with pytest.raises(ZeroDivisionError):
        future.result(timeout=5)
    writer.close()
    with pytest.raises(RuntimeError):
        writer.submit(lambda _: None)


def test_whoever_comes_after_the_end_is_told_so_however_many_came_before() -> None:
    writer = GroupWriter(lambda works: [None] * len(works))
    writer.close()
    for _ in range(3):
        with pytest.raises(RuntimeError):
            writer.submit(lambda _: None)


def test_a_fault_of_ours_leaves_their_turn_to_those_who_wait() -> None:
    is_free, sizes = Event(), list[int]()

    def commit(works: Any) -> Any:
        is_free.wait(10)
        sizes.append(len(works))
        if len(sizes) == 2:
            raise ZeroDivisionError
        return list(range(len(works)))

    writer = GroupWriter(commit)
    futures = [writer.submit(lambda _: None) for _ in range(1001)]
    is_free.set()
    errors = [future.exception(timeout=10) for future in futures]
    writer.close()
    assert sum(sizes) == 1001 and max(sizes) == LARGEST_BATCH
    assert [type(error) for error in errors].count(ZeroDivisionError) == sizes[1]
    assert errors.count(None) == 1001 - sizes[1]


def test_a_crowd_is_gathered_and_whoever_comes_alone_is_not_kept_waiting() -> None:
    begun, is_free, pauses = Event(), Event(), list[float]()
    sizes = list[int]()

    def commit(works: Any) -> Any:
        begun.set()
        assert is_free.wait(10)
        sizes.append(len(works))
        return [None] * len(works)

    writer = GroupWriter(commit, pauses.append)
    waiting = [writer.submit(lambda _: None)]
    assert begun.wait(10)
    waiting += [writer.submit(lambda _: None) for _ in range(CROWD)]
    is_free.set()
    for future in waiting:
        future.result(timeout=10)
    writer.close()
    assert sizes == [1, CROWD]
    assert pauses == [GATHERING_SECONDS], "after the crowd, not after the one who came alone"


@pytest.mark.parametrize("number", [1, 2, 31, 32, 33, 64, 100])
def test_rows_that_are_stored_together_are_the_rows_that_came(path: Path, number: int) -> None:
    store = Store(store_place(path))
    arrivals = [_arrival(text=f"Отзыв {one}" if one % 3 else "", value=1 + one % 5) for one in range(number)]
    prepared = [new_rating(store.key, arrival) for arrival in arrivals]
    store.do(lambda ledger: insert(ledger, prepared)).result()
    found = all_reviews(store_place(path))
    store.close()
    said = [(one.submission.text, one.submission.rating, str(one.received_on)) for one in arrivals]
    assert [(one.text, one.rating, one.received_on) for one in found] == said


def test_a_start_takes_no_longer_with_many_ratings(path: Path) -> None:
    """The log that a killed process left behind is folded in at the start, and nothing of it is lost."""
    store = Store(store_place(path))
    for future in [store.add(_arrival()) for _ in range(300)]:
        future.result()
    copy = path.parent.parent / "killed"
    shutil.copytree(path.parent, copy)
    store.close()
    after = Store(store_place(copy / "store.sqlite"))
    assert (copy / "store.sqlite-wal").stat().st_size == 0
    assert len(all_reviews(store_place(copy / "store.sqlite"))) == 300
    after.close()


@pytest.mark.parametrize("seed", range(20))
def test_a_torn_log_loses_a_tail_and_never_the_middle(path: Path, tmp_path: Path, seed: int) -> None:
    import random

    dice = random.Random(seed)
    store = Store(store_place(path))
    for _ in range(40):
        store.add(_arrival()).result()
    copy = tmp_path / "torn"
    shutil.copytree(path.parent, copy)
    store.close()
    log = copy / "store.sqlite-wal"
    content = bytearray(log.read_bytes())
    cut = dice.randrange(len(content))
    content[cut:] = dice.randbytes(len(content) - cut) if seed % 2 else b""
    log.write_bytes(content)
    (copy / "store.sqlite-shm").unlink()
    torn = Store(store_place(copy / "store.sqlite"))
    sequences = [review.sequence for review in all_reviews(copy / "store.sqlite")]
    assert sequences == list(range(1, len(sequences) + 1))
    assert torn.add(_arrival()).result().is_new
    torn.close()
