"""What every page is composed with: language, words, methods, day; and the small phrases that many pages share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nok import urls
from nok.config import Config
from nok.method import Band, Measure, Method
from nok.model import Link, Mark
from nok.records import Organization, Region, Score, ScoreState
from nok.statistics import round_half_up
from nok.templating import NO_BREAK, Words, format_date, format_decimal, is_cyrillic
from nok.vocabulary import Reasons, Spheres


@dataclass(frozen=True, slots=True, kw_only=True)
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

    @property
    def lang(self) -> str:
        """What stands before paths of this language."""
        return urls.prefix(self.language, self.config.languages)

    # -- names -------------------------------------------------------------------------------------------------------

    def region_name(self, region_code: str) -> str:
        region = self.regions.get(region_code)
        if region is None:
            return region_code
        return region.name_en or region.name if self.language == "en" else region.name

    def sphere_title(self, sphere_id: str) -> str:
        return self.spheres.sphere(sphere_id).title[self.language]

    def count_kind(self, kind_id: str, number: int) -> str:
        """`212 школ`."""
        return f"{number}{NO_BREAK}{self.kind_word(kind_id, number)}"

    def kind_word(self, kind_id: str, number: int) -> str:
        """The word that follows a number of organisations of a kind, `школ` after 212."""
        forms = self.spheres.kind(kind_id).words[self.language]
        return Words(self.language, {}, {"kind": forms}).plural("kind", number)

    def foreign(self, *texts: str) -> str:
        """`ru` where an English page shows Russian names, so that they are read aloud rightly; else empty."""
        return "ru" if self.language != "ru" and any(is_cyrillic(text) for text in texts) else ""

    def day(self, day: date) -> str:
        return format_date(day, self.language)

    # -- numbers -----------------------------------------------------------------------------------------------------

    def number(self, number: Decimal, decimals: int) -> str:
        return format_decimal(round_half_up(number, decimals), decimals, self.language)

    def points(self, points: Decimal, decimals: int) -> str:
        """Points as published, with at least the method's decimals; more are kept, for nothing published is rounded."""
        exponent = points.as_tuple().exponent
        own = -exponent if isinstance(exponent, int) else 0
        return format_decimal(points, max(own, decimals), self.language)

    def share(self, part: int, whole: int) -> str:
        """`46,2 %`; a dash where there is no whole."""
        if not whole:
            return "—"
        return f"{self.number(Decimal(100 * part) / whole, 1 if part else 0)}{NO_BREAK}%"

    # -- marks -------------------------------------------------------------------------------------------------------

    def mark(self, score: Score | None, measure: Measure, decimals: int) -> Mark:
        """Points with their word, or the word of the state; no score at all is "not assessed"."""
        if score is None or score.points is None:
            state = ScoreState.NOT_ASSESSED if score is None else score.state
            return Mark(points="", word=self.words(f"page.state_{state}"))
        return self.mark_points(score.points, measure, decimals)

    def mark_points(self, points: Decimal, measure: Measure, decimals: int) -> Mark:
        band = measure.band(points)
        return Mark(
            points=self.points(points, decimals),
            word=band.word[self.language] if band else "",
            level=band.level if band else 0,
            width=width(points, measure),
        )

    # -- links -------------------------------------------------------------------------------------------------------

    def organization_link(self, organization: Organization, origin: str) -> str:
        path = urls.organization(
            organization.region_code, organization.organization_id, self.lang, self.config.address_shards
        )
        return urls.relative(path, origin)

    def region_link(self, region_code: str, origin: str) -> Link:
        name = self.region_name(region_code)
        return Link(
            text=name, href=urls.relative(urls.region(region_code, lang=self.lang), origin), lang=self.foreign(name)
        )

    def sphere_region_link(self, sphere: str, region_code: str, origin: str) -> Link:
        path = urls.sphere_region(sphere, region_code, lang=self.lang)
        return Link(text=self.sphere_title(sphere), href=urls.relative(path, origin))

    def address(self, path: str) -> str:
        """A page's path as `Page.address` wants it: without the language and without `index.html`."""
        return path.removeprefix(self.lang).removesuffix("index.html")


def width(points: Decimal, measure: Measure) -> str:
    """How much of a bar points fill, from the bad end: penalties fill it when there are none."""
    share = Decimal(100) * points / measure.maximum if measure.maximum else Decimal(0)
    if not measure.higher_is_better:
        share = Decimal(100) - share
    return percent(share)


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
