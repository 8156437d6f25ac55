"""What is typed into a draft while an action is under way: nothing of it is lost, and nobody is in
the way of himself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP
from tests.e2e.office import sign_in
from tests.e2e.test_editor import DRAFT, office, outlined, said, sixty

__all__ = ["office", "sixty"]
NewPage = Callable[..., Page]
FIRST = f"{DRAFT}/question/yeu_to_1.tieu_chi_1_1"


class Wire:
    """A slow line: what the page sends waits until it is let through."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.held: list[Route] = []
        page.route("**/admin/drafts/**", self._take)

    def _take(self, route: Route) -> None:
        self.held.append(route)

    def hold(self, act: Callable[[], None]) -> None:
        """Do something that the page asks the server for."""
        with self.page.expect_request("**/admin/drafts/**"):
            act()

    def let_through(self) -> None:
        self.page.unroute_all()  # what was held goes on, too
        self.held.clear()


@pytest.fixture
def page(new_page: NewPage, sixty: None) -> Page:
    page = new_page(viewport=DESKTOP)
    sign_in(page, "quantri")
    return page


def save(page: Page) -> None:
    page.get_by_role("button", name="Lưu", exact=True).last.click()


def test_what_is_typed_while_a_part_is_saved_stays(page: Page) -> None:
    page.goto(FIRST)
    text, hint = page.locator("#text-vi"), page.locator("#hint-vi")
    text.fill("Đã gửi")
    wire = Wire(page)
    wire.hold(lambda: save(page))
    text.press_sequentially(", gõ thêm")
    hint.fill("Gợi ý gõ sau")
    page.get_by_label("Bắt buộc trả lời").check()
    wire.let_through()
    said(page, "Đã lưu câu hỏi.")
    expect(text).to_have_value("Đã gửi, gõ thêm")
    wire = Wire(page)
    wire.hold(lambda: save(page))
    save(page)  # impatient: the second waits for the first, and is no conflict with it
    wire.let_through()
    said(page, "Đã lưu câu hỏi.")
    expect(page.get_by_role("button", name="Lưu", exact=True).last).to_be_focused()
    expect(page.locator("[data-question] a").first).to_have_text("1. Đã gửi, gõ thêm")
    page.reload()
    expect(text).to_have_value("Đã gửi, gõ thêm")
    expect(hint).to_have_value("Gợi ý gõ sau")
    expect(page.get_by_label("Bắt buộc trả lời")).to_be_checked()


def test_what_is_typed_before_another_part_opens_is_saved_first(page: Page) -> None:
    page.goto(FIRST)
    text = page.locator("#text-vi")
    text.fill("Câu thứ nhất")
    wire = Wire(page)
    wire.hold(lambda: page.get_by_role("button", name="Câu hỏi mới").press("Enter"))
    text.fill("Câu thứ nhất, gõ thêm")
    wire.let_through()
    expect(page.get_by_role("heading", level=2, name="(chưa có câu chữ)")).to_be_visible()
    expect(text).to_be_focused()
    expect(text).to_have_value("")
    assert outlined(page)[:2] == ["1. Câu thứ nhất, gõ thêm", "2. (chưa có câu chữ)"]

    page.keyboard.type("Câu thứ hai")  # ready for typing; the next is one step back
    wire = Wire(page)
    wire.hold(lambda: page.get_by_role("link", name="3. Tiêu chí 1 2", exact=True).click())
    text.fill("Câu thứ hai, gõ thêm")
    wire.let_through()
    expect(
        page.get_by_role("heading", level=2, name="Câu hỏi: Tiêu chí 1 2", exact=True)
    ).to_be_focused()
    assert outlined(page)[1] == "2. Câu thứ hai, gõ thêm"


def test_what_is_typed_into_a_row_goes_with_it(page: Page, database: Database) -> None:
    page.goto(f"{DRAFT}/scale/satisfaction")
    wire = Wire(page)
    wire.hold(lambda: page.get_by_role("button", name="Chuyển lên mức 5").press("Enter"))
    page.locator("#levels-4-label-vi").fill("Tuyệt vời")
    wire.let_through()
    said(page, "Đã chuyển “5” một bậc.")
    expect(page.locator("#levels-3-code")).to_have_value("5")
    expect(page.locator("#levels-3-label-vi")).to_have_value("Tuyệt vời")
    expect(page.locator("#levels-4-label-vi")).to_have_value("Hài lòng")


def test_a_second_press_never_acts_on_another_part(page: Page) -> None:
    page.goto(FIRST)
    wire = Wire(page)
    remove = page.get_by_role("button", name="Xóa câu hỏi này")
    wire.hold(lambda: remove.dblclick())  # the section has such a button, too
    wire.let_through()
    said(page, "Đã xóa câu hỏi.")
    page.get_by_role("button", name="Hoàn tác").press("Enter")  # comes after all that was asked for
    said(page, "Đã hoàn tác: xóa câu hỏi")
    assert len(outlined(page)) == 60


def test_words_of_the_next_question_are_typed_on_while_one_is_added(page: Page) -> None:
    page.goto(FIRST)
    field = page.locator("#new-question")
    field.fill("Câu thêm thứ nhất")
    wire = Wire(page)
    wire.hold(lambda: field.press("Enter"))
    page.keyboard.type("Câu thêm thứ hai")
    wire.let_through()
    expect(page.get_by_role("heading", level=2, name="Câu thêm thứ nhất")).to_be_visible()
    expect(field).to_have_value("Câu thêm thứ hai")
    expect(field).to_be_focused()
    assert outlined(page)[1:3] == ["2. Câu thêm thứ nhất", "3. Tiêu chí 1 2"]


def test_the_next_question_is_a_few_keys_away(page: Page) -> None:
    page.goto(FIRST)
    for key in ("Tab", "Tab", "Enter", "Tab", "Tab", "Tab", "Tab", "Tab"):
        page.keyboard.press(key)  # past everything to the open part, and its five buttons
    button = page.get_by_role("button", name="Câu hỏi mới")
    expect(button).to_be_focused()
    for text in ("Câu thêm một", "Câu thêm hai"):
        page.keyboard.press("Enter")
        expect(page.locator("#text-vi")).to_be_focused()
        expect(page.locator("#text-vi")).to_have_value("")
        page.keyboard.type(text)
        page.keyboard.press("Shift+Tab")
        expect(button).to_be_focused()
    save(page)
    said(page, "Đã lưu câu hỏi.")
    assert outlined(page)[1:3] == ["2. Câu thêm một", "3. Câu thêm hai"]
