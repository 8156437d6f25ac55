"""Identities at a provider: of accounts, and those that wait for one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import AccountIdentity, SignIn, SpentLogout, WaitingIdentity


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


def provider_sign_ins(
    session: Session, account_id: int | None, provider_session: str
) -> Sequence[SignIn]:
    """Browsers signed in by a provider: of an account (None = whosesoever), and, where a session
    of the provider is named, in that one, or, of a known account, in one that was not told."""
    query = select(SignIn).where(SignIn.is_by_provider.is_(True))
    if account_id is not None:
        query = query.where(SignIn.account_id == account_id)
    if provider_session:
        named = SignIn.provider_session == provider_session
        untold = SignIn.provider_session.is_(None)
        query = query.where(named if account_id is None else or_(named, untold))
    return session.scalars(query.order_by(SignIn.account_id, SignIn.token_hash)).all()


def spent_at(session: Session, digest: bytes) -> datetime | None:
    found = session.get(SpentLogout, digest)
    return found.spent_at if found else None


def delete_spent_before(session: Session, moment: datetime) -> None:
    session.execute(delete(SpentLogout).where(SpentLogout.spent_at < moment))


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
