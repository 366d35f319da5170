"""The widget under fire, in full: 200 kills and 20,000 acknowledged ratings for each seed, 500 traced answers.

    .venv/bin/python -m pytest -m scale tests/scale/test_widget_under_fire.py -s

takes about ten minutes a seed on two processors. A small share of it runs with all other tests.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.server_support import Start, end_server, run_server, traced_answers, under_fire

pytestmark = pytest.mark.scale

KILLS, ACKNOWLEDGED, SENDERS = 200, 20_000, 16


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def run(*command: str, **environment: str) -> "subprocess.Popen[bytes]":
        running.append(run_server(tmp_path, *command, **environment))
        return running[-1]

    yield run
    for process in running:
        end_server(tmp_path, process)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path, start: Start, seed: int) -> None:
    tally = under_fire(tmp_path, start, kills=KILLS, acknowledged=ACKNOWLEDGED, senders=SENDERS, seed=seed)
    print(f"seed {seed}: {tally}")
    assert tally.kills >= KILLS
    assert tally.acknowledged >= ACKNOWLEDGED
    found = (tally.lost, tally.doubled, tally.invented, tally.texts_lost, tally.faults)
    assert found == (0, 0, 0, 0, [])


def test_every_answer_leaves_after_its_log_is_on_disk(tmp_path: Path, start: Start) -> None:
    assert traced_answers(tmp_path, start, 500) == (500, 0)
