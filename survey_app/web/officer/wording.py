"""How a survey and its figures are said in a line of a table."""

from collections.abc import Iterable, Sequence

from survey_app.integrity.flags import Flag
from survey_app.operations.fieldwork.device_notices import DeviceNotice, FewAnswers, NoticeKind
from survey_app.operations.fieldwork.surveyed_units import response_rate as response_rate_of
from survey_app.operations.fieldwork.surveys import Survey
from survey_app.operations.figures.overview import UnitLine
from survey_app.operations.figures.targets import UnitProgress
from survey_app.operations.reports.analysis import MINIMUM_BASE as MINIMUM_BASE
from survey_app.operations.review.quarantine import Decision, Group, Verdict
from survey_app.reporting import formats
from survey_app.reporting import wording as report_wording
from survey_app.reporting.results import integrity
from survey_app.web.wording import count as count
from survey_app.web.wording import hour as hour
from survey_app.web.wording import progress as progress
from survey_app.web.wording import scope_words as scope_words
from survey_app.web.wording import standing as standing
from survey_app.web.wording import status as status

NOTICES = {
    NoticeKind.SILENT: "Mất kết nối",
    NoticeKind.WAITING: "Phiếu chờ gửi lâu",
    NoticeKind.REFUSED: "Phiếu không được nhận",
}


def population(line: UnitLine) -> str:
    return "chưa rõ" if line.population is None else formats.count(line.population)


def index(line: UnitLine) -> str:
    """The index as percent, or why there is none."""
    if line.index.value is not None:
        return formats.percent(line.index.value)
    return "chưa đủ phiếu" if line.n else "chưa có phiếu"


def interval(line: UnitLine) -> str:
    """The interval of the index; a census has none to give."""
    if line.index.is_census:
        return "toàn bộ"
    return formats.interval(line.index.interval) if line.index.interval else ""


def response_rate(line: UnitLine) -> str:
    """Sheets per dossier; nothing where the dossiers are not known."""
    rate = response_rate_of(line.n, line.population)
    return "" if rate is None else formats.percent(rate, 1)


def few(count: int | None) -> str:
    """A number of sheets, or that it is small."""
    return integrity.said(count)


def flags(codes: Iterable[Flag]) -> str:
    """Why sheets are flagged, in a line."""
    return "; ".join(integrity.NAMES[code] for code in codes)


FLAG_RULES = tuple((integrity.NAMES[flag], rule) for flag, rule in integrity.RULES.items())


def mode(code: str) -> str:
    return report_wording.mode(code)


def days(group: Group) -> str:
    """When the sheets of a group came in: day and hours."""
    first, last = group.first_day, group.last_day
    if group.hours is None:
        return f"{first:%d/%m/%Y} – {last:%d/%m/%Y}"
    start, end = group.hours
    return f"{first:%d/%m/%Y}, {start}–{end + 1} giờ"


def verdict(decision: Decision) -> str:
    return VERDICTS[Verdict(decision.review.verdict)]


VERDICTS = {Verdict.ACCEPTED: "Giữ lại", Verdict.EXCLUDED: "Loại khỏi kết quả"}


def samples_heading(survey: Survey, lines: Sequence[UnitProgress]) -> str:
    """Over the column about samples; empty where there is neither a target nor a drawn list."""
    if survey.target_margin is not None:
        return "Tiến độ"
    return "Danh sách được chọn" if any(line.draw for line in lines) else ""


def notice_title(notice: DeviceNotice) -> str:
    return NOTICES[notice.kind]


def notice(notice: DeviceNotice) -> str:
    """What is the matter with a device, and what to do about it."""
    device, point = notice.device, notice.device.collection_point
    place = f"“{device.label}” ({point.unit.name}, {point.label})"
    since = hour(notice.since) if notice.since else ""
    sheets = formats.count(notice.sheets)
    if notice.kind is NoticeKind.SILENT:
        held = f" Lần cuối, thiết bị còn {sheets} phiếu chờ gửi." if notice.sheets else ""
        return (
            f"{place} không liên lạc từ {since}, đã quá một ngày làm việc.{held}"
            " Đề nghị kiểm tra nguồn điện và mạng của thiết bị."
        )
    if notice.kind is NoticeKind.WAITING:
        return (
            f"{place} có {sheets} phiếu chờ gửi từ {since}, dù thiết bị vẫn liên lạc."
            " Đề nghị xuất phiếu ra tệp ở góc dành cho cán bộ trên thiết bị, rồi nhập tệp."
        )
    return (
        f"{place} giữ {sheets} phiếu mà hệ thống không nhận."
        " Đề nghị xuất phiếu ra tệp trên thiết bị; khi kiểm tra tệp, hệ thống nêu lý do."
    )


def few_answers(few: FewAnswers) -> str:
    """A unit's kiosks against those of its peers."""
    return (
        f"kiosk ở {few.unit.name} nhận {formats.count(few.count)} phiếu từ {few.first:%d/%m/%Y}"
        f" đến {few.last:%d/%m/%Y}; theo mức chung của {formats.count(few.peers)} đơn vị khác,"
        f" với số hồ sơ của đơn vị thì có khoảng {formats.count(round(few.expected))} phiếu."
        " Đề nghị xem kiosk có dễ thấy và có được giới thiệu với người dân không."
    )
