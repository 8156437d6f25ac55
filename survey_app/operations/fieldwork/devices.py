"""Kiosk devices: added, enrolled once with a short code, moved, revoked, and what they report.

A device holds a key of its own; nobody signs in on it. The key leaves here once, to the browser
that entered the code. What is kept about a device's activity is cut to the hour.
"""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.clock import hour_of
from survey_app.copied_codes import draw_code
from survey_app.errors import Closed, Conflict, Forbidden, Invalid, NotFound, Problem
from survey_app.operations.access.accounts import Account
from survey_app.operations.audit.entries import Fields, changed, record, snapshot
from survey_app.storage.models import CollectionPoint, Survey
from survey_app.storage.models import Device as Device
from survey_app.storage.queries import devices as queries
from survey_app.text import clean_line

ENROLMENT_LETTERS = 8
ENROLMENT_VALID_FOR = timedelta(hours=24)
SHORTEST_IDLE, LONGEST_IDLE = 20, 600  # seconds
SHORTEST_PIN, LONGEST_PIN = 4, 8  # digits
#: As the browser computes it: PBKDF2 with SHA-256 over the PIN in UTF-8, 32 bytes.
PIN_ITERATIONS = 200_000
PIN_SALT_BYTES = 16
MOST_COUNTED = 1_000_000  # sheets a device may claim to hold
LONGEST_LABEL = 120
LONGEST_APP_VERSION = 40
SETTINGS = ("label", "idle_seconds", "keeps_partial")


class DeviceState(StrEnum):
    """How far a device has come."""

    WAITING = "waiting"  # for somebody to enter its code
    EXPIRED = "expired"  # nobody did in time
    ENROLLED = "enrolled"
    REVOKED = "revoked"


def state_of(device: Device, *, now: datetime) -> DeviceState:
    """Whether a device has its key, may still get one, or may not."""
    if device.is_revoked:
        return DeviceState.REVOKED
    if device.key_hash is not None:
        return DeviceState.ENROLLED
    expires_at = device.enrolment_expires_at
    is_in_time = expires_at is not None and now < expires_at
    return DeviceState.WAITING if is_in_time else DeviceState.EXPIRED


def add_device(
    session: Session,
    point: CollectionPoint,
    *,
    label: str,
    pin: str,
    now: datetime,
    account: Account | None = None,
) -> tuple[Device, str]:
    """A new device at a collection point, and the code to enrol it with, told here only.

    Raises Invalid with every mistake.
    """
    problems = [*_check_label(label), *_check_pin(pin)]
    if problems:
        raise Invalid("Chưa thêm được thiết bị.", problems)
    device = Device(collection_point=point, label=clean_line(label))
    _set_pin(device, pin)
    code = _renew_code(device, now)
    session.add(device)
    session.flush()
    _record("device.add", session, device, now=now, account=account)
    return device, code


def new_enrolment_code(
    session: Session, device: Device, *, now: datetime, account: Account | None = None
) -> str:
    """Another code for a device: the first was not used, or the browser has lost its key.

    A browser that is enrolled keeps its key until the code is used. Raises Conflict when the
    device is revoked.
    """
    _require_living(device)
    code = _renew_code(device, now)
    _record("device.code", session, device, now=now, account=account)
    session.flush()
    return code


def enrol(session: Session, code: str, *, now: datetime) -> tuple[Device, str]:
    """The device a code was made for, and its key, told here only. A key it had before is void.

    Raises NotFound (no such code) or Closed (used, too old, or the device is revoked).
    """
    wanted = hash_code(code)
    device = queries.device_by_enrolment(session, wanted)
    if device is None:
        raise NotFound("Mã cài đặt không đúng. Vui lòng kiểm tra lại mã trên trang quản trị.")
    if device.is_revoked:
        raise Closed("Thiết bị này đã bị thu hồi; vui lòng thêm thiết bị mới trên trang quản trị.")
    expires_at = device.enrolment_expires_at
    if expires_at is not None and expires_at <= now:
        raise Closed("Mã cài đặt đã quá 24 giờ; vui lòng tạo mã mới trên trang quản trị.")
    key = secrets.token_urlsafe(32)
    # Decided by the database: of two browsers with one code the second changes no row.
    hour = hour_of(now)
    if not queries.use_enrolment(session, wanted, key_hash=_hash_key(key), now=now, hour=hour):
        raise Closed("Mã cài đặt đã được dùng; vui lòng tạo mã mới trên trang quản trị.")
    session.refresh(device)
    _record("device.enrol", session, device, now=hour, account=None)
    return device, key


def find_device(session: Session, key: str) -> Device:
    """The device with this key, with its collection point, survey, version and unit at hand.

    Raises Forbidden when there is none, or when it is revoked.
    """
    device = queries.device_by_key(session, _hash_key(key))
    if device is None:
        raise Forbidden("Thiết bị chưa được cài đặt. Vui lòng báo cán bộ phụ trách.")
    if device.is_revoked:
        raise Forbidden("Thiết bị đã bị thu hồi. Vui lòng báo cán bộ phụ trách.")
    return device


def find_device_of(session: Session, survey: Survey, device_id: int) -> Device:
    """A device that stands in a survey; raises NotFound."""
    device = queries.device_by_id(session, device_id)
    if device is None or device.collection_point.survey_id != survey.id:
        raise NotFound("Cuộc khảo sát không có thiết bị này.")
    return device


def devices_of(
    session: Session, survey: Survey, unit_ids: Collection[int] | None = None
) -> Sequence[Device]:
    """The devices of a survey by unit, place and label; with ``unit_ids`` those of these units."""
    return queries.survey_devices(session, survey.id, unit_ids=unit_ids)


def had_device(session: Session, point: CollectionPoint, *, anywhere: bool) -> bool:
    """Whether a kiosk stands, or once stood, at a collection point; ``anywhere``: or elsewhere in
    its unit. Of the past the audit record tells, under the names the places had then."""
    found = queries.devices_at(session, None if anywhere else point.id, unit_id=point.unit_id)
    if found:
        return True
    unit = f"{point.survey.code} {point.unit.code} "
    place = unit if anywhere else f"{unit}{point.label}: "
    return queries.was_placed(session, place)


def set_device(
    session: Session,
    device: Device,
    *,
    label: str,
    idle_seconds: int,
    keeps_partial: bool,
    now: datetime,
    account: Account | None = None,
) -> None:
    """Change what a device is called and how it behaves; it learns of it when it next asks.

    ``keeps_partial``: a sheet left alone is sent with what it holds, when the main rating is
    there; otherwise it is thrown away. Raises Invalid with every mistake.
    """
    problems = _check_label(label)
    if not SHORTEST_IDLE <= idle_seconds <= LONGEST_IDLE:
        message = f"Thời gian chờ phải từ {SHORTEST_IDLE} đến {LONGEST_IDLE} giây."
        problems.append(Problem(message, "idle_seconds"))
    if problems:
        raise Invalid("Chưa lưu được cài đặt của thiết bị.", problems)
    before = snapshot(device, *SETTINGS)
    device.label = clean_line(label)
    device.idle_seconds = idle_seconds
    device.keeps_partial = keeps_partial
    detail = changed(before, snapshot(device, *SETTINGS))
    _record("device.settings", session, device, now=now, account=account, detail=detail)
    session.flush()


def set_pin(
    session: Session, device: Device, pin: str, *, now: datetime, account: Account | None = None
) -> None:
    """Give the clerk's corner of a device another PIN. Raises Invalid."""
    problems = _check_pin(pin)
    if problems:
        raise Invalid("Chưa đổi được mã PIN.", problems)
    _set_pin(device, pin)
    _record("device.pin", session, device, now=now, account=account)
    session.flush()


def revoke(
    session: Session, device: Device, *, now: datetime, account: Account | None = None
) -> None:
    """The device's key and code are void from now on, for good."""
    device.is_revoked = True
    device.enrolment_hash = device.enrolment_expires_at = None
    _record("device.revoke", session, device, now=now, account=account)
    session.flush()


def move_device(
    session: Session,
    device: Device,
    point: CollectionPoint,
    *,
    now: datetime,
    account: Account | None = None,
) -> None:
    """Put a device to another collection point of its unit, be it of another survey.

    Sheets that wait on it keep the link and the version they were opened with, so nothing is
    mixed. Raises Conflict when the device is revoked, or the place another unit's: what waits on
    it would be sent with a key that is good for that unit only.
    """
    _require_living(device)
    before = device.collection_point
    if point.unit_id != before.unit_id:
        raise Conflict(
            "Thiết bị chỉ chuyển được trong cùng một đơn vị; hãy gỡ thiết bị khỏi nơi đặt rồi "
            "thêm thiết bị mới ở đơn vị kia."
        )
    device.collection_point = point
    if device.placed_hour is not None and point.id != before.id:
        device.placed_hour = hour_of(now)
    places = {"collection_point": _name(before)}, {"collection_point": _place(device)}
    detail = changed(*places)
    _record("device.move", session, device, now=now, account=account, detail=detail)
    session.flush()


def has_news(
    device: Device, *, waiting: int, refused: int, app_version: str, now: datetime
) -> bool:
    """Whether a report would change what is kept: nobody need take the writer's turn otherwise."""
    return _reported(device) != (hour_of(now), *_told(waiting, refused, app_version))


def report_in(
    session: Session,
    device: Device,
    *,
    waiting: int,
    refused: int,
    app_version: str,
    now: datetime,
) -> None:
    """Keep what a device says of itself: sheets ``waiting`` to be sent, ``refused`` ones it keeps.

    Not in a transaction that stores sheets: rows written together could be matched.
    Raises Invalid for counts that cannot be.
    """
    told = _told(waiting, refused, app_version)
    device.last_seen_hour = hour_of(now)
    if not waiting:
        device.waiting_since_hour = None
    elif device.waiting_since_hour is None:
        device.waiting_since_hour = hour_of(now)
    device.waiting, device.refused, device.app_version = told
    session.flush()


def hash_code(code: str) -> bytes:
    """The digest of a code as somebody typed it: in small letters, with spaces or hyphens."""
    return _digest("".join(code.upper().replace("-", " ").split()))


def _check_label(label: str) -> list[Problem]:
    if not clean_line(label):
        return [Problem("Nhập tên thiết bị.", "label")]
    if len(clean_line(label)) > LONGEST_LABEL:
        return [Problem(f"Tên thiết bị dài nhất {LONGEST_LABEL} ký tự.", "label")]
    return []


def _check_pin(pin: str) -> list[Problem]:
    is_fit = SHORTEST_PIN <= len(pin) <= LONGEST_PIN and pin.isascii() and pin.isdecimal()
    if is_fit:
        return []
    return [Problem(f"Mã PIN gồm {SHORTEST_PIN} đến {LONGEST_PIN} chữ số.", "pin")]


def _set_pin(device: Device, pin: str) -> None:
    device.pin_salt = secrets.token_bytes(PIN_SALT_BYTES)
    device.pin_hash = hashlib.pbkdf2_hmac("sha256", pin.encode(), device.pin_salt, PIN_ITERATIONS)


def _renew_code(device: Device, now: datetime) -> str:
    code = draw_code(ENROLMENT_LETTERS)
    device.enrolment_hash = hash_code(code)
    device.enrolment_expires_at = now + ENROLMENT_VALID_FOR
    return code


def _require_living(device: Device) -> None:
    if device.is_revoked:
        raise Conflict("Thiết bị đã bị thu hồi; hãy thêm thiết bị mới.")


def _reported(device: Device) -> tuple[datetime | None, int, int, str]:
    return (device.last_seen_hour, device.waiting, device.refused, device.app_version)


def _told(waiting: int, refused: int, app_version: str) -> tuple[int, int, str]:
    if not (0 <= waiting <= MOST_COUNTED and 0 <= refused <= MOST_COUNTED):
        raise Invalid("Số phiếu mà thiết bị báo không hợp lệ.")
    return waiting, refused, clean_line(app_version)[:LONGEST_APP_VERSION]


def _record(
    action: str,
    session: Session,
    device: Device,
    *,
    now: datetime,
    account: Account | None,
    detail: Fields | None = None,
) -> None:
    subject = f"{_place(device)}: {device.label}"
    record(session, action, now=now, account=account, subject=subject, detail=detail or {})


def _place(device: Device) -> str:
    return _name(device.collection_point)


def _name(point: CollectionPoint) -> str:
    return f"{point.survey.code} {point.unit.code} {point.label}"


def _hash_key(key: str) -> bytes:
    return _digest(key)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()
