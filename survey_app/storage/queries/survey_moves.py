"""Moves of surveys to later versions of their questionnaires."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import QuestionnaireVersion, Survey, SurveyMove, SurveyStatus


def moves_of(session: Session, survey_id: int) -> Sequence[SurveyMove]:
    """The moves of a survey in their order, each with the account behind it."""
    return session.scalars(
        select(SurveyMove)
        .where(SurveyMove.survey_id == survey_id)
        .options(joinedload(SurveyMove.account))
        .order_by(SurveyMove.number)
    ).all()


def surveys_waiting_for(session: Session, version: QuestionnaireVersion) -> Sequence[str]:
    """The codes of the surveys not closed that are to move to this version and have not yet."""
    return session.scalars(
        select(Survey.code)
        .join(SurveyMove, SurveyMove.survey_id == Survey.id)
        .join(Survey.version)
        .where(
            QuestionnaireVersion.code == version.code,
            QuestionnaireVersion.number < version.number,
            SurveyMove.number == version.number,
            Survey.status == SurveyStatus.OPEN,
        )
        .order_by(Survey.code)
    ).all()


def due_moves(session: Session, *, until: datetime) -> Sequence[tuple[Survey, SurveyMove]]:
    """The moves of surveys under way whose hour has come and that were not made yet; nobody else
    makes or calls them off until the transaction ends."""
    found = session.execute(
        select(Survey, SurveyMove)
        .join(SurveyMove, SurveyMove.survey_id == Survey.id)
        .join(Survey.version)
        .where(
            Survey.status == SurveyStatus.OPEN,
            SurveyMove.number > QuestionnaireVersion.number,
            SurveyMove.starts_at <= until,
        )
        .order_by(Survey.id, SurveyMove.number)
        .with_for_update(of=(Survey, SurveyMove), key_share=True)
    )
    return [(survey, move) for survey, move in found]
