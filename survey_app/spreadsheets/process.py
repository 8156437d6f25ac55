"""Workbook in on standard input, JSON out: the program in which foreign workbooks are opened.

One stray cell in the last corner of a sheet makes the reading library ask for hundreds of
gigabytes, and it ends its whole process when it does not get them. So ``opening`` lets it
work in a process of its own, with limits. Run as a plain file: it imports nothing of ours.
"""

import html
import io
import json
import os
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, time
from itertools import islice
from posixpath import join, normpath

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

MEMORY = 1 << 30
SECONDS = 20
ENCRYPTED, UNREADABLE = 3, 4

#: What is told of a cell that a merged one covers from a row above, and of a formula that no
#: program has worked out yet.
MERGED, UNCALCULATED = "(ô gộp)", "(công thức chưa tính)"

NumberedRow = tuple[int, list[str]]
#: (row, column), counted from 0 → what the reading library does not tell of a cell.
Untold = dict[tuple[int, int], str]

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b([^>]*)>")
_LINK = re.compile(rb"<(?:\w+:)?Relationship\b([^>]*)>")
_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*)(?<!/)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_FORMULA = re.compile(rb"<(?:\w+:)?f\b")
_VALUE = re.compile(rb"<(?:\w+:)?v\b[^>]*>([^<]+)<")
_ATTRIBUTE = re.compile(r"(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")

_MIDNIGHT = time()


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    # The web process may keep to one core; this work need not stand in its way.
    with suppress(OSError):  # the machine may give this house other cores than the first
        os.sched_setaffinity(0, range(os.cpu_count() or 1))
    rows_wanted = int(sys.argv[1])
    try:
        sheets = read_sheets(sys.stdin.buffer.read(), rows_wanted, with_hidden="hidden" in sys.argv)
    except PasswordError:
        return ENCRYPTED
    except (CalamineError, MemoryError):
        return UNREADABLE
    json.dump(sheets, sys.stdout)
    return 0


def read_sheets(
    data: bytes, rows_wanted: int, *, with_hidden: bool
) -> list[tuple[str, list[NumberedRow]]]:
    """Every sheet that is seen, with its first so many rows that are not blank; or every one, its
    cells as the reading library has them."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    parts = {} if with_hidden else sheet_parts(data)
    return [
        (sheet.name, _rows(workbook, sheet.name, rows_wanted, parts.get(sheet.name)))
        for sheet in workbook.sheets_metadata
        if with_hidden or sheet.visible == SheetVisibleEnum.Visible
    ]


def sheet_parts(data: bytes) -> dict[str, bytes]:
    """The text of every sheet of an Excel workbook by its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            book = archive.read("xl/workbook.xml")
            links = archive.read("xl/_rels/workbook.xml.rels")
            targets = {found["Id"]: found["Target"] for found in _attributes(_LINK, links)}
            parts = {
                found["name"]: archive.read(normpath(join("/xl", targets[found["id"]]))[1:])
                for found in _attributes(_SHEET, book)
            }
    except (KeyError, zipfile.BadZipFile, NotImplementedError):
        return {}  # not of this kind
    return parts


def without_result(part: bytes) -> Untold:
    """Formulas that failed or were never calculated: the reading library shows blanks."""
    found: Untold = {}
    if b"<f" not in part and b":f" not in part:
        return found
    for cell in _CELL.finditer(part):
        if _FORMULA.search(cell[2]) is None:
            continue
        told = _named(cell[1])
        value, kind = _VALUE.search(cell[2]), told.get("t", "n")
        place = _PLACE.fullmatch(told.get("r", ""))
        if place is None:
            continue
        at = int(place[2]) - 1, _column(place[1])
        if kind == "e" and value is not None:
            found[at] = html.unescape(value[1].decode(errors="replace"))
        elif value is None and kind != "str":  # an empty text is a result
            found[at] = UNCALCULATED
    return found


def _attributes(pattern: re.Pattern[bytes], text: bytes) -> Iterator[dict[str, str]]:
    return (_named(match[1]) for match in pattern.finditer(text))


def _named(attributes: bytes) -> dict[str, str]:
    """Attributes by name, without the prefix of the name."""
    found = _ATTRIBUTE.findall(attributes.decode(errors="replace"))
    return {name: html.unescape(one or other) for name, one, other in found}


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def cell_text(value: object) -> str:
    """What a cell says: whole numbers without ".0", days as 2026-06-05."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        is_day = value.time() == _MIDNIGHT
        return value.date().isoformat() if is_day else value.isoformat(sep=" ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def _rows(
    workbook: CalamineWorkbook, name: str, rows_wanted: int, part: bytes | None
) -> list[NumberedRow]:
    sheet = workbook.get_sheet_by_name(name)
    rows = [[cell_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (row, column), text in without_result(part or b"").items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
    numbered = ((number, row) for number, row in enumerate(rows, start=1) if any(row))
    found = list(islice(numbered, rows_wanted))
    if part is not None:
        _mark_covered(sheet, dict(found))
    return found


def _mark_covered(sheet: CalamineSheet, rows: dict[int, list[str]]) -> None:
    """Mark the cells that a merged one covers from a row above. A row that holds nothing else is
    not there: two rows of headings, or of one record, may be merged all the way."""
    last = max(rows, default=0)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for number in range(top + 2, min(bottom + 1, last) + 1):
            cells = rows.get(number, [])
            for column in range(left, min(right + 1, len(cells))):
                cells[column] = cells[column] or MERGED


if __name__ == "__main__":
    sys.exit(main())
