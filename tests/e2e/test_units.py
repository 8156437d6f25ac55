"""Units in a real browser: merged by the wizard with the keyboard, seen in figures both ways."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from survey_app.operations.organisation.units import create_unit
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.office import assert_good, follow, sign_in
from tests.factories import QUESTIONNAIRES, answer, make_account, make_point, make_survey

NewPage = Callable[..., Page]
SOURCE = (QUESTIONNAIRES / "one-stop-rating.yaml").read_text(encoding="utf-8")
#: Dossiers, sheets, satisfied.
NUMBERS = {
    "26101": ("Xã An Bình", 100, 40, 20),
    "26102": ("Xã Bình Hòa", 300, 40, 36),
    "26103": ("Phường Trung Tâm", 500, 40, 30),
}


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    with database.transaction() as session:
        root = create_unit(
            session, code="H", name="Tỉnh Mẫu", kind="province", valid_from=date(2004, 1, 1)
        )
        units = [
            create_unit(
                session,
                code=code,
                name=numbers[0],
                kind="commune",
                valid_from=date(2004, 1, 1),
                parent_id=root.id,
            )
            for code, numbers in NUMBERS.items()
        ]
        survey = make_survey(
            session,
            {unit: NUMBERS[unit.code][1] for unit in units},
            code="KS-2024",
            source=SOURCE,
            starts_on=date(2024, 1, 1),
            ends_on=date(2024, 12, 31),
        )
        for unit in units:
            token = make_point(session, survey, unit).token
            _, _, n, satisfied = NUMBERS[unit.code]
            for number in range(n):
                level = {"service.overall": "5" if number < satisfied else "1"}
                answer(session, token, level, at=datetime(2024, 6, 1, 3, tzinfo=UTC))
        make_account(session)


def picture(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=True)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_two_communes_are_merged_and_seen_both_ways(
    new_page: NewPage, tmp_path: Path, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport)
    sign_in(page, "quantri")
    page.goto("/admin/units/26101")
    assert_good(page)
    follow(page.get_by_role("link", name="Sắp xếp đơn vị"))
    assert_good(page)
    picture(page, tmp_path, "1-kind")
    page.get_by_role("link", name="Sáp nhập").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Mã đơn vị được sắp xếp").fill("26101, 26999")
    page.get_by_label("Ngày có hiệu lực").fill("2025-07-01")
    page.get_by_label("Căn cứ pháp lý").fill("Nghị quyết số 1662/NQ-UBTVQH15")
    page.get_by_label("Mã đơn vị sau sắp xếp").fill("26104")
    page.get_by_label("Tên mới").fill("Xã An Hòa")
    page.get_by_role("button", name="Xem trước hệ quả").click()
    expect(page.get_by_role("alert")).to_contain_text("Không có đơn vị mang mã “26999”.")
    assert_good(page)
    picture(page, tmp_path, "2-refused")
    page.get_by_label("Mã đơn vị được sắp xếp").fill("26101")
    search = page.get_by_role("combobox", name="Tìm đơn vị theo tên").first
    search.fill("binh hoa")
    expect(page.locator("[role=option]")).to_have_text("Xã Bình HòaTỉnh Mẫu · 26102")
    assert_good(page)
    picture(page, tmp_path, "2-search")
    search.press("ArrowDown")
    search.press("Enter")
    expect(page.get_by_label("Mã đơn vị được sắp xếp")).to_have_value("26101\n26102")
    page.get_by_role("button", name="Xem trước hệ quả").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("chưa ghi gì")
    assert_good(page)
    picture(page, tmp_path, "3-preview")
    page.get_by_role("button", name="Thực hiện sắp xếp").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Đã sắp xếp.")
    assert_good(page)
    picture(page, tmp_path, "4-list")
    page.goto("/admin/units/26104")
    expect(page.get_by_text("Hợp nhất xã An Bình và xã Bình Hòa thành xã An Hòa.")).to_be_visible()
    assert_good(page)
    picture(page, tmp_path, "5-unit")

    page.goto("/officer/surveys/KS-2024")
    expect(page.get_by_role("link", name="Xã An Bình")).to_be_visible()
    page.get_by_role("link", name="Theo địa giới hiện nay").click()
    expect(page.get_by_role("link", name="Xã An Hòa")).to_be_visible()
    expect(page.get_by_text("80,00%")).to_be_visible()  # (100·0,5 + 300·0,9)/400
    assert_good(page)
    picture(page, tmp_path, "6-overview")
    page.get_by_role("link", name="Xã An Hòa").click()
    expect(page.get_by_text("Xã An Hòa gồm Xã An Bình và Xã Bình Hòa khi khảo sát")).to_be_visible()
    assert_good(page)
    picture(page, tmp_path, "7-report")


@pytest.mark.parametrize("kind", ["split", "rename", "move", "abolish"])
def test_every_form_of_the_wizard_is_free_of_barriers(new_page: NewPage, kind: str) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    page.goto(f"/admin/reorganise/{kind}?unit=26101")
    assert_good(page)
    for other in ("services", "import-services", "import-reorganisations", "units/26101/edit"):
        page.goto(f"/admin/{other}")
        assert_good(page)
