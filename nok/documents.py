"""YAML text to plain values: the only place that knows YAML.

Stricter than the format: a repeated key, an alias or an unknown tag is an error with its line, for each of them hides
a mistake in a file that people edit by hand.
"""

import difflib
import pickle
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

from nok.errors import ConfigError, Said


class _Loader(yaml.CSafeLoader):
    """Safe loading that also refuses what people do not mean; numbers with a point stay exact text."""


class _Fault(yaml.MarkedYAMLError):
    """What the library does not find wrong and we do, with the words for it."""

    said: Said


def _fault(node: yaml.Node, said: Said) -> _Fault:
    fault = _Fault(problem_mark=node.start_mark)
    fault.said = said
    return fault


class _Lined(dict[Any, Any]):
    """A mapping that knows the lines of its keys; in everything else a plain dict."""

    __slots__ = ("line", "lines")

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.lines: dict[Any, int] = {}


def _mapping(loader: _Loader, node: yaml.Node) -> dict[Any, Any]:
    if not isinstance(node, yaml.MappingNode):  # whatever a tag says
        raise _fault(node, Said("yaml-lines"))
    seen = _Lined(node.start_mark.line + 1)
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int):
            raise _fault(key_node, Said("yaml-key"))
        if key in seen:
            raise _fault(key_node, Said("yaml-twice", key=key))
        seen.lines[key] = key_node.start_mark.line + 1
        seen[key] = loader.construct_object(value_node, deep=True)
    return seen


def _strictly(construct: Callable[[_Loader, yaml.ScalarNode], Any]) -> Callable[[_Loader, yaml.ScalarNode], Any]:
    """`construct` with a line for its faults: a 30th of February, a number of 5,000 digits, a word that is tagged as one.

    The library falls over the last ones in three ways of its own.
    """

    def constructed(loader: _Loader, node: yaml.ScalarNode) -> Any:
        try:
            return construct(loader, node)
        except (ValueError, LookupError, AttributeError) as error:
            why = f" ({error})" if isinstance(error, ValueError) else ""
            raise _fault(node, Said("yaml-value", value=node.value[:40], why=why)) from error

    return constructed


def _exact(loader: _Loader, node: yaml.ScalarNode) -> str:
    return str(loader.construct_scalar(node))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:float", _exact)
_Loader.add_constructor("tag:yaml.org,2002:int", _strictly(yaml.CSafeLoader.construct_yaml_int))
_Loader.add_constructor("tag:yaml.org,2002:bool", _strictly(yaml.CSafeLoader.construct_yaml_bool))
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _strictly(yaml.CSafeLoader.construct_yaml_timestamp))


def parse_yaml(text: str, source: str) -> dict[str, Any]:
    """The mapping written in `text`; numbers with a point come as text, so that no binary float ever meets a score.

    Raises:
        ConfigError: not YAML, not a mapping, a repeated key or an alias; the message names `source` and the line.
    """
    # A build reads the same files several times, and so does a server after it; each reader gets a mapping of its own.
    found: dict[str, Any] = pickle.loads(_read(text, source))  # noqa: S301
    return found


@lru_cache(maxsize=1024)
def _read(text: str, source: str) -> bytes:
    """The mapping in `text`, pickled here and read back here only."""
    try:
        if "*" in text and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.CSafeLoader)):
            raise ConfigError("yaml-alias", place=source)
        value = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ConfigError("yaml-fault", place=f"{source}{_line(error)}", fault=_reason(error)) from error
    except RecursionError:
        raise ConfigError("yaml-deep", place=source) from None
    if not isinstance(value, dict):
        raise ConfigError("yaml-not-mapping", place=source, found=type(value).__name__)
    return pickle.dumps(value)


def line_of(found: object, key: object = None) -> int | None:
    """The line, from 1, on which a mapping of `parse_yaml` begins, or its `key` stands; `None` where nobody knows.

    A key that is not there has the line of its mapping, so that a missing value is looked for where it should stand.
    """
    return found.lines.get(key, found.line) if isinstance(found, _Lined) else None


def place_of(source: str, found: object, key: object = None) -> str:
    """`methods/x.yaml, line 12`: how an error names the place of a mapping, or of one of its keys.

    >>> place_of("x.yaml", parse_yaml("a: 1\\nb: {c: 2}", "x.yaml"), "b")
    'x.yaml, line 2'
    """
    line = line_of(found, key)
    return source if line is None else f"{source}, line {line}"


@dataclass(frozen=True, slots=True)
class Spot:
    r"""A mapping of a document and what it is called there: begins a sentence about it with file, line and name.

    >>> found = parse_yaml("id: x\nK1:\n  title: y\n  weight: 3", "a.yaml")
    >>> spot = Spot("a.yaml", found["K1"], "measure 'K1'")
    >>> str(spot), spot.at("weight")
    ("a.yaml, line 3: measure 'K1'", "a.yaml, line 4: measure 'K1': weight")
    """

    file: str
    part: Mapping[Any, Any]
    name: str

    def __str__(self) -> str:
        return f"{place_of(self.file, self.part)}: {self.name}"

    def at(self, key: Any) -> str:
        """The place of one key, or of the mapping where the key is missing, and the key's name."""
        return f"{place_of(self.file, self.part, key)}: {self.name}: {key}"

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Raises `ConfigError` for the first key that nobody would read, with its line."""
        names = list(known)
        for key in self.part:
            refuse_unknown({key: None}, names, f"{place_of(self.file, self.part, key)}: {self.name}")


def _line(error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    return f", line {mark.line + 1}" if mark else ""


def _reason(error: yaml.YAMLError) -> str | Said:
    """In both languages where it is a fault of our own, in the library's words where it found one."""
    if isinstance(error, _Fault):
        return error.said
    return str(getattr(error, "problem", None) or error).strip()


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is closest to `word` where one is close, else an empty text.

    >>> nearest("titel", ["title", "title_en"]), nearest("colour", ["title"])
    ('title', '')
    """
    return next(iter(difflib.get_close_matches(word, list(known), n=1)), "")


def refuse_unknown(found: Mapping[str, Any], known: Iterable[str], source: str) -> None:
    """Raises `ConfigError` for the first key that nobody would read; `source` names the place, its line included."""
    names = list(known)
    for key in found:
        if key not in names:
            raise ConfigError(
                "key-unknown", place=source, key=key, similar=nearest(str(key), names), known=", ".join(names)
            )


def as_date(value: Any, source: str, key: str) -> date | None:
    """A date, or `None` where the key is absent or empty."""
    if value is None or isinstance(value, date):
        return value
    raise ConfigError("date-expected", place=source, key=key, value=value)
