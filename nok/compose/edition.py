"""What every page is composed with: language, words, methods, day; and the small phrases that many pages share.

What depends on small values only (a number, a region, the points of a scale) is worked out once and kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from nok import urls
from nok.compose.kept import Kept
from nok.config import Config
from nok.method import Band, Measure, Method, Role
from nok.model import Link, Mark, StageStep
from nok.records import STAGES, Assessment, Organization, Region, Row, Score, ScoreState, record
from nok.settlements import Exonyms, town_of
from nok.statistics import round_half_up
from nok.templating import (
    NO_BREAK,
    Words,
    decimal_sign,
    format_date,
    format_decimal,
    format_integer,
    is_cyrillic,
    marked,
)
from nok.vocabulary import Reasons, Spheres
from nok.warehouse_parties import Running

TICKS: tuple[Decimal, ...] = tuple(map(Decimal, (20, 40, 60, 80)))
"""Where the ticks above a bar of 0–100 stand."""


_TOP, _BOTTOM, _LABEL_ABOVE = Decimal(22), Decimal(84), Decimal(8)
"""Heights on the chart of the years: of all points and of none, in per cent."""


@record
class Shown:
    """Points on their scale.

    `share` is the share of the scale from the bad end, 0 to 1 for points within it; `y` and `label_y` are the heights
    of the dot and of its label on the chart of the years.
    """

    mark: Mark
    share: Decimal
    y: str
    label_y: str


class Age(NamedTuple):
    """How old a result is: `3 года назад`; whether the act says that there should be a newer one."""

    ago: str
    is_overdue: bool


class ShownMedian(NamedTuple):
    """A median on its scale: as a number, as the sentence below a bar, and as a place on the bar."""

    number: str
    sentence: str
    x: str


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How one measure is shown in one language; `heading` is its short name, `short` the same inside a sentence."""

    measure: Measure
    title: str
    heading: str
    short: str
    weight: str
    """The weight as it is printed; empty where there is none."""
    shown: Kept[str, Shown]
    """By the points' text, for equal numbers may be published with different decimals. Equal scales share it."""
    medians: Kept[Decimal, ShownMedian]
    rounded: Kept[Decimal, Mark]
    """Computed numbers as marks: rounded for showing, their bands by the exact value."""


@dataclass(frozen=True, kw_only=True)
class Scales:
    """The scales of a method in one language; `indicators` are by the id of their criterion."""

    method: Method
    note: str
    """Says the scale where it is not 0–100, or that less is better."""
    has_band_ticks: bool
    """Whether the limits of the total's bands are the ticks above a bar."""
    total: Scale
    criteria: tuple[Scale, ...]
    indicators: Mapping[str, tuple[Scale, ...]]
    by_id: Mapping[str, Scale]


@dataclass(frozen=True, kw_only=True, eq=False)
class Edition:
    """One publication in one language on one day."""

    config: Config
    language: str
    words: Words
    methods: Mapping[str, Method]
    spheres: Spheres
    reasons: Reasons
    regions: Mapping[str, Region]
    method_of: Mapping[str, str]
    """The method of each assessment."""
    today: date
    campaigns: Running
    """Those that run today."""
    stages: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    """Assessment to stage to what is told of it."""
    exonyms: Exonyms = field(default_factory=dict)
    """Customary English names of towns."""

    @cached_property
    def lang(self) -> str:
        """What stands before paths of this language."""
        return urls.prefix(self.language, self.config.languages)

    # -- names -------------------------------------------------------------------------------------------------------

    def region_name(self, region_code: str) -> str:
        region = self.regions.get(region_code)
        if region is None:
            return region_code
        return region.name_en or region.name if self.language == "en" else region.name

    def place_name(self, region_code: str, name: str) -> str:
        """A municipality or settlement; in English by its customary name where it has one, else as it is written."""
        known = self.exonyms.get((region_code, town_of(name))) if self.language == "en" and self.exonyms else None
        return known[0] if known else name

    def sphere_title(self, sphere_id: str) -> str:
        return self.spheres.sphere(sphere_id).title[self.language]

    def count_kind(self, kind_id: str, number: int) -> str:
        """`212 школ`."""
        return f"{number}{NO_BREAK}{self.kind_word(kind_id, number)}"

    def kind_word(self, kind_id: str, number: int) -> str:
        """The word that follows a number of organisations of a kind, `школ` after 212."""
        return self._kind_words[kind_id, number]

    @cached_property
    def _kind_words(self) -> Kept[tuple[str, int], str]:
        def word(question: tuple[str, int]) -> str:
            kind_id, number = question
            forms = self.spheres.kind(kind_id).words[self.language]
            return Words(self.language, {}, {"kind": forms}).plural("kind", number)

        return Kept(word)

    def foreign(self, *texts: str) -> str:
        """`ru` where an English page shows Russian names, so that they are read aloud rightly; else empty."""
        return "ru" if self.language != "ru" and any(is_cyrillic(text) for text in texts) else ""

    def mixed(self, text: str) -> str:
        """The text; on a page of another language as HTML that marks what is Russian in it, word by word."""
        return marked(text) if self.language != "ru" and is_cyrillic(text) else text

    def day(self, day: date) -> str:
        return self.days[day]

    @cached_property
    def days(self) -> Kept[date, str]:
        return Kept(lambda day: format_date(day, self.language))

    @cached_property
    def assessment_headings(self) -> Kept[tuple[str, int], str]:
        """`Независимая оценка 2025`, by (kind of assessment, year)."""
        return Kept(lambda asked: self.words(f"page.assessment_{asked[0]}", year=asked[1]))

    # -- age ---------------------------------------------------------------------------------------------------------

    @cached_property
    def ages(self) -> Kept[tuple[int, str], Age]:
        """How old a round is, by (its year, its method).

        Counted in whole years, from the year of the round to the year of today: a page says another thing only when a
        year begins, not daily. So a result is overdue when the longest gap has gone by to its very end: one of 2022 with
        a gap of three years from the first of January 2026.

        Source: an organisation is assessed at least once in three years (`longest_gap_years` of its method).
        """
        return Kept(self._age)

    def _age(self, asked: tuple[int, str]) -> Age:
        period, method_id = asked
        years, method = max(0, self.today.year - period), self.methods.get(method_id)
        gap = method.longest_gap_years if method else None
        ago = self.words.plural("page.years_ago", years, number=years) if years else self.words("page.this_year")
        return Age(ago=ago, is_overdue=gap is not None and years > gap)

    # -- the course of a round ---------------------------------------------------------------------------------------

    @cached_property
    def steps(self) -> Kept[Assessment, tuple[StageStep, ...]]:
        """The seven stages of a round with their days, and which of them it has reached."""
        return Kept(self._steps_of)

    def _steps_of(self, assessment: Assessment) -> tuple[StageStep, ...]:
        told, reached = self.stages.get(assessment.assessment_id, {}), STAGES.index(assessment.stage)
        return tuple(self._step(name, told.get(name, {}), number - reached) for number, name in enumerate(STAGES))

    def _step(self, name: str, row: Row, ahead: int) -> StageStep:
        state = "ahead" if ahead > 0 else "past" if ahead < 0 or name == STAGES[-1] else "now"
        days = [
            self.day(date.fromisoformat(row[column])) for column in ("started_on", "finished_on") if row.get(column)
        ]
        begun = days[0] if days else ""
        if len(days) == 1 and state == "now":
            days = [self.words("page.since", day=begun)]
        return StageStep(
            word=self.words(f"page.stage_{name}"),
            days=" – ".join(days),
            state=state,
            state_word=self.words(f"page.step_{state}"),
            note=self.mixed(row.get("note", "")),
            begun=begun,
        )

    # -- reviews -----------------------------------------------------------------------------------------------------

    @cached_property
    def review_counts(self) -> Kept[int, str]:
        """`12 отзывов`, the heading of so many reviews."""
        words = self.words

        def heading(count: int) -> str:
            if not count:
                return words("page.reviews_none")
            return words("page.reviews_heading", count=words.count("page.reviews", count))

        return Kept(heading)

    @cached_property
    def of_five(self) -> Kept[int, str]:
        """`4 из 5`."""
        return Kept(lambda rating: self.words("page.of_five", rating=rating))

    @cached_property
    def feed_titles(self) -> Kept[int, str]:
        """Of a review in a feed, by its rating."""
        return Kept(lambda rating: self.words("page.feed_review", rating=rating))

    @cached_property
    def reply_headings(self) -> Kept[date, str]:
        """By the day of the reply."""
        return Kept(lambda day: self.words("page.reply_heading", day=self.days[day]))

    # -- numbers -----------------------------------------------------------------------------------------------------

    def number(self, number: Decimal, decimals: int) -> str:
        return self._numbers[number, decimals]

    @cached_property
    def _numbers(self) -> Kept[tuple[Decimal, int], str]:
        def text(question: tuple[Decimal, int]) -> str:
            number, decimals = question
            return format_decimal(round_half_up(number, decimals), decimals, self.language)

        return Kept(text)

    def points(self, points: Decimal, decimals: int) -> str:
        """Points as published, with at least the method's decimals; more are kept, for nothing published is rounded."""
        return self._points[str(points), decimals]

    @cached_property
    def _points(self) -> Kept[tuple[str, int], str]:
        def text(question: tuple[str, int]) -> str:
            points, decimals = Decimal(question[0]), question[1]
            exponent = points.as_tuple().exponent
            own = -exponent if isinstance(exponent, int) else 0
            return format_decimal(points, max(own, decimals), self.language)

        return Kept(text)

    def share(self, part: int, whole: int) -> str:
        """`46,2 %`; a dash where there is no whole."""
        if not whole:
            return "—"
        return f"{self.number(Decimal(100 * part) / whole, 1 if part else 0)}{NO_BREAK}%"

    def integer(self, number: int) -> str:
        return format_integer(number)

    def plain_number(self, number: str) -> str:
        """A number as it was written, with the decimal sign of the language and no zeros at its end."""
        if "." in number:
            number = number.rstrip("0").rstrip(".")
        return number.replace(".", decimal_sign(self.language))

    # -- marks -------------------------------------------------------------------------------------------------------

    def mark(self, score: Score | None, scale: Scale) -> Mark:
        """Points with their word, or the word of the state; no score at all is "not assessed"."""
        if score is None:
            return self.state_marks[ScoreState.NOT_ASSESSED]
        if score.points is None:
            return self.state_marks[score.state]
        return scale.shown[str(score.points)].mark

    @cached_property
    def state_marks(self) -> Kept[ScoreState, Mark]:
        return Kept(lambda state: Mark(points="", word=self.words(f"page.state_{state}")))

    def mark_points(self, points: Decimal, measure: Measure, decimals: int) -> Mark:
        band = measure.band(points)
        return Mark(
            points=self.points(points, decimals),
            word=band.word[self.language] if band else "",
            level=band.level if band else 0,
            width=width(points, measure),
        )

    @cached_property
    def scales(self) -> Mapping[str, Scales]:
        """The scales of each method, by its id."""
        return {method_id: self._scales(method) for method_id, method in self.methods.items()}

    def _scales(self, method: Method) -> Scales:
        found = {measure.id: self._scale(measure, method) for measure in method.measures}
        return Scales(
            method=method,
            note=self._scale_note(method),
            has_band_ticks=tuple(band.upto for band in method.total.bands[:-1]) == TICKS,
            total=found[method.total.id],
            criteria=tuple(found[measure.id] for measure in method.criteria),
            indicators={
                criterion.id: tuple(found[measure.id] for measure in method.indicators(criterion.id))
                for criterion in method.criteria
            },
            by_id=found,
        )

    def _scale_note(self, method: Method) -> str:
        maximum = method.total.maximum
        notes = [] if maximum == 100 else [self.words("page.scale", maximum=f"{maximum:f}")]
        if any(not measure.higher_is_better for measure in method.criteria):
            notes.append(self.words("page.penalties"))
        return " ".join(notes)

    def _scale(self, measure: Measure, method: Method) -> Scale:
        alike = str((measure.maximum, measure.higher_is_better, measure.bands, method.decimals))
        short = measure.short[self.language]
        return Scale(
            measure=measure,
            title=measure.title[self.language],
            heading=short,
            short=short[:1].lower() + short[1:],
            weight=f"{measure.weight}".replace(".", decimal_sign(self.language)) if measure.weight else "",
            shown=self._shown_by_scale.setdefault(alike, Kept(lambda text: self._show(Decimal(text), measure, method))),
            medians=Kept(lambda median: self._show_median(median, measure, method), limit=2_000),
            rounded=Kept(lambda number: self._show_rounded(number, measure, method), limit=2_000),
        )

    @cached_property
    def _shown_by_scale(self) -> dict[str, Kept[str, Shown]]:
        return {}

    def _show(self, points: Decimal, measure: Measure, method: Method) -> Shown:
        share = points / measure.maximum
        share = share if measure.higher_is_better else 1 - share
        y = _BOTTOM - (_BOTTOM - _TOP) * share
        mark = self.mark_points(points, measure, method.decimals)
        return Shown(mark=mark, share=share, y=percent(y), label_y=percent(y - _LABEL_ABOVE))

    def _show_median(self, median: Decimal, measure: Measure, method: Method) -> ShownMedian:
        number = self.number(median, method.decimals)
        sentence = self.words("page.median_of", median=number)
        return ShownMedian(number=number, sentence=sentence, x=width(median, measure))

    def _show_rounded(self, number: Decimal, measure: Measure, method: Method) -> Mark:
        mark = self.mark_points(number, measure, method.decimals)
        text = self.number(number, method.decimals)
        return Mark(points=text, word=mark.word, level=mark.level, width=mark.width)

    # -- links -------------------------------------------------------------------------------------------------------

    def organization_path(self, organization: Organization) -> str:
        return urls.organization(
            organization.region_code, organization.organization_id, self.lang, self.config.address_shards
        )

    def organization_link(self, organization: Organization, origin: str) -> str:
        return self._organization_links[organization.region_code, organization.organization_id, urls.root_of(origin)]

    @cached_property
    def _organization_links(self) -> Kept[tuple[str, str, str], str]:
        """An organisation stands in some thirty lists of its region, written one after another."""

        def link(question: tuple[str, str, str]) -> str:
            region_code, organization_id, root = question
            return root + urls.organization(region_code, organization_id, self.lang, self.config.address_shards)

        return Kept(link)

    def region_link(self, region_code: str, origin: str) -> Link:
        return self._region_links[region_code, urls.root_of(origin)]

    @cached_property
    def _region_links(self) -> Kept[tuple[str, str], Link]:
        def link(question: tuple[str, str]) -> Link:
            region_code, root = question
            name = self.region_name(region_code)
            target = urls.region(region_code, lang=self.lang)
            return Link(text=name, href=urls.relative(target, root), lang=self.foreign(name))

        return Kept(link)

    def sphere_region_link(self, sphere: str, region_code: str, origin: str) -> Link:
        return self._sphere_links[sphere, region_code, urls.root_of(origin)]

    @cached_property
    def _sphere_links(self) -> Kept[tuple[str, str, str], Link]:
        def link(question: tuple[str, str, str]) -> Link:
            sphere, region_code, root = question
            path = urls.sphere_region(sphere, region_code, lang=self.lang)
            return Link(text=self.sphere_title(sphere), href=urls.relative(path, root))

        return Kept(link)

    def method_link(self, method: Method, origin: str) -> Link:
        return self._method_links[method.id, urls.root_of(origin)]

    @cached_property
    def _method_links(self) -> Kept[tuple[str, str], Link]:
        def link(question: tuple[str, str]) -> Link:
            method_id, root = question
            href = urls.relative(urls.method(method_id, self.lang), root)
            return Link(text=self.methods[method_id].title[self.language], href=href)

        return Kept(link)

    def assessment_link(self, assessment: Assessment, origin: str) -> Link:
        return self._assessment_links[assessment.assessment_id, assessment.title, urls.root_of(origin)]

    @cached_property
    def _assessment_links(self) -> Kept[tuple[str, str, str], Link]:
        def link(question: tuple[str, str, str]) -> Link:
            assessment_id, title, root = question
            href = urls.relative(urls.assessment(assessment_id, self.lang), root)
            return Link(text=title, href=href, lang=self.foreign(title))

        return Kept(link)

    def indicator_lists(self, method_id: str, organization: Organization, origin: str) -> Mapping[str, str]:
        """Indicator to the list of those of the organisation's kind and region; for methods that have such lists."""
        return self._indicator_lists[
            method_id, organization.region_code, organization.sphere, organization.kind, urls.root_of(origin)
        ]

    @cached_property
    def _indicator_lists(self) -> Kept[tuple[str, str, str, str, str], Mapping[str, str]]:
        def links(question: tuple[str, str, str, str, str]) -> Mapping[str, str]:
            method_id, region_code, sphere, kind, root = question
            found = {}
            for measure in self.methods[method_id].measures:
                if measure.role is Role.INDICATOR:
                    path = urls.indicator_list(method_id, measure.id, region_code, sphere, kind, lang=self.lang)
                    found[measure.id] = urls.relative(path, root)
            return found

        return Kept(links)

    def campaign_links(self, region_code: str, kind: str | None, origin: str) -> tuple[Link, ...]:
        """The campaigns that run today for organisations of a region and kind, or in a region at all."""
        rows = self.campaigns.of(region_code, kind)
        return tuple(self._campaign_link(row, origin) for row in rows) if rows else ()

    def _campaign_link(self, row: Mapping[str, str], origin: str) -> Link:
        name = row.get("name_en", row["name"]) if self.language == "en" else row["name"]
        text = self.words("page.campaign_here", name=name, day=self.day(date.fromisoformat(row["ends_on"])))
        href = urls.relative(urls.campaign(row["campaign_id"], self.lang), origin)
        return Link(text=text, href=href, lang=self.foreign(name))

    def address(self, path: str) -> str:
        """A page's path as `Page.address` wants it: without the language and without `index.html`."""
        return path.removeprefix(self.lang).removesuffix("index.html")


def width(points: Decimal, measure: Measure) -> str:
    """How much of a bar points fill, from the bad end: penalties fill it when there are none."""
    share = Decimal(100) * points / measure.maximum if measure.maximum else Decimal(0)
    if not measure.higher_is_better:
        share = Decimal(100) - share
    return percent(share)


@lru_cache(maxsize=20_000)  # of a hundred per cent by hundredths there are half as many
def percent(share: Decimal) -> str:
    """`83.56%`, an attribute of SVG: always a point, at most two decimals."""
    text = f"{round_half_up(share, 2):f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}%"


def band_range(bands: tuple[Band, ...], number: int, edition: Edition, decimals: int) -> str:
    """`80,01–100`: from just above the band below to this band's limit."""
    step = Decimal(1).scaleb(-decimals)
    low = bands[number - 1].upto + step if number else Decimal(0)
    high = bands[number].upto
    if low >= high:
        return edition.number(high, 0 if high == high.to_integral() else decimals)
    low_text = edition.number(low, 0 if low == low.to_integral() else decimals)
    high_text = edition.number(high, 0 if high == high.to_integral() else decimals)
    return f"{low_text}–{high_text}"
