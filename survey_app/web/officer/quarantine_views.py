"""Flagged sheets: how many wait in which unit, and the decisions to keep or to exclude them."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import Invalid
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.organisation.units import AdministrativeUnit
from survey_app.operations.review import quarantine
from survey_app.operations.review.quarantine import Verdict, Wish
from survey_app.web.guard import current_scope, signed_in_account
from survey_app.web.officer import blueprint
from survey_app.web.officer.places import survey_and_unit
from survey_app.web.transactions import current_session
from survey_app.web.wishes import NO_SUCH_WISH

#: Between a group's code and what it looked like, in the value of its box.
SEPARATOR = "~"


@blueprint.get("/surveys/<code>/quarantine")
def quarantines(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    lines = quarantine.list_quarantine(current_session(), survey, current_scope().unit_ids)
    return render_template("officer/quarantines.html", survey=survey, lines=lines)


@blueprint.get("/surveys/<code>/units/<unit_code>/quarantine")
def unit_quarantine(code: str, unit_code: str) -> ResponseReturnValue:
    return _page(*survey_and_unit(code, unit_code))


@blueprint.post("/surveys/<code>/units/<unit_code>/quarantine")
def decide_quarantine(code: str, unit_code: str) -> ResponseReturnValue:
    survey, unit = survey_and_unit(code, unit_code)
    try:
        verdict = Verdict(request.form.get("verdict", ""))
    except ValueError:
        raise Invalid(NO_SUCH_WISH) from None
    boxes = (value.rpartition(SEPARATOR) for value in request.form.getlist("group"))
    wish = Wish(verdict, request.form.get("reason", ""), {key: seen for key, _, seen in boxes})
    try:
        review = quarantine.decide(
            current_session(), survey, unit, wish, account=signed_in_account(), now=now()
        )
    except Invalid as invalid:
        return _page(survey, unit, invalid, wish.seen, wish.reason), 422
    flash(DONE[verdict].format(count=review.sheets))
    return redirect(url_for("officer.unit_quarantine", code=code, unit_code=unit_code))


@blueprint.post("/surveys/<code>/units/<unit_code>/quarantine/<int:review_id>")
def reconsider_quarantine(code: str, unit_code: str, review_id: int) -> ResponseReturnValue:
    survey, unit = survey_and_unit(code, unit_code)
    try:
        review = quarantine.reconsider(
            current_session(),
            survey,
            unit,
            review_id,
            reason=request.form.get("reason", ""),
            account=signed_in_account(),
            now=now(),
        )
    except Invalid as invalid:
        return _page(survey, unit, invalid), 422
    flash(DONE[Verdict(review.verdict)].format(count=review.sheets))
    return redirect(url_for("officer.unit_quarantine", code=code, unit_code=unit_code))


DONE = {
    Verdict.ACCEPTED: "Đã giữ lại {count} phiếu; các phiếu này tính vào kết quả.",
    Verdict.EXCLUDED: "Đã loại {count} phiếu khỏi kết quả; các phiếu này vẫn được lưu.",
}


def _page(
    survey: Survey,
    unit: AdministrativeUnit,
    invalid: Invalid | None = None,
    chosen: Mapping[str, str] | None = None,
    reason: str = "",
) -> str:
    found = quarantine.unit_quarantine(
        current_session(), survey, unit, signed_in_account(), today=local_date(now())
    )
    return render_template(
        "officer/quarantine.html",
        survey=survey,
        unit=unit,
        found=found,
        invalid=invalid,
        chosen=chosen or {},
        reason=reason,
        separator=SEPARATOR,
        longest_reason=quarantine.LONGEST_REASON,
    )
