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
    preparation,
)
from survey_app.operations.fieldwork.surveys import Survey, SurveyStatus, find_survey
from survey_app.operations.fieldwork.ways import ways_of
from survey_app.operations.figures.unit_targets import target_table
from survey_app.reporting.fieldwork.invitations import SLIPS_A_PAGE
from survey_app.web.admin import blueprint, wording
from survey_app.web.admin.surveys.forms import OpeningForm
from survey_app.web.audit import note
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session

MOST_NAMES = 10
OPENED = "Cuộc khảo sát đang mở: các mã QR nhận phiếu trong thời gian đã định."

#: What was found → what is said of it, and the page that mends it: words, endpoint, anchor.
WORDS: dict[Check, tuple[str, str, str, str]] = {
    Check.VERSION_CLOSED: (
        "Phiên bản bộ câu hỏi của cuộc khảo sát đã đóng.",
        "Chọn bộ câu hỏi khác",
        "admin.survey_plan",
        "version_id",
    ),
    Check.PERIOD_OVER: (
        "Kỳ khảo sát đã qua: không phiếu nào được nhận.",
        "Sửa kỳ khảo sát",
        "admin.survey_plan",
        "ends_on",
    ),
    Check.UNITS_GONE: (
        "Có đơn vị không còn, hoặc chưa có, trong kỳ khảo sát: {names}.",
        "Sửa đơn vị",
        "admin.survey_plan",
        "units",
    ),
    Check.NO_POINT: (
        "Chưa có điểm thu thập nào: người dân chưa có mã để trả lời.",
        "Thêm điểm thu thập",
        "admin.survey",
        "diem-thu-thap",
    ),
    Check.UNITS_WITHOUT_POINT: (
        "{number} đơn vị chưa có điểm thu thập nên chưa nhận được phiếu nào: {names}.",
        "Thêm điểm thu thập",
        "admin.survey",
        "diem-thu-thap",
    ),
    Check.NO_DEVICE: (
        "{number} điểm trả lời tại kiosk chưa có thiết bị đã cài: {names}.",
        "Thêm thiết bị kiosk",
        "admin.devices",
        "",
    ),
    Check.UNTRANSLATED: (
        "{count} chỗ của bộ câu hỏi chưa dịch sang {language}; chỗ thiếu hiện tiếng Việt.",
        "Bớt ngôn ngữ",
        "admin.survey_plan",
        "languages",
    ),
    Check.NO_TARGET: (
        "Chưa đặt mục tiêu nên không biết mỗi đơn vị cần bao nhiêu phiếu, đơn vị nào chậm.",
        "Đặt mục tiêu",
        "admin.survey_targets",
        "",
    ),
    Check.DOSSIERS_UNKNOWN: (
        "{number} đơn vị chưa có số hồ sơ trong kỳ nên khoảng tin cậy rộng hơn cần thiết: {names}."
        "{counted}",
        "Điền số hồ sơ",
        "admin.survey_targets",
        "units",
    ),
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
        detail: dict[str, object] = {"from": {"status": "draft"}, "to": {"status": "open"}}
        if accepted:
            detail["accepted"] = [_sentence(finding) for finding in accepted]
        note("survey.open", survey.code, detail)
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
    _, remedy, endpoint, anchor = WORDS[finding.check]
    address = url_for(endpoint, code=survey.code, _anchor=anchor or None)
    return Told(_sentence(finding), remedy, address)


def _sentence(finding: Finding) -> str:
    names, more = finding.names[:MOST_NAMES], len(finding.names) - MOST_NAMES
    counted = f" Đã có số liệu hồ sơ của {wording.count(finding.count)} đơn vị trong số này."
    return WORDS[finding.check][0].format(
        names=", ".join(names) + (f" và {wording.count(more)} nơi khác" if more > 0 else ""),
        number=wording.count(len(finding.names)),
        count=wording.count(finding.count),
        language=wording.languages(finding.names[:1]),
        counted=counted if finding.count else "",
    )
