"""Short JSON as bytes of a file: UTF-8, no space, a line end."""

import json
from typing import Any

import orjson


def compact_json(found: Any) -> bytes:
    """Whatever JSON knows, days as `2024-01-31`; a number with a fraction must come through `exact_number`."""
    return orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE)


def exact_number(number: float | None) -> orjson.Fragment | None:
    """As Python's own writer has it, so that releases do not differ: 0.00001 is `1e-05`."""
    return None if number is None else orjson.Fragment(_NUMBERS.encode(number))


_NUMBERS = json.JSONEncoder(allow_nan=False)
