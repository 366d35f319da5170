"""A new publication: the folder that `publish.py init` writes, with what must be decided before the first page."""

import json
from collections.abc import Sequence
from pathlib import Path

from nok.config import Config, parse_config
from nok.errors import UsageError

_DEFAULTS = Config()
_CONFIG_FILE = Path("content/publication.yaml")
_PACKAGES = "data_packages"

_TEXT = """\
# Настройки публикации. Строку, которой здесь нет, заменяет значение по умолчанию.
# Все настройки описаны в docs/configuration.md; опечатка в имени остановит сборку и подскажет верное имя.

title: {title}
title_en: {title_en}

# Первый язык стоит в корне сайта, остальные — под /en/ и так далее.
languages: {languages}

# Где будет стоять сайт. Входит в карту сайта, ленты и каталог данных.
public_url: {public_url}

# Где принимают оценки. Входит в напечатанные QR-коды: выберите адрес до первой печати и больше не меняйте.
widget_url: {widget_url}

# Папки или ZIP-архивы с пакетами данных; * заменяет любое имя.
packages: data_packages/*

# Средняя оценка видна, когда людей не меньше стольких; до этого видно только их число. Меньше пяти нельзя.
minimum_ratings: {minimum_ratings}

# Две шестнадцатеричные цифры перед именем организации в её адресе: 2, если в регионе больше 50 000 файлов (страна),
# иначе 0. Меняет адреса всех организаций: решите до первой сборки и больше не меняйте.
address_shards: {address_shards}
"""


def write_publication(
    folder: Path,
    *,
    title: str = _DEFAULTS.title,
    title_en: str = _DEFAULTS.title_en,
    public_url: str = _DEFAULTS.public_url,
    widget_url: str = "",
    languages: Sequence[str] = _DEFAULTS.languages,
    address_shards: int = _DEFAULTS.address_shards,
) -> Path:
    """Writes `content/publication.yaml` and an empty `data_packages/` below `folder`; the file that was written.

    `widget_url` empty: ratings are taken where the site stands.

    Raises:
        ConfigError: a value that no publication can have; nothing was written.
        UsageError: there is a publication already.
    """
    text = _TEXT.format(
        title=_quoted(title),
        title_en=_quoted(title_en),
        languages=_quoted(list(languages)),
        public_url=_quoted(public_url),
        widget_url=_quoted(widget_url or public_url),
        minimum_ratings=_DEFAULTS.minimum_ratings,
        address_shards=address_shards,
    )
    read_back = parse_config(text, "init")
    for given, read in ((title, read_back.title), (title_en, read_back.title_en)):
        if not given.strip() or given != read:
            raise UsageError("title-lines", given=repr(given))
    file = folder / _CONFIG_FILE
    if folder.exists() and not folder.is_dir():
        raise UsageError("init-no-folder", place=folder)
    if file.exists():
        raise UsageError("init-there", place=file)
    (folder / _PACKAGES).mkdir(parents=True, exist_ok=True)
    file.parent.mkdir(exist_ok=True)
    with file.open("x", encoding="utf-8") as opened:
        opened.write(text)
    return file


def _quoted(value: str | list[str]) -> str:
    """A value as YAML has it; its flow style takes what JSON writes, whatever is in the text."""
    return json.dumps(value, ensure_ascii=False)
