"""The form in a frame: only registered hosts may show it, and what comes from there says so."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.desk_support import Office, opened
from tests.unit.widget_support import BROWSER, CLINIC, SCHOOL, all_reviews, make_directory, new_key
from widget.audit_check import verify


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    directory = make_directory()
    school = replace(directory.organizations[SCHOOL], website="https://Школа12.рф/")
    known = replace(directory, organizations={**directory.organizations, SCHOOL: school})
    with opened(tmp_path, directory=known) as found:
        yield found


def ancestors(answer: Any) -> str:
    policy: str = answer.headers["content-security-policy"]
    return policy.partition("frame-ancestors ")[2]


def test_only_the_site_of_the_organisation_may_frame_its_form(office: Office) -> None:
    answer = office.client.get(f"/embed/{SCHOOL}", headers=BROWSER)
    assert ancestors(answer) == "'self' xn--12-6kc3bfr2e.xn--p1ai www.xn--12-6kc3bfr2e.xn--p1ai"
    assert "x-frame-options" not in answer.headers
    assert "set-cookie" not in answer.headers
    other = office.client.get(f"/embed/{CLINIC}", headers=BROWSER)
    assert ancestors(other) == "'self'", "it has no site"
    for path in (f"/rate/{SCHOOL}", "/receipt/", "/desk/sign-in", "/embed/nobody"):
        answer = office.client.get(path, headers=BROWSER)
        assert (ancestors(answer), answer.headers["x-frame-options"]) == ("'none'", "DENY")


def test_a_rating_from_a_frame_says_so_and_opens_its_receipt_beside(office: Office) -> None:
    page = office.client.get(f"/embed/{SCHOOL}", headers=BROWSER).text
    assert f'<form method="post" action="/embed/{SCHOOL}" target="_blank">' in page
    data = {"rating": "5", "idempotency_key": new_key()}
    answer = office.client.post(f"/embed/{SCHOOL}", data=data)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/receipt/")
    assert [review.channel for review in all_reviews(office.store.place)] == ["embed"]
    foreign = office.client.post(f"/embed/{SCHOOL}", data=data, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403


def test_an_administrator_adds_a_site_and_takes_it_away(office: Office) -> None:
    path = f"/desk/organizations/{CLINIC}"
    assert office.post(path, "admin", action="add", host="https://clinic.example/page").status_code == 303
    assert "clinic.example" in office.get(path)
    assert ancestors(office.client.get(f"/embed/{CLINIC}")) == "'self' clinic.example"
    assert office.post(path, action="remove", host="clinic.example").status_code == 303
    assert ancestors(office.client.get(f"/embed/{CLINIC}")) == "'self'"
    assert verify(office.store.place).faults == ()


@pytest.mark.parametrize(
    "typed", ["*", "x; script-src *", "a b.example", "'self'", "localhost", "", "https://", "..", "a..b"]
)
def test_nothing_but_a_host_gets_into_the_policy(office: Office, typed: str) -> None:
    answer = office.post(f"/desk/organizations/{SCHOOL}", "admin", action="add", host=typed)
    assert answer.status_code == 422
    assert "school" not in ancestors(office.client.get(f"/embed/{CLINIC}"))


def test_the_organisation_sees_its_code_and_adds_nothing(office: Office) -> None:
    page = office.get(f"/desk/organizations/{SCHOOL}", "school")
    assert f"&lt;iframe src=&#34;https://ocenka.example/embed/{SCHOOL}&#34;" in page
    answer = office.post(f"/desk/organizations/{SCHOOL}", action="add", host="school.example")
    assert answer.status_code == 403
