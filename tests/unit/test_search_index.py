"""The index of search: kept up to date it is what a new one would be, and a change touches little of it."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

import publish
from nok.render.search import MOST_POSTINGS, postings_json
from nok.search_store import SearchStore, shards_for
from nok.search_text import stem, terms_of, words_of
from tests.conftest import valid_tables


def build(package: Path, folder: Path, name: str) -> Path:
    """The published site; a second build into the same place keeps what the first remembers."""
    config = folder / "content/publication.yaml"
    config.parent.mkdir(exist_ok=True)
    config.write_text("languages: [ru]\n", "utf-8")
    command = ["build", "--config", str(config), "--packages", str(package), "--output", str(folder / name)]
    assert publish.main(command) == 0
    return folder / name / "current"


def files_of(site: Path) -> Mapping[str, str]:
    """Path to SHA-256 of everything that search, "near me" and municipalities show."""
    root = site.resolve()
    found = [
        path for part in ("search", "near", "regions") for path in sorted((root / part).rglob("*")) if path.is_file()
    ]
    return {path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def test_an_index_that_was_kept_is_what_a_new_one_says(package_factory: Callable[..., Path], tmp_path: Path) -> None:
    tables = valid_tables(60, 1)
    package = package_factory(tables=tables)
    before = files_of(build(package, tmp_path, "kept"))
    rows = tables["organizations"]
    rows[3] |= {"name": "Областная больница имени Пирогова", "short_name": "Больница Пирогова"}
    rows[4] |= {"latitude": "57.1", "longitude": "85.2"}
    rows[5] |= {"municipality": "Северск"}
    rows[6] |= {"latitude": "", "longitude": ""}
    rows[7] |= {"kind": "hospital", "inn": ""}
    gone = rows.pop(10)["organization_id"]
    rows.append(rows[0] | {"organization_id": "clinic-new", "short_name": "Поликлиника «Новая»", "inn": "", "ogrn": ""})
    for name in ("scores", "reviews"):
        tables[name] = [row for row in tables[name] if row["organization_id"] != gone]
    left = {row["review_id"] for row in tables["reviews"]}
    tables["replies"] = [row for row in tables["replies"] if row["review_id"] in left]
    package_factory(tables=tables)
    kept = files_of(build(package, tmp_path, "kept"))
    assert kept == files_of(build(package, tmp_path, "new"))
    assert kept != before


def test_a_new_rating_rewrites_one_record_and_one_cell(package_factory: Callable[..., Path], tmp_path: Path) -> None:
    tables = valid_tables(60, 1)
    package = package_factory(tables=tables)
    before = files_of(build(package, tmp_path, "kept"))
    tables["reviews"].append(tables["reviews"][7] | {"review_id": "review-new"})
    package_factory(tables=tables)
    after = files_of(build(package, tmp_path, "kept"))
    changed = sorted(
        path.rpartition("/")[0]
        for path in before
        if before[path] != after[path] and path.startswith(("search", "near"))
    )
    assert changed == ["near/n", "search/r"]
    assert before.keys() == after.keys()


def test_a_term_of_thousands_is_cut_to_those_with_short_names() -> None:
    entries = [((number | (number % 15) << 28).to_bytes(4, "little") + bytes(13), 1) for number in range(3000)]
    total, text = json.loads(postings_json([("школ", entries)]))["школ"]
    assert total == 3000
    assert len(text) == -(-17 * MOST_POSTINGS // 3) * 4


@pytest.mark.parametrize(("organizations", "shards"), [(0, 1), (16, 1), (17, 2), (200_000, 16384), (262_145, 32768)])
def test_there_are_as_many_shards_as_the_register_needs(organizations: int, shards: int) -> None:
    assert shards_for(organizations) == shards


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Муниципальное бюджетное общеобразовательное учреждение «Средняя школа № 012»", ("общеобразовательн", "средн", "школ", "12")),
        ("МБОУ СOШ им. А. С. Пушкина", ("сош", "пушкин")),
        ("Ёлочка, ёлочки, елочек", ("елочк", "елочек")),
        ("McDonald’s Cafés", ("mcdonald", "cafe")),
        ("مدرسة", ("مدرسة",)),
        ("", ()),
    ],
)  # fmt: skip
def test_what_a_name_is_found_by(text: str, terms: tuple[str, ...]) -> None:
    assert terms_of(text) == terms


def test_the_forms_of_a_word_are_one() -> None:
    for forms in (
        "школа школы школе школу школой",
        "музей музея музеев музеи",
        "лицей лицея лицеи лицеев",
        "больница больницы больниц",
    ):
        assert len({stem(word) for word in words_of(forms)}) == 1, forms


def test_a_store_that_cannot_be_read_is_made_anew(package_factory: Callable[..., Path], tmp_path: Path) -> None:
    package = package_factory()
    before = files_of(build(package, tmp_path, "kept"))
    store = tmp_path / "kept.state/search.sqlite"
    store.write_bytes(b"no database")
    package_factory(reviews=7)
    assert files_of(build(package, tmp_path, "kept")).keys() == before.keys()
    with SearchStore(store) as opened:
        assert opened.shards == 1
