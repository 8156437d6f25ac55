"""Signing in by one step or two, signing out, the own password and browsers."""

from datetime import timedelta

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import Forbidden, Invalid, TooMany
from survey_app.operations.access import accounts, passwords, second_step, signing_in
from survey_app.operations.access.accounts import Account
from survey_app.operations.access.identities import identities_of, still_opens
from survey_app.operations.access.provider_logout import has_ended
from survey_app.operations.access.rights import is_administrator, valid_grants
from survey_app.operations.access.signing_in import Vouched
from survey_app.web import wording
from survey_app.web.auth import blueprint, pending
from survey_app.web.auth.destination import local_page
from survey_app.web.auth.entering import (
    enter,
    enter_or_ask_code,
    first_page,
    note_left,
    sign_in_page,
    without_cookie,
)
from survey_app.web.auth.forms import CodeForm, PasswordForm, SignInForm
from survey_app.web.guard import (
    current_account,
    current_sign_in,
    must_choose_password,
    signed_in_account,
)
from survey_app.web.limits import BY_PASSWORD, note_wrong_sign_in, require_sign_in_turn
from survey_app.web.provider import passwords_are_for_administrators
from survey_app.web.transactions import current_session, database


@blueprint.context_processor
def words() -> dict[str, object]:
    return {"wording": wording}


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    wanted = local_page(request.values.get("next", ""))
    if current_account() is not None and request.method == "GET":
        return redirect(first_page(wanted))
    form = SignInForm()
    if not form.validate_on_submit():
        return sign_in_page(form, wanted, status=422 if form.is_submitted() else 200)
    try:
        require_sign_in_turn(BY_PASSWORD, f"name:{form.username.data.strip().lower()}")
        with database().session() as reader:
            credentials = signing_in.check_credentials(
                reader,
                form.username.data,
                form.password.data,
                now=now(),
                only_administrators=passwords_are_for_administrators(),
            )
        account = signing_in.admit(current_session(), credentials, now=now())
    except (Forbidden, TooMany) as refusal:
        _note_wrong(refusal)
        current_session().commit()  # the failed attempt counts, though the page is refused
        return sign_in_page(form, wanted, refusal=refusal)
    return enter_or_ask_code(current_session(), account, wanted)


@blueprint.route("/sign-in/code", methods=["GET", "POST"], endpoint="second_step")
def show_code() -> ResponseReturnValue:
    account_id = pending.pending_id()
    if account_id is None:
        flash("Đã quá thời gian nhập mã; vui lòng đăng nhập lại.")
        return redirect(url_for("auth.sign_in"))
    form = CodeForm()
    if not form.validate_on_submit():
        status = 422 if form.is_submitted() else 200
        return render_template("auth/second_step.html", form=form, refusal=""), status
    try:
        require_sign_in_turn(BY_PASSWORD, f"account:{account_id}")
        account = accounts.find_account(current_session(), account_id)
        by = pending.vouched()
        if not pending.is_for(account) or not _opens(by, account):
            raise Forbidden(signing_in.WRONG_CREDENTIALS)
        second_step.check_code(
            current_session(), account, form.code.data, keys=second_step_keys(), now=now()
        )
    except (Forbidden, TooMany) as refusal:
        _note_wrong(refusal)
        current_session().commit()
        page = render_template("auth/second_step.html", form=form, refusal=refusal.message)
        return page, 429 if isinstance(refusal, TooMany) else 403
    return enter(current_session(), account, pending.page_wanted(), by=by)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    row = current_sign_in()
    if row is not None:
        signing_in.sign_out(current_session(), row, now=now())
    note_left(row)
    flash("Ông/bà đã đăng xuất.")
    return without_cookie(redirect(url_for("auth.sign_in")))


@blueprint.route("/account", methods=["GET", "POST"])
def account() -> ResponseReturnValue:
    mine = signed_in_account()
    form = PasswordForm()
    if form.validate_on_submit() and _is_changed(form):
        flash("Đã đổi mật khẩu. Vui lòng đăng nhập lại bằng mật khẩu mới.")
        return without_cookie(redirect(url_for("auth.sign_in")))
    today = local_date(now())
    page = render_template(
        "auth/account.html",
        form=form,
        uses_password=not passwords_are_for_administrators() or is_administrator(mine, today),
        sign_ins=signing_in.list_sign_ins(current_session(), mine, now=now()),
        handle_of=signing_in.handle_of,
        here=current_sign_in(),
        rules=_rules(),
        grants=valid_grants(mine, today),
        has_second_step=second_step.is_enrolled(mine),
        identities=identities_of(current_session(), mine),
    )
    return page, 422 if form.errors else 200


@blueprint.route("/account/choose-password", methods=["GET", "POST"])
def choose_password() -> ResponseReturnValue:
    row = current_sign_in()
    if row is None or not must_choose_password(row):
        return redirect(url_for("auth.account"))
    form = PasswordForm()
    if form.validate_on_submit() and _is_changed(form):
        flash("Đã lưu mật khẩu. Vui lòng đăng nhập lại bằng mật khẩu mới.")
        return without_cookie(redirect(url_for("auth.sign_in")))
    shortest, days = passwords.SHORTEST_PASSWORD, signing_in.GIVEN_FOR.days
    page = render_template("auth/choose_password.html", form=form, shortest=shortest, days=days)
    return page, 422 if form.errors else 200


@blueprint.post("/account/sessions/<handle>/revoke")
def revoke_sign_in(handle: str) -> ResponseReturnValue:
    mine = signed_in_account()
    signing_in.revoke(current_session(), mine, handle, by=mine, now=now())
    flash("Đã đăng xuất trình duyệt đó.")
    return redirect(url_for("auth.account", _anchor="thiet-bi"))


@blueprint.post("/account/sign-out-everywhere")
def sign_out_everywhere() -> ResponseReturnValue:
    note_left(current_sign_in())
    signing_in.sign_out_everywhere(current_session(), signed_in_account(), now=now())
    flash("Đã đăng xuất khỏi mọi thiết bị.")
    return without_cookie(redirect(url_for("auth.sign_in")))


def second_step_keys() -> tuple[bytes, ...]:
    """What secrets of authenticators are encrypted with; it is not in the database."""
    keys: tuple[bytes, ...] = current_app.config["SETTINGS"].derived_secrets(second_step.PURPOSE)
    return keys


def _note_wrong(refusal: Forbidden | TooMany) -> None:
    """What was wrong counts at the address; what was not looked at says nothing."""
    if isinstance(refusal, Forbidden):
        note_wrong_sign_in(BY_PASSWORD)


def _opens(by: Vouched | None, account: Account) -> bool:
    """Whether the first step still counts: an identity may have been taken away meanwhile, or the
    session at the provider have ended."""
    if by is None:
        return True
    found, begun_at = current_session(), pending.begun_at()
    return still_opens(found, account, by.identity_id, shown_at=begun_at) and not has_ended(
        found, by.provider_session, since=begun_at
    )


def _rules() -> dict[str, object]:
    """What the page tells about passwords and about how long a session lasts."""
    hour = timedelta(hours=1)
    return {
        "shortest": passwords.SHORTEST_PASSWORD,
        "idle_hours": signing_in.IDLE_LIMIT // hour,
        "most_hours": signing_in.ABSOLUTE_LIMIT // hour,
    }


def _is_changed(form: PasswordForm) -> bool:
    """Change the password, or put every mistake beside its field."""
    mine = signed_in_account()
    change = accounts.look_at_change(mine, current=form.current.data, new=form.new.data)
    try:
        accounts.change_password(current_session(), mine, change, now=now())
    except Invalid as invalid:
        current_session().commit()  # a wrong password counts, though nothing is changed
        for problem in invalid.problems:
            form[problem.where].errors = [problem.message]
        return False
    return True
