"""A live server on a real database, and a real Chromium that talks to it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Playwright, Response, expect, sync_playwright
from werkzeug.serving import make_server

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
CHROMIUM = Path("/usr/bin/chromium")
#: The same engine without a window to paint, for half the work; kiosks run in the whole browser.
SHELL = Path("/usr/bin/chromium-headless-shell")
#: Milliseconds until a browser is given up: a slow machine fails no test.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


#: The server of these tests leaves a file open when a browser turns away before it has it all.
LEFT_OPEN = "ignore:Exception ignored in. <_io.FileIO:pytest.PytestUnraisableExceptionWarning"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.filterwarnings(LEFT_OPEN))


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """The address of the application, served by threads as in real life."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def driver() -> Iterator[Playwright]:
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="module")
def browser(driver: Playwright, request: pytest.FixtureRequest) -> Iterator[Browser]:
    is_kiosk = "kiosk" in request.path.name
    program = SHELL if SHELL.exists() and not is_kiosk else CHROMIUM
    found = driver.chromium.launch(executable_path=str(program), args=ARGUMENTS)
    yield found
    found.close()


@dataclass
class Watch:
    """What a page complained of: script errors, broken rules of the security policy."""

    complaints: list[str]

    def listen(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        page.on("response", self._look)

    def _hear(self, message: Any) -> None:
        # A status such as 422 is written to the console, too; it is no fault of the page.
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def _look(self, response: Response) -> None:
        if response.status >= 400 and ("/static/" in response.url or "/fonts/" in response.url):
            self.complaints.append(f"{response.status} {response.url}")


@pytest.fixture
def new_page(browser: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Opens pages: new_page(**options of a browser context). Script errors fail the test."""
    watch = Watch([])
    contexts = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(
            **{
                "base_url": live_server,
                "viewport": PHONE,
                "locale": "vi-VN",
                "reduced_motion": "reduce",  # colours are measured at rest, not half-way
            }
            | options
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        watch.listen(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watch.complaints == []
