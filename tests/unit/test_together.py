"""Organisations go through the work a few at a time: all of them, in their order, and never much of what was said at once."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from nok.records import Organization, Review, ReviewState
from nok.site.makers.organizations import some_together
from nok.warehouse_facts import OrganizationFacts

REVIEW = Review(
    review_id="r-1", received_on=date(2026, 2, 7), rating=4, criteria=(), state=ReviewState.PUBLISHED
)  # fmt: skip


def organization(number: int, reviews: int) -> OrganizationFacts:
    return OrganizationFacts(
        number=number,
        organization=Organization(
            organization_id=f"school-{number}", name="Школа", sphere="education", region_code="70"
        ),
        extra=(),
        is_demonstration=False,
        rounds=(),
        reviews=(REVIEW,) * reviews,
        distribution=(0, 0, 0, reviews, 0),
        plan=(),
    )


@given(st.lists(st.sampled_from([0, 1, 20, 400, 999, 1000, 1001, 5000]), max_size=20))
def test_groups_hold_all_in_order_and_end_with_what_is_much(numbers: list[int]) -> None:
    every = [organization(number, reviews) for number, reviews in enumerate(numbers)]
    groups = list(some_together(every))
    assert [one for group in groups for one in group] == every
    for group in groups:
        assert 1 <= len(group) <= 4
        before_last = sum(len(one.reviews) for one in group[:-1])
        assert before_last <= 1000, "the group should have ended sooner"
    full = [group for group in groups[:-1] if len(group) < 4]
    assert all(sum(len(one.reviews) for one in group) > 1000 for group in full), "it ended without a reason"
