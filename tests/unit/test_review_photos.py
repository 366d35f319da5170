"""Photographs beside reviews: from a package to the page, and out of everything that is kept when they are withdrawn."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from nok.urls import review_photo, review_photo_small
from tests.property.small_publication import Publication, current, pages, small_publication
from tests.unit.picture_support import PLACE, picture, sha256

Build = Callable[[], Path]


@pytest.fixture
def made(tmp_path: Path) -> Publication:
    """One clinic with a review."""
    publication = small_publication(tmp_path / "site")
    publication.review("r-shot", "clinic-1", text="Смотрите сами.")
    return publication


@pytest.fixture
def build(made: Publication, tmp_path: Path) -> Build:
    def run() -> Path:
        made.write()
        assert made.build(tmp_path / "output") == 0
        return current(tmp_path / "output")

    return run


def _send(
    made: Publication, content: bytes, number: int = 1, review_id: str = "r-shot"
) -> tuple[str, str, str, int, str]:
    """Puts a photograph into the package; what its address is made of."""
    row = made.send(1, review_id, number)
    file = made.folder / "packages" / "one" / f"photos/sent-{number}.jpg"
    file.write_bytes(content)
    row.update(path=f"photos/{file.name}", sha256=sha256(content), width="1600", height="1200")
    return "70", "clinic-1", review_id, number, sha256(content)


def test_a_photograph_stands_beside_its_review_small_and_leads_to_the_large_one(
    made: Publication, build: Build
) -> None:
    content = picture(turn=6)
    place = _send(made, content)
    site = build()
    page = (site / "o/70/clinic-1.html").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    assert f'<a href="../../{review_photo(*place)}"><img src="../../{review_photo_small(*place)}"' in page
    assert 'alt="Снимок 1 к отзыву" width="240" height="180" loading="lazy"' in page
    told = json.loads((site / "o/70/clinic-1.json").read_text("utf-8"))["review_photos"]
    assert [row["published_copy"] for row in told] == [review_photo(*place)]
    for path, size in ((review_photo(*place), (960, 1280)), (review_photo_small(*place), (180, 240))):
        copy = (site / path).read_bytes()
        with Image.open(io.BytesIO(copy)) as shown:
            assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", size, {}), "upright"
        assert not [word for word in (b"Exif", b"Device-77", b"comment-77", PLACE.encode()) if word in copy]


def test_a_review_of_photographs_alone_takes_its_place_on_the_page(made: Publication, build: Build) -> None:
    made.review("r-silent", "clinic-1", text="", language="")
    place = _send(made, picture(), review_id="r-silent")
    assert review_photo_small(*place) in (build() / "o/70/clinic-1.html").read_text("utf-8")


def test_photographs_of_a_restricted_review_stay_back(made: Publication, build: Build) -> None:
    made.review("r-shot", "clinic-1", state="restricted", reason_code="personal_data")
    place = _send(made, picture())
    site = build()
    assert not (site / "photos").exists()
    assert sha256(picture()) not in "".join(file.read_text("utf-8") for file in site.rglob("*.csv"))
    assert review_photo(*place) not in (site / "o/70/clinic-1.json").read_text("utf-8")


@pytest.mark.parametrize("how", ["the photograph", "the review"])
def test_what_is_withdrawn_goes_from_every_slot_and_every_release(
    made: Publication, build: Build, tmp_path: Path, how: str
) -> None:
    place = _send(made, picture())
    build()
    made.organization("clinic-99")
    build()
    if how == "the photograph":
        made.drop("review_photos", review_id="r-shot")
    else:
        made.drop("reviews", review_id="r-shot")
    build()
    left = [file for file in tmp_path.rglob("*") if file.is_file() and not file.is_relative_to(made.folder)]
    published = [file for file in left if "output.state" not in file.parts or "data" in file.parts]
    assert not [file for file in published if file.name.startswith(f"{place[2]}-1-")]
    names = (review_photo(*place).encode(), place[4].encode())
    assert not [
        file
        for file in published
        if file.suffix in (".html", ".json", ".csv", ".jsonl") and any(name in file.read_bytes() for name in names)
    ]


def test_a_file_that_is_not_the_one_named_stops_the_build(made: Publication, tmp_path: Path) -> None:
    _send(made, picture())
    (made.folder / "packages/one/photos/sent-1.jpg").write_bytes(picture(colour="green"))
    made.write()
    assert made.build(tmp_path / "output") == 2
    assert not (tmp_path / "output" / "current").exists()


def _comes(made: Publication) -> None:
    made.send(2, "r-2-0")


def _goes(made: Publication) -> None:
    made.drop("review_photos", number="1", review_id="r-shot")


def _is_another(made: Publication) -> None:
    made.send(3, "r-shot")


def _moves_with_its_review(made: Publication) -> None:
    made.tables["reviews"][("r-shot",)][1]["organization_id"] = "clinic-3"


def _changes_its_place(made: Publication) -> None:
    made.tables["review_photos"][("r-shot", "1")][1]["number"] = "2"


def _goes_to_another_file(made: Publication) -> None:
    made.move("review_photos", ("r-shot", "1"), ("one", 1))


def _loses_its_file(made: Publication) -> None:
    made.tables["review_photos"][("r-shot", "1")][1]["path"] = ""


def _comes_to_a_review_without_words(made: Publication) -> None:
    made.tables["reviews"][("r-2-1",)][1].update(text="", language="")
    made.send(4, "r-2-1")


CHANGES = (_comes, _goes, _is_another, _moves_with_its_review, _changes_its_place, _goes_to_another_file)


@pytest.mark.parametrize("change", [*CHANGES, _loses_its_file, _comes_to_a_review_without_words])
def test_a_build_after_a_change_is_what_a_clean_build_makes(
    change: Callable[[Publication], None], made: Publication, build: Build, tmp_path: Path
) -> None:
    made.send(1, "r-shot")
    build()
    change(made)
    kept = pages(build())
    assert made.build(tmp_path / "clean") == 0
    fresh = pages(current(tmp_path / "clean"))
    assert sorted(path for path in {*kept, *fresh} if kept.get(path) != fresh.get(path)) == []
