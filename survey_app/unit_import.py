"""The file in which a province lists its departments, communes and offices, read and checked."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from survey_app.administrative_data import TWO_TIERS_SINCE
from survey_app.errors import Invalid, Problem
from survey_app.spreadsheets.records import ColumnSpec, Records, read_records
from survey_app.spreadsheets.sheet import place_order
from survey_app.spreadsheets.writing import make_template
from survey_app.text import fold

LONGEST_CODE = 35
#: As wide as the columns they are stored in.
LONGEST = {"name": 200, "agency_name": 200, "place": 100}
#: For ``fullmatch``: groups of capitals and digits with dots between, not too long as a whole.
UNIT_CODE = re.compile(rf"(?=.{{1,{LONGEST_CODE}}}$)[0-9A-Z]+(\.[0-9A-Z]+)*")

_AGENCY = (
    "Tên cơ quan ký văn bản",
    "Tên cơ quan ban hành",
    "Tên cơ quan",
    "Agency",
    "Agency name",
)
COLUMNS = (
    ColumnSpec("code", ("Mã đơn vị", "Mã", "Mã định danh", "Unit code"), required=True),
    ColumnSpec("name", ("Tên đơn vị", "Tên", "Unit name"), required=True),
    ColumnSpec("kind", ("Loại đơn vị", "Loại", "Cấp", "Unit kind", "Type"), required=True),
    ColumnSpec("parent_code", ("Mã đơn vị cấp trên", "Mã cấp trên", "Parent", "Parent code")),
    ColumnSpec("agency_name", _AGENCY),
    ColumnSpec("place", ("Địa danh", "Place name")),
    ColumnSpec("valid_from", ("Có hiệu lực từ", "Ngày hiệu lực", "Từ ngày", "Valid from")),
    ColumnSpec("predecessor_codes", ("Mã đơn vị trước đây", "Mã cũ", "Predecessors")),
)

KINDS: Mapping[str, tuple[str, ...]] = {
    "province": ("Tỉnh",),
    "city": ("Thành phố", "Thành phố trực thuộc trung ương"),
    "commune": ("Xã",),
    "ward": ("Phường",),
    "special_zone": ("Đặc khu",),
    "department": ("Sở", "Ban", "Ngành", "Thanh tra", "Sở, ban, ngành", "Cơ quan chuyên môn"),
    "division": ("Phòng", "Phòng chuyên môn"),
    "office": ("Văn phòng", "Chi nhánh", "Bộ phận", "Điểm tiếp nhận"),
    "service_centre": (
        "Trung tâm",
        "Trung tâm Phục vụ hành chính công",
        "Bộ phận Một cửa",
        "Bộ phận tiếp nhận và trả kết quả",
    ),
    "vertical_agency": ("Cơ quan ngành dọc", "Ngành dọc", "Cơ quan trung ương tại địa phương"),
}

KIND_OF_LABEL = {fold(label): kind for kind, labels in KINDS.items() for label in (kind, *labels)}
_SAMPLE = (
    ("H00", "Tỉnh Mẫu", "Tỉnh", "", "Ủy ban nhân dân tỉnh Mẫu", "Mẫu", "01/07/2025", ""),
    ("H00.01", "Sở Nội vụ", "Sở", "H00", "Sở Nội vụ", "Mẫu", "01/07/2025", ""),
    ("H00.01.02", "Phòng Cải cách hành chính", "Phòng", "H00.01", "", "", "", ""),
    (
        "H00.10",
        "Trung tâm Phục vụ hành chính công tỉnh",
        "Trung tâm Phục vụ hành chính công",
        "H00",
        "",
        "Mẫu",
        "",
        "",
    ),
    (
        "H00.21",
        "Phường Bình Minh",
        "Phường",
        "H00",
        "Ủy ban nhân dân phường Bình Minh",
        "Bình Minh",
        "01/07/2025",
        "",
    ),
    ("H00.22", "Xã Hòa Thuận", "Xã", "H00", "Ủy ban nhân dân xã Hòa Thuận", "Hòa Thuận", "", ""),
)
_ADVICE = (
    "Mỗi dòng là một đơn vị. Xóa các dòng mẫu, điền đơn vị của mình, rồi tải tệp lên.",
    "Cột có dấu (*) phải điền đủ; các cột khác có thể để trống.",
    "Mã đơn vị: chữ in hoa và chữ số, các nhóm cách nhau bằng dấu chấm, nhiều nhất 35 ký tự.",
    "Mã đơn vị cấp trên: mã của một đơn vị trong tệp này hoặc đã có trong hệ thống.",
    "Có hiệu lực từ: ngày/tháng/năm. Để trống thì lấy ngày chung khi nhập.",
    "Mã đơn vị trước đây: các mã cách nhau bằng dấu phẩy.",
)


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit as the file gives it; what is not given is an empty text.

    ``where`` is its row in the file, for mistakes that only the stored units bring to light.
    """

    code: str
    name: str
    kind: str
    parent_code: str
    agency_name: str
    place: str
    valid_from: date
    predecessor_codes: tuple[str, ...]
    where: str = field(default="", compare=False)


def parse_units(
    data: bytes,
    filename: str,
    known_codes: Collection[str],
    *,
    default_valid_from: date = TWO_TIERS_SINCE,
) -> tuple[UnitRow, ...]:
    """The units in a file, every parent before its children.

    ``known_codes`` are those of the stored units: parents and predecessors may be among them.
    A row whose own code is known is given back like any other; whether it says the same as the
    stored unit is for the caller to see. Any mistake refuses the whole file, and Invalid lists
    all of them with their cells.
    """
    records = read_records(data, filename, COLUMNS)
    known = {*known_codes, *(row["code"] for row in records.rows)}
    found = (
        *records.problems,
        *_bad_cells(records),
        *_repeated_codes(records),
        *_bad_parents(records, known),
        *_bad_predecessors(records, known),
    )
    problems = sorted(found, key=lambda problem: place_order(problem.where))
    if problems:
        raise Invalid(f"Tệp có {len(problems)} lỗi; chưa đơn vị nào được ghi.", problems)
    if not records.rows:
        raise Invalid("Tệp chỉ có dòng tiêu đề, không có đơn vị nào.")
    return _parents_first(
        [
            _unit(row, records.where(index, "code"), default_valid_from)
            for index, row in enumerate(records.rows)
        ]
    )


def template_workbook() -> bytes:
    """A workbook to fill in: headings, sample rows, a list of kinds to choose from, advice."""
    labels = [names[0] for names in KINDS.values()]
    kinds = "; ".join(label for names in KINDS.values() for label in names)
    advice = (*_ADVICE, f"Loại đơn vị: {kinds}.")
    return make_template("Đơn vị", COLUMNS, _SAMPLE, advice, {"kind": labels})


def _unit(row: Mapping[str, str], where: str, default_valid_from: date) -> UnitRow:
    return UnitRow(
        code=row["code"],
        name=row["name"],
        kind=KIND_OF_LABEL[fold(row["kind"])],
        parent_code=row["parent_code"],
        agency_name=row["agency_name"],
        place=row["place"],
        valid_from=_day(row["valid_from"]) or default_valid_from,
        predecessor_codes=_codes(row["predecessor_codes"]),
        where=where,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _codes(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code in re.split(r"[,;\s]+", text) if code))


def _bad_cells(records: Records) -> Iterator[Problem]:
    """Mistakes that show in the cell alone."""
    for index, row in enumerate(records.rows):
        for column, message in _mistakes(row):
            yield Problem(message, records.where(index, column))


def _mistakes(row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for column, longest in LONGEST.items():
        if len(row[column]) > longest:
            yield column, f"dài quá {longest} ký tự"
    for column in ("code", "parent_code"):
        if row[column] and not _is_code(row[column]):
            yield column, _not_a_code(row[column])
    for code in _codes(row["predecessor_codes"]):
        if not _is_code(code):
            yield "predecessor_codes", _not_a_code(code)
    if row["kind"] and fold(row["kind"]) not in KIND_OF_LABEL:
        labels = ", ".join(names[0] for names in KINDS.values())
        yield "kind", f"không có loại đơn vị “{row['kind']}”; hãy ghi một trong: {labels}"
    if row["valid_from"] and not _day(row["valid_from"]):
        yield "valid_from", f"“{row['valid_from']}” không phải là ngày; hãy ghi như 01/07/2025"


def _is_code(text: str) -> bool:
    return UNIT_CODE.fullmatch(text) is not None


def _not_a_code(text: str) -> str:
    return (
        f"mã “{text}” không đúng: chỉ gồm chữ in hoa không dấu, chữ số và dấu chấm giữa các nhóm, "
        f"nhiều nhất {LONGEST_CODE} ký tự"
    )


def _repeated_codes(records: Records) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, row in enumerate(records.rows):
        before = first.setdefault(row["code"], index)
        if row["code"] and before != index:
            message = f"mã “{row['code']}” đã có ở dòng {records.numbers[before]}"
            yield Problem(message, records.where(index, "code"))


def _bad_parents(records: Records, known: set[str]) -> Iterator[Problem]:
    """Parents that do not exist, and circles of parents."""
    circling = _circling({row["code"]: row["parent_code"] for row in records.rows if row["code"]})
    for index, row in enumerate(records.rows):
        code, parent = row["code"], row["parent_code"]
        where = records.where(index, "parent_code")
        if _is_code(parent) and parent not in known:
            yield Problem(f"không có đơn vị nào mang mã “{parent}”", where)
        elif code in circling:
            yield Problem(f"đơn vị “{code}” nằm dưới chính nó", where)


def _bad_predecessors(records: Records, known: set[str]) -> Iterator[Problem]:
    for index, row in enumerate(records.rows):
        where = records.where(index, "predecessor_codes")
        for code in _codes(row["predecessor_codes"]):
            if code == row["code"]:
                yield Problem("một đơn vị không thể là đơn vị trước đây của chính nó", where)
            elif _is_code(code) and code not in known:
                yield Problem(f"không có đơn vị nào mang mã “{code}”", where)


def _circling(parents: Mapping[str, str]) -> set[str]:
    """The codes that one meets again when going up from them."""
    circling: set[str] = set()
    seen: set[str] = set()
    for code in parents:
        path: list[str] = []
        above = code
        while above in parents and above not in seen:
            seen.add(above)
            path.append(above)
            above = parents[above]
        if above in path:
            circling.update(path[path.index(above) :])
    return circling


def _parents_first(units: Sequence[UnitRow]) -> tuple[UnitRow, ...]:
    """The order of the file, except that a parent is moved up before its first child."""
    by_code = {unit.code: unit for unit in units}
    ordered: dict[str, UnitRow] = {}
    for unit in units:
        path: list[UnitRow] = []
        above: UnitRow | None = unit
        while above and above.code not in ordered:
            path.append(above)
            above = by_code.get(above.parent_code)
        ordered.update((each.code, each) for each in reversed(path))
    return tuple(ordered.values())
