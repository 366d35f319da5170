"""What must stay back stays back, in every file that is published.

Each text of each row carries a word of its own. A row that is a draft, is withheld, points to such a row, is marked as
not public, or is the text of a restricted review, carries a word that may stand nowhere; a twin of it that is public
carries one that must stand somewhere, so that the search is known to see.
"""

import csv
import gzip
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brotli
import pypdfium2
import pytest
import yaml
from PIL import Image, PngImagePlugin

from nok.identifiers import CROCKFORD, check_symbol
from nok.packages.profile import RESOURCES, profile_schema
from tests.property.small_publication import Publication, quick_builds

WORD = re.compile(rb"kanarejka[0-9]{4}x", re.IGNORECASE)
DAYS = {"due_on": "2026-12-01", "ends_on": "2025-12-01"}
GIVEN: dict[str, dict[str, str]] = {
    "organizations": {"sphere": "health", "kind": "clinic", "region_code": "70", "status": "published"},
    "assessments": {"period": "2025", "sphere": "health", "method_id": "344n-2018", "stage": "discussion"},
    "assessment_stages": {"stage": "discussion", "started_on": "2025-07-01"},
    "decisions": {"stage": "discussion", "decided_on": "2025-08-01"},
    "scores": {"measure": "total", "points": "80", "state": "scored"},
    "observations": {"parameter": "stand_items", "value": "5", "norm": "10"},
    "answers": {"questionnaire_id": "675n-2018", "question": "q1", "answer": "yes", "mode": "paper", "count": "3"},
    "reviews": {"rating": "4", "state": "published", "received_on": "2026-01-10"},
    "replies": {"replied_on": "2026-01-12"},
    "recommendations": {"indicator": "3.1"},
    "plan_measures": {"indicator": "3.1", "status": "done", "done_on": "2026-01-20"},
    "councils": {"level": "regional"},
    "authorities": {"level": "regional"},
    "contract_items": {"item": "1", "unit_price": "1", "quantity": "1", "total": "1"},
    "placements": {"state": "active"},
    "withdrawn_reviews": {"withdrawn_on": "2026-01-20", "reason": "author"},
}
OWN = "x_note"
"""A column that the package adds to reviews."""


@dataclass
class Garden:
    """Rows of all tables, and where each word was planted: table and column."""

    rows: dict[str, list[dict[str, str]]] = field(default_factory=lambda: {name: [] for name in RESOURCES})
    hidden: dict[str, tuple[str, str]] = field(default_factory=dict)
    shown: dict[str, tuple[str, str]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def word(self, table: str, column: str, *, stays: bool) -> str:
        number = len(self.hidden) + len(self.shown)
        found = f"kanarejka{number:04d}x"
        (self.hidden if stays else self.shown)[found] = (table, column)
        return found

    def plant(self, table: str, *, stays: bool = False, **given: str) -> dict[str, str]:
        """A row whose texts and key are planted, but for what is given."""
        row = GIVEN.get(table, {}) | given
        for described in profile_schema(table)["fields"]:
            name = described["name"]
            if name not in row:
                row[name] = self._cell(table, described, stays=stays)
        if table == "reviews":
            row[OWN] = self.word(table, OWN, stays=stays)
        self.rows[table].append(row)
        return row

    def _cell(self, table: str, described: dict[str, Any], *, stays: bool) -> str:
        name, limits = described["name"], described.get("constraints", {})
        keys = profile_schema(table).get("primaryKey", [])
        is_text = described["type"] == "string" and not ({"pattern", "enum"} & limits.keys())
        if is_text and name not in ("regions", "kinds"):
            return self._text(table, name, stays=stays)
        if keys == [name] and described["type"] == "string":
            return self.word(table, name, stays=stays)
        if not limits.get("required"):
            return ""
        plain = {"date": DAYS.get(name, "2025-06-01"), "integer": "2025", "number": "1", "boolean": "true"}
        return str(limits["enum"][0]) if "enum" in limits else plain[described["type"]]

    def _text(self, table: str, name: str, *, stays: bool) -> str:
        word = self.word(table, name, stays=stays)
        if name in ("website", "url", "appeals_url", "source_url"):
            return f"https://{word}.example/"
        return f"{word}@authority.example" if name == "email" else word

    def photo(self, *, stays: bool, **given: str) -> None:
        """An operator's picture, with a word in its path and another within the file."""
        sha256, path = self._file("observation_photos", stays=stays)
        self.plant("observation_photos", stays=stays, photo_sha256=sha256, path=path, **given)

    def shot(self, review_id: str, *, stays: bool) -> None:
        """A photograph of a review, with words as those of an operator."""
        sha256, path = self._file("review_photos", stays=stays)
        self.plant("review_photos", stays=stays, review_id=review_id, number="1", path=path, sha256=sha256)

    def _file(self, table: str, *, stays: bool) -> tuple[str, str]:
        """(SHA-256, path) of a picture in the package."""
        note = PngImagePlugin.PngInfo()
        note.add_text("Comment", self.word(table, "(file)", stays=True))
        content = io.BytesIO()
        Image.new("RGB", (32, 32), (len(self.files) * 7, 80, 120)).save(content, "PNG", pnginfo=note)
        path = f"photos/{self.word(table, 'path', stays=stays)}.png"
        self.files[path] = content.getvalue()
        return hashlib.sha256(content.getvalue()).hexdigest(), path

    def of_organization(self, one: str, assessment: str, roster: str, *, stays: bool, turn: int) -> None:
        """A row of every table that speaks of an organisation in a round."""
        both = {"organization_id": one, "assessment_id": assessment}
        for table in ("scores", "observations", "answers"):
            self.plant(table, stays=stays, **both)
        self.photo(stays=stays, is_released="true", **both)
        proposal = self.plant("recommendations", stays=stays, **both)
        self.plant("plan_measures", stays=stays, recommendation_id=proposal["recommendation_id"], **both)
        if roster:
            self.plant("roster_organizations", stays=stays, roster_id=roster, organization_id=one, is_unpublished="")
        if turn:
            review = self.plant("reviews", stays=stays, organization_id=one)
            self.plant("replies", stays=stays, review_id=review["review_id"])
            self.shot(review["review_id"], stays=stays)
            self.plant("withdrawn_reviews", stays=stays, organization_id=one)
            self.plant("appeal_statistics", stays=stays, organization_id=one, received="2", answered="1", overdue="1")
            symbols = "".join(CROCKFORD[(turn * 7 + step) % 32] for step in range(9))
            code = symbols + check_symbol(symbols)
            self.plant("placements", stays=stays, organization_id=one, placement_code=code, replaced_by="")


def garden() -> Garden:
    """One public family of rows, and beside it every way in which rows stay back."""
    made = Garden()
    party = _parties(made, stays=False)
    named = {key: party[key] for key in ("authority_id", "operator_id", "contract_id", "council_id")}
    one = made.plant("organizations")["organization_id"]
    round_ = made.plant("assessments", **named)["assessment_id"]
    _of_round(made, round_, party, stays=False)
    made.of_organization(one, round_, party["roster_id"], stays=False, turn=1)
    _hidden_organizations(made, round_, party["roster_id"])
    for status in ("draft", "withheld"):
        hidden = made.plant("assessments", stays=True, status=status, **named)["assessment_id"]
        _of_round(made, hidden, party, stays=True)
        made.of_organization(one, hidden, "", stays=True, turn=0)
    _hidden_parties(made)
    _hidden_rows(made, one, round_, party["roster_id"])
    return made


def _parties(made: Garden, *, stays: bool, **statuses: str) -> dict[str, str]:
    """Who stands behind a round; a table of `statuses` has that status, and what points to it stays back too."""
    given = {table: {"status": status} for table, status in statuses.items()}

    def plant(table: str, *, follows: tuple[str, ...] = (), **cells: str) -> dict[str, str]:
        is_back = stays or table in statuses or any(each in statuses for each in follows)
        return made.plant(table, stays=is_back, **cells, **given.get(table, {}))

    authority = plant("authorities")["authority_id"]
    plant("officials", follows=("authorities",), authority_id=authority)
    operator = plant("operators", is_foreign="true")["operator_id"]
    council = plant("councils", follows=("authorities",), authority_id=authority)["council_id"]
    behind = ("authorities", "operators")
    cells = {"operator_id": operator, "authority_id": authority}
    contract = plant("contracts", follows=behind, **cells)["contract_id"]
    plant("contract_items", follows=(*behind, "contracts"), contract_id=contract)
    plant("campaigns", questionnaire_id="", regions="70", kinds="clinic")
    roster = plant("rosters", follows=("authorities", "councils"), council_id=council)["roster_id"]
    return {
        "authority_id": authority,
        "operator_id": operator,
        "council_id": council,
        "contract_id": contract,
        "roster_id": roster,
    }


def _of_round(made: Garden, assessment: str, party: dict[str, str], *, stays: bool) -> None:
    made.plant("assessment_stages", stays=stays, assessment_id=assessment)
    made.plant("decisions", stays=stays, assessment_id=assessment, body="council", body_id=party["council_id"])


def _hidden_organizations(made: Garden, assessment: str, roster: str) -> None:
    """A draft, a withheld one, and those that point to them; with all their rows."""
    draft = made.plant("organizations", stays=True, status="draft")["organization_id"]
    withheld = made.plant("organizations", stays=True, status="withheld")["organization_id"]
    child = made.plant("organizations", stays=True, parent_organization_id=draft)["organization_id"]
    former = made.plant("organizations", stays=True, successor_organization_id=withheld)["organization_id"]
    for turn, one in enumerate((draft, withheld, child, former), 2):
        made.of_organization(one, assessment, roster, stays=True, turn=turn)


def _hidden_parties(made: Garden) -> None:
    """Each kind of party as a draft and withheld, with what points to it; a public round that only names it is shown."""
    for table in ("authorities", "officials", "operators", "councils", "contracts", "campaigns", "rosters"):
        for status in ("draft", "withheld"):
            party = _parties(made, stays=False, **{table: status})
            key = {"authorities": "authority_id", "councils": "council_id"}.get(table)
            if key:
                name = made.plant("assessments", **{key: party[key]})["assessment_id"]
                made.plant("decisions", assessment_id=name, body="council", body_id=party[key])
            if table in ("authorities", "councils", "rosters"):
                one = made.rows["organizations"][0]["organization_id"]
                cells = {"roster_id": party["roster_id"], "organization_id": one, "is_unpublished": ""}
                made.plant("roster_organizations", stays=True, **cells)


def _hidden_rows(made: Garden, one: str, assessment: str, roster: str) -> None:
    """Rows that are not public by themselves."""
    other = made.plant("organizations")["organization_id"]
    cells = {"roster_id": roster, "organization_id": other}
    made.plant("roster_organizations", stays=True, is_unpublished="true", **cells)
    made.photo(stays=True, is_released="false", organization_id=one, assessment_id=assessment)
    for number, reason in enumerate(("personal_data", "set_aside")):
        review = f"restricted-{number}"
        cells = {"review_id": review, "organization_id": one, "state": "restricted", "reason_code": reason}
        made.plant("reviews", stays=True, **cells)
        made.plant("replies", stays=True, review_id=review)
        made.shot(review, stays=True)


# ---- files ---------------------------------------------------------------------------------------------------------


def write(made: Garden, folder: Path) -> None:
    folder.mkdir(parents=True)
    resources: list[dict[str, Any]] = []
    for table, rows in made.rows.items():
        if not rows:
            continue
        columns = [described["name"] for described in profile_schema(table)["fields"]]
        columns += [OWN] if table == "reviews" else []
        own = {"schema": {"fields": [{"name": OWN, "type": "string"}]}} if table == "reviews" else {}
        resources.append({"name": table, "path": f"{table}.csv"} | own)
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, columns, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    for path, content in made.files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)
    about = {"name": "garden", "title": "Сад", "version": "1.0.0", "licenses": [{"name": "CC0-1.0"}]}
    (folder / "datapackage.json").write_text(json.dumps(about | {"resources": resources}), "utf-8")


def contents(file: Path) -> Iterator[bytes]:
    """A file, what it holds where it is packed, and the text of a PDF."""
    content = file.read_bytes()
    yield file.as_posix().encode()
    yield content
    if file.suffix == ".gz":
        yield gzip.decompress(content)
    elif file.suffix == ".br":
        yield brotli.decompress(content)
    elif file.suffix == ".pdf":
        pages = pypdfium2.PdfDocument(content)
        yield from (page.get_textpage().get_text_range().encode() for page in pages)
    elif zipfile.is_zipfile(file):
        with zipfile.ZipFile(file) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def words_in(folder: Path) -> dict[str, str]:
    """Every word that stands below a folder, and a file that holds it."""
    found: dict[str, str] = {}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        for content in contents(file):
            for word in WORD.findall(content):
                found.setdefault(word.decode().lower(), file.relative_to(folder).as_posix())
    return found


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Garden, dict[str, str]]:
    folder = tmp_path_factory.mktemp("canaries")
    made, site = garden(), Publication(folder / "site")
    write(made, folder / "site/packages/garden")
    config = {"languages": ["ru", "en"], "packages": "packages/*", "precompressed": ["gz", "br"]}
    (folder / "site/content/publication.yaml").write_text(yaml.safe_dump(config), "utf-8")
    with quick_builds():
        assert site.build(folder / "output") == 0
        assert site.run("posters", "--all", "--format", "a4", "--out", str(folder / "output/posters.pdf")) == 0
    assert {".html", ".csv", ".jsonl", ".json", ".svg", ".gz", ".br", ".xlsx", ".pdf", ".xml"} <= {
        path.suffix for path in (folder / "output").rglob("*")
    }
    return made, words_in(folder / "output")


def test_what_stays_back_is_in_no_file(grown: tuple[Garden, dict[str, str]]) -> None:
    made, found = grown
    assert len(made.hidden) > 300
    assert {word: (made.hidden[word], found[word]) for word in made.hidden if word in found} == {}


def test_what_is_public_is_found_so_that_the_search_sees(grown: tuple[Garden, dict[str, str]]) -> None:
    """Every column that hides a word shows its twin's; every table has both."""
    made, found = grown
    never = {(table, "path") for table in ("observation_photos", "review_photos")}
    # A picture is published under another name, whatever its file was called.
    assert {made.shown[word] for word in made.shown if word not in found} == never
    twins = {place for place in made.hidden.values() if place[1] != "(file)"}
    assert twins <= set(made.shown.values())
    texts = {table for table, _ in made.shown.values()}
    assert texts == set(RESOURCES) - {"answers", "regions", "rating_splits"}  # which hold codes and numbers alone


def test_the_search_looks_into_packed_files(tmp_path: Path) -> None:
    words = [f"kanarejka{number:04d}x" for number in range(5)]
    (tmp_path / "a.gz").write_bytes(gzip.compress(words[0].encode()))
    (tmp_path / "b.br").write_bytes(brotli.compress(words[1].encode()))
    with zipfile.ZipFile(tmp_path / "c.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet.xml", words[2])
    (tmp_path / f"{words[3]}.txt").write_text("", "utf-8")
    (tmp_path / "e.txt").write_text(words[4].upper(), "utf-8")
    assert sorted(words_in(tmp_path)) == words
