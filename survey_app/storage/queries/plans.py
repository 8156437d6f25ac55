"""What planning asks of a survey: whether its plan is still the one that was seen, what its units
already have, and taking them out."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from survey_app.storage.models import (
    CollectionPoint,
    Device,
    OneTimeLink,
    SampleDraw,
    Survey,
    SurveyResponse,
    SurveyUnit,
)


def claim_revision(session: Session, survey: Survey, revision: int) -> bool:
    """Make the next revision of a plan. False when this one is no more: of two who save at the
    same moment the second changes no row."""
    claim = (
        update(Survey)
        .where(Survey.id == survey.id, Survey.revision == revision)
        .values(revision=revision + 1)
        .execution_options(synchronize_session=False)
        .returning(Survey.id)
    )
    is_ours = session.scalar(claim) is not None
    session.refresh(survey, ["revision"])
    return is_ours


def sheets_ever(session: Session, survey_id: int) -> Mapping[int, int]:
    """Answer sheets by unit id, whether they count or not."""
    return _counts(
        session,
        select(SurveyResponse.unit_id, func.count())
        .where(SurveyResponse.survey_id == survey_id)
        .group_by(SurveyResponse.unit_id)
        .order_by(SurveyResponse.unit_id),
    )


def slips_by_unit(session: Session, survey_id: int) -> Mapping[int, int]:
    """One-time links made, by unit id."""
    return _counts(
        session,
        select(CollectionPoint.unit_id, func.count())
        .join(OneTimeLink, OneTimeLink.collection_point_id == CollectionPoint.id)
        .where(CollectionPoint.survey_id == survey_id)
        .group_by(CollectionPoint.unit_id)
        .order_by(CollectionPoint.unit_id),
    )


def devices_by_unit(session: Session, survey_id: int) -> Mapping[int, int]:
    """Devices that ever stood at a place of the survey, by unit id."""
    return _counts(
        session,
        select(CollectionPoint.unit_id, func.count())
        .join(Device, Device.collection_point_id == CollectionPoint.id)
        .where(CollectionPoint.survey_id == survey_id)
        .group_by(CollectionPoint.unit_id)
        .order_by(CollectionPoint.unit_id),
    )


def draws_by_unit(session: Session, survey_id: int) -> Mapping[int, int]:
    """Draws of samples, by unit id."""
    return _counts(
        session,
        select(SampleDraw.unit_id, func.count())
        .where(SampleDraw.survey_id == survey_id)
        .group_by(SampleDraw.unit_id)
        .order_by(SampleDraw.unit_id),
    )


def hold_places(session: Session, survey_id: int, unit_ids: Collection[int]) -> None:
    """Until the end of the transaction nothing new comes to these units of a survey: who stores a
    sheet, a slip or a device there at this moment is waited for, and seen."""
    for table in (SurveyUnit, CollectionPoint):
        session.execute(
            select(table.unit_id)
            .where(table.survey_id == survey_id, table.unit_id.in_(unit_ids))
            .with_for_update()
        ).all()


def take_out_units(session: Session, survey_id: int, unit_ids: Collection[int]) -> None:
    """Take units out of a survey, with their collection points. Nothing else may hang on them."""
    for table in (CollectionPoint, SurveyUnit):
        session.execute(
            delete(table).where(table.survey_id == survey_id, table.unit_id.in_(unit_ids))
        )
    session.expire_all()


def _counts(session: Session, query: Any) -> Mapping[int, int]:
    return dict(session.execute(query).all())
