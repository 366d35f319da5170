"""Predecessors and successors of one organisation: what was said of each stays its own."""

from datetime import date

from nok.compose.assessment import has_points
from nok.compose.edition import Edition
from nok.model import HeirRow, InheritedRow, KinView
from nok.records import ScoreState
from nok.statistics import summarize_ratings
from nok.warehouse_facts import Kin, ListFacts


def closed_text(closed_on: str, edition: Edition) -> str:
    """`Закрыта 31 августа 2024`; empty where it is not."""
    return edition.words("page.closed_on", day=edition.day(date.fromisoformat(closed_on))) if closed_on else ""


def kin_view(kin: Kin, origin: str, edition: Edition) -> KinView | None:
    """What a page tells of predecessors and successors; `None` where there are none."""
    if not kin.successors and not kin.predecessors:
        return None
    words, number = edition.words, len(kin.predecessors)
    is_working = bool(kin.successors) and not kin.successors[0].organization.closed_on
    return KinView(
        heirs_heading=words("page.heir" if is_working else "page.heirs") if kin.successors else "",
        heirs=_heirs(kin, origin, edition),
        predecessors_heading=words.plural("page.predecessors", number, number=number) if number else "",
        predecessors=tuple(_inherited(facts, origin, edition) for facts in kin.predecessors),
    )


def _heirs(kin: Kin, origin: str, edition: Edition) -> tuple[HeirRow, ...]:
    return tuple(
        HeirRow(
            facts.organization.title,
            edition.organization_link(facts.organization, origin),
            edition.foreign(facts.organization.title),
            closed_text(facts.organization.closed_on, edition),
        )
        for facts in kin.successors
    )


def _inherited(facts: ListFacts, origin: str, edition: Edition) -> InheritedRow:
    organization, latest = facts.organization, facts.latest
    scales = edition.scales.get(latest.assessment.method_id) if latest else None
    mark, year = edition.state_marks[ScoreState.NOT_ASSESSED], ""
    if latest is not None and scales is not None:
        mark = edition.mark(latest.scores.get("total"), scales.total)
        year = str(latest.assessment.period) if has_points(latest) else ""
    summary = summarize_ratings(facts.distribution, edition.config.minimum_ratings)
    few = edition.words("page.few_ratings" if summary.count else "page.no_ratings")
    citizens = edition.number(summary.mean, 1) if summary.mean is not None else few
    number = f" · {edition.words.count('page.ratings', summary.count)}" if summary.count else ""
    return InheritedRow(
        name=organization.title,
        href=edition.organization_link(organization, origin),
        lang=edition.foreign(organization.title),
        closed=closed_text(organization.closed_on, edition),
        mark=mark,
        year=year,
        citizens=citizens + number,
    )
