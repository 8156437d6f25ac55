"""Draws that anybody can repeat: the same frame, the same seed, the same sample.

Every draw uses only ``Generator(PCG64(seed)).random()``, the stream of doubles in [0, 1): it is
the same on every platform. A draw selects positions in the list, so another order of the list is
another draw; note the frame's fingerprint beside the seed.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_app.errors import Invalid, Problem

Floats = NDArray[np.float64]
Values = NDArray[Any]  # numbers, texts or days: whatever can be sorted
Positions = NDArray[np.intp]
#: A chance this near to 1 is 1.
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class Selection:
    """A sample of units of a list.

    indices: shape (n,), positions in the list, ascending. inclusion: shape (N,), π_i, the chance
    each unit of the *list* had; they sum to n. is_certain: shape (N,), π_i = 1.
    joint_probability: π_ij of any two different units under simple random sampling; None where it
    differs between pairs (systematic draws leave many pairs without a chance, so they have no
    unbiased variance; the usual one treats them as simple).
    """

    indices: Positions
    inclusion: Floats
    method: str
    seed: int
    joint_probability: float | None = None

    @property
    def n(self) -> int:
        return len(self.indices)

    @property
    def probabilities(self) -> Floats:
        """π of the selected units, shape (n,); their design weights are 1/π."""
        return self.inclusion[self.indices]

    @property
    def is_certain(self) -> NDArray[np.bool_]:
        return np.asarray(self.inclusion >= 1, dtype=np.bool_)


def select_simple(population: int, n: int, *, seed: int) -> Selection:
    """n of N with equal chances for every set of n: the n smallest of N random numbers.

    π_i = n/N, π_ij = n(n-1)/(N(N-1)). Raises ValueError unless 0 <= n <= N.

    Reference: Särndal, Swensson, Wretman (1992), *Model Assisted Survey Sampling*, §3.3.

    >>> draw = select_simple(8, 3, seed=1)
    >>> draw.indices.tolist(), draw.probabilities.tolist()
    ([2, 4, 7], [0.375, 0.375, 0.375])
    """
    _check_number(n, population)
    keys = _random(seed).random(population)
    indices = np.sort(np.argsort(keys, kind="stable")[:n])
    inclusion = np.full(population, n / population if population else 0.0)
    pairs = population * (population - 1)
    joint = n * (n - 1) / pairs if pairs else None
    return Selection(indices, inclusion, "simple", seed, joint)


def select_systematic(
    population: int, n: int, *, seed: int, order: ArrayLike | None = None
) -> Selection:
    """Every (N/n)-th unit of the list from a random start.

    Positions ⌊(u + i) N/n⌋, i = 0 .. n-1, u in [0, 1) the only random number; the interval need
    not be whole, so π_i = n/N exactly. ``order``: shape (N,), values to sort the list by first: an
    implicit stratification (by commune, by date). Equal values stay in the list's order.

    A list with a rhythm near the interval (every tenth row a weekly batch) makes a poor draw.
    Raises ValueError unless 0 <= n <= N and ``order`` fits.

    Reference: Madow & Madow (1944), Annals of Mathematical Statistics 15, 1-24.

    >>> select_systematic(10, 4, seed=3).indices.tolist()
    [0, 2, 5, 7]
    """
    _check_number(n, population)
    inclusion = np.full(population, n / population if population else 0.0)
    indices = _systematic(inclusion, _sorted_by(order, population), seed)
    return Selection(indices, inclusion, "systematic", seed)


def select_pps(sizes: ArrayLike, n: int, *, seed: int, order: ArrayLike | None = None) -> Selection:
    """n units with chances proportional to size, systematically.

    π_i = n x_i/Σx; units with n x_i/Σx >= 1 are certain (π_i = 1) and taken out, the others share
    the rest, again and again until none is left above 1. Then one random start u and steps of 1
    along the cumulated π.

    sizes: shape (N,), x_i >= 0; a unit of size 0 is never drawn. order: as
    :func:`select_systematic`.
    Raises ValueError unless sizes are finite and not negative, 0 <= n <= number of units with a
    size, and ``order`` fits.

    Reference: Särndal, Swensson, Wretman (1992), §3.6; Madow (1949), Annals of Mathematical
    Statistics 20, 333-354.

    >>> draw = select_pps([500, 10, 20, 30, 40], 3, seed=1)
    >>> draw.indices.tolist(), draw.inclusion.tolist()
    ([0, 2, 4], [1.0, 0.2, 0.4, 0.6, 0.8])
    """
    measure = np.asarray(sizes, dtype=np.float64)
    if measure.ndim != 1 or not (np.isfinite(measure) & (measure >= 0)).all():
        raise ValueError("sizes must be one finite number, 0 or more, for each unit")
    _check_number(n, int(np.count_nonzero(measure)))
    inclusion = pps_inclusion(measure, n)
    indices = _systematic(inclusion, _sorted_by(order, len(measure)), seed)
    return Selection(indices, inclusion, "pps", seed)


def pps_inclusion(sizes: Floats, n: int) -> Floats:
    """π_i = n x_i/Σx with those that would exceed 1 made certain.

    >>> pps_inclusion(np.array([3.0, 2.0, 1.0]), 2).tolist()
    [1.0, 0.6666666666666666, 0.3333333333333333]
    """
    certain = np.zeros(len(sizes), dtype=np.bool_)
    while True:
        left = n - int(certain.sum())
        rest = float(sizes[~certain].sum())
        if left <= 0 or rest == 0:
            return certain.astype(np.float64)
        shares = left * sizes / rest
        above = ~certain & (shares >= 1 - _ROUNDING)
        if not above.any():
            return np.where(certain, 1.0, shares)
        certain |= above


def select_stratified(
    strata: Sequence[str],
    allocation: Mapping[str, int],
    *,
    seed: int,
    method: str = "simple",
    sizes: ArrayLike | None = None,
    order: ArrayLike | None = None,
) -> Selection:
    """A draw in every stratum by itself: ``allocation[h]`` units of stratum h.

    The random numbers of a stratum come from the seed and the stratum's name: its draw does not
    change when another stratum is added or its n altered.

    strata: the stratum of each unit, shape (N,). method: simple, systematic or pps (which needs
    ``sizes``). Strata without an entry in ``allocation`` are not drawn from (π = 0).
    Raises Invalid, naming every stratum, where more units are wanted than the stratum has or an
    allocated stratum does not exist; ValueError for an unknown method or arrays that do not fit.

    >>> draw = select_stratified(["A"] * 6 + ["B"] * 4, {"A": 3, "B": 1}, seed=7)
    >>> draw.n, draw.inclusion.tolist()
    (4, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.25])
    """
    if method not in ("simple", "systematic", "pps"):
        raise ValueError(f"unknown method of selection: {method}")
    if method == "pps" and sizes is None:
        raise ValueError("pps needs sizes")
    population = len(strata)
    measure = np.ones(population) if sizes is None else _aligned("sizes", sizes, population)
    ranking = np.arange(population) if order is None else _aligned("order", order, population)
    labels = np.asarray(strata, dtype=np.str_)
    members = {name: np.flatnonzero(labels == name) for name in allocation}
    _check_allocation(members, allocation, measure, method)
    inclusion = np.zeros(population)
    chosen = [np.zeros(0, dtype=np.intp)]
    for name, own in members.items():
        drawn = _draw_one(
            method, measure[own], ranking[own], allocation[name], stratum_seed(seed, name)
        )
        chosen.append(own[drawn.indices])
        inclusion[own] = drawn.inclusion
    return Selection(np.sort(np.concatenate(chosen)), inclusion, f"stratified {method}", seed)


def stratum_seed(seed: int, stratum: str) -> int:
    """The seed of one stratum's own draw, from the seed of the whole and the stratum's name.

    >>> stratum_seed(7, "Xã B") == stratum_seed(7, "Xã B") != stratum_seed(7, "Xã C")
    True
    """
    name = unicodedata.normalize("NFC", stratum).encode()
    words = np.random.SeedSequence([seed, *name]).generate_state(2, np.uint32)
    return int(words[0]) << 32 | int(words[1])


def _draw_one(method: str, sizes: Values, order: Values, n: int, seed: int) -> Selection:
    if method == "simple":
        return select_simple(len(sizes), n, seed=seed)
    if method == "systematic":
        return select_systematic(len(sizes), n, seed=seed, order=order)
    return select_pps(sizes, n, seed=seed, order=order)


def _check_allocation(
    members: Mapping[str, Positions], allocation: Mapping[str, int], sizes: Values, method: str
) -> None:
    problems = []
    for name, own in members.items():
        available = int(np.count_nonzero(sizes[own])) if method == "pps" else len(own)
        if not len(own):
            problems.append(Problem("không có tầng này trong danh sách.", name))
        elif not 0 <= allocation[name] <= available:
            problems.append(
                Problem(f"cần chọn {allocation[name]} nhưng tầng chỉ có {available}.", name)
            )
    if problems:
        raise Invalid(f"Phân bổ mẫu có {len(problems)} chỗ cần sửa.", problems)


def _systematic(inclusion: Floats, order: Positions, seed: int) -> Positions:
    """One random start and steps of 1 along the cumulated inclusion probabilities."""
    start = float(_random(seed).random())
    certain = inclusion >= 1
    lottery = order[~certain[order]]
    cumulated = np.cumsum(inclusion[lottery])
    n = round(float(cumulated[-1])) if len(cumulated) else 0
    # A unit is drawn when a counter u, u+1, u+2 ... falls into its part [from, to).
    counters = start + np.arange(n)
    if not n:
        return np.flatnonzero(certain)
    cumulated *= n / cumulated[-1]  # the sum is n but for rounding
    places = np.searchsorted(cumulated, counters, side="right")
    drawn = lottery[np.minimum(places, len(lottery) - 1)]
    return np.sort(np.concatenate([np.flatnonzero(certain), drawn]))


def _sorted_by(order: ArrayLike | None, population: int) -> Positions:
    if order is None:
        return np.arange(population)
    return np.argsort(_aligned("order", order, population), kind="stable")


def _aligned(name: str, values: ArrayLike, population: int) -> Values:
    found = np.asarray(values)
    if found.shape != (population,):
        raise ValueError(f"{name} must be one value for each unit")
    return found


def _check_number(n: int, available: int) -> None:
    if not 0 <= n <= available:
        raise ValueError(f"cannot draw {n} of {available} units")


def _random(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))
