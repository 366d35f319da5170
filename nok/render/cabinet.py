"""The sections of the federal cabinet for one authority, and the lists of councils, as tables for whoever fills it in.

The headings are the words of the cabinet's own forms; the columns behind them are those of the packages, so that each
section says nothing that is not published already. docs/cabinet.md lists them.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nok.packages.write import RowWriter
from nok.records import Organization, Row
from nok.warehouse_parties import AuthorityFacts, Entry, RosterFacts

Columns = Mapping[str, str]
"""Heading to column."""

_BODY: Columns = {
    "Полное наименование": "name",
    "Сокращённое наименование": "short_name",
    "ИНН": "inn",
    "КПП": "kpp",
    "ОГРН": "ogrn",
    "ОКТМО": "oktmo",
    "Адрес": "address",
    "Телефон": "phone",
    "Адрес электронной почты": "email",
    "Сайт": "website",
}

SECTIONS: Mapping[str, Columns] = {
    "authority": {"Уровень": "level", **_BODY},
    "officials": {
        "Должность": "post",
        "Полномочия": "duty",
        "Телефон": "phone",
        "Адрес электронной почты": "email",
    },
    "councils": {
        "Код общественного совета": "council_code",
        "Наименование общественного совета": "name",
        "Сфера деятельности": "sphere",
        "Наименование вида документа": "act_kind",
        "Дата документа": "act_date",
        "Номер документа": "act_number",
    },
    "operators": {
        "Иностранное юридическое лицо": "is_foreign",
        **_BODY,
        "Фирменное наименование": "brand_name",
        "Дата постановки на учёт": "registered_on",
        "ОКФС": "okfs",
        "ОКОПФ": "okopf",
        "Почтовый индекс": "postcode",
        "Код страны": "country_code",
    },
    "contracts": {
        "ИНН оператора": "operator_inn",
        "Дата заключения контракта": "signed_on",
        "Номер контракта": "number",
        "Номер реестровой записи контракта": "registry_number",
        "Объём финансовых средств": "funds",
        "Цена контракта, руб.": "price",
        "Дата начала исполнения": "starts_on",
        "Дата окончания исполнения": "ends_on",
        "Сбор информации в электронном виде": "is_electronic",
        "Период (год)": "period",
    },
    "contract-items": {
        "Номер контракта": "number",
        "Наименование объекта закупки": "name",
        "Код позиции": "code",
        "Единица": "unit",
        "Цена за единицу": "unit_price",
        "Количество": "quantity",
        "Сумма": "total",
    },
    "rosters": {
        "Период (год)": "period",
        "Код общественного совета": "council_code",
        "Сфера деятельности": "sphere",
        "Количество организаций, включённых в перечень": "assessed",
        "Не проводится оценка": "not_assessed",
        "Количество организаций, подлежащих оценке": "subject_count",
        "Удельный вес, %": "declared_share",
        "Документ": "act",
        "Дата документа": "approved_on",
        "Перечень": "roster_id",
    },
}
"""File to the columns of a section."""

ROSTER_COLUMNS: Columns = {
    "Период (год)": "period",
    "Код общественного совета": "council_code",
    "Оценка проводится": "entry",
    "Причина": "reason",
    "Полное наименование организации": "name",
    "ИНН": "inn",
    "КПП": "kpp",
    "ОГРН": "ogrn",
    "Сфера деятельности": "sphere",
    "Вид организации": "kind",
    "ОКТМО": "oktmo",
    "Номер на bus.gov.ru": "bus_agency_id",
    "Идентификатор": "organization_id",
}


def cabinet_files(facts: AuthorityFacts) -> Iterator[tuple[str, bytes]]:
    """(section, its table) of an authority, every section, even where it has no rows."""
    contracts = [contract.row for contract in facts.contracts]
    operators = {contract.row["operator_id"]: contract.operator for contract in facts.contracts if contract.operator}
    named = [row for row in contracts if row["operator_id"] in operators]
    rows: Mapping[str, Iterable[Row]] = {
        "authority": [facts.row],
        "officials": facts.officials,
        "councils": facts.councils,
        "operators": operators.values(),
        "contracts": [{**row, "operator_inn": operators[row["operator_id"]].get("inn", "")} for row in named],
        "contract-items": [
            {**item, "number": contract.row["number"]} for contract in facts.contracts for item in contract.items
        ],
        "rosters": [_roster(one) for one in facts.rosters],
    }
    for section, columns in SECTIONS.items():
        yield section, _table(columns, rows[section])


def _roster(facts: RosterFacts) -> Row:
    counts = {"assessed": str(facts.count.assessed), "not_assessed": str(facts.count.not_assessed)}
    return {**facts.row, **counts, "council_code": facts.council.get("council_code", "")}


def roster_csv(facts: RosterFacts, rows: Sequence[tuple[Entry, Organization]]) -> bytes:
    """A whole list: the organisations that are assessed, then those that are not."""
    common = {"period": facts.row["period"], "council_code": facts.council.get("council_code", "")}
    named = [name for name in ROSTER_COLUMNS.values() if name in Organization.__dataclass_fields__]
    return _table(
        ROSTER_COLUMNS,
        (
            {
                **common,
                "entry": "true" if entry.entry == "assessed" else "false",
                "reason": entry.reason,
                **{name: getattr(organization, name) for name in named},
            }
            for entry, organization in rows
        ),
    )


def _table(columns: Columns, rows: Iterable[Row]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = RowWriter(buffer)
    writer.write(list(columns))
    for row in rows:
        writer.write([row.get(name, "") for name in columns.values()])
    return buffer.getvalue().encode()
