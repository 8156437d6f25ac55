"""Identities at a provider: of accounts, and those that wait for one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import AccountIdentity, WaitingIdentity


def identity(session: Session, issuer: str, subject: str) -> AccountIdentity | None:
    return session.scalar(
        select(AccountIdentity)
        .where(AccountIdentity.issuer == issuer, AccountIdentity.subject == subject)
        .options(joinedload(AccountIdentity.account))
    )


def identities_of(session: Session, account_id: int) -> Sequence[AccountIdentity]:
    query = select(AccountIdentity).where(AccountIdentity.account_id == account_id)
    return session.scalars(query.order_by(AccountIdentity.id)).all()


def delete_identities_of(session: Session, account_id: int) -> None:
    session.execute(delete(AccountIdentity).where(AccountIdentity.account_id == account_id))


def linked_identities(session: Session) -> tuple[int, datetime | None]:
    """How many there are, and since when the oldest."""
    count, oldest = session.execute(select(func.count(), func.min(AccountIdentity.linked_at))).one()
    return count, oldest


def waiting_identity(session: Session, issuer: str, subject: str) -> WaitingIdentity | None:
    return session.scalar(
        select(WaitingIdentity).where(
            WaitingIdentity.issuer == issuer, WaitingIdentity.subject == subject
        )
    )


def waiting_by_reference(session: Session, reference: str) -> WaitingIdentity | None:
    return session.scalar(select(WaitingIdentity).where(WaitingIdentity.reference == reference))


def waiting_identities(
    session: Session, issuer: str, *, since: datetime
) -> Sequence[WaitingIdentity]:
    """Those of a provider that were seen since a moment, the last first."""
    return session.scalars(
        select(WaitingIdentity)
        .where(WaitingIdentity.issuer == issuer, WaitingIdentity.seen_at >= since)
        .order_by(WaitingIdentity.seen_at.desc(), WaitingIdentity.id.desc())
    ).all()


def count_waiting(session: Session) -> tuple[int, datetime | None]:
    """How many there are, and when the oldest was seen."""
    count, oldest = session.execute(select(func.count(), func.min(WaitingIdentity.seen_at))).one()
    return count, oldest


def count_waiting_before(session: Session, moment: datetime) -> int:
    query = select(func.count()).where(WaitingIdentity.seen_at < moment)
    return session.scalar(query) or 0


def delete_waiting_before(session: Session, moment: datetime) -> None:
    session.execute(delete(WaitingIdentity).where(WaitingIdentity.seen_at < moment))


def delete_oldest_waiting(session: Session, *, kept: int) -> None:
    """Keep so many of those that wait, the last seen."""
    beyond = select(WaitingIdentity.id).order_by(
        WaitingIdentity.seen_at.desc(), WaitingIdentity.id.desc()
    )
    session.execute(
        delete(WaitingIdentity).where(
            WaitingIdentity.id.in_(session.scalars(beyond.offset(kept)).all())
        )
    )
