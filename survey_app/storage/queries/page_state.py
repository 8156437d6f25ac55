"""What the pages of an open link rest on: one row, read without a session."""

from collections.abc import Hashable
from functools import cache

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Dialect

from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit, CollectionPoint, ContactOffer, Survey

_STATE = (
    select(
        CollectionPoint.id,
        CollectionPoint.is_active,
        CollectionPoint.mode,
        Survey.code,
        Survey.status,
        Survey.paused_at,
        Survey.starts_on,
        Survey.ends_on,
        Survey.title,
        Survey.is_demo,
        Survey.version_id,
        Survey.ways,
        Survey.languages,
        AdministrativeUnit.code,
        AdministrativeUnit.name,
        ContactOffer.days,
    )
    .join(CollectionPoint.survey)
    .join(CollectionPoint.unit)
    .outerjoin(ContactOffer, ContactOffer.survey_id == Survey.id)
    .where(CollectionPoint.token == bindparam("token"))
    .order_by(CollectionPoint.id)
)


def page_state(database: Database, token: str) -> Hashable:
    """The row as the driver gives it, to be compared and no more; None when there is no such open
    link. Asked for each page that is opened: a session would cost several times the rest."""
    statement, is_positional = _compiled(database.engine.dialect)
    connection = database.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(statement, (token,) if is_positional else {"token": token})
        row = cursor.fetchone()
    finally:
        connection.close()
    return None if row is None else tuple(row)


@cache
def _compiled(dialect: Dialect) -> tuple[str, bool]:
    """The statement for the driver, and whether it takes its values by place."""
    compiled = _STATE.compile(dialect=dialect)
    return str(compiled), bool(compiled.positional)
