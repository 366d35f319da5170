"""Who stands behind assessments, gathered from the small tables: what each page about them shows, and nothing besides.

A page is made from one of these records alone, so that a digest of the record tells whether the page is still right.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from nok.packages.visible import PARTIES
from nok.records import Assessment, Region, Row, record, row_record
from nok.warehouse import Warehouse
from nok.warehouse_pack import digest

TABLES = ("authorities", "operators", "councils", "campaigns")
"""The tables that have a list and a page for each row."""

_NO_ROW: Row = {}


class RoundLine(NamedTuple):
    """What a party's page says of an assessment."""

    assessment_id: str
    title: str
    period: int
    sphere: str
    kind: str
    stage: str


@row_record
class RosterCount:
    """How many organisations a list has, and how many of them are shown nowhere."""

    assessed: int = 0
    not_assessed: int = 0
    kept_back: int = 0


@record
class ContractFacts:
    """A contract with its lines and the names of both sides; a name is empty where no package tells it."""

    row: Row
    items: tuple[Row, ...]
    operator: Row
    authority: Row


@record
class RosterFacts:
    """A list, how much it holds, and the council that approved it."""

    row: Row
    council: Row
    count: RosterCount


@record
class AuthorityFacts:
    row: Row
    is_invented: bool
    officials: tuple[Row, ...]
    councils: tuple[Row, ...]
    contracts: tuple[ContractFacts, ...]
    rosters: tuple[RosterFacts, ...]
    rounds: tuple[RoundLine, ...]


@record
class OperatorFacts:
    row: Row
    is_invented: bool
    contracts: tuple[ContractFacts, ...]
    rounds: tuple[RoundLine, ...]


@record
class CouncilFacts:
    row: Row
    is_invented: bool
    authority: Row
    rosters: tuple[RosterFacts, ...]
    decisions: int
    rounds: tuple[RoundLine, ...]


@record
class CampaignFacts:
    """`regions` are told with whether they have a page; `state` is `coming`, `running` or `over` on the build's day."""

    row: Row
    is_invented: bool
    state: str
    regions: tuple[tuple[Region, bool], ...]


@record
class ListFacts:
    """The rows of one table in the order of their names; `counts` are by their keys."""

    table: str
    key: str
    """The column that is the key of the table."""
    is_invented: bool
    rows: tuple[Row, ...]
    counts: Mapping[str, int]
    states: Mapping[str, str]


class Entry(NamedTuple):
    """An organisation in a list as it may be shown."""

    key: int
    entry: str
    reason: str
    stamp: str


class Listing:
    """The organisations of one list that may be shown, in page order; kept as numbers, for a country has a million."""

    def __init__(self, said: list[tuple[str, str]]) -> None:
        """`said` are pairs of an entry and a reason, shared by all lists: few of them occur."""
        self._said, self.keys, self.marks = said, array("q"), array("L")
        self.stamps: list[str] = []

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, key: int, mark: int, stamp: str) -> None:
        """`mark` is the place in `said`."""
        self.keys.append(key)
        self.marks.append(mark)
        self.stamps.append(stamp)

    def extend(self, other: "Listing") -> None:
        self.keys.extend(other.keys)
        self.marks.extend(other.marks)
        self.stamps.extend(other.stamps)

    def part(self, first: int, last: int) -> list[Entry]:
        """The entries from `first` to before `last`."""
        numbers = range(first, min(last, len(self)))
        return [Entry(self.keys[at], *self._said[self.marks[at]], self.stamps[at]) for at in numbers]


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What runs between two days in some regions and for some kinds of organisations; empty sets mean all."""

    row: Row
    regions: frozenset[str]
    kinds: frozenset[str]

    def covers(self, region_code: str, kind: str | None = None) -> bool:
        """True for an organisation of this region and kind; without a kind, for a region some of whose are covered."""
        is_kind = kind is None or not self.kinds or kind in self.kinds
        return is_kind and (not self.regions or region_code in self.regions)


class Running:
    """The campaigns that run on a day."""

    def __init__(self, rows: Iterable[Row], today: date) -> None:
        self._campaigns = tuple(
            Campaign(
                row=row,
                regions=frozenset(row.get("regions", "").split()),
                kinds=frozenset(row.get("kinds", "").split()),
            )
            for row in rows
            if state_of(row, today) == "running"
        )
        self._found: dict[tuple[str, str | None], tuple[Row, ...]] = {}

    def of(self, region_code: str, kind: str | None = None) -> tuple[Row, ...]:
        """Those that an organisation of this region and kind takes part in, or those of a region."""
        asked = (region_code, kind)
        if asked not in self._found:
            self._found[asked] = tuple(one.row for one in self._campaigns if one.covers(region_code, kind))
        return self._found[asked]

    def stamp(self, region_code: str, kind: str | None = None) -> str:
        """A digest of what pages say of them; `-` where there are none."""
        rows = self.of(region_code, kind)
        return digest(*(repr([row.get(name) for name in _TOLD]) for row in rows)) if rows else "-"


_TOLD = ("campaign_id", "name", "name_en", "ends_on")


def state_of(row: Row, today: date) -> str:
    """`coming`, `running` or `over`."""
    day = today.isoformat()
    return "coming" if day < row["starts_on"] else "over" if day > row["ends_on"] else "running"


class PartyIndex:
    """The small tables of a store, by what they point to; the records of pages are made of it."""

    def __init__(self, store: Warehouse, today: date) -> None:
        self._store, self._today = store, today

    def ids(self, table: str) -> list[str]:
        """Every row that has a page."""
        return list(self._rows(table))

    def row(self, table: str, key: str) -> Row:
        """The row of an authority, an operator, a council or a contract; empty where no package tells it."""
        return self._rows(table).get(key, _NO_ROW)

    def facts(self, table: str, key: str) -> "AuthorityFacts | OperatorFacts | CouncilFacts | CampaignFacts":
        """What the page of a row of one of `TABLES` shows."""
        if table == "authorities":
            return self.authority(key)
        if table == "operators":
            return self.operator(key)
        return self.council(key) if table == "councils" else self.campaign(key)

    # -- pages -------------------------------------------------------------------------------------------------------

    def authority(self, key: str) -> AuthorityFacts:
        councils = self._grouped("councils", "authority_id").get(key, [])
        return AuthorityFacts(
            row=self._rows("authorities")[key],
            is_invented=key in self._invented["authorities"],
            officials=tuple(self._grouped("officials", "authority_id").get(key, ())),
            councils=tuple(councils),
            contracts=self._contracts("authority_id", key),
            rosters=tuple(one for council in councils for one in self._rosters_of(council["council_id"])),
            rounds=self._rounds("authority_id", key),
        )

    def operator(self, key: str) -> OperatorFacts:
        return OperatorFacts(
            row=self._rows("operators")[key],
            is_invented=key in self._invented["operators"],
            contracts=self._contracts("operator_id", key),
            rounds=self._rounds("operator_id", key),
        )

    def council(self, key: str) -> CouncilFacts:
        row = self._rows("councils")[key]
        decisions = self._grouped("decisions", "body_id").get(key, ())
        return CouncilFacts(
            row=row,
            is_invented=key in self._invented["councils"],
            authority=self.row("authorities", row.get("authority_id", "")),
            rosters=self._rosters_of(key),
            decisions=sum(one["body"] == "council" for one in decisions),
            rounds=self._rounds("council_id", key),
        )

    def campaign(self, key: str) -> CampaignFacts:
        row = self._rows("campaigns")[key]
        known = self._store.regions()
        return CampaignFacts(
            row=row,
            is_invented=key in self._invented["campaigns"],
            state=state_of(row, self._today),
            regions=tuple(
                (self._store.described_region(code), code in known) for code in row.get("regions", "").split()
            ),
        )

    def listed(self, table: str) -> ListFacts:
        """The list of all rows of a table; beside each, how many rounds it stands behind, or a campaign's state."""
        rows, column = self._rows(table), PARTIES[table]
        counts: dict[str, int] = {}
        if table != "campaigns":
            for item in self._store.assessments().values():
                name = getattr(item, column)
                if name in rows:
                    counts[name] = counts.get(name, 0) + 1
        states = {key: state_of(row, self._today) for key, row in rows.items()} if table == "campaigns" else {}
        return ListFacts(
            table=table,
            key=column,
            is_invented=bool(self._invented[table]),
            rows=tuple(sorted(rows.values(), key=lambda row: row["name"].casefold())),
            counts=counts,
            states=states,
        )

    # -- lists of organisations --------------------------------------------------------------------------------------

    @cached_property
    def rosters(self) -> Mapping[str, RosterFacts]:
        """Every list, newest first."""
        rows = sorted(self._store.small("rosters"), key=lambda row: (-int(row["period"]), row["roster_id"]))
        return {
            row["roster_id"]: RosterFacts(
                row=row,
                council=self.row("councils", row["council_id"]),
                count=self._counts.get(row["roster_id"], RosterCount()),
            )
            for row in rows
        }

    def entries_of(self, roster_id: str) -> Listing:
        """Of one list; empty where nobody stands in it."""
        return self.entries.get(roster_id) or Listing([])

    def is_invented(self, roster_id: str) -> bool:
        """True for a list of a demonstration."""
        return roster_id in self._invented_rosters

    @cached_property
    def _invented_rosters(self) -> frozenset[str]:
        return self._store.invented("rosters", "roster_id")

    @property
    def entries(self) -> Mapping[str, Listing]:
        """List to the organisations that may be shown in it: the assessed first, each in page order."""
        return self._lists[0]

    @property
    def _counts(self) -> Mapping[str, RosterCount]:
        return self._lists[1]

    @cached_property
    def _lists(self) -> tuple[Mapping[str, Listing], Mapping[str, RosterCount]]:
        said: dict[tuple[str, str], int] = {}
        known: list[tuple[str, str]] = []
        shown: tuple[dict[str, Listing], dict[str, Listing]] = ({}, {})
        numbers: dict[str, list[int]] = {}
        for key, is_hidden, entries, stamp in self._store.rostered():
            for roster, entry, reason, is_unpublished in entries:
                is_other = entry != "assessed"
                count = numbers.setdefault(roster, [0, 0, 0])
                count[is_other] += 1
                if is_hidden or is_unpublished == "true":
                    count[2] += 1
                    continue
                mark = said.setdefault((entry, reason), len(known))
                if mark == len(known):
                    known.append((entry, reason))
                if roster not in shown[is_other]:
                    shown[is_other][roster] = Listing(known)
                shown[is_other][roster].add(key, mark, stamp)
        whole = {roster: Listing(known) for roster in numbers}
        for roster, listing in whole.items():
            for found in shown:
                if roster in found:
                    listing.extend(found.pop(roster))
        return whole, {roster: RosterCount(*count) for roster, count in numbers.items()}

    # -- parts -------------------------------------------------------------------------------------------------------

    def _rows(self, table: str) -> Mapping[str, Row]:
        if table not in self._by_key:
            self._by_key[table] = {row[PARTIES[table]]: row for row in self._store.small(table)}
        return self._by_key[table]

    def _grouped(self, table: str, column: str) -> Mapping[str, Sequence[Row]]:
        """The rows of a table by what stands in a column; those where nothing stands are left out."""
        if (table, column) not in self._by_column:
            found: dict[str, list[Row]] = {}
            for row in self._store.small(table):
                if row.get(column):
                    found.setdefault(row[column], []).append(row)
            self._by_column[table, column] = found
        return self._by_column[table, column]

    @cached_property
    def _by_column(self) -> dict[tuple[str, str], Mapping[str, Sequence[Row]]]:
        return {}

    def _rosters_of(self, council_id: str) -> tuple[RosterFacts, ...]:
        """Newest first."""
        own = [self.rosters[row["roster_id"]] for row in self._grouped("rosters", "council_id").get(council_id, ())]
        return tuple(sorted(own, key=lambda one: (-int(one.row["period"]), one.row["roster_id"])))

    @cached_property
    def _by_key(self) -> dict[str, Mapping[str, Row]]:
        return {}

    @cached_property
    def _invented(self) -> Mapping[str, frozenset[str]]:
        return {table: self._store.invented(table, PARTIES[table]) for table in TABLES}

    def _contracts(self, column: str, key: str) -> tuple[ContractFacts, ...]:
        """Those that name `key` in `column`, newest first."""
        items = self._grouped("contract_items", "contract_id")
        own = self._grouped("contracts", column).get(key, ())
        return tuple(
            ContractFacts(
                row=row,
                items=tuple(sorted(items.get(row["contract_id"], ()), key=lambda item: int(item["item"]))),
                operator=self.row("operators", row["operator_id"]),
                authority=self.row("authorities", row.get("authority_id", "")),
            )
            for row in sorted(own, key=lambda row: (row["signed_on"], row["contract_id"]), reverse=True)
        )

    def _rounds(self, column: str, key: str) -> tuple[RoundLine, ...]:
        return tuple(map(_line, self._by_party.get((column, key), ())))

    @cached_property
    def _by_party(self) -> Mapping[tuple[str, str], list[Assessment]]:
        found: dict[tuple[str, str], list[Assessment]] = {}
        for item in self._store.assessments().values():
            for column in ("authority_id", "operator_id", "council_id"):
                if getattr(item, column):
                    found.setdefault((column, getattr(item, column)), []).append(item)
        return found


def _line(item: Assessment) -> RoundLine:
    return RoundLine(item.assessment_id, item.title, item.period, item.sphere, item.kind, item.stage)
