"""All pairs of units at once: standard errors of differences and who is told apart from whom."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: A correlation matrix may be this far from symmetric or from positive semi-definite: rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Units:
    """Estimates of p units and how they vary together.

    estimates: shape (p,). errors: shape (p,), the standard errors. covariance: shape (p, p), or
    None where the units were measured independently.
    """

    estimates: Floats
    errors: Floats
    covariance: Floats | None = None

    def __len__(self) -> int:
        return len(self.estimates)

    def difference_errors(self) -> Floats:
        """se_jk = √(se_j² + se_k² - 2 cov_jk), shape (p, p); 0 on the diagonal."""
        squares = self.errors**2
        variances = squares[:, np.newaxis] + squares
        if self.covariance is not None:
            variances -= 2 * self.covariance
            # Two units that move as one: what is left of the subtraction is rounding.
            variances[variances < _ROUNDING * (squares[:, np.newaxis] + squares)] = 0.0
        np.fill_diagonal(variances, 0.0)
        errors: Floats = np.sqrt(variances, out=variances)
        return errors

    def statistics(self) -> Floats:
        """t_jk = (θ_j - θ_k)/se_jk, shape (p, p).

        Where se_jk = 0 (both units counted completely) a difference is certain: ±∞, and 0
        between equals.
        """
        differences = self.estimates[:, np.newaxis] - self.estimates
        errors = self.difference_errors()
        certain = errors == 0
        errors[certain] = 1.0
        differences[certain & (differences > 0)] = math.inf
        differences[certain & (differences < 0)] = -math.inf
        return np.divide(differences, errors, out=differences)

    def reordered(self, order: NDArray[np.intp]) -> "Units":
        covariance = None if self.covariance is None else self.covariance[np.ix_(order, order)]
        return Units(self.estimates[order], self.errors[order], covariance)


def make_units(
    estimates: ArrayLike,
    standard_errors: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
) -> Units:
    """The units from either standard errors (independent units) or a covariance matrix.

    Raises ValueError unless exactly one of the two is given, every number is finite, the shapes
    fit, no standard error is negative, and the covariance is symmetric and positive
    semi-definite.

    >>> make_units([0.9, 0.8], covariance=[[0.0004, 0.0001], [0.0001, 0.0009]]).errors
    array([0.02, 0.03])
    """
    values = np.array(estimates, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError("estimates must be one number for each unit")
    if not np.isfinite(values).all():
        raise ValueError("an estimate is not a finite number")
    if (standard_errors is None) == (covariance is None):
        raise ValueError("give either standard_errors or covariance")
    if covariance is not None:
        matrix = _checked_covariance(covariance, len(values))
        return Units(values, np.sqrt(matrix.diagonal()), matrix)
    errors = np.array(standard_errors, dtype=np.float64)
    if errors.shape != values.shape:
        raise ValueError("standard_errors must be one number for each unit")
    if not (np.isfinite(errors) & (errors >= 0)).all():
        raise ValueError("a standard error is negative or not a finite number")
    return Units(values, errors)


def _checked_covariance(covariance: ArrayLike, p: int) -> Floats:
    matrix = np.array(covariance, dtype=np.float64)
    if matrix.shape != (p, p):
        raise ValueError(f"covariance must have the shape ({p}, {p})")
    if not np.isfinite(matrix).all():
        raise ValueError("a covariance is not a finite number")
    scale = _ROUNDING * max(float(np.abs(matrix).max(initial=0.0)), np.finfo(np.float64).tiny)
    if (matrix.diagonal() < 0).any():
        raise ValueError("a variance is negative")
    if np.abs(matrix - matrix.T).max(initial=0.0) > scale:
        raise ValueError("covariance is not symmetric")
    matrix = (matrix + matrix.T) / 2
    if p and np.linalg.eigvalsh(matrix)[0] < -p * scale:
        raise ValueError("covariance is not positive semi-definite")
    return matrix


def bonferroni_value(pairs: int, confidence: float) -> float:
    """Φ⁻¹(1 - α/(2 · pairs)): two-sided comparisons, however they depend on one another.

    >>> round(bonferroni_value(13 * 12 // 2, 0.95), 3)
    3.414
    """
    from scipy.special import ndtri

    # The lower tail, for 1 - α/(2 · pairs) would lose its digits.
    return -float(ndtri((1 - confidence) / (2 * pairs)))


def holm_value(absolute: Floats, confidence: float) -> float:
    """The value that Holm's procedure compares |t| with in the end.

    absolute: |t| of the m compared pairs. The largest is compared with Φ⁻¹(1 - α/2m), the next
    with Φ⁻¹(1 - α/(2(m-1))) and so on until the first that does not exceed its value: that value
    is returned; exactly the pairs that Holm rejects exceed it.

    Reference: Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    >>> round(holm_value(np.array([2.2, 2.0, 9.0]), 0.95), 3)
    2.241
    """
    from scipy.special import ndtri

    m = len(absolute)
    ordered = np.sort(absolute)[::-1]
    needed = -np.asarray(ndtri((1 - confidence) / (2 * np.arange(m, 0, -1.0))))
    kept = np.flatnonzero(ordered <= needed)
    return float(needed[kept[0]]) if len(kept) else float(needed[-1])
