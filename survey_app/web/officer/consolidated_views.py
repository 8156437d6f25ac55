"""The joined report of all units in charge: a page, and the same as a paper and as files."""

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.organisation.unit_search import UNITS_A_PAGE
from survey_app.operations.reports.documents import consolidated_report, render_document
from survey_app.reporting.rendering.dashboard import render_fragment
from survey_app.reporting.rendering.long_tables import page_units
from survey_app.reporting.report import Report
from survey_app.web.documents import attachment, record_export, wanted_form
from survey_app.web.guard import current_scope
from survey_app.web.officer import blueprint
from survey_app.web.officer.boundaries import export_subject, wanted_lineage
from survey_app.web.transactions import current_session
from survey_app.web.wishes import wanted_page, wanted_words


@blueprint.get("/surveys/<code>/consolidated")
def consolidated(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    report, page = page_units(
        _report(survey), wanted_words(), number=wanted_page(), size=UNITS_A_PAGE
    )
    return render_template(
        "officer/consolidated.html",
        survey=survey,
        dashboard=render_fragment(report, heading_level=1),
        page=page,
        wanted=wanted_words(),
    )


@blueprint.get("/surveys/<code>/consolidated/report.<ending>")
def consolidated_document(code: str, ending: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    form = wanted_form(ending)
    document = render_document(_report(survey), form)
    record_export(export_subject(f"{survey.code} tổng hợp {ending}"))
    return attachment(document)


def _report(survey: Survey) -> Report:
    return consolidated_report(
        current_session(),
        survey,
        current_scope().unit_ids,
        current_scope().only_root,
        today=local_date(now()),
        lineage=wanted_lineage(),
    )
