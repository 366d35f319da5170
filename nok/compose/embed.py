"""What an organisation shows on its own site: the code of the links that it owes its visitors, and the card for a frame.

The code never grows old: it holds addresses and standing words alone. What changes with each build is behind it.
"""

from functools import lru_cache
from html import escape

from nok import urls
from nok.compose.edition import Edition
from nok.model import CardPage, Link, Mark
from nok.records import Organization, RatingSummary
from nok.templating import trusted_html

CARD_WIDTH, CARD_HEIGHT = 320, 360
"""Of the frame, in pixels; the card fits into it with the longest words."""


def site_code(organization: Organization, files: urls.OrganizationFiles, edition: Edition) -> str:
    """Result, plan, form and code as plain HTML that any site takes, ready to be shown as text."""
    config = edition.config
    gaps = {
        _PAGE: urls.absolute(config.public_url, edition.lang + files.page),
        _BADGE: urls.absolute(config.public_url, files.badge),
        _RATE: urls.absolute(config.widget_url, urls.rate(organization.organization_id)),
    }
    code = _site_frame(*map(edition.words, _CODE_WORDS), is_closed=bool(organization.closed_on))
    for gap, address in gaps.items():
        code = code.replace(gap, escape(address, quote=False))
    return trusted_html(code)


_PAGE, _BADGE, _RATE = "\0page\0", "\0badge\0", "\0rate\0"
"""Where addresses of one organisation stand in the code that is the same for all."""


_CODE_WORDS = ("page.code_results", "page.code_plan", "page.code_scan", "page.code_rate", "page.code_qr")


@lru_cache(maxsize=32)
def _site_frame(results: str, plan: str, scan: str, rate: str, qr: str, *, is_closed: bool) -> str:
    """By the words, not by the edition: a watcher would keep those of all its builds."""
    lines = [
        f'<p><a href="{_PAGE}"><img src="{_BADGE}" alt="" width="300" height="60"><br>{results}</a>,'
        f' <a href="{_PAGE}#plan">{plan}</a></p>',
    ]
    if not is_closed:
        lines.append(
            f'<p>{scan} <a href="{_RATE}">{rate}</a><br><img src="{_BADGE}#qr" alt="{qr}" width="160" height="160"></p>'
        )
    return _as_text("\n".join(lines))


def card_code(files: urls.OrganizationFiles, edition: Edition) -> str:
    """A frame with the card, ready to be shown as text."""
    card = urls.absolute(edition.config.public_url, edition.lang + files.card)
    return trusted_html(_card_frame(edition.words("page.badge_none")).replace(_PAGE, escape(card, quote=False)))


@lru_cache(maxsize=16)
def _card_frame(title: str) -> str:
    size = f'width="{CARD_WIDTH}" height="{CARD_HEIGHT}"'
    return _as_text(f'<iframe src="{_PAGE}" title="{title}" {size}></iframe>')


def _as_text(code: str) -> str:
    """What inside a text needs no escaping stays as it is: quotes would take five times the room, `>` four times."""
    return escape(code, quote=False).replace("&gt;", ">")


def card_page(
    organization: Organization,
    files: urls.OrganizationFiles,
    heading: str,
    total: Mark,
    summary: RatingSummary,
    plan: tuple[int, int],
    is_demonstration: bool,
    edition: Edition,
) -> CardPage:
    """The card; `plan` counts what is (done, promised)."""
    words, config = edition.words, edition.config
    page, title = urls.absolute(config.public_url, edition.lang + files.page), organization.title
    links = [Link(text=words("page.code_results"), href=page)]
    if plan[1]:
        links.append(Link(text=words("page.card_plan", done=plan[0], promised=plan[1]), href=f"{page}#plan"))
    rate = urls.absolute(config.widget_url, urls.rate(organization.organization_id))
    name = words("page.card_title", name=title)
    return CardPage(
        title=name,
        description=name,
        address=files.card,
        is_demonstration=is_demonstration,
        name=title,
        text_lang=edition.foreign(title),
        heading=heading,
        total=total,
        citizens=_citizens(summary, edition),
        links=tuple(links),
        rate=None if organization.closed_on else Link(text=words("page.card_rate"), href=rate),
        qr_href=f"{urls.root_of(edition.lang + files.card)}{files.badge}#qr",
    )


def _citizens(summary: RatingSummary, edition: Edition) -> str:
    words = edition.words
    if summary.mean is not None:
        mean = edition.number(summary.mean, 1)
        return f"{words('page.ratings_heading', mean=mean)} ({words.count('page.ratings', summary.count)})"
    if summary.count:
        return words("page.ratings_few_heading", count=words.count("page.ratings", summary.count))
    return words("page.ratings_none_heading")
