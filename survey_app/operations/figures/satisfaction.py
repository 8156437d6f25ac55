"""Figures of satisfaction: criteria, factors and the overall index of one unit."""

from collections.abc import Iterator

import numpy as np

from survey_app.estimation.disclosure.small_groups import withhold
from survey_app.estimation.estimate import Estimate
from survey_app.estimation.simple_sample.index import (
    criteria_counted,
    estimate_comprehensive,
    estimate_factor,
)
from survey_app.estimation.simple_sample.proportion import estimate_mean, estimate_proportion
from survey_app.operations.figures.unit_sample import (
    CONFIDENCE,
    Scores,
    UnitSample,
    satisfied_levels,
)
from survey_app.questionnaire.codebook import NOT_APPLICABLE_BYTE
from survey_app.questionnaire.definition import ItemRule, Question, RollUp, Section
from survey_app.reporting.figures.satisfaction import (
    CriterionFigures,
    FactorFigures,
    OverallFigures,
)


def _measure_criterion(sample: UnitSample, question: Question) -> CriterionFigures:
    tally = sample.tally(question)
    satisfied = sum(
        count
        for count, counts_as_satisfied in zip(tally.levels, satisfied_levels(question), strict=True)
        if counts_as_satisfied
    )
    population = sample.population_without(tally.not_applicable)
    share = estimate_proportion(satisfied, tally.n, population=population, confidence=CONFIDENCE)
    mean = estimate_mean(tally, population=population, confidence=CONFIDENCE)
    return CriterionFigures(question, tally, withhold(share), withhold(mean))


def measure_factors(sample: UnitSample) -> Iterator[FactorFigures]:
    """Each factor with its criteria; what rests on too few answers is withheld."""
    item = sample.questionnaire.scoring.item
    for section in sample.questionnaire.factors:
        index, mean = (factor_index(sample, section, rule) for rule in (item, ItemRule.MEAN))
        criteria = tuple(_measure_criterion(sample, q) for q in section.criteria)
        yield FactorFigures(section, index, mean, criteria)


def factor_index(sample: UnitSample, factor: Section, rule: ItemRule) -> Estimate:
    """A factor's index as it is published, on the sheets over which the factor goes on."""
    part = sample.factor_part(factor.code)
    return _factor_index(part, factor, part.columns(factor.criteria, rule))


def _factor_index(sample: UnitSample, factor: Section, scores: Scores) -> Estimate:
    columns = np.column_stack([sample.column(question) for question in factor.criteria])
    outside = (columns == NOT_APPLICABLE_BYTE).all(axis=1)
    estimate = estimate_factor(
        scores[~outside],
        roll_up=sample.questionnaire.scoring.roll_up,
        population=sample.population_without(int(outside.sum())),
        confidence=CONFIDENCE,
    )
    return withhold(estimate)


def measure_overall(sample: UnitSample) -> OverallFigures:
    """The index by every roll-up and both item rules, and comprehensive satisfaction."""
    method = sample.questionnaire.scoring
    top2, mean = sample.scores(ItemRule.TOP2), sample.scores(ItemRule.MEAN)
    own = top2 if method.item is ItemRule.TOP2 else mean
    roll_ups = [r for r in RollUp if r is not RollUp.WEIGHTED or method.weights]
    comprehensive = estimate_comprehensive(
        top2, population=sample.population, confidence=CONFIDENCE
    )
    return OverallFigures(
        chosen=method.roll_up,
        by_roll_up={r: withhold(sample.index(own, r)) for r in roll_ups},
        mean_by_roll_up={r: withhold(sample.index(mean, r)) for r in roll_ups},
        comprehensive=withhold(comprehensive),
        criteria_counted=criteria_counted(top2),
        criteria_asked=top2.shape[1],
    )
