"""Which towns and villages an address names: registers give a municipality, people know where they live.

Floor 1, pure. Only what an address says to be a settlement is taken for one («с. Пробное», «Пробное с», «посёлок
Учебный»); a house («д. 5») and a rural council («с/п Пробное») are none. Nothing is looked up in a gazetteer.
"""

import csv
import re
from collections.abc import Mapping
from functools import lru_cache

from nok.errors import ConfigError

LONGEST_NAME = 60
"""Letters of a settlement's name; more is a sentence."""

TOWN = "г."
"""Towns are known by their region; villages of one name lie in many districts."""

_WRITTEN: Mapping[str, str] = {
    TOWN: "г гор город",
    "с.": "с село",
    "д.": "д дер деревня",
    "п.": "п пос посёлок поселок",
    "рп.": "рп р.п",
    "пгт": "пгт п.г.т",
    "дп.": "дп",
    "кп.": "кп",
    "ст-ца": "ст-ца станица",
    "ст.": "ст станция",
    "х.": "х хут хутор",
    "аул": "аул",
    "сл.": "сл слобода",
}
_SIGNS: Mapping[str, str] = {form: sign for sign, forms in _WRITTEN.items() for form in forms.split()}
_SIGN = "|".join(sorted(map(re.escape, _SIGNS), key=len, reverse=True))
_LONG = "|".join(sorted((re.escape(form) for form in _SIGNS if len(form) > 1), key=len, reverse=True))
_NAME = r"(?P<name>(?:[0-9]+[- ]?(?:лет|км|го|й|я)\b)?[^\W\d_](?!\.)[^,;:()/\d]*(?:-[0-9]+)?|[0-9]+[- ]?(?:лет|км|го|й|я)\b[^,;:()/]*)"
_BEFORE = re.compile(rf"(?:[0-9]{{6}}\s+)?(?P<sign>{_SIGN})(?:\.\s*|\s+){_NAME}", re.IGNORECASE)
_STREET = re.compile(
    r"\s(?:ул|улица|шоссе|ш|проезд|пр|пр-т|просп|проспект|пер|переулок|б-р|бульвар|пл|площадь|наб|набережная)\b",
    re.IGNORECASE,
)
_BEHIND = re.compile(rf"(?:[0-9]{{6}}\s+)?{_NAME}\s+(?P<sign>{_SIGN})\.?", re.IGNORECASE)


def settlement(part: str) -> str:
    """A part of an address between commas as a settlement: its sign and its name; empty where it is none.

    >>> settlement("634050 город Томск"), settlement("Учебный рп"), settlement("д. 5"), settlement("ул. Мира")
    ('г. Томск', 'рп. Учебный', '', '')
    """
    text = " ".join(part.split())
    found = _BEFORE.fullmatch(text) or _BEHIND.fullmatch(text)
    if found is None:
        return ""
    name, *street = _STREET.split(found["name"], maxsplit=1)
    name = name.strip(" .«»\"'")
    if street and not street[0].strip(" ."):  # «г. Москва Армавирская ул»: where the town ends is not told
        return ""
    if not 2 <= len(name) <= LONGEST_NAME or not (name[0].isupper() or name[0].isdigit()):
        return ""
    return f"{_SIGNS[found['sign'].lower()]} {name}"


def bare_name(place: str) -> str:
    """A settlement's name without its sign; other places as they are.

    >>> bare_name("рп. Учебный"), bare_name("Учебненский район")
    ('Учебный', 'Учебненский район')
    """
    sign, _, name = place.partition(" ")
    return name if sign in _WRITTEN and name else place


@lru_cache(maxsize=20_000)
def places_of(municipality: str, address: str) -> tuple[tuple[str, str], ...]:
    """(district, place) of an organisation: its municipality and the settlements of its address, each once.

    The district is empty for a municipality and for a town.

    >>> places_of("Пробненский район", "Пробненский район, с. Пробное, ул. Речная, 1")
    (('', 'Пробненский район'), ('Пробненский район', 'с. Пробное'))
    >>> places_of("г. Томск", "город Томск, ул. Мира, д. 5")
    (('', 'г. Томск'),)
    """
    own = " ".join(municipality.split())
    found = [settlement(own) or own, *map(settlement, address.split(","))]
    told = ((("" if place in found[:1] or place.startswith(TOWN) else own), place) for place in found if place)
    return tuple(dict.fromkeys(told))


# ---- customary names in English ------------------------------------------------------------------------------------

Exonyms = Mapping[tuple[str, str], tuple[str, ...]]
"""(region, name in small letters) to the customary English name and other ones that people type."""

_COLUMNS = ["region_code", "name", "name_en", "also"]
_AROUND_TOWN = re.compile(r"(?:городской округ|г\.?\s?о\.?|муниципальное образование)\s+", re.IGNORECASE)


def parse_exonyms(text: str, place: str) -> Exonyms:
    """The table of `content/places.csv`; `place` is its name in messages.

    Raises:
        ConfigError: other columns, a cell too many or too few, no name, or a town twice.
    """
    rows = list(csv.reader(text.splitlines()))
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for number, row in enumerate(rows, start=1):
        if len(row) != len(_COLUMNS) or not all(row[:3]) or (number == 1) != (row == _COLUMNS):
            raise ConfigError("places-row", place=place, row=number, columns=", ".join(_COLUMNS), value=",".join(row))
        region, name, english, also = row
        if (region, name.lower()) in found:
            raise ConfigError("places-twice", place=place, row=number, name=name, region=region)
        found[region, name.lower()] = (english, *filter(None, also.split(";")))
    found.pop((_COLUMNS[0], _COLUMNS[1]), None)
    return found


@lru_cache(maxsize=20_000)
def town_of(place: str) -> str:
    """The name in small letters by which a table knows a settlement or the municipality of a town.

    >>> town_of("городской округ город Казань"), town_of("г.о. Химки"), town_of("г. Москва"), town_of("Омский район")
    ('казань', 'химки', 'москва', 'омский район')
    """
    bare = _AROUND_TOWN.sub("", " ".join(place.split()))
    return bare_name(settlement(bare) or bare).lower()
