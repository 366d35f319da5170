"""A widget for tests: real theme, real store in a temporary folder, a clock and a day that the test sets."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

from starlette.testclient import TestClient

from nok.identifiers import default_placement_code
from nok.placements import Placement, PlacementState
from nok.templating import read_words
from widget.app import _bind as bind_templates
from widget.app import create_app
from widget.directory import Directory, OrganizationCard
from widget.engines import StorePlace, store_place
from widget.reviews import StoredReview
from widget.settings import Settings
from widget.store import Reader

ROOT = Path(__file__).resolve().parents[2]
TODAY = date(2026, 2, 7)
SCHOOL, CLINIC = "primersk-school-12", "primersk-clinic-1"
SCHOOL_CODE = default_placement_code(SCHOOL)
CLOSED_CODE, OLD_CODE, LOST_CODE = (default_placement_code(name) for name in ("closed", "old", "lost"))
BROWSER = {"accept": "text/html,application/xhtml+xml"}
"""What every browser sends; without it answers to mistakes are JSON."""

_numbers = count()


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def make_directory() -> Directory:
    school = OrganizationCard(
        name="МБОУ «Средняя школа № 12»",
        place_line="г. Примерск, ул. Школьная, 5",
        region_code="70",
        href=f"o/70/{SCHOOL}.html",
    )
    clinic = replace(school, name="Поликлиника № 1", href=f"o/70/{CLINIC}.html")
    return Directory(
        organizations={SCHOOL: school, CLINIC: clinic},
        placements={
            LOST_CODE: Placement(organization_id="organization-that-is-a-draft"),
            SCHOOL_CODE: Placement(organization_id=SCHOOL),
            default_placement_code(CLINIC): Placement(organization_id=CLINIC),
            CLOSED_CODE: Placement(organization_id=SCHOOL, state=PlacementState.CLOSED),
            OLD_CODE: Placement(organization_id=SCHOOL, state=PlacementState.REPLACED, replaced_by=SCHOOL_CODE),
        },
    )


def make_settings(folder: Path, **changes: Any) -> Settings:
    settings = Settings(
        store=store_place(folder / "var" / "store.sqlite"),
        directory=make_directory(),
        theme=ROOT / "theme",
        assets={file.name: f"static/{file.name}" for file in (ROOT / "theme" / "static").iterdir()},
        today=lambda: TODAY,
        titles={"ru": "Оценка", "en": "Ocenka"},
        public_url="https://ocenka.example",
        widget_url="https://ocenka.example",
        clock=Clock(),
    )
    return replace(settings, **changes)


def all_reviews(store: StorePlace | Path) -> list[StoredReview]:
    """Every rating of a store, in the order of arrival."""
    reader = Reader(store_place(store) if isinstance(store, Path) else store)
    try:
        return list(reader.iterate_reviews())
    finally:
        reader.close()


read_words_once = cache(read_words)
"""The words do not change between tests, and reading YAML takes longer than most of them."""


_bound: dict[str, Any] = {}


def bind_once(settings: Settings, words: Any) -> Any:
    """The templates of a theme, bound once for all tests that look alike; binding takes longer than most tests."""
    look = (settings.theme, settings.languages, settings.titles, settings.public_url, settings.widget_url)
    key = repr((*look, settings.contact_email, sorted(settings.assets.items())))
    if key not in _bound:
        _bound[key] = bind_templates(settings, words)
    return _bound[key]


@contextmanager
def prepared_once() -> Iterator[None]:
    """Within, words and templates are read once for all tests."""
    with patch("widget.app.read_words", read_words_once), patch("widget.app._bind", bind_once):
        yield


@contextmanager
def running(folder: Path, **changes: Any) -> Iterator[TestClient]:
    """A client of a widget that really starts and stops."""
    with prepared_once():
        app = create_app(make_settings(folder, **changes))
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


def without_own_scripts(page: str) -> str:
    """A page without the scripts that its template loads from files of ours."""
    return re.sub(r'<script( type="module")? src="/static/[\w.-]+"( data-[\w-]+="[^"]*")*( defer)?></script>', "", page)


def new_key() -> str:
    """A retry key that no other rating of this run has."""
    return f"test-key-{next(_numbers):012d}"


def rating(value: Any = 4, **more: Any) -> dict[str, Any]:
    return {"rating": value, "idempotency_key": new_key(), **more}
