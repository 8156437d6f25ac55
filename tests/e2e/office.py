"""What browser tests of officers and administrators have in common."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.factories import PASSWORD


def sign_in(page: Page, username: str, password: str = PASSWORD) -> None:
    page.goto("/sign-in")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(password)
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("navigation", name="Chính")).to_be_visible()


def follow(target: Locator) -> None:
    """Press what leads to another page, and wait for that page: a bare click returns before it is
    there, and what is asked next may still be asked of the old one."""
    with target.page.expect_navigation():
        target.click()


def assert_good(page: Page) -> None:
    """No complaint of axe, and nothing sticks out sideways."""
    assert_accessible(page)
    assert_fits(page)


def assert_accessible(page: Page) -> None:
    page.wait_for_load_state()
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []


def assert_fits(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
