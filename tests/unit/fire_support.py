"""A site under fire: publishers that are killed again and again while visitors read it."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.unit.fault_support import Factory
from tests.unit.test_build import tree

READER = Path(__file__).with_name("fault_reader.py")
ROOT = READER.parent.parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What visitors met. `strange` are documents of no release, `failures` those that could not be read."""

    reads: int
    seconds: float
    releases: int
    kills: int
    strange: list[str]
    failures: list[str]


def read_under_fire(
    folder: Path,
    package_factory: Factory,
    tables: Callable[..., dict[str, Any]],
    *,
    publishes: int,
    visitors: int,
    pause_seconds: float = 0.002,
) -> Outcome:
    """Publishes `publishes` times, each time after a build that was killed at a random moment, under `visitors`, who pause
    between visits."""
    publication, output = _publication(folder), folder / "output"
    chance, known, kills = random.Random(11), dict[str, set[str]](), 0
    _write(0, publication, package_factory, tables)
    arguments = ["--config", str(publication), "--packages", str(folder / "packages/demo"), "--output", str(output)]
    _publish(arguments)
    _learn(known, output)
    began = time.monotonic()
    with _visitors(folder, arguments, visitors, pause_seconds) as reports:
        for number in range(1, publishes + 1):
            _write(number, publication, package_factory, tables)
            kills += _publish_and_kill(arguments, chance.uniform(0.4, 3.0))
            _publish(arguments)
            _learn(known, output)
        seconds = time.monotonic() - began
    found = [json.loads(report.read_text("utf-8")) for report in reports]
    seen = [
        (path, sha, count) for each in found for path, hashes in each["seen"].items() for sha, count in hashes.items()
    ]
    return Outcome(
        reads=sum(count for _, _, count in seen),
        seconds=seconds,
        releases=publishes + 1,
        kills=kills,
        strange=[f"{path} {sha}" for path, sha, _ in seen if sha not in known.get(path, set())],
        failures=[failure for each in found for failure in each["failures"]],
    )


def _publication(folder: Path) -> Path:
    for name in ("content", "theme"):
        shutil.copytree(ROOT / name, folder / name)
    return folder / "content/publication.yaml"


def _write(number: int, publication: Path, package_factory: Factory, tables: Callable[..., dict[str, Any]]) -> None:
    """State `number` of the package and of the theme: every page, list and style differs from the one before."""
    rows = tables(20 + number % 4, 3)["reviews"]
    for row in rows[:: 2 + number % 3]:
        row["text"] = f"Отзыв выпуска {number}"
    package_factory(organizations=20 + number % 4, tables={"reviews": rows})
    static = publication.parent.parent / "theme/static"
    for style in static.glob("*.css"):
        text = style.read_text("utf-8").partition("\n.release")[0]
        style.write_text(f"{text}\n.release {{ order:{number} }}\n", "utf-8")


def _command(arguments: list[str], name: str = "build") -> list[str]:
    return [sys.executable, "publish.py", name, *arguments]


def _publish(arguments: list[str]) -> None:
    subprocess.run(_command([*arguments, "--jobs", "1"]), cwd=ROOT, check=True, capture_output=True)


def _publish_and_kill(arguments: list[str], seconds: float) -> bool:
    process = subprocess.Popen(
        _command([*arguments, "--jobs", "1"]), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    return process.wait() == -signal.SIGKILL


def _learn(known: dict[str, set[str]], output: Path) -> None:
    for path, sha in tree(output / "current").items():
        known.setdefault(path, set()).add(sha)


@contextmanager
def _visitors(folder: Path, arguments: list[str], number: int, pause_seconds: float) -> Iterator[list[Path]]:
    """Half of the visitors come through a real server, half read the files; their reports are there at the end."""
    paths = [f"o/70/clinic-{one}{end}" for one in range(1, 19) for end in (".html", ".json", ".badge.svg")]
    paths += ["index.html", "regions/70/index.html", "spheres/health/70.html", "map/index.html", "build.json"]
    paths += ["en/index.html", "data/demo/latest/organizations.csv", "sitemap.xml"]
    stop, reports = folder / "stop", [folder / f"report-{one}" for one in range(number)]
    server = subprocess.Popen(
        _command([*arguments, "--port", "0", "--store", str(folder / "store.sqlite")], "serve"),
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert server.stdout is not None
        address = server.stdout.readline().split()[-1]
        unhurried = {**os.environ, "NOK_VISITORS_PAUSE": str(pause_seconds)}
        roots = [address if one % 2 == 0 else str(folder / "output/current") for one in range(number)]
        readers = [
            subprocess.Popen([sys.executable, str(READER), root, str(stop), str(report), *paths], env=unhurried)
            for root, report in zip(roots, reports, strict=True)
        ]
        yield reports
        stop.touch()
        assert [reader.wait(60) for reader in readers] == [0] * number
    finally:
        stop.touch()
        server.terminate()
        server.communicate(timeout=30)
