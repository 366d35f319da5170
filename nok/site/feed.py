"""Which organisations changed in which build: kept beside the releases, published as a file that programs follow.

An organisation is named by the tables in which it changed. A build in which no organisation changed is not named; of the
builds the newest stay. Who has fallen behind them takes the changes since a release, or the release.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nok.json_text import compact_json
from nok.packages.delta import Changes
from nok.site.files import replace_file
from nok.warehouse_pack import digest

MOST_BUILDS = 60
MOST_ORGANIZATIONS = 2000
"""Of one build; `count` says how many there are, and a reader who misses some takes the changes since the release."""

Touched = Mapping[str, Mapping[str, str]]
"""Organisation to table to a digest of how it differs from the newest release."""


def touched_of(
    changes: Iterable[Changes], owners_of: Callable[[Collection[str]], Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """What the changes of all packages touch; `owners_of` tells which organisations reviews belong to."""
    rows: dict[tuple[str, str], list[str]] = {}
    for package in changes:
        for table in package.tables:
            orphans = {
                row["review_id"] for _, row in table.rows if not row.get("organization_id") and row.get("review_id")
            }
            owners = owners_of(orphans) if orphans else {}
            for change, row in table.rows:
                owner = row.get("organization_id") or owners.get(row.get("review_id", ""), "")
                if owner:
                    said = "\x1f".join((package.package, change, *(f"{name}={row[name]}" for name in sorted(row))))
                    rows.setdefault((owner, table.name), []).append(said)
    found: dict[str, dict[str, str]] = {}
    for (owner, table_name), said_rows in sorted(rows.items()):
        found.setdefault(owner, {})[table_name] = digest(*sorted(said_rows))
    return found


@dataclass(slots=True)
class Feed:
    """The feed of one output: as the last published build left it, and with this build once `add` was called."""

    file: Path
    touched: Touched
    builds: list[dict[str, Any]]

    def add(self, build_id: str, day: str, now: Touched, after: Touched) -> None:
        """Adds a build in which `now` differs from the newest releases, and `after` from those that it cuts itself."""
        others = {
            owner: sorted(
                table
                for table in {*now.get(owner, {}), *self.touched.get(owner, {})}
                if now.get(owner, {}).get(table) != self.touched.get(owner, {}).get(table)
            )
            for owner in {*now, *self.touched}
        }
        told = [{"organization_id": owner, "tables": tables} for owner, tables in sorted(others.items()) if tables]
        if told:
            entry = {"build_id": build_id, "day": day, "count": len(told), "organizations": told[:MOST_ORGANIZATIONS]}
            others_built = [one for one in self.builds if one["build_id"] != build_id]
            self.builds = [*others_built[1 - MOST_BUILDS :], entry]
        self.touched = after

    def json(self) -> bytes:
        """What is published: builds, oldest first."""
        return compact_json({"builds": self.builds})

    def save(self) -> None:
        """Writes down what has been published."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        content = json.dumps({"touched": self.touched, "builds": self.builds}, ensure_ascii=False)
        replace_file(self.file, content.encode())


def read_feed(file: Path) -> Feed:
    """The feed kept in `file`; empty where there is none."""
    try:
        found = json.loads(file.read_bytes())
        return Feed(file, found["touched"], found["builds"])
    except (OSError, ValueError, KeyError, TypeError):
        return Feed(file, {}, [])
