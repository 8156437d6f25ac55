"""The one variance routine: how much totals of linearised variables would vary under a design.

Every statistic is linearised to u_i = w_i z_i per row (0 outside its domain) and its variance is
that of the total Σ u_i::

    V = Σ_h (1-f_h) n_h/(n_h-1) Σ_c (T_hc - T̄_h)²                     T_hc: total of a cluster
        + Σ_h f_h Σ_c (1-f_hc) m_c/(m_c-1) Σ_i (u_i - ū_c)²            two stages only

A stratum with n_h = 1 (lonely) adds, for `adjust`, (1-f_h)(T - T̄)² with T̄ the mean of all
clusters' totals; for `certainty` nothing; for `average` what the others add on average. With
N_h = 1 it adds nothing under each. Rows are zeroed outside a domain, never filtered: n_h and m_c
stay those of the sample.

Reference: Särndal, Swensson, Wretman (1992), §4.3, 5.5; Lumley (2010), §2.2, 3.1.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_app.estimation.complex_sample.survey_design import LonelyPsu, SurveyDesign
from survey_app.estimation.labels import compress

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

#: A sum of squared deviations smaller than this part of the squares is rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Cells:
    """Where totals are kept: one cell for each cluster and domain that have rows in common.

    domain, unit: shape (L,). unit is the cluster, or the stratum where rows are the clusters:
    then the cells need the sums of squares of their rows, too.
    """

    design: SurveyDesign
    domain: Codes
    unit: Codes
    domains: int

    @cached_property
    def stratum(self) -> Codes:
        if self.design.clusters is None:
            return self.unit
        return self.design.stratum_of_cluster[self.unit]

    @cached_property
    def _groups(self) -> tuple[Codes, int, Codes]:
        return compress(self.domain * self.design.strata_count + self.stratum)

    @property
    def group(self) -> Codes:
        """The (domain, stratum) each cell is in: shape (L,)."""
        return self._groups[0]

    @property
    def group_domain(self) -> Codes:
        """The domain of each group: shape (G,)."""
        return self._groups[2] // self.design.strata_count

    @property
    def group_stratum(self) -> Codes:
        return self._groups[2] % self.design.strata_count

    def sum_groups(self, values: Floats) -> Floats:
        """Sums over the cells of each group: (L, E) to (G, E)."""
        return sum_by(values, self.group, self._groups[1])

    def sum_domains(self, values: Floats) -> Floats:
        """Sums over the cells of each domain: (L, E) to (D, E)."""
        return sum_by(values, self.domain, self.domains)

    def merged(self) -> tuple["Cells", Codes]:
        """The same units with all domains as one, and where each cell went (for differences)."""
        codes, size, units = compress(self.unit)
        return Cells(self.design, np.zeros(size, dtype=np.int64), units, 1), codes


def sum_by(values: Floats, groups: Codes, size: int) -> Floats:
    """Sums of rows by group: (L, E) to (size, E).

    >>> sum_by(np.array([[1.0], [2.0], [4.0]]), np.array([0, 1, 0]), 2).tolist()
    [[5.0], [2.0]]
    """
    if len(groups) and (groups[1:] >= groups[:-1]).all():  # as cells are
        starts = np.concatenate([[0], np.flatnonzero(groups[1:] != groups[:-1]) + 1])
        sums = np.add.reduceat(values, starts, axis=0)
        if len(starts) == size:
            return np.asarray(sums, dtype=np.float64)
        result = np.zeros((size, values.shape[1]))
        result[groups[starts]] = sums
        return result
    result = np.empty((size, values.shape[1]))
    for column, of_column in enumerate(np.ascontiguousarray(values.T)):
        result[:, column] = np.bincount(groups, of_column, size)
    return result


def variances(cells: Cells, totals: Floats, squares: Floats | None) -> Floats:
    """The variance of each domain's total of each linearised variable: shape (D, E).

    totals: shape (L, E), Σ u_i of each cell. squares: shape (L, E), Σ u_i² of each cell; needed
    where rows are the clusters and for a second stage, else None. NaN where nothing is defined:
    `average` with lonely clusters only.
    """
    design = cells.design
    first = _first_stage(cells, totals, squares)
    factor = design.second_stage
    if factor is None or squares is None:
        return first
    members = design.members_sampled[cells.unit][:, np.newaxis]
    spread = _spread(squares, totals**2 / members)
    return first + cells.sum_domains(factor[cells.unit][:, np.newaxis] * spread)


def _spread(squares: Floats, of_means: Floats) -> Floats:
    """Σ u² - n ū², and exactly 0 where only rounding is left."""
    spread = squares - of_means
    return np.where(spread > _ROUNDING * squares, spread, 0.0)


def _first_stage(cells: Cells, totals: Floats, squares: Floats | None) -> Floats:
    design = cells.design
    stratum = cells.group_stratum
    n = design.sampled[stratum][:, np.newaxis]
    correction = 1 - design.fraction[stratum][:, np.newaxis]
    sums = cells.sum_groups(totals)
    if design.clusters is None:
        if squares is None:
            raise ValueError("rows as clusters need their sums of squares")
        spread = _spread(squares, sums**2 / n)
    else:
        means = sums / n
        held = np.bincount(cells.group, minlength=len(stratum))[:, np.newaxis]
        spread = cells.sum_groups((totals - means[cells.group]) ** 2) + (n - held) * means**2
    terms = np.where(n > 1, correction * n / np.maximum(n - 1, 1) * spread, 0.0)
    lonely = (design.sampled[stratum] == 1) & (design.fraction[stratum] < 1)
    if not lonely.any() or design.lonely_psu is LonelyPsu.CERTAINTY:
        return sum_by(terms, cells.group_domain, cells.domains)
    if design.lonely_psu is LonelyPsu.AVERAGE:
        return _average(cells, terms, lonely)
    overall = cells.sum_domains(totals) / design.clusters_count
    distance = (sums - overall[cells.group_domain]) ** 2
    terms = np.where(lonely[:, np.newaxis], correction * distance, terms)
    return sum_by(terms, cells.group_domain, cells.domains)


def _average(cells: Cells, terms: Floats, lonely: NDArray[np.bool_]) -> Floats:
    """Each lonely stratum of a domain adds the mean of what its other strata add."""
    strata = np.bincount(cells.group_domain, minlength=cells.domains)
    usable = np.bincount(cells.group_domain[~lonely], minlength=cells.domains)
    factor = np.where(usable > 0, strata / np.maximum(usable, 1), np.nan)
    return sum_by(terms, cells.group_domain, cells.domains) * factor[:, np.newaxis]


def covariance_of_totals(design: SurveyDesign, u: ArrayLike) -> Floats:
    """The covariance matrix of the totals ``Σ_i u_i`` of several linearised variables.

    u: shape (n, E), one row per respondent, weights included, 0 outside a variable's domain.
    Returns shape (E, E). For any set of statistics at once: differences, rankings, contrasts
    (c' V c). Raises ValueError when the shape does not fit, or with `average` when every stratum
    has one cluster only.

    >>> from survey_app.estimation.complex_sample.survey_design import make_design
    >>> design = make_design(4, population_members=[8, 8, 8, 8])
    >>> covariance_of_totals(design, np.array([[0.1], [-0.1], [0.1], [-0.1]])).round(6).tolist()
    [[0.026667]]
    """
    matrix = np.asarray(u, dtype=np.float64)
    if matrix.ndim != 2 or len(matrix) != design.rows:
        raise ValueError(f"u must have one row for each of {design.rows} respondents")
    if design.clusters is None:
        return _between(design, matrix, design.strata)
    totals = sum_by(matrix, design.clusters, design.clusters_count)
    result = _between(design, totals, design.stratum_of_cluster)
    factor = design.second_stage
    if factor is not None:
        within = matrix - (totals / design.members_sampled[:, np.newaxis])[design.clusters]
        result = result + within.T @ (within * factor[design.clusters][:, np.newaxis])
    return result


def _between(design: SurveyDesign, totals: Floats, stratum: Codes) -> Floats:
    """The first stage: totals of the clusters (or rows), shape (C, E), and their strata."""
    means = sum_by(totals, stratum, design.strata_count) / design.sampled[:, np.newaxis]
    deviations = totals - means[stratum]
    scale = (1 - design.fraction) * design.sampled / np.maximum(design.sampled - 1, 1)
    lonely = (design.sampled == 1) & (design.fraction < 1)
    if design.lonely_psu is LonelyPsu.ADJUST:
        alone = lonely[stratum]
        deviations[alone] = (totals - totals.mean(axis=0))[alone]
    elif design.lonely_psu is LonelyPsu.AVERAGE and lonely.any():
        if lonely.all():
            raise ValueError("every stratum has one cluster: there is nothing to average")
        scale = scale * len(lonely) / (~lonely).sum()
    return np.asarray(deviations.T @ (deviations * scale[stratum][:, np.newaxis]))


def covariance_of_domains(cells: Cells, totals: Floats, squares: Floats | None) -> Floats:
    """The covariance matrix of one statistic over all domains: shape (D, D).

    For ranking units and comparing them. totals, squares: shape (L,), one column of what
    :func:`variances` takes; the diagonal is what it gives. Domains must not overlap. Needs
    clusters x domains numbers at once. Raises ValueError for lonely clusters under `average`,
    which raises each domain's variance by another factor.
    """
    design = cells.design
    lonely = (design.sampled == 1) & (design.fraction < 1)
    if lonely.any() and design.lonely_psu is LonelyPsu.AVERAGE:
        raise ValueError("lonely clusters under average have no covariance between domains")
    by_rows = design.clusters is None
    matrix = np.zeros((design.strata_count if by_rows else design.clusters_count, cells.domains))
    matrix[cells.unit, cells.domain] = totals
    if by_rows:
        size = design.sampled
        factor = np.where(size > 1, (1 - design.fraction) * size / np.maximum(size - 1, 1), 0.0)
        alone = (matrix - matrix.sum(axis=0) / design.rows)[lonely]
        kept = float(design.lonely_psu is LonelyPsu.ADJUST) * (1 - design.fraction[lonely])
        result = alone.T @ (alone * kept[:, np.newaxis])
    else:
        result = _between(design, matrix, design.stratum_of_cluster)
        size = design.members_sampled
        if design.second_stage is None:
            return result
        factor = design.second_stage
    if squares is None:
        raise ValueError("this design needs sums of squares")
    own = np.bincount(cells.domain, factor[cells.unit] * squares, cells.domains)
    return np.asarray(result + np.diag(own) - matrix.T @ (matrix * (factor / size)[:, np.newaxis]))
