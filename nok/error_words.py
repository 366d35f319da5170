"""The words of what a person is told and can mend: rule to one or more sentences in Russian and in English. Standard library only.

Sentences name the place, what was found, what was expected, what to do and what did not happen; gaps are filled by
`nok.errors.Said`. `{place}`, `{similar}` and lists are worded there, in the language of the sentence.
"""

from collections.abc import Mapping

ERRORS: Mapping[str, tuple[str, str]] = {
    # ---- files that editors write --------------------------------------------------------------------------------------
    "yaml-alias": (
        "{place}: ссылки внутри файла (*имя) здесь не читаются. Запишите значение целиком.",
        "{place}: aliases (*name) are not read here. Write the value out.",
    ),
    "yaml-fault": (
        "{place}: {fault}. Ничего не сделано.",
        "{place}: {fault}. Nothing was done.",
    ),
    "yaml-deep": (
        "{place}: списки и разделы вложены друг в друга слишком глубоко. Ничего не сделано.",
        "{place}: lists and mappings stand too deep in each other. Nothing was done.",
    ),
    "yaml-not-mapping": (
        "{place}: ожидаются строки вида `ключ: значение`, а найдено {found}. Ничего не сделано.",
        "{place}: expected `key: value` lines, found {found}. Nothing was done.",
    ),
    "key-unknown": (
        "{place}: ключ «{key}» неизвестен.{similar} Известны: {known}. Ничего не сделано.",
        "{place}: the key '{key}' is not known.{similar} Known keys: {known}. Nothing was done.",
    ),
    "date-expected": (
        "{place}: «{key}» — «{value}», а ожидается дата, например 2018-05-31. Ничего не сделано.",
        "{place}: '{key}' is '{value}', expected a date such as 2018-05-31. Nothing was done.",
    ),
    "links-lines": (
        "{place}: misspelt: ожидаются строки вида `адрес с ошибкой: верный адрес`. Ничего не сделано.",
        "{place}: misspelt: expected `wrong address: right address` lines. Nothing was done.",
    ),
    "links-host": (
        "{place}: misspelt: «{address}» — не имя сайта, а ожидается, например, bus.gov.ru.",
        "{place}: misspelt: '{address}' is no host, expected one such as bus.gov.ru.",
    ),
    "links-itself": (
        "{place}: misspelt: «{wrong}» названо ошибочным написанием самого себя. Ничего не сделано.",
        "{place}: misspelt: '{wrong}' is called a misspelling of itself. Nothing was done.",
    ),
    "stuffing-work": (
        "{place}: work_least — {least}, это больше, чем work_most, {most}. Ничего не сделано.",
        "{place}: 'work_least' is {least}, which is above 'work_most', {most}. Nothing was done.",
    ),
    "texts-expected": (
        "{place}: ожидается текст или тексты под `ru:` и `en:`. Ничего не сделано.",
        "{place}: expected a text, or texts in `ru:` and `en:`. Nothing was done.",
    ),
    "text-expected": (
        "{place}: «{value}», а ожидается текст (число пишите в кавычках). Ничего не сделано.",
        "{place} is '{value}', expected a text (write a number in quotes). Nothing was done.",
    ),
    "list-expected": (
        "{place}: ожидается список хотя бы из одного значения. Ничего не сделано.",
        "{place}: expected a list with at least one item. Nothing was done.",
    ),
    "stands-twice": (
        "{place} «{name}» стоит дважды. Уберите или переименуйте одно из двух. Ничего не сделано.",
        "{place} '{name}' stands twice. Remove or rename one of them. Nothing was done.",
    ),
    "lines-expected-not": (
        "{place}: «{value}», а ожидаются строки вида `ключ: значение`. Ничего не сделано.",
        "{place} is '{value}', expected `key: value` lines. Nothing was done.",
    ),
    "yaml-lines": (
        "здесь ожидаются строки вида `ключ: значение`",
        "expected `key: value` lines here",
    ),
    "yaml-key": (
        "ключом может быть слово или число",
        "a key must be a word or a number",
    ),
    "yaml-twice": (
        "ключ «{key}» стоит дважды",
        "the key '{key}' stands twice",
    ),
    "yaml-value": (
        "«{value}» — не день, не число и не «да» или «нет»{why}",
        "'{value}' is no such day, number or yes and no{why}",
    ),
    "stuffing-number": (
        "{place}: «{name}» — «{value}», а ожидается целое число больше нуля. Ничего не сделано.",
        "{place}: '{name}' is '{value}', expected a whole number above zero. Nothing was done.",
    ),
    "stuffing-numbers": (
        "{place}: «{name}» — «{value}», а ожидается целое число больше нуля или список таких чисел. Ничего не сделано.",
        "{place}: '{name}' is '{value}', expected a whole number above zero, or a list of them. Nothing was done.",
    ),
    # ---- publication.yaml and what it names ----------------------------------------------------------------------------
    "option-unknown": (
        "{place}: параметр «{key}» неизвестен.{similar} Ничего не сделано.",
        "{place}: the option '{key}' is not known.{similar} Nothing was done.",
    ),
    "option-type": (
        "{place}: «{value}», а ожидается {expected}. Ничего не сделано.",
        "{place} is '{value}', expected {expected}. Nothing was done.",
    ),
    "option-languages": (
        "{place}: параметр «languages» — {value}, а ожидается список разных языков, например ru, en, tt: по "
        "две или три строчные латинские буквы. Ничего не сделано.",
        "{place}: option 'languages' is {value}, expected a list of different languages such as ru, en, tt: "
        "two or three small Latin letters each. Nothing was done.",
    ),
    "option-criteria": (
        "{place}: параметр «asked_criteria» — {value}, а ожидается список разных критериев из числа "
        "{known}. Ничего не сделано.",
        "{place}: option 'asked_criteria' is {value}, expected a list of different criteria out of {known}. "
        "Nothing was done.",
    ),
    "option-range": (
        "{place}: параметр «{name}» — {number}, а ожидается от {least} до {most}. Ничего не сделано.",
        "{place}: option '{name}' is {number}, expected {least} to {most}. Nothing was done.",
    ),
    "option-inn": (
        "{place}: параметр «publisher_inn» — «{value}», а ожидается десять или двенадцать цифр в кавычках. "
        "Ничего не сделано.",
        "{place}: option 'publisher_inn' is '{value}', expected ten or twelve digits in quotes. Nothing was done.",
    ),
    "option-shards": (
        "{place}: параметр «address_shards» — {value}, а ожидается 0 или 2. Ничего не сделано.",
        "{place}: option 'address_shards' is {value}, expected 0 or 2.",
    ),
    "option-list": (
        "{place}: параметр «{name}» — {value}, а ожидается список разных значений из числа {known}. Ничего не сделано.",
        "{place}: option '{name}' is {value}, expected a list of different ones out of {known}. Nothing was done.",
    ),
    "option-address": (
        "{place}: «{value}»: {fault}. Ожидается адрес вроде https://ocenka.example: https, строчные "
        "латинские буквы, без имени и пароля, без «?» и «#», не длиннее {most} знаков. Ничего не сделано.",
        "{place} is '{value}': {fault}. Expected an address such as https://ocenka.example: https, small "
        "Latin letters, no name or password, no '?' or '#', at most {most} characters. Nothing was done.",
    ),
    "title-lines": (
        "Название — {given}, а ожидается одна строка текста. Ничего не записано.",
        "The title is {given}, expected a name in one line of text. Nothing was written.",
    ),
    "init-no-folder": (
        "{place} — не папка. Ничего не записано.",
        "{place} is not a folder. Nothing was written.",
    ),
    "init-there": (
        "{place} уже есть. Правьте его или назовите другую папку. Ничего не записано.",
        "{place} is there already. Edit it, or name another folder. Nothing was written.",
    ),
    "package-nowhere": (
        "{place}: такой папки или архива нет. Ничего не сделано.",
        "{place}: there is no such folder or archive. Nothing was done.",
    ),
    "packages-none": (
        "{place}: ни один пакет данных не подходит под {known}. Назовите пакет через --packages FOLDER. "
        "Ничего не сделано.",
        "{place}: no data package matches {known}. Name one with --packages FOLDER. Nothing was done.",
    ),
    "file-not-text": (
        "{place}: не читается как текст в UTF-8: {error}. Ничего не сделано.",
        "{place}: cannot be read as UTF-8 text: {error}. Nothing was done.",
    ),
    "places-row": (
        "{place}, строка {row}: «{value}» не подходит: нужны четыре ячейки {columns}, последняя может быть пустой."
        " Ничего не сделано.",
        "{place}, row {row}: '{value}' does not fit: four cells are needed, {columns}, of which the last may be empty."
        " Nothing was done.",
    ),
    "places-twice": (
        "{place}, строка {row}: «{name}» региона {region} уже есть выше. Оставьте одну строку: другие написания пишут"
        " в последней ячейке через точку с запятой. Ничего не сделано.",
        "{place}, row {row}: '{name}' of region {region} stands above already. Leave one row: other spellings belong into"
        " the last cell, with semicolons between them. Nothing was done.",
    ),
    "method-twice": (
        "methods/{name}: методика «{method}» описана в двух файлах. Ничего не сделано.",
        "methods/{name}: the method '{method}' stands in two files. Nothing was done.",
    ),
    "signing-key-open": (
        "{place} могут прочитать другие (права {mode}, а ожидается 0600): кто его прочёл, может подписывать "
        "от вашего имени. Выполните `chmod 600 {named}`; если его могли прочесть чужие, сделайте новый "
        "ключ. Ничего не сделано.",
        "{place} may be read by others (mode {mode}, expected 0600): whoever reads it can sign in your "
        "name. Run `chmod 600 {named}`; if strangers could read it, make a new key. Nothing was done.",
    ),
    "signing-key-fault": (
        "{place} нельзя использовать: {fault}. Ничего не сделано.",
        "{place} cannot be used: {fault}. Nothing was done.",
    ),
    "signing-key-there": (
        "{place} уже есть. Назовите в --out другой файл. Ничего не сделано.",
        "{place} stands there already. Name another file with --out. Nothing was done.",
    ),
    "whole-number": (
        "целое число",
        "a whole number",
    ),
    "list-of-texts": (
        "список текстов",
        "a list of texts",
    ),
    "address-signs": (
        "в нём знаков {number}",
        "it has {number} characters",
    ),
    "address-letter": (
        "в нём есть {name} («{sign}»), а это не латинская буква, как бы ни была похожа; такой сервер пишут "
        "в виде xn--…",
        "it holds {name} ('{sign}'), which is no Latin letter, however alike; write such a host as xn--…",
    ),
    "address-open": (
        "он не начинается с https://, и всякий по дороге мог бы прочесть и подменить отправленное",
        "it does not begin with https://, so that anybody on the way could read and change what is sent",
    ),
    "address-name": (
        "перед именем сервера стоит имя пользователя, и не видно, куда адрес ведёт",
        "a name stands before the host, which hides where it leads",
    ),
    "address-port": (
        "443 и так подразумевается в https; уберите его",
        "443 is what https means anyway; leave it out",
    ),
    "address-parts": (
        "в нём есть знаки или части, которых в адресе здесь быть не должно",
        "it has characters or parts that an address here must not have",
    ),
    "address-underscore": (
        "код не может хранить «_» в своём малом виде",
        "a code cannot hold '_' in its small form",
    ),
    "campaign-fault": (
        "{problem} Ничего не сделано.",
        "{problem} Nothing was done.",
    ),
    "signing-key-unreadable": (
        "{place}: не читается: {reason}. Сделайте ключ командой `publish.py signing-key --out {named}` или "
        "уберите параметр. Ничего не сделано.",
        "{place} cannot be read: {reason}. Make a key with `publish.py signing-key --out {named}`, or leave "
        "the option out. Nothing was done.",
    ),
    "no-text": (
        "это не текст",
        "it is no text",
    ),
    # ---- methods and questionnaires ------------------------------------------------------------------------------------
    "formula-unknown": (
        "{place}: формула «{name}» неизвестна.{similar} Известны: {known}. Ничего не сделано.",
        "{place}: the formula '{name}' is not known.{similar} Known: {known}. Nothing was done.",
    ),
    "part-twice": (
        "{place}: стоит дважды. Уберите или переименуйте одно из двух. Ничего не сделано.",
        "{place} stands twice. Remove or rename one of them. Nothing was done.",
    ),
    "row-id": (
        "{place}: {word} — «{row}», а ожидается `id: …` и то, что к нему относится. Ничего не сделано.",
        "{place}: a {word} is '{row}', expected `id: …` and what belongs to it. Nothing was done.",
    ),
    "number-expected": (
        "{place}: «{value}», а ожидается число. Ничего не сделано.",
        "{place} is '{value}', expected a number. Nothing was done.",
    ),
    "parameter-kind-unknown": (
        "{place}: «{kind}», а ожидается одно из: {known}.{similar} Ничего не сделано.",
        "{place} is '{kind}', expected {known}.{similar} Nothing was done.",
    ),
    "parameter-unknown": (
        "{place}: параметр «{value}» неизвестен.{similar} Параметры вида {kind}: {known}. Ничего не сделано.",
        "{place}: the parameter '{value}' is not known.{similar} Parameters of the kind {kind}: {known}. "
        "Nothing was done.",
    ),
    "parameter-kind": (
        "{place}: параметр «{value}» вида {kind}, а ожидается {expected}. Ничего не сделано.",
        "{place}: the parameter '{value}' is of the kind {kind}, expected {expected}. Nothing was done.",
    ),
    "counted-twice": (
        "{place}: {names}: одно стоит дважды и было бы посчитано дважды. Ничего не сделано.",
        "{place}: {names}: one stands twice, and would count twice. Nothing was done.",
    ),
    "question-unknown": (
        "{place}: вопрос «{value}» неизвестен.{similar} Вопросы методики: {known}. Ничего не сделано.",
        "{place}: the question '{value}' is not known.{similar} Questions of the method: {known}. Nothing was done.",
    ),
    "step-above": (
        "{place}: «{step}», а ожидается не больше 100. Ничего не сделано.",
        "{place} is '{step}', expected 100 at most. Nothing was done.",
    ),
    "question-before-itself": (
        "{place}: вопрос «{branch}» не может стоять перед самим собой. Ничего не сделано.",
        "{place}: the question '{branch}' cannot stand before itself. Nothing was done.",
    ),
    "share-row": (
        "{place}: доля — «{row}», а ожидается `question: …`. Ничего не сделано.",
        "{place}: a share is '{row}', expected `question: …`. Nothing was done.",
    ),
    "rules-fall": (
        "{place}: баллы должны убывать, лучшее правило первое: {given}. Ничего не сделано.",
        "{place}: the points must fall, the best rule first: {given}. Nothing was done.",
    ),
    "rule-row": (
        "{place}: правило — «{row}», а ожидается `points:` и одно из `share_of_norm:`, `below_norm_by:`. "
        "Ничего не сделано.",
        "{place}: a rule is '{row}', expected `points:` and one of `share_of_norm:`, `below_norm_by:`. "
        "Nothing was done.",
    ),
    "up-to": (
        "{place}: «{value}», а ожидается от 0 до {most}. Ничего не сделано.",
        "{place} is '{value}', expected 0 to {most}. Nothing was done.",
    ),
    "weights-lines": (
        "{place}: «{weights}», а ожидаются строки вида `показатель: вес`. Ничего не сделано.",
        "{place} is '{weights}', expected `measure: weight` lines. Nothing was done.",
    ),
    "zero-policy": (
        "{place}: zero_denominator — «{value}», а ожидается одно из: {known}. Ничего не сделано.",
        "{place}: zero_denominator is '{value}', expected {known}. Nothing was done.",
    ),
    "maximum-zero": (
        "{place}: {limit}, а ожидается больше 0. Ничего не сделано.",
        "{place} is {limit}, expected more than 0. Nothing was done.",
    ),
    "bands-short": (
        "{place}: ступени кончаются на {upto}, ниже наибольшего значения {limit}. Ничего не сделано.",
        "{place}: its bands end at {upto}, below the maximum {limit}.",
    ),
    "maximum-formula": (
        "{place}: {limit}, а формула даёт от 0 до 100 баллов, больше — лучше. Ничего не сделано.",
        "{place} is {limit}; a formula gives 0 to 100 points, more being better. Nothing was done.",
    ),
    "totals": (
        "{place}: роль total у показателей: {number}, а ожидается у одного. Ничего не сделано.",
        "{place}: {number} measures have the role total, expected one. Nothing was done.",
    ),
    "parent-expected": (
        "{place} ({role}): parent — «{parent}», а ожидается одно из: {known}.{similar} Ничего не сделано.",
        "{place} ({role}) has the parent '{parent}', expected {known}.{similar} Nothing was done.",
    ),
    "weights-sum": (
        "{place}: веса частей — {given}, а ожидается сумма 1. Ничего не сделано.",
        "{place}: the weights of its parts are {given}; expected a sum of 1. Nothing was done.",
    ),
    "scales-expected": (
        "{place}: «{value}», а ожидаются имена шкал, у каждой — список. Ничего не сделано.",
        "{place} is '{value}', expected names of scales, each with a list. Nothing was done.",
    ),
    "bands-unknown": (
        "{place}: ступеней «{name}» нет.{similar} Ничего не сделано.",
        "{place}: there are no bands '{name}'.{similar} Nothing was done.",
    ),
    "bands-rise": (
        "{place}: границы должны расти: {limits}. Ничего не сделано.",
        "{place}: the limits must rise: {limits}.",
    ),
    "band-row": (
        "{place}: ступень — «{row}», а ожидается `upto: …, level: …, word: …`. Ничего не сделано.",
        "{place}: a band is '{row}', expected `upto: …, level: …, word: …`.",
    ),
    "one-of": (
        "{place}: «{value}», а ожидается одно из: {known}. Ничего не сделано.",
        "{place} is '{value}', expected {known}.",
    ),
    "higher-or-lower": (
        "{place}: «{value}», а ожидается higher или lower. Ничего не сделано.",
        "{place} is '{value}', expected higher or lower. Nothing was done.",
    ),
    "whole-range": (
        "{place}: «{value}», а ожидается целое число от {least} до {most}. Ничего не сделано.",
        "{place} is '{value}', expected a whole number from {least} to {most}. Nothing was done.",
    ),
    "form-answer-row": (
        "{place}: ответ — «{row}», а ожидается `code: …, text: …`. Ничего не сделано.",
        "{place}: an answer is '{row}', expected `code: …, text: …`. Nothing was done.",
    ),
    "variant-nobody": (
        "{place}: не названы `spheres:`, и вариант ни для кого. Ничего не сделано.",
        "{place}: it names no `spheres:`, so it is for nobody. Nothing was done.",
    ),
    "variant-sphere": (
        "{place}: «{name}» нет в spheres.yaml.{similar} Ничего не сделано.",
        "{place}: '{name}' is not in spheres.yaml.{similar} Nothing was done.",
    ),
    "variant-kind": (
        "{place}: «{name}» относится к сфере «{sphere}», которую этот вариант не называет. Ничего не сделано.",
        "{place}: '{name}' belongs to the sphere '{sphere}', which this variant does not name. Nothing was done.",
    ),
    "variant-rivals": (
        "{place} и вариант «{variant}» — оба для {what}. Ничего не сделано.",
        "{place} and variant '{variant}' are both for {what}. Nothing was done.",
    ),
    "measure-lines": (
        "{place}: «{part}», а ожидаются строки вида `measure: …`. Ничего не сделано.",
        "{place} is '{part}', expected `measure: …` lines. Nothing was done.",
    ),
    "measure-formula": (
        "{place}: у показателя «{measure}» нет формулы. Дайте её или назовите его под `without:`. Ничего не сделано.",
        "{place}: the measure '{measure}' has no formula. Give it one, or name it under `without:`. Nothing was done.",
    ),
    "measure-no-parts": (
        "{place}: для {name} он составлен из других показателей, но под ним нет ни одного. Ничего не сделано.",
        "{place}: for {name} it is made from other measures, but none is below it. Nothing was done.",
    ),
    "measure-no-part": (
        "{place}: для {name} он составлен из показателя «{part}», которого нет.{similar} Ничего не сделано.",
        "{place}: for {name} it is made from the measure '{part}', which is not there.{similar} Nothing was done.",
    ),
    "parts-weights": (
        "{place}: веса частей «{name}» — {given}, а ожидаются веса больше 0 с суммой 1. Ничего не сделано.",
        "{place}: the weights of the parts of '{name}' are {given}; expected weights above 0 with a sum of "
        "1. Nothing was done.",
    ),
    "measure-circle": (
        "{place}: показатель составлен из самого себя: {circle}. Ничего не сделано.",
        "{place}: a measure is made from itself: {circle}. Nothing was done.",
    ),
    "form-twice": (
        "{place}: анкета «{name}» описана в двух файлах. Переименуйте одну. Ничего не сделано.",
        "{place}: the questionnaire '{name}' stands in two files. Rename one. Nothing was done.",
    ),
    "form-extends": (
        "{place}: extends — «{said}», а ожидается `id: …` и `digest: …`. Ничего не сделано.",
        "{place}: extends is '{said}', expected `id: …` and `digest: …`. Nothing was done.",
    ),
    "form-base": (
        "{place}: расширяется «{name}», а такой основной анкеты нет.{similar} Ничего не сделано.",
        "{place}: it extends '{name}', which is no base form.{similar} Nothing was done.",
    ),
    "form-digest": (
        "{place}: основная анкета «{name}» — не та, из которой сделана эта: её отпечаток «{expected}», а "
        "здесь «{digest}». Посмотрите, что в ней изменилось, и запишите новый отпечаток. Ничего не сделано.",
        "{place}: the base '{name}' is not what this form was made from: its digest is '{expected}', here "
        "stands '{digest}'. See what has changed in the base, then write the new digest. Nothing was done.",
    ),
    "form-method": (
        "{place}: методики «{name}» нет.{similar} Ничего не сделано.",
        "{place}: there is no method '{name}'.{similar} Nothing was done.",
    ),
    "form-sphere": (
        "{place}: сферы «{name}» нет.{similar} Ничего не сделано.",
        "{place}: there is no sphere '{name}'.{similar} Nothing was done.",
    ),
    "form-texts": (
        "{place}: {key} — «{found}», а ожидается список текстов в кавычках. Ничего не сделано.",
        "{place}: {key} is '{found}', expected a list of texts in quotes. Nothing was done.",
    ),
    "form-answers": (
        "{place}: ответы ожидаются в виде имён, у каждого — список. Ничего не сделано.",
        "{place}: answers are expected as names, each with a list. Nothing was done.",
    ),
    "form-question-row": (
        "{place}: вопрос — «{row}», а ожидается `id: …, text: …`. Ничего не сделано.",
        "{place}: a question is '{row}', expected `id: …, text: …`. Nothing was done.",
    ),
    "form-question-twice": (
        "{place}: вопрос «{question}» стоит дважды. Уберите или переименуйте один из них. Ничего не сделано.",
        "{place}: the question '{question}' stands twice. Remove or rename one of them. Nothing was done.",
    ),
    "form-words": (
        "{place}: на вопрос «{question}» отвечают словами, и списка ответов у него нет. Ничего не сделано.",
        "{place}: the question '{question}' takes words, so it has no list of answers. Nothing was done.",
    ),
    "form-no-answers": (
        "{place}: списка ответов «{said}» нет.{similar} Ничего не сделано.",
        "{place}: there is no list of answers '{said}'.{similar} Nothing was done.",
    ),
    "form-answer-twice": (
        "{place}: ответ «{code}» стоит дважды. Уберите или переименуйте один из них. Ничего не сделано.",
        "{place}: the answer '{code}' stands twice. Remove or rename one of them. Nothing was done.",
    ),
    "form-bounds": (
        "{place}: вопрос «{question}»: upto, lowest и highest бывают только у чисел. Ничего не сделано.",
        "{place}: question '{question}': 'upto', 'lowest' and 'highest' are for numbers. Nothing was done.",
    ),
    "form-number": (
        "{place}: на вопрос «{question}» отвечают числом: ожидаются `lowest`, `highest` и группы ответов, у "
        "которых `upto` растёт от наименьшего до наибольшего. Ничего не сделано.",
        "{place}: question '{question}' takes a number: expected `lowest`, `highest`, and groups of answers "
        "whose `upto` rises above the lowest up to the highest. Nothing was done.",
    ),
    "form-when": (
        '{place}: when — «{said}», а ожидается `when: {{q1: "yes"}}`. Ничего не сделано.',
        "{place}: when is '{said}', expected `when: {{q1: \"yes\"}}`. Nothing was done.",
    ),
    "form-when-codes": (
        '{place}: when «{parent}» — «{answers}», а ожидаются коды ответов в кавычках: "yes", "no". Ничего не сделано.',
        "{place}: when '{parent}' is '{answers}', expected codes of answers in quotes: \"yes\", \"no\". Nothing "
        "was done.",
    ),
    "form-feeds": (
        "{place}: вопрос «{name}» питает «{said}», а ожидается `target: …` и `as: …`. Ничего не сделано.",
        "{place}: question '{name}' feeds '{said}', expected `target: …` and `as: …`. Nothing was done.",
    ),
    "form-target": (
        "{place}: вопрос «{name}» питает «{target}», а этого нет в {of}.{similar} Известны: {known}. Ничего "
        "не сделано.",
        "{place}: question '{name}' feeds '{target}', which {of} does not have.{similar} Known: {known}. "
        "Nothing was done.",
    ),
    "form-parameter": (
        "{place}: вопрос «{name}» питает параметр «{parameter}», а он не из показателя «{target}»: его "
        "параметры начинаются с «{target}.». Ничего не сделано.",
        "{place}: question '{name}' feeds the parameter '{parameter}', which is not one of the measure "
        "'{target}': its parameters begin with '{target}.'. Nothing was done.",
    ),
    "form-base-changed": (
        "{place}: вопрос «{question}» основной анкеты «{base}» здесь сформулирован или отвечается иначе. "
        "Напишите только `- id: {question}`: региональная анкета берёт вопросы основной как есть. Ничего не "
        "сделано.",
        "{place}: the question '{question}' of the base '{base}' is worded or answered otherwise here. "
        "Write `- id: {question}` alone: a regional form takes the base's questions as they are. Nothing "
        "was done.",
    ),
    "form-base-missing": (
        "{place}: нет вопроса «{question}» основной анкеты «{base}». Региональная анкета может добавлять "
        "вопросы, но не убирать. Ничего не сделано.",
        "{place}: the question '{question}' of the base '{base}' is missing. A regional form may add "
        "questions, never leave any out. Nothing was done.",
    ),
    "form-base-order": (
        "{place}: вопрос «{question}» стоит там, где в основной анкете «{base}» стоит «{expected}». "
        "Региональная анкета сохраняет порядок основной. Ничего не сделано.",
        "{place}: the question '{question}' stands where the base '{base}' has '{expected}'. A regional "
        "form keeps the base's order. Nothing was done.",
    ),
    "form-later": (
        "{place}: вопрос «{question}» зависит от «{parent}», а тот стоит позже, и вопрос никому бы не "
        "задали. Поставьте его после того вопроса. Ничего не сделано.",
        "{place}: the question '{question}' hangs on '{parent}', which comes later, so that nobody could be "
        "asked it. Put it after that question. Nothing was done.",
    ),
    "form-parent": (
        "{place}: вопрос «{question}» зависит от «{parent}», которого нет.{similar} Ничего не сделано.",
        "{place}: the question '{question}' hangs on '{parent}', which is not there.{similar} Nothing was done.",
    ),
    "form-waits": (
        "{place}: вопрос «{question}» ждёт ответа «{code}» на «{parent}», а ответы там — {known}.{similar} "
        "Ничего не сделано.",
        "{place}: the question '{question}' waits for the answer '{code}' to '{parent}', whose answers are "
        "{known}.{similar} Nothing was done.",
    ),
    "form-circle": (
        "{place}: ветви замкнулись в круг: {circle}. Разорвите его где-нибудь. Ничего не сделано.",
        "{place}: the branches run in a circle: {circle}. Cut it somewhere. Nothing was done.",
    ),
    "form-never": (
        "{place}: вопрос «{question}» никому не задают: его ветви требуют от «{parent}» разных ответов "
        "сразу. Ничего не сделано.",
        "{place}: nobody is ever asked the question '{question}': its branches ask for different answers to "
        "'{parent}' at once. Nothing was done.",
    ),
    "a-questionnaire": ("анкеты", "a questionnaire"),
    "a-question": ("вопроса", "a question"),
    "an-answer": ("ответа", "an answer"),
    "form-word": (
        "{place}: {key} — «{value}», а ожидается одно из: {known}. Ничего не сделано.",
        "{place}: {key} is '{value}', expected {known}. Nothing was done.",
    ),
    "form-required": (
        "{place}: required — «{value}», а ожидается yes или no. Ничего не сделано.",
        "{place}: required is '{value}', expected yes or no. Nothing was done.",
    ),
    "form-whole": (
        "{place}: {key} — «{value}», а ожидается целое число от {least} до {most}. Ничего не сделано.",
        "{place}: {key} is '{value}', expected a whole number from {least} to {most}. Nothing was done.",
    ),
    "of-method": (
        "методике «{method}»",
        "the method '{method}'",
    ),
    "of-ratings": (
        "оценках граждан",
        "citizens' ratings",
    ),
    "form-role": (
        "{place}: вопрос «{name}» (format {kind}) питает «{target}» как «{role}», а анкета без методики "
        "питает как mark, ответами из списка. Ничего не сделано.",
        "{place}: question '{name}' (format {kind}) feeds '{target}' as '{role}'; a form without a method "
        "feeds as mark, by answers from a list. Nothing was done.",
    ),
    "form-role-method": (
        "{place}: вопрос «{name}» (format {kind}) питает «{target}» как «{role}», а анкета методики питает "
        "как share или base, ответами из списка. Ничего не сделано.",
        "{place}: question '{name}' (format {kind}) feeds '{target}' as '{role}'; a form of a method feeds "
        "as share or base, by answers from a list. Nothing was done.",
    ),
    "form-parent-list": (
        "{place}: вопрос «{question}» зависит от «{parent}», на который отвечают словами или числом; ветви "
        "нужны ответы из списка. Ничего не сделано.",
        "{place}: the question '{question}' hangs on '{parent}', which is answered by words or a number; a "
        "branch needs answers from a list. Nothing was done.",
    ),
    "form-id": (
        "{place}: {key} {what} — «{value}», а ожидаются строчные латинские буквы, цифры и «_» в кавычках, "
        'например "yes". Ничего не сделано.',
        "{place}: the {key} of {what} is '{value}', expected small Latin letters, digits and \"_\" in "
        'quotes, such as "yes". Nothing was done.',
    ),
    "whole-above-zero": (
        "{place}: «{value}», а ожидается целое число больше 0. Ничего не сделано.",
        "{place} is '{value}', expected a whole number above 0. Nothing was done.",
    ),
    "above-zero": (
        "{place}: «{value}», а ожидается число больше 0. Ничего не сделано.",
        "{place} is '{value}', expected a number above 0. Nothing was done.",
    ),
    # ---- packages, mappings --------------------------------------------------------------------------------------------
    "encoding-unknown": (
        "«{name}» — не кодировка текста. Назовите, например, utf-8 или cp1251. Ничего не сделано.",
        "'{name}' is not an encoding of texts. Name one such as utf-8 or cp1251. Nothing was done.",
    ),
    "merge-into-itself": (
        "{place} — один из объединяемых пакетов. Назовите в --out другую папку. Ничего не сделано.",
        "{place} is one of the packages to be merged. Name another folder with --out. Nothing was done.",
    ),
    "merge-name": (
        "«{name}» не может быть именем пакета. Задайте имя через --name, например tomsk-2025. Ничего не сделано.",
        "'{name}' is no name of a package. Give one with --name, such as tomsk-2025. Nothing was done.",
    ),
    "source-format": (
        "{name}: по окончанию имени не видно, что это за файл. Напишите в отображении под `source:` "
        "`format: csv` (или xlsx, json). Ничего не записано.",
        "{name}: the end of the name does not tell what it is. Write `format: csv` (or xlsx, json) under "
        "`source:` in the mapping. Nothing was written.",
    ),
    "source-delimiter": (
        "{name}: с разделителем «{delimiter}» в заголовке одна ячейка: {header}. Напишите разделитель этого "
        'файла в отображении под `source:`, например `delimiter: ";"`. Ничего не записано.',
        "{name}: with the delimiter '{delimiter}' the header is one cell: {header}. Write the delimiter of "
        'this file under `source:` in the mapping, for example `delimiter: ";"`. Nothing was written.',
    ),
    "source-header": (
        "{name}: в строке {header_row} нет заголовка. Ничего не записано.",
        "{name}: no header in row {header_row}. Nothing was written.",
    ),
    "source-encoding": (
        "{place}: байт 0x{byte} — не {encoding}. Напишите настоящую кодировку файла в отображении под "
        "`source:`, например `encoding: windows-1251`. Ничего не записано.",
        "{place}: the byte 0x{byte} is not {encoding}. Write the encoding that the file really has under "
        "`source:` in the mapping, for example `encoding: windows-1251`. Nothing was written.",
    ),
    "source-workbook": (
        "{name}: это не книга XLSX. Ничего не записано.",
        "{name}: this is not a workbook in XLSX. Nothing was written.",
    ),
    "source-sheet": (
        "{name}: листа «{sheet}» нет.{similar} Листы: {known}. Ничего не записано.",
        "{name}: there is no sheet '{sheet}'.{similar} Sheets: {known}. Nothing was written.",
    ),
    "source-json": (
        "{name}: это не читается как JSON: {error}. Ничего не записано.",
        "{name}: this cannot be read as JSON: {error}. Nothing was written.",
    ),
    "source-records": (
        "{name}: `records: {records}` никуда не ведёт на шаге «{step}».{similar} Ничего не записано.",
        "{name}: `records: {records}` leads nowhere at '{step}'.{similar} Nothing was written.",
    ),
    "source-objects": (
        "{name}: ожидается список объектов. Напишите путь к нему в отображении под `source:`, например "
        "`records: response.items`. Ничего не записано.",
        "{name}: expected a list of objects. Write the way to it under `source:` in the mapping, for "
        "example `records: response.items`. Nothing was written.",
    ),
    "mapping-encoding": (
        "{place}: отображение записывают в UTF-8. Сохраните его так. Ничего не записано.",
        "{place}: a mapping is written in UTF-8. Save it so. Nothing was written.",
    ),
    "mapping-folder": (
        "{place} — папка, а {name} не называет файла в ней. Назовите файл через --source или напишите "
        "`file:` под `source:`. Ничего не записано.",
        "{place} is a folder, and {name} does not name the file in it. Give the file as --source or write "
        "`file:` under `source:`. Nothing was written.",
    ),
    "mapping-box": (
        "{place}: для box нужны поля latitude и longitude. Ничего не записано.",
        "{place}: a box needs the fields latitude and longitude. Nothing was written.",
    ),
    "mapping-key-twice": (
        "{place}: rows: ключ {key} стоит дважды. Ничего не записано.",
        "{place}: rows: the key {key} stands twice. Nothing was written.",
    ),
    "mapping-required": (
        "{place}: поле «{name}» обязательно. Напишите для него правило. Ничего не записано.",
        "{place}: the field '{name}' is required. Write a rule for it. Nothing was written.",
    ),
    "mapping-source-encoding": (
        "{place}: кодировка «{encoding}» неизвестна, а ожидается utf-8, windows-1251 и т. п. Ничего не записано.",
        "{place}: the encoding '{encoding}' is not known, expected utf-8, windows-1251 … Nothing was written.",
    ),
    "mapping-delimiter": (
        '{place}: разделитель — «{delimiter}», а ожидается один знак: , ; | или табуляция в виде "\\t". '
        "Ничего не записано.",
        "{place}: the delimiter is '{delimiter}', expected one sign: , ; | or a tab as \"\\t\".",
    ),
    "mapping-join": (
        "{place}: ожидается `file:` и `on:` (столбец или `столбец здесь: столбец там`). Ничего не записано.",
        "{place}: expected `file:` and `on:` (a column, or `column here: column there`).",
    ),
    "mapping-leave-out": (
        "{place}: ожидается `column:`, `because:` и одно из in, not_in, matches, empty. Ничего не записано.",
        "{place}: expected `column:`, `because:` and one of in, not_in, matches, empty.",
    ),
    "mapping-one-way": (
        "{place}: ожидается ровно одно из column, constant, template, first. Ничего не записано.",
        "{place}: expected exactly one of column, constant, template, first.",
    ),
    "mapping-date": (
        "{place}: «{wrong}», а ожидается по одному разу YYYY, MM и DD: например, DD.MM.YYYY. Ничего не записано.",
        "{place} is '{wrong}', expected YYYY, MM and DD once each: for example DD.MM.YYYY.",
    ),
    "mapping-no-map": (
        "{place}: под `values:` нет соответствия «{found}».{similar} Ничего не записано.",
        "{place}: there is no map '{found}' under `values:`.{similar} Nothing was written.",
    ),
    "mapping-values": (
        "{place}: ожидаются строки вида `значение в источнике: что записать` или имя соответствия. Ничего не записано.",
        "{place}: expected `value as found: value to write` lines or the name of a map.",
    ),
    "mapping-tables": (
        "{name}: ожидается `tables:` хотя бы с одной таблицей. Ничего не записано.",
        "{name}: expected `tables:` with at least one table. Nothing was written.",
    ),
    "mapping-rows": (
        "{place}: ожидается `rows:` (строки как есть) или `fields:` (одна строка из каждой строки "
        "источника). Ничего не записано.",
        "{place}: expected `rows:` (as they stand) or `fields:` (one row from each source row).",
    ),
    "mapping-field-name": (
        "{place}: поле названо «{name}», а ожидаются строчные латинские буквы, цифры и _. Ничего не записано.",
        "{place}: a field is named '{name}', expected small Latin letters, digits and _.",
    ),
    "mapping-field-known": (
        "{place}: «{name}» и так есть в профиле. Напишите его только под `tables:`. Ничего не записано.",
        "{place}: '{name}' is a field of the profile already. Write it under `tables:` only.",
    ),
    "mapping-field-type": (
        "{place}: {name}: type — «{kind}», а ожидается одно из: {known}. Ничего не записано.",
        "{place}: {name}: type is '{kind}', expected {known}.",
    ),
    "mapping-descriptor": (
        "{place}: ожидается name, title, version и licenses. Ничего не записано.",
        "{place}: expected name, title, version and licenses. Nothing was written.",
    ),
    "mapping-descriptor-key": (
        "{place}: {key} — «{value}», а ожидается, например, {example}. Ничего не записано.",
        "{place}: {key} is '{value}', expected for example {example}.",
    ),
    "mapping-licenses": (
        "{place}: ожидается `licenses:` хотя бы с одной лицензией (name, title, path). Ничего не записано.",
        "{place}: expected `licenses:` with at least one licence (name, title, path).",
    ),
    "mapping-resources": (
        "{place}: `resources` пишет сам импорт. Уберите его. Ничего не записано.",
        "{place}: `resources` is written by the import itself. Leave it out.",
    ),
    "mapping-lines": (
        "{place}: «{found}», а ожидаются строки вида `ключ: значение`. Ничего не записано.",
        "{place} is '{found}', expected `key: value` lines. Nothing was written.",
    ),
    "mapping-section": (
        "{name}: {key} — «{section}», а ожидаются строки вида `ключ: значение`. Ничего не записано.",
        "{name}: {key} is '{section}', expected `key: value` lines. Nothing was written.",
    ),
    "mapping-list": (
        "{place}: «{found}», а ожидается список (строки, которые начинаются с «- »). Ничего не записано.",
        "{place} is '{found}', expected a list (lines that begin with '- '). Nothing was written.",
    ),
    "mapping-text": (
        "{place}: ожидается текст, а YAML читает {shown} как {kind}. Возьмите в кавычки, ровно как стоит в "
        "источнике. Ничего не записано.",
        "{place}: expected a text, but YAML reads {shown} as a {kind}. Put it in quotes, just as it stands "
        "in the source. Nothing was written.",
    ),
    "mapping-true-or-false": (
        "{place}: «{value}», а ожидается true или false. Ничего не записано.",
        "{place} is '{value}', expected true or false. Nothing was written.",
    ),
    "mapping-whole": (
        "{place}: «{value}», а ожидается целое число. Ничего не записано.",
        "{place} is '{value}', expected a whole number. Nothing was written.",
    ),
    "mapping-degrees": (
        "{place}: «{value}», а ожидаются градусы, например 55.75. Ничего не записано.",
        "{place} is '{value}', expected degrees such as 55.75. Nothing was written.",
    ),
    "mapping-one-of": (
        "{place}: {key} — «{value}», а ожидается одно из: {known}. Ничего не записано.",
        "{place}: {key} is '{value}', expected one of {known}. Nothing was written.",
    ),
    "mapping-pattern": (
        "{place}: «{value}» — не регулярное выражение: {error}. Ничего не записано.",
        "{place}: '{value}' is not a regular expression: {error}. Nothing was written.",
    ),
    "worklist-round": (
        "Оценки «{name}», которую можно показать, нет.{similar} Известны: {known}. Ничего не сделано.",
        "There is no assessment '{name}' that may be shown.{similar} Known: {known}. Nothing was done.",
    ),
    "worklist-roster": (
        "Перечня «{name}», который можно показать, нет.{similar} Известны: {known}. Ничего не сделано.",
        "There is no roster '{name}' that may be shown.{similar} Known: {known}. Nothing was done.",
    ),
    "organization": (
        "учётную запись организации — с организациями",
        "an organisation's account to organisations",
    ),
    "constant-fault": (
        "{place}: постоянное значение «{text}» не подходит ({why}). Ничего не записано.",
        "{place}: the constant '{text}' does not fit ({why}). Nothing was written.",
    ),
    "column-missing": (
        "{place}: в источнике нет столбца «{name}».{similar} Столбцы: {known}. Ничего не записано.",
        "{place}: the source has no column '{name}'.{similar} Columns: {known}. Nothing was written.",
    ),
    "source-column-twice": (
        "{place}: столбец «{column}» стоит дважды. Назовите все столбцы в отображении под `header:` или "
        "строку с их именами под `header_row:`. Ничего не записано.",
        "{place}: the column '{column}' stands twice. Name all columns under `header:` in the mapping, or "
        "the row of the names under `header_row:`. Nothing was written.",
    ),
    "source-column-nameless": (
        "{place}: у столбца нет имени. Назовите все столбцы в отображении под `header:` или строку с их "
        "именами под `header_row:`. Ничего не записано.",
        "{place}: a column has no name. Name all columns under `header:` in the mapping, or the row of the "
        "names under `header_row:`. Nothing was written.",
    ),
    "give-a-prefix": (
        "Дайте присоединённому файлу `prefix:`.",
        "Give the joined file a `prefix:`.",
    ),
    "another-name": (
        "Выберите для него другое имя.",
        "Choose another name for it.",
    ),
    "mapping-column-twice": (
        "{place}: столбец «{column}» стоит дважды. {advice} Ничего не записано.",
        "{place}: the column '{column}' stands twice. {advice} Nothing was written.",
    ),
    # ---- texts, theme, output ------------------------------------------------------------------------------------------
    "asset-missing": (
        "{place}: нет файла оформления. Выполните `make install`: он его установит. Ничего не опубликовано.",
        "{place}: a front-end file is missing. Run `make install`, which installs it. Nothing was published.",
    ),
    "asset-unknown": (
        "Тема: {style} называет «{target}», а такого файла оформления нет. Ничего не опубликовано.",
        "theme: {style} names '{target}', which is no asset. Nothing was published.",
    ),
    "asset-circle": (
        "Тема: {script} подключает «{name}», а такого файла нет или он сам подключает {script}. Ничего не "
        "опубликовано.",
        "theme: {script} imports '{name}', which is no asset or imports it in turn.",
    ),
    "cluster-library": (
        "Для --scheduler нужна библиотека distributed. Установите дополнение: pip install 'nok[cluster]'. "
        "Ничего не сделано.",
        "--scheduler needs the library 'distributed'. Install the extra: pip install 'nok[cluster]'. Nothing was done.",
    ),
    "cluster-silent": (
        "По адресу {address} планировщик не отвечает: {error}. Ничего не сделано.",
        "No scheduler answers at {address}: {error}. Nothing was done.",
    ),
    "address-long": (
        "Адрес {path}… занимает байт: {size}, а серверы принимают {most}. Дайте пакету или тексту имя "
        "короче. Ничего не опубликовано.",
        "The address {path}… takes {size} bytes; hosts take {most}. Give the package or the text a shorter "
        "name. Nothing was published.",
    ),
    "folder-crowded": (
        "В папке o/{place} было бы файлов: {number}, а серверы принимают {most}. Поставьте address_shards: "
        "2 в publication.yaml до первой публикации сайта или соберите с ним в новую папку.{without} Ничего "
        "не опубликовано.",
        "The folder o/{place} would hold {number} files; hosts take {most}. Set 'address_shards: 2' in "
        "publication.yaml before the site is published first, or build into a new folder with it.{without} "
        "Nothing was published.",
    ),
    "shards-changed": (
        "publication.yaml: address_shards — {given}, но сайт в {place} впервые опубликован с {first}. "
        "Адреса постоянны: верните {first} или публикуйте в новую папку. Ничего не сделано.",
        "publication.yaml: 'address_shards' is {given}, but the site in {place} was first published with "
        "{first}. Addresses are permanent: put {first} back, or publish into a new folder. Nothing was "
        "done.",
    ),
    "output-not-own": (
        "{place} не может быть папкой сборки. Назовите отдельную папку. Ничего не удалено.",
        "{place} cannot be the output folder. Name a folder of its own. Nothing was removed.",
    ),
    "output-no-folder": (
        "{place} — не папка. Назовите для сборки отдельную папку. Ничего не удалено.",
        "{place} is not a folder. Name a folder of its own for the output. Nothing was removed.",
    ),
    "output-foreign": (
        "В {place} лежит «{foreign}», и положила это не сборка. Назовите пустую или новую папку. Ничего не удалено.",
        "{place} holds '{foreign}', which no build made. Name an empty or a new folder. Nothing was removed.",
    ),
    "article-fault": (
        "content: {said}. Ничего не опубликовано.",
        "content: {said}. Nothing was published.",
    ),
    "article-number": (
        "content: {place}: в тексте названо число «{name}», которое неизвестно. Известны: {known}. Ничего "
        "не опубликовано.",
        "content: {place}: the text names the number '{name}', which is not known. Known: {known}. Nothing "
        "was published.",
    ),
    "picture-gone": (
        "{package}/{place}: снимок больше не открывается, а при проверке он был верным. Верните файл. "
        "Ничего не опубликовано.",
        "{package}/{place}: the picture cannot be opened any more; it was right when it was checked. Put "
        "the file back. Nothing was published.",
    ),
    "words-missing": (
        "{place}: для языка «{language}» нет слов. Ничего не сделано.",
        "{place}: there are no words for the language '{language}'. Nothing was done.",
    ),
    "words-section": (
        "{place}: «{name}» — {value}, а ожидается раздел с текстами. Ничего не сделано.",
        "{place}: '{name}' is {value}, expected a section of texts. Nothing was done.",
    ),
    "words-text": (
        "{place}: «{key}» — {value}, а ожидается текст или формы числа. Ничего не сделано.",
        "{place}: '{key}' is {value}, expected a text or plural forms. Nothing was done.",
    ),
    "template-fault": (
        "theme/templates/{template}: {fault}. Ничего не опубликовано.",
        "theme/templates/{template}: {fault}. Nothing was published.",
    ),
    "release-unknown": (
        "{place}: сборки «{wanted}» нет. Кроме опубликованной сохранены: {kept}. Ничего не переключено.",
        "{place}: no slot holds '{wanted}'. Kept besides the published one: {kept}. Nothing was switched.",
    ),
    "release-earlier": (
        "{place}: более ранней сборки нет. Кроме опубликованной сохранены: {kept}. Ничего не переключено.",
        "{place}: no slot holds an earlier release. Kept besides the published one: {kept}. Nothing was switched.",
    ),
    "without-twins": (
        " Или уберите precompressed.",
        " Or leave 'precompressed' out.",
    ),
    # ---- posters and placements ----------------------------------------------------------------------------------------
    "sheet-of-another-format": (
        "На листе «{sheet_name}» стоит «{format}», а не «{format_name}». Листы для «{format_name}»: "
        "{known}. Плакаты не сделаны.",
        "The sheet '{sheet_name}' holds '{format}', not '{format_name}'. {known}. No poster was made.",
    ),
    "print-format-reserved": (
        "{place}: формат нельзя назвать «{sticker}»: так называется любой формат листа с наклейками. Ничего "
        "не сделано.",
        "{place}: a format cannot be called '{sticker}': that is any format of a sheet. Nothing was done.",
    ),
    "print-sticker": (
        "{place}: sticker — «{sticker}», а такого листа здесь нет. Ничего не сделано.",
        "{place}: sticker is '{sticker}', which is none of its sheets. Nothing was done.",
    ),
    "print-shape": (
        "{place}: shape — «{shape}», а ожидается одно из: {known}. Ничего не сделано.",
        "{place}: shape is '{shape}', expected one of {known}. Nothing was done.",
    ),
    "print-code-size": (
        "{place}: код со стороной {most} не помещается между полями. Ничего не сделано.",
        "{place}: a code of {most} does not fit between the margins. Nothing was done.",
    ),
    "print-typed": (
        "{place}: нет строки «typed» — адреса для тех, кто не может навести камеру. Ничего не сделано.",
        "{place}: nothing says 'typed', the address for those who cannot scan. Nothing was done.",
    ),
    "print-texts": (
        "{place}: ожидается список текстов. Ничего не сделано.",
        "{place}: expected a list of texts. Nothing was done.",
    ),
    "print-say": (
        "{place}: say — «{say}».{similar} Известны: {known}. Ничего не сделано.",
        "{place}: say is '{say}'.{similar} Known: {known}. Nothing was done.",
    ),
    "print-tone": (
        "{place}: tone — «{tone}», а ожидается ink или soft. Ничего не сделано.",
        "{place}: tone is '{tone}', expected ink or soft. Nothing was done.",
    ),
    "print-sizes": (
        "{place}: sizes — {sizes}, а ожидается от большего к меньшему. Ничего не сделано.",
        "{place}: sizes are {sizes}, expected the largest first. Nothing was done.",
    ),
    "print-format": (
        "{place}: формата «{format_name}» нет.{similar} Ничего не сделано.",
        "{place}: format is '{format_name}'.{similar} Nothing was done.",
    ),
    "print-beyond-paper": (
        "{place}: последняя наклейка кончается на {right} × {bottom}, за краем бумаги {width} × {height}. "
        "Ничего не сделано.",
        "{place}: its last label ends at {right} × {bottom}, beyond the paper of {width} × {height}. Nothing was done.",
    ),
    "print-overlap": (
        "{place}: наклейки размером {size} стоят с шагом {step} и находят друг на друга. Ничего не сделано.",
        "{place}: labels of {size} stand {step} apart and overlap. Nothing was done.",
    ),
    "number-range": (
        "{place}: «{value}», а ожидается число от {least} до {most}. Ничего не сделано.",
        "{place} is '{value}', expected a number from {least} to {most}. Nothing was done.",
    ),
    "print-pair": (
        "{place}: «{value}», а ожидаются два числа: [по ширине, по высоте]. Ничего не сделано.",
        "{place} is '{value}', expected two numbers, [across, down]. Nothing was done.",
    ),
    "true-or-false": (
        "{place}: «{value}», а ожидается true или false. Ничего не сделано.",
        "{place} is '{value}', expected true or false. Nothing was done.",
    ),
    "lines-expected": (
        "{place}: ожидаются строки вида `ключ: значение`. Ничего не сделано.",
        "{place}: expected `key: value` lines. Nothing was done.",
    ),
    "font-missing": (
        "{place}: нет шрифта плакатов. Выполните `make install`: он его установит. Плакаты не сделаны.",
        "{place}: the font of posters is missing. Run `make install`, which installs it. No poster was made.",
    ),
    "poster-address-long": (
        "{value}: адрес слишком длинный, чтобы набирать его с формата «{format}». Возьмите формат крупнее "
        "или widget_url короче. Плакаты не сделаны.",
        "{value}: the address is too long to be typed from the format '{format}'. Choose a larger format, "
        "or a shorter widget_url. No poster was made.",
    ),
    "poster-code-small": (
        "{typed}: квадратик кода в формате «{format}» был бы {width} мм, а нужно не меньше {least} мм. "
        "Возьмите формат крупнее или widget_url короче. Плакаты не сделаны.",
        "{typed}: a square of its code would be {width} mm wide in the format '{format}', expected at least "
        "{least} mm. Choose a larger format, or a shorter widget_url. No poster was made.",
    ),
    "poster-texts": (
        "content/print.yaml: формат «{format}»: его тексты не помещаются даже самым мелким кеглем. Дайте "
        "меньше строк, кегль мельче или код меньше. Плакаты не сделаны.",
        "content/print.yaml: format '{format}': its texts do not fit, even in the smallest of their sizes. "
        "Give it fewer lines, smaller sizes or a smaller code. No poster was made.",
    ),
    "qr-long": (
        "В адресе {text}… знаков {length}, а в код помещается не больше {most}.",
        "The address {text}… has {length} characters; a code holds at most {most}.",
    ),
    "qr-signs": (
        "В адресе {text} есть знаки, которых нет в буквенно-цифровом виде кода.",
        "The address {text} has characters that the alphanumeric mode of a code lacks.",
    ),
    "printed-tomorrow": (
        "--printed-on — {printed_on}, это позже сегодняшнего дня, {today}. Ничего не изменено.",
        "--printed-on is {printed_on}, which is after today, {today}. Nothing was changed.",
    ),
    "stand-whose": (
        "Скажите, чей это стенд: --organization ID или, если их много, --from FILE. Ничего не изменено.",
        "Say whose stand it is: --organization ID, or --from FILE for many. Nothing was changed.",
    ),
    "stands-unreadable": (
        "{place}: не читается как CSV в UTF-8: {error}. Ничего не изменено.",
        "{place}: cannot be read as a CSV in UTF-8: {error}. Nothing was changed.",
    ),
    "placement-in-zip": (
        "Строка кода {code} лежит в пакете-архиве ZIP. Распакуйте его или исправьте строку там, где архив "
        "делают. Ничего не изменено.",
        "The row of {code} stands in a package that is a ZIP. Unpack it, or change the row where the ZIP is "
        "made. Nothing was changed.",
    ),
    "placement-package": (
        "Назовите через --package пакет, в который записать строку (например, data_packages/placements). "
        "Ничего не изменено.",
        "Say with --package in which package the row is to be written (data_packages/placements, say). "
        "Nothing was changed.",
    ),
    "organization-unknown": (
        "Организации «{organization_id}» нет в пакетах.{similar} Ничего не изменено.",
        "There is no organisation '{organization_id}' in the packages.{similar} Nothing was changed.",
    ),
    "placement-state": (
        "Код {code} уже в состоянии {state}; код, который больше не висит, таким и остаётся. Ничего не изменено.",
        "The code {code} is {state} already; a code that hangs no more stays so. Nothing was changed.",
    ),
    "placement-unknown": (
        "Кода {code} никто не печатал: его нет ни в одном пакете. Ничего не изменено.",
        "Nobody printed the code {code}: it is in no package. Nothing was changed.",
    ),
    "placement-own-column": (
        "{place}: в таблице размещений есть свой столбец «{column}», и эта команда его потеряла бы. Правьте "
        "таблицу вручную или назовите другой пакет. Ничего не изменено.",
        "{place}: its table of placements has the column '{column}' of its own, which this command would "
        "lose. Change this table by hand, or name another package. Nothing was changed.",
    ),
    "print-unpublished": (
        "Код {code} принадлежит организации «{organization_id}», которая не опубликована. Плакаты не сделаны.",
        "The code {code} belongs to '{organization_id}', which is not published. No poster was made.",
    ),
    "print-region": (
        "Региона «{region}» в пакетах нет.{similar} Регионы: {known}. Плакаты не сделаны.",
        "There is no region '{region}' in the packages.{similar} Regions: {known}. No poster was made.",
    ),
    "print-code-unknown": (
        "Кода {code} никто не печатал: его нет ни в одном пакете. Плакаты не сделаны.",
        "Nobody printed the code {code}: it is in no package. No poster was made.",
    ),
    "print-code-state": (
        "Код {code} в состоянии {state}: печатать его снова нельзя. Плакаты не сделаны.",
        "The code {code} is {state}: it must not be printed again. No poster was made.",
    ),
    "print-code-elsewhere": (
        "{organization_id}: код вёл бы на {text}, а это не адрес {code} на {widget_url}. Плакаты не сделаны.",
        "{organization_id}: its code would lead to {text}, which is not the address of {code} at "
        "{widget_url}. No poster was made.",
    ),
    "print-ending": (
        "{place}: имя файла должно кончаться на {endings}. Плакаты не сделаны.",
        "{place}: expected a file that ends with {endings}. No poster was made.",
    ),
    "print-calibration-pdf": (
        "{place}: пробный лист бывает только в PDF. Плакаты не сделаны.",
        "{place}: a calibration sheet is a PDF. No poster was made.",
    ),
    "print-what": (
        "Скажите, что печатать: --organization ID, --region CODE, --placement CODE или --all. Плакаты не сделаны.",
        "Say what to print: --organization ID, --region CODE, --placement CODE or --all. No poster was made.",
    ),
    "print-language": (
        "Для языка «{language}» нет слов. Известны: {known}. Плакаты не сделаны.",
        "The language '{language}' has no words. Known: {known}. No poster was made.",
    ),
    "print-languages": (
        "Языки — {given}, а ожидается один или два, первый — из языков публикации: {known}. Плакаты не сделаны.",
        "The languages are {given}, expected one or two, the first of them one of the publication: {known}. "
        "No poster was made.",
    ),
    "print-marks": (
        "Лист с наклейками не обрезают: уберите --marks или --sheet. Плакаты не сделаны.",
        "A sheet of labels is not cut: leave --marks or --sheet out. No poster was made.",
    ),
    "print-skip": (
        "--skip — {skip}, а ожидается от 0 до {most}: наклеек на листе {labels}. Плакаты не сделаны.",
        "--skip is {skip}, expected 0 to {most}: the sheet has {labels}. No poster was made.",
    ),
    "print-calibration-sheet": (
        "--calibration проверяет лист с наклейками. Назовите его через --sheet. Плакаты не сделаны.",
        "--calibration checks a sheet of labels. Name one with --sheet. No poster was made.",
    ),
    "print-since": (
        "--changed-since называет сборку «{since}», а она не сохранилась. Сохранены: {known}; или назовите "
        "ZIP либо {contents} прошлой печати. Плакаты не сделаны.",
        "--changed-since names the build '{since}', which is not kept. Kept builds: {known}; or name the "
        "ZIP or the {contents} of the last print run. No poster was made.",
    ),
    "print-too-many": (
        "Плакатов {number}, а в один PDF идёт не больше {most}. Назовите в --out архив ZIP: в нём по PDF на "
        "регион. Плакаты не сделаны.",
        "{number} posters are too many for one PDF (at most {most}). Name a ZIP with --out: it holds one "
        "PDF for each region. No poster was made.",
    ),
    "print-one-file": (
        "Кодов {number}, а в один {format} помещается один. Назовите в --out архив ZIP. Плакаты не сделаны.",
        "{number} codes do not go into one {format}. Name a ZIP with --out. No poster was made.",
    ),
    "print-no-file": (
        "{place}: такого файла нет. Плакаты не сделаны.",
        "{place}: there is no such file. No poster was made.",
    ),
    "print-not-a-run": (
        "{place}: это не записано печатью: ожидается {contents} со столбцами placement_code и digest. "
        "Плакаты не сделаны.",
        "{place}: this is not what a print run wrote: a {contents} with placement_code and digest is "
        "expected. No poster was made.",
    ),
    "print-unknown-format": (
        "Формата «{name}» нет.{similar} Известны: {known}. Плакаты не сделаны.",
        "The format '{name}' is not known.{similar} Known: {known}. No poster was made.",
    ),
    "print-organization": (
        "Опубликованной организации «{name}» в пакетах нет.{similar} Плакаты не сделаны.",
        "There is no published organisation '{name}' in the packages.{similar} No poster was made.",
    ),
    "stands-column": (
        "{place}: столбец «{column}» неизвестен. Ожидаются столбцы: {known}. Ничего не изменено.",
        "{place}: the column '{column}' is not known. Expected columns: {known}. Nothing was changed.",
    ),
    "stands-organization": (
        "{place}: нет столбца «organization_id». Ожидаются столбцы: {known}. Ничего не изменено.",
        "{place}: the column 'organization_id' is missing. Expected columns: {known}. Nothing was changed.",
    ),
    "print-unchanged": (
        "Печатать нечего: с {since} ничего не изменилось. Плакаты не сделаны.",
        "There is nothing to print: nothing has changed since {since}. No poster was made.",
    ),
    "print-closed": (
        "Печатать нечего: все коды закрыты. Плакаты не сделаны.",
        "There is nothing to print: every code is closed. No poster was made.",
    ),
    # ---- deploys and proofs --------------------------------------------------------------------------------------------
    "target-nowhere": (
        "«{text}» не называет места для сайта. Напишите folder:/путь, rsync:имя@сервер:/путь или "
        "s3://хранилище/приставка. Ничего не выложено.",
        "'{text}' names no place for a site. Write folder:/path, rsync:user@host:/path or "
        "s3://bucket/prefix. Nothing was deployed.",
    ),
    "target-precompressed": (
        "--precompressed нужен для s3:// и говорит, что лежит в объекте; в «{text}» сжатые копии и так идут "
        "отдельными файлами. Уберите его. Ничего не выложено.",
        "--precompressed is for s3:// and says what an object holds; to '{text}' compressed twins go as the "
        "files that they are. Leave the option out. Nothing was deployed.",
    ),
    "target-machine": (
        "«{text}» похоже на место на другой машине: напишите rsync:{text}. Ничего не выложено.",
        "'{text}' looks like a place on another machine: write rsync:{text}. Nothing was deployed.",
    ),
    "target-kind": (
        "«{text}» здесь неизвестно.{similar} Напишите folder:/путь, rsync:имя@сервер:/путь или "
        "s3://хранилище/приставка. Ничего не выложено.",
        "'{text}' is not known here.{similar} Write folder:/path, rsync:user@host:/path or "
        "s3://bucket/prefix. Nothing was deployed.",
    ),
    "target-library": (
        "Чтобы выкладывать в s3://, нужен пакет {name}: .venv/bin/python -m pip install -e '.[s3]'. Ничего "
        "не выложено.",
        "Deploying to s3:// needs the package {name}: .venv/bin/python -m pip install -e '.[s3]'. Nothing "
        "was deployed.",
    ),
    "target-not-own": (
        "{place} не может быть местом для сайта. Назовите отдельную папку. Ничего не выложено.",
        "{place} cannot be a place for a site. Name a folder of its own. Nothing was deployed.",
    ),
    "target-in-output": (
        "{place} и папка сборки {output} лежат одна в другой. Назовите другую. Ничего не выложено.",
        "{place} and the output {output} lie in each other. Name another. Nothing was deployed.",
    ),
    "target-no-folder": (
        "{place} — не папка. Ничего не выложено.",
        "{place} is not a folder. Nothing was deployed.",
    ),
    "target-foreign": (
        "В месте назначения лежит {files}, а выкладки туда ещё не было. Назовите пустое место или место "
        "только для сайта. Ничего не выложено и не удалено.",
        "The target holds {files}, and no deploy has ever come there. Name an empty place or one of its own "
        "for the site. Nothing was deployed, nothing was removed.",
    ),
    "target-in-way": (
        "В месте назначения лежит {files}: это положила не выкладка, а сайт записал бы поверх. Уберите эти "
        "файлы и выложите снова. Ничего не выложено и не удалено.",
        "The target holds {files}, which no deploy put there and which the site would write over. Move it "
        "away and deploy again. Nothing was deployed, nothing was removed.",
    ),
    "target-damaged": (
        "Файл {name} в месте назначения нельзя разобрать: {reason}. В нём записано, какие файлы там наши. "
        "Выложите в пустое место или верните файл, каким он был. Ничего не выложено и не удалено.",
        "The file {name} at the target cannot be followed: {reason}. It says which files there are ours. "
        "Deploy to an empty place, or put the file back as it was. Nothing was deployed, nothing was "
        "removed.",
    ),
    "rsync-missing": (
        "Здесь нет программы rsync. В Debian и Ubuntu: apt-get install rsync. Ничего не выложено.",
        "There is no program rsync here. On Debian and Ubuntu: apt-get install rsync. Nothing was deployed.",
    ),
    "bucket-missing": (
        "s3://{bucket}: такого хранилища нет. Сначала создайте его. Ничего не выложено.",
        "s3://{bucket}: there is no such bucket. Make it first. Nothing was deployed.",
    ),
    "deploy-nothing": (
        "{output}: опубликованного сайта там нет. Сначала выполните `python publish.py build` или назовите "
        "другую папку через --output DIR. Ничего не выложено.",
        "{output}: no site is published there. Run `python publish.py build` first, or name another folder "
        "with --output DIR. Nothing was deployed.",
    ),
    "address-expected": (
        "{address}: ожидается адрес вроде https://ocenka.example/. Ничего не проверено.",
        "{address}: expected an address such as https://ocenka.example/. Nothing was verified.",
    ),
    "rules-damaged": (
        "data/rules.json — не такой, каким его пишет сборка. Ничего не проверено.",
        "data/rules.json is not as a build writes it. Nothing was verified.",
    ),
    "verify-nothing": (
        "{place}: здесь нет ни собранного сайта (build.json), ни выпуска данных ({sums}). Назовите "
        "output/current, папку вроде data/demo/1.0.0 или адрес одного из них. Ничего не проверено.",
        "{place}: neither a built site (build.json) nor a release ({sums}) is there. Name output/current, a "
        "folder such as data/demo/1.0.0, or the address of one of them. Nothing was verified.",
    ),
    "public-key-fault": (
        "--public-key: {fault}. Ничего не проверено.",
        "--public-key: {fault}. Nothing was verified.",
    ),
    "verify-damaged": (
        "{place} — не такой, каким его пишет сборка. Ничего не проверено.",
        "{place} is not as a build writes it. Nothing was verified.",
    ),
    "and-more": (
        "{shown} и ещё {more}",
        "{shown} and {more} more",
    ),
    # ---- the widget ----------------------------------------------------------------------------------------------------
    "login-signs": (
        "Имя для входа — «{login}», а ожидается от 2 до 64 знаков a-z 0-9 . _ @ + -, первый — буква или "
        "цифра. Ничего не сделано.",
        "The login is '{login}'; expected 2 to 64 of a-z 0-9 . _ @ + -, a letter or digit first. Nothing was done.",
    ),
    "account-bound": (
        "Свяжите учётную запись через --organization и --region верно: {bound}. Ничего не сделано.",
        "Bind {bound}: --organization, --region. Nothing was done.",
    ),
    "account-unknown": (
        "Учётной записи «{login}» нет. Список — `accounts list`. Ничего не сделано.",
        "There is no account '{login}'. See `accounts list`. Nothing was done.",
    ),
    "store-there": (
        "{place}: здесь уже есть хранилище. Назовите место, где его нет. Ничего не восстановлено.",
        "{place}: there is a store already. Name a place where none is. Nothing was restored.",
    ),
    "backup-none": (
        "{place}: эта папка — не резервная копия. Ничего не восстановлено.",
        "{place}: this folder is not a backup. Nothing was restored.",
    ),
    "store-scheme": (
        "Адрес хранилища начинается с «{scheme}://», а известны путь к файлу и postgresql://. Ничего не сделано.",
        "The store's address begins with '{scheme}://'; known are a path and postgresql://. Nothing was done.",
    ),
    "store-key": (
        "Хранилищу в PostgreSQL нужен файл для ключа сервера: назовите его через --key. Ничего не сделано.",
        "A store in PostgreSQL needs a file for the server's key: name it by --key. Nothing was done.",
    ),
    "proxy-address": (
        "--trusted-proxy «{text}» — не адрес и не сеть вроде 10.0.0.5 или 10.0.0.0/24: {error}. Ничего не запущено.",
        "--trusted-proxy '{text}' is neither an address nor a network, such as 10.0.0.5 or 10.0.0.0/24: "
        "{error}. Nothing was started.",
    ),
    "invitation-organization": (
        "«{organization_id}» — не опубликованная организация этих пакетов. Ничего не сделано.",
        "'{organization_id}' is no published organisation of these packages. Nothing was made.",
    ),
    "invitation-number": (
        "Приглашений {number}, организаций {organizations}: за один раз делают от 1 до {most}. Ничего не сделано.",
        "{number} invitations for {organizations} organisations: from 1 to {most} are made at once. Nothing was made.",
    ),
    "store-key-open": (
        "{place}: права ключа {mode}, и его могут прочитать другие, а ожидается 0600. Выполните `chmod 600 "
        "{place}`, а если его уже прочли, сделайте новое хранилище. Ничего не запущено.",
        "{place}: the key has mode {mode}, so others may read it; expected 0600. Run `chmod 600 {place}`, "
        "and if others did read it, make a new store. Nothing was started.",
    ),
    "store-key-none": (
        "{place}: это не ключ из 256 случайных бит (64 шестнадцатеричные цифры). Верните ключ из копии; для "
        "нового хранилища удалите файл, и он создастся снова. Ничего не запущено.",
        "{place}: this is no key of 256 random bits (64 hexadecimal digits). Put the key back from a copy; "
        "for a new store, remove the file and it is made again. Nothing was started.",
    ),
    "issuer-address": (
        "sign_in_issuer: «{issuer}» — не адрес службы входа. Укажите тот, что её "
        "/.well-known/openid-configuration называет issuer; он начинается с https://. Ничего не запущено.",
        "sign_in_issuer: '{issuer}' is no address of a provider. Give the one that its "
        "/.well-known/openid-configuration names as issuer, beginning with https://. Nothing was started.",
    ),
    "guard-off": (
        "--guard {mode} никому не отказывает и потому допустим только на адресе самой машины, а --host — "
        "«{host}». Возьмите --host 127.0.0.1 или --guard full. Ничего не запущено.",
        "--guard {mode} refuses nobody, so it is allowed on the loopback address only; --host is '{host}'. "
        "Use --host 127.0.0.1 or --guard full. Nothing was started.",
    ),
    "moderator": (
        "модератора — с регионами или ни с чем (тогда со всеми), но не с отдельными организациями",
        "a moderator to regions or to nothing (then all), never to single organisations",
    ),
    "administrator": (
        "администратора — ни с чем",
        "an administrator to nothing",
    ),
    # ---- the command line ----------------------------------------------------------------------------------------------
    "placement-code": (
        "«{code}» — не код размещения: в нём десять знаков, последний — контрольный. Ничего не изменено.",
        "'{code}' is no placement code: it has ten symbols, the last of them a check. Nothing was changed.",
    ),
    "file-missing": (
        "{place}: такого файла нет. Ничего не сделано.",
        "{place}: there is no such file. Nothing was done.",
    ),
    "output-empty": (
        "В {place} нет ни одного выпуска. Сначала соберите сайт или назовите его папку через --output. "
        "Ничего не сделано.",
        "{place} holds no release. Build one first, or name its folder with --output.",
    ),
    "sign-in-half": (
        "Задан sign_in_issuer, поэтому нужны и sign_in_client_id в publication.yaml, и переменная среды "
        "SIGN_IN_SECRET. Ничего не запущено.",
        "sign_in_issuer is set, so 'sign_in_client_id' in publication.yaml and the environment variable "
        "SIGN_IN_SECRET are needed as well. Nothing was started.",
    ),
    "login-needed": (
        "Команде accounts {what} нужен --login. Ничего не сделано.",
        "accounts {what} needs --login. Nothing was done.",
    ),
    "invitations-ending": (
        "{place}: имя файла должно кончаться на .csv или .pdf. Ничего не сделано.",
        "{place}: name a file that ends with .csv or .pdf. Nothing was made.",
    ),
    "questionnaire-unknown": (
        "Анкеты «{name}» нет.{similar} Известны: {known}. Ничего не сделано.",
        "There is no questionnaire '{name}'.{similar} Known: {known}. Nothing was done.",
    ),
    "usage": (
        "{said}. См. `{command} --help`. Ничего не сделано.",
        "{said}. See `{command} --help`. Nothing was done.",
    ),
    "choice-unknown": (
        "«{value}» здесь неизвестно.{similar} Известны: {known}. Ничего не сделано.",
        "'{value}' is not known here.{similar} Known: {known}. Nothing was done.",
    ),
    "file-there": (
        "{place}: такой файл уже есть. Назовите другой. Ничего не записано.",
        "{place}: there is such a file already. Name another one. Nothing was written.",
    ),
    "epoch": (
        "SOURCE_DATE_EPOCH — «{epoch}», а ожидаются секунды с 1970 года, до 2100 года. Ничего не сделано.",
        "SOURCE_DATE_EPOCH is '{epoch}', expected seconds since 1970, before the year 2100.",
    ),
    "measure-unknown": (
        "{place}: показателя «{name}» нет.{similar} Ничего не сделано.",
        "{place}: the measure '{name}' is not there.{similar} Nothing was done.",
    ),
    "text": (
        "текст",
        "a text",
    ),
    "print-unknown-sheet": (
        "Листа «{name}» нет.{similar} Известны: {known}. Плакаты не сделаны.",
        "The sheet '{name}' is not known.{similar} Known: {known}. No poster was made.",
    ),
    "authority": (
        "учётную запись ведомства — с регионами",
        "an authority's account to regions",
    ),
    "usage-required": (
        "не хватает: {names}",
        "the following arguments are required: {names}",
    ),
    "usage-unknown": (
        "неизвестно, что значит: {names}",
        "unrecognized arguments: {names}",
    ),
    "usage-no-value": (
        "после {name} нужно значение",
        "argument {name}: a value is expected after it",
    ),
    "usage-no-number": (
        "{name}: значение «{value}» не подходит",
        "argument {name}: the value '{value}' does not fit",
    ),
    "usage-one-of-two": (
        "{name} и {other} вместе не бывают",
        "argument {name}: not allowed with argument {other}",
    ),
    "usage-ambiguous": (
        "{name} можно понять по-разному: {names}",
        "ambiguous option: {name} could match {names}",
    ),
    "value-minutes": (
        "«{value}» — не число минут больше 0 и до 1440. Ничего не сделано.",
        "'{value}' is not above 0 and up to 1440 minutes. Nothing was done.",
    ),
    "value-days": (
        "«{value}» — не число дней от 1 до 1000. Ничего не сделано.",
        "'{value}' is no number of days from 1 to 1000. Nothing was done.",
    ),
    "value-offset": (
        "«{value}» — не два числа миллиметров, например 0.5,-1. Ничего не сделано.",
        "'{value}' is not two numbers of millimetres, such as 0.5,-1. Nothing was done.",
    ),
    "value-offset-far": (
        "«{value}» — больше 50 мм. Ничего не сделано.",
        "'{value}' is more than 50 mm. Nothing was done.",
    ),
    "value-day": (
        "«{value}» — не день, например 2026-11-28. Ничего не сделано.",
        "'{value}' is not a day such as 2026-11-28. Nothing was done.",
    ),
    "value-jobs": (
        "Процессов «{value}», а ожидается от 1 до 256. Ничего не сделано.",
        "'{value}' is not 1 to 256 processes. Nothing was done.",
    ),
    # ---- disks, files and the network that refuse -------------------------------------------------------------------
    "table-unreadable": (
        "{place}: не читается как таблица в UTF-8: {reason}. Ничего не сделано.",
        "{place}: cannot be read as a table in UTF-8: {reason}. Nothing was done.",
    ),
    "mapping-unreadable": (
        "{place}: соответствие не читается: {reason}. Ничего не записано.",
        "{place}: the mapping cannot be read: {reason}. Nothing was written.",
    ),
    "source-absent": (
        "{place}: такого файла нет. Проверьте --source и соответствие. Ничего не записано.",
        "{place}: there is no such file. Check --source and the mapping. Nothing was written.",
    ),
    "folder-foreign": (
        "{place}: в этой папке лежит не пакет данных. Назовите пустую или новую папку. Ничего не записано.",
        "{place}: this folder holds something that is not a data package. Name an empty or a new folder. "
        "Nothing was written.",
    ),
    "package-unwritten": (
        "{place}: пакет не удалось записать: {reason}. Освободите место или назовите другую папку; пакет, который там "
        "был, не тронут или записан лишь частью таблиц: повторите команду.",
        "{place}: the package could not be written: {reason}. Make room or name another folder; the package that was "
        "there is as it was, or has some new tables: run the command again.",
    ),
    "table-unremoved": (
        "{place}: не удалось удалить: {reason}. Остальное записано; удалите этот файл сами.",
        "{place}: could not be removed: {reason}. The rest is written; remove this file yourself.",
    ),
    "memory-unwritten": (
        "{place}: не удалось записать: {reason}. Посмотрите, есть ли место на диске. Опубликованный сайт остался прежним.",
        "{place}: could not be written: {reason}. Look for space on the disk. The published site is as it was.",
    ),
    "page-unwritten": (
        "{place}: не удалось записать: {reason}. Опубликованный сайт остался прежним.",
        "{place}: could not be written: {reason}. The published site is as it was.",
    ),
    "file-unwritten": (
        "{place}: файл не записывается: {reason}. Назовите другой файл. Ничего не записано.",
        "{place}: the file cannot be written: {reason}. Name another file. Nothing was written.",
    ),
    "posters-unwritten": (
        "{place}: не удалось записать: {reason}. Плакаты не сделаны.",
        "{place}: could not be written: {reason}. No poster was made.",
    ),
    "codes-unproved": (
        "Страница {page} прочтена обратно: кодов {read} из {expected}{missing}{strange}. Ничего не записано. Повторите "
        "команду; если это повторится, ошибка — в программе.",
        "Page {page} was read back: {read} of {expected} codes{missing}{strange}. Nothing was written. Run the command "
        "again; if this comes back, it is a fault of the program.",
    ),
    "code-missing": (", {code} не читается", ", {code} cannot be read"),
    "code-strange": (", {code} никто не заказывал", ", {code} was not asked for"),
    "file-lost": (
        "{place}: файла нет в том виде, в каком он был записан. Проверьте диск и не меняет ли папку вывода другая "
        "программа. Опубликованный сайт остался прежним.",
        "{place} is not there as it was written. Look at the disk, and see that no other program changes the output. "
        "The published site is as it was.",
    ),
    "unsettled": (
        "{cause}. Новый выпуск опубликован, но в прежних, которые хранятся рядом, может оставаться отозванное. "
        "Повторите ту же сборку: она продолжит с этого места.",
        "{cause}. The new release is published, but older ones that are kept may still hold what was withdrawn. "
        "Run the same build again: it goes on from here.",
    ),
    "worker-killed": (
        "Рабочий процесс был убит за работой, скорее всего потому, что кончилась память. Дайте сборке меньше процессов "
        "(--jobs) или больше памяти. Опубликованный сайт остался прежним.",
        "A worker process was killed while it worked, most likely because memory ran out. Give the build fewer workers "
        "(--jobs) or more memory. The published site is as it was.",
    ),
    "rsync-failed": (
        "rsync в {place} кончился кодом {code}: {reason}.",
        "rsync to {place} failed with code {code}: {reason}.",
    ),
    "rsync-silent": ("он ничего не сказал", "it said nothing"),
    "deploy-cut": ("{cause}. {so_far}", "{cause}. {so_far}"),
    "deploy-refused": ("{place}: {reason}. {so_far}", "{place}: {reason}. {so_far}"),
    "s3-unremoved": (
        "{place}: {path} не удалось удалить: {reason}. Его всё ещё можно там прочесть.",
        "{place}: {path} could not be removed: {reason}. It can still be read there.",
    ),
    "s3-refused": ("{place}: {reason}.", "{place}: {reason}."),
    "fetch-failed": (
        "{place}: {path} не удалось скачать: {reason}. Ничего не проверено.",
        "{place}: {path} could not be fetched: {reason}. Nothing was verified.",
    ),
    "fetched-large": (
        "файл больше, чем бывает любая таблица",
        "the file is larger than any table is",
    ),
    "port-refused": (
        "{host}:{port}: сервер не может здесь открыться: {reason}. Назовите другой порт через --port. Ничего не запущено.",
        "{host}:{port}: the server cannot listen here: {reason}. Name another port by --port. Nothing was started.",
    ),
    # ---- who is at it already ------------------------------------------------------------------------------------------
    "build-running": (
        "Другая сборка пишет в {place}. Дождитесь её. Ничего не сделано.",
        "Another build is writing to {place}. Wait for it. Nothing was done.",
    ),
    "deploy-running": (
        "Сайт из {place} уже выкладывается. Дождитесь конца. Ничего не выложено.",
        "Another deploy from {place} is running. Wait for it. Nothing was deployed.",
    ),
    "deploy-overtaken": (
        "Сборки в {place} идут чаще, чем можно прочесть сайт. Выложите снова, когда они кончатся; до тех пор часть файлов "
        "в {target} может быть из одного выпуска, а часть — из следующего.",
        "Builds in {place} follow each other faster than the site can be read. Deploy again when they have ended; until "
        "then some files at {target} may be of one release and some of the next.",
    ),
    "placements-held": (
        "{place}: коды сейчас меняет кто-то другой. Дождитесь конца. Ничего не изменено.",
        "Somebody else is changing {place}. Wait for it. Nothing was changed.",
    ),
    "store-held": (
        "{place}: это хранилище держит открытым другой процесс. Сначала остановите его или назовите другое хранилище. "
        "Ничего не запущено.",
        "{place}: another process keeps this store open. Stop it first, or name another store. Nothing was started.",
    ),
    # ---- workers of a cluster ------------------------------------------------------------------------------------------
    "cluster-empty": (
        "У планировщика {address} нет рабочих. Запустите их: dask worker {address} --nthreads 1. Ничего не сделано.",
        "The scheduler at {address} has no workers. Start some: dask worker {address} --nthreads 1. Nothing was done.",
    ),
    "worker-program": (
        "Рабочий {worker} не может выполнять программу: {reason}. Установите там программу или до запуска рабочего "
        "назовите её папку в PYTHONPATH. Ничего не сделано.",
        "The worker at {worker} cannot run the program: {reason}. Install the program there, or name its folder in "
        "PYTHONPATH before the worker starts. Nothing was done.",
    ),
    "worker-version": (
        "На рабочем {worker} другая версия программы. Установите там эту и запустите рабочего снова. Ничего не сделано.",
        "The worker at {worker} runs another version of the program. Install this one there and start the worker again. "
        "Nothing was done.",
    ),
    "worker-folders": (
        "Рабочий на {host} не видит {place} таким, каким его оставила сборка. Вывод, память и публикация должны лежать в "
        "папках, которые есть у каждого рабочего под теми же именами. Опубликованный сайт остался прежним.",
        "The worker on {host} does not see {place} as the build left it there. Output, state and publication must lie in "
        "folders that every worker has under the same names. The published site is as it was.",
    ),
    "worker-look": (
        "На рабочем {host} другая программа, чем у сборки, или он читает другую тему или настройки (или их изменили во "
        "время сборки). Запустите его снова с теми же. Опубликованный сайт остался прежним.",
        "The worker on {host} runs another program than the build, or reads another theme or configuration (or one of them "
        "was changed while the build ran). Start it again with the same. The published site is as it was.",
    ),
    "scheduler-gone": (
        "Планировщик кластера пропал. Запустите его и рабочих и соберите снова. Опубликованный сайт остался прежним.",
        "The scheduler of the cluster is gone. Start it and its workers and build again. The published site is as it was.",
    ),
    "workers-gone": (
        "В кластере больше нет рабочих. Запустите их и соберите снова. Опубликованный сайт остался прежним.",
        "The cluster has no workers any more. Start them and build again. The published site is as it was.",
    ),
    "workers-died": (
        "На одном задании погибло рабочих: {number}; посмотрите их память и журналы. Запустите их и соберите снова. "
        "Опубликованный сайт остался прежним.",
        "{number} workers died over one task; look at their memory and their logs. Start them and build again. "
        "The published site is as it was.",
    ),
    "worker-late": (
        "Рабочий, который присоединился во время сборки, не может выполнять программу: {reason}. Установите её там и "
        "соберите снова. Опубликованный сайт остался прежним.",
        "A worker that joined while the build ran cannot run the program: {reason}. Install it there and build again. "
        "The published site is as it was.",
    ),
    # ---- the store of ratings that refuses -----------------------------------------------------------------------------
    "store-absent": (
        "{place}: здесь нет хранилища оценок. Назовите его через --store. Ничего не сделано.",
        "{place}: there is no store of ratings here. Name it by --store. Nothing was done.",
    ),
    "store-foreign": (
        "{place}: этот файл SQLite — не хранилище оценок. Назовите другой. Ничего не сделано.",
        "{place}: this SQLite file is not a store of ratings. Name another one. Nothing was done.",
    ),
    "store-unlocked": (
        "{place}: не открывается: {reason}. Ничего не запущено.",
        "{place}: cannot be opened: {reason}. Nothing was started.",
    ),
    "store-unopened": (
        "{place}: хранилище не открывается: {reason}. Ничего не запущено.",
        "{place}: the store cannot be opened: {reason}. Nothing was started.",
    ),
    "store-unreadable": (
        "{place}: хранилище не читается: {reason}. {outcome}",
        "{place}: the store cannot be read: {reason}. {outcome}",
    ),
    "store-upgrading": (
        "{place}: хранилище прежней версии, и в него пишет программа, которая его сделала. Сначала остановите её. "
        "Ничего не сделано.",
        "{place}: the store is of an earlier version, and the program that made it is writing it. "
        "Stop that one first. Nothing was done.",
    ),
    "store-version": (
        "{place}: версия хранилища — {version}, а эта программа знает {known}. Возьмите программу, которая его сделала, "
        "или новее. Ничего не изменено.",
        "{place}: the store has version {version}, this program knows {known}. "
        "Use the program that made it, or a newer one. Nothing was changed.",
    ),
    "text-keys-missing": (
        "{place}: нет файла с ключами текстов, поэтому ни один текст не прочесть. Верните его из копии. Ничего не запущено.",
        "{place}: the file with the keys of texts is missing, so no text could be read. Put it back from a copy. "
        "Nothing was started.",
    ),
    "store-key-other": (
        "{place}: хранилище сделано с другим ключом, поэтому ни одну квитанцию не открыть. Верните верный ключ из копии. "
        "Ничего не запущено.",
        "{place}: this is not the key that the store was made with, so no receipt could be opened. "
        "Put the right key back from a copy. Nothing was started.",
    ),
    "store-key-unreadable": (
        "{place}: ключ не читается: {reason}. Ничего не запущено.",
        "{place}: the key cannot be read: {reason}. Nothing was started.",
    ),
    "store-key-unwritten": (
        "{place}: ключ не записывается: {reason}. Ничего не запущено.",
        "{place}: the key cannot be written: {reason}. Nothing was started.",
    ),
    "photo-withdrawn": (
        "{place}: фотографию отозвали во время выгрузки. Выгрузите снова. Ничего не записано.",
        "{place}: a photograph was taken back while it was exported. Export again. Nothing was written.",
    ),
    "audit-export-none": (
        "{place}: это не пакет, который выгружен из хранилища с журналом решений. Ничего не проверено.",
        "{place}: this is not a package that was exported from a store with an audit log. Nothing was checked.",
    ),
    "backup-damaged": (
        "{place}: копия повреждена: этот файл — не тот, что был сохранён. Ничего не восстановлено.",
        "{place}: the backup is damaged: this file is not the one saved. Nothing was restored.",
    ),
}
"""Rule to its words in Russian and in English."""
