"""Requests for a reply in the own units: listed without their content, each read on record."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.operations.privacy import contact_requests as operations
from survey_app.operations.privacy.contact_requests import ContactRequest
from survey_app.operations.privacy.sealing import Sealer
from survey_app.web.audit import note, note_taken
from survey_app.web.guard import current_scope
from survey_app.web.officer import blueprint
from survey_app.web.transactions import current_session


@blueprint.get("/contact-requests")
def contacts() -> ResponseReturnValue:
    scope = current_scope().unit_ids
    found = operations.list_requests(current_session(), scope, now=now())
    return render_template("officer/contacts.html", requests=found, code_of=operations.code_of)


@blueprint.get("/contact-requests/<request_code>")
def contact(request_code: str) -> ResponseReturnValue:
    found = _request(request_code)
    said = operations.read_request(found, Sealer.of(current_app.config["SETTINGS"]))
    if said is not None:
        note_taken("contact.read", found.survey.code, _which(found))
    return render_template("officer/contact.html", found=found, said=said, code=request_code)


@blueprint.post("/contact-requests/<request_code>")
def finish_contact(request_code: str) -> ResponseReturnValue:
    found = _request(request_code)
    if operations.finish_request(current_session(), found, now=now()):
        flash("Đã xóa nội dung của yêu cầu.")
    else:
        flash("Nội dung của yêu cầu đã được xóa từ trước.")
    note("contact.finish", found.survey.code, _which(found))
    return redirect(url_for("officer.contacts"))


def _request(request_code: str) -> ContactRequest:
    """The request, or NotFound: unknown, of today, or outside the account's scope."""
    found = operations.find_request(current_session(), request_code, now=now())
    current_scope().require(found.unit_id)
    return found


def _which(found: ContactRequest) -> dict[str, str]:
    """Which request it was, without a word of it."""
    return {"unit": found.unit.code, "request": operations.code_of(found)[:8]}
