"""From foreign cells to cells of a package: the rule of one field and the function that it compiles to.

Pure: text in, text out. Each step leaves an empty cell empty; a cell that does not fit raises `Unfit`.
"""

import hashlib
import html
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from nok.documents import nearest
from nok.errors import ConfigError
from nok.latin import latin
from nok.packages.fields import Check, similar
from nok.packages.profile import CONTROL

Cell = Callable[[Sequence[str]], str]
"""The cells of a foreign row in; the text of one field out. Raises `Unfit`."""

Step = Callable[[str], str]

MAXIMUM_SLUG = 64
"""The longest organisation id."""

_HASH_DIGITS = 6

_MEMORY = 4096
"""How many made cells of a column are remembered: most columns repeat a few values."""

_SHOWN_COLUMNS = 20
_DATE_PARTS = {"YYYY": r"(?P<year>\d{4})", "MM": r"(?P<month>\d{2})", "DD": r"(?P<day>\d{2})"}
_TIME_PARTS = {"hh": r"\d{2}", "mm": r"\d{2}", "ss": r"\d{2}"}
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?")
_WEBSITE = re.compile(r"(?:(?P<scheme>https?)[:/\\]+)?(?P<rest>[\w.-]+\.\w{2,}(?::\d{1,5})?(?:/\S*)?)", re.IGNORECASE)


class Unfit(Exception):
    """A cell that does not fit: the rule it breaks, the value as found, details for the sentence."""

    def __init__(self, rule: str, value: str = "", details: Mapping[str, str] | None = None) -> None:
        super().__init__(rule)
        self.rule, self.value, self.details = rule, value, dict(details or {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How numbers are written: the decimal sign and the sign between groups of digits (empty: none)."""

    decimal: str = "."
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CellRule:
    """How one field is made; exactly one of `column`, `constant`, `template`, `first` is set.

    `values` is a map of whole cells and `otherwise` what a cell outside of it is: `misfit`, `keep` or `empty`.
    `decimals` is how many a number keeps (`None`: all), `pad` the length up to which zeros are put in front (0: none).
    """

    column: str = ""
    constant: str | None = None
    template: str = ""
    first: tuple["CellRule", ...] = ()
    missing: frozenset[str] = frozenset()
    is_html: bool = False
    has_single_spaces: bool = False
    replace: tuple[tuple[re.Pattern[str], str], ...] = ()
    values: Mapping[str, str] | None = None
    otherwise: str = "misfit"
    is_lower: bool = False
    date_forms: tuple[str, ...] = ()
    numbers: Numbers | None = None
    decimals: int | None = None
    pad: int = 0
    is_slug: bool = False
    is_website: bool = False
    prefix: str = ""
    suffix: str = ""


# ---- steps ---------------------------------------------------------------------------------------------------------


def slug(text: str, longest: int = MAXIMUM_SLUG) -> str:
    """Small Latin letters, digits and hyphens.

    What is longer than `longest` is cut between words and ends with six hex digits of the whole text's SHA-256, for
    long official names differ only at their ends.

    >>> slug("Школа № 12 «Щёлково»"), slug("Café Noir")
    ('shkola-no-12-shchelkovo', 'cafe-noir')
    """
    # Our letters first: NFKD would take the breve off «й» and the dots off «ё».
    ascii_only = unicodedata.normalize("NFKD", latin(text).replace("_", "")).encode("ascii", "ignore").decode().lower()
    whole = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['`]", "", ascii_only)).strip("-")
    if len(whole) <= longest:
        return whole
    room = longest - _HASH_DIGITS - 1
    cut = whole[: room + 1].rpartition("-")[0] or whole[:room]
    return f"{cut.rstrip('-')}-{hashlib.sha256(whole.encode()).hexdigest()[:_HASH_DIGITS]}"


def plain_number(text: str, numbers: Numbers, decimals: int | None = None) -> str:
    """A number with a point and without groups, rounded half to even to `decimals` where it has more.

    Raises:
        Unfit: `number-form`.

    >>> plain_number("1 204,50", Numbers(decimal=",", group=" ")), plain_number("51.5361234567", Numbers(), 6)
    ('1204.50', '51.536123')
    """
    bare = text
    if numbers.group:
        bare = re.sub(
            r"(?<=\d)[ \u00a0\u202f](?=\d{3})" if numbers.group == " " else re.escape(numbers.group), "", text
        )
    if numbers.decimal == ",":
        bare = bare.replace(".", "?").replace(",", ".")
    if _PLAIN_NUMBER.fullmatch(bare) is None:
        raise Unfit("number-form", text, {"expected": f"1{numbers.group}234{numbers.decimal}5"})
    number = Decimal(bare)
    exponent = number.as_tuple().exponent
    if decimals is not None and isinstance(exponent, int) and -exponent > decimals:
        number = number.quantize(Decimal(1).scaleb(-decimals)).normalize()
    return format(abs(number) if number == 0 else number, "f")


def compile_date(forms: Iterable[str]) -> Step:
    """A step from dates in any of `forms` (`DD.MM.YYYY`, `YYYY-MM-DDThh:mm:ss`) to ISO dates; a time is left out.

    Raises (the step):
        Unfit: `date-form`.
    """
    shown = ", ".join(forms)
    patterns = [_date_pattern(form) for form in forms]

    def step(text: str) -> str:
        for pattern in patterns:
            found = pattern.fullmatch(text)
            if found is not None:
                try:
                    return date(int(found["year"]), int(found["month"]), int(found["day"])).isoformat()
                except ValueError:
                    break
        raise Unfit("date-form", text, {"expected": shown})

    return step


def _date_pattern(form: str) -> re.Pattern[str]:
    parts = _DATE_PARTS | _TIME_PARTS
    pieces = re.split(f"({'|'.join(parts)})", form)
    return re.compile("".join(parts.get(piece, re.escape(piece)) for piece in pieces), re.ASCII)


def is_date_form(form: str) -> bool:
    """True where `form` names year, month and day once each."""
    return all(form.count(part) == 1 for part in _DATE_PARTS)


def web_address(text: str) -> str:
    """An address with its scheme; `http:/x`, `http//:x` and a missing scheme are mended.

    Raises:
        Unfit: `website-form`.

    >>> web_address("sch12.mskzapad.ru"), web_address("http:/gym1541.mskzapad.ru/")
    ('http://sch12.mskzapad.ru', 'http://gym1541.mskzapad.ru/')
    """
    found = _WEBSITE.fullmatch(text)
    if found is None:
        raise Unfit("website-form", text)
    return f"{(found['scheme'] or 'http').lower()}://{found['rest']}"


def plain_text(text: str) -> str:
    """The words of a piece of HTML, whether its tags are written plainly or as `&lt;p&gt;`.

    >>> plain_text("&lt;p&gt;\\r\\n\\tCleaned &amp;amp; rectified&lt;/p&gt;")
    'Cleaned & rectified'
    """
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", html.unescape(text))).split())


# ---- compiling -----------------------------------------------------------------------------------------------------


def compile_cell(rule: CellRule, columns: Sequence[str], check: Check | None, what: str) -> Cell:
    """The function of a field; `check` is the check of its schema field, `None` for a column that is only computed.

    `what` names the rule in errors.

    Raises:
        ConfigError: the rule names a column that is not in `columns`, or its constant does not fit.
    """
    if rule.constant is not None:
        return _constant(rule.constant, check, what)
    read = _reader(rule, columns, what)
    steps = _steps(rule)
    memory: dict[str, str] = {}

    def cell(row: Sequence[str]) -> str:
        text = read(row)
        made = memory.get(text)
        if made is None:
            made = _make(text, steps, check)
            if len(memory) < _MEMORY:
                memory[text] = made
        return made

    return cell


def _make(found: str, steps: Sequence[Step], check: Check | None) -> str:
    text = found.strip()
    for step in steps:
        text = step(text)
    if CONTROL.search(text):
        raise Unfit("text-control", found)
    fault = check(text) if check is not None else None
    if fault is None:
        return text
    details = fault[1] if text in ("", found.strip()) else {**fault[1], "made": text}
    raise Unfit(fault[0], found, details)


def _constant(text: str, check: Check | None, what: str) -> Cell:
    fault = check(text) if check is not None else None
    if fault is not None:
        expected = fault[1].get("expected", "")
        why = f"{fault[0]}: {expected}" if expected else fault[0]
        raise ConfigError("constant-fault", place=what, text=text, why=why)
    return lambda _: text


def position(name: str, columns: Sequence[str], what: str) -> int:
    """Where the column `name` stands.

    Raises:
        ConfigError: there is no such column ("did you mean").
    """
    if name in columns:
        return list(columns).index(name)
    same = next((column for column in columns if column.casefold() == name.casefold()), "")
    shown = ", ".join(columns[:_SHOWN_COLUMNS]) + (" …" if len(columns) > _SHOWN_COLUMNS else "")
    raise ConfigError("column-missing", place=what, name=name, similar=same or nearest(name, columns), known=shown)


def _reader(rule: CellRule, columns: Sequence[str], what: str) -> Cell:
    if rule.column:
        index = position(rule.column, columns, what)
        return lambda row: row[index]
    if rule.template:
        return _template(rule.template, columns, what)
    choices = [compile_cell(choice, columns, None, what) for choice in rule.first]
    return lambda row: next(filter(None, (choice(row) for choice in choices)), "")


def _template(template: str, columns: Sequence[str], what: str) -> Cell:
    """Text before a column joins it to what stands before, so it vanishes with an empty column (design of addresses).

    The text before the first column and after the last belongs to that column.
    """
    pieces = re.split(r"\{([^{}]+)\}", template)
    parts = [(pieces[n], position(pieces[n + 1].strip(), columns, what)) for n in range(0, len(pieces) - 1, 2)]
    last = pieces[-1]

    def cell(row: Sequence[str]) -> str:
        made = ""
        for number, (before, index) in enumerate(parts):
            text = row[index].strip()
            if text:
                made += (before if made or number == 0 else "") + text
                if number == len(parts) - 1:
                    made += last
        return made

    return cell


def _steps(rule: CellRule) -> list[Step]:
    """The steps of a rule in their one order (docs/mappings.md); all but the value map leave an empty cell alone."""
    steps: list[Step] = []
    if rule.missing:
        steps.append(lambda text: "" if text in rule.missing else text)
    if rule.is_html:
        steps.append(plain_text)
    if rule.has_single_spaces:
        steps.append(lambda text: " ".join(text.split()))
    steps += [_replacement(pattern, by) for pattern, by in rule.replace]
    if rule.values is not None:
        steps.append(_value_map(rule.values, rule.otherwise))
    return steps + [_unless_empty(step) for step in _forms(rule)]


def _forms(rule: CellRule) -> list[Step]:
    steps: list[Step] = []
    if rule.is_lower:
        steps.append(str.lower)
    if rule.date_forms:
        steps.append(compile_date(rule.date_forms))
    numbers, decimals = rule.numbers, rule.decimals
    if numbers is not None:
        steps.append(lambda text: plain_number(text, numbers, decimals))
    if rule.pad:
        steps.append(lambda text: text.zfill(rule.pad))
    if rule.is_website:
        steps.append(web_address)
    if rule.prefix or rule.suffix:
        steps.append(lambda text: f"{rule.prefix}{text}{rule.suffix}")
    if rule.is_slug:
        steps.append(slug)
    return steps


def _unless_empty(step: Step) -> Step:
    return lambda text: step(text) if text else ""


def _replacement(pattern: re.Pattern[str], by: str) -> Step:
    return lambda text: pattern.sub(by, text).strip()


def _value_map(values: Mapping[str, str], otherwise: str) -> Step:
    @lru_cache(maxsize=_MEMORY)
    def guess(text: str) -> str:
        return similar(text, values)

    def step(text: str) -> str:
        found = values.get(text)
        if found is not None:
            return found
        if text == "" or otherwise == "empty":
            return ""
        if otherwise == "keep":
            return text
        raise Unfit("value-unmapped", text, {"similar": guess(text)})

    return step
