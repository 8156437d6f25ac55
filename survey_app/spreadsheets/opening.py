"""Opening files: Excel, OpenDocument or CSV in, sheets of text with their row numbers out."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath

from survey_app.errors import Invalid
from survey_app.spreadsheets.process import ENCRYPTED, SECONDS
from survey_app.spreadsheets.sheet import Row, Sheet
from survey_app.text import nfc

LARGEST_FILE = 5 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 1_000
#: Titles may stand above the headings.
ROWS_ABOVE_HEADINGS = 30

_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".ods"}
_TEXTS = {".csv", ".tsv", ".txt"}
_READER = Path(__file__).with_name("process.py")
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_SEPARATORS = ";\t,"
_Clean = Callable[[str], str]


def read_sheets(data: bytes, filename: str, *, most_rows: int = MOST_ROWS) -> list[Sheet]:
    """Every sheet that is not empty, hidden ones too, its cells as written. Raises Invalid."""
    return open_sheets(data, filename, nfc, most_rows=most_rows, hidden=True)


def open_sheets(
    data: bytes,
    filename: str,
    clean: _Clean,
    *,
    most_rows: int,
    largest_file: int = LARGEST_FILE,
    hidden: bool = False,
) -> list[Sheet]:
    """The sheets that are not empty, each cell through ``clean``. Raises Invalid with one sentence
    that says what is wrong with the file."""
    _check_size(data, largest_file)
    return [sheet for sheet in _sheets(data, filename, most_rows, clean, hidden) if sheet.lines]


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
    """Open a workbook in a process of its own: see ``process``."""
    if data.startswith(_OLD_OFFICE) and "EncryptedPackage".encode("utf-16-le") in data:
        raise Invalid("Tệp có mật khẩu; hãy bỏ mật khẩu rồi tải lên lại.")
    if data.startswith(_ZIP) and b"vbaProject.bin" in data:  # file names are never compressed
        raise Invalid("Tệp có macro (chương trình bên trong); hãy lưu lại dạng .xlsx không macro.")
    rows_wanted = most_rows + ROWS_ABOVE_HEADINGS + 1
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
        raise Invalid(f"Tệp có quá nhiều cột; nhiều nhất là {thousands(MOST_COLUMNS)} cột.")
    padding = [""] * widest
    return Sheet(name, tuple(Row(n, tuple((cells + padding)[:widest])) for n, cells in filled))


def _width(cells: Sequence[str]) -> int:
    return max(place for place, cell in enumerate(cells, start=1) if cell)


def thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")


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
