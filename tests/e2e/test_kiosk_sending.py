"""While a sheet is on its way: who else may send, and what its citizen may do."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Page, expect

from survey_app.storage.database import Database
from tests.e2e.kiosks import (
    LANDSCAPE,
    NewPage,
    answer_and_send,
    begin,
    enrol,
    make_kiosk,
    open_corner,
    stored,
)
from tests.factories import NOW

SAVED = "Đã lưu, sẽ tự gửi khi có mạng"
SENDING = "Đang gửi phiếu…"


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


class SlowLine:
    """Holds up what devices send until it is let through."""

    def __init__(self, app: Flask) -> None:
        self.inner: Callable[..., Any] = app.wsgi_app
        self.is_free = threading.Event()
        self.has_come = threading.Event()
        app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == "/k/sheets":
            self.has_come.set()
            self.is_free.wait(20)
        return self.inner(environ, start_response)


@pytest.fixture
def line(app: Flask) -> Iterator[SlowLine]:
    found = SlowLine(app)
    yield found
    found.is_free.set()


def open_kiosk(new_page: NewPage, database: Database) -> Page:
    page = new_page(viewport=LANDSCAPE)
    page.clock.install(time=NOW)
    enrol(page, make_kiosk(database))
    return page


def wait_for_thanks(page: Page) -> None:
    """Let the patience of a citizen run out, which begins once the sheet is on the disk."""
    thanks = page.get_by_role("heading", name=SAVED)
    for _ in range(15):
        page.clock.run_for(1_000)
        if thanks.is_visible():
            return
    raise AssertionError("nobody is told that the sheet is kept")


def test_two_citizens_wait_for_the_same_attempt(
    new_page: NewPage, database: Database, line: SlowLine
) -> None:
    """One who is told after a while that the sheet is kept, and one who still waits."""
    page = open_kiosk(new_page, database)
    for _ in range(2):
        begin(page)
        answer_and_send(page)
        assert line.has_come.wait(10)
        wait_for_thanks(page)
        page.get_by_role("button", name="Xong").click()
    begin(page)
    answer_and_send(page)
    expect(page.locator(".button-send")).to_have_text(SENDING)
    line.is_free.set()
    expect(page.locator(".receipt-code")).to_be_visible()
    assert len(stored(database)) == 3


def test_what_is_being_sent_cannot_be_erased(
    new_page: NewPage, database: Database, line: SlowLine
) -> None:
    """It may be stored already: nobody is told that it was erased."""
    page = open_kiosk(new_page, database)
    begin(page)
    answer_and_send(page)
    assert line.has_come.wait(10)
    leave = page.get_by_role("button", name="Kết thúc")
    expect(leave).to_be_disabled()
    leave.click(force=True)
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    line.is_free.set()
    expect(page.locator(".receipt-code")).to_be_visible()
    expect(leave).to_be_enabled()
    leave.click()
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    assert len(stored(database)) == 1


REFUSALS = ["proxy", '{"error": "no"}', "[]", "null"]


def test_only_the_server_itself_takes_a_device_out_of_use(new_page: NewPage) -> None:
    """A proxy that refuses a request says nothing of the device."""
    page = new_page()
    page.goto("/")
    found = page.evaluate(
        """async (refusals) => {
          const { revocation } = await import("/static/js/kiosk/replies.js");
          const told = JSON.stringify({ error: "no more", reason: "revoked" });
          const replies = [...refusals, told].map((body) => new Response(body, { status: 403 }));
          replies.push(new Response(told, { status: 503 }));
          return Promise.all(replies.map(revocation));
        }""",
        REFUSALS,
    )
    assert found == ["", "", "", "", "no more", ""]


#: The start page sets its state anew, be it the same, whenever it is shown.
REPORT_AND_SHOW = """() => new Promise((resolve) => {
  const kiosk = document.getElementById("kiosk");
  new MutationObserver(resolve).observe(kiosk, { attributeFilter: ["data-state"] });
  dispatchEvent(new Event("online"));
})"""


def test_a_report_leaves_the_keyboard_where_it_is(new_page: NewPage, database: Database) -> None:
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database))
    place = page.get_by_role("button", name="Góc cán bộ")
    place.focus()
    page.evaluate(REPORT_AND_SHOW)
    expect(place).to_be_focused()


class LateReport:
    """Answers a report shortly after the device has left, if it can leave meanwhile at all."""

    def __init__(self, app: Flask) -> None:
        self.inner: Callable[..., Any] = app.wsgi_app
        self.has_come = threading.Event()
        self.has_left = threading.Event()
        self.is_answered = threading.Event()
        app.wsgi_app = self  # type: ignore[method-assign]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        path = environ["PATH_INFO"]
        if path == "/k/report":
            self.has_come.set()
            self.has_left.wait(1.5)
            time.sleep(0.2)
            self.is_answered.set()
        elif path == "/k/enrol":  # the page lives until the next one is there
            self.is_answered.wait(5)
            time.sleep(0.5)
        reply = self.inner(environ, start_response)
        if path == "/k/leave":
            self.has_left.set()
        return reply


def test_a_report_under_way_does_not_bring_the_key_back(
    new_page: NewPage, database: Database, app: Flask
) -> None:
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database))
    open_corner(page)
    line = LateReport(app)
    page.evaluate("() => { dispatchEvent(new Event('online')); }")
    assert line.has_come.wait(10)
    page.get_by_role("button", name="Gỡ thiết bị khỏi nơi đặt").click()
    expect(page.get_by_label("Mã cài đặt")).to_be_visible()
    assert [c for c in page.context.cookies() if c["name"] == "hailong-kiosk"] == []
