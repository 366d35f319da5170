"""The list of parts of a release holds what is locked, and says nothing of the machine that made it."""

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from packageurl import PackageURL
from packaging.markers import Marker

from locks import sbom
from tests.test_setup import FORBIDDEN

EPOCH = "1767225600"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What `make sbom` writes where no date is set."""
    out = tmp_path_factory.mktemp("sbom") / "dist" / "nok.cdx.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SOURCE_DATE_EPOCH", raising=False)
        assert sbom.main(["--out", str(out)]) == 0
    return out.read_text("utf-8")


def named(parts: list[dict[str, Any]], kind: str) -> dict[str, str]:
    """Name to version of the parts of one kind of package, by their addresses."""
    found = [PackageURL.from_string(part["purl"]) for part in parts]
    return {f"{one.namespace or ''}/{one.name}".lstrip("/"): str(one.version) for one in found if one.type == kind}


def test_it_holds_each_locked_library_of_the_program_and_no_other(written: str, project_root: Path) -> None:
    lock = (project_root / "locks" / "run-time.txt").read_text("utf-8")
    pins = re.findall(r"^([a-z0-9.-]+)(?:\[.*\])?==([^ ]+)(?: ; (.+))? \\$", lock, re.MULTILINE)
    wanted = {name: version for name, version, marker in pins if not marker or Marker(marker).evaluate()}
    assert wanted.pop("setuptools")  # builds the program and is no part of it
    assert len(wanted) > 60
    assert named(json.loads(written)["components"], "pypi") == wanted


def test_it_holds_each_library_of_the_pages_and_no_test_tool(written: str, project_root: Path) -> None:
    lock = json.loads((project_root / "package-lock.json").read_text("utf-8"))["packages"]
    wanted = {
        place.removeprefix("node_modules/"): package["version"]
        for place, package in lock.items()
        if place and not package.get("dev")
    }
    assert named(json.loads(written)["components"], "npm") == wanted
    assert "leaflet" in wanted
    assert "vnu-jar" not in written


def test_each_part_says_its_licence_and_is_needed_by_another(written: str) -> None:
    whole = json.loads(written)
    assert whole["bomFormat"] == "CycloneDX"
    assert [part["name"] for part in whole["components"] if not part.get("licenses")] == []
    needed = {ref for link in whole["dependencies"] for ref in link.get("dependsOn", [])}
    assert {part["bom-ref"] for part in whole["components"]} == needed
    (own,) = whole["metadata"]["component"]["licenses"]
    assert own["license"]["id"] == "AGPL-3.0-or-later"


def test_it_names_no_machine_and_no_time_but_the_one_that_is_set(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [word for word in [*FORBIDDEN, str(sbom.ROOT), os.uname().nodename] if word in written] == []
    assert "timestamp" not in written
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    again = sbom.make_parts()
    assert again["metadata"].pop("timestamp").startswith("2026-01-01T00:00:00")
    assert again == json.loads(written)


def test_a_library_of_another_version_than_locked_is_told(
    project_root: Path, tmp_path: Path, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sbom, "_installed", lambda _: json.loads(written))  # to ask again takes two seconds
    for name in ("pyproject.toml", "package-lock.json", "locks/run-time.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(project_root / name, tmp_path / name)
    lock = tmp_path / "locks" / "run-time.txt"
    lock.write_text(re.sub(r"^starlette==\S+", "starlette==0.1", lock.read_text("utf-8"), flags=re.MULTILINE), "utf-8")
    with pytest.raises(sbom.PartsError, match=r"starlette 0\.1 \(installed: .*\)\. Run `make install`"):
        sbom.make_parts(tmp_path)
