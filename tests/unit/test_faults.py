"""What a build leaves when it is killed or the disk refuses: the published site as it was, and no trace later."""

import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

import publish
from nok.errors import StorageError
from nok.site.crew import LocalCrew, local_crew, run_all
from tests.conftest import valid_tables
from tests.unit.fault_support import (
    Stand,
    check_full_disk,
    check_held,
    check_killed,
    check_next_build,
    environment,
    growing,
    hurt,
    leftovers,
    make_stand,
    published,
    small_disk,
    start,
    wait_for_nobody,
    workers_of,
    write_package,
)
from tests.unit.fire_support import read_under_fire
from tests.unit.test_build import build, tree, without_releases

Factory = Callable[..., Path]


def start_build(
    output: Path, package: Path, project_root: Path, jobs: int = 1, **more: object
) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "publish.py", "build", "--packages", str(package), "--output", str(output)]
    command += ["--jobs", str(jobs)]
    return subprocess.Popen(
        command,
        cwd=project_root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ.copy(),
        **more,  # type: ignore[call-overload]
    )


@pytest.fixture(scope="module")
def withdrawn(tmp_path_factory: pytest.TempPathFactory) -> Stand:
    """A site with three slots full, before a build that withdraws a review."""
    folder = tmp_path_factory.mktemp("stand")
    return make_stand(folder / "withdrawn", growing(write_package(folder), valid_tables))


@pytest.mark.parametrize(("builds", "jobs", "number"), [(1, 1, 2), (2, 2, 3)], ids=["first", "new slot"])
def test_a_build_killed_at_a_known_moment_leaves_one_whole_release(
    builds: int, jobs: int, number: int, tmp_path: Path, package_factory: Factory
) -> None:
    stand = make_stand(tmp_path / "stand", growing(package_factory, valid_tables)[:builds], "--jobs", str(jobs))
    for moment in stand.points(number):
        check_killed(stand, moment, tmp_path / f"at-{moment}")


def test_files_of_search_that_a_killed_build_has_written_are_not_taken_for_older_ones(
    tmp_path: Path, package_factory: Factory
) -> None:
    renamed, answered = valid_tables(3, 6), valid_tables(3, 6)
    renamed["organizations"][0]["name"] = "Поликлиника имени Пирогова"
    answered["replies"][0]["text"] = "Другой ответ, который ищут не по названию."
    history = [package_factory, lambda: package_factory(tables=renamed)]
    stand = make_stand(tmp_path / "stand", history, "--jobs", "1")
    writing = [number for number, name in enumerate(stand.moments, 1) if "slots/b/search/" in name]
    output = stand.copy(tmp_path / "killed")
    assert hurt("kill", writing[-1], output, stand.arguments).code == -9
    assert len(writing) > 2, "some were written before"
    package_factory(tables=answered)
    for place in (output, tmp_path / "clean"):
        assert publish.main(["build", "--output", str(place), *stand.arguments]) == 0
    assert published(output) == published(tmp_path / "clean")


def test_a_build_killed_before_it_has_purged_is_made_good_by_the_next(withdrawn: Stand, tmp_path: Path) -> None:
    for moment in withdrawn.points(2):
        check_killed(withdrawn, moment, tmp_path / f"at-{moment}")


def test_a_disk_that_refuses_is_told_with_code_3_and_nothing_is_published(
    tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    output = tmp_path / "output"
    assert build(output, package_factory(organizations=3)) == 0
    before = tree(output / "current")
    limit = 60_000  # bytes a file may have: an asset is larger, a page is not

    def allow_little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    process = start_build(output, package_factory(organizations=4), project_root, preexec_fn=allow_little)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3, said.decode()
    assert b"Traceback" not in said
    assert "остался прежним" in said.decode()
    assert tree(output / "current") == before
    assert build(output, package_factory(organizations=4)) == 0


@pytest.mark.parametrize(("what", "spares"), [("size", (8_192, 400_000)), ("nr_inodes", (5,))], ids=["space", "inodes"])
def test_a_full_disk_is_told_and_the_next_build_with_room_is_whole(
    what: str, spares: tuple[int, ...], tmp_path: Path, withdrawn: Stand
) -> None:
    with small_disk(tmp_path / "disk") as limits:
        for spare in spares:
            assert check_full_disk(withdrawn, tmp_path / "disk", limits, what, spare) == 3


@pytest.mark.parametrize("jobs", [pytest.param("1", marks=pytest.mark.scale), "2"])
def test_a_build_that_is_stopped_says_so_and_changes_nothing(
    jobs: str, tmp_path: Path, package_factory: Factory
) -> None:
    stand = make_stand(tmp_path / "stand", growing(package_factory, valid_tables)[:2], "--jobs", jobs)
    writing = [number for number, name in enumerate(stand.moments, 1) if name.startswith("os.") and "slots/b/" in name]
    for name, code in (("int", 130), ("term", 143)):
        output = stand.copy(tmp_path / name)
        done = hurt(name, writing[3], output, stand.arguments)
        assert done.code == code, done.said
        assert done.said.splitlines()[-1] == "Остановлено. Опубликованный сайт остался прежним."
        assert "Traceback" not in done.said
        assert published(output) == stand.old
        check_next_build(stand, output, "after the signal")


def test_a_build_stopped_after_the_switch_says_that_it_has_published(tmp_path: Path, withdrawn: Stand) -> None:
    stand = withdrawn
    switched = max(number for number, name in enumerate(stand.moments, 1) if ".current.new" in name)
    # An exception inside a callback of SQLite would be lost, so the signal comes at a moment of files.
    moment = next(
        number for number, name in enumerate(stand.moments, 1) if number > switched and name.startswith("os.")
    )
    output = stand.copy(tmp_path / "stopped")
    done = hurt("term", moment, output, stand.arguments)
    assert done.code == 143, done.said
    assert "Новый выпуск опубликован" in done.said.splitlines()[-1]
    assert published(output) == stand.new
    check_next_build(stand, output, "after the signal")


def test_a_worker_that_is_killed_ends_the_build_with_a_sentence(tmp_path: Path, package_factory: Factory) -> None:
    stand = make_stand(tmp_path / "stand", growing(package_factory, valid_tables)[:2])
    output, token = stand.copy(tmp_path / "hurt"), "worker-" + tmp_path.name
    process = start("count", 0, output, [*stand.arguments, "--jobs", "2"], env=environment(token))
    while not (workers := workers_of(token, process.pid)):
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(workers[0], signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3, said
    assert said.splitlines()[-1].startswith("Рабочий процесс был убит за работой")
    assert "fault of the program" not in said
    assert published(output) == stand.old
    assert wait_for_nobody(token) < 2
    check_next_build(stand, output, "after the worker was killed")


def test_a_worker_killed_while_the_next_is_still_being_begun_ends_the_crew(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[ForkServerProcess] = []
    start_process = ForkServerProcess.start
    told: list[BaseException] = []

    def start_late(process: ForkServerProcess) -> None:
        if begun:
            os.kill(begun[0].pid or 0, signal.SIGKILL)
            time.sleep(0.5)  # whoever watches over the first one has noticed
        start_process(process)
        begun.append(process)

    def work() -> None:
        try:
            with local_crew(2) as crew:
                list(run_all(crew, _slowly, [(number,) for number in range(4)]))  # so that none is done before
        except StorageError as error:
            told.append(error)

    monkeypatch.setattr(ForkServerProcess, "start", start_late)
    working = threading.Thread(target=work, daemon=True)
    working.start()
    working.join(timeout=30)
    is_hanging = working.is_alive()
    for process in begun:
        process.kill()
    assert not is_hanging
    assert str(told[0]).startswith("A worker process was killed")
    assert len(begun) == 2


def test_new_processes_take_the_place_of_those_that_have_held_much_memory() -> None:
    """What those have in hand is done first; the two begin one after the other, so that all must have answered."""
    with local_crew(2) as crew:
        assert crew is not None
        before = {crew.submit(os.getpid).result() for _ in range(20)}
        late = [crew.submit(_slowly, number) for number in range(4)]
        crew.renew()
        assert all(one.done() for one in late) and [one.result() for one in late] == [0, 1, 2, 3]
        assert not [pid for pid in before if Path(f"/proc/{pid}").exists()]
        after = {crew.submit(os.getpid).result() for _ in range(20)}
        pools = {Path(f"/proc/{pid}/environ").read_bytes().count(b"MALLOC_ARENA_MAX=") for pid in after}
    assert before and after and not before & after
    assert pools == {1}


def _slowly(number: int) -> int:
    time.sleep(0.2)
    return number


def test_a_build_makes_its_pages_by_other_processes_than_its_release(
    tmp_path: Path, package_factory: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed: list[int] = []
    renew = LocalCrew.renew
    monkeypatch.setattr(LocalCrew, "renew", lambda crew: (renewed.append(1), renew(crew)))
    output, package = tmp_path / "output", package_factory(organizations=3)
    assert build(output, package, more=("--jobs", "2")) == 0
    assert renewed == [1]
    assert build(output, package, more=("--jobs", "2", "--full")) == 0  # no release is due
    assert renewed == [1]


def test_a_release_of_data_that_was_being_rewritten_when_a_build_was_killed_is_put_right(
    tmp_path: Path, package_factory: Factory
) -> None:
    output = tmp_path / "output"
    assert build(output, package_factory(organizations=3)) == 0
    release = output / "data/demo/1.0.0"
    before = tree(release)
    release.rename(output / "data/demo/.1.0.0.old")
    (output / "data/demo/.1.0.0.new").mkdir()
    assert build(output, package_factory(organizations=4)) == 0
    assert tree(release) == before
    assert leftovers(output) == []


def test_a_journal_of_a_killed_update_does_not_spoil_a_warehouse_made_anew(
    tmp_path: Path, package_factory: Factory
) -> None:
    output, clean = tmp_path / "output", tmp_path / "clean"
    assert build(output, package_factory(organizations=12)) == 0
    warehouse = tmp_path / "output.state/warehouse.sqlite"
    program = (
        "import os, sqlite3, sys; base = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "base.execute('PRAGMA cache_size = 1'); base.execute('BEGIN');"
        'base.execute("UPDATE facts SET scores = scores || hex(zeroblob(3000))"); os._exit(0)'
    )
    subprocess.run([sys.executable, "-c", program, str(warehouse)], check=True)
    assert warehouse.with_name("warehouse.sqlite-journal").stat().st_size > 0
    changed = package_factory(organizations=40)
    assert build(output, changed, more=("--no-cache",)) == 0
    assert not warehouse.with_name("warehouse.sqlite-journal").exists()
    assert build(output, changed, more=("--full",)) == 0
    assert build(clean, changed) == 0
    assert without_releases(output) == without_releases(clean)


def test_a_package_in_a_zip_is_not_called_damaged_where_the_disk_is_full(
    tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    package = package_factory(organizations=200)
    archive = shutil.make_archive(str(tmp_path / "demo"), "zip", package)

    def allow_little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    process = start_build(tmp_path / "output", Path(archive), project_root, preexec_fn=allow_little)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3, said.decode()
    assert "файл слишком велик" in said.decode() and "Traceback" not in said.decode()


def test_a_site_whose_published_slot_is_gone_is_built_again(tmp_path: Path, package_factory: Factory) -> None:
    output, package = tmp_path / "output", package_factory(organizations=3)
    assert build(output, package) == 0
    whole = tree(output / "current")
    shutil.rmtree(output / "slots/a")
    assert build(output, package) == 0
    assert tree(output / "current") == whole


def test_whoever_comes_while_a_build_runs_changes_nothing(tmp_path: Path, withdrawn: Stand) -> None:
    for moment in withdrawn.points(3)[1:]:
        check_held(withdrawn, moment, tmp_path / f"at-{moment}")


def test_of_two_first_builds_at_once_one_publishes(
    tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    package = package_factory(organizations=30)
    both = [start_build(tmp_path / "output", package, project_root) for _ in range(2)]
    said = [process.communicate(timeout=120)[1].decode() for process in both]
    assert sorted(process.returncode for process in both) in ([0, 75], [0, 0]), said
    assert build(tmp_path / "clean", package) == 0
    assert tree(tmp_path / "output/current") == tree(tmp_path / "clean/current")


def test_visitors_meet_whole_releases_only_while_builds_are_killed(tmp_path: Path, package_factory: Factory) -> None:
    outcome = read_under_fire(tmp_path, package_factory, valid_tables, publishes=2, visitors=3, pause_seconds=0.05)
    assert outcome.failures == []
    assert outcome.strange == []
    assert outcome.reads > 200


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed: apt-get install strace")
def test_everything_is_on_disk_before_the_switch_and_the_switch_after_it(
    tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    output, log = tmp_path / "output", tmp_path / "calls"
    assert build(output, package_factory(organizations=3)) == 0
    calls = "sync,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,openat"
    command = ["strace", "-y", "-e", f"trace={calls}", "-o", str(log), sys.executable, "publish.py", "build"]
    command += ["--packages", str(package_factory(organizations=4)), "--output", str(output), "--jobs", "1"]
    done = subprocess.run(command, cwd=project_root, check=False, capture_output=True, text=True)
    if "ptrace" in done.stderr:
        pytest.skip(f"strace may not trace here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    lines = [line for line in log.read_text("utf-8").splitlines() if " = -1 " not in line]

    def places(*words: str) -> list[int]:
        return [number for number, line in enumerate(lines) if all(word in line for word in words)]

    (switch,) = places("rename", '/output/current"')
    sync = max(number for number in places("sync()") if number < switch)
    changing = [n for n in places("/output/slots/b/") if "openat" not in lines[n] or "O_RDONLY" not in lines[n]]
    assert changing and max(changing) < sync < switch
    assert max(n for n in places("sync(", "units-b.sqlite>")) < switch
    (recorded,) = [n for n in places("rename", '/output/releases.json"') if sync < n < switch]
    assert [n for n in places("fsync(", ".releases.json.new>") if sync < n < recorded]
    (unmarked,) = [n for n in places("unlink", "unfinished-b") if n < switch]
    assert [n for n in places("fsync(", "/output.state>") if unmarked < n < switch]
    assert recorded < unmarked
    assert [n for n in places("fsync(", "/output>") if n > switch]


@pytest.mark.parametrize("megabytes", [64, 500])
def test_a_build_that_gets_no_memory_changes_nothing(
    megabytes: int, tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    output = tmp_path / "output"
    assert build(output, package_factory(organizations=3)) == 0
    before = tree(output / "current")

    def allow_little() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    changed = package_factory(organizations=4)
    process = start_build(output, changed, project_root, preexec_fn=allow_little)
    _, said = process.communicate(timeout=120)
    # Libraries that are refused memory deep inside end the process themselves, without a word of ours, or break in ways
    # that look like faults of the program; how much they need depends on the machine, so that the larger limit may also
    # be enough.
    assert process.returncode in ((3, 70) if megabytes == 64 else (0, 1, 3, 70, -signal.SIGABRT)), said.decode()
    assert (tree(output / "current") == before) == (process.returncode != 0)
    assert build(output, changed) == 0


def test_a_missing_template_is_told_and_nothing_is_published(
    tmp_path: Path, package_factory: Factory, project_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    shutil.copytree(project_root / "content", site / "content")
    shutil.copytree(project_root / "theme", site / "theme")
    more = ("--config", str(site / "content/publication.yaml"))
    output = tmp_path / "output"
    assert build(output, package_factory(organizations=3), more=more) == 0
    before = tree(output / "current")
    (site / "theme/templates/region.html").unlink()
    assert build(output, package_factory(organizations=3), more=more) == 1
    said = capsys.readouterr().err
    assert "region.html" in said
    assert "Ничего не опубликовано" in said
    assert tree(output / "current") == before


def test_a_failed_build_cuts_no_release(tmp_path: Path, package_factory: Factory, project_root: Path) -> None:
    site, output = tmp_path / "site", tmp_path / "output"
    shutil.copytree(project_root / "content", site / "content")
    shutil.copytree(project_root / "theme", site / "theme")
    more = ("--config", str(site / "content/publication.yaml"))
    template = site / "theme/templates/region.html"
    kept = template.read_text("utf-8")
    template.unlink()
    assert build(output, package_factory(organizations=3), more=more) == 1
    template.write_text(kept, "utf-8")
    assert build(output, package_factory(organizations=4), more=more) == 0
    released = (output / "current/data/demo/1.0.0/organizations.csv").read_text("utf-8")
    assert len(released.splitlines()) == 5


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("pages/ru/about.md", "Slug: about\nLang: ru\n\nБез заголовка\n", "about.md"),
        ("news/ru/broken.md", "Title: Т\nSlug: b\nLang: ru\nDate: вчера\n\nТекст\n", "broken.md"),
        ("news/ru/broken.md", "Title: Т\nSlug: b\nLang: ru\nDate: 2026-02-01\n\n[куда]({filename}nowhere.md)\n", "nowhere"),
        ("methods/broken.yaml", "id: broken\ntitle: T\n  x: 1\n", "broken.yaml, строка"),
    ],
    ids=["no title", "no date", "broken link", "broken method"],
)  # fmt: skip
def test_a_broken_text_of_an_editor_stops_the_build(
    file: str, text: str, words: str, tmp_path: Path, package_factory: Factory, project_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shutil.copytree(project_root / "content", tmp_path / "content")
    (tmp_path / "content" / file).write_text(text, "utf-8")
    more = ("--config", str(tmp_path / "content/publication.yaml"))
    assert build(tmp_path / "output", package_factory(), more=more) == 1
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "output/current").exists()


def test_a_method_without_bands_and_another_scale_builds(
    tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    assessment = {
        "assessment_id": "old-2015", "title": "Оценка 2015", "period": "2015", "sphere": "education",
        "region_code": "70", "method_id": "1547-2014", "kind": "independent", "stage": "done", "status": "published",
    }  # fmt: skip
    organizations = [
        {"organization_id": f"o-{n}", "name": f"Школа {n}", "sphere": "education", "region_code": "70",
         "status": "published"}
        for n in (1, 2)
    ]  # fmt: skip
    scores = [
        {"organization_id": f"o-{n}", "assessment_id": "old-2015", "measure": "total", "points": points,
         "state": "scored", "published_as": points.replace(".", ",")}
        for n, points in ((1, "111.83"), (2, "160"))
    ]  # fmt: skip
    tables = {"organizations": organizations, "assessments": [assessment], "scores": scores}
    empty = dict.fromkeys(("reviews", "replies", "plan_measures", "placements", "regions"))
    package = package_factory(tables={**empty, **tables})
    assert publish.main(["validate", str(package)]) == 0
    assert build(tmp_path / "output", package) == 0
    page = (tmp_path / "output/current/o/70/o-1.html").read_text("utf-8")
    assert "111,83" in page
    assert "0 до 160" in page.replace("\u00a0", " ")
