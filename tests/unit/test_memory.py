"""Memory that a stage held must not count beside the next one."""

import subprocess
import sys

import pytest

PROGRAM = """
import os
from nok.memory import give_back, lean

def held_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

def leave_gaps():  # the last of a thousand pieces stays, so that the library by itself can give hardly anything back
    pieces = [bytes(2000) for _ in range(60_000)]
    return [piece for number, piece in enumerate(pieces) if number % 1000 == 999]

kept = leave_gaps()
before = held_mb()
give_back()
between = held_mb()
lean(leave_gaps)
print(before - between, held_mb() - between)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the call is of the GNU C library")
def test_what_is_free_goes_back_to_the_system() -> None:
    told = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    given_back, left_of_task = map(float, told.split())
    assert given_back > 80  # of 120 MB
    assert left_of_task < 10
