"""The whole table at once: every question, factor and index for every domain of a design."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.estimate import Reason
from survey_app.estimation.items import Item, comprehensive_item
from survey_app.estimation.survey_design import SurveyDesign
from survey_app.estimation.table_results import Criteria, EstimateTable
from survey_app.estimation.tabulation import (
    IndexSums,
    ItemSums,
    Rows,
    ScoreTable,
    place_rows,
    sum_indices,
    sum_items,
)
from survey_app.estimation.variance import Cells, Codes, Floats, sum_by, variances

#: Standard errors below this are rounding.
_NO_SPREAD = 1e-12
#: Forms that are mixtures of the factors, in the order of their columns.
_MIXED = ("criteria_mean", "factor_mean", "weighted")
FORMS = (*_MIXED, "pooled", "comprehensive")


def estimate_table(
    design: SurveyDesign,
    criteria: Criteria,
    *,
    domain: Codes | None = None,
    domains: int = 1,
    forms: Sequence[str] = ("criteria_mean", "factor_mean", "pooled"),
) -> EstimateTable:
    """Estimates, standard errors, degrees of freedom and design effects.

    ``R_k = Σ w d s_k / Σ w d a_k``; a factor is the mean of its R_k, the forms are those of
    :func:`~survey_app.estimation.index.estimate_index` (with weighted answers in ``pooled``).
    ``z_i = Σ_k c_k d_i (s_ik - R_k a_ik) / Σ w d a_k``, u = w z, V as in
    :mod:`~survey_app.estimation.variance`.

    df: clusters holding a row of the domain of positive weight, less the strata holding such;
    without clusters the respondents with an answer, less their strata (n - 1 for a simple random
    sample). Where all answers stand in one cluster there is no standard error either.
    ``deff = V / (S² (1 - n/N̂)/n)``,
    ``S² = n/(n-1) Σ w (y - p)²/Σ w``, N̂ = Σ w over the rows that count; for an index y - p is its
    linearised variable times N̂. Where the weights of the design add up to no more than its rows
    they say nothing of N, and 1 - n/N̂ is left out.

    domain: shape (n,), 0 .. domains-1, or -1 for rows in none. Domains never filter.
    Raises ValueError for an unknown form and for items that do not fit the design.

    Reference: Särndal, Swensson, Wretman (1992), §5.5-5.8, 10.3; Kish (1965), §8.2 (deff).

    >>> from survey_app.estimation.items import AnswerRule, encode_item
    >>> from survey_app.estimation.survey_design import make_design
    >>> item = encode_item([5, 4, 3, 5, 2, 4], AnswerRule())
    >>> design = make_design(6, clusters=[1, 1, 2, 2, 3, 3])
    >>> table = estimate_table(design, Criteria([item], {"F1": ["q1"]}), forms=())
    >>> table.value[0, 0].round(4), table.standard_error[0, 0].round(4), table.df[0, 0]
    (np.float64(0.6667), np.float64(0.1667), np.float64(2.0))
    """
    unknown = [form for form in forms if form not in FORMS]
    if unknown:
        raise ValueError(f"unknown form {unknown[0]!r}; known: {', '.join(FORMS)}")
    items = list(criteria.items)
    if any(len(item.codes) != design.rows for item in items):
        raise ValueError(f"every question needs one answer for each of {design.rows} rows")
    if "comprehensive" in forms:
        items.append(comprehensive_item(items))
    codes = np.zeros(design.rows, dtype=np.int64) if domain is None else domain
    placed = place_rows(design, codes, domains)
    return _Builder(placed, criteria, items, tuple(form for form in FORMS if form in forms)).build()


class _Builder:
    """Puts the table together. Column order while building: questions (and comprehensive), then
    factors, mixed forms, pooled; the table moves comprehensive to the end."""

    def __init__(
        self, placed: Rows, criteria: Criteria, items: Sequence[Item], forms: tuple[str, ...]
    ) -> None:
        self.placed, self.criteria, self.items, self.forms = placed, criteria, items, forms
        self.cells = placed.cells
        self.q = len(criteria.items)
        self.mixed = [form for form in forms if form in _MIXED]
        self.pooled = "pooled" in forms

    def build(self) -> EstimateTable:
        sums = sum_items(self.placed, self.items)
        s, a = self.cells.sum_domains(sums.s), self.cells.sum_domains(sums.a)
        ratios = _divide(s, a)
        score_table, values, coefficients = self._linearise(s, a, ratios)
        index = sum_indices(self.placed, self.items[: self.q], score_table)
        totals = self._totals(sums, a, ratios, score_table)
        squares = self._squares(sums, a, ratios, index)
        order = self._order()
        variance = variances(self.cells, totals, squares)
        held = np.concatenate([sums.answers, self._spread_answers(index.answers)], axis=1)
        rows = np.concatenate(
            [self.cells.sum_domains(sums.rows), self._spread_answers(index.rows)], axis=1
        )
        weight = np.concatenate([a, self._spread_answers(index.weight)], axis=1)
        wzz = np.concatenate([self._item_wzz(sums, s, a, ratios), index.wzz], axis=1)
        return self._finish(
            np.concatenate([ratios, values], axis=1)[:, order],
            variance[:, order],
            held[:, order],
            rows[:, order],
            self._srs_variance(self.cells.sum_domains(held), weight, wzz)[:, order],
            coefficients[:, order],
            totals[:, order],
            None if squares is None else squares[:, order],
        )

    def _order(self) -> list[int]:
        """Where each column of the table stands while building."""
        extra = len(self.items) - self.q
        size = len(self.items) + len(self.criteria.factors) + len(self.mixed) + self.pooled
        return [*range(self.q), *range(self.q + extra, size), *range(self.q, self.q + extra)]

    def _linearise(self, s: Floats, a: Floats, ratios: Floats) -> tuple[ScoreTable, Floats, Floats]:
        """The coefficients of rows, the values of the indices, and c_k of every column.

        c: shape (D, E, Q), what each question counts in each column.
        """
        q, factor_of = self.q, self.criteria.factor_of
        factors = len(self.criteria.factors)
        kept = (a[:, :q] > 0).astype(np.float64)
        filled = np.nan_to_num(ratios[:, :q])
        size = sum_by(kept.T, factor_of, factors).T
        within = _divide(kept, size[:, factor_of], 0.0)
        factor_value = _divide(sum_by((filled * kept).T, factor_of, factors).T, size)
        mixes = self._mixes(size)
        values = [factor_value]
        used = np.nan_to_num(factor_value)
        for form in range(len(self.mixed)):
            raw = mixes[:, :, form]
            values.append(_divide((raw * used).sum(1), raw.sum(1))[:, np.newaxis])
        mixes = _divide(mixes, mixes.sum(axis=1, keepdims=True), 0.0)
        pooled = None
        if self.pooled:
            weight = a[:, :q].sum(1)
            overall = _divide(s[:, :q].sum(1), weight)
            values.append(overall[:, np.newaxis])
            pooled = (np.nan_to_num(overall), np.where(weight > 0, weight, np.inf))
        scale = _divide(within, a[:, :q], 0.0)
        tables = [
            scale[:, k, np.newaxis] * (item.scores - filled[:, k, np.newaxis] * item.answered)
            for k, item in enumerate(self.items[:q])
        ]
        score_table = ScoreTable(tables, factor_of.tolist(), mixes, pooled)
        coefficients = self._coefficients(a[:, :q], within, mixes)
        return score_table, np.concatenate(values, axis=1), coefficients

    def _coefficients(self, a: Floats, within: Floats, mixes: Floats) -> Floats:
        factor_of = self.criteria.factor_of
        factors, forms = mixes.shape[1:]
        own = np.zeros((len(a), len(self.items) + factors, self.q))
        for k in range(self.q):
            own[:, k, k] = 1.0
            own[:, len(self.items) + factor_of[k], k] = within[:, k]
        parts = [own]
        parts += [(within * mixes[:, factor_of, form])[:, np.newaxis] for form in range(forms)]
        if self.pooled:
            parts.append(_divide(a, a.sum(1, keepdims=True), 0.0)[:, np.newaxis])
        return np.concatenate(parts, axis=1)

    def _mixes(self, size: Floats) -> Floats:
        """What each factor counts in each mixed form, not yet made to sum to 1: (D, F, M)."""
        present = (size > 0).astype(np.float64)
        result = np.empty((*size.shape, len(self.mixed)))
        for column, form in enumerate(self.mixed):
            if form == "criteria_mean":
                result[:, :, column] = size
            elif form == "factor_mean":
                result[:, :, column] = present
            else:
                result[:, :, column] = present * self.criteria.factor_weights()
        return result

    def _totals(self, sums: ItemSums, a: Floats, ratios: Floats, table: ScoreTable) -> Floats:
        """Σ u of each cell: (L, E)."""
        domain, q = self.cells.domain, self.q
        denominator = np.where(a > 0, a, np.inf)
        own = (sums.s - np.nan_to_num(ratios)[domain] * sums.a) / denominator[domain]
        kept = (a[:, :q] > 0).astype(np.float64)
        factor_of = self.criteria.factor_of
        size = sum_by(kept.T, factor_of, len(self.criteria.factors)).T
        of_factor = sum_by(
            (own[:, :q] * _divide(kept, size[:, factor_of], 0.0)[domain]).T,
            factor_of,
            len(self.criteria.factors),
        ).T
        parts = [own, of_factor]
        for form in range(table.mixes.shape[2]):
            parts.append((of_factor * table.mixes[domain, :, form]).sum(1, keepdims=True))
        if table.pooled is not None:
            value, weight = (part[domain] for part in table.pooled)
            pooled = (sums.s[:, :q].sum(1) - value * sums.a[:, :q].sum(1)) / weight
            parts.append(pooled[:, np.newaxis])
        return np.concatenate(parts, axis=1)

    def _squares(
        self, sums: ItemSums, a: Floats, ratios: Floats, index: IndexSums
    ) -> Floats | None:
        """Σ u² of each cell: (L, E), or None where the variance does without."""
        if sums.squared is None or index.squared is None:
            return None
        domain = self.cells.domain
        r = np.nan_to_num(ratios)[domain]
        own = _centred(*sums.squared, r) / np.where(a > 0, a, np.inf)[domain] ** 2
        return np.concatenate([own, index.squared], axis=1)

    def _item_wzz(self, sums: ItemSums, s: Floats, a: Floats, ratios: Floats) -> Floats:
        spread = _centred(self.cells.sum_domains(sums.ss), s, a, np.nan_to_num(ratios))
        return _divide(spread, a**2, 0.0)

    def _spread_answers(self, by_factor: Floats) -> Floats:
        """The columns (factors, all) as columns (factors, forms other than comprehensive)."""
        factors = len(self.criteria.factors)
        forms = len(self.mixed) + self.pooled
        return by_factor[:, [*range(factors), *[factors] * forms]]

    def _srs_variance(self, n: Floats, weight: Floats, wzz: Floats) -> Floats:
        """S² (1 - n/N̂)/n; NaN where it is 0 or undefined."""
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = weight * wzz / (n - 1)
            if not self.cells.design.normalised_weights:
                variance = variance * (1 - n / weight)
            return np.where((n > 1) & (variance > 0), variance, np.nan)

    def _finish(
        self,
        value: Floats,
        variance: Floats,
        held: Floats,
        rows: Floats,
        srs_variance: Floats,
        coefficients: Floats,
        totals: Floats,
        squares: Floats | None,
    ) -> EstimateTable:
        cells = self.cells
        n = cells.sum_domains(held)
        counted = held
        if cells.design.clusters is not None:
            in_cell = np.bincount(self.placed.cell, self.placed.positive, self.placed.size)
            counted = np.broadcast_to(in_cell[:, np.newaxis], held.shape)
        df = degrees_of_freedom(cells, counted)
        reason = reasons(cells, held, n, df, variance)
        standard_error = np.sqrt(variance)
        standard_error = np.where(standard_error < _NO_SPREAD, 0.0, standard_error)
        undefined = (reason != None) & (reason != Reason.CENSUS)  # noqa: E711 - by element
        standard_error = np.where(undefined, np.nan, standard_error)
        sample = np.bincount(self.placed.domain, self.placed.positive, cells.domains)[:, np.newaxis]
        tail = ("comprehensive",) if len(self.items) > self.q else ()
        names = (*self.mixed, *(["pooled"] if self.pooled else []), *tail)
        share = [self.criteria.is_share] * self.q
        share += [False] * (value.shape[1] - self.q - len(tail)) + [True] * len(tail)
        return EstimateTable(
            questions=self.criteria.questions,
            factors=tuple(self.criteria.factors),
            forms=names,
            value=np.where(n > 0, np.clip(value, 0.0, 1.0), np.nan),
            standard_error=standard_error,
            df=df,
            n=n,
            rows=rows,
            excluded=sample - n,
            deff=standard_error**2 / srs_variance,
            srs_variance=srs_variance,
            reason=reason,
            is_share=np.array(share),
            coefficients=coefficients,
            cells=cells,
            totals=totals,
            squares=squares,
            held=held,
            counted=counted,
        )


def degrees_of_freedom(cells: Cells, counted: Floats) -> Floats:
    """Clusters holding rows that count, less strata holding such: (D, E).

    counted: shape (L, E), rows of positive weight that count, by cell.
    """
    present = (counted > 0).astype(np.float64)
    strata = sum_by(
        (cells.sum_groups(present) > 0).astype(np.float64), cells.group_domain, cells.domains
    )
    clusters = cells.sum_domains(counted if cells.design.clusters is None else present)
    return clusters - strata


def reasons(
    cells: Cells, held: Floats, n: Floats, df: Floats, variance: Floats
) -> NDArray[np.object_]:
    """Why a figure lacks something, or None: (D, E)."""
    design = cells.design
    census = design.fraction[cells.stratum] == 1
    if design.clusters is not None:
        census &= design.second_fraction[cells.unit] == 1
    sampled = cells.sum_domains(np.where(census[:, np.newaxis], 0.0, held))
    result = np.full(n.shape, None, dtype=object)
    result[np.isnan(variance)] = Reason.LONELY_CLUSTERS
    result[df < 1] = Reason.TOO_FEW_CLUSTERS
    if design.clusters is not None:
        holding = cells.sum_domains((held > 0).astype(np.float64))
        result[holding == 1] = Reason.TOO_FEW_CLUSTERS
    result[n == 1] = Reason.ONE_ANSWER
    result[sampled == 0] = Reason.CENSUS
    result[n == 0] = Reason.NO_ANSWER
    return result


def _divide(above: Floats, below: Floats, otherwise: float = np.nan) -> Floats:
    """above / below, and ``otherwise`` where below is 0."""
    safe = np.where(below > 0, below, 1.0)
    return np.where(below > 0, above / safe, otherwise)


def _centred(ss: Floats, s: Floats, a: Floats, ratio: Floats) -> Floats:
    """Σ (s - R a)² from its sums; exactly 0 where only rounding is left."""
    spread = ss - 2 * ratio * s + ratio**2 * a
    return np.where(spread > 1e-12 * a, spread, 0.0)
