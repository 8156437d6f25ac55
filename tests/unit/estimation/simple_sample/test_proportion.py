"""The share satisfied and the mean of one question."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.estimation.estimate import IntervalMethod, Reason
from survey_app.estimation.simple_sample.proportion import estimate_mean, estimate_proportion
from survey_app.estimation.simple_sample.tally import Tally

#: Sở TN&MT Bà Rịa–Vũng Tàu, 2022: 31 sheets.
BA_RIA = Tally((0, 0, 5, 16, 10))


class TestProportion:
    def test_ba_ria(self):
        estimate = estimate_proportion(26, BA_RIA.n)
        assert round(estimate.value * 100, 2) == 83.87
        assert estimate.n == 31
        assert estimate.df == 30
        assert estimate.standard_error == pytest.approx(math.sqrt(26 / 31 * 5 / 31 / 30))
        assert estimate.interval.method is IntervalMethod.WILSON
        assert estimate.reason is None

    def test_finite_population_correction(self):
        unlimited = estimate_proportion(26, 31).standard_error
        estimate = estimate_proportion(26, 31, population=60)
        assert estimate.standard_error == pytest.approx(unlimited * math.sqrt(29 / 60))
        assert estimate.interval.method is IntervalMethod.HYPERGEOMETRIC

    def test_census(self):
        estimate = estimate_proportion(26, 31, population=31)
        assert estimate.value == 26 / 31
        assert estimate.standard_error == 0
        assert estimate.interval is None
        assert estimate.is_census
        assert estimate.reason is None

    def test_all_satisfied_is_not_certainty(self):
        estimate = estimate_proportion(31, 31, population=60)
        assert estimate.standard_error == 0
        assert estimate.interval.low < 1
        assert not estimate.is_census

    def test_nobody_answered(self):
        estimate = estimate_proportion(0, 0, population=60)
        assert estimate.value is None
        assert estimate.reason is Reason.NO_ANSWER

    @pytest.mark.parametrize("population", [None, 60])
    def test_one_answer(self, population):
        estimate = estimate_proportion(1, 1, population=population)
        assert (estimate.standard_error, estimate.df) == (None, None)
        assert estimate.reason is Reason.ONE_ANSWER
        assert estimate.interval.low < 0.21

    def test_more_answers_than_dossiers(self):
        with pytest.raises(ValueError, match="number of dossiers"):
            estimate_proportion(26, 31, population=30)

    @pytest.mark.parametrize(("satisfied", "n"), [(-1, 3), (4, 3), (0, -1)])
    def test_impossible_counts(self, satisfied, n):
        with pytest.raises(ValueError, match="not between"):
            estimate_proportion(satisfied, n)

    @given(st.integers(2, 300), st.integers(0, 300), st.data())
    def test_mirrors(self, n, others, data):
        x = data.draw(st.integers(0, n))
        one = estimate_proportion(x, n, population=n + others)
        other = estimate_proportion(n - x, n, population=n + others)
        assert one.standard_error == pytest.approx(other.standard_error)
        assert one.standard_error == pytest.approx(
            math.sqrt(others / (n + others) * (x / n) * (1 - x / n) / (n - 1))
        )


class TestMean:
    def test_ba_ria(self):
        estimate = estimate_mean(BA_RIA)
        assert round(estimate.value * 100, 2) == 83.23
        scores = [0.6] * 5 + [0.8] * 16 + [1.0] * 10
        spread = sum((s - 129 / 155) ** 2 for s in scores)
        assert estimate.standard_error == pytest.approx(math.sqrt(spread / (31 * 30)))
        assert estimate.interval.method is IntervalMethod.LOGIT_T
        assert estimate.interval.low < estimate.value < estimate.interval.high

    def test_ba_ria_numbers(self):
        """The worked example of docs/methodology.md."""
        interval = estimate_mean(BA_RIA).interval
        assert (round(interval.low, 4), round(interval.high, 4)) == (0.7756, 0.8769)
        interval = estimate_mean(BA_RIA, population=60).interval
        assert (round(interval.low, 4), round(interval.high, 4)) == (0.7942, 0.8645)

    def test_two_levels_have_the_spread_of_a_proportion(self):
        mean = estimate_mean(Tally((5, 26)), population=60)
        share = estimate_proportion(26, 31, population=60)
        assert mean.standard_error == pytest.approx(share.standard_error / 2)

    def test_everybody_chose_the_same_level(self):
        estimate = estimate_mean(Tally((0, 0, 31, 0, 0)))
        assert estimate.value == 0.6
        assert estimate.standard_error == 0
        assert estimate.interval.method is IntervalMethod.BOUNDARY
        assert estimate.interval.low < 0.6 < estimate.interval.high

    def test_census_none_and_one(self):
        assert estimate_mean(BA_RIA, population=31).is_census
        assert estimate_mean(Tally((0, 0, 0, 0, 0))).reason is Reason.NO_ANSWER
        one = estimate_mean(Tally((0, 0, 0, 1, 0)), population=60)
        assert one.reason is Reason.ONE_ANSWER
        assert one.standard_error is None
        assert one.interval.method is IntervalMethod.BOUNDARY

    def test_impossible_tally(self):
        with pytest.raises(ValueError, match="fewer than 0"):
            estimate_mean(Tally((-1, 3)))
        with pytest.raises(ValueError, match="number of dossiers"):
            estimate_mean(BA_RIA, population=30)
