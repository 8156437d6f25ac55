"""Quantiles of many Beta distributions: against scipy's, one at a time, and the definition."""

import numpy as np
import pytest
from scipy.special import betainc, betaincinv

from survey_app.estimation.intervals.beta import _invert, beta_quantile


@pytest.mark.parametrize("probability", [1e-6, 0.0005, 0.005, 0.025, 0.05, 0.4])
@pytest.mark.parametrize("most", [3.0, 60.0, 900.0, 50_000.0])
def test_quantiles_are_those_of_scipy(probability, most):
    rng = np.random.default_rng(3)
    n = rng.uniform(1, most, 4_000)
    share = np.concatenate([rng.random(2_000), 1 - 10 ** -rng.uniform(0, 5, 2_000)])
    for a in (n * share, n * (1 - share)):
        a = np.maximum(a, 1e-3)
        b = np.maximum(n - a, 1e-3) + 0.5
        x = beta_quantile(a, b, probability)
        expected = betaincinv(a, b, probability)
        assert x == pytest.approx(expected, rel=2e-12, abs=1e-300)
        sure = (x > 1e-200) & (x < 1)
        assert betainc(a, b, x)[sure] == pytest.approx(probability, rel=1e-9)


def test_most_shapes_do_without_scipy():
    rng = np.random.default_rng(4)
    a, b = rng.uniform(0.5, 500, (2, 5_000))
    assert np.isfinite(_invert(a, b + 1, 0.025)).all()


def test_few_numbers_and_none_at_all():
    assert beta_quantile(np.array([1.0]), np.array([1.0]), 0.025)[0] == pytest.approx(0.025)
    assert beta_quantile(np.empty(0), np.empty(0), 0.025).shape == (0,)
    assert beta_quantile(np.full(99, 2.0), np.full(99, 3.0), 0.0).tolist() == [0.0] * 99
