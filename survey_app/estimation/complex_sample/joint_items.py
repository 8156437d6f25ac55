"""Several questions as one: the answers of a row to a block of questions are one code.

With few levels each, the combinations are few, and counting them is one pass over the rows in
place of one for every question.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.complex_sample.items import Item, Levels

Floats = NDArray[np.float64]

#: Combinations fit in one byte.
_MOST_LEVELS = 256


@dataclass(frozen=True, eq=False)
class JointItem:
    """Neighbouring questions of one factor.

    questions: where they stand. codes: shape (n,), one per row. scores, answered: shape (K, q),
    by code and question. composition: shape (K_1 + ... + K_q, K), 1.0 where a code (column)
    holds a level of a question (row), the levels of the first question first; None for a single
    question.
    """

    questions: slice
    codes: Levels
    scores: Floats
    answered: Floats
    composition: Floats | None

    @property
    def levels(self) -> int:
        return len(self.scores)

    @cached_property
    def moments(self) -> Floats:
        """s², s and a of each question, by code: shape (K, 3 q)."""
        parts = [self.scores**2, self.scores, self.answered]
        return np.ascontiguousarray(np.concatenate(parts, axis=1))

    @cached_property
    def any_answer(self) -> NDArray[np.bool_]:
        return np.asarray(self.answered.any(axis=1))


def join_items(
    items: Sequence[Item], factor_of: Sequence[int] | NDArray[np.int64], most: int
) -> list[JointItem]:
    """Blocks of at most ``most`` levels (never more than 256) that do not cross a factor.

    A question with more levels than that is a block of its own.

    >>> item = Item(np.array([0, 1, 2], np.uint8), np.array([0.0, 0, 1]), np.array([0.0, 1, 1]))
    >>> blocks = join_items([item, item, item], [0, 0, 1], 9)
    >>> [(block.questions, block.levels) for block in blocks]
    [(slice(0, 2, None), 9), (slice(2, 3, None), 3)]
    >>> blocks[0].codes.tolist(), blocks[0].scores[8].tolist()
    ([0, 4, 8], [1.0, 1.0])
    """
    return [_join(items[at], at) for at in _spans(items, factor_of, min(most, _MOST_LEVELS))]


def _spans(
    items: Sequence[Item], factor_of: Sequence[int] | NDArray[np.int64], most: int
) -> Iterator[slice]:
    start, levels = 0, 1
    for k, item in enumerate(items):
        levels *= len(item.scores)
        if k > start and (levels > most or factor_of[k] != factor_of[start]):
            yield slice(start, k)
            start, levels = k, len(item.scores)
    yield slice(start, len(items))


def _join(items: Sequence[Item], at: slice) -> JointItem:
    """Mixed radix: the code of the last question runs fastest."""
    first = items[0]
    if len(items) == 1:
        return JointItem(at, first.codes, first.scores[:, None], first.answered[:, None], None)
    codes = first.codes
    for item in items[1:]:
        codes = codes * codes.dtype.type(len(item.scores)) + item.codes
    places, composition = _combinations(tuple(len(item.scores) for item in items))
    scores = np.concatenate([item.scores for item in items])[places]
    answered = np.concatenate([item.answered for item in items])[places]
    return JointItem(at, codes, scores, answered, composition)


@lru_cache(maxsize=64)
def _combinations(sizes: tuple[int, ...]) -> tuple[NDArray[np.intp], Floats]:
    """The level of each question in each combination, counted through all questions: shape
    (K, q); and the same as a composition."""
    starts = np.cumsum((0, *sizes[:-1]))
    places = np.indices(sizes).reshape(len(sizes), -1).T + starts
    return places, np.eye(sum(sizes))[places].sum(axis=1).T.copy()
