"""The second step of signing in: codes of an authenticator (TOTP, RFC 6238), recovery codes.

Secrets are encrypted with a key that is not in the database; recovery codes are kept as digests
keyed with the secret of their account, so that they outlive a change of that key. ``keys``: the
key of the installation, then former ones that still open what they sealed.

A code is good once: the time step of the last one is kept, and none up to it is taken again.
Whose role asks for a second step and who has none yet can do nothing but set one up.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.copied_codes import draw_code, plain_code
from survey_app.errors import Conflict, Forbidden, Invalid, Problem
from survey_app.operations.access.rights import AccountRole, roles_of
from survey_app.operations.access.signing_in import (
    WRONG_CREDENTIALS,
    SignIn,
    await_turn,
    is_locked,
    note_failure,
)
from survey_app.operations.access.signing_in import is_enrolled as is_enrolled
from survey_app.operations.audit.entries import record
from survey_app.storage.models import Account, RecoveryCode, SecondStep
from survey_app.storage.queries import second_step as queries
from survey_app.storage.races import looks_again

ISSUER = "Hài Lòng"
#: What the keys of this module are derived for (``Settings.derived_secrets``).
PURPOSE = "second step"
RECOVERY_CODES = 10
_CODE_LENGTH = 10  # 31**10 ≈ 2**49 behind a lock is not to be guessed
#: Steps of 30 seconds that a clock may be off, either way.
_WINDOW = 1
_NONCE_LENGTH = 12
WRONG_CODE = (
    "Mã không đúng, đã dùng rồi, hoặc tài khoản đang tạm khóa vì nhập sai nhiều lần. "
    "Hãy đợi mã mới trên ứng dụng rồi nhập lại."
)


Keys = Sequence[bytes]


@dataclass(frozen=True)
class Resealed:
    """``done``: how many secrets were sealed anew; ``lost``: whose opens with no key given."""

    done: int
    lost: tuple[Account, ...]


@dataclass(frozen=True)
class Enrolment:
    """What a new authenticator is told: the secret as text to type, and as an address to scan."""

    secret: str
    address: str

    @property
    def groups(self) -> tuple[str, ...]:
        """The secret in groups of four."""
        return tuple(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


def must_enrol(session: Session, account: Account, today: date) -> bool:
    """Whether a role of the account asks for a second step that has not been set up."""
    if is_enrolled(account):
        return False
    return not required_roles(session).isdisjoint(roles_of(account, today))


def is_required(session: Session, account: Account, *, now: datetime) -> bool:
    """Whether a role of the account may not do without a second step."""
    return not required_roles(session).isdisjoint(roles_of(account, local_date(now)))


def sign_others_out(session: Session, account: Account, kept: SignIn) -> None:
    """End the sessions that were opened by the password alone, but for one."""
    queries.delete_other_sign_ins(session, account.id, kept.token_hash)


def required_roles(session: Session) -> frozenset[AccountRole]:
    """The roles that may not do without a second step."""
    return frozenset(AccountRole(role) for role in queries.required_roles(session))


@looks_again
def set_required_roles(session: Session, roles: Collection[AccountRole]) -> bool:
    """Say which roles need a second step; whether that changed anything."""
    if required_roles(session) == frozenset(roles):
        return False
    queries.replace_required_roles(session, sorted(role.value for role in roles))
    return True


def begin_enrolment(session: Session, account: Account, *, keys: Keys, now: datetime) -> None:
    """Make a secret for an account; it counts once a code has confirmed it. Raises Conflict."""
    if is_enrolled(account):
        raise Conflict("Tài khoản đã bật xác thực hai bước.")
    sealed = _seal(pyotp.random_base32(), account, keys)
    if account.second_step is None:
        account.second_step = SecondStep(sealed_secret=sealed)
    else:
        account.second_step.sealed_secret = sealed
    record(session, "second_step.begin", now=now, account=account)
    session.flush()


def pending_enrolment(account: Account, *, keys: Keys) -> Enrolment | None:
    """The secret that waits for its first code, if there is one."""
    if account.second_step is None or is_enrolled(account):
        return None
    secret = _unseal(account, keys)
    address = pyotp.TOTP(secret).provisioning_uri(name=account.username, issuer_name=ISSUER)
    return Enrolment(secret, address)


def confirm_enrolment(
    session: Session, account: Account, code: str, *, keys: Keys, now: datetime
) -> tuple[str, ...]:
    """Switch the second step on by its first code; the recovery codes, shown here and never again.

    Raises Invalid for a wrong code, Conflict when there is nothing to confirm.
    """
    if account.second_step is None or is_enrolled(account):
        raise Conflict("Không có gì đang chờ xác nhận; hãy tải lại trang.")
    step = _matching_step(_unseal(account, keys), code, now)
    if step is None:
        message = "Mã không đúng. Hãy xem giờ của điện thoại có đúng không rồi nhập mã mới."
        raise Invalid(message, [Problem(message, "code")])
    account.second_step.confirmed_at = now
    account.second_step.last_step = step
    record(session, "second_step.enable", now=now, account=account)
    return _new_recovery_codes(session, account, keys)


def renew_recovery_codes(
    session: Session, account: Account, *, keys: Keys, now: datetime
) -> tuple[str, ...]:
    """Ten codes in the place of all former ones, shown here and never again."""
    record(session, "second_step.codes", now=now, account=account)
    return _new_recovery_codes(session, account, keys)


def _new_recovery_codes(session: Session, account: Account, keys: Keys) -> tuple[str, ...]:
    queries.delete_recovery_codes(session, account.id)
    secret = _unseal(account, keys)
    codes = tuple(draw_code(_CODE_LENGTH) for _ in range(RECOVERY_CODES))
    session.add_all(
        RecoveryCode(code_hash=_digest(account.id, code, secret), account_id=account.id)
        for code in codes
    )
    session.flush()
    return tuple(f"{code[:5]}-{code[5:]}" for code in codes)


def recovery_codes_left(session: Session, account: Account) -> int:
    return queries.unused_recovery_codes(session, account.id)


def sealed_otherwise(session: Session, *, keys: Keys) -> tuple[Account, ...]:
    """The accounts whose secret another key than the present one sealed."""
    enrolled = queries.accounts_with_second_step(session)
    return tuple(
        account
        for account in enrolled
        if account.second_step and _opened(account, account.second_step, keys[0]) is None
    )


def reseal(session: Session, *, keys: Keys) -> Resealed:
    """Seal with the present key what a former one sealed; codes and recovery codes stay good."""
    done, lost = 0, []
    for account in sealed_otherwise(session, keys=keys):
        try:
            secret = _unseal(account, keys)
        except Conflict:
            lost.append(account)
            continue
        if account.second_step is not None:
            account.second_step.sealed_secret = _seal(secret, account, keys)
            done += 1
    session.flush()
    return Resealed(done, tuple(lost))


def check_code(session: Session, account: Account, code: str, *, keys: Keys, now: datetime) -> None:
    """Take a code of the authenticator, or a recovery code. Raises Forbidden: wrong, used, locked.

    The failed attempt is counted in the session before the error leaves: the caller commits.
    """
    await_turn(session, account)
    if not account.is_active or is_locked(account, now) or not is_enrolled(account):
        raise Forbidden(WRONG_CREDENTIALS)
    if _take_code(session, account, code, keys, now):
        return
    note_failure(session, account, now=now)
    raise Forbidden(WRONG_CODE)


def remove(session: Session, account: Account, *, by: Account | None, now: datetime) -> None:
    """Take the second step away, with its recovery codes; ``by`` None = from the command line."""
    record(session, "second_step.remove", now=now, account=by, subject=account)
    queries.delete_recovery_codes(session, account.id)
    account.second_step = None
    session.flush()


def _take_code(session: Session, account: Account, code: str, keys: Keys, now: datetime) -> bool:
    plain = plain_code(code)
    secret = _unseal(account, keys)
    if plain.isdecimal() and len(plain) == 6:
        step = _matching_step(secret, plain, now)
        return step is not None and queries.take_step(session, account.id, step)
    digest = _digest(account.id, plain, secret)
    is_taken = queries.take_recovery_code(session, account.id, digest, now=now)
    if is_taken:
        record(session, "sign_in.recovery_code", now=now, account=account)
    return is_taken


def _matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to, near now; every step is compared in equal time."""
    totp = pyotp.TOTP(secret)
    plain = "".join(char for char in code if char.isascii() and char.isdigit())
    current = totp.timecode(now)
    found = None
    for step in range(current - _WINDOW, current + _WINDOW + 1):
        if hmac.compare_digest(totp.generate_otp(step), plain):
            found = step
    return found


def _digest(account_id: int, code: str, secret: str) -> bytes:
    text = f"recovery|{account_id}|{code}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()


def _seal(secret: str, account: Account, keys: Keys) -> bytes:
    """Encrypted for this account: the row of another one does not open with it."""
    nonce = secrets.token_bytes(_NONCE_LENGTH)
    return nonce + AESGCM(keys[0]).encrypt(nonce, secret.encode(), str(account.id).encode())


def _unseal(account: Account, keys: Keys) -> str:
    if account.second_step is None:
        raise Conflict("Tài khoản chưa bật xác thực hai bước.")
    for key in keys:
        found = _opened(account, account.second_step, key)
        if found is not None:
            return found
    raise Conflict(
        "Không đọc được khóa xác thực hai bước của tài khoản vì SECRET_KEY đã đổi. Người vận hành "
        "đặt khóa cũ vào HAILONG_OLD_SECRET_KEYS, hoặc người quản trị đặt lại xác thực hai bước."
    )


def _opened(account: Account, sealed: SecondStep, key: bytes) -> str | None:
    """The secret, None when another key sealed it or somebody has changed the row."""
    nonce, content = sealed.sealed_secret[:_NONCE_LENGTH], sealed.sealed_secret[_NONCE_LENGTH:]
    try:
        return AESGCM(key).decrypt(nonce, content, str(account.id).encode()).decode()
    except InvalidTag:
        return None
