"""A changed questionnaire on its way to publication, and the series that break by what was said."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from survey_app.operations.organisation.units import find_unit
from survey_app.operations.questionnaires import lifecycle
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_accessible, assert_fits, follow, sign_in
from tests.factories import make_account, make_unit
from tests.integration.operations.test_lineage import SOURCE, edited, hold

NewPage = Callable[..., Page]
LATER = edited().replace("vi: Phải chờ đợi lâu", "vi: Chờ đợi quá lâu")


@pytest.fixture(autouse=True)
def last_year(database: Database) -> None:
    """A ward surveyed last year by the first version; two administrators."""
    with database.transaction() as session:
        make_account(session)
        make_account(session, "thutruong")
        ward = make_unit(session)
        hold(session, [ward], SOURCE, is_later=False)


def show_edits(page: Page, source: str = LATER) -> None:
    page.goto("/admin/questionnaires/check")
    page.get_by_label("Hoặc nội dung tài liệu").fill(source)
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_role("heading", name="Thay đổi so với one-stop-rating@1")).to_be_visible()


def test_the_trend_breaks_only_where_it_was_declared_to(
    new_page: NewPage, database: Database
) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    show_edits(page)
    assert_accessible(page)
    # Nothing is chosen beforehand, and nothing is published before all is.
    expect(page.get_by_role("radio", checked=True)).to_have_count(0)
    page.get_by_role("button", name="Công bố").click()
    expect(page.get_by_role("alert")).to_contain_text("chưa được xác nhận")
    assert_accessible(page)
    page.get_by_role("alert").get_by_role("link").first.click()
    wording = page.get_by_role("group", name="Cách công chức tiếp ông/bà")
    wording.get_by_role("radio", name="So sánh được").focus()
    page.keyboard.press("Space")
    expect(wording.get_by_role("radio", name="So sánh được")).to_be_checked()
    page.get_by_role("button", name="Công bố").click()
    expect(page.get_by_role("status")).to_contain_text("Đã công bố phiên bản one-stop-rating@2")
    page.get_by_role("link", name="Thay đổi so với bản trước").click()
    expect(page.locator("main")).to_contain_text("So sánh được")
    assert_accessible(page)

    with database.transaction() as session:
        hold(session, [find_unit(session, "H01.01")], LATER, is_later=True)
    page.goto("/officer/surveys/MC-2026/units/H01.01")
    changes = page.locator("table", has_text="Tỷ lệ hài lòng từng tiêu chí so với kỳ trước")
    scale = changes.get_by_role("row", name="Hướng dẫn rõ ràng")
    expect(scale).to_contain_text("Không so sánh: thang trả lời đã đổi")
    reworded = changes.get_by_role("row", name="Cách công chức tiếp ông/bà")
    expect(reworded).not_to_contain_text("Không so sánh")
    expect(page.locator("main")).to_contain_text("Ngắt chuỗi: bộ tiêu chí đã đổi")
    assert_accessible(page)


def test_one_verdict_is_set_for_many_edits(new_page: NewPage) -> None:
    page = new_page(viewport=PHONE)
    sign_in(page, "quantri")
    show_edits(page, LATER.replace("vi: Thời gian chờ đến lượt,", "vi: Thời gian chờ tới lượt,"))
    page.get_by_label("Các thay đổi được đặt chung").select_option("all")
    whole = page.get_by_role("group", name="Chuỗi số liệu của cả nhóm")
    whole.get_by_role("radio", name="Ngắt chuỗi").check()
    assert_accessible(page)
    assert_fits(page)
    follow(page.get_by_role("button", name="Đặt cho cả nhóm"))
    expect(page.get_by_role("status").filter(has_text="Đã đặt “Ngắt chuỗi”")).to_be_in_viewport()
    expect(page.get_by_role("radio", name="Ngắt chuỗi", checked=True)).to_have_count(2)
    waiting = page.get_by_role("group", name="Thời gian chờ tới lượt")
    waiting.get_by_role("radio", name="So sánh được").check()
    assert_accessible(page)
    assert_fits(page)
    page.get_by_role("button", name="Công bố").click()
    expect(page.get_by_role("status")).to_contain_text("Đã công bố phiên bản one-stop-rating@2")


def test_a_second_person_looks_at_the_same_edits(new_page: NewPage, database: Database) -> None:
    with database.transaction() as session:
        lifecycle.set_review(session, True)
    author = new_page(viewport=DESKTOP)
    sign_in(author, "quantri")
    show_edits(author)
    author.get_by_role("radio", name="Ngắt chuỗi").check()
    author.get_by_label("Ghi chú cho người duyệt").fill("Đổi theo góp ý của phường")
    author.get_by_role("button", name="Gửi đề nghị công bố").click()
    expect(author.locator("main")).to_contain_text("không tự duyệt được")
    assert_accessible(author)
    other = new_page(viewport=PHONE)
    sign_in(other, "thutruong")
    other.goto("/admin/questionnaires/proposals")
    assert_accessible(other)
    other.get_by_role("link", name="Đánh giá việc phục vụ").first.click()
    expect(other.locator("main")).to_contain_text("Đổi theo góp ý của phường")
    assert_accessible(other)
    assert_fits(other)
    other.get_by_role("button", name="Duyệt").click()
    other.get_by_role("button", name="Công bố").click()
    expect(other.get_by_role("status")).to_contain_text("one-stop-rating@2")
    assert_accessible(other)
    assert_fits(other)
