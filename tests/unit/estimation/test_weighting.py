"""Weights: the laws of calibration, trimming, and every refusal in words."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.errors import Invalid
from survey_app.estimation.weighting import (
    Margin,
    design_weights,
    kish_design_effect,
    post_stratify,
    rake,
)

SEX = {"F": 60.0, "M": 40.0}
AGE = {"young": 30.0, "old": 70.0}


@st.composite
def samples(draw):
    """Respondents in all four cells, so that every pair of margins can be met."""
    more = draw(st.lists(st.tuples(st.sampled_from("FM"), st.sampled_from(list(AGE))), max_size=30))
    cells = [(sex, age) for sex in SEX for age in AGE] + more
    size = len(cells)
    weights = draw(st.lists(st.integers(5, 50), min_size=size, max_size=size))
    return np.array(weights, dtype=float), [c[0] for c in cells], [c[1] for c in cells]


def sums(weights, values):
    return {v: weights[[value == v for value in values]].sum() for v in set(values)}


class TestPostStratify:
    @given(samples())
    def test_laws(self, sample):
        weights, sex, _ = sample
        found = post_stratify(weights, Margin(sex, SEX))
        assert sums(found.weights, sex) == pytest.approx(SEX)
        inside = [value == "F" for value in sex]
        assert np.ptp(found.weights[inside] / weights[inside]) < 1e-12
        again = post_stratify(found.weights, Margin(sex, SEX))
        np.testing.assert_allclose(again.weights, found.weights, rtol=1e-12)

    def test_residuals_are_deviations_from_the_weighted_mean(self):
        found = post_stratify([1, 3, 2], Margin(["F", "F", "M"], SEX))
        assert found.residuals([1.0, 0.0, 5.0]) == pytest.approx([0.75, -0.25, 0.0])
        two = found.residuals([[1.0, 2.0], [0.0, 0.0], [5.0, 1.0]])
        assert two[:, 1] == pytest.approx([1.5, -0.5, 0.0])


class TestRake:
    @given(samples())
    def test_laws(self, sample):
        weights, sex, age = sample
        margins = {"sex": Margin(sex, SEX), "age": Margin(age, AGE)}
        found = rake(weights, margins)
        assert sums(found.weights, sex) == pytest.approx(SEX, rel=1e-9)
        assert sums(found.weights, age) == pytest.approx(AGE, rel=1e-9)
        # The factors are products of one factor for each category: the odds ratio stays.
        factor = {}
        for f, s, a in zip(found.weights / weights, sex, age, strict=True):
            assert factor.setdefault((s, a), f) == pytest.approx(f, rel=1e-9)
        odds = factor["F", "old"] * factor["M", "young"]
        assert odds == pytest.approx(factor["F", "young"] * factor["M", "old"], rel=1e-8)
        turned = rake(weights, dict(reversed(margins.items())))
        np.testing.assert_allclose(turned.weights, found.weights, rtol=1e-8)

    @given(samples())
    def test_what_the_margins_explain_has_no_variance(self, sample):
        weights, sex, age = sample
        found = rake(weights, {"sex": Margin(sex, SEX), "age": Margin(age, AGE)})
        explained = np.array(
            [2.0 * (s == "F") + 0.7 * (a == "old") for s, a in zip(sex, age, strict=True)]
        )
        assert np.abs(found.residuals(explained)).max() < 1e-10
        rest = found.residuals(np.arange(len(sex), dtype=float))
        assert np.abs(sums(weights * rest, sex)["F"]) < 1e-7 * weights.sum() * len(sex)

    def test_one_margin_is_post_stratification(self):
        margin = Margin(["F", "F", "M"], SEX)
        raked, stratified = rake([1, 3, 2], {"sex": margin}), post_stratify([1, 3, 2], margin)
        np.testing.assert_allclose(raked.weights, stratified.weights, rtol=1e-14)

    def test_zero_weights_stay_zero(self):
        found = rake([0, 1, 1], {"sex": Margin(["F", "F", "M"], SEX)})
        assert found.weights.tolist() == [0, 60, 40]


class TestTrimming:
    def test_margins_hold_and_no_weight_is_above(self):
        random = np.random.default_rng(4)
        sex, age = random.choice(["F", "M"], 300), random.choice(list(AGE), 300)
        weights = random.pareto(1.5, 300) + 1
        margins = {"sex": Margin(sex.tolist(), SEX), "age": Margin(age.tolist(), AGE)}
        whole, cut = rake(weights, margins), rake(weights, margins, trim=5)
        assert whole.largest_ratio > 5 >= cut.largest_ratio - 1e-6
        above = (whole.weights > 5 * np.median(whole.weights)).sum()
        assert whole.trimmed == 0 < above <= cut.trimmed < 30
        assert cut.design_effect < whole.design_effect
        assert sums(cut.weights, sex.tolist()) == pytest.approx(SEX, rel=1e-9)

    def test_nothing_to_cut(self):
        margins = {"sex": Margin(["F", "F", "M"], SEX)}
        assert rake([1, 1, 1], margins, trim=5).trimmed == 0

    def test_margins_that_need_a_large_weight_win(self):
        margins = {"sex": Margin(["F"] * 10 + ["M"], {"F": 10, "M": 90})}
        found = rake([1.0] * 11, margins, trim=5)
        assert found.largest_ratio > 5
        assert found.weights[-1] == pytest.approx(90)

    def test_below_the_median(self):
        with pytest.raises(ValueError, match="median"):
            rake([1, 1], {"sex": Margin(["F", "M"], SEX)}, trim=0.5)


class TestRefusals:
    def test_every_problem_at_once(self):
        margins = {
            "sex": Margin(["F", "F", None, "X"], {"F": 60, "M": 40}),
            "age": Margin(["young", "old", "old", " "], {"young": 30, "old": -1, "none": 0}),
        }
        with pytest.raises(Invalid, match="6 chỗ cần sửa") as caught:
            rake([1, 1, 1, 1], margins)
        assert [str(problem) for problem in caught.value.problems] == [
            "sex: 1 người trả lời không có thông tin này.",
            "sex: nhóm “X” có người trả lời nhưng không có trong phân bố dân số.",
            "sex: nhóm “M” có dân số nhưng không có ai trả lời; hãy gộp nhóm.",
            "age: 1 người trả lời không có thông tin này.",
            "age: dân số của nhóm “old” phải là một số không âm.",
            "các phân bố không có cùng tổng dân số (sex: 100; age: 29).",
        ]

    def test_different_sums(self):
        margins = {"sex": Margin(["F", "M"], SEX), "age": Margin(["a", "b"], {"a": 50, "b": 51})}
        with pytest.raises(Invalid) as caught:
            rake([1, 1], margins)
        (problem,) = caught.value.problems
        assert problem.message.endswith("(sex: 100; age: 101).")

    def test_people_in_a_group_without_population(self):
        with pytest.raises(Invalid) as caught:
            post_stratify([1, 1], Margin(["F", "M"], {"F": 10, "M": 0}))
        assert "dân số bằng 0" in caught.value.problems[0].message

    def test_margins_that_cannot_be_met_together(self):
        """All women are young and all men old, but the margins differ."""
        margins = {"sex": Margin(["F", "M"], SEX), "age": Margin(["young", "old"], AGE)}
        with pytest.raises(Invalid, match="sau 50 vòng") as caught:
            rake([1, 1], margins, most_cycles=50)
        assert [str(p) for p in caught.value.problems] == [
            "sex: nhóm “F” còn lệch 50 % so với dân số."
        ]

    @pytest.mark.parametrize("weights", [[1, -1], [1, float("nan")], [0, 0], [[1, 1]]])
    def test_weights(self, weights):
        with pytest.raises(ValueError, match="weight"):
            post_stratify(weights, Margin(["F", "M"], SEX))

    def test_shapes(self):
        with pytest.raises(ValueError, match="each respondent"):
            post_stratify([1, 1, 1], Margin(["F", "M"], SEX))
        with pytest.raises(ValueError, match="at least one margin"):
            rake([1, 1], {})
        with pytest.raises(ValueError, match="one row"):
            post_stratify([1, 1], Margin(["F", "M"], SEX)).residuals([1.0])

    @pytest.mark.parametrize("probability", [0, -0.1, 1.1, float("nan")])
    def test_probabilities(self, probability):
        with pytest.raises(ValueError, match="probability"):
            design_weights([0.5, probability])


class TestKish:
    @given(st.lists(st.floats(0.1, 100), min_size=1, max_size=50))
    def test_is_one_plus_the_squared_coefficient_of_variation(self, weights):
        w = np.array(weights)
        expected = 1 + (w.std() / w.mean()) ** 2
        assert kish_design_effect(weights) == pytest.approx(expected)
        assert kish_design_effect([*weights, 0.0]) == pytest.approx(expected)

    def test_no_weight(self):
        with pytest.raises(ValueError, match="positive"):
            kish_design_effect([0.0])
