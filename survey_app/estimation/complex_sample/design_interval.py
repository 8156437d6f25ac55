"""Intervals under complex designs: which one a statistic gets, for a whole table at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.complex_sample.table_results import EstimateTable
from survey_app.estimation.estimate import IntervalMethod
from survey_app.estimation.intervals import bounds
from survey_app.estimation.intervals.bounds import Bounds, Floats
from survey_app.estimation.intervals.interval import hypergeometric_interval

#: What an analysis plan may ask for beside "default".
METHODS = (
    IntervalMethod.LOGIT,
    IntervalMethod.WILSON,
    IntervalMethod.CLOPPER_PEARSON,
    IntervalMethod.BETA,
    IntervalMethod.MEAN,
    IntervalMethod.KORN_GRAUBARD,
    IntervalMethod.HYPERGEOMETRIC,
    IntervalMethod.JEFFREYS,
    IntervalMethod.AGRESTI_COULL,
)


@dataclass(frozen=True, eq=False)
class TableIntervals:
    """Bounds of every estimate of a table, NaN where there is none: shape (D, E) each.

    method: the IntervalMethod of each, None where there is no interval.
    """

    low: Floats
    high: Floats
    method: NDArray[np.object_]


def table_intervals(
    table: EstimateTable, method: str = "default", *, confidence: float = 0.95
) -> TableIntervals:
    """One method's interval of every estimate of a table.

    ``default`` chooses by design. Shares (top2 and comprehensive): a simple random sample
    without weights gets the exact hypergeometric interval where N is known, else Wilson's; any
    other design Korn-Graubard. Means and indices: t on the logit scale, and where nobody differs
    the boundary interval, with q from the effective sample size.

    Asked for by name, ``wilson``, ``clopper-pearson``, ``jeffreys`` and ``agresti-coull`` use the
    counts of a simple sample (any N is ignored); under another design the effective sample size
    (for ``wilson`` that of V itself with Student's t, for the others Korn-Graubard's). ``beta``
    is R's: Korn-Graubard without the bound n, and t of all rows, those of weight 0 among them;
    ``mean`` is p ± t SE. ``hypergeometric`` exists for simple samples with N only.

    None exist for a census, without a standard error, or where the formula does not (no bound of
    ``logit``, ``beta`` or ``mean`` is a point). Raises ValueError for an unknown method.
    """
    result = TableIntervals(
        np.full(table.value.shape, np.nan),
        np.full(table.value.shape, np.nan),
        np.full(table.value.shape, None, dtype=object),
    )
    if method == "default":
        _add_named(table, result, _default_of_shares(table), table.is_share, confidence)
        _add_named(table, result, IntervalMethod.LOGIT, ~table.is_share, confidence)
        _add_boundaries(table, result, confidence)
        return result
    if method not in METHODS:
        known = ", ".join(("default", *METHODS))
        raise ValueError(f"unknown interval {method!r}; known: {known}")
    every = np.ones(len(table.columns), dtype=np.bool_)
    _add_named(table, result, IntervalMethod(method), every, confidence)
    return result


def _add_named(
    table: EstimateTable,
    result: TableIntervals,
    method: IntervalMethod,
    columns: NDArray[np.bool_],
    confidence: float,
) -> None:
    """One method for some of the columns."""
    low, high = _by_name(table, method, columns, confidence)
    defined = np.isfinite(low) & np.isfinite(high) & ~table.is_census[:, columns]
    result.low[:, columns] = np.where(defined, low, np.nan)
    result.high[:, columns] = np.where(defined, high, np.nan)
    methods = np.full(defined.shape, None, dtype=object)
    methods[defined] = method
    result.method[:, columns] = methods


def _by_name(
    table: EstimateTable, method: IntervalMethod, columns: NDArray[np.bool_], confidence: float
) -> Bounds:
    p, se = table.value[:, columns], table.standard_error[:, columns]
    n, df = table.n[:, columns], table.df[:, columns]
    if method is IntervalMethod.LOGIT:
        return bounds.logit_bounds(p, se, bounds.t_quantile(df, confidence))
    if method is IntervalMethod.MEAN:
        return bounds.t_bounds(p, se, bounds.t_quantile(df, confidence))
    if method is IntervalMethod.BETA:
        return _beta(p, se, table.rows[:, columns], df, confidence)
    counted = table.cells.design.is_simple & np.broadcast_to(table.is_share[columns], p.shape)
    if method is IntervalMethod.HYPERGEOMETRIC:
        return _hypergeometric(p, n, counted, table.cells.design.simple_population, confidence)
    deff = median_deff(table)
    if method is IntervalMethod.WILSON:
        t, z = bounds.t_quantile(df, confidence), bounds.z_quantile(confidence)
        own = _size_of_variance(p, se, n / deff)
        return bounds.wilson_bounds(p, np.where(counted, n, own), np.where(counted, z, t))
    size = np.where(counted, n, bounds.korn_graubard_size(p, se, n, df, deff, confidence))
    if method is IntervalMethod.AGRESTI_COULL:
        return bounds.agresti_coull_bounds(p, size, bounds.z_quantile(confidence))
    if method is IntervalMethod.JEFFREYS:
        return bounds.jeffreys_bounds(p, size, confidence)
    return bounds.beta_bounds(p, size, confidence)


def _beta(p: Floats, se: Floats, n: Floats, df: Floats, confidence: float) -> Bounds:
    size = bounds.effective_size(p, se, n, df, confidence)
    return bounds.beta_bounds(p, np.where((p > 0) & (p < 1), size, np.nan), confidence)


def _size_of_variance(p: Floats, se: Floats, otherwise: Floats) -> Floats:
    """p (1-p) / V; ``otherwise`` where V is 0, NaN where it is unknown."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(se == 0, otherwise, p * (1 - p) / se**2)


def median_deff(table: EstimateTable) -> Floats:
    """The median design effect of each domain's other questions, at least 1: shape (D, E).

    For estimates whose own variance says nothing (p = 0 or 1). 1 where no question has one.
    """
    own = table.deff[:, : len(table.questions)]
    known = np.sort(np.where(own > 0, own, np.inf), axis=1)
    count = np.isfinite(known).sum(axis=1)
    row = np.arange(len(own))
    low, high = known[row, np.maximum(count - 1, 0) // 2], known[row, count // 2 % own.shape[1]]
    median = np.where(count > 0, (low + np.where(count % 2, low, high)) / 2, 1.0)
    return np.maximum(median, 1.0)[:, np.newaxis]


def _hypergeometric(
    p: Floats, n: Floats, counted: NDArray[np.bool_], population: int | None, confidence: float
) -> Bounds:
    low, high = np.full_like(p, np.nan), np.full_like(p, np.nan)
    if population is None:
        return low, high
    for place in zip(*np.nonzero(counted & (n > 0)), strict=True):
        size = int(n[place])
        satisfied = round(float(p[place]) * size)
        found = hypergeometric_interval(satisfied, size, population, confidence=confidence)
        low[place], high[place] = found.low, found.high
    return low, high


def _default_of_shares(table: EstimateTable) -> IntervalMethod:
    design = table.cells.design
    if not design.is_simple:
        return IntervalMethod.KORN_GRAUBARD
    if design.simple_population is None:
        return IntervalMethod.WILSON
    return IntervalMethod.HYPERGEOMETRIC


def _add_boundaries(table: EstimateTable, result: TableIntervals, confidence: float) -> None:
    """Boundary intervals of means and indices whose respondents show no spread."""
    simple = table.cells.design.is_simple
    alone = simple & (table.n == 1)
    flat = alone | (table.standard_error == 0) | (table.value == 0) | (table.value == 1)
    wanted = flat & ~table.is_share & (table.n > 0) & ((table.df >= 1) | alone)
    wanted &= ~table.is_census
    wanted &= alone | np.isfinite(table.standard_error)
    if not wanted.any():
        return
    d, e = np.nonzero(wanted)
    q = _same_score_share(table, confidence)[d]
    c, ratio, value = table.coefficients[d, e], table.value[d, : q.shape[1]], table.value[d, e]
    low = np.where(c > 0, c * q * ratio, 0.0).sum(axis=1)
    high = np.where(c > 0, c * (1 - q * (1 - ratio)), 0.0).sum(axis=1)
    result.low[d, e] = np.minimum(low, value)
    result.high[d, e] = np.maximum(np.minimum(high, 1.0), value)
    result.method[d, e] = IntervalMethod.BOUNDARY


def _same_score_share(table: EstimateTable, confidence: float) -> Floats:
    """q: the least share of people with the common score, n of n having it: (D, Q)."""
    questions = len(table.questions)
    n, df = table.n[:, :questions], table.df[:, :questions]
    design = table.cells.design
    if design.is_simple and design.simple_population is not None:
        q = np.zeros_like(n)
        for place in zip(*np.nonzero(n), strict=True):
            size = int(n[place])
            q[place] = hypergeometric_interval(
                size, size, design.simple_population, confidence=confidence
            ).low
        return q
    if not design.is_simple:
        ratio = np.nan_to_num(bounds.t_ratio(n, df, confidence))
        n = np.minimum(n, n / median_deff(table) * ratio)
    edge = bounds.tail(confidence)
    return np.where(n > 0, edge ** (1 / np.where(n > 0, n, 1.0)), 0.0)
