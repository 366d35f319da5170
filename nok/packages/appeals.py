"""What a row of `appeal_statistics` must keep besides its cells: parts that are not above the whole, years that have begun."""

from collections.abc import Iterator, Mapping

from nok.packages.fields import Fault


def appeal_faults(cells: Mapping[str, str], year: int) -> Iterator[Fault]:
    """What is wrong with the numbers of one organisation and year; `year` is the present one."""
    received, answered = int(cells["received"]), int(cells["answered"])
    if int(cells["period"]) > year:
        yield Fault(column="period", rule="future-year", value=cells["period"], details={"today": str(year)})
    for column in ("answered", "overdue"):
        if cells.get(column) and int(cells[column]) > received:
            details = {"received": cells["received"]}
            yield Fault(column=column, rule=f"appeals-{column}", value=cells[column], details=details)
    if cells.get("median_days") and not answered:
        yield Fault(column="median_days", rule="appeals-median", value=cells["median_days"])
