"""A file from upload to report in a real browser: accessible, no wider than the window, refusals
that can be followed with the keyboard."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.files.kept_analyses import MOST_KEPT
from survey_app.storage.database import Database
from tests.e2e.office import assert_good, follow, sign_in
from tests.factories import make_account, make_unit
from tests.integration.officer.file_forms import fill_kept
from tests.integration.officer.messy import messy_workbook

WIDTHS = (360, 768, 1280)


@pytest.fixture(autouse=True)
def officer(database: Database) -> None:
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        make_account(session, "canbo", AccountRole.OFFICER, root)
        make_account(session, "quantri", AccountRole.ADMINISTRATOR)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "khảo sát quý II.xlsx"
    path.write_bytes(messy_workbook())
    return path


def open_files(new_page: Callable[..., Page], width: int, username: str = "canbo") -> Page:
    page = new_page(viewport={"width": width, "height": 900})
    sign_in(page, username)
    page.get_by_role("navigation", name="Chính").get_by_role("link", name="Phân tích tệp").click()
    return page


def fill(page: Page) -> None:
    page.get_by_label("Cột câu hỏi theo yếu tố").fill("Tiếp cận: q1, q2\nThủ tục: q3-q4")
    page.get_by_text("Cách chọn mẫu: trọng số").click()
    page.get_by_label("Cột cụm").fill("Xã")
    page.get_by_text("Chia nhóm và so sánh").click()
    page.get_by_label("Cột chia nhóm").fill("Giới tính")
    page.get_by_label("Cột để so sánh").fill("Năm")
    page.get_by_label("Giá trị trước").fill("2025")
    page.get_by_role("textbox", name="Giá trị sau").fill("2026")


@pytest.mark.parametrize("width", WIDTHS)
def test_from_file_to_kept_report(
    new_page: Callable[..., Page], workbook: Path, width: int
) -> None:
    page = open_files(new_page, width)
    assert_good(page)
    page.get_by_label("Tệp số liệu").set_input_files(workbook)
    fill(page)
    assert_good(page)
    page.get_by_role("button", name="Phân tích", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Kết quả phân tích số liệu khảo sát")
    assert_good(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="PDF").click()
    assert download.value.suggested_filename == "PhanTichTep_KetQuaPhanTichSoLieuKhaoSat.pdf"
    with page.expect_download() as plan:
        page.get_by_role("button", name="Tải kế hoạch phân tích").click()
    assert "Tiếp cận: [q1, q2]" in Path(plan.value.path()).read_text()
    page.get_by_role("button", name="Giữ lại báo cáo này").click()
    expect(page.get_by_text("Đã giữ lại báo cáo.")).to_be_visible()
    assert_good(page)
    page.get_by_label("Đường dẫn").get_by_role("link", name="Phân tích tệp").click()
    page.locator("#kept").get_by_text("Xóa…").click()
    assert_good(page)
    page.get_by_role("button", name="Xác nhận xóa").click()
    expect(page.get_by_text("Chưa có báo cáo nào được giữ lại.")).to_be_visible()


@pytest.mark.parametrize("width", (360, 1280))
def test_refusals_lead_to_the_field(
    new_page: Callable[..., Page], workbook: Path, width: int
) -> None:
    page = open_files(new_page, width)
    page.get_by_label("Tệp số liệu").set_input_files(workbook)
    page.get_by_label("Cột câu hỏi theo yếu tố").fill("Tiếp cận: q1, q9")
    follow(page.get_by_role("button", name="Phân tích", exact=True))
    assert_good(page)
    page.get_by_role("link", name="Tệp không có cột “q9”").press("Enter")
    expect(page.get_by_label("Cột câu hỏi theo yếu tố")).to_be_focused()
    expect(page.get_by_label("Cột câu hỏi theo yếu tố")).to_have_value("Tiếp cận: q1, q9")
    page.get_by_label("Tệp số liệu").set_input_files(workbook)
    page.get_by_label("Cột câu hỏi theo yếu tố").fill("Tiếp cận: q1, STT")
    page.get_by_role("button", name="Phân tích", exact=True).click()
    expect(page.get_by_role("cell", name="“6” không phải câu trả lời").first).to_be_visible()
    assert_good(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_ranks(new_page: Callable[..., Page], tmp_path: Path, width: int) -> None:
    lines = [f"Xã số {number};{0.7 + number / 60:.4f};0,02" for number in range(12)]
    path = tmp_path / "xa.csv"
    path.write_text("\n".join(["Đơn vị;Chỉ số;Sai số chuẩn", *lines]), "utf-8-sig")
    page = open_files(new_page, width)
    page.get_by_label("Tệp chỉ số của các đơn vị").set_input_files(path)
    page.get_by_role("button", name="Xếp khoảng hạng").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Khoảng hạng của các đơn vị")
    expect(page.get_by_role("img", name="trong 12 đơn vị").first).to_be_visible()
    assert_good(page)


@pytest.mark.parametrize("width", (360, 1280))
def test_what_cannot_be_kept_is_shown_and_all_that_is_kept_is_paged(
    new_page: Callable[..., Page], database: Database, tmp_path: Path, width: int
) -> None:
    fill_kept(database, MOST_KEPT)
    path = tmp_path / "xa.csv"
    path.write_text("Đơn vị;Chỉ số;Sai số chuẩn\nXã A;0,9;0,01\nXã B;0,7;0,02\n", "utf-8-sig")
    page = open_files(new_page, width)
    page.get_by_label("Tệp chỉ số của các đơn vị").set_input_files(path)
    page.locator("#ranks").get_by_label("Giữ lại báo cáo này").check()
    page.get_by_role("button", name="Xếp khoảng hạng").click()
    expect(page.get_by_role("alert")).to_contain_text("nhiều nhất có thể")
    expect(page.get_by_role("cell", name="90,00%")).to_be_visible()
    assert_good(page)
    with page.expect_download():
        page.get_by_role("button", name="Excel").click()
    administrator = open_files(new_page, width, "quantri")
    follow(administrator.get_by_role("link", name="Báo cáo đã giữ của mọi tài khoản"))
    assert_good(administrator)
    administrator.get_by_role("link", name="Cũ hơn").click()
    expect(administrator.get_by_role("link", name="Mới nhất")).to_be_visible()
    assert_good(administrator)
