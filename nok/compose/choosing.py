"""What a person chooses by: the entries of the search index, and the pages that open it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

from nok import urls
from nok.arithmetic import printed
from nok.compose.edition import Edition
from nok.compose.lists import pagination
from nok.compose.place import place_line
from nok.json_text import exact_number, write_json
from nok.method import Band, Method
from nok.model import (
    ChoosingPage,
    KindRow,
    Link,
    Mark,
    MunicipalityPage,
    Option,
    OptionGroup,
    PeerCell,
    PeerRow,
    PeersPage,
    SphereKinds,
    SphereRow,
)
from nok.records import Organization, ScoreState
from nok.search_store import SearchEntry, place_shards
from nok.search_text import hash_of, terms_of_all
from nok.settlements import places_of, town_of
from nok.statistics import summarize_ratings
from nok.templating import breakable, format_integer, safe_json
from nok.warehouse_facts import ListFacts

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"


def search_entry(facts: ListFacts, stamp: str, editions: Mapping[str, Edition]) -> SearchEntry:
    """What the search knows of an organisation. The record is the same for every language: what is a word in it, is a
    code that the page of each language reads out."""
    organization = facts.organization
    edition = next(iter(editions.values()))
    kind = edition.spheres.kind(organization.kind) if organization.kind else None
    kinds = [text for language in editions for text in ((kind.title[language],) if kind else ())]
    kinds += [form for language in editions if kind for form in (next(iter(kind.words[language].values())),)]
    regions = {each.region_name(organization.region_code) for each in editions.values()}
    names = (organization.name, organization.short_name)
    english = editions["en"].exonyms if "en" in editions else {}
    stands = tuple(
        (organization.region_code, *place, *english.get((organization.region_code, town_of(place[1])), ()))
        for place in places_of(organization.municipality, organization.address)
    )
    towns = dict.fromkeys(name for stand in stands for name in stand[3:])
    places, streets = (organization.municipality, *sorted(regions), *towns), (organization.address,)
    return SearchEntry(
        organization_id=organization.organization_id,
        stamp=stamp,
        names=names,
        kinds=tuple(kinds),
        places=places,
        streets=streets,
        numbers=tuple(filter(None, (organization.inn,))),
        region=organization.region_code,
        kind=kind_key(organization),
        band=_level(facts, edition),
        latitude=organization.latitude,
        longitude=organization.longitude,
        stands=stands,
        record=_record(facts, fingerprint(names, (*kinds, *places, *streets)), edition),
    )


def kind_key(organization: Organization) -> str:
    """How filters name a kind: kinds of two spheres may have one name.

    >>> kind_key(Organization(organization_id="a", name="A", sphere="health", region_code="70"))
    'health/'
    """
    return f"{organization.sphere}/{organization.kind}"


def fingerprint(names: tuple[str, ...], others: tuple[str, ...]) -> str:
    """Two characters for every term of an organisation, those of its name first and a point after them: by it the browser
    sees what a record has and what not, though the record holds neither the official name nor the street."""
    named, rest = terms_of_all(names), terms_of_all(others)
    return f"{''.join(map(_two, named))}.{''.join([_two(term) for term in rest if term not in named])}"


@lru_cache(maxsize=100_000)
def _two(term: str) -> str:
    value = hash_of(term) >> 8
    return _DIGITS[value & 63] + _DIGITS[value >> 6 & 63]


def _record(facts: ListFacts, terms: str, edition: Edition) -> str:
    """[path below o/, region, title, place, sphere/kind, level, points, state, year, mean, ratings, latitude, longitude,
    terms, method, day of closing]."""
    organization, latest = facts.organization, facts.latest
    total = latest.scores.get("total") if latest else None
    summary = summarize_ratings(facts.distribution, edition.config.minimum_ratings)
    row = [
        path_of(organization, edition),
        organization.region_code,
        organization.title,
        place_line(organization),
        kind_key(organization),
        _level(facts, edition),
        printed(total.points) if total and total.points is not None else "",
        str(total.state) if total else "not_assessed",
        latest.assessment.period if latest else 0,
        round(float(summary.mean), 1) if summary.mean is not None else 0,
        summary.count,
        organization.latitude,
        organization.longitude,
        terms,
        latest.assessment.method_id if latest else "",
        organization.closed_on,
    ]
    return write_json(row)


def _level(facts: ListFacts, edition: Edition) -> int:
    """The band of the total, 1 (worst) to 5; 0 where there is none."""
    latest = facts.latest
    scales = edition.scales.get(latest.assessment.method_id) if latest else None
    total = latest.scores.get("total") if latest else None
    return edition.mark(total, scales.total).level if scales is not None else 0


def path_of(organization: Organization, edition: Edition) -> str:
    """Where the files of an organisation stand below `o/`: by this the pages of choosing know it."""
    shards = edition.config.address_shards
    stem = urls.organization_files(organization.region_code, organization.organization_id, shards).stem
    return stem.removeprefix("o/")


# ---- the pages on which the browser works --------------------------------------------------------------------------


def choosing_page(
    page: type[ChoosingPage],
    path: str,
    names: str,
    kinds: Iterable[tuple[str, str]],
    doors: tuple[SphereRow, ...],
    shards: int,
    is_demonstration: bool,
    edition: Edition,
) -> ChoosingPage:
    """Search, near me, comparison or favourites at `path`; `names` is how their words begin (`page.search_…`).

    `kinds` are (sphere, kind) of all organisations, `shards` how many files of each sort the search has.
    """
    words, groups = edition.words, _kind_groups(kinds, edition)
    regions = sorted(edition.regions, key=edition.region_name)
    return page(
        title=words(f"page.{names}_title"),
        description=words(f"page.{names}_lead"),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(Link(text=words("page.home"), href=urls.relative(urls.home(edition.lang), path)),),
        heading=words(f"page.{names}_title"),
        lead=words(f"page.{names}_lead"),
        facts=safe_json(_facts(groups, shards, edition)),
        kinds=groups,
        regions=tuple(Option(value=code, text=edition.region_name(code)) for code in regions),
        bands=_band_options(edition),
        doors=doors,
    )


def _kind_groups(kinds: Iterable[tuple[str, str]], edition: Edition) -> tuple[OptionGroup, ...]:
    by_sphere: dict[str, list[Option]] = {}
    for sphere, kind in sorted(set(kinds)):
        title = edition.spheres.kind(kind).title[edition.language]
        by_sphere.setdefault(sphere, []).append(Option(value=f"{sphere}/{kind}", text=title))
    known = list(edition.spheres.spheres)
    order = sorted(by_sphere, key=lambda sphere: known.index(sphere) if sphere in known else len(known))
    found = []
    for sphere in order:
        title = edition.sphere_title(sphere)
        whole = Option(value=f"{sphere}/*", text=edition.words("page.sphere_all", sphere=title))
        found.append(
            OptionGroup(title=title, options=(whole, *sorted(by_sphere[sphere], key=lambda option: option.text)))
        )
    return tuple(found)


def _band_options(edition: Edition) -> tuple[Option, ...]:
    """Bands that a total must reach, the best first, in the words of the method that most rounds follow."""
    used = [edition.methods[name] for name in edition.method_of.values() if name in edition.methods]
    bands = max(used, key=used.count).total.bands if used else ()
    words = [(band.level, band.word[edition.language]) for band in bands if band.level > 1]
    return tuple(
        Option(value=str(level), text=edition.words("page.at_least", word=word)) for level, word in sorted(words)[::-1]
    )


def _facts(groups: Sequence[OptionGroup], shards: int, edition: Edition) -> dict[str, object]:
    kinds = [option.value for group in groups for option in group.options[1:]]
    return {
        "year": edition.today.year,
        "shards": shards,
        "places": place_shards(shards),
        "kinds": {kind: edition.kind_word(kind.partition("/")[2], 1) for kind in kinds},
        "regions": {code: edition.region_name(code) for code in edition.regions},
        "methods": {method.id: _method_facts(method, edition) for method in _used(edition)},
    }


def _used(edition: Edition) -> Iterator[Method]:
    names = set(edition.method_of.values())
    return (method for name, method in edition.methods.items() if name in names)


def _method_facts(method: Method, edition: Edition) -> dict[str, object]:
    return {
        "title": method.title[edition.language],
        "decimals": method.decimals,
        "gap": method.longest_gap_years,
        "maximum": exact_number(float(method.total.maximum)),
        "better": method.total.higher_is_better,
        "bands": {str(band.level): band.word[edition.language] for band in method.total.bands},
        "criteria": [
            [
                scale.measure.id,
                scale.title,
                _limits(scale.measure.bands, edition),
                exact_number(float(scale.measure.maximum)),
            ]
            for scale in (edition.scales[method.id].total, *edition.scales[method.id].criteria)
        ],
    }


def _limits(bands: Sequence[Band], edition: Edition) -> list[list[object]]:
    """[[upper limit, level, word], …] from the lowest."""
    return [[exact_number(float(band.upto)), band.level, band.word[edition.language]] for band in bands]


def medians_json(medians: Iterable[tuple[str, str, Mapping[str, str]]]) -> str:
    """`{assessment: {kind: {measure: median}}}` of a region."""
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for kind, assessment_id, values in medians:
        found.setdefault(assessment_id, {})[kind] = values
    return json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n"


# ---- a municipality, and its kinds side by side --------------------------------------------------------------------

Kinds = Mapping[tuple[str, str], Sequence[ListFacts]]
"""(sphere, kind) to its organisations in a municipality, by name."""


def municipality_page(
    region_code: str, name: str, kinds: Kinds, is_demonstration: bool, edition: Edition
) -> MunicipalityPage:
    """What there is in a municipality, sphere by sphere, and the way to each kind; an empty `name`: those that say none."""
    path = urls.municipality(region_code, name, edition.lang)
    heading = edition.place_name(region_code, name) or edition.words("page.no_municipality")
    number = sum(map(len, kinds.values()))
    known = list(edition.spheres.spheres)
    spheres = sorted({sphere for sphere, _ in kinds}, key=lambda one: known.index(one) if one in known else len(known))
    return MunicipalityPage(
        title=f"{heading}, {edition.region_name(region_code)}",
        description=edition.words("page.municipality_lead", count=edition.words.count("page.organizations", number)),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=_crumbs(region_code, path, edition),
        heading=heading,
        text_lang=edition.foreign(heading),
        lead=edition.words("page.municipality_lead", count=edition.words.count("page.organizations", number)),
        spheres=tuple(
            SphereKinds(
                title=edition.sphere_title(sphere),
                kinds=tuple(
                    _kind_row(region_code, name, key, found, path, edition)
                    for key, found in kinds.items()
                    if key[0] == sphere
                ),
            )
            for sphere in spheres
        ),
    )


def _crumbs(region_code: str, path: str, edition: Edition) -> tuple[Link, ...]:
    regions = Link(text=edition.words("page.all_regions"), href=urls.relative(urls.regions(edition.lang), path))
    return regions, edition.region_link(region_code, path)


def _kind_row(
    region_code: str, name: str, key: tuple[str, str], found: Sequence[ListFacts], path: str, edition: Edition
) -> KindRow:
    sphere, kind = key
    assessed = sum(1 for facts in found if facts.latest and _has_points(facts))
    return KindRow(
        name=edition.spheres.kind(kind).title[edition.language],
        href=urls.relative(urls.peers(region_code, name, sphere, kind, lang=edition.lang), path),
        organizations=format_integer(len(found)),
        assessed=format_integer(assessed),
    )


def _has_points(facts: ListFacts) -> bool:
    total = facts.latest.scores.get("total") if facts.latest else None
    return total is not None and total.points is not None


def peers_page(
    region_code: str,
    name: str,
    key: tuple[str, str],
    found: Sequence[ListFacts],
    medians: Mapping[str, Decimal],
    number: int,
    others: Sequence[tuple[str, str]],
    is_demonstration: bool,
    edition: Edition,
) -> PeersPage:
    """Page `number` of the organisations of one kind and municipality by criterion, by name.

    Columns are the criteria of the method that most of them are judged by; points by another method stand as a state.
    `medians` are those of the kind in the region; `others` the other kinds of the municipality.
    """
    words, (sphere, kind), size = edition.words, key, edition.config.organizations_per_page
    path = urls.peers(region_code, name, sphere, kind, number, edition.lang)
    title = words(
        "page.peers_title",
        kind=edition.spheres.kind(kind).title[edition.language],
        place=edition.place_name(region_code, name) or edition.region_name(region_code),
    )
    method = _common_method(found, edition)
    last = max(1, -(-len(found) // size))
    neighbours = [urls.peers(region_code, name, sphere, kind, max(number + step, 1), edition.lang) for step in (-1, 1)]
    shown = edition.place_name(region_code, name)
    place = Link(
        text=shown or words("page.no_municipality"),
        href=urls.relative(urls.municipality(region_code, name, edition.lang), path),
        lang=edition.foreign(shown),
    )
    return PeersPage(
        title=title if number == 1 else words("page.numbered_title", title=title, number=number),
        description=title,
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(*_crumbs(region_code, path, edition), place),
        heading=edition.mixed(title),
        text_lang="",
        lead=words.count("page.organizations", len(found)),
        criteria=tuple(breakable(scale.heading) for scale in edition.scales[method.id].criteria) if method else (),
        rows=tuple(_peer_row(facts, method, path, edition) for facts in found[(number - 1) * size : number * size]),
        median=_median_marks(medians, method, edition),
        source_note=words("page.peers_source", method=method.title[edition.language]) if method else "",
        pagination=pagination(number, last, neighbours, path, edition),
        others=tuple(
            Link(
                text=edition.spheres.kind(other).title[edition.language],
                href=urls.relative(urls.peers(region_code, name, own, other, lang=edition.lang), path),
            )
            for own, other in others
            if (own, other) != key
        ),
    )


def _common_method(found: Sequence[ListFacts], edition: Edition) -> Method | None:
    used = [facts.latest.assessment.method_id for facts in found if facts.latest]
    known = [name for name in used if name in edition.methods]
    return edition.methods[max(sorted(set(known)), key=known.count)] if known else None


def _peer_row(facts: ListFacts, method: Method | None, path: str, edition: Edition) -> PeerRow:
    organization, latest, words = facts.organization, facts.latest, edition.words
    summary = summarize_ratings(facts.distribution, edition.config.minimum_ratings)
    few = words("page.few_ratings" if summary.count else "page.no_ratings")
    total = edition.state_marks[ScoreState.NOT_ASSESSED]
    criteria: tuple[PeerCell, ...] = ()
    if latest is not None and method is not None:
        scales = edition.scales[method.id]
        if latest.assessment.method_id == method.id:
            total = edition.mark(latest.scores.get("total"), scales.total)
            criteria = tuple(
                PeerCell(label=scale.heading, mark=edition.mark(latest.scores.get(scale.measure.id), scale))
                for scale in scales.criteria
            )
        else:
            total = Mark(points="", word=words("page.state_other_method"))
    if method is not None and not criteria:
        criteria = tuple(
            PeerCell(label=scale.heading, mark=Mark(points="", word="")) for scale in edition.scales[method.id].criteria
        )
    return PeerRow(
        name=organization.title,
        href=edition.organization_link(organization, path),
        place=organization.address,
        text_lang=edition.foreign(organization.name),
        total=total,
        criteria=criteria,
        citizens=edition.number(summary.mean, 1) if summary.mean is not None else few,
    )


def _median_marks(medians: Mapping[str, Decimal], method: Method | None, edition: Edition) -> tuple[PeerCell, ...]:
    if method is None or "total" not in medians:
        return ()
    empty = Mark(points="—", word="")
    labels = ("", *(scale.heading for scale in edition.scales[method.id].criteria))
    return tuple(
        PeerCell(
            label=label,
            mark=edition.scales[method.id].by_id[one.id].rounded[medians[one.id]] if one.id in medians else empty,
        )
        for label, one in zip(labels, (method.total, *method.criteria), strict=True)
    )
