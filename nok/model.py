"""All that a template may know: one frozen record for each kind of page, every text ready to be shown.

Numbers, dates, plurals and messages are already in the page's language; widths and positions are ready attributes such
as `83.56%`. Nothing here reads, sorts or computes: `nok.compose` makes these records, `nok.render` turns them into text.
An empty string or an empty tuple means "nothing to show here".
"""

from nok.records import record, row_record


@record
class Link:
    """A link relative to its page; `lang` is set where the text is in another language than the page."""

    text: str
    href: str
    lang: str = ""


@record
class Page:
    """What every page has.

    `address` is the path below the site's root without the language and without `index.html`: canonical link and the
    links to the other languages are made of it.
    """

    title: str
    description: str
    address: str
    is_demonstration: bool = False
    crumbs: tuple[Link, ...] = ()


# ---- scores --------------------------------------------------------------------------------------------------------


@record
class Mark:
    """Points with their word, or the word of a state that is no score.

    `points` is empty for a state; then `word` names the state. `level` is 1 (worst) to 5 (best), 0 where there is no
    band. `width` is the share of the scale from the bad end (`83.56%`), empty for a state.
    """

    points: str
    word: str
    level: int = 0
    width: str = ""


@record
class HowView:
    """How one number was computed: `lines` say what was counted, `formula` what was done with it.

    `note` says what was rounded, left out or missing, and how the published number stands to it; `is_flagged` is true
    where the two do not agree.
    """

    lines: tuple[str, ...]
    formula: str
    note: str
    is_flagged: bool = False


@row_record
class IndicatorRow:
    """An indicator; `href` leads to the list of those of its kind, `how` is `None` where nothing is known behind it."""

    id: str
    title: str
    points: str
    weight: str
    is_state: bool = False
    """True where `points` is the word of a state, which is no score."""
    href: str = ""
    how: HowView | None = None


@record
class CriterionView:
    """One criterion: its mark, the peers' median (`median_x` is its place on the bar) and what it is made of.

    `is_weakest` is true for the one weakest criterion; `weak_note` then says by how much and what the plan does.
    `strong_note` says of the strongest one that it is, and by how much; empty for all others.
    `sum_note` writes the weighted sum out where all parts are published.
    """

    id: str
    title: str
    mark: Mark
    median: str
    median_x: str
    is_weakest: bool
    weak_note: str
    indicators: tuple[IndicatorRow, ...]
    sum_note: str
    how: HowView | None = None
    strong_note: str = ""


@record
class AssessmentView:
    """The latest assessment of an organisation."""

    heading: str
    """`Независимая оценка 2025`."""
    sides: str
    """The strongest and the weakest criterion in a sentence, before the one number; empty where they do not differ."""
    total: Mark
    scale_note: str
    """Says the scale where it is not 0–100, or that less is better."""
    median: str
    median_x: str
    rank_note: str
    """`Место 43 из 212 школ области, вместе с ещё двумя`; for a state, why there is no place."""
    rank_href: str
    """The rating list it stands in; empty where it stands in none."""
    criteria_heading: str
    """The message of the criteria; empty where there are none."""
    criteria: tuple[CriterionView, ...]
    has_band_ticks: bool
    """Whether the ticks above a bar are the limits of the bands."""
    source_note: str
    """How many answered, dates."""
    age_note: str
    """`Оценивалась 3 года назад.`, whether that is overdue; empty where it never had points."""
    is_overdue: bool
    method: Link
    assessment: Link
    how: HowView | None = None
    check_note: str = ""
    """What recomputing from observations and answers says of the round; empty where there are none."""
    flags: tuple[str, ...] = ()
    """A sentence for each published number that does not agree with the others or with what was counted."""


# ---- citizens' ratings and reviews ---------------------------------------------------------------------------------


@record
class DistributionRow:
    """How many people gave one rating; `width` relative to the most frequent one."""

    rating: int
    count: str
    width: str


@row_record
class RatingPeriod:
    """Ratings of one stretch of time; `mean` is a word and the rest empty where they are too few. `positive` is the
    share of ratings 4 and 5."""

    name: str
    count: str
    mean: str
    interval: str
    positive: str
    positive_interval: str


@record
class RatingsView:
    """Citizens' ratings. `mean` is empty where too few people rated; `note` then says so.

    `channels` and `criteria` are told of as many ratings as the rule for splits allows, and empty where it allows none.
    On the scale drawn from 1 (0 %) to 5 (100 %): `mean_x`, `low_x` and `interval_width`.
    """

    heading: str
    mean: str
    mean_x: str
    low_x: str
    interval_width: str
    note: str
    count: str
    distribution: tuple[DistributionRow, ...]
    periods: "tuple[RatingPeriod, ...]" = ()
    channels_heading: str = ""
    channels: "tuple[Fact, ...]" = ()
    criteria: "tuple[Fact, ...]" = ()


@row_record
class ReviewView:
    """One review as shown. A hidden one has only `hidden_note`, which names the date, the rule and whether it counts."""

    rating: int = 0
    rating_text: str = ""
    facts: tuple[str, ...] = ()
    text: str = ""
    lang: str = ""
    reply_heading: str = ""
    reply: str = ""
    photos: "tuple[PhotoView, ...]" = ()
    hidden_note: str = ""


@row_record
class PhotoView:
    """A photograph beside a review: `href` leads to the large copy, `small` to the one that is shown; `width` and `height`
    are its pixels, empty where nobody knows them."""

    href: str
    small: str
    alt: str
    width: str
    height: str


# ---- plan, history, place ------------------------------------------------------------------------------------------


@row_record
class StageStep:
    """A stage of a round. `state` is `past`, `now` or `ahead`, and `state_word` says so; `days` and `begun`, its first day
    alone, are empty where nobody told them."""

    word: str
    days: str
    state: str
    state_word: str
    note: str = ""
    begun: str = ""


@record
class PlanRow:
    """A promised measure; `state` is one word, `state_note` the date or the delay; overdue is said in words and red.
    `proposal` is what it answers, empty where nobody proposed anything."""

    action: str
    shortcoming: str
    proposal: str
    indicator: str
    due: str
    state: str
    state_note: str
    is_done: bool
    is_overdue: bool
    responsible: str


@row_record
class ProposalRow:
    """A proposal without a measure; `reason` says why there is none, or that nobody said why."""

    text: str
    shortcoming: str
    reason: str


@row_record
class HistoryDot:
    """A year on a small chart; `anchor` is `s`, `` or `e` (start, middle, end of the chart)."""

    x: str
    y: str
    label_y: str
    label: str
    year: str
    anchor: str
    is_other_method: bool


@row_record
class HistorySegment:
    x1: str
    y1: str
    x2: str
    y2: str


@record
class HistoryChart:
    """One measure over the years; `break_x` is where the method changed, empty if it did not."""

    title: str
    dots: tuple[HistoryDot, ...]
    segments: tuple[HistorySegment, ...]
    break_x: str


@record
class HistoryView:
    """The years of one organisation as charts and, saying the same, as a table."""

    heading: str
    charts: tuple[HistoryChart, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str


@record
class PlaceView:
    """Where the organisation stands on the picture of its region's points; empty `x` where it has no coordinates."""

    x: str
    y: str
    picture: str
    map_href: str
    caption: str


@row_record
class Fact:
    """A name and its value, with a link where there is something to open."""

    name: str
    value: str
    href: str = ""


@row_record
class FeedEntry:
    """Something new: `id` is a URN of letters and digits, `day` is ISO 8601, `href` absolute; `text` may be empty."""

    id: str
    title: str
    day: str
    href: str
    text: str


@record
class Feed:
    """What is new of an organisation or a region, newest first; at least one entry. Addresses are absolute."""

    id: str
    title: str
    author: str
    href: str
    page: str
    language: str
    entries: tuple[FeedEntry, ...]


@row_record
class HeirRow:
    """Who goes on with its work; `note` says when that one closed itself, and is empty where it works."""

    name: str
    href: str
    lang: str
    note: str


@record
class InheritedRow:
    """What was said of a predecessor: when it closed, its last points and their year, its citizens' mean."""

    name: str
    href: str
    lang: str
    closed: str
    mark: Mark
    year: str
    citizens: str


@record
class KinView:
    """Who goes on with its work, the nearest first; whose work it goes on with, their numbers never part of its own."""

    heirs_heading: str
    heirs: tuple[HeirRow, ...]
    predecessors_heading: str
    predecessors: tuple[InheritedRow, ...]


@record
class AppealsView:
    """Official appeals of one organisation: year and numbers, newest first; `channel` is where to turn to."""

    rows: tuple[Fact, ...]
    channel: Link | None


# ---- pages ---------------------------------------------------------------------------------------------------------


@record
class OrganizationPage(Page):
    """The honest page of one organisation."""

    organization_id: str
    chosen_as: str
    """Its place below `o/`, by which comparison and favourites know it."""
    name: str
    official_name: str
    """The full name where it differs from the name above it."""
    text_lang: str
    """`ru` on an English page whose names are Russian; empty otherwise."""
    kind: str
    place_line: str
    contacts: tuple[Link, ...]
    assessment: AssessmentView | None
    ratings: RatingsView
    reviews_heading: str
    reviews: tuple[ReviewView, ...]
    more_reviews: Link | None
    plan_heading: str
    plan: tuple[PlanRow, ...]
    """Of the newest round that has one."""
    history: HistoryView | None
    requisites: tuple[Fact, ...]
    place: PlaceView
    closed_note: str
    campaigns: tuple[Link, ...]
    """The campaigns that it takes part in now."""
    badge_href: str
    badge_alt: str
    site_code: str
    """The HTML of the links that an organisation shows on its own site, safe to be shown as text."""
    card_code: str
    """The HTML of a frame with the card, likewise."""
    card_href: str
    poster_href: str
    json_href: str
    check_href: str
    data_href: str
    structured_data: str
    """JSON-LD, already safe inside a script element."""
    appeals: AppealsView | None = None
    observed: Link | None = None
    """The page with the pictures of observers; `None` where there is none."""
    stages: tuple[StageStep, ...] = ()
    """Of the newest round; empty where its package tells no stages."""
    former_plan_heading: str = ""
    former_plan: tuple[PlanRow, ...] = ()
    proposals: tuple[ProposalRow, ...] = ()
    set_aside: str = ""
    """How many ratings look like stuffing; empty where none do."""
    other_rounds: tuple[Fact, ...] = ()
    """Departmental and supervisory rounds: which, its result, its passport."""
    kin: KinView | None = None
    """`None` where it came from nobody and nobody came after it."""
    feed_href: str = ""
    """What is new of it; empty where there is nothing to tell."""


@record
class ReviewsPage(Page):
    """A further page of an organisation's reviews."""

    organization_id: str
    name: str
    text_lang: str
    heading: str
    organization: Link
    reviews: tuple[ReviewView, ...]
    previous: Link | None
    next: Link | None
    position: str


@record
class CardPage(Page):
    """The card for a frame on the organisation's own site; links are absolute, for they open in a window of their own."""

    name: str
    text_lang: str
    heading: str
    total: Mark
    citizens: str
    """`Граждане ставят 4,3 из 5`, or how many ratings there are."""
    links: tuple[Link, ...]
    rate: Link | None
    """`None` where the organisation is closed."""
    qr_href: str


@record
class ObservedPicture:
    """A picture of an observer; `caption` may be empty, `alt` never is."""

    href: str
    caption: str
    alt: str


@row_record
class ObservedRow:
    """What was noted of one parameter: `found` in words, `note` the observer's comment."""

    title: str
    found: str
    note: str


@record
class ObservedRound:
    """One round: when, where and by whom (`facts`), its pictures, what was noted."""

    heading: str
    facts: tuple[Fact, ...]
    pictures: tuple[ObservedPicture, ...]
    rows: tuple[ObservedRow, ...]
    has_notes: bool
    """Whether an observer commented on anything."""


@record
class ObservedPage(Page):
    """What observers saw at one organisation."""

    heading: str
    organization: Link
    text_lang: str
    rounds: tuple[ObservedRound, ...]


@record
class PosterPage(Page):
    """What a poster says, and the A4 sheet to print from a browser.

    `names` are the full one and, where there is one, the short one. The sheet of the browser shows `name`, in smaller type
    where `is_long_name`, and below it `official_name` where that is another. `qr_path` is SVG path data in modules, `qr_size` modules on a side; both are empty where the code
    is drawn by somebody else. `level` is the band of the score from 1, 0 where there is none. `digest` is of all that is
    printed and may change, so that two print runs can be compared.
    """

    name: str
    names: tuple[str, ...]
    official_name: str
    is_long_name: bool
    place_line: str
    qr_path: str
    qr_size: int
    typed_address: str
    score_line: str
    level: int
    plan_line: str
    responsible_line: str
    has_responsible: bool
    """Whether the line says who it is, or is to be completed by hand."""
    technical_line: str
    digest: str
    organization: Link


@record
class ListRow:
    """One organisation in a list."""

    organization_id: str
    name: str
    href: str
    place: str
    kind: str
    rank: str
    mark: Mark
    weakest: str
    citizens: str
    """Mean of citizens' ratings, or the word that says why there is none."""
    citizens_count: str
    is_on_map: bool = False
    """True where the map of the same page shows a point of it, so that a script may link to the point."""
    text_lang: str = ""
    """`ru` on an English page, whose names of organisations are Russian; empty otherwise."""
    age: str = ""
    """`3 года назад`, and that it is overdue; empty where there are no points."""
    closed: str = ""
    """`Закрыта 31 августа 2024`; empty where it is not."""


@record
class Pagination:
    """`position` says `Страница 1 из 19`; empty where one page holds all."""

    position: str
    previous: Link | None
    next: Link | None


@record
class BandRow:
    """How many organisations fall in a band; `level` 0 is "no score". `x` and `width` place it in the stacked bar."""

    level: int
    word: str
    range: str
    count: str
    share: str
    x: str
    width: str


@record
class SphereRow:
    """One sphere of a region (or one region of a sphere) in numbers that may be compared.

    `mean` is empty where there is none; `states` says how many have no points and why, or that they are by another
    method.
    """

    name: str
    href: str
    organizations: str
    assessed: str
    median: Mark
    ratings: str
    mean: str = ""
    states: str = ""


@record
class AggregateRow:
    """Organisations added up: one kind or one municipality of a sphere."""

    name: str
    lang: str
    organizations: str
    assessed: str
    mean: Mark
    states: str


@record
class MapView:
    """The folium map of a region: its element, the script files to load in this order, what it shows in words."""

    element: str
    """Safe HTML made by the map renderer."""
    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    label: str
    caption: str


@row_record
class AppealSumRow:
    """Official appeals of one year added up; `overdue` says of how many organisations it is known, where not of all."""

    year: str
    organizations: str
    received: str
    answered: str
    overdue: str


@record
class Door(Link):
    """A way to a part of a list, and how many organisations are behind it."""

    number: str


@record
class RegionPage(Page):
    """A region: what was assessed there, a map, and the list that says the same. Further pages have the list only."""

    name: str
    text_lang: str
    lead: str
    facts: tuple[Fact, ...]
    spheres: tuple[SphereRow, ...]
    list_heading: str
    list_note: str
    rows: tuple[ListRow, ...]
    pagination: Pagination
    map: MapView | None
    municipalities: tuple[Door, ...]
    data: tuple[Link, ...]
    """The open data of the region; empty on further pages."""
    appeals: tuple[AppealSumRow, ...] = ()
    """Official appeals to its organisations, newest year first; empty on further pages."""
    campaigns: tuple[Link, ...] = ()
    """The campaigns that run here now; empty on further pages."""
    feed_href: str = ""
    """What is new here; empty on further pages, and where there is nothing to tell."""


@record
class SphereRegionPage(Page):
    """One sphere in one region, in the order of points, with the shares of the bands."""

    heading: str
    text_lang: str
    lead: str
    spheres: tuple[Link, ...]
    """The other spheres of the region; the current one has an empty `href`."""
    message: str
    bands: tuple[BandRow, ...]
    facts: tuple[Fact, ...]
    source_note: str
    ratings: Link
    """To the lists of the region by kind and year."""
    list_heading: str
    list_note: str
    rows: tuple[ListRow, ...]
    pagination: Pagination
    kinds: tuple[AggregateRow, ...] = ()
    municipalities: tuple[AggregateRow, ...] = ()


@record
class SpherePage(Page):
    """One sphere in all regions that the packages name.

    `whole` is the sphere over all regions and `kinds` its kinds, both by the method of its newest round.
    """

    heading: str
    lead: str
    regions: tuple[SphereRow, ...]
    whole: tuple[AggregateRow, ...] = ()
    kinds: tuple[AggregateRow, ...] = ()
    whole_note: str = ""
    data: tuple[Link, ...] = ()


@record
class Tile:
    """A region in the tile-grid cartogram; `column_class` (`c7`) only after a gap, `has_results` chooses the tint."""

    code: str
    short: str
    name: str
    href: str
    column: int
    row: int
    has_results: bool


@record
class RegionsPage(Page):
    """All regions of the publication, as tiles and as a list (`/regions/`, `/map/`)."""

    heading: str
    lead: str
    tiles: tuple[Tile, ...]
    regions: tuple[SphereRow, ...]


@record
class HomePage(Page):
    facts: tuple[Fact, ...]
    edition: str
    """`На 7 февраля 2026`."""
    tiles: tuple[Tile, ...]
    regions: tuple[SphereRow, ...]
    spheres: tuple[SphereRow, ...]
    news: tuple["NewsItem", ...]
    examples: tuple[Link, ...]


@record
class NewsItem:
    title: str
    href: str
    day: str
    summary: str
    lang: str = ""


@record
class NewsPage(Page):
    """The list of news."""

    heading: str
    items: tuple[NewsItem, ...]
    feed_href: str


@record
class EditorialPage(Page):
    """A page or a piece of news that an editor wrote; `body` is HTML made by Pelican from Markdown."""

    heading: str
    body: str
    day: str
    text_lang: str = ""


@record
class MeasureRow:
    id: str
    title: str
    weight: str
    scale: str
    is_criterion: bool
    plain: str = ""
    formulas: tuple[Fact, ...] = ()
    """How it is counted: for whom (empty for everybody), and how."""
    href: str = ""
    """The page of an indicator that somebody has."""


@record
class MethodPage(Page):
    """A method. `note` says it in short, `known` what of it is confirmed by sources and what is not, by paragraphs."""

    heading: str
    note: str
    known: tuple[str, ...]
    passport: tuple[Fact, ...]
    measures: tuple[MeasureRow, ...]
    bands: tuple[BandRow, ...]
    states: tuple[Fact, ...]
    """The states that are no score: word and meaning."""
    rules: tuple[Fact, ...] = ()
    """How numbers are rounded, what is done where nobody answered, who is computed how: name and rule."""
    questionnaires: tuple[Link, ...] = ()
    """The forms that ask for what the method measures."""


@record
class IndicatorGroupRow:
    """A region, or a kind of organisations in a region, that has an indicator."""

    name: str
    href: str
    organizations: str
    scored: str
    median: Mark
    lang: str = ""


@record
class IndicatorPage(Page):
    """One indicator in all regions or, with `region`, in one.

    `formulas` say how it is counted: for whom (empty for everybody), and how.
    """

    heading: str
    region: str
    text_lang: str
    plain: str
    formulas: tuple[Fact, ...]
    regions: tuple[IndicatorGroupRow, ...]
    kinds: tuple[IndicatorGroupRow, ...]


@row_record
class MeasuredRow:
    """One organisation in the list of an indicator; `counts` is what its points were counted from, where it is known."""

    name: str
    href: str
    place: str
    text_lang: str
    mark: Mark
    counts: str
    year: str


@record
class IndicatorListPage(Page):
    """The organisations of one kind and region by an indicator, best first."""

    heading: str
    subject: str
    """`Школы, Томская область`."""
    text_lang: str
    plain: str
    list_note: str
    rows: tuple[MeasuredRow, ...]
    pagination: Pagination


@row_record
class RatingCell:
    """A cell of a rating list, or the heading of a column.

    `label` is the heading that the cell stands under; of a heading itself, how it stands in the head of the table.
    `value` is a number to sort by, with a point; empty where there is none. `level` is the band that the text names.
    """

    label: str
    text: str
    lang: str = ""
    is_number: bool = False
    value: str = ""
    level: int = 0
    is_state: bool = False


@record
class RatingRow:
    """One organisation of a rating list; `cells` are those of all columns but the first, which is its name."""

    name: str
    href: str
    lang: str
    cells: tuple[RatingCell, ...]


@record
class RatingListPage(Page):
    """A page of a rating list. `years` and `kinds` lead to its neighbours, the present one has no `href`; `table` is the
    address of the same rows and columns as CSV."""

    heading: str
    text_lang: str
    lead: str
    years: tuple[Link, ...]
    kinds: tuple[Link, ...]
    columns: tuple[RatingCell, ...]
    rows: tuple[RatingRow, ...]
    assessment: Link
    method: Link | None
    table: str
    pagination: Pagination


@record
class RatingYear:
    """The lists of one round: a door for each kind."""

    text: str
    doors: tuple[Door, ...]


@record
class RatingSphere:
    """The rounds of one sphere, newest first."""

    id: str
    title: str
    years: tuple[RatingYear, ...]


@record
class RatingsPage(Page):
    """The ways to rating lists: of one region (`spheres`), or the regions that have some (`regions`)."""

    heading: str
    text_lang: str
    lead: str
    spheres: tuple[RatingSphere, ...] = ()
    regions: tuple[Door, ...] = ()


@record
class AnswerRow:
    """One answer to tick. `arrow` says in words where to go on from it."""

    text: str
    arrow: str = ""


@record
class QuestionRow:
    """One question of a form as it is read, printed and explained.

    `condition` says of whom it is asked; `depth` is how deep its branch is, 0 to 3. `writing` is `long` where words are
    written, `short` for a number, else empty. `feeds` says what its answers go into; `own_note` marks what a region added.
    """

    number: str
    text: str
    hint: str
    condition: str
    depth: int
    answers: tuple[AnswerRow, ...]
    note: str
    writing: str
    feeds: tuple[Fact, ...]
    own_note: str


@record
class QuestionnairePage(Page):
    """A form: on paper the sheet alone, on a screen also what each question feeds."""

    heading: str
    note: str
    intro: str
    passport: tuple[Fact, ...]
    questions: tuple[QuestionRow, ...]
    downloads: tuple[Link, ...]
    others: tuple[Link, ...]


@row_record
class DecisionRow:
    """What a body decided; `href` leads to the document where it can be read."""

    day: str
    body: str
    stage: str
    subject: str
    document: str
    href: str = ""


@record
class AssessmentPage(Page):
    """One round: what, when, by which method, how far, what was decided, what came of it, and its lists.

    `kind_note` says of a round that is not independent that it enters no rating; `stage_line` which stage it has reached.
    """

    heading: str
    passport: tuple[Fact, ...]
    lists: "tuple[RoundRow, ...]"
    text_lang: str = ""
    kind_note: str = ""
    stage_line: str = ""
    stages: tuple[StageStep, ...] = ()
    decisions: tuple[DecisionRow, ...] = ()
    facts: tuple[Fact, ...] = ()
    message: str = ""
    bands: tuple[BandRow, ...] = ()
    plan_line: str = ""
    files: tuple[Link, ...] = ()


@row_record
class RoundRow:
    """The rounds of one sphere and method in a report; `text` tells the bands that the stacked bar shows."""

    name: str
    href: str
    lang: str
    assessed: str
    share: str
    mean: Mark
    bands: tuple[BandRow, ...]
    text: str


@row_record
class ReportRow:
    """A sphere, region or municipality in a report; texts are empty where nothing is told."""

    name: str
    href: str
    lang: str
    organizations: str
    assessed: str
    proposals: str
    done: str
    overdue: str
    is_overdue: bool
    ratings: str
    replies: str
    days: str


@record
class MeansTable:
    """The means of municipalities in the rounds of one sphere."""

    heading: str
    id: str
    rows: tuple[AggregateRow, ...]


@record
class ReportPage(Page):
    """A year of a region, or of all regions, for whoever watches over it; made to be printed.

    The headings are messages. `places` are municipalities or regions, `years` the reports of other years.
    """

    heading: str
    text_lang: str
    lead: str
    facts: tuple[Fact, ...]
    coverage_heading: str
    rounds: tuple[RoundRow, ...]
    plan_heading: str
    plan_note: str
    plan: tuple[ReportRow, ...]
    ratings_heading: str
    ratings: tuple[ReportRow, ...]
    places_heading: str
    places_label: str
    places: tuple[ReportRow, ...]
    means: tuple[MeansTable, ...]
    years: tuple[Link, ...]
    changed: Link
    files: tuple[Link, ...]


@row_record
class ReportsRegion:
    """A region and its reports, newest first."""

    name: str
    lang: str
    years: tuple[Link, ...]
    changed: Link


@record
class ReportsPage(Page):
    """All reports there are."""

    heading: str
    lead: str
    years: tuple[Link, ...]
    changed: Link
    regions: tuple[ReportsRegion, ...]


@row_record
class ChangeRow:
    """A measure that was done, and the indicator that it should move."""

    day: str
    organization: str
    href: str
    place: str
    text_lang: str
    action: str
    shortcoming: str
    indicator: str
    indicator_href: str
    evidence: str


@record
class ChangedPage(Page):
    """What was mended in the last twelve months, newest first; `note` says what the list leaves out."""

    heading: str
    text_lang: str
    lead: str
    note: str
    rows: tuple[ChangeRow, ...]
    regions: tuple[Fact, ...]
    report: Link


@record
class FileRow:
    name: str
    href: str
    title: str
    size: str
    rows: str


@record
class FileLink:
    """One form of a table: its name, where it is, how large."""

    text: str
    href: str
    size: str


@record
class ReleasedTable:
    """A table of a release in all its forms."""

    name: str
    title: str
    rows: str
    files: tuple[FileLink, ...]


@record
class ShardRow:
    """A region or a sphere: files of the whole of it, and (title, forms) of each of its tables."""

    title: str
    whole: tuple[FileLink, ...]
    tables: tuple[tuple[str, tuple[FileLink, ...]], ...]


@record
class DataCut:
    """A release cut up one way: by region, by sphere."""

    heading: str
    shards: tuple[ShardRow, ...]


@record
class PackageView:
    """A package offered for download; `files` are those that are no table."""

    name: str
    title: str
    version: str
    licence: str
    is_demonstration: bool
    tables: tuple[ReleasedTable, ...]
    files: tuple[FileRow, ...]
    cuts: tuple[DataCut, ...]
    sums_href: str
    changelog: Link


@record
class DictionaryRow:
    """A column: its name, its title, what kind of value it holds, what it says, within which limits."""

    name: str
    title: str
    kind: str
    said: str
    limits: str


@record
class DictionaryTable:
    name: str
    title: str
    columns: tuple[DictionaryRow, ...]


@record
class DictionaryPage(Page):
    """What each column of the open data says."""

    heading: str
    lead: str
    tables: tuple[DictionaryTable, ...]


@record
class PassportRow:
    """A row of a passport; `told` is the property that programs read it as."""

    number: str
    title: str
    value: str
    href: str
    told: str
    lang: str = ""


@record
class PassportPage(Page):
    """The register of open data (with `sets`), or the passport of one set (with `rows`)."""

    heading: str
    files: tuple[Link, ...]
    heading_lang: str = ""
    lead: str = ""
    standard: str = ""
    sets: tuple[Link, ...] = ()
    rows: tuple[PassportRow, ...] = ()


@record
class DataPage(Page):
    """`structured_data` is schema.org of the packages; `more` leads to the dictionary, the catalogue, the passports."""

    heading: str
    structured_data: str
    more: tuple[Link, ...]
    packages: tuple[PackageView, ...]


@record
class DiffRow:
    """One thing that a release brought: whose it is and where that leads, what of it (`of`), what it was and is, why."""

    text: str
    href: str
    before: str
    now: str
    why: str
    lang: str = ""
    of: str = ""
    of_lang: str = ""


@record
class DiffPart:
    """What a release brought of one kind; `more` counts in words what is not told one by one, or is empty."""

    heading: str
    rows: tuple[DiffRow, ...]
    more: str


@record
class ReleaseView:
    """A release of a package; `facts` are its numbers."""

    version: str
    day: str
    href: str
    note: str
    facts: tuple[Fact, ...]
    parts: tuple[DiffPart, ...]


@record
class ApiRow:
    """A request: the pattern of its address, what it gives, an address that there is and how to fetch it."""

    path: str
    text: str
    href: str
    command: str


@record
class ApiPage(Page):
    """How programs read the publication."""

    heading: str
    lead: str
    facts: tuple[Fact, ...]
    rows: tuple[ApiRow, ...]
    openapi: str


@record
class CheckPage(Page):
    """Where a browser computes the numbers of one organisation again."""

    heading: str
    lead: str
    search: Link


@record
class ChangelogPage(Page):
    """What each release of a package brought, newest first."""

    heading: str
    lead: str
    data: tuple[Link, ...]
    releases: tuple[ReleaseView, ...]


@record
class Option:
    """One choice of a list; `value` is what a filter goes by."""

    value: str
    text: str


@record
class OptionGroup:
    """Choices under a heading; the first stands for all of them."""

    title: str
    options: tuple[Option, ...]


@record
class ChoosingPage(Page):
    """A page on which the browser finds, measures or compares: search, near me, comparison, favourites.

    `facts` is JSON that its scripts read; `doors` are the regions, for those who have no scripts.
    """

    heading: str
    lead: str
    facts: str
    kinds: tuple[OptionGroup, ...]
    regions: tuple[Option, ...]
    bands: tuple[Option, ...]
    doors: tuple[SphereRow, ...]


@record
class SearchPage(ChoosingPage):
    """Search over all organisations."""


@record
class NearPage(ChoosingPage):
    """Organisations around a place."""


@record
class ComparePage(ChoosingPage):
    """Two to four organisations side by side."""


@record
class FavouritesPage(ChoosingPage):
    """What a reader keeps in the browser."""


@record
class KindRow:
    """A kind of a municipality; `href` leads to the table of its organisations."""

    name: str
    href: str
    organizations: str
    assessed: str


@record
class SphereKinds:
    """The kinds of one sphere."""

    title: str
    kinds: tuple[KindRow, ...]


@record
class MunicipalityPage(Page):
    """A municipality: how many organisations of which kind."""

    heading: str
    text_lang: str
    lead: str
    spheres: tuple[SphereKinds, ...]


@row_record
class PeerCell:
    """A measure of a table of peers: its short name, empty for the total, and the mark."""

    label: str
    mark: Mark


@row_record
class PeerRow:
    """One organisation in a table of its peers: the mark of the total and of every criterion, citizens' ratings."""

    name: str
    href: str
    place: str
    text_lang: str
    total: Mark
    criteria: tuple[PeerCell, ...]
    citizens: str


@record
class PeersPage(Page):
    """The organisations of one kind and municipality by criterion."""

    heading: str
    text_lang: str
    lead: str
    criteria: tuple[str, ...]
    rows: tuple[PeerRow, ...]
    median: tuple[PeerCell, ...]
    """The median of the total and of every criterion in the region; empty where nobody is judged by it."""
    source_note: str
    pagination: Pagination
    others: tuple[Link, ...]


@record
class ViewPage(Page):
    """The settings of how pages look."""

    heading: str


@record
class NotFoundPage(Page):
    heading: str


# ---- who stands behind an assessment -------------------------------------------------------------------------------


@row_record
class Cell:
    """A cell of a table: `label` names its column, `note` stands below it in small letters; numbers stand right."""

    label: str
    text: str
    href: str = ""
    lang: str = ""
    note: str = ""
    is_number: bool = False
    is_wrong: bool = False
    """True where the note says that something does not agree."""


@record
class TableRow:
    """The first cell heads the row."""

    head: Cell
    cells: tuple[Cell, ...]


@record
class Section:
    """A part of a page: a heading with an id, a sentence, a table (its columns are those of its first row), a list of
    links; one without an address is plain text."""

    id: str
    heading: str
    note: str = ""
    rows: tuple[TableRow, ...] = ()
    links: tuple[Link, ...] = ()
    is_long: bool = False
    """True for many short links, which stand in columns."""


@record
class PartyPage(Page):
    """An authority, an operator, a council, a campaign, a list that a council approved; or the list of all of a kind.

    `official` is the full name where the heading is a short one. `kinds` lead to the lists of the other kinds; the
    present one has no `href`.
    """

    heading: str
    text_lang: str
    official: str = ""
    lead: str = ""
    kinds: tuple[Link, ...] = ()
    passport_heading: str = ""
    passport: tuple[Fact, ...] = ()
    sections: tuple[Section, ...] = ()
    pagination: Pagination
