"""Reorganisations of units: one by a form with a preview, many by a file, and taking one back."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import NotFound
from survey_app.operations.organisation import event_file, unit_events, unit_history
from survey_app.operations.organisation.reorganisation import EventKind, Reorganisation
from survey_app.web.admin import blueprint
from survey_app.web.admin.units import wording
from survey_app.web.admin.units.reorganisation_forms import (
    ReorganisationFileForm,
    ReorganisationForm,
)
from survey_app.web.admin.uploads import take_list
from survey_app.web.audit import note
from survey_app.web.documents import blank
from survey_app.web.identifiers import parse_id
from survey_app.web.transactions import current_session, database
from survey_app.web.wishes import read_wish

EVENTS_A_PAGE = 50


@blueprint.context_processor
def unit_words() -> dict[str, object]:
    return {"unit_words": wording}


@blueprint.get("/reorganisations")
def reorganisations() -> ResponseReturnValue:
    before = request.args.get("before", type=parse_id)
    events = unit_events.list_events(current_session(), limit=EVENTS_A_PAGE + 1, before=before)
    return render_template(
        "admin/units/reorganisations.html",
        entries=unit_history.describe_events(current_session(), events[:EVENTS_A_PAGE]),
        next_before=events[EVENTS_A_PAGE - 1].id if len(events) > EVENTS_A_PAGE else None,
        before=before,
    )


@blueprint.get("/reorganise")
def choose_reorganisation() -> ResponseReturnValue:
    return render_template(
        "admin/units/reorganise_kind.html", unit_code=request.args.get("unit", "")
    )


@blueprint.route("/reorganise/<kind>", methods=["GET", "POST"])
def reorganise(kind: str) -> ResponseReturnValue:
    chosen = _kind(kind)
    form = ReorganisationForm(before=request.args.get("unit"))
    form.mark_needed(chosen)
    wish = read_wish("check", "edit", "more", "do") if form.is_submitted() else "edit"
    if wish == "more":
        form.parts.append_entry()
    elif wish != "edit" and form.validate():
        with form.refusals_shown():
            plan = form.plan(chosen)
            if wish == "check":
                return _preview(form, plan)
            event = unit_events.reorganise(current_session(), plan, now=now())
            note("units.reorganise", *_in_words(event))
            flash("Đã lưu, chờ đến ngày có hiệu lực." if not event.applied_at else "Đã sắp xếp.")
            return redirect(url_for("admin.reorganisations"))
    return render_template("admin/units/reorganise.html", form=form, kind=chosen), form.status


@blueprint.post("/reorganisations/<int:event_id>/undo")
def undo_reorganisation(event_id: int) -> ResponseReturnValue:
    event = unit_events.find_event(current_session(), event_id)
    note("units.undo", *_in_words(event))
    unit_events.undo_event(current_session(), event)
    flash("Đã hoàn tác lần sắp xếp đơn vị.")
    return redirect(url_for("admin.reorganisations"))


@blueprint.route("/import-reorganisations", methods=["GET", "POST"])
def import_reorganisations() -> ResponseReturnValue:
    page = "admin/units/import_reorganisations"
    return take_list(ReorganisationFileForm(), page, _load_events, _events_imported)


@blueprint.get("/reorganisations-template.xlsx")
def reorganisations_template() -> ResponseReturnValue:
    return blank(event_file.template_workbook(), "MauSapXepDonVi.xlsx")


def _load_events(data: bytes, filename: str) -> Sequence[unit_history.HistoryEntry]:
    plans = event_file.read_events(data, filename)
    events = unit_events.reorganise_all(current_session(), plans, now=now())
    return unit_history.describe_events(current_session(), events)


def _events_imported(
    entries: Sequence[unit_history.HistoryEntry], filename: str
) -> ResponseReturnValue:
    note("units.reorganise_all", filename, f"{len(entries)} lần sắp xếp")
    flash(f"Đã ghi {len(entries)} lần sắp xếp đơn vị.")
    return redirect(url_for("admin.reorganisations"))


def _kind(text: str) -> EventKind:
    try:
        return EventKind(text)
    except ValueError as error:
        raise NotFound("Không có hình thức sắp xếp này.") from error


def _preview(form: ReorganisationForm, plan: Reorganisation) -> str:
    """What the plan will do, before it is done."""
    with database().session() as reader:
        found = unit_events.check_plan(reader, plan, today=local_date(now()))
        return render_template(
            "admin/units/reorganise_check.html", form=form, plan=plan, found=found
        )


def _in_words(event: unit_events.UnitEvent) -> tuple[str, str]:
    """An event for the audit record: the units it was done to, and all of it."""
    entry = unit_history.describe_events(current_session(), [event])[0]
    subject = ", ".join(unit.code for unit in entry.before)
    sentence = wording.event_sentence(entry)
    return subject, f"{sentence} {event.happened_on:%d/%m/%Y}; {event.legal_basis}"
