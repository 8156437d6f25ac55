"""The whole table against plain formulas row by row, and the laws of estimates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey_app.estimation.complex_sample.design_interval import METHODS, table_intervals
from survey_app.estimation.complex_sample.items import AnswerRule, encode_item
from survey_app.estimation.complex_sample.survey_design import make_design
from survey_app.estimation.complex_sample.table import estimate_table
from survey_app.estimation.complex_sample.table_results import Criteria
from survey_app.estimation.complex_sample.variance import covariance_of_totals
from survey_app.estimation.estimate import Reason
from survey_app.estimation.simple_sample.index import (
    estimate_comprehensive,
    estimate_factor,
    estimate_index,
)
from tests.unit.estimation.designs import (
    FACTOR_WEIGHTS,
    FORMS,
    KINDS,
    QUESTIONS,
    build,
    kinds,
    linearise_by_hand,
    make_survey,
    scores_of,
    seeds,
)

NAN = float("nan")
LONELY = ("adjust", "average", "certainty")


def forms_for(item):
    return FORMS if item == "top2" else FORMS[:-1]


@pytest.mark.parametrize("lonely", LONELY)
@pytest.mark.parametrize("item", ["top2", "mean"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_domain_agrees_with_plain_formulas(kind, item, lonely):
    answers, columns = make_survey(3, kind, lonely=lonely, rows=70)
    design, criteria = build(answers, columns, item)
    domain = np.random.default_rng(1).integers(-1, 3, design.rows)
    table = estimate_table(design, criteria, domain=domain, domains=3, forms=forms_for(item))
    for d in range(3):
        inside = (domain == d).astype(float)
        values, u = linearise_by_hand(answers, design.weights, inside, item)
        assert table.value[d] == pytest.approx(values, rel=1e-12)
        expected = np.sqrt(np.diag(covariance_of_totals(design, u)))
        assert table.standard_error[d] == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_counts_and_degrees_of_freedom(kind):
    answers, columns = make_survey(5, kind)
    design, criteria = build(answers, columns)
    inside = np.random.default_rng(2).random(design.rows) < 0.5
    table = estimate_table(design, criteria, domain=np.where(inside, 0, -1))
    counted = inside & design.positive
    answered = ~np.isnan(answers)
    for k in range(len(QUESTIONS)):
        n = (counted & answered[k]).sum()
        assert table.n[0, k] == n
        assert table.excluded[0, k] == counted.sum() - n
        held = counted if design.clusters is not None else counted & answered[k]
        units = np.arange(design.rows) if design.clusters is None else design.clusters
        expected = len(set(units[held])) - len(set(design.strata[held]))
        assert table.df[0, k] == expected


@pytest.mark.parametrize("population", [None, 75])
@pytest.mark.parametrize("form", ["criteria_mean", "factor_mean", "weighted", "pooled"])
def test_a_simple_sample_gives_the_figures_of_the_reports(form, population):
    answers, _ = make_survey(8, "simple", gaps=0.0)
    rows = answers.shape[1]
    counts = {} if population is None else {"population_members": [population] * rows}
    design, criteria = build(answers, counts)
    table = estimate_table(design, criteria, forms=FORMS)
    intervals = table_intervals(table)
    scores = scores_of(answers, "top2").T
    index = estimate_index(
        scores,
        factor_of=[0, 0, 1, 2, 2],
        roll_up=form,
        weights=FACTOR_WEIGHTS,
        population=population,
    )
    everything = {
        form: index,
        "F3": estimate_factor(scores[:, 3:], roll_up="factor_mean", population=population),
        "comprehensive": estimate_comprehensive(scores, population=population),
    }
    for name, expected in everything.items():
        e = table.columns.index(name)
        assert table.value[0, e] == pytest.approx(expected.value)
        assert table.standard_error[0, e] == pytest.approx(expected.standard_error)
        assert table.df[0, e] == expected.df
        assert intervals.low[0, e] == pytest.approx(expected.interval.low)
        assert intervals.high[0, e] == pytest.approx(expected.interval.high)


def same_table(one, other):
    for name in ("value", "standard_error", "df", "n", "excluded", "deff"):
        left, right = getattr(one, name), getattr(other, name)
        assert left == pytest.approx(right, rel=1e-9, abs=1e-12, nan_ok=True), name


@given(seeds, kinds)
@settings(max_examples=40)
def test_order_of_rows_and_names_of_clusters_do_not_matter(seed, kind):
    answers, columns = make_survey(seed, kind)
    plain = estimate_table(*build(answers, columns), forms=FORMS)
    order = np.random.default_rng(seed).permutation(answers.shape[1])
    moved = {
        name: value if isinstance(value, str) else np.asarray(value)[order]
        for name, value in columns.items()
    }
    for name in ("clusters", "strata"):
        if name in moved:
            moved[name] = np.array([f"x{9 - label}" for label in moved[name]])
    same_table(plain, estimate_table(*build(answers[:, order], moved), forms=FORMS))


@given(seeds, st.floats(0.01, 1000))
@settings(max_examples=25)
def test_equal_weights_are_no_weights(seed, weight):
    answers, columns = make_survey(seed, "simple")
    plain = estimate_table(*build(answers, columns), forms=FORMS)
    weighted = columns | {"weights": np.full(answers.shape[1], weight)}
    other = estimate_table(*build(answers, weighted), forms=FORMS)
    for name in ("value", "standard_error", "df", "n"):
        left, right = getattr(plain, name), getattr(other, name)
        assert left == pytest.approx(right, rel=1e-9, abs=1e-12, nan_ok=True)
    assert table_intervals(plain).low == pytest.approx(
        table_intervals(other).low, rel=1e-9, nan_ok=True
    )


@given(seeds, kinds, st.sampled_from(["default", *METHODS]))
@settings(max_examples=80)
def test_intervals_hold_the_estimate_and_stay_inside(seed, kind, method):
    answers, columns = make_survey(seed, kind, rows=25, gaps=0.5)
    table = estimate_table(*build(answers, columns), forms=FORMS)
    found = table_intervals(table, method)
    there = np.isfinite(found.low)
    assert (there == np.isfinite(found.high)).all()
    assert (found.low[there] < found.high[there]).all()
    assert (found.low[there] <= table.value[there]).all()
    assert (found.high[there] >= table.value[there]).all()
    if method != "mean":
        assert (found.low[there] >= 0).all()
        assert (found.high[there] <= 1).all()
    assert ((found.method != None) == there).all()  # noqa: E711 - by element


@given(seeds)
@settings(max_examples=25)
def test_pooled_is_the_mean_of_the_criteria_by_answers(seed):
    answers, columns = make_survey(seed, "clusters")
    design, criteria = build(answers, columns)
    table = estimate_table(design, criteria, forms=("pooled",))
    size = (design.weights * ~np.isnan(answers)).sum(axis=1)
    questions = table.value[0, : len(QUESTIONS)]
    assert table.value[0, -1] == pytest.approx((size * questions).sum() / size.sum())


def test_a_census_has_no_error_and_no_interval():
    answers, _ = make_survey(4, "simple")
    rows = answers.shape[1]
    simple = {"population_members": [rows] * rows}
    two_stages = {
        "clusters": np.arange(rows) // 6,
        "population_clusters": [rows // 6] * rows,
        "population_members": [6] * rows,
    }
    for columns in (simple, two_stages):
        table = estimate_table(*build(answers, columns), forms=FORMS)
        assert (table.standard_error == 0).all()
        assert set(table.reason.ravel()) == {Reason.CENSUS}
        for method in ("default", *METHODS):
            assert np.isnan(table_intervals(table, method).low).all()


def one_question(answers, **design):
    item = encode_item(np.array(answers, dtype=float), AnswerRule())
    criteria = Criteria([item], {"F1": ["q1"]})
    return estimate_table(make_design(len(answers), **design), criteria)


def reasons_and_default(table):
    found = table_intervals(table)
    return table.reason[0, 0], (found.low[0, 0], found.high[0, 0])


def test_nobody_answered():
    table = one_question([NAN, 0, NAN])
    assert np.isnan(table.value).all()
    assert set(table.reason.ravel()) == {Reason.NO_ANSWER}
    assert np.isnan(table_intervals(table).low).all()


def test_one_answer_has_an_interval_in_a_simple_sample_only():
    reason, (low, high) = reasons_and_default(one_question([5]))
    assert reason is Reason.ONE_ANSWER
    assert (low, high) == pytest.approx((0.2065, 1.0), abs=1e-4)
    reason, (low, _) = reasons_and_default(one_question([5, NAN], clusters=[1, 2], weights=[1, 2]))
    assert reason is Reason.ONE_ANSWER
    assert np.isnan(low)


def test_too_few_clusters():
    for design in ({"clusters": [1] * 4}, {"clusters": [1, 1, 2, 2], "strata": [1, 1, 2, 2]}):
        reason, (low, _) = reasons_and_default(one_question([5, 3, 5, 5], **design))
        assert reason is Reason.TOO_FEW_CLUSTERS
        assert np.isnan(low)
    answered_in_one = one_question([5, 3, NAN, NAN], clusters=[1, 1, 2, 3])
    assert answered_in_one.reason[0, 0] is Reason.TOO_FEW_CLUSTERS
    assert np.isnan(answered_in_one.standard_error[0, 0])


def test_everybody_satisfied_in_clusters_is_not_certain():
    table = one_question([5] * 12, clusters=np.arange(12) // 3)
    reason, (low, high) = reasons_and_default(table)
    assert reason is None
    assert table.standard_error[0, 0] == 0
    assert 0.4 < low < 0.8
    assert high == 1
    index = table_intervals(table)
    assert index.method[0, 1] == "boundary"
    assert 0.4 < index.low[0, 1] < 0.8


@pytest.mark.parametrize("item", ["top2", "mean"])
def test_where_nobody_differs_rounding_is_no_spread(item):
    """Unequal weights, many rows and thirds: sums whose last digits depend on their order."""
    rng = np.random.default_rng(6)
    weights = rng.uniform(0.1, 9.7, 3_000)
    answers = np.full((5, 3_000), 5.0) if item == "top2" else np.full((5, 3_000), 1.0)
    columns = {"weights": weights, "clusters": np.arange(3_000) // 7, "strata": None}
    design, criteria = build(answers, columns, item)
    table = estimate_table(design, criteria, domain=np.arange(3_000) % 11, domains=11)
    assert table.value == pytest.approx(1.0 if item == "top2" else 0.2, abs=1e-15)
    if item == "top2":
        assert (table.value == 1).all()
    assert (table.standard_error == 0).all()
    assert np.isnan(table.deff).all()


def test_average_needs_a_stratum_with_two_clusters():
    columns = {"clusters": [1, 1, 2, 2], "strata": [1, 1, 2, 2], "lonely_psu": "average"}
    assert one_question([5, 3, 5, 5], **columns).reason[0, 0] is Reason.TOO_FEW_CLUSTERS
    with pytest.raises(ValueError, match="nothing to average"):
        covariance_of_totals(make_design(4, **columns), np.ones((4, 1)))


def test_an_only_cluster_of_its_stratum_is_certain():
    answers, columns = [5, 3, 5, 5, 1, 4], {"clusters": [1, 1, 2, 2, 3, 3]}
    columns |= {"strata": [1, 1, 2, 2, 2, 2], "population_clusters": [1, 1, 9, 9, 9, 9]}
    found = {
        lonely: one_question(answers, **columns, lonely_psu=lonely).standard_error[0, 0]
        for lonely in LONELY
    }
    assert found["certainty"] == found["adjust"] > 0
    assert found["average"] == pytest.approx(found["adjust"])


def test_an_empty_domain_is_reported_as_empty():
    answers, columns = make_survey(1, "two stages")
    design, criteria = build(answers, columns)
    table = estimate_table(design, criteria, domain=np.full(design.rows, -1))
    assert set(table.reason.ravel()) == {Reason.NO_ANSWER}


def test_scales_of_very_many_levels():
    rng = np.random.default_rng(1)
    values = rng.random(400).round(6)
    item = encode_item(values, AnswerRule(maximum=1, not_applicable=(), item="mean"))
    criteria = Criteria([item], {"F1": ["q1"]}, is_share=False)
    design = make_design(400, clusters=np.arange(400) // 4)
    wide = estimate_table(design, criteria, domain=np.arange(400) % 7, domains=7)
    part = values[np.arange(400) % 7 == 3]
    assert wide.value[3, 0] == pytest.approx(part.mean())


def test_criteria_are_checked():
    item = encode_item([5.0, 4.0], AnswerRule())
    with pytest.raises(ValueError, match="twice"):
        Criteria([item, item], {"F1": ["q1"], "F2": ["q1"]})
    with pytest.raises(ValueError, match="1 items for 2"):
        Criteria([item], {"F1": ["q1", "q2"]})
    with pytest.raises(ValueError, match="at least one question"):
        Criteria([], {})
    criteria = Criteria([item], {"F1": ["q1"]})
    with pytest.raises(ValueError, match="unknown form 'best'"):
        estimate_table(make_design(2), criteria, forms=("best",))
    with pytest.raises(ValueError, match="weighted needs"):
        estimate_table(make_design(2), criteria, forms=("weighted",))
    with pytest.raises(ValueError, match="each of 3 rows"):
        estimate_table(make_design(3), criteria)
    with pytest.raises(ValueError, match="unknown interval 'wald'"):
        table_intervals(estimate_table(make_design(2), criteria), "wald")


@pytest.mark.parametrize(
    ("column", "rule", "message"),
    [
        ([5, 6], {}, "q1: the answer 6 is neither"),
        ([5, -1], {}, "q1: the answer -1 is neither"),
        (["5", "4"], {}, "q1: answers must be"),
        ([5, 4], {"item": "top3"}, "unknown item rule"),
        ([5, 4], {"maximum": 0}, "positive"),
    ],
)
def test_answers_are_checked(column, rule, message):
    with pytest.raises(ValueError, match=message):
        encode_item(column, AnswerRule(**rule), "q1")


def test_other_codes_may_mean_not_applicable():
    item = encode_item([5, 9, -8, 1.5], AnswerRule(not_applicable=(9, -8)))
    assert item.answered[item.codes].tolist() == [1, 0, 0, 1]
