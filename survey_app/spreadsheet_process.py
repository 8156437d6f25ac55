"""Workbook in on standard input, JSON out: the program in which foreign workbooks are opened.

One stray cell in the last corner of a sheet makes the reading library ask for hundreds of
gigabytes, and it ends its whole process when it does not get them. So ``spreadsheets`` lets it
work in a process of its own, with limits. Run as a plain file: it imports nothing of ours.
"""

import io
import json
import os
import resource
import sys
from datetime import date, datetime, time
from itertools import islice

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

MEMORY = 1 << 30
SECONDS = 20
ENCRYPTED, UNREADABLE = 3, 4

NumberedRow = tuple[int, list[str]]

_MIDNIGHT = time()


def main() -> int:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    # The web process may keep to one core; this work need not stand in its way.
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
    """Every sheet that is seen, or every one, with its first so many rows that are not blank."""
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [
        (sheet.name, _rows(workbook, sheet.name, rows_wanted))
        for sheet in workbook.sheets_metadata
        if with_hidden or sheet.visible == SheetVisibleEnum.Visible
    ]


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


def _rows(workbook: CalamineWorkbook, name: str, rows_wanted: int) -> list[NumberedRow]:
    rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    numbered = enumerate(([cell_text(value) for value in row] for row in rows), start=1)
    return list(islice(((number, row) for number, row in numbered if any(row)), rows_wanted))


if __name__ == "__main__":
    sys.exit(main())
