"""The words for every problem: rule id to a sentence and an advice, in Russian and English. Standard library only.

One catalogue for the command line, the JSON report and the widget. `{value}` is the value as found, cut and with
control characters made visible; other gaps are filled from the problem's details.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nok.errors import Problem

SHOWN_CHARACTERS = 80
"""A value longer than this is cut in a message; the report keeps it whole."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What is wrong and what to do about it, in Russian and in English."""

    ru: str
    ru_advice: str
    en: str
    en_advice: str


def _rule(ru: str, ru_advice: str, en: str, en_advice: str) -> Rule:
    return Rule(ru, ru_advice, en, en_advice)


RULES: Mapping[str, Rule] = {
    # ---- the package ------------------------------------------------------------------------------------------------
    "package-missing": _rule(
        "в папке {value} нет файла datapackage.json",
        "Укажите папку пакета данных (в ней лежит datapackage.json) или ZIP такой папки.",
        "there is no datapackage.json in {value}",
        "Name the folder of a data package (it holds datapackage.json) or a ZIP of one.",
    ),
    "package-archive": _rule(
        "архив нельзя прочитать: {reason}",
        "Заархивируйте папку пакета заново, без ссылок, паролей и вложенных архивов.",
        "the archive cannot be read: {reason}",
        "Make the ZIP of the package folder anew, without links, passwords and archives inside.",
    ),
    "package-repeated": _rule(
        "два пакета называются «{value}»",
        "Дайте одному из них другое имя (name в datapackage.json).",
        "two packages are named '{value}'",
        "Give one of them another name (name in datapackage.json).",
    ),
    "descriptor-size": _rule(
        "файл занимает {value} байт, больше допустимых {maximum}",
        "Описание пакета не должно содержать самих данных: вынесите их в CSV.",
        "the file has {value} bytes, more than the {maximum} allowed",
        "A descriptor must not hold the data itself: move it into CSV files.",
    ),
    "descriptor-json": _rule(
        "файл нельзя прочитать как JSON: {reason}",
        "Проверьте запятые, кавычки и скобки; файл должен быть в UTF-8.",
        "the file cannot be read as JSON: {reason}",
        "Check commas, quotes and brackets; the file must be in UTF-8.",
    ),
    "descriptor-name": _rule(
        "имя пакета «{value}» не подходит",
        "Запишите name строчными латинскими буквами, цифрами, точкой, дефисом: например, tomsk-2025.",
        "the package name '{value}' does not fit",
        "Write name in small Latin letters, digits, dots, hyphens: for example tomsk-2025.",
    ),
    "descriptor-version": _rule(
        "версия пакета «{value}» не похожа на 1.0.0",
        "Запишите version тремя числами через точку.",
        "the package version '{value}' does not look like 1.0.0",
        "Write version as three numbers with dots.",
    ),
    "descriptor-property": _rule(
        "нет нужного свойства {property} или оно пустое",
        "Добавьте {property}: обязательны name, title, version, licenses и resources.",
        "the property {property} is missing or empty",
        "Add {property}: name, title, version, licenses and resources are required.",
    ),
    "descriptor-profile": _rule(
        "описание пакета нарушает стандарт Data Package: {reason}",
        "Исправьте описание по стандарту Data Package 2.0.",
        "the descriptor breaks the Data Package standard: {reason}",
        "Mend the descriptor by the Data Package 2.0 standard.",
    ),
    "resource-name": _rule(
        "у таблицы нет имени: {value}",
        "Дайте каждой таблице name и path.",
        "a resource has no name: {value}",
        "Give each resource a name and a path.",
    ),
    "resource-repeated": _rule(
        "таблица «{value}» описана дважды",
        "Оставьте одно описание; части одной таблицы перечисляются списком в path.",
        "the resource '{value}' is described twice",
        "Keep one; parts of one table are listed in path.",
    ),
    "resource-unknown": _rule(
        "таблица «{value}» не из профиля и без своей схемы",
        "Известные таблицы: {known}. Для своей таблицы добавьте schema с полями.",
        "the resource '{value}' is not of the profile and has no schema",
        "Known resources: {known}. Give a resource of your own a schema with fields.",
    ),
    "resource-property": _rule(
        "{property} со значением «{value}» здесь не читается",
        "Ожидалось: {expected}. Данные должны лежать в CSV рядом с описанием.",
        "{property} with the value '{value}' is not read here",
        "Expected: {expected}. The data must lie in CSV files beside the descriptor.",
    ),
    "resource-path": _rule(
        "путь «{value}» ведёт не к файлу внутри пакета",
        "Укажите относительный путь без «..», ссылок и адресов: например, scores.csv.",
        "the path '{value}' does not lead to a file inside the package",
        "Give a relative path without '..', links and addresses: for example scores.csv.",
    ),
    "resource-schema": _rule(
        "схема таблицы не подходит ({value}): {reason}",
        "Своя схема может добавлять поля и ужесточать правила профиля, но не менять их.",
        "the schema does not fit ({value}): {reason}",
        "A schema of your own may add fields and tighten the profile's rules, never change them.",
    ),
    "file-missing": _rule(
        "нет файла «{value}», названного в описании",
        "Положите файл рядом с datapackage.json или исправьте path.",
        "the file '{value}' named in the descriptor is not there",
        "Put the file beside datapackage.json or mend path.",
    ),
    "organizations-missing": _rule(
        "ни в одном пакете нет ни одной организации",
        "Добавьте таблицу organizations со строками хотя бы в один из пакетов.",
        "no package holds a single organisation",
        "Add the table organizations with rows to at least one of the packages.",
    ),
    "table-empty": _rule(
        "в таблице организаций нет ни одной строки",
        "Проверьте, тот ли это файл. Если так и задумано, добавьте --allow-empty.",
        "the table of organisations has no rows",
        "Check that it is the right file. If it is meant so, add --allow-empty.",
    ),
    # ---- the file of a table ----------------------------------------------------------------------------------------
    "encoding": _rule(
        "файл не в UTF-8: байт {value} в строке {line}",
        "Сохраните файл в UTF-8 (в Excel — «CSV UTF-8») или назовите кодировку: --encoding cp1251.",
        "the file is not UTF-8: byte {value} in line {line}",
        "Save the file as UTF-8 (in Excel: 'CSV UTF-8') or name the encoding: --encoding cp1251.",
    ),
    "csv-quote": _rule(
        "кавычки в строке не закрыты или стоят внутри поля: {reason}",
        'Удвойте кавычки внутри поля («""») и закройте поле кавычкой.',
        "quotes are not closed or stand inside a field: {reason}",
        'Double the quotes inside a field ("") and close the field with one.',
    ),
    "csv-field": _rule(
        "в поле больше {maximum} знаков",
        "Похоже, не закрыта кавычка: проверьте строки выше.",
        "a field has more than {maximum} characters",
        "A quote is probably not closed: check the lines above.",
    ),
    "header-missing": _rule(
        "нет обязательного столбца «{value}»",
        "Добавьте столбец в первую строку файла.",
        "the required column '{value}' is missing",
        "Add the column to the first line of the file.",
    ),
    "header-unknown": _rule(
        "столбец «{value}» не описан{similar}",
        "Исправьте название или опишите столбец в схеме таблицы.",
        "the column '{value}' is not described{similar}",
        "Mend its name or describe the column in the table's schema.",
    ),
    "header-repeated": _rule(
        "столбец «{value}» стоит дважды",
        "Оставьте один.",
        "the column '{value}' stands twice",
        "Keep one.",
    ),
    "header-empty": _rule(
        "файл пуст: нет даже строки с названиями столбцов",
        "Первая строка должна содержать названия столбцов через запятую.",
        "the file is empty: there is not even a header",
        "The first line must hold the names of the columns, separated by commas.",
    ),
    "row-length": _rule(
        "в строке {value} ячеек, в заголовке {expected}",
        "Проверьте лишние или недостающие запятые; текст с запятой берут в кавычки.",
        "the row has {value} cells, the header {expected}",
        "Check for commas too many or too few; a text with a comma is put in quotes.",
    ),
    "row-blank": _rule(
        "пустая строка",
        "Удалите её.",
        "a blank row",
        "Remove it.",
    ),
    "text-control": _rule(
        "в ячейке есть недопустимый невидимый знак: «{value}»",
        "Удалите знак: обычно он попадает при копировании из документа.",
        "the cell holds an invisible character that is not allowed: '{value}'",
        "Remove it: it usually comes from copying out of a document.",
    ),
    # ---- cells ------------------------------------------------------------------------------------------------------
    "required": _rule(
        "пустая ячейка, а значение обязательно",
        "Заполните ячейку.",
        "the cell is empty, but a value is required",
        "Fill the cell.",
    ),
    "type-integer": _rule(
        "«{value}» — не целое число",
        "Запишите цифрами, без пробелов и дробной части: например, 12.",
        "'{value}' is not a whole number",
        "Write digits without spaces or decimals: for example 12.",
    ),
    "type-number": _rule(
        "«{value}» — не число в простой записи",
        "Запишите цифрами с точкой: например, 83.56.",
        "'{value}' is not a plain decimal number",
        "Write digits with a point: for example 83.56.",
    ),
    "type-date": _rule(
        "«{value}» — не дата",
        "Запишите год-месяц-день: например, 2026-02-07.",
        "'{value}' is not a date",
        "Write year-month-day: for example 2026-02-07.",
    ),
    "type-boolean": _rule(
        "«{value}» — не true и не false",
        "Запишите true или false.",
        "'{value}' is neither true nor false",
        "Write true or false.",
    ),
    "minimum": _rule(
        "{value} меньше наименьшего допустимого {expected}",
        "Проверьте значение.",
        "{value} is below the minimum {expected}",
        "Check the value.",
    ),
    "maximum": _rule(
        "{value} больше наибольшего допустимого {expected}",
        "Проверьте значение.",
        "{value} is above the maximum {expected}",
        "Check the value.",
    ),
    "pattern": _rule(
        "«{value}» записано не так, как ожидалось",
        "Ожидался вид {expected}.",
        "'{value}' is not written as expected",
        "Expected the form {expected}.",
    ),
    "enum": _rule(
        "«{value}» нет среди допустимых значений{similar}",
        "Допустимы: {expected}.",
        "'{value}' is not one of the allowed values{similar}",
        "Allowed: {expected}.",
    ),
    "max-length": _rule(
        "в ячейке больше {expected} знаков",
        "Сократите текст.",
        "the cell has more than {expected} characters",
        "Shorten the text.",
    ),
    "min-length": _rule(
        "в ячейке меньше {expected} знаков",
        "Проверьте, не обрезан ли текст.",
        "the cell has fewer than {expected} characters",
        "Check whether the text was cut.",
    ),
    "future-date": _rule(
        "дата {value} ещё не наступила (сегодня {today})",
        "Проверьте год и порядок дня и месяца.",
        "the date {value} has not come yet (today is {today})",
        "Check the year and the order of day and month.",
    ),
    "key-repeated": _rule(
        "ключ {value} уже есть в строке {first}",
        "Удалите повтор или дайте строке свой ключ.",
        "the key {value} stands already in row {first}",
        "Remove the repetition or give the row a key of its own.",
    ),
    "foreign-key": _rule(
        "«{value}» нет в таблице {resource}",
        "Добавьте такую строку в {resource} или исправьте ссылку.",
        "'{value}' is not in the table {resource}",
        "Add such a row to {resource} or mend the reference.",
    ),
    "frictionless": _rule(
        "вторая проверка (frictionless) не согласна: {reason}",
        "Исправьте по её словам.",
        "the second check (frictionless) disagrees: {reason}",
        "Mend it by its words.",
    ),
    # ---- what the profile knows beyond types ------------------------------------------------------------------------
    "organization-id": _rule(
        "«{value}» занято системой и не может быть идентификатором",
        "Выберите другой идентификатор из строчных латинских букв, цифр и дефиса.",
        "'{value}' is reserved and cannot be an identifier",
        "Choose another identifier of small Latin letters, digits and hyphens.",
    ),
    "inn": _rule(
        "ИНН {value}: контрольные цифры не сходятся",
        "Сверьте ИНН с ЕГРЮЛ; ведущий ноль — часть номера.",
        "ИНН {value}: the check digits do not agree",
        "Compare it with the register; a leading zero is part of the number.",
    ),
    "ogrn": _rule(
        "ОГРН {value}: контрольная цифра не сходится",
        "Сверьте ОГРН с ЕГРЮЛ; проверьте, не испортил ли его Excel.",
        "ОГРН {value}: the check digit does not agree",
        "Compare it with the register; check that a spreadsheet has not spoilt it.",
    ),
    "coordinates-pair": _rule(
        "задана только одна координата из двух",
        "Заполните и широту, и долготу или очистите обе.",
        "only one of the two coordinates is given",
        "Fill both latitude and longitude, or clear both.",
    ),
    "region-box": _rule(
        "точка {value} лежит дальше 0,5° за границами региона {region}",
        "Проверьте, не переставлены ли широта и долгота и верен ли регион.",
        "the point {value} lies more than 0.5° outside the region {region}",
        "Check whether latitude and longitude are swapped and whether the region is right.",
    ),
    "parent-cycle": _rule(
        "головная организация «{value}» в итоге подчинена этой же",
        "Разорвите круг: у самой верхней организации поле пустое.",
        "the parent '{value}' is in the end below this very organisation",
        "Break the circle: the topmost organisation has an empty cell.",
    ),
    "period-order": _rule(
        "окончание {value} раньше начала {expected}",
        "Проверьте обе даты.",
        "the end {value} is before the beginning {expected}",
        "Check both dates.",
    ),
    "method-unknown": _rule(
        "методики «{value}» нет{similar}",
        "Известные методики: {known}. Новая добавляется файлом в content/methods.",
        "there is no method '{value}'{similar}",
        "Known methods: {known}. A new one is a file in content/methods.",
    ),
    "measure-unknown": _rule(
        "в методике {method} нет показателя «{value}»{similar}",
        "Известные показатели: {known}.",
        "the method {method} has no measure '{value}'{similar}",
        "Known measures: {known}.",
    ),
    "points-scale": _rule(
        "балл {value} вне шкалы показателя {measure}: от 0 до {expected}",
        "Проверьте балл и методику этой оценки.",
        "the points {value} are outside the scale of {measure}: 0 to {expected}",
        "Check the points and the method of this assessment.",
    ),
    "points-missing": _rule(
        "состояние scored, но балла нет",
        "Впишите балл или поставьте состояние, которое объясняет его отсутствие.",
        "the state is scored, but there are no points",
        "Give the points or the state that says why there are none.",
    ),
    "points-unexpected": _rule(
        "балл {value} стоит при состоянии {state}",
        "Балл бывает только при состоянии scored; «нет оценки» и ноль — разные вещи.",
        "the points {value} stand beside the state {state}",
        "Points go only with the state scored; no score and zero are different things.",
    ),
    "placement-code": _rule(
        "код {value}: контрольный знак не сходится",
        "Код размещения создаёт publish.py placements add; не придумывайте его.",
        "the code {value}: the check symbol does not agree",
        "Placement codes are made by publish.py placements add; do not invent one.",
    ),
    "placement-collision": _rule(
        "у организаций {value} и {other} совпал код по умолчанию {code}",
        "Добавьте строку в placements для более новой из них.",
        "the organisations {value} and {other} have the same default code {code}",
        "Add a row to placements for the newer of them.",
    ),
    # ---- a submission to the widget ---------------------------------------------------------------------------------
    "field-unknown": _rule(
        "поле «{value}» здесь не принимается",
        "Уберите его.",
        "the field '{value}' is not accepted here",
        "Leave it out.",
    ),
    "body-json": _rule(
        "тело запроса нельзя прочитать: {reason}",
        "Отправьте JSON-объект с полями rating и idempotency_key.",
        "the body cannot be read: {reason}",
        "Send a JSON object with the fields rating and idempotency_key.",
    ),
    # ---- an import --------------------------------------------------------------------------------------------------
    "value-unmapped": _rule(
        "значения «{value}» нет в соответствии{similar}",
        "Добавьте его в values этого столбца.",
        "the value '{value}' is not in the map{similar}",
        "Add it to the values of this column.",
    ),
    "id-unfit": _rule(
        "из «{value}» не получается идентификатор",
        "Проверьте правило id в соответствии.",
        "no identifier can be made of '{value}'",
        "Check the id rule of the mapping.",
    ),
}


def visible(value: str) -> str:
    """`value` cut to `SHOWN_CHARACTERS` with control and direction characters written as escapes.

    >>> visible("a\\x1bb")
    'a\\\\x1bb'
    """
    cut = value if len(value) <= SHOWN_CHARACTERS else value[: SHOWN_CHARACTERS - 1] + "…"
    return "".join(
        char if char.isprintable() or char == "\u202f" else char.encode("unicode_escape").decode() for char in cut
    )


class _Gaps(dict[str, str]):
    """A missing gap is shown as empty: a message must never fail."""

    def __missing__(self, key: str) -> str:
        return ""


def message(problem: Problem, language: str = "ru") -> str:
    """What is wrong, in one clause without a final stop."""
    return _fill(problem, "ru" if language == "ru" else "en")


def advice(problem: Problem, language: str = "ru") -> str:
    """What to do about it, in full sentences."""
    return _fill(problem, "ru_advice" if language == "ru" else "en_advice")


def _fill(problem: Problem, part: str) -> str:
    gaps = _Gaps({key: visible(text) if key != "expected" else text for key, text in problem.details.items()})
    gaps["value"] = visible(problem.value)
    if gaps.get("similar"):
        gaps["similar"] = (
            f" — может быть, «{gaps['similar']}»?" if part.startswith("ru") else f" — perhaps '{gaps['similar']}'?"
        )
    return getattr(RULES[problem.rule], part).format_map(gaps)  # type: ignore[no-any-return]


def place(problem: Problem, language: str = "ru") -> str:
    """`tomsk-2025/scores.csv, строка 118, столбец points`; with the physical line where it differs from the row."""
    where = problem.where
    words = ("строка", "столбец", "в файле это строка") if language == "ru" else ("row", "column", "line of the file")
    parts = ["/".join(part for part in (where.package, where.file) if part)]
    if where.row is not None:
        line = f" ({words[2]} {where.line})" if where.line not in (None, where.row) else ""
        parts.append(f"{words[0]} {where.row}{line}")
    if where.column:
        parts.append(f"{words[1]} {where.column}")
    return ", ".join(part for part in parts if part)


def as_json(problem: Problem, language: str = "ru") -> dict[str, Any]:
    """The problem in the published shape (design: `validate --json`)."""
    where = problem.where
    return {
        "severity": str(problem.severity),
        "package": where.package,
        "file": where.file,
        "row": where.row,
        "column": where.column,
        "rule": problem.rule,
        "value": problem.value,
        "message": message(problem, language),
        "advice": advice(problem, language),
    }
