"""Keys with which other software calls the API: made once, dated, revocable, kept as hashes."""

import hashlib
import re
import secrets
import string
import zlib
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Forbidden, Invalid, NotFound, Problem, Unidentified
from survey_app.operations.access.rights import Scope
from survey_app.storage.models import ApiKey as ApiKey
from survey_app.storage.queries import api_keys as queries
from survey_app.storage.queries.units import subtree_ids
from survey_app.text import clean_line

#: By this opening and the checksum at the end, programs that look for leaked secrets know a key.
PREFIX = "hl_"
SECRET_LENGTH = 40  # 62**40 ≈ 2**238
CHECKSUM_LENGTH = 6
OPENING_LENGTH = 7  # of the key, kept in clear: tells keys apart, opens nothing
LONGEST_LABEL = 120
LONGEST_LIFE = timedelta(days=2 * 366)

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_KEY = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{SECRET_LENGTH + CHECKSUM_LENGTH}}}")


class KeyScope(StrEnum):
    """What a key may be good for."""

    INVITATIONS = "invitations:create"
    DOSSIER_COUNTS = "dossier-counts:write"


def create_api_key(
    session: Session,
    *,
    label: str,
    scopes: Collection[KeyScope],
    unit_id: int | None,
    expires_on: date,
    now: datetime,
) -> tuple[str, ApiKey]:
    """Make a key for one branch of the tree. The key itself is returned here and never again.

    Raises Invalid with every mistake.
    """
    problems = []
    name = clean_line(label)
    if not 1 <= len(name) <= LONGEST_LABEL:
        message = f"Nhập tên của khóa, dài nhất {LONGEST_LABEL} ký tự."
        problems.append(Problem(message, "label"))
    if not scopes:
        problems.append(Problem("Chọn ít nhất một quyền của khóa.", "scopes"))
    if unit_id is None:
        problems.append(Problem("Nhập mã đơn vị mà khóa được dùng.", "unit"))
    today = local_date(now)
    if not today <= expires_on <= today + LONGEST_LIFE:
        problems.append(Problem("Ngày hết hạn phải từ hôm nay đến hai năm sau.", "expires_on"))
    if problems or unit_id is None:
        raise Invalid("Chưa tạo được khóa API.", problems)
    text = _new_key()
    row = ApiKey(
        label=name,
        key_hash=_hash(text),
        opening=text[:OPENING_LENGTH],
        scopes=" ".join(sorted(set(scopes))),
        unit_id=unit_id,
        created_at=now,
        expires_on=expires_on,
    )
    session.add(row)
    session.flush()
    return text, row


def list_api_keys(session: Session) -> Sequence[ApiKey]:
    """Every key, the newest first."""
    return queries.list_keys(session)


def find_api_key(session: Session, key_id: int) -> ApiKey:
    """Raises NotFound."""
    row = session.get(ApiKey, key_id)
    if row is None:
        raise NotFound("Không có khóa API này.")
    return row


def revoke_api_key(key: ApiKey, *, now: datetime) -> bool:
    """End a key at once; False when it had been revoked before."""
    if key.revoked_on is not None:
        return False
    key.revoked_on = local_date(now)
    return True


def is_alive(key: ApiKey, now: datetime) -> bool:
    """Whether the key opens anything: neither revoked nor past its last day."""
    return key.revoked_on is None and local_date(now) <= key.expires_on


def scopes_of(key: ApiKey) -> frozenset[str]:
    """What the key is good for: words of ``KeyScope`` (or of a later version)."""
    return frozenset(key.scopes.split())


def recognise_key(session: Session, text: str, *, now: datetime) -> ApiKey:
    """The living key that was shown. Raises Unidentified, in the same words for every reason."""
    row = queries.key_by_hash(session, _hash(text)) if is_key(text) else None
    if row is None or not is_alive(row, now):
        raise Unidentified("Khóa API không đúng, đã hết hạn hoặc đã bị thu hồi.")
    return row


def require_scope(key: ApiKey, scope: KeyScope) -> None:
    """Raises Forbidden."""
    if scope not in scopes_of(key):
        raise Forbidden(f"Khóa API này không có quyền “{scope}”.")


def units_of(session: Session, key: ApiKey) -> Scope:
    """The units the key may act in: one and everything below it."""
    return Scope(subtree_ids(session, key.unit_id))


def is_use_to_note(key: ApiKey, *, now: datetime) -> bool:
    """Whether the key was not yet used on this day; nothing finer is kept."""
    return key.last_used_on != local_date(now)


def note_key_use(session: Session, key: ApiKey, *, now: datetime) -> None:
    """Note the day of use. ``key`` may come from another session."""
    queries.note_use(session, key.id, local_date(now))


def is_key(text: str) -> bool:
    """Whether a text is formed as a key is, its checksum included."""
    body = text[:-CHECKSUM_LENGTH]
    return bool(_KEY.fullmatch(text)) and text == body + _checksum(body)


def _new_key() -> str:
    body = PREFIX + "".join(secrets.choice(_ALPHABET) for _ in range(SECRET_LENGTH))
    return body + _checksum(body)


def _checksum(body: str) -> str:
    """CRC-32 of the key so far in base 62, the highest place first."""
    number, letters = zlib.crc32(body.encode()), []
    for _ in range(CHECKSUM_LENGTH):
        number, place = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[place])
    return "".join(reversed(letters))


def _hash(text: str) -> bytes:
    """A plain digest is enough: the key is random and long, nobody can try them out."""
    return hashlib.sha256(text.encode()).digest()
