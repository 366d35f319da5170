"""Identifiers: Russian registry numbers, organisation ids and placement codes. Pure text, standard library only.

Every identifier is a string; a leading zero is part of it.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import reduce

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")

RESERVED_IDS = frozenset(
    ["index", "api", "con", "prn", "aux", "nul"] + [f"com{n}" for n in range(1, 10)] + [f"lpt{n}" for n in range(1, 10)]
)
"""Names that a file system or our own addresses keep for themselves."""

_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12_FIRST = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12_SECOND = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base32: no I, L, O, U, so that a code read aloud or typed from a stand cannot be mistaken."""

PLACEMENT_CODE_LENGTH = 10
PLACEMENT_BITS = 45
"""What a code spells besides its check symbol."""
_CODE_VALUE = {symbol: number for number, symbol in enumerate(CROCKFORD)}
_PAIRS = tuple(first + second for first in CROCKFORD for second in CROCKFORD)
_PAIR_SUMS = tuple(2 * first // 32 + 2 * first % 32 + second for first in range(32) for second in range(32))
"""What each two symbols add to the sum of `check_symbol`, for a country has a code for each organisation."""
_LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})


_SEEN_AS = str.maketrans("авекмнорстухіјѕԁһ", "abekmhopctyxijsdh")
"""Cyrillic letters, made small, to the Latin ones that they, or their capitals, are drawn like."""


def seen_as(text: str) -> str:
    """What is left of an identifier for the eye: two that give the same are taken for one by people and by disks.

    Case, blanks, invisible signs, width and the alphabet of letters that are drawn alike make no difference.

    >>> seen_as("А1 ") == seen_as("a\u200b1"), seen_as("01") == seen_as("1")
    (True, False)
    """
    plain = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in plain if sign.isprintable() and not sign.isspace()).translate(_SEEN_AS)


def is_organization_id(text: str) -> bool:
    """True for 1–64 of `a-z0-9-`, not beginning or ending with a hyphen, and no reserved name.

    >>> is_organization_id("primersk-school-12"), is_organization_id("con"), is_organization_id("-rf")
    (True, False, False)
    """
    return _ID.fullmatch(text) is not None and text not in RESERVED_IDS


def _weighted(digits: str, weights: Sequence[int]) -> str:
    return str(sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11 % 10)


def is_inn(text: str) -> bool:
    """ИНН of a legal person (10 digits) or of an entrepreneur (12), with right check digits.

    >>> is_inn("7707083893"), is_inn("6105135300"), is_inn("366220664163")
    (True, False, True)
    """
    if not (text.isascii() and text.isdigit()):
        return False
    if len(text) == 10:
        return _weighted(text[:9], _INN_10) == text[9]
    if len(text) == 12:
        return _weighted(text[:10], _INN_12_FIRST) + _weighted(text[:11], _INN_12_SECOND) == text[10:]
    return False


def is_kpp(text: str) -> bool:
    """КПП: four digits, two digits or Latin capitals, three digits.

    >>> is_kpp("773601001"), is_kpp("7736AB001"), is_kpp("77360100")
    (True, True, False)
    """
    return re.fullmatch(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}", text) is not None


def is_ogrn(text: str) -> bool:
    """ОГРН (13 digits) or ОГРНИП (15), with the right check digit.

    >>> is_ogrn("5137746004787"), is_ogrn("5137746004788")
    (True, False)
    """
    if not (text.isascii() and text.isdigit()) or len(text) not in (13, 15):
        return False
    return str(int(text[:-1]) % (len(text) - 2) % 10) == text[-1]


def is_oktmo(text: str) -> bool:
    """ОКТМО: 8 digits (municipality) or 11 (settlement); it has no check digit."""
    return re.fullmatch(r"[0-9]{8}|[0-9]{11}", text) is not None


def check_symbol(symbols: str) -> str:
    """The check symbol of a placement code: Luhn's scheme modulo 32.

    It notices every single wrong symbol and nearly every swap of two neighbours.
    """
    total = 0
    for position, symbol in enumerate(reversed(symbols)):
        value = _CODE_VALUE[symbol] * (2 - position % 2)
        total += value // 32 + value % 32
    return CROCKFORD[-total % 32]


def default_placement_number(organization_id: str) -> int:
    """The 45 bits that the default code of an organisation spells; two codes are equal just where these are."""
    return default_placement_numbers([organization_id])[0]


def default_placement_numbers(organization_ids: Iterable[str]) -> list[int]:
    """The same of many organisations, in their order."""
    from_bytes, sha256 = int.from_bytes, hashlib.sha256
    return [from_bytes(sha256(f"nok-placement-1:{one}".encode()).digest()[:6]) >> 3 for one in organization_ids]


def default_placement_code(organization_id: str) -> str:
    """The code that every organisation has from the start: 9 symbols of SHA-256 and a check symbol.

    It never changes, for it is printed (design: default placement).

    >>> default_placement_code("primersk-school-12")
    'MFKWV59B60'
    """
    number = default_placement_number(organization_id)
    first, second, third, fourth, last = (
        number >> 35,
        number >> 25 & 1023,
        number >> 15 & 1023,
        number >> 5 & 1023,
        number & 31,
    )
    total = _PAIR_SUMS[first] + _PAIR_SUMS[second] + _PAIR_SUMS[third] + _PAIR_SUMS[fourth] + _PAIR_SUMS[last << 5]
    symbols = _PAIRS[first] + _PAIRS[second] + _PAIRS[third] + _PAIRS[fourth] + CROCKFORD[last]
    return symbols + CROCKFORD[-total % 32]


def placement_code(number: int) -> str:
    """The code that spells the 45 bits of `number`.

    >>> placement_code(default_placement_number("primersk-school-12"))
    'MFKWV59B60'
    """
    symbols = "".join(CROCKFORD[number >> shift & 31] for shift in range(PLACEMENT_BITS - 5, -1, -5))
    return symbols + check_symbol(symbols)


def placement_number(code: str) -> int | None:
    """The 45 bits that a code in its printed form spells; `None` where `code` is none."""
    if parse_placement_code(code) != code:
        return None
    return reduce(lambda number, symbol: number << 5 | _CODE_VALUE[symbol], code[:-1], 0)


def parse_placement_code(text: str) -> str | None:
    """The code in its printed form, or `None` where `text` is no code.

    Case, hyphens and the letters that look like digits are forgiven, since people type it from a stand.

    >>> parse_placement_code("mfkwv-59b6o")
    'MFKWV59B60'
    """
    code = text.upper().translate(_LOOKS_LIKE)
    if len(code) != PLACEMENT_CODE_LENGTH or any(symbol not in _CODE_VALUE for symbol in code):
        return None
    return code if check_symbol(code[:-1]) == code[-1] else None
