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
    "фаин эльвир эмм юли яна яны яне лен тан наст кат"
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
    r"вахт[её]р\w*|библиотекар\w*|соцработник\w*|специалист\w*|психолог\w*|логопед\w*|руководител\w*|преподавател\w*|"
    r"администратор\w*|начальник\w*|сотрудни\w*|массажист\w*|повар\w*|гражданин\w*|гражданк\w*|гр\.|г-н|г-жа|г-жи|"
    r"сосед\w*|ученик\w*|учениц\w*|однокласс\w*|пациент\w*|психиатр\w*|кардиолог\w*|дежурн\w{2,3}|уборщиц\w*|по фамилии|зовут)"
)
_NO_SURNAME = r"(?:гот|здор|сн|осн|так|никак|медиц|един|полов|прич|середин|младш|старш|скин)\w*\b"
_STREET = r"(?:ул\.?|улиц\w*|просп\.?|пр-т\w*|проспект\w*|пер\.?|переул\w*|бульвар\w*|б-р|шоссе|наб\.?|набережн\w*|мкр\.?|микрорайон\w*)"

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
            r"(?:прожива\w+|жив\w{1,3}|прописан\w*|дом\w*)[^.!?\n]{0,50}?кв(?:\.|артир\w*)\s?№?\s?\d+|\b(?:из|в|наш\w*|мо\w{1,3}) (?:\d+-?\w{0,2} )?квартир\w*\s?№?\s?\d+",
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
        (Kind.NAME, 0, r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.? [A-Z][a-z]+(?: [A-Z][a-z]+)?"),
    )
)

_POST_BEFORE = re.compile(rf"^{_POST} ", re.IGNORECASE)
_NAMED_AFTER = re.compile(
    rf"(?:{_STREET}|им\.?|имени|памяти|г\.|гор\.|город\w*|пос\.?|пос[её]л\w*|сел\w|с\.|дер\.?|деревн\w*|станци\w*|район\w*|"
    r"област\w*|площад\w*|пл\.|парк\w*|метро|остановк\w*|музе\w*|театр\w*|праздник\w*|книг\w*|стих\w*|"
    r"роман\w*|памятник\w*|сказк\w*|спектакл\w*|пьес\w*|музык\w*|творчеств\w*|из|под|около|возле)\s(?:\w+\s)?$",
    re.IGNORECASE,
)
_PLACES = frozenset(
    "ростов ростова ростове саратов саратова саратове тамбов тамбова псков пскова пскове киров кирова азов азова серпухов "
    "орёл королёв королев пушкин пушкина пушкине пушкину лермонтова толстого чехова чехов чехове горького гагарина ленина "
    "гагарин кирове москва москве москвы нижний псков тверь "
    "россии россия бог бога господи августе августа июне июля мая спасибо здравствуйте госуслуги госуслугах минздрав "
    "минздрава роспотребнадзор роспотребнадзора собянин новый нового интернет".split()
)
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
                if not _is_a_name(text, start, end):
                    continue
            yield Finding(start=start, end=end, kind=kind)


def _is_a_name(text: str, start: int, end: int) -> bool:
    """False for streets, towns and institutions, and for a word that only begins a sentence."""
    words = text[start:end].split()
    if all(word.lower().strip(".,") in _PLACES for word in words) or _INSTITUTIONS.match(words[-1]):
        return False
    return _NAMED_AFTER.search(text[max(0, start - 40) : start]) is None
