"""The audit record, the newest first."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import AuditEntry


def latest_entries(session: Session, limit: int = 100) -> Sequence[AuditEntry]:
    return session.scalars(
        select(AuditEntry)
        .options(joinedload(AuditEntry.account))
        .order_by(AuditEntry.happened_at.desc(), AuditEntry.id.desc())
        .limit(limit)
    ).all()
