"""A block of like units: errors fit for comparing them, their mean, and who differs from it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from survey_app.estimation.comparison.comparisons import holm
from survey_app.estimation.estimate import Estimate, Interval, IntervalMethod
from survey_app.estimation.intervals.interval import logit_t_interval
from survey_app.ranking.pairs import Floats

#: Differences below this are rounding.
_NO_DIFFERENCE = 1e-12


@dataclass(frozen=True, eq=False)
class DifferencesFromMean:
    """Each unit minus the mean of its block; arrays of shape (p,).

    p_values: two-sided and adjusted by Holm, so that all verdicts of the block hold together.
    """

    values: Floats
    standard_errors: Floats
    p_values: Floats


def block_mean(
    indices: Sequence[Estimate],
    standard_errors: ArrayLike,
    weights: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """The mean of independently sampled units, M = Σ w_j I_j with weights made to sum to 1.

    ``SE² = Σ w_j² SE_j²``, df = Σ (n_j - 1), logit-t interval. With the numbers of dossiers as
    weights it is the stratified estimate of all their dossiers; with equal weights the mean of
    the units. At M = 0 or 1 the interval joins those of the units, Σ w_j [low_j, high_j]; where
    every unit was counted completely there is none.

    Raises ValueError for no unit, one without a value, and weights that are not positive.

    >>> mean = block_mean([Estimate(0.9, 50), Estimate(0.8, 50)], [0.03, 0.04], [1, 1])
    >>> round(mean.value, 2), round(mean.standard_error, 3), mean.df
    (0.85, 0.025, 98.0)
    """
    parts = _parts(weights)
    values = _values(indices)
    errors = np.asarray(standard_errors, dtype=np.float64)
    value = round(min(max(float(parts @ values), 0.0), 1.0), 12)
    error = math.sqrt(float(parts**2 @ errors**2))
    n = sum(index.n for index in indices)
    df = float(n - len(indices))
    if error == 0:
        return Estimate(value, n, 0.0, df, is_census=True)
    if 0 < value < 1:
        interval = logit_t_interval(value, error, df, confidence=confidence)
    else:
        interval = _joined(indices, parts, confidence)
    return Estimate(value, n, error, df, interval)


def differences_from_mean(
    indices: ArrayLike, standard_errors: ArrayLike, weights: ArrayLike
) -> DifferencesFromMean:
    """How far each unit lies from the mean M = Σ w_j I_j of a block that holds it.

    ``d_j = I_j - M`` and, as M holds the unit itself, ``Var d_j = (1 - 2 w_j) V_j + Σ w_k² V_k``;
    two-sided normal test, Holm over the block. A difference without error is certain.

    Assumptions: independently sampled units, estimates roughly normal, errors known (give
    :func:`~survey_app.estimation.simple_sample.stabilised.stabilised_index_error`).
    Raises ValueError for no unit and weights that are not positive.

    >>> found = differences_from_mean([0.95, 0.85, 0.84], [0.01, 0.02, 0.02], [1, 1, 1])
    >>> found.values.round(4).tolist(), found.p_values.round(4).tolist()
    ([0.07, -0.03, -0.04], [0.0, 0.0495, 0.0177])
    """
    from scipy.special import ndtr

    parts = _parts(weights)
    values = np.asarray(indices, dtype=np.float64)
    variances = np.asarray(standard_errors, dtype=np.float64) ** 2
    differences = values - parts @ values
    differences[np.abs(differences) < _NO_DIFFERENCE] = 0.0
    # maximum: a unit that is nearly the whole block leaves only rounding.
    own = np.maximum((1 - 2 * parts) * variances + parts**2 @ variances, 0.0)
    errors = np.sqrt(own)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.abs(differences) / errors
    p_values = 2 * ndtr(-np.where(differences == 0, 0.0, z))
    return DifferencesFromMean(differences, errors, np.array(holm(p_values.tolist()), np.float64))


def _parts(weights: ArrayLike) -> Floats:
    values = np.asarray(weights, dtype=np.float64)
    if not len(values) or not (np.isfinite(values) & (values > 0)).all():
        raise ValueError("a mean needs positive weights")
    return np.asarray(values / values.sum(), dtype=np.float64)


def _values(indices: Sequence[Estimate]) -> Floats:
    values = [index.value for index in indices if index.value is not None]
    if len(values) != len(indices):
        raise ValueError("a unit has no index")
    return np.array(values, dtype=np.float64)


def _joined(indices: Sequence[Estimate], parts: Floats, confidence: float) -> Interval:
    """The interval of a mean of 0 or 1, cautious: as if every unit's were missed together."""
    values = _values(indices)
    low = [i.interval.low if i.interval else v for i, v in zip(indices, values, strict=True)]
    high = [i.interval.high if i.interval else v for i, v in zip(indices, values, strict=True)]
    bottom, top = float(parts @ low), min(float(parts @ high), 1.0)
    return Interval(bottom, top, IntervalMethod.BOUNDARY, confidence)
