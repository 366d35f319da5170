"""How text becomes HTML: Jinja2 options, the words of each language, Russian numbers, dates and plurals.

**Templates are rendered in two stages.** What is constant for a build (frame, menu, words, names of assets) stands in
`[[ … ]]` and `[% … %]` and is rendered once for each template, language and depth; what varies stands in `{{ … }}` and
`{% … %}` and is rendered for every page. In the first stage a template sees `site` alone, in the second `page` alone.
Measured, this makes a page three times cheaper than one template that repeats its constants, and another four times
where the second stage is plain enough to become Python (`nok.template_code`).

The only place that knows babel. Site and widget share it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from types import CodeType

import babel
import babel.dates
import jinja2
import markupsafe

from nok import urls
from nok.documents import parse_yaml
from nok.errors import ConfigError
from nok.json_text import write_json
from nok.template_code import compile_template, function_of
from nok.template_shelf import TemplateShelf

NO_BREAK = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"
SOFT_HYPHEN = "\N{SOFT HYPHEN}"

_CYRILLIC = re.compile(r"[\u0400-\u052F]")
_LOCALES = {"en": babel.Locale("en", "GB")}
"""Where a language alone would bring the habits of a country that we do not mean."""


@cache
def _locale(language: str) -> babel.Locale:
    return _LOCALES.get(language) or babel.Locale(language)


@cache
def language_name(language: str) -> str:
    """What a language calls itself, as the link to it says.

    >>> language_name("ru"), language_name("tt")
    ('Русский', 'Татар')
    """
    name = babel.Locale(language).get_display_name() or language
    return name[:1].upper() + name[1:]


@cache
def decimal_sign(language: str) -> str:
    """
    >>> decimal_sign("tt"), decimal_sign("en")
    (',', '.')
    """
    symbols = _locale(language).number_symbols
    return str(symbols.get("latn", symbols)["decimal"])


# ---- words ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of the interface in one language: dotted key to text, or to plural forms."""

    language: str
    texts: Mapping[str, str]
    plurals: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    borrowed: frozenset[str] = frozenset()
    """Keys that the language has no words for: these are said in Russian."""

    def __call__(self, key: str, **gaps: object) -> str:
        """The text of `key` with its `{gaps}` filled.

        Raises:
            KeyError: there is no such text; a page with a missing word must not be published.
        """
        text = self.texts[key]
        return text.format(**gaps) if gaps else text

    def plural(self, key: str, number: int, /, **gaps: object) -> str:
        """The form of `key` that goes with `number`, without the number itself.

        >>> Words("ru", {}, {"mark": {"one": "оценка", "few": "оценки", "many": "оценок"}}).plural("mark", 22)
        'оценки'
        """
        forms = self.plurals[key]
        form = _plural_form(FALLBACK if key in self.borrowed else self.language, number)
        text = forms.get(form) or forms["other" if "other" in forms else "many"]
        return text.format(**gaps) if gaps else text

    def count(self, key: str, number: int) -> str:
        """`22 оценки`: the number and the form of `key` that goes with it, never torn apart by a line break."""
        return f"{format_integer(number)}{NO_BREAK}{self.plural(key, number)}"


@lru_cache(maxsize=16_384)
def _plural_form(language: str, number: int) -> str:
    form: str = _locale(language).plural_form(number)
    return form


FALLBACK = "ru"
"""The language whose words stand in for those that another lacks."""


def read_words(folder: Path, language: str, own: Path | None = None) -> Words:
    """The words of a language: those of the theme, below `folder`, and over them the publication's, below `own`.

    The theme keeps `<language>/*.yaml`, a file's name being the first part of its keys; the publication one file
    `<language>.yaml` with such parts as sections. What neither has is said in Russian.

    Raises:
        ConfigError: no words for the language, none that the world knows, or a text that is neither a text nor a set
            of plural forms.
    """
    found = _theme_words(folder / language)
    catalogue = own / f"{language}.yaml" if own else None
    if catalogue and catalogue.exists():
        found |= _own_words(catalogue)
    if not found or not _is_known(language):
        expected = catalogue or folder / language
        raise ConfigError("words-missing", place=expected, language=language)
    lacking = {key: value for key, value in _theme_words(folder / FALLBACK).items() if key not in found}
    found |= lacking
    return Words(
        language,
        {key: value for key, value in found.items() if isinstance(value, str)},
        {key: value for key, value in found.items() if not isinstance(value, str)},
        frozenset(lacking),
    )


def _is_known(language: str) -> bool:
    """Whether CLDR knows the language: without it there are neither its plurals nor its months."""
    try:
        return bool(_locale(language))
    except (babel.UnknownLocaleError, ValueError):
        return False


Said = str | Mapping[str, str]
"""A text of the interface, or its plural forms."""


def _theme_words(folder: Path) -> dict[str, Said]:
    found: dict[str, Said] = {}
    for file in sorted(folder.glob("*.yaml")):
        found |= _file_of_words(file.stem, file.read_text("utf-8"), str(file))
    return found


@lru_cache(maxsize=256)
def _file_of_words(name: str, text: str, source: str) -> Mapping[str, Said]:
    """The words of one file of a theme: a build asks for each language several times."""
    return _section(name, parse_yaml(text, source), source)


def _own_words(file: Path) -> dict[str, Said]:
    found: dict[str, Said] = {}
    for name, section in parse_yaml(file.read_text("utf-8"), str(file)).items():
        if not isinstance(section, dict):
            raise ConfigError("words-section", place=file, name=name, value=repr(section))
        found |= _section(name, section, str(file))
    return found


def _section(name: str, section: Mapping[str, object], source: str) -> dict[str, Said]:
    found: dict[str, Said] = {}
    for key, value in section.items():
        if isinstance(value, str):
            found[f"{name}.{key}"] = bind_short_words(value)
        elif isinstance(value, dict) and ({"other", "many"} & set(value)):
            found[f"{name}.{key}"] = value
        else:
            raise ConfigError("words-text", place=source, key=key, value=repr(value))
    return found


_SHORT_WORDS = re.compile(
    r"(?<![\w-])(а|без|в|во|до|за|и|из|к|ко|на|не|о|об|от|по|под|при|с|со|у) (?=\S)", re.IGNORECASE
)


def bind_short_words(text: str) -> str:
    """Our own Russian text with short words bound to the next one, dashes and per cents to the one before.

    Never for names and reviews: they stay as they were written.

    >>> bind_short_words("Оценка в школе — хорошо").replace(NO_BREAK, "_")
    'Оценка в_школе_— хорошо'
    """
    return _SHORT_WORDS.sub(rf"\1{NO_BREAK}", text).replace(" —", f"{NO_BREAK}—").replace(" %", f"{NO_BREAK}%")


# ---- numbers and dates ---------------------------------------------------------------------------------------------


_LONG_WORD = re.compile(r"[А-Яа-яЁё]{11,}")
_SYLLABLES = re.compile(r"[А-Яа-яЁё]{5,}?(?=[бвгджзйклмнпрстфхцчшщ][аеёиоуыэюя][а-яё]{3})")
"""What may stand before a division: five letters or more, then a consonant and a vowel, and as much again."""


@lru_cache(maxsize=4096)
def breakable(text: str) -> str:
    """The heading of a narrow column: Russian words of eleven letters and more may be divided before a syllable.

    Chromium has no Russian hyphenation of its own on Linux and on many phones, and one long word sets the width of a column.

    >>> breakable("Доброжелательность, итог").replace(SOFT_HYPHEN, "-")
    'Добро-желатель-ность, итог'
    """
    return _LONG_WORD.sub(lambda word: _SYLLABLES.sub(rf"\g<0>{SOFT_HYPHEN}", word[0]), text)


def format_integer(number: int) -> str:
    """Groups of three with a narrow space from five digits on.

    >>> format_integer(1306), format_integer(14206).replace(NARROW, "_")
    ('1306', '14_206')
    """
    return str(number) if abs(number) < 10_000 else f"{number:,}".replace(",", NARROW)


@lru_cache(maxsize=65_536)
def format_decimal(number: Decimal, decimals: int, language: str) -> str:
    """`number` with exactly `decimals` decimals, half up is the caller's affair: it is shown as given or padded.

    >>> format_decimal(Decimal("83.5"), 2, "ru"), format_decimal(Decimal("4"), 1, "en")
    ('83,50', '4.0')
    """
    text = f"{number:.{decimals}f}"
    return text.replace(".", decimal_sign(language))


@lru_cache(maxsize=16_384)
def format_date(day: date, language: str) -> str:
    """`7 февраля 2026`, `7 February 2026`; the parts do not part at a line end."""
    text = babel.dates.format_date(day, "d MMMM y", locale=_locale(language))
    return text.replace(" ", NO_BREAK)


# ---- the frame of every page ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """The same page in another language: what stands before its address."""

    language: str
    name: str
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """All that a template may know besides its page; constant for a build, a language and a depth."""

    title: str
    language: str
    words: Words
    root: str
    """How a page says "the site's root": `../../` on the site, `/` or an address in the widget."""
    lang: str
    """What stands before paths of this language: nothing or `en/`."""
    alternates: tuple[Alternate, ...]
    public_url: str
    widget_url: str
    rate_root: str
    """What stands before `rate/<id>` in links that rate: relative where site and widget share an origin."""
    contact_email: str
    assets: Mapping[str, str]
    """Logical name of an asset (`site.css`) to its hashed path below the root."""

    def word(self, key: str, **gaps: object) -> str:
        """The text of `key`; one that is borrowed from another language stands between marks, see `_told_apart`."""
        text = self.words(key, **gaps)
        return f"{_BORROWED}{text}{_RETURNED}" if key in self.words.borrowed else text

    def asset(self, name: str) -> str:
        """The link to an asset.

        Raises:
            KeyError: no such asset; a page without its style must not be published.
        """
        return self.root + self.assets[name]

    def link(self, name: str, *parts: str) -> str:
        """The link to a page named as in `nok.urls` (`regions`, `editorial` …) in this page's language."""
        target = getattr(urls, name)(*parts, lang=self.lang)
        folder = target.removesuffix("index.html")
        return self.root + folder or "./"


def make_site(
    *,
    title: str,
    language: str,
    languages: Sequence[str],
    words: Words,
    root: str,
    public_url: str,
    widget_url: str,
    contact_email: str,
    assets: Mapping[str, str],
) -> Site:
    """The frame of the pages that reach the site's root by `root`."""
    alternates = tuple(
        Alternate(language=other, name=language_name(other), prefix=root + urls.prefix(other, languages))
        for other in languages
        if other != language
    )
    return Site(
        title=title,
        language=language,
        words=words,
        root=root,
        lang=urls.prefix(language, languages),
        alternates=alternates,
        public_url=public_url.rstrip("/"),
        widget_url=widget_url.rstrip("/"),
        rate_root=root if widget_url.rstrip("/") == public_url.rstrip("/") else widget_url.rstrip("/") + "/",
        contact_email=contact_email,
        assets=assets,
    )


# ---- templates -----------------------------------------------------------------------------------------------------

Render = Callable[[object], str]
"""A page record in, the whole HTML document out."""


def _constant(value: object) -> object:
    """A value of the first stage as text that the second stage cannot take for its own marks."""
    if isinstance(value, jinja2.Undefined):
        return value
    return markupsafe.Markup(str(markupsafe.escape(value)).replace("{", "&#123;"))


@lru_cache(maxsize=8)
def _first_stage(folder: Path) -> jinja2.Environment:
    """One for a folder however many builds a process makes; a template that has changed since is read again."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder / "templates"),
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_constant,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Theme:
    """The templates of a folder, ready to be bound to a `Site`."""

    def __init__(self, folder: Path) -> None:
        """`folder` holds `templates/`; nothing is read before a template is asked for."""
        self._first = _first_stage(folder.absolute())

    def prepare(self, templates: Iterable[str]) -> None:
        """Reads templates now that will be bound later; one that cannot be read is told of when it is bound."""
        for template in templates:
            with suppress(jinja2.TemplateError, OSError):
                self._first.get_template(template)

    def bind(self, template: str, site: Site, shelf: TemplateShelf | None = None) -> Render:
        """The template as a function of the page. `shelf` keeps what is bound to sites of this very look.

        Raises:
            ConfigError: the template is missing, broken, or uses a word or an asset that does not exist.
        """
        name = f"{template} {site.language} {site.root}"
        code: CodeType | str | None = shelf.recall(name) if shelf else None
        if code is None:
            code = self._code(template, site)
            if shelf and isinstance(code, CodeType):
                shelf.keep(name, code)
        return _by_jinja(code) if isinstance(code, str) else function_of(code)

    def _code(self, template: str, site: Site) -> CodeType | str:
        try:
            flat = self._first.get_template(template).render(site=site)
            text = _told_apart(_squeeze(flat)) if site.words.borrowed else _squeeze(flat)
            return _compiled(text, f"theme/templates/{template}") or text
        except (jinja2.TemplateError, KeyError) as error:
            raise ConfigError("template-fault", template=template, fault=_what(error)) from error


_SECOND = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)


@lru_cache(maxsize=512)
def _compiled(text: str, name: str) -> CodeType | None:
    """A template of the second stage, compiled once in a process however many builds it serves; `None` where only Jinja2
    can do what it asks for."""
    return compile_template(_SECOND.parse(text), name)


def _by_jinja(text: str) -> Render:
    """Jinja2's own rendering: slower, and able to do all that Jinja2 can."""
    compiled = _SECOND.from_string(text)
    return lambda page: compiled.render(page=page)


def _what(error: Exception) -> str:
    if isinstance(error, jinja2.TemplateNotFound):
        return f"the template '{error.name}' is missing"
    if isinstance(error, KeyError):
        return f"there is no word or asset {error}"
    return f"{error.message}" if isinstance(error, jinja2.TemplateError) else str(error)


def _squeeze(text: str) -> str:
    """Without indentation and empty lines: a fifth of a page's bytes. Lines of a `<pre>` keep theirs."""
    return re.sub(r"\n\s*(?=[<{\n])", "\n", text)


_BORROWED, _RETURNED = "\ufdd0", "\ufdd1"
"""Marks around a borrowed text until it is known where it stands; no text of anybody holds these."""
_MARKED = re.compile(
    r"<(title|option|textarea|script|style)\b.*?</\1>|<[A-Za-z!/][^>]*>|\ufdd0(?P<text>.*?)\ufdd1", re.DOTALL
)


def _told_apart(text: str) -> str:
    """A template in which borrowed words say in what language they are, for whoever reads aloud.

    Where no element can stand, in an attribute or a title, they stay as they are.
    """

    def replace(found: re.Match[str]) -> str:
        if found["text"] is not None:
            return f'<span lang="{FALLBACK}">{found["text"]}</span>'
        return found[0].replace(_BORROWED, "").replace(_RETURNED, "")

    return _MARKED.sub(replace, text)


def is_cyrillic(text: str) -> bool:
    """True where a text holds a Cyrillic letter, so that an English page can mark it as foreign."""
    return _CYRILLIC.search(text) is not None


_RUSSIAN = re.compile(r"([«„№]*[\u0400-\u04ff](?:[^A-Za-z\n;]*[\u0400-\u04ff0-9»“”])?)")
"""A run of Russian in a text of another language: from a Cyrillic letter to the last one, a number or a quotation mark
before a Latin letter."""


def marked(text: str) -> str:
    """A text of two languages as HTML, in which what is Russian says so.

    >>> str(marked("No. 8-п; бюджет области; & more"))
    'No. 8-<span lang="ru">п</span>; <span lang="ru">бюджет области</span>; &amp; more'
    """
    parts = (
        f'<span lang="{FALLBACK}">{markupsafe.escape(part)}</span>' if number % 2 else markupsafe.escape(part)
        for number, part in enumerate(_RUSSIAN.split(text))
    )
    return markupsafe.Markup("".join(parts))


def safe_json(value: object) -> markupsafe.Markup:
    """JSON that may stand inside a script element: no text in it can end the element or begin a comment. Numbers with a
    fraction come through `exact_number`, which refuses what JSON lacks."""
    text = write_json(value)
    if _ENDS_SCRIPT.search(text):
        text = _ENDS_SCRIPT.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
    return markupsafe.Markup(text)


_ENDS_SCRIPT = re.compile("[<>&\u2028\u2029]")


def trusted_html(text: str) -> markupsafe.Markup:
    """HTML that we made ourselves (a map's element, an editor's page), to be put in as it is."""
    return markupsafe.Markup(text)
