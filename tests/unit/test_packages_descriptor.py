"""What a descriptor may say: bad ones are refused with their place, and nothing outside the package is opened."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import pytest

import publish
from tests.unit.validation_support import (
    DESCRIPTOR,
    ID,
    ORGANIZATIONS,
    Change,
    Check,
    Factory,
    Found,
    assert_refused,
    checker,
    in_descriptor,
    own_field,
    package,
    package_to_spoil,
    raw,
    recoded,
    resource,
    special,
    text,
)


@pytest.fixture
def check(tmp_path: Path) -> Check:
    return checker(tmp_path)


@pytest.fixture
def folder(package_factory: Factory) -> Path:
    return package_to_spoil(package_factory)


FIRST = "resources/0"
SCHEMA = "resources/0/schema"

BAD_PACKAGES = {
    "path upwards": (resource("organizations", path="../x.csv"), in_descriptor("resource-path", FIRST, "../x.csv")),
    "absolute path": (
        resource("organizations", path="/etc/passwd"),
        in_descriptor("resource-path", FIRST, "/etc/passwd"),
    ),
    "file address": (
        resource("organizations", path="file:///etc/passwd"),
        in_descriptor("resource-path", FIRST, "file:///etc/passwd"),
    ),
    "web address": (
        resource("organizations", path="http://127.0.0.1:9/x.csv"),
        in_descriptor("resource-path", FIRST, "http://127.0.0.1:9/x.csv"),
    ),
    "bucket": (resource("organizations", path="s3://b/x.csv"), in_descriptor("resource-path", FIRST, "s3://b/x.csv")),
    "share": (
        resource("organizations", path="\\\\host\\x.csv"),
        in_descriptor("resource-path", FIRST, "\\\\host\\x.csv"),
    ),
    "backslash": (resource("organizations", path="..\\x.csv"), in_descriptor("resource-path", FIRST, "..\\x.csv")),
    "percent": (resource("organizations", path="a/%2e%2e/x"), in_descriptor("resource-path", FIRST, "a/%2e%2e/x")),
    "dot in the middle": (
        resource("organizations", path="./organizations.csv"),
        in_descriptor("resource-path", FIRST, "./organizations.csv"),
    ),
    "hidden file": (resource("organizations", path=".x.csv"), in_descriptor("resource-path", FIRST, ".x.csv")),
    "NUL in a path": (resource("organizations", path="a\0b"), in_descriptor("text-control", "", "a\0b")),
    "half a character": (resource("organizations", path="\ud800"), in_descriptor("text-control", "", "\\ud800")),
    "path of 5,000": (resource("organizations", path="a" * 5000), in_descriptor("resource-path", FIRST, "a" * 5000)),
    "no path": (resource("organizations", path=None), in_descriptor("resource-path", FIRST)),
    "empty list of parts": (resource("organizations", path=[]), in_descriptor("resource-path", FIRST, "[]")),
    "one part twice": (
        resource("organizations", path=[ORGANIZATIONS, ORGANIZATIONS]),
        in_descriptor("resource-path", FIRST, ORGANIZATIONS),
    ),
    "file that is not there": (
        resource("organizations", path="absent.csv"),
        in_descriptor("file-missing", FIRST, "absent.csv"),
    ),
    "FIFO": (special(os.mkfifo), in_descriptor("file-missing", FIRST, ORGANIZATIONS)),
    "folder": (special(Path.mkdir), in_descriptor("file-missing", FIRST, ORGANIZATIONS)),
    "link to a device": (
        special(lambda path: path.symlink_to("/dev/zero")),
        in_descriptor("resource-path", FIRST, ORGANIZATIONS),
    ),
    "link to itself": (
        special(lambda path: path.symlink_to(path)),
        in_descriptor("resource-path", FIRST, ORGANIZATIONS),
    ),
    "two tables of a name": (
        resource("replies", name="organizations"),
        in_descriptor("resource-repeated", "resources/4", "organizations"),
    ),
    "table without a name": (resource("replies", name=""), in_descriptor("resource-name", "resources/4", ANY)),
    "table with a path for a name": (
        resource("replies", name="../x"),
        in_descriptor("resource-name", "resources/4", ANY),
    ),
    "unknown table": (
        resource("replies", name="complaints"),
        in_descriptor("resource-unknown", "resources/4/schema", "complaints"),
    ),
    "scheme": (resource("replies", scheme="stream"), in_descriptor("resource-property", "resources/4", "stream")),
    "format": (resource("replies", format="sql"), in_descriptor("resource-property", "resources/4", "sql")),
    "compression": (resource("replies", compression="no"), in_descriptor("resource-property", "resources/4", "no")),
    "data inline": (resource("replies", data=[]), in_descriptor("resource-property", "resources/4", "[]")),
    "encoding declared": (
        resource("replies", encoding="windows-1251"),
        in_descriptor("resource-encoding", "resources/4", "windows-1251"),
    ),
    "schema address": (
        resource("replies", schema="http://127.0.0.1:9/s.json"),
        in_descriptor("descriptor-address", "resources/4", "http://127.0.0.1:9/s.json"),
    ),
    "schema path": (
        resource("replies", schema="schema.json"),
        in_descriptor("descriptor-address", "resources/4", "schema.json"),
    ),
    "dialect address": (
        resource("replies", dialect="http://127.0.0.1:9/d.json"),
        in_descriptor("descriptor-address", "resources/4", "http://127.0.0.1:9/d.json"),
    ),
    "profile address of a table": (
        resource("replies", profile="http://127.0.0.1:9/p.json"),
        in_descriptor("descriptor-address", "resources/4", "http://127.0.0.1:9/p.json"),
    ),
    "profile address": (
        package(profile="http://127.0.0.1:9/p.json"),
        in_descriptor("descriptor-address", "profile", "http://127.0.0.1:9/p.json"),
    ),
    "odd dialect": (
        resource("replies", dialect={"delimiter": "|"}),
        in_descriptor("resource-dialect", "resources/4", '{"delimiter": "|"}'),
    ),
    "wrong size": (resource("replies", bytes=1), [("file-size", "replies.csv", None, "", ANY)]),
    "wrong checksum": (
        resource("replies", hash="sha256:00"),
        [
            (
                "file-hash",
                "replies.csv",
                None,
                "",
                ANY,
            )
        ],
    ),
    "unknown checksum": (resource("replies", hash="crc:1"), [("file-hash", "replies.csv", None, "", "")]),
    "fewer rows than declared": (
        resource("replies", stats={"rows": 2}),
        [("row-count", "replies.csv", None, "", "1")],
    ),
    "not JSON": (raw(DESCRIPTOR, lambda content: content[:-3]), in_descriptor("descriptor-json")),
    "a list": (raw(DESCRIPTOR, lambda _: b"[]"), in_descriptor("descriptor-object", "", "[]")),
    "nested 100,000": (
        raw(DESCRIPTOR, lambda _: b"[" * 100_000 + b"]" * 100_000),
        in_descriptor("descriptor-depth"),
    ),
    "nested 100": (package(x=json.loads("[" * 100 + "]" * 100)), in_descriptor("descriptor-depth")),
    "repeated key": (
        text(DESCRIPTOR, '"name": "demo"', '"name": "demo", "name": "demo"'),
        in_descriptor("descriptor-repeated", "", "name"),
    ),
    "NaN": (
        text(DESCRIPTOR, '"name": "demo"', '"x": NaN, "name": "demo"'),
        in_descriptor("descriptor-number", "", "NaN"),
    ),
    "1e400": (
        text(DESCRIPTOR, '"name": "demo"', '"x": 1e400, "name": "demo"'),
        in_descriptor("descriptor-number", "", "1e400"),
    ),
    "descriptor in cp1251": (recoded(DESCRIPTOR, "cp1251"), in_descriptor("encoding", "", "0xCF")),
    "no name": (package(name=None), in_descriptor("descriptor-name", "name")),
    "name with a slash": (package(name="../x"), in_descriptor("descriptor-name", "name", "../x")),
    "no version": (package(version=None), in_descriptor("descriptor-version", "version")),
    "version of Arabic digits": (package(version="١.0.0"), in_descriptor("descriptor-version", "version", "١.0.0")),
    "no licence": (package(licenses=None), in_descriptor("descriptor-property", "licenses")),
    "licence of another kind": (package(licenses=["CC0"]), in_descriptor("descriptor-profile", "", "package-error")),
    "no title": (package(title=" "), in_descriptor("descriptor-property", "title", " ")),
    "no resources": (package(resources={}), in_descriptor("descriptor-property", "resources", "{}")),
    "demonstration in quotes": (
        package(demonstration="true"),
        in_descriptor("descriptor-flag", "demonstration", "true"),
    ),
    "escape in the title": (package(title="a\x1b[2J"), in_descriptor("text-control", "", "a\x1b[2J")),
    "schema of another type": (
        own_field({"name": "latitude", "type": "string"}),
        in_descriptor("schema-looser", SCHEMA, "latitude"),
    ),
    "schema with another pattern": (
        own_field({"name": ID, "constraints": {"pattern": ".*"}}),
        in_descriptor("schema-looser", SCHEMA, ID),
    ),
    "schema with a larger maximum": (
        own_field({"name": "latitude", "type": "number", "constraints": {"maximum": 91}}),
        in_descriptor("schema-looser", SCHEMA, "latitude"),
    ),
    "schema with a broken bound of whole numbers": (
        own_field({"name": "beds", "type": "integer", "constraints": {"maximum": 10.5}}),
        in_descriptor("schema-property", SCHEMA, "beds"),
    ),
    "schema with more values": (
        own_field({"name": "status", "constraints": {"enum": ["published", "secret"]}}),
        in_descriptor("schema-looser", SCHEMA, "status"),
    ),
    "schema that asks for less": (
        own_field({"name": "name", "constraints": {"required": False}}),
        in_descriptor("schema-looser", SCHEMA, "name"),
    ),
    "schema with another decimal sign": (
        own_field({"name": "latitude", "type": "number", "decimalChar": ","}),
        in_descriptor("schema-property", SCHEMA, "latitude"),
    ),
    "schema with other missing values": (
        resource("organizations", schema={"fields": [{"name": "beds"}], "missingValues": ["-"]}),
        in_descriptor("schema-property", SCHEMA, "organizations"),
    ),
    "pattern that runs away": (
        own_field({"name": "code", "constraints": {"pattern": "(a+)+$"}}),
        in_descriptor("schema-pattern", SCHEMA, "code"),
    ),
    "pattern that is none": (
        own_field({"name": "code", "constraints": {"pattern": "("}}),
        in_descriptor("schema-pattern", SCHEMA, "code"),
    ),
    "constraint of another kind": (
        own_field({"name": "beds", "type": "integer", "constraints": {"minimum": "many"}}),
        in_descriptor("schema-property", SCHEMA, "beds"),
    ),
    "constraints in a list": (
        own_field({"name": "beds", "constraints": ["required"]}),
        in_descriptor("schema-property", SCHEMA, "beds"),
    ),
    "unknown type": (own_field({"name": "beds", "type": "money"}), in_descriptor("schema-type", SCHEMA, "beds")),
    "field without a name": (own_field({"type": "string"}), in_descriptor("schema-name", SCHEMA, '{"type": "string"}')),
    "field that is none": (own_field(None), in_descriptor("schema-name", SCHEMA, "null")),
    "schema without fields": (resource("organizations", schema={}), in_descriptor("resource-schema", SCHEMA, "{}")),
    "key of a column that is not there": (
        resource("replies", name="beds", schema={"fields": [{"name": "a"}], "primaryKey": ["b"]}),
        in_descriptor("schema-key", "resources/4/schema", '["b"]'),
    ),
    "checksum that is a number": (
        resource("organizations", hash=-1),
        [*in_descriptor("descriptor-profile", "", "descriptor"), ("file-hash", "organizations.csv", None, "", "")],
    ),
}


@pytest.mark.parametrize(("change", "expected"), BAD_PACKAGES.values(), ids=BAD_PACKAGES.keys())
def test_a_bad_descriptor_is_refused_at_its_place(
    folder: Path, check: Check, capsys: pytest.CaptureFixture[str], change: Change, expected: list[Found]
) -> None:
    assert_refused(check, folder, change, expected)
    assert "Traceback" not in capsys.readouterr().err


# ---- nothing outside -----------------------------------------------------------------------------------------------

WATCH = """
import sys
opened = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        opened.append(f"{event} {arguments}")
    if event == "open" and "canary" in str(arguments[0]):
        opened.append(f"open {arguments}")
sys.addaudithook(watch)
import publish
codes = [publish.main(["validate", folder]) for folder in sys.argv[1:]]
print(codes, opened)
"""


def test_validation_opens_no_socket_and_nothing_outside(
    package_factory: Factory, tmp_path: Path, project_root: Path
) -> None:
    canary = tmp_path / "canary.csv"
    canary.write_text("\n", "utf-8")
    outside = {
        "link": special(lambda path: path.symlink_to(canary)),
        "folder": lambda folder: (
            (folder / "data").symlink_to(tmp_path),
            resource("organizations", path="data/canary.csv")(folder),
        ),
        "path": resource("organizations", path="../../canary.csv"),
        "absolute": resource("organizations", path=str(canary)),
        "address": resource("organizations", path="http://127.0.0.1:9/canary.csv"),
        "schema": resource("organizations", schema="http://127.0.0.1:9/s.json"),
        "schema-path": resource("organizations", schema="../../canary.csv"),
        "dialect": resource("organizations", dialect="http://127.0.0.1:9/d.json"),
        "profile": package(profile="http://127.0.0.1:9/p.json"),
        "table-profile": resource("organizations", profile="http://127.0.0.1:9/p.json"),
        "schema-profile": resource(
            "organizations",
            schema={
                "fields": [{"name": "beds", "profile": "http://127.0.0.1:9/f.json"}],
                "profile": "http://127.0.0.1:9/s.json",
                "$schema": "http://127.0.0.1:9/s.json",
            },
        ),
        "dialect-profile": resource(
            "organizations", dialect={"delimiter": ",", "$schema": "http://127.0.0.1:9/d.json"}
        ),
        "names": package(**{"$schema": "http://127.0.0.1:9/p.json", "image": "http://127.0.0.1:9/i.png"}),
    }
    folders = []
    for name, change in outside.items():
        folders.append(str(package_factory(name)))
        change(Path(folders[-1]))
    done = subprocess.run(
        [sys.executable, "-c", WATCH, *folders],
        cwd=project_root,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == f"{[2] * 10 + [0] * 3} []"


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir], ids=["FIFO", "folder"])
def test_a_descriptor_that_is_no_file_is_not_waited_for(
    folder: Path, check: Check, make: Callable[[Path], None]
) -> None:
    special(make, DESCRIPTOR)(folder)
    assert check(folder).rules == ["package-missing"]


def test_a_descriptor_of_five_megabytes_is_not_read(folder: Path, check: Check) -> None:
    package(description="x" * 5_000_000)(folder)
    assert check(folder).rules == ["descriptor-size"]


def test_a_package_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    assert publish.main(["validate", str(tmp_path / "nowhere")]) == 64
    assert publish.main(["validate", "http://127.0.0.1:9/x.zip"]) == 64
