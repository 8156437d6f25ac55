"""The own second step: setting it up, new recovery codes, doing without."""

from datetime import timedelta

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.errors import Conflict, Forbidden, Invalid
from survey_app.operations.access import second_step
from survey_app.operations.access.accounts import Account, find_account
from survey_app.operations.access.signing_in import FRESH_FOR, is_fresh
from survey_app.reporting.rendering.qr import qr_svg
from survey_app.web.auth import blueprint
from survey_app.web.auth.forms import CodeForm
from survey_app.web.auth.views import second_step_keys
from survey_app.web.guard import current_sign_in, lacks_second_step, signed_in_account
from survey_app.web.transactions import current_session


@blueprint.get("/account/second-step")
def enrolment() -> ResponseReturnValue:
    return _page(signed_in_account(), CodeForm())


@blueprint.post("/account/second-step/begin")
def begin_enrolment() -> ResponseReturnValue:
    _require_fresh_sign_in()
    second_step.begin_enrolment(current_session(), _mine(), keys=second_step_keys(), now=now())
    return redirect(url_for("auth.enrolment"))


@blueprint.post("/account/second-step/confirm")
def confirm_enrolment() -> ResponseReturnValue:
    _require_fresh_sign_in()
    mine, form = _mine(), CodeForm()
    if not form.validate():
        return _page(mine, form), 422
    try:
        codes = second_step.confirm_enrolment(
            current_session(), mine, form.code.data, keys=second_step_keys(), now=now()
        )
    except Invalid as invalid:
        form.code.errors = [invalid.message]
        return _page(mine, form), 422
    row = current_sign_in()
    if row is not None:
        second_step.sign_others_out(current_session(), mine, row)
        row.account = mine  # the page that follows is that of somebody who has enrolled
    g.pop("scope", None)
    return render_template("auth/recovery_codes.html", codes=codes)


@blueprint.post("/account/second-step/codes")
def renew_recovery_codes() -> ResponseReturnValue:
    mine, form = _mine(), CodeForm()
    if not _is_shown(mine, form):
        return _page(mine, form), 422
    codes = second_step.renew_recovery_codes(
        current_session(), mine, keys=second_step_keys(), now=now()
    )
    return render_template("auth/recovery_codes.html", codes=codes)


@blueprint.post("/account/second-step/remove")
def remove_second_step() -> ResponseReturnValue:
    mine, form = _mine(), CodeForm()
    if second_step.is_required(current_session(), mine, now=now()):
        raise Conflict("Vai trò của ông/bà bắt buộc xác thực hai bước nên không tắt được.")
    if not _is_shown(mine, form):
        return _page(mine, form), 422
    second_step.remove(current_session(), mine, by=mine, now=now())
    flash("Đã tắt xác thực hai bước.")
    return redirect(url_for("auth.account"))


def _mine() -> Account:
    """The own account, in the session of this request."""
    return find_account(current_session(), signed_in_account().id)


def _is_shown(mine: Account, form: CodeForm) -> bool:
    """Whether a good code came along; a wrong one counts as a failure to sign in."""
    if not form.validate():
        return False
    try:
        second_step.check_code(
            current_session(), mine, form.code.data, keys=second_step_keys(), now=now()
        )
    except Forbidden as refusal:
        current_session().commit()
        form.code.errors = [refusal.message]
        return False
    return True


def _is_fresh() -> bool:
    row = current_sign_in()
    return row is not None and is_fresh(row, now())


def _is_by_provider() -> bool:
    row = current_sign_in()
    return row is not None and row.is_by_provider


def _require_fresh_sign_in() -> None:
    """Raises Forbidden in a session that has been open for some time."""
    if not _is_fresh():
        raise Forbidden(
            "Vui lòng đăng xuất rồi đăng nhập lại; xác thực hai bước được thiết lập trong "
            f"{FRESH_FOR // timedelta(minutes=1)} phút sau khi đăng nhập."
        )


def _page(mine: Account, form: CodeForm) -> str:
    fresh = _is_fresh()
    waiting = second_step.pending_enrolment(mine, keys=second_step_keys()) if fresh else None
    return render_template(
        "auth/enrolment.html",
        form=form,
        is_enrolled=second_step.is_enrolled(mine),
        is_by_provider=_is_by_provider(),
        fresh_minutes=None if fresh else FRESH_FOR // timedelta(minutes=1),
        is_forced=lacks_second_step(mine),
        waiting=waiting,
        square=qr_svg(waiting.address, label="Mã QR để quét bằng ứng dụng") if waiting else "",
        codes_left=second_step.recovery_codes_left(current_session(), mine),
    )
