"""Units: the tree, one unit, lists from a file and from the official register."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.administrative_data import read_provinces
from survey_app.clock import local_date, now
from survey_app.operations.audit.entries import changed, snapshot
from survey_app.operations.figures.blocks import BLOCKS
from survey_app.operations.organisation import unit_history, units
from survey_app.operations.organisation.unit_search import (
    root_units,
    search_units,
    units_below,
    units_to_choose,
)
from survey_app.operations.organisation.unit_tree import ancestors
from survey_app.unit_import import template_workbook
from survey_app.web.admin import blueprint
from survey_app.web.admin.unit_codes import unit_id_in
from survey_app.web.admin.units import wording as unit_words
from survey_app.web.admin.units.forms import EditUnitForm, ImportForm, UnitForm
from survey_app.web.admin.uploads import take_list
from survey_app.web.audit import note
from survey_app.web.documents import blank
from survey_app.web.transactions import current_session, database
from survey_app.web.wishes import wanted_page

#: What of a unit is edited in place; everything else changes by a reorganisation.
EDITED = ("agency_name", "place", "block")


@blueprint.get("/units", endpoint="units")
def show_units() -> ResponseReturnValue:
    wanted = request.args.get("q", "").strip()
    session = current_session()
    page = search_units(session, wanted, number=wanted_page()) if wanted else None
    return render_template(
        "admin/units/units.html",
        entries=page.entries if page else root_units(session),
        page=page,
        wanted=wanted,
        provinces=read_provinces(),
    )


@blueprint.get("/unit-choices")
def unit_choices() -> ResponseReturnValue:
    """Units of today whose name or code fits, for the search beside a field for a code (JSON)."""
    found, is_all = units_to_choose(current_session(), request.args.get("q", ""))
    choices = [
        {"code": u.code, "name": u.name, "above": u.parent.name if u.parent else ""} for u in found
    ]
    return {"units": choices, "told": unit_words.choices_found(len(found), is_all=is_all)}


@blueprint.get("/units/<code>")
def unit(code: str) -> ResponseReturnValue:
    found = units.find_unit(current_session(), code)
    return render_template(
        "admin/units/unit.html",
        unit=found,
        subject=units.describe_unit(found),
        above=ancestors(found),
        history=unit_history.unit_history(current_session(), found),
        block=BLOCKS[found.block][0] if found.block in BLOCKS else "",
        page=units_below(current_session(), found, number=wanted_page()),
    )


@blueprint.route("/units/<code>/edit", methods=["GET", "POST"])
def edit_unit(code: str) -> ResponseReturnValue:
    found = units.find_unit(current_session(), code)
    form = EditUnitForm(obj=found)
    if form.validate_on_submit():
        with form.refusals_shown():
            before = snapshot(found, *EDITED)
            units.edit_unit(
                found,
                agency_name=form.agency_name.data or "",
                place=form.place.data or "",
                block=form.block.data,
            )
            note("units.edit", found.code, changed(before, snapshot(found, *EDITED)))
            flash(f"Đã sửa {found.name}.")
            return redirect(url_for("admin.unit", code=found.code))
    return render_template("admin/units/edit_unit.html", form=form, unit=found), form.status


@blueprint.route("/create-unit", methods=["GET", "POST"])
def create_unit() -> ResponseReturnValue:
    form = UnitForm(parent_code=request.args.get("parent"), valid_from=local_date(now()))
    if form.validate_on_submit():
        with form.refusals_shown():
            made = units.create_unit(
                current_session(),
                code=form.code.data.strip().upper(),
                name=form.name.data,
                kind=form.kind.data,
                valid_from=form.valid_from.data,
                parent_id=unit_id_in(form, "parent_code"),
                agency_name=form.agency_name.data or "",
                place=form.place.data or "",
            )
            note("units.create", made.code, {"to": snapshot(made, "name", "kind", "valid_from")})
            flash(f"Đã thêm {made.name}.")
            return redirect(url_for("admin.unit", code=made.code))
    return render_template("admin/units/create_unit.html", form=form), form.status


@blueprint.route("/import-units", methods=["GET", "POST"])
def import_units() -> ResponseReturnValue:
    return take_list(ImportForm(), "admin/units/import_units", _load_units, _units_imported)


@blueprint.get("/units-template.xlsx")
def units_template() -> ResponseReturnValue:
    return blank(template_workbook(), "MauDanhSachDonVi.xlsx")


@blueprint.post("/load-province")
def load_province() -> ResponseReturnValue:
    code = request.form.get("province", "")
    added = units.load_province(current_session(), code)
    note("units.load_province", code, {"created": added})
    flash(f"Đã thêm {added} đơn vị theo danh mục nhà nước." if added else "Đã có đủ các đơn vị.")
    return redirect(url_for("admin.unit", code=code))


def _load_units(data: bytes, filename: str) -> units.ImportOutcome:
    with database().session() as reader:
        rows = units.read_unit_file(reader, data, filename)
    return units.import_units(current_session(), rows)


def _units_imported(outcome: units.ImportOutcome, filename: str) -> ResponseReturnValue:
    counts = {"created": outcome.created, "unchanged": outcome.unchanged}
    note("units.import", "", {"file": filename, **counts})
    flash(f"Đã thêm {outcome.created} đơn vị; {outcome.unchanged} đơn vị đã có từ trước.")
    if outcome.above:
        return redirect(url_for("admin.unit", code=outcome.above))
    return redirect(url_for("admin.units"))
