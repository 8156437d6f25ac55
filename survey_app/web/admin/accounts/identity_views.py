"""Linking an account with somebody whom a provider of another house knows, and undoing it.

The administrator types what the person reads out, and sees what the provider tells of them before
anything is linked. The list of those who wait shows no references: a name there may be anybody's.
"""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from survey_app.clock import now
from survey_app.operations.access import identities
from survey_app.operations.access.accounts import Account, find_account
from survey_app.web.admin import blueprint
from survey_app.web.admin.accounts.forms import ReferenceForm
from survey_app.web.guard import signed_in_account
from survey_app.web.provider import provider
from survey_app.web.transactions import current_session


@blueprint.route("/accounts/<int:account_id>/identity", methods=["GET", "POST"])
def link_identity(account_id: int) -> ResponseReturnValue:
    issuer, account = provider().settings.issuer, find_account(current_session(), account_id)
    is_sent = request.method == "POST"
    form = ReferenceForm() if is_sent else ReferenceForm.of_address()
    found = None
    if form.is_filled and form.validate():
        with form.refusals_shown():
            found = identities.find_waiting(
                current_session(), form.reference.data, issuer, now=now()
            )
            if is_sent:
                return _link(account, found)
    return _page(account, form, found)


@blueprint.post("/accounts/<int:account_id>/identity/<int:identity_id>/unlink")
def unlink_identity(account_id: int, identity_id: int) -> ResponseReturnValue:
    account = find_account(current_session(), account_id)
    by = signed_in_account()
    identities.unlink(current_session(), account, identity_id, by=by, now=now())
    flash("Đã gỡ; tài khoản bị đăng xuất khỏi mọi nơi.")
    if by.id == account.id:
        return redirect(url_for("auth.sign_in"))
    return redirect(url_for("admin.account", account_id=account.id))


def _link(account: Account, found: identities.WaitingIdentity) -> ResponseReturnValue:
    """Raises Conflict."""
    identities.link(current_session(), account, found, by=signed_in_account(), now=now())
    flash("Đã gắn. Từ nay người này đăng nhập được bằng tài khoản bên ngoài.")
    return redirect(url_for("admin.account", account_id=account.id))


def _page(
    account: Account, form: ReferenceForm, found: identities.WaitingIdentity | None
) -> ResponseReturnValue:
    page = render_template(
        "admin/accounts/link_identity.html",
        found=account,
        form=form,
        told=found if not form.errors else None,
        waiting=identities.waiting(current_session(), provider().settings.issuer, now=now()),
        days=identities.WAITS_FOR.days,
    )
    return page, form.status
