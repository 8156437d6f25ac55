"""Sheets that waited on a device, and sheets that somebody walked away from."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.errors import Closed, Invalid
from survey_app.operations.fieldwork.links import issue_one_time_links
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.intake.doors import open_door
from survey_app.operations.intake.intake import Intake
from survey_app.operations.intake.submission import (
    Receipt,
    Sheet,
    draft_sheet,
    store_drafts,
    submit_sheet,
)
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint, Survey, SurveyResponse
from survey_app.storage.queries.surveys import survey_units
from tests.factories import NOW, QUESTIONNAIRES, make_point, make_survey, make_unit

LAST_MINUTE = datetime(2026, 12, 31, 16, 59, tzinfo=UTC)  # of the survey, in Viet Nam
BEFORE_THE_FIRST_DAY = datetime(2025, 12, 31, 16, 59, tzinfo=UTC)
DAYS_LATER = datetime(2027, 1, 5, 2, 0, tzinfo=UTC)
RATING = {"service.overall": "4"}
ANSWERS = {**RATING, "service.attitude": "5"}
OPTIONAL = "code: service.attitude\n        kind: scale\n"


@pytest.fixture
def survey(session: Session) -> Survey:
    """Its main rating is required, and so is another question."""
    text = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
    assert OPTIONAL in text
    text = text.replace(OPTIONAL, f"{OPTIONAL}        required: true\n")
    return make_survey(session, [make_unit(session)], source=text)


@pytest.fixture
def point(session: Session, survey: Survey) -> CollectionPoint:
    return make_point(session, survey, survey_units(session, survey.id)[0].unit)


def sheet(point: CollectionPoint, answers: Mapping[str, object], **fields: object) -> Sheet:
    fields.setdefault("token", point.token)
    return Sheet(response_id=uuid4(), answers=answers, **fields)  # type: ignore[arg-type]


def stored(session: Session) -> SurveyResponse:
    return session.scalars(select(SurveyResponse)).one()


def test_a_sheet_left_alone_is_kept_as_partial(session: Session, point: CollectionPoint) -> None:
    one = sheet(point, RATING, is_partial=True)
    assert submit_sheet(session, one, now=NOW).is_new
    assert not submit_sheet(session, one, now=NOW).is_new
    assert stored(session).is_partial
    with pytest.raises(Invalid) as caught:
        submit_sheet(session, sheet(point, RATING), now=NOW)
    assert [problem.where for problem in caught.value.problems] == ["service.attitude"]


def test_a_whole_sheet_is_not_partial(session: Session, point: CollectionPoint) -> None:
    submit_sheet(session, sheet(point, {**RATING, "service.attitude": "5"}), now=NOW)
    assert stored(session).is_partial is False


@pytest.mark.parametrize(
    ("answers", "places"),
    [
        ({"service.attitude": "5"}, ["service.overall"]),
        ({}, ["service.overall"]),
        ({"service.overall": "9"}, ["service.overall"]),
        ({**RATING, "service.attitude": "9"}, ["service.attitude"]),
        ({**RATING, "ghost": "9"}, ["ghost"]),
    ],
)
def test_a_partial_sheet_needs_its_main_rating_and_no_wrong_answer(
    session: Session, point: CollectionPoint, answers: dict[str, object], places: list[str]
) -> None:
    with pytest.raises(Invalid) as caught:
        submit_sheet(session, sheet(point, answers, is_partial=True), now=NOW)
    assert [problem.where for problem in caught.value.problems] == places


def test_the_hour_kept_is_that_of_answering(session: Session, point: CollectionPoint) -> None:
    then = NOW - timedelta(days=3, minutes=50)
    submit_sheet(session, sheet(point, ANSWERS, answered_at=then), now=NOW)
    assert stored(session).received_hour == datetime(2026, 6, 12, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    "told", [NOW + timedelta(seconds=1), datetime(1970, 1, 1, tzinfo=UTC), BEFORE_THE_FIRST_DAY]
)
def test_a_clock_that_cannot_be_right_is_passed_over(
    session: Session, point: CollectionPoint, told: datetime
) -> None:
    submit_sheet(session, sheet(point, ANSWERS, answered_at=told), now=NOW)
    assert stored(session).received_hour == NOW.replace(minute=0)


def test_a_clock_of_another_zone_is_cut_to_the_same_hour(
    session: Session, point: CollectionPoint
) -> None:
    zone = timezone(timedelta(hours=5, minutes=45))
    told = (NOW - timedelta(hours=2)).astimezone(zone)
    submit_sheet(session, sheet(point, ANSWERS, answered_at=told), now=NOW)
    assert stored(session).received_hour == NOW.replace(minute=0) - timedelta(hours=2)


def test_what_was_answered_in_time_may_come_late(
    database: Database, session: Session, survey: Survey, point: CollectionPoint
) -> None:
    one, two, three = (sheet(point, ANSWERS, answered_at=LAST_MINUTE) for _ in range(3))
    point.is_active = False
    assert submit_sheet(session, one, now=DAYS_LATER).is_new
    session.commit()
    intake = Intake(database)
    assert intake.submit(two, now=DAYS_LATER).is_new
    assert not intake.submit(two, now=DAYS_LATER).is_new
    too_late = LAST_MINUTE + timedelta(minutes=1)
    for refused in (sheet(point, ANSWERS), sheet(point, ANSWERS, answered_at=too_late)):
        with pytest.raises(Closed):
            intake.submit(refused, now=DAYS_LATER)
    close_survey(survey)
    session.commit()
    with pytest.raises(Closed):
        intake.submit(three, now=DAYS_LATER)
    assert not intake.submit(two, now=DAYS_LATER).is_new  # told again: it is stored


def test_a_point_that_was_stopped_takes_nothing_of_the_day(
    session: Session, point: CollectionPoint
) -> None:
    point.is_active = False
    with pytest.raises(Closed):
        submit_sheet(session, sheet(point, ANSWERS, answered_at=NOW), now=NOW)


def test_a_slip_is_good_if_it_was_when_the_sheet_was_answered(
    session: Session, point: CollectionPoint
) -> None:
    last_day = NOW.date()
    first, second = issue_one_time_links(session, point, 2, expires_on=last_day)
    late = NOW + timedelta(days=4)
    assert submit_sheet(session, sheet(point, ANSWERS, token=first, answered_at=NOW), now=late)
    with pytest.raises(Closed, match="hết hạn"):
        submit_sheet(session, sheet(point, ANSWERS, token=second, answered_at=late), now=late)


def test_two_deliveries_in_one_transaction_are_one_sheet(
    session: Session, point: CollectionPoint
) -> None:
    door = open_door(session, point.token)
    one = sheet(point, ANSWERS, answered_at=NOW - timedelta(hours=9))
    drafts = [draft_sheet(door, one, now=NOW) for _ in range(2)]
    first, again = store_drafts(session, drafts, now=NOW)
    assert isinstance(first, Receipt)
    assert isinstance(again, Receipt)
    assert (first.is_new, again.is_new) == (True, False)
    assert first.code == again.code
