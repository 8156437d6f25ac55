"""Who is significantly above whom, by each of the methods."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np

from survey_app.ranking.critical import (
    Simulation,
    independent_marginal_values,
    quantile_of_maximum,
    scales_of,
    simulated_marginal_values,
)
from survey_app.ranking.pairs import Flags, Floats, Units, bonferroni_value, holm_value

#: Above so many units nothing is simulated; a procedure without draws takes over and the result
#: says so.
MOST_SIMULATED = 500
#: The same for marginal sets of units that are not independent: each needs its own simulation.
MOST_SIMULATED_ONE_BY_ONE = 200
#: Rounds of the step-down change the critical value by little.
_NEXT_LOOK = 0.985


class RankMethod(StrEnum):
    SIMULTANEOUS = "simultaneous"  # all sets hold together: a published league table
    MARGINAL = "marginal"  # each set holds for itself: one unit's own page
    STEPDOWN = "stepdown"  # simultaneous, sharpened round by round
    HOLM = "holm"  # simultaneous, without simulation
    BONFERRONI = "bonferroni"  # simultaneous, the simplest and the widest
    MARGINAL_BONFERRONI = "marginal-bonferroni"  # marginal, without simulation


@dataclass(frozen=True, eq=False)
class Comparison:
    """Every pair of p units compared by one method.

    method: the one that was used, not the one asked for (:data:`MOST_SIMULATED`).
    critical_values: shape (p,), what |t| of each unit's own pairs was compared with, in the last
    round if there were several.
    """

    units: Units
    method: RankMethod
    critical_values: Floats

    @cached_property
    def above(self) -> Flags:
        """above[j, k]: unit j is significantly above unit k, seen from unit j's page."""
        found: Flags = self.units.statistics() > self.critical_values[:, np.newaxis]
        return found

    @cached_property
    def below(self) -> Flags:
        """below[j, k]: unit j is significantly below unit k, seen from unit j's page.

        The transpose of :attr:`above`, except with marginal methods: there a pair may be told
        apart on one unit's page and not on the other's.
        """
        found: Flags = -self.units.statistics() > self.critical_values[:, np.newaxis]
        return found

    @property
    def separated(self) -> Flags:
        """Whether a pair is told apart, seen from both; shape (p, p), symmetric."""
        apart = self.above | self.below
        return apart & apart.T


class Comparer:
    """Compares the same units by several methods and simulates what they share only once.

    >>> from survey_app.ranking.pairs import make_units
    >>> units = make_units([0.94, 0.90, 0.76], standard_errors=[0.02, 0.02, 0.03])
    >>> comparer = Comparer(units, Simulation(0.95, draws=10_000, seed=1))
    >>> comparer.compare(RankMethod.HOLM).separated.tolist()
    [[False, False, True], [False, False, True], [True, True, False]]
    """

    def __init__(self, units: Units, simulation: Simulation) -> None:
        self._given = units
        self._simulation = simulation
        # In an order that depends on the units only, not on how they are listed.
        sums = units.errors if units.covariance is None else units.covariance.sum(axis=0)
        self._order = np.lexsort((sums, units.estimates, units.errors))
        self._units = units.reordered(self._order)

    def compare(self, method: RankMethod) -> Comparison:
        """All pairs by one method. A single unit, or none, has nothing to be compared with."""
        p = len(self._given)
        if p < 2 or not self._uncertain_pairs:
            # Between units without error every difference is certain, whatever its size.
            return Comparison(self._given, method, np.zeros(p))
        method = self._feasible(method)
        critical = np.empty(p)
        critical[self._order] = self._critical_values(method)
        return Comparison(self._given, method, critical)

    def _feasible(self, method: RankMethod) -> RankMethod:
        p = len(self._given)
        if method is RankMethod.MARGINAL:
            independent = self._given.covariance is None
            most = MOST_SIMULATED if independent else MOST_SIMULATED_ONE_BY_ONE
            return method if p <= most else RankMethod.MARGINAL_BONFERRONI
        simulated = method in (RankMethod.SIMULTANEOUS, RankMethod.STEPDOWN)
        return RankMethod.HOLM if simulated and p > MOST_SIMULATED else method

    def _critical_values(self, method: RankMethod) -> Floats | float:
        confidence, p = self._simulation.confidence, len(self._given)
        match method:
            case RankMethod.SIMULTANEOUS:
                return self._simultaneous
            case RankMethod.MARGINAL:
                return self._marginal()
            case RankMethod.STEPDOWN:
                return self._stepdown()
            case RankMethod.HOLM:
                return self._holm()
            case RankMethod.BONFERRONI:
                return bonferroni_value(p * (p - 1) // 2, confidence)
            case RankMethod.MARGINAL_BONFERRONI:
                return bonferroni_value(p - 1, confidence)

    @cached_property
    def _uncertain_pairs(self) -> int:
        return int(np.count_nonzero(self._units.difference_errors()) // 2)

    @cached_property
    def _simultaneous(self) -> float:
        bound = bonferroni_value(self._uncertain_pairs, self._simulation.confidence)
        scales = scales_of(self._units)
        return quantile_of_maximum(self._units, scales, self._simulation, at_most=bound)

    def _marginal(self) -> Floats:
        if self._units.covariance is None:
            values = independent_marginal_values(self._units, self._simulation.confidence)
        else:
            values = simulated_marginal_values(self._units, self._simulation)
        # The true values are never above the true simultaneous one; a simulated one may err.
        return np.minimum(values, self._simultaneous)

    def _stepdown(self) -> float:
        """One-sided ordered pairs; c from those not yet told apart, until nothing new is found."""
        statistics, scales = self._units.statistics(), scales_of(self._units)
        critical = self._simultaneous
        while (found := (statistics > critical) & (scales > 0)).any():
            scales[found] = 0.0
            critical = quantile_of_maximum(
                self._units, scales, self._simulation, at_most=critical, first_look=_NEXT_LOOK
            )
        return critical

    def _holm(self) -> float:
        uncertain = np.triu(self._units.difference_errors(), 1) > 0
        absolute = np.abs(self._units.statistics()[uncertain])
        return holm_value(absolute, self._simulation.confidence)


def indistinguishable_groups(comparison: Comparison) -> tuple[tuple[int, ...], ...]:
    """Runs of neighbours in the ranking no two of whom are told apart ("chưa phân biệt được").

    Each group holds positions in the input, highest estimate first. Groups may overlap, none
    lies inside another, and nobody stands in a group alone. Two units without a common group may
    still be indistinguishable (one measured very exactly can part two vague neighbours):
    :func:`indistinguishable_pairs` lists every pair.

    >>> from survey_app.ranking.pairs import make_units
    >>> units = make_units([0.94, 0.90, 0.76], standard_errors=[0.02, 0.02, 0.03])
    >>> compared = Comparer(units, Simulation(0.95, 100, 1)).compare(RankMethod.HOLM)
    >>> indistinguishable_groups(compared)
    ((0, 1),)
    """
    order = np.argsort(-comparison.units.estimates, kind="stable")
    separated = comparison.separated[np.ix_(order, order)]
    groups: list[tuple[int, ...]] = []
    start, p = 0, len(order)
    for end in range(1, p + 1):
        # Whom the next unit is told apart from; beyond the last one everybody.
        clashes = np.flatnonzero(separated[end, start:end]) if end < p else np.arange(end - start)
        if not len(clashes):
            continue
        if end - start > 1:
            groups.append(tuple(order[start:end].tolist()))
        start += int(clashes[-1]) + 1
    return tuple(groups)


def indistinguishable_pairs(comparison: Comparison) -> tuple[tuple[int, int], ...]:
    """All pairs (j, k), j < k, that are not told apart.

    >>> from survey_app.ranking.pairs import make_units
    >>> units = make_units([0.94, 0.90, 0.76], standard_errors=[0.02, 0.02, 0.03])
    >>> compared = Comparer(units, Simulation(0.95, 100, 1)).compare(RankMethod.HOLM)
    >>> indistinguishable_pairs(compared)
    ((0, 1),)
    """
    first, second = np.nonzero(np.triu(~comparison.separated, 1))
    return tuple(zip(first.tolist(), second.tolist(), strict=True))
