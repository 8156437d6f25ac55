"""The standings of a survey's units: a page, and the same as Excel and JSON."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import NotFound
from survey_app.operations.accounts import record
from survey_app.operations.fieldwork import find_survey
from survey_app.operations.listing import Survey
from survey_app.operations.reports import Format
from survey_app.operations.standings import (
    FORMATS,
    Standings,
    render_standings,
    survey_standings,
)
from survey_app.reporting import standings as words
from survey_app.web.access import current_scope, signed_in_account
from survey_app.web.officer import blueprint
from survey_app.web.transactions import current_session, database


@blueprint.get("/surveys/<code>/standings")
def standings(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    return render_template(
        "officer/standings.html", survey=survey, found=_measure(survey), words=words
    )


@blueprint.get("/surveys/<code>/standings/table.<ending>")
def standings_document(code: str, ending: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    if ending not in FORMATS:
        raise NotFound("Bảng khoảng hạng có ở dạng Excel và JSON.")
    found = _measure(survey)
    document = render_standings(found, Format(ending), dated=local_date(now()))
    with database().transaction() as session:  # a GET may not write in its own
        subject = f"{survey.code} {found.chosen} {ending}"
        record(session, "report.export", now=now(), account=signed_in_account(), subject=subject)
    answer = Response(document.data, content_type=document.mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=document.filename)
    return answer


def _measure(survey: Survey) -> Standings:
    unit = signed_in_account().unit
    return survey_standings(
        current_session(),
        survey,
        current_scope().unit_ids,
        block=request.args.get("block", ""),
        scope=f"{unit.name} và các đơn vị trực thuộc" if unit else "Tất cả các đơn vị",
        today=local_date(now()),
    )
