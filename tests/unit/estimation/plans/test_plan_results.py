"""Figures of a plan: what follows from their numbers, and what the estimators refuse."""

import numpy as np
import pytest

from survey_app.estimation.complex_sample.survey_design import make_design
from survey_app.estimation.plans.analysis import analyse
from survey_app.estimation.plans.plan import Plan
from survey_app.estimation.refusal import PlanRefusal, Refused


def test_the_effective_size_follows_from_the_design_effect():
    answers = np.array([5, 5, 5, 4, 4, 1, 2, 1, 5, 1, 1, 2], dtype=np.float64)
    columns = {"q1": answers, "commune": np.repeat([1, 2, 3, 4], 3), "none": np.full(12, np.nan)}
    plan = Plan(factors={"F": ("q1", "none")}, clusters="commune")
    found = analyse(plan, columns).estimates.questions
    figure = found["q1"]
    # Shares of the communes 1, 2/3, 1/3, 0: (5/27)/4 against (1/4)/11 of a simple sample.
    assert figure.deff == pytest.approx(55 / 27)
    assert figure.effective_n == pytest.approx(12 * 27 / 55)
    assert found["none"].effective_n is None


def test_a_census_has_no_effective_size():
    columns = {"q1": np.array([5.0, 1.0, 4.0]), "N": np.full(3, 3.0)}
    plan = Plan(factors={"F": ("q1",)}, population_members="N")
    figure = analyse(plan, columns).estimates.questions["q1"]
    assert (figure.estimate, figure.effective_n) == (pytest.approx(2 / 3), None)


@pytest.mark.parametrize(
    ("options", "code", "values"),
    [
        ({"strata": ["a", ""]}, Refused.BLANK_LABEL, {"labels": "strata"}),
        ({"clusters": [1.0, np.nan]}, Refused.BLANK_LABEL, {"labels": "clusters"}),
        ({"clusters": np.array([1, None], dtype=object)}, Refused.BLANK_LABEL, None),
        ({"weights": [1, -1]}, Refused.BAD_WEIGHT, {}),
        ({"weights": [0, 0]}, Refused.NO_WEIGHT, {}),
        (
            {"population_members": [1, 1]},
            Refused.SMALL_POPULATION,
            {"group": "stratum", "population": 1.0, "sample": 2.0},
        ),
        (
            {"clusters": [1, 1], "population_clusters": [4, 4], "population_members": [9, 8]},
            Refused.MIXED_POPULATION,
            {"group": "cluster"},
        ),
    ],
)
def test_faults_of_the_data_are_told_by_code_and_values(options, code, values):
    with pytest.raises(PlanRefusal) as refusal:
        make_design(2, **options)
    assert refusal.value.code is code
    assert values is None or refusal.value.values == values


def test_faults_of_the_caller_are_no_refusals():
    for options in ({"weights": [1]}, {"strata": [1]}, {"population_members": [2]}):
        with pytest.raises(ValueError, match="each") as fault:
            make_design(2, **options)
        assert not isinstance(fault.value, PlanRefusal)
