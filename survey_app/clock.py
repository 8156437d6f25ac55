"""Time as Viet Nam keeps it: one zone, no daylight saving."""

from datetime import UTC, date, datetime, time, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def local(moment: datetime) -> datetime:
    """The same moment on a Vietnamese clock."""
    return moment.astimezone(VIETNAM)


def start_of(day: date) -> datetime:
    """Midnight at the start of a Vietnamese day, aware."""
    return datetime.combine(day, time(), VIETNAM)


def hour_of(moment: datetime) -> datetime:
    """The beginning of its hour, in UTC: as fine as anything near an answer is kept."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def local_date(moment: datetime) -> date:
    """The calendar day in Viet Nam."""
    return local(moment).date()
