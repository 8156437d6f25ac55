"""What a table of estimates is made from, and what it holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.complex_sample.items import Item
from survey_app.estimation.complex_sample.variance import (
    Cells,
    Codes,
    Floats,
    covariance_of_domains,
)
from survey_app.estimation.estimate import Reason


@dataclass(frozen=True, eq=False)
class EstimateTable:
    """Estimates of E statistics (columns) in D domains (rows), each array of shape (D, E).

    questions, factors, forms: the names of the columns, in this order; ``comprehensive`` comes
    last among the forms. value, standard_error, df, deff: NaN where undefined, and ``reason``
    (an array of Reason or None) says why. n: respondents of positive weight with an answer
    (rows: of any weight); excluded: those of the domain without. is_share: which columns are
    shares of people (0/1 scores); the others are means of scores. srs_variance: S² (1 - n/N̂)/n.
    factor_of: the factor of each question. within, shares: what each question counts in its
    factor, shape (D, Q), and in each form (0 in ``comprehensive``), shape (D, forms, Q).

    cells, totals, squares: what variances of anything built on the table need: Σ u and Σ u² by
    (domain, cluster), the answers behind them (held)
    and the rows that count for df (counted): shape (L, E) each.
    """

    questions: tuple[str, ...]
    factors: tuple[str, ...]
    forms: tuple[str, ...]
    value: Floats
    standard_error: Floats
    df: Floats
    n: Floats
    rows: Floats
    excluded: Floats
    deff: Floats
    srs_variance: Floats
    reason: NDArray[np.object_]
    is_share: NDArray[np.bool_]
    factor_of: Codes
    within: Floats
    shares: Floats
    cells: Cells
    totals: Floats
    squares: Floats | None
    held: Floats
    counted: Floats

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.questions, *self.factors, *self.forms)

    @cached_property
    def coefficients(self) -> Floats:
        """c_k, what each question counts in each column: shape (D, E, Q)."""
        questions, columns = len(self.questions), len(self.columns)
        result = np.zeros((len(self.value), columns, questions))
        every = np.arange(questions)
        result[:, every, every] = 1.0
        result[:, questions + self.factor_of, every] = self.within
        result[:, questions + len(self.factors) :] = self.shares
        return result

    @cached_property
    def is_census(self) -> NDArray[np.bool_]:
        """Where everybody who could answer was asked: shape (D, E)."""
        if not (self.cells.design.fraction == 1).any():
            return np.zeros(self.reason.shape, dtype=np.bool_)
        return np.asarray(self.reason == Reason.CENSUS)

    def covariance(self, column: str) -> Floats:
        """The covariance matrix of one statistic over the domains: shape (D, D).

        For rank sets and contrasts. The domains must not overlap; see
        ``variance.covariance_of_domains``. Raises ValueError for an
        unknown column.
        """
        if column not in self.columns:
            raise ValueError(f"unknown column {column!r}")
        e = self.columns.index(column)
        squares = None if self.squares is None else self.squares[:, e]
        return covariance_of_domains(self.cells, self.totals[:, e], squares)


@dataclass(frozen=True, eq=False)
class Criteria:
    """The questions of a table: items in the order of the factors' questions.

    factors: factor code to its question codes; every question stands in one factor.
    weights: one positive number per factor, for the form ``weighted``.
    """

    items: Sequence[Item]
    factors: Mapping[str, Sequence[str]]
    is_share: bool = True
    weights: Sequence[float] | None = None

    def __post_init__(self) -> None:
        names = self.questions
        if not names or any(not questions for questions in self.factors.values()):
            raise ValueError("every factor needs at least one question")
        if len(set(names)) < len(names):
            raise ValueError("a question stands in two factors, or twice in one")
        if len(self.items) != len(names):
            raise ValueError(f"{len(self.items)} items for {len(names)} questions")

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(name for questions in self.factors.values() for name in questions)

    @property
    def factor_of(self) -> Codes:
        sizes = [len(questions) for questions in self.factors.values()]
        return np.repeat(np.arange(len(sizes)), sizes)

    def factor_weights(self) -> Floats:
        values = np.asarray(self.weights if self.weights is not None else [], dtype=np.float64)
        if values.shape != (len(self.factors),) or not (values > 0).all():
            raise ValueError("the form weighted needs one positive weight for each factor")
        return values
