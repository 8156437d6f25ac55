"""Answers as codes: what each level of a question counts, and whether it is an answer at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Levels = NDArray[np.unsignedinteger]

#: Whole numbers spread over at most this many are coded without sorting.
_COUNTABLE = 200


@dataclass(frozen=True, eq=False)
class Item:
    """One question, coded.

    codes: shape (n,), small integers. scores, answered: shape (K,), by code: s in 0..1 (0 where
    there is no answer) and a, 1.0 for an answer and 0.0 for "not applicable" and blank.
    """

    codes: Levels
    scores: Floats
    answered: Floats


@dataclass(frozen=True)
class AnswerRule:
    """How an answer becomes a score.

    top2: s = 1 for a level in ``satisfied``, else 0. mean: s = level / ``maximum``. Answers in
    ``not_applicable`` and blanks (NaN) leave numerator and denominator.
    """

    satisfied: Collection[float] = (4, 5)
    maximum: float = 5
    not_applicable: Collection[float] = (0,)
    item: str = "top2"

    def __post_init__(self) -> None:
        if self.item not in ("top2", "mean"):
            raise ValueError(f"unknown item rule {self.item!r}; known: top2, mean")
        if not self.maximum > 0:
            raise ValueError("the maximum of a scale must be positive")

    @property
    def is_share(self) -> bool:
        return self.item == "top2"


def encode_item(column: ArrayLike, rule: AnswerRule, name: str = "question") -> Item:
    """One question's answers, coded and scored.

    column: shape (n,), numbers; NaN = blank. Raises ValueError naming the question for a value
    that is neither in 0..maximum nor "not applicable".

    >>> item = encode_item([5, 3, 0, float("nan")], AnswerRule())
    >>> item.scores[item.codes].tolist(), item.answered[item.codes].tolist()
    ([1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0])
    """
    values = np.asarray(column)
    if values.ndim != 1 or values.dtype.kind not in "fiub":
        raise ValueError(f"{name}: answers must be one column of numbers")
    codes, levels = _code(values)
    blank = np.isnan(levels) | _among(levels, rule.not_applicable)
    outside = ~blank & ~((levels >= 0) & (levels <= rule.maximum))
    if outside.any():
        outside &= np.bincount(codes, minlength=len(levels)) > 0
    if outside.any():
        raise ValueError(
            f"{name}: the answer {levels[outside][0]:g} is neither in 0..{rule.maximum:g} "
            "nor declared not applicable"
        )
    if not rule.is_share:
        return _merge(codes, np.where(blank, np.nan, levels / rule.maximum))
    return _merge(codes, np.where(blank, np.nan, _among(levels, rule.satisfied)))


def comprehensive_item(items: Sequence[Item]) -> Item:
    """Satisfied with every criterion answered: 1, else 0; no answer where none was answered.

    Raises ValueError when a score is neither 0 nor 1.

    >>> rule = AnswerRule()
    >>> items = [encode_item([5, 5, 0], rule), encode_item([4, 2, 0], rule)]
    >>> comprehensive_item(items).codes.tolist()
    [2, 1, 0]
    """
    any_answer = np.zeros(len(items[0].codes), dtype=np.bool_)
    failed = np.zeros_like(any_answer)
    for item in items:
        if not np.isin(item.scores[item.answered > 0], (0.0, 1.0)).all():
            raise ValueError("comprehensive satisfaction needs scores of 0 and 1 only")
        any_answer |= (item.answered > 0)[item.codes]
        failed |= ((item.answered > 0) & (item.scores == 0))[item.codes]
    codes = np.where(any_answer, np.where(failed, 1, 2), 0).astype(np.uint8)
    return Item(codes, np.array([0.0, 0.0, 1.0]), np.array([0.0, 1.0, 1.0]))


def _among(levels: Floats, values: Collection[float]) -> NDArray[np.bool_]:
    return np.asarray((levels[:, np.newaxis] == np.array([*values], np.float64)).any(axis=1))


def _merge(codes: Levels, scores: Floats) -> Item:
    """Levels that count alike (NaN: no answer) become one."""
    distinct, merged = np.unique(scores, return_inverse=True)
    answered = np.isfinite(distinct).astype(np.float64)
    return Item(merged.astype(codes.dtype).take(codes), np.nan_to_num(distinct), answered)


def _code(values: NDArray[np.generic]) -> tuple[Levels, Floats]:
    """Codes and the level each stands for; blanks are a level (NaN) of their own."""
    numbers = values if values.dtype.kind == "f" else values.astype(np.float64)
    low, high = numbers.min(initial=np.inf), numbers.max(initial=-np.inf)
    blanks = bool(np.isnan(low))
    if blanks:
        low = np.fmin.reduce(numbers, initial=np.inf)
        high = np.fmax.reduce(numbers, initial=-np.inf)
    if low > high:  # nothing but blanks
        return np.zeros(len(values), dtype=np.uint8), np.array([np.nan])
    if high - low <= _COUNTABLE and float(low).is_integer():
        shifted = numbers - (low - 1)
        if blanks:
            shifted[np.isnan(shifted)] = 0.0
        codes = shifted.astype(np.uint8)
        if (codes == shifted).all():
            return codes, np.concatenate([[np.nan], np.arange(low, high + 1)])
    levels, inverse = np.unique(numbers, return_inverse=True)
    return inverse.astype(np.uint32), levels.astype(np.float64)
