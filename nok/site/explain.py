"""Why a page was made anew, or was not: the answer of `build --explain PATH`."""

from collections.abc import Mapping
from dataclasses import dataclass

from nok.site.manifest import Manifest

ORGANIZATION_PARTS = (
    *(
        "program, theme or configuration",
        "its row in `organizations`",
        "its scores",
        "its reviews, their photographs or replies",
    ),
    *("its plan", "its observations or answers", "its proposals, appeals or photographs"),
    *("the assessments it took part in", "its places among peers", "the medians of its peers"),
    *("its region or package", "the day, by which a measure of its plan is overdue"),
    *("the day, by which a rating is older than twelve months", "the campaigns that it takes part in"),
)
LIST_PARTS = ("program, theme or configuration", "the numbers of its region", "the organisations it lists")
MAP_PARTS = ("program, theme or configuration", "its region", "the places of its organisations")
POINTS_PARTS = ("program, theme or configuration", "the points of its region")
ASSESSMENT_PARTS = (
    *("program, theme or configuration", "its row in `assessments`", "the numbers of its regions"),
    *("its stages, decisions or parties", "its scores, proposals or plans", "the day, by which a measure is overdue"),
)
REPORT_PARTS = (
    "program, theme or configuration",
    "the numbers of its region",
    "the day, by which a measure is overdue",
)
CHANGES_PARTS = ("program, theme or configuration", "the measures that were done")
INDICATOR_PARTS = ("program, theme or configuration", "the numbers of its region", "the organisations it lists")
OBSERVED_PARTS = (
    *("program, theme or configuration", "its row in `organizations`", "its observations, pictures or rounds"),
    "its region or package",
)
PICTURE_PARTS = ("how pictures are drawn", "its pictures that may be shown")
SEARCH_PARTS = ("the program", "the organisations in this part of the index")
PARTY_PARTS = ("program, theme or configuration", "its rows, or what they name")
ROSTER_PARTS = ("program, theme or configuration", "its row in `rosters`", "the organisations it lists")
QUESTIONNAIRE_PARTS = ("program, theme or configuration", "the questionnaires", "which regions are invented")

PARTS: Mapping[str, tuple[str, ...]] = {
    "o": ORGANIZATION_PARTS,
    "r": LIST_PARTS,
    "s": LIST_PARTS,
    "m": MAP_PARTS,
    "p": POINTS_PARTS,
    "a": ASSESSMENT_PARTS,
    "q": QUESTIONNAIRE_PARTS,
    "i": INDICATOR_PARTS,
    "e": OBSERVED_PARTS,
    "f": PICTURE_PARTS,
    "z": PICTURE_PARTS,
    "g": ("the program", "the medians of its peers"),
    "x": SEARCH_PARTS,
    "t": REPORT_PARTS,
    "c": CHANGES_PARTS,
    "b": PARTY_PARTS,
    "n": PARTY_PARTS,
    "l": ROSTER_PARTS,
}
"""Kind of a unit (the first part of its name) to the names of its inputs."""


def reasons(kind: str, before: str | None, after: str) -> list[str]:
    """Why a unit is not what it was, in words."""
    if before is None:
        return ["it was not there before"]
    names = PARTS.get(kind, ())
    pairs = zip(names, before.split(" "), after.split(" "), strict=False)
    return [name for name, old, new in pairs if old != new]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`unit` is what the page is a part of; `reasons` is empty where it was left as it is.

    `unit` is empty where no page stands at the path, and "once" where it is made by every build.
    """

    path: str
    unit: str
    reasons: tuple[str, ...] = ()


def explain(path: str, published: Manifest | None, wanted: Manifest | None) -> Explanation:
    """The reasons in what is published and what is wanted; `wanted` is `None` where nothing has changed at all."""
    path = path.removeprefix("/").removeprefix("current/")
    if path.endswith("/") or not path:
        path += "index.html"
    unit = published.holder(path) if published else None
    name = unit.name if unit else _guess(path)
    if unit is not None and "/" not in unit.name:
        return Explanation(path=path, unit="once")
    if wanted is None:
        return Explanation(path=path, unit=name if unit else "")
    after = wanted.wanted_inputs(name)
    if after is None:
        gone = ("it is not in the data any more",) if unit else ()
        return Explanation(path=path, unit=name if unit else "", reasons=gone)
    found = reasons(name.partition("/")[0], unit.inputs if unit else None, after)
    return Explanation(path=path, unit=name, reasons=tuple(found))


def _guess(path: str) -> str:
    """The unit that a page which is not published yet will belong to: only organisations have names to guess by."""
    parts = path.split("/")
    if "o" not in parts[:2]:
        return ""
    return f"o/{parts[parts.index('o') + 1]}/{parts[-1].partition('.')[0]}"
