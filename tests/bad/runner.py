"""Runs the corpus, each input in a process of its own: `python -m tests.bad.runner FOLDER` prints one line of JSON for each.

The program is imported once and no thread is begun, so that a case costs a `fork` and not a start of Python. The clock and
the memory of a case are what the kernel says of its process (`wait4`).
"""

import gc
import importlib
import json
import os
import resource
import shutil
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
ADDRESS_SPACE = 2 * 1024**3
"""A safety net far above the promise, which is measured: a process that maps more is not let through."""
WALL_SECONDS = 60
PROGRAM_MEGABYTES = 110
"""What `validate` takes for itself before it has read a package; a child is born with the libraries of all commands."""
CANARY = "CANARY-7f3a9c"
"""Stands in a file beside the package, which nobody may open, and so may not be in anything that is said."""
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "urllib.Request")
CHANGES = ("os.remove", "os.rename", "os.rmdir", "os.mkdir", "shutil.rmtree", "os.truncate")
READ_ONLY_PLACES = (
    str(ROOT),
    os.path.realpath(sys.prefix),
    sys.base_prefix,
    "/usr/",
    "/lib",
    "/etc/",
    "/dev/null",
    "/proc/",
    "/sys/",
)
"""What the interpreter and its libraries read for themselves; the canary lies in none of them."""
HEAVY = (
    *("polars", "frictionless", "openpyxl", "encodings.utf_8_sig"),
    *("nok.packages.check", "nok.packages.course", "nok.packages.columns", "nok.packages.mapping"),
    *("nok.warehouse_flags", "nok.site.build"),
)
"""What would otherwise be imported anew by each child."""


def main(folder: Path, chosen: Collection[int] = ()) -> None:
    """Runs the whole corpus, or the `chosen` numbers of it, in folders below `folder`."""
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    for name in ("publish", *HEAVY):
        importlib.import_module(name)
    corpus = importlib.import_module("tests.bad.corpus").CORPUS
    _read_our_own_settings_once()
    template = _template(folder / "template")
    threads = threading.active_count()
    gc.collect()
    gc.freeze()
    for number, case in enumerate(corpus):
        if chosen and number not in chosen:
            continue
        place = folder / str(number)
        place.mkdir(parents=True)
        _spoil(place, case, template)
        found = _measured(place, lambda place=place, case=case: _answer(place, case))
        print(json.dumps({"number": number, "threads": threads, **found}), flush=True)
        shutil.rmtree(place)


def _read_our_own_settings_once() -> None:
    """Methods, words and regions of the project are the same for every input: to read them anew would be half of the time.

    A command that names its own settings, as those of `commands.py` do, still reads them.
    """
    from nok.site import publication

    read = publication.read_publication
    ours = read(None)
    publication.read_publication = lambda config=None: ours if config is None else read(config)


def _template(folder: Path) -> dict[str, bytes]:
    """The files of the package that is spoilt."""
    from tests.conftest import write_package
    from tests.unit.validation_support import package_to_spoil

    package_to_spoil(lambda **changes: write_package(folder, **changes))
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def _measured(place: Path, answer: Callable[[], int]) -> dict[str, Any]:
    """What a process gave that ran `answer` in `place`: its exit code, time, memory, and what it said and touched."""
    child = os.fork()
    if child == 0:
        _be_child(place, answer)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return {
        "code": code,
        "seconds": round(usage.ru_utime + usage.ru_stime, 3),
        "megabytes": usage.ru_maxrss // 1024 - _resident_megabytes() + PROGRAM_MEGABYTES,
        "touched": _text(place / "touched"),
        "said": _text(place / "said")[-20_000:],
        "report": _text(place / "report.json"),
    }


def _resident_megabytes() -> int:
    """What the server holds, and a child has from it at its birth."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 1024**2


def _be_child(place: Path, answer: Callable[[], int]) -> None:
    """Never returns: the process ends here, whatever happens, and without the rites of the server that it was forked from."""
    code = 70
    said = os.open(place / "said", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(said, 1)
    os.dup2(said, 2)
    try:
        os.environ["HOME"] = tempfile.tempdir = str(place)
        os.chdir(place)
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (WALL_SECONDS, WALL_SECONDS))
        code = answer()
    except BaseException:  # noqa: BLE001 - the edge of the process: whatever it is, it is told and nothing goes on
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _spoil(place: Path, case: Any, template: dict[str, bytes]) -> None:
    """Makes the bad input; in the server, so that the work of spoiling is not counted as work of checking."""
    package = place / "packages" / "demo"
    package.mkdir(parents=True)
    for name, content in template.items():
        (package / name).write_bytes(content)
    for name in ("canary.csv", "canary.json"):
        (package.parent / name).write_text(CANARY, "utf-8")
    case.change(package)


def _answer(place: Path, case: Any) -> int:
    """Gives the input to the program, watched."""
    import publish

    package = place / "packages" / "demo"
    archive = package.with_suffix(".zip")
    places = {
        "package": archive if archive.exists() else package,
        "folder": package,
        "report": place / "report.json",
        "place": place,
    }
    command = [word.format(**places) for word in case.command]
    touched: list[str] = []
    sys.addaudithook(watch(touched, place))
    try:
        return publish.main(command)
    finally:
        found = list(touched)
        (place / "touched").write_text("\n".join(found), "utf-8", "replace")


def watch(
    touched: list[str], place: Path, readable: tuple[str, ...] = READ_ONLY_PLACES
) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook that notes each socket, the canary, and what lies outside the places that a run has business in."""
    allowed = (str(place), *readable)

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event in NETWORK:
            touched.append(f"{event} {arguments[-1]!r}")
        if event == "open" and isinstance(arguments[0], str | bytes | os.PathLike):
            path = os.path.realpath(os.fsdecode(arguments[0]))
            if "canary" in path or not path.startswith(allowed):
                touched.append(f"open {path}")

    return note


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.is_file() else ""


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(number) for number in sys.argv[2:]])
