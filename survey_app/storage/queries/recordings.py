"""Recordings of questions: those of a version, and one by its content."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from survey_app.storage.models import Recording


def version_recordings(session: Session, version_id: int) -> Sequence[Recording]:
    """Without their contents, by question and language."""
    return session.scalars(
        select(Recording)
        .where(Recording.version_id == version_id)
        .order_by(Recording.question_code, Recording.language)
    ).all()


def recording(
    session: Session, version_id: int, question_code: str, language: str
) -> Recording | None:
    return session.get(Recording, (version_id, question_code, language))


def recording_by_digest(session: Session, digest: str) -> Recording | None:
    """One recording with this content, which several questions may share."""
    return session.scalar(
        select(Recording)
        .where(Recording.digest == digest)
        .order_by(Recording.version_id, Recording.question_code, Recording.language)
        .limit(1)
        .options(undefer(Recording.content))
    )
