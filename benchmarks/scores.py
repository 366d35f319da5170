"""How long a country's points take: `python -m benchmarks.scores [--organizations 200000 --years 3 --jobs 2]`.

Counts are invented by a seed, as many as the standard questionnaire and the checklists have, in the five spheres of the
order of 2018; inventing them is not on the measured time. Every number is computed: 15 indicators, 5 criteria, the total.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import perf_counter

from nok.method import Method, parse_method
from nok.scoring import compute, trace
from nok.scoring_fast import compile_scores
from nok.scoring_inputs import Answered, Answers, Observation, Observations, check_inputs

METHOD_FILE = Path(__file__).resolve().parent.parent / "content" / "methods" / "344n-2018.yaml"
GROUPS = (("education", "school"), ("culture", "library"), ("culture", "theatre"), ("health", "clinic"), ("social", ""))
CHUNK = 2000
BRANCHES = {"q2": "q1", "q4": "q3", "q8": "q7", "q12": "q11"}
Inputs = tuple[str, str, Observations, Answers]


@dataclass(frozen=True, slots=True)
class Share:
    """What one process computes."""

    rounds: int
    seed: int
    way: str


def invent(dice: Random) -> Inputs:
    """Counts of one organisation in one year; some have nobody with a disability."""
    sphere, kind = dice.choice(GROUPS)
    norms = {"stand_items": 17, "site_items": 29}
    observations = {name: Observation(dice.randint(norm // 2, norm), norm) for name, norm in norms.items()}
    most = {"remote_channels": 5, "comfort_conditions": 6, "access_equipment": 5, "access_conditions": 6}
    observations |= {name: Observation(dice.randint(0, size)) for name, size in most.items()}
    observations["waiting"] = Observation(dice.randint(1, 16), 14)
    respondents = dice.randint(12, 600)
    answers: dict[str, Answered] = {}
    for number in range(1, 16):
        question = f"q{number}"
        asked = answers[BRANCHES[question]].satisfied if question in BRANCHES else respondents
        answered = dice.randint(asked * 9 // 10, asked)
        answers[question] = Answered(
            dice.randint(answered // 20 if number == 7 else answered * 2 // 3, answered), answered
        )
    if dice.random() < 0.1:
        answers["q7"], answers["q8"] = Answered(0, respondents), Answered(0, 0)
    return sphere, kind, observations, answers


def measure(share: Share) -> tuple[float, int]:
    """Seconds of computing and a checksum of the points, so that nothing is computed for nothing."""
    method = parse_method(METHOD_FILE.read_text("utf-8"), METHOD_FILE.name)
    dice, seconds, checksum = Random(share.seed), 0.0, 0
    score = _way(method, share.way)
    for start in range(0, share.rounds, CHUNK):
        inputs = [invent(dice) for _ in range(min(CHUNK, share.rounds - start))]
        begun = perf_counter()
        for one in inputs:
            checksum += score(one)
        seconds += perf_counter() - begun
    return seconds, checksum


def _way(method: Method, way: str) -> Callable[[Inputs], int]:
    """The total of one organisation in hundredths, by one of three ways."""
    compiled = {group: compile_scores(method, *group) for group in GROUPS}

    def fast(one: Inputs) -> int:
        sphere, kind, observations, answers = one
        scores = compiled[sphere, kind]
        return scores.points(observations, answers)[0] if scores else 0

    def checked(one: Inputs) -> int:
        return len(check_inputs(method, *one)) + fast(one)

    def traced(one: Inputs) -> int:
        results = compute(method, *one)
        traces = [trace(method, result) for result in results.values()]
        total = results[method.total.id].shown
        return int(total * 100) if total is not None and traces else -1

    return {"fast": fast, "checked": checked, "traced": traced}[way]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures and prints one line."""
    options = _parser().parse_args(arguments)
    rounds = options.organizations * options.years
    sizes = [rounds // options.jobs + (number < rounds % options.jobs) for number in range(options.jobs)]
    shares = [Share(rounds=size, seed=options.seed + number, way=options.way) for number, size in enumerate(sizes)]
    begun = perf_counter()
    with ProcessPoolExecutor(options.jobs) as pool:
        found = list(pool.map(measure, shares))
    longest, all_seconds = max(seconds for seconds, _ in found), sum(seconds for seconds, _ in found)
    print(
        f"{options.way}: {options.organizations} organisations × {options.years} years in {options.jobs} processes: "
        f"{longest:.1f} s of computing, {all_seconds / rounds * 1e6:.0f} µs each; "
        f"{perf_counter() - begun:.1f} s with inventing the counts; checksum {sum(total for _, total in found)}"
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks.scores", description=__doc__, allow_abbrev=False)
    add = parser.add_argument
    add("--organizations", type=int, default=200_000, help="how many")
    add("--years", type=int, default=3, help="rounds of each")
    add("--way", choices=("fast", "checked", "traced"), default="fast", help="points; counts checked too; with traces")
    add("--jobs", type=int, default=2, help="processes")
    add("--seed", type=int, default=1, help="other counts")
    return parser


if __name__ == "__main__":
    sys.exit(main())
