"""Numbers become Vietnamese text in one place, rounded half up once."""

import doctest
from datetime import date

import pytest

from survey_app.estimation.estimate import Interval, IntervalMethod, Reason
from survey_app.reporting import formats, wording
from survey_app.reporting.rendering import csv_file
from survey_app.reporting.report import IntervalBar, LikertBar, Percent, Withheld
from survey_app.reporting.results import compose


@pytest.mark.parametrize("module", [formats, wording, compose, csv_file])
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (26 / 31, 2, "83,87%"),
        (0.123455, 4, "12,3455%"),
        (0.00005, 2, "0,01%"),
        (0.000049, 2, "0,00%"),
        (0.835, 0, "84%"),
        (0.825, 0, "83%"),
        (1, 2, "100,00%"),
        (0.0, 1, "0,0%"),
        (1e-9, 2, "0,00%"),
    ],
)
def test_percent_rounds_half_up(value, digits, text):
    assert formats.percent(value, digits) == text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("Nam", "Nam"),
        (1234, "1.234"),
        (Percent(0.5, 1), "50,0%"),
        (Interval(0.6637, 0.9306, IntervalMethod.WILSON), "66,4–93,1%"),
        (Withheld(Reason.TOO_FEW), "chưa đủ phiếu"),
        (Withheld(Reason.SUPPRESSED), "ẩn (bảo mật)"),
        (Withheld(Reason.NO_ANSWER), "không có câu trả lời"),
        (Withheld(Reason.ONE_ANSWER), "chỉ có 1 câu trả lời"),
        (LikertBar((0.25, 0.75), 1), "Phân bố từ mức thấp nhất: 25,0%; 75,0%"),
        (IntervalBar(0.5, 0.4, 0.6), "50,00%, khoảng tin cậy 40,0–60,0%"),
        (IntervalBar(0.5), "50,00%"),
    ],
)
def test_cells(cell, text):
    assert formats.cell(cell) == text


def test_every_reason_has_words():
    assert all(formats.reason(reason) for reason in Reason)


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2026, 2, 5), "ngày 05 tháng 02 năm 2026"),
        (date(2026, 1, 31), "ngày 31 tháng 01 năm 2026"),
        (date(2026, 3, 9), "ngày 09 tháng 3 năm 2026"),
        (date(2026, 12, 10), "ngày 10 tháng 12 năm 2026"),
    ],
)
def test_administrative_date(day, text):
    assert formats.long_date(day) == text


def test_roman_chapter_numbers():
    numbers = [formats.roman(n) for n in (1, 2, 3, 4, 5, 6, 9, 10, 14)]
    assert numbers == ["I", "II", "III", "IV", "V", "VI", "IX", "X", "XIV"]
