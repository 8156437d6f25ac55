"""Pearson's test: the same numbers as scipy's, and honest about small expected counts."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from survey_app.estimation.comparison.independence import pearson_test


@st.composite
def tables(draw):
    columns = draw(st.integers(2, 5))
    line = st.lists(st.integers(0, 40), min_size=columns, max_size=columns)
    return np.array(draw(st.lists(line, min_size=2, max_size=5)))


@given(tables())
def test_statistic_df_and_p_are_scipys(counts):
    assume(counts.sum(axis=0).all() and counts.sum(axis=1).all())
    found, other = pearson_test(counts), chi2_contingency(counts, correction=False)
    assert found is not None
    assert found.statistic == pytest.approx(other.statistic, abs=1e-9)
    assert found.df == other.dof
    assert found.p_value == pytest.approx(other.pvalue, abs=1e-12)
    assert found.smallest_expected == pytest.approx(other.expected_freq.min())
    assert found.small_cells == (other.expected_freq < 5).sum()
    assert 0 <= found.cramers_v <= 1 + 1e-12


@given(tables())
def test_lines_of_nobody_change_nothing(counts):
    wider = np.pad(counts, ((0, 1), (1, 0)))
    assert pearson_test(wider) == pearson_test(counts)


def test_cochrans_rule():
    assert pearson_test([[20, 20], [20, 20]]).is_reliable
    # One expected count of ten may be under 5, and none under 1.
    assert pearson_test([[30, 4], [30, 5]]).small_cells == 2
    assert not pearson_test([[30, 4], [30, 5]]).is_reliable
    assert not pearson_test([[1, 0, 20, 20, 20, 20], [0, 30, 20, 20, 20, 20]]).is_reliable


@pytest.mark.parametrize("counts", [[[5, 6]], [[5], [6]], [[5, 0], [6, 0]], [[0, 0], [0, 0]]])
def test_one_line_has_nothing_to_compare(counts):
    assert pearson_test(counts) is None


@pytest.mark.parametrize("counts", [[1, 2], [[1, -1], [2, 2]]])
def test_what_is_no_table_is_refused(counts):
    with pytest.raises(ValueError, match="cross table"):
        pearson_test(counts)
