"""Cross tables of one unit's sheets: a page, and the same as Excel and JSON."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.operations.fieldwork.surveys import Survey
from survey_app.operations.organisation.units import AdministrativeUnit
from survey_app.operations.reports.cross_tables import (
    CrossChoice,
    CrossTable,
    cross_choice,
    measure_cross_table,
    render_cross_table,
)
from survey_app.reporting.rendering.dashboard import render_fragment
from survey_app.reporting.results.cross_table import compose_cross_table
from survey_app.web.documents import attachment, record_export, wanted_form
from survey_app.web.officer import blueprint
from survey_app.web.officer.places import survey_and_unit
from survey_app.web.transactions import current_session


@blueprint.get("/surveys/<code>/units/<unit_code>/cross")
def cross_table(code: str, unit_code: str) -> ResponseReturnValue:
    survey, unit, choice, found = _measure(code, unit_code)
    report = compose_cross_table(found, dated=local_date(now()))
    return render_template(
        "officer/cross.html",
        survey=survey,
        unit=unit,
        choice=choice,
        table=render_fragment(report, heading_level=1),
    )


@blueprint.get("/surveys/<code>/units/<unit_code>/cross/table.<ending>")
def cross_table_document(code: str, unit_code: str, ending: str) -> ResponseReturnValue:
    survey, unit, choice, found = _measure(code, unit_code)
    document = render_cross_table(found, wanted_form(ending), dated=local_date(now()))
    record_export(f"{survey.code} {unit.code} {choice.rows} {choice.columns} {ending}")
    return attachment(document)


def _measure(
    code: str, unit_code: str
) -> tuple[Survey, AdministrativeUnit, CrossChoice, CrossTable]:
    """The table asked for; NotFound as :func:`survey_and_unit`, and for unknown questions."""
    survey, unit = survey_and_unit(code, unit_code)
    choice = cross_choice(survey, request.args.get("rows", ""), request.args.get("columns", ""))
    today = local_date(now())
    found = measure_cross_table(current_session(), survey, unit.id, choice, today=today)
    return survey, unit, choice, found
