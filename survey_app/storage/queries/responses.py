"""Answer sheets: storing one, and reading a unit's as a matrix."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table, bindparam, case, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from survey_app.storage.models import (
    Base,
    FreeText,
    OneTimeLink,
    SpentLink,
    SurveyResponse,
)
from survey_app.storage.queries.reviews import is_counted


def insert_sheets(
    session: Session, rows: Sequence[Mapping[str, Any]], texts: Sequence[Mapping[str, Any]]
) -> set[bytes]:
    """Store sheets and the texts of those that were new; the keys of the new ones.

    A sheet whose key is there already stays as it was.
    """
    # In the order of keys: two processes that store the same sheets cannot wait for each other.
    ordered = sorted(rows, key=lambda row: row["response_key"])
    connection = session.connection()
    statement = _insert_unless_there(connection.dialect.name, SurveyResponse)
    new = set(connection.execute(statement, ordered).scalars())
    own = [text for text in texts if text["response_key"] in new]
    if own:
        connection.execute(insert(FreeText), own)
    return new


#: Unit, survey, number of the version, and coded answers of a sheet: what must be the same when its
#: id comes again.
Identity = tuple[int, int, int, bytes]


def sheets_by_key(session: Session, keys: Collection[bytes]) -> dict[bytes, Identity]:
    """Key → identity of the stored sheets among ``keys``."""
    rows = session.connection().execute(_SHEETS_BY_KEY, {"keys": list(keys)})
    return {key: (unit, survey, number, answers) for key, unit, survey, number, answers in rows}


#: Built once: at intake the building would cost more than the asking.
_SHEETS_BY_KEY = (
    select(
        SurveyResponse.response_key,
        SurveyResponse.unit_id,
        SurveyResponse.survey_id,
        SurveyResponse.version_number,
        SurveyResponse.answers,
    )
    .where(SurveyResponse.response_key.in_(bindparam("keys", expanding=True)))
    .order_by(SurveyResponse.response_key, SurveyResponse.unit_id.desc())
)


def claim_one_time_link(session: Session, token_hash: bytes) -> bool:
    """Use a one-time link up; False when it was used before: the caller rolls back."""
    connection = session.connection()
    statement = _insert_unless_there(connection.dialect.name, SpentLink)
    if connection.execute(statement, {"token_hash": token_hash}).first() is None:
        return False
    # Asked after the note was taken: one that is missing may have been mixed in a moment ago.
    used = select(OneTimeLink.is_used).where(OneTimeLink.token_hash == token_hash)
    return not session.scalar(used)


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


def flag_whole_hour(
    session: Session,
    *,
    survey_id: int,
    unit_id: int,
    point_id: int,
    hour: datetime,
    flag: int,
    but_not: str,
) -> None:
    """Add a flag to all sheets of a collection point in an hour on which nobody has decided yet,
    except those of the mode ``but_not``."""
    keys = session.scalars(
        select(SurveyResponse.response_key)
        .where(
            SurveyResponse.survey_id == survey_id,
            SurveyResponse.unit_id == unit_id,
            SurveyResponse.collection_point_id == point_id,
            SurveyResponse.received_hour == hour,
            SurveyResponse.mode != but_not,
            SurveyResponse.review_id.is_(None),
            SurveyResponse.flags.bitwise_and(flag) == 0,
        )
        # Locked in one order: two processes that find the same burst do not block each other.
        .order_by(SurveyResponse.response_key)
        .with_for_update()
    ).all()
    if keys:
        session.execute(
            update(SurveyResponse)
            .where(SurveyResponse.unit_id == unit_id, SurveyResponse.response_key.in_(keys))
            .values(flags=SurveyResponse.flags.bitwise_or(flag))
            .execution_options(synchronize_session=False)
        )


@cache
def _insert_unless_there(dialect: str, model: type[Base]) -> ReturningInsert[bytes]:
    """An INSERT that passes over rows whose key is taken; it returns the keys it inserted."""
    table: Table = model.__table__  # type: ignore[assignment]
    key = list(table.primary_key)[-1]
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing().returning(key)
    return sqlite.insert(table).on_conflict_do_nothing().returning(key)


def free_texts_of(session: Session, unit_id: int, response_key: bytes) -> dict[str, str]:
    query = (
        select(FreeText.question_code, FreeText.text)
        .where(FreeText.unit_id == unit_id, FreeText.response_key == response_key)
        .order_by(FreeText.question_code)
    )
    return dict(session.execute(query).all())


def replace_answers(
    session: Session,
    unit_id: int,
    response_key: bytes,
    answers: bytes,
    *,
    flags: int,
    texts: Collection[str],
) -> None:
    """Write other coded answers, and the flags they deserve, on one sheet; of its free texts
    those on ``texts`` (question codes) stay. A sheet under a decision keeps the flags that were
    decided on."""
    is_waiting = SurveyResponse.review_id.is_(None)
    session.execute(
        update(SurveyResponse)
        .where(SurveyResponse.unit_id == unit_id, SurveyResponse.response_key == response_key)
        .values(answers=answers, flags=case((is_waiting, flags), else_=SurveyResponse.flags))
        .execution_options(synchronize_session=False)
    )
    session.execute(
        delete(FreeText).where(
            FreeText.unit_id == unit_id,
            FreeText.response_key == response_key,
            FreeText.question_code.not_in(texts),
        )
    )


@dataclass(frozen=True)
class Microdata:
    """One unit's sheets in one survey, those that were excluded as well.

    ``rows``: the coded answers of each, laid out by the version that ``versions`` has the number
    of; ``modes``: one per sheet; ``counted`` and ``partial``: whether each sheet counts in figures,
    and whether it was left unfinished.
    """

    rows: Sequence[bytes]
    versions: NDArray[np.int16]
    modes: Sequence[str]
    counted: NDArray[np.bool_]
    partial: NDArray[np.bool_]


def microdata_by_unit(
    session: Session,
    survey_id: int,
    unit_ids: Collection[int],
    version_number: int | None = None,
) -> dict[int, Microdata]:
    """The sheets of each of these units (those of one version, or all), in key order; units
    without any included."""
    query = _MICRODATA
    if version_number is not None:
        query = query.where(SurveyResponse.version_number == version_number)
    wanted = {"survey_id": survey_id, "unit_ids": list(unit_ids)}
    # By and by: of a million sheets the rows weigh much more than what is kept of them.
    rows = session.execute(query, wanted, execution_options={"yield_per": ROWS_AT_ONCE})
    found = {unit_id: _gathered(own) for unit_id, own in groupby(rows, lambda row: row.unit_id)}
    return {unit_id: found.get(unit_id) or _gathered(()) for unit_id in unit_ids}


def _gathered(found: Iterable[Any]) -> Microdata:
    rows = list(found)
    return Microdata(
        [row.answers for row in rows],
        np.array([row.version_number for row in rows], dtype=np.int16),
        [row.mode for row in rows],
        np.array([row.is_counted for row in rows], dtype=np.bool_),
        np.array([row.is_partial for row in rows], dtype=np.bool_),
    )


ROWS_AT_ONCE = 10_000
_MICRODATA = (
    select(
        SurveyResponse.unit_id,
        SurveyResponse.answers,
        SurveyResponse.version_number,
        SurveyResponse.mode,
        is_counted().label("is_counted"),
        SurveyResponse.is_partial,
    )
    .where(
        SurveyResponse.survey_id == bindparam("survey_id"),
        SurveyResponse.unit_id.in_(bindparam("unit_ids", expanding=True)),
    )
    .order_by(SurveyResponse.unit_id, SurveyResponse.response_key)
)


def comments(
    session: Session, survey_id: int, unit_id: int, *, hidden: bool = False
) -> Sequence[FreeText]:
    """Free texts of a unit's sheets that count, in key order (which says nothing of time); hidden
    ones on request."""
    return session.scalars(
        select(FreeText)
        .join(
            SurveyResponse,
            (SurveyResponse.unit_id == FreeText.unit_id)
            & (SurveyResponse.response_key == FreeText.response_key),
        )
        .where(
            SurveyResponse.survey_id == survey_id,
            is_counted(),
            FreeText.unit_id == unit_id,
            FreeText.is_hidden.is_(hidden),
        )
        .order_by(FreeText.response_key, FreeText.question_code)
    ).all()


def free_text(
    session: Session, survey_id: int, unit_id: int, response_key: bytes, question_code: str
) -> FreeText | None:
    """One free text, if it was written in this survey about this unit."""
    return session.scalar(
        select(FreeText)
        .join(
            SurveyResponse,
            (SurveyResponse.unit_id == FreeText.unit_id)
            & (SurveyResponse.response_key == FreeText.response_key),
        )
        .where(
            SurveyResponse.survey_id == survey_id,
            FreeText.unit_id == unit_id,
            FreeText.response_key == response_key,
            FreeText.question_code == question_code,
        )
    )
