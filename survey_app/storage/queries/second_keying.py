"""Forms that are keyed a second time."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from survey_app.storage.models import CollectionPoint, Mode, SecondKeying, SurveyResponse


def insert_chosen(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep forms that were chosen."""
    if rows:
        # In the order of keys, which are digests: not that of the pile.
        ordered = sorted(rows, key=lambda row: row["form_key"])
        session.execute(insert(SecondKeying), ordered)


def chosen_form(session: Session, form_key: bytes) -> SecondKeying | None:
    """The row of a form, locked until the transaction ends."""
    return session.get(SecondKeying, form_key, with_for_update=True, populate_existing=True)


def chosen_forms(
    session: Session, survey_id: int, *, unit_ids: Collection[int] | None
) -> Sequence[SecondKeying]:
    """All chosen forms of a survey (those of the units in ``unit_ids``, or all), by their keys."""
    query = (
        select(SecondKeying)
        .where(SecondKeying.survey_id == survey_id)
        .order_by(SecondKeying.form_key)
    )
    if unit_ids is not None:
        points = select(CollectionPoint.id).where(CollectionPoint.unit_id.in_(unit_ids))
        query = query.where(SecondKeying.collection_point_id.in_(points))
    return session.scalars(query).all()


def count_paper_sheets(
    session: Session, survey_id: int, *, unit_ids: Collection[int] | None
) -> int:
    """Sheets of a survey that came on paper."""
    query = (
        select(func.count())
        .select_from(SurveyResponse)
        .where(SurveyResponse.survey_id == survey_id, SurveyResponse.mode == Mode.PAPER)
    )
    if unit_ids is not None:
        query = query.where(SurveyResponse.unit_id.in_(unit_ids))
    return session.scalar(query) or 0


def numbered_forms(session: Session) -> Sequence[SecondKeying]:
    """Every row, of whatever survey, whose form has a number still."""
    query = (
        select(SecondKeying)
        .where(SecondKeying.form_number.is_not(None))
        .order_by(SecondKeying.form_key)
    )
    return session.scalars(query).all()
