"""Photographs sent with ratings: pixels only, bounded work, sealed, decided about at the desk, gone when they are taken back."""

import csv
import hashlib
import io
import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import func, select

from nok.errors import StorageError
from nok.picture_heads import PictureError
from tests.pace import within
from tests.unit.desk_support import Office, opened
from tests.unit.picture_support import picture
from tests.unit.widget_support import BROWSER, TODAY, all_reviews
from widget.audit_check import verify
from widget.backup import back_up, restore
from widget.engines import store_place
from widget.export import export_reviews
from widget.photos import Workshop
from widget.tables import photos, text_keys

CANARY = b"KANAREJKA-77"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with opened(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    found = Workshop()
    yield found
    found.close()


def send(office: Office, receipt: str, *contents: bytes, name: str = "a.jpg", **headers: str) -> Any:
    files = [("photo", (name, content, "image/jpeg")) for content in contents]
    return office.client.post(f"/receipt/{receipt}/photos", files=files, headers=headers)


def ids(office: Office, receipt: str) -> list[str]:
    found = office.store.find(receipt)
    assert found is not None
    return [photo.photo_id for photo in found.photos]


# ---- only pixels -----------------------------------------------------------------------------------------------------


def _jpeg(**more: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(buffer, "JPEG", **more)
    return buffer.getvalue()


def _segment(marker: int, content: bytes) -> bytes:
    """A JPEG with one more segment behind its first marker."""
    plain = _jpeg()
    return plain[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content + plain[2:]


def _exif(kind: str = "JPEG", *, thumbnail: bool = False) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    exif.get_ifd(0x8825)[29] = CANARY.decode()
    buffer = io.BytesIO()
    raw = exif.tobytes() + (CANARY if thumbnail else b"")
    Image.new("RGB", (64, 48), "red").save(buffer, kind, exif=raw)
    return buffer.getvalue()


def _png(**chunks: bytes) -> bytes:
    buffer, note = io.BytesIO(), PngImagePlugin.PngInfo()
    for name, content in chunks.items():
        note.add(name.encode(), content)
    Image.new("RGB", (64, 48), "red").save(buffer, "PNG", pnginfo=note)
    return buffer.getvalue()


def _several(kind: str) -> bytes:
    """A first picture and a second one that nobody sees."""
    buffer = io.BytesIO()
    first, second = Image.new("RGB", (64, 48), "red"), Image.new("RGB", (64, 48), "blue")
    first.save(buffer, kind, save_all=True, append_images=[second], comment=CANARY, exif=_with_word())
    return buffer.getvalue()


def _with_word() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = CANARY.decode()
    return exif.tobytes()


CANARIES: dict[str, Callable[[], bytes]] = {
    "EXIF with a place": _exif,
    "EXIF with a thumbnail": lambda: _exif(thumbnail=True),
    "XMP": lambda: _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>" + CANARY + b"</x>"),
    "IPTC": lambda: _segment(0xED, b"Photoshop 3.0\x008BIM" + CANARY),
    "a comment": lambda: _segment(0xFE, CANARY),
    "a colour profile": lambda: _segment(0xE2, b"ICC_PROFILE\0\x01\x01" + CANARY * 20),
    "several pictures in one (MPO)": lambda: _several("MPO"),
    "an animation (APNG)": lambda: _several("PNG"),
    "a text chunk": lambda: _png(tEXt=b"Comment\0" + CANARY),
    "a packed text chunk": lambda: _png(zTXt=b"Comment\0\0" + zlib.compress(CANARY, 0)),
    "WebP with EXIF": lambda: _exif("WEBP"),
    "a page of script behind the picture": lambda: _jpeg() + b"<script>" + CANARY + b"</script>",
    "an archive behind the picture": lambda: _png() + b"PK\x03\x04" + CANARY,
}


@pytest.mark.parametrize("kind", CANARIES)
def test_nothing_but_pixels_is_kept(workshop: Workshop, kind: str) -> None:
    content = CANARIES[kind]()
    assert CANARY in content, "the canary is in what is sent"
    drawn = workshop.draw(content).result()
    assert CANARY not in drawn.content
    with Image.open(io.BytesIO(drawn.content)) as shown:
        assert (
            shown.format,
            shown.size,
            shown.info.keys() - {"jfif", "jfif_version", "jfif_unit", "jfif_density"},
        ) == (
            "JPEG",
            (64, 48),
            {"progressive", "progression"},
        )
        assert shown.getpixel((5, 5))[0] > 200, "the first picture"


@pytest.mark.parametrize("turn", range(1, 9))
def test_a_photograph_stands_upright(workshop: Workshop, turn: int) -> None:
    drawn = workshop.draw(picture(size=(400, 300), turn=turn)).result()
    assert (drawn.width, drawn.height) == ((400, 300) if turn < 5 else (300, 400))


def test_a_blurred_part_cannot_be_told_from_another(workshop: Workshop) -> None:
    """Whatever fine pattern lies beneath: two that differ in every pixel become the same squares."""
    shown = []
    for offset in (0, 1):
        image = Image.new("L", (240, 240))
        image.putdata([255 * ((x + y + offset) % 2) for y in range(240) for x in range(240)])
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        shown.append(Image.open(io.BytesIO(workshop.draw(buffer.getvalue(), [(0, 0, 1, 1)]).result().content)))
    assert max(abs(a - b) for a, b in zip(*(one.convert("L").tobytes() for one in shown), strict=True)) <= 2


# ---- bounded ---------------------------------------------------------------------------------------------------------


def _bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that claims to be enormous."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


REFUSED = {
    "a bomb of pixels": (lambda: _bomb(60_000, 60_000), 413, "photo-size"),
    "a bomb by one pixel": (lambda: _bomb(50_000, 1001), 413, "photo-size"),
    "nine megabytes": (lambda: b"\xff\xd8\xff" + b"\0" * (9 << 20), 413, "photo-size"),
    "a GIF": (lambda: b"GIF89a" + b"\0" * 50, 415, "photo-kind"),
    "a page": (lambda: b"<!doctype html><script>1</script>", 415, "photo-kind"),
    "an SVG": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "photo-kind"),
    "the sign of a JPEG alone": (lambda: b"\xff\xd8\xff\xe0", 422, "photo-damaged"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_a_photograph_is_refused_at_once(office: Office, what: str) -> None:
    make, status, rule = REFUSED[what]
    content, receipt = make(), office.rate()
    with within(0.3):
        answer = send(office, receipt, content)
    assert (answer.status_code, answer.json()["problems"][0]["rule"]) == (status, rule)
    assert ids(office, receipt) == []


def test_a_picture_that_is_cut_costs_nothing_but_itself(office: Office) -> None:
    receipt, good = office.rate(), picture(size=(200, 100))
    assert send(office, receipt, good[: len(good) // 2]).status_code == 422
    assert send(office, receipt, good).status_code == 303


def test_a_picture_that_takes_too_long_is_given_up_and_the_next_is_drawn() -> None:
    workshop = Workshop(seconds=0.0)
    try:
        with pytest.raises(PictureError):
            workshop.draw(picture()).result()
        workshop._seconds = 60.0
        assert workshop.draw(picture(size=(64, 48))).result().width == 64
    finally:
        workshop.close()


def test_the_process_that_draws_can_write_nothing_and_grow_only_so_far(workshop: Workshop) -> None:
    workshop.draw(_jpeg()).result()
    (process, *_) = workshop._all
    limits = Path(f"/proc/{process.pid}/limits").read_text("utf-8")
    found = {line[:26].strip(): line[26:].split()[0] for line in limits.splitlines()}
    assert (found["Max file size"], found["Max address space"]) == ("0", "1600000000")


# ---- sending ---------------------------------------------------------------------------------------------------------


def test_photographs_are_kept_sealed_and_a_retry_stores_nothing_twice(office: Office, tmp_path: Path) -> None:
    receipt, content = office.rate(), picture()
    for _ in range(2):
        answer = send(office, receipt, content, content)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/receipt/{receipt}?saved=1#photos")
    assert len(ids(office, receipt)) == 1
    page = office.client.get(f"/receipt/{receipt}", headers=BROWSER).text
    assert "ждёт модератора" in page.replace("\N{NO-BREAK SPACE}", " ")
    answer = office.client.get(f"/receipt/{receipt}/photos/{ids(office, receipt)[0]}")
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("image/jpeg", "no-store")
    assert (answer.headers["x-content-type-options"], answer.headers["content-security-policy"]) == (
        "nosniff",
        "default-src 'none'; sandbox",
    )
    everything = b"".join(file.read_bytes() for file in (tmp_path / "var").iterdir())
    assert answer.content[200:260] not in everything


def test_a_sixth_photograph_is_refused_and_nothing_of_its_form_is_kept(office: Office) -> None:
    receipt = office.rate()
    four = [picture(size=(40 + n, 30)) for n in range(4)]
    assert send(office, receipt, *four).status_code == 303
    answer = send(office, receipt, picture(size=(60, 30)), picture(size=(61, 30)))
    assert (answer.status_code, answer.json()["problems"][0]["rule"]) == (422, "photos-many")
    assert len(ids(office, receipt)) == 4
    assert send(office, receipt, *[picture(size=(70 + n, 30)) for n in range(6)]).status_code == 422
    assert send(office, receipt).status_code in (415, 422), "nothing was chosen"


def test_a_stranger_cannot_send_to_a_receipt_or_see_its_photographs(office: Office) -> None:
    mine, other = office.rate(), office.rate()
    send(office, mine, picture())
    (photo,) = ids(office, mine)
    assert office.client.get(f"/receipt/{other}/photos/{photo}").status_code == 404
    assert office.client.post(f"/receipt/{other}/photos/{photo}").status_code == 404
    assert send(office, "0" * 16, picture()).status_code == 404
    assert send(office, mine, picture(), **{"sec-fetch-site": "cross-site"}).status_code == 403
    assert office.client.get(f"/desk/photos/{photo}").status_code == 303, "to the sign-in"


def test_a_photograph_that_its_sender_takes_back_is_gone_and_so_is_its_key(office: Office) -> None:
    receipt = office.rate()
    send(office, receipt, picture())
    (photo,) = ids(office, receipt)
    assert office.client.post(f"/receipt/{receipt}/photos/{photo}").status_code == 303
    assert office.client.get(f"/receipt/{receipt}/photos/{photo}").status_code == 404
    rows = office.store.read(lambda connection: connection.execute(photos.select()).mappings().all())
    assert [(row["state"], row["sealed"], row["photo_key"]) for row in rows] == [("removed", None, "")]
    assert office.store.read(lambda connection: connection.execute(text_keys.select()).all()) == []


def test_a_full_disk_leaves_neither_a_photograph_nor_a_key(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = office.rate()
    with monkeypatch.context() as patch:
        patch.setattr("widget.photo_store.write_photo_down", _full)
        assert send(office, receipt, picture()).status_code == 503
    counts = office.store.read(
        lambda connection: [
            connection.execute(select(func.count()).select_from(table)).scalar_one() for table in (photos, text_keys)
        ]
    )
    assert counts == [0, 0]
    assert send(office, receipt, picture()).status_code == 303, "and it heals by itself"


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


# ---- the desk --------------------------------------------------------------------------------------------------------


def test_a_moderator_covers_a_part_and_only_that_is_published(office: Office, tmp_path: Path) -> None:
    receipt = office.rate("Смотрите сами.")
    send(office, receipt, picture(size=(800, 600)))
    (photo,) = ids(office, receipt)
    queue = office.get("/desk/reviews/?queue=photos", "anna")
    assert "1 отзыв со снимками" in queue
    page = office.get(f"/desk/reviews/{office.review_id(receipt)}")
    assert f'src="/desk/photos/{photo}"' in page
    box = {"left1": "25", "top1": "0", "width1": "50,0", "height1": "100"}
    answer = office.post(f"/desk/photos/{photo}", action="publish", **box)
    assert answer.status_code == 303
    office.decide(receipt, "publish")
    out = tmp_path / "out"
    export_reviews(office.store.place, out)
    (row,) = csv.DictReader((out / "review_photos.csv").read_text("utf-8").splitlines())
    assert {name: row[name] for name in ("review_id", "number", "width", "height")} == {
        "review_id": office.review_id(receipt),
        "number": "1",
        "width": "800",
        "height": "600",
    }
    content = (out / row["path"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == row["sha256"], "what was looked at, not what was sent"
    with Image.open(out / row["path"]) as shown:
        assert shown.size == (800, 600)
        left, middle = shown.getpixel((100, 300)), shown.getpixel((420, 300))
        assert left[2] > 200 > left[0], "as it was sent"
        assert shown.getpixel((395, 300)) == pytest.approx(shown.getpixel((340, 300)), abs=12), "a flat square"
        assert middle != left
    assert (
        office.client.get(f"/desk/photos/{photo}").content != office.client.get(f"/desk/photos/{photo}?shown=1").content
    )
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*") if file.is_file()}
    export_reviews(office.store.place, out)
    assert {file: file.stat().st_mtime_ns for file in out.rglob("*") if file.is_file()} == before
    assert verify(office.store.place, [out]).faults == ()


@pytest.mark.parametrize("box", [{"left1": "10"}, {"left1": "10", "top1": "x", "width1": "5", "height1": "5"}])
def test_a_part_that_is_not_given_wholly_publishes_nothing(office: Office, box: dict[str, str]) -> None:
    receipt = office.rate()
    send(office, receipt, picture())
    (photo,) = ids(office, receipt)
    assert office.post(f"/desk/photos/{photo}", "anna", action="publish", **box).status_code == 422
    found = office.store.find(receipt)
    assert found is not None
    assert found.photos[0].standing == "waiting"


def test_a_photograph_of_a_hidden_review_is_not_promised_to_anybody(office: Office, tmp_path: Path) -> None:
    receipt = office.rate("Реклама окон.")
    send(office, receipt, picture())
    office.decide(receipt, "restrict", "anna", reason="advertising")
    answer = office.post(f"/desk/photos/{ids(office, receipt)[0]}", action="publish")
    page = office.get(answer.headers["location"].partition("#")[0])
    assert "в выпуске не будет ни отзыва, ни снимка" in page
    assert "снимка в выпуске нет" in page
    export_reviews(office.store.place, tmp_path / "package")
    assert not (tmp_path / "package" / "review_photos.csv").exists()


def test_a_hidden_photograph_says_why_and_leaves_the_export(office: Office, tmp_path: Path) -> None:
    receipt, out = office.rate(), tmp_path / "out"
    send(office, receipt, picture(size=(300, 200)), picture(size=(301, 200)))
    first, second = ids(office, receipt)
    for photo in (first, second):
        assert office.post(f"/desk/photos/{photo}", "anna", action="publish").status_code == 303
    export_reviews(office.store.place, out)
    assert len(list((out / "photos").rglob("*.jpg"))) == 2
    assert office.post(f"/desk/photos/{first}", action="hide", reason="personal_data").status_code == 303
    export_reviews(office.store.place, out)
    assert len(list((out / "photos").rglob("*.jpg"))) == 1
    page = office.client.get(f"/receipt/{receipt}", headers=BROWSER).text.replace("\N{NO-BREAK SPACE}", " ")
    assert "Снимок 1: скрыт" in page
    office.client.post(f"/receipt/{receipt}", data={"action": "withdraw"})
    export_reviews(office.store.place, out)
    assert not list(out.rglob("*.jpg"))
    assert not (out / "review_photos.csv").exists()


def test_a_photograph_that_is_taken_back_while_it_is_exported_stops_the_export(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt, out = office.rate(), tmp_path / "out"
    send(office, receipt, picture())
    (photo,) = ids(office, receipt)
    assert office.post(f"/desk/photos/{photo}", "anna", action="publish").status_code == 303

    def taken_back(_: object, photo_id: str, *, is_shown: bool) -> None:
        assert (photo_id, is_shown) == (photo, True)

    monkeypatch.setattr("widget.export.read_pixels", taken_back)
    with pytest.raises(StorageError) as caught:
        export_reviews(office.store.place, out)
    place = office.store.place
    assert str(caught.value).startswith(f"{place}: a photograph was taken back while it was exported. Export again.")
    assert caught.value.sentence("ru").endswith("Выгрузите снова. Ничего не записано.")
    assert list(out.rglob("*.csv")) == [], "nothing was written"


def test_the_rated_organisation_sees_published_photographs_and_decides_about_none(office: Office) -> None:
    receipt = office.rate("Текст")
    send(office, receipt, picture(size=(300, 200)), picture(size=(301, 200)))
    first, second = ids(office, receipt)
    assert office.post(f"/desk/photos/{first}", "anna", action="publish").status_code == 303
    office.sign_in("school")
    assert office.client.get(f"/desk/photos/{first}").status_code == 200
    assert office.client.get(f"/desk/photos/{second}").status_code == 404
    assert office.post(f"/desk/photos/{first}", action="hide", reason="personal_data").status_code == 403
    office.sign_in("clinic")
    assert office.client.get(f"/desk/photos/{first}").status_code == 404


# ---- backups ---------------------------------------------------------------------------------------------------------


def test_a_restored_backup_has_its_photographs_and_none_that_was_erased_since(office: Office, tmp_path: Path) -> None:
    kept, erased = office.rate(), office.rate()
    send(office, kept, picture())
    send(office, erased, picture(size=(64, 48)))
    old = back_up(office.store.place, tmp_path / "backups", TODAY).folder
    office.client.post(f"/receipt/{erased}/photos/{ids(office, erased)[0]}")
    back_up(office.store.place, tmp_path / "backups", TODAY)
    pixels = office.client.get(f"/receipt/{kept}/photos/{ids(office, kept)[0]}").content
    elsewhere = store_place(tmp_path / "elsewhere" / "store.sqlite")
    assert restore(old, elsewhere, TODAY).erased == 1
    found = all_reviews(elsewhere)
    assert [len(review.photos) for review in found] == [1, 0]
    assert verify(elsewhere).faults == ()
    sealed = b"".join(file.read_bytes() for file in (tmp_path / "backups").rglob("*") if file.is_file())
    assert pixels[200:260] not in sealed


def test_an_address_that_sends_without_end_is_told_to_wait(office: Office) -> None:
    receipts = [office.rate() for _ in range(2)]
    answers = []
    for number in range(61):
        office.client.app.intake.settings.clock.now += 2  # type: ignore[attr-defined]
        answers.append(send(office, receipts[number % 2], b"GIF89a").status_code)
    assert answers[:60] == [415] * 60
    assert answers[60] == 429
