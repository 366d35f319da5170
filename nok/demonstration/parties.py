"""Who stands behind the rounds of the demonstration region: authorities, operators, contracts, councils, lists.

Floor 3, below `nok.demonstration.package`. Registry numbers begin with 00 and belong to nobody, contacts lead nowhere, posts
have no names. Three years of every sphere and the beginning of a fourth, all before the edition day.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from nok.demonstration.organizations import Invented
from nok.demonstration.reviews import UNPUBLISHED, Row
from nok.demonstration.scores import COLLECTING, YEARS, assessment_id
from nok.identifiers import is_inn, is_ogrn
from nok.packages.write import Table

_REGION_OKTMO = "00700000"
_KOPECK = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sphere:
    """A sphere with the body that orders its assessments; `of` continues «в сфере …»."""

    sphere: str
    authority: str
    name: str
    short: str
    level: str
    of: str


_SPHERES = (
    _Sphere(
        sphere="education",
        authority="demo-ministry-education",
        name="Министерство образования Демонстрационной области",
        short="Минобразования Демонстрационной области",
        level="regional",
        of="образования",
    ),
    _Sphere(
        sphere="health",
        authority="demo-ministry-health",
        name="Министерство здравоохранения Демонстрационной области",
        short="Минздрав Демонстрационной области",
        level="regional",
        of="здравоохранения",
    ),
    _Sphere(
        sphere="culture",
        authority="demo-ministry-culture",
        name="Министерство культуры Демонстрационной области",
        short="Минкультуры Демонстрационной области",
        level="regional",
        of="культуры",
    ),
    _Sphere(
        sphere="social",
        authority="demo-ministry-social",
        name="Министерство социального развития Демонстрационной области",
        short="Минсоцразвития Демонстрационной области",
        level="regional",
        of="социального обслуживания",
    ),
    _Sphere(
        sphere="mse",
        authority="demo-federal-mse",
        name="Вымышленное федеральное ведомство медико-социальной экспертизы",
        short="Ведомство медико-социальной экспертизы",
        level="federal",
        of="медико-социальной экспертизы",
    ),
)

_LEVEL_DIGITS = {"federal": "01", "regional": "02", "municipal": "03"}
"""How the codes of these councils begin; what real ones begin with is not published."""

_OPERATORS = (
    ("demo-operator-mera", "Общество с ограниченной ответственностью «Мера»", "ООО «Мера»", "16", "12300"),
    (
        "demo-operator-opros",
        "Автономная некоммерческая организация «Областной опрос»",
        "АНО «Областной опрос»",
        "16",
        "71400",
    ),
    (
        "demo-operator-zamer",
        "Общество с ограниченной ответственностью «Замер и точка»",
        "ООО «Замер и точка»",
        "16",
        "12300",
    ),
)

_SCOPE = "Организации {of} области из перечня общественного совета; каждую оценивают не чаще раза в год."
_SOURCES = "Стенды и сайты организаций, осмотр помещений, анкеты посетителей на бумаге и по QR-коду."

_REASONS = ("Оценена в {year} году", "Оценка запланирована на {next} год", "Работает меньше года")


def with_parties(assessments: Iterable[Row]) -> list[Row]:
    """The rounds with who ordered them, who did them, under which contract; those of former days stay as they are."""
    return [_with_parties(row) for row in assessments]


def _with_parties(row: Row) -> Row:
    found = next((one for one in _SPHERES if one.sphere == row["sphere"]), None)
    if found is None or int(row["period"]) < YEARS[0]:
        return row
    year = int(row["period"])
    return row | {
        "authority_id": found.authority,
        "operator_id": _operator_of(found, year),
        "contract_id": _contract_id(found, year),
        "council_id": _council_id(found),
        "scope": _SCOPE.format(of=found.of),
        "sources": _SOURCES,
    }


def build_parties(seed: int, organizations: Sequence[Invented], scores: Sequence[Row]) -> list[Table]:
    """The tables of the record, in the order in which they are read."""
    contracts, items = _contracts(seed)
    rosters, listed = _rosters(organizations, scores)
    return [
        Table(name="authorities", rows=list(_authorities(seed))),
        Table(name="officials", rows=list(_officials())),
        Table(name="operators", rows=list(_operators(seed))),
        Table(name="councils", rows=list(_councils())),
        Table(name="contracts", rows=contracts),
        Table(name="contract_items", rows=items),
        Table(name="campaigns", rows=list(_campaigns())),
        Table(name="rosters", rows=rosters),
        Table(name="roster_organizations", rows=listed),
    ]


# ---- bodies --------------------------------------------------------------------------------------------------------


def _numbers(rng: Random) -> Row:
    inn, ogrn = f"00{rng.randrange(10**7):07d}", f"00{rng.randrange(10**10):010d}"
    return {
        "inn": next(inn + digit for digit in "0123456789" if is_inn(inn + digit)),
        "kpp": "000101001",
        "ogrn": next(ogrn + digit for digit in "0123456789" if is_ogrn(ogrn + digit)),
    }


def _contacts(rng: Random, host: str) -> Row:
    return {
        "phone": f"+7 (000) 000-{rng.randrange(100):02d}-{rng.randrange(100):02d}",
        "email": f"priem@{host}.example",
        "website": f"https://{host}.example/",
    }


def _authorities(seed: int) -> Iterator[Row]:
    for one in _SPHERES:
        rng = Random(f"{seed}:authority:{one.authority}")
        row = {"authority_id": one.authority, "name": one.name, "short_name": one.short, "level": one.level}
        place = {"region_code": "00", "oktmo": _REGION_OKTMO} if one.level != "federal" else {}
        address = {"address": f"г. Примерск, пл. Образцовая, д. {rng.randint(1, 9)}", "status": "published"}
        yield row | place | _numbers(rng) | _contacts(rng, one.authority.removeprefix("demo-")) | address
    yield {
        "authority_id": "demo-authority-draft",
        "name": f"{UNPUBLISHED}: ведомство, которого на сайте нет",
        "level": "municipal",
        "status": "draft",
    }


def _officials() -> Iterator[Row]:
    for one in _SPHERES:
        host = one.authority.removeprefix("demo-")
        posts = (
            ("quality", "Начальник отдела оценки качества", f"Независимая оценка в сфере {one.of}: перечни, контракты"),
            ("plans", "Главный специалист отдела планов", "Планы по устранению недостатков и их исполнение"),
        )
        for name, post, duty in posts:
            yield {
                "official_id": f"{host}-{name}",
                "authority_id": one.authority,
                "post": post,
                "duty": duty,
                "phone": "+7 (000) 000-00-00",
                "email": f"{name}@{host}.example",
                "status": "published",
            }
    yield {
        "official_id": "quality-withheld",
        "authority_id": _SPHERES[0].authority,
        "post": f"{UNPUBLISHED}: должность",
        "status": "withheld",
    }


def _operators(seed: int) -> Iterator[Row]:
    for operator_id, name, short, okfs, okopf in _OPERATORS:
        rng = Random(f"{seed}:operator:{operator_id}")
        row = {"operator_id": operator_id, "name": name, "short_name": short, "is_foreign": "false"}
        row |= _numbers(rng) | {"registered_on": f"20{rng.randint(10, 19)}-04-{rng.randint(10, 28)}"}
        row |= {"okfs": okfs, "okopf": okopf, "postcode": "000001", "country_code": "643", "region_code": "00"}
        row |= {"oktmo": "00701000", "address": f"г. Примерск, ул. Меридианная, д. {rng.randint(2, 90)}"}
        yield row | _contacts(rng, operator_id.removeprefix("demo-")) | {"status": "published"}
    yield {
        "operator_id": "demo-operator-foreign",
        "name": "Товарищество с ограниченной ответственностью «Дальний край»",
        "short_name": "ТОО «Дальний край»",
        "is_foreign": "true",
        "country_code": "398",
        "website": "https://dalniy-kray.example/",
        "status": "published",
    }
    yield {
        "operator_id": "demo-operator-withheld",
        "name": f"{UNPUBLISHED}: оператор",
        "is_foreign": "true",
        "status": "withheld",
    }


def _councils() -> Iterator[Row]:
    numbers = dict.fromkeys(_LEVEL_DIGITS, 0)
    for one in _SPHERES:
        numbers[one.level] += 1
        yield {
            "council_id": _council_id(one),
            "name": f"Общественный совет по независимой оценке в сфере {one.of}",
            "level": one.level,
            "council_code": f"{_LEVEL_DIGITS[one.level]}{_REGION_OKTMO}{numbers[one.level]:02d}",
            "oktmo": _REGION_OKTMO,
            "region_code": "00",
            "authority_id": one.authority,
            "sphere": one.sphere,
            "act_kind": "Приказ",
            "act_date": f"2022-11-{10 + len(one.sphere):02d}",
            "act_number": f"{100 + len(one.of)}-п",
            "website": f"https://{one.authority.removeprefix('demo-')}.example/sovet/",
            "status": "published",
        }
    yield {
        "council_id": "demo-council-draft",
        "name": f"{UNPUBLISHED}: совет",
        "level": "municipal",
        "status": "draft",
    }


# ---- contracts -----------------------------------------------------------------------------------------------------


def _contracts(seed: int) -> tuple[list[Row], list[Row]]:
    """One contract for each sphere and year; its price is the sum of its lines."""
    contracts, items = [], []
    for one in _SPHERES:
        for year in (*YEARS, COLLECTING):
            rng = Random(f"{seed}:contract:{one.sphere}:{year}")
            own = list(_items(rng, _contract_id(one, year)))
            price = sum((Decimal(item["total"]) for item in own), Decimal(0))
            items += own
            day = rng.randint(9, 23)
            contracts.append(
                {
                    "contract_id": _contract_id(one, year),
                    "operator_id": _operator_of(one, year),
                    "authority_id": one.authority,
                    "number": f"{rng.randint(3, 60)}-НОК/{year}",
                    "registry_number": f"00{rng.randrange(10**17):017d}",
                    "signed_on": f"{year}-01-{day:02d}",
                    "starts_on": f"{year}-02-01" if year < COLLECTING else f"{year}-01-26",
                    "ends_on": f"{year}-12-15",
                    "period": str(year),
                    "funds": "Федеральный бюджет" if one.level == "federal" else "Бюджет области",
                    "price": str(price),
                    "is_electronic": "true" if year > YEARS[0] else "false",
                    "status": "published",
                }
            )
    contracts.append(
        contracts[0] | {"contract_id": "demo-contract-draft", "number": f"{UNPUBLISHED}/1", "status": "draft"}
    )
    return contracts, items


def _items(rng: Random, contract_id: str) -> Iterator[Row]:
    lines = (
        ("Осмотр организации и её сайта по чек-листу", "осмотр", rng.randint(1800, 3200), rng.randint(40, 90)),
        ("Опрос получателей услуг, одна анкета", "анкета", rng.randint(60, 140), rng.randint(3000, 9000)),
        ("Отчёт о результатах", "отчёт", rng.randint(30_000, 90_000), 1),
    )
    for number, (name, unit, roubles, quantity) in enumerate(lines, start=1):
        price = Decimal(roubles) + Decimal(rng.choice((0, 25, 50, 75))) / 100
        yield {
            "contract_id": contract_id,
            "item": str(number),
            "name": name,
            "code": "73.20.19",
            "unit": unit,
            "unit_price": str(price.quantize(_KOPECK)),
            "quantity": str(quantity),
            "total": str((price * quantity).quantize(_KOPECK, ROUND_HALF_UP)),
        }


def _operator_of(one: _Sphere, year: int) -> str:
    return _OPERATORS[(len(one.sphere) + year) % len(_OPERATORS)][0]


def _contract_id(one: _Sphere, year: int) -> str:
    return f"demo-contract-{one.sphere}-{year}"


def _council_id(one: _Sphere) -> str:
    return f"demo-council-{one.sphere}"


# ---- campaigns -----------------------------------------------------------------------------------------------------


def _campaigns() -> Iterator[Row]:
    common = {"regions": "00", "questionnaire_id": "pilot-2026"}
    yield common | {
        "campaign_id": "demo-visit-2026",
        "name": "Оцените после визита",
        "name_en": "Rate after your visit",
        "summary": "Вымышленная кампания: после приёма в поликлинике или записи в детский сад человека просят поставить оценку по пяти критериям.",
        "summary_en": "An invented campaign: after a visit to a clinic or a kindergarten people are asked for a rating by five criteria.",
        "act": "Распоряжение от 12 января 2026 года № 4-р (вымышленное)",
        "starts_on": "2026-01-12",
        "ends_on": "2026-12-31",
        "kinds": "polyclinic preschool",
        "status": "published",
    }
    yield common | {
        "campaign_id": "demo-autumn-2025",
        "name": "Осенний опрос в библиотеках",
        "name_en": "Autumn survey in libraries",
        "summary": "Вымышленная кампания, которая уже закончилась.",
        "summary_en": "An invented campaign that is over.",
        "starts_on": "2025-09-01",
        "ends_on": "2025-11-30",
        "kinds": "library",
        "status": "published",
    }
    yield common | {
        "campaign_id": "demo-campaign-draft",
        "name": f"{UNPUBLISHED}: кампания",
        "starts_on": "2026-01-12",
        "ends_on": "2026-12-31",
        "status": "draft",
    }


# ---- lists ---------------------------------------------------------------------------------------------------------


def _rosters(organizations: Sequence[Invented], scores: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """A list for each sphere and year: assessed are those whose total of that round says anything at all."""
    rounds: dict[str, set[str]] = {}
    for row in scores:
        if row["measure"] == "total":
            rounds.setdefault(row["assessment_id"], set()).add(row["organization_id"])
    rosters, listed = [], []
    for one in _SPHERES:
        own = [made for made in organizations if made.row["sphere"] == one.sphere]
        for year in YEARS:
            entries = list(_entries(one, year, own, rounds))
            assessed = sum(row["entry"] == "assessed" for row in entries)
            listed += entries
            rosters.append(_roster(one, year, assessed, len(entries)))
    return rosters, listed


def _roster(one: _Sphere, year: int, assessed: int, subject: int) -> Row:
    share = (Decimal(100 * assessed) / subject).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return {
        "roster_id": f"demo-roster-{one.sphere}-{year}",
        "council_id": _council_id(one),
        "period": str(year),
        "sphere": one.sphere,
        "region_code": "00",
        "subject_count": str(subject),
        "declared_share": str(share),
        "act": f"Решение совета № {year % 100}/1",
        "approved_on": f"{year}-01-{8 + len(one.sphere) % 5:02d}",
        "status": "published",
    }


def _entries(
    one: _Sphere, year: int, organizations: Sequence[Invented], rounds: Mapping[str, set[str]]
) -> Iterator[Row]:
    """Everybody who worked in that year; two in a hundred are not to be published."""
    assessed = {of: rounds.get(assessment_id(one.sphere, of), set()) for of in YEARS}
    for made in organizations:
        if made.row.get("opened_on", "")[:4] > str(year) or made.row.get("closed_on", "9999")[:4] < str(year):
            continue
        row = {"roster_id": f"demo-roster-{one.sphere}-{year}", "organization_id": made.id}
        if made.id in assessed[year]:
            row["entry"] = "assessed"
        else:
            row |= {"entry": "not_assessed", "reason": _reason(made.id, year, assessed)}
        is_kept_back = Random(f"roster:{made.id}").randrange(100) < 2
        yield row | ({"is_unpublished": "true"} if is_kept_back else {})


def _reason(organization_id: str, year: int, assessed: Mapping[int, set[str]]) -> str:
    others = [of for of in YEARS if organization_id in assessed[of]]
    before = [of for of in others if of < year]
    if before:
        return _REASONS[0].format(year=before[-1])
    return _REASONS[1].format(next=others[0]) if others else _REASONS[2]
