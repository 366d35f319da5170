"""Every published number computed again from downloaded tables, and held against what stands beside the pages.

The tables go the way that they go in a build (warehouse, scoring, ratings, medians, sums); what comes out must be what
was published, organisation by organisation and sum by sum. Only splits of ratings, which are added up from what is not
published row by row, and addresses of pictures cannot be told from downloads: they are left out.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from nok import urls
from nok.compose.evidence import checks_of
from nok.compose.organization import make_subject
from nok.errors import Place, Problem, Said
from nok.records import Aggregate
from nok.render.aggregates import COLUMNS, aggregate_rows, aggregates_csv, aggregates_json
from nok.render.downloads import organization_json_bytes
from nok.site.crew import run_all
from nok.site.progress import Progress, Tell
from nok.site.publication import Publication, read_publication
from nok.site.rounds import NewestRounds
from nok.site.rules import with_rules
from nok.site.sums import Findings
from nok.warehouse import Warehouse
from nok.warehouse_facts import OrganizationFacts

_AT_ONCE = 200
_KEYS: Mapping[str, tuple[str, ...]] = {
    "assessments": ("assessment_id",),
    "scores": ("assessment_id", "measure"),
    "places": ("assessment_id",),
    "reviews": ("review_id",),
    "replies": ("review_id",),
    "plan_measures": ("plan_measure_id",),
    "recommendations": ("recommendation_id",),
    "appeal_statistics": ("period",),
    "observation_photos": ("photo_sha256",),
}
"""Lists of an organisation's JSON, and what tells their rows apart."""
_UNTOLD = {"ratings": ("channels", "criteria"), "observation_photos": ("published_copy",)}
_LEFT_OUT = frozenset(("review_photos",))
"""What cannot be computed from downloads: files of pictures are in no table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What all workers of one verification share. `site` is the root of the site, `day` that of its build."""

    site: Path
    warehouse: Path
    config_file: Path
    rules: bytes
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputed:
    """What was held against what was published: so many organisations, so many numbers."""

    organizations: int
    numbers: int


@dataclass(slots=True)
class _Opened:
    """A publication and warehouse that a worker has open."""

    order: Order
    publication: Publication
    warehouse: Warehouse


_kept: list[_Opened] = []
"""At most one: what this process has open."""


def _open(order: Order) -> _Opened:
    if not _kept or _kept[0].order != order:
        close_opened()
        publication = with_rules(read_publication(order.config_file), order.rules)
        _kept.append(_Opened(order, publication, Warehouse(order.warehouse)))
    return _kept[0]


def close_opened() -> None:
    """Lets go of what this process opened."""
    while _kept:
        _kept.pop().warehouse.close()


def recompute(order: Order, findings: Findings, crew: Executor | None, tell: Tell, *, is_whole: bool) -> Recomputed:
    """Computes everything of a site again; `is_whole` says that all its files are here, so that one more is a fault."""
    organizations = numbers = 0
    with closing(Warehouse(order.warehouse)) as warehouse:
        keys = [key for _, key in warehouse.page_order()]
        progress = Progress(Said("stage-recompute"), len(keys), tell)
        calls = ((order, keys[first : first + _AT_ONCE]) for first in range(0, len(keys), _AT_ONCE))
        for checked, found, problems in run_all(crew, check_organizations, calls):
            organizations, numbers = organizations + checked, numbers + found
            findings.take(problems)
            progress.advance(checked)
        try:
            opened = _open(order)
            numbers += _check_aggregates(opened, findings)
            if is_whole:
                _check_strangers(opened, len(keys), findings)
        finally:
            close_opened()
    return Recomputed(organizations=organizations, numbers=numbers)


# ---- organisations -------------------------------------------------------------------------------------------------


def check_organizations(order: Order, keys: Sequence[int]) -> tuple[int, int, list[Problem]]:
    """(organisations, numbers, faults) of some organisations; the work of one worker."""
    opened, number, problems = _open(order), 0, list[Problem]()
    for facts in opened.warehouse.organizations(keys):
        found, faults = _check_organization(opened, facts)
        number += found
        problems += faults
    return len(keys), number, problems


def _check_organization(opened: _Opened, facts: OrganizationFacts) -> tuple[int, list[Problem]]:
    publication, organization = opened.publication, facts.organization
    checks = checks_of(facts, publication.methods, publication.forms)
    subject = make_subject(facts, publication.config, opened.order.day, checks)
    numbers = subject.summary, subject.window, subject.splits
    recomputed = json.loads(organization_json_bytes(facts, *numbers, checks, publication.methods))
    place = Place(file=subject.files.json)
    try:
        published = json.loads((opened.order.site / subject.files.json).read_bytes())
    except FileNotFoundError:
        return 0, [Problem(rule="verify-no-record", where=place, value=organization.organization_id)]
    except (ValueError, RecursionError):
        published = None
    if not isinstance(published, dict):
        return 0, [Problem(rule="verify-bad-record", where=place, value=organization.organization_id)]
    told = partial(_differs, place, organization.organization_id)
    return len(recomputed["scores"]), [told(*difference) for difference in differences(published, recomputed)]


def _differs(place: Place, organization_id: str, what: str, published: object, recomputed: object) -> Problem:
    details = {"organization": organization_id, "what": what, "expected": _shown(recomputed)}
    return Problem(rule="verify-number", where=place, value=_shown(published), details=details)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def differences(published: Mapping[str, Any], recomputed: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    """(what, published, recomputed) of every value of an organisation's JSON that is not as it should be."""
    for section in sorted((published.keys() | recomputed.keys()) - _LEFT_OUT):
        left, right = published.get(section), recomputed.get(section)
        untold = _UNTOLD.get(section, ())
        if section in _KEYS and isinstance(left, list) and isinstance(right, list):
            yield from _list_differences(section, left, right, untold)
        elif isinstance(left, dict) and isinstance(right, dict):
            yield from _fields_differences(section, left, right, untold)
        elif left != right:
            yield section, left, right


def _list_differences(
    section: str, left: Sequence[Any], right: Sequence[Any], untold: Sequence[str]
) -> Iterator[tuple[str, object, object]]:
    keys = _KEYS[section]
    olds, news = _by_key(left, keys), _by_key(right, keys)
    for key in sorted(olds.keys() | news.keys()):
        name = f"{section} {' '.join(key)}"
        old, new = olds.get(key), news.get(key)
        if old is None or new is None:
            yield name, old, new
        else:
            yield from _fields_differences(name, old, new, untold)
    if olds.keys() == news.keys() and list(olds) != list(news):
        yield section, list(olds), list(news)


def _by_key(rows: Sequence[Any], keys: Sequence[str]) -> dict[tuple[str, ...], dict[str, Any]]:
    named = (row if isinstance(row, dict) else {} for row in rows)
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for number, row in enumerate(named):
        key = tuple(str(row.get(name, "")) for name in keys)
        found[key if key not in found else (*key, str(number))] = row
    return found


def _fields_differences(
    name: str, left: Mapping[str, Any], right: Mapping[str, Any], untold: Sequence[str]
) -> Iterator[tuple[str, object, object]]:
    for key in sorted(left.keys() | right.keys()):
        if key not in untold and left.get(key) != right.get(key):
            yield f"{name} {key}", left.get(key), right.get(key)


def _check_strangers(opened: _Opened, number: int, findings: Findings) -> None:
    """Records of organisations that no table knows; looked for only where there are more records than organisations."""
    root = opened.order.site / "o"
    if sum(1 for _ in _records(root)) <= number:
        return
    shards = opened.publication.config.address_shards
    for path in _records(root):
        facts = opened.warehouse.find(Path(path).name.removesuffix(".json"))
        relative = Path(path).relative_to(opened.order.site).as_posix()
        own = facts and urls.organization_json(
            facts.organization.region_code, facts.organization.organization_id, shards
        )
        if own != relative:
            findings.add("verify-unlisted", Place(file=relative))


def _records(folder: Path) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        yield from (f"{place}/{name}" for name in names if name.endswith(".json"))


# ---- sums ----------------------------------------------------------------------------------------------------------


def _check_aggregates(opened: _Opened, findings: Findings) -> int:
    """Sums of every region and sphere; how many numbers."""
    warehouse, number = opened.warehouse, 0
    rounds = NewestRounds(warehouse, opened.publication.methods)
    for code in sorted({group.region_code for group in warehouse.groups()}):
        found = warehouse.aggregates(region_code=code)
        number += _check_sum_files(opened, found, partial(urls.region_aggregates, code), rounds, findings)
    for sphere in sorted({group.sphere for group in warehouse.groups()}):
        found = warehouse.aggregates(sphere=sphere)
        number += _check_sum_files(opened, found, partial(urls.sphere_aggregates, sphere), rounds, findings)
    return number


def _check_sum_files(
    opened: _Opened,
    aggregates: Sequence[Aggregate],
    address: "partial[str]",
    rounds: NewestRounds,
    findings: Findings,
) -> int:
    rows = aggregate_rows(aggregates, rounds.of)
    for ending, expected in (("json", aggregates_json(rows)), ("csv", aggregates_csv(rows))):
        path = address(ending)
        try:
            content = (opened.order.site / path).read_bytes()
        except FileNotFoundError:
            findings.add("verify-missing", Place(file=path))
            continue
        if content != expected:
            findings.take(islice(_sum_differences(path, ending, content, rows), 100))
    return len(rows)


def _sum_differences(path: str, ending: str, content: bytes, rows: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Which sums of a file are not as they should be; the file as a whole where that cannot be told."""
    published: list[Any] = []
    if ending == "json":
        try:
            published = json.loads(content)["aggregates"]
        except (ValueError, KeyError, TypeError, RecursionError):
            published = []
    is_told = False
    for number, (left, right) in enumerate(zip(published, rows, strict=False)):
        for name in COLUMNS:
            if isinstance(left, dict) and left.get(name) != right[name]:
                is_told = True
                what = f"aggregates {right['region_code']} {right['sphere']} {right['scope']} {right['name']} {name}"
                yield _differs(
                    Place(file=path, row=number + 1), right["region_code"], what, left.get(name), right[name]
                )
    if not is_told:
        yield Problem(rule="verify-sums-file", where=Place(file=path))
