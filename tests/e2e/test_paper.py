"""Paper in a real browser: forms printed, a template filled in, mistakes marked, forms counted."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pypdf
import pytest
from playwright.sync_api import Page, expect

from survey_app.operations.access.accounts import AccountRole
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_good, sign_in
from tests.factories import make_account, make_point, make_survey, make_unit

NewPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """A ward and a commune with a counter each; an officer of the ward."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        commune = make_unit(session, "H01.02", "Xã Hòa Thuận", "commune", root)
        survey = make_survey(session, [ward, commune])
        for unit in (ward, commune):
            make_point(session, survey, unit)
        make_account(session, "canbo", AccountRole.OFFICER, ward)


def fill(template: Path, answers: list[str]) -> None:
    """One form per answer, the place chosen from the template's own list."""
    book = openpyxl.load_workbook(template)
    place = book["Điểm thu thập"]["A2"].value
    for number, answer in enumerate(answers, start=1):
        for column, value in enumerate((place, f"{number:04}", answer), start=1):
            book.worksheets[0].cell(number + 2, column).value = value
    book.save(template)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_forms_are_printed_keyed_and_counted(
    new_page: NewPage, tmp_path: Path, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport, accept_downloads=True)
    sign_in(page, "canbo")
    page.get_by_role("link", name="Khảo sát thử nghiệm").click()
    page.get_by_role("link", name="Phiếu giấy").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Phiếu giấy")
    expect(page.get_by_text("Xã Hòa Thuận")).to_have_count(0)
    assert_good(page)

    page.get_by_label("Số phiếu cần in").fill("3")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Tải PDF").click()
    coming.value.save_as(tmp_path / "forms.pdf")
    assert "Số phiếu: 0003" in pypdf.PdfReader(tmp_path / "forms.pdf").pages[-1].extract_text()

    with page.expect_download() as coming:
        page.get_by_role("link", name="Tải tệp mẫu").click()
    keyed = tmp_path / "phieu.xlsx"
    coming.value.save_as(keyed)
    fill(keyed, ["5", "9", "4 – Hài lòng"])
    page.get_by_label("Tệp phiếu đã nhập").set_input_files(keyed)
    page.get_by_role("button", name="Kiểm tra tệp").click()
    expect(page.get_by_role("alert")).to_contain_text("dòng 4, cột C")
    assert_good(page)
    with page.expect_download() as coming:
        page.get_by_role("button", name="Tải tệp đã đánh dấu lỗi").click()
    assert coming.value.suggested_filename == "PhieuCoLoi.xlsx"

    fill(keyed, ["5", "3", "4 – Hài lòng"])
    page.get_by_label("Tệp phiếu đã nhập").set_input_files(keyed)
    page.get_by_role("button", name="Kiểm tra tệp").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("chưa nhập phiếu nào")
    row = page.get_by_role("row").filter(has_text="Phường Bình Minh")
    expect(row.get_by_role("cell")).to_have_text(["Quầy số 1", "3", "0"])
    assert_good(page)
    page.get_by_role("button", name="Nhập 3 phiếu").click()
    expect(page.get_by_role("status")).to_contain_text("Đã nhập 3 phiếu giấy.")
    assert_good(page)
