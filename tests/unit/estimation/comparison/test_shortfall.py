"""Far fewer answers than elsewhere: exact, adjusted, silent on small numbers and on chance."""

from fractions import Fraction
from math import comb

import numpy as np
import pytest

from survey_app.estimation.comparison.shortfall import LEVEL, find_shortfalls


def exact_tail(count: int, total: int, share: Fraction) -> Fraction:
    return sum(
        (comb(total, k) * share**k * (1 - share) ** (total - k) for k in range(count + 1)),
        Fraction(0),
    )


def test_the_p_value_is_the_exact_tail_adjusted_for_all_places() -> None:
    counts, exposures = [4, 48, 52, 61, 30], [1000, 1000, 1100, 1200, 500]
    (found,) = find_shortfalls(counts, exposures)
    share = Fraction(500, 500 + sum(exposures) - 1000)
    tail = exact_tail(4, sum(counts), share)
    assert found.p_value == pytest.approx(float(5 * tail), rel=1e-12)  # Holm: the smallest of five
    assert (found.place, found.count) == (0, 4)
    assert found.expected == pytest.approx(191 / 3800 * 1000)


def test_half_of_the_others_rate_is_not_far_fewer_however_many_answers() -> None:
    assert find_shortfalls([500_000, 1_000_000, 1_000_000, 1_000_000], [1e7] * 4) == ()
    (found,) = find_shortfalls([490_000, 1_000_000, 1_000_000, 1_000_000], [1e7] * 4)
    assert found.place == 0


def test_small_numbers_say_nothing() -> None:
    # Ten places: without a single answer, eleven must have been expected.
    assert find_shortfalls([0, *[10] * 9], [100] * 10) == ()
    assert [short.place for short in find_shortfalls([0, *[12] * 9], [100] * 10)] == [0]
    assert find_shortfalls([0] * 10, [100] * 10) == ()
    assert find_shortfalls([0, 1, 2, 3], [1] * 4) == ()


def test_too_few_peers_say_nothing() -> None:
    assert find_shortfalls([], []) == ()
    assert find_shortfalls([0, 1000, 1000], [10] * 3) == ()
    assert len(find_shortfalls([0, 1000, 1000, 1000], [10] * 4)) == 1


def test_one_place_with_a_great_many_does_not_make_the_others_poor() -> None:
    assert find_shortfalls([5000, 50, 48, 52, 55], [100] * 5) == ()
    found = find_shortfalls([5000, 50, 48, 52, 1], [100] * 5)
    assert [short.place for short in found] == [4]


def test_several_places_can_be_short() -> None:
    found = find_shortfalls([2, 100, 98, 3, 102, 97], [10] * 6)
    assert [short.place for short in found] == [0, 3]
    assert all(short.p_value <= LEVEL for short in found)


def test_the_order_of_places_and_the_measure_do_not_matter() -> None:
    counts, exposures = [3, 60, 75, 50, 44], [900.0, 1000, 1300, 800, 700]
    straight = find_shortfalls(counts, exposures)
    mirrored = find_shortfalls(counts[::-1], [exposure / 7 for exposure in exposures[::-1]])
    assert [short.place for short in straight] == [4 - short.place for short in mirrored]
    assert straight[0].p_value == pytest.approx(mirrored[0].p_value)
    assert straight[0].expected == pytest.approx(mirrored[0].expected)


@pytest.mark.parametrize(
    ("counts", "exposures"),
    [([-1, 2, 3, 4], [1] * 4), ([1, 2, 3, 4], [1, 1, 0, 1]), ([1, 2, 3, 4], [1, 1, 1])],
)
def test_what_cannot_be_is_refused(counts: list[int], exposures: list[float]) -> None:
    with pytest.raises(ValueError):
        find_shortfalls(counts, exposures)


def test_chance_alone_gives_false_notices_less_often_than_promised() -> None:
    """Every place but the last has half the rate of the last: the edge of the hypothesis is worst
    when the rates differ just so; with equal rates there must hardly be any notice at all."""
    rng = np.random.default_rng(20260615)
    exposures = rng.integers(200, 3000, size=12).astype(float)
    equal = sum(
        bool(find_shortfalls(rng.poisson(0.05 * exposures).tolist(), exposures.tolist()))
        for _ in range(1000)
    )
    assert equal <= 5
    rates = np.full(12, 0.08)
    rates[0] = 0.04
    edge = sum(
        any(
            short.place == 0
            for short in find_shortfalls(
                rng.poisson(rates * exposures).tolist(), exposures.tolist()
            )
        )
        for _ in range(1000)
    )
    assert edge <= 1000 * LEVEL


def test_a_kiosk_turned_to_the_wall_is_noticed() -> None:
    rng = np.random.default_rng(7)
    exposures = np.full(12, 1000.0)
    rates = np.full(12, 0.05)
    rates[3] = 0.005
    found = sum(
        [
            short.place
            for short in find_shortfalls(rng.poisson(rates * exposures).tolist(), [1000.0] * 12)
        ]
        == [3]
        for _ in range(300)
    )
    assert found > 290
