"""Reports for whoever watches over a region or the country, and what has been mended lately.

Points are added up within one sphere and one method only; organisations, measures and ratings are things that may be
counted together.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from nok import urls
from nok.compose.aggregates import mean_mark
from nok.compose.course import round_row
from nok.compose.edition import Edition
from nok.compose.lists import in_sphere_order
from nok.compose.place import place_line
from nok.model import (
    AggregateRow,
    ChangedPage,
    ChangeRow,
    Fact,
    Link,
    Mark,
    MeansTable,
    ReportPage,
    ReportRow,
    ReportsPage,
    ReportsRegion,
    RoundRow,
)
from nok.records import Organization, PlanMeasure, record
from nok.statistics import median_of_counts
from nok.templating import format_integer
from nok.warehouse_course import RoundCourse, YearCourse
from nok.warehouse_facts import Group

Item = TypeVar("Item")

MOST_CHANGES = 200
"""So many measures stand on a page of what has changed; their number is told, and all of them are in the data."""


@record
class Year:
    """What a report of one year is made from; of one region, or of all.

    `rounds` and `years` are by sphere, `places` and `place_years` by municipality (none in the report of all regions);
    `present` counts the organisations of today by municipality.
    """

    region_code: str
    year: int
    groups: Sequence[Group]
    rounds: Sequence[RoundCourse]
    years: Sequence[YearCourse]
    places: Sequence[RoundCourse] = ()
    place_years: Sequence[YearCourse] = ()
    present: Mapping[str, int] | None = None


def year_of(
    region_code: str,
    year: int,
    groups: Sequence[Group],
    rounds: Iterable[RoundCourse],
    years: Iterable[YearCourse],
    periods: Mapping[str, int],
    *,
    places: Iterable[RoundCourse] = (),
    place_years: Iterable[YearCourse] = (),
    present: Mapping[str, int] | None = None,
) -> Year:
    """What of all this belongs to one year; `periods` are the years of independent rounds."""
    return Year(
        region_code=region_code,
        year=year,
        groups=groups,
        rounds=[item for item in rounds if periods.get(item.assessment_id) == year],
        years=[item for item in years if item.year == year],
        places=[item for item in places if periods.get(item.assessment_id) == year],
        place_years=[item for item in place_years if item.year == year],
        present=present,
    )


def years_with_reports(
    rounds: Iterable[RoundCourse], years: Iterable[YearCourse], periods: Mapping[str, int]
) -> list[int]:
    """The years that have a report, newest first: those of independent rounds and those of ratings."""
    found = {periods[item.assessment_id] for item in rounds if item.assessment_id in periods}
    return sorted(found | {item.year for item in years}, reverse=True)


# ---- a year --------------------------------------------------------------------------------------------------------


def report_page(told: Year, all_years: Sequence[int], is_demonstration: bool, edition: Edition) -> ReportPage:
    """The report; `all_years` are those of the same region that have one, newest first."""
    words, place = edition.words, (told.region_code, told.year)
    path = urls.report(*place, edition.lang)
    name = edition.region_name(told.region_code) if told.region_code else words("page.whole_country")
    heading = words("page.report_heading", name=name, year=told.year)
    plan, ratings = _by_sphere(told, edition), _ratings_by_sphere(told, edition)
    return ReportPage(
        title=heading,
        description=words("page.report_description", name=name, year=told.year),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=_crumbs(told.region_code, path, edition),
        heading=heading,
        text_lang=edition.foreign(name),
        lead=words("page.report_lead"),
        facts=_facts(told, edition),
        coverage_heading=_coverage_heading(told, edition),
        rounds=_round_rows(told, path, edition),
        plan_heading=_plan_heading(told, edition),
        plan_note=_overdue_note(told.rounds, edition),
        plan=plan,
        ratings_heading=_ratings_heading(told, edition),
        ratings=ratings,
        places_heading=words("page.by_municipality" if told.region_code else "page.by_region"),
        places_label=words("page.municipality" if told.region_code else "page.region"),
        places=_places(told, edition) if told.region_code else _regions(told, path, edition),
        means=_means(told, edition),
        years=tuple(_year_link(told.region_code, year, path, edition) for year in all_years if year != told.year),
        changed=_changed_link(told.region_code, path, edition),
        files=(
            Link(text=words("page.report_table"), href=urls.relative(urls.report_table(*place), path)),
            Link(text=words("page.all_tables"), href=urls.relative(urls.data_page(edition.lang), path)),
        ),
    )


def _crumbs(region_code: str, path: str, edition: Edition) -> tuple[Link, ...]:
    reports = Link(text=edition.words("page.reports_heading"), href=urls.relative(urls.reports(edition.lang), path))
    return (reports, edition.region_link(region_code, path)) if region_code else (reports,)


def _year_link(region_code: str, year: int, path: str, edition: Edition) -> Link:
    return Link(text=str(year), href=urls.relative(urls.report(region_code, year, edition.lang), path))


def _changed_link(region_code: str, path: str, edition: Edition) -> Link:
    target = urls.changed(region_code, edition.lang)
    return Link(text=edition.words("page.changed_heading"), href=urls.relative(target, path))


def _present(groups: Iterable[Group]) -> int:
    return sum(group.organizations for group in groups)


def _overdue(rounds: Iterable[RoundCourse], edition: Edition) -> int:
    return sum(item.overdue(edition.today) for item in rounds)


def _replies(years: Iterable[YearCourse]) -> Counter[int]:
    """Days from a review to its reply, to how many replies took so long."""
    found: Counter[int] = Counter()
    for item in years:
        found.update(item.days)
    return found


def _days(years: Iterable[YearCourse], edition: Edition) -> str:
    """The median of days; empty without a reply."""
    middle = median_of_counts(_replies(years))
    if middle is None:
        return ""
    return edition.number(middle, 0 if middle == middle.to_integral() else 1)


def _facts(told: Year, edition: Edition) -> tuple[Fact, ...]:
    words = edition.words
    assessed = sum(item.assessed for item in told.rounds)
    done, standing = sum(item.done for item in told.rounds), sum(item.standing for item in told.rounds)
    ratings = sum(item.ratings for item in told.years)
    days = _days(told.years, edition)
    facts = []
    if assessed:
        facts.append(Fact(name=words.plural("page.results_here", assessed), value=format_integer(assessed)))
    if standing:
        name = words("page.plan_done", done=format_integer(done), promised=format_integer(standing))
        facts.append(Fact(name=name, value=edition.share(done, standing)))
    facts.append(Fact(name=words.plural("page.ratings_here", ratings), value=format_integer(ratings)))
    if days:
        facts.append(Fact(name=words("page.median_days"), value=days))
    return tuple(facts)


# ---- coverage and points -------------------------------------------------------------------------------------------


def _coverage_heading(told: Year, edition: Edition) -> str:
    words, assessed = edition.words, sum(item.assessed for item in told.rounds)
    if not assessed:
        return words("page.report_nobody")
    whole = words.count("page.of_organizations", _present(told.groups))
    return words("page.report_coverage", assessed=format_integer(assessed), count=whole)


def _round_rows(told: Year, path: str, edition: Edition) -> tuple[RoundRow, ...]:
    """One row a sphere and method, in the order of spheres."""
    by_method: dict[tuple[str, str], list[RoundCourse]] = {}
    for item in told.rounds:
        by_method.setdefault((item.sphere, edition.method_of[item.assessment_id]), []).append(item)
    present: Counter[str] = Counter()
    for group in told.groups:
        present[group.sphere] += group.organizations
    order = [group.sphere for group in in_sphere_order(told.groups, edition)]
    rows = sorted(by_method.items(), key=lambda one: (order.index(one[0][0]), one[0][1]))
    return tuple(
        _round_row(sphere, method_id, found, present[sphere], path, edition) for (sphere, method_id), found in rows
    )


def _round_row(
    sphere: str, method_id: str, rounds: Sequence[RoundCourse], present: int, path: str, edition: Edition
) -> RoundRow:
    names = {item.assessment_id for item in rounds}
    href = urls.relative(urls.assessment(next(iter(names)), edition.lang), path) if len(names) == 1 else ""
    method = edition.methods.get(method_id)
    return round_row(rounds, present, method, edition, name=edition.sphere_title(sphere), href=href)


# ---- plans, ratings, places ----------------------------------------------------------------------------------------


def _plan_heading(told: Year, edition: Edition) -> str:
    words, done = edition.words, sum(item.done for item in told.rounds)
    standing = sum(item.standing for item in told.rounds)
    if not standing:
        return words("page.report_no_plan")
    heading = words("page.report_plan", done=format_integer(done), promised=words.count("page.plan_of", standing))
    overdue = _overdue(told.rounds, edition)
    return heading + (words.plural("page.plan_overdue", overdue, number=overdue) if overdue else "")


def _overdue_note(rounds: Sequence[RoundCourse], edition: Edition) -> str:
    """By which day measures are overdue; empty where none is, so that a page without any does not change daily."""
    if not _overdue(rounds, edition):
        return ""
    return edition.words("page.overdue_by", day=edition.day(edition.today))


def _ratings_heading(told: Year, edition: Edition) -> str:
    words, ratings = edition.words, sum(item.ratings for item in told.years)
    if not ratings:
        return words("page.report_no_ratings")
    heading = words.plural("page.report_ratings", ratings, number=format_integer(ratings))
    days = _days(told.years, edition)
    return heading + (words("page.report_replies", days=days) if days else "")


def _row(
    name: str,
    rounds: Sequence[RoundCourse],
    years: Sequence[YearCourse],
    edition: Edition,
    *,
    href: str = "",
    present: int | None = None,
) -> ReportRow:
    standing = sum(item.standing for item in rounds)
    done = format_integer(sum(item.done for item in rounds))
    overdue, assessed = _overdue(rounds, edition), format_integer(sum(item.assessed for item in rounds))
    of = edition.words
    return ReportRow(
        name=name,
        href=href,
        lang=edition.foreign(name),
        organizations="" if present is None else format_integer(present),
        assessed=assessed if present is None else of("page.of", part=assessed, whole=format_integer(present)),
        proposals=format_integer(sum(item.recommendations for item in rounds)),
        done=of("page.of", part=done, whole=format_integer(standing)) if standing else "",
        overdue=format_integer(overdue),
        is_overdue=overdue > 0,
        ratings=format_integer(sum(item.ratings for item in years)),
        replies=format_integer(sum(item.replies for item in years)),
        days=_days(years, edition),
    )


def _by_sphere(told: Year, edition: Edition) -> tuple[ReportRow, ...]:
    """Plans; only spheres that have proposals or measures."""
    found = _split(told.rounds, lambda item: item.sphere)
    return tuple(
        _row(edition.sphere_title(sphere), found[sphere], (), edition)
        for sphere in _spheres(told, edition)
        if any(item.standing or item.recommendations for item in found.get(sphere, ()))
    )


def _ratings_by_sphere(told: Year, edition: Edition) -> tuple[ReportRow, ...]:
    found = _split(told.years, lambda item: item.sphere)
    return tuple(
        _row(edition.sphere_title(sphere), (), found[sphere], edition)
        for sphere in _spheres(told, edition)
        if any(item.ratings or item.replies for item in found.get(sphere, ()))
    )


def _spheres(told: Year, edition: Edition) -> list[str]:
    return list(dict.fromkeys(group.sphere for group in in_sphere_order(told.groups, edition)))


def _split(items: Iterable[Item], key: Callable[[Item], str]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def _places(told: Year, edition: Edition) -> tuple[ReportRow, ...]:
    """One row a municipality, by name."""
    rounds, years = _split(told.places, lambda item: item.name), _split(told.place_years, lambda item: item.name)
    present = told.present or {}
    return tuple(
        _row(
            edition.place_name(told.region_code, name),
            rounds.get(name, ()),
            years.get(name, ()),
            edition,
            present=present.get(name, 0),
        )
        for name in sorted(rounds.keys() | years.keys())
    )


def _regions(told: Year, path: str, edition: Edition) -> tuple[ReportRow, ...]:
    """One row a region, by its code."""
    rounds, years = (
        _split(told.rounds, lambda item: item.region_code),
        _split(told.years, lambda item: item.region_code),
    )
    present: Counter[str] = Counter()
    for group in told.groups:
        present[group.region_code] += group.organizations
    return tuple(
        _row(
            edition.region_name(code),
            rounds.get(code, ()),
            years.get(code, ()),
            edition,
            href=urls.relative(urls.report(code, told.year, edition.lang), path),
            present=present[code],
        )
        for code in sorted(rounds.keys() | years.keys())
    )


def _means(told: Year, edition: Edition) -> tuple[MeansTable, ...]:
    """The means of municipalities, a table a sphere; a municipality has no place among others."""
    found = _split(told.places, lambda item: item.sphere)
    tables = []
    for sphere in _spheres(told, edition):
        rows = tuple(_mean_row(item, edition) for item in found.get(sphere, ()) if item.assessed)
        if rows:
            heading = edition.words("page.means_heading", sphere=edition.sphere_title(sphere))
            tables.append(MeansTable(heading=heading, id=f"m-{sphere}", rows=rows))
    return tuple(tables)


def _mean_row(item: RoundCourse, edition: Edition) -> AggregateRow:
    method = edition.methods.get(edition.method_of[item.assessment_id])
    return AggregateRow(
        name=item.name,
        lang=edition.foreign(item.name),
        organizations=format_integer(item.organizations),
        assessed=format_integer(item.assessed),
        mean=mean_mark(item.total, item.assessed, method, edition) if method else Mark(points="", word=""),
        states="",
    )


# ---- all reports, and what has changed -----------------------------------------------------------------------------


def reports_page(
    country: Sequence[int], regions: Mapping[str, Sequence[int]], is_demonstration: bool, edition: Edition
) -> ReportsPage:
    """All reports; `country` are the years of the whole, `regions` those of each region, newest first."""
    words, path = edition.words, urls.reports(edition.lang)
    return ReportsPage(
        title=words("page.reports_heading"),
        description=words("page.reports_description"),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(Link(text=words("page.home"), href=urls.relative(urls.home(edition.lang), path)),),
        heading=words("page.reports_heading"),
        lead=words("page.reports_lead"),
        years=tuple(_year_link("", year, path, edition) for year in country),
        changed=_changed_link("", path, edition),
        regions=tuple(
            ReportsRegion(
                name=edition.region_name(code),
                lang=edition.foreign(edition.region_name(code)),
                years=tuple(_year_link(code, year, path, edition) for year in years),
                changed=_changed_link(code, path, edition),
            )
            for code, years in sorted(regions.items())
        ),
    )


def changed_page(
    region_code: str,
    number: int,
    found: Sequence[tuple[Organization, PlanMeasure]],
    regions: Mapping[str, int],
    listed: Collection[tuple[str, str, str, str, str]],
    is_demonstration: bool,
    edition: Edition,
) -> ChangedPage:
    """The `found` newest of `number` measures that were done in the last twelve months; `regions` counts them where all
    regions are told together, `listed` are the lists of indicators that there are: method, indicator, region, sphere,
    kind."""
    words, path = edition.words, urls.changed(region_code, edition.lang)
    name = edition.region_name(region_code) if region_code else words("page.whole_country")
    heading = words("page.changed_title", name=name)
    return ChangedPage(
        title=heading,
        description=words("page.changed_description", name=name),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=_crumbs(region_code, path, edition),
        heading=heading,
        text_lang=edition.foreign(name),
        lead=words.plural("page.changed_lead", number, number=format_integer(number))
        if number
        else words("page.changed_none"),
        note=words("page.changed_newest", count=len(found)) if len(found) < number else "",
        rows=tuple(_change_row(*one, listed, path, edition) for one in found),
        regions=tuple(
            Fact(
                name=edition.region_name(code),
                value=words.count("page.measures_done", done),
                href=urls.relative(urls.changed(code, edition.lang), path),
            )
            for code, done in sorted(regions.items())
        ),
        report=Link(text=words("page.reports_heading"), href=urls.relative(urls.reports(edition.lang), path)),
    )


def _change_row(
    organization: Organization,
    measure: PlanMeasure,
    listed: Collection[tuple[str, str, str, str, str]],
    path: str,
    edition: Edition,
) -> ChangeRow:
    method_id = edition.method_of.get(measure.assessment_id, "")
    scale = edition.scales[method_id].by_id.get(measure.indicator) if method_id in edition.scales else None
    where = (organization.region_code, organization.sphere, organization.kind)
    href = ""
    if (method_id, measure.indicator, *where) in listed:
        href = edition.indicator_lists(method_id, organization, path)[measure.indicator]
    elif scale is not None:
        href = urls.relative(urls.method(method_id, edition.lang), path)
    return ChangeRow(
        day=edition.day(measure.done_on) if measure.done_on else "",
        organization=organization.title,
        href=edition.organization_link(organization, path) + "#plan",
        place=place_line(organization),
        text_lang=edition.foreign(organization.title),
        action=measure.action,
        shortcoming=measure.shortcoming,
        indicator=f"{measure.indicator} {scale.heading}" if scale else measure.indicator,
        indicator_href=href,
        evidence=measure.evidence,
    )
