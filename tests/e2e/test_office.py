"""Officers and administrators at work in a real browser; every page passes the axe rules."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from survey_app.operations.access.accounts import AccountRole
from survey_app.storage.database import Database
from survey_app.worker import work_once
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_accessible, assert_fits, follow, sign_in
from tests.factories import (
    QUESTIONNAIRES,
    answer,
    make_account,
    make_point,
    make_survey,
    make_unit,
)

SURVEY = "/officer/surveys/KS-2026"
OFFICER_PAGES = (
    "/account",
    "/officer/",
    SURVEY,
    f"{SURVEY}/units/H01.01",
    f"{SURVEY}/units/H01.01/comments",
    f"{SURVEY}/units/H01.02",
    f"{SURVEY}/units/H01.02/comments",
    f"{SURVEY}/batches",
    f"{SURVEY}/units/H99",
)
ADMIN_PAGES = (
    "/admin/",
    "/admin/questionnaires",
    "/admin/questionnaires/1",
    "/admin/questionnaires/check",
    "/admin/units",
    "/admin/units/H01",
    "/admin/units?q=binh",
    "/admin/create-unit",
    "/admin/import-units",
    "/admin/accounts",
    "/admin/api-keys",
    "/admin/create-api-key",
    "/admin/create-account",
    "/admin/surveys",
    "/admin/create-survey",
    "/admin/surveys/KS-2026",
    "/admin/surveys/KS-2026/points/1/poster",
    "/admin/surveys/KS-2026/points/1/slips",
    "/admin/audit",
)

NewPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """A ward with enough sheets and a commune with too few; an officer, an administrator."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        ward = make_unit(session, "H01.01", "Phường Bình Minh", parent=root)
        commune = make_unit(session, "H01.02", "Xã Hòa Thuận", "commune", root)
        survey = make_survey(session, {ward: 100, commune: None})
        survey.is_demo = True
        for unit, count in ((ward, 9), (commune, 2)):
            point = make_point(session, survey, unit)
            for number in range(count):
                level = "2" if number == 0 else "4"
                answer(session, point.token, {"access.signage": level, "comment": "Rất tốt"})
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, root)


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, new_page: NewPage) -> Iterator[Page]:
    yield new_page(viewport=request.param)


def test_every_page_of_officers_is_accessible(page: Page) -> None:
    page.goto("/sign-in")
    assert_accessible(page)
    sign_in(page, "canbo")
    for address in OFFICER_PAGES:
        page.goto(address)
        assert_accessible(page)
        assert_fits(page)


def test_every_page_of_administrators_is_accessible(page: Page) -> None:
    sign_in(page, "quantri")
    for address in ADMIN_PAGES:
        page.goto(address)
        assert_accessible(page)
        assert_fits(page)


def test_the_menu_takes_one_line_and_opens_by_keyboard(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 1280, "height": 800})
    sign_in(page, "quantri")
    menu = page.get_by_role("navigation", name="Chính")
    boxes = [entry.bounding_box() for entry in menu.locator("> a, > details").all()]
    assert len({box["y"] for box in boxes if box}) == 1, "all entries stand in one line"
    menu.locator("summary").press("Enter")
    assert_accessible(page)
    page.keyboard.press("Tab")
    expect(menu.get_by_role("link", name="Tổng quan")).to_be_focused()
    menu.get_by_role("link", name="Nhật ký").press("Enter")
    expect(page.get_by_role("heading", name="Nhật ký", exact=True)).to_be_visible()


def test_an_officer_reads_the_figures_and_takes_the_paper_along(
    new_page: NewPage, tmp_path: Path
) -> None:
    page = new_page(viewport=DESKTOP, accept_downloads=True)
    sign_in(page, "canbo")
    page.get_by_role("link", name="Khảo sát thử nghiệm").click()
    expect(page.get_by_role("row", name="Xã Hòa Thuận")).to_contain_text("chưa đủ phiếu")
    page.get_by_role("link", name="Phường Bình Minh").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("hường Bình Minh")
    expect(page.get_by_text("DỮ LIỆU MINH HỌA").first).to_be_visible()
    with page.expect_download() as coming:
        page.get_by_role("navigation", name="Tải báo cáo").get_by_text("PDF").click()
    coming.value.save_as(tmp_path / "report.pdf")
    assert coming.value.suggested_filename.startswith("BaoCao")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_an_officer_hides_a_comment(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "canbo")
    page.goto(f"{SURVEY}/units/H01.01/comments")
    page.get_by_role("button", name="Ẩn khỏi báo cáo").first.click()
    expect(page.get_by_role("status")).to_contain_text("Đã ẩn ý kiến")
    expect(page.get_by_role("button", name="Đưa lại vào báo cáo")).to_have_count(1)


def test_the_progress_of_reports_is_renewed_in_place(
    new_page: NewPage, database: Database, app: Flask
) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "canbo")
    page.goto(f"{SURVEY}/batches")
    page.get_by_role("button", name="Lập báo cáo Excel").click()
    expect(page.get_by_role("status")).to_contain_text("đang chờ đến lượt")
    assert_accessible(page)
    page.get_by_role("button", name="Hủy").focus()
    folder = app.config["SETTINGS"].data_directory
    (folder / "batches").mkdir()
    assert work_once(database, folder, threading.Event())
    expect(page.get_by_role("status")).to_contain_text("đã xong")
    expect(page.get_by_role("link", name="Tải tệp ZIP")).to_be_focused()
    expect(page.get_by_role("link", name="Cập nhật tiến độ")).to_have_count(0)
    assert_accessible(page)


def test_an_administrator_is_asked_before_a_password_is_renewed(new_page: NewPage) -> None:
    page = new_page(viewport=PHONE)
    sign_in(page, "quantri")
    page.goto("/admin/accounts")
    confirm = page.get_by_role("button", name="Xác nhận cấp lại mật khẩu cho tài khoản canbo")
    expect(confirm).not_to_be_visible()
    page.get_by_text("Cấp lại mật khẩu… cho tài khoản canbo").press("Enter")
    expect(confirm).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    confirm.click()
    expect(page.get_by_role("heading", name="Mật khẩu mới của")).to_be_visible()


def test_an_administrator_publishes_a_questionnaire_and_opens_a_survey(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    source = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")

    page.goto("/admin/questionnaires/check")
    page.get_by_label("Hoặc nội dung tài liệu").fill(source.replace("kind: text", "kind: essay"))
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_role("alert")).to_contain_text("essay")
    assert_accessible(page)
    page.get_by_label("Hoặc nội dung tài liệu").fill(source)
    follow(page.get_by_role("button", name="Kiểm tra"))
    assert_accessible(page)
    page.get_by_role("button", name="Công bố").click()
    expect(page.get_by_role("status")).to_contain_text("one-stop-rating@1")

    page.goto("/admin/create-survey")
    page.get_by_label("Tên cuộc khảo sát").fill("Đánh giá quý IV")
    page.get_by_label("Mã cuộc khảo sát").fill("2026-q4")
    page.get_by_label("Bộ câu hỏi", exact=True).select_option(label=one_stop(page))
    page.get_by_label("Từ ngày").fill("2026-10-01")
    page.get_by_label("Đến hết ngày").fill("2099-12-31")
    page.get_by_role("button", name="Chọn tất cả", exact=True).click()
    expect(page.get_by_label("Tên cuộc khảo sát")).to_have_value("Đánh giá quý IV")
    page.get_by_label("Số hồ sơ của Phường Bình Minh").fill("1.240")
    page.get_by_role("button", name="Tạo cuộc khảo sát").click()

    page.get_by_label("Tên điểm thu thập").fill("Bộ phận Một cửa")
    page.get_by_role("button", name="Thêm điểm thu thập").click()
    expect(page.get_by_role("status")).to_contain_text("Đã thêm 3 điểm thu thập.")
    follow(page.get_by_role("link", name="Kiểm tra và mở cuộc khảo sát"))
    assert_accessible(page)
    page.get_by_label("Tôi đã xem các điểm cần lưu ý").check()
    page.get_by_role("button", name="Mở cuộc khảo sát").click()
    expect(page.get_by_text("Đang nhận phiếu").first).to_be_visible()

    page.get_by_role("link", name="Mã dùng một lần Phường Bình Minh").click()
    page.get_by_label("Số lượng mã").fill("2")
    page.get_by_role("button", name="Tạo mã").click()
    expect(page.get_by_role("listitem").filter(has_text="Dùng một lần")).to_have_count(2)
    assert_accessible(page)
    code = page.locator(".slip-code").first.inner_text().replace(" ", "")
    page.goto(f"/s/{code}")
    expect(page.get_by_role("heading", name="Phiếu dành cho người dân")).to_be_visible()
    assert_accessible(page)
    phone = new_page()
    phone.goto(f"/s/{code}")
    expect(phone.get_by_text("Nhìn chung, ông/bà hài lòng ở mức nào").first).to_be_attached()


def one_stop(page: Page) -> str:
    """The choice that names the version just published."""
    options = page.get_by_label("Bộ câu hỏi", exact=True).locator("option").all_inner_texts()
    return next(text for text in options if "one-stop-rating@1" in text)
