"""The standings of a survey's units: a page, and the same as Excel and JSON."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.reports.standings import (
    Standings,
    render_standings,
    survey_standings,
)
from survey_app.reporting.results import standings as words
from survey_app.reporting.results.boundaries import sentences
from survey_app.web.documents import attachment, record_export, wanted_form
from survey_app.web.guard import current_scope
from survey_app.web.officer import blueprint, wording
from survey_app.web.officer.boundaries import export_subject, wanted_lineage
from survey_app.web.transactions import current_session


@blueprint.get("/surveys/<code>/standings")
def standings(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    found = _measure(survey)
    return render_template(
        "officer/standings.html",
        survey=survey,
        found=found,
        words=words,
        boundary_notes=sentences(found.boundaries),
    )


@blueprint.get("/surveys/<code>/standings/table.<ending>")
def standings_document(code: str, ending: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    found = _measure(survey)
    document = render_standings(found, wanted_form(ending), dated=local_date(now()))
    record_export(export_subject(f"{survey.code} {found.chosen} {ending}"))
    return attachment(document)


def _measure(survey: Survey) -> Standings:
    return survey_standings(
        current_session(),
        survey,
        current_scope().unit_ids,
        block=request.args.get("block", ""),
        scope=wording.scope_words(current_scope()),
        today=local_date(now()),
        lineage=wanted_lineage(),
    )
