"""A survey under way goes on with a later version: what it means, the decision, taking it back."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.operations.audit.entries import changed
from survey_app.operations.fieldwork import moves
from survey_app.operations.fieldwork.moves import (
    Outlook,
    foresee_move,
    later_versions,
    plan_move,
    waiting_move,
    waits_for,
)
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.questionnaires.publishing import QuestionnaireVersion
from survey_app.questionnaire.declarations import load_declarations
from survey_app.reporting.records.edit_wording import describe_matters
from survey_app.reporting.results.versions import outlook
from survey_app.web.admin import blueprint
from survey_app.web.admin.surveys.forms import MoveForm, TurnForm
from survey_app.web.audit import note
from survey_app.web.guard import signed_in_account
from survey_app.web.identifiers import parse_id
from survey_app.web.transactions import current_session


@blueprint.route("/surveys/<code>/move", methods=["GET", "POST"])
def move_survey(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    offered = later_versions(current_session(), survey)
    form = MoveForm()
    wanted = form.version_id.data or request.args.get("version_id", type=parse_id)
    version = next((one for one in offered if one.id == wanted), None)
    if form.validate_on_submit():
        with form.refusals_shown():
            _plan(survey, version, form)
            return redirect(url_for("admin.survey", code=code))
    return _move_page(survey, offered, version or next(iter(offered), None), form)


@blueprint.post("/surveys/<code>/move/call-off")
def call_off_move(code: str) -> ResponseReturnValue:
    survey, off = find_survey(current_session(), code), TurnForm()
    with off.refusals_shown():
        event = moves.call_off_move(
            current_session(),
            survey,
            reason=off.reason.data or "",
            now=now(),
            account=signed_in_account(),
        )
        versions = changed({"version": int(event.before)}, {"version": int(event.after)})
        note("survey.call_off_move", survey.code, {**versions, "reason": event.reason})
        flash(f"Đã hủy: cuộc khảo sát tiếp tục dùng phiên bản {event.after}.")
        return redirect(url_for("admin.survey", code=code))
    offered = later_versions(current_session(), survey)
    return _move_page(survey, offered, next(iter(offered), None), MoveForm(formdata=None), off)


def _plan(survey: Survey, version: QuestionnaireVersion | None, form: MoveForm) -> None:
    move = plan_move(
        current_session(),
        survey,
        version,
        reason=form.reason.data or "",
        now=now(),
        account=signed_in_account(),
    )
    versions = changed({"version": move.former_number}, {"version": move.number})
    note("survey.move", survey.code, {**versions, "reason": move.reason})
    flash(f"Cuộc khảo sát sẽ dùng phiên bản {move.number} từ đầu giờ tới.")


def _move_page(
    survey: Survey,
    offered: Sequence[QuestionnaireVersion],
    version: QuestionnaireVersion | None,
    form: MoveForm,
    off: TurnForm | None = None,
) -> ResponseReturnValue:
    """``off``: a move that waits should have been called off, and was not."""
    shown = off or TurnForm(formdata=None)
    shown.reason.flags.required = True
    waiting = waiting_move(current_session(), survey)
    form.version_id.process_data(version.id if version else None)
    ahead = foresee_move(current_session(), survey, version) if version else None
    page = render_template(
        "admin/surveys/move.html",
        survey=survey,
        offered=offered,
        version=version,
        form=form,
        off=shown,
        waiting=waiting,
        wait=waits_for(survey, waiting, now=now()) if waiting else None,
        steps=_steps(ahead) if ahead else (),
        effects=_effects(ahead, survey, version) if ahead and version else (),
    )
    return page, max(form.status, shown.status)


def _steps(ahead: Outlook) -> list[tuple[str, object, object]]:
    """Of every version on the way its name, its edits in words, and what was declared of them."""
    return [
        (
            version.name,
            describe_matters(step.matters, step.earlier, step.later),
            load_declarations(version.declared),
        )
        for version, step in ahead.steps
    ]


def _effects(ahead: Outlook, survey: Survey, version: QuestionnaireVersion) -> tuple[str, ...]:
    numbers = (survey.version.number, version.number)
    return outlook(ahead.common, ahead.earlier, ahead.later, numbers)
