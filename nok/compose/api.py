"""Pages for those who read with programs, or do not believe: the API, and the place where a browser computes again."""

import re
from collections.abc import Mapping
from datetime import date

from nok import urls
from nok.compose.edition import Edition
from nok.model import ApiPage, ApiRow, CheckPage, Fact, Link

_GAP = re.compile(r"\{(\w+)\}")

Operations = Mapping[str, tuple[str, str, str]]
"""Path with gaps to (operation, what it gives in English, form of the answer)."""


def api_page(operations: Operations, given: Mapping[str, str], next_update: str | None, edition: Edition) -> ApiPage:
    """`given` fills the gaps of addresses, so that the examples lead somewhere; an operation with a gap that it does not
    fill has no example."""
    path, words = urls.api_page(edition.lang), edition.words
    facts = [Fact(name=words("page.api_built"), value=edition.day(edition.today))]
    if next_update:
        facts.append(Fact(name=words("page.api_next"), value=edition.day(date.fromisoformat(next_update))))
    return ApiPage(
        title=words("page.api_title"),
        description=words("page.api_lead"),
        address=edition.address(path),
        crumbs=_crumbs(path, edition),
        heading=words("page.api_title"),
        lead=words("page.api_lead"),
        facts=tuple(facts),
        rows=tuple(_row(pattern, name, given, path, edition) for pattern, (name, _, _) in operations.items()),
        openapi=urls.relative(urls.api_openapi(), path),
    )


def _row(pattern: str, name: str, given: Mapping[str, str], path: str, edition: Edition) -> ApiRow:
    is_filled = all(given.get(gap) for gap in _GAP.findall(pattern))
    target = _GAP.sub(lambda gap: given[gap[1]], pattern) if is_filled else ""
    return ApiRow(
        path=f"/{pattern}",
        text=edition.words(f"page.api_{name}"),
        href=urls.relative(target, path) if target else "",
        command=f"curl --compressed {urls.absolute(edition.config.public_url, target)}" if target else "",
    )


def _crumbs(path: str, edition: Edition) -> tuple[Link, ...]:
    words = edition.words
    return (
        Link(text=words("page.home"), href=urls.relative(urls.home(edition.lang), path)),
        Link(text=words("page.data_title"), href=urls.relative(urls.data_page(edition.lang), path)),
    )


def check_page(edition: Edition) -> CheckPage:
    """Where a browser computes the numbers of an organisation again; its script does it, for those who have scripts."""
    path, words = urls.check_page(edition.lang), edition.words
    return CheckPage(
        title=words("page.check_title"),
        description=words("page.check_lead"),
        address=edition.address(path),
        crumbs=_crumbs(path, edition),
        heading=words("page.check_title"),
        lead=words("page.check_lead"),
        search=Link(text=words("page.check_search"), href=urls.relative(urls.search(edition.lang), path)),
    )
