"""A citizen before the kiosk: from the start page to the thanks, and back to the start page."""

import re
from collections.abc import Iterator

import pytest
import time_machine
from playwright.sync_api import Page, expect

from survey_app.storage.database import Database
from tests.e2e.kiosks import LANDSCAPE, NewPage, begin, enrol, make_kiosk, queue_of, stored
from tests.factories import NOW


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def shown(page: Page, code: str) -> None:
    expect(page.locator(f'[id="q-{code}"]')).to_be_visible()


def rate(page: Page, face: str = "Hài lòng", go_on: str = "Tiếp tục") -> None:
    """The questions of the rating at the counter, to the page that sends."""
    shown(page, "service.overall")
    page.locator(".is-shown").get_by_text(face, exact=True).click()
    while page.locator(".is-shown").get_attribute("id") != "gui":
        page.locator(".is-shown [data-next]").click()


def test_from_the_start_page_to_the_receipt_and_back(new_page: NewPage, database: Database) -> None:
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database))
    begin(page)
    rate(page)
    page.get_by_role("button", name="Gửi phiếu").click()
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà, phiếu đã được gửi")).to_be_focused()
    expect(page.locator(".receipt-code")).to_have_text(re.compile(r"^[A-Z2-9]{3}-[A-Z2-9]{3}$"))
    (sheet,) = stored(database)
    assert (sheet.mode, sheet.language, sheet.is_partial) == ("kiosk", "vi", False)
    assert queue_of(page)["waiting"] == []
    page.get_by_role("button", name="Xong").click()
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    expect(page.locator(".sitting")).to_have_count(0)
