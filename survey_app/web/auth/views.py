"""Signing in and out, the own password, signing out everywhere."""

from datetime import timedelta

from flask import current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from survey_app.clock import local_date, now
from survey_app.errors import Forbidden, Invalid, TooMany
from survey_app.operations.organisation import accounts, listing
from survey_app.operations.organisation.rights import valid_grants
from survey_app.web import wording
from survey_app.web.access import (
    cookie_name,
    current_account,
    current_sign_in,
    home_page,
    may_visit,
    signed_in_account,
)
from survey_app.web.auth import blueprint
from survey_app.web.auth.destination import local_page
from survey_app.web.auth.forms import PasswordForm, SignInForm
from survey_app.web.limits import require_sign_in_turn
from survey_app.web.transactions import current_session, database


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"wording": wording}


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    account = current_account()
    wanted = local_page(request.values.get("next", ""))
    if account is not None and request.method == "GET":
        return redirect(_first_page(wanted))
    form = SignInForm()
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("auth/sign_in.html", form=form, next=wanted, refusal=""), status
    try:
        require_sign_in_turn()
        with database().session() as reader:
            credentials = accounts.check_credentials(
                reader, form.username.data, form.password.data, now=now()
            )
        token, row = accounts.sign_in(current_session(), credentials, now=now())
    except (Forbidden, TooMany) as refusal:
        current_session().commit()  # the failed attempt counts, though the page is refused
        status = 429 if isinstance(refusal, TooMany) else 403
        text = refusal.message
        return render_template("auth/sign_in.html", form=form, next=wanted, refusal=text), status
    g.sign_in = row
    return _with_cookie(redirect(_first_page(wanted)), token)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    row = current_sign_in()
    if row is not None:
        accounts.sign_out(current_session(), row, now=now())
    flash("Ông/bà đã đăng xuất.")
    return _without_cookie(redirect(url_for("auth.sign_in")))


@blueprint.route("/account", methods=["GET", "POST"])
def account() -> ResponseReturnValue:
    mine = signed_in_account()
    form = PasswordForm()
    if form.validate_on_submit() and _is_changed(form):
        flash("Đã đổi mật khẩu. Vui lòng đăng nhập lại bằng mật khẩu mới.")
        return _without_cookie(redirect(url_for("auth.sign_in")))
    sign_ins = listing.living_sign_ins(current_session(), mine, now=now())
    page = render_template(
        "auth/account.html",
        form=form,
        sign_ins=sign_ins,
        rules=_rules(),
        grants=valid_grants(mine, local_date(now())),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    accounts.sign_out_everywhere(current_session(), signed_in_account(), now=now())
    flash("Đã đăng xuất khỏi mọi thiết bị.")
    return _without_cookie(redirect(url_for("auth.sign_in")))


def _first_page(wanted: str) -> str:
    """Where to go once signed in: the page asked for, if the account may open it."""
    return wanted if wanted and may_visit(wanted) else home_page()


def _rules() -> dict[str, object]:
    """What the page tells about passwords and about how long a session lasts."""
    hour = timedelta(hours=1)
    return {
        "shortest": accounts.SHORTEST_PASSWORD,
        "idle_hours": accounts.IDLE_LIMIT // hour,
        "most_hours": accounts.ABSOLUTE_LIMIT // hour,
    }


def _is_changed(form: PasswordForm) -> bool:
    """Change the password, or put every mistake beside its field."""
    try:
        accounts.change_password(
            current_session(),
            signed_in_account(),
            current=form.current.data,
            new=form.new.data,
            now=now(),
        )
    except Invalid as invalid:
        for problem in invalid.problems:
            form[problem.where].errors = [problem.message]
        return False
    return True


def _with_cookie(response: Response, token: str) -> Response:
    session.clear()  # a form opened before signing in is not good afterwards
    response.set_cookie(
        cookie_name(),
        token,
        path="/",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )
    return response


def _without_cookie(response: Response) -> Response:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.delete_cookie(cookie_name(), path="/", secure=secure, httponly=True, samesite="Lax")
    return response
