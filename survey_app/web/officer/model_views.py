"""Model estimates for units with few answers: a page, and the same as Excel and JSON."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.organisation.unit_search import UNITS_A_PAGE
from survey_app.operations.reports.model_estimates import (
    ModelEstimates,
    render_model_estimates,
    survey_model_estimates,
)
from survey_app.reporting.rendering.dashboard import render_fragment
from survey_app.reporting.rendering.long_tables import page_units
from survey_app.reporting.results.model_estimates import compose_model_estimates
from survey_app.web.documents import attachment, record_export, wanted_form
from survey_app.web.guard import current_scope
from survey_app.web.officer import blueprint, wording
from survey_app.web.officer.boundaries import export_subject, wanted_lineage
from survey_app.web.transactions import current_session
from survey_app.web.wishes import wanted_page, wanted_words


@blueprint.get("/surveys/<code>/model-estimates")
def model_estimates(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    found = _measure(survey)
    report, page = page_units(
        compose_model_estimates(found, dated=local_date(now())),
        wanted_words(),
        number=wanted_page(),
        size=UNITS_A_PAGE,
    )
    return render_template(
        "officer/model_estimates.html",
        survey=survey,
        found=found,
        page=page,
        wanted=wanted_words(),
        estimates=render_fragment(report, heading_level=1),
    )


@blueprint.get("/surveys/<code>/model-estimates/table.<ending>")
def model_estimates_document(code: str, ending: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    found = _measure(survey)
    document = render_model_estimates(found, wanted_form(ending), dated=local_date(now()))
    block = found.block.code if found.block else ""
    record_export(export_subject(f"{survey.code} {block} {ending}"))
    return attachment(document)


def _measure(survey: Survey) -> ModelEstimates:
    return survey_model_estimates(
        current_session(),
        survey,
        current_scope().unit_ids,
        block=request.args.get("block", ""),
        scope=wording.scope_words(current_scope()),
        today=local_date(now()),
        lineage=wanted_lineage(),
    )
