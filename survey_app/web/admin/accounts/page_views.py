"""One account: its grants, its name, the browsers it is signed in with, its second step."""

from collections.abc import Collection
from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import local_date, now
from survey_app.errors import Conflict, Invalid
from survey_app.operations.access import accounts as operations
from survey_app.operations.access import second_step, signing_in
from survey_app.operations.access.accounts import Account, Wanted, find_account
from survey_app.operations.access.identities import identities_of
from survey_app.operations.access.rights import AccountRole, is_valid
from survey_app.operations.audit.entries import changed
from survey_app.web.admin import blueprint, wording
from survey_app.web.admin.accounts.forms import GrantForm, NameForm
from survey_app.web.admin.accounts.views import branch_of
from survey_app.web.audit import note
from survey_app.web.guard import signed_in_account
from survey_app.web.transactions import current_session


@blueprint.get("/accounts/<int:account_id>")
def account(account_id: int) -> ResponseReturnValue:
    return _page(_found(account_id))


@blueprint.post("/accounts/<int:account_id>/name")
def rename_account(account_id: int) -> ResponseReturnValue:
    found, form = _found(account_id), NameForm()
    if form.validate():
        with form.refusals_shown():
            operations.rename(found, form.display_name.data)
            note("account.rename", found.username)
            flash("Đã lưu họ và tên.")
            return _back(found)
    return _page(found, name=form)


@blueprint.post("/accounts/<int:account_id>/grants")
def add_grant(account_id: int) -> ResponseReturnValue:
    found, form = _found(account_id), GrantForm()
    if form.validate():
        with form.refusals_shown():
            wanted = Wanted(
                AccountRole(form.role.data),
                branch_of(form),
                form.everywhere.data,
                form.valid_from.data,
                form.valid_until.data,
            )
            made = operations.add_grant(current_session(), found, wanted, today=local_date(now()))
            note("account.grant", found.username, wording.grant(made))
            flash("Đã giao quyền.")
            return _back(found)
    return _page(found, grant=form)


@blueprint.post("/accounts/<int:account_id>/grants/<int:grant_id>/end")
def end_grant(account_id: int, grant_id: int) -> ResponseReturnValue:
    found = _found(account_id)
    grant = operations.find_grant(found, grant_id)
    today = local_date(now())
    yesterday = today - timedelta(days=1)
    operations.end_grant(current_session(), grant, last_day=yesterday, today=today)
    note("account.end_grant", found.username, wording.grant(grant))
    flash("Quyền đã kết thúc.")
    return _back(found)


@blueprint.post("/accounts/<int:account_id>/sessions/<handle>/revoke", endpoint="revoke_sign_in")
def revoke_browser(account_id: int, handle: str) -> ResponseReturnValue:
    found = _found(account_id)
    signing_in.revoke(current_session(), found, handle, by=signed_in_account(), now=now())
    flash("Đã đăng xuất trình duyệt đó.")
    return _back(found)


@blueprint.post("/accounts/<int:account_id>/sign-out")
def sign_account_out(account_id: int) -> ResponseReturnValue:
    found = _found(account_id)
    signing_in.sign_out_everywhere(current_session(), found, now=now())
    flash("Tài khoản đã bị đăng xuất khỏi mọi nơi.")
    return _back(found)


@blueprint.post("/accounts/<int:account_id>/second-step/reset")
def reset_second_step(account_id: int) -> ResponseReturnValue:
    found = _found(account_id)
    if found.id == signed_in_account().id:
        raise Conflict("Ông/bà tự cài đặt xác thực hai bước ở trang Tài khoản của tôi.")
    second_step.remove(current_session(), found, by=signed_in_account(), now=now())
    signing_in.sign_out_everywhere(current_session(), found, now=now())
    flash("Đã đặt lại xác thực hai bước; tài khoản phải đăng nhập và thiết lập lại.")
    return _back(found)


@blueprint.get("/security")
def security() -> ResponseReturnValue:
    required = second_step.required_roles(current_session())
    return render_template("admin/accounts/security.html", required=required)


@blueprint.post("/security")
def set_security() -> ResponseReturnValue:
    sent = request.form.getlist("role")
    if not set(sent) <= set(AccountRole):
        raise Invalid("Không có vai trò này.")
    roles = [AccountRole(role) for role in sent]
    before = second_step.required_roles(current_session())
    if second_step.set_required_roles(current_session(), roles):
        note("second_step.required", "", changed(_named(before), _named(roles)))
    flash("Đã lưu. Ai thuộc các vai trò này phải thiết lập trước khi làm việc tiếp.")
    return redirect(url_for("admin.security"))


def _named(roles: Collection[AccountRole]) -> dict[str, object]:
    """Roles as the audit record keeps them."""
    return {"roles": [wording.role(role) for role in AccountRole if role in roles]}


def _found(account_id: int) -> Account:
    return find_account(current_session(), account_id)


def _back(found: Account) -> ResponseReturnValue:
    return redirect(url_for("admin.account", account_id=found.id))


def _page(
    found: Account, *, name: NameForm | None = None, grant: GrantForm | None = None
) -> ResponseReturnValue:
    """The page of one account; a form that was sent comes back with its mistakes."""
    today = local_date(now())
    wrong = name or grant
    page = render_template(
        "admin/accounts/account.html",
        found=found,
        name=name or NameForm(formdata=None, display_name=found.display_name),
        grant_form=grant or GrantForm(formdata=None, valid_from=today),
        wrong=wrong,
        valid={one.id for one in found.grants if is_valid(one, today)},
        endable={one.id for one in found.grants if operations.may_be_ended(one, today)},
        sign_ins=signing_in.list_sign_ins(current_session(), found, now=now()),
        handle_of=signing_in.handle_of,
        given_until=signing_in.given_until(found),
        moment_now=now(),
        has_second_step=second_step.is_enrolled(found),
        identities=identities_of(current_session(), found),
    )
    return page, wrong.status if wrong else 200
