"""The synthetic country: valid, reproducible, consistent with its method, and shaped like a country."""

import argparse
import csv
import hashlib
import json
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from pathlib import Path

import jinja2
import pytest
import yaml

import publish
from benchmarks import (
    attic,
    bench,
    changes,
    compare,
    country,
    frictionless_validate,
    intake,
    measure,
    our_pages,
    ours,
    page_records,
    peers,
    raw_write,
    rows,
    run,
    table,
)
from benchmarks.inputs import Inputs
from benchmarks.translate import Dialect, GoDialect, UntranslatableError, translate

JULY_2026 = "1782864000"
ORGANIZATIONS = 400


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("country") / "country"
    made(folder)
    return folder


def made(folder: Path, *options: str) -> Path:
    country.main(["--organizations", str(ORGANIZATIONS), "--out", str(folder), "--jobs", "1", *options])
    return folder


def read(package: Path, name: str) -> list[dict[str, str]]:
    with (package / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def digest(package: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(package.iterdir())}


def test_a_country_is_valid_together_with_a_segment_of_changes(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", JULY_2026)
    segment = tmp_path / "segment"
    country.main(["--segment-of", str(package), "--changed", "50", "--out", str(segment)])
    capsys.readouterr()

    assert publish.main(["validate", str(package), str(segment), "--lang", "en"]) == 0

    said = capsys.readouterr()
    assert "warning" not in (said.out + said.err).lower()
    changed = Counter(review["organization_id"] for review in read(segment, "reviews"))
    assert len(changed) == 50 and set(changed.values()) == {3}


def test_the_same_options_give_the_same_bytes_from_any_number_of_processes(package: Path, tmp_path: Path) -> None:
    assert digest(made(tmp_path / "again", "--jobs", "2")) == digest(package)
    assert digest(made(tmp_path / "other", "--seed", "2")) != digest(package)


def test_reviews_may_be_cut_into_parts_by_date(package: Path, tmp_path: Path) -> None:
    parts = made(tmp_path / "parts", "--segments", "3")
    days = [[review["received_on"] for review in read(parts, f"reviews-000{number}")] for number in (1, 2, 3)]
    assert sum(map(len, days)) == len(read(package, "reviews"))
    assert max(days[0]) < min(days[1]) and max(days[1]) < min(days[2])


def test_points_are_what_the_method_makes_of_their_parts(package: Path) -> None:
    method = yaml.safe_load((country.REGIONS_FILE.parent / "methods" / "344n-2018.yaml").read_text("utf-8"))
    weights = {one["id"]: Decimal(str(one["weight"])) for one in method["measures"] if one["role"] == "indicator"}
    assert dict(zip(rows._INDICATORS, rows._WEIGHTS, strict=True)) == {name: 10 * one for name, one in weights.items()}
    points: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for row in read(package, "scores"):
        if row["state"] == "scored":
            points[row["organization_id"], row["assessment_id"]][row["measure"]] = Decimal(row["points"])
    for measured in points.values():
        criteria = [measured[f"K{number}"] for number in range(1, 6)]
        assert measured["total"] == sum(criteria) / 5
        if "2.2" in measured:
            parts = [measured[name] * weights[name] for name in weights]
            assert criteria == [sum(parts[first : first + 3]) for first in range(0, 15, 3)]
        elif "2.1" in measured:
            assert measured["K2"] == (measured["2.1"] + measured["2.3"]) / 2


@pytest.mark.parametrize(("measures", "least", "most"), [("total", 3, 3), ("criteria", 17, 18), ("all", 31, 33)])
def test_the_measures_asked_for_are_the_rows_written(tmp_path: Path, measures: str, least: int, most: int) -> None:
    count = len(read(made(tmp_path / "some", "--measures", measures), "scores"))
    assert least * ORGANIZATIONS <= count <= most * ORGANIZATIONS


def test_every_kind_has_a_name_in_the_content() -> None:
    content = yaml.safe_load((country.REGIONS_FILE.parent / "spheres.yaml").read_text("utf-8"))
    known = {(sphere["id"], kind["id"]) for sphere in content["spheres"] for kind in sphere["kinds"]}
    assert {(sphere, kind) for sphere, kind, _, _ in rows._KIND_CHOICES} <= known


def test_regions_and_reviews_are_skewed_like_those_of_a_country(package: Path) -> None:
    regions = Counter(row["region_code"] for row in read(package, "organizations"))
    assert len(regions) == 85 and 0.06 < regions["77"] / ORGANIZATIONS < 0.09
    reviews = read(package, "reviews")
    per_organization = sorted(Counter(review["organization_id"] for review in reviews).values())
    assert per_organization[-1] > 20 * per_organization[len(per_organization) // 2]
    texts = [review["text"] for review in reviews if review["text"]]
    assert 0.45 < len(texts) / len(reviews) < 0.55 and len(set(texts)) > 0.95 * len(texts)
    assert max(review["received_on"] for review in reviews) == rows.LAST_DAY.isoformat()


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(SystemExit, match="is not empty"):
        made(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


# ---- the same pages from others --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workbench(project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbench with our pages in `pages` and their records in `records.jsonl`.

    Of the demonstration, which has everything that a page can show; a synthetic country has no plans and nothing closed.
    """
    folder, package = tmp_path_factory.mktemp("workbench"), project_root / "data_packages" / "demo"
    assert our_pages.main([str(folder), "--package", str(package), "--output", str(folder / "pages")]) == 0
    assert page_records.main([str(folder), "--out", str(folder / "records.jsonl")]) == 0
    return folder


def test_every_record_is_the_page_of_an_organization(workbench: Path) -> None:
    paths = [record["path"] for record in peers.read_records(workbench / "records.jsonl")]
    assert len(paths) > 300
    written = (workbench / "pages").rglob("*")
    assert sorted(paths) == sorted(str(file.relative_to(workbench / "pages")) for file in written if file.is_file())


def test_the_second_run_from_the_files_loads_them_again(package: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert our_pages.main([str(tmp_path), "--package", str(package)]) == 0
        with closing(sqlite3.connect(tmp_path / "warehouse.sqlite")) as store:
            assert store.execute("SELECT name FROM sqlite_master WHERE name = 'left_by_a_test'").fetchall() == []
            assert store.execute("SELECT count(*) FROM organizations").fetchone()[0] > 0
            store.execute("CREATE TABLE left_by_a_test (one)")
            store.commit()


def test_the_translated_template_makes_our_pages_of_the_records(workbench: Path) -> None:
    text = translate(ours.flat_template(workbench), Dialect("record"))
    template = jinja2.Environment(autoescape=True).from_string(text)
    for record in islice(peers.read_records(workbench / "records.jsonl"), 0, None, 5):
        ours_page = (workbench / "pages" / record["path"]).read_text("utf-8")
        assert compare.read_page(template.render(record=record)) == compare.read_page(ours_page)


def test_a_page_that_differs_is_told_with_the_place(tmp_path: Path) -> None:
    for folder, text in (
        ("ours", "<p id=a>good  &amp; bad</p>"),
        ("same", "<p id='a'>\ngood & bad</p>"),
        ("other", "<p>"),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.html").write_text(text)
    (tmp_path / "none").mkdir()
    assert list(compare.differences(tmp_path / "ours", tmp_path / "same", 10)) == []
    assert list(compare.differences(tmp_path / "ours", tmp_path / "other", 10)) == [
        """a.html: "<p id='a'" here, '<p' there"""
    ]
    assert list(compare.differences(tmp_path / "ours", tmp_path / "none", 10)) == [
        "a.html: the other one did not write it"
    ]


@pytest.mark.parametrize("name", peers.PEERS)
def test_every_peer_makes_our_pages(workbench: Path, tmp_path: Path, name: str) -> None:
    if not peers.is_installed(name):
        pytest.skip(f"{name} is not installed: python -m benchmarks.peers install")
    site, output = tmp_path / "site", tmp_path / "output"
    peer = peers.PEERS[name]
    peer.write_site(site, workbench / "records.jsonl", ours.flat_template(workbench))
    subprocess.run(peer.command(site, output), cwd=site, check=True, capture_output=True)
    assert list(compare.differences(workbench / "pages", output, pages=40)) == []


def test_hugo_is_given_every_record_though_a_region_comes_twice(tmp_path: Path) -> None:
    names = ["o/01/a.html", "o/02/b.html", "o/01/c.html"]
    (tmp_path / "records").write_text("".join(json.dumps({"path": name}) + "\n" for name in names), "utf-8")
    peers.write_hugo_adapter(tmp_path / "site", tmp_path / "records", "")
    files = (tmp_path / "site" / "assets" / "records").iterdir()
    assert sorted(record["path"] for file in files for record in json.loads(file.read_bytes())) == sorted(names)


@pytest.mark.parametrize(
    ("ours_text", "jinja", "go"),
    [
        ("{{ page.name }}", "{{ page.name }}", "{{ $page.name }}"),
        ('<a href="{{ page.to }}">', '<a href="{{ page.to }}">', '<a href="{{ safeURL $page.to }}">'),
        (
            "<script>{{ page.j }}</script>",
            "<script>{{ page.j | safe }}</script>",
            "<script>{{ safeJS $page.j }}</script>",
        ),
        (
            "{% if not page.a or page.b == 'x' %}1{% elif page.c %}2{% else %}3{% endif %}",
            '{% if ((not page.a) or (page.b == "x")) %}1{% elif page.c %}2{% else %}3{% endif %}',
            '{{ if (or (not $page.a) (eq $page.b "x")) }}1{{ else if $page.c }}2{{ else }}3{{ end }}',
        ),
        (
            "{% for r in page.rows %}{% if loop.first %}{{ r.t }}{% endif %}{% endfor %}",
            "{% for r in page.rows or [] %}{% if loop.first %}{{ r.t }}{% endif %}{% endfor %}",
            "{{ range $number_of_r, $r := $page.rows }}{{ if (eq $number_of_r 0) }}{{ $r.t }}{{ end }}{{ end }}",
        ),
    ],
)
def test_a_template_is_translated_construct_by_construct(ours_text: str, jinja: str, go: str) -> None:
    assert translate(ours_text, Dialect()) == jinja
    assert translate(ours_text, GoDialect()) == GoDialect().head + go


@pytest.mark.parametrize(
    "text", ["{{ page.name | upper }}", "{% for a in page.b if a %}{% endfor %}", "{{ other.name }}"]
)
def test_what_is_not_known_stops_the_translation(text: str) -> None:
    with pytest.raises(UntranslatableError, match="no peer was measured"):
        translate(text, GoDialect())


# ---- measuring ---------------------------------------------------------------------------------------------------------


def python(text: str) -> list[str]:
    return [sys.executable, "-c", text]


def test_memory_of_children_is_counted_and_shared_pages_only_once(tmp_path: Path) -> None:
    held = "import os, time; block = bytearray(60_000_000); pid = os.fork(); time.sleep(1); pid and os.wait()"
    found = measure.run(python(held), tmp_path, {}, measure.Limits(), tmp_path / "log")
    assert found.failure == ""
    assert found.seconds >= 1 and 55 < found.peak_mb < 110
    assert found.largest_mb < found.peak_mb


def test_processor_time_of_children_is_counted(tmp_path: Path) -> None:
    busy = "import os, time; pid = os.fork()\nif pid: os.wait()\nwhile not pid and time.process_time() < 0.5: pass"
    assert measure.run(python(busy), tmp_path, {}, measure.Limits(), tmp_path / "log").cpu_seconds >= 0.5


@pytest.mark.parametrize(
    ("text", "limits", "failure"),
    [
        ("print('no such thing'); raise SystemExit(3)", measure.Limits(), "ended with 3: no such thing"),
        ("import time; time.sleep(60)", measure.Limits(seconds=0.5), "stopped: more than 0 s"),
        (
            "import time; b = bytearray(90_000_000); time.sleep(60)",
            measure.Limits(memory_mb=50),
            "stopped: more than 50 MB",
        ),
    ],
)
def test_a_run_that_is_not_whole_says_why(tmp_path: Path, text: str, limits: measure.Limits, failure: str) -> None:
    assert measure.run(python(text), tmp_path, {}, limits, tmp_path / "log").failure == failure


def test_the_table_shows_medians_and_what_they_are_to_ours() -> None:
    def row(way: str, *seconds: float, failure: str = "", base: bool = False) -> table.Row:
        runs = [
            measure.Run(seconds=one, cpu_seconds=1, peak_mb=100 * one, largest_mb=50, failure=failure)
            for one in seconds
        ]
        return table.Row(
            subject="Pages", way=way, organizations=1000, medium="disk", runs=tuple(runs), work=1000, base=base
        )

    lines = table.markdown(
        [row("ours", 2, 1, 3, base=True), row("theirs", 8), row("broken", 1, failure="why")]
    ).splitlines()
    assert lines[1] == "### Pages, 1,000 organisations, disk"
    assert lines[5:] == [
        "| ours | 2.00 (1.00–3.00) | 3 | 1.00 | 300 | 50 | 500 | base |",
        "| theirs | 8.00 | 1 | 1.00 | 800 | 50 | 125 | 4.00× time, 2.67× memory |",
        "| broken | – | 1 | – | – | – | – | why |",
    ]


def test_a_spoilt_country_has_exactly_the_faults_that_were_put_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", JULY_2026)
    country.main(["--organizations", "1500", "--measures", "total", "--out", str(tmp_path / "clean")])
    faults = changes.spoil(tmp_path / "clean", tmp_path / "spoilt")
    report = tmp_path / "report.json"
    assert publish.main(["validate", str(tmp_path / "spoilt"), "--json", str(report)]) == 2
    problems = json.loads(report.read_text("utf-8"))["problems"]
    assert len(problems) == faults >= 8
    assert {problem["column"] for problem in problems} == {"status", "points", "state"}


def test_frictionless_finds_the_faults_of_a_country_that_it_has_schemas_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    country.main(["--organizations", "1000", "--measures", "total", "--out", str(tmp_path / "clean")])
    changes.spoil(tmp_path / "clean", tmp_path / "spoilt")
    assert frictionless_validate.main([str(tmp_path / "clean")]) == 0
    assert frictionless_validate.main([str(tmp_path / "spoilt")]) == 2
    assert "errors" in capsys.readouterr().out


def test_raw_write_writes_the_listed_names_and_sizes(tmp_path: Path) -> None:
    for name, size in (("o/1/a.html", 10), ("o/2/b.html", 70_000)):
        (tmp_path / "ours" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "ours" / name).write_bytes(b"x" * size)
    assert raw_write.list_files(tmp_path / "ours", tmp_path / "listing") == 2
    assert raw_write.main([str(tmp_path / "listing"), str(tmp_path / "raw")]) == 0
    assert raw_write.list_files(tmp_path / "raw", tmp_path / "again") == 2
    assert (tmp_path / "again").read_text() == (tmp_path / "listing").read_text()


def test_the_whole_bench_runs_and_cleans_up_after_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    media = ["--tmpfs", str(tmp_path / "memory"), "--disk", str(tmp_path / "disk"), "--json", str(tmp_path / "b.json")]
    size = ["--organizations", "120", "--times", "1"]
    what = ["--only", "pages", "release", "--peers", "pelican-generator"]
    assert run.main([*media, *size, *what]) == 0

    ways = [(row["way"], row["medium"]) for row in json.loads((tmp_path / "b.json").read_text("utf-8"))["rows"]]
    assert ("pelican-generator", "tmpfs") in ways and ("raw write of the same files", "disk") in ways
    assert ("written in all forms", "disk") in ways and ("verified", "disk") in ways
    assert "### Organisation pages only, 120 organisations, disk" in capsys.readouterr().out
    assert [file.name for folder in ("memory", "disk") for file in (tmp_path / folder).iterdir()] == []


def test_a_generator_that_made_too_few_pages_was_not_whole(tmp_path: Path) -> None:
    options = argparse.Namespace(limit_seconds=60.0, limit_mb=4000.0, disk=tmp_path)
    a_bench = bench.Bench(options=options, inputs=Inputs(folder=tmp_path, seed=1, tell=print))
    one_page = (sys.executable, "-c", "from pathlib import Path as P; P('site').mkdir(); P('site/a.html').touch()")
    way = bench.Way(name="one", command=one_page, folder=tmp_path, output=tmp_path / "site", pages=2)
    assert a_bench.once(way).failure == "wrote 1 pages of 2"
    assert a_bench.once(replace(way, pages=1)).failure == ""


def test_nothing_is_measured_right_after_many_files_were_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(attic, "MANY_FILES", 4)
    monkeypatch.setattr(attic.time, "sleep", waits.append)
    place = attic.Attic(folder=tmp_path / "attic")
    for _ in range(2):
        for folder in ("site", "site.state"):
            (tmp_path / folder).mkdir()
            (tmp_path / folder / "a.html").touch()
        place.put(tmp_path / "site")
    assert [file.name for file in tmp_path.iterdir()] == ["attic"], "nothing is removed while others are measured"
    place.rest()
    assert waits == []
    place.clear()
    place.rest()
    place.rest()  # by now it has been waited for
    assert [round(wait / 60) for wait in waits] == [6]
    assert list(tmp_path.iterdir()) == []


def test_ratings_that_are_sent_for_a_second_are_all_taken(tmp_path: Path) -> None:
    package = tmp_path / "country"
    assert country.main(["--organizations", "5", "--out", str(package), "--jobs", "1"]) == 0
    peer = intake.ours(package, intake.first_organization(package))
    with ThreadPoolExecutor(1) as thread:  # where a browser of other tests has a loop of its own
        measured = thread.submit(intake.measure, peer, 1.0, 4).result()
    assert measured.refused == []
    assert measured.per_second > 1
    assert 0 < measured.percentile_ms(50) <= measured.percentile_ms(99)
