"""A list of dossiers as a file, read and checked: what a sample is drawn from."""

import re
from collections.abc import Iterator
from datetime import date

from survey_app.errors import Invalid, Problem
from survey_app.sampling.frame import Frame, FrameRow, make_frame
from survey_app.spreadsheets.records import ColumnSpec, Records, read_records
from survey_app.spreadsheets.sheet import cell_place
from survey_app.spreadsheets.writing import make_template

#: As wide as the columns they are stored in.
LONGEST = {"identifier": 100, "stratum": 200}
MOST_DOSSIERS = 100_000
COLUMNS = (
    ColumnSpec(
        "identifier",
        ("Mã hồ sơ", "Mã số hồ sơ", "Số hồ sơ", "Mã HS", "Số HS", "Dossier", "Dossier code"),
        required=True,
    ),
    ColumnSpec("stratum", ("Lĩnh vực", "Tầng", "Nhóm lĩnh vực", "Tên lĩnh vực", "Field")),
    ColumnSpec("size", ("Quy mô", "Size")),
)
_SAMPLE = (
    ("H00.21-260105-0001", "Đất đai"),
    ("H00.21-260105-0002", "Hộ tịch"),
    ("H00.21-260106-0001", "Hộ tịch"),
)
_ADVICE = (
    "Mỗi dòng là một hồ sơ đã giải quyết trong kỳ. Xóa các dòng mẫu, dán danh sách vào.",
    "Mã hồ sơ: bắt buộc, mỗi mã chỉ có một lần. Không cần họ tên, số điện thoại, địa chỉ.",
    "Lĩnh vực: ghi cho mọi dòng để chọn theo từng lĩnh vực (tầng); nếu không, để trống cả cột.",
    "Hệ thống chỉ giữ lại các hồ sơ được chọn; phần còn lại của danh sách không được lưu.",
)
_NUMBER = re.compile(r"\d{1,12}([.,]\d{1,6})?")
#: "1.250" is 1250 to one reader and 1,25 to another.
_AMBIGUOUS = re.compile(r"\d{1,3}[.,]\d{3}")


def read_dossiers(data: bytes, filename: str, *, as_of: date) -> Frame:
    """The list in an Excel, OpenDocument or CSV file as a frame, in the order of the file.

    A column for the dossier's code is required; a stratum (the field of the procedure) and a
    measure of size are taken where they are given. Raises Invalid with every cell that is wrong.
    """
    records = read_records(data, filename, COLUMNS, most_rows=MOST_DOSSIERS)
    problems = [*records.problems, *_bad_cells(records)]
    rows = [
        FrameRow(row["identifier"], row["stratum"], _size(row["size"]) or 1.0, number)
        for row, number in zip(records.rows, records.numbers, strict=True)
        if row["identifier"]
    ]
    frame = Frame(as_of, ())
    try:
        frame = make_frame(rows, as_of=as_of)
    except Invalid as refusal:
        if not refusal.problems and not problems:
            raise
        problems += [_with_place(problem) for problem in refusal.problems]
    if problems:
        problems.sort(key=_row)
        raise Invalid(f"Danh sách có {len(problems)} chỗ cần sửa; chưa chọn mẫu.", problems)
    return frame


def has_sizes(frame: Frame) -> bool:
    """Whether the dossiers differ in their measure of size."""
    return len(set(frame.sizes)) > 1


def template_workbook() -> bytes:
    """A workbook to fill in: headings, sample rows, advice; without the rarely needed size."""
    columns = [column for column in COLUMNS if column.code != "size"]
    return make_template("Hồ sơ", columns, _SAMPLE, _ADVICE)


def _bad_cells(records: Records) -> Iterator[Problem]:
    for index, row in enumerate(records.rows):
        for column, longest in LONGEST.items():
            if len(row[column]) > longest:
                yield Problem(f"dài quá {longest} ký tự", records.where(index, column))
        if row["size"] and _size(row["size"]) is None:
            message = f"quy mô “{row['size']}” không phải là số dương rõ ràng; hãy ghi như 1250"
            yield Problem(message, records.where(index, "size"))


def _size(text: str) -> float | None:
    """A positive number such as "1250" or "12,5"; None for anything that could be misread."""
    if not _NUMBER.fullmatch(text) or _AMBIGUOUS.fullmatch(text):
        return None
    return float(text.replace(",", ".")) or None


def _row(problem: Problem) -> int:
    """The row of a mistake: every one of a list has "dòng 5" in its place."""
    match = re.search(r"\d+", problem.where)
    return int(match[0]) if match else 0


def _with_place(problem: Problem) -> Problem:
    """A mistake of a row with its place as all others have it."""
    place = cell_place(problem.line) if problem.line is not None else ""
    return Problem(f"hồ sơ “{problem.where}”: {problem.message}", place)
