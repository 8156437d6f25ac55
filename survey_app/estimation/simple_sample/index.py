"""The satisfaction index: many criteria rolled up into one number, with its standard error.

A score matrix has one row per respondent and one column per criterion, values in 0..1 and NaN
where there is no answer ("not applicable" and skipped alike: both leave numerator and
denominator).
"""

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_app.estimation.estimate import Estimate, Reason
from survey_app.estimation.simple_sample.design import SimpleRandomSample
from survey_app.estimation.simple_sample.linearised import Linearised, estimate_linearised
from survey_app.estimation.simple_sample.proportion import estimate_proportion

#: The index forms by name. Text enumerations with these values fit as well.
RollUpName = Literal["criteria_mean", "factor_mean", "pooled", "weighted"]


def estimate_index(
    scores: ArrayLike,
    *,
    factor_of: Sequence[int],
    roll_up: str,
    weights: Sequence[float] | None = None,
    population: int | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """The overall index of a unit.

    With s_ik the scores, a_ik = 1 where answered, R_k = Σ_i s_ik / Σ_i a_ik::

        criteria_mean   I = mean of R_k over the criteria
        factor_mean     I = mean over the factors of the mean of their R_k
        weighted        the same with the factors' weights, which are made to sum to 1
        pooled          I = Σ_ik s_ik / Σ_ik a_ik

    Linearised: ``u_i = Σ_k c_k (s_ik - R_k a_ik) / Σ_i a_ik`` with c_k each criterion's
    coefficient, ``u_i = Σ_k (s_ik - I a_ik) / Σ_ik a_ik`` for pooled;
    ``V = (1 - n/N) n/(n-1) Σ u_i²``, df = n - 1, logit-t interval. So the covariance between the
    criteria is in the standard error. Where nobody differs (SE 0, e.g. I = 1) the boundary
    interval of ``linearised.boundary_of``; in a census none.

    scores: shape (respondents, criteria). factor_of: each criterion's factor, 0, 1, 2 ...
    weights: one positive number per factor; read by ``weighted`` only. population: N.
    A criterion nobody answered leaves the mean, a factor without any answer likewise;
    :func:`criteria_counted` says how many remain. A respondent who answered no criterion is not
    in n, but stays one of the N we do not know: the correction n/N gets smaller, never larger.
    No answer at all: NO_ANSWER. One respondent: no SE (ONE_ANSWER).

    Assumptions: simple random sampling; answers missing from a criterion are taken as those to
    whom it does not apply (the criterion describes those who answered it).
    Raises ValueError for scores outside 0..1, shapes that do not fit, an unknown roll-up, missing
    or non-positive weights, and a population smaller than the number of rows.

    Reference: Särndal, Swensson, Wretman (1992), §5.5-5.7 (linearised ratios).

    >>> nan = float("nan")
    >>> scores = [[1, 1, 1], [1, 0, nan], [1, 1, nan], [0, 1, 1]]
    >>> for form in ("criteria_mean", "factor_mean", "pooled"):
    ...     estimate = estimate_index(scores, factor_of=[0, 0, 1], roll_up=form, population=20)
    ...     print(form, round(estimate.value, 4), round(estimate.standard_error, 4))
    criteria_mean 0.8333 0.0861
    factor_mean 0.875 0.0645
    pooled 0.8 0.1053
    """
    matrix = _answered_rows(scores, population)
    if not len(matrix):
        return Estimate.missing(Reason.NO_ANSWER)
    statistic = linearise_index(matrix, factor_of=factor_of, roll_up=roll_up, weights=weights)
    design = SimpleRandomSample(len(matrix), population)
    return estimate_linearised(statistic, design, confidence=confidence)


def estimate_factor(
    scores: ArrayLike,
    *,
    roll_up: str,
    population: int | None = None,
    confidence: float = 0.95,
) -> Estimate:
    """The index of one factor, from the columns of its criteria only.

    Inside a factor there are no factors left to weigh, so ``criteria_mean``, ``factor_mean`` and
    ``weighted`` are one formula, the mean of the factor's R_k; under ``pooled`` its answers are
    pooled. Thus ``factor_mean`` and ``weighted`` are exactly the (weighted) mean of the factor
    indices that stand beside them, and ``pooled`` their mean by numbers of answers.

    n counts those who answered at least one of its criteria. All else as :func:`estimate_index`.

    >>> estimate_factor([[1, 0], [1, 1], [1, 0], [0, 1]], roll_up="factor_mean").value
    0.625
    """
    matrix = _score_matrix(scores)
    factor_of = [0] * matrix.shape[1]
    return estimate_index(
        matrix,
        factor_of=factor_of,
        roll_up=roll_up,
        weights=[1.0],
        population=population,
        confidence=confidence,
    )


def estimate_comprehensive(
    scores: ArrayLike, *, population: int | None = None, confidence: float = 0.95
) -> Estimate:
    """The share of respondents whose every answered criterion is satisfied.

    scores: shape (respondents, criteria), 1 = satisfied, 0 = not, NaN = no answer. Respondents
    without any answer do not count. Interval and SE: :func:`estimate_proportion`.
    Raises ValueError for a score other than 0 and 1, and as :func:`estimate_index`.

    >>> nan = float("nan")
    >>> estimate_comprehensive([[1, 1], [1, nan], [1, 0], [nan, nan]]).value
    0.6666666666666666
    """
    matrix = _answered_rows(scores, population)
    dissatisfied = matrix == 0
    if not (dissatisfied | (matrix == 1) | np.isnan(matrix)).all():
        raise ValueError("comprehensive satisfaction needs scores of 0 and 1 only")
    satisfied = int((~dissatisfied.any(axis=1)).sum())
    return estimate_proportion(satisfied, len(matrix), population=population, confidence=confidence)


def criteria_counted(scores: ArrayLike) -> int:
    """How many criteria have at least one answer and so count in the index.

    >>> criteria_counted([[1, float("nan")], [0, float("nan")]])
    1
    """
    return int((~np.isnan(_score_matrix(scores))).any(axis=0).sum())


def linearise_index(
    scores: ArrayLike,
    *,
    factor_of: Sequence[int],
    roll_up: str,
    weights: Sequence[float] | None = None,
) -> Linearised:
    """The index as a combination of ratios, and its linearised variable (one u_i per row).

    For estimates under other designs, covariances between units and differences. Arguments,
    formulas and errors as :func:`estimate_index`; raises ValueError when there is no answer.

    >>> linearise_index([[1, 1], [1, 0]], factor_of=[0, 0], roll_up="pooled").contributions
    array([ 0.125, -0.125])
    """
    matrix = _score_matrix(scores)
    if len(factor_of) != matrix.shape[1]:
        raise ValueError(f"{len(factor_of)} factors for {matrix.shape[1]} criteria")
    answered = ~np.isnan(matrix)
    counts = answered.sum(axis=0)
    kept = counts > 0
    coefficients = criterion_coefficients(
        counts, factor_of=factor_of, roll_up=roll_up, weights=weights
    )[kept]
    counts, answered = counts[kept], answered[:, kept]
    filled = np.where(answered, matrix[:, kept], 0.0)
    ratios = filled.sum(axis=0) / counts
    # Pooled coefficients are themselves estimated; centring at I instead of R_k accounts for it.
    centres = np.full_like(ratios, coefficients @ ratios) if roll_up == "pooled" else ratios
    per_answer = coefficients / counts
    return Linearised(
        coefficients=coefficients,
        ratios=ratios,
        answers=counts,
        contributions=filled @ per_answer - answered @ (per_answer * centres),
    )


def criterion_coefficients(
    answers: ArrayLike,
    *,
    factor_of: Sequence[int],
    roll_up: str,
    weights: Sequence[float] | None = None,
) -> NDArray[np.float64]:
    """c_k, what each criterion counts in the index: shape (criteria,), summing to 1.

    answers: number of answers of each criterion; one without any gets 0 and the others take over
    its part, inside its factor where factors are averaged. Raises ValueError when none has any,
    for an unknown roll-up and for weights that are missing or not positive.

    >>> criterion_coefficients([9, 9, 5, 0], factor_of=[0, 0, 1, 1], roll_up="factor_mean")
    array([0.25, 0.25, 0.5 , 0.  ])
    """
    counts = np.asarray(answers, dtype=np.float64)
    kept = (counts > 0).astype(np.float64)
    if not kept.any():
        raise ValueError("nobody answered any criterion")
    if roll_up == "pooled":
        raw = counts
    elif roll_up == "criteria_mean":
        raw = kept
    elif roll_up in get_args(RollUpName):
        factors = np.asarray(factor_of, dtype=np.int64)
        in_factor = np.bincount(factors, weights=kept)
        # maximum: a factor that lost all its criteria has no coefficient to share out.
        raw = kept / np.maximum(in_factor, 1)[factors]
        if roll_up == "weighted":
            raw = raw * _factor_weights(weights, len(in_factor))[factors]
    else:
        raise ValueError(f"unknown roll-up {roll_up!r}; known: {', '.join(get_args(RollUpName))}")
    return np.asarray(raw / raw.sum(), dtype=np.float64)


def _factor_weights(weights: Sequence[float] | None, factors: int) -> NDArray[np.float64]:
    if weights is None or len(weights) < factors:
        raise ValueError(f"the roll-up weighted needs a weight for each of {factors} factors")
    values = np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(values) & (values > 0)).all():
        raise ValueError("factor weights must be positive numbers")
    return values


def _score_matrix(scores: ArrayLike) -> NDArray[np.float64]:
    matrix = np.asarray(scores, dtype=np.float64)
    if matrix.ndim != 2:
        raise ValueError("scores must have one row per respondent and one column per criterion")
    if (matrix < 0).any() or (matrix > 1).any():
        raise ValueError("scores must be proportions in 0..1")
    return matrix


def _answered_rows(scores: ArrayLike, population: int | None) -> NDArray[np.float64]:
    """The rows with at least one answer; the population must hold all the rows."""
    matrix = _score_matrix(scores)
    if len(matrix):
        SimpleRandomSample(len(matrix), population)  # raises when there are more sheets than N
    return matrix[~np.isnan(matrix).all(axis=1)]
