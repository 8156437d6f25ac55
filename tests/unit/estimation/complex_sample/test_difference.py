"""Differences: the covariance of shared clusters, independent groups, Newcombe's interval."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.estimation.complex_sample.difference import difference_table, newcombe_interval
from survey_app.estimation.complex_sample.items import AnswerRule, encode_item
from survey_app.estimation.complex_sample.survey_design import make_design
from survey_app.estimation.complex_sample.table import estimate_table
from survey_app.estimation.complex_sample.table_results import Criteria
from survey_app.estimation.complex_sample.variance import covariance_of_totals
from survey_app.estimation.estimate import Reason
from tests.unit.estimation.designs import KINDS, build, linearise_by_hand, make_survey


@pytest.mark.parametrize("kind", KINDS)
def test_differences_agree_with_the_covariance_matrix(kind):
    answers, columns = make_survey(11, kind, rows=70)
    design, criteria = build(answers, columns)
    domain = np.random.default_rng(1).integers(-1, 2, design.rows)
    table = estimate_table(design, criteria, domain=domain, domains=2)
    found = difference_table(table)
    parts = [
        linearise_by_hand(answers, design.weights, (domain == d).astype(float), "top2")
        for d in range(2)
    ]
    keep = [*range(10), 11]  # without the forms the table was not asked for
    for place, e in enumerate(keep):
        u = np.column_stack([parts[0][1][:, e], parts[1][1][:, e]])
        v = covariance_of_totals(design, u)
        contrast = np.array([-1.0, 1.0])
        assert found.value[place] == pytest.approx(parts[1][0][e] - parts[0][0][e])
        expected = np.sqrt(contrast @ v @ contrast)
        assert found.standard_error[place] == pytest.approx(expected, rel=1e-9)


def two_groups(answers, groups, **design):
    item = encode_item(np.array(answers, dtype=float), AnswerRule())
    criteria = Criteria([item], {"F1": ["q1"]})
    made = make_design(len(answers), **design)
    return estimate_table(made, criteria, domain=np.array(groups), domains=2)


def test_a_simple_sample_gets_newcombes_interval():
    rng = np.random.default_rng(3)
    answers, groups = rng.integers(1, 6, 80), rng.integers(0, 2, 80)
    found = difference_table(two_groups(answers, groups))
    counts = [(int((answers[groups == g] >= 4).sum()), int((groups == g).sum())) for g in range(2)]
    expected = newcombe_interval(*counts[0], *counts[1])
    assert (found.low[0], found.high[0]) == pytest.approx((expected.low, expected.high))
    assert found.method.tolist()[:2] == ["newcombe", "mean"]
    assert found.low_t[0] == pytest.approx(found.low_t[1])


def test_no_difference_without_spread_is_not_certain():
    found = difference_table(two_groups([5] * 8, [0, 1] * 4, clusters=[1, 1, 2, 2, 3, 3, 4, 4]))
    assert found.value[0] == 0
    assert np.isnan(found.low[0])
    assert np.isnan(found.p_value[0])
    assert found.reason[0] is Reason.NO_SPREAD
    simple = difference_table(two_groups([5] * 8, [0, 1] * 4))
    assert simple.low[0] < 0 < simple.high[0]


def test_an_empty_group_has_no_difference():
    found = difference_table(two_groups([5, 4, 3, 5], [0, 0, 0, -1], clusters=[1, 2, 3, 4]))
    assert found.reason[0] is Reason.NO_ANSWER
    assert np.isnan(found.value[0])
    assert np.isnan(found.p_value[0])


def test_two_domains_are_needed():
    answers, columns = make_survey(1, "simple")
    with pytest.raises(ValueError, match="two domains"):
        difference_table(estimate_table(*build(answers, columns)))


@given(st.integers(1, 60), st.integers(1, 60), st.data())
@settings(max_examples=60)
def test_newcombe_holds_the_difference_and_mirrors(n_1, n_2, data):
    first = data.draw(st.integers(0, n_1))
    second = data.draw(st.integers(0, n_2))
    found = newcombe_interval(first, n_1, second, n_2)
    assert -1 <= found.low <= second / n_2 - first / n_1 <= found.high <= 1
    assert found.low < found.high
    mirrored = newcombe_interval(second, n_2, first, n_1)
    assert (found.low, found.high) == pytest.approx((-mirrored.high, -mirrored.low))


@pytest.mark.parametrize("lonely", ["adjust", "certainty"])
@pytest.mark.parametrize("kind", KINDS)
def test_covariances_between_domains(kind, lonely):
    answers, columns = make_survey(12, kind, rows=70, lonely=lonely)
    if "strata" in columns and "population_members" not in columns:
        columns["strata"][3] = 9  # a lonely stratum
        columns.pop("population_clusters", None)
    design, criteria = build(answers, columns)
    domain = np.random.default_rng(1).integers(-1, 3, design.rows)
    table = estimate_table(design, criteria, domain=domain, domains=3)
    for e, name in ((2, "q3"), (8, "criteria_mean")):
        parts = [
            linearise_by_hand(answers, design.weights, (domain == d).astype(float), "top2")[1]
            for d in range(3)
        ]
        expected = covariance_of_totals(design, np.column_stack([u[:, e] for u in parts]))
        found = table.covariance(name)
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-14)
        diagonal = table.standard_error[:, table.columns.index(name)] ** 2
        assert np.diag(found) == pytest.approx(diagonal)
    with pytest.raises(ValueError, match="unknown column"):
        table.covariance("q99")
