"""Feeds of organisations and regions: strictly Atom, with days from data and ids that stay; absent where nothing is new."""

import re
import uuid
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nok.compose.feeds import _id
from tests.property.small_publication import FIRST_DAY, Publication, current, quick_builds, tree

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "author": (1, 1), "link": (2, 2), "entry": (1, 20)}
ENTRY = {"id": (1, 1), "title": (1, 1), "updated": (1, 1), "link": (1, 1), "content": (0, 1)}
"""Element to how often it may stand, of what RFC 4287 knows and we use."""
HOSTILE = "Плохо <script>alert(1)</script> & ]]> \u202eшколы\u202c " + "слово " * 60


@pytest.fixture(autouse=True, scope="module")
def quickly() -> Iterator[None]:
    with quick_builds():
        yield


def children(element: ET.Element, allowed: dict[str, tuple[int, int]]) -> dict[str, list[ET.Element]]:
    found: dict[str, list[ET.Element]] = {name: [] for name in allowed}
    for child in element:
        assert child.tag.removeprefix(ATOM) in allowed, child.tag
        found[child.tag.removeprefix(ATOM)].append(child)
    for name, (least, most) in allowed.items():
        assert least <= len(found[name]) <= most, name
    return found


def read_feed(file: Path, page: str) -> list[tuple[str, str, str, str]]:
    """(id, day, title, text) of each entry of a feed that is right in every point."""
    content = file.read_bytes()
    assert len(content) <= 6000
    root = ET.fromstring(content)
    assert root.tag == f"{ATOM}feed"
    parts = children(root, FEED)
    assert {one.get("rel"): one.get("href") for one in parts["link"]} == {
        "self": f"https://ocenka.example/{'/'.join(file.parts[file.parts.index('a') + 1 :])}",
        "alternate": f"https://ocenka.example/{page}",
    }
    assert parts["author"][0].findtext(f"{ATOM}name")
    entries = []
    for entry in parts["entry"]:
        own = children(entry, ENTRY)
        assert own["link"][0].get("rel") == "alternate"
        assert str(own["link"][0].get("href")).startswith("https://ocenka.example/")
        texts = [(own[name][0].text or "").replace("\N{NO-BREAK SPACE}", " ") for name in ("id", "updated", "title")]
        assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", texts[0])
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}T00:00:00Z", texts[1])
        assert texts[2]
        content_text = own["content"][0].text or "" if own["content"] else ""
        entries.append((texts[0], texts[1][:10], texts[2], content_text))
    assert len({one[0] for one in entries}) == len(entries)
    days = [one[1] for one in entries]
    assert days == sorted(days, reverse=True)
    assert (parts["updated"][0].text or "")[:10] == days[0]
    assert parts["id"][0].text not in {one[0] for one in entries}
    return entries


def publication(folder: Path) -> Publication:
    made = Publication(folder)
    made.assessment("h-2025")
    made.assessment("h-2026", period=2026)
    made.organization("busy", short_name="Клиника <Дом>")
    made.scores("busy", "h-2025", 1)
    made.scores("busy", "h-2026", 2)
    for number in range(30):
        day = date(2025, 6, 1 + number)
        made.review(f"r-{number}", "busy", received_on=day, text=HOSTILE if number == 29 else f"Отзыв {number}.")
    made.review("silent", "busy", text="", received_on=FIRST_DAY)
    made.review("hidden", "busy", text="СЕКРЕТ", state="restricted", reason_code="personal_data", received_on=FIRST_DAY)
    made.reply("r-3", "Исправили.")
    made.organization("gone", closed_on="2026-01-31")
    made.organization("quiet")
    made.organization("far", "two", region_code="77")
    return made


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Publication, Path]:
    folder = tmp_path_factory.mktemp("feeds")
    made = publication(folder / "site")
    made.write()
    assert made.build(folder / "output") == 0
    return made, folder / "output"


def test_the_feed_of_an_organisation_tells_what_is_new_and_nothing_hidden(built: tuple[Publication, Path]) -> None:
    site = current(built[1])
    entries = read_feed(site / "o/70/busy.atom", "o/70/busy.html")
    told = [(day, title) for _, day, title, _ in entries]
    assert told[0] == (FIRST_DAY.isoformat(), "Ответ организации на отзыв")
    assert told[1][0] == "2025-12-31"
    assert told[1][1].startswith("Независимая оценка 2025: ")
    assert told[2] == ("2025-06-30", "Отзыв: 4 из 5")
    assert entries[2][3].startswith("Плохо <script>alert(1)</script> & ]]>")
    assert entries[2][3].endswith("…")
    assert not [
        title for _, title in told if "2026" in title
    ]  # that year is not over, and nobody says that the round is
    assert b"\xd0\xa1\xd0\x95\xd0\x9a" not in (site / "o/70/busy.atom").read_bytes()


def test_the_feed_of_a_region_tells_of_all_and_says_of_whom(built: tuple[Publication, Path]) -> None:
    entries = read_feed(current(built[1]) / "regions/70/feed.atom", "regions/70/")
    titles = [title for _, _, title, _ in entries]
    assert titles[:3] == [
        "Клиника <Дом>. Ответ организации на отзыв",
        "Поликлиника «gone». Организация закрыта",
        "Оценка h-2025",
    ]


def test_there_is_no_feed_where_there_is_nothing_to_tell(built: tuple[Publication, Path]) -> None:
    site = current(built[1])
    feeds = sorted(file.relative_to(site).as_posix() for file in site.glob("[or]*/**/*.atom"))
    assert feeds == ["o/70/busy.atom", "o/70/gone.atom", "regions/70/feed.atom"]
    for page, feed in (("o/70/busy", "busy.atom"), ("o/70/gone", "gone.atom"), ("regions/70/index", "feed.atom")):
        text = (site / f"{page}.html").read_text("utf-8")
        links = re.findall(r'<(link|a)[^>]*href="([^"]*\.atom)"', text)
        assert sorted(kind for kind, href in links if href.endswith(feed)) == ["a", "link"]
    for page in ("o/70/quiet", "o/77/far", "regions/77/index"):
        assert ".atom" not in (site / f"{page}.html").read_text("utf-8")


def test_ids_stay_and_days_bring_nothing_new(built: tuple[Publication, Path]) -> None:
    made, output = built
    before = read_feed(current(output) / "o/70/busy.atom", "o/70/busy.html")
    feeds = {path: file for path, file in tree(current(output)).items() if path.endswith(".atom")}
    made.day = date(2026, 3, 1)
    assert made.build(output) == 0
    assert {path: file for path, file in tree(current(output)).items() if path.endswith(".atom")} == feeds
    made.rows("replies")[0]["text"] = "Исправили всё."
    made.write()
    assert made.build(output) == 0
    slot = current(output)
    after = {one: text for one, _, _, text in read_feed(_as_a(slot / "o/70/busy.atom"), "o/70/busy.html")}
    assert {one for one, *_ in before} == set(after)
    assert after[before[0][0]] == "Исправили всё."


def _as_a(file: Path) -> Path:
    """The same file in a folder of the name by which `read_feed` finds the root of the site."""
    parts = list(file.parts)
    at = parts.index("slots") + 1
    copy = Path(*parts[:at], "copy", "a", *parts[at + 1 :])
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(file.read_bytes())
    return copy


@given(st.text(max_size=40))
def test_an_id_is_a_uuid_of_version_5(name: str) -> None:
    assert _id(name) == uuid.uuid5(uuid.NAMESPACE_URL, f"nok:{name}").urn
