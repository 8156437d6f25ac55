"""Weights: from chances of selection, adjusted to what is known of the population.

A calibrated design has a smaller variance than its weights alone say: only what the margins do
not explain can still vary. So every calibration hands on residuals, not just weights.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_app.errors import Invalid, Problem

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

TOLERANCE = 1e-10
MOST_CYCLES = 500
#: Trimming and raking undo one another; after so many rounds the margins cannot have it.
_MOST_TRIMS = 20
#: Population totals may differ by their rounding.
_SAME_TOTAL = 1e-6


@dataclass(frozen=True)
class Margin:
    """A known distribution of the population.

    values: the category of each respondent, shape (n,); None or blank is unknown. totals: how
    many members of the population each category has.
    """

    values: Sequence[str | None]
    totals: Mapping[str, float]

    @property
    def total(self) -> float:
        return math.fsum(self.totals.values())


@dataclass(frozen=True, eq=False)
class Calibration:
    """Calibrated weights and what a variance needs of them.

    weights, base: shape (n,), after and before. codes: for each margin the category of each
    respondent, shape (n,). regression_weights: shape (n,), those β is fitted with: the base
    weights for raking, the calibrated ones for post-stratification. cycles: rounds over the
    margins. trimmed: how many weights were cut.
    """

    weights: Floats
    base: Floats
    codes: tuple[Codes, ...]
    regression_weights: Floats
    cycles: int = 1
    trimmed: int = 0

    @property
    def design_effect(self) -> float:
        """What the unequal weights cost, by Kish: a figure for planning."""
        return kish_design_effect(self.weights)

    @property
    def largest_ratio(self) -> float:
        """The largest weight in medians."""
        return float(self.weights.max() / np.median(self.weights[self.weights > 0]))

    def residuals(self, z: ArrayLike) -> Floats:
        """e = z - X β: what the margins do not explain; shape of z, (n,) or (n, k).

        X holds the indicators of all categories of all margins. Where they depend on one another
        (two margins share their sum) β is not unique, but Xβ is.
        """
        values = np.asarray(z, dtype=np.float64)
        if values.shape[:1] != self.weights.shape:
            raise ValueError("z must have one row for each respondent")
        x = np.column_stack([_indicators(codes) for codes in self.codes])
        weighted = x * self.regression_weights[:, np.newaxis]
        beta = np.linalg.lstsq(x.T @ weighted, weighted.T @ values, rcond=1e-12)[0]
        return np.asarray(values - x @ beta, dtype=np.float64)

    def variance(self, z: ArrayLike, variance_of_total: Callable[[Floats], float]) -> float:
        """The variance of the statistic with linearised variable z: V of Σ w e.

        z: shape (n,), computed with the calibrated weights but without them.
        variance_of_total: the design's variance of a total of contributions, shape (n,).

        Reference: Deville, Särndal, Sautory (1993), JASA 88, 1013-1020, §4.

        >>> margin = Margin(["F", "M", "F", "M"], {"F": 60, "M": 40})
        >>> calibration = post_stratify([1.0] * 4, margin)
        >>> calibration.variance([0.1, 0.2, 0.1, 0.2], lambda u: float(u @ u)) < 1e-25
        True
        """
        return variance_of_total(self.weights * self.residuals(z))


def design_weights(probabilities: ArrayLike) -> Floats:
    """1/π of each respondent. Raises ValueError unless 0 < π <= 1.

    >>> design_weights([0.5, 1.0]).tolist()
    [2.0, 1.0]
    """
    chances = np.asarray(probabilities, dtype=np.float64)
    if not ((chances > 0) & (chances <= 1)).all():
        raise ValueError("a probability of selection must be above 0 and at most 1")
    return np.asarray(1 / chances, dtype=np.float64)


def kish_design_effect(weights: ArrayLike) -> float:
    """n Σw²/(Σw)² = 1 + cv²(w) over the positive weights; 1 where all are equal.

    A figure for planning: what a design with these weights loses if they have nothing to do with
    the answers. It says nothing of clusters. Raises ValueError where no weight is positive.

    Reference: Kish (1965), *Survey Sampling*, §11.7.

    >>> kish_design_effect([1, 1, 2])
    1.125
    """
    values = np.asarray(weights, dtype=np.float64)
    positive = values[values > 0]
    if not len(positive):
        raise ValueError("no weight is positive")
    return float(len(positive) * (positive @ positive) / positive.sum() ** 2)


def post_stratify(weights: ArrayLike, margin: Margin) -> Calibration:
    """Weights times N_g/Σ_g w in each category g, so that each has its share of the population.

    weights: base weights, shape (n,). For a cross table give one category for each cell.

    Assumptions: within a category those who answered are like those who did not.
    Raises Invalid with every problem: respondents without a category or in one that has no total,
    categories of the population without a respondent, totals that are not numbers of people;
    ValueError for weights that are not finite or negative, or do not fit.

    Reference: Särndal, Swensson, Wretman (1992), *Model Assisted Survey Sampling*, §7.6.

    >>> post_stratify([10, 10, 10], Margin(["F", "F", "M"], {"F": 30, "M": 30})).weights.tolist()
    [15.0, 15.0, 30.0]
    """
    base = _checked_weights(weights)
    (coded,) = _coded(base, {"": margin})
    calibrated = base * coded.factors(base)[coded.codes]
    return Calibration(calibrated, base, (coded.codes,), calibrated)


def rake(
    weights: ArrayLike,
    margins: Mapping[str, Margin],
    *,
    trim: float | None = None,
    tolerance: float = TOLERANCE,
    most_cycles: int = MOST_CYCLES,
) -> Calibration:
    """Weights that meet several margins at once (iterative proportional fitting).

    The margins are taken in turn, each category's weights multiplied to its total, until no
    factor of a cycle differs from 1 by ``tolerance``. Of all weights that meet the margins these
    are the nearest to the base weights in Σ w log(w/base).

    trim: cut weights above ``trim`` medians (5 is usual) and rake again, until none is above or
    20 rounds are over (then ``largest_ratio`` of the result tells). A cut weight biases a little
    and keeps one respondent from speaking for a whole commune.

    Assumptions: as :func:`post_stratify`, with effects of the margins that multiply.
    Raises Invalid with every problem: all of :func:`post_stratify` for each margin, margins with
    different sums, margins that cannot be met together (no convergence in ``most_cycles``);
    ValueError for no margin, bad weights, trim below 1.

    Reference: Deming & Stephan (1940), Annals of Mathematical Statistics 11, 427-444; Deville,
    Särndal, Sautory (1993), JASA 88, 1013-1020.

    >>> sex = Margin(["F", "F", "M", "M"], {"F": 50, "M": 50})
    >>> age = Margin(["-60", "60+", "-60", "60+"], {"-60": 80, "60+": 20})
    >>> rake([1, 1, 1, 1], {"sex": sex, "age": age}).weights.round(6).tolist()
    [40.0, 10.0, 40.0, 10.0]
    """
    if not margins:
        raise ValueError("raking needs at least one margin")
    if trim is not None and trim < 1:
        raise ValueError("a weight cannot be cut below the median")
    base = _checked_weights(weights)
    coded = _coded(base, margins)
    codes = tuple(margin.codes for margin in coded)
    raked, cycles = _raked(base, coded, tolerance, most_cycles)
    cut = np.zeros(len(base), dtype=np.bool_)
    for _ in range(_MOST_TRIMS if trim is not None else 0):
        cap = (trim or 1.0) * float(np.median(raked[raked > 0]))
        above = raked > cap * (1 + 1e-9)
        if not above.any():
            break
        cut |= above
        raked, more = _raked(np.minimum(raked, cap), coded, tolerance, most_cycles)
        cycles += more
    return Calibration(raked, base, codes, base, cycles, int(cut.sum()))


@dataclass(frozen=True, eq=False)
class _Coded:
    """A margin in numbers. codes: shape (n,); totals: shape (categories,)."""

    name: str
    labels: tuple[str, ...]
    codes: Codes
    totals: Floats

    def factors(self, weights: Floats) -> Floats:
        """N_g/Σ_g w of each category; 1 where nobody is and nobody should be."""
        sums = np.bincount(self.codes, weights, minlength=len(self.totals))
        return np.divide(self.totals, sums, out=np.ones_like(sums), where=sums > 0)


def _raked(
    weights: Floats, margins: Sequence[_Coded], tolerance: float, most_cycles: int
) -> tuple[Floats, int]:
    for cycle in range(1, most_cycles + 1):
        largest = 0.0
        for margin in margins:
            factors = margin.factors(weights)
            weights = weights * factors[margin.codes]
            largest = max(largest, float(np.abs(factors - 1).max()))
        if largest < tolerance:
            return weights, cycle
    raise Invalid(
        f"Không thể khớp đồng thời các phân bố dân số sau {most_cycles} vòng.",
        [_worst(margin, weights) for margin in margins[:-1]],
    )


def _worst(margin: _Coded, weights: Floats) -> Problem:
    factors = margin.factors(weights)
    worst = int(np.argmax(np.abs(factors - 1)))
    off = abs(float(1 / factors[worst] - 1)) if factors[worst] else 1.0
    percent = f"{100 * off:.3g}".replace(".", ",")
    message = f"nhóm “{margin.labels[worst]}” còn lệch {percent} % so với dân số."
    return Problem(message, margin.name)


def _checked_weights(weights: ArrayLike) -> Floats:
    values = np.array(weights, dtype=np.float64)
    if values.ndim != 1 or not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError("weights must be one finite number, 0 or more, for each respondent")
    if not values.any():
        raise ValueError("no weight is positive")
    return values


def _coded(weights: Floats, margins: Mapping[str, Margin]) -> tuple[_Coded, ...]:
    """The margins in numbers, after every check."""
    problems: list[Problem] = []
    for name, margin in margins.items():
        if len(margin.values) != len(weights):
            raise ValueError("a margin must have one value for each respondent")
        problems += [Problem(message, name) for message in _problems_of(weights, margin)]
    problems += _different_sums(margins)
    if problems:
        raise Invalid(f"Phân bố dân số có {len(problems)} chỗ cần sửa.", problems)
    return tuple(_numbered(name, margin) for name, margin in margins.items())


def _problems_of(weights: Floats, margin: Margin) -> list[str]:
    messages = []
    counted: dict[str, float] = {}
    blank = 0
    for weight, value in zip(weights, margin.values, strict=True):
        if value is None or not value.strip():
            blank += 1
        else:
            counted[value] = counted.get(value, 0.0) + float(weight)
    if blank:
        messages.append(f"{blank} người trả lời không có thông tin này.")
    messages += [
        f"nhóm “{label}” có người trả lời nhưng không có trong phân bố dân số."
        for label in counted
        if label not in margin.totals
    ]
    for label, total in margin.totals.items():
        if not (math.isfinite(total) and total >= 0):
            messages.append(f"dân số của nhóm “{label}” phải là một số không âm.")
        elif total > 0 and not counted.get(label):
            messages.append(f"nhóm “{label}” có dân số nhưng không có ai trả lời; hãy gộp nhóm.")
        elif total == 0 and counted.get(label):
            messages.append(f"nhóm “{label}” có người trả lời nhưng dân số bằng 0.")
    return messages


def _different_sums(margins: Mapping[str, Margin]) -> list[Problem]:
    sums = {name: margin.total for name, margin in margins.items()}
    finite = [total for total in sums.values() if math.isfinite(total)]
    if len(finite) < 2 or max(finite) - min(finite) <= _SAME_TOTAL * max(finite):
        return []
    listed = "; ".join(f"{name}: {total:.10g}" for name, total in sums.items())
    return [Problem(f"các phân bố không có cùng tổng dân số ({listed}).")]


def _numbered(name: str, margin: Margin) -> _Coded:
    labels = tuple(margin.totals)
    places = {label: place for place, label in enumerate(labels)}
    # A blank is refused before this.
    codes = np.array([places[value or ""] for value in margin.values], dtype=np.intp)
    totals = np.array([margin.totals[label] for label in labels], dtype=np.float64)
    return _Coded(name, labels, codes, totals)


def _indicators(codes: Codes) -> Floats:
    return np.asarray(codes[:, np.newaxis] == np.unique(codes), dtype=np.float64)
