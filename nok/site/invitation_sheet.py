"""Invitations on paper: cards to be cut out and handed over after a visit, each with a code of its own.

Lengths are points. A card says whose it is, what to do and until when; its code leads to a form that takes one rating.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from nok import urls
from nok.render.paper import MM, Block, Book, Box, Code, Drawing, Fonts, Line
from nok.render.qr import make_qr
from nok.render.setting import Setter
from nok.site.publication import Publication
from nok.templating import Words, format_date

_WIDTH, _HEIGHT = 210 * MM, 297 * MM
_COLUMNS, _ROWS = 2, 5
_CARD_WIDTH, _CARD_HEIGHT = 95 * MM, 55 * MM
_LEFT, _TOP = 10 * MM, 11 * MM
_PAD, _SIDE = 4 * MM, 44 * MM
_SIZES = (11.0, 10.0, 9.0, 8.0)


class Card(NamedTuple):
    """One invitation: whose, its number in the batch, its token, the last day (ISO)."""

    organization_id: str
    name: str
    number: str
    token: str
    until: str


def print_invitations(cards: Sequence[Card], publication: Publication, language: str = "") -> bytes:
    """A PDF with ten cards on each A4 page; `language` empty is the first of the publication.

    Raises:
        ConfigError: an address that no code can hold, or a font that is not installed.
    """
    language = language or publication.config.languages[0]
    words, fonts = publication.words_of(language), Fonts(publication.node_modules)
    press = _Press(Setter(fonts), words, language, publication.config.widget_url)
    book = Book(fonts, words("print.invitations"), language)
    on_page = _COLUMNS * _ROWS
    for first in range(0, len(cards), on_page):
        book.begin(_WIDTH, _HEIGHT)
        for place, card in enumerate(cards[first : first + on_page]):
            row, column = divmod(place, _COLUMNS)
            x, y = _LEFT + column * _CARD_WIDTH, _HEIGHT - _TOP - (row + 1) * _CARD_HEIGHT
            book.put([Box(x=0, y=0, width=_CARD_WIDTH, height=_CARD_HEIGHT, stroke=0.25)], x, y, heard=False)
            book.put(_drawn(card, press), x, y)
        book.end()
    return book.content()


class _Press(NamedTuple):
    """What every card is made with."""

    setter: Setter
    words: Words
    language: str
    widget_url: str


def _drawn(card: Card, press: _Press) -> Iterator[Drawing]:
    setter, words = press.setter, press.words
    until = format_date(date.fromisoformat(card.until), press.language)
    room = _CARD_WIDTH - _SIDE - 2 * _PAD
    y = _CARD_HEIGHT - _PAD
    for tag, text, weight, most in (
        ("H1", words("print.invitation"), "bold", 2),
        ("P", card.name, "regular", 4),
        ("P", words("print.invitation_how"), "regular", 3),
        ("P", words("print.invitation_until", date=until, number=card.number), "regular", 2),
    ):
        found = setter.fit(text, weight, _SIZES, room, most) or setter.cut(text, weight, _SIZES[-1], room, most)
        lines = []
        for line, width in found.lines:
            y -= found.size * 1.2
            lines.append(Line(x=_PAD, y=y, width=width, text=line))
        y -= 4
        yield Block(tag=tag, lines=tuple(lines), size=found.size, weight=weight)
    picture = make_qr(urls.printed_invitation(press.widget_url, card.organization_id, card.token))
    yield Code(
        x=_CARD_WIDTH - _SIDE - _PAD / 2,
        y=(_CARD_HEIGHT - _SIDE) / 2,
        side=_SIDE,
        modules=picture.size,
        runs=picture.runs,
        alt=words("print.invitation_alt", name=card.name),
    )
