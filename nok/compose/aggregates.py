"""What is added up of many organisations, as pages show it: how many, how many with points, their mean, why the rest have
none. Only what one method gave is added up; spheres are never added to each other."""

from collections.abc import Iterable, Sequence
from dataclasses import fields

from nok.compose.edition import Edition
from nok.method import Method
from nok.model import AggregateRow, Mark
from nok.records import Aggregate
from nok.statistics import exact_mean
from nok.templating import NO_BREAK, format_integer
from nok.warehouse_pack import SCALE

STATES = ("not_assessed", "exempt", "too_few", "no_data", "other_method")
_COUNTS = tuple(field.name for field in fields(Aggregate) if field.type is int or field.type == "int")


def mean_mark(total: int, assessed: int, method: Method | None, edition: Edition) -> Mark:
    """The arithmetic mean of totals (whole numbers of 10⁻¹⁰) as a mark: exact, rounded once, half upwards."""
    if method is None or not assessed:
        return Mark(points="", word=edition.words("page.nobody_counted"))
    mean = exact_mean(total, assessed, SCALE, method.decimals)
    mark = edition.mark_points(mean, method.total, method.decimals)
    return Mark(points=edition.number(mean, method.decimals), word=mark.word, level=mark.level, width=mark.width)


def states_text(aggregate: Aggregate, edition: Edition) -> str:
    """`без балла: не оценивалась 5, исключение 2; с баллом 0: 1`; empty where there is nothing to tell."""
    words = edition.words
    counts = [(state, getattr(aggregate, state)) for state in STATES]
    told = ", ".join(
        f"{words(f'page.state_{state}')}{NO_BREAK}{format_integer(number)}" for state, number in counts if number
    )
    parts = [words("page.no_score", states=told)] if told else []
    if aggregate.zeros:
        parts.append(words("page.real_zeros", count=format_integer(aggregate.zeros)))
    return "; ".join(parts)


def aggregate_row(aggregate: Aggregate, name: str, method: Method | None, edition: Edition) -> AggregateRow:
    return AggregateRow(
        name=name,
        lang=edition.foreign(name),
        organizations=format_integer(aggregate.organizations),
        assessed=format_integer(aggregate.assessed),
        mean=mean_mark(aggregate.total, aggregate.assessed, method, edition),
        states=states_text(aggregate, edition),
    )


def kind_rows(aggregates: Iterable[Aggregate], method: Method | None, edition: Edition) -> tuple[AggregateRow, ...]:
    """One row a kind, by name."""
    rows = [(edition.kind_word(item.name, 1), item) for item in aggregates if item.scope == "kind"]
    return tuple(aggregate_row(item, _capital(name), method, edition) for name, item in sorted(rows, key=_by_name))


def municipality_rows(
    aggregates: Iterable[Aggregate], method: Method | None, edition: Edition
) -> tuple[AggregateRow, ...]:
    """One row a municipality, by name: places of municipalities are not published."""
    rows = [
        (edition.place_name(item.region_code, item.name), item) for item in aggregates if item.scope == "municipality"
    ]
    return tuple(aggregate_row(item, name, method, edition) for name, item in sorted(rows, key=_by_name))


def _by_name(row: tuple[str, Aggregate]) -> tuple[str, str]:
    return row[0], row[1].name


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def added_up(aggregates: Sequence[Aggregate]) -> list[Aggregate]:
    """The same scopes of several regions as one: kinds of a sphere over the country, or the sphere as a whole."""
    found: dict[tuple[str, str, str], Aggregate] = {}
    for item in aggregates:
        key = (item.sphere, item.scope, item.name)
        found[key] = _sum(found[key], item) if key in found else item
    return list(found.values())


def _sum(one: Aggregate, other: Aggregate) -> Aggregate:
    counts = {name: getattr(one, name) + getattr(other, name) for name in _COUNTS}
    return Aggregate(region_code="", sphere=one.sphere, scope=one.scope, name=one.name, **counts)
