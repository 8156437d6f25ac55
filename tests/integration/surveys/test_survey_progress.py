"""Progress of a survey: expected pace, the late, reminders as text and as files, the record."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO, StringIO

import openpyxl
import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.operations.access.rights import AccountRole
from survey_app.operations.fieldwork.conduct import turn_survey
from survey_app.operations.figures.pace import elapsed_share, pace_of
from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyStatus
from survey_app.web.admin.surveys import progress_views
from tests.factories import answer, make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, plain, post, sign_in

FIRST, LAST = date(2026, 6, 1), date(2026, 6, 26)  # four weeks from a Monday to a Friday
HALF = datetime(2026, 6, 12, 10, 0, tzinfo=UTC)  # 17:00 on the second Friday
PAGE = "/admin/surveys/KS-2026/progress"


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(HALF, tick=True):
        yield


def fill(session: Session) -> Survey:
    """Four units that need 97 sheets each (±10 %, dossiers unknown); 60, 45, 3, 0 came."""
    units = [make_unit(session, f"H01.0{n}", name) for n, name in enumerate("ABCD", start=1)]
    survey = make_survey(session, units, starts_on=FIRST, ends_on=LAST)
    survey.target_margin = 0.1
    for unit, count in zip(units, (60, 45, 3, 0), strict=True):
        point = make_point(session, survey, unit)
        for _ in range(count):
            answer(session, point.token, {"access.signage": "4"}, at=HALF - timedelta(days=2))
    return survey


def test_units_are_late_by_more_than_chance(session: Session) -> None:
    pace = pace_of(session, fill(session), now=HALF)
    assert pace.share == 0.5
    assert pace.days_left == 15
    by_name = {unit.line.unit.name: unit for unit in pace.units}
    assert [unit.line.unit.name for unit in pace.late] == ["D", "C"]
    assert by_name["A"].expected == by_name["A"].required * 0.5 == 48.5
    assert by_name["B"].last_day == date(2026, 6, 10)
    assert by_name["C"].last_day is None  # three sheets: the day would tell of them
    assert (pace.received, pace.required) == (108, 4 * 97)


def test_other_units_are_judged_though_not_told(session: Session) -> None:
    survey = fill(session)
    some = [row.line.unit.id for row in pace_of(session, survey, now=HALF).units][1:3]
    pace = pace_of(session, survey, some, now=HALF)
    assert [(unit.line.unit.name, unit.is_late) for unit in pace.units] == [
        ("B", False),
        ("C", True),
    ]


def test_nobody_is_late_unless_the_survey_is_open(session: Session) -> None:
    survey = fill(session)
    turn_survey(session, survey, SurveyStatus.CLOSED, now=HALF)
    assert pace_of(session, survey, now=HALF).late == ()
    survey.target_margin = None
    turn_survey(session, survey, SurveyStatus.OPEN, now=HALF, reason="đóng nhầm")
    assert pace_of(session, survey, now=HALF).late == ()


def test_weekends_and_pauses_are_no_time() -> None:
    friday, monday = HALF, HALF + timedelta(days=2, hours=14)  # Monday 7:00
    assert elapsed_share(FIRST, LAST, (), friday) == elapsed_share(FIRST, LAST, (), monday) == 0.5
    week = (HALF - timedelta(days=7), HALF)  # five working days of the ten that are over
    assert elapsed_share(FIRST, LAST, [week], HALF) == 5 / 15
    assert elapsed_share(FIRST, LAST, [(week[0], None)], HALF) == 5 / 15
    assert elapsed_share(FIRST, LAST, (), HALF - timedelta(days=30)) == 0
    assert elapsed_share(FIRST, LAST, (), HALF + timedelta(days=30)) == 1
    sunday = date(2026, 6, 14)
    assert elapsed_share(sunday, sunday, (), HALF) == 0
    assert elapsed_share(sunday, sunday, (), HALF + timedelta(days=30)) == 1


def test_the_page_names_the_late_and_what_to_write(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        fill(session)
        make_account(session)
    sign_in(client)
    shown = plain(client.get(PAGE))
    assert "đã qua 50% thời gian làm việc của kỳ" in shown
    assert (
        "Kính gửi Ủy ban nhân dân d, Tính đến ngày 12/06/2026, cuộc khảo sát “Khảo sát thử nghiệm”"
        in shown
    )
    assert "đã nhận 3 phiếu trên 97 phiếu cần có, còn thiếu 94 phiếu" in shown
    assert "Thời gian còn lại: 15 ngày, đến hết ngày 26/06/2026." in shown
    assert "http://localhost/officer/surveys/KS-2026/units/H01.03" in shown
    assert "Kính gửi Ủy ban nhân dân a" not in shown
    assert client.get("/officer/surveys/KS-2026/units/H01.03").status_code == 200
    assert client.get(f"{PAGE}/reminders.pdf").status_code == 404
    lines = list(csv.reader(StringIO(client.get(f"{PAGE}/reminders.csv").data.decode("utf-8-sig"))))
    assert [line[:6] for line in lines[1:]] == [
        ["H01.04", "D", "0", "48", "97", "97"],
        ["H01.03", "C", "3", "48", "97", "94"],
    ]
    book = openpyxl.load_workbook(BytesIO(client.get(f"{PAGE}/reminders.xlsx").data))
    assert [row[2].value for row in book.active.iter_rows(min_row=2)] == [0, 3]
    assert post(client, f"{PAGE}/reminded").status_code == 302
    told = [action for action in actions(database) if action.startswith("survey.")]
    assert told == ["survey.reminder_list", "survey.reminder_list", "survey.remind"]
    assert "H01.04" in plain(client.get("/admin/audit"))


def test_many_late_units_come_in_pages(
    client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_views, "REMINDERS_A_PAGE", 1)
    with database.transaction() as session:
        fill(session)
        make_account(session)
    sign_in(client)
    first, second = plain(client.get(PAGE)), plain(client.get(f"{PAGE}?page=2"))
    assert "Kính gửi Ủy ban nhân dân d" in first and "Kính gửi Ủy ban nhân dân c" not in first
    assert "Kính gửi Ủy ban nhân dân c" in second and "Kính gửi Ủy ban nhân dân d" not in second
    assert "2 đơn vị chậm" in first and "Trang 2 trên 2" in second
    assert "Ghi nhận đã nhắc cả 2 đơn vị chậm" in second
    assert plain(client.get(f"{PAGE}?page=99")) == second
    assert client.get(f"{PAGE}?page=x").status_code == 200


def test_without_a_target_nothing_is_due(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        fill(session)
        session.scalars(select(Survey)).one().target_margin = None
        make_account(session)
    sign_in(client)
    shown = plain(client.get(PAGE))
    assert "chưa đặt mục tiêu" in shown
    assert "Kính gửi" not in shown


def test_when_it_is_over_the_office_is_asked_for_what_it_still_has(
    client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        fill(session)
        make_account(session)
    with time_machine.travel(HALF + timedelta(days=20), tick=True):
        sign_in(client)
        shown = plain(client.get(PAGE))
    assert "Kỳ khảo sát đã kết thúc ngày 26/06/2026." in shown
    assert "Kính gửi Ủy ban nhân dân a" in shown


def test_an_officer_sees_and_reminds_only_the_own_units(
    client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        fill(session)
        own = session.scalars(select(AdministrativeUnit).filter_by(code="H01.03")).one()
        make_account(session, "canbo", AccountRole.OFFICER, own)
    sign_in(client, "canbo")
    assert f'href="{PAGE}"' in client.get("/officer/surveys/KS-2026").text
    shown = plain(client.get(PAGE))
    assert "Kính gửi Ủy ban nhân dân c" in shown
    assert "Kính gửi Ủy ban nhân dân d" not in shown
    assert "H01.04" not in client.get(f"{PAGE}/reminders.csv").text
    assert post(client, f"{PAGE}/reminded").status_code == 302
