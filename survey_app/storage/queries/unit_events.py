"""Reorganisations of units: what is recorded of them, and what hangs on a unit."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from survey_app.storage.models import (
    AdministrativeUnit,
    Base,
    CollectionPoint,
    Device,
    Survey,
    SurveyStatus,
    SurveyUnit,
    UnitEvent,
    UnitEventMember,
    UnitState,
    UnitSuccession,
)

_MEMBERS = selectinload(UnitEvent.members).joinedload(UnitEventMember.unit)
#: What a unit's own history says of it: no use made of the unit.
_OWN_TABLES = frozenset(
    {"administrative_unit", "unit_event_member", "unit_state", "unit_succession"}
)


def unit_event(session: Session, event_id: int) -> UnitEvent | None:
    return session.scalar(select(UnitEvent).where(UnitEvent.id == event_id).options(_MEMBERS))


def latest_events(
    session: Session, *, limit: int, before: int | None = None
) -> Sequence[UnitEvent]:
    """Reorganisations by the order in which they were recorded, the latest first."""
    query = select(UnitEvent).options(_MEMBERS).order_by(UnitEvent.id.desc()).limit(limit)
    if before is not None:
        query = query.where(UnitEvent.id < before)
    return session.scalars(query).all()


def events_of(session: Session, unit_ids: Collection[int]) -> Sequence[UnitEvent]:
    """Reorganisations that any of these units took part in, by day."""
    own = select(UnitEventMember.event_id).where(UnitEventMember.unit_id.in_(unit_ids))
    return session.scalars(
        select(UnitEvent)
        .where(UnitEvent.id.in_(own))
        .options(_MEMBERS)
        .order_by(UnitEvent.happened_on, UnitEvent.id)
    ).all()


def waiting_events(session: Session, *, until: date | None = None) -> Sequence[UnitEvent]:
    """Reorganisations not yet carried out, by day; with ``until`` only those due by then."""
    query = select(UnitEvent).where(UnitEvent.applied_at.is_(None)).options(_MEMBERS)
    if until is not None:
        query = query.where(UnitEvent.happened_on <= until)
    return session.scalars(query.order_by(UnitEvent.happened_on, UnitEvent.id)).all()


def states_of_event(session: Session, event_id: int) -> Sequence[UnitState]:
    return session.scalars(
        select(UnitState).where(UnitState.event_id == event_id).order_by(UnitState.unit_id)
    ).all()


def states_of(session: Session, unit_ids: Collection[int]) -> dict[int, list[UnitState]]:
    """Unit id → what that unit was before, by day; units that never changed are left out."""
    found: dict[int, list[UnitState]] = {}
    for state in session.scalars(
        select(UnitState)
        .where(UnitState.unit_id.in_(unit_ids))
        .options(joinedload(UnitState.parent))
        .order_by(UnitState.unit_id, UnitState.until)
    ):
        found.setdefault(state.unit_id, []).append(state)
    return found


def states_after(session: Session, day: date) -> Sequence[UnitState]:
    """What units were until days after ``day``, by unit and day."""
    return session.scalars(
        select(UnitState)
        .where(UnitState.until > day)
        .options(joinedload(UnitState.parent))
        .order_by(UnitState.unit_id, UnitState.until)
    ).all()


def last_states(session: Session) -> Mapping[int, date]:
    """Unit id → the day of its last change of name or place in the tree."""
    query = (
        select(UnitState.unit_id, func.max(UnitState.until))
        .group_by(UnitState.unit_id)
        .order_by(UnitState.unit_id)
    )
    return dict(session.execute(query).all())


def successions(session: Session) -> Sequence[tuple[int, int, date, bool]]:
    """(predecessor, successor, day, whether only a part went there), by day."""
    return [
        (row.predecessor_id, row.successor_id, row.happened_on, row.is_part)
        for row in session.execute(
            select(
                UnitSuccession.predecessor_id,
                UnitSuccession.successor_id,
                UnitSuccession.happened_on,
                UnitSuccession.is_part,
            ).order_by(
                UnitSuccession.happened_on,
                UnitSuccession.predecessor_id,
                UnitSuccession.successor_id,
            )
        )
    ]


def successions_of_event(session: Session, event_id: int) -> Sequence[UnitSuccession]:
    return session.scalars(
        select(UnitSuccession)
        .where(UnitSuccession.event_id == event_id)
        .order_by(UnitSuccession.predecessor_id, UnitSuccession.successor_id)
    ).all()


def successions_of(session: Session, unit_id: int) -> Sequence[UnitSuccession]:
    """The lineage of one unit that no recorded reorganisation explains, in both directions."""
    is_own = (UnitSuccession.predecessor_id == unit_id) | (UnitSuccession.successor_id == unit_id)
    return session.scalars(
        select(UnitSuccession)
        .where(is_own, UnitSuccession.event_id.is_(None))
        .order_by(
            UnitSuccession.happened_on,
            UnitSuccession.predecessor_id,
            UnitSuccession.successor_id,
        )
    ).all()


def units_by_id(session: Session, ids: Collection[int]) -> dict[int, AdministrativeUnit]:
    query = (
        select(AdministrativeUnit)
        .where(AdministrativeUnit.id.in_(ids))
        .order_by(AdministrativeUnit.id)
    )
    return {unit.id: unit for unit in session.scalars(query)}


def uses_of(session: Session, unit_ids: Collection[int]) -> dict[str, int]:
    """Table → rows in it that name one of these units, without the units' own history."""
    found: dict[str, int] = {}
    for table in Base.metadata.sorted_tables:
        columns = [
            key.parent
            for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
            if key.column.table.name == "administrative_unit" and table.name not in _OWN_TABLES
        ]
        for column in columns:
            query = select(func.count()).select_from(table).where(column.in_(unit_ids))
            if count := session.scalar(query) or 0:
                found[table.name] = found.get(table.name, 0) + count
    return found


def surveys_not_closed(session: Session, unit_ids: Collection[int]) -> Sequence[Survey]:
    """Surveys planned or under way that survey one of these units, the latest first."""
    covering = select(SurveyUnit.survey_id).where(SurveyUnit.unit_id.in_(unit_ids))
    return session.scalars(
        select(Survey)
        .where(Survey.id.in_(covering), Survey.status != SurveyStatus.CLOSED)
        .order_by(Survey.starts_on.desc(), Survey.code)
    ).all()


def is_surveyed_since(session: Session, unit_ids: Collection[int], day: date) -> bool:
    """Whether a survey that began on ``day`` or later covers one of these units."""
    query = (
        select(SurveyUnit.survey_id)
        .join(Survey, Survey.id == SurveyUnit.survey_id)
        .where(SurveyUnit.unit_id.in_(unit_ids), Survey.starts_on >= day)
        .limit(1)
    )
    return session.scalar(query) is not None


def count_places(session: Session, unit_ids: Collection[int]) -> tuple[int, int]:
    """(active collection points, devices in use) of these units."""
    points = select(func.count()).where(
        CollectionPoint.unit_id.in_(unit_ids), CollectionPoint.is_active
    )
    devices = (
        select(func.count())
        .select_from(Device)
        .join(CollectionPoint, CollectionPoint.id == Device.collection_point_id)
        .where(CollectionPoint.unit_id.in_(unit_ids), Device.is_revoked.is_(False))
    )
    return session.scalar(points) or 0, session.scalar(devices) or 0


def has_children_apart(session: Session, unit_ids: Collection[int], event_id: int) -> bool:
    """Whether a unit hangs under one of these that the event did not put there."""
    moved = select(UnitState.unit_id).where(UnitState.event_id == event_id)
    query = select(AdministrativeUnit.id).where(
        AdministrativeUnit.parent_id.in_(unit_ids), AdministrativeUnit.id.not_in(moved)
    )
    return session.scalar(query.limit(1)) is not None
