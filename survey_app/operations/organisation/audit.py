"""The audit record: one line for whatever somebody changed or took out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from survey_app.storage.models import Account
from survey_app.storage.models import AuditEntry as AuditEntry
from survey_app.storage.queries import audit as queries


def record(
    session: Session,
    action: str,
    *,
    now: datetime,
    account: Account | None = None,
    subject: str = "",
    detail: str = "",
) -> None:
    """Write one line of the audit record."""
    session.add(
        AuditEntry(
            happened_at=now,
            account_id=account.id if account else None,
            action=action,
            subject=subject[:200],
            detail=detail,
        )
    )


def latest_entries(session: Session) -> Sequence[AuditEntry]:
    """The latest lines of the audit record, the newest first."""
    return queries.latest_entries(session)
