"""Protecting small groups: minimum bases and cells hidden so that no subtraction undoes it."""

from collections.abc import Sequence

from survey_app.estimation.estimate import Estimate, Reason

#: Fewer respondents than this are not reported on.
MINIMUM_BASE = 5


def is_reportable(n: int, *, minimum: int = MINIMUM_BASE) -> bool:
    """Whether a figure may be given about a group of n respondents.

    >>> is_reportable(4), is_reportable(5)
    (False, True)
    """
    return n >= minimum


def withhold(estimate: Estimate, *, minimum: int = MINIMUM_BASE, hidden: bool = False) -> Estimate:
    """The estimate, or an empty one where it must not be published.

    Reason TOO_FEW where fewer than ``minimum`` respondents answered; SUPPRESSED where ``hidden``
    says that the count behind it is hidden in its table (:func:`hide_small_cells`) and the share
    would give it away. NO_ANSWER stays as it is: there is nobody to protect.

    >>> withhold(Estimate(0.75, n=4)).reason.value
    'too_few'
    >>> withhold(Estimate(0.75, n=31), hidden=True).reason.value
    'suppressed'
    """
    if estimate.n == 0:
        return estimate
    if not is_reportable(estimate.n, minimum=minimum):
        return Estimate.missing(Reason.TOO_FEW, estimate.n)
    return Estimate.missing(Reason.SUPPRESSED, estimate.n) if hidden else estimate


def hide_small_cells(
    counts: Sequence[int], *, minimum: int = MINIMUM_BASE
) -> tuple[int | None, ...]:
    """A one-way table fit for publishing beside its total; hidden cells are None.

    Counts 1 .. minimum - 1 are hidden. If there are any, further cells are hidden, the smallest
    first and equal ones together, until the hidden cells

    - are at least two,
    - hold at least ``minimum`` people together, and
    - are not all equal.

    Zeros are shown, unless nothing but zeros would be left: then the whole table is hidden, as
    also where all its counts together are under ``minimum``.

    Why this withstands a reader who knows the total and this rule: the rule looks at values,
    never at positions. So exchanging the values of two hidden cells gives another table with the
    same published form, and as the hidden values are not all equal every hidden cell has at
    least two possible values. A wholly hidden table of total T could be (1, T - 1, 0, ...) in
    any order. Hiding only one of two equal cells would break this: of (12, 12, 4), total 28,
    with the second 12 shown, the rule itself would give the 4 away.

    Assumptions: a table of at least two cells, published once with its total; cells sum to it.
    The one cell of a one-cell table is its total and cannot be protected by hiding. For a cross
    table see :func:`~survey_app.estimation.disclosure.cross_tables.protect_table`.
    Raises ValueError for negative counts.

    Reference: Hundepool et al. (2012), *Statistical Disclosure Control*, ch. 4 (secondary
    suppression); Cox (1980), JASA 75, 377-385.

    >>> hide_small_cells([31, 12, 3])
    (31, None, None)
    >>> hide_small_cells([31, 0, 12])
    (31, 0, 12)
    >>> hide_small_cells([12, 12, 4, 40])
    (None, None, None, 40)
    >>> hide_small_cells([44, 1, 0])
    (None, None, None)
    """
    if any(count < 0 for count in counts):
        raise ValueError("a table counts no fewer than 0 people")
    hidden = [count for count in counts if 0 < count < minimum]
    if not hidden:
        return tuple(counts)
    for value in sorted({count for count in counts if count >= minimum}):
        if len(hidden) >= 2 and sum(hidden) >= minimum and len(set(hidden)) > 1:
            break
        hidden += [count for count in counts if count == value]
    threshold = max(hidden)
    if threshold >= max(counts):  # nothing but zeros would be left
        return (None,) * len(counts)
    return tuple(None if 0 < count <= threshold else count for count in counts)
