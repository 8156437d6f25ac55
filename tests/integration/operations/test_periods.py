"""A unit against the period before and against its block, from stored sheets."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from survey_app.operations.figures.overview import Indices, overview
from survey_app.operations.reports.analysis import measure_unit
from survey_app.operations.reports.documents import Format, render_document
from survey_app.operations.reports.standings import survey_standings
from survey_app.questionnaire.comparability import Break
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import Points, Report, Withheld
from survey_app.reporting.results.compose import compose_report
from survey_app.storage.models import AdministrativeUnit, Survey
from tests.factories import QUESTIONNAIRES, answer, make_point, make_survey, make_unit

TODAY = date(2026, 6, 15)
LAST_YEAR = datetime(2025, 10, 1, 3, tzinfo=UTC)
SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
MAIN, OTHER = "service.overall", "service.attitude"

Sheets = list[dict[str, object]]


def sheets(satisfied: int, n: int, code: str = MAIN) -> Sheets:
    """``n`` sheets, of which so many satisfied with ``code`` (the question that must be answered
    is answered likewise)."""
    levels = ["5"] * satisfied + ["2"] * (n - satisfied)
    return [{MAIN: level, code: level} for level in levels]


def hold(
    session: Session,
    unit: AdministrativeUnit,
    found: Sheets,
    *,
    last_year: bool = False,
    source: str = SOURCE,
    code: str = "",
) -> Survey:
    year = 2025 if last_year else 2026
    survey = make_survey(
        session,
        {unit: 400},
        code=code or f"MC-{year}",
        source=source,
        starts_on=date(year, 1, 1),
        ends_on=date(year, 12, 31),
    )
    point = make_point(session, survey, unit)
    for sheet in found:
        answer(session, point.token, sheet, **({"at": LAST_YEAR} if last_year else {}))
    return survey


def figures_of(session: Session, survey: Survey, unit: AdministrativeUnit) -> UnitFigures:
    return measure_unit(session, survey, unit.id, today=TODAY)


def report_of(figures: UnitFigures) -> Report:
    return compose_report(figures, dated=TODAY)


def prose(report: Report) -> str:
    return " ".join(text for block in report.blocks for text in getattr(block, "texts", ()))


def test_a_change_that_chance_does_not_explain(session: Session) -> None:
    unit = make_unit(session)
    hold(session, unit, sheets(48, 80), last_year=True)
    figures = figures_of(session, hold(session, unit, sheets(56, 70)), unit)
    assert figures.previous is not None
    row = figures.previous.criteria[0]
    assert row.change is not None
    # The example of Newcombe (1998), table II: 56/70 - 48/80, method 10.
    assert (row.change.value, row.change.low, row.change.high) == pytest.approx(
        (0.2, 0.0524, 0.3339), abs=5e-5
    )
    assert row.is_significant
    assert figures.previous.index.is_significant
    report = report_of(figures)
    assert "tăng 20,00 điểm %" in prose(report)
    assert "thay đổi này có ý nghĩa thống kê" in prose(report)
    assert [r.code for r in report.table("trend").rows] == ["MC-2025", "MC-2026"]
    assert Points(row.change.value) in report.table("changes_criteria").rows[0].cells


def test_a_change_that_chance_may_explain_is_said_to_be_that(session: Session) -> None:
    unit = make_unit(session)
    hold(session, unit, sheets(30, 40), last_year=True)
    figures = figures_of(session, hold(session, unit, sheets(32, 40)), unit)
    assert figures.previous is not None
    assert figures.previous.index.is_significant is False
    assert "chưa có ý nghĩa thống kê, chưa đủ căn cứ để kết luận là đã thay đổi" in prose(
        report_of(figures)
    )


def test_the_first_survey_is_compared_with_nothing(session: Session) -> None:
    unit = make_unit(session)
    figures = figures_of(session, hold(session, unit, sheets(32, 40)), unit)
    assert (figures.previous, figures.trend) == (None, ())
    assert "comparison" not in {chapter.code for chapter in report_of(figures).chapters}


def test_another_questionnaire_another_unit_and_an_overlapping_period_are_no_earlier_period(
    session: Session,
) -> None:
    unit, other = make_unit(session), make_unit(session, "H01.02", "Phường Khác")
    hold(session, other, sheets(30, 40), last_year=True, code="KHAC")
    renamed = SOURCE.replace("code: one-stop-rating", "code: other-rating", 1)
    hold(session, unit, sheets(30, 40), last_year=True, source=renamed, code="BO-KHAC")
    survey = hold(session, unit, sheets(32, 40))
    hold(session, unit, sheets(32, 40), code="CUNG-KY")
    assert figures_of(session, survey, unit).trend == ()


def test_a_changed_wording_breaks_the_series_and_is_said(session: Session) -> None:
    unit = make_unit(session)
    hold(session, unit, sheets(30, 40, OTHER), last_year=True)
    changed = SOURCE.replace("vi: Thái độ của công chức,", "vi: Cách công chức tiếp đón,", 1)
    figures = figures_of(session, hold(session, unit, sheets(38, 40, OTHER), source=changed), unit)
    assert figures.previous is not None
    assert figures.trend[-1].broken is Break.CRITERIA
    assert figures.previous.index.change is None
    by_code = {row.code: row for row in figures.previous.criteria}
    assert by_code[OTHER].broken is Break.WORDING
    assert by_code[OTHER].change is None
    assert by_code[MAIN].change is not None
    report = report_of(figures)
    assert "chỉ số chung không so sánh được: bộ tiêu chí đã đổi" in prose(report)
    trend = report.table("trend").rows
    assert [row.level for row in trend] == [1, 0, 1]
    assert "Ngắt chuỗi" in str(trend[1].cells[0])


def test_criteria_with_too_few_answers_in_one_period_count_in_neither(session: Session) -> None:
    unit = make_unit(session)
    hold(session, unit, sheets(30, 40) + sheets(0, 3, OTHER), last_year=True)
    figures = figures_of(session, hold(session, unit, sheets(10, 40, OTHER)), unit)
    previous = figures.previous
    assert previous is not None
    assert previous.criteria_compared == 1
    # Both indices rest on the one criterion that both periods have.
    assert previous.index.earlier.value == pytest.approx(30 / 43)
    assert previous.index.later.value == pytest.approx(10 / 40)
    assert "So sánh trên 1 trong số" in prose(report_of(figures))
    row = next(r for r in previous.criteria if r.code == OTHER)
    assert row.change is None
    cells = report_of(figures).table("changes_criteria").rows
    shown = next(r for r in cells if r.code == OTHER)
    assert isinstance(shown.cells[1], Withheld)


def test_a_period_under_the_minimum_base_is_not_compared_with(session: Session) -> None:
    unit = make_unit(session)
    hold(session, unit, sheets(2, 4), last_year=True)
    figures = figures_of(session, hold(session, unit, sheets(30, 40)), unit)
    assert figures.previous is None
    assert figures.trend[0].index.value is None
    assert isinstance(report_of(figures).table("trend").rows[0].cells[2], Withheld)


def test_a_unit_under_the_minimum_base_shows_no_series(session: Session) -> None:
    unit = make_unit(session)
    hold(session, unit, sheets(30, 40), last_year=True)
    figures = figures_of(session, hold(session, unit, sheets(2, 4)), unit)
    assert figures.withheld
    assert (figures.previous, figures.trend, figures.block, figures.drivers) == (
        None,
        (),
        None,
        None,
    )


def test_every_format_holds_the_comparison(session: Session) -> None:
    unit = make_unit(session)
    hold(session, unit, sheets(48, 80), last_year=True)
    report = report_of(figures_of(session, hold(session, unit, sheets(68, 80)), unit))
    for form in Format:
        document = render_document(report, form)
        assert len(document.data) > 500
        if form in (Format.CSV, Format.JSON):
            assert b"changes_criteria" in document.data


# ── the block ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def block(session: Session) -> tuple[Survey, list[AdministrativeUnit]]:
    satisfied = (58, 45, 44, 20)
    units = [make_unit(session, f"H01.0{k}", f"Phường {k}") for k in range(len(satisfied))]
    survey = make_survey(session, dict.fromkeys(units, 300), source=SOURCE)
    for unit, count in zip(units, satisfied, strict=True):
        point = make_point(session, survey, unit)
        for sheet in sheets(count, 60):
            answer(session, point.token, sheet)
    return survey, units


def test_the_own_page_says_what_the_standings_say(
    session: Session, block: tuple[Survey, list[AdministrativeUnit]]
) -> None:
    survey, units = block
    standings = survey_standings(session, survey, None, scope="mọi đơn vị", today=TODAY)
    places = {place.code: place for place in standings.blocks[0].places}
    for unit in units:
        own, place = figures_of(session, survey, unit).block, places[unit.code]
        assert own is not None
        assert (own.verdict, own.ranks.rank) == (place.verdict, place.ranks.rank)
        assert (own.difference, own.p_value) == pytest.approx((place.difference, place.p_value))
        assert own.mean == standings.blocks[0].mean
        # A set for one page alone is never wider than one that holds together with all others.
        assert place.ranks.low <= own.ranks.low <= own.ranks.high <= place.ranks.high


def test_the_report_says_whether_the_unit_differs_from_its_block(
    session: Session, block: tuple[Survey, list[AdministrativeUnit]]
) -> None:
    survey, units = block
    best, middle = (report_of(figures_of(session, survey, units[k])) for k in (0, 1))
    assert "cao hơn bình quân khối" in prose(best)
    assert "chưa phân biệt được đơn vị với bình quân khối" in prose(middle)
    assert [row.code for row in best.table("block").rows] == ["unit", "block_mean"]


def test_a_block_of_two_has_no_mean_to_show(session: Session) -> None:
    units = [make_unit(session, f"H01.0{k}", f"Phường {k}") for k in range(2)]
    survey = make_survey(session, dict.fromkeys(units, 300), source=SOURCE)
    for unit in units:
        point = make_point(session, survey, unit)
        for sheet in sheets(30, 40):
            answer(session, point.token, sheet)
    assert figures_of(session, survey, units[0]).block is None


def test_the_overview_follows_new_sheets(
    session: Session, block: tuple[Survey, list[AdministrativeUnit]]
) -> None:
    survey, units = block
    before = {line.unit.id: line for line in overview(session, survey, None)}
    point = make_point(session, survey, units[3])
    answer(session, point.token, {MAIN: "5"})
    after = {line.unit.id: line for line in overview(session, survey, None)}
    assert after[units[3].id].n == 61
    assert (after[units[3].id].index.value or 0) > (before[units[3].id].index.value or 0)
    assert after[units[0].id].index == before[units[0].id].index


def test_a_batch_measures_every_unit_once(
    session: Session, block: tuple[Survey, list[AdministrativeUnit]]
) -> None:
    """Indices handed on are not measured again, so they do not see what comes in meanwhile."""
    survey, units = block
    indices = Indices()
    first = overview(session, survey, None, indices)
    answer(session, make_point(session, survey, units[3]).token, {MAIN: "5"})
    assert overview(session, survey, None, indices) == first
    assert overview(session, survey, None)[3].n == first[3].n + 1


def test_what_was_rolled_back_is_not_remembered(session: Session) -> None:
    found = []
    for satisfied in (10, 36):
        unit = make_unit(session)
        survey = hold(session, unit, sheets(satisfied, 40))
        found.append(overview(session, survey, None)[0].index.value)
        session.rollback()
    assert found == [pytest.approx(0.25), pytest.approx(0.9)]
