"""The demo's kiosk: its code enrols a device at once, and is told while it can be entered."""

from datetime import timedelta

from sqlalchemy.orm import Session

from survey_app.operations.demo.description import describe_demo
from survey_app.operations.demo.kiosk import add_demo_kiosk, can_enrol
from survey_app.operations.demo.loading import load_demo
from survey_app.operations.fieldwork.devices import enrol, find_device
from survey_app.storage.models import Mode
from tests.factories import NOW


def test_the_code_of_the_demo_enrols_one_kiosk(session: Session) -> None:
    load_demo(session, now=NOW, units=2, responses=20)
    before = describe_demo(session, "", (), today=NOW.date())
    kiosk = add_demo_kiosk(session, now=NOW)
    assert can_enrol(session, kiosk, now=NOW)
    assert not can_enrol(session, kiosk, now=NOW + timedelta(hours=24))
    _, key = enrol(session, kiosk.code, now=NOW)
    point = find_device(session, key).collection_point
    assert (point.mode, point.unit.name) == (Mode.KIOSK, kiosk.unit)
    assert not can_enrol(session, kiosk, now=NOW)
    after = describe_demo(session, "", (), today=NOW.date())
    links = [
        [unit["open_link"] for survey in found["surveys"] for unit in survey["units"]]
        for found in (before, after)
    ]
    assert links[0] == links[1]  # those of the counters
