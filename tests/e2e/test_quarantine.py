"""Flagged sheets in a real browser: from the survey to a decision, and into the report."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from survey_app.clock import now
from survey_app.operations.demo.loading import SignInSheet, load_demo
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_good, sign_in

NewPage = Callable[..., Page]
REASON = "Đã kiểm tra: sáng hôm đó có đoàn làm thủ tục tập thể."


@pytest.fixture
def officer(database: Database) -> SignInSheet:
    """The officer of the province, above the units that have flagged sheets."""
    with database.transaction() as session:
        return load_demo(session, now=now(), units=4, responses=600, seed=5)[1]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_from_the_list_to_a_decision_and_back(
    new_page: NewPage, officer: SignInSheet, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport)
    sign_in(page, officer.username, officer.password)
    page.goto("/officer/")
    page.get_by_role("link", name="Khảo sát sự hài lòng").first.click()
    page.get_by_role("link", name="Phiếu cần xem xét").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Phiếu cần xem xét")
    assert_good(page)

    waiting = page.get_by_role("row").filter(has_text=re.compile(r"4[0-9]")).first
    waiting.get_by_role("link").click()
    groups = page.get_by_role("region", name="Nhóm phiếu chờ xem xét")
    burst = groups.get_by_role("row").filter(has_text="Nhiều phiếu dồn dập").first
    expect(burst).to_contain_text("Điện thoại")
    assert_good(page)

    keep = page.get_by_role("button", name="Giữ lại các nhóm đã chọn")
    page.get_by_label("Lý do của quyết định").fill(REASON)
    keep.click()  # nothing is chosen yet
    expect(page.get_by_role("alert")).to_contain_text("Chọn ít nhất một nhóm phiếu.")
    expect(page.get_by_label("Lý do của quyết định")).to_have_value(REASON)
    assert_good(page)
    page.get_by_role("checkbox").first.check()
    keep.click()
    expect(page.get_by_role("status")).to_contain_text("Đã giữ lại")
    decisions = page.get_by_role("region", name="Các quyết định")
    expect(decisions).to_contain_text(REASON)

    decisions.get_by_text("Loại các phiếu này…").click()
    page.get_by_label("Lý do của quyết định mới").fill("Xem lại: không có đoàn nào hôm đó.")
    assert_good(page)
    page.get_by_role("button", name="Xác nhận loại các phiếu này").click()
    expect(page.get_by_role("status")).to_contain_text("Đã loại")
    expect(decisions.get_by_role("row").filter(has_text="Đã được thay")).to_have_count(1)
    expect(decisions.get_by_role("row").filter(has_text="Xem lại: không có")).to_have_count(1)

    page.get_by_role("navigation", name="Đường dẫn").get_by_role("link").nth(1).click()
    page.get_by_role("link", name="Sở").first.click()
    expect(page.get_by_role("heading", name="Chất lượng phiếu trả lời")).to_be_visible()
    assert_good(page)
