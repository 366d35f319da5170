"""The list of parts of a release, CycloneDX 1.6 as JSON: `python -m locks.sbom --out dist/nok.cdx.json`.

What the lists of this folder and `package-lock.json` say is in it, with the licence that each part declares: libraries of
the program as they are installed, libraries of the pages, neither test tools nor what is needed to build. The same
installation gives the same bytes: no address of this machine, and no time but `SOURCE_DATE_EPOCH`.
"""

import argparse
import base64
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

LICENCES: Mapping[str, str] = {
    "pypdfium2": "(Apache-2.0 OR BSD-3-Clause) AND LicenseRef-PdfiumThirdParty",
}
"""Of packages that declare theirs in no form that a program reads; from their own files of licences."""

Part = dict[str, Any]


class PartsError(Exception):
    """What is installed is not what is locked; a sentence for the person."""


def locked_here(text: str) -> dict[str, str]:
    """Package to version, of a list of this folder: those that this Python on this system needs."""
    found = [Requirement(line) for line in re.findall(r"^([a-z0-9][^\\\n#]*?) \\$", text, re.MULTILINE)]
    return {
        canonicalize_name(one.name): next(iter(one.specifier)).version
        for one in found
        if one.marker is None or one.marker.evaluate()
    }


def make_parts(root: Path = ROOT) -> Part:
    """The whole document.

    Raises:
        PartsError: a locked package is missing, of another version, or has no licence.
    """
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    built_with = {canonicalize_name(Requirement(pin).name) for pin in project["dependency-groups"]["build"]}
    locked = locked_here((root / "locks" / "run-time.txt").read_text("utf-8"))
    whole = _installed(root)
    kept = _chosen(whole["components"], {name: locked[name] for name in locked.keys() - built_with})
    pages, needs = _of_pages(json.loads((root / "package-lock.json").read_text("utf-8")))
    whole["components"] = sorted([*kept, *pages], key=lambda part: str(part["purl"]))
    whole["dependencies"] = [
        *_links(whole["dependencies"], {part["bom-ref"] for part in kept}, needs.pop("")),
        *needs.values(),
    ]
    for tool in whole["metadata"]["tools"]["components"]:
        tool.pop("externalReferences", None)
    return whole


def _installed(root: Path) -> Part:
    """What the library says of this Python; it checks the document for half a minute, and we check our own."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", str(root / "pyproject.toml")]
    options = ["--short-PURLs", "--output-reproducible", "--no-validate", "--sv", "1.6", "--of", "JSON", sys.executable]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True, cwd=root)
    whole: Part = json.loads(done.stdout)
    return whole


def _chosen(parts: Sequence[Part], locked: Mapping[str, str]) -> list[Part]:
    """The locked ones of the installed `parts`, each with its licence."""
    installed: dict[str, Part] = {canonicalize_name(part["name"]): part for part in parts}
    wrong = [
        f"{name} {version} (installed: {installed[name]['version'] if name in installed else 'none'})"
        for name, version in sorted(locked.items())
        if name not in installed or installed[name]["version"] != version
    ]
    if wrong:
        raise PartsError(f"locks/run-time.txt asks for {', '.join(wrong)}. Run `make install`. No list was written.")
    kept = [_with_licence(name, installed[name]) for name in locked]
    return [{key: value for key, value in part.items() if key != "externalReferences"} for part in kept]


def _with_licence(name: str, part: Part) -> Part:
    if part.get("licenses"):
        return part
    if name not in LICENCES:
        raise PartsError(
            f"{name} {part['version']} declares no licence that can be read. Find it in its files and write it into "
            "LICENCES of locks/sbom.py. No list was written."
        )
    return part | {"licenses": [{"acknowledgement": "concluded", "expression": LICENCES[name]}]}


def _of_pages(lock: Part) -> tuple[list[Part], dict[str, Part]]:
    """The libraries of the pages from the lock of npm, and what each needs; `""` is the program itself."""
    used = {place: package for place, package in lock["packages"].items() if not package.get("dev")}
    needs = {
        place: {
            "ref": _npm_ref(place),
            "dependsOn": [f"npm:{name}" for name in sorted(package.get("dependencies", ()))],
        }
        for place, package in used.items()
    }
    return [_of_npm(place, package) for place, package in used.items() if place], needs


def _npm_ref(place: str) -> str:
    return "npm:" + place.removeprefix("node_modules/")


def _of_npm(place: str, package: Part) -> Part:
    scope, _, own = place.rpartition("node_modules/")[2].rpartition("/")
    digest = base64.b64decode(package["integrity"].removeprefix("sha512-")).hex()
    return {
        "bom-ref": _npm_ref(place),
        "type": "library",
        **({"group": scope} if scope else {}),
        "name": own,
        "version": package["version"],
        "purl": PackageURL("npm", scope or None, own, package["version"]).to_string(),
        "licenses": [{"acknowledgement": "declared", "expression": package["license"]}],
        "hashes": [{"alg": "SHA-512", "content": digest}],
    }


def _links(links: Sequence[Part], kept: Collection[str], pages: Part) -> list[Part]:
    """Who needs whom among the libraries that are kept; the program itself needs those of its `pages` as well."""
    found = []
    for link in links:
        needed = {*link.get("dependsOn", ())} & {*kept}
        if link["ref"] == "root-component":
            needed |= {*pages["dependsOn"]}
        elif link["ref"] not in kept:
            continue
        found.append({"ref": link["ref"], "dependsOn": sorted(needed)})
    return found


def main(given: Sequence[str] | None = None) -> int:
    """Writes the list; 1 and a sentence where it cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m locks.sbom", description=str(__doc__).partition("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("dist/nok.cdx.json"), help="the file to write")
    out: Path = parser.parse_args(given).out
    try:
        text = json.dumps(make_parts(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    except PartsError as error:
        print(error, file=sys.stderr)
        return 1
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise ValueError(f"the list breaks the schema of CycloneDX: {fault.data}")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(text, "utf-8")
    print(f"{out}: {len(json.loads(text)['components'])} parts.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
