"""Surveys, the units in them, how many sheets came."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from survey_app.storage.models import (
    AdministrativeUnit,
    QuestionnaireVersion,
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


def surveys_of_version(session: Session, version_id: int) -> Sequence[Survey]:
    """Surveys that ask a questionnaire version, the latest first."""
    return session.scalars(
        select(Survey)
        .where(Survey.version_id == version_id)
        .order_by(Survey.starts_on.desc(), Survey.code)
    ).all()


def sheet_counts(session: Session, *, unit_ids: Collection[int] | None = None) -> Mapping[int, int]:
    """Answer sheets that count, by survey id; with ``unit_ids`` only those of these units."""
    query = select(SurveyResponse.survey_id, func.count()).where(is_counted())
    if unit_ids is not None:
        query = query.where(SurveyResponse.unit_id.in_(unit_ids))
    query = query.group_by(SurveyResponse.survey_id).order_by(SurveyResponse.survey_id)
    return dict(session.execute(query).all())


def unit_counts(session: Session, *, unit_ids: Collection[int] | None = None) -> Mapping[int, int]:
    """Units surveyed, by survey id; with ``unit_ids`` only those among them."""
    query = select(SurveyUnit.survey_id, func.count())
    if unit_ids is not None:
        query = query.where(SurveyUnit.unit_id.in_(unit_ids))
    query = query.group_by(SurveyUnit.survey_id).order_by(SurveyUnit.survey_id)
    return dict(session.execute(query).all())
