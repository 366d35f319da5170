"""Printed codes and what became of them. Pure: who holds the rows, on paper or in memory, is the caller's affair.

A code is never used again: what is closed stays known as closed, so that whoever scans an old sticker is told so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar


class PlacementState(StrEnum):
    """`REPLACED` leads on to the newer code, `CLOSED` to an explanation; a `MOVED` code works where it hangs now."""

    ACTIVE = "active"
    MOVED = "moved"
    CLOSED = "closed"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where a code hangs and whether it still takes ratings."""

    organization_id: str
    state: PlacementState = PlacementState.ACTIVE
    replaced_by: str = ""

    @property
    def is_hanging(self) -> bool:
        """Whether the code may be printed, and takes ratings."""
        return self.state in (PlacementState.ACTIVE, PlacementState.MOVED)


AnyPlacement = TypeVar("AnyPlacement", bound=Placement)


def follow(placements: Mapping[str, AnyPlacement], code: str) -> tuple[str, AnyPlacement] | None:
    """The code that stands for `code` now, and its placement; `None` where nobody printed such a code.

    A replaced code leads to the one that replaced it, however often that happened; a ring of codes counts as closed.
    """
    seen: set[str] = set()
    placement = placements.get(code)
    while placement and placement.state is PlacementState.REPLACED and placement.replaced_by in placements:
        seen.add(code)
        code = placement.replaced_by
        if code in seen:
            break
        placement = placements[code]
    return (code, placement) if placement else None
