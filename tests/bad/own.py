"""Bad inputs of our own, class by class, and the answer that each must get: rule, file, row, column.

They were written from the published documents, before anybody looked at what the program answers. A row is a change of a
valid package and the list of all problems that it must give; an empty list is an input that must pass.
"""

import json
import os
import socket
import stat
import struct
import unicodedata
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.unit.validation_support import (
    DESCRIPTOR,
    ID,
    ORGANIZATIONS,
    REVIEWS,
    SCORES,
    Change,
    added,
    both,
    cell,
    own_field,
    package,
    raw,
    recoded,
    resource,
    special,
    text,
)

Place = tuple[str, str, int | None, str]
"""Rule, file, row, column."""
Row = tuple[Change, list[Place]]
REPLIES, ASSESSMENTS = "replies.csv", "assessments.csv"
FIRST, LAST = "resources/0", "resources/4"
FIRST_SCHEMA = "resources/0/schema"


def described(rule: str, column: str = "") -> list[Place]:
    return [(rule, DESCRIPTOR, None, column)]


def at(rule: str, file: str, row: int | None, column: str = "") -> list[Place]:
    return [(rule, file, row, column)]


def many(
    make: Callable[[Any], Change], rules: Mapping[str, Sequence[Any]], place: Callable[[str], list[Place]]
) -> dict[str, Row]:
    """A row for each value, under the rule that must refuse it."""
    return {
        f"{short(value)}": (make(value), place(rule) if rule else [])
        for rule, values in rules.items()
        for value in values
    }


def short(value: object) -> str:
    said = ascii(value)
    return said if len(said) <= 60 else f"{said[:40]}… of {len(said)}"


def named(prefix: str, rows: Mapping[str, Row]) -> dict[str, Row]:
    return {f"{prefix} {name}": row for name, row in rows.items()}


# ---- paths ---------------------------------------------------------------------------------------------------------


def first_path(value: Any) -> Change:
    return resource("organizations", path=value)


PATHS: dict[str, Row] = named(
    "path",
    many(
        first_path,
        {
            "resource-path": [
                "organizations.csv/",
                "data//organizations.csv",
                "data/../organizations.csv",
                "organizations.csv/..",
                "//host/share/x.csv",
                "HTTP://127.0.0.1:9/x.csv",
                "https:/x.csv",
                "ftp://127.0.0.1:9/x.csv",
                "sftp://u@127.0.0.1:9/x.csv",
                "gs://bucket/x.csv",
                "zip://x.zip!x.csv",
                "data:text/csv,organization_id",
                "C:\\x.csv",
                "C:/x.csv",
                "data\\organizations.csv",
                "organizations%2Ecsv/%2e%2e",
                "..",
                ".",
                "/",
                "",
                5,
                True,
                {"path": ORGANIZATIONS},
                [None],
                [[ORGANIZATIONS]],
                [ORGANIZATIONS, "../x.csv"],
                [ORGANIZATIONS, "http://127.0.0.1:9/x.csv"],
                "nul/../../x",
            ],
            "file-missing": ["ORGANIZATIONS.CSV", "organizations.csv?x=1", "organizations", "Organizations.csv"],
        },
        lambda rule: described(rule, FIRST),
    ),
)


def link_inside(folder: Path) -> None:
    (folder / ORGANIZATIONS).rename(folder / "real.csv")
    (folder / ORGANIZATIONS).symlink_to("real.csv")


def linked_folder(folder: Path) -> None:
    (folder / "data").symlink_to(folder.parent)
    first_path(f"data/{folder.name}/organizations.csv")(folder)


def linked_descriptor(folder: Path) -> None:
    (folder / DESCRIPTOR).rename(folder.parent / "canary.json")
    (folder / DESCRIPTOR).symlink_to(folder.parent / "canary.json")


def made_socket(path: Path) -> None:
    before = Path.cwd()
    os.chdir(path.parent)  # an address of a socket has 107 bytes at most
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(path.name)
    os.chdir(before)


PATHS |= {
    "link to a file of the package": (link_inside, []),  # what it leads to is inside
    "folder that is a link and leads back inside": (linked_folder, []),
    "link to the canary": (
        special(lambda path: path.symlink_to("../canary.csv")),
        described("resource-path", FIRST),
    ),
    "link to nothing": (special(lambda path: path.symlink_to("absent.csv")), described("resource-path", FIRST)),
    "link to /dev/null": (special(lambda path: path.symlink_to("/dev/null")), described("resource-path", FIRST)),
    "link to /proc/self/environ": (
        special(lambda path: path.symlink_to("/proc/self/environ")),
        described("resource-path", FIRST),
    ),
    "descriptor that is a link outside": (linked_descriptor, described("package-missing")),
    "descriptor that is a link to a device": (
        special(lambda path: path.symlink_to("/dev/zero"), DESCRIPTOR),
        described("package-missing"),
    ),
    "socket": (special(made_socket), described("file-missing", FIRST)),
    "FIFO of replies": (special(os.mkfifo, REPLIES), described("file-missing", LAST)),
    "empty file of organisations": (raw(ORGANIZATIONS, lambda _: b""), at("header-empty", ORGANIZATIONS, 1)),
}

# ---- the descriptor ------------------------------------------------------------------------------------------------


def whole(content: bytes) -> Change:
    return raw(DESCRIPTOR, lambda _: content)


def inserted(property_text: str) -> Change:
    return text(DESCRIPTOR, '"name": "demo"', f'{property_text}, "name": "demo"')


DESCRIPTORS: dict[str, Row] = {
    "descriptor with a BOM": (raw(DESCRIPTOR, lambda content: b"\xef\xbb\xbf" + content), []),
    "descriptor in UTF-16": (recoded(DESCRIPTOR, "utf-16"), described("encoding")),
    "descriptor with one byte of another encoding": (
        raw(DESCRIPTOR, lambda content: content.replace("Пакет".encode(), b"\xcf")),
        described("encoding"),
    ),
    "empty descriptor": (whole(b""), described("descriptor-json")),
    "blank descriptor": (whole(b" \n"), described("descriptor-json")),
    "descriptor of NULs": (whole(bytes(100)), described("descriptor-json")),
    "descriptor of Excel": (whole(b"PK\x03\x04" + bytes(100)), described("descriptor-json")),
    "trailing comma": (text(DESCRIPTOR, '"name": "demo",', '"name": "demo",,'), described("descriptor-json")),
    "comment": (text(DESCRIPTOR, '"name": "demo",', '"name": "demo", // x\n'), described("descriptor-json")),
    "single quotes": (text(DESCRIPTOR, '"name": "demo"', "'name': 'demo'"), described("descriptor-json")),
    "two objects": (raw(DESCRIPTOR, lambda content: content + content), described("descriptor-json")),
    "YAML": (whole(b"name: demo\n"), described("descriptor-json")),
    "a line break in a string": (text(DESCRIPTOR, '"name": "demo"', '"name": "de\nmo"'), described("descriptor-json")),
    "objects 100,000 deep": (whole(b'{"a":' * 100_000 + b"1" + b"}" * 100_000), described("descriptor-depth")),
    "unfinished 100,000 deep": (whole(b"[" * 100_000), described("descriptor-depth")),
    "key repeated in a resource": (
        text(DESCRIPTOR, '"path": "organizations.csv"', '"path": "organizations.csv", "path": "organizations.csv"'),
        described("descriptor-repeated"),
    ),
    "key repeated by an escape": (inserted('"n\\u0061me": "demo"'), described("descriptor-repeated")),
    "half a character in the title": (inserted('"description": "\\ud800"'), described("text-control")),
    "NUL in a key": (inserted('"a\\u0000b": 1'), described("text-control")),
    "bell in the title": (package(title="\x07Пакет"), described("text-control")),
}
DESCRIPTORS |= named(
    "whole descriptor",
    many(
        lambda said: whole(said.encode()),
        {
            "descriptor-object": ["null", "true", "5", '"name"', '["name"]', "[[]]"],
        },
        described,
    ),
)
DESCRIPTORS |= named(
    "number",
    many(
        lambda said: inserted(f'"x": {said}'),
        {
            "descriptor-number": ["Infinity", "-Infinity", "NaN", "1e999", "-1e999", "9" * 5000],
            "descriptor-json": ["01", ".5", "1.", "0x10", "+1", "1_0", "nan"],
        },
        described,
    ),
)
DESCRIPTORS |= named(
    "package name",
    many(
        lambda value: package(name=value),
        {
            "descriptor-name": [
                5,
                "",
                "Demo",
                "de mo",
                "пакет",
                "a/b",
                "..",
                ".",
                "a" * 300,
                "-demo",
                ["demo"],
                "demo\n",
                "dеmo",
            ],
        },
        lambda rule: described(rule, "name"),
    ),
)
DESCRIPTORS |= named(
    "version",
    many(
        lambda value: package(version=value),
        {
            "descriptor-version": [
                "1.0",
                "1",
                1.0,
                1,
                "v1.0.0",
                "1.0.0.0",
                "",
                "1.0.0 ",
                "1,0,0",
                "1.-1.0",
                ["1.0.0"],
                "１.0.0",
            ],
        },
        lambda rule: described(rule, "version"),
    ),
)
DESCRIPTORS |= named(
    "title",
    many(
        lambda value: package(title=value),
        {
            "descriptor-property": ["", "  ", 5, ["Пакет"], {}, False],
        },
        lambda rule: described(rule, "title"),
    ),
)
DESCRIPTORS |= named(
    "licences",
    many(
        lambda value: package(licenses=value),
        {
            "descriptor-property": [[], {}, "", 5, "CC-BY-4.0"],
        },
        lambda rule: described(rule, "licenses"),
    ),
)
DESCRIPTORS |= named(
    "resources",
    many(
        lambda value: package(resources=value),
        {
            "descriptor-property": [[], 5, "organizations.csv", True],
        },
        lambda rule: described(rule, "resources"),
    ),
)
DESCRIPTORS |= named(
    "resource",
    many(
        lambda value: package(resources=[value]),
        {
            "resource-name": [None, 5, "organizations.csv", [], {}],
        },
        lambda rule: described(rule, FIRST) + [("file-unlisted", DESCRIPTOR, None, "resources")] * 5,
    ),
)
DESCRIPTORS |= named(
    "demonstration",
    many(
        lambda value: package(demonstration=value),
        {
            "descriptor-flag": [1, 0, "yes", "false", [], {}],
        },
        lambda rule: described(rule, "demonstration"),
    ),
)
DESCRIPTORS |= named(
    "name of a resource",
    many(
        lambda value: resource("replies", name=value),
        {
            "resource-name": ["Replies", "re plies", "ответы", 5, "replies\n", "a" * 300],
            "resource-repeated": ["reviews"],
        },
        lambda rule: described(rule, LAST),
    ),
)
DESCRIPTORS |= named(
    "encoding",
    many(
        lambda value: resource("replies", encoding=value),
        {
            "resource-encoding": ["cp1251", "utf-16", "utf-7", "latin-1", "rot13", 5, "unknown-8"],
            "": ["utf-8", "UTF-8"],
        },
        lambda rule: described(rule, LAST),
    ),
)
DESCRIPTORS |= named(
    "dialect",
    many(
        lambda value: resource("replies", dialect=value),
        {
            "resource-dialect": [
                {"delimiter": ";;"},
                {"delimiter": ""},
                {"delimiter": 5},
                {"delimiter": "\n"},
                {"delimiter": '"'},
                {"header": False},
                {"quoteChar": "'"},
                {"escapeChar": "\\"},
                {"commentChar": "#"},
                {"headerRows": [1, 2]},
                [],
                5,
            ],
        },
        lambda rule: described(rule, LAST),
    ),
)
for key, values in {
    "format": ["xlsx", "json", 5],
    "compression": ["gz", "zip"],
    "scheme": ["http", "stream", "aws"],
    "data": [[], {}, "review_id,text"],
    "extrapaths": [["replies-2.csv"]],
}.items():
    DESCRIPTORS |= named(
        key,
        many(
            lambda value, key=key: resource("replies", **{key: value}),  # type: ignore[misc]
            {"resource-property": values},
            lambda rule: described(rule, LAST),
        ),
    )
DESCRIPTORS |= named(
    "bytes",
    many(
        lambda value: resource("replies", bytes=value),
        {
            "file-size": [0, -1, 1, 10**30],
        },
        lambda rule: at(rule, REPLIES, None),
    ),
)
DESCRIPTORS |= named(
    "hash",
    many(
        lambda value: resource("replies", hash=value),
        {
            "file-hash": ["", "0" * 32, "md5:" + "0" * 32, "sha256:" + "g" * 64, "sha1:" + "0" * 40, "sha512:"],
        },
        lambda rule: at(rule, REPLIES, None),
    ),
)

# ---- schemas of one's own ------------------------------------------------------------------------------------------

SCHEMAS: dict[str, Row] = {}
SCHEMAS |= named(
    "schema",
    many(
        lambda value: resource("organizations", schema=value),
        {
            "resource-schema": [[], 5, True, {"fields": {}}, {"fields": []}, {"fields": "name"}],
        },
        lambda rule: described(rule, FIRST_SCHEMA),
    ),
)
SCHEMAS |= named(
    "address of a schema",
    many(
        lambda value: resource("organizations", schema=value),
        {
            "descriptor-address": [
                "//127.0.0.1:9/s.json",
                "file:///etc/passwd",
                "../canary.json",
                "https://127.0.0.1:9/s",
            ],
        },
        lambda rule: described(rule, FIRST),
    ),
)
SCHEMAS |= named(
    "name of a field",
    many(
        lambda value: own_field({"name": value, "type": "string"}),
        {
            "schema-name": ["", 5, "a" * 101, " beds", "be\u200bds", "beds\n", ["beds"], True],
        },
        lambda rule: described(rule, FIRST_SCHEMA),
    ),
)
SCHEMAS |= named(
    "type",
    many(
        lambda value: own_field({"name": "beds", "type": value}),
        {
            "schema-type": ["array", "object", "geojson", "geopoint", "duration", "Integer", "int", 5, "list"],
        },
        lambda rule: described(rule, FIRST_SCHEMA),
    ),
)
SCHEMAS |= named(
    "pattern",
    many(
        lambda value: own_field({"name": "code", "constraints": {"pattern": value}}),
        {
            "schema-pattern": [
                "(a|a)*$",
                "(a*)*b",
                "([a-z]+)+$",
                r"^(\w+\s?)+$",
                "(?=a)",
                r"(a)\1",
                "(?P<x>a)",
                "[",
                "a{2}{3}",
                "(?i)a",
                "a**",
                "(a{1,1000}){1,1000}",
                r"\p{L}",
                "(?#x)",
                "(a+){2,}",
            ],
        },
        lambda rule: described(rule, FIRST_SCHEMA),
    ),
)
SCHEMAS |= named(
    "constraints",
    many(
        lambda value: own_field({"name": "beds", "type": "integer", "constraints": value}),
        {
            "schema-property": [
                {"minimum": "one"},
                {"minimum": None},
                {"maximum": True},
                {"minimum": [1]},
                {"unique": True},
                {"required": "true"},
                {"enum": []},
                {"enum": "1"},
                {"enum": [None]},
                {"minLength": -1},
                {"exclusiveMinimum": 1},
                {"pattern": 5},
                5,
            ],
        },
        lambda rule: described(rule, FIRST_SCHEMA),
    ),
)


def loosened(field: dict[str, Any], more: Mapping[str, Any] | None = None) -> Row:
    return resource("organizations", schema={"fields": [field], **(more or {})}), described(
        "schema-looser", FIRST_SCHEMA
    )


SCHEMAS |= {
    "longer name": loosened({"name": "name", "type": "string", "constraints": {"maxLength": 2000}}),
    "latitude from -91": loosened({"name": "latitude", "type": "number", "constraints": {"minimum": -91}}),
    "status not required": loosened({"name": "status", "constraints": {"required": False}}),
    "inn of another type": loosened({"name": "inn", "type": "integer"}),
    "another key": (
        resource("organizations", schema={"fields": [{"name": "beds"}], "primaryKey": ["name"]}),
        described("descriptor-profile"),
    ),
    "field twice": (
        resource("organizations", schema={"fields": [{"name": "beds"}, {"name": "beds"}]}),
        described("schema-repeated", FIRST_SCHEMA),
    ),
    "field of the profile twice": (
        resource("organizations", schema={"fields": [{"name": "name"}, {"name": "name"}]}),
        described("schema-repeated", FIRST_SCHEMA),
    ),
    "pattern with many repetitions in a row": (
        both(
            own_field({"name": "code", "constraints": {"pattern": "a*a*a*a*a*a*a*a*b"}}),
            cell(ORGANIZATIONS, 2, "code", "a" * 20_000),
        ),
        described("schema-pattern", FIRST_SCHEMA),
    ),
    "own required column that is not there": (
        own_field({"name": "beds", "type": "integer", "constraints": {"required": True}}),
        at("header-missing", ORGANIZATIONS, 1, "beds"),
    ),
    "own number of another form": (
        both(own_field({"name": "beds", "type": "integer"}), cell(ORGANIZATIONS, 3, "beds", "1 200")),
        at("type-integer", ORGANIZATIONS, 3, "beds"),
    ),
    "own value below its minimum": (
        both(
            own_field({"name": "beds", "type": "integer", "constraints": {"minimum": 10}}),
            cell(ORGANIZATIONS, 3, "beds", "9"),
        ),
        at("minimum", ORGANIZATIONS, 3, "beds"),
    ),
    "own pattern": (
        both(
            own_field({"name": "code", "constraints": {"pattern": "[A-Z]{2}"}}), cell(ORGANIZATIONS, 3, "code", "ABC")
        ),
        at("pattern", ORGANIZATIONS, 3, "code"),
    ),
}

# ---- archives ------------------------------------------------------------------------------------------------------

Pack = Callable[[zipfile.ZipFile], None]


def archived(*steps: Pack, spoil: Callable[[bytes], bytes] = bytes, inside: str = "", leave_out: str = "") -> Change:
    """Packs the folder into a ZIP, with more entries, and then spoils its bytes; the runner takes it for the package."""

    def change(folder: Path) -> None:
        archive = folder.with_suffix(".zip")
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as made:
            for file in sorted(folder.iterdir()):
                if file.name != leave_out:
                    made.write(file, f"{inside}{file.name}")
            for step in steps:
                step(made)
        archive.write_bytes(spoil(archive.read_bytes()))

    return change


def entry(name: str, content: bytes = b"x", mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> Pack:
    def step(made: zipfile.ZipFile) -> None:
        described_entry = zipfile.ZipInfo(name)
        described_entry.external_attr = mode << 16
        described_entry.compress_type = method
        made.writestr(described_entry, content)

    return step


def in_directory(offset: int, form: str, value: int, name: bytes = b"organizations.csv") -> Callable[[bytes], bytes]:
    """Writes a number into the entry of `name` in the central directory of a ZIP (APPNOTE 4.3.12)."""

    def spoil(content: bytes) -> bytes:
        start = content.index(name, content.index(b"PK\x01\x02")) - 46
        spoilt = bytearray(content)
        struct.pack_into(form, spoilt, start + offset, value)
        return bytes(spoilt)

    return spoil


def many_entries(made: zipfile.ZipFile) -> None:
    for number in range(10_001):
        made.writestr(f"x{number}", b"")


def of_archive(rule: str) -> list[Place]:
    return [(rule, "", None, "")]


ARCHIVES: dict[str, Row] = {
    "archive upwards in the middle": (archived(entry("a/../../x")), of_archive("archive-name")),
    "archive with a dot": (archived(entry("./../x")), of_archive("archive-name")),
    "archive with a share": (archived(entry("\\\\host\\x")), of_archive("archive-name")),
    "archive with two slashes": (archived(entry("//host/x")), of_archive("archive-name")),
    "archive with a drive and a backslash": (archived(entry("C:\\x")), of_archive("archive-name")),
    "archive with dots only": (archived(entry("..")), of_archive("archive-name")),
    "archive with a device": (archived(entry("x", mode=stat.S_IFCHR | 0o666)), of_archive("archive-link")),
    "archive with a FIFO": (archived(entry("x", mode=stat.S_IFIFO | 0o666)), of_archive("archive-link")),
    "archive whose table is a link": (
        archived(entry(REPLIES, b"/etc/passwd", stat.S_IFLNK | 0o777), leave_out=REPLIES),
        of_archive("archive-link"),
    ),
    "archive with 10,001 files": (archived(many_entries), of_archive("archive-files")),
    "archive with a table in two cases": (archived(entry("ORGANIZATIONS.CSV")), of_archive("archive-repeated")),
    "archive with a bomb of bzip2": (
        archived(entry("x", bytes(60_000_000), method=zipfile.ZIP_BZIP2)),
        of_archive("archive-bomb"),
    ),
    "archive that understates a size": (
        archived(entry("x", bytes(60_000_000)), spoil=in_directory(24, "<I", 10, b"x")),
        of_archive("archive-damaged"),
    ),
    "archive of an unknown method": (
        archived(spoil=in_directory(10, "<H", 99)),
        of_archive("archive-damaged"),
    ),
    "archive with a wrong checksum": (archived(spoil=in_directory(16, "<I", 1)), of_archive("archive-damaged")),
    "archive that points behind its end": (
        archived(spoil=in_directory(42, "<I", 2**31)),
        of_archive("archive-damaged"),
    ),
    "archive without a descriptor": (archived(leave_out=DESCRIPTOR), described("package-missing")),
    "archive with the package two folders down": (archived(inside="a/b/"), []),
    "archive that is gzip": (archived(spoil=lambda _: b"\x1f\x8b\x08" + bytes(50)), of_archive("archive-damaged")),
    "archive that is RAR": (archived(spoil=lambda _: b"Rar!\x1a\x07\x01" + bytes(50)), of_archive("archive-damaged")),
    "archive cut in half": (
        archived(spoil=lambda content: content[: len(content) // 2]),
        of_archive("archive-damaged"),
    ),
    "archive of bare end": (
        archived(spoil=lambda _: b"PK\x05\x06" + bytes(18)),
        described("package-missing"),
    ),
    "archive of a good package": (archived(), []),
}

# ---- encodings -----------------------------------------------------------------------------------------------------


def bytes_in_name(content: bytes) -> Change:
    return raw(ORGANIZATIONS, lambda before: before.replace("Поликлиника № 3".encode(), content, 1))


ENCODINGS: dict[str, Row] = {
    "table with a BOM": (raw(ORGANIZATIONS, lambda content: b"\xef\xbb\xbf" + content), []),
    "table with two BOMs": (
        raw(ORGANIZATIONS, lambda content: b"\xef\xbb\xbf" * 2 + content),
        [
            ("header-unknown", ORGANIZATIONS, 1, "\ufefforganization_id"),
            ("header-missing", ORGANIZATIONS, 1, "organization_id"),
        ],
    ),
    "table in UTF-16 without a BOM": (recoded(ORGANIZATIONS, "utf-16-le"), at("text-control", ORGANIZATIONS, 1)),
    "table in UTF-32": (recoded(ORGANIZATIONS, "utf-32"), at("encoding", ORGANIZATIONS, 1)),
}
for encoding in ("cp866", "mac-cyrillic", "iso8859-5", "koi8-u", "cp855"):
    ENCODINGS[f"table in {encoding}"] = (recoded(ORGANIZATIONS, encoding), at("encoding", ORGANIZATIONS, 2, "name"))
ENCODINGS |= named(
    "bytes",
    many(
        bytes_in_name,
        {
            "encoding": [
                b"\xc0\xaf",
                b"\xed\xa0\x80",
                b"\xf8\x88\x80\x80\x80",
                b"\xf4\x90\x80\x80",
                b"\xf0\x9f\x98",
                b"\x80",
                b"\xff\xfe",
                b"caf\xe9",
            ],
        },
        lambda rule: at(rule, ORGANIZATIONS, 4, "name"),
    ),
)
ENCODINGS |= named(
    "letters",
    many(
        lambda value: cell(ORGANIZATIONS, 2, "name", value),
        {
            "mojibake": [
                "РЎСЂРµРґРЅСЏСЏ С€РєРѕР»Р°",
                "Øêîëà ¹ 5",
                "ûËÏÌÁ",
                "Ïîëèêëèíèêà",
                "Городская ������� № 5",
            ],
            "text-control": ["Ð\x9fÐ¾Ð»Ð¸ÐºÐ»Ð¸Ð½Ð¸ÐºÐ°"],
            # Question marks cannot be told from what a person wrote; NEL is a line end and U+1FFFE breaks no reader.
            "": [
                "????? ? 5",
                "Café № 5",
                "Школа «Ёлка»",
                "Москва — Ñandú",
                "Что? Где? Когда?",
                "École № 1",
                "ООО «Ромашка» (Republic of Côte d'Ivoire)",
            ],
        },
        lambda rule: at(rule, ORGANIZATIONS, 2, "name"),
    ),
)
ENCODINGS |= named(
    "control",
    many(
        lambda value: cell(REVIEWS, 2, "text", f"а{value}б"),
        {
            "text-control": [
                "\x00",
                "\x01",
                "\x08",
                "\x0c",
                "\x0e",
                "\x1a",
                "\x1f",
                "\x7f",
                "\x9b",
                "\uffff",
                "\ufdd0",
            ],
            "": ["\x85", "\U0001fffe", "\u2028", "\n", "\t", "\u00ad", "\u200d", "\U0001f468\u200d\U0001f469"],
        },
        lambda rule: at(rule, REVIEWS, 2, "text"),
    ),
)
ENCODINGS["spoilt letters in a reply"] = (
    cell(REPLIES, 2, "text", "РЎРїР°СЃРёР±Рѕ, РёСЃРїСЂР°РІРёРј."),
    at("mojibake", REPLIES, 2, "text"),
)

# ---- rows and columns ----------------------------------------------------------------------------------------------


def lines(content: str) -> Change:
    return raw(REPLIES, lambda _: content.encode())


HEADER = "review_id,text,replied_on\n"
TABLES: dict[str, Row] = {
    "CR LF": (raw(REPLIES, lambda content: content.replace(b"\n", b"\r\n")), []),
    "CR CR LF": (
        raw(REPLIES, lambda content: content.replace(b"\n", b"\r\r\n")),
        [("row-blank", REPLIES, 2, ""), ("row-blank", REPLIES, 4, ""), ("line-end", REPLIES, None, "")],
    ),
    "no line end at the end": (raw(REPLIES, bytes.rstrip), []),
    "header alone": (lines(HEADER), []),
    "header in quotes": (lines('"review_id","text","replied_on"\nreview-1,а,2026-01-01\n'), []),
    "columns in another order": (lines("replied_on,review_id,text\n2026-01-01,review-1,а\n"), []),
    "bars between columns": (
        raw(REPLIES, lambda content: content.replace(b",", b"|")),
        [
            ("header-unknown", REPLIES, 1, "review_id|text|replied_on"),
            ("header-missing", REPLIES, 1, "review_id"),
            ("header-missing", REPLIES, 1, "text"),
            ("header-missing", REPLIES, 1, "replied_on"),
        ],
    ),
    "declared semicolons, real commas": (
        resource("replies", dialect={"delimiter": ";"}),
        at("delimiter", REPLIES, 1),
    ),
    "declared and real semicolons": (
        both(
            resource("replies", dialect={"delimiter": ";"}),
            lines("review_id;text;replied_on\nreview-1;а, б;2026-01-01\n"),
        ),
        [],
    ),
    "space before a quote": (
        lines(HEADER + 'review-1, "а",2026-01-01\n'),
        [],
    ),  # the quotes and the blank are of the text
    "space behind a quote": (lines(HEADER + 'review-1,"а" ,2026-01-01\n'), at("csv-quote", REPLIES, 2)),
    "letters behind a quote": (lines(HEADER + 'review-1,"а"б,2026-01-01\n'), at("csv-quote", REPLIES, 2)),
    "three quotes": (lines(HEADER + 'review-1,""",2026-01-01\n'), at("csv-unclosed", REPLIES, 2)),
    "lone quote": (lines(HEADER + '"\n'), at("csv-unclosed", REPLIES, 2)),
    "unclosed quote in the header": (
        lines('"review_id,text,replied_on\nreview-1,а,2026-01-01\n'),
        at("csv-unclosed", REPLIES, 1),
    ),
    "quote of backslash": (lines(HEADER + 'review-1,"а \\"б\\" в",2026-01-01\n'), at("csv-quote", REPLIES, 2)),
    "commas alone": (
        lines(HEADER + ",,\n"),
        [
            ("required", REPLIES, 2, "review_id"),
            ("required", REPLIES, 2, "text"),
            ("required", REPLIES, 2, "replied_on"),
        ],
    ),
    "spaces alone": (lines(HEADER + "   \n"), at("row-length", REPLIES, 2)),
    "blank line in the middle": (
        lines(HEADER + "\nreview-1,а,2026-01-01\n"),
        at("row-blank", REPLIES, 2),
    ),
    "blank line before the header": (lines("\n" + HEADER), at("header-empty", REPLIES, 1)),
    "Ctrl-Z at the end": (lines(HEADER + "review-1,а,2026-01-01\n\x1a"), at("row-length", REPLIES, 3)),
    "HTML instead of a table": (
        lines("<!DOCTYPE html>\n<html><body>404</body></html>\n"),
        [
            ("header-unknown", REPLIES, 1, "<!DOCTYPE html>"),
            ("header-missing", REPLIES, 1, "review_id"),
            ("header-missing", REPLIES, 1, "text"),
            ("header-missing", REPLIES, 1, "replied_on"),
        ],
    ),
    "workbook instead of a table": (
        raw(REPLIES, lambda _: b"PK\x03\x04\x14\x00\x06\x00\x08\x00\xff\xd0\xcf\n"),
        at("text-control", REPLIES, 1),
    ),
    "column without a name": (
        lines("review_id,text,replied_on,\nreview-1,а,2026-01-01,\n"),
        at("header-unknown", REPLIES, 1),
    ),
    "header of a look-alike letter": (
        lines("review_id,tеxt,replied_on\nreview-1,а,2026-01-01\n"),
        [("header-unknown", REPLIES, 1, "tеxt"), ("header-missing", REPLIES, 1, "text")],
    ),
    "header with an invisible character": (
        lines("review_id,text\u200b,replied_on\nreview-1,а,2026-01-01\n"),
        [("header-unknown", REPLIES, 1, "text\u200b"), ("header-missing", REPLIES, 1, "text")],
    ),
    "header in capitals": (
        lines("REVIEW_ID,text,replied_on\nreview-1,а,2026-01-01\n"),
        [("header-unknown", REPLIES, 1, "REVIEW_ID"), ("header-missing", REPLIES, 1, "review_id")],
    ),
    "header in Russian": (
        lines("review_id,Текст,replied_on\nreview-1,а,2026-01-01\n"),
        [("header-unknown", REPLIES, 1, "Текст"), ("header-missing", REPLIES, 1, "text")],
    ),
    "header twice": (
        lines(HEADER + "review_id,text,replied_on\n"),
        [("type-date", REPLIES, 2, "replied_on"), ("foreign-key", REPLIES, 2, "review_id")],
    ),
    "table without a header": (
        lines("review-1,а,2026-01-01\n"),
        [
            ("header-unknown", REPLIES, 1, "review-1"),
            ("header-unknown", REPLIES, 1, "а"),
            ("header-unknown", REPLIES, 1, "2026-01-01"),
            ("header-missing", REPLIES, 1, "review_id"),
            ("header-missing", REPLIES, 1, "text"),
            ("header-missing", REPLIES, 1, "replied_on"),
        ],
    ),
    "row with a million commas": (lines(HEADER + "," * 1_000_000 + "\n"), at("row-blank", REPLIES, 2)),
    "fewer rows than its statistics": (resource("scores", stats={"rows": 17}), at("row-count", SCORES, None)),
    "more rows than its statistics": (resource("scores", stats={"rows": 1000}), at("row-count", SCORES, None)),
}

# ---- identifiers and numbers of registers --------------------------------------------------------------------------

IDENTIFIERS: dict[str, Row] = {}
IDENTIFIERS |= named(
    "organisation",
    many(
        lambda value: cell(ORGANIZATIONS, 5, ID, value),
        {
            "pattern": [
                "clinic_4",
                "clinic.4",
                "clinic-4-",
                "-clinic",
                "-",
                "clinic‐4",
                "clinic-４",
                "ⅽlinic-4",
                "clinic-4\u200b",
                " clinic-4",
                "clinic-4\u00a0",
                "CLINIC-4",
                "école",
                "a" * 65,
                "__proto__",
                "toString",
                "a b",
                "a/../b",
                "клиника",
                "clinic-4\n",
                unicodedata.normalize("NFD", "й"),
                "clіnic-4",
                "<b>",
                "a;b",
                "clinic-4\t",
                "%2e%2e",
                "~root",
                "$(id)",
                "C:",
            ],
            "organization-id": ["nul", "aux", "prn", "com1", "lpt9"],
            "required": [""],
            "": ["a" * 64, "4", "a--b"],
        },
        lambda rule: at(rule, ORGANIZATIONS, 5, ID),
    ),
)
for column, rules in {
    "inn": {
        "pattern": ["70170000", "701700001", "７017000011", "7017-00011", " 7017000011", "'7017000011"],
        "inn": ["701700001234"],
    },
    "ogrn": {
        "pattern": ["102700000000", "٠١٢٣٤٥٦٧٨٩٠١٢", "10270000000O1"],
        "spreadsheet-number": ["1.0202E+12", "1,02020E+12", "1.0202e12", "1.02E+12"],
        "ogrn": ["102700000000012"],
    },
    "kpp": {"pattern": ["70170100", "701701O01", "701701 001", "7017АА001", "701701001.0"]},
    "oktmo": {"pattern": ["6970100", "697010000", "69701000-1", "69701000.0"]},
    "region_code": {"pattern": ["Томск", "70 ", "-70", "7О", "70,0"], "required": [""]},
    "sphere": {"pattern": ["Health", "здоровье", "health "], "required": [""]},
    "kind": {"pattern": ["Clinic", "a b", "школа"]},
    "bus_agency_id": {"pattern": ["12.0", "-1", "1234567890123", "№5"]},
    "status": {"enum": ["PUBLISHED", "published ", "опубликовано", "1"], "required": [""]},
    "parent_organization_id": {"pattern": ["Clinic-1", "clinic_1"], "foreign-key": ["clinic-99"]},
    "successor_organization_id": {"pattern": ["CLINIC-1"], "foreign-key": ["clinic-99"]},
}.items():
    IDENTIFIERS |= named(
        column,
        many(
            lambda value, column=column: cell(ORGANIZATIONS, 5, column, value),  # type: ignore[misc]
            rules,
            lambda rule, column=column: at(rule, ORGANIZATIONS, 5, column),  # type: ignore[misc]
        ),
    )


def own_table(*rows: str) -> Change:
    """A table of the package's own with a key of free text."""

    def change(folder: Path) -> None:
        (folder / "wards.csv").write_text("\n".join(["code", *rows, ""]), "utf-8")
        found = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
        schema = {"fields": [{"name": "code", "type": "string"}], "primaryKey": ["code"]}
        found["resources"].append({"name": "wards", "path": "wards.csv", "schema": schema})
        (folder / DESCRIPTOR).write_text(json.dumps(found), "utf-8")

    return change


TWINS = {
    "the same": ("A1", "A1"),
    "Cyrillic and Latin": ("A1", "А1"),
    "case": ("A1", "a1"),
    "composed and decomposed": ("й1", unicodedata.normalize("NFD", "й1")),
    "a space at the end": ("A1", "A1 "),
    "a no-break space": ("A1", "A1\u00a0"),
    "an invisible character": ("A1", "A\u200b1"),
    "wide letters": ("A1", "Ａ1"),
}
for name, (one, other) in TWINS.items():
    IDENTIFIERS[f"key with a twin by {name}"] = (
        own_table(one, other),
        at("key-repeated" if name == "the same" else "key-lookalike", "wards.csv", 3, "code"),
    )


def more_table(name: str, head: str, *rows: str) -> Change:
    """Another table of the profile."""

    def change(folder: Path) -> None:
        (folder / f"{name}.csv").write_text("\n".join([head, *rows, ""]), "utf-8")
        found = json.loads((folder / DESCRIPTOR).read_text("utf-8"))
        found["resources"].append({"name": name, "path": f"{name}.csv"})
        (folder / DESCRIPTOR).write_text(json.dumps(found), "utf-8")

    return change


CODED = {
    "authorities": ("authority_id,name,level,status", ",Орган,regional,published"),
    "operators": ("operator_id,name,is_foreign,status", ",Оператор,true,published"),
    "councils": ("council_id,name,level,status", ",Совет,regional,published"),
}
"""Table whose keys may have capital letters and stand in addresses: its header, and the rest of a row."""
for table, (head, rest) in CODED.items():
    key = head.partition(",")[0]
    for name, (one, other) in TWINS.items():
        rule = {"the same": "key-repeated", "case": "key-lookalike"}.get(name, "pattern")
        both_rows = (one, other) if name != "composed and decomposed" else ("i1", "и\u03061")
        IDENTIFIERS[f"{key} with a twin by {name}"] = (
            more_table(table, head, *(value + rest for value in both_rows)),
            at(rule, f"{table}.csv", 3, key),
        )
    IDENTIFIERS[f"{key} of digits, with zeros before them"] = (
        more_table(table, head, *(value + rest for value in ("1", "01", "001"))),
        [],
    )
ADYGEA = both(cell(ORGANIZATIONS, 5, "latitude", "44.6"), cell(ORGANIZATIONS, 5, "longitude", "40.1"))
"""A place in the region 01, for the row whose code is changed."""
IDENTIFIERS |= {
    "region 01": (both(cell(ORGANIZATIONS, 5, "region_code", "01"), ADYGEA), []),
    "region 01 that lost its zero": (
        both(cell(ORGANIZATIONS, 5, "region_code", "1"), ADYGEA),
        at("region-zero", ORGANIZATIONS, 5, "region_code"),
    ),
    "a region of one letter": (cell(ORGANIZATIONS, 5, "region_code", "x"), []),
    "a region of one digit that the package describes": (
        both(cell(ORGANIZATIONS, 5, "region_code", "1"), more_table("regions", "region_code,name", "1,Первый округ")),
        [],
    ),
}
PLACEMENT = "000000001Y"
for name, other in {
    "key-repeated": ["000000001Y"],
    "pattern": ["000000001y", "00000000lY", "ООООООООlY", " 000000001Y", "000000001Y ", "1Y", "000000001\u200bY"],
    "placement-code": ["000000010Y"],
}.items():
    for code in other:
        IDENTIFIERS[f"placement code {short(code)} beside {PLACEMENT}"] = (
            more_table(
                "placements",
                "placement_code,organization_id,state",
                f"{PLACEMENT},clinic-1,active",
                f"{code},clinic-2,active",
            ),
            at(name, "placements.csv", 3, "placement_code"),
        )
for name, value in {
    "a zero before it": "01",
    "a space after it": "review-1 ",
    "a decomposed letter": "review-и\u0306",
    "wide letters": "ｒeview-1",
}.items():
    IDENTIFIERS[f"review of another id with {name}"] = (
        cell(REVIEWS, 3, "review_id", value),
        [] if value == "01" else at("pattern", REVIEWS, 3, "review_id"),
    )
IDENTIFIERS |= {
    "keys that differ": (own_table("A1", "A2", "Б1", "01", "1"), []),
    "organisation twice": (
        cell(ORGANIZATIONS, 5, ID, "clinic-1"),
        at("key-repeated", ORGANIZATIONS, 5, ID),
    ),
    "review twice": (cell(REVIEWS, 3, "review_id", "review-1"), at("key-repeated", REVIEWS, 3, "review_id")),
    "review in two cases": (cell(REVIEWS, 6, "review_id", "REVIEW-1"), []),
    "reply twice": (added(REPLIES, "review-1,а,2026-01-02\n"), at("key-repeated", REPLIES, 3, "review_id")),
    "review with a space": (cell(REVIEWS, 3, "review_id", "review-2 "), at("pattern", REVIEWS, 3, "review_id")),
    "review with Cyrillic": (cell(REVIEWS, 3, "review_id", "rеview-2"), at("pattern", REVIEWS, 3, "review_id")),
    "assessment in capitals": (
        cell(SCORES, 2, "assessment_id", "HEALTH-2025"),
        at("pattern", SCORES, 2, "assessment_id"),
    ),
    "score of a missing assessment": (
        cell(SCORES, 2, "assessment_id", "health-2024"),
        at("foreign-key", SCORES, 2, "assessment_id"),
    ),
    "circle of three parents": (
        both(
            cell(ORGANIZATIONS, 2, "parent_organization_id", "clinic-2"),
            cell(ORGANIZATIONS, 3, "parent_organization_id", "clinic-3"),
            cell(ORGANIZATIONS, 4, "parent_organization_id", "clinic-1"),
        ),
        at("parent-cycle", ORGANIZATIONS, 2, "parent_organization_id"),
    ),
    "its own successor": (
        cell(ORGANIZATIONS, 2, "successor_organization_id", "clinic-1"),
        at("successor-cycle", ORGANIZATIONS, 2, "successor_organization_id"),
    ),
}

# ---- values --------------------------------------------------------------------------------------------------------

VALUES: dict[str, Row] = {}


def in_column(file: str, row: int, column: str, rules: Mapping[str, Sequence[str]]) -> None:
    VALUES.update(
        named(
            column, many(lambda value: cell(file, row, column, value), rules, lambda rule: at(rule, file, row, column))
        )
    )


in_column(
    SCORES,
    2,
    "points",
    {
        "type-number": [
            "5０",
            "50 ",
            "\u00a050",
            "1e-2",
            "--5",
            "5-",
            "1.2.3",
            "∞",
            "nan",
            "50%",
            "½",
            "5.",
            "00",
            "1'000",
            "50.0.",
            "−5",
            "=50",
            "1,000.5",
            "пятьдесят",
            "95.0\u200b",
            "99999999999999999999",
        ],
        "minimum": ["-0.01", "-5"],
        "points-scale": ["100.01", "1000"],
    },
)
in_column(
    SCORES,
    2,
    "respondents",
    {
        "type-integer": ["1.5", "1e3", "двести", "12 ", "1 200", "０", "0x1", "12,0", "007"],
        "minimum": ["-1"],
    },
)
in_column(SCORES, 3, "state", {"enum": ["SCORED", "scored ", "0", "оценено"], "required": [""]})
in_column(
    REVIEWS,
    2,
    "rating",
    {
        "type-integer": [
            "five",
            "５",
            "4.",
            "+4",
            "true",
            "٤",
            "4,0",
            "★★★★",
            "4/5",
            "04",
            "1e0",
            "100000000000000000000",
        ],
        "minimum": ["-1"],
        "maximum": ["10"],
        "required": [""],
    },
)
in_column(REVIEWS, 2, "courtesy", {"minimum": ["0"], "maximum": ["6"], "type-integer": ["-", "н/д", "n/a", "null"]})
in_column(REVIEWS, 2, "channel", {"enum": ["QR", "qr ", "email"], "": [""]})
in_column(REVIEWS, 2, "verified", {"type-boolean": ["True", "1", "yes", "да", "TRUE", "false ", "0"]})
in_column(
    REVIEWS,
    2,
    "received_on",
    {
        "type-date": [
            "2025-02-30",
            "2025-00-10",
            "2025-06-00",
            "10.06.2025",
            "2025/06/10",
            "2025-6-10",
            "10 июня 2025",
            "45678",
            "2025-06-10 12:00",
            "2025-06-10Z",
            "2025-W10-1",
            "2025-161",
            "0000-01-01",
            "-2025-01-01",
            "1900-02-29",
            "2100-02-29",
            "２025-06-10",
            "2025-06-10 ",
            "2025–06–10",
            "06-10-2025",
            "2025-06",
            "2025",
            "9999-12-31",
        ],
        "future-date": ["2027-02-07", "2026-02-08"],
        "required": [""],
    },
)
in_column(
    REVIEWS, 2, "visited_on", {"type-date": ["вчера", "2025-13-01"], "future-date": ["2026-02-08"], "": ["2026-02-07"]}
)
in_column(REPLIES, 2, "replied_on", {"future-date": ["2026-03-01"], "": ["2020-01-01"], "type-date": ["01.02.2026"]})
in_column(ORGANIZATIONS, 2, "opened_on", {"future-date": ["2026-02-08"], "type-date": ["1066-10-14", "2001"]})
in_column(ASSESSMENTS, 2, "finished_on", {"future-date": ["2026-02-08"], "type-date": ["30.11.2025"]})
in_column(
    ASSESSMENTS,
    2,
    "period",
    {
        "type-integer": ["2025.0", "2025 ", "2025 г.", "’25"],
        "minimum": ["25", "1989"],
        "maximum": ["2101"],
        "": ["2027"],  # a round may be planned
    },
)
in_column(ASSESSMENTS, 2, "stage", {"enum": ["Done", "готово"], "required": [""]})
in_column(
    ORGANIZATIONS,
    2,
    "latitude",
    {
        "type-number": ["56.48N", "56,4801", "56 28 48", "5.6e1", "56.4801°", "Infinity", "N56.48"],
        "minimum": ["-91"],
        "maximum": ["90.0001"],
        "region-box": ["50.7558", "-56.4801", "0.5"],
    },
)
in_column(
    ORGANIZATIONS, 2, "longitude", {"maximum": ["180.5"], "minimum": ["-181"], "type-number": ["84.95 в.д.", "E84"]}
)
VALUES |= {
    "visit after its review": (
        both(cell(REVIEWS, 2, "received_on", "2025-12-01"), cell(REVIEWS, 2, "visited_on", "2025-12-03")),
        at("visit-late", REVIEWS, 2, "visited_on"),
    ),
    "visit on the next day, as it is in Kamchatka": (
        both(cell(REVIEWS, 2, "received_on", "2025-12-01"), cell(REVIEWS, 2, "visited_on", "2025-12-02")),
        [],
    ),
    "points where there is no score": (
        cell(SCORES, 2, "state", "exempt"),
        at("points-unexpected", SCORES, 2, "points"),
    ),
    "scored with a blank": (cell(SCORES, 2, "points", ""), at("points-missing", SCORES, 2, "points")),
    "total that is not the mean": (cell(SCORES, 7, "points", "10.00"), at("score-apart", SCORES, 7, "points")),
    "name of 1,001 characters": (
        cell(ORGANIZATIONS, 2, "name", "я" * 1001),
        at("max-length", ORGANIZATIONS, 2, "name"),
    ),
    "name of 400 characters with a soft hyphen": (
        cell(ORGANIZATIONS, 2, "name", "«" + "я" * 200 + "\u00ad" + "я" * 197 + "»"),
        [],
    ),
    "name of spaces": (cell(ORGANIZATIONS, 2, "name", "   "), at("required", ORGANIZATIONS, 2, "name")),
    "site that is a script": (
        cell(ORGANIZATIONS, 2, "website", "javascript:alert(1)"),
        at("link-form", ORGANIZATIONS, 2, "website"),
    ),
    "formula in a name": (cell(ORGANIZATIONS, 2, "name", '=HYPERLINK("http://127.0.0.1:9","x")'), []),
    "markup in a name": (cell(ORGANIZATIONS, 2, "name", "</script><script>alert(1)</script>"), []),
    "template in a name": (cell(ORGANIZATIONS, 2, "name", "{{7*7}} {% raw %} [%s] ]]> -->"), []),
    "no point at all": (
        both(cell(ORGANIZATIONS, 2, "latitude", ""), cell(ORGANIZATIONS, 2, "longitude", "")),
        [],
    ),
    "longitude alone": (
        cell(ORGANIZATIONS, 2, "latitude", ""),
        at("coordinates-pair", ORGANIZATIONS, 2, "latitude"),
    ),
    "closed and opened in the wrong order": (
        both(cell(ORGANIZATIONS, 3, "opened_on", "2024-05-02"), cell(ORGANIZATIONS, 3, "closed_on", "2024-05-01")),
        at("period-order", ORGANIZATIONS, 3, "closed_on"),
    ),
    "measure of another method": (cell(SCORES, 2, "measure", "к1"), at("pattern", SCORES, 2, "measure")),
    "measure in another case": (cell(SCORES, 2, "measure", "k1"), at("measure-unknown", SCORES, 2, "measure")),
    "review without an organisation": (cell(REVIEWS, 2, ID, ""), at("required", REVIEWS, 2, ID)),
}

OWN: Mapping[str, Mapping[str, Row]] = {
    "paths": PATHS,
    "descriptor": DESCRIPTORS,
    "schemas": SCHEMAS,
    "archives": ARCHIVES,
    "encodings": ENCODINGS,
    "rows and columns": TABLES,
    "identifiers": IDENTIFIERS,
    "values": VALUES,
}
