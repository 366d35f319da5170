"""Builds that are killed, run out of disk, and race, at many moments; and readers who must never notice."""

from collections.abc import Callable
from pathlib import Path

import pytest

import publish
from tests.conftest import valid_tables
from tests.unit.fault_support import check_killed, growing, make_stand

pytestmark = pytest.mark.scale

Factory = Callable[..., Path]
MOMENTS = 20


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("builds", "more"),
    [(1, ()), (2, ()), (4, ()), (4, ("--full",)), (4, ("--no-cache",))],
    ids=["first", "new slot", "withdrawn", "full", "no cache"],
)
def test_a_build_killed_at_twenty_moments_leaves_one_whole_release(
    builds: int, more: tuple[str, ...], jobs: int, tmp_path: Path, package_factory: Factory
) -> None:
    history = growing(package_factory, valid_tables)[:builds]
    stand = make_stand(tmp_path / ("withdrawn" if builds == 4 else "stand"), history, *more)
    met = [
        check_killed(stand, moment, jobs, tmp_path / f"at-{moment}", publish.main) for moment in stand.points(MOMENTS)
    ]
    assert len(met) == MOMENTS
    print(*met, sep="\n")
