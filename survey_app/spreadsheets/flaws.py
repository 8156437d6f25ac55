"""Cells that look filled and hold no value: merged ones, formulas without a result."""

from survey_app.spreadsheets.process import MERGED, UNCALCULATED

#: What Excel writes where a formula fails, in CSV files as well.
FORMULA_ERRORS = frozenset(
    ("#N/A", "#REF!", "#DIV/0!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!")
)


def flaw_of(cell: str) -> str:
    """What is wrong with a cell whatever it is about, "" = nothing.

    >>> flaw_of("#N/A"), flaw_of("120")
    ('công thức trong ô báo lỗi #N/A', '')
    """
    if cell == MERGED:
        return "ô này bị gộp với dòng trên; hãy bỏ gộp ô và ghi giá trị ở từng dòng"
    if cell in FORMULA_ERRORS:
        return f"công thức trong ô báo lỗi {cell}"
    if cell == UNCALCULATED:
        return "công thức trong ô chưa được tính; hãy mở tệp bằng Excel, lưu lại rồi tải lên"
    return ""


def complaint(cell: str, heading: str, *, required: bool) -> str:
    """What is wrong with a cell of a wanted column, "" = nothing."""
    return flaw_of(cell) or ("" if cell or not required else f"chưa ghi {heading.lower()}")
