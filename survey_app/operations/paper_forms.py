"""Paper forms: the places that may hand them out, and what is printed for one of them."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from survey_app.operations.publishing import load_questionnaire
from survey_app.operations.units import describe_unit
from survey_app.reporting.paper_form import PaperForm
from survey_app.storage.models import CollectionPoint, Survey
from survey_app.storage.queries.surveys import collection_points


def paper_points(
    session: Session, survey: Survey, unit_ids: Collection[int] | None
) -> tuple[CollectionPoint, ...]:
    """The places of a survey (those of the units in ``unit_ids``, or all), by unit and label."""
    found = collection_points(session, survey.id)
    return tuple(point for point in found if unit_ids is None or point.unit_id in unit_ids)


def describe_form(point: CollectionPoint, *, site: str, first: int, copies: int) -> PaperForm:
    """The form of a place: its survey's published version, nothing of its own.

    ``site``: the address phones reach us by. Raises Invalid for impossible numbers.
    """
    survey, unit = point.survey, describe_unit(point.unit)
    return PaperForm(
        questionnaire=load_questionnaire(survey.version),
        survey_code=survey.code,
        survey_title=survey.title,
        agency=unit.agency,
        parent_agency=unit.parent_agency,
        unit_name=point.unit.name,
        point_label=point.label,
        starts_on=survey.starts_on,
        ends_on=survey.ends_on,
        token=point.token,
        address=f"{site}/s/{point.token}",
        is_demo=survey.is_demo,
        first=first,
        copies=copies,
    )
