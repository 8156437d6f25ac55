"""Surveys: list, creation, opening and closing, dossiers by unit."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.operations.audit.entries import changed, snapshot
from survey_app.operations.fieldwork import conduct, surveyed_units
from survey_app.operations.fieldwork import surveys as fieldwork
from survey_app.operations.fieldwork.plan import claim_plan
from survey_app.operations.fieldwork.summaries import survey_summaries
from survey_app.operations.fieldwork.surveyed_units import FieldworkUnit, fieldwork_units
from survey_app.operations.fieldwork.surveys import Survey, SurveyStatus, find_survey
from survey_app.operations.organisation.dossier_counts import populations_from_counts
from survey_app.operations.organisation.unit_tree import units_in
from survey_app.web.admin import blueprint
from survey_app.web.admin.surveys.forms import PointForm, SurveyForm, TurnForm
from survey_app.web.admin.surveys.page import survey_page
from survey_app.web.admin.surveys.plan_page import offered_branches, offered_versions
from survey_app.web.admin.surveys.unit_choice import (
    UnitChoice,
    chosen,
    populations,
    read_choice,
    show_tree,
)
from survey_app.web.admin.wording import count
from survey_app.web.audit import note
from survey_app.web.guard import current_scope, signed_in_account
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish

#: What is told when a survey has got from one status to another.
TOLD = {
    ("open", "paused"): "Đã tạm dừng: người dân mở mã QR sẽ được mời quay lại sau.",
    ("paused", "open"): "Cuộc khảo sát tiếp tục nhận phiếu.",
    ("open", "closed"): "Đã đóng cuộc khảo sát: không nhận thêm phiếu.",
    ("paused", "closed"): "Đã đóng cuộc khảo sát: không nhận thêm phiếu.",
    ("closed", "open"): "Đã mở lại: các mã QR nhận phiếu đến hết ngày cuối của kỳ khảo sát.",
}


@blueprint.get("/surveys")
def surveys() -> ResponseReturnValue:
    found = survey_summaries(current_session(), current_scope().unit_ids, wholly=True)
    return render_template("admin/surveys/surveys.html", surveys=found)


@blueprint.route("/create-survey", methods=["GET", "POST"])
def create_survey() -> ResponseReturnValue:
    form = SurveyForm(version_id=request.args.get("version", type=int)).offer(offered_versions())
    branches = offered_branches(form.starts_on.data, form.ends_on.data)
    choice = chosen(request.form, branches)
    is_only_looking = "show" in request.form  # asks for the tree otherwise ticked or searched
    if not is_only_looking and form.validate_on_submit():
        with form.refusals_shown():
            form_units = populations(choice, units_in(branches))
            made = fieldwork.create_survey(
                current_session(),
                code=form.code.data,
                title=form.title.data,
                version_id=form.version_id.data,
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                units=form_units,
                now=now(),
            )
            facts = snapshot(made, "title", "version_id", "starts_on", "ends_on")
            note("survey.create", made.code, {"to": facts, "units": len(form_units)})
            flash("Đã tạo cuộc khảo sát. Hãy thêm điểm thu thập, rồi mở cuộc khảo sát.")
            return redirect(url_for("admin.survey", code=made.code))
    shown = show_tree(branches, choice, request.form)
    page = render_template("admin/surveys/create_survey.html", form=form, tree=shown)
    return page, form.status


@blueprint.get("/surveys/<code>")
def survey(code: str) -> ResponseReturnValue:
    found = find_survey(current_session(), code)
    rows = fieldwork_units(current_session(), found)
    form = PointForm().offer(row.unit for row in rows)
    counts = request.args.get("counts", "")
    if counts not in {"receiving", "resolving"}:
        return survey_page(found, rows, form)
    by_unit = populations_from_counts(current_session(), found, by_receiving=counts == "receiving")
    known = {row.unit.id: by_unit.get(row.unit.id, row.population) for row in rows}
    texts = {unit_id: count(number) if number else "" for unit_id, number in known.items()}
    return survey_page(found, rows, form, texts, filled=len(by_unit))


@blueprint.post("/surveys/<code>/status")
def set_survey_status(code: str) -> ResponseReturnValue:
    found = find_survey(current_session(), code)
    after = SurveyStatus(read_wish("open", "paused", "closed"))
    if found.status == SurveyStatus.DRAFT:  # what is looked at first has a page of its own
        return redirect(url_for("admin.survey_opening", code=code))
    form = TurnForm()
    with form.refusals_shown():
        event = conduct.turn_survey(
            current_session(),
            found,
            after,
            now=now(),
            account=signed_in_account(),
            reason=form.reason.data or "",
        )
        _note_turn(found, event)
        flash(TOLD[event.before, event.after])
        return redirect(url_for("admin.survey", code=code))
    rows = fieldwork_units(current_session(), found)
    return survey_page(found, rows, PointForm().offer(row.unit for row in rows), turn=form)


def _note_turn(survey: Survey, event: conduct.SurveyEvent) -> None:
    detail = {**changed({"status": event.before}, {"status": event.after}), "reason": event.reason}
    if event.after == SurveyStatus.PAUSED:
        note("survey.pause", survey.code, detail)
    elif event.after == SurveyStatus.CLOSED:
        note("survey.closed", survey.code, detail)
    elif event.before == SurveyStatus.PAUSED:
        note("survey.resume", survey.code, detail)
    else:
        note("survey.reopen", survey.code, detail)


@blueprint.post("/surveys/<code>/population")
def set_population(code: str) -> ResponseReturnValue:
    found = find_survey(current_session(), code)
    rows = fieldwork_units(current_session(), found)
    units = [row.unit for row in rows]
    typed = read_choice(request.form, units).texts
    form = PointForm(formdata=None).offer(units)
    with form.refusals_shown():
        wanted = populations(UnitChoice(frozenset(typed), typed), units)
        others = [row for row in rows if wanted[row.unit.id] != row.population]
        if others:
            seen = request.form.get("revision", found.revision, int)
            claim_plan(current_session(), found, seen)
        for row in others:
            _change_population(found, row, wanted[row.unit.id])
        flash(f"Đã lưu số hồ sơ của {len(others)} đơn vị.")
        return redirect(url_for("admin.survey", code=code))
    return survey_page(found, rows, form, typed)


def _change_population(survey: Survey, row: FieldworkUnit, population: int | None) -> None:
    before = {"population": row.population}
    surveyed_units.set_population(current_session(), survey, row.unit.id, population)
    detail = changed(before, {"population": population})
    note("survey.population", f"{survey.code} {row.unit.code}", detail)
