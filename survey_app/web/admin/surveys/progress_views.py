"""Progress of a survey: units against target and time, the late, and what to write to them."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import NotFound
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.figures.pace import SurveyPace, pace_of
from survey_app.operations.organisation.unit_search import page_by_unit
from survey_app.operations.organisation.units import agency_of
from survey_app.operations.reports.documents import Document
from survey_app.paging import page_of
from survey_app.reporting.fieldwork.reminders import Reminder, render_csv, render_xlsx
from survey_app.web.admin import blueprint
from survey_app.web.audit import note, note_taken
from survey_app.web.documents import attachment, workbook
from survey_app.web.guard import current_scope
from survey_app.web.site import site_address
from survey_app.web.transactions import current_session
from survey_app.web.wishes import wanted_page, wanted_words

#: A province has hundreds of units; the file lists all of them.
REMINDERS_A_PAGE = 20


@blueprint.get("/surveys/<code>/progress")
def survey_progress(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    pace = _pace(survey)
    return render_template(
        "admin/surveys/survey_progress.html",
        survey=survey,
        pace=pace,
        wanted=wanted_words(),
        units=page_by_unit(
            pace.units,
            lambda unit: unit.line.unit,
            wanted_words(),
            number=wanted_page("units"),
        ),
        page=page_of(_reminders(survey, pace), number=wanted_page(), size=REMINDERS_A_PAGE),
    )


@blueprint.get("/surveys/<code>/progress/reminders.<ending>")
def reminder_list(code: str, ending: str) -> ResponseReturnValue:
    if ending not in ("csv", "xlsx"):
        raise NotFound("Không có tài liệu ở định dạng này.")
    survey = find_survey(current_session(), code)
    found = _reminders(survey, _pace(survey))
    note_taken("survey.reminder_list", survey.code, {"units": len(found)})
    name = f"DonViChamTienDo_{survey.code}.{ending}"
    if ending == "xlsx":
        return attachment(workbook(render_xlsx(found), name))
    return attachment(Document(render_csv(found), name, "text/csv; charset=utf-8"))


@blueprint.post("/surveys/<code>/progress/reminded")
def note_reminded(code: str) -> ResponseReturnValue:
    """Somebody says that the units late today were written to: it goes on record."""
    survey = find_survey(current_session(), code)
    late = [unit.line.unit.code for unit in _pace(survey).late]
    note("survey.remind", survey.code, {"codes": late})
    flash(f"Đã ghi nhận việc nhắc {len(late)} đơn vị vào nhật ký.")
    return redirect(url_for("admin.survey_progress", code=code))


def _pace(survey: Survey) -> SurveyPace:
    return pace_of(current_session(), survey, current_scope().unit_ids, now=now())


def _reminders(survey: Survey, pace: SurveyPace) -> tuple[Reminder, ...]:
    root = site_address()
    return tuple(
        Reminder(
            code=late.line.unit.code,
            unit=late.line.unit.name,
            agency=agency_of(late.line.unit),
            survey=survey.title,
            today=local_date(now()),
            ends_on=survey.ends_on,
            days_left=pace.days_left,
            valid=late.line.valid,
            expected=late.expected or 0,
            required=late.required,
            missing=late.missing,
            last_day=late.last_day,
            address=root + url_for("officer.unit", code=survey.code, unit_code=late.line.unit.code),
        )
        for late in pace.late
    )
