"""Whatever happens to a publication, in any order: a build into the kept output makes what a clean build makes.

A history is a list of changes (to rows, files, packages, configuration, theme, texts, the day, to what the program
remembers, to slots as a crash leaves them). After each, the kept output is brought up to date and held against a clean
build of the same inputs: file by file, byte by byte. Clean builds of the same inputs are remembered.
"""

import csv
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from nok.packages.delta import apply_delta
from nok.records import STAGES
from tests.property.kept import Release, Snapshot, rewritten, taken_out, unmeant
from tests.property.small_publication import (
    HISTORIES,
    PLACES,
    Publication,
    Row,
    current,
    holders,
    manifest,
    pages,
    quick_builds,
    small_publication,
    stamps,
    tree,
    units,
)

picks = st.integers(0, 999)
regions = st.sampled_from(sorted(PLACES))
packages = st.sampled_from(["one", "two", "three"])
parts = st.integers(0, 3)
REVIEWED = {"text", "reason_code"}

CLEAN: dict[str, tuple[int, dict[str, tuple[str, int]], dict[str, Any]]] = {}
"""Hash of all inputs to the exit code of a clean build, its tree, and its `build.json`."""

RELEASED: dict[str, dict[str, dict[str, list[str]]]] = {}
"""The same to package to table to its header and rows, as a release of these inputs has them."""


class History(RuleBasedStateMachine):
    """One publication and its kept output."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="nok-history-"))
        self.made = Publication(self.folder / "site")
        self.output = self.folder / "output"
        self.state = self.folder / "output.state"
        self.turn = 0
        self.withdrawn: dict[str, str] = {}
        """Text that must be nowhere to the package that held it."""
        self.slots: dict[str, Snapshot] = {}
        self.released: dict[str, Release] = {}
        self.assets: set[str] = set()
        self.repairs = self.forgets = False
        """Whether the next build must mend a slot, and goes on until a build notices what is lost."""

    def teardown(self) -> None:
        shutil.rmtree(self.folder)

    @initialize(languages=st.sampled_from([["ru"], ["ru"], ["ru", "en"]]), shards=st.sampled_from([0, 0, 2]))
    def begin(self, languages: list[str], shards: int) -> None:
        made = self.made
        made.config |= {"languages": languages, "address_shards": shards, "reviews_per_page": 2}
        made.assessment("h-2025")
        made.assessment("h-2024", period=2024)
        for number in range(1, 13):
            region, package = ("77", "two") if number > 11 else ("70", "one")
            one = f"c-{number}"
            made.organization(one, package, region_code=region)
            if number % 4:
                made.scores(one, "h-2025", number, package)
        for number in (1, 1, 1, 2, 2, 3, 12):
            self._say(f"c-{number}", "two" if number > 11 else "one")
        made.reply("r-1")
        made.plan_measure("m-1", "c-1", "h-2025")
        made.record()
        made.listed("c-1")
        made.listed("c-12", "two", entry="not_assessed", reason="Мала")
        made.campaign("p-1")
        self.build()

    # -- picking -----------------------------------------------------------------------------------------------------

    def _next(self, letter: str) -> str:
        self.turn += 1
        return f"{letter}-{self.turn}"

    def _one(self, table: str, number: int) -> Row | None:
        """A row of a table; `None` where it has none."""
        rows = self.made.tables[table]
        return rows[sorted(rows)[number % len(rows)]][1] if rows else None

    def _id(self, table: str, number: int) -> str:
        row = self._one(table, number)
        return next(iter(row.values())) if row else ""

    def _say(self, organization_id: str, package: str, part: int = 0, **cells: object) -> None:
        one = self._next("r")
        self.made.review(one, organization_id, package, part, text=f"Слово {one}.", **cells)

    def _forget(self, table: str, **cells: str) -> None:
        """Removes rows; the reviews that go with them are withdrawn."""
        before = {key: (place, row) for key, (place, row) in self.made.tables["reviews"].items()}
        self.made.drop(table, **cells)
        for key, (place, row) in before.items():
            if key not in self.made.tables["reviews"] and row["text"]:
                self.withdrawn[row["text"]] = place[0]

    # -- organisations -----------------------------------------------------------------------------------------------

    @rule(region=regions, package=packages, kind=st.sampled_from(["clinic", "hospital"]), together=st.booleans())
    def organisation_comes(self, region: str, package: str, kind: str, together: bool) -> None:
        self.made.organization(self._next("c"), package, region_code=region, kind=kind)
        self.build(together=together)

    @rule(number=picks, package=packages)
    def organisation_comes_back(self, number: int, package: str) -> None:
        gone = [
            one for one in (f"c-{each}" for each in range(1, 13)) if (one,) not in self.made.tables["organizations"]
        ]
        if gone:
            self.made.organization(gone[number % len(gone)], package)
        self.build()

    @rule(number=picks, together=st.booleans())
    def organisation_goes(self, number: int, together: bool) -> None:
        if len(self.made.tables["organizations"]) > 2:
            self._forget("organizations", organization_id=self._id("organizations", number))
        self.build(together=together)

    @rule(
        number=picks,
        cells=st.sampled_from(
            [
                {"short_name": "Я"},
                {"short_name": "А"},
                {"name": "Больница «О'Нил» & <b>"},
                {"kind": "hospital"},
                {"kind": ""},
                {"sphere": "education"},
                {"status": "draft"},
                {"status": "withheld"},
                {"status": "published"},
                {"closed_on": "2026-01-31"},
                {"latitude": "", "longitude": ""},
            ]
        ),
        together=st.booleans(),
    )
    def organisation_changes(self, number: int, cells: dict[str, str], together: bool) -> None:
        row = self._one("organizations", number)
        if row:
            row.update(cells)
        self.build(together=together)

    @rule(number=picks, region=regions, together=st.booleans())
    def organisation_moves(self, number: int, region: str, together: bool) -> None:
        row, (latitude, longitude) = self._one("organizations", number), PLACES[region]
        if row:
            row.update(region_code=region, latitude=latitude, longitude=longitude)
        self.build(together=together)

    @rule(number=picks, parent=picks)
    def organisation_gets_a_parent(self, number: int, parent: int) -> None:
        row, head = self._one("organizations", number), self._id("organizations", parent)
        if row:
            row["parent_organization_id"] = head if head < row["organization_id"] else ""
        self.build()

    @rule(number=picks, heir=picks, closed_on=st.sampled_from(["", "2026-01-31", "2024-08-31"]), together=st.booleans())
    def organisation_is_merged(self, number: int, heir: int, closed_on: str, together: bool) -> None:
        row, successor = self._one("organizations", number), self._id("organizations", heir)
        if row:
            is_later = successor < row["organization_id"]  # so that nobody is merged into itself in the end
            row.update(successor_organization_id=successor if is_later else "", closed_on=closed_on)
        self.build(together=together)

    @rule(
        table=st.sampled_from(["organizations", "scores", "observations", "answers", "reviews", "replies"]),
        number=picks,
        package=packages,
        part=parts,
    )
    def row_goes_to_another_file(self, table: str, number: int, package: str, part: int) -> None:
        rows = self.made.tables[table]
        if rows:
            self.made.move(table, sorted(rows)[number % len(rows)], (package, part))
        self.build()

    # -- rounds and scores -------------------------------------------------------------------------------------------

    @rule(period=st.integers(2023, 2026), status=st.sampled_from(["published", "draft"]), package=packages)
    def round_comes(self, period: int, status: str, package: str) -> None:
        self.made.assessment(self._next("h"), package, period=period, status=status)
        self.build()

    @rule(
        number=picks,
        cells=st.sampled_from(
            [
                {"title": "Другая"},
                {"period": "2023"},
                {"period": "2026"},
                {"status": "draft"},
                {"status": "published"},
                {"method_id": "1547-2014"},
                {"stage": "plan"},
                {"kind": "departmental"},
                {"kind": "independent"},
            ]
        ),
        together=st.booleans(),
    )
    def round_changes(self, number: int, cells: dict[str, str], together: bool) -> None:
        row = self._one("assessments", number)
        if row:
            row.update(cells)
        if row and "stage" in cells:
            self.made.drop("assessment_stages", assessment_id=row["assessment_id"])
        self.build(together=together)

    @rule(number=picks, last=st.integers(0, 6), day=st.integers(1, 9), together=st.booleans())
    def stages_are_told(self, number: int, last: int, day: int, together: bool) -> None:
        """A round has come as far as a stage; its row says the same."""
        row = self._one("assessments", number)
        if row:
            self.made.drop("assessment_stages", assessment_id=row["assessment_id"])
            for turn, stage in enumerate(STAGES[: last + 1], 1):
                self.made.stage(row["assessment_id"], stage, f"2025-{turn:02d}-0{day}")
            row["stage"] = STAGES[last]
        self.build(together=together)

    @rule(number=picks, subject=st.sampled_from(["Утвердить", "Отклонить", ""]), together=st.booleans())
    def decision_comes_or_goes(self, number: int, subject: str, together: bool) -> None:
        """A decision about a round, or the end of one."""
        assessment = self._id("assessments", number)
        if subject and assessment:
            self.made.decision(
                self._next("d"), assessment, stage="collection", subject=subject, decided_on="2025-12-01"
            )
        elif not subject:
            self.made.drop("decisions", decision_id=self._id("decisions", number))
        self.build(together=together)

    @rule(number=picks)
    def round_goes(self, number: int) -> None:
        self._forget("assessments", assessment_id=self._id("assessments", number))
        self.build()

    @rule(
        number=picks,
        round_number=picks,
        points=st.integers(0, 30),
        package=packages,
        part=parts,
        together=st.booleans(),
    )
    def organisation_is_assessed(
        self, number: int, round_number: int, points: int, package: str, part: int, together: bool
    ) -> None:
        one, assessment = self._id("organizations", number), self._id("assessments", round_number)
        if one and assessment:
            self.made.scores(one, assessment, points, package, part)
        self.build(together=together)

    @rule(number=picks, state=st.sampled_from(["too_few", "exempt"]), is_whole=st.booleans())
    def scores_go(self, number: int, state: str, is_whole: bool) -> None:
        row = self._one("scores", number)
        if row and is_whole:
            self.made.drop("scores", organization_id=row["organization_id"], assessment_id=row["assessment_id"])
        elif row:
            row.update(points="", state=state, respondents="")
        self.build()

    # -- observations and answers ------------------------------------------------------------------------------------

    @rule(
        number=picks, round_number=picks, how=st.integers(0, 40), package=packages, part=parts, together=st.booleans()
    )
    def organisation_is_looked_at(
        self, number: int, round_number: int, how: int, package: str, part: int, together: bool
    ) -> None:
        one, assessment = self._id("organizations", number), self._id("assessments", round_number)
        if one and assessment:
            self.made.evidence(one, assessment, how, package, part)
        self.build(together=together)

    @rule(number=picks, value=st.sampled_from(["0", "3", "5", ""]), together=st.booleans())
    def observation_changes(self, number: int, value: str, together: bool) -> None:
        row = self._one("observations", number)
        if row:
            row.update(value=value, applicable="" if value else "false")
        self.build(together=together)

    @rule(number=picks, people=st.sampled_from(["0", "7", "19"]), together=st.booleans())
    def answers_change(self, number: int, people: str, together: bool) -> None:
        row = self._one("answers", number)
        if row and row["question"] not in ("q1", "q3", "q7", "q11"):
            row.update(count=people)
        self.build(together=together)

    @rule(number=picks, table=st.sampled_from(["observations", "answers"]), is_whole=st.booleans())
    def evidence_goes(self, number: int, table: str, is_whole: bool) -> None:
        row = self._one(table, number)
        if row:
            single = "question" if table == "answers" else "parameter"
            cells = ("organization_id", "assessment_id", *(() if is_whole else (single,)))
            self.made.drop(table, **{name: row[name] for name in cells})
        self.build()

    # -- what observers saw, appeals ----------------------------------------------------------------------------------

    @rule(number=picks, step=st.integers(-1, 1), observer=st.sampled_from(["", "n-1"]), together=st.booleans())
    def observation_gets_a_place(self, number: int, step: int, observer: str, together: bool) -> None:
        row = self._one("observations", number)
        if row:
            place = (
                {"latitude": f"56.5{step + 1}", "longitude": "84.95"}
                if step
                else dict.fromkeys(("latitude", "longitude"), "")
            )
            row.update(place, observer=observer)
        self.build(together=together)

    @rule(number=picks, round_number=picks, picture=st.integers(1, 4), package=packages, together=st.booleans())
    def picture_comes(self, number: int, round_number: int, picture: int, package: str, together: bool) -> None:
        one, assessment = self._id("organizations", number), self._id("assessments", round_number)
        if one and assessment:
            self.made.photograph(picture, one, assessment, package)
        self.build(together=together)

    @rule(
        number=picks,
        cells=st.sampled_from(
            [{"is_released": "false"}, {"is_released": "true"}, {"caption": "Вход"}, {"path": ""}, None]
        ),
        together=st.booleans(),
    )
    def picture_changes(self, number: int, cells: dict[str, str] | None, together: bool) -> None:
        row = self._one("observation_photos", number)
        if row and cells:
            row.update(cells)
        elif row:
            self.made.drop("observation_photos", photo_sha256=row["photo_sha256"])
        self.build(together=together)

    @rule(number=picks, picture=st.integers(1, 4), place=st.integers(1, 2), package=packages, together=st.booleans())
    def photo_comes_with_a_review(self, number: int, picture: int, place: int, package: str, together: bool) -> None:
        review = self._one("reviews", number)
        if review:
            self.made.send(picture, review["review_id"], place, package)
        self.build(together=together)

    @rule(number=picks, cells=st.sampled_from([{"path": ""}, {"width": ""}, None, None]), together=st.booleans())
    def photo_of_a_review_changes(self, number: int, cells: dict[str, str] | None, together: bool) -> None:
        row = self._one("review_photos", number)
        if row and cells:
            row.update(cells)
        elif row:
            self.made.drop("review_photos", review_id=row["review_id"], number=row["number"])
        self.build(together=together)

    @rule(
        number=picks,
        period=st.integers(2023, 2025),
        received=st.integers(0, 3),
        package=packages,
        together=st.booleans(),
    )
    def appeals_are_told(self, number: int, period: int, received: int, package: str, together: bool) -> None:
        one = self._id("organizations", number)
        if one:
            cells = {"organization_id": one, "period": period, "received": received, "answered": received}
            overdue = "" if received == 3 else 0
            self.made.put("appeal_statistics", (package, 0), **cells, overdue=overdue)
        self.build(together=together)

    @rule(number=picks)
    def appeals_go(self, number: int) -> None:
        row = self._one("appeal_statistics", number)
        if row:
            self.made.drop("appeal_statistics", organization_id=row["organization_id"], period=row["period"])
        self.build()

    # -- reviews -----------------------------------------------------------------------------------------------------

    @rule(
        number=picks,
        package=packages,
        part=parts,
        rating=st.integers(1, 5),
        how=st.sampled_from(["", "qr"]),
        age=st.sampled_from([30, 355, 370]),
        together=st.booleans(),
    )
    def review_comes(
        self, number: int, package: str, part: int, rating: int, how: str, age: int, together: bool
    ) -> None:
        one = self._id("organizations", number)
        if one:
            day = self.made.day - timedelta(days=age)
            self._say(one, package, part, rating=rating, channel=how or "web", received_on=day)
        self.build(together=together)

    @rule(
        number=picks,
        cells=st.sampled_from([{"rating": "1"}, {"text": ""}, {"received_on": "2026-02-01"}]),
        together=st.booleans(),
    )
    def review_changes(self, number: int, cells: dict[str, str], together: bool) -> None:
        row = self._one("reviews", number)
        if row:
            row.update(cells)
        self.build(together=together)

    @rule(number=picks, organization=picks, together=st.booleans())
    def review_goes_to_another_organisation(self, number: int, organization: int, together: bool) -> None:
        row, one = self._one("reviews", number), self._id("organizations", organization)
        if row and one:
            row["organization_id"] = one
        self.build(together=together)

    @rule(number=picks, reason=st.sampled_from(["personal_data", "set_aside"]), together=st.booleans())
    def review_is_restricted(self, number: int, reason: str, together: bool) -> None:
        row = self._one("reviews", number)
        if row:
            if row["text"]:
                self.withdrawn[row["text"]] = self.made.tables["reviews"][(row["review_id"],)][0][0]
            row.update(state="restricted", reason_code=reason)
        self.build(together=together)

    @rule(number=picks, together=st.booleans())
    def review_is_withdrawn(self, number: int, together: bool) -> None:
        self._forget("reviews", review_id=self._id("reviews", number))
        self.build(together=together)

    @rule(
        number=picks,
        package=packages,
        part=parts,
        text=st.sampled_from(["Спасибо.", "Исправим.", ""]),
        together=st.booleans(),
    )
    def review_is_answered(self, number: int, package: str, part: int, text: str, together: bool) -> None:
        one = self._id("reviews", number)
        if one and text:
            self.made.reply(one, text, package, part)
        elif one:
            self.made.drop("replies", review_id=self._id("replies", number))
        self.build(together=together)

    @rule(
        table=st.sampled_from(["reviews", "replies", "scores", "observations", "answers", "organizations"]),
        number=picks,
        part=parts,
        half=st.booleans(),
    )
    def file_is_renamed_or_split(self, table: str, number: int, part: int, half: bool) -> None:
        rows = self.made.tables[table]
        if rows:
            place = rows[sorted(rows)[number % len(rows)]][0]
            for turn, key in enumerate(sorted(key for key, (where, _) in rows.items() if where == place)):
                if not half or turn % 2:
                    self.made.move(table, key, (place[0], part))
        self.build()

    # -- plans, placements, regions, packages ------------------------------------------------------------------------

    @rule(
        number=picks,
        round_number=picks,
        days=st.integers(-5, 20),
        status=st.sampled_from(["planned", "in_progress", "done"]),
    )
    def plan_grows(self, number: int, round_number: int, days: int, status: str) -> None:
        one, assessment = self._id("organizations", number), self._id("assessments", round_number)
        if one and assessment:
            due = self.made.day + timedelta(days=days)
            done_on = self.made.day - timedelta(days=abs(days) * 12) if status == "done" else ""
            self.made.plan_measure(self._next("m"), one, assessment, due_on=due, status=status, done_on=done_on)
        self.build()

    @rule(
        number=picks,
        cells=st.sampled_from([{"status": "cancelled"}, {"status": "planned"}, {"action": "Другое"}, None]),
    )
    def plan_changes(self, number: int, cells: dict[str, str] | None) -> None:
        row = self._one("plan_measures", number)
        if row and cells:
            row.update({"done_on": ""} | cells if "status" in cells else cells)
        elif row:
            self.made.drop("plan_measures", plan_measure_id=row["plan_measure_id"])
        self.build()

    @rule(number=picks, reason=st.sampled_from(["", "Здание закрывают"]), is_answered=st.booleans())
    def measure_is_proposed(self, number: int, reason: str, is_answered: bool) -> None:
        """A council proposes something, which a measure that stands already may answer."""
        row = self._one("plan_measures", number)
        if row:
            name = self._next("p")
            made = {"no_measure_reason": reason}
            self.made.recommendation(name, row["organization_id"], row["assessment_id"], **made)
            row["recommendation_id"] = name if is_answered else row["recommendation_id"]
        self.build()

    @rule(number=picks)
    def proposal_goes(self, number: int) -> None:
        self.made.drop("recommendations", recommendation_id=self._id("recommendations", number))
        self.build()

    @rule(number=picks, code=st.sampled_from(["RWEAEKND22", "VHMAAF3D71"]))
    def placement_comes(self, number: int, code: str) -> None:
        one = self._id("organizations", number)
        if one:
            self.made.put(
                "placements", ("one", 0), placement_code=code, organization_id=one, place="стенд", state="active"
            )
        self.build()

    @rule(region=regions, name=st.sampled_from(["Край", "Область", ""]), package=st.sampled_from(["one", "two"]))
    def region_is_described(self, region: str, name: str, package: str) -> None:
        if name:
            self.made.put("regions", (package, 0), region_code=region, name=name, name_en="Land")
        else:
            self.made.drop("regions", region_code=region)
        self.build()

    @rule(package=packages)
    def package_goes_or_comes_back(self, package: str) -> None:
        self.made.absent ^= {package}
        self.build()

    @rule(package=packages, what=st.sampled_from(["demonstration", "version", "column", "no column"]), number=picks)
    def package_changes(self, package: str, what: str, number: int) -> None:
        if what == "demonstration":
            self.made.demonstrations ^= {package}
        elif what == "version":
            self.made.versions[package] = f"1.0.{number}"
        elif what == "column":
            one = self._id("organizations", number)
            self.made.own.setdefault(package, {})[one] = f"Своё {number}"
        else:
            self.made.own.pop(package, None)
        self.build()

    # -- who stands behind the rounds ----------------------------------------------------------------------------------

    @rule(
        table=st.sampled_from(["authorities", "operators", "councils", "contracts", "rosters", "campaigns"]),
        cells=st.sampled_from([{"status": "draft"}, {"status": "withheld"}, {"status": "published"}]),
        number=picks,
    )
    def party_changes_its_status(self, table: str, cells: dict[str, str], number: int) -> None:
        row = self._one(table, number)
        if row:
            row.update(cells)
        self.build()

    @rule(
        change=st.sampled_from(
            [
                ("authorities", {"name": "Другой орган"}),
                ("authorities", {"region_code": "77"}),
                ("operators", {"name": "Другой оператор"}),
                ("councils", {"authority_id": ""}),
                ("contracts", {"number": "2", "price": "7"}),
                ("contract_items", {"name": "Осмотр"}),
                ("rosters", {"subject_count": "2000"}),
                ("campaigns", {"name": "Другая кампания"}),
                ("campaigns", {"regions": "77 zz"}),
                ("campaigns", {"kinds": ""}),
                ("campaigns", {"questionnaire_id": "pilot-2026"}),
                ("campaigns", {"campaign_id": "pilot-2026"}),
            ]
        ),
        number=picks,
        together=st.booleans(),
    )
    def party_changes(self, change: tuple[str, dict[str, str]], number: int, together: bool) -> None:
        table, cells = change
        row = self._one(table, number)
        if row:
            row.update(cells)
        self.build(together=together)

    @rule(number=picks, operator=st.sampled_from(["op", "nobody", ""]), council=st.sampled_from(["os", ""]))
    def round_names_its_parties(self, number: int, operator: str, council: str) -> None:
        row = self._one("assessments", number)
        if row:
            row.update(operator_id=operator, council_id=council)
        self.build()

    @rule(
        number=picks,
        package=packages,
        part=parts,
        cells=st.sampled_from(
            [
                {"entry": "assessed", "reason": "", "is_unpublished": ""},
                {"entry": "not_assessed", "reason": "Закрыта", "is_unpublished": ""},
                {"entry": "assessed", "reason": "", "is_unpublished": "true"},
                None,
            ]
        ),
        together=st.booleans(),
    )
    def list_changes(self, number: int, package: str, part: int, cells: dict[str, str] | None, together: bool) -> None:
        one = self._id("organizations", number)
        if one and cells:
            self.made.listed(one, package, part, **cells)
        elif one:
            self.made.drop("roster_organizations", organization_id=one)
        self.build(together=together)

    # -- what is not data --------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([*range(1, 16), 330]))
    def days_go_by(self, days: int) -> None:
        self.made.day += timedelta(days=days)
        self.build()

    @rule(
        change=st.sampled_from(
            [
                {"organizations_per_page": 11},
                {"organizations_per_page": 10},
                {"reviews_per_page": 1},
                {"reviews_per_page": 5},
                {"minimum_ratings": 6},
                {"public_url": "https://other.example"},
                {"widget_url": "https://rate.example"},
                {"languages": ["ru", "en"]},
                {"languages": ["ru"]},
            ]
        ),
        together=st.booleans(),
    )
    def configuration_changes(self, change: dict[str, object], together: bool) -> None:
        self.made.config.update(change)
        self.build(together=together)

    @rule(
        what=st.sampled_from(
            [
                "theme/static/site.css",
                "theme/templates/organization.html",
                "theme/templates/region.html",
                "content/methods/344n-2018.yaml",
                "content/pages/ru/about.md",
            ]
        )
    )
    def file_of_the_look_changes(self, what: str) -> None:
        file = self.made.folder / what
        text = file.read_text("utf-8")
        mark = {"css": ".{} {{ order:1 }}", "html": "<!-- {} -->", "yaml": "# {}", "md": "Слово {}."}[
            what.rpartition(".")[2]
        ]
        file.write_text(text + mark.format(self._next("x")) + "\n", "utf-8")
        self.build()

    @rule(is_there=st.booleans(), kind=st.sampled_from(["news", "pages"]))
    def text_comes_or_goes(self, is_there: bool, kind: str) -> None:
        if is_there:
            self.made.text(f"{kind}/ru/second.md", "Второй текст", "Date: 2026-02-02\n" if kind == "news" else "")
        else:
            (self.made.folder / f"content/{kind}/ru/second.md").unlink(missing_ok=True)
        self.build()

    # -- what the program keeps --------------------------------------------------------------------------------------

    @rule(more=st.sampled_from([["--full"], ["--no-cache"], ["--release"]]))
    def build_is_forced(self, more: list[str]) -> None:
        self.build(*more)

    @rule()
    def nothing_changes(self) -> None:
        self.build()
        before = stamps(self.output)
        if self.made.build(self.output) == 0:
            assert stamps(self.output) == before

    @rule()
    def memory_is_lost(self) -> None:
        shutil.rmtree(self.state)
        self.slots.clear()
        self.repairs = True
        self.build()

    @rule(what=st.sampled_from(["rows", "warehouse.sqlite", "checked", "assets", "texts.json"]), damages=st.booleans())
    def part_of_the_memory_is_lost(self, what: str, damages: bool) -> None:
        for file in sorted((self.state / what).rglob("*")) or [self.state / what]:
            if file.is_file() and damages:
                file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
            elif file.is_file():
                file.unlink()
        self.slots.clear()
        self.repairs = self.forgets = True
        self.build()

    @rule(number=picks, damage=st.sampled_from(["gone", "cut", "stray", "nothing"]), mark=st.booleans())
    def crash_leaves_a_slot_half_done(self, number: int, damage: str, mark: bool) -> None:
        others = [slot for slot in sorted((self.output / "slots").iterdir()) if slot != current(self.output)]
        if others:
            slot = others[number % len(others)]
            files = sorted(file for file in slot.rglob("*.html"))
            file = files[number % len(files)]
            content = file.read_bytes()
            if damage in ("gone", "cut"):
                file.unlink()
            if damage == "cut":
                file.write_bytes(content[: len(content) // 2])
            if damage == "stray":
                (slot / "o/stray").mkdir(parents=True, exist_ok=True)
                (slot / "o/stray/page.html.new").write_bytes(content)
            (self.state / f"unfinished-{slot.name}").touch()
            self.slots.pop(slot.name, None)
            self.repairs = True
        self.build()

    @rule(is_named=st.booleans())
    def release_is_rolled_back(self, is_named: bool) -> None:
        self.made.write()
        kept = json.loads((self.output / "releases.json").read_text("utf-8"))["releases"]
        wanted = kept[0]["build_id"]
        assert self.made.run("rollback", "--output", str(self.output), *([wanted] if is_named else [])) in (0, 64)
        slot = current(self.output)
        if slot.name in self.slots:
            assert tree(slot) == self.slots[slot.name].files
        self.build()

    # -- building and comparing --------------------------------------------------------------------------------------

    def build(self, *more: str, together: bool = False) -> None:
        """Brings the kept output up to date and holds it against a clean build; `together` waits for more changes."""
        if together and self.turn % 2:
            self.turn += 1
            return
        inputs = self.made.write()
        code, fresh, record = self._clean(inputs)
        before = current(self.output)
        assert self.made.build(self.output, *more) == code
        if code:
            self.made.absent.clear()
            return
        self._compare(fresh, record)
        self._check_slots()
        self._check_releases()
        self._check_changes(RELEASED[inputs])
        self._check_withdrawn()
        # Who has lost the memory of what was said takes away all that may have been withdrawn, but not before a build
        # that has something to do notices the loss.
        self.forgets = self.forgets and current(self.output) == before
        self.repairs = self.forgets

    def _clean(self, inputs: str) -> tuple[int, dict[str, tuple[str, int]], dict[str, Any]]:
        if inputs not in CLEAN:
            with tempfile.TemporaryDirectory(prefix="nok-clean-") as place:
                output = Path(place) / "output"
                code = self.made.build(output)
                assert code in (0, 2, 64), "neither right data, nor wrong, nor none"
                record = {} if code else json.loads((output / "current/build.json").read_text("utf-8"))
                RELEASED[inputs] = {
                    folder.parent.name: released(folder) for folder in (output / "current/data").glob("*/latest")
                }
                CLEAN[inputs] = (code, {} if code else tree(current(output)), record)
        return CLEAN[inputs]

    def _compare(self, fresh: dict[str, tuple[str, int]], record: dict[str, Any]) -> None:
        slot = current(self.output)
        kept, found = tree(slot), pages(slot)
        wanted = {path: file for path, file in fresh.items() if path in found or path not in kept}
        wanted = {path: file for path, file in wanted.items() if not path.startswith(HISTORIES)}
        assert sorted(path for path in {*found, *wanted} if found.get(path) != wanted.get(path)) == []
        assets = {path for path in fresh if path.startswith("static/")}
        assert assets <= kept.keys()
        assert {path for path in kept if path.startswith("static/")} <= assets | self.assets
        self.assets |= assets
        told = json.loads((slot / "build.json").read_text("utf-8"))
        assert {**told, "packages": None} == {**record, "packages": None}
        assert told["packages"].keys() == record["packages"].keys()

    def _check_slots(self) -> None:
        """Manifests are true; nothing that stayed the same was written again; kept slots stay as they were."""
        published = Snapshot.of(current(self.output))
        for slot in sorted((self.output / "slots").iterdir()):
            now = published if slot == current(self.output) else Snapshot.of(slot)
            is_marked = (self.state / f"unfinished-{slot.name}").exists()
            is_known = (self.state / f"units-{slot.name}.sqlite").exists() and not is_marked
            assert is_marked or not [path for path in now.files if path.endswith(".new")]
            if is_known:
                assert {path: sha for path, (sha, _) in now.files.items()} == manifest(self.state, slot)
            if slot.name in self.slots and not self.repairs:
                was = self.slots[slot.name]
                assert rewritten(was, now) == []
                assert now is published or unmeant(was, now, published) == []
            if is_known:
                self.slots[slot.name] = now
            else:
                self.slots.pop(slot.name, None)

    def _check_releases(self) -> None:
        """A release never changes, but for what is withdrawn; its checksums hold."""
        for sums in sorted((self.output / "current/data").glob("*/*/SHA256SUMS")):  # those of changes too
            folder = sums.parent
            named = dict(line.split("  ")[::-1] for line in sums.read_text("utf-8").splitlines())
            assert named.keys() == tree(folder).keys() - {"SHA256SUMS"}
            for name, sha256 in named.items():
                assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256
            name = "/".join(folder.parts[-2:])
            if folder.name not in ("latest", "changes"):
                now = Release.of(folder)
                if name in self.released:
                    assert taken_out(self.released[name], now, self._is_said) == []
                self.released[name] = now

    def _is_said(self, table: str, row: Row) -> bool:
        """True where today's tables have this saying, and a review that is published for it to belong to."""
        found = [one for one in self.made.rows("reviews") if one["review_id"] == row["review_id"]]
        statuses = {one["organization_id"]: one["status"] for one in self.made.rows("organizations")}
        if not found or found[0]["state"] == "restricted" or statuses[found[0]["organization_id"]] != "published":
            return False
        names = ("review_id", "sha256") if table == "review_photos" else ("review_id",)
        return any(
            place[0] not in self.made.absent and all(one[name] == row[name] for name in names)
            for place, one in self.made.tables[table].values()
        )

    def _check_changes(self, present: dict[str, dict[str, list[str]]]) -> None:
        """The newest release with the changes since has the rows that a release of today would have."""
        for package, tables in present.items():
            data = self.output / "current/data" / package
            with tempfile.TemporaryDirectory(prefix="nok-applied-") as place:
                apply_delta(data / "latest", data / "changes", Path(place) / "now")
                assert released(Path(place) / "now") == tables, package

    def _check_withdrawn(self) -> None:
        """Of packages that are published: one that is taken away whole can be brought back by a rollback."""
        there = {place[0] for rows in self.made.tables.values() for place, _ in rows.values()} - self.made.absent
        said = {row["text"] for row in self.made.rows("reviews") if row["state"] != "restricted"}
        for text, package in self.withdrawn.items():
            if package in there and text not in said:
                assert holders(self.output, text) == [], text


def released(folder: Path) -> dict[str, list[str]]:
    """Table to its header and its rows, sorted: a table that is applied keeps the order of the release. The dictionary
    tells of columns and is no table of the package."""
    found = {}
    for file in sorted(set(folder.glob("*.csv")) - {folder / "dictionary.csv"}):
        header, *rows = csv.reader(file.read_text("utf-8").splitlines())
        found[file.stem] = [repr(header), *sorted(map(repr, rows))]
    return found


# ---- running ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def quickly() -> Iterator[None]:
    """Builds do without what is not the matter here."""
    with quick_builds():
        yield


def run(number: int, histories: int) -> None:
    """So many histories of 8 to 14 changes, from a seed of their own."""

    @seed(number)
    class Seeded(History):
        pass

    run_state_machine_as_test(
        Seeded,
        settings=settings(
            max_examples=histories,
            stateful_step_count=14,
            derandomize=False,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            phases=[Phase.generate] if os.environ.get("NOK_QUICK") else list(Phase),
        ),
        _min_steps=8,
    )


def test_a_kept_output_is_what_a_clean_build_makes_after_any_history() -> None:
    run(0, 2)


CHANGES: dict[str, tuple[str, dict[str, str], set[str]]] = {
    "an operator": (
        "operators",
        {"name": "Другой оператор"},
        {
            "operators/index.html",
            "operators/op/index.html",
            "authorities/a/index.html",
            "authorities/a/cabinet/operators.csv",
        },
    ),
    "a line of a contract": (
        "contract_items",
        {"name": "Осмотр"},
        {"operators/op/index.html", "authorities/a/cabinet/contract-items.csv"},
    ),
    "a list": (
        "rosters",
        {"subject_count": "50"},
        {
            "rosters/r/index.html",
            "councils/os/index.html",
            "authorities/a/index.html",
            "authorities/a/cabinet/rosters.csv",
        },
    ),
    "an entry of a list": (
        "roster_organizations",
        {"entry": "not_assessed", "reason": "Закрыта"},
        {
            *("rosters/r/index.html", "rosters/r/organizations.csv", "councils/os/index.html"),
            *("authorities/a/index.html", "authorities/a/cabinet/rosters.csv"),
        },
    ),
    "a campaign": (
        "campaigns",
        {"name": "Другая кампания"},
        {
            *("campaigns/index.html", "campaigns/p-1/index.html", "regions/70/index.html"),
            *(f"o/70/clinic-{number}.html" for number in range(1, 12)),
        },
    ),
}


@pytest.mark.parametrize(("table", "cells", "expected"), CHANGES.values(), ids=CHANGES.keys())
def test_a_row_of_the_record_makes_those_pages_anew_that_show_it_and_no_others(
    table: str, cells: dict[str, str], expected: set[str], tmp_path: Path
) -> None:
    made, output, state = small_publication(tmp_path / "site"), tmp_path / "output", tmp_path / "output.state"
    made.record()
    made.listed("clinic-1")
    made.campaign("p-1")
    made.write()
    assert made.build(output) == 0
    shown, before = pages(current(output)), units(state, current(output))
    made.rows(table)[0].update(cells)
    made.write()
    assert made.build(output) == 0
    after, now = pages(current(output)), units(state, current(output))
    assert {path for path in {*shown, *after} if shown.get(path) != after.get(path)} == expected
    anew = {name for name, (inputs, _) in now.items() if before[name][0] != inputs}
    assert anew == {name for name, (_, paths) in now.items() if paths & expected}


@pytest.mark.scale
@pytest.mark.parametrize("number", range(1, 16))
def test_a_kept_output_is_what_a_clean_build_makes_after_many_histories(number: int) -> None:
    run(number, 20)
