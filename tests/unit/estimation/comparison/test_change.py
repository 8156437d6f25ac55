"""Changes between two samples: the interval and the p-value tell one story."""

from math import sqrt

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from survey_app.estimation.comparison.change import measure_change
from survey_app.estimation.estimate import Estimate, Interval, IntervalMethod, Reason
from survey_app.estimation.simple_sample.index import estimate_index
from survey_app.estimation.simple_sample.proportion import estimate_proportion

Z = 1.959963984540054


def wilson(satisfied, n):
    """The share with Wilson's bounds, from the textbook."""
    p = satisfied / n
    centre, reach = p + Z**2 / (2 * n), Z * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return p, (centre - reach) / (1 + Z**2 / n), (centre + reach) / (1 + Z**2 / n)


COUNTS = st.integers(5, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, COUNTS)
def test_shares_get_newcombes_interval(first, second):
    change = measure_change(estimate_proportion(*first), estimate_proportion(*second))
    (p, low_1, high_1), (q, low_2, high_2) = wilson(*first), wilson(*second)
    assert change.value == pytest.approx(q - p)
    assert change.low == pytest.approx(q - p - sqrt((q - low_2) ** 2 + (high_1 - p) ** 2))
    assert change.high == pytest.approx(q - p + sqrt((high_2 - q) ** 2 + (p - low_1) ** 2))


@given(COUNTS, COUNTS)
def test_the_p_value_is_small_exactly_where_the_interval_leaves_zero_out(first, second):
    change = measure_change(estimate_proportion(*first), estimate_proportion(*second))
    assume(abs(change.p_value - 0.05) > 1e-6)
    assert (change.p_value < 0.05) == (change.low > 0 or change.high < 0)


@given(COUNTS, COUNTS)
def test_turning_the_years_around_turns_the_sign(first, second):
    forth = measure_change(estimate_proportion(*first), estimate_proportion(*second))
    back = measure_change(estimate_proportion(*second), estimate_proportion(*first))
    assert (back.value, back.low, back.high) == pytest.approx(
        (-forth.value, -forth.high, -forth.low)
    )
    assert back.p_value == pytest.approx(forth.p_value, abs=1e-6)


@given(COUNTS)
def test_nothing_changed(counts):
    change = measure_change(estimate_proportion(*counts), estimate_proportion(*counts))
    assert (change.value, change.p_value) == (0, 1)
    assert change.low < 0 < change.high


def index(rows):
    return estimate_index(rows, factor_of=[0, 0], roll_up="criteria_mean")


def test_a_unanimous_sample_is_not_certain():
    before, after = index([[1, 1]] * 20), index([[1, 1]] * 17 + [[0, 1]] * 3)
    assert before.standard_error == 0
    change = measure_change(before, after)
    assert change.low < change.value < change.high
    assert change.high - change.value > 0.05  # the 20 who agreed are only 20
    assert change.p_value > 0.05


def test_more_sheets_make_the_same_change_clearer():
    rows = [[1, 1]] * 8 + [[1, 0]] * 2, [[1, 1]] * 5 + [[1, 0]] * 5
    found = [measure_change(index(rows[0] * k), index(rows[1] * k)).p_value for k in (1, 4, 16)]
    assert found[0] > found[1] > found[2]


def test_an_unmistakable_change_has_the_smallest_p_value_that_is_sought():
    change = measure_change(estimate_proportion(5, 4000), estimate_proportion(3990, 4000))
    assert 0 < change.p_value <= 1e-9


@pytest.mark.parametrize(
    "wrong",
    [
        Estimate.missing(Reason.NO_ANSWER),
        Estimate(0.5, 40, 0.1, 39),
        Estimate(0.5, 4, 0.1, 3, Interval(0.4, 0.6, IntervalMethod.HYPERGEOMETRIC)),
    ],
)
def test_what_has_no_interval_of_its_own_is_refused(wrong):
    with pytest.raises(ValueError, match="interval"):
        measure_change(wrong, estimate_proportion(5, 10))
