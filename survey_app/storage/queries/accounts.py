"""Accounts and sign-ins."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import Account, SignIn


def account_by_username(session: Session, username: str) -> Account | None:
    return session.scalar(select(Account).where(Account.username == username))


def list_accounts(session: Session) -> Sequence[Account]:
    return session.scalars(select(Account).order_by(Account.username)).all()


def sign_ins_of(session: Session, account_id: int) -> Sequence[SignIn]:
    """The browsers of an account, the one used last first."""
    return session.scalars(
        select(SignIn)
        .where(SignIn.account_id == account_id)
        .order_by(SignIn.last_seen_at.desc(), SignIn.created_at.desc(), SignIn.token_hash)
    ).all()


def sign_in_by_hash(session: Session, token_hash: bytes) -> SignIn | None:
    return session.scalar(
        select(SignIn).where(SignIn.token_hash == token_hash).options(joinedload(SignIn.account))
    )
