"""Pages about the publication as a whole: home, regions, spheres, methods, assessments, data, news, not found."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from nok import urls
from nok.compose.aggregates import added_up, aggregate_row, kind_rows
from nok.compose.edition import Edition, band_range
from nok.compose.formulas import formula_words
from nok.compose.indicators import indicator_link
from nok.compose.lists import STATES, aggregate_links, sphere_row
from nok.method import Method, Role
from nok.model import (
    BandRow,
    EditorialPage,
    Fact,
    HomePage,
    Link,
    MeasureRow,
    MethodPage,
    NewsItem,
    NewsPage,
    NotFoundPage,
    RegionsPage,
    SpherePage,
    SphereRow,
    Tile,
    ViewPage,
)
from nok.questionnaire import Questionnaire
from nok.records import Aggregate
from nok.templating import decimal_sign, format_integer, trusted_html
from nok.warehouse_facts import Group


def home_page(
    groups: Sequence[Group],
    plan: tuple[int, int],
    news: Sequence[NewsItem],
    examples: Sequence[Link],
    is_demonstration: bool,
    edition: Edition,
) -> HomePage:
    words, path = edition.words, urls.home(edition.lang)
    return HomePage(
        title=words("page.home_title"),
        description=words("page.home_description"),
        address="",
        is_demonstration=is_demonstration,
        facts=_facts(groups, plan, edition),
        edition=words("page.edition", day=edition.day(edition.today)),
        tiles=tiles(groups, path, edition),
        regions=region_rows(groups, path, edition),
        spheres=_sphere_rows(groups, path, edition),
        news=tuple(news[:3]),
        examples=tuple(examples),
    )


def _facts(groups: Sequence[Group], plan: tuple[int, int], edition: Edition) -> tuple[Fact, ...]:
    words = edition.words
    organizations = sum(group.organizations for group in groups)
    regions = len({group.region_code for group in groups})
    where = words("page.in_regions", count=words.count("page.of_regions", regions))
    assessed, ratings = sum(group.assessed for group in groups), sum(group.ratings for group in groups)
    facts = [
        Fact(
            name=f"{words.plural('page.organizations_here', organizations)} {where}",
            value=format_integer(organizations),
        ),
        Fact(name=words("page.assessed_latest"), value=format_integer(assessed)),
        Fact(name=words.plural("page.ratings_here", ratings), value=format_integer(ratings)),
    ]
    done, promised = plan
    if promised:
        name = words("page.plan_done", done=format_integer(done), promised=format_integer(promised))
        facts.append(Fact(name=name, value=edition.share(done, promised)))
    return tuple(facts)


def tiles(groups: Sequence[Group], origin: str, edition: Edition) -> tuple[Tile, ...]:
    """The cartogram: only regions that the packages name and that have a tile, in reading order."""
    assessed: dict[str, int] = {}
    for group in groups:
        assessed[group.region_code] = assessed.get(group.region_code, 0) + group.assessed
    found, shorts = [], _shorts({code: edition.region_name(code) for code in assessed})
    for code, number in assessed.items():
        region = edition.regions.get(code)
        if region is None or region.tile_column is None or region.tile_row is None:
            continue
        found.append(
            Tile(
                code=code,
                short=shorts[code],
                name=edition.region_name(code),
                href=edition.region_link(code, origin).href,
                column=region.tile_column,
                row=region.tile_row,
                has_results=number > 0,
            )
        )
    return tuple(sorted(found, key=lambda tile: (tile.row, tile.column)))


def _shorts(names: Mapping[str, str]) -> dict[str, str]:
    """Code to three letters that tell a region from the others: its first ones, or two and the next that parts it from those
    that begin alike; the code where its letters do not suffice.

    >>> list(_shorts({"23": "Краснодарский край", "24": "Красноярский край", "70": "Томская область"}).values())
    ['КРД', 'КРЯ', 'ТОМ']
    """
    plain = {code: "".join(filter(str.isalpha, _bare(name))).upper() for code, name in names.items()}
    starts = Counter(name[:3] for name in plain.values())
    found = {code: name[:3] for code, name in plain.items() if starts[name[:3]] == 1 and name}
    for code, name in plain.items():
        if code not in found:
            alike = [other for each, other in plain.items() if each != code and other[:2] == name[:2]]
            parts = [at for at in range(2, len(name)) if all(other[: at + 1] != name[: at + 1] for other in alike)]
            tried = [*(name[:2] + name[at] for at in parts), name[:3]]  # «Алтай» begins as «Алтайский» to its end
            found[code] = next((short for short in tried if short not in found.values()), code)
    return {code: found[code] for code in names}


def _bare(name: str) -> str:
    return name.removeprefix("Республика ").removeprefix("Republic of ")


def region_rows(groups: Sequence[Group], origin: str, edition: Edition) -> tuple[SphereRow, ...]:
    """One row a region; no median over unlike spheres, for it would compare what cannot be compared."""
    codes = sorted({group.region_code for group in groups}, key=edition.region_name)
    return tuple(_sum_row([g for g in groups if g.region_code == code], code, origin, edition) for code in codes)


def _sum_row(groups: Sequence[Group], code: str, origin: str, edition: Edition) -> SphereRow:
    whole = Group(
        region_code=code,
        sphere="",
        organizations=sum(group.organizations for group in groups),
        ratings=sum(group.ratings for group in groups),
        assessment_id="",
        assessed=sum(group.assessed for group in groups),
        median=None,
    )
    link = edition.region_link(code, origin)
    return sphere_row(whole, link.text, link.href, edition)


def _sphere_rows(groups: Sequence[Group], origin: str, edition: Edition) -> tuple[SphereRow, ...]:
    rows = []
    for sphere in sphere_order({group.sphere for group in groups}, edition):
        own = [group for group in groups if group.sphere == sphere]
        whole = Group(
            region_code="",
            sphere=sphere,
            organizations=sum(group.organizations for group in own),
            ratings=sum(group.ratings for group in own),
            assessment_id="",
            assessed=sum(group.assessed for group in own),
            median=None,
        )
        href = urls.relative(urls.sphere(sphere, edition.lang), origin)
        rows.append(sphere_row(whole, edition.sphere_title(sphere), href, edition))
    return tuple(rows)


def sphere_order(spheres: Iterable[str], edition: Edition) -> list[str]:
    """The spheres in the order of `content/spheres.yaml`, unknown ones after them."""
    known = list(edition.spheres.spheres)
    return sorted(spheres, key=lambda sphere: (known.index(sphere) if sphere in known else len(known), sphere))


def regions_page(groups: Sequence[Group], path: str, is_demonstration: bool, edition: Edition) -> RegionsPage:
    """All regions (`/regions/`), or the same as a map (`/map/`)."""
    words = edition.words
    heading = words("page.map_heading" if path == urls.map_page(edition.lang) else "page.regions_heading")
    shown = tiles(groups, path, edition)
    lead = words("page.regions_lead" if shown else "page.regions_lead_plain")
    return RegionsPage(
        title=heading,
        description=lead,
        address=edition.address(path),
        is_demonstration=is_demonstration,
        heading=heading,
        lead=lead,
        tiles=shown,
        regions=region_rows(groups, path, edition),
    )


def sphere_page(
    sphere: str,
    groups: Sequence[Group],
    is_demonstration: bool,
    edition: Edition,
    aggregates: Sequence[Aggregate] = (),
) -> SpherePage:
    """One sphere: every region that has it, by name; and over all regions what the newest method gave.

    `aggregates` are those of the sphere in every region.
    """
    path, words = urls.sphere(sphere, edition.lang), edition.words
    method = _newest_method([group for group in groups if group.sphere == sphere], edition)
    compared = {g.region_code for g in groups if g.sphere == sphere and _is_by(g, method, edition)}
    added = added_up([item for item in aggregates if item.region_code in compared])
    whole = {item.region_code: item for item in aggregates if item.scope == "sphere"}
    own = sorted((g for g in groups if g.sphere == sphere), key=lambda g: edition.region_name(g.region_code))
    return SpherePage(
        title=edition.sphere_title(sphere),
        description=words("page.sphere_description", sphere=edition.sphere_title(sphere)),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(_home_link(path, edition),),
        heading=edition.sphere_title(sphere),
        lead=words("page.sphere_page_lead"),
        regions=tuple(
            sphere_row(
                group,
                edition.region_name(group.region_code),
                edition.sphere_region_link(sphere, group.region_code, path).href,
                edition,
                whole.get(group.region_code),
                _other_method_note(group, method, edition),
            )
            for group in own
        ),
        whole=tuple(
            aggregate_row(item, words("page.whole_sphere"), method, edition) for item in added if item.scope == "sphere"
        ),
        kinds=kind_rows(added, method, edition),
        whole_note=method.title[edition.language] if method else "",
        data=aggregate_links(partial(urls.sphere_aggregates, sphere), path, edition),
    )


def _newest_method(groups: Sequence[Group], edition: Edition) -> Method | None:
    """The method of the newest round that any of the groups has."""
    rounds = list(edition.method_of)
    known = [group.assessment_id for group in groups if group.assessment_id in edition.method_of]
    return edition.methods.get(edition.method_of[min(known, key=rounds.index)]) if known else None


def _is_by(group: Group, method: Method | None, edition: Edition) -> bool:
    """Whether the group's numbers are by `method`; one that has none yet may stand beside any."""
    own = edition.method_of.get(group.assessment_id)
    return own is None or method is None or own == method.id


def _other_method_note(group: Group, method: Method | None, edition: Edition) -> str:
    if _is_by(group, method, edition):
        return ""
    own = edition.methods.get(edition.method_of[group.assessment_id])
    return edition.words("page.by_other_method", title=own.title[edition.language]) if own else ""


def _home_link(origin: str, edition: Edition) -> Link:
    return Link(text=edition.words("page.home"), href=urls.relative(urls.home(edition.lang), origin))


def method_page(
    method: Method, questionnaires: Sequence[Questionnaire], indicators: Collection[str], edition: Edition
) -> MethodPage:
    """A method as its file says it: what is measured and how, the words for points, the states that are no score, its
    forms. `indicators` are those that somebody has.
    """
    path, words, language = urls.method(method.id, edition.lang), edition.words, edition.language
    valid = [
        words("page.valid_from", day=edition.day(method.valid_from)) if method.valid_from else "",
        words("page.valid_to", day=edition.day(method.valid_to)) if method.valid_to else "",
    ]
    passport = [
        (words("page.method_code"), method.id),
        (words("page.method_source"), method.source[language]),
        (words("page.method_valid"), " ".join(part for part in valid if part)),
    ]
    said, *paragraphs = method.note[language].split("\n")
    return MethodPage(
        title=method.title[language],
        description=words("page.method_description", title=method.title[language]),
        address=edition.address(path),
        crumbs=(_home_link(path, edition),),
        heading=method.title[language],
        note=said,
        known=tuple(paragraphs),
        passport=tuple(Fact(name=name, value=value) for name, value in passport if value),
        measures=tuple(_measure_rows(method, indicators, path, edition)),
        rules=tuple(_method_rules(method, edition)),
        bands=tuple(
            BandRow(
                level=band.level,
                word=band.word[language],
                range=band_range(method.total.bands, number, edition, method.decimals),
                count="",
                share="",
                x="",
                width="",
            )
            for number, band in reversed(list(enumerate(method.total.bands)))
        ),
        states=tuple(Fact(name=words(f"page.state_{state}"), value=words(f"page.meaning_{state}")) for state in STATES),
        questionnaires=tuple(
            Link(text=form.title[language], href=urls.relative(urls.questionnaire(form.id, edition.lang), path))
            for form in questionnaires
            if form.method == method.id
        ),
    )


def _method_rules(method: Method, edition: Edition) -> Iterable[Fact]:
    """What holds for all numbers of a method that is computed."""
    words, language = edition.words, edition.language
    if not method.variants:
        return
    yield Fact(words("page.rule_rounding"), words("page.rounding", decimals=method.decimals))
    if method.zero_policy is not None:
        yield Fact(words("page.rule_zero"), words(f"page.zero_{method.zero_policy.value}"))
    yield Fact(words("page.rule_missing"), words("page.missing_rule"))
    for variant in method.variants:
        if variant.note[language]:
            yield Fact(variant.title[language], variant.note[language])


def _measure_rows(method: Method, indicators: Collection[str], path: str, edition: Edition) -> Iterable[MeasureRow]:
    for top in (method.total, *method.criteria):
        for measure in (top, *(method.indicators(top.id) if top.role is Role.CRITERION else ())):
            better = "" if measure.higher_is_better else edition.words("page.less_is_better")
            yield MeasureRow(
                id=measure.id,
                title=measure.title[edition.language],
                weight=_weight(measure.weight, edition),
                scale=f"0–{measure.maximum:f} {better}".strip(),
                is_criterion=measure.role is not Role.INDICATOR,
                plain=measure.plain[edition.language],
                formulas=tuple(formula_words(method, measure, edition)),
                href=indicator_link(method, measure, path, edition).href if measure.id in indicators else "",
            )


def _weight(weight: Decimal | None, edition: Edition) -> str:
    return "" if weight is None else str(weight).replace(".", decimal_sign(edition.language))


def news_page(items: Sequence[NewsItem], has_feed: bool, edition: Edition) -> NewsPage:
    path, words = urls.news_index(edition.lang), edition.words
    return NewsPage(
        title=words("page.news"),
        description=words("page.news"),
        address=edition.address(path),
        crumbs=(_home_link(path, edition),),
        heading=words("page.news"),
        items=tuple(items),
        feed_href=urls.relative(urls.news_feed(edition.lang), path) if has_feed else "",
    )


def editorial_page(
    title: str, body: str, summary: str, day: date | None, path: str, edition: Edition, text_lang: str = ""
) -> EditorialPage:
    """A text of an editor; `body` is HTML made by Pelican and trusted as the editor is."""
    return EditorialPage(
        title=title,
        description=summary or title,
        address=edition.address(path),
        crumbs=(_home_link(path, edition),),
        heading=title,
        body=trusted_html(body),
        day=edition.day(day) if day else "",
        text_lang=text_lang,
    )


def view_page(edition: Edition) -> ViewPage:
    path, words = urls.view_page(edition.lang), edition.words
    return ViewPage(
        title=words("site.view"),
        description=words("site.view_lead"),
        address=edition.address(path),
        crumbs=(_home_link(path, edition),),
        heading=words("site.view"),
    )


def not_found_page(edition: Edition) -> NotFoundPage:
    words = edition.words
    return NotFoundPage(
        title=words("page.not_found"),
        description=words("page.not_found"),
        address=edition.address(urls.not_found(edition.lang)),
        heading=words("page.not_found"),
    )
