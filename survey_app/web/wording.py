"""The words that officers and administrators both read for codes that the database keeps."""

from datetime import datetime, timedelta

from survey_app.clock import local, local_date, now
from survey_app.operations.access.accounts import AccountGrant
from survey_app.operations.access.rights import AccountRole, Scope
from survey_app.operations.fieldwork.surveys import Survey, SurveyStatus
from survey_app.operations.figures.targets import UnitProgress
from survey_app.reporting import formats
from survey_app.reporting.records.code_words import ACCOUNT_ROLES

STATUSES = {
    SurveyStatus.DRAFT: "Chưa mở",
    SurveyStatus.OPEN: "Đang nhận phiếu",
    SurveyStatus.PAUSED: "Tạm dừng nhận phiếu",
    SurveyStatus.CLOSED: "Đã đóng",
}
ROLES = {role: ACCOUNT_ROLES[role] for role in AccountRole}
#: What a role may, in one line.
ROLE_DUTIES = {
    AccountRole.ADMINISTRATOR: "tài khoản, đơn vị, bộ câu hỏi, cài đặt; xem và sửa tất cả",
    AccountRole.SURVEY_MANAGER: "lập và điều hành các cuộc khảo sát trong phạm vi",
    AccountRole.OFFICER: "xem kết quả, xử lý phiếu bất thường và ý kiến, nhập phiếu trong phạm vi",
    AccountRole.CLERK: "phiếu mời, phiếu giấy, tệp của kiosk; không xem kết quả",
    AccountRole.LEADER: "chỉ xem kết quả trong phạm vi",
    AccountRole.AUDITOR: "xem mọi nội dung trong phạm vi, không sửa gì",
}


def status(code: str) -> str:
    """A survey's status in words."""
    return STATUSES[SurveyStatus(code)]


def standing(survey: Survey) -> tuple[str, str]:
    """A code for the colour and the words for what a survey takes today: an open one outside its
    period takes nothing that citizens begin now, only what was filled in before."""
    state, today = survey.state, local_date(now())
    if state is SurveyStatus.OPEN and today > survey.ends_on:
        return "ended", "Đã hết kỳ, chỉ nhận phiếu đã thu"
    if state is SurveyStatus.OPEN and today < survey.starts_on:
        return "early", f"Đã mở, nhận phiếu từ {survey.starts_on:%d/%m/%Y}"
    return state, status(state)


def role(code: str) -> str:
    return ROLES[AccountRole(code)]


def grant(found: AccountGrant) -> str:
    """A role and where it is held."""
    return f"{role(found.role)}: {found.unit.name if found.unit else 'mọi đơn vị'}"


def grant_end(found: AccountGrant) -> str:
    """The last day of a grant; one taken back on its first day has no last one."""
    if found.valid_until is None:
        return "chưa định"
    if found.valid_until >= found.valid_from:
        return f"{found.valid_until:%d/%m/%Y}"
    is_first_day = found.valid_until == found.valid_from - timedelta(days=1)
    return "đã thu hồi trong ngày đầu" if is_first_day else "đã thu hồi trước ngày đầu"


def scope_words(scope: Scope) -> str:
    """Which units a scope holds."""
    if scope.unit_ids is None:
        return "Tất cả các đơn vị"
    names = ", ".join(unit.name for unit in scope.roots)
    return f"{names} và các đơn vị trực thuộc" if names else "Không có đơn vị nào"


def count(number: int) -> str:
    return formats.count(number)


def hour(moment: datetime) -> str:
    """An hour that is kept as such: "9 giờ, 05/03/2026"."""
    there = local(moment)
    return f"{there.hour} giờ, {there:%d/%m/%Y}"


def progress(line: UnitProgress, target: float) -> str:
    """How far a unit is from its target: "còn thiếu 12 phiếu để đạt ±5%"."""
    figures = line.figures
    if figures is None:
        return ""
    aim = formats.margin(target if line.aim is None else line.aim)
    if figures.is_complete:
        return f"đã đủ phiếu để đạt {aim}"
    words = f"còn thiếu {formats.count(figures.missing)} phiếu để đạt {aim}"
    if figures.to_issue > figures.missing:
        words += f" (phát thêm {formats.count(figures.to_issue)} phiếu)"
    return words
