"""Evaluating an analysis plan: columns in, figures out, nothing read or written."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from survey_app.estimation.complex_sample.difference import difference_table
from survey_app.estimation.complex_sample.survey_design import SurveyDesign
from survey_app.estimation.complex_sample.table import estimate_table
from survey_app.estimation.complex_sample.table_results import Criteria, EstimateTable
from survey_app.estimation.plans.plan import (
    Column,
    Comparison,
    Condition,
    Plan,
    Table,
    check_columns,
    describe_condition,
    encode_questions,
    fits,
    no_such_rows,
    plan_design,
)
from survey_app.estimation.plans.plan_results import (
    Analysis,
    Figures,
    collect_differences,
    collect_figures,
    summarise_design,
)

Rows = NDArray[np.bool_]


def analyse(plan: Plan, table: Table) -> Analysis:
    """Every figure a plan asks for.

    table: column name to its values, arrays of one length. Answers are numbers, NaN for blank;
    other columns numbers or texts. Columns the plan does not name are not looked at.

    ``where`` chooses the rows of the design; a domain zeroes all others but keeps their clusters.
    A comparison of waves (``where`` names the compared column) joins both waves in one design:
    other conditions hold, the one on that column does not. Without that it compares two domains
    of the design itself.

    Raises PlanRefusal where the plan or the values are at fault: blank labels or weights,
    populations smaller than the sample, groups without rows. Raises ValueError, naming the column,
    for what the caller has to see to: every column there, of one length, answers on the scale.

    >>> columns = {"q1": np.array([5.0, 4, 2, 5]), "q2": np.array([5.0, 0, 3, 4])}
    >>> found = analyse(Plan(factors={"F1": ["q1", "q2"]}), columns)
    >>> found.estimates.questions["q2"].n, found.estimates.overall["pooled"].estimate
    (3, 0.7142857142857143)
    """
    size = check_columns(plan, table)
    rows = _rows(table, plan.where, size)
    design = plan_design(plan, table, rows)
    criteria = _criteria(plan, table, rows)
    whole = estimate_table(design, criteria, forms=plan.forms)
    return Analysis(
        design=summarise_design(design),
        estimates=collect_figures(whole, plan.intervals, plan.confidence)[0],
        domains=_domains(plan, table, rows, design, criteria),
        compare=None if plan.compare is None else _compare(plan, plan.compare, table, size),
    )


def _criteria(plan: Plan, table: Table, rows: Rows | None) -> Criteria:
    items = encode_questions(plan, table, rows)
    return Criteria(items, plan.factors, plan.rule.is_share, plan.factor_weights)


def _rows(table: Table, where: Condition, size: int) -> Rows | None:
    if not where:
        return None
    rows = fits(table, where, size)
    if not rows.any():
        raise no_such_rows(where)
    return rows


def _domains(
    plan: Plan, table: Table, rows: Rows | None, design: SurveyDesign, criteria: Criteria
) -> dict[str, Figures]:
    """Domains that do not overlap are done in one pass."""
    size = len(table[plan.questions[0]])
    found: dict[str, Figures] = {}
    waiting = {describe_condition(domain): domain for domain in plan.domains}
    members = {}
    for name, condition in waiting.items():
        mask = fits(table, condition, size)
        members[name] = np.flatnonzero(mask if rows is None else mask[rows])
    while members:
        codes = np.full(design.rows, -1, dtype=np.int64)
        together: list[str] = []
        for name, found_at in members.items():
            if not (codes[found_at] >= 0).any():
                codes[found_at] = len(together)
                together.append(name)
        for name in together:
            del members[name]
        part = estimate_table(
            design, criteria, domain=codes, domains=len(together), forms=plan.forms
        )
        figures = collect_figures(part, plan.intervals, plan.confidence)
        found.update(zip(together, figures, strict=True))
    return {name: found[name] for name in waiting}


def _compare(plan: Plan, comparison: Comparison, table: Table, size: int) -> Figures:
    two = _compared_table(plan, comparison, table, size)
    return collect_differences(
        two, difference_table(two, confidence=plan.confidence), plan.intervals
    )


def _compared_table(plan: Plan, comparison: Comparison, table: Table, size: int) -> EstimateTable:
    """The estimates of both groups, in one design."""
    waves = comparison.column in plan.where
    where = {name: value for name, value in plan.where.items() if name != comparison.column}
    rows = fits(table, where, size)
    groups = np.full(size, -1, dtype=np.int64)
    for code, value in enumerate((comparison.from_, comparison.to)):
        mask = rows & fits(table, {comparison.column: value}, size)
        if not mask.any():
            raise no_such_rows({comparison.column: value})
        groups[mask] = code
    weights = _weights(plan, table, groups if waves else np.where(rows, 0, -1))
    if waves or not comparison.same_clusters:
        rows = groups >= 0
    wave_plan, wave_table = plan, table
    if weights is not None:
        wave_plan = replace(plan, weight="")
        wave_table = {**table, "": weights}
    design = plan_design(
        wave_plan,
        wave_table,
        rows,
        corrected=comparison.corrected,
        split_by=None if comparison.same_clusters else groups[rows],
    )
    return estimate_table(
        design, _criteria(plan, table, rows), domain=groups[rows], domains=2, forms=plan.forms
    )


def _weights(plan: Plan, table: Table, waves: NDArray[np.int64]) -> Column | None:
    """The weights that the populations give each wave by itself; None: the plan has weights."""
    if plan.weight is not None:
        return None
    weights = np.ones(len(waves))
    for wave in np.unique(waves[waves >= 0]):
        rows = waves == wave
        weights[rows] = plan_design(plan, table, rows).weights
    return weights
