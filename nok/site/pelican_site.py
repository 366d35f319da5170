"""Editorial pages and news, read by Pelican: the only place that knows it.

Pelican reads Markdown, metadata, translations and links between texts, and makes the news feed. It writes nothing that
is published: a writer of our own collects the texts, and they are rendered through the same templates as every page.
Pelican hides failures (a missing title or a broken link ends with success), so every warning of it is fatal here.
"""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pelican.log
from pelican import Pelican, signals
from pelican.settings import read_settings
from pelican.writers import Writer

from nok import urls
from nok.errors import ConfigError, is_refusal
from nok.site.editorial import Editorial, EditorialText


def read_editorial(
    content: Path,
    theme: Path,
    scratch: Path,
    *,
    title: str,
    languages: Sequence[str],
    public_url: str,
    numbers: Mapping[str, str] = MappingProxyType({}),
) -> Editorial:
    """Reads `content/pages` and `content/news`; Pelican writes its feeds into `scratch`.

    `numbers` are put where a text names them, as in `{guard.one_stand}`, so that no text says another number than the
    program goes by.

    Raises:
        ConfigError: a text without a title or with a wrong date, a link to a text that is not there; said in Pelican's
            words. Nothing was published.
        OSError: the disk is full or refuses.
    """
    collected: list[EditorialText] = []
    settings = read_settings(path=None, override=_settings(content, theme, scratch, title, languages, public_url))
    writer = _collecting_writer(collected, languages)
    with _strict_pelican() as complaints, signals.get_writer.connected_to(writer):
        try:
            Pelican(settings).run()
        except (RuntimeError, OSError, ValueError) as error:
            if is_refusal(error):
                raise
            said = "; ".join(complaints) or str(error)
            raise ConfigError("article-fault", said=said.rstrip(".")) from error
    feeds = {
        path: file.read_bytes().replace(f"/feed-{language}.atom".encode(), f"/{path}".encode())
        for language in languages
        for path in [urls.news_feed(urls.prefix(language, languages))]
        if (file := scratch / f"feed-{language}.atom").exists()
    }
    told = [_with_numbers(text, numbers) for text in collected if text.language in languages]
    texts = tuple(sorted(told, key=lambda text: text.path))
    return Editorial(texts=texts, feeds=feeds)


_NAMED_NUMBER = re.compile(r"\{([a-z]+\.[a-z_]+)\}")


def _with_numbers(text: EditorialText, numbers: Mapping[str, str]) -> EditorialText:
    def number(found: re.Match[str]) -> str:
        if found[1] not in numbers:
            raise ConfigError("article-number", place=text.path, name=found[1], known=", ".join(sorted(numbers)))
        return numbers[found[1]]

    return replace(text, body=_NAMED_NUMBER.sub(number, text.body)) if numbers else text


@contextmanager
def _strict_pelican() -> Iterator[list[str]]:
    """Pelican with every warning fatal; yields what it complains of.

    Its logger replaces that of the whole process and forgets a complaint that it has made once, so both are undone.
    """
    complaints: list[str] = []
    pelican.log.init(level=logging.WARNING, fatal="warnings", handler=None, name="pelican")
    pelican.log.LimitFilter._raised_messages.clear()  # noqa: SLF001 - or a second build would pass what a first refused
    logger, keeper = logging.getLogger("pelican"), _Keeper(complaints)
    logger.addHandler(keeper)
    logger.propagate, pelican.log.console.quiet = False, True
    try:
        yield complaints
    finally:
        pelican.log.FatalLogger.fatal_lvl = logging.CRITICAL + 1
        pelican.log.console.quiet = False
        logger.removeHandler(keeper)


class _Keeper(logging.Handler):
    """Keeps what is logged."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._complaints = complaints

    def emit(self, record: logging.LogRecord) -> None:
        self._complaints.append(" ".join(record.getMessage().split()))


def _settings(
    content: Path, theme: Path, scratch: Path, title: str, languages: Sequence[str], public_url: str
) -> dict[str, Any]:
    page, news = urls.editorial("{slug}"), urls.news("{slug}")
    return {
        "PATH": str(content),
        "OUTPUT_PATH": str(scratch),
        "THEME": str(theme),
        "PAGE_PATHS": ["pages"],
        "ARTICLE_PATHS": ["news"],
        "STATIC_PATHS": [],
        "THEME_STATIC_PATHS": [],
        "PLUGINS": [],
        "PLUGIN_PATHS": [],
        "SITENAME": title,
        "SITEURL": public_url.rstrip("/"),
        "FEED_DOMAIN": public_url.rstrip("/"),
        "RELATIVE_URLS": True,
        "DEFAULT_LANG": languages[0],
        "DEFAULT_CATEGORY": "news",
        "TIMEZONE": "UTC",
        "DIRECT_TEMPLATES": [],
        "JINJA_ENVIRONMENT": {"autoescape": True},
        "PAGE_URL": page,
        "PAGE_SAVE_AS": page,
        "PAGE_LANG_URL": "{lang}/" + page,
        "PAGE_LANG_SAVE_AS": "{lang}/" + page,
        "ARTICLE_URL": news,
        "ARTICLE_SAVE_AS": news,
        "ARTICLE_LANG_URL": "{lang}/" + news,
        "ARTICLE_LANG_SAVE_AS": "{lang}/" + news,
        "ARCHIVES_SAVE_AS": "",
        "TAG_SAVE_AS": "",
        "TAGS_SAVE_AS": "",
        "CATEGORY_SAVE_AS": "",
        "CATEGORIES_SAVE_AS": "",
        "AUTHOR_SAVE_AS": "",
        "AUTHORS_SAVE_AS": "",
        "FEED_ALL_ATOM": None,
        "CATEGORY_FEED_ATOM": None,
        "AUTHOR_FEED_ATOM": None,
        "AUTHOR_FEED_RSS": None,
        "TRANSLATION_FEED_ATOM": "feed-{lang}.atom",
        "DELETE_OUTPUT_DIRECTORY": False,
        "CACHE_CONTENT": False,
        "LOAD_CONTENT_CACHE": False,
        "MARKDOWN": {"extension_configs": {"markdown.extensions.tables": {}}, "output_format": "html5"},
        "SUMMARY_MAX_LENGTH": None,
    }


def _as_text(text: Any, path: str, language: str, *, is_news: bool) -> EditorialText:
    """What Pelican holds of a text, as it stands at `path` among the pages of a language."""
    return EditorialText(
        path=path,
        language=language,
        slug=text.slug,
        title=text.title,
        summary=str(text.metadata.get("summary", "")).removeprefix("<p>").removesuffix("</p>"),
        body=text.get_content(urls.root_of(path).rstrip("/") or "."),
        day=text.date.date() if is_news else None,
        borrowed_from=text.lang if text.lang != language else "",
    )


def _collecting_writer(collected: list[EditorialText], languages: Sequence[str]) -> Any:
    """A function that Pelican asks for its writer; ours keeps the texts and lets only feeds be written."""

    class CollectingWriter(Writer):  # type: ignore[misc]
        def write_file(self, name: str, *_: Any, **given: Any) -> None:
            text = given.get("article") or given.get("page")
            if text is not None and name:
                collected.append(_as_text(text, name, text.lang, is_news=bool(given.get("article"))))
                written = {text.lang, *(other.lang for other in text.translations)}
                for language in languages if text.lang == languages[0] else ():
                    if language not in written:
                        path = urls.prefix(language, languages) + name
                        collected.append(_as_text(text, path, language, is_news=bool(given.get("article"))))

    return lambda _: CollectingWriter
