"""Sheets as rows of a data file."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from survey_app.storage.models import DatasetRelease, SurveyResponse
from survey_app.storage.queries.reviews import is_counted


class SheetRow(NamedTuple):
    """What of a sheet goes into a data file."""

    answers: bytes
    mode: str
    received_hour: datetime
    is_partial: bool
    version_number: int


def all_sheets_by_unit(session: Session, survey_id: int) -> Mapping[int, int]:
    """Sheets, whether they count or not, by unit id: a number that only grows."""
    query = (
        select(SurveyResponse.unit_id, func.count())
        .where(SurveyResponse.survey_id == survey_id)
        .group_by(SurveyResponse.unit_id)
        .order_by(SurveyResponse.unit_id)
    )
    return dict(session.execute(query).all())


def releases(session: Session, survey_id: int) -> Mapping[int, DatasetRelease]:
    """What left of a survey before, by unit id."""
    query = (
        select(DatasetRelease)
        .where(DatasetRelease.survey_id == survey_id)
        .order_by(DatasetRelease.unit_id)
    )
    return {row.unit_id: row for row in session.scalars(query)}


def counted_sheets(session: Session, survey_id: int, unit_id: int) -> Sequence[SheetRow]:
    """The sheets of a unit that count, in key order."""
    rows = session.execute(
        select(
            SurveyResponse.answers,
            SurveyResponse.mode,
            SurveyResponse.received_hour,
            SurveyResponse.is_partial,
            SurveyResponse.version_number,
        )
        .where(
            SurveyResponse.survey_id == survey_id, SurveyResponse.unit_id == unit_id, is_counted()
        )
        .order_by(SurveyResponse.response_key)
    )
    return [SheetRow(*row) for row in rows]
