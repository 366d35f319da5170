"""How alike two texts are, and prints by which texts that are much alike are found among a hundred thousand. Pure.

A text is the set of its pairs of neighbouring words. Prints are made by min-hashing (Broder, On the resemblance and
containment of documents, 1997): of each band the pairs that stand first in two orders thrown for it. Two texts that share
four of five pairs have a print in common 98 times of 100, two that share one of four hardly ever; whoever looks then compares
the texts themselves.
"""

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise
from zlib import crc32

LIKE = 0.6
"""From here on two texts say nearly the same."""
LEAST_WORDS = 5
"""Shorter ones many people write by themselves: «Всё хорошо, спасибо»."""

_BANDS = 4
_ORDERS = tuple(crc32(f"order {number}".encode()) for number in range(2 * _BANDS))
_WORD = re.compile(r"[^\W\d_]+")


def pairs_of(text: str) -> frozenset[str]:
    """The pairs of neighbouring words of a text, without case, numbers and signs; none where it is too short.

    >>> sorted(pairs_of("Спасибо врачу! Всё было хорошо."))
    ['было хорошо', 'врачу все', 'все было', 'спасибо врачу']
    """
    words = _WORD.findall(text.casefold().replace("ё", "е"))
    if len(words) < LEAST_WORDS:
        return frozenset()
    return frozenset(f"{first} {second}" for first, second in pairwise(words))


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """The share of pairs that two texts have in common, 0 to 1.

    >>> likeness(frozenset({"a b", "b c"}), frozenset({"a b", "b d"})), likeness(frozenset(), frozenset())
    (0.3333333333333333, 0.0)
    """
    return len(one & other) / len(one | other) if one and other else 0.0


def prints_of(pairs: frozenset[str], secret: bytes) -> Sequence[int]:
    """A print for each band, none for no pairs; without `secret` nobody tells from a print what a text may have said."""
    hashes = [crc32(pair.encode()) for pair in pairs]
    if not hashes:
        return ()
    firsts = [min(one ^ order for one in hashes) for order in _ORDERS]
    return [_sealed(secret, f"{band}:{firsts[2 * band]}:{firsts[2 * band + 1]}") for band in range(_BANDS)]


def _sealed(secret: bytes, said: str) -> int:
    """63 bits, so that every engine takes it as a number; never 0, which stands for a text without prints."""
    digest = hashlib.blake2b(said.encode(), key=secret, digest_size=8).digest()
    return (int.from_bytes(digest) >> 1) or 1
