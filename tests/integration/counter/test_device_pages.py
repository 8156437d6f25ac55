"""Pages about kiosk devices: a code shown once, settings, moving, revoking, all on record."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from survey_app.clock import local_date, now
from survey_app.operations.access.accounts import AccountRole
from survey_app.operations.fieldwork.devices import add_device, enrol, find_device, report_in
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint, Device
from tests.factories import make_account, make_point, make_survey, make_unit
from tests.integration.office import actions, plain, post, sign_in

DEVICES = "/admin/surveys/KS-2026/devices"


@pytest.fixture(autouse=True)
def province(database: Database) -> None:
    """Two surveys of one ward, each with a counter; an officer, an administrator."""
    with database.transaction() as session:
        ward = make_unit(session, "H01.01", "Phường Bình Minh")
        for code in ("KS-2026", "KS-2027"):
            make_point(session, make_survey(session, [ward], code=code), ward)
        make_account(session)
        make_account(session, "phuong", AccountRole.OFFICER, ward)


@pytest.fixture
def admin(client: FlaskClient) -> FlaskClient:
    sign_in(client)
    return client


@pytest.fixture
def device(admin: FlaskClient, database: Database) -> Device:
    """A device that was just added, not yet enrolled."""
    add(admin, database)
    return stored(database)


def add(client: FlaskClient, database: Database, pin: str = "2468") -> str:
    point_id = points(database)["KS-2026"].id
    answer = post(client, DEVICES, point_id=point_id, label="Kiosk cửa chính", pin=pin)
    return answer.text


def points(database: Database) -> dict[str, CollectionPoint]:
    with database.session() as session:
        return {point.survey.code: point for point in session.scalars(select(CollectionPoint))}


def stored(database: Database) -> Device:
    with database.session() as session:
        return session.scalars(select(Device)).one()


def code_on(page: str) -> str:
    found = re.search(r'device-code">([^<]+)<', page)
    assert found
    return found.group(1)


def test_without_devices_the_page_says_so_and_offers_to_add_one(admin: FlaskClient) -> None:
    page = admin.get(DEVICES)
    assert "chưa có thiết bị kiosk nào" in plain(page)
    assert '<details class="panel fold-panel" open>' in page.text
    assert f'href="{DEVICES}"' in admin.get("/admin/surveys/KS-2026").text


def test_a_survey_without_places_is_told_to_add_one(admin: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        make_survey(session, [make_unit(session, "H02", "Sở Mẫu", "department")], code="TRONG")
    assert "Cần có điểm thu thập" in plain(admin.get("/admin/surveys/TRONG/devices"))


def test_the_code_is_shown_once_and_enrols_the_device(
    admin: FlaskClient, database: Database
) -> None:
    page = add(admin, database)
    code = code_on(page)
    assert re.fullmatch(r"[A-Z2-9]{4} [A-Z2-9]{4}", code)
    assert "/k</strong>" in page
    with database.transaction() as session:
        _, key = enrol(session, code, now=now())
    for address in (DEVICES, f"{DEVICES}/{stored(database).id}"):
        assert code not in admin.get(address).text
    with database.session() as session:
        assert find_device(session, key).label == "Kiosk cửa chính"
    assert "Đã cài đặt" in plain(admin.get(DEVICES))
    assert actions(database)[-2:] == ["device.add", "device.enrol"]


@pytest.mark.parametrize("pin", ["", "123", "abcd"])
def test_a_wrong_pin_is_told_and_nothing_is_added(
    admin: FlaskClient, database: Database, pin: str
) -> None:
    point_id = points(database)["KS-2026"].id
    answer = post(admin, DEVICES, point_id=point_id, label="Kiosk cửa chính", pin=pin)
    assert answer.status_code == 422
    assert "field-wrong" in answer.text
    assert "PIN" in plain(answer)
    assert 'value="Kiosk cửa chính"' in answer.text
    with database.session() as session:
        assert session.scalars(select(Device)).all() == []


def test_a_place_of_another_survey_is_not_offered(admin: FlaskClient, database: Database) -> None:
    foreign = points(database)["KS-2027"].id
    answer = post(admin, DEVICES, point_id=foreign, label="X", pin="2468")
    assert answer.status_code == 422


def test_settings_are_changed_and_wrong_ones_are_told(
    admin: FlaskClient, database: Database, device: Device
) -> None:
    address = f"{DEVICES}/{device.id}"
    wrong = post(admin, f"{address}/settings", label="Kiosk B", idle_seconds="5")
    assert wrong.status_code == 422
    assert "từ 20 đến 600" in plain(wrong)
    right = {"label": "Kiosk B", "idle_seconds": "90", "keeps_partial": "y"}
    assert post(admin, f"{address}/settings", **right).status_code == 302
    found = stored(database)
    assert (found.label, found.idle_seconds, found.keeps_partial) == ("Kiosk B", 90, True)
    page = admin.get(address).text
    assert 'value="90"' in page
    assert re.search(r'<input [^>]*checked[^>]*name="keeps_partial"', page)


def test_a_new_pin(admin: FlaskClient, database: Database, device: Device) -> None:
    address = f"{DEVICES}/{device.id}/pin"
    assert post(admin, address, pin="12").status_code == 422
    assert stored(database).pin_hash == device.pin_hash
    assert post(admin, address, pin="13579").status_code == 302
    assert stored(database).pin_hash != device.pin_hash
    assert "13579" not in plain(admin.get("/admin/audit"))


def test_a_device_is_moved_to_the_next_survey(
    admin: FlaskClient, database: Database, device: Device
) -> None:
    address = f"{DEVICES}/{device.id}"
    there = points(database)["KS-2027"].id
    assert post(admin, f"{address}/move", point_id=999).status_code == 422
    assert post(admin, f"{address}/move", point_id=there).status_code == 302
    assert admin.get(address).status_code == 404
    moved = f"/admin/surveys/KS-2027/devices/{device.id}"
    assert admin.get(moved).status_code == 200
    assert actions(database)[-1] == "device.move"


def test_a_new_code_and_revoking(admin: FlaskClient, database: Database, device: Device) -> None:
    address = f"{DEVICES}/{device.id}"
    page = post(admin, f"{address}/code")
    with database.transaction() as session:
        enrol(session, code_on(page.text), now=now())
    again = plain(post(admin, f"{address}/code"))
    assert "Trình duyệt đang dùng vẫn hoạt động" in again
    assert "không khôi phục được" in plain(admin.get(address))  # asked twice
    assert post(admin, f"{address}/revoke").status_code == 302
    assert stored(database).is_revoked
    assert "Đã thu hồi" in plain(admin.get(DEVICES))
    page = admin.get(address)
    assert "Thiết bị đã bị thu hồi" in plain(page)
    assert 'action="' + address not in page.text
    assert post(admin, f"{address}/code").status_code == 409


def test_what_a_device_reported_is_shown_to_the_hour(
    admin: FlaskClient, database: Database, device: Device
) -> None:
    assert "chưa liên lạc" in plain(admin.get(DEVICES))
    with database.transaction() as session:
        found = session.get(Device, device.id)
        assert found
        moment = device.enrolment_expires_at
        assert moment
        at = (moment + timedelta(days=1)).replace(hour=2, minute=47)
        report_in(session, found, waiting=1234, refused=2, app_version="7", now=at)
    page = plain(admin.get(f"{DEVICES}/{device.id}"))
    assert f"9 giờ, {at:%d/%m/%Y}" in page
    assert "1.234, từ 9 giờ" in page
    assert "47" not in page


def test_officers_look_at_the_devices_of_their_units(
    client: FlaskClient, device: Device, database: Database
) -> None:
    client.delete_cookie("hailong")
    sign_in(client, "phuong")
    page = client.get(DEVICES)
    assert "Kiosk cửa chính" in page.text
    assert "Thêm thiết bị" not in page.text
    own = client.get(f"{DEVICES}/{device.id}")
    assert own.status_code == 200
    assert "Thu hồi" not in own.text
    assert post(client, DEVICES).status_code == 403
    assert post(client, f"{DEVICES}/{device.id}/revoke").status_code == 403


# ── notices for officers ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def silent_kiosk(database: Database) -> None:
    """Of KS-2026; a fortnight ago it told of sheets it could not send and of refused ones."""
    with database.transaction() as session:
        point = session.scalars(select(CollectionPoint).order_by(CollectionPoint.id)).first()
        assert point
        point.survey.ends_on = local_date(now()) + timedelta(days=30)
        point.survey.starts_on = local_date(now()) - timedelta(days=60)
        device, code = add_device(session, point, label="Kiosk sảnh B", pin="2468", now=now())
        then = now() - timedelta(days=14)
        enrol(session, code, now=then)
        report_in(session, device, waiting=12, refused=3, app_version="7", now=then)


@pytest.mark.usefixtures("silent_kiosk")
def test_an_officer_is_told_of_a_silent_kiosk(client: FlaskClient) -> None:
    sign_in(client, "phuong")
    home = plain(client.get("/officer/"))
    assert "2 thông báo về kiosk" in home
    page = plain(client.get("/officer/surveys/KS-2026"))
    assert "“Kiosk sảnh B” (Phường Bình Minh, Quầy số 1) không liên lạc từ" in page
    assert "Lần cuối, thiết bị còn 12 phiếu chờ gửi." in page
    assert "giữ 3 phiếu mà hệ thống không nhận" in page
    assert "nghỉ Tết, Giỗ Tổ Hùng Vương và nghỉ bù chưa được trừ" in page
    assert "kiosk" not in plain(client.get("/officer/surveys/KS-2027")).lower()


@pytest.mark.usefixtures("silent_kiosk")
def test_officers_of_other_units_are_told_nothing(client: FlaskClient, database: Database) -> None:
    with database.transaction() as session:
        other = make_unit(session, "H09", "Xã Khác", "commune")
        make_account(session, "xakhac", AccountRole.OFFICER, other)
    sign_in(client, "xakhac")
    assert "thông báo về kiosk" not in plain(client.get("/officer/"))
    assert "Kiosk sảnh B" not in plain(client.get("/officer/surveys/KS-2026"))
