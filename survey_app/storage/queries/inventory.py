"""How many rows there are of what an administrator looks after."""

from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase, Session

from survey_app.storage.models import Account, AdministrativeUnit, QuestionnaireVersion, Survey


def count_rows(session: Session) -> tuple[int, int, int, int]:
    """Questionnaire versions, units, surveys and accounts."""
    tables: tuple[type[DeclarativeBase], ...] = (
        QuestionnaireVersion,
        AdministrativeUnit,
        Survey,
        Account,
    )
    versions, units, surveys, accounts = (
        session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
    )
    return versions, units, surveys, accounts
