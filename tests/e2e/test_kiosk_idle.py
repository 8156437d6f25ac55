"""Nobody is there any more: what is wiped, what is kept, and what the next citizen can find."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page, expect

from survey_app.storage.database import Database
from tests.e2e.kiosks import (
    LANDSCAPE,
    READ_STORES,
    NewPage,
    answer_and_send,
    begin,
    enrol,
    go_to,
    make_kiosk,
    queue_of,
    stored,
)
from tests.factories import NOW

WORDS = "Ông Nguyễn Văn Thử chờ hai tiếng"
ASKING = "Ông/bà còn đó không?"
REST = """async () => ({
  local: { ...localStorage },
  session: { ...sessionStorage },
  cookies: document.cookie,
  cached: (await Promise.all((await caches.keys()).map(async (name) => {
    const cache = await caches.open(name);
    const replies = await Promise.all((await cache.keys()).map((request) => cache.match(request)));
    return Promise.all(replies.map((reply) => reply.text()));
  }))).flat(),
  fields: [...document.querySelectorAll("input, textarea")].map((field) => field.outerHTML),
  document: document.documentElement.outerHTML,
  size: document.documentElement.dataset.size,
  contrast: document.documentElement.dataset.contrast,
})"""

PUT_BACK = """(milliseconds) => {
  const { now } = Date;
  Date.now = () => now() - milliseconds;
}"""


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def open_kiosk(new_page: NewPage, database: Database, **settings: Any) -> Page:
    """A kiosk whose clock only goes on when the test says so."""
    page = new_page(viewport=LANDSCAPE)
    page.clock.install(time=NOW)
    enrol(page, make_kiosk(database, **settings))
    return page


def answer_some(page: Page) -> None:
    """A rating, some words and another look of the page; nothing sent."""
    begin(page)
    page.get_by_role("button", name="A+ Chữ lớn").click()
    page.get_by_role("button", name="Tương phản cao").click()
    go_to(page, "service.overall")
    page.locator(".is-shown").get_by_text("Không hài lòng", exact=True).click()
    go_to(page, "comment")
    page.locator(".is-shown textarea").fill(WORDS)


def require_nothing_left(page: Page) -> None:
    found = page.evaluate(REST)
    assert found["local"] == found["session"] == {}
    assert found["cookies"] == ""
    assert found["fields"] == []
    assert (found["size"], found["contrast"]) == ("normal", "normal")
    assert WORDS not in found["document"]
    assert not any(WORDS in text for text in found["cached"])
    assert page.locator(".sitting").count() == 0


def test_an_abandoned_sheet_is_wiped(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, database)
    answer_some(page)
    page.clock.run_for(59_000)
    expect(page.get_by_role("alertdialog", name=ASKING)).to_be_hidden()
    page.clock.run_for(2_000)
    expect(page.get_by_role("alertdialog", name=ASKING)).to_be_visible()
    expect(page.get_by_role("button", name="Tiếp tục trả lời")).to_be_focused()
    expect(page.locator(".idle [data-countdown]")).to_have_text("19")
    page.clock.run_for(10_000)
    expect(page.locator(".idle [data-countdown]")).to_have_text("9")
    page.clock.run_for(10_000)
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    require_nothing_left(page)
    assert queue_of(page) == {"notes": queue_of(page)["notes"], "refused": [], "waiting": []}
    assert WORDS not in str(queue_of(page))
    assert stored(database) == []


def test_the_back_button_finds_nothing(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, database)
    answer_some(page)
    page.clock.run_for(81_000)
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    assert page.evaluate("history.length") > 2
    for _ in range(page.evaluate("history.length") - 1):
        page.go_back()
        assert WORDS not in page.content()
        assert page.locator("textarea, input:checked").count() == 0
    page.goto("/k")
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    require_nothing_left(page)


def test_back_goes_one_question_back(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, database)
    begin(page)
    go_to(page, "service.overall")
    page.locator(".is-shown").get_by_text("Hài lòng", exact=True).click()
    page.locator(".is-shown [data-next]").click()
    page.evaluate("history.back()")
    overall = page.locator('[id="q-service.overall"]')
    expect(overall).to_be_visible()
    expect(overall.get_by_role("radio", name="Hài lòng", exact=True)).to_be_checked()
    address = page.url
    assert "#" not in address


def test_somebody_is_still_there(new_page: NewPage, database: Database) -> None:
    """Going on starts the time again; more time doubles it, for this sheet only."""
    page = open_kiosk(new_page, database)
    answer_some(page)
    page.clock.run_for(61_000)
    page.get_by_role("button", name="Tôi cần thêm thời gian").click()
    expect(page.locator(".is-shown textarea")).to_have_value(WORDS)
    page.clock.run_for(119_000)
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    page.clock.run_for(2_000)
    page.get_by_role("button", name="Tiếp tục trả lời").click()
    page.clock.run_for(119_000)
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    page.clock.run_for(22_000)
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    begin(page)
    page.clock.run_for(61_000)
    expect(page.get_by_role("alertdialog", name=ASKING)).to_be_visible()


def test_a_partial_sheet_is_kept_without_its_words(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, database, keeps_partial=True)
    answer_some(page)
    with page.expect_response("**/k/sheets"):
        page.clock.run_for(81_000)
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    require_nothing_left(page)
    wait_until_empty(page)
    (sheet,) = stored(database)
    assert sheet.is_partial
    assert WORDS not in str(queue_of(page))


def test_without_the_main_rating_nothing_is_kept(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, database, keeps_partial=True)
    begin(page)
    go_to(page, "service.overall")
    page.clock.run_for(81_000)
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    assert queue_of(page)["waiting"] == []
    assert stored(database) == []


def test_leaving_at_any_time_erases_even_where_partial_sheets_are_kept(
    new_page: NewPage, database: Database
) -> None:
    page = open_kiosk(new_page, database, keeps_partial=True)
    answer_some(page)
    page.get_by_role("button", name="Kết thúc").click()
    dialog = page.get_by_role("alertdialog", name="Xóa phiếu này và thoát?")
    dialog.get_by_role("button", name="Tiếp tục trả lời").click()
    expect(page.locator(".is-shown textarea")).to_have_value(WORDS)
    page.get_by_role("button", name="Kết thúc").click()
    dialog.get_by_role("button", name="Xóa và thoát").click()
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    require_nothing_left(page)
    assert queue_of(page)["waiting"] == []
    assert stored(database) == []


def test_thanks_give_way_to_the_start_page(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, database)
    begin(page)
    answer_and_send(page)
    expect(page.locator(".receipt-code")).to_be_visible()
    assert page.locator(".sheet").count() == 0  # no answer is left behind the thanks
    receipt = page.locator(".receipt-code").inner_text()
    page.clock.run_for(11_000)
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    assert receipt not in page.content()


def test_a_device_that_slept_wakes_up_wiped(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, database)
    answer_some(page)
    page.clock.fast_forward(3_600_000)  # timers did not run in between
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    require_nothing_left(page)


@pytest.mark.parametrize("back", [30_000, 2 * 3_600_000])
def test_a_clock_that_is_put_back_stops_no_wiping(
    new_page: NewPage, database: Database, back: int
) -> None:
    page = open_kiosk(new_page, database)
    answer_some(page)
    page.clock.run_for(50_000)
    page.evaluate(PUT_BACK, back)
    page.clock.run_for(31_000)
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    require_nothing_left(page)


def test_a_clock_that_is_kept_right_wipes_nobody(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, database)
    answer_some(page)
    page.evaluate(PUT_BACK, 2_000)
    page.clock.run_for(1_000)
    expect(page.locator(".is-shown textarea")).to_have_value(WORDS)


def wait_until_empty(page: Page) -> None:
    """The queue is emptied behind the start page."""
    page.wait_for_function(f"async () => !(await ({READ_STORES})()).waiting.length", timeout=30_000)
