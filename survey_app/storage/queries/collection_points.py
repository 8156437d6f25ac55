"""Collection points and links: of a survey, of a unit, by their tokens."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, bindparam, case, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from survey_app.paging import Page
from survey_app.storage.models import (
    AdministrativeUnit,
    CollectionPoint,
    OneTimeLink,
    SpentLink,
    Survey,
    SurveyStatus,
)
from survey_app.storage.queries.pages import take_page


def collection_point(session: Session, point_id: int) -> CollectionPoint | None:
    """One collection point, with its survey and unit."""
    return session.scalar(
        select(CollectionPoint)
        .where(CollectionPoint.id == point_id)
        .options(
            joinedload(CollectionPoint.survey).joinedload(Survey.version),
            joinedload(CollectionPoint.unit).joinedload(AdministrativeUnit.parent),
        )
    )


def collection_points(
    session: Session, survey_id: int, *, unit_ids: Collection[int] | None = None
) -> Sequence[CollectionPoint]:
    """The collection points of a survey, by unit and label; with ``unit_ids`` only of those."""
    query = _points_of_survey(survey_id)
    if unit_ids is not None:
        query = query.where(CollectionPoint.unit_id.in_(unit_ids))
    return session.scalars(query).all()


def page_points(
    session: Session,
    survey_id: int,
    *,
    folded: str,
    number: int,
    size: int,
    unit_ids: Collection[int] | None = None,
    is_active: bool | None = None,
) -> Page[CollectionPoint]:
    """One page of the same, of the units whose folded name contains ``folded`` or whose code begins
    so; ``is_active``: only those that take sheets, or take none any more."""
    name = AdministrativeUnit.search_key.contains(folded, autoescape=True)
    code = func.lower(AdministrativeUnit.code).startswith(folded, autoescape=True)
    query = _points_of_survey(survey_id).where(name | code)
    if unit_ids is not None:
        query = query.where(CollectionPoint.unit_id.in_(unit_ids))
    if is_active is not None:
        query = query.where(CollectionPoint.is_active.is_(is_active))
    return take_page(session, query, number=number, size=size)


def _points_of_survey(survey_id: int) -> Select[CollectionPoint]:
    return (
        select(CollectionPoint)
        .join(CollectionPoint.unit)
        .where(CollectionPoint.survey_id == survey_id)
        .options(contains_eager(CollectionPoint.unit))
        .order_by(AdministrativeUnit.sort_key, CollectionPoint.label, CollectionPoint.id)
    )


def open_points_of_unit(session: Session, unit_id: int) -> Sequence[CollectionPoint]:
    """Active places of a unit in surveys not closed: those of the latest survey first."""
    return session.scalars(
        select(CollectionPoint)
        .join(CollectionPoint.survey)
        .join(CollectionPoint.unit)
        .where(CollectionPoint.unit_id == unit_id)
        .where(CollectionPoint.is_active, Survey.status != SurveyStatus.CLOSED)
        .options(contains_eager(CollectionPoint.survey), contains_eager(CollectionPoint.unit))
        .order_by(
            Survey.starts_on.desc(),
            Survey.id,
            CollectionPoint.label,
            CollectionPoint.id,
        )
    ).all()


def point_by_token(session: Session, token: str) -> CollectionPoint | None:
    return session.scalar(
        select(CollectionPoint)
        .where(CollectionPoint.token == token)
        .options(
            joinedload(CollectionPoint.survey).joinedload(Survey.version),
            joinedload(CollectionPoint.unit),
        )
    )


@dataclass(frozen=True)
class PointState:
    """What decides whether a collection point takes sheets at this moment. ``token``: of its open
    link; the number of a place may come again when the place is gone."""

    token: str
    status: str
    starts_on: date
    ends_on: date
    is_active: bool
    survey_id: int
    paused_at: datetime | None
    version_id: int
    ways: str | None


def point_states(session: Session, point_ids: Collection[int]) -> dict[int, PointState]:
    """Collection point id → its state now."""
    rows = session.connection().execute(_POINT_STATES, {"ids": list(point_ids)})
    return {
        row.id: PointState(
            row.token,
            row.status,
            row.starts_on,
            row.ends_on,
            row.is_active,
            row.survey_id,
            row.paused_at,
            row.version_id,
            row.ways,
        )
        for row in rows
    }


_POINT_STATES = (
    select(
        CollectionPoint.id,
        CollectionPoint.token,
        Survey.status,
        Survey.starts_on,
        Survey.ends_on,
        CollectionPoint.is_active,
        CollectionPoint.survey_id,
        Survey.paused_at,
        Survey.version_id,
        Survey.ways,
    )
    .join(CollectionPoint.survey)
    .where(CollectionPoint.id.in_(bindparam("ids", expanding=True)))
    .order_by(CollectionPoint.id)
)


def one_time_link(session: Session, token_hash: bytes) -> OneTimeLink | None:
    point = joinedload(OneTimeLink.collection_point)
    return session.scalar(
        select(OneTimeLink)
        .where(OneTimeLink.token_hash == token_hash)
        .options(
            point.joinedload(CollectionPoint.survey).joinedload(Survey.version),
            point.joinedload(CollectionPoint.unit),
        )
    )


def one_time_counts(session: Session, survey_id: int) -> Mapping[int, tuple[int, int]]:
    """By collection point: (one-time links issued, of them used)."""
    is_used = OneTimeLink.is_used | SpentLink.token_hash.is_not(None)
    used = func.sum(case((is_used, 1), else_=0))
    query = (
        select(OneTimeLink.collection_point_id, func.count(), used)
        .join(OneTimeLink.collection_point)
        .outerjoin(SpentLink, SpentLink.token_hash == OneTimeLink.token_hash)
        .where(CollectionPoint.survey_id == survey_id)
        .group_by(OneTimeLink.collection_point_id)
        .order_by(OneTimeLink.collection_point_id)
    )
    return {point: (issued, used or 0) for point, issued, used in session.execute(query)}
