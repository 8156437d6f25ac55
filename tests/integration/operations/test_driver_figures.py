"""Drivers from a unit's sheets: who is asked, who is left out, what the report says."""

from datetime import date

import numpy as np
import pytest
from sqlalchemy.orm import Session

from survey_app.estimation.drivers import Quadrant
from survey_app.operations.reports.analysis import measure_unit
from survey_app.questionnaire.definition import Role
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import IntervalBar, Report
from survey_app.reporting.results.compose import compose_report
from tests.factories import QUESTIONNAIRES, answer, make_point, make_survey, make_unit

TODAY = date(2026, 6, 15)
OVERALL = "overall"


@pytest.fixture(scope="module")
def codes() -> dict[str, str]:
    """The first criterion of each factor, and the question on the whole."""
    found = parse_questionnaire((QUESTIONNAIRES / "sipas-counter.yaml").read_text("utf-8"))
    codes = {section.code: section.criteria[0].code for section in found.factors}
    return codes | {OVERALL: found.with_role(Role.OVERALL)[0].code}


def figures_of(
    session: Session, codes: dict[str, str], n: int, *, with_feedback: float = 1.0
) -> UnitFigures:
    """Overall satisfaction follows the officers closely and nothing else."""
    random = np.random.default_rng(7)
    unit = make_unit(session)
    survey = make_survey(session, {unit: None})
    point = make_point(session, survey, unit)
    for _ in range(n):
        levels = {code: int(random.integers(1, 6)) for factor, code in codes.items()}
        levels[codes[OVERALL]] = levels[codes["officers"]]
        if random.random() > with_feedback:
            del levels[codes["feedback"]]
        answer(session, point.token, {code: str(level) for code, level in levels.items()})
    return measure_unit(session, survey, unit.id, today=TODAY)


def report_of(figures: UnitFigures) -> Report:
    return compose_report(figures, dated=TODAY)


def test_the_factor_that_overall_satisfaction_follows_has_it_all(
    session: Session, codes: dict[str, str]
) -> None:
    figures = figures_of(session, codes, 80)
    assert figures.drivers is not None
    found = dict(
        zip(
            (f.code for f in figures.drivers.factors), figures.drivers.analysis.drivers, strict=True
        )
    )
    assert (found["officers"].importance or 0) > 0.8
    assert found["officers"].is_clear
    assert figures.drivers.analysis.r_squared == pytest.approx(1)
    assert found["officers"].quadrant in (Quadrant.KEEP, Quadrant.PRIORITY)


def test_the_report_shows_importance_beside_performance_and_says_association(
    session: Session, codes: dict[str, str]
) -> None:
    report = report_of(figures_of(session, codes, 80))
    table = report.table("drivers")
    importance = [row.cells[1] for row in table.rows]
    assert all(isinstance(cell, IntervalBar) for cell in importance)
    assert sum(cell.value for cell in importance if isinstance(cell, IntervalBar)) == pytest.approx(
        1
    )
    cells = [str(cell) for row in report.table("driver_matrix").rows for cell in row.cells]
    assert sum("Công chức" in cell for cell in cells) == 1
    prose = " ".join(t for b in report.blocks for t in getattr(b, "texts", ()))
    assert "chưa phải quan hệ nguyên nhân – kết quả" in prose


def test_a_factor_that_few_could_answer_is_left_out_and_named(
    session: Session, codes: dict[str, str]
) -> None:
    figures = figures_of(session, codes, 90, with_feedback=0.3)
    assert figures.drivers is not None
    assert [section.code for section in figures.drivers.left_out] == ["feedback"]
    prose = " ".join(t for b in report_of(figures).blocks for t in getattr(b, "texts", ()))
    assert "ít người trả lời nên không đưa vào" in prose


def test_where_nothing_goes_together_nothing_is_divided(
    session: Session, codes: dict[str, str]
) -> None:
    """Random answers to everything: R² is above 0, but no more than chance."""
    random = np.random.default_rng(3)
    unit = make_unit(session)
    survey = make_survey(session, {unit: None})
    point = make_point(session, survey, unit)
    for _ in range(60):
        answer(session, point.token, {code: str(random.integers(1, 6)) for code in codes.values()})
    assert measure_unit(session, survey, unit.id, today=TODAY).drivers is None


def test_few_sheets_say_nothing_of_drivers(session: Session, codes: dict[str, str]) -> None:
    figures = figures_of(session, codes, 30)
    assert figures.drivers is None
    assert "drivers" not in {chapter.code for chapter in report_of(figures).chapters}
