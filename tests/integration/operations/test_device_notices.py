"""Notices about kiosks: silent, holding sheets back, refused, far fewer answers than elsewhere."""

from datetime import datetime
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from survey_app.clock import VIETNAM
from survey_app.operations.fieldwork.device_notices import (
    DeviceNotice,
    NoticeKind,
    count_notices,
    device_notices,
    few_answers,
)
from survey_app.operations.fieldwork.devices import (
    Device,
    add_device,
    enrol,
    move_device,
    report_in,
    revoke,
)
from survey_app.operations.fieldwork.surveyed_units import set_population
from survey_app.operations.fieldwork.surveys import close_survey
from survey_app.operations.intake.submission import Sheet, submit_sheet
from survey_app.storage.models import AdministrativeUnit, Mode, Survey
from tests.factories import make_point, make_survey, make_unit


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of June 2026 on a Vietnamese clock; the 1st is a Monday."""
    return datetime(2026, 6, day, hour, minute, tzinfo=VIETNAM)


@pytest.fixture
def units(session: Session) -> list[AdministrativeUnit]:
    return [make_unit(session, f"H01.0{number}", f"Phường {number}") for number in range(1, 7)]


@pytest.fixture
def survey(session: Session, units: list[AdministrativeUnit]) -> Survey:
    return make_survey(session, dict.fromkeys(units, 1000), document="one-stop-rating.yaml")


def make_kiosk(
    session: Session,
    survey: Survey,
    unit: AdministrativeUnit,
    *,
    since: datetime,
    seen: datetime | None = None,
    waiting: int = 0,
    refused: int = 0,
) -> Device:
    """A device that was enrolled at ``since`` and last reported at ``seen``."""
    point = make_point(session, survey, unit)
    device, code = add_device(session, point, label="Kiosk", pin="2468", now=since)
    enrol(session, code, now=since)
    if seen:
        report_in(session, device, waiting=waiting, refused=refused, app_version="1", now=seen)
    return device


def kinds(notices: tuple[DeviceNotice, ...]) -> list[str]:
    return [notice.kind.value for notice in notices]


# ── silence, waiting, refusals ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("seen", "now", "is_silent"),
    [
        (at(1, 9), at(1, 17), False),
        (at(1, 9, 59), at(2, 9, 59), False),  # there until 10:00, as far as anybody knows
        (at(1, 9), at(2, 10), True),
        (at(5, 16), at(8, 16, 59), False),  # Friday afternoon to Monday
        (at(5, 16), at(8, 17), True),
        (at(5, 16), at(7, 23), False),
    ],
)
def test_a_kiosk_is_silent_after_a_working_day(
    session: Session,
    survey: Survey,
    units: list[AdministrativeUnit],
    seen: datetime,
    now: datetime,
    is_silent: bool,
) -> None:
    device = make_kiosk(session, survey, units[0], since=at(1, 8), seen=seen, waiting=3)
    found = device_notices(session, survey, None, now=now)
    assert kinds(found) == (["silent"] if is_silent else [])
    if found:
        since = seen.replace(minute=0)
        assert found[0] == DeviceNotice(NoticeKind.SILENT, device, since, sheets=3)


def test_sheets_that_wait_although_the_kiosk_reports(
    session: Session, survey: Survey, units: list[AdministrativeUnit]
) -> None:
    device = make_kiosk(session, survey, units[0], since=at(1, 8), seen=at(1, 9), waiting=3)
    report_in(session, device, waiting=5, refused=0, app_version="1", now=at(2, 9))
    assert device_notices(session, survey, None, now=at(2, 9, 30)) == ()
    report_in(session, device, waiting=8, refused=2, app_version="1", now=at(2, 11))
    waiting, refused = device_notices(session, survey, None, now=at(2, 11))
    assert waiting == DeviceNotice(NoticeKind.WAITING, device, at(1, 9), sheets=8)
    assert refused == DeviceNotice(NoticeKind.REFUSED, device, None, sheets=2)
    report_in(session, device, waiting=0, refused=0, app_version="1", now=at(2, 12))
    assert device_notices(session, survey, None, now=at(2, 12)) == ()


def test_nothing_is_expected_before_the_survey_begins(
    session: Session, units: list[AdministrativeUnit]
) -> None:
    survey = make_survey(session, units, starts_on=at(8, 0).date(), ends_on=at(12, 0).date())
    device = make_kiosk(session, survey, units[0], since=at(1, 8), seen=at(1, 9))
    assert device_notices(session, survey, None, now=at(8, 16)) == ()
    assert kinds(device_notices(session, survey, None, now=at(8, 17))) == ["silent"]
    assert device_notices(session, survey, None, now=at(15, 9)) == ()  # the period is over
    report_in(session, device, waiting=4, refused=0, app_version="1", now=at(12, 9))
    # Sheets may come until the survey is closed.
    assert kinds(device_notices(session, survey, None, now=at(15, 17))) == ["waiting"]
    close_survey(survey)
    assert device_notices(session, survey, None, now=at(15, 17)) == ()


def test_devices_that_are_not_in_use_are_left_in_peace(
    session: Session, survey: Survey, units: list[AdministrativeUnit]
) -> None:
    gone = make_kiosk(session, survey, units[0], since=at(1, 8), seen=at(1, 9), refused=1)
    revoke(session, gone, now=at(1, 10))
    add_device(session, gone.collection_point, label="Chưa cài", pin="2468", now=at(1, 8))
    stopped = make_kiosk(session, survey, units[1], since=at(1, 8), seen=at(1, 9))
    stopped.collection_point.is_active = False
    assert device_notices(session, survey, None, now=at(5, 9)) == ()


def test_notices_stay_within_a_scope_and_are_counted(
    session: Session, survey: Survey, units: list[AdministrativeUnit]
) -> None:
    for unit in units[:3]:
        make_kiosk(session, survey, unit, since=at(1, 8), seen=at(1, 9))
    other = make_survey(session, units, code="KS-2")
    own = {units[1].id}
    (notice,) = device_notices(session, survey, own, now=at(5, 9))
    assert notice.device.collection_point.unit_id == units[1].id
    assert count_notices(session, [survey, other], own, now=at(5, 9)) == {survey.id: 1}
    assert count_notices(session, [survey, other], None, now=at(5, 9)) == {survey.id: 3}


# ── far fewer answers ─────────────────────────────────────────────────────────────────────────

NOW = at(15, 9)  # two weeks, ten working days, after the kiosks came


def answer(session: Session, device: Device, count: int, *, mode: Mode = Mode.KIOSK) -> None:
    for number in range(count):
        sheet = Sheet(
            uuid4(),
            device.collection_point.token,
            {"service.overall": "4"},
            mode=mode,
            answered_at=at(1 + number % 5, 10),
        )
        submit_sheet(session, sheet, now=at(12, 16))


@pytest.fixture
def kiosks(session: Session, survey: Survey, units: list[AdministrativeUnit]) -> list[Device]:
    """A kiosk in each of six units, seen this morning; 40 sheets each but 3 at the first."""
    survey.starts_on = at(1, 0).date()
    found = [make_kiosk(session, survey, u, since=at(1, 7), seen=at(15, 8)) for u in units]
    for device, count in zip(found, [3, 40, 42, 38, 41, 40], strict=True):
        answer(session, device, count)
    return found


def told(session: Session, survey: Survey, scope: set[int] | None = None) -> list[str]:
    return [few.unit.code for few in few_answers(session, survey, scope, now=NOW)]


@pytest.mark.usefixtures("kiosks")
def test_a_unit_with_far_fewer_answers_is_told_with_the_figures(
    session: Session, survey: Survey, units: list[AdministrativeUnit]
) -> None:
    (few,) = few_answers(session, survey, None, now=NOW)
    assert (few.unit, few.count, few.peers) == (units[0], 3, 5)
    assert (few.first, few.last) == (at(1, 0).date(), at(14, 0).date())
    assert few.expected == pytest.approx(201 / 5)
    assert told(session, survey, {units[0].id}) == ["H01.01"]
    assert told(session, survey, {units[1].id}) == []


def test_telephones_and_today_do_not_count(
    session: Session, survey: Survey, kiosks: list[Device]
) -> None:
    answer(session, kiosks[0], 60, mode=Mode.PHONE)
    for _ in range(40):
        sheet = Sheet(
            uuid4(), kiosks[0].collection_point.token, {"service.overall": "4"}, mode=Mode.KIOSK
        )
        submit_sheet(session, sheet, now=at(15, 8))
    assert told(session, survey) == ["H01.01"]


def test_few_dossiers_explain_few_answers(
    session: Session, survey: Survey, kiosks: list[Device]
) -> None:
    set_population(session, survey, kiosks[0].collection_point.unit_id, 80)
    assert told(session, survey) == []
    set_population(session, survey, kiosks[0].collection_point.unit_id, None)
    assert told(session, survey) == []


def test_a_kiosk_that_came_late_is_not_blamed(
    session: Session, survey: Survey, kiosks: list[Device]
) -> None:
    kiosks[0].placed_hour = at(11, 16)
    assert told(session, survey) == []  # one office day of ten: four sheets expected
    kiosks[0].placed_hour = at(12, 16)
    assert told(session, survey) == []  # less than a working day


@pytest.mark.usefixtures("kiosks")
def test_a_kiosk_that_holds_sheets_back_is_not_blamed_for_few(
    session: Session, survey: Survey, kiosks: list[Device]
) -> None:
    report_in(session, kiosks[0], waiting=30, refused=0, app_version="1", now=at(15, 8))
    assert told(session, survey) == []
    report_in(session, kiosks[0], waiting=0, refused=0, app_version="1", now=at(11, 8))
    assert told(session, survey) == []  # silent since Thursday: that is told instead
    assert kinds(device_notices(session, survey, None, now=NOW)) == ["silent"]


def test_a_kiosk_that_was_moved_counts_from_then_on(
    session: Session, survey: Survey, kiosks: list[Device], units: list[AdministrativeUnit]
) -> None:
    other = make_point(session, survey, units[0])
    move_device(session, kiosks[0], other, now=at(12, 15))
    assert told(session, survey) == []


def test_a_survey_that_is_closed_or_too_young_tells_nothing(
    session: Session, survey: Survey, kiosks: list[Device]
) -> None:
    assert few_answers(session, survey, None, now=at(1, 16)) == ()
    close_survey(survey)
    assert told(session, survey) == []
