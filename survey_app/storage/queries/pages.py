"""Counts and single rows that the officers' and administrators' pages show."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase, Session, joinedload

from survey_app.storage.models import (
    Account,
    AdministrativeUnit,
    CollectionPoint,
    FreeText,
    QuestionnaireVersion,
    Survey,
    SurveyResponse,
    SurveyUnit,
)
from survey_app.storage.queries.reviews import is_counted


def count_rows(session: Session) -> tuple[int, int, int, int]:
    """Questionnaire versions, units, surveys and accounts."""
    tables: tuple[type[DeclarativeBase], ...] = (
        QuestionnaireVersion,
        AdministrativeUnit,
        Survey,
        Account,
    )
    versions, units, surveys, accounts = (
        session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
    )
    return versions, units, surveys, accounts


def child_counts(session: Session, parent_ids: Collection[int]) -> Mapping[int, int]:
    """By unit id: how many units stand directly below it (units without any are left out)."""
    query = (
        select(AdministrativeUnit.parent_id, func.count())
        .where(AdministrativeUnit.parent_id.in_(parent_ids))
        .group_by(AdministrativeUnit.parent_id)
        .order_by(AdministrativeUnit.parent_id)
    )
    return _pairs(session, query)


def parent_units(session: Session) -> Sequence[AdministrativeUnit]:
    """Units with other units below them, in Vietnamese order."""
    below = select(AdministrativeUnit.parent_id).where(AdministrativeUnit.parent_id.is_not(None))
    return session.scalars(
        select(AdministrativeUnit)
        .where(AdministrativeUnit.id.in_(below))
        .order_by(AdministrativeUnit.sort_key, AdministrativeUnit.id)
    ).all()


def sheet_counts(session: Session, *, unit_ids: Collection[int] | None = None) -> Mapping[int, int]:
    """Answer sheets that count, by survey id; with ``unit_ids`` only those of these units."""
    query = select(SurveyResponse.survey_id, func.count()).where(is_counted())
    if unit_ids is not None:
        query = query.where(SurveyResponse.unit_id.in_(unit_ids))
    query = query.group_by(SurveyResponse.survey_id).order_by(SurveyResponse.survey_id)
    return _pairs(session, query)


def unit_counts(session: Session, *, unit_ids: Collection[int] | None = None) -> Mapping[int, int]:
    """Units surveyed, by survey id; with ``unit_ids`` only those among them."""
    query = select(SurveyUnit.survey_id, func.count())
    if unit_ids is not None:
        query = query.where(SurveyUnit.unit_id.in_(unit_ids))
    query = query.group_by(SurveyUnit.survey_id).order_by(SurveyUnit.survey_id)
    return _pairs(session, query)


def surveys_of_version(session: Session, version_id: int) -> Sequence[Survey]:
    """Surveys that ask a questionnaire version, the latest first."""
    return session.scalars(
        select(Survey)
        .where(Survey.version_id == version_id)
        .order_by(Survey.starts_on.desc(), Survey.code)
    ).all()


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


def free_text(
    session: Session, survey_id: int, unit_id: int, response_key: bytes, question_code: str
) -> FreeText | None:
    """One free text, if it was written in this survey about this unit."""
    return session.scalar(
        select(FreeText)
        .join(
            SurveyResponse,
            (SurveyResponse.unit_id == FreeText.unit_id)
            & (SurveyResponse.response_key == FreeText.response_key),
        )
        .where(
            SurveyResponse.survey_id == survey_id,
            FreeText.unit_id == unit_id,
            FreeText.response_key == response_key,
            FreeText.question_code == question_code,
        )
    )


def _pairs(session: Session, query: Any) -> Mapping[int, int]:
    return dict(session.execute(query).all())
