"""The kiosk without network: nothing is lost, nothing is stored twice, whatever is cut off when."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import BaseWSGIServer, make_server

from survey_app.storage.database import Database
from tests.e2e.conftest import ARGUMENTS, CHROMIUM
from tests.e2e.kiosks import (
    LANDSCAPE,
    PUT,
    NewPage,
    answer_and_send,
    begin,
    enrol,
    finish,
    go_to,
    make_kiosk,
    open_corner,
    queue_of,
    stored,
    wait_until_offline_works,
)
from tests.factories import NOW

WORDS = "Ông Nguyễn Văn Thử chờ hai tiếng"
SAVED = "Đã lưu, sẽ tự gửi khi có mạng"


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def cut(environ: dict[str, Any]) -> NoReturn:
    """Break the connection without a reply."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("the line was cut")


class Server:
    """The application on one port, that can be taken away and come back."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.port = 0
        self.running: BaseWSGIServer | None = None
        self.thread: threading.Thread | None = None

    def start(self) -> str:
        self.running = make_server("127.0.0.1", self.port, self, threaded=True)
        self.running.daemon_threads = True  # type: ignore[attr-defined]
        self.port = self.running.server_port
        self.thread = threading.Thread(target=self.running.serve_forever, daemon=True)
        self.thread.start()
        return f"http://127.0.0.1:{self.port}"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Browsers open connections before they need them: those do not outlive the server."""
        if self.running is None:
            cut(environ)
        return self.app(environ, start_response)

    def stop(self) -> None:
        if self.running and self.thread:
            stopping, self.running = self.running, None
            stopping.shutdown()
            self.thread.join()
            stopping.server_close()


@pytest.fixture
def server(app: Flask) -> Iterator[Server]:
    found = Server(app)
    yield found
    found.stop()


def send_now(page: Page) -> None:
    """What a clerk does, instead of waiting for the next attempt."""
    open_corner(page)
    page.get_by_role("button", name="Gửi ngay").click()
    expect(page.locator("[data-told]")).not_to_have_text("Đang gửi…")
    page.locator(".clerk-room").get_by_role("button", name="Đóng").click()


def test_answered_offline_and_sent_when_the_network_is_back(
    new_page: NewPage, database: Database
) -> None:
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database))
    page.context.set_offline(True)
    page.reload()  # the page itself comes from the device
    for _ in range(3):
        begin(page)
        answer_and_send(page)
        expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
        page.get_by_role("button", name="Xong").click()
    waiting = queue_of(page)["waiting"]
    assert len({sheet["id"] for sheet in waiting}) == 3
    assert stored(database) == []
    page.context.set_offline(False)
    send_now(page)
    assert queue_of(page)["waiting"] == []
    assert len(stored(database)) == 3


def test_a_server_that_is_gone_is_no_network_either(
    browser: Browser, server: Server, database: Database
) -> None:
    context = browser.new_context(base_url=server.start(), viewport=LANDSCAPE, locale="vi-VN")
    page = context.new_page()
    enrol(page, make_kiosk(database))
    server.stop()
    begin(page)
    answer_and_send(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    server.start()
    page.get_by_role("button", name="Xong").click()
    send_now(page)
    assert len(stored(database)) == 1
    context.close()


def test_sheets_outlive_the_browser(
    browser: Browser, server: Server, database: Database, tmp_path: Path
) -> None:
    """Answered offline, the browser killed and started again offline, then the network is back."""
    kiosk = make_kiosk(database)
    options: dict[str, Any] = {
        "executable_path": str(CHROMIUM),
        "args": ARGUMENTS,
        "base_url": server.start(),
        "viewport": LANDSCAPE,
        "locale": "vi-VN",
    }
    chromium = browser.browser_type
    context = chromium.launch_persistent_context(tmp_path / "profile", **options)
    page = context.pages[0]
    enrol(page, kiosk)
    server.stop()
    begin(page)
    answer_and_send(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    context.close()

    context = chromium.launch_persistent_context(tmp_path / "profile", **options)
    page = context.pages[0]
    page.goto("/k")
    begin(page)
    answer_and_send(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    assert len(queue_of(page)["waiting"]) == 2
    server.start()
    page.get_by_role("button", name="Xong").click()
    send_now(page)
    assert queue_of(page)["waiting"] == []
    assert len(stored(database)) == 2
    context.close()


def test_nothing_of_an_acknowledged_sheet_is_left_in_the_files(
    browser: Browser, server: Server, database: Database, tmp_path: Path
) -> None:
    """Nor of one that had to wait, and was written to the disk at leisure."""
    profile = tmp_path / "profile"
    context = browser.browser_type.launch_persistent_context(
        profile,
        executable_path=str(CHROMIUM),
        args=ARGUMENTS,
        base_url=server.start(),
        viewport=LANDSCAPE,
        locale="vi-VN",
    )
    page = context.pages[0]
    enrol(page, make_kiosk(database))

    def is_on_disk() -> bool:
        files = (path for path in profile.rglob("*") if path.is_file())
        return any(WORDS.encode("utf-16-le") in path.read_bytes() for path in files)

    server.stop()
    begin(page)
    go_to(page, "service.overall")
    page.locator(".is-shown").get_by_text("Hài lòng", exact=True).click()
    go_to(page, "comment")
    page.locator(".is-shown textarea").fill(WORDS)
    finish(page)
    page.locator(".is-shown .button-send").click()
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    assert is_on_disk()
    server.start()
    page.get_by_role("button", name="Xong").click()
    send_now(page)
    assert len(stored(database)) == 1
    assert queue_of(page)["waiting"] == []
    assert queue_of(page)["notes"]
    for _ in range(30):
        if not is_on_disk():
            break
        page.wait_for_timeout(100)
    assert not is_on_disk()
    context.close()


OLD_QUEUE = """(sheet) => new Promise((resolve, reject) => {
  const request = indexedDB.open("hailong-kiosk", 1);
  request.onupgradeneeded = () => {
    for (const store of ["waiting", "refused"]) {
      request.result.createObjectStore(store, { keyPath: "id" }).put({ ...sheet, id: store });
    }
    request.result.createObjectStore("notes");
  };
  request.onsuccess = () => { request.result.close(); resolve(); };
  request.onerror = () => reject(request.error);
})"""


def test_sheets_of_an_older_browser_are_brought_in(new_page: NewPage, database: Database) -> None:
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database))
    page.evaluate(OLD_QUEUE, {"reason": "no"})
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()
    found = queue_of(page)
    assert [sheet["id"] for sheet in found["waiting"] + found["refused"]] == ["waiting", "refused"]
    assert page.evaluate("indexedDB.databases()") == []


class CutReplies:
    """Lets the application store what comes to an address, and cuts the line before the reply."""

    def __init__(self, inner: Callable[..., Any], path: str) -> None:
        self.inner = inner
        self.path = path
        self.is_cutting = True
        self.cuts = 0

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] != self.path or not self.is_cutting:
            return self.inner(environ, start_response)
        self.cuts += 1
        b"".join(self.inner(environ, lambda *_: lambda _data: None))
        cut(environ)


def test_a_lost_acknowledgement_stores_nothing_twice(
    browser: Browser, server: Server, database: Database
) -> None:
    context = browser.new_context(base_url=server.start(), viewport=LANDSCAPE, locale="vi-VN")
    page = context.new_page()
    enrol(page, make_kiosk(database))
    line = CutReplies(server.app.wsgi_app, "/k/sheets")
    server.app.wsgi_app = line  # type: ignore[method-assign]
    begin(page)
    answer_and_send(page)
    expect(page.get_by_role("heading", name=SAVED)).to_be_visible()
    assert line.cuts > 0
    line.is_cutting = False
    assert len(stored(database)) == 1
    assert len(queue_of(page)["waiting"]) == 1
    page.get_by_role("button", name="Xong").click()
    send_now(page)
    assert queue_of(page)["waiting"] == []
    assert len(stored(database)) == 1
    context.close()


def test_a_wrong_sheet_holds_nobody_up_and_is_not_lost(
    new_page: NewPage, database: Database
) -> None:
    """More than a batch, with malformed ones between; two tabs send at once."""
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database))
    page.context.set_offline(True)
    begin(page)
    answer_and_send(page)
    page.get_by_role("button", name="Xong").click()
    (model,) = queue_of(page)["waiting"]
    many = [{**model, "id": str(uuid4())} for _ in range(120)]
    wrong = [
        {**model, "id": "not a uuid"},
        {**model, "id": str(uuid4()), "answers": {"service.overall": "9"}},
        {**model, "id": str(uuid4()), "answers": "nothing"},
    ]
    page.evaluate(PUT, [*many, *wrong])
    page.context.set_offline(False)
    other = page.context.new_page()
    other.goto("/k")
    wait_until_offline_works(other)
    send_now(page)
    found = queue_of(page)
    assert found["waiting"] == []
    assert len(stored(database)) == 121
    assert {sheet["id"] for sheet in found["refused"]} == {sheet["id"] for sheet in wrong}
    assert all(sheet["reason"] for sheet in found["refused"])


def test_a_citizen_who_takes_her_time_is_served_like_any_other(
    new_page: NewPage, database: Database
) -> None:
    """A browser that has cleared its memory meanwhile still knows where the queue stands."""
    page = new_page(viewport=LANDSCAPE)
    enrol(page, make_kiosk(database))
    begin(page)
    page.request_gc()
    answer_and_send(page)
    expect(page.locator(".receipt-code")).to_be_visible()
    assert len(stored(database)) == 1


def test_a_database_that_falls_silent_loses_no_sheet(new_page: NewPage, database: Database) -> None:
    page = new_page(viewport=LANDSCAPE)
    page.add_init_script("""
      const { put } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.put = function (...given) {
        return window.isSilent ? new EventTarget() : put.apply(this, given);
      };
      const { timeout } = AbortSignal;
      AbortSignal.timeout = (milliseconds) => {
        if (milliseconds !== 10_000) return timeout.call(AbortSignal, milliseconds);
        const aborter = new AbortController();  // for the database, not for the network
        setTimeout(() => aborter.abort(new DOMException("late", "TimeoutError")), 1_000);
        return aborter.signal;
      };
    """)
    enrol(page, make_kiosk(database))
    begin(page)
    page.evaluate("window.isSilent = true")
    answer_and_send(page)
    expect(page.locator(".receipt-code")).to_be_visible()  # straight to the server
    page.evaluate("window.isSilent = false")
    page.get_by_role("button", name="Xong").click()
    begin(page)
    answer_and_send(page)
    expect(page.locator(".receipt-code")).to_be_visible()
    assert len(stored(database)) == 2


def test_pauses_do_not_grow_while_sheets_leave(new_page: NewPage) -> None:
    """As many as the server takes in a minute, then a refusal for the minute, and so on."""
    page = new_page()
    page.goto("/")
    failures = page.evaluate(
        """async () => {
          const { Sender } = await import("/static/js/kiosk/sender.js");
          let ids = [];
          let taken = 0;
          globalThis.fetch = async (_, { body }) => {
            if (taken === 0) return new Response("{}", { status: 429 });
            taken -= 1;
            const results = JSON.parse(body).map(({ id }) => ({ id, status: "stored" }));
            return Response.json({ results });
          };
          const sender = new Sender({
            next: async (last, count) =>
              ids.filter((id) => id > last).slice(0, count).map((id) => ({ id })),
            acknowledge: async (done) => { ids = ids.filter((id) => !done.includes(id)); },
            note: async () => {},
            clean: () => undefined,
          }, "/k/sheets", { onRevoked: () => {} });
          const after = async (given, batches) => {
            ids = Array.from({ length: given }, (_, n) => String(1000 + n));
            taken = batches;
            await sender.flush();
            clearTimeout(sender.timer);
            return sender.failures;
          };
          return [await after(120, 0), await after(120, 0), await after(120, 1), await after(70, 0),
            await after(70, 1), await after(20, 1)];
        }"""
    )
    assert failures == [1, 2, 1, 2, 1, 0]


def test_pauses_grow_and_are_spread(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/")
    pauses = page.evaluate(
        """async () => {
          const { pause } = await import("/static/js/kiosk/sender.js");
          return [0, 1, 2, 3, 20].map((n) => [pause(n, 0), pause(n, 1)]);
        }"""
    )
    assert pauses == [
        [2_500, 5_000],
        [5_000, 10_000],
        [10_000, 20_000],
        [20_000, 40_000],
        [150_000, 300_000],
    ]
