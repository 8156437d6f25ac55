"""Second keying: which forms wait for it, keying them blind, deciding by the paper, the report.

Officers use these pages too, for the collection points of the units in their charge.
"""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import Closed, Invalid
from survey_app.operations.access.rights import is_administrator
from survey_app.operations.audit.entries import changed, snapshot
from survey_app.operations.fieldwork.surveys import Survey, find_survey
from survey_app.operations.paper.keying_decisions import (
    NEITHER,
    ONE,
    OTHER,
    OpenForm,
    Ruling,
    corrected_forms,
    find_open_form,
    open_forms,
    require_judge,
    settle_form,
)
from survey_app.operations.paper.keying_quality import quality_report
from survey_app.operations.paper.second_keying import (
    WaitingForms,
    key_again,
    set_second_keying,
    waiting_forms,
)
from survey_app.operations.paper.typed_form import TypedForm
from survey_app.operations.reports.documents import render_document
from survey_app.reporting.rendering.dashboard import render_fragment
from survey_app.reporting.report import Report
from survey_app.web.admin import blueprint
from survey_app.web.admin.paper.decision_page import doubt
from survey_app.web.admin.paper.entry_page import field_id, note_saved, read_sitting
from survey_app.web.admin.paper.entry_views import (
    Pile,
    Refusal,
    entry_fields,
    find_pile,
    keep_typed,
    read_typed_form,
    refusal_status,
)
from survey_app.web.admin.paper.forms import SecondKeyingForm
from survey_app.web.admin.paper.versions import in_address
from survey_app.web.audit import note
from survey_app.web.documents import attachment, record_export, wanted_form
from survey_app.web.guard import current_scope, signed_in_account
from survey_app.web.transactions import current_session

SETTINGS = ("second_keying_share", "same_clerk_may_repeat")


@blueprint.get("/surveys/<code>/paper/second")
def second_keying(code: str) -> ResponseReturnValue:
    return _overview(find_survey(current_session(), code))


@blueprint.post("/surveys/<code>/paper/second", endpoint="set_second_keying")
def change_second_keying(code: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    form = SecondKeyingForm()
    if form.validate():
        with form.refusals_shown():
            before = snapshot(survey, *SETTINGS)
            set_second_keying(survey, share=form.share.data, same_clerk=form.same_clerk.data)
            note("paper.second_keying", survey.code, changed(before, snapshot(survey, *SETTINGS)))
            flash("Đã lưu tỷ lệ phiếu nhập lần hai; áp dụng cho các phiếu nhập từ bây giờ.")
            return redirect(url_for("admin.second_keying", code=code))
    return _overview(survey, form)


@blueprint.get("/surveys/<code>/paper/second/report.<ending>")
def keying_document(code: str, ending: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    document = render_document(_report(survey), wanted_form(ending))
    record_export(f"{survey.code} chất lượng nhập phiếu {ending}")
    return attachment(document)


@blueprint.get("/surveys/<code>/paper/second/<int:point_id>")
def second_entry(code: str, point_id: int) -> ResponseReturnValue:
    return _second_page(find_pile(code, point_id), None)


@blueprint.post("/surveys/<code>/paper/second/<int:point_id>")
def save_second_entry(code: str, point_id: int) -> ResponseReturnValue:
    pile = find_pile(code, point_id)
    typed = read_typed_form(pile)
    try:
        number = keep_typed(key_again, pile, typed)
    except (Invalid, Closed) as refusal:
        return _second_page(pile, typed, refusal)
    note_saved(_place(pile), number, is_new=True)
    version = in_address(pile.survey, pile.version)
    return redirect(url_for("admin.second_entry", code=code, point_id=point_id, **version))


@blueprint.get("/surveys/<code>/paper/second/forms/<key>")
def open_form(code: str, key: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    form = find_open_form(current_session(), survey, key, current_scope().unit_ids)
    require_judge(survey, form.row, signed_in_account(), today=local_date(now()))
    return _decision_page(survey, form, {})


@blueprint.post("/surveys/<code>/paper/second/forms/<key>", endpoint="settle_form")
def decide_form(code: str, key: str) -> ResponseReturnValue:
    survey = find_survey(current_session(), code)
    form = find_open_form(current_session(), survey, key, current_scope().unit_ids)
    rulings = _read_rulings(form)
    try:
        changed = settle_form(
            current_session(), survey, form, rulings, account=signed_in_account(), now=now()
        )
    except Invalid as refusal:
        return _decision_page(survey, form, rulings, refusal)
    sentence = f"đã sửa {len(changed)} câu theo phiếu giấy" if changed else "giữ nguyên lần đầu"
    flash(f"Phiếu số {form.number}: {sentence}.")
    return redirect(url_for("admin.second_keying", code=code))


def _overview(survey: Survey, form: SecondKeyingForm | None = None) -> ResponseReturnValue:
    account = signed_in_account()
    waiting = waiting_forms(current_session(), survey, current_scope().unit_ids, account)
    shown = form or SecondKeyingForm(
        formdata=None, share=survey.second_keying_share, same_clerk=survey.same_clerk_may_repeat
    )
    page = render_template(
        "admin/paper/second_keying.html",
        survey=survey,
        form=shown,
        waiting=waiting,
        is_all_own=bool(waiting) and all(here.numbers == here.own for here in waiting),
        is_administrator=is_administrator(account, local_date(now())),
        forms=open_forms(current_session(), survey, current_scope().unit_ids),
        corrected=corrected_forms(current_session(), survey, current_scope().unit_ids),
        dashboard=render_fragment(_report(survey), heading_level=2),
    )
    return page, shown.status


def _second_page(
    pile: Pile, typed: TypedForm | None, refusal: Refusal | None = None
) -> ResponseReturnValue:
    waiting = _waiting_at(pile)
    number = typed.number if typed else (waiting[0] if waiting else "")
    page = render_template(
        "admin/paper/paper_entry.html",
        sitting=read_sitting(_place(pile)),
        waiting=waiting,
        **entry_fields(pile, number, typed.answers if typed else {}, refusal, is_second=True),
    )
    return page, refusal_status(refusal)


def _waiting_at(pile: Pile) -> tuple[str, ...]:
    """The numbers of this place that the account may key now."""
    account, unit_ids = signed_in_account(), {pile.point.unit_id}
    found: tuple[WaitingForms, ...] = waiting_forms(
        current_session(), pile.survey, unit_ids, account
    )
    here = [forms for forms in found if forms.point.id == pile.point.id]
    return tuple(n for forms in here for n in forms.numbers if n not in forms.own)


def _place(pile: Pile) -> str:
    return f"{pile.place}/2"


def _read_rulings(form: OpenForm) -> dict[str, Ruling]:
    return {
        code: Ruling(request.form.get(field_id(code), ""), request.form.get(f"k-{code}", ""))
        for code in (item.question.code for item in form.disagreements)
    }


def _decision_page(
    survey: Survey, form: OpenForm, rulings: dict[str, Ruling], refusal: Invalid | None = None
) -> ResponseReturnValue:
    problems = refusal.problems if refusal else ()
    places = {item.question.code: item.place for item in form.disagreements}
    page = render_template(
        "admin/paper/keying_decision.html",
        survey=survey,
        form=form,
        items=[
            doubt(item, rulings.get(item.question.code, Ruling(""))) for item in form.disagreements
        ],
        wishes=(ONE, OTHER, NEITHER),
        problems=[
            {
                "message": f"Câu {places[p.where]}: {p.message}" if p.where in places else str(p),
                "where": field_id(p.where) if p.where in places else "",
            }
            for p in problems
        ],
        messages={p.where: p.message for p in problems},
    )
    return page, 422 if refusal else 200


def _report(survey: Survey) -> Report:
    return quality_report(
        current_session(),
        survey,
        current_scope().unit_ids,
        current_scope().only_root,
        today=local_date(now()),
    )
