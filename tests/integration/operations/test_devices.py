"""Kiosk devices: enrolled once, whoever races; moved, revoked; known to the hour and no finer."""

import hashlib
from datetime import datetime, timedelta

import pytest
from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from survey_app.copied_codes import ALPHABET
from survey_app.errors import Closed, Conflict, Forbidden, Invalid, NotFound
from survey_app.operations.fieldwork.collection_points import points_to_move_to
from survey_app.operations.fieldwork.devices import (
    PIN_ITERATIONS,
    Device,
    add_device,
    devices_of,
    enrol,
    find_device,
    find_device_of,
    has_news,
    move_device,
    new_enrolment_code,
    report_in,
    revoke,
    set_device,
    set_pin,
)
from survey_app.storage.database import Database
from survey_app.storage.models import CollectionPoint, SurveyUnit
from tests.factories import NOW, make_account, make_point, make_survey, make_unit, recorded
from tests.integration.operations.device_race import race_to_enrol

HOUR = NOW.replace(minute=0)


@pytest.fixture
def point(session: Session) -> CollectionPoint:
    unit = make_unit(session)
    return make_point(session, make_survey(session, [unit]), unit)


def make_device(session: Session, point: CollectionPoint) -> tuple[Device, str]:
    return add_device(session, point, label="Kiosk sảnh A", pin="2468", now=NOW)


def told(device: Device) -> tuple[int, int, str, datetime | None, datetime | None]:
    return (
        device.waiting,
        device.refused,
        device.app_version,
        device.last_seen_hour,
        device.waiting_since_hour,
    )


def test_a_device_is_enrolled_with_a_short_code(session: Session, point: CollectionPoint) -> None:
    device, code = make_device(session, point)
    assert len(code) == 8
    assert set(code) <= set(ALPHABET)
    assert (device.idle_seconds, device.keeps_partial, device.key_hash) == (60, False, None)
    typed = f" {code[:4].lower()}-{code[4:]} "
    found, key = enrol(session, typed, now=NOW)
    assert found is device
    assert find_device(session, key) is device
    assert find_device(session, key).collection_point.survey.version.name == "sipas-counter@1"


def test_neither_code_nor_key_is_kept(session: Session, point: CollectionPoint) -> None:
    device, code = make_device(session, point)
    _, key = enrol(session, code, now=NOW)
    session.commit()
    row = session.execute(text("SELECT * FROM device")).mappings().one()
    kept = b"".join(str(value).encode() for value in row.values())
    assert code.encode() not in kept
    assert key.encode() not in kept
    assert row["key_hash"] == hashlib.sha256(key.encode()).digest()
    assert row["pin_hash"] == hashlib.pbkdf2_hmac(
        "sha256", b"2468", device.pin_salt, PIN_ITERATIONS, 32
    )


def test_a_code_is_good_once_and_for_a_day(session: Session, point: CollectionPoint) -> None:
    device, code = make_device(session, point)
    with pytest.raises(NotFound, match="không đúng"):
        enrol(session, "ABCDEFGH", now=NOW)
    with pytest.raises(Closed, match="24 giờ"):
        enrol(session, code, now=NOW + timedelta(hours=24))
    _, key = enrol(session, code, now=NOW + timedelta(hours=23, minutes=59))
    with pytest.raises(Closed, match="đã được dùng"):
        enrol(session, code, now=NOW)
    assert find_device(session, key) is device


def test_a_new_code_replaces_the_key_only_when_it_is_used(
    session: Session, point: CollectionPoint
) -> None:
    device, code = make_device(session, point)
    _, first_key = enrol(session, code, now=NOW)
    second = new_enrolment_code(session, device, now=NOW)
    assert find_device(session, first_key) is device
    _, second_key = enrol(session, second, now=NOW + timedelta(hours=2))
    assert find_device(session, second_key) is device
    assert (device.placed_hour, device.last_seen_hour) == (HOUR, HOUR + timedelta(hours=2))
    with pytest.raises(Forbidden):
        find_device(session, first_key)


def test_a_revoked_device_is_out_for_good(session: Session, point: CollectionPoint) -> None:
    device, code = make_device(session, point)
    _, key = enrol(session, code, now=NOW)
    unused = new_enrolment_code(session, device, now=NOW)
    revoke(session, device, now=NOW)
    with pytest.raises(Forbidden, match="thu hồi"):
        find_device(session, key)
    with pytest.raises(NotFound):
        enrol(session, unused, now=NOW)
    for refused in (
        lambda: new_enrolment_code(session, device, now=NOW),
        lambda: move_device(session, device, point, now=NOW),
    ):
        with pytest.raises(Conflict, match="thu hồi"):
            refused()


@pytest.mark.parametrize("key", ["", "x" * 43, "\ud800", "khóa"])
def test_an_unknown_key_is_refused(session: Session, key: str) -> None:
    with pytest.raises(Forbidden, match="chưa được cài đặt"):
        find_device(session, key)


def test_two_browsers_cannot_enrol_with_one_code(
    database: Database, session: Session, point: CollectionPoint
) -> None:
    _, code = make_device(session, point)
    session.commit()
    session.close()
    assert sorted(race_to_enrol(database, code)) == ["Closed"] * 5 + ["enrolled"]


@pytest.mark.parametrize("pin", ["", "123", "123456789", "12a4", "１２３４", "12 34"])
def test_a_pin_is_four_to_eight_digits(session: Session, point: CollectionPoint, pin: str) -> None:
    with pytest.raises(Invalid) as caught:
        add_device(session, point, label=" \u200b", pin=pin, now=NOW)
    assert [problem.where for problem in caught.value.problems] == ["label", "pin"]
    device, _ = make_device(session, point)
    before = device.pin_hash
    with pytest.raises(Invalid):
        set_pin(session, device, pin, now=NOW)
    assert device.pin_hash == before


def test_a_new_pin_has_a_salt_of_its_own(session: Session, point: CollectionPoint) -> None:
    device, _ = make_device(session, point)
    salt, digest = device.pin_salt, device.pin_hash
    set_pin(session, device, "2468", now=NOW)
    assert device.pin_salt != salt
    assert device.pin_hash != digest


@pytest.mark.parametrize(
    ("seconds", "is_fit"), [(19, False), (20, True), (600, True), (601, False)]
)
def test_settings_have_bounds(
    session: Session, point: CollectionPoint, seconds: int, is_fit: bool
) -> None:
    device, _ = make_device(session, point)

    def change() -> None:
        set_device(
            session, device, label="Sảnh B", idle_seconds=seconds, keeps_partial=True, now=NOW
        )

    if is_fit:
        change()
        assert (device.label, device.idle_seconds, device.keeps_partial) == (
            "Sảnh B",
            seconds,
            True,
        )
    else:
        with pytest.raises(Invalid):
            change()
        assert (device.label, device.idle_seconds) == ("Kiosk sảnh A", 60)


def test_a_device_moves_to_another_survey(session: Session, point: CollectionPoint) -> None:
    device, code = make_device(session, point)
    _, key = enrol(session, code, now=NOW)
    next_survey = make_survey(session, [point.unit], code="KS-2027")
    other = make_point(session, next_survey, point.unit)
    assert device.placed_hour == HOUR
    move_device(session, device, other, now=NOW + timedelta(days=1))
    session.expire_all()
    assert find_device(session, key).collection_point.token == other.token
    assert device.placed_hour == HOUR + timedelta(days=1)
    assert list(devices_of(session, point.survey)) == []
    assert list(devices_of(session, next_survey)) == [device]
    assert find_device_of(session, next_survey, device.id) is device
    with pytest.raises(NotFound):
        find_device_of(session, point.survey, device.id)


def test_a_device_stays_at_its_unit(session: Session, point: CollectionPoint) -> None:
    device, _ = make_device(session, point)
    unit = make_unit(session, "H01.02", "Phường An")
    session.add(SurveyUnit(survey_id=point.survey_id, unit_id=unit.id))
    there = make_point(session, point.survey, unit)
    beside = make_point(session, point.survey, point.unit)
    assert points_to_move_to(session, point) == (beside,)
    with pytest.raises(Conflict, match="cùng một đơn vị"):
        move_device(session, device, there, now=NOW)
    assert device.collection_point is point


def test_devices_are_listed_within_a_scope(session: Session, point: CollectionPoint) -> None:
    device, _ = make_device(session, point)
    unit = make_unit(session, "H01.02", "Phường An")
    session.add(SurveyUnit(survey_id=point.survey_id, unit_id=unit.id))
    other, _ = make_device(session, make_point(session, point.survey, unit))
    assert list(devices_of(session, point.survey)) == [other, device]  # An before Mẫu
    assert list(devices_of(session, point.survey, {point.unit_id})) == [device]


def test_a_report_is_kept_to_the_hour(session: Session, point: CollectionPoint) -> None:
    device, _ = make_device(session, point)
    report_in(session, device, waiting=3, refused=1, app_version=" 2026.11 \n", now=NOW)
    assert told(device) == (3, 1, "2026.11", HOUR, HOUR)
    later = NOW + timedelta(hours=5)
    report_in(session, device, waiting=7, refused=1, app_version="2026.11", now=later)
    assert told(device) == (7, 1, "2026.11", HOUR + timedelta(hours=5), HOUR)
    report_in(session, device, waiting=0, refused=0, app_version="2026.12", now=later)
    assert told(device) == (0, 0, "2026.12", HOUR + timedelta(hours=5), None)


def test_a_report_without_news_need_not_be_written(
    session: Session, point: CollectionPoint
) -> None:
    device, _ = make_device(session, point)

    def is_news(now: datetime = NOW, waiting: int = 0) -> bool:
        return has_news(device, waiting=waiting, refused=0, app_version="1", now=now)

    assert is_news()
    report_in(session, device, waiting=0, refused=0, app_version="1", now=NOW)
    assert not is_news()
    assert not is_news(NOW + timedelta(minutes=29))
    assert is_news(NOW + timedelta(minutes=30))
    assert is_news(waiting=1)


@pytest.mark.parametrize("counts", [(-1, 0), (0, -1), (10**9, 0)])
def test_impossible_counts_are_refused(
    session: Session, point: CollectionPoint, counts: tuple[int, int]
) -> None:
    device, _ = make_device(session, point)
    waiting, refused = counts
    with pytest.raises(Invalid):
        report_in(session, device, waiting=waiting, refused=refused, app_version="", now=NOW)
    assert device.last_seen_hour is None


def test_every_act_is_on_record_and_enrolling_to_the_hour(
    session: Session, point: CollectionPoint
) -> None:
    account = make_account(session)
    device, code = add_device(session, point, label="A", pin="2468", now=NOW, account=account)
    enrol(session, code, now=NOW)
    new_enrolment_code(session, device, now=NOW, account=account)
    set_device(
        session, device, label="B", idle_seconds=90, keeps_partial=True, now=NOW, account=account
    )
    set_pin(session, device, "13579", now=NOW, account=account)
    move_device(session, device, point, now=NOW, account=account)
    report_in(session, device, waiting=0, refused=0, app_version="1", now=NOW)
    revoke(session, device, now=NOW, account=account)
    lines = recorded(session)
    assert [line.action for line in lines] == [
        "device.add",
        "device.enrol",
        "device.code",
        "device.settings",
        "device.pin",
        "device.move",
        "device.revoke",
    ]
    for line in lines:
        is_own = line.action == "device.enrol"
        assert line.account_id == (None if is_own else account.id)
        assert line.happened_at == (HOUR if is_own else NOW)
        assert "KS-2026 H01.01 Quầy số 1: " in line.subject
    words = " ".join(line.subject + line.detail for line in lines)
    assert code not in words
    assert "13579" not in words


def test_no_time_of_a_device_is_finer_than_the_hour(session: Session) -> None:
    columns = inspect(session.connection()).get_columns("device")
    times = {column["name"] for column in columns if "DATETIME" in str(column["type"])}
    # The code's expiry says when an administrator made it; the others speak of the device.
    assert times == {"enrolment_expires_at", "placed_hour", "last_seen_hour", "waiting_since_hour"}
