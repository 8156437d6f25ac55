"""Has it changed? Two independent simple samples, by any interval that each of them has."""

from dataclasses import dataclass

from survey_app.estimation.comparison.comparisons import Difference, mover_difference
from survey_app.estimation.estimate import Estimate, Interval, IntervalMethod
from survey_app.estimation.intervals.interval import (
    boundary_interval,
    logit_t_interval,
    wilson_interval,
)
from survey_app.estimation.simple_sample.stabilised import ADDED_FOR_CHANGES, stabilised_index_error

#: p-values are not sought below this.
_SMALLEST_P = 1e-9


@dataclass(frozen=True)
class Change:
    """later - earlier, in -1..1, with its interval, and how surprising it would be if nothing had
    changed.

    p_value: two-sided, from the very same method: below 1 - confidence exactly where the interval
    does not hold 0.
    """

    value: float
    low: float
    high: float
    p_value: float
    confidence: float
    method: IntervalMethod = IntervalMethod.MOVER


def measure_change(earlier: Estimate, later: Estimate, *, confidence: float = 0.95) -> Change:
    """The change between two independent simple random samples of unlimited populations.

    Interval: MOVER (``comparisons.mover_difference``) from each
    sample's own interval, Wilson for shares (Newcombe's method 10), logit-t for indices, the
    boundary interval where every sheet of a sample scores the same. The logit-t has the stabilised
    error: near 1 the usual one, from the few sheets with a complaint, falsely finds changes in up
    to 8 % of comparisons instead of 5. So nobody who was unanimous, or nearly, is certain.

    p-value: the smallest α whose 1 - α interval does not hold 0 (test inversion); 1 where both are
    equal.

    Estimates must be made *without* finite population correction: whether a service has changed
    is a question about how it works, not about the dossiers of two particular years.

    Raises ValueError for an estimate without value or interval, or with one of another kind.

    Reference: Zou & Donner (2008), Statistics in Medicine 27, 1693-1702; Newcombe (1998),
    Statistics in Medicine 17, 873-890.

    >>> from survey_app.estimation.simple_sample.proportion import estimate_proportion
    >>> change = measure_change(estimate_proportion(48, 80), estimate_proportion(56, 70))
    >>> [round(x, 4) for x in (change.value, change.low, change.high, change.p_value)]
    [0.2, 0.0524, 0.3339, 0.0081]
    """
    found = _difference(earlier, later, confidence)
    return Change(found.value, found.low, found.high, _p_value(earlier, later), confidence)


def _difference(earlier: Estimate, later: Estimate, confidence: float) -> Difference:
    first, second = (_interval_at(estimate, confidence) for estimate in (earlier, later))
    values = [estimate.value for estimate in (earlier, later) if estimate.value is not None]
    return mover_difference(
        values[0], (first.low, first.high), values[1], (second.low, second.high)
    )


def _interval_at(estimate: Estimate, confidence: float) -> Interval:
    """The estimate's own interval at another confidence."""
    value, interval = estimate.value, estimate.interval
    if value is None or interval is None:
        raise ValueError("a change needs two estimates with intervals")
    match interval.method:
        case IntervalMethod.WILSON:
            satisfied = round(value * estimate.n)
            found = wilson_interval(satisfied, estimate.n, confidence=confidence)
        case IntervalMethod.LOGIT_T:
            error = stabilised_index_error(
                value, estimate.standard_error or 0.0, estimate.n, added=ADDED_FOR_CHANGES
            )
            found = logit_t_interval(value, error, estimate.df or 0.0, confidence=confidence)
        case IntervalMethod.BOUNDARY:
            found = boundary_interval(value, estimate.n, confidence=confidence)
        case _:
            raise ValueError(f"no change from an interval of the kind {interval.method}")
    # A share kept as k/n may differ from k/n by rounding.
    return Interval(min(found.low, value), max(found.high, value), found.method, confidence)


def _p_value(earlier: Estimate, later: Estimate) -> float:
    from scipy.optimize import brentq

    def reach(alpha: float) -> float:
        """How far the bound nearer to 0 lies from it: above 0 once the interval leaves 0 out."""
        found = _difference(earlier, later, 1 - alpha)
        return found.low if found.value > 0 else -found.high

    if _difference(earlier, later, 0.5).value == 0 or reach(1 - _SMALLEST_P) <= 0:
        return 1.0
    if reach(_SMALLEST_P) > 0:
        return _SMALLEST_P
    return float(brentq(reach, _SMALLEST_P, 1 - _SMALLEST_P, xtol=1e-12))
