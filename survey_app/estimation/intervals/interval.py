"""Confidence intervals for shares and indices: none of them can ever say "100 % ± 0".

Quantiles and tails come from ``scipy.special``, imported inside the functions: it costs 0.5 s
and ``scipy.stats`` 1.6 s, which pages that show no figure should not pay at start-up.
"""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.estimate import Interval, IntervalMethod
from survey_app.estimation.intervals import bounds

#: Two tails that differ by less (relative) are the same number seen through rounding.
_TIE = 1e-9
#: How many candidates one step of the search for a hypergeometric bound looks at.
_CANDIDATES = 16


def wilson_interval(satisfied: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Wilson's score interval for a proportion; the population is unknown or unlimited.

    ``(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)`` with p = satisfied / n and z the normal
    quantile: all the p0 that a score test of p = p0 does not reject.

    Assumptions: n independent answers, every respondent drawn with the same probability.
    Raises ValueError unless 0 <= satisfied <= n and n >= 1.

    Reference: Wilson (1927), JASA 22, 209-212; Brown, Cai, DasGupta (2001), Stat. Sci. 16, 101-133.

    >>> interval = wilson_interval(26, 31)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.6737, 0.9291)
    """
    _check_counts(satisfied, n)
    from scipy.special import ndtri

    z = float(ndtri(1 - _tail(confidence)))
    low = _wilson_low(satisfied, n, z)
    # The upper bound mirrors the lower one, so the two are symmetrical to the last digit.
    high = 1 - _wilson_low(n - satisfied, n, z)
    return Interval(low, high, IntervalMethod.WILSON, confidence)


def hypergeometric_interval(
    satisfied: int, n: int, population: int, *, confidence: float = 0.95
) -> Interval:
    """Exact interval for a proportion of a known, finite population.

    With N = population, K the unknown number satisfied in it, X hypergeometric and
    α = 1 - confidence::

        low  = min{K : P(X >= satisfied | K) > α/2} / N
        high = max{K : P(X <= satisfied | K) > α/2} / N        K in satisfied .. N - n + satisfied

    Its coverage is never under ``confidence``, whatever n, N and K. Where only a few dossiers are
    missing from the sample, p itself can lie between two whole K, or a single K be left; then the
    bounds go out to the whole numbers beside p, and to one neighbour that is still possible. So
    the interval holds p, and is a point in a census only.

    The search needs about log16(N) steps of some 5√n terms: below 1 ms at N = 50,000.

    Assumptions: simple random sampling without replacement.
    Raises ValueError unless 0 <= satisfied <= n <= population and n >= 1.

    Reference: Wright (1991), *Exact Confidence Bounds when Sampling from Small Finite Universes*;
    Cochran (1977), *Sampling Techniques*, §3.6.

    >>> interval = hypergeometric_interval(26, 31, 60)
    >>> round(interval.low * 60), round(interval.high * 60)
    (43, 55)
    """
    _check_counts(satisfied, n)
    if population < n:
        raise ValueError(f"population {population} is smaller than the sample {n}")
    tail = _tail(confidence)
    low = _lower_bound(satisfied, n, population, tail)
    # The upper bound mirrors the lower one: it is counted in the dissatisfied.
    high = population - _lower_bound(n - satisfied, n, population, tail)
    if low == high:
        low = max(low - 1, satisfied)
        high = min(high + 1, population - n + satisfied)
    return Interval(low / population, high / population, IntervalMethod.HYPERGEOMETRIC, confidence)


def logit_t_interval(
    value: float, standard_error: float, df: float, *, confidence: float = 0.95
) -> Interval:
    """Student's t interval on the logit scale, brought back to 0..1.

    ``[expit(logit I - g), expit(logit I + g)]`` with I = value and
    ``g = t_df · SE / (I (1 - I))``, the linearised standard error of logit I.

    Assumptions: the linearised estimate is roughly normal on the logit scale.
    Raises ValueError unless 0 < value < 1, standard_error > 0 and df > 0: at the edges there is
    no logit, and without a spread the interval would be a false certainty (see
    :func:`boundary_interval`).

    Reference: Korn & Graubard (1998), Survey Methodology 24, 193-201 (the logit interval of R's
    ``survey::svyciprop``).

    >>> interval = logit_t_interval(0.9, 0.03, 30)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.82, 0.9467)
    """
    if not (0 < value < 1 and standard_error > 0 and df > 0):
        raise ValueError("logit-t needs 0 < value < 1, a positive standard error and df > 0")
    from scipy.special import expit, logit, stdtrit

    t = float(stdtrit(df, 1 - _tail(confidence)))
    g = t * standard_error / (value * (1 - value))
    low, high = float(expit(logit(value) - g)), float(expit(logit(value) + g))
    # min and max only undo rounding: going to the logit and back may cost the last digit.
    return Interval(min(low, value), max(high, value), IntervalMethod.LOGIT_T, confidence)


def boundary_interval(
    value: float, n: int, *, population: int | None = None, confidence: float = 0.95
) -> Interval:
    """Interval for a mean of scores in 0..1 when all n respondents have the same score.

    ``[q · value, q · value + 1 - q]``, where q is the exact lower bound of the share of people
    with that very score, n of n having it: ``(α/2)^(1/n)``, or the hypergeometric bound where the
    population is known. The rest of the population, at most 1 - q, can score anything from 0 to
    1. So [q, 1] where everybody is fully satisfied, [0, 1 - q] where nobody is.

    Assumptions: simple random sampling; scores in 0..1; nothing about their distribution.
    Raises ValueError unless 0 <= value <= 1 and n >= 1 (and n <= population).

    Reference: Clopper & Pearson (1934), Biometrika 26, 404-413, for the bound at n of n.

    >>> interval = boundary_interval(1.0, 45)
    >>> round(interval.low, 4), interval.high
    (0.9213, 1.0)
    """
    if not 0 <= value <= 1:
        raise ValueError(f"value {value} is not a proportion in 0..1")
    _check_counts(n, n)
    if population is None:
        same = _tail(confidence) ** (1 / n)
    else:
        same = hypergeometric_interval(n, n, population, confidence=confidence).low
    low = same * value
    high = 1 - same * (1 - value)
    return Interval(min(low, value), max(high, value), IntervalMethod.BOUNDARY, confidence)


def clopper_pearson_interval(satisfied: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Clopper and Pearson's exact interval: both binomial tails are at most α/2.

    ``[Beta⁻¹(α/2; x, n-x+1), Beta⁻¹(1-α/2; x+1, n-x)]`` with x = satisfied.
    Assumptions and errors: :func:`wilson_interval`. Reference: Clopper & Pearson (1934).

    >>> interval = clopper_pearson_interval(26, 31)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.6627, 0.9455)
    """
    _check_counts(satisfied, n)
    p, size = _arrays(satisfied / n, n)
    found = bounds.beta_bounds(p, size, confidence)
    return _interval(found, IntervalMethod.CLOPPER_PEARSON, confidence)


def jeffreys_interval(satisfied: int, n: int, *, confidence: float = 0.95) -> Interval:
    """Quantiles of ``Beta(x + ½, n - x + ½)``, closed to 0 at x = 0 and to 1 at x = n.

    Assumptions and errors: :func:`wilson_interval`. Reference: Brown, Cai, DasGupta (2001).

    >>> interval = jeffreys_interval(26, 31)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.682, 0.9357)
    """
    _check_counts(satisfied, n)
    p, size = _arrays(satisfied / n, n)
    found = bounds.jeffreys_bounds(p, size, confidence)
    return _interval(found, IntervalMethod.JEFFREYS, confidence)


def agresti_coull_interval(satisfied: int, n: int, *, confidence: float = 0.95) -> Interval:
    """p̃ ± z √(p̃(1-p̃)/ñ) with ñ = n + z², p̃ = (x + z²/2)/ñ, cut off at 0 and 1.

    Assumptions and errors: :func:`wilson_interval`. Reference: Agresti & Coull (1998), Am. Stat.
    52, 119-126.

    >>> interval = agresti_coull_interval(26, 31)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.6689, 0.9338)
    """
    _check_counts(satisfied, n)
    z = bounds.z_quantile(confidence)
    p, size = _arrays(satisfied / n, n)
    found = bounds.agresti_coull_bounds(p, size, z)
    return _interval(found, IntervalMethod.AGRESTI_COULL, confidence)


def korn_graubard_interval(
    value: float,
    standard_error: float,
    n: int,
    df: float,
    *,
    design_effect: float = 1.0,
    confidence: float = 0.95,
) -> Interval:
    """Korn and Graubard's interval for a share under a complex design.

    Clopper-Pearson's at the effective sample size
    ``n_e = min(n, p(1-p)/V · (t_{n-1}/t_df)²)``. At p = 0 or 1, where V says nothing, V is
    taken from ``design_effect`` (that of comparable questions, at least 1):
    ``n_e = n / deff · (t_{n-1}/t_df)²``.

    Assumptions: V estimates the design variance with df degrees of freedom.
    Raises ValueError unless 0 <= value <= 1, standard_error >= 0, n >= 2 and df >= 1.

    Reference: Korn & Graubard (1998), Survey Methodology 24, 193-201.

    >>> interval = korn_graubard_interval(0.9, 0.03, 250, 30)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.8203, 0.9525)
    """
    if not (0 <= value <= 1 and standard_error >= 0 and n >= 2 and df >= 1):
        raise ValueError("Korn-Graubard needs a share in 0..1, SE >= 0, n >= 2 and df >= 1")
    p, se, answers, free = _arrays(value, standard_error, n, df)
    deff = np.array([max(design_effect, 1.0)])
    size = bounds.korn_graubard_size(p, se, answers, free, deff, confidence)
    return _interval(
        bounds.beta_bounds(p, size, confidence), IntervalMethod.KORN_GRAUBARD, confidence
    )


def beta_interval(
    value: float, standard_error: float, n: int, df: float, *, confidence: float = 0.95
) -> Interval:
    """R's ``svyciprop(method = "beta")``: :func:`korn_graubard_interval` without the bound n.

    n: all rows with an answer, those of weight 0 among them. Raises ValueError where it is not
    defined: unless 0 < value < 1, standard_error > 0, n >= 2 and df >= 1.

    >>> interval = beta_interval(0.9, 0.03, 250, 30)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.8203, 0.9525)
    """
    if not (0 < value < 1 and standard_error > 0 and n >= 2 and df >= 1):
        raise ValueError("beta needs 0 < value < 1, a standard error, n >= 2 and df >= 1")
    p, se, answers, free = _arrays(value, standard_error, n, df)
    size = bounds.effective_size(p, se, answers, free, confidence)
    return _interval(bounds.beta_bounds(p, size, confidence), IntervalMethod.BETA, confidence)


def plain_t_interval(
    value: float, standard_error: float, df: float, *, confidence: float = 0.95
) -> Interval:
    """``value ± t_df SE``: for differences, and R's ``svyciprop(method = "mean")``.

    Not cut off at 0 and 1. Raises ValueError unless standard_error > 0 and df >= 1.

    >>> interval = plain_t_interval(0.02, 0.03, 30)
    >>> round(interval.low, 4), round(interval.high, 4)
    (-0.0413, 0.0813)
    """
    if not (standard_error > 0 and df >= 1):
        raise ValueError("a t interval needs a positive standard error and df >= 1")
    t = bounds.t_quantile(np.array([df]), confidence)
    centre, se = _arrays(value, standard_error)
    found = bounds.t_bounds(centre, se, t)
    return _interval(found, IntervalMethod.MEAN, confidence)


def _arrays(*numbers: float) -> list[NDArray[np.float64]]:
    return [np.array([number], dtype=np.float64) for number in numbers]


def _interval(found: bounds.Bounds, method: IntervalMethod, confidence: float) -> Interval:
    low, high = found
    return Interval(float(low[0]), float(high[0]), method, confidence)


def _check_counts(satisfied: int, n: int) -> None:
    if n < 1:
        raise ValueError("an interval needs at least one answer")
    if not 0 <= satisfied <= n:
        raise ValueError(f"satisfied {satisfied} is not between 0 and n = {n}")


def _tail(confidence: float) -> float:
    """The probability left outside on each side."""
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence} is not between 0 and 1")
    return (1 - confidence) / 2


def _wilson_low(satisfied: int, n: int, z: float) -> float:
    p = satisfied / n
    centre = p + z * z / (2 * n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    # 0 of n gives 0 in theory and ±1e-17 in floating point.
    return max((centre - reach) / (1 + z * z / n), 0.0) if satisfied else 0.0


# The same few counts come back over and over in one report (22 criteria, one n, one N).
@lru_cache(maxsize=8192)
def _lower_bound(satisfied: int, n: int, population: int, tail: float) -> int:
    """The least number satisfied in the population, and never more than p · N."""
    least = _least_satisfied(satisfied, n, population, tail)
    return min(least, satisfied * population // n)


def _least_satisfied(satisfied: int, n: int, population: int, tail: float) -> int:
    """The smallest K with P(X >= satisfied | K) > tail.

    The tail grows with K, so the search narrows a bracket. At K = ⌈satisfied · N / n⌉ the mean of
    X is at least ``satisfied``, so is its median, and P is about a half: an upper end for free.
    """
    low = satisfied
    high = min(population - n + satisfied, -(-satisfied * population // n))
    while low < high:
        steps = min(_CANDIDATES, high - low + 1)
        candidates = np.linspace(low, high, steps).astype(np.int64)
        reached = _upper_tail(satisfied, n, population, candidates) > tail * (1 + _TIE)
        reached[-1] = True
        first = int(np.argmax(reached))
        high = int(candidates[first])
        if first:
            low = int(candidates[first - 1]) + 1
    return high


def _upper_tail(
    satisfied: int, n: int, population: int, candidates: NDArray[np.int64]
) -> NDArray[np.float64]:
    """P(X >= satisfied | K) for every K of ``candidates``, where E[X | K] <= satisfied.

    Terms more than 5√n above ``satisfied`` are left out: by Hoeffding's inequality they add less
    than exp(-50).
    """
    from scipy.special import gammaln

    last = min(n, satisfied + math.ceil(5 * math.sqrt(n)))
    x = np.arange(satisfied, last + 1, dtype=np.float64)
    k = candidates.astype(np.float64)[:, np.newaxis]
    fixed = gammaln(n + 1) + gammaln(population - n + 1) - gammaln(population + 1)
    of_x = gammaln(x + 1) + gammaln(n - x + 1)
    of_k = gammaln(k + 1) + gammaln(population - k + 1)
    # For x > K gammaln is +inf, so the term is exp(-inf) = 0, as it should be.
    of_both = gammaln(k - x + 1) + gammaln(population - n - k + x + 1)
    return np.asarray(np.exp(fixed - of_x + of_k - of_both).sum(axis=1), dtype=np.float64)
