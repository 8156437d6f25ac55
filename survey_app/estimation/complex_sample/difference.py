"""Differences between two groups, with the covariance their clusters give them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.comparison.comparisons import mover_difference
from survey_app.estimation.complex_sample.table import degrees_of_freedom, reasons
from survey_app.estimation.complex_sample.table_results import EstimateTable
from survey_app.estimation.complex_sample.variance import Floats, sum_by, variances
from survey_app.estimation.estimate import Interval, IntervalMethod, Reason
from survey_app.estimation.intervals import bounds
from survey_app.estimation.intervals.interval import wilson_interval

#: Standard errors below this are rounding.
_NO_SPREAD = 1e-12


@dataclass(frozen=True, eq=False)
class DifferenceTable:
    """Second domain minus first, for each column of a table of two: arrays of shape (E,).

    value lies in -1..1. p_value: two-sided, t with df. deff: V over the variance of the
    difference between two simple random samples of these sizes. low, high, method: the default
    interval; low_t, high_t: value ± t SE. NaN where undefined; ``reason`` says why.
    """

    value: Floats
    standard_error: Floats
    df: Floats
    n: Floats
    excluded: Floats
    deff: Floats
    p_value: Floats
    low: Floats
    high: Floats
    low_t: Floats
    high_t: Floats
    method: NDArray[np.object_]
    reason: NDArray[np.object_]


def difference_table(table: EstimateTable, *, confidence: float = 0.95) -> DifferenceTable:
    """``d = θ₂ - θ₁`` of a table's two domains in their common design.

    Linearised by ``z₂ - z₁``, so clusters that hold rows of both groups lend them their
    covariance; df as for a domain of both. Test ``t = d / SE``, interval ``d ± t SE``. Shares of
    a simple random sample split in two get Newcombe's interval instead.

    A difference with SE 0 has neither p-value nor t interval, unless d is 0 in a census.
    Raises ValueError unless the table has two domains.

    Reference: Särndal, Swensson, Wretman (1992), §5.8; Newcombe (1998), Stat. Med. 17, 873-890.

    >>> import numpy as np
    >>> from survey_app.estimation.complex_sample.items import AnswerRule, encode_item
    >>> from survey_app.estimation.complex_sample.survey_design import make_design
    >>> from survey_app.estimation.complex_sample.table import estimate_table
    >>> from survey_app.estimation.complex_sample.table_results import Criteria
    >>> item = encode_item([5, 4, 3, 5, 2, 4], AnswerRule())
    >>> design = make_design(6, clusters=[1, 1, 2, 2, 3, 3])
    >>> table = estimate_table(design, Criteria([item], {"F1": ["q1"]}), forms=(),
    ...     domain=np.array([0, 1, 0, 1, 0, 1]), domains=2)
    >>> found = difference_table(table)
    >>> found.value[0].round(4), found.standard_error[0].round(4), found.p_value[0].round(4)
    (np.float64(0.6667), np.float64(0.3333), np.float64(0.1835))
    """
    if table.cells.domains != 2:
        raise ValueError("a difference needs two domains")
    sign = np.where(table.cells.domain == 1, 1.0, -1.0)[:, np.newaxis]
    cells, place = table.cells.merged()
    size = len(cells.unit)
    totals = sum_by(sign * table.totals, place, size)
    squares = None if table.squares is None else sum_by(table.squares, place, size)
    held = sum_by(table.held, place, size)
    n = table.n.sum(axis=0)
    df = degrees_of_freedom(cells, sum_by(table.counted, place, size))
    variance = variances(cells, totals, squares)
    reason = reasons(cells, held, n[np.newaxis], df, variance)[0]
    reason[(table.n == 0).any(axis=0)] = Reason.NO_ANSWER
    undefined = (reason != None) & (reason != Reason.CENSUS)  # noqa: E711 - by element
    standard_error = np.sqrt(variance[0])
    standard_error = np.where(standard_error < _NO_SPREAD, 0.0, standard_error)
    standard_error = np.where(undefined, np.nan, standard_error)
    value = table.value[1] - table.value[0]
    low_t, high_t = bounds.t_bounds(value, standard_error, bounds.t_quantile(df[0], confidence))
    flat = (standard_error == 0) & (reason == None)  # noqa: E711 - by element
    reason[flat] = Reason.NO_SPREAD
    low, high = low_t.copy(), high_t.copy()
    method = np.where(np.isfinite(low_t), IntervalMethod.MEAN, None)  # type: ignore[call-overload]
    _add_newcombe(table, reason, (low, high, method), confidence)
    return DifferenceTable(
        value=value,
        standard_error=standard_error,
        df=df[0],
        n=n,
        excluded=table.excluded.sum(axis=0),
        deff=standard_error**2 / table.srs_variance.sum(axis=0),
        p_value=_p_values(value, standard_error, df[0]),
        low=low,
        high=high,
        low_t=low_t,
        high_t=high_t,
        method=method,
        reason=reason,
    )


def _p_values(value: Floats, standard_error: Floats, df: Floats) -> Floats:
    from scipy.special import stdtr

    usable = (standard_error > 0) & (df >= 1) & np.isfinite(value)
    t = np.abs(value) / np.where(usable, standard_error, 1.0)
    return np.where(usable, 2 * stdtr(np.where(usable, df, 1.0), -t), np.nan)


def _add_newcombe(
    table: EstimateTable,
    reason: NDArray[np.object_],
    target: tuple[Floats, Floats, NDArray[np.object_]],
    confidence: float,
) -> None:
    if not is_simple_pair(table):
        return
    low, high, method = target
    wanted = table.is_share & (table.n > 0).all(axis=0) & (reason != Reason.CENSUS)
    for e in np.flatnonzero(wanted):
        counts = [int(n) for n in table.n[:, e]]
        satisfied = [round(float(p) * n) for p, n in zip(table.value[:, e], counts, strict=True)]
        found = newcombe_interval(
            satisfied[0], counts[0], satisfied[1], counts[1], confidence=confidence
        )
        low[e], high[e], method[e] = found.low, found.high, found.method


def is_simple_pair(table: EstimateTable) -> bool:
    """Two groups of a simple random sample, or two simple random samples of one weight each."""
    design = table.cells.design
    if design.clusters is not None or (table.n <= 0).all():
        return False
    one_stratum_each = len(table.cells.unit) == 2
    return one_stratum_each and all(
        np.ptp(weights) <= 1e-12 * weights[0]
        for weights in (design.weights[design.strata == unit] for unit in set(table.cells.unit))
    )


def newcombe_interval(
    satisfied_1: int, n_1: int, satisfied_2: int, n_2: int, *, confidence: float = 0.95
) -> Interval:
    """Newcombe's interval for ``p₂ - p₁`` of two independent simple random samples (MOVER).

    ``d - √((p₂-l₂)² + (u₁-p₁)²)``, ``d + √((u₂-p₂)² + (p₁-l₁)²)`` with (l, u) Wilson's bounds
    of each share. Never a point, never outside -1..1.

    Assumptions: two independent samples, every respondent with the same probability, unlimited
    populations. Raises ValueError for counts that cannot be.

    Reference: Newcombe (1998), Stat. Med. 17, 873-890, method 10; Donner & Zou (2012), Stat.
    Methods Med. Res. 21, 347-359.

    >>> interval = newcombe_interval(48, 80, 56, 70)
    >>> round(interval.low, 4), round(interval.high, 4)
    (0.0524, 0.3339)
    """
    first = wilson_interval(satisfied_1, n_1, confidence=confidence)
    second = wilson_interval(satisfied_2, n_2, confidence=confidence)
    found = mover_difference(
        satisfied_1 / n_1, (first.low, first.high), satisfied_2 / n_2, (second.low, second.high)
    )
    return Interval(found.low, found.high, IntervalMethod.NEWCOMBE, confidence)
