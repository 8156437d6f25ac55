"""Questionnaires: the published versions, one of them, what it changed, its document."""

from flask import render_template
from flask.typing import ResponseReturnValue

from survey_app.operations.fieldwork.summaries import surveys_of_version
from survey_app.operations.questionnaires import lifecycle
from survey_app.operations.questionnaires.lifecycle import LONGEST_NOTE
from survey_app.operations.questionnaires.lineage import edits_of
from survey_app.operations.questionnaires.publishing import (
    list_versions,
    load_questionnaire,
    version_by_id,
)
from survey_app.operations.reports.documents import Document
from survey_app.questionnaire.declarations import (
    load_declarations,
)
from survey_app.reporting.records.edit_wording import describe_matters
from survey_app.web.admin import blueprint
from survey_app.web.audit import note_taken
from survey_app.web.documents import attachment
from survey_app.web.transactions import current_session


@blueprint.get("/questionnaires")
def questionnaires() -> ResponseReturnValue:
    versions = list_versions(current_session())
    closed = lifecycle.closed_versions(current_session())
    return render_template(
        "admin/questionnaires/questionnaires.html", versions=versions, closed=closed
    )


@blueprint.get("/questionnaires/<int:version_id>")
def questionnaire(version_id: int) -> ResponseReturnValue:
    version = version_by_id(current_session(), version_id)
    return render_template(
        "admin/questionnaires/questionnaire.html",
        version=version,
        questionnaire=load_questionnaire(version),
        surveys=surveys_of_version(current_session(), version.id),
        closing=lifecycle.closing_of(current_session(), version),
        longest_note=LONGEST_NOTE,
    )


@blueprint.get("/questionnaires/<int:version_id>/changes")
def questionnaire_changes(version_id: int) -> ResponseReturnValue:
    version = version_by_id(current_session(), version_id)
    step = edits_of(current_session(), version)
    edits = describe_matters(step.matters, step.earlier, step.later) if step else ()
    return render_template(
        "admin/questionnaires/version_changes.html",
        version=version,
        edits=edits,
        declared=load_declarations(version.declared),
    )


@blueprint.get("/questionnaires/<int:version_id>/source")
def questionnaire_source(version_id: int) -> ResponseReturnValue:
    version = version_by_id(current_session(), version_id)
    name = f"{version.code}-{version.number}.yaml"
    note_taken("questionnaire.source", version.name)
    return attachment(Document(version.source.encode(), name, "application/yaml; charset=utf-8"))
