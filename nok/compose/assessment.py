"""The latest assessment of an organisation: total, place, criteria, what each is made of."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from nok import urls
from nok.compose.edition import Edition, Scale, Scales, Shown, ShownMedian, percent
from nok.compose.evidence import check_note, how_view
from nok.evidence import Checked
from nok.method import Method
from nok.model import AssessmentView, CriterionView, IndicatorRow, Mark
from nok.ranking import Standing
from nok.records import Organization, PlanMeasure, PlanStatus, Score, ScoreState
from nok.sampling import needed_sample
from nok.statistics import round_half_up
from nok.templating import format_integer
from nok.warehouse_facts import Round


def assessment_view(
    rounds: Sequence[Round],
    organization: Organization,
    plan: Sequence[PlanMeasure],
    medians: Mapping[str, Decimal],
    checks: Mapping[str, Checked],
    origin: str,
    edition: Edition,
) -> AssessmentView | None:
    """The view of the first of `rounds`, which stand newest first; `None` where its method is not known (an assessment
    without a method cannot be shown).

    `plan` are the measures of the newest plan; `checks` are what was computed and judged of the round, by measure.
    """
    item = rounds[0]
    scales = edition.scales.get(item.assessment.method_id)
    if scales is None:
        return None
    age_note, is_overdue = _age_note(rounds, organization, edition)
    lists = edition.indicator_lists(scales.method.id, organization, origin)
    extremes = strongest_and_weakest(item, scales)
    criteria = _criteria(item, scales, plan, medians, checks, lists, extremes, edition)
    note, flags = check_note(item, checks, scales, edition)
    total = item.scores.get("total")
    shown, median = edition.mark(total, scales.total), _median(medians, scales.total)
    return AssessmentView(
        heading=edition.assessment_headings[item.assessment.kind, item.assessment.period],
        sides=_sides(extremes, edition),
        total=shown,
        scale_note=scales.note,
        median=median.number,
        median_x=median.x,
        rank_note=_rank_note(item, organization, edition),
        rank_href=_rank_href(item, organization, origin, edition) if total is not None else "",
        criteria_heading=_criteria_heading(criteria, item, scales, edition) if criteria else "",
        criteria=criteria,
        has_band_ticks=scales.has_band_ticks,
        source_note=_source_note(item, total, shown, edition),
        age_note=age_note,
        is_overdue=is_overdue,
        method=edition.method_link(scales.method, origin),
        assessment=edition.assessment_link(item.assessment, origin),
        how=how_view(total, checks.get("total"), scales.total, scales, edition),
        check_note=note,
        flags=flags,
    )


Criterion = tuple[Scale, Shown]
Extremes = tuple[Criterion | None, Criterion | None]
"""The strongest and the weakest criterion of a round."""


def weakest(item: Round, scales: Scales) -> Criterion | None:
    """The criterion with the smallest share of its scale, the first of equals; `None` below two criteria with points."""
    return strongest_and_weakest(item, scales)[1]


def strongest_and_weakest(item: Round, scales: Scales) -> Extremes:
    """The criteria with the largest and the smallest share of their scales, the first of equals each.

    Both are `None` below two criteria with points; the strongest also where it does not stand out.
    """
    scored = _scored(item, scales)
    if len(scored) < 2:
        return None, None
    best = least = scored[0]
    for pair in scored:
        if pair[1].share > best[1].share:
            best = pair
        elif pair[1].share < least[1].share:
            least = pair
    return (best if best[1].share > least[1].share else None), least


def _scored(item: Round, scales: Scales) -> list[tuple[Scale, Shown]]:
    """The criteria that have points."""
    return [
        (scale, scale.shown[str(score.points)])
        for scale in scales.criteria
        if (score := item.scores.get(scale.measure.id)) is not None and score.points is not None
    ]


def _sides(extremes: Extremes, edition: Edition) -> str:
    """`Сильная сторона — доброжелательность (93,80), слабое место — доступность (58,50).`

    Where both have the same word, or the best is below the middle of the bands, neither is called strong or weak: 10 of
    100 is no strong side, and «отлично» no weak spot.
    """
    strong, weak = extremes
    if strong is None or weak is None:
        return ""
    told = [f"{scale.short} ({shown.mark.points})" for scale, shown in (strong, weak)]
    best, least = strong[1].mark.level, weak[1].mark.level
    key = "page.sides" if (best > least and best >= _MIDDLE_BAND) or not best else "page.extremes"
    return edition.words(key, strong=told[0], weak=told[1])


_MIDDLE_BAND = 3
"""Of the five levels that a band may have."""


def plan_counts(plan: Sequence[PlanMeasure]) -> tuple[int, int]:
    """(done, all but cancelled)."""
    standing = [measure for measure in plan if measure.status is not PlanStatus.CANCELLED]
    return sum(measure.status is PlanStatus.DONE for measure in standing), len(standing)


def plan_progress(done: int, promised: int, edition: Edition) -> str:
    """`Сделано 2 из 5 мероприятий`."""
    words = edition.words
    return words("page.plan_progress", done=done, promised=words.count("page.plan_of", promised))


def _criteria(
    item: Round,
    scales: Scales,
    plan: Sequence[PlanMeasure],
    medians: Mapping[str, Decimal],
    checks: Mapping[str, Checked],
    lists: Mapping[str, str],
    extremes: Extremes,
    edition: Edition,
) -> tuple[CriterionView, ...]:
    strong, weak = extremes
    views = []
    for scale in scales.criteria:
        score = item.scores.get(scale.measure.id)
        if score is None:
            continue
        is_weakest = weak is not None and weak[0] is scale
        indicators, terms = _made_of(item, scales, scale, checks, lists, edition)
        mark, median = edition.mark(score, scale), _median(medians, scale)
        views.append(
            CriterionView(
                id=scale.measure.id,
                title=scale.title,
                mark=mark,
                median=median.sentence,
                median_x=median.x,
                is_weakest=is_weakest,
                weak_note=_weak_note(scale, score, medians, plan, scales, edition) if is_weakest else "",
                strong_note=_side_note("strong", scale, score, medians, scales.method, edition)
                if strong is not None and strong[0] is scale
                else "",
                indicators=tuple(indicators),
                sum_note=f"{terms} = {mark.points}" if terms else "",
                how=how_view(score, checks.get(scale.measure.id), scale, scales, edition),
            )
        )
    return tuple(views)


def _made_of(
    item: Round,
    scales: Scales,
    criterion: Scale,
    checks: Mapping[str, Checked],
    lists: Mapping[str, str],
    edition: Edition,
) -> tuple[list[IndicatorRow], str]:
    """The indicators of a criterion, and its sum in writing: `0,3 × 93,00 + …`.

    The sum is written only where the published parts do give the published sum with the printed weights. `lists` are the
    addresses of the lists of indicators.
    """
    rows, terms, total, parts = [], [], Decimal(0), scales.indicators[criterion.measure.id]
    weights = _weights(checks.get(criterion.measure.id), edition)
    for part in parts:
        measure = part.measure
        score = item.scores.get(measure.id)
        if score is None:
            continue
        points, how = score.points, how_view(score, checks.get(measure.id), part, scales, edition)
        is_state = points is None
        shown = _state_word(score, checks.get(measure.id), edition) if is_state else part.shown[str(points)].mark.points
        weight = weights.get(measure.id, "") if weights else part.weight
        rows.append(IndicatorRow(measure.id, part.title, shown, weight, is_state, lists.get(measure.id, ""), how))
        if points is not None and measure.weight:
            total += measure.weight * points
            terms.append(f"{part.weight} × {shown}")
    is_whole = len(terms) == len(parts)
    if not is_whole or round_half_up(total, scales.method.decimals) != item.scores[criterion.measure.id].points:
        return rows, ""
    return rows, " + ".join(terms)


def _weights(checked: Checked | None, edition: Edition) -> dict[str, str]:
    """The weights that the parts of a criterion have in this organisation's sphere; none where it was not computed."""
    parts = checked.result.parts if checked is not None and checked.result is not None else ()
    return {part.name: edition.plain_number(f"{part.weight}") for part in parts if part.weight is not None}


def _state_word(score: Score, checked: Checked | None, edition: Edition) -> str:
    """What a state is called for one indicator: what the method does not know here was left out by nobody, and a question
    that nobody answered is not a result that somebody kept."""
    was_nobody_asked = checked is not None and checked.result is not None and bool(checked.result.zero_denominators)
    if score.respondents == 0 or (score.state is ScoreState.NO_DATA and was_nobody_asked):
        return edition.words("page.short_nobody")
    if score.state is ScoreState.EXEMPT and score.is_computed:
        return edition.words("page.not_applicable")
    return edition.state_marks[score.state].word


_NO_MEDIAN = ShownMedian(number="", sentence="", x="")


def _median(medians: Mapping[str, Decimal], scale: Scale) -> ShownMedian:
    median = medians.get(scale.measure.id)
    return _NO_MEDIAN if median is None else scale.medians[median]


def _weak_note(
    scale: Scale,
    score: Score,
    medians: Mapping[str, Decimal],
    plan: Sequence[PlanMeasure],
    scales: Scales,
    edition: Edition,
) -> str:
    """How the weakest criterion stands to the median, what it is about, and what the plan does for it."""
    note = _side_note("weak", scale, score, medians, scales.method, edition)
    plain = scale.measure.plain[edition.language]
    if plain:
        note = f"{note} {edition.words('page.side_about', plain=plain[0].lower() + plain[1:])}"
    if not any(plan_counts(plan)):
        return note
    own = {scale.measure.id, *(part.measure.id for part in scales.indicators[scale.measure.id])}
    done, promised = plan_counts([measure for measure in plan if measure.indicator in own])
    if not promised:
        return f"{note} {edition.words('page.weak_unplanned')}"
    count = edition.words.count("page.measures", promised)
    return f"{note} {edition.words('page.weak_planned', count=count, done=done)}"


def _side_note(
    side: str, scale: Scale, score: Score, medians: Mapping[str, Decimal], method: Method, edition: Edition
) -> str:
    """What the `weak` or `strong` criterion is, and how far from the peers' median."""
    words, measure = edition.words, scale.measure
    note = words(f"page.{side}est")
    if measure.id in medians and score.points is not None:
        gap = score.points - medians[measure.id]
        gap = gap if measure.higher_is_better else -gap
        key = f"page.{side}_below" if gap < 0 else f"page.{side}_above" if gap > 0 else f"page.{side}_equal"
        note = words(key, gap=edition.number(abs(gap), method.decimals))
    return note


def _criteria_heading(criteria: Sequence[CriterionView], item: Round, scales: Scales, edition: Edition) -> str:
    """The message of the criteria: how many share the best word, and which is the weakest."""
    words = edition.words
    scored = [view for view in criteria if view.mark.points]
    weak = next((view for view in scored if view.is_weakest), None)
    if len(scored) < 2 or weak is None or not weak.mark.level:
        return words("page.criteria_heading", year=item.assessment.period)
    best = max([view.mark.level for view in scored])
    shared = [view.mark.word for view in scored if view.mark.level == best]
    if len(shared) == len(scored):
        return words("page.criteria_all", word=shared[0])
    count = words.plural("page.criteria_number", len(shared), number=words(f"page.number_{len(shared)}"))
    return words("page.criteria_weak", count=count, word=shared[0], weak=scales.by_id[weak.id].short)


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
    return note + _range_note(standing, edition)


def _rank_href(item: Round, organization: Organization, origin: str, edition: Edition) -> str:
    target = urls.rating_list(
        organization.region_code, item.assessment.assessment_id, organization.kind, lang=edition.lang
    )
    return urls.relative(target, origin)


def _range_note(standing: Standing, edition: Edition) -> str:
    """Which places the survey leaves open; empty where that is only one, or nobody knows how many answered."""
    if standing.first is None or standing.first == standing.last:
        return ""
    return " " + edition.words("page.rank_range", first=standing.first, last=standing.last)


def _source_note(item: Round, total: Score | None, shown: Mark, edition: Edition) -> str:
    words, assessment = edition.words, item.assessment
    notes = []
    if total is not None and total.respondents is not None:
        notes.append(_sample_note(total.respondents, total.recipients, edition))
    if assessment.finished_on:
        notes.append(words("page.finished", day=edition.day(date.fromisoformat(assessment.finished_on))))
    if total is not None and total.published_as and total.published_as != shown.points:
        notes.append(words("page.published_as", text=total.published_as))
    return " ".join(notes)


def _age_note(rounds: Sequence[Round], organization: Organization, edition: Edition) -> tuple[str, bool]:
    """(how long ago it was last given points, whether it should have been again); a closed one owes nothing."""
    scored = next((item for item in rounds if has_points(item)), None)
    if scored is None:
        return "", False
    words, assessment = edition.words, scored.assessment
    age = edition.ages[assessment.period, assessment.method_id]
    if scored is rounds[0]:
        note = words("page.assessed_ago", ago=age.ago)
    else:
        note = words("page.last_points", year=assessment.period, ago=age.ago)
    gap = edition.methods[assessment.method_id].longest_gap_years if age.is_overdue else None
    if gap is None or organization.closed_on:
        return note, False
    return f"{note} {words('page.overdue_note', gap=words.count('page.years', gap))}", True


def has_points(item: Round) -> bool:
    """Whether the round gave a total."""
    total = item.scores.get("total")
    return total is not None and total.points is not None


def _sample_note(respondents: int, recipients: int | None, edition: Edition) -> str:
    """`Опрошено 210 из 240 нужных: …`; without the number of recipients only how many were asked."""
    words = edition.words
    if recipients is None:
        return words("page.respondents", count=words.count("page.people", respondents))
    served = words.count("page.recipients", recipients)
    needed = format_integer(needed_sample(recipients))
    return words("page.sample", respondents=format_integer(respondents), needed=needed, recipients=served)


def badge_text(item: Round | None, edition: Edition) -> tuple[str, Mark]:
    """(heading, mark) of the badge; with no round, that there is none."""
    if item is None or item.assessment.method_id not in edition.scales:
        return edition.words("page.badge_none"), edition.state_marks[ScoreState.NOT_ASSESSED]
    heading = edition.assessment_headings[item.assessment.kind, item.assessment.period]
    return heading, edition.mark(item.scores.get("total"), edition.scales[item.assessment.method_id].total)


def stacked(counts: Sequence[int]) -> list[tuple[str, str]]:
    """(x, width) of each part of a stacked bar."""
    whole, start, parts = sum(counts) or 1, Decimal(0), []
    for count in counts:
        share = Decimal(100 * count) / whole
        parts.append((percent(start), percent(share)))
        start += share
    return parts
