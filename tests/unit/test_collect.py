"""From a tap to the published page and back: collecting, publishing, withdrawing."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import publish
from nok.errors import ExitCode
from tests.unit.widget_support import TODAY, new_key
from widget.audit_check import verify as verify_store
from widget.decisions import Action, Decision, Outcome, decide, erase_text, reply
from widget.engines import store_place
from widget.reviews import Arrival
from widget.store import Store
from widget.submission import Submission

CANARY = "Канареечно-жёлтые стены, тепло."
REPLY = "Рады, что жёлтые."


@pytest.fixture
def publication(tmp_path: Path, package_factory: Callable[..., Path]) -> Path:
    """The folder of a new publication with one small package."""
    folder = tmp_path / "publication"
    assert publish.main(["init", str(folder), "--languages", "ru"]) == ExitCode.DONE
    package_factory(organizations=2, reviews=0, tables={"replies": None}, folder=folder / "data_packages" / "demo")
    return folder


@pytest.fixture
def rated(publication: Path) -> tuple[Store, str]:
    """(an open store with one published text and its reply, the receipt)."""
    store = Store(store_place(publication / "var" / "store.sqlite"))
    submission = Submission(rating=5, idempotency_key=new_key(), text=CANARY, language="ru")
    arrival = Arrival(organization_id="clinic-1", submission=submission, received_on=TODAY, channel="qr")
    code = store.add(arrival).result().code
    found = store.find(code)
    assert found is not None
    decision = Decision(action=Action.PUBLISH, by="anna", today=TODAY, text_key=found.text_key)
    store.do(partial(decide, review_id=found.review_id, decision=decision)).result()
    store.do(partial(reply, review_id=found.review_id, by="clinic", text=REPLY, today=TODAY)).result()
    return store, code


def _run(publication: Path, command: str, *more: str) -> int:
    config = str(publication / "content" / "publication.yaml")
    return publish.main([command, "--config", config, "--jobs", "1", *more])


def test_what_was_collected_is_published_and_what_was_withdrawn_is_gone(
    publication: Path, rated: tuple[Store, str]
) -> None:
    store, code = rated
    assert _run(publication, "watch", "--rounds", "1") == ExitCode.DONE
    current = publication / "output" / "current"
    page = (current / "o" / "70" / "clinic-1.html").read_text("utf-8")
    assert CANARY in page
    assert REPLY in page
    assert store.withdraw(code, TODAY).result()
    assert _run(publication, "build", "--collect") == ExitCode.DONE
    assert _holders(publication, CANARY) == _holders(publication, REPLY) == []
    store.close()


def test_a_reply_goes_with_an_erased_text_from_every_release(publication: Path, rated: tuple[Store, str]) -> None:
    """It may quote the person."""
    store, code = rated
    found = store.find(code)
    assert found is not None
    for _ in range(2):  # twice, so that an earlier slot has it as well
        assert _run(publication, "build", "--collect", "--release") == ExitCode.DONE
    assert len(_holders(publication, REPLY)) > 30, "pages, feeds, API, tables and forms of two slots and of a release"
    said = {"reason_code": "personal_data", "basis": "№ 5"}
    work = partial(erase_text, review_id=found.review_id, by="admin", today=TODAY, **said)
    assert store.do(work).result() is Outcome.DONE
    assert _run(publication, "build", "--collect") == ExitCode.DONE
    assert _holders(publication, REPLY) == []
    assert verify_store(store.place).faults == ()
    store.close()


def _holders(publication: Path, text: str) -> list[Path]:
    """Files that hold a text: store, package, what the build remembers, all slots, all releases of the data."""
    return [file for file in publication.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


def test_watching_goes_on_after_a_failed_build(
    publication: Path, rated: tuple[Store, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store, _ = rated
    table = publication / "data_packages" / "demo" / "scores.csv"
    good = table.read_text("utf-8")
    table.write_text(good.replace("total", "nothing", 1), "utf-8")

    def mend(_seconds: float) -> None:
        table.write_text(good, "utf-8")

    monkeypatch.setattr("publish.time.sleep", mend)
    assert _run(publication, "watch", "--rounds", "2") == ExitCode.DONE
    said = capsys.readouterr()
    assert "Ничего не опубликовано" in said.err
    assert "Опубликовано организаций: 2" in said.out
    store.close()


def test_collecting_without_a_store_says_so_and_builds_nothing(
    publication: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(publication, "build", "--collect") == ExitCode.STORAGE
    assert "здесь нет хранилища оценок" in capsys.readouterr().err
    assert not (publication / "output" / "current").exists()


def test_packages_named_by_hand_get_the_ratings_too(publication: Path, rated: tuple[Store, str]) -> None:
    store, _ = rated
    demo = str(publication / "data_packages" / "demo")
    assert _run(publication, "build", "--collect", "--packages", demo) == ExitCode.DONE
    assert CANARY in (publication / "output" / "current" / "o" / "70" / "clinic-1.html").read_text("utf-8")
    store.close()
