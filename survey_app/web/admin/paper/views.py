"""Paper: forms to print, a workbook to key them into, the keyed forms read back.

Officers use these pages too, for the collection points of the units in their charge.
"""

from io import BytesIO

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Invalid
from survey_app.operations.fieldwork.collection_points import find_point, page_points
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.fieldwork.versions import versions_of
from survey_app.operations.paper.forms import describe_form
from survey_app.operations.paper.imports import (
    MOST_FORMS,
    Batch,
    check_forms,
    import_forms,
    list_notices,
    read_keyed_table,
)
from survey_app.operations.paper.second_keying import count_waiting
from survey_app.operations.paper.template import paper_template as make_template
from survey_app.reporting.fieldwork.paper_form import MOST_COPIES, render_paper_form
from survey_app.spreadsheets.sheet import Sheet as Table
from survey_app.spreadsheets.writing import marked_copy
from survey_app.text import file_stem
from survey_app.web.admin import blueprint, wording
from survey_app.web.admin.paper.entry_page import server_secret
from survey_app.web.admin.paper.forms import PaperFileForm
from survey_app.web.admin.paper.versions import VERSION_FIELD, form_version, in_address
from survey_app.web.admin.uploads import LARGEST_MEGABYTES, GivenFile, given_file
from survey_app.web.audit import note_taken
from survey_app.web.documents import blank
from survey_app.web.guard import current_scope, signed_in_account
from survey_app.web.site import site_address
from survey_app.web.transactions import current_session, database
from survey_app.web.wishes import read_wish, wanted_page, wanted_words

#: Mistakes that are shown on the page; the marked workbook has them all.
MISTAKES_SHOWN = 200


@blueprint.get("/surveys/<code>/paper", endpoint="paper")
def show_paper(code: str) -> ResponseReturnValue:
    return _paper_page(find_survey(current_session(), code), PaperFileForm())


@blueprint.post("/surveys/<code>/paper")
def import_paper(code: str) -> ResponseReturnValue:
    """Check a file, import it, or give it back with its mistakes marked."""
    wish = read_wish("check", "marked", "import")
    form, given, refusal = PaperFileForm(), None, None
    if form.validate():
        try:
            given = given_file(form)
            # Before the session of this request is opened: reading a workbook is slow.
            table = read_keyed_table(*given)
            if wish == "import":
                return _imported(code, table)
            with database().session() as reader:
                survey = find_survey(reader, code)
                batch = check_forms(
                    reader,
                    survey,
                    table,
                    unit_ids=_scope(),
                    secret=server_secret(),
                    now=now(),
                    account=signed_in_account(),
                    version=form_version(survey),
                )
                if wish == "check":
                    return _check_page(survey, batch, given)
        except Invalid as found:
            refusal = found
            if wish == "marked" and refusal.problems:
                return blank(marked_copy(table, refusal.problems), "PhieuCoLoi.xlsx")
    return _paper_page(find_survey(current_session(), code), form, refusal, given)


@blueprint.get("/surveys/<code>/paper/template.xlsx")
def paper_template(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    version = form_version(survey)
    document = make_template(current_session(), survey, _scope(), version)
    name = "_".join([file_stem(survey.code), *map(str, in_address(survey, version).values())])
    return blank(document, f"NhapPhieu_{name}.xlsx")


@blueprint.get("/surveys/<code>/paper/<int:point_id>.pdf")
def paper_form(code: str, point_id: int) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    point = find_point(current_session(), survey, point_id)
    current_scope().require(point.unit_id)
    first, copies = _whole_number("first"), _whole_number("copies")
    form = describe_form(point, site=site_address(), first=first, copies=copies)
    document = render_paper_form(form)
    subject = f"{survey.code} {point.unit.code}"
    detail = f"{point.label}: {form.numbers[0]}–{form.numbers[-1]}"
    note_taken("paper.print", subject, detail)
    return send_file(
        BytesIO(document),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=form.filename,
    )


def _imported(code: str, table: Table) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    batch = import_forms(
        current_session(),
        survey,
        table,
        unit_ids=_scope(),
        secret=server_secret(),
        now=now(),
        account=signed_in_account(),
        version=form_version(survey),
    )
    flash(f"Đã nhập {wording.count(batch.new)} phiếu giấy.")
    return redirect(url_for("admin.paper", code=code))


def _check_page(survey: Survey, batch: Batch, given: GivenFile) -> ResponseReturnValue:
    return render_template(
        "admin/paper/paper_check.html",
        survey=survey,
        batch=batch,
        version=form_version(survey),
        version_field=VERSION_FIELD,
        notices=list_notices(batch),
        given=given,
    )


def _paper_page(
    survey: Survey,
    form: PaperFileForm,
    refusal: Invalid | None = None,
    given: GivenFile | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "admin/paper/paper.html",
        survey=survey,
        wanted=wanted_words(),
        points=page_points(
            current_session(), survey, _scope(), wanted_words(), number=wanted_page()
        ),
        version=form_version(survey),
        versions=versions_of(current_session(), survey),
        version_field=VERSION_FIELD,
        waiting=count_waiting(current_session(), survey, _scope()),
        most_copies=MOST_COPIES,
        most_forms=MOST_FORMS,
        form=form,
        refusal=refusal,
        given=given,
        mistakes_shown=MISTAKES_SHOWN,
        largest_megabytes=LARGEST_MEGABYTES,
    )
    return page, 422 if refusal or form.errors else 200


def _scope() -> frozenset[int] | None:
    return current_scope().unit_ids


def _whole_number(name: str) -> int:
    """A number of the address, 1 where it is not there."""
    text = request.args.get(name, "1").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid("Số phiếu và số bản in phải là số nguyên dương.")
    return int(text)
