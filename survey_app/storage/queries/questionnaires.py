"""Published questionnaire versions."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from survey_app.storage.models import QuestionnaireVersion


def version_by_fingerprint(
    session: Session, code: str, fingerprint: str
) -> QuestionnaireVersion | None:
    return session.scalar(
        select(QuestionnaireVersion).where(
            QuestionnaireVersion.code == code, QuestionnaireVersion.fingerprint == fingerprint
        )
    )


def last_version(session: Session, code: str) -> QuestionnaireVersion | None:
    """The version of a questionnaire that was published last."""
    return session.scalar(
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.code == code)
        .order_by(QuestionnaireVersion.number.desc())
        .limit(1)
    )


def versions_between(
    session: Session, code: str, first: int, last: int
) -> Sequence[QuestionnaireVersion]:
    """The versions of a questionnaire with these numbers and those between, in order."""
    return session.scalars(
        select(QuestionnaireVersion)
        .where(
            QuestionnaireVersion.code == code,
            QuestionnaireVersion.number >= first,
            QuestionnaireVersion.number <= last,
        )
        .order_by(QuestionnaireVersion.number)
    ).all()


def list_versions(session: Session) -> Sequence[QuestionnaireVersion]:
    """Every published version, the newest of each questionnaire first."""
    return session.scalars(
        select(QuestionnaireVersion).order_by(
            QuestionnaireVersion.code, QuestionnaireVersion.number.desc()
        )
    ).all()


def version_by_number(session: Session, code: str, number: int) -> QuestionnaireVersion | None:
    return session.scalar(
        select(QuestionnaireVersion).where(
            QuestionnaireVersion.code == code, QuestionnaireVersion.number == number
        )
    )
