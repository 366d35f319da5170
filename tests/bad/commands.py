"""Bad settings, methods, questionnaires and mappings, and places where nothing may be built: one sentence, exit code 1 or 64.

As in `own.py`, each answer was written before it was looked at. A row is what is done to the folder of the package (the
content lies two folders above it), the command, the exit code, and what the sentence must name.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from tests.bad.own import short
from tests.unit.validation_support import ORGANIZATIONS, Change, raw

Command = tuple[str, ...]
Row = tuple[Change, Command, int, str]

BUILD: Command = (
    "build",
    "--config",
    "{place}/content/publication.yaml",
    "--packages",
    "{package}",
    "--output",
    "{place}/out",
)
POSTERS: Command = (
    "posters", "--config", "{place}/content/publication.yaml", "--packages", "{package}", "--all", "--format", "a4", "--out", "{place}/x.pdf",
)  # fmt: skip
IMPORT: Command = (
    "import", "--mapping", "{place}/content/bad.yaml", "--source", f"{{folder}}/{ORGANIZATIONS}", "--out", "{place}/made",
)  # fmt: skip


def content(name: str, written: str | bytes) -> Change:
    """Writes a file of `content/`; `publication.yaml` is there in any case."""

    def change(folder: Path) -> None:
        root = folder.parents[1] / "content"
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "publication.yaml").touch()
        (root / name).write_bytes(written if isinstance(written, bytes) else written.encode())

    return change


VERIFY: Command = ("verify", "{place}/site", "--jobs", "1")


def site(**written: str) -> Change:
    """A site to be verified: `build` is its `build.json`, `release`, `changes` and `sums` what a package of it holds.

    The list of checksums agrees with what stands there, as a publisher who means no good would see to.
    """

    def change(folder: Path) -> None:
        root = folder.parents[1] / "site"
        root.mkdir()
        (root / "build.json").write_text(
            written.get("build", '{"day": "2026-02-07", "packages": {"demo": "1.0.0"}}'), "utf-8"
        )
        for version in ("1.0.0", "latest"):
            sums = _listed(
                root / "data/demo" / version, "datapackage.json", written.get("release", "{}"), written.get("sums", "")
            )
        if "changes" in written:
            text = written["changes"].replace("SUMS", hashlib.sha256(sums.encode()).hexdigest())
            _listed(root / "data/demo/changes", "changes.json", text)

    return change


def _listed(folder: Path, name: str, text: str, more: str = "") -> str:
    folder.mkdir(parents=True)
    (folder / name).write_text(text, "utf-8")
    sums = f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n{more}"
    (folder / "SHA256SUMS").write_text(sums, "utf-8")
    return sums


def _released(resource: str) -> str:
    return f'{{"name": "demo", "version": "1.0.0", "resources": [{{"name": "replies", "schema": {{"fields": []}}, {resource}}}]}}'


_CHANGES = (
    '{"since": "1.0.0", "since_sums": "SUMS", "day": "2026-02-07", "resources": [], "dropped": [], "withdrawn": []}'
)
SITES: Mapping[str, Row] = {
    "verify a build of a thousand brackets": (site(build="[" * 100_000), VERIFY, 1, "build.json"),
    "verify a package that lies elsewhere": (
        site(build='{"day": "2026-02-07", "packages": {"../../packages": "1.0.0"}}'), VERIFY, 1, "build.json",
    ),
    "verify a version that is a number": (site(build='{"day": "2026-02-07", "packages": {"demo": 1}}'), VERIFY, 1, "build.json"),
    "verify a list of what drives a terminal": (site(sums=f"{'0' * 64}  a\x1b[2Jb.csv\n"), VERIFY, 2, "a\\x1b[2Jb.csv"),
    "verify a release whose name drives a terminal": (
        site(release='{"name": "a\\u001b[2Jb", "version": "\\u202e"}'), VERIFY, 2, "verify-version",
    ),
    "verify changes of a thousand brackets": (site(changes="[" * 100_000), VERIFY, 2, "verify-delta"),
    "verify changes of a table that lies elsewhere": (
        site(release=_released('"path": "../../../../packages/canary.csv"'), changes=_CHANGES), VERIFY, 2, "verify-delta",
    ),
    "verify changes of a table that is not there": (
        site(release=_released('"path": "replies.csv"'), changes=_CHANGES), VERIFY, 2, "verify-delta",
    ),
    "verify changes of a release without tables": (site(changes=_CHANGES), VERIFY, 2, "verify-delta"),
    "verify changes that bring a table without its schema": (
        site(
            release=_released('"path": "replies.csv"'),
            changes=_CHANGES.replace(
                '"resources": []', '"resources": [{"name": "x", "path": "x.csv", "key": [], "columns": []}]'
            ).replace('"dropped": []', '"dropped": ["replies"]'),
        ),
        VERIFY, 2, "verify-delta",
    ),
    "verify changes whose key is no list": (
        site(
            release=_released('"path": "replies.csv"'),
            changes=_CHANGES.replace('"resources": []', '"resources": [{"name": "x", "path": "x.csv", "key": 1, "columns": []}]'),
        ),
        VERIFY, 2, "verify-delta",
    ),
}  # fmt: skip
"""What a stranger publishes and somebody verifies."""

SETTINGS = [
    "titel: Оценка\n",
    "title: [Оценка]\n",
    "title: 5\n",
    "- title\n",
    "title\n",
    "title: Оценка\ntitle: Оценка\n",
    "title: !!python/object/apply:os.system ['true']\n",
    "title: !!python/name:os.system\n",
    "!!python/object:dict {}\n",
    "title: &a Оценка\ntitle_en: *b\n",
    "title: 'Оценка\n",
    "title:\tОценка\n\t- x\n",
    "languages: [ru, ru]\n",
    "languages: []\n",
    "languages: [Deutsch]\n",
    "languages: ru, en\n",
    "minimum_ratings: 4\n",
    "minimum_ratings: '10'\n",
    "minimum_ratings: 10.0\n",
    "minimum_ratings: true\n",
    "minimum_ratings: 1e3\n",
    "split_step: 0\n",
    "reviews_per_page: 0\n",
    "reviews_per_page: 1_000_000\n",
    "organizations_per_page: 9\n",
    "observation_distance_m: -1\n",
    "address_shards: 1\n",
    "precompressed: [zip]\n",
    "precompressed: [gz, gz]\n",
    "[" * 5000 + "]" * 5000 + "\n",
    "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)),
]
ADDRESSES = [
    "http://ocenka.example",
    "https://user@ocenka.example",
    "https://user:secret@ocenka.example",
    "https://ocenka.example:443",
    "https://ocenka.example/#x",
    "https://ocenka.example/?x",
    "https://оcenka.example",
    "https://ocenkа.example",
    "https://OCENKA.example",
    "https://ocenka..example",
    "https://",
    "https:///x",
    "ocenka.example",
    "//ocenka.example",
    "javascript:alert(1)",
    "https://ocenka.example\\@x.example",
    "https://ocenka.example/" + "a" * 3000,
    "https://ocenka example",
    "https://ocenka.example\\r\\nSet-Cookie: a=b",
    "https://[::1",
    "https://-ocenka.example",
    "https://ocenka.example/../x",
]
DOCUMENTS: Mapping[str, str | bytes] = {
    "a tag of Python": "id: !!python/object/apply:os.getcwd []\n",
    "an unknown tag": "id: !secret x\n",
    "a key twice": "id: a\nid: a\n",
    "a list": "- a\n",
    "a number": "5\n",
    "nothing": "",
    "cp1251": "title: Методика\n".encode("cp1251"),
    "control characters": "title: a\x07b\n",
    "an unclosed bracket": "id: [a\n",
    "an alias to itself": "id: &a [*a]\n",
    "an alias bomb": SETTINGS[-1],
    "an unknown key": "id: bad\nidd: bad\n",
    "two documents": "id: a\n---\nid: b\n",
    "5,000 brackets": "id: " + "[" * 5000 + "]" * 5000 + "\n",
    "a number of 5,000 digits": "id: " + "9" * 5000 + "\n",
    "a date that is none": "id: 2025-02-30\n",
    "an empty number by its tag": "id: !!int ''\n",
    "a word tagged as yes or no": "id: !!bool perhaps\n",
    "a word tagged as a day": "id: !!timestamp soon\n",
    "a word tagged as a mapping": "id: !!map word\n",
}


def foreign_output(folder: Path) -> None:
    made = folder.parents[1] / "out"
    made.mkdir()
    (made / "thesis.txt").write_text("mine")


def linked_output(folder: Path) -> None:
    (folder.parents[1] / "elsewhere").mkdir()
    (folder.parents[1] / "elsewhere" / "thesis.txt").write_text("mine")
    (folder.parents[1] / "out").symlink_to("elsewhere")


def file_output(folder: Path) -> None:
    (folder.parents[1] / "out").write_text("mine")


def whole_build(output: str) -> Command:
    return (*BUILD[:-1], output)


def both(*changes: Change) -> Change:
    def change(folder: Path) -> None:
        for one in changes:
            one(folder)

    return change


EMPTY = content("publication.yaml", "")
COMMANDS: dict[str, Row] = dict(SITES)
COMMANDS |= {
    f"publication {short(written)}": (content("publication.yaml", written), BUILD, 1, "publication.yaml")
    for written in SETTINGS
}
COMMANDS |= {
    f"{option} {short(address)}": (content("publication.yaml", f"{option}: '{address}'\n"), BUILD, 1, option)
    for option in ("widget_url", "public_url")
    for address in ADDRESSES
}
COMMANDS |= {
    f"{kind} of {name}": (content(f"{kind}/bad.yaml", written), BUILD, 1, "bad.yaml")
    for kind in ("methods", "questionnaires")
    for name, written in DOCUMENTS.items()
}
COMMANDS |= {
    f"mapping of {name}": (content("bad.yaml", written), IMPORT, 1, "bad.yaml") for name, written in DOCUMENTS.items()
}
COMMANDS |= {
    f"{file} of {name}": (content(file, DOCUMENTS[name]), BUILD, 1, file)
    for file in ("spheres.yaml", "reasons.yaml", "links.yaml")
    for name in ("a tag of Python", "a key twice", "a list", "cp1251", "an unclosed bracket", "an alias bomb")
}
COMMANDS["publication in a language that nobody has worded"] = (
    content("publication.yaml", "languages: [de]\n"),
    BUILD,
    1,
    "de.yaml",
)
COMMANDS |= {
    f"print.yaml of {name}": (content("print.yaml", DOCUMENTS[name]), POSTERS, 1, "print.yaml")
    for name in ("a tag of Python", "a key twice", "a list", "cp1251", "an unclosed bracket", "an alias bomb")
}
COMMANDS |= {
    "import of a table with controls in its header": (
        both(
            content(
                "bad.yaml",
                "tables: {organizations: {fields: {organization_id: absent}}}\ndescriptor: {name: a, title: A, version: 1.0.0, licenses: [{name: CC0-1.0}]}\n",
            ),
            raw(ORGANIZATIONS, lambda table: b"a\x1b[2Jb," + table),
        ),
        IMPORT,
        1,
        "Столбцы: a\\x1b[2Jb, ",
    ),
    "build into a folder of others": (both(EMPTY, foreign_output), BUILD, 64, "out"),
    "build into a link": (both(EMPTY, linked_output), BUILD, 64, "out"),
    "build into a file": (both(EMPTY, file_output), BUILD, 64, "out"),
    "build into the package": (EMPTY, whole_build("{folder}"), 64, "demo"),
    "build into the content": (EMPTY, whole_build("{place}/content"), 64, "content"),
    "build into the home folder": (EMPTY, whole_build("{place}"), 64, "не может быть папкой сборки"),
    "validate nothing": (EMPTY, ("validate",), 64, "PACKAGE"),
    "validate a folder that is not there": (EMPTY, ("validate", "{place}/absent"), 64, "absent"),
    "validate an address": (EMPTY, ("validate", "http://127.0.0.1:9/x.zip"), 64, "127.0.0.1"),
    "validate an empty name": (EMPTY, ("validate", ""), 2, "package-missing"),
    "validate with an unknown encoding": (EMPTY, ("validate", "{package}", "--encoding", "cp12510"), 64, "cp12510"),
    "validate with an encoding that is no text": (EMPTY, ("validate", "{package}", "--encoding", "hex"), 64, "hex"),
    "validate in an unknown language": (EMPTY, ("validate", "{package}", "--lang", "de"), 64, "de"),
    "an unknown command": (EMPTY, ("validat", "{package}"), 64, "validat"),
    "an unknown option": (EMPTY, ("validate", "{package}", "--jsn", "x"), 64, "jsn"),
}
