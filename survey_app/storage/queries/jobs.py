"""Background jobs: the next one to do, and an account's own."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import JobState, ReportJob, Survey


def next_job(session: Session, *, silent_since: datetime) -> ReportJob | None:
    """The oldest job waiting, or one whose worker has been silent since that moment."""
    abandoned = (ReportJob.state == JobState.RUNNING) & (ReportJob.beat_at < silent_since)
    return session.scalar(
        select(ReportJob)
        .where(or_(ReportJob.state == JobState.WAITING, abandoned))
        .order_by(ReportJob.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def job_with_survey(session: Session, job_id: int) -> ReportJob | None:
    return session.scalar(
        select(ReportJob)
        .where(ReportJob.id == job_id)
        .options(joinedload(ReportJob.survey).joinedload(Survey.version))
    )


def held_job(session: Session, job_id: int, *, beat_at: datetime) -> ReportJob | None:
    """The job, if this is the last sign of life that was given for it; nobody else gives one until
    the transaction ends."""
    return session.scalar(
        select(ReportJob)
        .where(ReportJob.id == job_id, ReportJob.beat_at == beat_at)
        .with_for_update(key_share=True)
    )


def jobs_of(session: Session, account_id: int, survey_id: int) -> Sequence[ReportJob]:
    """The jobs an account asked for in one survey, the newest first."""
    return session.scalars(
        select(ReportJob)
        .where(ReportJob.account_id == account_id, ReportJob.survey_id == survey_id)
        .order_by(ReportJob.id.desc())
        .limit(5)
    ).all()
