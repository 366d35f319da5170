"""What a reference that leads nowhere was probably meant to name.

A country has 200,000 identifiers, and one wrong export a million references to none of them. So only as many faults of a
file are given a guess as the command line shows, and a large table is asked for the slips of a value instead of being read.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from string import ascii_lowercase, digits

from nok.errors import Problem
from nok.packages.fields import similar
from nok.packages.keys import Keys

GUESSED = 20
"""So many faults of a file get a guess: those that are shown."""

FEW = 1000
"""Among so many keys the nearest is looked for; among more, only what differs from the value by one slip of a hand."""

LONGEST = 64
"""No identifier is longer, so a longer value is no misspelt one."""


def with_guesses(problems: Iterable[Problem], keys: Mapping[str, Keys]) -> Iterator[Problem]:
    """The same problems; a reference that leads nowhere with the key that was probably meant, where there is one."""
    told: Counter[tuple[str, str]] = Counter()
    for problem in problems:
        file = (problem.where.package, problem.where.file)
        told[file] += problem.rule == "foreign-key"
        if problem.rule != "foreign-key" or told[file] > GUESSED:
            yield problem
            continue
        guess = nearest_key(problem.value, keys[problem.details["resource"]])
        yield replace(problem, details=problem.details | {"similar": guess})


def nearest_key(value: str, keys: Keys) -> str:
    """The key that is nearest to `value`; empty where none is near."""
    if len(value) > LONGEST:
        return ""
    first = list(islice(keys.texts(), FEW + 1))
    if len(first) <= FEW:
        return similar(value, first)
    return similar(value, (slip for slip in slips(value) if not keys.lacks(slip)))


def slips(value: str) -> Iterator[str]:
    """What `value` becomes by two signs that change places, and by one sign less, other or more.

    >>> "clinic-12" in set(slips("clinci-12")), "a-1" in set(slips("a1")), "a-1" in set(slips("b-2"))
    (True, True, False)
    """
    signs = digits + "-_." + (ascii_lowercase.upper() if value.isupper() else ascii_lowercase)
    for place in range(len(value) + 1):
        before, after = value[:place], value[place:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        if after:
            yield before + after[1:]
            yield from (before + sign + after[1:] for sign in signs)
        yield from (before + sign + after for sign in signs)
