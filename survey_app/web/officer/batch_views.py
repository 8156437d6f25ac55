"""The reports of every unit in one archive: asked for, watched, fetched."""

from flask import current_app, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Invalid, NotFound
from survey_app.operations.fieldwork.surveyed_units import surveyed_codes
from survey_app.operations.fieldwork.surveys import find_survey
from survey_app.operations.reports.batches import (
    JobState,
    ReportJob,
    archive_path,
    cancel_batch,
    find_batch_within,
    list_batches,
    request_batch,
)
from survey_app.operations.reports.documents import Format
from survey_app.text import file_stem
from survey_app.web.audit import note, note_taken
from survey_app.web.guard import current_scope, signed_in_account
from survey_app.web.officer import blueprint
from survey_app.web.transactions import current_session

STATES = {
    JobState.WAITING: "Đang chờ đến lượt",
    JobState.RUNNING: "Đang lập báo cáo",
    JobState.DONE: "Đã xong",
    JobState.FAILED: "Không lập được",
    JobState.CANCELLED: "Đã hủy",
}
ENDED = frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED})


@blueprint.get("/surveys/<code>/batches")
def batches(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    jobs = list_batches(current_session(), signed_in_account(), survey)
    is_moving = any(job.state not in ENDED for job in jobs)
    return render_template(
        "officer/batches.html", survey=survey, jobs=jobs, states=STATES, is_moving=is_moving
    )


@blueprint.post("/surveys/<code>/batches")
def start_batch(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    wanted = request.form.get("form", Format.PDF)
    if wanted not in {Format.PDF, Format.XLSX}:
        raise Invalid("Báo cáo hàng loạt có ở dạng PDF hoặc Excel.")
    account = signed_in_account()
    codes = surveyed_codes(current_session(), survey, current_scope().unit_ids)
    request_batch(current_session(), survey, account, codes, form=Format(wanted), now=now())
    note("report.batch", survey.code, {"units": len(codes), "form": wanted})
    return redirect(url_for("officer.batches", code=code))


@blueprint.post("/surveys/<code>/batches/<int:job_id>/cancel")
def stop_batch(code: str, job_id: int) -> ResponseReturnValue:
    cancel_batch(_own_batch(code, job_id))
    note("report.cancel", code, {"number": job_id})
    return redirect(url_for("officer.batches", code=code))


@blueprint.get("/surveys/<code>/batches/<int:job_id>/archive.zip")
def batch_archive(code: str, job_id: int) -> ResponseReturnValue:
    job = _own_batch(code, job_id)
    path = archive_path(current_app.config["SETTINGS"].data_directory, job.id)
    if job.state != JobState.DONE or not path.exists():
        raise NotFound("Chưa có tệp của đợt lập báo cáo này.")
    name = f"BaoCaoHaiLong_{file_stem(code)}_{job.form}.zip"
    note_taken("report.archive", code, {"number": job.id, "form": job.form})
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=name)


def _own_batch(code: str, job_id: int) -> ReportJob:
    survey = find_survey(current_session(), code)
    account, unit_ids = signed_in_account(), current_scope().unit_ids
    return find_batch_within(current_session(), survey, job_id, account, unit_ids)
