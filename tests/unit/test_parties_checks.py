"""Whoever stands behind an assessment is checked: numbers, sums, shares, codes, addresses; each fault names its row."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import publish
from nok.links import parse_links
from tests.unit.record_support import (
    AUTHORITY,
    CAMPAIGN,
    CONTRACT,
    COUNCIL,
    ITEM,
    OFFICIAL,
    OPERATOR,
    ROSTER,
    listed,
    record_tables,
)
from tests.unit.validation_support import Check, Factory, checker

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


def test_a_whole_record_is_right(package_factory: Factory, check: Check) -> None:
    assert check(package_factory(reviews=0, tables=record_tables())).found == []


def row(table: str, number: int, rule: str, column: str, value: str) -> tuple[str, str, int, str, str]:
    return rule, f"{table}.csv", number, column, value


CASES: Mapping[str, tuple[dict[str, list[Any]], tuple[str, str, int, str, str], str, str]] = {
    "inn of an authority": (
        {"authorities": [AUTHORITY | {"inn": "7017000000"}]},
        row("authorities", 2, "inn", "inn", "7017000000"),
        "error",
        "ИНН 7017000000",
    ),
    "ogrn of an operator": (
        {"operators": [OPERATOR | {"ogrn": "1027000000000"}]},
        row("operators", 2, "ogrn", "ogrn", "1027000000000"),
        "error",
        "контрольная цифра не сходится",
    ),
    "operator without inn": (
        {"operators": [OPERATOR | {"inn": ""}]},
        row("operators", 2, "operator-inn", "inn", ""),
        "warning",
        "у оператора нет ИНН, а иностранным он не назван",
    ),
    "contract ends before it starts": (
        {"contracts": [CONTRACT | {"ends_on": "2025-02-14"}]},
        row("contracts", 2, "period-order", "ends_on", "2025-02-14"),
        "error",
        "окончание 2025-02-14 раньше начала 2025-02-15",
    ),
    "contract signed after its end": (
        {"contracts": [CONTRACT | {"signed_on": "2025-12-16"}]},
        row("contracts", 2, "contract-late", "signed_on", "2025-12-16"),
        "warning",
        "контракт заключён 2025-12-16, когда работа уже закончилась: 2025-12-15",
    ),
    "period outside the contract": (
        {"contracts": [CONTRACT | {"period": "2024"}]},
        row("contracts", 2, "contract-period", "period", "2024"),
        "warning",
        "год оценки 2024, а контракт идёт с 2025-02-15 по 2025-12-15",
    ),
    "sum of a line": (
        {"contract_items": [ITEM | {"unit_price": "0.335", "quantity": "3", "total": "1.00"}]},
        row("contract_items", 2, "item-total", "total", "1.00"),
        "error",
        "сумма строки 1.00, а 0.335 × 3 = 1.01",
    ),
    "price and lines": (
        {"contracts": [CONTRACT | {"price": "150000.01"}]},
        row("contracts", 2, "contract-price", "price", "150000.01"),
        "warning",
        "цена контракта 150000.01, а строки (1) в сумме дают 150000.00",
    ),
    "council code and oktmo": (
        {"councils": [COUNCIL | {"council_code": "027664200001"}]},
        row("councils", 2, "council-code", "council_code", "027664200001"),
        "error",
        "в коде совета 027664200001 стоит ОКТМО 76642000, а в столбце oktmo — 69000000",
    ),
    "council code twice": (
        {"councils": [COUNCIL, COUNCIL | {"council_id": "os-two"}]},
        row("councils", 3, "council-code-repeated", "council_code", "026900000001"),
        "error",
        "код 026900000001 уже у совета os-tomsk",
    ),
    "level digits": (
        {
            "councils": [
                COUNCIL,
                COUNCIL | {"council_id": "os-two", "council_code": "026900000002", "level": "municipal"},
            ]
        },
        row("councils", 3, "council-code-level", "council_code", "026900000002"),
        "warning",
        "начинается с 02, как у совета os-tomsk, а уровни у них разные: municipal и regional",
    ),
    "two lists of a council and year": (
        {"rosters": [ROSTER, ROSTER | {"roster_id": "r-again", "declared_share": ""}]},
        row("rosters", 3, "roster-repeated", "period", "2025"),
        "error",
        "у совета os-tomsk за 2025 год уже есть перечень r-2025",
    ),
    "declared share": (
        {"rosters": [ROSTER | {"declared_share": "66.6"}]},
        row("rosters", 2, "roster-share", "declared_share", "66.6"),
        "warning",
        "объявлена доля 66.6 %, а 2 из 3 — это 66.7 %",
    ),
    "more assessed than subject": (
        {"rosters": [ROSTER | {"subject_count": "1"}]},
        row("rosters", 2, "roster-count", "subject_count", "1"),
        "error",
        "подлежат оценке 1, а в перечне оцениваемых — 2",
    ),
    "organisation twice": (
        {
            "roster_organizations": [
                listed("clinic-1"),
                listed("clinic-2"),
                listed("clinic-1", "not_assessed"),
            ]
        },
        row("roster_organizations", 4, "key-repeated", "roster_id", "r-2025 + clinic-1"),
        "error",
        "«r-2025 + clinic-1» уже есть в строке 2",
    ),
    "unknown region": (
        {"campaigns": [CAMPAIGN | {"regions": "70 7O"}]},
        row("campaigns", 2, "campaign-region", "regions", "7O"),
        "warning",
        "региона «7O» нет",
    ),
    "unknown kind": (
        {"campaigns": [CAMPAIGN | {"kinds": "clinic scool"}]},
        row("campaigns", 2, "campaign-kind", "kinds", "scool"),
        "warning",
        "вида организаций «scool» нет — возможно, «school»",
    ),
    "unknown questionnaire": (
        {"campaigns": [CAMPAIGN | {"questionnaire_id": "pilot-2062"}]},
        row("campaigns", 2, "questionnaire-unknown", "questionnaire_id", "pilot-2062"),
        "error",
        "pilot-2062",
    ),
    "campaign ends before it starts": (
        {"campaigns": [CAMPAIGN | {"ends_on": "2025-12-31"}]},
        row("campaigns", 2, "period-order", "ends_on", "2025-12-31"),
        "error",
        "окончание 2025-12-31 раньше начала 2026-01-01",
    ),
    "a name instead of a post": (
        {"officials": [OFFICIAL | {"post": "Начальник отдела Петрова Анна Ивановна"}]},
        row("officials", 2, "personal-name", "post", "Петрова Анна Ивановна"),
        "warning",
        "похоже на имя человека: «Петрова Анна Ивановна»",
    ),
    "a surname with initials": (
        {"officials": [OFFICIAL | {"duty": "Вопросы — к И. И. Петрову"}]},
        row("officials", 2, "personal-name", "duty", "И. И. Петрову"),
        "warning",
        "похоже на имя человека",
    ),
    "a private mailbox": (
        {"officials": [OFFICIAL | {"email": "anna@mail.ru"}]},
        row("officials", 2, "private-mail", "email", "anna@mail.ru"),
        "warning",
        "«anna@mail.ru» — личный ящик",
    ),
    "address without scheme": (
        {"operators": [OPERATOR | {"website": "medved.example"}]},
        row("operators", 2, "link-scheme", "website", "medved.example"),
        "warning",
        "у адреса «medved.example» нет начала http:// или https://",
    ),
    "address that is none": (
        {"councils": [COUNCIL | {"website": "нет сайта"}]},
        row("councils", 2, "link-form", "website", "нет сайта"),
        "warning",
        "«нет сайта» — не адрес сайта",
    ),
    "misspelt host": (
        {"authorities": [AUTHORITY | {"website": "https://www.bas.gov.ru/info-card/1"}]},
        row("authorities", 2, "link-misspelt", "website", "https://www.bas.gov.ru/info-card/1"),
        "warning",
        "известная опечатка",
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_fault_names_its_row_and_says_what_is_wrong(
    case: tuple[dict[str, list[Any]], tuple[str, str, int, str, str], str, str],
    package_factory: Factory,
    check: Check,
) -> None:
    changed, expected, severity, said = case
    report = check(package_factory(reviews=0, tables=record_tables(**changed)))
    (problem,) = [one for one in report.problems if one["rule"] == expected[0]]
    assert tuple(problem[key] for key in ("rule", "file", "row", "column", "value")) == expected
    assert problem["severity"] == severity
    assert said in problem["message"]
    assert problem["advice"].endswith((".", "»."))
    english = check(package_factory(reviews=0, tables=record_tables(**changed)), options=("--lang", "en"))
    told = next(one for one in english.problems if one["rule"] == expected[0])
    assert told["message"] != problem["message"]
    assert "{" not in told["message"] + told["advice"] + problem["advice"]


def test_a_foreign_operator_needs_no_inn(package_factory: Factory, check: Check) -> None:
    foreign = OPERATOR | {"is_foreign": "true", "inn": "9909000000", "country_code": "112"}
    assert check(package_factory(reviews=0, tables=record_tables(operators=[foreign]))).found == []


@pytest.mark.parametrize(("share", "is_right"), [("66.67", True), ("67", True), ("66.66", False), ("66", False)])
def test_a_share_is_held_against_the_decimals_it_was_declared_with(
    share: str, is_right: bool, package_factory: Factory, check: Check
) -> None:
    report = check(package_factory(reviews=0, tables=record_tables(rosters=[ROSTER | {"declared_share": share}])))
    assert ("roster-share" not in report.rules) is is_right


def test_rows_that_are_not_published_count_in_the_share(package_factory: Factory, check: Check) -> None:
    rows = [listed("clinic-1"), listed("clinic-2", is_unpublished="true"), listed("clinic-3", "not_assessed")]
    assert check(package_factory(reviews=0, tables=record_tables(roster_organizations=rows))).found == []


@pytest.mark.parametrize(
    ("column", "table"),
    [
        ("authority_id", "authorities"),
        ("operator_id", "operators"),
        ("contract_id", "contracts"),
        ("council_id", "councils"),
    ],
)
def test_an_id_that_leads_nowhere_is_a_warning_where_the_build_has_such_a_table(
    column: str, table: str, package_factory: Factory, check: Check
) -> None:
    tables = record_tables()
    tables["assessments"][0][column] = "nobody"
    report = check(package_factory(reviews=0, tables=tables))
    assert ("party-unknown", "assessments.csv", 2, column, "nobody") in report.found
    alone = {"assessments": tables["assessments"]}
    assert check(package_factory(reviews=0, tables=alone)).found == []
    (problem,) = [one for one in report.problems if one["rule"] == "party-unknown"]
    assert problem["message"] == f"«nobody» нет в таблице {table}"


def test_the_operator_of_a_round_is_the_one_of_its_contract(package_factory: Factory, check: Check) -> None:
    other = OPERATOR | {"operator_id": "volk", "name": "ООО «Волк»"}
    tables = record_tables(operators=[OPERATOR, other])
    tables["assessments"][0]["operator_id"] = "volk"
    report = check(package_factory(reviews=0, tables=tables))
    assert report.found == [("contract-operator", "assessments.csv", 2, "operator_id", "volk")]
    assert report.problems[0]["message"] == "оператор оценки — volk, а контракт k-2025 заключён с medved"


def test_parties_of_one_package_stand_behind_rounds_of_another(
    package_factory: Factory, check: Check, tmp_path: Path
) -> None:
    tables = record_tables()
    parties = {name: rows for name, rows in tables.items() if name not in ("assessments", "roster_organizations")}
    rest = {"assessments": tables["assessments"], "roster_organizations": tables["roster_organizations"]}
    first = package_factory("one", organizations=0, tables=parties | dict.fromkeys(KEPT_OUT), folder=tmp_path / "one")
    second = package_factory("two", reviews=0, tables=rest, folder=tmp_path / "two")
    assert check(first, second).found == []
    assert check(second, options=("--with", str(first))).found == []


KEPT_OUT = ("organizations", "assessments", "scores", "reviews", "replies")


def test_a_site_of_an_organisation_is_looked_at_and_never_stops_anything(
    package_factory: Factory, check: Check
) -> None:
    folder = package_factory(organizations=3, reviews=0)
    text = (folder / "organizations.csv").read_text("utf-8")
    text = text.replace("https://clinic-1.example", "clinic-1.example")
    (folder / "organizations.csv").write_text(
        text.replace("https://clinic-2", "http://bus.gov.ru/pub/indepentedRating?")
    )
    report = check(folder)
    assert report.code == 0
    assert [found[:4] for found in report.found] == [
        ("link-scheme", "organizations.csv", 2, "website"),
        ("link-misspelt", "organizations.csv", 3, "website"),
    ]
    assert "https://clinic-1.example" in report.problems[0]["advice"]
    assert "http://bus.gov.ru/pub/independentRating?.example" in report.problems[1]["advice"]


def test_a_thousand_warnings_are_told_and_the_rest_counted(package_factory: Factory, check: Check) -> None:
    folder = package_factory(organizations=1005, reviews=0, tables={"scores": None})
    text = (folder / "organizations.csv").read_text("utf-8")
    (folder / "organizations.csv").write_text(text.replace("https://clinic", "clinic"), "utf-8")
    report = check(folder)
    assert report.code == 0
    assert report.rules.count("link-scheme") == 1000
    assert report.found[-1] == ("more-warnings", "organizations.csv", None, "", "5")


def test_the_list_of_misspellings_knows_those_that_were_met() -> None:
    known = parse_links((ROOT / "content" / "links.yaml").read_text("utf-8"), "links.yaml").misspelt
    for wrong in ("bas.gov.ru", "bys.gov.ru", "disk.rskazna.ru", "bus.gov.ru/pub/indepentedRating".lower()):
        assert wrong in known


def test_a_list_of_misspellings_that_cannot_be_followed_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (content / "publication.yaml").write_text("title: Проба\n", "utf-8")
    (content / "links.yaml").write_text("misspelt:\n  bas.gov.ru: bas.gov.ru\n", "utf-8")
    assert publish.main(["build", "--config", str(content / "publication.yaml")]) == 1
    assert "«bas.gov.ru» названо ошибочным написанием самого себя" in capsys.readouterr().err
