"""Figure → Vietnamese text: the one place that says how many digits a figure has, and its sign.

Rounding, separators and days are those of the whole interface (``survey_app.i18n``).
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from survey_app.estimation.estimate import Interval, Reason
from survey_app.i18n import format_number
from survey_app.reporting.report import (
    Bar,
    Cell,
    IntervalBar,
    LikertBar,
    Number,
    Percent,
    Points,
    PointsBar,
    PointsInterval,
    PValue,
    Withheld,
)

#: Digits after the comma of an interval's ends: a bound is never surer than its estimate.
INTERVAL_DIGITS = 1

_REASONS = {
    Reason.TOO_FEW: "chưa đủ phiếu",
    Reason.NO_ANSWER: "không có câu trả lời",
    Reason.SUPPRESSED: "ẩn (bảo mật)",
    Reason.ONE_ANSWER: "chỉ có 1 câu trả lời",
    Reason.TOO_FEW_CLUSTERS: "không đủ cụm để tính",
    Reason.LONELY_CLUSTERS: "mỗi tầng chỉ có một cụm",
    Reason.CENSUS: "điều tra toàn bộ",
    Reason.NO_SPREAD: "mọi câu trả lời như nhau",
}


def percent_number(value: float, digits: int = 2) -> str:
    """A proportion in 0..1 as percent without its sign, rounded half up once.

    >>> percent_number(26 / 31), percent_number(0.28685, 2), percent_number(1.0, 0)
    ('83,87', '28,69', '100')
    """
    return format_number(Decimal(repr(float(value))) * 100, digits)


def percent(value: float, digits: int = 2) -> str:
    """A proportion in 0..1 as Vietnamese percent; the sign follows the number without a space.

    >>> percent(26 / 31)
    '83,87%'
    """
    return f"{percent_number(value, digits)}%"


def interval(bounds: Interval) -> str:
    """A confidence interval in percent, joined by an en dash.

    >>> from survey_app.estimation.estimate import IntervalMethod
    >>> interval(Interval(0.6637, 0.9306, IntervalMethod.WILSON))
    '66,4–93,1%'
    """
    low = percent_number(bounds.low, INTERVAL_DIGITS)
    return f"{low}–{percent(bounds.high, INTERVAL_DIGITS)}"


def points(value: float, digits: int = 2) -> str:
    """A difference of proportions in percentage points, always with its sign.

    >>> points(0.0312), points(-0.2), points(0.0)
    ('+3,12 điểm %', '−20,00 điểm %', '0,00 điểm %')
    """
    return f"{_signed(value, digits)} điểm %"


def points_interval(low: float, high: float) -> str:
    """The interval of a difference in percentage points.

    >>> points_interval(-0.0123, 0.0456)
    'từ −1,2 đến +4,6'
    """
    return f"từ {_signed(low, INTERVAL_DIGITS)} đến {_signed(high, INTERVAL_DIGITS)}"


def _signed(value: float, digits: int) -> str:
    number = percent_number(abs(value), digits)
    sign = "" if number == percent_number(0, digits) else "+" if value > 0 else "−"
    return f"{sign}{number}"


def p_value(value: float) -> str:
    """A p-value with three decimals; a very small or large one is only said to be that.

    >>> p_value(0.0123), p_value(0.00002), p_value(1.0)
    ('0,012', '< 0,001', '> 0,99')
    """
    if value > 0.99:
        return "> 0,99"
    return "< 0,001" if value < 0.001 else format_number(value, 3)


def p_in_a_sentence(value: float) -> str:
    """A p-value with its letter and sign, each sign once.

    >>> p_in_a_sentence(0.0123), p_in_a_sentence(0.00002), p_in_a_sentence(1.0)
    ('p = 0,012', 'p < 0,001', 'p > 0,99')
    """
    text = p_value(value)
    return f"p {text}" if text.startswith(("<", ">")) else f"p = {text}"


def count(number: int) -> str:
    """A whole number with a point between thousands.

    >>> count(1234567)
    '1.234.567'
    """
    return format_number(number)


def reason(why: Reason) -> str:
    """Why a figure is not given, in a few words."""
    return _REASONS[why]


def confidence_level(confidence: float) -> str:
    """A confidence level in 0..1 with as many decimals as it needs.

    >>> confidence_level(0.95), confidence_level(0.995)
    ('95%', '99,5%')
    """
    return percent_as_written(confidence)


def percent_as_written(value: float) -> str:
    """A proportion that somebody chose, in percent with as many decimals as it was given with.

    >>> percent_as_written(0.8), percent_as_written(0.625), percent_as_written(1)
    ('80%', '62,5%', '100%')
    """
    return f"{as_written(Decimal(repr(value)) * 100)}%"


def margin(value: float) -> str:
    """A margin of error, a proportion, with at most one decimal.

    >>> margin(0.05), margin(0.075), margin(0.0737)
    ('±5%', '±7,5%', '±7,4%')
    """
    tenths = (Decimal(repr(float(value))) * 1000).to_integral_value(ROUND_HALF_UP)
    return f"±{as_written(tenths / 10)}%"


def as_written(number: float | Decimal) -> str:
    """A number with as many decimals as it was given with, and no closing zeros.

    >>> as_written(1.0), as_written(0.25), as_written(100)
    ('1', '0,25', '100')
    """
    exact = Decimal(str(number)).normalize()
    return format_number(exact, max(0, -int(exact.as_tuple().exponent)))


def long_date(day: date) -> str:
    """The date as official papers write it; a leading zero for days under 10, months 1 and 2.

    >>> long_date(date(2026, 2, 5)), long_date(date(2026, 11, 22))
    ('ngày 05 tháng 02 năm 2026', 'ngày 22 tháng 11 năm 2026')
    """
    month = f"{day.month:02d}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02d} tháng {month} năm {day.year}"


def cell(value: Cell) -> str:
    """What a cell says in words and figures; a drawing says what it draws."""
    match value:
        case None:
            return ""
        case str():
            return value
        case int():
            return count(value)
        case Percent():
            return percent(value.value, value.digits)
        case Interval():
            return interval(value)
        case Withheld():
            return reason(value.reason)
        case LikertBar() | IntervalBar() | PointsBar():
            return drawing(value)
        case _:
            return _decimal(value)


def _decimal(value: Points | PointsInterval | PValue | Number) -> str:
    match value:
        case Points():
            return _signed(value.value, 2)  # the heading says that these are points
        case PointsInterval():
            low, high = (_signed(end, INTERVAL_DIGITS) for end in (value.low, value.high))
            return f"({low}; {high})"
        case PValue():
            return p_value(value.value)
        case Number():
            return format_number(value.value, value.digits)


def drawing(bar: Bar) -> str:
    """The text equivalent of a drawn cell."""
    if isinstance(bar, LikertBar):
        return "Phân bố từ mức thấp nhất: " + "; ".join(percent(s, 1) for s in bar.shares)
    if isinstance(bar, PointsBar):
        if bar.low is None or bar.high is None:
            return points(bar.value)
        return f"{points(bar.value)}, khoảng tin cậy {points_interval(bar.low, bar.high)}"
    if bar.low is None or bar.high is None:
        return percent(bar.value)
    low = percent_number(bar.low, INTERVAL_DIGITS)
    return f"{percent(bar.value)}, khoảng tin cậy {low}–{percent(bar.high, INTERVAL_DIGITS)}"


def roman(number: int) -> str:
    """A chapter's number: 1 → I, 4 → IV, 9 → IX."""
    parts = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    text = ""
    for value, sign in parts:
        text += sign * (number // value)
        number %= value
    return text
