"""Which stands a print run is about, in the order of postal addresses."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import Protocol

from nok.compose.place import place_line
from nok.compose.poster import Stand
from nok.documents import nearest
from nok.errors import UsageError
from nok.site.placements import PlacementRow, standing_row
from nok.site.print_job import ListedStand
from nok.warehouse import Warehouse


class Asked(Protocol):
    """What the run was asked for."""

    @property
    def organizations(self) -> Sequence[str]: ...
    @property
    def regions(self) -> Sequence[str]: ...
    @property
    def everything(self) -> bool: ...
    @property
    def codes(self) -> Sequence[str]: ...
    @property
    def has_placements(self) -> bool: ...
    @property
    def batch(self) -> str: ...


class Choice:
    """The stands that were asked for; `closed` counts organisations that have none, once they were looked through."""

    def __init__(self, asked: Asked, rows: Mapping[str, PlacementRow], store: Warehouse) -> None:
        """`rows` are the placements of the packages by their codes."""
        self._asked, self._rows, self._store = asked, rows, store
        self.closed = 0

    def stands(self) -> Iterator[tuple[str, list[ListedStand]]]:
        """(region, its stands by postal address).

        Raises:
            UsageError: an organisation, a region or a code is not there, or a code hangs no more.
        """
        picked = self._picked()
        by_owner = self._further_rows()
        for region, group in groupby(self._store.page_order(), key=lambda pair: pair[0]):
            is_whole = self._asked.everything or region in self._asked.regions
            keys = [key for _, key in group if is_whole or key in picked]
            stands = sorted(self._stands(keys, picked, by_owner), key=lambda pair: pair[0])
            if stands:
                yield region, [stand for _, stand in stands]

    def _picked(self) -> dict[int, set[str] | None]:
        """Organisations that were named: key to the codes of theirs that were named, `None` for the usual ones."""
        picked: dict[int, set[str] | None] = {}
        for code in self._asked.codes:
            organization_id = self._owner_of(code)
            facts = self._store.find(organization_id)
            if facts is None:
                raise UsageError("print-unpublished", code=code, organization_id=organization_id)
            picked.setdefault(facts.number, set())
            named = picked[facts.number]
            if named is not None:
                named.add(code)
        for organization_id in self._asked.organizations:
            facts = self._store.find(organization_id)
            if facts is None:
                raise _no_organization(self._store, organization_id)
            picked[facts.number] = None
        regions = self._store.regions()
        for region in self._asked.regions:
            if region not in regions:
                raise UsageError(
                    "print-region", region=region, similar=nearest(region, regions), known=", ".join(regions)
                )
        return picked

    def _owner_of(self, code: str) -> str:
        row = self._rows.get(code)
        if row is None:
            for sketch in self._store.sketches():
                found = standing_row(self._rows, sketch.organization_id)
                if found is not None and found.code == code:
                    return sketch.organization_id
            raise UsageError("print-code-unknown", code=code)
        if not row.is_hanging:
            raise UsageError("print-code-state", code=code, state=row.state)
        return row.organization_id

    def _further_rows(self) -> dict[str, list[PlacementRow]]:
        """The codes that hang and stand in a row, by their organisation."""
        found: dict[str, list[PlacementRow]] = {}
        for row in self._rows.values():
            if row.is_hanging and (not self._asked.batch or row.batch == self._asked.batch):
                found.setdefault(row.organization_id, []).append(row)
        return found

    def _stands(
        self,
        keys: Sequence[int],
        picked: Mapping[int, set[str] | None],
        by_owner: Mapping[str, Sequence[PlacementRow]],
    ) -> Iterator[tuple[tuple[object, ...], ListedStand]]:
        """(place in the order of addresses, stand)."""
        for first in range(0, len(keys), _AT_ONCE):
            some = keys[first : first + _AT_ONCE]
            for key, facts in zip(some, self._store.listed(some), strict=True):
                organization = facts.organization
                further = by_owner.get(organization.organization_id, ())
                address = natural_order(place_line(organization))
                for row in self._rows_of(organization.organization_id, further, picked.get(key)):
                    order = (address, organization.name, organization.organization_id, row.place, row.code)
                    yield order, ListedStand(key=key, stand=_stand(row), language=row.language)

    def _rows_of(
        self, organization_id: str, further: Sequence[PlacementRow], named: set[str] | None
    ) -> Iterator[PlacementRow]:
        usual = standing_row(self._rows, organization_id)
        if named is not None:
            every = {row.code: row for row in self._rows.values() if row.organization_id == organization_id}
            if usual is not None:
                every.setdefault(usual.code, usual)
            yield from (every[code] for code in sorted(named))
            return
        if usual is None:
            self.closed += 1
        if usual is not None and not self._asked.batch:
            yield usual
        if self._asked.has_placements or self._asked.batch:
            shown = usual.code if usual is not None and not self._asked.batch else ""
            yield from (row for row in further if row.code != shown)


_AT_ONCE = 1000


def natural_order(text: str) -> tuple[tuple[int, str], ...]:
    """A key by which `дом 5` stands before `дом 12`.

    >>> natural_order("ул. Мира, 5") < natural_order("ул. Мира, 12")
    True
    """
    pieces = re.findall(r"\d+|\D+", text.casefold().replace("ё", "е"))
    return tuple((int(piece[:18]), "") if piece[0].isdecimal() else (-1, piece) for piece in pieces)


def _stand(row: PlacementRow) -> Stand:
    return Stand(code=row.code, place=row.place, responsible=row.responsible_post, printed_on=row.printed_day)


def _no_organization(store: Warehouse, organization_id: str) -> UsageError:
    similar = nearest(organization_id, (sketch.organization_id for sketch in islice(store.sketches(), _AT_ONCE)))
    return UsageError("print-organization", name=organization_id, similar=similar)
