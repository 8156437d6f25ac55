"""Paper: forms to print, a workbook to key them into, the keyed forms read back.

Officers use these pages too, for the collection points of the units in their charge.
"""

from io import BytesIO

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Invalid
from survey_app.operations import listing
from survey_app.operations.accounts import record
from survey_app.operations.fieldwork import find_survey
from survey_app.operations.paper_forms import describe_form, paper_points
from survey_app.reporting.paper_form import MOST_COPIES, render_paper_form
from survey_app.web.access import current_scope, signed_in_account
from survey_app.web.admin import blueprint
from survey_app.web.admin.collection_views import site_address
from survey_app.web.transactions import current_session, database


@blueprint.get("/surveys/<code>/paper", endpoint="paper")
def show_paper(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    return render_template(
        "admin/paper.html",
        survey=survey,
        points=paper_points(current_session(), survey, current_scope().unit_ids),
        most_copies=MOST_COPIES,
    )


@blueprint.get("/surveys/<code>/paper/<int:point_id>.pdf")
def paper_form(code: str, point_id: int) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    point = listing.find_point(current_session(), survey, point_id)
    current_scope().require(point.unit_id)
    first, copies = _whole_number("first"), _whole_number("copies")
    form = describe_form(point, site=site_address(), first=first, copies=copies)
    document = render_paper_form(form)
    subject = f"{survey.code} {point.unit.code}"
    detail = f"{point.token}: {form.numbers[0]}–{form.numbers[-1]}"
    with database().transaction() as session:  # a GET may not write in its own
        account = signed_in_account()
        record(session, "paper.print", now=now(), account=account, subject=subject, detail=detail)
    return send_file(
        BytesIO(document),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=form.filename,
    )


def _whole_number(name: str) -> int:
    """A number of the address, 1 where it is not there."""
    text = request.args.get(name, "1").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise Invalid("Số phiếu và số bản in phải là số nguyên dương.")
    return int(text)
