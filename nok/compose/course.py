"""What became of a round: bands counted, proposals and the measures that answer them, what is overdue."""

from collections.abc import Mapping, Sequence
from datetime import date

from nok.compose.aggregates import mean_mark
from nok.compose.assessment import stacked
from nok.compose.edition import Edition, band_range
from nok.method import Method
from nok.model import BandRow, PlanRow, ProposalRow, RoundRow
from nok.records import PlanMeasure, PlanStatus, Row
from nok.templating import NO_BREAK, format_integer
from nok.warehouse_course import RoundCourse

_PLAN_WORDS = {
    PlanStatus.PLANNED: "page.plan_planned",
    PlanStatus.IN_PROGRESS: "page.plan_in_progress",
    PlanStatus.DONE: "page.plan_done_state",
    PlanStatus.CANCELLED: "page.plan_cancelled",
}


def is_overdue(measure: PlanMeasure, today: date) -> bool:
    return measure.due_on < today and measure.status in (PlanStatus.PLANNED, PlanStatus.IN_PROGRESS)


def plan_row(measure: PlanMeasure, proposals: Mapping[str, Row], edition: Edition) -> PlanRow:
    """One measure; `proposals` are those of the same organisation by their ids."""
    words, overdue = edition.words, is_overdue(measure, edition.today)
    state, note = words(_PLAN_WORDS[measure.status]), ""
    if overdue:
        days = (edition.today - measure.due_on).days
        state, note = words("page.plan_is_overdue"), words("page.plan_late", days=words.count("page.days", days))
    elif measure.status is PlanStatus.DONE and measure.done_on is not None:
        note = edition.day(measure.done_on)
    return PlanRow(
        action=measure.action,
        shortcoming=measure.shortcoming,
        proposal=proposals.get(measure.recommendation_id, {}).get("text", ""),
        indicator=measure.indicator,
        due=edition.day(measure.due_on),
        state=state,
        state_note=note,
        is_done=measure.status is PlanStatus.DONE,
        is_overdue=overdue,
        responsible=measure.responsible_post,
    )


def unanswered(
    proposals: Sequence[Row], plan: Sequence[PlanMeasure], decided: frozenset[str], edition: Edition
) -> tuple[ProposalRow, ...]:
    """Proposals that no measure answers, with the reason. A measure without a proposal of its own answers those about its
    indicator in its round.

    `decided` are the rounds whose plans should stand: only there is a proposal without a measure and a reason told as such.
    """
    named = {measure.recommendation_id for measure in plan}
    about = {(measure.assessment_id, measure.indicator) for measure in plan if not measure.recommendation_id}
    rows = []
    for row in proposals:
        is_answered = row["recommendation_id"] in named or (row["assessment_id"], row.get("indicator", "")) in about
        reason = row.get("no_measure_reason", "")
        if not is_answered and not reason and row["assessment_id"] in decided:
            reason = edition.words("page.no_reason")
        if not is_answered:
            rows.append(ProposalRow(text=row["text"], shortcoming=row.get("shortcoming", ""), reason=reason))
    return tuple(rows)


def band_rows(counts: Sequence[int], rest: int, method: Method, edition: Edition) -> tuple[BandRow, ...]:
    """The bands of a method's total from the best down; none where it has none.

    `counts` are by band, lowest limit first; `rest` is how many more the stacked bar leaves room for.
    """
    bands = method.total.bands
    if not bands or not counts:
        return ()
    order = sorted(range(len(bands)), key=lambda number: -bands[number].level)
    parts = stacked([*(counts[number] for number in order), rest])
    return tuple(
        BandRow(
            level=bands[number].level,
            word=bands[number].word[edition.language],
            range=band_range(bands, number, edition, method.decimals),
            count=format_integer(counts[number]),
            share=edition.share(counts[number], sum(counts)),
            x=parts[place][0],
            width=parts[place][1],
        )
        for place, number in enumerate(order)
    )


def bands_message(bands: Sequence[BandRow], edition: Edition) -> str:
    """`У 195 из 212 — «хорошо» или «отлично»`; neutral where there are no bands."""
    scored = [row for row in bands if row.level]
    if not scored:
        return ""
    plain = [int("".join(char for char in row.count if char.isdigit())) for row in scored]
    good = sum(count for row, count in zip(scored, plain, strict=True) if row.level >= 4)
    best = [row.word for row in scored if row.level >= 4]
    if not sum(plain):
        return edition.words("page.nobody_scored")
    quoted = edition.words("page.or").join(edition.words("page.quoted", word=word) for word in reversed(best))
    return edition.words("page.bands_message", good=format_integer(good), all=format_integer(sum(plain)), words=quoted)


def round_row(
    rounds: Sequence[RoundCourse], whole: int, method: Method | None, edition: Edition, *, name: str, href: str
) -> RoundRow:
    """Rounds of one sphere and method as a row: how many of `whole` have points, their mean, their bands."""
    assessed = sum(item.assessed for item in rounds)
    told = [item.bands for item in rounds if item.bands]
    counts = [sum(numbers) for numbers in zip(*told, strict=True)]
    bands = band_rows(counts, 0, method, edition) if method else ()
    return RoundRow(
        name=name,
        href=href,
        lang=edition.foreign(name),
        assessed=edition.words("page.of", part=format_integer(assessed), whole=format_integer(whole)),
        share=edition.share(assessed, whole),
        mean=mean_mark(sum(item.total for item in rounds), assessed, method, edition),
        bands=bands,
        text=", ".join(f"{band.word}{NO_BREAK}{band.count}" for band in bands if band.count != "0"),
    )
