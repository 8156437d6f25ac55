"""Two periods with a break between them: published values, and the index on what goes on."""

from datetime import UTC, date, datetime
from math import exp, log, sqrt

import pytest
from scipy.stats import t as student
from sqlalchemy.orm import Session

from survey_app.operations.organisation.units import describe_unit
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.operations.reports.analysis import measure_unit
from survey_app.operations.reports.consolidated import measure_consolidated
from survey_app.operations.reports.documents import Format, render_document
from survey_app.questionnaire.comparability import Break
from survey_app.questionnaire.declarations import Declaration, Verdict
from survey_app.reporting.figures.periods import Omission, PeriodComparison
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import Report
from survey_app.reporting.results.compose import compose_report
from survey_app.storage.models import AdministrativeUnit, Survey
from tests.factories import NOW, answer, make_point, make_survey, make_unit
from tests.integration.operations.test_moves import V1, later_document

TODAY = date(2026, 6, 15)
LAST_YEAR = datetime(2025, 10, 1, 3, tzinfo=UTC)
#: How many sheets of 40 are satisfied with attitude, waiting, result: 24/40, 10/40, 32/40 and
#: 36/40, 16/40, 38/40. Whoever is satisfied with attitude is so with the result.
EARLIER, LATER = (24, 10, 32), (36, 16, 38)
SHEETS = 40


def hold(
    session: Session,
    units: list[AdministrativeUnit],
    satisfied: tuple[int, int, int],
    *,
    year: int,
    source: str = V1,
    top: str = "5",
) -> Survey:
    survey = make_survey(
        session,
        dict.fromkeys(units, None),
        code=f"KS-{year}",
        source=source,
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
    )
    attitude, waiting, correct = satisfied
    for unit in units:
        point = make_point(session, survey, unit)
        for k in range(SHEETS):
            sheet: dict[str, object] = {
                "attitude": "5" if k < attitude else "1",
                "waiting": top if k < waiting else "1",
                "correct": "5" if k < correct else "1",
            }
            answer(session, point.token, sheet, at=NOW if year == 2026 else LAST_YEAR)
    return survey


def two_years(
    session: Session, verdict: Verdict = Verdict.COMPARABLE, units: int = 1
) -> tuple[Survey, list[AdministrativeUnit]]:
    """The waiting time has another scale this year, the attitude other words."""
    found = [make_unit(session, f"H01.0{k}", f"Phường {k}") for k in range(units)]
    hold(session, found, EARLIER, year=2025)
    declared = {"question:attitude:wording": Declaration(verdict)}
    publish_questionnaire(session, later_document(), now=NOW, declared=declared)
    return hold(session, found, LATER, year=2026, source=later_document(), top="3"), found


def previous_of(figures: UnitFigures) -> PeriodComparison:
    assert figures.previous is not None
    return figures.previous


def report_of(figures: UnitFigures) -> Report:
    return compose_report(figures, dated=TODAY)


def prose(report: Report) -> str:
    return " ".join(text for block in report.blocks for text in getattr(block, "texts", ()))


def logit_t(value: float, squares: float) -> tuple[float, float]:
    """By hand: the stabilised error of 40 sheets with these squares about their mean (0.04 of a
    sheet of 1 and 0.04 of a sheet of 0 added), on the logit scale, t with 39 degrees."""
    n, added = SHEETS, 0.04
    whole = n + 2 * added
    mean = (n * value + added) / whole
    spread = squares + n * (value - mean) ** 2 + added * ((1 - mean) ** 2 + mean**2)
    error = sqrt(spread) / whole
    half = student.ppf(0.975, n - 1) * error / (value * (1 - value))
    centre = log(value / (1 - value))
    return 1 / (1 + exp(half - centre)), 1 / (1 + exp(-half - centre))


def test_what_is_broken_has_published_values_and_what_goes_on_is_compared(
    session: Session,
) -> None:
    survey, (unit,) = two_years(session)
    figures = measure_unit(session, survey, unit.id, today=TODAY)
    previous = previous_of(figures)
    # (24 + 10 + 32)/120 = 55 % and (36 + 16 + 38)/120 = 75 %, as headline and trend say.
    assert previous.index.broken is Break.CRITERIA and previous.index.change is None
    shown = [previous.index.earlier.value, previous.index.later.value]
    assert shown == pytest.approx([0.55, 0.75])
    assert shown == [point.index.value for point in figures.trend]
    # The factor of attitude and waiting: (24 + 10)/80 and (36 + 16)/80.
    factor = previous.factors[0]
    assert (factor.broken, factor.change) == (Break.CRITERIA, None)
    assert [factor.earlier.value, factor.later.value] == pytest.approx([0.425, 0.65])
    # Attitude and result go on: (24 + 32)/80 = 70 % and (36 + 38)/80 = 92.5 %.
    row = previous.continuing
    assert row is not None and row.change is not None
    assert [row.earlier.value, row.later.value] == pytest.approx([0.7, 0.925])
    # A sheet scores 1, 0.5 or 0 on the two: 24, 8, 8 of them, then 36, 2, 2.
    (low_1, high_1), (low_2, high_2) = (
        logit_t(0.7, 24 * 0.3**2 + 8 * 0.2**2 + 8 * 0.7**2),
        logit_t(0.925, 36 * 0.075**2 + 2 * 0.425**2 + 2 * 0.925**2),
    )
    low = 0.225 - sqrt((0.925 - low_2) ** 2 + (high_1 - 0.7) ** 2)
    high = 0.225 + sqrt((high_2 - 0.925) ** 2 + (0.7 - low_1) ** 2)
    assert row.change.value == pytest.approx(0.225)
    assert (row.change.low, row.change.high) == pytest.approx((low, high), abs=2e-4)
    assert row.is_significant


def test_every_form_shows_both(session: Session) -> None:
    survey, (unit,) = two_years(session)
    report = report_of(measure_unit(session, survey, unit.id, today=TODAY))
    label = "Chỉ số trên các tiêu chí tiếp nối (2 tiêu chí)"
    assert report.table("changes").rows[-1].cells[0] == label
    said = prose(report)
    assert "chỉ số chung không so sánh được: bộ tiêu chí đã đổi" in said
    assert "Riêng chỉ số trên các tiêu chí tiếp nối (2 trong số 3 tiêu chí" in said
    assert "70,00% và 92,50%" in said and "tăng 22,50 điểm %" in said
    assert label in render_document(report, Format.JSON).data.decode()
    assert label in render_document(report, Format.CSV).data.decode("utf-8-sig")


def test_joined_reports_do_the_same(session: Session) -> None:
    survey, units = two_years(session, units=2)
    figures = measure_consolidated(session, survey, None, describe_unit(units[0]), today=TODAY)
    previous = previous_of(figures)
    assert [previous.index.earlier.value, previous.index.later.value] == pytest.approx([0.55, 0.75])
    factor, row = previous.factors[0], previous.continuing
    assert [factor.earlier.value, factor.later.value] == pytest.approx([0.425, 0.65])
    waiting = next(found for found in previous.criteria if found.code == "waiting")
    assert [waiting.earlier.value, waiting.later.value] == pytest.approx([0.25, 0.4])
    assert row is not None and row.change is not None and row.change.value == pytest.approx(0.225)
    # Two units alike: SE² = 2 · ½² · (6.4 + 2.275)/(39 · 40), df = 160 sheets - 4 strata.
    half = student.ppf(0.975, 156) * sqrt(0.5 * (6.4 + 2.275) / (39 * 40))
    assert (row.change.low, row.change.high) == pytest.approx((0.225 - half, 0.225 + half))
    assert "ở 2 đơn vị có ở cả hai kỳ, mỗi đơn vị tính như nhau" in prose(report_of(figures))


def test_one_criterion_of_three_is_no_index(session: Session) -> None:
    survey, (unit,) = two_years(session, Verdict.BREAK)
    figures = measure_unit(session, survey, unit.id, today=TODAY)
    assert previous_of(figures).continuing is None
    assert "Chỉ 1 trong số 3 tiêu chí là tiếp nối" in prose(report_of(figures))


def test_a_survey_that_overlaps_is_named_as_not_compared(session: Session) -> None:
    unit = make_unit(session)
    first = hold(session, [unit], EARLIER, year=2025)
    first.ends_on = date(2026, 1, 31)
    survey = hold(session, [unit], LATER, year=2026)
    figures = measure_unit(session, survey, unit.id, today=TODAY)
    assert figures.previous is None
    assert [(item.survey.code, item.reason) for item in figures.omitted] == [
        ("KS-2025", Omission.OVERLAP)
    ]
    said = prose(report_of(figures))
    assert "(mã KS-2025, 01/01/2025–31/01/2026) của cùng bộ câu hỏi: hai cuộc có thời gian" in said
    # The earlier of the two has nothing before it.
    assert measure_unit(session, first, unit.id, today=TODAY).omitted == ()


def test_a_trial_and_a_period_with_few_sheets_are_named_too(session: Session) -> None:
    unit = make_unit(session)
    trial = hold(session, [unit], EARLIER, year=2025)
    trial.is_demo = True
    survey = hold(session, [unit], LATER, year=2026)
    (item,) = measure_unit(session, survey, unit.id, today=TODAY).omitted
    assert item.reason is Omission.TRIAL
    few = make_survey(
        session,
        [unit],
        code="KS-IT",
        source=V1,
        starts_on=date(2025, 1, 1),
        ends_on=date(2025, 12, 31),
    )
    assert few.status == survey.status
    (item,) = measure_unit(session, survey, unit.id, today=TODAY).omitted
    assert (item.survey.code, item.reason) == ("KS-IT", Omission.FEW_SHEETS)
