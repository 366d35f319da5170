"""The pages of one indicator: what it measures, where it was measured, and who stands in its lists, best first."""

from collections.abc import Mapping, Sequence

from nok import urls
from nok.compose.edition import Edition
from nok.compose.evidence import counts_line
from nok.compose.formulas import formula_words
from nok.compose.lists import pagination
from nok.compose.place import place_line
from nok.method import Measure, Method
from nok.model import IndicatorGroupRow, IndicatorListPage, IndicatorPage, Link, Mark, MeasuredRow
from nok.records import ScoreState
from nok.templating import format_integer
from nok.warehouse_facts import IndicatorGroup, Measured


def indicator_page(
    method: Method, measure: Measure, groups: Sequence[IndicatorGroup], is_demonstration: bool, edition: Edition
) -> IndicatorPage:
    """An indicator and the regions that have it; the kinds of organisations too, where there is only one region."""
    path = urls.indicator(method.id, measure.id, edition.lang)
    regions = dict.fromkeys(group.region_code for group in groups)
    rows = [_region_row(code, [g for g in groups if g.region_code == code], path, edition) for code in regions]
    kinds = [_kind_row(group, method, measure, path, edition) for group in groups] if len(regions) == 1 else []
    return _page(method, measure, path, "", is_demonstration, edition, tuple(rows), tuple(kinds))


def indicator_region_page(
    method: Method, measure: Measure, groups: Sequence[IndicatorGroup], is_demonstration: bool, edition: Edition
) -> IndicatorPage:
    """An indicator in one region: every kind of organisations that has it; `groups` are those of the region."""
    code = groups[0].region_code
    path = urls.indicator_region(method.id, measure.id, code, edition.lang)
    kinds = tuple(_kind_row(group, method, measure, path, edition) for group in groups)
    return _page(method, measure, path, code, is_demonstration, edition, (), kinds)


def _page(
    method: Method,
    measure: Measure,
    path: str,
    region_code: str,
    is_demonstration: bool,
    edition: Edition,
    regions: tuple[IndicatorGroupRow, ...],
    kinds: tuple[IndicatorGroupRow, ...],
) -> IndicatorPage:
    title = f"{measure.id} {measure.title[edition.language]}"
    region = edition.region_name(region_code) if region_code else ""
    crumbs = [edition.method_link(method, path)]
    if region:
        crumbs.append(indicator_link(method, measure, path, edition))
    return IndicatorPage(
        title=f"{title}: {region}" if region else title,
        description=title,
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=tuple(crumbs),
        heading=title,
        region=region,
        text_lang=edition.foreign(region),
        plain=measure.plain[edition.language],
        formulas=tuple(formula_words(method, measure, edition)),
        regions=regions,
        kinds=kinds,
    )


def indicator_link(method: Method, measure: Measure, origin: str, edition: Edition) -> Link:
    """The page of an indicator."""
    href = urls.relative(urls.indicator(method.id, measure.id, edition.lang), origin)
    return Link(text=f"{measure.id} {measure.short[edition.language]}", href=href)


def _region_row(code: str, groups: Sequence[IndicatorGroup], path: str, edition: Edition) -> IndicatorGroupRow:
    method_id, measure = groups[0].method_id, groups[0].measure
    name = edition.region_name(code)
    return IndicatorGroupRow(
        name=name,
        lang=edition.foreign(name),
        href=urls.relative(urls.indicator_region(method_id, measure, code, edition.lang), path),
        organizations=format_integer(sum(group.organizations for group in groups)),
        scored=format_integer(sum(group.scored for group in groups)),
        median=Mark(points="", word=""),
    )


def _kind_row(
    group: IndicatorGroup, method: Method, measure: Measure, path: str, edition: Edition
) -> IndicatorGroupRow:
    median = Mark(points="", word="")
    if group.median is not None:
        median = edition.scales[method.id].by_id[measure.id].rounded[group.median]
    return IndicatorGroupRow(
        name=kind_title(group, edition),
        href=urls.relative(list_path(group, 1, edition), path),
        organizations=format_integer(group.organizations),
        scored=format_integer(group.scored),
        median=median,
    )


def kind_title(group: IndicatorGroup, edition: Edition) -> str:
    """`Школы`; of a kind that nobody has described, its sphere."""
    known = edition.spheres.kinds.get(group.kind)
    return known.title[edition.language] if known else edition.sphere_title(group.sphere)


def list_path(group: IndicatorGroup, number: int, edition: Edition) -> str:
    """Where a page of a list stands."""
    return urls.indicator_list(
        group.method_id, group.measure, group.region_code, group.sphere, group.kind, number, edition.lang
    )


# ---- a list --------------------------------------------------------------------------------------------------------


def indicator_list_page(
    group: IndicatorGroup,
    measured: Mapping[int, Measured],
    keys: Sequence[int],
    number: int,
    is_demonstration: bool,
    edition: Edition,
) -> IndicatorListPage:
    """Page `number` of the organisations of one kind and region by an indicator; `keys` are those of the page."""
    method = edition.methods[group.method_id]
    measure, size, words = method.by_id[group.measure], edition.config.organizations_per_page, edition.words
    path, last = list_path(group, number, edition), max(1, -(-group.organizations // size))
    neighbours = [list_path(group, max(number + step, 1), edition) for step in (-1, 1)]
    region, kind = edition.region_name(group.region_code), kind_title(group, edition)
    title = f"{measure.id} {measure.short[edition.language]}: {kind[:1].lower()}{kind[1:]}, {region}"
    return IndicatorListPage(
        title=title if number == 1 else words("page.numbered_title", title=title, number=number),
        description=title,
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(
            edition.method_link(method, path),
            indicator_link(method, measure, path, edition),
            Link(
                text=region,
                href=urls.relative(urls.indicator_region(method.id, measure.id, group.region_code, edition.lang), path),
                lang=edition.foreign(region),
            ),
        ),
        heading=f"{measure.id} {measure.title[edition.language]}",
        subject=f"{kind}, {region}",
        text_lang=edition.foreign(region),
        plain=measure.plain[edition.language],
        list_note=words(
            "page.indicator_note",
            count=words.count("page.of_organizations", group.organizations),
            scored=format_integer(group.scored),
        ),
        rows=tuple(_row(measured[key], measure, path, edition) for key in keys),
        pagination=pagination(number, last, neighbours, path, edition),
    )


def _row(item: Measured, measure: Measure, path: str, edition: Edition) -> MeasuredRow:
    organization, score = item.organization, item.score(measure.id)
    scale = edition.scales[item.assessment.method_id].by_id[measure.id]
    mark = edition.mark(score, scale)
    if score is not None and score.is_computed and score.state is ScoreState.EXEMPT:
        mark = Mark(points="", word=edition.words("page.not_applicable"))
    return MeasuredRow(
        name=organization.title,
        href=edition.organization_link(organization, path),
        place=place_line(organization),
        text_lang=edition.foreign(organization.name),
        mark=mark,
        counts=counts_line(item.counts(measure.id), edition),
        year=str(item.assessment.period),
    )
