"""The same packages through frictionless, as a process to measure: `python -m benchmarks.frictionless_validate PACKAGE`.

It is given the profile's schemas with keys and references; rules beyond types (check digits, boxes, scales) it has not.
"""

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import frictionless

from nok.packages.profile import profile_schema


def describe(package: Path) -> dict[str, Any]:
    """The package's descriptor with the profile's schema in each table, as far as the columns of its file go."""
    descriptor: dict[str, Any] = json.loads((package / "datapackage.json").read_text("utf-8"))
    descriptor["resources"] = [_describe(package, resource) for resource in descriptor["resources"]]
    return {"name": descriptor["name"], "resources": descriptor["resources"]}


def _describe(package: Path, resource: dict[str, Any]) -> dict[str, Any]:
    paths = resource["path"] if isinstance(resource["path"], list) else [resource["path"]]
    with (package / paths[0]).open(encoding="utf-8", newline="") as stream:
        header = next(csv.reader(stream))
    schema = dict(profile_schema(resource["name"]))
    fields = {field["name"]: field for field in schema["fields"]}
    keys = [
        {"fields": key["fields"], "reference": {"resource": "", **key["reference"]}}
        for key in schema.get("foreignKeys", [])
        if set(key["fields"]) <= set(header)
    ]
    return {
        "name": resource["name"],
        "type": "table",
        "format": "csv",
        "encoding": "utf-8",
        "path": paths[0],
        **({"extrapaths": paths[1:]} if paths[1:] else {}),
        "schema": {
            "fields": [fields[name] for name in header],
            "primaryKey": schema.get("primaryKey", []),
            "missingValues": [""],
            "foreignKeys": keys,
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints how many rows were read and how many errors found; 2 where there are errors, as our own `validate`."""
    parser = argparse.ArgumentParser(prog="benchmarks.frictionless_validate", description=__doc__, allow_abbrev=False)
    parser.add_argument("package", type=Path)
    options = parser.parse_args(arguments)
    package = frictionless.Package.from_descriptor(describe(options.package), basepath=str(options.package))
    report = package.validate(limit_errors=1_000_000)
    rows = sum(task.stats["rows"] for task in report.tasks)
    print(f"{rows} rows, {report.stats['errors']} errors")
    return 0 if report.valid else 2


if __name__ == "__main__":
    sys.exit(main())
