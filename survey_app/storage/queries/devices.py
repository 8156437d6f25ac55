"""Kiosk devices: found by code or key, listed by place, changed once by whoever comes first."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, contains_eager, joinedload

from survey_app.storage.models import (
    AdministrativeUnit,
    AuditEntry,
    CollectionPoint,
    Device,
    Mode,
    Survey,
    SurveyResponse,
)


def device_by_id(session: Session, device_id: int) -> Device | None:
    return session.scalar(select(Device).where(Device.id == device_id).options(_PLACE))


def device_by_enrolment(session: Session, enrolment_hash: bytes) -> Device | None:
    return session.scalar(
        select(Device).where(Device.enrolment_hash == enrolment_hash).options(_PLACE)
    )


def device_by_key(session: Session, key_hash: bytes) -> Device | None:
    """With its collection point, survey, questionnaire version and unit."""
    return session.scalar(select(Device).where(Device.key_hash == key_hash).options(_PLACE))


def use_enrolment(
    session: Session, enrolment_hash: bytes, *, key_hash: bytes, now: datetime, hour: datetime
) -> bool:
    """Give the device of an unused code its key; False when somebody else was first.

    ``hour``: of now, from which on the device is there.
    """
    statement = (
        update(Device)
        .where(
            Device.enrolment_hash == enrolment_hash,
            Device.enrolment_expires_at > now,
            Device.is_revoked.is_(False),
        )
        .values(
            key_hash=key_hash,
            enrolment_expires_at=None,
            last_seen_hour=hour,
            placed_hour=func.coalesce(Device.placed_hour, hour),
        )
        .returning(Device.id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(statement).first() is not None


def survey_devices(
    session: Session, survey_id: int, *, unit_ids: Collection[int] | None = None
) -> Sequence[Device]:
    """The devices of a survey by unit, collection point and label; with ``unit_ids`` only those
    that stand at these units."""
    query = (
        select(Device)
        .join(Device.collection_point)
        .join(CollectionPoint.unit)
        .where(CollectionPoint.survey_id == survey_id)
        .options(
            contains_eager(Device.collection_point).contains_eager(CollectionPoint.unit),
            contains_eager(Device.collection_point).joinedload(CollectionPoint.survey),
        )
        .order_by(AdministrativeUnit.sort_key, CollectionPoint.label, Device.label, Device.id)
    )
    if unit_ids is not None:
        query = query.where(CollectionPoint.unit_id.in_(unit_ids))
    return session.scalars(query).all()


def devices_at(session: Session, point_id: int | None, *, unit_id: int) -> int:
    """How many devices stand at a collection point (None = at any of the unit)."""
    query = (
        select(func.count())
        .select_from(Device)
        .join(Device.collection_point)
        .where(CollectionPoint.unit_id == unit_id)
    )
    if point_id is not None:
        query = query.where(CollectionPoint.id == point_id)
    return session.scalar(query) or 0


def was_placed(session: Session, place: str) -> bool:
    """Whether the audit record names a device that was put to a place beginning like this."""
    query = select(AuditEntry.number).where(
        AuditEntry.action.in_(("device.add", "device.move")),
        AuditEntry.subject.startswith(place, autoescape=True),
    )
    return session.scalar(query.limit(1)) is not None


def kiosk_sheets_by_unit(
    session: Session, survey_id: int, *, since: datetime, until: datetime
) -> Mapping[int, int]:
    """Unit id → sheets answered on kiosks from the hour of ``since`` to before ``until``."""
    query = (
        select(SurveyResponse.unit_id, func.count())
        .where(
            SurveyResponse.survey_id == survey_id,
            SurveyResponse.mode == Mode.KIOSK,
            SurveyResponse.received_hour >= since,
            SurveyResponse.received_hour < until,
        )
        .group_by(SurveyResponse.unit_id)
        .order_by(SurveyResponse.unit_id)
    )
    return dict(session.execute(query).all())


_POINT = joinedload(Device.collection_point)
_PLACE = _POINT.options(
    joinedload(CollectionPoint.survey).joinedload(Survey.version),
    joinedload(CollectionPoint.unit).joinedload(AdministrativeUnit.parent),
)
