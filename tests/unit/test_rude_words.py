"""Swearing is found however it is hidden, and ordinary words that sound like it are left alone."""

from pathlib import Path

import pytest

from nok.errors import ConfigError
from nok.rude_words import find_rude_words, parse_rude_words
from tests.pace import within

ROOT = Path(__file__).resolve().parents[2]
RUDE = parse_rude_words((ROOT / "content" / "rude_words.yaml").read_text("utf-8"), "rude_words.yaml")


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in find_rude_words(text, RUDE)]


@pytest.mark.parametrize(
    "word",
    "хуёвая хуйня ХУЙ охуенно нахуя похуй пиздец распиздяи спиздили ебаный заебали наёбывают долбоёб уёбки бля блядь мудак "
    "мудачьё пидорасы сука суки сукой срань насрать обосрались жопа говно дерьмо шлюха ублюдки нахер хер xyйня хуууйня "
    "п***ц х*й бл@ть fucking".split(),
)
def test_swearing_is_found(word: str) -> None:
    assert found(f"В регистратуре {word}, и всё.") == [word]


@pytest.mark.parametrize(
    "word",
    "страхуйте подстрахуйте психуют херувим Херсон колебаний хлебать учебный потребление рубля корабля бляшка мудрый мандарин "
    "команда мандат суккулент трахея скипидар ребёнок небо лебедь гребля оскорблять употреблять дебаты погреб "
    "сукно сучок нахлынули похвалить похоже охранник педагог застрахуют вестибюля художник хуже 5* вай-фай".split(),
)
def test_words_that_sound_like_it_are_left_alone(word: str) -> None:
    assert found(f"Здесь {word}, и всё.") == []


def test_letters_with_spaces_are_one_word() -> None:
    assert found("Идите х у й знает куда, а я и в а м и не рад.") == ["х у й"]


@pytest.mark.parametrize("name", ["personal", "personal-held-out", "impersonal", "impersonal-held-out"])
def test_reviews_that_do_not_swear_are_not_marked(name: str) -> None:
    texts = (Path(__file__).parent / "data" / f"{name}.txt").read_text("utf-8").splitlines()
    assert [(text, marked) for text in texts if (marked := found(text))] == []


@pytest.mark.parametrize("text", ["roots: [а]", "begins: а", "holds: [1]"])
def test_a_list_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        parse_rude_words(text, "rude_words.yaml")


@pytest.mark.parametrize("text", ["х " * 2500, "х*" * 2500, "а" * 5000])
def test_no_text_takes_long(text: str) -> None:
    with within(1):
        found(text)
