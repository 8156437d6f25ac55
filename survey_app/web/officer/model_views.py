"""Model estimates for units with few answers: a page, and the same as Excel and JSON."""

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import NotFound
from survey_app.operations.accounts import record
from survey_app.operations.fieldwork import find_survey
from survey_app.operations.listing import Survey
from survey_app.operations.model_estimates import (
    FORMATS,
    ModelEstimates,
    render_model_estimates,
    survey_model_estimates,
)
from survey_app.operations.reports import Format
from survey_app.reporting.dashboard import render_fragment
from survey_app.reporting.model_estimates import compose_model_estimates
from survey_app.web.access import current_scope, signed_in_account
from survey_app.web.officer import blueprint
from survey_app.web.transactions import current_session, database


@blueprint.get("/surveys/<code>/model-estimates")
def model_estimates(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    found = _measure(survey)
    report = compose_model_estimates(found, dated=local_date(now()))
    return render_template(
        "officer/model_estimates.html",
        survey=survey,
        found=found,
        estimates=render_fragment(report, heading_level=1),
    )


@blueprint.get("/surveys/<code>/model-estimates/table.<ending>")
def model_estimates_document(code: str, ending: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    if ending not in FORMATS:
        raise NotFound("Ước lượng mô hình chỉ có ở dạng Excel và JSON.")
    found = _measure(survey)
    document = render_model_estimates(found, Format(ending), dated=local_date(now()))
    with database().transaction() as session:  # a GET may not write in its own
        block = found.block.code if found.block else ""
        subject = f"{survey.code} {block} {ending}"
        record(session, "report.export", now=now(), account=signed_in_account(), subject=subject)
    answer = Response(document.data, content_type=document.mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=document.filename)
    return answer


def _measure(survey: Survey) -> ModelEstimates:
    unit = signed_in_account().unit
    return survey_model_estimates(
        current_session(),
        survey,
        current_scope().unit_ids,
        block=request.args.get("block", ""),
        scope=f"{unit.name} và các đơn vị trực thuộc" if unit else "Tất cả các đơn vị",
        today=local_date(now()),
    )
