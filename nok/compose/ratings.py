"""Rating lists: the organisations of one kind and region in one round, best first; and the ways to them, year by year."""

from collections.abc import Sequence
from typing import NamedTuple

from nok import urls
from nok.arithmetic import printed
from nok.compose.edition import Edition, Scales
from nok.compose.lists import pagination, rank_text
from nok.compose.place import place_line
from nok.model import Door, Link, RatingCell, RatingListPage, RatingRow, RatingsPage, RatingSphere, RatingYear
from nok.records import Assessment
from nok.templating import breakable, format_integer
from nok.warehouse_facts import Rated, RatingList


class ListSize(NamedTuple):
    """Which page of how many, and how many organisations of the kind the region has now (0 where nobody counts them)."""

    number: int
    last: int
    present: int


def rating_list_page(
    item: RatingList,
    offered: Sequence[RatingList],
    rated: Sequence[Rated],
    size: ListSize,
    is_demonstration: bool,
    edition: Edition,
) -> RatingListPage:
    """A page of a list; `offered` are all lists of the region, `rated` those whom this page shows, in order."""
    words, assessment, number = edition.words, item.assessment, size.number
    path = _path(item, number, edition)
    title = list_title(item, edition)
    scales = edition.scales.get(assessment.method_id)
    neighbours = [_path(item, max(number + step, 1), edition) for step in (-1, 1)]
    address = (item.region_code, assessment.assessment_id, item.kind, number, edition.lang)
    columns = _columns(scales, edition)
    heads = [column.text for column in columns[1:]]
    return RatingListPage(
        title=title if number == 1 else words("page.numbered_title", title=title, number=number),
        description=words("page.rating_description", title=title),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(
            edition.region_link(item.region_code, path),
            Link(
                text=words("page.ratings_title"),
                href=urls.relative(urls.ratings_of(item.region_code, edition.lang), path),
            ),
        ),
        heading=title,
        text_lang=edition.foreign(title),
        lead=_lead(item, size, edition),
        years=_years(item, offered, path, edition),
        kinds=_kinds(item, offered, path, edition),
        columns=columns,
        rows=tuple([_row(one, heads, scales, path, edition) for one in rated]),
        assessment=edition.assessment_link(assessment, path),
        method=edition.method_link(scales.method, path) if scales else None,
        table=urls.relative(urls.rating_table(*address), path),
        pagination=pagination(number, size.last, neighbours, path, edition),
    )


def list_title(item: RatingList, edition: Edition) -> str:
    """`Школы, Демонстрационная область: рейтинг 2025 года`."""
    return edition.words(
        "page.rating_title",
        kind=edition.spheres.kind(item.kind).title[edition.language] if item.kind else edition.words("page.no_kind"),
        region=edition.region_name(item.region_code),
        year=item.assessment.period,
    )


def _path(item: RatingList, number: int, edition: Edition) -> str:
    return urls.rating_list(item.region_code, item.assessment.assessment_id, item.kind, number, edition.lang)


def _lead(item: RatingList, size: ListSize, edition: Edition) -> str:
    words = edition.words
    count = words.count("page.organizations", item.number)
    told = [words("page.rating_lead", count=count, scored=format_integer(item.scored))]
    if size.present > item.number:
        absent = size.present - item.number
        told.append(words.plural("page.rating_absent", absent, number=format_integer(absent)))
    return " ".join(told)


def _years(item: RatingList, offered: Sequence[RatingList], path: str, edition: Edition) -> tuple[Link, ...]:
    """The same kind in the other rounds of its sphere, newest first; the present one has no address."""
    same = [one for one in offered if one.kind == item.kind and one.assessment.sphere == item.assessment.sphere]
    years = [one.assessment.period for one in same]
    return tuple(
        Link(text=_year(one.assessment, years), href="" if one == item else urls.relative(_path(one, 1, edition), path))
        for one in same
    )


def _year(assessment: Assessment, years: Sequence[int]) -> str:
    """The year; and the title of the round where a year has two."""
    year = str(assessment.period)
    return year if years.count(assessment.period) == 1 else f"{year}: {assessment.title}"


def _kinds(item: RatingList, offered: Sequence[RatingList], path: str, edition: Edition) -> tuple[Link, ...]:
    """The other kinds of the same round; the present one has no address."""
    same = [one for one in offered if one.assessment.assessment_id == item.assessment.assessment_id]
    return tuple(
        Link(
            text=edition.spheres.kind(one.kind).title[edition.language] if one.kind else edition.words("page.no_kind"),
            href="" if one == item else urls.relative(_path(one, 1, edition), path),
        )
        for one in same
    )


# ---- the table -----------------------------------------------------------------------------------------------------


def _columns(scales: Scales | None, edition: Edition) -> tuple[RatingCell, ...]:
    """The headings of all columns, the one of names first."""
    texts = [("page.column_name", False), ("page.column_place", False), ("page.column_rank", True)]
    texts += [("page.column_total", True), ("page.column_word", False)]
    named = [(edition.words(key), is_number) for key, is_number in texts]
    named += [(scale.heading, True) for scale in (scales.criteria if scales else ())]
    named.append((edition.words("page.column_respondents"), True))
    return tuple(
        [
            RatingCell(label=breakable(text) if is_number else text, text=text, is_number=is_number)
            for text, is_number in named
        ]
    )


def _row(item: Rated, heads: Sequence[str], scales: Scales | None, path: str, edition: Edition) -> RatingRow:
    """`heads` are the headings after the one of names."""
    place, total = place_line(item.organization), item.scores["total"]
    word = edition.mark(total, scales.total) if scales else edition.state_marks[total.state]
    cells = [
        RatingCell(label=heads[0], text=place, lang=edition.foreign(place)),
        _number(heads[1], rank_text(item.standing), str(item.standing.rank) if item.standing else ""),
        _number(heads[2], word.points, printed(total.points) if total.points is not None and word.points else ""),
        RatingCell(label=heads[3], text=word.word, level=word.level, is_state=not word.points),
    ]
    for label, scale in zip(heads[4:-1], scales.criteria if scales else (), strict=True):
        score = item.scores.get(scale.measure.id)
        mark = edition.mark(score, scale) if score else None
        points = printed(score.points) if score and score.points is not None else ""
        cells.append(_number(label, (mark.points or mark.word) if mark else "", points))
    asked = total.respondents
    cells.append(
        _number(heads[-1], "" if asked is None else format_integer(asked), "" if asked is None else str(asked))
    )
    return RatingRow(
        name=item.organization.title,
        href=edition.organization_link(item.organization, path),
        lang=edition.foreign(item.organization.title),
        cells=tuple(cells),
    )


def _number(label: str, text: str, value: str) -> RatingCell:
    return RatingCell(label=label, text=text, is_number=True, value=value, is_state=bool(text and not value))


# ---- the ways to the lists -----------------------------------------------------------------------------------------


def ratings_page(
    region_code: str, offered: Sequence[RatingList], is_demonstration: bool, edition: Edition
) -> RatingsPage:
    """All lists of a region: sphere by sphere, year by year, kind by kind."""
    path, words = urls.ratings_of(region_code, edition.lang), edition.words
    title = words("page.ratings_in", region=edition.region_name(region_code))
    known = list(edition.spheres.spheres)
    spheres = sorted(
        {one.assessment.sphere for one in offered},
        key=lambda one: (known.index(one) if one in known else len(known), one),
    )
    return RatingsPage(
        title=title,
        description=words("page.ratings_lead"),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(edition.region_link(region_code, path),),
        heading=title,
        text_lang=edition.foreign(title),
        lead=words("page.ratings_lead") if offered else words("page.ratings_none"),
        spheres=tuple(
            RatingSphere(
                id=sphere,
                title=edition.sphere_title(sphere),
                years=_rounds([one for one in offered if one.assessment.sphere == sphere], path, edition),
            )
            for sphere in spheres
        ),
    )


def _rounds(offered: Sequence[RatingList], path: str, edition: Edition) -> tuple[RatingYear, ...]:
    rounds = list(dict.fromkeys(one.assessment for one in offered))
    years = [one.period for one in rounds]
    return tuple(
        RatingYear(
            text=_year(assessment, years),
            doors=tuple(
                Door(
                    text=edition.spheres.kind(one.kind).title[edition.language]
                    if one.kind
                    else edition.words("page.no_kind"),
                    href=urls.relative(_path(one, 1, edition), path),
                    number=format_integer(one.number),
                )
                for one in offered
                if one.assessment == assessment
            ),
        )
        for assessment in rounds
    )


def all_ratings_page(numbers: Sequence[tuple[str, int]], is_demonstration: bool, edition: Edition) -> RatingsPage:
    """The regions that have lists; `numbers` are (region, how many lists)."""
    path, words = urls.ratings(edition.lang), edition.words
    doors = [
        Door(
            text=edition.region_name(code),
            href=urls.relative(urls.ratings_of(code, edition.lang), path),
            number=format_integer(number),
            lang=edition.foreign(edition.region_name(code)),
        )
        for code, number in numbers
    ]
    title = words("page.ratings_title")
    return RatingsPage(
        title=title,
        description=words("page.ratings_lead"),
        address=edition.address(path),
        is_demonstration=is_demonstration,
        crumbs=(Link(text=words("page.home"), href=urls.relative(urls.home(edition.lang), path)),),
        heading=title,
        text_lang="",
        lead=words("page.ratings_lead"),
        regions=tuple(sorted(doors, key=lambda door: door.text)),
    )
