"""How names become the words of the search index. The reader's browser does the same to a question
(`theme/static/search-text.js`): both must agree letter by letter, and a test compares them over a whole vocabulary.

Floor 1, pure. Words of Russian lose their endings by the Snowball algorithm, words in Latin letters their plural.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

import snowballstemmer

LONGEST_WORD = 40
"""Letters of a word that are looked at: a name without spaces is one word."""

MOST_WORDS = 64
"""Words of one text that are looked at."""

LEAST_FORGIVING = 4
"""A stem shorter than this must be written right."""

PREFIX = 3
"""By so many first letters the dictionary is opened."""

REF_BITS = 28
"""An organisation is a number of so many bits in the index; two may share one, for what is found is read again."""

LONG_NUMBER = 8
"""A number of so many digits is an identifier (ИНН, ОГРН), not a part of a name."""

UNSAID = frozenset(
    "и в на по при им имени с со из для г ул пр пер пл ш д дом корп стр the of and for at"
    " гбоу мбоу маоу мкоу мбдоу мадоу мкдоу гбу мбу мау мку огбу огау фгбу фгбоу гбуз обуз гауз".split()
)
"""Words that tell no organisation from another: they are neither in the index nor looked for."""

LEGAL = frozenset("государствен муниципальн бюджетн автономн казен учрежден".split())
"""Stems of what thousands of organisations are by law; left out as well."""

_MARKS = re.compile("([a-z])[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_ASCII_LETTER = re.compile("[a-z]")
_APOSTROPHES = re.compile("(?<=[^\\W\\d_])['\u2019\u02bc](?=[^\\W\\d_])")
_ALIKE = ("abcehkmoptxy", "авсенкмортху")
_TO_CYRILLIC, _TO_LATIN = str.maketrans(*_ALIKE), str.maketrans(_ALIKE[1], _ALIKE[0])
_russian = snowballstemmer.stemmer("russian")


def words_of(text: str) -> list[str]:
    """The words of a text as they were written, but for case, ё, accents and letters of the wrong alphabet.

    >>> words_of("МБОУ «СOШ № 012» (Ёлкино)")
    ['мбоу', 'сош', '12', 'елкино']
    """
    folded = text.lower()
    if not folded.isascii():
        lowered = _MARKS.sub(r"\1", unicodedata.normalize("NFKD", text.replace("№", " ")).lower())
        folded = unicodedata.normalize("NFC", lowered).replace("ё", "е")
    folded = _APOSTROPHES.sub("", folded)
    return [_word(found)[:LONGEST_WORD] for found in _WORD.findall(folded)[:MOST_WORDS]]


def _word(found: str) -> str:
    if found[0].isdigit():
        return found.lstrip("0") or "0" if len(found) < LONG_NUMBER else found
    return one_alphabet(found)


def one_alphabet(word: str) -> str:
    """A word of two alphabets in the one that has more than look-alikes in it, or in Cyrillic.

    >>> one_alphabet("сoш"), one_alphabet("cafе")
    ('сош', 'cafe')
    """
    if word.isascii() or not _ASCII_LETTER.search(word):
        return word
    cyrillic = [letter for letter in word if "а" <= letter <= "я"]
    latin = [letter for letter in word if "a" <= letter <= "z"]
    if not cyrillic or not latin:
        return word
    if all(letter in _ALIKE[1] for letter in cyrillic) and any(letter not in _ALIKE[0] for letter in latin):
        return word.translate(_TO_LATIN)
    return word.translate(_TO_CYRILLIC)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """What the forms of a word have in common.

    >>> stem("школы"), stem("музеев"), stem("cafes"), stem("12")
    ('школ', 'муз', 'cafe', '12')
    """
    if len(word) < 4 or word[0].isdigit():
        return word
    if "а" <= word[0] <= "я":
        found: str = _russian.stemWord(word)
        return found[:-1] if len(found) > 3 and found.endswith("е") else found  # «музе-ев» and «муз-ей», «лице-я»
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


@lru_cache(maxsize=50_000)
def terms_of(text: str) -> tuple[str, ...]:
    """The stems of a text that the index knows, each once, in their order."""
    found = dict.fromkeys(
        stem(word) for word in words_of(text) if word not in UNSAID and (len(word) > 1 or word[0].isdigit())
    )
    return tuple(term for term in found if term not in LEGAL)


def terms_of_all(texts: Iterable[str]) -> dict[str, None]:
    """The terms of several texts, each once, in their order: the keys of a dictionary."""
    return dict.fromkeys(chain.from_iterable(map(terms_of, texts)))


def is_number(term: str) -> bool:
    return term[0].isdigit()


@lru_cache(maxsize=100_000)
def hash_of(text: str) -> int:
    """32 bits that tell in which shard a text stands (the low ones) and its bit in a signature (the high ones).

    FNV-1a over UTF-16, then one round of mixing, for the low bits of FNV alone are not even.
    """
    return _hash(text)


def _hash(text: str) -> int:
    value = 0x811C9DC5
    for unit in memoryview(text.encode("utf-16-le")).cast("H"):
        value = (value ^ unit) * 0x01000193 & 0xFFFFFFFF
    value = (value ^ value >> 15) * 0x2C1B3C6D & 0xFFFFFFFF
    return value ^ value >> 13


def ref_of(organization_id: str) -> int:
    """The number by which the index calls an organisation."""
    return int.from_bytes(hashlib.sha256(organization_id.encode()).digest()[:4], "big") >> 32 - REF_BITS


def pair(one: str, other: str) -> str:
    """The entry of two terms that stand in one name."""
    return f"{one} {other}" if one < other else f"{other} {one}"


def signature_of(terms: Iterable[str]) -> int:
    """64 bits, one set for each term: whether an organisation may have a term is seen without reading its name."""
    found = 0
    for term in terms:
        found |= 1 << (hash_of(term) >> 26)
    return found


def spelling_keys(term: str) -> Iterator[str]:
    """The keys under which the dictionary holds a term: its beginning, and itself without any one letter.

    Whoever wrote a letter too many, too few, another one, or two in the wrong order shares one of the latter with it.
    """
    yield f"^{term[:PREFIX]}"
    if len(term) >= LEAST_FORGIVING:
        yield from {f"~{variant}" for variant in (term, *(term[:at] + term[at + 1 :] for at in range(len(term))))}


def spelling_hashes(term: str) -> Iterator[int]:
    """`hash_of` of these keys; few of them are asked for twice, so that none is remembered."""
    return map(_hash, spelling_keys(term))
