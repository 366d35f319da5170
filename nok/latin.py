"""How names of Cyrillic letters are written in Latin ones: in identifiers that imports make, and in places that are typed.

Floor 0, pure, standard library only. The table is BGN/PCGN 1947 as road signs and maps simplify it: ё as е, е always `e`,
no apostrophes for ъ and ь. Names on pages are never rewritten by it: they stay in Cyrillic and are marked so.
`skeleton` is told anew in `theme/static/search-text.js`; both must agree letter by letter, and a test compares them.
"""

import re
import unicodedata
from collections.abc import Mapping

LATIN: Mapping[str, str] = {"ъ": "", "ь": ""} | dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщыэюяіїєґўңөүәһҗқғұ",
        "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya i yi ye g u n o u a h zh k g u".split(),
        strict=True,
    )
)
"""Small letters to small letters. Identifiers are made by it, and they are permanent: no letter may change or be added."""

_OTHERS: Mapping[str, str] = dict(
    zip("ӑӗҫӳҙҡҥҕӧӱӹӝӟӥӵҷҳӣӯ", "a e s u z k n g o u y zh z i ch ch h i u".split(), strict=True)
)
"""Letters of Russia's other languages that the table above leaves out: for what is looked for, not for identifiers."""

_SOUNDS = re.compile("shch|tsch|tch|sch|shh|sh|ch|kh|zh|ts|tz|cz|tc|[yji]+[aeou]|[yji]+|x|w")
_SOUND = {
    **dict.fromkeys(("shch", "sch", "shh", "sh"), "s"),
    **dict.fromkeys(("tsch", "tch", "ch"), "q"),
    **dict.fromkeys(("ts", "tz", "cz", "tc"), "c"),
    "kh": "h",
    "zh": "z",
    "x": "ks",
    "w": "v",
}
_VOWELS = {"a": "a", "e": "e", "o": "e", "u": "u"}
_AGAIN = re.compile(r"(.)\1+")


def latin(text: str) -> str:
    """A text with its Cyrillic letters, made small, in Latin ones; what else stands in it stays.

    >>> latin("Подъездной пер."), latin("Щёлково № 2")
    ('podezdnoy per.', 'shchelkovo № 2')
    """
    small = unicodedata.normalize("NFC", text.lower())
    return "".join(LATIN.get(letter, letter) for letter in small)


def skeleton(word: str) -> str:
    """What the spellings of a name have in common, by whichever table somebody wrote it in Latin letters.

    Equal skeletons do not prove equal names; other skeletons prove other ones, a few exotic tables aside.

    >>> skeleton("щёлково"), skeleton("shchyolkovo"), skeleton("schelkovo"), skeleton("юрьевский"), skeleton("iurevskij")
    ('selkovo', 'selkovo', 'selkovo', 'urevski', 'urevski')
    """
    small = "".join(_OTHERS.get(letter, letter) for letter in word.lower())
    return _AGAIN.sub(r"\1", _SOUNDS.sub(_sound, latin(small)))


def _sound(found: re.Match[str]) -> str:
    text = found.group()
    return _SOUND.get(text) or _VOWELS.get(text[-1], "i")
