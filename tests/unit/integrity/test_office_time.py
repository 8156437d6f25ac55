"""Office time between two moments: nights, weekends and fixed holidays do not count."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from survey_app.clock import VIETNAM
from survey_app.integrity.office_time import OFFICE_DAY, is_working_day, office_time


def at(day: int, hour: int, minute: int = 0, month: int = 6) -> datetime:
    """A moment of 2026 on a Vietnamese clock; 1 June is a Monday."""
    return datetime(2026, month, day, hour, minute, tzinfo=VIETNAM)


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        (at(1, 9), at(1, 11, 30), 2.5),
        (at(1, 0), at(1, 23), 9.5),
        (at(1, 6), at(1, 7, 30), 0),
        (at(1, 17), at(2, 7, 30), 0),
        (at(1, 16), at(2, 8), 1.5),
        (at(5, 16), at(8, 8), 1.5),  # Friday to Monday
        (at(6, 8), at(7, 18), 0),  # a weekend
        (at(1, 0), at(8, 0), 5 * 9.5),
        (at(2, 10), at(1, 10), 0),
        (at(1, 10), at(1, 10), 0),
        (at(29, 12, month=4), at(4, 12, month=5), 5 + 4.5),  # 30 April, 1 May, a weekend
        (at(31, 0, month=12), at(31, 23, month=12), 9.5),
    ],
)
def test_only_open_hours_count(since: datetime, until: datetime, hours: float) -> None:
    assert office_time(since, until) == timedelta(hours=hours)
    assert office_time(since.astimezone(UTC), until.astimezone(UTC)) == timedelta(hours=hours)


def test_a_week_is_the_sum_of_its_pieces() -> None:
    start = at(1, 3, 17)
    cuts = [start + timedelta(hours=5 * step, minutes=7 * step) for step in range(40)]
    pieces = [office_time(one, two) for one, two in pairwise(cuts)]
    assert sum(pieces, timedelta()) == office_time(cuts[0], cuts[-1])


def test_working_days_of_a_year() -> None:
    days = [date(2026, 1, 1) + timedelta(days=step) for step in range(365)]
    # 261 weekdays; 1 January, 30 April, 1 May and 2 September 2026 are among them.
    assert sum(map(is_working_day, days)) == 257
    assert timedelta(hours=9.5) == OFFICE_DAY
