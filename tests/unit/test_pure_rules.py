"""Rules that need no file: identifiers, places, means, words, links, configuration."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, localcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nok import urls
from nok.compose.kept import Kept
from nok.compose.place import PICTURE_HEIGHT, PICTURE_WIDTH, extent_of
from nok.config import parse_config
from nok.errors import ConfigError
from nok.identifiers import (
    CROCKFORD,
    default_placement_code,
    default_placement_number,
    is_inn,
    is_ogrn,
    is_organization_id,
    parse_placement_code,
    placement_number,
)
from nok.model import Link
from nok.ranking import dense_standings
from nok.statistics import (
    exact_mean,
    median,
    round_half_up,
    share_interval,
    student_95,
    summarize_ratings,
    window_start,
)
from nok.templating import Theme, Words, format_date, format_integer, make_site, safe_json
from nok.warehouse_rows import sort_key

# ---- identifiers ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inn", ["7707083893", "7736050003", "7605016030", "5902292840", "3905074565", "366220664163"])
def test_real_inns_pass(inn: str) -> None:
    assert is_inn(inn)


@pytest.mark.parametrize("inn", ["6105135300", "6420000101", "647249153", "331510019", "٧٧٠٧٠٨٣٨٩٣", "7707083893 "])
def test_damaged_inns_are_refused(inn: str) -> None:
    assert not is_inn(inn)


@pytest.mark.parametrize(("ogrn", "right"), [("5137746004787", True), ("5137746004788", False), ("1,0202E+12", False)])
def test_the_check_digit_of_an_ogrn(ogrn: str, right: bool) -> None:
    assert is_ogrn(ogrn) is right


@pytest.mark.parametrize("text", ["", "-rf", "a-", "..", "a/b", "con", "index", "api", "lpt1", "А", "a" * 65, "%00"])
def test_what_is_no_organisation_id(text: str) -> None:
    assert not is_organization_id(text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=64), st.data())
def test_a_placement_code_notices_any_one_wrong_symbol(organization_id: str, data: st.DataObject) -> None:
    code = default_placement_code(organization_id)
    place = data.draw(st.integers(0, 9))
    wrong = data.draw(st.sampled_from([symbol for symbol in CROCKFORD if symbol != code[place]]))
    assert parse_placement_code(code) == code
    assert parse_placement_code(code.lower()) == code
    assert parse_placement_code(code[:place] + wrong + code[place + 1 :]) is None
    assert placement_number(code) == default_placement_number(organization_id)
    assert placement_number(code.lower() + "0") is placement_number(code[:place] + wrong + code[place + 1 :]) is None


# ---- places and means ----------------------------------------------------------------------------------------------


def test_equal_totals_share_a_place_and_the_next_follows_without_a_gap() -> None:
    published = [9984, 9953, 9953, 9937, 9927, 9917, 9912, 9900, 9854, 9850, 9840]
    assert [standing.rank for standing in dense_standings(published)] == [1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert dense_standings(published)[1].sharing == 1


def test_with_penalties_the_least_is_first() -> None:
    assert [standing.rank for standing in dense_standings([15, 0, 5], higher_is_better=False)] == [3, 1, 2]


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=60))
def test_places_are_an_order(points: list[int]) -> None:
    standings = dense_standings(points)
    for one, first in zip(points, standings, strict=True):
        for other, second in zip(points, standings, strict=True):
            assert (one > other) == (first.rank < second.rank)
        assert first.better == sum(other > one for other in points)
        assert first.sharing == points.count(one) - 1


def test_a_half_is_rounded_upwards() -> None:
    assert [round_half_up(Decimal(text), 2) for text in ("92.125", "92.135", "0.005")] == [
        Decimal("92.13"), Decimal("92.14"), Decimal("0.01"),
    ]  # fmt: skip


@given(st.lists(st.integers(-1000, 1000), min_size=1))
def test_the_median_has_as_many_above_as_below(numbers: list[int]) -> None:
    middle = median(sorted(numbers))
    assert sum(number > middle for number in numbers) <= len(numbers) / 2
    assert sum(number < middle for number in numbers) <= len(numbers) / 2


@given(st.tuples(*[st.integers(0, 500)] * 5))
def test_an_interval_holds_its_mean_and_stays_on_the_scale(counts: tuple[int, int, int, int, int]) -> None:
    summary = summarize_ratings(counts, 5)
    assert summary.count == sum(counts)
    if summary.count < 5:
        assert summary.mean is summary.low is summary.high is None
    else:
        assert summary.mean is not None
        assert summary.low is not None
        assert summary.high is not None
        assert 1 <= summary.low <= summary.mean <= summary.high <= 5


@pytest.mark.parametrize(
    ("freedom", "printed"),
    [
        *((1, "12.706"), (2, "4.303"), (5, "2.571"), (8, "2.306"), (9, "2.262"), (10, "2.228"), (15, "2.131")),
        *((20, "2.086"), (30, "2.042"), (60, "2.000"), (120, "1.980"), (100_000, "1.960")),
    ],
)
def test_quantiles_are_those_of_the_printed_table_of_student(freedom: int, printed: str) -> None:
    assert round_half_up(Decimal(student_95(freedom)).scaleb(-6), 3) == Decimal(printed)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    # Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine, 1998, table I, method 3
    [(81, 263, "25.5", "36.6"), (15, 148, "6.2", "16.0"), (0, 20, "0.0", "16.1"), (1, 29, "0.6", "17.2")],
)
def test_intervals_of_shares_are_those_that_are_printed_for_wilson(part: int, whole: int, low: str, high: str) -> None:
    found = share_interval(part, whole)
    assert (found.low, found.high) == (Decimal(low), Decimal(high))


@given(st.integers(1, 500), st.data())
def test_the_interval_of_a_share_holds_it_and_mirrors(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    found, other = share_interval(part, whole), share_interval(whole - part, whole)
    assert 0 <= found.low <= found.percent <= found.high <= 100
    assert abs(found.low + other.high - 100) <= Decimal("0.1")
    assert found.high > found.low


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30))
def test_a_mean_is_exact_and_rounded_once(hundredths: list[int]) -> None:
    exact = Decimal(sum(hundredths)) / len(hundredths) / 100
    found = exact_mean(sum(hundredths), len(hundredths), 100, 2)
    assert abs(found - exact) <= Decimal("0.005")
    assert exact_mean(sum(hundredths) * 3, len(hundredths) * 3, 100, 2) == found


@pytest.mark.parametrize(
    ("today", "start"), [("2026-02-07", "2025-02-07"), ("2024-02-29", "2023-02-28"), ("2025-03-01", "2024-03-01")]
)
def test_the_window_reaches_one_year_back(today: str, start: str) -> None:
    assert window_start(date.fromisoformat(today)) == date.fromisoformat(start)


def test_more_ratings_make_a_narrower_interval() -> None:
    few, many = summarize_ratings((0, 1, 1, 4, 4), 5), summarize_ratings((0, 50, 50, 200, 200), 5)
    assert few.high is not None
    assert few.low is not None
    assert many.high is not None
    assert many.low is not None
    assert many.high - many.low < few.high - few.low


# ---- words, numbers, links -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "word"), [(1, "школа"), (2, "школы"), (5, "школ"), (11, "школ"), (21, "школа")])
def test_russian_plurals(number: int, word: str) -> None:
    words = Words("ru", {}, {"school": {"one": "школа", "few": "школы", "many": "школ"}})
    assert words.count("school", number) == f"{number}\u00a0{word}"


def test_dates_and_large_numbers_as_people_write_them() -> None:
    assert format_date(date(2026, 2, 7), "ru") == "7\u00a0февраля\u00a02026"
    assert format_date(date(2026, 2, 7), "en") == "7\u00a0February\u00a02026"
    assert format_integer(1306941) == "1\u202f306\u202f941"


def test_names_are_ordered_as_people_look_for_them() -> None:
    names = ["Школа № 12", "«Ёлочка»", "Школа № 3", "«Елка»", "ЖЭК"]
    assert sorted(names, key=sort_key) == ["«Елка»", "«Ёлочка»", "ЖЭК", "Школа № 3", "Школа № 12"]


@pytest.mark.parametrize("path", ["index.html", "o/70/a.html", "en/o/70/a.html", "regions/70/index.html"])
def test_a_relative_link_leads_back(path: str) -> None:
    assert urls.relative("index.html", path).rstrip("/") in (urls.root_of(path).rstrip("/"), ".")


@given(st.text())
def test_json_inside_a_script_cannot_end_it(text: str) -> None:
    written = str(safe_json({"name": text}))
    assert not set("<>&\u2028\u2029") & set(written)


def test_text_of_an_editor_cannot_become_a_mark_of_the_second_stage(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/p.html").write_text("[[ site.title ]]|{{ page.name }}", "utf-8")
    site = make_site(
        title="{{ page.secret }}{% raw %}<b>", language="ru", languages=["ru"], words=Words("ru", {}), root="",
        public_url="https://a.example", widget_url="https://a.example", contact_email="", assets={},
    )  # fmt: skip
    html = Theme(tmp_path).bind("p.html", site)(SimpleNamespace(name="{{ 7*7 }}<i>"))
    assert html == "&#123;&#123; page.secret }}&#123;% raw %}&lt;b&gt;|{{ 7*7 }}&lt;i&gt;"


def test_a_template_that_asks_for_what_is_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/p.html").write_text("[[ site.nothing ]]", "utf-8")
    site = make_site(
        title="T", language="ru", languages=["ru"], words=Words("ru", {}), root="", public_url="https://a.example",
        widget_url="https://b.example", contact_email="", assets={},
    )  # fmt: skip
    assert site.rate_root == "https://b.example/"
    with pytest.raises(ConfigError, match=r"p\.html"):
        Theme(tmp_path).bind("p.html", site)


# ---- the small map -------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(-85, 85), st.floats(-180, 180)), min_size=1, max_size=30))
def test_every_point_is_inside_the_picture(points: list[tuple[float, float]]) -> None:
    extent = extent_of(points)
    assert extent is not None
    for latitude, longitude in points:
        x, y = extent.position(latitude, longitude)
        assert 0 <= x <= PICTURE_WIDTH
        assert 0 <= y <= PICTURE_HEIGHT


def test_a_region_across_the_antimeridian_stays_in_one_piece() -> None:
    extent = extent_of([(66.0, 175.0), (66.5, -175.0)])
    assert extent is not None
    west, _ = extent.position(66.0, 175.0)
    east, _ = extent.position(66.5, -175.0)
    assert west < east


# ---- configuration -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("titel: Оценка", "Did you mean 'title'"),
        ("languages: [eng]", "such as ru, en, tt"),
        ("languages: [map]", "such as ru, en, tt"),
        ("languages: []", "different languages"),
        ("widget_url: http://ocenka.example", "https"),
        ("widget_url: https://оценка.рф", "small Latin letters"),
        ("widget_url: https://user@host.example", "no name or password"),
        ("public_url: https://a.example/?x=1", "no '?'"),
        ("minimum_ratings: 1", "5 to 1000"),
        ("reviews_per_page: many", "whole number"),
        ("address_shards: 3", "0 or 2"),
        ("title: [a]", "a text"),
        ("title: a\ntitle: b", "stands twice"),
        ("title: &x a\nstore: *x", "aliases"),
        ("- a", "key: value"),
        ("title: 'a", "line"),
    ],
)
def test_a_configuration_that_cannot_be_followed_is_refused_in_a_sentence(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        parse_config(text)
    assert words in str(refusal.value)


def test_an_empty_configuration_is_the_default() -> None:
    assert parse_config("").languages == ("ru", "en")


# ---- what is kept --------------------------------------------------------------------------------------------------


def test_an_answer_is_worked_out_once_and_forgotten_at_the_limit() -> None:
    asked: list[int] = []

    def double(question: int) -> int:
        asked.append(question)
        return question * 2

    kept = Kept(double, limit=2)
    assert [kept[1], kept[1], kept[2], kept[3], kept[1]] == [2, 2, 4, 6, 2]
    assert asked == [1, 2, 3, 1]
    assert len(kept) <= 2


@given(st.lists(st.integers(0, 400), min_size=5, max_size=5).filter(any))
def test_whole_numbers_give_the_interval_of_exact_decimals(counts: list[int]) -> None:
    number = sum(counts)
    assume(number > 1)
    quantile = Decimal(student_95(number - 1)).scaleb(-6)
    smoothed = [count + 1 for count in counts]
    with localcontext() as context:
        context.prec = 50
        mean = Decimal(sum(value * count for value, count in enumerate(counts, 1))) / number
        middle = Decimal(sum(value * count for value, count in enumerate(smoothed, 1))) / sum(smoothed)
        variance = sum(count * (value - middle) ** 2 for value, count in enumerate(smoothed, 1)) / sum(smoothed)
        half = quantile * (variance / number).sqrt()
        expected = [mean, max(mean - half, Decimal(1)), min(mean + half, Decimal(5))]
    found = summarize_ratings(counts, 1)
    assert [found.mean, found.low, found.high] == [round_half_up(value, 1) for value in expected]


def test_a_record_can_be_kept_compared_and_copied_with_a_change() -> None:
    link = Link(text="Школа", href="o/70/a.html")
    assert link == Link(text="Школа", href="o/70/a.html")
    assert {link: 1}[Link(text="Школа", href="o/70/a.html")] == 1
    assert replace(link, lang="ru").lang == "ru"
    assert not hasattr(link, "__dict__")


@given(st.from_regex(r"[a-z0-9-]{1,64}", fullmatch=True), st.sampled_from(["https://ocenka.example", "https://a.b/c/"]))
def test_a_printed_address_leads_back_to_its_code_and_to_no_other(organization_id: str, widget_url: str) -> None:
    code = default_placement_code(organization_id)
    target = urls.printed(widget_url, code)
    assert urls.code_of(widget_url, target) == code
    for other in (
        target.lower(),
        target[:-1],
        f"{target}0",
        target.replace("HTTPS", "HTTP"),
        target.replace("/Q/", "@EVIL/Q/"),
    ):
        assert urls.code_of(widget_url, other) is None
