"""Flagged sheets: counted in groups, never one by one; and the decisions on them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, literal_column, or_, select, update
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import CollectionPoint, Review, SurveyResponse, Verdict

#: Written out, not bound, so that the databases see that their index of flagged sheets will do.
IS_FLAGGED = SurveyResponse.flags != literal_column("0")


@dataclass(frozen=True)
class FlaggedCount:
    """So many sheets of a unit have these flags; ``verdict`` None = nobody has decided."""

    unit_id: int
    flags: int
    verdict: str | None
    sheets: int


@dataclass(frozen=True)
class WaitingCount:
    """So many sheets with these flags, on which nobody has decided, by place, mode and hour."""

    point_id: int
    label: str
    mode: str
    hour: datetime
    flags: int
    sheets: int


def is_counted() -> ColumnElement[bool]:
    """The condition that a sheet counts in figures: nobody has excluded it."""
    excluded = select(Review.id).where(Review.verdict == Verdict.EXCLUDED)
    return or_(SurveyResponse.review_id.is_(None), SurveyResponse.review_id.not_in(excluded))


def flagged_counts(
    session: Session, survey_id: int, *, unit_ids: Collection[int] | None = None
) -> Sequence[FlaggedCount]:
    """The flagged sheets of a survey by unit, flags and verdict."""
    query = (
        select(SurveyResponse.unit_id, SurveyResponse.flags, Review.verdict, func.count())
        .outerjoin(Review, Review.id == SurveyResponse.review_id)
        .where(SurveyResponse.survey_id == survey_id, IS_FLAGGED)
        .group_by(SurveyResponse.unit_id, SurveyResponse.flags, Review.verdict)
        .order_by(SurveyResponse.unit_id, SurveyResponse.flags, Review.verdict)
    )
    if unit_ids is not None:
        query = query.where(SurveyResponse.unit_id.in_(unit_ids))
    return [FlaggedCount(*row) for row in session.execute(query)]


def waiting_counts(session: Session, survey_id: int, unit_id: int) -> Sequence[WaitingCount]:
    """The flagged sheets of a unit on which nobody has decided, the earliest first."""
    query = (
        select(
            SurveyResponse.collection_point_id,
            CollectionPoint.label,
            SurveyResponse.mode,
            SurveyResponse.received_hour,
            SurveyResponse.flags,
            func.count(),
        )
        .join(CollectionPoint, CollectionPoint.id == SurveyResponse.collection_point_id)
        .where(*_waiting(survey_id, unit_id))
        .group_by(
            SurveyResponse.collection_point_id,
            CollectionPoint.label,
            SurveyResponse.mode,
            SurveyResponse.received_hour,
            SurveyResponse.flags,
        )
        .order_by(
            SurveyResponse.received_hour,
            CollectionPoint.label,
            SurveyResponse.collection_point_id,
            SurveyResponse.mode,
            SurveyResponse.flags,
        )
    )
    return [WaitingCount(*row) for row in session.execute(query)]


def assign_waiting(
    session: Session,
    review: Review,
    *,
    point_id: int,
    mode: str,
    flags: int,
    hours: Collection[datetime],
) -> int:
    """Put the sheets of one group, on which nobody has decided, under a decision; how many."""
    changed = session.execute(
        update(SurveyResponse)
        .where(
            *_waiting(review.survey_id, review.unit_id),
            SurveyResponse.collection_point_id == point_id,
            SurveyResponse.mode == mode,
            SurveyResponse.flags == flags,
            SurveyResponse.received_hour.in_(hours),
        )
        .values(review_id=review.id)
        .execution_options(synchronize_session=False)
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]


def reassign(session: Session, former: Review, review: Review) -> int:
    """Put all sheets of a decision under a later one; how many."""
    changed = session.execute(
        update(SurveyResponse)
        .where(
            SurveyResponse.survey_id == former.survey_id,
            SurveyResponse.unit_id == former.unit_id,
            IS_FLAGGED,
            SurveyResponse.review_id == former.id,
        )
        .values(review_id=review.id)
        .execution_options(synchronize_session=False)
    )
    return int(changed.rowcount)  # type: ignore[attr-defined]


def reviews_of(session: Session, survey_id: int, unit_id: int) -> Sequence[Review]:
    """Every decision on sheets of a unit, the latest first, with who decided."""
    return session.scalars(
        select(Review)
        .where(Review.survey_id == survey_id, Review.unit_id == unit_id)
        .options(joinedload(Review.account))
        .order_by(Review.id.desc())
    ).all()


def _waiting(survey_id: int, unit_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        SurveyResponse.survey_id == survey_id,
        SurveyResponse.unit_id == unit_id,
        IS_FLAGGED,
        SurveyResponse.review_id.is_(None),
    )
