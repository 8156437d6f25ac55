"""Slips in a real browser: one at the counter, a list of dossiers; the citizen answers by it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import openpyxl
import pypdf
import pytest
from playwright.sync_api import Page, expect

from survey_app.clock import local_date, now
from survey_app.operations.access.accounts import AccountRole
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_good, follow, sign_in
from tests.factories import make_account, make_point, make_survey, make_unit

NewPage = Callable[..., Page]
DOSSIERS = [f"H01.01-260615-{number:04}" for number in range(1, 7)]


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """A ward with a counter in a survey of these days; its officer, an administrator."""
    today = local_date(now())
    with database.transaction() as session:
        ward = make_unit(session, "H01.01", "Phường Bình Minh")
        period = {"starts_on": today - timedelta(days=9), "ends_on": today + timedelta(days=60)}
        survey = make_survey(session, [ward], document="one-stop-rating.yaml", **period)
        make_point(session, survey, ward)
        make_account(session, "canbo", AccountRole.OFFICER, ward)
        make_account(session)


def paper(page: Page, button: str, folder: Path) -> str:
    """The text of the PDF behind a button."""
    with page.expect_download() as coming:
        page.get_by_role("button", name=button).click()
    coming.value.save_as(folder / "slips.pdf")
    return "\n".join(p.extract_text() for p in pypdf.PdfReader(folder / "slips.pdf").pages)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_one_slip_at_the_counter(
    new_page: NewPage, tmp_path: Path, viewport: dict[str, int]
) -> None:
    desk = new_page(viewport=viewport, accept_downloads=True)
    sign_in(desk, "canbo")
    desk.get_by_role("link", name="Khảo sát thử nghiệm").click()
    follow(desk.get_by_role("link", name="Phiếu mời"))
    assert_good(desk)
    desk.get_by_role("button", name="Tạo một phiếu").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Mời ông/bà quét mã")
    expect(desk.get_by_role("img", name="Mã QR mở phiếu khảo sát")).to_be_visible()
    assert_good(desk)
    code = desk.locator(".slip-code").inner_text()
    assert code in paper(desk, "In phiếu này", tmp_path)

    citizen = new_page(viewport=PHONE)
    citizen.goto("/")
    citizen.get_by_label("Mã khảo sát").fill(code.lower())
    citizen.get_by_role("button", name="Mở phiếu").click()
    expect(citizen.get_by_text("Nhìn chung, ông/bà hài lòng ở mức nào").first).to_be_attached()

    desk.get_by_role("button", name="Tạo phiếu tiếp theo").click()
    expect(desk.locator(".slip-code")).not_to_have_text(code)
    desk.goto(f"/s/{code.replace(' ', '')}")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Phiếu dành cho người dân")
    assert_good(desk)
    desk.get_by_role("main").get_by_role("button", name="Đăng xuất").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Đăng nhập")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_list_of_dossiers(new_page: NewPage, tmp_path: Path, viewport: dict[str, int]) -> None:
    page = new_page(viewport=viewport, accept_downloads=True)
    sign_in(page, "canbo")
    page.goto("/admin/surveys/KS-2026/slips")
    with page.expect_download() as coming:
        page.get_by_role("link", name="Tải tệp mẫu").click()
    chosen = tmp_path / "hồ sơ.xlsx"
    coming.value.save_as(chosen)
    fill(chosen, [DOSSIERS[0], *DOSSIERS])
    page.get_by_label("Tệp danh sách hồ sơ").set_input_files(chosen)
    page.get_by_role("button", name="Kiểm tra danh sách").click()
    expect(page.get_by_role("alert")).to_contain_text("dòng 3, cột A")
    assert_good(page)

    fill(chosen, DOSSIERS)
    page.get_by_label("Tệp danh sách hồ sơ").set_input_files(chosen)
    page.get_by_role("button", name="Kiểm tra danh sách").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("chưa tạo phiếu mời nào")
    assert_good(page)
    page.get_by_role("button", name="Tạo 6 phiếu mời").click()
    expect(page.get_by_role("listitem").filter(has_text="Dùng một lần")).to_have_count(6)
    assert_good(page)
    text = paper(page, "Tải phiếu mời để in", tmp_path)
    assert all(dossier in text for dossier in DOSSIERS)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Tải danh sách kèm mã").click()
    coming.value.save_as(tmp_path / "made.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "made.xlsx").active.values)
    assert [row[0] for row in rows[1:]] == DOSSIERS
    assert all("/s/" in row[-1] for row in rows[1:])

    page.goto("/admin/surveys/KS-2026/slips")
    page.get_by_label("Tệp danh sách hồ sơ").set_input_files(chosen)
    page.get_by_role("button", name="Kiểm tra danh sách").click()
    expect(page.get_by_role("status")).to_contain_text("đã được tạo phiếu mời ngày")
    assert_good(page)


def test_a_key_is_shown_once(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.get_by_role("link", name="Khóa API").click()
    page.get_by_role("link", name="Tạo khóa API").click()
    page.get_by_label("Tên của khóa").fill("Một cửa điện tử")
    page.get_by_label("Mã đơn vị").fill("H01.01")
    page.get_by_role("button", name="Tạo khóa").click()
    key = page.locator("code.token").inner_text()
    assert key.startswith("hl_")
    assert_good(page)
    page.get_by_role("link", name="Quay lại danh sách khóa API").click()
    expect(page.get_by_role("row").filter(has_text=key[:7])).to_contain_text("Đang dùng được")
    expect(page.get_by_text(key)).to_have_count(0)
    assert_good(page)
    page.set_viewport_size(PHONE)
    assert_good(page)


def fill(workbook: Path, dossiers: list[str]) -> None:
    book = openpyxl.load_workbook(workbook)
    for number, dossier in enumerate(dossiers, start=2):
        book.worksheets[0].cell(number, 1).value = dossier
        book.worksheets[0].cell(number, 4).value = None
    for number in range(len(dossiers) + 2, len(dossiers) + 4):
        book.worksheets[0].cell(number, 1).value = None
    book.save(workbook)
