"""Everything of a publication that editors wrote, read once: configuration, methods, words, spheres, regions, theme."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from nok import __version__
from nok.config import Config, content_folder, parse_config
from nok.errors import ConfigError, Place, Problem, UsageError
from nok.evidence import Form, form_of
from nok.links import Links, parse_links
from nok.messages import Told
from nok.method import Method, parse_method
from nok.packages.parties import campaign_faults
from nok.print_formats import PrintFormats, parse_print_formats
from nok.questionnaire import Questionnaire, Standing
from nok.questionnaire_file import Known, parse_questionnaires
from nok.records import Region
from nok.rude_words import RudeWords, parse_rude_words
from nok.settlements import Exonyms, parse_exonyms
from nok.stuffing import StuffingRules, parse_stuffing_rules
from nok.templating import Words, read_words
from nok.vocabulary import Reasons, Spheres, parse_reasons, parse_spheres
from nok.warehouse_parse import parse_region

if TYPE_CHECKING:
    from nok.packages.check import Terms
    from nok.packages.read import Package
    from nok.warehouse_rows import Sources

PROJECT = Path(__file__).resolve().parents[2]
"""The folder of the project: theme and installed front-end files lie here."""

Named = tuple[str, Path]
"""A file and its name below the folder that was looked through."""

DEFAULT_CONFIG = Path("content/publication.yaml")


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A publication as its editors describe it."""

    config: Config
    config_file: Path
    content: Path
    theme: Path
    node_modules: Path
    methods: Mapping[str, Method]
    questionnaires: Mapping[str, Questionnaire]
    spheres: Spheres
    reasons: Reasons
    links: Links
    campaign_rows: tuple[Mapping[str, str], ...]
    region_rows: tuple[Mapping[str, str], ...]
    exonyms: Exonyms
    words: Mapping[str, Words]

    @property
    def regions(self) -> list[Region]:
        return [parse_region(row) for row in self.region_rows]

    @property
    def shown_questionnaires(self) -> tuple[Questionnaire, ...]:
        """All but the drafts, which nobody sees before they are ready."""
        return tuple(form for form in self.questionnaires.values() if form.standing is not Standing.DRAFT)

    @property
    def forms(self) -> dict[str, Form]:
        """What the table of answers must know of each questionnaire."""
        return {name: form_of(questionnaire) for name, questionnaire in self.questionnaires.items()}

    def terms(self, today: date, *, encoding: str = "utf-8", allow_empty: bool = False) -> "Terms":
        """What packages of this publication are held against."""
        from nok.packages.check import Terms  # the table engine, as below

        return Terms(
            methods=self.methods,
            regions=self.regions,
            forms=self.forms,
            kinds=tuple(self.spheres.kinds),
            links=self.links,
            today=today,
            encoding=encoding,
            allow_empty=allow_empty,
            observation_distance_m=self.config.observation_distance_m,
        )

    def sources(self, packages: Sequence["Package"], hash_of: Callable[[Path], str]) -> "Sources":
        """What a store of checked packages is filled from; `hash_of` gives the SHA-256 of a file."""
        from nok.warehouse_rows import (
            Sources,  # the table engine, which a build that finds nothing changed does without
        )

        return Sources(
            packages=packages,
            methods=self.methods,
            forms=self.forms,
            region_rows=self.region_rows,
            campaign_rows=self.campaign_rows,
            hash_of=hash_of,
        )

    @property
    def root(self) -> Path:
        """What paths of the configuration are relative to: the folder above `content/`."""
        return self.content.parent

    def print_formats(self) -> PrintFormats:
        """What can be printed, and on which sheets.

        Raises:
            ConfigError: `print.yaml` says something that cannot be followed.
        """
        return parse_print_formats(_text(_inside(self.content, "print.yaml")), "content/print.yaml")

    def stuffing_rules(self) -> StuffingRules:
        """When ratings are refused or set aside.

        Raises:
            ConfigError: `guard.yaml` says something that cannot be followed.
        """
        return parse_stuffing_rules(_text(_inside(self.content, "guard.yaml")), "content/guard.yaml")

    def rude_words(self) -> RudeWords:
        """What the desk marks as swearing.

        Raises:
            ConfigError: `rude_words.yaml` says something that cannot be followed.
        """
        return parse_rude_words(_text(_inside(self.content, "rude_words.yaml")), "content/rude_words.yaml")

    @property
    def own_words(self) -> Path:
        """Where editors keep words that the theme lacks, or says otherwise."""
        return self.content / "words"

    def text(self, name: str) -> str:
        """A file of the editors, word by word."""
        return _text(_inside(self.content, name))

    def texts(self, folder: str) -> dict[str, str]:
        """The YAML files of a folder of the editors, word by word, by their names."""
        return {file.name: _text(file) for file in sorted(_inside(self.content, folder).glob("*.yaml"))}

    def words_of(self, language: str) -> Words:
        """The words of a language that the pages need not have, for the second lines of posters.

        Raises:
            ConfigError: the theme has no such words.
        """
        return self.words.get(language) or read_words(self.theme / "words", language, self.own_words)

    @property
    def field_words(self) -> dict[str, dict[str, str]]:
        """Language to column (`table.column`, or `column` for all tables) to what it says, for the data dictionary."""
        start = "fields."
        return {
            language: {
                key.removeprefix(start): text
                for key, text in self.words_of(language).texts.items()
                if key.startswith(start)
            }
            for language in ("ru", "en")
        }

    def package_paths(self, given: Sequence[str]) -> list[Path]:
        """The packages to publish: `given` on the command line, else those of the configuration.

        Raises:
            UsageError: a named path is not there, or no package is left.
        """
        if given:
            paths = [Path(path) for path in given]
            missing = [path for path in paths if not path.exists()]
            if missing:
                raise UsageError("package-nowhere", place=missing[0])
            return paths
        found = [path for pattern in self.config.packages for path in sorted(self.root.glob(pattern))]
        paths = [path for path in found if (path / "datapackage.json").is_file() or path.suffix == ".zip"]
        if not paths:
            raise UsageError("packages-none", place=self.config_file, known=", ".join(self.config.packages))
        return paths

    def fingerprint(self) -> str:
        """A hash of every file that editors and designers wrote and of the program's version."""
        return _hash_of([*_files(self.content), *self._look_files()])

    def look(self) -> str:
        """A hash of what shapes every page besides data: program, theme, configuration; not the texts of editors, nor
        questionnaires and campaigns, which have pages of their own, nor formats of print."""
        return _hash_of(self._look_files())

    def frame(self) -> str:
        """A hash of program, configuration, methods and vocabularies: what shapes data that no template shapes."""
        return _hash_of(self._shaping_files())

    def _look_files(self) -> list[Named]:
        return [*self._shaping_files(), *_files(self.theme)]

    def _shaping_files(self) -> list[Named]:
        texts = ("pages/", "news/", "mappings/", "questionnaires/")
        others = ("campaigns.csv", "guard.yaml", "links.yaml", "print.yaml")
        return [(name, file) for name, file in _files(self.content) if not name.startswith(texts + others)]


@cache
def program() -> str:
    """A hash of the program as this process runs it: a long-lived worker keeps that of the code it has loaded."""
    digest = hashlib.sha256(__version__.encode())
    for name, file in _files(Path(__file__).resolve().parents[1], "*.py"):
        digest.update(name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def _hash_of(files: Iterable[Named]) -> str:
    digest = hashlib.sha256(program().encode())
    for name, file in files:
        digest.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _files(folder: Path, pattern: str = "*") -> list[Named]:
    """The files below `folder`, by their names there: a text that goes to another language is another text."""
    found = (path for path in folder.rglob(pattern) if path.is_file() and "__pycache__" not in path.parts)
    return sorted((path.relative_to(folder).as_posix(), path) for path in found)


def read_publication(config_file: Path | None) -> Publication:
    """Reads the publication that `config_file` describes; without one, `content/publication.yaml` of this folder or,
    where there is none, of the project itself.

    Raises:
        ConfigError: a file is missing or says something that cannot be followed.
    """
    file = config_file or (DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else PROJECT / DEFAULT_CONFIG)
    content = content_folder(file.absolute())
    config = parse_config(_text(file), str(file))
    spheres = parse_spheres(_text(_inside(content, "spheres.yaml")), "content/spheres.yaml")
    methods = _methods(content, spheres)
    return Publication(
        config=config,
        config_file=file,
        content=content,
        theme=_beside(content, "theme"),
        node_modules=_beside(content, "node_modules"),
        methods=methods,
        questionnaires=_questionnaires(content, Known(methods=methods, spheres=spheres.spheres)),
        spheres=spheres,
        reasons=parse_reasons(_text(_inside(content, "reasons.yaml")), "content/reasons.yaml"),
        campaign_rows=_campaign_rows(_inside(content, "campaigns.csv")),
        links=parse_links(_text(_inside(content, "links.yaml")), "content/links.yaml"),
        region_rows=_region_rows(_inside(content, "regions.csv")),
        exonyms=parse_exonyms(_text(_inside(content, "places.csv")), "content/places.csv"),
        words={
            language: read_words(_beside(content, "theme") / "words", language, content / "words")
            for language in config.languages
        },
    )


def _beside(content: Path, name: str) -> Path:
    """`name` beside the content folder, or the project's own: a publication may keep only what it changes."""
    own = content.parent / name
    return own if own.exists() else PROJECT / name


def _inside(content: Path, name: str) -> Path:
    own = content / name
    return own if own.exists() else PROJECT / "content" / name


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError as error:
        raise ConfigError("file-missing", place=file) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("file-not-text", place=file, error=error) from error


def _methods(content: Path, spheres: Spheres) -> dict[str, Method]:
    """The methods by their ids. Methods of the project need not know the spheres of a publication, nor the other way."""
    folder = _inside(content, "methods")
    is_one_house = folder.parent == _inside(content, "spheres.yaml").parent
    methods: dict[str, Method] = {}
    for file in sorted(folder.glob("*.yaml")):
        method = parse_method(_text(file), f"methods/{file.name}", spheres if is_one_house else None)
        if method.id in methods:
            raise ConfigError("method-twice", name=file.name, method=method.id)
        methods[method.id] = method
    return methods


def _questionnaires(content: Path, known: Known) -> dict[str, Questionnaire]:
    """Those of the publication; those of the project only beside the project's methods and spheres, which they name."""
    folder = _inside(content, "questionnaires")
    has_own_words = any((content / name).exists() for name in ("methods", "spheres.yaml"))
    if has_own_words and folder != content / "questionnaires":
        return {}
    files = [(f"questionnaires/{file.name}", _text(file)) for file in sorted(folder.glob("*.yaml"))]
    return parse_questionnaires(files, known)


def _region_rows(file: Path) -> tuple[Mapping[str, str], ...]:
    return tuple(csv.DictReader(_text(file).splitlines()))


def _campaign_rows(file: Path) -> tuple[Mapping[str, str], ...]:
    """The campaigns that ship with the publication, held against the schema of packages.

    Raises:
        ConfigError: a cell or a row is not right; the message is that of `validate`.
    """
    rows = _region_rows(file)
    for number, row in enumerate(rows, start=2):
        for fault in campaign_faults(row):
            where = Place(package="content", file=file.name, row=number, column=fault.column)
            problem = Problem(rule=fault.rule, value=fault.value, where=where, details=dict(fault.details))
            raise ConfigError("campaign-fault", problem=Told(problem))
    return rows
