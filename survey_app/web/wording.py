"""The words that officers and administrators both read for codes that the database keeps."""

from survey_app.operations.accounts import AccountRole
from survey_app.operations.listing import SurveyStatus
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
