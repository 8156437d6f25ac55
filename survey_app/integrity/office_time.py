"""Office time: how long counters were open between two moments, on a Vietnamese calendar."""

from datetime import date, datetime, time, timedelta

from survey_app.clock import VIETNAM, local, local_date

OPENS, CLOSES = time(7, 30), time(17)
#: The length of one working day.
OFFICE_DAY = timedelta(hours=9, minutes=30)
LAST_WORKING_DAY = 4  # Friday, counted from Monday = 0
#: Days off that fall on the same date each year (month, day). The lunar ones (Tết, the Hùng
#: Kings), the second day off at National Day and days made up for are decided year by year; they
#: count as working days here.
FIXED_HOLIDAYS = frozenset({(1, 1), (4, 30), (5, 1), (9, 2)})


def is_working_day(day: date) -> bool:
    """Monday to Friday, but for the fixed holidays."""
    return day.weekday() <= LAST_WORKING_DAY and (day.month, day.day) not in FIXED_HOLIDAYS


def office_time(since: datetime, until: datetime) -> timedelta:
    """Time between two aware moments that lies within office hours; zero when none does.

    >>> friday_noon = datetime(2026, 6, 12, 12, tzinfo=VIETNAM)
    >>> office_time(friday_noon, friday_noon + timedelta(days=3)) == OFFICE_DAY
    True
    """
    total = timedelta()
    day, last = local_date(since), local_date(until)
    while day <= last:
        if is_working_day(day):
            opens = max(local(since), datetime.combine(day, OPENS, VIETNAM))
            closes = min(local(until), datetime.combine(day, CLOSES, VIETNAM))
            total += max(closes - opens, timedelta())
        day += timedelta(days=1)
    return total
