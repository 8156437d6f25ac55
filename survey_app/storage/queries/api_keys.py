"""Keys of other software and their requests."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import ApiKey, InvitationRequest


def key_by_hash(session: Session, key_hash: bytes) -> ApiKey | None:
    return session.scalar(
        select(ApiKey).where(ApiKey.key_hash == key_hash).options(joinedload(ApiKey.unit))
    )


def list_keys(session: Session) -> Sequence[ApiKey]:
    """Every key, the newest first."""
    return session.scalars(
        select(ApiKey)
        .options(joinedload(ApiKey.unit))
        .order_by(ApiKey.created_at.desc(), ApiKey.id.desc())
    ).all()


def note_use(session: Session, key_id: int, day: date) -> None:
    session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_on=day))


def invitation_request(
    session: Session, key_id: int, request_hash: bytes
) -> InvitationRequest | None:
    return session.get(InvitationRequest, (key_id, request_hash), populate_existing=True)


def forget_requests(session: Session, before: date) -> int:
    """Delete the requests made before a day; how many."""
    done = session.execute(delete(InvitationRequest).where(InvitationRequest.made_on < before))
    return int(done.rowcount)  # type: ignore[attr-defined]
