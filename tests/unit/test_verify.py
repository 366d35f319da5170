"""What a reader can prove: whatever is changed of what was published is named, and nothing else is."""

import gzip
import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import publish
from nok.minisign import SecretKey
from tests.conftest import valid_tables, write_small_package

Factory = Callable[..., Path]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed site of a small package: its root as `copy` gives it to each test."""
    folder = tmp_path_factory.mktemp("verified")
    write_small_package(folder / "small", valid_tables(4, 14))
    assert publish.main(["signing-key", "--out", str(folder / "site/sign.key")]) == 0
    (folder / "site/content").mkdir()
    (folder / "site/content/publication.yaml").write_text(
        "signing_key: sign.key\nprecompressed: [gz, br]\nlanguages: [ru]\n"
    )
    given = ["--config", str(folder / "site/content/publication.yaml"), "--packages", str(folder / "small")]
    assert publish.main(["build", *given, "--output", str(folder / "out"), "--jobs", "1"]) == 0
    return folder / "out"


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree((built / "current").resolve(), tmp_path / "site"))


def verify(place: Path | str, *more: str, report: Path | None = None) -> tuple[int, list[tuple[str, str, str]]]:
    """Exit code, and (package, file, rule) of every fault."""
    file = report or Path(str(place) + ".report.json")
    code = publish.main(["verify", str(place), "--jobs", "1", "--json", str(file), "--lang", "en", *more])
    found = json.loads(file.read_text("utf-8"))["problems"]
    return code, [(one["package"], one["file"], one["rule"]) for one in found]


def release(site: Path) -> Path:
    folders = (folder for folder in (site / "data").glob("*/*") if folder.is_dir())
    return next(folder for folder in folders if folder.name not in ("latest", "changes"))


def test_what_was_built_is_right(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(site, "--require-signature") == (0, [])
    said = capsys.readouterr().out
    assert "organisations: 4" in said
    assert "Everything is right" in said
    assert verify(release(site), "--require-signature") == (0, [])


def flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda folder: flip(folder / "scores.csv"), "verify-sum"),
        (lambda folder: (folder / "reviews.jsonl").unlink(), "verify-missing"),
        (lambda folder: (folder / "more.csv").write_text("a\n"), "verify-unlisted"),
        (lambda folder: shutil.copy(folder / "scores.csv", folder / "reviews.csv"), "verify-sum"),
        (lambda folder: (folder / "SHA256SUMS").unlink(), "verify-no-sums"),
        (lambda folder: flip(folder / "SHA256SUMS.minisig"), "verify-signature"),
    ],
    ids=["flipped", "removed", "added", "mixed", "no list", "signature"],
)
def test_a_changed_release_is_named(site: Path, change: Callable[[Path], object], rule: str) -> None:
    folder = release(site)
    change(folder)
    code, found = verify(folder)
    assert code == 2
    assert rule in {one for _, _, one in found}
    code, found = verify(site)
    assert code == 2
    assert (f"{folder.parent.name}/{folder.name}", rule) in {(package, one) for package, _, one in found}


def resum(folder: Path) -> None:
    """What a forger does who can write files and has no key: the sums hold again."""
    names = sorted(
        file.relative_to(folder).as_posix()
        for file in folder.rglob("*")
        if file.is_file() and not file.name.startswith("SHA256SUMS") and file.suffix not in (".gz", ".br")
    )
    done = subprocess.run(["sha256sum", *names], cwd=folder, capture_output=True, text=True, check=True)
    (folder / "SHA256SUMS").write_text(done.stdout)


def test_an_old_signature_does_not_hold_for_new_files(site: Path) -> None:
    folder = release(site)
    (folder / "scores.csv").write_text((folder / "scores.csv").read_text().replace(",scored,", ",exempt,", 1))
    resum(folder)
    rules = {rule for _, _, rule in verify(folder)[1]}
    assert "verify-signature" in rules
    assert not rules & {"verify-sum", "verify-unlisted", "verify-missing"}


def test_the_signature_of_one_release_is_not_taken_for_another(site: Path, built: Path) -> None:
    from nok.minisign import parse_secret_key

    folder = release(site)
    key = parse_secret_key((built.parent / "site/sign.key").read_text())
    signed = key.sign((folder / "SHA256SUMS").read_bytes(), f"nok package:{folder.parent.name} version:0.9.0")
    (folder / "SHA256SUMS.minisig").write_text(signed)
    assert "verify-comment" in {rule for _, _, rule in verify(folder)[1]}


def test_another_key_is_not_the_one_that_the_reader_trusts(site: Path, tmp_path: Path) -> None:
    (tmp_path / "trusted.pub").write_text(SecretKey(id=bytes(8), seed=bytes(32)).public.text)
    code, found = verify(release(site), "--public-key", str(tmp_path / "trusted.pub"))
    assert (code, [rule for _, _, rule in found]) == (2, ["verify-signature"])


def test_what_is_not_signed_is_a_fault_only_where_that_is_asked(site: Path) -> None:
    folder = release(site)
    for file in (folder / "SHA256SUMS.minisig", folder / "SHA256SUMS.minisig.gz", folder / "SHA256SUMS.minisig.br"):
        file.unlink(missing_ok=True)
    assert verify(folder)[0] == 0
    code, found = verify(folder, "--require-signature")
    assert (code, [rule for _, _, rule in found]) == (2, ["verify-unsigned"])


def test_a_compressed_twin_that_unpacks_to_something_else_is_named(site: Path) -> None:
    folder = release(site)
    twin = folder / "datapackage.json.gz"
    assert twin.is_file()
    twin.write_bytes(gzip.compress(b"{}", mtime=0))
    assert [(file, rule) for _, file, rule in verify(folder)[1]] == [("datapackage.json.gz", "verify-twin")]
    flip(folder / "datapackage.json.br")
    assert ("datapackage.json.br", "verify-twin") in [(file, rule) for _, file, rule in verify(folder)[1]]


def test_a_number_that_the_tables_do_not_give_is_named(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = min((site / "o").rglob("*.json"))
    found = json.loads(file.read_text("utf-8"))
    total = next(score for score in found["scores"] if score["measure"] == "total")
    was, total["points"] = total["points"], "99.99"
    found["ratings"]["count"] += 1
    file.write_text(json.dumps(found, ensure_ascii=False))
    assert verify(site) == (2, [("", file.relative_to(site).as_posix(), "verify-number")] * 2)
    said = capsys.readouterr().err
    assert f"published 99.99, computed from the data {was}" in said
    assert f"scores {total['assessment_id']} total points" in said
    assert "ratings count" in said


def test_records_and_sums_that_are_gone_or_strange_are_named(site: Path) -> None:
    records = sorted((site / "o").rglob("*.json"))
    records[0].unlink()
    shutil.copy(records[1], records[1].with_name("stranger.json"))
    shutil.copy(records[1], records[1].with_name("stranger-2.json"))
    sums = next((site / "regions").rglob("aggregates.json"))
    sums.write_text(sums.read_text().replace('"organizations":4', '"organizations":5', 1))
    code, found = verify(site)
    assert code == 2
    assert {(Path(file).name, rule) for _, file, rule in found} == {
        (records[0].name, "verify-no-record"),
        ("stranger.json", "verify-unlisted"),
        ("stranger-2.json", "verify-unlisted"),
        ("aggregates.json", "verify-number"),
    }


class Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """A test is not told of every request."""


@contextmanager
def serve_folder(folder: Path) -> Iterator[str]:
    """The address of the files below `folder`, while the block lasts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *given: Quiet(*given, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_site_on_the_web_is_verified_too(site: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with serve_folder(site) as address:
        assert verify(address, "--require-signature", report=report) == (0, [])
        version = release(site)
        assert verify(f"{address}data/{version.parent.name}/{version.name}/", report=report) == (0, [])
        flip(site / "data" / version.parent.name / "latest/reviews.csv")
        assert verify(address, report=report)[0] == 2
    assert publish.main(["verify", "ftp://example.org/"]) == 64
    assert publish.main(["verify", str(tmp_path)]) == 64


@pytest.mark.parametrize("address", ["http://", "http://[::1", "http://127.0.0.1:99999/", "http://127.0.0.1:port/"])
def test_an_address_that_is_none_is_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert publish.main(["verify", address]) == 64
    assert "ожидается адрес вроде https://ocenka.example/" in capsys.readouterr().err


def test_a_site_on_the_web_cannot_choose_where_its_files_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Packages, organisations and regions whose names lead out of the folder that the site is fetched into."""
    here, there = tmp_path / "a/b/c/d", tmp_path / "web"
    here.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(here))
    names = ["../../../../../written", "demo"]
    for place in (there, there / "data/demo/latest"):
        place.mkdir(parents=True)
    (there / "build.json").write_text(
        json.dumps({"day": "2026-02-07", "packages": dict.fromkeys(names, "1.0.0")}), "utf-8"
    )
    table = "organization_id,region_code,sphere\n../../../../../written,70,health\nx,../../../../../written,\nx\n"
    (there / "data/demo/latest/organizations.csv").write_text(table, "utf-8")
    resum(there / "data/demo/latest")
    answered = ("written/latest/SHA256SUMS", "written/aggregates.json", "written.json")  # the server leaves `..` out
    for path in answered:
        (there / path).parent.mkdir(parents=True, exist_ok=True)
        (there / path).write_text("{}", "utf-8")
    with serve_folder(there) as address:
        assert publish.main(["verify", address]) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "web"]
    assert not [path for path in (tmp_path / "a").rglob("*") if path.is_file()]


def test_nothing_of_what_is_verified_is_written(site: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in site.rglob("*")}
    verify(site)
    assert {file: file.stat().st_mtime_ns for file in site.rglob("*")} == before


@pytest.mark.parametrize(
    ("mode", "text", "said"),
    [(0o644, None, "may be read by others"), (0o600, "nothing", "cannot be used"), (None, None, "cannot be read")],
)
def test_a_key_that_cannot_be_used_stops_the_build(
    tmp_path: Path,
    package_factory: Factory,
    capsys: pytest.CaptureFixture[str],
    mode: int | None,
    text: str | None,
    said: str,
) -> None:
    (tmp_path / "content").mkdir()
    (tmp_path / "content/publication.yaml").write_text("signing_key: sign.key\n")
    if mode is not None:
        (tmp_path / "sign.key").write_text(SecretKey(id=bytes(8), seed=bytes(32)).text if text is None else text)
        (tmp_path / "sign.key").chmod(mode)
    given = ["--config", str(tmp_path / "content/publication.yaml"), "--packages", str(package_factory())]
    assert publish.main(["build", *given, "--output", str(tmp_path / "out"), "--lang", "en"]) == 1
    assert said in capsys.readouterr().err
