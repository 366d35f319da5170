"""What may be told of answers that are not published one by one: an attacker holds builds against each other.

He knows the rule, every row of the open data, and all editions. He has an answer when it is the only one that agrees
with all that he read.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nok.privacy import LEAST_OTHERS, Steps, split_ratings
from nok.records import WITHHELD_BY_ROW, Review
from tests.property.small_publication import FIRST_DAY, Publication, current, quick_builds

STEP = 10
Counts = Mapping[str, int]
PATTERNS = {
    "mixed": lambda number: "web" if number % 3 == 0 else "qr",
    "equal": lambda _: "qr",
    "odd": lambda number: "web" if number == 4 else "qr",
    "turned": lambda number: "qr" if number < 10 else "web",
}


# ---- the attacks ---------------------------------------------------------------------------------------------------


def by_difference(before: Counts, after: Counts) -> list[str]:
    """Answers that follow from two editions, or from one of them: all of a set are equal, where the counts of it, or of
    what came to it, name one value only."""
    came = {value: after.get(value, 0) - before.get(value, 0) for value in {*before, *after}}
    named = [[value for value, number in counts.items() if number] for counts in (before, after, came)]
    return [values[0] for values in named if len(values) == 1]


def by_all_worlds(told: Sequence[tuple[int, Counts]], values: Sequence[str]) -> list[tuple[int, str]]:
    """(step, value) of the steps of which every world that agrees with all editions says the same of each answer.

    `told` is what the editions with 10, 20, 30 … answers tell: how many of the first answers, and how many of each value.
    Answers of one step are alike to the attacker, so that a world is how many of each value a step holds.
    """
    steps = [
        dict(zip(values, parts, strict=True))
        for parts in product(range(STEP + 1), repeat=len(values))
        if sum(parts) == STEP
    ]
    worlds = [world for world in product(steps, repeat=len(told)) if all(_agrees(world, told))]
    assert worlds, "the attacker does not understand the rule"
    found = []
    for number in range(len(told)):
        whole = {tuple(world[number].items()) for world in worlds}
        found += [(number, value) for value in values if all(dict(parts)[value] == STEP for parts in whole)]
    return found


def _agrees(world: Sequence[Counts], told: Sequence[tuple[int, Counts]]) -> Iterator[bool]:
    """Whether the rule, written down once more for whole steps, would have told of this world what was told."""
    closed, waiting, counted = 0, Counter[str](), Counter[str]()
    for number, (step, (told_number, told_counts)) in enumerate(zip(world, told, strict=True), start=1):
        waiting.update(step)
        if waiting.total() - max(waiting.values()) >= LEAST_OTHERS:
            counted, closed, waiting = counted + waiting, STEP * number, Counter()
        yield closed == told_number and +counted == Counter(told_counts)


# ---- through the front door ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two successive editions; in between each organisation got one rating more. Ids say how many it had, and how."""
    made = Publication(tmp_path_factory.mktemp("attack") / "site")
    outputs = []
    with quick_builds():
        for turn in (0, 1):
            for number, pattern in product((9, 10, 11, 19, 49, 50), PATTERNS):
                one = f"{pattern}-{number}"
                made.organization(one)
                for place in range(number + turn):
                    day = FIRST_DAY - timedelta(days=200 - place)
                    channel = PATTERNS[pattern](place)
                    cells = {"channel": channel, "courtesy": 5 if channel == "qr" else 2, "text": ""}
                    made.review(f"r-{one}-{place:03d}", one, received_on=day, **cells)
            made.write()
            output = made.folder.parent / f"output-{turn}"
            assert made.build(output) == 0
            outputs.append(current(output))
    return outputs


def _ratings(edition: Path, one: str) -> dict[str, object]:
    found: dict[str, object] = json.loads((edition / f"o/70/{one}.json").read_text("utf-8"))["ratings"]
    return found


def _counts(edition: Path, one: str) -> Counts:
    channels = _ratings(edition, one)["channels"]
    return channels["counts"] if isinstance(channels, dict) else {}


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("number", [9, 10, 11, 19, 49, 50])
def test_no_answer_follows_from_two_editions(editions: list[Path], pattern: str, number: int) -> None:
    one = f"{pattern}-{number}"
    before, after = (_counts(edition, one) for edition in editions)
    assert by_difference(before, after) == []
    if pattern == "mixed":
        assert (sum(before.values()), sum(after.values())) == (number // 10 * 10, (number + 1) // 10 * 10)
    if pattern in ("equal", "odd"):
        assert before == after == {}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_mean_of_marks_tells_no_single_mark(editions: list[Path], pattern: str) -> None:
    for number in (9, 10, 11, 19, 49, 50):
        told = [_ratings(edition, f"{pattern}-{number}")["criteria"] for edition in editions]
        for criteria in told:
            assert isinstance(criteria, list)
            for item in criteria:
                assert item["of_first"] % STEP == 0
                assert item["mean"] not in ("5.0", "2.0"), "all marks would be known"
        if number % STEP != STEP - 1:
            assert told[0] == told[1]


def test_a_split_that_counts_everybody_would_fall_to_this_attack() -> None:
    live = [Counter(PATTERNS["mixed"](place) for place in range(number)) for number in (9, 10, 11)]
    assert by_difference(live[0], live[1]) == ["web"]
    assert by_difference(live[1], live[2]) == ["qr"]


def test_nothing_that_is_only_added_up_stands_row_by_row(editions: list[Path]) -> None:
    for edition in editions:
        page = (edition / "o/70/mixed-50.html").read_text("utf-8").replace("\u00a0", " ")
        rows = json.loads((edition / "o/70/mixed-50.json").read_text("utf-8"))["reviews"]
        assert "QR-код на плакате" in page
        assert not {name for row in rows for name in row} & set(WITHHELD_BY_ROW)
        for version in ("latest", "1.0.0"):
            folder = edition / "data/one" / version
            columns = (folder / "reviews.csv").read_text("utf-8").splitlines()[0].split(",")
            line = json.loads((folder / "reviews.jsonl").read_text("utf-8").splitlines()[0])
            resources = json.loads((folder / "datapackage.json").read_text("utf-8"))["resources"]
            fields = next(each for each in resources if each["name"] == "reviews")["schema"]["fields"]
            assert {"review_id", "received_on", "rating", "state"} <= set(columns)
            assert not (set(columns) | set(line) | {field["name"] for field in fields}) & set(WITHHELD_BY_ROW)


# ---- the rule ------------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0, 1, 2, 5, 8, 9, 10]), st.randoms()), min_size=1, max_size=3))
def test_no_world_that_agrees_with_all_editions_is_the_only_one(steps: list[tuple[int, object]]) -> None:
    answers: list[str] = []
    for web, order in steps:
        one = ["web"] * web + ["qr"] * (STEP - web)
        order.shuffle(one)  # type: ignore[attr-defined]
        answers += one
    told = []
    steps = Steps[str](STEP)
    for number, answer in enumerate(answers, start=1):
        steps.add(answer)
        if number % STEP == 0:
            told.append((sum(steps.told.values()), Counter(steps.told)))
    assert by_all_worlds(told, ("web", "qr")) == []


@given(st.lists(st.sampled_from("abc"), max_size=70), st.integers(5, 12))
def test_what_was_told_stays_and_grows_by_whole_steps(answers: list[str], step: int) -> None:
    steps = Steps[str](step)
    for number, answer in enumerate(answers, start=1):
        before = Counter(steps.told)
        steps.add(answer)
        after = Counter(steps.told)
        came = after - before
        assert before <= after
        assert not came or (after == Counter(answers[:number]) and came.total() % step == 0)
        assert not came or came.total() - max(came.values()) >= LEAST_OTHERS


@given(st.lists(st.sampled_from("abc"), max_size=70), st.integers(0, 70), st.integers(5, 12))
def test_answers_that_come_at_once_are_told_as_one_by_one(answers: list[str], cut: int, step: int) -> None:
    one_by_one, at_once = Steps[str](step), Steps[str](step)
    for answer in answers:
        one_by_one.add(answer)
    at_once.extend(answers[:cut])
    at_once.extend(answers[cut:])
    assert at_once.told == one_by_one.told
    one_by_one.add("b")
    at_once.add("b")
    assert at_once.told == one_by_one.told


@given(st.lists(st.sampled_from("abc"), max_size=70), st.sets(st.integers(0, 69)), st.integers(0, 69))
def test_an_answer_taken_back_takes_whole_steps_with_it(answers: list[str], gone: set[int], leaving: int) -> None:
    def told(gone: set[int]) -> Counter[str]:
        steps = Steps[str](STEP)
        for number, answer in enumerate(answers):
            steps.add(answer, is_gone=number in gone)
        return Counter(steps.told)

    before, after = told(gone - {leaving}), told({*gone, leaving})
    lost = before - after
    assert after <= before
    assert lost.total() % STEP == 0
    assert not lost or lost.total() - max(lost.values()) >= LEAST_OTHERS


def _review(number: int, channel: str, day: int, mark: int, reason: str) -> Review:
    received = date(2025, 1, 1) + timedelta(days=day)
    marks = (("courtesy", mark),) if mark else ()
    return Review(f"r-{number:03d}", received, 4, marks, channel=channel, reason_code=reason)


_said = st.tuples(
    st.sampled_from(["qr", "web", "operator"]),
    st.integers(0, 20),
    st.integers(0, 5),
    st.sampled_from(["", "set_aside"]),
)


@given(st.lists(_said, max_size=60), st.randoms())
def test_the_order_of_rows_never_matters_and_shares_are_of_what_is_told(said: list[object], order: object) -> None:
    reviews = [_review(number, *one) for number, one in enumerate(said)]  # type: ignore[misc]
    splits = split_ratings(reviews, STEP)
    order.shuffle(reviews)  # type: ignore[attr-defined]
    assert split_ratings(reviews, STEP) == splits
    assert sum(number for _, number in splits.channels) == splits.counted
    assert splits.counted <= sum(review.reason_code != "set_aside" for review in reviews)
    assert all(1 <= item.mean <= 5 and item.marks % STEP == 0 for item in splits.criteria)
