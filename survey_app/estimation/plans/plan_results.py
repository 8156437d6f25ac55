"""What an analysis found, as typed figures and as the document other programs read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.complex_sample.design_interval import TableIntervals, table_intervals
from survey_app.estimation.complex_sample.difference import DifferenceTable
from survey_app.estimation.complex_sample.survey_design import SurveyDesign
from survey_app.estimation.complex_sample.table_results import EstimateTable
from survey_app.estimation.estimate import Reason

Bounds = tuple[float, float]


class PlanReason(StrEnum):
    """Why something a plan asked for is missing, beside the reasons of every estimate."""

    METHOD_UNDEFINED = "method_undefined"  # a method does not exist for this design or difference


@dataclass(frozen=True)
class Figure:
    """One estimate; proportions, None where undefined, with the reason.

    In a comparison ``estimate`` is a difference, in -1..1, and there is a ``p_value``.
    """

    estimate: float | None
    standard_error: float | None
    df: float | None
    n: int
    excluded: int
    deff: float | None
    method: str | None
    interval: Bounds | None
    intervals: Mapping[str, Bounds | None]
    reason: Reason | PlanReason | None = None
    p_value: float | None = None
    is_difference: bool = False

    @property
    def effective_n(self) -> float | None:
        """n / deff: the simple random sample that would be as precise; None where undefined."""
        return self.n / self.deff if self.deff else None

    def to_document(self) -> dict[str, Any]:
        """The R of the document."""
        interval = None
        if self.interval is not None:
            low, high = self.interval
            interval = {"method": self.method, "low": low, "high": high}
        document: dict[str, Any] = {
            "estimate": self.estimate,
            "standard_error": self.standard_error,
            "df": self.df,
            "n": self.n,
            "excluded": self.excluded,
            "deff": self.deff,
            "interval": interval,
            "intervals": {
                name: None if bounds is None else list(bounds)
                for name, bounds in self.intervals.items()
            },
        }
        if self.is_difference:
            document["p_value"] = self.p_value
        if self.reason is not None:
            document["reason"] = self.reason.value
        return document


@dataclass(frozen=True)
class Figures:
    """Every figure of the design, of one domain, or of a comparison."""

    questions: Mapping[str, Figure]
    factors: Mapping[str, Figure]
    overall: Mapping[str, Figure]

    def to_document(self) -> dict[str, Any]:
        """The E of the document."""
        parts = {"questions": self.questions, "factors": self.factors, "overall": self.overall}
        return {
            part: {name: figure.to_document() for name, figure in figures.items()}
            for part, figures in parts.items()
        }


@dataclass(frozen=True)
class DesignSummary:
    """How the rows were drawn. n: rows of positive weight; population: Σ w."""

    rows: int
    n: int
    strata: int
    clusters: int
    lonely_strata: int
    df: int
    weight_sum: float

    def to_document(self) -> dict[str, Any]:
        return {
            "n": self.n,
            "strata": self.strata,
            "clusters": self.clusters,
            "df": self.df,
            "rows": self.rows,
            "lonely_strata": self.lonely_strata,
            "weight_sum": self.weight_sum,
        }


@dataclass(frozen=True)
class Analysis:
    """The results of a plan."""

    design: DesignSummary
    estimates: Figures
    domains: Mapping[str, Figures]
    compare: Figures | None

    def to_document(self) -> dict[str, Any]:
        """Only dicts, lists, texts, numbers and None: ready for JSON."""
        document = {
            "design": self.design.to_document(),
            "estimates": self.estimates.to_document(),
            "domains": {name: figures.to_document() for name, figures in self.domains.items()},
        }
        if self.compare is not None:
            document["compare"] = self.compare.to_document()
        return document


def summarise_design(design: SurveyDesign) -> DesignSummary:
    lonely = (design.sampled == 1) & (design.fraction < 1)
    return DesignSummary(
        rows=design.rows,
        n=design.n,
        strata=design.strata_count,
        clusters=design.clusters_count,
        lonely_strata=int(np.count_nonzero(lonely)),
        df=design.df,
        weight_sum=float(design.weights.sum()),
    )


def collect_figures(
    table: EstimateTable, methods: Sequence[str], confidence: float
) -> list[Figures]:
    """The figures of each domain of a table."""
    default = table_intervals(table, confidence=confidence)
    named = {
        method: default
        if method == "default"
        else table_intervals(table, method, confidence=confidence)
        for method in methods
    }
    value, standard_error = _numbers(table.value), _numbers(table.standard_error)
    df = _numbers(np.where(table.n > 0, table.df, np.nan))
    n, excluded = _counts(table.n), _counts(table.excluded)
    deff = _numbers(table.deff)
    interval, method = _pairs(default), default.method.ravel().tolist()
    offered = {name: _pairs(part) for name, part in named.items()}
    reason = _reasons(table, named.values()).ravel().tolist()
    figures = [
        Figure(
            estimate=value[i],
            standard_error=standard_error[i],
            df=df[i],
            n=n[i],
            excluded=excluded[i],
            deff=deff[i],
            method=None if interval[i] is None else str(method[i]),
            interval=interval[i],
            intervals={name: pairs[i] for name, pairs in offered.items()},
            reason=reason[i],
        )
        for i in range(table.value.size)
    ]
    size = len(table.columns)
    return [_split(table, figures[start : start + size]) for start in range(0, len(figures), size)]


def _reasons(table: EstimateTable, asked: Iterable[TableIntervals]) -> NDArray[np.object_]:
    """The reasons of the table, and why an interval or design effect is missing without one."""
    missing = np.isnan(table.deff)
    for part in asked:
        missing |= ~(np.isfinite(part.low) & np.isfinite(part.high))
    missing &= table.reason == None  # noqa: E711 - by element
    result = table.reason.copy()
    result[missing] = PlanReason.METHOD_UNDEFINED
    result[missing & (table.standard_error == 0)] = Reason.NO_SPREAD
    return result


def _numbers(values: NDArray[np.float64]) -> list[float | None]:
    """All numbers of an array, row by row, None for what is not finite."""
    result = values.astype(object)
    result[~np.isfinite(values)] = None
    return list(result.ravel().tolist())


def _counts(values: NDArray[np.float64]) -> list[int]:
    return list(values.astype(np.int64).ravel().tolist())


def _pairs(found: TableIntervals) -> list[Bounds | None]:
    """All intervals of a table, row by row."""
    low, high = _numbers(found.low), _numbers(found.high)
    return [None if a is None or b is None else (a, b) for a, b in zip(low, high, strict=True)]


def collect_differences(
    table: EstimateTable, differences: DifferenceTable, methods: Sequence[str]
) -> Figures:
    """The figures of a comparison. Only "default" and "mean" exist for differences."""
    figures = []
    for e in range(len(table.columns)):
        default = _bounds(differences.low[e], differences.high[e])
        by_t = _bounds(differences.low_t[e], differences.high_t[e])
        offered = {"default": default, "mean": by_t}
        deff = _number(differences.deff[e])
        intervals = {name: offered.get(name) for name in methods}
        reason = differences.reason[e]
        if reason is None and None in intervals.values():
            reason = PlanReason.METHOD_UNDEFINED
        figures.append(
            Figure(
                estimate=_number(differences.value[e]),
                standard_error=_number(differences.standard_error[e]),
                df=_number(differences.df[e]),
                n=int(differences.n[e]),
                excluded=int(differences.excluded[e]),
                deff=deff,
                method=None if default is None else str(differences.method[e]),
                interval=default,
                intervals=intervals,
                reason=reason,
                p_value=_number(differences.p_value[e]),
                is_difference=True,
            )
        )
    return _split(table, figures)


def _split(table: EstimateTable, figures: Sequence[Figure]) -> Figures:
    first, second = len(table.questions), len(table.questions) + len(table.factors)
    return Figures(
        questions=dict(zip(table.questions, figures[:first], strict=True)),
        factors=dict(zip(table.factors, figures[first:second], strict=True)),
        overall=dict(zip(table.forms, figures[second:], strict=True)),
    )


def _number(value: float | NDArray[np.float64]) -> float | None:
    number = float(value)
    return number if np.isfinite(number) else None


def _bounds(low: float, high: float) -> Bounds | None:
    return (float(low), float(high)) if np.isfinite(low) and np.isfinite(high) else None
