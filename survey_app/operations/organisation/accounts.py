"""Accounts: signing in and out, passwords, lockout, who may see which units."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from survey_app.operations.organisation.audit import record
from survey_app.operations.organisation.rights import (
    NEVER_OF_A_BRANCH,
    AccountRole,
    is_administrator,
    is_valid,
)
from survey_app.storage.models import Account as Account
from survey_app.storage.models import AccountGrant as AccountGrant
from survey_app.storage.models import AdministrativeUnit
from survey_app.storage.models import SignIn as SignIn
from survey_app.storage.queries import accounts as queries
from survey_app.text import clean_line

MOST_FAILED_ATTEMPTS = 5
LOCKED_FOR = timedelta(minutes=15)
IDLE_LIMIT = timedelta(hours=1)
ABSOLUTE_LIMIT = timedelta(hours=12)
SHORTEST_PASSWORD = 10
#: The same words for a wrong name, a wrong password and a locked account: none tells the others.
WRONG_CREDENTIALS = (
    "Tên đăng nhập hoặc mật khẩu không đúng, hoặc tài khoản đang tạm khóa 15 phút "
    "vì nhập sai nhiều lần."
)


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


def create_account(
    session: Session,
    *,
    username: str,
    display_name: str,
    role: AccountRole,
    password: str,
    unit_id: int | None,
    now: datetime,
    is_everywhere: bool = False,
) -> Account:
    """An account with its first grant, from today on. Raises Invalid (every mistake) or Conflict
    when the name is taken."""
    wanted = Wanted(role, unit_id, is_everywhere)
    problems = wanted.problems(local_date(now))
    name = username.strip().lower()
    if not (3 <= len(name) <= 64 and name.isascii() and name.replace(".", "").isalnum()):
        message = "Tên đăng nhập gồm 3–64 chữ cái không dấu, chữ số hoặc dấu chấm."
        problems.append(Problem(message, "username"))
    if len(password) < SHORTEST_PASSWORD:
        message = f"Mật khẩu phải có ít nhất {SHORTEST_PASSWORD} ký tự."
        problems.append(Problem(message, "password"))
    if not clean_line(display_name):
        problems.append(Problem("Nhập họ và tên.", "display_name"))
    if problems:
        raise Invalid("Chưa tạo được tài khoản.", problems)
    if queries.account_by_username(session, name):
        raise Conflict(f"Tên đăng nhập “{name}” đã có người dùng.")
    account = Account(
        username=name,
        display_name=clean_line(display_name),
        password_hash=_hasher().hash(password),
        created_at=now,
    )
    account.grants.append(_grant(session, wanted, local_date(now)))
    session.add(account)
    session.flush()
    return account


def add_grant(session: Session, account: Account, wanted: Wanted, *, today: date) -> AccountGrant:
    """Give an account a role from a day on. Raises Invalid, and Conflict for one it has already."""
    problems = wanted.problems(today)
    if problems:
        raise Invalid("Chưa giao được quyền.", problems)
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

    Raises Invalid for a day that is gone, Conflict for the last administrator's.
    """
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
    """Raises Conflict when nobody but ``account`` can administer for the time being."""
    for other in queries.list_accounts(session):
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
class Credentials:
    """The outcome of looking at a name and a password; ``account_id`` None = no such name."""

    account_id: int | None
    are_right: bool


def check_credentials(
    session: Session, username: str, password: str, *, now: datetime
) -> Credentials:
    """Look at a name and a password. Slow on purpose (argon2), and only reads.

    Apart from :func:`sign_in`, so that nobody else's writing waits for the slow part.
    """
    account = queries.account_by_username(session, username.strip().lower())
    if account is None or _is_locked(account, now):
        _spend_the_same_time(password)
        return Credentials(account.id if account else None, are_right=False)
    are_right = _password_matches(account, password) and account.is_active
    return Credentials(account.id, are_right)


def sign_in(session: Session, credentials: Credentials, *, now: datetime) -> tuple[str, SignIn]:
    """A new token for the browser. Raises Forbidden: wrong, unknown, or locked for a while.

    The failed attempt is recorded in the session before the error leaves: the caller commits.
    """
    if credentials.account_id is None:
        raise Forbidden(WRONG_CREDENTIALS)
    account = find_account(session, credentials.account_id)
    if _is_locked(account, now):
        raise Forbidden(WRONG_CREDENTIALS)
    if not credentials.are_right:
        _count_failure(account, now)
        record(session, "sign_in.failed", now=now, account=account)
        raise Forbidden(WRONG_CREDENTIALS)
    account.failed_attempts = 0
    account.locked_until = None
    token = secrets.token_urlsafe(32)
    row = SignIn(token_hash=_hash_token(token), account=account, created_at=now, last_seen_at=now)
    session.add(row)
    record(session, "sign_in", now=now, account=account)
    session.flush()
    return token, row


def find_sign_in(session: Session, token: str, *, now: datetime) -> SignIn | None:
    """The living sign-in of a browser's token, or None: unknown, revoked, idle, too old."""
    row = queries.sign_in_by_hash(session, _hash_token(token))
    if row is None or not row.account.is_active:
        return None
    is_alive = now - row.last_seen_at < IDLE_LIMIT and now - row.created_at < ABSOLUTE_LIMIT
    return row if is_alive else None


def touch(session: Session, row: SignIn, *, now: datetime) -> None:
    """Note that a sign-in was used just now (the idle limit counts from here)."""
    session.execute(
        update(SignIn).where(SignIn.token_hash == row.token_hash).values(last_seen_at=now)
    )


def sign_out(session: Session, row: SignIn, *, now: datetime) -> None:
    record(session, "sign_out", now=now, account=row.account)
    session.execute(delete(SignIn).where(SignIn.token_hash == row.token_hash))


def sign_out_everywhere(session: Session, account: Account, *, now: datetime) -> None:
    """Revoke every sign-in of an account."""
    record(session, "sign_out.everywhere", now=now, account=account)
    session.execute(delete(SignIn).where(SignIn.account_id == account.id))


def change_password(
    session: Session, account: Account, *, current: str, new: str, now: datetime
) -> None:
    """Change the own password and revoke every sign-in. Raises Invalid.

    ``account`` may come from another session.
    """
    account = find_account(session, account.id)
    problems = []
    if not _password_matches(account, current):
        problems.append(Problem("Mật khẩu hiện tại không đúng.", "current"))
    if len(new) < SHORTEST_PASSWORD:
        message = f"Mật khẩu mới phải có ít nhất {SHORTEST_PASSWORD} ký tự."
        problems.append(Problem(message, "new"))
    if problems:
        raise Invalid("Chưa đổi được mật khẩu.", problems)
    account.password_hash = _hasher().hash(new)
    sign_out_everywhere(session, account, now=now)


def reset_password(session: Session, account: Account, *, now: datetime) -> str:
    """Give an account a new password made at random, unlock it and sign it out everywhere.

    The password is returned here and never again.
    """
    password = secrets.token_urlsafe(SHORTEST_PASSWORD)
    account.password_hash = _hasher().hash(password)
    account.failed_attempts = 0
    account.locked_until = None
    sign_out_everywhere(session, account, now=now)
    return password


def set_active(session: Session, account: Account, is_active: bool, *, now: datetime) -> None:
    """Let an account sign in, or stop it and sign it out everywhere. Raises Conflict for the last
    administrator."""
    today = local_date(now)
    if not is_active and is_administrator(account, today):
        _require_another_administrator(session, account, today)
    account.is_active = is_active
    account.failed_attempts = 0
    account.locked_until = None
    if not is_active:
        sign_out_everywhere(session, account, now=now)


def find_account(session: Session, account_id: int) -> Account:
    """Raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound("Không có tài khoản này.")
    return account


@lru_cache(maxsize=1)
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher().hash(secrets.token_urlsafe(16))


def _spend_the_same_time(password: str) -> None:
    """Verify against nobody's hash, so that the answer's delay does not tell which names exist."""
    try:
        _hasher().verify(_nobody(), password)
    except VerificationError:
        return


def _is_locked(account: Account, now: datetime) -> bool:
    return account.locked_until is not None and account.locked_until > now


def _password_matches(account: Account, password: str) -> bool:
    try:
        return _hasher().verify(account.password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _count_failure(account: Account, now: datetime) -> None:
    account.failed_attempts += 1
    if account.failed_attempts >= MOST_FAILED_ATTEMPTS:
        account.failed_attempts = 0
        account.locked_until = now + LOCKED_FOR


def _hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
