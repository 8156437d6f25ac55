"""Whether the citizens of a survey may ask for a reply, and how long requests are kept."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from survey_app.operations.audit.entries import changed
from survey_app.operations.fieldwork.surveyed_units import fieldwork_units
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.privacy.contact_requests import days_offered, set_offer
from survey_app.web.admin import blueprint
from survey_app.web.admin.surveys.forms import ContactOfferForm, PointForm
from survey_app.web.admin.surveys.page import survey_page
from survey_app.web.audit import note
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish


@blueprint.post("/surveys/<code>/contact-offer")
def set_contact_offer(code: str) -> ResponseReturnValue:
    found = find_survey(current_session(), code)
    is_wanted = read_wish("offer", "withdraw") == "offer"
    form = ContactOfferForm()
    if not is_wanted or form.validate():
        with form.refusals_shown():
            _set_days(found, int(form.days.data) if is_wanted else None)
            return redirect(url_for("admin.survey", code=code))
    rows = fieldwork_units(current_session(), found)
    points = PointForm(formdata=None).offer(row.unit for row in rows)
    return survey_page(found, rows, points, offer=form)


def _set_days(survey: Survey, days: int | None) -> None:
    """Raises Invalid."""
    before = {"days": days_offered(current_session(), survey)}
    set_offer(current_session(), survey, days)
    note("contact.offer", survey.code, changed(before, {"days": days}))
    told = f"Người dân có thể yêu cầu trả lời; nội dung được giữ nhiều nhất {days} ngày."
    flash(told if days else "Cuộc khảo sát không nhận thêm yêu cầu trả lời.")
