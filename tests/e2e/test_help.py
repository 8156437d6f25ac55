"""The guides in a real browser: reached from a page of the office, read on a phone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_good, follow, sign_in
from tests.factories import make_account


def test_a_guide_is_reached_from_its_page_and_read_on_a_phone(
    new_page: Callable[..., Page], database: Database
) -> None:
    with database.transaction() as session:
        make_account(session)
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.goto("/admin/units")
    page.get_by_role("link", name="Hướng dẫn cho trang này").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đơn vị và sắp xếp đơn vị")
    assert_good(page)
    page.set_viewport_size(PHONE)
    follow(page.get_by_role("navigation", name="Chính").get_by_role("link", name="Hướng dẫn"))
    assert_good(page)
    page.get_by_label("Tìm trong hướng dẫn (không cần dấu)").fill("khoang tin cay")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="2. Vì sao có khoảng tin cậy và đọc thế nào").click()
    expect(page.get_by_role("heading", name="2. Vì sao có khoảng tin cậy")).to_be_in_viewport()
    page.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
    assert_good(page)
