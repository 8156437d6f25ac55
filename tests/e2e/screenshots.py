"""Makes the pictures of the documents from the demo: ``python -m tests.e2e.screenshots``."""

import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from survey_app.app import create_app
from survey_app.clock import now
from survey_app.config import Settings
from survey_app.operations.demo.loading import SignInSheet, load_demo
from survey_app.storage.database import Database
from survey_app.storage.migrate import upgrade
from tests.e2e.conftest import ARGUMENTS, CHROMIUM, DESKTOP, PHONE
from tests.e2e.demo_walk import open_link
from tests.e2e.office import follow, sign_in

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Serve a demo for the length of a few pictures."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/demo.db"
        upgrade(url)
        database = Database(url)
        with database.transaction() as session:
            officer = load_demo(session, now=now())[1]
        app = create_app(Settings("development", Path(folder), url, "x" * 40), database)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
            base = f"http://127.0.0.1:{server.server_port}"
            picture_phone(browser, base, open_link(database, "H99.01"))
            picture_dashboard(browser, base, officer)
            picture_standings(browser, base, officer)
            browser.close()
        server.shutdown()
        database.dispose()


def picture_phone(browser: Browser, base: str, link: str) -> None:
    page = browser.new_context(base_url=base, viewport=PHONE, locale="vi-VN").new_page()
    page.goto(f"{link}#q-access.signage")
    page.locator(".page:visible").get_by_role("radio", name="Hài lòng", exact=True).check()
    page.screenshot(path=DOCS / "screenshot-phone.png")


def picture_dashboard(browser: Browser, base: str, officer: SignInSheet) -> None:
    page = browser.new_context(base_url=base, viewport=DESKTOP, locale="vi-VN").new_page()
    sign_in(page, officer.username, officer.password)
    page.goto("/officer/")
    page.locator("main a", has_text="Khảo sát sự hài lòng").first.click()
    follow(page.get_by_role("link", name="Sở Nội vụ"))
    page.screenshot(path=DOCS / "screenshot-dashboard.png")


def picture_standings(browser: Browser, base: str, officer: SignInSheet) -> None:
    page = browser.new_context(base_url=base, viewport=DESKTOP, locale="vi-VN").new_page()
    sign_in(page, officer.username, officer.password)
    page.goto("/officer/")
    page.locator("main a", has_text="Khảo sát sự hài lòng").first.click()
    page.get_by_role("link", name="Khoảng hạng").click()
    page.get_by_role("link", name="Xã, phường, đặc khu").click()
    block = page.locator("section").first
    block.screenshot(path=DOCS / "vi" / "trang-khoang-hang.png")


if __name__ == "__main__":
    main()
