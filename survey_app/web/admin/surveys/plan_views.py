"""The plan of a survey on one page: title, version, period, units, ways and languages."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.operations.fieldwork import plan
from survey_app.operations.fieldwork.plan import PlanChange, SurveyPlan
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.fieldwork.ways import languages_of, set_offer, ways_of
from survey_app.operations.organisation.unit_tree import Branch, units_in
from survey_app.operations.questionnaires.publishing import load_questionnaire
from survey_app.questionnaire.definition import PRIMARY_LANGUAGE
from survey_app.web.admin import blueprint
from survey_app.web.admin.surveys.forms import OfferForm, PlanForm
from survey_app.web.admin.surveys.plan_page import offered_branches, offered_versions
from survey_app.web.admin.surveys.unit_choice import UnitChoice, chosen, show_tree
from survey_app.web.audit import note
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session


@blueprint.get("/surveys/<code>/plan")
def survey_plan(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    known = plan.plan_of(current_session(), survey)
    form = _plan_form(survey, obj=known, revision=survey.revision)
    branches = offered_branches(survey.starts_on, survey.ends_on, known.units)
    return _page(survey, form, branches, UnitChoice(known.units, {}))


@blueprint.post("/surveys/<code>/plan")
def change_survey_plan(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    form = _plan_form(survey)
    known = plan.plan_of(current_session(), survey)
    branches = offered_branches(
        form.starts_on.data or survey.starts_on, form.ends_on.data or survey.ends_on, known.units
    )
    choice = chosen(request.form, branches)
    is_only_looking = "show" in request.form  # asks for the tree otherwise ticked or searched
    if is_only_looking or not form.validate():
        return _page(survey, form, branches, choice)
    if form.revision.data != survey.revision:
        return _page(survey, form, branches, choice, stored=known)
    with form.refusals_shown():
        return _changed(survey, form, choice)
    return _page(survey, form, branches, choice)


@blueprint.post("/surveys/<code>/offer")
def set_survey_offer(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    offer = OfferForm()
    if offer.validate():
        with offer.refusals_shown():
            done = set_offer(
                current_session(),
                survey,
                ways=offer.ways.data,
                languages=offer.languages.data,
                revision=offer.revision.data or 0,
            )
            note("survey.offer", survey.code, done)
            flash("Đã lưu cách nhận phiếu và ngôn ngữ.")
            return redirect(url_for("admin.survey", code=code))
    known = plan.plan_of(current_session(), survey)
    form = _plan_form(survey, formdata=None, obj=known, revision=survey.revision)
    branches = offered_branches(survey.starts_on, survey.ends_on, known.units)
    return _page(survey, form, branches, UnitChoice(known.units, {}), offer=offer)


def _changed(survey: Survey, form: PlanForm, choice: UnitChoice) -> ResponseReturnValue:
    wanted = SurveyPlan(
        form.title.data,
        form.version_id.data,
        form.starts_on.data,
        form.ends_on.data,
        choice.ticked,
        form.reason.data or "",
    )
    done = plan.change_plan(
        current_session(),
        survey,
        wanted,
        revision=form.revision.data or 0,
        now=now(),
        account=signed_in_account(),
    )
    note("survey.plan", survey.code, _told(done, wanted))
    flash("Kế hoạch không có gì thay đổi." if done.is_empty else "Đã lưu kế hoạch.")
    return redirect(url_for("admin.survey", code=survey.code))


def _told(done: PlanChange, wanted: SurveyPlan) -> dict[str, object]:
    """A change as the audit record keeps it."""
    told: dict[str, object] = dict(done.fields)
    if done.added:
        told["units_added"] = list(done.added)
    if done.removed:
        told["units_removed"] = list(done.removed)
    if done.moves_end:
        told["reason"] = wanted.reason
    return told


def _plan_form(survey: Survey, **arguments: object) -> PlanForm:
    return PlanForm(**arguments).offer(offered_versions(survey.version_id))


def _page(
    survey: Survey,
    form: PlanForm,
    branches: tuple[Branch, ...],
    choice: UnitChoice,
    *,
    offer: OfferForm | None = None,
    stored: SurveyPlan | None = None,
) -> ResponseReturnValue:
    """The page; ``stored``: what somebody else has saved; who saves again has been told."""
    if offer is None:
        held = {"ways": list(ways_of(survey)), "languages": list(languages_of(survey))}
        offer = OfferForm(formdata=None, revision=survey.revision, **held)
    offer.offer(load_questionnaire(survey.version).languages)
    listed = {unit.id: unit.name for unit in units_in(branches)}
    kept = stored.units if stored else choice.ticked
    missing, added = kept - choice.ticked, choice.ticked - kept
    page = render_template(
        "admin/surveys/plan.html",
        survey=survey,
        form=form,
        offer=offer,
        always=PRIMARY_LANGUAGE,
        tree=show_tree(branches, choice, request.form),
        ties=plan.ties_of_units(current_session(), survey),
        revision=survey.revision if stored else form.revision.data,
        stored=stored,
        only_theirs=[listed[unit_id] for unit_id in listed if unit_id in missing],
        only_ours=[listed[unit_id] for unit_id in listed if unit_id in added],
    )
    return page, 409 if stored else max(form.status, offer.status)
