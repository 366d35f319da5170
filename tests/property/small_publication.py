"""A small publication that tests change bit by bit: its tables are rows in memory, its files are written before a build.

Builds go through the command line; what is published is read back from the disk, as a reader has it.
"""

import csv
import hashlib
import io
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import CodeType
from typing import Any

import jinja2
import pytest
import yaml
from PIL import Image

import nok.packages.check
import nok.render.xlsform
import nok.site.pelican_site
import nok.templating
import publish
from nok.template_shelf import TemplateShelf

ROOT = Path(__file__).resolve().parents[2]
FIRST_DAY = date(2026, 2, 7)
Row = dict[str, str]
Place = tuple[str, str, int]
"""Package, table, number of the file: 0 is `<table>.csv`, others `<table>-0001.csv`."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "regions": ("region_code",),
    "organizations": ("organization_id",),
    "assessments": ("assessment_id",),
    "scores": ("organization_id", "assessment_id", "measure"),
    "observations": ("organization_id", "assessment_id", "parameter"),
    "answers": ("organization_id", "assessment_id", "questionnaire_id", "question", "answer", "mode"),
    "reviews": ("review_id",),
    "replies": ("review_id",),
    "review_photos": ("review_id", "number"),
    "withdrawn_reviews": ("review_id",),
    "plan_measures": ("plan_measure_id",),
    "appeal_statistics": ("organization_id", "period"),
    "observation_photos": ("photo_sha256",),
    "placements": ("placement_code",),
    "assessment_stages": ("assessment_id", "stage"),
    "decisions": ("decision_id",),
    "recommendations": ("recommendation_id",),
    "authorities": ("authority_id",),
    "operators": ("operator_id",),
    "councils": ("council_id",),
    "contracts": ("contract_id",),
    "contract_items": ("contract_id", "item"),
    "campaigns": ("campaign_id",),
    "rosters": ("roster_id",),
    "roster_organizations": ("roster_id", "organization_id"),
}
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "regions": ("region_code", "name", "name_en"),
    "organizations": (
        *("organization_id", "name", "short_name", "sphere", "kind", "region_code", "municipality", "latitude"),
        *("longitude", "parent_organization_id", "closed_on", "successor_organization_id", "status"),
    ),
    "assessments": (
        "assessment_id",
        "title",
        "period",
        "sphere",
        "method_id",
        "kind",
        "stage",
        "operator_id",
        "council_id",
        "status",
    ),
    "scores": ("organization_id", "assessment_id", "measure", "points", "state", "respondents", "published_as"),
    "observations": (
        *("organization_id", "assessment_id", "parameter", "value", "norm", "applicable", "observed_at", "latitude"),
        *("longitude", "observer"),
    ),
    "appeal_statistics": ("organization_id", "period", "received", "answered", "median_days", "overdue"),
    "observation_photos": ("photo_sha256", "organization_id", "assessment_id", "path", "caption", "is_released"),
    "answers": ("organization_id", "assessment_id", "questionnaire_id", "question", "answer", "mode", "count"),
    "reviews": (
        *("review_id", "organization_id", "received_on", "rating", "courtesy", "text", "language", "channel"),
        *("state", "reason_code"),
    ),
    "replies": ("review_id", "text", "replied_on"),
    "review_photos": ("review_id", "number", "path", "sha256", "width", "height"),
    "withdrawn_reviews": ("review_id", "organization_id", "withdrawn_on", "reason"),
    "plan_measures": (
        *("plan_measure_id", "organization_id", "assessment_id", "indicator", "shortcoming", "action", "due_on"),
        *("status", "done_on", "recommendation_id", "evidence"),
    ),
    "placements": ("placement_code", "organization_id", "place", "state"),
    "assessment_stages": ("assessment_id", "stage", "started_on", "finished_on", "note"),
    "decisions": (
        *("decision_id", "assessment_id", "body", "body_id", "body_name", "stage", "decided_on", "subject"),
        *("document", "document_number", "url"),
    ),
    "recommendations": (
        *("recommendation_id", "organization_id", "assessment_id", "council_id", "indicator", "shortcoming", "text"),
        *("decided_on", "no_measure_reason"),
    ),
    "authorities": ("authority_id", "name", "level", "region_code", "status"),
    "operators": ("operator_id", "name", "is_foreign", "status"),
    "councils": ("council_id", "name", "level", "region_code", "authority_id", "status"),
    "contracts": (
        *("contract_id", "operator_id", "authority_id", "number", "signed_on", "starts_on", "ends_on", "period"),
        *("price", "status"),
    ),
    "contract_items": ("contract_id", "item", "name", "unit_price", "quantity", "total"),
    "campaigns": ("campaign_id", "name", "starts_on", "ends_on", "regions", "kinds", "questionnaire_id", "status"),
    "rosters": ("roster_id", "council_id", "period", "subject_count", "status"),
    "roster_organizations": ("roster_id", "organization_id", "entry", "reason", "is_unpublished"),
}
BESIDE = ("appeal_statistics", "observation_photos")
"""Tables of organisations whose rows are kept as they stand."""

_OF_ORGANIZATIONS = ("scores", "observations", "answers", "recommendations", "plan_measures")
"""Tables of organisations in rounds."""
PLACES = {"70": ("56.48", "84.95"), "77": ("55.75", "37.62"), "zz": ("", "")}
"""Region to where its organisations are; `zz` is a region that nobody describes."""


@dataclass
class Publication:
    """A publication in `folder`. `tables` are the rows of all packages: table to key to (place, row)."""

    folder: Path
    day: date = FIRST_DAY
    config: dict[str, object] = field(
        default_factory=lambda: {"languages": ["ru"], "organizations_per_page": 10, "forms": ["regions"]}
    )
    tables: dict[str, dict[tuple[str, ...], tuple[Place, Row]]] = field(
        default_factory=lambda: {name: {} for name in KEYS}
    )
    own: dict[str, dict[str, str]] = field(default_factory=dict)
    """Package to a column of its own in `organizations`: id to value."""
    demonstrations: set[str] = field(default_factory=set)
    versions: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    """Packages that lie aside: they are not published now."""
    _written: dict[Path, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Copies the content and the theme; of the texts one each, since each takes time in every build."""
        shutil.copytree(ROOT / "content", self.folder / "content", ignore=shutil.ignore_patterns("mappings"))
        shutil.copytree(ROOT / "theme", self.folder / "theme", ignore=shutil.ignore_patterns("widget"))
        for text in (self.folder / "content").glob("*/*/*.md"):
            text.unlink()
        for language in ("ru", "en"):
            self.text(f"pages/{language}/about.md", "О публикации")
            self.text(f"news/{language}/first.md", "Новость", "Date: 2026-02-01\n")

    def text(self, path: str, title: str, more: str = "") -> None:
        """A page or a piece of news below `content/`."""
        file = self.folder / "content" / path
        head = f"Title: {title}\nSlug: {file.stem}\nLang: {file.parent.name}\n{more}Summary: Кратко.\n"
        file.write_text(f"{head}\nТекст.\n", "utf-8")

    # -- rows --------------------------------------------------------------------------------------------------------

    def put(self, table: str, place: tuple[str, int], /, **cells: object) -> Row:
        """A new row, or another one under the same key; `place` is package and number of the file."""
        row = {name: str(cells.get(name, "")) for name in COLUMNS[table]}
        self.tables[table][self.key(table, row)] = ((place[0], table, place[1]), row)
        return row

    def drop(self, table: str, **cells: str) -> list[Row]:
        """Removes the rows that have these cells, and all rows that point to them."""
        found = [key for key, (_, row) in self.tables[table].items() if all(row[n] == v for n, v in cells.items())]
        gone = [self.tables[table].pop(key)[1] for key in found]
        for row in gone:
            self._drop_followers(table, row)
        return gone

    def _drop_followers(self, table: str, row: Row) -> None:
        """Removes what points to a row that is gone, or empties the cell that did."""
        if table == "organizations":
            for other in (*_OF_ORGANIZATIONS, "reviews", "placements", "roster_organizations", *BESIDE):
                self.drop(other, organization_id=row["organization_id"])
            for column in ("parent_organization_id", "successor_organization_id"):
                self._empty("organizations", column, row["organization_id"])
        if table == "assessments":
            for other in (*_OF_ORGANIZATIONS, "assessment_stages", "decisions", "observation_photos"):
                self.drop(other, assessment_id=row["assessment_id"])
        if table == "recommendations":
            self._empty("plan_measures", "recommendation_id", row["recommendation_id"])
        if table == "reviews":
            self.drop("replies", review_id=row["review_id"])
            self.drop("review_photos", review_id=row["review_id"])

    def _empty(self, table: str, column: str, value: str) -> None:
        for row in self.rows(table):
            if row[column] == value:
                row[column] = ""

    def rows(self, table: str) -> list[Row]:
        return [row for _, row in self.tables[table].values()]

    @staticmethod
    def key(table: str, row: Row) -> tuple[str, ...]:
        return tuple(row[name] for name in KEYS[table])

    def move(self, table: str, key: tuple[str, ...], place: tuple[str, int]) -> None:
        self.tables[table][key] = ((place[0], table, place[1]), self.tables[table][key][1])

    def organization(self, organization_id: str, package: str = "one", **cells: object) -> Row:
        """A clinic of Tomsk, unless `cells` say otherwise."""
        region = str(cells.get("region_code", "70"))
        latitude, longitude = PLACES[region]
        number = f"{int(hashlib.sha256(organization_id.encode()).hexdigest(), 16) % 100:02d}"
        usual = {
            "organization_id": organization_id,
            "name": f"Поликлиника «{organization_id}»",
            "sphere": "health",
            "kind": "clinic",
            "region_code": region,
            "municipality": "Город",
            "latitude": latitude and latitude + number,
            "longitude": longitude and longitude + number,
            "status": "published",
        }
        return self.put("organizations", (package, 0), **(usual | cells))

    def assessment(self, assessment_id: str, package: str = "one", **cells: object) -> Row:
        usual = {
            "assessment_id": assessment_id,
            "title": f"Оценка {assessment_id}",
            "period": 2025,
            "sphere": "health",
            "method_id": "344n-2018",
            "kind": "independent",
            "stage": "done",
            "status": "published",
        }
        return self.put("assessments", (package, 0), **(usual | cells))

    def scores(self, organization_id: str, assessment_id: str, seed: int, package: str = "one", part: int = 0) -> None:
        """Five criteria in tenths and their mean, as the law's method has it."""
        tenths = [10 * (95 - (seed * 7 + step * 3) % 40) for step in range(5)]
        hundredths = sum(tenths) * 2
        points = [*(f"{one // 10}.{one % 10}" for one in tenths), f"{hundredths // 100}.{hundredths % 100:02d}"]
        for measure, value in zip(("K1", "K2", "K3", "K4", "K5", "total"), points, strict=True):
            cells = {"measure": measure, "points": value, "state": "scored", "respondents": 100 + seed % 50}
            self.put("scores", (package, part), organization_id=organization_id, assessment_id=assessment_id, **cells)

    def evidence(
        self, organization_id: str, assessment_id: str, seed: int, package: str = "one", part: int = 0
    ) -> None:
        """A checklist and the answers of a clinic; nobody with a disability was asked where `seed` is even."""
        of = {"organization_id": organization_id, "assessment_id": assessment_id}
        seen = {"stand_items": (seed % 11, 10), "site_items": (40 + seed % 11, 50), "remote_channels": (seed % 6, "")}
        seen |= {"comfort_conditions": (seed % 7, ""), "access_equipment": (seed % 6, ""), "access_conditions": (3, "")}
        seen |= {"waiting": (f"{seed % 15}.5", 14)}
        for parameter, (value, norm) in seen.items():
            self.put("observations", (package, part), **of, parameter=parameter, value=value, norm=norm)
        asked = {f"q{number}": 100 - (seed * number) % 40 for number in (*range(1, 7), *range(9, 16))}
        asked |= {"q2": asked["q1"], "q4": asked["q3"], "q12": asked["q11"], "q7": 0, "q8": 0}
        asked |= {"q7": 20, "q8": seed % 20} if seed % 2 else {}
        of |= {"questionnaire_id": "675n-2018", "mode": "paper"}
        for question, people in asked.items():
            self.put("answers", (package, part), **of, question=question, answer="yes", count=people)

    def photograph(self, number: int, organization_id: str, assessment_id: str, package: str, **cells: object) -> Row:
        """A picture of an observer, and its file in the package; the same number is the same picture."""
        sha256, path = self._picture(number, package)
        usual = {"photo_sha256": sha256, "organization_id": organization_id, "assessment_id": assessment_id}
        usual |= {"path": path, "caption": f"Снимок {number}", "is_released": "true"}
        return self.put("observation_photos", (package, 0), **(usual | cells))

    def send(self, picture: int, review_id: str, number: int = 1, package: str = "one", part: int = 0) -> Row:
        """A photograph beside a review, and its file in the package."""
        sha256, path = self._picture(picture, package)
        cells = {"review_id": review_id, "number": number, "path": path, "sha256": sha256, "width": 8, "height": 6}
        return self.put("review_photos", (package, part), **cells)

    def _picture(self, number: int, package: str) -> tuple[str, str]:
        """(SHA-256, path) of a small picture in a package; the same number is the same picture."""
        buffer = io.BytesIO()
        Image.new("RGB", (8, 6), (number % 256, 0, 0)).save(buffer, "PNG")
        sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
        file = self.folder / "packages" / package / f"photos/{sha256[:8]}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(buffer.getvalue())
        return sha256, f"photos/{file.name}"

    def review(self, review_id: str, organization_id: str, package: str = "one", part: int = 0, **cells: object) -> Row:
        usual = {
            "review_id": review_id,
            "organization_id": organization_id,
            "received_on": FIRST_DAY - timedelta(days=30),
            "rating": 4,
            "courtesy": 5,
            "text": f"Отзыв {review_id}.",
            "language": "ru",
            "channel": "qr",
            "state": "published",
        }
        return self.put("reviews", (package, part), **(usual | cells))

    def reply(self, review_id: str, text: str = "Спасибо.", package: str = "one", part: int = 0) -> Row:
        return self.put("replies", (package, part), review_id=review_id, text=text, replied_on=FIRST_DAY)

    def stage(self, assessment_id: str, stage: str, started_on: object, package: str = "one", **cells: object) -> Row:
        given = {"assessment_id": assessment_id, "stage": stage, "started_on": started_on} | cells
        return self.put("assessment_stages", (package, 0), **given)

    def decision(self, decision_id: str, assessment_id: str, package: str = "one", **cells: object) -> Row:
        usual = {
            "decision_id": decision_id,
            "assessment_id": assessment_id,
            "body": "council",
            "stage": "discussion",
            "decided_on": "2025-08-01",
            "subject": f"Решение {decision_id}",
        }
        return self.put("decisions", (package, 0), **(usual | cells))

    def recommendation(
        self, recommendation_id: str, organization_id: str, assessment_id: str, package: str = "one", **cells: object
    ) -> Row:
        usual = {
            "recommendation_id": recommendation_id,
            "organization_id": organization_id,
            "assessment_id": assessment_id,
            "indicator": "3.1",
            "shortcoming": "Нет стоянки",
            "text": f"Предложение {recommendation_id}",
        }
        return self.put("recommendations", (package, 0), **(usual | cells))

    def plan_measure(self, plan_measure_id: str, organization_id: str, assessment_id: str, **cells: object) -> Row:
        usual = {
            "plan_measure_id": plan_measure_id,
            "organization_id": organization_id,
            "assessment_id": assessment_id,
            "indicator": "3.1",
            "shortcoming": "Нет стоянки",
            "action": "Разметить место",
            "due_on": FIRST_DAY + timedelta(days=10),
            "status": "planned",
        }
        return self.put("plan_measures", (str(cells.pop("package", "one")), 0), **(usual | cells))

    def record(self, package: str = "one") -> None:
        """Who stands behind the rounds: one of each, and a list with two organisations."""
        usual = {"status": "published"}
        self.put(
            "authorities", (package, 0), authority_id="a", name="Орган", level="regional", region_code="70", **usual
        )
        self.put("operators", (package, 0), operator_id="op", name="Оператор", is_foreign="true", **usual)
        self.put("councils", (package, 0), council_id="os", name="Совет", level="regional", authority_id="a", **usual)
        days = {"signed_on": "2025-01-10", "starts_on": "2025-02-01", "ends_on": "2025-12-01", "period": 2025}
        self.put(
            *("contracts", (package, 0)),
            **days,
            **usual,
            contract_id="k",
            operator_id="op",
            authority_id="a",
            number="1",
            price=6,
        )
        cells = {"contract_id": "k", "item": 1, "name": "Опрос", "unit_price": 2, "quantity": 3, "total": 6}
        self.put("contract_items", (package, 0), **cells)
        self.put("rosters", (package, 0), roster_id="r", council_id="os", period=2025, subject_count=40, **usual)

    def listed(self, organization_id: str, package: str = "one", part: int = 0, **cells: object) -> Row:
        usual = {"roster_id": "r", "organization_id": organization_id, "entry": "assessed"}
        return self.put("roster_organizations", (package, part), **(usual | cells))

    def campaign(self, campaign_id: str, package: str = "one", **cells: object) -> Row:
        """One that runs in Tomsk for clinics in the first weeks."""
        days = {"starts_on": FIRST_DAY - timedelta(days=5), "ends_on": FIRST_DAY + timedelta(days=20)}
        usual = {"campaign_id": campaign_id, "name": f"Кампания {campaign_id}", "regions": "70", "kinds": "clinic"}
        return self.put("campaigns", (package, 0), **(usual | days | {"status": "published"} | cells))

    # -- files -------------------------------------------------------------------------------------------------------

    def write(self) -> str:
        """Writes what has changed since the last time; a hash of all that a build reads."""
        wanted = dict(self._files())
        for path in self._written.keys() - wanted.keys():
            path.unlink()
        for path, text in wanted.items():
            if self._written.get(path) != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, "utf-8")
        self._written = wanted
        found = hashlib.sha256(self.day.isoformat().encode())
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                found.update(f"{path.relative_to(self.folder)}\0".encode() + path.read_bytes() + b"\0")
        return found.hexdigest()

    def _files(self) -> Iterator[tuple[Path, str]]:
        config = {**self.config, "packages": "packages/*"}
        yield self.folder / "content/publication.yaml", yaml.safe_dump(config, allow_unicode=True)
        places: dict[Place, list[Row]] = {}
        for table in self.tables.values():
            for place, row in table.values():
                if place[0] not in self.absent:
                    places.setdefault(place, []).append(row)
        parts: dict[str, dict[str, list[str]]] = {}
        for (package, table, number), rows in sorted(places.items()):
            name = f"{table}-{number:04d}.csv" if number else f"{table}.csv"
            parts.setdefault(package, {}).setdefault(table, []).append(name)
            yield self.folder / "packages" / package / name, self._csv(package, table, rows)
        for package, tables in parts.items():
            text = json.dumps(self._descriptor(package, tables), ensure_ascii=False, indent=1)
            yield self.folder / "packages" / package / "datapackage.json", text

    def _csv(self, package: str, table: str, rows: list[Row]) -> str:
        own = self.own.get(package) if table == "organizations" else None
        text = io.StringIO()
        columns = [*COLUMNS[table], *(["x_own"] if own is not None else [])]
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            writer.writerow(row if own is None else {**row, "x_own": own.get(row["organization_id"], "")})
        return text.getvalue()

    def _descriptor(self, package: str, tables: Mapping[str, list[str]]) -> dict[str, object]:
        resources: list[dict[str, object]] = []
        for table, names in tables.items():
            resource: dict[str, object] = {"name": table, "path": names[0] if len(names) == 1 else names}
            if table == "organizations" and package in self.own:
                resource["schema"] = {"fields": [{"name": "x_own", "title": "Своё", "type": "string"}]}
            resources.append(resource)
        return {
            "name": package,
            "title": f"Пакет {package}",
            "version": self.versions.get(package, "1.0.0"),
            "licenses": [{"name": "CC-BY-4.0"}],
            **({"demonstration": True} if package in self.demonstrations else {}),
            "resources": resources,
        }

    # -- the command line ---------------------------------------------------------------------------------------------

    def build(self, output: Path, *more: str) -> int:
        """The exit code of a build; the files must have been written."""
        return self.run("build", "--output", str(output), "--jobs", "1", *more)

    def run(self, command: str, *more: str) -> int:
        midnight = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SOURCE_DATE_EPOCH", str(int(midnight.timestamp())))
            return publish.main([command, "--config", str(self.folder / "content/publication.yaml"), *more])


def small_publication(folder: Path) -> Publication:
    """Two packages, two regions, twelve organisations, two rounds, reviews with replies, plans."""
    made = Publication(folder)
    made.assessment("health-2025")
    made.assessment("health-2024", period=2024)
    for number in range(1, 13):
        region, package = ("77", "two") if number > 11 else ("70", "one")
        one = f"clinic-{number}"
        made.organization(one, package, region_code=region)
        if number % 4:
            made.scores(one, "health-2025", number, package)
        if number < 5:
            made.scores(one, "health-2024", number + 3, package)
        for turn in range(number % 3 * 3):
            made.review(f"r-{number}-{turn}", one, package, rating=1 + (number + turn) % 5)
    made.reply("r-1-0")
    made.reply("r-2-1")
    made.plan_measure("m-1", "clinic-1", "health-2025")
    made.plan_measure("m-2", "clinic-2", "health-2025", status="done", done_on=FIRST_DAY)
    return made


@contextmanager
def quick_builds() -> Iterator[None]:
    """Texts of editors are read once for the same files, forms for devices made once, templates of the same text compiled
    and of the same look bound once, and frictionless asked once about a table of the same bytes, for they take half of the
    time of a small build; and
    nobody waits for the disk, since other programs of the machine may write much."""
    read: Callable[..., Any] = nok.site.pelican_site.read_editorial

    def remembered(content: Path, theme: Path, scratch: Path, **more: Any) -> Any:
        found = hashlib.sha256(repr(sorted(more.items())).encode())
        for path in sorted(path for kind in ("pages", "news") for path in (content / kind).rglob("*.md")):
            found.update(f"{path.relative_to(content)}\0".encode() + path.read_bytes())
        key = found.hexdigest()
        if key not in _TEXTS:
            _TEXTS[key] = read(content, theme, scratch, **more)
        return _TEXTS[key]

    make_form: Callable[..., bytes] = nok.render.xlsform.xlsform_bytes

    def form_once(form: Any, languages: Sequence[str]) -> bytes:
        key = repr((form, languages))
        if key not in _FORMS:
            _FORMS[key] = make_form(form, languages)
        return _FORMS[key]

    second: Callable[..., list[Any]] = nok.packages.check._second_opinion

    def second_once(package: Any, resource: Any, encoding: str) -> list[Any]:
        content = [hashlib.sha256(file.read_bytes()).hexdigest() for file in resource.files]
        names = [file.relative_to(package.folder).as_posix() for file in resource.files]
        key = repr((package.name, resource.name, resource.schema, resource.delimiter, encoding, names, content))
        if key not in _OPINIONS:
            _OPINIONS[key] = second(package, resource, encoding)
        return _OPINIONS[key]

    first_stage = nok.templating._first_stage

    def compiled_once(folder: Path) -> jinja2.Environment:
        found = first_stage(folder)
        found.bytecode_cache = _Compiled()
        return found

    with pytest.MonkeyPatch.context() as patch:
        _bind_once(patch)
        patch.setattr(nok.templating, "_first_stage", compiled_once)
        patch.setattr(nok.packages.check, "_second_opinion", second_once)
        patch.setattr(nok.site.pelican_site, "read_editorial", remembered)
        patch.setattr(nok.render.xlsform, "xlsform_bytes", form_once)
        patch.setattr(os, "sync", lambda: None)
        yield


def _bind_once(patch: pytest.MonkeyPatch) -> None:
    """Has templates of one look bound once, whatever folder they are kept in."""
    recall, keep = TemplateShelf.recall, TemplateShelf.keep

    def recall_once(shelf: TemplateShelf, name: str) -> CodeType | None:
        code, key = recall(shelf, name), (shelf._folder.name, name)
        if code is None and key in _BOUND and not shelf._file(name).exists():
            keep(shelf, name, code := _BOUND[key])
        return code

    def keep_too(shelf: TemplateShelf, name: str, code: CodeType) -> None:
        keep(shelf, name, code)
        if shelf._file(name).exists():
            _BOUND[shelf._folder.name, name] = code

    patch.setattr(TemplateShelf, "recall", recall_once)
    patch.setattr(TemplateShelf, "keep", keep_too)


class _Compiled(jinja2.BytecodeCache):
    """Templates by their names and texts, in whichever copy of the theme they stand."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        return name

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        bucket.code = _TEMPLATES.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if bucket.code is not None:
            _TEMPLATES[bucket.key, bucket.checksum] = bucket.code


_TEMPLATES: dict[tuple[str, str], CodeType] = {}
_BOUND: dict[tuple[str, str], CodeType] = {}
_TEXTS: dict[str, Any] = {}
_FORMS: dict[str, bytes] = {}
_OPINIONS: dict[str, list[Any]] = {}
"""What this process has read, made and asked already."""


# ---- what stands on the disk -----------------------------------------------------------------------------------------


def current(output: Path) -> Path:
    return (output / "current").resolve()


def tree(folder: Path) -> dict[str, tuple[str, int]]:
    """Path to (hash, mode) of every file below `folder`."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            mode = path.stat().st_mode & 0o777
            found[path.relative_to(folder).as_posix()] = (hashlib.sha256(path.read_bytes()).hexdigest(), mode)
    return found


HISTORIES = ("data/", "en/data/", "opendata/", "en/opendata/", "build.json", "api/v1/index.json", "api/v1/changes.json")
"""What says which releases and builds there have been."""


def pages(folder: Path) -> dict[str, tuple[str, int]]:
    """The tree without what has a history of its own: releases of data and what tells of them, old assets."""
    return {path: file for path, file in tree(folder).items() if not path.startswith((*HISTORIES, "static/"))}


def manifest(state: Path, slot: Path) -> dict[str, str]:
    """Path to hash of every file that the manifest of a slot names."""
    base = sqlite3.connect(state / f"units-{slot.name}.sqlite")
    try:
        texts = [text for (text,) in base.execute("SELECT files FROM files")]
    finally:
        base.close()
    lines = [line.split(" ", 2) for text in texts for line in text.split("\n") if line]
    assert len({path for _, _, path in lines}) == len(lines), "two units hold one file"
    return {path: sha256 for sha256, _, path in lines}


def units(state: Path, slot: Path) -> dict[str, tuple[str, set[str]]]:
    """Unit to (inputs, paths) in a slot, without those that every build makes."""
    base = sqlite3.connect(state / f"units-{slot.name}.sqlite")
    try:
        rows = base.execute("SELECT name, inputs, files FROM units JOIN files USING (name)").fetchall()
    finally:
        base.close()
    return {
        name: (inputs, {line.split(" ", 2)[2] for line in files.split("\n") if line})
        for name, inputs, files in rows
        if "/" in name
    }


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    """Path to (inode, time of change) of every file: both stay only where nobody has replaced it."""
    found = {}
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            state = path.stat()
            found[path.relative_to(folder).as_posix()] = (state.st_ino, state.st_mtime_ns)
    return found


def holders(folder: Path, text: str) -> list[str]:
    """Files below `folder` that hold a text."""
    sought = text.encode()
    return [
        Path(place, name).relative_to(folder).as_posix()
        for place, _, names in os.walk(folder)
        for name in names
        if sought in Path(place, name).read_bytes()
    ]
