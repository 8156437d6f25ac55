"""Labels become codes 0, 1, 2 ...: strata, clusters, domains, and cells of two of them."""

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.refusal import PlanRefusal, Refused

Codes = NDArray[np.int64]

#: Integers spread over at most this many times their number, and a few more, are counted: the
#: flags are small then, and sorting is dear.
_DENSE = 8
_FEW = 500_000


def factorise(column: NDArray[np.generic], what: str) -> tuple[Codes, int]:
    """A code for every label, in the order of the labels (of appearance for objects).

    Returns the codes, shape (n,), and how many distinct labels there are. Numbers and texts both
    do; blank labels (NaN, None, the empty text) are refused.
    Raises PlanRefusal naming ``what`` for a blank label.

    >>> factorise(np.array(["b", "a", "b"]), "strata")
    (array([1, 0, 1]), 2)
    """
    if column.dtype.kind == "f":
        if np.isnan(column.astype(np.float64)).any():
            raise _blank(what)
    elif column.dtype.kind == "O":
        return _of_objects(column, what)
    elif column.dtype.kind in "US":
        if (column == column.dtype.type()).any():
            raise _blank(what)
    elif column.dtype.kind in "iu":
        return compress(column.astype(np.int64))[:2]
    found, codes = np.unique(column, return_inverse=True)
    return codes.astype(np.int64), len(found)


def compress(values: Codes) -> tuple[Codes, int, Codes]:
    """Integers as codes in their own order: codes, number of distinct values, these values.

    >>> compress(np.array([70, 10, 70]))
    (array([1, 0, 1]), 2, array([10, 70]))
    """
    if not len(values):
        return values, 0, values
    low = int(values.min())
    width = int(values.max()) - low + 1
    if width > _DENSE * len(values) + min(_FEW, 64 * len(values)):
        found, codes = np.unique(values, return_inverse=True)
        return codes.astype(np.int64), len(found), found
    shifted = values - low if low else values
    seen = np.zeros(width, dtype=np.bool_)
    seen[shifted] = True
    found = np.flatnonzero(seen)
    if len(found) == width:
        return shifted, width, found + low
    code_of = np.empty(width, dtype=np.int32)
    code_of[found] = np.arange(len(found))
    return code_of[shifted].astype(np.int64), len(found), found + low


def nest(outer: Codes, inner: Codes, outers: int, inners: int) -> tuple[Codes, Codes]:
    """Cells of an inner label within an outer one: the code per row, the outer of each cell.

    >>> nest(np.array([0, 0, 1]), np.array([0, 1, 0]), 2, 2)
    (array([0, 1, 2]), array([0, 0, 1]))
    """
    if outers == 1:
        return inner, np.zeros(inners, dtype=np.int64)
    codes, _, pairs = compress(outer * inners + inner)
    return codes, pairs // inners


def counts_of_groups(groups: Codes, size: int) -> NDArray[np.float64]:
    """How many rows each of ``size`` groups has, as floats: shape (size,)."""
    return np.bincount(groups, minlength=size).astype(np.float64)


def _blank(what: str) -> PlanRefusal:
    return PlanRefusal(Refused.BLANK_LABEL, f"{what}: a label is blank", labels=what)


def _of_objects(column: NDArray[np.generic], what: str) -> tuple[Codes, int]:
    code_of: dict[object, int] = {}
    codes = [code_of.setdefault(label, len(code_of)) for label in column.tolist()]
    for label in code_of:
        if label is None or label == "" or label != label:
            raise _blank(what)
    return np.array(codes, dtype=np.int64), len(code_of)
