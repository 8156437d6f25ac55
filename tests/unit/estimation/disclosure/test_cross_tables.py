"""Cross tables against an independent reader who solves for what is hidden."""

import itertools
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from survey_app.estimation.disclosure.cross_tables import Outcome, ProtectedTable, protect_table
from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE, hide_small_cells
from tests.unit.estimation.disclosure.table_attack import Reader

COUNT = st.one_of(
    st.integers(0, 8), st.integers(0, 60), st.just(0), st.integers(1, MINIMUM_BASE - 1)
)


@st.composite
def tables(draw, most=5):
    rows, columns = draw(st.integers(1, most)), draw(st.integers(1, most))
    line = st.lists(COUNT, min_size=columns, max_size=columns)
    return np.array(draw(st.lists(line, min_size=rows, max_size=rows)))


def hidden_margins(counts):
    """Positions that the rule of one-way tables hides, rows and columns."""
    return [
        [k for k, shown in enumerate(hide_small_cells(sums.tolist())) if shown is None]
        for sums in (counts.sum(axis=1), counts.sum(axis=0))
    ]


def reader_of(published: ProtectedTable) -> Reader:
    reader = Reader(len(published.cells), len(published.cells[0]))
    return reader.read(
        published.cells, published.row_totals, published.column_totals, published.total
    )


def only_margins(published: ProtectedTable) -> Reader:
    """A reader who has not seen the cross table."""
    nothing = [[None] * len(line) for line in published.cells]
    reader = Reader(len(nothing), len(nothing[0]))
    return reader.read(nothing, published.row_totals, published.column_totals, published.total)


def hidden_things(published: ProtectedTable, reader: Reader):
    """Every hidden cell, and every hidden margin, as the cells it sums."""
    for i, line in enumerate(published.cells):
        yield from ([(i, j)] for j, value in enumerate(line) if value is None)
    yield from (reader.row(i) for i, v in enumerate(published.row_totals) if v is None)
    yield from (reader.column(j) for j, v in enumerate(published.column_totals) if v is None)


def assert_withstands(published: ProtectedTable, reader: Reader | None = None) -> None:
    """No subtraction gives a hidden number, and each keeps the width the margins leave it."""
    reader, before = reader or reader_of(published), only_margins(published)
    for cells in hidden_things(published, reader):
        low, high = reader.interval(cells)
        if high - low < MINIMUM_BASE:
            least, most = before.interval(cells)
            assert high - low >= min(MINIMUM_BASE, most - least), (published, cells)
        if high == low:
            assert most == least  # the margins alone tell it
        else:
            assert not reader.subtracts(cells), (published, cells)


def small(counts, free_rows=(), free_columns=()):
    return {
        (i, j)
        for i, line in enumerate(counts)
        for j, count in enumerate(line)
        if 0 < count < MINIMUM_BASE and i not in free_rows and j not in free_columns
    }


def hidden_cells(published):
    return {
        (i, j)
        for i, line in enumerate(published.cells)
        for j, value in enumerate(line)
        if value is None
    }


# ── the laws ──────────────────────────────────────────────────────────────────────────────────


@settings(max_examples=40)
@given(tables(), st.booleans())
def test_suppression_is_never_undone(counts, by_rule):
    rows, columns = hidden_margins(counts) if by_rule else ([], [])
    published = protect_table(counts, hidden_rows=rows, hidden_columns=columns)
    assert small(counts) <= hidden_cells(published)
    assert_withstands(published)


@settings(max_examples=25)
@given(tables(most=3))
def test_every_table_that_fits_is_counted(counts):
    """The same by trying all whole numbers: no solver, no theorem."""
    counts = np.minimum(counts, 9)
    rows, columns = hidden_margins(counts)
    published = protect_table(counts, hidden_rows=rows, hidden_columns=columns)
    reader, before = reader_of(published), only_margins(published)
    fits, fitted = np.array(reader.tables()), np.array(before.tables())
    assert (fits == counts.ravel()).all(axis=1).any()
    for i, j in hidden_cells(published):
        values = set(fits[:, i * counts.shape[1] + j])
        allowed = set(fitted[:, i * counts.shape[1] + j])
        assert values == set(range(min(values), max(values) + 1))
        assert max(values) - min(values) >= min(MINIMUM_BASE, max(allowed) - min(allowed))


@settings(max_examples=30)
@given(tables(most=4), st.data())
def test_the_union_with_the_one_way_tables_is_not_undone(counts, data):
    """Both questions' one-way tables stand beside the cross table; some skipped a question."""
    skipped_columns = data.draw(st.lists(st.integers(0, 3), min_size=len(counts)))
    full = np.hstack([counts, np.array(skipped_columns[: len(counts)])[:, np.newaxis]])
    skipped = data.draw(st.lists(st.integers(0, 3), min_size=full.shape[1], max_size=full.shape[1]))
    full = np.vstack([full, skipped])
    # A scale's margin is shown whole, that of a choice by the rule of one-way tables.
    one_way = [
        sums.tolist() if data.draw(st.booleans()) else hide_small_cells(sums.tolist())
        for sums in (full.sum(axis=1)[:-1], full.sum(axis=0)[:-1])
    ]
    hidden = [[k for k, shown in enumerate(table) if shown is None] for table in one_way]
    free = {"free_rows": [len(full) - 1], "free_columns": [full.shape[1] - 1]}
    published = protect_table(full, hidden_rows=hidden[0], hidden_columns=hidden[1], **free)
    reader = reader_of(published)
    lines = (reader.row, reader.column)
    for position, (table, line) in enumerate(zip(one_way, lines, strict=True)):
        for place, shown in enumerate(table):
            reader.learn(line(place), shown)
        base = int(full.sum() - full.sum(axis=1 - position)[-1])
        reader.learn([cell for k in range(len(table)) for cell in line(k)], base)
    assert_withstands(published, reader)
    assert small(full, *free.values()) <= hidden_cells(published)


@settings(max_examples=40)
@given(st.lists(COUNT, min_size=2, max_size=8))
def test_one_way_tables_are_not_undone_either(counts):
    shown = hide_small_cells(counts)
    reader = Reader(1, len(counts)).read([shown], [sum(counts)], [None] * len(counts), sum(counts))
    for place, value in enumerate(shown):
        if value is None:
            low, high = reader.interval([(0, place)])
            assert not reader.subtracts([(0, place)])
            assert high - low >= min(MINIMUM_BASE, sum(counts))


@settings(max_examples=40)
@given(tables(most=4), st.data())
def test_the_order_of_rows_and_columns_changes_nothing(counts, data):
    for lines in (counts, counts.T):
        content = [(int(line.sum()), sorted(line.tolist())) for line in lines]
        assume(all(content.count(key) == 1 for key in content))
    rows = data.draw(st.permutations(range(counts.shape[0])))
    columns = data.draw(st.permutations(range(counts.shape[1])))
    plain = np.array(protect_table(counts).cells, dtype=object)
    turned = protect_table(counts[np.ix_(rows, columns)])
    assert np.array_equal(plain[np.ix_(rows, columns)], np.array(turned.cells, dtype=object))


@settings(max_examples=25)
@given(tables(most=4), st.data())
def test_tables_in_any_order_are_protected_alike(counts, data):
    """Where rows hold the same numbers other cells may be hidden, never less safely."""
    doubled = np.vstack([counts, counts[0][::-1]])
    rows = data.draw(st.permutations(range(len(doubled))))
    turned = protect_table(doubled[rows])
    assert {(rows[i], j) for i, j in hidden_cells(turned)} >= small(doubled)
    assert turned.outcome is protect_table(doubled).outcome
    assert_withstands(turned)


@settings(max_examples=40)
@given(tables())
def test_what_is_shown_is_true_and_the_same_twice(counts):
    published = protect_table(counts)
    assert published == protect_table(counts.tolist())
    assert published.total == counts.sum()
    for line, truth in zip(published.cells, counts.tolist(), strict=True):
        assert all(shown in (None, count) for shown, count in zip(line, truth, strict=True))


@given(tables())
def test_safe_tables_stay_untouched(counts):
    safe = np.where((counts > 0) & (counts < MINIMUM_BASE), MINIMUM_BASE, counts)
    published = protect_table(safe)
    assert published.outcome is Outcome.SAFE
    assert np.array_equal(np.array(published.cells), safe)


@settings(max_examples=15)
@given(tables(most=4))
def test_no_secondary_cell_is_hidden_for_nothing(counts):
    """Each secondary cell, shown again alone, would leave something unprotected."""
    published = protect_table(counts)
    assume(published.outcome is Outcome.PROTECTED)
    sums = counts.sum(axis=1), counts.sum(axis=0)
    for i, j in hidden_cells(published) - small(counts):
        if min(sums[0][i], sums[1][j]) < MINIMUM_BASE:
            continue  # in a row or column too small to be broken down
        cells = [list(line) for line in published.cells]
        cells[i][j] = int(counts[i, j])
        weaker = ProtectedTable(
            tuple(map(tuple, cells)),
            published.row_totals,
            published.column_totals,
            published.total,
            published.outcome,
        )
        with pytest.raises(AssertionError):
            assert_withstands(weaker)


def test_a_reader_who_runs_the_algorithm_learns_nothing_of_small_tables():
    """Every 2 × 2 table of 12 people, protected: those that look alike differ in each hidden cell
    but where the margins alone tell it."""
    looks = defaultdict(list)
    for cells in itertools.product(range(13), repeat=3):
        if sum(cells) <= 12:
            table = (*cells, 12 - sum(cells))
            looks[protect_table(np.reshape(table, (2, 2)))].append(table)
    for published, alike in looks.items():
        before = only_margins(published)
        for i, j in hidden_cells(published):
            if len({table[2 * i + j] for table in alike}) == 1:
                low, high = before.interval([(i, j)])
                assert low == high


# ── by hand ───────────────────────────────────────────────────────────────────────────────────


def test_zeros_are_shown_where_they_are_not_needed():
    published = protect_table([[20, 3, 9, 0], [14, 8, 11, 0], [30, 12, 10, 40]])
    assert published.cells[0] == (20, None, None, 0)
    assert published.cells[2][3] == 40


def test_zeros_of_a_group_too_small_are_hidden():
    """Both of two people are in one cell: its zeros would say where they are."""
    published = protect_table([[2, 0, 0], [20, 30, 9], [31, 12, 10]])
    assert published.cells[0] == (None, None, None)


def test_zeros_are_a_last_resort():
    """The 4 has no cells but zeros beside it in its column: some of these must help."""
    published = protect_table([[30, 0, 0], [0, 25, 0], [0, 19, 4]], hidden_columns=[])
    assert published.cells[2][2] is None
    assert_withstands(published)
    published = protect_table([[30, 10, 0], [10, 25, 11], [12, 19, 4]])
    assert published.cells[0][2] == 0
    assert_withstands(published)


def test_a_hidden_margin_is_not_broken_down():
    published = protect_table([[2, 1], [4, 5], [30, 40]], hidden_rows=[0, 1])
    assert published.row_totals == (None, None, 70)
    assert published.cells == ((None, None), (None, None), (30, 40))


def test_a_margin_hidden_alone_is_no_secret_so_nothing_is_shown():
    assert protect_table([[9, 8], [7, 6]], hidden_rows=[0]).outcome is Outcome.WITHHELD


def test_where_the_margins_tell_everything_the_table_is_withheld():
    assert protect_table([[9, 2], [0, 0]]).outcome is Outcome.WITHHELD
    assert protect_table([[3]]).outcome is Outcome.WITHHELD


def test_nobody_is_protected_in_a_free_row():
    counts = [[20, 30], [1, 2]]
    assert protect_table(counts, free_rows=[1]).outcome is Outcome.SAFE
    assert protect_table(counts).cells[1] == (None, None)


def test_another_minimum():
    assert protect_table([[9, 20], [20, 30]]).outcome is Outcome.SAFE
    assert protect_table([[9, 20], [20, 30]], minimum=10).outcome is Outcome.WITHHELD


def test_nothing_to_protect():
    assert protect_table([[0, 0], [0, 0]]).outcome is Outcome.SAFE
    assert protect_table(np.zeros((2, 0))).outcome is Outcome.SAFE


@pytest.mark.parametrize("counts", [[1, 2], [[1, -2]]])
def test_what_is_no_table_is_refused(counts):
    with pytest.raises(ValueError, match="table"):
        protect_table(counts)
