"""A clerk keys forms with nothing but the keyboard, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.questionnaires.publishing import load_codebook
from survey_app.questionnaire.answers import decode
from survey_app.storage.database import Database
from survey_app.storage.models import SignIn, SurveyResponse
from tests.e2e.conftest import DESKTOP
from tests.e2e.office import assert_good
from tests.factories import PASSWORD, make_account, make_point, make_survey, make_unit

NewPage = Callable[..., Page]
#: What stands on a form for its 22 criteria.
CRITERIA = "5454345543455434554343"


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """A ward with a counter and its officer."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        survey = make_survey(session, [ward])
        make_point(session, survey, ward)
        make_account(session, "canbo", AccountRole.OFFICER, ward)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """The page of entry, reached as a clerk reaches it."""
    found = new_page(viewport=DESKTOP)
    sign_in(found)
    found.get_by_role("link", name="Khảo sát thử nghiệm").click()
    found.get_by_role("link", name="Phiếu giấy").click()
    found.get_by_role("link", name="Nhập từng phiếu").click()
    ready(found)
    return found


def ready(page: Page) -> None:
    """Wait until keys are read."""
    expect(page.locator("form.entry[data-ready]")).to_be_visible()


def sign_in(page: Page) -> None:
    if "/sign-in" not in page.url:
        page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill("canbo")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()


def sheets(database: Database) -> list[dict[str, object]]:
    with database.session() as session:
        codebook = load_codebook(find_survey(session, "KS-2026").version)
        rows = session.scalars(select(SurveyResponse).order_by(SurveyResponse.response_key))
        return [dict(decode(codebook, row.answers)) for row in rows]


class Keyboard:
    """Presses keys and counts them."""

    def __init__(self, page: Page) -> None:
        self.page, self.strokes = page, 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.strokes += 1


def focused(page: Page) -> str:
    found: str = page.evaluate("document.activeElement.name || document.activeElement.textContent")
    return found


def test_a_form_of_22_criteria_and_9_more_answers_takes_36_strokes(
    page: Page, database: Database
) -> None:
    assert_good(page)
    keys = Keyboard(page)
    keys.press("1", "Enter")
    keys.press(*CRITERIA)
    keys.press("4", "1")  # overall; one trip, so the question for a reason is passed over
    assert focused(page) == "q-harassment.trouble"
    expect(page.locator("[data-question='visit.trips'] output")).to_have_text("Một lần")
    expect(page.locator("[data-question='visit.trips_reason'] output")).to_have_text(
        "Bỏ qua theo chỉ dẫn."
    )
    keys.press("1", "1", "1", "3", "Enter", "2", "3", "1", "1")
    assert focused(page) == "q-comment"
    assert_good(page)
    keys.press("F9")
    expect(page.get_by_role("status").first).to_contain_text("Đã lưu phiếu số 1.")
    assert keys.strokes == 36
    (sheet,) = sheets(database)
    assert len(sheet) == 31
    assert sheet["access.signage"] == "5"
    assert sheet["needs.improvements"] == ("information", "faster")
    assert_good(page)

    expect(page.get_by_label("Số phiếu")).to_have_value("0002")
    ready(page)
    assert focused(page) == "_number"
    keys.press("Enter", "5", "F9")
    expect(page.get_by_text("Lượt này đã nhập 2 phiếu; gần nhất: 2, 1.")).to_be_visible()
    assert len(sheets(database)) == 2


def test_keys_move_between_fields_and_mistakes_are_told_at_once(page: Page) -> None:
    keys = Keyboard(page)
    keys.press("7", "Enter", "8")
    row = page.locator("[data-question='access.signage']")
    expect(row.locator("output")).to_have_text("Không có phím này. Các phím: 0, 1, 2, 3, 4, 5.")
    assert focused(page) == "q-access.signage"
    assert_good(page)
    keys.press("4")  # in the place of the wrong one
    expect(row.locator("output")).to_have_text("Hài lòng")
    assert focused(page) == "q-access.waiting_area"
    keys.press("Backspace")
    assert focused(page) == "q-access.signage"
    keys.press("ArrowDown", "ArrowDown")
    assert focused(page) == "q-access.equipment"
    keys.press("ArrowUp", "Shift+Tab")
    assert focused(page) == "q-access.signage"
    page.locator("[name='q-visit.trips']").focus()
    keys.press("1")
    assert focused(page) == "q-harassment.trouble"
    keys.press("ArrowUp")  # what is passed over can be reached
    assert focused(page) == "q-visit.trips_reason"
    keys.press("2")
    expect(page.locator("[data-question='visit.trips_reason'] output")).to_have_text(
        "Câu này không được hỏi theo chỉ dẫn; hãy xem lại."
    )
    keys.press("F9")
    expect(page.get_by_role("alert")).to_contain_text("Chưa lưu phiếu này")
    ready(page)
    assert focused(page) == "q-visit.trips_reason"
    expect(page.get_by_label("Số phiếu")).to_have_value("7")
    expect(page.locator("[name='q-access.signage']")).to_have_value("4")
    assert_good(page)
    keys.press("Delete", "F9")
    expect(page.get_by_role("status").first).to_contain_text("Đã lưu phiếu số 7.")


def test_a_lost_session_loses_nothing(page: Page, database: Database) -> None:
    keys = Keyboard(page)
    keys.press("9", "Enter", "5", "4", "3")
    with database.transaction() as session:
        for row in session.scalars(select(SignIn)):
            session.delete(row)
    keys.press("F9")
    expect(page.get_by_label("Tên đăng nhập")).to_be_visible()
    sign_in(page)
    ready(page)
    expect(page.get_by_text("Đã khôi phục phiếu đang nhập dở")).to_be_visible()
    expect(page.get_by_label("Số phiếu")).to_have_value("9")
    assert_good(page)
    keys.press("F9")
    expect(page.get_by_role("status").first).to_contain_text("Đã lưu phiếu số 9.")
    expect(page.get_by_text("Đã khôi phục")).to_be_hidden()
    with database.session() as session:
        assert session.scalar(select(func.count()).select_from(SurveyResponse)) == 1


def test_without_script_it_is_a_plain_form(new_page: NewPage, database: Database) -> None:
    page = new_page(viewport=DESKTOP, java_script_enabled=False)
    sign_in(page)
    page.get_by_role("link", name="Khảo sát thử nghiệm").click()
    page.get_by_role("link", name="Phiếu giấy").click()
    page.get_by_role("link", name="Nhập từng phiếu").click()
    page.get_by_label("Số phiếu").fill("1")
    page.get_by_label("Biển hiệu, chỉ dẫn").fill("5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Đã lưu phiếu số 1.")
    assert sheets(database) == [{"access.signage": "5"}]
