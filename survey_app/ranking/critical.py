"""Critical values for comparing many units at once: how far apart noise alone puts two of them.

For Z ~ N(0, V), the errors of the estimates, each value here is a quantile of a maximum of
(Z_j - Z_k)/se_jk over some ordered pairs. The draws come in chunks and are the same every time
for one seed: memory stays small, and a maximum over fewer pairs never has a larger quantile.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_app.ranking.pairs import Floats, Units, bonferroni_value

#: Numbers held at once while drawing: 16 MB.
_CHUNK = 2_000_000
#: Units compared in one draw are gathered in groups of up to so many.
_GROUPS = (2, 4, 8, 16, 32, 64, 128)
#: The search for a quantile first looks above this part of its upper bound, then ever lower.
_FIRST_LOOK = 0.95
#: Units whose own maxima are held at once: 200,000 draws of 16 units are 26 MB.
_UNITS_AT_ONCE = 16
#: Gauss-Legendre nodes on each of two panels, [0, c] and [c, 9]; a normal error ends at 9.
_NODES = 32
_END = 9.0


@dataclass(frozen=True)
class Simulation:
    """How a quantile is simulated. Raises ValueError for a confidence outside 0..1, draws < 100."""

    confidence: float
    draws: int
    seed: int

    def __post_init__(self) -> None:
        if not 0 < self.confidence < 1:
            raise ValueError(f"confidence {self.confidence} is not between 0 and 1")
        if self.draws < 100:
            raise ValueError("a critical value needs at least 100 draws")

    @property
    def exceeding(self) -> int:
        """The place of the quantile among the draws, counted from the largest."""
        return self.draws - math.ceil(self.confidence * self.draws - 1e-9) + 1

    def errors(self, units: Units) -> Iterator[Floats]:
        """Draws of N(0, V), chunks of shape (rows, p); one stream of normals cut into rows."""
        p = len(units)
        random = np.random.Generator(np.random.PCG64(self.seed))
        root = None if units.covariance is None else _root(units.covariance)
        rows = max(1, _CHUNK // p)
        for start in range(0, self.draws, rows):
            normal = random.standard_normal((min(rows, self.draws - start), p))
            yield normal * units.errors if root is None else normal @ root.T


def quantile_of_maximum(
    units: Units,
    scales: Floats,
    simulation: Simulation,
    *,
    at_most: float,
    first_look: float = _FIRST_LOOK,
) -> float:
    """The quantile of max (Z_j - Z_k) · scales_jk over ordered pairs.

    scales: shape (p, p), 1/se_jk for the pairs that count and 0 for the others. at_most: an upper
    bound of the true quantile (Bonferroni's), which noise must not exceed.

    Exact for the draws made, though most pairs are never looked at. With x_j = Z_j/se_j and r the
    largest correlation in size, (Z_j - Z_k)²/se_jk² <= (x_j² + x_k²)/(1 - r). So where a draw's
    maximum exceeds c, it lies among the units with x_j² + max x² > (1 - r) c². We look above a c
    that should be below the quantile, and lower if it was not.
    """
    correlation = _largest_correlation(units)
    floor = at_most * first_look
    while True:
        maxima = [
            _maxima_above(floor, errors, units.errors, scales, correlation)
            for errors in simulation.errors(units)
        ]
        found = np.concatenate(maxima)
        if len(found) >= simulation.exceeding:
            place = len(found) - simulation.exceeding
            return min(float(np.partition(found, place)[place]), at_most)
        floor = floor * _FIRST_LOOK if floor > 0.5 else -1.0


def simulated_marginal_values(units: Units, simulation: Simulation) -> Floats:
    """For each unit the quantile of max_k |Z_j - Z_k|/se_jk over its own pairs, shape (p,)."""
    scales = scales_of(units)
    values = np.zeros(len(units))
    for start in range(0, len(units), _UNITS_AT_ONCE):
        members = range(start, min(start + _UNITS_AT_ONCE, len(units)))
        maxima = np.concatenate([_own_maxima(z, scales, members) for z in simulation.errors(units)])
        place = simulation.draws - simulation.exceeding
        values[start : members.stop] = np.partition(maxima, place, axis=0)[place]
    return values


def independent_marginal_values(units: Units, confidence: float) -> Floats:
    """The same for independent units, by integration instead of simulation, shape (p,)."""
    return np.array([independent_marginal_value(units, j, confidence) for j in range(len(units))])


def independent_marginal_value(units: Units, j: int, confidence: float) -> float:
    """The critical value of unit j against independent others.

    Given Z_j = z se_j the other units are independent, so c_j solves

        ∫ φ(z) Π_k [Φ((z se_j + c se_jk)/se_k) - Φ((z se_j - c se_jk)/se_k)] dz = confidence

    The integrand is even; Gauss-Legendre on [0, c] and [c, 9] (it breaks at c where se_k = 0).
    0 where there is nothing to be uncertain about.
    """
    from scipy.optimize import brentq

    own = units.difference_errors()[j]
    others = np.flatnonzero(own > 0)
    if not len(others):
        return 0.0
    neighbours = _Neighbours(float(units.errors[j]), units.errors[others], own[others])
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)

    def excess(c: float) -> float:
        return neighbours.probability(c, nodes, weights) - confidence

    highest = bonferroni_value(len(others), confidence) + 0.01
    return float(brentq(excess, 0.01, highest, xtol=1e-9))


@dataclass(frozen=True, eq=False)
class _Neighbours:
    """One unit's standard error, those of the others, and of their differences from it."""

    error: float
    others: Floats
    differences: Floats

    def probability(self, c: float, nodes: Floats, weights: Floats) -> float:
        """P(max_k |Z_j - Z_k|/se_jk <= c)."""
        from scipy.special import ndtr

        total = 0.0
        for low, high in ((0.0, c), (c, max(_END, c + 1.0))):
            z = (low + high) / 2 + (high - low) / 2 * nodes
            centre = self.error * z[:, np.newaxis]
            reach = c * self.differences
            with np.errstate(divide="ignore"):  # a unit without error: all or nothing
                inside = ndtr((centre + reach) / self.others) - ndtr((centre - reach) / self.others)
            density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
            total += float((high - low) * (weights * density) @ inside.prod(axis=1))
        return total


def scales_of(units: Units) -> Floats:
    """1/se_jk, and 0 where there is nothing to be uncertain about; shape (p, p)."""
    errors = units.difference_errors()
    return np.divide(1.0, errors, out=np.zeros_like(errors), where=errors > 0)


def _root(covariance: Floats) -> Floats:
    """R with R R' = V, also where V is singular."""
    try:
        return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(covariance)
        return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)), dtype=np.float64)


def _largest_correlation(units: Units) -> float:
    if units.covariance is None:
        return 0.0
    inverse = np.divide(1.0, units.errors, out=np.zeros(len(units)), where=units.errors > 0)
    correlations = np.abs(units.covariance * inverse * inverse[:, np.newaxis])
    np.fill_diagonal(correlations, 0.0)
    return min(float(correlations.max()), 1.0)


def _maxima_above(
    floor: float, z: Floats, errors: Floats, scales: Floats, correlation: float
) -> Floats:
    """The maxima of those draws whose maximum exceeds ``floor``."""
    squares = np.divide(z, errors, out=np.zeros_like(z), where=errors > 0)
    squares *= squares
    peaks = squares.max(axis=1)
    # A hair lower, so that rounding leaves nobody out.
    limit = (1 - correlation) * max(floor, 0.0) ** 2 * (1 - 1e-9)
    rows = np.flatnonzero(2 * peaks >= limit)
    counts = (squares[rows] + peaks[rows, np.newaxis] >= limit).sum(axis=1)
    found = [np.zeros(0)]
    smaller = 1
    for size in (*(g for g in _GROUPS if g < z.shape[1]), z.shape[1]):
        members = rows[(counts > smaller) & (counts <= size)]
        smaller = size
        if len(members) and size < z.shape[1]:
            columns = np.argpartition(-squares[members], size - 1, axis=1)[:, :size]
            found.append(_gathered_maxima(z[members[:, np.newaxis], columns], columns, scales))
        elif len(members):
            found.append(_all_maxima(z[members], scales))
    maxima = np.concatenate(found)
    return maxima[maxima > floor]


def _gathered_maxima(z: Floats, columns: NDArray[np.intp], scales: Floats) -> Floats:
    """The maximum of each draw over some units only; columns: which units, row by row."""
    best = np.zeros(len(z))
    for a in range(z.shape[1] - 1):
        difference = z[:, a : a + 1] - z[:, a + 1 :]
        first, second = columns[:, a : a + 1], columns[:, a + 1 :]
        np.maximum(best, (difference * scales[first, second]).max(axis=1), out=best)
        np.maximum(best, -(difference * scales[second, first]).min(axis=1), out=best)
    return best


def _all_maxima(z: Floats, scales: Floats) -> Floats:
    best = np.zeros(len(z))
    for a in range(z.shape[1] - 1):
        difference = z[:, a : a + 1] - z[:, a + 1 :]
        np.maximum(best, (difference * scales[a, a + 1 :]).max(axis=1), out=best)
        np.maximum(best, -(difference * scales[a + 1 :, a]).min(axis=1), out=best)
    return best


def _own_maxima(z: Floats, scales: Floats, members: range) -> Floats:
    """max_k |Z_j - Z_k| · scales_jk of each draw for the units j in ``members``."""
    maxima = np.empty((len(z), len(members)))
    for column, j in enumerate(members):
        distances = np.abs(z - z[:, j : j + 1])
        distances *= scales[j]
        maxima[:, column] = distances.max(axis=1)
    return maxima
