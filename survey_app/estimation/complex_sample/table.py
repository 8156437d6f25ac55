"""The whole table at once: every question, factor and index for every domain of a design."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.complex_sample.items import Item, comprehensive_item
from survey_app.estimation.complex_sample.survey_design import SurveyDesign
from survey_app.estimation.complex_sample.table_results import Criteria, EstimateTable
from survey_app.estimation.complex_sample.tabulation import (
    IndexSums,
    ItemSums,
    Rows,
    ScoreTable,
    place_rows,
    product,
    sum_indices,
    sum_items,
)
from survey_app.estimation.complex_sample.variance import Cells, Codes, Floats, sum_by, variances
from survey_app.estimation.estimate import Reason

#: Standard errors, and distances from 1, below this are rounding.
_NO_SPREAD = 1e-12
#: Why a figure lacks something, by code.
_REASONS = np.array(
    [
        None,
        Reason.LONELY_CLUSTERS,
        Reason.TOO_FEW_CLUSTERS,
        Reason.ONE_ANSWER,
        Reason.CENSUS,
        Reason.NO_ANSWER,
    ],
    dtype=object,
)
_LONELY, _TOO_FEW, _ONE_ANSWER, _CENSUS, _NO_ANSWER = range(1, len(_REASONS))
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
    ``index.estimate_index`` (with weighted answers in ``pooled``).
    ``z_i = Σ_k c_k d_i (s_ik - R_k a_ik) / Σ w d a_k``, u = w z, V as in
    :mod:`~survey_app.estimation.complex_sample.variance`.

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

    >>> from survey_app.estimation.complex_sample.items import AnswerRule, encode_item
    >>> from survey_app.estimation.complex_sample.survey_design import make_design
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
        #: 1.0 where a question (row) belongs to a factor (column): sums by factor are products.
        self.membership = np.eye(len(criteria.factors))[criteria.factor_of]

    def build(self) -> EstimateTable:
        sums = sum_items(self.placed, self.items, self._factor_of_items())
        s, a = self.cells.sum_domains(sums.s), self.cells.sum_domains(sums.a)
        ratios = _divide(s, a, 0.0)
        ratios[ratios > 1 - _NO_SPREAD] = 1.0  # the last digit depends on the order of sums
        within = self._within(a)
        score_table, values = self._linearise(s, a, ratios, within)
        index = sum_indices(self.placed, self.items[: self.q], score_table)
        totals = self._totals(sums, a, ratios, within, score_table)
        squares = self._squares(sums, a, ratios, index)
        held = np.concatenate([sums.answers, self._spread_answers(index.answers)], axis=1)
        n = self.cells.sum_domains(held)
        rows = n
        if self.placed.positive is not None:
            of_items = self.cells.sum_domains(sums.rows)
            rows = np.concatenate([of_items, self._spread_answers(index.rows)], axis=1)
        weight = np.concatenate([a, self._spread_answers(index.weight)], axis=1)
        wzz = np.concatenate([self._item_wzz(sums, s, a, ratios), index.wzz], axis=1)
        return self._finish(
            value=np.concatenate([ratios, values], axis=1),
            variance=variances(self.cells, totals, squares),
            n=n,
            rows=rows,
            srs_variance=self._srs_variance(n, weight, wzz),
            within=within,
            shares=self._shares(a, within, score_table.mixes),
            totals=totals,
            squares=squares,
            held=held,
        )

    def _factor_of_items(self) -> Codes:
        """The factor of every item; comprehensive satisfaction stands by itself."""
        extra = np.full(len(self.items) - self.q, len(self.criteria.factors))
        return np.concatenate([self.criteria.factor_of, extra])

    def _in_order(self, columns: Floats) -> Floats:
        """The columns in the order of the table."""
        if len(self.items) == self.q:
            return columns
        return np.concatenate(
            [columns[:, : self.q], columns[:, self.q + 1 :], columns[:, self.q : self.q + 1]],
            axis=1,
        )

    def _within(self, a: Floats) -> Floats:
        """What each question counts in its factor: 1 / those anybody answered, shape (D, Q)."""
        kept = (a[:, : self.q] > 0).astype(np.float64)
        return _divide(kept, (kept @ self.membership)[:, self.criteria.factor_of], 0.0)

    def _linearise(
        self, s: Floats, a: Floats, ratios: Floats, within: Floats
    ) -> tuple[ScoreTable, Floats]:
        """The coefficients of rows, and the values of the indices (0 where nobody answered)."""
        q = self.q
        size = (a[:, :q] > 0) @ self.membership
        used = _divide(ratios[:, :q] @ self.membership, size, 0.0)
        mixes = self._mixes(size)
        values = [used]
        for form in range(len(self.mixed)):
            raw = mixes[:, :, form]
            values.append(_divide((raw * used).sum(1), raw.sum(1), 0.0)[:, np.newaxis])
        mixes = _divide(mixes, mixes.sum(axis=1, keepdims=True), 0.0)
        pooled = None
        if self.pooled:
            weight = a[:, :q].sum(1)
            overall = _divide(s[:, :q].sum(1), weight, 0.0)
            values.append(overall[:, np.newaxis])
            pooled = (overall, np.where(weight > 0, weight, np.inf))
        scale = _divide(within, a[:, :q], 0.0)
        tables = [
            scale[:, k, np.newaxis] * (item.scores - ratios[:, k, np.newaxis] * item.answered)
            for k, item in enumerate(self.items[:q])
        ]
        score_table = ScoreTable(tables, self.criteria.factor_of, mixes, pooled)
        return score_table, np.concatenate(values, axis=1)

    def _shares(self, a: Floats, within: Floats, mixes: Floats) -> Floats:
        """What each question counts in each form, in the order of the table: (D, forms, Q)."""
        of_factor = mixes[:, self.criteria.factor_of].transpose(0, 2, 1)
        parts = [of_factor * within[:, np.newaxis]]
        if self.pooled:
            own = a[:, : self.q]
            parts.append(_divide(own, own.sum(1, keepdims=True), 0.0)[:, np.newaxis])
        parts.append(np.zeros((len(a), len(self.items) - self.q, self.q)))
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

    def _totals(
        self, sums: ItemSums, a: Floats, ratios: Floats, within: Floats, table: ScoreTable
    ) -> Floats:
        """Σ u of each cell: (L, E)."""
        domain, q = self.cells.domain, self.q
        denominator = np.where(a > 0, a, np.inf)
        own = sums.s - ratios.take(domain, axis=0) * sums.a
        own /= denominator.take(domain, axis=0)
        of_factor = product(own[:, :q] * within.take(domain, axis=0), self.membership)
        parts = [own, of_factor]
        for form in range(table.mixes.shape[2]):
            mix = table.mixes[:, :, form].take(domain, axis=0)
            parts.append((of_factor * mix).sum(1, keepdims=True))
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
        r = ratios[domain]
        own = _centred(*sums.squared, r) / np.where(a > 0, a, np.inf)[domain] ** 2
        return np.concatenate([own, index.squared], axis=1)

    def _item_wzz(self, sums: ItemSums, s: Floats, a: Floats, ratios: Floats) -> Floats:
        ss = s if sums.ss is sums.s else self.cells.sum_domains(sums.ss)
        spread = _centred(ss, s, a, ratios)
        return _divide(spread, a**2, 0.0)

    def _spread_answers(self, by_factor: Floats) -> Floats:
        """The columns (factors, all) as columns (factors, forms other than comprehensive)."""
        forms = len(self.mixed) + self.pooled
        return np.concatenate([by_factor[:, :-1], by_factor[:, -1:].repeat(forms, axis=1)], axis=1)

    def _srs_variance(self, n: Floats, weight: Floats, wzz: Floats) -> Floats:
        """S² (1 - n/N̂)/n; NaN where it is 0 (but for rounding) or undefined."""
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = weight * wzz / (n - 1)
            if not self.cells.design.normalised_weights:
                variance = variance * (1 - n / weight)
            return np.where((n > 1) & (variance > _NO_SPREAD**2), variance, np.nan)

    def _finish(
        self,
        *,
        value: Floats,
        variance: Floats,
        n: Floats,
        rows: Floats,
        srs_variance: Floats,
        within: Floats,
        shares: Floats,
        totals: Floats,
        squares: Floats | None,
        held: Floats,
    ) -> EstimateTable:
        cells, placed = self.cells, self.placed
        value, variance, n, rows, srs_variance, totals, held = (
            self._in_order(part) for part in (value, variance, n, rows, srs_variance, totals, held)
        )
        if cells.design.clusters is None:
            counted = held
            df = degrees_of_freedom(cells, counted)
        else:
            in_cell = np.bincount(placed.cell, placed.positive, placed.size).astype(np.float64)
            in_cell = in_cell[:, np.newaxis]
            counted = np.broadcast_to(in_cell, held.shape)
            df = degrees_of_freedom(cells, in_cell).repeat(held.shape[1], axis=1)
        lacking = _reason_codes(cells, held, n, df, variance)
        standard_error = np.sqrt(variance)
        standard_error[standard_error < _NO_SPREAD] = 0.0
        standard_error[(lacking > 0) & (lacking != _CENSUS)] = np.nan
        sample = np.bincount(placed.domain, placed.positive, cells.domains)[:, np.newaxis]
        tail = ("comprehensive",) if len(self.items) > self.q else ()
        share = [self.criteria.is_share] * self.q
        share += [False] * (value.shape[1] - self.q - len(tail)) + [True] * len(tail)
        return EstimateTable(
            questions=self.criteria.questions,
            factors=tuple(self.criteria.factors),
            forms=(*self.mixed, *(["pooled"] if self.pooled else []), *tail),
            value=np.where(n > 0, np.clip(value, 0.0, 1.0), np.nan),
            standard_error=standard_error,
            df=df,
            n=n,
            rows=rows,
            excluded=sample - n,
            deff=standard_error**2 / srs_variance,
            srs_variance=srs_variance,
            reason=_REASONS.take(lacking),
            is_share=np.array(share),
            factor_of=self.criteria.factor_of,
            within=within,
            shares=shares,
            cells=cells,
            totals=totals,
            squares=None if squares is None else self._in_order(squares),
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
    return _REASONS.take(_reason_codes(cells, held, n, df, variance))


def _reason_codes(
    cells: Cells, held: Floats, n: Floats, df: Floats, variance: Floats
) -> NDArray[np.uint8]:
    """The same as places in ``_REASONS``."""
    design = cells.design
    result = np.zeros(n.shape, dtype=np.uint8)
    result[np.isnan(variance)] = _LONELY
    result[df < 1] = _TOO_FEW
    if design.clusters is not None:
        holding = cells.sum_domains((held > 0).astype(np.float64))
        result[holding == 1] = _TOO_FEW
    result[n == 1] = _ONE_ANSWER
    census = design.fraction[cells.stratum] == 1
    if design.clusters is not None:
        census &= design.second_fraction[cells.unit] == 1
    if census.any():
        sampled = cells.sum_domains(np.where(census[:, np.newaxis], 0.0, held))
        result[sampled == 0] = _CENSUS
    result[n == 0] = _NO_ANSWER
    return result


def _divide(above: Floats, below: Floats, otherwise: float = np.nan) -> Floats:
    """above / below, and ``otherwise`` where below is 0."""
    result = np.full(np.broadcast(above, below).shape, otherwise)
    np.divide(above, below, out=result, where=below > 0)
    return result


def _centred(ss: Floats, s: Floats, a: Floats, ratio: Floats) -> Floats:
    """Σ (s - R a)² from its sums; exactly 0 where only rounding is left."""
    spread = ss - 2 * ratio * s + ratio**2 * a
    return np.where(spread > 1e-12 * a, spread, 0.0)
