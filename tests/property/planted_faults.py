"""Small packages from a seed, with one fault (or none) planted into a random place: what two readers are held against.

The same seed gives the same package. A plant changes a cell, a row, the header, the bytes of a file or the constraints
of the descriptor; some changes are harmless on purpose, so that "clean" is tried as often as "not clean".
"""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.conftest import valid_tables

CELLS = [
    "", " ", "0", "-0", "+1", "1_0", "٣", "５", " 4", "4 ", "1e2", "NaN", "inf", "05", ".5", "5.", "5,5", "4.0", "0x10",
    "1.00000000001", "100.0001", "100", "100.00", "-90", "1" * 19, "true", "True", "1", "5", "6", "2024-02-29",
    "2025-02-29", "2024-1-5", "20240105", "2024-13-45", "29.02.2024", "0001-01-01", "9999-12-31", "2026-02-07", "2026-02-08",
    "scored", "Scored", "published", "exempt", "draft", "a", "a-b", "-a", "a-", "A", "é", "con", "index", "x" * 65, "x" * 301,
    "x" * 1001, "я" * 1000, "я" * 1001, "a\x1bb", "a\x00", "a\x7fb", "a\x80b", "a\x85b", "a\u2028b", "a\ufdd0b", "a\ufffeb", "\ufffd", "\ufeff", "a\ufeffb",
    "РЁРєРѕР»Р°", "РЁРєР", "Ð¨ÐºÐ¾Ð»Ð°", "Ð¨Ðº", "РСРСРС", "РЈРЈР", "С„С„С", "“С”", '"', 'a"b', '"a"', "a\nb", "a\n\nb", "a,b", "a;b", "a\tb",
    "=1+1", "7017000010", "7017000011", "366220664163", "1027000000010", "1027000000011", "304500116000157", "70", "99",
    "clinic-1", "clinic-2", "nobody", "health-2025", "K1", "K9", "total", "review-1", "ru", "russian", "56.5", "0.1", "90.0000000001",
]  # fmt: skip
AIMED = {
    "inn": ["7017000010", "7017000011", "366220664163", "366220664164", "701700001", ""],
    "ogrn": ["1027000000010", "1027000000011", "304500116000157", "304500116000158", ""],
    "latitude": ["", "56.5", "0", "59.9", "61.55", "-90.0", "90", "90.1", "91"],
    "longitude": ["", "84.9", "0", "75", "89.9", "-180", "180.5"],
    "organization_id": ["con", "index", "com1", "clinic-1", "nobody", "a--b", "a" * 64, "a" * 65],
    "region_code": ["70", "77", "87", "99", "a", "a" * 33],
    "received_on": ["2026-02-07", "2026-02-08", "2024-02-29", "2023-02-29", "1899-12-31"],
    "started_on": ["2026-01-01", "2025-03-01", ""],
    "finished_on": ["2025-02-28", "2025-03-01", "2026-02-08"],
    "method_id": ["fhrs", "cms-stars", "none"],
    "measure": ["K1", "K5", "K6", "1.1", "total"],
    "points": ["", "100", "100.0", "100.01", "0", "99.9999999999", "100.0000000001"],
    "state": ["scored", "not_assessed", "exempt", "published", "restricted"],
    "respondents": ["0", "-1", "999999999999999999", "9999999999999999999"],
    "rating": ["1", "5", "6", "0", "3.0"],
    "text": ["РЁРєРѕР»Р°", "Ð¨ÐºÐ¾Ð»Ð°", "СССР", "РСФСР", "«Школа»", "я" * 5000, "я" * 5001, "a\r\nb", "a\rb"],
    "name": ["РЁРєРѕР»Р°", "Школа", "ЁёЙй", "a\u00a0b", "x" * 1000, "x" * 1001],
    "kpp": ["701701001", "7017AB001", "7017ab001"],
    "status": ["draft", "withheld", "published"],
    "review_id": ["review-1", "review-2", "_a", "a" * 65],
}
"""Values on both sides of the edge of a rule, by column."""

BYTES = [
    b'"', b'""', b",", b"\n", b"\n\n", b"\r", b"\r\n", b"\r\r\n", b"\x00", b"\x1f", b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\xaf",
    b"\xf5\x80\x80\x80", b"\xc2\x85", b"\xc2\x81", b"\xef\xbb\xbf", b"\xef\xbf\xbd", b"\xef\xbf\xbf", b"\xef\xb7\x95", b"\xef\xb8\x8f",
    b" ", b"\t", b";", b"'", b"\\", b"#", b"\xd0", b"\xd0\xa0\xc2\xb0", b"\xf0\x9f\x98\x80", b",,", b'","', b'"\n"', b"\x1a", b"\x0b",
]  # fmt: skip
CONSTRAINTS = [
    {"pattern": "[a-z0-9-]+"}, {"pattern": r"\w+"}, {"pattern": r"[^x]*"}, {"pattern": "a.b"}, {"pattern": "(?:ab|b)*"},
    {"maxLength": 5}, {"minLength": 2}, {"required": True}, {"enum": ["a", "b"]}, {"pattern": r"\d{1,3}"}, {"pattern": "[А-я ]+"},
]  # fmt: skip
BESIDE = ("a", "ab", "b", "a b", "a\nb", "12", "٣٣", "школа", "", "x", "a-b", "aéb", "abab")

Rows = list[list[str]]
Plant = Callable[[Random, "Spoilt"], None]


class Spoilt:
    """A package on its way to disk: tables as rows of cells, the header first."""

    def __init__(self, random: Random) -> None:
        tables = valid_tables(random.randint(1, 4), random.randint(0, 3))
        self.tables: dict[str, Rows] = {}
        for name, rows in tables.items():
            if rows:
                self.tables[name] = [list(rows[0]), *[[str(value) for value in row.values()] for row in rows]]
        for name in ("assessments", "scores", "reviews", "replies"):
            if random.random() < 0.3 and name in self.tables:
                del self.tables[name]
        self._close()
        self.schemas: dict[str, object] = {}
        self.delimiter = ","
        self.line_end = random.choice(["\n", "\n", "\r\n"])
        self.quoting = random.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
        self.bytes: list[tuple[str, Callable[[bytes], bytes]]] = []

    def _close(self) -> None:
        """No table without the ones that it points to."""
        if "assessments" not in self.tables:
            self.tables.pop("scores", None)
        if "reviews" not in self.tables:
            self.tables.pop("replies", None)

    def become_segment(self, random: Random) -> None:
        """Only reviews are left, with ids that stand in other packages too or not."""
        prefix = random.choice(["", "late-", "late-", "late-"])
        reviews = valid_tables(random.randint(1, 4), random.randint(1, 3))["reviews"]
        rows = [
            [str(value) for value in ({**row, "review_id": f"{prefix}{row['review_id']}"}).values()] for row in reviews
        ]
        self.tables = {"reviews": [list(reviews[0]), *rows]}

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True)
        for name, rows in self.tables.items():
            text = io.StringIO(newline="")
            csv.writer(
                text,
                delimiter=self.delimiter,
                lineterminator=self.line_end,
                quoting=csv.QUOTE_ALL if self._has_lone(rows) else self.quoting,
            ).writerows(rows)
            content = text.getvalue().encode("utf-8", "surrogatepass")
            for table, change in self.bytes:
                content = change(content) if table == name else content
            (folder / f"{name}.csv").write_bytes(content)
        resources = []
        for name in self.tables:
            entry: dict[str, object] = {"name": name, "path": f"{name}.csv"}
            if name in self.schemas:
                entry["schema"] = self.schemas[name]
            if self.delimiter != ",":
                entry["dialect"] = {"delimiter": self.delimiter}
            resources.append(entry)
        described = {
            "name": folder.name,
            "title": "Demo",
            "version": "1.0.0",
            "licenses": [{"name": "CC0-1.0"}],
            "resources": resources,
        }
        (folder / "datapackage.json").write_text(json.dumps(described), "utf-8")
        return folder

    @staticmethod
    def _has_lone(rows: Rows) -> bool:
        return any(len(row) == 1 for row in rows)


def plant_cell(random: Random, spoilt: Spoilt) -> None:
    rows = spoilt.tables[random.choice(list(spoilt.tables))]
    if len(rows) > 1 and (row := random.choice(rows[1:])):
        row[random.randrange(len(row))] = random.choice(CELLS)


def plant_aimed(random: Random, spoilt: Spoilt) -> None:
    """A value from the edge of the column's own rule."""
    rows = spoilt.tables[random.choice(list(spoilt.tables))]
    known = [column for column, name in enumerate(rows[0]) if name in AIMED]
    if len(rows) > 1 and known and len(row := random.choice(rows[1:])) == len(rows[0]):
        column = random.choice(known)
        row[column] = random.choice(AIMED[rows[0][column]])


def plant_mutation(random: Random, spoilt: Spoilt) -> None:
    """A right cell with a character more, fewer or twice."""
    rows = spoilt.tables[random.choice(list(spoilt.tables))]
    if len(rows) > 1 and (row := random.choice(rows[1:])):
        column = random.randrange(len(row))
        text, at = row[column], random.randint(0, len(row[column]))
        row[column] = text[:at] + random.choice(["", *CELLS[:40], text]) + text[at + random.randint(0, 1) :]


def plant_row(random: Random, spoilt: Spoilt) -> None:
    rows = spoilt.tables[random.choice(list(spoilt.tables))]
    row = random.choice(rows)
    change = random.randrange(6)
    if change == 0:
        row.append("")
    elif change == 1:
        del row[-1:]
    elif change == 2:
        rows.append(list(row))
    elif change == 3:
        rows.insert(random.randint(1, len(rows)), [])
    elif change == 4:
        rows.insert(random.randint(1, len(rows)), [""] * len(rows[0]))
    else:
        rows.remove(row)


def plant_header(random: Random, spoilt: Spoilt) -> None:
    rows = spoilt.tables[random.choice(list(spoilt.tables))]
    if not all(rows):
        return
    column = random.randrange(len(rows[0]))
    change = random.randrange(4)
    if change == 0:
        rows[0][column] = random.choice(["", "Name", rows[0][0], "name ", "\ufeffname", "a\nb", "beds"])
    elif change == 1:
        for row in rows:
            del row[column]
    else:
        order = list(range(len(rows[0])))
        random.shuffle(order)
        rows[:] = [[row[place] for place in order if place < len(row)] for row in rows]


def plant_bytes(random: Random, spoilt: Spoilt) -> None:
    table, found, place = random.choice(list(spoilt.tables)), random.choice(BYTES), random.random()
    taken = random.choice([0, 0, 1])

    def change(content: bytes) -> bytes:
        at = int(place * (len(content) + 1))
        return content[:at] + found + content[at + taken :]

    spoilt.bytes.append((table, change))


def plant_ends(random: Random, spoilt: Spoilt) -> None:
    table = random.choice(list(spoilt.tables))
    change = random.choice(
        [
            lambda content: b"\xef\xbb\xbf" + content,
            lambda content: b"\xef\xbb\xbf\xef\xbb\xbf" + content,
            lambda content: content.rstrip(b"\r\n"),
            lambda content: content + b"\n",
            lambda content: content + b" ",
            lambda content: content + b'"',
            lambda content: content.replace(b"\n", b"\r", 1),
            lambda content: content.replace(b"\n", b"\r\n", 1),
            lambda content: content[: len(content) // 2],
            lambda _: b"",
            lambda content: content.decode("utf-8", "replace").encode("cp1251", "replace"),
            lambda content: content.split(b"\n")[0],
        ]
    )
    spoilt.bytes.append((table, change))


def plant_constraint(random: Random, spoilt: Spoilt) -> None:
    """A column of the package's own with a constraint of its own, and values that fit it or not."""
    table = random.choice(list(spoilt.tables))
    kind = random.choice(["string", "string", "integer", "number", "date", "boolean", "year", "any"])
    field: dict[str, object] = {"name": "beside", "type": kind}
    if kind in ("string", "any"):
        field["constraints"] = random.choice(CONSTRAINTS if kind == "string" else CONSTRAINTS[7:9])
    elif kind in ("integer", "number", "year") and random.random() < 0.7:
        field["constraints"] = random.choice(
            [{"minimum": 1}, {"maximum": 10.5 if kind == "number" else 10}, {"minimum": -5, "maximum": 100}]
        )
    elif kind == "date" and random.random() < 0.5:
        field["constraints"] = {"minimum": "2024-01-01", "maximum": "2025-12-31"}
    spoilt.schemas[table] = {"fields": [field]}
    values = {"date": ["2024-05-01", "2025-02-29", "2026-01-01"], "boolean": ["true", "false", "True"]}.get(
        kind, ["1", "10", "10.5", "2024", "-5", "100", "3"] if kind in ("integer", "number", "year") else list(BESIDE)
    )
    rows = spoilt.tables[table]
    rows[0].append("beside")
    for row in rows[1:]:
        row.append(random.choice(values[:1] * 3 + values))


def plant_delimiter(random: Random, spoilt: Spoilt) -> None:
    spoilt.delimiter = random.choice([";", "\t"])


PLANTS: tuple[tuple[Plant, int], ...] = (
    (plant_aimed, 9),
    (plant_cell, 7),
    (plant_mutation, 4),
    (plant_row, 3),
    (plant_header, 2),
    (plant_bytes, 5),
    (plant_ends, 2),
    (plant_constraint, 3),
    (plant_delimiter, 1),
)


def make_package(seed: int, folder: Path, *, is_segment: bool = False) -> Path:
    """The package of a seed: none, one or two plants. A segment has only reviews, of organisations of another package."""
    random = Random(seed)
    spoilt = Spoilt(random)
    if is_segment:
        spoilt.become_segment(random)
    plants, weights = zip(*PLANTS, strict=True)
    for plant in random.choices(plants, weights, k=random.choice([0, 1, 1, 1, 2])):
        plant(random, spoilt)
    return spoilt.write(folder)
