"""What the pages of open links rest on: one row each, read without a session."""

from collections.abc import Collection, Hashable, Mapping
from functools import cache

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.engine import Dialect

from survey_app.storage.database import Database
from survey_app.storage.models import AdministrativeUnit, CollectionPoint, ContactOffer, Survey

_STATE = (
    select(
        CollectionPoint.token,
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
    .order_by(CollectionPoint.id)
)


def page_states(database: Database, tokens: Collection[str]) -> Mapping[str, Hashable]:
    """Token → the row as the driver gives it, to be compared and no more; open links that are not
    there are left out. Asked for each page that is opened: a session would cost several times the
    rest."""
    wanted = list(dict.fromkeys(tokens))
    statement, is_positional = _compiled(database.engine.dialect, len(wanted))
    named = {_name(place): token for place, token in enumerate(wanted)}
    rows = database.glance(statement, wanted if is_positional else named)
    return {str(row[0]): tuple(row) for row in rows}


@cache
def _compiled(dialect: Dialect, count: int) -> tuple[str, bool]:
    """The statement about so many links for the driver, and whether it takes them by place."""
    tokens: list[BindParameter[str]] = [bindparam(_name(place)) for place in range(count)]
    compiled = _STATE.where(CollectionPoint.token.in_(tokens)).compile(dialect=dialect)
    return str(compiled), bool(compiled.positional)


def _name(place: int) -> str:
    return f"token_{place}"
