"""Drivers: how much of the differences in overall satisfaction goes with each factor.

An *association* in one survey. That a factor has a large share does not mean that improving it
raises satisfaction: people who are pleased with one thing tend to rate all things well.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: 2^10 regressions for each replicate; beyond that nobody can read the table either.
MOST_FACTORS = 10
REPLICATES = 500
SEED = 20_240_702
#: Replicates held at once.
_AT_ONCE = 50
#: A factor that the others explain up to this part of its variance adds nothing of its own.
_COLLINEAR = 1e-9


class Quadrant(StrEnum):
    """Importance (at least an equal share of R²) against performance (at least the mean)."""

    PRIORITY = "priority"  # important and below the mean: look here first
    KEEP = "keep"  # important and well rated
    MINOR = "minor"  # less important and below the mean
    SUFFICIENT = "sufficient"  # less important and well rated


class NoAnalysis(StrEnum):
    """Why there are no shares."""

    TOO_FEW = "too_few"  # not more complete respondents than factors + 1
    CONSTANT = "constant"  # everybody is equally satisfied overall, or no factor differs
    NO_FIT = "no_fit"  # R² is 0: nothing to divide


@dataclass(frozen=True)
class Driver:
    """One factor. ``importance``: its share of R² (the shares sum to 1), with its interval;
    ``contribution``: the same in units of R². ``performance``: the factor's mean, 0..1.
    ``is_clear``: the interval of the importance does not hold the equal share that parts important
    from less important. Intervals are simultaneous over the factors (Bonferroni): one in twenty
    analyses of equal factors, not one in twenty factors, shows a clear one. None where there is no
    analysis.
    """

    importance: float | None
    low: float | None
    high: float | None
    contribution: float | None
    performance: float | None
    quadrant: Quadrant | None
    is_clear: bool = False


@dataclass(frozen=True)
class DriverAnalysis:
    """r_squared: how much of the differences all factors together go with.

    n: complete respondents; excluded: those left out. reason: why there are no shares, or None.
    """

    drivers: tuple[Driver, ...]
    r_squared: float | None
    n: int
    excluded: int
    reason: NoAnalysis | None = None

    @property
    def adjusted_r_squared(self) -> float | None:
        """R² less what k factors would explain by chance, at least 0:
        ``1 - (1 - R²)(n - 1)/(n - k - 1)``."""
        if self.r_squared is None:
            return None
        left = (self.n - 1) / (self.n - len(self.drivers) - 1)
        return max(0.0, 1 - (1 - self.r_squared) * left)

    @property
    def p_value(self) -> float | None:
        """Of the test that no factor goes with overall satisfaction: F of R² with k and n - k - 1
        degrees of freedom (simple random sampling); None where there are no shares."""
        from scipy.special import fdtrc

        if self.r_squared is None or self.reason is not None:
            return None
        k, rest = len(self.drivers), self.n - len(self.drivers) - 1
        if self.r_squared >= 1:
            return 0.0
        return float(fdtrc(k, rest, (self.r_squared / k) / ((1 - self.r_squared) / rest)))


def driver_analysis(
    factors: ArrayLike,
    overall: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    strata: Sequence[object] | None = None,
    clusters: Sequence[object] | None = None,
    replicates: int = REPLICATES,
    confidence: float = 0.95,
    seed: int = SEED,
) -> DriverAnalysis:
    """Shapley (LMG) shares of R² of a weighted regression of overall satisfaction on factors.

    With R²(S) of the regression on the factors in S, each factor's part is its gain averaged over
    all orders in which k factors can enter:

        φ_j = Σ over S without j of |S|! (k - |S| - 1)!/k! · (R²(S + j) - R²(S)),   Σ φ_j = R²

    so no factor takes the common part for itself because it came first, as it does in a table of
    coefficients. Importance is φ_j/R². Intervals: percentiles of ``replicates`` rescaling
    bootstraps (n_h - 1 of the n_h clusters of each stratum with replacement, weights times
    n_h/(n_h - 1); a stratum of one cluster stays as it is); those of the shares at
    1 - α/k each, so that all hold together.

    factors: shape (n, k), scores in 0..1, NaN where there is none. overall: shape (n,). weights,
    strata, clusters: shape (n,); without clusters every respondent is one.

    Missing: complete cases. Regressions from pairwise covariances would use more answers, but the
    matrices then belong to different people for every pair, may not be a covariance at all, and
    the parts would no longer sum to R². The price: the analysis describes those who could answer
    everything, ``excluded`` says how many could not. Leave out a factor that many could not
    answer (feedback) rather than analyse the few who could.

    A constant factor has importance 0. A factor that others repeat exactly shares with them.
    A replicate in which nothing varies is left out of the percentiles.

    Assumptions: linear association; with-replacement sampling of clusters (no finite population
    correction). Performance is the weighted mean over everybody who answered the factor.
    Raises ValueError for shapes that do not fit, more than 10 factors or none, weights that are
    negative or not finite, fewer than 20 replicates, a confidence outside 0..1.

    Reference: Lindeman, Merenda, Gold (1980), p. 119; Grömping (2007), The American Statistician
    61, 139-147; Rao & Wu (1988), JASA 83, 231-241.

    >>> rng = np.random.default_rng(1)
    >>> x = rng.random((200, 2))
    >>> found = driver_analysis(x, 0.8 * x[:, 0] + 0.2 * x[:, 1], replicates=50)
    >>> [round(d.importance, 2) for d in found.drivers], round(found.r_squared, 6)
    ([0.94, 0.06], 1.0)
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} is not between 0 and 1")
    x, y, w = _checked(factors, overall, weights, replicates)
    performance = _performance(x, w)
    complete = ~np.isnan(np.column_stack([x, y])).any(axis=1) & (w > 0)
    excluded = int((w > 0).sum() - complete.sum())
    k, n = x.shape[1], int(complete.sum())
    if n <= k + 1:
        return _without_shares(performance, n, excluded, NoAnalysis.TOO_FEW)
    # Clusters without a complete respondent stay in n_h: the design is that of the whole sample.
    sampled = _sampled_clusters(len(w), strata, clusters)
    products = _products(np.column_stack([x, y]), np.where(complete, w, 0.0))
    covariance = _covariances(products.sum(axis=0, keepdims=True))
    if covariance[0, k, k] <= 0 or not (covariance[0].diagonal()[:k] > 0).any():
        return _without_shares(performance, n, excluded, NoAnalysis.CONSTANT)
    parts = shapley_parts(covariance)[0]
    if parts.sum() <= _COLLINEAR:
        return _without_shares(performance, n, excluded, NoAnalysis.NO_FIT)
    totals = np.zeros((len(sampled.stratum), products.shape[1]))
    np.add.at(totals, sampled.cluster_of, products)
    random = np.random.Generator(np.random.PCG64(seed))
    replicated = [
        shapley_parts(_covariances(_rescaling(random, sampled.stratum, count) @ totals))
        for count in _portions(replicates)
    ]
    return _with_shares(parts, np.concatenate(replicated), performance, confidence, n, excluded)


def shapley_parts(covariances: Floats) -> Floats:
    """φ_j for each matrix of a stack; they sum to R². NaN where the last variable is constant.

    covariances: shape (b, k + 1, k + 1), the factors and last the overall score. Returns shape
    (b, k). The 2^k regressions come from one another by sweeping out one factor at a time: 32
    steps for five factors, whatever b.

    >>> shapley_parts(np.array([[[1.0, 0.0, 0.6], [0.0, 1.0, 0.2], [0.6, 0.2, 1.0]]])).round(2)
    array([[0.36, 0.04]])
    """
    stack = np.asarray(covariances, dtype=np.float64)
    k = stack.shape[1] - 1
    variances = np.diagonal(stack, axis1=1, axis2=2)[:, :k]
    total = stack[:, k, k]
    fitted = np.zeros((2**k, len(stack)))

    def sweep(members: int, residual: Floats, first: int) -> None:
        fitted[members] = total - residual[:, k, k]
        for j in range(first, k):
            pivot = residual[:, j, j]
            usable = pivot > _COLLINEAR * variances[:, j]
            scale = np.divide(1.0, pivot, out=np.zeros_like(pivot), where=usable)
            column = residual[:, :, j]
            removed = scale[:, np.newaxis, np.newaxis] * column[:, :, np.newaxis]
            sweep(members | 1 << j, residual - removed * column[:, np.newaxis, :], j + 1)

    sweep(0, stack, 0)
    r_squared = np.divide(fitted, total, out=np.full_like(fitted, np.nan), where=total > 0)
    sizes = np.array([members.bit_count() for members in range(2**k)])
    shares = np.array(
        [math.factorial(s) * math.factorial(k - s - 1) / math.factorial(k) for s in range(k)]
    )
    parts = np.empty((len(stack), k))
    for j in range(k):
        without = np.flatnonzero(np.arange(2**k) & 1 << j == 0)
        gains = r_squared[without | 1 << j] - r_squared[without]
        parts[:, j] = shares[sizes[without]] @ gains
    return parts


def rao_wu_weights(
    n: int,
    strata: Sequence[object] | None,
    clusters: Sequence[object] | None,
    *,
    replicates: int,
    seed: int,
) -> Floats:
    """Factors to multiply the weights of n respondents with, shape (replicates, n).

    In each stratum n_h - 1 of its n_h clusters are drawn with replacement; a cluster drawn r times
    gets r n_h/(n_h - 1), so that the variance over replicates is the unbiased one. Clusters are
    told apart within strata. Factors of a stratum of one cluster are 1.

    Reference: Rao & Wu (1988); Rao, Wu, Yue (1992), Survey Methodology 18, 209-217.

    >>> rao_wu_weights(4, None, ["a", "a", "b", "b"], replicates=2, seed=1).tolist()
    [[2.0, 2.0, 0.0, 0.0], [2.0, 2.0, 0.0, 0.0]]
    """
    random = np.random.Generator(np.random.PCG64(seed))
    sampled = _sampled_clusters(n, strata, clusters)
    factors = _rescaling(random, sampled.stratum, replicates)
    return np.asarray(factors[:, sampled.cluster_of], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Clusters:
    """stratum: shape (clusters,), of each cluster; cluster_of: shape (n,), of each respondent."""

    stratum: NDArray[np.intp]
    cluster_of: NDArray[np.intp]


def _sampled_clusters(
    n: int, strata: Sequence[object] | None, clusters: Sequence[object] | None
) -> _Clusters:
    stratum = np.zeros(n, dtype=np.intp) if strata is None else _codes(strata, n)
    cluster = np.arange(n) if clusters is None else _codes(clusters, n)
    both = stratum * (int(cluster.max(initial=0)) + 1) + cluster
    _, first, cluster_of = np.unique(both, return_index=True, return_inverse=True)
    return _Clusters(stratum[first], cluster_of)


def _rescaling(random: np.random.Generator, stratum: NDArray[np.intp], replicates: int) -> Floats:
    """Factors of the clusters, shape (replicates, clusters)."""
    found = np.ones((replicates, len(stratum)))
    for h in range(int(stratum.max(initial=-1)) + 1):
        own = np.flatnonzero(stratum == h)
        size = len(own)
        if size > 1:
            times = random.multinomial(size - 1, np.full(size, 1 / size), size=replicates)
            found[:, own] = times * (size / (size - 1))
    return np.asarray(found, dtype=np.float64)


def _portions(replicates: int) -> list[int]:
    """Replicates are made a few at a time: memory stays small in a large sample."""
    whole, rest = divmod(replicates, _AT_ONCE)
    return [_AT_ONCE] * whole + [rest] * (rest > 0)


def _checked(
    factors: ArrayLike, overall: ArrayLike, weights: ArrayLike | None, replicates: int
) -> tuple[Floats, Floats, Floats]:
    x = np.asarray(factors, dtype=np.float64)
    y = np.asarray(overall, dtype=np.float64)
    if x.ndim != 2 or y.shape != (len(x),):
        raise ValueError("factors must have one row, and overall one value, for each respondent")
    if not 1 <= x.shape[1] <= MOST_FACTORS:
        raise ValueError(f"{x.shape[1]} factors; from 1 to {MOST_FACTORS} can be analysed")
    if replicates < 20:
        raise ValueError("percentiles need at least 20 replicates")
    w = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64)
    if w.shape != y.shape or not (np.isfinite(w) & (w >= 0)).all():
        raise ValueError("weights must be one finite number, 0 or more, for each respondent")
    return x, y, w


def _codes(labels: Sequence[object], n: int) -> NDArray[np.intp]:
    if len(labels) != n:
        raise ValueError("strata and clusters must be one label for each respondent")
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) for label in labels], dtype=np.intp)


def _performance(x: Floats, w: Floats) -> list[float | None]:
    means: list[float | None] = []
    for column in x.T:
        answered = ~np.isnan(column) & (w > 0)
        total = float(w[answered].sum())
        means.append(float(w[answered] @ column[answered]) / total if total else None)
    return means


def _products(data: Floats, weights: Floats) -> Floats:
    """w, w x and w x x' of every respondent, shape (n, 1 + p + p²); x centred against rounding.

    Columns that do not vary are exactly 0, so that no rounding looks like a small variance.
    """
    used = weights > 0
    x = np.zeros_like(data)
    x[used] = data[used] - data[used].mean(axis=0)
    x[:, np.ptp(data[used], axis=0) == 0] = 0.0
    squares = (x[:, :, np.newaxis] * x[:, np.newaxis, :]).reshape(len(x), -1)
    columns = np.column_stack([np.ones(len(x)), x, squares])
    return np.asarray(weights[:, np.newaxis] * columns, dtype=np.float64)


def _covariances(sums: Floats) -> Floats:
    """Weighted covariance matrices from sums of :func:`_products`, shape (b, p, p)."""
    totals = sums[:, :1]
    means = np.divide(sums, totals, out=np.zeros_like(sums), where=totals > 0)
    p = math.isqrt(sums.shape[1] - 1)
    first, second = means[:, 1 : p + 1], means[:, p + 1 :].reshape(-1, p, p)
    found = second - first[:, :, np.newaxis] * first[:, np.newaxis, :]
    # In a replicate without spread, only the rounding of the subtraction is left.
    dead = np.diagonal(found, axis1=1, axis2=2) <= 1e-12 * np.diagonal(second, axis1=1, axis2=2)
    found[dead[:, :, np.newaxis] | dead[:, np.newaxis, :]] = 0.0
    return np.asarray(found, dtype=np.float64)


def _without_shares(
    performance: list[float | None], n: int, excluded: int, reason: NoAnalysis
) -> DriverAnalysis:
    drivers = tuple(Driver(None, None, None, None, mean, None) for mean in performance)
    r_squared = 0.0 if reason is NoAnalysis.NO_FIT else None
    return DriverAnalysis(drivers, r_squared, n, excluded, reason)


def _with_shares(
    parts: Floats,
    replicated: Floats,
    performance: list[float | None],
    confidence: float,
    n: int,
    excluded: int,
) -> DriverAnalysis:
    tail = 100 * (1 - confidence) / 2 / len(parts)
    totals = replicated.sum(axis=1)
    usable = np.isfinite(totals) & (totals > _COLLINEAR)
    limits = np.full((2, len(parts)), np.nan)
    if usable.any():
        shares = replicated[usable] / totals[usable, np.newaxis]
        limits = np.percentile(shares, [tail, 100 - tail], axis=0)
    r_squared = float(parts.sum())
    even = 1 / len(parts)
    known = [mean for mean in performance if mean is not None]
    average = sum(known) / len(known)
    drivers = []
    for part, low, high, mean in zip(parts, limits[0], limits[1], performance, strict=True):
        importance = float(part) / r_squared
        drivers.append(
            Driver(
                importance,
                _known(low),
                _known(high),
                float(part),
                mean,
                None if mean is None else _quadrant(importance >= even, mean >= average),
                is_clear=bool(low > even or high < even),
            )
        )
    return DriverAnalysis(tuple(drivers), r_squared, n, excluded)


def _known(limit: float) -> float | None:
    return float(limit) if math.isfinite(limit) else None


def _quadrant(is_important: bool, is_well_rated: bool) -> Quadrant:
    if is_important:
        return Quadrant.KEEP if is_well_rated else Quadrant.PRIORITY
    return Quadrant.SUFFICIENT if is_well_rated else Quadrant.MINOR
