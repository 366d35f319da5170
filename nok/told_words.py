"""The words of what a person is told while a command works and when it is done: rule to Russian and English. Standard library only.

They are filled by `nok.errors.Said`, as those of `nok.error_words` are.
"""

from collections.abc import Mapping

OUTCOMES: Mapping[str, tuple[str, str]] = {
    # ---- what did not happen -------------------------------------------------------------------------------------------
    "as-it-was": (
        "Опубликованный сайт остался прежним.",
        "The published site is as it was.",
    ),
    "did-nothing": (
        "Ничего не сделано.",
        "Nothing was done.",
    ),
    "saved-nothing": (
        "Ничего не сохранено.",
        "Nothing was saved.",
    ),
    "store-incomplete": (
        "Хранилище неполное: удалите его перед следующей попыткой.",
        "The store is not complete; remove it before the next attempt.",
    ),
    "deployed-nothing": (
        "Ничего не выложено.",
        "Nothing was deployed.",
    ),
    "deployed-partly": (
        "На месте теперь часть нового. Повторите ту же команду: она продолжит с этого места.",
        "What stands there is partly new. Run the same command again: it goes on from here.",
    ),
    # ---- how a run ended that nobody wanted to end ---------------------------------------------------------------------
    "stopped": (
        "Остановлено. Опубликованный сайт остался прежним.",
        "Stopped. The published site is as it was.",
    ),
    "stopped-watch": (
        "Остановлено. Опубликованный сайт цел.",
        "Stopped. The published site is whole.",
    ),
    "stopped-deploy": (
        "Остановлено. Повторите ту же команду: она продолжит с этого места.",
        "Stopped. Run the same command again: it goes on from here.",
    ),
    "stopped-unsettled": (
        "Остановлено. Новый выпуск опубликован, но в прежних, которые хранятся рядом, может оставаться отозванное. "
        "Повторите ту же сборку: она продолжит с этого места.",
        "Stopped. The new release is published, but older ones that are kept may still hold what was withdrawn. "
        "Run the same build again: it goes on from here.",
    ),
    "memory": (
        "Не хватило памяти",
        "Memory ran out",
    ),
    "memory-out": (
        "Не хватило памяти. Опубликованный сайт остался прежним.",
        "Memory ran out. The published site is as it was.",
    ),
    "library-broken": (
        "Библиотека не загружается: {reason}. Снова выполните `make install`. Ничего не сделано.",
        "A library cannot be loaded: {reason}. Run `make install` again. Nothing was done.",
    ),
    "library-absent": (
        "{name} здесь не установлена. Выполните `make install`, затем запускайте .venv/bin/python.",
        "{name} is not installed here. Run `make install`, then use .venv/bin/python.",
    ),
    "system-refused": (
        "{reason}. Опубликованный сайт остался прежним.",
        "{reason}. The published site is as it was.",
    ),
    "bug": (
        "Это ошибка программы, а не ваших данных. Опубликованный сайт остался прежним.",
        "This is a fault of the program, not of your data. The published site is as it was.",
    ),
    # ---- what is being done --------------------------------------------------------------------------------------------
    "stage-packages": ("проверяются пакеты", "checking the packages"),
    "stage-warehouse": ("загружается хранилище", "loading the warehouse"),
    "stage-cut": ("пишутся таблицы выпуска {name} {version}", "writing tables of release {name} {version}"),
    "stage-forms": (
        "пишутся другие формы выпуска {name} {version}",
        "writing other forms of release {name} {version}",
    ),
    "stage-regions": (
        "пишутся книги регионов выпуска {name} {version}",
        "writing workbooks of regions, release {name} {version}",
    ),
    "stage-search": ("составляется указатель названий для поиска", "indexing names for the search"),
    "stage-search-files": ("пишутся файлы поиска", "writing files for the search"),
    "stage-pages": ("пишутся страницы", "writing pages"),
    "stage-publishing": ("публикуется", "publishing"),
    "stage-printing": ("печатается", "printing"),
    "stage-release": ("проверяется {name} {version}", "checking {name} {version}"),
    "stage-tables": ("проверяются таблицы", "checking the tables"),
    "stage-loading": ("загружаются таблицы", "loading the tables"),
    "stage-recompute": ("пересчитывается", "computing again"),
    "stage-fetching": ("скачивается {name} {version}", "fetching {name} {version}"),
    "stage-records": ("скачиваются записи", "fetching records"),
    "stage-overtaken": (
        "сборка изменила то, что читалось; начинаем сначала",
        "a build has written into what was being read; beginning again",
    ),
    "stage-site": ("читается сайт", "reading the site"),
    "stage-target": ("узнаём, что уже стоит на месте", "asking what stands at the target"),
    "stage-uploading": ("выкладка, {phase}: {done} из {number}", "uploading {phase}: {done} of {number}"),
    "stage-removing": ("удаляется файлов: {number}", "removing {number} files"),
    "stage-recording": ("записывается, что выложено", "recording"),
    "progress-open": ("{what} …", "{what} …"),
    "progress": ("{what}: {share} %, {rate} в секунду{left}", "{what}: {share} %, {rate} a second{left}"),
    "progress-share": ("{what}: {share} %{left}", "{what}: {share} %{left}"),
    "progress-left": (", осталось {time}", ", {time} left"),
    "time-seconds": ("{number} с", "{number} s"),
    "time-minutes": ("{number} мин", "{number} min"),
    "files-more": ("… и ещё {number}", "… and {number} more"),
    # ---- build and what was built --------------------------------------------------------------------------------------
    "built-nothing": (
        "С выпуска {build} ничего не изменилось; ничего не записано. {place}",
        "Nothing has changed since build {build}; nothing was written. {place}",
    ),
    "built": (
        "Опубликовано организаций: {organizations}, файлов: {files}, {size} МБ: записано {written}, осталось прежними "
        "{kept}, удалено {removed}. Выпуск {build}, {place}",
        "Published {organizations} organisations, {files} files, {size} MB: {written} written, {kept} kept, "
        "{removed} removed. Build {build}, {place}",
    ),
    "collected": (
        "Собрано оценок: {number}, в {place}.",
        "Collected {number} ratings into {place}.",
    ),
    "profile": (
        "На что ушло время (× — сложено по всем процессам):",
        "Where the time went (× is summed over the workers):",
    ),
    "profile-line": ("{name} {seconds} с", "{name} {seconds} s"),
    "explained-absent": (
        "{path}: там нет страницы, и эта сборка её не сделала.",
        "{path}: no page stands there, and this build made none.",
    ),
    "explained-once": (
        "{path}: существует в одном экземпляре и делается каждой сборкой; записана, только если изменились её байты.",
        "{path}: it stands once and is made by every build; it was written only if its bytes changed.",
    ),
    "explained-same": (
        "{path}: ничто из того, из чего она сделана, не изменилось; она осталась прежней.",
        "{path}: nothing that it is made of has changed; it was left as it was.",
    ),
    "explained": (
        "{path}: сделана заново. Изменилось: {reasons}.",
        "{path}: made anew. What changed: {reasons}.",
    ),
    "part": ("{reason}", "{reason}"),
    "release": (
        "{build}  {day}  файлов {files}  место {slot}  {standing}",
        "{build}  {day}  {files} files  slot {slot}  {standing}",
    ),
    "release-published": ("опубликован", "published"),
    "release-kept": ("хранится", "kept"),
    "rolled-back": (
        "Снова опубликован выпуск {build} от {day}. Следующая сборка опять опубликует новейшие данные.",
        "Published again: build {build} of {day}. The next build publishes the newest data again.",
    ),
    # ---- what was verified ---------------------------------------------------------------------------------------------
    "verified": (
        "{place}: выпусков — {releases}, файлов — {files}, подписей — {signed}; пересчитано чисел — {numbers}, "
        "организаций — {organizations}. {outcome}",
        "{place}: releases: {releases}, files: {files}, signatures: {signed}; numbers computed again: {numbers}, "
        "organisations: {organizations}. {outcome}",
    ),
    "verified-right": ("Всё верно.", "Everything is right."),
    "verified-faults": ("Ошибок: {number}. Ничего не изменено.", "Faults: {number}. Nothing was changed."),
    "verified-not-following": (
        "Опубликованных чисел, которые не следуют из своих частей: {number} ({shown}).",
        "Published numbers that do not follow from their parts: {number} ({shown}).",
    ),
    "verified-flag": (
        "{organization}, {assessment}, {measure}: опубликовано {published}, вычислено {computed}",
        "{organization}, {assessment}, {measure}: published {published}, computed {computed}",
    ),
    "verified-not-computed": (
        "Числа не пересчитаны: таблицы не те, что были опубликованы.",
        "Numbers were not computed again: the tables are not those that were published.",
    ),
    "signing-key-made": (
        "Ключ {name} записан в {place} (никто другой его не прочтёт), его открытая половина — в {place}.pub. Первый "
        "назовите в publication.yaml как «signing_key», второй обнародуйте там, где его найдут помимо сайта.",
        "Wrote the key {name} to {place}, which nobody else may read, and its public half to {place}.pub. Name the first "
        "in publication.yaml as 'signing_key', and make the second known where others can find it besides on the site.",
    ),
    # ---- the widget and its store --------------------------------------------------------------------------------------
    "listening": (
        "Открыто на http://{host}:{port}/",
        "Listening on http://{host}:{port}/",
    ),
    "exported": (
        "Выгружено оценок в {place}: {number}. Сборка, которая прочтёт этот пакет, их покажет.",
        "Ratings exported to {place}: {number}. A build that reads this package shows them.",
    ),
    "saved": (
        "Сохранено в {place}: оценок — {reviews}, записей журнала решений — {entries}. Ключи рядом открывают тексты и "
        "квитанции: держите папку там, где прочесть её можете только вы.",
        "Saved {reviews} ratings and {entries} entries of the audit log to {place}. "
        "The keys beside it open texts and receipts: keep the folder where only you can read it.",
    ),
    "restored": (
        "Восстановлено в {place}: оценок — {reviews}, записей журнала решений — {entries}. Отозвано, стёрто или "
        "переписано после копии и потому не возвращено: {erased}.",
        "Restored {reviews} ratings and {entries} entries of the audit log to {place}. "
        "Withdrawn, erased or written anew since the backup, and therefore not brought back: {erased}.",
    ),
    "audited": (
        "В журнале решений записей: {entries}, последняя — {head}: {found}.",
        "The audit log has {entries} entries and ends with {head}: {found}.",
    ),
    "audited-right": (
        "каждая строка такова, как говорит её последняя запись",
        "every row is what its last entry says",
    ),
    "audited-faults": ("ошибок — {number}", "{number} faults"),
    "audit-seal": (
        "Цепочка кончается записью {number}, но на этом конце нет печати сервера: записи отрезаны с конца, или цепочка "
        "сделана заново.",
        "The chain ends with entry {number}, but that end does not carry the server's seal: "
        "entries were cut off at the end, or the chain was made anew.",
    ),
    "audit-export": (
        "{place}: выгружен, когда в цепочке было записей: {number}, и последняя — {end}…; {now}.",
        "{place} was exported when the chain had {number} entries and ended with {end}…; {now}.",
    ),
    "audit-other": ("теперь запись {number} — другая", "entry {number} is another one now"),
    "audit-shorter": ("теперь цепочка короче", "the chain is shorter now"),
    "audit-gap": (
        "После записи {before} стоит запись {after}: {missing}.",
        "After entry {before} comes entry {after}: {missing}.",
    ),
    "audit-order": ("порядок изменён", "the order was changed"),
    "audit-missing-one": ("одной записи нет", "an entry is missing"),
    "audit-missing": ("не хватает записей: {number}", "{number} entries are missing"),
    "audit-changed": (
        "Запись {number} ({action} {subject}) изменена или переставлена.",
        "Entry {number} ({action} {subject}) was changed or put in another place.",
    ),
    "audit-untold": (
        "{subject}: есть в хранилище, но ни одна запись не говорит, откуда.",
        "{subject} is in the store, but no entry tells how it came there.",
    ),
    "audit-differs": (
        "{subject}: не то, что говорит последняя запись: строку изменили без записи.",
        "{subject} is not what its last entry says: its row was changed without an entry.",
    ),
    "audit-gone": (
        "{subject}: нет в хранилище, и ни одна запись не говорит, почему.",
        "{subject} is missing from the store, and no entry tells why.",
    ),
    "accounts-none": (
        "Учётных записей пока нет.",
        "Nobody has an account yet.",
    ),
    "account-closed": (
        "{login} больше не сможет войти.",
        "{login} cannot sign in any more.",
    ),
    "account-invited": (
        "{login} ({role}) выбирает пароль в течение семи дней по адресу\n"
        "  {address}\n"
        "Адрес действует один раз. У кого он окажется, тот и станет этим человеком: передайте его так, чтобы прочёл только он.",
        "{login} ({role}) chooses a password within seven days at\n"
        "  {address}\n"
        "The address works once. Whoever has it becomes this person: hand it over by a way that only this person reads.",
    ),
    "invited": (
        "Приглашений в {place}: {number}. Каждое даёт одному человеку оценить один раз, до {until}.",
        "Invitations in {place}: {number}. Each lets one person rate once, until {until}.",
    ),
    # ---- posters and codes ---------------------------------------------------------------------------------------------
    "calibrated": (
        "Пробный лист записан в {place}",
        "Wrote a calibration sheet to {place}",
    ),
    "printed-one": (
        "Записан 1 плакат в {place}",
        "Wrote 1 poster to {place}",
    ),
    "printed": (
        "Записано плакатов: {number}, в {place}",
        "Wrote {number} posters to {place}",
    ),
    "printed-proved": (
        "Прочтено кодов со страниц: {number}, все верны.",
        "Codes read back from the pages: {number}, all of them right.",
    ),
    "printed-unchanged": (
        "Пропущено, потому что на них ничего не изменилось: {number}.",
        "Left out, since nothing has changed on them: {number}.",
    ),
    "printed-closed": (
        "Пропущено, потому что их код закрыт: {number}.",
        "Left out, since their code is closed: {number}.",
    ),
    "codes-added": (
        "Новых кодов: {number}, в {place}. {next}",
        "New codes: {number}, in {place}. {next}",
    ),
    "code-moved": (
        "Код действует и дальше; оценки с него относятся к месту, где он висит теперь.",
        "The code goes on working; ratings from it count for the place where it hangs now.",
    ),
    "code-closed": (
        "Кто его отсканирует, узнает, что он больше не висит и где оценить вместо этого.",
        "Whoever scans it is told that it hangs no more, and where to rate instead.",
    ),
    "code-replaced": (
        "Старый код ведёт на новый. {next}",
        "The old code leads to the new one. {next}",
    ),
    "codes-next": (
        "Прежде чем их повесить, перезапустите `serve`: коды он читает при запуске.",
        "Start `serve` again before they hang: it reads the codes when it starts.",
    ),
    # ---- packages and publications -------------------------------------------------------------------------------------
    "validated": (
        "Строк: {rows}, {faults}. {outcome}",
        "Rows: {rows}, {faults}. {outcome}",
    ),
    "validated-right": (
        "Данные можно публиковать.",
        "The data can be published.",
    ),
    "validated-faults": (
        "Пока ошибки не исправлены, публикации не будет; проверка ничего не меняла.",
        "Until the errors are mended nothing will be published; the check has changed nothing.",
    ),
    "merged-nothing": (
        "Ошибок: {number}. Ничего не записано.",
        "Errors: {number}. Nothing was written.",
    ),
    "merged": (
        "Пакетов: {packages}, строк: {rows}, повторов: {repeated}, снимков: {pictures}. Записано в {place}. Проверьте "
        "вместе с остальными: publish.py validate.",
        "Packages: {packages}, rows: {rows}, repeated: {repeated}, pictures: {pictures}. Written to {place}. Check it "
        "together with the others: publish.py validate.",
    ),
    "worklist": (
        "Организаций: {number}, с наблюдениями: {seen}, осталось посетить: {left}, без точки на карте: {unplaced}. "
        "{name}.csv и {name}.geojson записаны в {place}",
        "Organisations: {number}, observed: {seen}, still to visit: {left}, without a point on the map: {unplaced}. "
        "Wrote {name}.csv and {name}.geojson to {place}",
    ),
    "questionnaire": (
        "{name}: {title}; версия {version}, вопросов — {questions}, отпечаток {digest}",
        "{name}: {title}; version {version}, {questions} questions, digest {digest}",
    ),
    "questionnaire-written": (
        "Записано — {files}: {place}",
        "Written — {files}: {place}",
    ),
    "forms-checked": (
        "Анкет: {forms}, ошибок: {number}.{outcome}",
        "Forms: {forms}, errors: {number}.{outcome}",
    ),
    "forms-faults": (
        " Исправьте их в таблице: сама она не тронута.",
        " Mend them in the table: it was left as it is.",
    ),
    "initialized": (
        "Записаны {file} и {packages}. Прочтите файл до первой сборки: widget_url и address_shards остаются навсегда.\n"
        "Дальше: положите пакет данных в {packages}, затем\n"
        "  python publish.py validate {packages}/PACKAGE\n"
        "  python publish.py build --config {file}",
        "Wrote {file} and {packages}. Read the file before the first build: widget_url and address_shards stay for ever.\n"
        "Next: put a data package below {packages}, then\n"
        "  python publish.py validate {packages}/PACKAGE\n"
        "  python publish.py build --config {file}",
    ),
    "demonstrated": (
        "Демонстрационный пакет записан в {place}",
        "Wrote the demonstration package to {place}",
    ),
    # ---- deploy --------------------------------------------------------------------------------------------------------
    "deployed": (
        "Выложено в {target}: загружено файлов: {uploads} ({uploaded} МБ), осталось прежними {kept} ({kept_size} МБ), "
        "удалено {removals} ({deleted} МБ); старых файлов оформления оставлено для открытых вкладок: {retired}.",
        "Deployed to {target}: {uploads} files ({uploaded} MB) uploaded, {kept} ({kept_size} MB) kept, "
        "{removals} ({deleted} MB) deleted; {retired} old assets stay for open tabs.",
    ),
    "deployed-dry": (
        "Было бы выложено в {target}: загружено файлов: {uploads} ({uploaded} МБ), осталось прежними {kept} "
        "({kept_size} МБ), удалено {removals} ({deleted} МБ); старых файлов оформления оставлено для открытых вкладок: "
        "{retired}.",
        "Would deploy to {target}: {uploads} files ({uploaded} MB) uploaded, {kept} ({kept_size} MB) kept, "
        "{removals} ({deleted} MB) deleted; {retired} old assets stay for open tabs.",
    ),
    "deployed-old": (
        "Тем временем опубликован более новый выпуск. Выложите снова.",
        "A newer build was published meanwhile. Deploy again.",
    ),
    "would-upload": ("загрузилось бы {path}", "would upload {path}"),
    "would-delete": ("удалилось бы {path}", "would delete {path}"),
    "phase-assets": ("оформление и данные выпусков", "assets"),
    "phase-files": ("прочие файлы", "files"),
    "phase-pages": ("страницы организаций", "pages"),
    "phase-lists": ("остальные страницы", "lists"),
    "phase-overviews": ("ленты и карта сайта", "overviews"),
}

REASONS: Mapping[str, str] = {
    # ---- what pages are made of, as `build --explain` names it (`nok.site.explain`) --------------------------------------
    "program, theme or configuration": "программа, тема или настройки",
    "the program": "программа",
    "how pictures are drawn": "то, как рисуются снимки",
    "its row in `organizations`": "её строка в `organizations`",
    "its row in `assessments`": "её строка в `assessments`",
    "its row in `rosters`": "её строка в `rosters`",
    "its scores": "её баллы",
    "its reviews, their photographs or replies": "отзывы о ней, их фотографии или ответы на них",
    "its plan": "её план",
    "its observations or answers": "наблюдения или ответы анкет о ней",
    "its observations, pictures or rounds": "наблюдения, снимки или оценки",
    "its proposals, appeals or photographs": "предложения, обращения или фотографии",
    "the assessments it took part in": "оценки, в которых она участвовала",
    "its places among peers": "её места среди таких же",
    "the medians of its peers": "медианы таких же организаций",
    "the year, by which its assessment is old": "год, по которому её оценка считается старой",
    "its region": "её регион",
    "its region or package": "её регион или пакет",
    "the day, by which a measure of its plan is overdue": "день, по которому мера её плана считается просроченной",
    "the day, by which a rating is older than twelve months": "день, по которому оценка посетителя старше года",
    "the day, by which a measure is overdue": "день, по которому мера считается просроченной",
    "the campaigns that it takes part in": "кампании, в которых она участвует",
    "its predecessors or successors": "её предшественники или преемники",
    "the numbers of its region": "числа её региона",
    "the numbers of its regions": "числа её регионов",
    "the organisations it lists": "организации, которые на ней перечислены",
    "the places of its organisations": "места её организаций",
    "the points of its region": "точки её региона",
    "its stages, decisions or parties": "её этапы, решения или участники",
    "its scores, proposals or plans": "её баллы, предложения или планы",
    "the measures that were done": "выполненные меры",
    "which lists there are, or how long this one is": "какие есть списки или как длинен этот",
    "its pictures that may be shown": "её снимки, которые можно показать",
    "the organisations in this part of the index": "организации в этой части указателя",
    "its rows, or what they name": "её строки или то, что они называют",
    "the questionnaires": "анкеты",
    "which regions are invented": "какие регионы вымышлены",
    "its rounds, reviews, replies or closures": "её оценки, отзывы, ответы или закрытия",
    "it was not there before": "раньше её не было",
    "it is not in the data any more": "в данных её больше нет",
    # ---- where the time of a build goes (`build --profile`) -----------------------------------------------------------
    "read": "чтение",
    "check": "проверка",
    "load": "загрузка",
    "score": "расчёт",
    "release": "выпуск",
    "plan": "план",
    "link": "ссылки",
    "render ×": "страницы ×",
    "write ×": "запись ×",
    "verify": "сверка",
    "search": "поиск",
    "slot": "место",
    "static": "оформление",
    "data": "данные",
    "pages": "ожидание",
    "aggregates": "сводки",
    "sitemap": "карта сайта",
    "build": "сведения",
    "publish": "публикация",
    "purge": "отозванное",
    # ---- what the system says ------------------------------------------------------------------------------------------
    "No space left on device": "на диске не осталось места",
    "Disk quota exceeded": "квота диска исчерпана",
    "File too large": "файл слишком велик",
    "Read-only file system": "файловая система только для чтения",
    "Input/output error": "ошибка ввода-вывода",
    "Cannot allocate memory": "не хватило памяти",
    "Too many open files": "открыто слишком много файлов",
    "Permission denied": "нет прав",
    "Operation not permitted": "операция не разрешена",
    "No such file or directory": "нет такого файла или папки",
    "Not a directory": "это не папка",
    "Is a directory": "это папка",
    "File exists": "такой файл уже есть",
    "Directory not empty": "папка не пуста",
    "File name too long": "имя файла слишком длинное",
    "Address already in use": "адрес уже занят",
    "Cannot assign requested address": "такого адреса у этой машины нет",
    "Connection refused": "в соединении отказано",
    "Connection reset by peer": "соединение оборвано",
    "Network is unreachable": "сеть недоступна",
    "Name or service not known": "имя сервера неизвестно",
    "Temporary failure in name resolution": "имя сервера сейчас не найти",
    "timed out": "вышло время ожидания",
    "RemoteDisconnected": "соединение оборвано",
    "Remote end closed connection without response": "соединение закрыто без ответа",
    # ---- what SQLite says ----------------------------------------------------------------------------------------------
    "database or disk is full": "на диске не осталось места",
    "disk I/O error": "ошибка ввода-вывода",
    "attempt to write a readonly database": "файл открыт только для чтения",
    "unable to open database file": "файл не открывается",
    "file is not a database": "это не файл SQLite",
    "database disk image is malformed": "файл SQLite повреждён",
    "database is locked": "файл занят другой программой",
}
"""What a system, a library, `build --explain` and `--profile` say in English, in Russian; the rest is said as it is."""
