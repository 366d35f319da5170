"""Nothing bad gets through: every input of the corpus gets its answer, quickly, in little memory, without a traceback, without
a socket, and without opening what is not its own.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bad.corpus import CORPUS, VALIDATE, Bad
from tests.bad.runner import CANARY

SECONDS, MEGABYTES = 2.0, 512
"""Of the processor, and of memory, that one input may cost."""

Answers = list[dict[str, Any]]


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, project_root: Path) -> Iterator[Answers]:
    """What the program answered to each input, in the order of the corpus; without a network where the system allows it."""
    command = [sys.executable, "-m", "tests.bad.runner", str(tmp_path_factory.mktemp("bad"))]
    if subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0:
        command = ["unshare", "-n", *command]
    done = subprocess.run(
        command,
        cwd=project_root,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=1800,
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["number"] for answer in found] == list(range(len(CORPUS)))
    assert {answer["threads"] for answer in found} == {1}
    yield found
    _tell(found)


def _tell(found: Answers) -> None:
    """The table of counts by class, on the terminal (`-s`)."""
    counts = Counter(case.group for case in CORPUS)
    print("\nclass              inputs   most s   most MB")
    for group, number in counts.items():
        here = [answer for answer, case in zip(found, CORPUS, strict=True) if case.group == group]
        seconds, memory = (max(answer[key] for answer in here) for key in ("seconds", "megabytes"))
        print(f"{group:18} {number:6} {seconds:8.2f} {memory:9}")
    print(f"{'all':18} {len(CORPUS):6}, {sum(answer['seconds'] for answer in found):.1f} s of the processor")


@pytest.mark.parametrize("number", range(len(CORPUS)), ids=[f"{case.group}: {case.title}" for case in CORPUS])
def test_a_bad_input_gets_its_answer(number: int, answers: Answers) -> None:
    case, answer = CORPUS[number], answers[number]
    assert "Traceback" not in answer["said"]
    if case.command == VALIDATE:
        _check_report(case, answer)
    else:
        assert (answer["code"], answer["report"]) == (case.code, "")
        assert case.said in answer["said"]
    assert answer["touched"] == ""
    assert CANARY not in answer["said"] + answer["report"]
    assert answer["seconds"] <= SECONDS
    assert answer["megabytes"] <= MEGABYTES


def _check_report(case: Bad, answer: dict[str, Any]) -> None:
    problems = json.loads(answer["report"])["problems"] if answer["report"] else []
    found = [tuple(problem[key] for key in ("rule", "file", "row", "column", "value")) for problem in problems]
    width = {len(place) for place in case.expected} or {4}
    assert [place[: max(width)] for place in found] == list(case.expected), answer["said"]
    is_error = any(problem["severity"] == "error" for problem in problems)
    assert answer["code"] == (2 if is_error else 0)
    assert all(problem["message"] and problem["advice"] for problem in problems)


def test_the_corpus_has_all_classes_and_names_each_input_once() -> None:
    titles = Counter((case.group, case.title) for case in CORPUS)
    assert [title for title, count in titles.items() if count > 1] == []
    assert len({case.group for case in CORPUS}) >= 8
