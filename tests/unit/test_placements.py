"""The ledger of printed codes: what `publish.py placements` writes, prints and never does; and what a scan then meets."""

import csv
import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import publish
from nok.identifiers import default_placement_code, parse_placement_code
from nok.placements import PlacementState
from tests.unit.poster_support import codes_of, make, texts
from tests.unit.widget_support import BROWSER, CLOSED_CODE, LOST_CODE, OLD_CODE, SCHOOL, SCHOOL_CODE, running
from widget.directory import read_directory

Factory = Callable[..., Path]


def rows_of(package: Path) -> list[dict[str, str]]:
    with (package / "placements.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


class Ledger:
    """`publish.py placements` about one package of organisations, written into a package of its own."""

    def __init__(self, organizations: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.organizations, self.package, self._capsys = organizations, organizations.parent / "codes", capsys

    @property
    def named(self) -> list[str]:
        more = ["--packages", str(self.package)] if self.package.exists() else []
        return ["--packages", str(self.organizations), *more]

    def __call__(self, action: str, *arguments: str, expected: int = 0) -> str:
        where = [] if action == "list" else ["--package", str(self.package)]
        assert publish.main(["placements", action, "--lang", "en", *self.named, *where, *arguments]) == expected
        said = self._capsys.readouterr()
        return said.err if expected else said.out

    def add(self, *arguments: str) -> str:
        """The code that was made."""
        return self("add", *arguments).split()[0]


@pytest.fixture
def ledger(package_factory: Factory, capsys: pytest.CaptureFixture[str]) -> Ledger:
    return Ledger(package_factory(organizations=3, tables={"placements": None}), capsys)


def test_a_new_code_is_a_row_that_validates(ledger: Ledger) -> None:
    said = ("--place", "регистратура", "--batch", "2026-02", "--language", "ru", "--responsible", "старшая медсестра")
    code = ledger.add("--organization", "clinic-2", *said)
    assert parse_placement_code(code) == code != default_placement_code("clinic-2")
    assert rows_of(ledger.package) == [
        {
            "placement_code": code,
            "organization_id": "clinic-2",
            "place": "регистратура",
            "language": "ru",
            "printed_on": "2026-02-07",
            "batch": "2026-02",
            "state": "active",
            "responsible_post": "старшая медсестра",
        }
    ]
    assert publish.main(["validate", str(ledger.organizations), str(ledger.package)]) == 0


def test_stands_of_a_whole_region_come_from_a_table(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "stands.csv").write_text(
        "organization_id,place\nclinic-1,вход\nclinic-1,гардероб\nclinic-3,\n", "utf-8"
    )
    ledger("add", "--from", str(tmp_path / "stands.csv"), "--place", "стенд", "--batch", "b")
    rows = rows_of(ledger.package)
    assert [(row["organization_id"], row["place"]) for row in rows] == [
        ("clinic-1", "вход"),
        ("clinic-1", "гардероб"),
        ("clinic-3", "стенд"),
    ]
    assert len({row["placement_code"] for row in rows}) == 3


def test_a_code_moves_closes_and_is_replaced_and_its_row_stays(ledger: Ledger) -> None:
    one, two = (ledger.add("--organization", "clinic-1", "--place", place) for place in ("вход", "холл"))
    ledger("move", one, "--place", "второй этаж")
    ledger("close", two.lower())
    ledger("replace", one, "--batch", "новый")
    old, closed, new = rows_of(ledger.package)
    assert (old["placement_code"], old["state"], old["replaced_by"]) == (one, "replaced", new["placement_code"])
    assert (closed["placement_code"], closed["state"]) == (two, "closed")
    assert (new["place"], new["state"], new["batch"]) == ("второй этаж", "active", "новый")
    listed = ledger("list")
    assert listed.count("\n") == 3 and f"→ {new['placement_code']}" in listed
    assert ledger("list", "--state", "closed").split()[0] == two


def test_a_code_that_hangs_no_more_stays_so(ledger: Ledger) -> None:
    code = ledger.add("--organization", "clinic-1")
    ledger("close", code)
    before = (ledger.package / "placements.csv").read_bytes()
    for action in (("close", code), ("move", code, "--place", "x"), ("replace", code)):
        assert "is closed already" in ledger(*action, expected=64)
    assert (ledger.package / "placements.csv").read_bytes() == before


def test_a_code_is_never_made_twice(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a closed one, nor one that an organisation has from the start."""
    from nok.identifiers import default_placement_number
    from nok.site import placement_command

    drawn = iter([7, 7, default_placement_number("clinic-3"), 8])
    monkeypatch.setattr(placement_command.secrets, "randbits", lambda bits: next(drawn))
    first = ledger.add("--organization", "clinic-1")
    ledger("close", first)
    second = ledger.add("--organization", "clinic-2")
    assert next(drawn, None) is None and second not in (first, default_placement_code("clinic-3"))


def test_a_default_code_gets_its_row_when_something_becomes_of_it(ledger: Ledger, tmp_path: Path) -> None:
    default = default_placement_code("clinic-2")
    ledger("replace", default, "--place", "холл")
    old, new = rows_of(ledger.package)
    assert (old["placement_code"], old["state"]) == (default, "replaced")
    one = ("--organization", "clinic-2", "--output", str(tmp_path / "none"))
    assert make(tmp_path / "p.pdf", *ledger.named, *one) == 0
    assert codes_of(tmp_path / "p.pdf") == [[f"HTTPS://OCENKA.EXAMPLE/Q/{new['placement_code']}"]]
    assert "Место: холл" in texts(tmp_path / "p.pdf")[0]
    ledger("close", new["placement_code"])
    assert make(tmp_path / "q.pdf", *ledger.named, *one) == 64
    assert make(tmp_path / "all.pdf", *ledger.named, "--all", *one[2:]) == 0
    assert len(texts(tmp_path / "all.pdf")) == 3  # the contents and two posters: nobody prints a dead code


def test_posters_of_further_codes_say_where_and_who(ledger: Ledger, tmp_path: Path) -> None:
    said = ("--responsible", "старшая медсестра", "--batch", "зима")
    code = ledger.add("--organization", "clinic-1", "--place", "регистратура", *said)
    more = ("--organization", "clinic-1", "--output", str(tmp_path / "none"))
    assert make(tmp_path / "both.pdf", *ledger.named, *more, "--placements") == 0
    usual, further = texts(tmp_path / "both.pdf")
    assert default_placement_code("clinic-1") in usual and code in further
    for words in ("Место: регистратура", "старшая медсестра", "Напечатан 7 февраля 2026"):
        assert words in further and words not in usual
    assert make(tmp_path / "batch.pdf", *ledger.named, "--all", "--batch", "зима", *more[2:]) == 0
    assert make(tmp_path / "one.pdf", *ledger.named, "--placement", code, *more[2:]) == 0
    assert texts(tmp_path / "batch.pdf") == texts(tmp_path / "one.pdf") == [further]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("add", "--organization", "clinic-33"), "Did you mean 'clinic-3'"),
        (("add",), "Say whose stand it is"),
        (("add", "--from", "nowhere.csv"), "nowhere.csv"),
        (("add", "--organization", "clinic-1", "--printed-on", "2026-02-08"), "after today"),
        (("close", "ABC"), "no placement code"),
        (("close", "0000000000"), "Nobody printed"),
        (("move", "0000000000"), "--place"),
    ],
)
def test_what_cannot_be_meant_changes_nothing(arguments: tuple[str, ...], words: str, ledger: Ledger) -> None:
    said = ledger(*arguments, expected=64)
    assert words in said and ("Nothing was changed" in said or "Nothing was done" in said)
    assert not ledger.package.exists()


def test_a_package_keeps_everything_else_it_has(package_factory: Factory, capsys: pytest.CaptureFixture[str]) -> None:
    package = package_factory(organizations=2, tables={"placements": None})
    before = {file.name: file.read_bytes() for file in package.iterdir() if file.name != "datapackage.json"}
    command = ["placements", "add", "--packages", str(package), "--package", str(package)]
    assert publish.main([*command, "--organization", "clinic-1"]) == 0
    after = {file.name: file.read_bytes() for file in package.iterdir() if file.name != "datapackage.json"}
    assert {name: after[name] for name in before} == before and set(after) - set(before) == {"placements.csv"}
    assert publish.main(["validate", str(package)]) == 0


def test_two_at_once_cannot_lose_a_code(ledger: Ledger) -> None:
    ledger.add("--organization", "clinic-1")
    handle = os.open(ledger.package, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert "Somebody else is changing" in ledger("add", "--organization", "clinic-2", expected=75)
    finally:
        os.close(handle)
    assert len(rows_of(ledger.package)) == 1


def test_serve_knows_what_became_of_each_code(ledger: Ledger) -> None:
    one, two = (ledger.add("--organization", "clinic-1", "--place", place) for place in ("вход", "холл"))
    ledger("close", one)
    ledger("replace", two)
    directory = read_directory([ledger.organizations, ledger.package])
    assert directory.placements[one].state is PlacementState.CLOSED
    found = directory.follow(two)
    assert found is not None and found[0] == rows_of(ledger.package)[-1]["placement_code"]


# ---- what a scan meets ---------------------------------------------------------------------------------------------


def test_a_closed_code_leads_to_the_right_organisation(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        answer = client.get(f"/q/{CLOSED_CODE}", headers=BROWSER)
        assert answer.status_code == 410
        assert f'href="/rate/{SCHOOL}"' in answer.text and "Код" in answer.text and "школа" in answer.text
        problem: dict[str, Any] = client.get(f"/q/{CLOSED_CODE}").json()["problems"][0]
        assert (problem["rule"], problem["value"]) == ("code-taken-down", CLOSED_CODE)


def test_scans_are_counted_by_state_and_tell_nothing_of_anybody(tmp_path: Path) -> None:
    with running(tmp_path) as client:
        for code in (
            SCHOOL_CODE,
            SCHOOL_CODE,
            OLD_CODE,
            CLOSED_CODE,
            LOST_CODE,
            "ABC",
            default_placement_code("nobody"),
        ):
            client.get(f"/q/{code}")
        assert client.get("/health").json()["scans"] == {
            "states": {"active": 3, "closed": 1, "replaced": 1, "unknown": 2},
            "not_active": dict(sorted({OLD_CODE: 1, CLOSED_CODE: 1}.items())),
        }
