"""Surveys, the units in them, their collection points and links."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from survey_app.storage.models import (
    AdministrativeUnit,
    CollectionPoint,
    OneTimeLink,
    QuestionnaireVersion,
    SpentLink,
    Survey,
    SurveyResponse,
    SurveyStatus,
    SurveyUnit,
)
from survey_app.storage.queries.reviews import is_counted


def survey_by_code(session: Session, code: str) -> Survey | None:
    return session.scalar(
        select(Survey).where(Survey.code == code).options(joinedload(Survey.version))
    )


def is_code_taken(session: Session, code: str) -> bool:
    """Whether a survey has this code, in whatever case."""
    query = select(Survey.id).where(func.lower(Survey.code) == code.lower()).limit(1)
    return session.scalar(query) is not None


def unit_ids_of(session: Session, code: str) -> frozenset[int]:
    """The ids of the units of a survey; none where there is no such survey."""
    query = (
        select(SurveyUnit.unit_id)
        .join(Survey, Survey.id == SurveyUnit.survey_id)
        .where(Survey.code == code)
    )
    return frozenset(session.scalars(query))


def list_surveys(
    session: Session, *, unit_ids: Collection[int] | None = None, wholly: bool = False
) -> Sequence[Survey]:
    """Surveys, the latest first; with ``unit_ids`` only those that survey one of them, and
    ``wholly``: no other unit."""
    query = (
        select(Survey)
        .options(joinedload(Survey.version))
        .order_by(Survey.starts_on.desc(), Survey.code)
    )
    if unit_ids is not None:
        taking_part = select(SurveyUnit.survey_id).where(SurveyUnit.unit_id.in_(unit_ids))
        query = query.where(Survey.id.in_(taking_part))
        if wholly:
            outside = select(SurveyUnit.survey_id).where(SurveyUnit.unit_id.not_in(unit_ids))
            query = query.where(Survey.id.not_in(outside))
    return session.scalars(query).all()


def surveys_before(session: Session, survey: Survey, unit_ids: Collection[int]) -> Sequence[Survey]:
    """Surveys of the same questionnaire that covered any of these units and ended before this one
    began, the latest first."""
    covering = select(SurveyUnit.survey_id).where(SurveyUnit.unit_id.in_(unit_ids))
    return session.scalars(
        select(Survey)
        .join(Survey.version)
        .where(
            Survey.id.in_(covering),
            QuestionnaireVersion.code == survey.version.code,
            Survey.ends_on < survey.starts_on,
            Survey.is_demo == survey.is_demo,
            Survey.status != SurveyStatus.DRAFT,
        )
        .options(contains_eager(Survey.version))
        .order_by(Survey.ends_on.desc(), Survey.id.desc())
    ).all()


def surveys_beside(session: Session, survey: Survey, unit_ids: Collection[int]) -> Sequence[Survey]:
    """Surveys of the same questionnaire and any of these units that began no later than this one
    and are none of :func:`surveys_before`: they overlap with it, or one of the two is a
    demonstration. The latest first, without those that were never opened."""
    covering = select(SurveyUnit.survey_id).where(SurveyUnit.unit_id.in_(unit_ids))
    return session.scalars(
        select(Survey)
        .join(Survey.version)
        .where(
            Survey.id.in_(covering),
            Survey.id != survey.id,
            QuestionnaireVersion.code == survey.version.code,
            Survey.starts_on <= survey.starts_on,
            or_(Survey.ends_on >= survey.starts_on, Survey.is_demo != survey.is_demo),
            Survey.status != SurveyStatus.DRAFT,
        )
        .options(contains_eager(Survey.version))
        .order_by(Survey.ends_on.desc(), Survey.id.desc())
    ).all()


def survey_units(
    session: Session, survey_id: int, *, unit_ids: Collection[int] | None = None
) -> Sequence[SurveyUnit]:
    """The units of a survey in Vietnamese order; with ``unit_ids`` only those among them."""
    query = (
        select(SurveyUnit)
        .join(SurveyUnit.unit)
        .where(SurveyUnit.survey_id == survey_id)
        .options(joinedload(SurveyUnit.unit))
        .order_by(AdministrativeUnit.sort_key, AdministrativeUnit.id)
    )
    if unit_ids is not None:
        query = query.where(SurveyUnit.unit_id.in_(unit_ids))
    return session.scalars(query).all()


def survey_unit(session: Session, survey_id: int, unit_id: int) -> SurveyUnit | None:
    return session.get(SurveyUnit, (survey_id, unit_id))


def sheets_by_unit(session: Session, survey_id: int) -> Mapping[int, int]:
    """Answer sheets that count, by unit id."""
    query = (
        select(SurveyResponse.unit_id, func.count())
        .where(SurveyResponse.survey_id == survey_id, is_counted())
        .group_by(SurveyResponse.unit_id)
        .order_by(SurveyResponse.unit_id)
    )
    return dict(session.execute(query).all())


def last_hours(session: Session, survey_id: int) -> Mapping[int, datetime]:
    """The hour of the latest sheet that counts, by unit id."""
    query = (
        select(SurveyResponse.unit_id, func.max(SurveyResponse.received_hour))
        .where(SurveyResponse.survey_id == survey_id, is_counted())
        .group_by(SurveyResponse.unit_id)
        .order_by(SurveyResponse.unit_id)
    )
    return dict(session.execute(query).all())


def collection_points(session: Session, survey_id: int) -> Sequence[CollectionPoint]:
    """The collection points of a survey, by unit and label."""
    return session.scalars(
        select(CollectionPoint)
        .join(CollectionPoint.unit)
        .where(CollectionPoint.survey_id == survey_id)
        .options(joinedload(CollectionPoint.unit))
        .order_by(AdministrativeUnit.sort_key, CollectionPoint.label, CollectionPoint.id)
    ).all()


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
    """What decides whether a collection point takes sheets at this moment."""

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
