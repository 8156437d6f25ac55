"""From the administrator's page to the kiosk and back: a device added, its sheets exported and
imported; every page about devices passes the axe rules."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from playwright.sync_api import Page, expect

from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.devices import add_device, enrol, report_in, revoke
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.questionnaires.recordings import store_recording
from survey_app.storage.database import Database
from survey_app.storage.queries.collection_points import collection_points
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.kiosks import (
    LANDSCAPE,
    NewPage,
    answer_and_send,
    begin,
    open_corner,
    queue_of,
    stored,
    wait_until_offline_works,
)
from tests.e2e.office import assert_good, follow, sign_in
from tests.factories import NOW, make_account, make_point, make_survey, make_unit
from tests.integration.questionnaires.test_recordings import tone

DEVICES = "/admin/surveys/KS-2026/devices"
SAVED = "Đã lưu, sẽ tự gửi khi có mạng"
PIN = "2580"  # what ``open_corner`` types


@pytest.fixture(autouse=True)
def province(database: Database) -> Iterator[None]:
    with database.transaction() as session:
        ward = make_unit(session, "H01.01", "Phường Bình Minh")
        survey = make_survey(session, [ward], document="one-stop-rating.yaml")
        make_point(session, survey, ward)
        make_account(session)
        make_account(session, "canbo", AccountRole.OFFICER, ward)
    with time_machine.travel(NOW, tick=True):
        yield


def add(page: Page) -> str:
    """A device by the administrator's page; its code as it stands there."""
    page.goto(DEVICES)
    page.get_by_label("Tên thiết bị").fill("Kiosk cửa chính")
    page.get_by_label("Mã PIN của cán bộ").fill(PIN)
    follow(page.get_by_role("button", name="Thêm thiết bị và hiện mã cài đặt"))
    return page.locator(".device-code").inner_text()


def test_sheets_of_a_kiosk_without_network_are_carried_to_the_office(
    new_page: NewPage, database: Database, tmp_path: Path
) -> None:
    office = new_page(viewport=DESKTOP)
    sign_in(office, "quantri")
    code = add(office)
    kiosk = new_page(viewport=LANDSCAPE)
    kiosk.goto("/k")
    kiosk.get_by_label("Mã cài đặt").fill(code.lower())
    kiosk.get_by_role("button", name="Cài đặt").click()
    wait_until_offline_works(kiosk)
    kiosk.context.set_offline(True)
    for _ in range(2):
        begin(kiosk)
        answer_and_send(kiosk)
        expect(kiosk.get_by_role("heading", name=SAVED)).to_be_visible()
        kiosk.get_by_role("button", name="Xong").click()
    open_corner(kiosk)
    with kiosk.expect_download() as exported:
        kiosk.get_by_role("button", name="Xuất phiếu chưa gửi").click()
    file = tmp_path / "kiosk.json"
    exported.value.save_as(file)
    office.goto(DEVICES)
    expect(office.get_by_role("row", name="Kiosk cửa chính")).to_contain_text("Đã cài đặt")
    office.get_by_role("link", name="Nhập phiếu từ tệp xuất trên kiosk").click()
    office.get_by_label("Tệp phiếu xuất từ kiosk").set_input_files(file)
    follow(office.get_by_role("button", name="Kiểm tra tệp"))
    assert stored(database) == []
    office.get_by_role("button", name="Nhập 2 phiếu").click()
    expect(office.get_by_role("status")).to_contain_text("Đã nhập 2 phiếu mới.")
    first = {(sheet.response_key, sheet.answers) for sheet in stored(database)}
    assert len(first) == 2
    # The network comes back: the kiosk learns that its sheets are there, and nothing is doubled.
    kiosk.context.set_offline(False)
    kiosk.get_by_role("button", name="Gửi ngay").click()
    expect(kiosk.locator("[data-told]")).not_to_have_text("Đang gửi…")
    assert queue_of(kiosk)["waiting"] == []
    assert {(sheet.response_key, sheet.answers) for sheet in stored(database)} == first


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_about_devices_have_no_barrier(
    new_page: NewPage, database: Database, tmp_path: Path, viewport: dict[str, int]
) -> None:
    page = new_page(viewport=viewport)
    sign_in(page, "quantri")
    page.goto(DEVICES)
    assert_good(page)  # empty, the form open
    follow(page.get_by_role("button", name="Thêm thiết bị và hiện mã cài đặt"))
    assert_good(page)  # with mistakes
    add(page)
    assert_good(page)
    fill_with_devices(database)
    page.goto(DEVICES)
    assert_good(page)
    page.get_by_role("link", name="Kiosk tầng 2").click()
    page.get_by_text("Thu hồi thiết bị…").click()
    assert_good(page)
    page.goto(f"{DEVICES}/3")
    expect(page.get_by_text("Thiết bị đã bị thu hồi")).to_be_visible()
    assert_good(page)
    page.goto("/admin/questionnaires/1/recordings")
    assert_good(page)
    page.goto("/admin/kiosk-sheets")
    wrong = tmp_path / "kiosk.json"
    wrong.write_text('{"format": "hailong-kiosk-queue", "version": 1, "sheets": [1]}')
    page.get_by_label("Tệp phiếu xuất từ kiosk").set_input_files(wrong)
    follow(page.get_by_role("button", name="Kiểm tra tệp"))
    assert_good(page)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_officers_read_notices_without_barrier(
    new_page: NewPage, database: Database, viewport: dict[str, int]
) -> None:
    fill_with_devices(database)
    page = new_page(viewport=viewport)
    sign_in(page, "canbo")
    page.goto("/officer/")
    expect(page.get_by_text("2 thông báo về kiosk")).to_be_visible()
    assert_good(page)
    page.goto("/officer/surveys/KS-2026")
    expect(page.get_by_role("heading", name="Kiosk cần kiểm tra")).to_be_visible()
    assert_good(page)


def fill_with_devices(database: Database) -> None:
    """A kiosk that fell silent with sheets, a revoked one, a recording of the first question."""
    with database.transaction() as session:
        survey = find_survey(session, "KS-2026")
        point = collection_points(session, survey.id)[0]
        then = NOW - timedelta(days=7)
        silent, code = add_device(session, point, label="Kiosk tầng 2", pin=PIN, now=then)
        enrol(session, code, now=then)
        report_in(session, silent, waiting=12, refused=3, app_version="2026.6", now=then)
        gone, _ = add_device(session, point, label="Máy bảng cũ", pin=PIN, now=then)
        revoke(session, gone, now=then)
        store_recording(
            session,
            survey.version,
            question_code="service.overall",
            language="vi",
            content=tone(),
            now=then,
        )
