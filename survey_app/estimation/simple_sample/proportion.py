"""One question: the share satisfied, and the mean of its scale."""

import math

import numpy as np

from survey_app.estimation.estimate import Estimate, Reason
from survey_app.estimation.intervals.interval import hypergeometric_interval, wilson_interval
from survey_app.estimation.simple_sample.design import SimpleRandomSample
from survey_app.estimation.simple_sample.linearised import Linearised, estimate_linearised
from survey_app.estimation.simple_sample.tally import Tally


def estimate_proportion(
    satisfied: int, n: int, *, population: int | None = None, confidence: float = 0.95
) -> Estimate:
    """The share ``p = satisfied / n`` of those who answered one question.

    ``SE = √((1 - n/N) p (1-p) / (n-1))``, df = n - 1. The interval is exact hypergeometric where
    the population is known and Wilson's where it is not; never p ± 1.96 SE.

    satisfied, n: counts of answers on the scale ("not applicable" and skipped already left out).
    population: N, everybody the sample was drawn from. When some of them could not answer (not
    applicable), the number of those who could is unknown; the whole N can only widen the
    interval.

    n = 0 gives an estimate without value (NO_ANSWER), n = 1 one without SE and df (ONE_ANSWER)
    but with an interval. population = n: a census, SE 0 and no interval.
    Assumptions: simple random sampling.
    Raises ValueError for counts that cannot be, and when the population is smaller than n: then
    the number of dossiers is wrong, which the caller must say.

    >>> estimate = estimate_proportion(26, 31, population=60)
    >>> round(estimate.value, 4), round(estimate.standard_error, 4)
    (0.8387, 0.0467)
    >>> round(estimate.interval.low, 4), round(estimate.interval.high, 4)
    (0.7167, 0.9167)
    >>> estimate_proportion(60, 60, population=60).is_census
    True
    """
    if not 0 <= satisfied <= n:
        raise ValueError(f"satisfied {satisfied} is not between 0 and n = {n}")
    if n == 0:
        return Estimate.missing(Reason.NO_ANSWER)
    design = SimpleRandomSample(n, population)
    p = satisfied / n
    if design.is_census:
        return Estimate(p, n, standard_error=0.0, df=design.df, is_census=True)
    if population is None:
        interval = wilson_interval(satisfied, n, confidence=confidence)
    else:
        interval = hypergeometric_interval(satisfied, n, population, confidence=confidence)
    if n == 1:
        return Estimate(p, n, interval=interval, reason=Reason.ONE_ANSWER)
    variance = design.variance_of_total([(1 - p) / n, -p / n], repeats=[satisfied, n - satisfied])
    return Estimate(p, n, math.sqrt(variance), design.df, interval)


def estimate_mean(
    tally: Tally, *, population: int | None = None, confidence: float = 0.95
) -> Estimate:
    """The mean of a scale as a proportion of its highest level ("mean of 5").

    ``M = Σ k n_k / (K n)`` with levels k = 1 (worst) .. K, n_k answers each: 4 of 5 counts 0.8.
    ``SE = √((1 - n/N) / (n (n-1)) · Σ n_k (k/K - M)²)``, df = n - 1, logit-t interval (every
    score is at most 1); where everybody chose the same level, the boundary interval.

    tally: counts of each level, worst first. population: as for :func:`estimate_proportion`,
    likewise n = 0, n = 1 and the census.
    Assumptions: simple random sampling; equal steps between the levels.
    Raises ValueError for a negative count and when the population is smaller than n.

    >>> estimate = estimate_mean(Tally((0, 0, 5, 16, 10)), population=60)
    >>> round(estimate.value, 4), round(estimate.standard_error, 4)
    (0.8323, 0.0172)
    """
    levels = np.asarray(tally.levels, dtype=np.int64)
    if (levels < 0).any():
        raise ValueError("a tally counts no fewer than 0 answers")
    n = tally.n
    if n == 0:
        return Estimate.missing(Reason.NO_ANSWER)
    highest = len(levels)
    points = np.arange(1, highest + 1)
    value = int(points @ levels) / (highest * n)
    statistic = Linearised(
        coefficients=np.ones(1),
        ratios=np.array([value]),
        answers=np.array([n]),
        contributions=(points / highest - value) / n,
        repeats=levels,
    )
    return estimate_linearised(statistic, SimpleRandomSample(n, population), confidence=confidence)
