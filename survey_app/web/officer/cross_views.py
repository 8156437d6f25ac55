"""Cross tables of one unit's sheets: a page, and the same as Excel and JSON."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import NotFound
from survey_app.operations.accounts import record
from survey_app.operations.cross_tables import (
    FORMATS,
    CrossChoice,
    CrossTable,
    cross_choice,
    measure_cross_table,
    render_cross_table,
)
from survey_app.operations.fieldwork import find_survey
from survey_app.operations.listing import AdministrativeUnit, Survey
from survey_app.operations.reports import Format
from survey_app.operations.units import find_unit
from survey_app.reporting.cross_table import compose_cross_table
from survey_app.reporting.dashboard import render_fragment
from survey_app.web.access import current_scope, signed_in_account
from survey_app.web.officer import blueprint
from survey_app.web.transactions import current_session, database


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
    if ending not in FORMATS:
        raise NotFound("Bảng chéo có ở dạng Excel và JSON.")
    survey, unit, choice, found = _measure(code, unit_code)
    document = render_cross_table(found, Format(ending), dated=local_date(now()))
    with database().transaction() as session:  # a GET may not write in its own
        subject = f"{survey.code} {unit.code} {choice.rows} {choice.columns} {ending}"
        record(session, "report.export", now=now(), account=signed_in_account(), subject=subject)
    answer = Response(document.data, content_type=document.mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=document.filename)
    return answer


def _measure(
    code: str, unit_code: str
) -> tuple[Survey, AdministrativeUnit, CrossChoice, CrossTable]:
    """What is asked for, or NotFound: unknown, or outside the account's scope."""
    survey = find_survey(current_session(), code)
    unit = find_unit(current_session(), unit_code)
    current_scope().require(unit.id)
    choice = cross_choice(survey, request.args.get("rows", ""), request.args.get("columns", ""))
    today = local_date(now())
    found = measure_cross_table(current_session(), survey, unit.id, choice, today=today)
    return survey, unit, choice, found
