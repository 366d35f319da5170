"""Every error that a person can mend has its words in Russian and in English, and whoever raises it fills their gaps."""

import ast
import errno
import os
import pickle
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest

import publish
from nok import arguments
from nok.error_words import ERRORS
from nok.errors import ConfigError, Said, StorageError, UsageError
from nok.site import explain
from nok.site.explain import reasons
from nok.site.progress import Profile
from nok.told_words import OUTCOMES, REASONS

ROOT = Path(__file__).resolve().parents[2]
WORDS = {**ERRORS, **OUTCOMES}
RULE_AT = dict.fromkeys(("ConfigError", "UsageError", "StorageError", "BusyError", "ClusterError", "Said"), 0)
"""Who is called with a rule, and where it stands among the arguments."""

HELPERS = {"nok/questionnaire_file.py": {"_refused": 3, "_error": 2}}
"""File to those of its own that pass on a rule, and add the place."""


@dataclass(frozen=True)
class Use:
    """A place that says something of the catalogue: its rule, empty where it is no constant, and the gaps that it fills."""

    where: str
    rule: str
    gaps: frozenset[str]


def uses_in(text: str, where: str) -> Iterator[Use]:
    """Every use in a source text; a helper that passes on the rule it was given is none itself."""
    tree, own = ast.parse(text), HELPERS.get(where, {})
    rule_at = RULE_AT | own
    helpers = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name in own]
    passing = {id(call) for helper in helpers for call in ast.walk(helper)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in rule_at or id(node) in passing:
            continue
        rule = node.args[rule_at[name]] if len(node.args) > rule_at[name] else None
        is_constant = isinstance(rule, ast.Constant) and isinstance(rule.value, str)
        gaps = {keyword.arg or "**" for keyword in node.keywords} | ({"place"} if name in own else set())
        yield Use(f"{where}:{node.lineno}", str(rule.value) if is_constant else "", frozenset(gaps))  # type: ignore[union-attr]


def uses() -> list[Use]:
    files = [*sorted((ROOT / "nok").rglob("*.py")), *sorted((ROOT / "widget").rglob("*.py")), ROOT / "publish.py"]
    return [use for file in files for use in uses_in(file.read_text("utf-8"), str(file.relative_to(ROOT)))]


def gaps_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_whoever_raises_an_error_names_words_and_fills_their_gaps() -> None:
    found = uses()
    assert len(found) > 400
    variable = [use.where for use in found if not use.rule]
    assert [place.partition(":")[0] for place in variable] == ["nok/arguments.py", "nok/errors.py"], (
        "those that fill any words"
    )
    for use in found:
        if use.rule:
            assert use.rule in WORDS, f"{use.where}: there are no words for '{use.rule}'"
            if "**" not in use.gaps:
                assert use.gaps == gaps_of(WORDS[use.rule][0]), use.where


def test_a_sentence_of_its_own_and_a_forgotten_gap_would_be_noticed() -> None:
    code = "raise ConfigError(f'{x} is wrong')\nraise UsageError('print-what', name=1)\nself._error(a, b, 'no-such', c=1)\n"
    (file,) = HELPERS
    assert list(uses_in(code, file)) == [
        Use(f"{file}:1", "", frozenset()),
        Use(f"{file}:2", "print-what", frozenset({"name"})),
        Use(f"{file}:3", "no-such", frozenset({"c", "place"})),
    ]


def test_no_words_are_left_that_nobody_says() -> None:
    said = {use.rule for use in uses()} | set(arguments._ARGPARSE)
    assert set(WORDS) - said == {"as-it-was"}, "and that one is taken off"


@pytest.mark.parametrize("rule", WORDS)
def test_both_languages_say_the_same_of_an_error(rule: str) -> None:
    russian, english = WORDS[rule]
    assert gaps_of(russian) == gaps_of(english)
    assert not re.search("[А-Яа-яЁё]{2}", english)
    assert re.search("[а-яё]{2}", russian) or not re.search("[a-z]{2}", re.sub(r"\{\w+\}", "", english))
    assert russian.endswith(".") == english.endswith("."), "a sentence, or a part of one"


WHAT_ARGPARSE_SAYS = {
    ("build", "--jobs"): ("после --jobs нужно значение", "a value is expected after it"),
    ("import",): ("не хватает: --mapping, --source, --out", "are required: --mapping, --source, --out"),
    ("build", "--nonsense"): ("неизвестно, что значит: --nonsense", "unrecognized arguments: --nonsense"),
    ("build", "--jobs", "many"): ("--jobs: значение «many» не подходит", "the value 'many' does not fit"),
    ("build", "--jobs", "999"): ("Процессов «999», а ожидается от 1 до 256", "'999' is not 1 to 256"),
    ("buld",): ("Может быть, «build»?", "Did you mean 'build'?"),
    ("placements", "add", "--printed-on", "now"): ("«now» — не день", "'now' is not a day"),
    ("build", "--config", "no.yaml"): (
        "no.yaml: такого файла нет. Ничего не сделано.",
        "no.yaml: there is no such file.",
    ),
}


@pytest.mark.parametrize("arguments", WHAT_ARGPARSE_SAYS, ids=" ".join)
def test_a_command_that_cannot_be_followed_is_told_so_in_the_language_that_is_asked_for(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    russian, english = WHAT_ARGPARSE_SAYS[arguments]
    for language, expected in ((), russian), (("--lang=en",), english), (("--lang", "en"), english):
        given = [*arguments, *language]
        assert publish.main(given) in (1, 64)
        assert expected in capsys.readouterr().err, given


def test_an_error_of_another_process_says_the_same() -> None:
    error = ConfigError("option-type", place="p.yaml, line 3: option 'title'", value=5, expected=Said("text"))
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == "p.yaml, line 3: option 'title' is '5', expected a text. Nothing was done."
    assert again.sentence("ru") == "p.yaml, строка 3: параметр 'title': «5», а ожидается текст. Ничего не сделано."


@pytest.mark.parametrize(
    "said",
    sorted({*chain(*explain.PARTS.values()), *reasons("o", None, ""), *Profile().seconds}),
)
def test_what_a_page_is_made_of_and_where_the_time_went_has_russian_words(said: str) -> None:
    assert re.search("[а-яё]", Said("part", reason=said).sentence("ru"))
    assert Said("part", reason=said).sentence("en") == said


def test_what_the_system_says_is_said_in_russian_where_we_have_words() -> None:
    for number in (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.ENOENT, errno.EADDRINUSE, errno.EIO):
        assert os.strerror(number) in REASONS
    full = StorageError("page-unwritten", place="o/1.html", reason=OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert full.sentence("ru").startswith("o/1.html: не удалось записать: на диске не осталось места. Опубликованный")
    assert str(full).startswith("o/1.html: could not be written: No space left on device. The published")
    assert StorageError("s3-refused", place="s3://b", reason=OSError(5, "Eek", "f")).sentence("ru") == "s3://b: f: Eek."


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_cause_says_not_that_the_site_is_as_it_was_where_it_is_not(language: str) -> None:
    lost = StorageError("worker-killed")
    said = StorageError("unsettled", cause=lost).sentence(language)
    assert said.startswith(lost.sentence(language).rpartition(". ")[0] + ". ")
    assert OUTCOMES["as-it-was"][language == "en"] not in said
    assert ".." not in StorageError("unsettled", cause=OSError(28, "No space left on device.")).sentence(language)


def test_an_empty_list_is_said_in_words() -> None:
    error = UsageError("release-earlier", place="out", kept=())
    assert "Kept besides the published one: none." in str(error)
    assert "Кроме опубликованной сохранены: нет." in error.sentence("ru")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_a_problem_becomes_a_sentence_in_its_language(
    language: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A campaign that ships with the publication is held against the schema of packages."""
    (tmp_path / "publication.yaml").write_text("", "utf-8")
    (tmp_path / "campaigns.csv").write_text("campaign_id,title,year\n,x,2026\n", "utf-8")
    assert publish.main(["releases", "--lang", language, "--config", str(tmp_path / "publication.yaml")]) != 0
    said = capsys.readouterr().err
    assert ("строка 2" in said) is (language == "ru"), said
