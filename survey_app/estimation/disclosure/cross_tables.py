"""Protecting small groups in a cross table: cells hidden so that no margin brings them back."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_app.estimation.disclosure.small_groups import MINIMUM_BASE

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Outcome(StrEnum):
    """What protecting a table came to."""

    SAFE = "safe"  # nothing had to be hidden
    PROTECTED = "protected"  # some cells are hidden
    WITHHELD = "withheld"  # every cell is hidden


@dataclass(frozen=True)
class ProtectedTable:
    """A cross table fit for publishing with its margins; what is hidden is None.

    cells: shape (rows, columns). row_totals, column_totals: the margins, hidden where the input
    said so. total: everybody in the table.
    """

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int
    outcome: Outcome


def protect_table(
    counts: ArrayLike,
    *,
    hidden_rows: Collection[int] = (),
    hidden_columns: Collection[int] = (),
    free_rows: Collection[int] = (),
    free_columns: Collection[int] = (),
    minimum: int = MINIMUM_BASE,
) -> ProtectedTable:
    """A cross table with cells hidden so that its margins and total do not bring them back.

    Let n_ij be the counts, R_i and C_j the margins, T the total. What a reader of the published
    table knows of the table x is the linear system

        x_ij = n_ij where shown,   Σ_j x_ij = R_i,   Σ_i x_ij = C_j where the margin is shown,
        Σ_{i hidden} Σ_j x_ij = T - Σ_{i shown} R_i (columns alike),   x_ij whole and >= 0

    Hidden outright (primary):

    - cells 1 .. minimum - 1;
    - every cell, zeros too, of a row or column whose margin is hidden, or is shown and under
      ``minimum``: so small a group is not broken down.

    Then further cells are hidden (secondary) until the reader's interval [min x_ij, max x_ij] of
    every hidden cell, and of every hidden margin, is at least min(minimum, w_ij) wide, where w_ij
    is the width that the margins alone leave: for shown margins
    ``min(R_i, C_j) - max(0, R_i + C_j - T)``. (A shown margin of 2 cannot leave more than 2: there
    the cross table tells nothing that the margins do not.) Where w_ij = 0 for a cell that must be
    hidden no hiding helps, and the whole table is withheld.

    Which ones: for one unprotected cell after the other, the cheapest way to move x_ij by what is
    missing, a linear programme

        min Σ cost_ij |d_ij|   with   n + d solving the system with no cell shown,  d_ij given

    where a hidden cell costs nothing, another its count, and more than any count a zero (a reader
    may know that it must be 0) and a free cell (with it the base of its line's shares is lost): the
    cells it moves are hidden. n + d is at once the proof that
    x_ij may have that value. At last the cells of each such step, then each secondary cell, the
    dearest first, are shown again if all stay protected without them. The constraints are two
    laminar families of cells, so the matrix is totally unimodular (Edmonds 1970): bounds of the
    linear programme are bounds in whole numbers, and each number between them is possible.

    counts: shape (rows, columns), whole numbers. hidden_rows, hidden_columns: positions whose
    margin is not published (``small_groups.hide_small_cells``).
    free_rows, free_columns: positions that are no group of people ("no answer"): a small cell
    there is not hidden for its own sake. The result does not depend on the order of rows and
    columns where no two of a kind hold the same numbers; it is deterministic always.

    Assumptions: the margins are published once, here or elsewhere, as told by ``hidden_rows`` and
    ``hidden_columns``; each person is in one cell. Not proven, though tested for small tables: that
    a reader who runs this very algorithm on every table the system allows learns no more.
    Raises ValueError for negative counts and for counts without two dimensions.

    References: Cox (1980), Suppression methodology and statistical disclosure control, JASA 75,
    377-385; Kelly, Golden, Assad (1992), Cell suppression: disclosure protection for sensitive
    tabular data, Networks 22, 397-417; Fischetti & Salazar (2001), Solving the cell suppression
    problem on tabular data with linear constraints, Management Science 47, 1008-1027; Hundepool
    et al. (2012), *Statistical Disclosure Control*, ch. 4.

    >>> protect_table([[20, 3, 9], [14, 8, 11], [30, 12, 10]]).cells
    ((20, None, None), (14, None, None), (30, 12, 10))
    >>> protect_table([[20, 7, 0], [14, 8, 11]]).outcome.value
    'safe'
    >>> protect_table([[9, 2], [0, 0]]).outcome.value
    'withheld'
    """
    n = np.asarray(counts, dtype=np.int64)
    if n.ndim != 2:
        raise ValueError("a cross table has rows and columns")
    if (n < 0).any():
        raise ValueError("a table counts no fewer than 0 people")
    shape = (n, _marked(hidden_rows, n.shape[0]), _marked(hidden_columns, n.shape[1]))
    free = (_marked(free_rows, n.shape[0]), _marked(free_columns, n.shape[1]))
    order = _canonical_order(*shape, *free)
    hidden = np.empty(n.shape, dtype=np.bool_)
    hidden[np.ix_(*order)] = _hidden_cells(*_reordered(order, shape, free), minimum)
    return _published(n, hidden, shape[1], shape[2])


def _published(n: Counts, hidden: Mask, hidden_rows: Mask, hidden_columns: Mask) -> ProtectedTable:
    outcome = Outcome.PROTECTED if hidden.any() else Outcome.SAFE
    return ProtectedTable(
        cells=tuple(_line(*pair) for pair in zip(n, hidden, strict=True)),
        row_totals=_line(n.sum(axis=1), hidden_rows),
        column_totals=_line(n.sum(axis=0), hidden_columns),
        total=int(n.sum()),
        outcome=Outcome.WITHHELD if hidden.any() and hidden.all() else outcome,
    )


def _line(counts: Counts, hidden: Mask) -> tuple[int | None, ...]:
    return tuple(None if h else int(c) for c, h in zip(counts, hidden, strict=True))


def _marked(places: Collection[int], size: int) -> Mask:
    found = np.zeros(size, dtype=np.bool_)
    found[list(places)] = True
    return found


# ── an order of rows and columns that says nothing of where they stood ────────────────────────

Order = tuple[NDArray[np.intp], NDArray[np.intp]]
Shape = tuple[Counts, Mask, Mask]


def _canonical_order(n: Counts, rows: Mask, columns: Mask, free_r: Mask, free_c: Mask) -> Order:
    """Rows and columns by what they hold: equal tables in another order are treated alike."""

    def by_content(lines: Counts, hidden: Mask, free: Mask) -> NDArray[np.intp]:
        keys = [
            (bool(hidden[i]), bool(free[i]), int(line.sum()), sorted(line.tolist()))
            for i, line in enumerate(lines)
        ]
        return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)

    return by_content(n, rows, free_r), by_content(n.T, columns, free_c)


def _reordered(order: Order, shape: Shape, free: tuple[Mask, Mask]) -> tuple["_Margins", Mask]:
    """The table in canonical order, and which of its cells are nobody's (free)."""
    row, column = order
    n, hidden_rows, hidden_columns = shape
    nobody = free[0][row][:, np.newaxis] | free[1][column][np.newaxis, :]
    return _Margins(n[np.ix_(row, column)], hidden_rows[row], hidden_columns[column]), nobody


# ── what a reader knows ───────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class _Margins:
    """The true table, and which of its margins a reader does not see."""

    n: Counts
    hidden_rows: Mask
    hidden_columns: Mask

    def equations(self) -> Floats:
        """One line for each sum that is known, over the cells row by row."""
        rows, columns = self.n.shape
        lines = []
        for hidden, axis in ((self.hidden_rows, 0), (self.hidden_columns, 1)):
            for members in _known_sums(hidden):
                block = np.zeros((rows, columns))
                block[(members, slice(None)) if axis == 0 else (slice(None), members)] = 1
                lines.append(block.ravel())
        return np.array(lines)

    def bounds(self) -> tuple[Counts, Counts]:
        """What the margins alone say of each cell."""
        rows, row_alone = _group_sums(self.n.sum(axis=1), self.hidden_rows)
        columns, column_alone = _group_sums(self.n.sum(axis=0), self.hidden_columns)
        both = rows[:, np.newaxis] + columns[np.newaxis, :] - self.n.sum()
        alone = row_alone[:, np.newaxis] & column_alone[np.newaxis, :]
        low = np.where(alone, np.maximum(both, 0), 0)
        return low, np.minimum(rows[:, np.newaxis], columns[np.newaxis, :])


def _known_sums(hidden: Mask) -> Iterator[NDArray[np.intp]]:
    """Positions whose margin is shown, each alone; those hidden together."""
    for place in np.flatnonzero(~hidden):
        yield np.array([place])
    if hidden.any():
        yield np.flatnonzero(hidden)


def _group_sums(margins: Counts, hidden: Mask) -> tuple[Counts, Mask]:
    """For each position the known sum it is part of, and whether it is that sum alone."""
    sums = np.where(hidden, margins[hidden].sum(), margins)
    return sums, ~hidden | (hidden.sum() == 1)


# ── hiding ────────────────────────────────────────────────────────────────────────────────────


def _hidden_cells(margins: _Margins, nobody: Mask, minimum: int) -> Mask:
    n = margins.n
    if not n.size:
        return np.zeros(n.shape, dtype=np.bool_)
    low, high = margins.bounds()
    wanted = (n > 0) & (n < minimum) & ~nobody | _not_broken_down(margins, nobody, minimum)
    told = wanted & (low == high)
    if (told & (n > 0)).any() or _margin_is_told(margins):
        return np.ones(n.shape, dtype=np.bool_)
    must: Mask = wanted & ~told
    if not must.any():
        return must
    return _Search(margins, must, nobody, minimum).run()


def _not_broken_down(margins: _Margins, nobody: Mask, minimum: int) -> Mask:
    """Cells of rows and columns whose margin is hidden or small."""

    def small(sums: Counts, hidden: Mask, free: NDArray[np.bool_] | np.bool_) -> Mask:
        return hidden | ((sums > 0) & (sums < minimum) & ~free)

    n = margins.n
    rows = small(n.sum(axis=1), margins.hidden_rows, np.all(nobody, axis=1))
    columns = small(n.sum(axis=0), margins.hidden_columns, np.all(nobody, axis=0))
    return rows[:, np.newaxis] | columns[np.newaxis, :]


def _margin_is_told(margins: _Margins) -> bool:
    """A margin hidden alone is the total less the others."""
    return any(int(hidden.sum()) == 1 for hidden in (margins.hidden_rows, margins.hidden_columns))


@dataclass(frozen=True, eq=False)
class _Target:
    """Cells (flat positions) whose sum must stay unknown: one cell, or the row of a margin."""

    cells: NDArray[np.intp]
    low: int
    high: int
    width: int


class _Search:
    """Finds the cells to hide. ``witnesses``: tables that a reader cannot exclude, shape
    (found, cells), first of them the true one; what they show of a target needs no proof."""

    def __init__(self, margins: _Margins, must: Mask, nobody: Mask, minimum: int) -> None:
        self.n = margins.n.ravel()
        self.shape = margins.n.shape
        self.equations = margins.equations()
        self.must, self.hidden = must.ravel(), must.ravel().copy()
        cheap = (self.n > 0) & ~nobody.ravel()
        self.costs = np.where(cheap, self.n, self.n.max() + 1).astype(np.float64)
        self.witnesses = self.n[np.newaxis, :]
        self.targets = tuple(_targets(margins, minimum))

    def run(self) -> Mask:
        """The cells to hide, shape (rows, columns)."""
        moves: list[NDArray[np.intp]] = []
        while (target := self._unprotected()) is not None:
            moves += self._protect(target)
        for cells in reversed(moves):
            self._show_again(cells)
        dearest = np.argsort(-self.costs, kind="stable")
        for cell in dearest[(self.hidden & ~self.must)[dearest]]:
            self._show_again(np.array([cell]))
        return self.hidden.reshape(self.shape)

    def _unprotected(self) -> _Target | None:
        for target in self.targets:
            if self.hidden[target.cells].all() and not _is_wide(target, self.witnesses):
                return target
        return None

    def _protect(self, target: _Target) -> Iterator[NDArray[np.intp]]:
        """Hide what it takes that the target may lie ``width`` apart: upwards as far as the
        margins allow, downwards for the rest. Yields the cells hidden at each step."""
        tables = np.vstack([*self._extremes(target, self.hidden)])
        self.witnesses = np.vstack([self.witnesses, tables])
        least, most = tables[:, target.cells].sum(axis=1)
        up = min(int(least) + target.width, target.high)
        if up > most:
            yield self._move(target, up)
        down = up - target.width
        if down < least:
            yield self._move(target, down)

    def _move(self, target: _Target, value: int) -> NDArray[np.intp]:
        """Hide what moves in the cheapest table in which the target has this value."""
        goal = np.zeros(len(self.n))
        goal[target.cells] = 1
        system = np.vstack([self.equations, goal])
        right = np.zeros(len(system))
        right[-1] = value - self.n[target.cells].sum()
        costs = np.where(self.hidden, 0.0, self.costs)
        moved = _solve(
            np.concatenate([costs, costs]),
            np.hstack([system, -system]),
            right,
            [(0, None)] * len(self.n) + [(0, int(most)) for most in self.n],
        )
        change = moved[: len(self.n)] - moved[len(self.n) :]
        fresh = np.flatnonzero((change != 0) & ~self.hidden)
        self.hidden[fresh] = True
        self.witnesses = np.vstack([self.witnesses, self.n + change])
        return fresh

    def _show_again(self, cells: NDArray[np.intp]) -> None:
        """Show these cells if everything hidden stays protected without them."""
        hidden = self.hidden.copy()
        hidden[cells] = False
        found = self.witnesses[(self.witnesses[:, cells] == self.n[cells]).all(axis=1)]
        for target in self.targets:
            if not hidden[target.cells].all() or _is_wide(target, found):
                continue
            found = np.vstack([found, *self._extremes(target, hidden)])
            if not _is_wide(target, found):
                return
        self.hidden, self.witnesses = hidden, found

    def _extremes(self, target: _Target, hidden: Mask) -> Iterator[Counts]:
        """Tables with the least and the most a reader must allow the target."""
        places = np.flatnonzero(hidden)
        system = self.equations[:, places]
        right = system @ self.n[places]
        for sign in (1.0, -1.0):
            costs = np.where(np.isin(places, target.cells), sign, 0.0)
            table = self.n.copy()
            table[places] = _solve(costs, system, right, (0, None))
            yield table


def _targets(margins: _Margins, minimum: int) -> Iterator[_Target]:
    """Cells and hidden margins with what the margins alone leave to each; those that leave
    nothing have no width to keep."""
    low, high = margins.bounds()
    places = np.arange(margins.n.size).reshape(margins.n.shape)
    for place in places.ravel():
        least, most = int(low.flat[place]), int(high.flat[place])
        yield _Target(np.array([place]), least, most, min(minimum, most - least))
    for lines, free, sums, hidden in (
        (places, low < high, margins.n.sum(axis=1), margins.hidden_rows),
        (places.T, (low < high).T, margins.n.sum(axis=0), margins.hidden_columns),
    ):
        whole = int(sums[hidden].sum())
        for place in np.flatnonzero(hidden):
            yield _Target(lines[place][free[place]], 0, whole, min(minimum, whole))


def _is_wide(target: _Target, witnesses: Counts) -> bool:
    values = witnesses[:, target.cells].sum(axis=1)
    return int(values.max() - values.min()) >= target.width


def _solve(
    costs: Floats,
    equations: Floats,
    right: Floats,
    bounds: Sequence[tuple[int, int | None]] | tuple[int, None],
) -> Counts:
    """A vertex of least cost: whole numbers, as the matrix is totally unimodular."""
    from scipy.optimize import linprog

    found = linprog(costs, A_eq=equations, b_eq=right, bounds=bounds, method="highs-ds")
    if not found.success:
        raise ArithmeticError(f"the linear programme of a table failed: {found.message}")
    whole = np.rint(np.asarray(found.x, dtype=np.float64))
    if not np.array_equal(equations @ whole, right):
        raise ArithmeticError("the linear programme of a table has no whole solution")
    return whole.astype(np.int64)
