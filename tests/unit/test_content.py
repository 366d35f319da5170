"""What editors write under content/ is read by the program, agrees with itself and keeps the rules of its text."""

import csv
import json
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from nok.config import Config, parse_config
from nok.method import Method, parse_method
from nok.records import SET_ASIDE
from nok.vocabulary import Reasons, parse_reasons, parse_spheres

CONTENT = Path(__file__).resolve().parents[2] / "content"
METHODS = sorted((CONTENT / "methods").glob("*.yaml"))
TEXTS = sorted([*(CONTENT / "pages").rglob("*.md"), *(CONTENT / "news").rglob("*.md")])
RUSSIAN = [path for path in TEXTS if path.parent.name == "ru"]
Box = tuple[float, float, float, float]


def name(path: Path) -> str:
    return path.relative_to(CONTENT).as_posix()


# ---- configuration, methods ----------------------------------------------------------------------------------------


def test_publication_says_nothing_but_the_defaults() -> None:
    assert parse_config((CONTENT / "publication.yaml").read_text("utf-8")) == Config()


def method(method_id: str) -> Method:
    path = CONTENT / "methods" / f"{method_id}.yaml"
    return parse_method(path.read_text("utf-8"), path.name)


@pytest.mark.parametrize("path", METHODS, ids=name)
def test_method_is_read_and_called_like_its_file(path: Path) -> None:
    assert method(path.stem).id == path.stem


def test_the_four_methods_of_the_beginning_are_there() -> None:
    assert {"344n-2018", "1547-2014", "fhrs", "cms-stars"} <= {path.stem for path in METHODS}


@pytest.mark.parametrize("path", METHODS, ids=name)
def test_method_speaks_both_languages(path: Path) -> None:
    """A title that is the same in Russian and English was forgotten."""
    found = method(path.stem)
    texts = [found.title, found.source, found.note]
    texts += [words for measure in found.measures for words in (measure.title, measure.short)]
    texts += [band.word for measure in found.measures for band in measure.bands]
    assert [words["ru"] for words in texts if not words["ru"] or words["ru"] == words["en"]] == []


def test_measures_of_the_order_of_2018_are_those_of_data_packages() -> None:
    found = method("344n-2018")
    indicators = [f"{criterion}.{number}" for criterion in range(1, 6) for number in range(1, 4)]
    assert {measure.id for measure in found.measures} == {"total", *(f"K{n}" for n in range(1, 6)), *indicators}
    assert [indicator.weight for indicator in found.indicators("K2")] == [Decimal(w) for w in ("0.3", "0.4", "0.3")]
    assert {measure.maximum for measure in found.measures} == {Decimal(100)}


@pytest.mark.parametrize(
    ("points", "level"),
    [("0", 1), ("20", 1), ("20.01", 2), ("40", 2), ("60", 3), ("60.01", 4), ("80", 4), ("80.01", 5), ("100", 5)],
)
def test_bands_of_the_order_of_2018_change_above_each_twenty(points: str, level: int) -> None:
    band = method("344n-2018").total.band(Decimal(points))
    assert band is not None
    assert band.level == level


def test_criteria_of_the_order_of_2014_add_up_to_its_total() -> None:
    found = method("1547-2014")
    assert sum(criterion.maximum for criterion in found.criteria) == found.total.maximum == 160


def test_penalties_of_food_hygiene_are_best_at_zero() -> None:
    for criterion in method("fhrs").criteria:
        best, worst = criterion.band(Decimal(0)), criterion.band(criterion.maximum)
        assert best is not None
        assert worst is not None
        assert (criterion.higher_is_better, best.level, worst.level) == (False, 5, 1)


@pytest.mark.shared
def test_every_value_of_food_hygiene_data_is_within_its_scale(shared_data: Path) -> None:
    """Each published rating and penalty has a word of its own: it is exactly the limit of a band."""
    limits = {m.id: {band.upto for band in m.bands} for m in method("fhrs").measures}
    columns = {"RatingValue": "total", "Hygiene": "hygiene", "Structural": "structural"}
    columns["ConfidenceInManagement"] = "confidence"
    with (shared_data / "uk-fhrs-london-2022" / "establishments.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for column, measure in columns.items():
        assert {Decimal(row[column]) for row in rows if row[column].isdigit()} == limits[measure]


# ---- regions -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def regions() -> list[dict[str, str]]:
    with (CONTENT / "regions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def box(region: dict[str, str]) -> Box:
    south, north, west, east = (float(region[key]) for key in ("lat_min", "lat_max", "lon_min", "lon_max"))
    return south, north, west, east


def is_within(place: Box, latitude: float, longitude: float, slack: float) -> bool:
    south, north, west, east = place
    if west <= east:
        along = west - slack <= longitude <= east + slack
    else:
        along = longitude >= west - slack or longitude <= east + slack
    return along and south - slack <= latitude <= north + slack


def test_columns_are_those_of_the_regions_schema(regions: list[dict[str, str]]) -> None:
    schema = json.loads((CONTENT.parent / "nok" / "packages" / "schemas" / "regions.json").read_text("utf-8"))
    assert list(regions[0]) == [field["name"] for field in schema["fields"]]


def test_there_are_89_regions_each_under_a_code_and_a_name_of_its_own(regions: list[dict[str, str]]) -> None:
    assert len(regions) == 89
    for column in ("region_code", "name", "name_en"):
        assert len({row[column] for row in regions}) == 89, column
    assert all(re.fullmatch(r"\d\d", row["region_code"]) for row in regions)


def test_iso_code_is_russian_and_unique_or_empty(regions: list[dict[str, str]]) -> None:
    codes = [row["iso"] for row in regions if row["iso"]]
    assert all(re.fullmatch("RU-[A-Z]{2,3}", code) for code in codes)
    assert len(set(codes)) == len(codes) == 83


def test_no_two_regions_share_a_tile(regions: list[dict[str, str]]) -> None:
    tiles = Counter((int(row["tile_column"]), int(row["tile_row"])) for row in regions)
    assert [tile for tile, count in tiles.items() if count > 1] == []
    assert {min(tiles)[0], min(row for _, row in tiles)} == {1}, "the picture begins in its corner"


def test_boxes_are_tenths_of_a_degree_and_only_chukotka_crosses_the_antimeridian(regions: list[dict[str, str]]) -> None:
    for row in regions:
        south, north, west, east = box(row)
        assert 41 <= south < north <= 82, row["name"]
        assert (west > east) == (row["region_code"] == "87"), row["name"]
        assert all(re.fullmatch(r"-?\d+\.\d", row[key]) for key in ("lat_min", "lat_max", "lon_min", "lon_max"))


@pytest.mark.parametrize(("longitude", "inside"), [(178.0, True), (-172.0, True), (150.0, False), (-160.0, False)])
def test_box_across_the_antimeridian_holds_both_sides(
    regions: list[dict[str, str]], longitude: float, inside: bool
) -> None:
    chukotka = next(row for row in regions if row["region_code"] == "87")
    assert is_within(box(chukotka), 66.0, longitude, 0.5) is inside


@pytest.mark.shared
def test_every_city_lies_in_the_box_of_its_region(regions: list[dict[str, str]], shared_data: Path) -> None:
    boxes = {row["region_code"]: box(row) for row in regions}
    with (shared_data / "ru-regions" / "city.csv").open(encoding="utf-8-sig", newline="") as file:
        cities = list(csv.DictReader(file))
    outside = [
        city["address"]
        for city in cities
        if not is_within(boxes[city["kladr_id"][:2]], float(city["geo_lat"]), float(city["geo_lon"]), 0.5)
    ]
    assert len(cities) > 1000
    assert outside == []


# ---- spheres, reasons ----------------------------------------------------------------------------------------------


def test_spheres_begin_with_the_five_of_the_law_and_sport() -> None:
    found = parse_spheres((CONTENT / "spheres.yaml").read_text("utf-8"), "spheres.yaml")
    assert list(found.spheres)[:6] == ["education", "health", "culture", "social", "mse", "sport"]


def test_every_sphere_and_kind_has_english_words_of_its_own() -> None:
    found = parse_spheres((CONTENT / "spheres.yaml").read_text("utf-8"), "spheres.yaml")
    titles = [thing.title for thing in (*found.spheres.values(), *found.kinds.values())]
    assert [words["ru"] for words in titles if words["ru"] == words["en"]] == []


@pytest.fixture(scope="module")
def reasons() -> Reasons:
    return parse_reasons((CONTENT / "reasons.yaml").read_text("utf-8"), "reasons.yaml")


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_reason_names_a_published_rule(reasons: Reasons, language: str) -> None:
    rules = (CONTENT / "pages" / language / "review-rules.md").read_text("utf-8")
    section = rules[rules.index("## 3.") : rules.index("## 4.")]
    numbers = re.findall(r"^\*\*(3\.\d+)\.", section, re.MULTILINE)
    assert numbers == [reason.rule for reason in reasons.reasons.values()]


def test_a_rating_can_be_set_aside_by_a_rule(reasons: Reasons) -> None:
    assert reasons.reason(SET_ASIDE).rule


# ---- pages and news ------------------------------------------------------------------------------------------------


def metadata(path: Path) -> dict[str, str]:
    head = path.read_text("utf-8").split("\n\n", 1)[0]
    return dict(line.split(": ", 1) for line in head.splitlines())


def body(path: Path) -> str:
    return prose(path).split("\n\n", 1)[1]


def prose(path: Path) -> str:
    """The text without its pieces of code, which are indented: they keep to the rules of their own languages."""
    lines = path.read_text("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("    "))


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_text_says_what_it_is(path: Path) -> None:
    said = metadata(path)
    wanted = ["Title", "Slug", "Lang", *(["Date"] if "news" in path.parts else []), "Summary"]
    assert list(said) == wanted
    assert (said["Slug"], said["Lang"]) == (path.stem, path.parent.name)


@pytest.mark.parametrize("folder", ["pages", "news"])
def test_every_text_stands_in_both_languages(folder: str) -> None:
    names = {language: {path.name for path in (CONTENT / folder / language).glob("*.md")} for language in ("ru", "en")}
    assert names["ru"] == names["en"] != set()


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_text_has_no_markup_picture_or_foreign_link(path: Path) -> None:
    text = body(path)
    assert re.findall(r"<[a-zA-Z/!]|!\[|https?://|mailto:", text) == []
    assert re.findall(r"&\w+;", text) == [], "write the character itself"


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_link_leads_to_a_text_of_the_same_language(path: Path) -> None:
    for target in re.findall(r"\]\(([^)]*)\)", body(path)):
        if target == "../reports/":
            continue  # a page that is no text; `tests/browser/test_access.py` sees that it is there
        assert target.startswith("{filename}")
        file = (path.parent / target.removeprefix("{filename}")).resolve()
        assert file in TEXTS
        assert file.parent.name == path.parent.name


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_text_begins_its_headings_below_the_title(path: Path) -> None:
    assert re.findall(r"^# ", body(path), re.MULTILINE) == []


@pytest.mark.parametrize("path", TEXTS, ids=name)
def test_tone_is_calm(path: Path) -> None:
    text = prose(path)
    assert "!" not in text
    assert '"' not in text, "quotation marks are «» in Russian, “” in English"


@pytest.mark.parametrize("path", RUSSIAN, ids=name)
def test_short_words_and_dashes_do_not_part_at_a_line_end(path: Path) -> None:
    """After a short preposition, before a dash and after № stands a no-break space (U+00A0)."""
    text = prose(path)
    short = r"(?i)(?<![\w-])(?:в|во|к|ко|с|со|о|об|от|до|из|у|за|на|по|не|ни|и|а|но|№) \S+"
    assert re.findall(short, text) + re.findall(r"\S+ —", text) == []
