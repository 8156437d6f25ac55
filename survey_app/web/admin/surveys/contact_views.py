"""Whether the citizens of a survey may ask for a reply, and how long requests are kept."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.errors import Invalid
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.organisation.audit import changed
from survey_app.operations.privacy.contact_requests import days_offered, set_offer
from survey_app.web.admin import blueprint
from survey_app.web.audit import note
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish


@blueprint.post("/surveys/<code>/contact-offer")
def set_contact_offer(code: str) -> ResponseReturnValue:
    found = find_survey(current_session(), code)
    is_wanted = read_wish("offer", "withdraw") == "offer"
    before = {"days": days_offered(current_session(), found)}
    days = _read_days(request.form.get("days", "")) if is_wanted else None
    set_offer(current_session(), found, days)
    note("contact.offer", found.code, changed(before, {"days": days}))
    told = f"Người dân có thể yêu cầu trả lời; nội dung được giữ nhiều nhất {days} ngày."
    flash(told if is_wanted else "Cuộc khảo sát không nhận thêm yêu cầu trả lời.")
    return redirect(url_for("admin.survey", code=code))


def _read_days(text: str) -> int:
    """Raises Invalid."""
    if not (text.strip().isascii() and text.strip().isdecimal() and len(text.strip()) <= 4):
        raise Invalid("Nhập số ngày giữ yêu cầu trả lời, từ 1 đến 365.")
    return int(text)
