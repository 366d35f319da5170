"""Builds that are killed, run out of disk, and race, at many moments; and readers who must never notice."""

from collections.abc import Callable
from pathlib import Path

import pytest

import publish
from tests.conftest import valid_tables
from tests.unit.fault_support import (
    check_full_disk,
    check_held,
    check_killed,
    growing,
    make_stand,
    published,
    small_disk,
)
from tests.unit.fire_support import read_under_fire
from tests.unit.test_faults import start_build

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
    stand = make_stand(tmp_path / ("withdrawn" if builds == 4 else "stand"), history, *more, "--jobs", str(jobs))
    met = [check_killed(stand, moment, tmp_path / f"at-{moment}") for moment in stand.points(MOMENTS)]
    assert len(met) == MOMENTS
    print(*met, sep="\n")


@pytest.mark.parametrize("builds", [1, 2, 4], ids=["first", "new slot", "withdrawn"])
@pytest.mark.parametrize("what", ["size", "nr_inodes"])
def test_a_disk_that_is_full_at_twenty_moments_leaves_one_whole_release(
    what: str, builds: int, tmp_path: Path, package_factory: Factory
) -> None:
    history = growing(package_factory, valid_tables)[:builds]
    stand = make_stand(tmp_path / ("withdrawn" if builds == 4 else "stand"), history)
    with small_disk(tmp_path / "disk") as limits:
        most = 4_096
        while check_full_disk(stand, tmp_path / "disk", limits, what, most if what == "size" else most // 4_096):
            most *= 2
        spares = [most * turn // MOMENTS for turn in range(MOMENTS)]
        codes = [
            check_full_disk(stand, tmp_path / "disk", limits, what, spare if what == "size" else spare // 4_096)
            for spare in spares
        ]
    print(most, codes)
    assert codes.count(3) >= MOMENTS // 2


def test_whoever_comes_at_twenty_moments_of_a_build_changes_nothing(tmp_path: Path, package_factory: Factory) -> None:
    stand = make_stand(tmp_path / "withdrawn", growing(package_factory, valid_tables))
    for moment in stand.points(MOMENTS + 1)[1:]:
        check_held(stand, moment, tmp_path / f"at-{moment}")


def test_of_two_builds_at_once_one_publishes_twenty_times(
    tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    trees, packages = [], [package_factory(f"p{number}", organizations=40 + number) for number in range(2)]
    for number, package in enumerate(packages):
        assert publish.main(["build", "--packages", str(package), "--output", str(tmp_path / f"clean-{number}")]) == 0
        trees.append(published(tmp_path / f"clean-{number}"))
    refused = 0
    for turn in range(MOMENTS):
        output = tmp_path / f"output-{turn}"
        both = [start_build(output, package, project_root) for package in packages]
        said = [process.communicate(timeout=120)[1].decode() for process in both]
        codes = [process.returncode for process in both]
        assert sorted(codes) in ([0, 75], [0, 0]), said
        assert published(output) in (trees if codes == [0, 0] else [trees[codes.index(0)]])
        refused += 75 in codes
    print(f"refused {refused} of {MOMENTS}")
    assert refused >= MOMENTS // 2


def test_visitors_meet_whole_releases_only_in_fifty_thousand_reads(tmp_path: Path, package_factory: Factory) -> None:
    outcome = read_under_fire(tmp_path, package_factory, valid_tables, publishes=30, visitors=8)
    print(
        f"{outcome.reads} reads in {outcome.seconds:.0f} s ({outcome.reads / outcome.seconds:.0f} a second), "
        f"{outcome.releases} releases, {outcome.kills} kills"
    )
    assert outcome.failures == []
    assert outcome.strange == []
    assert outcome.kills >= 20
    assert outcome.reads >= 50_000
