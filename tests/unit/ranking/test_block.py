"""A block of units: stabilised errors, the mean, differences from it, against plain algebra."""

import math

import numpy as np
import pytest

from survey_app.estimation.estimate import Estimate, IntervalMethod
from survey_app.estimation.simple_sample.index import estimate_index
from survey_app.estimation.simple_sample.stabilised import stabilised_index_error
from survey_app.ranking.block import block_mean, differences_from_mean
from survey_app.ranking.rank_sets import stabilised_standard_error


@pytest.mark.parametrize("population", [None, 100])
@pytest.mark.parametrize("satisfied", [0, 1, 20, 44, 45])
def test_of_a_share_it_is_the_stabilised_error_of_a_share(
    satisfied: int, population: int | None
) -> None:
    n = 45
    left = 1 - n / population if population else 1
    p = satisfied / n
    usual = math.sqrt(left * p * (1 - p) / (n - 1))
    found = stabilised_index_error(p, usual, n, population)
    assert found == pytest.approx(stabilised_standard_error(satisfied, n, population), rel=1e-12)


def test_it_is_the_error_of_the_sheets_with_four_more() -> None:
    scores = np.random.default_rng(1).uniform(size=(40, 1))
    usual = estimate_index(scores, factor_of=[0], roll_up="criteria_mean", population=90)
    assert usual.value is not None and usual.standard_error is not None
    more = np.append(scores[:, 0], [0, 0, 1, 1])
    expected = math.sqrt((1 - 40 / 90) * more.var() / 44)
    found = stabilised_index_error(usual.value, usual.standard_error, 40, 90)
    assert found == pytest.approx(expected, rel=1e-9)


def test_only_a_census_has_no_error() -> None:
    assert stabilised_index_error(0.9, 0.0, 60, 60) == 0.0
    assert stabilised_index_error(1.0, 0.0, 59, 60) > 0


@pytest.mark.parametrize(
    ("value", "error", "n", "population"),
    [(1.1, 0.0, 9, None), (0.5, -1.0, 9, None), (0.5, 0.0, 1, None), (0.5, 0.0, 9, 8)],
)
def test_impossible_figures_are_refused(
    value: float, error: float, n: int, population: int | None
) -> None:
    with pytest.raises(ValueError, match=r"needed|smaller"):
        stabilised_index_error(value, error, n, population)


def test_differences_have_the_variance_of_their_contrasts() -> None:
    errors = np.array([0.01, 0.03, 0.02, 0.05])
    weights = np.array([10.0, 20.0, 30.0, 15.0])
    contrasts = np.eye(4) - weights / weights.sum()
    expected = np.sqrt((contrasts**2) @ errors**2)
    values = np.array([0.9, 0.8, 0.7, 0.95])
    found = differences_from_mean(values, errors, weights)
    assert found.standard_errors == pytest.approx(expected, rel=1e-12)
    assert found.values == pytest.approx(contrasts @ values, rel=1e-12)


def test_equal_units_do_not_differ_even_without_error() -> None:
    found = differences_from_mean([0.9, 0.9, 0.9], [0.0, 0.0, 0.0], [1, 1, 1])
    assert found.p_values.tolist() == [1.0, 1.0, 1.0]
    certain = differences_from_mean([0.9, 0.8], [0.0, 0.0], [1, 1])
    assert certain.p_values.tolist() == [0.0, 0.0]


def estimate(value: float, n: int = 40) -> Estimate:
    return estimate_index(
        np.full((n, 1), value), factor_of=[0], roll_up="criteria_mean", population=None
    )


def test_a_mean_of_full_houses_still_has_an_interval() -> None:
    mean = block_mean([estimate(1.0), estimate(1.0)], [0.03, 0.03], [1, 1])
    assert mean.value == 1.0 and mean.interval is not None
    assert mean.interval.method is IntervalMethod.BOUNDARY
    assert mean.interval.low == pytest.approx(0.025 ** (1 / 40)) and mean.interval.high == 1.0


def test_a_mean_of_censuses_is_one() -> None:
    mean = block_mean([Estimate(0.9, 50), Estimate(0.8, 50)], [0.0, 0.0], [3, 1])
    assert (mean.value, mean.is_census, mean.interval) == (0.875, True, None)


def test_weights_must_be_positive() -> None:
    for weights in ([], [1.0, 0.0], [1.0, math.nan]):
        with pytest.raises(ValueError, match="positive"):
            differences_from_mean([0.5] * len(weights), [0.1] * len(weights), weights)
