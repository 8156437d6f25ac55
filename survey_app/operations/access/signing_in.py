"""Signing in: the password, the lock against guessing, browsers that are signed in.

Where a second step stands behind the password (``second_step``) the edge asks for it between
:func:`admit` and :func:`open_session`. Both steps share one lock: failures of either count
together, and only a complete sign-in forgets them.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Forbidden, NotFound
from survey_app.operations.access import passwords
from survey_app.operations.access.rights import is_administrator
from survey_app.operations.audit.entries import record
from survey_app.storage.models import Account
from survey_app.storage.models import SignIn as SignIn
from survey_app.storage.queries import accounts as queries

MOST_FAILED_ATTEMPTS = 5
#: The first lock; each further failure in a row doubles it, up to the longest. Whoever owns the
#: account loses minutes, who guesses gets a handful of tries a day.
LOCKED_FOR = timedelta(minutes=15)
LONGEST_LOCK = timedelta(hours=4)
IDLE_LIMIT = timedelta(hours=1)
ABSOLUTE_LIMIT = timedelta(hours=12)
#: A second step is set up soon after signing in: whoever finds a browser left open, or has stolen
#: its cookie, is not to shut out whose account it is.
FRESH_FOR = timedelta(minutes=15)
#: How far a provider's clock may be ahead.
OTHER_CLOCK = timedelta(minutes=1)
#: The same words for a wrong name, a wrong password and a locked account: none tells the others.
WRONG_CREDENTIALS = (
    "Tên đăng nhập hoặc mật khẩu không đúng, hoặc tài khoản đang tạm khóa, ít nhất 15 phút, "
    "vì nhập sai nhiều lần."
)
#: So long a password opens anything that somebody else has given; the paper it is on lies about.
GIVEN_FOR = timedelta(days=14)
GIVEN_TOO_LONG_AGO = (
    f"Mật khẩu được cấp đã quá {GIVEN_FOR.days} ngày mà chưa được thay nên đã hết hạn. Đề nghị "
    "ông/bà liên hệ người quản trị để được cấp mật khẩu mới."
)
LONGEST_BROWSER = 60


@dataclass(frozen=True)
class Credentials:
    """The outcome of looking at a name and a password; ``account_id`` None = no such name."""

    account_id: int | None
    are_right: bool


@dataclass(frozen=True)
class Vouched:
    """A provider's word for somebody: about which identity; a digest of its own session ("" = not
    told); when it last had them show who they are (None = not told)."""

    identity_id: int
    provider_session: str = ""
    proven_at: datetime | None = None


def check_credentials(
    session: Session,
    username: str,
    password: str,
    *,
    now: datetime,
    only_administrators: bool = False,
) -> Credentials:
    """Look at a name and a password. Slow on purpose (argon2), and only reads.

    Apart from :func:`admit`, so that nobody else's writing waits for the slow part.
    ``only_administrators``: all others sign in elsewhere; their names are as good as unknown here.
    """
    account = queries.account_by_username(session, username.strip().lower())
    if account and only_administrators:
        account = account if is_administrator(account, local_date(now)) else None
    if account is None or is_locked(account, now):
        passwords.spend_the_same_time(password)
        return Credentials(account.id if account else None, are_right=False)
    are_right = passwords.matches(account.password_hash, password) and account.is_active
    return Credentials(account.id, are_right)


def admit(session: Session, credentials: Credentials, *, now: datetime) -> Account:
    """Whose password it is. Raises Forbidden: wrong, unknown, locked for a while, or given too long
    ago; only who knows the password is told the last.

    The failed attempt is recorded in the session before the error leaves: the caller commits.
    """
    if credentials.account_id is None:
        raise Forbidden(WRONG_CREDENTIALS)
    account = queries.account_for_change(session, credentials.account_id)
    if account is None or is_locked(account, now):
        raise Forbidden(WRONG_CREDENTIALS)
    if not credentials.are_right:
        note_failure(session, account, now=now)
        raise Forbidden(WRONG_CREDENTIALS)
    good_until = given_until(account)
    if good_until is not None and now >= good_until:
        raise Forbidden(GIVEN_TOO_LONG_AGO)
    return account


def open_session(
    session: Session,
    account: Account,
    *,
    now: datetime,
    browser: str = "",
    by: Vouched | None = None,
) -> tuple[str, SignIn]:
    """A new token for a browser, after every step. ``browser``: what it is, in a few words;
    ``by``: the provider's word by which the first step was taken, None = by the password.

    Who came from a provider and showed no code says nothing about guesses at the password: they
    still count.
    """
    proven_at: datetime | None = now
    if by is not None and not is_enrolled(account):
        proven_at = by.proven_at
    else:
        unlock(account)
    token = secrets.token_urlsafe(32)
    row = SignIn(
        token_hash=_hash_token(token),
        account=account,
        created_at=now,
        last_seen_at=now,
        browser=browser[:LONGEST_BROWSER],
        is_by_provider=by is not None,
        provider_session=by.provider_session or None if by else None,
        proven_at=proven_at,
    )
    session.add(row)
    record(session, "sign_in.provider" if by else "sign_in", now=now, account=account)
    session.flush()
    return token, row


def given_until(account: Account) -> datetime | None:
    """Until when a password that somebody else gave is good, None for one of the own choice."""
    given_at = account.password_given_at
    return given_at + GIVEN_FOR if given_at is not None else None


def is_enrolled(account: Account) -> bool:
    """Whether a second step stands behind the password: one that was begun counts for nothing."""
    return account.second_step is not None and account.second_step.confirmed_at is not None


def is_locked(account: Account, now: datetime) -> bool:
    return account.locked_until is not None and account.locked_until > now


def await_turn(session: Session, account: Account) -> None:
    """Who tries an account at the same moment as others is let on when they are done, and then
    meets what they left: many guesses at once are as many, and no fewer."""
    queries.account_for_change(session, account.id)


def note_failure(session: Session, account: Account, *, now: datetime) -> None:
    """Count a failed attempt, and lock the account when it is one too many."""
    account.failed_attempts += 1
    beyond = account.failed_attempts - MOST_FAILED_ATTEMPTS
    if beyond >= 0:
        account.locked_until = now + min(LOCKED_FOR * 2 ** min(beyond, 10), LONGEST_LOCK)
    record(session, "sign_in.failed", now=now, account=account)


def unlock(account: Account) -> None:
    """Forget the failures."""
    account.failed_attempts = 0
    account.locked_until = None


# ── browsers that are signed in ───────────────────────────────────────────────────────────────


def find_sign_in(session: Session, token: str, *, now: datetime) -> SignIn | None:
    """The living sign-in of a browser's token, or None: unknown, revoked, idle, too old."""
    row = queries.sign_in_by_hash(session, _hash_token(token))
    if row is None or not row.account.is_active:
        return None
    return row if _is_alive(row, now) else None


def touch(session: Session, row: SignIn, *, now: datetime) -> None:
    """Note that a sign-in was used just now (the idle limit counts from here)."""
    queries.note_use(session, row.token_hash, now)


def list_sign_ins(session: Session, account: Account, *, now: datetime) -> Sequence[SignIn]:
    """The browsers that are signed in to an account, the one used last first."""
    return [row for row in queries.sign_ins_of(session, account.id) if _is_alive(row, now)]


def handle_of(row: SignIn) -> str:
    """By what a page names a sign-in: a digest of the kept digest, good for nothing else."""
    return hashlib.sha256(row.token_hash).hexdigest()[:16]


def revoke(
    session: Session, account: Account, handle: str, *, by: Account, now: datetime
) -> SignIn:
    """Sign one browser of an account out. Raises NotFound, also for another account's."""
    for row in queries.sign_ins_of(session, account.id):
        if handle_of(row) == handle:
            record(session, "sign_out.revoke", now=now, account=by, subject=account)
            session.delete(row)
            session.flush()
            return row
    raise NotFound("Phiên đăng nhập này đã kết thúc.")


def sign_out(session: Session, row: SignIn, *, now: datetime) -> None:
    record(session, "sign_out", now=now, account=row.account)
    queries.end_sign_in(session, row.token_hash)


def sign_out_everywhere(session: Session, account: Account, *, now: datetime) -> None:
    """Revoke every sign-in of an account."""
    record(session, "sign_out.everywhere", now=now, account=account)
    queries.end_sign_ins_of(session, account.id)


def is_fresh(row: SignIn, now: datetime) -> bool:
    """Whether somebody showed just now who they are: that a provider still knew the browser shows
    nothing of who sits before it."""
    return row.proven_at is not None and -OTHER_CLOCK < now - row.proven_at < FRESH_FOR


def _is_alive(row: SignIn, now: datetime) -> bool:
    return now - row.last_seen_at < IDLE_LIMIT and now - row.created_at < ABSOLUTE_LIMIT


def _hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
