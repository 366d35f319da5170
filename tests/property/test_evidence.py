"""The quick way of a whole country and the exact way of a single page say the same of any counts."""

from collections.abc import Mapping
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nok.evidence import QuickRounds, check_round, counts_of, quick_verdicts
from nok.records import Evidence, Score, ScoreState, Seen, Survey
from nok.scoring_verdicts import Verdict, judge
from nok.site.publication import read_publication

PUBLICATION = read_publication(None)
METHOD, FORMS = PUBLICATION.methods["344n-2018"], PUBLICATION.forms
NORMS = {"stand_items": 10, "site_items": 50, "waiting": 14}
MOST = {"stand_items": 10, "site_items": 50, "waiting": 20, "access_equipment": 5, "access_conditions": 6}
QUESTIONS = tuple(FORMS["675n-2018"].questions)
KINDS = [("health", "polyclinic"), ("education", "school"), ("culture", "theatre"), ("social", ""), ("sport", "")]


@st.composite
def observations(draw: st.DrawFn) -> tuple[Seen, ...]:
    found = []
    for parameter in METHOD.parameters:
        how = draw(st.sampled_from(["seen", "seen", "seen", "not required", "missing"]))
        value = Decimal(draw(st.integers(0, MOST.get(parameter, 7))))
        norm = Decimal(NORMS[parameter]) if parameter in NORMS else None
        if how != "missing":
            is_seen = how == "seen"
            found.append(Seen(parameter, value if is_seen else None, norm if is_seen else None, is_seen))
    return tuple(found)


@st.composite
def surveys(draw: st.DrawFn) -> tuple[Survey, ...]:
    counts = st.dictionaries(st.sampled_from(["yes", "no"]), st.integers(0, 30), min_size=1)
    asked = st.dictionaries(st.sampled_from([name for name in QUESTIONS if name not in ("q17", "q18")]), counts)
    return tuple(
        Survey("675n-2018", mode, draw(asked)) for mode in draw(st.sampled_from([(), ("paper",), ("paper", "web")]))
    )


@given(st.builds(Evidence, observations=observations(), surveys=surveys()), st.sampled_from(KINDS), st.data())
def test_the_quick_way_tells_what_the_exact_way_tells(
    evidence: Evidence, kind: tuple[str, str], data: st.DataObject
) -> None:
    checked = check_round(METHOD, *kind, {}, evidence, FORMS)
    points = {name: f"{one.points:f}" for name, one in checked.items() if one.points is not None}
    names = data.draw(st.sets(st.sampled_from(sorted(points)))) if points else set()
    published = {name: points[name] for name in names}
    quick = QuickRounds(METHOD, *kind, FORMS).compute(published, evidence)
    judged = check_round(METHOD, *kind, scores(published), evidence, FORMS)
    if not any(one.result for one in checked.values()):
        return  # there is no evidence, or it cannot be true: `Computing` does not ask, or asks `check_round`
    if quick is None:
        assert any(one.verdict not in (None, Verdict.EXACT) for one in judged.values())
        return
    assert not any(one.verdict is Verdict.FLAG for one in judged.values())
    assert {name: (text, state) for name, (text, state, _) in quick.items()} == {
        name: (points.get(name, ""), str(one.result.state)) for name, one in checked.items() if one.result
    }
    assert {name: counts for name, (_, _, counts) in quick.items()} == {
        name: counts_of(one.result) for name, one in checked.items() if one.result
    }


def scores(published: Mapping[str, str]) -> dict[str, Score]:
    return {name: Score("r", name, Decimal(text), ScoreState.SCORED) for name, text in published.items()}


DIGITS = st.decimals(0, 100, places=1, allow_nan=False).map(lambda number: f"{number:f}")
POINTS = st.one_of(st.integers(0, 100).map(str), DIGITS, st.just("85.52"))


@given(st.dictionaries(st.sampled_from([measure.id for measure in METHOD.measures]), POINTS), st.sampled_from(KINDS))
def test_quick_verdicts_are_those_of_the_judge(published: dict[str, str], kind: tuple[str, str]) -> None:
    quick = quick_verdicts(METHOD, *kind, published)
    slow = judge(METHOD, *kind, {name: Decimal(text) for name, text in published.items()}, {})
    if quick is not None:
        assert {name: verdict for name, verdict in slow.items() if verdict} == quick


@given(st.lists(DIGITS, min_size=5, max_size=5), st.integers(-30, 30), st.sampled_from(["", ".0", ".00"]))
def test_a_total_near_the_mean_is_judged_alike(criteria: list[str], off: int, digits: str) -> None:
    mean = sum(map(Decimal, criteria)) / 5 + Decimal(off) / 100
    total = f"{max(Decimal(0), min(Decimal(100), mean)).quantize(Decimal('1' + digits)):f}"
    published = dict(zip(("K1", "K2", "K3", "K4", "K5"), criteria, strict=True)) | {"total": total}
    slow = judge(METHOD, "health", "polyclinic", {name: Decimal(text) for name, text in published.items()}, {})
    assert quick_verdicts(METHOD, "health", "polyclinic", published) == {"total": slow["total"]}
