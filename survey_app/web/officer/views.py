"""Pages of reform officers; every unit is checked against the scope of the account."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import Invalid, NotFound
from survey_app.operations import listing, moderation, samples, targets
from survey_app.operations.accounts import record
from survey_app.operations.fieldwork import find_survey, find_survey_unit
from survey_app.operations.listing import AdministrativeUnit, Survey
from survey_app.operations.overview import overview
from survey_app.operations.reports import MIME_TYPES, Format, render_document, unit_report
from survey_app.operations.units import find_unit
from survey_app.reporting.dashboard import render_fragment
from survey_app.reporting.drawn_list import render_drawn_list
from survey_app.web.access import current_scope, signed_in_account
from survey_app.web.officer import blueprint, wording
from survey_app.web.officer.forms import CommentForm
from survey_app.web.transactions import current_session, database
from survey_app.web.wishes import NO_SUCH_WISH


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"wording": wording}


@blueprint.get("/")
def home() -> ResponseReturnValue:
    surveys = listing.survey_summaries(current_session(), current_scope().unit_ids)
    return render_template("officer/home.html", surveys=surveys)


@blueprint.get("/surveys/<code>")
def survey(code: str) -> ResponseReturnValue:
    found = find_survey(current_session(), code)
    lines = overview(current_session(), found, current_scope().unit_ids)
    progress = targets.progress_of(current_session(), found, current_scope().unit_ids)
    return render_template(
        "officer/survey.html",
        survey=found,
        lines=lines,
        progress={line.unit.id: line for line in progress},
        samples_heading=wording.samples_heading(found, progress),
    )


@blueprint.get("/surveys/<code>/units/<unit_code>")
def unit(code: str, unit_code: str) -> ResponseReturnValue:
    survey, unit = _survey_and_unit(code, unit_code)
    report = unit_report(current_session(), survey, unit.id, today=local_date(now()))
    dashboard = render_fragment(report, heading_level=1)
    return render_template("officer/unit.html", survey=survey, unit=unit, dashboard=dashboard)


@blueprint.get("/surveys/<code>/units/<unit_code>/report.<ending>")
def unit_document(code: str, unit_code: str, ending: str) -> ResponseReturnValue:
    survey, unit = _survey_and_unit(code, unit_code)
    if ending not in set(Format):
        raise NotFound("Báo cáo không có ở định dạng này.")
    report = unit_report(current_session(), survey, unit.id, today=local_date(now()))
    document = render_document(report, Format(ending))
    _note_export(f"{survey.code} {unit.code} {ending}")
    answer = Response(document.data, content_type=document.mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=document.filename)
    return answer


@blueprint.get("/surveys/<code>/units/<unit_code>/samples/<int:number>.xlsx")
def drawn_list(code: str, unit_code: str, number: int) -> ResponseReturnValue:
    survey, unit = _survey_and_unit(code, unit_code)
    draw = samples.find_draw(current_session(), survey, unit.id, number)
    described = samples.describe_draw(current_session(), draw)
    subject = f"{survey.code} {unit.code} {number}"
    with database().transaction() as session:  # a GET may not write in its own
        record(session, "sample.export", now=now(), account=signed_in_account(), subject=subject)
    answer = Response(render_drawn_list(described), content_type=MIME_TYPES[Format.XLSX])
    answer.headers.set("Content-Disposition", "attachment", filename=described.filename)
    return answer


@blueprint.get("/surveys/<code>/units/<unit_code>/comments")
def comments(code: str, unit_code: str) -> ResponseReturnValue:
    survey, unit = _survey_and_unit(code, unit_code)
    found = moderation.unit_comments(current_session(), survey, unit.id)
    return render_template("officer/comments.html", survey=survey, unit=unit, comments=found)


@blueprint.post("/surveys/<code>/units/<unit_code>/comments")
def hide_comment(code: str, unit_code: str) -> ResponseReturnValue:
    survey, unit = _survey_and_unit(code, unit_code)
    form = CommentForm()
    if not form.validate():
        raise Invalid(NO_SUCH_WISH)
    is_hidden = form.wish.data == "hide"
    moderation.set_comment_hidden(
        current_session(),
        survey,
        unit.id,
        key=form.key.data,
        question_code=form.question_code.data,
        is_hidden=is_hidden,
        account=signed_in_account(),
        now=now(),
    )
    flash("Đã ẩn ý kiến khỏi báo cáo." if is_hidden else "Ý kiến được đưa lại vào báo cáo.")
    return redirect(url_for("officer.comments", code=code, unit_code=unit_code))


def _survey_and_unit(code: str, unit_code: str) -> tuple[Survey, AdministrativeUnit]:
    """Both, or NotFound: unknown, outside the account's scope, or not in the survey."""
    survey = find_survey(current_session(), code)
    unit = find_unit(current_session(), unit_code)
    current_scope().require(unit.id)
    find_survey_unit(current_session(), survey, unit.id)
    return survey, unit


def _note_export(subject: str) -> None:
    """Record who took figures out, in a transaction of its own (a GET may not write in its)."""
    with database().transaction() as session:
        record(session, "report.export", now=now(), account=signed_in_account(), subject=subject)
