"""Requests for a reply, and the surveys that offer one."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import ContactOffer, ContactRequest


def offer_of(session: Session, survey_id: int) -> ContactOffer | None:
    return session.get(ContactOffer, survey_id)


def longest_days(session: Session) -> int | None:
    """The longest time of all offers, None without any."""
    return session.scalar(select(func.max(ContactOffer.days)))


def count_asked(session: Session, survey_id: int, unit_id: int, day: date) -> int:
    """Requests of one unit and day."""
    query = select(func.count()).select_from(ContactRequest)
    query = query.where(ContactRequest.survey_id == survey_id, ContactRequest.unit_id == unit_id)
    return session.scalar(query.where(ContactRequest.asked_on == day)) or 0


def requests_before(
    session: Session, day: date, unit_ids: Collection[int] | None
) -> Sequence[ContactRequest]:
    """Requests of earlier days in these units (None = all): those that wait first, by last day."""
    query = (
        select(ContactRequest)
        .where(ContactRequest.asked_on < day)
        .options(joinedload(ContactRequest.survey), joinedload(ContactRequest.unit))
        .order_by(
            ContactRequest.answered_on.is_not(None), ContactRequest.expires_on, ContactRequest.id
        )
    )
    if unit_ids is not None:
        query = query.where(ContactRequest.unit_id.in_(unit_ids))
    return session.scalars(query).all()


def request_before(session: Session, request_id: bytes, day: date) -> ContactRequest | None:
    found = session.get(ContactRequest, request_id)
    return found if found is not None and found.asked_on < day else None


def open_requests(session: Session, survey_id: int, unit_id: int) -> Sequence[ContactRequest]:
    """Requests of one survey and unit that nobody has finished, those of today among them."""
    return session.scalars(
        select(ContactRequest)
        .where(
            ContactRequest.survey_id == survey_id,
            ContactRequest.unit_id == unit_id,
            ContactRequest.sealed.is_not(None),
        )
        .order_by(ContactRequest.id)
    ).all()


def unmixed_before(session: Session, day: date) -> Sequence[ContactRequest]:
    """Locked: what is withdrawn or answered at this moment must not be written anew as it was."""
    return session.scalars(
        select(ContactRequest)
        .where(ContactRequest.asked_on < day, ContactRequest.is_mixed.is_(False))
        .order_by(ContactRequest.id)
        .with_for_update()
    ).all()


def sealed_otherwise(session: Session, key_name: str) -> Sequence[ContactRequest]:
    """Requests that another key than this one sealed; locked, as above."""
    return session.scalars(
        select(ContactRequest)
        .where(ContactRequest.key_name != key_name, ContactRequest.sealed.is_not(None))
        .order_by(ContactRequest.id)
        .with_for_update()
    ).all()


def count_expired(session: Session, day: date) -> int:
    """Requests whose last day is before ``day``."""
    query = select(func.count()).select_from(ContactRequest)
    return session.scalar(query.where(ContactRequest.expires_on < day)) or 0


def delete_expired(session: Session, day: date) -> None:
    session.execute(delete(ContactRequest).where(ContactRequest.expires_on < day))


def count_and_oldest(session: Session) -> tuple[int, date | None]:
    """Requests that can still be read."""
    query = select(func.count(), func.min(ContactRequest.asked_on))
    count, oldest = session.execute(query.where(ContactRequest.sealed.is_not(None))).one()
    return count, oldest
