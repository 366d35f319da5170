"""What the tests of faults share: sites to be hurt, builds that are hurt at a moment, and what must hold afterwards."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import publish
from tests.conftest import _write_descriptor, _write_tables, valid_tables
from tests.property.small_publication import HISTORIES
from tests.unit.test_build import tree

RUNNER = Path(__file__).with_name("fault_runner.py")
CANARY = "Телефон врача домашний, канарейка"
"""The text of a review that the package under test has withdrawn."""

Factory = Callable[..., Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A site before a build that is to be hurt, and what that build makes when nobody hurts it.

    `folder` holds `output` and `output.state`; `old` is the published tree (`None` before a first build), `new` the
    tree after the build; `moments` are the names of all its moments.
    """

    folder: Path
    arguments: tuple[str, ...]
    old: dict[str, str] | None
    new: dict[str, str]
    moments: tuple[str, ...]

    def copy(self, to: Path) -> Path:
        """A copy of the site to be hurt; its output."""
        to.mkdir(parents=True)
        subprocess.run(["cp", "-a", f"{self.folder}/.", str(to)], check=True)
        return to / "output"

    def points(self, number: int) -> list[int]:
        """`number` moments: the first and the last of each kind as far as they go, the others evenly spread."""
        kinds: dict[str, list[int]] = {}
        for moment, name in enumerate(self.moments, 1):
            kinds.setdefault(_kind(name), []).append(moment)
        named = sorted({places[end] for places in kinds.values() for end in (0, -1)})
        if len(named) >= number:
            return named[:: len(named) // number][:number]
        step = len(self.moments) / (number - len(named) + 1)
        spread = [int(step * turn) for turn in range(1, number - len(named) + 1)]
        return sorted({*named, *spread})


def _kind(name: str) -> str:
    return re.sub(r"slots/\.?\w(\.new)?/.*", "slots/", re.sub(r"[0-9a-f]{8,}|\d+", "#", name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurt:
    """How a hurt build ended."""

    code: int
    said: str
    moment: str


def environment(token: str) -> dict[str, str]:
    """That of a build which can be found by `token`."""
    return {**os.environ, "NOK_FAULT_TOKEN": token, "PYTHONDONTWRITEBYTECODE": "1"}


def start(what: str, number: int, output: Path, arguments: Sequence[str], **more: Any) -> "subprocess.Popen[str]":
    """A build that is hurt at a moment, begun in the folder of the project."""
    log = output.parent / "moments"
    log.unlink(missing_ok=True)
    command = [sys.executable, str(RUNNER), what, str(number), str(log), "build", "--output", str(output), *arguments]
    return subprocess.Popen(
        command, cwd=RUNNER.parent.parent.parent, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more
    )


def hurt(what: str, number: int, output: Path, arguments: Sequence[str]) -> Hurt:
    """Runs a build that is hurt at moment `number`; when it is over, no process of it may be left after two seconds."""
    token, temporary = uuid.uuid4().hex, tempfile.mkdtemp(prefix="f")
    process = start(what, number, output, arguments, env=environment(token) | {"TMPDIR": temporary})
    # Not `communicate`: a worker that is left alone would hold the pipe, and that is what must be seen.
    code = process.wait(timeout=120)
    assert wait_for_nobody(token) <= 2.0, "a process of the build is still there"
    said = process.communicate()[1]
    assert not list(Path(temporary).glob("nok-*")), (
        "scratch belongs below the state folder, where the next run clears it"
    )
    shutil.rmtree(temporary)
    return Hurt(code=code, said=said, moment=(output.parent / "moments").read_text("utf-8").strip())


def wait_for_nobody(token: str, seconds: float = 10.0) -> float:
    """How long it took until no process had `token` in its environment."""
    began = time.monotonic()
    while processes_of(token) and time.monotonic() - began < seconds:
        time.sleep(0.02)
    return time.monotonic() - began


def processes_of(token: str) -> list[int]:
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if token.encode() in (place / "environ").read_bytes():
                found.append(int(place.name))
        except OSError:
            continue
    return found


def workers_of(token: str, main: int) -> list[int]:
    """The worker processes of a build: grandchildren of its main process."""
    found = processes_of(token)
    return [process for process in found if _parent(process) in set(found) - {main}]


def _parent(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def make_stand(folder: Path, history: Sequence[Callable[[], Path]], *more: str) -> Stand:
    """A site after all but the last of `history` (each makes a package and returns it) and, counted, the last build."""
    output, config = folder / "output", folder.with_name(f"{folder.name}-own") / "content" / "publication.yaml"
    folder.mkdir()
    config.parent.mkdir(parents=True)
    config.write_text("languages: [ru]\n", "utf-8")  # a second language is made no other way, and takes its time
    site = ("--config", str(config))
    for write in history[:-1]:
        done = hurt("count", 0, output, ["--packages", str(write()), *site, "--jobs", "1"])
        assert done.code == 0, done.said
    (folder / "moments").unlink(missing_ok=True)
    arguments = ("--packages", str(history[-1]()), *site, *more)
    trial = folder.with_name(f"{folder.name}-trial")
    old = published(output) if history[:-1] else None
    stand = Stand(folder=folder, arguments=arguments, old=old, new={}, moments=())
    done = hurt("count", 0, stand.copy(trial), arguments)
    assert done.code == 0, done.said
    new = published(trial / "output") or {}
    shutil.rmtree(trial)
    return Stand(folder=folder, arguments=arguments, old=old, new=new, moments=tuple(done.moment.split("\n")))


def published(output: Path) -> dict[str, str] | None:
    """The published tree but for what tells of former builds and releases; `None` where there is none."""
    link = output / "current"
    if not link.is_symlink():
        return None
    assert link.resolve(strict=True).parent == (output / "slots").resolve()
    return {path: sha256 for path, sha256 in tree(link).items() if not path.startswith(HISTORIES)}


def leftovers(output: Path) -> list[str]:
    """What a run must not leave behind: unfinished files and folders, marks, scratch."""
    state = output.with_name(f"{output.name}.state")
    found = [path for root in (output, state) for path in root.rglob("*") if _is_left(path)]
    return sorted(path.relative_to(output.parent).as_posix() for path in found)


def _is_left(path: Path) -> bool:
    return (
        path.name.endswith((".new", ".old", "-journal", ".buckets"))
        or path.name in ("scratch", "unsettled")
        or path.name.startswith("unfinished-")
    )


def holds(folder: Path, text: str) -> list[str]:
    """Files below `folder` in which `text` stands."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def digest(folder: Path) -> str:
    """One hash of every path, link and byte below `folder`."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        said = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""
        whole.update(f"{path.relative_to(folder)}\0".encode() + said)
    return whole.hexdigest()


# ---- packages and sites to hurt ------------------------------------------------------------------------------------


def write_package(folder: Path) -> Factory:
    """A `package_factory` that outlives a test: one package, below `folder`."""

    def write(*, organizations: int, reviews: int, tables: dict[str, Any]) -> Path:
        place = folder / "package"
        every = {**valid_tables(organizations, reviews), **tables}
        _write_tables(place, every)
        _write_descriptor(place, "demo", list(every), {})
        return place

    return write


def growing(package_factory: Factory, tables: Callable[..., dict[str, Any]]) -> list[Callable[[], Path]]:
    """Four states of one package: organisations come and go, and the last has withdrawn a review."""

    def state(organizations: int, reviews: int, *, is_withdrawn: bool = False) -> Callable[[], Path]:
        def write() -> Path:
            rows = tables(organizations, reviews)["reviews"]
            rows[1]["text"] = CANARY
            kept = [row for row in rows if not (is_withdrawn and row is rows[1])]
            return package_factory(organizations=organizations, reviews=reviews, tables={"reviews": kept})

        return write

    return [state(9, 3), state(12, 3), state(11, 4), state(10, 4, is_withdrawn=True)]


def check_killed(stand: Stand, moment: int, place: Path) -> str:
    """Kills the build at a moment and builds again; the name of the moment."""
    output = stand.copy(place)
    done = hurt("kill", moment, output, stand.arguments)
    where = f"moment {moment}: {done.moment}"
    assert done.code == -9, where
    assert published(output) in (stand.old, stand.new), where
    check_next_build(stand, output, where)
    shutil.rmtree(place)
    return done.moment


def check_next_build(stand: Stand, output: Path, where: str) -> None:
    """After whatever happened: the next build is whole, and nothing of the past is left."""
    assert publish.main(["build", "--output", str(output), *stand.arguments[:4], "--jobs", "1"]) == 0, where
    assert published(output) == stand.new, where
    assert leftovers(output) == [], where
    assert holds(output, CANARY) == [] or "withdrawn" not in stand.folder.name, where


# ---- others who come meanwhile --------------------------------------------------------------------------------------


def check_held(stand: Stand, moment: int, place: Path) -> None:
    """While a build stands still at a moment: others are refused and change nothing; then it ends as if alone."""
    output, token = stand.copy(place), uuid.uuid4().hex
    process = start("stop", moment, output, stand.arguments, env=environment(token))
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
    try:
        before = digest(place)
        named = ["--output", str(output)]
        assert publish.main(["build", *stand.arguments, *named]) == publish.main(["rollback", *named]) == 75
        assert digest(place) == before
        if stand.old is not None:
            assert publish.main(["deploy", str(place / "deployed"), *named]) == 0
            deployed = tree(place / "deployed")
            assert {path: sha for path, sha in deployed.items() if not path.startswith(".nok-")} == tree(
                output / "current"
            )
    finally:
        os.kill(process.pid, signal.SIGCONT)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert published(output) == stand.new


# ---- disks that fill up --------------------------------------------------------------------------------------------


@contextmanager
def small_disk(place: Path) -> Iterator[Callable[[str], None]]:
    """A disk of its own at `place`; what is yielded gives it other limits (`size=4m`, `nr_inodes=900`)."""
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", LARGE, "tmpfs", str(place)], check=False, capture_output=True, text=True
    )
    if made.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {made.stderr.strip()}")
    try:
        yield lambda limits: limit_disk(place, limits)
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def limit_disk(place: Path, limits: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{limits}", str(place)], check=True)


LARGE = "size=200m,nr_inodes=100000"


def used(place: Path) -> tuple[int, int]:
    """(bytes, inodes) in use on the disk of `place`."""
    found = os.statvfs(place)
    return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_files - found.f_ffree


def check_full_disk(stand: Stand, disk: Path, limits: Callable[[str], None], what: str, spare: int) -> int:
    """Builds with `spare` bytes or inodes left, then with room again; the exit code of the first."""
    shutil.rmtree(disk / "site", ignore_errors=True)
    limits(LARGE)
    output = stand.copy(disk / "site")
    size, inodes = used(disk)
    # A size of nothing would mean a disk without a limit.
    limits(f"size={max(size + spare, 4_096)}" if what == "size" else f"nr_inodes={inodes + spare}")
    command = [sys.executable, "publish.py", "build", "--output", str(output), *stand.arguments, "--jobs", "1"]
    done = subprocess.run(command, check=False, cwd=RUNNER.parent.parent.parent, capture_output=True, text=True)
    limits(LARGE)
    where = f"{what}, {spare} left: {done.returncode} {done.stderr[-700:]}"
    assert "Traceback" not in done.stderr, where
    if done.returncode == 0 or "Новый выпуск опубликован" in done.stderr:
        assert published(output) == stand.new, where
    else:
        assert published(output) == stand.old, where
        assert done.returncode == 3 and "остался прежним" in done.stderr.splitlines()[-1], where
    check_next_build(stand, output, where)
    return done.returncode
