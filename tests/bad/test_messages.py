"""What people are told: both languages say the same, in their own words, and each says what to do and what did not happen."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nok.documents import parse_yaml
from nok.messages import FORMS, RULES
from nok.packages.profile import RESOURCES, profile_schema
from tests.bad.messages import FAULTS, Fault, answer, widget_answers

THEME = Path(__file__).resolve().parents[2] / "theme" / "words"
GAP = re.compile(r"\{(\w+)\}")
NAMES = frozenset(
    "ASCII CR LF CSV UTF-8 utf-8 cp1251 JSON ZIP SHA SHA-256 ISO JPEG PNG WebP PDF XLSX Excel Data Package Content-Type Unix Windows "
    "frictionless data_packages demo tomsk-2025 photos stand.jpg scores.csv datapackage.json publish.py placements add merge "
    "allow-empty encoding with public-key signing_key SHA256SUMS content methods questionnaires spheres.yaml links.yaml "
    "name title version licenses resources path schema fields required enum pattern minimum maximum minLength maxLength "
    "delimiter dialect primaryKey bytes hash demonstration true false rating idempotency_key application details appeal withdraw "
    "http https school12.example school.example ru total K3 RU-TOM values id decimal group date box unmatched keep "
    "text json".split()
)
"""What has no Russian name: formats, files, options and words of descriptors and mappings."""
CYRILLIC, LATIN = re.compile("[А-Яа-яЁё]+"), re.compile(r"[A-Za-z][A-Za-z0-9_.-]*(?<!-)")


def codes() -> set[str]:
    """Names of tables and columns and values of lists: written as they are in every language."""
    found: set[str] = set()
    for table in RESOURCES:
        fields = profile_schema(table)["fields"]
        found |= {table, *(field["name"] for field in fields)}
        found |= {value for field in fields for value in field.get("constraints", {}).get("enum", ())}
    return found


def sentences() -> Iterator[tuple[str, str, str, str, str]]:
    """Name, Russian and English message, Russian and English advice, of packages, commands and the widget."""
    for name, rule in RULES.items():
        yield name, rule.ru, rule.en, rule.ru_advice, rule.en_advice
    ru, en = (
        parse_yaml((THEME / language / "widget.yaml").read_text("utf-8"), "widget.yaml") for language in ("ru", "en")
    )
    for key in ru:
        if key.startswith("problem_"):
            advice = key.replace("problem_", "advice_", 1)
            yield key, ru[key], en[key], ru[advice], en[advice]


SENTENCES = list(sentences())


@pytest.mark.parametrize(("name", "ru", "en", "ru_advice", "en_advice"), SENTENCES, ids=[one[0] for one in SENTENCES])
def test_a_rule_speaks_both_languages(name: str, ru: str, en: str, ru_advice: str, en_advice: str) -> None:
    assert all(text.strip() for text in (ru, en, ru_advice, en_advice))
    assert sorted(set(GAP.findall(ru + ru_advice))) == sorted(set(GAP.findall(en + en_advice)))
    for text in (ru_advice, en_advice):
        assert text.endswith(".")
        assert text[0] == text[0].upper()
    stop = "." if name.startswith("problem_") else ""
    assert ru.endswith(".") is en.endswith(".") is bool(stop)
    known = NAMES | codes()
    for text in (ru, ru_advice):
        assert [word for word in LATIN.findall(GAP.sub("", text)) if word.rstrip(".") not in known] == []
    for text in (en, en_advice):
        assert CYRILLIC.findall(text) == []


def test_a_pattern_is_told_in_the_words_of_each_language() -> None:
    for ru, en in FORMS.values():
        assert CYRILLIC.search(ru)
        assert CYRILLIC.findall(en) == []
        assert [
            word for word in LATIN.findall(ru) if word.rstrip(".") not in NAMES and not re.search(r"T14|[A-Z]$", word)
        ] == []


OUTCOMES = {
    "ru": ("Данные можно публиковать.", "Пока ошибки не исправлены, публикации не будет; проверка ничего не меняла."),
    "en": (
        "The data can be published.",
        "Until the errors are mended nothing will be published; the check has changed nothing.",
    ),
}
NOTHING = re.compile(r"Ничего не|Плакаты не сделаны|Nothing|No poster|не тронут|left as it is")


@pytest.mark.parametrize(
    ("fault", "language"),
    [(fault, ("ru", "en")[number % 2]) for number, fault in enumerate(FAULTS) if number in (0, 11) or number > 28],
    ids=lambda value: value if isinstance(value, str) else value.title,
)
def test_an_answer_ends_with_what_did_not_happen(fault: Fault, language: str) -> None:
    code, said = answer(fault, language)
    assert code == fault.code
    if fault.command[0] == "validate":
        assert said.rstrip().endswith(OUTCOMES[language][code != 0])
    else:
        assert NOTHING.search(said.rstrip().splitlines()[-1])


@pytest.mark.parametrize(
    ("title", "words"),
    {
        "a header with a slip": "возможно, «municipality»",
        "a header in Russian": "столбца «ИНН» в описании этой таблицы нет — возможно, «inn»",
        "an ИНН that lost its zero": "если их 9 или 11, таблица потеряла ноль в начале",
        "a version that is none": "demo/datapackage.json, свойство version: версия пакета «2025»",
        "invisible signs and a long text": "«Школа\\x1b[2J № 1 очень",
        "more rows with one fault than are shown": "… и ещё 16 в этом файле; все — в отчёте --json.",
        "a total that does not agree": "Строк: 30, ошибок: 0, предупреждений: 1. Данные можно публиковать.",
    }.items(),
)
def test_a_clerk_reads(title: str, words: str) -> None:
    (fault,) = [fault for fault in FAULTS if fault.title == title]
    assert words in answer(fault, "ru")[1]


def test_the_widget_answers_in_both_languages() -> None:
    said = list(widget_answers())
    assert len({title for title, _ in said}) == 5
    for _, text in said:
        assert text.startswith(("[ru, 422]", "[en, 422]"))
        assert ("Ничего не сохранено." if text.startswith("[ru") else "Nothing was stored.") in text.replace(
            "\u00a0", " "
        )
