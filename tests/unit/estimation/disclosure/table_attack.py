"""A reader who wants the hidden numbers back: everything published as equations, then solved.

Written without the code it attacks: it knows only sums of cells and their published values.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import LinearConstraint, milp

Cell = tuple[int, int]


@dataclass
class Reader:
    """Collects what is published about a table of ``rows`` × ``columns`` cells."""

    rows: int
    columns: int
    sums: list[tuple[frozenset[Cell], int]] = field(default_factory=list)

    def learn(self, cells: Iterable[Cell], value: int | None) -> None:
        """The cells sum to this value; nothing is learnt from a hidden one."""
        if value is not None:
            self.sums.append((frozenset(cells), value))

    def row(self, i: int) -> list[Cell]:
        return [(i, j) for j in range(self.columns)]

    def column(self, j: int) -> list[Cell]:
        return [(i, j) for i in range(self.rows)]

    def read(self, cells, row_totals, column_totals, total) -> "Reader":
        """A cross table with its margins."""
        for i, line in enumerate(cells):
            for j, value in enumerate(line):
                self.learn([(i, j)], value)
        for i, value in enumerate(row_totals):
            self.learn(self.row(i), value)
        for j, value in enumerate(column_totals):
            self.learn(self.column(j), value)
        self.learn([(i, j) for i in range(self.rows) for j in range(self.columns)], total)
        return self

    @property
    def system(self) -> tuple[np.ndarray, np.ndarray]:
        matrix = np.zeros((len(self.sums), self.rows * self.columns))
        for line, (cells, _) in zip(matrix, self.sums, strict=True):
            for i, j in cells:
                line[i * self.columns + j] = 1
        return matrix, np.array([float(value) for _, value in self.sums])

    def vector(self, cells: Iterable[Cell]) -> np.ndarray:
        found = np.zeros(self.rows * self.columns)
        for i, j in cells:
            found[i * self.columns + j] = 1
        return found

    def subtracts(self, cells: Sequence[Cell]) -> bool:
        """Whether the cells' sum follows from the equations alone, by adding and subtracting."""
        matrix, _ = self.system
        rank = np.linalg.matrix_rank(matrix)
        return np.linalg.matrix_rank(np.vstack([matrix, self.vector(cells)])) == rank

    def interval(self, cells: Sequence[Cell]) -> tuple[int, int]:
        """The least and the most that whole numbers >= 0 allow, by integer programming."""
        matrix, right = self.system
        goal = self.vector(cells)
        ends = [
            milp(
                sign * goal,
                constraints=LinearConstraint(matrix, right, right),
                integrality=np.ones(len(goal)),
            )
            for sign in (1.0, -1.0)
        ]
        assert all(end.success for end in ends)
        return round(ends[0].fun), round(-ends[1].fun)

    def tables(self) -> list[tuple[int, ...]]:
        """Every table that fits, by trying all: for small ones only."""
        limits = [
            min((v for cells, v in self.sums if (i, j) in cells), default=0)
            for i in range(self.rows)
            for j in range(self.columns)
        ]
        sums = [
            (sorted(i * self.columns + j for i, j in cells), value) for cells, value in self.sums
        ]
        found: list[tuple[int, ...]] = []
        self._extend([], limits, sums, found)
        return found

    def _extend(self, table, limits, sums, found) -> None:
        place = len(table)
        if place == len(limits):
            found.append(tuple(table))
            return
        for value in range(limits[place] + 1):
            table.append(value)
            if all(self._may_hold(table, cells, total) for cells, total in sums):
                self._extend(table, limits, sums, found)
            table.pop()

    @staticmethod
    def _may_hold(table, cells, total) -> bool:
        known = sum(table[c] for c in cells if c < len(table))
        return known == total if cells[-1] < len(table) else known <= total
