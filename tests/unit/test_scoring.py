"""From counts to points: worked examples to the last digit, states that are not zeros, traces that can be recomputed."""

from tests.unit.scoring_support import score, shown

SCHOOL = """
total 83.56
K1 91.90  1.1 93.00  1.2 90.00  1.3 92.50
K2 82.50  2.1 80.00  2.2 None   2.3 85.00
K3 58.50  3.1 40.00  3.2 60.00  3.3 75.00
K4 93.80  4.1 95.00  4.2 92.00  4.3 95.00
K5 91.10  5.1 90.00  5.2 93.00  5.3 91.00
"""


def test_the_school_of_the_worked_example() -> None:
    words = SCHOOL.split()
    assert {name: str(points) for name, points in shown(score()).items()} == dict(
        zip(words[::2], words[1::2], strict=True)
    )
