"""One sheet for one opened questionnaire in a real browser: with and without script."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from playwright.sync_api import Error, Page, Route, expect

from survey_app.storage.database import Database
from tests.e2e.office import assert_accessible
from tests.e2e.test_citizen import (
    Links,
    NewPage,
    choose,
    count,
    links,
)
from tests.factories import NOW

__all__ = ["links"]
SCRIPT = pytest.mark.parametrize("has_script", [True, False], ids=["script", "no-script"])
COMMENT = "Xin thêm ghế ngồi chờ"
SENT = "Thiết bị này vừa gửi một phiếu qua mã này"
DRAFT = "JSON.stringify(sessionStorage)"


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def answer_comment(page: Page, address: str, comment: str = COMMENT) -> None:
    page.goto(f"{address}#q-comment")
    page.get_by_role("textbox").fill(comment)
    page.goto(f"{address}#gui")


def send(page: Page) -> None:
    page.get_by_role("button", name="Gửi phiếu").click()


def expect_thanks(page: Page) -> str:
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà")).to_be_visible()
    return page.locator(".receipt-code").inner_text()


def new_tab(page: Page) -> Page:
    return page.context.new_page()


@SCRIPT
def test_a_double_tap(
    new_page: NewPage, links: Links, database: Database, has_script: bool
) -> None:
    page = new_page(java_script_enabled=has_script, has_touch=True, is_mobile=True)
    answer_comment(page, links.full)
    button = page.get_by_role("button", name="Gửi phiếu")
    button.dblclick(no_wait_after=True)
    expect_thanks(page)
    assert count(database) == 1


@SCRIPT
def test_back_after_sending(
    new_page: NewPage, links: Links, database: Database, has_script: bool
) -> None:
    page = new_page(java_script_enabled=has_script)
    answer_comment(page, links.full)
    send(page)
    expect_thanks(page)
    page.go_back()
    expect(page.get_by_role("heading", name=SENT)).to_be_visible()
    expect(page.get_by_text(COMMENT)).to_have_count(0)
    if has_script:
        assert_accessible(page)
    assert count(database) == 1


@SCRIPT
def test_a_reload_before_sending(
    new_page: NewPage, links: Links, database: Database, has_script: bool
) -> None:
    page = new_page(java_script_enabled=has_script)
    page.goto(links.full)
    before = page.locator("[name=_response_id]").input_value()
    page.reload()
    assert page.locator("[name=_response_id]").input_value() == before
    answer_comment(page, links.full)
    send(page)
    expect_thanks(page)
    page.reload()
    expect_thanks(page)
    assert count(database) == 1


@SCRIPT
def test_two_tabs(new_page: NewPage, links: Links, database: Database, has_script: bool) -> None:
    first = new_page(java_script_enabled=has_script)
    second = new_tab(first)
    answer_comment(first, links.full)
    answer_comment(second, links.full)
    third = new_tab(first)
    answer_comment(third, links.full, "Chưa tốt")
    receipts = []
    for page in (first, second):
        send(page)
        receipts.append(expect_thanks(page))
    assert receipts[0] == receipts[1]
    send(third)
    expect(third.get_by_text("Các câu trả lời đầu tiên được giữ nguyên")).to_be_visible()
    expect(third.get_by_text("Chưa tốt")).to_be_visible()
    assert count(database) == 1


@SCRIPT
def test_somebody_else_on_the_same_phone(
    new_page: NewPage, links: Links, database: Database, has_script: bool
) -> None:
    page = new_page(java_script_enabled=has_script)
    answer_comment(page, links.full)
    send(page)
    expect_thanks(page)
    page.goto(links.full)
    page.get_by_role("button", name="Góp ý cho lần khác hoặc người khác").click()
    expect(page.get_by_role("link", name="Bắt đầu")).to_be_visible()
    page.reload()
    answer_comment(page, links.full)
    send(page)
    expect_thanks(page)
    assert count(database) == 2


def test_a_reload_keeps_the_unsent_answers(
    new_page: NewPage, links: Links, database: Database
) -> None:
    page = new_page()
    page.goto(f"{links.full}#q-access.signage")
    choose(page, "access.signage", "Hài lòng")
    page.goto(f"{links.full}#q-needs.improvements")
    for name in ("Thủ tục đơn giản hơn", "Rút ngắn thời gian giải quyết"):
        choose(page, "needs.improvements", name, "checkbox")
    answer_comment(page, links.full)
    page.reload()
    expect(page.get_by_text("Các câu trả lời chưa gửi vẫn còn đây.")).to_be_visible()
    expect(page.get_by_role("button", name="Trả lời tiếp")).to_be_hidden()
    expect(page.get_by_text("Ông/bà đã trả lời 3 trên 32 câu hỏi.")).to_be_visible()
    assert_accessible(page)
    send(page)
    expect_thanks(page)
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0
    assert count(database) == 1


def test_answers_can_be_wiped(new_page: NewPage, links: Links) -> None:
    page = new_page()
    answer_comment(page, links.full)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Xóa câu trả lời").click()
    expect(page.get_by_text("Đã xóa các câu trả lời khỏi thiết bị này.")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    page.goto(f"{links.full}#q-comment")
    expect(page.get_by_role("textbox")).to_have_value("")
    page.reload()
    expect(page.get_by_role("textbox")).to_have_value("")


def test_whoever_opens_the_link_anew_sees_nothing(new_page: NewPage, links: Links) -> None:
    """On a shared device the next person follows the link; nobody's answers wait there."""
    page = new_page()
    answer_comment(page, links.full)
    page.goto("about:blank")
    page.goto(f"{links.full}#q-comment")
    expect(page.get_by_text("Trong trang này còn các câu trả lời chưa gửi.")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_value("")
    assert COMMENT not in page.content()
    page.get_by_role("textbox").fill("Của tôi")
    page.reload()
    expect(page.get_by_role("textbox")).to_have_value("Của tôi")
    assert COMMENT not in page.evaluate(DRAFT)
    other = new_tab(page)
    other.goto(f"{links.full}#q-comment")
    expect(other.get_by_role("textbox")).to_have_value("")
    assert other.evaluate("sessionStorage.length + localStorage.length") == 0


def test_after_half_an_hour_the_draft_is_gone(new_page: NewPage, links: Links) -> None:
    page = new_page()
    page.clock.install()
    answer_comment(page, links.full)
    page.clock.run_for(1000)
    assert COMMENT in page.evaluate(DRAFT)
    page.clock.run_for("30:01")
    assert page.evaluate("sessionStorage.length") == 0
    expect(page.locator("#q-comment textarea")).to_have_value(COMMENT)  # on the screen it stays


def test_an_old_draft_is_not_put_back(new_page: NewPage, links: Links) -> None:
    """A browser that reopens a closed tab brings its storage along."""
    page = new_page()
    page.clock.install(time=NOW)
    answer_comment(page, links.full)
    page.clock.run_for(1000)
    assert COMMENT in page.evaluate(DRAFT)
    page.clock.set_system_time(NOW + timedelta(minutes=31))
    page.reload()
    expect(page.locator("#q-comment textarea")).to_have_value("")
    assert page.evaluate("sessionStorage.length") == 0


def test_the_sheet_leaves_by_itself_when_the_network_is_back(
    new_page: NewPage, links: Links, database: Database
) -> None:
    page = new_page()
    answer_comment(page, links.full)
    page.context.set_offline(True)
    send(page)
    notice = page.locator("[data-send-notice]")
    expect(notice).to_contain_text("khi có mạng, phiếu sẽ tự gửi")
    assert count(database) == 0
    page.context.set_offline(False)
    expect_thanks(page)
    assert count(database) == 1


def test_a_reply_that_was_lost_stores_nothing_twice(
    new_page: NewPage, links: Links, database: Database
) -> None:
    page = new_page()
    answer_comment(page, links.full)
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().url)  # the server has it; the telephone never hears of it
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/s/*", lose)
    send(page)
    expect_thanks(page)
    assert len(lost) == 1
    assert count(database) == 1


def test_whoever_goes_on_answering_sends_by_hand(
    new_page: NewPage, links: Links, database: Database
) -> None:
    page = new_page()
    answer_comment(page, links.full)
    page.context.set_offline(True)
    send(page)
    expect(page.locator("[data-send-notice]")).to_contain_text("chưa có mạng")
    page.evaluate("location.hash = '#q-comment'")
    page.get_by_role("textbox").fill("Tôi viết lại")
    page.context.set_offline(False)
    page.evaluate("location.hash = '#gui'")
    expect(page.locator("[data-send-notice]")).to_contain_text("vui lòng bấm “Gửi phiếu”")
    assert count(database) == 0
    send(page)
    expect_thanks(page)
    assert count(database) == 1


def test_a_reload_without_network_loses_nothing(
    new_page: NewPage, links: Links, database: Database
) -> None:
    page = new_page()
    answer_comment(page, links.full)
    refuse: Callable[[Route], None] = lambda route: route.abort("internetdisconnected")  # noqa: E731
    page.route("**/s/*", refuse)
    send(page)
    expect(page.locator("[data-send-notice]")).to_contain_text("chưa có mạng")
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        page.reload()
    page.unroute("**/s/*", refuse)
    page.reload()
    page.get_by_role("button", name="Trả lời tiếp").click()
    expect(page.get_by_text("Các câu trả lời chưa gửi vẫn còn đây.")).to_be_visible()
    send(page)
    expect_thanks(page)
    assert count(database) == 1


def test_the_time_of_answering_goes_on_over_a_reload(new_page: NewPage, links: Links) -> None:
    page = new_page()
    answer_comment(page, links.full)
    page.goto("/")
    page.evaluate(
        """() => {
            const key = sessionStorage.key(0);
            const kept = JSON.parse(sessionStorage.getItem(key));
            sessionStorage.setItem(key, JSON.stringify({ ...kept, spent: kept.spent + 100_000 }));
        }"""
    )
    page.go_back()
    with page.expect_request(lambda request: request.method == "POST") as sent:
        send(page)
    seconds = re.search(r"_seconds=(\d+)", sent.value.post_data or "")
    assert seconds
    assert 100 <= int(seconds[1]) < 200
    expect_thanks(page)
