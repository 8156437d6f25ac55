"""What names an account, and how much personal data lies where."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from survey_app.storage.models import (
    Account,
    ApiKey,
    AuditEntry,
    FreeText,
    InvitationRequest,
    SampledDossier,
    SampleDraw,
    SignIn,
    SlipListDigest,
)
from survey_app.storage.models.base import Base


@dataclass(frozen=True)
class Holding:
    """How many rows there are, and the oldest day or moment among them; None = none, or untold."""

    count: int
    oldest: date | datetime | None = None


def rows_naming(
    session: Session, account_id: int
) -> Iterator[tuple[Table, str, Mapping[str, Any]]]:
    """(table, column, row) of every row with a foreign key to the account: whatever table it is,
    one of a later version included."""
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            if key.column.table.name == Account.__tablename__:
                query = select(table).where(key.parent == account_id)
                query = query.order_by(*table.primary_key.columns)
                for row in session.execute(query).mappings():
                    yield table, key.parent.name, {str(name): row[name] for name in row}


def entries_about(session: Session, account_id: int) -> Sequence[AuditEntry]:
    """Entries of the audit record that others made about an account."""
    return session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == "account", AuditEntry.subject == str(account_id))
        .order_by(AuditEntry.number)
    ).all()


def stopped_accounts(session: Session, *, up_to: date) -> Sequence[Account]:
    """Accounts that were stopped on ``up_to`` or before and still have their names."""
    return session.scalars(
        select(Account)
        .where(Account.is_active.is_(False), Account.erased_on.is_(None))
        .where(Account.inactive_since <= up_to)
        .order_by(Account.id)
    ).all()


def count_dead_sign_ins(session: Session, *, made_before: datetime) -> int:
    query = select(func.count()).select_from(SignIn).where(SignIn.created_at < made_before)
    return session.scalar(query) or 0


def delete_sign_ins(session: Session, *, made_before: datetime) -> None:
    session.execute(delete(SignIn).where(SignIn.created_at < made_before))


def delete_sign_ins_of(session: Session, account_id: int) -> None:
    session.execute(delete(SignIn).where(SignIn.account_id == account_id))


def active_accounts(session: Session) -> Holding:
    return _holding(session, Account.created_at, Account.is_active.is_(True))


def accounts_stopped(session: Session) -> Holding:
    still_named = (Account.is_active.is_(False), Account.erased_on.is_(None))
    return _holding(session, Account.inactive_since, *still_named)


def accounts_erased(session: Session) -> Holding:
    return _holding(session, Account.erased_on, Account.erased_on.is_not(None))


def sign_ins(session: Session) -> Holding:
    return _holding(session, SignIn.created_at)


def audit_entries(session: Session) -> Holding:
    return _holding(session, AuditEntry.happened_at)


def api_keys(session: Session) -> Holding:
    return _holding(session, ApiKey.created_at)


def dossier_codes(session: Session) -> Holding:
    query = select(func.count(), func.min(SampleDraw.drawn_at)).select_from(SampledDossier)
    query = query.join(SampleDraw, SampleDraw.id == SampledDossier.draw_id)
    return _read(session, query.where(SampledDossier.identifier.is_not(None)))


def slip_lists(session: Session) -> Holding:
    return _holding(session, SlipListDigest.made_on)


def invitation_requests(session: Session) -> Holding:
    return Holding(session.scalar(select(func.count()).select_from(InvitationRequest)) or 0)


def comments(session: Session) -> Holding:
    return Holding(session.scalar(select(func.count()).select_from(FreeText)) or 0)


def _holding(
    session: Session, since: InstrumentedAttribute[Any], *only: ColumnElement[bool]
) -> Holding:
    return _read(session, select(func.count(), func.min(since)).where(*only))


def _read(session: Session, query: Select[int, Any]) -> Holding:
    count, oldest = session.execute(query).one()
    return Holding(count, oldest)
