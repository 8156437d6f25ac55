"""While a sheet is on its way: who else may send, and what its citizen may do."""

import threading
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


def test_two_citizens_wait_for_the_same_attempt(
    new_page: NewPage, database: Database, line: SlowLine
) -> None:
    """One who is told after a while that the sheet is kept, and one who still waits."""
    page = open_kiosk(new_page, database)
    for _ in range(2):
        begin(page)
        answer_and_send(page)
        assert line.has_come.wait(10)
        page.clock.run_for(9_000)
        expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
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
