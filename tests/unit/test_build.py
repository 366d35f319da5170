"""The build through its public door: what stands in the output, what a second run does, what a failure leaves."""

import csv
import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import html5lib
import pytest
from PIL import Image

import publish
from tests.property.small_publication import HISTORIES

Factory = Callable[..., Path]


def tree(folder: Path) -> dict[str, str]:
    """Path to hash of every file below `folder`."""
    root = folder.resolve()
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def build(output: Path, *packages: Path, more: tuple[str, ...] = ()) -> int:
    named = [argument for package in packages for argument in ("--packages", str(package))]
    return publish.main(["build", "--output", str(output), *named, *more])


@pytest.fixture(scope="session")
def demonstration(demonstration_output: Path) -> Path:
    """The site of the demonstration package."""
    return demonstration_output / "current"


# ---- what is built -------------------------------------------------------------------------------------------------


def test_photographs_of_reviews_are_shown_small_and_whole_and_listed(demonstration: Path) -> None:
    table = (demonstration / "data/demo/latest/review_photos.csv").read_text("utf-8")
    sent = list(csv.DictReader(table.splitlines()))
    assert len(sent) == 8
    assert "primersk-school-12-0081" not in {row["review_id"] for row in sent}  # its text is hidden
    for page in (
        "o/00/primersk-school-12.html",
        "en/o/00/primersk-school-12.html",
        "o/00/primersk-school-12.reviews-2.html",
    ):
        found = re.findall(
            r'<a href="([^"]+)"><img src="([^"]+\.small\.jpg)" alt="([^"]+)"', (demonstration / page).read_text("utf-8")
        )
        assert found, page
        for whole, small, alt in found:
            files = [(demonstration / page).parent / href for href in (whole, small)]
            sides = [Image.open(BytesIO(file.read_bytes())).width for file in files]
            assert (sides, bool(alt)) == ([960, 240], True)
    kept = {path.name.rpartition("-")[2][:12] for path in (demonstration / "photos").rglob("primersk-school-12-*.jpg")}
    assert len(kept) == 3


def test_every_kind_of_page_stands_at_its_address(demonstration: Path) -> None:
    for path in (
        "index.html",
        "404.html",
        "regions/index.html",
        "regions/00/index.html",
        "regions/00/page-2.html",
        "spheres/education/index.html",
        "spheres/education/00.html",
        "o/00/primersk-school-12.html",
        "o/00/primersk-school-12.json",
        "o/00/primersk-school-12.badge.svg",
        "o/00/primersk-school-12.poster.html",
        "o/00/primersk-school-12.reviews-2.html",
        "assessments/demo-education-2025/index.html",
        "methods/344n-2018/index.html",
        "map/index.html",
        "data/demo/latest/organizations.csv",
        "data/demo/1.0.0/SHA256SUMS",
        "about/review-rules.html",
        "news/index.html",
        "news/feed.atom",
        "sitemap.xml",
        "build.json",
    ):
        assert (demonstration / path).is_file(), path
        if path.endswith(".html") and ".poster" not in path:
            assert (demonstration / "en" / path).is_file(), f"en/{path}"


def test_every_page_of_the_demonstration_says_that_it_is_one(demonstration: Path) -> None:
    pages = [*(demonstration / "o").rglob("*.html"), *(demonstration / "regions").rglob("*.html")]
    pages += [demonstration / "index.html", *(demonstration / "spheres").rglob("*.html")]
    silent = [page.name for page in pages if 'class="demo' not in page.read_text("utf-8")]
    assert len(pages) > 300
    assert silent == []


def test_scores_stand_on_the_page_as_they_were_published(demonstration: Path) -> None:
    text = (demonstration / "o/00/primersk-school-12.html").read_text("utf-8")
    for shown in ("83,56", "91,90", "82,50", "58,50", "93,80", "91,10", "отлично", "удовлетворительно"):
        assert shown in text


def test_history_plan_and_reviews_stand_on_the_page(demonstration: Path) -> None:
    text = (demonstration / "o/00/primersk-school-12.html").read_text("utf-8").replace("\u00a0", " ")
    for shown in ("С 2023 года итог вырос на 9,46", "74,10", "79,84", "выполнено 2 из 5 мер, одна просрочена"):
        assert shown in text
    assert "Ответ организации, 16 января 2026" in text
    assert "содержит персональные данные третьего лица" in text


def test_what_is_not_published_is_nowhere_in_the_output(demonstration: Path) -> None:
    for path in demonstration.resolve().rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert "НЕ ДОЛЖНО ПОЯВИТЬСЯ".encode() not in content, path
            assert "СКРЫТЫЙ ТЕКСТ".encode() not in content, path


def test_the_json_of_an_organisation_follows_the_contract(demonstration: Path) -> None:
    found = json.loads((demonstration / "o/00/primersk-school-12.json").read_text("utf-8"))
    total = next(score for score in found["scores"] if score["measure"] == "total" and "2025" in score["assessment_id"])
    assert total["points"] == "83.56"
    assert total["state"] == "scored"
    assert found["organization"]["inn"].startswith("00")
    assert found["ratings"]["count"] == sum(found["ratings"]["distribution"]) == 86
    assert {"assessments", "reviews", "replies", "plan_measures"} <= set(found)


Elements = dict[str, list[tuple[str, dict[str, str]]]]


@pytest.fixture(scope="session")
def elements(demonstration: Path) -> Elements:
    """Path to the elements (name, attributes) of every page."""
    root = demonstration.resolve()
    return {path.relative_to(root).as_posix(): read_elements(path) for path in sorted(root.rglob("*.html"))}


class ElementReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def read_elements(page: Path) -> list[tuple[str, dict[str, str]]]:
    reader = ElementReader()
    reader.feed(page.read_text("utf-8"))
    return reader.found


def test_every_link_inside_the_site_leads_somewhere(demonstration: Path, elements: Elements) -> None:
    root, broken = demonstration.resolve(), set()
    for name, found in elements.items():
        page = root / name
        for target in (
            target for tag, attributes in found if (target := loaded(tag, attributes) or linked(tag, attributes))
        ):
            if re.match(r"[a-z]+:", target) or target.startswith("/") or "rate/" in target:
                continue
            path = target.split("#")[0].split("?")[0]
            file = (page.parent / path).resolve() if path else page
            if not ((file / "index.html") if path.endswith("/") or file.is_dir() else file).is_file():
                broken.add(f"{name} → {target}")
    assert len(elements) > 1000
    assert sorted(broken)[:10] == []


def test_no_page_loads_anything_from_another_host(elements: Elements) -> None:
    sources = {loaded(tag, attributes) for found in elements.values() for tag, attributes in found}
    assert len(sources) > 500
    assert [source for source in sources if re.match(r"[a-z]+:|//", source)] == []


def linked(tag: str, attributes: dict[str, str]) -> str:
    return attributes.get("href", "") if tag == "a" else ""


def loaded(tag: str, attributes: dict[str, str]) -> str:
    """What a browser fetches for an element by itself."""
    if tag in ("img", "script", "iframe", "source"):
        return attributes.get("src", "")
    if tag in ("image", "use") or (tag == "link" and attributes.get("rel") in ("stylesheet", "icon")):
        return attributes.get("href", "")
    return ""


def test_pages_are_small(demonstration: Path) -> None:
    heaviest = max((demonstration / "o/00").glob("*.html"), key=lambda page: page.stat().st_size)
    assert heaviest.stat().st_size <= 40_000, heaviest.name
    pages = sorted((demonstration / "o/00").glob("*.html"), key=lambda page: -page.stat().st_size)[:50]
    assert max(len(gzip.compress(page.read_bytes())) for page in pages) <= 12_000


def test_the_sitemap_names_every_page_once_and_no_poster(demonstration: Path) -> None:
    space = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}
    places = [e.text for e in ET.parse(demonstration / "sitemap.xml").findall(".//s:loc", space)]
    assert len(places) == len(set(places)) > 700
    assert "https://ocenka.example/o/00/primersk-school-12.html" in places
    assert "https://ocenka.example/" in places
    assert not [place for place in places if place and place.endswith((".poster.html", "404.html"))]


def test_checksums_of_a_release_hold_and_name_every_file(demonstration: Path) -> None:
    folder = demonstration / "data/demo/1.0.0"
    sums = dict(line.split("  ")[::-1] for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines())
    files = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert set(sums) == files - {"SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


def test_a_release_gives_every_character_back(tmp_path: Path, package_factory: Factory) -> None:
    odd = 'a\r\nb "c", =1+1\n«ё»'
    package = package_factory(organizations=1, reviews=1)
    with (package / "reviews.csv").open(encoding="utf-8", newline="") as stream:
        [review] = csv.DictReader(stream)
    tables = {"reviews": [review | {"text": odd}], "replies": None}
    assert build(tmp_path / "output", package_factory(organizations=1, reviews=1, tables=tables)) == 0
    released = tmp_path / "output/current/data/demo/latest/reviews.csv"
    with released.open(encoding="utf-8", newline="") as stream:
        assert [row["text"] for row in csv.DictReader(stream)] == [odd]


def test_a_released_package_is_itself_a_valid_package(demonstration: Path) -> None:
    assert publish.main(["validate", str(demonstration / "data/demo/latest")]) == 0


# ---- the same input gives the same bytes ---------------------------------------------------------------------------


def test_one_worker_and_two_write_the_same_bytes(tmp_path: Path, package_factory: Factory) -> None:
    package = package_factory(organizations=30, reviews=4)
    assert build(tmp_path / "one", package, more=("--jobs", "1")) == 0
    assert build(tmp_path / "two", package, more=("--jobs", "2")) == 0
    assert tree(tmp_path / "one/current") == tree(tmp_path / "two/current")


def test_place_zone_and_hash_seed_leave_no_trace(tmp_path: Path, package_factory: Factory, project_root: Path) -> None:
    package = package_factory(organizations=3)
    assert build(tmp_path / "here", package) == 0
    elsewhere = {"TZ": "Asia/Kamchatka", "PYTHONHASHSEED": "7", "LC_ALL": "C", "PYTHONPATH": str(project_root)}
    command = [sys.executable, str(project_root / "publish.py"), "build", "--config"]
    command += [str(project_root / "content/publication.yaml"), "--packages", str(package), "--output", "there"]
    subprocess.run(command, cwd=tmp_path, env=os.environ | elsewhere, check=True, capture_output=True)
    assert tree(tmp_path / "here/current") == tree(tmp_path / "there/current")


# ---- a second build ------------------------------------------------------------------------------------------------


def test_a_second_build_writes_nothing(
    tmp_path: Path, package_factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    package, output = package_factory(), tmp_path / "output"
    assert build(output, package) == 0
    before = {path: path.stat().st_mtime_ns for path in output.rglob("*")}
    assert build(output, package) == 0
    assert {path: path.stat().st_mtime_ns for path in output.rglob("*")} == before
    assert "ничего не изменилось; ничего не записано" in capsys.readouterr().out


def test_a_full_build_of_the_same_rewrites_no_file(
    tmp_path: Path, package_factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    package, output = package_factory(), tmp_path / "output"
    assert build(output, package) == 0
    before = tree(output / "current")
    assert build(output, package, more=("--full",)) == 0
    assert tree(output / "current") == before
    assert "записано 0," in capsys.readouterr().out


def test_what_vanishes_from_the_package_vanishes_from_the_site(tmp_path: Path, package_factory: Factory) -> None:
    output = tmp_path / "output"
    for turn, organizations in enumerate((4, 3, 2, 3)):
        package, clean = package_factory(organizations=organizations), tmp_path / f"clean-{turn}"
        assert build(output, package) == 0
        assert build(clean, package) == 0
        assert without_releases(output) == without_releases(clean)


def without_releases(output: Path) -> dict[str, str]:
    """The published tree but for what tells of former builds and releases."""
    return {path: digest for path, digest in tree(output / "current").items() if not path.startswith(HISTORIES)}


def test_a_new_build_leaves_the_old_slot_as_it_was(tmp_path: Path, package_factory: Factory) -> None:
    output = tmp_path / "output"
    assert build(output, package_factory(organizations=3)) == 0
    old = (output / "current").resolve()
    before = tree(old)
    assert build(output, package_factory(organizations=4)) == 0
    assert (output / "current").resolve() != old
    assert tree(old) == before


def test_a_slot_that_a_crash_left_behind_is_repaired(tmp_path: Path, package_factory: Factory) -> None:
    output = tmp_path / "output"
    assert build(output, package_factory(organizations=3)) == 0
    assert build(output, package_factory(organizations=4)) == 0
    spoilt = next(slot for slot in (output / "slots").iterdir() if slot != (output / "current").resolve())
    page = next(spoilt.rglob("o/**/*.html"))
    page.unlink()
    page.write_text("half a page")
    (spoilt / "stray.html").write_text("left behind")
    (tmp_path / f"output.state/unfinished-{spoilt.name}").touch()
    for organizations in (5, 6):
        assert build(output, package_factory(organizations=organizations)) == 0
    clean = tmp_path / "clean"
    assert build(clean, package_factory(organizations=6)) == 0
    assert without_releases(output) == without_releases(clean)
    assert not page.exists() or "half a page" not in page.read_text("utf-8")
    assert not (spoilt / "stray.html").exists()


def test_an_old_tab_finds_its_style_for_three_releases(
    tmp_path: Path, package_factory: Factory, project_root: Path
) -> None:
    site, output = tmp_path / "site", tmp_path / "output"
    shutil.copytree(project_root / "content", site / "content")
    shutil.copytree(project_root / "theme", site / "theme")
    more = ("--config", str(site / "content/publication.yaml"))
    package, style, seen = package_factory(organizations=2), site / "theme/static/site.css", []
    for turn in range(4):
        style.write_text(style.read_text("utf-8") + f".turn {{ order:{turn} }}", "utf-8")
        assert build(output, package, more=more) == 0
        page = (output / "current/index.html").read_text("utf-8")
        seen.append(re.findall(r"static/site\.[0-9a-f]+\.css", page)[0])
    assert len(set(seen)) == 4
    assert [(output / "current" / path).exists() for path in seen] == [False, True, True, True]


def test_releases_stay_what_they_were_until_a_new_one_is_cut(tmp_path: Path, package_factory: Factory) -> None:
    output = tmp_path / "output"
    assert build(output, package_factory(organizations=3)) == 0
    before = tree(output / "current/data/demo/1.0.0")
    assert build(output, package_factory(organizations=4)) == 0
    assert tree(output / "current/data/demo/1.0.0") == before
    assert build(output, package_factory(organizations=4), more=("--release",)) == 0
    assert tree(output / "current/data/demo/1.0.0") == before
    assert (output / "current/data/demo/1.1.0/organizations.csv").is_file()
    latest = (output / "current/data/demo/latest/organizations.csv").read_text("utf-8")
    assert len(latest.splitlines()) == 5


# ---- failures ------------------------------------------------------------------------------------------------------


def test_a_bad_row_stops_the_build_and_leaves_the_old_site_untouched(
    tmp_path: Path, package_factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "output"
    assert build(output, package_factory()) == 0
    before = tree(output)
    package = package_factory()
    scores = package / "scores.csv"
    scores.write_text(scores.read_text("utf-8").replace(",scored", ",guessed", 1), "utf-8")
    capsys.readouterr()
    assert build(output, package) == 2
    said = capsys.readouterr().err
    assert "scores.csv" in said
    assert "guessed" in said
    assert "Ничего не опубликовано" in said
    assert "Traceback" not in said
    assert tree(output) == before


def test_all_bad_rows_are_told_not_the_first_only(
    tmp_path: Path, package_factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    package = package_factory(organizations=5)
    file = package / "organizations.csv"
    file.write_text(file.read_text("utf-8").replace(",published", ",secret"), "utf-8")
    assert build(tmp_path / "output", package) == 2
    said = capsys.readouterr().err
    assert [f"строка {row}" in said for row in range(2, 7)] == [True] * 5
    assert not (tmp_path / "output/current").exists()


@pytest.mark.parametrize("name", ["data", "slots", "releases.json"])
def test_a_strangers_folder_is_not_ours_because_of_a_name_in_it(
    name: str, tmp_path: Path, package_factory: Factory
) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    if name.endswith(".json"):
        (foreign / name).write_text("[]")
    else:
        (foreign / name).mkdir()
    assert build(foreign, package_factory()) == 64
    assert [entry.name for entry in foreign.iterdir()] == [name]


@pytest.mark.parametrize("place", ["/", "~", ".", "foreign"])
def test_a_folder_that_is_not_ours_is_refused(
    place: str, tmp_path: Path, package_factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    package = package_factory()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "diary.txt").write_text("mine")
    folder = foreign if place == "foreign" else Path(place).expanduser()
    assert build(folder, package) == 64
    assert "Ничего не удалено" in capsys.readouterr().err
    assert (foreign / "diary.txt").read_text() == "mine"


def test_a_second_build_at_the_same_time_is_refused(
    tmp_path: Path, package_factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    package, output = package_factory(), tmp_path / "output"
    assert build(output, package) == 0
    before = tree(output)
    with (tmp_path / "output.state/lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert build(output, package_factory(organizations=4)) == 75
    assert "Другая сборка" in capsys.readouterr().err
    assert tree(output) == before


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["build", "--packages", "/nowhere"], 64, "no such folder"),
        (["bild"], 64, "Did you mean 'build'"),
        (["build", "--unknown"], 64, "--unknown"),
        (["build", "--jobs", "many"], 64, "--jobs"),
        (["posters", "--out", "x.pdf"], 64, "--organization"),
        (["build", "--config", "/nowhere.yaml"], 1, "no such file"),
    ],
)
def test_what_cannot_be_meant_is_said_in_a_sentence(
    arguments: list[str], code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert publish.main([*arguments, "--lang", "en"]) == code
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_a_publication_with_an_unknown_option_is_refused(
    tmp_path: Path, package_factory: Factory, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "content").mkdir()
    config = tmp_path / "content/publication.yaml"
    config.write_text("titel: Оценка\n", "utf-8")
    assert build(tmp_path / "output", package_factory(), more=("--config", str(config))) == 1
    assert "Может быть, «title»?" in capsys.readouterr().err


# ---- text of strangers ---------------------------------------------------------------------------------------------

HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>{{7*7}}{% raw %}[[7]]${8}`"
)


def test_hostile_text_in_every_text_field_stays_text(tmp_path: Path, package_factory: Factory) -> None:
    plain, hostile = tmp_path / "plain", tmp_path / "hostile"
    package = package_factory(organizations=2, reviews=6, name="plain")
    assert build(plain, package) == 0
    tables = spoil(package)
    assert build(hostile, package_factory(organizations=2, reviews=6, name="plain", tables=tables)) == 0
    spoilt, usual = skeletons(hostile / "current"), skeletons(plain / "current")
    assert spoilt.keys() == usual.keys()
    for path, found in spoilt.items():
        assert found == usual[path], path
    for data in (hostile / "current").resolve().rglob("*.json"):
        json.loads(data.read_text("utf-8"), parse_constant=pytest.fail)
    for picture in (hostile / "current").resolve().rglob("*.svg"):
        assert {e.tag.rpartition("}")[2] for e in ET.parse(picture).iter()} <= {
            "svg",
            "title",
            "rect",
            "text",
            "path",
            "g",
            "circle",
            "view",
        }


def spoil(package: Path) -> dict[str, list[dict[str, str]]]:
    """The tables of a package with the hostile text put into every free text."""
    free = {
        "organizations": ("name", "short_name", "address", "municipality", "phone", "email", "website"),
        "assessments": ("title",),
        "scores": ("published_as",),
        "reviews": ("text",),
        "replies": ("text",),
        "plan_measures": ("shortcoming", "action", "responsible_post"),
    }
    tables = {}
    for name, columns in free.items():
        file = package / f"{name}.csv"
        if not file.exists():
            continue
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for row in rows:
            for column in columns:
                if row.get(column):
                    row[column] = (row[column] + HOSTILE)[:90] if column == "published_as" else row[column] + HOSTILE
        tables[name] = rows
    return tables


def skeletons(site: Path) -> dict[str, list[list[tuple[str, tuple[str, ...]]]]]:
    """Path to what the page is made of; a municipality's pages are named by its text, so that they stand together."""
    found: dict[str, list[list[tuple[str, tuple[str, ...]]]]] = {}
    for page in site.resolve().rglob("*.html"):
        path = re.sub(r"/m/[0-9a-f]{8}", "/m/*", page.relative_to(site.resolve()).as_posix())
        found.setdefault(path, []).append(skeleton(page))
    return {path: sorted(pages) for path, pages in found.items()}


def skeleton(page: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Elements and the names of their attributes, in order; what links and contacts exist may differ by the text, and
    whether a heading is in another language."""
    document = html5lib.parse(page.read_text("utf-8"), namespaceHTMLElements=False)
    elements = [
        (str(element.tag), tuple(sorted(str(name) for name in element.attrib if name != "lang")))
        for element in document.iter()
        if element.tag not in ("a", "li", "dt", "dd", "span", "p", "br", "lang")
    ]
    scripts = [
        element.text or "" for element in document.iter("script") if element.get("type") != "application/ld+json"
    ]
    assert not any("alert" in script for script in scripts)
    assert not [e for e in document.iter() if any(str(name).startswith("on") for name in e.attrib)]
    return elements
