"""What of a form is not read: cells, columns and sheets, each named with its place."""

import re
from collections.abc import Iterator
from itertools import combinations

from survey_app.interchange.xlsform.features import (
    COMMENT,
    LEFT_OUT_COLUMNS,
    OF_NO_ANSWER,
    READ_COLUMNS,
    REFUSED_COLUMNS,
    SEARCHED,
    Place,
    Type,
)
from survey_app.interchange.xlsform.notes import Notes
from survey_app.interchange.xlsform.sheets import Form, Grid, Heading, Line

_NO = frozenset({"no", "false", "false()"})
_SEARCH = re.compile(r"\bsearch\s*\(")
_TEXTS = ("label", "hint")


def is_comment(line: Line, needed: str) -> bool:
    """Whether a row is a remark of the author's: neither ``needed``, nor a name, nor a text."""
    return not any(heading.name in (needed, "name", *_TEXTS) for heading, _ in line.filled())


def name_comment(line: Line, notes: Notes) -> None:
    notes.feature(line.place(), COMMENT, is_refused=False)


def name_cells(line: Line, type_: Type, notes: Notes) -> None:
    """Names every filled cell of a row of ``survey`` that is not read."""
    for heading, text in line.filled():
        place = line.cell_place(heading)
        if heading.name in REFUSED_COLUMNS:
            notes.feature(place, REFUSED_COLUMNS[heading.name], is_refused=True)
        elif feature := OF_NO_ANSWER.get(type_.word, {}).get(heading.name):
            notes.feature(place, feature, is_refused=heading.name == "hint")
        elif heading.name == "appearance" and _SEARCH.search(text):
            notes.feature(place, SEARCHED, is_refused=True)
        elif not notes.is_ours and _is_left_out(heading, text, type_):
            notes.feature(place, LEFT_OUT_COLUMNS[heading.name], is_refused=False)


def _is_left_out(heading: Heading, text: str, type_: Type) -> bool:
    if heading.name == "parameters" and type_.word == "range":
        return False  # read with the question
    is_no = heading.name == "read_only" and text.lower() in _NO
    return heading.name in LEFT_OUT_COLUMNS and not is_no


def name_columns(form: Form, notes: Notes) -> None:
    """Names the columns that no rule knows, those without a name, and two that say the same."""
    for grid in (form.survey, form.choices):
        for heading in grid.headings:
            _name_column(grid, heading, notes)
        for letter, row in grid.unnamed:
            notes.leave_out(
                Place(grid.name, row, letter, "…"),
                "Cột không có tên ở dòng đầu",
                "không biết nội dung của cột thuộc về điều gì",
                "Nếu cần, hãy đặt tên cột; nếu không, cột này được bỏ qua.",
            )
    for grid in (form.survey, form.choices, form.settings.sheet):
        _name_twins(grid, notes)


def _name_column(grid: Grid, heading: Heading, notes: Notes) -> None:
    place = Place(grid.name, 1, heading.letter, heading.written)
    if heading.part and heading.language is None and heading.name in _TEXTS:
        notes.refuse(
            place,
            "Không nhận ra ngôn ngữ của cột",
            "mỗi ngôn ngữ được gọi bằng mã hai hoặc ba chữ",
            "Hãy ghi mã trong ngoặc, chẳng hạn “label::English (en)”.",
        )
    if heading.name not in _known(grid) and not heading.name.startswith("hailong_"):
        notes.leave_out(
            place,
            f"Cột “{heading.written}”",
            "không có gì tương ứng trong bộ câu hỏi",
            "Không cần làm gì; cột này được bỏ qua.",
        )


def _known(grid: Grid) -> set[str]:
    """The columns that are read, or of which every filled cell is named."""
    if grid.name == "choices":
        return {*READ_COLUMNS[grid.name], "media"}
    return {*READ_COLUMNS[grid.name], *REFUSED_COLUMNS, *LEFT_OUT_COLUMNS}


def _name_twins(grid: Grid, notes: Notes) -> None:
    """Names the columns of which only the first is read, where they say different things."""
    for first, second in combinations(grid.headings, 2):
        meaning = _meaning(first, notes)
        if meaning is None or meaning != _meaning(second, notes):
            continue
        if row := next(_differing(grid, first, second), None):
            notes.refuse(
                Place(grid.name, row, second.letter, second.written),
                f"Hai cột “{first.written}” và “{second.written}” nói về cùng một điều, nội dung "
                "lại khác nhau",
                "không biết nội dung nào được dùng (cột không ghi ngôn ngữ thuộc ngôn ngữ mặc "
                "định của biểu mẫu)",
                "Hãy xóa một cột, hoặc ghi rõ ngôn ngữ của cột, chẳng hạn “label::English (en)”.",
            )


def _meaning(heading: Heading, notes: Notes) -> tuple[str, str | None] | None:
    """What a column says, and in which language; None where every cell is named anyway."""
    if heading.name in _TEXTS:
        return heading.name, heading.language if heading.part else notes.plain_language
    is_read = any(heading.name in columns for columns in READ_COLUMNS.values())
    return (heading.name, heading.part) if is_read else None


def _differing(grid: Grid, first: Heading, second: Heading) -> Iterator[int]:
    for number, cells in grid.rows:
        one, other = cells[first.letter].strip(), cells[second.letter].strip()
        if one and other and one != other:
            yield number


def name_sheets(form: Form, notes: Notes) -> None:
    """Names the sheets that are not read, and rows of settings that nothing reads."""
    for name in form.others:
        notes.refuse(
            Place(name),
            f"Trang “{name}”",
            "nội dung của trang này không có chỗ trong bộ câu hỏi",
            "Hãy xóa trang này và những chỗ dùng đến nó.",
        )
    for name in form.ignored:
        notes.leave_out(
            Place(name), f"Trang “{name}”", "không phải trang của XLSForm", "Trang được bỏ qua."
        )
    for line in list(form.settings.sheet.lines)[1:]:
        notes.leave_out(
            line.place(),
            "Dòng thứ hai của trang thiết lập",
            "thiết lập chỉ có một dòng",
            "Không cần làm gì; dòng này được bỏ qua.",
        )


def name_unused_list(place: Place, name: str, notes: Notes) -> None:
    notes.leave_out(
        place,
        f"Danh sách phương án “{name}”",
        "không câu nào dùng danh sách này",
        "Không cần làm gì; danh sách được bỏ qua.",
    )
