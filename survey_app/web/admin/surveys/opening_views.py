"""Before a survey is opened: what blocks it, what is to be accepted knowingly, what to prepare."""

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.operations.fieldwork.checklist import (
    Check,
    Finding,
    check_opening,
    open_checked,
    opening_detail,
    preparation,
)
from survey_app.operations.fieldwork.surveys import Survey, SurveyStatus, find_survey
from survey_app.operations.fieldwork.ways import ways_of
from survey_app.operations.figures.unit_targets import target_table
from survey_app.reporting.fieldwork.invitations import SLIPS_A_PAGE
from survey_app.web.admin import blueprint
from survey_app.web.admin.surveys.forms import OpeningForm
from survey_app.web.audit import note
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session

OPENED = "Cuộc khảo sát đang mở: các mã QR nhận phiếu trong thời gian đã định."

#: What was found → the page that mends it: words, endpoint, anchor.
REMEDIES: dict[Check, tuple[str, str, str]] = {
    Check.VERSION_CLOSED: ("Chọn bộ câu hỏi khác", "admin.survey_plan", "version_id"),
    Check.PERIOD_OVER: ("Sửa kỳ khảo sát", "admin.survey_plan", "ends_on"),
    Check.UNITS_GONE: ("Sửa đơn vị", "admin.survey_plan", "units"),
    Check.NO_POINT: ("Thêm điểm thu thập", "admin.survey", "diem-thu-thap"),
    Check.UNITS_OUT_OF_REACH: ("Thêm điểm thu thập", "admin.survey", "diem-thu-thap"),
    Check.UNITS_WITHOUT_POINT: ("Thêm điểm thu thập", "admin.survey", "diem-thu-thap"),
    Check.NO_DEVICE: ("Thêm thiết bị kiosk", "admin.devices", ""),
    Check.UNTRANSLATED: ("Bớt ngôn ngữ", "admin.survey_plan", "languages"),
    Check.NO_TARGET: ("Đặt mục tiêu", "admin.survey_targets", ""),
    Check.DOSSIERS_UNKNOWN: ("Điền số hồ sơ", "admin.survey_targets", "units"),
}


@dataclass(frozen=True)
class Told:
    """A finding in words, and where it is mended."""

    sentence: str
    remedy: str
    address: str


@blueprint.get("/surveys/<code>/opening")
def survey_opening(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    if survey.status != SurveyStatus.DRAFT:
        return redirect(url_for("admin.survey", code=code))
    return _page(survey, OpeningForm())


@blueprint.post("/surveys/<code>/opening")
def open_survey(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    form = OpeningForm()
    with form.refusals_shown():
        _, accepted = open_checked(
            current_session(),
            survey,
            accepts=form.accepts.data,
            now=now(),
            account=signed_in_account(),
        )
        note("survey.open", survey.code, opening_detail(accepted))
        flash(OPENED)
        return redirect(url_for("admin.survey", code=code))
    return _page(survey, form)


def _page(survey: Survey, form: OpeningForm) -> ResponseReturnValue:
    found = check_opening(current_session(), survey, now=now())
    page = render_template(
        "admin/surveys/opening.html",
        survey=survey,
        form=form,
        errors=[_tell(survey, finding) for finding in found if finding.is_error],
        warnings=[_tell(survey, finding) for finding in found if not finding.is_error],
        prepared=preparation(current_session(), survey),
        issued=target_table(current_session(), survey).issued,
        ways=[way.value for way in ways_of(survey)],
        slips_a_page=SLIPS_A_PAGE,
    )
    return page, form.status


def _tell(survey: Survey, finding: Finding) -> Told:
    remedy, endpoint, anchor = REMEDIES[finding.check]
    address = url_for(endpoint, code=survey.code, _anchor=anchor or None)
    return Told(finding.sentence, remedy, address)
