"""A questionnaire as an XLSForm, the spreadsheet that survey programs (ODK, KoboToolbox, Enketo) make their forms from.

The same questionnaire gives the same bytes: no clock gets into the file. What such a program exports fits the table of
answers, since names, codes and the way of writing several answers are the same.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from xml.etree import ElementTree as ET

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from nok.questionnaire import LONGEST_TEXT, MODES, Format, Question, Questionnaire
from nok.templating import language_name

Row = Mapping[str, str]

_WORDS: Mapping[str, Mapping[str, str]] = {
    "organization_id": {"ru": "Код организации", "en": "Code of the organisation"},
    "mode": {"ru": "Как заполнена анкета", "en": "How the form is filled in"},
    "paper": {"ru": "на бумаге", "en": "on paper"},
    "interview": {"ru": "в беседе", "en": "in an interview"},
    "phone": {"ru": "по телефону", "en": "by phone"},
    "web": {"ru": "на сайте", "en": "on a website"},
    "qr": {"ru": "по QR-коду", "en": "by a QR code"},
    "app": {"ru": "в приложении", "en": "in an application"},
}
"""Words that surveyors see and no page of ours shows."""

_TIMES = re.compile(r"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_TYPES = {Format.NUMBER: "integer", Format.TEXT: "text"}


def xlsform_bytes(form: Questionnaire, languages: Sequence[str]) -> bytes:
    """The `.xlsx` of a form in the languages of the publication, the first of them by default."""
    book = openpyxl.Workbook()
    survey = book.active
    if not isinstance(survey, Worksheet):
        raise TypeError("a new workbook has no sheet")
    survey.title = "survey"
    _fill(survey, _survey(form, languages))
    _fill(book.create_sheet("choices"), _choices(form, languages))
    _fill(book.create_sheet("settings"), [_settings(form, languages)])
    stream = io.BytesIO()
    book.save(stream)
    return _settled(stream.getvalue())


def _fill(sheet: Worksheet, rows: Iterable[Row]) -> None:
    """A header of all columns that any row has, in their order, then the rows; every cell is text."""
    found = list(rows)
    columns = list(dict.fromkeys(name for row in found for name in row))
    for number, cells in enumerate([columns, *([row.get(name, "") for name in columns] for row in found)], 1):
        for place, text in enumerate(cells, 1):
            if text:
                cell = sheet.cell(number, place, text)
                cell.data_type = "s"  # else a text that begins with "=" would be a formula


def _settled(content: bytes) -> bytes:
    """The same workbook without the time of its making, which the library writes into every file, and in canonical XML
    (W3C C14N 2.0): where lxml happens to be installed the library writes with it, and other bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as kept:
        for name in made.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            plain = ET.canonicalize(made.read(name).decode())
            kept.writestr(entry, _TIMES.sub(r"\g<1>1980-01-01T00:00:00Z", plain))
    return stream.getvalue()


# ---- sheets --------------------------------------------------------------------------------------------------------


def _column(name: str, language: str) -> str:
    return f"{name}::{language_name(language)} ({language})"


def _texts(name: str, texts: Mapping[str, str], languages: Sequence[str]) -> dict[str, str]:
    return {_column(name, language): texts[language] if language in texts else texts["ru"] for language in languages}


def _survey(form: Questionnaire, languages: Sequence[str]) -> Iterable[Row]:
    base = {"type": "text", "name": "organization_id", "required": "yes"}
    yield base | _texts("label", _WORDS["organization_id"], languages) | {"constraint": "regex(., '^[a-z0-9-]{1,64}$')"}
    mode = {"type": "select_one modes", "name": "mode", "required": "yes"}
    yield mode | _texts("label", _WORDS["mode"], languages)
    yield {"type": "note", "name": "intro"} | _texts("label", form.intro, languages)
    for question in form.questions:
        yield _question(question, languages)


def _question(question: Question, languages: Sequence[str]) -> Row:
    kinds = {Format.ONE: f"select_one {question.id}", Format.MANY: f"select_multiple {question.id}"}
    row = {"type": kinds.get(question.format) or _TYPES[question.format], "name": question.id}
    label = {language: f"{question.number}. {question.text[language]}" for language in languages}
    row |= _texts("label", label, languages)
    row |= _texts("hint", question.hint, languages) if any(question.hint.values()) else {}
    row |= {"required": "yes"} if question.is_required else {}
    row |= {"relevant": _relevant(question)} if question.when else {}
    if question.format is Format.NUMBER:
        row["constraint"] = f". >= {question.lowest} and . <= {question.highest}"
    if question.format is Format.TEXT:
        row |= {"constraint": f"string-length(.) <= {LONGEST_TEXT}", "appearance": "multiline"}
    return row


def _relevant(question: Question) -> str:
    """The branch in the language of XLSForm."""
    parts = []
    for condition in question.when:
        ways = " or ".join(f"selected(${{{condition.question}}}, '{code}')" for code in condition.answers)
        parts.append(f"({ways})" if len(condition.answers) > 1 else ways)
    return " and ".join(parts)


def _choices(form: Questionnaire, languages: Sequence[str]) -> Iterable[Row]:
    for mode in MODES:
        yield {"list_name": "modes", "name": mode} | _texts("label", _WORDS[mode], languages)
    for question in form.questions:
        if question.format in (Format.ONE, Format.MANY):
            for choice in question.choices:
                named = {"list_name": question.id, "name": choice.code}
                yield named | _texts("label", choice.text, languages)


def _settings(form: Questionnaire, languages: Sequence[str]) -> Row:
    return {
        "form_title": form.title[languages[0]],
        "form_id": form.id,
        "version": f"{form.version}-{form.digest}",
        "default_language": f"{language_name(languages[0])} ({languages[0]})",
    }
