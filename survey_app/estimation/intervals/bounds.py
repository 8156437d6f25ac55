"""Interval bounds for whole arrays of estimates; NaN where a method is not defined.

``interval`` has them for single figures. All arguments may be arrays of
one shape; every function returns (low, high).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_app.estimation.intervals.beta import beta_quantile
from survey_app.estimation.labels import compress

Floats = NDArray[np.float64]
Bounds = tuple[Floats, Floats]


def tail(confidence: float) -> float:
    """The probability left outside on each side.

    >>> tail(0.9)
    0.04999999999999999
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} is not between 0 and 1")
    return (1 - confidence) / 2


def t_quantile(df: ArrayLike, confidence: float) -> Floats:
    """Student's t leaving ``tail`` above it; NaN for df < 1 (and NaN).

    >>> t_quantile([30.0, 0.0], 0.95).round(4).tolist()
    [2.0423, nan]
    """
    from scipy.special import stdtrit

    values = np.asarray(df, dtype=np.float64)
    distinct, where = _distinct(values.ravel())
    usable = distinct >= 1
    t = np.full(distinct.shape, np.nan)
    t[usable] = stdtrit(distinct[usable], 1 - tail(confidence))
    return np.asarray(t[where].reshape(values.shape), dtype=np.float64)


def _distinct(values: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """The distinct values and where each stands among them; whole numbers without sorting."""
    with np.errstate(invalid="ignore"):
        whole = values.astype(np.int64)
    if (whole == values).all():
        codes, _, found = compress(whole)
        return found.astype(np.float64), codes
    distinct, where = np.unique(values, return_inverse=True)
    return distinct, where.astype(np.int64)


def z_quantile(confidence: float) -> float:
    from scipy.special import ndtri

    return float(ndtri(1 - tail(confidence)))


def logit_bounds(value: Floats, standard_error: Floats, t: Floats) -> Bounds:
    """``expit(logit p ± t SE / (p (1-p)))``; NaN for p = 0 or 1, SE = 0 or NaN.

    >>> low, high = logit_bounds(np.array([0.9]), np.array([0.03]), np.array([2.0423]))
    >>> low.round(4), high.round(4)
    (array([0.82]), array([0.9467]))
    """
    from scipy.special import expit, logit

    with np.errstate(divide="ignore", invalid="ignore"):
        usable = (value > 0) & (value < 1) & (standard_error > 0)
        centre = logit(np.where(usable, value, 0.5))
        reach = np.where(usable, t * standard_error / (value * (1 - value)), np.nan)
    low, high = expit(centre - reach), expit(centre + reach)
    # minimum and maximum only undo rounding (and keep NaN).
    return np.minimum(low, value), np.maximum(high, value)


def t_bounds(value: Floats, standard_error: Floats, t: Floats) -> Bounds:
    """``p ± t SE``, R's "mean": not cut off at 0 and 1; NaN for SE = 0 or NaN."""
    reach = np.where(standard_error > 0, t * standard_error, np.nan)
    return value - reach, value + reach


def beta_bounds(value: Floats, n: Floats, confidence: float) -> Bounds:
    """Clopper and Pearson's bounds for n p of n, where neither need be whole.

    ``[Beta⁻¹(α/2; np, n(1-p)+1), Beta⁻¹(1-α/2; np+1, n(1-p))]``, 0 at p = 0 and 1 at p = 1.

    >>> low, high = beta_bounds(np.array([1.0, 0.5]), np.array([45.0, 10.0]), 0.95)
    >>> low.round(4), high.round(4)
    (array([0.9213, 0.1871]), array([1.    , 0.8129]))
    """
    usable = np.isfinite(value) & np.isfinite(n) & (n > 0)
    p, size = np.where(usable, value, 0.5), np.where(usable, n, 1.0)
    x, rest = size * p, size * (1 - p)
    low, high = _beta_pair((x, rest + 1), (rest, x + 1), usable, tail(confidence))
    return _only(usable, np.minimum(low, p), np.maximum(high, p))


def jeffreys_bounds(value: Floats, n: Floats, confidence: float) -> Bounds:
    """Quantiles of ``Beta(np + ½, n(1-p) + ½)``, closed to 0 at p = 0 and to 1 at p = 1."""
    usable = np.isfinite(value) & np.isfinite(n) & (n > 0)
    p, size = np.where(usable, value, 0.5), np.where(usable, n, 1.0)
    a, b = size * p + 0.5, size * (1 - p) + 0.5
    # Where p is 0 or 1 the bound on its side is p.
    low, high = _beta_pair((a * (p > 0), b), (b * (p < 1), a), usable, tail(confidence))
    return _only(usable, np.minimum(low, p), np.maximum(high, p))


def wilson_bounds(value: Floats, n: Floats, z: ArrayLike) -> Bounds:
    """Wilson's score bounds at n with the quantile z.

    >>> low, high = wilson_bounds(np.array([26 / 31]), np.array([31.0]), 1.959964)
    >>> low.round(4), high.round(4)
    (array([0.6737]), array([0.9291]))
    """
    square = np.asarray(z, dtype=np.float64) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = value + square / (2 * n)
        reach = np.sqrt(square * (value * (1 - value) / n + square / (4 * n * n)))
        low = np.where(value > 0, (centre - reach) / (1 + square / n), 0.0)
        high = np.where(value < 1, (centre + reach) / (1 + square / n), 1.0)
        usable = np.isfinite(value) & (n > 0) & np.isfinite(square)
    return _only(usable, np.clip(low, 0.0, value), np.clip(high, value, 1.0))


def agresti_coull_bounds(value: Floats, n: Floats, z: ArrayLike) -> Bounds:
    """The plain interval around ``(np + z²/2)/(n + z²)``, cut off at 0 and 1."""
    square = np.asarray(z, dtype=np.float64) ** 2
    size = n + square
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (n * value + square / 2) / size
        reach = np.sqrt(square * centre * (1 - centre) / size)
        usable = np.isfinite(value) & (n > 0) & np.isfinite(square)
    return _only(usable, np.clip(centre - reach, 0.0, 1.0), np.clip(centre + reach, 0.0, 1.0))


def effective_size(
    value: Floats, standard_error: Floats, n: Floats, df: Floats, confidence: float
) -> Floats:
    """``p(1-p)/V · (t_{n-1}/t_df)²``: infinite where V = 0; NaN for df < 1, n < 2.

    >>> p, se = np.array([0.9]), np.array([0.03])
    >>> effective_size(p, se, np.array([101.0]), np.array([100.0]), 0.95).round(6)
    array([100.])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        size = value * (1 - value) / standard_error**2
        size = np.where(standard_error == 0, np.inf, size)
        return np.asarray(size * t_ratio(n, df, confidence), dtype=np.float64)


def korn_graubard_size(
    value: Floats, standard_error: Floats, n: Floats, df: Floats, deff: Floats, confidence: float
) -> Floats:
    """n_e of Korn and Graubard: :func:`effective_size`, and never above n.

    At p = 0 and 1, where V says nothing: n / deff, with the same t ratio.
    """
    inside = effective_size(value, standard_error, n, df, confidence)
    edge = n / deff * t_ratio(n, df, confidence)
    return np.minimum(n, np.where((value <= 0) | (value >= 1), edge, inside))


def t_ratio(n: Floats, df: Floats, confidence: float) -> Floats:
    """``(t_{n-1}/t_df)²``, the price of estimating V with few degrees of freedom."""
    return np.asarray(
        (t_quantile(n - 1, confidence) / t_quantile(df, confidence)) ** 2, dtype=np.float64
    )


def _beta_pair(low: Bounds, high: Bounds, usable: NDArray[np.bool_], edge: float) -> Bounds:
    """``Beta⁻¹(edge; a, b)`` of the first shapes, and 1 less that of the second.

    0, and 1, where a = 0. That 1 - Beta⁻¹(edge; b, a) is Beta⁻¹(1 - edge; a, b), and exact where
    it is close to 1.
    """
    at = [usable & (shape > 0) for shape, _ in (low, high)]
    a, b = (
        np.concatenate([shapes[place][mask] for shapes, mask in zip((low, high), at, strict=True)])
        for place in range(2)
    )
    found = np.split(beta_quantile(a, b, edge), [np.count_nonzero(at[0])])
    below, above = np.zeros(usable.shape), np.zeros(usable.shape)
    below[at[0]], above[at[1]] = found
    return below, 1 - above


def _only(usable: NDArray[np.bool_], low: Floats, high: Floats) -> Bounds:
    return np.where(usable, low, np.nan), np.where(usable, high, np.nan)
