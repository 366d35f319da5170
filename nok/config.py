"""`publication.yaml` as a typed record. Pure: text in, `Config` out; the caller reads the file.

Each option is documented under its field, and `tests/test_docs.py` keeps the reference in `docs/configuration.md` true.
"""

import re
import unicodedata
from dataclasses import dataclass, fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args

from nok.documents import nearest, parse_yaml
from nok.errors import ConfigError, Said
from nok.records import REVIEW_CRITERIA

MAXIMUM_URL_LENGTH = 120
"""Longer addresses make a code too fine to be read from a stand."""

_URL = re.compile(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9/_.-]*)?")
_LANGUAGE = re.compile("(?!eng|rus)[a-z]{2,3}")
_NO_LANGUAGES = ("map", "api")
"""What would hide another page's address."""
_TWINS = ("gz", "br")
FORMS = ("parquet", "geo", "sqlite", "excel", "xlsx", "regions", "spheres")
"""Forms of released tables besides exact CSV and JSON Lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """All that a publication can be told."""

    title: str = "Оценка"
    """The name of the publication, in the header and in every page's title."""

    title_en: str = "Ocenka"
    """The same name on the English pages."""

    languages: tuple[str, ...] = ("ru", "en")
    """Languages of the pages; the first stands at the root, the others under `/<language>/`. `ru` and `en` come with the program, any other with a file of its words."""

    public_url: str = "https://ocenka.example"
    """Where the site will stand. Enters only the sitemap, canonical links, feeds and the catalogue."""

    widget_url: str = "https://ocenka.example"
    """Where ratings are taken. Enters QR codes and the links that rate; must be https, in small Latin letters."""

    packages: tuple[str, ...] = ("data_packages/*",)
    """Folders (or ZIP files) of data packages; `*` stands for any name. Relative to the folder above `content/`."""

    output: str = "output"
    """Where the site is built; holds `current`, the slots and the data store."""

    store: str = "var/store.sqlite"
    """The file in which the widget keeps ratings."""

    minimum_ratings: int = 10
    """A mean of citizens' ratings is shown from this many ratings on; below it only their number is."""

    split_step: int = 10
    """Splits of ratings (by channel, by criterion) are told of a multiple of so many ratings, never of fewer than `minimum_ratings`."""

    reviews_per_page: int = 20
    """How many reviews stand on an organisation's page and on each further page of its reviews."""

    observation_distance_m: int = 500
    """An observation made further from its organisation than this, and than the accuracy of the place, is warned of; 0: never."""

    organizations_per_page: int = 50
    """How many organisations stand on one page of a list."""

    address_shards: int = 0
    """0 or 2: hex digits of the id's hash before the id in an organisation's address; 2 above 50,000 a region."""

    precompressed: tuple[str, ...] = ()
    """Compressed twins beside every page, style, script and table, for a web server to send: `gz`, `br`, or both."""

    asked_criteria: tuple[str, ...] = REVIEW_CRITERIA[:4]
    """What the receipt of a rating asks besides the whole, out of `openness`, `comfort`, `accessibility`, `courtesy` (those
    of НОК), `speed`, `cleanliness` and `professionalism` (those of the pilot of 2026). Others are taken where they are sent."""

    sign_in_issuer: str = ""
    """Address of a provider of identities (OpenID Connect) through which people may sign in to the desk, besides by password;
    empty for none. Its secret for us is in the environment variable `SIGN_IN_SECRET`."""

    sign_in_client_id: str = ""
    """Under which name that provider knows this site; its address to come back to is `<widget_url>/desk/provider/back`."""

    update_days: int = 0
    """In so many days at most the publication is built again: the API tells the day of the next update; 0: nothing is promised."""

    forms: tuple[str, ...] = FORMS
    """Forms of released tables beside CSV and JSON Lines: `parquet`, `geo`, `sqlite`, `excel`, `xlsx`, `regions`, `spheres`; all, unless a list says which."""

    signing_key: str = ""
    """The file of the key that signs data releases, made by `publish.py signing-key`, mode 0600; none: they are not signed."""

    publisher: str = ""
    """Who publishes, in the catalogue and the passport of open data; the title of the publication where it is not given."""

    publisher_inn: str = ""
    """The publisher's ИНН, ten or twelve digits, with which the names of sets in `/opendata/` begin; ten zeros without it."""

    publisher_phone: str = ""
    """The publisher's telephone, in the passport of open data."""

    contact_email: str = ""
    """Whom readers may write to about the site; shown in the footer if given."""

    @property
    def told_step(self) -> int:
        """Of so many ratings at least, and in steps of so many, splits are told."""
        return max(self.split_step, self.minimum_ratings)


def parse_config(text: str, source: str = "publication.yaml") -> Config:
    """The configuration written in `text`.

    Raises:
        ConfigError: an unknown key ("did you mean"), a value of the wrong type, an address that cannot be printed.
    """
    values = parse_yaml(text, source) if text.strip() else {}
    known = {field.name: field for field in fields(Config)}
    given: dict[str, Any] = {}
    for key, value in values.items():
        if key not in known:
            raise ConfigError("option-unknown", place=source, key=key, similar=nearest(key, known))
        given[key] = _convert(value, known[key].type, f"{source}: option '{key}'")
    config = Config(**given)
    _check(config, source)
    return config


def _convert(value: Any, expected: Any, what: str) -> Any:
    """`value` in the type of its field; a single text is a list of one where a list is asked for."""
    if expected is str and isinstance(value, str):
        return value
    if expected is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(expected, type | UnionType) and str in get_args(expected):
        items = [value] if isinstance(value, str) else value
        if isinstance(items, list) and all(isinstance(item, str) for item in items):
            return tuple(items)
    names = {"str": Said("text"), "int": Said("whole-number")}
    name = names.get(getattr(expected, "__name__", ""), Said("list-of-texts"))
    raise ConfigError("option-type", place=what, value=value, expected=name)


def _check(config: Config, source: str) -> None:
    for name in ("public_url", "widget_url"):
        _check_url(getattr(config, name), f"{source}: option '{name}'", is_printed=name == "widget_url")
    unknown = [one for one in config.languages if one in _NO_LANGUAGES or not _LANGUAGE.fullmatch(one)]
    if unknown or not config.languages or len(set(config.languages)) < len(config.languages):
        raise ConfigError("option-languages", place=source, value=list(config.languages))
    _check_list("precompressed", config.precompressed, _TWINS, source)
    _check_list("forms", config.forms, FORMS, source)
    wrong = [name for name in config.asked_criteria if name not in REVIEW_CRITERIA]
    if wrong or len(set(config.asked_criteria)) < len(config.asked_criteria):
        raise ConfigError(
            "option-criteria", place=source, value=list(config.asked_criteria), known=", ".join(REVIEW_CRITERIA)
        )
    for name, least, most in (
        ("minimum_ratings", 5, 1000),
        ("split_step", 5, 1000),
        ("reviews_per_page", 1, 200),
        ("organizations_per_page", 10, 500),
        ("observation_distance_m", 0, 100_000),
        ("update_days", 0, 400),
    ):
        number = getattr(config, name)
        if not least <= number <= most:
            raise ConfigError("option-range", place=source, name=name, number=number, least=least, most=most)
    if config.publisher_inn and re.fullmatch("[0-9]{10}|[0-9]{12}", config.publisher_inn) is None:
        raise ConfigError("option-inn", place=source, value=config.publisher_inn)
    if config.address_shards not in (0, 2):
        raise ConfigError("option-shards", place=source, value=config.address_shards)


def _check_list(name: str, given: tuple[str, ...], known: tuple[str, ...], source: str) -> None:
    if len(set(given)) < len(given) or not set(given) <= set(known):
        raise ConfigError("option-list", place=source, name=name, value=list(given), known=", ".join(known))


def _check_url(url: str, what: str, *, is_printed: bool) -> None:
    fault = _url_fault(url, is_printed=is_printed)
    if fault:
        raise ConfigError("option-address", place=what, value=url[:200], fault=fault, most=MAXIMUM_URL_LENGTH)


def _url_fault(url: str, *, is_printed: bool) -> Said | None:
    """What is wrong with an address that will be printed or published; `None` where nothing is."""
    strange = next((char for char in url if not char.isascii()), "")
    host = url.partition("://")[2].partition("/")[0]
    if len(url) > MAXIMUM_URL_LENGTH:
        return Said("address-signs", number=len(url))
    if strange:
        name = unicodedata.name(strange, f"U+{ord(strange):04X}")
        return Said("address-letter", name=name, sign=strange)
    if not url.startswith("https://"):
        return Said("address-open")
    if "@" in host:
        return Said("address-name")
    if host.endswith(":443"):
        return Said("address-port")
    if _URL.fullmatch(url) is None or ".." in url or "/./" in url:
        return Said("address-parts")
    if is_printed and "_" in url:
        return Said("address-underscore")
    return None


def content_folder(config_file: Path) -> Path:
    """Where pages, methods, mappings and words lie: the folder of `publication.yaml` itself."""
    return config_file.parent
