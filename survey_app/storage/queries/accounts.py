"""Accounts and sign-ins."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import Account, AccountGrant, SignIn


def account_by_username(session: Session, username: str) -> Account | None:
    return session.scalar(select(Account).where(Account.username == username))


def account_for_change(session: Session, account_id: int) -> Account | None:
    """An account as it is now; until the transaction ends nobody else gets it for a change."""
    return session.scalar(_for_change(select(Account).where(Account.id == account_id)))


def holders_for_change(session: Session, role: str) -> Sequence[Account]:
    """The accounts that have, or had, a role, as they are now; until the transaction ends nobody
    else gets them for a change."""
    holding = select(AccountGrant.account_id).where(AccountGrant.role == role)
    query = select(Account).where(Account.id.in_(holding)).order_by(Account.id)
    return session.scalars(_for_change(query)).all()


def _for_change(query: Select[Account]) -> Select[Account]:
    """Who wants the same rows waits, and then reads what was changed meanwhile."""
    locking = query.with_for_update(of=Account, key_share=True)
    return locking.execution_options(populate_existing=True)


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


def note_use(session: Session, token_hash: bytes, moment: datetime) -> None:
    """A sign-in was used; nothing happens if it has ended meanwhile."""
    used = update(SignIn).where(SignIn.token_hash == token_hash)
    session.execute(used.values(last_seen_at=moment))


def end_sign_in(session: Session, token_hash: bytes) -> None:
    session.execute(delete(SignIn).where(SignIn.token_hash == token_hash))


def end_sign_ins_of(session: Session, account_id: int) -> None:
    session.execute(delete(SignIn).where(SignIn.account_id == account_id))
