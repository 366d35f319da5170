"""What is fuzzed: each reader of something that others write, with the inputs to begin from.

A target takes bytes and a folder of its own, and gives back what a person would be told about them. It may refuse by the
errors that are documented, and by nothing else. Where one input chooses between several readers, its first bytes do.
"""

import hashlib
import io
import json
import os
import random
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import openpyxl
from PIL import Image

from nok.config import parse_config
from nok.errors import ConfigError, NokError, Problem
from nok.links import parse_links
from nok.messages import advice, as_json, message, place
from nok.method import parse_method
from nok.minisign import SecretKey, SignatureFault, check_signature, parse_public_key, parse_secret_key
from nok.packages.check import check_packages
from nok.packages.delta import DeltaFault, apply_delta, changes_comment
from nok.packages.mapping import describe, import_table
from nok.packages.profile import profile_schema
from nok.picture_heads import PictureError, check_head
from nok.pictures import check_picture, redraw
from nok.print_formats import parse_print_formats
from nok.questionnaire_file import Known, parse_questionnaires
from nok.rude_words import parse_rude_words
from nok.site.data_store import release_comment
from nok.site.publication import Publication, read_publication
from nok.site.rules import rules_json
from nok.site.verify import Trust, verify_place
from nok.stuffing import parse_stuffing_rules
from nok.vocabulary import parse_reasons, parse_spheres
from tests.bad.corpus import CORPUS
from tests.conftest import TODAY, write_package
from tests.unit.picture_support import picture
from tests.unit.validation_support import package_to_spoil
from widget.pages import problem_json
from widget.submission import MalformedError, parse_form, parse_json, parse_submission

ROOT = Path(__file__).resolve().parents[2]
CONTENT = ROOT / "content"
LARGEST_SEED = 16 * 1024
SEPARATOR = b"\n%%%\n"
"""Between the two halves of an input that has two."""

Sentences = list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A reader: `run` gives an input to it in a folder that is its own; `seeds` are inputs to begin from."""

    name: str
    run: Callable[[bytes, Path], Sentences]
    seeds: Callable[[], list[bytes]]
    refusals: tuple[type[Exception], ...] = ()
    """How it may say no by raising."""
    words: tuple[str, ...] = ()
    """Pieces that inputs are made of."""


def quiet_place() -> str | None:
    """Where folders are made and removed the quickest; `None`: where the system would have them."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def told(problems: list[Problem]) -> Sentences:
    """What is said of problems, in both languages; one that names no place or says nothing is a fault of ours."""
    sentences = []
    for problem in problems:
        for language in ("ru", "en"):
            json.dumps(as_json(problem, language), ensure_ascii=False).encode()
            said = (place(problem, language), message(problem, language), advice(problem, language))
            assert all(said), f"{problem} has no place or no words: {said}"
            sentences.append(": ".join(said))
    return sentences


@cache
def publication() -> Publication:
    return read_publication(ROOT / "content" / "publication.yaml")


@cache
def template() -> dict[str, bytes]:
    """The files of a valid package."""
    with tempfile.TemporaryDirectory(dir=quiet_place()) as folder:
        package_to_spoil(lambda **changes: write_package(Path(folder, "demo"), **changes))
        return {file.name: file.read_bytes() for file in sorted(Path(folder, "demo").iterdir())}


def _laid(folder: Path, **replaced: bytes) -> Path:
    """A valid package below `folder`, with some files of it `replaced` (by their names without an ending)."""
    package = folder / "demo"
    package.mkdir(parents=True, exist_ok=True)
    for name, content in template().items():
        (package / name).write_bytes(replaced.get(Path(name).stem, content))
    return package


def _checked(path: Path, folder: Path) -> Sentences:
    return told(check_packages([path], publication().terms(TODAY), folder / "scratch").problems)


@cache
def spoilt() -> tuple[dict[str, bytes], ...]:
    """The files of each package of the corpus of bad inputs that are no longer those of the valid one."""
    found = []
    for case in CORPUS:
        if case.group in ("settings", "archives"):
            continue
        with tempfile.TemporaryDirectory(dir=quiet_place()) as folder:
            package = _laid(Path(folder, "packages"))
            case.change(package)
            files = [path for path in package.iterdir() if path.is_file() and not path.is_symlink()]
            changed = {
                path.name: path.read_bytes()
                for path in files
                if path.stat().st_size <= LARGEST_SEED and path.read_bytes() != template().get(path.name)
            }
        found.append(changed)
    return tuple(found)


# ---- tables and descriptors of packages -------------------------------------------------------------------------------

SCHEMAS = ROOT / "nok" / "packages" / "schemas"
TABLES = tuple(sorted(path.stem for path in SCHEMAS.glob("*.json")))
DIALECTS = (",", ";", "\t", "|")


def run_table(data: bytes, folder: Path) -> Sentences:
    """The first byte names the table, the second its delimiter; the others are the file."""
    name, delimiter = TABLES[data[0] % len(TABLES)], DIALECTS[data[1] % len(DIALECTS)] if len(data) > 1 else ","
    package = _laid(folder, **{name: data[2:]})
    (package / f"{name}.csv").write_bytes(data[2:])
    described = json.loads((package / "datapackage.json").read_text("utf-8"))
    others = [entry for entry in described["resources"] if entry["name"] != name]
    entry = {"name": name, "path": f"{name}.csv"} | ({} if delimiter == "," else {"dialect": {"delimiter": delimiter}})
    (package / "datapackage.json").write_text(json.dumps(described | {"resources": [*others, entry]}), "utf-8")
    return _checked(package, folder)


def table_seeds() -> list[bytes]:
    files = [template(), *spoilt(), {f"{name}.csv": _bare(name) for name in TABLES}]
    return [
        bytes((TABLES.index(Path(name).stem), 0)) + content
        for found in files
        for name, content in found.items()
        if Path(name).stem in TABLES
    ]


def _bare(name: str) -> bytes:
    """A table with its header and a row of likely cells."""
    likely = {"date": "2025-05-01", "integer": "1", "number": "1.5", "boolean": "true", "year": "2025"}
    fields = profile_schema(name)["fields"]
    cells = [field.get("constraints", {}).get("enum", [likely.get(field["type"], "a-1")])[0] for field in fields]
    return f"{','.join(field['name'] for field in fields)}\n{','.join(cells)}\n".encode()


def run_descriptor(data: bytes, folder: Path) -> Sentences:
    return _checked(_laid(folder, datapackage=data), folder)


def descriptor_seeds() -> list[bytes]:
    files = (found.get("datapackage.json") for found in [template(), *spoilt()])
    return [content for content in files if content]


def run_archive(data: bytes, folder: Path) -> Sentences:
    archive = folder / "demo.zip"
    archive.write_bytes(data)
    return _checked(archive, folder)


def archive_seeds() -> list[bytes]:
    made = []
    with tempfile.TemporaryDirectory(dir=quiet_place()) as folder:
        for number, case in enumerate(case for case in CORPUS if case.group == "archives"):
            package = _laid(Path(folder, str(number)))
            case.change(package)
            if (archive := package.with_suffix(".zip")).stat().st_size <= LARGEST_SEED:
                made.append(archive.read_bytes())
    return made


# ---- foreign tables ------------------------------------------------------------------------------------------------------

MAPPING = b"""source: {format: xlsx, missing: ['-']}
tables:
  organizations:
    fields:
      organization_id: {column: Code, prefix: a-, lower: true}
      name: {column: Name, spaces: single}
      sphere: {constant: education}
      kind: {column: Kind, values: {School: school, Kindergarten: kindergarten}}
      region_code: {constant: '70'}
      status: {constant: published}
      latitude: {column: Lat, decimals: 6}
      opened_on: {column: Opened, date: '%d.%m.%Y'}
descriptor: {name: made, title: Made, version: 1.0.0, licenses: [{name: CC0-1.0}]}
on_misfit: leave_out
"""
SOURCE = "Code,Name,Kind,Lat,Opened\n1,Школа № 1,School,56.5,01.09.2001\n2,«Ёлка»,Kindergarten,-,\n".encode()
PARTS = (
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "[Content_Types].xml",
    "xl/_rels/workbook.xml.rels",
)


def _imported(mapping: bytes, source: bytes, ending: str, folder: Path) -> Sentences:
    file, table = folder / "foreign.yaml", folder / f"source.{ending}"
    file.write_bytes(mapping)
    table.write_bytes(source)
    report = import_table(file, table, folder / "made")
    return [describe(report, "ru"), describe(report, "en")] + (told(list(report.problems)) if report.problems else [])


def run_mapping(data: bytes, folder: Path) -> Sentences:
    """A mapping and the CSV that it is of."""
    mapping, _, source = data.partition(SEPARATOR)
    return _imported(mapping, source or SOURCE, "csv", folder)


def mapping_seeds() -> list[bytes]:
    plain = MAPPING.replace(b"format: xlsx, ", b"")
    seeds = [plain + SEPARATOR + SOURCE, plain.replace(b"missing", b"quoting: lenient, missing") + SEPARATOR + SOURCE]
    return seeds + [file.read_bytes() + SEPARATOR + SOURCE for file in sorted((CONTENT / "mappings").glob("*.yaml"))]


def run_workbook(data: bytes, folder: Path) -> Sentences:
    """The first byte says which part of a sound workbook the others replace, or that they are the whole file."""
    part = data[0] % (len(PARTS) + 1)
    content = data[1:] if part == len(PARTS) else _workbook({PARTS[part]: data[1:]})
    return _imported(MAPPING, content, "xlsx", folder)


@cache
def _sound_workbook() -> bytes:
    book = openpyxl.Workbook()
    for line in SOURCE.decode().splitlines():
        book.active.append(line.split(","))
    book.active.append([3, "x", None, 56.5, TODAY])
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def _workbook(replaced: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_sound_workbook())) as sound, zipfile.ZipFile(made, "w") as sink:
        for name in sound.namelist():
            sink.writestr(name, replaced.get(name, sound.read(name)))
    return made.getvalue()


def workbook_seeds() -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(_sound_workbook())) as sound:
        parts = [bytes((number,)) + sound.read(name) for number, name in enumerate(PARTS) if name in sound.namelist()]
    return [*parts, bytes((len(PARTS),)) + _sound_workbook()]


# ---- texts of editors -----------------------------------------------------------------------------------------------------


def run_questionnaire(data: bytes, folder: Path) -> Sentences:
    known = Known(methods=publication().methods, spheres=publication().spheres.spheres)
    parse_questionnaires([("fuzzed.yaml", data.decode("utf-8", "replace"))], known)
    return []


def questionnaire_seeds() -> list[bytes]:
    return _settings("questionnaires/") + [
        file.read_bytes() for file in sorted((CONTENT / "questionnaires").glob("*.yaml"))
    ]


Parser = Callable[[str], object]
SETTINGS: dict[str, Parser] = {
    "publication.yaml": lambda text: parse_config(text, "fuzzed.yaml"),
    "methods/": lambda text: parse_method(text, "fuzzed.yaml", publication().spheres),
    "spheres.yaml": lambda text: parse_spheres(text, "fuzzed.yaml"),
    "reasons.yaml": lambda text: parse_reasons(text, "fuzzed.yaml"),
    "links.yaml": lambda text: parse_links(text, "fuzzed.yaml"),
    "print.yaml": lambda text: parse_print_formats(text, "fuzzed.yaml"),
    "guard.yaml": lambda text: parse_stuffing_rules(text, "fuzzed.yaml"),
    "rude_words.yaml": lambda text: parse_rude_words(text, "fuzzed.yaml"),
}


def run_settings(data: bytes, folder: Path) -> Sentences:
    """The first byte says whose words the others are."""
    parse = list(SETTINGS.values())[data[0] % len(SETTINGS)]
    parse(data[1:].decode("utf-8", "replace"))
    return []


def settings_seeds() -> list[bytes]:
    seeds = []
    for number, name in enumerate(SETTINGS):
        files = sorted((CONTENT / name).glob("*.yaml")) if name.endswith("/") else [CONTENT / name]
        seeds += [bytes((number,)) + text for text in [*(file.read_bytes() for file in files), *_settings(name)]]
    return seeds


def _settings(name: str) -> list[bytes]:
    """What the corpus has of a file, or of those of a folder, of `content/`."""
    texts = (text for path, text in _written_settings() if name in path)
    return [text for text in dict.fromkeys(texts) if text and len(text) <= LARGEST_SEED]


@cache
def _written_settings() -> list[tuple[str, bytes]]:
    """Every file that the corpus writes into `content/`: its path there, and the text."""
    made = []
    for case in CORPUS:
        if case.group == "settings":
            with tempfile.TemporaryDirectory(dir=quiet_place()) as folder:
                package = Path(folder, "packages", "demo")
                package.mkdir(parents=True)
                (package / "organizations.csv").touch()
                case.change(package)
                files = (path for path in Path(folder, "content").rglob("*.yaml"))
                made += [(path.relative_to(folder).as_posix(), path.read_bytes()) for path in files]
    return made


# ---- what the widget reads, and what is verified --------------------------------------------------------------------------


def run_photo(data: bytes, folder: Path) -> Sentences:
    """As the widget draws a photograph anew, and as a package's is looked at."""
    file = folder / "photo"
    file.write_bytes(data)
    check_picture(file, is_published=True)
    check_head(data)
    drawn, width, height = redraw(data, 320, [(0.1, 0.1, 0.5, 0.5)])
    assert drawn.startswith(b"\xff\xd8\xff") and 0 < max(width, height) <= 320
    return []


def photo_seeds() -> list[bytes]:
    kinds = [picture(kind, size=(48, 32), turn=turn) for kind in ("JPEG", "PNG", "WEBP") for turn in (1, 6)]
    return kinds + [
        _drawn(mode, kind) for mode, kind in (("P", "PNG"), ("I;16", "PNG"), ("CMYK", "JPEG"), ("LA", "PNG"))
    ]


def _drawn(mode: str, kind: str) -> bytes:
    made = io.BytesIO()
    Image.new(mode, (9, 7)).save(made, kind)
    return made.getvalue()


def run_submission(data: bytes, folder: Path) -> Sentences:
    """A rating as JSON, or as the fields of a form; the first byte says which."""
    is_form = bool(data[0] % 2)
    if is_form:
        pairs = [line.partition(b"=") for line in data[1:].split(b"&")]
        fields = parse_form(
            (name.decode("utf-8", "replace"), value.decode("utf-8", "replace")) for name, _, value in pairs
        )
    else:
        fields = parse_json(data[1:])
    submission, problems = parse_submission(fields, is_form=is_form, today=TODAY)
    assert (submission is None) == bool(problems)
    said = [problem_json(words, one) for one in problems for words in publication().words.values()]
    return [f"{one['message']}: {one['advice']}" for one in said]


def submission_seeds() -> list[bytes]:
    fields = {
        "rating": 4, "idempotency_key": "a" * 20, "text": "Спасибо, 8 (913) 000-00-00 👍🏽", "visited_on": "2026-01-31",
        "openness": 5, "placement_code": "0123456789", "language": "ru",
    }  # fmt: skip
    form = "&".join(f"{name}={value}" for name, value in fields.items())
    return [b"\0" + json.dumps(fields, ensure_ascii=False).encode(), b"\0{}", b"\1" + form.encode(), b"\1rating=5"]


def run_signature(data: bytes, folder: Path) -> Sentences:
    """A public key, a signature or a secret key; the first byte says which."""
    text = data[1:].decode("utf-8", "replace")
    if data[0] % 3 == 0:
        parse_public_key(text)
    elif data[0] % 3 == 1:
        check_signature(b"content", text, _key().public)
    else:
        parse_secret_key(text)
    return []


def _key() -> SecretKey:
    return SecretKey(id=bytes(8), seed=bytes(32))


def signature_seeds() -> list[bytes]:
    texts = (_key().public.text, _key().sign(b"content", "comment"), _key().text)
    return [bytes((number,)) + text.encode() for number, text in enumerate(texts)]


# ---- what is verified -----------------------------------------------------------------------------------------------------

RELEASE, LATEST, DELTA = "data/demo/1.0.0", "data/demo/latest", "data/demo/changes"


@cache
def site() -> dict[str, bytes]:
    """A site of one package as small as `verify` reads it: a release, the changes since it, and the rules. It has no pages."""
    tables = template()
    described = json.loads(tables["datapackage.json"])
    described["resources"] = [
        {
            "name": one["name"],
            "path": f"{one['name']}.csv",
            "schema": json.loads((SCHEMAS / f"{one['name']}.json").read_bytes()),
        }
        for one in described["resources"]
    ]
    release = tables | {"datapackage.json": json.dumps(described, ensure_ascii=False, indent=1).encode()}
    released = _signed(release, release_comment("demo", "1.0.0"))
    delta = _signed(
        _delta(tables["replies.csv"], released["SHA256SUMS"]), "nok package:demo changes since:1.0.0 day:2026-02-07"
    )
    return {
        "build.json": json.dumps({"day": TODAY.isoformat(), "packages": {"demo": "1.0.0"}}).encode(),
        "data/rules.json": rules_json(publication()),
        "data/minisign.pub": _key().public.text.encode(),
        **{f"{folder}/{name}": content for folder in (RELEASE, LATEST) for name, content in released.items()},
        **{f"{DELTA}/{name}": content for name, content in delta.items()},
    }


def _delta(replies: bytes, sums: bytes) -> dict[str, bytes]:
    """Changes of one table: a reply that was removed, and one that came."""
    head, row = replies.decode().splitlines()
    columns = head.split(",")
    record = {
        "package": "demo",
        "since": "1.0.0",
        "since_sums": hashlib.sha256(sums).hexdigest(),
        "day": TODAY.isoformat(),
        "resources": [{"name": "replies", "path": "replies.csv", "key": ["review_id"], "columns": columns}],
        "dropped": [],
        "withdrawn": [],
    }
    table = f"change,{head}\nchanged,{row}\n"
    return {"changes.json": json.dumps(record, ensure_ascii=False).encode(), "replies.csv": table.encode()}


def _signed(files: dict[str, bytes], comment: str) -> dict[str, bytes]:
    """The same files with their list of checksums and its signature."""
    lines = (f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    sums = "".join(lines).encode()
    return files | {"SHA256SUMS": sums, "SHA256SUMS.minisig": _key().sign(sums, comment).encode()}


VERIFIED = (
    *("build.json", "data/rules.json", "data/minisign.pub"),
    *(f"{LATEST}/{name}" for name in ("datapackage.json", "replies.csv", "SHA256SUMS", "SHA256SUMS.minisig")),
    *(f"{DELTA}/{name}" for name in ("changes.json", "replies.csv", "SHA256SUMS", "SHA256SUMS.minisig")),
)
"""Files that are broken, the most telling ones of each kind."""


def run_verify(data: bytes, folder: Path) -> Sentences:
    """The first byte says which file the others are. The second: 1 is a site whose publisher lists and signs what he broke,
    so that what stands behind the checksums is read; 2 is a release on its own."""
    broken, way = VERIFIED[data[0] % len(VERIFIED)], data[1] % 3 if len(data) > 1 else 0
    if way == 2:
        broken = broken.replace(LATEST, RELEASE)
    files = site() | {broken: data[2:]}
    place, name = Path(broken).parent.as_posix(), Path(broken).name
    if way and place in (RELEASE, LATEST, DELTA) and not name.startswith("SHA256SUMS"):
        files = _relisted(files, place)
    for path, content in files.items():
        (folder / "site" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "site" / path).write_bytes(content)
    start = folder / "site" / (RELEASE if way == 2 else ".")
    found = verify_place(str(start), publication(), Trust(), folder / "scratch", jobs=1, tell=lambda _: None)
    return told(found.problems) + [note.sentence(language) for note in found.notes for language in ("ru", "en")]


def _relisted(files: dict[str, bytes], place: str) -> dict[str, bytes]:
    """A site in which the list of the folder `place` agrees with what stands there, and the changes with the release."""
    own = {Path(path).name: content for path, content in files.items() if Path(path).parent.as_posix() == place}
    kept = {name: content for name, content in own.items() if not name.startswith("SHA256SUMS")}
    comment = (
        release_comment("demo", "1.0.0") if place != DELTA else "nok package:demo changes since:1.0.0 day:2026-02-07"
    )
    made = files | {f"{place}/{name}": content for name, content in _signed(kept, comment).items()}
    if place != LATEST:
        return made
    record = json.loads(made[f"{DELTA}/changes.json"])
    record["since_sums"] = hashlib.sha256(made[f"{LATEST}/SHA256SUMS"]).hexdigest()
    return _relisted(made | {f"{DELTA}/changes.json": json.dumps(record).encode()}, DELTA)


OF_CHANGES = (f"{DELTA}/changes.json", f"{DELTA}/replies.csv", f"{LATEST}/datapackage.json", f"{LATEST}/replies.csv")


def run_changes(data: bytes, folder: Path) -> Sentences:
    """Changes applied to their release, without what `verify` looks at before; the first byte says which file the others are."""
    for path, content in (site() | {OF_CHANGES[data[0] % len(OF_CHANGES)]: data[1:]}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    changes_comment("demo", "1.0.0", folder / DELTA).encode()
    apply_delta(folder / LATEST, folder / DELTA, folder / "made" / "demo")
    strange = [path for path in folder.rglob("*") if path.is_file() and path.parts[len(folder.parts)] not in _OURS]
    assert not strange, f"written elsewhere: {strange}"
    return []


_OURS = ("build.json", "data", "made")


def changes_seeds() -> list[bytes]:
    return [bytes((number,)) + site()[name] for number, name in enumerate(OF_CHANGES)]


def verify_seeds() -> list[bytes]:
    return [bytes((number, way)) + site()[name] for number, name in enumerate(VERIFIED) for way in range(3)]


_YAML = (
    ": ",
    "\n  - ",
    "- {",
    "}",
    "[",
    "]",
    "'",
    '"',
    "|\n",
    ">-\n",
    "&a ",
    "*a",
    "!!int ",
    "null",
    "true",
    "~",
    "1e9",
)
_JSON = (
    '{"',
    '":',
    "[",
    "]",
    "null",
    "1e999",
    '"\\ud800"',
    "-0",
    '"path"',
    '"schema"',
    '"fields"',
    '"dialect"',
    '"\\u0000"',
)
_CSV = (
    ",",
    '"',
    '""',
    "\n",
    "\r\n",
    ";",
    "\t",
    "\u2028",
    "\ufeff",
    "\x00",
    "2025-02-29",
    "1e5",
    "-0",
    "=1+1",
    "clinic-1",
    "true",
)
_XML = (
    "<c r='A1' t='s'>",
    "<v>",
    "</v>",
    "<row r='1'>",
    "&#0;",
    "&x;",
    "<!DOCTYPE a [",
    "t='d'",
    "t='e'",
    "99999999999999",
)

_PATHS = (
    "../",
    "/etc/passwd",
    "\\",
    "  ",
    "SHA256SUMS",
    "added",
    "removed",
    "changes",
    '"since_sums"',
    '"day"',
    '"key"',
)

TARGETS = (
    Target(name="table", run=run_table, seeds=table_seeds, words=_CSV),
    Target(name="descriptor", run=run_descriptor, seeds=descriptor_seeds, words=_JSON),
    Target(name="mapping", run=run_mapping, seeds=mapping_seeds, refusals=(NokError,), words=(*_YAML, *_CSV)),
    Target(name="workbook", run=run_workbook, seeds=workbook_seeds, refusals=(NokError,), words=_XML),
    Target(
        name="questionnaire", run=run_questionnaire, seeds=questionnaire_seeds, refusals=(ConfigError,), words=_YAML
    ),
    Target(name="settings", run=run_settings, seeds=settings_seeds, refusals=(ConfigError,), words=_YAML),
    Target(name="photo", run=run_photo, seeds=photo_seeds, refusals=(PictureError,)),
    Target(name="archive", run=run_archive, seeds=archive_seeds),
    Target(
        name="submission",
        run=run_submission,
        seeds=submission_seeds,
        refusals=(MalformedError,),
        words=(*_JSON, "&rating=", "\u200d", "🏽"),
    ),
    Target(name="signature", run=run_signature, seeds=signature_seeds, refusals=(SignatureFault,)),
    Target(
        name="changes", run=run_changes, seeds=changes_seeds, refusals=(DeltaFault,), words=(*_JSON, *_CSV, *_PATHS)
    ),
    Target(name="verify", run=run_verify, seeds=verify_seeds, refusals=(NokError,), words=(*_JSON, *_CSV, *_PATHS)),
)


def mutants(target: Target, number: int, seed: int) -> Iterator[bytes]:
    """`number` inputs near the seeds, the same ones for the same `seed`: what a run without a fuzzer tries."""
    dice = random.Random(f"{target.name} {seed}")
    seeds = target.seeds()
    for _ in range(number):
        made = bytearray(dice.choice(seeds))
        for _ in range(dice.choice((1, 1, 2, 4, 8))):
            _change(made, dice, seeds, target.words)
        yield bytes(made) or b"\0"


def _change(made: bytearray, dice: random.Random, seeds: list[bytes], words: tuple[str, ...]) -> None:
    at, length = dice.randrange(len(made) + 1), dice.choice((1, 1, 4, 32))
    kind = dice.randrange(6)
    if kind == 0 and at < len(made):
        made[at] ^= 1 << dice.randrange(8)
    elif kind == 1:
        del made[at : at + length]
    elif kind == 2:
        made[at:at] = made[at : at + length * 8]
    elif kind == 3:
        other = dice.choice(seeds)
        start = dice.randrange(len(other) + 1)
        made[at : at + length] = other[start : start + length]
    elif kind == 4 and words:
        made[at:at] = dice.choice(words).encode()
    else:
        made[at : at + length] = dice.randbytes(length)
