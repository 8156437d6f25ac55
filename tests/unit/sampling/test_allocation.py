"""Allocations: exact totals within limits, the textbook formulas, and the best variance."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.errors import Invalid
from survey_app.sampling.allocation import allocate

METHODS = ["equal", "proportional", "neyman", "optimal", "power"]


def needed(method, strata):
    if method not in ("neyman", "optimal"):
        return {}
    spread = {"deviations": [0.1 + 0.05 * h for h in range(strata)]}
    return spread | ({"costs": [1.0 + h for h in range(strata)]} if method == "optimal" else {})


@st.composite
def problems(draw):
    sizes = draw(st.lists(st.integers(0, 400), min_size=1, max_size=9))
    minimum = draw(st.integers(0, 30))
    least = sum(min(minimum, size) for size in sizes)
    return draw(st.integers(least, sum(sizes))), sizes, minimum


class TestLaws:
    @pytest.mark.parametrize("method", METHODS)
    @given(problem=problems())
    def test_exact_total_within_limits(self, method, problem):
        total, sizes, minimum = problem
        found = allocate(total, sizes, method=method, minimum=minimum, **needed(method, len(sizes)))
        assert sum(found) == total
        pairs = list(zip(found, sizes, strict=True))
        assert all(min(minimum, size) <= n <= size for n, size in pairs)

    @given(problem=problems())
    def test_proportional_is_monotone(self, problem):
        total, sizes, minimum = problem
        found = allocate(total, sizes, minimum=minimum)
        for (n1, size1), (n2, size2) in itertools.combinations(zip(found, sizes, strict=True), 2):
            assert n1 >= n2 - 1 if size1 >= size2 else n2 >= n1 - 1

    @given(st.lists(st.integers(1, 50), min_size=1, max_size=6), st.integers(1, 20))
    def test_a_proportion_that_fits_is_met_exactly(self, parts, factor):
        sizes = [part * factor for part in parts]
        assert allocate(sum(parts), sizes) == tuple(parts)


class TestFormulas:
    def test_equal(self):
        assert allocate(10, [50, 50, 50], method="equal") == (4, 3, 3)

    def test_neyman(self):
        # N S = 300·.5, 100·.3, 600·.1 = 150, 30, 60
        found = allocate(80, [300, 100, 600], method="neyman", deviations=[0.5, 0.3, 0.1])
        assert found == (50, 10, 20)

    def test_optimal(self):
        # 150/√4, 30/√1, 60/√1
        found = allocate(
            33, [300, 100, 600], method="optimal", deviations=[0.5, 0.3, 0.1], costs=[4, 1, 1]
        )
        assert found == (15, 6, 12)

    def test_power_lies_between(self):
        sizes = [900, 100]
        assert allocate(100, sizes, method="power") == (75, 25)
        assert allocate(100, sizes, method="power", power=1) == allocate(100, sizes)
        assert allocate(100, sizes, method="power", power=0) == (50, 50)

    def test_neyman_has_the_smallest_variance(self):
        sizes, deviations = [30, 20, 50], [0.5, 0.2, 0.35]
        found = allocate(20, sizes, method="neyman", deviations=deviations)

        def variance(n):
            return sum(
                size**2 * (1 - m / size) * s**2 / m
                for size, s, m in zip(sizes, deviations, n, strict=True)
            )

        choices = [
            (a, b, 20 - a - b) for a in range(1, 19) for b in range(1, 20 - a) if 20 - a - b <= 50
        ]
        assert variance(found) <= min(map(variance, choices)) * 1.005

    def test_full_strata_hand_on_what_they_cannot_take(self):
        found = allocate(60, [5, 100, 100], method="neyman", deviations=[9, 0.5, 0.5])
        assert found == (5, 28, 27)

    def test_strata_without_spread_come_last(self):
        found = allocate(25, [10, 10, 10], method="neyman", deviations=[0, 1, 0], minimum=2)
        assert found == (8, 10, 7)
        assert allocate(6, [10, 10, 10], method="neyman", deviations=[0, 1, 0], minimum=2) == (
            2,
            2,
            2,
        )

    def test_nothing_to_divide(self):
        assert allocate(0, [10, 0]) == (0, 0)
        assert allocate(10, [10, 0]) == (10, 0)


class TestRefusals:
    def test_totals_that_do_not_fit(self):
        with pytest.raises(Invalid, match="chỉ có 20"):
            allocate(21, [10, 10])
        with pytest.raises(Invalid, match="ít nhất 12"):
            allocate(11, [10, 2, 50], minimum=5)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"method": "best"}, "best"),
            ({"sizes": [-1, 5]}, "sizes"),
            ({"minimum": -1}, "minimum"),
            ({"method": "neyman"}, "deviations"),
            ({"method": "neyman", "deviations": [1, -1]}, "negative"),
            ({"method": "neyman", "deviations": [1]}, "deviations"),
            ({"method": "optimal", "deviations": [1, 1]}, "costs"),
            ({"method": "optimal", "deviations": [1, 1], "costs": [0, 1]}, "cost"),
            ({"method": "power", "power": 2}, "power"),
        ],
    )
    def test_bad_arguments(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            allocate(**({"total": 5, "sizes": [10, 10]} | arguments))
