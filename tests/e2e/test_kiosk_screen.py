"""What the kiosk looks like: nothing to scroll, targets for fingers, nothing axe complains of."""

from collections.abc import Iterator

import pytest
import time_machine
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from survey_app.storage.database import Database
from tests.e2e.kiosks import (
    LANDSCAPE,
    PORTRAIT,
    SMALL,
    TABLET,
    NewPage,
    enrol,
    go_to,
    make_kiosk,
    open_corner,
)
from tests.factories import NOW

TARGET = 64
KIOSKS: list[ViewportSize] = [PORTRAIT, LANDSCAPE, SMALL, TABLET]

#: Everything that can be touched, with its size; what lies under a dialog cannot.
TARGETS = """() => {
  const top = document.querySelector("dialog[open]") ?? document;
  return [...top.querySelectorAll("button, a, label.card, input, textarea")]
    .filter((target) => !target.closest("label.card") || target.matches("label"))
    .filter((target) => target.checkVisibility())
    .map((target) => {
      const { width, height } = target.getBoundingClientRect();
      return { target: target.outerHTML.slice(0, 90), width, height };
    });
}"""
OVERFLOW = """() => {
  const parts = [document.documentElement, ...document.querySelectorAll(".stage, .attract-main")];
  return parts
    .filter((part) => part.checkVisibility())
    .map((part) => [part.scrollHeight - part.clientHeight, part.scrollWidth - part.clientWidth])
    .filter(([down, right]) => down > 1 || right > 1);
}"""


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def require_accessible(page: Page, *, is_contrast_high: bool = False) -> None:
    options = {"runOnly": ["color-contrast-enhanced"]} if is_contrast_high else {}
    found = Axe().run(page, options=options)
    assert found.violations_count == 0, found.generate_report()


def require_fit(page: Page, sizes: list[ViewportSize]) -> None:
    for size in sizes:
        page.set_viewport_size(size)
        small = [
            target
            for target in page.evaluate(TARGETS)
            if min(target["width"], target["height"]) < TARGET - 0.01
        ]
        assert small == [], size
        assert page.evaluate(OVERFLOW) == [], (size, page.locator(".is-shown h2").all_inner_texts())


def require_fine(page: Page, sizes: list[ViewportSize] | None = None) -> None:
    require_fit(page, KIOSKS if sizes is None else sizes)
    require_accessible(page)
    contrast = page.locator("[data-tool=contrast]:visible")
    if not contrast.count() or page.locator("dialog[open]").count():
        return
    contrast.click()
    expect(page.locator("html")).to_have_attribute("data-contrast", "high")
    require_accessible(page, is_contrast_high=True)
    contrast.click()


def test_every_page_of_the_rating(new_page: NewPage, database: Database) -> None:
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database, idle_seconds=600))
    require_fine(page)
    page.get_by_role("button", name="Tiếng Việt").click()
    require_fine(page)
    page.get_by_role("button", name="Tôi có mã trên giấy hẹn, phiếu mời").click()
    require_fine(page)
    page.locator("[data-act=no-code]").click()
    page.get_by_role("link", name="Bắt đầu").click()
    checked = set()
    while page.locator(".is-shown").get_attribute("id") != "gui":
        shown = page.locator(".is-shown")
        if shown.get_attribute("data-question") == "service.overall":
            shown.get_by_text("Không hài lòng", exact=True).click()
        kind = shown.get_attribute("data-kind")
        if kind not in checked:
            checked.add(kind)
            require_fine(page)
        require_fit(page, KIOSKS)
        shown.locator("[data-next]").evaluate("(link) => link.click()")
    assert checked >= {"scale", "multiple", "text"}
    require_fine(page)
    page.get_by_role("button", name="Kết thúc").click()
    require_fine(page)
    page.get_by_role("button", name="Tiếp tục trả lời").click()
    page.locator("dialog.idle").evaluate("(dialog) => dialog.showModal()")
    require_fine(page)
    page.get_by_role("button", name="Tiếp tục trả lời").click()
    page.clock.install()  # the thanks stay as long as they are looked at
    page.get_by_role("button", name="Gửi phiếu").click()
    expect(page.locator(".receipt-code")).to_be_visible()
    require_fine(page)


def test_the_corner(new_page: NewPage, database: Database) -> None:
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database))
    page.get_by_role("button", name="Góc cán bộ").focus()
    page.keyboard.press("Enter")
    require_fine(page)
    page.get_by_role("button", name="Đóng").click()
    open_corner(page)
    require_fine(page)


def test_no_question_of_the_long_questionnaire_needs_scrolling(
    new_page: NewPage, database: Database
) -> None:
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database, document="sipas-counter.yaml", idle_seconds=600))
    page.get_by_role("button", name="Tiếng Việt").click()
    page.get_by_role("link", name="Bắt đầu").click()
    while page.locator(".is-shown").get_attribute("id") != "gui":
        require_fit(page, [PORTRAIT, LANDSCAPE, TABLET])
        page.locator(".is-shown [data-next]").evaluate("(link) => link.click()")
        if page.locator(".is-shown .error").count():
            page.locator(".is-shown input").first.evaluate("(field) => field.click()")


def test_large_type_on_a_telephone_and_at_double_zoom_can_be_reached(
    new_page: NewPage, database: Database
) -> None:
    """There it may scroll, downwards only, and the ways on stay in sight."""
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database))
    for size in ({"width": 360, "height": 640}, {"width": 960, "height": 540}):
        page.set_viewport_size(size)
        page.get_by_role("button", name="A+ Chữ lớn").click()
        page.get_by_role("button", name="Tiếng Việt").click()
        page.get_by_role("button", name="A+ Chữ lớn").click()
        page.get_by_role("link", name="Bắt đầu").click()
        expect(page.locator(".is-shown [data-next]")).to_be_in_viewport(ratio=1)
        go_to(page, "service.overall")
        page.locator(".is-shown").get_by_text("Rất hài lòng", exact=True).click()
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert sideways <= 0
        page.get_by_role("button", name="Kết thúc").click()
        page.get_by_role("button", name="Xóa và thoát").click()
