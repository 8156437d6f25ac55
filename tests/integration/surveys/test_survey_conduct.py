"""The conduct of a survey: turns and their reasons, what a pause takes, what citizens read."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import Closed, Conflict, Invalid, Paused
from survey_app.operations.fieldwork.conduct import history, turn_survey
from survey_app.operations.intake.intake import Intake
from survey_app.operations.intake.submission import Sheet, submit_sheet
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint, Survey, SurveyStatus
from survey_app.web.wording import standing
from tests.factories import NOW, make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, plain, post, sign_in

ANSWERS = {"access.signage": "4"}
HOUR = timedelta(hours=1)
OPEN, PAUSED, CLOSED = SurveyStatus.OPEN, SurveyStatus.PAUSED, SurveyStatus.CLOSED
SENTENCE = "Cuộc khảo sát đang tạm dừng nhận phiếu. Mời ông/bà quay lại sau."


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture
def point(session: Session) -> CollectionPoint:
    unit = make_unit(session)
    return make_point(session, make_survey(session, [unit]), unit)


def sheet(point: CollectionPoint, **fields: object) -> Sheet:
    return Sheet(response_id=uuid4(), token=point.token, answers=ANSWERS, **fields)  # type: ignore[arg-type]


def test_an_open_survey_says_what_it_takes_today(session: Session) -> None:
    survey, today = make_survey(session), NOW.date()
    day = timedelta(days=1)
    for starts, ends, words in (
        (today, today, "Đang nhận phiếu"),
        (today - 9 * day, today - day, "Đã hết kỳ, chỉ nhận phiếu đã thu"),
        (today + day, today + day, f"Đã mở, nhận phiếu từ {today + day:%d/%m/%Y}"),
    ):
        survey.starts_on, survey.ends_on = starts, ends
        assert standing(survey)[1] == words
    survey.status = CLOSED
    assert standing(survey)[1] == "Đã đóng"


def test_every_turn_is_kept_with_its_reason(session: Session) -> None:
    survey = make_survey(session, is_open=False)
    account = make_account(session)
    turns = ((OPEN, ""), (PAUSED, "mưa lũ"), (OPEN, ""), (CLOSED, ""), (OPEN, "đóng nhầm"))
    for number, (after, reason) in enumerate(turns):
        turn_survey(session, survey, after, now=NOW + number * HOUR, account=account, reason=reason)
    kept = [(event.before, event.after, event.reason) for event in history(session, survey)]
    assert kept == [
        ("closed", "open", "đóng nhầm"),
        ("open", "closed", ""),
        ("paused", "open", ""),
        ("open", "paused", "mưa lũ"),
        ("draft", "open", ""),
    ]
    assert history(session, survey)[0].account is account


@pytest.mark.parametrize(
    ("path", "after"),
    [
        ((), PAUSED),
        ((), CLOSED),
        ((OPEN,), OPEN),
        ((OPEN, PAUSED), PAUSED),
        ((OPEN, CLOSED), PAUSED),
    ],
)
def test_a_survey_goes_only_where_it_can(
    session: Session, path: tuple[SurveyStatus, ...], after: SurveyStatus
) -> None:
    survey = make_survey(session, is_open=False)
    for status in path:
        turn_survey(session, survey, status, now=NOW, reason="có lý do")
    with pytest.raises(Conflict):
        turn_survey(session, survey, after, now=NOW, reason="có lý do")
    assert len(history(session, survey)) == len(path)


@pytest.mark.parametrize("after", [PAUSED, OPEN])
def test_a_pause_and_a_reopening_ask_why(
    session: Session, point: CollectionPoint, after: SurveyStatus
) -> None:
    if after is OPEN:
        turn_survey(session, point.survey, CLOSED, now=NOW)
    for reason in (" ", "x" * 501):
        with pytest.raises(Invalid) as refused:
            turn_survey(session, point.survey, after, now=NOW, reason=reason)
        assert [problem.where for problem in refused.value.problems] == ["reason"]


def test_a_pause_takes_what_was_answered_before_it(
    session: Session, point: CollectionPoint
) -> None:
    """Of a device that was offline: before, in, and after the pause, whenever it comes."""
    survey = point.survey
    turn_survey(session, survey, PAUSED, now=NOW - 2 * HOUR, reason="mưa lũ")
    assert submit_sheet(session, sheet(point, answered_at=NOW - 3 * HOUR), now=NOW).is_new
    for moment in (NOW - HOUR, NOW - 2 * HOUR, NOW, None):
        with pytest.raises(Paused):
            submit_sheet(session, sheet(point, answered_at=moment), now=NOW)
    turn_survey(session, survey, OPEN, now=NOW + HOUR)
    later = NOW + 5 * HOUR
    with pytest.raises(Paused):
        submit_sheet(session, sheet(point, answered_at=NOW), now=later)
    for moment in (NOW - 3 * HOUR, NOW + HOUR, NOW + 2 * HOUR, None):
        assert submit_sheet(session, sheet(point, answered_at=moment), now=later).is_new
    turn_survey(session, survey, CLOSED, now=later)
    with pytest.raises(Closed, match="đã kết thúc"):
        submit_sheet(session, sheet(point, answered_at=NOW - 3 * HOUR), now=later)


def test_a_clock_that_runs_ahead_does_not_get_round_a_pause(
    session: Session, point: CollectionPoint
) -> None:
    turn_survey(session, point.survey, PAUSED, now=NOW - HOUR, reason="mưa lũ")
    with pytest.raises(Paused):
        submit_sheet(session, sheet(point, answered_at=NOW + HOUR), now=NOW)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", SENTENCE),
        ("en", "The survey is not taking answers for the moment. Please come back later."),
        ("zh", "调查暂停接收问卷，请您稍后再来。"),
    ],
)
def test_a_citizen_reads_one_sentence(
    client: FlaskClient, database: Database, language: str, words: str
) -> None:
    address = opened(database)
    assert client.get(address).status_code == 200
    turn(database, PAUSED)
    answer = client.get(f"{address}?lang={language}")
    assert answer.status_code == 423
    assert words in plain(answer)
    turn(database, OPEN)
    assert client.get(address).status_code == 200


def test_a_page_that_was_shown_before_is_not_shown_in_a_pause(
    client: FlaskClient, database: Database
) -> None:
    address = opened(database)
    token = address.rpartition("/")[2]
    intake = Intake(database)
    before = intake.page_mark(token)
    turn(database, PAUSED)
    assert intake.page_mark(token) != before
    with pytest.raises(Paused):
        intake.submit(Sheet(response_id=uuid4(), token=token, answers=ANSWERS), now=NOW)
    turn(database, OPEN)
    assert intake.page_mark(token) == before


def test_the_page_of_a_survey(client: FlaskClient, database: Database) -> None:
    opened(database)
    with database.transaction() as session:
        make_account(session)
    sign_in(client)
    page = "/admin/surveys/KS-2026"
    refused = post(client, f"{page}/status", wish="paused", reason=" ")
    assert refused.status_code == 422
    assert "Ghi lý do." in plain(refused)
    typed = post(client, f"{page}/status", wish="paused", reason="x" * 501)
    assert "x" * 501 in typed.text
    assert post(client, f"{page}/status", wish="paused", reason="mưa lũ").status_code == 302
    shown = plain(client.get(page))
    assert "Tạm dừng nhận phiếu" in shown
    assert "Người thử Lý do: mưa lũ" in shown
    assert post(client, f"{page}/status", wish="paused", reason="nữa").status_code == 422
    assert post(client, f"{page}/status", wish="open").status_code == 302
    assert post(client, f"{page}/status", wish="closed").status_code == 302
    assert post(client, f"{page}/status", wish="open").status_code == 422
    assert post(client, f"{page}/status", wish="open", reason="đóng nhầm").status_code == 302
    assert post(client, f"{page}/status", wish="draft").status_code == 422
    told = [action for action in actions(database) if action.startswith("survey.")]
    assert told == ["survey.pause", "survey.resume", "survey.closed", "survey.reopen"]
    assert plain(client.get("/admin/audit")).count("Mở lại cuộc khảo sát") >= 1


def opened(database: Database) -> str:
    """An open survey by a questionnaire in three languages; the address of its link."""
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, [unit], document="sipas-counter.yaml")
        return f"/s/{make_point(session, survey, unit).token}"


def turn(database: Database, after: SurveyStatus) -> None:
    with database.transaction() as session:
        turn_survey(session, session.scalars(select(Survey)).one(), after, now=NOW, reason="lý do")
