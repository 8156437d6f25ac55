"""Signing in at a provider, as people see it: refused, linked by an administrator, let in, left."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from survey_app.config import Settings
from survey_app.operations.access.rights import AccountRole
from survey_app.storage.database import Database
from tests.e2e.conftest import DESKTOP
from tests.e2e.office import assert_good, follow, sign_in
from tests.factories import make_account, make_unit
from tests.identity_provider import Provider, running, with_provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    with running() as found:
        found.is_asking = True
        yield found


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    return with_provider(settings, provider)


@pytest.fixture(autouse=True)
def accounts(database: Database) -> None:
    with database.transaction() as session:
        make_account(session)
        make_account(session, "binh", AccountRole.OFFICER, make_unit(session))


def come(page: Page) -> None:
    """By the keyboard, through the provider's page, and back."""
    page.goto("/sign-in?next=/account")
    page.get_by_role("link", name="Đăng nhập bằng tài khoản của tỉnh").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Đồng ý").click()


def test_a_person_of_the_provider_gets_in_by_an_administrator(
    new_page: Callable[..., Page], provider: Provider
) -> None:
    person = new_page(java_script_enabled=False)
    person.goto("/sign-in")
    assert_fine(person)
    come(person)
    expect(person.get_by_role("heading", name="Tài khoản chưa được gắn")).to_be_visible()
    reference = person.locator("code.token").inner_text()

    admin = new_page(viewport=DESKTOP)
    sign_in(admin, "quantri")
    admin.goto("/admin/accounts")
    expect(admin.get_by_text("1 người đã đăng nhập bằng tài khoản của tỉnh")).to_be_visible()
    assert_good(admin)
    follow(admin.get_by_role("link", name="binh"))
    assert_good(admin)
    follow(admin.get_by_role("link", name="Gắn tài khoản của tỉnh"))
    assert_good(admin)
    admin.get_by_label("Mã đối chiếu").fill("AAAA-AAAA")
    admin.get_by_role("button", name="Xem thông tin").click()
    expect(admin.get_by_role("alert")).to_contain_text("Không có mã đối chiếu này")
    assert_good(admin)
    admin.get_by_label("Mã đối chiếu").fill(reference.lower())
    admin.get_by_role("button", name="Xem thông tin").click()
    expect(admin.get_by_role("heading", name=f"Người có mã {reference}")).to_be_visible()
    assert_good(admin)
    admin.get_by_role("button", name="Gắn với tài khoản binh").click()
    expect(admin.get_by_text("Đã gắn.")).to_be_visible()
    assert_good(admin)

    seen = new_page()  # with scripts, as on a telephone
    come(seen)
    expect(seen.get_by_role("heading", name="Tài khoản của tôi")).to_be_visible()
    assert_good(seen)
    seen.goto("/account")
    seen.get_by_text("Người thử").first.click()
    follow(seen.get_by_role("button", name="Đăng xuất", exact=True))
    assert_good(seen)
    seen.get_by_role("link", name="đăng xuất cả ở nơi cấp").click()
    expect(seen).to_have_url(re.compile(rf"^{provider.issuer}/end\?"))


def assert_fine(page: Page) -> None:
    """Without scripts axe cannot run; that nothing sticks out can be asked all the same."""
    width = page.get_by_role("main").bounding_box()
    assert width is not None
    assert width["width"] <= 390
