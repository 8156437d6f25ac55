"""Accounts: made, granted roles in branches of the tree, stopped; their passwords."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Conflict, Invalid, NotFound, Problem
from survey_app.operations.access import passwords
from survey_app.operations.access.passwords import NewPassword
from survey_app.operations.access.rights import (
    NEVER_OF_A_BRANCH,
    AccountRole,
    is_administrator,
    is_valid,
)
from survey_app.operations.access.signing_in import (
    await_turn,
    is_locked,
    note_failure,
    sign_out_everywhere,
    unlock,
)
from survey_app.operations.audit.entries import record
from survey_app.storage.models import Account as Account
from survey_app.storage.models import AccountGrant as AccountGrant
from survey_app.storage.models import AdministrativeUnit
from survey_app.storage.queries import accounts as queries
from survey_app.storage.races import looks_again
from survey_app.text import clean_line

LONGEST_NAME = 120
LOCKED = "Đã nhập sai nhiều lần; vui lòng thử lại sau ít nhất 15 phút."


@dataclass(frozen=True)
class Wanted:
    """A grant to be made. ``unit_id`` None needs ``is_everywhere``: every unit is never meant by
    a field that was left empty. ``valid_until``: the last day, None = for the time being."""

    role: AccountRole
    unit_id: int | None = None
    is_everywhere: bool = False
    valid_from: date | None = None
    valid_until: date | None = None

    def problems(self, today: date) -> list[Problem]:
        """What is wrong with it."""
        found = []
        is_of_a_branch = self.role not in NEVER_OF_A_BRANCH
        if is_of_a_branch and self.unit_id is None and not self.is_everywhere:
            message = "Nhập mã đơn vị, hoặc đánh dấu “Mọi đơn vị”."
            found.append(Problem(message, "unit"))
        if self.valid_until is not None and self.valid_until < (self.valid_from or today):
            message = "Ngày cuối không thể trước ngày đầu."
            found.append(Problem(message, "valid_until"))
        return found


@looks_again
def create_account(
    session: Session,
    *,
    username: str,
    display_name: str,
    role: AccountRole,
    password: NewPassword,
    unit_id: int | None,
    now: datetime,
    is_everywhere: bool = False,
    is_password_given: bool = False,
) -> Account:
    """An account with its first grant, from today on. ``is_password_given``: somebody else knows
    the password, so that it must be replaced. Raises Invalid (every mistake) or Conflict when the
    name is taken."""
    wanted = Wanted(role, unit_id, is_everywhere)
    problems = wanted.problems(local_date(now))
    name = username.strip().lower()
    if not (3 <= len(name) <= 64 and name.isascii() and name.replace(".", "").isalnum()):
        message = "Tên đăng nhập gồm 3–64 chữ cái không dấu, chữ số hoặc dấu chấm."
        problems.append(Problem(message, "username"))
    if password.problem:
        problems.append(Problem(password.problem, "password"))
    if not clean_line(display_name):
        problems.append(Problem("Nhập họ và tên.", "display_name"))
    if problems:
        raise Invalid("Chưa tạo được tài khoản.", problems)
    if queries.account_by_username(session, name):
        raise Conflict(f"Tên đăng nhập “{name}” đã có người dùng.")
    account = Account(
        username=name,
        display_name=clean_line(display_name),
        password_hash=password.hash,
        password_given_at=now if is_password_given else None,
        created_at=now,
    )
    account.grants.append(_grant(session, wanted, local_date(now)))
    session.add(account)
    session.flush()
    return account


def add_grant(session: Session, account: Account, wanted: Wanted, *, today: date) -> AccountGrant:
    """Give an account a role from a day on. Raises Invalid, and Conflict for one it has already
    and for an account that cannot sign in: whoever opens it again must see what it may then."""
    _require_name(account)
    if not account.is_active:
        raise Conflict("Tài khoản đang bị khóa; hãy mở lại tài khoản trước khi giao quyền.")
    problems = wanted.problems(today)
    if problems:
        raise Invalid("Chưa giao được quyền.", problems)
    await_turn(session, account)
    made = _grant(session, wanted, today)
    for grant in account.grants:
        is_same = (grant.role, grant.unit_id) == (made.role, made.unit_id)
        if is_same and (grant.valid_until is None or grant.valid_until >= made.valid_from):
            raise Conflict("Tài khoản đang có vai trò này ở đơn vị này.")
    account.grants.append(made)
    session.flush()
    return made


def end_grant(session: Session, grant: AccountGrant, *, last_day: date, today: date) -> None:
    """Let a grant end with a day: yesterday takes it at once. The row stays.

    Raises Invalid for a day that is gone, Conflict for the last administrator's and for an account
    whose name was erased.
    """
    _require_name(grant.account)
    if last_day < today - timedelta(days=1) or not may_be_ended(grant, today):
        raise Invalid("Chọn ngày từ hôm nay trở đi.", [Problem("Chọn ngày khác.", "last_day")])
    if grant.role == AccountRole.ADMINISTRATOR:
        _require_another_administrator(session, grant.account, today)
    grant.valid_until = last_day
    session.flush()


def may_be_ended(grant: AccountGrant, today: date) -> bool:
    """Whether a grant still counts, or will."""
    return grant.valid_until is None or grant.valid_until >= today


def find_grant(account: Account, grant_id: int) -> AccountGrant:
    """Raises NotFound, also for a grant of another account."""
    for grant in account.grants:
        if grant.id == grant_id:
            return grant
    raise NotFound("Tài khoản không có quyền này.")


def _grant(session: Session, wanted: Wanted, today: date) -> AccountGrant:
    unit_id = None if wanted.role in NEVER_OF_A_BRANCH or wanted.is_everywhere else wanted.unit_id
    unit = session.get(AdministrativeUnit, unit_id) if unit_id is not None else None
    return AccountGrant(
        role=wanted.role,
        unit_id=unit_id,
        unit=unit,
        valid_from=wanted.valid_from or today,
        valid_until=wanted.valid_until,
    )


def _require_another_administrator(session: Session, account: Account, today: date) -> None:
    """Raises Conflict when nobody but ``account`` can administer for the time being.

    Two who take the role from each other at one moment are asked one after the other.
    """
    for other in queries.holders_for_change(session, AccountRole.ADMINISTRATOR):
        if other.id == account.id or not other.is_active:
            continue
        lasting = [
            grant
            for grant in other.grants
            if grant.role == AccountRole.ADMINISTRATOR
            and is_valid(grant, today)
            and grant.valid_until is None
        ]
        if lasting:
            return
    raise Conflict(
        "Đây là người quản trị cuối cùng. Hãy giao vai trò quản trị cho người khác trước."
    )


@dataclass(frozen=True)
class PasswordChange:
    """What somebody typed to change their password, looked at. ``proven_hash``: whose password
    the present one was when it was compared, None = it was wrong."""

    proven_hash: str | None
    new: NewPassword


def look_at_change(account: Account, *, current: str, new: str) -> PasswordChange:
    """Compare the present password, hash the new one. Slow on purpose (argon2), and before any
    writing, as at signing in."""
    is_right = passwords.matches(account.password_hash, current)
    proven_hash = account.password_hash if is_right else None
    if account.password_given_at and passwords.matches(account.password_hash, new):
        same = NewPassword("", "Hãy chọn mật khẩu khác mật khẩu được cấp.")
        return PasswordChange(proven_hash, same)
    return PasswordChange(proven_hash, passwords.prepare(new, account.username))


def change_password(
    session: Session, account: Account, change: PasswordChange, *, now: datetime
) -> None:
    """Change the own password and revoke every sign-in. Raises Invalid.

    ``account`` may come from another session. A wrong present password counts like one at signing
    in: a browser left open is no place to guess. It is counted in the session before the error
    leaves: the caller commits.
    """
    account = find_account(session, account.id)
    await_turn(session, account)
    problems = []
    if is_locked(account, now):
        problems.append(Problem(LOCKED, "current"))
    elif change.proven_hash != account.password_hash:  # wrong, or changed by somebody meanwhile
        note_failure(session, account, now=now)
        problems.append(Problem("Mật khẩu hiện tại không đúng.", "current"))
    if change.new.problem:
        problems.append(Problem(change.new.problem, "new"))
    if problems:
        raise Invalid("Chưa đổi được mật khẩu.", problems)
    account.password_hash = change.new.hash
    account.password_given_at = None
    record(session, "account.choose_password", now=now, account=account)
    sign_out_everywhere(session, account, now=now)


def reset_password(
    session: Session, account: Account, password: NewPassword, *, now: datetime
) -> None:
    """Give an account a new password, unlock it and sign it out everywhere.

    It is good for a while, and to be replaced. Raises Conflict for an erased account.
    """
    _require_name(account)
    account.password_hash = password.hash
    account.password_given_at = now
    unlock(account)
    sign_out_everywhere(session, account, now=now)


def set_active(session: Session, account: Account, is_active: bool, *, now: datetime) -> None:
    """Let an account sign in, or stop it and sign it out everywhere. Raises Conflict for the last
    administrator, and for an account whose name was erased."""
    _require_name(account)
    today = local_date(now)
    if not is_active and is_administrator(account, today):
        _require_another_administrator(session, account, today)
    account.is_active = is_active
    account.inactive_since = None if is_active else account.inactive_since or today
    unlock(account)
    if not is_active:
        sign_out_everywhere(session, account, now=now)


def rename(account: Account, display_name: str) -> None:
    """Change the name that people see. Raises Invalid, Conflict where the name was erased."""
    _require_name(account)
    clean = clean_line(display_name)
    if not 1 <= len(clean) <= LONGEST_NAME:
        message = f"Nhập họ và tên, dài nhất {LONGEST_NAME} ký tự."
        raise Invalid(message, [Problem(message, "display_name")])
    account.display_name = clean


def account_named(session: Session, username: str) -> Account | None:
    """The account of a user name, whatever its case; None where there is none."""
    return queries.account_by_username(session, username.strip().lower())


def account_number(session: Session, username: str) -> int | None:
    """The number of an account, by which the audit record knows it; None where there is none."""
    account = account_named(session, username)
    return account.id if account else None


def _require_name(account: Account) -> None:
    """Raises Conflict for an account whose name was erased: nobody knows any more whose it was."""
    if account.erased_on is not None:
        raise Conflict("Tên của tài khoản này đã được xóa; không mở lại được.")


def find_account(session: Session, account_id: int) -> Account:
    """Raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("Không có tài khoản này.")
    return account


def list_accounts(session: Session) -> Sequence[Account]:
    return queries.list_accounts(session)
