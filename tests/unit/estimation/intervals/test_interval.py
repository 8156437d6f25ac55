"""Intervals against independent exact arithmetic, and the laws they must keep."""

import math
from fractions import Fraction
from math import comb
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.estimation.estimate import Interval, IntervalMethod
from survey_app.estimation.intervals.interval import (
    boundary_interval,
    hypergeometric_interval,
    logit_t_interval,
    wilson_interval,
)

TAIL = Fraction(25, 1000)


def tail_at_least(x, k, n, population):
    """P(X >= x | K = k) in whole numbers."""
    ways = sum(comb(k, j) * comb(population - k, n - j) for j in range(x, n + 1))
    return Fraction(ways, comb(population, n))


def exact_bounds(x, n, population):
    """The definition itself, over every K that is possible."""
    possible = range(x, population - n + x + 1)
    at_most = {k: 1 - tail_at_least(x + 1, k, n, population) for k in possible}
    low = min(k for k in possible if tail_at_least(x, k, n, population) > TAIL)
    high = max(k for k in possible if at_most[k] > TAIL)
    return low, high


def closed_form_wilson(x, n):
    """The two roots of (p - p0)² = z² p0 (1 - p0) / n."""
    z2 = NormalDist().inv_cdf(0.975) ** 2
    p = x / n
    a, b, c = 1 + z2 / n, -(2 * p + z2 / n), p * p
    root = math.sqrt(b * b - 4 * a * c)
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


@st.composite
def samples(draw, largest=80):
    population = draw(st.integers(1, largest))
    n = draw(st.integers(1, population))
    return draw(st.integers(0, n)), n, population


def width(interval: Interval) -> float:
    return interval.high - interval.low


class TestBaRiaVungTau:
    """Sở TN&MT Bà Rịa–Vũng Tàu, 2022: 26 of 31 sheets satisfied."""

    def test_population_unknown(self):
        interval = wilson_interval(26, 31)
        assert (interval.low, interval.high) == pytest.approx(closed_form_wilson(26, 31), abs=1e-12)
        assert (round(interval.low, 4), round(interval.high, 4)) == (0.6737, 0.9291)
        assert interval.method is IntervalMethod.WILSON

    def test_sixty_dossiers(self):
        assert exact_bounds(26, 31, 60) == (43, 55)
        interval = hypergeometric_interval(26, 31, 60)
        assert (interval.low, interval.high) == (43 / 60, 55 / 60)
        assert interval.method is IntervalMethod.HYPERGEOMETRIC


class TestWilson:
    @given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_laws(self, counts):
        x, n = counts
        interval = wilson_interval(x, n)
        assert 0 <= interval.low <= x / n <= interval.high <= 1
        assert width(interval) > 0
        assert (interval.low, interval.high) == pytest.approx(closed_form_wilson(x, n), abs=1e-9)
        mirrored = wilson_interval(n - x, n)
        assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((interval.low, interval.high))
        assert width(wilson_interval(2 * x, 2 * n)) < width(interval)

    def test_more_confidence_is_wider(self):
        assert width(wilson_interval(9, 10, confidence=0.99)) > width(wilson_interval(9, 10))


class TestHypergeometric:
    @given(samples())
    def test_equals_the_definition(self, sample):
        x, n, population = sample
        interval = hypergeometric_interval(x, n, population)
        low, high = exact_bounds(x, n, population)
        # Out to the whole numbers beside p; a single K only in a census.
        low, high = min(low, x * population // n), max(high, -(-x * population // n))
        if low == high:
            low, high = max(low - 1, x), min(high + 1, population - n + x)
        assert (interval.low, interval.high) == (low / population, high / population)

    @given(samples(largest=100_000))
    def test_laws(self, sample):
        x, n, population = sample
        interval = hypergeometric_interval(x, n, population)
        # What is logically possible: nobody of the others satisfied, or all of them.
        assert x / population <= interval.low <= x / n
        assert x / n <= interval.high <= (population - n + x) / population
        mirrored = hypergeometric_interval(n - x, n, population)
        assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx((interval.low, interval.high))
        assert (interval.low == interval.high) == (n == population)

    @given(samples(largest=3000), st.integers(2, 20))
    def test_narrower_for_a_smaller_population(self, sample, times):
        x, n, population = sample
        # The bounds are whole numbers of people, so the comparison holds up to one person at
        # either end of either interval.
        one_person = 2 / population + 2 / (times * population)
        small = width(hypergeometric_interval(x, n, population))
        large = width(hypergeometric_interval(x, n, times * population))
        assert small <= large + one_person

    @given(st.integers(1, 40), st.data())
    def test_narrower_for_a_larger_sample_with_the_same_share(self, n, data):
        x = data.draw(st.integers(0, n))
        population = data.draw(st.integers(2 * n, 400))
        smaller = width(hypergeometric_interval(x, n, population))
        larger = width(hypergeometric_interval(2 * x, 2 * n, population))
        assert larger <= smaller + 2 / population

    @pytest.mark.parametrize(
        ("population", "n"),
        [(6, 1), (10, 5), (25, 20), (31, 30), (40, 1), (60, 31), (60, 45), (60, 59), (120, 10)],
    )
    def test_never_covers_less_than_95_percent(self, population, n):
        intervals = [hypergeometric_interval(x, n, population) for x in range(n + 1)]
        for k in range(population + 1):
            coverage = sum(
                Fraction(comb(k, x) * comb(population - k, n - x), comb(population, n))
                for x, interval in enumerate(intervals)
                if interval.low <= k / population <= interval.high
            )
            assert coverage >= Fraction(95, 100)

    def test_large_populations(self):
        """Against exact whole numbers where they are within reach, and Wilson beyond."""
        interval = hypergeometric_interval(380, 400, 50_000)
        low, high = round(interval.low * 50_000), round(interval.high * 50_000)
        assert tail_at_least(380, low, 400, 50_000) > TAIL
        assert tail_at_least(380, low - 1, 400, 50_000) <= TAIL
        assert 1 - tail_at_least(381, high, 400, 50_000) > TAIL
        assert 1 - tail_at_least(381, high + 1, 400, 50_000) <= TAIL
        huge, wilson = hypergeometric_interval(9_000, 10_000, 10**8), wilson_interval(9_000, 10_000)
        assert (huge.low, huge.high) == pytest.approx((wilson.low, wilson.high), abs=2e-4)

    def test_one_missing_dossier_is_not_a_census(self):
        """59 of 60: missing the only dissatisfied one has a chance of 1/60, under the tail."""
        assert exact_bounds(59, 59, 60) == (60, 60)
        interval = hypergeometric_interval(59, 59, 60)
        assert (interval.low, interval.high) == (59 / 60, 1)
        # 1 of 79 is no whole number of 80.
        assert hypergeometric_interval(1, 79, 80).high == 2 / 80

    def test_a_tie_is_not_above_the_tail(self):
        """N = 40, n = 1: P(X >= 1 | K = 1) is 1/40, exactly the tail."""
        assert hypergeometric_interval(1, 1, 40).low == 2 / 40


class TestLogitT:
    def test_formula(self):
        interval = logit_t_interval(0.8, 0.05, 9)
        g = 2.262157162798205 * 0.05 / 0.16  # the .975 quantile of t with 9 df
        low = 1 / (1 + math.exp(-(math.log(4) - g)))
        high = 1 / (1 + math.exp(-(math.log(4) + g)))
        assert (interval.low, interval.high) == pytest.approx((low, high), rel=1e-12)
        assert interval.method is IntervalMethod.LOGIT_T

    @given(
        st.floats(1e-6, 1 - 1e-6),
        st.floats(1e-9, 0.5),
        st.integers(1, 10_000),
    )
    def test_laws(self, value, standard_error, df):
        interval = logit_t_interval(value, standard_error, df)
        assert 0 <= interval.low <= value <= interval.high <= 1
        mirrored = logit_t_interval(1 - value, standard_error, df)
        assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx(
            (interval.low, interval.high), abs=1e-9
        )

    @pytest.mark.parametrize(
        ("value", "standard_error", "df"),
        [(1.0, 0.1, 9), (0.0, 0.1, 9), (0.5, 0.0, 9), (0.5, 1, 0)],
    )
    def test_refuses_what_has_no_logit_interval(self, value, standard_error, df):
        with pytest.raises(ValueError, match="logit-t needs"):
            logit_t_interval(value, standard_error, df)


class TestBoundary:
    def test_everybody_satisfied(self):
        assert boundary_interval(1.0, 45) == Interval(
            pytest.approx(0.025 ** (1 / 45)), 1.0, IntervalMethod.BOUNDARY
        )

    def test_nobody_satisfied_mirrors_it(self):
        assert boundary_interval(0.0, 45).high == pytest.approx(1 - 0.025 ** (1 / 45))
        assert boundary_interval(0.0, 45).low == 0

    def test_known_population_is_exact(self):
        """20 of 25: were one of the 25 dissatisfied, 20 drawn would miss him in 1 of 5 samples.

        The formula with n* = n (N-1)/(N-n) would give .025^(1/96) = 0.962 and exclude that 0.96.
        """
        assert boundary_interval(1.0, 20, population=25).low == 23 / 25

    def test_everybody_chose_the_same_middle_level(self):
        interval = boundary_interval(0.6, 31)
        q = 0.025 ** (1 / 31)
        assert (interval.low, interval.high) == pytest.approx((0.6 * q, 0.6 * q + 1 - q))

    @given(st.floats(0, 1), st.integers(1, 500), st.integers(1, 500))
    def test_laws(self, value, n, others):
        for population in (None, n + others):
            interval = boundary_interval(value, n, population=population)
            assert 0 <= interval.low <= value <= interval.high <= 1
            if population is None:
                assert width(interval) > 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: wilson_interval(1, 0),
        lambda: wilson_interval(3, 2),
        lambda: wilson_interval(-1, 2),
        lambda: wilson_interval(1, 2, confidence=95),
        lambda: hypergeometric_interval(1, 3, 2),
        lambda: boundary_interval(1.5, 3),
    ],
)
def test_impossible_input_is_refused(call):
    with pytest.raises(ValueError):
        call()
