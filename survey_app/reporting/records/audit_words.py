"""The audit record in words: what an action is called, what was changed, what is broken."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from survey_app.i18n import format_date
from survey_app.reporting import formats
from survey_app.reporting.records.code_words import told_by_code
from survey_app.reporting.wording import mode

ACTIONS = {
    "sign_in": "Đăng nhập",
    "sign_in.provider": "Đăng nhập qua nơi cấp tài khoản bên ngoài",
    "sign_in.failed": "Đăng nhập không thành công",
    "sign_out": "Đăng xuất",
    "sign_out.everywhere": "Đăng xuất khỏi mọi thiết bị",
    "account.create": "Tạo tài khoản",
    "account.activate": "Cho phép tài khoản đăng nhập",
    "account.deactivate": "Khóa tài khoản",
    "account.reset_password": "Cấp lại mật khẩu",
    "account.choose_password": "Tự chọn mật khẩu mới",
    "account.rename": "Đổi họ tên của tài khoản",
    "account.grant": "Giao quyền cho tài khoản",
    "account.end_grant": "Kết thúc quyền của tài khoản",
    "account.link": "Gắn tài khoản với tài khoản bên ngoài",
    "account.unlink": "Gỡ tài khoản bên ngoài khỏi tài khoản",
    "second_step.begin": "Bắt đầu thiết lập xác thực hai bước",
    "second_step.enable": "Bật xác thực hai bước",
    "second_step.codes": "Tạo lại mã khôi phục",
    "second_step.remove": "Tắt hoặc đặt lại xác thực hai bước",
    "second_step.required": "Đổi vai trò bắt buộc xác thực hai bước",
    "sign_in.recovery_code": "Đăng nhập bằng mã khôi phục",
    "sign_out.provider": "Đăng xuất theo thông báo của nơi cấp tài khoản bên ngoài",
    "sign_out.revoke": "Đăng xuất một trình duyệt",
    "account.export": "Xuất dữ liệu về tài khoản",
    "account.erase": "Xóa tên tài khoản",
    "privacy.erase_expired": "Xóa dữ liệu quá hạn giữ",
    "privacy.rotate_key": "Mã hóa lại bằng khóa mới",
    "contact.offer": "Đặt việc nhận yêu cầu trả lời",
    "contact.read": "Đọc yêu cầu trả lời",
    "contact.finish": "Xóa nội dung yêu cầu đã trả lời hoặc được rút lại",
    "questionnaire.publish": "Công bố bộ câu hỏi",
    "questionnaire.source": "Tải tài liệu bộ câu hỏi",
    "questionnaire.export": "Tải bộ câu hỏi cho phần mềm khác",
    "draft.create": "Tạo bản thảo bộ câu hỏi",
    "draft.edit": "Sửa bản thảo bộ câu hỏi",
    "draft.undo": "Hoàn tác trong bản thảo bộ câu hỏi",
    "draft.redo": "Làm lại trong bản thảo bộ câu hỏi",
    "draft.source": "Tải tài liệu của bản thảo bộ câu hỏi",
    "draft.publish": "Kết thúc bản thảo trùng với phiên bản đã công bố",
    "draft.keep": "Giữ lại nội dung chưa lưu, nhập cùng lúc với người khác, của bản thảo",
    "draft.decide": "Quyết định về nội dung chưa lưu đã giữ lại của bản thảo",
    "draft.drop": "Bỏ nội dung chưa lưu đã giữ lại của bản thảo",
    "draft.discard": "Xóa bản thảo bộ câu hỏi",
    "questionnaire.propose": "Gửi đề nghị công bố bộ câu hỏi",
    "questionnaire.approve": "Duyệt đề nghị công bố bộ câu hỏi",
    "questionnaire.return": "Trả lại đề nghị công bố bộ câu hỏi",
    "questionnaire.withdraw": "Rút đề nghị công bố bộ câu hỏi",
    "questionnaire.close": "Đóng phiên bản bộ câu hỏi",
    "questionnaire.reopen": "Mở lại phiên bản bộ câu hỏi",
    "questionnaire.review_rule": "Đặt yêu cầu duyệt trước khi công bố",
    "units.reorganise": "Sắp xếp đơn vị",
    "units.reorganise_all": "Nhập danh sách sắp xếp đơn vị",
    "units.apply_due": "Thực hiện các lần sắp xếp đơn vị đã đến ngày",
    "units.undo": "Hoàn tác lần sắp xếp đơn vị",
    "recording.store": "Lưu bản ghi âm câu hỏi",
    "recording.delete": "Xóa bản ghi âm câu hỏi",
    "units.create": "Thêm đơn vị",
    "units.import": "Nhập danh sách đơn vị",
    "units.load_province": "Thêm đơn vị theo danh mục nhà nước",
    "units.edit": "Sửa đơn vị",
    "services.import": "Nhập danh mục thủ tục",
    "dossier_counts.import": "Nhập số liệu hồ sơ",
    "dossier_counts.by_key": "Nhận số liệu hồ sơ từ phần mềm khác",
    "survey.create": "Tạo cuộc khảo sát",
    "survey.plan": "Sửa kế hoạch cuộc khảo sát",
    "survey.offer": "Đổi cách nhận phiếu và ngôn ngữ của cuộc khảo sát",
    "survey.open": "Mở cuộc khảo sát",
    "survey.move": "Quyết định chuyển phiên bản bộ câu hỏi",
    "survey.call_off_move": "Hủy việc chuyển phiên bản bộ câu hỏi",
    "survey.moved": "Chuyển phiên bản bộ câu hỏi",
    "survey.pause": "Tạm dừng cuộc khảo sát",
    "survey.resume": "Tiếp tục cuộc khảo sát",
    "survey.closed": "Đóng cuộc khảo sát",
    "survey.reopen": "Mở lại cuộc khảo sát",
    "survey.remind": "Nhắc các đơn vị chậm tiến độ",
    "survey.reminder_list": "Tải danh sách nhắc đơn vị chậm tiến độ",
    "survey.population": "Sửa số hồ sơ trong kỳ",
    "survey.target": "Đặt mục tiêu của cuộc khảo sát",
    "survey.unit_target": "Đặt số hồ sơ và số phiếu riêng của đơn vị",
    "sample.draw": "Chọn mẫu hồ sơ",
    "sample.export": "Tải danh sách được chọn",
    "sample.verify": "Kiểm tra lại lần chọn mẫu",
    "sample.erase": "Xóa mã hồ sơ đã chọn",
    "point.create": "Thêm điểm thu thập",
    "point.poster": "Tải áp phích của điểm thu thập",
    "device.add": "Thêm thiết bị",
    "device.code": "Tạo mã cài đặt thiết bị",
    "device.enrol": "Cài đặt thiết bị",
    "device.settings": "Sửa cài đặt của thiết bị",
    "device.pin": "Đổi mã PIN của thiết bị",
    "device.move": "Chuyển thiết bị sang điểm thu thập khác",
    "device.revoke": "Thu hồi thiết bị",
    "links.print": "In hoặc tải các phiếu mời vừa tạo",
    "links.issue": "Tạo mã dùng một lần",
    "links.issue_by_key": "Tạo mã dùng một lần theo yêu cầu của phần mềm khác",
    "api_key.create": "Tạo khóa API",
    "api_key.revoke": "Thu hồi khóa API",
    "kiosk.import": "Nhập phiếu từ kiosk",
    "paper.print": "In phiếu giấy",
    "paper.import": "Nhập phiếu giấy",
    "paper.key": "Bắt đầu một lượt nhập từng phiếu giấy",
    "paper.second_keying": "Đặt tỷ lệ phiếu nhập lần hai",
    "paper.correct": "Sửa phiếu đã nhập theo phiếu giấy",
    "paper.settle": "Đối chiếu phiếu với phiếu giấy, giữ nguyên lần nhập đầu",
    "backup.create": "Sao lưu cơ sở dữ liệu",
    "backup.restore": "Khôi phục cơ sở dữ liệu từ bản sao lưu",
    "demo.load": "Nạp dữ liệu minh họa",
    "audit.export": "Xuất nhật ký",
    "audit.verify": "Kiểm tra chuỗi nhật ký",
    "dataset.export": "Tải số liệu từng phiếu",
    "report.export": "Tải báo cáo",
    "report.archive": "Tải báo cáo của mọi đơn vị",
    "report.cancel": "Hủy đợt lập báo cáo",
    "report.batch": "Yêu cầu lập báo cáo của mọi đơn vị",
    "file.analyse": "Phân tích tệp số liệu",
    "file.rank": "Xếp khoảng hạng từ tệp",
    "file.keep": "Giữ lại báo cáo từ tệp",
    "file.delete": "Xóa báo cáo đã giữ",
    "comment.hide": "Ẩn ý kiến",
    "comment.show": "Đưa ý kiến trở lại báo cáo",
    "sheets.accept": "Giữ lại phiếu được đánh dấu",
    "sheets.exclude": "Loại phiếu được đánh dấu khỏi kết quả",
}

#: Kinds of things that are acted on.
KINDS = {
    "account": "tài khoản",
    "audit": "nhật ký",
    "backup": "bản sao lưu",
    "batch": "đợt lập báo cáo",
    "dataset": "số liệu từng phiếu",
    "demo": "dữ liệu minh họa",
    "device": "thiết bị",
    "dossier_counts": "số liệu hồ sơ",
    "draft": "bản thảo",
    "file": "tệp",
    "key": "khóa API",
    "privacy": "dữ liệu cá nhân",
    "questionnaire": "bộ câu hỏi",
    "recording": "bản ghi âm",
    "report": "báo cáo",
    "second_step": "xác thực hai bước",
    "services": "thủ tục hành chính",
    "survey": "cuộc khảo sát",
    "unit": "đơn vị",
}
#: Fields that change, and what an entry says besides.
FIELDS = {
    "accounts": "số tài khoản",
    "accepted": "điểm lưu ý đã chấp nhận",
    "account": "tài khoản số",
    "action": "thao tác",
    "agency_name": "tên cơ quan",
    "block": "khối",
    "broken": "ngắt chuỗi ở",
    "broken_at": "đứt ở mục số",
    "code": "mã",
    "codes": "mã các đơn vị",
    "comparable": "vẫn so sánh được sau khi sửa",
    "contacts": "số yêu cầu trả lời",
    "collection_point": "điểm thu thập",
    "count": "số lượng",
    "created": "thêm mới",
    "days": "số ngày giữ",
    "ends_on": "ngày kết thúc",
    "digest": "mã kiểm tra nội dung",
    "expires_on": "hạn dùng",
    "fields": "các trường",
    "file": "tệp",
    "fingerprint": "mã kiểm tra nội dung",
    "first": "từ số",
    "form": "dạng tệp",
    "hash": "mã của mục cuối",
    "idle_seconds": "thời gian chờ (giây)",
    "is_active": "được đăng nhập",
    "issuer": "nơi cấp tài khoản",
    "keeps_partial": "giữ phiếu dở dang",
    "kind": "loại",
    "label": "tên",
    "languages": "ngôn ngữ",
    "last": "đến số",
    "mode": "hình thức trả lời",
    "more": "số trường khác cũng đổi",
    "name": "tên",
    "needs_review": "cần người thứ hai duyệt",
    "new": "mới",
    "note": "",
    "number": "số",
    "parent": "đơn vị cấp trên",
    "place": "địa danh",
    "population": "số hồ sơ trong kỳ",
    "reason": "lý do",
    "reference": "mã đối chiếu",
    "response_rate": "tỷ lệ thu về dự kiến",
    "revision": "lần lưu",
    "role": "vai trò",
    "roles": "vai trò",
    "same_clerk_may_repeat": "cùng một người được nhập hai lần",
    "scopes": "quyền",
    "second_keying_share": "tỷ lệ phiếu nhập lần hai",
    "since": "từ ngày",
    "starts_on": "ngày bắt đầu",
    "status": "tình trạng",
    "subject": "đối tượng",
    "target": "số phiếu riêng",
    "target_margin": "sai số mong muốn",
    "title": "tên",
    "unchanged": "đã có",
    "unit": "đơn vị",
    "units": "số đơn vị",
    "units_added": "đơn vị thêm vào",
    "units_removed": "đơn vị bớt đi",
    "until": "đến hết ngày",
    "valid_from": "có hiệu lực từ",
    "valid_to": "hết hiệu lực từ",
    "version": "phiên bản",
    "version_id": "phiên bản số",
    "ways": "cách nhận phiếu",
    "what": "vì",
}
#: Fields that are told before others, in this order.
FIRST = (
    *("first", "last", "broken_at", "what", "file", "label", "created"),
    *("title", "starts_on", "ends_on"),
)
#: What stands in an entry by code, whatever the field.
VALUES = {
    "added": "có mục ghi thêm ngoài chuỗi",
    "changed": "nội dung bị sửa",
    "closed": "đã đóng",
    "codebook-pdf": "bảng mã PDF",
    "codebook-xlsx": "bảng mã Excel",
    "cut_off": "phần cuối bị cắt bỏ",
    "draft": "chưa mở",
    "missing": "bị thiếu",
    "open": "đang mở",
    "other_chain": "khác với mốc đã ghi lại",
    "paused": "tạm dừng",
    "reordered": "thứ tự bị đổi",
}
BREAKS = {
    "added": "Mục số {number}: có mục được ghi thêm ngoài chuỗi.",
    "changed": "Mục số {number}: nội dung đã bị sửa.",
    "cut_off": "Mục số {number}: phần cuối của nhật ký đã bị cắt bỏ.",
    "missing": "Mục số {number}: bị thiếu.",
    "other_chain": "Mục số {number}: khác với mốc đã ghi lại; nhật ký đã bị viết lại.",
    "reordered": "Mục số {number}: thứ tự các mục đã bị đổi.",
}


def action(code: str) -> str:
    """An action in words; one of a former version stands for itself."""
    return ACTIONS.get(code, code)


def kind(code: str) -> str:
    return KINDS.get(code, code)


def break_sentence(what: str, number: int) -> str:
    """Where the chain is broken, and how."""
    return BREAKS[what].format(number=formats.count(number))


def sentence(action_code: str, subject: str, detail: str) -> str:
    """What was done, as a sentence without its subject: “đã đổi … từ “A” thành “B””."""
    title = action(action_code)
    done = f"đã {title[0].lower()}{title[1:]}" if action_code in ACTIONS else title
    about = f"{done} {subject}".strip()
    told = "; ".join(_told(detail))
    return f"{about}: {told}" if told else about


#: Fields that hold a proportion.
SHARES = frozenset({"second_keying_share", "response_rate", "target_margin"})


def _told(detail: str) -> Iterator[str]:
    """What the detail of an entry says, piece by piece."""
    fields = json.loads(detail) if detail else {}
    before, after = fields.pop("from", {}), fields.pop("to", {})
    for name in sorted({*before, *after}, key=_place):
        label = FIELDS.get(name, name)
        if name not in before:
            yield f"{label} {_field(name, after[name])}"
        elif name not in after:
            yield f"{label} {_field(name, before[name])}"
        else:
            yield f"{label} từ {_field(name, before[name])} thành {_field(name, after[name])}"
    yield from _plain(fields)


def _plain(fields: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(fields, key=_place):
        label, value = FIELDS.get(name, name), fields[name]
        if name == "reason" and not value:
            continue  # none was asked for
        yield f"{label} {_field(name, value)}" if label else str(value)


def _place(name: str) -> tuple[int, str]:
    """Where a field stands in a sentence."""
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)


def _field(name: str, value: Any) -> str:
    if name in SHARES and isinstance(value, int | float) and not isinstance(value, bool):
        return formats.percent_as_written(value)
    if name == "mode" and isinstance(value, str):
        return f"“{mode(value)}”"
    if isinstance(value, str):
        return ", ".join(_value(told) for told in told_by_code(name, value) or ("",))
    return _value(value)


def _value(value: Any) -> str:
    """A value as it is told: texts in quotation marks, nothing as “chưa có”."""
    match value:
        case None | "":
            return "chưa có"
        case bool():
            return "có" if value else "không"
        case int():
            return formats.count(value)
        case float():
            return f"{value:g}".replace(".", ",")
        case list():
            return ", ".join(_value(item) for item in value) or "chưa có"
        case dict():
            return "; ".join(_plain(value))
    return _day(str(value)) or f"“{VALUES.get(str(value), value)}”"


def _day(text: str) -> str:
    """A day as people here write it, where the text is one as it is recorded."""
    try:
        return format_date(date.fromisoformat(text)) if len(text) == len("2026-01-31") else ""
    except ValueError:
        return ""
