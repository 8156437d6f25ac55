"""Comparisons and the joined report in a real browser: reached, read, taken away, accessible."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from survey_app.clock import now
from survey_app.operations.demo.loading import SignInSheet, load_demo
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_good, sign_in

NewPage = Callable[..., Page]


@pytest.fixture
def officer(database: Database) -> SignInSheet:
    """The officer of the province, with a survey of this year and one of the year before."""
    with database.transaction() as session:
        return load_demo(session, now=now(), units=4, responses=400, seed=5)[1]


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_a_unit_beside_last_year_its_block_and_its_groups(
    new_page: NewPage, officer: SignInSheet, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport)
    sign_in(page, officer.username, officer.password)
    page.goto("/officer/")
    page.get_by_role("link", name="Khảo sát sự hài lòng").first.click()
    page.get_by_role("link", name="Sở Nội vụ").click()
    contents = page.get_by_role("navigation", name="Nội dung báo cáo")
    contents.get_by_role("link", name="So sánh").click()
    expect(page.get_by_role("heading", name="So sánh")).to_be_in_viewport()
    expect(page.get_by_text("So với kỳ trước (mã SIPAS-")).to_be_visible()
    changes = page.get_by_role("region", name="Chỉ số và yếu tố so với kỳ trước")
    expect(changes.get_by_role("row", name="Chỉ số hài lòng chung")).to_be_visible()
    bar = changes.get_by_role("img").first
    expect(bar).to_have_accessible_name(  # what is drawn is also said
        re.compile("điểm %, khoảng tin cậy từ")
    )
    expect(page.get_by_role("heading", name="Khác biệt giữa các nhóm")).to_be_visible()
    expect(page.get_by_role("heading", name="Yếu tố gắn với")).to_be_visible()
    assert_good(page)


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_the_joined_report_from_the_page_to_the_paper(
    new_page: NewPage, officer: SignInSheet, viewport: dict[str, int], tmp_path: Path
) -> None:
    page = new_page(viewport=viewport, accept_downloads=True)
    sign_in(page, officer.username, officer.password)
    page.goto("/officer/")
    page.get_by_role("link", name="Khảo sát sự hài lòng").first.click()
    page.get_by_role("link", name="Báo cáo tổng hợp").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("các đơn vị thuộc tỉnh An Lạc")
    members = page.get_by_role("region", name="Chỉ số hài lòng chung của từng đơn vị")
    expect(members.get_by_role("row")).to_have_count(5)
    assert_good(page)
    with page.expect_download() as coming:
        page.get_by_role("navigation", name="Tải báo cáo tổng hợp").get_by_text("PDF").click()
    paper = tmp_path / "tong-hop.pdf"
    coming.value.save_as(paper)
    text = subprocess.run(
        ["pdftotext", "-layout", paper, "-"], capture_output=True, text=True, check=True
    ).stdout
    assert "Kết quả tổng hợp từ" in " ".join(text.split())
    assert "mẫu phân tầng" in " ".join(text.split())
