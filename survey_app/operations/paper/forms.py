"""Paper forms: the places that may hand them out, what is printed for one of them, and the id that
a form's number gives its sheet."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from survey_app.clock import local_date
from survey_app.errors import Closed
from survey_app.operations.fieldwork.links import Link
from survey_app.operations.fieldwork.ways import Way, require_way
from survey_app.operations.intake.submission import Sheet
from survey_app.operations.organisation.units import describe_unit
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.reporting.fieldwork.paper_form import PaperForm
from survey_app.storage.models import (
    CollectionPoint,
    Mode,
    QuestionnaireVersion,
    Survey,
    SurveyStatus,
)
from survey_app.storage.queries.collection_points import collection_points

_FORMS = UUID("5d0b1ba4-2f6c-4e0e-9a51-6a4f3c5b9d27")


def paper_points(
    session: Session, survey: Survey, unit_ids: Collection[int] | None
) -> tuple[CollectionPoint, ...]:
    """The places of a survey (those of the units in ``unit_ids``, or all), by unit and label."""
    return tuple(collection_points(session, survey.id, unit_ids=unit_ids))


def describe_form(point: CollectionPoint, *, site: str, first: int, copies: int) -> PaperForm:
    """The form of a place: its survey's published version, nothing of its own.

    ``site``: the address phones reach us by. Raises Closed in a survey without paper, Invalid for
    impossible numbers.
    """
    survey, unit = point.survey, describe_unit(point.unit)
    require_way(survey, Way.PAPER)
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
        version_number=survey.version.number,
    )


def form_id(survey: Survey, point: CollectionPoint, number: str) -> UUID:
    """The id of the form with this number at this place, the same every time."""
    return uuid5(_FORMS, f"{survey.code}\n{point.token}\n{number}")


def keyed_sheet(
    survey: Survey,
    point: CollectionPoint,
    number: str,
    answers: Mapping[str, object],
    version: QuestionnaireVersion,
) -> Sheet:
    """The sheet that a keyed form of this version is."""
    return Sheet(
        response_id=form_id(survey, point, number),
        token=point.token,
        answers=answers,
        version=version.name,
        mode=Mode.PAPER,
        is_keyed=True,
    )


def open_link_of(point: CollectionPoint) -> Link:
    """The link that keyed sheets of a place come through."""
    return Link(point.token, point, None)


def require_keying(survey: Survey, now: datetime) -> None:
    """Raises Closed: paper is keyed when the day is over, and after the last day, until the survey
    is closed; never in a survey without paper."""
    require_way(survey, Way.PAPER)
    if survey.status == SurveyStatus.CLOSED:
        raise Closed("Cuộc khảo sát đã đóng; không nhập thêm phiếu giấy được.")
    if survey.status == SurveyStatus.DRAFT or local_date(now) < survey.starts_on:
        raise Closed("Cuộc khảo sát chưa bắt đầu nhận phiếu.")


def listed_keys(keys: Iterable[str]) -> str:
    """Keys as a sentence lists them.

    >>> listed_keys(["1", "2", "0"])
    '1, 2 hoặc 0'
    """
    *most, last = keys
    return f"{', '.join(most)} hoặc {last}" if most else last
