"""Short JSON, quickly: the only place that knows orjson. UTF-8, no spaces."""

from math import isfinite
from typing import Any

import orjson


def write_json(value: Any) -> str:
    """Whatever JSON knows, days as `2024-01-31`; a number with a fraction must come through `exact_number` where releases
    must not differ by it."""
    return orjson.dumps(value).decode()


def read_json(text: str | bytes) -> Any:
    """The value; bytes are read without becoming a text first."""
    return orjson.loads(text)


def compact_json(found: Any) -> bytes:
    """As `write_json`, as bytes of a file with a line end."""
    return orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE)


def exact_number(number: float | None) -> orjson.Fragment | None:
    """As Python itself writes it, so that releases do not differ: 0.00001 is `1e-05`.

    Raises:
        ValueError: it is not a number that JSON knows.
    """
    if number is None:
        return None
    if not isfinite(number):
        raise ValueError(f"JSON has no word for {number}")
    return orjson.Fragment(repr(number))
