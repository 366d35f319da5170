"""Compressed twins of the files of a site: what has one, what it holds, when it goes, who is served it."""

import gzip
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

import publish
from nok.site import fill
from tests.conftest import valid_tables
from tests.unit.widget_support import running
from widget.release import accepted_codings

Factory = Callable[..., Path]
TEXTS = (".html", ".css", ".js", ".json", ".svg", ".xml", ".atom", ".csv", ".txt")
SECRET = "Этот отзыв отозван, и его больше нигде нет."


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "own" / "content" / "publication.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("precompressed: [gz, br]\n", "utf-8")
    return file


def build(output: Path, package: Path, config: Path, *options: str) -> int:
    named = ("--output", str(output), "--packages", str(package), "--config", str(config))
    return publish.main(["build", *named, "--jobs", "1", *options])


def contents(folder: Path) -> dict[str, bytes]:
    root = folder.resolve()
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def is_twin(path: str) -> bool:
    return path.endswith((".gz", ".br"))


def unpacked(path: str, content: bytes) -> bytes:
    if path.endswith(".gz"):
        return gzip.decompress(content)
    return bytes(brotli.decompress(content)) if path.endswith(".br") else content


# ---- what has a twin -----------------------------------------------------------------------------------------------


def test_every_text_of_a_kilobyte_has_both_twins_and_nothing_else_has(
    package_factory: Factory, config: Path, tmp_path: Path
) -> None:
    assert build(tmp_path / "output", package_factory(), config) == 0
    found = contents(tmp_path / "output" / "current")
    files = {path: content for path, content in found.items() if not is_twin(path)}
    large = {path for path, content in files.items() if path.endswith(TEXTS) and len(content) >= 1024}
    assert {"index.html", "o/70/clinic-1.html", "data/demo/latest/scores.csv", "sitemap.xml"} & large
    assert found.keys() - files.keys() == {f"{path}.{kind}" for path in large for kind in ("gz", "br")}
    for twin in found.keys() - files.keys():
        assert unpacked(twin, found[twin]) == files[twin[:-3]]
        assert len(found[twin]) < len(files[twin[:-3]])


def test_twins_hold_neither_clock_nor_name(package_factory: Factory, config: Path, tmp_path: Path) -> None:
    package = package_factory()
    assert build(tmp_path / "one", package, config) == 0
    assert build(tmp_path / "two", package, config, "--jobs", "2") == 0
    found = contents(tmp_path / "one" / "current")
    assert found == contents(tmp_path / "two" / "current")
    for path, content in found.items():
        if path.endswith(".gz"):
            assert content[3] == 0, "no name"
            assert content[4:8] == bytes(4), "no clock"


def test_twins_of_data_are_not_in_its_list_of_checksums(package_factory: Factory, config: Path, tmp_path: Path) -> None:
    assert build(tmp_path / "output", package_factory(), config) == 0
    sums = (tmp_path / "output/current/data/demo/latest/SHA256SUMS").read_text("utf-8")
    assert "scores.csv" in sums
    assert not any(is_twin(line) for line in sums.splitlines())


def test_without_the_option_there_are_no_twins(package_factory: Factory, config: Path, tmp_path: Path) -> None:
    config.write_text("", "utf-8")
    assert build(tmp_path / "output", package_factory(), config) == 0
    assert not [path for path in contents(tmp_path / "output" / "current") if is_twin(path)]


@pytest.mark.parametrize("kinds", ["[zst]", "[gz, gz]"])
def test_a_twin_of_an_unknown_kind_is_refused(
    package_factory: Factory, config: Path, tmp_path: Path, kinds: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config.write_text(f"precompressed: {kinds}\n", "utf-8")
    assert build(tmp_path / "output", package_factory(), config) == 1
    assert "параметр «precompressed»" in capsys.readouterr().err


def test_twins_count_among_the_files_of_a_folder(
    package_factory: Factory,
    config: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(fill, "ENTRIES_PER_FOLDER", 20)
    assert build(tmp_path / "output", package_factory(), config) == 1
    assert "было бы файлов: 54" in (said := capsys.readouterr().err)
    assert "Или уберите precompressed." in said


# ---- later builds --------------------------------------------------------------------------------------------------


def test_a_twin_goes_with_its_file(package_factory: Factory, config: Path, tmp_path: Path) -> None:
    output = tmp_path / "output"
    assert build(output, package_factory(organizations=4), config) == 0
    assert (output / "current/o/70/clinic-4.html.br").is_file()
    assert build(output, package_factory(organizations=3), config) == 0
    assert not list((output / "current/o/70").glob("clinic-4*"))


def test_twins_of_what_has_not_changed_are_the_very_same_files(
    package_factory: Factory, config: Path, tmp_path: Path
) -> None:
    output = tmp_path / "output"
    tables = valid_tables(3, 6)
    assert build(output, package_factory(tables=tables), config) == 0
    page, data = "current/o/70/clinic-3.html.gz", "current/data/demo/latest/organizations.csv.br"
    before = [(output / path).stat().st_ino for path in (page, data)]
    tables["reviews"][0]["text"] = "Изменённый отзыв."
    assert build(output, package_factory(tables=tables), config) == 0
    assert [(output / path).stat().st_ino for path in (page, data)] == before
    changed = (output / "current/o/70/clinic-1.html.gz").read_bytes()
    assert "Изменённый отзыв." in gzip.decompress(changed).decode()


def test_twins_come_and_go_with_the_option(package_factory: Factory, config: Path, tmp_path: Path) -> None:
    output, package = tmp_path / "output", package_factory()
    endings = []
    for kinds in ("[]", "[gz]", "[br]", "[]"):
        config.write_text(f"precompressed: {kinds}\n", "utf-8")
        assert build(output, package, config) == 0
        endings.append({path[-3:] for path in contents(output / "current") if is_twin(path)})
    assert endings == [set(), {".gz"}, {".br"}, set()]


def test_no_twin_remembers_a_withdrawn_review(package_factory: Factory, config: Path, tmp_path: Path) -> None:
    output, tables = tmp_path / "output", valid_tables(3, 6)
    tables["reviews"][2]["text"] = SECRET
    assert build(output, package_factory(tables=tables), config) == 0
    tables["organizations"][2]["website"] = "https://another.example"
    assert build(output, package_factory(tables=tables), config) == 0
    assert holders(output, SECRET)
    del tables["reviews"][2]
    assert build(output, package_factory(tables=tables), config) == 0
    assert holders(output, SECRET) == []


def holders(output: Path, text: str) -> list[str]:
    """Files of all slots and of the data store that hold a text, compressed or not."""
    found = contents(output).items()
    return [path for path, content in found if text.encode() in unpacked(path, content)]


def test_a_deploy_takes_the_twins_along(package_factory: Factory, config: Path, tmp_path: Path) -> None:
    assert build(tmp_path / "output", package_factory(), config) == 0
    target = tmp_path / "target"
    assert publish.main(["deploy", str(target), "--output", str(tmp_path / "output")]) == 0
    for path, content in contents(tmp_path / "output" / "current").items():
        assert (target / path).read_bytes() == content


# ---- who is served one ---------------------------------------------------------------------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    for path in ("index.html", "page.html"):
        text = f"<p>{path}</p>".encode() * 200
        (folder / path).write_bytes(text)
        (folder / f"{path}.gz").write_bytes(gzip.compress(text, mtime=0))
        (folder / f"{path}.br").write_bytes(brotli.compress(text))
    (folder / "plain.html").write_bytes(b"<p>plain</p>" * 200)
    return folder


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0.5, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("identity", None),
    ],
)
def test_a_client_is_served_the_twin_that_it_likes_best(
    site: Path, tmp_path: Path, accepted: str, coding: str | None
) -> None:
    with running(tmp_path, site=site) as client:
        for path in ("/page.html", "/"):
            answer = client.get(path, headers={"accept-encoding": accepted})
            assert answer.headers.get("content-encoding") == coding
            assert answer.headers["content-type"] == "text/html; charset=utf-8"
            assert answer.headers["vary"] == "Accept-Encoding"
            assert answer.text == (site / (path[1:] or "index.html")).read_text("utf-8")


def test_a_file_without_twins_is_compressed_on_the_way(site: Path, tmp_path: Path) -> None:
    with running(tmp_path, site=site) as client:
        answer = client.get("/plain.html", headers={"accept-encoding": "br, gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        assert answer.text == "<p>plain</p>" * 200


@given(st.text(st.characters(codec="latin-1")))
def test_any_header_is_understood_somehow(header: str) -> None:
    assert set(accepted_codings(header)) <= {"gzip", "br"}
