"""Published questionnaire versions."""

from collections.abc import Sequence

from sqlalchemy import func, select
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


def last_number(session: Session, code: str) -> int:
    """The highest version number of a questionnaire, 0 when there is none."""
    query = select(func.max(QuestionnaireVersion.number)).where(QuestionnaireVersion.code == code)
    return session.scalar(query) or 0


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
