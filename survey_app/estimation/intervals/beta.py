"""Quantiles of many Beta distributions at once.

``scipy.special.betaincinv`` searches one number at a time and takes some microseconds for each:
for the intervals of all figures of all units that is longer than counting the answers. Here the
lower tail probabilities that intervals need are inverted for whole arrays, to the last digits.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Where the fixed number of terms below is enough: tails of at most 2.5 % ...
_TAILS = (1e-6, 0.0251)
#: ... shapes neither tiny nor huge (nor a tiny part of the whole: log I would lose digits) ...
_LEAST_A, _LEAST_B, _MOST, _MOST_TIMES_A = 0.5, 1.0, 1_000.0, 500.0
#: ... and enough numbers for whole arrays to be worth it.
_MANY = 64
#: Steps after which log I is off by no more than rounding: the error falls with its fifth power.
_CLOSE = 0.015
_ROUNDS = 6


def beta_quantile(a: Floats, b: Floats, probability: float) -> Floats:
    """x with ``I_x(a, b) = probability``, for shapes a, b > 0 of one-dimensional arrays.

    Solves ``log I_x = log p`` in ``t = logit x``, where log I is increasing and concave, by series
    reversion of the fourth order. With f of :func:`_slope`, ``I_x = x^a (1-x)^b / (B(a,b) f)``
    and ``d log I / dt = f``, which gives all higher derivatives. What this does not reach (wide
    tails, extreme shapes) is left to scipy, with which the rest agrees to 2e-12 of x.

    Reference: Abramowitz & Stegun (1964), 26.5.22 (start), 26.5.8 (continued fraction), 3.6.25
    (reversion).

    >>> beta_quantile(np.full(100, 41.0), np.full(100, 5.0), 0.025)[0].round(6)
    np.float64(0.787788)
    """
    from scipy.special import betaincinv

    usual = (a >= _LEAST_A) & (b >= _LEAST_B) & (a + b <= np.minimum(_MOST, _MOST_TIMES_A * a))
    if len(a) < _MANY or not _TAILS[0] <= probability <= _TAILS[1]:
        usual[:] = False
    x = np.full(a.shape, np.nan)
    if usual.any():
        x[usual] = _invert(a[usual], b[usual], probability)
    rest = np.isnan(x)
    x[rest] = betaincinv(a[rest], b[rest], probability)
    return x


def _invert(a: Floats, b: Floats, probability: float) -> Floats:
    """NaN where the search does not end."""
    from scipy.special import expit, gammaln

    result = np.full(a.shape, np.nan)
    wanted = math.log(probability)
    log_beta = gammaln(a) + gammaln(b) - gammaln(a + b)
    terms = 16 + int(math.sqrt(np.max(a + b, initial=0.0)) / 6)
    t = _start(a, b, probability, log_beta)
    left = np.arange(len(a))
    for _ in range(_ROUNDS):
        x = expit(t)
        slope = _slope(a, b, x, terms)
        error = a * np.log(x) + b * np.log1p(-x) - log_beta - np.log(slope) - wanted
        t = t - _step(a, b, x, slope, error)
        near = np.abs(error) < _CLOSE
        result[left[near]] = expit(t[near])
        if near.all():
            break
        a, b, t, log_beta = (part[~near] for part in (a, b, t, log_beta))
        left = left[~near]
    return result


def _start(a: Floats, b: Floats, probability: float, log_beta: Floats) -> Floats:
    """A guess of logit x: by the normal distribution, or for a <= 1 by the first power of x."""
    from scipy.special import ndtri

    z = ndtri(probability)
    with np.errstate(divide="ignore", invalid="ignore"):
        u, v = 1 / (2 * a - 1), 1 / (2 * b - 1)
        h = 2 / (u + v)
        lift = (z * z - 3) / 6
        w = z * np.sqrt(h + lift) / h + (v - u) * (lift + 5 / 6 - 2 / (3 * h))
        by_power = (math.log(probability) + np.log(a) + log_beta) / a
        return np.where(a > 1, np.log(a / b) + 2 * w, by_power)


def _slope(a: Floats, b: Floats, x: Floats, terms: int) -> Floats:
    """``a + c_1/(a+1 + c_2/(a+2 + ...))``, from the inside out.

    ``c_2m = m (b-m) x``, ``c_2m+1 = -(a+m)(a+b+m) x``.
    """
    total = a + b
    f = a + 2 * terms
    for m in range(terms - 1, -1, -1):
        f = a + (2 * m + 1) + (m + 1) * (b - (m + 1)) * x / f
        f = a + 2 * m - (a + m) * (total + m) * x / f
    return f


def _step(a: Floats, b: Floats, x: Floats, slope: Floats, error: Floats) -> Floats:
    """How far t is too large when log I is by ``error``: the series of log I in t, reversed."""
    total = (a + b) * x
    spread = total * (1 - x)
    # The derivatives of log I, each divided by the first.
    second = a - total - slope
    change = -spread - slope * second
    third = second * second + change
    fourth = second * (third + 2 * change) - spread * (1 - 2 * x) - slope * third
    r = error / slope
    cubic = second * second / 2 - third / 6
    quartic = second * (5 / 8 * second * second - 5 / 12 * third) + fourth / 24
    return r * (1 + r * (second / 2 + r * (cubic + r * quartic)))
