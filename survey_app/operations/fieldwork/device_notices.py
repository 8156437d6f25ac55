"""What officers should know of the kiosks in their charge: silence, sheets that do not leave, and
far fewer answers than elsewhere. Read from what devices reported by the hour and from counts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.clock import local_date, start_of
from survey_app.estimation.comparison.shortfall import find_shortfalls
from survey_app.integrity.office_time import OFFICE_DAY, office_time
from survey_app.operations.fieldwork.devices import Device
from survey_app.storage.models import AdministrativeUnit, Survey, SurveyStatus
from survey_app.storage.queries.devices import kiosk_sheets_by_unit, survey_devices
from survey_app.storage.queries.surveys import survey_units

#: Over how many whole days, at most, answers are compared.
COMPARED_DAYS = 28
#: A device reports to the hour: it may have been there until the end of that hour.
AN_HOUR = timedelta(hours=1)


class NoticeKind(StrEnum):
    SILENT = "silent"
    WAITING = "waiting"
    REFUSED = "refused"


@dataclass(frozen=True)
class DeviceNotice:
    """``since``: the hour of the last report, or since which sheets wait; None for refused ones.
    ``sheets``: how many wait or were refused."""

    kind: NoticeKind
    device: Device
    since: datetime | None
    sheets: int


@dataclass(frozen=True)
class FewAnswers:
    """A unit whose kiosks received far fewer sheets than those of its peers, from ``first`` to
    ``last``. ``expected``: at the rate of the ``peers`` (how many other units) per dossier."""

    unit: AdministrativeUnit
    first: date
    last: date
    count: int
    expected: float
    peers: int


def device_notices(
    session: Session, survey: Survey, unit_ids: Collection[int] | None, *, now: datetime
) -> tuple[DeviceNotice, ...]:
    """Devices that need somebody to look after them; with ``unit_ids`` those of these units.

    A device is silent after one working day of office time without a report, and sheets wait long
    after the same time. Nothing of a survey that is closed or has not been opened.
    """
    if survey.status != SurveyStatus.OPEN:
        return ()
    found = _living(survey_devices(session, survey.id, unit_ids=unit_ids))
    return tuple(notice for device in found for notice in _notices_of(device, survey, now))


def count_notices(
    session: Session,
    surveys: Iterable[Survey],
    unit_ids: Collection[int] | None,
    *,
    now: datetime,
) -> Mapping[int, int]:
    """Survey id → how many device notices it has; surveys without any are left out."""
    counts = {
        survey.id: len(device_notices(session, survey, unit_ids, now=now)) for survey in surveys
    }
    return {survey_id: count for survey_id, count in counts.items() if count}


def few_answers(
    session: Session, survey: Survey, unit_ids: Collection[int] | None, *, now: datetime
) -> tuple[FewAnswers, ...]:
    """Units whose kiosks received far fewer sheets per dossier than those of the other units.

    All units with kiosks are compared, those in ``unit_ids`` told. What a unit's kiosks could have
    received: its dossiers times the share of the office time in which one was there. Left out are
    units whose dossiers are not known, whose kiosk came less than a working day ago, or is silent,
    or still has sheets: their counts are not complete.
    """
    if survey.status != SurveyStatus.OPEN:
        return ()
    first, end = _period(survey, now)
    whole = office_time(first, end)
    if whole < OFFICE_DAY:
        return ()
    placed = _placed_since(_living(survey_devices(session, survey.id)), survey, now)
    compared = [
        (row.unit, row.population * (there / whole))
        for row in survey_units(session, survey.id, unit_ids=list(placed))
        if row.population is not None
        and (there := office_time(max(first, placed[row.unit_id]), end)) >= OFFICE_DAY
    ]
    counts = kiosk_sheets_by_unit(session, survey.id, since=first, until=end)
    found = find_shortfalls(
        [counts.get(unit.id, 0) for unit, _ in compared], [exposure for _, exposure in compared]
    )
    days = (local_date(first), local_date(end) - timedelta(days=1))
    told = [
        FewAnswers(compared[short.place][0], *days, short.count, short.expected, len(compared) - 1)
        for short in found
    ]
    return tuple(few for few in told if unit_ids is None or few.unit.id in unit_ids)


def _living(devices: Sequence[Device]) -> list[Device]:
    return [
        device
        for device in devices
        if device.placed_hour is not None
        and not device.is_revoked
        and device.collection_point.is_active
    ]


def _notices_of(device: Device, survey: Survey, now: datetime) -> list[DeviceNotice]:
    found = []
    if _is_silent(device, survey, now):
        found.append(DeviceNotice(NoticeKind.SILENT, device, device.last_seen_hour, device.waiting))
    elif _waits_long(device, now):
        since = device.waiting_since_hour
        found.append(DeviceNotice(NoticeKind.WAITING, device, since, device.waiting))
    if device.refused:
        found.append(DeviceNotice(NoticeKind.REFUSED, device, None, device.refused))
    return found


def _is_silent(device: Device, survey: Survey, now: datetime) -> bool:
    if device.last_seen_hour is None or local_date(now) > survey.ends_on:
        return False
    since = max(device.last_seen_hour + AN_HOUR, start_of(survey.starts_on))
    return office_time(since, now) >= OFFICE_DAY


def _waits_long(device: Device, now: datetime) -> bool:
    since = device.waiting_since_hour
    return since is not None and office_time(since + AN_HOUR, now) >= OFFICE_DAY


def _period(survey: Survey, now: datetime) -> tuple[datetime, datetime]:
    """The whole days that are compared, from the first moment to that after the last."""
    today = local_date(now)
    first = max(survey.starts_on, today - timedelta(days=COMPARED_DAYS))
    last = min(survey.ends_on + timedelta(days=1), today)
    return start_of(first), start_of(last)


def _placed_since(devices: Sequence[Device], survey: Survey, now: datetime) -> dict[int, datetime]:
    """Unit id → since when it has had a kiosk; without units whose kiosks hold sheets back."""
    placed: dict[int, datetime] = {}
    incomplete: set[int] = set()
    for device in devices:
        unit_id = device.collection_point.unit_id
        if device.waiting or _is_silent(device, survey, now):
            incomplete.add(unit_id)
        if device.placed_hour is not None:
            placed[unit_id] = min(device.placed_hour, placed.get(unit_id, device.placed_hour))
    return {unit_id: since for unit_id, since in placed.items() if unit_id not in incomplete}
