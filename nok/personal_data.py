"""Personal data in what people write: where it stands and of what kind. Pure; patterns, no guesses about meaning.

A person decides what is hidden: this finds what to look at. It errs on the side of showing too much of names (a moderator
leaves a mark out with one tap) and too little of numbers that could be anything. Streets, cities and institutions named
after people are told apart by the words before them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was found."""

    PHONE = "phone"
    EMAIL = "email"
    ACCOUNT = "account"
    """A name or page in a social network or a messenger."""
    NUMBER = "number"
    """СНИЛС, passport, policy, bank card, ИНН of a person, plate of a car."""
    ADDRESS = "address"
    BIRTH = "birth"
    NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """Personal data from code point `start` to `end` of a text."""

    start: int
    end: int
    kind: Kind


_UP, _LOW = "А-ЯЁ", "а-яё"
_NAMES = (
    "александр алексе алёш алеш алексей анатоли андре антон аркади артём артем артур борис вадим валенти валери васили "
    "виктор витали владимир владислав вячеслав геннади георги глеб григори данил денис дмитри евгени егор иван игор илья "
    "ильи ильё кирилл константин лев леонид максим марат марк матве михаил никит никола олег павел павл пётр петр петя роман руслан "
    "саш серге серёж станислав степан тимофе тимур фёдор федор эдуард юри ярослав альберт ильдар рамил ринат рустам айдар "
    "алин алис анастаси анжел анн антонин валентин варвар вер вероник виктори галин дарь диан евгени екатерин елен "
    "елизавет жанн зинаид зоя зои ильмир инн ирин карин кристин ксени ларис лиди лили любов людмил маргарит марин мари "
    "марь маш надежд натал настя насти нин оксан ольг полин раис регин светлан соф стефани тамар татьян ульян "
    "фаин эльвир эмм юли яна яны яне лен тан наст кат "
    "миш дим димк ван вань кол коля толя паш гриш костя кость лёш андрюш витя вить вов слав стас жен жень тол "
    "кать свет соня сонь люб юл тан танюш наташ ол оля оль ир ирин гал гульнар алсу зульф луиз айгул гузел лейл аминат "
    "магомед ахмед шамил тагир фарид наил равил ильяс амир камил абдул давид эмил тихон прохор захар мирон савели "
    "полин милан злат ярослав василис аглаи таиси карин кир эвелин рит варь саш валер"
).split()
_FIRST = rf"(?:{'|'.join(sorted({name.capitalize() for name in _NAMES}, key=len, reverse=True))})[{_LOW}]{{0,3}}"
_PATRONYMIC_ENDS = (
    r"(?:(?:ов|ев|ьев)ич(?:а|у|ем|е)?|(?:ов|ев|ьев)н(?:а|ы|е|у|ой|ою)|[иь]ич(?:а|у|ом|ем|е|н(?:а|ы|е|у|ой))?"
    r"|[кл]ьич(?:а|у|ом|е)?|инич?н(?:а|ы|е|у|ой)|оглы|кызы)"
)
_PATRONYMIC = rf"[{_UP}][{_LOW}]+{_PATRONYMIC_ENDS}"
_WORD = rf"[{_UP}][{_LOW}]+(?:-[{_UP}][{_LOW}]+)?"
_INITIAL = rf"[{_UP}]\."
_SURNAME = (
    rf"[{_UP}][{_LOW}]+?(?:(?:[её]?в|ов|ин|ын)(?:а|у|ым|е|ой|ых|ы)?|(?:ск|цк)(?:ий|ого|ому|им|ом|ая|ую|ой)"
    r"|енко|чук|[а-я]юк|[а-я]нян|дзе|швили|[а-я]{2}ян(?:а|у|ом)?)"
)
_POST = (
    r"(?:врач\w*|доктор\w*|медсестр\w*|медбрат\w*|санитарк\w*|регистратор\w*|терапевт\w*|педиатр\w*|хирург\w*|стоматолог\w*|"
    r"гинеколог\w*|невролог\w*|лор\w{0,2}|окулист\w*|фельдшер\w*|учител\w*|учительниц\w*|педагог\w*|воспитател\w*|"
    r"воспитательниц\w*|нян\w{1,3}|директор\w*|завуч\w*|директрис\w*|заведующ\w*|секретар\w*|тренер\w*|охранник\w*|"
    r"вахт[её]р\w*|библиотекар\w*|соцработник\w*|социальн\w+ работник\w*|сантехник\w*|электрик\w*|водител\w*|бухгалтер\w*|инспектор\w*|завхоз\w*|лаборант\w*|"
    r"акушер\w*|прораб\w*|экскурсовод\w*|ведущ\w{2,3}|профессор\w*|тьютор\w*|методист\w*|концертмейстер\w*|хореограф\w*|"
    r"сиделк\w*|рентгенолог\w*|онколог\w*|уролог\w*|узист\w*|травматолог\w*|аллерголог\w*|дерматолог\w*|эндокринолог\w*|"
    r"кассир\w*|гардеробщи\w*|смотрител\w*|заместител\w*|вожат\w*|репетитор\w*|мастер\w?|фамили\w{1,2}|фио|"
    r"сын\w?|дочь|дочк\w|дочери|муж\w?|жен[аыеу]|мам[аыеу]|пап[аыеу]|отец|отц\w|бабушк\w|дедушк\w|девочк\w|мальчик\w?|внук\w?|внучк\w|ребён\w{2,3}|специалист\w*|психолог\w*|логопед\w*|руководител\w*|преподавател\w*|"
    r"администратор\w*|начальник\w*|сотрудни\w*|массажист\w*|повар\w*|гражданин\w*|гражданк\w*|гр\.|г-н|г-жа|г-жи|"
    r"сосед\w*|ученик\w*|учениц\w*|однокласс\w*|пациент\w*|психиатр\w*|кардиолог\w*|дежурн\w{2,3}|уборщиц\w*|по фамилии|зовут)"
)
_NO_SURNAME = r"(?:гот|здор|сн|осн|так|никак|медиц|един|полов|прич|середин|младш|старш|скин)\w*\b"
_STREET = r"(?:ул\.?|улиц\w*|просп\.?|пр-т\w*|проспект\w*|пер\.?|переул\w*|пр\.|проезд\w*|тракт\w*|алле\w|площад\w*|бульвар\w*|б-р|шоссе|наб\.?|набережн\w*|мкр\.?|микрорайон\w*)"

_PATTERNS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, flags))
    for kind, flags, pattern in (
        (Kind.EMAIL, re.IGNORECASE, r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\]|собака)\s?[\w-]+(?:\.[\w-]+)+"),
        (
            Kind.ACCOUNT,
            re.IGNORECASE,
            r"(?:https?://)?(?:www\.)?(?:vk\.com|t\.me|ok\.ru|instagram\.com|wa\.me|facebook\.com)/[\w./?=-]+",
        ),
        (Kind.ACCOUNT, 0, r"(?<![\w.@])@[A-Za-z][\w.]{3,}"),
        (Kind.NUMBER, re.IGNORECASE, r"\b\d{3}[- ]\d{3}[- ]\d{3}[- ]\d{2}\b"),
        (Kind.NUMBER, re.IGNORECASE, r"снилс\D{0,12}(\d{11})"),
        (Kind.NUMBER, re.IGNORECASE, r"паспорт\w*\D{0,30}(\d{2} ?\d{2} ?(?:№|N|номер)? ?\d{6})"),
        (Kind.NUMBER, re.IGNORECASE, r"(?:инн|полис\w*|карт\w*)\D{0,20}(\d(?:[ -]?\d){11,18})"),
        (Kind.NUMBER, 0, r"(?<!\d)\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}(?!\d)"),
        (Kind.NUMBER, re.IGNORECASE, r"\b[авекмнорстух] ?\d{3} ?[авекмнорстух]{2} ?\d{2,3}\b"),
        (Kind.PHONE, 0, r"(?<![\d.,])(?:\+7|8|7)[\s( -]*\d{3,5}[\s) -]*\d{1,3}(?:[\s-]?\d{2,3}){1,3}(?!\d)"),
        (Kind.PHONE, 0, r"(?<!\d)9\d{2}[\s-]?\d{3}[\s-]?\d{2}[\s-]?\d{2}(?!\d)"),
        (
            Kind.PHONE,
            re.IGNORECASE,
            r"(?:тел\w*|звон\w*|номер\w*|моб\w*|факс\w*|ватсап\w*|whatsapp)\D{0,15}(\d(?:[\s()-]?\d){4,10})(?!\d)",
        ),
        (Kind.PHONE, 0, r"(?<![\d.])\(\d{3,5}\) ?\d{1,3}-?\d{2}-?\d{2}(?!\d)"),
        (
            Kind.BIRTH,
            re.IGNORECASE,
            r"(?:родил\w*|рождени\w*|д\.? ?р\.?:?)\s\D{0,12}\d{1,2}[. ](?:\d{1,2}|[а-яё]+)[. ]\d{2,4}",
        ),
        (Kind.BIRTH, re.IGNORECASE, r"\b(?:\d{1,2}[.]\d{1,2}[.])?(?:19|20)\d{2} ?(?:г\.? ?р\.?|года? рождения)"),
        (
            Kind.ADDRESS,
            re.IGNORECASE,
            rf"{_STREET}[^.!?\n]{{2,40}}?(?:д\.|дом)?\s?\d+\w?(?:[,\s]+(?:корп\.?|к\.|стр\.)\s?\d+)?[,\s]+кв(?:\.|артир\w*)?\s?\d+",
        ),
        (
            Kind.ADDRESS,
            re.IGNORECASE,
            r"(?:\b\d{6}, |прожива\w+|жив\w{1,3}|прописан\w*|адрес\w*|дом\w*)[^!?\n]{0,60}?кв(?:\.|артир\w*)\s?№?\s?\d+|\b(?:из|в|наш\w*|мо\w{1,3}) (?:\d+-?\w{0,2} )?квартир\w*\s?№?\s?\d+",
        ),
        (
            Kind.ADDRESS,
            re.IGNORECASE,
            rf"(?:прожива\w+|жив[еёу]\w*|прописан\w*)[^.!?\n]{{0,30}}?{_STREET}[^!?\n]{{2,30}}?\d+\w?",
        ),
        (
            Kind.NAME,
            0,
            rf"\b{_WORD} {_INITIAL} ?{_INITIAL}|\b{_INITIAL} ?{_INITIAL} ?{_WORD}\b|\b{_WORD} {_INITIAL}(?=[\s,;!?)]|$)",
        ),
        (Kind.NAME, 0, rf"\b(?:{_WORD} )?(?:{_WORD}|{_INITIAL}) ?{_PATRONYMIC}\b(?: {_SURNAME}\b)?"),
        (
            Kind.NAME,
            re.IGNORECASE,
            rf"\b(?:{'|'.join(sorted(_NAMES, key=len, reverse=True))})[{_LOW}]{{0,3}} [{_LOW}]{{2,}}(?:ов|ев|ьев)(?:ич(?:а|у|ем|е)?|н(?:а|ы|е|у|ой))\b",
        ),
        (Kind.NAME, 0, rf"\b{_FIRST} {_WORD}\b|\b{_SURNAME} {_FIRST}\b"),
        (Kind.NAME, 0, rf"(?i:\b{_POST}) {_WORD}(?: {_WORD})?\b"),
        (
            Kind.NAME,
            re.IGNORECASE,
            rf"\b{_POST} ((?!{_NO_SURNAME})[{_LOW}]{{2,}}(?:ов|ев|ин)(?:а|у|ым|ой)|[{_LOW}]{{3,}}(?:ская|ской|ский|енко))\b",
        ),
        (Kind.NAME, 0, rf"(?<=[{_LOW},;:»)] ){_SURNAME}\b"),
        (Kind.NAME, 0, rf"(?<![\w.]){_PATRONYMIC}\b"),
        (
            Kind.NAME,
            0,
            r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Doctor|Nurse|Teacher|Professor|[Mm]y (?:son|daughter|wife|husband|mother|father)|named?)\.? "
            r"[A-Z][a-z]+(?: [A-Z][a-z]+)?",
        ),
        (Kind.ADDRESS, re.IGNORECASE, rf"дом\w{{0,2}} \d+\w? по {_STREET}[^.!?\n]{{2,30}}?кв\w*\.? ?\d+"),
    )
)

_POST_BEFORE = re.compile(rf"^{_POST} ", re.IGNORECASE)
_GREETING = re.compile(
    r"(?:(?:здравствуй(?:те)?|здрас(?:ь)?те|привет(?:ствую)?|спасибо|благодар(?:ю|им)|уважаем(?:ый|ая|ые|ого|ому|ую|ой)|"
    r"ув\.|дорог(?:ой|ая|ие|ого|ому|ую)|добр(?:ый|ое|ого|ой|ая)(?: (?:день|дня|утро|утра|вечер|вечера|ночи|времени(?: суток)?))?|"
    r"hello|hi|dear|good (?:morning|day|afternoon|evening))\b[ ,.!]*)+",
    re.IGNORECASE,
)
"""What people begin with: it is no part of the name after it, and no name by itself."""
_NAMED_AFTER = re.compile(
    rf"(?:{_STREET}|им\.?|имени|памяти|г\.|гор\.|город\w*|пос\.?|пос[её]л\w*|сел\w|с\.|дер\.?|деревн\w*|станци\w*|район\w*|"
    r"област\w*|площад\w*|пл\.|парк\w*|метро|остановк\w*|музе\w*|театр\w*|праздник\w*|книг\w*|стих\w*|"
    r"роман\w*|памятник\w*|сказк\w*|спектакл\w*|пьес\w*|музык\w*|творчеств\w*|из|под|около|возле)\s(?:\w+\s)?$",
    re.IGNORECASE,
)
_STREET_BEFORE = re.compile(rf"(?:{_STREET}|им\.?|имени|памяти|площад\w*)\s(?:\w+\s)?$", re.IGNORECASE)
_POST_RIGHT_BEFORE = re.compile(rf"{_POST} $", re.IGNORECASE)
_NO_PHONE_BEFORE = re.compile(
    r"(?:лицензи|приказ|талон|договор|заявлени|обращени|билет|заказ|счёт|счет|групп|кабинет|палат|квитанц|очеред|школ|сад|"
    r"отделени|маршрут|автобус|окн|стро|письм|протокол|акт)\w*\s(?:под\s)?$",
    re.IGNORECASE,
)
"""Things that have numbers of their own: «талон номер 12845» is no phone."""
_PLACES = frozenset(
    "ростов ростова ростове саратов саратова саратове тамбов тамбова псков пскова пскове киров кирова азов азова серпухов "
    "орёл королёв королев пушкин пушкина пушкине пушкину лермонтова толстого чехова чехов чехове горького гагарина ленина "
    "гагарин кирове москва москве москвы нижний псков тверь "
    "россии россия бог бога господи августе августа июне июля мая спасибо здравствуйте госуслуги госуслугах минздрав "
    "минздрава роспотребнадзор роспотребнадзора собянин новый нового интернет".split()
)
_FAMOUS = re.compile(
    r"(?:Пушкин|Лермонтов|Гогол|Толст|Достоевск|Чехов|Горьк|Маяковск|Некрасов|Тургенев|Островск|Есенин|Шукшин|Высоцк|Булгаков|"
    r"Пастернак|Бунин|Куприн|Крылов|Жуковск|Чуковск|Маршак|Барто|Чайковск|Рахманинов|Глинк|Мусоргск|Прокофьев|Шостакович|"
    r"Гагарин|Королёв|Титов|Терешков|Менделеев|Ломоносов|Павлов|Пирогов|Сеченов|Боткин|Мичурин|Сурико|Репин|Шишк|Левитан|"
    r"Кутузов|Суворов|Нахимов|Ушаков|Жуков|Рокоссовск|Чапаев|Киров|Ленин|Фрунзе|Дзержинск|Калинин|Свердлов|Куйбышев|"
    r"Орджоникидзе|Маркс|Энгельс|Люксембург|Советск|Отечественн|Октябрьск|Красн|Лермонт)[а-яё]*$"
)
"""Stems of names that towns, streets, schools and books bear; by themselves they are nobody who works there."""
_INSTITUTIONS = re.compile(
    r"(?:Школ|Гимнази|Лице|Поликлин|Больниц|Детск|Центр|Библиотек|Музе|Дом|Театр|Отдел|Кабинет|Здравоохран|Образован|Регистратур|"
    r"Росси|Москв|Госуслуг|Минист|Департамент|Мфц|Администрац|Управлени|Спасиб|Здравств|Уважаем|Добр|Очень|Больш|Врач|Вс|Он|Нам|Пациент|"
    r"Сотрудник|Педиатр|Понравил|Хамит|Груб|Молод|Вежлив|Отлич)"
)


def find_personal_data(text: str) -> list[Finding]:
    """All that looks like personal data in `text`, in order; findings that overlap become one of the first kind.

    >>> [(found.kind.value, "Звоните Ивановой М. П., +7 900 000-00-00"[found.start:found.end])
    ...  for found in find_personal_data("Звоните Ивановой М. П., +7 900 000-00-00")]
    [('name', 'Ивановой М. П.'), ('phone', '+7 900 000-00-00')]
    """
    merged: list[Finding] = []
    for found in sorted(_all(text)):
        if merged and found.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Finding(start=last.start, end=max(last.end, found.end), kind=last.kind)
        else:
            merged.append(found)
    return merged


def _all(text: str) -> Iterator[Finding]:
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            start, end = match.span(pattern.groups and 1)  # the number, without the word that gives it away
            if kind is Kind.NAME:
                # «врач Петрова»: the post is no personal data, the name after it is.
                if post := _POST_BEFORE.match(text[start:end]):
                    start += post.end()
                if greeting := _GREETING.match(text[start:end]):
                    start += greeting.end()
                if start >= end or not _is_a_name(text, start, end):
                    continue
            if kind is Kind.PHONE and _NO_PHONE_BEFORE.search(text[: match.start()][-30:]):
                continue
            yield Finding(start=start, end=end, kind=kind)


def _is_a_name(text: str, start: int, end: int) -> bool:
    """False for streets, towns and institutions, and for a word that only begins a sentence."""
    words = text[start:end].split()
    if len(words) == 1 and _FAMOUS.match(words[0]) and not _POST_RIGHT_BEFORE.search(text[:start]):
        return False
    if words[0] == "Роман" and len(words) == 2 and words[1].endswith(("ого", "а")):
        return False  # a book, not a man: his surname would stand in the nominative too
    if all(word.lower().strip(".,") in _PLACES for word in words) or _INSTITUTIONS.match(words[-1]):
        return False
    before = text[max(0, start - 40) : start]
    # Music may be named after somebody, but the teacher of music has a patronymic.
    named_after = _STREET_BEFORE if re.search(rf"{_PATRONYMIC}\b", text[start:end]) else _NAMED_AFTER
    return named_after.search(before) is None
