"""What lies outside of scores and reviews of the demonstration region: official appeals, visits of observers, their pictures.

Floor 3, below `nok.demonstration.package`. Seeded, no clock. Visits are those of the last round, and not of every
organisation: some operators note the place, some do not.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from nok.demonstration.evidence import YEAR
from nok.demonstration.organizations import Invented
from nok.demonstration.pictures import entrance, hall, stand
from nok.demonstration.reviews import UNPUBLISHED, Row
from nok.demonstration.school import SCHOOL_12
from nok.demonstration.scores import YEARS, assessment_id

_WITHOUT_CHANNEL = 15
"""Of a hundred organisations so many name no channel for appeals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shot:
    """One picture: whose it is, what it proves, what it shows, whether it may be shown."""

    organization_id: str
    parameter: str
    draw: Callable[[Random], bytes]
    caption: str
    is_released: bool = True


_SHOTS = (
    _Shot(
        organization_id=SCHOOL_12,
        parameter="access_equipment",
        draw=entrance,
        caption="Главный вход: пандус с поручнем, справа от ступеней",
    ),
    _Shot(
        organization_id=SCHOOL_12,
        parameter="stand_items",
        draw=stand,
        caption="Стенд в вестибюле: нет сведений о вакантных местах",
    ),
    _Shot(
        organization_id=SCHOOL_12,
        parameter="access_conditions",
        draw=hall,
        caption=f"{UNPUBLISHED}: в кадр попали люди",
        is_released=False,
    ),
    _Shot(
        organization_id="primersk-library-1",
        parameter="comfort_conditions",
        draw=hall,
        caption="Зона ожидания у кафедры выдачи",
    ),
    _Shot(organization_id="primersk-library-1", parameter="access_equipment", draw=entrance, caption=""),
)


# ---- appeals ---------------------------------------------------------------------------------------------------------


def with_channel(seed: int, row: Row) -> Row:
    """An organisation's row with its official channel for appeals, where it has a site and tells of one."""
    rng = Random(f"{seed}:channel:{row['organization_id']}")
    has_channel = row["organization_id"] == SCHOOL_12 or rng.randrange(100) >= _WITHOUT_CHANNEL
    return row | {"appeals_url": f"{row['website']}obrashcheniya"} if "website" in row and has_channel else row


def build_appeals(seed: int, organizations: Sequence[Invented]) -> list[Row]:
    """Rows of `appeal_statistics`: three years of those that publish them."""
    return [row for made in organizations for row in _appeals(Random(f"{seed}:appeals:{made.id}"), made)]


def _appeals(rng: Random, made: Invented) -> Iterator[Row]:
    if made.id != SCHOOL_12 and rng.randrange(100) < 35:
        return
    usual = rng.choice((3, 6, 10, 18, 40)) * (4 - made.size) // 2 + 1
    for year in YEARS:
        if year < int(made.row.get("opened_on", "1900")[:4]) or year > int(made.row.get("closed_on", "2100")[:4]):
            continue
        received = rng.randint(usual // 2, usual * 3 // 2)
        overdue = received * rng.choice((0, 0, 0, 4, 10, 20)) // 100
        answered = max(received - (overdue + 1) // 2, 0)
        row = {"organization_id": made.id, "period": str(year), "received": str(received), "answered": str(answered)}
        if answered:
            row["median_days"] = rng.choice(("6", "9", "11", "12.5", "14", "19", "26"))
        if rng.randrange(100) < 90:
            row["overdue"] = str(overdue)
        yield row


# ---- visits ----------------------------------------------------------------------------------------------------------


def with_visits(seed: int, organizations: Sequence[Invented], observations: Sequence[Row]) -> list[Row]:
    """The observations with place, time and observer where the operator noted them, and with the hashes of pictures."""
    hashes = {(shot.organization_id, shot.parameter): sha256 for shot, sha256, _ in _pictures(seed)}
    visits = {made.id: _visit(Random(f"{seed}:visit:{made.id}"), made) for made in organizations}
    return [_noted(row, visits[row["organization_id"]], hashes) for row in observations]


def _noted(row: Row, visit: Row, hashes: Mapping[tuple[str, str], str]) -> Row:
    if not visit:
        return row
    cells = visit | {"observed_at": f"{row['observed_at']}T{visit['observed_at']}"}
    sha256 = hashes.get((row["organization_id"], row["parameter"]))
    return row | cells | ({"photo_sha256": sha256} if sha256 else {})


def _visit(rng: Random, made: Invented) -> Row:
    """The time, the place and the observer of one visit; empty for two thirds of the organisations."""
    is_noted = rng.randrange(100) < 33 or any(shot.organization_id == made.id for shot in _SHOTS)
    if "latitude" not in made.row or not is_noted:
        return {}
    place = {
        name: f"{Decimal(made.row[name]) + Decimal(rng.randint(-60, 60)).scaleb(-5):.5f}"
        for name in ("latitude", "longitude")
    }
    time, accuracy = f"{rng.randint(9, 16):02d}:{rng.randrange(0, 60, 5):02d}", rng.choice((4, 8, 12, 20))
    return place | {"accuracy_m": str(accuracy), "observer": f"n-{rng.randint(1, 9):02d}", "observed_at": time}


# ---- pictures --------------------------------------------------------------------------------------------------------


def build_pictures(seed: int) -> tuple[list[Row], dict[str, bytes]]:
    """Rows of `observation_photos`, and the files beside them: path in the package to bytes."""
    rows, files = [], {}
    for shot, sha256, content in _pictures(seed):
        path = f"photos/{sha256[:12]}.png"
        sphere = _SPHERES[shot.organization_id]
        row = {
            "photo_sha256": sha256,
            "organization_id": shot.organization_id,
            "assessment_id": assessment_id(sphere, YEAR),
            "path": path,
            "caption": shot.caption,
            "is_released": "true" if shot.is_released else "false",
        }
        rows.append(row)
        files[path] = content
    return rows, files


_SPHERES = {SCHOOL_12: "education", "primersk-library-1": "culture"}


def _pictures(seed: int) -> Iterator[tuple[_Shot, str, bytes]]:
    """Each picture with its SHA-256."""
    for number, shot in enumerate(_SHOTS):
        content = shot.draw(Random(f"{seed}:picture:{number}"))
        yield shot, hashlib.sha256(content).hexdigest(), content
