"""The audit record in a browser: found by keyboard, without script, checked, at 200 % zoom."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.audit.entries import record
from survey_app.storage.database import Database
from survey_app.web.admin import audit_views
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_accessible, assert_fits, sign_in
from tests.factories import NOW, make_account, make_unit
from tests.integration.audit.books import tampering, write

NewPage = Callable[..., Page]
ZOOMED = {"width": DESKTOP["width"] // 2, "height": DESKTOP["height"] // 2}


@pytest.fixture(autouse=True)
def office(database: Database) -> None:
    with database.transaction() as session:
        ward = make_unit(session)
        make_account(session)
        officer = make_account(session, "canbo", AccountRole.OFFICER, ward)
        record(
            session,
            "survey.population",
            now=NOW,
            account=officer,
            subject="KS-2026 H01.01",
            detail={"from": {"population": 1100}, "to": {"population": 1200}},
        )
    write(database, 55, account=officer)


@pytest.mark.parametrize(
    ("viewport", "has_script"),
    [(DESKTOP, True), (DESKTOP, False), (PHONE, True), (ZOOMED, True)],
    ids=["desktop", "no-script", "phone", "zoomed"],
)
def test_an_entry_is_found_by_keyboard(
    new_page: NewPage, viewport: dict[str, int], has_script: bool
) -> None:
    page = new_page(viewport=viewport, java_script_enabled=has_script)
    sign_in(page, "quantri")
    page.goto("/admin/audit")
    page.get_by_label("Tài khoản").focus()
    page.keyboard.type("canbo")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("h01")
    page.keyboard.press("Enter")
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("số hồ sơ trong kỳ từ 1.100 thành 1.200")
    assert page.get_by_label("Tài khoản").input_value() == "canbo"
    if has_script:  # axe is a script
        assert_accessible(page)
        assert_fits(page)
    page.get_by_role("link", name="Bỏ điều kiện").click()
    page.get_by_role("link", name="Cũ hơn").click()
    expect(rows.last).to_contain_text("1.100")


def test_the_chain_is_checked_in_steps_by_itself(
    new_page: NewPage, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_views, "ENTRIES_A_STEP", 20)
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.goto("/admin/audit")
    page.get_by_role("button", name="Kiểm tra toàn bộ").click()
    expect(page.get_by_text("Chuỗi nguyên vẹn từ mục số 1 đến mục số 57.")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Về nhật ký").click()
    expect(page.get_by_text("Đã kiểm tra đến mục số 57")).to_be_visible()
    with tampering(database) as connection:
        connection.exec_driver_sql("UPDATE audit_entry SET subject = 'X' WHERE number = 31")
    page.get_by_role("button", name="Kiểm tra toàn bộ").click()
    expect(page.get_by_role("alert")).to_contain_text("Mục số 31: nội dung đã bị sửa.")
    assert_accessible(page)
    assert_fits(page)


def test_what_was_found_is_taken_along(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP, accept_downloads=True)
    sign_in(page, "quantri")
    page.goto("/admin/audit?subject=H01")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Tải Excel").click()
    assert coming.value.suggested_filename == "NhatKy_HaiLong.xlsx"
