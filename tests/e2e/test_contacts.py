"""Asking for a reply after the thanks, with and without script, and reading it in the office."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import expect

from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.privacy.contact_requests import set_offer
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP
from tests.e2e.office import assert_accessible, assert_fits, sign_in
from tests.e2e.test_citizen import Links, NewPage, links
from tests.e2e.test_one_sheet import SCRIPT, answer_comment, expect_thanks, send
from tests.factories import NOW, make_account

__all__ = ["links"]
SUBJECT = "Hồ sơ đất của tôi nộp từ tháng 3 chưa có kết quả."


@pytest.fixture(autouse=True)
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=True) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def offered(database: Database, links: Links) -> None:
    with database.transaction() as session:
        make_account(session)
        set_offer(session, find_survey(session, "KS-2026"), 60)


@SCRIPT
def test_a_reply_is_asked_for_and_given(
    new_page: NewPage,
    links: Links,
    has_script: bool,
    moment: time_machine.Traveller,
) -> None:
    page = new_page(java_script_enabled=has_script)
    answer_comment(page, links.full)
    send(page)
    receipt = expect_thanks(page)
    page.get_by_role("link", name="Ông/bà cần cơ quan trả lời?").click()
    expect(page.get_by_role("heading", name="Yêu cầu cơ quan trả lời")).to_be_visible()
    assert receipt not in page.content() and links.full not in page.content()
    box = page.get_by_role("checkbox")
    expect(box).not_to_be_checked()
    if has_script:
        assert_accessible(page)
    # Something is missing: it is said, and what was typed stays.
    page.get_by_label("Điều ông/bà cần trả lời").fill(SUBJECT)
    page.get_by_label("Số điện thoại hoặc thư điện tử").fill("0903 123 456")
    page.get_by_role("button", name="Gửi yêu cầu").click()
    expect(page.get_by_role("alert")).to_contain_text("Đánh dấu đồng ý")
    expect(page.get_by_label("Điều ông/bà cần trả lời")).to_have_value(SUBJECT)
    if has_script:
        assert_accessible(page)
    page.locator("button[value='lang:en']").click()
    expect(page.get_by_label("What you want a reply about")).to_have_value(SUBJECT)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Send the request").press("Enter")
    expect(page.get_by_role("heading", name="Your request was received")).to_be_visible()
    expect(page.get_by_text("Withdrawal code")).to_be_visible()
    if has_script:
        assert_accessible(page)
    # The next day somebody in the office reads it, and it is gone with the reply.
    moment.move_to(NOW + timedelta(days=1))
    office = new_page(viewport=DESKTOP)
    sign_in(office, "quantri")
    office.goto("/officer/contact-requests")
    assert_accessible(office)
    office.get_by_role("link", name="Mở đọc").click()
    expect(office.get_by_text(SUBJECT)).to_be_visible()
    assert_accessible(office)
    office.get_by_text("Đã trả lời hoặc được rút lại").first.click()
    office.get_by_role("button", name="Xác nhận").click()
    expect(office.get_by_text("Đã xong 16/06/2026")).to_be_visible()


@pytest.mark.parametrize("language", ["vi", "en", "zh"])
def test_the_page_about_data_is_readable(new_page: NewPage, language: str) -> None:
    page = new_page()
    page.goto(f"/quyen-rieng-tu?lang={language}")
    assert_accessible(page)
    assert_fits(page)


def test_the_survey_page_holds_the_offer(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.goto("/admin/surveys/KS-2026")
    page.get_by_text("Sửa thời hạn hoặc thôi nhận").click()
    page.get_by_label("Giữ nhiều nhất (ngày)").fill("30")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_text("nội dung được giữ nhiều nhất 30 ngày")).to_be_visible()
    assert_accessible(page)
