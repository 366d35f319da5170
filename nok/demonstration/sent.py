"""Photographs that invented citizens sent with their reviews: drawn, each to words that speak of what it shows.

Floor 3, below `nok.demonstration.package`. Seeded, no clock. One hangs on a review whose text is hidden: neither is published.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from nok.demonstration.pictures import Sheet, board, cloakroom, shelves, stairs
from nok.demonstration.reviews import HIDDEN_TEXT, Row
from nok.demonstration.school import SCHOOL_12

_SCALE = 3
"""Pixels to a square: large enough that the small copy on a page and the whole one differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What was sent with the first review of an organisation whose text has `words`."""

    organization_id: str
    words: str
    draws: tuple[Callable[[Random, int], Sheet], ...]


_SENT = (
    _Sent(organization_id=SCHOOL_12, words="На второй этаж с коляской не подняться", draws=(stairs, stairs)),
    _Sent(organization_id=SCHOOL_12, words="куртки падают на пол", draws=(cloakroom,)),
    _Sent(organization_id=SCHOOL_12, words=HIDDEN_TEXT, draws=(cloakroom,)),
    _Sent(organization_id="primersk-polyclinic-1", words="На табло видно", draws=(board,)),
    _Sent(organization_id="primersk-polyclinic-1", words="После ремонта просторно", draws=(board, stairs)),
    _Sent(organization_id="lekalsk-library-1", words="ниги подклеены, полки протёрты", draws=(shelves,)),
    _Sent(organization_id="urnyak-library-1", words="Читальный зал уютный", draws=(shelves,)),
)


def build_sent(seed: int, reviews: Sequence[Row]) -> tuple[list[Row], dict[str, bytes]]:
    """Rows of `review_photos`, and the files beside them: path in the package to bytes.

    Where another seed has nobody say the words, nobody sends the picture.
    """
    rows: list[Row] = []
    files: dict[str, bytes] = {}
    taken: set[str] = set()
    for number, sent in enumerate(_SENT):
        mine = (row for row in reviews if row["organization_id"] == sent.organization_id)
        fit = (row["review_id"] for row in mine if sent.words in row.get("text", ""))
        review_id = next((one for one in fit if one not in taken), None)
        if review_id is None:
            continue
        taken.add(review_id)
        for place, draw in enumerate(sent.draws, 1):
            sheet = draw(Random(f"{seed}:sent:{number}:{place}"), _SCALE)
            rows.append(_row(review_id, place, sheet, files))
    return sorted(rows, key=lambda row: (row["review_id"], row["number"])), files


def _row(review_id: str, place: int, sheet: Sheet, files: dict[str, bytes]) -> Row:
    content = sheet.png()
    sha256 = hashlib.sha256(content).hexdigest()
    path = f"photos/{sha256[:12]}.png"
    files[path] = content
    width, height = sheet.size
    said = {"review_id": review_id, "number": str(place), "path": path, "sha256": sha256}
    return said | {"width": str(width), "height": str(height)}
