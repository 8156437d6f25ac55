"""The words that officers and administrators both read for codes that the database keeps."""

from datetime import datetime

from survey_app.clock import local
from survey_app.operations.figures.targets import UnitProgress
from survey_app.operations.organisation.accounts import AccountRole
from survey_app.operations.organisation.listing import SurveyStatus
from survey_app.reporting import formats

STATUSES = {
    SurveyStatus.DRAFT: "Chưa mở",
    SurveyStatus.OPEN: "Đang nhận phiếu",
    SurveyStatus.CLOSED: "Đã đóng",
}
ROLES = {
    AccountRole.OFFICER: "Cán bộ theo dõi",
    AccountRole.ADMINISTRATOR: "Người quản trị",
}


def status(code: str) -> str:
    """A survey's status in words."""
    return STATUSES[SurveyStatus(code)]


def role(code: str) -> str:
    return ROLES[AccountRole(code)]


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
    aim = formats.margin(target)
    if figures.is_complete:
        return f"đã đủ phiếu để đạt {aim}"
    words = f"còn thiếu {formats.count(figures.missing)} phiếu để đạt {aim}"
    if figures.to_issue > figures.missing:
        words += f" (phát thêm {formats.count(figures.to_issue)} phiếu)"
    return words
