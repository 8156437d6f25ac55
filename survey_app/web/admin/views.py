"""The administrators' first page."""

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.operations.fieldwork.summaries import holdings, survey_summaries
from survey_app.web.admin import blueprint, wording
from survey_app.web.guard import current_scope
from survey_app.web.transactions import current_session


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"wording": wording}


@blueprint.get("/")
def home() -> ResponseReturnValue:
    found = holdings(current_session())
    surveys = survey_summaries(current_session(), current_scope().unit_ids, wholly=True)
    return render_template("admin/home.html", holdings=found, surveys=surveys[:5])


@blueprint.get("/counter")
def counter() -> ResponseReturnValue:
    found = survey_summaries(current_session(), current_scope().unit_ids)
    return render_template("admin/counter/counter.html", surveys=found, scope=current_scope())
