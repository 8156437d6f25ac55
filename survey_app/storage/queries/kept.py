"""Kept results of files: one of them, and lists."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, undefer

from survey_app.storage.models import KeptAnalysis


def kept_with_content(session: Session, kept_id: int) -> KeptAnalysis | None:
    """One kept result with its plan and document."""
    return session.scalar(
        select(KeptAnalysis)
        .where(KeptAnalysis.id == kept_id)
        .options(
            undefer(KeptAnalysis.plan),
            undefer(KeptAnalysis.reading),
            undefer(KeptAnalysis.document),
        )
    )


def kept_of(session: Session, account_id: int | None) -> Sequence[KeptAnalysis]:
    """What an account kept, the newest first; None: what every account kept."""
    wanted = select(KeptAnalysis).options(joinedload(KeptAnalysis.account))
    if account_id is not None:
        wanted = wanted.where(KeptAnalysis.account_id == account_id)
    return session.scalars(wanted.order_by(KeptAnalysis.id.desc())).all()
