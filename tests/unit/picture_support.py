"""Pictures for tests, made by the library itself: with metadata that must not be published."""

import hashlib
import io

from PIL import Image

PLACE = "ТАЙНОЕ МЕСТО СЪЁМКИ"


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (1600, 1200), colour: str = "red", turn: int = 1) -> bytes:
    """A picture whose left half is of another colour; a JPEG has a place, a device and a comment in its metadata.

    `turn` is the orientation of EXIF: 6 says that the picture is to be shown turned to the right.
    """
    image = Image.new("RGB", size, colour)
    image.paste("blue", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0110], exif[0x0112], exif[0x010E] = "Device-77", turn, PLACE
    exif.get_ifd(0x8825)[2] = (56.0, 29.0, 3.0)
    buffer = io.BytesIO()
    more = {"exif": exif, "comment": b"comment-77"} if kind == "JPEG" else {"exif": exif}
    image.save(buffer, kind, **more)
    return buffer.getvalue()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
