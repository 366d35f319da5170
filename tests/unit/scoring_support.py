"""The method of 2018 as it ships, and the counts of the worked example, for every test of the arithmetic."""

from decimal import Decimal
from functools import cache
from pathlib import Path

from nok.method import Method, parse_method
from nok.scoring import Result, compute
from nok.scoring_inputs import Answered, Observation
from nok.vocabulary import Spheres, parse_spheres

CONTENT = Path(__file__).resolve().parents[2] / "content"

OBSERVED = {
    "stand_items": Observation(9, 10),
    "site_items": Observation(48, 50),
    "remote_channels": Observation(3),
    "comfort_conditions": Observation(4),
    "access_equipment": Observation(2),
    "access_conditions": Observation(3),
}
ANSWERED = {
    "q1": Answered(50, 200),
    "q2": Answered(45, 50),
    "q3": Answered(80, 200),
    "q4": Answered(76, 80),
    "q6": Answered(170, 200),
    "q7": Answered(20, 200),
    "q8": Answered(15, 20),
    "q9": Answered(190, 200),
    "q10": Answered(184, 200),
    "q11": Answered(60, 200),
    "q12": Answered(57, 60),
    "q13": Answered(180, 200),
    "q14": Answered(186, 200),
    "q15": Answered(182, 200),
}
"""A school, constructed and checked by hand: total 83.56."""


@cache
def spheres() -> Spheres:
    return parse_spheres((CONTENT / "spheres.yaml").read_text("utf-8"), "spheres.yaml")


def order_text() -> str:
    return (CONTENT / "methods" / "344n-2018.yaml").read_text("utf-8")


@cache
def order(zero_policy: str = "renormalise") -> Method:
    """The method of 2018, with another policy for questions that nobody answered if one is asked for."""
    text = order_text().replace("zero_denominator: renormalise", f'zero_denominator: "{zero_policy}"')
    return parse_method(text, "344n-2018.yaml", spheres())


def shown(results: dict[str, Result]) -> dict[str, str | None]:
    return {name: None if result.shown is None else str(result.shown) for name, result in results.items()}


def score(
    sphere: str = "education", kind: str = "", method: Method | None = None, **changes: object
) -> dict[str, Result]:
    """The worked example with some inputs changed; `None` takes one away."""
    observed = {name: changes.get(name, seen) for name, seen in {**OBSERVED, "waiting": None}.items()}
    answered = {name: changes.get(name, counts) for name, counts in {**ANSWERED, "q5": None}.items()}
    return compute(
        method or order(),
        sphere,
        kind,
        {name: seen for name, seen in observed.items() if isinstance(seen, Observation)},
        {name: counts for name, counts in answered.items() if isinstance(counts, Answered)},
    )


def decimals(text: str) -> list[Decimal]:
    return [Decimal(number.replace(",", ".")) for number in text.split()]
