"""What has been withdrawn goes from everything that is kept, not only from what is published.

Older slots are kept for a rollback. A review that its author took back, or whose text a moderator hid, must not come
back with one of them: the organisation's files are replaced there by those of the published release.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from nok.site.files import FileWriter
from nok.site.manifest import Manifest, Unit
from nok.site.output import Output, Slot

_REVIEWS = 3
"""The place of the digest of reviews and replies among the inputs of an organisation."""


def purge(output: Output, published: Slot, manifest: Manifest) -> int:
    """Brings kept slots in line with `published` where they hold what has been withdrawn; how many organisations."""
    return sum(_purge_slot(slot, published, manifest) for slot in output.other_slots(published))


def _purge_slot(slot: Slot, published: Slot, manifest: Manifest) -> int:
    kept = slot.open()
    if kept is None:
        return 0  # a crash left it half done: it is brought up to date before it can be published again
    try:
        units = [unit for unit in _suspects(kept, manifest) if _holds_withdrawn(unit, slot.folder, published.folder)]
        stale_data = _data_differs(kept, manifest)
        if not units and not stale_data:
            return 0
        names = [unit.name for unit in units] + (["data"] if stale_data else [])
        slot.begin(names)
        for name in names:
            _take_over(name, slot, published, kept, manifest)
        kept.commit()
    finally:
        kept.close()
    slot.settle()
    return len(units)


def _suspects(kept: Manifest, manifest: Manifest) -> Iterator[Unit]:
    """Organisations whose reviews are not those of the published release."""
    for name, inputs in kept.inputs("o/"):
        now = manifest.unit(name)
        if now is not None and now.inputs.split(" ")[_REVIEWS] != inputs.split(" ")[_REVIEWS]:
            unit = kept.unit(name)
            if unit is not None:
                yield unit


def _holds_withdrawn(unit: Unit, kept: Path, published: Path) -> bool:
    """True where the kept data of an organisation has a text of a review or reply that the published data lacks."""
    path = next(path for path in unit.known if path.endswith(".json"))
    return bool(_texts(kept / path) - _texts(published / path))


def _texts(file: Path) -> set[tuple[str, str, str]]:
    """(table, review, text) of all reviews and replies of an organisation; a review without a text counts too."""
    found = json.loads(file.read_text("utf-8"))
    return {(table, row["review_id"], row.get("text", "")) for table in ("reviews", "replies") for row in found[table]}


def _data_differs(kept: Manifest, manifest: Manifest) -> bool:
    """True where a released file of the kept slot has been rewritten since."""
    old, now = kept.unit("data"), manifest.unit("data")
    if old is None or now is None:
        return False
    return any(now.known.get(path, sha256) != sha256 for path, sha256 in old.known.items() if "/latest/" not in path)


def _take_over(name: str, slot: Slot, published: Slot, kept: Manifest, manifest: Manifest) -> None:
    """Replaces a unit of the kept slot by that of the published one."""
    old, now = kept.unit(name), manifest.unit(name)
    if old is None or now is None:
        return
    writer = FileWriter(slot.folder, is_fresh=False)
    writer.begin(old.known)
    for file in now.files:
        writer.link(file.path, published.folder / file.path, file.sha256)
    slot.remove(sorted(old.known.keys() - now.known.keys()))
    kept.put([now])
