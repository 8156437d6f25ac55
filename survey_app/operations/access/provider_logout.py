"""The provider's word that somebody's session there has ended: what was begun by it ends here too.

A sign-in by password stays: the provider knows nothing of it.
"""

import hashlib
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from survey_app.errors import Forbidden
from survey_app.identity_provider import ToldLogout
from survey_app.operations.audit.entries import record
from survey_app.storage.models import AccountIdentity, SpentLogout
from survey_app.storage.queries import identities as queries
from survey_app.storage.queries.accounts import end_sign_in
from survey_app.storage.races import looks_again

#: Longer than any token is good for; by then its name may be forgotten.
REMEMBERED_FOR = timedelta(minutes=15)


def session_digest(issuer: str, name: str) -> str:
    """By what a session of the provider is known here, "" where it told none."""
    return hashlib.sha256(f"{issuer}\0{name}".encode()).hexdigest() if name else ""


@looks_again
def end_by_provider(session: Session, told: ToldLogout, *, now: datetime) -> int:
    """End the sign-ins that a logout token is about; how many. Raises Forbidden for a token that
    was used before.

    Those of the session it names, and of the account those whose session was never told; where it
    names none, all that the account made by the provider. Somebody unknown here is signed in
    nowhere.
    """
    _spend(session, told, now)
    digest = session_digest(told.issuer, told.session)
    if digest:
        _note_end(session, digest, now)
    identity = _identity(session, told, now)
    if told.subject and identity is None:
        return 0
    account_id = identity.account_id if identity else None
    found = queries.provider_sign_ins(session, account_id, digest)
    for account, rows in groupby(found, key=lambda row: row.account):
        ended = list(rows)
        detail = {"count": len(ended)}
        record(session, "sign_out.provider", now=now, subject=account, detail=detail)
        for row in ended:
            end_sign_in(session, row.token_hash)
    return len(found)


def _identity(session: Session, told: ToldLogout, now: datetime) -> AccountIdentity | None:
    """Whose session it was; who is between the two steps of signing in does not get on."""
    identity = queries.identity(session, told.issuer, told.subject) if told.subject else None
    if identity is not None:
        identity.left_at = now
    return identity


def has_ended(session: Session, provider_session: str, *, since: datetime) -> bool:
    """Whether a session of the provider, known by its digest here, was ended since a moment."""
    if not provider_session:
        return False
    ended_at = queries.spent_at(session, _end_digest(provider_session))
    return ended_at is not None and ended_at >= since


def _note_end(session: Session, provider_session: str, now: datetime) -> None:
    """Somebody between the two steps may have begun by it: a token that names no person does not
    tell who. Kept like the tokens; between the steps nobody stays for so long."""
    session.merge(SpentLogout(digest=_end_digest(provider_session), spent_at=now))
    session.flush()


def _end_digest(provider_session: str) -> bytes:
    return hashlib.sha256(f"ended\0{provider_session}".encode()).digest()


def _spend(session: Session, told: ToldLogout, now: datetime) -> None:
    queries.delete_spent_before(session, now - REMEMBERED_FOR)
    digest = hashlib.sha256(f"{told.issuer}\0{told.token_id}".encode()).digest()
    if queries.spent_at(session, digest) is not None:
        raise Forbidden("Thông báo đăng xuất này đã được dùng.")
    session.add(SpentLogout(digest=digest, spent_at=now))
    session.flush()
