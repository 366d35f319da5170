"""The organisations of the demonstration region: names, addresses, registry numbers, fates. Seeded, no clock.

Floor 3, below `nok.demonstration.package`. Registry numbers begin with 00, so none can belong to anybody; their check digits
are right. Sites and mail are under `.example`, telephones under the code 000.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

from nok.demonstration.places import (
    CLUBS,
    COLLEGES,
    COUNTS,
    EXTRACURRICULAR,
    FULL_FORMS,
    HOSPITALS,
    MORE_IN_EVERY_OTHER_DISTRICT,
    MUSEUMS,
    NATIVE_NICKNAMES,
    NATIVE_STREETS,
    NICKNAMES,
    SCHOOL_NUMBERS,
    SETTLEMENTS,
    SPHERES,
    SPORTS,
    STREETS,
    THEATRES,
    Settlement,
    Size,
)
from nok.demonstration.reviews import UNPUBLISHED, Row
from nok.demonstration.school import ORGANIZATION, SCHOOL_12
from nok.identifiers import is_inn, is_ogrn
from nok.records import ScoreState


@dataclass(frozen=True, slots=True, kw_only=True)
class Invented:
    """An organisation and what only its inventor knows.

    `quality` is 0–100 and drives scores and ratings alike; `fate` is the state of its only assessment where that gave
    no points; `twin` is the organisation whose scores it shares to a hundredth, "" for none.
    """

    row: Row
    quality: int
    fate: ScoreState | None = None
    twin: str = ""
    size: Size

    @property
    def id(self) -> str:
        return self.row["organization_id"]

    @property
    def is_published(self) -> bool:
        return self.row["status"] == "published"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """The tail of an id, the legal form and the name inside the quotation marks, short and full."""

    tail: str
    form: str
    short: str
    full: str


def build_organizations(seed: int) -> list[Invented]:
    """About 320 organisations in the order of settlements and kinds; ids are unique and never depend on the seed."""
    found: list[Invented] = []
    for position, settlement in enumerate(SETTLEMENTS):
        for kind in COUNTS:
            found.extend(_of_kind(seed, settlement, position, kind))
    found = [_branch(organization, found) for organization in found]
    return [replace(made, twin=_TWINS.get(made.id, "")) for made in (*found, *_special(seed))]


def _of_kind(seed: int, settlement: Settlement, position: int, kind: str) -> Iterator[Invented]:
    count = COUNTS[kind][settlement.size]
    if settlement.size is Size.DISTRICT and position % 2 == 0 and kind in MORE_IN_EVERY_OTHER_DISTRICT:
        count += 1
    for number in range(count):
        named = _named(settlement, position, kind, number)
        yield _invented(seed, settlement, kind, named)


def _named(settlement: Settlement, position: int, kind: str, number: int) -> _Named:
    slug = kind.replace("_", "-")
    if kind == "school" and settlement.size is not Size.DISTRICT:
        real = SCHOOL_NUMBERS[number] if settlement.size is Size.CAPITAL else number + 1
        return _Named(
            tail=f"school-{real}",
            form="МБОУ" if number % 4 else "МАОУ",
            short=f"Средняя школа № {real}",
            full=f"Средняя общеобразовательная школа № {real}",
        )
    if kind == "school":
        word = ("средняя", "основная")[number]
        return _Named(
            tail=f"school-{number + 1}",
            form="МКОУ",
            short=f"{settlement.stem}ая {word} школа",
            full=f"{settlement.stem}ая {word} общеобразовательная школа{_SCHOOL_HONOURS[position % 3]}",
        )
    if kind == "preschool":
        nickname = _nickname(settlement, position, number)
        return _Named(
            tail=f"preschool-{number + 1}",
            form="МБДОУ" if number % 3 else "МАДОУ",
            short=f"Детский сад № {number + 1} «{nickname}",
            full=f"Детский сад № {number + 1} «{nickname}» {_PRESCHOOL_SORTS[(number + position) % 4]}".strip(),
        )
    name = _other_name(settlement, position, kind, number)
    return _Named(tail=f"{slug}-{number + 1}", form=_FORMS[kind], short=name, full=name)


_SCHOOL_HONOURS = ("", " имени первых поселенцев", " с углублённым изучением родных языков")
_PRESCHOOL_SORTS = (
    "",
    "общеразвивающего вида",
    "комбинированного вида",
    "общеразвивающего вида с приоритетным осуществлением деятельности по познавательно-речевому развитию детей",
)


def _nickname(settlement: Settlement, position: int, number: int) -> str:
    native = NATIVE_NICKNAMES.get(settlement.slug)
    return native[number % len(native)] if native else NICKNAMES[(position * 5 + number) % len(NICKNAMES)]


_FORMS = {
    "extracurricular": "МБУ ДО",
    "vocational": "ОГБПОУ",
    "polyclinic": "ОГАУЗ",
    "hospital": "ОГБУЗ",
    "dental": "ОГАУЗ",
    "library": "МБУК",
    "museum": "МБУК",
    "club": "МБУК",
    "theatre": "ОГАУК",
    "social_centre": "ОГКУ",
    "boarding_home": "ОГБУ",
    "mse_bureau": "ФКУ",
    "sport_school": "МБУ ДО",
}


def _other_name(settlement: Settlement, position: int, kind: str, number: int) -> str:
    """The name of what is neither a school nor a kindergarten."""
    stem, of = settlement.stem, settlement.of
    if SPHERES[kind] == "health":
        return _health_name(settlement, kind, number)
    if SPHERES[kind] == "culture":
        return _culture_name(settlement, position, kind, number)
    match kind:
        case "extracurricular":
            return (
                f"Дом детского творчества {of}" if number == 0 and not settlement.is_city else EXTRACURRICULAR[number]
            )
        case "vocational":
            return f"{stem}ий {COLLEGES[(number + position) % len(COLLEGES)]}"
        case "social_centre":
            return f"Центр социальной поддержки населения {of}" + (f" № {number + 1}" if number else "")
        case "boarding_home":
            return f"{stem}ий дом-интернат для престарелых и инвалидов"
        case "mse_bureau":
            return f"Бюро № {number + 1 + 2 * position}"
    return SPORTS[(number + position) % len(SPORTS)]


def _health_name(settlement: Settlement, kind: str, number: int) -> str:
    if kind == "dental":
        return f"Стоматологическая поликлиника № {number + 1}"
    if kind == "polyclinic":
        return "Детская поликлиника" if number == 1 else f"Поликлиника № {number + 1}"
    if settlement.size is Size.CAPITAL:
        return HOSPITALS[number]
    return f"{settlement.stem}ая районная больница" if number == 0 else f"{settlement.stem}ая детская больница"


def _culture_name(settlement: Settlement, position: int, kind: str, number: int) -> str:
    nickname = _nickname(settlement, position, number + 2)
    match kind:
        case "library" if number == 0:
            return f"Центральная библиотека {settlement.of}"
        case "library":
            return f"Библиотека-филиал № {number} «{_nickname(settlement, position, number + 7)}"
        case "museum":
            return f"{settlement.stem}ий {MUSEUMS[number]}"
        case "theatre":
            return f"{settlement.stem}ий {THEATRES[(number + position) % len(THEATRES)]}"
    return CLUBS[number] if settlement.is_city else f'Сельский Дом культуры "{nickname}"'


def _invented(seed: int, settlement: Settlement, kind: str, named: _Named) -> Invented:
    organization_id = f"{settlement.slug}-{named.tail}"
    if organization_id == SCHOOL_12:
        return Invented(row=dict(ORGANIZATION), quality=82, size=settlement.size)
    rng = Random(f"{seed}:organization:{organization_id}")
    row = {
        "organization_id": organization_id,
        "name": _full_name(settlement, named),
        "short_name": f"{named.form} «{named.short}»",
        "sphere": SPHERES[kind],
        "kind": kind,
        "region_code": "00",
        "municipality": settlement.municipality,
        "oktmo": settlement.oktmo[:8] + ("001" if settlement.size is Size.CAPITAL else ""),
        "address": _address(rng, settlement),
        "status": "published",
    }
    if named.form == "ФКУ":
        row["short_name"] = f"{named.short} — филиал ФКУ «ГБ МСЭ по Демонстрационной области»"
    if rng.randrange(100) < 98:
        row |= _point(rng, settlement)
    row |= _registered(rng) | _contacts(rng, organization_id, settlement)
    if rng.randrange(100) < 60:
        row["opened_on"] = f"{rng.randint(1951, 2019)}-09-01"
    quality = (rng.randint(38, 100) + rng.randint(45, 100) + rng.randint(55, 100)) // 3
    if rng.randrange(100) < 8:
        quality -= 34
    return Invented(row=row, quality=quality, size=settlement.size)


def _full_name(settlement: Settlement, named: _Named) -> str:
    tail = "" if settlement.of in named.full or named.form.startswith("О") or named.form == "ФКУ" else settlement.of
    return f"{FULL_FORMS[named.form]} «{named.full}» {tail}".strip()


def _address(rng: Random, settlement: Settlement) -> str:
    street = NATIVE_STREETS.get(settlement.slug, "")
    if not street or rng.randrange(2):
        street = f"ул. {rng.choice(STREETS)}"
    house = f"{rng.randint(1, 90)}{rng.choice(('', '', '', '', 'а', '/2', ', корп. 1', ', стр. 3'))}"
    return f"{_place(settlement)}, {street}, {house}"


def _place(settlement: Settlement) -> str:
    if settlement.name == settlement.municipality:
        return settlement.name
    return f"{settlement.municipality}, {settlement.name}"


def _point(rng: Random, settlement: Settlement) -> Row:
    reach = (4500, 3000, 1800, 700)[settlement.size]
    latitude = settlement.latitude + rng.randint(-reach, reach)
    longitude = settlement.longitude + rng.randint(-2 * reach, 2 * reach)
    return {
        name: f"{value // 100_000}.{value % 100_000:05d}"
        for name, value in (("latitude", latitude), ("longitude", longitude))
    }


def _registered(rng: Random) -> Row:
    inn, ogrn = f"00{rng.randrange(10**7):07d}", f"00{rng.randrange(10**10):010d}"
    return {
        "inn": next(inn + digit for digit in "0123456789" if is_inn(inn + digit)),
        "kpp": f"00{rng.randint(1, 24):02d}01001",
        "ogrn": next(ogrn + digit for digit in "0123456789" if is_ogrn(ogrn + digit)),
    }


def _contacts(rng: Random, organization_id: str, settlement: Settlement) -> Row:
    """Most have all three, some lack one: that is what rosters are like."""
    host = f"{organization_id.removeprefix(settlement.slug + '-')}.{settlement.slug}.example"
    found = {"phone": f"+7 (000) 000-{rng.randrange(100):02d}-{rng.randrange(100):02d}"}
    if rng.randrange(100) < 92:
        found["website"] = f"https://{host}/"
    if rng.randrange(100) < 85:
        found["email"] = f"mail@{host}"
    return found


def _branch(organization: Invented, all_of_them: Sequence[Invented]) -> Invented:
    """Branches of libraries and bureaus stand under their head, with its numbers and a КПП of their own."""
    slug, _, number = organization.id.rpartition("-")
    is_branch = organization.row["kind"] in ("library", "mse_bureau") and number != "1"
    if not is_branch:
        return organization
    head = next(other.row for other in all_of_them if other.id == f"{slug}-1")
    own = {"inn": head["inn"], "ogrn": head["ogrn"], "kpp": f"{head['kpp'][:4]}43{int(number):03d}"}
    return replace(organization, row=organization.row | own | {"parent_organization_id": head["organization_id"]})


_SPECIAL = """
primersk-gimnaziya-3 | school | МАОУ | Гимназия № 3 | ул. Садовая, 14 | 99
etalonsk-litsey-vektor | school | МБОУ | Лицей «Вектор | пр. Науки, 2 | 97
etalonsk-vechernyaya-school | school | МБОУ | Вечерняя (сменная) школа | ул. Мира, 18 | 44
dalnyaya-nachalnaya-school | school | МКОУ | Дальненская начальная школа | ул. Речная, 3 | 30
primersk-school-40 | school | МБОУ | Новая школа № 40 | ул. Новая, 1 | 90 | not_assessed
etalonsk-internat-2 | school | ГБОУ | Школа-интернат № 2 | ул. Тихая, 6 | 70 | exempt
verkhnyaya-nachalnaya-school | school | МКОУ | Верхненская начальная школа | ул. Полевая, 11 | 75 | too_few
primersk-azimut | school | ЧОУ | Школа «Азимут | ул. Портовая, 7 | 85 | no_data
chernovoe-fap | hospital | ОГБУЗ | Черновской фельдшерско-акушерский пункт | ул. Больничная, 1 | 9
nebylitsy-club-2 | club | МБУК | Клуб деревни Пустошь | ул. Клубная, 2 | 25
kholobur-theatre | theatre | ОГАУК | Народный театр «Саҥа күн» | ул. Театральная, 4 | 88 | exempt
uslovnoe-social-centre-2 | social_centre | ОГКУ | Отделение надомного обслуживания | ул. Мира, 2 | 60 | too_few
mnimsk-mse-bureau-1 | mse_bureau | ФКУ | Бюро № 9 | ул. Парковая, 8 | 80 | no_data
primersk-preschool-54 | preschool | МБДОУ | Детский сад № 54 «Ладушки | ул. Яблоневая, 6 | 66
primersk-preschool-47 | preschool | МБДОУ | Детский сад № 47 «Ромашка | ул. Яблоневая, 8 | 74
primersk-preschool-61 | preschool | МБДОУ | Детский сад № 61 «Родничок | ул. Вишнёвая, 3 | 58
primersk-school-99 | school | МБОУ | НЕ ДОЛЖНО ПОЯВИТЬСЯ: школа № 99 | ул. Проектная, 99 | 95
lekalsk-library-99 | library | МБУК | НЕ ДОЛЖНО ПОЯВИТЬСЯ: библиотека-проект | ул. Проектная, 1 | 80
mnimsk-polyclinic-99 | polyclinic | ОГАУЗ | НЕ ДОЛЖНО ПОЯВИТЬСЯ: снятая с публикации | ул. Скрытая, 9 | 50
"""
"""Id, kind, legal form, name, street, quality and, where its assessment gave no points, why. What a rule of the
publication needs to be seen at least once stands here by hand."""

_LONG_NAME = (
    "Обособленное структурное подразделение «Детский сад «Ладушки» (группы общеразвивающей, компенсирующей и "
    "комбинированной направленности, консультационный пункт для родителей, обеспечивающих получение детьми дошкольного "
    "образования в форме семейного образования) Муниципального бюджетного дошкольного образовательного учреждения "
    '„Центр развития ребёнка — детский сад № 54" города Примерска Демонстрационной области, реорганизованное'
)
_CHANGES: dict[str, Row] = {
    "primersk-school-40": {"opened_on": "2025-09-01"},
    "primersk-preschool-54": {
        "name": _LONG_NAME,
        "opened_on": "1981-03-01",
        "closed_on": "2024-08-31",
        "successor_organization_id": "primersk-preschool-3",
    },
    "primersk-preschool-47": {"closed_on": "2024-08-31", "successor_organization_id": "primersk-preschool-3"},
    "primersk-preschool-61": {"closed_on": "2024-03-29", "successor_organization_id": "primersk-preschool-54"},
    "chernovoe-fap": {"parent_organization_id": "chernovoe-hospital-1"},
    "primersk-school-99": {"status": "draft"},
    "lekalsk-library-99": {"status": "draft"},
    "mnimsk-polyclinic-99": {"status": "withheld"},
}
_TWINS = {"opytnoe-school-1": "etalonsk-litsey-vektor", "primersk-library-3": "primersk-library-2"}
"""Who shares its points with whom: ties must be seen too."""


def _special(seed: int) -> Iterator[Invented]:
    for line in _SPECIAL.strip().splitlines():
        organization_id, kind, form, short, street, quality, *fate = (part.strip() for part in line.split(" | "))
        settlement = next(place for place in SETTLEMENTS if organization_id.startswith(place.slug))
        tail = organization_id.removeprefix(f"{settlement.slug}-")
        named = _Named(tail=tail, form=form, short=short, full=short)
        made = _invented(seed, settlement, kind, named)
        row = made.row | {"address": f"{_place(settlement)}, {street}"} | _CHANGES.get(organization_id, {})
        if row["status"] != "published":
            row |= {"website": f"https://{tail}.{settlement.slug}.example/", "name": f"{UNPUBLISHED}. {row['name']}"}
        yield replace(made, row=row, quality=int(quality), fate=ScoreState(fate[0]) if fate else None)
