"""Erasing the names of accounts that are no longer used; the audit record keeps their numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Conflict, NotFound
from survey_app.operations.access.accounts import Account, account_named
from survey_app.operations.access.identities import WAITS_FOR
from survey_app.operations.access.signing_in import ABSOLUTE_LIMIT, unlock
from survey_app.operations.audit.entries import record
from survey_app.operations.questionnaires.attempts import KEPT_FOR
from survey_app.storage.queries import privacy as queries
from survey_app.storage.queries.contacts import count_expired, delete_expired
from survey_app.storage.queries.drafts import delete_attempts_before, delete_attempts_of_account
from survey_app.storage.queries.identities import (
    count_waiting_before,
    delete_identities_of,
    delete_waiting_before,
)
from survey_app.storage.queries.second_step import delete_recovery_codes

ERASED_NAME = "tài khoản đã xóa"


@dataclass(frozen=True)
class Erasable:
    """What is past its time: accounts with their names, sign-ins that open nothing any more,
    requests for a reply, people from a provider who waited for an account."""

    accounts: Sequence[Account]
    sign_ins: int
    contacts: int
    waiting: int

    @property
    def is_empty(self) -> bool:
        return self.is_only_sign_ins and not self.sign_ins and not self.waiting

    @property
    def is_only_sign_ins(self) -> bool:
        """Nothing that is put on record by itself."""
        return not self.accounts and not self.contacts


def find_by_name(session: Session, username: str) -> Account:
    """Raises NotFound."""
    account = account_named(session, username)
    if account is None:
        raise NotFound(f"Không có tài khoản “{username}”.")
    return account


def require_erasable(account: Account) -> None:
    """Raises Conflict for an account that may still sign in, or has no name any more."""
    if account.erased_on is not None:
        raise Conflict("Tên của tài khoản này đã được xóa từ trước.")
    if account.is_active:
        raise Conflict(
            f"Tài khoản “{account.username}” còn được đăng nhập; hãy khóa tài khoản trước khi xóa."
        )


def erase_account(session: Session, account: Account, *, now: datetime) -> None:
    """Put a number in the place of the names, and forget how the account signed in.

    The row stays: entries of the audit record, drafts and decisions point to its number. Raises
    Conflict as :func:`require_erasable`.
    """
    require_erasable(account)
    account.username = account.display_name = f"{ERASED_NAME} #{account.id}"
    account.password_hash = ""
    account.password_given_at = None
    account.second_step = None
    unlock(account)
    account.erased_on = local_date(now)
    queries.delete_sign_ins_of(session, account.id)
    delete_recovery_codes(session, account.id)
    delete_identities_of(session, account.id)
    delete_attempts_of_account(session, account.id)
    record(session, "account.erase", now=now, subject=account)
    session.flush()


def find_expired(session: Session, *, account_days: int, now: datetime) -> Erasable:
    """What is past its time at this moment."""
    return Erasable(
        queries.stopped_accounts(session, up_to=last_day(account_days, now)),
        queries.count_dead_sign_ins(session, made_before=now - ABSOLUTE_LIMIT),
        count_expired(session, local_date(now)),
        count_waiting_before(session, now - WAITS_FOR),
    )


def erase_expired(session: Session, *, account_days: int, now: datetime) -> Erasable:
    """Erase what is past its time; what that was."""
    found = find_expired(session, account_days=account_days, now=now)
    for account in found.accounts:
        erase_account(session, account, now=now)
    if found.sign_ins:
        queries.delete_sign_ins(session, made_before=now - ABSOLUTE_LIMIT)
    delete_attempts_before(session, now - KEPT_FOR)  # works of the office: nobody counts them
    if found.waiting:
        delete_waiting_before(session, now - WAITS_FOR)
    if found.contacts:
        delete_expired(session, local_date(now))
    if found.accounts or found.contacts:
        counts = {"accounts": len(found.accounts), "contacts": found.contacts}
        record(session, "privacy.erase_expired", now=now, detail=counts)
    return found


def last_day(account_days: int, now: datetime) -> date:
    """The last day on which an account may have been stopped for its name to go now."""
    return local_date(now) - timedelta(days=account_days)
