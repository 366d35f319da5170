"""A published site goes where visitors read it: whole at every moment, only what changed, nothing that is not ours."""

import errno
import fcntl
import gzip
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import publish
from nok import urls
from nok.errors import Said
from nok.site.deploy_plan import NOTICE_NAME, RECORD_NAME, Phase, is_hashed, phase_of
from tests.conftest import valid_tables, write_small_package

RECORD, NOTICE = ".nok-deployed.json.gz", ".nok-deploying.json.gz"
BUCKET = "sites"
WAIT_S = 60

Files = dict[str, bytes]

ASSET, NEW_ASSET = "static/site.0123456789.css", "static/site.9876543210.css"


def a_site(*, asset: str = ASSET, text: str = "first", pages: int = 3) -> Files:
    """A small site as a build leaves it: every page names its asset, lists name their pages."""
    link = f'<link rel="stylesheet" href="/{asset}">'
    files = {f"o/70/clinic-{number}.html": f"{link}{text} {number}" for number in range(pages)}
    files |= {f"o/70/clinic-{number}.json": f'{{"text": "{text} {number}"}}' for number in range(pages)}
    listed = " ".join(f"/o/70/clinic-{number}.html" for number in range(pages))
    files |= {
        "index.html": f"{link}{text}",
        "regions/70/index.html": f"{link}{listed}",
        "data/demo/1.0.0/organizations.csv": "organization_id\nclinic-1\n",
        "data/demo/1.0.0/SHA256SUMS": "0 organizations.csv\n",
        "data/demo/latest/organizations.csv": "organization_id\nclinic-1\n",
        "news/feed.atom": "<feed/>",
        "sitemap.xml": f"<urlset>{listed}</urlset>",
        "build.json": f'{{"build_id": "{text}"}}',
        asset: f"/* {asset} */",
    }
    return {path: content.encode() for path, content in files.items()}


def publish_site(output: Path, files: Mapping[str, bytes], slot: str = "a") -> None:
    """Puts a site into a slot and switches to it, as a build does: files are replaced by rename only."""
    folder = output / "slots" / slot
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if path.relative_to(folder).as_posix() not in files:
            path.unlink()
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists() or file.read_bytes() != content:
            beside = file.with_name(f"{file.name}.new")
            beside.write_bytes(content)
            beside.replace(file)
    link = output / ".current.new"
    link.symlink_to(Path("slots") / slot)
    link.replace(output / "current")


def contents(folder: Path) -> Files:
    """Path to bytes of every file below `folder`, our record left out."""
    root = folder.resolve()
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return {path: content for path, content in files.items() if path != RECORD}


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Path to inode and time of every file, our record included: what shows that one was written again."""
    return {str(path): (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def deploy(target: object, output: Path, *more: str) -> int:
    return publish.main(["deploy", str(target), "--output", str(output), "--lang", "en", *more])


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """An output that holds a small published site."""
    publish_site(tmp_path / "output", a_site())
    return tmp_path / "output"


@pytest.fixture(scope="session")
def demonstration(demonstration_output: Path) -> Path:
    """The output of a real build: the demonstration."""
    return demonstration_output


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The output of a real build in one language: a file of every kind, few of each."""
    package, config = tmp_path / "small", tmp_path / "own" / "content" / "publication.yaml"
    write_small_package(package, valid_tables(3, 1))
    config.parent.mkdir(parents=True)
    config.write_text("languages: [ru]\n", "utf-8")
    where = ["--config", str(config), "--output", str(tmp_path / "built"), "--jobs", "1"]
    assert publish.main(["build", "--packages", str(package), *where]) == 0
    return tmp_path / "built"


# ---- a folder ------------------------------------------------------------------------------------------------------


def test_the_demonstration_stands_at_the_target_byte_for_byte(demonstration: Path, tmp_path: Path) -> None:
    assert deploy(tmp_path / "www", demonstration) == 0
    assert contents(tmp_path / "www") == contents(demonstration / "current")


def test_a_second_deploy_touches_nothing(output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy(tmp_path / "www", output) == 0
    before = stamps(tmp_path / "www")
    assert deploy(f"folder:{tmp_path / 'www'}", output) == 0
    assert stamps(tmp_path / "www") == before
    assert re.search(
        r": 0 files \(0\.0 MB\) uploaded, 15 \(0\.0 MB\) kept, 0 \(0\.0 MB\) deleted", capsys.readouterr().out
    )


def test_only_the_changed_page_is_written_and_what_is_gone_is_removed(output: Path, tmp_path: Path) -> None:
    www = tmp_path / "www"
    publish_site(output, {**a_site(), "en/old/page.html": b"gone soon"})
    assert deploy(www, output) == 0
    before = stamps(www)
    changed = {**a_site(), "index.html": b"changed"}
    publish_site(output, changed, "b")
    assert deploy(www, output) == 0
    assert contents(www) == changed
    after = stamps(www)
    assert {path for path in after if after[path] != before.get(path)} == {str(www / "index.html"), str(www / RECORD)}
    assert not (www / "en").exists()


def test_an_asset_of_the_release_before_stays_for_one_more_deploy(output: Path, tmp_path: Path) -> None:
    www = tmp_path / "www"
    assert deploy(www, output) == 0
    publish_site(output, a_site(asset=NEW_ASSET), "b")
    for _ in range(2):  # a deploy that finds nothing to do does not count
        assert deploy(www, output) == 0
        assert contents(www) == {**a_site(asset=NEW_ASSET), ASSET: a_site()[ASSET]}
    publish_site(output, a_site(asset=NEW_ASSET, text="third"), "c")
    assert deploy(www, output) == 0
    assert contents(www) == a_site(asset=NEW_ASSET, text="third")


def test_an_asset_that_comes_back_is_simply_there(output: Path, tmp_path: Path) -> None:
    for number, asset in enumerate((ASSET, NEW_ASSET, ASSET)):
        publish_site(output, a_site(asset=asset), "abc"[number])
        assert deploy(tmp_path / "www", output) == 0
    assert contents(tmp_path / "www") == {**a_site(), NEW_ASSET: a_site(asset=NEW_ASSET)[NEW_ASSET]}


def test_a_dry_run_says_what_it_would_do_and_does_nothing(
    output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy(tmp_path / "www", output, "--dry-run") == 0
    assert not (tmp_path / "www").exists()
    said = capsys.readouterr().out
    assert f"would upload {ASSET}\n" in said
    assert "Would deploy" in said
    assert "15 files" in said


def test_a_file_that_was_lost_or_cut_at_the_target_is_put_back(output: Path, tmp_path: Path) -> None:
    www = tmp_path / "www"
    assert deploy(www, output) == 0
    (www / "index.html").unlink()
    (www / "build.json").write_bytes(b"{")
    assert deploy(www, output) == 0
    assert contents(www) == a_site()


# ---- what is not ours ----------------------------------------------------------------------------------------------


def test_a_folder_with_files_of_others_is_refused(
    output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    www = tmp_path / "www"
    www.mkdir()
    (www / "thesis.odt").write_text("ten years of work")
    assert deploy(www, output) == 64
    assert contents(www) == {"thesis.odt": b"ten years of work"}
    assert "'thesis.odt', and no deploy has ever come there" in capsys.readouterr().err


@pytest.mark.parametrize("theirs", ["about/rules.html", "about", "about/rules.html/notes.txt"])
def test_a_file_of_others_in_our_way_stops_the_deploy_before_anything_is_written(
    theirs: str, output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    www = tmp_path / "www"
    assert deploy(www, output) == 0
    (www / theirs).parent.mkdir(parents=True, exist_ok=True)
    (www / theirs).write_bytes(b"theirs")
    before = stamps(www)
    publish_site(output, {**a_site(text="second"), "about/rules.html": b"ours"}, "b")
    assert deploy(www, output) == 64
    assert stamps(www) == before
    assert f"'{theirs}', which no deploy put there" in capsys.readouterr().err


def test_nothing_is_written_through_a_link_of_others(output: Path, tmp_path: Path) -> None:
    www, elsewhere = tmp_path / "www", tmp_path / "elsewhere"
    assert deploy(www, output) == 0
    elsewhere.mkdir()
    (www / "about").symlink_to(elsewhere)
    publish_site(output, {**a_site(), "about/rules.html": b"ours"}, "b")
    assert deploy(www, output) == 64
    assert list(elsewhere.iterdir()) == []


def test_files_of_others_beside_ours_are_left_alone(output: Path, tmp_path: Path) -> None:
    www = tmp_path / "www"
    assert deploy(www, output) == 0
    (www / ".well-known").mkdir()
    (www / ".well-known/acme").write_bytes(b"theirs")
    (www / "o/70/theirs.txt").write_bytes(b"theirs")
    publish_site(output, {"index.html": b"all else is gone"}, "b")
    assert deploy(www, output) == 0
    kept = {".well-known/acme": b"theirs", "o/70/theirs.txt": b"theirs", ASSET: a_site()[ASSET]}
    assert contents(www) == {"index.html": b"all else is gone", **kept}


RECORDS = {
    "no gzip": b"{}",
    "cut off": gzip.compress(b'{"format": "nok-deployed-1", "files": {}}')[:-9],
    "another program": gzip.compress(b'{"format": "other-1"}'),
    "no list": gzip.compress(b"[]"),
    "above": gzip.compress(b'{"format": "nok-deployed-1", "form": "", "retired": ["../victim"], "files": {}}'),
    "absolute": gzip.compress(b'{"format": "nok-deployed-1", "form": "", "retired": ["/victim"], "files": {}}'),
}


@pytest.mark.parametrize("name", [RECORD, NOTICE])
@pytest.mark.parametrize("kind", RECORDS)
def test_a_record_that_cannot_be_trusted_stops_the_deploy(
    kind: str, name: str, output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    www = tmp_path / "www"
    www.mkdir()
    (tmp_path / "victim").write_bytes(b"not below the target")
    content = RECORDS[kind]
    if name == NOTICE and kind in ("above", "absolute"):
        path = json.loads(gzip.decompress(content))["retired"]
        content = gzip.compress(json.dumps({"format": "nok-deploying-1", "paths": path}).encode())
    (www / name).write_bytes(content)
    assert deploy(www, output) == 64
    assert f"{name} at the target cannot be followed" in capsys.readouterr().err
    assert [path.name for path in www.iterdir()] == [name]
    assert (tmp_path / "victim").exists()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ftp://example/site", "is not known here"),
        ("foldr:/srv/www", "Did you mean 'folder'?"),
        ("s3:bucket", "Did you mean 's3'?"),
        ("s3://", "names no place"),
        ("s3://bucket/../other", "names no place"),
        ("folder:", "names no place"),
        ("rsync:--server", "names no place"),
        ("me@host:/srv/www", "write rsync:me@host:/srv/www"),
        ("/", "names no place"),
        (".", "cannot be a place for a site"),
        ("rsync:.", "cannot be a place for a site"),
        ("OUTPUT", "lie in each other"),
        ("OUTPUT/www", "lie in each other"),
        ("rsync:OUTPUT/www", "lie in each other"),
        ("PARENT", "lie in each other"),
        ("PARENT/file", "is not a folder"),
    ],
)
def test_a_target_that_cannot_be_meant_is_refused(
    target: str, said: str, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if target.startswith("rsync:") and not shutil.which("rsync"):
        pytest.skip("there is no rsync here: apt-get install rsync")
    (output.parent / "file").touch()
    before = stamps(output.parent)
    assert deploy(target.replace("OUTPUT", str(output)).replace("PARENT", str(output.parent)), output) == 64
    error = capsys.readouterr().err.splitlines()[-1]
    assert said in error
    assert "Nothing was deployed." in error
    assert stamps(output.parent) == before


def test_compressed_objects_are_for_s3(output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy(tmp_path / "www", output, "--precompressed") == 64
    assert "--precompressed is for s3://" in capsys.readouterr().err


def test_without_a_published_site_there_is_nothing_to_deploy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy(tmp_path / "www", tmp_path / "output") == 64
    assert "publish.py build" in capsys.readouterr().err


def test_the_publication_names_the_output(output: Path, tmp_path: Path) -> None:
    config = tmp_path / "content" / "publication.yaml"
    config.parent.mkdir()
    config.write_text("output: output\n", "utf-8")
    assert publish.main(["deploy", str(tmp_path / "www"), "--config", str(config)]) == 0
    assert contents(tmp_path / "www") == a_site()


def test_a_second_deploy_at_the_same_time_is_refused(
    output: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    handle = os.open(output, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    assert deploy(tmp_path / "www", output) == 75
    os.close(handle)
    assert "Another deploy" in capsys.readouterr().err
    assert deploy(tmp_path / "www", output) == 0


def test_a_target_that_refuses_is_told_with_code_3(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(self: Path, *_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        assert deploy(tmp_path / "www", output) == 3
    said = capsys.readouterr().err
    assert "No space left on device" in said
    assert "Run the same command again" in said
    assert deploy(tmp_path / "www", output) == 0
    assert contents(tmp_path / "www") == a_site()


# ---- builds go on meanwhile ----------------------------------------------------------------------------------------


def meddle(monkeypatch: pytest.MonkeyPatch, *steps: tuple[str, Callable[[], None]]) -> None:
    """Does each step once, in order, when the progress says its words."""
    waiting = list(steps)

    def tell(_: object, what: Said) -> None:
        if waiting and waiting[0][0] in what.sentence("en"):
            waiting.pop(0)[1]()

    monkeypatch.setattr(publish.Teller, "say", tell)


def test_a_build_that_is_published_meanwhile_is_not_mixed_in(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    second = a_site(asset=NEW_ASSET, text="second")
    meddle(monkeypatch, ("uploading pages", lambda: publish_site(output, second, "b")))
    assert deploy(tmp_path / "www", output) == 0
    assert contents(tmp_path / "www") == a_site()
    assert "A newer build was published meanwhile. Deploy again." in capsys.readouterr().out


@pytest.mark.parametrize(
    "moment", ["asking", "uploading assets: 1 of", "uploading files: 1 of", "uploading pages: 1 of"]
)
@pytest.mark.parametrize("kind", ["folder", "rsync"])
def test_a_slot_that_is_rewritten_meanwhile_is_read_anew(
    kind: str, moment: str, output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "rsync" and not shutil.which("rsync"):
        pytest.skip("there is no rsync here: apt-get install rsync")
    third = a_site(asset=NEW_ASSET, text="third", pages=2)
    if kind == "rsync":
        moment = moment.replace(": 1 of", "")  # it tells of a phase when it is over
    meddle(monkeypatch, (moment, lambda: publish_site(output, third, "a")))
    www = tmp_path / "www"
    assert deploy(f"{kind}:{www}", output) == 0
    found = contents(www)
    found.pop(ASSET, None)  # a page of the release before may have come to a visitor
    assert found == third


def test_a_deploy_that_is_overtaken_again_and_again_gives_up(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    turns = iter(range(100))

    def again() -> None:
        publish_site(output, a_site(text=f"turn {next(turns)}"))

    meddle(monkeypatch, *[("asking", again)] * 20)
    assert deploy(tmp_path / "www", output) == 75
    assert "faster than the site can be read" in capsys.readouterr().err


@pytest.mark.parametrize("method", ["replace", "unlink", "mkdir", "rmdir"])
def test_a_deploy_that_fails_at_any_step_is_whole_for_visitors_and_mended_by_the_next(
    method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, www = tmp_path / "output", tmp_path / "www"
    first = a_site(pages=3) | {"en/old/page.html": b"gone soon"}
    second = a_site(asset=NEW_ASSET, text="second", pages=2) | {"news/item/index.html": b"new"}
    real = getattr(Path, method)
    for step in range(30):
        shutil.rmtree(www, ignore_errors=True)
        publish_site(output, first, "a")
        assert deploy(www, output) == 0
        publish_site(output, second, "b")
        calls = iter(range(1000))

        def failing(path: Path, *more: Any, step: int = step, calls: Iterator[int] = calls, **named: Any) -> Any:
            if path.is_relative_to(www) and next(calls) == step:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return real(path, *more, **named)

        with monkeypatch.context() as patch:
            patch.setattr(Path, method, failing)
            code = deploy(www, output)
        assert_whole(contents(www), first, second)
        assert deploy(www, output) == 0
        assert contents(www) == {**second, ASSET: first[ASSET]}
        if next(calls) <= step:
            break
        assert code == (0 if method == "rmdir" else 3)  # a folder that stays harms nobody
    assert step > 0


# ---- killed at any moment ------------------------------------------------------------------------------------------


def command(target: object, output: Path) -> list[str]:
    return [sys.executable, "publish.py", "deploy", str(target), "--output", str(output)]


SUICIDE = """
import os, signal, sys
import publish

left = int(sys.argv[1])

def tell(self, what):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)

publish.Teller.say = tell
sys.exit(publish.main(sys.argv[2:]))
"""


def kill_after(tellings: int, target: object, output: Path, project_root: Path) -> bool:
    """Deploys in another process, which is killed at its so-manieth word of progress; whether it came so far."""
    arguments = ["deploy", str(target), "--output", str(output)]
    done = subprocess.run(
        [sys.executable, "-c", SUICIDE, str(tellings), *arguments], cwd=project_root, capture_output=True, check=False
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode == -signal.SIGKILL


def assert_whole(found: Files, first: Files, second: Files) -> None:
    """Every file is one release's or the other's, and whatever a page or a list names is there."""
    for path, content in found.items():
        if not re.fullmatch(r"(.*/)?\..*", path):
            assert content in (first.get(path), second.get(path)), path
            if path.endswith((".html", ".xml")):
                for named in re.findall(r"/((?:static|o)/[\w/.-]+)", content.decode()):
                    assert named in found, f"{path} names {named}"


@pytest.mark.parametrize("kind", ["folder", "rsync"])
def test_a_deploy_killed_anywhere_is_whole_for_visitors_and_mended_by_the_next(
    kind: str, tmp_path: Path, project_root: Path
) -> None:
    if kind == "rsync" and not shutil.which("rsync"):
        pytest.skip("there is no rsync here: apt-get install rsync")
    output, www = tmp_path / "output", tmp_path / "www"
    first = a_site(pages=30)
    second = a_site(asset=NEW_ASSET, text="second", pages=40) | {"o/70/clinic-1.html": b"short"}
    second.pop("o/70/clinic-2.json")
    for tellings in (3, 5, 8) if kind == "rsync" else (3, 4, 7, 20, 46, 49, 51):
        shutil.rmtree(www, ignore_errors=True)
        publish_site(output, first, "a")
        assert deploy(f"{kind}:{www}", output) == 0
        publish_site(output, second, "b")
        assert kill_after(tellings, f"{kind}:{www}", output, project_root)
        assert_whole(contents(www), first, second)
        assert deploy(f"{kind}:{www}", output) == 0
        assert contents(www) == {**second, ASSET: first[ASSET]}, tellings


@pytest.mark.parametrize("tellings", [3, 5, 40])
def test_a_first_deploy_that_was_killed_is_gone_on_with_even_with_another_release(
    tellings: int, tmp_path: Path, project_root: Path
) -> None:
    output, www = tmp_path / "output", tmp_path / "www"
    publish_site(output, a_site(pages=30))
    assert kill_after(tellings, www, output, project_root)
    third = a_site(asset=NEW_ASSET, text="third", pages=2)
    publish_site(output, third, "b")
    assert deploy(www, output) == 0
    found = contents(www)
    found.pop(ASSET, None)  # pages that were there may still ask for it
    assert found == third


def test_what_a_killed_deploy_was_writing_is_cleared_away(output: Path, tmp_path: Path) -> None:
    www = tmp_path / "www"
    (www / "o/70").mkdir(parents=True)
    paths = ["o/70/clinic-9.html", "index.html"]
    (www / NOTICE).write_bytes(gzip.compress(json.dumps({"format": "nok-deploying-1", "paths": paths}).encode()))
    for leftover in ("o/70/.clinic-9.html.nokput", ".index.html.aB3dE6", f".{RECORD}.nokput"):
        (www / leftover).write_bytes(b"half of")
    (www / ".theirs.html.aB3dE6").write_bytes(b"theirs")
    assert deploy(www, output) == 0
    assert contents(www) == {**a_site(), ".theirs.html.aB3dE6": b"theirs"}


names = st.sampled_from(
    ["index.html", "o/70/a.html", "o/70/a.json", "o/b.html", "data/p/1.0.0/x.csv", ASSET, NEW_ASSET, "build.json"]
)
releases = st.lists(st.dictionaries(names, st.binary(max_size=3), min_size=1), min_size=1, max_size=4)


@settings(max_examples=25)
@given(releases)
def test_after_any_sequence_of_releases_the_target_holds_the_last_one(sequence: list[Files]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        output, www = Path(scratch, "output"), Path(scratch, "www")
        for number, files in enumerate(sequence):
            publish_site(output, files, "abc"[number % 3])
            assert deploy(www, output) == 0
            found = contents(www)
            assert {path: found[path] for path in files} == files
            assert all(is_hashed(path) for path in found.keys() - files.keys())


def test_every_address_has_its_turn() -> None:
    turns = {
        Phase.ASSETS: [urls.asset("site.f28d9814c9.css"), urls.data_file("demo", "1.0.0", "scores.csv")],
        Phase.FILES: [
            urls.data_file("demo", "latest", "scores.csv"),
            urls.organization_json("70", "a", 2),
            urls.organization_badge("70", "a"),
            urls.region_points("70"),
        ],
        Phase.PAGES: [
            urls.organization("70", "a"),
            urls.organization("70", "a", "en/", 2),
            urls.organization_reviews("70", "a", 2),
            urls.organization_poster("70", "a"),
        ],
        Phase.LISTS: [
            "index.html.gz",
            "index.html.br",
            urls.home(),
            urls.home("en/"),
            urls.region("70"),
            urls.data_page(),
            urls.not_found(),
        ],
        Phase.OVERVIEWS: [urls.sitemap(), urls.sitemap(2), urls.build_json(), urls.news_feed(), urls.news_feed("en/")],
    }
    for phase, paths in turns.items():
        assert {path: phase_of(path) for path in paths} == dict.fromkeys(paths, phase)


def test_the_documents_name_what_a_target_gets(project_root: Path) -> None:
    from nok.site.deploy_s3 import _COMPRESSED, _FOR_EVER, _SHORT

    said = (project_root / "docs/deploy.md").read_text("utf-8")
    assert [name for name in (RECORD_NAME, NOTICE_NAME, _FOR_EVER, _SHORT) if f"`{name}`" not in said] == []
    assert {"css", "html", "js", "svg"} == _COMPRESSED


# ---- rsync ---------------------------------------------------------------------------------------------------------

needs_rsync = pytest.mark.skipif(not shutil.which("rsync"), reason="there is no rsync here: apt-get install rsync")


@needs_rsync
def test_rsync_puts_the_demonstration_byte_for_byte(demonstration: Path, tmp_path: Path) -> None:
    assert deploy(f"rsync:{tmp_path / 'www'}", demonstration) == 0
    assert contents(tmp_path / "www") == contents(demonstration / "current")
    before = stamps(tmp_path / "www")
    assert deploy(f"rsync:{tmp_path / 'www'}", demonstration) == 0
    assert stamps(tmp_path / "www") == before


@needs_rsync
def test_rsync_sends_only_changes_to_another_machine(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other machine is this one: the shell that is to reach it runs the command here and notes it."""
    shell, noted = tmp_path / "shell", tmp_path / "noted"
    shell.write_text(f'#!/bin/sh\necho "$@" >> {shlex.quote(str(noted))}\nshift\nexec sh -c "$*"\n', "utf-8")
    shell.chmod(0o755)
    monkeypatch.setenv("RSYNC_RSH", str(shell))
    www = tmp_path / "веб сайт"
    assert deploy(f"rsync:elsewhere:{www}/", output) == 0
    assert contents(www) == a_site()
    assert "elsewhere rsync --server" in noted.read_text("utf-8")
    before = stamps(www)
    changed = {**a_site(asset=NEW_ASSET), "страница.html": "привет".encode()}
    publish_site(output, changed, "b")
    assert deploy(f"rsync:elsewhere:{www}", output) == 0
    assert contents(www) == {**changed, ASSET: a_site()[ASSET]}
    after = stamps(www)
    assert after[str(www / "o/70/clinic-1.json")] == before[str(www / "o/70/clinic-1.json")]


@needs_rsync
@pytest.mark.parametrize("theirs", ["about", "about/rules.html"])
def test_rsync_refuses_what_is_not_ours(theirs: str, output: Path, tmp_path: Path) -> None:
    www = tmp_path / "www"
    www.mkdir()
    (www / "letter.txt").write_bytes(b"theirs")
    assert deploy(f"rsync:{www}", output) == 64
    (www / "letter.txt").unlink()
    assert deploy(f"rsync:{www}", output) == 0
    (www / theirs).parent.mkdir(exist_ok=True)
    (www / theirs).write_bytes(b"theirs")
    publish_site(output, {**a_site(text="second"), "about/rules.html": b"ours"}, "b")
    assert deploy(f"rsync:{www}", output) == 64
    assert contents(www) == {**a_site(), theirs: b"theirs"}


@needs_rsync
def test_an_rsync_that_outlives_us_keeps_the_next_deploy_waiting(
    output: Path, tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell, started, go = tmp_path / "shell", tmp_path / "started", tmp_path / "go"
    wait = f"touch {started}; until [ -e {go} ]; do sleep 0.02; done"
    shell.write_text(f'#!/bin/sh\n{wait}\nshift\nexec sh -c "$*"\n', "utf-8")
    shell.chmod(0o755)
    monkeypatch.setenv("RSYNC_RSH", str(shell))
    target = f"rsync:elsewhere:{tmp_path / 'www'}"
    process = subprocess.Popen(
        command(target, output), cwd=project_root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(started.exists)
    process.kill()
    process.wait(WAIT_S)
    assert deploy(target, output) == 75
    go.touch()
    wait_for(lambda: deploy(target, output) == 0)
    assert contents(tmp_path / "www") == a_site()


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@needs_rsync
def test_a_failure_of_rsync_is_told(output: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setenv("RSYNC_RSH", "false")
    assert deploy("rsync:nowhere:/srv/www", output) == 3
    said = capsys.readouterr().err
    assert "rsync to nowhere:/srv/www/ failed with code" in said
    assert said.rstrip().endswith("Nothing was deployed.")


def test_without_rsync_a_sentence_says_how_to_get_it(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert deploy(f"rsync:{tmp_path / 'www'}", output) == 64
    assert "apt-get install rsync" in capsys.readouterr().err


# ---- an object store -----------------------------------------------------------------------------------------------


@dataclass
class Request:
    """One request as the store got it; `key` is without the bucket."""

    method: str
    key: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class Store:
    """A local S3 server that notes its requests."""

    address: str = ""
    requests: list[Request] = field(default_factory=list)
    hook: Callable[[Request], None] | None = None
    refusal: Callable[[Request], bytes | None] | None = None
    """The answer to a request, where it is not the store's own: a refusal in the words of S3."""

    def changes(self) -> list[tuple[str, str]]:
        """(PUT or DELETE, key) of what changed the store, in order, and forgets it."""
        found: list[tuple[str, str]] = []
        for request in self.requests:
            if request.method == "PUT":
                found.append(("PUT", request.key))
            elif request.method == "POST" and "delete" in request.query:
                found += [("DELETE", key) for key in re.findall(r"<Key>(.*?)</Key>", request.body.decode())]
        self.requests.clear()
        return found

    def note(self, environ: dict[str, Any]) -> Request:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if environ["REQUEST_METHOD"] == "POST" else b""
        if body:
            environ["wsgi.input"] = io.BytesIO(body)
        headers = {name: str(value) for name, value in environ.items() if name.startswith(("HTTP_", "CONTENT_"))}
        key = unquote(environ["PATH_INFO"]).removeprefix(f"/{BUCKET}").lstrip("/")
        query = parse_qs(environ["QUERY_STRING"], keep_blank_values=True)
        request = Request(environ["REQUEST_METHOD"], key, query, headers, body)
        self.requests.append(request)
        if self.hook:
            self.hook(request)
        return request


@pytest.fixture(scope="session")
def store_server() -> Iterator[Store]:
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *_: object) -> None: ...

    store, backend = Store(), DomainDispatcherApplication(create_backend_app)

    def application(environ: dict[str, Any], start: Any) -> Any:
        request = store.note(environ)
        refusal = store.refusal(request) if store.refusal else None
        if refusal is None:
            return backend(environ, start)
        start("403 Forbidden" if refusal.startswith(b"<Error>") else "200 OK", [("Content-Type", "application/xml")])
        return [refusal]

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    store.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield store
    server.shutdown()
    thread.join(WAIT_S)
    server.server_close()


@pytest.fixture
def store(store_server: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The server with one empty bucket, and the environment by which it is found."""
    for name, value in (
        ("AWS_ENDPOINT_URL", store_server.address),
        ("AWS_ACCESS_KEY_ID", "test"),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    ask(store_server, "POST", "/moto-api/reset")
    ask(store_server, "PUT", f"/{BUCKET}")
    store_server.requests.clear()
    yield store_server
    store_server.hook = store_server.refusal = None


def ask(store: Store, method: str, path: str, body: bytes | None = None) -> tuple[Mapping[str, str], bytes]:
    """(headers, body) of the store's answer, as whoever may read it gets it."""
    from http.client import HTTPConnection
    from urllib.parse import quote

    connection = HTTPConnection(store.address.removeprefix("http://"), timeout=WAIT_S)
    connection.request(
        method,
        quote(path, safe="/?=&"),
        body,
        {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260207/us-east-1/s3/aws4_request"},
    )
    answer = connection.getresponse()
    content, headers = answer.read(), {name.lower(): value for name, value in answer.getheaders()}
    connection.close()
    assert answer.status < 300, (method, path, answer.status, content)
    return headers, content


def tags(store: Store, prefix: str = "") -> dict[str, str]:
    """Key below `prefix` to the MD5 of its object, our record left out."""
    found: list[tuple[str, str]] = []
    is_more = True
    while is_more:
        after = f"{prefix}{found[-1][0]}" if found else ""
        _, page = ask(store, "GET", f"/{BUCKET}?list-type=2&prefix={prefix}&start-after={after}")
        entries = re.findall(r"<Key>(.*?)</Key>.*?<ETag>[^0-9a-f]*([0-9a-f-]+)", page.decode(), re.DOTALL)
        found += [(key.removeprefix(prefix), tag) for key, tag in entries]
        is_more = "<IsTruncated>true" in page.decode()
    return {path: tag for path, tag in found if path != RECORD}


def objects(store: Store, prefix: str = "") -> Files:
    """Key below `prefix` to bytes, our record left out."""
    return {path: ask(store, "GET", f"/{BUCKET}/{prefix}{path}")[1] for path in tags(store, prefix)}


@pytest.mark.parametrize("built", ["small", pytest.param("demonstration", marks=pytest.mark.scale)])
def test_a_bucket_gets_a_built_site_and_then_nothing(built: str, store: Store, request: pytest.FixtureRequest) -> None:
    whole: Path = request.getfixturevalue(built)
    assert deploy(f"s3://{BUCKET}", whole) == 0
    site = contents(whole / "current")
    types = {request.key: request.headers["CONTENT_TYPE"] for request in store.requests if request.method == "PUT"}
    assert types.keys() == {*site, RECORD, NOTICE}
    assert [path for path, content_type in types.items() if "octet-stream" in content_type] == []
    assert tags(store) == {path: hashlib.md5(content).hexdigest() for path, content in site.items()}
    store.requests.clear()
    assert deploy(f"s3://{BUCKET}", whole) == 0
    assert {request.method for request in store.requests} <= {"GET", "HEAD"}


def test_files_go_up_in_the_order_that_keeps_visitors_whole(store: Store, output: Path) -> None:
    assert deploy(f"s3://{BUCKET}/a/site/", output) == 0
    assert objects(store, "a/site/") == a_site()
    store.changes()
    publish_site(output, a_site(asset=NEW_ASSET, text="second", pages=2), "b")
    assert deploy(f"s3://{BUCKET}/a/site", output) == 0
    done = [(method, key.removeprefix("a/site/")) for method, key in store.changes()]
    assert done[0] == ("PUT", NOTICE)
    assert done[1] == ("PUT", NEW_ASSET)
    assert {key for _, key in done[2:4]} == {"o/70/clinic-0.json", "o/70/clinic-1.json"}
    assert {key for _, key in done[4:6]} == {"o/70/clinic-0.html", "o/70/clinic-1.html"}
    assert {key for _, key in done[6:8]} == {"index.html", "regions/70/index.html"}
    assert {key for _, key in done[8:10]} == {"build.json", "sitemap.xml"}
    assert {key for method, key in done[10:12] if method == "DELETE"} == {"o/70/clinic-2.html", "o/70/clinic-2.json"}
    assert done[12:] == [("PUT", RECORD), ("DELETE", NOTICE)]


def test_one_changed_page_goes_up_alone(store: Store, output: Path) -> None:
    assert deploy(f"s3://{BUCKET}", output) == 0
    store.changes()
    publish_site(output, {**a_site(), "index.html": b"changed"}, "b")
    assert deploy(f"s3://{BUCKET}", output) == 0
    assert store.changes() == [("PUT", NOTICE), ("PUT", "index.html"), ("PUT", RECORD), ("DELETE", NOTICE)]


@pytest.mark.parametrize(
    ("path", "content_type", "lasting"),
    [
        ("index.html", "text/html; charset=utf-8", "public, max-age=60"),
        ("o/70/a.json", "application/json", "public, max-age=60"),
        ("o/70/a.badge.svg", "image/svg+xml", "public, max-age=60"),
        (ASSET, "text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        ("static/map.0123456789.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("static/golos.0123456789.woff2", "font/woff2", "public, max-age=31536000, immutable"),
        ("static/unhashed.js", "text/javascript; charset=utf-8", "public, max-age=60"),
        ("data/demo/1.0.0/scores.csv", "text/csv; charset=utf-8", "public, max-age=60"),
        ("data/demo/1.0.0/SHA256SUMS", "text/plain; charset=utf-8", "public, max-age=60"),
        ("news/feed.atom", "application/atom+xml; charset=utf-8", "public, max-age=60"),
        ("sitemap.xml", "application/xml", "public, max-age=60"),
        ("what.is-this", "application/octet-stream", "public, max-age=60"),
    ],
)
def test_an_object_is_answered_with_its_type_and_how_long_it_lasts(
    path: str, content_type: str, lasting: str, store: Store, output: Path
) -> None:
    publish_site(output, {path: b"content"}, "b")
    assert deploy(f"s3://{BUCKET}", output) == 0
    headers, content = ask(store, "GET", f"/{BUCKET}/{path}")
    assert (headers["content-type"], headers["cache-control"], content) == (content_type, lasting, b"content")
    assert "content-encoding" not in headers


def test_precompressed_objects_are_what_a_browser_unpacks(store: Store, output: Path) -> None:
    twin = gzip.compress(a_site()["index.html"], 1, mtime=5)
    data = "data/demo/latest/organizations.csv"
    publish_site(output, {**a_site(), "index.html.gz": twin, "index.html.br": b"brotli", f"{data}.gz": b"gzip"}, "b")
    assert deploy(f"s3://{BUCKET}", output, "--precompressed") == 0
    headers, content = ask(store, "GET", f"/{BUCKET}/index.html")
    assert (headers["content-encoding"], content) == ("gzip", twin)
    headers, content = ask(store, "GET", f"/{BUCKET}/o/70/clinic-1.html")  # no twin was built
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(content) == a_site()["o/70/clinic-1.html"]
    headers, content = ask(store, "GET", f"/{BUCKET}/{data}")
    assert "content-encoding" not in headers
    assert content == a_site()[data]
    assert objects(store).keys() == a_site().keys()
    store.requests.clear()
    assert deploy(f"s3://{BUCKET}", output, "--precompressed") == 0
    assert store.changes() == []


def test_another_form_of_storing_puts_everything_anew(store: Store, output: Path) -> None:
    assert deploy(f"s3://{BUCKET}", output, "--precompressed") == 0
    assert deploy(f"s3://{BUCKET}", output) == 0
    headers, _ = ask(store, "GET", f"/{BUCKET}/index.html")
    assert "content-encoding" not in headers
    assert objects(store) == a_site()


def test_a_bucket_with_objects_of_others_is_refused(store: Store, output: Path) -> None:
    ask(store, "PUT", f"/{BUCKET}/site2/theirs.txt", b"theirs")
    assert deploy(f"s3://{BUCKET}", output) == 64
    assert deploy(f"s3://{BUCKET}/site", output) == 0  # beside, though the name begins alike
    ask(store, "PUT", f"/{BUCKET}/site/about/rules.html", b"theirs")
    publish_site(output, {**a_site(text="second"), "about/rules.html": b"ours"}, "b")
    store.changes()
    assert deploy(f"s3://{BUCKET}/site", output) == 64
    assert store.changes() == []
    assert objects(store) == {
        "site2/theirs.txt": b"theirs",
        "site/about/rules.html": b"theirs",
        f"site/{RECORD}": ask(store, "GET", f"/{BUCKET}/site/{RECORD}")[1],
        **{f"site/{path}": content for path, content in a_site().items()},
    }


@pytest.mark.parametrize("puts", [1, 30, 70, 104])
def test_a_deploy_to_a_bucket_killed_anywhere_is_mended_by_the_next(
    puts: int, store: Store, tmp_path: Path, project_root: Path
) -> None:
    output = tmp_path / "output"
    first, second = a_site(pages=30), a_site(asset=NEW_ASSET, text="second", pages=50)
    publish_site(output, first)
    assert deploy(f"s3://{BUCKET}", output) == 0
    publish_site(output, second, "b")
    store.changes()
    process = subprocess.Popen(
        command(f"s3://{BUCKET}", output), cwd=project_root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def kill(request: Request) -> None:
        if sum(request.method == "PUT" for request in store.requests) == puts:
            process.kill()

    store.hook = kill
    assert process.wait(WAIT_S) == -signal.SIGKILL
    store.hook = None
    settle(store)
    assert_whole(objects(store), first, second)
    done = {key for _, key in store.changes()}
    assert deploy(f"s3://{BUCKET}", output) == 0
    again = {key for method, key in store.changes() if method == "PUT"} - {NOTICE, RECORD}
    assert objects(store) == {**second, ASSET: first[ASSET]}
    assert len(again & done) <= 40  # at most what was on its way; the rest was recognised


def settle(store: Store) -> None:
    """Waits until no request has come for a moment: those that a killed process had sent are still worked on."""
    number, deadline = -1, time.monotonic() + WAIT_S
    while number != len(store.requests) and time.monotonic() < deadline:
        number = len(store.requests)
        time.sleep(0.2)


def test_a_large_file_goes_up_in_parts(store: Store, output: Path) -> None:
    large = hashlib.sha256(b"seed").digest() * (35 << 15)  # 35 MB
    publish_site(output, {**a_site(), "data/demo/1.0.0/demo.sqlite": large}, "b")
    assert deploy(f"s3://{BUCKET}", output) == 0
    headers, content = ask(store, "GET", f"/{BUCKET}/data/demo/1.0.0/demo.sqlite")
    assert content == large
    assert headers["content-type"] == "application/vnd.sqlite3"
    assert sum("partNumber" in request.query for request in store.requests) == 5


@pytest.mark.parametrize(
    ("bucket", "environment", "code", "said"),
    [
        ("nowhere", {}, 64, "no such bucket"),
        (BUCKET, {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}, 3, "127.0.0.1:9"),
        (BUCKET, {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, 3, "credentials"),
    ],
)
def test_a_store_that_cannot_be_used_is_told(
    bucket: str,
    environment: dict[str, str],
    code: int,
    said: str,
    store: Store,
    output: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert deploy(f"s3://{bucket}/site", output) == code
    error = capsys.readouterr().err
    assert said in error
    assert "Nothing was deployed." in error
    assert "Traceback" not in error


def test_a_store_that_keeps_a_page_that_had_to_go_fails_the_deploy(
    store: Store, output: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy(f"s3://{BUCKET}", output) == 0
    publish_site(output, a_site(pages=2), "b")
    error = "<Error><Key>o/70/clinic-2.html</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    answer = f"<DeleteResult>{error}</DeleteResult>".encode()
    store.refusal = lambda request: answer if "delete" in request.query else None
    assert deploy(f"s3://{BUCKET}", output) == 3
    said = capsys.readouterr().err
    assert "o/70/clinic-2.html could not be removed: Access Denied" in said
    assert "Run the same command again" in said
    store.refusal = None
    assert deploy(f"s3://{BUCKET}", output) == 0
    assert objects(store) == a_site(pages=2)


def test_a_store_that_refuses_a_file_is_told(store: Store, output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
    store.refusal = lambda request: answer if request.key == "index.html" else None
    assert deploy(f"s3://{BUCKET}", output) == 3
    assert "Access Denied" in capsys.readouterr().err
    store.refusal = None
    assert deploy(f"s3://{BUCKET}", output) == 0
    assert objects(store) == a_site()


def test_without_s3fs_a_sentence_says_how_to_get_it(
    output: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.delitem(sys.modules, "nok.site.deploy_s3", raising=False)
    assert deploy("s3://bucket", output) == 64
    assert "pip install -e '.[s3]'" in capsys.readouterr().err
