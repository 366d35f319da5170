"""The last twelve months move with the day of the build: pages follow when their numbers do, and only then."""

import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.property.small_publication import FIRST_DAY, Publication, current, pages, quick_builds


def test_only_what_a_rating_leaves_is_made_anew_and_as_a_clean_build_makes_it(tmp_path: Path) -> None:
    made = Publication(tmp_path / "site")
    for one, ages in (("old", range(364, 352, -1)), ("young", range(30, 18, -1)), ("gone", [400, 401])):
        made.organization(one)
        for age in ages:
            made.review(f"r-{one}-{age}", one, received_on=FIRST_DAY - timedelta(days=age))
    seen, files = [], []
    with quick_builds():
        for day in range(3):
            made.day = FIRST_DAY + timedelta(days=day)
            made.write()
            assert made.build(tmp_path / "kept") == 0
            assert made.build(tmp_path / f"clean-{day}") == 0
            seen.append(pages(current(tmp_path / "kept")))
            found = json.loads((current(tmp_path / "kept") / "o/70/old.json").read_text("utf-8"))["ratings"]
            files.append((found["count"], found["window"]["count"], found["window"]["mean"]))
            assert seen[-1] == pages(current(tmp_path / f"clean-{day}"))
    assert files == [(12, 12, "4.0"), (12, 11, "4.0"), (12, 10, "4.0")]
    for before, after in pairwise(seen):
        changed = {path for path in after if before.get(path) != after[path] and path.startswith("o/")}
        assert changed == {"o/70/old.html", "o/70/old.json"}


def test_a_day_on_which_no_rating_leaves_makes_no_page_anew(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = Publication(tmp_path / "site")
    made.organization("young")
    made.review("r-1", "young", received_on=FIRST_DAY - timedelta(days=30))
    with quick_builds():
        for day in range(2):
            made.day = FIRST_DAY + timedelta(days=day)
            made.write()
            assert made.build(tmp_path / "kept", "--explain", "o/70/young.html") == 0
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("o/70/young.html")]
    assert ["сделана заново" in line for line in told] == [True, False]
