"""The rows of a table by the columns that are wanted, whatever their order and spelling."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from survey_app.errors import Invalid, Problem
from survey_app.spreadsheets.flaws import complaint
from survey_app.spreadsheets.opening import (
    LARGEST_FILE,
    MOST_ROWS,
    ROWS_ABOVE_HEADINGS,
    open_sheets,
    thousands,
)
from survey_app.spreadsheets.sheet import Row, Sheet, cell_place, column_letter
from survey_app.text import clean_line, fold, nfc

_DAY_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_REMARK = re.compile(r"\([^()]*\)|[*:]")  # "Mã đơn vị (*)", "Tên (bắt buộc):"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column the caller wants: our code for it and the headings people may give it.

    The first heading is the one shown in messages. A required column must be there and must
    be filled in every row.
    """

    code: str
    headings: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Records:
    """Rows by column code, and what is missing in them.

    Every wanted code is in every row, with an empty text where the column is not in the file.
    ``numbers`` are the row numbers in the file, ``letters`` the column letters by code.
    """

    rows: list[dict[str, str]]
    numbers: list[int]
    letters: Mapping[str, str]
    problems: list[Problem]

    def where(self, index: int, code: str) -> str:
        """The place of a cell in the reader's terms: "dòng 5, cột C"."""
        return cell_place(self.numbers[index], self.letters.get(code, ""))


def read_table(
    data: bytes,
    filename: str,
    columns: Sequence[ColumnSpec] = (),
    *,
    most_rows: int = MOST_ROWS,
    largest_file: int = LARGEST_FILE,
) -> Sheet:
    """The table in a file, or Invalid with one sentence that says what is wrong with the file.

    It is the first sheet that is not empty, with its first row as headings; with ``columns``,
    the first sheet in which a row holds all the required headings.
    """
    sheets = open_sheets(data, filename, _cell, most_rows=most_rows, largest_file=largest_file)
    if not sheets:
        raise Invalid("Tệp không có dữ liệu nào.")
    sheet = _with_headings(sheets, columns) if columns else sheets[0]
    if len(sheet.rows) > most_rows:
        raise Invalid(f"Tệp có quá nhiều dòng; nhiều nhất là {thousands(most_rows)} dòng.")
    return sheet


def read_records(
    data: bytes, filename: str, columns: Sequence[ColumnSpec], *, most_rows: int = MOST_ROWS
) -> Records:
    """The rows of a file by column code; columns nobody asked for are passed over."""
    return sheet_records(read_table(data, filename, columns, most_rows=most_rows), columns)


def sheet_records(sheet: Sheet, columns: Sequence[ColumnSpec]) -> Records:
    """The rows of a table by column code. Raises Invalid for a heading that stands twice."""
    places = _column_places(sheet.header, columns)
    letters = {code: column_letter(place) for code, place in places.items()}
    rows = [_record(row, columns, places) for row in sheet.rows]
    numbers = [row.number for row in sheet.rows]
    records = Records(rows, numbers, letters, [])
    records.problems.extend(_missing_cells(records, columns))
    return records


def heading_places(line: Row, name: str) -> list[int]:
    """Where a heading stands in a line: written just so, or else but for case, marks, remarks."""
    wanted = clean_line(name)
    exact = [place for place, cell in enumerate(line.cells) if cell and clean_line(cell) == wanted]
    return exact or _matches(line, ColumnSpec(name, (name,)))


def _cell(value: str) -> str:
    """The text of a cell, composed and trimmed; a day written day first becomes ISO."""
    text = nfc(value).strip()
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = map(int, match.groups())
        try:
            return date(year, month, day).isoformat()
        except ValueError:
            return text
    return text


def _with_headings(sheets: Sequence[Sheet], columns: Sequence[ColumnSpec]) -> Sheet:
    """The first sheet with a row that holds all required headings, and that row as header."""
    wanted = [column for column in columns if column.required]
    fewest = [column.headings[0] for column in wanted]
    for sheet in sheets:
        for index, line in enumerate(sheet.lines[:ROWS_ABOVE_HEADINGS]):
            missing = [spec.headings[0] for spec in wanted if not _matches(line, spec)]
            if not missing:
                return Sheet(sheet.name, sheet.lines, index)
            fewest = min(fewest, missing, key=len)
    raise Invalid(f"Thiếu cột: {', '.join(fewest)}.")


def _column_places(header: Row, columns: Sequence[ColumnSpec]) -> dict[str, int]:
    """Where each wanted column is; a heading that stands twice leaves no safe choice."""
    places: dict[str, int] = {}
    for spec in columns:
        matches = _matches(header, spec)
        if len(matches) > 1:
            letters = " và ".join(column_letter(place) for place in matches)
            raise Invalid(f"Cột “{spec.headings[0]}” có hơn một lần: cột {letters}.")
        if matches:
            places[spec.code] = matches[0]
    return places


def _matches(line: Row, spec: ColumnSpec) -> list[int]:
    names = {_heading(name) for name in (*spec.headings, spec.code)}
    return [place for place, cell in enumerate(line.cells) if cell and _heading(cell) in names]


def _heading(text: str) -> str:
    return fold(_REMARK.sub(" ", clean_line(text)))


def _record(row: Row, columns: Sequence[ColumnSpec], places: Mapping[str, int]) -> dict[str, str]:
    found = {code: clean_line(row.cells[place]) for code, place in places.items()}
    return {spec.code: found.get(spec.code, "") for spec in columns}


def _missing_cells(records: Records, columns: Sequence[ColumnSpec]) -> Iterator[Problem]:
    for index, row in enumerate(records.rows):
        for spec in columns:
            if message := complaint(row[spec.code], spec.headings[0], required=spec.required):
                yield Problem(message, records.where(index, spec.code))
