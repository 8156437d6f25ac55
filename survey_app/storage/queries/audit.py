"""The audit record: entries that were looked for, and the chain in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import AuditEntry, AuditHead


@dataclass(frozen=True)
class Wanted:
    """What entries are looked for; what is None does not matter.

    ``account_id`` 0: those without an account, as from the command line. ``subject``: a part of
    it, or the name of the account ``subject_account_id``. ``since`` ≤ moment < ``until``.
    """

    account_id: int | None = None
    action: str | None = None
    subject: str | None = None
    subject_account_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def entries_before(
    session: Session, wanted: Wanted, *, before: int | None, most: int
) -> Sequence[AuditEntry]:
    """The newest first: ``most`` of those with a smaller number than ``before``."""
    query = _filtered(wanted).options(joinedload(AuditEntry.account))
    if before is not None:
        query = query.where(AuditEntry.number < before)
    return session.scalars(query.order_by(AuditEntry.number.desc()).limit(most)).all()


def entries_after(
    session: Session, wanted: Wanted, *, after: int, most: int
) -> Sequence[AuditEntry]:
    """The first first: ``most`` of those with a greater number than ``after``."""
    query = _filtered(wanted).options(joinedload(AuditEntry.account))
    query = query.where(AuditEntry.number > after)
    return session.scalars(query.order_by(AuditEntry.number).limit(most)).all()


def chain_after(session: Session, number: int, *, most: int) -> Sequence[AuditEntry]:
    """The next entries of the chain, the first first; not kept in the session."""
    query = select(AuditEntry).where(AuditEntry.number > number).order_by(AuditEntry.number)
    found = session.scalars(query.limit(most)).all()
    for entry in found:
        session.expunge(entry)
    return found


def first_number(session: Session) -> int | None:
    """The least number there is; the chain itself begins with 1."""
    return session.scalar(select(func.min(AuditEntry.number)))


def entry_by_number(session: Session, number: int) -> AuditEntry | None:
    return session.get(AuditEntry, number)


def head(session: Session) -> AuditHead | None:
    return session.get(AuditHead, 1, populate_existing=True)


def last_of_action(session: Session, action: str) -> AuditEntry | None:
    """The newest entry of an action, with its account."""
    query = select(AuditEntry).where(AuditEntry.action == action)
    query = query.options(joinedload(AuditEntry.account))
    return session.scalars(query.order_by(AuditEntry.number.desc()).limit(1)).first()


def actions_there_are(session: Session) -> Sequence[str]:
    query = select(AuditEntry.action).distinct().order_by(AuditEntry.action)
    return session.scalars(query).all()


def _filtered(wanted: Wanted) -> Select[AuditEntry]:
    query = select(AuditEntry)
    if wanted.account_id == 0:
        query = query.where(AuditEntry.account_id.is_(None))
    elif wanted.account_id is not None:
        query = query.where(AuditEntry.account_id == wanted.account_id)
    if wanted.action is not None:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.subject is not None:
        is_named = AuditEntry.subject.icontains(wanted.subject, autoescape=True)
        if wanted.subject_account_id is not None:
            is_account = AuditEntry.subject == str(wanted.subject_account_id)
            is_named |= (AuditEntry.subject_kind == "account") & is_account
        query = query.where(is_named)
    if wanted.since is not None:
        query = query.where(AuditEntry.happened_at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditEntry.happened_at < wanted.until)
    return query
