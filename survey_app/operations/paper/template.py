"""A workbook to key forms into: columns by question code, lists to choose from, all codes."""

import io
from collections.abc import Collection, Sequence
from typing import Any

import xlsxwriter
from sqlalchemy.orm import Session

from survey_app.operations.fieldwork.ways import Way, require_way
from survey_app.operations.paper.columns import (
    NUMBER,
    NUMBER_TEXT,
    POINT,
    POINT_TEXT,
    KeyedColumn,
    keyed_columns,
    point_item,
)
from survey_app.operations.paper.forms import paper_points
from survey_app.operations.paper.imports import MOST_FORMS
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.storage.models import QuestionnaireVersion, Survey

_ENTRY, _CODES, _POINTS = "Nhập phiếu", "Mã trả lời", "Điểm thu thập"
_FIRST_ROW = 2  # under the headings and their texts
_ADVICE = (
    "Mỗi dòng một phiếu. Không đổi dòng đầu (mã câu hỏi); dòng thứ hai chỉ để đọc.",
    "Mã điểm và số phiếu in ở đầu phiếu; mỗi số phiếu của một điểm chỉ nhập một lần.",
    "Câu chọn một ý: ghi số nhỏ in cạnh ô, hoặc chọn trong danh sách; cũng có thể ghi mã hay nhãn.",
    "Câu chọn nhiều ý: mỗi ý một cột, ghi x vào cột của ý được đánh dấu.",
    "Người dân bỏ qua câu nào thì để trống ô đó. Không áp dụng: ghi số in cạnh ô, thường là 0.",
    "Ý kiến ghi bằng chữ: chép nguyên văn, trừ họ tên, số điện thoại, số giấy tờ.",
    f"Mỗi tệp nhiều nhất {MOST_FORMS:,} phiếu.".replace(",", "."),
    "Nộp lại cùng một tệp không làm phiếu được tính hai lần.",
)


def paper_template(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None = None,
    version: QuestionnaireVersion | None = None,
) -> bytes:
    """The workbook of a survey, for the places of the units in ``unit_ids``, or all, and for the
    forms of one version (None: of the survey's now)."""
    require_way(survey, Way.PAPER)
    columns = keyed_columns(load_questionnaire(version or survey.version))
    points = [
        point_item(point.token, point.unit.name, point.label)
        for point in paper_points(session, survey, unit_ids)
    ]
    output = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(output, options) as book:
        looks = {
            "head": book.add_format({"bold": True, "bg_color": "#eef1f3", "num_format": "@"}),
            "words": book.add_format(
                {"italic": True, "text_wrap": True, "valign": "top", "bottom": 1, "num_format": "@"}
            ),
            "text": book.add_format({"num_format": "@"}),
        }
        entry = book.add_worksheet(_ENTRY)
        lists = _write_codes(book, looks, columns)
        _write_list(book, looks, _POINTS, POINT.headings[0], points)
        _write_list(book, looks, "Hướng dẫn", "Hướng dẫn", _ADVICE)
        _write_entry(entry, looks, columns)
        _offer(entry, 0, _POINTS, 0, 1, len(points))
        for place, column in enumerate(columns, start=2):
            if column.items:
                _offer(entry, place, _CODES, 4, *lists[column.heading])
    return output.getvalue()


def _write_entry(page: Any, looks: dict[str, Any], columns: Sequence[KeyedColumn]) -> None:
    """The headings, their texts, and empty rows that take everything as text."""
    heads = [(POINT.headings[0], POINT_TEXT), (NUMBER.headings[0], NUMBER_TEXT)]
    heads += [(column.heading, column.text) for column in columns]
    page.set_column(0, 0, 34, looks["text"])
    page.set_column(1, 1, 12, looks["text"])
    page.set_column(2, len(heads) - 1, 18, looks["text"])
    page.set_row(1, 75)
    for place, (heading, text) in enumerate(heads):
        page.write_string(0, place, heading, looks["head"])
        page.write_string(1, place, text, looks["words"])
    page.freeze_panes(_FIRST_ROW, 2)


def _write_codes(
    book: Any, looks: dict[str, Any], columns: Sequence[KeyedColumn]
) -> dict[str, tuple[int, int]]:
    """The sheet of codes; by heading: the first row and the number of the items to choose from."""
    page = book.add_worksheet(_CODES)
    heads = ("Cột", "Câu hỏi", "Mã trên phiếu", "Phương án", "Chọn hoặc ghi")
    for place, heading in enumerate(heads):
        page.write_string(0, place, heading, looks["head"])
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 60)
    page.set_column(2, 2, 14)
    page.set_column(3, 4, 40)
    page.freeze_panes(1, 0)
    lists, row = {}, 1
    for column in columns:
        lists[column.heading] = (row, len(column.items))
        for item in column.items:
            key, _, label = item.partition(" – ")
            label = label or column.text
            for place, text in enumerate((column.heading, column.question.text, key, label, item)):
                page.write_string(row, place, str(text), looks["text"])
            row += 1
    return lists


def _write_list(
    book: Any, looks: dict[str, Any], name: str, heading: str, lines: Sequence[str]
) -> None:
    page = book.add_worksheet(name)
    page.set_column(0, 0, 110 if lines is _ADVICE else 60)
    page.write_string(0, 0, heading, looks["head"])
    for row, line in enumerate(lines, start=1):
        page.write_string(row, 0, line, looks["text"])


def _offer(page: Any, column: int, sheet: str, source: int, row: int, count: int) -> None:
    """A list to choose from in a column; a key that is typed instead is taken, too."""
    if not count:
        return
    letter = "ABCDE"[source]
    wanted = f"='{sheet}'!${letter}${row + 1}:${letter}${row + count}"
    rule = {"validate": "list", "source": wanted, "show_error": False}
    page.data_validation(_FIRST_ROW, column, _FIRST_ROW + MOST_FORMS - 1, column, rule)
