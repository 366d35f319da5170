"""Towns and villages of addresses, and what spellings of a name in Latin letters have in common."""

import pytest

from nok.latin import LATIN, latin, skeleton
from nok.packages.cells import slug
from nok.search_text import words_of
from nok.settlements import places_of, settlement


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ("с.Пробное", "с. Пробное"),
        ("С  Пробное", "с. Пробное"),
        ("село Пробное", "с. Пробное"),
        ("Пробное с", "с. Пробное"),
        ("107061 г. Москва", "г. Москва"),
        ("г. Ростов-на-Дону", "г. Ростов-на-Дону"),
        ("д. Большие Вязёмы", "д. Большие Вязёмы"),
        ("п. 40 лет Октября", "п. 40 лет Октября"),
        ("п. Томь-2", "п. Томь-2"),
        ("р.п. Чертёжный", "рп. Чертёжный"),
        ("станица Каневская", "ст-ца Каневская"),
        ("г. Москва ул. Правды", "г. Москва"),
        ("г. Москва Армавирская ул", ""),
        ("д. 5", ""),
        ("д. 5А", ""),
        ("д. Б", ""),
        ("с/п Пробное", ""),
        ("стр. 3", ""),
        ("ул. Садовая", ""),
        ("сад", ""),
        ("с.", ""),
        ("", ""),
    ],
)
def test_a_part_of_an_address_is_a_settlement_or_none(part: str, place: str) -> None:
    assert settlement(part) == place


def test_a_town_stands_by_itself_and_a_village_in_its_district() -> None:
    address = "636000, Томский район, г. Северск, п. Самусь, ул. Мира, д. 5"
    assert places_of("Томский район", address) == (
        ("", "Томский район"),
        ("", "г. Северск"),
        ("Томский район", "п. Самусь"),
    )
    assert places_of("город Томск", "г Томск, ул. Мира, 1") == (("", "г. Томск"),)
    assert places_of("", "") == ()


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("Щёлково", "Shchelkovo Shchyolkovo Schelkovo Shchiolkovo Shhyolkovo"),
        ("Юрьевское", "Yuryevskoye Iurevskoe Jur'evskoe Yurevskoe Yur’yevskoye"),
        ("Йошкар-Ола", "Yoshkar-Ola Ioshkar-Ola Joshkar-Ola"),
        ("Объячево", "Obyachevo Ob'yachevo Obiachevo Ob’jachevo"),
        ("Кызыл-Юрт", "Kyzyl-Yurt Kyzyl-Iurt Kizil-Jurt"),
        ("Чертёжный", "Chertyozhnyy Chertezhny Chertezhnyi Chertyozhniy"),
        ("Ханты-Мансийск", "Khanty-Mansiysk Hanty-Mansijsk Khanty-Mansiisk Khanty-Mansisk"),
        ("Цивильск", "Tsivilsk Civilsk Czivilsk Tzivilsk Tsivil'sk"),
        ("Александровск", "Alexandrovsk Aleksandrovsk Alexandrowsk"),
        ("Ясногорск", "Yasnogorsk Iasnogorsk Jasnogorsk"),
        ("Чьяново", "Chyanovo Ch'yanovo Chianovo"),
        ("Үрнәк", "Urnak"),
        ("Өлгө", "Olgo"),
        ("Тӗслӗх", "Teslekh Tesleh"),
    ],
)
def test_spellings_of_a_name_in_latin_letters_are_one(name: str, spellings: str) -> None:
    wanted = [skeleton(word) for word in words_of(name)]
    assert {
        spelling: [skeleton(word) for word in words_of(spelling)] for spelling in spellings.split()
    } == dict.fromkeys(spellings.split(), wanted)


def test_other_names_stay_other_ones() -> None:
    names = "Томск Омск Пенза Пермь Тула Тверь Чита Чехов Шахты Сочи Жуковский Зуевка Каменка Хомутово Курган Кушва"
    assert len({skeleton(word) for word in words_of(names)}) == len(names.split())


NAMES = """
Артёмовск artemovsk | Ёлкино elkino | Королёв korolev | Щёлково shchelkovo | Щучье shchuche | Объячево obyachevo
Подъездная podezdnaya | Съезжая sezzhaya | Ильинка ilinka | Казань kazan | Гусь-Хрустальный gus-khrustalnyy
Новый novyy | Верхний verkhniy | Чёрный chernyy | Синий siniy | Йошкар-Ола yoshkar-ola | Майкоп maykop | Бийск biysk
Юрга yurga | Юхнов yukhnov | Июльское iyulskoe | Яя yaya | Ясная yasnaya | Заря zarya | Эльбрус elbrus | Поэт poet
Хабаровск khabarovsk | Ухта ukhta | Цивильск tsivilsk | Братск bratsk | Чита chita | Шахты shakhty | Жуковка zhukovka
Зея zeya | Кызыл kyzyl | Выкса vyksa | Ыныкчан ynykchan | ДОМ dom | ЦРБ tsrb | МБОУ mbou | МОСКВА moskva | Үрнәк urnak
Өлгө olgo | Жэшээ zheshee | Школа№12 shkola№12 | «Рябинка» «ryabinka» | Cалават calavat | Кафе-bar kafe-bar | 40лет 40let
"""
"""Names and what the table makes of them, written by hand; «Cалават» has a Latin C."""


def test_names_are_written_by_the_table() -> None:
    pairs = [pair.split() for line in NAMES.strip().splitlines() for pair in line.split(" | ")]
    assert len(pairs) >= 45
    assert {name: latin(name) for name, _ in pairs} == dict(pairs)


def test_every_russian_letter_has_its_place_in_the_table() -> None:
    assert all(letter in LATIN for letter in "абвгдеёжзийклмнопрстуфхцчшщъыьэюя")
    assert all(written.isascii() for written in LATIN.values())


@pytest.mark.parametrize(
    ("name", "identifier"),
    [
        ("МБОУ «СОШ № 12»", "mbou-sosh-no-12"),
        ("Детский сад «Ёжик» г. Объячево", "detskiy-sad-ezhik-g-obyachevo"),
        ("ДОМ ДЕТСКОГО ТВОРЧЕСТВА", "dom-detskogo-tvorchestva"),
        ("Школа_искусств имени П. И. Чайковского", "shkolaiskusstv-imeni-p-i-chaykovskogo"),
        ("Café «Щи»", "cafe-shchi"),
    ],
)
def test_identifiers_of_imports_keep_their_letters(name: str, identifier: str) -> None:
    """They stand in printed codes: another letter of the table would break addresses."""
    assert slug(name) == identifier
