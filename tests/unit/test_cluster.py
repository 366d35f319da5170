"""Building with the workers of a Dask cluster: real processes on this machine, which share its folders."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from distributed import Client

import publish
from benchmarks import country
from nok.site import crew
from tests.property.small_publication import HISTORIES

ROOT = Path(__file__).resolve().parents[2]
COUNTRY_DAY = "1782864000"
"""SOURCE_DATE_EPOCH of the day after the last review of a synthetic country."""
ENOUGH_SECONDS = 180

Factory = Callable[..., Path]


def wait_for(what: str, is_true: Callable[[], bool]) -> None:
    """Waits until something is so; fails in words where it never is."""
    deadline = time.monotonic() + ENOUGH_SECONDS
    while not is_true():
        assert time.monotonic() < deadline, f"{what}: not within {ENOUGH_SECONDS} s"
        time.sleep(0.05)


class Cluster:
    """A scheduler and the workers that a test hires."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "scheduler.json"
        self._workers: list[subprocess.Popen[bytes]] = []
        options = ("--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(self._file))
        self.scheduler = self._start("scheduler", options, {})

    def _start(
        self, role: str, options: Sequence[str], environment: Mapping[str, str], wrapper: Sequence[str] = ()
    ) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", role, "--host", "127.0.0.1", "--no-dashboard", *options]
        # Into a file: a process that holds a pipe of ours would keep the whole run waiting.
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*wrapper, *command],
                stdout=log,
                stderr=log,
                cwd=self.folder,  # not ours, where the program could be imported from by chance
                env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
            )

    @property
    def address(self) -> str:
        def is_written() -> bool:
            return self._file.exists() and self._file.read_text("utf-8").rstrip().endswith("}")

        wait_for("the scheduler starts", is_written)
        return str(json.loads(self._file.read_text("utf-8"))["address"])

    def hire(
        self, *threads: int, environment: Mapping[str, str] | None = None, wrapper: Sequence[str] = ()
    ) -> list[subprocess.Popen[bytes]]:
        """Starts a worker for each number of threads, and waits until all have joined."""
        options = (self.address, "--no-nanny", "--local-directory", str(self.folder))
        hired = [
            self._start("worker", (*options, "--nthreads", str(number)), environment or {}, wrapper)
            for number in threads
        ]
        self._workers += hired
        self.wait_for_workers(len(self.present))
        return hired

    @property
    def present(self) -> list[subprocess.Popen[bytes]]:
        return [worker for worker in self._workers if worker.poll() is None]

    def wait_for_workers(self, number: int) -> None:
        with Client(self.address, set_as_default=False) as client:
            wait_for(f"{number} workers join", lambda: len(client.nthreads()) == number)

    def dismiss(self) -> None:
        """Ends all workers."""
        for worker in self._workers:
            worker.kill()
            worker.wait()
        self.wait_for_workers(0)

    def close(self) -> None:
        for process in (*self._workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    try:
        yield cluster
    finally:
        cluster.close()


@pytest.fixture
def cluster(running: Cluster) -> Cluster:
    """Two workers, one of which does two tasks at once."""
    if len(running.present) != 2:
        running.dismiss()
        running.hire(1, 2)
    return running


@pytest.fixture
def empty_cluster(running: Cluster) -> Iterator[Cluster]:
    """A scheduler without workers; those that the test hires go with it."""
    running.dismiss()
    yield running
    running.dismiss()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of 400 organisations in a dozen regions."""
    folder = tmp_path_factory.mktemp("country") / "country"
    size = ["--organizations", "400", "--regions", "12"]
    assert country.main([*size, "--out", str(folder), "--jobs", "1"]) == 0
    return folder


@pytest.fixture
def country_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", COUNTRY_DAY)


@pytest.fixture(scope="module")
def expected(large: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process makes of it."""
    output = tmp_path_factory.mktemp("expected") / "output"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", COUNTRY_DAY)
        assert build(output, large, "--jobs", "1") == 0
    return output


def build(output: Path, package: Path, *options: str) -> int:
    return publish.main(["build", "--output", str(output), "--packages", str(package), *options])


def tree(output: Path) -> dict[str, str]:
    """Path to hash of every published file."""
    root = (output / "current").resolve()
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def pages(files: Mapping[str, str]) -> dict[str, str]:
    """Without releases of the data, which stay as they were cut first."""
    return {path: sha256 for path, sha256 in files.items() if not path.startswith(HISTORIES)}


def kill_at_work(address: str, victim: subprocess.Popen[bytes]) -> threading.Thread:
    """Kills a process as soon as every worker has a task in hand; join what is returned."""

    def kill() -> None:
        with Client(address, set_as_default=False) as client:

            def is_busy() -> bool:
                tasks = client.processing()
                return bool(tasks) and all(tasks.values())

            wait_for("every worker has a task", is_busy)
            victim.kill()
            victim.wait()

    thread = threading.Thread(target=kill)
    thread.start()
    return thread


# ---- the same bytes ------------------------------------------------------------------------------------------------


def test_a_cluster_makes_the_bytes_that_one_machine_makes(
    cluster: Cluster, demonstration_output: Path, tmp_path: Path, project_root: Path
) -> None:
    package = project_root / "data_packages" / "demo"
    assert build(tmp_path / "many", package, "--scheduler", cluster.address) == 0
    assert tree(tmp_path / "many") == tree(demonstration_output)


def test_a_worker_that_dies_in_the_middle_changes_nothing(
    cluster: Cluster, large: Path, expected: Path, tmp_path: Path, country_day: None
) -> None:
    (victim,) = cluster.hire(1)
    killer = kill_at_work(cluster.address, victim)
    code = build(tmp_path / "output", large, "--scheduler", cluster.address)
    killer.join()
    assert victim.returncode == -9
    assert code == 0
    assert tree(tmp_path / "output") == tree(expected)


def test_workers_that_stay_show_nothing_of_an_earlier_build(
    cluster: Cluster, package_factory: Factory, tmp_path: Path
) -> None:
    """Data, look and options of the second build lie in files of the same names as those of the first."""
    config = tmp_path / "own" / "content" / "publication.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("title: Прежнее название\n", "utf-8")
    shutil.copytree(ROOT / "theme", tmp_path / "own" / "theme")
    output, package = tmp_path / "output", package_factory(organizations=3)
    options = ("--config", str(config), "--scheduler", cluster.address)
    assert build(output, package, *options) == 0

    package = package_factory(organizations=4)
    config.write_text("title: Новое название\nminimum_ratings: 6\n", "utf-8")
    template = tmp_path / "own" / "theme" / "templates" / "organization.html"
    template.write_text(f"{template.read_text('utf-8')}<!-- another theme -->", "utf-8")
    assert build(output, package, *options) == 0
    assert build(tmp_path / "anew", package, "--config", str(config), "--jobs", "1") == 0
    shown, anew = (pages(tree(folder)) for folder in (output, tmp_path / "anew"))
    assert shown == anew
    assert "Новое название" in (output / "current/o/70/clinic-4.html").read_text("utf-8")


def test_a_build_that_is_repeated_from_nothing_finds_its_workers_ready(
    cluster: Cluster, package_factory: Factory, tmp_path: Path
) -> None:
    """The very same build, whose folders are others of the same names."""
    output, package = tmp_path / "output", package_factory()
    trees = []
    for _ in range(2):
        shutil.rmtree(output, ignore_errors=True)
        shutil.rmtree(tmp_path / "output.state", ignore_errors=True)
        assert build(output, package, "--scheduler", cluster.address) == 0
        trees.append(tree(output))
    assert trees[0] == trees[1]


# ---- what cannot go on says so -------------------------------------------------------------------------------------


@pytest.fixture
def published(expected: Path, country_day: None) -> Iterator[Path]:
    """An output that must stay as it is, whatever becomes of the build."""
    before = tree(expected), (expected / "current").readlink()
    yield expected
    assert (tree(expected), (expected / "current").readlink()) == before


def test_no_scheduler_is_said_in_a_sentence(
    published: Path, large: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(crew, "SECONDS_TO_JOIN", 1)
    assert build(published, large, "--full", "--scheduler", "tcp://127.0.0.1:9") == 64
    assert "По адресу tcp://127.0.0.1:9 планировщик не отвечает" in capsys.readouterr().err
    assert build(published, large, "--full", "--scheduler", "nonsense://127.0.0.1:9") == 64
    assert "По адресу nonsense://127.0.0.1:9 планировщик не отвечает" in capsys.readouterr().err


def test_a_scheduler_without_workers_is_said_in_a_sentence(
    empty_cluster: Cluster,
    published: Path,
    large: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(crew, "SECONDS_TO_JOIN", 1)
    assert build(published, large, "--full", "--scheduler", empty_cluster.address) == 1
    assert "нет рабочих. Запустите их" in capsys.readouterr().err


def test_a_build_whose_workers_all_die_ends_with_a_sentence(
    empty_cluster: Cluster,
    published: Path,
    large: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(crew, "SECONDS_WITHOUT_WORKERS", 1)
    (victim,) = empty_cluster.hire(1)
    killer = kill_at_work(empty_cluster.address, victim)
    code = build(published, large, "--full", "--scheduler", empty_cluster.address)
    killer.join()
    assert code == 1
    assert "В кластере больше нет рабочих" in capsys.readouterr().err


def test_a_build_whose_scheduler_dies_ends_with_a_sentence(
    published: Path,
    large: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(crew, "SECONDS_TO_JOIN", 3)
    another = Cluster(tmp_path)
    try:
        another.hire(1)
        killer = kill_at_work(another.address, another.scheduler)
        code = build(published, large, "--full", "--scheduler", another.address)
        killer.join()
    finally:
        another.close()
    assert code == 1
    assert "Планировщик кластера пропал" in capsys.readouterr().err


def test_a_worker_that_cannot_import_the_program_is_named(
    empty_cluster: Cluster, published: Path, large: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "nok").mkdir()
    (tmp_path / "nok" / "__init__.py").touch()
    empty_cluster.hire(1, environment={"PYTHONPATH": str(tmp_path)})
    assert build(published, large, "--full", "--scheduler", empty_cluster.address) == 1
    assert "не может выполнять программу: ImportError" in capsys.readouterr().err


def test_a_worker_with_another_version_of_the_program_is_named(
    empty_cluster: Cluster, published: Path, large: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "nok", tmp_path / "nok", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "nok" / "records.py").open("a", encoding="utf-8") as file:
        file.write("# one line more\n")
    empty_cluster.hire(1, environment={"PYTHONPATH": str(tmp_path)})
    assert build(published, large, "--full", "--scheduler", empty_cluster.address) == 1
    assert "другая версия программы" in capsys.readouterr().err


def test_a_worker_that_sees_other_folders_is_named(
    empty_cluster: Cluster, published: Path, large: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A worker on another machine, as far as its folders go: something else lies where the output does."""
    if subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode:
        pytest.skip("this account may not give a process folders of its own")
    hide = f'mount -t tmpfs none "{published.parent}" && exec "$@"'
    empty_cluster.hire(1, wrapper=("unshare", "--mount", "sh", "-c", hide, "worker"))
    assert build(published, large, "--full", "--scheduler", empty_cluster.address) == 1
    assert "не видит" in capsys.readouterr().err
