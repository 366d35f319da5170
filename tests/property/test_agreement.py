"""Points over whole columns are judged as they are one by one: what is cleared is in order, what is doubted is not."""

import csv
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nok.evidence import quick_verdicts
from nok.method import Method
from nok.packages.agreement import DIGITS, doubtful_organizations
from nok.packages.segments import Part
from nok.scoring_verdicts import Verdict
from nok.site.publication import read_publication

PLACES = [
    ("health", "hospital"),
    ("education", "school"),
    ("culture", "theatre"),
    ("culture", "museum"),
    ("social", ""),
    ("elsewhere", ""),
]
METHODS = read_publication(Path("content/publication.yaml")).methods
ROUNDS = {f"r-{name}": method for name, method in METHODS.items() if method.variants}
POINTS = st.builds(
    lambda whole, places: f"{Decimal(whole).scaleb(-places):f}", st.integers(0, 10**5), st.integers(0, 7)
)


@st.composite
def published_points(draw: st.DrawFn, method: Method, sphere: str, kind: str) -> dict[str, str]:
    """Points of one round: parts of all lengths, and sums within, at and beyond what rounding explains."""
    variant = method.variant(sphere, kind)
    names = [measure.id for measure in method.measures]
    found = {name: draw(POINTS) for name in names if draw(st.integers(0, 9))}
    for name, made in variant.sums.items() if variant else ():
        if name in found and all(part in found for part, _ in made.parts) and draw(st.integers(0, 4)):
            mean = sum(weight * Decimal(found[part]) for part, weight in made.parts) / made.whole
            decimals = draw(st.integers(0, DIGITS))
            unit = Decimal(1).scaleb(-decimals)
            near = mean.quantize(unit) + draw(st.integers(-2, 2)) * unit
            found[name] = f"{max(near, Decimal(0)):f}"
    return found


@st.composite
def countries(draw: st.DrawFn) -> list[tuple[str, str, str, dict[str, str]]]:
    """(sphere, kind, assessment, points) of organisations with one round each."""
    found = []
    for _ in range(draw(st.integers(1, 12))):
        (sphere, kind), name = draw(st.sampled_from(PLACES)), draw(st.sampled_from(sorted(ROUNDS)))
        found.append((sphere, kind, name, draw(published_points(ROUNDS[name], sphere, kind))))
    return found


def write(file: Path, header: Sequence[str], rows: Iterator[Sequence[str]]) -> Part:
    with file.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows([header, *rows])
    return Part(file=file, delimiter=",", columns=tuple(header), owner=header[0], identity=header[0])


def doubted(folder: Path, country: list[tuple[str, str, str, dict[str, str]]], files: int = 2) -> set[str]:
    """What columns say, the scores being in so many files: rounds are whole in a single one, and in none of several."""
    organizations = write(
        folder / "organizations.csv",
        ("organization_id", "sphere", "kind"),
        ((f"o-{number}", sphere, kind) for number, (sphere, kind, _, _) in enumerate(country)),
    )
    rows = [
        (f"o-{number}", name, measure, text)
        for number, (_, _, name, points) in enumerate(country)
        for measure, text in points.items()
    ]
    header = ("organization_id", "assessment_id", "measure", "points")
    scores = [write(folder / f"scores-{turn}.csv", header, iter(rows[turn::files])) for turn in range(files)]
    return doubtful_organizations([organizations], scores, ROUNDS)


def is_in_order(method: Method, sphere: str, kind: str, points: dict[str, str]) -> bool:
    verdicts = quick_verdicts(method, sphere, kind, points)
    return verdicts is not None and Verdict.FLAG not in verdicts.values()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(country=countries(), files=st.integers(1, 3))
def test_columns_doubt_what_is_not_in_order_one_by_one_and_nothing_else(
    tmp_path: Path, country: list[tuple[str, str, str, dict[str, str]]], files: int
) -> None:
    one_by_one = {
        f"o-{number}"
        for number, (sphere, kind, name, points) in enumerate(country)
        if not is_in_order(ROUNDS[name], sphere, kind, points)
    }
    too_long = {
        f"o-{number}"
        for number, (sphere, kind, name, points) in enumerate(country)
        if ROUNDS[name].variant(sphere, kind)
        and any(
            len(text.partition(".")[2]) > DIGITS or len(text.partition(".")[0]) > DIGITS for text in points.values()
        )
    }
    found = doubted(tmp_path, country, files)
    assert one_by_one <= found <= one_by_one | too_long


@pytest.mark.parametrize(
    ("total", "is_doubted"), [("2.16", False), ("2.17", True), ("2.14", False), ("2.2", False), ("2.3", True)]
)
@pytest.mark.parametrize("files", [1, 2])
def test_the_last_value_that_rounding_explains_is_cleared_and_the_next_is_not(
    total: str, is_doubted: bool, files: int, tmp_path: Path
) -> None:
    """Criteria 1, 2, 3, 2, 2.75 have the mean 2.15: a total of two decimals may be off by 0.01, one of one by 0.055."""
    points = dict(zip(("K1", "K2", "K3", "K4", "K5"), ("1", "2", "3", "2", "2.75"), strict=True))
    country = [("health", "hospital", "r-344n-2018", points | {"total": total})]
    assert doubted(tmp_path, country, files) == ({"o-0"} if is_doubted else set())
