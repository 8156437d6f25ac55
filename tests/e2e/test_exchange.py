"""XLSForm taken in with a real browser: what is refused, what is left out, and the draft made."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_accessible, assert_fits, follow, sign_in
from tests.factories import make_account
from tests.unit.interchange.xlsform.forms import ASKED, LABEL, MANY, TEXT, form

NewPage = Callable[..., Page]
ADDRESS = "/admin/import-xlsform"


@pytest.fixture(autouse=True)
def account(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_form_is_refused_cell_by_cell_and_then_taken(
    new_page: NewPage, tmp_path: Path, size: dict[str, int]
) -> None:
    page = new_page(viewport=size)
    sign_in(page, "quantri")
    page.goto(ADDRESS)
    assert_accessible(page)
    bad, good = tmp_path / "phieu.xlsx", tmp_path / "phieu-2.xlsx"
    where = {"type": "geopoint", "name": "where", LABEL: "Ông/bà ở đâu?"}
    many = MANY | {"choice_filter": "name != 'web'", "appearance": "minimal"}
    bad.write_bytes(form(ASKED, where, many, {"type": "start", "name": "start"}))
    good.write_bytes(form(ASKED, MANY | {"appearance": "minimal"}, TEXT))

    page.get_by_label("Tệp XLSForm").set_input_files(bad)
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_role("alert")).to_contain_text("2 chỗ không biểu đạt được")
    expect(page.get_by_role("table").first).to_contain_text("trang “survey”, dòng 3, cột A (type)")
    assert_accessible(page)
    assert_fits(page)

    page.get_by_label("Tệp XLSForm").set_input_files(good)
    page.get_by_role("button", name="Kiểm tra").click()
    expect(page.get_by_role("heading", name="nhập được")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    follow(page.get_by_role("button", name="Tạo bản thảo"))
    expect(page.get_by_text("Đã tạo bản thảo từ biểu mẫu XLSForm.")).to_be_visible()
