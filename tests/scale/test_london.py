"""A whole city on two processes: the same bytes as on one, and nothing to do the second time."""

import hashlib
from pathlib import Path

import pytest

import publish

pytestmark = [pytest.mark.scale, pytest.mark.shared]


@pytest.fixture(scope="module")
def london(shared_data: Path, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = tmp_path_factory.mktemp("london") / "package"
    mapping = project_root / "content/mappings/uk-fhrs-london-2022.yaml"
    source = shared_data / "uk-fhrs-london-2022"
    assert publish.main(["import", "--mapping", str(mapping), "--source", str(source), "--out", str(package)]) == 0
    return package


def digest(folder: Path) -> str:
    """One hash of every path and byte below `folder`."""
    whole = hashlib.sha256()
    root = folder.resolve()
    for path in sorted(root.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(root).as_posix().encode() + hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def test_two_processes_write_the_same_london_as_one(
    london: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for jobs in ("1", "2"):
        command = ["build", "--packages", str(london), "--output", str(tmp_path / jobs), "--jobs", jobs]
        assert publish.main(command) == 0
    assert digest(tmp_path / "1/current") == digest(tmp_path / "2/current")
    assert len(list((tmp_path / "2/current/o").iterdir())) == 32
    capsys.readouterr()
    assert publish.main(command) == 0
    assert "ничего не записано" in capsys.readouterr().out
