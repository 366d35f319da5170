"""The desk with 100,000 texts waiting: no page takes longer than 300 ms.

    .venv/bin/python -m pytest -m scale tests/scale/test_desk_under_load.py -s

takes about two minutes on two processors.
"""

import statistics
import time
from collections.abc import Iterator

import pytest

from tests.unit.desk_support import Office, opened
from tests.unit.widget_support import BROWSER, SCHOOL, TODAY, new_key
from widget.reviews import Arrival
from widget.submission import Submission

pytestmark = pytest.mark.scale

WAITING, LONGEST_SECONDS = 100_000, 0.3
TEXT = "Долго ждали врача Иванову М. П., позвоните +7 913 000-00-00. " * 3
PAGES = {
    "anna": [
        "reviews/",
        "reviews/?queue=set_aside",
        "reviews/?queue=all&order=new",
        "reviews/?rating=5",
        "reviews/?region=71",
        f"reviews/?after={WAITING // 2}",
        "reviews/?organization=org-7",
        "proposals/",
        "log/",
    ],
    "tomsk": ["reviews/", "reviews/?queue=set_aside"],
    "council": ["reviews/", "reviews/?queue=all"],
    "school": ["reviews/", f"organizations/{SCHOOL}"],
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(tmp_path_factory.mktemp("desk")) as found:
        for start in range(0, WAITING, 4_000):
            sent = [found.store.add(_arrival(number)) for number in range(start, start + 4_000)]
            for future in sent:
                future.result()
        yield found


def _arrival(number: int) -> Arrival:
    return Arrival(
        organization_id=f"org-{number % 5_000}",
        region_code=str(70 + number % 3),
        submission=Submission(rating=number % 5 + 1, idempotency_key=new_key(), text=TEXT),
        received_on=TODAY,
        channel="qr",
    )


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, paths in PAGES.items() for path in paths])
def test_a_page_of_the_desk_is_quick(office: Office, name: str, path: str) -> None:
    office.sign_in(name)
    took = []
    for _ in range(7):
        start = time.perf_counter()
        assert office.client.get(f"/desk/{path}", headers=BROWSER).status_code == 200
        took.append(time.perf_counter() - start)
    print(f"{name} {path}: median {statistics.median(took) * 1000:.0f} ms")
    assert statistics.median(took) <= LONGEST_SECONDS
