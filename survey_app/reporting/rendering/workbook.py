"""Report → Excel: real numbers under frozen, filtered heads; people's words as plain strings."""

import io
import re
from collections.abc import Iterator
from datetime import datetime, time
from textwrap import wrap
from typing import Any

import xlsxwriter

from survey_app.estimation.estimate import Interval
from survey_app.i18n import format_date
from survey_app.reporting import formats, wording
from survey_app.reporting.report import (
    Cell,
    ColumnKind,
    Facts,
    KeyFigures,
    Number,
    Percent,
    Points,
    PointsInterval,
    PValue,
    Quotes,
    Report,
    Row,
    Table,
    Withheld,
)

_FORMATS: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14},
    "note": {"italic": True, "font_color": "#55626f"},
    "demo": {"bold": True, "font_color": "#a61c1c"},
    "head": {
        "bold": True,
        "text_wrap": True,
        "valign": "vcenter",
        "bg_color": "#eef1f3",
        "bottom": 1,
    },
    "text": {"text_wrap": True, "valign": "top"},
    "heading": {"bold": True, "valign": "top"},  # runs on over the empty cells beside it
    "count": {"num_format": "#,##0", "valign": "top"},
    "percent": {"num_format": "0.00%", "valign": "top"},
    "bound": {"num_format": "0.0%", "valign": "top"},
    # Differences stand in percentage points, so the number itself is 100 times the proportion.
    "points": {"num_format": "+0.00;-0.00;0.00", "valign": "top"},
    "bound_points": {"num_format": "+0.0;-0.0;0.0", "valign": "top"},
    "decimal": {"num_format": "0.000", "valign": "top"},
    "withheld": {"italic": True, "align": "right", "valign": "top"},
}
_WIDTHS = {
    ColumnKind.COUNT: 12,
    ColumnKind.PERCENT: 13,
    ColumnKind.INTERVAL: 11,
    ColumnKind.DECIMAL: 13,
}
_LABEL_WIDTH = 58  # characters, as Excel counts a column's width
_MOST_LABELS = 2  # columns of words that are given so much each
_LINE = 15  # points that a line is high
_HIGHEST = 400  # points; Excel has room for 409

#: Excel's own limits: characters of a tab's name; signs it refuses there.
_TAB_LENGTH = 31
_TAB_REFUSED = re.compile(r"[\[\]:*?/\\']")


def render_workbook(report: Report) -> bytes:
    """One sheet for the headline, one for each table, one for comments, one for the method."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(out, options)
    book.set_properties(
        {
            "title": report.title,
            "subject": report.subtitle,
            "author": report.letterhead.agency,
            "keywords": report.source,
            "created": datetime.combine(report.data_until, time()),
        }
    )
    _Writer(book, report).write()
    book.close()
    return out.getvalue()


class _Writer:
    """Fills one workbook from one report."""

    def __init__(self, book: Any, report: Report) -> None:
        self.book, self.report = book, report
        self.formats = {name: book.add_format(look) for name, look in _FORMATS.items()}
        self.bold = {
            name: book.add_format({**look, "bold": True}) for name, look in _FORMATS.items()
        }
        self.tabs: set[str] = set()
        self.widths: dict[int, int] = {}  # of the columns of the sheet being written
        self.lines: dict[int, int] = {}  # that its rows need

    def write(self) -> None:
        self._headline()
        for block in self.report.blocks:
            if isinstance(block, Table):
                self._table(block)
        for block in self.report.blocks:
            if isinstance(block, Quotes):
                self._list("Ý kiến", "Ý kiến góp ý", block.texts)
            elif isinstance(block, Facts):
                self._facts(block)

    def _sheet(self, tab: str, title: str, note: str = "") -> tuple[Any, int]:
        """A new sheet with its title; the sheet and the row where its head belongs."""
        sheet = self.book.add_worksheet(self._free_tab(tab))
        self.widths, self.lines = {}, {}
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        lines = [(title, "title"), *([(note, "note")] if note else [])]
        if self.report.is_demo:
            lines.insert(0, (f"{wording.DEMO_MARK} – không có giá trị sử dụng", "demo"))
            sheet.set_header(f"&C{wording.DEMO_MARK}")
        for row, (text, look) in enumerate(lines):
            sheet.write_string(row, 0, text, self.formats[look])
        return sheet, len(lines) + 1

    def _free_tab(self, wanted: str) -> str:
        base = _TAB_REFUSED.sub(" ", wanted).strip()[:_TAB_LENGTH] or "Bảng"
        name, number = base, 2
        while name.lower() in self.tabs:
            ending = f" ({number})"
            name, number = base[: _TAB_LENGTH - len(ending)] + ending, number + 1
        self.tabs.add(name.lower())
        return name

    def _wide(self, sheet: Any, first: int, last: int, width: int) -> None:
        sheet.set_column(first, last, width)
        self.widths |= dict.fromkeys(range(first, last + 1), width)

    def _words(self, sheet: Any, row: int, place: int, text: str, look: Any) -> None:
        """A text, in a row as high as it needs: not every program measures that by itself."""
        sheet.write_string(row, place, text, look)
        width = self.widths.get(place, _LABEL_WIDTH)
        needed = sum(max(1, len(wrap(line, width))) for line in text.split("\n"))
        if needed > self.lines.get(row, 1):
            self.lines[row] = needed
            sheet.set_row(row, min(_HIGHEST, needed * _LINE))

    def _head(self, sheet: Any, row: int, headings: list[str]) -> None:
        for place, heading in enumerate(headings):
            self._words(sheet, row, place, heading, self.formats["head"])
        sheet.freeze_panes(row + 1, 1)
        sheet.repeat_rows(row)

    def _headline(self) -> None:
        sheet, row = self._sheet("Tổng hợp", self.report.title, self.report.subtitle)
        for first, last, width in ((0, 0, _LABEL_WIDTH), (1, 3, 13), (4, 4, 44)):
            self._wide(sheet, first, last, width)
        until = f"{self.report.dated} ngày {format_date(self.report.data_until)}"
        sheet.write_string(row - 1, 0, until, self.formats["note"])
        self._head(sheet, row + 1, ["Chỉ tiêu", "Giá trị", "Thấp", "Cao", "Ghi chú"])
        figures = [f for b in self.report.blocks if isinstance(b, KeyFigures) for f in b.figures]
        for line, item in enumerate(figures, row + 2):
            self._words(sheet, line, 0, item.label, self.formats["text"])
            self._cell(sheet, line, 1, item.cell, self.formats)
            self._cell(sheet, line, 2, item.interval, self.formats)
            self._words(sheet, line, 4, item.note, self.formats["text"])
        if not figures:
            self._words(sheet, row + 2, 0, self._cautions(), self.formats["text"])

    def _cautions(self) -> str:
        """What a report without figures says instead."""
        overall = [c for c in self.report.chapters if c.code == "overall"]
        texts = [t for c in overall for b in c.blocks for t in getattr(b, "texts", ())]
        return " ".join(texts)

    def _table(self, table: Table) -> None:
        sheet, row = self._sheet(table.short_title or table.code, table.caption, table.description)
        headings = list(_headings(table))
        self._widths(sheet, table)
        self._head(sheet, row, headings)
        for number, line in enumerate(table.rows, row + 1):
            if _is_heading(line):
                sheet.write_string(number, 0, str(line.cells[0]), self.formats["heading"])
                continue
            looks = self.bold if line.level == 0 else self.formats
            place = 0
            for source, column in table.figure_columns:
                self._cell(sheet, number, place, line.cells[source], looks)
                place += 2 if column.kind is ColumnKind.INTERVAL else 1
        sheet.autofilter(row, 0, row + len(table.rows), len(headings) - 1)

    def _widths(self, sheet: Any, table: Table) -> None:
        place = 0
        texts = sum(column.kind is ColumnKind.TEXT for column in table.columns)
        for _, column in table.figure_columns:
            size = 2 if column.kind is ColumnKind.INTERVAL else 1
            width = _WIDTHS.get(column.kind, _LABEL_WIDTH)
            if texts > _MOST_LABELS:  # a table of words shares the width as on paper
                width = max(12, round(column.width * _LABEL_WIDTH / 34))
            self._wide(sheet, place, place + size - 1, width)
            place += size

    def _cell(self, sheet: Any, row: int, place: int, cell: Cell, looks: dict[str, Any]) -> None:
        match cell:
            case Percent():
                sheet.write_number(row, place, cell.value, looks["percent"])
            case Interval():
                sheet.write_number(row, place, cell.low, looks["bound"])
                sheet.write_number(row, place + 1, cell.high, looks["bound"])
            case Withheld():
                sheet.write_string(row, place, formats.reason(cell.reason), looks["withheld"])
            case int():
                sheet.write_number(row, place, cell, looks["count"])
            case str():
                self._words(sheet, row, place, cell, looks["text"])
            case _:
                self._decimal(sheet, row, place, cell, looks)

    def _decimal(self, sheet: Any, row: int, place: int, cell: Cell, looks: dict[str, Any]) -> None:
        match cell:
            case Points():
                sheet.write_number(row, place, cell.value * 100, looks["points"])
            case PointsInterval():
                sheet.write_number(row, place, cell.low * 100, looks["bound_points"])
                sheet.write_number(row, place + 1, cell.high * 100, looks["bound_points"])
            case PValue() | Number():
                sheet.write_number(row, place, cell.value, looks["decimal"])

    def _list(self, tab: str, title: str, texts: tuple[str, ...]) -> None:
        sheet, row = self._sheet(tab, title)
        self._wide(sheet, 0, 0, 110)
        self._head(sheet, row, ["Nội dung"])
        for number, text in enumerate(texts, row + 1):
            self._words(sheet, number, 0, text, self.formats["text"])
        sheet.autofilter(row, 0, row + len(texts), 0)

    def _facts(self, facts: Facts) -> None:
        sheet, row = self._sheet(facts.short_title, facts.title)
        self._wide(sheet, 0, 0, 30)
        self._wide(sheet, 1, 1, 110)
        self._head(sheet, row, ["Mục", "Nội dung"])
        for number, pair in enumerate(facts.pairs, row + 1):
            for place, text in enumerate(pair):
                self._words(sheet, number, place, text, self.formats["text"])


def _is_heading(row: Row) -> bool:
    """Whether a row only names those below it."""
    first, *rest = row.cells
    return row.level == 0 and isinstance(first, str) and all(cell is None for cell in rest)


def _headings(table: Table) -> Iterator[str]:
    for _, column in table.figure_columns:
        if column.kind is ColumnKind.INTERVAL:
            yield f"{column.heading}: thấp"
            yield f"{column.heading}: cao"
        else:
            yield column.heading
