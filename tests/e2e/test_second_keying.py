"""A form is keyed again by another clerk, differs, and the paper decides: in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from survey_app.clock import now
from survey_app.config import Settings
from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.paper.entry import key_form
from survey_app.operations.paper.second_keying import SECRET_PURPOSE
from survey_app.operations.paper.typed_form import TypedForm
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_good, sign_in
from tests.e2e.test_entry import ready
from tests.factories import make_account, make_point, make_survey, make_unit

NewPage = Callable[..., Page]
SECOND = "/admin/surveys/KS-2026/paper/second"


@pytest.fixture(autouse=True)
def province(database: Database, settings: Settings) -> None:
    """A counter whose forms 11 and 12 Lan has keyed; Mai is to key them again."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        survey = make_survey(session, [ward])
        survey.second_keying_share = 1.0
        point = make_point(session, survey, ward)
        lan = make_account(session, "lan", AccountRole.OFFICER, ward)
        make_account(session, "mai", AccountRole.OFFICER, ward)
        for number in ("11", "12"):
            typed = TypedForm(number, {"access.signage": "5", "needs.improvements": "13"})
            secret = settings.derived_secret(SECRET_PURPOSE)
            key_form(session, survey, point, typed, secret=secret, account=lan, now=now())


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_two_forms_are_keyed_again_and_the_paper_decides(
    new_page: NewPage, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport)
    sign_in(page, "mai")
    page.goto(SECOND)
    expect(page.get_by_role("row").filter(has_text="Quầy số 1")).to_contain_text("0011, 0012")
    assert_good(page)
    page.get_by_role("link", name="Nhập lần hai Phường Bình Minh").click()
    ready(page)
    expect(page.get_by_label("Số phiếu")).to_have_value("0011")
    expect(page.locator("textarea")).to_have_count(0)
    assert_good(page)
    for key in ("Enter", "5"):
        page.keyboard.press(key)
    page.locator("[name='q-needs.improvements']").focus()
    for key in ("1", "3", "F9"):
        page.keyboard.press(key)
    expect(page.get_by_role("status").first).to_contain_text("Đã lưu phiếu số 11.")
    ready(page)
    expect(page.get_by_label("Số phiếu")).to_have_value("0012")
    for key in ("Enter", "4", "F9"):
        page.keyboard.press(key)
    expect(page.get_by_text("Không còn phiếu nào của điểm này")).to_be_visible()

    page.get_by_role("link", name="Thôi nhập").click()
    expect(page.get_by_text("có 2 câu hai lần nhập khác nhau")).to_be_visible()
    assert_good(page)
    page.get_by_role("link", name="Đối chiếu phiếu số 0012").click()
    expect(page.locator("fieldset")).to_have_count(2)
    assert_good(page)
    page.get_by_role("button", name="Lưu kết quả đối chiếu").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text(
        "Câu 1: Hãy chọn một giá trị theo phiếu giấy."
    )
    assert_good(page)
    signage = page.get_by_role("group", name="1. Biển hiệu")
    signage.get_by_label("4 – Hài lòng").check()
    needs = page.get_by_role("group", name="28.")
    needs.get_by_label("Phiếu ghi khác cả hai").check()
    needs.get_by_label("Phím của điều ghi trên phiếu").fill("12")
    page.get_by_role("button", name="Lưu kết quả đối chiếu").press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("đã sửa 2 câu theo phiếu giấy")
    expect(page.get_by_role("heading", name="Phiếu đã sửa theo phiếu giấy")).to_be_visible()
    assert_good(page)
