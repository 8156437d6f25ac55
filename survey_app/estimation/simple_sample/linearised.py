"""From a linearised statistic and a design to an estimate: the one way every index takes."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.estimate import Estimate, Interval, IntervalMethod, Reason
from survey_app.estimation.intervals.interval import boundary_interval, logit_t_interval
from survey_app.estimation.simple_sample.design import SimpleRandomSample

#: A spread below this is rounding: one differing answer among a million sheets gives about 1e-8.
_NO_SPREAD = 1e-12


@dataclass(frozen=True, eq=False)
class Linearised:
    """A statistic ``I = Σ_k c_k R_k``, a combination of ratios, and its linearised variable.

    coefficients, ratios, answers: shape (k,): c_k (they sum to 1), R_k in 0..1 and the number of
    answers behind R_k.
    contributions: shape (n,): u_i, what each respondent adds to I's deviation; Σ u_i = 0.
    repeats: shape (n,) or None: how many respondents share each contribution (for tallies).
    """

    coefficients: NDArray[np.float64]
    ratios: NDArray[np.float64]
    answers: NDArray[np.int64]
    contributions: NDArray[np.float64]
    repeats: NDArray[np.int64] | None = None

    @property
    def value(self) -> float:
        """I, a proportion in 0..1.

        Rounded to 12 digits, which undoes the noise of summing: a full house is 1 and not
        0.9999999999999999, and what a page has to round half up is a half.
        """
        return round(min(max(float(self.coefficients @ self.ratios), 0.0), 1.0), 12)

    @property
    def n(self) -> int:
        """Respondents."""
        return len(self.contributions) if self.repeats is None else int(self.repeats.sum())


def estimate_linearised(
    statistic: Linearised, design: SimpleRandomSample, *, confidence: float = 0.95
) -> Estimate:
    """The estimate of a linearised statistic under a design.

    ``SE = √ design.variance_of_total(u)``, df of the design, logit-t interval. Three exceptions:
    a census has SE 0 and no interval; where the answers show no spread the interval is the
    boundary interval (:func:`boundary_of`); one respondent has neither SE nor df, but that same
    interval.

    >>> import numpy as np
    >>> u = (np.array([1.0, 1.0, 0.5, 0.5]) - 0.75) / 4
    >>> statistic = Linearised(np.ones(1), np.array([0.75]), np.array([4]), u)
    >>> estimate = estimate_linearised(statistic, SimpleRandomSample(4))
    >>> estimate.value, round(estimate.standard_error, 4), estimate.interval.method.value
    (0.75, 0.1443, 'logit-t')
    """
    value = statistic.value
    if design.is_census:
        return Estimate(value, design.n, standard_error=0.0, df=design.df, is_census=True)
    if design.n == 1:
        interval = boundary_of(statistic, design, confidence=confidence)
        return Estimate(value, 1, interval=interval, reason=Reason.ONE_ANSWER)
    variance = design.variance_of_total(statistic.contributions, repeats=statistic.repeats)
    standard_error = math.sqrt(variance)
    if standard_error < _NO_SPREAD:
        standard_error = 0.0
        interval = boundary_of(statistic, design, confidence=confidence)
    else:
        interval = logit_t_interval(value, standard_error, design.df, confidence=confidence)
    return Estimate(value, design.n, standard_error, design.df, interval)


def boundary_of(
    statistic: Linearised, design: SimpleRandomSample, *, confidence: float = 0.95
) -> Interval:
    """The interval of a statistic whose respondents show no spread.

    SE = 0 outside a census says only that nobody differed *in the sample*. For one ratio the
    honest answer is :func:`boundary_interval`; here it is the combination of those of the
    ratios, each with its own number of answers n_k::

        [Σ c_k q_k R_k,  Σ c_k (1 - q_k (1 - R_k))]        q_k from n_k answers

    With complete answers this is [q I, 1 - q (1 - I)] with q from n. With gaps it is wider: a
    criterion that one person answered tells next to nothing, even if the other criteria rest on
    a hundred. Holds for I = 1 and I = 0 and for anything between (everybody ticked the same).

    Assumptions: those of :func:`boundary_interval` for each ratio. The bounds of the ratios are
    added up as if all were missed together: right where the criteria move together, as
    satisfaction does, and cautious where they do not.

    >>> import numpy as np
    >>> statistic = Linearised(np.ones(1), np.ones(1), np.array([45]), np.zeros(45))
    >>> round(boundary_of(statistic, SimpleRandomSample(45)).low, 4)
    0.9213
    """
    population = design.population
    low = high = 0.0
    parts = zip(statistic.coefficients, statistic.ratios, statistic.answers, strict=True)
    for coefficient, ratio, answers in parts:
        ratio_in_bounds = min(max(float(ratio), 0.0), 1.0)
        bounds = boundary_interval(
            ratio_in_bounds, int(answers), population=population, confidence=confidence
        )
        low += float(coefficient) * bounds.low
        high += float(coefficient) * bounds.high
    value = statistic.value
    return Interval(
        min(low, value), max(min(high, 1.0), value), IntervalMethod.BOUNDARY, confidence
    )
