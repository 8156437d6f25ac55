"""Accounts, sign-ins and the audit record."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import Account, AuditEntry, SignIn


def account_by_username(session: Session, username: str) -> Account | None:
    return session.scalar(select(Account).where(Account.username == username))


def list_accounts(session: Session) -> Sequence[Account]:
    return session.scalars(
        select(Account).options(joinedload(Account.unit)).order_by(Account.username)
    ).all()


def sign_in_by_hash(session: Session, token_hash: bytes) -> SignIn | None:
    return session.scalar(
        select(SignIn)
        .where(SignIn.token_hash == token_hash)
        .options(joinedload(SignIn.account).joinedload(Account.unit))
    )


def latest_audit_entries(session: Session, limit: int = 100) -> Sequence[AuditEntry]:
    return session.scalars(
        select(AuditEntry)
        .options(joinedload(AuditEntry.account))
        .order_by(AuditEntry.happened_at.desc(), AuditEntry.id.desc())
        .limit(limit)
    ).all()
