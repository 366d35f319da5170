"""The texts of the licences that packages are published under, out of the list of SPDX as an npm package carries it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from nok.packages.read import Package

_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,60}")


def licence_texts(package: Package, node_modules: Path) -> Iterator[tuple[str, str, str]]:
    """(name of the file, title, text) of each licence that the package names by its SPDX identifier.

    One that SPDX does not know has no text here; the descriptor keeps its name and address.
    """
    named = [licence.get("name", "") for licence in package.descriptor["licenses"] if isinstance(licence, dict)]
    for name in dict.fromkeys(map(str, named)):  # one that is named twice is one file
        file = node_modules / "spdx-license-list" / "licenses" / f"{name}.json"
        if _IDENTIFIER.fullmatch(name) and file.is_file():
            known = json.loads(file.read_text("utf-8"))
            yield f"LICENSE-{name}.txt", str(known["name"]), str(known["licenseText"]).rstrip() + "\n"
