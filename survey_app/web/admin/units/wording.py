"""Reorganisations of units in words."""

from collections.abc import Iterable, Mapping

from survey_app.operations.organisation.reorganisation import EventKind
from survey_app.operations.organisation.unit_history import HistoryEntry, UnitThen
from survey_app.reporting.wording import in_a_sentence
from survey_app.web.admin import wording

EVENT_KINDS: Mapping[str, str] = {
    EventKind.MERGE: "Sáp nhập",
    EventKind.SPLIT: "Chia tách",
    EventKind.RENAME: "Đổi tên",
    EventKind.MOVE: "Chuyển cấp trên",
    EventKind.ABOLISH: "Giải thể",
}
EVENT_HINTS: Mapping[str, str] = {
    EventKind.MERGE: "Nhiều đơn vị thành một đơn vị mới, hoặc nhập vào một đơn vị đang có.",
    EventKind.SPLIT: "Một đơn vị thành nhiều đơn vị; đơn vị cũ kết thúc hoặc còn lại một phần.",
    EventKind.RENAME: "Đơn vị giữ nguyên mã, phạm vi; đổi tên hoặc đổi loại (xã thành phường).",
    EventKind.MOVE: "Đơn vị giữ nguyên mã, tên; đặt dưới một đơn vị cấp trên khác.",
    EventKind.ABOLISH: "Đơn vị kết thúc, không có đơn vị kế tục.",
}
#: Rows that name a unit, by table, in the words of the people who look after them.
USES: Mapping[str, str] = {
    "account": "tài khoản cán bộ phụ trách",
    "account_grant": "lần giao quyền cho tài khoản",
    "api_key": "khóa API",
    "survey_unit": "lượt có mặt trong các cuộc khảo sát",
    "survey_response": "phiếu đã thu",
    "collection_point": "điểm thu thập (kể cả đã ngừng)",
    "dossier_count": "dòng số liệu hồ sơ",
}


def event_kind(kind: str) -> str:
    return EVENT_KINDS[kind]


def uses(found: Mapping[str, int]) -> list[str]:
    """What names the units, counted; tables without a word of their own are left out."""
    return [
        f"{wording.count(found[table])} {words}" for table, words in USES.items() if table in found
    ]


def names(units: Iterable[UnitThen]) -> str:
    """Units one after the other, inside a sentence: "xã A, xã B và xã C"."""
    found = [in_a_sentence(unit.name) for unit in units]
    return f"{', '.join(found[:-1])} và {found[-1]}" if len(found) > 1 else "".join(found)


def event_sentence(entry: HistoryEntry) -> str:
    """What happened, told of all units that took part."""
    if entry.kind is EventKind.MERGE:
        gone = [unit for unit in entry.before if unit.code not in _codes(entry.after)]
        verb = "Sáp nhập" if len(gone) == 1 or len(gone) < len(entry.before) else "Hợp nhất"
        return (
            f"{verb} {names(gone)} thành {names(entry.after)}."
            if verb == "Hợp nhất"
            else (f"Sáp nhập {names(gone)} vào {names(entry.after)}.")
        )
    if entry.kind is EventKind.SPLIT:
        kept = _codes(entry.before) & _codes(entry.after)
        new = [unit for unit in entry.after if unit.code not in kept]
        if kept:
            return f"Tách một phần {names(entry.before)} sang {names(new)}."
        return f"Chia {names(entry.before)} thành {names(entry.after)}."
    if entry.kind is EventKind.ABOLISH:
        return f"Giải thể {names(entry.before)}."
    return _change_sentence(entry)


def history_sentence(entry: HistoryEntry, code: str) -> str:
    """What happened, told of one unit."""
    if entry.kind is None:
        if code in _codes(entry.before):
            return f"Trở thành (một phần của) {names(entry.after)}."
        return f"Kế tục {names(entry.before)}."
    if entry.kind is EventKind.MERGE and code not in _codes((*entry.before, *entry.after)):
        return f"Chuyển theo đơn vị cấp trên được sáp nhập: {_moved(entry)}."
    sentence = event_sentence(entry)
    is_changed_too = entry.kind in {EventKind.MERGE, EventKind.SPLIT} and entry.old is not None
    return f"{sentence} {_change_sentence(entry)}" if is_changed_too else sentence


def _change_sentence(entry: HistoryEntry) -> str:
    old, new = entry.old, entry.new
    if old is None or new is None:  # still to come
        return f"{event_kind(entry.kind or EventKind.RENAME)} {names(entry.before)}."
    found = []
    if old.name != new.name:
        found.append(f"Đổi tên từ {old.name} thành {new.name}.")
    if old.kind != new.kind:
        kinds = wording.unit_kind(old.kind), wording.unit_kind(new.kind)
        found.append(f"Đổi loại của {new.name} từ {kinds[0]} thành {kinds[1]}.")
    if old.parent != new.parent:
        found.append(f"Chuyển {new.name}: {_moved(entry)}.")
    return " ".join(found)


def _moved(entry: HistoryEntry) -> str:
    old, new = entry.old, entry.new
    above = [(unit.parent if unit else "") or "cấp cao nhất" for unit in (old, new)]
    return f"từ {above[0]} sang {above[1]}"


def _codes(units: Iterable[UnitThen]) -> set[str]:
    return {unit.code for unit in units}


def choices_found(shown: int, *, is_all: bool) -> str:
    """How many units a search for one gives."""
    if not shown:
        return "Không có đơn vị nào đang hoạt động khớp với tên hoặc mã này."
    if is_all:
        return f"Có {shown} đơn vị; dùng phím mũi tên và Enter, hoặc bấm để chọn."
    return f"Có hơn {shown} đơn vị; hãy gõ thêm để thu hẹp."
