"""Pages for tests of the theme: one record of each kind with all fields filled, and one with all that may be empty."""

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import markupsafe

from nok import model
from nok.templating import Site, Words, make_site, read_words, safe_json

THEME = Path(__file__).resolve().parents[1] / "theme"

ASSETS = {
    name: f"static/{name}"
    for name in (
        "site.css",
        "map.css",
        "icon.svg",
        "region.js",
        "questionnaire.css",
        "card.css",
        "copy.js",
        "choose.css",
        "no-script.css",
        "search.js",
        "near.js",
        "compare.js",
        "favourites.js",
        "report.css",
        "view.css",
        "view.js",
        "check.js",
        "rating.css",
        "rating.js",
    )  # stands in for the hashed names of a build
}

HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(1)>{{ 7*7 }}{% raw %}[[ 7*7 ]]&amp;"""
"""A text that is markup in every context it could land in."""


@cache
def words(language: str) -> Words:
    return read_words(THEME / "words", language)


def site(language: str = "ru", root: str = "../../", **changed: Any) -> Site:
    """The frame of a page two folders deep in a publication of two languages."""
    given: dict[str, Any] = {
        "title": "Оценка" if language == "ru" else "Ocenka",
        "language": language,
        "languages": ("ru", "en"),
        "words": words(language),
        "root": root,
        "public_url": "https://ocenka.example",
        "widget_url": "https://ocenka.example",
        "contact_email": "pomosch@ocenka.example",
        "assets": ASSETS,
    }
    return make_site(**given | changed)


# ---- parts ---------------------------------------------------------------------------------------------------------

NO_LINK = model.Link(text="", href="")
CRUMBS = (
    model.Link(text="Все регионы", href="../../regions/"),
    model.Link(text="Демонстрационная область", href="../../regions/00/", lang="ru"),
    model.Link(text="Образование", href="../../spheres/education/00.html"),
)
EXCELLENT = model.Mark(points="83,56", word="отлично", level=5, width="83.56%")
FAIR = model.Mark(points="58,50", word="удовлетворительно", level=3, width="58.5%")
POOR = model.Mark(points="38,90", word="ниже среднего", level=2, width="38.9%")
EXEMPT = model.Mark(points="", word="исключение")
NO_MARK = model.Mark(points="", word="")


CAMPAIGN = model.Link(text="Пилот: идёт до 31 декабря 2026", href="../../campaigns/pilot-2026/", lang="ru")


def page(**given: Any) -> dict[str, Any]:
    """The fields that every page has."""
    return {
        "title": "Средняя школа № 12, Примерск: 83,56, отлично",
        "description": "Независимая оценка и оценки граждан.",
        "address": "o/00/primersk-school-12.html",
        "is_demonstration": True,
        "crumbs": CRUMBS,
    } | given


BARE: dict[str, Any] = {"title": "Страница", "description": "", "address": "o/00/x.html"}


def _criterion(
    number: int, title: str, mark: model.Mark, median: str, *, is_weakest: bool = False
) -> model.CriterionView:
    return model.CriterionView(
        id=f"K{number}",
        title=title,
        mark=mark,
        median=f"медиана {median}",
        median_x=median.replace(",", ".") + "%",
        is_weakest=is_weakest,
        strong_note="Самый сильный критерий, на 4,70 выше медианы." if number == 4 else "",
        weak_note="Самый слабый критерий, на 2,50 ниже медианы. План улучшений: выполнено 2 меры из 5."
        if is_weakest
        else "",
        indicators=(
            model.IndicatorRow(id=f"{number}.1", title="Сведения на стенде и сайте", points="93,00", weight="0,3"),
            model.IndicatorRow(id=f"{number}.2", title="Дистанционные способы связи", points="90,00", weight="0,3"),
            model.IndicatorRow(id=f"{number}.3", title="Довольны открытостью", points="92,50", weight="0,4"),
        ),
        sum_note="0,3 × 93,00 + 0,3 × 90,00 + 0,4 × 92,50 = 91,90",
    )


def _good(points: str) -> model.Mark:
    return replace(EXCELLENT, points=points, width=points.replace(",", ".") + "%")


ASSESSMENT = model.AssessmentView(
    heading="Независимая оценка 2025",
    sides="Сильная сторона — доброжелательность (93,80), слабое место — доступность (58,50).",
    total=EXCELLENT,
    scale_note="",
    median="79,62",
    median_x="79.62%",
    rank_note="Место 43 из 212 школ области, вместе с ещё двумя",
    rank_href="../../ratings/00/demo-education-2025/school.html",
    criteria_heading="Четыре критерия — «отлично», слабое место — доступность",
    criteria=(
        _criterion(1, "Открытость и доступность информации", _good("91,90"), "88,00"),
        _criterion(2, "Комфортность условий", _good("82,50"), "78,40"),
        _criterion(3, "Доступность для инвалидов", FAIR, "61,00", is_weakest=True),
        _criterion(4, "Доброжелательность работников", _good("93,80"), "89,10"),
        _criterion(5, "Удовлетворённость условиями", _good("91,10"), "86,20"),
    ),
    has_band_ticks=True,
    source_note="Опрошены 200 человек, 3 марта – 30 сентября 2025.",
    age_note="Оценивалась 4 года назад. Оценка просрочена: её проводят не реже раза в 3 года.",
    is_overdue=True,
    method=model.Link(text="методика 344н, ред. 2018", href="../../methods/344n-2018/"),
    assessment=model.Link(text="оценка школ области 2025", href="../../assessments/a-2025/"),
)

RATINGS = model.RatingsView(
    heading="Граждане ставят 4,3 из 5",
    mean="4,3",
    mean_x="82.5%",
    low_x="77.5%",
    interval_width="10%",
    note="86 оценок за год, 61 — по QR-коду на стенде. С вероятностью 95 % среднее — от 4,1 до 4,5.",
    count="86 оценок",
    distribution=tuple(
        model.DistributionRow(rating=rating, count=str(count), width=f"{count / 0.52:.1f}%")
        for rating, count in ((5, 52), (4, 20), (3, 8), (2, 3), (1, 3))
    ),
    periods=(
        model.RatingPeriod("За последние 12 месяцев", "9", "мало оценок", "", "", ""),
        model.RatingPeriod("За всё время", "86", "4,3", "4,1–4,6", "84 %", "75–90 %"),
    ),
    channels_heading="Откуда пришли: по первым 80 оценкам",
    channels=(model.Fact("QR-код на плакате", "57 (71,3 %)"), model.Fact("Эта страница", "23 (28,8 %)")),
    criteria=(model.Fact("Доступность", "3,9 по 20 оценкам"),),
)

NO_RATINGS = model.RatingsView(
    heading="Граждане ещё не оценивали",
    mean="",
    mean_x="",
    low_x="",
    interval_width="",
    note="",
    count="",
    distribution=(),
)

REVIEWS = (
    model.ReviewView(
        rating=2,
        rating_text="2 из 5",
        facts=("14 января 2026",),
        text=(
            "На второй этаж с коляской не подняться, лифта нет. Учительница вышла к нам сама, спасибо ей, "
            "но родительское собрание мы слушали с лестницы."
        ),
        lang="ru",
        reply_heading="Ответ организации, 16 января.",
        reply=(
            "Собрания для семей с колясками теперь проводим в кабинете 104 на первом этаже. Подъёмник включён в план, "
            "срок — 1 сентября 2026."
        ),
    ),
    model.ReviewView(
        rating=5,
        rating_text="5 из 5",
        facts=("9 января 2026",),
        text="Документы в первый класс приняли за десять минут, всё, что нужно, написано на стенде у входа.",
    ),
    model.ReviewView(hidden_note="Отзыв скрыт 2 января 2026: персональные данные третьего лица. Оценка 4 учтена."),
)


def _plan(action: str, indicator: str, due: str, state: str, note: str, **given: Any) -> model.PlanRow:
    kept = {"shortcoming": "", "proposal": "", "is_done": False, "is_overdue": False, "responsible": ""} | given
    return model.PlanRow(action=action, indicator=indicator, due=due, state=state, state_note=note, **kept)


PLAN = (
    _plan("Пандус у главного входа", "3.1", "1 октября 2025", "выполнено", "24 сентября", is_done=True),
    _plan("Вывески шрифтом Брайля", "3.2", "1 декабря 2025", "выполнено", "21 января", is_done=True),
    _plan("Парковочное место для инвалидов", "3.1", "15 января 2026", "просрочено", "на 23 дня", is_overdue=True),
    _plan(
        "Подъёмник на второй этаж",
        "3.1",
        "1 сентября 2026",
        "в работе",
        "",
        shortcoming="На второй этаж не подняться с коляской",
        proposal="Сделать вход и помещения доступными",
        responsible="заместитель директора по хозяйственной части",
    ),
    _plan("Питьевая вода в холле", "2.1", "1 июня 2026", "запланировано", ""),
)


STAGES = (
    model.StageStep(word="сбор сведений", days="3 марта 2025 – 30 мая 2025", state="past", state_word="пройден"),
    model.StageStep(
        word="планы улучшений",
        days="с 1 сентября 2025",
        state="now",
        state_word="идёт сейчас",
        note="до конца года",
        begun="1 сентября 2025",
    ),
    model.StageStep(word="завершена", days="", state="ahead", state_word="впереди"),
)


def _chart(title: str, *values: str) -> model.HistoryChart:
    """Years 2019, 2022 and 2025 after 2016 by another method."""
    xs = ("4%", "40%", "68%", "96%")[4 - len(values) :]
    years = ("2016", "2019", "2022", "2025")[4 - len(values) :]
    ys = [84 - 0.62 * float(value.replace(",", ".")) for value in values]
    return model.HistoryChart(
        title=title,
        dots=tuple(
            model.HistoryDot(
                x=x,
                y=f"{y:.1f}%",
                label_y=f"{y - 8:.1f}%",
                label=value,
                year=year,
                anchor="s" if x == "4%" else "e" if x == "96%" else "",
                is_other_method=year == "2016",
            )
            for x, y, value, year in zip(xs, ys, values, years, strict=True)
        ),
        segments=(
            model.HistorySegment(x1="40%", y1=f"{ys[-3]:.1f}%", x2="68%", y2=f"{ys[-2]:.1f}%"),
            model.HistorySegment(x1="68%", y1=f"{ys[-2]:.1f}%", x2="96%", y2=f"{ys[-1]:.1f}%"),
        ),
        break_x="22%" if len(values) == 4 else "",
    )


HISTORY = model.HistoryView(
    heading="С 2019 года выросло всё, доступность — медленнее",
    charts=(
        _chart("Итог: плюс 9,46", "71", "74,10", "79,84", "83,56"),
        _chart("Открытость: плюс 8,90", "83,00", "88,40", "91,90"),
        _chart("Комфортность: плюс 11,50", "71,00", "80,00", "82,50"),
        _chart("Доступность: плюс 6,50", "52,00", "55,00", "58,50"),
        _chart("Доброжелательность: плюс 8,30", "85,50", "89,20", "93,80"),
        _chart("Удовлетворённость: плюс 12,10", "79,00", "86,60", "91,10"),
    ),
    columns=("Итог", "К1", "К2", "К3", "К4", "К5"),
    rows=(
        ("2025", "83,56", "91,90", "82,50", "58,50", "93,80", "91,10"),
        ("2022", "79,84", "88,40", "80,00", "55,00", "89,20", "86,60"),
        ("2019", "74,10", "83,00", "71,00", "52,00", "85,50", "79,00"),
    ),
    note="Шкала каждого графика — от 0 до 100. Пустой кружок — другая методика, с нынешней её не сравнивают.",
)

REQUISITES = (
    model.Fact(name="ИНН", value="0012004514"),
    model.Fact(name="КПП", value="001201001"),
    model.Fact(name="ОГРН", value="1020000123450"),
    model.Fact(name="ОКТМО", value="00701000001"),
    model.Fact(name="Учредитель", value="Администрация города Примерска"),
    model.Fact(name="Сайт", value="school12.primersk.example", href="https://school12.primersk.example"),
    model.Fact(name="Официальная карточка", value="на bus.gov.ru", href="https://bus.gov.ru/info-card/1"),
)

PLACE = model.PlaceView(
    x="61%",
    y="42%",
    picture="../../regions/00/points.svg",
    map_href="../../regions/00/#o=primersk-school-12",
    caption="г. Примерск, ул. Школьная, 5",
)

SITE_CODE = """<p><a href="https://ocenka.example/o/00/primersk-school-12.html">
<img src="https://ocenka.example/o/00/primersk-school-12.badge.svg" alt="" width="300" height="60">
</a></p>"""
CARD_CODE = (
    """<iframe src="https://ocenka.example/o/00/primersk-school-12.card.html" title="Независимая оценка"></iframe>"""
)
APPEALS = model.AppealsView(
    rows=(
        model.Fact("2025", "поступило 62, отвечено 59, просрочено 6, медиана ответа 11 дн."),
        model.Fact("2024", "поступило 0, отвечено 0"),
    ),
    channel=model.Link(text="Куда обратиться", href="https://school12.primersk.example/obrashcheniya"),
)

FACTS = (
    model.Fact(name="медиана итогового балла", value="79,62"),
    model.Fact(name="самый слабый критерий — доступность, медиана", value="61,00"),
    model.Fact(name="мер из планов выполнено, 402 из 688", value="58,4 %"),
    model.Fact(name="оценок граждан за год", value="14 206", href="../../data/"),
)

BANDS = (
    model.BandRow(level=5, word="отлично", range="80,01–100", count="98", share="46,2 %", x="0%", width="44.75%"),
    model.BandRow(level=4, word="хорошо", range="60,01–80", count="97", share="45,8 %", x="44.75%", width="44.29%"),
    model.BandRow(
        level=3, word="удовлетворительно", range="40,01–60", count="16", share="7,5 %", x="89.04%", width="7.31%"
    ),
    model.BandRow(level=2, word="ниже среднего", range="20,01–40", count="1", share="0,5 %", x="96.35%", width="0.46%"),
    model.BandRow(level=1, word="неудовлетворительно", range="0–20", count="0", share="0 %", x="96.81%", width=""),
    model.BandRow(
        level=0,
        word="без оценки: не оценивались 4, исключение 1, мало ответов 1, нет данных 1",
        range="",
        count="7",
        share="—",
        x="96.81%",
        width="3.19%",
    ),
)


def _row(name: str, place: str, rank: str, mark: model.Mark, weakest: str, *citizens: str) -> model.ListRow:
    return model.ListRow(
        organization_id="school-" + str(len(name)),
        name=name,
        href="../../o/00/school.html",
        place=place,
        kind="Школа",
        rank=rank,
        mark=mark,
        weakest=weakest,
        citizens=citizens[0],
        citizens_count=citizens[1],
        is_on_map=bool(rank),
        age="4 года назад, просрочена" if rank else "",
        closed="" if rank else "Закрыта 31 августа 2024",
    )


ROWS = (
    _row(
        "МАОУ «Гимназия № 3»",
        "г. Примерск, ул. Садовая, 14",
        "1",
        _good("97,42"),
        "доступность 92,00",
        "4,6",
        "214 оценок",
    ),
    _row(
        "МБОУ «Лицей «Вектор»",
        "г. Эталонск, пр. Науки, 2",
        "2",
        _good("96,10"),
        "комфортность 90,50",
        "4,5",
        "131 оценка",
    ),
    _row(
        "МБОУ «Средняя школа № 12»",
        "г. Примерск, ул. Школьная, 5",
        "43",
        EXCELLENT,
        "доступность 58,50",
        "4,3",
        "86 оценок",
    ),
    _row("МБОУ «Вечерняя школа»", "г. Эталонск, ул. Мира, 18", "203", FAIR, "доступность 24,00", "3,4", "19 оценок"),
    _row(
        "МКОУ «Дальненская школа»",
        "д. Дальняя, ул. Речная, 3",
        "212",
        POOR,
        "доступность 0",
        "мало ответов",
        "3 оценки",
    ),
    _row("ГБОУ «Школа-интернат № 2»", "г. Эталонск, ул. Тихая, 6", "", EXEMPT, "", "нет оценок", ""),
)

PAGES = model.Pagination(
    position="Страница 2 из 19",
    previous=model.Link(text="Предыдущие 50", href="./"),
    next=model.Link(text="Следующие 50", href="page-3.html"),
)
ONE_PAGE = model.Pagination(position="", previous=None, next=None)


def _sphere(name: str, organizations: str, assessed: str, mark: model.Mark, ratings: str) -> model.SphereRow:
    return model.SphereRow(
        name=name, href="education/", organizations=organizations, assessed=assessed, median=mark, ratings=ratings,
        mean=mark.points, states="" if mark.points else "без балла: не оценивалась 131",
    )  # fmt: skip


AGGREGATES = (
    model.AggregateRow(
        name="г. Примерск", lang="ru", organizations="49", assessed="47", mean=_good("77,40"),
        states="без балла: исключение 2; с баллом 0: 1",
    ),
    model.AggregateRow(name="Школа", lang="", organizations="3", assessed="0", mean=NO_MARK, states=""),
)  # fmt: skip


SPHERES = (
    _sphere("Образование", "219", "212", _good("79,62"), "14 206"),
    _sphere("Здоровье", "84", "80", FAIR, "9112"),
    _sphere("Культура", "131", "0", NO_MARK, "870"),
    _sphere("Социальные услуги", "28", "28", _good("91,20"), "412"),
)
REGIONS = tuple(
    _sphere(name, str(count), str(count // 2), _good("81,00"), "1200")
    for name, count in (
        ("Демонстрационная область", 462),
        ("Томская область", 1131),
        ("Республика Саха (Якутия)", 1804),
        ("Ханты-Мансийский автономный округ — Югра", 940),
    )
)
TILES = tuple(
    model.Tile(code=code, short=short, name=name, href=f"regions/{code}/", column=x, row=y, has_results=code != "14")
    for code, short, name, x, y in (
        ("51", "МУР", "Мурманская область", 3, 1),
        ("86", "ХАН", "Ханты-Мансийский автономный округ — Югра", 8, 2),
        ("14", "ЯКУ", "Республика Саха (Якутия)", 13, 2),
        ("70", "ТОМ", "Томская область", 10, 3),
        ("77", "МОС", "Москва", 3, 4),
        ("25", "ПРИ", "Приморский край", 16, 4),
        ("92", "СЕВ", "Севастополь", 1, 11),
    )
)
NEWS = (
    model.NewsItem(
        title="Демонстрационная область: результаты 2025 года, 212 школ",
        href="news/results-2025.html",
        day="7 февраля 2026",
        summary="Опубликованы баллы, места и планы улучшений.",
    ),
    model.NewsItem(
        title="Порог «мало ответов» — 5 человек, правило описано",
        href="news/few.html",
        day="29 января 2026",
        summary="",
    ),
)
MAP = model.MapView(
    element=markupsafe.Markup('<div class="folium-map" id="map_00_1"></div>'),
    scripts=("../../static/leaflet.js", "map.js"),
    styles=("../../static/leaflet.css",),
    label="Карта организаций Демонстрационной области",
    caption="462 точки. Всё, что есть на карте, есть и в списке.",
)
FORMS = (
    model.FileLink(text="CSV", href="demo/1.0.0/organizations.csv", size="38 КБ"),
    model.FileLink(text="Parquet", href="demo/1.0.0/organizations.parquet", size="12 КБ"),
)
FILES = (
    model.FileRow(
        name="dictionary.csv", href="demo/1.0.0/dictionary.csv", title="Словарь данных", size="38 КБ", rows="46 строк"
    ),
    model.FileRow(name="demo.sqlite", href="demo/1.0.0/demo.sqlite", title="", size="512 КБ", rows=""),
)


# ---- one page of each kind -----------------------------------------------------------------------------------------


KIN = model.KinView(
    heirs_heading="",
    heirs=(),
    predecessors_heading="Вместо 2 прежних организаций",
    predecessors=(
        model.InheritedRow(
            name="Школа № 7",
            href="../../o/00/school-7.html",
            lang="ru",
            closed="Закрыта 31 августа 2024",
            mark=FAIR,
            year="2023",
            citizens="4,1 · 12 оценок",
        ),
        model.InheritedRow(
            name="Школа № 8", href="x.html", lang="", closed="", mark=NO_MARK, year="", citizens="нет оценок"
        ),
    ),
)
HEIRS = model.KinView(
    heirs_heading="Её работу продолжали, по порядку:",
    heirs=(
        model.HeirRow(name="Школа № 9", href="../../o/00/school-9.html", lang="ru", note="Закрыта 1 сентября 2025"),
        model.HeirRow(name="Школа № 12", href="../../o/00/school-12.html", lang="", note=""),
    ),
    predecessors_heading="",
    predecessors=(),
)


def organization(**given: Any) -> model.OrganizationPage:
    kept = page(
        organization_id="primersk-school-12",
        chosen_as="00/primersk-school-12",
        name="МБОУ «Средняя школа № 12»",
        official_name=(
            "Муниципальное бюджетное общеобразовательное учреждение «Средняя общеобразовательная школа № 12» "
            "города Примерска"
        ),
        text_lang="ru",
        kind="школа",
        place_line="г. Примерск, ул. Школьная, 5",
        contacts=(
            model.Link(text="сайт", href="https://school12.primersk.example"),
            model.Link(text="+7 (000) 000-00-12", href="tel:+70000000012"),
        ),
        assessment=ASSESSMENT,
        ratings=RATINGS,
        reviews_heading="Что пишут: 31 отзыв",
        reviews=REVIEWS,
        more_reviews=model.Link(text="Все отзывы — 31", href="primersk-school-12.reviews-2.html"),
        plan_heading="План: выполнено 2 меры из 5, одна просрочена",
        plan=PLAN,
        history=HISTORY,
        requisites=REQUISITES,
        place=PLACE,
        closed_note="",
        campaigns=(CAMPAIGN,),
        badge_href="primersk-school-12.badge.svg",
        badge_alt="Независимая оценка 2025: 83,56, отлично",
        site_code=SITE_CODE,
        card_code=CARD_CODE,
        card_href="primersk-school-12.card.html",
        poster_href="primersk-school-12.poster.html",
        json_href="primersk-school-12.json",
        check_href="../../check/?o=o/00/primersk-school-12.json",
        data_href="../../data/",
        structured_data=markupsafe.Markup('{"@context": "https://schema.org", "@type": "School"}'),
        appeals=APPEALS,
        observed=model.Link(text="Что увидел наблюдатель: 2 снимка", href="primersk-school-12.observed.html"),
        stages=STAGES,
        former_plan_heading="Прежние планы: выполнено 1 из 1 меры",
        former_plan=PLAN[:1],
        proposals=(
            model.ProposalRow(text="Пройти путь посетителя", shortcoming="Нет указателей", reason="Здание закрывают"),
            model.ProposalRow(text="Обучить дежурных", shortcoming="", reason=""),
        ),
        other_rounds=(model.Fact("Ведомственная оценка 2025", "93,80, отлично", "../../assessments/b-2025/"),),
        kin=KIN,
        feed_href="school-12.atom",
    )
    return model.OrganizationPage(**kept | given)


def empty_organization() -> model.OrganizationPage:
    return organization(
        **BARE,
        is_demonstration=False,
        crumbs=(),
        official_name="",
        text_lang="",
        kind="",
        place_line="",
        contacts=(),
        assessment=None,
        ratings=NO_RATINGS,
        reviews_heading="Отзывов пока нет",
        reviews=(),
        more_reviews=None,
        plan_heading="",
        plan=(),
        history=None,
        requisites=(),
        place=model.PlaceView(x="", y="", picture="", map_href="", caption=""),
        campaigns=(),
        badge_href="",
        badge_alt="",
        site_code="",
        card_code="",
        card_href="",
        poster_href="",
        json_href="",
        check_href="",
        data_href="",
        structured_data="",
        appeals=None,
        observed=None,
        stages=(),
        former_plan_heading="",
        former_plan=(),
        proposals=(),
        other_rounds=(),
        kin=None,
        feed_href="",
    )


def state_organization() -> model.OrganizationPage:
    """Assessed, but its total is a state, its criteria are states, its ratings too few for a mean, and it is closed."""
    states = tuple(
        replace(view, mark=EXEMPT, median="", median_x="", indicators=(), sum_note="", is_weakest=False, weak_note="")
        for view in ASSESSMENT.criteria
    )
    assessment = replace(ASSESSMENT, total=EXEMPT, median="", median_x="", rank_note="Места нет.", criteria=states)
    ratings = replace(NO_RATINGS, count="3 оценки", note="Среднее показываем от 5 оценок.")
    return organization(assessment=assessment, ratings=ratings, closed_note="Закрыта 1 сентября 2025.", kin=HEIRS)


def reviews(**given: Any) -> model.ReviewsPage:
    kept = page(
        organization_id="primersk-school-12",
        name="МБОУ «Средняя школа № 12»",
        text_lang="ru",
        heading="Отзывы о школе № 12, страница 2",
        organization=model.Link(text="МБОУ «Средняя школа № 12»", href="primersk-school-12.html", lang="ru"),
        reviews=REVIEWS,
        previous=model.Link(text="Предыдущие", href="primersk-school-12.html"),
        next=model.Link(text="Следующие", href="primersk-school-12.reviews-3.html"),
        position="Страница 2 из 3",
    )
    return model.ReviewsPage(**kept | given)


def empty_reviews() -> model.ReviewsPage:
    return reviews(**BARE, crumbs=(), reviews=(), previous=None, next=None, position="", text_lang="")


def card(**given: Any) -> model.CardPage:
    kept = page(
        address="o/00/primersk-school-12.card.html",
        name="МБОУ «Средняя школа № 12»",
        text_lang="ru",
        heading="Независимая оценка 2025",
        total=EXCELLENT,
        citizens="Граждане ставят 4,3 из 5 (86 оценок)",
        links=(model.Link(text="Результаты", href="https://ocenka.example/o/00/primersk-school-12.html"),),
        rate=model.Link(text="Оценить", href="https://ocenka.example/rate/primersk-school-12"),
        qr_href="../../o/00/primersk-school-12.badge.svg#qr",
    )
    return model.CardPage(**kept | given)


def empty_card() -> model.CardPage:
    return card(**BARE, is_demonstration=False, crumbs=(), text_lang="", total=EXEMPT, links=(), rate=None)


def observed(**given: Any) -> model.ObservedPage:
    rows = (
        model.ObservedRow("Сведения на стендах", "9 из 10", "нет сведений о вакантных местах"),
        model.ObservedRow("Комфортные условия", "4", ""),
    )
    picture = model.ObservedPicture(href="../../observed/01/01.jpg", caption="Стенд", alt="Стенд")
    unnamed = model.ObservedPicture(href="../../observed/02/02.jpg", caption="", alt="Снимок наблюдателя 2")
    visit = model.ObservedRound(
        heading="Независимая оценка 2025",
        facts=(model.Fact("Когда", "25 июня 2025, 16:15"), model.Fact("Где", "в 21 м от точки организации")),
        pictures=(picture, unnamed),
        rows=rows,
        has_notes=True,
    )
    kept = page(
        address="o/00/primersk-school-12.observed.html",
        heading="Что увидел наблюдатель",
        organization=model.Link(text="МБОУ «Средняя школа № 12»", href="primersk-school-12.html"),
        text_lang="ru",
        rounds=(visit, replace(visit, facts=(), rows=rows[1:], has_notes=False)),
    )
    return model.ObservedPage(**kept | given)


def empty_observed() -> model.ObservedPage:
    visit = replace(observed().rounds[0], facts=(), rows=(), has_notes=False)
    return observed(**BARE, crumbs=(), text_lang="", rounds=(visit,))


def poster(**given: Any) -> model.PosterPage:
    kept = page(
        name="МБОУ «Средняя школа № 12»",
        names=("МБОУ «Средняя школа № 12»",),
        official_name="Муниципальное бюджетное общеобразовательное учреждение «Средняя школа № 12»",
        is_long_name=False,
        place_line="г. Примерск",
        qr_path="M4 4h7v1h-7zM12 4h2v1h-2z",
        qr_size=37,
        typed_address="ocenka.example/q/K7QM2XPT00",
        score_line="Независимая оценка 2025: 83,56, отлично.",
        level=5,
        responsible_line="За стенд отвечает: заместитель директора",
        has_responsible=True,
        digest="0123456789ab",
        plan_line="План улучшений: выполнено 2 меры из 5.",
        technical_line="Код размещения K7QM2XPT00. Напечатано 7 февраля 2026.",
        organization=model.Link(text="К странице школы", href="primersk-school-12.html"),
    )
    return model.PosterPage(**kept | given)


def empty_poster() -> model.PosterPage:
    return poster(
        **BARE, is_demonstration=False, place_line="", score_line="", plan_line="", technical_line="", level=0
    )


def region(**given: Any) -> model.RegionPage:
    kept = page(
        address="regions/00/",
        name="Демонстрационная область",
        text_lang="ru",
        lead="Оценены 320 организаций из 462; граждане поставили 24 600 оценок за год.",
        facts=FACTS,
        spheres=SPHERES,
        list_heading="Организации области",
        list_note="По названию. Найдено 462, на странице — 50.",
        rows=ROWS,
        pagination=PAGES,
        map=MAP,
        municipalities=(model.Door(text="Примерский район", number="12", href="m/1a2b3c4d.html", lang="ru"),),
        campaigns=(CAMPAIGN,),
        data=(model.Link(text="organizations.csv", href="../../data/demo/latest/organizations.csv"),),
        appeals=(model.AppealSumRow("2025", "212", "4263", "4147", "191, по данным 194"),),
        feed_href="feed.atom",
    )
    return model.RegionPage(**kept | given)


def empty_region() -> model.RegionPage:
    return region(
        **BARE,
        appeals=(),
        feed_href="",
        crumbs=(),
        text_lang="",
        lead="",
        facts=(),
        spheres=(),
        list_note="",
        rows=(),
        pagination=ONE_PAGE,
        map=None,
        municipalities=(),
        campaigns=(),
        data=(),
    )


def rating_list(**given: Any) -> model.RatingListPage:
    heads = ("Организация", "Где", "Место", "Итог", "Словом", "Открытость", "Опрошено")
    columns = tuple(model.RatingCell("", head, is_number=head in ("Место", "Итог", "Открытость")) for head in heads)
    cells = (
        model.RatingCell("Где", "Примерск", lang="ru"),
        model.RatingCell("Место", "43 (38–51)", is_number=True, value="43"),
        model.RatingCell("Итог", "83,56", is_number=True, value="83.56"),
        model.RatingCell("Словом", "отлично", level=5),
        model.RatingCell("Открытость", "91,90", is_number=True, value="91.90"),
        model.RatingCell("Опрошено", "200", is_number=True, value="200"),
    )
    empty = tuple(replace(cell, text="", value="", level=0) for cell in cells)
    state = replace(cells[3], text="исключение", level=0, is_state=True)
    kept = page(
        address="ratings/00/demo-education-2025/school.html",
        heading="Школы, Демонстрационная область: рейтинг 2025 года",
        text_lang="ru",
        lead="В списке 212 организаций, балл есть у 199.",
        years=(model.Link(text="2025", href=""), model.Link(text="2024", href="../demo-education-2024/school.html")),
        kinds=(model.Link(text="Школы", href=""), model.Link(text="Детские сады", href="preschool.html")),
        columns=columns,
        rows=(
            model.RatingRow(name="Школа № 12", href="../../../o/00/school-12.html", lang="ru", cells=cells),
            model.RatingRow(
                name="Школа № 7", href="../../../o/00/school-7.html", lang="", cells=(*empty[:3], state, *empty[4:])
            ),
        ),
        assessment=model.Link(text="Оценка 2025", href="../../../assessments/a/", lang="ru"),
        method=model.Link(text="Методика 344н", href="../../../methods/344n-2018/"),
        table="school.csv",
        pagination=model.Pagination(
            position="Страница 1 из 19", previous=None, next=model.Link(text="Следующая", href="school.2.html")
        ),
    )
    return model.RatingListPage(**kept | given)


def ratings(**given: Any) -> model.RatingsPage:
    door = model.Door(text="Школы", href="demo-education-2025/school.html", number="212")
    kept = page(
        address="ratings/00/",
        heading="Рейтинги: Демонстрационная область",
        text_lang="ru",
        lead="Места организаций одного вида.",
        spheres=(
            model.RatingSphere(
                id="education", title="Образование", years=(model.RatingYear(text="2025", doors=(door,)),)
            ),
            model.RatingSphere(
                id="health", title="Здоровье", years=(model.RatingYear(text="2025", doors=(door, door)),)
            ),
        ),
        regions=(model.Door(text="Томская область", href="70/", number="12", lang="ru"),),
    )
    return model.RatingsPage(**kept | given)


def sphere_region(**given: Any) -> model.SphereRegionPage:
    kept = page(
        address="spheres/education/00.html",
        heading="Образование: Демонстрационная область",
        text_lang="ru",
        lead="Независимая оценка 2025 года: оценены 212 школ из 219.",
        spheres=(
            model.Link(text="образование", href=""),
            model.Link(text="здоровье", href="../health/00.html"),
            model.Link(text="культура", href="../culture/00.html"),
        ),
        message="У 195 школ из 212 — «хорошо» или «отлично»",
        bands=BANDS,
        facts=FACTS,
        source_note="Методика 344н, ред. 2018.",
        ratings=model.Link(text="Рейтинги: Демонстрационная область", href="../../ratings/00/"),
        list_heading="Школы по баллу",
        list_note="Найдено 219, на странице — 50.",
        rows=ROWS,
        pagination=PAGES,
    )
    kept |= {"kinds": AGGREGATES, "municipalities": AGGREGATES}
    return model.SphereRegionPage(**kept | given)


def empty_sphere_region() -> model.SphereRegionPage:
    return sphere_region(
        **BARE, crumbs=(), text_lang="", lead="", spheres=(), message="", bands=(), facts=(), source_note="",
        list_note="", rows=(), pagination=ONE_PAGE, kinds=(), municipalities=(),
    )  # fmt: skip


def sphere(**given: Any) -> model.SpherePage:
    kept = page(heading="Образование", lead="Школы, сады, колледжи всех регионов публикации.", regions=REGIONS)
    kept |= {"whole": AGGREGATES[:1], "kinds": AGGREGATES, "whole_note": "Единый порядок", "data": CRUMBS}
    return model.SpherePage(**kept | given)


def regions(**given: Any) -> model.RegionsPage:
    kept = page(address="regions/", heading="Регионы", lead="Четыре региона публикации.", tiles=TILES, regions=REGIONS)
    return model.RegionsPage(**kept | given)


def home(**given: Any) -> model.HomePage:
    kept = page(
        title="Узнайте, как там, куда вы идёте",
        description="Школы, поликлиники, библиотеки, социальные службы: независимая оценка условий и оценки самих посетителей.",
        address="",
        crumbs=(),
        facts=FACTS,
        edition="На 7 февраля 2026",
        tiles=TILES,
        regions=REGIONS,
        spheres=SPHERES,
        news=NEWS,
        examples=(
            model.Link(text="школа № 12 в Примерске", href="o/00/primersk-school-12.html", lang="ru"),
            model.Link(text="библиотека на Садовой", href="o/00/library.html"),
        ),
    )
    return model.HomePage(**kept | given)


def news(**given: Any) -> model.NewsPage:
    return model.NewsPage(**page(address="news/", heading="Новости", items=NEWS, feed_href="feed.atom") | given)


def editorial(**given: Any) -> model.EditorialPage:
    body = markupsafe.Markup(
        "<p>Отрицательный отзыв не скрывают за то, что он отрицательный.</p><h2>Что скрывают</h2>"
        "<ul><li>чужие персональные данные</li><li>оскорбления</li></ul>"
        "<table><thead><tr><th>Правило</th><th>Смысл</th></tr></thead><tbody><tr><td>3.2</td><td>личное</td></tr></tbody></table>"
    )
    return model.EditorialPage(
        **page(address="about/review-rules.html", heading="Правила отзывов", body=body, day="7 февраля 2026") | given
    )


def method(**given: Any) -> model.MethodPage:
    kept = page(
        address="methods/344n-2018/",
        heading="Единый порядок расчёта, 2018",
        note="15 показателей складываются в 5 критериев, 5 критериев — в итог.",
        known=("Полный текст приказа нам недоступен.", "Слова полос не подтверждены."),
        passport=(
            model.Fact(name="Код", value="344n-2018"),
            model.Fact(name="Основание", value="приказ № 344н от 31 мая 2018", href="https://example.org/344n"),
        ),
        measures=(
            model.MeasureRow(id="K1", title="Открытость", weight="0,2", scale="0–100", is_criterion=True),
            model.MeasureRow(
                id="1.1", title="Сведения на стенде и сайте", weight="0,3", scale="0–100", is_criterion=False
            ),
            model.MeasureRow(id="1.2", title="Дистанционная связь", weight="0,3", scale="", is_criterion=False),
        ),
        bands=BANDS[:5],
        states=(
            model.Fact(name="не оценивалась", value="организации не было в перечне этого года"),
            model.Fact(name="мало ответов", value="меньше 5 человек: число раскрыло бы, кто что ответил"),
        ),
        questionnaires=(model.Link(text="Анкета получателя услуг", href="../../questionnaires/675n-2018/"),),
    )
    return model.MethodPage(**kept | given)


FEED = model.Fact(name="Показатель", value="1.3 Довольны открытостью", href="../../methods/344n-2018/#m-1.3")
QUESTIONS = (
    model.QuestionRow(
        number="1",
        text="Обращались ли Вы к стендам?",
        hint="В помещениях организации.",
        condition="",
        depth=0,
        answers=(model.AnswerRow(text="Да"), model.AnswerRow(text="Нет", arrow="→ переходите к вопросу 3")),
        note="Можно отметить несколько ответов.",
        writing="",
        feeds=(FEED, model.Fact(name="Вопрос определяет, кого спросить дальше.", value="")),
        own_note="",
    ),
    model.QuestionRow(
        number="2",
        text="Ваши предложения",
        hint="",
        condition="Если на вопрос 1 ответ «Да»:",
        depth=1,
        answers=(),
        note="",
        writing="long",
        feeds=(),
        own_note="Вопрос добавлен регионом.",
    ),
)


def questionnaire(**given: Any) -> model.QuestionnairePage:
    kept = page(
        address="questionnaires/675n-2018/",
        heading="Анкета получателя услуг",
        note="Сверьте с приказом.",
        intro="Опрос анонимный.",
        passport=(model.Fact(name="Код", value="675n-2018"), model.Fact(name="Методика", value="344н", href="../x/")),
        questions=QUESTIONS,
        downloads=(model.Link(text="XLSForm", href="675n-2018.xlsx"),),
        others=(model.Link(text="Оценка гражданина", href="../citizen/"),),
    )
    return model.QuestionnairePage(**kept | given)


def indicator(**given: Any) -> model.IndicatorPage:
    row = model.IndicatorGroupRow(
        name="Школы", href="00/education.school.html", organizations="80", scored="79", median=FAIR
    )
    kept = page(
        address="indicators/344n-2018/3.3/",
        heading="3.3 Довольны доступностью",
        region="Томская область",
        text_lang="ru",
        plain="Какая доля людей с инвалидностью довольна.",
        formulas=(model.Fact(name="Школы", value="Доля довольных, %"), model.Fact(name="", value="Среднее")),
        regions=(row,),
        kinds=(replace(row, lang="ru"),),
    )
    return model.IndicatorPage(**kept | given)


def indicator_list(**given: Any) -> model.IndicatorListPage:
    row = model.MeasuredRow("Лицей «Вектор»", "../o/00/lyceum.html", "г. Томск", "ru", EXCELLENT, "5 из 5", "2025")
    kept = page(
        address="indicators/344n-2018/3.3/00/education.school.html",
        heading="3.3 Довольны доступностью",
        subject="Школы, Томская область",
        text_lang="ru",
        plain="Какая доля людей с инвалидностью довольна.",
        list_note="Балл есть у 79 из 80.",
        rows=(row, replace(row, mark=EXEMPT, counts="", year="", text_lang="")),
        pagination=PAGES,
    )
    return model.IndicatorListPage(**kept | given)


def assessment(**given: Any) -> model.AssessmentPage:
    kept = page(
        address="assessments/a-2025/",
        heading="Оценка школ Демонстрационной области, 2025",
        passport=(
            model.Fact(name="Год", value="2025"),
            model.Fact(name="Методика", value="344н", href="../../methods/x/"),
        ),
        lists=(ROUND, replace(ROUND, href="", bands=(), text="", lang="ru")),
        text_lang="ru",
        kind_note="Это ведомственная оценка.",
        stage_line="Сейчас: планы улучшений. Это этап 6 из 7.",
        stages=STAGES,
        decisions=(
            model.DecisionRow(
                day="1 августа 2025",
                body="общественный совет",
                stage="обсуждение",
                subject="Утвердить результаты",
                document="Протокол № 4",
                href="https://council.example/4",
            ),
            model.DecisionRow(day="2 августа 2025", body="оператор", stage="анализ", subject="Передать", document=""),
        ),
        facts=FACTS,
        message="У 76 из 83 — «хорошо» или «отлично»",
        bands=ROUND.bands,
        plan_line="План улучшений: выполнено 39 из 135 мер.",
        files=(model.Link(text="Таблицы", href="../../data/"),),
    )
    return model.AssessmentPage(**kept | given)


def empty_assessment() -> model.AssessmentPage:
    """A round of which nothing but its row is known."""
    bare = {
        "lists": (),
        "text_lang": "",
        "kind_note": "",
        "files": (),
        "decisions": (),
        "facts": (),
        "message": "",
        "bands": (),
    }
    return assessment(**BARE, is_demonstration=False, crumbs=(), passport=(), plan_line="", stages=(), **bare)


ROUND = model.RoundRow(
    name="Образование",
    href="../../assessments/a-2025/",
    lang="",
    assessed="83 из 183",
    share="45,4 %",
    mean=model.Mark(points="79,64", word="хорошо", level=4, width="79.64%"),
    bands=(
        model.BandRow(level=5, word="отлично", range="80,01–100", count="48", share="57,8 %", x="0%", width="57.8%"),
        model.BandRow(level=1, word="неудовлетворительно", range="0–20", count="0", share="0 %", x="100%", width=""),
    ),
    text="отлично 48",
)

FACTS = (model.Fact("организаций с баллом", "155"), model.Fact("оценок граждан", "4 073", "../../data/"))


def _report_row(name: str, **given: Any) -> model.ReportRow:
    kept = {
        "href": "../../00/2025/",
        "lang": "ru",
        "organizations": "18",
        "assessed": "7 из 18",
        "proposals": "12",
        "done": "1 из 8",
        "overdue": "1",
        "is_overdue": True,
        "ratings": "186",
        "replies": "6",
        "days": "10,5",
    }
    return model.ReportRow(name=name, **kept | given)


REPORT_ROWS = (
    _report_row("Лекальский район"),
    _report_row("Пробный район", href="", lang="", done="", overdue="0", is_overdue=False, days=""),
    _report_row("Устьинский район", href="", overdue="0", is_overdue=False),
)


def report(**given: Any) -> model.ReportPage:
    kept = page(
        address="reports/00/2025/",
        heading="Демонстрационная область: 2025 год",
        text_lang="ru",
        lead="Отчёт об оценке.",
        facts=FACTS,
        coverage_heading="Балл есть у 155 из 337 организаций",
        rounds=(ROUND, replace(ROUND, href="", bands=(), text="")),
        plan_heading="Планы: выполнено 58 из 241 меры",
        plan_note="Просрочено — по состоянию на 7 февраля 2026.",
        plan=REPORT_ROWS,
        ratings_heading="Граждане поставили 4 073 оценки",
        ratings=REPORT_ROWS,
        places_heading="По муниципалитетам",
        places_label="Муниципалитет",
        places=REPORT_ROWS,
        means=(model.MeansTable(heading="Средние баллы: Образование", id="m-education", rows=AGGREGATES),),
        years=(model.Link(text="2024", href="../2024/"),),
        changed=model.Link(text="Что изменилось", href="../changed/"),
        files=(model.Link(text="Таблицы", href="../../../data/"),),
    )
    return model.ReportPage(**kept | given)


def empty_report() -> model.ReportPage:
    """A year of which nothing is known but its number."""
    bare = {"rounds": (), "plan": (), "ratings": (), "places": (), "means": (), "years": (), "facts": ()}
    return report(**BARE, is_demonstration=False, crumbs=(), text_lang="", plan_note="", **bare)


def reports(**given: Any) -> model.ReportsPage:
    years = (model.Link(text="2025", href="all/2025/"),)
    changed = model.Link(text="Что изменилось", href="changed/")
    region = model.ReportsRegion(name="Демонстрационная область", lang="ru", years=years, changed=changed)
    kept = page(
        address="reports/",
        heading="Отчёты",
        lead="Охват, баллы, планы улучшений.",
        years=years,
        changed=changed,
        regions=(region, replace(region, lang="", years=())),
    )
    return model.ReportsPage(**kept | given)


def changed(**given: Any) -> model.ChangedPage:
    row = model.ChangeRow(
        day="6 февраля 2026",
        organization="МБОУ «Средняя школа № 4»",
        href="../../o/00/school-4.html#plan",
        place="г. Эталонск",
        text_lang="ru",
        action="Купить две кресла-коляски",
        shortcoming="Нет сменных кресел-колясок",
        indicator="3.1 Оборудование",
        indicator_href="../../indicators/x/3.1/00/education.school.html",
        evidence="Акт приёмки",
    )
    bare = replace(row, place="", text_lang="", shortcoming="", indicator_href="", evidence="")
    kept = page(
        address="reports/changed/",
        heading="Что изменилось: Все регионы",
        text_lang="ru",
        lead="Выполнено 147 мер.",
        note="Показаны последние 2.",
        rows=(row, bare),
        regions=(model.Fact("Демонстрационная область", "147 мер", "../00/changed/"),),
        report=model.Link(text="Отчёты", href="../"),
    )
    return model.ChangedPage(**kept | given)


def party(**given: Any) -> model.PartyPage:
    head = model.Cell(label="Перечень", text="2025 год", href="../../rosters/r/", lang="ru", note="Образование")
    cells = (
        model.Cell(label="Оцениваются", text="87", is_number=True),
        model.Cell(label="Доля", text="47,5 %", note="Не сходится", is_number=True, is_wrong=True),
        model.Cell(label="Причина", text="", lang="ru"),
        model.Cell(label="Оператор", text="ООО «Мера»", href="../../operators/mera/"),
    )
    links = (CAMPAIGN, model.Link(text="Без страницы", href=""))
    kept = page(
        address="councils/os/",
        heading="Общественный совет",
        text_lang="ru",
        official="Полное название",
        lead="О чём это.",
        kinds=(model.Link(text="Операторы", href="../operators/"), model.Link(text="Советы", href="")),
        passport_heading="Сведения",
        passport=FACTS,
        sections=(
            model.Section(
                id="rosters", heading="Перечни", note="Пояснение.", rows=(model.TableRow(head=head, cells=cells),)
            ),
            model.Section(id="where", heading="Где", links=links, is_long=True),
        ),
        pagination=PAGES,
    )
    return model.PartyPage(**kept | given)


def data(**given: Any) -> model.DataPage:
    package = model.PackageView(
        name="demo",
        title="Демонстрационная область",
        version="1.0.0",
        licence="CC BY 4.0",
        is_demonstration=True,
        tables=(model.ReleasedTable(name="organizations", title="Организации", rows="462 строки", files=FORMS),),
        files=FILES,
        cuts=(
            model.DataCut(
                heading="По регионам",
                shards=(model.ShardRow(title="Область", whole=FORMS[:1], tables=(("Организации", FORMS),)),),
            ),
        ),
        sums_href="demo/1.0.0/SHA256SUMS",
        changelog=model.Link(text="История выпусков", href="demo/changelog.html"),
    )
    bare = replace(package, name="bare", title="Без файлов", licence="", is_demonstration=False, sums_href="")
    bare = replace(bare, tables=(), files=(), cuts=())
    kept = page(
        address="data/",
        heading="Открытые данные",
        packages=(package, bare),
        structured_data=safe_json({"@type": "DataCatalog", "name": "</script>"}),
        more=(model.Link(text="Словарь данных", href="dictionary/"),),
    )
    return model.DataPage(**kept | given)


def dictionary(**given: Any) -> model.DictionaryPage:
    row = model.DictionaryRow(name="inn", title="ИНН", kind="текст", said="с ведущими нулями", limits="[0-9]{10}")
    bare = model.DictionaryRow(name="x", title="", kind="число", said="", limits="")
    table = model.DictionaryTable(name="organizations", title="Организации", columns=(row, bare))
    kept = page(address="data/dictionary/", heading="Словарь данных", lead="Что значит столбец.", tables=(table,))
    return model.DictionaryPage(**kept | given)


def passport(**given: Any) -> model.PassportPage:
    row = model.PassportRow(number="1", title="Номер", value="0-demo", href="", told="dc:identifier", lang="ru")
    linked = model.PassportRow(number="8", title="Данные", value="data.csv", href="data.csv", told="dc:source")
    kept = page(
        address="opendata/",
        heading="Паспорта открытых данных",
        heading_lang="ru",
        lead="Реестр наборов.",
        standard="http://opendata.gosmonitor.ru/standard/3.0",
        files=(model.Link(text="list.csv", href="list.csv"),),
        sets=(model.Link(text="Баллы", href="0-demo-scores/", lang="ru"),),
        rows=(row, linked),
    )
    return model.PassportPage(**kept | given)


def changelog(**given: Any) -> model.ChangelogPage:
    row = model.DiffRow(
        text="Школа № 1", href="../../o/00/school-1.html", before="Школа", now="Школа № 1", why="переименована"
    )
    bare = model.DiffRow(text="school-2", href="", before="", now="", why="", lang="ru")
    release = model.ReleaseView(
        version="1.1.0",
        day="7 февраля 2026",
        href="1.1.0/datapackage.json",
        note="Что изменилось после версии 1.0.0.",
        facts=(model.Fact(name="Сменили название", value="1"),),
        parts=(model.DiffPart(heading="Сменили название", rows=(row, bare), more="Ещё 7."),),
    )
    first = replace(release, version="1.0.0", day="", note="Первый выпуск.", facts=(), parts=())
    kept = page(
        address="data/demo/changelog.html",
        heading="История выпусков",
        lead="Что принёс каждый выпуск.",
        data=(model.Link(text="versions.json", href="versions.json"),),
        releases=(release, first),
    )
    return model.ChangelogPage(**kept | given)


def api(**given: Any) -> model.ApiPage:
    row = model.ApiRow(
        path="/api/v1/regions.json",
        text="Регионы",
        href="v1/regions.json",
        command="curl --compressed https://ocenka.example/api/v1/regions.json",
    )
    kept = page(
        address="api/",
        heading="Данные для программ",
        lead="Готовые файлы.",
        facts=(model.Fact(name="Построено", value="7 февраля 2026"),),
        rows=(row, replace(row, href="", command="")),
        openapi="v1/openapi.json",
    )
    return model.ApiPage(**kept | given)


def check(**given: Any) -> model.CheckPage:
    search = model.Link(text="Найти организацию", href="../search/")
    kept = page(address="check/", heading="Проверить числа", lead="Браузер пересчитает.", search=search)
    return model.CheckPage(**kept | given)


def choosing(kind: type[model.ChoosingPage], **given: Any) -> model.ChoosingPage:
    kept = page(
        address="search/",
        heading="Поиск организации",
        lead="Название, номер, посёлок или ИНН.",
        facts=safe_json({"shards": 16, "kinds": {"education/school": "</script>"}}),
        kinds=(
            model.OptionGroup(
                title="Образование",
                options=(
                    model.Option(value="education/*", text="Всё"),
                    model.Option(value="education/school", text="Школы"),
                ),
            ),
        ),
        regions=(model.Option(value="00", text="Демонстрационная область"),),
        bands=(model.Option(value="5", text="отлично"),),
        doors=REGIONS,
    )
    return kind(**kept | given)


def _choosing(kind: type[model.ChoosingPage]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    empty = {"crumbs": (), "lead": "", "facts": safe_json({}), "kinds": (), "regions": (), "bands": (), "doors": ()}
    return lambda: choosing(kind), lambda: choosing(kind, **BARE, **empty)


def municipality(**given: Any) -> model.MunicipalityPage:
    row = model.KindRow(name="Школы", href="1a2b3c4d.education.school.html", organizations="12", assessed="9")
    kept = page(
        address="regions/00/m/1a2b3c4d.html",
        heading="Примерский район",
        text_lang="ru",
        lead="12 организаций.",
        spheres=(model.SphereKinds(title="Образование", kinds=(row,)),),
    )
    return model.MunicipalityPage(**kept | given)


def peers(**given: Any) -> model.PeersPage:
    row = model.PeerRow(
        name="Школа № 12",
        href="../../../o/00/primersk-school-12.html",
        place="ул. Школьная, 5",
        text_lang="ru",
        total=EXCELLENT,
        criteria=(model.PeerCell(label="Открытость", mark=FAIR), model.PeerCell(label="Комфортность", mark=EXEMPT)),
        citizens="4,3",
    )
    without = tuple(replace(cell, mark=NO_MARK) for cell in row.criteria)
    kept = page(
        address="regions/00/m/1a2b3c4d.education.school.html",
        heading="Школы: Примерский район",
        text_lang="ru",
        lead="2 организации",
        criteria=("Открытость", "Комфортность"),
        rows=(row, replace(row, total=NO_MARK, criteria=without, place="", text_lang="")),
        median=(model.PeerCell(label="", mark=FAIR), *row.criteria),
        source_note="Методика 344н.",
        pagination=PAGES,
        others=(model.Link(text="Детские сады", href="1a2b3c4d.education.preschool.html"),),
    )
    return model.PeersPage(**kept | given)


def view(**given: Any) -> model.ViewPage:
    return model.ViewPage(**page(address="view/", heading="Версия для слабовидящих") | given)


def not_found(**given: Any) -> model.NotFoundPage:
    return model.NotFoundPage(**page(address="404.html", heading="Страница не найдена", crumbs=()) | given)


PAGES_OF_EACH_KIND: Mapping[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
    "organization.html": (organization, empty_organization),
    "api.html": (api, lambda: api(**BARE, crumbs=(), lead="", facts=(), rows=())),
    "check.html": (check, lambda: check(**BARE, crumbs=(), lead="")),
    "dictionary.html": (dictionary, lambda: dictionary(**BARE, crumbs=(), tables=())),
    "passport.html": (
        passport,
        lambda: passport(**BARE, crumbs=(), heading_lang="", lead="", files=(), sets=(), rows=()),
    ),
    "changelog.html": (changelog, lambda: changelog(**BARE, crumbs=(), lead="", data=(), releases=())),
    "reviews.html": (reviews, empty_reviews),
    "poster.html": (poster, empty_poster),
    "card.html": (card, empty_card),
    "observed.html": (observed, empty_observed),
    "region.html": (region, empty_region),
    "sphere_region.html": (sphere_region, empty_sphere_region),
    "sphere.html": (sphere, lambda: sphere(**BARE, crumbs=(), lead="", regions=())),
    "regions.html": (regions, lambda: regions(**BARE, crumbs=(), lead="", tiles=(), regions=())),
    "home.html": (
        home,
        lambda: home(**BARE, facts=(), edition="", tiles=(), regions=(), spheres=(), news=(), examples=()),
    ),
    "news.html": (news, lambda: news(**BARE, crumbs=(), items=(), feed_href="")),
    "editorial.html": (editorial, lambda: editorial(**BARE, crumbs=(), body="", day="")),
    "method.html": (
        method,
        lambda: method(
            **BARE, crumbs=(), note="", known=(), passport=(), measures=(), bands=(), states=(), questionnaires=()
        ),
    ),
    "questionnaire.html": (
        questionnaire,
        lambda: questionnaire(**BARE, crumbs=(), note="", passport=(), questions=(), downloads=(), others=()),
    ),
    "indicator.html": (
        indicator,
        lambda: indicator(**BARE, crumbs=(), region="", plain="", formulas=(), regions=(), kinds=()),
    ),
    "indicator_list.html": (
        indicator_list,
        lambda: indicator_list(**BARE, crumbs=(), subject="", plain="", list_note="", rows=(), pagination=ONE_PAGE),
    ),
    "rating_list.html": (
        rating_list,
        lambda: rating_list(
            **BARE,
            crumbs=(),
            text_lang="",
            lead="",
            years=(),
            kinds=(),
            columns=(),
            rows=(),
            method=None,
            pagination=ONE_PAGE,
        ),
    ),
    "ratings.html": (ratings, lambda: ratings(**BARE, crumbs=(), text_lang="", lead="", spheres=(), regions=())),
    "party.html": (
        party,
        lambda: party(
            **BARE,
            crumbs=(),
            text_lang="",
            official="",
            lead="",
            kinds=(),
            passport=(),
            sections=(),
            pagination=ONE_PAGE,
        ),
    ),
    "assessment.html": (assessment, empty_assessment),
    "report.html": (report, empty_report),
    "reports.html": (reports, lambda: reports(**BARE, crumbs=(), lead="", years=(), regions=())),
    "changed.html": (changed, lambda: changed(**BARE, crumbs=(), text_lang="", note="", rows=(), regions=())),
    "data.html": (data, lambda: data(**BARE, crumbs=(), packages=())),
    "search.html": _choosing(model.SearchPage),
    "near.html": _choosing(model.NearPage),
    "compare.html": _choosing(model.ComparePage),
    "favourites.html": _choosing(model.FavouritesPage),
    "municipality.html": (municipality, lambda: municipality(**BARE, crumbs=(), text_lang="", lead="", spheres=())),
    "peers.html": (
        peers,
        lambda: peers(
            **BARE,
            crumbs=(),
            text_lang="",
            lead="",
            criteria=(),
            rows=(),
            median=(),
            source_note="",
            pagination=ONE_PAGE,
            others=(),
        ),
    ),
    "view.html": (view, lambda: view(**BARE, crumbs=())),
    "not_found.html": (not_found, lambda: not_found(**BARE)),
}
"""Template to a full record and an empty one."""


def hostile(value: Any) -> Any:
    """`value` with the hostile text in place of every text that is not empty; ready HTML (`Markup`) stays as it is."""
    if isinstance(value, str):
        return value if isinstance(value, markupsafe.Markup) or not value else HOSTILE
    if isinstance(value, tuple):
        return tuple(hostile(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{item.name: hostile(getattr(value, item.name)) for item in fields(value)})
    return value
