"""Shapley shares against all orderings of regressions, and the rescaling bootstrap."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.estimation.drivers import (
    NoAnalysis,
    Quadrant,
    driver_analysis,
    rao_wu_weights,
    shapley_parts,
)


def r_squared(x, y, w, members):
    """Of a weighted regression with a constant, by least squares on the rows themselves."""
    design = np.column_stack([np.ones(len(y)), x[:, list(members)]]) * np.sqrt(w)[:, np.newaxis]
    target = y * np.sqrt(w)
    fitted = design @ np.linalg.lstsq(design, target, rcond=None)[0]
    total = (w * (y - np.average(y, weights=w)) ** 2).sum()
    return 1 - ((target - fitted) ** 2).sum() / total


def over_all_orders(x, y, w):
    k = x.shape[1]
    parts = np.zeros(k)
    for order in itertools.permutations(range(k)):
        for place, j in enumerate(order):
            before = r_squared(x, y, w, order[:place])
            parts[j] += r_squared(x, y, w, order[: place + 1]) - before
    return parts / math.factorial(k)


def survey(seed, n=300, k=4):
    random = np.random.default_rng(seed)
    x = np.clip(random.normal(0.8, 0.15, (n, k)) + random.normal(0, 0.1, (n, 1)), 0, 1)
    shares = np.arange(1, k + 1) / np.arange(1, k + 1).sum()
    y = np.clip(0.9 * x @ shares + random.normal(0, 0.1, n), 0, 1)
    return x, y, random.uniform(0.5, 3, n)


def importances(found):
    return [driver.importance for driver in found.drivers]


class TestShares:
    @pytest.mark.parametrize("k", [1, 2, 3, 5])
    def test_average_over_all_orders(self, k):
        x, y, w = survey(seed=k, n=120, k=k)
        found = driver_analysis(x, y, weights=w, replicates=20)
        expected = over_all_orders(x, y, w)
        assert [d.contribution for d in found.drivers] == pytest.approx(expected, abs=1e-10)
        assert found.r_squared == pytest.approx(r_squared(x, y, w, range(k)), abs=1e-10)
        assert importances(found) == pytest.approx(expected / expected.sum(), abs=1e-10)
        assert sum(importances(found)) == pytest.approx(1, abs=1e-12)
        assert [d.performance for d in found.drivers] == pytest.approx(
            np.average(x, axis=0, weights=w)
        )

    def test_uncorrelated_factors_have_their_squared_correlations(self):
        covariance = np.eye(4)
        covariance[3, :3] = covariance[:3, 3] = [0.1, 0.5, 0.3]
        (parts,) = shapley_parts(covariance[np.newaxis])
        assert parts == pytest.approx([0.01, 0.25, 0.09])

    def test_ten_factors(self):
        x, y, w = survey(seed=8, k=10)
        found = driver_analysis(x, y, weights=w, replicates=20)
        assert found.r_squared == pytest.approx(r_squared(x, y, w, range(10)), abs=1e-9)
        assert sum(importances(found)) == pytest.approx(1, abs=1e-9)

    @given(st.integers(0, 50), st.permutations(range(4)))
    def test_laws(self, seed, order):
        x, y, w = survey(seed, n=60)
        found = driver_analysis(x, y, weights=w, replicates=20)
        turned = driver_analysis(x[:, order], y, weights=w, replicates=20)
        assert importances(turned) == pytest.approx([importances(found)[j] for j in order])
        scaled = driver_analysis(0.5 * x + 0.1, 1 - y, weights=7 * w, replicates=20)
        assert importances(scaled) == pytest.approx(importances(found), abs=1e-9)
        assert all(0 <= share <= 1 for share in importances(found))

    def test_a_repeated_factor_shares_with_its_twin(self):
        x, y, w = survey(seed=3)
        twice = np.column_stack([x, x[:, 0]])
        found = driver_analysis(twice, y, weights=w, replicates=20)
        assert found.drivers[0].importance == pytest.approx(found.drivers[4].importance)
        assert found.r_squared == pytest.approx(r_squared(x, y, w, range(4)), abs=1e-9)

    def test_a_constant_factor_has_no_part(self):
        x, y, w = survey(seed=3)
        x[:, 1] = 0.9
        found = driver_analysis(x, y, weights=w, replicates=20)
        assert found.drivers[1].importance == 0
        assert found.drivers[1].performance == pytest.approx(0.9)
        assert sum(importances(found)) == pytest.approx(1)


class TestMissing:
    def test_complete_respondents_only_and_said(self):
        x, y, w = survey(seed=5)
        gaps = x.copy()
        gaps[::3, 2] = np.nan
        y_gaps = y.copy()
        y_gaps[1] = np.nan
        found = driver_analysis(gaps, y_gaps, weights=w, replicates=20)
        kept = ~np.isnan(gaps).any(axis=1) & ~np.isnan(y_gaps)
        alone = driver_analysis(x[kept], y[kept], weights=w[kept], replicates=20)
        assert (found.n, found.excluded) == (kept.sum(), 300 - kept.sum())
        assert importances(found) == pytest.approx(importances(alone))
        # Performance is over everybody who answered the factor.
        assert found.drivers[0].performance == pytest.approx(np.average(x[:, 0], weights=w))

    def test_weight_zero_is_not_in_the_analysis(self):
        x, y, w = survey(seed=5)
        w[:100] = 0
        found = driver_analysis(x, y, weights=w, replicates=20)
        assert (found.n, found.excluded) == (200, 0)
        assert importances(found) == pytest.approx(
            importances(driver_analysis(x[100:], y[100:], weights=w[100:], replicates=20))
        )


class TestNoAnalysis:
    def test_too_few(self):
        x, y, _ = survey(seed=1, n=5)
        found = driver_analysis(x, y)
        assert found.reason is NoAnalysis.TOO_FEW
        assert (found.r_squared, found.drivers[0].importance, found.n) == (None, None, 5)
        assert found.drivers[0].performance == pytest.approx(x[:, 0].mean())

    def test_everybody_equally_satisfied(self):
        x, _, _ = survey(seed=1)
        assert driver_analysis(x, np.full(300, 0.7)).reason is NoAnalysis.CONSTANT
        assert driver_analysis(np.full((300, 2), 0.7), x[:, 0]).reason is NoAnalysis.CONSTANT

    def test_nothing_goes_together(self):
        x = np.array([[0.0], [0.0], [1.0], [1.0]] * 5)
        found = driver_analysis(x, [0.0, 1.0, 0.0, 1.0] * 5)
        assert (found.reason, found.r_squared) == (NoAnalysis.NO_FIT, 0)

    def test_nobody_answered(self):
        found = driver_analysis(np.full((10, 2), np.nan), np.full(10, 0.5))
        assert found.reason is NoAnalysis.TOO_FEW
        assert [d.performance for d in found.drivers] == [None, None]
        assert driver_analysis(np.zeros((0, 2)), []).reason is NoAnalysis.TOO_FEW


class TestQuadrants:
    def test_table(self):
        random = np.random.default_rng(2)
        x = random.random((500, 4)) * 0.4 + np.array([0.2, 0.6, 0.2, 0.6])
        y = x @ [0.5, 0.5, 0.05, 0.05]
        found = driver_analysis(x, y, replicates=50)
        assert [d.quadrant for d in found.drivers] == [
            Quadrant.PRIORITY,
            Quadrant.KEEP,
            Quadrant.MINOR,
            Quadrant.SUFFICIENT,
        ]
        assert all(driver.is_clear for driver in found.drivers)


class TestBootstrap:
    def test_unbiased_for_the_variance_of_a_total(self):
        """Variance over replicates of a weighted total = Σ_h n_h/(n_h-1) Σ (T - mean T)²."""
        random = np.random.default_rng(6)
        strata, clusters = np.repeat(["A", "B", "C"], [60, 40, 5]), np.arange(105) // 5
        u = random.normal(1, 1, 105)
        factors = rao_wu_weights(105, strata.tolist(), clusters.tolist(), replicates=20_000, seed=1)
        expected = 0.0
        for stratum in "AB":
            own = strata == stratum
            totals = np.array([u[clusters == c].sum() for c in np.unique(clusters[own])])
            expected += len(totals) / (len(totals) - 1) * ((totals - totals.mean()) ** 2).sum()
        totals = factors @ u
        assert totals.var() == pytest.approx(expected, rel=0.04)
        assert totals.mean() == pytest.approx(u.sum(), rel=0.02)
        assert (factors[:, 100:] == 1).all()  # C is a single cluster

    def test_clusters_are_told_apart_within_strata(self):
        factors = rao_wu_weights(4, ["A", "A", "B", "B"], [1, 2, 1, 2], replicates=200, seed=1)
        assert (factors[:, 0] != factors[:, 2]).any()

    def test_intervals(self):
        x, y, w = survey(seed=9)
        found = driver_analysis(x, y, weights=w, seed=1)
        again = driver_analysis(x, y, weights=w, seed=1)
        assert found == again != driver_analysis(x, y, weights=w, seed=2)
        for driver in found.drivers:
            assert 0 <= driver.low < driver.importance < driver.high <= 1
        narrow = driver_analysis(x, y, weights=w, seed=1, confidence=0.5)
        assert narrow.drivers[0].high < found.drivers[0].high

    def test_clusters_that_agree_widen_the_interval(self):
        x, y, _ = survey(seed=10, n=60)
        x, y = np.repeat(x, 5, axis=0), np.repeat(y, 5)
        alone = driver_analysis(x, y, seed=1)
        together = driver_analysis(x, y, clusters=(np.arange(300) // 5).tolist(), seed=1)
        widths = [[d.high - d.low for d in found.drivers] for found in (alone, together)]
        assert sum(widths[1]) > 1.7 * sum(widths[0])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"overall": [1, 2]}, "one row"),
        ({"factors": np.zeros((3, 0))}, "0 factors"),
        ({"factors": np.zeros((3, 11))}, "11 factors"),
        ({"weights": [1, 1]}, "weights"),
        ({"weights": [1, 1, -1]}, "weights"),
        ({"replicates": 5}, "replicates"),
        ({"clusters": [1, 2]}, "strata and clusters"),
        ({"confidence": 1.5}, "confidence"),
    ],
)
def test_refusals(arguments, message):
    good = {"factors": np.eye(3)[:, :1], "overall": [0.1, 0.2, 0.9]}
    with pytest.raises(ValueError, match=message):
        driver_analysis(**(good | arguments))


def test_adjusted_r_squared_and_f_test_are_those_of_least_squares():
    """R's lm(): 1 - (1 - R²)(n - 1)/(n - k - 1) and pf(F, k, n - k - 1, lower.tail = FALSE)."""
    from scipy.stats import f as f_distribution

    rng = np.random.default_rng(8)
    x = rng.random((60, 3))
    y = 0.6 * x[:, 0] + 0.4 * rng.random(60)
    found = driver_analysis(x, y, replicates=50)
    design = np.column_stack([np.ones(60), x])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    r_squared = 1 - residual @ residual / ((y - y.mean()) @ (y - y.mean()))
    assert found.r_squared == pytest.approx(r_squared)
    assert found.adjusted_r_squared == pytest.approx(1 - (1 - r_squared) * 59 / 56)
    statistic = (r_squared / 3) / ((1 - r_squared) / 56)
    assert found.p_value == pytest.approx(f_distribution.sf(statistic, 3, 56))


def test_equal_factors_are_seldom_told_apart():
    """All shares are 1/4 in truth; a clear one in at most about one analysis of twenty."""
    rng = np.random.default_rng(9)
    clear = 0
    for _ in range(60):
        x = rng.normal(size=(150, 4)) + rng.normal(size=(150, 1))
        y = x.sum(axis=1) + 3 * rng.normal(size=150)
        x, y = (0.5 + np.tanh(part / 6) / 2 for part in (x, y))
        found = driver_analysis(x, y, replicates=200, seed=int(rng.integers(1 << 30)))
        clear += any(driver.is_clear for driver in found.drivers)
    assert clear <= 9
