"""The units of a survey: the dossiers they handled and the sheets that came."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from survey_app.errors import Invalid, NotFound
from survey_app.storage.models import AdministrativeUnit, Survey
from survey_app.storage.models import SurveyUnit as SurveyUnit
from survey_app.storage.queries import surveys as queries


@dataclass(frozen=True)
class FieldworkUnit:
    """A unit of a survey: dossiers (None = not known) and sheets received."""

    unit: AdministrativeUnit
    population: int | None
    sheets: int


def fieldwork_units(session: Session, survey: Survey) -> tuple[FieldworkUnit, ...]:
    """The units of a survey with their sheets, in Vietnamese order."""
    sheets = queries.sheets_by_unit(session, survey.id)
    return tuple(
        FieldworkUnit(row.unit, row.population, sheets.get(row.unit_id, 0))
        for row in queries.survey_units(session, survey.id)
    )


def response_rate(sheets: int, population: int | None) -> float | None:
    """Sheets received per dossier handled; None where the number of dossiers is not known or
    cannot be right (more sheets than dossiers)."""
    if not population or sheets > population:
        return None
    return sheets / population


def is_surveyed(session: Session, survey: Survey, unit: AdministrativeUnit) -> bool:
    """Whether a survey covers this very unit, under whatever name it had."""
    return queries.survey_unit(session, survey.id, unit.id) is not None


def find_survey_unit(session: Session, survey: Survey, unit_id: int) -> SurveyUnit:
    """Raises NotFound when the survey does not cover the unit."""
    row = queries.survey_unit(session, survey.id, unit_id)
    if row is None:
        raise NotFound("Đơn vị này không thuộc cuộc khảo sát.")
    return row


def surveyed_unit_ids(session: Session, survey_code: str) -> frozenset[int]:
    """The units of a survey; none where there is no such survey."""
    return queries.unit_ids_of(session, survey_code)


def surveyed_codes(
    session: Session, survey: Survey, unit_ids: Collection[int] | None = None
) -> tuple[str, ...]:
    """The codes of the units surveyed (those in ``unit_ids``, or all), in Vietnamese order."""
    rows = queries.survey_units(session, survey.id, unit_ids=unit_ids)
    return tuple(row.unit.code for row in rows)


def set_population(
    session: Session, survey: Survey, unit_id: int, population: int | None
) -> SurveyUnit:
    """Record how many dossiers a unit handled in the period; None = not known."""
    if population is not None and population < 1:
        raise Invalid("Số hồ sơ phải là số nguyên dương.")
    row = find_survey_unit(session, survey, unit_id)
    row.population = population
    return row
