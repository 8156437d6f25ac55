"""Protecting people in a file of rows: what others may know of one is shown only in company."""

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE, hide_small_cells

Codes = NDArray[np.int64]
Mask = NDArray[np.bool_]


def hide_rare_rows(keys: Codes, *, minimum: int = MINIMUM_BASE) -> Mask:
    """Which cells of ``keys`` (rows × what others may know, as codes) have to be withheld.

    Afterwards every row shares what is shown of it, and which of its cells are withheld, with at
    least ``minimum - 1`` others (k-anonymity by local suppression). Columns are taken from left
    to right: within the rows that agree so far, values that too few have are withheld, and as
    many more as ``small_groups.hide_small_cells`` needs, so that the
    first column shows exactly the counts that a report shows. What stands left is kept best.

    Assumptions: at least ``minimum`` rows (with fewer everything is withheld and nothing of this
    holds). It protects against being recognised, not against a group that answered alike.

    Reference: Samarati, Sweeney (1998), k-anonymity; Hundepool et al. (2012), *Statistical
    Disclosure Control*, ch. 3 (local suppression).

    >>> keys = np.array([[1]] * 7 + [[2]] * 6 + [[3]] * 2)
    >>> hide_rare_rows(keys)[:, 0].astype(int).tolist()
    [0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]
    """
    rows, columns = keys.shape
    hidden = np.zeros((rows, columns), dtype=np.bool_)
    if rows < minimum:
        return ~hidden
    groups = [np.arange(rows)]
    for column in range(columns):
        split: list[NDArray[np.int64]] = []
        for group in groups:
            split += _split(keys[:, column], group, hidden[:, column], minimum)
        groups = split
    return hidden


def _split(values: Codes, group: Codes, hidden: Mask, minimum: int) -> list[Codes]:
    """The group by value; values that must be withheld stay together, and are marked."""
    _, place, counts = np.unique(values[group], return_inverse=True, return_counts=True)
    if len(counts) == 1:
        return [group]
    shown = hide_small_cells([int(count) for count in counts], minimum=minimum)
    is_hidden = np.array([count is None for count in shown])[place]
    hidden[group[is_hidden]] = True
    parts = [group[place == value] for value, count in enumerate(shown) if count is not None]
    return [*parts, group[is_hidden]] if is_hidden.any() else parts
