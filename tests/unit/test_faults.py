"""What a build leaves when it is killed or the disk refuses: the published site as it was, and no trace later."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import publish
from tests.unit.test_build import build, tree, without_releases

Factory = Callable[..., Path]


def start_build(
    output: Path, package: Path, project_root: Path, jobs: int = 1, **more: object
) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "publish.py", "build", "--packages", str(package), "--output", str(output)]
    command += ["--jobs", str(jobs)]
    return subprocess.Popen(
        command,
        cwd=project_root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=os.environ.copy(),
        **more,  # type: ignore[call-overload]
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_killed_build_changes_nothing_and_the_next_one_is_whole(
    jobs: int, tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    output, clean = tmp_path / "output", tmp_path / "clean"
    assert build(output, package_factory(organizations=40)) == 0
    published = tree(output / "current")
    changed = package_factory(organizations=60)
    chance, killed = random.Random(3), 0
    for _ in range(6):
        process = start_build(output, changed, project_root, jobs)
        time.sleep(chance.uniform(0.8, 3.5))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
        if (output / "current").resolve().name != "a":
            break  # it had been published just before
        assert tree(output / "current") == published
    assert killed >= 1
    assert build(output, changed) == 0
    assert build(clean, changed) == 0
    assert without_releases(output) == without_releases(clean)
    assert not list((output / "current").resolve().rglob("*.new"))


def test_a_disk_that_refuses_is_told_with_code_3_and_nothing_is_published(
    tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    output = tmp_path / "output"
    assert build(output, package_factory(organizations=3)) == 0
    before = tree(output / "current")
    limit = 60_000  # bytes a file may have: an asset is larger, a page is not

    def allow_little() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    process = start_build(output, package_factory(organizations=4), project_root, preexec_fn=allow_little)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3, said.decode()
    assert b"Traceback" not in said
    assert b"as it was" in said
    assert tree(output / "current") == before
    assert build(output, package_factory(organizations=4)) == 0


def test_a_missing_template_is_told_and_nothing_is_published(
    tmp_path: Path, package_factory: Factory, project_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    shutil.copytree(project_root / "content", site / "content")
    shutil.copytree(project_root / "theme", site / "theme")
    more = ("--config", str(site / "content/publication.yaml"))
    output = tmp_path / "output"
    assert build(output, package_factory(organizations=3), more=more) == 0
    before = tree(output / "current")
    (site / "theme/templates/region.html").unlink()
    assert build(output, package_factory(organizations=3), more=more) == 1
    said = capsys.readouterr().err
    assert "region.html" in said
    assert "Nothing was published" in said
    assert tree(output / "current") == before


def test_a_failed_build_cuts_no_release(tmp_path: Path, package_factory: Factory, project_root: Path) -> None:
    site, output = tmp_path / "site", tmp_path / "output"
    shutil.copytree(project_root / "content", site / "content")
    shutil.copytree(project_root / "theme", site / "theme")
    more = ("--config", str(site / "content/publication.yaml"))
    template = site / "theme/templates/region.html"
    kept = template.read_text("utf-8")
    template.unlink()
    assert build(output, package_factory(organizations=3), more=more) == 1
    template.write_text(kept, "utf-8")
    assert build(output, package_factory(organizations=4), more=more) == 0
    released = (output / "current/data/demo/1.0.0/organizations.csv").read_text("utf-8")
    assert len(released.splitlines()) == 5


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("pages/ru/about.md", "Slug: about\nLang: ru\n\nБез заголовка\n", "about.md"),
        ("news/ru/broken.md", "Title: Т\nSlug: b\nLang: ru\nDate: вчера\n\nТекст\n", "broken.md"),
        ("news/ru/broken.md", "Title: Т\nSlug: b\nLang: ru\nDate: 2026-02-01\n\n[куда]({filename}nowhere.md)\n", "nowhere"),
        ("methods/broken.yaml", "id: broken\ntitle: T\n  x: 1\n", "broken.yaml, line"),
    ],
    ids=["no title", "no date", "broken link", "broken method"],
)  # fmt: skip
def test_a_broken_text_of_an_editor_stops_the_build(
    file: str, text: str, words: str, tmp_path: Path, package_factory: Factory, project_root: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    shutil.copytree(project_root / "content", tmp_path / "content")
    (tmp_path / "content" / file).write_text(text, "utf-8")
    more = ("--config", str(tmp_path / "content/publication.yaml"))
    assert build(tmp_path / "output", package_factory(), more=more) == 1
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
    assert not (tmp_path / "output/current").exists()


def test_a_method_without_bands_and_another_scale_builds(
    tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    assessment = {
        "assessment_id": "old-2015", "title": "Оценка 2015", "period": "2015", "sphere": "education",
        "region_code": "70", "method_id": "1547-2014", "kind": "independent", "stage": "done", "status": "published",
    }  # fmt: skip
    organizations = [
        {"organization_id": f"o-{n}", "name": f"Школа {n}", "sphere": "education", "region_code": "70",
         "status": "published"}
        for n in (1, 2)
    ]  # fmt: skip
    scores = [
        {"organization_id": f"o-{n}", "assessment_id": "old-2015", "measure": "total", "points": points,
         "state": "scored", "published_as": points.replace(".", ",")}
        for n, points in ((1, "111.83"), (2, "160"))
    ]  # fmt: skip
    tables = {"organizations": organizations, "assessments": [assessment], "scores": scores}
    empty = dict.fromkeys(("reviews", "replies", "plan_measures", "placements", "regions"))
    package = package_factory(tables={**empty, **tables})
    assert publish.main(["validate", str(package)]) == 0
    assert build(tmp_path / "output", package) == 0
    page = (tmp_path / "output/current/o/70/o-1.html").read_text("utf-8")
    assert "111,83" in page
    assert "0 до 160" in page.replace("\u00a0", " ")
