"""How far a survey lets a total be off, and how many people it should have asked. Pure: whole numbers in, whole numbers out.

Only a part of the visitors is asked, so another part would have given other points. The error of a total is that of the
weighted sum of its shares. Assumed: the people asked are a simple random sample; the share of the population that was asked
is not taken off; answers to different questions vary independently (they do not quite: the same people give them, so that
the true range is rather wider); what an operator counts himself (stands, ramps) has no sampling error.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import isqrt

from nok.method import Method, Role

LARGEST_SAMPLE = 600
"""Nobody has to ask more people than this at one organisation."""

_Z_95 = 1_959_964
_MILLION = 10**6


def needed_sample(recipients: int) -> int:
    """How many people an assessment has to ask: 40 % of last year's recipients of the service, rounded up, at most 600.

    Source: order 675n of 30.10.2018 as operators apply it; its full text was not available to us.

    >>> needed_sample(600), needed_sample(601), needed_sample(5000)
    (240, 241, 600)
    """
    return min(LARGEST_SAMPLE, -(-2 * recipients // 5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What the error of a method's total is made of: weights in millionths, `maxima` of the indicators' scales.

    `parents` names the criterion of each indicator; `weights` are those of indicators and criteria, criteria without a
    printed weight counting equally.
    """

    parents: Mapping[str, str]
    weights: Mapping[str, int]
    maxima: Mapping[str, int]


def survey_of(method: Method) -> Survey | None:
    """`None` where a method does not say how its indicators make up the total."""
    criteria = {measure.id: measure for measure in method.criteria}
    indicators = [measure for measure in method.measures if measure.role is Role.INDICATOR]
    if not indicators or any(measure.weight is None or measure.parent not in criteria for measure in indicators):
        return None
    weights = {measure.id: int((measure.weight or 0) * _MILLION) for measure in indicators}
    for measure in criteria.values():
        weights[measure.id] = _MILLION if measure.weight is None else int(measure.weight * _MILLION)
    return Survey(
        parents={measure.id: measure.parent for measure in indicators},
        weights=weights,
        maxima={measure.id: int(measure.maximum) for measure in indicators},
    )


def total_error(answered: Iterable[tuple[str, int, int | None]], survey: Survey, scale: int) -> int | None:
    """Half the 95 % interval of a total, in the unit of its points (multiples of 1/`scale`).

    `answered` are (indicator, points in that unit, how many answered) of those with points; weights of indicators that
    are not there go to the others of their criterion. `None` where nobody knows how many answered any of them.

    Each share has two people added who are satisfied and two who are not, so that a share of 100 % of nine people is not
    taken for certain (Agresti and Coull, The American Statistician, 1998).
    """
    found = [(name, points, number) for name, points, number in answered if name in survey.parents]
    present: dict[str, int] = {}
    for name, _, _ in found:
        criterion = survey.parents[name]
        present[criterion] = present.get(criterion, 0) + survey.weights[name]
    whole = sum(survey.weights[criterion] for criterion in present)
    variance, is_known = 0, False
    for name, points, number in found:
        if not number or not present[survey.parents[name]]:
            continue
        is_known = True
        criterion, top = survey.parents[name], survey.maxima[name] * scale
        weight = survey.weights[criterion] * survey.weights[name] * _MILLION // (whole * present[criterion])
        satisfied = points * number + 2 * top
        variance += weight * weight * satisfied * (top * (number + 4) - satisfied) // (number + 4) ** 3
    return _Z_95 * isqrt(variance) // (_MILLION * _MILLION) if is_known else None
