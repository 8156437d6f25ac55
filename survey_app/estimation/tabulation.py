"""One pass over the answers: weighted sums by cell and question, from which all else follows.

Σ w a, Σ w s by (domain, cluster, question) are sufficient for the estimates and for the variance
of every design of ultimate clusters. Where rows are the clusters, and for a second stage, a pass
over the rows adds Σ u²; it also counts who answered anything of a factor and gives design effects.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.items import Item
from survey_app.estimation.labels import compress
from survey_app.estimation.survey_design import SurveyDesign
from survey_app.estimation.variance import Cells, Codes, Floats, sum_by

#: Rows looked at together; small enough for their working arrays to stay in the cache.
_CHUNK = 16_384


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
    positive: NDArray[np.bool_] | None  # None: every weight is positive

    def codes_of(self, item: Item) -> NDArray[np.unsignedinteger]:
        return item.codes if self.rows is None else item.codes[self.rows]

    @property
    def size(self) -> int:
        """Number of cells."""
        return len(self.cells.domain)


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


def sum_items(placed: Rows, items: Sequence[Item]) -> ItemSums:
    """The sums of every question by cell."""
    shape = (placed.size, len(items))
    answers, rows, s, a, ss = (np.empty(shape) for _ in range(5))
    squared = None
    squared_weights = None
    if needs_squares(placed.cells.design):
        squared_weights = placed.weights**2
        squared = (np.empty(shape), np.empty(shape), np.empty(shape))
    bases: dict[int, Codes] = {}
    for k, item in enumerate(items):
        levels = len(item.scores)
        if levels not in bases:
            bases = {levels: placed.cell * levels}
        sums = _sums_of_levels(placed, item, squared_weights, bases[levels])
        rows[:, k], answers[:, k] = sums[0][:, 1], sums[-1][:, 1]
        ss[:, k], s[:, k], a[:, k] = sums[1][:, 2], sums[1][:, 0], sums[1][:, 1]
        if squared is not None:
            for target, column in zip(squared, (2, 0, 1), strict=True):
                target[:, k] = sums[2][:, column]
    return ItemSums(answers, rows, s, a, ss, squared)


def _sums_of_levels(
    placed: Rows, item: Item, squared_weights: Floats | None, base: Codes
) -> list[Floats]:
    """Σ s, Σ a, Σ s² by cell: of all rows, weighted, (if given) with squared weights, and last of
    the rows of positive weight where some have none."""
    codes = placed.codes_of(item)
    moments = np.column_stack([item.scores, item.answered, item.scores**2])
    levels = len(item.scores)
    size = placed.size
    weightings: list[Floats | None] = [None, placed.weights]
    if squared_weights is not None:
        weightings.append(squared_weights)
    if placed.positive is not None:
        weightings.append(placed.positive.astype(np.float64))
    if size * levels > 4 * len(codes) + 100_000:  # a scale of very many levels
        values = moments[codes]
        found = [_sum_columns(values, w, placed.cell, size) for w in weightings]
    else:
        index = base + codes
        found = [
            np.bincount(index, w, size * levels).reshape(size, levels).astype(np.float64) @ moments
            for w in weightings
        ]
    return found if placed.positive is not None else [*found, found[0]]


def _sum_columns(values: Floats, weights: Floats | None, cell: Codes, size: int) -> Floats:
    weighted = values if weights is None else values * weights[:, np.newaxis]
    return sum_by(weighted, cell, size)


@dataclass(frozen=True, eq=False)
class ScoreTable:
    """What a row adds to linearised variables: the coefficients, by domain.

    values: one table per question, shape (D, K): c (s - R a) / Σ w a by domain and code.
    factor_of: the factor of each question. mixes: shape (D, F, M), linear forms as mixtures of
    the factors. pooled: I and Σ w a of each domain, shape (D,), or None.
    """

    values: Sequence[Floats]
    factor_of: Sequence[int]
    mixes: Floats
    pooled: tuple[Floats, Floats] | None


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
    factors, forms = table.mixes.shape[1:]
    columns = factors + forms + (table.pooled is not None)
    domains = placed.cells.domains
    result = IndexSums(
        answers=np.zeros((placed.size, factors + 1)),
        rows=np.zeros((domains, factors + 1)),
        weight=np.zeros((domains, factors + 1)),
        wzz=np.zeros((domains, columns)),
        squared=np.zeros((placed.size, columns)) if needs_squares(placed.cells.design) else None,
    )
    flat = [values.ravel() for values in table.values]
    total = len(placed.cell)
    step = max(_CHUNK, placed.size)
    for start in range(0, total, step):
        part = slice(start, min(start + step, total))
        _add_chunk(placed, items, table, flat, part, result)
    if placed.positive is None:
        result.rows[:] = placed.cells.sum_domains(result.answers)
    return result


def _add_chunk(
    placed: Rows,
    items: Sequence[Item],
    table: ScoreTable,
    flat: Sequence[Floats],
    part: slice,
    result: IndexSums,
) -> None:
    domain, cell, w = placed.domain[part], placed.cell[part], placed.weights[part]
    length = len(domain)
    factors, forms = table.mixes.shape[1:]
    domains = placed.cells.domains
    z = np.zeros((result.wzz.shape[1], length))
    given = np.zeros((factors + 1, length))
    points = np.zeros(length)
    where = slice(part.start, part.stop) if placed.rows is None else placed.rows[part]
    bases = {levels: domain * levels for levels in {len(item.scores) for item in items}}
    for item, values, factor in zip(items, flat, table.factor_of, strict=True):
        codes = item.codes[where].astype(np.intp)
        z[factor] += values.take(codes if domains == 1 else bases[len(item.scores)] + codes)
        given[factor] += item.answered.take(codes)
        if table.pooled is not None:
            points += item.scores.take(codes)
    np.sum(given[:factors], axis=0, out=given[factors])
    for form in range(forms):
        for factor in range(factors):
            z[factors + form] += table.mixes[domain, factor, form] * z[factor]
    if table.pooled is not None:
        value, weight = table.pooled
        z[-1] = (points - value[domain] * given[factors]) / weight[domain]
    _accumulate(result, z, given > 0, (domain, cell, w), placed, part)


def _accumulate(
    result: IndexSums,
    z: Floats,
    answered: NDArray[np.bool_],
    keys: tuple[Codes, Codes, Floats],
    placed: Rows,
    part: slice,
) -> None:
    domain, cell, w = keys
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
