"""Questionnaires for other programs: files of a version, and forms of others made into drafts."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField

from survey_app.clock import now
from survey_app.errors import Invalid, NotFound
from survey_app.interchange.xlsform.reading import XlsformReading, read_xlsform
from survey_app.operations.questionnaires.drafts import draft_from_source
from survey_app.operations.questionnaires.publishing import version_by_id
from survey_app.operations.reports.exchange import Exchange, export_version
from survey_app.web.admin import blueprint
from survey_app.web.admin.forms import SPREADSHEETS, ChosenOrSentAlong, FileForm
from survey_app.web.admin.uploads import GivenFile, given_file
from survey_app.web.audit import note, note_taken
from survey_app.web.documents import attachment
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish


class XlsformForm(FileForm):
    """A form of KoboToolbox or ODK."""

    file = FileField("Tệp XLSForm", [ChosenOrSentAlong()], render_kw=SPREADSHEETS)


@blueprint.get("/questionnaires/<int:version_id>/files/<form>")
def questionnaire_file(version_id: int, form: str) -> ResponseReturnValue:
    version = version_by_id(current_session(), version_id)
    if form not in set(Exchange):
        raise NotFound("Không có tệp loại này.")
    document = export_version(current_session(), version, Exchange(form))
    note_taken("questionnaire.export", version.name, {"form": form})
    return attachment(document)


@blueprint.get("/import-xlsform")
def xlsform() -> ResponseReturnValue:
    return _page(XlsformForm())


@blueprint.post("/import-xlsform")
def import_xlsform() -> ResponseReturnValue:
    """Say what a form holds that does not come over; make a draft of the rest if nothing is
    refused."""
    form = XlsformForm()
    wish = read_wish("check", "import")
    if not form.validate():
        return _page(form)
    try:
        given = given_file(form)
        reading = read_xlsform(*given)
    except Invalid as refusal:
        return _page(form, refusal=refusal)
    if wish == "check" or reading.source is None:
        return _page(form, reading, given=given)
    return _drafted(reading.source, given.filename)


def _drafted(source: str, filename: str) -> ResponseReturnValue:
    draft = draft_from_source(current_session(), source, now=now(), account=signed_in_account())
    note("draft.create", draft.code, filename)
    flash("Đã tạo bản thảo từ biểu mẫu XLSForm.")
    return redirect(url_for("admin.draft", draft_id=draft.id))


def _page(
    form: XlsformForm,
    reading: XlsformReading | None = None,
    refusal: Invalid | None = None,
    given: GivenFile | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "admin/questionnaires/import_xlsform.html",
        form=form,
        reading=reading,
        refusal=refusal,
        given=given,
    )
    is_refused = bool(refusal or form.errors or (reading and reading.source is None))
    return page, 422 if is_refused else 200
