"""Two steps to sign in, browsers that are signed in, the page of an account, a role's own menu."""

import re
from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import Page, expect

from survey_app.clock import now
from survey_app.operations.access.rights import AccountRole
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP
from tests.e2e.office import assert_good, follow, sign_in
from tests.factories import PASSWORD, make_account, make_survey, make_unit


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        make_survey(session, [ward])
        make_account(session)
        make_account(session, "motcua", AccountRole.CLERK, ward)
        make_account(session, "lanhdao", AccountRole.LEADER, root)


def test_a_second_step_is_set_up_and_asked_for(new_page: Callable[..., Page]) -> None:
    page = new_page()
    sign_in(page, "lanhdao")
    page.goto("/account")
    assert_good(page)
    follow(page.get_by_role("link", name="Thiết lập xác thực hai bước"))
    assert_good(page)
    page.get_by_role("button", name="Bắt đầu thiết lập").click()
    expect(page.get_by_role("img", name="Mã QR để quét bằng ứng dụng")).to_be_visible()
    assert_good(page)
    secret = re.sub(r"\s", "", page.locator("code.token").inner_text())
    totp = pyotp.TOTP(secret)
    page.get_by_label("Mã xác thực").fill("000000")
    page.get_by_role("button", name="Xác nhận và bật").click()
    expect(page.get_by_role("alert")).to_contain_text("Mã không đúng")
    assert_good(page)
    page.get_by_label("Mã xác thực").fill(totp.at(now()))
    page.get_by_role("button", name="Xác nhận và bật").click()
    expect(page.locator("code.token")).to_have_count(10)
    assert_good(page)
    recovery = page.locator("code.token").first.inner_text()

    other = new_page(viewport=DESKTOP, java_script_enabled=False)
    other.goto("/sign-in")
    other.get_by_label("Tên đăng nhập").fill("lanhdao")
    other.get_by_label("Mật khẩu").fill(PASSWORD)
    other.get_by_role("button", name="Đăng nhập").click()
    expect(other.get_by_role("heading", name="Nhập mã xác thực")).to_be_visible()
    other.get_by_label("Mã xác thực").fill(recovery)
    other.get_by_role("button", name="Đăng nhập").click()
    expect(other.get_by_role("heading", name="Các cuộc khảo sát")).to_be_visible()
    expect(other.get_by_role("navigation", name="Chính").get_by_role("link")).to_have_text(
        ["Kết quả", "Hướng dẫn"]
    )

    page.goto("/account")
    assert_good(page)
    page.get_by_text("Đăng xuất…").click()
    page.get_by_role("button", name="Xác nhận đăng xuất").click()
    expect(page.get_by_text("Đã đăng xuất trình duyệt đó.")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="Đăng nhập")).to_be_visible()


def test_an_administrator_gives_and_ends_grants(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.goto("/admin/accounts")
    assert_good(page)
    follow(page.get_by_role("link", name="motcua"))
    assert_good(page)
    page.get_by_text("Giao thêm quyền").click()
    page.get_by_label("Lãnh đạo", exact=False).check()
    page.get_by_role("button", name="Giao quyền").click()
    expect(page.get_by_role("alert")).to_contain_text("Nhập mã đơn vị")
    expect(page.get_by_label("Lãnh đạo", exact=False)).to_be_checked()
    assert_good(page)
    page.get_by_label("Mã đơn vị phụ trách").fill("h01")
    page.get_by_role("button", name="Giao quyền").click()
    expect(page.get_by_text("Đã giao quyền.")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Lãnh đạo")
    row.get_by_text("Kết thúc…").click()
    row.get_by_role("button", name="Xác nhận kết thúc").click()
    expect(row).to_contain_text("Đã kết thúc")
    assert_good(page)
    page.goto("/admin/security")
    assert_good(page)


def test_a_clerk_starts_at_the_counter_and_is_offered_no_figures(
    new_page: Callable[..., Page],
) -> None:
    page = new_page()
    sign_in(page, "motcua")
    expect(page.get_by_role("heading", name="Bộ phận Một cửa")).to_be_visible()
    links = page.get_by_role("navigation", name="Chính").get_by_role("link")
    expect(links).to_have_text(["Một cửa", "Hướng dẫn"])
    assert_good(page)
    follow(page.get_by_role("link", name="Phiếu mời"))
    assert_good(page)
