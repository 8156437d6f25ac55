"""Draws, their dossiers, and the erasing of identifiers."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload

from survey_app.storage.models import AdministrativeUnit, SampledDossier, SampleDraw


def draws_of(
    session: Session, survey_id: int, *, unit_ids: Collection[int] | None = None
) -> Sequence[SampleDraw]:
    """The draws of a survey by unit in Vietnamese order, the latest of a unit first; with
    ``unit_ids`` only those of these units."""
    query = (
        select(SampleDraw)
        .join(SampleDraw.unit)
        .where(SampleDraw.survey_id == survey_id)
        .options(joinedload(SampleDraw.unit), joinedload(SampleDraw.account))
        .order_by(AdministrativeUnit.sort_key, SampleDraw.unit_id, SampleDraw.number.desc())
    )
    if unit_ids is not None:
        query = query.where(SampleDraw.unit_id.in_(unit_ids))
    return session.scalars(query).all()


def draw_by_number(
    session: Session, survey_id: int, unit_id: int, number: int
) -> SampleDraw | None:
    """The draw of a unit in a survey with this number, counted from 1."""
    return session.scalar(
        select(SampleDraw)
        .where(
            SampleDraw.survey_id == survey_id,
            SampleDraw.unit_id == unit_id,
            SampleDraw.number == number,
        )
        .options(
            joinedload(SampleDraw.survey),
            joinedload(SampleDraw.unit),
            joinedload(SampleDraw.account),
        )
    )


def draw_by_id(session: Session, draw_id: int) -> SampleDraw | None:
    """The draw with this id, of whatever survey."""
    return session.get(SampleDraw, draw_id)


def insert_draw(session: Session, draw: SampleDraw) -> bool:
    """Store a draw; False when somebody has meanwhile stored one with its number.

    The session can be used on either way.
    """
    try:
        with session.begin_nested():
            session.add(draw)
    except IntegrityError:
        if latest_number(session, draw.survey_id, draw.unit_id) < draw.number:
            raise
        return False
    return True


def latest_number(session: Session, survey_id: int, unit_id: int) -> int:
    """How many draws a unit has had in a survey."""
    query = select(func.max(SampleDraw.number)).where(
        SampleDraw.survey_id == survey_id, SampleDraw.unit_id == unit_id
    )
    return session.scalar(query) or 0


def sampled_dossiers(session: Session, draw_id: int) -> Sequence[SampledDossier]:
    """The dossiers of a draw in their order."""
    return session.scalars(
        select(SampledDossier)
        .where(SampledDossier.draw_id == draw_id)
        .order_by(SampledDossier.number)
    ).all()


def count_identifiers(session: Session, survey_id: int) -> int:
    """How many drawn dossiers of a survey still have their identifier."""
    query = (
        select(func.count())
        .select_from(SampledDossier)
        .where(SampledDossier.draw_id.in_(_draw_ids(survey_id)))
        .where(SampledDossier.identifier.is_not(None))
    )
    return session.scalar(query) or 0


def erase_identifiers(session: Session, survey_id: int) -> None:
    """Blank the identifiers of a survey's draws; the database refuses unless it is closed."""
    session.execute(
        update(SampledDossier)
        .where(SampledDossier.draw_id.in_(_draw_ids(survey_id)))
        .where(SampledDossier.identifier.is_not(None))
        .values(identifier=None)
    )


def _draw_ids(survey_id: int) -> Select[int]:
    return select(SampleDraw.id).where(SampleDraw.survey_id == survey_id)
