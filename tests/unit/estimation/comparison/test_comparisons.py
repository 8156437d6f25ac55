"""Differences and tests against published examples and numbers of R."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.estimation.comparison.comparisons import (
    holm,
    mover_difference,
)
from survey_app.estimation.intervals.interval import wilson_interval

#: R 4.2.2: p.adjust(p, "holm")
R_HOLM = [
    (
        [0.01, 0.02, 0.03, 0.04, 0.05, 0.001, 0.2, 0.8],
        [0.07, 0.12, 0.15, 0.16, 0.16, 0.008, 0.4, 0.8],
    ),
    ([0.04, 0.04, 0.04], [0.12, 0.12, 0.12]),
    ([0.5], [0.5]),
    ([0.0001, 0.9, 0.3, 0.012, 0.0125], [0.0005, 0.9, 0.6, 0.048, 0.048]),
]


def newcombe(x1, n1, x2, n2):
    first, second = wilson_interval(x1, n1), wilson_interval(x2, n2)
    return mover_difference(x1 / n1, (first.low, first.high), x2 / n2, (second.low, second.high))


class TestMover:
    @pytest.mark.parametrize(
        ("counts", "low", "high"),
        # Newcombe (1998), Statistics in Medicine 17, 873-890, table II, method 10, examples a-h
        # (his difference is ours with the samples exchanged).
        [
            ((48, 80, 56, 70), 0.0524, 0.3339),
            ((3, 10, 9, 10), 0.1705, 0.8090),
            ((2, 7, 6, 7), 0.0582, 0.8062),
            ((0, 29, 5, 56), -0.0381, 0.1926),
            ((0, 20, 0, 10), -0.1611, 0.2775),
            ((0, 10, 0, 10), -0.2775, 0.2775),
            ((0, 20, 10, 10), 0.6791, 1.0),
            ((0, 10, 10, 10), 0.6075, 1.0),
        ],
    )
    def test_published_examples(self, counts, low, high):
        found = newcombe(*counts)
        assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)

    @given(*[st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))] * 2)
    def test_laws(self, first, second):
        found, turned = newcombe(*first, *second), newcombe(*second, *first)
        assert -1 - 1e-12 <= found.low <= found.value <= found.high <= 1 + 1e-12
        assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))
        assert found.low < found.high

    def test_an_interval_must_hold_its_estimate(self):
        with pytest.raises(ValueError, match="hold"):
            mover_difference(0.5, (0.6, 0.7), 0.5, (0.4, 0.6))


class TestHolm:
    @pytest.mark.parametrize(
        ("p_values", "adjusted"),
        R_HOLM,
    )
    def test_against_r(self, p_values, adjusted):
        assert holm(p_values) == pytest.approx(adjusted, rel=1e-12)

    @given(st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=30))
    def test_laws(self, p_values):
        adjusted = holm(p_values)
        tested = [p for p in p_values if p is not None]
        for p, a in zip(p_values, adjusted, strict=True):
            assert (p is None) == (a is None)
            assert p is None or p <= a <= min(1, len(tested) * p)
        kept = tuple(a for a in adjusted if a is not None)
        assert holm(tested) == kept
        assert holm(p_values[::-1]) == adjusted[::-1]

    @pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
    def test_impossible(self, p):
        with pytest.raises(ValueError, match="p-value"):
            holm([0.5, p])
