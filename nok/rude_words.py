"""Where a text swears. Pure; roots that editors keep in `content/rude_words.yaml`, no guesses about meaning.

It marks words for a moderator and decides nothing: whoever is angry may say so. People hide what they write by letters
of another alphabet, stars, repeats and spaces, and all of these are looked through.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

from nok.documents import parse_yaml, refuse_unknown
from nok.vocabulary import as_list, as_text

_WORD = re.compile(r"[^\W\d_]+(?:[*@#$]+[^\W\d_]+)*")
_SPACED = re.compile(r"(?<!\w)[^\W\d_](?:[ .\-_*][^\W\d_]){2,}(?!\w)")
_STARRED = re.compile(r"[А-яЁё][*@#$]+[А-яЁё]")
_LOOKS_LIKE = str.maketrans("aeopcyxkmthbё", "аеорсухкмтнве")
_REPEATED = re.compile(r"(.)\1{2,}")
_CYRILLIC = re.compile("[а-яё]")


@dataclass(frozen=True, slots=True, kw_only=True)
class RudeWords:
    """Roots in small letters: where words begin so, hold so, or are so; words that hold one of `spared` are none."""

    begins: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()


def parse_rude_words(text: str, source: str) -> RudeWords:
    """The roots written in `text`.

    Raises:
        ConfigError: an unknown key, or something that is no list of texts.
    """
    found = parse_yaml(text, source)
    names = [field.name for field in fields(RudeWords)]
    refuse_unknown(found, names, source)
    lists = {name: as_list(found[name], f"{source}: {name}") for name in names if name in found}
    return RudeWords(**{name: tuple(as_text(one, f"{source}: {name}") for one in some) for name, some in lists.items()})


def find_rude_words(text: str, rude: RudeWords) -> list[tuple[int, int]]:
    """(first, last + 1) of each word in `text` that swears, in order and apart.

    >>> [text[start:end] for text in ["Вот б л и н, и х*й с ним"]
    ...  for start, end in find_rude_words(text, RudeWords(begins=("блин",)))]
    ['б л и н', 'х*й']
    """
    found: list[tuple[int, int]] = []
    for start, end in sorted(_suspects(text, rude)):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


def _suspects(text: str, rude: RudeWords) -> Iterator[tuple[int, int]]:
    for match in _SPACED.finditer(text):
        if _is_rude(re.sub(r"[^\w]|_", "", match[0]), rude):
            yield match.span()
    for match in _WORD.finditer(text):
        if _STARRED.search(match[0]) or _is_rude(match[0], rude):
            yield match.span()


def _is_rude(word: str, rude: RudeWords) -> bool:
    plain = word.casefold().replace("ё", "е")
    if _CYRILLIC.search(plain):
        plain = plain.translate(_LOOKS_LIKE)
    return any(_swears(one, rude) for one in {plain, _REPEATED.sub(r"\1", plain)})


def _swears(word: str, rude: RudeWords) -> bool:
    if any(root in word for root in rude.spared):
        return False
    return word in rude.words or word.startswith(rude.begins) or any(root in word for root in rude.holds)
