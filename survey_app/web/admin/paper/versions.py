"""Of which version the forms are that somebody keys: the survey's own, unless the page says so."""

from typing import Any

from flask import request

from survey_app.errors import NotFound
from survey_app.operations.fieldwork.surveys import Survey
from survey_app.operations.fieldwork.versions import find_version
from survey_app.operations.questionnaires.publishing import QuestionnaireVersion
from survey_app.web.transactions import current_session

#: The field that keeps a page with the version it was opened by, whatever happens meanwhile.
VERSION_FIELD = "_version"
LONGEST_NUMBER = 5


def form_version(survey: Survey) -> QuestionnaireVersion:
    """The version that this request's form or address names by its number. Raises NotFound for one
    that the survey never had."""
    number = request.form.get(VERSION_FIELD) or request.args.get("version", "")
    if number and not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        raise NotFound("Không có phiên bản này.")
    return find_version(current_session(), survey, int(number) if number else None)


def in_address(survey: Survey, version: QuestionnaireVersion) -> dict[str, Any]:
    """What an address needs to name the version: nothing for the survey's own."""
    return {} if version.id == survey.version_id else {"version": version.number}
