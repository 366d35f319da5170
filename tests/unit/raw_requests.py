"""Requests that no client library would send: the widget's address lines, headers and bodies broken in every place."""

import random
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress

from tests.unit.widget_support import SCHOOL

_BODY = b'{"rating": 4, "idempotency_key": "aaaaaaaaaaaaaaaaaaaa"}'
_PATHS = (
    f"/rate/{SCHOOL}",
    *("/health", "/openapi.json", "/receipt/K7QM2XPT0011ABCD", "/q/MFKWV59B60", "/embed/x", "/desk/", "/", "/static/x"),
    f"/rate/{SCHOOL}?x=1",
)
_METHODS = (b"GET", b"POST", b"HEAD", b"OPTIONS", b"TRACE", b"PUT", b"get", b"G\0T", b"PRI", b"A" * 300)
_BYTES = (
    b"\0",
    b"\r",
    b"\n",
    b"\r\n",
    b" ",
    b"\t",
    b"\xff",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b":",
    b"%",
    b"%00",
    b"%ff",
    b"%zz",
)
_ESCAPES = (
    "%00",
    "%2e%2e/",
    "%ff%fe",
    "%c0%af",
    "%ed%a0%80",
    "%",
    "%g1",
    "%0d%0aX: y",
    "..%5c",
    "//",
    "\u2028",
    "%25%32%66",
)
_HEADERS = (
    *(
        b"Content-Length: -1",
        b"Content-Length: 1e3",
        b"Content-Length: ",
        b"Content-Length: 5, 5",
        b"Content-Length: +5",
    ),
    *(b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: xchunked"),
    *(b"Content-Type: application/json", b"Content-Type: multipart/form-data; boundary=", b"Content-Type: \xff"),
    *(b"Content-Type: application/x-www-form-urlencoded; charset=utf-7", b"Expect: 100-continue", b"Upgrade: h2c"),
    *(
        b"Range: bytes=0-,0-,0-",
        b'If-None-Match: "',
        b"If-Modified-Since: 99",
        b"Accept: \xff",
        b"Accept-Language: ;q=x",
    ),
    *(
        b"Cookie: __Host-desk=\xff; a",
        b"Origin: null",
        b"Sec-Fetch-Site: \0",
        b"X-Forwarded-For: ::::",
        b"Forwarded: for=_",
    ),
    *(
        b"Host: \xd1\x8f",
        b": no name",
        b"no colon",
        b" folded",
        b"X-Long: " + b"a" * 70_000,
        b"Connection: upgrade, close, x",
    ),
)
_CHUNKS = (
    b"0\r\n\r\n",
    b"g\r\n",
    b"-1\r\n",
    b"ffffffffffffffffff\r\nx",
    b"5;x=\xff\r\nabcde\r\n0\r\n\r\n",
    b"3\r\nabcde",
    b"2\n{}\n0\n\n",
)


def raw_requests(number: int, seed: int) -> Iterator[bytes]:
    """`number` broken requests, the same ones for the same `seed`."""
    dice = random.Random(seed)
    for _ in range(number):
        request = bytearray(_request(dice))
        for _ in range(dice.choice((0, 0, 1, 1, 2))):
            at = dice.randrange(len(request) + 1)
            request[at : at + dice.choice((0, 0, 1))] = dice.choice(_BYTES)
        if dice.random() < 0.15:
            del request[dice.randrange(len(request)) :]
        yield bytes(request)


def _request(dice: random.Random) -> bytes:
    path = dice.choice(_PATHS)
    if dice.random() < 0.4:
        at = dice.randrange(len(path) + 1)
        path = path[:at] + dice.choice(_ESCAPES) + path[at:]
    method = dice.choice(_METHODS) if dice.random() < 0.4 else dice.choice((b"GET", b"POST"))
    version = dice.choice((b"HTTP/1.1",) * 6 + (b"HTTP/1.0", b"HTTP/9.9", b"", b"http/1.1"))
    headers = [b"Host: x", b"Connection: close", *dice.choices(_HEADERS, k=dice.randrange(4))]
    body = dice.choice((b"", _BODY, *_CHUNKS, dice.randbytes(40)))
    if method == b"POST" and dice.random() < 0.5:
        headers += [b"Content-Type: application/json", b"Content-Length: %d" % len(body)]
    dice.shuffle(headers)
    return method + b" " + path.encode() + b" " + version + b"\r\n" + b"\r\n".join(headers) + b"\r\n\r\n" + body


def fire(port: int, number: int, seed: int) -> Counter[str]:
    """Sends each over a connection of its own; how often each status came (`none`: the server hung up without one)."""
    seen: Counter[str] = Counter()
    for request in raw_requests(number, seed):
        seen[_status(port, request)] += 1
    return seen


def _status(port: int, request: bytes) -> str:
    found = b""
    with socket.create_connection(("127.0.0.1", port), timeout=15) as connection:
        try:
            connection.sendall(request)
            with suppress(OSError):  # whoever is refused early may be hung up on already
                connection.shutdown(socket.SHUT_WR)
            while part := connection.recv(65_536):
                found += part
        except (ConnectionResetError, BrokenPipeError):
            pass  # the same
    line = found.split(b"\r\n", 1)[0].split()
    assert not found or line[0] in (b"HTTP/1.1", b"HTTP/1.0"), found[:200]
    assert b"Traceback" not in found
    return line[1].decode() if len(line) > 1 else "none"
