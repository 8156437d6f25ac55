"""Questionnaires: published versions, checking a document, publishing it."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Invalid
from survey_app.operations.organisation import listing
from survey_app.operations.questionnaires import publishing
from survey_app.operations.questionnaires.publishing import load_questionnaire, version_by_id
from survey_app.operations.reports.documents import Document
from survey_app.questionnaire.parsing import parse_questionnaire
from survey_app.text import decode_utf8
from survey_app.web.access import signed_in_account
from survey_app.web.admin import blueprint
from survey_app.web.admin.excerpts import mistakes_of
from survey_app.web.admin.forms import DocumentForm
from survey_app.web.audit import note
from survey_app.web.documents import attachment
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish


@blueprint.get("/questionnaires")
def questionnaires() -> ResponseReturnValue:
    versions = listing.list_versions(current_session())
    return render_template("admin/questionnaires.html", versions=versions)


@blueprint.get("/questionnaires/<int:version_id>")
def questionnaire(version_id: int) -> ResponseReturnValue:
    version = version_by_id(current_session(), version_id)
    return render_template(
        "admin/questionnaire.html",
        version=version,
        questionnaire=load_questionnaire(version),
        surveys=listing.surveys_of_version(current_session(), version.id),
    )


@blueprint.get("/questionnaires/<int:version_id>/source")
def questionnaire_source(version_id: int) -> ResponseReturnValue:
    version = version_by_id(current_session(), version_id)
    name = f"{version.code}-{version.number}.yaml"
    return attachment(Document(version.source.encode(), name, "application/yaml; charset=utf-8"))


@blueprint.route("/questionnaires/check", methods=["GET", "POST"])
def check_questionnaire() -> ResponseReturnValue:
    form = DocumentForm()
    if not form.is_submitted() or read_wish("check", "edit") == "edit":
        return _page(form)
    try:
        form.source.data = _given_source(form)
        questionnaire = parse_questionnaire(form.source.data)
    except Invalid as invalid:
        return _page(form, invalid)
    return render_template("admin/preview.html", form=form, questionnaire=questionnaire)


@blueprint.post("/questionnaires/publish")
def publish_questionnaire() -> ResponseReturnValue:
    form = DocumentForm()
    try:
        publication = publishing.publish_questionnaire(
            current_session(),
            _lines_as_written(form),
            now=now(),
            account_id=signed_in_account().id,
        )
    except Invalid as invalid:
        return _page(form, invalid)
    version = publication.version
    if publication.is_new:
        note("questionnaire.publish", version.name, version.fingerprint)
        flash(f"Đã công bố phiên bản {version.name}.")
    else:
        flash(f"Tài liệu này đã được công bố là {version.name}; không tạo phiên bản mới.")
    return redirect(url_for("admin.questionnaire", version_id=version.id))


def _given_source(form: DocumentForm) -> str:
    """The file when one was chosen, else the text; raises Invalid for neither."""
    if form.file.data:
        return decode_utf8(form.file.data.read())
    text = _lines_as_written(form)
    if not text.strip():
        raise Invalid("Hãy chọn tệp hoặc dán nội dung tài liệu vào ô bên dưới.")
    return text


def _lines_as_written(form: DocumentForm) -> str:
    """The text of the box without the line ends that browsers put in."""
    text: str = form.source.data or ""
    return text.replace("\r\n", "\n")


def _page(form: DocumentForm, invalid: Invalid | None = None) -> ResponseReturnValue:
    """The form with the document still in it, and every mistake beside its lines."""
    mistakes = mistakes_of(invalid, form.source.data or "") if invalid else ()
    page = render_template(
        "admin/check_questionnaire.html", form=form, refusal=invalid, mistakes=mistakes
    )
    return page, 422 if invalid else 200
