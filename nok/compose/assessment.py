"""The latest assessment of an organisation: total, place, criteria, what each is made of."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from nok import urls
from nok.compose.edition import Edition, percent, width
from nok.method import Measure, Method
from nok.model import AssessmentView, CriterionView, IndicatorRow, Link, Mark
from nok.records import Organization, PlanMeasure, PlanStatus, Score
from nok.statistics import round_half_up
from nok.warehouse import Round


def assessment_view(
    item: Round,
    organization: Organization,
    plan: Sequence[PlanMeasure],
    medians: Mapping[str, Decimal],
    origin: str,
    edition: Edition,
) -> AssessmentView | None:
    """The view of one round; `None` where its method is not known (an assessment without a method cannot be shown)."""
    method = edition.methods.get(item.assessment.method_id)
    if method is None:
        return None
    criteria = _criteria(item, method, plan, medians, edition)
    total = item.scores.get("total")
    shown = edition.mark(total, method.total, method.decimals)
    words, assessment = edition.words, item.assessment
    return AssessmentView(
        heading=words(f"page.assessment_{assessment.kind}", year=assessment.period),
        total=shown,
        scale_note=_scale_note(method, edition),
        median=_median(medians, method.total, method, edition),
        median_x=_median_x(medians, method.total),
        rank_note=_rank_note(item, organization, edition),
        criteria_heading=_criteria_heading(criteria, item, edition) if criteria else "",
        criteria=criteria,
        has_band_ticks=_limits(method.total) == TICKS,
        source_note=_source_note(item, total, shown, edition),
        method=Link(
            text=method.title[edition.language],
            href=urls.relative(urls.method(method.id, edition.lang), origin),
        ),
        assessment=Link(
            text=assessment.title,
            href=urls.relative(urls.assessment(assessment.assessment_id, edition.lang), origin),
            lang=edition.foreign(assessment.title),
        ),
    )


TICKS: tuple[Decimal, ...] = tuple(map(Decimal, (20, 40, 60, 80)))
"""Where the ticks above a bar of 0–100 stand."""


def _limits(measure: Measure) -> tuple[Decimal, ...]:
    """The limits between the bands of a measure."""
    return tuple(band.upto for band in measure.bands[:-1])


def weakest(item: Round, method: Method) -> tuple[Measure, Score] | None:
    """The criterion with the smallest share of its scale, the first of equals; `None` below two criteria with points."""
    scored = [
        (measure, score)
        for measure in method.criteria
        if (score := item.scores.get(measure.id)) is not None and score.points is not None
    ]
    if len(scored) < 2:
        return None
    return min(scored, key=lambda pair: _goodness(pair[0], pair[1]))


def _goodness(measure: Measure, score: Score) -> Decimal:
    share = (score.points or Decimal(0)) / measure.maximum
    return share if measure.higher_is_better else 1 - share


def plan_counts(plan: Sequence[PlanMeasure]) -> tuple[int, int]:
    """(done, all but cancelled)."""
    standing = [measure for measure in plan if measure.status is not PlanStatus.CANCELLED]
    return sum(measure.status is PlanStatus.DONE for measure in standing), len(standing)


def _criteria(
    item: Round,
    method: Method,
    plan: Sequence[PlanMeasure],
    medians: Mapping[str, Decimal],
    edition: Edition,
) -> tuple[CriterionView, ...]:
    weak = weakest(item, method)
    views = []
    for measure in method.criteria:
        score = item.scores.get(measure.id)
        if score is None:
            continue
        is_weakest = weak is not None and weak[0] is measure
        indicators = _indicators(item, measure, method, edition)
        median = _median(medians, measure, method, edition)
        views.append(
            CriterionView(
                id=measure.id,
                title=measure.title[edition.language],
                mark=edition.mark(score, measure, method.decimals),
                median=edition.words("page.median_of", median=median) if median else "",
                median_x=_median_x(medians, measure),
                is_weakest=is_weakest,
                weak_note=_weak_note(measure, score, medians, plan, method, edition) if is_weakest else "",
                indicators=indicators,
                sum_note=_sum_note(item, measure, method, edition),
            )
        )
    return tuple(views)


def _indicators(item: Round, criterion: Measure, method: Method, edition: Edition) -> tuple[IndicatorRow, ...]:
    return tuple(
        IndicatorRow(
            id=measure.id,
            title=measure.title[edition.language],
            points=_points_or_word(score, measure, method, edition),
            weight=f"{measure.weight}".replace(".", "," if edition.language == "ru" else ".") if measure.weight else "",
        )
        for measure in method.indicators(criterion.id)
        if (score := item.scores.get(measure.id)) is not None
    )


def _points_or_word(score: Score, measure: Measure, method: Method, edition: Edition) -> str:
    mark = edition.mark(score, measure, method.decimals)
    return mark.points or mark.word


def _sum_note(item: Round, criterion: Measure, method: Method, edition: Edition) -> str:
    """`0,3 × 93,00 + … = 91,90`, only where the published parts do give the published sum with the printed weights."""
    parts = [(measure.weight, item.scores.get(measure.id)) for measure in method.indicators(criterion.id)]
    published = item.scores[criterion.id].points
    known = [(weight, score.points) for weight, score in parts if weight and score and score.points is not None]
    if published is None or not known or len(known) < len(parts):
        return ""
    total = sum((weight * points for weight, points in known), Decimal(0))
    if round_half_up(total, method.decimals) != published:
        return ""
    comma = "," if edition.language == "ru" else "."
    terms = [
        f"{weight}".replace(".", comma) + f" × {edition.points(points, method.decimals)}" for weight, points in known
    ]
    return f"{' + '.join(terms)} = {edition.points(published, method.decimals)}"


def _median(medians: Mapping[str, Decimal], measure: Measure, method: Method, edition: Edition) -> str:
    return edition.number(medians[measure.id], method.decimals) if measure.id in medians else ""


def _median_x(medians: Mapping[str, Decimal], measure: Measure) -> str:
    return width(medians[measure.id], measure) if measure.id in medians else ""


def _weak_note(
    measure: Measure,
    score: Score,
    medians: Mapping[str, Decimal],
    plan: Sequence[PlanMeasure],
    method: Method,
    edition: Edition,
) -> str:
    words, sentences = edition.words, [edition.words("page.weakest")]
    if measure.id in medians and score.points is not None:
        gap = score.points - medians[measure.id]
        gap = gap if measure.higher_is_better else -gap
        key = "page.weak_below" if gap < 0 else "page.weak_above" if gap > 0 else "page.weak_equal"
        sentences = [words(key, gap=edition.number(abs(gap), method.decimals))]
    done, promised = plan_counts(plan)
    if promised:
        sentences.append(words("page.plan_progress", done=done, promised=words.count("page.plan_of", promised)))
    return " ".join(sentences)


def _criteria_heading(criteria: Sequence[CriterionView], item: Round, edition: Edition) -> str:
    """The message of the criteria: how many share the best word, and which is the weakest."""
    words = edition.words
    scored = [view for view in criteria if view.mark.points]
    weak = next((view for view in scored if view.is_weakest), None)
    if len(scored) < 2 or weak is None or not weak.mark.level:
        return words("page.criteria_heading", year=item.assessment.period)
    best = max(view.mark.level for view in scored)
    number = sum(view.mark.level == best for view in scored)
    word = next(view.mark.word for view in scored if view.mark.level == best)
    if number == len(scored):
        return words("page.criteria_all", word=word)
    short = edition.methods[item.assessment.method_id].by_id[weak.id].short[edition.language]
    count = words.plural("page.criteria_number", number, number=words(f"page.number_{number}"))
    return words("page.criteria_weak", count=count, word=word, weak=short[:1].lower() + short[1:])


def _rank_note(item: Round, organization: Organization, edition: Edition) -> str:
    words, standing = edition.words, item.standing
    if standing is None:
        total = item.scores.get("total")
        return words(f"page.why_{total.state}") if total else words("page.why_not_assessed")
    if standing.peers < 2:
        return words("page.rank_alone")
    peers = edition.count_kind(organization.kind, standing.peers)
    note = words("page.rank", rank=standing.rank, peers=peers)
    if standing.sharing:
        note += " " + words("page.rank_shared", sharing=words.count("page.others", standing.sharing))
    return note


def _scale_note(method: Method, edition: Edition) -> str:
    words, maximum = edition.words, method.total.maximum
    notes = [] if maximum == 100 else [words("page.scale", maximum=f"{maximum:f}")]
    if any(not measure.higher_is_better for measure in method.criteria):
        notes.append(words("page.penalties"))
    return " ".join(notes)


def _source_note(item: Round, total: Score | None, shown: Mark, edition: Edition) -> str:
    words, assessment = edition.words, item.assessment
    notes = []
    if total is not None and total.respondents is not None:
        notes.append(words("page.respondents", count=words.count("page.people", total.respondents)))
    if assessment.finished_on:
        notes.append(words("page.finished", day=edition.day(date.fromisoformat(assessment.finished_on))))
    if total is not None and total.published_as and total.published_as != shown.points:
        notes.append(words("page.published_as", text=total.published_as))
    return " ".join(notes)


def badge_text(item: Round | None, edition: Edition) -> tuple[str, Mark]:
    """(heading, mark) of the badge; with no round, that there is none."""
    if item is None or item.assessment.method_id not in edition.methods:
        return edition.words("page.badge_none"), Mark(points="", word=edition.words("page.state_not_assessed"))
    method = edition.methods[item.assessment.method_id]
    heading = edition.words(f"page.assessment_{item.assessment.kind}", year=item.assessment.period)
    return heading, edition.mark(item.scores.get("total"), method.total, method.decimals)


def stacked(counts: Sequence[int]) -> list[tuple[str, str]]:
    """(x, width) of each part of a stacked bar."""
    whole, start, parts = sum(counts) or 1, Decimal(0), []
    for count in counts:
        share = Decimal(100 * count) / whole
        parts.append((percent(start), percent(share)))
        start += share
    return parts
