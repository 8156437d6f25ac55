"""Dividing a sample among strata: whole numbers that add up exactly, within limits."""

from collections.abc import Sequence
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_app.errors import Invalid

Floats = NDArray[np.float64]
#: Halvings of the search for the common factor; more than a double can tell apart.
_HALVINGS = 200


class AllocationMethod(StrEnum):
    EQUAL = "equal"  # every stratum the same: for comparing strata with one another
    PROPORTIONAL = "proportional"  # N_h: every member the same chance
    NEYMAN = "neyman"  # N_h S_h: the smallest variance of the overall figure for a given n
    OPTIMAL = "optimal"  # N_h S_h / √c_h: the smallest variance for a given cost
    POWER = "power"  # N_h^q: between equal (q = 0) and proportional (q = 1)


def allocate(
    total: int,
    sizes: Sequence[int],
    *,
    method: str = "proportional",
    deviations: ArrayLike | None = None,
    costs: ArrayLike | None = None,
    power: float = 0.5,
    minimum: int = 0,
) -> tuple[int, ...]:
    """``total`` sampling units divided among strata of ``sizes`` members.

    With m_h the measure of the method (1, N_h, N_h S_h, N_h S_h/√c_h, N_h^q),

        n_h = λ m_h,  but not below min(minimum, N_h) and not above N_h

    with λ such that they sum to ``total``. Whole numbers by largest remainder (equal remainders:
    the stratum that is listed first), so the sum is exact and no n_h is further than 1 from its
    real value. Strata of measure 0 (nobody differs) get their minimum, and more only when all
    others are full.

    deviations: S_h, shape (strata,), for neyman and optimal; costs: c_h > 0, for optimal.

    Raises Invalid when ``total`` is more than all members or less than the minima together;
    ValueError for an unknown method, sizes below 0, missing or impossible deviations and costs, a
    power outside 0..1, a negative minimum.

    Reference: Cochran (1977), *Sampling Techniques*, §5.5-5.9; Bankier (1988), The American
    Statistician 42, 174-177 (power).

    >>> allocate(100, [5000, 2000, 300])
    (69, 27, 4)
    >>> allocate(100, [5000, 2000, 300], minimum=30)
    (40, 30, 30)
    >>> allocate(100, [5000, 2000, 20], method="equal")
    (40, 40, 20)
    """
    members = np.asarray(sizes, dtype=np.int64)
    if members.ndim != 1 or (members < 0).any():
        raise ValueError("sizes must be one number of members, 0 or more, for each stratum")
    if minimum < 0:
        raise ValueError("minimum cannot be negative")
    measure = _measure(AllocationMethod(method), members, deviations, costs, power)
    low = np.minimum(minimum, members)
    _check_total(total, int(low.sum()), int(members.sum()))
    return tuple(_whole_numbers(_real_numbers(total, measure, low, members), total).tolist())


def _measure(
    method: AllocationMethod,
    members: NDArray[np.int64],
    deviations: ArrayLike | None,
    costs: ArrayLike | None,
    power: float,
) -> Floats:
    sizes = members.astype(np.float64)
    if method is AllocationMethod.EQUAL:
        return np.ones_like(sizes)
    if method is AllocationMethod.PROPORTIONAL:
        return sizes
    if method is AllocationMethod.POWER:
        if not 0 <= power <= 1:
            raise ValueError(f"power {power} is not in 0..1")
        return np.asarray(sizes**power, dtype=np.float64)
    spread = _per_stratum("deviations", deviations, len(sizes))
    if (spread < 0).any():
        raise ValueError("a standard deviation cannot be negative")
    if method is AllocationMethod.NEYMAN:
        return sizes * spread
    price = _per_stratum("costs", costs, len(sizes))
    if (price <= 0).any():
        raise ValueError("a cost must be positive")
    return np.asarray(sizes * spread / np.sqrt(price), dtype=np.float64)


def _per_stratum(name: str, values: ArrayLike | None, strata: int) -> Floats:
    found = np.asarray([] if values is None else values, dtype=np.float64)
    if found.shape != (strata,) or not np.isfinite(found).all():
        raise ValueError(f"{name} must be one number for each stratum")
    return found


def _check_total(total: int, least: int, most: int) -> None:
    if total > most:
        raise Invalid(f"Không thể chọn {total} trong khi tất cả các tầng chỉ có {most}.")
    if total < least:
        raise Invalid(
            f"Tổng số {total} không đủ cho số tối thiểu của các tầng, cần ít nhất {least}."
        )


def _real_numbers(
    total: int, measure: Floats, low: NDArray[np.int64], high: NDArray[np.int64]
) -> Floats:
    """clip(λ m_h, low_h, high_h) that sum to ``total``; λ by bisection."""
    has_measure = measure > 0
    room = np.where(has_measure, high, low)
    if total >= room.sum():
        # All strata with a measure are full; what is left goes to the others by size.
        left = total - int(room.sum())
        if left == 0:
            return room.astype(np.float64)
        return _real_numbers(
            total, np.where(has_measure, 0.0, high), np.where(has_measure, high, low), high
        )
    bottom, top = 0.0, float((high[has_measure] / measure[has_measure]).max())
    for _ in range(_HALVINGS):
        middle = (bottom + top) / 2
        if np.clip(middle * measure, low, room).sum() < total:
            bottom = middle
        else:
            top = middle
    return np.asarray(np.clip(top * measure, low, room), dtype=np.float64)


def _whole_numbers(real: Floats, total: int) -> NDArray[np.int64]:
    """Largest remainder. Limits are whole numbers, so rounding crosses none."""
    # 2.9999999999 is a 3 that the search for λ has not quite reached.
    nearest = np.round(real)
    real = np.where(np.abs(real - nearest) < 1e-9 * np.maximum(real, 1.0), nearest, real)
    whole = np.floor(real).astype(np.int64)
    remainders = real - whole
    order = np.argsort(-np.round(remainders, 9), kind="stable")
    whole[order[: total - int(whole.sum())]] += 1
    return whole
