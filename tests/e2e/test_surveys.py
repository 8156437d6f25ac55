"""A survey in a real browser: opened, paused, gone on with, followed, the late reminded."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from survey_app.clock import local_date, now
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_good, follow, sign_in
from tests.factories import make_account, make_point, make_survey, make_unit

NewPage = Callable[..., Page]


@pytest.fixture
def link(database: Database) -> str:
    """A draft that covers two wards, its period nearly over; the link of one."""
    today = local_date(now())
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        wards = [
            make_unit(session, "H01.01", "Phường Bình Minh", parent=root),
            make_unit(session, "H01.02", "Xã Hòa Thuận", "commune", root),
        ]
        survey = make_survey(session, wards, is_open=False)
        survey.starts_on, survey.ends_on = today - timedelta(320), today + timedelta(40)
        make_account(session)
        return f"/s/{make_point(session, survey, wards[0]).token}"


def test_units_are_found_and_ticked_by_branch_with_the_keyboard(
    new_page: NewPage, link: str
) -> None:
    page = new_page(viewport=PHONE)
    sign_in(page, "quantri")
    page.goto("/admin/surveys/KS-2026/plan")
    total = page.get_by_text("Đã chọn 2/3 đơn vị")
    expect(total).to_be_visible()
    search = page.get_by_label("Tìm đơn vị")
    search.fill("XA HOA")
    expect(page.get_by_label("Phường Bình Minh")).to_be_hidden()
    search.press("Enter")  # sends nothing
    page.get_by_role("button", name="Bỏ chọn cả nhánh Tỉnh Mẫu").press("Enter")
    expect(page.get_by_text("Đã chọn 1/3 đơn vị")).to_be_visible()
    search.fill("")
    expect(page.get_by_label("Phường Bình Minh")).to_be_checked()
    page.get_by_role("button", name="Chọn cả nhánh Tỉnh Mẫu", exact=True).press("Enter")
    expect(page.get_by_label("Xã Hòa Thuận")).to_be_checked()
    assert_good(page)
    page.get_by_role("button", name="Lưu kế hoạch").click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu kế hoạch.")
    page.goto("/admin/surveys/KS-2026/targets")
    page.get_by_label("Sai số mong muốn").fill("5")
    page.get_by_label("Số phiếu riêng của Tỉnh Mẫu").fill("30")
    page.get_by_role("button", name="Tính thử").click()
    expect(page.get_by_text("rộng hơn mục tiêu").first).to_be_visible()
    assert_good(page)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_survey_is_opened_paused_followed_and_reminded(
    new_page: NewPage, link: str, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport)
    citizen = new_page(viewport=PHONE)
    sign_in(page, "quantri")
    page.goto("/admin/surveys/KS-2026/targets")
    page.get_by_label("Sai số mong muốn").fill("5")
    follow(page.get_by_role("button", name="Lưu mục tiêu"))
    page.goto("/admin/surveys/KS-2026")
    page.get_by_role("link", name="Kiểm tra và mở cuộc khảo sát").click()
    expect(page.get_by_text("1 đơn vị chưa có điểm thu thập")).to_be_visible()
    page.get_by_role("button", name="Mở cuộc khảo sát").click()
    expect(page.get_by_role("alert")).to_contain_text("đánh dấu đồng ý mở")
    assert_good(page)
    page.get_by_label("Tôi đã xem các điểm cần lưu ý").check()
    page.get_by_role("button", name="Mở cuộc khảo sát").click()
    expect(page.get_by_role("status")).to_contain_text("Cuộc khảo sát đang mở")
    citizen.goto(link)
    expect(citizen.locator("input[type=radio]").first).to_be_attached()

    page.get_by_text("Tạm dừng…").click()
    page.get_by_role("button", name="Tạm dừng").click()
    expect(page.get_by_role("alert")).to_contain_text("Ghi lý do.")
    assert_good(page)
    page.get_by_label("Lý do").fill("Mưa lũ, các điểm tiếp nhận đóng cửa")
    page.get_by_role("button", name="Tạm dừng").click()
    expect(page.get_by_text("Cuộc khảo sát tạm dừng từ")).to_be_visible()
    assert_good(page)
    citizen.goto(link)
    expect(citizen.get_by_text("đang tạm dừng nhận phiếu")).to_be_visible()
    assert_good(citizen)

    page.get_by_role("button", name="Tiếp tục nhận phiếu").click()
    expect(page.get_by_text("Lý do: Mưa lũ")).to_be_visible()
    page.get_by_role("link", name="Tiến độ thu phiếu").click()
    box = page.get_by_label("Nội dung gửi qua Zalo").first
    expect(box).to_have_value(re.compile("^Kính gửi Ủy ban nhân dân phường Bình Minh,"))
    page.get_by_role("button", name="Sao chép nội dung nhắc Phường Bình Minh").click()
    expect(page.locator("#nhac-1-told")).not_to_be_empty()
    assert_good(page)
    signed_in = page.context.storage_state()
    plain = new_page(viewport=viewport, java_script_enabled=False, storage_state=signed_in)
    plain.goto(page.url)
    expect(plain.get_by_label("Nội dung gửi qua Zalo").first).to_be_visible()
    expect(plain.get_by_text("Sao chép").first).to_be_hidden()
    page.get_by_role("button", name="Ghi nhận đã nhắc").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã ghi nhận việc nhắc 2 đơn vị")
