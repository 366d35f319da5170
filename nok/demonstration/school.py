"""School № 12 of Primersk, the example that guides, manuals and tests show: its numbers and words are fixed.

Floor 3, below `nok.demonstration.package`. Only the days of some ratings are left to the seed.
"""

from datetime import date, timedelta
from random import Random

from nok.demonstration.reviews import EDITION_DAY, HIDDEN_TEXT, Row
from nok.identifiers import default_placement_code

SCHOOL_12 = "primersk-school-12"

ORGANIZATION: Row = {
    "organization_id": SCHOOL_12,
    "name": "Муниципальное бюджетное общеобразовательное учреждение «Средняя общеобразовательная школа № 12» города "
    "Примерска",
    "short_name": "МБОУ «Средняя школа № 12»",
    "sphere": "education",
    "kind": "school",
    "region_code": "00",
    "municipality": "г. Примерск",
    "oktmo": "00701000001",
    "address": "г. Примерск, ул. Школьная, 5",
    "latitude": "57.01214",
    "longitude": "86.02431",
    "inn": "0012004514",
    "kpp": "001201001",
    "ogrn": "0020000123451",
    "website": "https://school12.primersk.example/",
    "phone": "+7 (000) 000-00-12",
    "email": "mail@school12.primersk.example",
    "opened_on": "1974-09-01",
    "status": "published",
}

INDICATORS = {
    2023: "80 90 80  60 82  40 40 80  86 85 85.50  78 80 79.20",
    2024: "90 90 86  80 80  40 40 90  90 88 90  85 88 87",
    2025: "93 90 92.50  80 85  40 60 75  95 92 95  90 93 91",
}
"""Points of 1.1–1.3, 2.1, 2.3 (2.2 is not used in education), 3.1–3.3, 4.1–4.3, 5.1–5.3 by year."""

RESPONDENTS = {"1.3": 80, "3.3": 20, "4.3": 60}
"""How many answered the questions behind an indicator; the other questions were answered by all 200."""

SEEN = {
    "stand_items": (9, 10),
    "site_items": (48, 50),
    "remote_channels": (3, 0),
    "comfort_conditions": (4, 0),
    "access_equipment": (2, 0),
    "access_conditions": (3, 0),
}
"""What was found in 2025, and the norm where there is one."""

_RATINGS = {5: 52, 4: 20, 3: 8, 2: 3, 1: 3}
_FROM_STAND = 61

_NEWEST: tuple[tuple[Row, Row], ...] = (
    (
        {
            "received_on": "2026-01-02",
            "rating": "4",
            "channel": "web",
            "state": "restricted",
            "reason_code": "personal_data",
            "text": f"{HIDDEN_TEXT}: названы фамилия и класс чужого ребёнка.",
            "language": "ru",
        },
        {},
    ),
    (
        {
            "received_on": "2026-01-09",
            "visited_on": "2025-12-19",
            "rating": "5",
            "openness": "5",
            "text": "Документы в первый класс приняли за десять минут, всё, что нужно, написано на стенде у входа.",
            "language": "ru",
            "channel": "qr",
        },
        {},
    ),
    (
        {
            "received_on": "2026-01-14",
            "rating": "2",
            "accessibility": "2",
            "courtesy": "5",
            "text": "На второй этаж с коляской не подняться, лифта нет. Учительница вышла к нам сама, спасибо ей, но "
            "родительское собрание мы слушали с лестницы.",
            "language": "ru",
            "channel": "qr",
        },
        {
            "replied_on": "2026-01-16",
            "text": "Собрания для семей с колясками теперь проводим в кабинете 104 на первом этаже. Подъёмник включён "
            "в план, срок — 1 сентября 2026.",
        },
    ),
)
"""The three that the mock-up shows, oldest first, each with its reply."""

_TEXTS = (
    (5, "Учителя сильные, особенно в начальной школе. Ребёнок идёт на уроки с радостью.", ""),
    (5, "Спасибо за продлёнку, без неё работающим родителям никак.", ""),
    (5, "Хорошая библиотека, дают читать на лето без ограничений.", "Спасибо! Летний список обновим к маю."),
    (5, "Отличная школа", ""),
    (5, "Дочь готовили к олимпиаде два месяца, бесплатно, после уроков. Заняла второе место в области.", ""),
    (5, "В столовой стало вкуснее, каши едят все.", ""),
    (5, "Всё на месте: расписание, приём, телефоны. Сайт открывается с телефона без мучений.", ""),
    (5, "Физкультура на лыжах каждую зиму, форму и лыжи выдают, спасибо!", ""),
    (5, "Довольны.", ""),
    (5, "Со двора вход без ступеней, на праздник бабушка с палочкой дошла сама.", ""),
    (5, "Пришли переводиться посреди года, встретили спокойно, бумаги оформили в тот же день.", ""),
    (5, "A friendly school. My son did not speak Russian well and the teachers helped him.", ""),
    (5, "Рәхмәт! Бик яхшы мәктәп.", ""),
    (5, "Классный час про деньги и мошенников — нужное дело, обсудили потом дома.", ""),
    (5, "Музей школы маленький, а рассказывают так, что хочется спросить дедушку.", ""),
    (
        4,
        "Учат хорошо. Но в раздевалке начальной школы тесно, куртки падают на пол.",
        "Вторую раздевалку откроем в кабинете 101 в следующей четверти.",
    ),
    (
        4,
        "Всё нравится, только воды в холле нет, а бутылки дети забывают.",
        "Питьевая вода в холле — в плане, срок — 1 июня 2026.",
    ),
    (4, "Хорошая школа, но секций после шести почти нет.", ""),
    (4, "Неплохо", ""),
    (4, "Кружок робототехники отличный. Жаль, мест всего двенадцать.", "С сентября набираем вторую группу."),
    (4, "Собрания стали короче и по делу, спасибо. Запись бы ещё выкладывали.", ""),
    (3, "Средне. Классный руководитель хороший, а предметники меняются каждый год.", ""),
    (
        3,
        "Парковки нет, утром у ворот толкотня и машины на тротуаре.",
        "Место для машин инвалидов разметим, как только высохнет асфальт. Остальных просим останавливаться у парка.",
    ),
    (3, "На третьем этаже холодно, на первом жарко.", ""),
    (3, "Нормальная школа, ничего особенного", ""),
    (3, "Электронный дневник заполняют через раз, оценки узнаём в конце месяца.", ""),
    (
        2,
        "Туалеты на втором этаже закрывают на переменах «чтобы не баловались». Дети терпят до дома.",
        "Туалеты открыты весь день, за порядком смотрит дежурный. Извините нас.",
    ),
    (
        1,
        "Три недели без математики, замены нет, а контрольная будет.",
        "Учитель вышел 12 числа, контрольную перенесли.",
    ),
    (1, "Дозвониться в школу невозможно.", ""),
)
"""Older texts: rating, text, reply."""

PLAN: tuple[tuple[str, str, str, str, str, str, str], ...] = (
    (
        "3.1",
        "Главный вход не оборудован пандусом",
        "Пандус у главного входа",
        "2025-10-01",
        "done",
        "2025-09-24",
        "Акт приёмки и фотографии на сайте школы",
    ),
    (
        "3.2",
        "Нет вывесок шрифтом Брайля",
        "Вывески шрифтом Брайля",
        "2025-12-01",
        "done",
        "2026-01-21",
        "Одиннадцать вывесок, фотографии на сайте школы",
    ),
    ("3.1", "Нет стоянки для машин инвалидов", "Парковочное место для инвалидов", "2026-01-15", "in_progress", "", ""),
    (
        "3.1",
        "На второй этаж нельзя подняться на коляске",
        "Подъёмник на второй этаж",
        "2026-09-01",
        "in_progress",
        "",
        "",
    ),
    ("2.1", "В холле нет питьевой воды", "Питьевая вода в холле", "2026-06-01", "planned", "", ""),
)
"""Indicator, shortcoming, action, due day, status, day it was done, evidence."""

PLAN_POST = "заместитель директора по хозяйственной части"


def school_reviews(rng: Random) -> tuple[list[Row], list[Row]]:
    """Its 86 ratings of the last twelve months (31 published texts, one restricted) and the replies."""
    pairs = [*_older(rng), *((dict(review), dict(reply)) for review, reply in _NEWEST)]
    pairs.sort(key=lambda pair: pair[0]["received_on"])
    stand = _FROM_STAND - sum(review.get("channel") == "qr" for review, _ in pairs)
    open_rows = [review for review, _ in pairs if "channel" not in review]
    from_stand = sorted(rng.sample(range(len(open_rows)), stand))
    for number, review in enumerate(open_rows):
        review["channel"] = "qr" if number in from_stand else "web"
    reviews, replies = [], []
    for number, (review, reply) in enumerate(pairs, 1):
        own = {"review_id": f"{SCHOOL_12}-{number:04d}", "organization_id": SCHOOL_12, "state": "published"}
        code = {"placement_code": default_placement_code(SCHOOL_12)} if review["channel"] == "qr" else {}
        reviews.append(own | code | review)
        if reply:
            replies.append({"review_id": own["review_id"], **reply})
    return reviews, replies


def _older(rng: Random) -> list[tuple[Row, Row]]:
    pairs: list[tuple[Row, Row]] = []
    for rating, text, answer in _TEXTS:
        day = date(2025, 2, 10) + timedelta(days=rng.randrange(300))
        review = {"received_on": day.isoformat(), "rating": str(rating), "text": text, "language": _language(text)}
        replied_on = (day + timedelta(days=rng.randint(1, 9))).isoformat()
        pairs.append((review, {"text": answer, "replied_on": replied_on} if answer else {}))
    said = [int(review["rating"]) for review, _ in (*_NEWEST, *pairs)]
    for rating, count in _RATINGS.items():
        for _ in range(count - said.count(rating)):
            day = EDITION_DAY - timedelta(days=rng.randint(1, 360))
            pairs.append(({"received_on": day.isoformat(), "rating": str(rating)}, {}))
    return pairs


def _language(text: str) -> str:
    return "en" if text.isascii() else "tt" if "ә" in text else "ru"
