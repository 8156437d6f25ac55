"""How a survey and its figures are said in a line of a table."""

from collections.abc import Sequence

from survey_app.integrity.flags import Flag
from survey_app.operations.accounts import Account
from survey_app.operations.analysis import MINIMUM_BASE as MINIMUM_BASE
from survey_app.operations.listing import Survey
from survey_app.operations.listing import response_rate as response_rate_of
from survey_app.operations.overview import UnitLine
from survey_app.operations.quarantine import Decision, Group, Verdict
from survey_app.operations.targets import UnitProgress
from survey_app.reporting import formats, integrity
from survey_app.reporting import wording as report_wording
from survey_app.web.wording import count as count
from survey_app.web.wording import hour as hour
from survey_app.web.wording import progress as progress
from survey_app.web.wording import status as status


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


def flag(code: Flag) -> str:
    return integrity.NAMES[code]


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


def scope(account: Account) -> str:
    """Whose units an account looks at."""
    unit = account.unit
    return f"{unit.name} và các đơn vị trực thuộc" if unit else "Tất cả các đơn vị"


def samples_heading(survey: Survey, lines: Sequence[UnitProgress]) -> str:
    """Over the column about samples; empty where there is neither a target nor a drawn list."""
    if survey.target_margin is not None:
        return "Tiến độ"
    return "Danh sách được chọn" if any(line.draw for line in lines) else ""
