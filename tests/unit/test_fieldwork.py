"""What operators bring from the field: visits far away are warned of, pictures are proved, and only pixels are published."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

import publish
from nok.compose.observed import distance_m
from nok.picture_heads import PictureError, kind_of
from nok.pictures import published_copy
from nok.urls import observed_picture
from tests.conftest import ASSESSMENT_ID
from tests.unit.picture_support import PLACE, picture, sha256
from tests.unit.validation_support import Check, Factory, checker

SEEN = {"organization_id": "clinic-1", "assessment_id": ASSESSMENT_ID, "parameter": "access_equipment", "value": "2"}
AT_THE_DOOR = {"latitude": "56.4801", "longitude": "84.9501"}
"""The point of the first clinic."""

NORTH = {"latitude": "56.4891", "longitude": "84.9501"}
"""A kilometre to the north of it: 0.009° of latitude."""


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


@pytest.fixture
def operator(package_factory: Factory) -> Callable[..., Path]:
    """A package with observations (cells beside `SEEN`) and pictures (path to bytes; released unless `kept`)."""

    def write(*seen: dict[str, str], files: dict[str, bytes] | None = None, kept: bool = False, **cells: str) -> Path:
        columns = dict.fromkeys(("latitude", "longitude", "accuracy_m", "photo_sha256", "observer", "observed_at"), "")
        tables: dict[str, Any] = {"observations": [SEEN | columns | row for row in seen or [{}]]}
        photos = [
            {
                "photo_sha256": sha256(content),
                "organization_id": "clinic-1",
                "assessment_id": ASSESSMENT_ID,
                "path": path,
                "caption": "Вход с пандусом",
                "is_released": "false" if kept else "true",
            }
            | cells
            for path, content in (files or {}).items()
        ]
        if photos:
            tables["observation_photos"] = photos
        folder = package_factory(organizations=3, reviews=1, tables=tables)
        for path, content in (files or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return folder

    return write


# ---- visits ----------------------------------------------------------------------------------------------------------


def test_a_visit_far_from_the_organisation_is_a_warning_with_its_metres(
    operator: Callable[..., Path], check: Check
) -> None:
    near = NORTH | {"parameter": "access_conditions", "value": "2"}
    report = check(operator(NORTH | {"accuracy_m": "12"}, near | {"accuracy_m": "12"}))
    assert report.code == 0
    (problem,) = report.problems
    assert (problem["severity"], problem["rule"]) == ("warning", "observation-far")
    assert (problem["file"], problem["row"], problem["column"]) == ("observations.csv", 2, "latitude")
    assert problem["message"] == (
        "осмотр clinic-1 записан в 1001 м от точки организации, а допустимо 512 м; таких строк: 2"
    )


@pytest.mark.parametrize(
    "cells",
    [
        AT_THE_DOOR,
        AT_THE_DOOR | {"latitude": "56.4845"},  # 489 m
        NORTH | {"accuracy_m": "502"},
        {},
    ],
    ids=["at the door", "within the distance", "within its accuracy", "without a place"],
)
def test_a_visit_near_enough_is_not_told_of(operator: Callable[..., Path], check: Check, cells: dict[str, str]) -> None:
    report = check(operator(cells))
    assert (report.code, report.problems) == (0, [])


def test_the_distance_is_an_option(operator: Callable[..., Path], tmp_path: Path) -> None:
    folder = operator(NORTH)
    for metres, expected in ((0, 0), (2000, 0), (500, 1)):
        config = tmp_path / f"c{metres}" / "content" / "publication.yaml"
        config.parent.mkdir(parents=True)
        config.write_text(yaml.safe_dump({"observation_distance_m": metres}), "utf-8")
        report = checker(tmp_path)(folder, options=("--config", str(config)))
        assert report.rules == ["observation-far"] * expected


def test_an_organisation_of_another_package_has_a_point_too(
    operator: Callable[..., Path], package_factory: Factory, check: Check
) -> None:
    parents = package_factory("parents", organizations=3, reviews=1)
    folder = operator(NORTH)
    for table in ("organizations", "assessments", "scores", "reviews", "replies"):
        (folder / f"{table}.csv").unlink()
    descriptor = folder / "datapackage.json"
    text = descriptor.read_text("utf-8")
    descriptor.write_text(
        text[: text.index('"resources"')] + '"resources": [{"name": "observations", "path": "observations.csv"}]}',
        "utf-8",
    )
    assert check(folder, options=("--with", str(parents))).rules == ["observation-far"]


def test_the_page_measures_as_the_check_does() -> None:
    assert round(distance_m(56.4891, 84.9501, 56.4801, 84.9501)) == 1001
    assert round(distance_m(0, 179.999, 0, -179.999)) == 222  # across the antimeridian


# ---- pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_right_picture_is_right_whatever_its_name(operator: Callable[..., Path], check: Check, kind: str) -> None:
    content = picture(kind)
    report = check(operator({"photo_sha256": sha256(content)}, files={"photos/one.bin": content}))
    assert (report.code, report.problems) == (0, [])


def test_a_picture_that_nobody_lists_is_a_warning(operator: Callable[..., Path], check: Check) -> None:
    report = check(operator({"photo_sha256": "ab" * 32}, {"photo_sha256": "ab" * 32, "parameter": "access_conditions"}))
    assert report.code == 0
    (problem,) = report.problems
    assert (problem["rule"], problem["row"]) == ("photo-unlisted", 2)
    assert problem["message"].endswith("нет в таблице observation_photos; таких строк: 2")


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


SPOILT = {
    "another file": (lambda content: content + b"\0", "photo-hash"),
    "no file": (lambda _: None, "photo-path"),
}


@pytest.mark.parametrize("change", SPOILT)
def test_a_file_that_is_not_the_one_named_is_an_error(operator: Callable[..., Path], check: Check, change: str) -> None:
    spoil, rule = SPOILT[change]
    content = picture()
    folder = operator(files={"photos/one.jpg": content}, kept=True)
    spoilt = spoil(content)
    (folder / "photos/one.jpg").unlink()
    if spoilt is not None:
        (folder / "photos/one.jpg").write_bytes(spoilt)
    report = check(folder)
    assert report.code == 2
    assert report.rules == [rule]
    assert (report.problems[0]["file"], report.problems[0]["row"]) == ("observation_photos.csv", 2)


@pytest.mark.parametrize(
    "path", ["../one.jpg", "/etc/hostname", "photos/../../x", "https://a.example/1.jpg", ".hidden"]
)
def test_a_path_never_leads_out_of_the_package(operator: Callable[..., Path], check: Check, path: str) -> None:
    content = picture()
    report = check(operator(files={"photos/one.jpg": content}, path=path))
    assert report.rules == ["photo-path"]
    assert path in report.problems[0]["message"]


@pytest.mark.parametrize(
    ("content", "rule", "words"),
    [
        (b"GIF89a" + b"\0" * 50, "photo-kind", "не JPEG, не PNG и не WebP"),
        (b"\xff\xd8\xff" + b"\0" * (8 * 1024 * 1024), "photo-size", "8.4 MB"),
        (picture("PNG", size=(8000, 7000)), "photo-size", "8000 × 7000, а допустимо 50 MP"),
        (cut(picture()), "photo-damaged", "повреждён"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "photo-damaged", "повреждён"),
    ],
    ids=["GIF", "too many bytes", "too many pixels", "cut", "only the sign of PNG"],
)
def test_a_file_that_cannot_be_shown_is_an_error(
    operator: Callable[..., Path], check: Check, content: bytes, rule: str, words: str
) -> None:
    report = check(operator(files={"photos/one.jpg": content}))
    assert (report.code, report.rules) == (2, [rule])
    assert words in report.problems[0]["message"]


def test_right_pictures_are_looked_at_once(
    operator: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another file under the same name is noticed all the same: it is known by its content, not by its name."""
    seen: list[Path] = []
    content, output = picture(), tmp_path / "output"
    folder = operator(files={"photos/one.jpg": content})
    import nok.pictures

    real = nok.pictures.check_picture
    monkeypatch.setattr(nok.pictures, "check_picture", lambda file, **more: (seen.append(file), real(file, **more)))
    build = ["build", "--packages", str(folder), "--output", str(output), "--full"]
    assert publish.main(build) == 0
    assert publish.main(build) == 0
    assert len(seen) == 1
    (folder / "photos/one.jpg").write_bytes(content + b"\0")
    assert publish.main(build) == 2


# ---- what is published -----------------------------------------------------------------------------------------------


@pytest.fixture
def built(operator: Callable[..., Path], tmp_path: Path) -> Callable[..., Path]:
    def build(*seen: dict[str, str], **more: Any) -> Path:
        output = tmp_path / "output"
        assert publish.main(["build", "--packages", str(operator(*seen, **more)), "--output", str(output)]) == 0
        return output / "current"

    return build


def test_the_published_copy_holds_nothing_but_pixels(built: Callable[..., Path]) -> None:
    content = picture(size=(2000, 1000), turn=6)
    site = built(files={"photos/one.jpg": content})
    copy = (site / observed_picture(sha256(content))).read_bytes()
    with Image.open(io.BytesIO(copy)) as shown:
        assert (shown.format, shown.size) == ("JPEG", (480, 960))  # it stands upright
        assert not shown.getexif() and "exif" not in shown.info and "comment" not in shown.info
        top, bottom = shown.getpixel((240, 100)), shown.getpixel((240, 860))
    assert top[2] > 200 > top[0] and bottom[0] > 200 > bottom[2]
    for word in (b"Exif", b"Device-77", b"comment-77", PLACE.encode()):
        assert word not in copy


def test_the_page_of_a_visit_says_when_where_and_what(built: Callable[..., Path]) -> None:
    content = picture()
    visit = NORTH | {"latitude": "56.4802", "accuracy_m": "8", "observer": "n-05", "observed_at": "2025-06-25T16:15"}
    site = built(visit | {"photo_sha256": sha256(content)}, files={"photos/one.jpg": content})
    page = (site / "o/70/clinic-1.observed.html").read_text("utf-8").replace("\N{NO-BREAK SPACE}", " ")
    for said in ("25 июня 2025, 16:15", "n-05", "в 11 м от точки организации, точность прибора 8 м", "Вход с пандусом"):
        assert said in page
    assert f'src="../../{observed_picture(sha256(content))}"' in page
    assert 'href="clinic-1.observed.html"' in (site / "o/70/clinic-1.html").read_text("utf-8")
    assert not (site / "o/70/clinic-2.observed.html").exists()


def test_a_picture_that_is_not_released_leaves_nothing_behind(built: Callable[..., Path]) -> None:
    site = built(files={"photos/one.jpg": picture()}, kept=True, caption="канарейка")
    files = [file for file in site.rglob("*") if file.is_file()]
    assert not [file for file in files if file.suffix in (".jpg", ".png", ".webp") and "static" not in file.parts]
    assert not [file for file in files if "канарейка" in file.read_bytes().decode("utf-8", "replace")]
    assert not (site / "o/70/clinic-1.observed.html").exists()


def test_a_picture_that_is_taken_back_is_in_nothing_that_is_kept(
    operator: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in an older slot either, which a rollback would bring back."""
    first, second, output = picture(), picture(colour="green"), tmp_path / "output"

    def build(day: int, files: dict[str, bytes], **more: Any) -> None:
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1_770_422_400 + day * 86_400))
        folder = operator(files=files, **more)
        assert publish.main(["build", "--packages", str(folder), "--output", str(output)]) == 0

    def kept(content: bytes) -> int:
        return len(list((output / "slots").glob(f"*/{observed_picture(sha256(content))}")))

    for day in range(3):
        build(day, {"one.jpg": first, "two.jpg": second}, caption="Слова о снимке")
    assert (kept(first), kept(second)) == (3, 3)
    build(3, {"two.jpg": second}, caption="Иные слова")
    assert (kept(first), kept(second)) == (0, 3)
    assert publish.main(["rollback", "--output", str(output)]) == 0
    page = (output / "current/o/70/clinic-1.observed.html").read_text("utf-8")
    assert "Иные слова" in page and observed_picture(sha256(first)) not in page
    build(4, {"two.jpg": second}, kept=True)
    assert kept(second) == 0
    assert not list((output / "slots").glob("*/o/70/*.observed.html"))
    assert publish.main(["rollback", "--output", str(output)]) == 0
    assert "observed" not in (output / "current/o/70/clinic-1.html").read_text("utf-8")


def test_transparent_and_odd_pictures_become_plain_ones() -> None:
    glass = io.BytesIO()
    Image.new("LA", (40, 30), (0, 0)).save(glass, "PNG")
    ink = io.BytesIO()
    Image.new("CMYK", (40, 30), (0, 255, 255, 0)).save(ink, "JPEG")
    for content, expected in ((glass.getvalue(), (255, 255, 255)), (ink.getvalue(), (254, 0, 0))):
        with Image.open(io.BytesIO(published_copy(content))) as shown:
            assert shown.mode == "RGB"
            assert all(abs(one - two) < 4 for one, two in zip(shown.getpixel((20, 15)), expected, strict=True))
    assert published_copy(picture()) == published_copy(picture())
    with pytest.raises(PictureError):
        published_copy(b"no picture")
    assert kind_of(picture("WEBP")[:16]) == "webp"
