"""All rank sets of a league table side by side, and the document of them for other programs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np
from numpy.typing import ArrayLike

from survey_app.errors import Invalid, Problem
from survey_app.ranking.compare import Comparer, Comparison, RankMethod, indistinguishable_groups
from survey_app.ranking.critical import Simulation
from survey_app.ranking.pairs import Floats, Units, make_units
from survey_app.ranking.rank_sets import DRAWS, SEED, RankSet, rank_sets

#: The methods a document shows, each under its own name.
SHOWN = (
    RankMethod.SIMULTANEOUS,
    RankMethod.MARGINAL,
    RankMethod.STEPDOWN,
    RankMethod.HOLM,
    RankMethod.BONFERRONI,
)


class UnitDocument(TypedDict):
    """One unit; the sets are [low, high]."""

    unit: str
    estimate: float
    standard_error: float
    rank: int
    simultaneous: list[int]
    marginal: list[int]
    stepdown: list[int]
    holm: list[int]
    bonferroni: list[int]


class CriticalValuesDocument(TypedDict):
    """marginal: one value for each unit, in the order of ``units``."""

    simultaneous: float
    marginal: list[float]
    stepdown: float
    holm: float
    bonferroni: float


class RankDocument(TypedDict):
    """What ``hailong rank FILE --json`` writes.

    methods: by which method each kind of set was really found (many units: "holm").
    indistinguishable: groups of neighbours no two of whom the simultaneous sets tell apart.
    """

    units: list[UnitDocument]
    confidence: float
    critical_values: CriticalValuesDocument
    draws: int
    seed: int
    methods: dict[str, str]
    indistinguishable: list[list[str]]
    warnings: list[str]


@dataclass(frozen=True, eq=False)
class RankReport:
    """A league table: named units, and their rank sets by every method of :data:`SHOWN`."""

    names: tuple[str, ...]
    units: Units
    comparisons: dict[RankMethod, Comparison]
    simulation: Simulation
    warnings: tuple[str, ...] = ()

    def sets(self, method: RankMethod) -> tuple[RankSet, ...]:
        return rank_sets(self.comparisons[method])

    @property
    def indistinguishable(self) -> tuple[tuple[str, ...], ...]:
        """Groups that the published (simultaneous) sets cannot tell apart, by name."""
        groups = indistinguishable_groups(self.comparisons[RankMethod.SIMULTANEOUS])
        return tuple(tuple(self.names[unit] for unit in group) for group in groups)


def rank_report(
    names: Sequence[str],
    estimates: ArrayLike,
    *,
    standard_errors: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    confidence: float = 0.95,
    draws: int = DRAWS,
    seed: int = SEED,
) -> RankReport:
    """The rank sets of named units by every method; all else as :func:`rank_units`.

    A warning names the units whose standard error is 0: right for a census only.
    Raises Invalid with every problem for names that are blank or stand twice, for estimates and
    standard errors that are no finite numbers, and for negative standard errors; ValueError for
    shapes that do not fit and for a bad covariance.

    >>> report = rank_report(["A", "B"], [0.9, 0.7], standard_errors=[0.02, 0.02], draws=1000)
    >>> [(s.low, s.high) for s in report.sets(RankMethod.HOLM)], report.indistinguishable
    ([(1, 1), (2, 2)], ())
    """
    values = np.asarray(estimates, dtype=np.float64)
    given = None if standard_errors is None else np.asarray(standard_errors, dtype=np.float64)
    if values.shape != (len(names),):
        raise ValueError("names and estimates must have the same length")
    if given is not None and given.shape != values.shape:
        raise ValueError("standard_errors must be one number for each unit")
    problems = _problems(names, values, given)
    if problems:
        raise Invalid(f"Bảng xếp hạng có {len(problems)} chỗ cần sửa.", problems)
    units = make_units(values, given, covariance)
    simulation = Simulation(confidence, draws, seed)
    comparer = Comparer(units, simulation)
    comparisons = {method: comparer.compare(method) for method in SHOWN}
    warnings = tuple(
        f"{name}: sai số chuẩn bằng 0, chỉ đúng khi toàn bộ hồ sơ đã được hỏi; "
        "nếu không, thứ hạng của đơn vị này bị coi là chắc chắn một cách sai lầm."
        for name, error in zip(names, units.errors, strict=True)
        if error == 0
    )
    return RankReport(tuple(names), units, comparisons, simulation, warnings)


def to_document(report: RankReport) -> RankDocument:
    """The report as plain values, ready for JSON; units in the order they were given.

    >>> report = rank_report(["A", "B"], [0.9, 0.7], standard_errors=[0.02, 0.02], draws=1000)
    >>> to_document(report)["units"][1]["simultaneous"]
    [2, 2]
    """
    comparisons = report.comparisons
    sets = {method: report.sets(method) for method in SHOWN}
    units = range(len(report.names))
    return {
        "units": [
            _unit_document(report, {m: sets[m][unit] for m in SHOWN}, unit) for unit in units
        ],
        "confidence": report.simulation.confidence,
        "critical_values": {
            "simultaneous": _one_value(comparisons[RankMethod.SIMULTANEOUS]),
            "marginal": comparisons[RankMethod.MARGINAL].critical_values.tolist(),
            "stepdown": _one_value(comparisons[RankMethod.STEPDOWN]),
            "holm": _one_value(comparisons[RankMethod.HOLM]),
            "bonferroni": _one_value(comparisons[RankMethod.BONFERRONI]),
        },
        "draws": report.simulation.draws,
        "seed": report.simulation.seed,
        "methods": {asked.value: used.method.value for asked, used in comparisons.items()},
        "indistinguishable": [list(group) for group in report.indistinguishable],
        "warnings": list(report.warnings),
    }


def _unit_document(report: RankReport, sets: dict[RankMethod, RankSet], unit: int) -> UnitDocument:
    bounds = {method: [found.low, found.high] for method, found in sets.items()}
    return {
        "unit": report.names[unit],
        "estimate": float(report.units.estimates[unit]),
        "standard_error": float(report.units.errors[unit]),
        "rank": sets[RankMethod.SIMULTANEOUS].rank,
        "simultaneous": bounds[RankMethod.SIMULTANEOUS],
        "marginal": bounds[RankMethod.MARGINAL],
        "stepdown": bounds[RankMethod.STEPDOWN],
        "holm": bounds[RankMethod.HOLM],
        "bonferroni": bounds[RankMethod.BONFERRONI],
    }


def _one_value(comparison: Comparison) -> float:
    """The critical value all pairs share."""
    values = comparison.critical_values
    return float(values[0]) if len(values) else 0.0


def _problems(names: Sequence[str], estimates: Floats, errors: Floats | None) -> list[Problem]:
    problems = []
    seen: dict[str, int] = {}
    for number, name in enumerate(names, 1):
        where = name.strip() or f"đơn vị thứ {number}"
        if not name.strip():
            problems.append(Problem("thiếu tên hoặc mã đơn vị.", where))
        elif name.strip() in seen:
            first = seen[name.strip()]
            problems.append(Problem(f"trùng với đơn vị thứ {first} trong danh sách.", where))
        seen.setdefault(name.strip(), number)
        if not math.isfinite(estimates[number - 1]):
            problems.append(Problem("kết quả (estimate) phải là một số.", where))
        if errors is not None and not (
            math.isfinite(errors[number - 1]) and errors[number - 1] >= 0
        ):
            problems.append(
                Problem("sai số chuẩn (standard_error) phải là một số không âm.", where)
            )
    return problems
