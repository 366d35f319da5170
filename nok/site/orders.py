"""In which order organisations stand in lists: found once, for to count to a page costs as much as to read all."""

from array import array

from nok.warehouse import Warehouse
from nok.warehouse_facts import IndicatorGroup, Measured, RatingList


class Orders:
    """The orders of one process; those of lists whose pages are written one after another are remembered singly."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._orders: dict[tuple[str, str], array[int]] = {}
        self._groups: dict[tuple[str, str], dict[tuple[str, ...], IndicatorGroup]] = {}
        self._turns_of: tuple[str, dict[int, int]] = ("", {})
        self._ordered: tuple[IndicatorGroup | RatingList | None, list[int]] = (None, [])

    def of_list(self, region_code: str, sphere: str = "", *, higher_is_better: bool = True) -> "array[int]":
        """Keys of the organisations of a list; asked for once, for to count to a page costs as much as to read all."""
        if (region_code, sphere) not in self._orders:
            self._orders[region_code, sphere] = (
                self._warehouse.ranked(region_code, sphere, higher_is_better=higher_is_better)
                if sphere
                else self._warehouse.in_page_order(region_code)
            )
        return self._orders[region_code, sphere]

    def turns(self, region_code: str) -> dict[int, int]:
        """The organisations of one region to their turn in page order; of the last region that was asked for."""
        if self._turns_of[0] != region_code:
            self._turns_of = (region_code, {key: turn for turn, key in enumerate(self.of_list(region_code))})
        return self._turns_of[1]

    def indicator_groups(self, method_id: str, measure: str) -> dict[tuple[str, ...], IndicatorGroup]:
        """The groups of an indicator in their order, by region, sphere and kind as addresses name them."""
        if (method_id, measure) not in self._groups:
            groups = self._warehouse.indicator_groups(method_id, measure)
            self._groups[method_id, measure] = {(one.region_code, one.sphere, one.kind or "_"): one for one in groups}
        return self._groups[method_id, measure]

    def of_indicator(self, group: IndicatorGroup, measured: dict[int, Measured]) -> list[int]:
        """The organisations of a list in its order; remembered, for its pages are written one after another."""
        if self._ordered[0] != group:
            place = {key: turn for turn, key in enumerate(measured)}
            keys = self._warehouse.indicator_keys(group)
            self._ordered = (group, [key for equals in keys for key in sorted(equals, key=place.__getitem__)])
        return self._ordered[1]

    def of_rating(self, item: RatingList) -> list[int]:
        """The organisations of a list in its order; remembered, for its pages are written one after another."""
        if self._ordered[0] != item:
            turns, groups = self.turns(item.region_code), self._warehouse.rating_keys(item)
            self._ordered = (item, [key for equals in groups for key in sorted(equals, key=turns.__getitem__)])
        return self._ordered[1]
