"""Files of rows: whatever is shown of somebody is shown of five people at least."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from survey_app.estimation.disclosure.rare_rows import hide_rare_rows
from survey_app.estimation.disclosure.small_groups import hide_small_cells

tables = st.integers(1, 4).flatmap(
    lambda columns: st.lists(
        st.lists(st.integers(0, 3), min_size=columns, max_size=columns), min_size=5, max_size=60
    )
)


def seen(keys: NDArray[np.int64]) -> Counter[tuple[int, ...]]:
    """How many rows look alike: −1 for what is withheld."""
    shown = np.where(hide_rare_rows(keys), -1, keys)
    return Counter(map(tuple, shown.tolist()))


@given(tables)
def test_every_row_looks_like_four_others(rows: list[list[int]]) -> None:
    assert min(seen(np.array(rows)).values()) >= 5


@given(tables)
def test_the_first_column_shows_what_a_report_shows(rows: list[list[int]]) -> None:
    keys = np.array(rows)
    values, counts = np.unique(keys[:, 0], return_counts=True)
    expected = dict(zip(values.tolist(), counts.tolist(), strict=True))
    if len(values) > 1:
        told = hide_small_cells(list(expected.values()))
        expected = {v: n for v, n in zip(expected, told, strict=True) if n is not None}
    hidden = hide_rare_rows(keys)
    found = Counter(keys[~hidden[:, 0], 0].tolist())
    assert found == expected


@given(tables, st.randoms())
def test_the_order_of_rows_does_not_matter(rows: list[list[int]], chance: object) -> None:
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert seen(np.array(mixed)) == seen(np.array(rows))


def test_fewer_rows_than_five_show_nothing() -> None:
    assert hide_rare_rows(np.zeros((4, 3), dtype=np.int64)).all()


def test_common_things_are_shown() -> None:
    keys = np.array([[0, 0]] * 20 + [[0, 1]] * 20 + [[1, 0]] * 20)
    assert not hide_rare_rows(keys).any()
