"""What a release of a package brought since the one before it: organisations, scores and why, reviews; kept with the data.

Of reviews only numbers are told, so that nothing here must be taken back with a withdrawn one.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from nok.packages.delta import ADDED, CHANGED, REMOVED, Changes, Row
from nok.packages.segments import Part, rows_of
from nok.site.files import replace_file

MOST_TOLD = 500
"""So many organisations or scores of a kind are told one by one; the others are counted."""

Entry = dict[str, Any]


def raised_version(taken: Collection[str], changes: Changes | None) -> str:
    """The next version after those `taken`, by the rules of Data Packages: columns come or go, the first number; rows
    come or go, the middle one; values are corrected, the last."""
    major, minor, patch = max(map(_numbers, taken))
    tables = changes.tables if changes else ()
    if changes and (changes.dropped or any(table.schema is not None and not _is_new(table) for table in tables)):
        return f"{major + 1}.0.0"
    if any(change != CHANGED for table in tables for change, _ in table.rows) or any(map(_is_new, tables)):
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"


def _is_new(table: Any) -> bool:
    """A table that the release before did not have: all its rows were added."""
    return table.schema is not None and all(change == ADDED for change, _ in table.rows) and bool(table.rows)


def _numbers(version: str) -> tuple[int, int, int]:
    major, minor, patch = version.split("-", maxsplit=1)[0].split(".")
    return int(major), int(minor), int(patch)


# ---- an entry ------------------------------------------------------------------------------------------------------


def first_entry(version: str, day: str) -> Entry:
    """Of a release before which there was none."""
    return {"version": version, "day": day, "since": None}


def entry_of(changes: Changes, version: str, day: str, before: Path) -> Entry:
    """Of a release with these changes since the one whose files lie in `before`."""
    rows = {table.name: table.rows for table in changes.tables}
    return {
        "version": version,
        "day": day,
        "since": changes.since,
        "organizations": _organizations(rows.get("organizations", ()), before / "organizations.csv"),
        "scores": _scores(rows, before / "scores.csv"),
        "reviews": _counts(rows.get("reviews", ()), "published", "withdrawn"),
        "replies": _counts(rows.get("replies", ()), "published", "withdrawn"),
        "tables": {
            table.name: {change: table.count(change) for change in (ADDED, CHANGED, REMOVED)}
            for table in changes.tables
        },
        "dropped": list(changes.dropped),
    }


def _counts(rows: Collection[tuple[str, Row]], came: str, went: str) -> dict[str, int]:
    kinds = [change for change, _ in rows]
    return {came: kinds.count(ADDED), "changed": kinds.count(CHANGED), went: kinds.count(REMOVED)}


def _told(rows: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """How many there are, and the first of them."""
    found = list(rows)
    return {"count": len(found), "first": found[:MOST_TOLD]}


def _organizations(rows: Collection[tuple[str, Row]], before: Path) -> dict[str, Any]:
    others = {row["organization_id"]: row for change, row in rows if change == CHANGED}
    gone = {row["organization_id"] for change, row in rows if change == REMOVED}
    was = _released(before, ("organization_id", "name", "closed_on", "region_code"), {*others, *gone})
    names = ("organization_id", "name", "region_code")
    closed = [one for one, row in others.items() if row.get("closed_on") and not was.get(one, {}).get("closed_on")]
    renamed = [one for one, row in others.items() if one in was and row["name"] != was[one]["name"]]
    return {
        "added": _told({name: row[name] for name in names} for change, row in rows if change == ADDED),
        "closed": _told({name: others[one][name] for name in (*names, "closed_on")} for one in closed),
        "renamed": _told({name: others[one][name] for name in names} | {"before": was[one]["name"]} for one in renamed),
        "removed": _told({name: was.get(one, {}).get(name, one) for name in names} for one in sorted(gone)),
        "changed": {"count": len(others)},
    }


def _scores(rows: Mapping[str, Collection[tuple[str, Row]]], before: Path) -> dict[str, Any]:
    """Scores that came, changed or went; of each that changed, why: what it was computed from is another (`evidence`),
    it has another state (`state`), or the number itself was corrected (`correction`)."""
    key = ("organization_id", "assessment_id", "measure")
    scores = rows.get("scores", ())
    evidence = {
        (row["organization_id"], row.get("assessment_id", ""))
        for name in ("observations", "answers")
        for _, row in rows.get(name, ())
    }
    others = {tuple(row[name] for name in key): row for change, row in scores if change == CHANGED}
    was = _released(before, (*key, "points", "state"), {one[0] for one in others}, key)
    changed = []
    for place, row in others.items():
        old = was.get(place, {})
        if (old.get("points"), old.get("state")) != (row.get("points"), row.get("state")):
            changed.append({name: row[name] for name in key} | _corrected(old, row, has_evidence=place[:2] in evidence))
    changed.sort(key=lambda one: (one["measure"] != "total", *(str(one[name]) for name in key)))
    rounds = sorted({row["assessment_id"] for change, row in rows.get("assessments", ()) if change == ADDED})
    return {
        **_counts(scores, "added", "removed"),
        "corrected": {
            "count": len(changed),
            "first": _named(changed[:MOST_TOLD], before, rows.get("organizations", ())),
        },
        "new_rounds": rounds,
    }


def _corrected(old: Row, new: Row, *, has_evidence: bool) -> dict[str, Any]:
    """What a score was, what it is, and why."""
    is_state = old.get("state") != new.get("state")
    return {
        "before": old.get("points") or old.get("state"),
        "now": new.get("points") or new.get("state"),
        "why": "evidence" if has_evidence else "state" if is_state else "correction",
    }


def _named(
    changed: list[dict[str, Any]], scores: Path, organizations: Collection[tuple[str, Row]]
) -> list[dict[str, Any]]:
    """The same with name and region of each organisation as they are now, where the package has them."""
    columns = ("organization_id", "name", "region_code")
    found = _released(scores.with_name("organizations.csv"), columns, {one["organization_id"] for one in changed})
    for _, row in organizations:
        if row["organization_id"] in found and row.get("name"):
            found[row["organization_id"]] = {name: row[name] for name in columns}
    return [{**one, **found.get(one["organization_id"], {})} for one in changed]


def _released(
    file: Path, columns: tuple[str, ...], owners: Collection[str], key: tuple[str, ...] = ()
) -> dict[Any, Row]:
    """The released rows of some organisations, by `key` (their id alone where there is none)."""
    if not file.is_file() or not owners:
        return {}
    part = Part(file=file, delimiter=",", columns=columns, owner="organization_id", identity=columns[0])
    rows = [dict(zip(columns, row, strict=True)) for row in rows_of(part, owners)]
    return {(tuple(row[name] for name in key) if key else row["organization_id"]): row for row in rows}


# ---- all of a package ----------------------------------------------------------------------------------------------


def read_log(file: Path) -> list[Entry]:
    """The entries of a package, oldest first; empty where nothing is known."""
    try:
        found: list[Entry] = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return []
    return found


def add_entry(file: Path, entry: Entry) -> None:
    """Adds an entry; of a version that is cut again, for its build failed, the newest stays."""
    found = [one for one in read_log(file) if one["version"] != entry["version"]]
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_file(file, json.dumps([*found, entry], ensure_ascii=False).encode())
