"""The file in which a whole province lists its reorganisations, read and checked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from survey_app.errors import Invalid, Problem
from survey_app.operations.organisation.reorganisation import (
    EventKind,
    Reorganisation,
    Successor,
)
from survey_app.spreadsheets.records import ColumnSpec, Records, read_records
from survey_app.spreadsheets.sheet import place_order
from survey_app.spreadsheets.writing import make_template
from survey_app.text import fold
from survey_app.unit_import import KIND_OF_LABEL, KINDS

COLUMNS = (
    ColumnSpec("kind", ("Hình thức sắp xếp", "Hình thức"), required=True),
    ColumnSpec("happened_on", ("Ngày hiệu lực", "Có hiệu lực từ", "Từ ngày"), required=True),
    ColumnSpec("legal_basis", ("Căn cứ pháp lý", "Căn cứ"), required=True),
    ColumnSpec("before", ("Mã đơn vị được sắp xếp", "Mã đơn vị cũ", "Mã cũ"), required=True),
    ColumnSpec("after", ("Mã đơn vị sau sắp xếp", "Mã đơn vị mới", "Mã mới")),
    ColumnSpec("name", ("Tên đơn vị sau sắp xếp", "Tên mới")),
    ColumnSpec("unit_kind", ("Loại đơn vị sau sắp xếp", "Loại mới")),
    ColumnSpec("parent_code", ("Mã đơn vị cấp trên sau sắp xếp", "Mã cấp trên mới")),
)
KIND_LABELS: Mapping[EventKind, tuple[str, ...]] = {
    EventKind.MERGE: ("Sáp nhập", "Hợp nhất", "Nhập"),
    EventKind.SPLIT: ("Chia tách", "Chia", "Tách", "Thành lập mới từ một phần"),
    EventKind.RENAME: ("Đổi tên",),
    EventKind.MOVE: ("Chuyển cấp trên", "Chuyển"),
    EventKind.ABOLISH: ("Giải thể",),
}
_KIND_OF = {fold(label): kind for kind, labels in KIND_LABELS.items() for label in labels}
_BASIS = "Nghị quyết số 00/NQ-UBTVQH ngày 01/6/2025"
_SAMPLE = (
    ("Sáp nhập", "01/07/2025", _BASIS, "A01, A02, A03", "A10", "Xã Mới", "Xã", ""),
    ("Sáp nhập", "01/07/2025", _BASIS, "A04", "A05", "", "", ""),
    ("Chia tách", "01/07/2025", _BASIS, "A06", "A06", "", "", ""),
    ("Chia tách", "01/07/2025", _BASIS, "A06", "A16", "Xã Mới Hai", "Xã", ""),
    ("Đổi tên", "01/07/2025", _BASIS, "A07", "", "Phường Mới", "Phường", ""),
    ("Chuyển cấp trên", "01/07/2025", _BASIS, "A08", "", "", "", "A"),
    ("Giải thể", "01/07/2025", _BASIS, "A09", "", "", "", ""),
)
_ADVICE = (
    "Mỗi dòng là một lần sắp xếp. Xóa các dòng mẫu, điền danh sách của mình, rồi tải tệp lên.",
    "Sáp nhập: ghi các mã đơn vị cũ cách nhau bằng dấu phẩy, hoặc mỗi đơn vị cũ một dòng với "
    "cùng mã sau sắp xếp và cùng ngày. Đơn vị sau sắp xếp là đơn vị mới thì phải có tên; là đơn vị "
    "đang có thì để trống tên (hoặc ghi tên mới nếu đổi tên).",
    "Chia tách: mỗi đơn vị sau chia tách một dòng, cùng mã đơn vị được sắp xếp và cùng ngày; nếu "
    "đơn vị cũ vẫn còn một phần thì ghi thêm một dòng có mã của chính đơn vị đó.",
    "Đổi tên, chuyển cấp trên: để trống mã sau sắp xếp, đơn vị giữ nguyên mã.",
    "Ngày trong tương lai: lần sắp xếp được lưu lại và tự có hiệu lực khi đến ngày.",
)


@dataclass
class _Draft:
    """Rows of the file that together are one reorganisation."""

    kind: EventKind
    happened_on: date
    legal_basis: str
    before: list[str]
    after: dict[str, Successor]
    where: dict[str, str]


def read_events(data: bytes, filename: str) -> tuple[Reorganisation, ...]:
    """The reorganisations of a CSV or Excel file, in its order; raises Invalid with the mistakes
    of every row. Whether they can be done is for the units to say."""
    records = read_records(data, filename, COLUMNS)
    problems = sorted(
        [*records.problems, *_bad_cells(records)], key=lambda problem: place_order(problem.where)
    )
    if problems:
        raise Invalid(f"Tệp có {len(problems)} lỗi; chưa ghi gì.", problems)
    if not records.rows:
        raise Invalid("Tệp chỉ có dòng tiêu đề, không có lần sắp xếp nào.")
    drafts: dict[tuple[object, ...], _Draft] = {}
    for index, row in enumerate(records.rows):
        problems.extend(_add_row(drafts, records, index, row))
    if problems:
        raise Invalid(f"Tệp có {len(problems)} lỗi; chưa ghi gì.", problems)
    return tuple(
        Reorganisation(
            d.kind,
            d.happened_on,
            d.legal_basis,
            tuple(dict.fromkeys(d.before)),
            tuple(d.after.values()),
            d.where,
        )
        for d in drafts.values()
    )


def template_workbook() -> bytes:
    """A workbook to fill in: headings, sample rows, what may be chosen, advice."""
    choices = {
        "kind": [labels[0] for labels in KIND_LABELS.values()],
        "unit_kind": [names[0] for names in KINDS.values()],
    }
    return make_template("Sắp xếp", COLUMNS, _SAMPLE, _ADVICE, choices)


def _bad_cells(records: Records) -> Iterator[Problem]:
    for index, row in enumerate(records.rows):
        for column, message in _mistakes(row):
            yield Problem(message, records.where(index, column))


def _mistakes(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if row["kind"] and fold(row["kind"]) not in _KIND_OF:
        labels = ", ".join(names[0] for names in KIND_LABELS.values())
        yield "kind", f"không có hình thức “{row['kind']}”; hãy ghi một trong: {labels}"
    if row["happened_on"] and _day(row["happened_on"]) is None:
        yield "happened_on", f"“{row['happened_on']}” không phải là ngày; hãy ghi như 01/07/2025"
    if row["unit_kind"] and fold(row["unit_kind"]) not in KIND_OF_LABEL:
        labels = ", ".join(names[0] for names in KINDS.values())
        yield "unit_kind", f"không có loại đơn vị “{row['unit_kind']}”; hãy ghi một trong: {labels}"
    if len(_codes(row["after"])) > 1:
        yield "after", "mỗi dòng chỉ ghi một mã đơn vị sau sắp xếp"


def _add_row(
    drafts: dict[tuple[object, ...], _Draft], records: Records, index: int, row: Mapping[str, str]
) -> Iterator[Problem]:
    """Put a row to the reorganisation it belongs to, or start a new one."""
    kind, before = _KIND_OF[fold(row["kind"])], _codes(row["before"])
    after = (_codes(row["after"]) or ("",))[0]
    if not after and kind in {EventKind.RENAME, EventKind.MOVE}:
        after = before[0] if before else ""
    key: tuple[object, ...] = (index,)
    if kind is EventKind.MERGE and after:
        key = (kind, row["happened_on"], after)
    elif kind is EventKind.SPLIT:
        key = (kind, row["happened_on"], before)
    draft = drafts.get(key)
    if draft is None:
        day = _day(row["happened_on"]) or date.min
        draft = drafts[key] = _Draft(kind, day, row["legal_basis"], [], {}, _places(records, index))
    draft.before.extend(before)
    if after:
        successor = Successor(after, row["name"], _kind_of(row["unit_kind"]), row["parent_code"])
        known = draft.after.setdefault(after, successor)
        if known != successor and successor != Successor(after):
            message = f"thông tin của đơn vị “{after}” khác với dòng trước"
            yield Problem(message, records.where(index, "after"))


def _places(records: Records, index: int) -> dict[str, str]:
    """Field of a plan → the cell that it comes from."""
    columns = {spec.code: spec.code for spec in COLUMNS if spec.code != "unit_kind"}
    columns["kind"] = "unit_kind"
    return {field: records.where(index, column) for field, column in columns.items()}


def _kind_of(label: str) -> str:
    return KIND_OF_LABEL[fold(label)] if label else ""


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.upper() for code in re.split(r"[,;\s]+", text) if code))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
