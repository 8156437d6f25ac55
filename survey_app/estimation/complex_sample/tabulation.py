"""One pass over the answers: weighted sums by cell and question, from which all else follows.

Σ w a, Σ w s by (domain, cluster, question) are sufficient for the estimates and for the variance
of every design of ultimate clusters. Where rows are the clusters, and for a second stage, a pass
over the rows adds Σ u²; it also counts who answered anything of a factor and gives design effects.

Questions of one factor are counted together where the rows are many: four questions of three
levels are one column of 81 levels (:mod:`~survey_app.estimation.complex_sample.joint_items`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.complex_sample.items import Item
from survey_app.estimation.complex_sample.joint_items import JointItem, join_items
from survey_app.estimation.complex_sample.survey_design import SurveyDesign
from survey_app.estimation.complex_sample.variance import Cells, Codes, Floats, sum_by
from survey_app.estimation.labels import compress

Mask = NDArray[np.bool_]

#: Rows looked at together; small enough for their working arrays to stay in the cache.
_CHUNK = 16_384
#: Multiplications that OpenBLAS does in one thread: in a product with a matrix, with a column.
_ONE_THREAD, _ONE_THREAD_COLUMN = 250_000, 9_000


@dataclass(frozen=True, eq=False)
class Rows:
    """The rows in any of the domains, with their weights and cells.

    rows: their positions, or None for all of them. cell, domain, weights: shape (r,).
    """

    cells: Cells
    rows: Codes | None
    cell: Codes
    domain: Codes
    weights: Floats
    positive: Mask | None  # None: every weight is positive

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.cells.domain)

    def blocks(self, items: Sequence[Item], factor_of: Codes, groups: int) -> list[JointItem]:
        """The questions joined as far as a count by ``groups`` stays shorter than the rows."""
        if self.rows is not None:
            items = [replace(item, codes=item.codes[self.rows]) for item in items]
        return join_items(items, factor_of, len(self.cell) // max(groups, 1))


def place_rows(design: SurveyDesign, domain: Codes, domains: int) -> Rows:
    """Which cell each row is in. domain: shape (n,), 0 .. domains-1, and -1 for rows in none."""
    rows = None if domain.min(initial=0) >= 0 else np.flatnonzero(domain >= 0)
    unit = design.strata if design.clusters is None else design.clusters
    weights, positive = design.weights, design.positive
    if rows is not None:
        unit, weights, positive = unit[rows], weights[rows], positive[rows]
        domain = domain[rows]
    units = design.strata_count if design.clusters is None else design.clusters_count
    code, _, pairs = compress(domain * units + unit if domains > 1 else unit)
    cells = Cells(design, pairs // units, pairs % units, domains)
    return Rows(cells, rows, code, domain, weights, None if positive.all() else positive)


@dataclass(frozen=True, eq=False)
class ItemSums:
    """Sums by cell and question, each of shape (L, Q).

    answers: rows of positive weight with an answer; rows: of any weight. s, a, ss: Σ w s, Σ w a,
    Σ w s².
    squared: Σ w² s², Σ w² s, Σ w² a where the variance needs them.
    """

    answers: Floats
    rows: Floats
    s: Floats
    a: Floats
    ss: Floats
    squared: tuple[Floats, Floats, Floats] | None


def needs_squares(design: SurveyDesign) -> bool:
    """Whether the variance needs Σ u² of the rows."""
    return design.clusters is None or design.second_stage is not None


def sum_items(placed: Rows, items: Sequence[Item], factor_of: Codes) -> ItemSums:
    """The sums of every question by cell."""
    design = placed.cells.design
    blocks = placed.blocks(items, factor_of, placed.size)
    s, a = (np.empty((placed.size, len(items))) for _ in range(2))
    # Scores of 0 and 1 are their own squares: the same array is written twice.
    shares = all((item.scores**2 == item.scores).all() for item in items)
    ss = s if shares else np.empty_like(a)
    rows = np.empty_like(a)
    answers = rows if placed.positive is None else np.empty_like(a)
    squared = None
    squared_weights = None
    if needs_squares(design):
        squared_weights = placed.weights**2
        squared = (np.empty_like(a), np.empty_like(a), np.empty_like(a))
    for block in blocks:
        at = block.questions
        sums = _CellSums(placed, block)
        sums.add(None, block.answered, (rows[:, at],))
        if placed.positive is not None:
            sums.add(placed.positive, block.answered, (answers[:, at],))
        sums.add(placed.weights, block.moments, (ss[:, at], s[:, at], a[:, at]))
        if squared is not None:
            sums.add(squared_weights, block.moments, tuple(part[:, at] for part in squared))
    return ItemSums(answers, rows, s, a, ss, squared)


class _CellSums:
    """Sums by cell of what the levels of a block stand for."""

    def __init__(self, placed: Rows, block: JointItem) -> None:
        self.placed, self.block = placed, block
        # Counting is for scales; the numbers of a scale of very many levels are summed as such.
        self.counts = placed.size * block.levels <= 4 * len(placed.cell) + 100_000
        self.index = placed.cell * block.levels + block.codes if self.counts else placed.cell

    def add(self, weights: Floats | Mask | None, values: Floats, targets: Sequence[Floats]) -> None:
        """Weighted sums of the columns of ``values``, shape (K, E), spread over the targets."""
        size, levels = self.placed.size, self.block.levels
        if self.counts:
            count = np.bincount(self.index, weights, size * levels).reshape(size, levels)
            found = product(count.astype(np.float64, copy=False), values)
        else:
            by_row = values[self.block.codes]
            found = sum_by(
                by_row if weights is None else by_row * weights[:, np.newaxis], self.index, size
            )
        width = found.shape[1] // len(targets)
        for place, target in enumerate(targets):
            target[:] = found[:, place * width : (place + 1) * width]


def product(count: Floats, values: Floats) -> Floats:
    """count @ values, in parts so small that BLAS does not wait for threads on busy machines."""
    most = _ONE_THREAD if values.shape[1] > 1 else _ONE_THREAD_COLUMN
    step = 1 + most // values.size
    if len(count) <= step:
        return count @ values
    result = np.empty((len(count), values.shape[1]))
    for start in range(0, len(count), step):
        part = slice(start, start + step)
        np.matmul(count[part], values, out=result[part])
    return result


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """What a row adds to linearised variables: the coefficients, by domain.

    values: one table per question, shape (D, K): c (s - R a) / Σ w a by domain and code.
    factor_of: the factor of each question. mixes: shape (D, F, M), linear forms as mixtures of
    the factors. pooled: I and Σ w a of each domain, shape (D,), or None.
    """

    values: Sequence[Floats]
    factor_of: Codes
    mixes: Floats
    pooled: tuple[Floats, Floats] | None

    @property
    def factors(self) -> int:
        return int(self.mixes.shape[1])

    @property
    def columns(self) -> int:
        """How many indices there are: factors, mixed forms, pooled."""
        return self.factors + int(self.mixes.shape[2]) + (self.pooled is not None)

    def of_block(self, block: JointItem) -> Floats:
        """What each level adds to its factor and to every form: shape (D K, 1 + M (+ 1)).

        The first row belongs to level 0 in domain 0, the second to level 1 in domain 0.
        """
        at = block.questions
        own = np.concatenate(self.values[at], axis=1)
        if block.composition is not None:
            own = product(own, block.composition)
        result = np.empty((*own.shape, 1 + self.columns - self.factors))
        result[:, :, 0] = own
        for form, mix in enumerate(self.mixes[:, self.factor_of[at.start]].T, start=1):
            result[:, :, form] = own * mix[:, np.newaxis]
        if self.pooled is not None:
            value, weight = (part[:, np.newaxis] for part in self.pooled)
            scores, answered = block.scores.sum(axis=1), block.answered.sum(axis=1)
            result[:, :, -1] = (scores - value * answered) / weight
        return result.reshape(own.size, -1)


@dataclass(frozen=True, eq=False)
class IndexSums:
    """By row sums for E = F + M (+ 1 if pooled) indices.

    answers: shape (L, F + 1), rows of positive weight that answered anything of each factor, and
    of all. rows: shape (D, F + 1), the same of any weight. weight: shape (D, F + 1), their
    weight. wzz: shape (D, E), Σ w z². squared: shape
    (L, E), Σ w² z², where the variance needs it.
    """

    answers: Floats
    rows: Floats
    weight: Floats
    wzz: Floats
    squared: Floats | None


def sum_indices(placed: Rows, items: Sequence[Item], table: ScoreTable) -> IndexSums:
    """The pass over the rows, chunk by chunk."""
    domains = placed.cells.domains
    shape = (domains, table.columns)
    result = IndexSums(
        answers=np.zeros((placed.size, table.factors + 1)),
        rows=np.zeros((domains, table.factors + 1)),
        weight=np.zeros((domains, table.factors + 1)),
        wzz=np.zeros(shape),
        squared=np.zeros((placed.size, shape[1])) if needs_squares(placed.cells.design) else None,
    )
    blocks = placed.blocks(items, table.factor_of, domains)
    tables = [table.of_block(block) for block in blocks]
    total = len(placed.cell)
    step = max(_CHUNK, placed.size)
    for start in range(0, total, step):
        part = slice(start, min(start + step, total))
        _add_chunk(placed, blocks, table, tables, part, result)
    if placed.positive is None:
        result.rows[:] = placed.cells.sum_domains(result.answers)
    return result


def _add_chunk(
    placed: Rows,
    blocks: Sequence[JointItem],
    table: ScoreTable,
    tables: Sequence[Floats],
    part: slice,
    result: IndexSums,
) -> None:
    domain = placed.domain[part]
    length, domains = len(domain), placed.cells.domains
    z = np.zeros((table.columns, length))
    answered = np.zeros((table.factors + 1, length), dtype=np.bool_)
    forms = np.zeros((length, 1 + table.columns - table.factors))
    for block, values in zip(blocks, tables, strict=True):
        factor = table.factor_of[block.questions.start]
        codes = block.codes[part]
        added = values.take(codes if domains == 1 else domain * block.levels + codes, axis=0)
        z[factor] += added[:, 0]
        forms += added
        answered[factor] |= block.any_answer.take(codes)
    z[table.factors :] = forms[:, 1:].T
    np.logical_or.reduce(answered[:-1], axis=0, out=answered[-1])
    _accumulate(result, z, answered, placed, part)


def _accumulate(result: IndexSums, z: Floats, answered: Mask, placed: Rows, part: slice) -> None:
    domain, cell, w = placed.domain[part], placed.cell[part], placed.weights[part]
    positive = None if placed.positive is None else placed.positive[part]
    for column, mask in enumerate(answered):
        counted = mask if positive is None else mask & positive
        result.answers[:, column] += np.bincount(cell, counted, placed.size)
        if positive is not None:
            result.rows[:, column] += np.bincount(domain, mask, placed.cells.domains)
        result.weight[:, column] += np.bincount(domain, w * mask, placed.cells.domains)
    for column, values in enumerate(z):
        weighted = w * values
        result.wzz[:, column] += np.bincount(domain, weighted * values, placed.cells.domains)
        if result.squared is not None:
            result.squared[:, column] += np.bincount(cell, weighted**2, placed.size)
