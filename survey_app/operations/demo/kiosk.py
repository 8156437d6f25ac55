"""The demo's kiosk: one device at a counter, to be enrolled by whoever tries it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.operations.fieldwork.collection_points import add_collection_point
from survey_app.operations.fieldwork.devices import (
    Device,
    DeviceState,
    add_device,
    hash_code,
    state_of,
)
from survey_app.storage.models import Mode
from survey_app.storage.queries.devices import device_by_enrolment
from survey_app.storage.queries.surveys import list_surveys, survey_units

PLACE = "Kiosk tại sảnh"
PIN = "2580"


@dataclass(frozen=True)
class DemoKiosk:
    """How to enrol the demo's kiosk and open its clerk's corner."""

    unit: str
    place: str
    code: str
    pin: str


def add_demo_kiosk(session: Session, *, now: datetime) -> DemoKiosk:
    """A kiosk at a place of its own, in the first unit of the latest demo survey."""
    survey = max((s for s in list_surveys(session) if s.is_demo), key=lambda s: (s.ends_on, s.id))
    unit = min((row.unit for row in survey_units(session, survey.id)), key=lambda unit: unit.code)
    point = add_collection_point(session, survey, unit.id, label=PLACE, mode=Mode.KIOSK)
    _, code = add_device(session, point, label="Kiosk minh họa", pin=PIN, now=now)
    return DemoKiosk(unit.name, PLACE, code, PIN)


def can_enrol(session: Session, kiosk: DemoKiosk, *, now: datetime) -> bool:
    """Whether the code may still be entered: once, for a day."""
    device: Device | None = device_by_enrolment(session, hash_code(kiosk.code))
    if device is None or device.enrolment_expires_at is None:
        return False
    return state_of(device, now=now) == DeviceState.WAITING
