"""What a clerk reads after each command, and when a disk or another run refuses it, is in the language that was asked for."""

import fcntl
import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

import publish
from tests.conftest import ASSESSMENT_ID, write_package
from tests.property.small_publication import quick_builds
from widget.engines import store_place
from widget.migrate import prepare

LANGUAGES = ("ru", "en")
NAMES = frozenset(
    "publish.py python build validate serve store publication.yaml widget_url address_shards signing_key config PACKAGE "
    "port store.sqlite clinic active closed replaced moved administrator invited review UTF rsync "
    "answers.schema.json build.json demo latest anna SQLite".split()
)
"""What has no Russian name: commands, options, values of tables, names of files and formats."""
LATIN = re.compile(r"[A-Za-z][\w.@-]*\w|[A-Za-z]{2,}")
CYRILLIC = re.compile(r"[А-Яа-яЁё]{2,}")
OF_THE_DATA = re.compile(r"регистратура|коридор|холл|«Приказ[^»]*»|Анкета[^;]*|Приказ[^;]*|Минтруд\w*|Пакет \w+")
NO_WORDS = re.compile(r"\S*[/=]\S*|\b[0-9a-f]{8,}\S*|\b[0-9A-Z]{8,}\b|\S*\d\S*")
"""Paths, addresses, hashes, codes, and whatever else has a digit in it."""


class Clerk:
    """Runs commands in one publication and remembers what they said, streams together."""

    def __init__(self, folder: Path, language: str) -> None:
        self.folder, self.language = folder, language
        self.said: dict[str, tuple[int, str]] = {}

    def __call__(self, title: str, *arguments: str | Path) -> str:
        out = StringIO()
        with redirect_stdout(out), redirect_stderr(out):
            code = publish.main([*map(str, arguments), "--lang", self.language])
        self.said[title] = (code, out.getvalue())
        return out.getvalue()


def site_commands(clerk: Clerk) -> None:
    folder = clerk.folder
    package, config = folder / "data_packages/demo", ("--config", folder / "content/publication.yaml")
    clerk("init", "init", folder / "another")
    clerk("validate", "validate", package, *config)
    clerk("build again", "build", *config, "--jobs", "1", "--explain", "o/70/nobody.html")
    scores = package / "scores.csv"
    scores.write_text(scores.read_text("utf-8").replace(",120", ",140"), "utf-8")
    clerk("build", "build", *config, "--jobs", "1", "--profile", "--explain", "o/70/clinic-1.html")
    clerk("releases", "releases", *config)
    clerk("verify", "verify", folder / "output/current", *config, "--jobs", "1")
    clerk("deploy dry", "deploy", f"folder:{folder / 'www'}", *config, "--dry-run")
    clerk("deploy", "deploy", f"folder:{folder / 'www'}", *config)
    clerk("rollback", "rollback", *config)
    clerk("signing-key", "signing-key", "--out", folder / "sign.key")


def store_commands(clerk: Clerk) -> None:
    folder = clerk.folder
    config = ("--config", folder / "content/publication.yaml")
    clerk("accounts add", "accounts", "add", *config, "--login", "anna")
    clerk("accounts list", "accounts", "list", *config)
    clerk("accounts close", "accounts", "close", *config, "--login", "anna")
    clerk("export", "export", *config, "--out", folder / "exported")
    clerk("audit", "audit", "verify", *config)
    clerk("audit of an export", "audit", "verify", *config, "--export", folder / "exported")
    clerk("backup", "backup", *config, "--out", folder / "backups")
    (saved,) = (folder / "backups").glob("20*")
    clerk("restore", "restore", saved, *config, "--store", folder / "again/store.sqlite")
    clerk("invitations", "invitations", *config, "--organization", "clinic-1", "--out", folder / "links.csv")


def printing_commands(clerk: Clerk) -> None:
    folder = clerk.folder
    config, codes = ("--config", folder / "content/publication.yaml"), folder / "data_packages/demo"
    clerk(
        "calibration",
        "posters",
        *config,
        "--all",
        "--format",
        "sticker",
        "--sheet",
        "99x67-8",
        "--calibration",
        "--out",
        folder / "c.pdf",
    )
    clerk("posters", "posters", *config, "--all", "--format", "svg", "--out", folder / "p.zip")
    clerk("one poster", "posters", *config, "--organization", "clinic-1", "--out", folder / "p.pdf")
    named = ("--package", codes, "--organization", "clinic-1", "--place", "регистратура")
    code = clerk("placements add", "placements", "add", *config, *named).split()[0]
    clerk("placements move", "placements", "move", *config, "--package", codes, code, "--place", "холл")
    said = clerk("placements replace", "placements", "replace", *config, "--package", codes, code, "--place", "коридор")
    clerk("placements close", "placements", "close", *config, "--package", codes, said.splitlines()[1].split()[0])
    clerk("placements list", "placements", "list", *config)


def package_commands(clerk: Clerk) -> None:
    folder = clerk.folder
    config = ("--config", folder / "content/publication.yaml")
    other = write_package(folder / "other", "other", prefix="b-")
    clerk("merge", "merge", folder / "data_packages/demo", other, *config, "--out", folder / "merged")
    clerk("worklist", "worklist", *config, "--assessment", ASSESSMENT_ID, "--out", folder / "visits")
    clerk("questionnaire", "questionnaire", "675n-2018", *config, "--out", folder / "form")


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Keeps a file or a folder locked, as another run would."""
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def refusals(clerk: Clerk) -> None:
    folder = clerk.folder
    config = ("--config", folder / "content/publication.yaml")
    store = folder / "var/store.sqlite"
    clerk("no store", "export", *config, "--store", folder / "none.sqlite", "--out", folder / "x")
    clerk("a folder of somebody else", "export", *config, "--out", folder / "www")
    with held(store.with_name("store.sqlite.lock")):
        clerk("a store that is served", "accounts", "close", *config, "--login", "anna")
    with held(folder / "output.state/lock"):
        clerk("two builds", "build", *config, "--jobs", "1", "--full")
    with held(folder / "output"):
        clerk("two deploys", "deploy", f"folder:{folder / 'www'}", *config)
    with held(folder / "data_packages/demo"):
        named = ("--organization", "clinic-1", "--package", folder / "data_packages/demo")
        clerk("two changes of codes", "placements", "add", *config, *named)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        clerk("a port that is taken", "serve", *config, "--port", str(taken.getsockname()[1]))
        port = taken.getsockname()[1]
    clerk("a site that does not answer", "verify", f"http://127.0.0.1:{port}/", *config)
    (saved,) = (folder / "backups").glob("20*")
    (saved / "store.sqlite").write_bytes(b"")
    clerk("a damaged backup", "restore", saved, *config, "--store", folder / "more/store.sqlite")
    clerk(
        "no file to import", "import", "--mapping", folder / "m.yaml", "--source", folder / "s", "--out", folder / "x"
    )
    other = folder / "foreign.sqlite"
    prepare(store_place(other))
    shutil.copy(store.with_name("store.sqlite.key"), other.with_name("foreign.sqlite.key"))
    clerk("the key of another store", "accounts", "add", *config, "--store", other, "--login", "berta")
    (folder / "text.sqlite").write_text("no store")
    clerk("a file that is no store", "accounts", "list", *config, "--store", folder / "text.sqlite")
    clerk("a package that was never exported", "audit", "verify", *config, "--export", folder / "merged")


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    with quick_builds():
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A publication of one language that was built once."""
    folder = tmp_path_factory.mktemp("built") / "site"
    assert publish.main(["init", str(folder), "--languages", "ru"]) == 0
    write_package(folder / "data_packages/demo")
    assert publish.main(["build", "--config", str(folder / "content/publication.yaml"), "--jobs", "1"]) == 0
    return folder


@pytest.fixture(scope="module", params=LANGUAGES)
def clerk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, built: Path) -> Clerk:
    folder = tmp_path_factory.mktemp("clerk") / "site"
    made = Clerk(shutil.copytree(built, folder, symlinks=True), request.param)
    for commands in (site_commands, store_commands, printing_commands, package_commands, refusals):
        commands(made)
    return made


REFUSED = {
    "no store": 3,
    "a folder of somebody else": 3,
    "a store that is served": 75,
    "two builds": 75,
    "two deploys": 75,
    "two changes of codes": 75,
    "a port that is taken": 3,
    "a site that does not answer": 3,
    "a damaged backup": 3,
    "no file to import": 3,
    "the key of another store": 3,
    "a file that is no store": 3,
    "a package that was never exported": 3,
}
"""Title to the exit code; every other command is to be done."""


def strange_words(said: str, language: str) -> list[str]:
    """Words of the other language, but for those that name something."""
    if language == "en":
        return CYRILLIC.findall(OF_THE_DATA.sub("", said))
    return [word for word in LATIN.findall(NO_WORDS.sub("", said)) if word.rstrip(".") not in NAMES]


def test_every_command_is_told_in_its_language_alone(clerk: Clerk) -> None:
    assert len(clerk.said) > 40
    assert {title: code for title, (code, _) in clerk.said.items() if code} == REFUSED
    assert [title for title, (_, said) in clerk.said.items() if not said.strip()] == []
    strange = {title: strange_words(said, clerk.language) for title, (_, said) in clerk.said.items()}
    assert {title: words for title, words in strange.items() if words} == {}


def test_a_refusal_says_what_did_not_happen(clerk: Clerk) -> None:
    outcome = {"ru": re.compile("Ничего не |прежним"), "en": re.compile("Nothing was |as it was")}[clerk.language]
    for title in REFUSED:
        said = clerk.said[title][1].strip()
        assert outcome.search(said.rpartition("\n")[2]), said
        assert said.endswith(".")


def test_a_sentence_in_the_wrong_language_would_be_seen() -> None:
    assert (
        strange_words("/tmp/x: could not be written: нет прав. Ничего не сделано.", "ru")
        == "could not be written".split()
    )
    assert strange_words("Published 3 организации.", "en") == ["организации"]
