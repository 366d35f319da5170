"""What rows about who stands behind an assessment must keep besides their cells: numbers, sums, shares, codes, addresses.

Most is said by one row. What several rows say together (the sum of a contract, the share of a list) is told when all
tables have been read. Tables are read parents first, and a table may be read twice: nothing here counts a row twice.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from nok.errors import Severity
from nok.identifiers import is_inn, is_ogrn
from nok.links import Links, is_private_mail, link_fault
from nok.packages.fields import Fault, RowCheck, compile_field, similar
from nok.packages.keys import KEY_JOINT
from nok.packages.profile import profile_schema

KOPECK = Decimal("0.01")

PERSON = re.compile(
    r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?\s+[А-ЯЁ][а-яё]+\s+[А-ЯЁ][а-яё]*(?:вич|вна|ична|ич)\b"
    r"|[А-ЯЁ][а-яё]+\s+[А-ЯЁ][а-яё]*(?:вич|вна|ична)\s+[А-ЯЁ][а-яё]+"
    r"|[А-ЯЁ][а-яё]{2,}\s+[А-ЯЁ]\.\s?[А-ЯЁ]\.|[А-ЯЁ]\.\s?[А-ЯЁ]\.\s?[А-ЯЁ][а-яё]{2,}"
)
"""What is probably a person's name: three capitalised words with a patronymic, or a surname with initials."""

ROSTERED = "roster_organizations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Words that rows may name: codes of `regions`, `kinds` of organisations, ids of `questionnaires`; an empty
    collection of kinds says that nobody knows them. `links` are the addresses that editors know."""

    regions: Collection[str] = ()
    kinds: Collection[str] = ()
    questionnaires: Collection[str] = ()
    links: Links = field(default_factory=Links)


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A fault that is told when all is read: in the row of `table` with this `key`. With `lacking` it is a fault only
    where its value is no key of that table."""

    table: str
    key: str
    fault: Fault
    lacking: str = ""


@dataclass(slots=True)
class _Read:
    """What has been read so far, by ids, so that a row that is read again changes nothing."""

    tables: set[str] = field(default_factory=set)
    contracts: dict[str, Mapping[str, str]] = field(default_factory=dict)
    items: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    levels: dict[str, tuple[str, str]] = field(default_factory=dict)
    rosters: dict[str, Mapping[str, str]] = field(default_factory=dict)
    periods: dict[tuple[str, str], str] = field(default_factory=dict)
    listed: dict[str, Counter[tuple[str, str]]] = field(default_factory=dict)
    """Package to (list, entry) to how many organisations."""
    mentions: dict[tuple[str, str], str] = field(default_factory=dict)
    """(assessment, column) to the id that stands there."""


MENTIONED: Mapping[str, str] = {
    "authority_id": "authorities",
    "operator_id": "operators",
    "contract_id": "contracts",
    "council_id": "councils",
}
"""Columns of `assessments` and the tables they lead to. They are no foreign keys: a package may name a party by the
code of a register that no package of the build holds."""

LINKED: Mapping[str, tuple[str, ...]] = {
    "authorities": ("website",),
    "operators": ("website",),
    "councils": ("website",),
    "campaigns": ("website",),
    "decisions": ("url",),
    "organizations": ("website", "appeals_url"),
}
"""Columns that hold an address of a site."""


class Parties:
    """The row rules of these tables, and what they have learnt."""

    def __init__(self, known: Known) -> None:
        self._known, self._read = known, _Read()
        self._regions = set(known.regions)
        self._counts: Counter[tuple[str, str]] = Counter()

    def of(self, table: str) -> RowCheck | None:
        """The rule of a table; `None` where it has none of its own."""
        rules: dict[str, RowCheck] = {
            "authorities": self._numbers,
            "officials": self._official,
            "operators": self._operator,
            "councils": self._council,
            "contracts": self._contract,
            "contract_items": self._item,
            "campaigns": self._campaign,
            "rosters": self._roster,
            ROSTERED: self._rostered,
        }
        return together(rules.get(table), self.links_of(table) if table in LINKED else None)

    def links_of(self, table: str) -> RowCheck:
        """The rule that looks at the addresses of a row."""
        links = self._known.links

        def check(cells: Mapping[str, str]) -> Iterator[Fault]:
            for column in LINKED[table]:
                text = cells.get(column, "")
                fault = link_fault(text, links) if text else None
                if fault is not None:
                    yield _warning(column, fault[0], text, expected=fault[1])

        return check

    def begin(self, package: str, table: str) -> None:
        """What follows are rows of a table of a package; those of the same one that came before are forgotten."""
        self._read.tables.add(table)
        if table == ROSTERED:
            self._counts = self._read.listed[package] = Counter()

    def learn_region(self, region_code: str) -> None:
        """A region that a package describes."""
        self._regions.add(region_code)

    def knows_region(self, region_code: str) -> bool:
        """True where the project or a package that was read has this region."""
        return region_code in self._regions

    def short_regions(self) -> list[str]:
        """The known codes of one symbol, and those that would be so without their zero."""
        return sorted(code for code in self._regions if len(code.removeprefix("0")) <= 1)

    def counted(self) -> list[str]:
        """What the table of listed organisations that was read last says, as texts for `recall`."""
        return [KEY_JOINT.join((*key, str(count))) for key, count in sorted(self._counts.items())]

    def recall(self, texts: Iterable[str]) -> None:
        """Counts of a table that was read in a former run, after `begin`."""
        for roster, entry, count in (text.split(KEY_JOINT) for text in texts):
            self._counts[roster, entry] += int(count)

    # -- rows --------------------------------------------------------------------------------------------------------

    def _numbers(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        for column, is_right in _CHECKED_NUMBERS.items():
            if cells.get(column) and not is_right(cells[column]):
                yield Fault(column=column, rule=column, value=cells[column])

    def _operator(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        """A foreign legal person has the numbers of its own country; what stands here of it cannot be checked."""
        if cells.get("is_foreign") == "true":
            return
        yield from self._numbers(cells)
        if not cells.get("inn"):
            yield _warning("inn", "operator-inn")

    def _official(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        for column in ("post", "duty"):
            found = PERSON.search(cells.get(column, ""))
            if found is not None:
                yield _warning(column, "personal-name", found[0])
        if is_private_mail(cells.get("email", ""), self._known.links):
            yield _warning("email", "private-mail", cells["email"])

    def _council(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        code, council = cells.get("council_code", ""), cells["council_id"]
        if not code:
            return
        oktmo = cells.get("oktmo", "")[:8]
        if oktmo and code[2:10] != oktmo:
            details = {"expected": oktmo, "found": code[2:10]}
            yield Fault(column="council_code", rule="council-code", value=code, details=details)
        first = self._read.codes.setdefault(code, council)
        if first != council:
            yield Fault(column="council_code", rule="council-code-repeated", value=code, details={"other": first})
        level, other = self._read.levels.setdefault(code[:2], (cells["level"], council))
        if level != cells["level"]:
            details = {"level": cells["level"], "digits": code[:2], "other": other, "expected": level}
            yield _warning("council_code", "council-code-level", code, **details)

    def _contract(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        self._read.contracts[cells["contract_id"]] = cells
        start, end = cells["starts_on"], cells["ends_on"]
        if end < start:
            yield Fault(column="ends_on", rule="period-order", value=end, details={"expected": start})
            return
        if cells["signed_on"] > end:
            yield _warning("signed_on", "contract-late", cells["signed_on"], expected=end)
        if not start[:4] <= cells["period"] <= end[:4]:
            yield _warning("period", "contract-period", cells["period"], start=start, end=end)

    def _item(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        price, quantity, total = (Decimal(cells[name]) for name in ("unit_price", "quantity", "total"))
        self._read.items[cells["contract_id"], cells["item"]] = total
        expected = (price * quantity).quantize(KOPECK, ROUND_HALF_UP)
        if total != expected:
            details = {"expected": f"{expected:f}", "price": cells["unit_price"], "quantity": cells["quantity"]}
            yield Fault(column="total", rule="item-total", value=cells["total"], details=details)

    def _campaign(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        if cells["ends_on"] < cells["starts_on"]:
            details = {"expected": cells["starts_on"]}
            yield Fault(column="ends_on", rule="period-order", value=cells["ends_on"], details=details)
        named = (("regions", self._regions, "campaign-region"), ("kinds", self._known.kinds, "campaign-kind"))
        for column, known, rule in named:
            for code in dict.fromkeys(cells.get(column, "").split()):
                if known and code not in known:
                    yield _warning(column, rule, code, similar=similar(code, known))
        form = cells.get("questionnaire_id", "")
        if form and form not in self._known.questionnaires:
            details = {"known": ", ".join(self._known.questionnaires)}
            yield Fault(column="questionnaire_id", rule="questionnaire-unknown", value=form, details=details)

    def _roster(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        roster, where = cells["roster_id"], (cells["council_id"], cells["period"])
        self._read.rosters[roster] = cells
        first = self._read.periods.setdefault(where, roster)
        if first != roster:
            details = {"other": first, "council": where[0]}
            yield Fault(column="period", rule="roster-repeated", value=where[1], details=details)

    def _rostered(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        """Counts only; `count` stands for so many equal rows where whole columns are read."""
        self._counts[cells["roster_id"], cells["entry"]] += int(cells.get("count", "1"))
        yield from ()

    def assessment(self, cells: Mapping[str, str]) -> Iterator[Fault]:
        """What an assessment says of its parties."""
        assessment = cells["assessment_id"]
        for column in MENTIONED:
            self._read.mentions[assessment, column] = cells.get(column, "")
        contract = self._read.contracts.get(cells.get("contract_id", ""), {})
        named, hired = cells.get("operator_id", ""), contract.get("operator_id", "")
        if named and hired and named != hired:
            details = {"contract": cells["contract_id"], "expected": hired}
            yield Fault(column="operator_id", rule="contract-operator", value=named, details=details)

    # -- all rows together -------------------------------------------------------------------------------------------

    def at_the_end(self) -> Iterator[Late]:
        """What can be told only when every table has been read."""
        yield from self._sums()
        yield from self._shares()
        for (assessment, column), value in self._read.mentions.items():
            table = MENTIONED[column]
            if value and table in self._read.tables:
                fault = _warning(column, "party-unknown", value, table=table)
                yield Late(table="assessments", key=assessment, fault=fault, lacking=table)

    def _sums(self) -> Iterator[Late]:
        sums: Counter[str] = Counter()
        totals: dict[str, Decimal] = {}
        for (contract, _), total in self._read.items.items():
            sums[contract] += 1
            totals[contract] = totals.get(contract, Decimal(0)) + total
        for contract, cells in self._read.contracts.items():
            price = cells.get("price", "")
            if price and contract in totals and Decimal(price) != totals[contract]:
                details = {"expected": f"{totals[contract].quantize(KOPECK)}", "items": str(sums[contract])}
                yield Late(table="contracts", key=contract, fault=_warning("price", "contract-price", price, **details))

    def _shares(self) -> Iterator[Late]:
        counts = sum(self._read.listed.values(), Counter[tuple[str, str]]())
        for roster, cells in self._read.rosters.items():
            assessed, others = counts[roster, "assessed"], counts[roster, "not_assessed"]
            subject = int(cells.get("subject_count") or assessed + others)
            if not assessed + others:
                continue
            numbers = {"assessed": str(assessed), "subject": str(subject)}
            if assessed > subject:
                fault = Fault(column="subject_count", rule="roster-count", value=str(subject), details=numbers)
                yield Late(table="rosters", key=roster, fault=fault)
                continue
            declared = cells.get("declared_share", "")
            share = share_percent(assessed, subject, decimals_of(declared))
            if declared and share is not None and not agrees(declared, assessed, subject):
                fault = _warning("declared_share", "roster-share", declared, expected=f"{share:f}", **numbers)
                yield Late(table="rosters", key=roster, fault=fault)


def decimals_of(number: str) -> int:
    """How many decimals a number was written with."""
    return len(number.partition(".")[2])


def share_percent(part: int, whole: int, decimals: int) -> Decimal | None:
    """`part` of `whole` in per cent, rounded half up; `None` where there is no whole.

    >>> share_percent(7, 9, 1), share_percent(0, 0, 1)
    (Decimal('77.8'), None)
    """
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)


def agrees(declared: str, part: int, whole: int) -> bool:
    """True where a declared share is `part` of `whole` within the rounding it was written with.

    >>> agrees("77.8", 7, 9), agrees("78", 7, 9), agrees("77.7", 7, 9)
    (True, True, False)
    """
    if not whole:
        return True
    half = Decimal(1).scaleb(-decimals_of(declared)) / 2
    return abs(Decimal(declared) - Decimal(100 * part) / whole) <= half


_CHECKED_NUMBERS: Mapping[str, Callable[[str], bool]] = {"inn": is_inn, "ogrn": is_ogrn}


def _warning(column: str, rule: str, value: str = "", **details: str) -> Fault:
    return Fault(column=column, rule=rule, value=value, details=details, severity=Severity.WARNING)


def together(*rules: RowCheck | None) -> RowCheck | None:
    """One rule that says what all of these say; `None` where there is none."""
    given = [rule for rule in rules if rule is not None]
    if len(given) < 2:
        return given[0] if given else None

    def check(cells: Mapping[str, str]) -> Iterator[Fault]:
        for rule in given:
            yield from rule(cells)

    return check


def doubtful_hosts(links: Links) -> Sequence[str]:
    """The hosts whose addresses must be looked at one by one."""
    return sorted(links.misspelt_hosts | {f"www.{host}" for host in links.misspelt_hosts})


def campaign_faults(row: Mapping[str, str]) -> Iterator[Fault]:
    """What is wrong with a campaign that stands in no package: its cells, and the order of its days."""
    for described in profile_schema("campaigns")["fields"]:
        name = described["name"]
        fault = compile_field(described, date.max)(row.get(name, ""))
        if fault is not None:
            yield Fault(column=name, rule=fault[0], value=row.get(name, ""), details=fault[1])
            return
    if row["ends_on"] < row["starts_on"]:
        yield Fault(column="ends_on", rule="period-order", value=row["ends_on"], details={"expected": row["starts_on"]})
