"""From the store into a data package: only what was decided, the same bytes every time."""

import csv
import json
from datetime import date
from functools import partial
from pathlib import Path

import frictionless
import pytest

from nok.errors import StorageError
from nok.packages.read import read_package
from tests.property.small_publication import Publication, current, quick_builds
from tests.unit.widget_support import CLINIC, SCHOOL, TODAY, all_reviews, new_key
from widget.decisions import Action, Decision, Outcome, decide, erase_text, reply
from widget.engines import StorePlace, store_place
from widget.export import export_reviews
from widget.reviews import Arrival
from widget.store import Store
from widget.submission import Details, Submission
from widget.tables import erasures


@pytest.fixture
def path(store_at: StorePlace) -> StorePlace:
    """Where the store is, in each engine."""
    return store_at


def _fill(path: StorePlace, *, text: str = "Тепло, светло.") -> dict[str, str]:
    """One rating of each kind; returns kind to review id."""
    store = Store(path)
    codes = {}
    for kind, reason in (("waiting", ""), ("published", ""), ("aside", "trap"), ("withdrawn", ""), ("bare", "")):
        submission = Submission(
            rating=4,
            idempotency_key=new_key(),
            text="" if kind == "bare" else text,
            criteria=(("comfort", 3),),
            visited_on=TODAY,
            language="ru",
        )
        arrival = Arrival(
            organization_id=SCHOOL, submission=submission, received_on=TODAY, channel="qr", set_aside_reason=reason
        )
        codes[kind] = store.add(arrival).result().code
    store.withdraw(codes["withdrawn"], TODAY).result()
    found = {kind: store.find(code) for kind, code in codes.items()}
    ids = {kind: review.review_id for kind, review in found.items() if review}
    for kind in ("published", "aside"):
        review = found[kind]
        assert review is not None
        decision = Decision(action=Action.PUBLISH, by="moderator", today=TODAY, text_key=review.text_key)
        assert store.do(partial(decide, review_id=review.review_id, decision=decision)).result() is Outcome.DONE
    store.close()
    return ids


def _rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "reviews-2026-02.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_only_what_was_decided_leaves_the_store(path: StorePlace, tmp_path: Path) -> None:
    ids = _fill(path)
    assert export_reviews(path, tmp_path / "out") == 4
    rows = {row["review_id"]: row for row in _rows(tmp_path / "out")}
    assert list(rows) == [ids[kind] for kind in ("waiting", "published", "aside", "bare")]
    assert rows[ids["waiting"]]["text"] == ""
    assert [rows[ids[kind]]["language"] for kind in ("waiting", "published", "aside", "bare")] == ["", "ru", "", ""]
    assert rows[ids["waiting"]]["state"] == "published"
    assert rows[ids["published"]]["text"] == "Тепло, светло."
    aside = rows[ids["aside"]]
    assert (aside["state"], aside["reason_code"], aside["text"]) == ("restricted", "set_aside", "")
    assert not set(rows[ids["bare"]]) & {"comfort", "channel", "placement_code"}, "told in sums only"
    assert rows[ids["bare"]]["received_on"] == "2026-02-07"


def test_a_rating_that_was_taken_back_leaves_its_id_and_the_day(path: StorePlace, tmp_path: Path) -> None:
    ids = _fill(path, text="СЛОВА АВТОРА")
    export_reviews(path, tmp_path / "out")
    with (tmp_path / "out" / "withdrawn_reviews.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {
            "review_id": ids["withdrawn"],
            "organization_id": SCHOOL,
            "withdrawn_on": TODAY.isoformat(),
            "reason": "author",
        }
    ]
    assert ids["withdrawn"] not in (tmp_path / "out" / "reviews-2026-02.csv").read_text("utf-8")
    assert (tmp_path / "out" / "reviews-2026-02.csv").read_text("utf-8").count("СЛОВА АВТОРА") == 1, "the published one"


def test_every_rating_that_was_taken_back_leaves_its_id(path: StorePlace, tmp_path: Path) -> None:
    gone = {_fill(path)["withdrawn"], _fill(path)["withdrawn"]}
    export_reviews(path, tmp_path / "out")
    with (tmp_path / "out" / "withdrawn_reviews.csv").open(encoding="utf-8", newline="") as file:
        assert {row["review_id"] for row in csv.DictReader(file)} == gone


def test_the_day_of_a_withdrawal_survives_a_crash_before_it_was_kept_beside_the_keys(
    path: StorePlace, tmp_path: Path
) -> None:
    ids = _fill(path)
    store = Store(path)
    store.do(lambda ledger: ledger.connection.execute(erasures.delete()) and None).result()
    store.close()
    later = Store(path)
    later.close()
    export_reviews(path, tmp_path / "out")
    text = (tmp_path / "out" / "withdrawn_reviews.csv").read_text("utf-8")
    assert f"{ids['withdrawn']},{SCHOOL},{TODAY.isoformat()},author" in text


def test_twice_and_anywhere_the_same_bytes(path: StorePlace, tmp_path: Path) -> None:
    _fill(path)
    trees = []
    for folder in (tmp_path / "first", tmp_path / "first", tmp_path / "elsewhere" / "second"):
        export_reviews(path, folder)
        trees.append({file.name: file.read_bytes() for file in sorted(folder.iterdir())})
    assert trees[0] == trees[1] == trees[2]
    assert set(trees[0]) == {"datapackage.json", "reviews-2026-02.csv", "withdrawn_reviews.csv"}
    assert json.loads(trees[0]["datapackage.json"])["name"] == "widget-reviews"


def test_hostile_text_comes_out_as_it_went_in(path: StorePlace, tmp_path: Path) -> None:
    hostile = '=HYPERLINK("x"),\n"цитата", </script>'
    ids = _fill(path, text=hostile)
    export_reviews(path, tmp_path / "out")
    assert {row["review_id"]: row["text"] for row in _rows(tmp_path / "out")}[ids["published"]] == hostile


def test_the_package_is_valid_for_an_independent_reader(
    path: StorePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(path)
    export_reviews(path, tmp_path / "out")
    package, problems = read_package(tmp_path / "out")
    assert problems == []
    assert package is not None
    descriptor = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))
    # The organisations stand in another package of the build, which a reader of one package cannot know.
    for resource in descriptor["resources"]:
        resource["schema"].pop("foreignKeys", None)
    report = frictionless.Package.from_descriptor(descriptor, basepath=str(tmp_path / "out")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "message"])


def test_an_empty_store_gives_a_table_with_its_header(path: StorePlace, tmp_path: Path) -> None:
    Store(path).close()
    assert export_reviews(path, tmp_path / "out") == 0
    (header,) = (tmp_path / "out" / "reviews.csv").read_text("utf-8").splitlines()
    assert header == "review_id,organization_id,received_on,visited_on,rating,text,language,state,reason_code"
    assert (tmp_path / "out" / "datapackage.json").exists()


def test_only_the_month_that_changed_is_written_again(path: StorePlace, tmp_path: Path) -> None:
    store = Store(path)
    codes = {}
    for day in (date(2025, 12, 30), date(2026, 1, 5), date(2026, 2, 7)):
        submission = Submission(rating=2, idempotency_key=new_key(), text="Долго ждали.")
        arrival = Arrival(organization_id=SCHOOL, submission=submission, received_on=day, channel="web")
        codes[day.month] = store.add(arrival).result().code
    out = tmp_path / "out"
    assert export_reviews(path, out) == 3
    before = {file.name: (file.stat().st_ino, file.read_bytes()) for file in out.iterdir()}
    assert sorted(before) == [
        "datapackage.json",
        "reviews-2025-12.csv",
        "reviews-2026-01.csv",
        "reviews-2026-02.csv",
    ]
    store.withdraw(codes[1], TODAY).result()
    assert export_reviews(path, out) == 2
    after = {file.name: (file.stat().st_ino, file.read_bytes()) for file in out.iterdir()}
    assert {name for name in before if before[name] != after.get(name)} == {"datapackage.json", "reviews-2026-01.csv"}
    assert "reviews-2026-01.csv" not in after
    store.close()


def test_a_hidden_text_leaves_its_reason_and_its_rating(path: StorePlace, tmp_path: Path) -> None:
    ids = _fill(path)
    store = Store(path)
    for kind, action, reason in (("published", Action.RESTRICT, "insult"), ("bare", Action.SET_ASIDE, "")):
        (review,) = [review for review in all_reviews(path) if review.review_id == ids[kind]]
        decision = Decision(action=action, by="m", today=TODAY, text_key=review.text_key, reason_code=reason)
        assert store.do(partial(decide, review_id=ids[kind], decision=decision)).result() is Outcome.DONE
    basis = partial(erase_text, review_id=ids["waiting"], by="a", reason_code="personal_data", basis="№ 7", today=TODAY)
    assert store.do(basis).result() is Outcome.DONE
    store.close()
    export_reviews(path, tmp_path / "out")
    rows = {row["review_id"]: (row["state"], row["reason_code"], row["text"]) for row in _rows(tmp_path / "out")}
    assert rows[ids["published"]] == ("restricted", "insult", "")
    assert rows[ids["waiting"]] == ("restricted", "personal_data", "")
    assert rows[ids["bare"]] == ("restricted", "set_aside", "")


def test_a_hidden_text_that_its_author_takes_away_restricts_its_rating_no_more(
    path: StorePlace, tmp_path: Path
) -> None:
    store = Store(path)
    said = Submission(rating=1, idempotency_key=new_key(), text="Хам!")
    added = store.add(Arrival(organization_id=SCHOOL, submission=said, received_on=TODAY, channel="qr")).result()
    (review,) = all_reviews(path)
    hide = Decision(action=Action.RESTRICT, by="m", today=TODAY, text_key=review.text_key, reason_code="insult")
    assert store.do(partial(decide, review_id=review.review_id, decision=hide)).result() is Outcome.DONE
    assert store.complete(added.code, Details(text=""), TODAY).result()
    store.close()
    export_reviews(path, tmp_path / "out")
    (row,) = _rows(tmp_path / "out")
    assert (row["state"], row["reason_code"], row["text"]) == ("published", "", "")


def test_replies_go_with_their_ratings_and_the_last_wording_counts(path: StorePlace, tmp_path: Path) -> None:
    ids = _fill(path)
    store = Store(path)
    for kind, text in (("published", "Спасибо."), ("published", "Спасибо, исправим."), ("withdrawn", "Жаль.")):
        store.do(partial(reply, review_id=ids[kind], by="school", text=text, today=TODAY)).result()
    store.close()
    export_reviews(path, tmp_path / "out")
    with (tmp_path / "out" / "replies-2026-02.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [{"review_id": ids["published"], "text": "Спасибо, исправим.", "replied_on": "2026-02-07"}]


def test_the_package_names_the_end_of_the_audit_chain(path: StorePlace, tmp_path: Path) -> None:
    _fill(path)
    export_reviews(path, tmp_path / "out")
    said = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))["audit"]
    assert said["entries"] == 8
    assert len(said["head"]) == 64


def test_an_export_runs_while_the_store_is_open(path: StorePlace, tmp_path: Path) -> None:
    store = Store(path)
    for number in range(3):
        submission = Submission(rating=5, idempotency_key=new_key())
        arrival = Arrival(organization_id=CLINIC, submission=submission, received_on=TODAY, channel="web")
        assert store.add(arrival).result().is_new
        assert export_reviews(path, tmp_path / "out") == number + 1
    store.close()


def _collect(store: Store, number: int, channel: str, mark: int) -> list[str]:
    codes = []
    for _ in range(number):
        submission = Submission(rating=4, idempotency_key=new_key(), criteria=(("courtesy", mark),))
        arrival = Arrival(organization_id=SCHOOL, submission=submission, received_on=TODAY, channel=channel)
        codes.append(store.add(arrival).result().code)
    return codes


def _told(folder: Path) -> dict[tuple[str, str], int]:
    if not (folder / "rating_splits.csv").exists():
        return {}
    with (folder / "rating_splits.csv").open(encoding="utf-8", newline="") as file:
        return {(row["aspect"], row["value"]): int(row["count"]) for row in csv.DictReader(file)}


def test_a_rating_that_is_taken_back_gives_its_channel_away_to_nobody(path: StorePlace, tmp_path: StorePlace) -> None:
    """An attacker holds the editions before and after against each other: what changes is ten ratings at once."""
    store, editions = Store(path), []
    first = _collect(store, 7, "qr", 5) + _collect(store, 3, "web", 2)
    _collect(store, 6, "qr", 5)
    _collect(store, 5, "embed", 3)
    for number in range(3):
        if number == 2:
            store.withdraw(first[0], TODAY).result()
        if number == 1:
            _collect(store, 4, "qr", 1)
        export_reviews(path, tmp_path / "out")
        editions.append(_told(tmp_path / "out"))
    store.close()
    whole = {("channel", "qr"): 13, ("channel", "web"): 3, ("channel", "embed"): 4}
    marks = {("courtesy", "5"): 13, ("courtesy", "2"): 3, ("courtesy", "3"): 4}
    assert editions[0] == editions[1] == whole | marks
    assert editions[2] == {
        ("channel", "qr"): 6,
        ("channel", "embed"): 4,
        ("courtesy", "5"): 6,
        ("courtesy", "3"): 4,
    }


def _decide(store: Store, code: str, action: Action) -> None:
    review = store.find(code)
    assert review is not None
    decision = Decision(action=action, by="m", today=TODAY)
    assert store.do(partial(decide, review_id=review.review_id, decision=decision)).result() is Outcome.DONE


def test_a_rating_that_a_person_sets_aside_gives_nothing_away_either(path: StorePlace, tmp_path: Path) -> None:
    """As one that is taken back: its step goes as a whole, and the answers after it stay in theirs."""
    store = Store(path)
    first = _collect(store, 7, "qr", 5) + _collect(store, 3, "web", 2)
    _collect(store, 6, "qr", 5)
    _collect(store, 4, "embed", 3)
    _decide(store, first[0], Action.SET_ASIDE)
    export_reviews(path, tmp_path / "out")
    second = {("channel", "qr"): 6, ("channel", "embed"): 4, ("courtesy", "5"): 6, ("courtesy", "3"): 4}
    assert _told(tmp_path / "out") == second
    _decide(store, first[0], Action.ACCEPT)
    export_reviews(path, tmp_path / "out")
    assert _told(tmp_path / "out")["channel", "qr"] == 13
    store.close()


def test_a_rating_that_is_taken_in_late_moves_no_other_answer(path: StorePlace, tmp_path: Path) -> None:
    store = Store(path)
    submission = Submission(rating=4, idempotency_key=new_key(), criteria=(("courtesy", 1),))
    aside = Arrival(
        organization_id=SCHOOL, submission=submission, received_on=TODAY, channel="embed", set_aside_reason="trap"
    )
    late = store.add(aside).result().code
    _collect(store, 7, "qr", 5)
    _collect(store, 3, "web", 2)
    export_reviews(path, tmp_path / "out")
    before = _told(tmp_path / "out")
    _decide(store, late, Action.ACCEPT)
    export_reviews(path, tmp_path / "out")
    assert (
        _told(tmp_path / "out")
        == before
        == {
            ("channel", "qr"): 7,
            ("channel", "web"): 3,
            ("courtesy", "5"): 7,
            ("courtesy", "2"): 3,
        }
    )
    store.close()


def test_what_the_export_adds_up_stands_on_the_page(path: StorePlace, tmp_path: StorePlace) -> None:
    store = Store(path)
    _collect(store, 7, "qr", 5)
    _collect(store, 4, "web", 2)
    store.close()
    made = Publication(tmp_path / "site")
    made.organization(SCHOOL)
    made.write()
    export_reviews(path, made.folder / "packages" / "ratings")
    with quick_builds():
        assert made.build(tmp_path / "output") == 0
    found = json.loads((current(tmp_path / "output") / f"o/70/{SCHOOL}.json").read_text("utf-8"))["ratings"]
    assert found["count"] == 11
    assert found["channels"] == {"of_first": 10, "counts": {"qr": 7, "web": 3}}
    assert found["criteria"] == [{"criterion": "courtesy", "of_first": 10, "mean": "4.1"}]


def test_ratings_of_organisations_that_the_build_does_not_know_stay(path: StorePlace, tmp_path: StorePlace) -> None:
    _fill(path)
    assert export_reviews(path, tmp_path / "out", organizations={CLINIC}) == 0
    assert export_reviews(path, tmp_path / "out", organizations={SCHOOL}) == 4


def test_no_store_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="no store"):
        export_reviews(store_place(tmp_path / "none.sqlite"), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "none.sqlite").exists()


def test_a_folder_of_something_else_is_left_alone(path: StorePlace, tmp_path: Path) -> None:
    _fill(path)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "letter.txt").write_text("важное")
    with pytest.raises(StorageError, match="not a data package"):
        export_reviews(path, tmp_path / "out")
    assert [file.name for file in (tmp_path / "out").iterdir()] == ["letter.txt"]
