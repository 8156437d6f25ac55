"""Analysis of a file an agency already has: estimates by its design, or ranks of its units."""

from survey_app.errors import Invalid, Problem
from survey_app.estimation.analysis import analyse
from survey_app.estimation.estimate import Reason
from survey_app.estimation.plan import Plan
from survey_app.estimation.plan_results import Analysis as Analysis
from survey_app.estimation.plan_results import Figure as Figure
from survey_app.estimation.plan_results import Figures as Figures
from survey_app.operations.answer_file import number, read_columns
from survey_app.operations.plan_file import read_plan as read_plan
from survey_app.ranking.document import RankReport as RankReport
from survey_app.ranking.document import rank_report
from survey_app.ranking.document import to_document as rank_document
from survey_app.reporting.formats import reason as reason_in_words
from survey_app.spreadsheets import ColumnSpec, read_records

__all__ = [
    "Analysis",
    "Figure",
    "Figures",
    "RankReport",
    "analyse_file",
    "rank_document",
    "rank_file",
    "read_plan",
    "why_missing",
]

RANK_COLUMNS = (
    ColumnSpec("unit", ("unit", "Đơn vị", "Tên đơn vị"), required=True),
    ColumnSpec("estimate", ("estimate", "Chỉ số", "Giá trị"), required=True),
    ColumnSpec("standard_error", ("standard_error", "se", "Sai số chuẩn"), required=True),
)


def analyse_file(data: bytes, filename: str, plan: Plan) -> Analysis:
    """Every figure the plan asks for, from a CSV or Excel file.

    Raises Invalid with every cell or rule of the design that does not fit.
    """
    columns = read_columns(data, filename, plan)
    try:
        return analyse(plan, columns)
    except ValueError as error:
        raise Invalid(f"Không tính được theo kế hoạch này: {error}.") from error


def why_missing(figure: Figure) -> str:
    """Why a figure or its interval is not given, in words."""
    if isinstance(figure.reason, Reason):
        return reason_in_words(figure.reason)
    return "không xác định" if figure.reason else "–"


def rank_file(
    data: bytes, filename: str, *, confidence: float = 0.95, seed: int | None = None
) -> RankReport:
    """The rank sets of the units in a file with columns unit, estimate, standard_error.

    Raises Invalid with every cell that is no number, and for units that stand twice.
    """
    records = read_records(data, filename, RANK_COLUMNS)
    problems = list(records.problems)
    values: dict[str, list[float]] = {"estimate": [], "standard_error": []}
    for at, row in enumerate(records.rows):
        for code, found in values.items():
            value = number(row[code])
            if value is None and row[code]:
                message = f"“{row[code]}” không phải một số."
                problems.append(Problem(message, records.where(at, code)))
            found.append(float("nan") if value is None else value)
    if problems:
        raise Invalid(f"Tệp có {len(problems)} ô cần sửa; chưa xếp hạng.", problems)
    given = {} if seed is None else {"seed": seed}
    return rank_report(
        [row["unit"] for row in records.rows],
        values["estimate"],
        standard_errors=values["standard_error"],
        confidence=confidence,
        **given,
    )
