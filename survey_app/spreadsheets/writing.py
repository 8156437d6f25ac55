"""Workbooks for people: a template to fill in, and a copy of a table with its mistakes marked."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence

import xlsxwriter

from survey_app.errors import Problem
from survey_app.spreadsheets.opening import MOST_ROWS
from survey_app.spreadsheets.records import ColumnSpec
from survey_app.spreadsheets.sheet import Sheet, column_letter, place_at

_LONGEST_CELL = 32_767


def marked_copy(sheet: Sheet, problems: Iterable[Problem]) -> bytes:
    """The table as a new workbook: the bad cells marked, and a sheet "Lỗi" that lists them
    if there are any.

    Every cell stays at its place and is written as text, so nothing in it can act as a formula.
    """
    problems = list(problems)
    places = {place for problem in problems if (place := place_at(problem.where))}
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        _write_lines(book, sheet, places)
        if problems:
            _write_problems(book, problems)
    return output.getvalue()


def make_template(
    tab: str,
    columns: Sequence[ColumnSpec],
    sample: Iterable[Sequence[str]],
    advice: Iterable[str],
    choices: Mapping[str, Sequence[str]] | None = None,
) -> bytes:
    """A workbook to fill in: headings (required ones marked), sample rows, a sheet of advice.

    ``choices``: by column code, what a cell may be chosen from. Every cell is text, so that a code
    keeps its leading zeros.
    """
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        text = book.add_format({"num_format": "@"})
        page = book.add_worksheet(tab)
        page.set_column(0, len(columns) - 1, 26, text)
        page.freeze_panes(1, 0)
        for place, column in enumerate(columns):
            heading = column.headings[0] + (" (*)" if column.required else "")
            page.write_string(0, place, heading, bold)
            if choices and column.code in choices:
                rule = {"validate": "list", "source": choices[column.code]}
                rule["error_type"] = "warning"
                page.data_validation(1, place, MOST_ROWS, place, rule)
        for number, row in enumerate(sample, start=1):
            for place, value in enumerate(row):
                page.write_string(number, place, value, text)
        page = book.add_worksheet("Hướng dẫn")
        for number, sentence in enumerate(advice):
            page.write_string(number, 0, sentence)
    return output.getvalue()


def _write_lines(book: xlsxwriter.Workbook, sheet: Sheet, places: set[tuple[int, str]]) -> None:
    page = book.add_worksheet("Dữ liệu")
    bad = {"bg_color": "#FFC7CE", "font_color": "#9C0006", "border": 1}
    header = _text_writer(book, {"bold": True})
    plain, marked = _text_writer(book, {}), _text_writer(book, bad)
    letters = [column_letter(column) for column in range(len(sheet.header.cells))]
    for line in sheet.lines:
        usual = header if line is sheet.header else plain
        is_bad_row = (line.number, "") in places
        for column, cell in enumerate(line.cells):
            is_bad = is_bad_row or (line.number, letters[column]) in places
            (marked if is_bad else usual)(page, line.number - 1, column, cell)
    page.freeze_panes(sheet.header.number, 0)
    page.set_column(0, len(sheet.header.cells), 22)


def _write_problems(book: xlsxwriter.Workbook, problems: Sequence[Problem]) -> None:
    page = book.add_worksheet("Lỗi")
    header, plain = _text_writer(book, {"bold": True}), _text_writer(book, {"text_wrap": True})
    for column, title in enumerate(("Dòng", "Cột", "Lỗi")):
        header(page, 0, column, title)
    for index, problem in enumerate(problems, start=1):
        place = place_at(problem.where)
        row, letter = (str(place[0]), place[1]) if place else ("", "")
        message = problem.message if place else str(problem)
        for column, text in enumerate((row, letter, message)):
            plain(page, index, column, text)
    page.freeze_panes(1, 0)
    page.set_column(2, 2, 90)


def _text_writer(
    book: xlsxwriter.Workbook, look: Mapping[str, object]
) -> Callable[[xlsxwriter.worksheet.Worksheet, int, int, str], None]:
    """A function that writes text in one look; what could be typed as a formula gets a quote."""
    normal = book.add_format({"num_format": "@", **look})
    quoted = book.add_format({"num_format": "@", "quote_prefix": True, **look})

    def write(page: xlsxwriter.worksheet.Worksheet, row: int, column: int, text: str) -> None:
        form = quoted if text.startswith(("=", "+", "-", "@")) else normal
        page.write_string(row, column, text[:_LONGEST_CELL], form)

    return write
