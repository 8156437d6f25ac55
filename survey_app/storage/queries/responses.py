"""Answer sheets: storing one, and reading a unit's as a matrix."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from survey_app.storage.models import (
    Base,
    FreeText,
    OneTimeLink,
    SpentLink,
    SurveyResponse,
)


def insert_response(session: Session, row: dict[str, Any]) -> bool:
    """Store one sheet; False when one with the same key is there already (and stays)."""
    return _insert_once(session, SurveyResponse, row)


def sheet_by_key(session: Session, response_key: bytes) -> SurveyResponse | None:
    """The sheet with this key, of whatever unit."""
    return session.scalar(
        select(SurveyResponse)
        .where(SurveyResponse.response_key == response_key)
        .order_by(SurveyResponse.unit_id)
        .limit(1)
    )


def claim_one_time_link(session: Session, token_hash: bytes) -> bool:
    """Use a one-time link up; False when it was used before."""
    used = select(OneTimeLink.is_used).where(OneTimeLink.token_hash == token_hash)
    if session.scalar(used):
        return False
    return _insert_once(session, SpentLink, {"token_hash": token_hash})


def is_link_used(session: Session, link: OneTimeLink) -> bool:
    """Whether a one-time link is used up, be it a moment ago."""
    return link.is_used or session.get(SpentLink, link.token_hash) is not None


def mix_spent_links(session: Session, *, fewest: int) -> int:
    """Mark waiting links used, all in this one transaction; how many. Under ``fewest`` they wait
    on: a single one could be told from the sheet that came with it."""
    hashes = session.scalars(select(SpentLink.token_hash).order_by(SpentLink.token_hash)).all()
    if len(hashes) < fewest:
        return 0
    session.execute(
        update(OneTimeLink).where(OneTimeLink.token_hash.in_(hashes)).values(is_used=True)
    )
    session.execute(delete(SpentLink).where(SpentLink.token_hash.in_(hashes)))
    return len(hashes)


def _insert_once(session: Session, model: type[Base], row: dict[str, Any]) -> bool:
    """Insert a row unless its key is taken; whether it was inserted."""
    table: Table = model.__table__  # type: ignore[assignment]
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = insert(table).values(row).on_conflict_do_nothing()
    key = next(iter(table.primary_key))
    return session.execute(statement.returning(key)).first() is not None


def free_texts_of(session: Session, unit_id: int, response_key: bytes) -> dict[str, str]:
    query = (
        select(FreeText.question_code, FreeText.text)
        .where(FreeText.unit_id == unit_id, FreeText.response_key == response_key)
        .order_by(FreeText.question_code)
    )
    return dict(session.execute(query).all())


@dataclass(frozen=True)
class Microdata:
    """One unit's sheets in one survey.

    ``answers``: uint8 matrix, sheets × codebook columns; ``modes``: one per sheet.
    """

    answers: NDArray[np.uint8]
    modes: Sequence[str]


def unit_microdata(session: Session, survey_id: int, unit_id: int, width: int) -> Microdata:
    """The answer matrix of one unit, ``width`` codebook columns wide."""
    rows = session.execute(
        select(SurveyResponse.answers, SurveyResponse.mode)
        .where(SurveyResponse.survey_id == survey_id, SurveyResponse.unit_id == unit_id)
        .order_by(SurveyResponse.response_key)
    ).all()
    matrix = np.frombuffer(b"".join(row.answers for row in rows), np.uint8).reshape(-1, width)
    return Microdata(matrix, [row.mode for row in rows])


def comments(
    session: Session, survey_id: int, unit_id: int, *, hidden: bool = False
) -> Sequence[FreeText]:
    """Free texts of a unit in key order (which says nothing of time); hidden ones on request."""
    return session.scalars(
        select(FreeText)
        .join(
            SurveyResponse,
            (SurveyResponse.unit_id == FreeText.unit_id)
            & (SurveyResponse.response_key == FreeText.response_key),
        )
        .where(
            SurveyResponse.survey_id == survey_id,
            FreeText.unit_id == unit_id,
            FreeText.is_hidden.is_(hidden),
        )
        .order_by(FreeText.response_key, FreeText.question_code)
    ).all()
