"""Summaries: how much there is of everything, and how far each survey has come."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.storage.models import Survey
from survey_app.storage.queries import inventory
from survey_app.storage.queries import surveys as queries


@dataclass(frozen=True)
class Holdings:
    """How much there is of everything an administrator looks after."""

    versions: int
    units: int
    surveys: int
    accounts: int


@dataclass(frozen=True)
class SurveySummary:
    """A survey and how far it has come, within somebody's scope."""

    survey: Survey
    units: int
    sheets: int


def holdings(session: Session) -> Holdings:
    return Holdings(*inventory.count_rows(session))


def survey_summaries(
    session: Session, unit_ids: Collection[int] | None = None, *, wholly: bool = False
) -> tuple[SurveySummary, ...]:
    """Surveys, the latest first; with ``unit_ids`` those about these units (``wholly``: and about
    no others), counting only them."""
    sheets = queries.sheet_counts(session, unit_ids=unit_ids)
    members = queries.unit_counts(session, unit_ids=unit_ids)
    return tuple(
        SurveySummary(survey, members.get(survey.id, 0), sheets.get(survey.id, 0))
        for survey in queries.list_surveys(session, unit_ids=unit_ids, wholly=wholly)
    )


def surveys_of_version(session: Session, version_id: int) -> Sequence[Survey]:
    return queries.surveys_of_version(session, version_id)
