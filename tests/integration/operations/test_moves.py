"""A survey goes on with a later version: every sheet is taken, stored and counted as what it is."""

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.config import Settings
from survey_app.errors import Conflict, Invalid
from survey_app.operations.fieldwork.conduct import history
from survey_app.operations.fieldwork.moves import (
    Wait,
    call_off_move,
    later_versions,
    make_due_moves,
    plan_move,
    waiting_move,
    waits_for,
)
from survey_app.operations.fieldwork.surveys import close_survey, open_survey
from survey_app.operations.fieldwork.versions import version_numbers
from survey_app.operations.figures.unit_sample import read_segment
from survey_app.operations.intake.intake import Intake
from survey_app.operations.intake.submission import Sheet, submit_sheet
from survey_app.operations.organisation.units import describe_unit
from survey_app.operations.questionnaires.lifecycle import close_version
from survey_app.operations.questionnaires.publishing import (
    load_codebook,
    publish_questionnaire,
)
from survey_app.operations.reports.analysis import measure_unit
from survey_app.operations.reports.batches import FOLDER
from survey_app.operations.reports.consolidated import measure_consolidated
from survey_app.questionnaire.answers import decode
from survey_app.questionnaire.declarations import Declaration, Verdict
from survey_app.questionnaire.definition import RollUp
from survey_app.reporting.figures.satisfaction import CriterionFigures
from survey_app.reporting.figures.unit import UnitFigures
from survey_app.storage.database import Database
from survey_app.storage.models import (
    AdministrativeUnit,
    CollectionPoint,
    QuestionnaireVersion,
    Survey,
    SurveyResponse,
)
from survey_app.worker import Housekeeping
from tests.factories import NOW, answer, make_account, make_point, make_survey, make_unit, recorded

TODAY = date(2026, 6, 15)
HOUR = timedelta(hours=1)

V1 = """
format: 1
code: phuc-vu
title: Đánh giá phục vụ
languages: [vi]
scales:
  five:
    levels:
      - { code: "1", label: Rất kém }
      - { code: "2", label: Kém }
      - { code: "3", label: Vừa }
      - { code: "4", label: Tốt }
      - { code: "5", label: Rất tốt }
    satisfied: ["4", "5"]
    not_applicable: Không áp dụng
scoring: { version: "2026.1", item: top2, roll_up: criteria_mean }
sections:
  - code: service
    title: Phục vụ
    factor: true
    questions:
      - { code: attitude, kind: scale, role: criterion, scale: five, text: Thái độ của công chức }
      - { code: waiting, kind: scale, role: criterion, scale: five, text: Thời gian chờ đợi }
  - code: result
    title: Kết quả
    factor: true
    questions:
      - { code: correct, kind: scale, role: criterion, scale: five, text: Kết quả đúng }
  - code: about
    title: Về ông/bà
    questions:
      - code: former
        kind: single
        role: context
        text: Ông/bà đến lần thứ mấy?
        options: [{ code: first, label: Lần đầu }, { code: again, label: Lần sau }]
      - { code: words, kind: text, role: comment, text: Góp ý }
"""


THREE = """  three:
    levels:
      - { code: "1", label: Lâu }
      - { code: "2", label: Vừa }
      - { code: "3", label: Nhanh }
    satisfied: ["3"]
    not_applicable: Không áp dụng
"""
QUESTIONS = "    questions:\n"


def later_document() -> str:
    """The waiting time on another scale and first, one question gone, one new: every byte of a
    row means something else."""
    waiting = next(line for line in V1.splitlines(keepends=True) if "code: waiting" in line)
    text = V1.replace("scoring:", f"{THREE}scoring:").replace(waiting, "")
    moved = waiting.replace("scale: five", "scale: three")
    for before, after in (
        (QUESTIONS, QUESTIONS + moved),
        ("- code: former", "- code: purpose"),
        ("Ông/bà đến lần thứ mấy?", "Ông/bà đến làm gì?"),
        ("Thái độ của công chức", "Thái độ phục vụ của công chức"),
    ):
        text = text.replace(before, after, 1)
    return text


def published(session: Session) -> QuestionnaireVersion:
    """Version 2: the wording of the attitude is declared comparable, the waiting time breaks."""
    declared = {
        "question:attitude:wording": Declaration(Verdict.COMPARABLE, "cùng một ý"),
        "question:waiting:scale": Declaration(Verdict.BREAK),
    }
    return publish_questionnaire(session, later_document(), now=NOW, declared=declared).version


@pytest.fixture
def unit(session: Session) -> AdministrativeUnit:
    return make_unit(session)


@pytest.fixture
def survey(session: Session, unit: AdministrativeUnit) -> Survey:
    return make_survey(session, {unit: 400}, source=V1)


@pytest.fixture
def point(session: Session, survey: Survey, unit: AdministrativeUnit) -> CollectionPoint:
    return make_point(session, survey, unit)


def move(session: Session, survey: Survey) -> QuestionnaireVersion:
    version = published(session)
    plan_move(session, survey, version, reason="thang đo mới", now=NOW)
    make_due_moves(session, now=NOW + HOUR)
    return version


def first(attitude: str, waiting: str, correct: str) -> dict[str, object]:
    return {"attitude": attitude, "waiting": waiting, "correct": correct, "former": "again"}


def second(attitude: str, waiting: str, correct: str) -> dict[str, object]:
    return {"attitude": attitude, "waiting": waiting, "correct": correct, "purpose": "first"}


def collect(
    session: Session, point: CollectionPoint, version: str, *sheets: Mapping[str, object]
) -> None:
    for one in sheets:
        answer(session, point.token, one, version=version)


def both_versions(session: Session, survey: Survey, point: CollectionPoint) -> None:
    """Ten sheets of version 1, twenty of version 2, which the tests below count by hand."""
    move(session, survey)
    collect(session, point, "phuc-vu@1", *[first("5", "5", "4")] * 6, *[first("2", "1", "4")] * 4)
    collect(
        session, point, "phuc-vu@2", *[second("5", "3", "4")] * 9, *[second("1", "2", "1")] * 11
    )


def criterion(figures: UnitFigures, code: str) -> CriterionFigures:
    found = [c for factor in figures.factors for c in factor.criteria]
    return next(c for c in found if c.question.code == code)


# ── deciding ──────────────────────────────────────────────────────────────────────────────────


def test_a_move_takes_effect_on_the_full_hour(session: Session, survey: Survey) -> None:
    """NOW is half past ten: from a version nobody can tell on which side of that a sheet began."""
    version = published(session)
    plan_move(
        session, survey, version, reason="thang đo mới", now=NOW, account=make_account(session)
    )
    at = NOW.replace(minute=0) + HOUR
    assert make_due_moves(session, now=at - timedelta(seconds=1)) == []
    assert survey.version.number == 1 and waiting_move(session, survey)
    assert [found.code for found, _ in make_due_moves(session, now=at)] == [survey.code]
    assert survey.version is version and waiting_move(session, survey) is None
    assert version_numbers(session, survey) == (1, 2)
    assert make_due_moves(session, now=at + HOUR) == []


def test_a_close_holds_a_move_up(session: Session, survey: Survey) -> None:
    plan_move(session, survey, published(session), reason="thang đo mới", now=NOW)
    close_survey(survey)
    assert make_due_moves(session, now=NOW + HOUR) == []
    open_survey(survey)
    assert make_due_moves(session, now=NOW + 9 * HOUR) != []


def test_only_a_later_version_that_is_not_closed(session: Session, survey: Survey) -> None:
    account = make_account(session)
    before, version = survey.version, published(session)
    assert list(later_versions(session, survey)) == [version]
    for wanted, reason, places in (
        (before, "có lý do", ["version_id"]),
        (None, " ", ["version_id", "reason"]),
        (version, "x" * 501, ["reason"]),
    ):
        with pytest.raises(Invalid) as refused:
            plan_move(session, survey, wanted, reason=reason, now=NOW)
        assert [problem.where for problem in refused.value.problems] == places
    close_version(session, version, reason="lỗi", account=account, now=NOW)
    assert list(later_versions(session, survey)) == []
    with pytest.raises(Invalid):
        plan_move(session, survey, version, reason="có lý do", now=NOW)


def test_one_move_at_a_time_of_a_survey_under_way(session: Session, survey: Survey) -> None:
    version = published(session)
    plan_move(session, survey, version, reason="thang đo mới", now=NOW)
    with pytest.raises(Conflict, match="đang chờ"):
        plan_move(session, survey, version, reason="thang đo mới", now=NOW)
    close_survey(survey)
    with pytest.raises(Conflict, match="đang mở"):
        plan_move(session, survey, version, reason="thang đo mới", now=NOW)


def test_a_move_is_called_off_while_it_waits(session: Session, survey: Survey) -> None:
    version, account = published(session), make_account(session)
    plan_move(session, survey, version, reason="thang đo mới", now=NOW)
    with pytest.raises(Invalid) as refused:
        call_off_move(session, survey, reason=" ", now=NOW)
    assert [problem.where for problem in refused.value.problems] == ["reason"]
    late = NOW + 2 * HOUR  # the worker has not run: nothing has happened yet
    call_off_move(session, survey, reason="nhầm bản", now=late, account=account)
    assert make_due_moves(session, now=late) == [] and survey.version.number == 1
    (kept,) = history(session, survey)
    assert (kept.kind, kept.before, kept.after, kept.reason) == ("called_off", "2", "1", "nhầm bản")
    with pytest.raises(Conflict, match="đã chuyển hoặc đã hủy"):
        call_off_move(session, survey, reason="lần nữa", now=late)
    plan_move(session, survey, version, reason="lần này đúng", now=late)  # the same version again
    assert make_due_moves(session, now=late + HOUR) != []
    with pytest.raises(Conflict, match="đã chuyển hoặc đã hủy"):
        call_off_move(session, survey, reason="quá muộn", now=late + HOUR)


def test_what_a_move_waits_for(session: Session, survey: Survey) -> None:
    found = plan_move(session, survey, published(session), reason="thang đo mới", now=NOW)
    at = found.starts_at
    assert waits_for(survey, found, now=at - timedelta(seconds=1)) is Wait.HOUR
    assert waits_for(survey, found, now=at) is Wait.WORKER
    assert waits_for(survey, found, now=at + timedelta(minutes=5)) is Wait.LATE_WORKER
    last_day, survey.ends_on = survey.ends_on, (at - timedelta(days=1)).date()
    assert waits_for(survey, found, now=NOW) is Wait.LONGER_PERIOD, "no worker is to blame"
    survey.ends_on = last_day
    close_survey(survey)
    assert waits_for(survey, found, now=at) is Wait.REOPENING


# ── taking sheets ─────────────────────────────────────────────────────────────────────────────


def stored(session: Session) -> list[tuple[int, dict[str, object]]]:
    """Version and answers of every sheet, read by its own version."""
    survey = session.scalars(select(Survey)).one()
    rows = session.scalars(select(SurveyResponse).order_by(SurveyResponse.version_number))
    found = []
    for row in rows:
        version = session.scalars(
            select(QuestionnaireVersion).where(
                QuestionnaireVersion.code == survey.version.code,
                QuestionnaireVersion.number == row.version_number,
            )
        ).one()
        found.append((row.version_number, dict(decode(load_codebook(version), row.answers))))
    return found


def test_both_versions_are_taken_and_stored_as_what_they_are(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    move(session, survey)
    old, new = first("5", "4", "1"), second("1", "3", "5")
    collect(session, point, "phuc-vu@1", old)
    collect(session, point, "phuc-vu@2", new)
    answer(session, point.token, new)  # who names no version speaks of the survey's own
    assert stored(session) == [(1, old), (2, new), (2, new)]


def test_the_answers_of_one_version_are_none_of_the_other(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    move(session, survey)
    for version, answers, wrong in (
        ("phuc-vu@2", first("5", "4", "1"), {"waiting", "former"}),
        ("phuc-vu@1", second("1", "3", "5"), {"purpose"}),
    ):
        with pytest.raises(Invalid) as refused:
            collect(session, point, version, answers)
        assert {problem.where for problem in refused.value.problems} == wrong


def test_a_sheet_sent_again_after_the_move_is_the_same_sheet(
    session: Session, survey: Survey, point: CollectionPoint
) -> None:
    sheet = Sheet(uuid4(), point.token, first("5", "4", "1"), version="phuc-vu@1")
    receipt = submit_sheet(session, sheet, now=NOW)
    move(session, survey)
    again = submit_sheet(session, sheet, now=NOW + HOUR)
    assert not again.is_new and again.code == receipt.code
    other = Sheet(sheet.response_id, point.token, second("5", "3", "1"), version="phuc-vu@2")
    with pytest.raises(Conflict):
        submit_sheet(session, other, now=NOW + HOUR)


def test_a_process_that_does_not_know_of_the_move(database: Database) -> None:
    """Its doors are those of before; they lead nowhere wrong."""
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit], source=V1)
        token = make_point(session, survey, unit).token
    intake = Intake(database)
    intake.submit(Sheet(uuid4(), token, first("5", "4", "1")), now=NOW)
    with database.transaction() as session:
        move(session, session.scalars(select(Survey)).one())
    new = second("1", "3", "5")
    intake.submit(Sheet(uuid4(), token, new), now=NOW + HOUR)
    intake.submit(Sheet(uuid4(), token, new, version="phuc-vu@2"), now=NOW + HOUR)
    with pytest.raises(Invalid):  # read by version 1 first, where no answer is missing
        intake.submit(Sheet(uuid4(), token, {"former": "first"}), now=NOW + HOUR)
    with database.session() as session:
        assert [number for number, _ in stored(session)] == [1, 2, 2]


@pytest.mark.parametrize("version", ["phuc-vu@3", "phuc-vu@0", "khac@1"])
def test_a_version_that_the_survey_never_had(
    session: Session, survey: Survey, point: CollectionPoint, version: str
) -> None:
    move(session, survey)
    with pytest.raises(Invalid) as refused:
        collect(session, point, version, second("5", "3", "1"))
    assert [problem.where for problem in refused.value.problems] == ["version"]


# ── counting ──────────────────────────────────────────────────────────────────────────────────


def test_pooled_where_the_series_goes_on_by_hand(
    session: Session, survey: Survey, point: CollectionPoint, unit: AdministrativeUnit
) -> None:
    both_versions(session, survey, point)
    figures = measure_unit(session, survey, unit.id, today=TODAY)
    assert figures.n == 30
    # Declared comparable, or not edited at all: 10 + 20 sheets.
    attitude, correct = criterion(figures, "attitude"), criterion(figures, "correct")
    assert attitude.tally.levels == (11, 4, 0, 0, 6 + 9)
    assert attitude.satisfied.value == pytest.approx(15 / 30)
    assert correct.tally.levels == (11, 0, 0, 6 + 4 + 9, 0)
    assert correct.satisfied.value == pytest.approx(19 / 30)
    # Another scale: the twenty sheets of version 2; nobody of version 1 counts as having skipped.
    waiting = criterion(figures, "waiting")
    assert waiting.tally.levels == (0, 11, 9) and waiting.tally.skipped == 0
    assert (waiting.satisfied.n, waiting.satisfied.value) == (20, pytest.approx(9 / 20))
    # The factor of both criteria breaks with one of them, the other factor goes on.
    service, result = figures.factors
    assert (service.index.n, service.index.value) == (20, pytest.approx(9 / 20))
    assert (result.index.n, result.index.value) == (30, pytest.approx(19 / 30))
    # So the index is that of version 2 alone: the mean of 9/20, 9/20, 9/20.
    assert figures.overall
    index = figures.overall.by_roll_up[RollUp.CRITERIA_MEAN]
    assert (index.n, index.value) == (20, pytest.approx(9 / 20))


def test_the_older_part_by_itself(
    session: Session, survey: Survey, point: CollectionPoint, unit: AdministrativeUnit
) -> None:
    version = survey.version
    both_versions(session, survey, point)
    part = read_segment(session, survey, unit.id, version)
    question = part.questionnaire["waiting"]
    assert part.n == 10 and part.tally(question).levels == (4, 0, 0, 0, 6)
    assert part.headline().value == pytest.approx((0.6 + 0.6 + 1) / 3)


def test_joined_units_count_alike_however_early_they_were_asked(
    session: Session, survey: Survey, unit: AdministrativeUnit
) -> None:
    """Both have as many dossiers. One was asked by version 1 mostly: what is figured on version 2
    gives it its half all the same."""
    other = make_unit(session, "H01.02", "Phường Khác")
    survey = make_survey(session, {unit: 400, other: 400}, code="KS-2", source=V1)
    points = [make_point(session, survey, one) for one in (unit, other)]
    move(session, survey)
    collect(session, points[0], "phuc-vu@1", *[first("5", "5", "5")] * 90)
    collect(session, points[0], "phuc-vu@2", *[second("5", "3", "5")] * 10)
    collect(session, points[1], "phuc-vu@2", *[second("1", "1", "1")] * 100)
    figures = measure_consolidated(session, survey, None, describe_unit(unit), today=TODAY)
    assert figures.n == 200 and figures.overall
    assert figures.overall.index.n == 110
    assert figures.overall.index.value == pytest.approx(0.5)
    waiting, attitude = criterion(figures, "waiting"), criterion(figures, "attitude")
    assert (waiting.satisfied.n, waiting.satisfied.value) == (110, pytest.approx(0.5))
    assert waiting.weighted_shares == pytest.approx((0.5, 0, 0.5))
    assert (attitude.satisfied.n, attitude.satisfied.value) == (200, pytest.approx(0.5))


def test_the_next_survey_is_compared_with_what_goes_on(
    session: Session, survey: Survey, point: CollectionPoint, unit: AdministrativeUnit
) -> None:
    both_versions(session, survey, point)
    survey.starts_on, survey.ends_on = date(2025, 1, 1), date(2025, 12, 31)
    later = make_survey(session, {unit: 400}, code="KS-2", source=later_document())
    there = make_point(session, later, unit)
    collect(session, there, "phuc-vu@2", *[second("5", "3", "4")] * 12)
    figures = measure_unit(session, later, unit.id, today=TODAY)
    assert figures.versions is None and figures.previous
    rows = {row.code: row for row in figures.previous.criteria}
    earlier = {code: row.earlier.n for code, row in rows.items()}
    assert earlier == {"attitude": 30, "waiting": 20, "correct": 30}
    assert figures.previous.index.earlier.n == 20
    assert figures.previous.index.earlier.value == pytest.approx(9 / 20)
    assert [point.index.n for point in figures.trend] == [20, 12]
    assert not any(row.broken for row in rows.values())


def test_the_worker_makes_the_move(database: Database, settings: Settings) -> None:
    with database.transaction() as session:
        survey = make_survey(session, source=V1)
        plan_move(session, survey, published(session), reason="thang đo mới", now=NOW)
    (settings.data_directory / FOLDER).mkdir()
    housekeeping = Housekeeping(database, settings, NOW)
    for moment, number in ((NOW + timedelta(minutes=29), 1), (NOW + timedelta(minutes=31), 2)):
        housekeeping.do_if_due(moment)
        with database.session() as session:
            assert session.scalars(select(Survey)).one().version.number == number
    with database.session(write=True) as session:
        assert [entry.action for entry in recorded(session)] == ["survey.moved"]
