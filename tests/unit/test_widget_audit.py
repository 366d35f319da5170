"""The audit log: whoever changes what happened is found, whatever he changes."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import publish
from nok.errors import ExitCode
from tests.unit.widget_support import SCHOOL, TODAY, new_key
from widget.accounts import add_account
from widget.audit import Deed, Entry, Head, append
from widget.audit_check import verify
from widget.decisions import reply
from widget.engines import StorePlace, store_place, writing_engine
from widget.export import export_reviews
from widget.reviews import Arrival
from widget.roles import Role
from widget.store import Store
from widget.submission import Submission


def fill(place: StorePlace) -> None:
    """Eight entries: five ratings, one of them withdrawn, a reply and an account."""
    store = Store(place)
    codes = []
    for value in range(1, 6):
        submission = Submission(rating=value, idempotency_key=new_key(), text="Текст.")
        arrival = Arrival(organization_id=SCHOOL, submission=submission, received_on=TODAY, channel="web")
        codes.append(store.add(arrival).result().code)
    store.withdraw(codes[0], TODAY).result()
    found = store.find(codes[1])
    assert found is not None
    store.do(partial(reply, review_id=found.review_id, by="school", text="Спасибо.", today=TODAY)).result()
    add = partial(add_account, login="admin", role=Role.ADMINISTRATOR, organizations=(), regions=(), by="", today=TODAY)
    assert store.do(add).result()
    store.close()


@contextmanager
def forging(place: StorePlace) -> Iterator[sa.Connection]:
    """What somebody with the database in hand, but without the server's key, can do."""
    engine = writing_engine(place)
    with engine.begin() as connection:
        if place.url:
            connection.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER audit_only_added")
        else:
            for verb in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER store.audit_no_{verb}")
        yield connection
    engine.dispose()


def edit(connection: sa.Connection) -> None:
    connection.exec_driver_sql("UPDATE audit SET happened_on = '2026-02-01' WHERE number = 3")


def drop(connection: sa.Connection) -> None:
    connection.exec_driver_sql("DELETE FROM audit WHERE number = 3")


def swap(connection: sa.Connection) -> None:
    for before, after in ((3, -3), (4, 3), (-3, 4)):
        connection.exec_driver_sql(f"UPDATE audit SET number = {after} WHERE number = {before}")


def cut_off(connection: sa.Connection) -> None:
    """The account and its entry go together, so that nothing but the end of the chain tells."""
    connection.exec_driver_sql("DELETE FROM accounts")
    connection.exec_driver_sql("DELETE FROM audit WHERE number = 8")


def chain_anew(connection: sa.Connection) -> None:
    """A rating is changed, and the whole chain with it, hash by hash."""
    from widget.audit import digest_of
    from widget.reviews import DIGESTED

    connection.exec_driver_sql("UPDATE reviews SET rating = 5 WHERE sequence = 2")
    row = connection.exec_driver_sql("SELECT * FROM reviews WHERE sequence = 2").mappings().one()
    entries = [Entry(**entry) for entry in connection.exec_driver_sql("SELECT * FROM audit").mappings()]
    connection.exec_driver_sql("DELETE FROM audit")
    head = Head()
    for entry in sorted(entries, key=lambda entry: entry.number):
        digest = digest_of(row, DIGESTED) if entry.subject == f"review:{row['review_id']}" else entry.digest
        said = json.loads(entry.said)
        deed = {name: getattr(entry, name) for name in ("happened_on", "actor", "action", "subject")}
        new = append(head, Deed(**deed, said=said, digest=digest))
        values = asdict(new)
        names = ", ".join(values)
        connection.execute(
            sa.text(f"INSERT INTO audit ({names}) VALUES ({', '.join(f':{name}' for name in values)})"), values
        )
        head = Head(number=new.number, hash=new.hash)


def change_row(connection: sa.Connection) -> None:
    connection.exec_driver_sql("UPDATE reviews SET rating = 5 WHERE sequence = 2")


def add_row(connection: sa.Connection) -> None:
    columns = [row[0] for row in connection.exec_driver_sql("SELECT * FROM reviews").cursor.description]
    unique = {"sequence": "99", **dict.fromkeys(("review_id", "idempotency_hash", "receipt_hash"), "'x'")}
    values = ", ".join(unique.get(name, name) for name in columns)
    connection.exec_driver_sql(
        f"INSERT INTO reviews ({', '.join(columns)}) SELECT {values} FROM reviews WHERE sequence = 2"
    )


def remove_row(connection: sa.Connection) -> None:
    connection.exec_driver_sql("DELETE FROM reviews WHERE sequence = 5")


def make_administrator(connection: sa.Connection) -> None:
    connection.exec_driver_sql("UPDATE accounts SET regions = '70'")


def antedate_reply(connection: sa.Connection) -> None:
    connection.exec_driver_sql("UPDATE replies SET replied_on = '2020-01-01'")


Forgery = Callable[[sa.Connection], None]


@pytest.mark.parametrize(
    ("forge", "said"),
    [
        (edit, "Entry 3 (received review:"),
        (drop, "an entry is missing"),
        (swap, "Entry 3 (received review:"),
        (cut_off, "does not carry the server's seal"),
        (chain_anew, "does not carry the server's seal"),
        (change_row, "its row was changed without an entry"),
        (add_row, "no entry tells how it came there"),
        (remove_row, "is missing from the store"),
        (make_administrator, "its row was changed without an entry"),
        (antedate_reply, "its row was changed without an entry"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_forgery_is_found(store_at: StorePlace, forge: Forgery, said: str) -> None:
    fill(store_at)
    assert verify(store_at).faults == ()
    with forging(store_at) as connection:
        forge(connection)
    assert any(said in fault.sentence("en") for fault in verify(store_at).faults)


@pytest.mark.parametrize("forge", [cut_off, chain_anew])
def test_even_with_the_servers_key_an_export_tells(store_at: StorePlace, tmp_path: Path, forge: Forgery) -> None:
    """The head that left with an export is out of reach of whoever has the server."""
    from widget.keys import read_key
    from widget.ledger import read_head
    from widget.migrate import seal_of

    fill(store_at)
    export_reviews(store_at, tmp_path / "out")
    with forging(store_at) as connection:
        forge(connection)
        sealed = seal_of(read_key(store_at.key_file))(read_head(connection))
        connection.execute(sa.text("UPDATE facts SET value = :seal WHERE name = 'audit_seal'"), {"seal": sealed})
    assert verify(store_at).faults == ()
    (fault,) = verify(store_at, [tmp_path / "out"]).faults
    assert "was exported when the chain had 8 entries" in fault.sentence("en")


def test_the_command_tells_and_its_exit_code_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = store_place(tmp_path / "store.sqlite")
    fill(place)
    command = ["audit", "verify", "--lang", "en", "--store", str(place.path)]
    assert publish.main(command) == ExitCode.DONE
    assert "The audit log has 8 entries and ends with" in capsys.readouterr().out
    with forging(place) as connection:
        change_row(connection)
    assert publish.main(command) == ExitCode.DATA
    assert "was changed without an entry" in capsys.readouterr().err
    assert publish.main([*command, "--export", str(tmp_path)]) == ExitCode.STORAGE


def test_a_chain_of_nothing_is_whole(store_at: StorePlace) -> None:
    Store(store_at).close()
    found: Any = verify(store_at)
    assert (found.entries, found.faults) == (0, ())
