"""Draws one photograph after another anew, in a process of its own: `python -m widget.photo_worker`.

A decoder of pictures is a large piece of foreign code that reads what strangers send. So it runs where it can do little:
memory is bounded, nothing can be written, no connection is inherited, and whoever asks (`widget/photos.py`) ends the
process when it takes too long. A message is the length of a head (4 bytes), the head as JSON, and as many bytes as the
head says; answers have the same form.
"""

import json
import resource
import struct
import sys
from typing import IO, Any

from nok.picture_heads import PictureError
from nok.pictures import redraw

MEMORY_BYTES = 1_600_000_000
"""Of address space: 50 megapixels of WebP take three times 0.2 GB, the libraries 0.3 GB."""
_LENGTH = struct.Struct(">I")


def send(stream: IO[bytes], head: dict[str, Any], content: bytes) -> None:
    """Writes a message."""
    text = json.dumps({**head, "bytes": len(content)}).encode()
    stream.write(_LENGTH.pack(len(text)) + text + content)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next message; `None` where the other side has gone, be it in the middle of one."""
    length = stream.read(_LENGTH.size)
    if len(length) < _LENGTH.size:
        return None
    try:
        head: dict[str, Any] = json.loads(stream.read(_LENGTH.unpack(length)[0]))
    except ValueError:
        return None
    content = stream.read(head["bytes"])
    return (head, content) if len(content) == head["bytes"] else None


def confine() -> None:
    """Takes from this process what it does not need."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def answer(head: dict[str, Any], content: bytes) -> tuple[dict[str, Any], bytes]:
    """The picture drawn anew, or the rule that it breaks."""
    try:
        boxes = [tuple(box) for box in head["boxes"]]
        drawn, width, height = redraw(content, head["longest"], boxes)
    except PictureError as error:
        return {"rule": error.rule, "found": error.found, "maximum": error.maximum}, b""
    except MemoryError:
        return {"rule": "photo-damaged", "found": "", "maximum": ""}, b""
    return {"width": width, "height": height}, drawn


def main() -> None:
    """Answers until the other side goes."""
    confine()
    while (asked := receive(sys.stdin.buffer)) is not None:
        send(sys.stdout.buffer, *answer(*asked))


if __name__ == "__main__":
    main()
