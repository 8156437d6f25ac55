"""An analysis plan: which columns of a table mean what, and what is wanted of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.complex_sample.items import AnswerRule, Item, encode_item
from survey_app.estimation.complex_sample.survey_design import LonelyPsu, SurveyDesign, make_design
from survey_app.estimation.labels import factorise
from survey_app.estimation.refusal import PlanRefusal, Refused

Column = NDArray[Any]
Table = Mapping[str, Column]
#: Values of columns: all must hold. A list of values means any of them.
Condition = Mapping[str, object]


@dataclass(frozen=True)
class Comparison:
    """Two groups of rows: ``to`` minus ``from_``.

    same_clusters: a cluster label in both groups is the same cluster, drawn once; else the groups
    are independent samples. corrected: with the finite population correction; by default without,
    as a test whether two groups differ asks about more than these dossiers.
    """

    column: str
    from_: object
    to: object
    same_clusters: bool = False
    corrected: bool = False


@dataclass(frozen=True)
class Plan:
    """What to estimate from a table. The names of its parts are those of the plan file.

    factors: factor code to its question columns. satisfied, maximum, not_applicable: levels.
    weight, strata, clusters, population_clusters, population_members: names of columns, as in
    ``survey_design.make_design``. where: the rows of the design.
    domains: each a condition. forms: the indices wanted. factor_weights: for ``weighted``.
    """

    factors: Mapping[str, Sequence[str]]
    satisfied: Collection[float] = (4, 5)
    maximum: float = 5
    not_applicable: Collection[float] = (0,)
    weight: str | None = None
    strata: str | None = None
    clusters: str | None = None
    population_clusters: str | None = None
    population_members: str | None = None
    replacement: bool = False
    lonely_psu: str = LonelyPsu.ADJUST
    where: Condition = field(default_factory=dict)
    domains: Sequence[Condition] = ()
    compare: Comparison | None = None
    item: str = "top2"
    intervals: Sequence[str] = ("default",)
    confidence: float = 0.95
    forms: Sequence[str] = ("criteria_mean", "factor_mean", "pooled")
    factor_weights: Sequence[float] | None = None

    @property
    def questions(self) -> tuple[str, ...]:
        return tuple(name for questions in self.factors.values() for name in questions)

    @property
    def rule(self) -> AnswerRule:
        return AnswerRule(self.satisfied, self.maximum, self.not_applicable, self.item)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column the plan reads, each once."""
        design = (
            self.weight,
            self.strata,
            self.clusters,
            self.population_clusters,
            self.population_members,
        )
        names = [*self.questions, *(name for name in design if name)]
        names += [name for condition in (self.where, *self.domains) for name in condition]
        if self.compare:
            names.append(self.compare.column)
        return tuple(dict.fromkeys(names))


def describe_condition(condition: Condition) -> str:
    """The name of a domain.

    >>> describe_condition({"sex": "F", "age_group": "65+"})
    'sex=F,age_group=65+'
    """
    return ",".join(f"{name}={_text(value)}" for name, value in condition.items())


def fits(table: Table, condition: Condition, rows: int) -> NDArray[np.bool_]:
    """Which rows a condition holds for: shape (rows,). Numbers are compared as numbers.

    >>> fits({"year": np.array([2025.0, 2026.0])}, {"year": "2026"}, 2).tolist()
    [False, True]
    """
    result = np.ones(rows, dtype=np.bool_)
    for name, wanted in condition.items():
        values = wanted if isinstance(wanted, (list, tuple, set, frozenset)) else [wanted]
        result &= np.any([_equals(table[name], value) for value in values], axis=0)
    return result


def no_such_rows(condition: Condition) -> PlanRefusal:
    """The refusal of a condition that no row fulfils."""
    message = f"no row has {describe_condition(condition)}"
    return PlanRefusal(Refused.NO_SUCH_ROWS, message, condition=condition)


def encode_questions(plan: Plan, table: Table, rows: NDArray[np.bool_] | None) -> list[Item]:
    """The coded answers of every question of the plan. rows: which rows; None: all."""
    return [encode_item(_take(table[name], rows), plan.rule, name) for name in plan.questions]


def plan_design(
    plan: Plan,
    table: Table,
    rows: NDArray[np.bool_] | None = None,
    *,
    corrected: bool = True,
    split_by: Column | None = None,
) -> SurveyDesign:
    """The design of the rows. corrected False leaves populations out, for weights as well.

    split_by: shape (chosen rows,), whole numbers; samples drawn independently of one another:
    their strata are different strata.
    """
    size = len(table[plan.questions[0]])
    chosen = size if rows is None else int(np.count_nonzero(rows))

    def column(name: str | None) -> Column | None:
        return None if name is None else _take(table[name], rows)

    strata = column(plan.strata)
    if split_by is not None:
        strata = _pairs(strata, split_by)
    return make_design(
        chosen,
        weights=column(plan.weight),
        strata=strata,
        clusters=column(plan.clusters),
        population_clusters=column(plan.population_clusters) if corrected else None,
        population_members=column(plan.population_members) if corrected else None,
        replacement=plan.replacement,
        lonely_psu=plan.lonely_psu,
    )


def check_columns(plan: Plan, table: Table) -> int:
    """The number of rows.

    Raises PlanRefusal where there are none; ValueError naming a column that is missing or has
    another length.
    """
    missing = [name for name in plan.columns if name not in table]
    if missing:
        raise ValueError(f"the data have no column {missing[0]!r}")
    if not plan.questions:
        raise ValueError("the plan names no question")
    sizes = {name: len(table[name]) for name in plan.columns}
    rows = sizes[plan.questions[0]]
    for name, size in sizes.items():
        if size != rows:
            raise ValueError(f"column {name!r} has {size} rows, not {rows}")
    if not rows:
        raise PlanRefusal(Refused.NO_ROWS, "the data have no rows")
    return rows


def _take(column: Column, rows: NDArray[np.bool_] | None) -> Column:
    values = np.asarray(column)
    return values if rows is None else values[rows]


def _pairs(strata: Column | None, groups: Column) -> Column:
    if strata is None:
        return groups
    codes, _ = factorise(np.asarray(strata), "strata")
    return codes * (int(groups.max()) + 1) + groups


def _equals(column: Column, value: object) -> NDArray[np.bool_]:
    values = np.asarray(column)
    if values.dtype.kind in "fiu":
        try:
            return np.asarray(values == float(str(value)), dtype=np.bool_)
        except ValueError:
            return np.zeros(len(values), dtype=np.bool_)
    text = _text(value)
    if values.dtype.kind == "U":
        return np.asarray(values == text, dtype=np.bool_)
    return np.array([_text(cell) == text for cell in values.tolist()], dtype=np.bool_)


def _text(value: object) -> str:
    """A cell as its text: 2026.0 and 2026 are "2026"."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
