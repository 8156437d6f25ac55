"""The standings in a real browser: accessible and no wider than the window, on every screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from survey_app.operations.access.accounts import AccountRole
from survey_app.storage.database import Database
from tests.e2e.office import assert_good, sign_in
from tests.factories import answer, make_account, make_point, make_survey, make_unit


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """Three communes to rank, one with too few sheets, and a department alone."""
    with database.transaction() as session:
        root = make_unit(session, "H01", "Tỉnh Mẫu", "province")
        names = ("Xã Hòa Thuận", "Xã Bình Minh", "Phường An Lạc", "Xã Đông Hải")
        units = [make_unit(session, f"H01.0{i}", n, "commune", root) for i, n in enumerate(names)]
        units.append(make_unit(session, "H01.09", "Sở Nội vụ", "department", root))
        survey = make_survey(session, units)
        for unit, sheets in zip(units, (32, 31, 30, 6, 30), strict=True):
            point = make_point(session, survey, unit)
            for number in range(sheets):
                answer(session, point.token, {"access.signage": "2" if number % 5 == 0 else "4"})
        make_account(session, "canbo", AccountRole.OFFICER, root)


@pytest.mark.parametrize("width", [360, 768, 1280])
def test_the_standings_are_accessible_and_fit(new_page: Callable[..., Page], width: int) -> None:
    page = new_page(viewport={"width": width, "height": 900})
    sign_in(page, "canbo")
    page.get_by_role("link", name="Khảo sát thử nghiệm").click()
    page.get_by_role("link", name="Khoảng hạng").click()
    for block in ("Sở, ban, ngành", "Xã, phường, đặc khu", "Tất cả các khối"):
        page.get_by_role("link", name=block).click()
        expect(page.get_by_role("link", name=block)).to_have_attribute("aria-current", "page")
        assert_good(page)
    expect(page.get_by_role("img", name="khoảng hạng 1–3 trong 3 đơn vị").first).to_be_visible()
