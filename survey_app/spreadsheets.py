"""Tables that people upload: Excel, OpenDocument or CSV in, rows of text with their places out."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePath

import xlsxwriter

from survey_app.errors import Invalid, Problem
from survey_app.spreadsheet_flaws import complaint
from survey_app.spreadsheet_process import ENCRYPTED, SECONDS
from survey_app.text import clean_line, fold, nfc

LARGEST_FILE = 5 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 1_000

_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
_TEXTS = {".csv", ".tsv", ".txt"}
_READER = Path(__file__).with_name("spreadsheet_process.py")
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SEPARATORS = ";\t,"
_DAY_FIRST = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
_REMARK = re.compile(r"\([^()]*\)|[*:]")  # "Mã đơn vị (*)", "Tên (bắt buộc):"
_PLACE = re.compile(r"dòng (\d+)(?:, cột ([A-Z]+))?")
_ROWS_ABOVE_HEADINGS = 30
_LONGEST_CELL = 32_767
_Clean = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not blank; ``number`` is the one the spreadsheet program shows."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: all its rows that are not blank, of which one holds the headings."""

    name: str
    lines: tuple[Row, ...]
    header_index: int = 0

    @property
    def header(self) -> Row:
        return self.lines[self.header_index]

    @property
    def rows(self) -> tuple[Row, ...]:
        return self.lines[self.header_index + 1 :]


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
    _check_size(data, largest_file)
    sheets = [sheet for sheet in _sheets(data, filename, most_rows, _cell, False) if sheet.lines]
    if not sheets:
        raise Invalid("Tệp không có dữ liệu nào.")
    sheet = _with_headings(sheets, columns) if columns else sheets[0]
    if len(sheet.rows) > most_rows:
        raise Invalid(f"Tệp có quá nhiều dòng; nhiều nhất là {_thousands(most_rows)} dòng.")
    return sheet


def read_sheets(data: bytes, filename: str, *, most_rows: int = MOST_ROWS) -> list[Sheet]:
    """Every sheet that is not empty, hidden ones too, its cells as written. Raises Invalid."""
    _check_size(data, LARGEST_FILE)
    return [sheet for sheet in _sheets(data, filename, most_rows, nfc, True) if sheet.lines]


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


def marked_copy(sheet: Sheet, problems: Iterable[Problem]) -> bytes:
    """The table as a new workbook: the bad cells marked, and a sheet "Lỗi" that lists them
    if there are any.

    Every cell stays at its place and is written as text, so nothing in it can act as a formula.
    """
    problems = list(problems)
    places = {place for problem in problems if (place := _marked_place(problem))}
    output = io.BytesIO()
    with xlsxwriter.Workbook(output, {"in_memory": True}) as book:
        _write_lines(book, sheet, places)
        if problems:
            _write_problems(book, problems)
    return output.getvalue()


def template_workbook(
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


def heading_places(line: Row, name: str) -> list[int]:
    """Where a heading stands in a line: written just so, or else but for case, marks, remarks."""
    wanted = clean_line(name)
    exact = [place for place, cell in enumerate(line.cells) if cell and clean_line(cell) == wanted]
    return exact or _matches(line, ColumnSpec(name, (name,)))


def column_letter(index: int) -> str:
    """The letters over a column, counted from 0: A … Z, AA …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_place(row: int, letter: str = "") -> str:
    """A place in a table as people read it: "dòng 5, cột C"."""
    return f"dòng {row}, cột {letter}" if letter else f"dòng {row}"


def place_order(place: str) -> tuple[int, str]:
    """By which mistakes are sorted: the row and the column of such a place."""
    match = _PLACE.match(place)
    return (int(match[1]), match[2] or "") if match else (0, "")


def _check_size(data: bytes, largest_file: int) -> None:
    if not data:
        raise Invalid("Tệp trống.")
    if len(data) > largest_file:
        raise Invalid(
            f"Tệp lớn quá {largest_file // 1024**2} MB; hãy chia thành nhiều tệp nhỏ hơn."
        )


def _sheets(data: bytes, filename: str, most: int, clean: _Clean, hidden: bool) -> list[Sheet]:
    suffix = PurePath(filename).suffix.lower()
    if suffix not in _WORKBOOKS | _TEXTS:
        raise Invalid("Chỉ nhận tệp .xlsx, .xls, .ods hoặc .csv.")
    if data.startswith((_ZIP, _OLD_OFFICE)):
        return _workbook_sheets(data, most, clean, hidden)
    if suffix in _TEXTS:
        return [_sheet("CSV", enumerate(_csv_rows(_decode(data)), start=1), clean)]
    if data.lstrip()[:200].lower().startswith((b"<", b"\xef\xbb\xbf<")):
        raise Invalid(
            "Tệp này là trang web mang đuôi của Excel; hãy mở bằng Excel rồi lưu lại thành .xlsx."
        )
    raise Invalid("Không đọc được tệp này như một bảng tính.")


def _workbook_sheets(data: bytes, most_rows: int, clean: _Clean, hidden: bool) -> list[Sheet]:
    """Open a workbook in a process of its own: see ``spreadsheet_process``."""
    if data.startswith(_OLD_OFFICE) and "EncryptedPackage".encode("utf-16-le") in data:
        raise Invalid("Tệp có mật khẩu; hãy bỏ mật khẩu rồi tải lên lại.")
    if data.startswith(_ZIP) and b"vbaProject.bin" in data:  # file names are never compressed
        raise Invalid("Tệp có macro (chương trình bên trong); hãy lưu lại dạng .xlsx không macro.")
    rows_wanted = most_rows + _ROWS_ABOVE_HEADINGS + 1
    try:
        done = subprocess.run(  # noqa: S603  our own program, no shell
            [sys.executable, "-I", str(_READER), str(rows_wanted), *["hidden"] * hidden],
            input=data,
            env={**os.environ, "RUST_BACKTRACE": "0"},
            capture_output=True,
            timeout=2 * SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Invalid("Tệp quá phức tạp, không đọc xong được.") from None
    if done.returncode == ENCRYPTED:
        raise Invalid("Tệp có mật khẩu; hãy bỏ mật khẩu rồi tải lên lại.")
    if done.returncode != 0:
        raise Invalid(
            "Không đọc được tệp: tệp hỏng, hoặc có ô nằm quá xa ngoài bảng. "
            "Hãy chép bảng sang một tệp mới rồi tải lên lại."
        )
    return [_sheet(name, rows, clean) for name, rows in json.loads(done.stdout)]


def _sheet(name: str, rows: Iterable[tuple[int, Sequence[str]]], clean: _Clean) -> Sheet:
    cleaned = ((number, [clean(value) for value in row]) for number, row in rows)
    filled = [(number, cells) for number, cells in cleaned if any(cells)]
    widest = max((_width(cells) for _, cells in filled), default=0)
    if widest > MOST_COLUMNS:
        raise Invalid(f"Tệp có quá nhiều cột; nhiều nhất là {_thousands(MOST_COLUMNS)} cột.")
    padding = [""] * widest
    return Sheet(name, tuple(Row(n, tuple((cells + padding)[:widest])) for n, cells in filled))


def _width(cells: Sequence[str]) -> int:
    return max(place for place, cell in enumerate(cells, start=1) if cell)


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


# ── CSV ────────────────────────────────────────────────────────────────────────────────────


def _decode(data: bytes) -> str:
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise Invalid(
            "Chữ trong tệp không theo bảng mã Unicode; "
            "hãy mở bằng Excel rồi lưu lại dạng “CSV UTF-8” hoặc .xlsx."
        ) from None
    if "\0" in text:
        raise Invalid("Không đọc được tệp này như một bảng tính.")
    return text


def _csv_rows(text: str) -> list[list[str]]:
    declared = re.match(r"sep=(.)\r?\n", text)
    separator = declared.group(1) if declared else _likely_separator(text)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
    except csv.Error:
        raise Invalid("Tệp CSV hỏng: có dấu ngoặc kép không khép hoặc một ô quá dài.") from None
    return [[], *rows[1:]] if declared else rows


def _likely_separator(text: str) -> str:
    """The separator that cuts most of the first lines into the same number of cells."""
    head = "\n".join(text.splitlines()[:50])

    def agreement(separator: str) -> tuple[int, int]:
        try:
            widths = Counter(len(row) for row in csv.reader(io.StringIO(head), delimiter=separator))
        except csv.Error:
            return 0, 0
        return max(((count, width) for width, count in widths.items() if width > 1), default=(0, 0))

    return max(_SEPARATORS, key=agreement)


# ── headings ───────────────────────────────────────────────────────────────────────────────


def _with_headings(sheets: Sequence[Sheet], columns: Sequence[ColumnSpec]) -> Sheet:
    """The first sheet with a row that holds all required headings, and that row as header."""
    wanted = [column for column in columns if column.required]
    fewest = [column.headings[0] for column in wanted]
    for sheet in sheets:
        for index, line in enumerate(sheet.lines[:_ROWS_ABOVE_HEADINGS]):
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


# ── the marked copy ────────────────────────────────────────────────────────────────────────


def _marked_place(problem: Problem) -> tuple[int, str] | None:
    match = _PLACE.match(problem.where)
    return (int(match.group(1)), match.group(2) or "") if match else None


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
        place = _marked_place(problem)
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


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")
