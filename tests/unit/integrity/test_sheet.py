"""What a sheet shows by itself."""

from datetime import datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.clock import VIETNAM
from survey_app.integrity.flags import Flag, flags_in
from survey_app.integrity.sheet import (
    LONG_BATTERY,
    SHORT_BATTERY,
    is_older_version,
    is_out_of_hours,
    is_straight_lined,
    is_too_fast,
)

levels = st.lists(st.integers(1, 5), max_size=60)
seconds = st.none() | st.integers(0, 1000)
counts = st.integers(0, 60)


@pytest.mark.parametrize(
    ("taken", "answered", "expected"),
    [(59, 30, True), (60, 30, False), (None, 30, False), (0, 4, False), (0, 5, True)],
)
def test_two_seconds_a_question(taken: int | None, answered: int, expected: bool) -> None:
    assert is_too_fast(taken, answered) is expected


@given(taken=st.integers(0, 1000), answered=counts, more=st.integers(0, 100))
def test_who_takes_longer_is_not_faster(taken: int, answered: int, more: int) -> None:
    assert is_too_fast(taken, answered) or not is_too_fast(taken + more, answered)


@pytest.mark.parametrize(
    ("chosen", "taken", "expected"),
    [
        ([5] * 22, 87, True),
        ([5] * 22, 88, False),  # four seconds a question: satisfied, and in no hurry
        ([5] * 22, None, False),
        ([5] * 21 + [4], 10, False),
        ([5] * (SHORT_BATTERY - 1), 10, False),
        ([5] * LONG_BATTERY, None, True),
        ([], 0, False),
    ],
)
def test_one_level_throughout_needs_haste_or_a_long_battery(
    chosen: list[int], taken: int | None, expected: bool
) -> None:
    assert is_straight_lined(chosen, taken, 22) is expected


@given(levels, seconds, counts, st.permutations(range(1, 6)))
def test_which_level_was_chosen_does_not_matter(
    chosen: list[int], taken: int | None, answered: int, other: list[int]
) -> None:
    renamed = [other[level - 1] for level in chosen]
    assert is_straight_lined(chosen, taken, answered) == is_straight_lined(renamed, taken, answered)


@given(levels, seconds, counts, st.randoms())
def test_the_order_of_questions_does_not_matter(
    chosen: list[int], taken: int | None, answered: int, random: Random
) -> None:
    mixed = list(chosen)
    random.shuffle(mixed)
    assert is_straight_lined(chosen, taken, answered) == is_straight_lined(mixed, taken, answered)


@pytest.mark.parametrize(
    ("day", "hour", "expected"),
    [
        ("06-15", 6, True),
        ("06-15", 7, False),
        ("06-15", 17, False),  # 17:45 as well: the half hour would tell more than the hour kept
        ("06-15", 18, True),
        ("06-19", 16, False),  # Friday
        ("06-20", 9, True),  # Saturday
        ("09-02", 9, True),  # a Wednesday, and National Day
    ],
)
def test_office_hours(day: str, hour: int, expected: bool) -> None:
    moment = datetime.fromisoformat(f"2026-{day}T{hour:02}:45").replace(tzinfo=VIETNAM)
    assert is_out_of_hours(moment) is expected


@given(st.datetimes(), st.integers(0, 59))
def test_the_minute_does_not_matter(moment: datetime, minute: int) -> None:
    assert is_out_of_hours(moment) == is_out_of_hours(moment.replace(minute=minute))


@pytest.mark.parametrize(
    "offered",
    ["sipas@3", "sipas@4", "sipas@0", "sipas@-1", "sipas@x", "sipas", "other@1", "", "sipas@²"],
)
def test_what_is_no_earlier_version(offered: str) -> None:
    assert not is_older_version(offered, "sipas@3")


def test_an_earlier_version() -> None:
    assert is_older_version("sipas@1", "sipas@3")
    assert not is_older_version("sipas@" + "1" * 10_000, "sipas@3")


@given(st.sets(st.sampled_from(list(Flag))))
def test_flags_are_kept_in_one_small_number(flags: set[Flag]) -> None:
    number = sum(flags)
    assert set(flags_in(number)) == flags
    assert 0 <= number < 2**15
