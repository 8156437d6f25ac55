"""Complex designs: strata, clusters, weights and finite populations, one row per respondent.

The single-sample reports use ``design.SimpleRandomSample``; this is
the general case, and gives the same numbers where both apply.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from survey_app.estimation.labels import counts_of_groups, factorise, nest
from survey_app.estimation.refusal import PlanRefusal, Refused

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


class LonelyPsu(StrEnum):
    """What a stratum with a single sampled cluster adds to the variance."""

    ADJUST = "adjust"  # its distance from the mean of all clusters: cautious
    AVERAGE = "average"  # what the other strata add on average
    CERTAINTY = "certainty"  # nothing


@dataclass(frozen=True, eq=False)
class SurveyDesign:
    """How the rows were drawn. Made by :func:`make_design`, which checks everything.

    weights: shape (n,), >= 0; rows of weight 0 count as sampled (in n_h and m_c), not in n.
    strata: shape (n,), 0 .. H-1. clusters: shape (n,), 0 .. C-1, nested in the strata, or None:
    every row is a cluster of its own. stratum_of_cluster, members_sampled: shape (C,), empty
    without clusters. sampled, population: shape (H,), n_h and N_h in clusters (or rows), N_h = inf
    where nothing is corrected. members_population: shape (C,), M_hi; None: the second stage adds
    nothing (ultimate clusters).
    """

    weights: Floats
    strata: Codes
    clusters: Codes | None
    stratum_of_cluster: Codes
    members_sampled: Floats
    sampled: Floats
    population: Floats
    members_population: Floats | None
    lonely_psu: LonelyPsu

    @property
    def rows(self) -> int:
        return len(self.weights)

    @cached_property
    def positive(self) -> NDArray[np.bool_]:
        """Rows that weigh something: shape (n,)."""
        return self.weights > 0

    @cached_property
    def n(self) -> int:
        """Rows of positive weight."""
        return int(np.count_nonzero(self.positive))

    @property
    def strata_count(self) -> int:
        return len(self.sampled)

    @property
    def clusters_count(self) -> int:
        """Sampled clusters, Σ n_h; without clusters the rows."""
        return self.rows if self.clusters is None else len(self.stratum_of_cluster)

    @cached_property
    def df(self) -> int:
        """Clusters holding a row of positive weight, less the strata holding such."""
        held = np.unique(self.strata[self.positive])
        if self.clusters is None:
            return self.n - len(held)
        return len(np.unique(self.clusters[self.positive])) - len(held)

    @cached_property
    def is_simple(self) -> bool:
        """One stratum, no clusters, equal weights: a simple random sample."""
        return (
            self.clusters is None
            and self.strata_count == 1
            and bool(np.ptp(self.weights) <= 1e-12 * self.weights[0])
        )

    @cached_property
    def simple_population(self) -> int | None:
        """N of a simple random sample, None where unknown or where the design is not simple."""
        if not self.is_simple or not np.isfinite(self.population[0]):
            return None
        return max(round(float(self.population[0])), self.rows)

    @cached_property
    def fraction(self) -> Floats:
        """f_h = n_h / N_h: shape (H,); 0 where nothing is corrected."""
        return np.asarray(self.sampled / self.population, dtype=np.float64)

    @cached_property
    def second_fraction(self) -> Floats:
        """f_hi = m_hi / M_hi: shape (C,); 1 for ultimate clusters, whose rows are all there is."""
        if self.members_population is None:
            return np.ones_like(self.members_sampled)
        return self.members_sampled / self.members_population

    @cached_property
    def second_stage(self) -> Floats | None:
        """``f_h (1 - f_hi) m/(m-1)`` of every cluster: shape (C,); None where it is 0 for all.

        0 for a cluster with one row: it shows no spread.
        """
        if self.members_population is None:
            return None
        m = self.members_sampled
        correction = self.fraction[self.stratum_of_cluster] * (1 - self.second_fraction)
        factor = np.where(m > 1, correction * m / np.maximum(m - 1, 1), 0.0)
        return factor if factor.any() else None

    @cached_property
    def normalised_weights(self) -> bool:
        """Whether the weights do not add up to a population larger than the sample."""
        return float(self.weights.sum()) <= self.n * (1 + 1e-9)


def make_design(
    rows: int,
    *,
    weights: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    population_clusters: ArrayLike | None = None,
    population_members: ArrayLike | None = None,
    replacement: bool = False,
    lonely_psu: str = LonelyPsu.ADJUST,
) -> SurveyDesign:
    """The design of ``rows`` respondents, from one value per row of each column.

    Clusters are nested in strata: the same cluster label in two strata means two clusters.

    population_clusters: N_h, clusters in the row's stratum. population_members: M_hi, members of
    the row's cluster; without clusters, and without population_clusters, the members of the
    row's stratum (a simple or stratified random sample). Which corrections follow:

    ========  ====================  ===================  =========================================
    clusters  population_clusters   population_members   variance
    ========  ====================  ===================  =========================================
    no        one of the two                             (stratified) random sampling, f = n/N
    yes       no                    any                  ultimate clusters, no correction
    yes       yes                   no                   ultimate clusters, f_h = n_h/N_h
    yes       yes                   yes                  two stages, both corrected
    ========  ====================  ===================  =========================================

    replacement: no corrections at all. Without weights, populations give them: N_h/n_h, times
    M_hi/m_hi for two stages; else all rows weigh 1.

    Raises PlanRefusal for no rows, blank labels, weights that are negative, blank or all 0, and
    populations that are blank, differ within a stratum or cluster, or are smaller than the
    sample; ValueError for columns that do not have one value for each row.

    Reference: Särndal, Swensson, Wretman (1992), ch. 4; Lumley (2010), *Complex Surveys*, ch. 3.

    >>> design = make_design(4, strata=["a", "a", "b", "b"], clusters=[1, 2, 1, 2])
    >>> design.clusters_count, design.df, design.weights.tolist()
    (4, 2, [1.0, 1.0, 1.0, 1.0])
    >>> make_design(3, population_members=[30, 30, 30]).weights.tolist()
    [10.0, 10.0, 10.0]
    """
    if rows < 1:
        raise PlanRefusal(Refused.NO_ROWS, "a design needs at least one row")
    stratum, h = _codes(strata, rows, "strata")
    if clusters is None:
        cluster, stratum_of, sizes = None, np.empty(0, np.int64), np.empty(0)
        sampled = counts_of_groups(stratum, h)
        first = population_members if population_clusters is None else population_clusters
        second = None
    else:
        labels, distinct = _codes(clusters, rows, "clusters")
        cluster, stratum_of = nest(stratum, labels, h, distinct)
        sizes = counts_of_groups(cluster, len(stratum_of))
        sampled = counts_of_groups(stratum_of, h)
        first = population_clusters
        second = None if population_clusters is None else population_members
    n_of = None if first is None else _population(first, stratum, sampled, "stratum")
    m_of = None
    if second is not None and cluster is not None:
        m_of = _population(second, cluster, sizes, "cluster")
    if weights is None:
        weight = _implied_weights(stratum, sampled, n_of, cluster, sizes, m_of)
    else:
        weight = _weights(weights, rows)
    corrected = n_of is not None and not replacement
    return SurveyDesign(
        weights=weight,
        strata=stratum,
        clusters=cluster,
        stratum_of_cluster=stratum_of,
        members_sampled=sizes,
        sampled=sampled,
        population=n_of if corrected and n_of is not None else np.full(h, np.inf),
        members_population=m_of if corrected else None,
        lonely_psu=LonelyPsu(lonely_psu),
    )


def _codes(labels: ArrayLike | None, rows: int, what: str) -> tuple[Codes, int]:
    if labels is None:
        return np.zeros(rows, dtype=np.int64), 1
    column = np.asarray(labels)
    if column.shape != (rows,):
        raise ValueError(f"{what}: {column.shape} is not one value for each of {rows} rows")
    return factorise(column, what)


def _weights(weights: ArrayLike, rows: int) -> Floats:
    values = np.ascontiguousarray(weights, dtype=np.float64)
    if values.shape != (rows,):
        raise ValueError(f"weights: {values.shape} is not one value for each of {rows} rows")
    if not np.isfinite(values).all() or (values < 0).any():
        message = "weights must be numbers of at least 0, without blanks"
        raise PlanRefusal(Refused.BAD_WEIGHT, message)
    if not values.any():
        raise PlanRefusal(Refused.NO_WEIGHT, "all weights are 0")
    return values


def _population(counts: ArrayLike, groups: Codes, sampled: Floats, what: str) -> Floats:
    """One count per group out of one per row."""
    values = np.asarray(counts, dtype=np.float64)
    if values.shape != groups.shape:
        raise ValueError(f"population of each {what}: not one value for each row")
    if not np.isfinite(values).all():
        message = f"population of each {what}: a count is blank"
        raise PlanRefusal(Refused.BLANK_POPULATION, message, group=what)
    of_group = np.empty(len(sampled))
    of_group[groups] = values
    if (of_group[groups] != values).any():
        message = f"population of each {what}: two counts within one {what}"
        raise PlanRefusal(Refused.MIXED_POPULATION, message, group=what)
    if (of_group < sampled).any():
        worst = int(np.argmax(of_group < sampled))
        population, sample = float(of_group[worst]), float(sampled[worst])
        raise PlanRefusal(
            Refused.SMALL_POPULATION,
            f"population of each {what}: {population:g} is smaller than the sample of {sample:g}",
            group=what,
            population=population,
            sample=sample,
        )
    return of_group


def _implied_weights(
    stratum: Codes,
    sampled: Floats,
    n_of: Floats | None,
    cluster: Codes | None,
    sizes: Floats,
    m_of: Floats | None,
) -> Floats:
    """1 / probability of selection, as far as the populations give it; else 1."""
    if n_of is None:
        return np.ones(len(stratum))
    weight = (n_of / sampled)[stratum]
    if m_of is not None and cluster is not None:
        weight = weight * (m_of / sizes)[cluster]
    return np.asarray(weight, dtype=np.float64)
