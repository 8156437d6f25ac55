"""Two figures side by side: intervals of a difference, tests, and many tests at once."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Difference:
    """A difference second - first of two proportions, in -1..1, with its interval."""

    value: float
    low: float
    high: float


def mover_difference(
    first: float,
    first_interval: tuple[float, float],
    second: float,
    second_interval: tuple[float, float],
) -> Difference:
    """The interval of second - first from the two intervals (variance estimates recovered).

    With p1 in [l1, u1] and p2 in [l2, u2], independent, d = p2 - p1::

        low  = d - √((p2 - l2)² + (u1 - p1)²)
        high = d + √((u2 - p2)² + (p1 - l1)²)

    With Wilson's intervals this is Newcombe's method 10; it takes any intervals of the same
    confidence (hypergeometric, Korn-Graubard, logit-t) and hands down their confidence and their
    asymmetry. Stays in -1..1 if they stay in 0..1.

    Assumptions: two independent samples. Two waves in the same clusters are not; their difference
    needs its own linearised variance.
    Raises ValueError unless l <= p <= u for both.

    Reference: Newcombe (1998), Statistics in Medicine 17, 873-890; Zou & Donner (2008), Statistics
    in Medicine 27, 1693-1702.

    >>> d = mover_difference(48 / 80, (0.4904, 0.7004), 56 / 70, (0.6918, 0.8769))
    >>> round(d.value, 4), round(d.low, 3), round(d.high, 3)
    (0.2, 0.052, 0.334)
    """
    low1, high1 = first_interval
    low2, high2 = second_interval
    if not (low1 <= first <= high1 and low2 <= second <= high2):
        raise ValueError("an interval does not hold its estimate")
    value = second - first
    low = value - math.hypot(second - low2, high1 - first)
    high = value + math.hypot(high2 - second, first - low1)
    return Difference(value, low, high)


def holm(p_values: Sequence[float | None]) -> tuple[float | None, ...]:
    """p-values adjusted so that all comparisons of a table can be read together.

    Sorted ascending, ``adjusted_(i) = min(1, max over j <= i of (m - j + 1) p_(j))``; the chance
    of even one false difference in the table is then at most the level, however the comparisons
    depend on one another. None (not tested) stays None and does not count in m.

    Raises ValueError for a p-value outside 0..1 or NaN.

    Reference: Holm (1979), Scandinavian Journal of Statistics 6, 65-70 (R: ``p.adjust``).

    >>> holm([0.01, None, 0.04, 0.03])
    (0.03, None, 0.06, 0.06)
    """
    tested = [(p, place) for place, p in enumerate(p_values) if p is not None]
    if not all(0 <= p <= 1 for p, _ in tested):
        raise ValueError("a p-value is not in 0..1")
    adjusted: list[float | None] = [None] * len(p_values)
    largest = 0.0
    for done, (p, place) in enumerate(sorted(tested)):
        largest = max(largest, min((len(tested) - done) * p, 1.0))
        adjusted[place] = largest
    return tuple(adjusted)


def binomial_tail(count: int, n: int, share: float) -> float:
    """P(Bin(n, share) <= count), for counts of at least 0; 1 from count = n on.

    >>> round(binomial_tail(4, 166, 0.13), 9)
    1.646e-06
    """
    from scipy.special import bdtr  # scipy.stats takes a second to load

    return float(bdtr(min(count, n), n, share))
