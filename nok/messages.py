"""The words for every problem: rule id to a sentence and an advice, in Russian and English. Standard library only.

One catalogue for the command line, the JSON report and the widget. `{value}` is the value as found, cut and with
control characters made visible; other gaps are filled from the problem's details.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nok.errors import Problem, Said

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
        "Назовите папку пакета данных — в ней лежит datapackage.json — или ZIP-архив такой папки.",
        "there is no datapackage.json in {value}",
        "Name the folder of a data package (it holds datapackage.json) or a ZIP of one.",
    ),
    "archive-damaged": _rule(
        "архив повреждён или это не ZIP: {reason}",
        "Заархивируйте папку пакета заново и проверьте, что файл передан целиком.",
        "the archive is damaged or is not a ZIP: {reason}",
        "Make the ZIP of the package folder anew and check that the whole file has arrived.",
    ),
    "archive-name": _rule(
        "имя «{value}» в архиве ведёт за пределы пакета",
        "Заархивируйте саму папку пакета, без абсолютных путей и «..».",
        "the name '{value}' in the archive leads outside the package",
        "Make the ZIP of the package folder itself, without absolute paths and '..'.",
    ),
    "archive-repeated": _rule(
        "имя «{value}» стоит в архиве дважды",
        "Заархивируйте папку пакета заново: непонятно, какой из двух файлов верный.",
        "the name '{value}' stands twice in the archive",
        "Make the ZIP of the package folder anew: nobody can tell which of the two files is meant.",
    ),
    "archive-link": _rule(
        "«{value}» в архиве — ссылка или устройство, а не файл",
        "Положите в архив сам файл.",
        "'{value}' in the archive is a link or a device, not a file",
        "Put the file itself into the archive.",
    ),
    "archive-locked": _rule(
        "«{value}» в архиве закрыт паролем",
        "Сделайте архив без пароля: данные и так будут опубликованы.",
        "'{value}' in the archive is locked with a password",
        "Make the ZIP without a password: the data is to be published anyway.",
    ),
    "archive-files": _rule(
        "файлов в архиве — {value}, а допустимо {maximum}",
        "Положите в архив только папку пакета.",
        "the archive has {value} files, more than the {maximum} allowed",
        "Put nothing but the package folder into the archive.",
    ),
    "archive-bomb": _rule(
        "архив разворачивается из {packed} байт в {value}",
        "Настоящие таблицы так не сжимаются. Если это всё же они, назовите вместо архива папку.",
        "an archive of {packed} bytes would become {value} bytes",
        "Real tables do not shrink so much. If these do, name the folder instead of the archive.",
    ),
    "package-repeated": _rule(
        "два пакета называются «{value}»",
        "Дайте одному из них другое имя (name в datapackage.json).",
        "two packages are named '{value}'",
        "Give one of them another name (name in datapackage.json).",
    ),
    "descriptor-size": _rule(
        "размер файла в байтах — {value}, а допустимо {maximum}",
        "Описание пакета не должно содержать самих данных: вынесите их в CSV.",
        "the file has {value} bytes, more than the {maximum} allowed",
        "A descriptor must not hold the data itself: move it into CSV files.",
    ),
    "descriptor-json": _rule(
        "файл нельзя прочитать как JSON: ошибка в строке {line}, знак {column_number}",
        "Проверьте в этом месте и чуть выше запятые, кавычки и скобки.",
        "the file cannot be read as JSON: the fault is in line {line}, character {column_number}",
        "Check commas, quotes and brackets there and a little above.",
    ),
    "descriptor-object": _rule(
        "описание пакета должно быть объектом JSON, а это «{value}»",
        "Возьмите за образец datapackage.json из data_packages/demo.",
        "a descriptor must be a JSON object, this is '{value}'",
        "Take the datapackage.json of data_packages/demo as a pattern.",
    ),
    "descriptor-repeated": _rule(
        "ключ «{value}» стоит дважды в одном объекте",
        "Оставьте один: программы читают то первый, то последний.",
        "the key '{value}' stands twice in one object",
        "Keep one: some programs read the first, some the last.",
    ),
    "descriptor-number": _rule(
        "«{value}» — не число JSON",
        "Запишите обычное конечное число.",
        "'{value}' is not a number of JSON",
        "Write a plain finite number.",
    ),
    "descriptor-depth": _rule(
        "вложенность больше {maximum} уровней",
        "Настоящие описания не глубже десяти уровней: проверьте, тот ли это файл.",
        "the nesting is deeper than {maximum} levels",
        "Real descriptors are not deeper than ten: check that it is the right file.",
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
    "descriptor-flag": _rule(
        "demonstration — это true или false без кавычек, а здесь «{value}»",
        "Поставьте true для выдуманных данных, для настоящих уберите строку.",
        "demonstration is true or false without quotes, here it is '{value}'",
        "Write true for invented data, leave the line out for real data.",
    ),
    "descriptor-address": _rule(
        "{property} со значением «{value}» пришлось бы загружать, а проверка ничего не загружает",
        "Уберите {property}; схему таблицы впишите в описание целиком.",
        "{property} with the value '{value}' would have to be fetched, and a check fetches nothing",
        "Leave {property} out; write the schema of a table into the descriptor itself.",
    ),
    "descriptor-profile": _rule(
        "описание пакета нарушает стандарт Data Package: {reason}",
        "Исправьте описание по стандарту Data Package 2.0.",
        "the descriptor breaks the Data Package standard: {reason}",
        "Mend the descriptor by the Data Package 2.0 standard.",
    ),
    "resource-name": _rule(
        "имя таблицы не подходит: «{value}»",
        "Дайте каждой таблице name из строчных латинских букв, цифр, точки, дефиса, подчёркивания — и path.",
        "the name of a resource does not fit: '{value}'",
        "Give each resource a name of small Latin letters, digits, dots, hyphens, underscores, and a path.",
    ),
    "resource-repeated": _rule(
        "таблица «{value}» описана дважды",
        "Оставьте одно описание; части одной таблицы перечисляются списком в path.",
        "the resource '{value}' is described twice",
        "Keep one; parts of one table are listed in path.",
    ),
    "resource-unknown": _rule(
        "таблицы «{value}» нет в профиле, и своей схемы у неё нет",
        "Известные таблицы: {known}. Для своей таблицы добавьте schema с полями.",
        "the resource '{value}' is not of the profile and has no schema",
        "Known resources: {known}. Give a resource of your own a schema with fields.",
    ),
    "resource-property": _rule(
        "{property} со значением «{value}» здесь не читается",
        "Уберите {property}: каждая таблица лежит в файле CSV рядом с описанием.",
        "{property} with the value '{value}' is not read here",
        "Leave {property} out: each table is a CSV file beside the descriptor.",
    ),
    "resource-encoding": _rule(
        "таблица объявлена в кодировке «{value}», а читается только utf-8",
        "Сохраните файл в UTF-8 и уберите encoding.",
        "the resource is declared in the encoding '{value}', only utf-8 is read",
        "Save the file as UTF-8 and leave encoding out.",
    ),
    "resource-dialect": _rule(
        "такой dialect не читается: «{value}»",
        "Можно задать только delimiter: запятую, точку с запятой или табуляцию.",
        "such a dialect is not read: '{value}'",
        "Only delimiter can be given: a comma, a semicolon or a tab.",
    ),
    "resource-path": _rule(
        "путь «{value}» ведёт не к файлу внутри пакета",
        "Запишите относительный путь без «..», ссылок и адресов: например, scores.csv. Каждый файл называют один раз.",
        "the path '{value}' does not lead to a file inside the package",
        "Give a relative path without '..', links and addresses: for example scores.csv. Name each file once.",
    ),
    "resource-schema": _rule(
        "схема таблицы — это объект со списком fields, а здесь «{value}»",
        "Впишите схему целиком или уберите её: у таблиц профиля схема уже есть.",
        "the schema of a table is an object with a list of fields, here it is '{value}'",
        "Write the whole schema, or leave it out: tables of the profile have one already.",
    ),
    "schema-name": _rule(
        "имя столбца в схеме не подходит: «{value}»",
        "Дайте каждому полю name: до 100 знаков, без пробелов по краям и невидимых знаков.",
        "the name of a field does not fit: '{value}'",
        "Give each field a name of at most 100 characters, without spaces at its ends and invisible characters.",
    ),
    "schema-repeated": _rule(
        "столбец «{value}» описан в схеме дважды",
        "Оставьте одно описание.",
        "the field '{value}' is described twice",
        "Keep one.",
    ),
    "schema-type": _rule(
        "у столбца «{value}» тип {found}, такой здесь не читается",
        "Выберите один из типов: {expected}.",
        "the field '{value}' has the type {found}, which is not read here",
        "Choose one of: {expected}.",
    ),
    "schema-property": _rule(
        "«{value}»: свойство {property} здесь не соблюдается или записано неверно",
        "Уберите {property}. Соблюдаются required, enum, pattern, minimum, maximum, minLength, maxLength.",
        "'{value}': the property {property} is not obeyed here or is written wrongly",
        "Leave {property} out. Obeyed are required, enum, pattern, minimum, maximum, minLength, maxLength.",
    ),
    "schema-looser": _rule(
        "столбец «{value}»: {property} — {found}, а в профиле {expected}",
        "Своя схема может ужесточать правила профиля, но не ослаблять и не менять. Уберите {property}.",
        "the field '{value}': {property} is {found}, in the profile {expected}",
        "A schema of your own may tighten the profile's rules, not loosen or change them. Leave {property} out.",
    ),
    "schema-pattern": _rule(
        "столбец «{value}»: шаблон {found} слишком сложен или написан с ошибкой",
        "Оставьте знаки, [наборы], группы и повторы; повтор внутри повтора не читается.",
        "the field '{value}': the pattern {found} is too complex or wrong",
        "Keep to characters, [sets], groups and repetitions; a repetition inside a repetition is not read.",
    ),
    "schema-key": _rule(
        "primaryKey называет столбцы, которых нет в схеме: {value}",
        "Исправьте primaryKey или добавьте столбцы.",
        "primaryKey names columns that are not in the schema: {value}",
        "Mend primaryKey or add the columns.",
    ),
    "file-missing": _rule(
        "нет файла «{value}», названного в описании",
        "Положите файл рядом с datapackage.json или исправьте path.",
        "the file '{value}' named in the descriptor is not there",
        "Put the file beside datapackage.json or mend path.",
    ),
    "file-unlisted": _rule(
        "файл {value} лежит в папке, но не назван в описании и не будет опубликован",
        "Добавьте его в resources или уберите из папки.",
        "the file {value} lies in the folder, but the descriptor does not name it, and it will not be published",
        "Add it to resources or take it out of the folder.",
    ),
    "file-size": _rule(
        "размер файла в байтах — {value}, а по описанию {expected}",
        "Файл изменён или передан не целиком. Возьмите исходный файл или исправьте bytes.",
        "the file has {value} bytes, the descriptor says {expected}",
        "The file was changed or has not arrived whole. Take the original, or mend bytes.",
    ),
    "file-hash": _rule(
        "контрольная сумма файла не та, что в описании",
        "Файл изменён после того, как записано описание. Возьмите исходный файл или исправьте hash.",
        "the checksum of the file is not the one in the descriptor",
        "The file was changed after the descriptor was written. Take the original, or mend hash.",
    ),
    "row-count": _rule(
        "строк в таблице — {value}, а по описанию {expected}",
        "Проверьте, не обрезан ли файл.",
        "the table has {value} rows, the descriptor says {expected}",
        "Check whether the file was cut.",
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
        "файл сохранён не в кодировке {expected}: в этом месте стоит байт {value}",
        "Сохраните файл в UTF-8 (в Excel — «CSV UTF-8») или назовите его кодировку: --encoding cp1251.",
        "the file was not saved in {expected}: the byte {value} stands here",
        "Save the file as UTF-8 (in Excel: 'CSV UTF-8') or name its encoding: --encoding cp1251.",
    ),
    "mojibake": _rule(
        "буквы испорчены: «{value}»",
        "Текст когда-то открыли не в той кодировке. Возьмите его из источника заново и сохраните в UTF-8.",
        "the letters are spoilt: '{value}'",
        "The text was once opened in a wrong encoding. Take it from its source anew and save it as UTF-8.",
    ),
    "delimiter": _rule(
        "столбцы разделены знаком «{found}», а ожидается «{expected}»",
        'Сохраните файл с запятыми или назовите знак в описании: "dialect": {{"delimiter": ";"}}.',
        "the columns are separated by '{found}', expected is '{expected}'",
        'Save the file with commas, or name the sign in the descriptor: "dialect": {{"delimiter": ";"}}.',
    ),
    "line-end": _rule(
        "строка {line} файла кончается так, как их кончали старые «Макинтоши» (CR без LF)",
        "Откройте файл и сохраните его заново: в Excel — «CSV UTF-8», в редакторе — с концами строк Windows или Unix.",
        "line {line} of the file ends as on old Macintoshes (CR without LF)",
        "Open the file and save it anew: in Excel as 'CSV UTF-8', in an editor with the line ends of Windows or Unix.",
    ),
    "csv-unclosed": _rule(
        "кавычка, открытая в этой строке, нигде не закрыта",
        'Закройте её. Кавычку внутри текста удваивают: "Школа ""Радуга""".',
        "the quote that is opened in this row is never closed",
        'Close it. A quote inside a text is doubled: "School ""Rainbow""".',
    ),
    "csv-quote": _rule(
        "кавычки в этой строке расставлены неверно",
        'Текст с кавычками берут в кавычки целиком, а внутри удваивают их: "Школа ""Радуга""".',
        "the quotes in this row are set wrongly",
        'A text with quotes is put in quotes as a whole, and those inside are doubled: "School ""Rainbow""".',
    ),
    "csv-field": _rule(
        "в одной ячейке больше {maximum} знаков",
        "Похоже, не закрыта кавычка: проверьте эту строку и строки выше.",
        "a cell has more than {maximum} characters",
        "A quote is probably not closed: check this row and those above.",
    ),
    "header-missing": _rule(
        "нет обязательного столбца «{value}»",
        "Добавьте столбец в первую строку файла и заполните его.",
        "the required column '{value}' is missing",
        "Add the column to the first line of the file and fill it.",
    ),
    "header-unknown": _rule(
        "столбца «{value}» в описании этой таблицы нет{similar}",
        "Исправьте название в первой строке файла. Если столбец свой, опишите его: schema в datapackage.json.",
        "the description of this table has no column '{value}'{similar}",
        "Mend its name in the first line of the file. If the column is your own, describe it: schema in datapackage.json.",
    ),
    "header-repeated": _rule(
        "столбец «{value}» стоит дважды",
        "Оставьте один из них.",
        "the column '{value}' stands twice",
        "Keep one of them.",
    ),
    "header-empty": _rule(
        "файл пуст: нет даже строки с названиями столбцов",
        "Первая строка должна содержать названия столбцов через запятую.",
        "the file is empty: there is not even a header",
        "The first line must hold the names of the columns, separated by commas.",
    ),
    "row-length": _rule(
        "ячеек в строке — {value}, в заголовке — {expected}",
        "Проверьте, нет ли лишних или пропущенных запятых; текст с запятой берут в кавычки.",
        "the row has {value} cells, the header {expected}",
        "Check for commas too many or too few; a text with a comma is put in quotes.",
    ),
    "row-blank": _rule(
        "пустая строка",
        "Удалите её.",
        "a blank row",
        "Remove it.",
    ),
    "too-many": _rule(
        "в таблице больше {value} ошибок, остальные не перечислены",
        "Похоже, файл испорчен целиком: начните с первой ошибки.",
        "the table has more than {value} faults, the rest are not listed",
        "The file as a whole is probably wrong: begin with the first fault.",
    ),
    "text-control": _rule(
        "в тексте есть недопустимый невидимый знак {character}: «{value}»",
        "Удалите его: обычно он попадает при копировании из документа.",
        "the text holds an invisible character {character} that is not allowed: '{value}'",
        "Remove it: it usually comes from copying out of a document.",
    ),
    # ---- cells ------------------------------------------------------------------------------------------------------
    "required": _rule(
        "ячейка пуста, а значение обязательно",
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
        "число записано не так: «{value}»",
        "Нужны только цифры; дробную часть отделяет точка, не запятая, пробелов нет: например, 83.56.",
        "the number is not written rightly: '{value}'",
        "Digits only; decimals stand after a point, not a comma, without spaces: for example 83.56.",
    ),
    "type-date": _rule(
        "дата записана не так, или такого дня нет: «{value}»",
        "Запишите год, месяц и день через дефис: например, 2026-02-07. В Excel это формат ячеек «ГГГГ-ММ-ДД».",
        "the date is not written rightly, or there is no such day: '{value}'",
        "Write year, month and day with hyphens: for example 2026-02-07. In Excel this is the cell format 'yyyy-mm-dd'.",
    ),
    "type-year": _rule(
        "«{value}» — не год",
        "Запишите четыре цифры: например, 2025.",
        "'{value}' is not a year",
        "Write four digits: for example 2025.",
    ),
    "spreadsheet-number": _rule(
        "«{value}» — длинный номер, испорченный таблицей (Excel): последние цифры потеряны",
        "Возьмите номер из источника заново и сделайте столбец текстовым до вставки.",
        "'{value}' is a long number spoilt by a spreadsheet (Excel format): its last digits are lost",
        "Take the number from its source anew, and make the column text before pasting.",
    ),
    "type-boolean": _rule(
        "«{value}» — не true и не false",
        "Запишите true или false.",
        "'{value}' is neither true nor false",
        "Write true or false.",
    ),
    "minimum": _rule(
        "{value} — слишком мало: допустимо от {expected}",
        "Проверьте значение.",
        "{value} is too small: allowed from {expected}",
        "Check the value.",
    ),
    "maximum": _rule(
        "{value} — слишком много: допустимо до {expected}",
        "Проверьте значение.",
        "{value} is too great: allowed up to {expected}",
        "Check the value.",
    ),
    "pattern": _rule(
        "«{value}» записано не так, как ожидалось",
        "Ожидается: {expected}.",
        "'{value}' is not written as expected",
        "Expected: {expected}.",
    ),
    "enum": _rule(
        "«{value}» нет среди допустимых значений{similar}",
        "Допустимы: {expected}.",
        "'{value}' is not one of the allowed values{similar}",
        "Allowed: {expected}.",
    ),
    "max-length": _rule(
        "текст длиннее {expected} знаков: «{value}»",
        "Сократите текст.",
        "the text has more than {expected} characters: '{value}'",
        "Shorten the text.",
    ),
    "min-length": _rule(
        "текст короче {expected} знаков: «{value}»",
        "Проверьте, не обрезан ли он.",
        "the text has fewer than {expected} characters: '{value}'",
        "Check whether it was cut.",
    ),
    "future-date": _rule(
        "дата {value} ещё не наступила: сегодня {today}",
        "Проверьте год и порядок месяца и дня.",
        "the date {value} has not come yet: today is {today}",
        "Check the year and the order of month and day.",
    ),
    "key-repeated": _rule(
        "«{value}» уже есть в строке {first}",
        "Удалите повтор или дайте одной из строк другой идентификатор.",
        "'{value}' stands already in row {first}",
        "Remove the repetition, or give one of the rows another identifier.",
    ),
    "key-elsewhere": _rule(
        "«{value}» уже есть в файле {file}, строка {first}",
        "Удалите повтор или дайте одной из строк другой идентификатор. Если это пакеты разных операторов, сначала объедините их: publish.py merge.",
        "'{value}' stands already in the file {file}, row {first}",
        "Remove the repetition, or give one of the rows another identifier. If these are packages of several operators, merge them first: publish.py merge.",
    ),
    "foreign-key": _rule(
        "«{value}» нет в таблице {resource}{similar}",
        "Добавьте такую строку в {resource}, исправьте ссылку или назовите пакет, где она есть, после --with.",
        "'{value}' is not in the table {resource}{similar}",
        "Add such a row to {resource}, mend the reference, or name the package that has it after --with.",
    ),
    "frictionless": _rule(
        "вторая, независимая проверка (frictionless) не согласна: {reason}",
        "Исправьте это место. Если оно верно, напишите разработчикам: одна из двух проверок ошибается.",
        "the second, independent check (frictionless) disagrees: {reason}",
        "Mend the place. If it is right, tell the developers: one of the two checks is wrong.",
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
        "INN {value}: the check digits do not agree",
        "Compare the tax number with the register; a leading zero is part of it.",
    ),
    "ogrn": _rule(
        "ОГРН {value}: контрольная цифра не сходится",
        "Сверьте ОГРН с ЕГРЮЛ; проверьте, не испортил ли его Excel.",
        "OGRN {value}: the check digit does not agree",
        "Compare the state number with the register; check that a spreadsheet has not spoilt it.",
    ),
    "coordinates-pair": _rule(
        "задана только одна координата из двух",
        "Заполните и широту, и долготу или очистите обе.",
        "only one of the two coordinates is given",
        "Fill both latitude and longitude, or clear both.",
    ),
    "region-box": _rule(
        "точка {value} лежит дальше полуградуса за границами региона {region}",
        "Проверьте, не переставлены ли широта и долгота и верен ли код региона.",
        "the point {value} lies more than half a degree outside the region {region}",
        "Check whether latitude and longitude are swapped and whether the region code is right.",
    ),
    "region-zero": _rule(
        "региона «{value}» нет, а «{expected}» есть: таблица потеряла ноль в начале",
        "Впишите {expected} и сделайте столбец текстовым. Организация публикуется в регионе с этим кодом как есть.",
        "there is no region '{value}', but there is '{expected}': a spreadsheet has lost the zero before it",
        "Write {expected} and make the column text. The organisation is published in a region of this code as it is.",
    ),
    "parent-cycle": _rule(
        "цепочка головных организаций от «{value}» возвращается к ней самой",
        "Разорвите круг: у самой верхней организации поле пустое.",
        "the chain of parents of '{value}' leads back to itself",
        "Break the circle: the topmost organisation has an empty cell.",
    ),
    "successor-cycle": _rule(
        "цепочка преемников от «{value}» возвращается к ней самой",
        "Разорвите круг: у организации, которая работает, поле преемника пустое.",
        "the chain of successors of '{value}' leads back to itself",
        "Break the circle: the organisation that works on has no successor.",
    ),
    "visit-late": _rule(
        "посещение {value} — позже, чем получен отзыв: {expected}",
        "Проверьте, не переставлены ли даты. Отзыв публикуется как есть.",
        "the visit on {value} is later than the review, which came on {expected}",
        "Check whether the dates are swapped. The review is published as it is.",
    ),
    "key-lookalike": _rule(
        "«{value}» не отличить на вид от «{other}» в строке {first}",
        "Проверьте, не один ли это идентификатор: русские и латинские буквы, строчные и прописные, пробелы. Оставьте одно написание.",
        "'{value}' looks like '{other}' of row {first}",
        "Check whether both are one identifier: Cyrillic and Latin letters, small and capital ones, spaces. Keep one spelling.",
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
        "состояние — scored, а балла нет",
        "Впишите балл или поставьте состояние, которое объясняет его отсутствие: not_assessed, exempt, too_few, no_data.",
        "the state is scored, but there are no points",
        "Give the points, or the state that says why there are none: not_assessed, exempt, too_few, no_data.",
    ),
    "points-unexpected": _rule(
        "балл {value} стоит при состоянии {state}",
        "Балл бывает только при состоянии scored: «не оценивали» и ноль — разные вещи.",
        "the points {value} stand beside the state {state}",
        "Points go only with the state scored: not assessed and zero are different things.",
    ),
    "observation-missing": _rule(
        "у параметра {parameter} нет найденного значения",
        "Впишите, сколько найдено (0 — если ничего), или поставьте applicable = false и объясните в comment.",
        "the parameter {parameter} has no value",
        "Give what was found (0 if nothing), or set applicable to false and say why in comment.",
    ),
    "observation-unexpected": _rule(
        "параметр помечен как неприменимый, а значение {value} стоит",
        "Очистите значение или уберите applicable = false: неприменимый параметр в расчёт не входит.",
        "the parameter is marked as not applicable, but has the value {value}",
        "Clear the value or applicable: what is not applicable is left out of the calculation.",
    ),
    "questionnaire-unknown": _rule(
        "анкеты «{value}» нет{similar}",
        "Известные анкеты: {known}. Новая — это файл в content/questionnaires.",
        "there is no questionnaire '{value}'{similar}",
        "Known questionnaires: {known}. A new one is a file in content/questionnaires.",
    ),
    "question-unlisted": _rule(
        "в анкете {form} нет вопроса «{value}»{similar}",
        "Вопросы этой анкеты: {known}.",
        "the questionnaire {form} has no question '{value}'{similar}",
        "Questions of this questionnaire: {known}.",
    ),
    "answer-unlisted": _rule(
        "у вопроса {question} нет ответа «{value}»{similar}",
        "Коды ответов: {known}.",
        "the question {question} has no answer '{value}'{similar}",
        "Codes of its answers: {known}.",
    ),
    "parameter-unknown": _rule(
        "в методике {method} нет параметра «{value}»{similar}",
        "Известные параметры: {known}.",
        "the method {method} has no parameter '{value}'{similar}",
        "Known parameters: {known}.",
    ),
    "count-whole": _rule(
        "{subject}: нужно целое число от 0, а стоит {value}",
        "Впишите, сколько насчитали. Чего не требуется, отметьте в applicable.",
        "{subject}: a whole number from 0 is needed, this is {value}",
        "Write how many were counted. Mark what is not required in applicable.",
    ),
    "count-impossible": _rule(
        "{subject}: довольных — {value}, а ответивших — {maximum}",
        "Довольных не бывает больше, чем ответивших: проверьте числа ответов.",
        "{subject}: {value} are satisfied of {maximum} who answered",
        "No more can be satisfied than answered: check the counts.",
    ),
    "answers-after-no": _rule(
        "{subject}: ответивших — {value}, а «да» на вопрос {branch} сказали {maximum}",
        "Вопрос задают только тем, кто ответил «да» на предыдущий: проверьте числа ответов на оба вопроса.",
        "{subject} was answered by {value}, but only {maximum} said yes to {branch}",
        "Only those who said yes to the question before are asked: check the counts of both.",
    ),
    "duration-negative": _rule(
        "{subject}: длительность {value} меньше нуля",
        "Впишите среднее время и его срок числами от 0.",
        "{subject}: the duration {value} is below zero",
        "Write the average time and its norm as numbers from 0.",
    ),
    "norm-positive": _rule(
        "{subject}: норма {value}, а на неё нужно делить",
        "Впишите норму больше нуля или отметьте в applicable, что параметра не требуется.",
        "{subject}: the norm is {value}, and one has to divide by it",
        "Write a norm above zero, or mark in applicable that the parameter is not required.",
    ),
    "norm-missing": _rule(
        "{subject}: значение {value} не с чем сравнить, нормы нет",
        "Впишите норму в столбец norm.",
        "{subject}: there is no norm to compare the value {value} with",
        "Write the norm in the column norm.",
    ),
    "value-above-norm": _rule(
        "{subject}: насчитали {value} из {maximum}",
        "Больше нормы быть не может: проверьте оба числа.",
        "{subject}: {value} were counted of {maximum}",
        "There cannot be more than the norm: check both numbers.",
    ),
    "value-above-list": _rule(
        "{subject}: стоит {value}, а в перечне всего {maximum}",
        "Больше, чем в перечне, быть не может: проверьте число.",
        "{subject}: this is {value}, but the list has only {maximum}",
        "There cannot be more than the list has: check the number.",
    ),
    "score-differs": _rule(
        "{organization}, {assessment}, показатель {measure}: опубликовано {value}, расчёт даёт {expected}",
        "Разница больше, чем от округления. Сверьте балл с отчётом; публикуется он как есть, с пометкой на странице.",
        "{organization}, {assessment}, measure {measure}: published {value}, computed {expected}",
        "This is more than rounding explains. Compare it with the report; it is published as it is, with a note.",
    ),
    "score-apart": _rule(
        "{organization}, {assessment}, показатель {measure}: балл {value} не сходится со своими частями",
        "Разница больше, чем от округления. Сверьте балл с отчётом; публикуется он как есть, с пометкой на странице.",
        "{organization}, {assessment}, measure {measure}: the points {value} do not agree with their parts",
        "This is more than rounding explains. Compare it with the report; it is published as it is, with a note.",
    ),
    "score-differs-more": _rule(
        "не сходится и ещё баллов: {value}",
        "Они помечены на страницах своих организаций.",
        "{value} more points do not agree",
        "They are marked on the pages of their organisations.",
    ),
    "done-unexpected": _rule(
        "мера в состоянии {status}, а дата выполнения {value} уже стоит",
        "Поставьте состояние done или очистите дату.",
        "the measure is {status}, but has the date of completion {value}",
        "Set the status to done or clear the date.",
    ),
    "stage-order": _rule(
        "этап {stage} начат {value} — раньше, чем этап {other} ({expected})",
        "Этапы идут по порядку: проверьте обе даты.",
        "the stage {stage} began on {value}, before the stage {other} ({expected})",
        "Stages follow each other in their order: check both dates.",
    ),
    "stage-overlap": _rule(
        "этап {stage} начат {value}, а этап {other} окончен только {expected}",
        "Если этапы и правда шли вместе, всё верно; иначе проверьте даты.",
        "the stage {stage} began on {value}, but the stage {other} ended only on {expected}",
        "If the stages did run together, all is well; otherwise check the dates.",
    ),
    "stage-current": _rule(
        "у оценки указан этап {value}, а по таблице этапов последним начат {expected} ({started})",
        "Приведите к одному: поправьте stage здесь или строки в assessment_stages.",
        "the round says that its stage is {value}, but the last one that began is {expected} ({started})",
        "Make them agree: correct stage here or the rows of assessment_stages.",
    ),
    "decision-early": _rule(
        "решение {decision} принято {value} — раньше, чем начался этап {stage} ({expected})",
        "Проверьте дату решения, его этап и начало этапа в assessment_stages.",
        "the decision {decision} was taken on {value}, before its stage {stage} began ({expected})",
        "Check the date of the decision, its stage, and when the stage began in assessment_stages.",
    ),
    "decision-stage": _rule(
        "решение {decision} принято на этапе {value}, а оценка {assessment} дошла только до этапа {last}",
        "Проверьте этап решения или добавьте начало этапа в assessment_stages.",
        "the decision {decision} is of the stage {value}, but the round {assessment} has come only to {last}",
        "Check the stage of the decision, or add the beginning of the stage to assessment_stages.",
    ),
    "measure-early": _rule(
        "мера {measure} выполнена {value} — раньше, чем началась оценка {assessment} ({expected})",
        "Мера отвечает на недостаток, который нашла оценка: проверьте дату или оценку.",
        "the measure {measure} was done on {value}, before the round {assessment} began ({expected})",
        "A measure answers what the round has found: check the date or the round.",
    ),
    "recommendation-foreign": _rule(
        "мера {organization} в оценке {assessment} отвечает на предложение {value}, а оно — {other}, {expected}",
        "Укажите предложение той же организации и той же оценки или оставьте ячейку пустой.",
        "the measure of {organization} in {assessment} answers the proposal {value}, which is of {other}, {expected}",
        "Name a proposal to the same organisation in the same round, or leave the cell empty.",
    ),
    "plan-missing": _rule(
        "{value}: оценка {assessment} дошла до планов, предложений без ответа — {number}, а мер нет ни одной",
        "Добавьте меры в plan_measures или объясните в no_measure_reason, почему их нет. Публикуется как есть.",
        "{value}: the round {assessment} has come to plans, {number} proposals wait, and there is no measure",
        "Add measures to plan_measures, or say in no_measure_reason why there are none. It is published as it is.",
    ),
    "plan-missing-more": _rule(
        "без единой меры остались и ещё организации: {value}",
        "Найдите их по таблице recommendations: у их предложений нет ни меры, ни причины.",
        "{value} more organisations have no measure at all",
        "Find them in the table recommendations: their proposals have neither a measure nor a reason.",
    ),
    "recommendation-unanswered": _rule(
        "{organization}, {assessment}: у предложения {value} нет ни меры, ни причины, почему её нет",
        "Добавьте меру в plan_measures или причину в no_measure_reason. Публикуется как есть, с пометкой на странице.",
        "{organization}, {assessment}: the proposal {value} has neither a measure nor a reason why there is none",
        "Add a measure to plan_measures or a reason to no_measure_reason. It is published as it is, with a note.",
    ),
    "recommendation-unanswered-more": _rule(
        "без меры и причины остались и ещё предложения: {value}",
        "Они помечены на страницах своих организаций.",
        "{value} more proposals have neither a measure nor a reason",
        "They are marked on the pages of their organisations.",
    ),
    "placement-code": _rule(
        "в коде {value} не сходится контрольный знак",
        "Код размещения создаёт publish.py placements add; не придумывайте его.",
        "the check symbol of the code {value} does not agree",
        "Placement codes are made by publish.py placements add; do not invent one.",
    ),
    "placement-collision": _rule(
        "у организаций {value} и {other} совпал код по умолчанию {code}",
        "Добавьте строку в placements для более новой из них.",
        "the organisations {value} and {other} have the same default code {code}",
        "Add a row to placements for the newer of them.",
    ),
    # ---- who stands behind an assessment
    "operator-inn": _rule(
        "у оператора нет ИНН, а иностранным он не назван",
        "Впишите ИНН или поставьте true в is_foreign.",
        "the operator has no INN and is not said to be foreign",
        "Write its INN (tax number), or set is_foreign to true.",
    ),
    "contract-late": _rule(
        "контракт заключён {value}, когда работа уже закончилась: {expected}",
        "Проверьте обе даты. Контракт публикуется как есть.",
        "the contract was signed on {value}, after the work had ended on {expected}",
        "Check both dates. The contract is published as it is.",
    ),
    "contract-period": _rule(
        "год оценки {value}, а контракт идёт с {start} по {end}",
        "Проверьте год и даты контракта. Контракт публикуется как есть.",
        "the year of the assessment is {value}, but the contract lasts from {start} to {end}",
        "Check the year and the dates of the contract. It is published as it is.",
    ),
    "contract-price": _rule(
        "цена контракта {value}, а строки ({items}) в сумме дают {expected}",
        "Проверьте цену и строки contract_items. Контракт публикуется как есть.",
        "the price of the contract is {value}, but its lines ({items}) add up to {expected}",
        "Check the price and the rows of contract_items. The contract is published as it is.",
    ),
    "item-total": _rule(
        "сумма строки {value}, а {price} × {quantity} = {expected}",
        "Исправьте сумму, цену или количество: сходиться должно до копейки.",
        "the sum of the line is {value}, but {price} × {quantity} = {expected}",
        "Mend the sum, the price or the quantity: they must agree to the kopeck.",
    ),
    "contract-operator": _rule(
        "оператор оценки — {value}, а контракт {contract} заключён с {expected}",
        "Исправьте оператора или контракт: оценку по контракту проводит тот, с кем он заключён.",
        "the operator of the assessment is {value}, but the contract {contract} is with {expected}",
        "Mend the operator or the contract: whoever signed a contract does its work.",
    ),
    "party-unknown": _rule(
        "«{value}» нет в таблице {table}",
        "Добавьте строку в {table} или исправьте ссылку. На странице оценки код останется без ссылки.",
        "'{value}' is not in the table {table}",
        "Add a row to {table} or mend the reference. On the page of the assessment the code leads nowhere.",
    ),
    "council-code": _rule(
        "в коде совета {value} стоит ОКТМО {found}, а в столбце oktmo — {expected}",
        "Код состоит из уровня (2 цифры), ОКТМО (8) и номера (2). Исправьте код или ОКТМО.",
        "the code of the council {value} holds the OKTMO {found}, but the column oktmo says {expected}",
        "A code is a level (2 digits), an OKTMO (8) and a number (2). Mend the code or the OKTMO.",
    ),
    "council-code-repeated": _rule(
        "код {value} уже у совета {other}",
        "У каждого совета свой код: проверьте последние две цифры — номер совета.",
        "the code {value} belongs to the council {other} already",
        "Each council has a code of its own: check the last two digits, its number.",
    ),
    "council-code-level": _rule(
        "код {value} начинается с {digits}, как у совета {other}, а уровни у них разные: {level} и {expected}",
        "Проверьте уровень и первые две цифры кода. Совет публикуется как есть.",
        "the code {value} begins with {digits} like that of {other}, but their levels differ: {level} and {expected}",
        "Check the level and the first two digits of the code. The council is published as it is.",
    ),
    "roster-repeated": _rule(
        "у совета {council} за {value} год уже есть перечень {other}",
        "Оставьте один перечень на совет и год: добавьте организации в него.",
        "the council {council} has a list for {value} already: {other}",
        "Keep one list for a council and year: add the organisations to it.",
    ),
    "roster-count": _rule(
        "подлежат оценке {value}, а в перечне оцениваемых — {assessed}",
        "Исправьте subject_count или строки roster_organizations.",
        "{value} are subject to assessment, but the list has {assessed} that are assessed",
        "Mend subject_count or the rows of roster_organizations.",
    ),
    "roster-share": _rule(
        "объявлена доля {value} %, а {assessed} из {subject} — это {expected} %",
        "Проверьте долю, subject_count и строки roster_organizations. Публикуются обе: объявленная и посчитанная.",
        "the share is declared as {value} %, but {assessed} of {subject} are {expected} %",
        "Check the share, subject_count and the rows of roster_organizations. Both are published.",
    ),
    "campaign-region": _rule(
        "региона «{value}» нет{similar}",
        "Запишите коды регионов через пробел. Кампания публикуется, этот код ни на что не влияет.",
        "there is no region '{value}'{similar}",
        "Write codes of regions with spaces between. The campaign is published, this code has no effect.",
    ),
    "campaign-kind": _rule(
        "вида организаций «{value}» нет{similar}",
        "Запишите коды видов через пробел; новые виды добавляют в content/spheres.yaml. Кампания публикуется как есть.",
        "there is no kind of organisations '{value}'{similar}",
        "Write kinds with spaces between; new ones go to content/spheres.yaml. The campaign is published as it is.",
    ),
    "personal-name": _rule(
        "похоже на имя человека: «{value}»",
        "Публикуют должность и служебные контакты, а не имена. Уберите имя, если это оно.",
        "this looks like the name of a person: '{value}'",
        "Posts and their official contacts are published, never names. Take the name out, if it is one.",
    ),
    "private-mail": _rule(
        "«{value}» — личный ящик",
        "Впишите служебную почту органа или очистите ячейку.",
        "'{value}' is a private mailbox",
        "Write the official address of the authority, or clear the cell.",
    ),
    # ---- addresses of sites
    "link-scheme": _rule(
        "у адреса «{value}» нет начала http:// или https://",
        "Запишите адрес целиком: {expected}.",
        "the address '{value}' does not begin with http:// or https://",
        "Write the whole address: {expected}.",
    ),
    "link-form": _rule(
        "«{value}» — не адрес сайта",
        "Адрес пишут так: https://school12.example. На странице это останется текстом, не ссылкой.",
        "'{value}' is not the address of a site",
        "An address is written like https://school12.example. On its page this stays text, not a link.",
    ),
    "link-misspelt": _rule(
        "в адресе «{value}» известная опечатка",
        "Правильно: {expected}. Ссылки никто не открывал, это сказано по списку content/links.yaml.",
        "the address '{value}' has a known misspelling",
        "Right is: {expected}. Nobody opened the link, it stands in the list content/links.yaml.",
    ),
    "more-warnings": _rule(
        "в таблице ещё предупреждений: {value}",
        "Они того же рода, что перечисленные; публикации они не мешают.",
        "the table has {value} more warnings",
        "They are of the kinds listed; they do not stop the publication.",
    ),
    # ---- appeals ----------------------------------------------------------------------------------------------------
    "future-year": _rule(
        "год {value} ещё не наступил: сейчас {today}",
        "Проверьте год.",
        "the year {value} has not begun: it is {today} now",
        "Check the year.",
    ),
    "appeals-answered": _rule(
        "отвечено на {value}, а поступило {received}",
        "Ответов не может быть больше, чем обращений. Ответ считают в том году, в котором обращение поступило.",
        "{value} were answered, but {received} were received",
        "There cannot be more answers than appeals. An answer counts in the year in which its appeal was received.",
    ),
    "appeals-overdue": _rule(
        "просрочено {value}, а поступило {received}",
        "Просрочить можно только поступившее. Проверьте оба числа.",
        "{value} are overdue, but {received} were received",
        "Only what was received can be overdue. Check both numbers.",
    ),
    "appeals-median": _rule(
        "указан срок ответа, {value}, а отвеченных обращений нет",
        "Очистите срок или впишите, на сколько обращений ответили.",
        "there is a time to the answer, {value}, but nothing was answered",
        "Clear the time, or write how many appeals were answered.",
    ),
    # ---- what operators bring from the field ------------------------------------------------------------------------
    "observation-far": _rule(
        "осмотр {organization} записан в {value} м от точки организации, а допустимо {maximum} м; таких строк: {rows}",
        "Проверьте, там ли был наблюдатель и верны ли координаты организации. Данные публикуются как есть.",
        "{organization} was observed {value} m from its point, {maximum} m are allowed; rows like this: {rows}",
        "Check whether the observer was there and whether the organisation's coordinates are right. The data is published as it is.",
    ),
    "observation-far-more": _rule(
        "далеко от точки организации и ещё осмотров: {value}",
        "Проверьте, не перепутаны ли в таблице широта и долгота.",
        "{value} more visits lie far from the point of their organisation",
        "Check whether latitude and longitude have changed places in the table.",
    ),
    "photo-unlisted": _rule(
        "снимка {value} нет в таблице observation_photos; таких строк: {rows}",
        "Добавьте строку о снимке или очистите ячейку: доказательство, которого нет, ничего не доказывает.",
        "the picture {value} has no row in observation_photos; rows like this: {rows}",
        "Add a row for the picture or clear the cell: evidence that is not there proves nothing.",
    ),
    "photo-unlisted-more": _rule(
        "нет в таблице observation_photos и ещё снимков: {value}",
        "Проверьте, весь ли пакет оператора передан.",
        "{value} more pictures have no row in observation_photos",
        "Check whether the whole package of the operator has arrived.",
    ),
    "photo-path": _rule(
        "путь «{value}» ведёт не к файлу внутри пакета",
        "Положите снимок в папку пакета и запишите относительный путь без «..» и ссылок: например, photos/stand.jpg.",
        "the path '{value}' does not lead to a file inside the package",
        "Put the picture into the folder of the package and give a relative path without '..' and links: for example photos/stand.jpg.",
    ),
    "photo-size": _rule(
        "снимок «{value}» больше, чем можно: {found}, а допустимо {maximum}",
        "Уменьшите снимок и впишите SHA-256 нового файла.",
        "the picture '{value}' is larger than allowed: {found}, the most is {maximum}",
        "Make the picture smaller and write the SHA-256 of the new file.",
    ),
    "photo-kind": _rule(
        "файл «{value}» по содержимому не JPEG, не PNG и не WebP",
        "Сохраните снимок в одном из этих форматов и впишите SHA-256 нового файла. Расширение имени ничего не решает.",
        "by its content the file '{value}' is neither JPEG nor PNG nor WebP",
        "Save the picture in one of these formats and write the SHA-256 of the new file. The ending of the name decides nothing.",
    ),
    "photo-damaged": _rule(
        "снимок «{value}» повреждён или обрезан",
        "Передайте файл заново: снимок, который нельзя открыть, нельзя и показать.",
        "the picture '{value}' is damaged or cut",
        "Transfer the file again: a picture that cannot be opened cannot be shown.",
    ),
    "photo-hash": _rule(
        "SHA-256 файла «{value}» — {found}, а в строке {expected}",
        "Верните файл, который снял наблюдатель. Если снимок заменён намеренно, впишите новый SHA-256 и здесь, и в observations.",
        "the SHA-256 of the file '{value}' is {found}, the row says {expected}",
        "Put back the file that the observer took. If it was replaced on purpose, write the new SHA-256 here and in observations.",
    ),
    # ---- packages that become one -----------------------------------------------------------------------------------
    "merge-conflict": _rule(
        "ключ {key}: здесь «{value}», а в {file}, строка {first}, — «{other}»",
        "Узнайте у обоих операторов, что верно, и исправьте один из пакетов. Объединение ничего не выбирает само.",
        "key {key}: here '{value}', but '{other}' in {file}, row {first}",
        "Ask both operators which is right and mend one of the packages. A merge never chooses by itself.",
    ),
    "merge-field": _rule(
        "столбец «{value}» описан в пакетах по-разному; другое описание — в {file}",
        "Дайте своему столбцу в обоих пакетах одно и то же описание или разные имена.",
        "the column '{value}' is described differently in the packages; the other description is in {file}",
        "Give the column of your own one description in both packages, or two names.",
    ),
    "merge-table": _rule(
        "таблица «{value}» не из профиля и в общий пакет не вошла",
        "Если она нужна, положите её в общий пакет сами.",
        "the table '{value}' is not of the profile and did not go into the whole",
        "If it is needed, put it into the merged package yourself.",
    ),
    "merge-descriptor": _rule(
        "{property}: здесь «{value}», а в пакете {file} — «{other}»",
        "Объединить можно только пакеты с одинаковыми licenses и demonstration: иначе непонятно, что можно делать с данными.",
        "{property}: here '{value}', but '{other}' in the package {file}",
        "Only packages with the same licenses and demonstration can become one: otherwise nobody knows what may be done with the data.",
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
        "значения «{value}» нет в файле соответствия{similar}",
        "Исправьте ячейку или добавьте значение в values этого столбца.",
        "the mapping does not know the value '{value}'{similar}",
        "Mend the cell, or add the value to the values of this column.",
    ),
    "id-unfit": _rule(
        "из «{value}» не получается идентификатор",
        "Проверьте правило id в соответствии.",
        "no identifier can be made of '{value}'",
        "Check the id rule of the mapping.",
    ),
    "cell-error": _rule(
        "ошибка формулы «{value}» вместо значения",
        "Исправьте формулу в книге и сохраните её.",
        "the formula gave the error '{value}' instead of a value",
        "Mend the formula in the workbook and save it.",
    ),
    "number-form": _rule(
        "«{value}» — не число в виде {expected}",
        "Исправьте ячейку или назовите в соответствии decimal и group этого файла.",
        "'{value}' is not a number written like {expected}",
        "Mend the cell, or name the decimal and group signs of this file in the mapping.",
    ),
    "date-form": _rule(
        "«{value}» — не дата в виде {expected}",
        "Исправьте ячейку или добавьте её вид в date этого поля.",
        "'{value}' is not a date written like {expected}",
        "Mend the cell, or add its form to `date` of this field.",
    ),
    "website-form": _rule(
        "«{value}» — не адрес сайта",
        "Исправьте ячейку; адрес пишут так: http://school12.example.",
        "'{value}' is not the address of a site",
        "Mend the cell; an address is written like http://school12.example.",
    ),
    "point-outside": _rule(
        "точка {value} вне прямоугольника {expected}",
        "Проверьте, не переставлены ли широта и долгота; прямоугольник задан в box соответствия.",
        "the point {value} lies outside the box {expected}",
        "Check whether latitude and longitude are swapped; the box stands in the mapping.",
    ),
    "point-emptied": _rule(
        "точка {value} вне прямоугольника {expected}: строка записана без координат",
        "Проверьте координаты у владельца данных.",
        "the point {value} lies outside the box {expected}: the row was written without coordinates",
        "Ask the owner of the data about the coordinates.",
    ),
    "row-differs": _rule(
        "«{value}», а в строке {first} для того же ключа {key} стоит «{other}»",
        "Проверьте обе строки: ключ один, а сведения разные.",
        "'{value}', but row {first} says '{other}' for the same key {key}",
        "Check both rows: one key, two statements.",
    ),
    "join-missing": _rule(
        "для «{value}» нет строки в файле {file}",
        "Добавьте строку в этот файл или напишите unmatched: keep.",
        "there is no row for '{value}' in the file {file}",
        "Add the row to that file, or write `unmatched: keep`.",
    ),
    "quotes-mended": _rule(
        "кавычки внутри ячейки не удвоены, прочитано так: {after}",
        "Сверьте с источником.",
        "the quotes inside a cell are not doubled, read as: {after}",
        "Compare with the source.",
    ),
    # ---- a table of filled questionnaires ---------------------------------------------------------------------------
    "answer-branch": _rule(
        "«{value}», а этот вопрос не задают: так ответили на {parents}",
        "Сверьте с листом: либо ответ записан не туда, либо неверен ответ на вопрос выше.",
        "'{value}', but this question is not asked: so {parents} was answered",
        "Compare with the sheet: either the answer is in the wrong column, or the one above is wrong.",
    ),
    "answer-required": _rule(
        "на вопрос {number} нет ответа",
        "Сверьте с листом и заполните ячейку.",
        "question {number} has no answer",
        "Compare with the sheet and fill the cell.",
    ),
    "answer-unknown": _rule(
        "у вопроса {number} нет ответа с кодом «{value}»",
        "Впишите один из кодов этого вопроса: {known}.",
        "question {number} has no answer with the code '{value}'",
        "Write one of the codes of this question: {known}.",
    ),
    "answer-several": _rule(
        "ответов на вопрос {number} несколько: «{value}»",
        "Оставьте один код.",
        "question {number} has several answers: '{value}'",
        "Leave one code.",
    ),
    "answer-number": _rule(
        "ответ на вопрос {number} — «{value}», а нужно целое число от {lowest} до {highest}",
        "Сверьте с листом и исправьте ячейку.",
        "the answer to question {number} is '{value}', expected a whole number from {lowest} to {highest}",
        "Compare with the sheet and mend the cell.",
    ),
    "answer-text": _rule(
        "ответ на вопрос {number} длиннее {maximum} знаков или содержит недопустимые знаки",
        "Сократите его и уберите невидимые знаки.",
        "the answer to question {number} has more than {maximum} characters, or characters that are not allowed",
        "Shorten it and take invisible characters out.",
    ),
    "question-unknown": _rule(
        "такого вопроса здесь нет: «{value}»",
        "Известные вопросы: {known}.",
        "there is no question '{value}' here",
        "Known questions: {known}.",
    ),
    # ---- what was published, verified ---------------------------------------------------------------------------
    "verify-no-sums": _rule(
        "файла со списком контрольных сумм нет",
        "Скачайте папку заново целиком: без SHA256SUMS нельзя сказать, те ли это файлы.",
        "there is no list of checksums",
        "Download the whole folder again: without SHA256SUMS nobody can tell whether these are the files.",
    ),
    "verify-sums-line": _rule(
        "строка списка «{value}» — не сумма SHA-256, два пробела и имя",
        "Скачайте SHA256SUMS заново; если он такой и на сайте, сообщите издателю.",
        "the line '{value}' of the list is no SHA-256, two spaces and a name",
        "Download SHA256SUMS again; if it is like this on the site too, tell the publisher.",
    ),
    "verify-sum": _rule(
        "содержимое файла не то, что в списке: сумма SHA-256 — {value}, а в списке {expected}",
        "Файл изменён или передан не целиком. Скачайте его заново; если не поможет, сообщите издателю.",
        "the content of the file is not that of the list: its SHA-256 is {value}, the list says {expected}",
        "The file was changed or has not arrived whole. Download it again; if that does not help, tell the publisher.",
    ),
    "verify-missing": _rule(
        "такого файла нет, а список или сайт его называет",
        "Скачайте его; если его нет и на сайте, сообщите издателю.",
        "the file is not there, but the list or the site names it",
        "Download it; if it is not on the site either, tell the publisher.",
    ),
    "verify-unlisted": _rule(
        "файла нет в списке: издатель его не публиковал",
        "Удалите файл или скачайте папку заново; если он лежит на сайте, сообщите издателю.",
        "nothing lists the file: the publisher did not publish it",
        "Remove the file or download the folder again; if it is on the site, tell the publisher.",
    ),
    "verify-twin": _rule(
        "сжатый файл распаковывается не в {expected}",
        "Удалите его или соберите сайт заново: посетители получают его вместо исходного.",
        "the compressed file does not unpack to {expected}",
        "Remove it or build the site again: visitors get it in place of the original.",
    ),
    "verify-unsigned": _rule(
        "подписи нет",
        "Издатель не подписывает данные (параметр signing_key) либо подпись удалена. Не доверяйте копии с чужого сервера.",
        "there is no signature",
        "The publisher does not sign data (option signing_key), or the signature was removed. Do not trust a copy from a stranger's server.",
    ),
    "verify-no-key": _rule(
        "подпись есть, а открытого ключа рядом нет",
        "Возьмите ключ издателя и назовите его: --public-key ФАЙЛ.",
        "there is a signature and no public key beside it",
        "Get the publisher's key and name it: --public-key FILE.",
    ),
    "verify-bad-key": _rule(
        "открытый ключ нельзя прочесть: {value}",
        "Возьмите ключ издателя из другого места и назовите его: --public-key ФАЙЛ.",
        "the public key cannot be read: {value}",
        "Get the publisher's key from elsewhere and name it: --public-key FILE.",
    ),
    "verify-signature": _rule(
        "подпись не сходится: {value}",
        "Список сумм изменён после подписи или подписан не этим ключом. Не используйте файлы, сообщите издателю.",
        "the signature does not hold: {value}",
        "The list of checksums was changed after signing, or another key signed it. Do not use the files; tell the publisher.",
    ),
    "verify-comment": _rule(
        "подписано «{value}», а должно быть «{expected}»",
        "Подпись взята от другого выпуска. Не используйте файлы, сообщите издателю.",
        "'{value}' was signed, expected '{expected}'",
        "The signature is of another release. Do not use the files; tell the publisher.",
    ),
    "verify-version": _rule(
        "в папке лежит версия {value}, ожидалась {expected}",
        "Один выпуск выдан за другой. Соберите сайт заново или скачайте выпуск снова.",
        "the folder holds version {value}, expected {expected}",
        "One release is shown for another. Build the site again, or download the release again.",
    ),
    "verify-delta": _rule(
        "изменения после выпуска нельзя применить: {value}",
        "Скачайте выпуск и изменения вместе: они от разных сборок.",
        "the changes since the release cannot be applied: {value}",
        "Download the release and the changes together: they are of different builds.",
    ),
    "verify-no-record": _rule(
        "данных организации {value} нет",
        "Страница или её JSON пропали. Соберите сайт заново.",
        "there are no data of the organisation {value}",
        "The page or its JSON is gone. Build the site again.",
    ),
    "verify-bad-record": _rule(
        "данные организации {value} — не JSON",
        "Файл испорчен. Соберите сайт заново или скачайте файл снова.",
        "the data of the organisation {value} are no JSON",
        "The file is damaged. Build the site again, or download the file again.",
    ),
    "verify-number": _rule(
        "{organization}, {what}: опубликовано {value}, расчёт по данным даёт {expected}",
        "Страница и выложенные таблицы расходятся. Соберите сайт заново; если не поможет, сообщите издателю.",
        "{organization}, {what}: published {value}, computed from the data {expected}",
        "The page and the published tables do not agree. Build the site again; if that does not help, tell the publisher.",
    ),
    "verify-sums-file": _rule(
        "сводные числа не те, что дают таблицы",
        "Соберите сайт заново; если не поможет, сообщите издателю.",
        "the sums are not those that the tables give",
        "Build the site again; if that does not help, tell the publisher.",
    ),
}


FORMS: Mapping[str, tuple[str, str]] = {
    "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?": (
        "до 64 строчных латинских букв, цифр и дефисов, дефис не с краю",
        "up to 64 small Latin letters, digits and hyphens, no hyphen at the ends",
    ),
    "[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?": (
        "до 32 строчных латинских букв, цифр и дефисов, дефис не с краю; у регионов России — две цифры",
        "up to 32 small Latin letters, digits and hyphens, no hyphen at the ends; two digits for Russian regions",
    ),
    "[a-z0-9][a-z0-9_-]{0,63}": (
        "до 64 строчных латинских букв, цифр, дефисов и подчёркиваний",
        "up to 64 small Latin letters, digits, hyphens and underscores",
    ),
    "[a-z][a-z0-9_]{0,63}": (
        "до 64 строчных латинских букв, цифр и подчёркиваний, первая — буква",
        "up to 64 small Latin letters, digits and underscores, a letter first",
    ),
    "[A-Za-z0-9][A-Za-z0-9._-]{0,63}": (
        "до 64 латинских букв, цифр, точек, дефисов и подчёркиваний",
        "up to 64 Latin letters, digits, dots, hyphens and underscores",
    ),
    "[A-Za-z0-9][A-Za-z0-9._-]{0,31}": (
        "до 32 латинских букв, цифр, точек, дефисов и подчёркиваний: например, 1.2, K3 или total",
        "up to 32 Latin letters, digits, dots, hyphens and underscores: for example 1.2, K3 or total",
    ),
    "[0-9A-HJKMNP-TV-Z]{10}": (
        "10 знаков кода: цифры и заглавные латинские буквы без I, L, O, U",
        "10 signs of a code: digits and Latin capitals without I, L, O, U",
    ),
    "[a-z]{2,3}": ("код языка: например, ru", "a language code: for example ru"),
    "[a-z]{2,3}(-[A-Za-z0-9]{2,8})*": ("код языка: например, ru", "a language code: for example ru"),
    "[A-Z]{2}-[A-Z0-9]{1,3}": ("код ISO 3166-2: например, RU-TOM", "an ISO 3166-2 code: for example RU-TOM"),
    "[0-9]{8}([0-9]{3})?": (
        "8 или 11 цифр; если их 7 или 10, таблица потеряла ноль в начале",
        "8 or 11 digits; where there are 7 or 10, a spreadsheet has lost a zero before them",
    ),
    "[0-9]{10}([0-9]{2})?": (
        "10 цифр или 12 у предпринимателя; если их 9 или 11, таблица потеряла ноль в начале",
        "10 digits, or 12 for an entrepreneur; where there are 9 or 11, a spreadsheet has lost a zero before them",
    ),
    "[0-9]{4}[0-9A-Z]{2}[0-9]{3}": (
        "9 знаков: например, 701701001; если их 8, таблица потеряла ноль в начале",
        "9 signs: for example 701701001; where there are 8, a spreadsheet has lost a zero before them",
    ),
    "[0-9]{13}([0-9]{2})?": ("13 цифр или 15 у предпринимателя", "13 digits, or 15 for an entrepreneur"),
    "[0-9]{1,12}": ("до 12 цифр", "up to 12 digits"),
    "[0-9]{2}": ("две цифры, ноль в начале — тоже цифра", "two digits, also where the first is a zero"),
    "[0-9]{3}": ("три цифры, ноль в начале — тоже цифра", "three digits, also where the first is a zero"),
    "[0-9]{5}": ("пять цифр", "five digits"),
    "[0-9]{12}": ("12 цифр: уровень (2), ОКТМО (8), номер (2)", "12 digits: level (2), OKTMO (8), number (2)"),
    "[0-9]{18,19}": ("18 или 19 цифр", "18 or 19 digits"),
    "[0-9A-Z -]{3,10}": ("почтовый индекс: например, 634050", "a postal code: for example 634050"),
    r"[0-9]{2}(\.[0-9]{1,3}){0,4}": ("код ОКПД2: например, 72.20.19", "a code of OKPD2: for example 72.20.19"),
    "[0-9a-f]{64}": ("64 шестнадцатеричные цифры строчными буквами (SHA-256)", "64 small hex digits (SHA-256)"),
    "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?": (
        "день или день и время: например, 2026-03-31 или 2026-03-31T14:05",
        "a day, or a day and time: for example 2026-03-31 or 2026-03-31T14:05",
    ),
}
"""The patterns of the profile in words; a pattern of a package's own field is shown as it is written."""


def visible(value: str) -> str:
    """`value` cut to `SHOWN_CHARACTERS` with control and direction characters written as escapes.

    >>> visible("a\\x1bb")
    'a\\\\x1bb'
    """
    cut = value if len(value) <= SHOWN_CHARACTERS else value[: SHOWN_CHARACTERS - 1] + "…"
    return "".join(
        char if char.isprintable() or char == "\u202f" else char.encode("unicode_escape").decode() for char in cut
    )


def harmless(text: str) -> str:
    """A sentence as it may be shown: what could drive a terminal or turn the direction of writing is written as escapes.

    >>> harmless("columns: a\\x1b[2J\\nb\\u00a0c")
    'columns: a\\\\x1b[2J\\nb\\xa0c'
    """
    return "".join(
        char if char.isprintable() or char in "\n\t\u00a0\u202f" else char.encode("unicode_escape").decode()
        for char in text
    )


_WHOLE = frozenset({"expected", "known"})
"""Gaps that are never cut: what would be right must be readable to its end."""


class _Gaps(dict[str, str]):
    """A missing gap is shown as empty: a message must never fail."""

    def __missing__(self, key: str) -> str:
        return ""


def message(problem: Problem, language: str = "ru") -> str:
    """What is wrong, in one clause without a final stop."""
    return _fill(problem, "en" if language == "en" else "ru")


def advice(problem: Problem, language: str = "ru") -> str:
    """What to do about it, in full sentences."""
    return _fill(problem, "en_advice" if language == "en" else "ru_advice")


def _fill(problem: Problem, part: str) -> str:
    is_russian = part.startswith("ru")
    gaps = _Gaps({key: harmless(text) if key in _WHOLE else visible(text) for key, text in problem.details.items()})
    gaps["value"] = visible(problem.value)
    form = FORMS.get(gaps["expected"])
    if problem.rule == "pattern" and form is not None:
        gaps["expected"] = form[0 if is_russian else 1]
    if gaps["similar"]:
        gaps["similar"] = f" — возможно, «{gaps['similar']}»" if is_russian else f" — perhaps '{gaps['similar']}'"
    return getattr(RULES[problem.rule], part).format_map(gaps)  # type: ignore[no-any-return]


def place(problem: Problem, language: str = "ru") -> str:
    """`tomsk-2025/scores.csv, строка 118, столбец points`; with the physical line where it differs from the row."""
    where = problem.where
    words = ("строка", "столбец", "в файле это строка") if language != "en" else ("row", "column", "line of the file")
    if where.file.endswith(".json"):  # a description has no columns: what stands there is the way to a property
        words = (words[0], "свойство" if language != "en" else "property", words[2])
    parts = [harmless("/".join(part for part in (where.package, where.file) if part))]
    if where.row is not None:
        line = f" ({words[2]} {where.line})" if where.line not in (None, where.row) else ""
        parts.append(f"{words[0]} {where.row}{line}")
    if where.column:
        parts.append(f"{words[1]} {visible(where.column)}")
    return ", ".join(part for part in parts if part)


class Told(Said):
    """A problem as one sentence or more, for an error that is made of it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.rule)
        self._problem = problem

    def sentence(self, language: str) -> str:
        said = (place(self._problem, language), message(self._problem, language), advice(self._problem, language))
        return "{}: {}. {}".format(*said)


def as_json(problem: Problem, language: str = "ru") -> dict[str, Any]:
    """The problem in the published shape (design: `validate --json`)."""
    where = problem.where
    return {
        "severity": str(problem.severity),
        "package": _writable(where.package),
        "file": _writable(where.file),
        "row": where.row,
        "column": _writable(where.column),
        "rule": problem.rule,
        "value": _writable(problem.value),
        "message": message(problem, language),
        "advice": advice(problem, language),
    }


def _writable(text: str) -> str:
    """`text` as it is, save halves of a character, which no file in UTF-8 can hold."""
    return text.encode("utf-8", "backslashreplace").decode()
