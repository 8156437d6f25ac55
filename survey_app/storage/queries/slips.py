"""One-time links by their codes, and lists of dossiers that were seen before."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import CollectionPoint, OneTimeLink, SlipListDigest


def links_of_survey(
    session: Session, survey_id: int, hashes: Collection[bytes]
) -> dict[bytes, OneTimeLink]:
    """Hash → link of the survey's links among ``hashes``, with their places."""
    point = joinedload(OneTimeLink.collection_point)
    rows = session.scalars(
        select(OneTimeLink)
        .join(OneTimeLink.collection_point)
        .where(OneTimeLink.token_hash.in_(hashes), CollectionPoint.survey_id == survey_id)
        .options(point.joinedload(CollectionPoint.unit), point.joinedload(CollectionPoint.survey))
        .order_by(OneTimeLink.token_hash)
    )
    return {row.token_hash: row for row in rows}


def list_digest(session: Session, digest: bytes) -> SlipListDigest | None:
    return session.get(SlipListDigest, digest)


def forget_lists(session: Session, before: date) -> None:
    session.execute(delete(SlipListDigest).where(SlipListDigest.made_on < before))
