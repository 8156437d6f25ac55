"""Turns in the life of surveys: opened, paused, closed, opened again, lengthened."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import SurveyEvent, SurveyStatus

#: From a moment on, up to (not with) another; None = it goes on.
Pause = tuple[datetime, datetime | None]


def events_of(session: Session, survey_id: int) -> Sequence[SurveyEvent]:
    """The turns of a survey, the latest first, each with the account behind it."""
    return session.scalars(
        select(SurveyEvent)
        .where(SurveyEvent.survey_id == survey_id)
        .options(joinedload(SurveyEvent.account))
        .order_by(SurveyEvent.happened_at.desc(), SurveyEvent.id.desc())
    ).all()


def pauses_of(session: Session, survey_ids: Collection[int]) -> Mapping[int, Sequence[Pause]]:
    """Survey id → its pauses in order of time; surveys that never paused are left out."""
    found: dict[int, list[Pause]] = {}
    for row in session.connection().execute(_TURNS, {"ids": list(survey_ids)}):
        own = found.setdefault(row.survey_id, [])
        if own and own[-1][1] is None:
            own[-1] = (own[-1][0], row.happened_at)
        if row.after == SurveyStatus.PAUSED:
            own.append((row.happened_at, None))
    return found


_TURNS = (
    select(SurveyEvent.survey_id, SurveyEvent.happened_at, SurveyEvent.after)
    .where(
        SurveyEvent.survey_id.in_(bindparam("ids", expanding=True)), SurveyEvent.kind == "status"
    )
    .order_by(SurveyEvent.happened_at, SurveyEvent.id)
)
