"""The record of an assessment for tests: who ordered it, who did it, under which contract, what the council listed."""

from collections.abc import Mapping
from typing import Any

from tests.conftest import ASSESSMENT_ID, valid_inn, valid_ogrn, valid_tables

Tables = dict[str, list[dict[str, object]]]

AUTHORITY = {
    "authority_id": "tomsk-health",
    "name": "Департамент здравоохранения Томской области",
    "level": "regional",
    "region_code": "70",
    "oktmo": "69000000",
    "inn": valid_inn(501),
    "ogrn": valid_ogrn(501),
    "website": "https://zdrav.example",
    "status": "published",
}
OFFICIAL = {
    "official_id": "post-1",
    "authority_id": "tomsk-health",
    "post": "Начальник отдела качества",
    "duty": "Независимая оценка",
    "email": "kachestvo@zdrav.example",
    "status": "published",
}
OPERATOR = {
    "operator_id": "medved",
    "name": "Общество с ограниченной ответственностью «Медведь»",
    "short_name": "ООО «Медведь»",
    "is_foreign": "false",
    "inn": valid_inn(502),
    "okfs": "16",
    "okopf": "12300",
    "website": "https://medved.example/",
    "status": "published",
}
COUNCIL = {
    "council_id": "os-tomsk",
    "name": "Общественный совет по независимой оценке",
    "level": "regional",
    "council_code": "026900000001",
    "oktmo": "69000000",
    "region_code": "70",
    "authority_id": "tomsk-health",
    "act_kind": "Приказ",
    "act_date": "2024-03-01",
    "act_number": "77",
    "status": "published",
}
CONTRACT = {
    "contract_id": "k-2025",
    "operator_id": "medved",
    "authority_id": "tomsk-health",
    "number": "12/2025",
    "signed_on": "2025-02-10",
    "starts_on": "2025-02-15",
    "ends_on": "2025-12-15",
    "period": "2025",
    "price": "150000.00",
    "is_electronic": "true",
    "status": "published",
}
ITEM = {"contract_id": "k-2025", "item": "1", "name": "Сбор сведений", "unit_price": "50000.00", "quantity": "3"}
ITEM |= {"total": "150000.00"}
CAMPAIGN = {
    "campaign_id": "pilot",
    "name": "Пилот области",
    "name_en": "The pilot of the region",
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "regions": "70",
    "kinds": "clinic",
    "questionnaire_id": "pilot-2026",
    "status": "published",
}
ROSTER = {
    "roster_id": "r-2025",
    "council_id": "os-tomsk",
    "period": "2025",
    "sphere": "health",
    "region_code": "70",
    "subject_count": "3",
    "declared_share": "66.7",
    "act": "Решение № 3",
    "approved_on": "2025-01-20",
    "status": "published",
}


def listed(organization_id: str, entry: str = "assessed", **cells: str) -> dict[str, object]:
    usual: dict[str, object] = {"roster_id": "r-2025", "organization_id": organization_id, "entry": entry}
    return usual | {"reason": "", "is_unpublished": ""} | cells


def record_tables(**changed: list[Mapping[str, object]] | None) -> Tables:
    """The tables of a small package that names everybody; `changed` replaces whole tables."""
    assessment = valid_tables(1, 0)["assessments"][0]
    assessment |= {"authority_id": "tomsk-health", "operator_id": "medved", "contract_id": "k-2025"}
    assessment |= {"council_id": "os-tomsk"}
    tables: dict[str, Any] = {
        "authorities": [AUTHORITY],
        "officials": [OFFICIAL],
        "operators": [OPERATOR],
        "councils": [COUNCIL],
        "contracts": [CONTRACT],
        "contract_items": [ITEM],
        "campaigns": [CAMPAIGN],
        "assessments": [assessment],
        "rosters": [ROSTER],
        "roster_organizations": [
            listed("clinic-1"),
            listed("clinic-2"),
            listed("clinic-3", "not_assessed", reason="Оценена в 2024 году"),
        ],
    }
    assert assessment["assessment_id"] == ASSESSMENT_ID
    return tables | changed
