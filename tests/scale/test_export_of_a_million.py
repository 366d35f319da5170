"""A million ratings are exported within a minute and 500 MB while others keep coming.

    .venv/bin/python -m pytest -m scale tests/scale/test_export_of_a_million.py -s

takes about ten minutes on two processors, most of it to take the ratings in; RATINGS=100000 before it takes one.
"""

import os
import sys
import threading
from pathlib import Path

import pytest

from benchmarks.measure import Limits, run
from tests.unit.widget_support import ROOT, TODAY, new_key
from widget.engines import store_place
from widget.reviews import Arrival
from widget.store import Store
from widget.submission import Submission

pytestmark = pytest.mark.scale

RATINGS = int(os.environ.get("RATINGS", "1000000"))
LONGEST_SECONDS, MOST_MB = 60.0, 500.0
AT_ONCE = 4_000
PACKAGE = ROOT / "data_packages" / "demo"


def _arrival(number: int, organizations: list[str]) -> Arrival:
    return Arrival(
        organization_id=organizations[number % len(organizations)],
        region_code="00",
        submission=Submission(rating=number % 5 + 1, idempotency_key=new_key()),
        received_on=TODAY,
        channel="qr",
    )


def test_a_million_ratings_are_exported_while_others_keep_coming(tmp_path: Path) -> None:
    lines = (PACKAGE / "organizations.csv").read_text("utf-8").splitlines()[1:]
    organizations = [line.partition(",")[0] for line in lines]
    path, stop = tmp_path / "store.sqlite", threading.Event()
    store = Store(store_place(path))
    try:
        for start in range(0, RATINGS, AT_ONCE):
            sent = [store.add(_arrival(number, organizations)) for number in range(start, start + AT_ONCE)]
            for future in sent:
                future.result()
        came = threading.Thread(target=_keep_sending, args=(store, organizations, stop))
        came.start()
        command = [sys.executable, str(ROOT / "publish.py"), "export", "--packages", str(PACKAGE)]
        command += ["--store", str(path), "--out", str(tmp_path / "out")]
        found = run(command, ROOT, {}, Limits(), tmp_path / "log")
    finally:
        stop.set()
        came.join()
        store.close()
    print(f"{RATINGS} ratings: {found.seconds:.1f} s, {found.peak_mb:.0f} MB")
    assert found.failure == "", (tmp_path / "log").read_text("utf-8")
    rows = sum(file.read_bytes().count(b"\n") - 1 for file in (tmp_path / "out").glob("reviews*.csv"))
    assert rows > 0.98 * RATINGS  # a few organisations of the demonstration are drafts
    assert found.seconds <= LONGEST_SECONDS
    assert found.peak_mb <= MOST_MB


def _keep_sending(store: Store, organizations: list[str], stop: threading.Event) -> None:
    """A rating every twentieth of a second."""
    number = 0
    while not stop.wait(0.05):
        store.add(_arrival(number, organizations)).result()
        number += 1
