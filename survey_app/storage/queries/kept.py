"""Kept results of files: one of them, and lists."""

from collections.abc import Sequence

from sqlalchemy import func, select
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


def count_kept(session: Session, account_id: int) -> int:
    """How many results an account keeps."""
    return session.scalar(select(func.count()).where(KeptAnalysis.account_id == account_id)) or 0


def kept_of(session: Session, account_id: int) -> Sequence[KeptAnalysis]:
    """What an account keeps, the newest first."""
    return session.scalars(
        select(KeptAnalysis)
        .where(KeptAnalysis.account_id == account_id)
        .order_by(KeptAnalysis.id.desc())
    ).all()


def kept_of_all(session: Session, *, before: int | None, most: int) -> Sequence[KeptAnalysis]:
    """What every account keeps, with its account, the newest first: ``most`` of those that were
    kept before the one with this id (None: from the newest)."""
    wanted = select(KeptAnalysis).options(joinedload(KeptAnalysis.account))
    if before is not None:
        wanted = wanted.where(KeptAnalysis.id < before)
    return session.scalars(wanted.order_by(KeptAnalysis.id.desc()).limit(most)).all()
