"""The index: every roll-up against brute force, its laws, gaps and edges."""

import math
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from survey_app.estimation.estimate import IntervalMethod, Reason
from survey_app.estimation.simple_sample.design import SimpleRandomSample
from survey_app.estimation.simple_sample.index import (
    criteria_counted,
    criterion_coefficients,
    estimate_comprehensive,
    estimate_factor,
    estimate_index,
    linearise_index,
)
from survey_app.estimation.simple_sample.proportion import estimate_mean, estimate_proportion
from survey_app.estimation.simple_sample.tally import Tally

NAN = float("nan")
ROLL_UPS = ["criteria_mean", "factor_mean", "pooled", "weighted"]
FACTOR_OF = [0, 0, 0, 1, 1, 2]
WEIGHTS = [1.0, 2.0, 0.5]


def brute_force(scores, factor_of, roll_up, weights, population):
    """Value and SE with plain loops, straight from the formulas of docs/methodology.md."""
    n, criteria = (
        len(scores),
        [k for k in range(len(factor_of)) if any(not math.isnan(row[k]) for row in scores)],
    )
    answers = {k: [row[k] for row in scores if not math.isnan(row[k])] for k in criteria}
    ratio = {k: sum(answers[k]) / len(answers[k]) for k in criteria}
    total = sum(len(answers[k]) for k in criteria)
    factors = sorted({factor_of[k] for k in criteria})
    size = {f: sum(factor_of[k] == f for k in criteria) for f in factors}
    weight = {f: weights[f] if roll_up == "weighted" else 1.0 for f in factors}
    coefficient = {
        k: {
            "criteria_mean": 1 / len(criteria),
            "pooled": len(answers[k]) / total,
        }.get(roll_up, weight[factor_of[k]] / sum(weight.values()) / size[factor_of[k]])
        for k in criteria
    }
    value = sum(coefficient[k] * ratio[k] for k in criteria)
    u = [
        sum(
            coefficient[k]
            * (row[k] - (value if roll_up == "pooled" else ratio[k]))
            / len(answers[k])
            for k in criteria
            if not math.isnan(row[k])
        )
        for row in scores
    ]
    f = n / population if population else 0.0
    variance = (1 - f) * n / (n - 1) * sum((v - sum(u) / n) ** 2 for v in u)
    return value, math.sqrt(variance)


@st.composite
def score_matrices(draw, gaps=True, rows=(2, 12)):
    n = draw(st.integers(*rows))
    levels = [0.2, 0.4, 0.6, 0.8, 1.0, 0.0] + ([NAN, NAN] if gaps else [])
    shape = (n, len(FACTOR_OF))
    matrix = draw(hnp.arrays(np.float64, shape, elements=st.sampled_from(levels)))
    # At least one answer in every row: blank rows have a test of their own.
    matrix[np.isnan(matrix).all(axis=1), 0] = 1.0
    return matrix


def estimate(scores, roll_up, **options):
    return estimate_index(scores, factor_of=FACTOR_OF, roll_up=roll_up, weights=WEIGHTS, **options)


@pytest.mark.parametrize("roll_up", ROLL_UPS)
class TestEveryRollUp:
    @given(scores=score_matrices(), others=st.none() | st.integers(1, 50))
    def test_equals_brute_force(self, roll_up, scores, others):
        population = None if others is None else len(scores) + others
        result = estimate(scores, roll_up, population=population)
        value, standard_error = brute_force(
            scores.tolist(), FACTOR_OF, roll_up, WEIGHTS, population
        )
        assert result.value == pytest.approx(value, abs=2e-12)
        assert result.standard_error == pytest.approx(standard_error, rel=1e-9, abs=1e-12)
        assert (result.n, result.df) == (len(scores), len(scores) - 1)

    @given(scores=score_matrices(), others=st.none() | st.integers(1, 50))
    def test_interval_is_never_a_false_certainty(self, roll_up, scores, others):
        population = None if others is None else len(scores) + others
        interval = estimate(scores, roll_up, population=population).interval
        value = estimate(scores, roll_up).value
        assert 0 <= interval.low <= value <= interval.high <= 1
        if population is None:
            assert interval.high - interval.low > 1e-6

    @given(scores=score_matrices(), random=st.randoms(use_true_random=False))
    def test_order_of_rows_is_nothing(self, roll_up, scores, random):
        order = list(range(len(scores)))
        random.shuffle(order)
        one, other = estimate(scores, roll_up), estimate(scores[order], roll_up)
        assert one.value == pytest.approx(other.value)
        assert one.standard_error == pytest.approx(other.standard_error, abs=1e-12)

    @given(scores=score_matrices())
    def test_mirrors(self, roll_up, scores):
        one, other = estimate(scores, roll_up), estimate(1 - scores, roll_up)
        assert one.value == pytest.approx(1 - other.value)
        assert one.standard_error == pytest.approx(other.standard_error, abs=1e-9)
        assert one.interval.low == pytest.approx(1 - other.interval.high, abs=1e-6)

    @given(scores=score_matrices())
    def test_narrower_as_the_population_shrinks_to_the_sample(self, roll_up, scores):
        n = len(scores)
        intervals = [
            estimate(scores, roll_up, population=population).interval
            for population in (n + 1, 2 * n, 10 * n, None)
        ]
        widths = [interval.high - interval.low for interval in intervals]
        if intervals[0].method is IntervalMethod.LOGIT_T:
            assert widths == sorted(widths)

    def test_census(self, roll_up):
        scores = np.array([[1, 0, 1, NAN, 1, 0.0]] * 3 + [[1, 1, 1, 1, 1, 1]])
        result = estimate(scores, roll_up, population=4)
        assert result.standard_error == 0
        assert result.interval is None
        assert result.is_census

    def test_one_respondent(self, roll_up):
        result = estimate([[1, 1, 0.5, NAN, 1, 1]], roll_up, population=60)
        assert (result.standard_error, result.df) == (None, None)
        assert result.reason is Reason.ONE_ANSWER
        assert result.interval.method is IntervalMethod.BOUNDARY

    def test_nobody_answered(self, roll_up):
        for scores in (np.empty((0, 6)), np.full((3, 6), NAN)):
            result = estimate(scores, roll_up, population=60)
            assert result.value is None
            assert result.reason is Reason.NO_ANSWER

    def test_all_satisfied(self, roll_up):
        result = estimate(np.ones((45, 6)), roll_up)
        assert (result.value, result.standard_error) == (1.0, 0.0)
        assert result.interval.method is IntervalMethod.BOUNDARY
        assert result.interval.low == pytest.approx(0.025 ** (1 / 45))
        assert result.interval.high == 1

    def test_everybody_ticked_the_same(self, roll_up):
        """0.8 summed 31 times is not 24.8 in floating point; the spread must still count as 0."""
        result = estimate(np.tile([0.8, 0.6, 0.8, 1.0, 0.2, 0.8], (31, 1)), roll_up)
        q = 0.025 ** (1 / 31)
        assert result.standard_error == 0
        assert result.interval.low == pytest.approx(q * result.value)
        assert result.interval.high == pytest.approx(1 - q * (1 - result.value))

    def test_blank_sheets_leave_n_but_not_the_population(self, roll_up):
        scores = np.array([[1, 0, 1, 1, 1, 0], [1, 1, 1, 1, 1, 1], [NAN] * 6])
        result = estimate(scores, roll_up, population=3)
        assert result.n == 2
        assert not result.is_census
        assert result.standard_error > 0
        with pytest.raises(ValueError, match="number of dossiers"):
            estimate(scores, roll_up, population=2)

    def test_criterion_without_answers_leaves_the_mean(self, roll_up):
        scores = np.array([[1, 0, NAN, 1, 1, NAN], [1, 1, NAN, 0.5, 1, NAN]])
        result = estimate(scores, roll_up)
        without = estimate_index(
            scores[:, [0, 1, 3, 4]], factor_of=[0, 0, 1, 1], roll_up=roll_up, weights=WEIGHTS
        )
        assert result == without
        assert criteria_counted(scores) == 4


class TestBetweenRollUps:
    @given(score_matrices())
    def test_pooled_is_the_mean_weighted_by_answers(self, scores):
        answers = (~np.isnan(scores)).sum(axis=0)
        shares = np.nansum(scores, axis=0) / np.maximum(answers, 1)
        assert estimate(scores, "pooled").value == pytest.approx(
            float(np.average(shares, weights=answers))
        )

    @given(score_matrices(gaps=False))
    def test_complete_answers_make_pooled_the_mean_of_criteria(self, scores):
        one, other = estimate(scores, "criteria_mean"), estimate(scores, "pooled")
        assert one.value == pytest.approx(other.value)
        assert one.standard_error == pytest.approx(other.standard_error, abs=1e-12)

    @given(score_matrices())
    def test_equal_weights_are_the_mean_of_factors(self, scores):
        one = estimate_index(scores, factor_of=FACTOR_OF, roll_up="factor_mean")
        other = estimate_index(
            scores, factor_of=FACTOR_OF, roll_up="weighted", weights=[3.0, 3.0, 3.0]
        )
        assert one.value == pytest.approx(other.value)
        assert one.standard_error == pytest.approx(other.standard_error)

    @given(score_matrices())
    def test_indices_of_factors_add_up(self, scores):
        columns = [[0, 1, 2], [3, 4], [5]]
        for roll_up in ("factor_mean", "pooled"):
            factors = [estimate_factor(scores[:, c], roll_up=roll_up).value for c in columns]
            answers = [int((~np.isnan(scores[:, c])).sum()) for c in columns]
            parts = [
                (value, count if roll_up == "pooled" else 1)
                for value, count in zip(factors, answers, strict=True)
                if value is not None
            ]
            expected = sum(v * w for v, w in parts) / sum(w for _, w in parts)
            assert estimate(scores, roll_up).value == pytest.approx(expected)


class TestAgreesWithOneQuestion:
    @given(st.integers(2, 200), st.data())
    def test_standard_error_of_a_single_criterion(self, n, data):
        x = data.draw(st.integers(0, n))
        scores = np.array([[1.0]] * x + [[0.0]] * (n - x))
        for roll_up in ("criteria_mean", "pooled"):
            index = estimate_index(scores, factor_of=[0], roll_up=roll_up, population=2 * n)
            share = estimate_proportion(x, n, population=2 * n)
            assert index.value == pytest.approx(share.value)
            assert index.standard_error == pytest.approx(share.standard_error, abs=1e-12)

    def test_mean_of_five_of_a_single_criterion(self):
        scores = np.array([[0.6]] * 5 + [[0.8]] * 16 + [[1.0]] * 10)
        index = estimate_factor(scores, roll_up="criteria_mean", population=60)
        mean = estimate_mean(Tally((0, 0, 5, 16, 10)), population=60)
        assert index.value == pytest.approx(mean.value)
        assert index.standard_error == pytest.approx(mean.standard_error)
        assert index.interval.low == pytest.approx(mean.interval.low)


class TestComprehensive:
    def test_every_answered_criterion_counts(self):
        scores = [[1, 1, NAN], [1, 0, 1], [NAN, NAN, NAN], [1, 1, 1]]
        assert estimate_comprehensive(scores, population=60) == estimate_proportion(
            2, 3, population=60
        )

    def test_refuses_scores_between(self):
        with pytest.raises(ValueError, match="0 and 1 only"):
            estimate_comprehensive([[1, 0.8]])

    def test_nobody_answered(self):
        assert estimate_comprehensive([[NAN, NAN]]).reason is Reason.NO_ANSWER


def test_one_thin_criterion_keeps_the_boundary_interval_wide():
    """Half of this index rests on one answer; the other thirty cannot make up for it."""
    scores = np.array([[1.0, 0.0]] + [[1.0, NAN]] * 30)
    result = estimate_index(scores, factor_of=[0, 1], roll_up="criteria_mean")
    assert (result.value, result.standard_error) == (0.5, 0.0)
    assert result.interval.high > 0.95


def test_accepts_text_enumerations():
    class Form(StrEnum):
        POOLED = "pooled"

    assert estimate([[1, 1, 1, 1, 1, 0]] * 2, Form.POOLED).value == pytest.approx(5 / 6)


def test_empty_factor_gives_its_weight_to_the_others():
    coefficients = criterion_coefficients(
        [9, 9, 0, 7], factor_of=[0, 0, 1, 2], roll_up="weighted", weights=[1, 5, 3]
    )
    assert coefficients == pytest.approx([0.125, 0.125, 0, 0.75])


@given(score_matrices())
def test_contributions_sum_to_nothing(scores):
    for roll_up in ROLL_UPS:
        statistic = linearise_index(scores, factor_of=FACTOR_OF, roll_up=roll_up, weights=WEIGHTS)
        assert statistic.contributions.sum() == pytest.approx(0, abs=1e-12)
        assert statistic.coefficients.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("scores", "options", "message"),
    [
        ([1, 0], {}, "one row per respondent"),
        ([[1, 1.2]], {}, "0..1"),
        ([[1, -0.1]], {}, "0..1"),
        ([[1, 0]], {"factor_of": [0]}, "1 factors for 2 criteria"),
        ([[1, 0]], {"roll_up": "median"}, "unknown roll-up"),
        ([[1, 0]], {"roll_up": "weighted"}, "a weight for each"),
        ([[1, 0]], {"roll_up": "weighted", "weights": [1.0]}, "a weight for each"),
        ([[1, 0]], {"roll_up": "weighted", "weights": [1.0, 0.0]}, "positive"),
        ([[1, 0]] * 3, {"population": 2}, "number of dossiers"),
    ],
)
def test_impossible_input_is_refused(scores, options, message):
    arguments = {"factor_of": [0, 1], "roll_up": "pooled"} | options
    with pytest.raises(ValueError, match=message):
        estimate_index(scores, **arguments)


def test_linearising_without_answers_is_refused():
    with pytest.raises(ValueError, match="nobody answered"):
        linearise_index([[NAN]], factor_of=[0], roll_up="pooled")


class TestDesign:
    def test_repeats_stand_for_respondents(self):
        design = SimpleRandomSample(5, population=9)
        assert design.variance_of_total([0.2, -0.3], repeats=[3, 2]) == pytest.approx(
            design.variance_of_total([0.2, 0.2, 0.2, -0.3, -0.3])
        )

    def test_refusals(self):
        with pytest.raises(ValueError, match="at least one"):
            SimpleRandomSample(0)
        with pytest.raises(ValueError, match="exactly n = 3"):
            SimpleRandomSample(3).variance_of_total([0.1, 0.2])
        with pytest.raises(ValueError, match="no variance"):
            SimpleRandomSample(1).variance_of_total([0.1])
