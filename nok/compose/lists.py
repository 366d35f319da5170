"""Lists of organisations: a region's own pages and one sphere of one region."""

from collections import Counter
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

from nok import urls
from nok.compose.aggregates import kind_rows, mean_mark, municipality_rows, states_text
from nok.compose.appeals import region_appeals
from nok.compose.assessment import has_points, stacked, weakest
from nok.compose.course import band_rows, bands_message
from nok.compose.edition import Edition, Scales
from nok.compose.kin import closed_text
from nok.compose.place import place_line
from nok.method import Method
from nok.model import (
    BandRow,
    Door,
    Fact,
    Link,
    ListRow,
    MapView,
    Mark,
    Pagination,
    RegionPage,
    SphereRegionPage,
    SphereRow,
)
from nok.ranking import Standing
from nok.records import Aggregate, AppealSum, Organization, ScoreState
from nok.statistics import summarize_ratings
from nok.templating import NO_BREAK, format_integer
from nok.warehouse_facts import Group, ListFacts, Round

STATES = (ScoreState.NOT_ASSESSED, ScoreState.EXEMPT, ScoreState.TOO_FEW, ScoreState.NO_DATA)
"""The states that are no score, in the order in which they are told."""


def list_row(
    facts: ListFacts, origin: str, edition: Edition, *, is_on_map: bool = False, method: Method | None = None
) -> ListRow:
    """One organisation: place among its peers, points, weakest criterion, citizens' mean with its number.

    Peers are of one kind and one round, so the kind is told with the year of the round; and that its points are by
    another method than `method`, where a list is in the order of points by it.
    """
    organization, words, latest = facts.organization, edition.words, facts.latest
    scales = edition.scales.get(latest.assessment.method_id) if latest else None
    summary = summarize_ratings(facts.distribution, edition.config.minimum_ratings)
    if summary.mean is not None:
        citizens = edition.number(summary.mean, 1)
    else:
        citizens = words("page.few_ratings" if summary.count else "page.no_ratings")
    mark = edition.state_marks[ScoreState.NOT_ASSESSED]
    kind, rank, weak, age = edition.kind_word(organization.kind, 1), "", "", ""
    if latest is not None and scales is not None:
        mark = edition.mark(latest.scores.get("total"), scales.total)
        rank = rank_text(latest.standing)
        kind = f"{kind}, {latest.assessment.period}" if rank else kind
        if method is not None and scales.method.id != method.id and mark.points:
            kind = f"{kind}, {words('page.state_other_method')}"
        weak = _weakest_text(latest, scales)
        age = age_text(latest, organization, edition)
    return ListRow(
        organization_id=organization.organization_id,
        name=organization.title,
        href=edition.organization_link(organization, origin),
        place=place_line(organization),
        kind=kind,
        rank=rank,
        mark=mark,
        weakest=weak,
        citizens=citizens,
        citizens_count=words.count("page.ratings", summary.count) if summary.count else "",
        is_on_map=is_on_map and organization.latitude is not None,
        text_lang=edition.foreign(organization.name),
        age=age,
        closed=closed_text(organization.closed_on, edition),
    )


def age_text(latest: Round, organization: Organization, edition: Edition) -> str:
    """`4 года назад, просрочена`; empty where the round gave no points."""
    if not has_points(latest):
        return ""
    age = edition.ages[latest.assessment.period, latest.assessment.method_id]
    return f"{age.ago}, {edition.words('page.overdue')}" if age.is_overdue and not organization.closed_on else age.ago


def rank_text(standing: Standing | None) -> str:
    """`43 (38–51)`: the place, and the places that the survey leaves open."""
    if standing is None:
        return ""
    rank = format_integer(standing.rank)
    if standing.first is None or standing.last is None or standing.first == standing.last:
        return rank
    return f"{rank} ({format_integer(standing.first)}–{format_integer(standing.last)})"


def _weakest_text(latest: Round, scales: Scales) -> str:
    found = weakest(latest, scales)
    return f"{found[0].short} {found[1].mark.points}" if found else ""


def pagination(number: int, last: int, paths: Sequence[str], origin: str, edition: Edition) -> Pagination:
    """Neighbours of page `number` of `last`; `paths` are those of the page before, and after (empty where none)."""
    words = edition.words
    before, after = paths
    return Pagination(
        position=words("page.position", number=number, last=last) if last > 1 else "",
        previous=Link(text=words("page.previous"), href=urls.relative(before, origin)) if number > 1 else None,
        next=Link(text=words("page.next"), href=urls.relative(after, origin)) if number < last else None,
    )


def sphere_row(
    group: Group, name: str, href: str, edition: Edition, aggregate: Aggregate | None = None, note: str = ""
) -> SphereRow:
    """One region and sphere in numbers; median and mean only where its newest assessment has points.

    `aggregate` is the sphere as a whole: it tells why some have no points; `note` goes before that.
    """
    method = edition.methods.get(_method_id(group, edition))
    median = Mark(points="", word=edition.words("page.state_not_assessed"))
    if group.median is not None and method is not None:
        median = edition.scales[method.id].total.rounded[group.median]
    return SphereRow(
        name=name,
        href=href,
        organizations=format_integer(group.organizations),
        assessed=format_integer(group.assessed),
        median=median,
        ratings=format_integer(group.ratings),
        mean=mean_mark(group.total, group.assessed, method, edition).points,
        states="; ".join(part for part in (note, states_text(aggregate, edition) if aggregate else "") if part),
    )


def _method_id(group: Group, edition: Edition) -> str:
    return edition.method_of.get(group.assessment_id, "")


# ---- a region ------------------------------------------------------------------------------------------------------


def region_page(
    region_code: str,
    groups: Sequence[Group],
    facts: Sequence[ListFacts],
    number: int,
    map_view: MapView | None,
    plan: tuple[int, int],
    is_demonstration: bool,
    edition: Edition,
    aggregates: Sequence[Aggregate] = (),
    appeals: Sequence[AppealSum] = (),
    *,
    has_feed: bool = False,
) -> RegionPage:
    """Page `number` of a region; the first has the spheres, the facts, the map and the appeals.

    `aggregates` and `appeals` are all of the region; only the first page needs the latter.
    """
    words, size = edition.words, edition.config.organizations_per_page
    path = urls.region(region_code, number, edition.lang)
    name = edition.region_name(region_code)
    organizations = sum(group.organizations for group in groups)
    last = max(1, -(-organizations // size))
    neighbours = [urls.region(region_code, max(number + step, 1), edition.lang) for step in (-1, 1)]
    return RegionPage(
        title=name if number == 1 else words("page.numbered_title", title=name, number=number),
        description=words("page.region_description", name=name, count=words.count("page.organizations", organizations)),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(Link(text=words("page.all_regions"), href=urls.relative(urls.regions(edition.lang), path)),),
        name=name,
        text_lang=edition.foreign(name),
        lead=words("page.region_lead", count=words.count("page.organizations", organizations)),
        facts=_region_facts(groups, plan, edition) if number == 1 else (),
        spheres=_sphere_rows(groups, aggregates, path, edition) if number == 1 else (),
        list_heading=words("page.list_heading"),
        list_note=words("page.list_note", count=format_integer(organizations)),
        rows=tuple(list_row(item, path, edition, is_on_map=map_view is not None) for item in facts),
        pagination=pagination(number, last, neighbours, path, edition),
        map=map_view,
        municipalities=_municipalities(region_code, aggregates, path, edition) if number == 1 else (),
        campaigns=edition.campaign_links(region_code, None, path) if number == 1 else (),
        data=(
            Link(text=words("page.data_of_region"), href=urls.relative(urls.data_page(edition.lang), path)),
            ratings_link(region_code, path, edition),
            *aggregate_links(partial(urls.region_aggregates, region_code), path, edition),
            *(_appeal_links(region_code, path, edition) if appeals else ()),
            Link(text=words("page.changed_heading"), href=urls.relative(urls.changed(region_code, edition.lang), path)),
            Link(text=words("page.reports_heading"), href=urls.relative(urls.reports(edition.lang), path)),
        ),
        appeals=region_appeals(appeals, edition),
        feed_href=urls.relative(urls.region_feed(region_code), path) if has_feed and number == 1 else "",
    )


def ratings_link(region_code: str, origin: str, edition: Edition) -> Link:
    """The way to all rating lists of a region."""
    text = edition.words("page.ratings_in", region=edition.region_name(region_code))
    return Link(text=text, href=urls.relative(urls.ratings_of(region_code, edition.lang), origin))


def _appeal_links(region_code: str, origin: str, edition: Edition) -> tuple[Link, ...]:
    """Links to the two forms of what is added up of appeals."""
    return tuple(
        Link(
            text=edition.words(f"page.appeals_{ending}"),
            href=urls.relative(urls.region_appeals(region_code, ending), origin),
        )
        for ending in ("json", "csv")
    )


def _municipalities(region_code: str, aggregates: Sequence[Aggregate], path: str, edition: Edition) -> tuple[Door, ...]:
    """The municipalities of a region by name, those organisations last that name none."""
    numbers: Counter[str] = Counter()
    numbers[""] = sum(item.organizations for item in aggregates if item.scope == "sphere")
    for item in aggregates:
        if item.scope == "municipality":
            numbers[item.name] += item.organizations
            numbers[""] -= item.organizations
    shown = {name: edition.place_name(region_code, name) for name in +numbers}
    return tuple(
        Door(
            text=shown[name] or edition.words("page.no_municipality"),
            number=format_integer(numbers[name]),
            lang=edition.foreign(shown[name]),
            href=urls.relative(urls.municipality(region_code, name, edition.lang), path),
        )
        for name in sorted(shown, key=lambda name: (not name, shown[name]))
    )


def aggregate_links(address: Callable[[str], str], origin: str, edition: Edition) -> tuple[Link, ...]:
    """Links to the two forms of what is added up."""
    return tuple(
        Link(text=edition.words(f"page.aggregates_{ending}"), href=urls.relative(address(ending), origin))
        for ending in ("json", "csv")
    )


def _region_facts(groups: Sequence[Group], plan: tuple[int, int], edition: Edition) -> tuple[Fact, ...]:
    words = edition.words
    organizations = sum(group.organizations for group in groups)
    assessed, ratings = sum(group.assessed for group in groups), sum(group.ratings for group in groups)
    facts = [
        Fact(name=words.plural("page.organizations_here", organizations), value=format_integer(organizations)),
        Fact(name=words("page.assessed_latest"), value=format_integer(assessed)),
        Fact(name=words.plural("page.ratings_here", ratings), value=format_integer(ratings)),
    ]
    done, promised = plan
    if promised:
        name = words("page.plan_done", done=format_integer(done), promised=format_integer(promised))
        facts.append(Fact(name=name, value=edition.share(done, promised)))
    return tuple(facts)


def _sphere_rows(
    groups: Sequence[Group], aggregates: Sequence[Aggregate], path: str, edition: Edition
) -> tuple[SphereRow, ...]:
    whole = {item.sphere: item for item in aggregates if item.scope == "sphere"}
    return tuple(
        sphere_row(
            group,
            edition.sphere_title(group.sphere),
            edition.sphere_region_link(group.sphere, group.region_code, path).href,
            edition,
            whole.get(group.sphere),
        )
        for group in in_sphere_order(groups, edition)
    )


def in_sphere_order(groups: Sequence[Group], edition: Edition) -> list[Group]:
    """Groups of one region in the order of `content/spheres.yaml`, unknown spheres last."""
    known = list(edition.spheres.spheres)
    return sorted(groups, key=lambda group: known.index(group.sphere) if group.sphere in known else len(known))


# ---- one sphere of one region --------------------------------------------------------------------------------------


def sphere_region_page(
    group: Group,
    others: Sequence[Group],
    totals: Sequence[tuple[str, str, str]],
    facts: Sequence[ListFacts],
    number: int,
    is_demonstration: bool,
    edition: Edition,
    aggregates: Sequence[Aggregate] = (),
) -> SphereRegionPage:
    """Page `number` of the organisations of one sphere, best points first; the first page has the shares of bands.

    `totals` are (assessment, points or "", state) of every organisation of the group, `aggregates` all of the group; the
    first page alone needs both.
    """
    words, size = edition.words, edition.config.organizations_per_page
    path = urls.sphere_region(group.sphere, group.region_code, number, edition.lang)
    region = edition.region_name(group.region_code)
    title = words("page.sphere_in_region", sphere=edition.sphere_title(group.sphere), region=region)
    last = max(1, -(-group.organizations // size))
    neighbours = [
        urls.sphere_region(group.sphere, group.region_code, max(number + step, 1), edition.lang) for step in (-1, 1)
    ]
    method = edition.methods.get(_method_id(group, edition))
    bands = _band_rows(totals, method, edition) if number == 1 and method else ()
    return SphereRegionPage(
        title=title if number == 1 else words("page.numbered_title", title=title, number=number),
        description=title,
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(
            Link(text=words("page.all_regions"), href=urls.relative(urls.regions(edition.lang), path)),
            edition.region_link(group.region_code, path),
        ),
        heading=title,
        text_lang=edition.foreign(region),
        lead=words(
            "page.sphere_lead",
            assessed=format_integer(group.assessed),
            count=words.count("page.of_organizations", group.organizations),
        ),
        spheres=tuple(
            Link(
                text=edition.sphere_title(other.sphere),
                href="" if other.sphere == group.sphere else _first_page(other, path, edition),
            )
            for other in in_sphere_order(others, edition)
        ),
        message=bands_message(bands, edition),
        bands=bands,
        facts=_sphere_facts(group, method, edition) if number == 1 else (),
        source_note=method.title[edition.language] if method else "",
        ratings=ratings_link(group.region_code, path, edition),
        list_heading=words("page.list_by_points"),
        list_note=f"{words('page.list_note', count=format_integer(group.organizations))} {words('page.ranges_note')}",
        rows=tuple(list_row(item, path, edition, method=method) for item in facts),
        pagination=pagination(number, last, neighbours, path, edition),
        kinds=kind_rows(aggregates, method, edition),
        municipalities=municipality_rows(aggregates, method, edition),
    )


def _first_page(group: Group, path: str, edition: Edition) -> str:
    return edition.sphere_region_link(group.sphere, group.region_code, path).href


def _sphere_facts(group: Group, method: Method | None, edition: Edition) -> tuple[Fact, ...]:
    words = edition.words
    facts = []
    if group.median is not None and method is not None:
        facts.append(Fact(name=words("page.median_total"), value=edition.number(group.median, method.decimals)))
        mean = mean_mark(group.total, group.assessed, method, edition).points
        facts.append(Fact(name=words("page.mean_total", count=format_integer(group.assessed)), value=mean))
    facts.append(Fact(name=words.plural("page.ratings_here", group.ratings), value=format_integer(group.ratings)))
    return tuple(facts)


def _band_rows(totals: Sequence[tuple[str, str, str]], method: Method, edition: Edition) -> tuple[BandRow, ...]:
    """The bands from the best down, then one row for all that have no points; none where the method has no bands."""
    bands = method.total.bands
    if not bands:
        return ()
    counts: Counter[int] = Counter()
    states: Counter[str] = Counter()
    for assessment_id, points, state in totals:
        if points and edition.method_of.get(assessment_id) == method.id:
            value = Decimal(points)
            counts[next(number for number, band in enumerate(bands) if value <= band.upto)] += 1
        else:
            states[state if not points else "other_method"] += 1
    rest = states.total()
    rows = list(band_rows([counts[number] for number in range(len(bands))], rest, method, edition))
    if states:
        place, width = stacked([*counts.values(), rest])[-1]
        rows.append(
            BandRow(
                level=0,
                word=_states_word(states, edition),
                range="",
                count=format_integer(states.total()),
                share="—",
                x=place,
                width=width,
            )
        )
    return tuple(rows)


def _states_word(states: Counter[str], edition: Edition) -> str:
    words = edition.words
    told = [
        f"{words(f'page.state_{state}')}{NO_BREAK}{states[state]}"
        for state in (*STATES, "other_method")
        if states[state]
    ]
    return words("page.no_score", states=", ".join(told))
