"""Samples in a real browser: a target, a list, a draw, its file, its check; the progress."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from survey_app.operations.access.accounts import AccountRole
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_good, follow, sign_in
from tests.factories import answer, make_account, make_point, make_survey, make_unit

NewPage = Callable[..., Page]
FIELDS = ("Đất đai", "Hộ tịch", "Chứng thực")


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """A ward with 31 sheets whose dossiers are not known yet; an officer, an administrator."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        survey = make_survey(session, [ward])
        point = make_point(session, survey, ward)
        for _ in range(31):
            answer(session, point.token, {"access.signage": "4"})
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, root)


@pytest.fixture
def dossiers(tmp_path: Path) -> Path:
    """A list as an office would send it: a title above the headings, a column too many."""
    path = tmp_path / "ho-so-thang-6.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("Tháng 6")
        page.write(0, 0, "DANH SÁCH HỒ SƠ ĐÃ GIẢI QUYẾT")
        page.write_row(2, 0, ("STT", "Mã hồ sơ", "Lĩnh vực", "Ngày trả"))
        for number in range(60):
            row = (number + 1, f"H01-26-{number:04d}", FIELDS[number % 3], "05/06/2026")
            page.write_row(number + 3, 0, row)
    return path


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_sample_is_drawn_checked_and_followed(
    new_page: NewPage, dossiers: Path, tmp_path: Path, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport, accept_downloads=True)
    sign_in(page, "quantri")
    page.goto("/admin/surveys/KS-2026")
    follow(page.get_by_role("link", name="Chọn mẫu và tiến độ"))
    assert_good(page)
    follow(page.get_by_role("link", name="Đặt mục tiêu"))
    page.get_by_label("Sai số mong muốn").fill("7,5")
    page.get_by_label("Tỷ lệ thu về dự kiến").fill("80")
    follow(page.get_by_role("button", name="Lưu mục tiêu"))
    expect(page.get_by_role("status")).to_contain_text("Đã lưu mục tiêu.")
    page.goto("/admin/surveys/KS-2026/samples")
    expect(page.get_by_text("Sai số mong muốn ở mỗi đơn vị: ±7,5%")).to_be_visible()
    assert_good(page)

    page.get_by_role("link", name="Phường Bình Minh").click()
    bad = tmp_path / "sai.csv"
    bad.write_text("Mã hồ sơ;Lĩnh vực\nH1;Đất đai\nH1;\n")
    page.get_by_label("Tệp danh sách hồ sơ").set_input_files(bad)
    page.get_by_label("Số hồ sơ cần chọn").fill("1")
    page.get_by_role("button", name="Kiểm tra danh sách").click()
    expect(page.get_by_role("alert")).to_contain_text("mã đã có ở dòng 2")
    expect(page.get_by_label("Số hồ sơ cần chọn")).to_have_value("1")
    assert_good(page)

    page.get_by_label("Số hồ sơ cần chọn").fill("")
    page.get_by_label("Tệp danh sách hồ sơ").set_input_files(dossiers)
    page.get_by_role("button", name="Kiểm tra danh sách").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("chưa chọn hồ sơ nào")
    expect(page.get_by_role("row", name="Hộ tịch 20 19")).to_be_visible()
    page.get_by_label("Ghi 60 làm số hồ sơ trong kỳ").check()
    assert_good(page)
    page.get_by_role("button", name="Chọn 57 hồ sơ").click()
    expect(page.get_by_role("status")).to_contain_text("Đã chọn mẫu.")
    assert_good(page)

    with page.expect_download() as coming:
        page.get_by_role("link", name="Tải danh sách (Excel)").click()
    coming.value.save_as(tmp_path / "chon.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "chon.xlsx")["Hồ sơ được chọn"].values)
    assert len([row for row in rows if str(row[1]).startswith("H01-26-")]) == 57

    page.get_by_label("Tệp danh sách hồ sơ").set_input_files(dossiers)
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_role("status")).to_contain_text("Danh sách khớp.")
    assert_good(page)

    officer = new_page(viewport=viewport, accept_downloads=True)
    sign_in(officer, "canbo")
    officer.get_by_role("link", name="Khảo sát thử nghiệm").click()
    row = officer.get_by_role("row", name="Phường Bình Minh")
    expect(row).to_contain_text("còn thiếu 14 phiếu để đạt ±7,5% (phát thêm 18 phiếu)")
    assert_good(officer)
    with officer.expect_download() as coming:
        officer.get_by_role("link", name="Tải 57 hồ sơ được chọn").click()
    assert coming.value.suggested_filename == "DanhSachChonMau_KS2026_H0101_1.xlsx"
