"""Drivers of one unit: which factors go together with satisfaction on the whole."""

import numpy as np

from survey_app.estimation.drivers import MOST_FACTORS, driver_analysis
from survey_app.operations.figures.unit_sample import CONFIDENCE, Scores, UnitSample
from survey_app.questionnaire.definition import ItemRule, QuestionKind, Role, Section
from survey_app.reporting.figures.satisfaction import DriverFigures

#: Fewer complete sheets say nothing of five factors at once.
MINIMUM_SHEETS = 50
#: A factor that fewer could answer is left out; else only those who can answer it would count.
LEAST_ANSWERED = 0.6


def measure_drivers(sample: UnitSample) -> DriverFigures | None:
    """Shapley shares of the factors in satisfaction on the whole; None where nobody asked for it,
    too few answered, or no association at all can be told from chance (F-test).

    Scores are "mean of the scale" (level / highest level), whatever the item rule of the index:
    an association needs all the differences there are. A factor's score is the mean over the
    criteria that a sheet answers.
    """
    asked = sample.questionnaire.with_role(Role.OVERALL)
    question = next((q for q in asked if q.kind is QuestionKind.SCALE), None)
    if question is None:
        return None
    sample = sample.index_part().question_part(question.code)
    if sample.n < MINIMUM_SHEETS:
        return None
    overall = sample.score(question, ItemRule.MEAN)
    scored = [(factor, _factor_scores(sample, factor)) for factor in sample.questionnaire.factors]
    able = [(f, s) for f, s in scored if np.mean(~np.isnan(s)) >= LEAST_ANSWERED][:MOST_FACTORS]
    if len(able) < 2:
        return None
    factors = tuple(factor for factor, _ in able)
    matrix = np.column_stack([scores for _, scores in able])
    complete = int((~np.isnan(np.column_stack([matrix, overall]))).all(axis=1).sum())
    if complete < MINIMUM_SHEETS:
        return None
    analysis = driver_analysis(matrix, overall, confidence=CONFIDENCE)
    if analysis.p_value is None or analysis.p_value > 1 - CONFIDENCE:
        return None  # nothing that goes together: shares of nothing say nothing
    left_out = tuple(factor for factor, _ in scored if factor not in factors)
    return DriverFigures(question, factors, left_out, analysis)


def _factor_scores(sample: UnitSample, factor: Section) -> Scores:
    """The mean of each sheet's answers to the factor's criteria; NaN where it answers none."""
    scores = np.column_stack([sample.score(q, ItemRule.MEAN) for q in factor.criteria])
    answered = ~np.isnan(scores)
    counts = answered.sum(axis=1)
    sums = np.where(answered, scores, 0.0).sum(axis=1)
    found: Scores = np.divide(sums, counts, out=np.full(sample.n, np.nan), where=counts > 0)
    return found
