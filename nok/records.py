"""The nouns of the project: frozen records of what stands in data packages. Standard library only.

Points stay `Decimal`s read from the published text; nothing here computes, reads or knows a page.
Rating = a citizen's 1–5; score = computed points; rank = place in order.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar, dataclass_transform

Record = TypeVar("Record")


@dataclass_transform(frozen_default=True, kw_only_default=True)
def record(kind: type[Record]) -> type[Record]:
    """A record that nobody changes, for what a country has millions of. `dataclasses.replace` gives a changed copy.

    The type checker refuses a change, as with a frozen dataclass. At run time it is a plain one, because a frozen one
    sets every field by a call: 1.7 µs instead of 0.6 for eight fields, 100 µs for one organisation's page.
    """
    return dataclass(slots=True, kw_only=True, unsafe_hash=True)(kind)


@dataclass_transform(frozen_default=True)
def row_record(kind: type[Record]) -> type[Record]:
    """A `record` of which one page has dozens: its fields may also be given by their order, twice as fast."""
    return dataclass(slots=True, unsafe_hash=True)(kind)


class Status(StrEnum):
    """Whether a row may be shown. What points to a row that may not is itself not shown."""

    PUBLISHED = "published"
    DRAFT = "draft"
    WITHHELD = "withheld"


class ScoreState(StrEnum):
    """Why there are points or none. None of the last four is a zero, in any file or on any page."""

    SCORED = "scored"
    NOT_ASSESSED = "not_assessed"
    EXEMPT = "exempt"
    TOO_FEW = "too_few"
    NO_DATA = "no_data"


class ReviewState(StrEnum):
    """`RESTRICTED`: the text is never shown; the rating counts unless `reason_code` is `set_aside`."""

    PUBLISHED = "published"
    RESTRICTED = "restricted"


SET_ASIDE = "set_aside"
"""The reason code of a rating that counts in no mean."""


class PlanStatus(StrEnum):
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    CANCELLED = "cancelled"


REVIEW_CRITERIA = ("openness", "comfort", "accessibility", "courtesy", "speed", "cleanliness", "professionalism")
"""What a citizen may rate besides the whole: the first four follow НОК, all but the first the pilot of 2026."""

WITHHELD_BY_ROW = (*REVIEW_CRITERIA, "channel", "placement_code", "verified", "questionnaire_id")
"""What is kept of a rating and never published row by row: only added up, by the rule of `nok.privacy`."""


OF_REVIEWS = ("replies", "review_photos")
"""Tables whose rows belong to a review: they go where it goes, and stay back with it."""


@row_record
class Organization:
    """One organisation as published; an empty string means that the package does not say."""

    organization_id: str
    name: str
    sphere: str
    region_code: str
    short_name: str = ""
    kind: str = ""
    municipality: str = ""
    oktmo: str = ""
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    parent_organization_id: str = ""
    website: str = ""
    phone: str = ""
    email: str = ""
    bus_agency_id: str = ""
    bus_rate_id: str = ""
    appeals_url: str = ""
    opened_on: str = ""
    closed_on: str = ""
    successor_organization_id: str = ""
    package: str = ""
    """The name of the package the row came from; its downloads and its demonstration mark follow from it."""

    @property
    def title(self) -> str:
        """What people call it."""
        return self.short_name or self.name


@record
class Assessment:
    """One round of assessment of one sphere in one year."""

    assessment_id: str
    title: str
    period: int
    sphere: str
    region_code: str
    method_id: str
    kind: str
    stage: str
    started_on: str
    finished_on: str
    authority_id: str = ""
    operator_id: str = ""
    contract_id: str = ""
    council_id: str = ""
    scope: str = ""
    sources: str = ""

    @property
    def is_independent(self) -> bool:
        """Whether it enters ratings: places, medians, means, maps and badges know independent rounds alone."""
        return self.kind == INDEPENDENT

    @property
    def is_collecting(self) -> bool:
        """True while answers still come in: what is computed from a part of them is no result, and is shown nowhere."""
        return self.stage in COLLECTING_STAGES


INDEPENDENT = "independent"
"""The one kind of assessment that enters ratings; departmental and supervisory ones are told beside it, by their names."""

STAGES = ("collection", "analysis", "rating", "discussion", "recommendations", "plan", "done")
"""The stages of a round in their order."""

PLANNED_STAGES = frozenset({"plan", "done"})
"""Stages of a round when every shortcoming has a measure, or somebody says why it has none."""

COLLECTING_STAGES = frozenset({"collection", "analysis"})
"""Stages of a round before anything of it may be computed."""


@row_record
class Score:
    """What was published for one measure.

    `points` is in the measure's own scale, `None` unless `state` is `SCORED`; `published_as` is the text as printed by
    whoever published it, where the package keeps it; `respondents` is how many people answered, `recipients` how many
    were served in the year before the round, `None` if not said.
    """

    assessment_id: str
    measure: str
    points: Decimal | None
    state: ScoreState
    respondents: int | None = None
    published_as: str = ""
    recipients: int | None = None
    is_computed: bool = False
    """Nobody published it: `points` and `state` were computed from the evidence."""


@row_record
class Seen:
    """What an observer noted of one parameter: `value` of `norm`, in the parameter's unit; `None` where it is not said."""

    parameter: str
    value: Decimal | None
    norm: Decimal | None
    is_applicable: bool
    comment: str = ""
    observed_at: str = ""
    latitude: str = ""
    longitude: str = ""
    accuracy_m: str = ""
    photo_sha256: str = ""
    observer: str = ""


@row_record
class Survey:
    """How people answered one questionnaire that reached them in one way (`mode`): question to answer to people."""

    questionnaire_id: str
    mode: str
    counts: Mapping[str, Mapping[str, int]]


@record
class Evidence:
    """What stands behind the points of one organisation in one round."""

    observations: tuple[Seen, ...] = ()
    surveys: tuple[Survey, ...] = ()


@row_record
class Review:
    """One citizen's rating, with the text if it may be shown.

    `criteria` holds (name, 1–5) for what the citizen chose to rate.
    """

    review_id: str
    received_on: date
    rating: int
    criteria: tuple[tuple[str, int], ...] = ()
    visited_on: str = ""
    text: str = ""
    language: str = ""
    channel: str = ""
    state: ReviewState = ReviewState.PUBLISHED
    reason_code: str = ""
    reply: "Reply | None" = None
    photos: "tuple[ReviewPhoto, ...]" = ()


@row_record
class ReviewPhoto:
    """A photograph of a review that may be shown. `sha256` is of its file in the package; `width` and `height` are in
    pixels, 0 where the package does not say."""

    review_id: str
    number: int
    sha256: str
    width: int
    height: int


@record
class Reply:
    text: str
    replied_on: date


@record
class PlanMeasure:
    """One thing that an organisation promised to mend after an assessment."""

    plan_measure_id: str
    assessment_id: str
    indicator: str
    shortcoming: str
    action: str
    responsible_post: str
    due_on: date
    status: PlanStatus
    done_on: date | None = None
    evidence: str = ""
    recommendation_id: str = ""


Row = Mapping[str, str]
"""A row of a small table as it stands in its package: filled cells by their columns."""


@record
class Region:
    """A region; the box is degrees, `None` where it is not known. `lon_min > lon_max` crosses the antimeridian."""

    region_code: str
    name: str
    name_en: str = ""
    iso: str = ""
    lat_min: float | None = None
    lat_max: float | None = None
    lon_min: float | None = None
    lon_max: float | None = None
    tile_column: int | None = None
    tile_row: int | None = None


@record
class ShareInterval:
    """A share and its 95 % interval, in per cent from 0 to 100."""

    percent: Decimal
    low: Decimal
    high: Decimal


@record
class RatingSummary:
    """Citizens' ratings of one organisation: how many of each value, and the mean where enough people rated.

    `distribution` counts ratings 1, 2, 3, 4, 5. `mean`, `low` and `high` (95 %) are on the scale 1–5, `positive` is the
    share of ratings 4 and 5; all are `None` below the publication's least number of ratings.
    """

    count: int
    distribution: tuple[int, int, int, int, int]
    mean: Decimal | None
    low: Decimal | None
    high: Decimal | None
    positive: ShareInterval | None = None


@record
class Aggregate:
    """Organisations of one sphere in one region, or of a part of them, added up.

    `scope` is `sphere` (all of them), `kind` or `municipality`; `name` the kind or municipality. `assessed` have points
    by the method of the sphere's newest round; `total` is the sum of their latest totals as a whole number of 10⁻¹⁰, and
    `zeros` how many of them are a real 0. The others are counted by why they have none: the four states, and
    `other_method` for points that may not be compared.
    """

    region_code: str
    sphere: str
    scope: str
    name: str
    organizations: int
    assessed: int
    total: int
    zeros: int
    not_assessed: int
    exempt: int
    too_few: int
    no_data: int
    other_method: int


@record
class AppealSum:
    """Official appeals to the organisations of one sphere and region in one year, added up.

    `overdue` is the sum of the `overdue_told` organisations that say it. Medians of days are not added up.
    """

    region_code: str
    sphere: str
    period: int
    organizations: int
    received: int
    answered: int
    overdue: int
    overdue_told: int


@record
class CriterionMean:
    """The mean (1–5, one decimal) of the `marks` that citizens gave for one criterion."""

    criterion: str
    marks: int
    mean: Decimal


@record
class RatingSplits:
    """What is told of ratings beyond what is published row by row, as `nok.privacy` allows.

    `channels` are (channel, how many) of the first `counted` ratings in order of receipt; empty where too few may be
    told apart. `criteria` likewise have no entry for a criterion of which nothing may be told.
    """

    counted: int
    channels: tuple[tuple[str, int], ...]
    criteria: tuple[CriterionMean, ...]
