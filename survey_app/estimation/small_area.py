"""Small-area estimates: a commune with few answers borrows strength from the others.

What comes out is a *model estimate*: it is pulled towards what a regression says of communes like
this one, and is biased for a commune that is truly exceptional. It helps to plan and to look
closer; it is no official score. Show it beside the direct value, with gamma, under 30 answers.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: From so many answers on a commune speaks for itself.
ENOUGH_ANSWERS = 30
_HALVINGS = 200


@dataclass(frozen=True)
class SmallAreaEstimate:
    """One area. All on the scale of the input (proportions 0..1); a model estimate.

    direct, direct_error: what the area's own answers say, with the smoothed sampling error.
    model, model_error: the shrunken estimate and the root of its estimated mean squared error.
    synthetic: what the regression alone says. gamma: the weight of the direct value, 0..1.
    is_shown: whether the area has so few answers that the model estimate is worth showing.
    """

    direct: float
    direct_error: float
    model: float
    model_error: float
    synthetic: float
    gamma: float
    is_shown: bool


@dataclass(frozen=True, eq=False)
class FayHerriot:
    """The fitted model. model_variance: A, the variance between areas that the regression leaves.

    coefficients: β, shape (1 + covariates,), the constant first. coefficient_covariance: of β.
    """

    areas: tuple[SmallAreaEstimate, ...]
    model_variance: float
    coefficients: Floats
    coefficient_covariance: Floats


def fay_herriot(
    estimates: ArrayLike,
    variances: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    answers: ArrayLike | None = None,
    enough: int = ENOUGH_ANSWERS,
) -> FayHerriot:
    """Fay-Herriot estimates of m areas.

    Model: y_i = x_i'β + v_i + e_i, v_i ~ (0, A), e_i ~ (0, D_i), D_i known. A solves the moment
    equation (A = 0 where even that is too large)

        Σ (y_i - x_i'β(A))²/(A + D_i) = m - p

    with β(A) by generalised least squares; then γ_i = A/(A + D_i) and the estimate
    γ_i y_i + (1 - γ_i) x_i'β. Its mean squared error, with B_i = 1 - γ_i:

        g1 + g2 + 2 g3 - B_i² b(A)
        g1 = γ_i D_i,   g2 = B_i² x_i' (Σ x x'/(A + D))⁻¹ x_i,
        g3 = B_i²/(A + D_i) · 2m/(Σ 1/(A + D))²
        b  = 2 (m Σ (A + D)⁻² - (Σ (A + D)⁻¹)²)/(Σ (A + D)⁻¹)³

    estimates: y, shape (m,). variances: D, shape (m,), positive: smooth them first
    (:func:`smoothed_variances`), a commune whose five answers agree has no D = 0. covariates:
    shape (m, q), without the constant, which is always there. answers: n_i, shape (m,); an area
    with ``enough`` or more is marked not ``is_shown``. Without ``answers`` all are shown.

    Assumptions: areas sampled independently; D_i known; linear in x. With one commune far from the
    others its estimate is pulled away from the truth.
    Raises ValueError for shapes that do not fit, numbers that are not finite, variances that are
    not positive, fewer than p + 3 areas, covariates that are linearly dependent.

    Reference: Fay & Herriot (1979), JASA 74, 269-277; Prasad & Rao (1990), JASA 85, 163-171; Datta,
    Rao, Smith (2005), Biometrika 92, 183-196 (mean squared error for this estimator of A).

    >>> fitted = fay_herriot([0.95, 0.90, 0.80, 0.70, 0.85], [0.004, 0.002, 0.001, 0.002, 0.003])
    >>> round(fitted.model_variance, 5), [round(a.model, 3) for a in fitted.areas]
    (0.0067, [0.907, 0.885, 0.804, 0.731, 0.845])
    """
    y, d, x = _checked(estimates, variances, covariates)
    shown = np.ones(len(y), dtype=np.bool_)
    if answers is not None:
        counts = np.asarray(answers)
        if counts.shape != y.shape:
            raise ValueError("answers must be one number for each area")
        shown = counts < enough
    a = _model_variance(y, d, x)
    beta, covariance = _least_squares(y, a + d, x)
    synthetic = x @ beta
    gamma = a / (a + d)
    model = gamma * y + (1 - gamma) * synthetic
    errors = np.sqrt(_mean_squared_errors(a, d, x, covariance))
    direct_errors = np.sqrt(d)
    areas = tuple(
        SmallAreaEstimate(
            direct=float(y[i]),
            direct_error=float(direct_errors[i]),
            model=float(model[i]),
            model_error=float(errors[i]),
            synthetic=float(synthetic[i]),
            gamma=float(gamma[i]),
            is_shown=bool(shown[i]),
        )
        for i in range(len(y))
    )
    return FayHerriot(areas, a, beta, covariance)


def smoothed_variances(
    variances: ArrayLike, answers: ArrayLike, *, populations: ArrayLike | None = None
) -> Floats:
    """Sampling variances of the areas from one variance between respondents, pooled over areas.

    ``S² = Σ (n_i - 1) S_i²/Σ (n_i - 1)`` with S_i² = n_i V_i/(1 - n_i/N_i), the variance between
    the respondents of area i; then ``D_i = (1 - n_i/N_i) S²/n_i``. A direct V_i from five answers
    is mostly noise, and 0 where they agree; an area with one answer has none and stays out of S².

    variances: V_i, shape (m,), NaN where there is none. answers: n_i. populations: N_i or None for
    no correction. Returns D, shape (m,); 0 in a census.
    Assumptions: simple random sampling in each area; respondents vary alike in all areas.
    Raises ValueError for shapes that do not fit, n < 1, N < n, negative variances, and if no area
    has a variance.

    Reference: Rao & Molina (2015), *Small Area Estimation*, §6.4.1 (smoothing by a generalised
    variance function).

    >>> smoothed_variances([0.02, 0.0, float("nan")], [9, 5, 1]).round(4).tolist()
    [0.0133, 0.024, 0.12]
    """
    v = np.asarray(variances, dtype=np.float64)
    n = np.asarray(answers, dtype=np.float64)
    if v.ndim != 1 or n.shape != v.shape:
        raise ValueError("variances and answers must be one number for each area")
    if not (n >= 1).all() or (v < 0).any():
        raise ValueError("answers must be at least 1 and variances not negative")
    left = np.ones_like(n)
    if populations is not None:
        sizes = np.asarray(populations, dtype=np.float64)
        if sizes.shape != n.shape or not (sizes >= n).all():
            raise ValueError("populations must be at least the numbers of answers")
        left = 1 - n / sizes
    known = np.isfinite(v) & (n > 1) & (left > 0)
    if not known.any():
        raise ValueError("no area has a variance")
    between = n[known] * v[known] / left[known]
    pooled = np.average(between, weights=n[known] - 1)
    return np.asarray(left * pooled / n, dtype=np.float64)


def _checked(
    estimates: ArrayLike, variances: ArrayLike, covariates: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    y = np.asarray(estimates, dtype=np.float64)
    d = np.asarray(variances, dtype=np.float64)
    if y.ndim != 1 or d.shape != y.shape:
        raise ValueError("estimates and variances must be one number for each area")
    columns = [np.ones((len(y), 1))]
    if covariates is not None:
        given = np.asarray(covariates, dtype=np.float64)
        given = given[:, np.newaxis] if given.ndim == 1 else given
        if given.ndim != 2 or len(given) != len(y):
            raise ValueError("covariates must be one row for each area")
        columns.append(given)
    x = np.hstack(columns)
    if not (np.isfinite(y).all() and np.isfinite(x).all() and np.isfinite(d).all()):
        raise ValueError("a number is not finite")
    if not (d > 0).all():
        raise ValueError("sampling variances must be positive; smooth them first")
    if len(y) < x.shape[1] + 3:
        raise ValueError(f"{len(y)} areas are too few for {x.shape[1]} coefficients")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError("covariates are linearly dependent")
    return y, d, x


def _least_squares(y: Floats, variances: Floats, x: Floats) -> tuple[Floats, Floats]:
    """β by generalised least squares, and its covariance."""
    weighted = x / variances[:, np.newaxis]
    covariance = np.asarray(np.linalg.inv(x.T @ weighted), dtype=np.float64)
    return covariance @ (weighted.T @ y), covariance


def _model_variance(y: Floats, d: Floats, x: Floats) -> float:
    wanted = len(y) - x.shape[1]

    def statistic(a: float) -> float:
        beta, _ = _least_squares(y, a + d, x)
        return float(((y - x @ beta) ** 2 / (a + d)).sum())

    if statistic(0.0) <= wanted:
        return 0.0
    low, high = 0.0, float(d.max() + y.var())
    while statistic(high) > wanted:
        high *= 2
    for _ in range(_HALVINGS):  # the statistic falls as A grows
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if statistic(middle) > wanted else (low, middle)
    return (low + high) / 2


def _mean_squared_errors(a: float, d: Floats, x: Floats, covariance: Floats) -> Floats:
    m, total = len(d), a + d
    shrunk = d / total
    first, second = float((1 / total).sum()), float((1 / total**2).sum())
    g1 = (1 - shrunk) * d
    g2 = shrunk**2 * np.einsum("ij,jk,ik->i", x, covariance, x)
    g3 = shrunk**2 / total * 2 * m / first**2
    bias = 2 * (m * second - first**2) / first**3
    # The correction for bias may not eat up more than the uncertainty about A.
    return np.asarray(np.maximum(g1 + g2 + 2 * g3 - shrunk**2 * bias, g2), dtype=np.float64)
