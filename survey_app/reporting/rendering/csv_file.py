"""Report → CSV: every figure of every table on its own line, at full precision."""

import csv
import io
import re
from collections.abc import Iterator

from survey_app.estimation.estimate import Interval
from survey_app.reporting import wording
from survey_app.reporting.report import (
    Cell,
    KeyFigures,
    Number,
    Percent,
    Points,
    PointsInterval,
    PValue,
    Report,
    Table,
    Withheld,
)

HEAD = ("table", "row", "column", "label", "value", "low", "high", "withheld")

#: A cell that starts with one of these is read as a formula by spreadsheet programs, in their full
#: width as well.
_FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r")
#: Where a Vietnamese Excel, which separates by semicolons, would begin a cell of its own.
_AFTER_SEMICOLON = re.compile(r"(;\s*)(?=[=+\-@＝＋－＠])")

Line = tuple[str, str, str, str, str, str, str, str]


def render_csv(report: Report) -> bytes:
    """UTF-8 with byte order mark, so that a spreadsheet reads the letters right.

    Proportions are in 0..1 with a decimal point. ``withheld`` names why a value is missing.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEAD)
    for line in lines(report):
        writer.writerow([safe_text(value) for value in line])
    return out.getvalue().encode("utf-8-sig")


def safe_text(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before a sign.

    >>> safe_text("=1+1"), safe_text("-0.5"), safe_text("Nam"), safe_text("Xã A;=1+1")
    ("'=1+1", '-0.5', 'Nam', "Xã A;'=1+1")
    """
    text = _AFTER_SEMICOLON.sub(r"\1'", text)
    if text.startswith(_FORMULA_STARTS) and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def lines(report: Report) -> Iterator[Line]:
    """The figures in reading order."""
    if report.is_demo:
        yield _line(report.file_stem, "demo", "", "", wording.DEMO_MARK)
    for block in report.blocks:
        if isinstance(block, KeyFigures):
            for item in block.figures:
                value = _values(item.cell)
                bounds = _values(item.interval)
                yield (block.code, item.code, "value", item.label, value[0], *bounds[1:3], value[3])
        elif isinstance(block, Table):
            yield from _table_lines(block)


def _table_lines(table: Table) -> Iterator[Line]:
    for row in table.rows:
        label = str(row.cells[0] or "")
        for place, column in table.figure_columns[1:]:
            value = row.cells[place]
            if value is not None:
                yield (table.code, row.code, column.code, label, *_values(value))


def _line(table: str, row: str, column: str, label: str, value: str) -> Line:
    return (table, row, column, label, value, "", "", "")


def _values(cell: Cell) -> tuple[str, str, str, str]:
    """Value, low, high and reason, each as text; empty where there is none."""
    match cell:
        case Percent() | Points() | PValue() | Number():
            return (repr(cell.value), "", "", "")
        case Interval() | PointsInterval():
            return ("", repr(cell.low), repr(cell.high), "")
        case Withheld():
            return ("", "", "", cell.reason.value)
        case str() | int():
            return (str(cell), "", "", "")
    return ("", "", "", "")
