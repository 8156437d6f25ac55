"""The plan of a survey: what may change before and after the opening, and two who change it."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from survey_app.errors import Conflict, Invalid, NotFound
from survey_app.operations.fieldwork.conduct import history, turn_survey
from survey_app.operations.fieldwork.plan import SurveyPlan, change_plan, plan_of
from survey_app.operations.intake.doors import open_door
from survey_app.operations.intake.submission import Sheet, draft_sheet, store_drafts
from survey_app.operations.organisation.unit_tree import unit_branches, units_in
from survey_app.operations.questionnaires.publishing import publish_questionnaire
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyStatus
from survey_app.storage.queries.collection_points import collection_points
from tests.factories import (
    NOW,
    QUESTIONNAIRES,
    answer,
    make_one_time_link,
    make_point,
    make_survey,
    make_unit,
)

ANSWERS = {"access.signage": "4"}


@pytest.fixture
def units(session: Session) -> list[AdministrativeUnit]:
    """A province and four wards, the last of which ended with April 2026."""
    root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
    names = ("Phường An", "Phường Bình", "Xã Đông", "Xã Tây")
    wards = [
        make_unit(session, f"H01.0{number}", name, parent=root)
        for number, name in enumerate(names, 1)
    ]
    wards[-1].valid_to = date(2026, 5, 1)
    session.flush()
    return [root, *wards]


def change(session: Session, survey: Survey, **fields: object) -> object:
    known = plan_of(session, survey)
    wanted = SurveyPlan(**{**known.__dict__, **fields})
    return change_plan(session, survey, wanted, revision=survey.revision, now=NOW)


def refused(session: Session, survey: Survey, **fields: object) -> dict[str, str]:
    before = plan_of(session, survey)
    with pytest.raises(Invalid) as found:
        change(session, survey, **fields)
    assert plan_of(session, survey) == before
    return {problem.where: problem.message for problem in found.value.problems}


def test_a_draft_may_change_in_everything(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    survey = make_survey(session, units[1:3], is_open=False)
    other = publish_questionnaire(
        session, (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8"), now=NOW
    ).version
    done = change(
        session,
        survey,
        title="Đợt  hai",
        version_id=other.id,
        starts_on=date(2026, 4, 1),
        units=frozenset({units[2].id, units[4].id}),
    )
    assert plan_of(session, survey) == SurveyPlan(
        "Đợt hai",
        other.id,
        date(2026, 4, 1),
        date(2026, 12, 31),
        frozenset({units[2].id, units[4].id}),
    )
    assert (done.added, done.removed, done.moves_end) == (("H01.04",), ("H01.01",), False)
    assert done.fields["from"]["starts_on"] == "2026-01-01"
    assert done.fields["to"]["title"] == "Đợt hai"
    assert history(session, survey) == []


def test_an_open_survey_changes_its_last_day_with_a_reason_and_nothing_that_answers_rest_on(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    survey = make_survey(session, units[1:3])
    longer = date(2027, 1, 31)
    assert set(refused(session, survey, ends_on=longer)) == {"reason"}
    assert set(refused(session, survey, ends_on=date(2026, 6, 14), reason="ngắn lại")) == {
        "ends_on"
    }
    assert set(refused(session, survey, starts_on=date(2026, 2, 1))) == {"starts_on"}
    assert set(refused(session, survey, version_id=survey.version_id + 1)) == {"version_id"}
    assert change(session, survey, ends_on=longer, reason="còn ít phiếu").moves_end
    (event,) = history(session, survey)
    assert (event.kind, event.before, event.after) == ("period", "2026-12-31", "2027-01-31")
    assert event.reason == "còn ít phiếu"
    change(session, survey, ends_on=date(2026, 6, 15), reason="đủ phiếu")  # today


def test_a_closed_survey_changes_its_title_only(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    survey = make_survey(session, units[1:3])
    session.flush()
    turn_survey(session, survey, SurveyStatus.CLOSED, now=NOW)
    assert "mở lại" in refused(session, survey, ends_on=date(2027, 1, 31), reason="thêm")["ends_on"]
    assert "mở lại" in refused(session, survey, units=frozenset({units[1].id}))["units"]
    assert not change(session, survey, title="Tên khác").is_empty


def test_a_unit_of_which_there_is_something_stays(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    survey = make_survey(session, units[1:])
    answer(session, make_point(session, survey, units[1]).token, ANSWERS)
    make_one_time_link(session, make_point(session, survey, units[2]))
    token = make_point(session, survey, units[3]).token
    gone = frozenset({units[4].id})
    assert "1 phiếu trả lời" in refused(session, survey, units=gone | {units[2].id})["units"]
    assert "1 mã dùng một lần" in refused(session, survey, units=gone | {units[1].id})["units"]
    assert set(refused(session, survey, units=frozenset())) == {"units"}
    door = open_door(session, token)
    change(session, survey, units=frozenset({units[1].id, units[2].id}))
    assert token not in {point.token for point in collection_points(session, survey.id)}
    # Who had looked the link up before is refused like anybody else.
    late = draft_sheet(door, Sheet(uuid4(), token, ANSWERS), now=NOW)
    (outcome,) = store_drafts(session, [late], now=NOW)
    assert isinstance(outcome, NotFound)


def test_units_take_part_that_are_there_in_the_period(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    survey = make_survey(session, units[1:3])  # of all 2026
    change(session, survey, units=frozenset({units[1].id, units[4].id}))
    later = make_survey(session, units[1:2], code="KS-2", is_open=False)
    change(session, later, starts_on=date(2026, 5, 1))
    told = refused(session, later, units=frozenset({units[4].id}))["units"]
    assert told == "Xã Tây không còn từ ngày 01/05/2026, trước kỳ khảo sát."
    branches = unit_branches(
        session, None, first=later.starts_on, last=later.ends_on, kept={units[4].id}
    )
    assert [unit.name for unit in units_in(branches)] == [unit.name for unit in units]
    inside = unit_branches(
        session, {units[2].id, units[4].id}, first=later.starts_on, last=later.ends_on
    )
    assert [branch.unit for branch in inside] == [units[2]]


def test_a_unit_that_has_gone_does_not_hinder_other_changes_after_the_opening(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    survey = make_survey(session, units[1:3])
    units[1].valid_to = date(2025, 12, 31)
    assert change(session, survey, ends_on=date(2027, 1, 31), reason="còn ít phiếu").moves_end
    units[1].valid_to, units[2].valid_from = None, date(2026, 12, 1)
    told = refused(session, survey, ends_on=date(2026, 7, 1), reason="đủ phiếu")["units"]
    assert told == "Phường Bình chỉ có từ ngày 01/12/2026, sau kỳ khảo sát."


def test_of_two_who_change_a_plan_the_second_is_told(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    survey = make_survey(session, units[1:3], is_open=False)
    seen, plan = survey.revision, plan_of(session, survey)
    change(session, survey, title="Của người thứ nhất")
    with pytest.raises(Conflict):
        change_plan(session, survey, plan, revision=seen, now=NOW)
    assert survey.title == "Của người thứ nhất"
