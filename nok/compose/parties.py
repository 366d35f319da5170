"""Pages about who stands behind assessments: authorities, operators, councils and their lists, campaigns."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from nok import urls
from nok.compose.edition import Edition
from nok.compose.lists import pagination
from nok.compose.marking import marked_facts, marked_sections
from nok.compose.organization import web_address
from nok.compose.place import place_line
from nok.model import Cell, Fact, Link, Pagination, PartyPage, Section, TableRow
from nok.packages.parties import agrees, share_percent
from nok.questionnaire import Questionnaire
from nok.records import Organization, Region, Row
from nok.templating import decimal_sign, format_integer
from nok.warehouse_parties import (
    TABLES,
    AuthorityFacts,
    CampaignFacts,
    ContractFacts,
    CouncilFacts,
    Entry,
    ListFacts,
    OperatorFacts,
    RosterFacts,
    RoundLine,
)

ONE_PAGE = Pagination(position="", previous=None, next=None)

MOST_CONTRACTS_IN_LINES = 20
"""The lines of so many contracts stand on an operator's page; those of older ones are in the tables."""

CABINET = ("authority", "officials", "councils", "operators", "contracts", "contract-items", "rosters")
"""The sections of the federal cabinet that are written for an authority, in their order."""


# ---- the lists -----------------------------------------------------------------------------------------------------


def parties_page(facts: ListFacts, number: int, edition: Edition) -> PartyPage:
    """A page of all authorities, operators, councils or campaigns."""
    table, words, size = facts.table, edition.words, edition.config.organizations_per_page
    path = urls.parties(table, number, edition.lang)
    heading, note = words(f"page.{table}_heading"), words(f"page.{table}_lead")
    last = max(1, -(-len(facts.rows) // size))
    neighbours = [urls.parties(table, max(number + step, 1), edition.lang) for step in (-1, 1)]
    rows = tuple(_list_row(facts, row, path, edition) for row in facts.rows[(number - 1) * size : number * size])
    return PartyPage(
        title=heading if number == 1 else words("page.numbered_title", title=heading, number=number),
        description=note,
        address=edition.address(path),
        is_demonstration=facts.is_invented,
        crumbs=(_home(path, edition),),
        heading=heading,
        text_lang="",
        lead=note,
        kinds=tuple(_kind_link(one, table, path, edition) for one in TABLES),
        sections=marked_sections(
            [_section("list", words("page.parties_list"), rows, "" if rows else words("page.parties_none"))], edition
        ),
        pagination=pagination(number, last, neighbours, path, edition),
    )


def _kind_link(table: str, present: str, path: str, edition: Edition) -> Link:
    link = _list_link(table, path, edition)
    return Link(text=link.text, href="" if table == present else link.href)


def _list_row(facts: ListFacts, row: Row, path: str, edition: Edition) -> TableRow:
    words, table = edition.words, facts.table
    if table == "campaigns":
        name = _campaign_name(row, edition)
        head = Cell(
            words("page.campaign"),
            name,
            _to(urls.campaign(row["campaign_id"], edition.lang), path),
            edition.foreign(name),
        )
        state = words(f"page.campaign_{facts.states[row['campaign_id']]}")
        return TableRow(
            head=head, cells=(Cell(words("page.dates"), _dates(row, edition)), Cell(words("page.state"), state))
        )
    key, address = _ADDRESSES[table]
    href = _to(address(row[key], edition.lang), path)
    head = Cell(_heading_of(table, edition), _short(row), href, edition.foreign(_short(row)))
    cells = [Cell(words("page.place"), *_whose(row, path, edition))]
    cells.append(Cell(words("page.rounds_behind"), format_integer(facts.counts.get(row[key], 0)), is_number=True))
    return TableRow(head=head, cells=tuple(cells))


_ADDRESSES = {
    "authorities": ("authority_id", urls.authority),
    "operators": ("operator_id", urls.operator),
    "councils": ("council_id", urls.council),
}


def _heading_of(table: str, edition: Edition) -> str:
    return edition.words({"authorities": "page.authority", "operators": "page.operator"}.get(table, "page.council"))


def _whose(row: Row, path: str, edition: Edition) -> tuple[str, str, str]:
    """(text, link, language) of where a party works: its region, or the level it is of."""
    code = row.get("region_code", "")
    if not code:
        level = row.get("level", "")
        return (edition.words(f"page.level_{level}") if level else "", "", "")
    link = edition.region_link(code, path)
    return (link.text, link.href if code in edition.regions else "", link.lang)


# ---- an authority --------------------------------------------------------------------------------------------------


def authority_page(facts: AuthorityFacts, edition: Edition) -> PartyPage:
    row, words = facts.row, edition.words
    path = urls.authority(row["authority_id"], edition.lang)
    files = tuple(
        Link(
            text=words(f"page.cabinet_{section.replace('-', '_')}"),
            href=_to(urls.cabinet_file(row["authority_id"], section), path),
        )
        for section in CABINET
    )
    sections = (
        _section("rounds", words("page.rounds_ordered"), _round_rows(facts.rounds, path, edition)),
        _section("contracts", words("page.contracts"), _contract_rows(facts.contracts, path, edition, "operator")),
        _section("councils", words("page.councils_heading"), _council_rows(facts.councils, path, edition)),
        _section(
            "rosters", words("page.rosters"), _roster_rows(facts.rosters, path, edition), words("page.roster_note")
        ),
        _section("officials", words("page.officials"), _official_rows(facts.officials, edition)),
        Section(id="cabinet", heading=words("page.cabinet"), note=words("page.cabinet_note"), links=files),
    )
    return _page("authorities", row, facts.is_invented, path, tuple(_body_facts(row, path, edition)), sections, edition)


def _official_rows(rows: Iterable[Row], edition: Edition) -> tuple[TableRow, ...]:
    words = edition.words
    return tuple(
        TableRow(
            head=Cell(words("page.post"), row["post"], lang=edition.foreign(row["post"])),
            cells=(
                Cell(words("page.duty"), row.get("duty", ""), lang=edition.foreign(row.get("duty", ""))),
                Cell(words("page.phone"), row.get("phone", "")),
                Cell(words("page.email"), row.get("email", "")),
            ),
        )
        for row in rows
    )


# ---- an operator ---------------------------------------------------------------------------------------------------


def operator_page(facts: OperatorFacts, edition: Edition) -> PartyPage:
    row, words = facts.row, edition.words
    path = urls.operator(row["operator_id"], edition.lang)
    own = [
        (words("page.brand_name"), row.get("brand_name", "")),
        (words("page.foreign_operator"), words("page.yes") if row.get("is_foreign") == "true" else ""),
        (words("page.registered_on"), _day(row.get("registered_on", ""), edition)),
        (words("page.okfs"), row.get("okfs", "")),
        (words("page.okopf"), row.get("okopf", "")),
    ]
    facts_shown = [*_body_facts(row, path, edition), *(Fact(name, value) for name, value in own if value)]
    sections = [
        _section("rounds", words("page.rounds_done"), _round_rows(facts.rounds, path, edition)),
        _section("contracts", words("page.contracts"), _contract_rows(facts.contracts, path, edition, "authority")),
    ]
    with_items = [contract for contract in facts.contracts if contract.items]
    for contract in with_items[:MOST_CONTRACTS_IN_LINES]:
        heading = words("page.contract_items", number=contract.row["number"])
        note = words("page.items_sum", total=_roubles(str(_sum_of(contract)), edition))
        sections.append(
            _section(f"c-{contract.row['contract_id']}", heading, _item_rows(contract.items, edition), note)
        )
    if len(with_items) > MOST_CONTRACTS_IN_LINES:
        note = words("page.more_items", number=MOST_CONTRACTS_IN_LINES)
        data = Link(text=words("page.data_title"), href=_to(urls.data_page(edition.lang), path))
        sections.append(Section(id="more", heading=words("page.older_contracts"), note=note, links=(data,)))
    return _page("operators", row, facts.is_invented, path, tuple(facts_shown), tuple(sections), edition)


def _sum_of(contract: ContractFacts) -> Decimal:
    return sum((Decimal(item["total"]) for item in contract.items), Decimal(0))


def _item_rows(items: Iterable[Row], edition: Edition) -> tuple[TableRow, ...]:
    words = edition.words
    return tuple(
        TableRow(
            head=Cell(words("page.item"), row["name"], lang=edition.foreign(row["name"]), note=row.get("code", "")),
            cells=(
                Cell(words("page.unit_price"), _roubles(row["unit_price"], edition), is_number=True),
                Cell(
                    words("page.quantity"),
                    edition.plain_number(row["quantity"]),
                    note=row.get("unit", ""),
                    is_number=True,
                ),
                Cell(words("page.sum"), _roubles(row["total"], edition), is_number=True),
            ),
        )
        for row in items
    )


def _contract_rows(contracts: Iterable[ContractFacts], path: str, edition: Edition, other: str) -> tuple[TableRow, ...]:
    """Contracts with their other side: `operator` or `authority`."""
    return tuple(_contract_row(contract, path, edition, other) for contract in contracts)


def _contract_row(contract: ContractFacts, path: str, edition: Edition, other: str) -> TableRow:
    words, row = edition.words, contract.row
    side = contract.operator if other == "operator" else contract.authority
    address = urls.operator if other == "operator" else urls.authority
    name = _short(side) if side else row.get(f"{other}_id", "")
    href = _to(address(row[f"{other}_id"], edition.lang), path) if side else ""
    return TableRow(
        head=Cell(
            words("page.contract"),
            words("page.contract_number", number=row["number"]),
            note="; ".join(_contract_notes(row, edition)),
        ),
        cells=(
            Cell(words(f"page.{other}"), name, href, edition.foreign(name)),
            Cell(words("page.dates"), _dates(row, edition), note=words("page.contract_year", year=row["period"])),
            Cell(words("page.price"), _roubles(row["price"], edition) if row.get("price") else "", is_number=True),
        ),
    )


def _contract_notes(row: Row, edition: Edition) -> Iterator[str]:
    """When it was signed, its number in the register, out of which money, how answers are collected."""
    words = edition.words
    yield words("page.contract_signed", day=_day(row["signed_on"], edition))
    if row.get("registry_number"):
        yield words("page.contract_register", number=row["registry_number"])
    if row.get("funds"):
        yield row["funds"][:1].lower() + row["funds"][1:]
    if row.get("is_electronic"):
        yield words(f"page.electronic_{row['is_electronic']}")


# ---- a council -----------------------------------------------------------------------------------------------------


def council_page(facts: CouncilFacts, edition: Edition) -> PartyPage:
    row, words = facts.row, edition.words
    path = urls.council(row["council_id"], edition.lang)
    act = " ".join(part for part in (row.get("act_kind", ""), _act(row, edition)) if part)
    shown = list(_body_facts(row, path, edition))
    if row.get("authority_id"):
        name = _short(facts.authority) if facts.authority else row["authority_id"]
        href = _to(urls.authority(row["authority_id"], edition.lang), path) if facts.authority else ""
        shown.append(Fact(words("page.formed_at"), name, href))
    own = [
        (words("page.sphere"), edition.sphere_title(row["sphere"]) if row.get("sphere") else ""),
        (words("page.council_code"), row.get("council_code", "")),
        (words("page.act"), act),
        (words("page.decisions_count"), format_integer(facts.decisions) if facts.decisions else ""),
    ]
    shown += [Fact(name, value) for name, value in own if value]
    sections = (
        _section(
            "rosters", words("page.rosters"), _roster_rows(facts.rosters, path, edition), words("page.roster_note")
        ),
        _section("rounds", words("page.rounds_discussed"), _round_rows(facts.rounds, path, edition)),
    )
    return _page("councils", row, facts.is_invented, path, tuple(shown), sections, edition)


def _act(row: Row, edition: Edition) -> str:
    number = edition.words("page.act_number", number=row["act_number"]) if row.get("act_number") else ""
    day = edition.words("page.act_day", day=_day(row["act_date"], edition)) if row.get("act_date") else ""
    return " ".join(part for part in (number, day) if part)


def _council_rows(rows: Iterable[Row], path: str, edition: Edition) -> tuple[TableRow, ...]:
    words = edition.words
    return tuple(
        TableRow(
            head=Cell(
                words("page.council"),
                row["name"],
                _to(urls.council(row["council_id"], edition.lang), path),
                edition.foreign(row["name"]),
            ),
            cells=(
                Cell(words("page.sphere"), edition.sphere_title(row["sphere"]) if row.get("sphere") else ""),
                Cell(words("page.council_code"), row.get("council_code", "")),
            ),
        )
        for row in rows
    )


def _roster_rows(rosters: Iterable[RosterFacts], path: str, edition: Edition) -> tuple[TableRow, ...]:
    return tuple(_roster_row(one, path, edition) for one in rosters)


def _roster_row(facts: RosterFacts, path: str, edition: Edition) -> TableRow:
    words, row, count = edition.words, facts.row, facts.count
    sphere = edition.sphere_title(row["sphere"]) if row.get("sphere") else ""
    declared, computed, wrong = _shares(facts, edition)
    return TableRow(
        head=Cell(
            words("page.roster"),
            words("page.roster_year", year=row["period"]),
            _to(urls.roster(row["roster_id"], lang=edition.lang), path),
            note=sphere,
        ),
        cells=(
            Cell(words("page.subject_count"), _number(row.get("subject_count", ""), edition), is_number=True),
            Cell(words("page.assessed"), format_integer(count.assessed), is_number=True),
            Cell(words("page.not_assessed"), format_integer(count.not_assessed), is_number=True),
            Cell(words("page.declared_share"), declared, is_number=True),
            Cell(words("page.computed_share"), computed, note=wrong, is_number=True, is_wrong=bool(wrong)),
        ),
    )


def _shares(facts: RosterFacts, edition: Edition) -> tuple[str, str, str]:
    """(declared, computed, what to say where they do not agree); empty where they are not told."""
    row, count = facts.row, facts.count
    subject = int(row.get("subject_count") or count.assessed + count.not_assessed)
    declared = row.get("declared_share", "")
    share = share_percent(count.assessed, subject, 1) if count.assessed + count.not_assessed else None
    wrong = ""
    if declared and share is not None and not agrees(declared, count.assessed, subject):
        wrong = edition.words("page.share_wrong")
    return (
        _percent(edition.plain_number(declared)) if declared else "",
        _percent(edition.plain_number(f"{share:f}")) if share is not None else "",
        wrong,
    )


def _percent(number: str) -> str:
    return f"{number}\u00a0%"


# ---- a list that a council approved --------------------------------------------------------------------------------


def roster_page(
    facts: RosterFacts,
    entries: Sequence[Entry],
    organizations: Sequence[Organization],
    numbers: tuple[int, int],
    edition: Edition,
    *,
    is_invented: bool,
) -> PartyPage:
    """A page of a list; `organizations` are those of `entries`, `numbers` the page and how many pages there are."""
    row, words, (number, last) = facts.row, edition.words, numbers
    path = urls.roster(row["roster_id"], number, edition.lang)
    council = _short(facts.council) if facts.council else row["council_id"]
    title = words("page.roster_title", council=council, year=row["period"])
    rows = tuple(
        _entry_row(entry, organization, path, edition)
        for entry, organization in zip(entries, organizations, strict=True)
    )
    neighbours = [urls.roster(row["roster_id"], max(number + step, 1), edition.lang) for step in (-1, 1)]
    crumbs = [_home(path, edition), _list_link("councils", path, edition)]
    if facts.council:
        href = _to(urls.council(row["council_id"], edition.lang), path)
        crumbs.append(Link(text=council, href=href, lang=edition.foreign(council)))
    return PartyPage(
        title=title if number == 1 else words("page.numbered_title", title=title, number=number),
        description=title,
        address=edition.address(path),
        is_demonstration=is_invented,
        crumbs=tuple(crumbs),
        heading=words("page.roster_heading", year=row["period"]),
        text_lang="",
        official=edition.mixed(council),
        passport_heading=words("page.roster_passport"),
        passport=marked_facts(_roster_facts(facts, path, edition), edition) if number == 1 else (),
        sections=marked_sections(
            [_section("list", words("page.roster_organizations"), rows, "" if rows else words("page.roster_empty"))],
            edition,
        ),
        pagination=pagination(number, last, neighbours, path, edition),
    )


def _roster_facts(facts: RosterFacts, path: str, edition: Edition) -> Iterator[Fact]:
    row, count, words = facts.row, facts.count, edition.words
    declared, computed, wrong = _shares(facts, edition)
    code = row.get("region_code", "")
    values = [
        (words("page.sphere"), edition.sphere_title(row["sphere"]) if row.get("sphere") else "", ""),
        (words("page.place"), edition.region_name(code) if code else "", ""),
        (words("page.act"), row.get("act", ""), ""),
        (words("page.approved_on"), _day(row.get("approved_on", ""), edition), ""),
        (words("page.subject_count"), _number(row.get("subject_count", ""), edition), ""),
        (words("page.assessed"), format_integer(count.assessed), ""),
        (words("page.not_assessed"), format_integer(count.not_assessed), ""),
        (words("page.kept_back"), format_integer(count.kept_back) if count.kept_back else "", ""),
        (words("page.declared_share"), declared, ""),
        (words("page.computed_share"), f"{computed}. {wrong}" if wrong else computed, ""),
        (words("page.roster_file"), "CSV", _to(urls.roster_file(row["roster_id"]), path)),
    ]
    return (Fact(name, value, href) for name, value, href in values if value)


def _entry_row(entry: Entry, organization: Organization, path: str, edition: Edition) -> TableRow:
    words, name = edition.words, organization.title
    return TableRow(
        head=Cell(
            words("page.organization"),
            name,
            edition.organization_link(organization, path),
            edition.foreign(name),
            note=place_line(organization),
        ),
        cells=(
            Cell(words("page.entry"), words(f"page.entry_{entry.entry}")),
            Cell(words("page.reason"), entry.reason, lang=edition.foreign(entry.reason)),
        ),
    )


# ---- a campaign ----------------------------------------------------------------------------------------------------


def campaign_page(facts: CampaignFacts, form: Questionnaire | None, edition: Edition) -> PartyPage:
    """A campaign, where it runs, for whom, and its own criteria; `form` asks for them."""
    row, words = facts.row, edition.words
    path = urls.campaign(row["campaign_id"], edition.lang)
    name, summary = _campaign_name(row, edition), _told(row, "summary", edition)
    spheres = edition.spheres
    shown = [
        Fact(words("page.state"), words(f"page.campaign_{facts.state}")),
        Fact(words("page.dates"), _dates(row, edition)),
        Fact(words("page.act"), row.get("act", "")),
        Fact(words("page.website"), row.get("website", ""), web_address(row["website"]) if row.get("website") else ""),
        Fact(
            words("page.campaign_kinds"),
            _in_one_sentence([spheres.kind(kind).title[edition.language] for kind in row.get("kinds", "").split()])
            or words("page.all_kinds"),
        ),
    ]
    regions = tuple(_region(region, path, edition, is_shown=is_shown) for region, is_shown in facts.regions)
    heading = words("page.campaign_regions", count=words.count("page.regions_number", len(regions)))
    sections = [
        Section(
            id="regions", heading=heading if regions else words("page.all_of_regions"), links=regions, is_long=True
        ),
    ]
    if form is not None:
        href = _to(urls.questionnaire(form.id, edition.lang), path)
        shown.append(Fact(words("page.campaign_form"), form.title[edition.language], href))
        sections.insert(0, _criteria_section(form, edition))
    return PartyPage(
        title=name,
        description=summary or name,
        address=edition.address(path),
        is_demonstration=facts.is_invented,
        crumbs=(_home(path, edition), _list_link("campaigns", path, edition)),
        heading=name,
        text_lang=edition.foreign(name),
        lead=summary,
        passport_heading=words("page.campaign_passport"),
        passport=marked_facts((fact for fact in shown if fact.value), edition),
        sections=marked_sections(sections, edition),
        pagination=ONE_PAGE,
    )


def _in_one_sentence(titles: Sequence[str]) -> str:
    """`Школы, детские сады`."""
    return ", ".join([*titles[:1], *(title[:1].lower() + title[1:] for title in titles[1:])])


def _region(region: Region, path: str, edition: Edition, *, is_shown: bool) -> Link:
    """The name of a region, whether or not the packages name it; a link where it has a page."""
    text = region.name_en or region.name if edition.language == "en" else region.name
    href = _to(urls.region(region.region_code, lang=edition.lang), path) if is_shown else ""
    return Link(text=text, href=href, lang=edition.foreign(text))


def _criteria_section(form: Questionnaire, edition: Edition) -> Section:
    """What the form asks for besides the mark for the whole."""
    words = edition.words
    asked = tuple(
        Link(text=question.text[edition.language], href="")
        for question in form.questions
        if all(feed.target != "rating" for feed in question.feeds)
    )
    return Section(
        id="criteria", heading=words("page.campaign_criteria"), note=words("page.campaign_apart"), links=asked
    )


def _campaign_name(row: Row, edition: Edition) -> str:
    return _told(row, "name", edition)


def _told(row: Row, column: str, edition: Edition) -> str:
    """A text in the language of the page, where the row has it."""
    russian = row.get(column, "")
    return row.get(f"{column}_en", russian) if edition.language == "en" else russian


# ---- parts ---------------------------------------------------------------------------------------------------------


def _page(
    table: str,
    row: Row,
    is_invented: bool,
    path: str,
    passport: tuple[Fact, ...],
    sections: tuple[Section, ...],
    edition: Edition,
) -> PartyPage:
    heading, words = _short(row), edition.words
    return PartyPage(
        title=heading,
        description=words(f"page.{table}_description", name=heading),
        address=edition.address(path),
        is_demonstration=is_invented,
        crumbs=(_home(path, edition), _list_link(table, path, edition)),
        heading=heading,
        text_lang=edition.foreign(row["name"]),
        official=row["name"] if row["name"] != heading else "",
        passport_heading=words(f"page.{table}_passport"),
        passport=marked_facts(passport, edition),
        sections=marked_sections((section for section in sections if section.rows or section.links), edition),
        pagination=ONE_PAGE,
    )


def _body_facts(row: Row, path: str, edition: Edition) -> Iterator[Fact]:
    """What authorities, operators and councils have in common."""
    words = edition.words
    level = row.get("level", "")
    code = row.get("region_code", "")
    region = edition.region_link(code, path) if code else None
    values = [
        (words("page.level"), words(f"page.level_{level}") if level else "", ""),
        (
            words("page.region"),
            region.text if region else "",
            region.href if region and code in edition.regions else "",
        ),
        (
            words("page.address"),
            ", ".join(part for part in (row.get("postcode", ""), row.get("address", "")) if part),
            "",
        ),
        (words("page.phone"), row.get("phone", ""), ""),
        (words("page.email"), row.get("email", ""), ""),
        (words("page.website"), row.get("website", ""), web_address(row["website"]) if row.get("website") else ""),
        (words("page.inn"), row.get("inn", ""), ""),
        (words("page.kpp"), row.get("kpp", ""), ""),
        (words("page.ogrn"), row.get("ogrn", ""), ""),
        (words("page.oktmo"), row.get("oktmo", ""), ""),
    ]
    return (Fact(name, value, href) for name, value, href in values if value)


def _round_rows(rounds: Iterable[RoundLine], path: str, edition: Edition) -> tuple[TableRow, ...]:
    words = edition.words
    return tuple(
        TableRow(
            head=Cell(
                words("page.round"),
                item.title,
                _to(urls.assessment(item.assessment_id, edition.lang), path),
                edition.foreign(item.title),
            ),
            cells=(
                Cell(words("page.year"), str(item.period), is_number=True),
                Cell(words("page.assessment_kind"), words(f"page.kind_{item.kind}")),
                Cell(words("page.stage"), words(f"page.stage_{item.stage}")),
            ),
        )
        for item in rounds
    )


def _section(name: str, heading: str, rows: tuple[TableRow, ...], note: str = "") -> Section:
    return Section(id=name, heading=heading, note=note, rows=rows)


def _home(path: str, edition: Edition) -> Link:
    return Link(text=edition.words("page.home"), href=_to(urls.home(edition.lang), path))


def _list_link(table: str, path: str, edition: Edition) -> Link:
    return Link(text=edition.words(f"page.{table}_heading"), href=_to(urls.parties(table, lang=edition.lang), path))


def _to(target: str, origin: str) -> str:
    return urls.relative(target, origin)


def _short(row: Row) -> str:
    return row.get("short_name") or row["name"]


def _day(text: str, edition: Edition) -> str:
    return edition.day(date.fromisoformat(text)) if text else ""


def _dates(row: Row, edition: Edition) -> str:
    return f"{_day(row['starts_on'], edition)} – {_day(row['ends_on'], edition)}"


def _number(text: str, edition: Edition) -> str:
    return edition.integer(int(text)) if text else ""


def _roubles(text: str, edition: Edition) -> str:
    """Money with its kopecks, thousands apart; a price may have more decimals, which are kept."""
    whole, _, part = text.partition(".")
    sign = decimal_sign(edition.language)
    return f"{edition.integer(int(whole))}{sign}{part.ljust(2, '0')}"
