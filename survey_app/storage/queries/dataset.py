"""Sheets as rows of a data file."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.storage.models import SurveyResponse
from survey_app.storage.queries.reviews import is_counted


class SheetRow(NamedTuple):
    """What of a sheet goes into a data file."""

    answers: bytes
    mode: str
    received_hour: datetime
    is_partial: bool


def counted_sheets(session: Session, survey_id: int, unit_id: int) -> Sequence[SheetRow]:
    """The sheets of a unit that count, in key order."""
    rows = session.execute(
        select(
            SurveyResponse.answers,
            SurveyResponse.mode,
            SurveyResponse.received_hour,
            SurveyResponse.is_partial,
        )
        .where(
            SurveyResponse.survey_id == survey_id, SurveyResponse.unit_id == unit_id, is_counted()
        )
        .order_by(SurveyResponse.response_key)
    )
    return [SheetRow(*row) for row in rows]
