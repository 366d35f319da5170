"""The same input gives the same bytes, wherever and by whomever it is built, signatures and twins among them."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import publish
from nok.minisign import SecretKey
from tests.conftest import valid_tables, write_small_package
from tests.property.small_publication import quick_builds

OPTIONS = "signing_key: sign.key\nprecompressed: [gz, br]\nlanguages: [ru]\n"


def publication(folder: Path) -> list[str]:
    """A signed publication of a small package in `folder`; what `build` is told of it."""
    (folder / "content").mkdir(parents=True)
    (folder / "content/publication.yaml").write_text(OPTIONS)
    (folder / "sign.key").write_text(SecretKey(id=bytes(8), seed=bytes(32)).text)
    (folder / "sign.key").chmod(0o600)
    package = write_small_package(folder / "small", valid_tables(12, 2))
    return ["--config", str(folder / "content/publication.yaml"), "--packages", str(package)]


def hashes(folder: Path) -> dict[str, str]:
    files = (file for file in folder.resolve().rglob("*") if file.is_file())
    return {
        file.relative_to(folder.resolve()).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }


def test_zone_locale_hash_seed_umask_path_and_workers_leave_no_trace(tmp_path: Path, project_root: Path) -> None:
    here = publication(tmp_path / "here")
    with quick_builds():
        assert publish.main(["build", *here, "--output", str(tmp_path / "out"), "--jobs", "1"]) == 0
    elsewhere = tmp_path / "в другом месте"
    shutil.copytree(tmp_path / "here", elsewhere)
    given = [argument.replace(str(tmp_path / "here"), str(elsewhere)) for argument in here]
    strange = {
        "TZ": "Asia/Kamchatka",
        "LC_ALL": "C",
        "LANG": "C",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": str(project_root),
    }
    command = [sys.executable, str(project_root / "publish.py"), "build", *given, "--output", "there", "--jobs", "2"]
    subprocess.run(command, cwd=elsewhere, env=os.environ | strange, umask=0o077, check=True, capture_output=True)
    one, other = hashes(tmp_path / "out/current"), hashes(elsewhere / "there/current")
    assert sorted(path for path in {*one, *other} if one.get(path) != other.get(path)) == []
    assert {
        "data/demo/1.0.0/SHA256SUMS.minisig",
        "data/demo/changes/SHA256SUMS.minisig",
        "data/minisign.pub",
    } <= one.keys()
    assert "api/v1/openapi.json.gz" in one
