"""Interval bounds: published values, exactness, edges and the order between methods."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from survey_app.estimation.intervals import bounds
from survey_app.estimation.intervals import interval as scalar
from survey_app.estimation.intervals.interval import korn_graubard_interval


def at(x, n):
    return np.array([x / n]), np.array([float(n)])


@pytest.mark.parametrize(("x", "n"), [(26, 31), (1, 10), (44, 45), (150, 400)])
def test_clopper_pearson_and_jeffreys_against_scipy(x, n):
    low, high = bounds.beta_bounds(*at(x, n), 0.95)
    exact = stats.binomtest(x, n).proportion_ci(method="exact")
    assert (low[0], high[0]) == pytest.approx((exact.low, exact.high), rel=1e-10)
    low, high = bounds.jeffreys_bounds(*at(x, n), 0.95)
    expected = stats.beta.ppf([0.025, 0.975], x + 0.5, n - x + 0.5)
    assert (low[0], high[0]) == pytest.approx(tuple(expected), rel=1e-10)


@pytest.mark.parametrize(("x", "n"), [(0, 12), (12, 12)])
def test_edges_are_closed_and_never_a_point(x, n):
    p, size = at(x, n)
    for low, high in (
        bounds.beta_bounds(p, size, 0.95),
        bounds.jeffreys_bounds(p, size, 0.95),
        bounds.wilson_bounds(p, size, 1.959964),
        bounds.agresti_coull_bounds(p, size, 1.959964),
    ):
        assert 0 <= low[0] < high[0] <= 1
        assert (high[0] == 1) if x else (low[0] == 0)


def test_agresti_and_coull():
    # Brown, Cai and DasGupta (2001): x~ = x + z²/2, n~ = n + z².
    low, high = bounds.agresti_coull_bounds(*at(15, 20), 1.959963984540054)
    square = 1.959963984540054**2
    centre = (15 + square / 2) / (20 + square)
    reach = np.sqrt(square * centre * (1 - centre) / (20 + square))
    assert (low[0], high[0]) == pytest.approx((centre - reach, centre + reach))


def test_what_is_not_defined_is_nan():
    p, se, t = np.array([0.0, 1.0, 0.5, np.nan]), np.array([0.1, 0.1, 0.0, 0.1]), np.full(4, 2.0)
    assert np.isnan(bounds.logit_bounds(p, se, t)).all()
    assert np.isnan(bounds.beta_bounds(np.array([np.nan, 0.5]), np.array([5.0, 0.0]), 0.95)).all()
    assert np.isnan(bounds.t_bounds(p, np.zeros(4), t)).all()
    with pytest.raises(ValueError, match="confidence"):
        bounds.tail(1.0)


@given(st.floats(0.01, 0.99), st.floats(0.001, 0.2), st.integers(2, 500), st.integers(1, 60))
def test_korn_graubard_is_never_narrower_than_all_n_independent(p, se, n, df):
    found = korn_graubard_interval(p, se, n, df)
    low, high = bounds.beta_bounds(np.array([p]), np.array([float(n)]), 0.95)
    assert found.low <= low[0] + 1e-12
    assert found.high >= high[0] - 1e-12


def test_korn_graubard_at_the_edge_asks_for_a_design_effect():
    plain = korn_graubard_interval(1.0, 0.0, 60, 12)
    clustered = korn_graubard_interval(1.0, 0.0, 60, 12, design_effect=3.0)
    assert clustered.low < plain.low < 1
    ratio = (stats.t.ppf(0.975, 59) / stats.t.ppf(0.975, 12)) ** 2
    assert clustered.low == pytest.approx(0.025 ** (1 / (20 * ratio)))
    with pytest.raises(ValueError, match="Korn-Graubard needs"):
        korn_graubard_interval(0.5, 0.1, 1, 12)


def test_single_figures_are_checked():
    for function in (
        scalar.clopper_pearson_interval,
        scalar.jeffreys_interval,
        scalar.agresti_coull_interval,
    ):
        with pytest.raises(ValueError, match="at least one answer"):
            function(0, 0)
    with pytest.raises(ValueError, match="beta needs"):
        scalar.beta_interval(1.0, 0.0, 30, 10)
    with pytest.raises(ValueError, match="positive standard error"):
        scalar.plain_t_interval(0.1, 0.0, 10)
