"""Cross tables: a unit's sheets counted by two questions, protected with all its margins."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from survey_app.errors import NotFound
from survey_app.estimation.comparison.independence import pearson_test
from survey_app.estimation.disclosure.cross_tables import ProtectedTable, protect_table
from survey_app.estimation.disclosure.small_groups import is_reportable
from survey_app.operations.fieldwork.surveyed_units import find_survey_unit
from survey_app.operations.figures.choices import measure_choices
from survey_app.operations.figures.unit_sample import UnitSample, read_sample
from survey_app.operations.organisation.subjects import describe_survey
from survey_app.operations.organisation.units import describe_unit
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.operations.reports.documents import Document, Format, render_document
from survey_app.questionnaire.definition import (
    Question,
    QuestionKind,
    Questionnaire,
    Role,
)
from survey_app.reporting.figures.satisfaction import ChoiceFigures
from survey_app.reporting.results.cross_table import CrossTable as CrossTable
from survey_app.reporting.results.cross_table import NoTable, compose_cross_table
from survey_app.storage.models import Survey

#: With fewer criteria an index of the report can be solved for the cells of a table.
FEWEST_CRITERIA = 3
#: What a cross table can be taken away as.
FORMATS = frozenset({Format.XLSX, Format.JSON})
_CROSSED = frozenset({QuestionKind.SCALE, QuestionKind.SINGLE})


@dataclass(frozen=True)
class CrossChoice:
    """The questions a cross table can be made of: (section, (code, text)) in order, and those
    shown first."""

    sections: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    rows: str
    columns: str


def cross_choice(survey: Survey, rows: str = "", columns: str = "") -> CrossChoice:
    """What can be crossed in this survey; ``rows`` and ``columns`` as asked for, or the first
    demographic question by overall satisfaction. Raises NotFound for what cannot be crossed."""
    questionnaire = load_questionnaire(survey.version)
    codes = [question.code for question in questionnaire.questions if _can_be_crossed(question)]
    if len(codes) < 2:
        raise NotFound("Bộ câu hỏi này không có hai câu hỏi lựa chọn để lập bảng chéo.")
    chosen = rows or _first(questionnaire, codes, (Role.DEMOGRAPHIC, Role.CONTEXT), columns)
    against = columns or _first(questionnaire, codes, (Role.OVERALL, Role.CRITERION), chosen)
    if not {chosen, against} <= set(codes):
        raise NotFound("Không có câu hỏi này, hoặc câu hỏi không thuộc loại chọn một phương án.")
    if chosen == against:
        raise NotFound("Bảng chéo cần hai câu hỏi khác nhau; ông/bà vui lòng chọn lại.")
    sections = tuple(
        (
            str(section.title),
            tuple((q.code, str(q.text)) for q in section.questions if _can_be_crossed(q)),
        )
        for section in questionnaire.sections
    )
    return CrossChoice(tuple(s for s in sections if s[1]), chosen, against)


def _first(
    questionnaire: Questionnaire, codes: list[str], roles: tuple[Role, ...], other: str
) -> str:
    """The first question with one of the roles, by role, or any; never the other one."""
    wanted = [q.code for role in roles for q in questionnaire.with_role(role)]
    return next(code for code in (*wanted, *codes) if code in codes and code != other)


def _can_be_crossed(question: Question) -> bool:
    return question.kind in _CROSSED and question.role is not Role.COMMENT


def measure_cross_table(
    session: Session, survey: Survey, unit_id: int, choice: CrossChoice, *, today: date
) -> CrossTable:
    """The cross table of one unit, as of ``today``. Raises NotFound when the survey misses it.

    Those who did not answer a question have a row or column of their own, so the margins are the
    one-way tables of the unit's report and are hidden where that report hides them.
    """
    row = find_survey_unit(session, survey, unit_id)
    sample = read_sample(session, survey, unit_id, row.population)
    rows, columns = (sample.questionnaire[code] for code in (choice.rows, choice.columns))
    table, why = _protected(sample, rows, columns)
    tested = _shown_rows(table)
    return CrossTable(
        unit=describe_unit(row.unit),
        survey=describe_survey(survey, today),
        rows=rows,
        columns=columns,
        data_until=min(today, survey.ends_on),
        table=table,
        why=why,
        test=pearson_test(tested) if len(tested) else None,
        tested=len(tested),
    )


def render_cross_table(found: CrossTable, form: Format, *, dated: date) -> Document:
    """The table as a file; raises NotFound for a form it cannot be had in."""
    if form not in FORMATS:
        raise NotFound("Bảng chéo có ở dạng Excel và JSON.")
    return render_document(compose_cross_table(found, dated=dated), form)


def _protected(
    sample: UnitSample, rows: Question, columns: Question
) -> tuple[ProtectedTable | None, NoTable | None]:
    """The table, or why there is none."""
    if not is_reportable(sample.n):
        return None, NoTable.TOO_FEW
    if any(sample.question_part(question.code) is not sample for question in (rows, columns)):
        return None, NoTable.VERSIONS
    if _follows(sample.questionnaire, rows, columns):
        return None, NoTable.FOLLOWS
    if _is_told_by_indices(sample, rows, columns):
        return None, NoTable.TOLD_BY_INDICES
    one_way = {figures.question.code: figures for figures in measure_choices(sample)}
    hidden_rows, hidden_columns = (_hidden_margins(sample, q, one_way) for q in (rows, columns))
    if hidden_rows is None:
        return None, NoTable.ROWS_HIDDEN
    if hidden_columns is None:
        return None, NoTable.COLUMNS_HIDDEN
    table = protect_table(
        _count(sample, rows, columns),
        hidden_rows=hidden_rows,
        hidden_columns=hidden_columns,
        free_rows=[len(rows.choices)],
        free_columns=[len(columns.choices)],
    )
    return table, None


def _follows(questionnaire: Questionnaire, one: Question, other: Question) -> bool:
    """Whether one question is asked, be it by steps, only after answers to the other."""

    def before(question: Question) -> set[str]:
        found = {condition.question for condition in question.ask_when}
        return found.union(*(before(questionnaire[code]) for code in found))

    return one.code in before(other) or other.code in before(one)


def _is_told_by_indices(sample: UnitSample, one: Question, other: Question) -> bool:
    """Whether an index of the report is one more equation on this very table.

    The error of a factor of two criteria tells how many were satisfied with both; so does the
    comprehensive share where there are two criteria in all. The index of a group tells, with few
    criteria, what a table of the group by one of them hides. The protection of a table knows
    nothing of such equations; with many criteria they hold too much else to be solved.
    """
    counted = [(f, q) for f, q in sample.questionnaire.criteria if is_reportable(sample.tally(q).n)]
    crossed = [pair for pair in counted if pair[1] in (one, other)]
    if len(crossed) == 2:
        of_factor = sum(factor == crossed[0][0] for factor, _ in counted)
        is_same_factor = crossed[0][0] == crossed[1][0]
        return len(counted) < FEWEST_CRITERIA or (is_same_factor and of_factor < FEWEST_CRITERIA)
    is_by_group = Role.DEMOGRAPHIC in {one.role, other.role}
    return is_by_group and bool(crossed) and len(counted) < FEWEST_CRITERIA


def _hidden_margins(
    sample: UnitSample, question: Question, one_way: Mapping[str, ChoiceFigures]
) -> list[int] | None:
    """Positions of the choices whose count the unit's report hides; None where it gives none."""
    figures = one_way.get(question.code)
    if figures is None:  # a criterion: all its levels are shown, or nothing of it
        return [] if is_reportable(sample.tally(question).n) else None
    if figures.n is None:
        return None
    return [place for place, choice in enumerate(figures.choices) if choice.count is None]


def _count(sample: UnitSample, rows: Question, columns: Question) -> NDArray[np.int64]:
    """Sheets by the choices of two questions, those without an answer last in each."""
    sizes = len(rows.choices), len(columns.choices)
    places = []
    for question, size in zip((rows, columns), sizes, strict=True):
        answers = sample.column(question).astype(np.int64)
        places.append(np.where((answers > 0) & (answers <= size), answers - 1, size))
    shape = sizes[0] + 1, sizes[1] + 1
    cells = np.ravel_multi_index((places[0], places[1]), shape)
    return np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int64)


def _shown_rows(table: ProtectedTable | None) -> list[list[int]]:
    """Counts of the rows without a hidden cell among those who answered both questions."""
    if table is None:
        return []
    lines = [list(line[:-1]) for line in table.cells[:-1]]
    return [[c for c in line if c is not None] for line in lines if None not in line]
