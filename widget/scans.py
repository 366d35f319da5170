"""How often printed codes are scanned, and in which state they are: numbers alone, nothing about who scanned.

Counted since the widget started. A code that was closed, moved or replaced is also counted by itself, since it tells that an
old sheet still hangs somewhere; there are no more of these than rows in the packages.
"""

from collections import Counter

from nok.identifiers import parse_placement_code
from nok.placements import PlacementState
from widget.directory import Directory


class Scans:
    """Counts of scans by state (`active`, `moved`, `closed`, `replaced`, `unknown`), and by code where it hangs no more."""

    def __init__(self) -> None:
        self._states: Counter[str] = Counter()
        self._codes: Counter[str] = Counter()

    def note(self, directory: Directory, typed: str) -> None:
        """One scan of what stands in the address after `/q/`."""
        code = parse_placement_code(typed)
        placement = directory.placements.get(code) if code else None
        if code is None or placement is None:
            self._states["unknown"] += 1
            return
        self._states[placement.state] += 1
        if placement.state is not PlacementState.ACTIVE:
            self._codes[code] += 1

    @property
    def states(self) -> dict[str, int]:
        """Scans by state of the code."""
        return {str(state): number for state, number in sorted(self._states.items())}

    def as_json(self) -> dict[str, object]:
        """The counts as `/health` shows them."""
        return {"states": self.states, "not_active": dict(sorted(self._codes.items()))}
