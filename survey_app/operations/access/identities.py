"""Signing in by a provider of another house: whose account it is, and how it comes to be one.

The provider's key for a person (issuer and subject) opens the account that an administrator linked
it to. Nothing is linked by itself, not by an equal name and not by an address of mail. Who has no
account yet is shown a reference and waits; the administrator, who hears it from the person, sees
what the provider tells of them before linking.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from survey_app.copied_codes import draw_code, plain_code
from survey_app.errors import Conflict, Forbidden, Invalid, NotFound, Problem
from survey_app.identity_provider import ToldIdentity
from survey_app.operations.access.signing_in import sign_out_everywhere
from survey_app.operations.audit.entries import record
from survey_app.storage.models import Account
from survey_app.storage.models import AccountIdentity as AccountIdentity
from survey_app.storage.models import WaitingIdentity as WaitingIdentity
from survey_app.storage.queries import identities as queries
from survey_app.storage.races import looks_again

WAITS_FOR = timedelta(days=14)
#: Whoever has an account at the provider can come to wait: the oldest make room.
MOST_WAITING = 500
_REFERENCE_LENGTH = 8


def find_linked(session: Session, told: ToldIdentity) -> AccountIdentity | None:
    """By what an account is opened, None = it is nobody's. Raises Forbidden for one that is
    stopped."""
    found = queries.identity(session, told.issuer, told.subject)
    if found is None:
        return None
    if not found.account.is_active:
        raise Forbidden("Tài khoản của ông/bà đã bị khóa; vui lòng liên hệ người quản trị.")
    found.told_name, found.told_username = told.name, told.username
    return found


def still_opens(
    session: Session, account: Account, identity_id: int, *, shown_at: datetime
) -> bool:
    """Whether an identity that was shown a while ago opens an account: it is still linked, and the
    provider has not ended a session of theirs since."""
    return any(
        one.id == identity_id and (one.left_at is None or one.left_at < shown_at)
        for one in queries.identities_of(session, account.id)
    )


@looks_again
def let_wait(session: Session, told: ToldIdentity, *, now: datetime) -> WaitingIdentity:
    """Remember for a while who came without an account; the same person, the same reference."""
    queries.delete_waiting_before(session, now - WAITS_FOR)
    found = queries.waiting_identity(session, told.issuer, told.subject)
    if found is None:
        queries.delete_oldest_waiting(session, kept=MOST_WAITING - 1)
        reference = draw_code(_REFERENCE_LENGTH)
        found = WaitingIdentity(issuer=told.issuer, subject=told.subject, reference=reference)
        session.add(found)
    found.told_name, found.told_username, found.seen_at = told.name, told.username, now
    session.flush()
    return found


def waiting(session: Session, issuer: str, *, now: datetime) -> Sequence[WaitingIdentity]:
    """Who came from a provider lately and has no account, the last first."""
    return queries.waiting_identities(session, issuer, since=now - WAITS_FOR)


def find_waiting(
    session: Session, reference: str, issuer: str, *, now: datetime
) -> WaitingIdentity:
    """Who was shown a reference. Raises Invalid for one that nobody was shown lately."""
    found = queries.waiting_by_reference(session, plain_code(reference))
    if found is None or found.issuer != issuer or found.seen_at < now - WAITS_FOR:
        message = (
            "Không có mã đối chiếu này, hoặc mã đã quá hạn. Đề nghị người đó đăng nhập lại và đọc "
            "mã đang hiện."
        )
        raise Invalid(message, [Problem(message, "reference")])
    return found


@looks_again
def link(
    session: Session, account: Account, found: WaitingIdentity, *, by: Account, now: datetime
) -> AccountIdentity:
    """Let somebody who waits sign in as an account.

    Raises Conflict for an account that has no name any more or has an identity of this provider
    already, and for an identity that has been linked meanwhile.
    """
    if account.erased_on is not None:
        raise Conflict("Tên của tài khoản này đã được xóa; không gắn được.")
    if any(one.issuer == found.issuer for one in queries.identities_of(session, account.id)):
        raise Conflict("Tài khoản này đã được gắn rồi; hãy gỡ trước khi gắn người khác.")
    if queries.identity(session, found.issuer, found.subject) is not None:
        raise Conflict("Người này đã được gắn với một tài khoản khác.")
    made = AccountIdentity(
        account_id=account.id,
        issuer=found.issuer,
        subject=found.subject,
        told_name=found.told_name,
        told_username=found.told_username,
        linked_at=now,
    )
    session.add(made)
    session.delete(found)
    detail = {"issuer": found.issuer, "reference": found.reference}
    record(session, "account.link", now=now, account=by, subject=account, detail=detail)
    session.flush()
    return made


def identities_of(session: Session, account: Account) -> Sequence[AccountIdentity]:
    """By what an account may sign in at providers."""
    return queries.identities_of(session, account.id)


def unlink(
    session: Session, account: Account, identity_id: int, *, by: Account, now: datetime
) -> None:
    """Take an identity from an account and sign it out everywhere. Raises NotFound, also for
    another account's."""
    for found in queries.identities_of(session, account.id):
        if found.id == identity_id:
            session.delete(found)
            detail = {"issuer": found.issuer}
            record(session, "account.unlink", now=now, account=by, subject=account, detail=detail)
            sign_out_everywhere(session, account, now=now)
            session.flush()
            return
    raise NotFound("Tài khoản không còn được gắn như vậy; vui lòng tải lại trang.")
