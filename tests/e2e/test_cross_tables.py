"""Cross tables and model estimates in a real browser: accessible, and no wider than the window."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from survey_app.operations.access.accounts import AccountRole
from survey_app.storage.database import Database
from tests.e2e.office import assert_good, sign_in
from tests.factories import answer, make_account, make_point, make_survey, make_unit

WIDTHS = [360, 768, 1280]
#: Sheets of each commune; the first has enough for a cross table, the last too few for anything.
SHEETS = (60, 12, 9, 20, 15, 8, 3)


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """Seven communes of a province, most with few sheets."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        units = [
            make_unit(session, f"H01.0{number}", f"Xã Mẫu {number}", "commune", root)
            for number in range(len(SHEETS))
        ]
        survey = make_survey(session, units)
        for number, (unit, sheets) in enumerate(zip(units, SHEETS, strict=True)):
            point = make_point(session, survey, unit)
            for sheet in range(sheets):
                answers = {
                    "access.signage": "2" if sheet % (2 + number) == 0 else "4",
                    "access.equipment": "4",
                    "procedures.forms": "4",
                    "officers.courtesy": "5",
                    "overall.satisfaction": "45445"[sheet % 5] if sheet % 9 else "2",
                    "respondent.sex": "female" if sheet % 2 else "male",
                    "respondent.age": ("18-24", "25-34", "35-49")[sheet % 3],
                }
                answer(session, point.token, answers)
        make_account(session, "canbo", AccountRole.OFFICER, root)


def open_survey(page: Page) -> None:
    sign_in(page, "canbo")
    page.get_by_role("link", name="Khảo sát thử nghiệm").click()


@pytest.mark.parametrize("width", WIDTHS)
def test_two_questions_are_crossed(new_page: Callable[..., Page], width: int) -> None:
    page = new_page(viewport={"width": width, "height": 900})
    open_survey(page)
    page.get_by_role("link", name="Xã Mẫu 0").click()
    page.get_by_role("link", name="Bảng chéo").click()
    expect(page.get_by_text("được ẩn để bảo vệ nhóm nhỏ").first).to_be_visible()
    assert_good(page)
    page.get_by_label("Câu hỏi ở cột").select_option("access.signage")
    page.get_by_role("button", name="Xem bảng chéo").click()
    expect(page.get_by_role("img", name="Phân bố từ mức thấp nhất").first).to_be_visible()
    expect(page.get_by_label("Câu hỏi ở cột")).to_have_value("access.signage")
    assert_good(page)
    page.get_by_role("link", name="Đổi dòng và cột").click()
    expect(page.get_by_label("Câu hỏi ở dòng")).to_have_value("access.signage")
    assert_good(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_model_estimates_stand_beside_direct_ones(
    new_page: Callable[..., Page], width: int
) -> None:
    page = new_page(viewport={"width": width, "height": 900})
    open_survey(page)
    page.get_by_role("link", name="Ước lượng mô hình").click()
    caution = page.get_by_text("không dùng để đánh giá, xếp loại").first
    expect(caution).to_be_visible()
    rows = page.get_by_role("table").first.get_by_role("row")
    row = rows.filter(has_text="Xã Mẫu 1")
    expect(row.get_by_role("img")).to_have_count(2)
    withheld = rows.filter(has_text="Xã Mẫu 6")
    expect(withheld).to_contain_text("chưa đủ phiếu")
    expect(withheld.get_by_role("img")).to_have_count(1)
    assert_good(page)
