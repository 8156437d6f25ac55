"""Fay-Herriot against the model's own formulas in matrices, and a simulation of its use."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.estimation.small_area import fay_herriot, smoothed_variances


def areas(seed, m=25, between=0.04):
    random = np.random.default_rng(seed)
    x = random.normal(0, 1, m)
    truth = 0.85 + 0.03 * x + random.normal(0, between, m)
    d = random.uniform(0.0004, 0.004, m)
    return truth + random.normal(0, np.sqrt(d)), d, x, truth


def model(found):
    return np.array([area.model for area in found.areas])


class TestAgainstMatrices:
    """y ~ N(Xβ, A I + D): the best linear unbiased predictor written as one matrix expression."""

    @given(st.integers(0, 200))
    def test_estimates(self, seed):
        y, d, x, _ = areas(seed)
        found = fay_herriot(y, d, covariates=x)
        a = found.model_variance
        design = np.column_stack([np.ones(25), x])
        v = np.linalg.inv(a * np.eye(25) + np.diag(d))
        beta = np.linalg.solve(design.T @ v @ design, design.T @ v @ y)
        assert found.coefficients == pytest.approx(beta, rel=1e-9)
        predicted = design @ beta + a * v @ (y - design @ beta)
        assert model(found) == pytest.approx(predicted, rel=1e-9)
        statistic = ((y - design @ beta) ** 2 / (a + d)).sum()
        assert statistic == pytest.approx(23, rel=1e-8) if a > 0 else statistic <= 23

    def test_mean_squared_error_with_a_known_is_gls(self):
        """g1 + g2 is the prediction variance of the mixed-model equations (Henderson)."""
        y, d, x, _ = areas(4)
        found = fay_herriot(y, d, covariates=x)
        a = found.model_variance
        design = np.column_stack([np.ones(25), x])
        left = np.block(
            [
                [design.T / d @ design, design.T / d],
                [np.diag(1 / d) @ design, np.diag(1 / d + 1 / a)],
            ]
        )
        inverse = np.linalg.inv(left)
        both = np.column_stack([design, np.eye(25)])
        henderson = np.einsum("ij,jk,ik->i", both, inverse, both)
        total = a + d
        first, second = (1 / total).sum(), (1 / total**2).sum()
        g3 = d**2 / total**3 * 2 * 25 / first**2
        bias = 2 * (25 * second - first**2) / first**3
        expected = henderson + 2 * g3 - (d / total) ** 2 * bias
        assert [area.model_error**2 for area in found.areas] == pytest.approx(expected, rel=1e-9)


class TestLaws:
    @given(st.integers(0, 200))
    def test_lies_between_direct_and_synthetic(self, seed):
        y, d, x, _ = areas(seed, m=8)
        found = fay_herriot(y, d, covariates=x)
        for area in found.areas:
            low, high = sorted([area.direct, area.synthetic])
            assert low - 1e-12 <= area.model <= high + 1e-12
            assert 0 <= area.gamma <= 1
            assert area.model_error > 0
        order = np.argsort(d)
        assert (np.diff([found.areas[i].gamma for i in order]) <= 1e-12).all()

    def test_areas_alike_are_pooled(self):
        found = fay_herriot([0.9, 0.901, 0.899, 0.9], [0.01, 0.02, 0.01, 0.02])
        assert found.model_variance == 0
        assert model(found) == pytest.approx([0.9] * 4, abs=1e-3)
        assert {area.gamma for area in found.areas} == {0}

    def test_exact_areas_speak_for_themselves(self):
        y, _, _, _ = areas(1)
        found = fay_herriot(y, np.full(25, 1e-9))
        assert model(found) == pytest.approx(y, abs=1e-5)
        assert found.areas[0].model_error == pytest.approx(np.sqrt(1e-9), rel=0.01)

    def test_only_under_thirty_answers(self):
        found = fay_herriot([0.9, 0.8, 0.7, 0.9], [0.01] * 4, answers=[5, 29, 30, 200])
        assert [area.is_shown for area in found.areas] == [True, True, False, False]


def test_the_error_falls_and_the_intervals_hold():
    """150 provinces of 40 communes with some 5 answers each: as measured for the method."""
    random = np.random.default_rng(12)
    direct_errors, model_errors, covered = [], [], []
    for _ in range(150):
        x = random.normal(0, 1, 40)
        truth = 0.90 + 0.032 * x + random.normal(0, 0.024, 40)
        d = random.uniform(0.003, 0.006, 40)
        y = truth + random.normal(0, np.sqrt(d))
        found = fay_herriot(y, d, covariates=x)
        estimates = model(found)
        errors = np.array([area.model_error for area in found.areas])
        direct_errors.append(np.mean((y - truth) ** 2))
        model_errors.append(np.mean((estimates - truth) ** 2))
        covered.append(np.mean(np.abs(estimates - truth) <= 1.96 * errors))
    assert np.mean(model_errors) < 0.4 * np.mean(direct_errors)
    assert 0.92 < np.mean(covered) < 0.985


class TestSmoothedVariances:
    def test_one_variance_between_respondents(self):
        # S² = (8 · 9 · .02 + 4 · 5 · 0)/12 = 0.12
        nan = float("nan")
        found = smoothed_variances([0.02, 0.0, nan], [9, 5, 1])
        assert found == pytest.approx([0.12 / 9, 0.12 / 5, 0.12])

    def test_finite_populations(self):
        plain = smoothed_variances([0.02, 0.01], [10, 20])
        corrected = smoothed_variances([0.01, 0.005], [10, 20], populations=[20, 40])
        assert corrected == pytest.approx(plain / 2)
        census = smoothed_variances([0.02, 0.0], [10, 5], populations=[1000, 5])
        assert census[1] == 0

    def test_equal_areas_keep_their_variance(self):
        assert smoothed_variances([0.01] * 3, [15] * 3) == pytest.approx([0.01] * 3)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([0.1], [1, 2]), "each area"),
            (([0.1], [0]), "at least 1"),
            (([-0.1], [5]), "not negative"),
            (([float("nan"), 0.1], [5, 1]), "no area"),
        ],
    )
    def test_refusals(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            smoothed_variances(*arguments)

    def test_population_smaller_than_the_answers(self):
        with pytest.raises(ValueError, match="populations"):
            smoothed_variances([0.1], [5], populations=[4])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"variances": [0.01] * 4}, "each area"),
        ({"variances": [0.01] * 4 + [0.0]}, "positive"),
        ({"estimates": [0.9] * 4 + [float("nan")]}, "finite"),
        ({"covariates": [1.0, 2.0]}, "one row"),
        ({"covariates": [1.0] * 5}, "dependent"),
        ({"covariates": np.eye(5)[:, :2]}, "too few"),
        ({"answers": [1, 2]}, "answers"),
    ],
)
def test_refusals(arguments, message):
    good = {"estimates": [0.9, 0.8, 0.7, 0.9, 0.6], "variances": [0.01] * 5}
    with pytest.raises(ValueError, match=message):
        fay_herriot(**(good | arguments))
