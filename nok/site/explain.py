"""Why a page was made anew, or was not: the answer of `build --explain PATH`."""

from dataclasses import dataclass

from nok.site.inputs import reasons
from nok.site.manifest import Manifest


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
