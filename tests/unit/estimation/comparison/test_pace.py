"""Lateness: exact tails, all units of a list together, and no blame for small differences."""

import pytest
from scipy.stats import binom, binomtest

from survey_app.estimation.comparison.comparisons import binomial_tail
from survey_app.estimation.comparison.pace import find_late


def test_the_tail_is_that_of_an_exact_test() -> None:
    """Between the two counts the one-sided test at 5 % turns; a single unit has no adjustment."""
    for needed, share in ((40, 0.5), (96, 0.25), (385, 0.1)):
        turns = [
            binomtest(count, needed, share, alternative="less").pvalue <= 0.05
            and count < 0.8 * needed * share
            for count in range(needed)
        ]
        assert [find_late([c], [needed], share)[0] for c in range(needed)] == turns
        assert turns[0]
        assert not turns[-1]


def test_among_many_units_one_needs_more_to_be_late() -> None:
    assert find_late([13], [40], 0.5) == (True,)
    assert not any(find_late([13] + [20] * 19, [40] * 20, 0.5))
    assert find_late([3] + [20] * 19, [40] * 20, 0.5)[0]


def test_a_small_difference_is_no_lateness_however_sure() -> None:
    assert find_late([4_600], [10_000], 0.5) == (False,)
    assert find_late([3_900], [10_000], 0.5) == (True,)


def test_when_the_period_is_over_whoever_is_short_is_late() -> None:
    assert find_late([99, 100, 101], [100] * 3, 1) == (True, False, False)


def test_nobody_is_late_before_it_begins_or_when_nothing_can_be_said() -> None:
    assert find_late([0], [100], 0) == (False,)
    assert find_late([0], [10], 0.2) == (False,)  # P(Bin(10; 0.2) = 0) = 0.107
    assert find_late([], [], 0.5) == ()


@pytest.mark.parametrize(
    ("counts", "required", "share"), [([1], [1], 1.1), ([-1], [1], 0.5), ([1], [0], 0.5)]
)
def test_nonsense_is_refused(counts: list[int], required: list[int], share: float) -> None:
    with pytest.raises(ValueError, match=r"share|counts"):
        find_late(counts, required, share)


def test_the_binomial_tail_is_scipys() -> None:
    for n, share in ((1, 0.5), (40, 0.0), (385, 0.1), (5_000, 0.73), (12, 1.0)):
        counts = range(0, n + 3, max(1, n // 7))
        expected = [binom.cdf(count, n, share) for count in counts]
        assert [binomial_tail(c, n, share) for c in counts] == pytest.approx(expected, rel=1e-10)
