"""The JSON of an organisation is what Python's own writer would write, to the byte."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nok.privacy import split_ratings
from nok.records import Assessment, Organization, Reply, Review, ReviewState, Score, ScoreState
from nok.render.downloads import organization_json, organization_json_bytes
from nok.statistics import summarize_ratings
from nok.warehouse_facts import ExtraValue, OrganizationFacts, Round

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
DEGREES = st.none() | st.floats(-180, 180)


def facts(text: str, latitude: float | None, longitude: float | None) -> OrganizationFacts:
    assessment = Assessment(
        assessment_id="a-2025", title=text, period=2025, sphere="education", region_code="70", method_id="344n-2018",
        kind="independent", stage="done", started_on="", finished_on="",
    )  # fmt: skip
    scores = {
        "total": Score(assessment_id="a-2025", measure="total", points=Decimal("83.50"), state=ScoreState.SCORED),
        "K3": Score(assessment_id="a-2025", measure="K3", points=None, state=ScoreState.EXEMPT, published_as=text),
    }
    review = Review(
        review_id="r-1", received_on=date(2026, 2, 7), rating=4, criteria=(("comfort", 5),), text=text,
        state=ReviewState.PUBLISHED, reply=Reply(text=text, replied_on=date(2026, 2, 9)),
    )  # fmt: skip
    return OrganizationFacts(
        number=1,
        organization=Organization(
            organization_id="school-12", name=text or "Школа", sphere="education", region_code="70",
            latitude=latitude, longitude=longitude,
        ),
        extra=(ExtraValue("own", "Своё", "Own", "string", text),),
        is_demonstration=False,
        rounds=(Round(assessment=assessment, scores=scores, standing=None),),
        reviews=(review,),
        distribution=(0, 0, 0, 1, 0),
        plan=(),
    )  # fmt: skip


SUMMARY = summarize_ratings((0, 0, 0, 1, 0), 5)
RATINGS = (SUMMARY, SUMMARY, split_ratings((), 10))


@given(TEXTS, DEGREES, DEGREES)
def test_any_text_and_number_is_written_as_python_writes_it(
    text: str, latitude: float | None, longitude: float | None
) -> None:
    given_facts = facts(text, latitude, longitude)
    written = organization_json(given_facts, *RATINGS)
    found = json.loads(written)
    assert written == json.dumps(found, ensure_ascii=False, separators=(",", ":")) + "\n"
    assert found["organization"]["latitude"] == latitude
    assert [found["reviews"][0].get("text", ""), found["replies"][0]["text"]] == [text, text]


def test_points_stay_the_text_they_were_published_as() -> None:
    found = json.loads(organization_json_bytes(facts("", None, None), *RATINGS))
    assert [score["points"] for score in found["scores"]] == ["83.50", None]
    assert [score["state"] for score in found["scores"]] == ["scored", "exempt"]
    assert found["reviews"][0] | {"received_on": "2026-02-07", "rating": 4} == found["reviews"][0]
    assert "comfort" not in found["reviews"][0], "marks of criteria are only added up"


def test_a_number_that_json_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="no word for nan"):
        organization_json(facts("", float("nan"), 1.0), *RATINGS)
