"""Fixtures for every test: a fixed day, small valid packages, and the way to real data where it is at hand.

No package comes from the program: each is written by hand, so that a fault in our own writer cannot hide in tests.
"""

import csv
import fcntl
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings

# The same examples in every run, and no time limit for one, so that a busy machine turns no test red.
# `--hypothesis-profile=explore` looks further, at other examples each time.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=1000, deadline=None, print_blob=True)
# NOK_QUICK=1: what fails is told as it was found, not made smaller first.
settings.register_profile("quick", derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate])
settings.load_profile("quick" if os.environ.get("NOK_QUICK") else "steady")

TODAY = date(2026, 2, 7)
METHOD_ID = "344n-2018"
ASSESSMENT_ID = "health-2025"

Row = Mapping[str, object]
Tables = Mapping[str, Sequence[Row] | None]


LONGEST = (
    *("test_faults", "test_warehouse", "test_access", "test_whole_way", "test_build", "test_cluster", "test_posters"),
    *("test_bad_inputs", "test_incremental", "test_choosing", "test_deploy", "test_two_readers", "test_benchmarks"),
    "test_paint",
)
"""Files that take longest: they begin first, so that no process of several is left with one of them at the end."""


def pytest_configure() -> None:
    """A shell's job in the background ignores Ctrl-C, and so would the programs that tests start and stop."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    order = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.fixture(scope="session")
def project_root() -> Path:
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def demonstration_output(tmp_path_factory: pytest.TempPathFactory, project_root: Path, today: date) -> Path:
    """The output folder of the demonstration, built once in a run however many processes share its tests.

    It is only looked at; whoever changes it takes a copy (`copy_of_demonstration`).
    """
    import publish

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # each process has a folder of its own there
    output, built = folder / "demonstration" / "output", folder / "demonstration" / "built"
    with (folder / "demonstration.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            package = project_root / "data_packages" / "demo"
            assert publish.main(["build", "--packages", str(package), "--output", str(output)]) == 0
            built.touch()
    return output


def copy_of_demonstration(output: Path, folder: Path) -> Path:
    """A copy of the output and of what the program remembers of it, in `folder`; returns the copied output."""
    for part in (output, output.with_name(f"{output.name}.state")):
        shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / output.name


@pytest.fixture(scope="session", autouse=True)
def today() -> Iterator[date]:
    """The day that every command takes for today; a test that needs another sets SOURCE_DATE_EPOCH itself.

    One for the whole session, so that property tests (which refuse fixtures that are made anew) keep it too.
    """
    midnight = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", str(int(midnight.timestamp())))
        yield TODAY


@pytest.fixture(scope="session")
def shared_data(project_root: Path) -> Path:
    """The folder of real data beside the checkout (or at NOK_SHARED_DATA); it is read in place, never copied in."""
    given = os.environ.get("NOK_SHARED_DATA")
    folder = Path(given) if given else project_root.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"real data is not at {folder}; name its folder in NOK_SHARED_DATA")
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that runs while tests do; a test that asks for it is skipped without one."""
    from tests.unit.postgres_support import postgres_server

    with postgres_server() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def store_at(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    """An empty place for a store, once in each engine."""
    from tests.unit.postgres_support import database
    from widget.engines import store_place

    if request.param == "sqlite":
        yield store_place(tmp_path / "var" / "store.sqlite")
        return
    with database(request.getfixturevalue("postgres")) as address:
        yield store_place(address, tmp_path / "var" / "store.key")


@pytest.fixture
def package_factory(tmp_path: Path) -> Callable[..., Path]:
    """`package_factory(name="demo", organizations=3, reviews=6, tables=…, descriptor=…) -> folder`: a valid package.

    `reviews` is for each organisation. `tables` replaces whole tables (`None` leaves one out, an empty list leaves its
    header; columns are the keys of the first row), `descriptor` replaces keys of `datapackage.json` (`None` removes).
    `prefix` stands before every id, so that two packages can be built together. Written again under the same name, the
    package replaces the former one.
    """

    def write(name: str = "demo", *, folder: Path | None = None, **changes: Any) -> Path:
        return write_package(folder or tmp_path / "packages" / name, name, **changes)

    return write


def write_package(
    place: Path,
    name: str = "demo",
    *,
    organizations: int = 3,
    reviews: int = 6,
    prefix: str = "",
    tables: Tables | None = None,
    descriptor: Mapping[str, Any] | None = None,
) -> Path:
    """A valid package in the folder `place`; `package_factory` says what the arguments mean."""
    every = {**valid_tables(organizations, reviews, prefix), **(tables or {})}
    kept = {table: rows for table, rows in every.items() if rows is not None}
    return write_small_package(place, kept, name, descriptor)


def write_small_package(
    place: Path, tables: Mapping[str, Sequence[Row]], name: str = "demo", descriptor: Mapping[str, Any] | None = None
) -> Path:
    """Writes a package of these tables into the folder `place`, over what stood there."""
    _write_tables(place, tables)
    _write_descriptor(place, name, list(tables), descriptor or {})
    return place


def valid_tables(organizations: int, reviews: int, prefix: str = "") -> dict[str, list[dict[str, object]]]:
    """Rows of a whole small package; start from them to spoil one cell."""
    ids = [f"{prefix}clinic-{number}" for number in range(1, organizations + 1)]
    said = [
        _review(number, owner, prefix) for number, owner in enumerate(owner for owner in ids for _ in range(reviews))
    ]
    return {
        "organizations": [_organization(number, owner) for number, owner in enumerate(ids, 1)],
        "assessments": [_assessment(prefix)],
        "scores": [row for number, owner in enumerate(ids) for row in _scores(number, owner, prefix)],
        "reviews": said,
        "replies": [
            {"review_id": row["review_id"], "text": "Спасибо, исправим.", "replied_on": TODAY} for row in said[:1]
        ],
    }


def valid_inn(number: int) -> str:
    """An ИНН of a legal person of Tomsk with the right check digit (weights of the tax service's rule)."""
    body = f"7017{number:05d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=True))
    return f"{body}{total % 11 % 10}"


def valid_ogrn(number: int) -> str:
    """An ОГРН with the right check digit: the number without it, modulo 11, its last digit."""
    body = f"10270{number:07d}"
    return f"{body}{int(body) % 11 % 10}"


def _organization(number: int, organization_id: str) -> dict[str, object]:
    return {
        "organization_id": organization_id,
        "name": f"Областное государственное учреждение «Поликлиника № {number}»",
        "short_name": f"Поликлиника № {number}",
        "sphere": "health",
        "kind": "clinic",
        "region_code": "70",
        "municipality": "Томск",
        "address": f"г. Томск, ул. Садовая, д. {number}",
        "latitude": f"56.{4800 + number % 200}",
        "longitude": f"84.{9500 + number % 200}",
        "inn": valid_inn(number),
        "kpp": "701701001",
        "ogrn": valid_ogrn(number),
        "website": f"https://clinic-{number}.example",
        "status": "published",
    }


def _assessment(prefix: str) -> dict[str, object]:
    return {
        "assessment_id": f"{prefix}{ASSESSMENT_ID}",
        "title": "Оценка поликлиник, 2025",
        "period": 2025,
        "sphere": "health",
        "region_code": "70",
        "method_id": METHOD_ID,
        "kind": "independent",
        "stage": "done",
        "started_on": "2025-03-01",
        "finished_on": "2025-11-30",
        "status": "published",
    }


def _scores(number: int, organization_id: str, prefix: str) -> list[dict[str, object]]:
    """Five criteria in tenths and their mean, as the law's method has it; organisations differ, none is above 100."""
    tenths = [10 * (95 - (number * 7 + step * 3) % 40) for step in range(5)]
    hundredths = sum(tenths) * 2
    points = [*(f"{tenth // 10}.{tenth % 10}" for tenth in tenths), f"{hundredths // 100}.{hundredths % 100:02d}"]
    return [
        {
            "organization_id": organization_id,
            "assessment_id": f"{prefix}{ASSESSMENT_ID}",
            "measure": measure,
            "points": value,
            "state": "scored",
            "respondents": 120 + number,
        }
        for measure, value in zip(("K1", "K2", "K3", "K4", "K5", "total"), points, strict=True)
    ]


def _review(number: int, organization_id: str, prefix: str) -> dict[str, object]:
    return {
        "review_id": f"{prefix}review-{number + 1}",
        "organization_id": organization_id,
        "received_on": TODAY - timedelta(days=1 + number % 300),
        "rating": number % 5 + 1,
        "courtesy": (number + 2) % 5 + 1,
        "text": "" if number % 2 else f"Был на приёме, отзыв {number + 1}.",
        "language": "" if number % 2 else "ru",
        "channel": "qr",
        "state": "published",
    }


def _write_tables(folder: Path, tables: Mapping[str, Sequence[Row]]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for former in folder.glob("*.csv"):
        former.unlink()
    for name, rows in tables.items():
        columns = list(rows[0]) if rows else list(valid_tables(1, 1).get(name, [{}])[0])
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def _write_descriptor(folder: Path, name: str, tables: Sequence[str], changes: Mapping[str, Any]) -> None:
    whole: dict[str, Any] = {
        "name": name,
        "title": f"Пакет {name}",
        "version": "1.0.0",
        "licenses": [{"name": "CC-BY-4.0"}],
        "resources": [{"name": table, "path": f"{table}.csv"} for table in tables],
        **changes,
    }
    kept = {key: value for key, value in whole.items() if value is not None}
    (folder / "datapackage.json").write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", "utf-8")
