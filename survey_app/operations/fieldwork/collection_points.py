"""Collection points: where sheets of a survey come from, each with its open link."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.copied_codes import draw_code
from survey_app.errors import NotFound
from survey_app.operations.fieldwork.links import OPEN_TOKEN_LENGTH
from survey_app.operations.fieldwork.surveyed_units import find_survey_unit
from survey_app.paging import Page
from survey_app.storage.models import CollectionPoint as CollectionPoint
from survey_app.storage.models import Mode as Mode
from survey_app.storage.models import Survey
from survey_app.storage.queries import collection_points as queries
from survey_app.text import clean_line, fold

POINTS_A_PAGE = 100


@dataclass(frozen=True)
class FieldworkPoint:
    """A collection point and its one-time links: how many were issued, how many used."""

    point: CollectionPoint
    issued: int
    used: int


def add_collection_point(
    session: Session, survey: Survey, unit_id: int, *, label: str, mode: Mode = Mode.PHONE
) -> CollectionPoint:
    """Add a place that collects answers for a unit, with its open link."""
    find_survey_unit(session, survey, unit_id)
    point = CollectionPoint(
        survey=survey,
        unit_id=unit_id,
        label=clean_line(label),
        mode=mode,
        token=draw_code(OPEN_TOKEN_LENGTH),
    )
    session.add(point)
    session.flush()
    return point


def find_point(session: Session, survey: Survey, point_id: int) -> CollectionPoint:
    """A collection point of a survey; raises NotFound."""
    point = queries.collection_point(session, point_id)
    if point is None or point.survey_id != survey.id:
        raise NotFound("Cuộc khảo sát không có điểm thu thập này.")
    return point


def fieldwork_points(session: Session, survey: Survey) -> tuple[FieldworkPoint, ...]:
    """The collection points of a survey with the counts of their one-time links."""
    counts = queries.one_time_counts(session, survey.id)
    return tuple(
        FieldworkPoint(point, *counts.get(point.id, (0, 0)))
        for point in queries.collection_points(session, survey.id)
    )


def search_points(
    session: Session, survey: Survey, wanted: str, *, number: int = 1
) -> Page[FieldworkPoint]:
    """One page of the same, of the units whose name contains the words (marks do not matter) or
    whose code begins so."""
    page = page_points(session, survey, None, wanted, number=number)
    counts = queries.one_time_counts(session, survey.id)
    return page.showing(
        [FieldworkPoint(point, *counts.get(point.id, (0, 0))) for point in page.entries]
    )


def page_points(
    session: Session,
    survey: Survey,
    unit_ids: Collection[int] | None,
    wanted: str,
    *,
    number: int = 1,
    size: int | None = None,
    is_active: bool | None = None,
) -> Page[CollectionPoint]:
    """One page of the places of the units in ``unit_ids`` (or all), searched in the same way;
    ``is_active``: only those that take sheets."""
    return queries.page_points(
        session,
        survey.id,
        folded=fold(wanted),
        number=number,
        size=size or POINTS_A_PAGE,
        unit_ids=unit_ids,
        is_active=is_active,
    )


def points_to_move_to(session: Session, point: CollectionPoint) -> tuple[CollectionPoint, ...]:
    """Where a device of a place may go: to other places of its unit, in whatever survey; not to
    places that take no sheets any more."""
    found = queries.open_points_of_unit(session, point.unit_id)
    return tuple(other for other in found if other.id != point.id)
