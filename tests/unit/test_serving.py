"""The examples for systemd and for containers hold: their command starts a server, which ends quietly when it is told to."""

import configparser
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVING = ROOT / "docs" / "serving"


def _unit() -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((SERVING / "ocenka.service").read_text("utf-8"))
    return unit


def _container(word: str) -> list[str]:
    text = (SERVING / "Containerfile").read_text("utf-8")
    found: list[str] = json.loads(re.findall(rf"^{word} (\[.*\])$", text, re.MULTILINE)[0])
    return found


def test_the_command_of_the_unit_starts_and_ends_as_the_unit_says(tmp_path: Path) -> None:
    service = _unit()["Service"]
    command = service["ExecStart"].replace("/opt/ocenka/.venv/bin/python", sys.executable)
    command = command.replace("/var/lib/ocenka", str(tmp_path)).replace("--port 8000", "--port 0")
    assert service["WorkingDirectory"] == "/opt/ocenka"
    with subprocess.Popen(
        shlex.split(command),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        umask=int(service["UMask"], 8),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        found = next(filter(None, (re.search(r"http://127\.0\.0\.1:\d+/", line) for line in process.stdout)), None)
        try:
            assert found, "it did not start"
            with urllib.request.urlopen(f"{found[0]}health", timeout=30) as answer:
                assert json.load(answer)["ok"] is True
            _check_dressed(found[0])
        finally:
            process.send_signal(signal.SIGTERM)
        started = time.monotonic()
        assert process.wait(timeout=60) == 0
        assert time.monotonic() - started < int(service["TimeoutStopSec"])
    assert [file.name for file in tmp_path.iterdir() if file.stat().st_mode & 0o077] == [], "its owner's alone"


def _check_dressed(address: str) -> None:
    """No site was built here, as none is of this program after an upgrade: the desk brings its style and fonts along."""
    with urllib.request.urlopen(f"{address}desk/sign-in", timeout=30) as answer:
        named = re.findall(r'"/(static/[^"]+)"', answer.read().decode())
    styles = [name for name in named if name.endswith(".css")]
    assert len(styles) >= 2
    with urllib.request.urlopen(f"{address}{styles[0]}", timeout=30) as answer:
        assert answer.headers["Content-Type"].startswith("text/css")
        fonts = re.findall(r"url\((golos[^)]+)\)", answer.read().decode())
    assert fonts
    for name in [*named, *(f"static/{font}" for font in fonts)]:
        with urllib.request.urlopen(f"{address}{name}", timeout=30) as answer:
            assert answer.status == 200, name


def test_a_container_runs_the_command_of_the_unit_for_every_address_of_its_own() -> None:
    unit = shlex.split(_unit()["Service"]["ExecStart"])
    command = _container("CMD")
    place = unit.index("127.0.0.1")
    of_unit = [unit[0].removeprefix("/opt/ocenka/"), *unit[1:place], "0.0.0.0", *unit[place + 1 : -1]]
    assert command == [*of_unit, "10.88.0.0/16"]
    assert unit[-2:] == ["--trusted-proxy", "127.0.0.1"]
    assert "/health" in _container("HEALTHCHECK CMD")[-1]


@pytest.mark.parametrize("code", ["64", "75"])
def test_what_another_attempt_cannot_mend_is_not_tried_again(code: str) -> None:
    assert code in _unit()["Service"]["RestartPreventExitStatus"].split()
