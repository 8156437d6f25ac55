"""Keys of other software: made, listed, revoked."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.operations.access import api_keys as operations
from survey_app.operations.access.api_keys import KeyScope
from survey_app.web.admin import blueprint
from survey_app.web.admin.accounts.forms import ApiKeyForm
from survey_app.web.admin.unit_codes import unit_id_in
from survey_app.web.audit import note
from survey_app.web.transactions import current_session

USUAL_LIFE = timedelta(days=365)


@blueprint.get("/api-keys")
def api_keys() -> ResponseReturnValue:
    moment = now()
    rows = operations.list_api_keys(current_session())
    alive = {row.id for row in rows if operations.is_alive(row, moment)}
    return render_template("admin/accounts/api_keys.html", keys=rows, alive=alive)


@blueprint.route("/create-api-key", methods=["GET", "POST"])
def create_api_key() -> ResponseReturnValue:
    form = ApiKeyForm(expires_on=local_date(now()) + USUAL_LIFE)
    if form.validate_on_submit():
        with form.refusals_shown():
            text, row = operations.create_api_key(
                current_session(),
                label=form.label.data,
                scopes=[KeyScope(scope) for scope in form.scopes.data],
                unit_id=unit_id_in(form, "unit"),
                expires_on=form.expires_on.data,
                now=now(),
            )
            facts = {"label": row.label, "scopes": row.scopes, "expires_on": f"{row.expires_on}"}
            note("api_key.create", row.unit.code, {"number": row.id, **facts})
            return render_template("admin/accounts/new_api_key.html", key=row, text=text)
    return render_template("admin/accounts/create_api_key.html", form=form), form.status


@blueprint.post("/api-keys/<int:key_id>/revoke")
def revoke_api_key(key_id: int) -> ResponseReturnValue:
    row = operations.find_api_key(current_session(), key_id)
    if operations.revoke_api_key(row, now=now()):
        note("api_key.revoke", row.unit.code, {"number": row.id, "label": row.label})
    flash(f"Đã thu hồi khóa “{row.label}”.")
    return redirect(url_for("admin.api_keys"))
