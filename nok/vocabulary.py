"""What the codes of data packages are called: spheres, kinds of organisations, reasons why a review is hidden.

Floor 1, pure: YAML text in, frozen records out. The lists are open: editors keep them under `content/`, and a code that
nobody has described is shown as itself, never refused. Texts of the interface are another matter (`theme/words`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from nok.documents import parse_yaml, refuse_unknown
from nok.errors import ConfigError

Texts = Mapping[str, str]
"""A text in several languages: language to text; `ru` and `en` are always there, any other falls back to `ru`."""


Told = TypeVar("Told")


class InRussianAtLeast(dict[str, Told]):
    """What is said in some languages, `ru` among them; whoever asks for another gets that.

    >>> InRussianAtLeast({"ru": "школа", "en": "school"})["tt"]
    'школа'
    """

    def __missing__(self, language: str) -> Told:
        return self["ru"]


LANGUAGE = re.compile("(?!eng|rus)[a-z]{2,3}")
"""How the code of a language is written (ISO 639): with two letters where there are two, so `en` and never `eng`."""

PLURAL_FORMS = {"ru": ("one", "few", "many"), "en": ("one", "other")}
"""The plural categories (CLDR) that counting in each language needs: 1 школа, 2 школы, 5 школ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of organisation. `title` heads a list («Школы»); `words` is language to plural category to word."""

    id: str
    sphere: str
    title: Texts
    words: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sphere:
    """A sphere of services. `where` is its name inside a sentence: «в образовании»."""

    id: str
    title: Texts
    where: Texts
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spheres:
    """The spheres in the order of the file, and every kind by its id."""

    spheres: Mapping[str, Sphere]
    kinds: Mapping[str, Kind]
    any_kind: Kind
    """What an organisation is called whose kind the package does not say."""

    def sphere(self, sphere_id: str) -> Sphere:
        """The sphere, or one that is called by its own code."""
        itself = InRussianAtLeast(ru=sphere_id, en=sphere_id)
        return self.spheres.get(sphere_id) or Sphere(id=sphere_id, title=itself, where=itself)

    def kind(self, kind_id: str) -> Kind:
        """The kind; one that is called by its own code; or, for an empty id, just an organisation."""
        if not kind_id:
            return self.any_kind
        itself = InRussianAtLeast(ru=kind_id, en=kind_id)
        words = InRussianAtLeast({language: dict.fromkeys(forms, kind_id) for language, forms in PLURAL_FORMS.items()})
        return self.kinds.get(kind_id) or Kind(id=kind_id, sphere="", title=itself, words=words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a review is hidden. `rule` is the number in the published rules, `shown` stands in the review's place."""

    code: str
    rule: str
    shown: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Every reason by its code, in the order of the rules."""

    reasons: Mapping[str, Reason]

    def reason(self, code: str) -> Reason:
        """The reason; an unknown code is shown as itself and has no rule."""
        return self.reasons.get(code) or Reason(code=code, rule="", shown=InRussianAtLeast(ru=code, en=code))


def parse_spheres(text: str, source: str) -> Spheres:
    """The spheres and kinds written in `text`.

    Raises:
        ConfigError: an unknown key, a text or a plural form that is missing, a sphere or a kind that stands twice.
    """
    found = parse_yaml(text, source)
    refuse_unknown(found, ("any_kind", "spheres"), source)
    spheres = [_sphere(row, source) for row in as_list(found.get("spheres"), f"{source}: spheres")]
    kinds = [kind for sphere in spheres for kind in sphere.kinds]
    refuse_repeated([sphere.id for sphere in spheres], f"{source}: the sphere")
    refuse_repeated([kind.id for kind in kinds], f"{source}: the kind")
    return Spheres(
        spheres={sphere.id: sphere for sphere in spheres},
        kinds={kind.id: kind for kind in kinds},
        any_kind=_kind({"id": "any", **_mapping(found.get("any_kind"), f"{source}: any_kind")}, "", source),
    )


def parse_reasons(text: str, source: str) -> Reasons:
    """The reasons written in `text`.

    Raises:
        ConfigError: an unknown key, a missing text or rule, a code that stands twice.
    """
    found = parse_yaml(text, source)
    refuse_unknown(found, ("reasons",), source)
    reasons = [_reason(row, source) for row in as_list(found.get("reasons"), f"{source}: reasons")]
    refuse_repeated([reason.code for reason in reasons], f"{source}: the reason")
    return Reasons(reasons={reason.code: reason for reason in reasons})


def _sphere(row: Any, source: str) -> Sphere:
    what = f"{source}: sphere '{_mapping(row, f'{source}: a sphere').get('id', '?')}'"
    refuse_unknown(row, ("id", "title", "where", "kinds"), what)
    sphere_id = as_text(row.get("id"), f"{what}: id")
    return Sphere(
        id=sphere_id,
        title=as_texts(row.get("title"), f"{what}: title"),
        where=as_texts(row.get("where"), f"{what}: where"),
        kinds=tuple(_kind(kind, sphere_id, what) for kind in as_list(row.get("kinds"), f"{what}: kinds")),
    )


def _kind(row: Any, sphere_id: str, source: str) -> Kind:
    what = f"{source}: kind '{_mapping(row, f'{source}: a kind').get('id', '?')}'"
    others = {key: value for key, value in row.items() if key not in ("id", *PLURAL_FORMS) and LANGUAGE.fullmatch(key)}
    refuse_unknown(row, ("id", "title", *PLURAL_FORMS, *others), what)
    return Kind(
        id=as_text(row.get("id"), f"{what}: id"),
        sphere=sphere_id,
        title=as_texts(row.get("title"), f"{what}: title"),
        words=InRussianAtLeast(
            {language: _forms(row.get(language), forms, what) for language, forms in PLURAL_FORMS.items()}
            | {language: _forms(value, tuple(_mapping(value, what)), what) for language, value in others.items()}
        ),
    )


def _forms(value: Any, forms: tuple[str, ...], what: str) -> Mapping[str, str]:
    refuse_unknown(_mapping(value, f"{what}: plural forms"), forms, what)
    return {form: as_text(value.get(form), f"{what}: the plural form '{form}'") for form in forms}


def _reason(row: Any, source: str) -> Reason:
    what = f"{source}: reason '{_mapping(row, f'{source}: a reason').get('code', '?')}'"
    refuse_unknown(row, ("code", "rule", "shown"), what)
    return Reason(
        code=as_text(row.get("code"), f"{what}: code"),
        rule=as_text(row.get("rule"), f"{what}: rule"),
        shown=as_texts(row.get("shown"), f"{what}: shown"),
    )


# ---- what every editorial list needs -------------------------------------------------------------------------------


def as_texts(value: Any, what: str) -> Texts:
    """`{ru: …, en: …}` and any other language; a plain text serves all, and Russian stands in for what is not given.

    Raises:
        ConfigError: no Russian text, or a language nobody would read.
    """
    if isinstance(value, str) and value:
        return InRussianAtLeast(ru=value, en=value)
    if not isinstance(value, dict):
        raise ConfigError("texts-expected", place=what)
    others = [key for key in value if LANGUAGE.fullmatch(str(key))]
    refuse_unknown(value, (*PLURAL_FORMS, *others), what)
    russian = as_text(value.get("ru"), f"{what}: ru")
    told = {language: as_text(value[language], f"{what}: {language}") for language in others}
    return InRussianAtLeast({"ru": russian, "en": russian} | told)


def as_text(value: Any, what: str) -> str:
    """A text that is not empty.

    Raises:
        ConfigError: a number, a list, nothing.
    """
    if not isinstance(value, str) or not value:
        raise ConfigError("text-expected", place=what, value=value)
    return value


def as_list(value: Any, what: str) -> list[Any]:
    """A list with something in it.

    Raises:
        ConfigError: nothing, or no list.
    """
    if not isinstance(value, list) or not value:
        raise ConfigError("list-expected", place=what)
    return value


def refuse_repeated(ids: list[str], what: str) -> None:
    """Raises `ConfigError` for the first of `ids` that stands twice."""
    for position, name in enumerate(ids):
        if name in ids[:position]:
            raise ConfigError("stands-twice", place=what, name=name)


def _mapping(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ConfigError("lines-expected-not", place=what, value=value)
    return value
