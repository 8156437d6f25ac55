"""Places with far fewer answers than their peers: counts against what they could have received."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from survey_app.estimation.comparison.comparisons import binomial_tail, holm

#: "Far fewer": under this share of the peers' rate.
MARGIN = 0.5
LEVEL = 0.05
FEWEST_PEERS = 3


@dataclass(frozen=True)
class Shortfall:
    """``place``: index among the places given; ``expected``: the count at the peers' rate;
    ``p_value``: adjusted for all places looked at together, in 0..1."""

    place: int
    count: int
    expected: float
    p_value: float


def find_shortfalls(counts: Sequence[int], exposures: Sequence[float]) -> tuple[Shortfall, ...]:
    """Places whose rate is under half that of the others, by more than chance.

    ``counts``: answers received; ``exposures``: what they could come from (such as dossiers times
    the share of the period in which the place took answers), positive, in one unit of measure.

    With counts y_i ~ Poisson(λ_i E_i), independent, the hypothesis for place i is that its rate is
    at least half that of the others together, λ_i ≥ ½ λ. Given the sum Y of all counts, at the
    edge of the hypothesis y_i is binomial, so the p-value is exact whatever λ is::

        p_i = P( Bin(Y, π_i) ≤ y_i ),    π_i = ½ E_i / (½ E_i + Σ_{j≠i} E_j)

    Testing against half the rate, not the same rate: places differ more than Poisson counts do,
    and with many answers every ordinary difference would be "significant". The p-values are
    adjusted by Holm; a place is returned at an adjusted p ≤ 5 %, and only if its rate is also
    under half the median of the others' rates, so that a single place with a great many answers
    does not make all others look poor. Small numbers cannot get there: with ten places and no
    answer at all, eleven must have been expected.

    Assumptions: answers come one by one, independently; those a place could receive are spread
    alike over the period. At most ``LEVEL`` of the looks at a table give a false notice; looking
    every day gives more of them.
    With fewer than three peers nothing is returned. Raises ValueError for counts below 0,
    exposures not above 0, or different lengths.

    Reference: Przyborowski & Wilenski (1940), Biometrika 31, 313-323; with a ratio other than 1:
    Gu, Ng, Tang & Schucany (2008), Biometrical Journal 50, 283-298 (R: ``poisson.test(c(y, Y - y),
    c(E, rest), r = 0.5, alternative = "less")``).

    >>> (found,) = find_shortfalls([4, 48, 52, 61], [1000, 1000, 1100, 1200])
    >>> found.place, found.count, round(found.expected, 1), round(found.p_value, 8)
    (0, 4, 48.8, 5.78e-06)
    """
    if any(count < 0 for count in counts) or any(exposure <= 0 for exposure in exposures):
        raise ValueError("counts are not negative, and exposures are positive")
    rates = [count / exposure for count, exposure in zip(counts, exposures, strict=True)]
    if len(counts) <= FEWEST_PEERS:
        return ()
    total, exposed = sum(counts), sum(exposures)
    tails = [
        _tail(count, exposure, total, exposed)
        for count, exposure in zip(counts, exposures, strict=True)
    ]
    found = []
    for place, p_value in enumerate(holm(tails)):
        others = rates[:place] + rates[place + 1 :]
        is_far = rates[place] < MARGIN * median(others)
        if p_value is not None and p_value <= LEVEL and is_far:
            peers_rate = (total - counts[place]) / (exposed - exposures[place])
            expected = peers_rate * exposures[place]
            found.append(Shortfall(place, counts[place], expected, p_value))
    return tuple(found)


def _tail(count: int, exposure: float, total: int, exposed: float) -> float:
    share = MARGIN * exposure / (MARGIN * exposure + exposed - exposure)
    return binomial_tail(count, total, share)
