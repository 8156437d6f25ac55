"""What an address names: a survey, and a unit that the account may see."""

from survey_app.operations.fieldwork.surveyed_units import find_survey_unit
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.organisation.units import AdministrativeUnit, find_unit
from survey_app.web.guard import current_scope
from survey_app.web.transactions import current_session


def survey_and_unit(code: str, unit_code: str) -> tuple[Survey, AdministrativeUnit]:
    """Both, or NotFound: unknown, outside the account's scope, or not in the survey."""
    survey = find_survey(current_session(), code)
    unit = own_unit(unit_code)
    find_survey_unit(current_session(), survey, unit.id)
    return survey, unit


def own_unit(unit_code: str) -> AdministrativeUnit:
    """The unit, or NotFound: unknown, or outside the account's scope."""
    unit = find_unit(current_session(), unit_code)
    current_scope().require(unit.id)
    return unit
