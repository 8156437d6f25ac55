"""Lists of units too long for one page: accessible, turned and searched by keyboard alone, and what
is typed into the table of targets goes along."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from survey_app.operations.fieldwork import collection_points
from survey_app.operations.organisation import unit_search
from survey_app.storage.database import Database
from survey_app.web.admin.surveys import collection_views
from survey_app.web.officer import consolidated_views, standing_views
from tests.e2e.conftest import PHONE
from tests.e2e.office import assert_good, sign_in
from tests.factories import answer, make_account, make_point, make_survey, make_unit

ADMIN, OFFICER = "/admin/surveys/KS-2026", "/officer/surveys/KS-2026"
LISTS = (
    OFFICER,
    f"{OFFICER}/standings",
    f"{OFFICER}/consolidated",
    f"{ADMIN}/targets",
    f"{ADMIN}/progress",
    f"{ADMIN}/samples",
    f"{ADMIN}/slips",
    f"{ADMIN}/paper",
    f"{ADMIN}/posters",
)


@pytest.fixture(autouse=True)
def province(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three communes, of which a page shows one."""
    monkeypatch.setattr(unit_search, "UNITS_A_PAGE", 1)
    monkeypatch.setattr(collection_points, "POINTS_A_PAGE", 1)
    monkeypatch.setattr(collection_views, "POSTERS_A_PAGE", 1)
    for views in (consolidated_views, standing_views):
        monkeypatch.setattr(views, "UNITS_A_PAGE", 1)
    with database.transaction() as session:
        names = ("Xã An", "Xã Bình", "Xã Đông")
        units = [make_unit(session, f"H01.0{n}", name) for n, name in enumerate(names)]
        survey = make_survey(session, dict.fromkeys(units, 60))
        survey.target_margin = 0.1
        for unit in units:
            point = make_point(session, survey, unit)
            for _ in range(5):
                answer(session, point.token, {"access.signage": "4"})
        make_account(session)


def test_long_lists_are_accessible_and_fit(new_page: Callable[..., Page]) -> None:
    page = new_page(viewport=PHONE)
    sign_in(page, "quantri")
    for address in LISTS:
        page.goto(f"{address}?page=2&units=2")
        expect(page.get_by_role("main").get_by_text("Trang 2 trên 3").first).to_be_visible()
        assert_good(page)


def test_targets_are_turned_and_searched_by_keyboard(new_page: Callable[..., Page]) -> None:
    page = new_page()
    sign_in(page, "quantri")
    page.goto(f"{ADMIN}/targets")

    def press(name: str) -> None:
        page.get_by_role("button", name=name, exact=True).first.focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def box(name: str) -> None:
        page.get_by_label(f"Số hồ sơ dự kiến của {name}").focus()

    box("Xã An")
    page.keyboard.press("Control+A")
    page.keyboard.type("1.200")
    press("Trang sau")
    page.get_by_label("Tìm đơn vị").focus()
    page.keyboard.type("dong")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    box("Xã Đông")
    press("Lưu mục tiêu")
    expect(page.get_by_text("Đã lưu mục tiêu.")).to_be_visible()
    page.goto(f"{ADMIN}/targets")
    expect(page.get_by_label("Số hồ sơ dự kiến của Xã An")).to_have_value("1.200")
