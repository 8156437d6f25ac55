"""Accounts: who may sign in, for which unit."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import Conflict
from survey_app.operations.access import accounts as operations
from survey_app.operations.access import passwords
from survey_app.operations.access.identities import waiting
from survey_app.operations.access.passwords import SHORTEST_PASSWORD
from survey_app.operations.access.rights import NEVER_OF_A_BRANCH, AccountRole, valid_grants
from survey_app.operations.access.signing_in import GIVEN_FOR
from survey_app.web.admin import blueprint, wording
from survey_app.web.admin.accounts.forms import AccountForm, GrantForm
from survey_app.web.admin.unit_codes import unit_id_in
from survey_app.web.audit import note
from survey_app.web.guard import signed_in_account
from survey_app.web.provider import set_provider
from survey_app.web.transactions import current_session
from survey_app.web.wishes import read_wish


@blueprint.get("/accounts")
def accounts() -> ResponseReturnValue:
    found = operations.list_accounts(current_session())
    today = local_date(now())
    grants = {account.id: valid_grants(account, today) for account in found}
    provider = set_provider()
    issuer = provider.settings.issuer if provider else ""
    return render_template(
        "admin/accounts/accounts.html",
        accounts=found,
        grants=grants,
        moment_now=now(),
        waiting=len(waiting(current_session(), issuer, now=now())),
    )


@blueprint.route("/create-account", methods=["GET", "POST"])
def create_account() -> ResponseReturnValue:
    form = AccountForm(unit=request.args.get("unit"))
    if form.validate_on_submit():
        # hashed before anything is asked of the database: nobody's writing waits for it
        password = passwords.prepare(form.password.data, form.username.data)
        with form.refusals_shown():
            made = operations.create_account(
                current_session(),
                username=form.username.data,
                display_name=form.display_name.data,
                role=AccountRole(form.role.data),
                password=password,
                unit_id=branch_of(form),
                is_everywhere=form.everywhere.data,
                is_password_given=True,
                now=now(),
            )
            note("account.create", made, wording.grant(made.grants[0]))
            flash(f"Đã tạo tài khoản {made.username}.")
            return redirect(url_for("admin.account", account_id=made.id))
    shortest = SHORTEST_PASSWORD
    page = render_template(
        "admin/accounts/create_account.html",
        form=form,
        shortest_password=shortest,
        days=GIVEN_FOR.days,
    )
    return page, form.status


@blueprint.post("/accounts/<int:account_id>/active")
def set_account_active(account_id: int) -> ResponseReturnValue:
    found = operations.find_account(current_session(), account_id)
    is_active = read_wish("activate", "deactivate") == "activate"
    if found.id == signed_in_account().id:
        raise Conflict("Không thể khóa chính tài khoản đang dùng.")
    operations.set_active(current_session(), found, is_active, now=now())
    note("account.activate" if is_active else "account.deactivate", found)
    done = "được đăng nhập" if is_active else "đã bị khóa và đăng xuất khỏi mọi thiết bị"
    flash(f"Tài khoản {found.username} {done}.")
    return redirect(url_for("admin.accounts"))


@blueprint.post("/accounts/<int:account_id>/password")
def reset_password(account_id: int) -> ResponseReturnValue:
    if account_id == signed_in_account().id:
        raise Conflict("Ông/bà đổi mật khẩu của chính mình ở trang Tài khoản của tôi.")
    password, hashed = passwords.draw()  # before anybody's writing has to wait for it
    found = operations.find_account(current_session(), account_id)
    operations.reset_password(current_session(), found, hashed, now=now())
    note("account.reset_password", found)
    return render_template(
        "admin/accounts/new_password.html", found=found, password=password, days=GIVEN_FOR.days
    )


def branch_of(form: AccountForm | GrantForm) -> int | None:
    """The unit of the branch, None for every unit. Raises Invalid for an unknown code."""
    is_everywhere = form.role.data in NEVER_OF_A_BRANCH or form.everywhere.data
    return None if is_everywhere else unit_id_in(form, "unit")
