"""Where the demonstration region is and what its organisations are called. All invented; only text here.

Floor 3, below `nok.demonstration.package`. The towns are called after examples, samples and models; some villages after the
word for "example" in other languages of Russia, so that their letters are met on every page, poster and map.
"""

from dataclasses import dataclass
from enum import IntEnum

REGION = {
    "region_code": "00",
    "name": "Демонстрационная область",
    "name_en": "Demonstration Region",
    "lat_min": "56",
    "lat_max": "58",
    "lon_min": "84",
    "lon_max": "88",
}


class Size(IntEnum):
    """How much there is in a municipality; the number indexes `COUNTS`."""

    CAPITAL = 0
    CITY = 1
    TOWN = 2
    DISTRICT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The centre of a municipality.

    `of` continues «школа …»; `stem` makes adjectives («Опытненск» + «ая»); latitude and longitude are hundred
    thousandths of a degree.
    """

    slug: str
    name: str
    municipality: str
    of: str
    stem: str
    size: Size
    latitude: int
    longitude: int
    oktmo: str

    @property
    def is_city(self) -> bool:
        return self.size in (Size.CAPITAL, Size.CITY)


def _settlement(number: int, line: str) -> Settlement:
    slug, name, municipality, of, stem, size, latitude, longitude = (part.strip() for part in line.split("|"))
    return Settlement(
        slug=slug,
        name=name,
        municipality=municipality,
        of=of,
        stem=stem,
        size=Size[size],
        latitude=int(latitude) * 100,
        longitude=int(longitude) * 100,
        oktmo=f"00{701 + number:03d}000",
    )


_SETTLEMENTS = """
primersk | г. Примерск | г. Примерск | города Примерска | Примерск | CAPITAL | 57010 | 86020
etalonsk | г. Эталонск | г. Эталонск | города Эталонска | Эталонск | CITY | 56420 | 84930
lekalsk | г. Лекальск | Лекальский район | Лекальского района | Лекальск | TOWN | 57460 | 87120
mnimsk | г. Мнимск | Мнимский район | Мнимского района | Мнимск | TOWN | 56180 | 86840
chertyozhny | рп. Чертёжный | Чертёжный район | Чертёжного района | Чертёжненск | TOWN | 57710 | 85240
primernoe-ustie | г. Устье-Примерное | Устьинский район | Устьинского района | Устьинск | TOWN | 56830 | 84480
obraztsovo | п. Образцово | Образцовский район | Образцовского района | Образцовск | DISTRICT | 57180 | 85310
opytnoe | с. Опытное | Опытненский район | Опытненского района | Опытненск | DISTRICT | 56620 | 86410
dalnyaya | д. Дальняя | Дальненский район | Дальненского района | Дальненск | DISTRICT | 57880 | 87560
verkhnyaya | д. Верхняя | Верхненский район | Верхненского района | Верхненск | DISTRICT | 57640 | 86480
maketovka | с. Макетовка | Макетовский район | Макетовского района | Макетовск | DISTRICT | 56310 | 85620
shablonnoe | с. Шаблонное | Шаблоновский район | Шаблоновского района | Шаблоновск | DISTRICT | 56940 | 87410
uchebny | п. Учебный | Учебненский район | Учебненского района | Учебненск | DISTRICT | 57330 | 84620
chernovoe | с. Черновое | Черновской район | Черновского района | Черновск | DISTRICT | 56120 | 84410
probnoe | с. Пробное | Пробненский район | Пробненского района | Пробненск | DISTRICT | 57520 | 84210
uslovnoe | с. Условное | Условненский район | Условненского района | Условненск | DISTRICT | 56540 | 87690
naglyadnoe | с. Наглядное | Наглядненский район | Наглядненского района | Наглядненск | DISTRICT | 57290 | 86730
vymyslovo | с. Вымыслово | Вымысловский район | Вымысловского района | Вымысловск | DISTRICT | 57800 | 84300
nebylitsy | с. Небылицы | Небылицкий район | Небылицкого района | Небылицк | DISTRICT | 56260 | 87420
urnyak | с. Үрнәк | Үрнәкский район | Үрнәкского района | Үрнәкск | DISTRICT | 56760 | 85480
yolgo | с. Өлгө | Өлгинский район | Өлгинского района | Өлгинск | DISTRICT | 56480 | 86020
teslekh | с. Тӗслӗх | Тӗслӗхский район | Тӗслӗхского района | Тӗслӗхск | DISTRICT | 57070 | 84280
kholobur | с. Холобур | Холобурский наслег | Холобурского наслега | Холобурск | DISTRICT | 57950 | 86010
zhesheye | с. Жэшээ | Жэшээнский район | Жэшээнского района | Жэшээнск | DISTRICT | 56050 | 87880
"""

SETTLEMENTS = tuple(_settlement(*pair) for pair in enumerate(_SETTLEMENTS.strip().splitlines()))

SPHERES = {
    "school": "education",
    "preschool": "education",
    "extracurricular": "education",
    "vocational": "education",
    "polyclinic": "health",
    "hospital": "health",
    "dental": "health",
    "library": "culture",
    "museum": "culture",
    "club": "culture",
    "theatre": "culture",
    "social_centre": "social",
    "boarding_home": "social",
    "mse_bureau": "mse",
    "sport_school": "sport",
}
"""Kind of organisation to its sphere."""

COUNTS = {
    "school": (17, 8, 4, 2),
    "preschool": (18, 8, 3, 1),
    "extracurricular": (6, 3, 1, 0),
    "vocational": (4, 2, 1, 0),
    "polyclinic": (6, 2, 1, 0),
    "hospital": (4, 2, 1, 1),
    "dental": (3, 1, 1, 0),
    "library": (5, 3, 2, 1),
    "museum": (2, 1, 1, 0),
    "club": (3, 2, 1, 1),
    "theatre": (2, 1, 0, 0),
    "social_centre": (3, 1, 1, 0),
    "boarding_home": (1, 1, 0, 0),
    "mse_bureau": (2, 1, 0, 0),
    "sport_school": (3, 1, 1, 0),
}
"""How many organisations of a kind a settlement of each `Size` has; every other district has some more."""

MORE_IN_EVERY_OTHER_DISTRICT = ("preschool", "social_centre", "extracurricular")

SCHOOL_NUMBERS = (1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 17, 19, 22, 31)
"""Schools of the capital: as in any town, some numbers have been lost on the way."""

FULL_FORMS = {
    "МБОУ": "Муниципальное бюджетное общеобразовательное учреждение",
    "МАОУ": "Муниципальное автономное общеобразовательное учреждение",
    "МКОУ": "Муниципальное казённое общеобразовательное учреждение",
    "ГБОУ": "Государственное бюджетное общеобразовательное учреждение",
    "ЧОУ": "Частное общеобразовательное учреждение",
    "МБДОУ": "Муниципальное бюджетное дошкольное образовательное учреждение",
    "МАДОУ": "Муниципальное автономное дошкольное образовательное учреждение",
    "МБУ ДО": "Муниципальное бюджетное учреждение дополнительного образования",
    "ОГБПОУ": "Областное государственное бюджетное профессиональное образовательное учреждение",
    "ОГАУЗ": "Областное государственное автономное учреждение здравоохранения",
    "ОГБУЗ": "Областное государственное бюджетное учреждение здравоохранения",
    "МБУК": "Муниципальное бюджетное учреждение культуры",
    "ОГАУК": "Областное государственное автономное учреждение культуры",
    "ОГКУ": "Областное государственное казённое учреждение",
    "ОГБУ": "Областное государственное бюджетное учреждение",
    "ФКУ": "Филиал федерального казённого учреждения «Главное бюро медико-социальной экспертизы по Демонстрационной "
    "области» Министерства труда и социальной защиты Российской Федерации —",
}
"""What the abbreviated legal forms mean."""

NICKNAMES = (
    "Ромашка",
    "Теремок",
    "Солнышко",
    "Колобок",
    "Берёзка",
    "Журавлик",
    "Ладушки",
    "Родничок",
    "Светлячок",
    "Рябинка",
    "Сказка",
    "Капелька",
    "Золотой петушок",
    "Аленький цветочек",
    "Звёздочка",
    "Кораблик",
    "Незабудка",
    "Василёк",
    "Тополёк",
    "Снегирёк",
    "Радуга",
    "Карандаш",
    "Умка",
    "Семицветик",
)

NATIVE_NICKNAMES = {
    "urnyak": ("Җиләк", "Яңа гасыр", "Әкият"),
    "yolgo": ("Ҡояш", "Йондоҙ", "Һандуғас"),
    "teslekh": ("Ҫӑлтӑр", "Тӗнче", "Ӳсӗм"),
    "kholobur": ("Оҕо саас", "Саҥа олох", "Күн"),
    "zhesheye": ("Наран", "Һайн үдэр", "Туяа"),
    "naglyadnoe": ("Шондібан", "Шонді", "Войвыв кодзув"),
    "vymyslovo": ("Кечӹ", "Шӹдӹр", "Ӹлӹмӓш"),
}
"""Names of kindergartens, clubs and the rest in other languages of Russia, by settlement."""

STREETS = (
    "Школьная",
    "Садовая",
    "Центральная",
    "Мира",
    "Лесная",
    "Речная",
    "Заречная",
    "Полевая",
    "Новая",
    "Молодёжная",
    "Набережная",
    "Северная",
    "Южная",
    "Парковая",
    "Тихая",
    "Луговая",
    "Зелёная",
    "Солнечная",
    "Строителей",
    "Железнодорожная",
    "Портовая",
    "Яблоневая",
    "Типографская",
    "Театральная",
    "Больничная",
    "Библиотечная",
    "Образцовая",
    "Эталонная",
    "Макетная",
    "Линейная",
    "Циркульная",
    "Чертёжников",
    "2-я Пробная",
    "Учительская",
)

NATIVE_STREETS = {
    "urnyak": "Яңа урамы",
    "yolgo": "Үҙәк урамы",
    "teslekh": "Ҫӗнӗ урам",
    "kholobur": "ул. Саҥа",
    "zhesheye": "ул. Һайхан",
}

EXTRACURRICULAR = (
    "Дворец творчества детей и молодёжи",
    "Детская школа искусств № 1",
    "Детская музыкальная школа № 2",
    "Станция юных техников",
    "Эколого-биологический центр",
    "Детская художественная школа",
)

COLLEGES = ("медицинский колледж", "политехнический техникум", "педагогический колледж", "колледж сферы услуг")
MUSEUMS = ("краеведческий музей", "музей мер и образцов")
THEATRES = ("драматический театр", "театр кукол «Лоскуток»")
CLUBS = ("Дворец культуры «Маяк»", "Дом культуры «Строитель»", 'Досуговый центр "Перекрёсток"')
SPORTS = ("Спортивная школа № 1", "Спортивная школа олимпийского резерва по лыжным гонкам", "Ледовая школа «Метель»")
HOSPITALS = (
    "Областная клиническая больница",
    "Городская больница № 1",
    "Городская больница № 2",
    "Детская больница с перинатальным центром",
)
