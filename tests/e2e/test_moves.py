"""A survey moves to a later version while somebody is answering, in a real browser."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from survey_app.clock import now
from survey_app.operations.fieldwork.moves import make_due_moves
from survey_app.storage.database import Database
from survey_app.storage.models import SurveyResponse
from tests.e2e.conftest import DESKTOP
from tests.e2e.office import assert_good, sign_in
from tests.factories import answer, make_account, make_point, make_survey, make_unit
from tests.integration.operations.test_moves import V1, first, published, second

NewPage = Callable[..., Page]
YEAR = timedelta(days=365)


@pytest.fixture
def token(database: Database) -> str:
    """A survey under way with six sheets, and a later version of its questionnaire."""
    with database.transaction() as session:
        unit = make_unit(session)
        survey = make_survey(session, {unit: 400}, source=V1)
        survey.starts_on, survey.ends_on = now().date() - YEAR, now().date() + YEAR
        make_account(session)
        found = make_point(session, survey, unit).token
        for _ in range(6):
            answer(session, found, first("5", "5", "4"), at=now())
        published(session)
        return found


def test_somebody_answers_while_the_survey_moves(
    new_page: NewPage, database: Database, token: str
) -> None:
    citizen, office = new_page(), new_page(viewport=DESKTOP)
    citizen.goto(f"/s/{token}?trang=mot")
    expect(citizen.get_by_text("Ông/bà đến lần thứ mấy?")).to_be_visible()

    sign_in(office, "quantri")
    office.goto("/admin/surveys/KS-2026")
    office.get_by_role("link", name="Chuyển sang phiên bản mới").click()
    expect(office.get_by_text("2 trong số 3 tiêu chí gộp phiếu")).to_be_visible()
    assert_good(office)
    office.get_by_label("Lý do").fill("Thang đo thời gian chờ khó hiểu")
    office.get_by_label("Tôi đã xem các thay đổi").check()
    office.get_by_role("button", name="Chuyển sang phiên bản 2").click()
    expect(office.get_by_text("cuộc khảo sát chuyển sang phiên bản 2")).to_be_visible()
    assert_good(office)
    with database.transaction() as session:
        make_due_moves(session, now=now() + timedelta(hours=1))

    citizen.locator('[id="q-waiting"]').get_by_role("radio", name="Rất tốt").check()
    citizen.get_by_role("button", name="Gửi phiếu").click()
    expect(citizen.get_by_role("heading", name="Cảm ơn ông/bà")).to_be_visible()
    with database.transaction() as session:
        numbers = session.scalars(select(SurveyResponse.version_number)).all()
        assert numbers == [1] * 7
        for _ in range(8):
            answer(session, token, second("1", "3", "4"), at=now(), version="phuc-vu@2")
    another = new_page()
    another.goto(f"/s/{token}?trang=mot")
    expect(another.get_by_text("Ông/bà đến làm gì?")).to_be_visible()

    office.goto("/officer/surveys/KS-2026/units/H01.01")
    said = office.get_by_text("7 phiếu theo phiên bản 1, 8 phiếu theo phiên bản 2")
    expect(said.first).to_be_visible()
    assert_good(office)
    office.get_by_role("link", name="Riêng phiếu phiên bản 1").click()
    expect(office.get_by_role("heading", level=1)).to_contain_text("riêng phiếu theo phiên bản 1")
    assert_good(office)
