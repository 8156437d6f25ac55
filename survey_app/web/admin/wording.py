"""The words of the administrators' pages for codes that the database keeps."""

from survey_app.i18n import vietnamese_name
from survey_app.operations.fieldwork.devices import DeviceState
from survey_app.operations.fieldwork.devices import state_of as state_of
from survey_app.operations.organisation.api_keys import KeyScope
from survey_app.operations.organisation.listing import Mode
from survey_app.operations.questionnaires.lifecycle import ProposalState
from survey_app.operations.samples import Allocation, SampleMethod
from survey_app.questionnaire.definition import QuestionKind, Role, ScoringMethod
from survey_app.reporting import wording as report_wording
from survey_app.reporting.drawn_list import METHODS
from survey_app.reporting.drawn_list import method_facts as method_facts
from survey_app.reporting.edit_wording import QUESTION_KINDS, QUESTION_ROLES
from survey_app.reporting.edit_wording import VERDICTS as VERDICTS
from survey_app.reporting.edit_wording import declared_outcome as declared_outcome
from survey_app.reporting.formats import as_written as as_written
from survey_app.reporting.formats import confidence_level as confidence_level
from survey_app.reporting.formats import margin as margin
from survey_app.reporting.formats import percent_as_written as percent_as_written
from survey_app.unit_import import KINDS
from survey_app.web.wording import ROLES as ROLES
from survey_app.web.wording import count as count
from survey_app.web.wording import hour as hour
from survey_app.web.wording import progress as progress
from survey_app.web.wording import role as role
from survey_app.web.wording import status as status

PROPOSAL_STATES = {
    ProposalState.WAITING.value: "Chờ duyệt",
    ProposalState.RETURNED.value: "Đã trả lại",
    ProposalState.APPROVED.value: "Đã duyệt, chưa công bố",
    ProposalState.PUBLISHED.value: "Đã công bố",
    ProposalState.WITHDRAWN.value: "Đã rút",
}
DEVICE_STATES = {
    DeviceState.WAITING: "Chờ nhập mã cài đặt",
    DeviceState.EXPIRED: "Mã cài đặt đã hết hạn",
    DeviceState.ENROLLED: "Đã cài đặt",
    DeviceState.REVOKED: "Đã thu hồi",
}
ACTIONS = {
    "sign_in": "Đăng nhập",
    "sign_in.failed": "Đăng nhập không thành công",
    "sign_out": "Đăng xuất",
    "sign_out.everywhere": "Đăng xuất khỏi mọi thiết bị",
    "account.create": "Tạo tài khoản",
    "account.activate": "Cho phép tài khoản đăng nhập",
    "account.deactivate": "Khóa tài khoản",
    "account.reset_password": "Cấp lại mật khẩu",
    "questionnaire.publish": "Công bố bộ câu hỏi",
    "draft.create": "Tạo bản thảo bộ câu hỏi",
    "draft.discard": "Xóa bản thảo bộ câu hỏi",
    "questionnaire.propose": "Gửi đề nghị công bố bộ câu hỏi",
    "questionnaire.approve": "Duyệt đề nghị công bố bộ câu hỏi",
    "questionnaire.return": "Trả lại đề nghị công bố bộ câu hỏi",
    "questionnaire.withdraw": "Rút đề nghị công bố bộ câu hỏi",
    "questionnaire.close": "Đóng phiên bản bộ câu hỏi",
    "questionnaire.reopen": "Mở lại phiên bản bộ câu hỏi",
    "questionnaire.review_rule": "Đặt yêu cầu duyệt trước khi công bố",
    "recording.store": "Lưu bản ghi âm câu hỏi",
    "recording.delete": "Xóa bản ghi âm câu hỏi",
    "units.create": "Thêm đơn vị",
    "units.import": "Nhập danh sách đơn vị",
    "units.load_province": "Thêm đơn vị theo danh mục nhà nước",
    "units.reorganise": "Sắp xếp đơn vị",
    "units.reorganise_all": "Nhập danh sách sắp xếp đơn vị",
    "units.undo": "Hoàn tác lần sắp xếp đơn vị",
    "survey.create": "Tạo cuộc khảo sát",
    "survey.open": "Mở cuộc khảo sát",
    "survey.closed": "Đóng cuộc khảo sát",
    "survey.population": "Sửa số hồ sơ trong kỳ",
    "survey.target": "Đặt mục tiêu của cuộc khảo sát",
    "sample.draw": "Chọn mẫu hồ sơ",
    "sample.export": "Tải danh sách được chọn",
    "sample.verify": "Kiểm tra lại lần chọn mẫu",
    "sample.erase": "Xóa mã hồ sơ đã chọn",
    "point.create": "Thêm điểm thu thập",
    "device.add": "Thêm thiết bị",
    "device.code": "Tạo mã cài đặt thiết bị",
    "device.enrol": "Cài đặt thiết bị",
    "device.settings": "Sửa cài đặt của thiết bị",
    "device.pin": "Đổi mã PIN của thiết bị",
    "device.move": "Chuyển thiết bị sang điểm thu thập khác",
    "device.revoke": "Thu hồi thiết bị",
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
    "report.export": "Tải báo cáo",
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

KEY_SCOPES = {KeyScope.INVITATIONS.value: "Tạo mã dùng một lần"}


def key_scopes(codes: str) -> str:
    """What a key is good for, in words; a scope of another version stands for itself."""
    return ", ".join(KEY_SCOPES.get(code, code) for code in codes.split())


def unit_kind(code: str) -> str:
    """A kind of unit by name; an unknown code stands for itself."""
    return KINDS[code][0] if code in KINDS else code


def mode(code: str) -> str:
    return report_wording.mode(code)


def action(code: str) -> str:
    """An action of the audit record in words; one of a former version stands for itself."""
    return ACTIONS.get(code, code)


def device_state(state: DeviceState) -> str:
    return DEVICE_STATES[state]


def question_kind(kind: QuestionKind) -> str:
    return QUESTION_KINDS[kind]


def question_role(role: Role) -> str:
    return QUESTION_ROLES[role]


def languages(codes: tuple[str, ...]) -> str:
    return ", ".join(vietnamese_name(code) for code in codes)


def item_rule(scoring: ScoringMethod) -> str:
    return report_wording.ITEM_RULES[scoring.item]


def roll_up(scoring: ScoringMethod) -> str:
    return report_wording.ROLL_UPS[scoring.roll_up]


def unit_kind_choices() -> dict[str, str]:
    return {kind: names[0] for kind, names in KINDS.items()}


def mode_choices() -> dict[str, str]:
    """Ways of collecting through a link; sheets of other software come through the API."""
    return {code.value: mode(code) for code in Mode if code is not Mode.API}


def sample_method_choices() -> dict[str, str]:
    return {method.value: METHODS[method] for method in SampleMethod}


def allocation_choices() -> dict[str, str]:
    return {
        Allocation.PROPORTIONAL.value: "Theo tỷ lệ số hồ sơ của từng lĩnh vực",
        Allocation.EQUAL.value: "Bằng nhau giữa các lĩnh vực",
        Allocation.NONE.value: "Không phân tầng",
    }


def target(wanted: float | None, response_rate: float | None) -> str:
    """A survey's target as the audit record notes it; both are proportions."""
    aim = "không đặt mục tiêu" if wanted is None else margin(wanted)
    rate = "" if response_rate is None else f", thu về {percent_as_written(response_rate)}"
    return f"{aim}{rate}"
