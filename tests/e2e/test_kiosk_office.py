"""The office's side of a kiosk: enrolling, the clerk's corner, revoking, a new questionnaire."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine
from playwright.sync_api import Page, expect

from survey_app.clock import hour_of
from survey_app.operations.fieldwork.collection_points import add_collection_point
from survey_app.operations.fieldwork.conduct import turn_survey
from survey_app.operations.fieldwork.devices import move_device, revoke
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.intake.kiosk_file import (
    draft_kiosk_sheets,
    import_kiosk_sheets,
    read_kiosk_file,
)
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint, Device, Mode, Survey, SurveyStatus
from tests.e2e.kiosks import (
    LANDSCAPE,
    PIN,
    Kiosk,
    NewPage,
    answer_and_send,
    begin,
    enrol,
    make_kiosk,
    open_corner,
    queue_of,
    stored,
)
from tests.e2e.office import assert_accessible
from tests.factories import NOW, make_survey

NOT_IN_USE = "Thiết bị này không còn được dùng để nhận phiếu."


@pytest.fixture(autouse=True)
def fixed_time() -> Iterator[None]:
    with time_machine.travel(NOW, tick=True):
        yield


def open_kiosk(new_page: NewPage, kiosk: Kiosk) -> Page:
    page = new_page(viewport=LANDSCAPE)
    page.clock.install(time=NOW)
    enrol(page, kiosk)
    return page


def wait_for_report(page: Page) -> None:
    """The device reports every five minutes."""
    with page.expect_response("**/k/report"):
        page.clock.run_for(301_000)


def test_a_clock_that_is_years_off_closes_no_kiosk(new_page: NewPage, database: Database) -> None:
    """The server says that the survey is open; without it the clock is all there is."""
    page = new_page(viewport=LANDSCAPE)
    page.clock.set_fixed_time(datetime(2031, 1, 1, tzinfo=UTC))
    enrol(page, make_kiosk(database))
    begin(page)
    answer_and_send(page)
    expect(page.locator(".receipt-code")).to_be_visible()
    (sheet,) = stored(database)
    assert sheet.received_hour == hour_of(NOW), "such a clock is not believed"


def test_a_wrong_code_enrols_nothing(new_page: NewPage, database: Database) -> None:
    kiosk = make_kiosk(database)
    page = new_page()
    page.goto("/k")
    page.get_by_label("Mã cài đặt").fill("SAISAISAI")
    page.get_by_role("button", name="Cài đặt").click()
    expect(page.get_by_text("Mã cài đặt không đúng.")).to_be_visible()
    enrol(page, kiosk)
    (cookie,) = [c for c in page.context.cookies() if c["name"] == "hailong-kiosk"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/k")
    other = new_page()
    other.goto("/k")
    other.get_by_label("Mã cài đặt").fill(kiosk.code)
    other.get_by_role("button", name="Cài đặt").click()
    expect(other.get_by_text("Mã cài đặt đã được dùng")).to_be_visible()


def test_the_corner_opens_by_a_long_press_and_the_pin_alone(
    new_page: NewPage, database: Database
) -> None:
    page = open_kiosk(new_page, make_kiosk(database))
    corner = page.get_by_role("button", name="Góc cán bộ")
    box = corner.bounding_box()
    assert box
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.clock.run_for(2_000)
    page.mouse.up()
    page.clock.run_for(2_000)
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.mouse.down()
    page.clock.run_for(3_100)
    page.mouse.up()
    expect(page.get_by_role("dialog", name="Góc cán bộ")).to_be_visible()
    for digit in "1111":
        page.locator(f"[data-digit='{digit}']").click()
    page.get_by_role("button", name="Mở", exact=True).click()
    expect(page.get_by_text("Mã PIN không đúng.")).to_be_visible()
    expect(page.locator(".clerk-room")).to_be_hidden()
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(page.locator("[data-fact=waiting]")).to_have_text("0")
    expect(page.locator("[data-fact=ready]")).to_have_text("Sẵn sàng làm việc khi mất mạng")
    page.clock.run_for(61_000)  # a clerk who walks away leaves nothing open
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_too_many_wrong_pins_close_the_corner_for_a_while(
    new_page: NewPage, database: Database
) -> None:
    page = open_kiosk(new_page, make_kiosk(database))
    page.get_by_role("button", name="Góc cán bộ").focus()
    page.keyboard.press("Enter")
    locked = "Nhập sai nhiều lần; vui lòng thử lại sau một phút."
    for _ in range(5):
        page.keyboard.type("9999")
        page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(locked)
    page.keyboard.type(PIN)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(locked)
    expect(page.locator(".clerk-room")).to_be_hidden()
    page.get_by_role("dialog").get_by_role("button", name="Đóng").click()
    page.clock.run_for(61_000)
    open_corner(page)


def test_a_revoked_device_says_so_and_keeps_its_sheets_for_export(
    new_page: NewPage, database: Database
) -> None:
    kiosk = make_kiosk(database)
    page = open_kiosk(new_page, kiosk)
    begin(page)
    with database.transaction() as session:
        device = session.get(Device, kiosk.device_id)
        assert device
        revoke(session, device, now=NOW)
    answer_and_send(page)  # the citizen in front of it is let finish
    expect(page.get_by_role("heading", name="Đã lưu")).to_be_visible()
    page.get_by_role("button", name="Xong").click()
    expect(page.get_by_text(NOT_IN_USE)).to_be_visible()
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_hidden()
    page.reload()
    expect(page.get_by_text(NOT_IN_USE)).to_be_visible()
    (waiting,) = queue_of(page)["waiting"]

    open_corner(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Xuất phiếu chưa gửi").click()
    data = download.value.path().read_bytes()
    exported = json.loads(data)
    assert exported["format"] == "hailong-kiosk-queue"
    assert exported["version"] == 1
    assert exported["sheets"] == [waiting]
    assert waiting["answered_at"] == "2026-06-15T03:00:00.000Z"  # to the hour
    with database.transaction() as session:
        queue = draft_kiosk_sheets(session, read_kiosk_file(data), unit_ids=None, now=NOW)
        assert import_kiosk_sheets(session, queue, now=NOW).new == 1
    assert len(stored(database)) == 1


def test_refused_sheets_stay_until_they_are_in_a_file(
    new_page: NewPage, database: Database
) -> None:
    kiosk = make_kiosk(database)
    page = open_kiosk(new_page, kiosk)
    begin(page)
    with database.transaction() as session:
        survey = session.get(Survey, kiosk.survey_id)
        assert survey
        close_survey(survey)
    answer_and_send(page)
    expect(page.get_by_role("heading", name="Phiếu chưa được nhận")).to_be_visible()
    expect(page.get_by_text("Cuộc khảo sát đã kết thúc.")).to_be_visible()
    page.get_by_role("button", name="Xong").click()
    wait_for_report(page)
    expect(page.get_by_text("Hiện chưa nhận phiếu tại đây.")).to_be_visible()
    assert len(queue_of(page)["refused"]) == 1
    open_corner(page)
    expect(page.locator("[data-refusals]")).to_contain_text("Cuộc khảo sát đã kết thúc.")
    page.get_by_role("button", name="Xóa phiếu bị từ chối").click()
    expect(page.get_by_text("hãy gửi hoặc xuất ra tệp trước")).to_be_visible()
    assert len(queue_of(page)["refused"]) == 1
    with page.expect_download():
        page.get_by_role("button", name="Xuất phiếu chưa gửi").click()
    page.get_by_role("button", name="Xóa phiếu bị từ chối").click()
    expect(page.locator("[data-fact=refused]")).to_have_text("0")
    with database.session() as session:
        device = session.get(Device, kiosk.device_id)
        assert device and device.refused == 1  # as last reported


def test_another_questionnaire_comes_between_two_citizens(
    new_page: NewPage, database: Database
) -> None:
    kiosk = make_kiosk(database, idle_seconds=600)
    page = open_kiosk(new_page, kiosk)
    begin(page)
    with database.transaction() as session:
        point = session.get(CollectionPoint, kiosk.point_id)
        device = session.get(Device, kiosk.device_id)
        assert point and device
        survey = make_survey(session, [point.unit], code="KS-2027", document="sipas-counter.yaml")
        other = add_collection_point(
            session, survey, point.unit_id, label="Quầy số 2", mode=Mode.KIOSK
        )
        move_device(session, device, other, now=NOW)
    wait_for_report(page)
    wait_for_waiting_worker(page)
    answer_and_send(page)  # the sheet goes on, and to where it was opened for
    expect(page.locator(".receipt-code")).to_be_visible()
    (sheet,) = stored(database)
    assert (sheet.survey_id, sheet.collection_point_id) == (kiosk.survey_id, kiosk.point_id)
    with page.expect_navigation():
        page.get_by_role("button", name="Xong").click()
    begin(page)
    expect(page.locator('[id="q-access.signage"]')).to_be_visible()
    assert page.locator('[id="q-service.overall"]').count() == 0


def test_a_pause_is_told_between_two_citizens_and_ends_by_itself(
    new_page: NewPage, database: Database
) -> None:
    kiosk = make_kiosk(database, idle_seconds=600)
    page = open_kiosk(new_page, kiosk)
    begin(page)
    turn(database, kiosk, SurveyStatus.PAUSED)
    wait_for_report(page)
    wait_for_waiting_worker(page)
    expect(page.get_by_text("đang tạm dừng nhận phiếu")).not_to_be_visible()
    with page.expect_navigation():
        page.clock.run_for(601_000)  # nobody goes on
    expect(page.get_by_text("đang tạm dừng nhận phiếu. Mời ông/bà quay lại sau")).to_be_visible()
    expect(page.locator('[data-when=paused] [lang="en"]')).to_be_visible()
    expect(page.get_by_role("button", name="Tiếng Việt")).not_to_be_visible()
    assert_accessible(page)
    turn(database, kiosk, SurveyStatus.OPEN)
    wait_for_report(page)
    expect(page.get_by_role("button", name="Tiếng Việt")).to_be_visible()


def turn(database: Database, kiosk: Kiosk, after: SurveyStatus) -> None:
    with database.transaction() as session:
        survey = session.get(Survey, kiosk.survey_id)
        assert survey
        turn_survey(session, survey, after, now=NOW, reason="Mất điện")


def wait_for_waiting_worker(page: Page) -> None:
    page.wait_for_function(
        "async () => (await navigator.serviceWorker.getRegistration('/k')).waiting !== null",
        timeout=30_000,
    )


def test_a_device_is_taken_off_its_place(new_page: NewPage, database: Database) -> None:
    page = open_kiosk(new_page, make_kiosk(database))
    open_corner(page)
    page.get_by_role("button", name="Gỡ thiết bị khỏi nơi đặt").click()
    expect(page.get_by_label("Mã cài đặt")).to_be_visible()
    assert page.evaluate("caches.keys()") == []
    assert [c for c in page.context.cookies() if c["name"] == "hailong-kiosk"] == []
    page.goto("/k")
    expect(page.get_by_label("Mã cài đặt")).to_be_visible()


def test_without_script_the_way_to_an_ordinary_page_is_shown(
    new_page: NewPage, database: Database
) -> None:
    page = open_kiosk(new_page, make_kiosk(database))
    state = page.context.storage_state()
    plain = new_page(java_script_enabled=False, storage_state=state)
    plain.goto("/k")
    expect(plain.get_by_text("trình duyệt cần bật JavaScript")).to_be_visible()
    plain.get_by_role("link", name="Mở phiếu").click()
    go_to_first = plain.get_by_role("link", name="Bắt đầu")
    expect(go_to_first).to_be_visible()
