"""Backups and the way back; what was erased comes back from none of them."""

import shutil
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import publish
from nok.errors import ExitCode, StorageError, UsageError
from tests.unit.postgres_support import database
from tests.unit.widget_support import SCHOOL, TODAY, all_reviews, new_key
from widget.audit_check import verify
from widget.backup import back_up, restore
from widget.decisions import Action, Decision, decide, erase_text, reply
from widget.decisions import report as report_review
from widget.engines import StorePlace, store_place
from widget.moderation import ReviewStanding, TextStanding
from widget.photo_store import NewPhoto, Taken, add_photos, read_pixels
from widget.reports import read_reports
from widget.reviews import Arrival
from widget.store import Store
from widget.submission import Details, Submission

SECRET = "Кладовая канарейка пела фальшиво."


def add(store: Store, text: str = "", value: int = 4) -> tuple[str, str]:
    """(receipt, id) of a new rating."""
    submission = Submission(rating=value, idempotency_key=new_key(), text=text)
    arrival = Arrival(organization_id=SCHOOL, submission=submission, received_on=TODAY, channel="web")
    code = store.add(arrival).result().code
    found = store.find(code)
    assert found is not None
    return code, found.review_id


@pytest.fixture
def elsewhere(request: pytest.FixtureRequest, store_at: StorePlace, tmp_path: Path) -> Iterator[StorePlace]:
    """Another empty place in the same engine, with no key."""
    if store_at.path is not None:
        yield store_place(tmp_path / "new" / "store.sqlite")
        return
    with database(request.getfixturevalue("postgres")) as address:
        yield store_place(address, tmp_path / "new" / "store.key")


def test_a_restored_store_is_the_one_that_was_saved(
    store_at: StorePlace, elsewhere: StorePlace, tmp_path: Path
) -> None:
    store = Store(store_at)
    codes = [add(store, text, value) for text, value in (("Тепло.", 5), ("", 1), ("Холодно.", 2))]
    store.do(partial(reply, review_id=codes[2][1], by="school", text="Починим.", today=TODAY)).result()
    sent = NewPhoto(content=b"pixels", width=4, height=3, sent_hash="hash")
    work = partial(add_photos, receipt_hash=store.key.hash("receipt", codes[0][0]), sent=[sent], today=TODAY)
    assert store.do(work).result() is Taken.DONE
    saved = back_up(store_at, tmp_path / "backups", TODAY)
    before = all_reviews(store_at)
    add(store, "После копии.")
    store.close()

    report = restore(saved.folder, elsewhere, TODAY)
    assert (report.reviews, report.entries, report.erased) == (3, 5, 0)
    assert all_reviews(elsewhere) == before
    assert verify(elsewhere).faults == ()
    again = Store(elsewhere)
    found = again.find(codes[0][0])
    assert found is not None and found.text == "Тепло."
    photo_id = found.photos[0].photo_id
    assert again.read(lambda connection: read_pixels(connection, photo_id, is_shown=False))[1] == b"pixels"
    assert add(again)[0]
    again.close()
    assert verify(elsewhere).entries == 6


def test_what_was_erased_after_the_backup_comes_back_from_no_copy(
    store_at: StorePlace, elsewhere: StorePlace, tmp_path: Path
) -> None:
    """Withdrawn, erased by law, written anew: three ways, and one untouched rating beside them."""
    store = Store(store_at)
    withdrawn, erased, rewritten, kept = (add(store, f"{SECRET} {name}") for name in "абвг")
    for _, review_id in (withdrawn, erased, kept):
        told = partial(report_review, review_id=review_id, by="s", reason_code="insult", note=SECRET, today=TODAY)
        store.do(told).result()
    old = back_up(store_at, tmp_path / "backups", TODAY)
    store.withdraw(withdrawn[0], TODAY).result()
    law = partial(erase_text, review_id=erased[1], by="admin", reason_code="personal_data", basis="№ 5", today=TODAY)
    store.do(law).result()
    store.complete(rewritten[0], Details(text="Иначе."), TODAY).result()
    back_up(store_at, tmp_path / "backups", TODAY)
    store.close()

    report = restore(old.folder, elsewhere, TODAY)
    assert report.erased == 3
    found = {review.review_id: review for review in all_reviews(elsewhere)}
    assert len(found) == 4
    assert (found[withdrawn[1]].standing, found[withdrawn[1]].text) == (ReviewStanding.WITHDRAWN, "")
    assert (found[erased[1]].text_standing, found[erased[1]].text_reason) == (TextStanding.ERASED, "personal_data")
    assert (found[rewritten[1]].text_standing, found[rewritten[1]].text) == (TextStanding.NONE, "")
    assert found[kept[1]].text == f"{SECRET} г"
    assert [found[one[1]].sequence for one in (withdrawn, erased, rewritten, kept)] == [1, 2, 3, 4]
    assert verify(elsewhere).faults == ()
    again = Store(elsewhere)
    notes = [again.read(partial(read_reports, review_id=one[1]))[0].note for one in (withdrawn, erased, kept)]
    again.close()
    assert notes == ["", "", SECRET], "a note of a report may quote the text"


def test_the_key_of_an_erased_text_is_on_no_disk(tmp_path: Path) -> None:
    """Not in the store, its log, the file of keys, its log, or any backup once the next is made."""
    place = store_place(tmp_path / "var" / "store.sqlite")
    store = Store(place)
    code, _ = add(store, SECRET)
    secrets = store.read(lambda c: c.exec_driver_sql("SELECT secret FROM text_keys").scalars().all())
    assert len(secrets) == 1
    back_up(place, tmp_path / "backups", TODAY)
    everywhere = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert any(secrets[0] in file.read_bytes() for file in everywhere)
    store.withdraw(code, TODAY).result()
    back_up(place, tmp_path / "backups", TODAY)
    everywhere = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(list((tmp_path / "backups").glob("20*"))) == 2
    assert not [file for file in everywhere if secrets[0] in file.read_bytes()]
    store.close()


def test_a_masked_wording_goes_with_the_text(store_at: StorePlace) -> None:
    store = Store(store_at)
    code, review_id = add(store, SECRET)
    found = store.find(code)
    assert found is not None
    decision = Decision(action=Action.PUBLISH, by="m", today=TODAY, text_key=found.text_key, masks=((0, 8),))
    store.do(partial(decide, review_id=review_id, decision=decision)).result()
    found = store.find(code)
    assert found is not None and found.shown == "[…] канарейка пела фальшиво." and found.text == SECRET
    store.withdraw(code, TODAY).result()
    found = store.find(code)
    assert found is not None and (found.shown, found.text) == ("", "")
    store.close()
    assert verify(store_at).faults == ()


def test_a_crash_before_the_key_is_dropped_is_made_good_at_the_next_start(
    store_at: StorePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(store_at)
    code, _ = add(store, SECRET)
    with monkeypatch.context() as patch:
        patch.setattr("widget.store.drop_keys", _refuse)
        with pytest.raises(Exception, match="disk full"):
            store.withdraw(code, TODAY).result()
    store.close()
    again = Store(store_at)
    assert again.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM text_keys").scalar_one()) == 0
    assert again.read(lambda c: c.exec_driver_sql("SELECT what FROM erasures").scalar_one()) == "rating"
    again.close()


def test_a_key_that_the_disk_kept_goes_with_the_next_commit(
    store_at: StorePlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(store_at)
    code, _ = add(store, SECRET)
    with monkeypatch.context() as patch:
        patch.setattr("widget.store.drop_keys", _refuse)
        with pytest.raises(Exception, match="disk full"):
            store.withdraw(code, TODAY).result()
    assert store.withdraw(code, TODAY).result()
    assert store.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM text_keys").scalar_one()) == 0
    store.close()


def _refuse(*_: Any) -> None:
    raise OSError(28, "disk full")


def test_a_backup_under_load_is_whole(store_at: StorePlace, elsewhere: StorePlace, tmp_path: Path) -> None:
    store = Store(store_at)
    stop = threading.Event()

    def load() -> None:
        while not stop.is_set():
            add(store, "Текст под нагрузкой.")

    senders = [threading.Thread(target=load) for _ in range(4)]
    for sender in senders:
        sender.start()
    saved = [back_up(store_at, tmp_path / "backups", TODAY) for _ in range(5)]
    stop.set()
    for sender in senders:
        sender.join()
    store.close()
    assert saved[-1].reviews > 0
    restore(saved[-1].folder, elsewhere, TODAY)
    found = all_reviews(elsewhere)
    assert len(found) == saved[-1].reviews
    assert {review.text for review in found} == {"Текст под нагрузкой."}
    assert verify(elsewhere).faults == ()


def test_a_store_moves_to_the_other_engine_by_a_backup(store_at: StorePlace, tmp_path: Path, postgres: str) -> None:
    store = Store(store_at)
    code, _ = add(store, "Переезд.")
    store.close()
    saved = back_up(store_at, tmp_path / "backups", TODAY)
    with database(postgres) as address:
        other = store_place(address, tmp_path / "n.key") if store_at.path else store_place(tmp_path / "n" / "s.sqlite")
        restore(saved.folder, other, TODAY)
        moved = Store(other)
        found = moved.find(code)
        assert found is not None and found.text == "Переезд."
        assert add(moved)[0]
        moved.close()
        assert verify(other).faults == ()


def _spoil_store(folder: Path) -> None:
    with (folder / "store.sqlite").open("r+b") as file:
        file.seek(5000)
        file.write(b"spoilt")


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        (_spoil_store, StorageError, "is damaged"),
        (lambda folder: (folder / "store.sqlite").unlink(), StorageError, "is damaged"),
        (lambda folder: (folder / "manifest.json").unlink(), UsageError, "is not a backup"),
    ],
    ids=["changed", "missing", "no manifest"],
)
def test_a_damaged_backup_is_refused(
    tmp_path: Path, spoil: Callable[[Path], None], error: type[Exception], said: str
) -> None:
    place = store_place(tmp_path / "var" / "store.sqlite")
    Store(place).close()
    saved = back_up(place, tmp_path / "backups", TODAY)
    spoil(saved.folder)
    with pytest.raises(error, match=said):
        restore(saved.folder, store_place(tmp_path / "new" / "store.sqlite"), TODAY)
    assert not (tmp_path / "new" / "store.sqlite").exists()


def test_a_store_that_is_there_is_never_written_over(store_at: StorePlace, tmp_path: Path) -> None:
    store = Store(store_at)
    add(store, "Первая.")
    saved = back_up(store_at, tmp_path / "backups", TODAY)
    with pytest.raises(UsageError, match="there is a store already"):
        restore(saved.folder, store_at, TODAY)
    assert len(all_reviews(store_at)) == 1
    store.close()


def test_backups_are_their_owners_only(tmp_path: Path) -> None:
    place = store_place(tmp_path / "var" / "store.sqlite")
    Store(place).close()
    back_up(place, tmp_path / "backups", TODAY)
    assert (tmp_path / "backups").stat().st_mode & 0o077 == 0
    for file in ("store.key", "store.textkeys"):
        assert (tmp_path / "backups" / file).stat().st_mode & 0o077 == 0


def test_the_commands_save_and_restore(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = store_place(tmp_path / "var" / "store.sqlite")
    store = Store(place)
    add(store, "Туда и обратно.")
    assert publish.main(["backup", "--store", str(place.path), "--out", str(tmp_path / "b")]) == ExitCode.DONE
    store.close()
    said = capsys.readouterr().out
    assert "оценок — 1, записей журнала решений — 1. Ключи рядом" in said
    shutil.rmtree(tmp_path / "var")
    (folder,) = (tmp_path / "b").glob("20*")
    assert publish.main(["restore", str(folder), "--store", str(place.path)]) == ExitCode.DONE
    assert "потому не возвращено: 0." in capsys.readouterr().out
    assert [review.text for review in all_reviews(place)] == ["Туда и обратно."]
    assert publish.main(["restore", str(folder), "--store", str(place.path)]) == ExitCode.USAGE
    assert publish.main(["backup", "--store", str(tmp_path / "none"), "--out", str(tmp_path)]) == ExitCode.STORAGE
