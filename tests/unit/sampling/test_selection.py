"""Draws: chances that are kept, draws that can be repeated, and certain units that are in."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.errors import Invalid
from survey_app.sampling.selection import (
    pps_inclusion,
    select_pps,
    select_simple,
    select_stratified,
    select_systematic,
)

SIZES = np.array([500.0, 10, 20, 30, 40, 5, 0, 15])
STRATA = ["A"] * 5 + ["B"] * 3
DRAWS = {
    "simple": lambda seed: select_simple(8, 3, seed=seed),
    "systematic": lambda seed: select_systematic(8, 3, seed=seed),
    "ordered": lambda seed: select_systematic(8, 3, seed=seed, order=[3, 1, 2, 9, 8, 7, 4, 0]),
    "pps": lambda seed: select_pps(SIZES, 3, seed=seed),
    "stratified simple": lambda seed: select_stratified(STRATA, {"A": 2, "B": 1}, seed=seed),
    "stratified systematic": lambda seed: select_stratified(
        STRATA, {"A": 2, "B": 1}, seed=seed, method="systematic"
    ),
    "stratified pps": lambda seed: select_stratified(
        STRATA, {"A": 2, "B": 1}, seed=seed, method="pps", sizes=SIZES
    ),
}

#: What seed 2026 draws, on every platform.
WRITTEN_DOWN = {
    "simple": [0, 4, 7],
    "systematic": [0, 3, 5],
    "ordered": [0, 5, 7],
    "pps": [0, 2, 4],
    "stratified simple": [0, 1, 5],
    "stratified systematic": [0, 2, 5],
    "stratified pps": [0, 1, 5],
}


@pytest.mark.parametrize("name", DRAWS)
class TestEveryMethod:
    def test_units_come_as_often_as_their_chances_say(self, name):
        """4,000 draws: a frequency is within 4 standard errors (at most 0.032) of π."""
        draw = DRAWS[name]
        counts = np.zeros(8)
        for seed in range(4000):
            counts[draw(seed).indices] += 1
        inclusion = draw(0).inclusion
        allowed = 4 * np.sqrt(inclusion * (1 - inclusion) / 4000) + 1e-12
        assert (np.abs(counts / 4000 - inclusion) <= allowed).all()

    def test_the_same_seed_is_the_same_draw(self, name):
        draw = DRAWS[name]
        assert draw(12).indices.tolist() == draw(12).indices.tolist()
        assert len({tuple(draw(seed).indices.tolist()) for seed in range(30)}) > 1

    def test_chances_add_up_and_nobody_is_drawn_twice(self, name):
        for seed in range(50):
            found = DRAWS[name](seed)
            assert found.inclusion.sum() == pytest.approx(3, abs=1e-12)
            assert found.n == len(set(found.indices.tolist())) == 3
            assert (np.diff(found.indices) > 0).all()
            assert found.probabilities.tolist() == found.inclusion[found.indices].tolist()


class TestRepeatable:
    """The same everywhere: these draws are written down."""

    def test_written_down(self):
        drawn = {name: draw(2026).indices.tolist() for name, draw in DRAWS.items()}
        assert drawn == WRITTEN_DOWN

    def test_another_order_of_the_list_is_another_draw(self):
        names = np.array(list("abcdefgh"))
        drawn = set(names[select_simple(8, 3, seed=1).indices])
        reversed_draw = set(names[::-1][select_simple(8, 3, seed=1).indices])
        assert drawn != reversed_draw


class TestSimple:
    def test_pairs(self):
        counts = np.zeros((6, 6))
        for seed in range(6000):
            for i, j in itertools.permutations(select_simple(6, 3, seed=seed).indices, 2):
                counts[i, j] += 1
        joint = select_simple(6, 3, seed=0).joint_probability
        assert joint == pytest.approx(3 * 2 / (6 * 5))
        off_diagonal = counts[~np.eye(6, dtype=bool)] / 6000
        assert off_diagonal == pytest.approx(joint, abs=0.025)

    def test_everybody_and_nobody(self):
        assert select_simple(5, 5, seed=1).indices.tolist() == [0, 1, 2, 3, 4]
        assert select_simple(5, 0, seed=1).n == 0
        assert select_simple(0, 0, seed=1).n == 0


class TestSystematic:
    @given(st.integers(1, 500).flatmap(lambda p: st.tuples(st.just(p), st.integers(1, p))))
    def test_even_steps(self, numbers):
        population, n = numbers
        found = select_systematic(population, n, seed=population)
        assert found.n == n
        steps = np.diff(found.indices)
        assert ((steps >= population // n) & (steps <= -(-population // n))).all()

    def test_implicit_strata_are_drawn_evenly(self):
        commune = np.tile([2, 0, 1], 10)
        for seed in range(20):
            drawn = select_systematic(30, 6, seed=seed, order=commune)
            assert np.bincount(commune[drawn.indices]).tolist() == [2, 2, 2]

    def test_texts_can_order_a_list(self):
        draw = select_systematic(4, 2, seed=1, order=["b", "a", "b", "a"])
        assert {i % 2 for i in draw.indices.tolist()} == {0, 1}


class TestPps:
    def test_certain_units_are_always_in(self):
        for seed in range(100):
            found = select_pps(SIZES, 3, seed=seed)
            assert found.is_certain.tolist() == [True] + [False] * 7
            assert 0 in found.indices
            assert 6 not in found.indices

    @given(
        st.lists(st.integers(1, 1000), min_size=1, max_size=40).flatmap(
            lambda sizes: st.tuples(st.just(sizes), st.integers(0, len(sizes)))
        )
    )
    def test_laws(self, problem):
        sizes, n = np.array(problem[0], dtype=float), problem[1]
        inclusion = pps_inclusion(sizes, n)
        assert inclusion.sum() == pytest.approx(n, abs=1e-9)
        assert ((inclusion >= 0) & (inclusion <= 1)).all()
        assert (np.diff(inclusion[np.argsort(sizes)]) >= -1e-12).all()
        uncertain = (inclusion > 0) & (inclusion < 1)
        assert np.ptp(inclusion[uncertain] / sizes[uncertain]) < 1e-12 if uncertain.any() else True
        found = select_pps(sizes, n, seed=n)
        assert found.n == len(set(found.indices.tolist())) == n

    def test_equal_sizes_are_systematic(self):
        for seed in range(20):
            even = select_pps(np.full(11, 3.0), 4, seed=seed)
            assert even.indices.tolist() == select_systematic(11, 4, seed=seed).indices.tolist()


class TestStratified:
    def test_other_strata_do_not_matter(self):
        both = select_stratified(STRATA, {"A": 2, "B": 1}, seed=5)
        alone = select_stratified(STRATA, {"A": 2}, seed=5)
        more = select_stratified([*STRATA, "C", "C"], {"C": 1, "B": 2, "A": 2}, seed=5)
        in_a = [[i for i in s.indices.tolist() if i < 5] for s in (both, alone, more)]
        assert in_a[0] == in_a[1] == in_a[2]
        assert alone.inclusion.tolist() == [0.4] * 5 + [0] * 3

    def test_every_problem_is_named(self):
        with pytest.raises(Invalid) as caught:
            select_stratified(STRATA, {"A": 6, "B": 3, "D": 1}, seed=1)
        assert [str(problem) for problem in caught.value.problems] == [
            "A: cần chọn 6 nhưng tầng chỉ có 5.",
            "D: không có tầng này trong danh sách.",
        ]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: select_simple(5, 6, seed=1),
        lambda: select_simple(5, -1, seed=1),
        lambda: select_systematic(5, 6, seed=1),
        lambda: select_systematic(5, 2, seed=1, order=[1, 2]),
        lambda: select_pps([1, 0, 2], 3, seed=1),
        lambda: select_pps([1, -1], 1, seed=1),
        lambda: select_pps([1, float("nan")], 1, seed=1),
        lambda: select_stratified(STRATA, {"A": 1}, seed=1, method="best"),
        lambda: select_stratified(STRATA, {"A": 1}, seed=1, method="pps"),
        lambda: select_stratified(STRATA, {"A": 1}, seed=1, method="pps", sizes=[1]),
    ],
)
def test_refusals(draw):
    with pytest.raises(ValueError, match=r"cannot draw|must be|unknown|needs"):
        draw()
