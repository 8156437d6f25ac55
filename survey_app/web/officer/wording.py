"""How a survey and its figures are said in a line of a table."""

from collections.abc import Sequence

from survey_app.operations.accounts import Account
from survey_app.operations.analysis import MINIMUM_BASE as MINIMUM_BASE
from survey_app.operations.listing import Survey
from survey_app.operations.listing import response_rate as response_rate_of
from survey_app.operations.overview import UnitLine
from survey_app.operations.targets import UnitProgress
from survey_app.reporting import formats
from survey_app.web.wording import count as count
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


def scope(account: Account) -> str:
    """Whose units an account looks at."""
    unit = account.unit
    return f"{unit.name} và các đơn vị trực thuộc" if unit else "Tất cả các đơn vị"


def samples_heading(survey: Survey, lines: Sequence[UnitProgress]) -> str:
    """Over the column about samples; empty where there is neither a target nor a drawn list."""
    if survey.target_margin is not None:
        return "Tiến độ"
    return "Danh sách được chọn" if any(line.draw for line in lines) else ""
