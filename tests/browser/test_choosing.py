"""Finding, what is near, comparing, favourites and the map, in a real browser, with and without scripts."""

import csv
import json
import math
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

import publish
from nok.latin import skeleton
from nok.search_text import hash_of, pair, stem, terms_of
from nok.urls import municipality_key
from tests.browser.conftest import running_server

SCHOOL = "00/primersk-school-12"
MUNICIPALITY = f"/regions/00/m/{municipality_key('г. Примерск')}"
HARD_TEXTS = (
    "МБОУ «СOШ № 012» (Ёлкино)", "Café O’Neill's", "ｆｕｌｌ width", "مدرسة 12", "學校", "ŁÓdź Straße", "İstanbul", "ΑΒΓς",
    "Щёлково Shchyolkovo Schelkovo Chtchiolkovo", "Кызыл-Юрт Kyzyl-Iurt", "Ӑӗҫӳ Ҙҡ Ҥҕ Ӧӱӹ Ӝӟӥӵ", "aeiouyj iyya joyeu wxtz tsch",
    "5-я школа им. А.С.Пушкина", "школа-интернат", "Ә" * 400, "7" * 30, "", "№", "a\u0301b", "Cлoн cop", "й и\u0306 ё е\u0308",
)  # fmt: skip


@pytest.fixture(scope="module")
def demo(project_root: Path) -> Path:
    return project_root / "data_packages" / "demo"


@pytest.fixture(scope="module")
def output(demonstration_output: Path) -> Path:
    return demonstration_output


@pytest.fixture(scope="module")
def site(output: Path, demo: Path, project_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("served")
    arguments = ["--output", str(output), "--packages", str(demo), "--store", str(folder / "store.sqlite")]
    with running_server(project_root, folder, arguments) as running:
        yield running.url


@pytest.fixture
def faults(page: Page) -> Iterator[list[str]]:
    """What the browser complains of: a refused script, a missing file, an error of ours."""
    found: list[str] = []
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    yield found
    assert found == []


def titles(page: Page) -> list[str]:
    page.locator("#status:not(:empty), .result").first.wait_for()
    page.wait_for_function(
        "() => !document.getElementById('status').textContent.endsWith('…')"
    )  # searching, in any language
    return page.locator(".result h3").all_inner_texts()


def search(page: Page, site: str, question: str, **filters: str) -> list[str]:
    page.goto(f"{site}/search/")
    page.evaluate(
        "(asked) => history.replaceState(null, '', '?' + new URLSearchParams(asked))", {"q": question, **filters}
    )
    page.reload()
    return titles(page)


# ---- words ---------------------------------------------------------------------------------------------------------


def test_the_browser_makes_the_same_words_as_the_build(output: Path, demo: Path, page: Page, site: str) -> None:
    with (demo / "organizations.csv").open(encoding="utf-8", newline="") as file:
        texts = [
            row[name] for row in csv.DictReader(file) for name in ("name", "short_name", "address", "municipality")
        ]
    texts += HARD_TEXTS
    page.goto(f"{site}/search/")
    module = next((output / "current/static").glob("search-text.*.js")).name
    found = page.evaluate(
        """async ([address, texts]) => {
             const { termsOf, hashOf, pair, stem, skeleton } = await import(address);
             return texts.map((text) => termsOf(text).map(({ term }) => [term, hashOf(term), stem(term), pair(term, "12"), skeleton(term)]));
           }""",
        [f"/static/{module}", texts],
    )
    made = [
        [[term, hash_of(term), stem(term), pair(term, "12"), skeleton(term)] for term in terms_of(text)]
        for text in texts
    ]
    assert found == made
    assert sum(map(len, made)) > 5000


def slips(word: str) -> list[str]:
    """The word with one letter left out, doubled, replaced, or swapped with the next, at every place."""
    places = range(len(word))
    found = [word[:at] + word[at + 1 :] for at in places] + [word[:at] + word[at] + word[at:] for at in places]
    found += [word[:at] + ("ы" if word[at] != "ы" else "ф") + word[at + 1 :] for at in places]
    return found + [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in places[:-1]]


def test_a_slip_at_any_place_is_forgiven(output: Path, page: Page, site: str) -> None:
    page.goto(f"{site}/search/")
    module = next((output / "current/static").glob("search-index.*.js")).name
    questions = [f"{slip} верхненский" for slip in slips("карандаш")] + slips("краеведческий")
    found = page.evaluate(
        """async ([address, questions]) => {
             const { SearchIndex } = await import(address);
             const { shards, kinds } = JSON.parse(document.getElementById('facts').textContent);
             const index = new SearchIndex(new URL('./', location.href), shards, kinds), none = new Set();
             const titles = [];
             for (const text of questions) {
               const { results } = await index.find(text, { kinds: none, regions: none, place: '', band: 0 });
               titles.push(results.map(({ title }) => title.toLowerCase()).join('; '));
             }
             return titles;
           }""",
        [f"/static/{module}", questions],
    )
    wanted = ["карандаш"] * len(slips("карандаш")) + ["краеведческий"] * len(slips("краеведческий"))
    lost = [question for question, titles, name in zip(questions, found, wanted, strict=True) if name not in titles]
    assert lost == []


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("школа 12", "МБОУ «Средняя школа № 12»"),
        ("школы № 12 в Примерске", "МБОУ «Средняя школа № 12»"),
        ("irjkf 12", "МБОУ «Средняя школа № 12»"),
        ("шкoлa 12", "МБОУ «Средняя школа № 12»"),
        ("краеведческого музея чертежный", "МБУК «Чертёжненский краеведческий музей»"),
        ("Чертёжненская больница", "ОГБУЗ «Чертёжненская районная больница»"),
    ],
)
def test_what_is_asked_for_comes_first(question: str, first: str, page: Page, site: str, faults: list[str]) -> None:
    assert search(page, site, question)[0] == first


def test_a_tax_number_finds_all_that_have_it(page: Page, site: str, faults: list[str]) -> None:
    central, branch = "МБУК «Центральная библиотека Лекальского района»", "МБУК «Библиотека-филиал № 1 «Тополёк»"
    assert sorted(search(page, site, "0075375840")) == sorted([central, branch])


def test_the_page_says_why_nothing_was_found(page: Page, site: str) -> None:
    assert search(page, site, "абракадабра") == []
    assert "Ничего не" in page.inner_text("#status")
    assert search(page, site, "0075375841") == []
    assert "контрольная цифра не" in page.inner_text("#status").replace("\u00a0", " ")
    assert search(page, site, "школа 12 абракадабра")[0] == "МБОУ «Средняя школа № 12»"
    assert "«абракадабра»" in page.inner_text("#status")


def test_filters_narrow_what_is_found(page: Page, site: str) -> None:
    every = search(page, site, "примерск")
    assert len(every) == 10
    found = search(page, site, "примерск", kind="education/school", band="5")
    assert found and all("школа" in title.lower() or "гимназия" in title.lower() for title in found)
    assert page.locator(".result .band.b5").count() == len(found)
    assert page.locator("details#refine").get_attribute("open") is not None
    assert all("Верхненский" in text for text in _places(page, site))


def _places(page: Page, site: str) -> list[str]:
    search(page, site, "школа", place="Верхненский район")
    return page.locator(".result .where").all_inner_texts()


def test_a_failed_download_is_told(page: Page, site: str) -> None:
    page.route("**/search/w/*.json", lambda route: route.abort())
    assert search(page, site, "школа 12") == []
    assert "Не" in page.inner_text("#status") and "связь" in page.inner_text("#status")
    page.unroute("**/search/w/*.json")
    page.get_by_role("button", name="Найти").click()
    page.locator(".result").first.wait_for()


# ---- journeys ------------------------------------------------------------------------------------------------------


def tab_to(page: Page, wanted: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        name = (focused.get_attribute("aria-label") or focused.inner_text()) if focused.count() else ""
        if name.replace("\u00a0", " ").strip().startswith(wanted.replace("\u00a0", " ")):
            return
    pytest.fail(f"no control '{wanted}' could be reached by the keyboard")


def test_find_compare_and_rate_by_the_keyboard_alone(page: Page, site: str, faults: list[str]) -> None:
    page.goto(f"{site}/")
    page.keyboard.press("Tab")
    for _ in range(20):
        if page.evaluate("() => document.activeElement.id") == "q":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("средняя школа примерск")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=*")
    page.locator(".result").nth(1).wait_for()
    for title in page.locator(".result h3").all_inner_texts()[:2]:
        tab_to(page, f"К сравнению: {title}")
        page.keyboard.press("Space")
        assert page.locator(":focus").get_attribute("aria-pressed") == "true"
    tab_to(page, "Сравнить выбранные (2)")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/compare/\?o="))
    page.locator("#table thead a").nth(1).wait_for()
    assert page.locator("#table tbody tr").count() > 8
    tab_to(page, page.locator("#table thead a").first.inner_text())
    page.keyboard.press("Enter")
    page.wait_for_url("**/o/00/*.html")
    tab_to(page, "Оценить")
    page.keyboard.press("Enter")
    page.wait_for_url("**/rate/*")
    tab_to(page, "5")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/receipt/[0-9A-Z]{16}"))


def test_without_scripts_the_tree_leads_to_every_organisation(site: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 320, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/search/")
    assert not page.locator("form#search").is_visible()
    assert "без" not in page.inner_text("h1").lower() and "Найти через регион" in page.inner_text("main")
    page.locator(".doors a", has_text="Демонстрационная область").click()
    page.locator(".columns a", has_text="г. Примерск").click()
    page.get_by_role("link", name="Школы", exact=True).click()
    assert "Медиана региона" in page.inner_text("table")
    page.locator("table th a", has_text="Средняя школа № 12").click()
    assert page.url.endswith(f"/o/{SCHOOL}.html")
    context.close()


# ---- near me -------------------------------------------------------------------------------------------------------


def kilometres(one: Sequence[float], other: Sequence[float]) -> float:
    """The haversine distance between (latitude, longitude) and (latitude, longitude)."""
    (south, west), (north, east) = (map(math.radians, place) for place in (one, other))
    inner = math.sin((north - south) / 2) ** 2 + math.cos(south) * math.cos(north) * math.sin((east - west) / 2) ** 2
    return 12742 * math.asin(math.sqrt(inner))


def test_the_nearest_are_those_that_the_whole_list_says(output: Path, site: str, chromium: Browser) -> None:
    here = (57.93, 84.9)
    context = chromium.new_context(
        geolocation={"latitude": here[0], "longitude": here[1]}, permissions=["geolocation"], locale="ru-RU"
    )
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append((request.method, request.url, request.post_data)))
    page.goto(f"{site}/near/")
    page.get_by_role("button", name="Определить моё место").click()
    page.locator(".result").first.wait_for()
    links = page.locator(".result h3 a").evaluate_all("(links) => links.map((link) => link.href)")
    points = json.loads((output / "current/regions/00/points.json").read_text("utf-8"))
    places = dict(zip(points["id"], zip(points["lat"], points["lon"], strict=True), strict=True))
    order = sorted(places, key=lambda name: kilometres(here, places[name]))
    found = [link.rpartition("/")[2].removesuffix(".html") for link in links]
    far = [round(kilometres(here, places[name]), 3) for name in found]
    assert far == [round(kilometres(here, places[name]), 3) for name in order[: len(found)]]
    assert len(found) == 12
    assert all(method == "GET" and url.startswith(site) and data is None for method, url, data in asked)
    assert not any("57.9" in url or "84.9" in url for _, url, _ in asked)
    context.close()


def test_a_place_is_typed_with_a_slip_and_a_refusal_is_told(page: Page, site: str, faults: list[str]) -> None:
    page.goto(f"{site}/near/")
    page.get_by_role("button", name="Определить моё место").click()
    page.wait_for_function("() => document.getElementById('status').textContent.includes('Назовите')")
    page.fill("#q", "Примрск")
    page.keyboard.press("Enter")
    page.locator(".result").first.wait_for()
    assert "Примерск" in page.inner_text("#status")
    page.select_option("#kind", "education/school")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.where')].every((one) => one.textContent.startsWith('школа'))"
    )
    page.fill("#q", "Атлантида")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.getElementById('status').textContent.startsWith('Такого места')")


def near(page: Page, site: str, place: str, language: str = "") -> str:
    """What the status says of a place that was typed."""
    page.goto(f"{site}/{language}near/")
    page.fill("#q", place)
    page.keyboard.press("Enter")
    page.locator(".result, #places li").or_(page.get_by_text("Такого места")).first.wait_for()
    return page.inner_text("#status")


def test_towns_and_villages_are_found_however_they_are_written(page: Page, site: str, faults: list[str]) -> None:
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    for place, found in {
        "Лекальск": "г. Лекальск", "LEKALYSK": "г. Лекальск", "в холобуре": "с. Холобур", "с. Холобур": "с. Холобур", "Holobur": "с. Холобур",
        "халобур": "с. Холобур", "Uchebny": "п. Учебный", "Urnak": "с. Үрнәк", "РП ЧЕРТЕЖНЫЙ": "рп. Чертёжный",
    }.items():  # fmt: skip
        assert found in near(page, site, place), place
    assert page.locator(".result").count() == 12
    near(page, site, "chertyozhny")
    assert page.locator("#places button").all_inner_texts() == [
        "рп. Чертёжный, Чертёжный район, Демонстрационная область",
        "Чертёжный район, Демонстрационная область",
    ] or sorted(page.locator("#places button").all_inner_texts()) == [
        "Чертёжный район, Демонстрационная область",
        "рп. Чертёжный, Чертёжный район, Демонстрационная область",
    ]
    assert "Такого места" in near(page, site, "Атлантида")
    assert all(method == "GET" and url.startswith(site) and "?" not in url for method, url in asked)


def test_villages_of_one_name_are_told_apart_and_one_off_the_map_is_searched(
    package_factory: Callable[..., Path], project_root: Path, tmp_path: Path, page: Page
) -> None:
    from tests.conftest import valid_tables

    tables = valid_tables(40, 0)
    rows = tables["organizations"]
    for at in range(28):
        district = f"{chr(ord('А') + at)}инский район"
        rows[at] |= {"municipality": district, "address": f"{district}, с. Покровка, ул. Мира, {at + 1}"}
    rows[30] |= {"municipality": "Северный район", "address": "деревня Заречье, д. 1", "latitude": "", "longitude": ""}
    rows[31] |= {"municipality": "Северный район", "address": "636000, Северный р-н, Ёлкино с, Лесная ул, 1"}
    rows[32] |= {"municipality": "Северный район", "address": "с. Елкино, ул. Лесная, 2"}
    moscow = {"region_code": "77", "municipality": "", "latitude": "55.75", "longitude": "37.62"}
    rows[33] |= moscow | {"address": "г. Москва, ул. Мира, 1"}
    rows[34] |= moscow | {"address": "город Москва, ул. Мира, 2"}
    petersburg = {"region_code": "78", "municipality": "городской округ Санкт-Петербург", "address": "ул. Мира, 3"}
    rows[35] |= petersburg | {"latitude": "59.94", "longitude": "30.31"}
    rows[36] |= {"municipality": "", "address": "д. Москва, 4"}  # a village of the same name elsewhere
    package = package_factory(tables=tables)
    output = tmp_path / "output"
    assert publish.main(["build", "--packages", str(package), "--output", str(output)]) == 0
    arguments = ["--output", str(output), "--packages", str(package), "--store", str(tmp_path / "store.sqlite")]
    with running_server(project_root, tmp_path, arguments) as running:
        status = near(page, running.url, "покровка")
        assert page.locator("#places button").count() == 12
        assert "ещё 16 мест" in status.replace("\u00a0", " ")
        assert "с. Покровка" in near(page, running.url, "Pokrovka Винский")
        assert "с. Ёлкино" in near(page, running.url, "Yolkino")
        for place, russian, english in (
            ("Moscow", "г. Москва", "Moscow"), ("MOSCOV", "г. Москва", "Moscow"),
            ("St Petersburg", "Санкт-Петербург", "Saint Petersburg"), ("Saint Petersburgh", "Санкт-Петербург", "Saint Petersburg"),
        ):  # fmt: skip
            assert russian in near(page, running.url, place), place
            said = near(page, running.url, place, "en/")
            assert said.endswith(english) and not re.search("[а-яё]", said), (place, said)
        near(page, running.url, "Москва", "en/")
        offered = page.locator("#places button").all_inner_texts()
        assert offered[0] == "Moscow, Moscow" and offered[1].startswith("д. Москва")
        assert len(search(page, f"{running.url}/en", "moscow clinic 35", region="77")) == 1
        near(page, running.url, "заречье")
        page.locator("#places a", has_text="д. Заречье, Северный район").click()
        page.wait_for_url("**/search/?place=*")
        assert titles(page) == [rows[30]["short_name"] or rows[30]["name"]]


# ---- comparison and favourites -------------------------------------------------------------------------------------


def test_comparison_says_what_the_files_say(output: Path, page: Page, site: str, faults: list[str]) -> None:
    paths = [SCHOOL, "00/verkhnyaya-school-1"]
    page.goto(f"{site}/compare/?" + "&".join(f"o={path}" for path in paths))
    page.locator("#table table").wait_for()
    cells = page.locator("#table tbody tr:nth-child(2) td").all_inner_texts()
    for path, cell in zip(paths, cells, strict=False):
        told = json.loads((output / f"current/o/{path}.json").read_text("utf-8"))
        newest = told["assessments"][0]["assessment_id"]
        total = next(row for row in told["scores"] if (row["assessment_id"], row["measure"]) == (newest, "total"))
        assert cell.startswith(total["points"].replace(".", ","))
        medians = json.loads((output / "current/regions/00/medians.json").read_text("utf-8"))
        median = f"{float(medians[newest]['school']['total']):.2f}".replace(".", ",")
        assert median in page.locator("#table tbody tr:nth-child(2)").inner_text()
    page.locator("#table button").first.click()
    page.wait_for_url(f"**/compare/?o={paths[1]}")
    page.go_back()
    page.locator("#table thead a").nth(1).wait_for()
    page.goto(f"{site}/compare/?o=00/no-such&o={SCHOOL}&o=../../etc&o=javascript:alert(1)")
    page.locator("#table table").wait_for()
    assert "00/no-such" in page.inner_text("#status")
    faults[:] = [fault for fault in faults if "404" not in fault]


def test_favourites_are_kept_and_tell_what_has_changed(page: Page, site: str, faults: list[str]) -> None:
    page.goto(f"{site}/o/{SCHOOL}.html")
    page.get_by_role("link", name="В избранное").click()
    page.locator(".result").wait_for()
    assert "Средняя школа № 12" in page.inner_text(".result")
    page.evaluate(
        """() => {
             const list = JSON.parse(localStorage.getItem('nok-favourites-1'));
             Object.assign(list[0].seen, { points: '80.00', count: 80 });
             localStorage.setItem('nok-favourites-1', JSON.stringify(list));
           }"""
    )
    page.reload()
    page.locator(".changed").first.wait_for()
    assert page.locator(".changed").all_inner_texts() == ["балл 80,00 → 83,56", "новых оценок: 6"]
    page.reload()
    page.locator(".changed").first.wait_for()
    assert page.locator(".changed").all_inner_texts() == ["без\u00a0изменений с\u00a0прошлого раза"]
    with page.expect_download() as download:
        page.get_by_role("link", name="Сохранить списком").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text("utf-8-sig").splitlines()))
    assert [(row["path"], row["points"]) for row in rows] == [(SCHOOL, "83.56")]
    page.evaluate("() => localStorage.setItem('nok-favourites-1', '[{\"path\": \"<img>\"}, 7, null')")
    page.reload()
    page.wait_for_function("() => document.getElementById('status').textContent.includes('пусто')")


def test_favourites_leave_as_a_table_and_as_a_link(page: Page, site: str, faults: list[str]) -> None:
    page.goto(f"{site}/favourites/?o={SCHOOL}&o=00/verkhnyaya-school-1")
    page.locator(".result").nth(1).wait_for()
    with page.expect_download() as saved:
        page.get_by_text("Сохранить списком (CSV)").click()
    table = Path(saved.value.path()).read_text("utf-8-sig")
    assert len(table.strip().splitlines()) == 3
    assert "школа № 12" in table and "83.56" in table.replace(",", ".")
    page.evaluate("() => localStorage.clear()")
    page.goto(f"{site}/favourites/")
    page.wait_for_function("() => document.getElementById('status').textContent.includes('пусто')")


def test_a_comparison_of_four_is_printed_as_a_table(page: Page, site: str, faults: list[str]) -> None:
    some = [SCHOOL, "00/verkhnyaya-school-1", "00/primersk-school-1", "00/primersk-school-4", "00/primersk-school-2"]
    page.goto(f"{site}/compare/?" + "&".join(f"o={path}" for path in some))
    page.locator("#table table").wait_for()
    assert page.locator("#table thead a").count() == 4  # a fifth does not come in
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 688, "height": 1000})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 688
    assert page.locator("#table tbody tr").nth(1).evaluate("(row) => getComputedStyle(row).display") == "table-row"
    assert page.locator("#table thead").is_visible() and not page.locator("#table .narrow").is_visible()
    assert not page.locator("#print").is_visible() and not page.locator("#search").is_visible()


# ---- the map -------------------------------------------------------------------------------------------------------


def many_points(number: int, at_one_place: int) -> str:
    """A region of `number` points over ten degrees, the first `at_one_place` of them in one place."""
    spread = [(56 + (i * 7919 % 10000) / 2000, 82 + (i * 104729 % 10000) / 1000) for i in range(number)]
    places = [(57.0, 85.0)] * at_one_place + spread[at_one_place:]
    columns: dict[str, Any] = {
        "folder": "o/00/",
        "id": [f"school-{i}" for i in range(number)],
        "lat": [latitude for latitude, _ in places],
        "lon": [longitude for _, longitude in places],
        "name": [f"Школа № {i} <b>" for i in range(number)],
        "level": [i % 6 for i in range(number)],
        "points": ["83,56 отлично"] * number,
    }
    return json.dumps(columns)


def test_twenty_thousand_points_stay_fluid_and_a_thousand_in_one_place_are_listed(
    page: Page, site: str, faults: list[str]
) -> None:
    page.route(
        "**/points.json", lambda route: route.fulfill(body=many_points(20_000, 1_000), content_type="application/json")
    )
    page.goto(f"{site}/regions/00/")
    page.locator(".cluster").first.wait_for()
    assert page.locator(".leaflet-marker-icon").count() < 400
    seconds = page.evaluate(
        """() => {
             const map = window[document.querySelector('.folium-map').id], began = performance.now();
             for (const zoom of [7, 9, 11, 9, 7]) map.setView([57.0, 85.0], zoom, { animate: false });
             return (performance.now() - began) / 5000;
           }"""
    )
    assert seconds < 0.5  # tens of milliseconds where nothing else runs
    page.evaluate(
        "() => window[document.querySelector('.folium-map').id].setView([57.0, 85.0], 18, { animate: false })"
    )
    cluster = page.locator(".cluster").first
    cluster.focus()
    page.keyboard.press("Enter")
    popup = page.locator(".leaflet-popup-content")
    popup.wait_for()
    assert popup.locator("a").count() == 50
    assert "и\u00a0ещё 950" in popup.inner_text()
    assert "<b>" in popup.locator("a").first.inner_text()


def test_the_list_stays_in_step_with_the_map(page: Page, site: str, faults: list[str]) -> None:
    page.goto(f"{site}/regions/00/")
    page.locator(".cluster").first.wait_for()
    page.locator("summary", has_text="В этой части карты").click()
    whole = page.inner_text("#in-view-count")
    page.evaluate(
        "() => window[document.querySelector('.folium-map').id].setView([57.878, 87.55], 12, { animate: false })"
    )
    page.wait_for_function("(before) => document.getElementById('in-view-count').textContent !== before", arg=whole)
    shown = page.locator("#in-view li a").all_inner_texts()
    assert 0 < len(shown) <= 20
    labels = page.locator(".leaflet-marker-icon").evaluate_all(
        "(marks) => marks.map((mark) => mark.getAttribute('aria-label'))"
    )
    assert labels and all(labels)
    page.locator(".leaflet-marker-icon").first.focus()
    page.keyboard.press("Enter")


def test_a_closed_organisation_is_marked_by_shape_and_word(site: str, chromium: Browser) -> None:
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="ru-RU")
    page = context.new_page()
    page.goto(f"{site}/regions/00/#o=primersk-preschool-47")
    popup = page.locator(".leaflet-popup-content")
    popup.wait_for()
    assert "Закрыта 31 августа 2024" in popup.inner_text()
    mark = page.locator(".spot.shut[aria-label*='Ромашка']")
    assert mark.get_attribute("aria-label").endswith("Закрыта 31 августа 2024")  # type: ignore[union-attr]
    shapes = page.evaluate(
        "() => ['.leaflet-marker-icon.shut', '.leaflet-marker-icon.spot:not(.shut)'].map((one) => document.querySelector(one))"
        ".map((one) => one && getComputedStyle(one, '::before').borderRadius)"
    )
    assert shapes[0] == "0px" and shapes[1] in (None, "50%")
    assert "квадрат с\u00a0крестом" in page.inner_text("#shut-legend")
    page.locator("summary", has_text="В этой части карты").click()
    assert "Закрыта 31 августа 2024" in page.inner_text("#in-view")
    page.goto(f"{site}/en/regions/00/#o=primersk-preschool-47")
    page.locator(".leaflet-popup-content").wait_for()
    said = page.inner_text(".leaflet-popup-content")
    assert "Closed on 31 August 2024" in said and not re.search("[а-яё]", said.partition("\n")[2])
    context.close()


def test_a_map_without_closed_organisations_has_no_legend_for_them(page: Page, site: str) -> None:
    page.route("**/points.json", lambda route: route.fulfill(body=many_points(9, 1), content_type="application/json"))
    page.goto(f"{site}/regions/00/")
    page.locator(".leaflet-marker-icon").first.wait_for()
    assert not page.locator("#shut-legend").is_visible()


# ---- access --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize(
    "path",
    ["/search/?q=школа", "/near/?q=Примерск", f"/compare/?o={SCHOOL}&o=00/verkhnyaya-school-1", f"/favourites/?o={SCHOOL}",
     f"{MUNICIPALITY}.html", f"{MUNICIPALITY}.education.school.html", "/map/", "/en/search/?q=school"],
)  # fmt: skip
def test_pages_of_choosing_are_accessible_and_fit_their_screen(
    path: str, width: int, site: str, chromium: Browser, project_root: Path
) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(site + path)
    if "?" in path:
        page.locator(".result, #table table").first.wait_for()
    page.evaluate("() => document.querySelectorAll('details').forEach((part) => { part.open = true; })")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= max(width, 640) or width == 320
    page.evaluate("() => { document.documentElement.style.fontSize = ''; }")
    page.evaluate((project_root / "node_modules/axe-core/axe.min.js").read_text("utf-8"))
    found = page.evaluate("() => axe.run({ resultTypes: ['violations'] })")
    assert [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in found["violations"]] == []
    context.close()


# ---- bad input -----------------------------------------------------------------------------------------------------


def test_odd_registers_are_searched_and_shown(
    package_factory: Callable[..., Path], project_root: Path, tmp_path: Path, page: Page
) -> None:
    """Names of 400 letters with and without spaces, right-to-left names, a thousand in one place, no coordinates, a region
    without scores, a sphere with one organisation."""
    from tests.conftest import valid_tables

    tables = valid_tables(12, 0)
    rows = tables["organizations"]
    names = {
        0: "Длинная " * 50,
        1: "ж" * 400,
        2: "مدرسة النور الثانوية",
        3: "__proto__ constructor",
        4: "Ш" * 10 + " <b>12</b>",
    }
    for at, name in names.items():
        rows[at] |= {"name": name, "short_name": ""}
    rows[5] |= {"latitude": "", "longitude": ""}
    rows[6] |= {"region_code": "22", "municipality": "", "latitude": "", "longitude": "", "address": ""}
    rows[7] |= {"sphere": "sport", "kind": ""}
    hidden = {rows[6]["organization_id"], rows[7]["organization_id"]}
    tables["scores"] = [row for row in tables["scores"] if row["organization_id"] not in hidden]
    many = [
        rows[8] | {"organization_id": f"same-{n}", "short_name": f"Сад № {n}", "inn": "", "ogrn": "", "website": ""}
        for n in range(1000)
    ]
    tables["organizations"] = [*rows, *many]
    package = package_factory(tables=tables)
    config = tmp_path / "content/publication.yaml"
    config.parent.mkdir()
    config.write_text("languages: [ru]\n", "utf-8")
    output = tmp_path / "output"
    assert publish.main(["build", "--config", str(config), "--packages", str(package), "--output", str(output)]) == 0
    arguments = ["--output", str(output), "--packages", str(package), "--store", str(tmp_path / "store.sqlite")]
    with running_server(project_root, tmp_path, arguments) as running:
        for question, expected in (
            ("длинная", "Длинная"), ("ж" * 400, "жжж"), ("مدرسة", "مدرسة"), ("constructor", "__proto__"),
            ("поликлиника 7", "Поликлиника № 7"), ("поликлиника 8", "Поликлиника № 8"), ("сад 777", "Сад № 777"), ("<b>12</b>", "<b>12</b>"),
        ):  # fmt: skip
            assert expected in search(page, running.url, question)[0], question
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 1280
        page.goto(f"{running.url}/near/?q=Томск")
        page.locator(".result").first.wait_for()
        assert page.locator(".result").count() == 12
        page.goto(f"{running.url}/regions/22/")
        page.locator(".columns a").click()
        page.locator(".doors a").click()
        assert "не\u00a0оценивалась" in page.inner_text("table")
        page.goto(f"{running.url}/search/?q=поликлиника&kind=sport/*")
        assert titles(page) == ["Поликлиника № 8"]
        ids = [row["organization_id"] for row in rows[:4]]
        for path in (
            "regions/70/",
            "compare/?" + "&".join(f"o=70/{name}" for name in ids),
            "ratings/70/health-2025/clinic.html",
        ):
            page.goto(f"{running.url}/{path}", wait_until="networkidle")
            for width in (320, 900, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                assert page.evaluate("() => document.documentElement.scrollWidth") <= width, (path, width)
