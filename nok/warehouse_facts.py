"""What the store of checked packages tells, as records: whoever composes pages needs these and no store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from nok.ranking import Standing
from nok.records import (
    Assessment,
    Evidence,
    Organization,
    PlanMeasure,
    Review,
    ReviewPhoto,
    Row,
    Score,
    record,
)
from nok.warehouse_course import RoundCourse
from nok.warehouse_pack import Fact, score_of
from nok.warehouse_parse import parse_standing


@record
class Round:
    """An organisation in one assessment: its scores by measure, its place (`None` without points)."""

    assessment: Assessment
    scores: Mapping[str, Score]
    standing: Standing | None
    evidence: Evidence | None = None
    """What stands behind the points; `None` where the packages do not say, and in lists."""


@dataclass(frozen=True, slots=True)
class ExtraValue:
    """A value of a column that the package added to organisations; titles as its schema says them."""

    name: str
    title: str
    title_en: str
    type: str
    value: str


@record
class ListFacts:
    """One organisation as a list shows it; `latest` is its newest round."""

    organization: Organization
    latest: Round | None
    distribution: tuple[int, int, int, int, int]


@record
class Kin:
    """Who goes on with the work of an organisation, the nearest first; and whose work it goes on with, those that closed
    last first: all that came before it, however many steps ago."""

    successors: tuple[ListFacts, ...] = ()
    predecessors: tuple[ListFacts, ...] = ()


NO_KIN = Kin()


@record
class OrganizationFacts:
    """All that the packages say of one organisation.

    `rounds` are independent ones, `other_rounds` departmental and supervisory ones, which enter no rating; each newest
    first. `reviews` newest first with their replies; `distribution` counts ratings 1–5 that count in
    the mean; `extra` are the filled ones of the package's own columns.
    """

    number: int
    organization: Organization
    extra: tuple[ExtraValue, ...]
    is_demonstration: bool
    rounds: tuple[Round, ...]
    reviews: tuple[Review, ...]
    distribution: tuple[int, int, int, int, int]
    plan: tuple[PlanMeasure, ...]
    other_rounds: tuple[Round, ...] = ()
    other: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    """Rows of the tables of `nok.warehouse_pack.KEPT_WHOLE` that speak of it, by table."""
    kin: Kin = NO_KIN


@record
class Record:
    """What stands behind one round: who, by the table that tells of them, what was decided, what became of it.

    `courses` are by region and sphere; `parties` has only those that are named and may be shown.
    """

    assessment: Assessment
    parties: Mapping[str, Row]
    decisions: Sequence[Row]
    bodies: Mapping[str, str]
    """The names of the bodies that decided, by the ids that decisions give."""
    courses: Sequence[RoundCourse]


class MapPoint(NamedTuple):
    """An organisation on a map: its newest assessment and the total there, both empty where there is none; and the day on
    which it closed (ISO 8601), empty where it works."""

    organization_id: str
    title: str
    latitude: float
    longitude: float
    assessment_id: str
    total: str
    closed_on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Organisations of one region and sphere, counted.

    `assessment_id` is the newest round of the group, or empty; `assessed`, `median` and `total` (the sum, in 10⁻¹⁰ of a
    point) go by the latest points of each organisation, if they were given by the method of that round. `stamp` is a
    digest of the group's aggregates.
    """

    region_code: str
    sphere: str
    organizations: int
    ratings: int
    assessment_id: str
    assessed: int
    median: Decimal | None
    total: int = 0
    stamp: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorGroup:
    """Organisations of one kind and region that have an indicator in their newest round by its method.

    `organizations` are listed, `scored` of them have points; `median` is `None` below three.
    """

    method_id: str
    measure: str
    region_code: str
    sphere: str
    kind: str
    organizations: int
    scored: int
    median: Decimal | None


@record
class Measured:
    """One organisation in the lists of some indicators: its newest round by one method.

    `rows` and `computed` are of `nok.warehouse_pack.Facts`, by measure.
    """

    organization: Organization
    assessment: Assessment
    rows: Mapping[str, Fact]
    computed: Mapping[str, Sequence[Any]]

    def score(self, measure_id: str) -> Score | None:
        """What was published or computed for a measure; `None` where nothing was."""
        return score_of(self.rows[measure_id]) if measure_id in self.rows else None

    def counts(self, measure_id: str) -> Sequence[Sequence[str]]:
        """What a measure was counted from, as pairs of (how many, of how many or "")."""
        return self.computed[measure_id][3] if measure_id in self.computed else ()


@record
class RatingList:
    """A rating list: the organisations of one kind and region that one independent round gave a total, or the state of
    one; `scored` of them have points."""

    region_code: str
    assessment: Assessment
    kind: str
    number: int
    scored: int


@record
class Rated:
    """One organisation in a rating list: what was asked for of its scores in that round, by measure; its place (`None`
    without points)."""

    organization: Organization
    scores: Mapping[str, Score]
    standing: Standing | None


@record
class RatedRounds:
    """One organisation in the rating lists of all its rounds: what is read for one of these is enough for the others.

    `rows` are of `nok.warehouse_pack.Facts`, by assessment and measure; `standings` are as stored, by assessment.
    """

    organization: Organization
    rows: Mapping[str, Mapping[str, Fact]]
    standings: Mapping[str, list[int]]

    def of(self, assessment_id: str) -> Rated:
        """What a list shows of it."""
        scores = {measure: score_of(row) for measure, row in self.rows[assessment_id].items()}
        return Rated(
            organization=self.organization, scores=scores, standing=parse_standing(self.standings.get(assessment_id))
        )


class Flag(NamedTuple):
    """A published number that does not agree with the others, or with what was counted.

    `file` is below the folder of `package`; `computed` is empty where the number was not computed.
    """

    organization_id: str
    package: str
    file: str
    assessment_id: str
    measure: str
    published: str
    computed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFacts:
    name: str
    title: str
    version: str
    is_demonstration: bool
    licence: str


class Sketch(NamedTuple):
    """What a build must know of an organisation to tell whether its pages are still right; see `nok.site.inputs`.

    `stamps` are digests of its own row, its scores, its reviews and its plan; `row_stamp` one of what lists show of
    it; `peers_stamp` one of its peers' medians; `rounds` and `standings` JSON as stored; `latest` the newest independent
    round that gives a total, or empty; `rated_days` the days of its ratings, as `nok.warehouse_pack.pack_days` packs them;
    `pictures` how many photographs of operators may be shown, `sent_photos` how many of those who reviewed it.
    """

    key: int
    organization_id: str
    region_code: str
    sphere: str
    kind: str
    package: str
    stamps: str
    row_stamp: str
    rounds: str
    latest: str
    standings: str
    peers_stamp: str
    open_due: str
    rated_days: bytes
    pictures: int
    sent_photos: int


class Picture(NamedTuple):
    """A photograph of an operator that may be shown; `path` is below the folder of its package."""

    package: str
    path: str
    photo_sha256: str
    assessment_id: str
    caption: str


class SentPhoto(NamedTuple):
    """A photograph of a review that may be shown; `path` is below the folder of its package."""

    package: str
    path: str
    photo: ReviewPhoto


JudgedRows = tuple[str, Sequence[Sequence[Any]]]
"""An organisation by its identifier, and its scores: (assessment, measure, points or "", state, respondents or `None`)."""

ReviewedRows = tuple[str, Sequence[Sequence[Any]], Mapping[str, tuple[str, str]]]
"""An organisation by its identifier; its reviews: (review, received on, rating, state, text or ""); of those that were
answered the reply by the review: (text, replied on). Days are ISO 8601."""
