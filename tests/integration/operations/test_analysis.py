"""From stored sheets to figures: the published table, exclusions, small groups."""

import random
from datetime import date

import pytest
from sqlalchemy.orm import Session

from survey_app.estimation.estimate import IntervalMethod, Reason
from survey_app.operations.figures.overview import overview
from survey_app.operations.reports.analysis import measure_unit
from survey_app.questionnaire.definition import RollUp
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.reporting.report import Paragraphs
from survey_app.reporting.results.compose import compose_report
from survey_app.storage.models import AdministrativeUnit, Survey
from tests.factories import QUESTIONNAIRES, answer, make_point, make_survey, make_unit

CRITERION = "access.signage"
#: Sở TN&MT Bà Rịa–Vũng Tàu, 2022: 10 very satisfied, 16 satisfied, 5 neutral.
PUBLISHED = ["5"] * 10 + ["4"] * 16 + ["3"] * 5


TODAY = date(2026, 6, 15)


def survey_of(
    session: Session, sheets: list[dict[str, object]], population: int | None = None
) -> tuple[Survey, AdministrativeUnit]:
    unit = make_unit(session)
    survey = make_survey(session, {unit: population})
    point = make_point(session, survey, unit)
    for sheet in sheets:
        answer(session, point.token, sheet)
    return survey, unit


def figures_of(
    session: Session, sheets: list[dict[str, object]], population: int | None = None
) -> UnitFigures:
    survey, unit = survey_of(session, sheets, population)
    return measure_unit(session, survey, unit.id, today=TODAY)


@pytest.mark.parametrize(
    ("population", "method", "low", "high"),
    [
        (None, IntervalMethod.WILSON, 0.6737, 0.9291),
        (60, IntervalMethod.HYPERGEOMETRIC, 43 / 60, 55 / 60),
    ],
)
def test_the_published_table(
    session: Session, population: int | None, method: IntervalMethod, low: float, high: float
) -> None:
    figures = figures_of(session, [{CRITERION: level} for level in PUBLISHED], population)
    criterion = figures.factors[0].criteria[0]
    assert criterion.tally.levels == (0, 0, 5, 16, 10)
    assert criterion.satisfied.value == pytest.approx(26 / 31)
    assert criterion.mean.value == pytest.approx(129 / 155)
    assert criterion.satisfied.interval is not None
    assert criterion.satisfied.interval.method is method
    assert criterion.satisfied.interval.low == pytest.approx(low, abs=5e-5)
    assert criterion.satisfied.interval.high == pytest.approx(high, abs=5e-5)
    assert figures.overall is not None
    for roll_up in (RollUp.POOLED, RollUp.CRITERIA_MEAN, RollUp.FACTOR_MEAN):
        assert figures.overall.by_roll_up[roll_up].value == pytest.approx(26 / 31)
        assert figures.overall.mean_by_roll_up[roll_up].value == pytest.approx(129 / 155)
    assert (figures.overall.criteria_counted, figures.overall.criteria_asked) == (1, 22)


def test_not_applicable_and_skipped_are_counted_apart_and_excluded(session: Session) -> None:
    sheets: list[dict[str, object]] = [{CRITERION: "4"}] * 6
    sheets += [{CRITERION: "na"}] * 2 + [{"access.equipment": "1"}] * 3
    tally = figures_of(session, sheets).factors[0].criteria[0].tally
    assert (tally.n, tally.not_applicable, tally.skipped) == (6, 2, 3)


def test_under_the_minimum_base_no_figure_is_given(session: Session) -> None:
    figures = figures_of(session, [{CRITERION: "5", "comment": "Tốt"}] * 4)
    assert figures.withheld
    assert (figures.n, figures.factors, figures.overall) == (4, (), None)
    assert (figures.choices, figures.comments) == ((), ())


def test_a_criterion_under_the_base_is_neither_shown_nor_counted(session: Session) -> None:
    sheets: list[dict[str, object]] = [{CRITERION: "5"}] * 9
    sheets += [{CRITERION: "5", "access.equipment": "1"}] * 4
    figures = figures_of(session, sheets)
    hidden = figures.factors[0].criteria[2]
    assert hidden.question.code == "access.equipment"
    assert hidden.satisfied.reason is Reason.TOO_FEW
    assert figures.overall is not None
    assert figures.overall.index.value == 1.0  # the four answers cannot be had by subtraction


def test_small_groups_are_hidden_with_a_companion(session: Session) -> None:
    groups = ["female"] * 20 + ["male"] * 12 + ["prefer-not"] * 2
    sheets: list[dict[str, object]] = [{CRITERION: "4", "respondent.sex": g} for g in groups]
    choice = next(
        c for c in figures_of(session, sheets).choices if c.question.code == "respondent.sex"
    )
    assert {c.option.code: c.count for c in choice.choices} == {
        "male": None,
        "female": 20,
        "prefer-not": None,
    }
    hidden = choice.choices[0]
    assert hidden.estimate.value is None
    assert hidden.estimate.reason is Reason.SUPPRESSED


def test_more_sheets_than_dossiers_means_nothing_is_assumed(session: Session) -> None:
    figures = figures_of(session, [{CRITERION: "4"}] * 20 + [{CRITERION: "2"}] * 5, population=10)
    interval = figures.factors[0].criteria[0].satisfied.interval
    assert interval is not None
    assert interval.method is IntervalMethod.WILSON
    report = compose_report(figures, dated=date(2026, 6, 30))
    words = " ".join(t for b in report.blocks if isinstance(b, Paragraphs) for t in b.texts)
    assert "cần kiểm tra lại số hồ sơ" in words
    assert "số hồ sơ đã giải quyết trong kỳ" not in words


def test_multiple_choice_counts_people(session: Session) -> None:
    sheets: list[dict[str, object]] = [{"needs.improvements": ["faster", "simpler"]}] * 7
    sheets += [{"needs.improvements": ["faster"]}] * 3 + [{CRITERION: "4"}] * 2
    choice = next(c for c in figures_of(session, sheets).choices if c.question.role == "need")
    assert (choice.n, choice.excluded) == (10, 2)
    counts = {c.option.code: c.count for c in choice.choices}
    assert (counts["faster"], counts["simpler"]) == (10, 7)


def test_the_order_of_sheets_changes_nothing(session: Session) -> None:
    rng = random.Random(7)
    sheets: list[dict[str, object]] = [
        {CRITERION: str(rng.randint(1, 5)), "officers.courtesy": str(rng.randint(1, 5))}
        for _ in range(30)
    ]
    survey, unit = survey_of(session, sheets, 100)
    first = measure_unit(session, survey, unit.id, today=TODAY)
    other = make_unit(session, code="H01.02")
    twin = make_survey(session, {other: 100}, code="KS-2")
    point = make_point(session, twin, other)
    rng.shuffle(sheets)
    for sheet in sheets:
        answer(session, point.token, sheet)
    again = measure_unit(session, twin, other.id, today=TODAY)
    assert again.overall is not None and first.overall is not None
    for one, two in (
        (first.overall.index, again.overall.index),
        (first.factors[2].index, again.factors[2].index),
    ):
        assert one.value == two.value
        assert one.standard_error == pytest.approx(two.standard_error, rel=1e-12)


def test_the_overview_agrees_with_the_units(session: Session) -> None:
    survey, unit = survey_of(session, [{CRITERION: level} for level in PUBLISHED], 60)
    (line,) = overview(session, survey, None)
    overall = measure_unit(session, survey, unit.id, today=TODAY).overall
    assert overall is not None
    assert (line.n, line.population, line.index) == (31, 60, overall.index)


def test_who_said_not_applicable_is_not_in_the_population(session: Session) -> None:
    sheets: list[dict[str, object]] = [{CRITERION: "4"}] * 13 + [
        {CRITERION: "na", "officers.courtesy": "5"}
    ] * 7
    criterion = figures_of(session, sheets, population=20).factors[0].criteria[0]
    assert criterion.satisfied.is_census  # all thirteen whom it concerns have answered
    assert criterion.satisfied.interval is None


def test_small_counts_of_a_multiple_choice_are_hidden_alone(session: Session) -> None:
    sheets: list[dict[str, object]] = [{"needs.improvements": ["faster", "simpler"]}] * 3
    sheets += [{"needs.improvements": ["faster"]}] * 7
    choice = next(c for c in figures_of(session, sheets).choices if c.question.role == "need")
    counts = {c.option.code: c.count for c in choice.choices}
    assert (counts["faster"], counts["simpler"], counts["online"]) == (10, None, 0)


FOLLOW_UP = """
      - code: harassment.who
        kind: single
        role: harassment
        ask_when:
          - question: harassment.trouble
            is: [some, many]
        text: {vi: Ai gây phiền hà?, en: Who did?}
        options:
          - {code: counter, label: {vi: Người ở quầy, en: Counter}}
          - {code: other, label: {vi: Người khác, en: Other}}
"""


def test_a_follow_up_does_not_tell_a_hidden_count(session: Session) -> None:
    source = (QUESTIONNAIRES / "sipas-counter.yaml").read_text(encoding="utf-8")
    marker = "      - code: harassment.extra_payment"
    unit = make_unit(session)
    survey = make_survey(
        session, [unit], source=source.replace(marker, FOLLOW_UP.lstrip("\n") + marker)
    )
    point = make_point(session, survey, unit)
    for trouble in ["none"] * 12 + ["some"] * 6 + ["many"] * 2:
        sheet: dict[str, object] = {CRITERION: "4", "harassment.trouble": trouble}
        if trouble != "none":
            sheet["harassment.who"] = "counter"
        answer(session, point.token, sheet)
    choices = {
        c.question.code: c for c in measure_unit(session, survey, unit.id, today=TODAY).choices
    }
    asked = choices["harassment.trouble"]
    assert [c.count for c in asked.choices][:3] == [12, None, None]
    follow_up = choices["harassment.who"]
    assert (follow_up.n, follow_up.excluded) == (None, None)
    assert {c.count for c in follow_up.choices} == {None}
    assert {c.estimate.reason for c in follow_up.choices} == {Reason.SUPPRESSED}


def test_an_open_survey_is_provisional_until_its_last_day(session: Session) -> None:
    survey, unit = survey_of(session, [{CRITERION: "4"}] * 6)
    running = measure_unit(session, survey, unit.id, today=TODAY)
    over = measure_unit(session, survey, unit.id, today=date(2027, 3, 1))
    assert (running.data_until, over.data_until) == (TODAY, survey.ends_on)
    assert (running.survey.is_running, over.survey.is_running) == (True, False)
