"""Rank sets: the places a unit may truly have, given how uncertain the estimates are."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_app.ranking.compare import Comparer, Comparison, RankMethod
from survey_app.ranking.critical import Simulation, independent_marginal_value
from survey_app.ranking.pairs import Units, make_units

DRAWS = 200_000
SEED = 20_240_701


@dataclass(frozen=True)
class RankSet:
    """A unit's rank in the sample (1 = highest) and the ranks it may truly have, low..high.

    ``method``: the one that was used; with many units not the one asked for.
    ``critical_value``: what the |t| of the unit's pairs were compared with.
    """

    rank: int
    low: int
    high: int
    method: RankMethod = RankMethod.SIMULTANEOUS
    critical_value: float = math.nan


def rank_units(
    estimates: ArrayLike,
    *,
    standard_errors: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    method: str = "simultaneous",
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> tuple[RankSet, ...]:
    """Ranks of p units, highest estimate first, each with its confidence set.

    With se_jk = √(se_j² + se_k² - 2 cov_jk) and t_jk = (θ_j - θ_k)/se_jk, unit j is significantly
    above k where t_jk exceeds a critical value c, and

        set_j = [1 + #{k significantly above j},  p - #{k significantly below j}]

    ========================  =================================================================
    simultaneous              c: quantile of max |Z_j - Z_k|/se_jk over all pairs, Z ~ N(0, V);
                              all p true ranks lie in their sets together with ``confidence``
    marginal                  the same over the p - 1 pairs of the unit: one set for itself
    stepdown                  c from the pairs not yet told apart, until nothing new is found
    holm, bonferroni          no simulation; Holm over the p(p-1)/2 two-sided comparisons,
                              Bonferroni c = Φ⁻¹(1 - α/(p(p-1)))
    ========================  =================================================================

    stepdown ⊆ simultaneous ⊆ bonferroni, holm ⊆ bonferroni and marginal ⊆ simultaneous always
    hold. Marginal values of independent units are integrated, not simulated.

    estimates: shape (p,), any unit. Either standard_errors, shape (p,), for independent units, or
    covariance, shape (p, p) (units that share clusters). Ties share the rank 1 + number strictly
    above. The same seed gives the same sets in whatever order the units are listed (with a
    covariance: unless units agree in variance, estimate and sum of covariances).
    More than 500 units (200 for marginal sets with a covariance) are not simulated but compared by
    Holm, marginal sets by Bonferroni within the unit's own pairs; ``RankSet.method`` says so.

    Assumptions: estimates roughly normal, with known V. A standard error of 0 is taken at its
    word (a census): where it only means that everybody in a sample agreed, give
    :func:`stabilised_standard_error` instead, or the unit beats everybody falsely.
    Raises ValueError for anything not finite, negative standard errors, a covariance that is
    none, shapes that do not fit, an unknown method, a confidence outside 0..1.

    Reference: Mogstad, Romano, Shaikh, Wilhelm (2024), Review of Economic Studies 91, 476-518;
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    >>> sets = rank_units([0.94, 0.90, 0.76], standard_errors=[0.02, 0.02, 0.03], draws=10_000)
    >>> [(s.rank, s.low, s.high) for s in sets]
    [(1, 1, 2), (2, 1, 2), (3, 3, 3)]
    """
    units = make_units(estimates, standard_errors, covariance)
    comparer = Comparer(units, Simulation(confidence, draws, seed))
    return rank_sets(comparer.compare(RankMethod(method)))


def rank_sets(comparison: Comparison) -> tuple[RankSet, ...]:
    """set_j = [1 + #{k significantly above j}, p - #{k significantly below j}]."""
    ranks = ranks_of(comparison.units.estimates)
    low = 1 + comparison.below.sum(axis=1)
    high = len(ranks) - comparison.above.sum(axis=1)
    columns = zip(ranks, low, high, comparison.critical_values, strict=True)
    return tuple(
        RankSet(int(rank), int(a), int(b), comparison.method, float(c)) for rank, a, b, c in columns
    )


def marginal_rank_set(units: Units, unit: int, *, confidence: float = 0.95) -> RankSet:
    """The ranks that one of several independent units may have: the set for that unit's own page.

    Its critical value is found by integration, without simulating anything and without looking at
    the sets of the others. Raises IndexError for a unit that is not there, ValueError for units
    with a covariance.

    >>> from survey_app.ranking.pairs import make_units
    >>> units = make_units([0.94, 0.90, 0.76], standard_errors=[0.02, 0.02, 0.03])
    >>> found = marginal_rank_set(units, 0)
    >>> found.rank, found.low, found.high
    (1, 1, 2)
    """
    if units.covariance is not None:
        raise ValueError("units with a covariance are compared by rank_units")
    critical = independent_marginal_value(units, unit, confidence)
    statistics = units.statistics()[unit]
    return RankSet(
        rank=int(ranks_of(units.estimates)[unit]),
        low=1 + int((-statistics > critical).sum()),
        high=len(units) - int((statistics > critical).sum()),
        method=RankMethod.MARGINAL,
        critical_value=critical,
    )


def ranks_of(estimates: ArrayLike) -> NDArray[np.int64]:
    """1 + the number strictly above; shape (p,).

    >>> ranks_of([0.8, 0.9, 0.9, 0.7])
    array([3, 1, 1, 4])
    """
    values = np.asarray(estimates, dtype=np.float64)
    ascending = np.sort(values)
    return np.asarray(1 + len(values) - np.searchsorted(ascending, values, side="right"))


def stabilised_standard_error(satisfied: int, n: int, population: int | None = None) -> float:
    """The standard error of a share with two satisfied and two dissatisfied sheets added.

    ``√((1 - n/N) p̃ (1 - p̃)/(n + 4))`` with p̃ = (satisfied + 2)/(n + 4). For comparing units where
    the usual standard error is 0 because everybody in the sample agreed: taken at its word, 0
    would put the unit above all others with certainty. 0 in a census, and only there.

    Raises ValueError unless 0 <= satisfied <= n, n >= 1 and n <= population.

    Reference: Agresti & Coull (1998), The American Statistician 52, 119-126.

    >>> round(stabilised_standard_error(45, 45), 4), stabilised_standard_error(60, 60, 60)
    (0.0283, 0.0)
    """
    if n < 1 or not 0 <= satisfied <= n:
        raise ValueError(f"satisfied {satisfied} is not between 0 and n = {n}")
    if population is not None and population < n:
        raise ValueError(f"population {population} is smaller than the sample {n}")
    share = (satisfied + 2) / (n + 4)
    left = 1.0 if population is None else 1 - n / population
    return math.sqrt(left * share * (1 - share) / (n + 4))
