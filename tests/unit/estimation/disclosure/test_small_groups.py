"""Hidden cells against a reader who knows the total and the rule and solves for the rest."""

from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.estimation.disclosure.small_groups import (
    MINIMUM_BASE,
    hide_small_cells,
    is_reportable,
    withhold,
)
from survey_app.estimation.estimate import Estimate, Reason


def tables(cells, total):
    """Every table with this many cells and this total."""
    if cells == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in tables(cells - 1, total - first):
            yield (first, *rest)


def assert_nothing_recoverable(candidates):
    """No hidden cell has a single possible value among the tables that look alike."""
    looks = defaultdict(list)
    for table in candidates:
        looks[hide_small_cells(table)].append(table)
    for published, possible in looks.items():
        for cell, shown in enumerate(published):
            if shown is None:
                values = {table[cell] for table in possible}
                assert len(values) > 1, (published, possible)


@pytest.mark.parametrize(
    ("cells", "largest_total"), [(2, 80), (3, 45), (4, 26), (5, 17), (6, 13), (7, 11)]
)
def test_no_reader_recovers_a_hidden_cell(cells, largest_total):
    for total in range(1, largest_total + 1):
        assert_nothing_recoverable(tables(cells, total))


@st.composite
def tables_with_small_cells(draw):
    small = draw(st.lists(st.integers(1, MINIMUM_BASE - 1), min_size=1, max_size=3))
    rest = draw(st.lists(st.integers(0, 60), min_size=3 - len(small), max_size=4 - len(small)))
    return tuple(draw(st.permutations(small + rest)))


@given(tables_with_small_cells())
def test_the_attackers_system_has_more_than_one_solution(table):
    """Solve for the hidden cells of one table: they sum to the rest, and the rule hides them."""
    if len(table) < 2:
        return
    published = hide_small_cells(table)
    hidden = [cell for cell, shown in enumerate(published) if shown is None]
    rest = sum(table[cell] for cell in hidden)
    values = [set() for _ in hidden]
    for solution in tables(len(hidden), rest) if len(hidden) < 4 else tables_of_few(hidden, table):
        candidate = list(table)
        for cell, value in zip(hidden, solution, strict=True):
            candidate[cell] = value
        if hide_small_cells(candidate) == published:
            for seen, value in zip(values, solution, strict=True):
                seen.add(value)
    assert all(len(seen) > 1 for seen in values)


def tables_of_few(hidden, table):
    """Enough solutions where all are too many: the hidden values or (1, T-1, 0 ..), turned."""
    values = [table[cell] for cell in hidden]
    shifted = [1, sum(values) - 1] + [0] * (len(values) - 2)
    for start in (values, shifted):
        for turn in range(len(start)):
            yield tuple(start[turn:] + start[:turn])


@given(st.lists(st.integers(0, 200), min_size=2, max_size=12))
def test_laws(counts):
    published = hide_small_cells(counts)
    hidden = [c for c, shown in zip(counts, published, strict=True) if shown is None]
    assert all(shown in (None, count) for count, shown in zip(counts, published, strict=True))
    assert all(shown is None for c, shown in zip(counts, published, strict=True) if 0 < c < 5)
    if not any(0 < count < 5 for count in counts):
        assert not hidden
    else:
        assert len(hidden) >= 2
        assert sum(hidden) >= MINIMUM_BASE or len(hidden) == len(counts)
        shown_positive = [shown for shown in published if shown]
        if shown_positive:
            assert max(hidden) < min(shown_positive)


@pytest.mark.parametrize(
    ("counts", "published"),
    [
        ((31, 12, 3), (31, None, None)),
        ((31, 0, 12), (31, 0, 12)),
        ((0, 0), (0, 0)),
        ((), ()),
        ((40, 0, 2, 1, 20), (40, 0, None, None, None)),  # 2 and 1 are too few together
        ((40, 3, 2, 20), (40, None, None, 20)),
        ((40, 3, 3, 20), (40, None, None, None)),  # equal ones tell each other
        ((4, 4, 5), (None, None, None)),
        ((1, 1, 1, 1, 1), (None, None, None, None, None)),
        ((2, 1, 1, 1, 0), (None, None, None, None, None)),  # or else the line above is solved
        ((3, 0, 0), (None, None, None)),
        ((3,), (None,)),
        ((7,), (7,)),
    ],
)
def test_examples(counts, published):
    assert hide_small_cells(counts) == published


def test_another_minimum():
    assert hide_small_cells((40, 9, 20), minimum=10) == (40, None, None)
    assert hide_small_cells((40, 1, 20), minimum=1) == (40, 1, 20)


def test_negative_counts_are_refused():
    with pytest.raises(ValueError, match="fewer than 0"):
        hide_small_cells((3, -1))


class TestWithhold:
    def test_minimum_base(self):
        assert not is_reportable(4)
        assert is_reportable(5)
        assert withhold(Estimate(0.5, n=5)) == Estimate(0.5, n=5)
        assert withhold(Estimate(0.5, n=4)) == Estimate.missing(Reason.TOO_FEW, 4)

    def test_hidden_in_its_table(self):
        assert withhold(Estimate(0.5, n=50), hidden=True).reason is Reason.SUPPRESSED

    def test_nobody_answered_stays_nobody(self):
        assert withhold(Estimate.missing(Reason.NO_ANSWER)).reason is Reason.NO_ANSWER
