"""What a poster says of an organisation: name, address, code, score, plan, who answers for the stand."""

import hashlib
from dataclasses import dataclass
from datetime import date

from nok import urls
from nok.compose.assessment import badge_text, plan_progress
from nok.compose.edition import Edition
from nok.compose.place import place_line
from nok.identifiers import default_placement_code
from nok.model import Link, PosterPage
from nok.records import Organization
from nok.warehouse_facts import Round

LONG_NAME = 140
"""Longer names stand in smaller type on the sheet of a browser, which cannot measure."""

LONGEST_NAME = 320
"""Longer ones are cut there, with a mark; the official name is then left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a poster is to hang: the code of the placement, and what is known of it besides."""

    code: str
    place: str = ""
    responsible: str = ""
    printed_on: date | None = None


def default_stand(organization_id: str) -> Stand:
    """The stand that every organisation has from the start."""
    return Stand(code=default_placement_code(organization_id))


def poster_page(
    organization: Organization,
    newest: Round | None,
    plan: tuple[int, int],
    edition: Edition,
    stand: Stand,
    *,
    is_demonstration: bool = False,
    picture: tuple[str, int] = ("", 0),
) -> PosterPage:
    """The poster of a stand. `newest` is the newest round, `plan` counts what is (done, promised); `picture` is the code
    as (SVG path, modules on a side) where the sheet itself shows it."""
    words, title = edition.words, organization.title
    files = urls.organization_files(
        organization.region_code, organization.organization_id, edition.config.address_shards
    )
    heading, mark = badge_text(newest, edition)
    score = words("page.poster_score", heading=heading, points=mark.points, word=mark.word) if mark.points else ""
    names = tuple(dict.fromkeys((organization.name, title)))
    printed = {
        "place": place_line(organization),
        "typed": urls.typed(edition.config.widget_url, stand.code),
        "score": score.rstrip(", ."),
        "plan": plan_progress(*plan, edition) if plan[1] else "",
        "responsible": _responsible(stand, edition),
        "stand": _stand_line(stand, edition),
    }
    said = words("page.poster_title", name=title)
    return PosterPage(
        title=said,
        description=said,
        address=files.poster,
        is_demonstration=is_demonstration,
        name=title if len(title) <= LONGEST_NAME else f"{title[: LONGEST_NAME - 1].rstrip()}…",
        official_name=organization.name if len(names) > 1 and len(organization.name) <= LONGEST_NAME else "",
        names=names,
        is_long_name=len(title) > LONG_NAME,
        place_line=printed["place"],
        qr_path=picture[0],
        qr_size=picture[1],
        typed_address=printed["typed"],
        score_line=printed["score"],
        level=mark.level if printed["score"] else 0,
        plan_line=printed["plan"],
        responsible_line=printed["responsible"],
        has_responsible=bool(stand.responsible),
        technical_line=printed["stand"],
        digest=hashlib.sha256("\0".join((*names, *printed.values())).encode()).hexdigest()[:12],
        organization=Link(
            text=title, href=urls.root_of(files.poster) + edition.lang + files.page, lang=edition.foreign(title)
        ),
    )


def _responsible(stand: Stand, edition: Edition) -> str:
    """Who answers for the stand; a line to write on where nobody has said."""
    if stand.responsible:
        return edition.words("page.poster_responsible", post=stand.responsible)
    return edition.words("page.poster_responsible_blank")


def _stand_line(stand: Stand, edition: Edition) -> str:
    words = edition.words
    parts = [
        words("page.poster_place", place=stand.place) if stand.place else "",
        words("page.poster_code", code=stand.code),
        words("page.poster_printed", day=edition.day(stand.printed_on)) if stand.printed_on else "",
    ]
    return " ".join(filter(None, parts))
