"""Analysis of a file an agency already has: estimates by its design, or ranks of its units."""

from dataclasses import dataclass, replace

from survey_app.errors import Invalid, Problem
from survey_app.estimation.plans.analysis import analyse
from survey_app.estimation.plans.plan import Plan
from survey_app.estimation.plans.plan_results import Analysis as Analysis
from survey_app.estimation.plans.plan_results import Figure as Figure
from survey_app.estimation.plans.plan_results import Figures as Figures
from survey_app.estimation.refusal import PlanRefusal
from survey_app.operations.files.answer_file import (
    HIGHEST_CONFIDENCE,
    Limits,
    open_sheet,
    parse_number,
    read_answers,
)
from survey_app.operations.files.plan_draft import DraftFields, draft_plan, open_for_draft
from survey_app.operations.files.plan_file import read_plan as read_plan
from survey_app.operations.files.plan_refusals import in_words
from survey_app.ranking.document import RankReport as RankReport
from survey_app.ranking.document import rank_report
from survey_app.ranking.document import to_document as rank_document
from survey_app.reporting.files.report import FileReading
from survey_app.reporting.formats import count
from survey_app.spreadsheets.opening import MOST_ROWS
from survey_app.spreadsheets.records import ColumnSpec, read_records
from survey_app.spreadsheets.sheet import Sheet

__all__ = [
    "Analysis",
    "Figure",
    "FileAnalysis",
    "Figures",
    "RankReport",
    "analyse_file",
    "analyse_with_fields",
    "analyse_with_plan",
    "rank_document",
    "rank_file",
    "read_plan",
]

#: Estimates and standard errors are 0 or of this size (without their sign).
SENSIBLE = (1e-12, 1e6)
RANK_COLUMNS = (
    ColumnSpec("unit", ("unit", "Đơn vị", "Tên đơn vị"), required=True),
    ColumnSpec("estimate", ("estimate", "Chỉ số", "Giá trị"), required=True),
    ColumnSpec("standard_error", ("standard_error", "se", "Sai số chuẩn"), required=True),
)


@dataclass(frozen=True)
class FileAnalysis:
    """What a file gave: the plan file as text, what was read, and every figure."""

    plan_text: str
    reading: FileReading
    analysis: Analysis


def analyse_file(data: bytes, filename: str, plan: Plan) -> Analysis:
    """Every figure the plan asks for, from a CSV or Excel file.

    Raises Invalid with every cell or rule of the design that does not fit.
    """
    sheet = open_sheet(data, filename, plan.columns, Limits())
    return _analyse(sheet, filename, plan)[1]


def analyse_with_plan(
    data: bytes, filename: str, plan_text: str, *, limits: Limits
) -> FileAnalysis:
    """The same with a plan as text, and with what was read. Raises Invalid."""
    plan = _plan(plan_text, limits)
    sheet = open_sheet(data, filename, plan.columns, limits)
    return FileAnalysis(plan_text, *_analyse(sheet, filename, plan))


def analyse_with_fields(
    data: bytes, filename: str, fields: DraftFields, *, limits: Limits
) -> FileAnalysis:
    """The same with a plan that is drafted from a form. Raises Invalid, with the names of fields
    where the form itself is wrong."""
    sheet = open_for_draft(data, filename, fields, limits)
    draft = draft_plan(sheet, fields)
    reading, analysis = _analyse(sheet, filename, _plan(draft.text, limits))
    return FileAnalysis(draft.text, replace(reading, notes=draft.notes), analysis)


def _plan(text: str, limits: Limits) -> Plan:
    if len(text) > limits.plan:
        raise Invalid(f"Kế hoạch phân tích dài quá {count(limits.plan)} ký tự.")
    plan = read_plan(text)
    if len(plan.domains) > limits.domains:
        raise Invalid(
            f"Có {count(len(plan.domains))} nhóm; mỗi lần phân tích nhiều nhất "
            f"{count(limits.domains)} nhóm."
        )
    estimates = _estimates(plan)
    if estimates > limits.estimates:
        raise Invalid(
            f"Kế hoạch này cho {count(estimates)} kết quả; ở đây nhiều nhất "
            f"{count(limits.estimates)}. Xin bớt câu hỏi hoặc nhóm, hoặc dùng lệnh hailong analyse."
        )
    return plan


def _estimates(plan: Plan) -> int:
    """How many figures a plan gives: its columns in the sample, each domain, the comparison."""
    columns = len(plan.questions) + len(plan.factors) + len(plan.forms)
    return columns * (1 + len(plan.domains) + (plan.compare is not None))


def _analyse(sheet: Sheet, filename: str, plan: Plan) -> tuple[FileReading, Analysis]:
    answers = read_answers(sheet, filename, plan)
    try:
        return answers.reading, analyse(plan, answers.columns)
    except PlanRefusal as refusal:
        raise Invalid(in_words(refusal)) from refusal


def rank_file(
    data: bytes,
    filename: str,
    *,
    confidence: float = 0.95,
    seed: int | None = None,
    is_percent: bool = False,
    most_units: int = MOST_ROWS,
) -> RankReport:
    """The rank sets of the units in a file with columns unit, estimate, standard_error.

    is_percent: the file writes both in percent (0..100); the report holds proportions.
    Raises Invalid with every cell that is no number of a sensible size, for units that stand
    twice, for none and for too many, and for a confidence that is not in 0.5 .. 0.9999.
    """
    if not 0.5 <= confidence <= HIGHEST_CONFIDENCE:
        raise Invalid("Độ tin cậy phải từ 50% đến 99,99%.")
    records = read_records(data, filename, RANK_COLUMNS)
    if not records.rows:
        raise Invalid("Tệp không có đơn vị nào.")
    if len(records.rows) > most_units:
        raise Invalid(f"Tệp có quá nhiều đơn vị; nhiều nhất là {count(most_units)} đơn vị.")
    problems = list(records.problems)
    values: dict[str, list[float]] = {"estimate": [], "standard_error": []}
    for at, row in enumerate(records.rows):
        for code, found in values.items():
            value = parse_number(row[code])
            if row[code] and (value is None or not _is_sensible(value)):
                message = f"“{row[code][:60]}” không phải một số, hoặc quá lớn, quá nhỏ."
                problems.append(Problem(message, records.where(at, code)))
            found.append(float("nan") if value is None else value)
    if problems:
        raise Invalid(f"Tệp có {len(problems)} ô cần sửa; chưa xếp hạng.", problems)
    given = {} if seed is None else {"seed": seed}
    scale = 100 if is_percent else 1
    return rank_report(
        [row["unit"] for row in records.rows],
        [value / scale for value in values["estimate"]],
        standard_errors=[value / scale for value in values["standard_error"]],
        confidence=confidence,
        **given,
    )


def _is_sensible(value: float) -> bool:
    smallest, largest = SENSIBLE
    return value == 0 or smallest <= abs(value) <= largest
